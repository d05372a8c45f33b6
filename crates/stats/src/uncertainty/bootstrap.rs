//! The bootstrap: what a figure would have been, had other units of the same kind been drawn.

use crate::error::{at_least, level};
use crate::random::Random;
use crate::{Error, Interval, Resampling, distribution, sample};

/// What resampling tells of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// The standard deviation of the figure over the samples.
    pub standard_error: f64,
    /// The interval, by expanded percentiles.
    pub interval: Interval,
    /// In how many samples the figure exists.
    pub samples: usize,
}

/// Resamples units with replacement and computes a figure from each sample of their places.
///
/// Plain percentiles are too narrow for few units, by the factor √((n − 1)/n) and by taking z for t. The
/// percentiles are therefore moved out to Φ(±√(n/(n − 1))·t_{n−1}), which for a mean gives about the t
/// interval. Give whole visits as units, never answers.
///
/// Assumes units drawn independently. A sample in which the figure does not exist (`None`) does not
/// enter. References: Efron B, Tibshirani RJ (1993) An Introduction to the Bootstrap; Hesterberg TC
/// (2015) What teachers should know about the bootstrap, Am Stat 69:371–386.
///
/// ```
/// use mizan_stats::{Resampling, uncertainty::bootstrap};
/// let scores = [70.0, 80.0, 75.0, 90.0, 85.0, 80.0];
/// let mean = |places: &[usize]| Some(places.iter().map(|at| scores[*at]).sum::<f64>() / 6.0);
/// let resampling = Resampling { replicates: 2_000, seed: 1, confidence: 0.95 };
/// let found = bootstrap::resample(scores.len(), &resampling, mean)?;
/// assert!(found.interval.holds(80.0));
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for fewer than two units, 20 samples, or samples in which the figure exists;
/// [`Error::NotFinite`] for a figure that is no number.
pub fn resample(
    units: usize,
    resampling: &Resampling,
    figure: impl Fn(&[usize]) -> Option<f64>,
) -> Result<Bootstrap, Error> {
    let tail = 0.5 + level(resampling.confidence)? / 2.0;
    at_least("units", units, 2)?;
    at_least("bootstrap samples", resampling.replicates, 20)?;
    let mut random = Random::seeded(resampling.seed);
    let mut places = vec![0; units];
    let mut figures = Vec::with_capacity(resampling.replicates);
    for _ in 0..resampling.replicates {
        places.iter_mut().for_each(|place| *place = random.below(units));
        figures.extend(figure(&places));
    }
    at_least("bootstrap samples with a figure", figures.len(), 20)?;
    let standard_error = sample::variance(&figures)?.sqrt();
    figures.sort_by(f64::total_cmp);
    let freedom = (units - 1) as f64;
    let reach = distribution::t_quantile(tail, freedom)? * (units as f64 / freedom).sqrt();
    let at = |z: f64| sample::quantile_of_sorted(&figures, distribution::normal_below(z));
    let interval = Interval { low: at(-reach), high: at(reach) };
    Ok(Bootstrap { standard_error, interval, samples: figures.len() })
}
