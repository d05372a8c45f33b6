//! What every request needs, and how a request says who it comes from.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use mizan_domain::role::Role;
use mizan_protocol::canonical::Digest;
use mizan_report::Renderer;
use tokio::sync::Semaphore;

use crate::Config;
use crate::accounts::Caller;
use crate::accounts::own::Standing;
use crate::accounts::sessions::{self, By as SessionBy, Found, Presented, Purpose, Session};
use crate::audit::{self, Act, By};
use crate::cookie;
use crate::error::Error;
use crate::events::Events;
use crate::evidence::{EvidenceQuota, Turns, Vault};
use crate::figures::Figures;
use crate::keys::Keys;
use crate::store::Store;
use crate::tx::Tx;

/// Passwords hashed at once: each takes 32 MiB and a core.
const HASHES_AT_ONCE: usize = 2;

/// Whose accounts need a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Factors {
    /// Nobody's; whoever sets one up has one.
    Optional,
    /// Those of administrators and the committee.
    Required,
}

const DAY_MS: i64 = 86_400_000;

/// How long a request may take unless the operator says otherwise.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The server's state.
pub struct App {
    /// Its data.
    pub(crate) store: Store,
    /// Its secrets.
    pub(crate) keys: Arc<Keys>,
    /// Its evidence.
    pub(crate) vault: Vault,
    /// Whose turn it is at an upload.
    pub(crate) turns: Arc<Turns>,
    /// How much evidence is taken in.
    pub(crate) quota: EvidenceQuota,
    /// Where a bundle lies while it is read.
    pub(crate) spool: PathBuf,
    /// Milliseconds since 1970 UTC.
    pub(crate) clock: fn() -> i64,
    /// Whose accounts need a second factor.
    pub(crate) factors: Factors,
    /// Tells open pages what has changed.
    pub(crate) events: Events,
    /// What it counts about itself.
    pub(crate) figures: Figures,
    /// How long a request may take, uploads aside.
    pub(crate) time_limit: Duration,
    /// For how many milliseconds a device shows what it holds without meeting the server.
    pub(crate) offline_ms: i64,
    hashing: Semaphore,
    /// Renderers that are idle; each keeps its fonts and what it has shaped.
    renderers: Mutex<Vec<Renderer>>,
}

impl App {
    /// The state of a server.
    pub(crate) fn new(store: Store, keys: Arc<Keys>, vault: Vault, config: &Config) -> Self {
        let figures = Figures::new(&store.figures);
        Self {
            store,
            keys,
            vault,
            turns: Arc::default(),
            quota: config.evidence_quota,
            spool: config.data.join("bundles"),
            clock: config.clock,
            factors: if config.require_totp { Factors::Required } else { Factors::Optional },
            events: Events::default(),
            figures,
            time_limit: config.time_limit,
            offline_ms: i64::from(config.offline_days) * DAY_MS,
            hashing: Semaphore::new(HASHES_AT_ONCE),
            renderers: Mutex::default(),
        }
    }

    /// Whether a session's account has the second factor its role needs.
    pub(crate) fn standing(&self, session: &Session) -> Standing {
        let role = session.caller.role;
        let needs_one = role == Role::Administrator || role.is_committee();
        match self.factors {
            Factors::Required if needs_one && !session.has_factor => Standing::NeedsFactor,
            Factors::Required | Factors::Optional => Standing::Open,
        }
    }

    /// Refuses a session whose account lacks the second factor its role needs.
    fn require_factor(&self, session: &Session) -> Result<(), Error> {
        match self.standing(session) {
            Standing::NeedsFactor => Err(Error::refused("session.totp_setup_required")),
            Standing::Open => Ok(()),
        }
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

    /// Runs a body that changes data and enters the deed in the audit, in one transaction.
    ///
    /// Every change a person makes goes this way.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        by: By,
        body: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        act: impl FnOnce(&T) -> Act + Send + 'static,
    ) -> Result<T, Error> {
        let now = self.now();
        let both = move |tx: &mut dyn Tx| {
            let done = body(tx)?;
            audit::enter(tx, by, act(&done), now)?;
            Ok(done)
        };
        let done = self.store.write(both).await?;
        self.events.entered();
        Ok(done)
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

/// A session of any kind: for what a person may do whatever else is open to them.
pub(crate) struct AnySession(pub(crate) Session);

impl FromRequestParts<Arc<App>> for AnySession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let (presented, now) = (presented(parts)?, app.now());
        match app.store.read(move |tx| sessions::find(tx, &presented, now)).await? {
            Found::Session(session) => Ok(Self(session)),
            Found::Reused(device) => {
                app.store.write(move |tx| sessions::end_family(tx, device)).await?;
                Err(Error::NoSession)
            }
        }
    }
}

/// A session that may enrol a device.
pub(crate) struct Enrolling(pub(crate) Session);

impl FromRequestParts<Arc<App>> for Enrolling {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let AnySession(session) = AnySession::from_request_parts(parts, app).await?;
        match session.purpose {
            Purpose::Full => app.require_factor(&session).map(|()| Self(session)),
            Purpose::Enrol => Ok(Self(session)),
        }
    }
}

/// A caller who may yet lack the second factor their role needs.
pub(crate) struct WithoutFactor(pub(crate) Caller);

impl FromRequestParts<Arc<App>> for WithoutFactor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let AnySession(session) = AnySession::from_request_parts(parts, app).await?;
        match session.purpose {
            Purpose::Full => Ok(Self(session.caller)),
            Purpose::Enrol => Err(Error::NotFound),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let AnySession(session) = AnySession::from_request_parts(parts, app).await?;
        match session.purpose {
            Purpose::Full => app.require_factor(&session).map(|()| session.caller),
            Purpose::Enrol => Err(Error::NotFound),
        }
    }
}

/// The token of a request, and how it came. A header that only programs set goes before a cookie.
fn presented(parts: &Parts) -> Result<Presented, Error> {
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(header) = header {
        let token = header.strip_prefix("Bearer ").ok_or(Error::NoSession)?;
        return Ok(Presented { token: Digest::of(token.as_bytes()), by: SessionBy::Bearer });
    }
    let token = cookie::token(&parts.headers).ok_or(Error::NoSession)?;
    let by = if cookie::only_reads(&parts.method) {
        SessionBy::CookieToRead
    } else {
        let shown = parts.headers.get(cookie::CSRF_HEADER);
        SessionBy::CookieToChange(shown.map(|shown| Digest::of(shown.as_bytes())))
    };
    Ok(Presented { token: Digest::of(token.as_bytes()), by })
}
