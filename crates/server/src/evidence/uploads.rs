//! Uploads under way: whose, of what, and how far. The parts lie in the vault; here is which of them
//! count.
//!
//! An upload belongs to the person who began it; for everybody else it does not exist. One that is at its
//! full length is evidence: both become so in one transaction.

use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use uuid::Uuid;

use super::quota::EvidenceQuota;
use super::tus::Creation;
use super::vault::Part;
use super::{check_said, is_kept, record};
use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::tx::{Row, Tx, first, one, params};

/// How long an upload is waited for after its last byte.
const LASTS_MS: i64 = 24 * 3_600_000;

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    /// Its id, random.
    pub(crate) id: Uuid,
    /// The digest the whole is to have.
    pub(crate) sha256: Digest,
    /// The type the whole is to be of.
    pub(crate) media_type: String,
    /// What its creator said of it.
    pub(crate) metadata: String,
    /// How many bytes it is to have.
    pub(crate) length: u64,
    /// How many it has.
    pub(crate) received: u64,
    /// Until when it is waited for.
    pub(crate) expires_at: i64,
}

impl Upload {
    /// Refuses bytes for another place than the next.
    pub(super) fn elsewhere(&self) -> Error {
        Error::Refused(ErrorBody::new("upload.offset").with("offset", self.received))
    }
}

/// Begins an upload. Of what the caller has sent already it is at its end from its beginning.
pub(crate) fn create(
    tx: &mut dyn Tx,
    caller: &Caller,
    new: &Creation,
    quota: &EvidenceQuota,
    now: i64,
) -> Result<Upload, Error> {
    check_said(&new.media_type, new.length)?;
    let is_kept = is_kept(tx, caller, new.sha256)?;
    if is_kept && let Some(known) = find_finished(tx, caller, new, now)? {
        return Ok(known);
    }
    if !is_kept {
        quota.require(tx, caller, new.length, now)?;
    }
    let upload = Upload {
        id: Uuid::new_v4(),
        sha256: new.sha256,
        media_type: new.media_type.clone(),
        metadata: new.metadata.clone(),
        length: new.length,
        received: if is_kept { new.length } else { 0 },
        expires_at: now + LASTS_MS,
    };
    tx.exec(
        "INSERT INTO uploads
             (id, person_id, sha256, media_type, metadata, length, received, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            upload.id,
            caller.person.0,
            upload.sha256,
            &upload.media_type,
            &upload.metadata,
            upload.length as i64,
            upload.received as i64,
            upload.expires_at
        ],
    )?;
    Ok(upload)
}

/// An upload that is at its end, so that asking again and again leaves one behind and not many.
fn find_finished(
    tx: &mut dyn Tx,
    caller: &Caller,
    new: &Creation,
    now: i64,
) -> Result<Option<Upload>, Error> {
    let sql = "SELECT id, sha256, media_type, metadata, length, received, expires_at FROM uploads
               WHERE person_id = $1 AND sha256 = $2 AND metadata = $3 AND received = length
               AND length = $4 AND expires_at > $5";
    let key = params![caller.person.0, new.sha256, &new.metadata, new.length as i64, now];
    first(tx, sql, key)?.as_ref().map(upload_of).transpose()
}

/// The caller's upload.
pub(crate) fn find(tx: &mut dyn Tx, caller: &Caller, id: Uuid, now: i64) -> Result<Upload, Error> {
    let sql = "SELECT id, sha256, media_type, metadata, length, received, expires_at FROM uploads
               WHERE id = $1 AND person_id = $2 AND expires_at > $3";
    upload_of(&one(tx, sql, params![id, caller.person.0, now])?)
}

fn upload_of(row: &Row) -> Result<Upload, Error> {
    Ok(Upload {
        id: row.id(0)?,
        sha256: row.digest(1)?,
        media_type: row.text(2)?.to_owned(),
        metadata: row.text(3)?.to_owned(),
        length: row.int(4)?.unsigned_abs(),
        received: row.int(5)?.unsigned_abs(),
        expires_at: row.int(6)?,
    })
}

