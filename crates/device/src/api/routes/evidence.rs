//! Evidence: attached, taken off, and read back.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use mizan_domain::rubric::EvidenceKind;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::VisitId;
use mizan_protocol::media::MAX_BYTES;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::api::view::visit::{self, VisitView};

/// Beyond the largest file, so that one a little too large is told its own size.
pub(super) const BODY_LIMIT: usize = MAX_BYTES + (1 << 20);

/// What a file proves.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Proof {
    /// The criterion.
    criterion: String,
    /// What it shows, a word such as `photo`.
    kind: String,
}

/// Attaches a file to a criterion, without its metadata.
#[utoipa::path(post, path = "/api/device/visits/{visit}/evidence", tag = "evidence",
    params(("visit" = VisitId, Path), Proof),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody),
        (status = "5XX", body = ErrorBody)))]
pub(super) async fn attach(
    State(app): State<Arc<App>>,
    Path(id): Path<VisitId>,
    Query(Proof { criterion, kind }): Query<Proof>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<VisitView>, Refusal> {
    let bytes = bytes.map_err(|rejection| refused(&rejection, &headers))?;
    let allowed = || EvidenceKind::ALL.iter().map(|of| of.word()).collect::<Vec<_>>().join(", ");
    let kind =
        EvidenceKind::from_word(&kind).ok_or_else(|| Refusal::invalid("kind", &allowed()))?;
    let attach = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.attach(id, &criterion, &bytes, kind, now.wall_ms)?;
        visit::visit(device, id)
    };
    Ok(Json(app.work(attach).await?))
}

/// Takes a file off a criterion; the file itself stays.
#[utoipa::path(delete, path = "/api/device/visits/{visit}/evidence/{criterion}/{sha256}",
    tag = "evidence",
    params(("visit" = VisitId, Path), ("criterion" = String, Path), ("sha256" = Digest, Path)),
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn detach(
    State(app): State<Arc<App>>,
    Path((id, criterion, sha256)): Path<(VisitId, String, Digest)>,
) -> Result<Json<VisitView>, Refusal> {
    let detach = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.detach(id, &criterion, &sha256, now.wall_ms)?;
        visit::visit(device, id)
    };
    Ok(Json(app.work(detach).await?))
}

/// Gives a piece of evidence, held against its digest.
#[utoipa::path(get, path = "/api/device/evidence/{sha256}", tag = "evidence",
    params(("sha256" = Digest, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    Path(sha256): Path<Digest>,
) -> Result<impl IntoResponse, Refusal> {
    let (media_type, bytes) = app.work(move |device, _| device.evidence_file(&sha256)).await?;
    Ok(([(header::CONTENT_TYPE, media_type)], bytes))
}

/// A body that could not be taken in: too large, or cut off on its way.
fn refused(rejection: &BytesRejection, headers: &HeaderMap) -> Refusal {
    if rejection.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return Refusal::invalid("body", "the bytes of a file");
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let body = ErrorBody::new("evidence.too_large").with("max", MAX_BYTES);
    let body = announced.into_iter().fold(body, |body, bytes| body.with("bytes", bytes));
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, body)
}
