//! What those call who see to what was refused.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use mizan_protocol::api::{QuarantinePage, QuarantineRecord, Released, SetAside};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::OperationId;
use mizan_protocol::sync::Outcome;
use serde::Deserialize;

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::quarantine;
use crate::rights::Action;
use crate::tx::Tx;

/// Which items, and from which on.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default = "open")]
    state: String,
    #[serde(default)]
    skip: i64,
}

fn open() -> String {
    "open".to_owned()
}

/// Lists up to 100 records that were refused, oldest first, without what they say.
#[utoipa::path(get, path = "/api/quarantine", tag = "quarantine", security(("token" = [])),
    params(("state" = Option<String>, Query, description = "open, released or set_aside; open if left out"),
        ("skip" = Option<i64>, Query, description = "how many to pass over")),
    responses((status = 200, body = QuarantinePage), (status = "4XX", body = ErrorBody)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(Which { state, skip }): Query<Which>,
) -> Result<Json<QuarantinePage>, Error> {
    caller.require(Action::KeepQuarantine)?;
    Ok(Json(app.store.read(move |tx| quarantine::page(tx, &state, skip)).await?))
}

/// Shows one refused record as it came, and why it was refused.
#[utoipa::path(get, path = "/api/quarantine/{operation}", tag = "quarantine",
    security(("token" = [])), params(("operation" = OperationId, Path)),
    responses((status = 200, body = QuarantineRecord), (status = "4XX", body = ErrorBody)))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(operation): Path<OperationId>,
) -> Result<Json<QuarantineRecord>, Error> {
    caller.require(Action::KeepQuarantine)?;
    let find = move |tx: &mut dyn Tx| quarantine::find(tx, operation);
    let act = move |_: &QuarantineRecord| Act::new(Deed::QuarantineRead).on("operation", operation);
    Ok(Json(app.change(By::from(&caller), find, act).await?))
}

/// Tries a refused record again under today's rules, as its person. What is refused again stays in the
/// list.
#[utoipa::path(post, path = "/api/quarantine/{operation}/release", tag = "quarantine",
    security(("token" = [])), params(("operation" = OperationId, Path)),
    responses((status = 200, body = Released), (status = "4XX", body = ErrorBody)))]
pub(super) async fn release(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(operation): Path<OperationId>,
) -> Result<Json<Released>, Error> {
    caller.require(Action::KeepQuarantine)?;
    let now = app.now();
    let release = move |tx: &mut dyn Tx| quarantine::release(tx, &caller, operation, now);
    let act = move |outcome: &Outcome| {
        let act = Act::new(Deed::QuarantineReleased).on("operation", operation);
        match outcome {
            Outcome::Applied { .. } => act.with("outcome", "applied"),
            Outcome::Same { .. } => act.with("outcome", "same"),
            Outcome::Conflict { .. } => act.with("outcome", "conflict"),
            Outcome::Rejected { error } => {
                act.with("outcome", "rejected").with("code", &error.code)
            }
        }
    };
    let outcome = app.change(By::from(&caller), release, act).await?;
    Ok(Json(Released { outcome }))
}

/// Sets a refused record aside, with a reason. It is kept as it came.
#[utoipa::path(post, path = "/api/quarantine/{operation}/set-aside", tag = "quarantine",
    security(("token" = [])), params(("operation" = OperationId, Path)), request_body = SetAside,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn set_aside(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(operation): Path<OperationId>,
    Json(request): Json<SetAside>,
) -> Result<StatusCode, Error> {
    caller.require(Action::KeepQuarantine)?;
    let now = app.now();
    let set =
        move |tx: &mut dyn Tx| quarantine::set_aside(tx, &caller, operation, &request.reason, now);
    let act = move |(): &()| Act::new(Deed::QuarantineSetAside).on("operation", operation);
    app.change(By::from(&caller), set, act).await?;
    Ok(StatusCode::NO_CONTENT)
}
