//! How long evidence is kept, and its end.

use std::sync::Arc;

use axum::extract::{Path, State};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::CycleId;

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::retention::{self, Retention, SetRetention};
use crate::rights::Action;
use crate::tx::Tx;

/// Says how long the evidence of a cycle is kept (M18), and what there is of it.
#[utoipa::path(get, path = "/api/cycles/{cycle}/retention", tag = "programme",
    operation_id = "retention", security(("token" = [])), params(("cycle" = CycleId, Path)),
    responses((status = 200, body = Retention), (status = "4XX", body = ErrorBody)))]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<Retention>, Error> {
    caller.require(Action::ReadProgramme)?;
    let now = app.now();
    Ok(Json(app.store.read(move |tx| retention::read(tx, cycle, now)).await?))
}

/// Sets how long the evidence of a cycle is kept.
#[utoipa::path(put, path = "/api/cycles/{cycle}/retention", tag = "programme",
    operation_id = "set_retention", security(("token" = [])), params(("cycle" = CycleId, Path)),
    request_body = SetRetention,
    responses((status = 200, body = Retention), (status = "4XX", body = ErrorBody)))]
pub(super) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(new): Json<SetRetention>,
) -> Result<Json<Retention>, Error> {
    caller.require(Action::ManageProgramme)?;
    let now = app.now();
    let set = move |tx: &mut dyn Tx| retention::set(tx, cycle, &new, now);
    let act = move |set: &Retention| {
        Act::new(Deed::RetentionSet).on("cycle", cycle).with("days", set.days)
    };
    Ok(Json(app.change(By::from(&caller), set, act).await?))
}

/// Takes the evidence of a closed cycle away for good, once its time is over. What other cycles need stays.
#[utoipa::path(post, path = "/api/cycles/{cycle}/purge", tag = "programme",
    operation_id = "purge", security(("token" = [])), params(("cycle" = CycleId, Path)),
    responses((status = 200, body = Retention), (status = "4XX", body = ErrorBody)))]
pub(super) async fn purge(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<Retention>, Error> {
    caller.require(Action::ManageProgramme)?;
    let now = app.now();
    let purge = move |tx: &mut dyn Tx| retention::purge(tx, &caller, cycle, now);
    let act = move |done: &Retention| {
        let (files, bytes) = done.purged.as_ref().map_or((0, 0), |done| (done.files, done.bytes));
        let act = Act::new(Deed::EvidencePurged).on("cycle", cycle);
        act.with("files", files).with("bytes", bytes)
    };
    let done = app.change(By::from(&caller), purge, act).await?;
    tokio::spawn(async move {
        // What is left after this is swept in time.
        if let Err(error) = retention::take_away(&app).await {
            tracing::warn!(cause = %error, "purged files were not taken away");
        }
    });
    Ok(Json(done))
}
