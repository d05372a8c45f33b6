//! The data folder: for its owner's eyes alone, and held against those who must not share it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::engine::{self, Location};
use crate::error::Error;
use crate::keys::Keys;
use crate::store::Store;

/// Under this name the database keeps the public half of its servers' key.
const SERVER_KEY: &str = "server_key";

/// How long a lock is waited for. A program that this process starts holds the files open here, and with
/// them their locks, from its fork to its exec, even if they are closed here meanwhile.
const PATIENCE: Duration = Duration::from_millis(500);

/// How a folder is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nobody else may use it: the embedded database has one server.
    Alone,
    /// Other servers of the same PostgreSQL database may use it too.
    Shared,
}

impl Hold {
    /// How the folder of a database is held while it is served.
    pub(crate) fn of(location: &Location) -> Self {
        match location {
            Location::File(_) => Self::Alone,
            Location::Postgres(_) => Self::Shared,
        }
    }
}

/// A data folder that is held.
#[derive(Debug)]
pub(crate) struct DataFolder {
    /// Where it is.
    pub(crate) path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Holds a folder, making it if it is not there.
    pub(crate) fn open(path: &Path, hold: Hold) -> Result<Self, Error> {
        let file_error = |source| Error::File { path: path.to_owned(), source };
        make_private(path).map_err(file_error)?;
        let lock_path = path.join("server.lock");
        let lock = File::options().create(true).write(true).truncate(false).open(lock_path);
        let lock = lock.map_err(file_error)?;
        match try_for(PATIENCE, &lock, hold) {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(file_error(source)),
        }
    }

    /// The folder's keys, which must be those the database knows: cursors, bundles and signatures of one
    /// server have to be understood by all that serve the same data.
    pub(crate) async fn keys_of(&self, store: &Store) -> Result<Keys, Error> {
        let path = self.path.join("server.key");
        let expected = store.read(|tx| engine::setting(tx, SERVER_KEY)).await?;
        let keys = match &expected {
            Some(expected) if !path.exists() => {
                let (expected, found) = (expected.clone(), "no key".to_owned());
                return Err(Error::OtherKey { path, expected, found });
            }
            _ => Keys::load_or_create(&path)?,
        };
        let found = keys.signing.public().to_string();
        // Two servers may start on a new database at once; only one of them makes its key known.
        let known = match expected {
            Some(expected) => expected,
            None => {
                let found = found.clone();
                let know = move |tx: &mut dyn crate::tx::Tx| match engine::setting(tx, SERVER_KEY)?
                {
                    Some(known) => Ok(known),
                    None => engine::set(tx, SERVER_KEY, &found).map(|()| found),
                };
                store.write(know).await?
            }
        };
        if known == found {
            Ok(keys)
        } else {
            Err(Error::OtherKey { path, expected: known, found })
        }
    }
}

/// Takes the lock, if it comes free in a while.
fn try_for(patience: Duration, lock: &File, hold: Hold) -> Result<(), TryLockError> {
    let start = Instant::now();
    loop {
        let held = match hold {
            Hold::Alone => lock.try_lock(),
            Hold::Shared => lock.try_lock_shared(),
        };
        if !matches!(held, Err(TryLockError::WouldBlock)) || start.elapsed() > patience {
            return held;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Makes a folder that only its owner can look into: the plan, the names and the keys are there.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_program_that_starts_elsewhere_holds_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        assert!(Command::new("true").status().unwrap().success());
                    }
                });
            }
            let opened: Result<Vec<_>, _> = (0..2_000)
                .map(|_| DataFolder::open(folder.path(), Hold::Alone).map(drop))
                .collect();
            is_over.store(true, Ordering::Relaxed);
            opened.unwrap();
        });
    }
}
