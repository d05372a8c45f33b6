//! A line that is cut: at every byte of a push, at many of a photo. Each change and each file is on the
//! server once, and of a file one part at most goes again.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

#[path = "../../crates/server/tests/server/harness.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the server's own suite uses the rest, and a suite has no callers"
)]
mod harness;
#[path = "fault_proxy/photo.rs"]
mod photo;

use std::sync::Mutex;

use mizan_device::keys::Cost;
use mizan_device::transport::{Http, Method, NoReply, Reply, Request, Transport};
use mizan_device::{Device, Error, exchange};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::scale::RawValue;
use mizan_protocol::id::VisitId;
use mizan_server::store::Store;
use mizan_tests::proxy::{Cut, Proxy};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::harness::{NOW, PASSWORD, Programme};

/// Sends pushes through the proxy, one connection each, and everything else past it: what is cut is a push.
struct ThroughProxy<'a> {
    direct: &'a Http,
    proxied: Http,
}

impl Transport for ThroughProxy<'_> {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        let is_push = request.method == Method::Post && request.path == "/api/sync/push";
        if is_push { self.proxied.send(request).await } else { self.direct.send(request).await }
    }

    async fn pause(&self, _: u64) {}
}

struct Field {
    programme: Programme,
    visit: VisitId,
    device: Mutex<Device>,
    direct: Http,
    _folder: tempfile::TempDir,
}

impl Field {
    async fn begin() -> Self {
        let programme = Programme::start().await;
        let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
        let visit = programme.plan(0, "unannounced").await.id;
        programme.assign(visit, &evaluator).await;
        programme.open().await;
        let folder = tempfile::tempdir().unwrap();
        let rng = Box::new(StdRng::seed_from_u64(1));
        let device = Device::create(folder.path(), "ten tall palms", Cost::TEST, NOW, rng).unwrap();
        let device = Mutex::new(device);
        let url = &programme.server.url;
        let direct = Http::new(url).unwrap();
        exchange::enrol(&device, &direct, url, "rasha", PASSWORD, "tablet").await.unwrap();
        let field = Self { programme, visit, device, direct, _folder: folder };
        field.sync(&field.direct).await.unwrap();
        field.device.lock().unwrap().accept(visit, true, NOW).unwrap();
        field.sync(&field.direct).await.unwrap();
        field
    }

    async fn sync<T: Transport>(&self, line: &T) -> Result<exchange::SyncReport, Error> {
        exchange::sync(&self.device, line, &|| NOW, &mut |_| {}).await
    }

    fn answer(&self, number: usize) {
        let yes = RawAnswer::Value(RawValue::Bool(number.is_multiple_of(2)));
        let note = format!("n{number}");
        self.device.lock().unwrap().answer(self.visit, "P1", &yes, Some(&note), NOW).unwrap();
    }

    /// The operations and the revision the server has of the answer.
    async fn on_record(&self) -> (i64, i64) {
        let store = Store::open(&self.programme.server.location()).unwrap();
        let read = |tx: &mut dyn mizan_server::tx::Tx| {
            let operations = tx.query("SELECT COUNT(*) FROM operations", &[])?[0].int(0)?;
            let sql = "SELECT rev FROM records WHERE kind = 'answer'";
            let revision = tx.query(sql, &[])?.first().map_or(Ok(0), |row| row.int(0))?;
            Ok((operations, revision))
        };
        store.read(read).await.unwrap()
    }
}

/// Cuts at byte after byte until a push gets through whole.
async fn cut_at_every_byte(cut: fn(usize) -> Cut) -> usize {
    let field = Field::begin().await;
    let proxy = Proxy::start(&field.programme.server.url).await;
    let (before, _) = field.on_record().await;
    for at in 0.. {
        field.answer(at);
        proxy.next(cut(at));
        let line = ThroughProxy { direct: &field.direct, proxied: Http::new(&proxy.url).unwrap() };
        // The second try goes through: the proxy cuts once.
        field.sync(&line).await.unwrap();
        let (operations, revision) = field.on_record().await;
        let changes = at as i64 + 1;
        assert_eq!((operations - before, revision), (changes, changes), "cut at byte {at}");
        let status = field.device.lock().unwrap().status().unwrap();
        assert_eq!((status.unsent_records, status.conflicts, status.rejections), (0, 0, 0));
        if !proxy.has_cut() {
            return at;
        }
    }
    unreachable!("a push ends somewhere")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_cut_at_every_byte_of_the_request_is_applied_once() {
    let bytes = cut_at_every_byte(Cut::Request).await;
    assert!(bytes > 500, "a push has more than {bytes} bytes");
    println!("fault proxy: cut at each of {bytes} bytes of a push, 0 duplicates");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_cut_at_every_byte_of_the_answer_is_applied_once() {
    let bytes = cut_at_every_byte(Cut::Answer).await;
    assert!(bytes > 100, "an answer has more than {bytes} bytes");
    println!("fault proxy: cut at each of {bytes} bytes of the answer, 0 duplicates");
}
