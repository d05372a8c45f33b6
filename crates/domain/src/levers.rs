//! What would change the level: the smallest sets of criteria that lift or drop it by one step each, and
//! what is missing to the next level.
//!
//! A **step** of a criterion is one step of its scale on every visit that scored it: from no to yes, from
//! partly to met, one level of five, one stage of maturity; a measured scale has no steps of its own and
//! moves by [`MEASURED_STEP`] points. A criterion nobody scored has no step.
//! All of it is exact, like the score; nothing here decides anything.
//!
//! [`supposed`] answers what else the level hangs on: one evaluator, the weight of unannounced visits,
//! what was held not applicable.

mod fewest;
pub mod supposed;

use crate::evaluation::{Answer, Evaluation};
use crate::exact::{self, Exact};
use crate::rubric::{CriticalEffect, Level, Rubric};
use crate::scale::Scale;
use crate::scoring::{self, CRITICAL_BELOW, Outcome, Scorecard, ScoringFault};
use fewest::{Found, Goal, Item};

/// A step of a measured scale, in points of the criterion's score: as far as a level of five.
pub const MEASURED_STEP: i64 = 20;
/// So many sets are listed; where there are more, [`Steps::is_complete`] says so.
pub const MOST_SETS: usize = 12;

/// One criterion moved by one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The criterion's id.
    pub criterion: String,
    /// Its score as it is.
    pub from: Exact,
    /// Its score after the step.
    pub to: Exact,
}

/// The smallest sets of steps that do it: all of one size, and no smaller set does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// The sets, at most [`MOST_SETS`], each in the rubric's order. Empty: no set of single steps does it.
    pub sets: Vec<Vec<Step>>,
    /// Whether these are all sets of that size.
    pub is_complete: bool,
}

/// What is missing to a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distance {
    /// The level's id.
    pub level: String,
    /// Points of the centre's score; 0 where it suffices.
    pub points: Exact,
    /// The pillars below the level's floor, each with the points it lacks.
    pub pillars: Vec<(String, Exact)>,
    /// The confirmed critical criteria that bar the level.
    pub critical: Vec<String>,
}

/// What would change a centre's level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levers {
    /// The scorecard as it is.
    pub scorecard: Scorecard,
    /// What is missing to the next better level; `None` at the best one, and without a level.
    pub next: Option<Distance>,
    /// By how many points the score lies above the least of its level; `None` at the last level, and
    /// without a level.
    pub reserve: Option<Exact>,
    /// The smallest sets of criteria whose improvement lifts the level.
    pub lifts: Steps,
    /// The smallest sets of criteria whose loss drops it.
    pub drops: Steps,
}

