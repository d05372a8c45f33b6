//! The links of the pushes on their way, and how far the chain has come.

use mizan_protocol::canonical::Digest;
use mizan_protocol::chain::{ChainHead, Link};
use mizan_protocol::id::DeviceId;
use mizan_protocol::signature::Signature;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::Error;

/// How far the chain has come; `None` at its beginning.
pub(crate) fn head(connection: &Connection) -> Result<Option<ChainHead>, Error> {
    let sql = "SELECT chain_number, chain_digest FROM settings";
    let (number, digest) = connection.query_row(sql, [], |row| {
        Ok((row.get(0)?, row.get::<_, Option<[u8; 32]>>(1)?.map(Digest::from_bytes)))
    })?;
    Ok(digest.map(|digest| ChainHead { number, digest }))
}

/// The chain has come so far.
pub(crate) fn set_head(tx: &Transaction<'_>, head: &ChainHead) -> Result<(), Error> {
    let sql = "UPDATE settings SET chain_number = ?1, chain_digest = ?2";
    tx.execute(sql, params![head.number, head.digest.as_bytes()])?;
    Ok(())
}

/// Nothing is on its way any more, and the chain begins anew.
pub(crate) fn begin_anew(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute("UPDATE inflight SET link = NULL", [])?;
    tx.execute("DELETE FROM links", [])?;
    tx.execute("UPDATE settings SET chain_number = 0, chain_digest = NULL", [])?;
    Ok(())
}

pub(crate) fn insert(tx: &Transaction<'_>, link: &Link, epoch: Option<&str>) -> Result<(), Error> {
    let sql = "INSERT INTO links (number, epoch, previous, signature) VALUES (?1, ?2, ?3, ?4)";
    let (previous, signature) = (link.previous.as_bytes(), link.signature.as_bytes());
    tx.prepare_cached(sql)?.execute(params![link.number, epoch, previous, signature])?;
    Ok(())
}

/// A link on its way, and the epoch it is based on.
pub(crate) fn find(
    connection: &Connection,
    device: DeviceId,
    number: i64,
) -> Result<Option<(Link, Option<String>)>, Error> {
    let sql = "SELECT previous, signature, epoch FROM links WHERE number = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![number], |row| {
        let previous = Digest::from_bytes(row.get(0)?);
        let signature = Signature::from_bytes(row.get(1)?);
        Ok((Link { device, number, previous, signature }, row.get(2)?))
    });
    Ok(found.optional()?)
}

/// The first link on its way.
pub(crate) fn first_number(connection: &Connection) -> Result<Option<i64>, Error> {
    Ok(connection.query_row("SELECT min(number) FROM links", [], |row| row.get(0))?)
}

/// The links on their way, in their order.
pub(crate) fn numbers(connection: &Connection, most: usize) -> Result<Vec<i64>, Error> {
    let sql = "SELECT number FROM links ORDER BY number LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map(params![i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A link was answered. An operation of it that got no outcome is on its way no longer: it stays dirty
/// and goes with another.
pub(crate) fn settle(tx: &Transaction<'_>, number: i64) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM inflight WHERE link = ?1")?.execute(params![number])?;
    tx.prepare_cached("DELETE FROM links WHERE number = ?1")?.execute(params![number])?;
    Ok(())
}

/// Whether the server has ever signed what became of a push.
pub(crate) fn has_receipts(connection: &Connection) -> Result<bool, Error> {
    Ok(connection.query_row("SELECT has_receipts FROM settings", [], |row| row.get(0))?)
}

/// The server signs what becomes of pushes.
pub(crate) fn expect_receipts(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute("UPDATE settings SET has_receipts = 1", [])?;
    Ok(())
}
