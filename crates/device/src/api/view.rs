//! The shapes of what is asked and answered, each its own type and a promise.

pub(crate) mod answer;
pub(crate) mod device;
pub(crate) mod ledger;
pub(crate) mod rubric;
pub(crate) mod sync;
pub(crate) mod time;
pub(crate) mod visit;
