//! Streams: what each kind of reader may see, decided when a record is written.
//!
//! A record is copied, already redacted, into every stream that may hold it. A planned visit has no
//! row in any manager's stream, so no query can leak one.

use mizan_domain::role::Role;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::{CentreId, PersonId, RecordId};
use mizan_protocol::sync::{
    MAX_BYTES, MAX_PAGE, PullRequest, PullResponse, Record, SCHEMA, StreamPage, StreamSummary,
    stream_digest,
};
use serde_json::{Map, Value as Json};

use crate::accounts::Caller;
use crate::error::Error;
use crate::keys::Keys;
use crate::tx::{Row, Tx, first, one, params};

/// A stream of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// One evaluator's visits and rubrics.
    Evaluator(PersonId),
    /// What reviewers work on.
    Reviewers,
    /// What the committee sees: evaluators under a pseudonym.
    Committee,
    /// One centre's published results: no visit, no plan, no evaluator, no time of a visit.
    Centre(CentreId),
}

impl Stream {
    /// The key rows are stored under.
    fn key(self) -> String {
        match self {
            Self::Evaluator(person) => format!("E:{person}"),
            Self::Reviewers => "R".to_owned(),
            Self::Committee => "C".to_owned(),
            Self::Centre(centre) => format!("M:{centre}"),
        }
    }

    /// The name its readers know it by.
    fn name(self) -> &'static str {
        match self {
            Self::Evaluator(_) => "evaluator",
            Self::Reviewers => "reviewers",
            Self::Committee => "committee",
            Self::Centre(_) => "centre",
        }
    }

    /// The streams a caller may read.
    #[must_use]
    pub fn granted(caller: &Caller) -> Vec<Self> {
        match caller.role {
            Role::Evaluator => vec![Self::Evaluator(caller.person)],
            Role::Reviewer => vec![Self::Reviewers],
            Role::CommitteeChair | Role::CommitteeMember => vec![Self::Committee],
            Role::Manager => caller.centre.map(Self::Centre).into_iter().collect(),
            Role::Administrator
            | Role::RubricEditor
            | Role::CentralTeam
            | Role::Coordinator
            | Role::Observer => Vec::new(),
        }
    }
}

/// What is written to a stream.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The record's id in this stream.
    pub id: RecordId,
    /// Its kind.
    pub kind: &'a str,
    /// The rubric it speaks of.
    pub rubric: Option<Digest>,
    /// What it says, canonical JSON.
    pub body: &'a str,
}

/// The next number of the sequence. The row stays locked until the transaction ends, so that no
/// reader can see a later number before an earlier one.
fn next_seq(tx: &mut dyn Tx) -> Result<i64, Error> {
    one(tx, "UPDATE sequence SET value = value + 1 WHERE id = 1 RETURNING value", &[])?.int(0)
}

/// Writes a record into a stream, new or changed; what is there already is not written again.
pub(crate) fn put(tx: &mut dyn Tx, stream: Stream, entry: Entry<'_>) -> Result<(), Error> {
    let key = stream.key();
    let same = "SELECT 1 FROM stream_rows
                WHERE stream = $1 AND record_id = $2 AND body = $3 AND deleted = 0";
    if first(tx, same, params![&key, entry.id.0, entry.body])?.is_some() {
        return Ok(());
    }
    let seq = next_seq(tx)?;
    tx.exec(
        "INSERT INTO stream_rows (stream, record_id, kind, seq, rev, rubric_v, body)
         VALUES ($1, $2, $3, $4, 1, $5, $6)
         ON CONFLICT (stream, record_id) DO UPDATE SET
         seq = excluded.seq, rev = stream_rows.rev + 1, body = excluded.body, deleted = 0",
        params![&key, entry.id.0, entry.kind, seq, entry.rubric, entry.body],
    )?;
    Ok(())
}

