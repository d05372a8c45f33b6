//! Somebody sits between a device and its server: alters a push, keeps one and says it was taken, sends an
//! old one again. Each is found, and nothing is lost by it. So is each check that is left out.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

#[path = "../../crates/server/tests/server/harness.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the server's own suite uses the rest, and a suite has no callers"
)]
mod harness;

use std::process::Command;
use std::sync::Mutex;

use mizan_device::keys::Cost;
use mizan_device::transport::{Http, NoReply, Reply, Request, Transport};
use mizan_device::{Device, Error, exchange};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::scale::RawValue;
use mizan_protocol::id::VisitId;
use mizan_protocol::proof::Fault;
use mizan_protocol::sync::{Operation, OperationOutcome, Outcome, PushRequest, PushResponse};
use mizan_server::store::Store;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::harness::{Caller, NOW, PASSWORD, Programme};

#[derive(Clone, Copy, PartialEq)]
enum Deed {
    Pass,
    /// Another note than the evaluator wrote.
    Alter,
    /// The push does not go on, and the device is told that it was taken.
    Keep,
    /// Receipts are taken off, as if the server were of the version before.
    Strip,
}

struct Between {
    http: Http,
    deed: Mutex<Deed>,
    /// Every push as it came from the device.
    seen: Mutex<Vec<Request>>,
}

impl Between {
    fn does(&self, deed: Deed) {
        *self.deed.lock().unwrap() = deed;
    }
}

impl Transport for Between {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        let deed = *self.deed.lock().unwrap();
        let mut request = request.clone();
        if request.path == "/api/devices" && deed == Deed::Strip {
            let mut reply = self.http.send(&request).await?;
            let mut enrolled: Value = serde_json::from_slice(&reply.body).unwrap();
            enrolled.as_object_mut().unwrap().remove("receipts");
            reply.body = serde_json::to_vec(&enrolled).unwrap();
            return Ok(reply);
        }
        if request.path != "/api/sync/push" {
            return self.http.send(&request).await;
        }
        self.seen.lock().unwrap().push(request.clone());
        let mut push: PushRequest = serde_json::from_slice(&request.body).unwrap();
        match deed {
            Deed::Pass => self.http.send(&request).await,
            Deed::Alter => {
                push.operations[0].record.body["answer"]["note"] = "altered".into();
                request.body = serde_json::to_vec(&push).unwrap();
                self.http.send(&request).await
            }
            Deed::Keep => {
                let taken = |of: Operation| OperationOutcome {
                    op_id: of.op_id,
                    outcome: Outcome::Applied { rev: of.record.base_rev + 1 },
                };
                let outcomes = push.operations.into_iter().map(taken).collect();
                let response = PushResponse { outcomes, ..PushResponse::default() };
                let body = serde_json::to_vec(&response).unwrap();
                Ok(Reply { status: 200, body, ..Reply::default() })
            }
            Deed::Strip => {
                let mut reply = self.http.send(&request).await?;
                if reply.status == 200 {
                    let mut response: PushResponse = serde_json::from_slice(&reply.body).unwrap();
                    response.receipt = None;
                    reply.body = serde_json::to_vec(&response).unwrap();
                }
                Ok(reply)
            }
        }
    }

    async fn pause(&self, _: u64) {}
}

struct Field {
    programme: Programme,
    evaluator: Caller,
    visit: VisitId,
    device: Mutex<Device>,
    line: Between,
    _folder: tempfile::TempDir,
}

impl Field {
    /// A device that was enrolled, and has accepted a visit, while the line did this.
    async fn begin(deed: Deed) -> Self {
        let programme = Programme::start().await;
        let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
        let visit = programme.plan(0, "unannounced").await.id;
        programme.assign(visit, &evaluator).await;
        programme.open().await;
        let folder = tempfile::tempdir().unwrap();
        let rng = Box::new(StdRng::seed_from_u64(1));
        let device = Device::create(folder.path(), "ten tall palms", Cost::TEST, NOW, rng).unwrap();
        let device = Mutex::new(device);
        let url = programme.server.url.clone();
        let http = Http::new(&url).unwrap();
        let line = Between { http, deed: Mutex::new(deed), seen: Mutex::default() };
        exchange::enrol(&device, &line, &url, "rasha", PASSWORD, "tablet").await.unwrap();
        let field = Self { programme, evaluator, visit, device, line, _folder: folder };
        field.sync().await.unwrap();
        field.device.lock().unwrap().accept(visit, true, NOW).unwrap();
        field.sync().await.unwrap();
        field
    }

    async fn sync(&self) -> Result<exchange::SyncReport, Error> {
        exchange::sync(&self.device, &self.line, &|| NOW, &mut |_| {}).await
    }

    fn answer(&self, criterion: &str, note: &str) {
        let value = match criterion {
            "P1" => RawValue::Bool(true),
            _ => RawValue::Text("75".into()),
        };
        let mut device = self.device.lock().unwrap();
        let answer = RawAnswer::Value(value);
        device.answer(self.visit, criterion, &answer, Some(note), NOW).unwrap();
    }

