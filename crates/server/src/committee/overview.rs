//! A cycle at a glance: what is done, what is found, who does it.

use std::collections::BTreeMap;

use mizan_domain::exact::Exact;
use mizan_domain::visit::VisitState;
use mizan_protocol::committee::{
    EvaluatorLoad, LevelCount, ModelOverview, NumberJson, Overview, PartOverview, VisitCount,
    VisitProgress,
};
use mizan_protocol::id::{CycleId, PersonId};

use super::{count_at, exact_at};
use crate::accounts::Caller;
use crate::error::Error;
use crate::keys::Keys;
use crate::programme;
use crate::publication::MIN_FOR_MEDIAN;
use crate::rights::{Action, may};
use crate::tx::{Row, Tx, Value, one, params};

/// Scores are counted in so many bands.
const BANDS: usize = 10;

/// The overview of a cycle.
pub(crate) fn overview(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    cycle: CycleId,
) -> Result<Overview, Error> {
    let visits = visits(tx, cycle)?;
    let mut count = |sql: &str| count_at(&one(tx, sql, params![cycle.0])?, 0);
    let centres = count("SELECT COUNT(*) FROM cycle_centres WHERE cycle_id = $1")?;
    let decided = count("SELECT COUNT(*) FROM decisions WHERE cycle_id = $1")?;
    let published = count("SELECT COUNT(DISTINCT centre_id) FROM scorecards WHERE cycle_id = $1")?;
    Ok(Overview {
        cycle: programme::cycle(tx, cycle)?,
        centres,
        decided,
        published,
        progress: progress(&visits),
        visits: visits.into_iter().map(|(_, count)| count).collect(),
        models: models(tx, cycle)?,
        evaluators: loads(tx, keys, caller, cycle)?,
    })
}

fn state_at(row: &Row, column: usize) -> Result<VisitState, Error> {
    VisitState::from_word(row.text(column)?)
        .ok_or(Error::Column { column, expected: "a visit's state" })
}

