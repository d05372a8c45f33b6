//! Changes on their way: what was committed here is sent, and sent again, exactly as it stands.

use mizan_protocol::id::OperationId;
use mizan_protocol::sync::{Operation, Record};
use rusqlite::{Connection, Transaction, params};

use crate::error::Error;
use crate::store::own_records::{OwnKey, key_from_row};

/// One change on its way.
#[derive(Debug, Clone)]
pub(crate) struct Inflight {
    pub(crate) key: OwnKey,
    pub(crate) generation: i64,
    pub(crate) operation: Operation,
}

pub(crate) fn insert(
    tx: &Transaction<'_>,
    change: &Inflight,
    position: usize,
) -> Result<(), Error> {
    let record =
        serde_json::to_string(&change.operation.record).map_err(Error::stored("record"))?;
    tx.prepare_cached(include_str!("inflight_insert.sql"))?.execute(params![
        change.operation.op_id.0,
        position as i64,
        change.key.visit.0,
        change.key.kind.word(),
        change.key.part,
        change.generation,
        record,
    ])?;
    Ok(())
}

/// Everything on its way, in its order.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Inflight>, Error> {
    let sql = "SELECT visit, kind, part, gen, op_id, record FROM inflight ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let record: String = row.get(5)?;
        Ok((key_from_row(row)?, row.get(3)?, OperationId(row.get(4)?), record))
    })?;
    let read = |row: rusqlite::Result<(OwnKey, i64, OperationId, String)>| {
        let (key, generation, op_id, record) = row?;
        let record: Record = serde_json::from_str(&record).map_err(Error::stored("change"))?;
        Ok(Inflight { key, generation, operation: Operation { op_id, record } })
    };
    rows.map(read).collect()
}

pub(crate) fn remove(tx: &Transaction<'_>, op_id: OperationId) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM inflight WHERE op_id = ?1")?.execute(params![op_id.0])?;
    Ok(())
}
