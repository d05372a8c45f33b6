//! The bundles that were written, each with the key that opens its answers.

use mizan_protocol::bundle::AnswerKey;
use mizan_protocol::id::BundleId;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use zeroize::Zeroizing;

use crate::error::Error;

/// What is kept of a bundle that was written.
#[derive(Debug)]
pub(crate) struct WrittenBundle {
    /// What opens its answers.
    pub(crate) answer_key: AnswerKey,
    /// Whether the pages of its answer cannot be older than what is here, as far as a network goes.
    pub(crate) takes_pages: bool,
}

pub(crate) fn insert(
    tx: &Transaction<'_>,
    id: BundleId,
    key: &AnswerKey,
    now_ms: i64,
) -> Result<(), Error> {
    let sql = "INSERT INTO bundles (id, answer_key, made_ms) VALUES (?1, ?2, ?3)";
    tx.execute(sql, params![id.0, key.as_bytes(), now_ms])?;
    Ok(())
}

pub(crate) fn find(connection: &Connection, id: BundleId) -> Result<Option<WrittenBundle>, Error> {
    let sql = "SELECT answer_key, takes_pages FROM bundles WHERE id = ?1";
    let found = connection.query_row(sql, params![id.0], |row| {
        let answer_key = AnswerKey::from_bytes(Zeroizing::new(row.get(0)?));
        Ok(WrittenBundle { answer_key, takes_pages: row.get(1)? })
    });
    Ok(found.optional()?)
}

/// The streams were read over a network: answers to the bundles written until now are older.
pub(crate) fn outdate_pages(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.prepare_cached("UPDATE bundles SET takes_pages = 0 WHERE takes_pages = 1")?.execute([])?;
    Ok(())
}

pub(crate) fn answered(tx: &Transaction<'_>, id: BundleId, now_ms: i64) -> Result<(), Error> {
    let sql = "UPDATE bundles SET answered_ms = ?2 WHERE id = ?1 AND answered_ms IS NULL";
    tx.execute(sql, params![id.0, now_ms])?;
    Ok(())
}

/// How many wait for their answer.
pub(crate) fn count_open(connection: &Connection) -> Result<usize, Error> {
    let sql = "SELECT count(*) FROM bundles WHERE answered_ms IS NULL";
    let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(count as usize)
}
