//! Gates and refusals of the programme: each with its name.

use mizan_protocol::api::{CentreJson, CentreResult, PublishedScorecard, ReviewItem, ReviewVisit};
use mizan_protocol::canonical::{Digest, canonical_json};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{BRIEF, CONTACT, Caller, Device, Programme, rejected, rubric};

on_both_engines! {
    assignment_refuses_by_the_rule_it_breaks,
    a_cycle_opens_only_with_notice_and_plan_and_a_rubric_never_changes,
    from_submission_to_a_published_scorecard,
    a_returned_visit_comes_back_as_a_second_revision,
    an_exposed_evaluator_is_barred_from_the_agency_for_good,
    a_critical_hit_is_ruled_on_before_the_decision_and_a_later_ruling_voids_it,
    a_second_evaluators_finding_confirms_a_critical_hit,
    what_is_not_there_is_refused_and_what_is_named_twice_is_one,
    a_new_name_reaches_who_has_a_visit_there_and_nothing_that_is_out,
    a_list_in_place_of_an_object_is_refused,
}

async fn assignment_refuses_by_the_rule_it_breaks() {
    let programme = Programme::start().await;
    let (own, interest) = (programme.agencies[0].id, programme.agencies[1].id);
    let evaluator = programme
        .person("rasha", "evaluator", |new| {
            new.agency = Some(own);
            new.interests = vec![interest];
        })
        .await;
    let free = programme.person("free", "evaluator", |_| {}).await;
    let (first, second) =
        (programme.plan(0, "unannounced").await, programme.plan(1, "unannounced").await);
    let assign = |visit| format!("/api/visits/{visit}/assign");
    let body = json!({ "evaluator": evaluator.id() });
    let admin = &programme.admin;
    assert_eq!(
        admin.refused(Method::POST, &assign(first.id), body.clone()).await,
        "assignment.own_agency"
    );
    assert_eq!(admin.refused(Method::POST, &assign(second.id), body).await, "assignment.interest");
    programme.assign(first.id, &free).await;
    let again = programme.plan(0, "scheduled").await;
    let body = json!({ "evaluator": free.id() });
    assert_eq!(admin.refused(Method::POST, &assign(again.id), body).await, "assignment.same_cycle");
    // Rotation alone gives way, and to a reason alone.
    let overruled = |who: &Caller, why: &str| json!({ "evaluator": who.id(), "overrule": why });
    for (visit, who, why, code) in [
        (&again, &free, " ", "request.invalid"),
        (&first, &evaluator, "nobody else", "assignment.own_agency"),
        (&second, &evaluator, "nobody else", "assignment.interest"),
    ] {
        let body = overruled(who, why);
        assert_eq!(admin.refused(Method::POST, &assign(visit.id), body).await, code);
    }
    let given: Value = admin.post(&assign(again.id), &overruled(&free, " nobody else ")).await;
    assert_eq!((&given["state"], &given["evaluator"]), (&json!("assigned"), &json!(free.id())));
    let read: Value = admin.get(&format!("/api/visits/{}", again.id)).await;
    assert_eq!(read["steps"].as_array().unwrap().last().unwrap()["reason"], "nobody else");
    let entered: Value = admin.get("/api/lists/audit?deed=visit_assigned&sort=-n").await;
    assert_eq!(entered["rows"][0]["details"]["overruled"], "assignment.same_cycle");
    assert_eq!(entered["rows"][1]["details"].get("overruled"), None);
    let body = json!({ "evaluator": admin.id() });
    assert_eq!(
        admin.refused(Method::POST, &assign(again.id), body).await,
        "request.not_found",
        "an administrator makes no visits"
    );
}

async fn a_cycle_opens_only_with_notice_and_plan_and_a_rubric_never_changes() {
    let programme = Programme::start().await;
    let path = programme.path("step");
    let open = json!({ "event": "open" });
    assert_eq!(programme.admin.refused(Method::POST, &path, open).await, "cycle.gate");
    programme.plan(0, "unannounced").await;
    programme.open().await;
    let mut changed = rubric();
    changed["title"]["en"] = "Another title".into();
    assert_eq!(
        programme.admin.refused(Method::POST, "/api/rubrics", changed).await,
        "request.invalid"
    );
    let mut faulty = rubric();
    faulty["version"] = "2.0.0".into();
    faulty["pillars"][0]["weight"] = 99.into();
    assert_eq!(
        programme.admin.refused(Method::POST, "/api/rubrics", faulty).await,
        "rubric.invalid"
    );
}

