//! Answers that are too much alike: between evaluations, and within one.

use crate::error::{at_least, at_most, open_unit, same_length};
use crate::{Error, distribution};

/// An answer as a small number of the caller's choice; `None` is a missing one.
pub type Answer = Option<u16>;

/// The evaluation most like another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// The largest share of identical answers with any other evaluation.
    pub share: f64,
    /// The other evaluation, the first of equals.
    pub other: usize,
    /// How many answers both have.
    pub shared: usize,
    /// Whether the share is beyond the threshold.
    pub is_flagged: bool,
}

/// For each evaluation the largest share of identical answers with any other; `None` where no other
/// shares `least_shared` answers.
///
/// Formula: identical answers over answers that both have; flagged from `threshold` on, such as 0.85.
/// Above it ask, do not accuse: on an easy rubric honest evaluations are alike as well, so hold a pair
/// against [`model_match`] before anybody is asked.
/// The time grows with the square of the number of evaluations.
///
/// Assumes that all evaluations answer the same criteria in the same order.
/// Reference: Kuriakose N, Robbins M (2016) Don't get duped: fraud through duplication in public opinion
/// surveys, Stat J IAOS 32:283–291.
///
/// ```
/// use mizan_stats::field::likeness::likeness;
/// let evaluations = [vec![Some(1), Some(2)], vec![Some(1), Some(3)], vec![Some(4), Some(2)]];
/// let found = likeness(&evaluations, 0.85, 2)?;
/// assert_eq!(found[0].map(|it| (it.share, it.other)), Some((0.5, 1)));
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::Lengths`] when evaluations differ in length, [`Error::OutOfRange`] for a threshold outside
/// (0, 1), [`Error::TooFew`] for no shared answer asked, [`Error::TooMany`] beyond 50,000 evaluations.
pub fn likeness(
    evaluations: &[Vec<Answer>],
    threshold: f64,
    least_shared: usize,
) -> Result<Vec<Option<Likeness>>, Error> {
    let threshold = open_unit("the threshold", threshold)?;
    at_least("shared answers asked for", least_shared, 1)?;
    at_most("evaluations", evaluations.len(), 50_000)?;
    let length = evaluations.first().map_or(0, Vec::len);
    // Missing answers become two numbers that no answer has, so that one comparison tells both.
    let mut codes = Vec::with_capacity(evaluations.len());
    for evaluation in evaluations {
        same_length("answers of an evaluation", length, evaluation.len())?;
        codes.push(evaluation.iter().map(|it| it.map_or(MISSING, u32::from)).collect::<Vec<_>>());
    }
    let mut found: Vec<Option<Likeness>> = vec![None; evaluations.len()];
    for one in 0..codes.len() {
        for other in one + 1..codes.len() {
            let (same, shared) = compared(&codes[one], &codes[other]);
            if shared < least_shared {
                continue;
            }
            let share = f64::from(same) / shared as f64;
            for (own, with) in [(one, other), (other, one)] {
                if found[own].is_none_or(|best| best.share < share) {
                    let is_flagged = share >= threshold;
                    found[own] = Some(Likeness { share, other: with, shared, is_flagged });
                }
            }
        }
    }
    Ok(found)
}

const MISSING: u32 = u32::MAX;

fn compared(one: &[u32], other: &[u32]) -> (u32, usize) {
    let (mut same, mut shared) = (0, 0);
    for (a, b) in one.iter().zip(other) {
        let both = u32::from(*a != MISSING) & u32::from(*b != MISSING);
        shared += both;
        same += both & u32::from(a == b);
    }
    (same, shared as usize)
}

/// Identical answers of two evaluations against what a model of them expects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelMatch {
    /// Identical answers.
    pub observed: usize,
    /// How many the model expects.
    pub expected: f64,
    /// How many standard deviations above that; 0 where the model is certain and right.
    pub z: f64,
    /// How likely as many or more are, by the normal approximation with continuity correction.
    pub p: f64,
}

/// Identical answers of two evaluations against what the fitted model expects of them: the fair way to
/// ask whether 85 % are too many.
///
/// For each answer that both gave: whether it was identical, and the probability the model gives to
/// that, Σ_k P_a(k)·P_b(k) over the categories ([`crate::facets::Measures::probabilities`]).
/// Formula: z = (Σm − Σq)/√Σq(1 − q).
///
/// Assumes answers that are independent given the measures; visits of the same day at the same centre
/// are not quite, and match a little more.
///
/// # Errors
/// [`Error::TooFew`] without answers, [`Error::OutOfRange`] for a probability outside 0–1.
pub fn model_match(answers: &[(bool, f64)]) -> Result<ModelMatch, Error> {
    at_least("answers of both", answers.len(), 1)?;
    let (mut observed, mut expected, mut variance) = (0, 0.0, 0.0);
    for (is_same, probability) in answers {
        if !(0.0..=1.0).contains(probability) {
            let allowed = "within 0 and 1";
            return Err(Error::OutOfRange { what: "a probability", value: *probability, allowed });
        }
        observed += usize::from(*is_same);
        expected += probability;
        variance += probability * (1.0 - probability);
    }
    let more = observed as f64 - expected;
    let deviation = variance.sqrt();
    let scaled = |excess: f64| {
        if deviation > 0.0 {
            excess / deviation
        } else if excess > 0.0 {
            40.0
        } else {
            0.0
        }
    };
    let p = distribution::normal_below(-scaled(more - 0.5));
    Ok(ModelMatch { observed, expected, z: scaled(more), p })
}

/// How varied the answers of one evaluation are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Straight {
    /// The share of the most frequent answer.
    pub share: f64,
    /// The longest run of the same answer, missing ones passed over.
    pub longest_run: usize,
    /// How many answers there are.
    pub answers: usize,
    /// Whether the share is beyond the threshold, with enough answers to say so.
    pub is_flagged: bool,
}

/// Straight-lining: the same answer throughout.
///
/// Give answers of one kind of scale together, worth the same meaning the same; a rubric of yes/no
/// criteria that were all met is a good centre and no straight line. Flagged from `threshold` on, such
/// as 0.9, among at least `least` answers, such as 8. `None` without answers.
///
/// # Errors
/// [`Error::OutOfRange`] for a threshold outside (0, 1).
pub fn straight(
    answers: &[Answer],
    threshold: f64,
    least: usize,
) -> Result<Option<Straight>, Error> {
    let threshold = open_unit("the threshold", threshold)?;
    let given: Vec<u16> = answers.iter().flatten().copied().collect();
    if given.is_empty() {
        return Ok(None);
    }
    let longest_run = given.chunk_by(|a, b| a == b).map(<[u16]>::len).max().unwrap_or(0);
    let mut sorted = given.clone();
    sorted.sort_unstable();
    let most = sorted.chunk_by(|a, b| a == b).map(<[u16]>::len).max().unwrap_or(0);
    let share = most as f64 / given.len() as f64;
    let is_flagged = given.len() >= least && share >= threshold;
    Ok(Some(Straight { share, longest_run, answers: given.len(), is_flagged }))
}
