//! Does an evaluator grow harsher or milder over the cycle?

use crate::error::{at_least, finite, same_length};
use crate::uncertainty::Estimate;
use crate::{Error, distribution, sample};

/// The drift of one evaluator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// The change of what is given for the same, in points for each unit of time; negative is growing
    /// harsher. Its error and degrees come with it.
    pub slope: Estimate,
    /// How likely so steep a slope is without any drift.
    pub p: f64,
}

/// The slope of what an evaluator gave beyond what was expected, over time.
///
/// Give one value for each **visit** (the mean of its residuals, observed less expected), since answers
/// of one visit are not independent. With several evaluators adjust the p-values
/// ([`crate::uncertainty::multiple::benjamini_hochberg`]).
///
/// Formula: least squares, b = Σ(t − t̄)(r − r̄)/Σ(t − t̄)², error √(Σe²/(n − 2)/Σ(t − t̄)²), t with n − 2
/// degrees of freedom. Assumes independent visits of equal variance.
/// Edge cases: residuals on a straight line have error 0, and p is 0 unless the line is level.
///
/// ```
/// use mizan_stats::field::drift::drift;
/// let drift = drift(&[0.0, 1.0, 2.0, 3.0], &[1.0, 0.2, -0.1, -1.1])?;
/// assert!((drift.slope.value + 0.66).abs() < 1e-12 && drift.p < 0.05);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for fewer than three visits, [`Error::Lengths`], [`Error::NotFinite`],
/// [`Error::NoVariation`] when all visits were at one time.
pub fn drift(times: &[f64], residuals: &[f64]) -> Result<Drift, Error> {
    at_least("visits", times.len(), 3)?;
    same_length("residuals", times.len(), residuals.len())?;
    finite("residual", residuals)?;
    let (time, level) = (sample::mean(times)?, sample::mean(residuals)?);
    let spread = sample::squares_about(times, time);
    let size = times.iter().map(|it| it * it).sum::<f64>();
    if spread == 0.0 || spread <= 1e-24 * size {
        return Err(Error::NoVariation { what: "the times" });
    }
    let pairs = || times.iter().zip(residuals);
    let slope = pairs().map(|(t, r)| (t - time) * (r - level)).sum::<f64>() / spread;
    let left = pairs().map(|(t, r)| (r - level - slope * (t - time)).powi(2)).sum::<f64>();
    let degrees = (times.len() - 2) as f64;
    let standard_error = (left / degrees / spread).sqrt();
    let p = if standard_error > 0.0 {
        distribution::t_two_sided(slope / standard_error, degrees)?
    } else {
        f64::from(u8::from(slope == 0.0))
    };
    Ok(Drift { slope: Estimate { value: slope, standard_error, degrees: Some(degrees) }, p })
}
