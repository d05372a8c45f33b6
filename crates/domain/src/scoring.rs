//! From validated evaluations to a centre's scorecard: exact, and the same everywhere.
//!
//! This module decides nothing by floating point and rounds nothing.
//! [`crate::explain`] says for each number which numbers and which rule it came from.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluation::{Answer, AnswerFault, Evaluation, read_answer_to};
use crate::exact::Exact;
use crate::rubric::{Criterion, CriticalEffect, Level, Pillar, Rubric, VisitKind};

/// Below this score a critical criterion is hit.
pub const CRITICAL_BELOW: i64 = 40;
/// From this score a basic criterion is complied with.
pub const BASIC_FROM: i64 = 75;

/// Why a number is there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// There is a score.
    Scored,
    /// Nothing of it applies to this centre.
    NotApplicable,
    /// It could not be judged.
    NotEvaluated,
}
crate::rubric::words!(State: Scored = "scored", NotApplicable = "na", NotEvaluated = "ne");

/// What the rules say about the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The level of that id.
    Level(String),
    /// Nothing was scored.
    NoScore,
    /// Too little was evaluated for a level.
    InsufficientEvidence,
    /// A confirmed critical failure: the committee decides.
    CommitteeDecision,
}

impl Outcome {
    /// The word for the outcome in JSON and SQL.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Level(_) => "level",
            Self::NoScore => "no_score",
            Self::InsufficientEvidence => "insufficient_evidence",
            Self::CommitteeDecision => "committee_decision",
        }
    }

    /// The level's id, when there is one.
    #[must_use]
    pub fn level(&self) -> Option<&str> {
        match self {
            Self::Level(id) => Some(id),
            Self::NoScore | Self::InsufficientEvidence | Self::CommitteeDecision => None,
        }
    }
}

/// A criterion's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CriterionResult {
    /// The criterion's id.
    pub id: String,
    /// Whether there is a score.
    pub state: State,
    /// The score, 0 to 100.
    pub score: Option<Exact>,
    /// The mean of the unannounced visits' scored answers.
    pub unannounced: Option<Exact>,
    /// The mean of the scheduled visits' scored answers.
    pub scheduled: Option<Exact>,
}

/// A pillar's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PillarResult {
    /// The pillar's id.
    pub id: String,
    /// Whether there is a score.
    pub state: State,
    /// The score, 0 to 100.
    pub score: Option<Exact>,
}

/// A critical criterion whose score is below [`CRITICAL_BELOW`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CriticalHit {
    /// The criterion's id.
    pub criterion: String,
    /// What it does once confirmed.
    pub effect: CriticalEffect,
    /// Whether it was confirmed; until then it is an open alert without effect.
    pub confirmed: bool,
}

/// A centre's result by one rubric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scorecard {
    /// The centre's score, 0 to 100, when any pillar has one.
    pub score: Option<Exact>,
    /// Evaluated weight of applicable weight, in percent.
    pub coverage: Exact,
    /// Basic criteria complied with of those scored, in percent, when there are any.
    pub basic_compliance: Option<Exact>,
    /// The level, or why there is none.
    pub outcome: Outcome,
    /// One for each pillar, in the rubric's order.
    pub pillars: Vec<PillarResult>,
    /// One for each criterion, in the rubric's order.
    pub criteria: Vec<CriterionResult>,
    /// The critical hits, in the rubric's order.
    pub critical: Vec<CriticalHit>,
}

/// Why a set of evaluations cannot be scored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields hold")]
pub enum ScoringFault {
    #[error("evaluation {evaluation}: {fault}")]
    Answer { evaluation: String, fault: AnswerFault },
    #[error("evaluation {evaluation} stands twice; give each its own id or remove one")]
    EvaluationTwice { evaluation: String },
    #[error(
        "confirmed_critical names {criterion}, which is not a critical criterion of the rubric"
    )]
    NotCritical { criterion: String },
}

/// The answers of one criterion, by kind of visit.
#[derive(Debug, Default)]
pub(crate) struct Collected<'a> {
    /// Evaluation ids with their answers.
    pub(crate) answers: Vec<(&'a str, VisitKind, Answer)>,
}

/// Scores a centre.
///
/// `confirmed` names the critical criteria whose hit was confirmed; one that is not hit has no
/// effect.
///
/// # Errors
/// Every fault at once: an answer that is unknown, off its scale, of the wrong visit kind, without
/// its reason or given twice; an evaluation that stands twice; a confirmed criterion that is not
/// critical.
pub fn score(
    rubric: &Rubric,
    evaluations: &[Evaluation],
    confirmed: &[String],
) -> Result<Scorecard, Vec<ScoringFault>> {
    let collected = collect(rubric, evaluations, confirmed)?;
    let criteria: Vec<CriterionResult> = rubric
        .criteria()
        .zip(&collected)
        .map(|(criterion, answers)| criterion_result(rubric, criterion, answers))
        .collect();
    Ok(from_criteria(rubric, criteria, confirmed))
}

