//! The granted streams and how far each was read.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::Error;

/// The cursors to ask with.
pub(crate) fn cursors(connection: &Connection) -> Result<BTreeMap<String, String>, Error> {
    let sql = "SELECT stream, cursor FROM streams WHERE cursor IS NOT NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn names(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare_cached("SELECT stream FROM streams")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The stream's round; a stream that is new gets its first.
pub(crate) fn round(tx: &Transaction<'_>, stream: &str) -> Result<i64, Error> {
    let sql = "SELECT round FROM streams WHERE stream = ?1";
    let found = tx.query_row(sql, params![stream], |row| row.get(0)).optional()?;
    if let Some(round) = found {
        return Ok(round);
    }
    tx.execute("INSERT INTO streams (stream, round) VALUES (?1, 1)", params![stream])?;
    Ok(1)
}

/// Begins a new round: what is not met again in it is gone at its end.
pub(crate) fn begin_round(tx: &Transaction<'_>, stream: &str) -> Result<(), Error> {
    round(tx, stream)?;
    let sql = "UPDATE streams SET round = round + 1, cursor = NULL WHERE stream = ?1";
    tx.execute(sql, params![stream])?;
    Ok(())
}

pub(crate) fn set_cursor(tx: &Transaction<'_>, stream: &str, cursor: &str) -> Result<(), Error> {
    tx.execute("UPDATE streams SET cursor = ?2 WHERE stream = ?1", params![stream, cursor])?;
    Ok(())
}

/// Drops a stream whole, with its records.
pub(crate) fn drop_stream(tx: &Transaction<'_>, stream: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM streams WHERE stream = ?1", params![stream])?;
    Ok(())
}
