//! Noting times: the moments at the centre, contacts with theirs, and the answers that follow.
//!
//! A change of the times and the answers it fills in are one transaction. Order is not enforced here,
//! save what may come next in a contact: a time noted wrongly is better kept and told than refused.

use mizan_domain::contact::{Channel, ContactMoment};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::Criterion;
use mizan_domain::scale::{RawValue, Value};
use mizan_domain::timeline::{Measured, Moment, Timeline};
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::id::{ContactId, VisitId};
use mizan_protocol::record::{AnswerBody, ContactJson, ContactMomentJson, TimelineBody};

use crate::clock::{self, Anchor, At, Reading};
use crate::device::Device;
use crate::error::Error;
use crate::field_work::{NewVersion, answer_key};
use crate::store::clock_anchors;
use crate::store::own_records;
use crate::visit::{Brief, GivenAnswer, given_of, timeline};

impl Device {
    /// Notes a moment of the visit at a time a person gives (M17); noting it again corrects it.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::AlreadySubmitted`], [`Error::Visit`].
    pub fn time_at(
        &mut self,
        visit: VisitId,
        moment: Moment,
        at_ms: i64,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.note_time(visit, &At::Given { at_ms, now_ms }, |body, at_ms| {
            body.times.insert(moment.word().to_owned(), at_ms);
            Ok(())
        })?;
        Ok(())
    }

    /// Notes that a moment of the visit is now, by the steady clock where there is one, and returns
    /// the time that was noted.
    ///
    /// # Errors
    /// As [`Device::time_at`].
    pub fn time_now(
        &mut self,
        visit: VisitId,
        moment: Moment,
        reading: Reading,
    ) -> Result<i64, Error> {
        self.note_time(visit, &At::Now(reading), |body, at_ms| {
            body.times.insert(moment.word().to_owned(), at_ms);
            Ok(())
        })
    }

    /// Takes a moment of the visit back.
    ///
    /// # Errors
    /// As [`Device::time_at`].
    pub fn untime(&mut self, visit: VisitId, moment: Moment, now_ms: i64) -> Result<(), Error> {
        self.edit_times(visit, now_ms, |body| {
            body.times.remove(moment.word());
            Ok(())
        })
    }

    /// Opens a contact, after those there are. An id that is there already is returned as it is, so that
    /// a repeated call opens one contact.
    ///
    /// # Errors
    /// As [`Device::time_at`].
    pub fn add_contact(
        &mut self,
        visit: VisitId,
        channel: Channel,
        id: Option<ContactId>,
        now_ms: i64,
    ) -> Result<ContactId, Error> {
        let id = id.unwrap_or_else(|| ContactId(self.new_id(now_ms)));
        self.edit_times(visit, now_ms, |body| {
            if body.contacts.iter().all(|contact| contact.id != id) {
                let (channel, moments) = (channel.word().to_owned(), Vec::new());
                body.contacts.push(ContactJson { id, channel, moments });
            }
            Ok(())
        })?;
        Ok(id)
    }

    /// Notes the next moment of a contact, and returns the time that was noted.
    ///
    /// # Errors
    /// [`Error::NoContact`], [`Error::NotNext`]; else as [`Device::time_at`].
    pub fn contact_moment(
        &mut self,
        visit: VisitId,
        contact: ContactId,
        moment: ContactMoment,
        at: &At,
    ) -> Result<i64, Error> {
        self.note_time(visit, at, |body, at| {
            let found = contact_in(body, contact)?;
            let next = found.to_contact().map_err(|_| Error::NoContact { contact })?.next();
            if !next.contains(&moment) {
                let next: Vec<&str> = next.iter().map(|moment| moment.word()).collect();
                let next = if next.is_empty() { "nothing".into() } else { next.join(", ") };
                return Err(Error::NotNext { moment: moment.word(), next });
            }
            found.moments.push(ContactMomentJson { moment: moment.word().to_owned(), at });
            Ok(())
        })
    }

    /// Corrects the time of a contact's moment, counted from 0 in the order they were noted.
    ///
    /// # Errors
    /// [`Error::NoContact`]; else as [`Device::time_at`].
    pub fn correct_contact_moment(
        &mut self,
        visit: VisitId,
        contact: ContactId,
        index: usize,
        at_ms: i64,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.edit_times(visit, now_ms, |body| {
            let moments = &mut contact_in(body, contact)?.moments;
            moments.get_mut(index).ok_or(Error::NoContact { contact })?.at = at_ms;
            Ok(())
        })
    }

    /// Takes a contact's moment back, counted from 0 in the order they were noted.
    ///
    /// # Errors
    /// [`Error::NoContact`]; else as [`Device::time_at`].
    pub fn remove_contact_moment(
        &mut self,
        visit: VisitId,
        contact: ContactId,
        index: usize,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.edit_times(visit, now_ms, |body| {
            let moments = &mut contact_in(body, contact)?.moments;
            if index >= moments.len() {
                return Err(Error::NoContact { contact });
            }
            moments.remove(index);
            Ok(())
        })
    }