    /// The notes of the answers the server has, with their revisions.
    async fn on_server(&self) -> Vec<(String, i64)> {
        let store = Store::open(&self.programme.server.location()).unwrap();
        let sql = "SELECT record, rev FROM records WHERE kind = 'answer'";
        let rows = store.read(move |tx| tx.query(sql, &[])).await.unwrap();
        let note = |row: &mizan_server::tx::Row| {
            let record: Value = serde_json::from_str(row.text(0).unwrap()).unwrap();
            let note = record["body"]["answer"]["note"].as_str().unwrap().to_owned();
            (note, row.int(1).unwrap())
        };
        let mut notes: Vec<_> = rows.iter().map(note).collect();
        notes.sort();
        notes
    }

    async fn refused_in_audit(&self) -> Vec<String> {
        let page: Value = self.programme.admin.get("/api/audit?after=0").await;
        let entries = page["entries"].as_array().unwrap().iter();
        let of_pushes = entries.filter(|entry| entry["deed"] == "push_refused");
        of_pushes.map(|entry| entry["details"]["code"].as_str().unwrap().to_owned()).collect()
    }

    fn unsent(&self) -> usize {
        self.device.lock().unwrap().status().unwrap().unsent_records
    }
}

fn noted(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(note, rev)| ((*note).to_owned(), *rev)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_altered_on_its_way_is_refused_and_sent_again_as_it_was() {
    let field = Field::begin(Deed::Pass).await;
    field.answer("P1", "as it was seen");
    field.line.does(Deed::Alter);
    let told = field.sync().await.unwrap_err();
    assert_eq!(told.code(), "sync.wrong_signature");
    assert_eq!((field.on_server().await, field.unsent()), (Vec::new(), 1));
    assert_eq!(field.refused_in_audit().await, ["sync.wrong_signature"]);
    field.line.does(Deed::Pass);
    field.sync().await.unwrap();
    assert_eq!(field.on_server().await, noted(&[("as it was seen", 1)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_somebody_keeps_does_not_count_as_sent() {
    let field = Field::begin(Deed::Pass).await;
    field.answer("P1", "kept back");
    field.line.does(Deed::Keep);
    let told = field.sync().await.unwrap_err();
    assert_eq!(told.code(), "sync.no_receipt");
    assert_eq!((field.on_server().await, field.unsent()), (Vec::new(), 1));
    field.line.does(Deed::Pass);
    assert!(!field.sync().await.unwrap().repaired_gap, "the same link arrives");
    assert_eq!(field.on_server().await, noted(&[("kept back", 1)]));
}

/// A device that never had a receipt believes the answer; its next push tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_is_missing_is_told_by_the_next_and_sent_again() {
    let field = Field::begin(Deed::Strip).await;
    field.answer("P1", "kept back");
    field.line.does(Deed::Keep);
    field.sync().await.unwrap();
    assert_eq!((field.on_server().await, field.unsent()), (Vec::new(), 0), "believed");
    field.line.does(Deed::Strip);
    field.answer("P2", "the next");
    let report = field.sync().await.unwrap();
    assert!(report.repaired_gap);
    assert_eq!(field.on_server().await, noted(&[("kept back", 1), ("the next", 1)]));
    assert_eq!(field.refused_in_audit().await, ["sync.gap"]);
    let status = field.device.lock().unwrap().status().unwrap();
    assert_eq!((status.unsent_records, status.conflicts, status.rejections), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_push_sent_again_by_somebody_changes_nothing() {
    let field = Field::begin(Deed::Pass).await;
    field.answer("P1", "first");
    field.sync().await.unwrap();
    field.answer("P1", "second");
    field.sync().await.unwrap();
    let old = field.line.seen.lock().unwrap()[1].body.clone();
    let old: Value = serde_json::from_slice(&old).unwrap();
    let response: PushResponse = field.evaluator.post("/api/sync/push", &old).await;
    assert_eq!(response.outcomes[0].outcome, Outcome::Applied { rev: 1 }, "what became of it then");
    assert_eq!(field.on_server().await, noted(&[("second", 2)]));
    let mut stripped = old.clone();
    stripped.as_object_mut().unwrap().remove("link");
    let code = field.evaluator.refused(reqwest::Method::POST, "/api/sync/push", stripped).await;
    assert_eq!(code, "sync.not_signed");
    field.answer("P2", "goes on");
    assert!(!field.sync().await.unwrap().repaired_gap);
}

#[test]
fn a_check_that_is_left_out_is_found() {
    let rows = [
        (
            Fault::SignatureNotChecked,
            "what_was_altered_on_its_way_is_refused_and_sent_again_as_it_was",
        ),
        (Fault::ReceiptNotChecked, "a_push_that_somebody_keeps_does_not_count_as_sent"),
        (Fault::GapNotTold, "a_push_that_is_missing_is_told_by_the_next_and_sent_again"),
    ];
    for (fault, test) in rows {
        let this = std::env::current_exe().unwrap();
        let run =
            Command::new(this).args(["--exact", test]).env("MIZAN_PLANT", fault.word()).output();
        let told = String::from_utf8_lossy(&run.unwrap().stdout).into_owned();
        assert!(told.contains("1 failed"), "{} was not found: {told}", fault.word());
    }
}
