//! A centre's score from its visits.

use super::bootstrap;
use super::shrinkage::{self, Shrunk};
use super::{Estimate, critical};
use crate::error::{at_least, finite};
use crate::sample::squares_about;
use crate::{Error, Interval, Resampling};

/// From so many visits on, a centre's interval comes from its own visits alone.
pub const BOOTSTRAP_FROM: usize = 6;
/// Up to so many visits, the score drawn towards all centres' mean is shown beside.
pub const SHRUNK_UP_TO: usize = 3;

/// Where an interval comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The variance of a visit, pooled over all centres.
    PooledVisits,
    /// Resampling of the centre's own visits.
    Bootstrap,
}

/// A centre's score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CentreScore {
    /// How many visits.
    pub visits: usize,
    /// The mean of the visits, its error, and what that rests on.
    pub estimate: Estimate,
    /// The interval.
    pub interval: Interval,
    /// Where the interval comes from.
    pub method: Method,
    /// For one to three visits, the score drawn towards the mean of all centres.
    pub shrunk: Option<Shrunk>,
}

/// The pooled variance of one visit about its centre's mean, and its degrees of freedom.
///
/// Formula: s² = ΣΣ(x − x̄_c)²/Σ(n_c − 1) over the centres with two visits or more.
/// Assumes that visits vary alike everywhere. Reference: the within mean square of one-way analysis of
/// variance.
///
/// # Errors
/// [`Error::TooFew`] when no centre has two visits, [`Error::NotFinite`].
pub fn visit_variance(centres: &[Vec<f64>]) -> Result<(f64, f64), Error> {
    let (mut squares, mut degrees) = (0.0, 0usize);
    for visits in centres.iter().filter(|visits| !visits.is_empty()) {
        finite("visit's score", visits)?;
        squares += squares_about(visits, visits.iter().sum::<f64>() / visits.len() as f64);
        degrees += visits.len() - 1;
    }
    at_least("second visits of a centre", degrees, 1)?;
    Ok((squares / degrees as f64, degrees as f64))
}

/// The score of every centre with its interval; a centre without a visit has none.
///
/// Formula: the mean x̄ of its visits. Below [`BOOTSTRAP_FROM`] visits the interval is
/// x̄ ± t_ν·s/√n with the pooled variance s² of a visit; from there on it resamples the centre's own
/// visits. Up to [`SHRUNK_UP_TO`] visits the empirical Bayes score stands beside.
/// The interval is not cut to the scale; use [`Interval::within`] where it is shown.
///
/// Assumes visits that are independent of each other and alike in variance.
///
/// # Errors
/// As [`visit_variance`] and [`bootstrap::resample`].
pub fn centre_scores(
    centres: &[Vec<f64>],
    resampling: &Resampling,
) -> Result<Vec<Option<CentreScore>>, Error> {
    let (variance, degrees) = visit_variance(centres)?;
    let reach = critical(resampling.confidence, Some(degrees))?;
    let rated: Vec<&Vec<f64>> = centres.iter().filter(|visits| !visits.is_empty()).collect();
    let mean = |visits: &[f64]| visits.iter().sum::<f64>() / visits.len() as f64;
    let means: Vec<f64> = rated.iter().map(|visits| mean(visits)).collect();
    let variances: Vec<f64> = rated.iter().map(|visits| variance / visits.len() as f64).collect();
    // Fewer than four centres have no distribution to draw towards.
    let mut shrunk = match shrinkage::empirical_bayes(&means, &variances, resampling.confidence) {
        Ok(shrunk) => shrunk.into_iter().map(Some).collect(),
        Err(Error::TooFew { .. } | Error::OutOfRange { .. }) => vec![None; rated.len()],
        Err(error) => return Err(error),
    }
    .into_iter();
    let mut scores = Vec::with_capacity(centres.len());
    for (place, visits) in centres.iter().enumerate() {
        if visits.is_empty() {
            scores.push(None);
            continue;
        }
        let beside = shrunk.next().flatten().filter(|_| visits.len() <= SHRUNK_UP_TO);
        let mean = mean(visits);
        if visits.len() >= BOOTSTRAP_FROM {
            scores.push(Some(resampled(visits, mean, place, resampling)?));
            continue;
        }
        let standard_error = (variance / visits.len() as f64).sqrt();
        scores.push(Some(CentreScore {
            visits: visits.len(),
            estimate: Estimate { value: mean, standard_error, degrees: Some(degrees) },
            interval: Interval::around(mean, reach * standard_error),
            method: Method::PooledVisits,
            shrunk: beside,
        }));
    }
    Ok(scores)
}

fn resampled(
    visits: &[f64],
    mean: f64,
    place: usize,
    resampling: &Resampling,
) -> Result<CentreScore, Error> {
    // A stream for each centre: its interval must not depend on which others there are.
    let seed = resampling.seed.wrapping_add((place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let count = visits.len();
    let figure =
        |places: &[usize]| Some(places.iter().map(|at| visits[*at]).sum::<f64>() / count as f64);
    let found = bootstrap::resample(count, &Resampling { seed, ..*resampling }, figure)?;
    let variance = squares_about(visits, mean) / (count - 1) as f64;
    let standard_error = (variance / count as f64).sqrt();
    Ok(CentreScore {
        visits: count,
        estimate: Estimate { value: mean, standard_error, degrees: Some((count - 1) as f64) },
        interval: found.interval,
        method: Method::Bootstrap,
        shrunk: None,
    })
}
