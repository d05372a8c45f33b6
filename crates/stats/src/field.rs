//! Does an evaluation look like one that was made in the field?
//!
//! Every figure here is a reason to ask the evaluator, never a verdict: people do find the same twice,
//! and some are quick.

pub mod drift;
pub mod likeness;
pub mod pace;

pub use drift::Drift;
pub use likeness::{Likeness, ModelMatch, Straight};
pub use pace::{Pace, Stay};
