//! How far a cycle's numbers can be trusted, for the committee. Each reading leaves an entry in the audit.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{CentreId, CycleId};

use super::results::{read, results_read};
use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::committee::levers::{self as changes, LeversJson};
use crate::error::Error;
use crate::fairness::view::{Fairness, Uncertainty};
use crate::fairness::{self as figures, uncertainty as sureness};
use crate::json::Json;
use crate::rights::Action;
use crate::tx::Tx;

/// Says what would change a centre's level.
#[utoipa::path(get, path = "/api/cycles/{cycle}/centres/{centre}/levers", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("centre" = CentreId, Path)),
    responses((status = 200, body = LeversJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn levers(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, centre)): Path<(CycleId, CentreId)>,
) -> Result<Json<LeversJson>, Error> {
    let keys = Arc::clone(&app.keys);
    let act = Act::new(Deed::ResultsRead).on("centre", centre).with("cycle", cycle);
    let body = move |tx: &mut dyn Tx| changes::levers(tx, &keys, cycle, centre);
    read(&app, &caller, act, body).await
}

/// Says how sure the scores of a model's centres are, and which cannot be told apart.
#[utoipa::path(get, path = "/api/cycles/{cycle}/uncertainty/{model}", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("model" = String, Path)),
    responses((status = 200, body = Uncertainty), (status = "4XX", body = ErrorBody)))]
pub(super) async fn uncertainty(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, model)): Path<(CycleId, String)>,
) -> Result<Json<Uncertainty>, Error> {
    let body = move |tx: &mut dyn Tx| sureness::uncertainty(tx, cycle, &model);
    read(&app, &caller, results_read(cycle), body).await
}

/// Reckons from what counts of a model, without holding the database meanwhile.
async fn reckon<T: Send + 'static>(
    app: &Arc<App>,
    caller: Caller,
    cycle: CycleId,
    model: String,
    reckoned: impl FnOnce(&figures::Read) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    caller.require(Action::ReadResults)?;
    let (keys, by) = (Arc::clone(&app.keys), By::from(&caller));
    let body = move |tx: &mut dyn Tx| figures::read(tx, &keys, &caller, cycle, &model);
    let material = app.store.read(body).await?;
    let reckon = move || reckoned(&material);
    let found = tokio::task::spawn_blocking(reckon).await.map_err(|_| Error::Stopped)??;
    app.change(by, |_| Ok(()), move |(): &()| results_read(cycle)).await?;
    Ok(found)
}

/// Says how far the numbers of a model can be trusted: agreement, severity, adjusted beside raw scores.
#[utoipa::path(get, path = "/api/cycles/{cycle}/fairness/{model}", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("model" = String, Path)),
    responses((status = 200, body = Fairness), (status = "4XX", body = ErrorBody)))]
pub(super) async fn fairness(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, model)): Path<(CycleId, String)>,
) -> Result<Json<Fairness>, Error> {
    reckon(&app, caller, cycle, model, figures::Read::fairness).await.map(Json)
}

/// Gives the ratings of a model as a table that `mizan stats` reads, evaluators under pseudonyms.
#[utoipa::path(get, path = "/api/cycles/{cycle}/ratings/{model}", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("model" = String, Path)),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn ratings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, model)): Path<(CycleId, String)>,
) -> Result<Response, Error> {
    let table = reckon(&app, caller, cycle, model, figures::Read::table).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], table).into_response())
}
