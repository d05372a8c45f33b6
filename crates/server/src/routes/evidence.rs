//! Evidence: what is missing of it, and reading it. Sending it is in [`super::uploads`].

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::sync::{EvidenceMissing, EvidenceQuery};

use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::evidence as files;
use crate::json::Json;
use crate::rights::{Action, may};
use crate::tx::Tx;

/// Says which evidence the caller has yet to send.
#[utoipa::path(post, path = "/api/evidence/missing", tag = "sync", security(("token" = [])),
    request_body = EvidenceQuery,
    responses((status = 200, body = EvidenceMissing), (status = "4XX", body = ErrorBody)))]
pub(super) async fn missing(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(query): Json<EvidenceQuery>,
) -> Result<Json<EvidenceMissing>, Error> {
    caller.require(Action::DoFieldWork)?;
    let read = move |tx: &mut dyn Tx| files::missing(tx, &caller, &query.sha256);
    Ok(Json(EvidenceMissing { missing: app.store.read(read).await? }))
}

/// Gives a piece of evidence: to reviewers what a submitted evaluation names, to the committee what
/// counts, to evaluators what is their own.
#[utoipa::path(get, path = "/api/evidence/{sha256}", tag = "review", security(("token" = [])),
    params(("sha256" = Digest, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(sha256): Path<Digest>,
) -> Result<Response, Error> {
    let is_own = may(caller.role, Action::DoFieldWork);
    if !is_own {
        caller.require(Action::ReadEvidence)?;
    }
    let find = move |tx: &mut dyn Tx| match is_own {
        true => files::own_media_type(tx, &caller, sha256),
        false => files::media_type(tx, &caller, sha256)
            .map_err(|error| files::or_purged(tx, sha256, error)),
    };
    let media_type = app.store.read(find).await?;
    let bytes = app.vault.read(sha256).await?;
    Ok(([(header::CONTENT_TYPE, media_type)], bytes).into_response())
}
