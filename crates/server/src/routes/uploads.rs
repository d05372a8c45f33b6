//! Sending evidence by the tus protocol 1.0.0: creation (with bytes), checksum, termination, expiration.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::UploadId;
use mizan_protocol::media::MAX_BYTES;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::evidence::intake::{self, Patch};
use crate::evidence::tus;
use crate::evidence::uploads::{self, Upload};
use crate::rights::Action;
use crate::tx::Tx;

/// Expired uploads taken away with each new one, so that they do not pile up between sweeps.
const SWEPT_WITH_EACH: usize = 4;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");

/// The routes of uploads.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(options, create))
        .routes(routes!(state, patch, terminate, instead))
        .layer(middleware::map_response(named))
}

/// Whoever may send evidence, and speaks this version of the protocol.
pub(super) struct Sender(Caller);

impl FromRequestParts<Arc<App>> for Sender {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, app).await?;
        // First, so that whoever may not send learns of no version either.
        caller.require(Action::DoFieldWork)?;
        let version = parts.headers.get(RESUMABLE).map(HeaderValue::as_bytes);
        if parts.method == Method::OPTIONS || version == Some(tus::VERSION.as_bytes()) {
            Ok(Self(caller))
        } else {
            Err(Error::refused("upload.version"))
        }
    }
}

/// Names the version that is spoken in every answer.
async fn named(mut response: Response) -> Response {
    let version = HeaderValue::from_static(tus::VERSION);
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response.headers_mut().insert(TUS_VERSION, version.clone());
    }
    response.headers_mut().insert(RESUMABLE, version);
    response
}

/// Says what of the tus protocol is spoken.
#[utoipa::path(options, path = "/api/evidence/uploads", tag = "uploads",
    security(("token" = [])), responses((status = 204, description = "Tus-Version, Tus-Extension, Tus-Max-Size, \
        Tus-Checksum-Algorithm"), (status = "4XX", body = ErrorBody)))]
pub(super) async fn options(_: Sender) -> impl IntoResponse {
    let headers = [
        ("tus-version", tus::VERSION.to_owned()),
        ("tus-extension", tus::EXTENSIONS.to_owned()),
        ("tus-max-size", MAX_BYTES.to_string()),
        ("tus-checksum-algorithm", tus::ALGORITHMS.to_owned()),
    ];
    (StatusCode::NO_CONTENT, headers)
}

/// Begins an upload, with its first bytes or without. Of a file the caller has sent before it is at its
/// end at once.
#[utoipa::path(post, path = "/api/evidence/uploads", tag = "uploads", security(("token" = [])),
    params(("Tus-Resumable" = String, Header), ("Upload-Length" = u64, Header),
        ("Upload-Metadata" = String, Header, description = "sha256 (hexadecimal) and filetype"),
        ("Upload-Checksum" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 201, description = "Location, Upload-Offset, Upload-Expires"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Sender(caller): Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let new = tus::creation(&headers)?;
    let brings_bytes = tus::brings_bytes(&headers)?;
    let checksum = tus::checksum(&headers)?;
    let announced = tus::announced(&headers)?;
    if let Err(error) = uploads::sweep(&app, SWEPT_WITH_EACH).await {
        tracing::warn!(cause = %error, "expired uploads were not swept");
    }
    let (now, quota) = (app.now(), app.quota);
    let create = move |tx: &mut dyn Tx| uploads::create(tx, &caller, &new, &quota, now);
    let mut upload = app.store.write(create).await?;
    if brings_bytes && upload.received < upload.length {
        let patch = Patch { upload: upload.id, offset: 0, checksum, announced };
        upload = match intake::receive(&app, &caller, patch, body).await {
            Ok(upload) => upload,
            Err(error) => {
                // Its address was not told: nobody can go on with it.
                uploads::abandon(&app, upload.id).await?;
                return Err(error);
            }
        };
    }
    // Relative, so that it holds behind any proxy.
    let location = format!("/api/evidence/uploads/{}", UploadId(upload.id));
    let location = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, location, standing(&upload)).into_response())
}

