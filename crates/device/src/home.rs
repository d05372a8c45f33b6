//! The folder of a device: where its files lie, the lock against a second copy, and writing that
//! survives a power cut.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::Error;

/// How long the lock is waited for: a device that was just locked is still putting its journal away.
const PATIENCE: Duration = Duration::from_secs(1);

/// The folder that holds one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(PathBuf);

/// Held while the device is open; a second copy cannot get it.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

impl Home {
    /// The folder at a path; nothing is touched yet.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The wrapped keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys.json")
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("device.db")
    }

    /// The database before it is complete.
    #[must_use]
    pub fn new_database(&self) -> PathBuf {
        self.0.join("device.db.new")
    }

    /// The encrypted evidence.
    #[must_use]
    pub fn evidence(&self) -> PathBuf {
        self.0.join("evidence")
    }

    /// Copies of the database from before upgrades.
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        self.0.join("backups")
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// [`Error::InUse`] if another copy of the program holds it and does not let go in a second.
    pub fn lock(&self) -> Result<Lock, Error> {
        let path = self.0.join("device.lock");
        let open = File::options().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(Error::file("opening the lock", &path))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::InUse { home: self.0.clone() });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(Error::file("locking", &path)(error));
                }
            }
        }
    }

    /// Moves a damaged database and its journal out of the way; nothing is deleted.
    ///
    /// # Errors
    /// When a file cannot be renamed.
    pub fn set_aside(&self, now_ms: i64) -> Result<PathBuf, Error> {
        let database = self.database();
        let kept = free_name(&self.0.join(format!("device.db.damaged-{now_ms}")));
        // The database first: a journal without it is found again by `set_journal_aside`, while a
        // database without its journal would open and quietly lack the last answers.
        for suffix in ["", "-wal", "-shm"] {
            rename_if_there(&with_suffix(&database, suffix), &with_suffix(&kept, suffix))?;
        }
        sync_folder(&self.0)?;
        Ok(kept)
    }

    /// Moves the journal of a database that is no longer there out of the way of a new one.
    ///
    /// # Errors
    /// When a file cannot be renamed.
    pub fn set_journal_aside(&self, now_ms: i64) -> Result<(), Error> {
        for suffix in ["-wal", "-shm"] {
            let from = with_suffix(&self.database(), suffix);
            rename_if_there(&from, &free_name(&with_suffix(&from, &format!(".damaged-{now_ms}"))))?;
        }
        Ok(())
    }
}

fn rename_if_there(from: &Path, to: &Path) -> Result<(), Error> {
    if !from.exists() {
        return Ok(());
    }
    fs::rename(from, to).map_err(Error::file("setting aside", from))
}

/// Creates a folder and those above it, and makes their names durable; only its owner may enter.
pub(crate) fn make_folder(path: &Path) -> Result<(), Error> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    // One that is there may come from a run that ended before its name was on the disk.
    let made = path.ancestors().skip(1).take_while(is_missing).count() + 1;
    fs::create_dir_all(path).map_err(Error::file("creating", path))?;
    restrict(path)?;
    let holders = path.ancestors().skip(1).take(made);
    let here = Path::new(".");
    holders
        .map(|holder| if holder.as_os_str().is_empty() { here } else { holder })
        .try_for_each(sync_folder)
}

/// Writes a file whole or not at all: temporary name, fsync, rename, fsync of the folder.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .map_err(Error::file("creating a file in", folder))?;
    file.write_all(bytes).map_err(Error::file("writing", path))?;
    file.as_file().sync_all().map_err(Error::file("syncing", path))?;
    file.persist(path).map_err(|error| Error::file("renaming to", path)(error.error))?;
    sync_folder(folder)
}

/// Makes renames in a folder durable.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    let file = File::open(folder).map_err(Error::file("opening", folder))?;
    file.sync_all().map_err(Error::file("syncing", folder))
}

/// Windows journals renames by itself and cannot open a folder as a file.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> Result<(), Error> {
    Ok(())
}

/// A path with something appended to its last part.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The path, or the first of `path-2`, `path-3`, … at which nothing lies.
pub(crate) fn free_name(path: &Path) -> PathBuf {
    let others = (2..).map(|n| with_suffix(path, &format!("-{n}")));
    let mut names = std::iter::once(path.to_owned()).chain(others);
    names.find(|name| !name.exists()).expect("the numbers do not end before the files do")
}

#[cfg(unix)]
fn restrict(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let owner_only = fs::Permissions::from_mode(0o700);
    fs::set_permissions(path, owner_only).map_err(Error::file("restricting", path))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> Result<(), Error> {
    Ok(())
}
