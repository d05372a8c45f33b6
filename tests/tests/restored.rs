//! A backup of yesterday is put back under a running programme: devices send again what the server lost,
//! read again what it has, and nobody is asked anything.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

#[path = "../../crates/server/tests/server/harness.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the server's own suite uses the rest, and a suite has no callers"
)]
mod harness;

use std::path::Path;
use std::sync::Mutex;

use mizan_device::keys::Cost;
use mizan_device::transport::Http;
use mizan_device::visit::Delivery;
use mizan_device::{Device, exchange};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::timeline::Moment;
use mizan_protocol::api::{ReviewItem, VisitJson};
use mizan_protocol::id::VisitId;
use mizan_server::engine::Location;
use mizan_server::tx::Engine;
use mizan_tests::postgres::shared;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::harness::{NOW, PASSWORD, Programme, run_on};

struct Field {
    programme: Programme,
    visits: Vec<VisitJson>,
    device: Mutex<Device>,
    _folder: tempfile::TempDir,
}

impl Field {
    async fn begin() -> Self {
        let programme = Programme::start().await;
        let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
        programme.person("reviewer", "reviewer", |_| {}).await;
        let mut visits = Vec::new();
        for centre in 0..2 {
            let visit = programme.plan(centre, "unannounced").await;
            programme.assign(visit.id, &evaluator).await;
            visits.push(visit);
        }
        programme.open().await;
        let folder = tempfile::tempdir().unwrap();
        let rng = Box::new(StdRng::seed_from_u64(1));
        let device = Device::create(folder.path(), "ten tall palms", Cost::TEST, NOW, rng).unwrap();
        let device = Mutex::new(device);
        let url = &programme.server.url;
        let transport = Http::new(url).unwrap();
        exchange::enrol(&device, &transport, url, "rasha", PASSWORD, "tablet").await.unwrap();
        let field = Self { programme, visits, device, _folder: folder };
        field.sync().await;
        field
    }

    async fn sync(&self) -> exchange::SyncReport {
        let transport = Http::new(&self.programme.server.url).unwrap();
        exchange::sync(&self.device, &transport, &|| NOW, &mut |_| {}).await.unwrap()
    }

    fn make_visit(&self, visit: VisitId) {
        let mut device = self.device.lock().unwrap();
        device.accept(visit, true, NOW).unwrap();
        let yes = RawAnswer::Value(RawValue::Bool(true));
        device.answer(visit, "P1", &yes, Some("open"), NOW).unwrap();
        let share = RawAnswer::Value(RawValue::Text("75".into()));
        device.answer(visit, "P2", &share, Some("three of four"), NOW).unwrap();
        device.time_at(visit, Moment::Arrived, NOW, NOW).unwrap();
        let photo = [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2], [7; 900].as_slice(), &[0xFF, 0xD9]].concat();
        device.attach(visit, "P1", &photo, EvidenceKind::Photo, NOW).unwrap();
        device.submit(visit, true, NOW).unwrap();
    }

    /// Keeps the data as they are.
    async fn back_up(&mut self) -> Backup {
        self.programme.server.pause().await;
        let backup = Backup::of(&self.programme.server.location());
        self.programme.server.resume().await;
        backup
    }

    /// Puts the data back as they were. The mark beside a file stays, as it does when somebody copies a
    /// database over another.
    async fn put_back(&mut self, backup: &Backup) {
        self.programme.server.pause().await;
        self.programme.server.database = backup.put_back(&self.programme.server.location());
        self.programme.server.resume().await;
    }
}

enum Backup {
    File(Vec<u8>),
    Postgres(String),
}

impl Backup {
    fn of(location: &Location) -> Self {
        match location {
            Location::File(path) => Self::File(whole(path)),
            Location::Postgres(address) => Self::Postgres(shared().copy_database(address)),
        }
    }

    fn put_back(&self, over: &Location) -> Option<Location> {
        match (self, over) {
            (Self::File(bytes), Location::File(path)) => {
                for suffix in ["-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
                }
                std::fs::write(path, bytes).unwrap();
                None
            }
            // A dump read into an empty database makes every table anew.
            (Self::Postgres(address), _) => Some(Location::parse(&shared().dump_and_read(address))),
            (Self::File(_), Location::Postgres(_)) => unreachable!("a backup is of one engine"),
        }
    }
}

/// The database with its journal moved into it.
fn whole(path: &Path) -> Vec<u8> {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    std::fs::read(path).unwrap()
}

async fn what_the_server_lost_comes_back_from_the_devices() {
    let mut field = Field::begin().await;
    let [first, second] = [field.visits[0].id, field.visits[1].id];
    field.make_visit(first);
    field.sync().await;
    let yesterday = field.back_up().await;
    field.make_visit(second);
    field.sync().await;
    let quiet = field.sync().await;
    assert!(!quiet.sent_again, "a restart alone begins no new epoch");

    field.put_back(&yesterday).await;
    let report = field.sync().await;
    assert!(report.sent_again, "{report:?}");
    assert_eq!((report.pushed.conflicts, report.pushed.rejected), (0, 0), "{report:?}");
    let reviewer = field.programme.server.sign_in("reviewer").await;
    let queue: Vec<ReviewItem> = reviewer.get("/api/review/queue").await;
    let of = |visit| queue.iter().find(|item| item.visit == visit);
    assert_eq!(
        of(second).map(|item| item.evidence_missing),
        Some(0),
        "it came again, with its photo"
    );
    assert_eq!(of(first).map(|item| item.revision), Some(1), "and what was there came not twice");
    let mut device = field.device.lock().unwrap();
    for visit in [first, second] {
        assert_eq!(device.visit(visit).unwrap().delivery, Delivery::Sent);
    }
    let status = device.status().unwrap();
    assert_eq!((status.unsent_records, status.conflicts, status.rejections), (0, 0, 0));
}

#[test]
fn what_the_embedded_server_lost_comes_back_from_the_devices() {
    run_on(Engine::Sqlite, what_the_server_lost_comes_back_from_the_devices());
}

#[test]
fn what_postgresql_lost_comes_back_from_the_devices() {
    run_on(Engine::Postgres, what_the_server_lost_comes_back_from_the_devices());
}

/// A snapshot of the whole machine is put back, mark and all: only what the clients hold tells.
#[test]
fn a_cursor_from_after_the_backup_tells_too() {
    run_on(Engine::Sqlite, async {
        let mut field = Field::begin().await;
        let yesterday = field.back_up().await;
        field.make_visit(field.visits[0].id);
        field.sync().await;
        let Location::File(path) = field.programme.server.location() else { unreachable!() };
        field.programme.server.pause().await;
        std::fs::remove_file(format!("{}.mark", path.display())).unwrap();
        field.programme.server.resume().await;
        field.put_back(&yesterday).await;
        let report = field.sync().await;
        assert!(report.sent_again && report.pushed.rejected == 0, "{report:?}");
        let reviewer = field.programme.server.sign_in("reviewer").await;
        let queue: Vec<ReviewItem> = reviewer.get("/api/review/queue").await;
        assert_eq!(queue.len(), 1);
    });
}
