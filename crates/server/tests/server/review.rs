//! A reviewer's work: machine checks beside the queue, two reviewers on one visit, the blind second scoring.

use std::collections::BTreeSet;

use mizan_domain::second;
use mizan_protocol::api::{ReviewItem, ReviewVisit, VisitJson};
use mizan_protocol::canonical::Digest;
use mizan_protocol::evaluation::{EvaluationDocument, EvidenceRef, SealedEvaluation};
use mizan_protocol::id::VisitId;
use mizan_protocol::review::{
    QueuedVisit, ReviewHistory, SecondComparison, SecondItem, SecondVisit,
};
use mizan_protocol::sync::Outcome;
use mizan_server::store::Store;
use mizan_server::tx::{Tx, Value as Sql};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::evidence::{photo, upload};
use crate::harness::{Caller, Device, NOW, Programme, SECRET, later};

on_both_engines! {
    each_check_stands_beside_its_visit_with_what_was_compared,
    what_was_submitted_before_there_were_checks_is_checked_after_a_start,
    a_cycle_sets_how_far_visits_may_differ,
    the_second_of_two_reviewers_is_refused_by_name_and_may_take_over,
    a_decision_on_a_revision_that_is_not_the_last_is_refused,
    a_drawn_visit_is_scored_again_by_somebody_who_has_not_seen_the_scores,
    the_draw_follows_from_the_recorded_seed,
    a_reviewer_reads_what_they_did,
    no_reviewer_learns_who_made_a_visit,
}

const LONG: &str = "The counter was closed, and nobody could say why or until when.";

/// Two centres and two evaluators with their devices.
struct Field {
    programme: Programme,
    devices: Vec<Device>,
}

impl Field {
    async fn open() -> Self {
        let programme = Programme::start().await;
        let mut devices = Vec::new();
        for n in 1..=2 {
            let evaluator = programme.person(&format!("zed.{n}"), "evaluator", |_| {}).await;
            devices.push(Device::enrol(&evaluator, n).await);
        }
        Self { programme, devices }
    }

    /// A visit that is planned and given, before the cycle opens.
    async fn plan(&self, centre: usize, kind: &str, device: usize) -> VisitJson {
        let visit = self.programme.plan(centre, kind).await;
        self.programme.assign(visit.id, &self.devices[device].caller).await;
        visit
    }

    /// A visit's document, of half an hour that begins so many minutes after all others.
    fn document(&self, visit: &VisitJson, device: usize, later_min: i64) -> EvaluationDocument {
        let device = &self.devices[device];
        let mut document = device.document(visit, &self.programme.rubric, true, "75");
        document.contacts.clear();
        let from = NOW + later_min * 60_000;
        document.times = [("arrived", from), ("left", from + 1_800_000)]
            .map(|(moment, at)| (moment.to_owned(), at))
            .into();
        document
    }

    async fn submit(&self, document: &EvaluationDocument, device: usize) {
        let device = &self.devices[device];
        device.accept(document.visit, &self.programme.rubric).await;
        let outcome = device.submit(document).await;
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }

    async fn reviewer(&self, user: &str) -> Caller {
        self.programme.person(user, "reviewer", |_| {}).await
    }

    async fn share(&self, percent: u32) {
        let settings = settings(20, percent);
        let path = self.programme.path("review-settings");
        self.programme.admin.post::<Value>(&path, &settings).await;
    }
}

fn settings(outlier: u32, share: u32) -> Value {
    json!({ "outlier_points": outlier, "tolerance_points": 10, "second_share": share })
}

fn named(criterion: &str, bytes: &[u8]) -> EvidenceRef {
    EvidenceRef {
        criterion: criterion.into(),
        kind: "photo".into(),
        sha256: Digest::of(bytes),
        media_type: "image/jpeg".into(),
        bytes: bytes.len() as u64,
    }
}

fn of_visit(visit: VisitId, rest: &str) -> String {
    format!("/api/visits/{visit}/{rest}")
}

/// What was found of each visit: the centre and kind, the check, its criterion, the other centre and kind.
async fn found(reviewer: &Caller) -> BTreeSet<String> {
    let queue: Vec<QueuedVisit> = reviewer.get("/api/review/queue").await;
    let mut all = BTreeSet::new();
    for QueuedVisit { item, findings, .. } in queue {
        for finding in findings {
            let other = finding.other.map(|of| format!(" as {} {}", of.centre, of.kind));
            let criterion = finding.criterion.map(|id| format!(" {id}")).unwrap_or_default();
            let told = format!("{}{criterion}{}", finding.check, other.unwrap_or_default());
            all.insert(format!("{} {}: {told}", item.centre, item.kind));
        }
    }
    all
}