/// Counts more parts in, if nobody else has meanwhile.
pub(super) fn advance(
    tx: &mut dyn Tx,
    upload: &Upload,
    parts: &[Part],
    now: i64,
) -> Result<Upload, Error> {
    let more: u64 = parts.iter().map(|part| part.bytes).sum();
    let moved = move_to(tx, upload, upload.received + more, now)?;
    let rows: Vec<_> = parts
        .iter()
        .map(|part| params![part.upload, part.start as i64, part.bytes as i64, part.id].to_vec())
        .collect();
    let sql = "INSERT INTO upload_parts (upload_id, start, bytes, part_id) VALUES ($1, $2, $3, $4)";
    tx.exec_many(sql, &rows)?;
    Ok(moved)
}

/// Ends an upload whose whole is kept: from here on it is evidence.
pub(super) fn finish(
    tx: &mut dyn Tx,
    caller: &Caller,
    upload: &Upload,
    now: i64,
) -> Result<Upload, Error> {
    let finished = move_to(tx, upload, upload.length, now)?;
    tx.exec("DELETE FROM upload_parts WHERE upload_id = $1", params![upload.id])?;
    record(tx, caller, upload.sha256, &upload.media_type, upload.length as usize, now)?;
    Ok(finished)
}

/// Moves an upload on from where its reader saw it. Of two who saw the same, one is refused.
fn move_to(tx: &mut dyn Tx, upload: &Upload, received: u64, now: i64) -> Result<Upload, Error> {
    let moved = Upload { received, expires_at: now + LASTS_MS, ..upload.clone() };
    let changed = tx.exec(
        "UPDATE uploads SET received = $1, expires_at = $2
         WHERE id = $3 AND received = $4 AND expires_at > $5",
        params![received as i64, moved.expires_at, upload.id, upload.received as i64, now],
    )?;
    if changed == 1 { Ok(moved) } else { Err(upload.elsewhere()) }
}

/// The parts of an upload, from its beginning.
pub(super) fn parts(tx: &mut dyn Tx, upload: Uuid) -> Result<Vec<Part>, Error> {
    let sql = "SELECT start, bytes, part_id FROM upload_parts WHERE upload_id = $1 ORDER BY start";
    let part = |row: &Row| {
        let (start, bytes) = (row.int(0)?.unsigned_abs(), row.int(1)?.unsigned_abs());
        Ok(Part { upload, start, bytes, id: row.id(2)? })
    };
    tx.query(sql, params![upload])?.iter().map(part).collect()
}

/// Ends an upload before its time and takes away what there is of it.
pub(crate) async fn abandon(app: &App, id: Uuid) -> Result<(), Error> {
    // Out of everybody's sight first; if the rest fails, it is swept later.
    let hide = "UPDATE uploads SET expires_at = 0 WHERE id = $1";
    app.store.write(move |tx| tx.exec(hide, params![id])).await?;
    remove(app, id).await
}

/// Takes away uploads that are waited for no longer, so many at most.
pub(crate) async fn sweep(app: &App, most: usize) -> Result<(), Error> {
    let now = app.now();
    let sql = "SELECT id FROM uploads WHERE expires_at <= $1";
    let expired = app.store.read(move |tx| tx.query(sql, params![now])).await?;
    for row in expired.iter().take(most) {
        remove(app, row.id(0)?).await?;
    }
    Ok(())
}

/// Takes an upload away that nobody sees any more: its objects first, so that none is forgotten.
async fn remove(app: &App, id: Uuid) -> Result<(), Error> {
    app.vault.remove_upload(id).await?;
    let rows = move |tx: &mut dyn Tx| {
        tx.exec("DELETE FROM upload_parts WHERE upload_id = $1", params![id])?;
        tx.exec("DELETE FROM uploads WHERE id = $1", params![id])
    };
    app.store.write(rows).await.map(|_| ())
}
