//! Both versions of a record that was changed in two places; a person decides.

use mizan_protocol::id::OperationId;
use mizan_protocol::sync::Record;
use rusqlite::{Connection, Transaction, params};

use crate::error::Error;
use crate::store::own_records::{OwnKey, key_from_row};

/// Which version a person keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// This device's; it is sent again, based on the server's.
    Ours,
    /// The server's; this device's stays in the history.
    Theirs,
}

/// An open conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The change it came from, by which it is resolved.
    pub operation: OperationId,
    /// The record.
    pub key: OwnKey,
    /// What this device sent.
    pub ours: Record,
    /// What the server has.
    pub theirs: Record,
    /// When it was found, milliseconds since 1970 UTC.
    pub found_ms: i64,
}

pub(crate) fn insert(tx: &Transaction<'_>, conflict: &Conflict) -> Result<(), Error> {
    let text = |record: &Record| serde_json::to_string(record).map_err(Error::stored("record"));
    tx.execute(
        include_str!("conflicts_insert.sql"),
        params![
            conflict.operation.0,
            conflict.key.visit.0,
            conflict.key.kind.word(),
            conflict.key.part,
            text(&conflict.ours)?,
            text(&conflict.theirs)?,
            conflict.found_ms,
        ],
    )?;
    Ok(())
}

/// The open conflicts, oldest first.
pub(crate) fn open(connection: &Connection) -> Result<Vec<Conflict>, Error> {
    let sql = "SELECT visit, kind, part, op_id, ours, theirs, found_ms FROM conflicts \
               WHERE kept IS NULL ORDER BY found_ms, op_id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let texts: (String, String) = (row.get(4)?, row.get(5)?);
        Ok((key_from_row(row)?, OperationId(row.get(3)?), texts, row.get(6)?))
    })?;
    let record = |text: &str| serde_json::from_str(text).map_err(Error::stored("conflict"));
    let read = |row: rusqlite::Result<(OwnKey, OperationId, (String, String), i64)>| {
        let (key, operation, (ours, theirs), found_ms) = row?;
        let (ours, theirs) = (record(&ours)?, record(&theirs)?);
        Ok(Conflict { operation, key, ours, theirs, found_ms })
    };
    rows.map(read).collect()
}

/// Whether a record has two versions that nobody has chosen from.
pub(crate) fn is_open(connection: &Connection, key: &OwnKey) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM conflicts \
               WHERE visit = ?1 AND kind = ?2 AND part = ?3 AND kept IS NULL)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![key.visit.0, key.kind.word(), key.part], |row| row.get(0))?)
}

pub(crate) fn close(tx: &Transaction<'_>, operation: OperationId, keep: Keep) -> Result<(), Error> {
    let kept = match keep {
        Keep::Ours => "ours",
        Keep::Theirs => "theirs",
    };
    tx.execute("UPDATE conflicts SET kept = ?2 WHERE op_id = ?1", params![operation.0, kept])?;
    Ok(())
}