/// Three visits of which the first two share what they must not, and the third is far from the first.
async fn suspicious() -> Field {
    let field = Field::open().await;
    let first = field.plan(0, "unannounced", 0).await;
    let copied = field.plan(1, "unannounced", 0).await;
    let far = field.plan(0, "scheduled", 1).await;
    field.programme.open().await;
    let (shared, absent) = (photo(1, 60), photo(2, 60));
    for visit in [&first, &copied] {
        let mut document = field.document(visit, 0, 0);
        document.evidence = vec![named("P1", &shared)];
        if visit.id == copied.id {
            document.evidence.push(named("P1", &absent));
        }
        document.evidence.sort();
        document.answers[1].note = Some(LONG.into());
        field.submit(&document, 0).await;
    }
    assert_eq!(upload(&field.devices[0].caller, &shared).await.status, 204);
    let mut document = field.document(&far, 1, 600);
    document.answers[1].value = Some(mizan_protocol::answer::ValueJson::Text("20".into()));
    document.times.insert("left".into(), NOW + 600 * 60_000 + 29_000);
    field.submit(&document, 1).await;
    field
}

const FOUND: [&str; 12] = [
    "C-1 scheduled: outlier as C-1 unannounced",
    "C-1 scheduled: time_ahead",
    "C-1 scheduled: too_fast",
    "C-1 unannounced: outlier as C-1 scheduled",
    "C-1 unannounced: photo_reused P1 as C-2 unannounced",
    "C-1 unannounced: same_times as C-2 unannounced",
    "C-1 unannounced: text_repeated P2 as C-2 unannounced",
    "C-1 unannounced: two_places as C-2 unannounced",
    "C-2 unannounced: evidence_missing P1",
    "C-2 unannounced: photo_reused P1 as C-1 unannounced",
    "C-2 unannounced: same_times as C-1 unannounced",
    "C-2 unannounced: text_repeated P2 as C-1 unannounced",
];

async fn each_check_stands_beside_its_visit_with_what_was_compared() {
    let field = suspicious().await;
    let reviewer = field.reviewer("reviewer").await;
    let mut expected: BTreeSet<String> = FOUND.map(str::to_owned).into();
    expected.insert("C-2 unannounced: two_places as C-1 unannounced".into());
    expected.insert("C-1 unannounced: time_ahead".into());
    expected.insert("C-2 unannounced: time_ahead".into());
    assert_eq!(found(&reviewer).await, expected);

    let queue: Vec<QueuedVisit> = reviewer.get("/api/review/queue").await;
    let far = queue.iter().find(|of| of.item.kind == "scheduled").unwrap();
    let taken: ReviewVisit = reviewer.post(&of_visit(far.item.visit, "review"), &json!({})).await;
    assert_eq!(taken.context.findings, far.findings, "the page shows what the queue shows");
    let params = |check: &str| {
        let of = taken.context.findings.iter().find(|finding| finding.check == check).unwrap();
        serde_json::to_value(&of.params).unwrap()
    };
    let outlier = json!({ "score": "68.0", "other": "90.0", "allowed": "20" });
    assert_eq!(params("outlier"), outlier);
    assert_eq!(params("too_fast"), json!({ "seconds": "29", "criteria": "2" }));
}

async fn what_was_submitted_before_there_were_checks_is_checked_after_a_start() {
    let mut field = suspicious().await;
    let before = found(&field.reviewer("reviewer").await).await;
    field.programme.server.pause().await;
    let location = field.programme.server.location();
    let store = tokio::task::spawn_blocking(move || Store::open(&location)).await.unwrap().unwrap();
    let forget = |tx: &mut dyn Tx| {
        tx.exec("DELETE FROM evaluation_texts", &[])?;
        tx.exec("DELETE FROM evaluation_facts", &[])
    };
    assert_eq!(store.write(forget).await.unwrap(), 3);
    tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
    field.programme.server.resume().await;
    let reviewer = field.programme.server.sign_in("reviewer").await;
    assert_eq!(found(&reviewer).await, before);
}

