//! The grant to go on without the server, and the server's time as it was last reckoned.

use rusqlite::{Connection, Transaction, params};

use crate::clock::{Reading, Steady};
use crate::error::Error;
use crate::grant::{Held, Reckoning};

/// What there is of a grant.
pub(crate) fn find(connection: &Connection) -> Result<Option<Held>, Error> {
    let sql = "SELECT grant_until_ms, server_ms, clock_wall_ms, clock_boot, clock_steady_ms FROM settings";
    Ok(connection.query_row(sql, [], |row| {
        let Some(until_ms) = row.get(0)? else { return Ok(None) };
        let boot: Option<String> = row.get(3)?;
        let steady = boot.zip(row.get(4)?).map(|(boot, ms)| Steady { boot, ms });
        let at = Reading { wall_ms: row.get(2)?, steady };
        Ok(Some(Held { until_ms, reckoning: Reckoning { server_ms: row.get(1)?, at } }))
    })?)
}

/// Keeps a new grant, and by how much the device's clock was ahead.
pub(crate) fn set(tx: &Transaction<'_>, held: &Held, clock_off_ms: i64) -> Result<(), Error> {
    let sql = "UPDATE settings SET grant_until_ms = ?1, clock_off_ms = ?2";
    tx.execute(sql, params![held.until_ms, clock_off_ms])?;
    set_reckoning(tx, &held.reckoning)
}

/// Keeps how far the server's time has come.
pub(crate) fn set_reckoning(tx: &Transaction<'_>, reckoning: &Reckoning) -> Result<(), Error> {
    let Reckoning { server_ms, at: Reading { wall_ms, steady } } = reckoning;
    let (boot, steady_ms) = steady.as_ref().map(|of| (of.boot.as_str(), of.ms)).unzip();
    let sql = "UPDATE settings SET server_ms = ?1, clock_wall_ms = ?2, clock_boot = ?3, \
               clock_steady_ms = ?4";
    tx.execute(sql, params![server_ms, wall_ms, boot, steady_ms])?;
    Ok(())
}

/// By how much the device's clock was ahead of the server's when they last met.
pub(crate) fn clock_off_ms(connection: &Connection) -> Result<Option<i64>, Error> {
    Ok(connection.query_row("SELECT clock_off_ms FROM settings", [], |row| row.get(0))?)
}
