//! What an evaluation programme means: rubrics, scales, scoring, states and rules.
//!
//! Pure: no files, no network, no clock, no randomness; whatever comes from outside is an argument.
//! Nothing here is serialized: the crate that owns a boundary owns its types.

pub mod action;
pub mod appeal;
pub mod assignment;
pub mod checks;
pub mod contact;
pub mod cycle;
pub mod evaluation;
pub mod exact;
pub mod explain;
pub mod levers;
pub mod likeness;
pub mod meeting;
pub mod publication;
pub mod reading;
pub mod role;
pub mod rubric;
pub mod scale;
pub mod scoring;
pub mod second;
pub mod submission;
pub mod text;
pub mod timeline;
pub mod visit;