/// The critical criteria that at least two evaluations each found below [`CRITICAL_BELOW`]: a second
/// evaluator's finding confirms the first, since nobody evaluates a centre twice in a cycle (M3).
#[must_use]
pub fn found_by_two(rubric: &Rubric, evaluations: &[Evaluation]) -> Vec<String> {
    let limit = Exact::from(CRITICAL_BELOW);
    let found = |criterion: &Criterion, evaluation: &Evaluation| {
        let own = evaluation.answers.iter().find(|(id, _)| *id == criterion.id);
        let answer = own.map(|(_, raw)| read_answer_to(criterion, evaluation.kind, raw));
        matches!(answer, Some(Ok(Answer::Scored { score, .. })) if score < limit)
    };
    let twice = |criterion: &&Criterion| {
        evaluations.iter().filter(|evaluation| found(criterion, evaluation)).count() >= 2
    };
    let critical = rubric.criteria().filter(|criterion| criterion.critical.is_some());
    critical.filter(twice).map(|criterion| criterion.id.clone()).collect()
}

/// Scores a centre from its criteria's results: all that follows once the visits are weighed.
#[must_use]
pub fn from_criteria(
    rubric: &Rubric,
    criteria: Vec<CriterionResult>,
    confirmed: &[String],
) -> Scorecard {
    let mut rest = criteria.as_slice();
    let mut pillars = Vec::with_capacity(rubric.pillars().len());
    for pillar in rubric.pillars() {
        let (own, later) = rest.split_at(pillar.criteria.len().min(rest.len()));
        rest = later;
        pillars.push(pillar_result(pillar, own));
    }
    let score = weighted_mean(
        rubric
            .pillars()
            .iter()
            .zip(&pillars)
            .map(|(pillar, result)| (&pillar.weight, &result.score)),
    );
    let coverage = coverage(rubric, &criteria);
    let critical = critical_hits(rubric, &criteria, confirmed);
    let outcome = decide(rubric, score.as_ref(), &coverage, &pillars, &critical);
    let basic_compliance = basic_compliance(rubric, &criteria);
    Scorecard { score, coverage, basic_compliance, outcome, pillars, criteria, critical }
}

/// The answers of each criterion in the rubric's order, all faults at once.
pub(crate) fn collect<'a>(
    rubric: &Rubric,
    evaluations: &'a [Evaluation],
    confirmed: &[String],
) -> Result<Vec<Collected<'a>>, Vec<ScoringFault>> {
    let criteria: Vec<&Criterion> = rubric.criteria().collect();
    let place: BTreeMap<&str, usize> =
        criteria.iter().enumerate().map(|(index, c)| (c.id.as_str(), index)).collect();
    let mut collected: Vec<Collected<'a>> = criteria.iter().map(|_| Collected::default()).collect();
    let mut faults = Vec::new();
    let mut seen_evaluations = BTreeSet::new();
    for evaluation in evaluations {
        if !seen_evaluations.insert(evaluation.id.as_str()) {
            faults.push(ScoringFault::EvaluationTwice { evaluation: evaluation.id.clone() });
        }
        let mut seen = BTreeSet::new();
        for (id, raw) in &evaluation.answers {
            let answer = match place.get(id.as_str()) {
                None => Err(AnswerFault::UnknownCriterion {
                    criterion: id.clone(),
                    rubric: format!("{} {}", rubric.id(), rubric.version()),
                }),
                Some(_) if !seen.insert(id.as_str()) => {
                    Err(AnswerFault::AnsweredTwice { criterion: id.clone() })
                }
                Some(&index) => read_answer_to(criteria[index], evaluation.kind, raw)
                    .map(|answer| (index, answer)),
            };
            match answer {
                Ok((index, answer)) => {
                    collected[index].answers.push((&evaluation.id, evaluation.kind, answer));
                }
                Err(fault) => {
                    let evaluation = evaluation.id.clone();
                    faults.push(ScoringFault::Answer { evaluation, fault });
                }
            }
        }
    }
    for criterion in confirmed {
        let critical = place.get(criterion.as_str()).and_then(|index| criteria[*index].critical);
        if critical.is_none() {
            faults.push(ScoringFault::NotCritical { criterion: criterion.clone() });
        }
    }
    if faults.is_empty() { Ok(collected) } else { Err(faults) }
}

fn mean_of_kind(collected: &Collected<'_>, kind: VisitKind) -> Option<Exact> {
    let mut total = Exact::zero();
    let mut count = 0;
    for (_, of, answer) in &collected.answers {
        if let Answer::Scored { score, .. } = answer
            && *of == kind
        {
            total = &total + score;
            count += 1;
        }
    }
    (count > 0).then(|| &total / &Exact::from(count))
}

