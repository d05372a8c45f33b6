//! The log: a small rotating file in the app's log folder.
//!
//! It lies in clear beside an encrypted database, so it tells when the app started and what broke,
//! never what was done: a line for each call would be a diary of visits. Routes are written as
//! templates (`/visits/{visit}`), panics by place without their message, and what other crates
//! have to say is left out, because nobody checked what they put into it.

use std::panic;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tauri::plugin::TauriPlugin;
use tauri::{RunEvent, Wry};
use tauri_plugin_log::{Builder, RotationStrategy, Target, TargetKind};

/// Four files of half a megabyte: months of starts and failures.
const FILE_BYTES: u128 = 512 * 1024;
const FILES: usize = 4;

/// The plugin that writes the file. The page may not write to it: no capability grants that.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    Builder::new()
        .level(log::LevelFilter::Info)
        .clear_targets()
        .target(Target::new(TargetKind::LogDir { file_name: None }))
        .max_file_size(FILE_BYTES)
        .rotation_strategy(RotationStrategy::KeepSome(FILES))
        .filter(|metadata| is_ours(metadata.target()))
        .build()
}

fn is_ours(target: &str) -> bool {
    target.split("::").next() == Some(env!("CARGO_CRATE_NAME"))
}

/// A panic leaves its place and the version; the message may hold anything.
pub(crate) fn record_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| (source(place.file()), place.line()));
        let (file, line) = place.unwrap_or(("?", 0));
        let line = format!("panic at {file}:{line}, version {}", env!("CARGO_PKG_VERSION"));
        eprintln!("{line}");
        log::error!("{line}");
    }));
}

/// The path from the crate on: what comes before names the machine that built the app.
fn source(file: &str) -> &str {
    let crates = file.split_once("/registry/src/").map_or(file, |(_, rest)| rest);
    crates.trim_start_matches('/')
}

/// A start without an end after it was a crash, or a battery that ran out.
pub(crate) fn record_end(event: &RunEvent) {
    if matches!(event, RunEvent::Exit) {
        log::info!("ended");
    }
}

/// Writes down each answer that is the app's own fault, by route and status.
pub(crate) fn record_failures(router: Router) -> Router {
    router.layer(from_fn(record_failure))
}

async fn record_failure(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    if response.status().is_server_error() {
        let route = route.as_ref().map_or("?", MatchedPath::as_str);
        log::error!("{method} {route} answered {}", response.status().as_u16());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_words_reach_the_file() {
        assert!(is_ours("mizan_desktop"));
        assert!(is_ours("mizan_desktop::journal"));
        assert!(!is_ours("mizan_desktop_something"));
        assert!(!is_ours("hyper_util::client"));
    }

    #[test]
    fn a_place_does_not_name_the_machine_that_built_the_app() {
        let built = "/home/someone/.cargo/registry/src/index-1/axum-0.8.9/src/lib.rs";
        assert_eq!(source(built), "index-1/axum-0.8.9/src/lib.rs");
        assert_eq!(source("src-tauri/src/main.rs"), "src-tauri/src/main.rs");
    }
}
