//! What an evaluation programme means: rubrics, scales, scoring, states and rules.
//!
//! Pure: no files, no network, no clock, no randomness; whatever comes from outside is an argument.

pub mod text;
pub mod exact;
pub mod scale;
pub mod rubric;
pub mod evaluation;
pub mod scoring;
pub mod explain;
