//! Meetings of the committee: what `mizan_domain::meeting` allows, carried out and kept.

pub(crate) mod ballot;
pub(crate) mod minutes;
pub(crate) mod paper;
mod view;

use mizan_domain::appeal;
use mizan_domain::meeting::{
    ItemEvent, ItemFacts, ItemState, MeetingActor, MeetingEvent, MeetingFacts, MeetingState,
    may_prepare, next, next_item,
};
use mizan_protocol::id::{CentreId, CycleId, MeetingId, PersonId};
use mizan_protocol::meeting::{ChangeMeeting, CommitteeRules, MeetingJson, NewMeeting};
use uuid::Uuid;

use crate::accounts::Caller;
use crate::error::Error;
use crate::keys::Keys;
use crate::tx::{Row, Tx, first, one, params};
use crate::{programme, visits};

pub(crate) use view::{meeting as show, meetings};

/// How many members it takes where nothing is said.
const QUORUM: u32 = 3;

/// How the committee of a cycle decides.
pub(crate) fn rules(tx: &mut dyn Tx, cycle: CycleId) -> Result<CommitteeRules, Error> {
    programme::cycle(tx, cycle)?;
    let sql =
        "SELECT quorum, only_in_meetings, appeal_days FROM committee_rules WHERE cycle_id = $1";
    let count =
        |row: &Row, column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    match first(tx, sql, params![cycle.0])? {
        None => Ok(CommitteeRules {
            quorum: QUORUM,
            only_in_meetings: false,
            appeal_days: Some(appeal::WINDOW_DAYS),
        }),
        Some(row) => Ok(CommitteeRules {
            quorum: count(&row, 0)?,
            only_in_meetings: row.flag(1)?,
            appeal_days: Some(count(&row, 2)?),
        }),
    }
}

/// Says how the committee of a cycle decides; gives how it decides from now on.
pub(crate) fn set_rules(
    tx: &mut dyn Tx,
    cycle: CycleId,
    set: &CommitteeRules,
) -> Result<CommitteeRules, Error> {
    let before = rules(tx, cycle)?;
    if set.quorum == 0 {
        return Err(Error::invalid("quorum", 0, "1 or more"));
    }
    let appeal_days = set.appeal_days.or(before.appeal_days).unwrap_or(appeal::WINDOW_DAYS);
    if !(1..=appeal::MOST_WINDOW_DAYS).contains(&appeal_days) {
        return Err(Error::invalid("appeal_days", appeal_days, "1 to 90"));
    }
    tx.exec(
        "INSERT INTO committee_rules (cycle_id, quorum, only_in_meetings, appeal_days)
         VALUES ($1, $2, $3, $4) ON CONFLICT (cycle_id) DO UPDATE SET quorum = excluded.quorum,
         only_in_meetings = excluded.only_in_meetings, appeal_days = excluded.appeal_days",
        params![cycle.0, set.quorum, set.only_in_meetings, appeal_days],
    )?;
    rules(tx, cycle)
}

/// A meeting as it is stored.
struct Meeting {
    id: MeetingId,
    cycle: CycleId,
    number: u32,
    date: String,
    place: String,
    state: MeetingState,
}

fn find(tx: &mut dyn Tx, id: MeetingId) -> Result<Meeting, Error> {
    let sql = "SELECT cycle_id, number, day, place, state FROM meetings WHERE id = $1";
    let row = one(tx, sql, params![id.0])?;
    let word = Error::Column { column: 4, expected: "a meeting's state" };
    Ok(Meeting {
        id,
        cycle: CycleId(row.id(0)?),
        number: u32::try_from(row.int(1)?).unwrap_or(u32::MAX),
        date: row.text(2)?.to_owned(),
        place: row.text(3)?.to_owned(),
        state: MeetingState::from_word(row.text(4)?).ok_or(word)?,
    })
}

