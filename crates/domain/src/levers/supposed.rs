//! What else a level hangs on: what the score and the outcome would be if something were otherwise.

use crate::evaluation::{Answer, Evaluation};
use crate::exact::Exact;
use crate::rubric::Rubric;
use crate::scoring::{
    self, CRITICAL_BELOW, CriterionResult, Outcome, Scorecard, ScoringFault, State,
};

/// What would come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supposed {
    /// The centre's score.
    pub score: Option<Exact>,
    /// Its outcome.
    pub outcome: Outcome,
}

impl From<Scorecard> for Supposed {
    fn from(card: Scorecard) -> Self {
        Self { score: card.score, outcome: card.outcome }
    }
}

/// Each evaluation's id with what would come of the others alone.
///
/// Nobody evaluates a centre twice in a cycle (M3), so leaving out an evaluation is leaving out its
/// evaluator. `confirmed` says which critical hits are confirmed by the evaluations that are left.
///
/// # Errors
/// As [`scoring::score`].
pub fn without_each(
    rubric: &Rubric,
    evaluations: &[Evaluation],
    confirmed: impl Fn(&[Evaluation]) -> Vec<String>,
) -> Result<Vec<(String, Supposed)>, Vec<ScoringFault>> {
    let without = |evaluation: &Evaluation| {
        let others: Vec<Evaluation> =
            evaluations.iter().filter(|other| other.id != evaluation.id).cloned().collect();
        let card = scoring::score(rubric, &others, &confirmed(&others))?;
        Ok((evaluation.id.clone(), card.into()))
    };
    evaluations.iter().map(without).collect()
}

/// How far the level hangs on the share of unannounced visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    /// From this share on the outcome is what it is.
    pub low: Exact,
    /// Up to this share.
    pub high: Exact,
    /// Were unannounced visits worth nothing where there are scheduled ones.
    pub at_none: Supposed,
    /// Were scheduled visits worth nothing where there are unannounced ones.
    pub at_all: Supposed,
}

/// How far the level hangs on the share of unannounced visits; `None` where no criterion was scored on both
/// kinds of visit, so that the share weighs nothing.
///
/// Every number is a straight line in the share, so the shares at which a threshold is met are exact;
/// between two of them nothing changes.
#[must_use]
pub fn shares(rubric: &Rubric, card: &Scorecard, confirmed: &[String]) -> Option<Shares> {
    let is_mixed = |it: &CriterionResult| it.unannounced.is_some() && it.scheduled.is_some();
    if !card.criteria.iter().any(is_mixed) {
        return None;
    }
    let at = |share: &Exact| with_share(rubric, card, confirmed, share);
    let (none, all) = (at(&Exact::zero()), at(&Exact::from(1)));
    let own = &rubric.policy().unannounced_share;
    let mut meets = meetings(rubric, &none, &all);
    meets.extend([Exact::zero(), Exact::from(1), own.clone()]);
    meets.sort();
    meets.dedup();
    let is_same = |share: &Exact| at(share).outcome == card.outcome;
    let middle = |pair: &[Exact]| &(&pair[0] + &pair[1]) / &Exact::from(2);
    let (mut low, mut high) = (own.clone(), own.clone());
    for pair in meets.windows(2).rev().filter(|pair| pair[1] <= *own) {
        if !is_same(&middle(pair)) {
            break;
        }
        low = pair[0].clone();
        if !is_same(&low) {
            break;
        }
    }
    for pair in meets.windows(2).filter(|pair| pair[0] >= *own) {
        if !is_same(&middle(pair)) {
            break;
        }
        high = pair[1].clone();
        if !is_same(&high) {
            break;
        }
    }
    Some(Shares { low, high, at_none: none.into(), at_all: all.into() })
}

fn with_share(rubric: &Rubric, card: &Scorecard, confirmed: &[String], share: &Exact) -> Scorecard {
    let criterion = |result: &CriterionResult| {
        let mut result = result.clone();
        if let (Some(u), Some(s)) = (&result.unannounced, &result.scheduled) {
            result.score = Some(&(share * u) + &(&(&Exact::from(1) - share) * s));
        }
        result
    };
    let criteria = card.criteria.iter().map(criterion).collect();
    scoring::from_criteria(rubric, criteria, confirmed)
}

