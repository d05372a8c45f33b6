//! Would two evaluators, sent to the same place, have written the same?
//!
//! Categories are always given, never gathered from the values seen: a category that one evaluator
//! happened not to use still counts for chance, and the coefficient of a month must not depend on it.
//!
//! Under 0.67 the wording of the anchors is the suspect, not the people.

pub mod alpha;
pub mod categories;
pub mod chance;
pub mod cohen;
pub mod fleiss;
pub mod icc;

pub use alpha::{Alpha, Metric};
pub use categories::{Categories, Weights};
pub use icc::Icc;

use crate::Interval;

/// A coefficient of agreement with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// The coefficient: 1 is perfect agreement, 0 what chance gives.
    pub value: f64,
    /// The agreement observed.
    pub observed: f64,
    /// The agreement expected by chance.
    pub expected: f64,
    /// The standard error over a sample of units, the raters fixed.
    pub standard_error: f64,
    /// The interval of the asked level; never above 1.
    pub interval: Interval,
    /// How many units entered.
    pub units: usize,
}