    /// Takes a contact back, with its moments; they stay in the history.
    ///
    /// # Errors
    /// [`Error::NoContact`]; else as [`Device::time_at`].
    pub fn remove_contact(
        &mut self,
        visit: VisitId,
        contact: ContactId,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.edit_times(visit, now_ms, |body| {
            contact_in(body, contact)?;
            body.contacts.retain(|of| of.id != contact);
            Ok(())
        })
    }

    /// Notes one time, given or now, and returns it.
    fn note_time(
        &mut self,
        visit: VisitId,
        at: &At,
        edit: impl FnOnce(&mut TimelineBody, i64) -> Result<(), Error>,
    ) -> Result<i64, Error> {
        let brief = self.open_for_work(visit)?;
        let before = self.timeline_body(visit)?;
        let (at_ms, anchor) = match at {
            At::Given { at_ms, .. } => (*at_ms, None),
            At::Now(reading) => {
                let last = clock_anchors::find(self.store.read(), visit)?;
                let (at_ms, next) = clock::now(reading, last.as_ref(), timeline(&before).latest());
                (at_ms, Some(next))
            }
        };
        let mut after = before.clone();
        edit(&mut after, at_ms)?;
        self.write_times(&brief, &before, &after, at.now_ms(), anchor)?;
        Ok(at_ms)
    }

    fn edit_times(
        &mut self,
        visit: VisitId,
        now_ms: i64,
        edit: impl FnOnce(&mut TimelineBody) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let brief = self.open_for_work(visit)?;
        let before = self.timeline_body(visit)?;
        let mut after = before.clone();
        edit(&mut after)?;
        self.write_times(&brief, &before, &after, now_ms, None)
    }

    /// Writes the times, the answers they fill in, and the clock's new anchor where one was read.
    fn write_times(
        &mut self,
        brief: &Brief,
        before: &TimelineBody,
        after: &TimelineBody,
        now_ms: i64,
        anchor: Option<Option<Anchor>>,
    ) -> Result<(), Error> {
        let visit = after.visit;
        let mut versions = Vec::new();
        if after != before {
            versions.push(NewVersion::timeline(after)?);
            versions.extend(self.fills(brief, &timeline(before), &timeline(after), now_ms)?);
        } else if anchor.is_none() {
            return Ok(());
        }
        self.write_versions(brief, versions, |tx| match &anchor {
            Some(anchor) => clock_anchors::set(tx, visit, anchor.as_ref()),
            None => Ok(()),
        })
    }

    /// The answers that a change of the times brings with it. Without the rubric there are none: the
    /// times themselves are what must not be lost.
    fn fills(
        &self,
        brief: &Brief,
        before: &Timeline,
        after: &Timeline,
        now_ms: i64,
    ) -> Result<Vec<NewVersion>, Error> {
        let Some(rubric) = &brief.rubric else { return Ok(Vec::new()) };
        let visit = brief.body.visit;
        let mut versions = Vec::new();
        for criterion in rubric.criteria().filter(|of| of.is_judged_on(brief.kind)) {
            let Some((measure, unit)) = criterion.timed_by() else { continue };
            let record = own_records::find(self.store.read(), &answer_key(visit, &criterion.id))?;
            let standing = record.as_ref().filter(|record| !record.deleted);
            let given = standing.map(given_of).transpose()?;
            let (was, is) = (before.measure(measure, unit), after.measure(measure, unit));
            match fill(criterion, was.as_ref(), is.as_ref(), given.as_ref()) {
                Fill::Leave => {}
                Fill::Clear => versions.extend(standing.map(NewVersion::cleared)),
                Fill::Answer(value) => {
                    let note = given.and_then(|given| given.note);
                    let value = RawAnswer::Value(RawValue::Text(value));
                    let answer = AnswerJson::new(&criterion.id, &value, note.as_deref());
                    let body = AnswerBody { visit, answer, at: now_ms };
                    versions.push(NewVersion::answer(record.as_ref(), &body)?);
                }
            }
        }
        Ok(versions)
    }
}

fn contact_in(body: &mut TimelineBody, contact: ContactId) -> Result<&mut ContactJson, Error> {
    let found = body.contacts.iter_mut().find(|of| of.id == contact);
    found.ok_or(Error::NoContact { contact })
}

/// What a change of the times does to an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fill {
    /// A person answered otherwise, or nothing changed.
    Leave,
    /// The times tell this.
    Answer(String),
    /// The answer was what the times told, and they tell nothing any more.
    Clear,
}

/// A criterion is filled in where it has no answer, or where its answer is what the times told before.
fn fill(
    criterion: &Criterion,
    was: Option<&Measured>,
    is: Option<&Measured>,
    given: Option<&GivenAnswer>,
) -> Fill {
    let value = given.and_then(|given| match &given.answer {
        RawAnswer::Value(raw) => criterion.scale.read(raw),
        RawAnswer::NotApplicable(_) | RawAnswer::NotEvaluated(_) => None,
    });
    let equals = |told: Option<&Measured>| {
        let told = told.map(|told| Value::Decimal(told.rounded()));
        value.is_some() && value == told
    };
    let is_open = given.is_none() || equals(was);
    match is {
        Some(_) if !is_open || equals(is) => Fill::Leave,
        Some(told) => Fill::Answer(told.as_answer()),
        None if equals(was) => Fill::Clear,
        None => Fill::Leave,
    }
}