async fn from_submission_to_a_published_scorecard() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let centre = programme.centres[0].id;
    let manager = programme.person("manager", "manager", |new| new.centre = Some(centre)).await;
    let mut visits = Vec::new();
    for (at, kind) in [(0, "unannounced"), (1, "unannounced")] {
        let visit = programme.plan(at, kind).await;
        programme.assign(visit.id, &evaluator).await;
        visits.push(visit);
    }
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    for (visit, met) in visits.iter().zip([true, false]) {
        device.accept(visit.id, &programme.rubric).await;
        let document = device.document(visit, &programme.rubric, met, "75");
        device.submit(&document).await;
        assert_eq!(
            rejected(device.submit(&document).await),
            "request.invalid",
            "revision 1 is there already"
        );
    }
    let queue: Vec<ReviewItem> = reviewer.get("/api/review/queue").await;
    assert_eq!(queue.len(), 2);
    for item in &queue {
        let path = format!("/api/visits/{}", item.visit);
        let taken: ReviewVisit = reviewer.post(&format!("{path}/review"), &json!({})).await;
        assert_eq!(taken.critical.is_empty(), item.centre == "C-1", "a no to P1 is a critical hit");
        taken.sealed.open().unwrap();
        reviewer.post::<Value>(&format!("{path}/validate"), &json!({})).await;
    }
    let ruling = json!({ "criterion": "P1", "confirmed": true, "reason": "seen on the photo" });
    let second = programme.centres[1].id;
    reviewer.post::<Value>(&programme.path(&format!("centres/{second}/critical")), &ruling).await;
    programme.step(&programme.admin, "close_field_work").await;
    let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
    assert_eq!(results[0].scorecard.exact.as_deref(), Some("90"));
    assert_eq!(results[0].scorecard.level.as_deref(), Some("gold"));
    assert_eq!(results[1].scorecard.outcome, "committee_decision");
    decide_both(&programme, &chair, &results).await;
    programme.step(&chair, "decide").await;
    assert!(
        manager.get::<Vec<PublishedScorecard>>("/api/scorecards").await.is_empty(),
        "not before publication"
    );
    programme.step(&chair, "publish").await;
    let published: Vec<PublishedScorecard> = manager.get("/api/scorecards").await;
    assert_eq!(published.len(), 1, "a manager sees the own centre's alone");
    let card = &published[0];
    let bytes = canonical_json(&card.scorecard).unwrap();
    assert_eq!(Digest::of(bytes.as_bytes()), card.sha256);
    card.public_key.verify(bytes.as_bytes(), &card.signature).unwrap();
    let all: Vec<PublishedScorecard> = chair.get("/api/scorecards").await;
    let other = all.iter().find(|card| card.scorecard.centre == "C-2").unwrap();
    let path = format!("/api/scorecards/{}/pdf?lang=ar", other.id);
    assert_eq!(manager.refused(Method::GET, &path, Value::Null).await, "request.not_found");
    let (_, _, pdf) =
        manager.raw(Method::GET, &format!("/api/scorecards/{}/pdf?lang=ar", card.id), None).await;
    assert!(pdf.starts_with(b"%PDF-1.7"), "the own scorecard comes as a document");
    for caller in [&manager, &chair] {
        holds_no_brief_and_no_contact(caller, &programme).await;
    }
}

/// Whatever is published, or shown to those who decide, tells neither how a visit was made nor by
/// which contacts.
async fn holds_no_brief_and_no_contact(caller: &Caller, programme: &Programme) {
    let mut received = serde_json::to_string(&caller.pull().await).unwrap();
    assert!(received.contains("scorecard"), "the stream is not empty: {received}");
    for path in ["/api/scorecards".to_owned(), programme.path("results")] {
        let (_, _, bytes) = caller.raw(Method::GET, &path, None).await;
        received += &String::from_utf8_lossy(&bytes);
    }
    let contact = uuid::Uuid::from_u128(CONTACT).to_string();
    for secret in [BRIEF, "قوييجيبو", &contact, "answer_key", "dialled", "contacts"] {
        assert!(!received.contains(secret), "{secret} is told");
    }
}

async fn decide_both(programme: &Programme, chair: &Caller, results: &[CentreResult]) {
    let digest =
        |result: &CentreResult| Digest::of(canonical_json(&result.scorecard).unwrap().as_bytes());
    let path = |at: usize| programme.path(&format!("centres/{}/decision", results[at].centre.id));
    let stale = json!({ "scorecard_sha256": Digest::of(b"other numbers") });
    assert_eq!(chair.refused(Method::POST, &path(0), stale).await, "decision.stale");
    let event = json!({ "event": "decide" });
    assert_eq!(chair.refused(Method::POST, &programme.path("step"), event).await, "cycle.gate");
    chair.post::<Value>(&path(0), &json!({ "scorecard_sha256": digest(&results[0]) })).await;
    let silent = json!({ "scorecard_sha256": digest(&results[1]) });
    assert_eq!(chair.refused(Method::POST, &path(1), silent).await, "decision.needs_ruling");
    let reason = json!({ "ar": "لا مستوى", "en": "No level" });
    let ruled = json!({ "scorecard_sha256": digest(&results[1]), "moderation": { "level": null, "reason": reason } });
    chair.post::<Value>(&path(1), &ruled).await;
}

