//! A sync carried by hand between a real device and a real server: every order in which sticks arrive,
//! and everything that may happen to a file on its way.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

#[path = "../../crates/server/tests/server/harness.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the server's own suite uses the rest, and a suite has no callers"
)]
mod harness;

use std::sync::{Mutex, MutexGuard};

use mizan_device::bundle::BundleReport;
use mizan_device::keys::Cost;
use mizan_device::transport::Http;
use mizan_device::visit::Delivery;
use mizan_device::{Device, exchange};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::timeline::Moment;
use mizan_domain::visit::VisitState;
use mizan_protocol::api::{ReviewItem, VisitJson};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::VisitId;
use mizan_protocol::signature::BundleKey;
use mizan_server::tx::Value as Sql;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::harness::{Caller, NOW, PASSWORD, Programme, SECRET};

/// The head of a bundle, and a chunk of its stream.
const HEAD: usize = 8 + 32 + 32;
const CHUNK: usize = (64 << 10) + 16;

/// One evaluator with a device that synced once and then meets no network, two visits, and a reviewer.
struct Field {
    programme: Programme,
    evaluator: Caller,
    reviewer: Caller,
    visits: [VisitJson; 2],
    device: Mutex<Device>,
    _folder: TempDir,
}

impl Field {
    async fn begin() -> Self {
        let programme = Programme::start().await;
        let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
        let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
        let first = programme.plan(0, "unannounced").await;
        let second = programme.plan(1, "unannounced").await;
        for visit in [&first, &second] {
            programme.assign(visit.id, &evaluator).await;
        }
        programme.open().await;
        let (device, folder) = enrolled(&programme, "rasha", 1).await;
        let visits = [first, second];
        let field = Self { programme, evaluator, reviewer, visits, device, _folder: folder };
        field.sync().await;
        field
    }

    fn device(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap()
    }

    /// A sync over the network.
    async fn sync(&self) -> exchange::SyncReport {
        let transport = Http::new(&self.programme.server.url).unwrap();
        exchange::sync(&self.device, &transport, &|| NOW, &mut |_| {}).await.unwrap()
    }

    fn accept(&self, at: usize) {
        self.device().accept(self.visits[at].id, true, NOW).unwrap();
    }

    fn answer(&self, at: usize, note: &str) {
        let yes = RawAnswer::Value(RawValue::Bool(true));
        self.device().answer(self.visits[at].id, "P1", &yes, Some(note), NOW).unwrap();
    }

    /// Takes a visit and submits it with a photo of some chunks.
    fn make_visit(&self, at: usize) -> Digest {
        self.make_visit_with(at, &photo(at as u8, 200_000))
    }

    fn make_visit_with(&self, at: usize, photo: &[u8]) -> Digest {
        self.accept(at);
        self.answer(at, "open");
        let visit = self.visits[at].id;
        let mut device = self.device();
        let share = RawAnswer::Value(RawValue::Text("75".into()));
        device.answer(visit, "P2", &share, Some("three of four"), NOW).unwrap();
        device.time_at(visit, Moment::Arrived, NOW, NOW).unwrap();
        let sha256 = device.attach(visit, "P1", photo, EvidenceKind::Photo, NOW).unwrap();
        device.submit(visit, true, NOW).unwrap();
        sha256
    }

    fn export(&self) -> Vec<u8> {
        let mut file = Vec::new();
        self.device().export_bundle(NOW, &mut file).unwrap();
        file
    }

    fn import(&self, answer: &[u8]) -> BundleReport {
        self.device().import_answer(answer, NOW).unwrap()
    }

    async fn carry(&self, bundle: &[u8]) -> Vec<u8> {
        carry(&self.programme.admin, bundle).await.unwrap()
    }

    /// The code with which the server refuses a bundle.
    async fn refused(&self, bundle: &[u8]) -> String {
        carry(&self.programme.admin, bundle).await.expect_err("it must be refused").1.code
    }

    fn state(&self, at: usize) -> VisitState {
        self.device().visit(self.visits[at].id).unwrap().state
    }

    fn delivery(&self, at: usize) -> Delivery {
        self.device().visit(self.visits[at].id).unwrap().delivery
    }

    /// What the server knows: the states of its visits, what waits for review, and what the evaluator may
    /// read.
    async fn known(&self) -> Value {
        let visits: Value = self.programme.admin.get(&self.programme.path("visits")).await;
        let queue: Value = self.reviewer.get("/api/review/queue").await;
        let stream = self.evaluator.pull().await.streams.remove(0).records;
        json!([visits, queue, stream])
    }

