//! The sync: started, watched and cancelled.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use mizan_protocol::code::ErrorBody;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::app::App;
use crate::api::exchanges::Syncs;
use crate::api::refusal::Refusal;
use crate::api::view::sync::SyncStatus;

/// What the caller knows already.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Known {
    /// The tick of the status the caller has; the answer waits for another, 20 seconds at most.
    after: Option<u64>,
}

/// Starts a sync, or joins the one that runs.
#[utoipa::path(post, path = "/api/device/sync", tag = "sync",
    responses((status = 200, body = SyncStatus), (status = "4XX", body = ErrorBody)))]
pub(super) async fn start(State(app): State<Arc<App>>) -> Result<Json<SyncStatus>, Refusal> {
    Ok(Json(app.opened(Syncs::start).await?))
}

/// Tells how the sync goes on.
#[utoipa::path(get, path = "/api/device/sync", tag = "sync", params(Known),
    responses((status = 200, body = SyncStatus), (status = "4XX", body = ErrorBody)))]
pub(super) async fn status(
    State(app): State<Arc<App>>,
    Query(known): Query<Known>,
) -> Result<Json<SyncStatus>, Refusal> {
    // Who waits for the end of a sync that left no device is told of it all the same.
    if let Some(last) = app.syncs.last_of_device() {
        return Ok(Json(last));
    }
    app.opened(|_, _| Ok(())).await?;
    let status = match known.after {
        Some(after) => app.syncs.news(after).await,
        None => app.syncs.status(),
    };
    Ok(Json(status))
}

/// Cancels the running sync. Nothing is lost; the next one goes on.
#[utoipa::path(post, path = "/api/device/sync/cancel", tag = "sync",
    responses((status = 200, body = SyncStatus), (status = "4XX", body = ErrorBody)))]
pub(super) async fn cancel(State(app): State<Arc<App>>) -> Result<Json<SyncStatus>, Refusal> {
    app.opened(|_, _| Ok(())).await?;
    Ok(Json(app.syncs.cancel().await))
}
