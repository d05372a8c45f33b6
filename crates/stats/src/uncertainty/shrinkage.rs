//! Scores drawn towards the mean of all: the best guess where there are few visits.

use super::critical;
use crate::error::{at_least, finite, positive, same_length};
use crate::sample::squares_about;
use crate::{Error, Interval};

/// A score drawn towards the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrunk {
    /// The score.
    pub value: f64,
    /// How much of the distance to the mean is left, 0–1.
    pub kept: f64,
    /// Its standard error, that of mean and variance included.
    pub standard_error: f64,
    /// Its interval.
    pub interval: Interval,
}

/// James and Stein's estimate of several means with one known variance.
#[derive(Debug, Clone, PartialEq)]
pub struct JamesStein {
    /// The mean of all.
    pub mean: f64,
    /// How much of each distance is left, c.
    pub kept: f64,
    /// ȳ + c(y − ȳ).
    pub values: Vec<f64>,
}

/// James–Stein shrinkage towards the mean.
///
/// Formula: ȳ + c(y − ȳ), c = 1 − (k − 3)s²/Σ(y − ȳ)², never below 0.
/// Assumes k independent normal values of known variance s². Edge cases: equal values stay as they are.
/// Reference: Efron B, Morris C (1977) Stein's paradox in statistics, Sci Am 236(5):119–127.
///
/// # Errors
/// [`Error::TooFew`] for fewer than four values, [`Error::NotFinite`], [`Error::OutOfRange`] for a
/// variance that is not above 0.
pub fn james_stein(values: &[f64], variance: f64) -> Result<JamesStein, Error> {
    at_least("values", values.len(), 4)?;
    let mean = crate::sample::mean(values)?;
    positive("the variance", variance)?;
    let squares = squares_about(values, mean);
    let kept = (1.0 - (values.len() - 3) as f64 * variance / squares).max(0.0);
    let kept = if kept.is_finite() { kept } else { 0.0 };
    let values = values.iter().map(|value| mean + kept * (value - mean)).collect();
    Ok(JamesStein { mean, kept, values })
}

/// Empirical Bayes shrinkage of values with different variances.
///
/// Formula: the variance A between centres is the one at which Σ(y − μ)²/(v + A) equals k − 1, μ the mean
/// weighted by 1/(v + A) (0 if there is none). With B = (k − 3)/(k − 1)·v/(v + A) a value becomes
/// μ + (1 − B)(y − μ). Its error adds to v(1 − B) what μ and A themselves are unsure of:
/// B²/Σ1/(v + A) and 2B²/(k − 3)·(v̄ + A)/(v + A)·(y − μ)², v̄ the precision-weighted variance.
///
/// Assumes normal values of known variance around normal truths. Edge cases: where values vary no more
/// than their errors, nearly everything is drawn to the mean.
/// References: Morris CN (1983) Parametric empirical Bayes inference, J Am Stat Assoc 78:47–55; Paule RC,
/// Mandel J (1982) J Res Natl Bur Stand 87:377–385.
///
/// # Errors
/// [`Error::TooFew`] for fewer than four values, [`Error::Lengths`], [`Error::NotFinite`],
/// [`Error::OutOfRange`] for a variance that is not above 0.
pub fn empirical_bayes(
    values: &[f64],
    variances: &[f64],
    confidence: f64,
) -> Result<Vec<Shrunk>, Error> {
    let reach = critical(confidence, None)?;
    at_least("values", values.len(), 4)?;
    same_length("variances", values.len(), variances.len())?;
    finite("value", values)?;
    for variance in variances {
        positive("a variance", *variance)?;
    }
    let count = values.len() as f64;
    let between = between(values, variances);
    let weights: Vec<f64> = variances.iter().map(|variance| 1.0 / (variance + between)).collect();
    let all: f64 = weights.iter().sum();
    let mean = weighted_mean(values, &weights);
    let typical = weights.iter().zip(variances).map(|(w, v)| w * v).sum::<f64>() / all;
    let drawn = |(value, variance): (&f64, &f64)| {
        let share = (count - 3.0) / (count - 1.0) * variance / (variance + between);
        let kept = 1.0 - share;
        let spread =
            2.0 / (count - 3.0) * share * share * (typical + between) / (variance + between);
        let square = variance * kept + share * share / all + spread * (value - mean).powi(2);
        let (drawn, standard_error) = (mean + kept * (value - mean), square.sqrt());
        let interval = Interval::around(drawn, reach * standard_error);
        Shrunk { value: drawn, kept, standard_error, interval }
    };
    Ok(values.iter().zip(variances).map(drawn).collect())
}

fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    sum / weights.iter().sum::<f64>()
}

/// The variance between true values, by Paule and Mandel.
pub(super) fn between(values: &[f64], variances: &[f64]) -> f64 {
    let target = (values.len() - 1) as f64;
    let spread = |between: f64| {
        let weights: Vec<f64> = variances.iter().map(|v| 1.0 / (v + between)).collect();
        let mean = weighted_mean(values, &weights);
        values.iter().zip(&weights).map(|(y, w)| w * (y - mean).powi(2)).sum::<f64>()
    };
    if spread(0.0) <= target {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while spread(high) > target {
        low = high;
        high *= 2.0;
    }
    while high - low > 1e-12 * high {
        let middle = 0.5 * (low + high);
        if spread(middle) > target { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
