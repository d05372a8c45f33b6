//! Agreement, severity, uncertainty: numbers in, numbers out.
//!
//! Pure: no files, no network, no clock; randomness is a seed that the caller gives, so that the same
//! input gives the same figures on every machine.
//! Bad input is a named [`Error`]; a figure that comes back is finite; only an end of an interval can be open.
//!
//! | question | module |
//! |---|---|
//! | would two evaluators have written the same? | [`agreement`] |
//! | how much of a difference is the centre, and how many visits do we need? | [`generalizability`] |
//! | how harsh is an evaluator, and what would an average one have given? | [`facets`] |
//! | how sure is a centre's score, its rank, its change? | [`uncertainty`] |
//! | does an evaluation look like one that was made in the field? | [`field`] |
//! | which criteria carry the satisfaction? | [`drivers`] |
//!
//! [`formats`] reads the tables and writes the results of `mizan stats`.
//!
//! Scores enter as `f64`: what is decided on a centre's level is decided by exact arithmetic elsewhere,
//! and no figure of this crate moves a level.

pub mod agreement;
pub mod distribution;
pub mod drivers;
mod error;
pub mod facets;
pub mod field;
pub mod formats;
pub mod generalizability;
mod interval;
mod linear;
pub mod random;
pub mod ratings;
pub mod sample;
pub mod uncertainty;

pub use error::{Error, Subset};
pub use interval::Interval;
pub use random::Resampling;
