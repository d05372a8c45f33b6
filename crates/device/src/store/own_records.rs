//! What is made on this device: bodies with their change marks, and the versions they replaced.

use std::collections::BTreeMap;

use mizan_protocol::canonical::Digest;
use mizan_protocol::id::{RecordId, VisitId};
use mizan_protocol::record;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::error::Error;

/// The kinds of records a device makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnKind {
    /// A visit was taken or handed back.
    Acceptance,
    /// One answer.
    Answer,
    /// The moments of a visit.
    Timeline,
    /// A sealed evaluation.
    Evaluation,
}

impl OwnKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Acceptance, Self::Answer, Self::Timeline, Self::Evaluation];

    /// The word it travels under.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Acceptance => record::ACCEPTANCE,
            Self::Answer => record::ANSWER,
            Self::Timeline => record::TIMELINE,
            Self::Evaluation => record::EVALUATION,
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Names one record of this device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnKey {
    /// The visit it belongs to.
    pub visit: VisitId,
    /// What it is.
    pub kind: OwnKind,
    /// The criterion of an answer, the number of a sealed evaluation, else empty.
    pub part: String,
}

/// One record with its change mark.
#[derive(Debug, Clone)]
pub(crate) struct OwnRecord {
    pub(crate) key: OwnKey,
    pub(crate) id: RecordId,
    pub(crate) rubric_v: Option<Digest>,
    /// Canonical JSON.
    pub(crate) body: String,
    pub(crate) base_rev: i64,
    pub(crate) generation: i64,
    pub(crate) synced_gen: i64,
    /// An answer that was cleared; its body is the one that was taken back.
    pub(crate) deleted: bool,
    pub(crate) way_back: WayBack,
}

/// Where undo leads from a version of an answer; other records have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WayBack {
    /// The mark of the version it goes back to; `None` when it takes the first answer back.
    pub(crate) to: Option<i64>,
    /// How many undos are left.
    pub(crate) undos: u32,
}

impl OwnRecord {
    /// The way back of a version that replaces this one. From an answer whose every step was undone
    /// there is nothing to go back to.
    pub(crate) fn way_back_here(&self) -> WayBack {
        let to = (self.way_back.undos > 0).then_some(self.generation);
        WayBack { to, undos: self.way_back.undos + 1 }
    }
}

impl WayBack {
    /// Of a first answer: undo clears it.
    pub(crate) const FIRST: Self = Self { to: None, undos: 1 };
}

/// A version that was replaced.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) generation: i64,
    pub(crate) body: String,
    pub(crate) deleted: bool,
    pub(crate) way_back: WayBack,
}

/// What is written for a change.
pub(crate) struct Change<'a> {
    pub(crate) key: &'a OwnKey,
    /// The id if the record is new.
    pub(crate) id: RecordId,
    pub(crate) rubric_v: Option<&'a Digest>,
    pub(crate) body: &'a str,
    pub(crate) generation: i64,
    pub(crate) deleted: bool,
    pub(crate) way_back: WayBack,
}

/// Writes a body and marks it dirty, in one statement; the trigger keeps the body it replaces.
pub(crate) fn put(tx: &Transaction<'_>, change: &Change<'_>) -> Result<(), Error> {
    tx.prepare_cached(include_str!("own_records_put.sql"))?.execute(params![
        change.key.visit.0,
        change.key.kind.word(),
        change.key.part,
        change.id.0,
        change.rubric_v.map(|digest| digest.as_bytes().as_slice()),
        change.body,
        change.generation,
        change.deleted,
        change.way_back.to,
        change.way_back.undos,
    ])?;
    Ok(())
}

