//! The server as its callers meet it: over HTTP, on a real database in a temporary folder.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a test suite has no callers, and its helpers are tests too"
)]

mod accounts;
mod audit;
mod chain;
mod contract;
mod engines;
mod events;
mod evidence;
mod fairness;
mod harness;
mod imports;
mod lists;
mod meetings;
mod moving;
mod operations;
mod order;
mod planning;
mod planted;
mod portal;
mod programme;
mod publications;
mod quarantine;
mod replies;
mod results;
mod retention;
mod review;
mod rights;
mod s3;
mod secrecy;
mod secrets;
mod storage;
mod sync;