async fn a_returned_visit_comes_back_as_a_second_revision() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    device.accept(visit.id, &programme.rubric).await;
    let mut document = device.document(&visit, &programme.rubric, true, "75");
    device.submit(&document).await;
    let path = format!("/api/visits/{}", visit.id);
    reviewer.post::<ReviewVisit>(&format!("{path}/review"), &json!({})).await;
    let empty = json!({ "questions": [] });
    assert_eq!(
        reviewer.refused(Method::POST, &format!("{path}/return"), empty).await,
        "visit.reason_missing"
    );
    let question = json!({ "questions": [{ "criterion": "P2", "text": "Out of how many?" }] });
    reviewer.post::<ReviewItem>(&format!("{path}/return"), &question).await;
    let pulled = serde_json::to_string(&evaluator.pull().await).unwrap();
    assert!(pulled.contains("Out of how many?") && pulled.contains("returned"));
    document.revision = 2;
    device.submit(&document).await;
    let queue: Vec<ReviewItem> = reviewer.get("/api/review/queue").await;
    assert_eq!((queue.len(), queue[0].revision), (1, 2));
}

async fn an_exposed_evaluator_is_barred_from_the_agency_for_good() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    let path = format!("/api/visits/{}/expose", visit.id);
    let reason = json!({ "reason": "greeted by name" });
    let exposed: Value = programme.admin.post(&path, &reason).await;
    assert_eq!(exposed["state"], "exposed");
    let again = programme.plan(0, "scheduled").await;
    let assign = format!("/api/visits/{}/assign", again.id);
    let body = json!({ "evaluator": evaluator.id() });
    assert_eq!(programme.admin.refused(Method::POST, &assign, body).await, "assignment.exposed");
}

async fn a_critical_hit_is_ruled_on_before_the_decision_and_a_later_ruling_voids_it() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let own = programme.agencies[0].id;
    let insider = programme.person("insider", "reviewer", |new| new.agency = Some(own)).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    device.accept(visit.id, &programme.rubric).await;
    device.submit(&device.document(&visit, &programme.rubric, false, "75")).await;
    let path = format!("/api/visits/{}", visit.id);
    let review = format!("{path}/review");
    assert_eq!(insider.refused(Method::POST, &review, json!({})).await, "review.own_agency");
    reviewer.post::<ReviewVisit>(&review, &json!({})).await;
    reviewer.post::<Value>(&format!("{path}/validate"), &json!({})).await;
    programme.step(&programme.admin, "close_field_work").await;
    let decide = async || {
        let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
        let sha256 = Digest::of(canonical_json(&results[0].scorecard).unwrap().as_bytes());
        (
            results[0].decided,
            results[0].scorecard.critical[0].dismissed,
            json!({ "scorecard_sha256": sha256 }),
        )
    };
    let centre = programme.path(&format!("centres/{}", programme.centres[0].id));
    let decision = format!("{centre}/decision");
    let (_, _, body) = decide().await;
    assert_eq!(chair.refused(Method::POST, &decision, body).await, "decision.open_critical");
    let ruling =
        |confirmed: bool| json!({ "criterion": "P1", "confirmed": confirmed, "reason": "seen" });
    let rule = format!("{centre}/critical");
    assert_eq!(insider.refused(Method::POST, &rule, ruling(false)).await, "review.own_agency");
    reviewer.post::<Value>(&rule, &ruling(false)).await;
    let (_, dismissed, body) = decide().await;
    assert!(dismissed, "the scorecard says that the hit was dismissed");
    chair.post::<Value>(&decision, &body).await;
    assert!(decide().await.0);
    reviewer.post::<Value>(&rule, &ruling(true)).await;
    assert!(!decide().await.0, "the decision was made on other numbers");
}