async fn a_cycle_sets_how_far_visits_may_differ() {
    let field = Field::open().await;
    let path = field.programme.path("review-settings");
    let admin = &field.programme.admin;
    assert_eq!(admin.get::<Value>(&path).await, settings(20, 10), "what no cycle has set");
    for wrong in [settings(0, 10), settings(20, 101)] {
        assert_eq!(admin.refused(Method::POST, &path, wrong).await, "request.invalid");
    }
    admin.post::<Value>(&path, &settings(22, 0)).await;
    assert_eq!(admin.get::<Value>(&path).await, settings(22, 0));
    let (near, far) = (field.plan(0, "unannounced", 0).await, field.plan(0, "scheduled", 1).await);
    field.programme.open().await;
    later(7_200_000);
    field.submit(&field.document(&near, 0, 0), 0).await;
    let mut document = field.document(&far, 1, 40);
    document.answers[1].value = Some(mizan_protocol::answer::ValueJson::Text("20".into()));
    field.submit(&document, 1).await;
    let reviewer = field.reviewer("reviewer").await;
    assert_eq!(found(&reviewer).await, BTreeSet::new(), "22 points differ by 22");
    admin.post::<Value>(&path, &settings(21, 0)).await;
    assert_eq!(found(&reviewer).await.len(), 2, "each beside the other");
}

/// One visit, submitted.
async fn one_visit(share: u32) -> (Field, VisitJson, EvaluationDocument) {
    let field = Field::open().await;
    field.share(share).await;
    let visit = field.plan(0, "unannounced", 0).await;
    field.programme.open().await;
    let document = field.document(&visit, 0, 0);
    field.submit(&document, 0).await;
    (field, visit, document)
}

async fn the_second_of_two_reviewers_is_refused_by_name_and_may_take_over() {
    let (field, visit, _) = one_visit(0).await;
    let (one, other) = (field.reviewer("one").await, field.reviewer("other").await);
    let path = |rest: &str| of_visit(visit.id, rest);
    let not_yet = one.refused(Method::GET, &path("review"), Value::Null).await;
    assert_eq!(not_yet, "review.not_taken_up");
    one.post::<ReviewVisit>(&path("review"), &json!({})).await;
    one.post::<ReviewVisit>(&path("review"), &json!({})).await;

    let queue: Vec<QueuedVisit> = other.get("/api/review/queue").await;
    let taken = queue[0].taken.clone().expect("who took it up is shown");
    assert_eq!((taken.is_you, taken.name.en.as_str()), (false, "Person"));
    let ask = json!({ "questions": [{ "criterion": "P1", "text": "Where is it?" }] });
    for (rest, body) in [("review", json!({})), ("validate", json!({})), ("return", ask.clone())] {
        let code = other.refused(Method::POST, &path(rest), body).await;
        assert_eq!(code, "review.taken", "{rest}");
    }
    let over = path("review/take-over");
    let without = other.refused(Method::POST, &over, json!({ "reason": " " })).await;
    assert_eq!(without, "visit.reason_missing");
    other.post::<ReviewVisit>(&over, &json!({ "reason": "one is on leave" })).await;
    let code = one.refused(Method::POST, &path("validate"), json!({})).await;
    assert_eq!(code, "review.taken", "the first has it no more");
    other.post::<ReviewItem>(&path("return"), &ask).await;
    let code = one.refused(Method::POST, &path("validate"), json!({})).await;
    assert_eq!(code, "visit.wrong_state");
    let read: ReviewVisit = one.get(&path("review")).await;
    assert_eq!((read.item.state.as_str(), read.context.asked.len()), ("returned", 1));
}

async fn a_decision_on_a_revision_that_is_not_the_last_is_refused() {
    let (field, visit, mut document) = one_visit(0).await;
    let reviewer = field.reviewer("reviewer").await;
    let path = |rest: &str| of_visit(visit.id, rest);
    reviewer.post::<ReviewVisit>(&path("review"), &json!({})).await;
    let ask = json!({ "questions": [{ "criterion": null, "text": "Why?" }] });
    reviewer.post::<ReviewItem>(&path("return?revision=1"), &ask).await;
    document.revision = 2;
    document.answers[1].value = Some(mizan_protocol::answer::ValueJson::Text("60".into()));
    field.submit(&document, 0).await;
    let second: ReviewVisit = reviewer.post(&path("review"), &json!({})).await;
    let before = second.context.previous.iter().find(|answer| answer.criterion == "P2").unwrap();
    assert_eq!(serde_json::to_value(&before.value).unwrap(), "75", "what it was before");
    let code = reviewer.refused(Method::POST, &path("validate?revision=1"), json!({})).await;
    assert_eq!(code, "review.stale");
    reviewer.post::<ReviewItem>(&path("validate?revision=2"), &json!({})).await;
}

