//! How long the evidence of a cycle is kept (M18, M22), and its end.
//!
//! Scores, notes and seals stay, so that every published figure can be reckoned again; of the files their
//! digests do. A file that a visit of another cycle names too stays with it, and so does one that somebody
//! else sent for a visit that is not handed in yet.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::CycleId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::Caller;
use crate::app::App;
use crate::appeals::day_of;
use crate::error::Error;
use crate::tx::{Row, Tx, first, one, params};

/// Files taken away between two looks at the queue.
const AT_ONCE: i64 = 64;

/// How long evidence is kept.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct SetRetention {
    /// Days after the cycle was closed, 1 to 3650.
    #[schema(minimum = 1, maximum = 3650)]
    pub(crate) days: i64,
}

/// How long the evidence of a cycle is kept, and what there is of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Retention {
    /// Days after the cycle was closed.
    pub(crate) days: i64,
    /// The first day on which it may be taken away, `YYYY-MM-DD`; none before the cycle is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<String>,
    /// Whether it may be taken away now.
    pub(crate) is_due: bool,
    /// Files that would go.
    pub(crate) files: i64,
    /// Their bytes.
    pub(crate) bytes: i64,
    /// When it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purged: Option<Purged>,
}

/// What was taken away.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Purged {
    /// The day, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// How many files.
    pub(crate) files: i64,
    /// Their bytes.
    pub(crate) bytes: i64,
}

/// How long the evidence of a cycle is kept, and what there is of it.
pub(crate) fn read(tx: &mut dyn Tx, cycle: CycleId, now: i64) -> Result<Retention, Error> {
    let row =
        one(tx, "SELECT retention_days, closed_at FROM cycles WHERE id = $1", params![cycle.0])?;
    let (days, closed) = (row.int(0)?, row.opt_int(1)?);
    let due = closed.map(|closed| due(closed, days)).transpose()?;
    let sql = "SELECT files, bytes, at FROM purges WHERE cycle_id = $1";
    let purged = first(tx, sql, params![cycle.0])?.map(|row| purged_at(&row)).transpose()?;
    let today = day_of(now)?;
    let is_due = purged.is_none() && due.is_some_and(|due| due <= today);
    let (files, bytes) = match purged {
        Some(_) => (0, 0),
        None => size(&going(tx, cycle)?),
    };
    Ok(Retention { days, due: due.map(|due| due.to_string()), is_due, files, bytes, purged })
}

fn purged_at(row: &Row) -> Result<Purged, Error> {
    Ok(Purged { files: row.int(0)?, bytes: row.int(1)?, day: day_of(row.int(2)?)?.to_string() })
}

/// The first day on which evidence may go.
fn due(closed_at: i64, days: i64) -> Result<NaiveDate, Error> {
    let days = Days::new(u64::try_from(days).unwrap_or_default());
    day_of(closed_at)?.checked_add_days(days).ok_or(Error::Stopped)
}

/// A file that no other cycle needs, and its length.
struct Going {
    sha256: Digest,
    bytes: i64,
}

fn size(going: &[Going]) -> (i64, i64) {
    (going.len() as i64, going.iter().map(|file| file.bytes).sum())
}

/// The files that visits of a cycle name and nobody else needs.
fn going(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<Going>, Error> {
    let rows = tx.query(include_str!("sql/evidence_of_cycle.sql"), params![cycle.0])?;
    rows.iter().map(|row| Ok(Going { sha256: row.digest(0)?, bytes: row.int(1)? })).collect()
}

/// Sets how long the evidence of a cycle is kept.
pub(crate) fn set(
    tx: &mut dyn Tx,
    cycle: CycleId,
    set: &SetRetention,
    now: i64,
) -> Result<Retention, Error> {
    if !(1..=3_650).contains(&set.days) {
        return Err(Error::invalid("days", set.days, "1 to 3650"));
    }
    let sql = "UPDATE cycles SET retention_days = $2 WHERE id = $1";
    if tx.exec(sql, params![cycle.0, set.days])? == 0 {
        return Err(Error::NotFound);
    }
    read(tx, cycle, now)
}

/// Takes the evidence of a cycle out of the database. The files themselves go by [`take_away`].
pub(crate) fn purge(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
    now: i64,
) -> Result<Retention, Error> {
    let found = read(tx, cycle, now)?;
    if !found.is_due {
        let body = ErrorBody::new("retention.not_due");
        return Err(Error::Refused(match (found.purged, found.due) {
            (Some(purged), _) => body.with("purged", purged.day),
            (None, Some(due)) => body.with("due", due),
            (None, None) => body,
        }));
    }
    for file in going(tx, cycle)? {
        let sql = "SELECT CAST(SUM(bytes) AS BIGINT) FROM evidence WHERE sha256 = $1";
        let bytes = one(tx, sql, params![file.sha256])?.int(0)?;
        tx.exec("DELETE FROM evidence WHERE sha256 = $1", params![file.sha256])?;
        tx.exec("UPDATE evidence_total SET bytes = bytes - $1", params![bytes])?;
        let sql = "INSERT INTO purged_files (sha256) VALUES ($1) ON CONFLICT (sha256) DO NOTHING";
        tx.exec(sql, params![file.sha256])?;
    }
    let sql =
        "INSERT INTO purges (cycle_id, person_id, files, bytes, at) VALUES ($1, $2, $3, $4, $5)";
    tx.exec(sql, params![cycle.0, caller.person.0, found.files, found.bytes, now])?;
    read(tx, cycle, now)
}

/// Takes away the files that purges left, a few at a time, while nothing else is written where they lie.
pub(crate) async fn take_away(app: &Arc<App>) -> Result<(), Error> {
    loop {
        let _alone = app.vault.alone().await?;
        let waiting = app.store.read(waiting).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for sha256 in waiting {
            // Whoever sent it again meanwhile keeps it.
            let is_kept = move |tx: &mut dyn Tx| {
                let sql = "SELECT 1 FROM evidence WHERE sha256 = $1
                           UNION ALL SELECT 1 FROM appeal_files WHERE sha256 = $1";
                Ok(first(tx, sql, params![sha256])?.is_some())
            };
            if !app.store.read(is_kept).await? {
                app.vault.remove(sha256).await?;
            }
            let done = move |tx: &mut dyn Tx| {
                tx.exec("DELETE FROM purged_files WHERE sha256 = $1", params![sha256])
            };
            app.store.write(done).await?;
        }
    }
}

fn waiting(tx: &mut dyn Tx) -> Result<Vec<Digest>, Error> {
    let sql = "SELECT sha256 FROM purged_files ORDER BY sha256 LIMIT $1";
    tx.query(sql, params![AT_ONCE])?.iter().map(|row| row.digest(0)).collect()
}

/// The day on which a file was taken away.
pub(crate) fn purged_day(tx: &mut dyn Tx, sha256: Digest) -> Result<Option<String>, Error> {
    let sql = "SELECT MAX(p.at) FROM evaluation_evidence n JOIN visits v ON v.id = n.visit_id
               JOIN purges p ON p.cycle_id = v.cycle_id WHERE n.sha256 = $1";
    match one(tx, sql, params![sha256])?.opt_int(0)? {
        Some(at) => Ok(Some(day_of(at)?.to_string())),
        None => Ok(None),
    }
}
