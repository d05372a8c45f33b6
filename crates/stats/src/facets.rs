//! How harsh is an evaluator, and what would an average one have given? The many-facet Rasch model.
//!
//! log(P_k/P_{k−1}) = B − Σ_f C_f − F_k: the log-odds of one category more is the measure of the first
//! facet (persons, here: centres) less the measures of all other facets (evaluators, criteria), less the
//! threshold F_k of the rating scale. A measure of an evaluator is **severity**: higher is harsher.
//! Measures are logits; show fair averages in points of the rubric instead.
//!
//! Estimation is joint maximum likelihood without correction of its bias, as the program Facets does it:
//! elements whose ratings are all at the top or all at the bottom have no finite measure; they are left
//! out, and placed afterwards at a score 0.3 points inside. Categories that a scale group never uses are
//! dropped from that group, those above move down. Persons are eliminated from Newton's system, so that
//! ten iterations do where alternating updates take hundreds.
//!
//! Severity is estimable only where evaluators share centres, directly or through others: a design that
//! falls apart is refused with its parts named, before anything is estimated.
//!
//! References: Linacre JM (1989) Many-Facet Rasch Measurement; Wright BD, Masters GN (1982) Rating Scale
//! Analysis. Tolerance against Facets 4.1.8: its printed digits.

mod connection;
mod curve;
mod design;
mod estimation;
mod extremes;
pub mod links;
pub mod marginal;
mod matching;
mod report;
mod visits;

pub use design::{Design, Facet, Origin, Scale};
pub use matching::{Matches, Matching};
pub use report::{
    ElementReport, FacetReport, Fit, FitStatistic, Measures, Standing, Summary, Threshold,
};
pub use visits::VisitComponent;
