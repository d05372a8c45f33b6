//! Votes, words and recusals of a centre on the agenda.

use mizan_domain::meeting::{ItemEvent, MeetingRefusal, MeetingState, may_prepare};
use mizan_domain::role::Role;
use mizan_protocol::id::{CentreId, MeetingId, PersonId};
use mizan_protocol::meeting::{MeetingJson, Recuse, VoteJson, Words};
use uuid::Uuid;

use super::{advance, find, show};
use crate::accounts::Caller;
use crate::error::Error;
use crate::programme;
use crate::tx::{Tx, first, params};

/// The longest note or dissent.
const MAX_CHARS: usize = 4_000;

/// A step the chair takes with a centre on the agenda.
pub(crate) fn step(
    tx: &mut dyn Tx,
    caller: &Caller,
    (id, centre): (MeetingId, CentreId),
    event: &str,
) -> Result<MeetingJson, Error> {
    let event = match event {
        "open_ballot" => ItemEvent::OpenBallot,
        "close_ballot" => ItemEvent::CloseBallot,
        "defer" => ItemEvent::Defer,
        other => return Err(Error::invalid("event", other, "open_ballot, close_ballot, defer")),
    };
    advance(tx, caller, id, centre, event)?;
    show(tx, caller, id)
}

/// Votes, or votes otherwise while the ballot is open.
pub(crate) fn vote(
    tx: &mut dyn Tx,
    caller: &Caller,
    (id, centre): (MeetingId, CentreId),
    vote: &VoteJson,
) -> Result<MeetingJson, Error> {
    advance(tx, caller, id, centre, ItemEvent::Vote)?;
    let cycle = find(tx, id)?.cycle;
    let rubric = programme::rubric_of_centre(tx, cycle, centre)?.rubric(tx)?;
    let is_level = vote.level.as_deref().is_some_and(|level| rubric.level(level).is_some());
    match (vote.choice.as_str(), vote.level.as_deref()) {
        ("agree" | "no_level", None) => {}
        ("level", Some(_)) if is_level => {}
        ("level", level) => {
            let levels: Vec<&str> = rubric.levels().iter().map(|level| level.id.as_str()).collect();
            return Err(Error::invalid("level", level.unwrap_or_default(), &levels.join(", ")));
        }
        (other, _) => return Err(Error::invalid("choice", other, "agree, level, no_level")),
    }
    tx.exec(
        "INSERT INTO votes (meeting_id, centre_id, person_id, choice, level)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (meeting_id, centre_id, person_id)
         DO UPDATE SET choice = excluded.choice, level = excluded.level",
        params![id.0, centre.0, caller.person.0, &vote.choice, vote.level.as_ref()],
    )?;
    show(tx, caller, id)
}

/// A note of the discussion, or a dissent from the decision.
pub(crate) fn say(
    tx: &mut dyn Tx,
    caller: &Caller,
    (id, centre): (MeetingId, CentreId),
    event: ItemEvent,
    words: &Words,
    now: i64,
) -> Result<MeetingJson, Error> {
    advance(tx, caller, id, centre, event)?;
    let text = words.text.trim();
    if text.is_empty() || text.chars().count() > MAX_CHARS {
        return Err(Error::invalid("text", text, "1 to 4000 characters"));
    }
    tx.exec(
        "INSERT INTO meeting_words (id, meeting_id, centre_id, person_id, kind, words, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![Uuid::now_v7(), id.0, centre.0, caller.person.0, event.word(), text, now],
    )?;
    show(tx, caller, id)
}

/// A member abstains from a centre; the chair may say so of others. A vote already cast is taken out.
pub(crate) fn recuse(
    tx: &mut dyn Tx,
    caller: &Caller,
    (id, centre): (MeetingId, CentreId),
    recuse: &Recuse,
    now: i64,
) -> Result<MeetingJson, Error> {
    let meeting = find(tx, id)?;
    may_prepare(meeting.state)?;
    super::item_state(tx, id, centre)?;
    let person = recuse.person.unwrap_or(caller.person);
    if person != caller.person && caller.role != Role::CommitteeChair {
        return Err(MeetingRefusal::WrongActor { role: caller.role }.into());
    }
    check_member(tx, person)?;
    let reason = recuse.reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_CHARS {
        return Err(Error::refused("visit.reason_missing"));
    }
    tx.exec(
        "INSERT INTO recusals (cycle_id, centre_id, person_id, reason, at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (cycle_id, centre_id, person_id)
         DO UPDATE SET reason = excluded.reason, at = excluded.at",
        params![meeting.cycle.0, centre.0, person.0, reason, now],
    )?;
    if meeting.state == MeetingState::Open {
        let sql = "DELETE FROM votes WHERE meeting_id = $1 AND centre_id = $2 AND person_id = $3";
        tx.exec(sql, params![id.0, centre.0, person.0])?;
    }
    show(tx, caller, id)
}

fn check_member(tx: &mut dyn Tx, person: PersonId) -> Result<(), Error> {
    let sql = "SELECT 1 FROM people WHERE id = $1
               AND role IN ('committee_chair', 'committee_member')";
    match first(tx, sql, params![person.0])? {
        Some(_) => Ok(()),
        None => Err(Error::invalid("person", person, "members of the committee")),
    }
}
