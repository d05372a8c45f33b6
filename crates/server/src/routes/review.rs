//! What reviewers call.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mizan_protocol::api::{CriticalRuling, ReturnVisit, ReviewItem, ReviewVisit};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{CentreId, CycleId, VisitId};

use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::rights::Action;
use crate::{evidence as files, review as actions};

/// Lists the visits that wait for review.
#[utoipa::path(get, path = "/api/review/queue", tag = "review", security(("token" = [])),
    responses((status = 200, body = Vec<ReviewItem>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn queue(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<ReviewItem>>, Error> {
    caller.require(Action::Review)?;
    Ok(Json(app.store.read(move |tx| actions::queue(tx, &caller)).await?))
}

/// Takes a visit up for review and shows it.
#[utoipa::path(post, path = "/api/visits/{visit}/review", tag = "review", security(("token" = [])),
    params(("visit" = VisitId, Path)),
    responses((status = 200, body = ReviewVisit), (status = "4XX", body = ErrorBody)))]
pub(super) async fn take_up(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<ReviewVisit>, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    Ok(Json(app.store.write(move |tx| actions::take_up(tx, &caller, visit, now)).await?))
}

/// Sends a visit back with questions.
#[utoipa::path(post, path = "/api/visits/{visit}/return", tag = "review", security(("token" = [])),
    params(("visit" = VisitId, Path)), request_body = ReturnVisit,
    responses((status = 200, body = ReviewItem), (status = "4XX", body = ErrorBody)))]
pub(super) async fn send_back(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(request): Json<ReturnVisit>,
) -> Result<Json<ReviewItem>, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    let send =
        move |tx: &mut dyn crate::tx::Tx| actions::send_back(tx, &caller, visit, &request, now);
    Ok(Json(app.store.write(send).await?))
}

/// Accepts a visit.
#[utoipa::path(post, path = "/api/visits/{visit}/validate", tag = "review", security(("token" = [])),
    params(("visit" = VisitId, Path)),
    responses((status = 200, body = ReviewItem), (status = "4XX", body = ErrorBody)))]
pub(super) async fn validate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<ReviewItem>, Error> {
    caller.require(Action::Review)?;
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    let validate =
        move |tx: &mut dyn crate::tx::Tx| actions::validate(tx, &keys, &caller, visit, now);
    Ok(Json(app.store.write(validate).await?))
}

/// Confirms or dismisses a critical hit of a centre.
#[utoipa::path(post, path = "/api/cycles/{cycle}/centres/{centre}/critical", tag = "review",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("centre" = CentreId, Path)),
    request_body = CriticalRuling,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn rule_on_critical(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, centre)): Path<(CycleId, CentreId)>,
    Json(ruling): Json<CriticalRuling>,
) -> Result<StatusCode, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    let rule = move |tx: &mut dyn crate::tx::Tx| {
        actions::rule_on_critical(tx, &caller, cycle, centre, &ruling, now)
    };
    app.store.write(rule).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a piece of evidence that a submitted evaluation names.
#[utoipa::path(get, path = "/api/evidence/{sha256}", tag = "review", security(("token" = [])),
    params(("sha256" = Digest, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn evidence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(sha256): Path<Digest>,
) -> Result<Response, Error> {
    caller.require(Action::Review)?;
    let media_type = app.store.read(move |tx| files::media_type(tx, sha256)).await?;
    let path = files::path_of(&app.evidence, sha256);
    let bytes = tokio::fs::read(&path).await.map_err(|source| Error::File { path, source })?;
    if Digest::of(&bytes) != sha256 {
        let error = ErrorBody::new("evidence.hash_mismatch").with("named", sha256);
        return Err(Error::Refused(error));
    }
    Ok(([(header::CONTENT_TYPE, media_type)], bytes).into_response())
}
