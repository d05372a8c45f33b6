//! What the committee decides on, and the scorecards that come of it.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mizan_domain::text::Language;
use mizan_protocol::api::{CentreResult, Decision, PublishedScorecard};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::explanation::ExplanationJson;
use mizan_protocol::id::{CentreId, CycleId, ScorecardId};
use serde::Deserialize;

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::rights::Action;
use crate::tx::Tx;
use crate::{card, publication, results as actions};

/// Lists the results of a cycle before publication.
#[utoipa::path(get, path = "/api/cycles/{cycle}/results", tag = "committee", security(("token" = [])),
    params(("cycle" = CycleId, Path)),
    responses((status = 200, body = Vec<CentreResult>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn results(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<Vec<CentreResult>>, Error> {
    caller.require(Action::ReadResults)?;
    let results = app.store.read(move |tx| actions::results(tx, cycle)).await?;
    let act = move |(): &()| Act::new(Deed::ResultsRead).on("cycle", cycle);
    app.change(By::from(&caller), |_| Ok(()), act).await?;
    Ok(Json(results))
}

/// Says why a centre's numbers are what they are.
#[utoipa::path(get, path = "/api/cycles/{cycle}/centres/{centre}/explanation", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("centre" = CentreId, Path)),
    responses((status = 200, body = ExplanationJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn explanation(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, centre)): Path<(CycleId, CentreId)>,
) -> Result<Json<ExplanationJson>, Error> {
    caller.require(Action::ReadResults)?;
    let explanation = app.store.read(move |tx| actions::explanation(tx, cycle, centre)).await?;
    let read = Act::new(Deed::ExplanationRead).on("centre", centre).with("cycle", cycle);
    app.change(By::from(&caller), |_| Ok(()), move |(): &()| read).await?;
    Ok(Json(explanation))
}

/// Records the committee's decision on a centre.
#[utoipa::path(post, path = "/api/cycles/{cycle}/centres/{centre}/decision", tag = "committee",
    security(("token" = [])), params(("cycle" = CycleId, Path), ("centre" = CentreId, Path)),
    request_body = Decision,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn decide(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((cycle, centre)): Path<(CycleId, CentreId)>,
    Json(decision): Json<Decision>,
) -> Result<StatusCode, Error> {
    caller.require(Action::Decide)?;
    let now = app.now();
    let (by, sha256) = (By::from(&caller), decision.scorecard_sha256);
    let decide = move |tx: &mut dyn Tx| actions::decide(tx, &caller, cycle, centre, &decision, now);
    let act = move |(): &()| {
        let act = Act::new(Deed::CentreDecided).on("centre", centre).with("cycle", cycle);
        act.with("scorecard", sha256)
    };
    app.change(by, decide, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the published scorecards the caller may read.
#[utoipa::path(get, path = "/api/scorecards", tag = "scorecards", security(("token" = [])),
    responses((status = 200, body = Vec<PublishedScorecard>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn scorecards(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<PublishedScorecard>>, Error> {
    caller.require(Action::ReadScorecards)?;
    let keys = Arc::clone(&app.keys);
    let read = move |tx: &mut dyn crate::tx::Tx| publication::scorecards(tx, &keys, &caller);
    Ok(Json(app.store.read(read).await?))
}

/// The language of a document.
#[derive(Debug, Deserialize)]
pub(super) struct DocumentLanguage {
    pub(super) lang: String,
}

/// The language a document is asked for in.
pub(super) fn language(lang: &str) -> Result<Language, Error> {
    Language::from_code(lang).ok_or_else(|| Error::invalid("lang", lang, "ar, en"))
}

/// Gives a published scorecard as a PDF.
#[utoipa::path(get, path = "/api/scorecards/{scorecard}/pdf", tag = "scorecards",
    security(("token" = [])),
    params(("scorecard" = ScorecardId, Path), ("lang" = String, Query, description = "`ar` or `en`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn scorecard_pdf(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(scorecard): Path<ScorecardId>,
    Query(DocumentLanguage { lang }): Query<DocumentLanguage>,
) -> Result<Response, Error> {
    caller.require(Action::ReadScorecards)?;
    let language = language(&lang)?;
    let keys = Arc::clone(&app.keys);
    let read =
        move |tx: &mut dyn crate::tx::Tx| publication::scorecard(tx, &keys, &caller, scorecard);
    let (signed, rubric) = app.store.read(read).await?;
    let rendering = Arc::clone(&app);
    let render = move || {
        rendering
            .with_renderer(|renderer| card::render_signed(renderer, &signed, &rubric, language))
    };
    let pdf = tokio::task::spawn_blocking(render).await.map_err(|_| Error::Stopped)??;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response())
}
