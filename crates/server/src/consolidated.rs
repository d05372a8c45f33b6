//! Consolidated results: each centre's draft result as it now is, kept so that the committee's pages need
//! not score the country for every look.
//!
//! A result changes in the transaction that changes what it is made from: [`refresh`]. All of it can be
//! made anew from the answers: [`mod@rebuild`].

mod rebuild;

use mizan_domain::exact::Exact;
use mizan_domain::scoring::State;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::{CentreId, CycleId};
use mizan_protocol::score::ScorecardJson;
use uuid::Uuid;

use crate::engine::{self, Location};
use crate::error::Error;
use crate::folder::{DataFolder, Hold};
use crate::judgement::{self, Scored};
use crate::store::Store;
use crate::tx::{Tx, Value, first, one, params};

pub(crate) use rebuild::rebuild_cycle;

/// How results are kept. Another number, and every server makes them anew when it starts.
const VERSION: &str = "1";
/// Under this name the database keeps how its results were made.
const SETTING: &str = "consolidated";

/// What a making anew found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// Centres with a result, over all cycles.
    pub centres: usize,
    /// Of those, how many were kept otherwise or not at all before.
    pub changed: usize,
}

/// The rows of one centre.
struct Rows {
    centre: Uuid,
    sha256: Digest,
    result: Vec<Value>,
    parts: Vec<Vec<Value>>,
}

fn rows(cycle: Uuid, centre: Uuid, model: &str, scored: &Scored) -> Result<Rows, Error> {
    let (card, draft) = (&scored.scorecard, canonical_json(&scored.draft)?);
    let sha256 = Digest::of(draft.as_bytes());
    let hits = &scored.draft.critical;
    let count = |wanted: usize| i64::try_from(wanted).unwrap_or(i64::MAX);
    let open = count(hits.iter().filter(|hit| !hit.confirmed && !hit.dismissed).count());
    let confirmed = count(hits.iter().filter(|hit| hit.confirmed).count());
    let result = params![
        cycle,
        centre,
        model,
        card.outcome.word(),
        card.outcome.level(),
        card.score.as_ref().map(ToString::to_string),
        card.score.as_ref().map(Exact::order_key),
        card.coverage.to_string(),
        card.coverage.order_key(),
        open,
        confirmed,
        scored.unannounced,
        scored.scheduled,
        sha256,
        draft
    ];
    let part = |reading: &str, part: &str, state: State, score: &Option<Exact>| {
        let (exact, order) =
            (score.as_ref().map(ToString::to_string), score.as_ref().map(Exact::order_key));
        params![cycle, centre, model, reading, part, state.word(), exact, order].to_vec()
    };
    let pillars = card.pillars.iter().map(|p| part("pillar", &p.id, p.state, &p.score));
    let readings =
        scored.readings.iter().map(|r| part(r.reading.word(), &r.tag, r.state, &r.score));
    let parts = pillars.chain(readings).collect();
    Ok(Rows { centre, sha256, result: result.to_vec(), parts })
}

fn insert(tx: &mut dyn Tx, rows: Vec<Rows>) -> Result<(), Error> {
    let (results, parts): (Vec<_>, Vec<_>) =
        rows.into_iter().map(|rows| (rows.result, rows.parts)).unzip();
    tx.exec_many(include_str!("sql/insert_result.sql"), &results)?;
    let parts: Vec<Vec<Value>> = parts.into_iter().flatten().collect();
    tx.exec_many(include_str!("sql/insert_result_part.sql"), &parts)?;
    Ok(())
}

/// Brings one centre's result in line with what it is made from.
pub(crate) fn refresh(tx: &mut dyn Tx, cycle: CycleId, centre: CentreId) -> Result<(), Error> {
    let sql = "SELECT c.model FROM centres c JOIN cycle_rubrics r ON r.model = c.model
               WHERE r.cycle_id = $1 AND c.id = $2";
    let Some(row) = first(tx, sql, params![cycle.0, centre.0])? else { return Ok(()) };
    let model = row.text(0)?.to_owned();
    let scored = judgement::of_centre(tx, cycle, centre)?.score()?;
    let rows = rows(cycle.0, centre.0, &model, &scored)?;
    let of_one = params![cycle.0, centre.0];
    tx.exec("DELETE FROM result_parts WHERE cycle_id = $1 AND centre_id = $2", of_one)?;
    tx.exec("DELETE FROM results WHERE cycle_id = $1 AND centre_id = $2", of_one)?;
    insert(tx, vec![rows])
}

/// The draft scorecard of a centre, and the digest it is decided by.
pub(crate) fn draft(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<(ScorecardJson, Digest), Error> {
    let sql = "SELECT scorecard, sha256 FROM results WHERE cycle_id = $1 AND centre_id = $2";
    let row = one(tx, sql, params![cycle.0, centre.0])?;
    Ok((serde_json::from_str(row.text(0)?)?, row.digest(1)?))
}

/// Makes the results of every cycle anew from the answers.
pub(crate) fn rebuild(tx: &mut dyn Tx) -> Result<Rebuilt, Error> {
    let mut all = Rebuilt::default();
    for row in tx.query("SELECT id FROM cycles ORDER BY id", &[])? {
        let of_cycle = rebuild_cycle(tx, CycleId(row.id(0)?))?;
        all.centres += of_cycle.centres;
        all.changed += of_cycle.changed;
    }
    engine::set(tx, SETTING, VERSION)?;
    Ok(all)
}

/// Makes them anew if another release made them, or none did.
pub(crate) async fn ensure(store: &Store) -> Result<(), Error> {
    let made = store.read(|tx| engine::setting(tx, SETTING)).await?;
    if made.as_deref() == Some(VERSION) {
        return Ok(());
    }
    let rebuilt = store.write(rebuild).await?;
    tracing::info!(centres = rebuilt.centres, "the results were made anew from the answers");
    Ok(())
}

/// Makes the results of a server's data anew; an embedded database must not be served meanwhile. Waits
/// for the engine: not for async workers.
///
/// # Errors
/// A folder in use, or whatever the engine reports; nothing is changed then.
pub fn consolidate(data: &std::path::Path, location: &Location) -> Result<Rebuilt, Error> {
    let _folder = DataFolder::open(data, Hold::of(location))?;
    let mut connection = engine::open_writer(location)?;
    connection.begin_write()?;
    match rebuild(&mut *connection) {
        Ok(rebuilt) => connection.run("COMMIT").map(|()| rebuilt),
        Err(error) => {
            connection.run("ROLLBACK")?;
            Err(error)
        }
    }
}
