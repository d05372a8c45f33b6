//! An evaluator with a device, and what the suite remembers of the device's word.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mizan_device::exchange::{self, SyncReport};
use mizan_device::keys::{Cost, Unlock};
use mizan_device::transport::Http;
use mizan_device::{Device, Error};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::timeline::Moment;
use mizan_domain::visit::VisitState;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::{PersonId, VisitId};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::harness::{NOW, PASSWORD};
use crate::network::Line;
use crate::world::PLANNED;

const PASSPHRASE: &str = "ten tall palms";

/// What the device acknowledged.
#[derive(Default)]
pub struct Word {
    /// The notes of each answer, each written once.
    pub notes: BTreeMap<(VisitId, &'static str), BTreeSet<String>>,
    /// The digests of what was sealed.
    pub seals: BTreeSet<Digest>,
    pub answers: u64,
}

pub struct Person {
    pub user: String,
    pub id: PersonId,
    /// `None` only between a crash and the next start.
    device: Option<Arc<Mutex<Device>>>,
    home: TempDir,
    line: Arc<Line>,
    sync: Option<JoinHandle<Result<SyncReport, Error>>>,
    pub word: Word,
    /// How far the device's clock is off, in milliseconds.
    pub skew: i64,
    starts: u64,
    counter: u64,
}

impl Person {
    pub async fn enrol(user: &str, id: PersonId, url: &str, line: Line) -> Self {
        let home = tempfile::tempdir_in(memory()).unwrap();
        let rng = Box::new(StdRng::seed_from_u64(id.0.as_u64_pair().1));
        let device = Device::create(home.path(), PASSPHRASE, Cost::TEST, NOW, rng).unwrap();
        let device = Arc::new(Mutex::new(device));
        let transport = Http::new(url).unwrap();
        exchange::enrol(&device, &transport, url, user, PASSWORD, "tablet").await.unwrap();
        let (word, line) = (Word::default(), Arc::new(line));
        let user = user.to_owned();
        let (device, sync) = (Some(device), None);
        Self { user, id, device, home, line, sync, word, skew: 0, starts: 0, counter: 0 }
    }

    pub fn device(&self) -> MutexGuard<'_, Device> {
        let device = self.device.as_ref().expect("it runs");
        device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        NOW + self.skew
    }

    /// Ends the process the device runs in, and starts it again.
    pub async fn crash(&mut self) {
        if let Some(sync) = self.sync.take() {
            sync.abort();
            let _ = sync.await;
        }
        drop(self.device.take());
        // A start may end at a labelled place too; each is armed for once.
        let device = std::iter::repeat_with(|| planned(|| self.start())).flatten().next();
        self.device = device.map(|device| Arc::new(Mutex::new(device)));
    }

    fn start(&mut self) -> Device {
        self.starts += 1;
        let rng = Box::new(StdRng::seed_from_u64(self.id.0.as_u64_pair().1 ^ self.starts << 32));
        let unlock = Unlock::passphrase(PASSPHRASE);
        Device::open(self.home.path(), &unlock, self.now(), rng).unwrap()
    }

    pub fn is_syncing(&self) -> bool {
        self.sync.is_some()
    }

    pub fn begin_sync(&mut self) {
        if self.sync.is_some() {
            return;
        }
        let device = Arc::clone(self.device.as_ref().expect("it runs"));
        let (line, now) = (Arc::clone(&self.line), self.now());
        self.sync = Some(tokio::task::spawn_local(async move {
            exchange::sync(&device, &*line, &|| now, &mut |_| {}).await
        }));
    }

    /// The sync that has ended, if one has; `None` of one that crashed.
    pub async fn ended_sync(&mut self) -> Option<Option<Result<SyncReport, Error>>> {
        if !self.sync.as_ref()?.is_finished() {
            return None;
        }
        let ended = self.sync.take()?.await;
        if ended.is_err() {
            self.crash().await;
        }
        Some(ended.ok())
    }

    /// Does something an evaluator does, on a visit of this device; `false` when it crashed under that.
    pub async fn work(&mut self, rng: &mut StdRng) -> bool {
        let is_done = planned(|| self.work_now(rng)).is_some();
        if !is_done {
            self.crash().await;
        }
        is_done
    }

    fn work_now(&mut self, rng: &mut StdRng) {
        let visits = self.device().visits().unwrap();
        if visits.is_empty() {
            return;
        }
        let at = rng.random_range(0..visits.len());
        let (visit, state) = (visits[at].brief.visit, visits[at].state);
        match state {
            VisitState::Assigned if rng.random_range(0..30) == 0 => {
                let _ = self.device().decline(visit, "away", self.now());
            }
            VisitState::Assigned => drop(self.device().accept(visit, true, self.now())),
            VisitState::Accepted | VisitState::InProgress | VisitState::Returned => {
                self.do_field_work(visit, rng);
            }
            _ => {}
        }
    }

    fn do_field_work(&mut self, visit: VisitId, rng: &mut StdRng) {
        let now = self.now();
        match rng.random_range(0..12) {
            0 => drop(self.device().time_at(visit, Moment::Arrived, now, now)),
            1 => {
                let length = *[300, 3_000, 70_000].get(rng.random_range(0..3)).unwrap();
                let photo = photo(rng.random(), length);
                let _ = self.device().attach(visit, "P1", &photo, EvidenceKind::Photo, now);
            }
            2 => drop(self.device().undo(visit, "P2", now)),
            3 | 4 => {
                let sealed = self.device().submit(visit, true, now);
                if let Ok(sealed) = sealed {
                    self.word.seals.insert(sealed.sha256);
                }
            }
            _ => self.answer(visit, rng),
        }
    }

    fn answer(&mut self, visit: VisitId, rng: &mut StdRng) {
        let (criterion, value) = if rng.random() {
            ("P1", RawValue::Bool(rng.random()))
        } else {
            ("P2", RawValue::Text(rng.random_range(0..=100).to_string()))
        };
        // Some are given once and never again: what heals by the next edit would hide a loss.
        let is_write_once = visit.0.as_u64_pair().1.is_multiple_of(3);
        if is_write_once && self.word.notes.contains_key(&(visit, criterion)) {
            return;
        }
        self.counter += 1;
        let note = format!("{} {}", self.user, self.counter);
        let answer = RawAnswer::Value(value);
        let taken = self.device().answer(visit, criterion, &answer, Some(&note), self.now());
        if taken.is_ok() {
            self.word.answers += 1;
            self.word.notes.entry((visit, criterion)).or_default().insert(note);
        }
    }
}

/// What is done, or nothing when it ended at a labelled place.
fn planned<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Some(done),
        Err(panic) if panic_text(&*panic).contains(PLANNED) => None,
        Err(panic) => resume_unwind(panic),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<String>().map_or("", String::as_str)
}

/// A JPEG of so many bytes of scan, another for each seed.
fn photo(seed: u64, length: usize) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    let scan: Vec<u8> = (0..length).map(|_| rng.random::<u8>() & 0x7F).collect();
    [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2], scan.as_slice(), &[0xFF, 0xD9]].concat()
}

/// Where there is one, a folder that no disk slows down: nobody cuts this machine's power.
pub fn memory() -> std::path::PathBuf {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}
