//! The central server: storage, sync, review, decision and publication over HTTP.
//!
//! Handlers hold no SQL and no policy; transaction bodies are plain functions over [`tx::Tx`];
//! what a reader may see is decided when a record is written ([`streams`]).
//! It does not score by rules of its own: those are `mizan-domain`'s.

pub mod accounts;
mod app;
mod bundles;
pub mod card;
pub mod error;
mod evidence;
pub mod keys;
mod programme;
mod publication;
mod results;
mod review;
pub mod rights;
pub mod routes;
mod sqlite;
pub mod store;
pub mod streams;
mod sync;
pub mod tx;
mod visits;

use std::fs::TryLockError;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mizan_domain::role::Role;
use mizan_protocol::api::NewPerson;
use mizan_protocol::record::TextJson;
use mizan_protocol::session::Person;

use crate::app::App;
use crate::error::Error;
use crate::keys::{Keys, random_bytes};
use crate::store::Store;
use crate::tx::params;

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of its database, keys and evidence.
    pub data: PathBuf,
    /// The address it listens on; port 0 takes a free one.
    pub listen: String,
    /// Milliseconds since 1970 UTC.
    pub clock: fn() -> i64,
}

/// The data folder, held against a second server.
struct DataFolder {
    path: PathBuf,
    _lock: std::fs::File,
}

impl DataFolder {
    fn open(path: &Path) -> Result<Self, Error> {
        let file_error = |source| Error::File { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(file_error)?;
        // The plan, the names and the evidence are for this account alone.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let owner_only = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(path, owner_only).map_err(file_error)?;
        }
        let lock = std::fs::File::create(path.join("server.lock")).map_err(file_error)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(file_error(source)),
        }
    }

    async fn store(&self) -> Result<Store, Error> {
        let store = Store::open(&self.path.join("mizan.db"))?;
        let epoch = u64::from_be_bytes(random_bytes::<8>()?).to_string();
        let sql =
            "INSERT INTO settings (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO NOTHING";
        store.write(move |tx| tx.exec(sql, params![epoch])).await?;
        Ok(store)
    }
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
    let folder = DataFolder::open(&config.data)?;
    let store = folder.store().await?;
    let keys = Keys::load_or_create(&folder.path.join("server.key"))?;
    let evidence = folder.path.join("evidence");
    let listen_error = |source| Error::Listen { address: config.listen.clone(), source };
    let listener = tokio::net::TcpListener::bind(&config.listen).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let app = Arc::new(App::new(store, keys, evidence, config.clock));
    listening(address);
    tracing::info!(%address, "serving");
    let served = axum::serve(listener, routes::router(app)).with_graceful_shutdown(stop).await;
    served.map_err(listen_error)
}

/// Adds an administrator to a data folder that no server is using: the first account.
///
/// # Errors
/// A folder in use, a name that is taken, a password that is too short.
pub async fn create_administrator(
    data: &Path,
    user: &str,
    password: &str,
    name: TextJson,
) -> Result<Person, Error> {
    let folder = DataFolder::open(data)?;
    let store = folder.store().await?;
    let hash = accounts::hash_password(password)?;
    let new = NewPerson {
        user: user.to_owned(),
        password: String::new(),
        name,
        role: Role::Administrator.word().to_owned(),
        agency: None,
        centre: None,
        interests: Vec::new(),
    };
    store.write(move |tx| accounts::add_person(tx, &new, &hash)).await
}
