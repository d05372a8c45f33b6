//! The central server: storage, sync, review, decision and publication over HTTP.
//!
//! Handlers hold no SQL and no policy; transaction bodies are plain functions over [`tx::Tx`];
//! what a reader may see is decided when a record is written ([`streams`]).
//! It does not score by rules of its own: those are `mizan-domain`'s.

pub mod accounts;
mod actions;
mod app;
mod appeals;
pub mod audit;
pub mod backup;
mod bundles;
pub mod card;
mod chain;
mod committee;
mod consolidated;
mod cookie;
mod door;
mod drafts;
pub mod engine;
pub mod error;
mod events;
pub mod evidence;
mod fairness;
mod figures;
mod folder;
mod imports;
mod incoming;
mod json;
mod judgement;
pub mod keys;
pub mod limits;
mod lists;
mod meetings;
pub mod moving;
mod observe;
mod paging;
mod planning;
mod portal;
mod programme;
mod publication;
mod quarantine;
mod results;
mod retention;
mod review;
pub mod rights;
pub mod routes;
mod rubric_check;
pub mod store;
pub mod streams;
mod sync;
pub mod tx;
mod visits;

use std::future::{Future, IntoFuture as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::map_response;
use axum::serve::ListenerExt as _;
use mizan_domain::role::Role;
use mizan_protocol::api::NewPerson;
use mizan_protocol::record::TextJson;
use mizan_protocol::session::Person;
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use crate::accounts::password;
use crate::app::App;
pub use crate::consolidated::{Rebuilt, consolidate};
use crate::door::{Certificates, TlsDoor};
pub use crate::door::{Exposure, TlsFiles};
use crate::engine::Location;
use crate::error::Error;
use crate::evidence::{EvidencePlace, EvidenceQuota, Vault};
use crate::folder::{DataFolder, Hold};
use crate::limits::{Gates, Limits};
use crate::store::Store;

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of its keys and, unless they are kept elsewhere, its database and evidence.
    pub data: PathBuf,
    /// Where the data are; `None` for the embedded database in the folder.
    pub database: Option<Location>,
    /// Where evidence lies; `None` for a folder of its own in the folder.
    pub evidence: Option<EvidencePlace>,
    /// How much evidence is taken in.
    pub evidence_quota: EvidenceQuota,
    /// The address it listens on; port 0 takes a free one.
    pub listen: String,
    /// The certificate it shows; `None` to speak without TLS.
    pub tls: Option<TlsFiles>,
    /// Who may reach it without TLS.
    pub exposure: Exposure,
    /// The address for those who watch it, if any may.
    pub metrics: Option<String>,
    /// How long a request may take, uploads aside.
    pub time_limit: Duration,
    /// Milliseconds since 1970 UTC.
    pub clock: fn() -> i64,
    /// Whether administrators and the committee need a second factor to do anything.
    pub require_totp: bool,
    /// For how many days a device shows what it holds without meeting the server.
    pub offline_days: u32,
    /// How much one address may ask.
    pub limits: Limits,
}

impl Config {
    /// The ordinary set-up: everything in one folder, this machine alone.
    #[must_use]
    pub fn new(data: PathBuf, clock: fn() -> i64) -> Self {
        Self {
            data,
            database: None,
            evidence: None,
            evidence_quota: EvidenceQuota::default(),
            listen: "127.0.0.1:8080".to_owned(),
            tls: None,
            exposure: Exposure::Loopback,
            metrics: None,
            time_limit: app::TIME_LIMIT,
            clock,
            require_totp: false,
            offline_days: 30,
            limits: Limits::default(),
        }
    }

    fn listen_error(&self) -> impl Fn(std::io::Error) -> Error + use<> {
        let address = self.listen.clone();
        move |source| Error::Listen { address: address.clone(), option: "--listen", source }
    }

    /// Where the data are.
    #[must_use]
    pub fn location(&self) -> Location {
        self.database.clone().unwrap_or_else(|| Location::File(self.data.join("mizan.db")))
    }

    fn evidence_place(&self) -> EvidencePlace {
        let own = || EvidencePlace::Folder(self.data.join("evidence"));
        self.evidence.clone().unwrap_or_else(own)
    }
}

async fn open_store(location: Location) -> Result<Store, Error> {
    tokio::task::spawn_blocking(move || Store::open(&location)).await.unwrap_or(Err(Error::Stopped))
}

