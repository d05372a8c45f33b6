//! What devices call: push and pull.

use std::sync::Arc;

use axum::extract::State;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::sync::{PullRequest, PullResponse, PushRequest, PushResponse};

use crate::accounts::Caller;
use crate::app::App;
use crate::chain::Standing;
use crate::error::Error;
use crate::json::Json;
use crate::rights::Action;
use crate::{streams, sync};

/// Takes up to 200 operations in one transaction: a link of the chain of its device's pushes, signed.
#[utoipa::path(post, path = "/api/sync/push", tag = "sync", security(("token" = [])),
    request_body = PushRequest,
    responses((status = 200, body = PushResponse), (status = "4XX", body = ErrorBody)))]
pub(super) async fn push(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<PushRequest>,
) -> Result<Json<PushResponse>, Error> {
    caller.require(Action::DoFieldWork)?;
    Ok(Json(sync::take(&app, &caller, Arc::new(request), Standing::Session).await?))
}

/// Gives what is new in the caller's streams.
#[utoipa::path(post, path = "/api/sync/pull", tag = "sync", security(("token" = [])),
    request_body = PullRequest,
    responses((status = 200, body = PullResponse), (status = "4XX", body = ErrorBody)))]
pub(super) async fn pull(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<PullRequest>,
) -> Result<Json<PullResponse>, Error> {
    caller.require(Action::Pull)?;
    Ok(Json(streams::pull_whole(&app, &caller, request).await?))
}
