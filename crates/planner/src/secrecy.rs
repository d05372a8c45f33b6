//! Whether visits could have been foreseen: a guess against plans of other seeds, and whether past scores
//! look as if a visit had been expected.

use std::collections::BTreeMap;

use mizan_domain::rubric::VisitKind;
use mizan_stats::distribution::t_quantile;
use mizan_stats::uncertainty::proportion;
use mizan_stats::{Error, Interval};

use crate::plan::{Plan, Visit};

/// How often something of a visit was guessed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guessed {
    /// Guesses that were right.
    pub right: u64,
    /// All guesses.
    pub made: u64,
    /// The interval of the share.
    pub share: Interval,
    /// The share that blind guessing would have.
    pub chance: f64,
}

/// How often an outsider guesses an unannounced visit who has everything but the seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foresight {
    /// The week.
    pub week: Guessed,
    /// Day of the week and part of the day.
    pub time: Guessed,
    /// The evaluator; the chance is one of all evaluators that ever come.
    pub evaluator: Guessed,
}

impl Guessed {
    /// Whether the guesses are right more often than `times` the chance, beyond doubt.
    #[must_use]
    pub fn is_above(&self, times: f64) -> bool {
        self.share.low > times * self.chance
    }
}

/// What the planner can be asked for any other seed, an outsider can compute too: guesses each
/// unannounced visit of the last plan by what is most frequent for it in the plans before.
///
/// Formula: Wilson's interval of the share of right guesses. Assumes that the plans answer the same
/// problem under different seeds. The guesses of a plan are not independent, so intervals are rather too
/// narrow; a planner is judged by a multiple of the chance.
///
/// # Errors
/// [`Error::TooFew`] with fewer than three plans or without unannounced visits.
pub fn foresight(
    plans: &[Plan],
    weeks: u32,
    times: u32,
    confidence: f64,
) -> Result<Foresight, Error> {
    let found = plans.len();
    if found < 3 {
        return Err(Error::TooFew { what: "plans", found, needed: 3 });
    }
    let evaluators: std::collections::BTreeSet<&str> =
        plans.iter().flat_map(|plan| &plan.visits).map(|visit| visit.evaluator.as_str()).collect();
    let chance = |choices: usize| 1.0 / choices.max(1) as f64;
    Ok(Foresight {
        week: guessed(plans, |v| v.slot.week.to_string(), chance(weeks as usize), confidence)?,
        time: guessed(
            plans,
            |v| format!("{}/{}", v.slot.day, v.slot.part),
            chance(times as usize),
            confidence,
        )?,
        evaluator: guessed(plans, |v| v.evaluator.clone(), chance(evaluators.len()), confidence)?,
    })
}

/// Each plan in turn is guessed from the others.
fn guessed(
    plans: &[Plan],
    of: impl Fn(&Visit) -> String,
    chance: f64,
    confidence: f64,
) -> Result<Guessed, Error> {
    let mut counts: BTreeMap<(&str, u32), BTreeMap<String, u64>> = BTreeMap::new();
    let visits =
        || plans.iter().flat_map(|plan| &plan.visits).filter(|v| v.kind == VisitKind::Unannounced);
    for visit in visits() {
        let count = counts.entry((visit.centre.as_str(), visit.number)).or_default();
        *count.entry(of(visit)).or_default() += 1;
    }
    let (mut right, mut made) = (0, 0);
    for visit in visits() {
        let own = of(visit);
        let others = counts[&(visit.centre.as_str(), visit.number)]
            .iter()
            .map(|(value, count)| (count - u64::from(*value == own), value));
        // Of equally frequent values the first in order: any rule that does not look at the answer.
        let guess =
            others.filter(|(count, _)| *count > 0).max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(a.1)));
        if let Some((_, value)) = guess {
            made += 1;
            right += u64::from(*value == own);
        }
    }
    if made == 0 {
        return Err(Error::TooFew { what: "unannounced visits", found: 0, needed: 1 });
    }
    Ok(Guessed { right, made, share: proportion::wilson(right, made, confidence)?, chance })
}

/// The score of an unannounced visit of a past cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct PastScore {
    /// The centre, with its cycle if there are several.
    pub centre: String,
    /// Its score.
    pub score: f64,
    /// Weeks to the nearest visit that the centre knew of.
    pub weeks_to_known: u32,
}

/// Whether scores rise near a known visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leak {
    /// The mean score near a known visit less that of other weeks, within centres.
    pub rise: f64,
    /// Its interval; one that holds 0 proves nothing either way.
    pub interval: Interval,
    /// Centres with visits both near and far, which alone tell anything.
    pub centres: usize,
}

/// Whether scores of unannounced visits rise in the weeks around a visit the centre knew of.
///
/// Formula: for each centre the mean score within `near` weeks less that of the others; their mean with
/// the t interval over centres, so that a centre's level has no part in it. Assumes that centres are
/// independent; a rise can also come from what the known visit taught, so it is a reason to look, no
/// proof of a leak. Domain: at least two centres with visits of both kinds.
///
/// ```
/// use mizan_planner::secrecy::{PastScore, leak};
/// let past = |centre: &str, score, weeks_to_known| PastScore { centre: centre.into(), score, weeks_to_known };
/// let scores = [past("a", 90.0, 0), past("a", 80.0, 5), past("b", 71.0, 1), past("b", 62.0, 4)];
/// let found = leak(&scores, 1, 0.95)?;
/// assert!((found.rise - 9.5).abs() < 1e-9);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`], [`Error::NotFinite`], [`Error::OutOfRange`].
pub fn leak(scores: &[PastScore], near: u32, confidence: f64) -> Result<Leak, Error> {
    let mut centres: BTreeMap<&str, [(f64, u32); 2]> = BTreeMap::new();
    for (index, past) in scores.iter().enumerate() {
        if !past.score.is_finite() {
            return Err(Error::NotFinite { what: "score", index });
        }
        let side = usize::from(past.weeks_to_known > near);
        let cell = &mut centres.entry(past.centre.as_str()).or_default()[side];
        cell.0 += past.score;
        cell.1 += 1;
    }
    let rises: Vec<f64> = centres
        .values()
        .filter(|[near, far]| near.1 > 0 && far.1 > 0)
        .map(|[near, far]| near.0 / f64::from(near.1) - far.0 / f64::from(far.1))
        .collect();
    let found = rises.len();
    if found < 2 {
        let what = "centres with visits near a known visit and far from it";
        return Err(Error::TooFew { what, found, needed: 2 });
    }
    let rise = rises.iter().sum::<f64>() / found as f64;
    let squares: f64 = rises.iter().map(|own| (own - rise) * (own - rise)).sum();
    let degrees = (found - 1) as f64;
    let error = (squares / degrees / found as f64).sqrt();
    // A level outside (0, 1) is refused there.
    let half = error * t_quantile(0.5 + confidence / 2.0, degrees)?;
    Ok(Leak { rise, interval: Interval::around(rise, half), centres: found })
}
