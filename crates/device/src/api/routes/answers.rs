//! Answers: given, noted and taken back. Each returns once it is on the disk, and reads no more than the
//! criterion it is about.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::VisitId;

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::api::view::answer::{self, AnswerGiven, AnswerSaved, NoteGiven};

/// Answers a criterion.
#[utoipa::path(put, path = "/api/device/visits/{visit}/answers/{criterion}", tag = "answers",
    params(("visit" = VisitId, Path), ("criterion" = String, Path)), request_body = AnswerGiven,
    responses((status = 200, body = AnswerSaved), (status = "4XX", body = ErrorBody),
        (status = "5XX", body = ErrorBody)))]
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    Path((visit, criterion)): Path<(VisitId, String)>,
    Json(given): Json<AnswerGiven>,
) -> Result<Json<AnswerSaved>, Refusal> {
    let raw = given.answer()?;
    let save = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.answer(visit, &criterion, &raw, given.note.as_deref(), now.wall_ms)?;
        answer::saved(device, visit, &criterion)
    };
    Ok(Json(app.work(save).await?))
}

/// Changes the note of an answer.
#[utoipa::path(put, path = "/api/device/visits/{visit}/answers/{criterion}/note", tag = "answers",
    params(("visit" = VisitId, Path), ("criterion" = String, Path)), request_body = NoteGiven,
    responses((status = 200, body = AnswerSaved), (status = "4XX", body = ErrorBody),
        (status = "5XX", body = ErrorBody)))]
pub(super) async fn note(
    State(app): State<Arc<App>>,
    Path((visit, criterion)): Path<(VisitId, String)>,
    Json(given): Json<NoteGiven>,
) -> Result<Json<AnswerSaved>, Refusal> {
    let save = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.note(visit, &criterion, &given.note, now.wall_ms)?;
        answer::saved(device, visit, &criterion)
    };
    Ok(Json(app.work(save).await?))
}

/// Goes back to the answer before.
#[utoipa::path(post, path = "/api/device/visits/{visit}/answers/{criterion}/undo", tag = "answers",
    params(("visit" = VisitId, Path), ("criterion" = String, Path)),
    responses((status = 200, body = AnswerSaved), (status = "4XX", body = ErrorBody),
        (status = "5XX", body = ErrorBody)))]
pub(super) async fn undo(
    State(app): State<Arc<App>>,
    Path((visit, criterion)): Path<(VisitId, String)>,
) -> Result<Json<AnswerSaved>, Refusal> {
    let undo = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.undo(visit, &criterion, now.wall_ms)?;
        answer::saved(device, visit, &criterion)
    };
    Ok(Json(app.work(undo).await?))
}