async fn validate(reviewer: &Caller, visit: VisitId) -> SealedEvaluation {
    let taken: ReviewVisit = reviewer.post(&of_visit(visit, "review"), &json!({})).await;
    reviewer.post::<ReviewItem>(&of_visit(visit, "validate"), &json!({})).await;
    taken.sealed
}

async fn answer(scorer: &Caller, visit: VisitId, criterion: &str, value: Value) -> u16 {
    let body = json!({ "criterion": criterion, "value": value, "note": "as the photo shows" });
    scorer.answer(Method::POST, &of_visit(visit, "second/answers"), body).await.0
}

async fn a_drawn_visit_is_scored_again_by_somebody_who_has_not_seen_the_scores() {
    let (field, visit, _) = one_visit(100).await;
    let (first, second) = (field.reviewer("first").await, field.reviewer("second").await);
    let path = |rest: &str| of_visit(visit.id, rest);
    let early = second.refused(Method::POST, &path("second"), json!({})).await;
    assert_eq!(early, "second.not_drawn");
    let sealed = validate(&first, visit.id).await;
    let own = first.refused(Method::POST, &path("second"), json!({})).await;
    assert_eq!(own, "second.saw_first");

    // The scores stand in nothing that the second scorer can read.
    let drawn: Vec<SecondItem> = second.get("/api/review/second").await;
    assert!(drawn.len() == 1 && drawn[0].is_open_to_you && drawn[0].taken.is_none());
    let peeked = second.refused(Method::GET, &path("review"), Value::Null).await;
    assert_eq!(peeked, "review.not_taken_up");
    let pulled = serde_json::to_string(&second.pull().await).unwrap();
    assert!(!pulled.contains("answers"), "{pulled}");
    let (_, _, bytes) = second.raw(Method::POST, &path("second"), Some(&json!({}))).await;
    let shown: SecondVisit = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((shown.notes.len(), shown.times.len(), shown.answers.len()), (2, 2, 0));
    let mut own_part: Value = serde_json::from_slice(&bytes).unwrap();
    // Ids may hold any digits, and the rubric names every value.
    for part in ["rubric", "item"] {
        own_part.as_object_mut().unwrap().remove(part);
    }
    let told = own_part.to_string();
    assert!(!told.contains("75") && !told.contains(r#""value""#), "{told}");

    assert_eq!(answer(&second, visit.id, "P1", json!(true)).await, 204);
    assert_eq!(answer(&second, visit.id, "P2", json!("high")).await, 409, "off the scale");
    let open = second.refused(Method::POST, &path("second/submit"), json!({})).await;
    assert_eq!(open, "second.incomplete");
    let not_done = second.refused(Method::GET, &path("second/comparison"), Value::Null).await;
    assert_eq!(not_done, "second.not_done");
    let third = field.reviewer("third").await;
    let taken = third.refused(Method::POST, &path("second"), json!({})).await;
    assert_eq!(taken, "second.taken");
    assert_eq!(answer(&second, visit.id, "P2", json!("50")).await, 204);
    second.post::<SecondItem>(&path("second/submit"), &json!({})).await;
    assert_eq!(answer(&second, visit.id, "P2", json!("75")).await, 409, "handed in is done");

    let compared: SecondComparison = first.get(&path("second/comparison")).await;
    assert_eq!(compared.first_sha256, sealed.sha256, "the first evaluation is what it was");
    let shown = (compared.first.as_deref(), compared.second.as_deref(), compared.beyond);
    assert_eq!(shown, (Some("90.0"), Some("80.0"), false), "10 points are within");
    let beyond: Vec<&str> = compared
        .pairs
        .iter()
        .filter(|pair| pair.beyond)
        .map(|pair| pair.criterion.as_str())
        .collect();
    assert_eq!(beyond, ["P2"], "75 and 50");
}

async fn the_draw_follows_from_the_recorded_seed() {
    let (mut field, visit, _) = one_visit(0).await;
    let reviewer = field.reviewer("reviewer").await;
    validate(&reviewer, visit.id).await;
    assert_eq!(reviewer.get::<Vec<SecondItem>>("/api/review/second").await, []);
    field.programme.server.pause().await;
    let location = field.programme.server.location();
    let store = tokio::task::spawn_blocking(move || Store::open(&location)).await.unwrap().unwrap();
    let recorded = |tx: &mut dyn Tx| {
        let sql = "SELECT d.ticket, d.share, d.drawn, s.seed FROM second_draws d
                   JOIN visits v ON v.id = d.visit_id JOIN review_settings s ON s.cycle_id = v.cycle_id";
        tx.query(sql, &[])
    };
    let rows = store.read(recorded).await.unwrap();
    tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
    let mut from = rows[0].blob(3).unwrap().to_vec();
    assert_eq!(from.len(), 32);
    from.extend_from_slice(visit.id.0.as_bytes());
    let ticket = second::ticket(Digest::of(&from).as_bytes());
    let expected = [Sql::Int(ticket.into()), Sql::Int(0), Sql::Int(0)];
    assert_eq!(rows[0].0[..3], expected, "recorded, though it was not drawn");
}

async fn a_reviewer_reads_what_they_did() {
    let (field, visit, _) = one_visit(0).await;
    let (one, other) = (field.reviewer("one").await, field.reviewer("other").await);
    one.post::<ReviewVisit>(&of_visit(visit.id, "review"), &json!({})).await;
    later(1_000);
    let ruling = json!({ "criterion": "P1", "confirmed": false, "reason": "not on the photo" });
    let centre = field.programme.centres[0].id;
    one.post::<Value>(&field.programme.path(&format!("centres/{centre}/critical")), &ruling).await;
    later(1_000);
    let ask = json!({ "questions": [{ "criterion": null, "text": "Why?" }] });
    one.post::<ReviewItem>(&of_visit(visit.id, "return"), &ask).await;
    let history: ReviewHistory = one.get("/api/review/history").await;
    let deeds: Vec<(&str, Option<&str>)> =
        history.deeds.iter().map(|deed| (deed.deed.as_str(), deed.reason.as_deref())).collect();
    let expected =
        [("returned", Some("Why?")), ("ruled", Some("not on the photo")), ("taken_up", None)];
    assert_eq!((deeds, history.more), (expected.to_vec(), false));
    let earlier: ReviewHistory =
        one.get(&format!("/api/review/history?before={}", history.deeds[0].at)).await;
    assert_eq!(earlier.deeds, history.deeds[1..]);
    let others: ReviewHistory = other.get("/api/review/history").await;
    assert_eq!(others.deeds, [], "only the own");
}

async fn no_reviewer_learns_who_made_a_visit() {
    let (field, visit, _) = one_visit(100).await;
    let (one, other) = (field.reviewer("one").await, field.reviewer("other").await);
    let path = |rest: &str| of_visit(visit.id, rest);
    let read = async |caller: &Caller, method: Method, path: String| -> String {
        let (status, _, bytes) = caller.raw(method, &path, Some(&json!({}))).await;
        assert!(status.is_success(), "{path}: {status}");
        String::from_utf8(bytes).unwrap()
    };
    let mut told = read(&one, Method::POST, path("review")).await;
    told += &read(&one, Method::GET, path("review")).await;
    told += &read(&one, Method::GET, "/api/review/queue".into()).await;
    told += &read(&one, Method::POST, path("validate")).await;
    told += &read(&other, Method::GET, "/api/review/second".into()).await;
    told += &read(&other, Method::POST, path("second")).await;
    for (criterion, value) in [("P1", json!(true)), ("P2", json!("50"))] {
        assert_eq!(answer(&other, visit.id, criterion, value).await, 204);
    }
    told += &read(&other, Method::POST, path("second/submit")).await;
    told += &read(&other, Method::GET, path("second/comparison")).await;
    told += &read(&one, Method::GET, "/api/review/history".into()).await;
    let evaluator = field.devices[0].caller.id().to_string();
    for secret in [SECRET, "زيزكس", "zed.1", &evaluator] {
        assert!(!told.contains(secret), "{secret} is told");
    }
    assert!(told.contains("P2"), "there was something to read");
}