/// What would change the level of a centre.
///
/// A lift leads from a level to any better one, and from a confirmed critical failure to any level. A drop
/// leads to any worse level, or to a critical failure that `confirmed` names already; a hit that the loss
/// itself makes is open, and without effect.
/// Without a score, or with too little evidence, no step of a score changes anything and both are empty.
///
/// The smallest size is exact, and so is each set: whether some number of further steps can suffice is
/// answered without search, because within a pillar the step that adds more is never the worse choice.
/// Only the list of sets is cut, at [`MOST_SETS`].
///
/// # Errors
/// As [`scoring::score`].
pub fn levers(
    rubric: &Rubric,
    evaluations: &[Evaluation],
    confirmed: &[String],
) -> Result<Levers, Vec<ScoringFault>> {
    let scorecard = scoring::score(rubric, evaluations, confirmed)?;
    let after = |direction: Direction| after_a_step(rubric, evaluations, confirmed, direction);
    let (up, down) = (after(Direction::Up)?, after(Direction::Down)?);
    let place = place_of(rubric, &scorecard.outcome);
    let (lifts, drops) = match &scorecard.outcome {
        Outcome::NoScore | Outcome::InsufficientEvidence => (none(), none()),
        Outcome::Level(_) | Outcome::CommitteeDecision => (
            steps(rubric, &scorecard, &up, |moves| lift_goals(rubric, &scorecard, place, moves)),
            steps(rubric, &scorecard, &down, |moves| {
                let own = place.and_then(|place| rubric.levels().get(place));
                own.map_or_else(Vec::new, |own| {
                    drop_goals(rubric, &scorecard, own, confirmed, moves)
                })
            }),
        ),
    };
    let better = place.and_then(|place| rubric.levels().get(place.checked_sub(1)?));
    let next = better.map(|level| distance(rubric, &scorecard, level));
    let reserve = place.filter(|place| place + 1 < rubric.levels().len());
    let reserve = reserve
        .and_then(|place| Some(scorecard.score.as_ref()? - &rubric.levels()[place].min_score));
    Ok(Levers { scorecard, next, reserve, lifts, drops })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

fn none() -> Steps {
    Steps { sets: Vec::new(), is_complete: true }
}

/// The place of a level among the rubric's, best first.
fn place_of(rubric: &Rubric, outcome: &Outcome) -> Option<usize> {
    let id = outcome.level()?;
    rubric.levels().iter().position(|level| level.id == id)
}

/// A score moved by one step of its scale.
fn stepped(scale: &Scale, score: &Exact, direction: Direction) -> Exact {
    let points = Exact::from(match scale {
        Scale::YesNo => 100,
        Scale::MetPartlyNot => 50,
        Scale::Level0To5 => 20,
        Scale::Maturity => 25,
        Scale::Timed { .. } | Scale::Percent { .. } => MEASURED_STEP,
    });
    match direction {
        Direction::Up => (score + &points).min(Exact::from(100)),
        Direction::Down => (score - &points).max(Exact::zero()),
    }
}

/// Each criterion's score were it one step better or worse; `None` where there is none.
fn after_a_step(
    rubric: &Rubric,
    evaluations: &[Evaluation],
    confirmed: &[String],
    direction: Direction,
) -> Result<Vec<Option<Exact>>, Vec<ScoringFault>> {
    let mut collected = scoring::collect(rubric, evaluations, confirmed)?;
    let moved = |(criterion, own): (&crate::rubric::Criterion, &mut scoring::Collected<'_>)| {
        for (_, _, answer) in &mut own.answers {
            if let Answer::Scored { score, .. } = answer {
                *score = stepped(&criterion.scale, score, direction);
            }
        }
        scoring::criterion_result(rubric, criterion, own).score
    };
    Ok(rubric.criteria().zip(&mut collected).map(moved).collect())
}

/// What a point of each criterion's score is worth in the centre's score, pillar by pillar; `None` where
/// nothing is scored.
fn worths(rubric: &Rubric, scorecard: &Scorecard) -> Vec<Option<(usize, Exact)>> {
    let scored = rubric.pillars().iter().zip(&scorecard.pillars);
    let all: Exact =
        scored.filter(|(_, result)| result.score.is_some()).map(|(pillar, _)| &pillar.weight).sum();
    let mut results = scorecard.criteria.iter();
    let mut worths = Vec::with_capacity(scorecard.criteria.len());
    for (place, pillar) in rubric.pillars().iter().enumerate() {
        let own: Vec<_> = pillar.criteria.iter().zip(results.by_ref()).collect();
        let is_scored = |(_, result): &&(_, &scoring::CriterionResult)| result.score.is_some();
        let weights: Exact =
            own.iter().filter(is_scored).map(|(criterion, _)| &criterion.weight).sum();
        worths.extend(own.iter().map(|(criterion, result)| {
            result.score.as_ref()?;
            let of_pillar = &pillar.weight / &all;
            Some((place, &of_pillar * &(&criterion.weight / &weights)))
        }));
    }
    worths
}

/// What the criteria that can move at all would do.
struct Moves {
    /// The criterion's place in the rubric, its pillar, what the step adds to the centre's score or takes
    /// from it, and where the step ends.
    all: Vec<(usize, usize, Exact, Exact)>,
    /// What a point of each pillar is worth in the centre's score.
    pillars: Vec<Exact>,
}

impl Moves {
    fn new(rubric: &Rubric, scorecard: &Scorecard, after: &[Option<Exact>]) -> Self {
        let worths = worths(rubric, scorecard);
        let mut pillars = vec![Exact::zero(); rubric.pillars().len()];
        worths.iter().flatten().for_each(|(pillar, worth)| {
            pillars[*pillar] = &pillars[*pillar] + worth;
        });
        let mut all = Vec::new();
        for (place, (result, after)) in scorecard.criteria.iter().zip(after).enumerate() {
            let (Some(from), Some(to), Some((pillar, worth))) =
                (&result.score, after, &worths[place])
            else {
                continue;
            };
            if from != to {
                let points = if from < to { to - from } else { from - to };
                all.push((place, *pillar, worth * &points, to.clone()));
            }
        }
        // What adds most first; equals in the rubric's order.
        all.sort_by(|one, other| other.2.cmp(&one.2).then(one.0.cmp(&other.0)));
        Self { all, pillars }
    }

    /// The place among the moves of a criterion whose step ends where it should.
    fn ending(&self, criterion: usize, should: impl Fn(&Exact) -> bool) -> Option<usize> {
        self.all.iter().position(|(place, _, _, to)| *place == criterion && should(to))
    }
}

/// A goal before it is put into whole units.
struct Wanted {
    must: Vec<usize>,
    pillars: Vec<(usize, Exact)>,
    total: Exact,
    /// Whether the sums must pass what is wanted, and not only reach it.
    is_beyond: bool,
}

/// The smallest sets over several goals, any of which will do.
fn steps(
    rubric: &Rubric,
    scorecard: &Scorecard,
    after: &[Option<Exact>],
    goals: impl FnOnce(&Moves) -> Vec<Wanted>,
) -> Steps {
    let moves = Moves::new(rubric, scorecard, after);
    let wanted = goals(&moves);
    let (items, goals) = in_units(&moves, wanted);
    let Found { sets, is_complete } = fewest::smallest(&items, &goals, MOST_SETS);
    let ids: Vec<&str> = rubric.criteria().map(|criterion| criterion.id.as_str()).collect();
    let step = |place: &usize| {
        let (criterion, _, _, to) = &moves.all[*place];
        let from = scorecard.criteria[*criterion].score.clone().unwrap_or_else(|| to.clone());
        (*criterion, Step { criterion: ids[*criterion].to_owned(), from, to: to.clone() })
    };
    let in_order = |set: Vec<usize>| {
        let mut set: Vec<(usize, Step)> = set.iter().map(step).collect();
        set.sort_by_key(|(criterion, _)| *criterion);
        set.into_iter().map(|(_, step)| step).collect()
    };
    Steps { sets: sets.into_iter().map(in_order).collect(), is_complete }
}

/// Fractions of one denominator are whole numbers: sums of many then cost nothing.
fn in_units(moves: &Moves, wanted: Vec<Wanted>) -> (Vec<Item>, Vec<Goal>) {
    let mut numbers: Vec<Exact> = moves.all.iter().map(|(_, _, gain, _)| gain.clone()).collect();
    for goal in &wanted {
        numbers.push(goal.total.clone());
        numbers.extend(goal.pillars.iter().map(|(_, need)| need.clone()));
    }
    let mut units = exact::in_shared_units(&numbers).into_iter();
    let mut next = || units.next().unwrap_or_default();
    let items = moves.all.iter().map(|(_, pillar, _, _)| Item { pillar: *pillar, gain: next() });
    let items = items.collect();
    // Beyond a whole number is at the next one.
    let goal = |Wanted { must, pillars, is_beyond, .. }: Wanted| {
        let more = u8::from(is_beyond);
        // A total that nothing is asked of is not to be passed either.
        let mut total = next();
        if pillars.is_empty() {
            total += more;
        }
        let pillars = pillars.into_iter().map(|(pillar, _)| (pillar, next() + more)).collect();
        Goal { must, pillars, total }
    };
    let goals = wanted.into_iter().map(goal).collect();
    (items, goals)
}

/// The confirmed hits with an effect, by place in the rubric.
fn confirmed_hits(rubric: &Rubric, scorecard: &Scorecard, effect: CriticalEffect) -> Vec<usize> {
    let hits = scorecard.critical.iter().filter(|hit| hit.confirmed && hit.effect == effect);
    let place = |id: &str| rubric.criteria().position(|criterion| criterion.id == id);
    hits.filter_map(|hit| place(&hit.criterion)).collect()
}

/// The place of the best level that a confirmed cap leaves.
fn cap_place(rubric: &Rubric) -> usize {
    let cap = &rubric.policy().critical_cap;
    rubric.levels().iter().position(|level| level.id == *cap).unwrap_or(0)
}

/// Whether a centre with a confirmed cap may have the level of that place.
fn is_open_to_capped(rubric: &Rubric, place: usize) -> bool {
    place >= cap_place(rubric) && rubric.levels()[place].allows_critical
}

/// One goal for each level better than the place, or for each level where there is none.
fn lift_goals(
    rubric: &Rubric,
    scorecard: &Scorecard,
    place: Option<usize>,
    moves: &Moves,
) -> Vec<Wanted> {
    let limit = Exact::from(CRITICAL_BELOW);
    let failures = confirmed_hits(rubric, scorecard, CriticalEffect::Fail);
    let caps = confirmed_hits(rubric, scorecard, CriticalEffect::Cap);
    let better = 0..place.unwrap_or(rubric.levels().len());
    let goal = |place: usize| {
        let barring = if is_open_to_capped(rubric, place) { &[][..] } else { &caps };
        let healed = |criterion: &usize| moves.ending(*criterion, |to| *to >= limit);
        let must = failures.iter().chain(barring).map(healed).collect::<Option<Vec<_>>>()?;
        let level = &rubric.levels()[place];
        let missing = distance(rubric, scorecard, level);
        let of = |id: &str| rubric.pillars().iter().position(|pillar| pillar.id == id);
        let need = |(id, points): &(String, Exact)| {
            let pillar = of(id)?;
            Some((pillar, &moves.pillars[pillar] * points))
        };
        let pillars = missing.pillars.iter().filter_map(need).collect();
        Some(Wanted { must, pillars, total: missing.points, is_beyond: false })
    };
    better.filter_map(goal).collect()
}

/// One goal for each rule by which a level can be lost.
fn drop_goals(
    rubric: &Rubric,
    scorecard: &Scorecard,
    own: &Level,
    confirmed: &[String],
    moves: &Moves,
) -> Vec<Wanted> {
    let mut goals = Vec::new();
    let Some(score) = &scorecard.score else { return goals };
    let empty =
        || Wanted { must: Vec::new(), pillars: Vec::new(), total: Exact::zero(), is_beyond: true };
    if !own.min_score.is_zero() {
        goals.push(Wanted { total: score - &own.min_score, ..empty() });
    }
    for (place, pillar) in scorecard.pillars.iter().enumerate() {
        if let (Some(floor), Some(score)) = (&own.pillar_floor, &pillar.score) {
            let above = &moves.pillars[place] * &(score - floor);
            goals.push(Wanted { pillars: vec![(place, above)], ..empty() });
        }
    }
    let limit = Exact::from(CRITICAL_BELOW);
    let place = rubric.levels().iter().position(|level| level.id == own.id);
    let bars_own = place.is_some_and(|place| !is_open_to_capped(rubric, place));
    for (place, criterion) in rubric.criteria().enumerate() {
        let harms = match criterion.critical {
            Some(CriticalEffect::Fail) => true,
            Some(CriticalEffect::Cap) => bars_own,
            None => false,
        };
        let is_hit = scorecard.criteria[place].score.as_ref().is_some_and(|score| *score < limit);
        if harms && !is_hit && confirmed.contains(&criterion.id) {
            let lost = moves.ending(place, |to| *to < limit);
            goals.extend(lost.map(|lost| Wanted { must: vec![lost], is_beyond: false, ..empty() }));
        }
    }
    goals
}

fn distance(rubric: &Rubric, scorecard: &Scorecard, level: &Level) -> Distance {
    let short = |of: &Exact, at: &Exact| (at - of).max(Exact::zero());
    let score = scorecard.score.clone().unwrap_or_else(Exact::zero);
    let floor = level.pillar_floor.as_ref();
    let lacking = scorecard.pillars.iter().filter_map(|pillar| {
        let lack = short(pillar.score.as_ref()?, floor?);
        (!lack.is_zero()).then(|| (pillar.id.clone(), lack))
    });
    let place = rubric.levels().iter().position(|of| of.id == level.id);
    let is_open = place.is_some_and(|place| is_open_to_capped(rubric, place));
    let bars = |hit: &&scoring::CriticalHit| {
        hit.confirmed && (hit.effect == CriticalEffect::Fail || !is_open)
    };
    Distance {
        level: level.id.clone(),
        points: short(&score, &level.min_score),
        pillars: lacking.collect(),
        critical: scorecard.critical.iter().filter(bars).map(|h| h.criterion.clone()).collect(),
    }
}
