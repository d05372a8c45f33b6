//! The device's router with this machine's clocks, randomness and network.

use std::path::PathBuf;

use axum::Router;
use mizan_device::api::{self, Environment};

/// The router the page asks, over the device in this folder.
pub(crate) fn router(home: PathBuf) -> Router {
    api::router(Environment::of_system(home))
}
