//! The central server behind a window: calls under `/api/central/` are carried there, in the name of a
//! session whose token the page never has.
//!
//! What a call means, nobody here knows; the server decides what its person may do. The session has
//! nothing to do with the device's own, and ends when the device is locked or the program ends.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::session::{Session, SignIn};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use zeroize::Zeroizing;

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::home::{make_folder, write_whole};
use crate::transport::client_to;

/// What the page's paths begin with, and the server's own.
const HERE: &str = "/api/central";
const THERE: &str = "/api";
/// The largest body that is carried, either way.
const MAX_BODY: usize = 64 << 20;
/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The session with the central server, while there is one.
#[derive(Default)]
pub(crate) struct Central {
    session: Mutex<Option<Line>>,
}

/// A way to a server, and who one is there.
#[derive(Clone)]
struct Line {
    client: Client,
    base: String,
    token: Option<Arc<Zeroizing<String>>>,
}

/// A sign-in as the page asks for it: it names the server too.
#[derive(Deserialize)]
struct SignInHere {
    server: String,
    #[serde(flatten)]
    sign_in: SignIn,
}

/// The server that was named last; kept in clear, and nothing of a person beside it.
#[derive(Default, Serialize, Deserialize)]
struct Named {
    server: String,
}

impl Central {
    /// Forgets the session.
    pub(crate) fn forget(&self) {
        self.put(None);
    }

    fn is_begun(&self) -> bool {
        self.line().is_ok()
    }

    fn put(&self, line: Option<Line>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }

    fn line(&self) -> Result<Line, Refusal> {
        let line = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        line.ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, ErrorBody::new("session.ended")))
    }
}

/// Carries a call of the page to the server.
pub(crate) async fn forward(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let target = target.strip_prefix(HERE).unwrap_or_default().to_owned();
    let method = request.method().clone();
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    let body = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| too_large())?;
    match (&method, target.as_str()) {
        (&Method::GET, "/server") => app.blocking(|app| Ok(Json(named(app)).into_response())).await,
        (&Method::POST, "/session") => sign_in(&app, &body).await,
        (&Method::GET, "/session") if !app.central.is_begun() => {
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => {
            let line = app.central.line()?;
            let ends = method == Method::DELETE && target == "/session";
            let mut call = line.call(method, &target).body(body);
            if let Some(kind) = kind {
                call = call.header(CONTENT_TYPE, kind);
            }
            let answer = line.send(call).await?;
            if ends || answer.status() == StatusCode::UNAUTHORIZED {
                app.central.forget();
            }
            Ok(answer)
        }
    }
}

/// Begins a session and keeps its token; the page is told everything else.
async fn sign_in(app: &Arc<App>, body: &Bytes) -> Result<Response, Refusal> {
    let asked: SignInHere = serde_json::from_slice(body)
        .map_err(|_| Refusal::invalid("request", "server, user and password"))?;
    let (client, base) = client_to(&asked.server)?;
    let line = Line { client, base: base.clone(), token: None };
    let mut sign_in = asked.sign_in;
    sign_in.cookie = false;
    let answer = line.send(line.call(Method::POST, "/session").json(&sign_in)).await?;
    if answer.status() != StatusCode::OK {
        return Ok(answer);
    }
    let told = to_bytes(answer.into_body(), MAX_BODY).await.map_err(|_| not_understood())?;
    let mut session: Session = serde_json::from_slice(&told).map_err(|_| not_understood())?;
    let token = std::mem::take(&mut session.token);
    if token.is_empty() {
        return Err(not_understood());
    }
    app.central.put(Some(Line { token: Some(Arc::new(Zeroizing::new(token))), ..line }));
    app.blocking(move |app| Ok(remember(&app.environment.home, base)?)).await?;
    Ok(Json(session).into_response())
}

impl Line {
    fn call(&self, method: Method, target: &str) -> reqwest::RequestBuilder {
        let call = self.client.request(method, format!("{}{THERE}{target}", self.base));
        let call = call.timeout(PATIENCE);
        match &self.token {
            Some(token) => call.bearer_auth(token.as_str()),
            None => call,
        }
    }

    async fn send(&self, call: reqwest::RequestBuilder) -> Result<Response, Refusal> {
        let failed = |error: &reqwest::Error| {
            let code = if error.is_connect() { "server.unreachable" } else { "server.cut" };
            let body = ErrorBody::new(code).with("server", &self.base);
            Refusal::new(StatusCode::BAD_GATEWAY, body)
        };
        let mut answer = call.send().await.map_err(|error| failed(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(not_understood());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = answer.status();
        for name in [CONTENT_TYPE, CONTENT_DISPOSITION, RETRY_AFTER] {
            if let Some(value) = answer.headers().get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        Ok(response)
    }
}

fn file(home: &Path) -> PathBuf {
    home.join("central.json")
}

fn named(app: &App) -> Named {
    let kept = std::fs::read(file(&app.environment.home)).unwrap_or_default();
    serde_json::from_slice(&kept).unwrap_or_default()
}

fn remember(home: &Path, server: String) -> Result<(), crate::error::Error> {
    make_folder(home)?;
    let named = Named { server };
    let text = serde_json::to_vec(&named).expect("a text is always JSON");
    write_whole(&file(home), &text)
}

fn too_large() -> Refusal {
    let body = ErrorBody::new("request.too_large").with("max", MAX_BODY);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, body)
}

fn not_understood() -> Refusal {
    Refusal::new(StatusCode::BAD_GATEWAY, ErrorBody::new("server.not_understood"))
}
