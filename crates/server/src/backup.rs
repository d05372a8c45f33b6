//! Backups made while the server runs, and putting one back.
//!
//! A backup is a folder: one state of the database as an SQLite file whatever the engine, the server's
//! key, the evidence, and a manifest with a digest of each file. Evidence that lies in an object store
//! is not in it. Nothing is ever deleted: what a restore replaces is set aside.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use mizan_protocol::canonical::{Digest, canonical_json};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::audit::{self, Act, By, Deed};
use crate::engine::{self, Location};
use crate::error::Error;
use crate::folder::{DataFolder, Hold, make_private};
use crate::moving::{self, Copied};
use crate::tx::params;

/// The version of the manifest's shape.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "mizan.db";
const KEY: &str = "server.key";
const EVIDENCE: &str = "evidence";
const LOCK: &str = "server.lock";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this shape.
    pub format: u32,
    /// When the backup was begun; milliseconds since 1970 UTC.
    pub made_at: i64,
    /// Every file, by its path.
    pub files: Vec<BackedUp>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// Its path in the backup, with `/` between folders.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The digest of its bytes.
    pub sha256: Digest,
}

/// What to do with a data folder that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupied {
    /// Leave it and refuse.
    Refuse,
    /// Set it aside under another name.
    SetAside,
}

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: i64,
    /// How many files it had.
    pub files: usize,
    /// Where the folder that was there lies now.
    pub set_aside: Option<PathBuf>,
    /// The tables that were copied on into a PostgreSQL database.
    pub moved: Vec<Copied>,
}

/// Makes a backup; the server may run. Waits for the engine: not for async workers.
///
/// # Errors
/// An output folder that is not empty, data that cannot be read, a disk that is full.
pub fn backup(data: &Path, database: &Location, out: &Path, now: i64) -> Result<Manifest, Error> {
    refuse_occupied(out, "choose another folder for the backup")?;
    let part = beside(out, ".part");
    refuse_occupied(&part, "it was left by a backup that did not end; remove it")?;
    make_private(&part).map_err(at(&part))?;
    // The database first: evidence lies there before the record that names it, so whatever this state
    // of the database names is there to be copied afterwards.
    back_up_database(database, &part.join(DATABASE))?;
    let mut files = vec![entry_of(&part, DATABASE)?];
    copy_file(&data.join(KEY), &part, KEY, &mut files)?;
    copy_folder(&data.join(EVIDENCE), &part, EVIDENCE, &mut files)?;
    let manifest = Manifest { format: FORMAT, made_at: now, files };
    let path = part.join(MANIFEST);
    write_durably(&path, canonical_json(&manifest)?.as_bytes()).map_err(at(&path))?;
    if out.exists() {
        std::fs::remove_dir(out).map_err(at(out))?;
    }
    std::fs::rename(&part, out).map_err(at(out))?;
    Ok(manifest)
}

fn back_up_database(database: &Location, to: &Path) -> Result<(), Error> {
    if let Location::File(path) = database {
        std::fs::metadata(path).map_err(at(path))?;
    }
    let mut source = engine::open_reader(database)?;
    if let Some(to) = engine::setting(&mut *source, engine::MOVED_TO)? {
        return Err(Error::Moved { path: PathBuf::from(database.to_string()), to });
    }
    match database {
        Location::File(_) => {
            source.exec("VACUUM INTO $1", params![to.display().to_string()])?;
        }
        Location::Postgres(_) => {
            let place = Location::File(to.to_owned());
            moving::copy(&mut *source, database, &place, |target| engine::settle(target, &place))?;
            // The mark is of a database that is served; this one is put back one day.
            let mark = PathBuf::from(format!("{}.mark", to.display()));
            std::fs::remove_file(&mark).map_err(at(&mark))?;
        }
    }
    File::open(to).and_then(|file| file.sync_all()).map_err(at(to))
}

/// Puts a backup back into a data folder that no server uses, and begins a new epoch: clients read
/// everything again, and send again what the backup does not have.
///
/// # Errors
/// A backup that is not whole, a folder in use or not empty, a PostgreSQL database that is not empty.
pub fn restore(
    from: &Path,
    data: &Path,
    database: Option<&Location>,
    occupied: Occupied,
    now: i64,
) -> Result<Restored, Error> {
    let manifest = verified(from)?;
    let elsewhere = database.filter(|place| **place != Location::File(data.join(DATABASE)));
    if let Some(place) = elsewhere {
        let mut target = engine::open_as_it_is(place)?;
        moving::refuse_filled(&mut *target, place)?;
    }
    refuse_in_use(data, occupied)?;
    let part = beside(data, ".restoring");
    refuse_occupied(&part, "it was left by a restore that did not end; remove it")?;
    make_private(&part).map_err(at(&part))?;
    for file in &manifest.files {
        copy_file(&from.join(&file.path), &part, &file.path, &mut Vec::new())?;
    }
    begin_anew(&part.join(DATABASE), manifest.made_at, now)?;
    let set_aside = make_room(data, occupied, now)?;
    std::fs::rename(&part, data).map_err(at(data))?;
    let file = Location::File(data.join(DATABASE));
    let moved =
        elsewhere.map_or(Ok(Vec::new()), |place| moving::move_data(data, &file, place, now))?;
    Ok(Restored { made_at: manifest.made_at, files: manifest.files.len(), set_aside, moved })
}

