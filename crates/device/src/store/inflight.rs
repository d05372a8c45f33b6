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
    /// The push it belongs to; `None` until it is part of one.
    pub(crate) link: Option<i64>,
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

/// The first changes on their way that belong to no push yet, in their order.
pub(crate) fn unlinked(connection: &Connection, limit: usize) -> Result<Vec<Inflight>, Error> {
    let sql = "SELECT visit, kind, part, gen, op_id, record, link FROM inflight \
               WHERE link IS NULL ORDER BY position LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![limit], from_row)?;
    rows.map(|row| read(row?)).collect()
}

/// The changes of a push on its way, in their order.
pub(crate) fn of_link(connection: &Connection, number: i64) -> Result<Vec<Inflight>, Error> {
    let sql = "SELECT visit, kind, part, gen, op_id, record, link FROM inflight \
               WHERE link = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![number], from_row)?;
    rows.map(|row| read(row?)).collect()
}

/// A change belongs to a push from now on.
pub(crate) fn set_link(tx: &Transaction<'_>, op_id: OperationId, number: i64) -> Result<(), Error> {
    let sql = "UPDATE inflight SET link = ?2 WHERE op_id = ?1";
    tx.prepare_cached(sql)?.execute(params![op_id.0, number])?;
    Ok(())
}

/// Whether a change of a record is on its way.
pub(crate) fn holds(connection: &Connection, key: &OwnKey) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM inflight \
               WHERE visit = ?1 AND kind = ?2 AND part = ?3)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![key.visit.0, key.kind.word(), key.part], |row| row.get(0))?)
}

/// Whether nothing is on its way.
pub(crate) fn is_empty(connection: &Connection) -> Result<bool, Error> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM inflight)";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The change of an operation, while it is on its way.
pub(crate) fn find(connection: &Connection, op_id: OperationId) -> Result<Option<Inflight>, Error> {
    let sql = "SELECT visit, kind, part, gen, op_id, record, link FROM inflight WHERE op_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row(params![op_id.0], from_row).optional()?.map(read).transpose()
}

/// A row, its record yet to be read.
type Stored = (OwnKey, i64, OperationId, String, Option<i64>);

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((key_from_row(row)?, row.get(3)?, OperationId(row.get(4)?), row.get(5)?, row.get(6)?))
}

fn read((key, generation, op_id, record, link): Stored) -> Result<Inflight, Error> {
    let record: Record = serde_json::from_str(&record).map_err(Error::stored("change"))?;
    Ok(Inflight { key, generation, operation: Operation { op_id, record }, link })
}

/// Nothing is on its way any more; what was stays dirty.
pub(crate) fn recall(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute("DELETE FROM inflight", [])?;
    Ok(())
}

pub(crate) fn remove(tx: &Transaction<'_>, op_id: OperationId) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM inflight WHERE op_id = ?1")?.execute(params![op_id.0])?;
    Ok(())
}
