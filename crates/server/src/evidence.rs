//! Evidence files: kept encrypted under the digest of their bytes, once they are what they are said to
//! be and carry nothing the programme does not keep.
//!
//! `place` is where they lie, `vault` what they look like there; `tus`, `uploads` and `intake`
//! take them in by the tus protocol, bundles by `keep`.

pub(crate) mod intake;
pub mod place;
pub(crate) mod quota;
mod turns;
pub(crate) mod tus;
pub(crate) mod uploads;
mod vault;

use std::sync::Arc;

use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::media::{self, MAX_BYTES, MediaFault, TYPES};
use mizan_protocol::proof::{Fault, Site, is_planted, reached};

pub use self::place::{EvidencePlace, S3};
pub use self::quota::EvidenceQuota;
pub(crate) use self::turns::Turns;
pub(crate) use self::vault::Vault;
use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::retention;
use crate::rights::{Action, may};
use crate::tx::{Tx, first, params};

/// Takes in a file under the digest of its bytes. Taken in again, it changes nothing.
pub(crate) async fn keep(
    app: &App,
    caller: &Caller,
    sha256: Digest,
    media_type: String,
    bytes: Vec<u8>,
) -> Result<(), Error> {
    let length = bytes.len();
    let _room = app.vault.room().await?;
    let (bytes, media_type) = checked(sha256, media_type, bytes).await?;
    let (caller, now, quota) = (*caller, app.now(), app.quota);
    let room = move |tx: &mut dyn Tx| match is_kept(tx, &caller, sha256)? {
        true => Ok(()),
        false => quota.require(tx, &caller, length as u64, now),
    };
    app.store.read(room).await?;
    app.vault.put(sha256, bytes).await?;
    reached(Site::ServerFileWritten);
    let record = move |tx: &mut dyn Tx| record(tx, &caller, sha256, &media_type, length, now);
    app.store.write(record).await?;
    app.figures.evidence_bytes.inc_by(length as u64);
    Ok(())
}

/// Holds a file against what it is said to be, off the async workers.
async fn checked(
    sha256: Digest,
    media_type: String,
    bytes: Vec<u8>,
) -> Result<(Vec<u8>, String), Error> {
    let check = move || check(sha256, &media_type, &bytes).map(|()| (bytes, media_type));
    tokio::task::spawn_blocking(check).await.unwrap_or(Err(Error::Stopped))
}

/// Refuses a file that is too large, is not what it is said to be, or carries metadata.
pub(crate) fn check(sha256: Digest, media_type: &str, bytes: &[u8]) -> Result<(), Error> {
    check_said(media_type, bytes.len() as u64)?;
    let found = Digest::of(bytes);
    if found != sha256 && !is_planted(Fault::HashNotChecked) {
        let error = ErrorBody::new("evidence.hash_mismatch").with("named", sha256);
        return Err(Error::Refused(error.with("found", found).with("bytes", bytes.len())));
    }
    media::check_clean(bytes, media_type).map_err(refused)
}

/// Refuses by what is known before the bytes are there.
pub(crate) fn check_said(media_type: &str, bytes: u64) -> Result<(), Error> {
    match usize::try_from(bytes).unwrap_or(usize::MAX) {
        0 => Err(refused(MediaFault::Empty)),
        bytes if bytes > MAX_BYTES => Err(refused(MediaFault::TooLarge { bytes })),
        _ if !TYPES.contains(&media_type) => {
            Err(refused(MediaFault::Type { found: media_type.chars().take(80).collect() }))
        }
        _ => Ok(()),
    }
}

fn refused(fault: MediaFault) -> Error {
    Error::Refused(fault.body())
}

/// Records that bytes are there. Sent again, it changes nothing.
fn record(
    tx: &mut dyn Tx,
    caller: &Caller,
    sha256: Digest,
    media_type: &str,
    bytes: usize,
    now: i64,
) -> Result<(), Error> {
    let added = tx.exec(
        "INSERT INTO evidence (sha256, media_type, bytes, person_id, received_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (sha256, person_id) DO NOTHING",
        params![sha256, media_type, bytes as i64, caller.person.0, now],
    )?;
    if added > 0 {
        let sql = "INSERT INTO evidence_total (id, bytes) VALUES (1, $1) ON CONFLICT (id)
                   DO UPDATE SET bytes = evidence_total.bytes + excluded.bytes";
        tx.exec(sql, params![bytes as i64])?;
    }
    Ok(())
}

/// Whether the caller has sent a file already.
pub(crate) fn is_kept(tx: &mut dyn Tx, caller: &Caller, sha256: Digest) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM evidence WHERE sha256 = $1 AND person_id = $2";
    Ok(first(tx, sql, params![sha256, caller.person.0])?.is_some())
}

/// Which of these the caller has yet to send. What another person sent counts as missing, so that
/// nobody learns what others hold.
pub(crate) fn missing(
    tx: &mut dyn Tx,
    caller: &Caller,
    asked: &[Digest],
) -> Result<Vec<Digest>, Error> {
    let mut missing = Vec::new();
    for sha256 in asked {
        if !is_kept(tx, caller, *sha256)? {
            missing.push(*sha256);
        }
    }
    Ok(missing)
}

/// Says that a file was taken away in its time, where that is why it is not there.
pub(crate) fn or_purged(tx: &mut dyn Tx, sha256: Digest, error: Error) -> Error {
    match (error, retention::purged_day(tx, sha256)) {
        (Error::NotFound, Ok(Some(day))) => {
            Error::Refused(ErrorBody::new("evidence.purged").with("day", day))
        }
        (error, _) => error,
    }
}

/// The media type of a file the caller may see: a reviewer one that a submitted evaluation names, the
/// others one of a visit that counts.
pub(crate) fn media_type(
    tx: &mut dyn Tx,
    caller: &Caller,
    sha256: Digest,
) -> Result<String, Error> {
    if !may(caller.role, Action::Review) {
        let sql = "SELECT e.media_type FROM evidence e WHERE e.sha256 = $1
                   AND EXISTS (SELECT 1 FROM evaluation_evidence n JOIN visits v ON v.id = n.visit_id
                   WHERE n.sha256 = e.sha256 AND v.state IN ('validated', 'counted'))";
        return Ok(crate::tx::one(tx, sql, params![sha256])?.text(0)?.to_owned());
    }
    let sql = "SELECT e.media_type FROM evidence e WHERE e.sha256 = $1
               AND EXISTS (SELECT 1 FROM evaluation_evidence v WHERE v.sha256 = e.sha256)";
    Ok(crate::tx::one(tx, sql, params![sha256])?.text(0)?.to_owned())
}

/// The media type of a file the caller sent: another device of theirs fetches it back.
pub(crate) fn own_media_type(
    tx: &mut dyn Tx,
    caller: &Caller,
    sha256: Digest,
) -> Result<String, Error> {
    let sql = "SELECT media_type FROM evidence WHERE sha256 = $1 AND person_id = $2";
    Ok(crate::tx::one(tx, sql, params![sha256, caller.person.0])?.text(0)?.to_owned())
}

/// Sweeps expired uploads and purged files away from time to time, until it is dropped.
pub(crate) async fn sweep_now_and_then(app: Arc<App>) {
    /// Often enough: what is swept is a day old.
    const PAUSE: std::time::Duration = std::time::Duration::from_secs(600);
    loop {
        if let Err(error) = uploads::sweep(&app, usize::MAX).await {
            tracing::warn!(cause = %error, "expired uploads were not swept");
        }
        if let Err(error) = retention::take_away(&app).await {
            tracing::warn!(cause = %error, "purged files were not taken away");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