/// The shares between 0 and 1 at which a number meets a threshold, from the numbers at 0 and at 1.
fn meetings(rubric: &Rubric, none: &Scorecard, all: &Scorecard) -> Vec<Exact> {
    let levels = rubric.levels();
    let least: Vec<&Exact> = levels.iter().map(|level| &level.min_score).collect();
    let floors: Vec<&Exact> = levels.iter().filter_map(|it| it.pillar_floor.as_ref()).collect();
    let limit = Exact::from(CRITICAL_BELOW);
    let mut found = Vec::new();
    let mut meet = |at_none: &Option<Exact>, at_all: &Option<Exact>, thresholds: &[&Exact]| {
        let (Some(at_none), Some(at_all)) = (at_none, at_all) else { return };
        let rise = at_all - at_none;
        if rise.is_zero() {
            return;
        }
        let share = |threshold: &&Exact| &(*threshold - at_none) / &rise;
        let shares = thresholds.iter().map(share);
        found.extend(shares.filter(|share| !share.is_negative() && *share <= Exact::from(1)));
    };
    meet(&none.score, &all.score, &least);
    for (one, other) in none.pillars.iter().zip(&all.pillars) {
        meet(&one.score, &other.score, &floors);
    }
    let critical = rubric.criteria().zip(none.criteria.iter().zip(&all.criteria));
    for (_, (one, other)) in critical.filter(|(criterion, _)| criterion.critical.is_some()) {
        meet(&one.score, &other.score, &[&limit]);
    }
    found
}

/// What could have been found in place of what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instead {
    /// It applied, and was worth nothing.
    Zero,
    /// It applied, and was worth all.
    Full,
    /// It did not apply.
    LeftOut,
}
crate::rubric::words!(Instead: Zero = "zero", Full = "full", LeftOut = "left_out");

/// A criterion that some evaluation held not applicable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NaChoice {
    /// The criterion's id.
    pub criterion: String,
    /// Whether another evaluation scored it: then somebody erred.
    pub is_disputed: bool,
    /// What would come of the other choice: of leaving a disputed one out, else of scoring it.
    pub instead: Vec<(Instead, Supposed)>,
}

/// What hangs on holding criteria not applicable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NaChoices {
    /// The criteria, in the rubric's order.
    pub choices: Vec<NaChoice>,
    /// Were all that were held not applicable by everybody worth nothing.
    pub all_zero: Supposed,
    /// Were they worth all.
    pub all_full: Supposed,
}

/// What hangs on holding criteria not applicable.
///
/// # Errors
/// As [`scoring::score`].
pub fn na_choices(
    rubric: &Rubric,
    evaluations: &[Evaluation],
    confirmed: &[String],
) -> Result<NaChoices, Vec<ScoringFault>> {
    let card = scoring::score(rubric, evaluations, confirmed)?;
    let collected = scoring::collect(rubric, evaluations, confirmed)?;
    let with = |instead: Instead, changed: &dyn Fn(&CriterionResult) -> bool| {
        let criterion = |result: &CriterionResult| {
            if changed(result) { instead_of(result, instead) } else { result.clone() }
        };
        let criteria = card.criteria.iter().map(criterion).collect();
        Supposed::from(scoring::from_criteria(rubric, criteria, confirmed))
    };
    let mut choices = Vec::new();
    for (result, own) in card.criteria.iter().zip(&collected) {
        let is_na = |(_, _, answer): &(_, _, Answer)| matches!(answer, Answer::NotApplicable(_));
        let others: &[Instead] = match result.state {
            State::NotApplicable => &[Instead::Zero, Instead::Full],
            State::Scored if own.answers.iter().any(is_na) => &[Instead::LeftOut],
            State::Scored | State::NotEvaluated => continue,
        };
        let only = |other: &CriterionResult| other.id == result.id;
        choices.push(NaChoice {
            criterion: result.id.clone(),
            is_disputed: result.state == State::Scored,
            instead: others.iter().map(|instead| (*instead, with(*instead, &only))).collect(),
        });
    }
    let is_na = |result: &CriterionResult| result.state == State::NotApplicable;
    let (all_zero, all_full) = (with(Instead::Zero, &is_na), with(Instead::Full, &is_na));
    Ok(NaChoices { choices, all_zero, all_full })
}

fn instead_of(result: &CriterionResult, instead: Instead) -> CriterionResult {
    let (state, score) = match instead {
        Instead::Zero => (State::Scored, Some(Exact::zero())),
        Instead::Full => (State::Scored, Some(Exact::from(100))),
        Instead::LeftOut => (State::NotApplicable, None),
    };
    CriterionResult { id: result.id.clone(), state, score, unannounced: None, scheduled: None }
}
