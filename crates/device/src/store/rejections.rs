//! What the server would not have; it stays and is shown.

use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{OperationId, VisitId};
use mizan_protocol::sync::Record;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::Error;
use crate::store::own_records::{OwnKey, OwnKind, key_from_row};

/// A change the server refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// The change.
    pub operation: OperationId,
    /// The record.
    pub key: OwnKey,
    /// What was sent.
    pub record: Record,
    /// Why it was refused.
    pub error: ErrorBody,
    /// When, milliseconds since 1970 UTC.
    pub found_ms: i64,
}

pub(crate) fn insert(
    tx: &Transaction<'_>,
    rejection: &Rejection,
    generation: i64,
) -> Result<(), Error> {
    let record = serde_json::to_string(&rejection.record).map_err(Error::stored("record"))?;
    let error = serde_json::to_string(&rejection.error).map_err(Error::stored("error"))?;
    tx.execute(
        include_str!("rejections_insert.sql"),
        params![
            rejection.operation.0,
            rejection.key.visit.0,
            rejection.key.kind.word(),
            rejection.key.part,
            generation,
            record,
            error,
            rejection.found_ms,
        ],
    )?;
    Ok(())
}

/// The rejections of records that were not changed since, oldest first.
pub(crate) fn standing(connection: &Connection) -> Result<Vec<Rejection>, Error> {
    let mut statement = connection.prepare_cached(include_str!("rejections_standing.sql"))?;
    let rows = statement.query_map([], |row| {
        let texts: (String, String) = (row.get(4)?, row.get(5)?);
        Ok((key_from_row(row)?, OperationId(row.get(3)?), texts, row.get(6)?))
    })?;
    let read = |row: rusqlite::Result<(OwnKey, OperationId, (String, String), i64)>| {
        let (key, operation, (record, error), found_ms) = row?;
        let record = serde_json::from_str(&record).map_err(Error::stored("rejection"))?;
        let error = serde_json::from_str(&error).map_err(Error::stored("rejection"))?;
        Ok(Rejection { operation, key, record, error, found_ms })
    };
    rows.map(read).collect()
}

/// Whether the record as it stands was refused, and why.
pub(crate) fn of(
    connection: &Connection,
    visit: VisitId,
    kind: OwnKind,
    part: &str,
) -> Result<Option<ErrorBody>, Error> {
    let mut statement = connection.prepare_cached(include_str!("rejections_of.sql"))?;
    let found: Option<String> =
        statement.query_row(params![visit.0, kind.word(), part], |row| row.get(0)).optional()?;
    found.map(|text| serde_json::from_str(&text).map_err(Error::stored("rejection"))).transpose()
}