/// Says how far an upload is.
#[utoipa::path(head, path = "/api/evidence/uploads/{upload}", tag = "uploads",
    security(("token" = [])),
    params(("upload" = UploadId, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 200, description = "Upload-Offset, Upload-Length, Upload-Metadata, \
        Upload-Expires"), (status = "4XX")))]
pub(super) async fn state(
    State(app): State<Arc<App>>,
    Sender(caller): Sender,
    Path(UploadId(id)): Path<UploadId>,
) -> Result<Response, Error> {
    let now = app.now();
    let find = move |tx: &mut dyn Tx| uploads::find(tx, &caller, id, now);
    app.store.read(find).await?;
    // Whoever asks will go on from the answer: what is still coming in ends here.
    let _turn = app.turns.take(id).await;
    let upload = app.store.read(find).await?;
    let headers = [
        ("upload-length", upload.length.to_string()),
        ("upload-metadata", upload.metadata.clone()),
    ];
    Ok((StatusCode::OK, headers, standing(&upload)).into_response())
}

/// Takes in more bytes of an upload. With the last of them the file is checked and kept.
#[utoipa::path(patch, path = "/api/evidence/uploads/{upload}", tag = "uploads",
    security(("token" = [])),
    params(("upload" = UploadId, Path), ("Tus-Resumable" = String, Header),
        ("Upload-Offset" = u64, Header), ("Upload-Checksum" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "Upload-Offset, Upload-Expires"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn patch(
    State(app): State<Arc<App>>,
    Sender(caller): Sender,
    Path(UploadId(upload)): Path<UploadId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    tus::require_octets(&headers)?;
    let (offset, checksum) = (tus::offset(&headers)?, tus::checksum(&headers)?);
    let patch = Patch { upload, offset, checksum, announced: tus::announced(&headers)? };
    let upload = intake::receive(&app, &caller, patch, body).await?;
    Ok((StatusCode::NO_CONTENT, standing(&upload)).into_response())
}

/// Ends an upload before its time. What it has become evidence of stays.
#[utoipa::path(delete, path = "/api/evidence/uploads/{upload}", tag = "uploads",
    security(("token" = [])),
    params(("upload" = UploadId, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn terminate(
    State(app): State<Arc<App>>,
    Sender(caller): Sender,
    Path(UploadId(id)): Path<UploadId>,
) -> Result<StatusCode, Error> {
    let now = app.now();
    app.store.read(move |tx| uploads::find(tx, &caller, id, now)).await?;
    let _turn = app.turns.take(id).await;
    uploads::abandon(&app, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Does what `X-HTTP-Method-Override` names, for clients behind something that knows GET and POST alone.
#[utoipa::path(post, path = "/api/evidence/uploads/{upload}", tag = "uploads",
    security(("token" = [])),
    params(("upload" = UploadId, Path), ("Tus-Resumable" = String, Header),
        ("X-HTTP-Method-Override" = String, Header, description = "PATCH, DELETE or HEAD")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn instead(
    app: State<Arc<App>>,
    sender: Sender,
    id: Path<UploadId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let method = headers.get("x-http-method-override").map(HeaderValue::as_bytes);
    match method {
        Some(b"PATCH") => patch(app, sender, id, headers, body).await,
        Some(b"DELETE") => terminate(app, sender, id).await.map(IntoResponse::into_response),
        Some(b"HEAD") => state(app, sender, id).await,
        _ => Err(Error::NotFound),
    }
}

/// How far an upload is and how long it is waited for, as headers.
fn standing(upload: &Upload) -> [(&'static str, String); 2] {
    let expires = DateTime::from_timestamp_millis(upload.expires_at).unwrap_or_default();
    let expires = expires.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    [("upload-offset", upload.received.to_string()), ("upload-expires", expires)]
}
