//! A device: making, opening, locking and wiping it, and what it can say about itself.
//!
//! No clock and no randomness of its own: both come in with the call.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use mizan_domain::rubric::Rubric;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{DeviceId, RecordId, VisitId};
use mizan_protocol::session::{Person, WipeOrder};
use mizan_protocol::signature::{BundleKey, PublicKey, SecretKey};
use rand::CryptoRng;
use uuid::Uuid;

use crate::clock::Reading;
use crate::error::Error;
use crate::evidence;
use crate::grant::Held;
use crate::home::{Home, Lock, make_folder, sync_folder};
use crate::keyring::Keyring;
use crate::keys::{Cost, DatabaseKey, KeyFile, Unlock, random};
use crate::store::{self, Store, evidence_files, own_records, rejections, settings};
use crate::store::{bundles, conflicts, grants, remove_database};
use crate::visit::Brief;

pub use crate::store::settings::Enrolment;

/// Where randomness comes from; `rand::rngs::StdRng` made by `rand::make_rng()` in programs.
pub type Randomness = Box<dyn CryptoRng + Send>;

/// An unlocked device. Every call that changes something returns once it is on the disk.
pub struct Device {
    pub(crate) home: Home,
    pub(crate) store: Store,
    pub(crate) rng: Randomness,
    /// What is known of the visits; forgotten whenever something about them may have changed.
    pub(crate) briefs: Option<BTreeMap<VisitId, Arc<Brief>>>,
    pub(crate) rubrics: Option<BTreeMap<Digest, Arc<Rubric>>>,
    /// The grant to go on without the server, if one was given.
    pub(crate) grant: Option<Held>,
    key: DatabaseKey,
    _lock: Lock,
}

/// What a device says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where and as whom it is enrolled, once it is.
    pub enrolment: Option<Enrolment>,
    /// The public half of the key that seals its evaluations.
    pub public_key: PublicKey,
    /// How it can be unlocked.
    pub slots: Vec<&'static str>,
    /// How many visits it knows.
    pub visits: usize,
    /// Visits that hold work of this device but are no longer granted to its person. The work is kept.
    pub orphans: Vec<VisitId>,
    /// Records the server does not have as they are now.
    pub unsent_records: usize,
    /// Evidence files the server is not known to have.
    pub unsent_files: usize,
    /// Conflicts a person has yet to resolve.
    pub conflicts: usize,
    /// Refusals of records that still stand as they were refused.
    pub rejections: usize,
    /// Bundles whose answer has not come.
    pub open_bundles: usize,
    /// When a sync last ran to its end, milliseconds since 1970 UTC.
    pub last_sync_ms: Option<i64>,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("home", &self.home.path()).finish_non_exhaustive()
    }
}

impl Device {
    /// Makes a device in a folder that holds none.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`], [`Error::InUse`], [`Error::PassphraseTooShort`], or the disk's.
    pub fn create(
        home: &Path,
        passphrase: &str,
        cost: Cost,
        now_ms: i64,
        mut rng: Randomness,
    ) -> Result<Self, Error> {
        let home = Home::at(home);
        make_folder(home.path())?;
        let lock = home.lock()?;
        if home.keys().exists() || home.database().exists() {
            return Err(Error::AlreadyExists { home: home.path().to_owned() });
        }
        let key = DatabaseKey::random(&mut *rng);
        let keys = KeyFile::new(&key, passphrase, cost, &mut *rng)?;
        build(&home, &key, &mut *rng)?;
        keys.write(&home.keys())?;
        finish_creation(&home, now_ms)?;
        Self::start(home, key, lock, now_ms, rng)
    }

