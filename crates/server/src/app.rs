//! What every request needs, and how a request says who it comes from.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use mizan_report::Renderer;
use tokio::sync::Semaphore;

use crate::accounts::{self, Caller};
use crate::error::Error;
use crate::keys::Keys;
use crate::store::Store;

/// Passwords hashed at once: each takes 32 MiB and a core.
const HASHES_AT_ONCE: usize = 2;

/// The server's state.
pub struct App {
    /// Its data.
    pub(crate) store: Store,
    /// Its secrets.
    pub(crate) keys: Arc<Keys>,
    /// Where evidence lies.
    pub(crate) evidence: PathBuf,
    /// Milliseconds since 1970 UTC.
    pub(crate) clock: fn() -> i64,
    hashing: Semaphore,
    /// Renderers that are idle; each keeps its fonts and what it has shaped.
    renderers: Mutex<Vec<Renderer>>,
}

impl App {
    /// The state of a server.
    pub(crate) fn new(store: Store, keys: Keys, evidence: PathBuf, clock: fn() -> i64) -> Self {
        let hashing = Semaphore::new(HASHES_AT_ONCE);
        let keys = Arc::new(keys);
        Self { store, keys, evidence, clock, hashing, renderers: Mutex::default() }
    }

    /// Runs work with a renderer that is kept for the next.
    pub(crate) fn with_renderer<T>(
        &self,
        work: impl FnOnce(&mut Renderer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let idle = self.renderers.lock().map_err(|_| Error::Stopped)?.pop();
        let made = || Renderer::new().map_err(|error| Error::Report(error.to_string()));
        let mut renderer = idle.map_or_else(made, Ok)?;
        let outcome = work(&mut renderer);
        self.renderers.lock().map_err(|_| Error::Stopped)?.push(renderer);
        outcome
    }

    /// Milliseconds since 1970 UTC.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Runs slow, memory-hungry password work off the async workers, two at a time.
    pub(crate) async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _permit = self.hashing.acquire().await.map_err(|_| Error::Stopped)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Stopped)?
    }
}

/// The token of a request.
pub(crate) struct Token(pub(crate) String);

impl FromRequestParts<Arc<App>> for Token {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Error> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer "));
        token.map(|token| Self(token.to_owned())).ok_or(Error::NoSession)
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let Token(token) = Token::from_request_parts(parts, app).await?;
        let now = app.now();
        app.store.read(move |tx| accounts::caller(tx, &token, now)).await
    }
}
