//! What centres reply to a published scorecard: actions and appeals; and those who hear appeals.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{ActionId, AppealId, ScorecardId};

use crate::accounts::Caller;
use crate::actions::{self, ActionFacets, ActionHistory, ActionJson, ChangeAction};
use crate::app::App;
use crate::appeals::files::{self, NewFile};
use crate::appeals::hearing::{self, AppealCase, Effect, NewRuling, Supposed};
use crate::appeals::{self, AppealFacets, AppealJson, NewAppeal};
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::paging::{Listed, Paged};
use crate::publication::page::{self, ScorecardPage};
use crate::rights::Action;
use crate::tx::Tx;

/// Shows a published scorecard with its rubric's words, its versions and its centre's earlier cycles.
#[utoipa::path(get, path = "/api/scorecards/{scorecard}", tag = "scorecards",
    operation_id = "scorecard_page", security(("token" = []), ("cookie" = [])),
    params(("scorecard" = ScorecardId, Path)),
    responses((status = 200, body = ScorecardPage), (status = "4XX", body = ErrorBody)))]
pub(super) async fn scorecard(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(scorecard): Path<ScorecardId>,
) -> Result<Json<ScorecardPage>, Error> {
    caller.require(Action::ReadScorecards)?;
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    let read = move |tx: &mut dyn Tx| page::page(tx, &keys, &caller, scorecard, now);
    Ok(Json(app.store.read(read).await?))
}

/// Lists the actions the caller may read, a page at a time; sorted by `due`, `state`, `owner`,
/// `criterion`, `centre`, `name_ar`, `name_en`, `cycle`.
#[utoipa::path(get, path = "/api/lists/actions", tag = "lists", operation_id = "list_actions",
    security(("token" = []), ("cookie" = [])), params(Paged, ActionFacets),
    responses((status = 200, body = Listed<ActionJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn actions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Paged>,
    Query(facets): Query<ActionFacets>,
) -> Result<Json<Listed<ActionJson>>, Error> {
    caller.require(Action::ReadActions)?;
    let now = app.now();
    let read = move |tx: &mut dyn Tx| actions::actions(tx, &caller, &asked, &facets, now);
    Ok(Json(app.store.read(read).await?))
}

/// Shows an action with what became of it.
#[utoipa::path(get, path = "/api/actions/{action}", tag = "replies", operation_id = "action",
    security(("token" = []), ("cookie" = [])), params(("action" = ActionId, Path)),
    responses((status = 200, body = ActionHistory), (status = "4XX", body = ErrorBody)))]
pub(super) async fn action(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(action): Path<ActionId>,
) -> Result<Json<ActionHistory>, Error> {
    caller.require(Action::ReadActions)?;
    let now = app.now();
    let read = move |tx: &mut dyn Tx| actions::history(tx, &caller, action, now);
    Ok(Json(app.store.read(read).await?))
}

/// Changes an action.
#[utoipa::path(post, path = "/api/actions/{action}", tag = "replies", operation_id = "change_action",
    security(("token" = []), ("cookie" = [])), params(("action" = ActionId, Path)),
    request_body = ChangeAction,
    responses((status = 200, body = ActionHistory), (status = "4XX", body = ErrorBody)))]
pub(super) async fn change_action(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(action): Path<ActionId>,
    Json(change): Json<ChangeAction>,
) -> Result<Json<ActionHistory>, Error> {
    caller.require(Action::KeepActions)?;
    let (by, now) = (By::from(&caller), app.now());
    let body = move |tx: &mut dyn Tx| actions::change(tx, &caller, action, &change, now);
    let act = move |after: &ActionHistory| {
        let act = Act::new(Deed::ActionChanged).on("action", action);
        act.with("state", &after.action.state)
    };
    Ok(Json(app.change(by, body, act).await?))
}

