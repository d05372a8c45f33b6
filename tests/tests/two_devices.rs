//! A device that is lost in the middle of a visit, and another of the same evaluator that goes on.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

#[path = "../../crates/server/tests/server/harness.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the server's own suite uses the rest, and a suite has no callers"
)]
mod harness;

use std::sync::Mutex;

use mizan_device::keys::Cost;
use mizan_device::sync::Keep;
use mizan_device::transport::Http;
use mizan_device::visit::VisitView;
use mizan_device::{Device, exchange};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::timeline::Moment;
use mizan_domain::visit::VisitState;
use mizan_protocol::id::VisitId;
use mizan_server::tx::Engine;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::harness::{Caller, NOW, PASSWORD, Programme, run_on};

/// The two engines.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::run_on(super::Engine::Sqlite, super::$name());
            }

            #[test]
            fn postgres() {
                crate::run_on(super::Engine::Postgres, super::$name());
            }
        }
    )+};
}
on_both_engines! {
    another_device_goes_on_with_answers_and_times_and_submits,
    what_was_sealed_elsewhere_comes_back_with_its_evidence_when_the_visit_is_returned,
    two_devices_that_answer_one_criterion_meet_in_a_conflict_of_that_answer,
    drafts_are_for_their_evaluator_and_leave_with_the_visit,
}

struct Tablet {
    device: Mutex<Device>,
    line: Http,
    _folder: tempfile::TempDir,
}

impl Tablet {
    async fn enrol(programme: &Programme, user: &str, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rng = Box::new(StdRng::seed_from_u64(seed));
        let device = Device::create(folder.path(), "ten tall palms", Cost::TEST, NOW, rng).unwrap();
        let device = Mutex::new(device);
        let url = &programme.server.url;
        let line = Http::new(url).unwrap();
        exchange::enrol(&device, &line, url, user, PASSWORD, "tablet").await.unwrap();
        let tablet = Self { device, line, _folder: folder };
        tablet.sync().await;
        tablet
    }

    async fn sync(&self) -> exchange::SyncReport {
        let report = exchange::sync(&self.device, &self.line, &|| NOW, &mut |_| {}).await.unwrap();
        assert!(report.faults.is_empty(), "both sides hold the same: {report:?}");
        report
    }

    fn work<T>(&self, work: impl FnOnce(&mut Device) -> T) -> T {
        work(&mut self.device.lock().unwrap())
    }

    fn answer(&self, visit: VisitId, criterion: &str, value: RawValue, note: &str) {
        let answer = RawAnswer::Value(value);
        self.work(|device| device.answer(visit, criterion, &answer, Some(note), NOW).unwrap());
    }

    fn view(&self, visit: VisitId) -> VisitView {
        self.work(|device| device.visit(visit).unwrap())
    }

    fn notes(&self, visit: VisitId) -> Vec<String> {
        self.view(visit).answers.into_iter().filter_map(|given| given.note).collect()
    }

    /// Nothing waits, and nobody has anything to decide.
    fn is_settled(&self) {
        let status = self.work(|device| device.status().unwrap());
        assert_eq!((status.unsent_records, status.conflicts, status.rejections), (0, 0, 0));
    }
}

struct Field {
    programme: Programme,
    evaluator: Caller,
    reviewer: Caller,
    visit: VisitId,
    first: Tablet,
}

/// A visit in progress on a first device: one answer, the arrival noted.
async fn field() -> Field {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await.id;
    programme.assign(visit, &evaluator).await;
    programme.open().await;
    let first = Tablet::enrol(&programme, "rasha", 1).await;
    first.work(|device| device.accept(visit, true, NOW).unwrap());
    first.answer(visit, "P1", RawValue::Bool(true), "open");
    first.work(|device| device.time_at(visit, Moment::Arrived, NOW, NOW).unwrap());
    first.sync().await;
    first.sync().await;
    first.is_settled();
    Field { programme, evaluator, reviewer, visit, first }
}

fn share() -> RawValue {
    RawValue::Text("75".into())
}

async fn another_device_goes_on_with_answers_and_times_and_submits() {
    let Field { programme, reviewer, visit, first, .. } = field().await;
    // A cleared answer is handed over as one.
    first.answer(visit, "P2", share(), "taken back");
    first.sync().await;
    first.work(|device| device.clear(visit, "P2").unwrap());
    first.sync().await;
    drop(first);
    let second = Tablet::enrol(&programme, "rasha", 2).await;
    let view = second.view(visit);
    assert_eq!(view.state, VisitState::InProgress);
    assert_eq!(second.notes(visit), ["open"]);
    assert_eq!(view.times.moments[&Moment::Arrived], NOW);
    second.is_settled();
    second.answer(visit, "P2", share(), "three of four");
    second.work(|device| {
        device.time_at(visit, Moment::Left, NOW + 900_000, NOW).unwrap();
        device.submit(visit, true, NOW).unwrap()
    });
    second.sync().await;
    second.is_settled();
    let queue: Value = reviewer.get("/api/review/queue").await;
    assert_eq!((queue[0]["revision"].as_i64(), queue.as_array().unwrap().len()), (Some(1), 1));
}

