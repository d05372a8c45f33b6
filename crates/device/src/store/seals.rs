//! What became of each sealed evaluation; the sealed text itself is its record, never altered.

use std::collections::BTreeMap;

use mizan_protocol::canonical::{Digest, NotADigest};
use mizan_protocol::id::VisitId;
use rusqlite::{Connection, Row, Transaction, params};

use crate::error::Error;

/// What the server said to a sealed evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealOutcome {
    /// It is on record.
    Applied,
    /// It was refused.
    Rejected,
    /// Another version is on record.
    Conflict,
}

impl SealOutcome {
    fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Rejected => "rejected",
            Self::Conflict => "conflict",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Applied, Self::Rejected, Self::Conflict].into_iter().find(|of| of.word() == word)
    }
}

/// One sealed evaluation of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Counts the seals of the visit from 1.
    pub number: u32,
    /// The revision it was sealed as.
    pub revision: u32,
    /// When, milliseconds since 1970 UTC.
    pub sealed_ms: i64,
    /// What the server said, once it did.
    pub outcome: Option<SealOutcome>,
    /// The revision of the visit's record at that time.
    pub settled_visit_rev: Option<i64>,
    /// When the server had the record and every file it names.
    pub complete_ms: Option<i64>,
}

pub(crate) fn insert(tx: &Transaction<'_>, visit: VisitId, seal: &Seal) -> Result<(), Error> {
    let sql = "INSERT INTO seals (visit, number, revision, sealed_ms) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![visit.0, seal.number, seal.revision, seal.sealed_ms])?;
    Ok(())
}

pub(crate) fn settle(
    tx: &Transaction<'_>,
    visit: VisitId,
    number: &str,
    outcome: Option<SealOutcome>,
    visit_rev: Option<i64>,
) -> Result<(), Error> {
    let sql = "UPDATE seals SET outcome = ?3, settled_visit_rev = ?4 \
               WHERE visit = ?1 AND number = CAST(?2 AS INTEGER)";
    tx.execute(sql, params![visit.0, number, outcome.map(SealOutcome::word), visit_rev])?;
    Ok(())
}

/// What the server took is to be asked about again.
pub(crate) fn forget_server(tx: &Transaction<'_>) -> Result<(), Error> {
    let sql = "UPDATE seals SET outcome = NULL, settled_visit_rev = NULL, complete_ms = NULL \
               WHERE outcome = 'applied'";
    tx.execute(sql, [])?;
    Ok(())
}

pub(crate) fn complete(
    tx: &Transaction<'_>,
    visit: VisitId,
    number: u32,
    now_ms: i64,
) -> Result<(), Error> {
    let sql = "UPDATE seals SET complete_ms = ?3 WHERE visit = ?1 AND number = ?2";
    tx.execute(sql, params![visit.0, number, now_ms])?;
    Ok(())
}

/// The seals of a visit, oldest first.
pub(crate) fn of_visit(connection: &Connection, visit: VisitId) -> Result<Vec<Seal>, Error> {
    let sql = "SELECT number, revision, sealed_ms, outcome, settled_visit_rev, complete_ms \
               FROM seals WHERE visit = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![visit.0], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every seal with the digest of its sealed text, the newest first.
pub(crate) fn all(connection: &Connection) -> Result<Vec<(VisitId, Seal, Digest)>, Error> {
    let mut statement = connection.prepare_cached(include_str!("seals_all.sql"))?;
    let rows = statement.query_map([], |row| {
        let sha256 = digest_from(&row.get::<_, String>(7)?, 7)?;
        Ok((VisitId(row.get(6)?), from_row(row)?, sha256))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The digest of each sealed text of a visit, by number.
pub(crate) fn digests(
    connection: &Connection,
    visit: VisitId,
) -> Result<BTreeMap<u32, Digest>, Error> {
    let sql = "SELECT CAST(part AS INTEGER), json_extract(body, '$.sealed.sha256') \
               FROM own_records WHERE visit = ?1 AND kind = 'evaluation'";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![visit.0], |row| {
        Ok((row.get(0)?, digest_from(&row.get::<_, String>(1)?, 1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The seals the server has on record without, as far as is known, all their files.
pub(crate) fn incomplete(connection: &Connection) -> Result<Vec<(VisitId, u32)>, Error> {
    let sql = "SELECT visit, number FROM seals WHERE outcome = 'applied' AND complete_ms IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((VisitId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn digest_from(text: &str, column: usize) -> rusqlite::Result<Digest> {
    text.parse().map_err(|fault: NotADigest| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, fault.into())
    })
}

/// The seals that the server may have yet to get, or files of them: neither refused nor complete.
pub(crate) fn unconfirmed(connection: &Connection) -> Result<Vec<(VisitId, u32)>, Error> {
    let sql = "SELECT visit, number FROM seals WHERE complete_ms IS NULL \
               AND (outcome IS NULL OR outcome = 'applied') ORDER BY sealed_ms, visit, number";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((VisitId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Seal> {
    let word: Option<String> = row.get(3)?;
    Ok(Seal {
        number: row.get(0)?,
        revision: row.get(1)?,
        sealed_ms: row.get(2)?,
        outcome: word.as_deref().and_then(SealOutcome::from_word),
        settled_visit_rev: row.get(4)?,
        complete_ms: row.get(5)?,
    })
}