    async fn server_state(&self, at: usize) -> String {
        let path = self.programme.path("visits");
        let visits: Vec<VisitJson> = self.programme.admin.get(&path).await;
        visits.into_iter().find(|visit| visit.id == self.visits[at].id).unwrap().state
    }

    /// A reviewer takes the first visit up and sends it back.
    async fn send_back(&self) {
        let visit = self.visits[0].id;
        let _: Value = self.reviewer.post(&format!("/api/visits/{visit}/review"), &json!({})).await;
        let questions = json!({ "questions": [{ "criterion": "P1", "text": "which door?" }] });
        let _: Value = self.reviewer.post(&format!("/api/visits/{visit}/return"), &questions).await;
    }

    /// Nothing is left on either side.
    fn assert_settled(&self) {
        let status = self.device().status().unwrap();
        let open = (status.unsent_records, status.unsent_files, status.conflicts);
        assert_eq!((open, status.rejections), ((0, 0, 0), 0));
    }
}

async fn enrolled(programme: &Programme, user: &str, seed: u64) -> (Mutex<Device>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let rng = Box::new(StdRng::seed_from_u64(seed));
    let device = Device::create(folder.path(), "ten tall palms", Cost::TEST, NOW, rng).unwrap();
    let device = Mutex::new(device);
    let url = &programme.server.url;
    let transport = Http::new(url).unwrap();
    exchange::enrol(&device, &transport, url, user, PASSWORD, "tablet").await.unwrap();
    (device, folder)
}

async fn carry(by: &Caller, bundle: &[u8]) -> Result<Vec<u8>, (StatusCode, ErrorBody)> {
    let url = format!("{}/api/bundles", by.url);
    let request = reqwest::Client::new().post(url).bearer_auth(by.token.as_ref().unwrap());
    let request = request.header("content-type", "application/octet-stream").body(bundle.to_vec());
    let response = request.send().await.unwrap();
    let status = response.status();
    if status.is_success() {
        assert_eq!(response.headers()["content-type"], "application/octet-stream");
        return Ok(response.bytes().await.unwrap().to_vec());
    }
    Err((status, response.json().await.unwrap()))
}

/// A JPEG of so many bytes of scan, another for each seed.
fn photo(seed: u8, length: usize) -> Vec<u8> {
    let scan: Vec<u8> = (0..length).map(|n| (n % 251) as u8 ^ seed).map(|b| b & 0x7F).collect();
    [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2], scan.as_slice(), &[0xFF, 0xD9]].concat()
}

#[tokio::test]
async fn a_whole_round_by_stick_is_a_whole_sync() {
    let field = Field::begin().await;
    // More than any other request may have.
    let photo = field.make_visit_with(0, &photo(0, 9 << 20));
    let answer = field.carry(&field.export()).await;
    assert_eq!(field.server_state(0).await, "submitted");
    let queue: Vec<ReviewItem> = field.reviewer.get("/api/review/queue").await;
    assert_eq!((queue.len(), queue[0].evidence_missing), (1, 0), "record and photo are there");
    let path = format!("/api/evidence/{photo}");
    let (status, _, bytes) = field.reviewer.raw(Method::GET, &path, None).await;
    assert_eq!((status, Digest::of(&bytes)), (StatusCode::OK, photo));

    assert_eq!(field.delivery(0), Delivery::Waiting, "until the answer is here");
    let report = field.import(&answer);
    assert_eq!((report.pushed.applied, report.files), (5, 1));
    assert_eq!(field.delivery(0), Delivery::Sent);
    field.assert_settled();

    field.send_back().await;
    let report = field.import(&field.carry(&field.export()).await);
    assert_eq!((report.pushed, report.files), (Default::default(), 0));
    assert_eq!(field.state(0), VisitState::Returned);
    let questions = field.device().visit(field.visits[0].id).unwrap().brief.questions;
    assert_eq!(questions[0].text, "which door?");
    field.answer(0, "the south door");
    field.device().submit(field.visits[0].id, true, NOW).unwrap();
    field.import(&field.carry(&field.export()).await);
    let queue: Vec<ReviewItem> = field.reviewer.get("/api/review/queue").await;
    assert_eq!((queue[0].revision, queue[0].evidence_missing), (2, 0));
    assert_eq!(field.delivery(0), Delivery::Sent);
    field.assert_settled();
    let report = field.sync().await;
    assert_eq!((report.pushed, report.files_sent), (Default::default(), 0));
    assert!(report.faults.is_empty(), "both hold the same: {:?}", report.faults);
}

