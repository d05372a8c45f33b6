//! Streams: what each kind of reader may see, decided when a record is written.
//!
//! A record is copied, already redacted, into every stream that may hold it. A planned visit has no
//! row in any manager's stream, so no query can leak one.

use std::sync::Arc;

use mizan_domain::role::Role;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{AgencyId, CentreId, PersonId, RecordId};
use mizan_protocol::sync::{
    MAX_BYTES, MAX_PAGE, PullRequest, PullResponse, Record, SCHEMA, StreamPage, StreamSummary,
    stream_digest,
};
use serde_json::{Map, Value as Json};

use crate::accounts::Caller;
use crate::app::App;
use crate::engine::new_epoch;
use crate::error::Error;
use crate::keys::Keys;
use crate::tx::{Row, Tx, first, one, params, row};

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
    /// The published results of one agency's centres, for whoever coordinates them.
    Agency(AgencyId),
}

impl Stream {
    /// The key rows are stored under.
    fn key(self) -> String {
        match self {
            Self::Evaluator(person) => format!("E:{person}"),
            Self::Reviewers => "R".to_owned(),
            Self::Committee => "C".to_owned(),
            Self::Centre(centre) => format!("M:{centre}"),
            Self::Agency(agency) => format!("A:{agency}"),
        }
    }

