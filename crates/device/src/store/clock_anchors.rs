//! The last "now" noted on each visit, with what the steady clock read then.

use mizan_protocol::id::VisitId;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::clock::Anchor;
use crate::error::Error;

pub(crate) fn find(connection: &Connection, visit: VisitId) -> Result<Option<Anchor>, Error> {
    let sql = "SELECT at_ms, boot, steady_ms FROM clock_anchors WHERE visit = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![visit.0], |row| {
        Ok(Anchor { at_ms: row.get(0)?, boot: row.get(1)?, steady_ms: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// Keeps the anchor of the last "now", or none when the steady clock was not read.
pub(crate) fn set(
    tx: &Transaction<'_>,
    visit: VisitId,
    anchor: Option<&Anchor>,
) -> Result<(), Error> {
    match anchor {
        Some(Anchor { at_ms, boot, steady_ms }) => {
            let sql = "INSERT INTO clock_anchors (visit, at_ms, boot, steady_ms) \
                       VALUES (?1, ?2, ?3, ?4) ON CONFLICT (visit) DO UPDATE SET \
                       at_ms = excluded.at_ms, boot = excluded.boot, steady_ms = excluded.steady_ms";
            tx.prepare_cached(sql)?.execute(params![visit.0, at_ms, boot, steady_ms])?;
        }
        None => {
            let sql = "DELETE FROM clock_anchors WHERE visit = ?1";
            tx.prepare_cached(sql)?.execute(params![visit.0])?;
        }
    }
    Ok(())
}
