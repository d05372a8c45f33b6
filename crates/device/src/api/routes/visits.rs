//! Visits: the list, one whole, and taking, handing back and submitting it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use mizan_domain::visit::VisitRefusal;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::VisitId;
use mizan_protocol::rubric as rubric_json;

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::api::view::rubric::RubricView;
use crate::api::view::visit::{self, Acceptance, Reason, Submission, VisitList, VisitView};

/// Lists the visits granted to the device's person.
#[utoipa::path(get, path = "/api/device/visits", tag = "visits",
    responses((status = 200, body = VisitList), (status = "4XX", body = ErrorBody)))]
pub(super) async fn visits(State(app): State<Arc<App>>) -> Result<Json<VisitList>, Refusal> {
    Ok(Json(app.work(|device, _| visit::visits(device)).await?))
}

/// Gives one visit whole.
#[utoipa::path(get, path = "/api/device/visits/{visit}", tag = "visits",
    params(("visit" = VisitId, Path)),
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn visit(
    State(app): State<Arc<App>>,
    Path(id): Path<VisitId>,
) -> Result<Json<VisitView>, Refusal> {
    Ok(Json(app.work(move |device, _| visit::visit(device, id)).await?))
}

/// Gives a rubric: its canonical JSON, the very text its digest is of.
#[utoipa::path(get, path = "/api/device/rubrics/{sha256}", tag = "visits",
    params(("sha256" = Digest, Path)),
    responses((status = 200, body = RubricView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn rubric(
    State(app): State<Arc<App>>,
    Path(sha256): Path<Digest>,
) -> Result<impl IntoResponse, Refusal> {
    let rubric = app.work(move |device, _| device.rubric(&sha256)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], rubric_json::canonical(&rubric)))
}

/// Takes a visit.
#[utoipa::path(post, path = "/api/device/visits/{visit}/accept", tag = "visits",
    params(("visit" = VisitId, Path)), request_body = Acceptance,
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn accept(
    State(app): State<Arc<App>>,
    Path(id): Path<VisitId>,
    Json(given): Json<Acceptance>,
) -> Result<Json<VisitView>, Refusal> {
    if !given.brief_acknowledged {
        return Err(VisitRefusal::BriefNotAcknowledged.into());
    }
    let accept = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.accept(id, given.no_interest, now.wall_ms)?;
        visit::visit(device, id)
    };
    Ok(Json(app.work(accept).await?))
}

/// Hands a visit back.
#[utoipa::path(post, path = "/api/device/visits/{visit}/decline", tag = "visits",
    params(("visit" = VisitId, Path)), request_body = Reason,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn decline(
    State(app): State<Arc<App>>,
    Path(id): Path<VisitId>,
    Json(given): Json<Reason>,
) -> Result<StatusCode, Refusal> {
    app.work(move |device, now| device.decline(id, &given.reason, now.wall_ms)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Seals the evaluation for the server.
#[utoipa::path(post, path = "/api/device/visits/{visit}/submit", tag = "visits",
    params(("visit" = VisitId, Path)), request_body = Submission,
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Path(id): Path<VisitId>,
    Json(given): Json<Submission>,
) -> Result<Json<VisitView>, Refusal> {
    let submit = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.submit(id, given.followed_brief, now.wall_ms)?;
        visit::visit(device, id)
    };
    Ok(Json(app.work(submit).await?))
}
