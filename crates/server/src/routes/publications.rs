//! What the committee publishes and when.

use std::sync::Arc;

use axum::extract::{Path, State};
use mizan_protocol::api::{NewPublication, Reason, ScheduledPublication};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{CycleId, PublicationId};

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::publication::schedule as actions;
use crate::rights::Action;
use crate::tx::Tx;

/// Lists the publications of a cycle.
#[utoipa::path(get, path = "/api/cycles/{cycle}/publications", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path)),
    responses((status = 200, body = Vec<ScheduledPublication>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn publications(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<Vec<ScheduledPublication>>, Error> {
    caller.require(Action::ReadPublications)?;
    let read = move |tx: &mut dyn Tx| actions::publications(tx, cycle);
    Ok(Json(app.store.read(read).await?))
}

/// Schedules the publication of decided centres.
#[utoipa::path(post, path = "/api/cycles/{cycle}/publications", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path)), request_body = NewPublication,
    responses((status = 200, body = ScheduledPublication), (status = "4XX", body = ErrorBody)))]
pub(super) async fn schedule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(new): Json<NewPublication>,
) -> Result<Json<ScheduledPublication>, Error> {
    caller.require(Action::Publish)?;
    let (keys, by, now) = (Arc::clone(&app.keys), By::from(&caller), app.now());
    let schedule = move |tx: &mut dyn Tx| actions::schedule(tx, &keys, &caller, cycle, &new, now);
    let act = move |made: &ScheduledPublication| {
        let act = Act::new(Deed::PublicationScheduled).on("publication", made.id);
        act.with("cycle", cycle).with("centres", made.centres.len()).with("at", made.at)
    };
    Ok(Json(app.change(by, schedule, act).await?))
}

/// Takes a publication back before its time.
#[utoipa::path(post, path = "/api/publications/{publication}/cancel", tag = "committee",
    security(("token" = [])), params(("publication" = PublicationId, Path)),
    request_body = Reason,
    responses((status = 200, body = ScheduledPublication), (status = "4XX", body = ErrorBody)))]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(publication): Path<PublicationId>,
    Json(Reason { reason }): Json<Reason>,
) -> Result<Json<ScheduledPublication>, Error> {
    caller.require(Action::Publish)?;
    let (by, now) = (By::from(&caller), app.now());
    let cancel = move |tx: &mut dyn Tx| actions::cancel(tx, &caller, publication, &reason, now);
    let act = move |_: &ScheduledPublication| {
        Act::new(Deed::PublicationCancelled).on("publication", publication)
    };
    Ok(Json(app.change(by, cancel, act).await?))
}