/// Lists the appeals the caller may read, a page at a time; sorted by `filed`, `centre`, `name_ar`,
/// `name_en`, `criterion`, `state`, `cycle`.
#[utoipa::path(get, path = "/api/lists/appeals", tag = "lists", operation_id = "list_appeals",
    security(("token" = []), ("cookie" = [])), params(Paged, AppealFacets),
    responses((status = 200, body = Listed<AppealJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn appeals(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Paged>,
    Query(facets): Query<AppealFacets>,
) -> Result<Json<Listed<AppealJson>>, Error> {
    caller.require(Action::ReadAppeals)?;
    let read = move |tx: &mut dyn Tx| appeals::appeals(tx, &caller, &asked, &facets);
    Ok(Json(app.store.read(read).await?))
}

/// Shows an appeal as the centre it is of may read it.
#[utoipa::path(get, path = "/api/appeals/{appeal}", tag = "replies", operation_id = "appeal",
    security(("token" = []), ("cookie" = [])), params(("appeal" = AppealId, Path)),
    responses((status = 200, body = AppealJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn appeal(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(appeal): Path<AppealId>,
) -> Result<Json<AppealJson>, Error> {
    caller.require(Action::ReadAppeals)?;
    Ok(Json(app.store.read(move |tx| appeals::show(tx, &caller, appeal)).await?))
}

/// Appeals against a criterion of a published scorecard.
#[utoipa::path(post, path = "/api/scorecards/{scorecard}/appeals", tag = "replies",
    operation_id = "file_appeal", security(("token" = []), ("cookie" = [])),
    params(("scorecard" = ScorecardId, Path)), request_body = NewAppeal,
    responses((status = 200, body = AppealJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn file(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(scorecard): Path<ScorecardId>,
    Json(new): Json<NewAppeal>,
) -> Result<Json<AppealJson>, Error> {
    caller.require(Action::FileAppeals)?;
    let (by, now) = (By::from(&caller), app.now());
    let file = move |tx: &mut dyn Tx| appeals::file(tx, &caller, scorecard, &new, now);
    let act = move |filed: &AppealJson| {
        Act::new(Deed::AppealFiled).on("appeal", filed.id).with("scorecard", scorecard)
    };
    Ok(Json(app.change(by, file, act).await?))
}

/// Attaches a file to an own appeal that nobody has looked at yet. What a phone puts into a picture besides
/// it is taken off.
#[utoipa::path(post, path = "/api/appeals/{appeal}/files", tag = "replies",
    operation_id = "attach_to_appeal", security(("token" = []), ("cookie" = [])),
    params(("appeal" = AppealId, Path), NewFile),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = AppealJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn attach(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(appeal): Path<AppealId>,
    Query(new): Query<NewFile>,
    body: Body,
) -> Result<Json<AppealJson>, Error> {
    caller.require(Action::FileAppeals)?;
    let bytes = files::body(body).await?;
    Ok(Json(files::attach(&app, caller, appeal, new, bytes).await?))
}

/// Gives a file of an appeal.
#[utoipa::path(get, path = "/api/appeals/{appeal}/files/{sha256}", tag = "replies",
    operation_id = "appeal_file", security(("token" = []), ("cookie" = [])),
    params(("appeal" = AppealId, Path), ("sha256" = Digest, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn attached(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((appeal, sha256)): Path<(AppealId, Digest)>,
) -> Result<Response, Error> {
    caller.require(Action::ReadAppeals)?;
    let find = move |tx: &mut dyn Tx| files::media_type(tx, &caller, appeal, sha256);
    let media_type = app.store.read(find).await?;
    let bytes = app.vault.read(sha256).await?;
    Ok(([(CONTENT_TYPE, media_type)], bytes).into_response())
}

/// Takes an appeal back before the committee's ruling.
#[utoipa::path(post, path = "/api/appeals/{appeal}/withdraw", tag = "replies",
    operation_id = "withdraw_appeal", security(("token" = []), ("cookie" = [])),
    params(("appeal" = AppealId, Path)),
    responses((status = 200, body = AppealJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(appeal): Path<AppealId>,
) -> Result<Json<AppealJson>, Error> {
    caller.require(Action::FileAppeals)?;
    let by = By::from(&caller);
    let withdraw = move |tx: &mut dyn Tx| appeals::withdraw(tx, &caller, appeal);
    let act = move |_: &AppealJson| Act::new(Deed::AppealWithdrawn).on("appeal", appeal);
    Ok(Json(app.change(by, withdraw, act).await?))
}

/// Shows what an appeal rests on to those who hear it.
#[utoipa::path(get, path = "/api/appeals/{appeal}/case", tag = "replies",
    operation_id = "appeal_case", security(("token" = []), ("cookie" = [])),
    params(("appeal" = AppealId, Path)),
    responses((status = 200, body = AppealCase), (status = "4XX", body = ErrorBody)))]
pub(super) async fn case(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(appeal): Path<AppealId>,
) -> Result<Json<AppealCase>, Error> {
    caller.require(Action::HearAppeals)?;
    let by = By::from(&caller);
    let case = app.store.read(move |tx| hearing::case(tx, &caller, appeal)).await?;
    let read = Act::new(Deed::AppealRead).on("appeal", appeal);
    app.change(by, |_| Ok(()), move |(): &()| read).await?;
    Ok(Json(case))
}

/// Says what corrected answers would change, by the scoring that publication uses.
#[utoipa::path(post, path = "/api/appeals/{appeal}/preview", tag = "replies",
    operation_id = "preview_appeal", security(("token" = []), ("cookie" = [])),
    params(("appeal" = AppealId, Path)), request_body = Supposed,
    responses((status = 200, body = Effect), (status = "4XX", body = ErrorBody)))]
pub(super) async fn preview(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(appeal): Path<AppealId>,
    Json(supposed): Json<Supposed>,
) -> Result<Json<Effect>, Error> {
    caller.require(Action::HearAppeals)?;
    let read = move |tx: &mut dyn Tx| hearing::preview(tx, &caller, appeal, &supposed);
    Ok(Json(app.store.read(read).await?))
}

/// Rules on an appeal: the central team or a reviewer for the first time, then the committee for good. A
/// committee's ruling that upholds publishes a new version of the scorecard.
#[utoipa::path(post, path = "/api/appeals/{appeal}/ruling", tag = "replies",
    operation_id = "rule_on_appeal", security(("token" = []), ("cookie" = [])),
    params(("appeal" = AppealId, Path)), request_body = NewRuling,
    responses((status = 200, body = AppealJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(appeal): Path<AppealId>,
    Json(new): Json<NewRuling>,
) -> Result<Json<AppealJson>, Error> {
    caller.require(Action::HearAppeals)?;
    let (by, now, keys) = (By::from(&caller), app.now(), Arc::clone(&app.keys));
    let rule = move |tx: &mut dyn Tx| hearing::rule(tx, &keys, &caller, appeal, &new, now);
    let act = move |after: &AppealJson| {
        Act::new(Deed::AppealRuled).on("appeal", appeal).with("state", &after.state)
    };
    Ok(Json(app.change(by, rule, act).await?))
}
