//! Agencies, centres, people, rubrics, cycles and the plan of visits.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use mizan_domain::visit::VisitEvent;
use mizan_protocol::api::{
    AgencyJson, Assign, CentreJson, ChangeAgency, ChangeCentre, CycleJson, CycleStep, NewAgency,
    NewCentre, NewCycle, NewPerson, NewVisit, Notice, Reason, VisitJson,
};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{AgencyId, CentreId, CycleId, VisitId};
use mizan_protocol::rubric::{self, RubricRef};
use mizan_protocol::session::Person;
use serde_json::Value;

use crate::accounts::{self, Caller};
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::rights::Action;
use crate::tx::Tx;
use crate::{programme as actions, visits as plan};

/// Lists the agencies.
#[utoipa::path(get, path = "/api/agencies", tag = "programme", security(("token" = [])),
    responses((status = 200, body = Vec<AgencyJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn agencies(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<AgencyJson>>, Error> {
    caller.require(Action::ReadProgramme)?;
    Ok(Json(app.store.read(actions::agencies).await?))
}

/// Adds an agency.
#[utoipa::path(post, path = "/api/agencies", tag = "programme", security(("token" = [])),
    request_body = NewAgency,
    responses((status = 200, body = AgencyJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn add_agency(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewAgency>,
) -> Result<Json<AgencyJson>, Error> {
    caller.require(Action::ManageProgramme)?;
    let add = move |tx: &mut dyn Tx| actions::add_agency(tx, new);
    let act = |added: &AgencyJson| Act::new(Deed::AgencyAdded).on("agency", added.id);
    Ok(Json(app.change(By::from(&caller), add, act).await?))
}

/// Gives an agency another name.
#[utoipa::path(post, path = "/api/agencies/{agency}", tag = "programme",
    operation_id = "change_agency", security(("token" = [])), params(("agency" = AgencyId, Path)),
    request_body = ChangeAgency,
    responses((status = 200, body = AgencyJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn change_agency(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(agency): Path<AgencyId>,
    Json(change): Json<ChangeAgency>,
) -> Result<Json<AgencyJson>, Error> {
    caller.require(Action::ManageProgramme)?;
    let change = move |tx: &mut dyn Tx| actions::change_agency(tx, agency, change);
    let act = move |_: &AgencyJson| Act::new(Deed::AgencyChanged).on("agency", agency);
    Ok(Json(app.change(By::from(&caller), change, act).await?))
}

/// Gives a centre another name and other traits.
#[utoipa::path(post, path = "/api/centres/{centre}", tag = "programme",
    operation_id = "change_centre", security(("token" = [])), params(("centre" = CentreId, Path)),
    request_body = ChangeCentre,
    responses((status = 200, body = CentreJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn change_centre(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(centre): Path<CentreId>,
    Json(change): Json<ChangeCentre>,
) -> Result<Json<CentreJson>, Error> {
    caller.require(Action::ManageProgramme)?;
    let change = move |tx: &mut dyn Tx| actions::change_centre(tx, centre, change);
    let act = move |_: &CentreJson| Act::new(Deed::CentreChanged).on("centre", centre);
    Ok(Json(app.change(By::from(&caller), change, act).await?))
}

/// Lists the centres.
#[utoipa::path(get, path = "/api/centres", tag = "programme", security(("token" = [])),
    responses((status = 200, body = Vec<CentreJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn centres(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<CentreJson>>, Error> {
    caller.require(Action::ReadProgramme)?;
    Ok(Json(app.store.read(actions::centres).await?))
}

/// Adds a centre.
#[utoipa::path(post, path = "/api/centres", tag = "programme", security(("token" = [])),
    request_body = NewCentre,
    responses((status = 200, body = CentreJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn add_centre(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewCentre>,
) -> Result<Json<CentreJson>, Error> {
    caller.require(Action::ManageProgramme)?;
    let add = move |tx: &mut dyn Tx| actions::add_centre(tx, new);
    let act = |added: &CentreJson| Act::new(Deed::CentreAdded).on("centre", added.id);
    Ok(Json(app.change(By::from(&caller), add, act).await?))
}

/// Lists the accounts.
#[utoipa::path(get, path = "/api/people", tag = "programme", security(("token" = [])),
    responses((status = 200, body = Vec<Person>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn people(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<Person>>, Error> {
    caller.require(Action::PlanVisits)?;
    Ok(Json(app.store.read(accounts::people).await?))
}

/// Adds an account.
#[utoipa::path(post, path = "/api/people", tag = "programme", security(("token" = [])),
    request_body = NewPerson,
    responses((status = 200, body = Person), (status = "4XX", body = ErrorBody)))]
pub(super) async fn add_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewPerson>,
) -> Result<Json<Person>, Error> {
    caller.require(Action::ManageProgramme)?;
    let (user, password) = (new.user.clone(), zeroize::Zeroizing::new(new.password.clone()));
    let hash = app.hashing(move || accounts::password::hash_password(&user, &password)).await?;
    let add = move |tx: &mut dyn Tx| accounts::add_person(tx, &new, &hash);
    let act = |added: &Person| {
        Act::new(Deed::PersonAdded).on("person", added.id).with("role", &added.role)
    };
    Ok(Json(app.change(By::from(&caller), add, act).await?))
}

/// Lists the rubrics.
#[utoipa::path(get, path = "/api/rubrics", tag = "programme", security(("token" = [])),
    responses((status = 200, body = Vec<RubricRef>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn rubrics(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<RubricRef>>, Error> {
    caller.require(Action::ReadProgramme)?;
    Ok(Json(app.store.read(actions::rubrics).await?))
}

/// Adds a rubric: the JSON form of a rubric file.
#[utoipa::path(post, path = "/api/rubrics", tag = "programme", security(("token" = [])),
    request_body = Value,
    responses((status = 200, body = RubricRef), (status = "4XX", body = ErrorBody)))]
pub(super) async fn add_rubric(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(json): Json<Value>,
) -> Result<Json<RubricRef>, Error> {
    caller.require(Action::ManageProgramme)?;
    let rubric = rubric::from_json(&json).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Error::Refused(ErrorBody::new("rubric.invalid").with("faults", faults.join("\n")))
    })?;
    let add = move |tx: &mut dyn Tx| actions::add_rubric(tx, &rubric);
    let act = |added: &RubricRef| Act::new(Deed::RubricAdded).on("rubric", added.sha256);
    Ok(Json(app.change(By::from(&caller), add, act).await?))
}

/// Lists the cycles.
#[utoipa::path(get, path = "/api/cycles", tag = "programme", security(("token" = [])),
    responses((status = 200, body = Vec<CycleJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn cycles(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<CycleJson>>, Error> {
    caller.require(Action::ReadProgramme).or_else(|_| caller.require(Action::ReadResults))?;
    Ok(Json(app.store.read(actions::cycles).await?))
}

/// Adds a cycle in draft.
#[utoipa::path(post, path = "/api/cycles", tag = "programme", security(("token" = [])),
    request_body = NewCycle,
    responses((status = 200, body = CycleJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn add_cycle(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<NewCycle>,
) -> Result<Json<CycleJson>, Error> {
    caller.require(Action::ManageProgramme)?;
    let add = move |tx: &mut dyn Tx| actions::add_cycle(tx, new);
    let act = |added: &CycleJson| Act::new(Deed::CycleAdded).on("cycle", added.id);
    Ok(Json(app.change(By::from(&caller), add, act).await?))
}

/// Records the notice to the entities (M13).
#[utoipa::path(post, path = "/api/cycles/{cycle}/notice", tag = "programme", security(("token" = [])),
    params(("cycle" = CycleId, Path)), request_body = Notice,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn record_notice(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(notice): Json<Notice>,
) -> Result<StatusCode, Error> {
    caller.require(Action::ManageProgramme)?;
    let record = move |tx: &mut dyn Tx| actions::record_notice(tx, cycle, &notice);
    let act = move |(): &()| Act::new(Deed::NoticeRecorded).on("cycle", cycle);
    app.change(By::from(&caller), record, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a step of a cycle.
#[utoipa::path(post, path = "/api/cycles/{cycle}/step", tag = "programme", security(("token" = [])),
    params(("cycle" = CycleId, Path)), request_body = CycleStep,
    responses((status = 200, body = CycleJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn step_cycle(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(step): Json<CycleStep>,
) -> Result<Json<CycleJson>, Error> {
    caller.require(Action::StepCycle)?;
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    let by = By::from(&caller);
    let take = move |tx: &mut dyn Tx| {
        let stepped = actions::step(tx, &keys, &caller, cycle, &step.event, now)?;
        Ok((stepped, step.event))
    };
    let act = move |(_, event): &(CycleJson, String)| {
        Act::new(Deed::CycleStepped).on("cycle", cycle).with("event", event)
    };
    Ok(Json(app.change(by, take, act).await?.0))
}

/// Lists a cycle's visits.
#[utoipa::path(get, path = "/api/cycles/{cycle}/visits", tag = "visits", security(("token" = [])),
    params(("cycle" = CycleId, Path)),
    responses((status = 200, body = Vec<VisitJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn visits(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<Vec<VisitJson>>, Error> {
    caller.require(Action::PlanVisits)?;
    let visits = app.store.read(move |tx| plan::of_cycle(tx, cycle)).await?;
    Ok(Json(visits.iter().map(plan::Visit::to_json).collect()))
}

/// Plans a visit.
#[utoipa::path(post, path = "/api/cycles/{cycle}/visits", tag = "visits", security(("token" = [])),
    params(("cycle" = CycleId, Path)), request_body = NewVisit,
    responses((status = 200, body = VisitJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn plan_visit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(new): Json<NewVisit>,
) -> Result<Json<VisitJson>, Error> {
    caller.require(Action::PlanVisits)?;
    let add = move |tx: &mut dyn Tx| plan::plan(tx, cycle, new);
    let act = |planned: &VisitJson| Act::new(Deed::VisitPlanned).on("visit", planned.id);
    Ok(Json(app.change(By::from(&caller), add, act).await?))
}

/// Gives a visit to an evaluator whom the rules admit; rotation (M3) may be passed over for a reason.
#[utoipa::path(post, path = "/api/visits/{visit}/assign", tag = "visits", security(("token" = [])),
    params(("visit" = VisitId, Path)), request_body = Assign,
    responses((status = 200, body = VisitJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn assign_visit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(request): Json<Assign>,
) -> Result<Json<VisitJson>, Error> {
    caller.require(Action::PlanVisits)?;
    let now = app.now();
    let (by, evaluator) = (By::from(&caller), request.evaluator);
    let assign = move |tx: &mut dyn Tx| plan::assign(tx, &caller, visit, &request, now);
    let act = move |assigned: &plan::Assigned| {
        let act = Act::new(Deed::VisitAssigned).on("visit", visit).with("evaluator", evaluator);
        if assigned.overruled.is_empty() {
            return act;
        }
        act.with("overruled", assigned.overruled.join(", "))
    };
    Ok(Json(app.change(by, assign, act).await?.visit))
}

/// Records that the evaluator of a visit was recognised: barred from the agency for good (M2).
#[utoipa::path(post, path = "/api/visits/{visit}/expose", tag = "visits", security(("token" = [])),
    params(("visit" = VisitId, Path)), request_body = Reason,
    responses((status = 200, body = VisitJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn expose_visit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(request): Json<Reason>,
) -> Result<Json<VisitJson>, Error> {
    let event = VisitEvent::Expose { reason: request.reason };
    end_visit(&app, caller, visit, event, Deed::VisitExposed).await
}

async fn end_visit(
    app: &App,
    caller: Caller,
    visit: VisitId,
    event: VisitEvent,
    deed: Deed,
) -> Result<Json<VisitJson>, Error> {
    caller.require(Action::PlanVisits)?;
    let now = app.now();
    let by = By::from(&caller);
    let end = move |tx: &mut dyn Tx| {
        plan::advance(tx, &caller, visit, &event, now)?;
        Ok(plan::find(tx, visit)?.to_json())
    };
    Ok(Json(app.change(by, end, move |_| Act::new(deed).on("visit", visit)).await?))
}

/// Cancels a visit.
#[utoipa::path(post, path = "/api/visits/{visit}/cancel", tag = "visits", security(("token" = [])),
    params(("visit" = VisitId, Path)), request_body = Reason,
    responses((status = 200, body = VisitJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn cancel_visit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(request): Json<Reason>,
) -> Result<Json<VisitJson>, Error> {
    let event = VisitEvent::Cancel { reason: request.reason };
    end_visit(&app, caller, visit, event, Deed::VisitCancelled).await
}
