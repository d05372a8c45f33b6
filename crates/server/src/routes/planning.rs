//! What those call who prepare a cycle: imports, what gates need, who may make a visit, rubrics as files.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{CycleId, VisitId};
use serde_json::Value;

use crate::accounts::Caller;
use crate::accounts::listed::{self, OfRole, PersonRow};
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::imports::{self, Import, NewImport};
use crate::json::Json;
use crate::paging::{Listed, Paged};
use crate::planning::{self, CandidateJson, CycleSetup, PlannedVisit};
use crate::programme;
use crate::rights::Action;
use crate::rubric_check::{self, RubricCheck, RubricFile};
use crate::tx::Tx;

/// Checks a file of agencies or centres and adds all it holds, or only checks it. A file with faults adds
/// nothing.
#[utoipa::path(post, path = "/api/imports", tag = "programme", security(("token" = [])),
    request_body = NewImport,
    responses((status = 200, body = Import), (status = "4XX", body = ErrorBody)))]
pub(super) async fn import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewImport>,
) -> Result<Json<Import>, Error> {
    caller.require(Action::ManageProgramme)?;
    if new.dry_run {
        return Ok(Json(app.store.read(move |tx| imports::check(tx, &new)).await?));
    }
    let add = move |tx: &mut dyn Tx| imports::add(tx, &new);
    let act = |done: &Import| {
        let act = Act::new(Deed::ProgrammeImported);
        act.with("kind", done.kind.word()).with("rows", done.added)
    };
    Ok(Json(app.change(By::from(&caller), add, act).await?))
}

/// Lists accounts, a page at a time, those of one role where that is asked for; sorted by `user`,
/// `name_ar`, `name_en`, `role`, `active`.
#[utoipa::path(get, path = "/api/lists/people", tag = "lists", operation_id = "list_people",
    security(("token" = []), ("cookie" = [])), params(Paged, OfRole),
    responses((status = 200, body = Listed<PersonRow>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn people(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Paged>,
    Query(of): Query<OfRole>,
) -> Result<Json<Listed<PersonRow>>, Error> {
    caller.require(Action::PlanVisits)?;
    Ok(Json(app.store.read(move |tx| listed::people(tx, &asked, &of)).await?))
}

/// Shows what a cycle is made of, and what its next steps still need.
#[utoipa::path(get, path = "/api/cycles/{cycle}/setup", tag = "programme", security(("token" = [])),
    params(("cycle" = CycleId, Path)),
    responses((status = 200, body = CycleSetup), (status = "4XX", body = ErrorBody)))]
pub(super) async fn setup(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<CycleSetup>, Error> {
    caller.require(Action::PlanVisits)?;
    Ok(Json(app.store.read(move |tx| planning::setup(tx, cycle)).await?))
}

/// Shows a visit with what was planned for it and what became of it.
#[utoipa::path(get, path = "/api/visits/{visit}", tag = "visits", operation_id = "planned_visit",
    security(("token" = [])), params(("visit" = VisitId, Path)),
    responses((status = 200, body = PlannedVisit), (status = "4XX", body = ErrorBody)))]
pub(super) async fn visit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<PlannedVisit>, Error> {
    caller.require(Action::PlanVisits)?;
    Ok(Json(app.store.read(move |tx| planning::visit(tx, visit)).await?))
}

/// Lists everybody a visit could be given to, each with the rules that bar them.
#[utoipa::path(get, path = "/api/visits/{visit}/candidates", tag = "visits", security(("token" = [])),
    params(("visit" = VisitId, Path)),
    responses((status = 200, body = Vec<CandidateJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn candidates(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<Vec<CandidateJson>>, Error> {
    caller.require(Action::PlanVisits)?;
    Ok(Json(app.store.read(move |tx| planning::candidates(tx, visit)).await?))
}

/// Shows a rubric: the JSON form of its file.
#[utoipa::path(get, path = "/api/rubrics/{rubric}", tag = "programme", operation_id = "rubric",
    security(("token" = [])), params(("rubric" = Digest, Path)),
    responses((status = 200, body = Value), (status = "4XX", body = ErrorBody)))]
pub(super) async fn rubric(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(rubric): Path<Digest>,
) -> Result<Json<Value>, Error> {
    caller.require(Action::ReadProgramme).or_else(|_| caller.require(Action::ReadRubrics))?;
    let read = move |tx: &mut dyn Tx| {
        Ok(serde_json::from_str(&programme::rubric_by_digest(tx, rubric)?.body(tx)?)?)
    };
    Ok(Json(app.store.read(read).await?))
}

/// Reads a rubric file and says everything that is wrong with it; nothing is kept.
#[utoipa::path(post, path = "/api/rubrics/check", tag = "programme", operation_id = "check_rubric",
    security(("token" = [])), request_body = RubricFile,
    responses((status = 200, body = RubricCheck), (status = "4XX", body = ErrorBody)))]
pub(super) async fn check_rubric(
    caller: Caller,
    Json(file): Json<RubricFile>,
) -> Result<Json<RubricCheck>, Error> {
    caller.require(Action::ManageProgramme)?;
    Ok(Json(rubric_check::check(&file)))
}
