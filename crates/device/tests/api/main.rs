//! The device's API through its router: every route, what it refuses, and sync beside the work.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of #[test] functions")]

mod bundles;
mod central;
mod cost;
mod description;
mod desk;
mod device;
#[path = "../device/fake_server.rs"]
#[expect(dead_code, reason = "shared with the device's own suite, which uses more of it")]
mod fake_server;
mod files;
#[path = "../device/support.rs"]
#[expect(dead_code, reason = "shared with the device's own suite, which uses more of it")]
mod support;
mod syncing;
mod times;
mod work;