    /// The name its readers know it by.
    fn name(self) -> &'static str {
        match self {
            Self::Evaluator(_) => "evaluator",
            Self::Reviewers => "reviewers",
            Self::Committee => "committee",
            Self::Centre(_) => "centre",
            Self::Agency(_) => "agency",
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
            Role::Coordinator => caller.agency.map(Self::Agency).into_iter().collect(),
            Role::Administrator | Role::RubricEditor | Role::CentralTeam | Role::Observer => {
                Vec::new()
            }
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

/// Numbers what the transaction wrote to streams, and counts the commit. It is the last a transaction
/// does: the numbers are in the order of the commits, so that no reader can see a later one before an
/// earlier one, and a body that was rolled back takes none.
///
/// Gives the number the commit ends with.
pub(crate) fn number(tx: &mut dyn Tx) -> Result<i64, Error> {
    let last = one(tx, "SELECT value FROM sequence WHERE id = 1", &[])?.int(0)?;
    let next = number_after(tx, last)?;
    tx.write("UPDATE sequence SET value = $1 WHERE id = 1", row![next])?;
    Ok(next)
}

/// Numbers what the transaction wrote to streams, from a number on.
pub(crate) fn number_after(tx: &mut dyn Tx, last: i64) -> Result<i64, Error> {
    let numbered = tx.exec(include_str!("sql/number_rows.sql"), params![last])?;
    // A commit that wrote to no stream counts too: a backup is told by the number it lacks.
    Ok(last + i64::try_from(numbered.max(1)).unwrap_or(1))
}

/// The planted fault: numbers are taken before the transaction, as a database's own counter gives them.
pub(crate) fn take_numbers(tx: &mut dyn Tx) -> Result<i64, Error> {
    let sql = "UPDATE sequence SET value = value + 1000 WHERE id = 1 RETURNING value";
    Ok(one(tx, sql, &[])?.int(0)? - 1000)
}

/// Writes a record into a stream, new or changed; what is there already is not written again.
pub(crate) fn put(tx: &mut dyn Tx, stream: Stream, entry: Entry<'_>) -> Result<(), Error> {
    tx.write(
        "INSERT INTO stream_rows (stream, record_id, kind, rev, rubric_v, body)
         VALUES ($1, $2, $3, 1, $4, $5)
         ON CONFLICT (stream, record_id) DO UPDATE SET
         seq = NULL, rev = stream_rows.rev + 1, body = excluded.body, deleted = 0
         WHERE stream_rows.body <> excluded.body OR stream_rows.deleted = 1",
        row![stream.key(), entry.id.0, entry.kind, entry.rubric, entry.body],
    )
}

/// Whether a record lives in a stream.
pub(crate) fn holds(tx: &mut dyn Tx, stream: Stream, id: RecordId) -> Result<bool, Error> {
    let there = "SELECT 1 FROM stream_rows WHERE stream = $1 AND record_id = $2 AND deleted = 0";
    Ok(first(tx, there, params![stream.key(), id.0])?.is_some())
}

/// Writes a record into a stream in the revision it has, and as deleted if it is: its readers go on from it.
pub(crate) fn put_as_it_is(
    tx: &mut dyn Tx,
    stream: Stream,
    record: &Record,
    body: &str,
) -> Result<(), Error> {
    tx.write(
        "INSERT INTO stream_rows (stream, record_id, kind, rev, rubric_v, body, deleted)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (stream, record_id) DO UPDATE SET
         seq = NULL, rev = excluded.rev, rubric_v = excluded.rubric_v, body = excluded.body,
         deleted = excluded.deleted",
        row![
            stream.key(),
            record.id.0,
            &record.kind,
            record.rev,
            record.rubric_v,
            body,
            record.deleted
        ],
    )
}

/// Takes a record out of a stream, leaving a tombstone.
pub(crate) fn remove(tx: &mut dyn Tx, stream: Stream, id: RecordId) -> Result<(), Error> {
    if holds(tx, stream, id)? {
        tx.exec(
            "UPDATE stream_rows SET seq = NULL, rev = rev + 1, deleted = 1, body = '{}'
             WHERE stream = $1 AND record_id = $2",
            params![stream.key(), id.0],
        )?;
    }
    Ok(())
}

/// What is new in a caller's streams, whatever became of the data since the last pull.
pub(crate) async fn pull_whole(
    app: &App,
    caller: &Caller,
    request: PullRequest,
) -> Result<PullResponse, Error> {
    let (keys, request, caller) = (Arc::clone(&app.keys), Arc::new(request), *caller);
    let read = || {
        let (keys, request) = (Arc::clone(&keys), Arc::clone(&request));
        app.store.read(move |tx| pull(tx, &keys, &caller, &request))
    };
    match read().await {
        Err(Error::BehindCursor { epoch }) => {
            tracing::warn!("the data are older than what was given from them: a new epoch begins");
            app.store.write(move |tx| leave_epoch(tx, epoch)).await?;
            read().await
        }
        done => done,
    }
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
    Ok(PullResponse { epoch: Some(epoch_name(epoch)), streams })
}

/// Refuses changes that are based on data of another epoch: what they build on may be gone.
pub(crate) fn check_epoch(tx: &mut dyn Tx, based_on: Option<&str>) -> Result<(), Error> {
    let now = epoch_now(tx)?;
    match based_on.filter(|based_on| *based_on != now) {
        None => Ok(()),
        Some(_) => Err(Error::Refused(ErrorBody::new("sync.new_epoch").with("epoch", now))),
    }
}

/// What the data are called now.
pub(crate) fn epoch_now(tx: &mut dyn Tx) -> Result<String, Error> {
    Ok(epoch_name(epoch(tx)?))
}

fn epoch_name(epoch: u64) -> String {
    format!("{epoch:016x}")
}

/// Begins a new epoch, unless that was done since `seen`.
pub(crate) fn leave_epoch(tx: &mut dyn Tx, seen: u64) -> Result<(), Error> {
    if epoch(tx)? == seen { new_epoch(tx) } else { Ok(()) }
}

/// The epoch: another one means that the database was restored from a backup.
pub(crate) fn epoch(tx: &mut dyn Tx) -> Result<u64, Error> {
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
    let last = one(tx, "SELECT value FROM sequence WHERE id = 1", &[])?.int(0)?;
    if from.is_some_and(|seq| seq > last) {
        return Err(Error::BehindCursor { epoch });
    }
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