/// Takes a record out of a stream, leaving a tombstone.
pub(crate) fn remove(tx: &mut dyn Tx, stream: Stream, id: RecordId) -> Result<(), Error> {
    let key = stream.key();
    let there = "SELECT 1 FROM stream_rows WHERE stream = $1 AND record_id = $2 AND deleted = 0";
    if first(tx, there, params![&key, id.0])?.is_some() {
        let seq = next_seq(tx)?;
        tx.exec(
            "UPDATE stream_rows SET seq = $3, rev = rev + 1, deleted = 1, body = '{}'
             WHERE stream = $1 AND record_id = $2",
            params![&key, id.0, seq],
        )?;
    }
    Ok(())
}

/// What is new in a caller's streams.
pub(crate) fn pull(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    request: &PullRequest,
) -> Result<PullResponse, Error> {
    let epoch = epoch(tx)?;
    let page = |stream: Stream| page(&mut *tx, keys, stream, epoch, request);
    let streams = Stream::granted(caller).into_iter().map(page).collect::<Result<_, _>>()?;
    Ok(PullResponse { streams })
}

/// The epoch: another one means that the database was restored from a backup.
fn epoch(tx: &mut dyn Tx) -> Result<u64, Error> {
    let row = one(tx, "SELECT value FROM settings WHERE name = 'epoch'", &[])?;
    row.text(0)?.parse().map_err(|_| Error::Column { column: 0, expected: "the epoch" })
}

fn page(
    tx: &mut dyn Tx,
    keys: &Keys,
    stream: Stream,
    epoch: u64,
    request: &PullRequest,
) -> Result<StreamPage, Error> {
    let key = stream.key();
    let given = request.cursors.get(stream.name());
    let opened = given.and_then(|cursor| keys.open_cursor(&key, cursor));
    let from = opened.filter(|(of, _)| *of == epoch).map(|(_, seq)| seq);
    let sql = "SELECT record_id, kind, seq, rev, rubric_v, body, deleted FROM stream_rows
               WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let rows = tx.query(sql, params![&key, from.unwrap_or(0), MAX_PAGE as i64 + 1])?;
    let fitting = fitting(&rows)?;
    let more = fitting < rows.len();
    let records = rows[..fitting].iter().map(record_of).collect::<Result<_, _>>()?;
    let last = rows[..fitting].last().map_or(Ok(from.unwrap_or(0)), |row| row.int(2))?;
    Ok(StreamPage {
        stream: stream.name().to_owned(),
        restarted: from.is_none(),
        records,
        cursor: keys.seal_cursor(&key, epoch, last)?,
        more,
        summary: if more { None } else { Some(summary(tx, &key)?) },
    })
}

/// How many rows fit into a page; always at least one.
fn fitting(rows: &[Row]) -> Result<usize, Error> {
    let mut bytes = 0;
    for (index, row) in rows.iter().take(MAX_PAGE).enumerate() {
        bytes += row.text(5)?.len() + 256;
        if bytes > MAX_BYTES && index > 0 {
            return Ok(index);
        }
    }
    Ok(rows.len().min(MAX_PAGE))
}

fn record_of(row: &Row) -> Result<Record, Error> {
    let body: Json = serde_json::from_str(row.text(5)?)?;
    let rubric = if row.0[4] == crate::tx::Value::Null { None } else { Some(row.digest(4)?) };
    let rev = row.int(3)?;
    Ok(Record {
        id: RecordId(row.id(0)?),
        kind: row.text(1)?.to_owned(),
        schema_v: SCHEMA,
        rubric_v: rubric,
        base_rev: rev,
        rev,
        body,
        deleted: row.flag(6)?,
        unknown: Map::new(),
    })
}

fn summary(tx: &mut dyn Tx, key: &str) -> Result<StreamSummary, Error> {
    let sql = "SELECT record_id, rev FROM stream_rows WHERE stream = $1 AND deleted = 0";
    let rows = tx.query(sql, params![key])?;
    let mut living = rows
        .iter()
        .map(|row| Ok((RecordId(row.id(0)?), row.int(1)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(StreamSummary { count: living.len() as u64, digest: stream_digest(&mut living) })
}
