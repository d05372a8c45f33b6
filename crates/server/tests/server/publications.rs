//! Publication at a set time: nothing before it, once at it, and another version after it.

use mizan_protocol::api::{
    CentreResult, NewPerson, PublishedScorecard, ReviewItem, ScheduledPublication,
};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::committee::CentrePage;
use mizan_protocol::sync::PullResponse;
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, NOW, Programme, later, text};

on_both_engines! {
    nothing_is_found_before_the_time_and_all_of_it_afterwards,
    a_publication_is_taken_back_before_its_time_and_not_afterwards,
    a_restart_under_embargo_publishes_on_time_and_once,
    what_is_out_gives_way_only_to_a_new_version_with_a_reason,
}

const HOUR: i64 = 3_600_000;

/// A decided cycle, and whoever reads what comes of it.
struct Decided {
    programme: Programme,
    chair: Caller,
    manager: Caller,
    coordinator: Caller,
    observer: Caller,
}

impl Decided {
    async fn start() -> Self {
        let programme = Programme::start().await;
        let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
        let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
        let chair = programme.person("chair", "committee_chair", |_| {}).await;
        let (centre, agency) = (programme.centres[0].id, programme.agencies[0].id);
        let of_centre = |new: &mut NewPerson| new.centre = Some(centre);
        let manager = programme.person("manager", "manager", of_centre).await;
        let of_agency = |new: &mut NewPerson| new.agency = Some(agency);
        let coordinator = programme.person("coordinator", "coordinator", of_agency).await;
        let observer = programme.person("observer", "observer", |_| {}).await;
        let visits =
            [programme.plan(0, "unannounced").await, programme.plan(1, "unannounced").await];
        for visit in &visits {
            programme.assign(visit.id, &evaluator).await;
        }
        programme.open().await;
        let device = Device::enrol(&evaluator, 1).await;
        for visit in &visits {
            device.accept(visit.id, &programme.rubric).await;
            device.submit(&device.document(visit, &programme.rubric, true, "75")).await;
        }
        for item in reviewer.get::<Vec<ReviewItem>>("/api/review/queue").await {
            for step in ["review", "validate"] {
                let path = format!("/api/visits/{}/{step}", item.visit);
                reviewer.post::<Value>(&path, &json!({})).await;
            }
        }
        programme.step(&programme.admin, "close_field_work").await;
        let decided = Self { programme, chair, manager, coordinator, observer };
        for centre in 0..2 {
            let (status, answer) = decided.decide(centre, json!({})).await;
            assert_eq!(status, 204, "{answer}");
        }
        decided.programme.step(&decided.chair, "decide").await;
        decided
    }

    async fn decide(&self, centre: usize, and: Value) -> (u16, Value) {
        let results: Vec<CentreResult> = self.chair.get(&self.programme.path("results")).await;
        let sha256 = Digest::of(canonical_json(&results[centre].scorecard).unwrap().as_bytes());
        let mut body = json!({ "scorecard_sha256": sha256 });
        body.as_object_mut().unwrap().extend(and.as_object().unwrap().clone());
        let path = format!("centres/{}/decision", results[centre].centre.id);
        self.chair.answer(Method::POST, &self.programme.path(&path), body).await
    }

    async fn schedule(&self, centres: &[usize], at: Option<i64>) -> ScheduledPublication {
        let centres: Vec<_> = centres.iter().map(|at| self.programme.centres[*at].id).collect();
        let body = json!({ "centres": centres, "at": at });
        self.chair.post(&self.programme.path("publications"), &body).await
    }

    fn readers(&self) -> [&Caller; 4] {
        [&self.manager, &self.coordinator, &self.observer, &self.chair]
    }

    async fn out(&self, reader: &Caller) -> Vec<PublishedScorecard> {
        reader.get("/api/scorecards").await
    }

    /// Asks until so many scorecards are out for a reader. The clock has come to the time already.
    async fn wait_for(&self, reader: &Caller, count: usize) {
        let wait = async {
            while self.out(reader).await.len() < count {
                tokio::task::yield_now().await;
            }
        };
        let most = std::time::Duration::from_secs(60);
        tokio::time::timeout(most, wait).await.expect("what is due goes out");
    }