    /// Opens a device.
    ///
    /// # Errors
    /// [`Error::NoDevice`], [`Error::InUse`], what the [`Unlock`] meets, [`Error::WrongKey`],
    /// [`Error::NewerDatabase`], [`Error::DatabaseMissing`], [`Error::Damaged`], or the disk's.
    /// None of them makes a new database.
    pub fn open(
        home: &Path,
        unlock: &Unlock<'_>,
        now_ms: i64,
        rng: Randomness,
    ) -> Result<Self, Error> {
        let (home, key, lock) = unlocked(home, unlock)?;
        if !home.database().exists() && home.new_database().exists() {
            // Creation was cut short between the key file and the last rename.
            finish_creation(&home, now_ms)?;
        }
        Self::start(home, key, lock, now_ms, rng)
    }

    /// Begins with an empty database after a damaged one was set aside, under the same keys. The
    /// device is a new one to the server and must be enrolled again.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] while there is a database; else as [`Device::open`].
    pub fn begin_again(
        home: &Path,
        unlock: &Unlock<'_>,
        now_ms: i64,
        mut rng: Randomness,
    ) -> Result<Self, Error> {
        let (home, key, lock) = unlocked(home, unlock)?;
        if home.database().exists() {
            return Err(Error::AlreadyExists { home: home.path().to_owned() });
        }
        build(&home, &key, &mut *rng)?;
        finish_creation(&home, now_ms)?;
        Self::start(home, key, lock, now_ms, rng)
    }

    /// Destroys a device: the slots first, so that a wipe that is cut short leaves nothing readable.
    ///
    /// # Errors
    /// [`Error::InUse`], the disk's, or at the very end [`Error::KeyringUnavailable`] when the
    /// keyring could not be told to forget; the files are gone then all the same.
    pub fn wipe(home: &Path, keyring: Option<&dyn Keyring>) -> Result<(), Error> {
        let home = Home::at(home);
        if !home.path().exists() {
            return Err(Error::NoDevice { home: home.path().to_owned() });
        }
        let lock = home.lock()?;
        let account = KeyFile::read(&home.keys())
            .ok()
            .and_then(|keys| keys.keyring_account().map(str::to_owned));
        destroy(&home.keys())?;
        let forgotten = match (&account, keyring) {
            (Some(account), Some(keyring)) => keyring.delete(account),
            (Some(_) | None, None) | (None, Some(_)) => Ok(()),
        };
        remove_files(&home)?;
        drop(lock);
        forgotten
    }

