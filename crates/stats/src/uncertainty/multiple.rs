//! Many tests at once: what is found by chance alone, and how it is held down.

use crate::Error;

fn checked(ps: &[f64]) -> Result<(), Error> {
    match ps.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        Some(p) => {
            Err(Error::OutOfRange { what: "a p-value", value: *p, allowed: "within 0 and 1" })
        }
        None => Ok(()),
    }
}

fn by_size(ps: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|one, other| ps[*one].total_cmp(&ps[*other]));
    order
}

/// p-values adjusted after Benjamini and Hochberg: those of at most q make a list in which the expected
/// share of false findings is at most q.
///
/// Formula: from the largest down, the least of m·p₍ᵢ₎/i so far, at most 1.
/// Assumes independent tests, or positively dependent ones. Domain: 0–1; no test gives no value.
/// Reference: Benjamini Y, Hochberg Y (1995) J R Stat Soc B 57:289–300.
///
/// ```
/// let adjusted = mizan_stats::uncertainty::multiple::benjamini_hochberg(&[0.01, 0.04, 0.03])?;
/// assert!((adjusted[0] - 0.03).abs() < 1e-12 && (adjusted[2] - 0.04).abs() < 1e-12);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for a value outside 0–1.
pub fn benjamini_hochberg(ps: &[f64]) -> Result<Vec<f64>, Error> {
    checked(ps)?;
    let mut adjusted = vec![1.0; ps.len()];
    let mut least = 1.0f64;
    for (index, place) in by_size(ps).iter().enumerate().rev() {
        least = least.min(ps[*place] * ps.len() as f64 / (index + 1) as f64);
        adjusted[*place] = least;
    }
    Ok(adjusted)
}

/// p-values adjusted after Bonferroni: m·p, at most 1. Holds down the chance of any false finding.
///
/// # Errors
/// [`Error::OutOfRange`] for a value outside 0–1.
pub fn bonferroni(ps: &[f64]) -> Result<Vec<f64>, Error> {
    checked(ps)?;
    Ok(ps.iter().map(|p| (p * ps.len() as f64).min(1.0)).collect())
}

/// p-values adjusted after Holm: as sure as Bonferroni's and never larger.
///
/// Formula: from the smallest up, the largest of (m − i + 1)·p₍ᵢ₎ so far, at most 1.
/// Reference: Holm S (1979) Scand J Stat 6:65–70.
///
/// # Errors
/// [`Error::OutOfRange`] for a value outside 0–1.
pub fn holm(ps: &[f64]) -> Result<Vec<f64>, Error> {
    checked(ps)?;
    let mut adjusted = vec![1.0; ps.len()];
    let mut most = 0.0f64;
    for (index, place) in by_size(ps).iter().enumerate() {
        most = most.max(ps[*place] * (ps.len() - index) as f64).min(1.0);
        adjusted[*place] = most;
    }
    Ok(adjusted)
}
