//! The device's router with this machine's clock, randomness and folder.

use std::path::PathBuf;

use axum::Router;

/// The router the page asks.
pub(crate) fn router(home: PathBuf) -> std::io::Result<Router> {
    std::fs::create_dir_all(home)?;
    Ok(Router::new())
}