    /// What the device says about itself.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn status(&mut self) -> Result<Status, Error> {
        let briefs = self.briefs()?;
        let orphans = self.orphans()?;
        let read = self.store.read();
        Ok(Status {
            enrolment: settings::enrolment(read)?,
            public_key: self.signing_key()?.public(),
            slots: KeyFile::read(&self.home.keys())?.slot_names(),
            visits: briefs.len(),
            orphans: orphans.into_iter().map(|orphan| orphan.visit).collect(),
            unsent_records: own_records::count_unsent(read)?,
            unsent_files: evidence_files::count_unsent(read)?,
            conflicts: conflicts::open(read)?.len(),
            rejections: rejections::standing(read)?.len(),
            open_bundles: bundles::count_open(read)?,
            last_sync_ms: settings::last_sync(read)?,
        })
    }

    /// Changes the passphrase: 32 bytes are wrapped anew, the database stays as it is.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`] for the old one, [`Error::PassphraseTooShort`] for the new one.
    pub fn change_passphrase(&mut self, old: &str, new: &str, cost: Cost) -> Result<(), Error> {
        let mut keys = KeyFile::read(&self.home.keys())?;
        keys.unlock(&Unlock::passphrase(old))?;
        keys.set_passphrase(&self.key, new, cost, &mut *self.rng)?;
        keys.write(&self.home.keys())
    }

    /// Lets the system's keyring unlock the device too.
    ///
    /// # Errors
    /// [`Error::KeyringUnavailable`]; the passphrase still unlocks the device.
    pub fn add_keyring(&mut self, keyring: &dyn Keyring) -> Result<(), Error> {
        let mut keys = KeyFile::read(&self.home.keys())?;
        let account = keys.keyring_account().map(str::to_owned);
        let account = account.unwrap_or_else(|| hex::encode(&random(&mut *self.rng)[..16]));
        keys.set_keyring(&self.key, keyring, &account, &mut *self.rng)?;
        keys.write(&self.home.keys())
    }

    /// Lets the programme's recovery key unlock the device too.
    ///
    /// # Errors
    /// When the key file cannot be written.
    pub fn add_recovery(&mut self, public: &[u8; 32]) -> Result<(), Error> {
        let mut keys = KeyFile::read(&self.home.keys())?;
        keys.set_recovery(&self.key, public, &mut *self.rng);
        keys.write(&self.home.keys())
    }

    /// Where and as whom the device is enrolled.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`].
    pub fn enrolment(&self) -> Result<Enrolment, Error> {
        settings::enrolment(self.store.read())?.ok_or(Error::NotEnrolled)
    }

    /// Refuses another server than the one the device works for: its records count as sent there.
    ///
    /// # Errors
    /// [`Error::AlreadyEnrolled`].
    pub fn check_server(&self, server: &str) -> Result<(), Error> {
        let found = settings::enrolment(self.store.read())?;
        let plain = |server: &str| server.trim_end_matches('/').to_ascii_lowercase();
        match found.filter(|enrolled| plain(&enrolled.server) != plain(server)) {
            Some(enrolled) => Err(Error::AlreadyEnrolled { server: enrolled.server }),
            None => Ok(()),
        }
    }

    /// Records that a server has enrolled the device.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn set_enrolment(
        &mut self,
        server: &str,
        device: DeviceId,
        person: &Person,
    ) -> Result<(), Error> {
        let enrolment = Enrolment { server: server.to_owned(), device, person: person.clone() };
        self.store.write(|tx| settings::set_enrolment(tx, &enrolment))
    }

    /// Keeps what the server says its bundles are to be encrypted to; a server that says nothing changes
    /// nothing.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn learn_bundle_key(&mut self, told: Option<BundleKey>) -> Result<(), Error> {
        match told {
            Some(key) if settings::bundle_key(self.store.read())? != Some(key) => {
                self.store.write(|tx| settings::set_bundle_key(tx, &key))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Keeps what the server says it signs with, when the device is enrolled with it.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) fn trust_server_key(&mut self, told: Option<PublicKey>) -> Result<(), Error> {
        match told {
            Some(key) => self.store.write(|tx| settings::set_server_key(tx, &key)),
            None => Ok(()),
        }
    }

    /// The same at sign-in, for a device that was enrolled before servers told their key. One it knows is
    /// not replaced: only enrolling anew does that.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) fn learn_server_key(&mut self, told: Option<PublicKey>) -> Result<(), Error> {
        match settings::server_key(self.store.read())? {
            Some(_) => Ok(()),
            None => self.trust_server_key(told),
        }
    }

    /// What the server answers a device that it admits no longer: the error to tell. An order to wipe is
    /// obeyed if it is to this device and signed by the key learned when it was enrolled; without one, or
    /// with one that is not, nothing is destroyed.
    pub(crate) fn hear_revocation(&mut self, told: &ErrorBody) -> Result<Error, Error> {
        let device = self.enrolment()?.device;
        let Some(server) = settings::server_key(self.store.read())? else {
            return Ok(Error::Revoked);
        };
        if WipeOrder::read(told, device, &server).is_err() {
            return Ok(Error::Revoked);
        }
        destroy(&self.home.keys())?;
        // The keyring's half of a slot opens nothing without the slot, which is gone.
        self.briefs = None;
        self.rubrics = None;
        self.grant = None;
        self.store.let_go()?;
        remove_files(&self.home)?;
        Ok(Error::Wiped)
    }

    /// The key that seals evaluations and signs in.
    pub(crate) fn signing_key(&self) -> Result<SecretKey, Error> {
        Ok(SecretKey::from_seed(&settings::signing_seed(self.store.read())?))
    }

    /// A new id that sorts by time.
    pub(crate) fn new_id(&mut self, now_ms: i64) -> Uuid {
        let mut random = [0; 10];
        self.rng.fill_bytes(&mut random);
        let millis = u64::try_from(now_ms).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A new id for a record.
    pub(crate) fn new_record_id(&mut self, now_ms: i64) -> RecordId {
        RecordId(self.new_id(now_ms))
    }

    /// For tests of a full disk: the database may grow by so many pages and no further.
    ///
    /// # Errors
    /// When the database does not take the limit.
    #[doc(hidden)]
    pub fn limit_growth(&self, pages: i64) -> Result<(), Error> {
        self.store.limit_pages(pages)
    }

    fn start(
        home: Home,
        key: DatabaseKey,
        lock: Lock,
        now_ms: i64,
        rng: Randomness,
    ) -> Result<Self, Error> {
        let store = Store::open(&home, &key, now_ms)?;
        make_folder(&home.evidence())?;
        evidence::sweep(&home.evidence())?;
        let grant = grants::find(store.read())?;
        let (briefs, rubrics) = (None, None);
        let mut device = Self { home, store, rng, briefs, rubrics, grant, key, _lock: lock };
        // By the wall clock alone less would pass than by the steady one that was read before: whoever shows
        // visits says what both clocks read.
        if !device.grant.as_ref().is_some_and(Held::is_steady) {
            device.observe(&Reading { wall_ms: now_ms, steady: None })?;
        }
        Ok(device)
    }
}

