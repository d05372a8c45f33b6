//! Means, variances and quantiles of a sample.

use crate::Error;
use crate::error::{at_least, finite, open_unit};

/// The arithmetic mean, Σx/n.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] for one that is no number.
pub fn mean(values: &[f64]) -> Result<f64, Error> {
    at_least("values", values.len(), 1)?;
    finite("value", values)?;
    Ok(values.iter().sum::<f64>() / values.len() as f64)
}

/// The variance with n − 1 below the line.
///
/// ```
/// assert_eq!(mizan_stats::sample::variance(&[1.0, 2.0, 3.0, 4.0])?, 5.0 / 3.0);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for fewer than two values, [`Error::NotFinite`] for one that is no number.
pub fn variance(values: &[f64]) -> Result<f64, Error> {
    at_least("values", values.len(), 2)?;
    let mean = mean(values)?;
    Ok(squares_about(values, mean) / (values.len() - 1) as f64)
}

/// Σ(x − centre)².
pub(crate) fn squares_about(values: &[f64], centre: f64) -> f64 {
    values.iter().map(|value| (value - centre).powi(2)).sum()
}

/// The quantile of a sample, linear between order statistics: at place (n − 1)·p from the smallest.
///
/// Reference: definition 7 of Hyndman RJ, Fan Y (1996) Sample quantiles in statistical packages, Am
/// Stat 50:361–365.
///
/// # Errors
/// [`Error::TooFew`] for no value, [`Error::NotFinite`] for one that is no number,
/// [`Error::OutOfRange`] for a probability outside (0, 1).
pub fn quantile(values: &[f64], probability: f64) -> Result<f64, Error> {
    at_least("values", values.len(), 1)?;
    finite("value", values)?;
    let probability = open_unit("a probability", probability)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(quantile_of_sorted(&sorted, probability))
}

pub(crate) fn quantile_of_sorted(sorted: &[f64], probability: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * probability.clamp(0.0, 1.0);
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The median.
///
/// # Errors
/// As [`quantile`].
pub fn median(values: &[f64]) -> Result<f64, Error> {
    quantile(values, 0.5)
}
