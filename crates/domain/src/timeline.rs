//! The moments of a visit and of its contacts, and the waits that follow from them (rule M17).

use std::collections::BTreeMap;

use crate::contact::{Contact, ContactMoment, Spans, may_follow};
use crate::exact::Exact;
use crate::rubric::Measure;
use crate::scale::TimeUnit;

/// A moment of a visit that is noted to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// Came through the door.
    Arrived,
    /// Took a ticket or signed in.
    Ticket,
    /// Was greeted.
    Greeted,
    /// Was called to a counter.
    Called,
    /// The transaction was done.
    Done,
    /// Left the centre.
    Left,
}
crate::rubric::words!(Moment: Arrived = "arrived", Ticket = "ticket", Greeted = "greeted",
    Called = "called", Done = "done", Left = "left");

/// Pairs of moments of which the first can never be after the second.
const ORDER: [(Moment, Moment); 12] = [
    (Moment::Arrived, Moment::Ticket),
    (Moment::Arrived, Moment::Greeted),
    (Moment::Arrived, Moment::Called),
    (Moment::Arrived, Moment::Done),
    (Moment::Ticket, Moment::Called),
    (Moment::Ticket, Moment::Done),
    (Moment::Ticket, Moment::Left),
    (Moment::Called, Moment::Left),
    (Moment::Called, Moment::Done),
    (Moment::Greeted, Moment::Left),
    (Moment::Done, Moment::Left),
    (Moment::Arrived, Moment::Left),
];

/// The decimal places a derived time is answered in: finer than anybody writes down by hand.
const ANSWER_PLACES: u32 = 2;

/// The times noted so far, in milliseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// Moments at the centre, each at most once.
    pub moments: BTreeMap<Moment, i64>,
    /// Contacts by phone, message or portal, in the order they were opened.
    pub contacts: Vec<Contact>,
}

/// Times that cannot be as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimelineFault {
    /// Two moments of the visit stand in an impossible order.
    #[error(
        "the time of `{}` is before the time of `{}`; correct one of them (M17)",
        .later.word(),
        .earlier.word()
    )]
    Moments {
        /// What must come first.
        earlier: Moment,
        /// What must not be before it.
        later: Moment,
    },
    /// A contact's moment is before the one noted just before it.
    #[error(
        "contact {contact}: the time of `{}` is before the time of `{}`; correct one of them (M17)",
        .later.word(),
        .earlier.word()
    )]
    ContactTimes {
        /// Counts the contacts from 1.
        contact: usize,
        /// What was noted first.
        earlier: ContactMoment,
        /// What must not be before it.
        later: ContactMoment,
    },
    /// A contact's moment cannot come where it stands.
    #[error(
        "contact {contact}: `{}` cannot come {}; remove one of them (M17)",
        .later.word(),
        after(*.earlier)
    )]
    ContactOrder {
        /// Counts the contacts from 1.
        contact: usize,
        /// What stands before it; `None` when it stands first.
        earlier: Option<ContactMoment>,
        /// What cannot come there.
        later: ContactMoment,
    },
}

fn after(earlier: Option<ContactMoment>) -> String {
    earlier.map_or_else(|| "first".to_owned(), |moment| format!("after `{}`", moment.word()))
}

impl TimelineFault {
    /// What the fault names, as it crosses boundaries.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        let named = |earlier: &str, later: &str, contact: Option<usize>| {
            let words = [("earlier", earlier.to_owned()), ("later", later.to_owned())];
            let contact = contact.map(|number| ("contact", number.to_string()));
            words.into_iter().chain(contact).collect()
        };
        match self {
            Self::Moments { earlier, later } => named(earlier.word(), later.word(), None),
            Self::ContactTimes { contact, earlier, later } => {
                named(earlier.word(), later.word(), Some(*contact))
            }
            Self::ContactOrder { contact, earlier, later } => {
                named(earlier.map_or("", ContactMoment::word), later.word(), Some(*contact))
            }
        }
    }
}

