//! What the server has of the work, and what a person has yet to decide.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::OperationId;

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::api::view::ledger::{self, ConflictView, Ledger, RejectionView, Resolution};

/// Gives what the server has and what it lacks.
#[utoipa::path(get, path = "/api/device/ledger", tag = "sync",
    responses((status = 200, body = Ledger), (status = "4XX", body = ErrorBody)))]
pub(super) async fn ledger(State(app): State<Arc<App>>) -> Result<Json<Ledger>, Refusal> {
    Ok(Json(app.work(|device, _| Ok(device.ledger()?.into())).await?))
}

/// Lists the conflicts a person has yet to resolve.
#[utoipa::path(get, path = "/api/device/conflicts", tag = "sync",
    responses((status = 200, body = Vec<ConflictView>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn conflicts(
    State(app): State<Arc<App>>,
) -> Result<Json<Vec<ConflictView>>, Refusal> {
    Ok(Json(app.work(|device, _| ledger::conflicts(device)).await?))
}

/// Resolves a conflict; both versions stay on the device.
#[utoipa::path(post, path = "/api/device/conflicts/{operation}", tag = "sync",
    params(("operation" = OperationId, Path)), request_body = Resolution,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn resolve(
    State(app): State<Arc<App>>,
    Path(operation): Path<OperationId>,
    Json(resolution): Json<Resolution>,
) -> Result<StatusCode, Refusal> {
    app.work(move |device, _| device.resolve(operation, resolution.keep.into())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the records the server would not have.
#[utoipa::path(get, path = "/api/device/rejections", tag = "sync",
    responses((status = 200, body = Vec<RejectionView>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn rejections(
    State(app): State<Arc<App>>,
) -> Result<Json<Vec<RejectionView>>, Refusal> {
    let list = app.work(|device, _| device.rejections()).await?;
    Ok(Json(list.into_iter().map(RejectionView::from).collect()))
}

/// Sends a refused record once more, after its cause was removed.
#[utoipa::path(post, path = "/api/device/rejections/{operation}/again", tag = "sync",
    params(("operation" = OperationId, Path)),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn send_again(
    State(app): State<Arc<App>>,
    Path(operation): Path<OperationId>,
) -> Result<StatusCode, Refusal> {
    app.work(move |device, _| device.send_again(operation)).await?;
    Ok(StatusCode::NO_CONTENT)
}