/// Serves until `stop` ends, then finishes what is under way.
///
/// `listening` is called once with the address, when requests are accepted.
///
/// # Errors
/// A data folder in use, a database that cannot be opened, an address that cannot be listened on.
pub async fn serve(
    config: Config,
    stop: impl Future<Output = ()> + Send + 'static,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    let location = config.location();
    let folder = DataFolder::open(&config.data, Hold::of(&location))?;
    let certificates = config.tls.clone().map(Certificates::load).transpose()?.map(Arc::new);
    let listener = listen(&config).await?;
    let address = listener.local_addr().map_err(config.listen_error())?;
    let watchers = match &config.metrics {
        None => None,
        Some(address) => Some(bind(address, "--metrics").await?),
    };
    let store = open_store(location).await?;
    consolidated::ensure(&store).await?;
    let keys = Arc::new(folder.keys_of(&store).await?);
    review::facts::fill_missing(&store).await;
    let vault = Vault::open(&config.evidence_place(), Arc::clone(&keys)).await?;
    let app = Arc::new(App::new(store, keys, vault, &config));
    let turns = Arc::clone(&app.turns);
    let stop = {
        let (turns, told) = (Arc::clone(&turns), Arc::clone(&app));
        async move {
            stop.await;
            // What has come of a file is kept; who sends it goes on another time.
            turns.stop_all();
            told.events.close();
        }
    };
    let mut beside = tokio::task::JoinSet::new();
    if let Some(listener) = watchers {
        let watched = observe::watchers_router(Arc::clone(&app));
        beside.spawn(async move { drop(axum::serve(listener, watched).await) });
    }
    let gates = Gates::new(config.limits);
    beside.spawn(evidence::sweep_now_and_then(Arc::clone(&app)));
    beside.spawn(events::follow(Arc::clone(&app)));
    beside.spawn(publication::schedule::publish_when_due(Arc::clone(&app)));
    let router = routes::router(app, &gates);
    beside.spawn(async move { gates.sweep().await });
    listening(address);
    tracing::info!(%address, "serving");
    let served = match certificates {
        None => {
            // Who asks is told by the address it asks from.
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).with_graceful_shutdown(stop).into_future().await
        }
        Some(certificates) => {
            beside.spawn(door::reload_when_asked(Arc::clone(&certificates)));
            let door = TlsDoor::open(listener, address, certificates);
            let router = router.layer(map_response(routes::with_strict_transport));
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(door.tap_io(|_| {}), service).with_graceful_shutdown(stop).await
        }
    };
    turns.all_done().await;
    // What stands beside ends with the server, and the database is closed when this returns.
    beside.shutdown().await;
    served.map_err(config.listen_error())
}

async fn listen(config: &Config) -> Result<TcpListener, Error> {
    if config.tls.is_none() {
        let addresses = tokio::net::lookup_host(&config.listen).await;
        for address in addresses.map_err(config.listen_error())? {
            door::check_exposure(config.exposure, address)?;
        }
    }
    bind(&config.listen, "--listen").await
}

async fn bind(address: &str, option: &'static str) -> Result<TcpListener, Error> {
    let failed = |source| Error::Listen { address: address.to_owned(), option, source };
    TcpListener::bind(address).await.map_err(failed)
}

/// Adds an administrator to a data folder that no server is using: the first account.
///
/// # Errors
/// A folder in use, a name that is taken, a password that is too short.
pub async fn create_administrator(
    config: &Config,
    user: &str,
    password: &str,
    name: TextJson,
) -> Result<Person, Error> {
    let location = config.location();
    let _folder = DataFolder::open(&config.data, Hold::of(&location))?;
    let store = open_store(location).await?;
    let (of, password) = (user.to_owned(), Zeroizing::new(password.to_owned()));
    let hash = tokio::task::spawn_blocking(move || password::hash_password(&of, &password)).await;
    let hash = hash.unwrap_or(Err(Error::Stopped))?;
    let new = NewPerson {
        user: user.to_owned(),
        password: String::new(),
        name,
        role: Role::Administrator.word().to_owned(),
        agency: None,
        centre: None,
        interests: Vec::new(),
    };
    let now = (config.clock)();
    let make = move |tx: &mut dyn tx::Tx| {
        let person = accounts::add_person(tx, &new, &hash)?;
        let act = audit::Act::new(audit::Deed::AdministratorMade).on("person", person.id);
        audit::enter(tx, audit::By::NOBODY, act, now)?;
        Ok(person)
    };
    store.write(make).await
}