#[tokio::test]
async fn a_bundle_and_an_answer_that_come_twice_change_nothing_twice() {
    let field = Field::begin().await;
    field.make_visit(0);
    let bundle = field.export();
    let first = field.carry(&bundle).await;
    let known = field.known().await;
    let second = field.carry(&bundle).await;
    assert_eq!(field.known().await, known);
    assert_ne!(first, second, "two answers never look alike");
    let report = field.import(&first);
    assert_eq!((report.pushed.applied, report.files), (5, 1));
    let status = field.device().status().unwrap();
    assert_eq!(field.import(&first), BundleReport::default());
    let report = field.import(&second);
    assert_eq!((report.pushed, report.files), (Default::default(), 0));
    assert_eq!(field.device().status().unwrap(), status);
    assert_eq!(field.delivery(0), Delivery::Sent);
}

/// Two bundles, the second with what was made after the first, taken in and answered in every order.
#[tokio::test]
async fn bundles_and_answers_may_overtake_each_other_and_get_lost() {
    let orders: [(&str, &[usize], &[usize]); 8] = [
        ("in order", &[1, 2], &[1, 2]),
        ("answers exchanged", &[1, 2], &[2, 1]),
        ("bundles exchanged", &[2, 1], &[1, 2]),
        ("both exchanged", &[2, 1], &[2, 1]),
        ("the first bundle lost", &[2], &[2]),
        ("the first answer lost", &[1, 2], &[2]),
        ("the second came before, and the first's answer is lost", &[2, 1], &[2]),
        ("all of it twice", &[2, 1, 2, 1], &[1, 2, 1, 2]),
    ];
    let mut last = None;
    for (title, carried, brought) in orders {
        let field = Field::begin().await;
        field.make_visit(0);
        let first = field.export();
        field.make_visit(1);
        let second = field.export();
        let mut answers = [Vec::new(), Vec::new()];
        for at in carried {
            answers[at - 1] = field.carry(if *at == 1 { &first } else { &second }).await;
        }
        let mut applied = 0;
        for at in brought {
            applied += field.import(&answers[at - 1]).pushed.applied;
        }
        assert_eq!(applied, 10, "{title}: each change is settled once");
        for at in 0..2 {
            assert_eq!(field.server_state(at).await, "submitted", "{title}");
            assert_eq!(field.state(at), VisitState::Submitted, "{title}");
            assert_eq!(field.delivery(at), Delivery::Sent, "{title}");
        }
        field.assert_settled();
        let report = field.sync().await;
        assert_eq!((report.pushed, report.files_sent), (Default::default(), 0), "{title}");
        assert!(report.faults.is_empty(), "{title}: {:?}", report.faults);
        let queue: Vec<ReviewItem> = field.reviewer.get("/api/review/queue").await;
        let queue: Vec<_> = queue.iter().map(|item| (&item.centre, item.revision)).collect();
        let queue = format!("{queue:?}");
        assert_eq!(*last.get_or_insert(queue.clone()), queue, "{title}");
    }
}

#[tokio::test]
async fn a_network_sync_between_export_and_import_settles_each_change_once() {
    // The network first, then the stick.
    let field = Field::begin().await;
    field.make_visit(0);
    let bundle = field.export();
    let report = field.sync().await;
    assert_eq!((report.pushed.applied, report.files_sent), (5, 1));
    let known = field.known().await;
    let answer = field.carry(&bundle).await;
    assert_eq!(field.known().await, known, "the server had it all");
    field.make_visit(1);
    let report = field.import(&answer);
    assert_eq!((report.pushed, report.files, report.pulled), (Default::default(), 0, 0));
    assert_eq!(field.delivery(1), Delivery::Waiting, "what was made since still waits");
    assert_eq!(field.sync().await.pushed.applied, 5);
    field.assert_settled();

    // The stick first, then the network, then the answer.
    let field = Field::begin().await;
    field.make_visit(0);
    let answer = field.carry(&field.export()).await;
    field.answer_later();
    let report = field.sync().await;
    assert_eq!((report.pushed.applied, report.files_sent), (6, 0), "the stored outcomes");
    assert_eq!(field.import(&answer).pushed, Default::default());
    assert_eq!(field.delivery(0), Delivery::Sent);
    field.assert_settled();
}

