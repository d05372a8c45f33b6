//! Evidence files: kept under the digest of their bytes.

use std::path::{Path, PathBuf};

use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use tokio::io::AsyncWriteExt as _;

use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::tx::{Tx, first, params};

/// The largest file accepted.
pub(crate) const MAX_EVIDENCE_BYTES: usize = 20 << 20;

/// The media types accepted.
pub(crate) const MEDIA_TYPES: [&str; 8] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "application/pdf",
    "text/plain",
    "text/csv",
    "message/rfc822",
];

/// Where the bytes of a digest lie.
pub(crate) fn path_of(root: &Path, sha256: Digest) -> PathBuf {
    let name = sha256.to_string();
    root.join(&name[..2]).join(name)
}

/// Takes in a file under the digest of its bytes. Taken in again, it changes nothing.
pub(crate) async fn keep(
    app: &App,
    caller: &Caller,
    sha256: Digest,
    media_type: String,
    bytes: &[u8],
) -> Result<(), Error> {
    check(sha256, &media_type, bytes.len(), Digest::of(bytes))?;
    write(&path_of(&app.evidence, sha256), bytes).await?;
    let (caller, now, length) = (*caller, app.now(), bytes.len());
    let record = move |tx: &mut dyn Tx| record(tx, &caller, sha256, &media_type, length, now);
    app.store.write(record).await
}

/// Checks what a file is said to be against what it was found to be.
pub(crate) fn check(
    sha256: Digest,
    media_type: &str,
    bytes: usize,
    found: Digest,
) -> Result<(), Error> {
    if bytes > MAX_EVIDENCE_BYTES {
        let error = ErrorBody::new("evidence.too_large").with("max_bytes", MAX_EVIDENCE_BYTES);
        return Err(Error::Refused(error));
    }
    if !MEDIA_TYPES.contains(&media_type) {
        return Err(Error::invalid("content-type", media_type, &MEDIA_TYPES.join(", ")));
    }
    if found != sha256 {
        let error = ErrorBody::new("evidence.hash_mismatch").with("named", sha256);
        return Err(Error::Refused(error.with("found", found).with("bytes", bytes)));
    }
    Ok(())
}

/// Writes bytes so that they are either wholly there or not at all.
async fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file_error = |source| Error::File { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(path);
    tokio::fs::create_dir_all(folder).await.map_err(file_error)?;
    let unfinished = path.with_extension(uuid::Uuid::new_v4().simple().to_string());
    let written = async {
        let mut file = tokio::fs::File::create(&unfinished).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        tokio::fs::rename(&unfinished, path).await?;
        tokio::fs::File::open(folder).await?.sync_all().await
    };
    let written = written.await;
    if written.is_err() {
        // The upload is refused either way; a part that stays behind only takes room.
        drop(tokio::fs::remove_file(&unfinished).await);
    }
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::StorageFull => Error::DiskFull,
        _ => file_error(source),
    })
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
    tx.exec(
        "INSERT INTO evidence (sha256, media_type, bytes, person_id, received_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (sha256, person_id) DO NOTHING",
        params![sha256, media_type, bytes as i64, caller.person.0, now],
    )?;
    Ok(())
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
        let sql = "SELECT 1 FROM evidence WHERE sha256 = $1 AND person_id = $2";
        if first(tx, sql, params![*sha256, caller.person.0])?.is_none() {
            missing.push(*sha256);
        }
    }
    Ok(missing)
}

/// The media type of a file a reviewer may see: one that a submitted evaluation names.
pub(crate) fn media_type(tx: &mut dyn Tx, sha256: Digest) -> Result<String, Error> {
    let sql = "SELECT e.media_type FROM evidence e WHERE e.sha256 = $1
               AND EXISTS (SELECT 1 FROM evaluation_evidence v WHERE v.sha256 = e.sha256)";
    Ok(crate::tx::one(tx, sql, params![sha256])?.text(0)?.to_owned())
}