/// A time that the time-line tells of a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The time in the unit of the criterion's scale, exact.
    pub value: Exact,
    /// How many waits or contacts it is the mean of.
    pub spans: usize,
}

impl Measured {
    /// The time as it is answered: of at most two decimal places, half up.
    #[must_use]
    pub fn rounded(&self) -> Exact {
        self.value.rounded(ANSWER_PLACES)
    }

    /// [`Measured::rounded`] as a decimal text.
    #[must_use]
    pub fn as_answer(&self) -> String {
        self.rounded().to_decimal()
    }
}

impl Timeline {
    /// The times in an impossible order.
    #[must_use]
    pub fn check(&self) -> Vec<TimelineFault> {
        let reversed = |&(earlier, later): &(Moment, Moment)| {
            let negative = self.span_ms(earlier, later).is_some_and(|span| span < 0);
            negative.then_some(TimelineFault::Moments { earlier, later })
        };
        let mut faults: Vec<TimelineFault> = ORDER.iter().filter_map(reversed).collect();
        for (index, contact) in self.contacts.iter().enumerate() {
            check_contact(&mut faults, index + 1, contact);
        }
        faults
    }

    /// When the visit began: its first moment, of the centre or of a contact.
    #[must_use]
    pub fn started(&self) -> Option<i64> {
        self.instants().min()
    }

    /// When the visit ended: on leaving the centre, or, of contacts alone, with the last moment once
    /// every contact is settled. `None` while it goes on.
    #[must_use]
    pub fn ended(&self) -> Option<i64> {
        if !self.moments.is_empty() {
            return self.moments.get(&Moment::Left).copied();
        }
        let begun = self.contacts.iter().filter(|contact| !contact.moments.is_empty());
        begun.clone().all(Contact::is_settled).then(|| self.instants().max()).flatten()
    }

    /// The latest time noted.
    #[must_use]
    pub fn latest(&self) -> Option<i64> {
        self.instants().max()
    }

    fn instants(&self) -> impl Iterator<Item = i64> {
        let contacts = self.contacts.iter().flat_map(|contact| &contact.moments);
        self.moments.values().copied().chain(contacts.map(|(_, at)| *at))
    }

    /// The time a measure stands for, in a unit; `None` while it cannot be told.
    ///
    /// Moments of the visit give their wait. Contacts of the measure's channel (composed, after the
    /// guidance of the timed criteria): the spans of one contact add up, so that several holds are one
    /// time; the result is the mean over the contacts that have a span. A call that was answered and
    /// never held counts as a hold of zero, and a call that nobody answered is no part of the time to
    /// answer. Any other contact that was over before its span was, and times that run backwards, leave
    /// the whole measure to the evaluator: what such a contact counts is for the guidance to say.
    #[must_use]
    pub fn measure(&self, measure: &Measure, unit: TimeUnit) -> Option<Measured> {
        match measure {
            Measure::Visit { from, to } => {
                Some(Measured { value: self.wait(*from, *to, unit)?, spans: 1 })
            }
            Measure::Contact { channel, from, to } => {
                let (mut total, mut spans) = (Exact::zero(), 0);
                for contact in self.contacts.iter().filter(|of| of.channel == *channel) {
                    match contact.spans(*from, *to) {
                        Spans::None => {}
                        Spans::Sum(ms) => {
                            total = &total + &Exact::ratio(ms, per_unit(unit)?)?;
                            spans += 1;
                        }
                        Spans::Unknown => return None,
                    }
                }
                let count = i64::try_from(spans).ok().filter(|count| *count > 0)?;
                Some(Measured { value: &total / &Exact::from(count), spans })
            }
        }
    }

    /// The milliseconds from one moment to another, when both are noted.
    #[must_use]
    pub fn span_ms(&self, from: Moment, to: Moment) -> Option<i64> {
        self.moments.get(&to)?.checked_sub(*self.moments.get(&from)?)
    }