fn unlocked(home: &Path, unlock: &Unlock<'_>) -> Result<(Home, DatabaseKey, Lock), Error> {
    let home = Home::at(home);
    if !home.keys().exists() {
        return Err(Error::NoDevice { home: home.path().to_owned() });
    }
    let lock = home.lock()?;
    let key = KeyFile::read(&home.keys())?.unlock(unlock)?;
    Ok((home, key, lock))
}

/// Builds the database under a name that nothing opens, whole and on the disk.
fn build(home: &Home, key: &DatabaseKey, rng: &mut dyn CryptoRng) -> Result<(), Error> {
    let path = home.new_database();
    remove_database(&path)?;
    let mut store = Store::create(&path, key)?;
    let seed = random(rng);
    store.write(|tx| settings::insert(tx, &seed))?;
    store.checkpoint()?;
    drop(store);
    let file = fs::File::open(&path).map_err(Error::file("opening", &path))?;
    file.sync_all().map_err(Error::file("syncing", &path))
}

fn finish_creation(home: &Home, now_ms: i64) -> Result<(), Error> {
    home.set_journal_aside(now_ms)?;
    let from = home.new_database();
    fs::rename(&from, home.database()).map_err(Error::file("renaming", &from))?;
    sync_folder(home.path())
}

/// Overwrites a small file before it is removed; on most disks the old blocks are then gone.
fn destroy(path: &Path) -> Result<(), Error> {
    let Ok(meta) = fs::metadata(path) else { return Ok(()) };
    let file = fs::File::options().write(true).open(path).map_err(Error::file("opening", path))?;
    let zeros = vec![0; usize::try_from(meta.len()).unwrap_or(0)];
    std::io::Write::write_all(&mut &file, &zeros).map_err(Error::file("overwriting", path))?;
    file.sync_all().map_err(Error::file("syncing", path))?;
    fs::remove_file(path).map_err(Error::file("removing", path))
}

fn remove_files(home: &Home) -> Result<(), Error> {
    store::remove_database(&home.database())?;
    for folder in [home.evidence(), home.backups()] {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::file("removing", &folder))?;
        }
    }
    let entries = fs::read_dir(home.path()).map_err(Error::file("reading", home.path()))?;
    for entry in entries.flatten() {
        // Files that were set aside go too: wiping is the one act that is meant to destroy.
        if entry.file_name().to_string_lossy().starts_with("device.db") {
            fs::remove_file(entry.path()).map_err(Error::file("removing", entry.path()))?;
        }
    }
    sync_folder(home.path())
}
