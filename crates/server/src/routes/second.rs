//! The second, blind scoring of drawn visits.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::VisitId;
use mizan_protocol::review::{SecondComparison, SecondItem, SecondVisit, TakeOver};

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::review::second as actions;
use crate::rights::Action;
use crate::tx::Tx;

/// Lists the visits drawn for a second scoring.
#[utoipa::path(get, path = "/api/review/second", tag = "review", operation_id = "second_scorings",
    security(("token" = [])),
    responses((status = 200, body = Vec<SecondItem>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<SecondItem>>, Error> {
    caller.require(Action::Review)?;
    Ok(Json(app.store.read(move |tx| actions::list(tx, &caller)).await?))
}

/// Takes a drawn visit up and shows it without the first scores.
#[utoipa::path(post, path = "/api/visits/{visit}/second", tag = "review",
    operation_id = "take_second", security(("token" = [])), params(("visit" = VisitId, Path)),
    responses((status = 200, body = SecondVisit), (status = "4XX", body = ErrorBody)))]
pub(super) async fn take(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<SecondVisit>, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    let by = By::from(&caller);
    let take = move |tx: &mut dyn Tx| actions::take(tx, &caller, visit, now);
    let act = move |_: &SecondVisit| Act::new(Deed::SecondBegun).on("visit", visit);
    Ok(Json(app.change(by, take, act).await?))
}

/// Takes over a second scoring that another reviewer has not handed in.
#[utoipa::path(post, path = "/api/visits/{visit}/second/take-over", tag = "review",
    operation_id = "take_second_over", security(("token" = [])),
    params(("visit" = VisitId, Path)), request_body = TakeOver,
    responses((status = 200, body = SecondVisit), (status = "4XX", body = ErrorBody)))]
pub(super) async fn take_over(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(TakeOver { reason }): Json<TakeOver>,
) -> Result<Json<SecondVisit>, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    let by = By::from(&caller);
    let take = move |tx: &mut dyn Tx| actions::take_over(tx, &caller, visit, &reason, now);
    let act = move |_: &SecondVisit| Act::new(Deed::SecondTakenOver).on("visit", visit);
    Ok(Json(app.change(by, take, act).await?))
}

/// Keeps one answer of the caller's second scoring.
#[utoipa::path(post, path = "/api/visits/{visit}/second/answers", tag = "review",
    operation_id = "answer_second", security(("token" = [])), params(("visit" = VisitId, Path)),
    request_body = AnswerJson,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(answer): Json<AnswerJson>,
) -> Result<StatusCode, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    // A draft: what counts is handed in, and entered then.
    let keep = move |tx: &mut dyn Tx| actions::answer(tx, &caller, visit, &answer, now);
    app.store.write(keep).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands the caller's second scoring in.
#[utoipa::path(post, path = "/api/visits/{visit}/second/submit", tag = "review",
    operation_id = "submit_second", security(("token" = [])), params(("visit" = VisitId, Path)),
    responses((status = 200, body = SecondItem), (status = "4XX", body = ErrorBody)))]
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<SecondItem>, Error> {
    caller.require(Action::Review)?;
    let now = app.now();
    let by = By::from(&caller);
    let submit = move |tx: &mut dyn Tx| actions::submit(tx, &caller, visit, now);
    let act = move |_: &SecondItem| Act::new(Deed::SecondSubmitted).on("visit", visit);
    Ok(Json(app.change(by, submit, act).await?))
}

/// Shows both scorings side by side, once the second is handed in.
#[utoipa::path(get, path = "/api/visits/{visit}/second/comparison", tag = "review",
    operation_id = "compare_second", security(("token" = [])), params(("visit" = VisitId, Path)),
    responses((status = 200, body = SecondComparison), (status = "4XX", body = ErrorBody)))]
pub(super) async fn comparison(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<SecondComparison>, Error> {
    caller.require(Action::Review)?;
    Ok(Json(app.store.read(move |tx| actions::comparison(tx, &caller, visit)).await?))
}
