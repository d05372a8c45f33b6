//! Which centres cannot be told apart.

use super::Estimate;
use crate::error::{at_least, at_most, positive};
use crate::{Error, distribution};

/// Beyond so many groups for each centre, the list says nothing to anybody.
const GROUPS_FOR_EACH: usize = 20;
/// Steps of the search after which it is given up.
const STEPS: usize = 2_000_000;

/// The groups of centres of which no two can be told apart, each as large as can be, best first.
///
/// Two centres are told apart when the interval of their difference does not hold zero. A centre may
/// stand in several groups: that A cannot be told from B, nor B from C, does not make A equal to C.
/// Centres of one group deserve no order among themselves.
///
/// Assumes independent scores; the level holds for each pair, not for all at once (see
/// [`super::ranks`] for that). Edge cases: a centre unlike all others is a group of one.
/// Reference: the maximal cliques of the relation, after Bron C, Kerbosch J (1973) Commun ACM
/// 16:575–577, with pivots.
///
/// ```
/// use mizan_stats::uncertainty::{Estimate, groups};
/// let scores = [(90.0, 1.0), (88.5, 1.0), (87.0, 1.0), (70.0, 1.0)];
/// let scores = scores.map(|(value, error)| Estimate::known(value, error));
/// assert_eq!(groups::groups(&scores, 0.95)?, [vec![0, 1], vec![1, 2], vec![3]]);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// As [`Estimate::less`]; [`Error::TooMany`] beyond 5,000 scores, or when errors differ so wildly that
/// the groups outnumber the centres twentyfold.
pub fn groups(scores: &[Estimate], confidence: f64) -> Result<Vec<Vec<usize>>, Error> {
    at_most("scores", scores.len(), 5_000)?;
    let mut alike = vec![Set::empty(scores.len()); scores.len()];
    for one in 0..scores.len() {
        for other in 0..one {
            if scores[one].less(&scores[other], confidence)?.interval.holds(0.0) {
                alike[one].insert(other);
                alike[other].insert(one);
            }
        }
    }
    let mut all = Set::empty(scores.len());
    (0..scores.len()).for_each(|place| all.insert(place));
    let mut search = Search { alike: &alike, found: Vec::new(), steps: 0 };
    search.extend(&mut Vec::new(), all, Set::empty(scores.len()))?;
    let mut found = search.found;
    let order = |group: &mut Vec<usize>| {
        group.sort_by(|one, two| {
            scores[*two].value.total_cmp(&scores[*one].value).then(one.cmp(two))
        });
    };
    found.iter_mut().for_each(order);
    found.sort_by(|one, two| {
        let values =
            |group: &[usize]| (scores[group[0]].value, scores[group[group.len() - 1]].value);
        let (one_best, one_last) = values(one);
        let (two_best, two_last) = values(two);
        let by_best = two_best.total_cmp(&one_best).then(two_last.total_cmp(&one_last));
        by_best.then_with(|| one.cmp(two))
    });
    Ok(found)
}

/// How far bars must reach to either side so that two that do not overlap differ at a level: in units
/// of the standard error.
///
/// Formula: the β at which the mean over all pairs of 2(1 − Φ(β(s_i + s_j)/√(s_i² + s_j²))) is α; with equal
/// errors z/√2, 1.39 at 5 %.
/// Assumes normal figures. Reference: Goldstein H, Healy MJR (1995) J R Stat Soc A 158:175–177.
///
/// # Errors
/// [`Error::TooFew`] for fewer than two errors, [`Error::OutOfRange`] for one that is not above 0 or a
/// level outside (0, 1).
pub fn overlap_multiplier(standard_errors: &[f64], level: f64) -> Result<f64, Error> {
    at_least("standard errors", standard_errors.len(), 2)?;
    let level = crate::error::open_unit("the level", level)?;
    for error in standard_errors {
        positive("a standard error", *error)?;
    }
    let mut ratios = Vec::new();
    for (index, one) in standard_errors.iter().enumerate() {
        ratios.extend(standard_errors[index + 1..].iter().map(|two| (one + two) / one.hypot(*two)));
    }
    let wrong = |reach: f64| {
        let sum: f64 = ratios.iter().map(|it| 2.0 * distribution::normal_below(-reach * it)).sum();
        sum / ratios.len() as f64
    };
    let (mut low, mut high) = (0.0, 40.0);
    while high - low > 1e-12 {
        let middle = 0.5 * (low + high);
        if wrong(middle) > level { low = middle } else { high = middle }
    }
    Ok(0.5 * (low + high))
}

#[derive(Clone)]
struct Set(Vec<u64>);

impl Set {
    fn empty(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn remove(&mut self, place: usize) {
        self.0[place / 64] &= !(1 << (place % 64));
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn both(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, two)| one & two).collect())
    }

    fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, two)| one & !two).collect())
    }

    fn shared(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(one, two)| (one & two).count_ones()).sum()
    }

    fn places(&self) -> Vec<usize> {
        let bits = |(word, bits): (usize, &u64)| {
            let bits = *bits;
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        };
        self.0.iter().enumerate().flat_map(bits).collect()
    }
}

struct Search<'a> {
    alike: &'a [Set],
    found: Vec<Vec<usize>>,
    steps: usize,
}

impl Search<'_> {
    fn extend(&mut self, chosen: &mut Vec<usize>, open: Set, done: Set) -> Result<(), Error> {
        self.steps += 1;
        let most = GROUPS_FOR_EACH * self.alike.len().max(1);
        at_most("groups that cannot be told apart", self.found.len(), most)?;
        at_most("steps in search of groups", self.steps, STEPS)?;
        if open.is_empty() {
            if done.is_empty() && !chosen.is_empty() {
                self.found.push(chosen.clone());
            }
            return Ok(());
        }
        let mut candidates = open.places();
        candidates.extend(done.places());
        let pivot = candidates.into_iter().max_by_key(|place| self.alike[*place].shared(&open));
        let Some(pivot) = pivot else { return Ok(()) };
        let (mut open, mut done) = (open, done);
        for place in open.without(&self.alike[pivot]).places() {
            chosen.push(place);
            self.extend(chosen, open.both(&self.alike[place]), done.both(&self.alike[place]))?;
            chosen.pop();
            open.remove(place);
            done.insert(place);
        }
        Ok(())
    }
}
