//! The evidence files: what they are, the key of each, and whether the server has them.

use mizan_protocol::canonical::Digest;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::error::Error;
use crate::evidence::FileKey;
use crate::store::own_records::digest;

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceFile {
    pub(crate) sha256: Digest,
    pub(crate) key: FileKey,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
}

pub(crate) fn insert(tx: &Transaction<'_>, file: &EvidenceFile, now_ms: i64) -> Result<(), Error> {
    tx.execute(
        include_str!("evidence_files_insert.sql"),
        params![
            file.sha256.as_bytes(),
            file.key.key.as_slice(),
            file.key.nonce,
            file.media_type,
            file.bytes as i64,
            now_ms,
        ],
    )?;
    Ok(())
}

pub(crate) fn find(
    connection: &Connection,
    sha256: &Digest,
) -> Result<Option<EvidenceFile>, Error> {
    let sql = "SELECT file_key, nonce, media_type, bytes FROM evidence_files \
               WHERE sha256 = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![sha256.as_bytes()], |row| {
        Ok(EvidenceFile {
            sha256: *sha256,
            key: FileKey { key: zeroize::Zeroizing::new(row.get(0)?), nonce: row.get(1)? },
            media_type: row.get(2)?,
            bytes: row.get::<_, i64>(3)? as u64,
        })
    });
    Ok(found.optional()?)
}

/// A file as it is listed, without its key.
pub(crate) struct ListedFile {
    pub(crate) sha256: Digest,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    pub(crate) sent_ms: Option<i64>,
}

/// Every file, the newest first.
pub(crate) fn all(connection: &Connection) -> Result<Vec<ListedFile>, Error> {
    let sql = "SELECT sha256, media_type, bytes, sent_ms FROM evidence_files \
               ORDER BY stored_ms DESC, sha256";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(ListedFile {
            sha256: digest(row.get(0)?),
            media_type: row.get(1)?,
            bytes: row.get::<_, i64>(2)? as u64,
            sent_ms: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn mark_sent(tx: &Transaction<'_>, sha256: &Digest, now_ms: i64) -> Result<(), Error> {
    let sql = "UPDATE evidence_files SET sent_ms = ?2, upload = NULL \
               WHERE sha256 = ?1 AND sent_ms IS NULL";
    tx.prepare_cached(sql)?.execute(params![sha256.as_bytes(), now_ms])?;
    Ok(())
}

/// Where on the server a file is on its way; `None` when it is not, or no longer.
pub(crate) fn set_upload(
    tx: &Transaction<'_>,
    sha256: &Digest,
    upload: Option<&str>,
) -> Result<(), Error> {
    let sql = "UPDATE evidence_files SET upload = ?2 WHERE sha256 = ?1";
    tx.prepare_cached(sql)?.execute(params![sha256.as_bytes(), upload])?;
    Ok(())
}

pub(crate) fn upload(connection: &Connection, sha256: &Digest) -> Result<Option<String>, Error> {
    let sql = "SELECT upload FROM evidence_files WHERE sha256 = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![sha256.as_bytes()], |row| row.get(0));
    Ok(found.optional()?.flatten())
}

/// The server turns out not to have it.
pub(crate) fn mark_unsent(tx: &Transaction<'_>, sha256: &Digest) -> Result<(), Error> {
    let sql = "UPDATE evidence_files SET sent_ms = NULL WHERE sha256 = ?1";
    tx.prepare_cached(sql)?.execute(params![sha256.as_bytes()])?;
    Ok(())
}

/// The server may have none of them any more.
pub(crate) fn forget_server(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute("UPDATE evidence_files SET sent_ms = NULL", [])?;
    Ok(())
}

pub(crate) fn is_sent(connection: &Connection, sha256: &Digest) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM evidence_files \
               WHERE sha256 = ?1 AND sent_ms IS NOT NULL)";
    Ok(connection.prepare_cached(sql)?.query_row(params![sha256.as_bytes()], |row| row.get(0))?)
}

pub(crate) fn count_unsent(connection: &Connection) -> Result<usize, Error> {
    let sql = "SELECT count(*) FROM evidence_files WHERE sent_ms IS NULL";
    let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(count as usize)
}
