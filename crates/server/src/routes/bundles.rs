//! What those call who carry the bundles of devices that meet no network.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use mizan_protocol::code::ErrorBody;

use crate::accounts::Caller;
use crate::app::App;
use crate::bundles;
use crate::error::Error;
use crate::rights::Action;

/// Takes in a sealed bundle as its device's person, and gives the sealed answer to be carried back.
/// Taken in again, it changes nothing and is answered anew. Up to 1 GiB.
#[utoipa::path(post, path = "/api/bundles", tag = "sync", security(("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn take_in(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: Body,
) -> Result<Response, Error> {
    caller.require(Action::CarryBundles)?;
    let answer = bundles::take_in(&app, &caller, body).await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], answer).into_response())
}
