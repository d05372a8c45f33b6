//! A meeting as a member of the committee sees it. While a ballot is open nobody sees a vote but their own.

use mizan_domain::meeting::{ItemEvent, ItemState};
use mizan_protocol::id::{CentreId, CycleId, MeetingId};
use mizan_protocol::meeting::{
    AgendaItem, MeetingJson, MemberJson, NamedVote, NamedWords, RecusalJson, VoteJson,
};

use super::{Meeting, find, person_id, rules};
use crate::accounts::Caller;
use crate::error::Error;
use crate::programme::{self, text_at};
use crate::tx::{Row, Tx, params};

/// The meetings of a cycle, the last first.
pub(crate) fn meetings(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
) -> Result<Vec<MeetingJson>, Error> {
    programme::cycle(tx, cycle)?;
    let sql = "SELECT id FROM meetings WHERE cycle_id = $1 ORDER BY number DESC";
    let rows = tx.query(sql, params![cycle.0])?;
    rows.iter().map(|row| meeting(tx, caller, MeetingId(row.id(0)?))).collect()
}

/// One meeting.
pub(crate) fn meeting(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: MeetingId,
) -> Result<MeetingJson, Error> {
    let Meeting { id, cycle, number, date, place, state } = find(tx, id)?;
    let members = members(tx, id)?;
    Ok(MeetingJson {
        id,
        cycle,
        number,
        date,
        place,
        state: state.word().to_owned(),
        quorum: rules(tx, cycle)?.quorum,
        agenda: agenda(tx, caller, cycle, id, &members)?,
        members,
    })
}

fn members(tx: &mut dyn Tx, id: MeetingId) -> Result<Vec<MemberJson>, Error> {
    let sql = "SELECT p.id, p.name_ar, p.name_en, p.role,
               CASE WHEN a.person_id IS NULL THEN 0 ELSE 1 END
               FROM people p LEFT JOIN meeting_attendance a
               ON a.person_id = p.id AND a.meeting_id = $1
               WHERE p.role IN ('committee_chair', 'committee_member')
               AND (p.active = 1 OR a.person_id IS NOT NULL) ORDER BY p.role, p.id";
    let member = |row: &Row| {
        Ok(MemberJson {
            person: person_id(row, 0)?,
            name: text_at(row, 1)?,
            role: row.text(3)?.to_owned(),
            present: row.flag(4)?,
        })
    };
    tx.query(sql, params![id.0])?.iter().map(member).collect()
}

fn agenda(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
    id: MeetingId,
    members: &[MemberJson],
) -> Result<Vec<AgendaItem>, Error> {
    let sql = "SELECT i.centre_id, c.code, c.name_ar, c.name_en, i.state FROM agenda_items i
               JOIN centres c ON c.id = i.centre_id WHERE i.meeting_id = $1 ORDER BY i.position";
    let mut agenda = Vec::new();
    for row in tx.query(sql, params![id.0])? {
        let centre = CentreId(row.id(0)?);
        let state = row.text(4)?.to_owned();
        let recusals = recusals(tx, cycle, centre)?;
        let votes = votes(tx, id, centre)?;
        let own = votes.iter().find(|(row, _)| person_id(row, 0).ok() == Some(caller.person));
        let own_vote = own.map(|(_, vote)| vote.vote.clone());
        let is_secret = ItemState::from_word(&state)
            .is_none_or(|state| matches!(state, ItemState::Waiting | ItemState::Balloting));
        let votes_cast = u32::try_from(votes.len()).unwrap_or(u32::MAX);
        let may_vote = |member: &&MemberJson| {
            member.present && !recusals.iter().any(|of| of.person == member.person)
        };
        agenda.push(AgendaItem {
            centre,
            code: row.text(1)?.to_owned(),
            name: text_at(&row, 2)?,
            voters: u32::try_from(members.iter().filter(may_vote).count()).unwrap_or(u32::MAX),
            state,
            recusals,
            votes_cast,
            own_vote,
            votes: if is_secret { Vec::new() } else { votes.into_iter().map(|(_, v)| v).collect() },
            notes: words(tx, id, centre, ItemEvent::Note)?,
            dissents: words(tx, id, centre, ItemEvent::Dissent)?,
        });
    }
    Ok(agenda)
}

fn recusals(tx: &mut dyn Tx, cycle: CycleId, centre: CentreId) -> Result<Vec<RecusalJson>, Error> {
    let sql = format!("{} ORDER BY p.id", include_str!("../sql/recusals.sql"));
    let recusal = |row: &Row| {
        Ok(RecusalJson {
            person: person_id(row, 0)?,
            name: text_at(row, 1)?,
            ground: row.text(3)?.to_owned(),
            reason: row.opt_text(4)?.map(str::to_owned),
        })
    };
    tx.query(&sql, params![cycle.0, centre.0])?.iter().map(recusal).collect()
}

fn votes(tx: &mut dyn Tx, id: MeetingId, centre: CentreId) -> Result<Vec<(Row, NamedVote)>, Error> {
    let sql = "SELECT v.person_id, p.name_ar, p.name_en, v.choice, v.level FROM votes v
               JOIN people p ON p.id = v.person_id
               WHERE v.meeting_id = $1 AND v.centre_id = $2 ORDER BY v.person_id";
    let vote = |row: Row| {
        let (choice, level) = (row.text(3)?.to_owned(), row.opt_text(4)?.map(str::to_owned));
        let named = NamedVote { name: text_at(&row, 1)?, vote: VoteJson { choice, level } };
        Ok((row, named))
    };
    tx.query(sql, params![id.0, centre.0])?.into_iter().map(vote).collect()
}

fn words(
    tx: &mut dyn Tx,
    id: MeetingId,
    centre: CentreId,
    kind: ItemEvent,
) -> Result<Vec<NamedWords>, Error> {
    let sql = "SELECT p.name_ar, p.name_en, w.words, w.at FROM meeting_words w
               JOIN people p ON p.id = w.person_id
               WHERE w.meeting_id = $1 AND w.centre_id = $2 AND w.kind = $3 ORDER BY w.id";
    let named = |row: &Row| {
        Ok(NamedWords { name: text_at(row, 0)?, text: row.text(2)?.to_owned(), at: row.int(3)? })
    };
    tx.query(sql, params![id.0, centre.0, kind.word()])?.iter().map(named).collect()
}