    async fn state(&self) -> Value {
        let cycles: Value = self.programme.admin.get("/api/cycles").await;
        cycles[0]["state"].clone()
    }
}

async fn nothing_is_found_before_the_time_and_all_of_it_afterwards() {
    let decided = Decided::start().await;
    let planned = decided.schedule(&[0], Some(NOW + HOUR)).await;
    assert_eq!(
        (planned.state.as_str(), planned.at, planned.ended_at),
        ("scheduled", NOW + HOUR, None)
    );
    later(HOUR - 1);
    for reader in decided.readers() {
        assert!(decided.out(reader).await.is_empty(), "not a moment before");
        let pulled: PullResponse = reader.pull().await;
        let records = pulled.streams.iter().flat_map(|stream| &stream.records);
        assert!(records.clone().all(|record| record.kind != "scorecard"));
    }
    for outsider in [&decided.manager, &decided.coordinator, &decided.observer] {
        let path = decided.programme.path("publications");
        let code = outsider.refused(Method::GET, &path, Value::Null).await;
        assert_eq!(code, "request.not_found", "not even that there is one");
    }
    let (status, answer) = decided.decide(0, json!({})).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("publication.scheduled")));
    let publish = json!({ "event": "publish" });
    let path = decided.programme.path("step");
    assert_eq!(decided.chair.refused(Method::POST, &path, publish).await, "cycle.gate");

    later(1);
    decided.wait_for(&decided.manager, 1).await;
    for reader in [&decided.manager, &decided.coordinator] {
        assert_eq!(decided.out(reader).await.len(), 1);
        let pulled: PullResponse = reader.pull().await;
        assert_eq!(pulled.streams[0].records.len(), 1);
    }
    assert_eq!(decided.state().await, "decided", "a centre is not out yet");
    let rest = decided.schedule(&[1], None).await;
    assert_eq!(rest.state, "published", "what is due goes out at once");
    assert_eq!(decided.out(&decided.observer).await.len(), 2);
    assert_eq!(decided.state().await, "published");
}

async fn a_publication_is_taken_back_before_its_time_and_not_afterwards() {
    let decided = Decided::start().await;
    let path = decided.programme.path("publications");
    let cancel = |id| format!("/api/publications/{id}/cancel");
    let planned = decided.schedule(&[0, 1], Some(NOW + HOUR)).await;
    let again = json!({ "centres": [decided.programme.centres[0].id] });
    assert_eq!(decided.chair.refused(Method::POST, &path, again).await, "publication.scheduled");
    for (centres, code) in [
        (json!([]), "publication.no_centres"),
        (json!([decided.programme.cycle]), "request.invalid"),
    ] {
        let body = json!({ "centres": centres });
        assert_eq!(decided.chair.refused(Method::POST, &path, body).await, code);
    }
    let blank = json!({ "reason": " " });
    let code = decided.chair.refused(Method::POST, &cancel(planned.id), blank).await;
    assert_eq!(code, "request.invalid");
    let why = json!({ "reason": "a reason" });
    let taken: ScheduledPublication = decided.chair.post(&cancel(planned.id), &why).await;
    assert_eq!((taken.state.as_str(), taken.reason.as_deref()), ("cancelled", Some("a reason")));
    later(2 * HOUR);
    let second = decided.schedule(&[0], Some(NOW + 3 * HOUR)).await;
    // What was taken back would have gone out before this does.
    later(2 * HOUR);
    decided.wait_for(&decided.observer, 1).await;
    assert_eq!(decided.out(&decided.observer).await[0].scorecard.centre, "C-1");
    let code = decided.chair.refused(Method::POST, &cancel(second.id), why.clone()).await;
    assert_eq!(code, "publication.wrong_state", "what is out stays out");
    let due = decided.schedule(&[1], Some(NOW + 5 * HOUR)).await;
    later(HOUR);
    let code = decided.chair.refused(Method::POST, &cancel(due.id), why).await;
    assert_eq!(code, "publication.wrong_state", "its time has come, whoever was quicker");
    let all: Vec<ScheduledPublication> = decided.chair.get(&path).await;
    assert_eq!(all.len(), 3);
}