/// A criterion's result from its answers.
pub(crate) fn criterion_result(
    rubric: &Rubric,
    criterion: &Criterion,
    collected: &Collected<'_>,
) -> CriterionResult {
    let unannounced = mean_of_kind(collected, VisitKind::Unannounced);
    let scheduled = mean_of_kind(collected, VisitKind::Scheduled);
    let score = match (&unannounced, &scheduled) {
        (Some(u), Some(s)) => {
            let share = &rubric.policy().unannounced_share;
            Some(&(share * u) + &(&(&Exact::from(1) - share) * s))
        }
        (Some(only), None) | (None, Some(only)) => Some(only.clone()),
        (None, None) => None,
    };
    let all_na = !collected.answers.is_empty()
        && collected
            .answers
            .iter()
            .all(|(_, _, answer)| matches!(answer, Answer::NotApplicable(_)));
    let state = match (&score, all_na) {
        (Some(_), _) => State::Scored,
        (None, true) => State::NotApplicable,
        (None, false) => State::NotEvaluated,
    };
    CriterionResult { id: criterion.id.clone(), state, score, unannounced, scheduled }
}

fn weighted_mean<'a>(parts: impl Iterator<Item = (&'a Exact, &'a Option<Exact>)>) -> Option<Exact> {
    let mut points = Exact::zero();
    let mut weights = Exact::zero();
    for (weight, score) in parts {
        if let Some(score) = score {
            points = &points + &(weight * score);
            weights = &weights + weight;
        }
    }
    (!weights.is_zero()).then(|| &points / &weights)
}

fn pillar_result(pillar: &Pillar, criteria: &[CriterionResult]) -> PillarResult {
    let score = weighted_mean(
        pillar
            .criteria
            .iter()
            .zip(criteria)
            .map(|(criterion, result)| (&criterion.weight, &result.score)),
    );
    let none_applies = criteria.iter().all(|result| result.state == State::NotApplicable);
    let state = match (&score, none_applies) {
        (Some(_), _) => State::Scored,
        (None, true) => State::NotApplicable,
        (None, false) => State::NotEvaluated,
    };
    PillarResult { id: pillar.id.clone(), state, score }
}

fn coverage(rubric: &Rubric, criteria: &[CriterionResult]) -> Exact {
    let weight_where = |wanted: fn(State) -> bool| -> Exact {
        let chosen = rubric.criteria().zip(criteria).filter(|(_, result)| wanted(result.state));
        chosen.map(|(criterion, _)| &criterion.weight).sum()
    };
    let applies = weight_where(|state| state != State::NotApplicable);
    if applies.is_zero() {
        return applies;
    }
    let scored = weight_where(|state| state == State::Scored);
    &(&Exact::from(100) * &scored) / &applies
}

fn basic_compliance(rubric: &Rubric, criteria: &[CriterionResult]) -> Option<Exact> {
    let basic: Vec<&Exact> = rubric
        .criteria()
        .zip(criteria)
        .filter(|(criterion, _)| criterion.basic)
        .filter_map(|(_, result)| result.score.as_ref())
        .collect();
    let met = basic.iter().filter(|score| ***score >= Exact::from(BASIC_FROM)).count();
    Exact::ratio(100 * met as i64, basic.len() as i64)
}

fn critical_hits(
    rubric: &Rubric,
    criteria: &[CriterionResult],
    confirmed: &[String],
) -> Vec<CriticalHit> {
    let limit = Exact::from(CRITICAL_BELOW);
    let hit = |(criterion, result): (&Criterion, &CriterionResult)| {
        let effect = criterion.critical?;
        let below = result.score.as_ref().is_some_and(|score| *score < limit);
        below.then(|| CriticalHit {
            criterion: criterion.id.clone(),
            effect,
            confirmed: confirmed.contains(&criterion.id),
        })
    };
    rubric.criteria().zip(criteria).filter_map(hit).collect()
}

/// The level rules, in their order.
fn decide(
    rubric: &Rubric,
    score: Option<&Exact>,
    coverage: &Exact,
    pillars: &[PillarResult],
    critical: &[CriticalHit],
) -> Outcome {
    let Some(score) = score else { return Outcome::NoScore };
    if *coverage < rubric.policy().min_coverage {
        return Outcome::InsufficientEvidence;
    }
    let confirmed = |effect| critical.iter().any(|hit| hit.confirmed && hit.effect == effect);
    if confirmed(CriticalEffect::Fail) {
        return Outcome::CommitteeDecision;
    }
    let capped = confirmed(CriticalEffect::Cap);
    let from = if capped { cap_index(rubric) } else { 0 };
    let reached = |level: &&Level| {
        *score >= level.min_score
            && floor_holds(level, pillars)
            && (level.allows_critical || !capped)
    };
    match rubric.levels()[from..].iter().find(reached) {
        Some(level) => Outcome::Level(level.id.clone()),
        // The last level admits every score, so this is a rubric without levels, which cannot exist.
        None => Outcome::NoScore,
    }
}

fn cap_index(rubric: &Rubric) -> usize {
    let cap = &rubric.policy().critical_cap;
    rubric.levels().iter().position(|level| level.id == *cap).unwrap_or(0)
}

fn floor_holds(level: &Level, pillars: &[PillarResult]) -> bool {
    let Some(floor) = &level.pillar_floor else { return true };
    pillars.iter().filter_map(|pillar| pillar.score.as_ref()).all(|score| score >= floor)
}
