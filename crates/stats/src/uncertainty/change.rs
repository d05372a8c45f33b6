//! What changed from one cycle to the next, and what only seems so.

use super::multiple::benjamini_hochberg;
use super::{Difference, Estimate};
use crate::Error;
use crate::error::open_unit;

/// One centre's change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The later score less the earlier, with its own interval.
    pub difference: Difference,
    /// Its p-value adjusted for all centres that were compared.
    pub adjusted_p: f64,
    /// Whether it is on the list whose share of false findings is held down.
    pub is_found: bool,
}

/// The change of every centre between two cycles, with the rate of false discoveries held to `rate`.
///
/// Each pair is the earlier and the later score; each difference is Welch's, with the visits' errors.
/// Of a hundred centres in which nothing changed, five show a "significant" change; the list of
/// [`Change::is_found`] holds at most `rate` of such in expectation, after Benjamini and Hochberg.
///
/// Assumes independent cycles and centres. Edge cases: no pair gives no change.
///
/// # Errors
/// As [`Estimate::less`]; [`Error::OutOfRange`] for a rate outside (0, 1).
pub fn changes(
    pairs: &[(Estimate, Estimate)],
    confidence: f64,
    rate: f64,
) -> Result<Vec<Change>, Error> {
    let rate = open_unit("the rate of false discoveries", rate)?;
    let differences: Vec<Difference> = pairs
        .iter()
        .map(|(earlier, later)| later.less(earlier, confidence))
        .collect::<Result<_, _>>()?;
    let ps: Vec<f64> = differences.iter().map(|difference| difference.p).collect();
    let adjusted = benjamini_hochberg(&ps)?;
    let change = |(difference, adjusted_p): (Difference, f64)| Change {
        difference,
        adjusted_p,
        is_found: adjusted_p <= rate,
    };
    Ok(differences.into_iter().zip(adjusted).map(change).collect())
}
