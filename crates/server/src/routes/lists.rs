//! The lists that pages show: a page at a time, sorted and searched here.

use std::sync::Arc;

use axum::extract::{Query, State};
use mizan_protocol::code::ErrorBody;

use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::json::Json;
use crate::lists::{self, AgencyRow, CentreRow, ScorecardRow};
use crate::paging::{Listed, Paged};
use crate::rights::Action;

/// Lists agencies, a page at a time; sorted by `code`, `name_ar`, `name_en`.
#[utoipa::path(get, path = "/api/lists/agencies", tag = "lists", operation_id = "list_agencies",
    security(("token" = []), ("cookie" = [])), params(Paged),
    responses((status = 200, body = Listed<AgencyRow>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn agencies(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Paged>,
) -> Result<Json<Listed<AgencyRow>>, Error> {
    caller.require(Action::ReadProgramme)?;
    Ok(Json(app.store.read(move |tx| lists::agencies(tx, &asked)).await?))
}

/// Lists centres, a page at a time; sorted by `code`, `name_ar`, `name_en`, `model`, `agency_ar`,
/// `agency_en`.
#[utoipa::path(get, path = "/api/lists/centres", tag = "lists", operation_id = "list_centres",
    security(("token" = []), ("cookie" = [])), params(Paged),
    responses((status = 200, body = Listed<CentreRow>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn centres(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Paged>,
) -> Result<Json<Listed<CentreRow>>, Error> {
    caller.require(Action::ReadProgramme)?;
    Ok(Json(app.store.read(move |tx| lists::centres(tx, &asked)).await?))
}

/// Lists the published scorecards the caller may read, a page at a time; sorted by `issued`, `centre`,
/// `name_ar`, `name_en`, `cycle`.
#[utoipa::path(get, path = "/api/lists/scorecards", tag = "lists", operation_id = "list_scorecards",
    security(("token" = []), ("cookie" = [])), params(Paged),
    responses((status = 200, body = Listed<ScorecardRow>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn scorecards(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Paged>,
) -> Result<Json<Listed<ScorecardRow>>, Error> {
    caller.require(Action::ReadScorecards)?;
    Ok(Json(app.store.read(move |tx| lists::scorecards(tx, &caller, &asked)).await?))
}