impl Field {
    /// Something of the second visit, after a bundle was written.
    fn answer_later(&self) {
        self.accept(1);
    }
}

#[tokio::test]
async fn an_edit_made_while_a_bundle_travels_follows_without_a_conflict() {
    let field = Field::begin().await;
    field.accept(0);
    field.answer(0, "first");
    let first = field.export();
    field.answer(0, "second");
    let second = field.export();
    let report = field.import(&field.carry(&second).await);
    assert_eq!(report.pushed.applied, 2);
    assert_eq!(field.device().status().unwrap().unsent_records, 1, "the edit is still to go");
    let third = field.export();
    // The oldest bundle arrives last and must not bring the old answer back.
    let latest = field.carry(&third).await;
    field.carry(&first).await;
    let report = field.import(&latest);
    assert_eq!((report.pushed.applied, report.pushed.conflicts), (1, 0));
    field.assert_settled();
    let notes = records(&field, "answer").await;
    assert_eq!(notes, ["second"]);
}

/// The notes of the stored records of a kind.
async fn records(field: &Field, kind: &str) -> Vec<String> {
    let store = mizan_server::store::Store::open(&field.programme.server.location()).unwrap();
    let kind = kind.to_owned();
    let sql = "SELECT record FROM records WHERE kind = $1";
    let rows = store.read(move |tx| tx.query(sql, &[kind.into()])).await.unwrap();
    let note = |row: &mizan_server::tx::Row| {
        let record: Value = serde_json::from_str(row.text(0).unwrap()).unwrap();
        record["body"]["answer"]["note"].as_str().unwrap().to_owned()
    };
    rows.iter().map(note).collect()
}

#[tokio::test]
async fn a_bundle_that_was_hurt_on_its_way_is_refused_and_nothing_of_it_is_taken() {
    let field = Field::begin().await;
    field.make_visit(0);
    let bundle = field.export();
    let known = field.known().await;
    let chunks: Vec<usize> = (HEAD..bundle.len()).step_by(CHUNK).collect();
    assert!(chunks.len() > 3, "there are chunks to cut at: {}", bundle.len());
    let ends = chunks.iter().flat_map(|at| [*at, at + 1]).chain([0, 7, 8, 40, bundle.len() - 1]);
    for end in ends {
        let expected = if end < 8 { "bundle.not_a_bundle" } else { "bundle.damaged" };
        assert_eq!(field.refused(&bundle[..end]).await, expected, "cut at {end}");
    }
    let everywhere = chunks.iter().flat_map(|at| [*at, at + 77]).chain(40..HEAD);
    for at in everywhere.chain([bundle.len() - 1]) {
        let mut bent = bundle.clone();
        bent[at] ^= 0x40;
        let (status, error) = carry(&field.programme.admin, &bent).await.unwrap_err();
        assert_eq!((status.as_u16(), error.code.as_str()), (422, "bundle.damaged"), "byte {at}");
        assert!(error.params.contains_key("at"), "the place is named: {error:?}");
    }
    for (at, expected) in [(6, "bundle.newer_version"), (8, "bundle.not_for_server")] {
        let mut bent = bundle.clone();
        bent[at] = b'2';
        assert_eq!(field.refused(&bent).await, expected);
    }
    assert_eq!(field.refused(b"\xff\xd8\xff a photo").await, "bundle.not_a_bundle");
    assert_eq!(field.known().await, known, "nothing was taken in");
    for folder in ["bundles", "evidence"] {
        let left = std::fs::read_dir(field.programme.server.data().join(folder)).unwrap();
        assert_eq!(left.count(), 0, "and nothing is left lying about");
    }
    assert_eq!(field.import(&field.carry(&bundle).await).pushed.applied, 5, "the whole one is");
}

