//! Quarantine: what was refused or could not be read, kept as it came until somebody sees to it.
//!
//! It is tried again under today's rules or set aside with a reason; nothing of it is ever deleted.

use mizan_domain::role::Role;
use mizan_protocol::api::{QuarantineItem, QuarantinePage, QuarantineRecord};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{AgencyId, DeviceId, OperationId, PersonId, VisitId};
use mizan_protocol::sync::{Operation, Outcome, Record};

use crate::accounts::Caller;
use crate::error::{Error, stated};
use crate::rights::{Action, may};
use crate::sync;
use crate::tx::{Row, Tx, Value, first, one, params};

/// The most items of one page.
const PAGE: i64 = 100;
/// What becomes of an item.
const STATES: [&str; 3] = ["open", "released", "set_aside"];

/// Keeps what was refused: a visit made in the field exists nowhere else.
pub(crate) fn keep(
    tx: &mut dyn Tx,
    caller: &Caller,
    operation: &Operation,
    error: &ErrorBody,
    now: i64,
) -> Result<(), Error> {
    let record = serde_json::to_string(&operation.record)?;
    tx.exec(
        "INSERT INTO quarantine (op_id, person_id, device_id, kind, record, error, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            operation.op_id.0,
            caller.person.0,
            caller.device.map(|device| device.0),
            &operation.record.kind,
            record,
            serde_json::to_string(error)?,
            now
        ],
    )?;
    Ok(())
}

/// How many items nobody has seen to.
pub(crate) fn count_open(tx: &mut dyn Tx) -> Result<i64, Error> {
    one(tx, "SELECT COUNT(*) FROM quarantine WHERE state = 'open'", &[])?.int(0)
}

/// The items in a state, oldest first.
pub(crate) fn page(tx: &mut dyn Tx, state: &str, skip: i64) -> Result<QuarantinePage, Error> {
    check_state(state)?;
    let sql = "SELECT COUNT(*) FROM quarantine WHERE state = $1";
    let total = one(tx, sql, params![state])?.int(0)?;
    let sql =
        "SELECT q.op_id, q.person_id, p.user_name, q.device_id, q.kind, q.record, q.error, q.at,
               q.state, q.settled_by, q.settled_at, q.reason
               FROM quarantine q JOIN people p ON p.id = q.person_id
               WHERE q.state = $1 ORDER BY q.at, q.op_id LIMIT $2 OFFSET $3";
    let rows = tx.query(sql, params![state, PAGE, skip.max(0)])?;
    let items = rows.iter().map(item_of).collect::<Result<_, _>>()?;
    Ok(QuarantinePage { items, total: u64::try_from(total).unwrap_or(0) })
}

/// One item, with the record as it came.
pub(crate) fn find(tx: &mut dyn Tx, operation: OperationId) -> Result<QuarantineRecord, Error> {
    let sql =
        "SELECT q.op_id, q.person_id, p.user_name, q.device_id, q.kind, q.record, q.error, q.at,
               q.state, q.settled_by, q.settled_at, q.reason
               FROM quarantine q JOIN people p ON p.id = q.person_id WHERE q.op_id = $1";
    let row = one(tx, sql, params![operation.0])?;
    Ok(QuarantineRecord { item: item_of(&row)?, record: serde_json::from_str(row.text(5)?)? })
}

fn item_of(row: &Row) -> Result<QuarantineItem, Error> {
    let record: Record = serde_json::from_str(row.text(5)?)?;
    let visit = record.body.get("visit").and_then(|id| id.as_str());
    Ok(QuarantineItem {
        operation: OperationId(row.id(0)?),
        person: PersonId(row.id(1)?),
        user: row.text(2)?.to_owned(),
        device: row.opt_id(3)?.map(DeviceId),
        kind: row.text(4)?.to_owned(),
        visit: visit.and_then(|id| id.parse().ok()).map(VisitId),
        error: serde_json::from_str(row.text(6)?)?,
        at: row.int(7)?,
        state: row.text(8)?.to_owned(),
        settled_by: row.opt_id(9)?.map(PersonId),
        settled_at: if row.0[10] == Value::Null { None } else { Some(row.int(10)?) },
        reason: row.opt_text(11)?.map(str::to_owned),
    })
}

fn check_state(state: &str) -> Result<(), Error> {
    if STATES.contains(&state) {
        return Ok(());
    }
    Err(Error::invalid("state", state, &STATES.join(", ")))
}

/// Tries an item again under today's rules, as its person and device. What is refused again stays open,
/// with the reason of today.
pub(crate) fn release(
    tx: &mut dyn Tx,
    by: &Caller,
    operation: OperationId,
    now: i64,
) -> Result<Outcome, Error> {
    let QuarantineRecord { item, record } = open_item(tx, operation)?;
    let tried = match owner(tx, &item)? {
        Some(owner) => sync::try_record(tx, &owner, &record, now)?,
        None => Outcome::Rejected { error: ErrorBody::new("request.not_found") },
    };
    match &tried {
        Outcome::Applied { .. } | Outcome::Same { .. } => {
            settle(tx, by, operation, "released", None, now)?;
            // A device that asks again for the operation hears what became of it in the end.
            let sql = "UPDATE operations SET outcome = $2 WHERE op_id = $1";
            tx.exec(sql, params![operation.0, serde_json::to_string(&tried)?])?;
        }
        // The server has another version meanwhile, and releasing does not decide between the two.
        Outcome::Conflict { .. } => {}
        Outcome::Rejected { error } => {
            let sql = "UPDATE quarantine SET error = $2 WHERE op_id = $1";
            tx.exec(sql, params![operation.0, serde_json::to_string(error)?])?;
        }
    }
    Ok(tried)
}

/// Says that an item is not wanted, and why. It stays as it is.
pub(crate) fn set_aside(
    tx: &mut dyn Tx,
    by: &Caller,
    operation: OperationId,
    reason: &str,
    now: i64,
) -> Result<(), Error> {
    let reason = stated(reason)?;
    open_item(tx, operation)?;
    settle(tx, by, operation, "set_aside", Some(reason), now)
}

fn open_item(tx: &mut dyn Tx, operation: OperationId) -> Result<QuarantineRecord, Error> {
    let found = find(tx, operation)?;
    if found.item.state == "open" {
        return Ok(found);
    }
    Err(Error::Refused(ErrorBody::new("quarantine.settled").with("state", found.item.state)))
}

fn settle(
    tx: &mut dyn Tx,
    by: &Caller,
    operation: OperationId,
    state: &str,
    reason: Option<&str>,
    now: i64,
) -> Result<(), Error> {
    tx.exec(
        "UPDATE quarantine SET state = $2, settled_by = $3, settled_at = $4, reason = $5
         WHERE op_id = $1",
        params![operation.0, state, by.person.0, now, reason.map(str::to_owned)],
    )?;
    Ok(())
}

/// Whose the item is, as one who may do field work; nobody when they may no longer.
fn owner(tx: &mut dyn Tx, item: &QuarantineItem) -> Result<Option<Caller>, Error> {
    let sql = "SELECT role, agency_id FROM people WHERE id = $1 AND active = 1";
    let Some(row) = first(tx, sql, params![item.person.0])? else { return Ok(None) };
    let role = Role::from_word(row.text(0)?).filter(|role| may(*role, Action::DoFieldWork));
    let agency = row.opt_id(1)?.map(AgencyId);
    let (person, device) = (item.person, item.device);
    let caller = |role| Caller { person, role, agency, centre: None, device, session: None };
    Ok(role.map(caller))
}
