//! Which file proves what.

use std::collections::{BTreeMap, BTreeSet};

use mizan_domain::rubric::EvidenceKind;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::VisitId;
use rusqlite::{Connection, Row, Transaction, params};

use crate::error::Error;
use crate::store::own_records::digest;

/// One piece of evidence of one criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceItem {
    /// The criterion it proves.
    pub criterion: String,
    /// The SHA-256 of the plain bytes.
    pub sha256: Digest,
    /// What it shows.
    pub kind: EvidenceKind,
    /// Its media type.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
    /// When it was attached, milliseconds since 1970 UTC.
    pub attached_ms: i64,
    /// Whether the server has it.
    pub is_sent: bool,
}

/// Attaches a file; one that was attached and taken off comes back.
pub(crate) fn put(
    tx: &Transaction<'_>,
    visit: VisitId,
    criterion: &str,
    sha256: &Digest,
    kind: EvidenceKind,
    now_ms: i64,
) -> Result<(), Error> {
    let sql = include_str!("evidence_links_put.sql");
    tx.execute(sql, params![visit.0, criterion, sha256.as_bytes(), kind.word(), now_ms])?;
    Ok(())
}

/// Takes a file off a criterion; `false` when it was not on it.
pub(crate) fn remove(
    tx: &Transaction<'_>,
    visit: VisitId,
    criterion: &str,
    sha256: &Digest,
    now_ms: i64,
) -> Result<bool, Error> {
    let sql = "UPDATE evidence_links SET removed_ms = ?4 \
               WHERE visit = ?1 AND criterion = ?2 AND sha256 = ?3 AND removed_ms IS NULL";
    Ok(tx.execute(sql, params![visit.0, criterion, sha256.as_bytes(), now_ms])? > 0)
}

/// The evidence of a visit, sorted by criterion and digest.
pub(crate) fn of_visit(
    connection: &Connection,
    visit: VisitId,
) -> Result<Vec<EvidenceItem>, Error> {
    let mut statement = connection.prepare_cached(include_str!("evidence_links_of_visit.sql"))?;
    let rows = statement.query_map(params![visit.0], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The evidence of one criterion of a visit.
pub(crate) fn of_criterion(
    connection: &Connection,
    visit: VisitId,
    criterion: &str,
) -> Result<Vec<EvidenceItem>, Error> {
    let sql = include_str!("evidence_links_of_criterion.sql");
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![visit.0, criterion], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every file that is or was attached to a visit, by criterion.
pub(crate) fn ever_attached(
    connection: &Connection,
    visit: VisitId,
) -> Result<BTreeSet<(String, Digest)>, Error> {
    let sql = "SELECT criterion, sha256 FROM evidence_links WHERE visit = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map(params![visit.0], |row| Ok((row.get(0)?, digest(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The visits each attached file belongs to.
pub(crate) fn visits_by_file(
    connection: &Connection,
) -> Result<BTreeMap<Digest, BTreeSet<VisitId>>, Error> {
    let sql = "SELECT sha256, visit FROM evidence_links WHERE removed_ms IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((digest(row.get(0)?), VisitId(row.get(1)?))))?;
    let mut visits: BTreeMap<Digest, BTreeSet<VisitId>> = BTreeMap::new();
    for row in rows {
        let (sha256, visit) = row?;
        visits.entry(sha256).or_default().insert(visit);
    }
    Ok(visits)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<EvidenceItem> {
    let word: String = row.get(2)?;
    let kind = EvidenceKind::from_word(&word).ok_or_else(|| {
        let unknown = format!("there is no kind of evidence `{word}`");
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, unknown.into())
    })?;
    Ok(EvidenceItem {
        criterion: row.get(0)?,
        sha256: digest(row.get(1)?),
        kind,
        media_type: row.get(3)?,
        bytes: row.get::<_, i64>(4)? as u64,
        attached_ms: row.get(5)?,
        is_sent: row.get(6)?,
    })
}
