//! Sealed bundles: a sync carried by hand on a stick.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use mizan_protocol::code::ErrorBody;

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::api::view::sync::BundleReport;

/// The largest answer: the streams of a device, whole.
pub(super) const ANSWER_LIMIT: usize = 1 << 30;

/// Writes everything unsent into a bundle that only the server can open. What is in it still counts as
/// unsent until an answer or a network sync says otherwise.
#[utoipa::path(post, path = "/api/device/bundle", tag = "sync",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(super) async fn write(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Refusal> {
    let write = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        let mut bytes = Vec::new();
        let written = device.export_bundle(now.wall_ms, &mut bytes)?;
        Ok((written.bundle, bytes))
    };
    let (bundle, bytes) = app.work(write).await?;
    // The name tells bundles apart and nothing else: whose they are is nobody's business.
    let name = format!("attachment; filename=\"mizan-{bundle}.mizb\"");
    let kind = "application/octet-stream".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes))
}

/// Takes in the server's answer to a bundle of this device. Taken in again, it changes nothing.
#[utoipa::path(post, path = "/api/device/bundle/answer", tag = "sync",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = BundleReport), (status = "4XX", body = ErrorBody),
        (status = "5XX", body = ErrorBody)))]
pub(super) async fn take_in(
    State(app): State<Arc<App>>,
    bytes: Bytes,
) -> Result<Json<BundleReport>, Refusal> {
    let take = move |device: &mut crate::Device, now: &crate::clock::Reading| {
        device.import_answer(&bytes, now.wall_ms)
    };
    Ok(Json(app.work(take).await?.into()))
}
