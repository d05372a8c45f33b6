//! The `mizan` command as a person at a terminal meets it: the real binary, real files, a real
//! server process.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a test suite has no callers, and its helpers are tests too"
)]

mod accounts;
mod bad_input;
mod bundle;
mod history;
mod next_cycle;
mod operations;
mod plan;
mod runner;
mod scorecard;
mod scoring;
mod stats;
mod whole_cycle;