#[tokio::test]
async fn only_an_enrolled_device_is_heard_and_only_with_its_own_key() {
    let mut field = Field::begin().await;
    field.make_visit(0);
    let bundle = field.export();
    let answer = field.carry(&bundle).await;

    // A device of the same evaluator cannot read the answer, nor pass the other's work off as its own.
    let (other, _folder) = enrolled(&field.programme, "rasha", 2).await;
    let refused = other.lock().unwrap().import_answer(&answer, NOW).unwrap_err();
    assert_eq!(refused.code(), "bundle.not_for_device");
    let mut theirs = Vec::new();
    let enrolment = field.device().enrolment().unwrap();
    {
        let mut other = other.lock().unwrap();
        other.set_enrolment(&enrolment.server, enrolment.device, &enrolment.person).unwrap();
        other.export_bundle(NOW, &mut theirs).unwrap();
    }
    assert_eq!(field.refused(&theirs).await, "bundle.not_signed");

    // A device of another server, with this one's key.
    let stranger = Field::begin().await;
    stranger.make_visit(0);
    assert_eq!(field.refused(&stranger.export()).await, "bundle.not_for_server");
    let key: BundleKey = {
        let bytes: [u8; 32] = bundle[8..40].try_into().unwrap();
        BundleKey::from_bytes(bytes)
    };
    stranger.device().learn_bundle_key(Some(key)).unwrap();
    assert_eq!(field.refused(&stranger.export()).await, "bundle.device_unknown");

    // A device that was lost and revoked, and one whose person has left.
    for (sql, undo) in [
        ("UPDATE devices SET revoked_at = 1", "UPDATE devices SET revoked_at = NULL"),
        (
            "UPDATE people SET active = 0 WHERE user_name = 'rasha'",
            "UPDATE people SET active = 1 WHERE user_name = 'rasha'",
        ),
    ] {
        change(&mut field, sql).await;
        assert_eq!(field.refused(&bundle).await, "bundle.device_revoked", "{sql}");
        change(&mut field, undo).await;
        assert!(carry(&field.programme.admin, &bundle).await.is_ok(), "{undo}");
    }
}

/// Changes a row while the server rests, which no route can.
async fn change(field: &mut Field, sql: &'static str) {
    field.programme.server.pause().await;
    let store = mizan_server::store::Store::open(&field.programme.server.location()).unwrap();
    assert!(store.write(move |tx| tx.exec(sql, &[] as &[Sql])).await.unwrap() > 0, "{sql}");
    drop(store);
    field.programme.server.resume().await;
    field.programme.admin = field.programme.server.sign_in("admin").await;
}

#[tokio::test]
async fn those_who_run_the_field_work_carry_bundles_and_nobody_else_learns_of_them() {
    let field = Field::begin().await;
    field.make_visit(0);
    let bundle = field.export();
    let known = field.known().await;
    let centre = field.programme.centres[0].id;
    let agency = field.programme.agencies[0].id;
    let mut others = vec![field.evaluator.clone(), field.reviewer.clone()];
    for role in ["rubric_editor", "committee_chair", "committee_member", "observer"] {
        others.push(field.programme.person(role, role, |_| {}).await);
    }
    let coordinator =
        field.programme.person("coordinator", "coordinator", |new| new.agency = Some(agency)).await;
    let manager =
        field.programme.person("manager", "manager", |new| new.centre = Some(centre)).await;
    others.extend([coordinator, manager.clone()]);
    for other in &others {
        let role = &other.person.as_ref().unwrap().role;
        let (status, error) = carry(other, &bundle).await.unwrap_err();
        let answer = (status.as_u16(), error.code.as_str());
        assert_eq!(answer, (404, "request.not_found"), "{role}");
    }
    assert_eq!(field.known().await, known, "nothing was taken in");
    let central = field.programme.person("central", "central_team", |_| {}).await;
    let answer = carry(&central, &bundle).await.unwrap();
    assert_eq!(field.import(&answer).pushed.applied, 5);
    assert_eq!(field.server_state(0).await, "submitted", "the evaluator's step, not the carrier's");

    let secrets = [SECRET, "rasha", "three of four", "Ask about", "2026-11-02"].map(str::as_bytes);
    let visit = field.visits[0].id.to_string();
    let mut seen = Vec::new();
    for path in ["/api/scorecards", &format!("/api/visits/{visit}/review"), "/api/bundles"] {
        let (_, headers, body) = manager.raw(Method::GET, path, None).await;
        seen.extend([headers.into_bytes(), body]);
    }
    let (_, headers, body) = manager.raw(Method::POST, "/api/sync/pull", Some(&json!({}))).await;
    seen.extend([headers.into_bytes(), body]);
    for secret in secrets.into_iter().chain([visit.as_bytes()]) {
        for text in seen.iter().chain([&bundle, &answer]) {
            let found = text.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{} is told", String::from_utf8_lossy(secret));
        }
    }
}

