//! Changes on their way: what was committed here is sent, and sent again, exactly as it stands.

use mizan_protocol::id::OperationId;
use mizan_protocol::sync::{Operation, Record};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::error::Error;
use crate::store::own_records::{OwnKey, key_from_row};

/// One change on its way.
#[derive(Debug, Clone)]
pub(crate) struct Inflight {
    pub(crate) key: OwnKey,
    pub(crate) generation: i64,
    pub(crate) operation: Operation,
}

/// Puts a change behind all that are on their way.
pub(crate) fn insert(tx: &Transaction<'_>, change: &Inflight) -> Result<(), Error> {
    let record =
        serde_json::to_string(&change.operation.record).map_err(Error::stored("record"))?;
    tx.prepare_cached(include_str!("inflight_insert.sql"))?.execute(params![
        change.operation.op_id.0,
        change.key.visit.0,
        change.key.kind.word(),
        change.key.part,
        change.generation,
        record,
    ])?;
    Ok(())
}

/// The first changes on their way, in their order.
pub(crate) fn first(connection: &Connection, limit: usize) -> Result<Vec<Inflight>, Error> {
    let sql = "SELECT visit, kind, part, gen, op_id, record FROM inflight \
               ORDER BY position LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![limit], from_row)?;
    rows.map(|row| read(row?)).collect()
}

/// The change of an operation, while it is on its way.
pub(crate) fn find(connection: &Connection, op_id: OperationId) -> Result<Option<Inflight>, Error> {
    let sql = "SELECT visit, kind, part, gen, op_id, record FROM inflight WHERE op_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row(params![op_id.0], from_row).optional()?.map(read).transpose()
}

/// A row, its record yet to be read.
type Stored = (OwnKey, i64, OperationId, String);

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((key_from_row(row)?, row.get(3)?, OperationId(row.get(4)?), row.get(5)?))
}

fn read((key, generation, op_id, record): Stored) -> Result<Inflight, Error> {
    let record: Record = serde_json::from_str(&record).map_err(Error::stored("change"))?;
    Ok(Inflight { key, generation, operation: Operation { op_id, record } })
}

pub(crate) fn remove(tx: &Transaction<'_>, op_id: OperationId) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM inflight WHERE op_id = ?1")?.execute(params![op_id.0])?;
    Ok(())
}