/// The server has the record as of a mark; an edit made since stays dirty.
pub(crate) fn settle(
    tx: &Transaction<'_>,
    key: &OwnKey,
    generation: i64,
    rev: Option<i64>,
) -> Result<(), Error> {
    let sql = "UPDATE own_records SET synced_gen = max(synced_gen, ?4), \
               base_rev = coalesce(?5, base_rev) WHERE visit = ?1 AND kind = ?2 AND part = ?3";
    let values = params![key.visit.0, key.kind.word(), key.part, generation, rev];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Everything is to be sent again as if for the first time, except what stands refused.
pub(crate) fn forget_server(tx: &Transaction<'_>) -> Result<usize, Error> {
    Ok(tx.execute(include_str!("own_records_forget_server.sql"), [])?)
}

/// The server has an earlier version of this device's: the next change is based on that one.
pub(crate) fn rebase(tx: &Transaction<'_>, key: &OwnKey, rev: i64) -> Result<(), Error> {
    let sql = "UPDATE own_records SET base_rev = ?4 WHERE visit = ?1 AND kind = ?2 AND part = ?3";
    let values = params![key.visit.0, key.kind.word(), key.part, rev];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Marks a record dirty again without changing it.
pub(crate) fn mark(tx: &Transaction<'_>, key: &OwnKey, generation: i64) -> Result<(), Error> {
    let sql = "UPDATE own_records SET gen = ?4 WHERE visit = ?1 AND kind = ?2 AND part = ?3";
    let values = params![key.visit.0, key.kind.word(), key.part, generation];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

pub(crate) fn find(connection: &Connection, key: &OwnKey) -> Result<Option<OwnRecord>, Error> {
    let mut statement = connection.prepare_cached(include_str!("own_records_find.sql"))?;
    let found = statement.query_row(params![key.visit.0, key.kind.word(), key.part], from_row);
    Ok(found.optional()?)
}

/// The answers of a visit that stand, by criterion.
pub(crate) fn answers(connection: &Connection, visit: VisitId) -> Result<Vec<OwnRecord>, Error> {
    let mut statement = connection.prepare_cached(include_str!("own_records_answers.sql"))?;
    let rows = statement.query_map(params![visit.0], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many answers stand on each visit that has any, from the index alone.
pub(crate) fn count_answers(connection: &Connection) -> Result<BTreeMap<VisitId, usize>, Error> {
    let sql = "SELECT visit, count(*) FROM own_records \
               WHERE kind = 'answer' AND deleted = 0 GROUP BY visit";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let count: i64 = row.get(1)?;
        Ok((VisitId(row.get(0)?), count as usize))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is to be sent, in the order it was changed. Records with an open conflict wait for a person, and
/// those with a change on its way for its outcome: only that tells what the next is based on.
pub(crate) fn dirty(connection: &Connection, limit: usize) -> Result<Vec<OwnRecord>, Error> {
    let mut statement = connection.prepare_cached(include_str!("own_records_dirty.sql"))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![limit], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many records the server does not have as they are now.
pub(crate) fn count_unsent(connection: &Connection) -> Result<usize, Error> {
    let sql = "SELECT count(*) FROM own_records WHERE gen > synced_gen";
    let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(count as usize)
}

/// Whether anything of the visit itself was noted.
pub(crate) fn is_started(connection: &Connection, visit: VisitId) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM own_records WHERE visit = ?1 AND kind IN ('answer', 'timeline'))";
    Ok(connection.prepare_cached(sql)?.query_row(params![visit.0], |row| row.get(0))?)
}

/// The visits anything was made for.
pub(crate) fn visits(connection: &Connection) -> Result<Vec<VisitId>, Error> {
    let mut statement = connection.prepare_cached(include_str!("own_records_visits.sql"))?;
    let rows = statement.query_map([], |row| Ok(VisitId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The highest change mark there is.
pub(crate) fn last_gen(connection: &Connection) -> Result<i64, Error> {
    let sql = "SELECT coalesce(max(gen), 0) FROM own_records";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// The versions that were replaced, oldest first.
pub(crate) fn history(connection: &Connection, key: &OwnKey) -> Result<Vec<Version>, Error> {
    let mut statement = connection.prepare_cached(include_str!("own_history_versions.sql"))?;
    let values = params![key.visit.0, key.kind.word(), key.part];
    let rows = statement.query_map(values, |row| {
        Ok(Version {
            generation: row.get(0)?,
            body: row.get(1)?,
            deleted: row.get(2)?,
            way_back: WayBack { to: row.get(3)?, undos: row.get(4)? },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<OwnRecord> {
    Ok(OwnRecord {
        key: key_from_row(row)?,
        id: RecordId(row.get(3)?),
        rubric_v: row.get::<_, Option<[u8; 32]>>(4)?.map(digest),
        body: row.get(5)?,
        base_rev: row.get(6)?,
        generation: row.get(7)?,
        synced_gen: row.get(8)?,
        deleted: row.get(9)?,
        way_back: WayBack { to: row.get(10)?, undos: row.get(11)? },
    })
}

/// The key in the first three columns.
pub(crate) fn key_from_row(row: &Row<'_>) -> rusqlite::Result<OwnKey> {
    let word: String = row.get(1)?;
    let kind = OwnKind::from_word(&word).ok_or_else(|| {
        let unknown = format!("the table allows no kind `{word}`");
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, unknown.into())
    })?;
    Ok(OwnKey { visit: VisitId(row.get(0)?), kind, part: row.get(2)? })
}

/// A digest from its bytes.
pub(crate) fn digest(bytes: [u8; 32]) -> Digest {
    hex::encode(bytes).parse().expect("32 bytes in hexadecimal are a digest")
}
