//! What remains of a meeting: made and signed when it is closed, the same ever after.

use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::MeetingId;
use mizan_protocol::meeting::{AgendaItem, Minutes, MinutesItem, SignedMinutes};
use mizan_protocol::signature::Signature;

use super::show;
use crate::accounts::Caller;
use crate::error::Error;
use crate::keys::Keys;
use crate::programme::text_at;
use crate::tx::{Tx, Value, one, params};

/// The version of the minutes' shape.
const SCHEMA: u32 = 1;

/// Makes the minutes of a meeting that was just closed.
pub(super) fn make(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    id: MeetingId,
    now: i64,
) -> Result<(), Error> {
    let meeting = show(tx, caller, id)?;
    let sql =
        "SELECT number, name_ar, name_en, programme_ar, programme_en FROM cycles WHERE id = $1";
    let cycle = one(tx, sql, params![meeting.cycle.0])?;
    let mut items = Vec::new();
    for item in meeting.agenda {
        items.push(item_of(tx, &meeting.cycle.0, item)?);
    }
    let minutes = Minutes {
        schema: SCHEMA,
        programme: text_at(&cycle, 3)?,
        cycle: cycle.text(0)?.to_owned(),
        cycle_name: text_at(&cycle, 1)?,
        number: meeting.number,
        date: meeting.date,
        place: meeting.place,
        quorum: meeting.quorum,
        members: meeting.members,
        items,
        closed_at: now,
    };
    let body = canonical_json(&minutes)?;
    let sha256 = Digest::of(body.as_bytes());
    let signature = keys.signing.sign(body.as_bytes());
    let sql = "INSERT INTO minutes (meeting_id, body, sha256, signature) VALUES ($1, $2, $3, $4)";
    tx.exec(sql, params![id.0, body, sha256, signature.as_bytes().as_slice()])?;
    Ok(())
}

fn item_of(tx: &mut dyn Tx, cycle: &uuid::Uuid, item: AgendaItem) -> Result<MinutesItem, Error> {
    let sql = "SELECT r.score, r.outcome, r.level, d.scorecard, d.moderation FROM results r
               LEFT JOIN decisions d ON d.cycle_id = r.cycle_id AND d.centre_id = r.centre_id
               WHERE r.cycle_id = $1 AND r.centre_id = $2";
    let row = one(tx, sql, params![*cycle, item.centre.0])?;
    let score = row.opt_text(0)?.map(mizan_domain::exact::Exact::from_fraction).transpose();
    let score = score.map_err(|_| Error::Column { column: 0, expected: "an exact number" })?;
    // A centre that was left to another meeting may have been decided before; that is not this one's.
    let is_decided = item.state == "decided" && row.0[3] != Value::Null;
    let decided = |column| if is_decided { row.opt_text(column) } else { Ok(None) };
    Ok(MinutesItem {
        score: score.map(|score| score.shown()),
        outcome: row.text(1)?.to_owned(),
        level: row.opt_text(2)?.map(str::to_owned),
        scorecard_sha256: decided(3)?.map(|text| Digest::of(text.as_bytes())),
        moderation: decided(4)?.map(serde_json::from_str).transpose()?,
        // Whose minutes they are is not the caller's.
        item: AgendaItem { own_vote: None, ..item },
    })
}

/// The minutes of a closed meeting.
pub(crate) fn minutes(tx: &mut dyn Tx, keys: &Keys, id: MeetingId) -> Result<SignedMinutes, Error> {
    let sql = "SELECT body, sha256, signature FROM minutes WHERE meeting_id = $1";
    let row = one(tx, sql, params![id.0])?;
    let signature: Signature = hex::encode(row.blob(2)?)
        .parse()
        .map_err(|_| Error::Column { column: 2, expected: "a signature" })?;
    Ok(SignedMinutes {
        minutes: serde_json::from_str(row.text(0)?)?,
        sha256: row.digest(1)?,
        public_key: keys.signing.public(),
        signature,
    })
}
