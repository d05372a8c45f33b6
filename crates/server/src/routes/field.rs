//! What devices call: push, pull and evidence.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::sync::{
    EvidenceMissing, EvidenceQuery, PullRequest, PullResponse, PushRequest, PushResponse,
};

use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::rights::Action;
use crate::{evidence, streams, sync};

/// Applies up to 200 operations in one transaction.
#[utoipa::path(post, path = "/api/sync/push", tag = "sync", security(("token" = [])),
    request_body = PushRequest,
    responses((status = 200, body = PushResponse), (status = "4XX", body = ErrorBody)))]
pub(super) async fn push(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<PushRequest>,
) -> Result<Json<PushResponse>, Error> {
    caller.require(Action::DoFieldWork)?;
    sync::check_push(&request)?;
    let now = app.now();
    let apply = move |tx: &mut dyn crate::tx::Tx| sync::push(tx, &caller, &request, now);
    Ok(Json(app.store.write(apply).await?))
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
    let keys = Arc::clone(&app.keys);
    let read = move |tx: &mut dyn crate::tx::Tx| streams::pull(tx, &keys, &caller, &request);
    Ok(Json(app.store.read(read).await?))
}

/// Says which evidence the caller has yet to send.
#[utoipa::path(post, path = "/api/evidence/missing", tag = "sync", security(("token" = [])),
    request_body = EvidenceQuery,
    responses((status = 200, body = EvidenceMissing), (status = "4XX", body = ErrorBody)))]
pub(super) async fn missing_evidence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(query): Json<EvidenceQuery>,
) -> Result<Json<EvidenceMissing>, Error> {
    caller.require(Action::DoFieldWork)?;
    let read = move |tx: &mut dyn crate::tx::Tx| evidence::missing(tx, &caller, &query.sha256);
    Ok(Json(EvidenceMissing { missing: app.store.read(read).await? }))
}

/// Takes in a piece of evidence under the digest of its bytes. Sent again, it changes nothing.
#[utoipa::path(put, path = "/api/evidence/{sha256}", tag = "sync", security(("token" = [])),
    params(("sha256" = Digest, Path)), request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 201), (status = "4XX", body = ErrorBody)))]
pub(super) async fn put_evidence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(sha256): Path<Digest>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<StatusCode, Error> {
    caller.require(Action::DoFieldWork)?;
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_owned();
    evidence::keep(&app, &caller, sha256, media_type, &bytes).await?;
    Ok(StatusCode::CREATED)
}

/// The body limit of evidence uploads.
pub(super) fn evidence_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(evidence::MAX_EVIDENCE_BYTES + 1)
}