/// Calls a meeting.
pub(crate) fn call(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
    new: &NewMeeting,
) -> Result<MeetingJson, Error> {
    programme::cycle(tx, cycle)?;
    let date = visits::day("date", &new.date)?.to_string();
    if new.place.chars().count() > 200 {
        return Err(Error::invalid("place", &new.place, "at most 200 characters"));
    }
    let sql = "SELECT COUNT(*) FROM meetings WHERE cycle_id = $1";
    let number = one(tx, sql, params![cycle.0])?.int(0)? + 1;
    let id = MeetingId(Uuid::now_v7());
    tx.exec(
        "INSERT INTO meetings (id, cycle_id, number, day, place, state)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![id.0, cycle.0, number, date, &new.place, MeetingState::Planned.word()],
    )?;
    new.centres.iter().try_for_each(|centre| put_on_agenda(tx, id, cycle, *centre))?;
    show(tx, caller, id)
}

fn put_on_agenda(
    tx: &mut dyn Tx,
    meeting: MeetingId,
    cycle: CycleId,
    centre: CentreId,
) -> Result<(), Error> {
    let judged = "SELECT 1 FROM results WHERE cycle_id = $1 AND centre_id = $2";
    if first(tx, judged, params![cycle.0, centre.0])?.is_none() {
        return Err(Error::invalid("centres", centre, "centres of the cycle"));
    }
    let taken = "SELECT 1 FROM agenda_items i JOIN meetings m ON m.id = i.meeting_id
                 WHERE i.centre_id = $1 AND m.cycle_id = $2
                 AND (m.id = $3 OR m.state <> 'closed' AND i.state <> 'deferred')";
    if first(tx, taken, params![centre.0, cycle.0, meeting.0])?.is_some() {
        return Err(Error::invalid("centres", centre, "centres that are on no other open agenda"));
    }
    let sql = "SELECT COALESCE(MAX(position), 0) FROM agenda_items WHERE meeting_id = $1";
    let position = one(tx, sql, params![meeting.0])?.int(0)? + 1;
    let sql = "INSERT INTO agenda_items (meeting_id, centre_id, position, state)
               VALUES ($1, $2, $3, $4)";
    tx.exec(sql, params![meeting.0, centre.0, position, ItemState::Waiting.word()])?;
    Ok(())
}

/// Changes attendance and agenda.
pub(crate) fn change(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: MeetingId,
    change: &ChangeMeeting,
) -> Result<MeetingJson, Error> {
    let meeting = find(tx, id)?;
    may_prepare(meeting.state)?;
    if let Some(present) = &change.present {
        note_attendance(tx, id, present)?;
    }
    change.add.iter().try_for_each(|centre| put_on_agenda(tx, id, meeting.cycle, *centre))?;
    for centre in &change.remove {
        let sql = "DELETE FROM agenda_items
                   WHERE meeting_id = $1 AND centre_id = $2 AND state = 'waiting'";
        if tx.exec(sql, params![id.0, centre.0])? == 0 {
            return Err(Error::invalid("remove", centre, "centres that wait on the agenda"));
        }
    }
    show(tx, caller, id)
}

fn note_attendance(tx: &mut dyn Tx, id: MeetingId, present: &[PersonId]) -> Result<(), Error> {
    tx.exec("DELETE FROM meeting_attendance WHERE meeting_id = $1", params![id.0])?;
    for person in present {
        let sits = "SELECT 1 FROM people WHERE id = $1 AND active = 1
                    AND role IN ('committee_chair', 'committee_member')";
        if first(tx, sits, params![person.0])?.is_none() {
            return Err(Error::invalid("present", person, "members of the committee"));
        }
        let sql = "INSERT INTO meeting_attendance (meeting_id, person_id) VALUES ($1, $2)
                   ON CONFLICT (meeting_id, person_id) DO NOTHING";
        tx.exec(sql, params![id.0, person.0])?;
    }
    Ok(())
}

/// Opens a meeting, or closes it and makes its minutes.
pub(crate) fn step(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    id: MeetingId,
    event: &str,
    now: i64,
) -> Result<MeetingJson, Error> {
    let event = MeetingEvent::from_word(event)
        .ok_or_else(|| Error::invalid("event", event, "open, close"))?;
    let meeting = find(tx, id)?;
    let mut count = |sql: &str| -> Result<usize, Error> {
        Ok(usize::try_from(one(tx, sql, params![id.0])?.int(0)?).unwrap_or(0))
    };
    let present = count("SELECT COUNT(*) FROM meeting_attendance WHERE meeting_id = $1")?;
    let items = count("SELECT COUNT(*) FROM agenda_items WHERE meeting_id = $1")?;
    let pending = count(
        "SELECT COUNT(*) FROM agenda_items
         WHERE meeting_id = $1 AND state NOT IN ('decided', 'deferred')",
    )?;
    let quorum = quorum(tx, meeting.cycle)?;
    let facts = MeetingFacts { present, quorum, items, pending };
    let state = next(meeting.state, event, caller.role, facts)?;
    let sql = "UPDATE meetings SET state = $2 WHERE id = $1";
    tx.exec(sql, params![id.0, state.word()])?;
    if state == MeetingState::Closed {
        minutes::make(tx, keys, caller, id, now)?;
    }
    show(tx, caller, id)
}

