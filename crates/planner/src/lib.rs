//! The visit plan: who visits which centre and when, fair, unpredictable, and strong enough to compare
//! evaluators.
//!
//! Pure: no files, no network, no clock; randomness is the seed of the [`Problem`], so that the same
//! problem gives the same plan on every machine, and anyone can draw it again.
//!
//! | question | where |
//! |---|---|
//! | what is the plan? | [`plan()`] |
//! | does it keep the rules? | [`check()`], which shares nothing with the planner |
//! | how well will severities be known under it? | [`linking()`] |
//! | why is there no plan? | [`Clash`] |
//! | what changes when somebody falls out? | [`replan()`] |
//! | could somebody have foreseen it? | [`secrecy`] |
//!
//! [`formats`] reads problems and writes plans as JSON, [`calendar`] writes what may leave the house.

mod assignment;
pub mod calendar;
mod check;
mod clash;
mod doubles;
mod faults;
mod flow;
pub mod formats;
mod index;
mod linking;
pub mod made;
pub mod model;
mod network;
mod plan;
mod problem;
mod regions;
mod replan;
mod rules;
mod schedule;
mod secluded;
pub mod secrecy;
mod seed;
mod solve;

pub use check::{Violation, check};
pub use clash::{Clash, Remedy};
pub use faults::{Fault, faults};
pub use linking::{Linking, Predicted, linking};
pub use plan::{Cost, Plan, Slot, Visit};
pub use problem::{
    Centre, Costs, Evaluator, Load, Need, PastVisit, Place, Policy, Problem, Wanted, Weeks,
};
pub use replan::{Change, Event, Reason, Replanned, replan};
pub use rules::Rule;
pub use seed::{BadSeed, Commitment, Seed};
pub use solve::{NoPlan, plan};