fn visits(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<(VisitState, VisitCount)>, Error> {
    let sql = "SELECT kind, state, COUNT(*) FROM visits WHERE cycle_id = $1
               GROUP BY kind, state ORDER BY kind, state";
    let count = |row: &Row| {
        let state = state_at(row, 1)?;
        let (kind, count) = (row.text(0)?.to_owned(), count_at(row, 2)?);
        Ok((state, VisitCount { kind, state: state.word().to_owned(), count }))
    };
    tx.query(sql, params![cycle.0])?.iter().map(count).collect()
}

fn progress(visits: &[(VisitState, VisitCount)]) -> Vec<VisitProgress> {
    let mut kinds: BTreeMap<&str, VisitProgress> = BTreeMap::new();
    for (state, VisitCount { kind, count, .. }) in visits {
        let none = || VisitProgress { kind: kind.clone(), planned: 0, submitted: 0, validated: 0 };
        let progress = kinds.entry(kind).or_insert_with(none);
        let when = |holds: bool| if holds { *count } else { 0 };
        progress.planned += when(state.is_of_plan());
        progress.submitted += when(state.is_in());
        progress.validated += when(state.counts());
    }
    kinds.into_values().collect()
}

fn loads(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    cycle: CycleId,
) -> Result<Vec<EvaluatorLoad>, Error> {
    let sql = "SELECT evaluator_id, state, COUNT(*) FROM visits
               WHERE cycle_id = $1 AND evaluator_id IS NOT NULL GROUP BY evaluator_id, state";
    let knows = may(caller.role, Action::PlanVisits);
    let mut loads: BTreeMap<PersonId, EvaluatorLoad> = BTreeMap::new();
    for row in tx.query(sql, params![cycle.0])? {
        let person = PersonId(row.id(0)?);
        let (state, count) = (state_at(&row, 1)?, count_at(&row, 2)?);
        let load = loads.entry(person).or_insert_with(|| EvaluatorLoad {
            evaluator: keys.pseudonym(cycle.0.as_bytes(), person.0.as_bytes()),
            person: knows.then_some(person),
            assigned: 0,
            submitted: 0,
            validated: 0,
        });
        let when = |holds: bool| if holds { count } else { 0 };
        load.assigned += when(state.is_of_plan());
        load.submitted += when(state.is_in());
        load.validated += when(state.counts());
    }
    // By pseudonym: in any other order they would tell something.
    let mut loads: Vec<EvaluatorLoad> = loads.into_values().collect();
    loads.sort_by(|a, b| a.evaluator.cmp(&b.evaluator));
    Ok(loads)
}

fn models(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<ModelOverview>, Error> {
    let sql = "SELECT model FROM cycle_rubrics WHERE cycle_id = $1 ORDER BY model";
    let models = tx.query(sql, params![cycle.0])?;
    models.iter().map(|row| model(tx, cycle, row.text(0)?)).collect()
}

fn model(tx: &mut dyn Tx, cycle: CycleId, model: &str) -> Result<ModelOverview, Error> {
    let stored = programme::rubric_of(tx, cycle, model)?;
    let rubric = stored.rubric(tx)?;
    let of_model = params![cycle.0, model];
    let mut count = |sql: &str| count_at(&one(tx, sql, of_model)?, 0);
    let centres = count("SELECT COUNT(*) FROM results WHERE cycle_id = $1 AND model = $2")?;
    let scored = count(
        "SELECT COUNT(*) FROM results
         WHERE cycle_id = $1 AND model = $2 AND score_order IS NOT NULL",
    )?;
    let critical_open = count(
        "SELECT COUNT(*) FROM results WHERE cycle_id = $1 AND model = $2 AND critical_open > 0",
    )?;
    let critical_confirmed = count(
        "SELECT COUNT(*) FROM results WHERE cycle_id = $1 AND model = $2 AND critical_confirmed > 0",
    )?;
    let mut levels = levels(tx, cycle, model)?;
    let place = |of: &LevelCount| {
        let level = of.level.as_deref();
        level.and_then(|id| rubric.levels().iter().position(|level| level.id == id))
    };
    levels.sort_by_key(|count| (place(count).unwrap_or(usize::MAX), count.outcome.clone()));
    let mut pillars = parts(tx, cycle, model, "pillar")?;
    let at = |id: &str| rubric.pillars().iter().position(|pillar| pillar.id == id);
    pillars.sort_by_key(|pillar| at(&pillar.id));
    Ok(ModelOverview {
        model: model.to_owned(),
        rubric: stored.named,
        centres,
        scored,
        median: middle(
            tx,
            "SELECT score FROM results
             WHERE cycle_id = $1 AND model = $2 AND score_order IS NOT NULL
             ORDER BY score_order LIMIT $3 OFFSET $4",
            of_model,
            scored,
        )?,
        coverage: middle(
            tx,
            "SELECT coverage FROM results WHERE cycle_id = $1 AND model = $2
             ORDER BY coverage_order LIMIT $3 OFFSET $4",
            of_model,
            centres,
        )?,
        critical_open,
        critical_confirmed,
        levels,
        pillars,
    })
}

fn levels(tx: &mut dyn Tx, cycle: CycleId, model: &str) -> Result<Vec<LevelCount>, Error> {
    let sql = "SELECT outcome, level, COUNT(*) FROM results WHERE cycle_id = $1 AND model = $2
               GROUP BY outcome, level";
    let level = |row: &Row| {
        let (outcome, level) = (row.text(0)?.to_owned(), row.opt_text(1)?.map(str::to_owned));
        Ok(LevelCount { outcome, level, count: count_at(row, 2)? })
    };
    tx.query(sql, params![cycle.0, model])?.iter().map(level).collect()
}

/// Every part of one reading over the centres of a model, by id.
pub(super) fn parts(
    tx: &mut dyn Tx,
    cycle: CycleId,
    model: &str,
    reading: &str,
) -> Result<Vec<PartOverview>, Error> {
    // A band is ten points, which are 10^16 units.
    let sql = "SELECT part, score_order / 10000000000000000, COUNT(*) FROM result_parts
               WHERE cycle_id = $1 AND model = $2 AND reading = $3 AND score_order IS NOT NULL
               GROUP BY part, score_order / 10000000000000000";
    let mut parts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for row in tx.query(sql, params![cycle.0, model, reading])? {
        let bands = parts.entry(row.text(0)?.to_owned()).or_insert_with(|| vec![0; BANDS]);
        // A full score is of the last band.
        let band = usize::try_from(row.int(1)?).unwrap_or(0).min(BANDS - 1);
        bands[band] += count_at(&row, 2)?;
    }
    let mut found = Vec::new();
    for (id, bands) in parts {
        let scored = bands.iter().sum();
        let median = part_median(tx, cycle, model, reading, &id, scored)?;
        found.push(PartOverview { reading: reading.to_owned(), id, scored, median, bands });
    }
    Ok(found)
}

/// The median of one part over the centres of a model.
pub(super) fn part_median(
    tx: &mut dyn Tx,
    cycle: CycleId,
    model: &str,
    reading: &str,
    part: &str,
    scored: u32,
) -> Result<Option<NumberJson>, Error> {
    let sql = "SELECT score FROM result_parts
               WHERE cycle_id = $1 AND model = $2 AND reading = $3 AND part = $4
               AND score_order IS NOT NULL ORDER BY score_order LIMIT $5 OFFSET $6";
    middle(tx, sql, params![cycle.0, model, reading, part], scored)
}

/// The median of what a statement gives in order, by its last two parameters LIMIT and OFFSET; from
/// five numbers up, as where it is published.
fn middle(
    tx: &mut dyn Tx,
    sql: &str,
    of: &[Value],
    numbers: u32,
) -> Result<Option<NumberJson>, Error> {
    if numbers < MIN_FOR_MEDIAN as u32 {
        return Ok(None);
    }
    let two = i64::from(numbers.is_multiple_of(2));
    let limits = params![1 + two, i64::from(numbers - 1) / 2];
    let rows = tx.query(sql, &[of, limits].concat())?;
    let middle = rows.iter().map(|row| exact_at(row, 0)).collect::<Result<Vec<_>, _>>()?;
    let sum: Exact = middle.iter().sum();
    Ok(Some((&(&sum / &Exact::from(1 + two))).into()))
}
