//! Intervals of shares: how many of the centres passed, how many answers were yes.

use crate::error::level;
use crate::{Error, Interval, distribution};

/// Wilson's score interval of a proportion.
///
/// Formula: (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²))/(1 + z²/n), without continuity correction.
/// Assumes independent trials. Edge cases: none or all succeeded give an interval that begins at 0 or
/// ends at 1. References: Wilson EB (1927) J Am Stat Assoc 22:209–212; Newcombe RG (1998) Stat Med
/// 17:857–872, method 3.
///
/// ```
/// let interval = mizan_stats::uncertainty::proportion::wilson(15, 148, 0.95)?;
/// assert!((interval.low - 0.0624).abs() < 5e-5 && (interval.high - 0.1605).abs() < 5e-5);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for no trial, [`Error::OutOfRange`] for more successes than trials or a level
/// outside (0, 1).
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Result<Interval, Error> {
    let tail = 0.5 + level(confidence)? / 2.0;
    crate::error::at_least("trials", trials as usize, 1)?;
    if successes > trials {
        let allowed = "no more than the trials";
        return Err(Error::OutOfRange { what: "successes", value: successes as f64, allowed });
    }
    let z = distribution::normal_quantile(tail)?;
    let (n, share) = (trials as f64, successes as f64 / trials as f64);
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    let interval = Interval { low: (centre - half) / scale, high: (centre + half) / scale };
    // At the ends the two terms are equal but for their last bits.
    Ok(Interval {
        low: if successes == 0 { 0.0 } else { interval.low.max(0.0) },
        high: if successes == trials { 1.0 } else { interval.high.min(1.0) },
    })
}

/// Newcombe's hybrid score interval of a difference of two proportions, first less second.
///
/// Formula: with Wilson's intervals (l₁, u₁), (l₂, u₂) and d = p₁ − p₂: from
/// d − √((p₁ − l₁)² + (u₂ − p₂)²) to d + √((u₁ − p₁)² + (p₂ − l₂)²).
/// Assumes independent samples. Reference: Newcombe RG (1998) Stat Med 17:873–890, method 10.
///
/// # Errors
/// As [`wilson`], for either sample.
pub fn newcombe(first: (u64, u64), second: (u64, u64), confidence: f64) -> Result<Interval, Error> {
    let one = wilson(first.0, first.1, confidence)?;
    let other = wilson(second.0, second.1, confidence)?;
    let share = |(successes, trials): (u64, u64)| successes as f64 / trials as f64;
    let (p, q) = (share(first), share(second));
    let down = (p - one.low).hypot(other.high - q);
    let up = (one.high - p).hypot(q - other.low);
    Ok(Interval { low: p - q - down, high: p - q + up })
}
