//! How sure a rank is.

use crate::Error;
use crate::error::{at_least, at_most, finite, level, not_negative, same_length};
use crate::random::{Random, Resampling};

/// Ranks from best to worst: 1 is the highest score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankSet {
    /// The rank of the score as it is; equal scores share the better rank.
    pub rank: usize,
    /// The best and the worst rank that this centre's own comparisons allow: right for one centre.
    pub marginal: (usize, usize),
    /// The best and the worst rank where all centres' sets hold at once: right for the whole list.
    pub simultaneous: (usize, usize),
}

impl RankSet {
    /// Whether the centre may belong to the best `top`, by the list as a whole.
    #[must_use]
    pub fn may_be_among(&self, top: usize) -> bool {
        self.simultaneous.0 <= top
    }

    /// Whether the centre surely belongs to the best `top`, by the list as a whole.
    #[must_use]
    pub fn is_among(&self, top: usize) -> bool {
        self.simultaneous.1 <= top
    }
}

/// Confidence sets for the ranks of scores with independent normal errors.
///
/// A centre's rank is 1 plus the number of centres above it, so what can be said of differences can be
/// said of ranks. All differences (y_j − y_k)/√(s_j² + s_k²) are held against a quantile of the largest of
/// their absolute values, drawn by simulation as if all centres were equal; those beyond it are decided,
/// and the rest is held against a quantile of its own largest until nothing more is decided.
/// Marginally the differences are those of one centre, simultaneously those of all.
///
/// Assumes independent scores with known errors. Edge cases: two scores without errors are in the order
/// they are in; a single score has rank 1.
/// Reference: Mogstad M, Romano JP, Shaikh AM, Wilhelm D (2024) Inference for ranks, Rev Econ Stud
/// 91:476–518. Tolerance: one rank, for another generator of random numbers.
///
/// # Errors
/// [`Error::Lengths`], [`Error::NotFinite`], [`Error::OutOfRange`] for a negative error,
/// [`Error::TooFew`] for no score or fewer than 100 draws, [`Error::TooMany`] beyond 100 million draws
/// over all scores.
pub fn rank_sets(
    scores: &[f64],
    standard_errors: &[f64],
    resampling: &Resampling,
) -> Result<Vec<RankSet>, Error> {
    let confidence = level(resampling.confidence)?;
    at_least("scores", scores.len(), 1)?;
    same_length("standard errors", scores.len(), standard_errors.len())?;
    finite("score", scores)?;
    for error in standard_errors {
        not_negative("a standard error", *error)?;
    }
    at_least("draws", resampling.replicates, 100)?;
    at_most(
        "draws over all scores",
        resampling.replicates.saturating_mul(scores.len()),
        100_000_000,
    )?;
    let mut random = Random::seeded(resampling.seed);
    // One row for each score, so that a pair is compared along memory.
    let noise: Vec<Vec<f64>> = standard_errors
        .iter()
        .map(|error| (0..resampling.replicates).map(|_| error * random.normal()).collect())
        .collect();
    let comparisons = Comparisons { scores, errors: standard_errors, noise: &noise, confidence };
    let all: Vec<(usize, usize)> =
        (0..scores.len()).flat_map(|one| (0..one).map(move |two| (one, two))).collect();
    let together = comparisons.decide(all);
    let simultaneous = ends(scores.len(), &together);
    let mut sets = Vec::with_capacity(scores.len());
    for (place, score) in scores.iter().enumerate() {
        let own = (0..scores.len()).filter(|other| *other != place);
        let decided = comparisons.decide(own.map(|other| (place, other)).collect());
        let marginal = ends(scores.len(), &decided)[place];
        let rank = 1 + scores.iter().filter(|other| *other > score).count();
        sets.push(RankSet { rank, marginal, simultaneous: simultaneous[place] });
    }
    Ok(sets)
}

struct Comparisons<'a> {
    scores: &'a [f64],
    errors: &'a [f64],
    noise: &'a [Vec<f64>],
    confidence: f64,
}

impl Comparisons<'_> {
    /// The pairs whose order is decided, the better one first.
    fn decide(&self, pairs: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
        let mut decided = Vec::new();
        let mut open = Vec::new();
        for (one, two) in pairs {
            let error = self.errors[one].hypot(self.errors[two]);
            let difference = self.scores[one] - self.scores[two];
            let ordered = if difference > 0.0 { (one, two) } else { (two, one) };
            if error > 0.0 {
                open.push((ordered, 1.0 / error, difference.abs() / error));
            } else if difference != 0.0 {
                decided.push(ordered);
            }
        }
        while !open.is_empty() {
            let critical = self.critical(&open);
            let before = open.len();
            open.retain(|(pair, _, size)| {
                let stays = *size <= critical;
                if !stays {
                    decided.push(*pair);
                }
                stays
            });
            if open.len() == before {
                break;
            }
        }
        decided
    }

    fn critical(&self, open: &[((usize, usize), f64, f64)]) -> f64 {
        let mut largest = vec![0.0; self.noise[0].len()];
        for ((one, two), scale, _) in open {
            let pairs = self.noise[*one].iter().zip(&self.noise[*two]);
            for (largest, (one, two)) in largest.iter_mut().zip(pairs) {
                let size = (one - two).abs() * scale;
                *largest = if size > *largest { size } else { *largest };
            }
        }
        let place = (self.confidence * largest.len() as f64).ceil() as usize;
        let place = place.clamp(1, largest.len()) - 1;
        *largest.select_nth_unstable_by(place, f64::total_cmp).1
    }
}

fn ends(count: usize, decided: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut ends = vec![(1, count); count];
    for (better, worse) in decided {
        ends[*worse].0 += 1;
        ends[*better].1 -= 1;
    }
    ends
}
