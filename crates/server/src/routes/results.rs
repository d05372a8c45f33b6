//! What the committee reads before publication. Each reading leaves an entry in the audit.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::committee::{
    CentrePage, ComparedCentre, EditMapping, LikeForLikeCentre, MappingJson, Overview, PartOverview,
};
use mizan_protocol::id::{CentreId, CycleId};

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::committee::comparison::{self as compared, Facets};
use crate::committee::{centre as centres, likeness, overview as overviews};
use crate::error::Error;
use crate::json::Json;
use crate::paging::{Listed, Paged};
use crate::rights::Action;
use crate::tx::Tx;

/// Reads what is not published yet, and enters that it was read.
pub(super) async fn read<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    act: Act,
    body: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
) -> Result<Json<T>, Error> {
    caller.require(Action::ReadResults)?;
    let found = app.store.read(body).await?;
    app.change(By::from(caller), |_| Ok(()), move |(): &()| act).await?;
    Ok(Json(found))
}

/// The entry that results of a cycle were read.
pub(super) fn results_read(cycle: CycleId) -> Act {
    Act::new(Deed::ResultsRead).on("cycle", cycle)
}

/// Shows a cycle at a glance.
#[utoipa::path(get, path = "/api/cycles/{cycle}/overview", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path)),
    responses((status = 200, body = Overview), (status = "4XX", body = ErrorBody)))]
pub(super) async fn overview(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<Overview>, Error> {
    let keys = Arc::clone(&app.keys);
    let body = move |tx: &mut dyn Tx| overviews::overview(tx, &keys, &caller, cycle);
    read(&app, &caller, results_read(cycle), body).await
}

/// Compares the centres of one model, a page at a time; sorted by `score`, `coverage`, `code`, `name_ar`,
/// `name_en`, `agency` or `pillar.` with a pillar's id, the best score first.
#[utoipa::path(get, path = "/api/cycles/{cycle}/comparison/{model}", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("model" = String, Path), Paged, Facets),
    responses((status = 200, body = Listed<ComparedCentre>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn comparison(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, model)): Path<(CycleId, String)>,
    Query(asked): Query<Paged>,
    Query(facets): Query<Facets>,
) -> Result<Json<Listed<ComparedCentre>>, Error> {
    let body = move |tx: &mut dyn Tx| compared::comparison(tx, cycle, &model, &asked, &facets);
    read(&app, &caller, results_read(cycle), body).await
}

/// Reads the results of a model by driver, element, stage and experience.
#[utoipa::path(get, path = "/api/cycles/{cycle}/readings/{model}", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("model" = String, Path)),
    responses((status = 200, body = Vec<PartOverview>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn readings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, model)): Path<(CycleId, String)>,
) -> Result<Json<Vec<PartOverview>>, Error> {
    let body = move |tx: &mut dyn Tx| compared::readings(tx, cycle, &model);
    read(&app, &caller, results_read(cycle), body).await
}

/// Compares the centres of a model with an earlier cycle, over the criteria that are the same.
#[utoipa::path(get, path = "/api/cycles/{cycle}/comparison/{model}/since/{earlier}",
    tag = "committee", security(("token" = [])),
    params(("cycle" = CycleId, Path), ("model" = String, Path), ("earlier" = CycleId, Path), Paged),
    responses((status = 200, body = Listed<LikeForLikeCentre>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn since(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, model, earlier)): Path<(CycleId, String, CycleId)>,
    Query(asked): Query<Paged>,
) -> Result<Json<Listed<LikeForLikeCentre>>, Error> {
    let body = move |tx: &mut dyn Tx| likeness::since(tx, (cycle, earlier), &model, &asked);
    read(&app, &caller, results_read(cycle), body).await
}

/// Shows all that is known of a centre in a cycle.
#[utoipa::path(get, path = "/api/cycles/{cycle}/centres/{centre}", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("centre" = CentreId, Path)),
    responses((status = 200, body = CentrePage), (status = "4XX", body = ErrorBody)))]
pub(super) async fn centre(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, centre)): Path<(CycleId, CentreId)>,
) -> Result<Json<CentrePage>, Error> {
    let keys = Arc::clone(&app.keys);
    let act = Act::new(Deed::ResultsRead).on("centre", centre).with("cycle", cycle);
    let body = move |tx: &mut dyn Tx| centres::centre(tx, &keys, cycle, centre);
    read(&app, &caller, act, body).await
}

/// Says what became of the criteria of one rubric in a later one.
#[utoipa::path(get, path = "/api/rubrics/{earlier}/mapping/{later}", tag = "committee",
    security(("token" = [])), params(("earlier" = Digest, Path), ("later" = Digest, Path)),
    responses((status = 200, body = MappingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn mapping(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((earlier, later)): Path<(Digest, Digest)>,
) -> Result<Json<MappingJson>, Error> {
    caller.require(Action::ReadRubrics)?;
    let body = move |tx: &mut dyn Tx| likeness::mapping(tx, earlier, later);
    Ok(Json(app.store.read(body).await?))
}

/// Edits what became of the criteria of one rubric in a later one.
#[utoipa::path(put, path = "/api/rubrics/{earlier}/mapping/{later}", tag = "committee",
    security(("token" = [])), params(("earlier" = Digest, Path), ("later" = Digest, Path)),
    request_body = EditMapping,
    responses((status = 200, body = MappingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn edit_mapping(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((earlier, later)): Path<(Digest, Digest)>,
    Json(edit): Json<EditMapping>,
) -> Result<Json<MappingJson>, Error> {
    caller.require(Action::MapRubrics)?;
    let (by, now) = (By::from(&caller), app.now());
    let body =
        move |tx: &mut dyn Tx| likeness::edit_mapping(tx, &caller, (earlier, later), &edit, now);
    let act = move |mapping: &MappingJson| {
        let act = Act::new(Deed::RubricsMapped).on("rubric", later).with("earlier", earlier);
        act.with("edited", mapping.edited)
    };
    Ok(Json(app.change(by, body, act).await?))
}
