//! The planner as its users meet it: whole problems in, plans, refusals and changes out.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

mod clashes;
mod foresight;
mod formats;
mod linking;
mod optimum;
mod replanning;
mod rules;
mod small;