fn begin_anew(database: &Path, made_at: i64, now: i64) -> Result<(), Error> {
    let location = Location::File(database.to_owned());
    let mut connection = engine::open_writer(&location)?;
    connection.begin_write()?;
    engine::new_epoch(&mut *connection)?;
    let act = Act::new(Deed::DatabaseRestored).with("made_at", made_at);
    audit::enter(&mut *connection, By::NOBODY, act, now)?;
    connection.run("COMMIT")
}

/// Says before anything is copied what will be refused in the end.
fn refuse_in_use(data: &Path, occupied: Occupied) -> Result<(), Error> {
    if !data.exists() {
        return Ok(());
    }
    let _held = DataFolder::open(data, Hold::Alone)?;
    match occupied {
        Occupied::Refuse if !is_empty(data)? => Err(not_empty(data)),
        Occupied::Refuse | Occupied::SetAside => Ok(()),
    }
}

fn not_empty(data: &Path) -> Error {
    transfer(data, "is not empty; --replace sets it aside and puts the backup there")
}

/// Gets a folder out of the way, unless a server uses it.
fn make_room(data: &Path, occupied: Occupied, now: i64) -> Result<Option<PathBuf>, Error> {
    if !data.exists() {
        return Ok(None);
    }
    let held = DataFolder::open(data, Hold::Alone)?;
    let is_empty = is_empty(data)?;
    // Where a file that is open holds its folder fast, the folder could not be moved.
    drop(held);
    if is_empty {
        let lock = data.join(LOCK);
        std::fs::remove_file(&lock).map_err(at(&lock))?;
        std::fs::remove_dir(data).map_err(at(data))?;
        return Ok(None);
    }
    match occupied {
        Occupied::Refuse => Err(not_empty(data)),
        Occupied::SetAside => {
            let aside = beside(data, &format!(".set-aside-{now}"));
            std::fs::rename(data, &aside).map_err(at(&aside))?;
            Ok(Some(aside))
        }
    }
}

/// The manifest of a backup whose files are all what it says.
fn verified(from: &Path) -> Result<Manifest, Error> {
    let path = from.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(at(&path))?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| transfer(&path, &format!("is no manifest of a backup: {error}")))?;
    if manifest.format != FORMAT {
        let format = manifest.format;
        return Err(transfer(
            &path,
            &format!("is of format {format}; this program knows {FORMAT}"),
        ));
    }
    for file in &manifest.files {
        let inside =
            Path::new(&file.path).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(transfer(
                &path,
                &format!("names a file outside the backup: {}", file.path),
            ));
        }
        if entry_of(from, &file.path)? != *file {
            return Err(transfer(
                &from.join(&file.path),
                "is not as it was backed up; use another backup",
            ));
        }
    }
    let has = |name: &str| manifest.files.iter().any(|file| file.path == name);
    if has(DATABASE) && has(KEY) {
        Ok(manifest)
    } else {
        Err(transfer(&path, "names no database or no key; use another backup"))
    }
}

fn entry_of(root: &Path, path: &str) -> Result<BackedUp, Error> {
    let full = root.join(path);
    let mut file = File::open(&full).map_err(at(&full))?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer).map_err(at(&full))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(BackedUp { path: path.to_owned(), bytes, sha256: Digest::from_hash(hash) })
}

fn copy_file(from: &Path, to: &Path, path: &str, files: &mut Vec<BackedUp>) -> Result<(), Error> {
    let target = to.join(path);
    if let Some(folder) = target.parent() {
        make_private(folder).map_err(at(folder))?;
    }
    std::fs::copy(from, &target).map_err(at(from))?;
    File::open(&target).and_then(|file| file.sync_all()).map_err(at(&target))?;
    files.push(entry_of(to, path)?);
    Ok(())
}

fn copy_folder(from: &Path, to: &Path, path: &str, files: &mut Vec<BackedUp>) -> Result<(), Error> {
    let entries = match std::fs::read_dir(from) {
        Ok(entries) => entries,
        // Nobody has sent any yet, or it lies in an object store.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(from)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(at(from))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let inner = format!("{path}/{name}");
        if entry.file_type().map_err(at(from))?.is_dir() {
            copy_folder(&entry.path(), to, &inner, files)?;
            continue;
        }
        match copy_file(&entry.path(), to, &inner, files) {
            // An upload that was under way has ended meanwhile; what it became came after the database.
            Err(Error::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    Ok(())
}

fn refuse_occupied(folder: &Path, remedy: &str) -> Result<(), Error> {
    if folder.exists() && !is_empty(folder)? {
        return Err(transfer(folder, &format!("is not empty; {remedy}")));
    }
    Ok(())
}

fn is_empty(folder: &Path) -> Result<bool, Error> {
    let entries = std::fs::read_dir(folder).map_err(at(folder))?;
    Ok(entries.flatten().all(|entry| entry.file_name() == LOCK))
}

/// A name beside a folder's own.
fn beside(folder: &Path, ending: &str) -> PathBuf {
    let text = folder.display().to_string();
    PathBuf::from(format!("{}{ending}", text.trim_end_matches('/')))
}

fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::File { path: path.clone(), source }
}

fn transfer(path: &Path, what: &str) -> Error {
    Error::Transfer(format!("{} {what}", path.display()))
}