fn quorum(tx: &mut dyn Tx, cycle: CycleId) -> Result<usize, Error> {
    Ok(usize::try_from(rules(tx, cycle)?.quorum).unwrap_or(usize::MAX))
}

/// Who abstains from a centre: employed by its agency, with an interest in it, or by hand.
pub(crate) fn is_recused(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
    person: PersonId,
) -> Result<bool, Error> {
    let sql = format!("{} AND p.id = $3", include_str!("sql/recusals.sql"));
    Ok(first(tx, &sql, params![cycle.0, centre.0, person.0])?.is_some())
}

fn item_state(tx: &mut dyn Tx, id: MeetingId, centre: CentreId) -> Result<ItemState, Error> {
    let sql = "SELECT state FROM agenda_items WHERE meeting_id = $1 AND centre_id = $2";
    let row = one(tx, sql, params![id.0, centre.0])?;
    ItemState::from_word(row.text(0)?)
        .ok_or(Error::Column { column: 0, expected: "an agenda item's state" })
}

/// Takes a step with a centre on the agenda, if it may be taken.
pub(crate) fn advance(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: MeetingId,
    centre: CentreId,
    event: ItemEvent,
) -> Result<ItemState, Error> {
    let meeting = find(tx, id)?;
    let state = item_state(tx, id, centre)?;
    let present = "SELECT person_id FROM meeting_attendance WHERE meeting_id = $1";
    let mut voters = 0;
    let mut is_present = false;
    for row in tx.query(present, params![id.0])? {
        let person = PersonId(row.id(0)?);
        is_present |= person == caller.person;
        voters += usize::from(!is_recused(tx, meeting.cycle, centre, person)?);
    }
    let sql = "SELECT COUNT(*) FROM votes WHERE meeting_id = $1 AND centre_id = $2";
    let votes = usize::try_from(one(tx, sql, params![id.0, centre.0])?.int(0)?).unwrap_or(0);
    let is_recused = is_recused(tx, meeting.cycle, centre, caller.person)?;
    let actor = MeetingActor { role: caller.role, is_present, is_recused };
    let quorum = quorum(tx, meeting.cycle)?;
    let facts = ItemFacts { meeting: meeting.state, voters, votes, quorum };
    let after = next_item(state, event, actor, facts)?;
    let sql = "UPDATE agenda_items SET state = $3 WHERE meeting_id = $1 AND centre_id = $2";
    tx.exec(sql, params![id.0, centre.0, after.word()])?;
    Ok(after)
}

/// What a decision on a centre has to do with meetings: one that is on an open agenda is decided there, and
/// where the cycle's rules say so, no other is.
pub(crate) fn before_decision(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
    centre: CentreId,
) -> Result<(), Error> {
    if is_recused(tx, cycle, centre, caller.person)? {
        return Err(Error::refused("meeting.recused"));
    }
    let sql = "SELECT m.id FROM agenda_items i JOIN meetings m ON m.id = i.meeting_id
               WHERE m.cycle_id = $1 AND i.centre_id = $2 AND m.state <> 'closed'
               AND i.state <> 'deferred'";
    match first(tx, sql, params![cycle.0, centre.0])? {
        Some(row) => {
            advance(tx, caller, MeetingId(row.id(0)?), centre, ItemEvent::Decide).map(drop)
        }
        None if rules(tx, cycle)?.only_in_meetings => {
            Err(Error::refused("meeting.only_in_meetings"))
        }
        None => Ok(()),
    }
}

fn person_id(row: &Row, column: usize) -> Result<PersonId, Error> {
    row.id(column).map(PersonId)
}
