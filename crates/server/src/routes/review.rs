//! What reviewers call.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use mizan_protocol::api::{CriticalRuling, ReturnVisit, ReviewItem, ReviewVisit};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{CentreId, CycleId, VisitId};
use mizan_protocol::review::{QueuedVisit, ReviewHistory, ReviewSettings, TakeOver};
use serde::Deserialize;

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::review as actions;
use crate::rights::Action;
use crate::tx::Tx;

/// Lists the visits that wait for review, with what the machine checks found.
#[utoipa::path(get, path = "/api/review/queue", tag = "review", security(("token" = [])),
    responses((status = 200, body = Vec<QueuedVisit>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn queue(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<QueuedVisit>>, Error> {
    caller.require(Action::Review)?;
    Ok(Json(app.store.read(move |tx| actions::queue(tx, &caller)).await?))
}

/// Where a page of the history ends.
#[derive(Debug, Deserialize)]
pub(super) struct Before {
    before: Option<i64>,
}

/// What the caller did, the latest first; a page at a time, each from before an instant.
#[utoipa::path(get, path = "/api/review/history", tag = "review", operation_id = "review_history",
    security(("token" = [])), params(("before" = Option<i64>, Query)),
    responses((status = 200, body = ReviewHistory), (status = "4XX", body = ErrorBody)))]
pub(super) async fn history(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(Before { before }): Query<Before>,
) -> Result<Json<ReviewHistory>, Error> {
    caller.require(Action::Review)?;
    let before = before.unwrap_or(i64::MAX);
    let read = move |tx: &mut dyn Tx| actions::history::history(tx, &caller, before);
    Ok(Json(app.store.read(read).await?))
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
    let by = By::from(&caller);
    let take_up = move |tx: &mut dyn Tx| actions::take_up(tx, &caller, visit, now);
    let act = move |_: &ReviewVisit| Act::new(Deed::ReviewBegun).on("visit", visit);
    Ok(Json(app.change(by, take_up, act).await?))
}

/// Shows a visit to whoever took it up, whatever became of it since.
#[utoipa::path(get, path = "/api/visits/{visit}/review", tag = "review",
    operation_id = "read_review", security(("token" = [])), params(("visit" = VisitId, Path)),
    responses((status = 200, body = ReviewVisit), (status = "4XX", body = ErrorBody)))]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<ReviewVisit>, Error> {
    caller.require(Action::Review)?;
    Ok(Json(app.store.read(move |tx| actions::read(tx, &caller, visit)).await?))
}

/// Takes over a visit that another reviewer has.
#[utoipa::path(post, path = "/api/visits/{visit}/review/take-over", tag = "review",
    operation_id = "take_review_over", security(("token" = [])),
    params(("visit" = VisitId, Path)), request_body = TakeOver,
    responses((status = 200, body = ReviewVisit), (status = "4XX", body = ErrorBody)))]
pub(super) async fn take_over(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(TakeOver { reason }): Json<TakeOver>,
) -> Result<Json<ReviewVisit>, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    let by = By::from(&caller);
    let take = move |tx: &mut dyn Tx| actions::take_over(tx, &caller, visit, &reason, now);
    let act = move |_: &ReviewVisit| Act::new(Deed::ReviewTakenOver).on("visit", visit);
    Ok(Json(app.change(by, take, act).await?))
}

/// The revision that was read: a decision on another is refused.
#[derive(Debug, Deserialize)]
pub(super) struct Read {
    revision: Option<u32>,
}

/// Sends a visit back with questions.
#[utoipa::path(post, path = "/api/visits/{visit}/return", tag = "review", security(("token" = [])),
    params(("visit" = VisitId, Path), ("revision" = Option<u32>, Query)),
    request_body = ReturnVisit,
    responses((status = 200, body = ReviewItem), (status = "4XX", body = ErrorBody)))]
pub(super) async fn send_back(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Query(Read { revision }): Query<Read>,
    Json(request): Json<ReturnVisit>,
) -> Result<Json<ReviewItem>, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    let by = By::from(&caller);
    let send =
        move |tx: &mut dyn Tx| actions::send_back(tx, &caller, visit, &request, revision, now);
    let act = move |_: &ReviewItem| Act::new(Deed::VisitReturned).on("visit", visit);
    Ok(Json(app.change(by, send, act).await?))
}

/// Accepts a visit.
#[utoipa::path(post, path = "/api/visits/{visit}/validate", tag = "review", security(("token" = [])),
    params(("visit" = VisitId, Path), ("revision" = Option<u32>, Query)),
    responses((status = 200, body = ReviewItem), (status = "4XX", body = ErrorBody)))]
pub(super) async fn validate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Query(Read { revision }): Query<Read>,
) -> Result<Json<ReviewItem>, Error> {
    caller.require(Action::Review)?;
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    let by = By::from(&caller);
    let validate =
        move |tx: &mut dyn Tx| actions::validate(tx, &keys, &caller, visit, revision, now);
    let act = move |_: &ReviewItem| Act::new(Deed::VisitValidated).on("visit", visit);
    Ok(Json(app.change(by, validate, act).await?))
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
    let by = By::from(&caller);
    let rule = move |tx: &mut dyn Tx| {
        actions::rule_on_critical(tx, &caller, cycle, centre, &ruling, now)?;
        Ok(ruling)
    };
    let act = move |ruling: &CriticalRuling| {
        let act = Act::new(Deed::CriticalRuled).on("centre", centre).with("cycle", cycle);
        act.with("criterion", &ruling.criterion).with("confirmed", ruling.confirmed)
    };
    app.change(by, rule, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a cycle sets of its review.
#[utoipa::path(get, path = "/api/cycles/{cycle}/review-settings", tag = "review",
    operation_id = "review_settings", security(("token" = [])), params(("cycle" = CycleId, Path)),
    responses((status = 200, body = ReviewSettings), (status = "4XX", body = ErrorBody)))]
pub(super) async fn settings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<ReviewSettings>, Error> {
    caller.require(Action::ReadProgramme).or_else(|_| caller.require(Action::Review))?;
    let read = move |tx: &mut dyn Tx| actions::second::read_settings(tx, cycle);
    Ok(Json(app.store.read(read).await?))
}

/// Sets what a cycle has of its review.
#[utoipa::path(post, path = "/api/cycles/{cycle}/review-settings", tag = "review",
    operation_id = "set_review", security(("token" = [])), params(("cycle" = CycleId, Path)),
    request_body = ReviewSettings,
    responses((status = 200, body = ReviewSettings), (status = "4XX", body = ErrorBody)))]
pub(super) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(new): Json<ReviewSettings>,
) -> Result<Json<ReviewSettings>, Error> {
    caller.require(Action::ManageProgramme)?;
    let set = move |tx: &mut dyn Tx| actions::second::set(tx, cycle, new);
    let act = move |set: &ReviewSettings| {
        let act = Act::new(Deed::ReviewSet).on("cycle", cycle);
        let act = act.with("outlier_points", set.outlier_points);
        act.with("tolerance_points", set.tolerance_points).with("second_share", set.second_share)
    };
    Ok(Json(app.change(By::from(&caller), set, act).await?))
}