    /// The time from one moment to another in a unit, exact; `None` when one is missing, when they
    /// are in an impossible order, or in working hours, which no clock alone can tell.
    #[must_use]
    pub fn wait(&self, from: Moment, to: Moment, unit: TimeUnit) -> Option<Exact> {
        Exact::ratio(self.span_ms(from, to)?, per_unit(unit)?).filter(|wait| !wait.is_negative())
    }
}

/// The milliseconds of a unit; working hours have none.
fn per_unit(unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Seconds => Some(1_000),
        TimeUnit::Minutes => Some(60_000),
        TimeUnit::Hours => Some(3_600_000),
        TimeUnit::WorkingHours => None,
    }
}

fn check_contact(faults: &mut Vec<TimelineFault>, number: usize, contact: &Contact) {
    let mut before: Option<(ContactMoment, i64)> = None;
    for (moment, at) in &contact.moments {
        let earlier = before.map(|(moment, _)| moment);
        if !may_follow(contact.channel, earlier, *moment) {
            faults.push(TimelineFault::ContactOrder { contact: number, earlier, later: *moment });
        }
        if let Some((earlier, was)) = before
            && *at < was
        {
            faults.push(TimelineFault::ContactTimes { contact: number, earlier, later: *moment });
        }
        before = Some((*moment, *at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Channel;

    fn timeline(moments: &[(Moment, i64)]) -> Timeline {
        Timeline { moments: moments.iter().copied().collect(), contacts: Vec::new() }
    }

    fn contact(channel: Channel, moments: &[(ContactMoment, i64)]) -> Contact {
        Contact { channel, moments: moments.to_vec() }
    }

    #[test]
    fn waits_are_derived_exactly() {
        let visit = timeline(&[
            (Moment::Arrived, 0),
            (Moment::Ticket, 90_000),
            (Moment::Called, 1_440_000),
        ]);
        let wait = visit.wait(Moment::Ticket, Moment::Called, TimeUnit::Minutes).unwrap();
        assert_eq!(wait.to_decimal(), "22.5");
        assert_eq!(visit.wait(Moment::Called, Moment::Done, TimeUnit::Minutes), None);
        let measure = Measure::Visit { from: Moment::Ticket, to: Moment::Called };
        let measured = visit.measure(&measure, TimeUnit::Minutes).unwrap();
        assert_eq!((measured.as_answer().as_str(), measured.spans), ("22.5", 1));
        assert_eq!(visit.measure(&measure, TimeUnit::WorkingHours), None);
        assert!(visit.check().is_empty());
    }

    #[test]
    fn negative_spans_are_refused_by_name() {
        let visit = timeline(&[(Moment::Called, 10), (Moment::Done, 5), (Moment::Left, 7)]);
        let fault = |later| TimelineFault::Moments { earlier: Moment::Called, later };
        assert_eq!(visit.check(), [fault(Moment::Left), fault(Moment::Done)]);
        assert_eq!(visit.wait(Moment::Called, Moment::Done, TimeUnit::Seconds), None);
    }

    #[test]
    fn a_contact_out_of_order_is_named_by_its_number_and_moments() {
        use ContactMoment as M;
        let fine = contact(Channel::Chat, &[(M::Sent, 1), (M::Replied, 1)]);
        let backwards = contact(Channel::Phone, &[(M::Dialled, 5), (M::Answered, 4)]);
        let impossible = contact(Channel::Portal, &[(M::Completed, 1), (M::Replied, 2)]);
        let contacts = vec![fine, backwards, impossible];
        let faults = Timeline { moments: BTreeMap::new(), contacts }.check();
        let (earlier, later) = (M::Dialled, M::Answered);
        let order = |earlier, later| TimelineFault::ContactOrder { contact: 3, earlier, later };
        let expected = [
            TimelineFault::ContactTimes { contact: 2, earlier, later },
            order(None, M::Completed),
            order(Some(M::Completed), M::Replied),
        ];
        assert_eq!(faults, expected);
        let told = "contact 3: `completed` cannot come first; remove one of them (M17)";
        assert_eq!(faults[1].to_string(), told);
        let params = faults[0].params().into_iter().map(|(_, value)| value);
        assert_eq!(params.collect::<Vec<_>>(), ["dialled", "answered", "2"]);
    }

    #[test]
    fn a_measure_of_contacts_is_the_mean_of_their_sums() {
        use ContactMoment as M;
        let to_answer =
            Measure::Contact { channel: Channel::Phone, from: M::Dialled, to: M::Answered };
        let on_hold = Measure::Contact { channel: Channel::Phone, from: M::Held, to: M::Resumed };
        let reply = Measure::Contact { channel: Channel::Chat, from: M::Sent, to: M::Replied };
        let held = contact(
            Channel::Phone,
            &[
                (M::Dialled, 0),
                (M::Answered, 10_000),
                (M::Held, 20_000),
                (M::Resumed, 40_000),
                (M::Held, 50_000),
                (M::Resumed, 61_000),
                (M::Ended, 70_000),
            ],
        );
        let straight =
            contact(Channel::Phone, &[(M::Dialled, 0), (M::Answered, 25_000), (M::Ended, 26_000)]);
        let unanswered = contact(Channel::Phone, &[(M::Dialled, 0), (M::Ended, 99_000)]);
        let chat = contact(Channel::Chat, &[(M::Sent, 0), (M::Replied, 61_000)]);
        let ignored = contact(Channel::Chat, &[(M::Sent, 0), (M::Ended, 61_000)]);
        let rows = [
            ("the mean of the answered calls", to_answer, vec![&held, &straight, &unanswered], 2),
            ("no hold counts as zero", on_hold, vec![&held, &straight, &unanswered], 2),
            ("another channel is no part", reply, vec![&held, &chat], 1),
            ("a message nobody answered leaves it open", reply, vec![&chat, &ignored], 0),
            ("nothing yet", on_hold, vec![&chat], 0),
        ];
        let answers = ["17.5", "15.5", "61", "", ""];
        for ((title, measure, contacts, spans), answer) in rows.into_iter().zip(answers) {
            let contacts = contacts.into_iter().cloned().collect();
            let visit = Timeline { moments: BTreeMap::new(), contacts };
            let measured = visit.measure(&measure, TimeUnit::Seconds);
            let found = measured.map_or((String::new(), 0), |of| (of.as_answer(), of.spans));
            assert_eq!(found, (answer.to_owned(), spans), "{title}");
        }
    }

    #[test]
    fn a_measured_time_is_answered_in_two_places_half_up() {
        for (ms, answer) in [(450_000, "7.5"), (1_000, "0.02"), (300, "0.01"), (299, "0")] {
            let visit = timeline(&[(Moment::Arrived, 0), (Moment::Greeted, ms)]);
            let measure = Measure::Visit { from: Moment::Arrived, to: Moment::Greeted };
            let measured = visit.measure(&measure, TimeUnit::Minutes).unwrap();
            assert_eq!(measured.as_answer(), answer, "{ms} ms");
        }
    }

    #[test]
    fn a_visit_ends_on_leaving_or_when_every_contact_is_settled() {
        use ContactMoment as M;
        let at_the_centre = timeline(&[(Moment::Arrived, 5), (Moment::Done, 9)]);
        assert_eq!((at_the_centre.started(), at_the_centre.ended()), (Some(5), None));
        let left = timeline(&[(Moment::Arrived, 5), (Moment::Left, 12)]);
        assert_eq!(left.ended(), Some(12));
        let call = contact(Channel::Phone, &[(M::Dialled, 3), (M::Ended, 8)]);
        let asked = contact(Channel::Email, &[(M::Sent, 4)]);
        let replied = contact(Channel::Email, &[(M::Sent, 4), (M::Replied, 20)]);
        let of = |contacts| Timeline { moments: BTreeMap::new(), contacts };
        assert_eq!(of(vec![call.clone(), asked]).ended(), None, "a reply is still awaited");
        let opened = Contact::new(Channel::Chat);
        let both = of(vec![call, replied, opened]);
        assert_eq!((both.started(), both.ended()), (Some(3), Some(20)));
        assert_eq!(Timeline::default().ended(), None);
    }
}
