//! What surrounds every request: its id, its line in the log, its time limit, its place in the figures;
//! and the small listener that those who watch the server ask.
//!
//! Neither the log nor the figures hold what a path or a query names, who called, or from where.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::error::Error;
use crate::quarantine;

/// Under this name an answer carries the id of its request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long the database may take to say that it is there.
const PULSE: Duration = Duration::from_secs(2);

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request this task serves.
pub(crate) fn request_id() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Serves a request under an id and a time limit, then counts it and writes its line.
pub(crate) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    let method = method_word(request.method());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let begun = Instant::now();
    let answer = CURRENT.scope(id.clone(), within_limit(&app, &route, next.run(request)));
    let mut response = answer.await;
    let (status, seconds) = (response.status().as_u16(), begun.elapsed().as_secs_f64());
    app.figures.answered(method, &route, status, seconds);
    let ms = (seconds * 1_000.0).round();
    tracing::info!(request_id = %id, method, route, status, ms, "request");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Gives up on a request that takes too long. What the writer has of it by then is done all the same,
/// and asking again is safe. Uploads take as long as their line is slow.
async fn within_limit(app: &App, route: &str, answer: impl Future<Output = Response>) -> Response {
    if ["/api/evidence", "/api/bundles"].iter().any(|upload| route.starts_with(upload)) {
        return answer.await;
    }
    let late = |_| {
        tracing::warn!(route, "a request was given up: it took longer than the limit");
        Error::Busy.into_response()
    };
    tokio::time::timeout(app.time_limit, answer).await.unwrap_or_else(late)
}

/// A method's name; whatever a caller may invent is one.
fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What is asked by those who watch the server, on a listener of its own.
pub(crate) fn watchers_router(app: Arc<App>) -> Router {
    Router::new().route("/healthz", get(healthz)).route("/metrics", get(metrics)).with_state(app)
}

/// 200 when the database answers, else 503.
pub(crate) async fn healthz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    match pulse(&app).await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

async fn pulse(app: &App) -> Result<(), Error> {
    let ask = app.store.read(quarantine::count_open);
    let answered = tokio::time::timeout(PULSE, ask).await.unwrap_or(Err(Error::Busy));
    let answered = answered.map(|open| {
        app.figures.quarantine_open.set(open);
    });
    app.figures.database_is(&answered);
    answered
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    // The figure is what counts here; that the database does not answer is no fault of this page.
    let _ = pulse(&app).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match app.figures.text() {
        Ok(text) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(_) => Error::Stopped.into_response(),
    }
}