/// What a bundle asks for is done with the rights of its person: another's visit stays closed.
#[tokio::test]
async fn a_bundle_can_do_nothing_that_a_sync_could_not() {
    use mizan_protocol::bundle::{
        AnswerKey, BundledFile, Manifest, SCHEMA, open_answer, seal_bundle,
    };
    use mizan_protocol::id::{BundleId, OperationId, RecordId};
    use mizan_protocol::sync::{EvidenceQuery, Operation, Outcome, PullRequest, PushRequest};

    let field = Field::begin().await;
    let bystander = field.programme.person("samir", "evaluator", |_| {}).await;
    let device = harness::Device::enrol(&bystander, 9).await;
    let server = {
        let bytes: [u8; 32] = field.export()[8..40].try_into().unwrap();
        BundleKey::from_bytes(bytes)
    };
    let visit: VisitId = field.visits[0].id;
    let body = json!({ "visit": visit, "decision": "declined", "reason": "x", "at": 5 });
    let operation = |kind: &str, body: Value| Operation {
        op_id: OperationId(harness::fresh()),
        record: harness::record(RecordId(harness::fresh()), kind, 0, body),
    };
    let answer_key = AnswerKey::from_bytes(Zeroizing::new([8; 32]));
    let marked = [photo(3, 9), b"a maker's trailer".to_vec()].concat();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("image/jpeg", photo(1, 9)),
        ("text/html", b"<script>".to_vec()),
        ("image/jpeg", photo(2, 9)),
        ("image/jpeg", marked),
    ];
    let mut named: Vec<BundledFile> = files
        .iter()
        .map(|(media_type, bytes)| BundledFile {
            sha256: Digest::of(bytes),
            media_type: (*media_type).to_owned(),
            bytes: bytes.len() as u64,
        })
        .collect();
    named[2].sha256 = Digest::of(b"other");
    let mut manifest = Manifest {
        schema: SCHEMA,
        bundle: BundleId(uuid::Uuid::from_u128(1)),
        device: device.id,
        made_at: NOW,
        answer_key: answer_key.clone(),
        push: vec![PushRequest {
            epoch: None,
            operations: vec![operation("acceptance", body)],
            link: None,
        }],
        pull: PullRequest::default(),
        evidence: EvidenceQuery { sha256: named.iter().map(|file| file.sha256).collect() },
        files: named.clone(),
    };
    let seal = |manifest: &Manifest| {
        let mut file = Vec::new();
        let mut next = files.iter();
        let read = |_: &BundledFile| {
            Ok::<_, mizan_protocol::bundle::BundleFault>(next.next().unwrap().1.to_vec())
        };
        let ephemeral = Zeroizing::new([7; 32]);
        seal_bundle(&mut file, manifest, &device.key, &server, &ephemeral, read).unwrap();
        file
    };
    let answer = open_answer(&field.carry(&seal(&manifest)).await, &answer_key).unwrap();
    let Outcome::Rejected { error } = &answer.push[0].outcomes[0].outcome else {
        panic!("another's visit is as good as none: {:?}", answer.push)
    };
    assert_eq!(error.code, "request.not_found");
    assert_eq!(field.server_state(0).await, "assigned");
    assert_eq!(answer.evidence_present, [named[0].sha256]);
    let refused: Vec<&str> =
        answer.evidence_refused.iter().map(|file| file.error.code.as_str()).collect();
    assert_eq!(refused, ["evidence.type", "evidence.hash_mismatch", "evidence.metadata"]);
    assert_eq!(answer.evidence_missing, [1, 2, 3].map(|at: usize| named[at].sha256));
    let streams = &answer.pages[0].streams;
    assert_eq!((streams.len(), streams[0].records.len()), (1, 0), "nothing of other people's");

    let many = (0..201).map(|_| operation("answer", json!({}))).collect();
    manifest.push = vec![PushRequest { epoch: None, operations: many, link: None }];
    assert_eq!(field.refused(&seal(&manifest)).await, "request.too_large");
}

/// A clock that stands still, or goes back: the marks still tell which answer is the later.
#[tokio::test]
async fn answers_to_one_device_are_ordered_whatever_the_clock_says() {
    let field = Field::begin().await;
    let first = field.export();
    let early = field.carry(&first).await;
    let programme = &field.programme;
    let path = format!("/api/visits/{}/cancel", field.visits[1].id);
    let _: Value = programme.admin.post(&path, &json!({ "reason": "shut for works" })).await;
    let late = field.carry(&first).await;
    field.import(&late);
    assert_eq!(field.state(1), VisitState::Cancelled);
    assert_eq!(field.import(&early).pulled, 0);
    assert_eq!(field.state(1), VisitState::Cancelled, "the earlier answer brings nothing back");
}
