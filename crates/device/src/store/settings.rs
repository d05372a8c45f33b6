//! The device itself: its signing key, its server and its person.

use mizan_protocol::id::DeviceId;
use mizan_protocol::session::Person;
use mizan_protocol::signature::{BundleKey, PublicKey};
use rusqlite::{Connection, Transaction, params};
use zeroize::Zeroizing;

use crate::error::Error;

/// Where and as whom the device is enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The server's address.
    pub server: String,
    /// The device's id there.
    pub device: DeviceId,
    /// Whose device it is.
    pub person: Person,
}

pub(crate) fn insert(tx: &Transaction<'_>, signing_seed: &[u8; 32]) -> Result<(), Error> {
    let sql = "INSERT INTO settings (id, signing_seed) VALUES (1, ?1)";
    tx.execute(sql, params![signing_seed])?;
    Ok(())
}

pub(crate) fn signing_seed(connection: &Connection) -> Result<Zeroizing<[u8; 32]>, Error> {
    let sql = "SELECT signing_seed FROM settings";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(Zeroizing::new(statement.query_row([], |row| row.get(0))?))
}

pub(crate) fn set_enrolment(tx: &Transaction<'_>, enrolment: &Enrolment) -> Result<(), Error> {
    let person = serde_json::to_string(&enrolment.person).map_err(Error::stored("person"))?;
    let sql = "UPDATE settings SET server = ?1, device = ?2, person = ?3";
    tx.execute(sql, params![enrolment.server, enrolment.device.0, person])?;
    Ok(())
}

pub(crate) fn enrolment(connection: &Connection) -> Result<Option<Enrolment>, Error> {
    let sql = "SELECT server, device, person FROM settings";
    let row = connection.query_row(sql, [], |row| {
        Ok((row.get::<_, Option<String>>(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?))
    })?;
    let (Some(server), Some(device), Some(person)) = row else { return Ok(None) };
    let person = serde_json::from_str(&person).map_err(Error::stored("person"))?;
    Ok(Some(Enrolment { server, device: DeviceId(device), person }))
}

pub(crate) fn set_bundle_key(tx: &Transaction<'_>, key: &BundleKey) -> Result<(), Error> {
    tx.execute("UPDATE settings SET bundle_key = ?1", params![key.as_bytes()])?;
    Ok(())
}

pub(crate) fn bundle_key(connection: &Connection) -> Result<Option<BundleKey>, Error> {
    let key = connection.query_row("SELECT bundle_key FROM settings", [], |row| row.get(0))?;
    Ok(Option::map(key, BundleKey::from_bytes))
}

pub(crate) fn set_server_key(tx: &Transaction<'_>, key: &PublicKey) -> Result<(), Error> {
    tx.execute("UPDATE settings SET server_key = ?1", params![key.as_bytes()])?;
    Ok(())
}

pub(crate) fn server_key(connection: &Connection) -> Result<Option<PublicKey>, Error> {
    let key = connection.query_row("SELECT server_key FROM settings", [], |row| row.get(0))?;
    Ok(Option::map(key, PublicKey::from_bytes))
}

/// The pages of the answer with this mark are here.
pub(crate) fn set_answer_mark(tx: &Transaction<'_>, mark: i64) -> Result<(), Error> {
    tx.execute("UPDATE settings SET answer_mark = ?1", params![mark])?;
    Ok(())
}

pub(crate) fn answer_mark(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.query_row("SELECT answer_mark FROM settings", [], |row| row.get(0))?)
}

/// What the server's data were called when they were last met.
pub(crate) fn epoch(connection: &Connection) -> Result<Option<String>, Error> {
    Ok(connection.query_row("SELECT epoch FROM settings", [], |row| row.get(0))?)
}

pub(crate) fn set_epoch(tx: &Transaction<'_>, epoch: &str) -> Result<(), Error> {
    tx.execute("UPDATE settings SET epoch = ?1", params![epoch])?;
    Ok(())
}

pub(crate) fn set_last_sync(tx: &Transaction<'_>, now_ms: i64) -> Result<(), Error> {
    tx.execute("UPDATE settings SET last_sync_ms = ?1", params![now_ms])?;
    Ok(())
}

pub(crate) fn last_sync(connection: &Connection) -> Result<Option<i64>, Error> {
    Ok(connection.query_row("SELECT last_sync_ms FROM settings", [], |row| row.get(0))?)
}