async fn what_was_sealed_elsewhere_comes_back_with_its_evidence_when_the_visit_is_returned() {
    let Field { programme, reviewer, visit, first, .. } = field().await;
    first.answer(visit, "P2", share(), "three of four");
    let photo = [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2], [7; 900].as_slice(), &[0xFF, 0xD9]].concat();
    first.work(|device| {
        device.attach(visit, "P1", &photo, EvidenceKind::Photo, NOW).unwrap();
        device.time_at(visit, Moment::Left, NOW + 900_000, NOW).unwrap();
        device.submit(visit, true, NOW).unwrap();
    });
    first.sync().await;
    let second = Tablet::enrol(&programme, "rasha", 2).await;
    assert!(second.view(visit).evidence.is_empty(), "submitted, and nobody asks for more");
    let path = |step: &str| format!("/api/visits/{visit}/{step}");
    let _: Value = reviewer.post(&path("review"), &json!({})).await;
    let questions = json!({ "questions": [{ "criterion": "P1", "text": "which door?" }] });
    let _: Value = reviewer.post(&path("return"), &questions).await;

    assert_eq!(second.sync().await.files_fetched, 1);
    let view = second.view(visit);
    assert_eq!(view.state, VisitState::Returned);
    let [item] = view.evidence.as_slice() else { panic!("{:?}", view.evidence) };
    assert!(item.is_sent && item.criterion == "P1", "{item:?}");
    assert_eq!(second.work(|device| device.evidence(&item.sha256).unwrap()), photo);
    assert_eq!(second.sync().await.files_fetched, 0, "once");
    assert_eq!(first.sync().await.files_fetched, 0, "who sealed it has it");
    second.answer(visit, "P1", RawValue::Bool(true), "the front door");
    second.work(|device| device.submit(visit, true, NOW).unwrap());
    second.sync().await;
    second.is_settled();
    let queue: Value = reviewer.get("/api/review/queue").await;
    assert_eq!(queue[0]["revision"], 2);
    assert_eq!(queue[0]["evidence_missing"], 0);
    let stranger = programme.person("salma", "evaluator", |_| {}).await;
    let path = format!("/api/evidence/{}", item.sha256);
    let code = stranger.refused(reqwest::Method::GET, &path, Value::Null).await;
    assert_eq!(code, "request.not_found");
}

async fn two_devices_that_answer_one_criterion_meet_in_a_conflict_of_that_answer() {
    let Field { programme, visit, first, .. } = field().await;
    let second = Tablet::enrol(&programme, "rasha", 2).await;
    // Both answer anew, neither knows of the other.
    first.answer(visit, "P2", share(), "three of four");
    second.answer(visit, "P2", RawValue::Text("50".into()), "two of four");
    second.answer(visit, "P1", RawValue::Bool(true), "the side door");
    first.sync().await;
    second.sync().await;
    let conflicts = second.work(|device| device.conflicts().unwrap());
    let [conflict] = conflicts.as_slice() else { panic!("{conflicts:?}") };
    assert_eq!(conflict.key.part, "P2");
    assert_eq!(conflict.theirs.body["answer"]["note"], "three of four");
    second.work(|device| device.resolve(conflict.operation, Keep::Ours).unwrap());
    second.sync().await;
    first.sync().await;
    for tablet in [&first, &second] {
        assert_eq!(tablet.notes(visit), ["the side door", "two of four"]);
        tablet.is_settled();
    }
    let earlier = first.work(|device| device.earlier_answers(visit, "P2").unwrap());
    assert_eq!(earlier[0].note.as_deref(), Some("three of four"), "what was replaced is kept");
}

async fn drafts_are_for_their_evaluator_and_leave_with_the_visit() {
    let Field { programme, evaluator, reviewer, visit, first } = field().await;
    let centre = programme.centres[0].id;
    let manager = programme.person("manager", "manager", |new| new.centre = Some(centre)).await;
    let other = programme.person("salma", "evaluator", |_| {}).await;
    let kinds = |pulled: mizan_protocol::sync::PullResponse| -> Vec<(String, bool)> {
        let records = pulled.streams.into_iter().flat_map(|stream| stream.records);
        let drafts = ["acceptance", "answer", "timeline"];
        let of_drafts = records.filter(|record| drafts.contains(&record.kind.as_str()));
        of_drafts.map(|record| (record.kind, record.deleted)).collect()
    };
    assert_eq!(kinds(evaluator.pull().await).len(), 3);
    for caller in [&manager, &other, &reviewer, &programme.admin] {
        assert!(kinds(caller.pull().await).is_empty());
    }
    let taken = programme.plan(1, "unannounced").await.id;
    programme.assign(taken, &evaluator).await;
    first.sync().await;
    // Taken without a network, and given to another before it is told.
    first.work(|device| device.accept(taken, true, NOW).unwrap());
    let cancel = format!("/api/visits/{visit}/cancel");
    let _: Value = programme.admin.post(&cancel, &json!({ "reason": "shut for works" })).await;
    programme.assign(taken, &other).await;
    assert!(kinds(other.pull().await).is_empty(), "another's words are not handed on");
    assert!(kinds(evaluator.pull().await).iter().all(|(_, deleted)| *deleted));
    first.sync().await;
    let status = first.work(|device| device.status().unwrap());
    assert_eq!(status.orphans, [taken], "the work stays, and is shown as such");
    assert_eq!(status.rejections, 1, "and that it was refused");
    assert_eq!(first.notes(visit), ["open"]);
    let second = Tablet::enrol(&programme, "rasha", 2).await;
    assert!(second.work(|device| device.status().unwrap()).orphans.is_empty());
    assert!(second.notes(visit).is_empty(), "drafts of a cancelled visit go to nobody");
}
