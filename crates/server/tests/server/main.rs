//! The server as its callers meet it: over HTTP, on a real database in a temporary folder.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a test suite has no callers, and its helpers are tests too"
)]

mod harness;
mod programme;
mod secrecy;
mod storage;
mod sync;