async fn a_restart_under_embargo_publishes_on_time_and_once() {
    let mut decided = Decided::start().await;
    decided.schedule(&[0, 1], Some(NOW + HOUR)).await;
    decided.programme.server.pause().await;
    later(2 * HOUR);
    decided.programme.server.resume().await;
    let mut twin = decided.programme.server.twin();
    let is_shared = decided.programme.server.database.is_some();
    if is_shared {
        // Another process of the same database looks for what is due as well.
        twin.resume().await;
    }
    let observer = decided.programme.server.sign_in("observer").await;
    decided.wait_for(&observer, 2).await;
    let ids =
        |cards: Vec<PublishedScorecard>| -> Vec<_> { cards.iter().map(|card| card.id).collect() };
    let first = ids(decided.out(&observer).await);
    if is_shared {
        let elsewhere = twin.sign_in("observer").await;
        assert_eq!(ids(decided.out(&elsewhere).await), first);
        twin.pause().await;
    }
    let chair = decided.programme.server.sign_in("chair").await;
    let all: Vec<ScheduledPublication> = chair.get(&decided.programme.path("publications")).await;
    assert_eq!((all.len(), all[0].ended_at), (1, Some(NOW + 2 * HOUR)));
    assert_eq!(ids(decided.out(&observer).await), first, "once");
}

async fn what_is_out_gives_way_only_to_a_new_version_with_a_reason() {
    let decided = Decided::start().await;
    decided.schedule(&[0, 1], None).await;
    let first = decided.out(&decided.manager).await.remove(0);
    assert!(!first.superseded);
    let path = decided.programme.path("publications");
    let again = json!({ "centres": [decided.programme.centres[0].id] });
    let code = decided.chair.refused(Method::POST, &path, again.clone()).await;
    assert_eq!(code, "publication.published");
    let (status, answer) = decided.decide(0, json!({})).await;
    assert_eq!((status, answer["code"].as_str()), (409, Some("publication.version_reason")));
    let why = text("تصحيح", "A correction");
    let moderated = json!({
        "version_reason": why, "moderation": { "level": "plain", "reason": text("سبب", "why") },
    });
    let (status, answer) = decided.decide(0, moderated).await;
    assert_eq!(status, 204, "{answer}");
    assert_eq!(decided.out(&decided.manager).await.len(), 1, "decided is not published");
    decided.schedule(&[0], Some(NOW + HOUR)).await;
    assert_eq!(decided.out(&decided.manager).await.len(), 1);
    later(HOUR);
    decided.wait_for(&decided.manager, 2).await;
    let mut cards = decided.out(&decided.manager).await;
    cards.sort_by_key(|card| card.scorecard.publication.as_ref().unwrap().version);
    let seen: Vec<_> = cards.iter().map(|card| card.superseded).collect();
    assert_eq!(seen, [true, false]);
    assert_eq!(cards[0].scorecard, first.scorecard, "the first is as it was");
    let second = cards[1].scorecard.publication.as_ref().unwrap();
    assert_eq!((second.version, &second.reason), (2, &Some(why)));
    for card in &cards {
        let bytes = canonical_json(&card.scorecard).unwrap();
        card.public_key.verify(bytes.as_bytes(), &card.signature).unwrap();
        let pdf = format!("/api/scorecards/{}/pdf?lang=en", card.id);
        let (_, _, pdf) = decided.manager.raw(Method::GET, &pdf, None).await;
        assert!(pdf.starts_with(b"%PDF-1.7"), "each version stays readable");
    }
    let pulled: PullResponse = decided.manager.pull().await;
    assert_eq!(pulled.streams[0].records.len(), 2);
    let page = format!("centres/{}", decided.programme.centres[0].id);
    let page: CentrePage = decided.chair.get(&decided.programme.path(&page)).await;
    let past: Vec<_> = page.history.iter().map(|of| (of.version, of.level.as_deref())).collect();
    assert_eq!(past, [(2, Some("plain"))], "the last version of each cycle");
}
