//! What the server sent, whole, with the fields this version does not know.

use mizan_protocol::id::RecordId;
use mizan_protocol::sync::Record;
use rusqlite::{Connection, Transaction, params};

use crate::error::Error;

pub(crate) fn put(
    tx: &Transaction<'_>,
    stream: &str,
    round: i64,
    record: &Record,
) -> Result<(), Error> {
    let text = serde_json::to_string(record).map_err(Error::stored("record"))?;
    tx.prepare_cached(include_str!("pulled_records_put.sql"))?.execute(params![
        stream,
        record.id.0,
        record.kind,
        record.rev,
        round,
        text
    ])?;
    Ok(())
}

pub(crate) fn remove(tx: &Transaction<'_>, stream: &str, id: RecordId) -> Result<(), Error> {
    let sql = "DELETE FROM pulled_records WHERE stream = ?1 AND id = ?2";
    tx.prepare_cached(sql)?.execute(params![stream, id.0])?;
    Ok(())
}

/// Drops what was not met in the round that ends.
pub(crate) fn end_round(tx: &Transaction<'_>, stream: &str, round: i64) -> Result<usize, Error> {
    let sql = "DELETE FROM pulled_records WHERE stream = ?1 AND round < ?2";
    Ok(tx.prepare_cached(sql)?.execute(params![stream, round])?)
}

/// Ids and revisions of a stream's records.
pub(crate) fn revisions(
    connection: &Connection,
    stream: &str,
) -> Result<Vec<(RecordId, i64)>, Error> {
    let sql = "SELECT id, rev FROM pulled_records WHERE stream = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map(params![stream], |row| Ok((RecordId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The records of a kind in every stream, newest revision last.
pub(crate) fn of_kind(connection: &Connection, kind: &str) -> Result<Vec<Record>, Error> {
    let sql = "SELECT record FROM pulled_records WHERE kind = ?1 ORDER BY rev, stream, id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![kind], |row| row.get::<_, String>(0))?;
    rows.map(|text| serde_json::from_str(&text?).map_err(Error::stored("pulled record"))).collect()
}
