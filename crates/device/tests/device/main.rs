//! The device from outside: storage, field work and sync, each test a claim.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of #[test] functions")]

mod bundles;
mod fake_server;
mod grant;
mod http;
mod revocation;
mod storage;
mod support;
mod syncing;
mod timing;
mod work;