async fn a_second_evaluators_finding_confirms_a_critical_hit() {
    let programme = Programme::start().await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let mut visits = Vec::new();
    for (user, kind) in [("rasha", "unannounced"), ("omar", "scheduled")] {
        let evaluator = programme.person(user, "evaluator", |_| {}).await;
        let visit = programme.plan(0, kind).await;
        programme.assign(visit.id, &evaluator).await;
        visits.push((evaluator, visit));
    }
    programme.open().await;
    let mut outcomes = Vec::new();
    for (seed, (evaluator, visit)) in (1..).zip(&visits) {
        let device = Device::enrol(evaluator, seed).await;
        device.accept(visit.id, &programme.rubric).await;
        device.submit(&device.document(visit, &programme.rubric, false, "75")).await;
        let path = format!("/api/visits/{}", visit.id);
        reviewer.post::<ReviewVisit>(&format!("{path}/review"), &json!({})).await;
        reviewer.post::<Value>(&format!("{path}/validate"), &json!({})).await;
        let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
        let scorecard = &results[0].scorecard;
        outcomes.push((scorecard.critical[0].confirmed, scorecard.outcome.clone()));
    }
    assert_eq!(outcomes, [(false, "level".to_owned()), (true, "committee_decision".to_owned())]);
}

async fn what_is_not_there_is_refused_and_what_is_named_twice_is_one() {
    let programme = Programme::start().await;
    let (agency, centre) = (programme.agencies[0].id, programme.centres[0].id);
    let nowhere = crate::harness::fresh();
    let person = |role: &str, change: Value| {
        let mut new = json!({
            "user": crate::harness::fresh(), "password": crate::harness::PASSWORD,
            "name": { "ar": "شخص", "en": "Person" }, "role": role,
        });
        new.as_object_mut().unwrap().append(&mut change.as_object().unwrap().clone());
        new
    };
    for (role, change) in [
        ("reviewer", json!({ "agency": nowhere })),
        ("evaluator", json!({ "interests": [agency, nowhere] })),
        ("manager", json!({ "centre": nowhere })),
    ] {
        let (status, _) =
            programme.admin.answer(Method::POST, "/api/people", person(role, change)).await;
        assert_eq!(status, 404, "{role}");
    }
    let twice = person("evaluator", json!({ "interests": [agency, agency] }));
    let (status, answer) = programme.admin.answer(Method::POST, "/api/people", twice).await;
    assert_eq!(status, 200, "{answer}");
    let name = json!({ "ar": "دورة", "en": "Cycle" });
    let cycle = json!({
        "number": "9", "name": name, "programme": name, "rubrics": [], "centres": [centre, centre],
    });
    let (status, answer) = programme.admin.answer(Method::POST, "/api/cycles", cycle).await;
    assert_eq!(status, 200, "{answer}");
}

async fn a_new_name_reaches_who_has_a_visit_there_and_nothing_that_is_out() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let told = async || {
        let pulled = evaluator.pull().await;
        let records = pulled.streams.iter().flat_map(|stream| &stream.records);
        let body = records.filter(|record| record.kind == "visit").map(|record| &record.body);
        body.map(|body| (body["centre"].clone(), body["agency"].clone())).next().unwrap()
    };
    let before = told().await;
    let name = |ar: &str, en: &str| json!({ "ar": ar, "en": en });
    let admin = &programme.admin;
    let centre = format!("/api/centres/{}", programme.centres[0].id);
    let traits = json!({ "name": name("الأمل", "Al-Amal"), "size": "huge" });
    assert_eq!(admin.refused(Method::POST, &centre, traits).await, "request.invalid");
    let changed: CentreJson =
        admin.post(&centre, &json!({ "name": name("الأمل", "Al-Amal"), "size": "large" })).await;
    assert_eq!((changed.code.as_str(), changed.size.as_deref()), ("C-1", Some("large")));
    assert_eq!(told().await, (name("الأمل", "Al-Amal"), before.1));
    let agency = format!("/api/agencies/{}", programme.agencies[0].id);
    let renamed = json!({ "name": name("الهيئة", "The authority") });
    let changed: Value = admin.post(&agency, &renamed).await;
    assert_eq!(
        (&changed["code"], &changed["name"]["en"]),
        (&json!("A-1"), &json!("The authority"))
    );
    assert_eq!(told().await.1, name("الهيئة", "The authority"));
    let nowhere = format!("/api/centres/{}", uuid::Uuid::new_v4());
    assert_eq!(admin.refused(Method::POST, &nowhere, renamed).await, "request.not_found");
}

async fn a_list_in_place_of_an_object_is_refused() {
    let programme = Programme::start().await;
    for (path, list) in [("/api/sync/pull", json!([])), ("/api/visits/x/cancel", json!(["why"]))] {
        let code = programme.admin.refused(Method::POST, path, list).await;
        assert_eq!(code, "request.invalid", "{path}");
    }
}
