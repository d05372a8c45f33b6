//! The audit: no change without its entry, no entry that can be changed, and nobody named in it.

use std::collections::BTreeMap;

use mizan_protocol::api::{CentreResult, ReviewItem, ReviewVisit};
use mizan_protocol::audit::{AuditCheck, AuditEntry, AuditHead, AuditPage};
use mizan_protocol::bundle::{AnswerKey, Manifest, SCHEMA, seal_bundle};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::{BundleId, OperationId, RecordId, VisitId};
use mizan_protocol::session::{
    Challenge, ChallengeRequest, DeviceSignIn, Session, TotpSetup, device_session_text,
};
use mizan_protocol::sync::{EvidenceQuery, Operation, PullRequest};
use mizan_server::store::Store;
use reqwest::Method;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::engines::on_both_engines;
use crate::harness::{
    Caller, Device, NOW, PASSWORD, Programme, SECRET, done, fresh, later, record,
};

on_both_engines! {
    every_route_that_changes_something_leaves_an_entry,
    what_is_refused_leaves_no_entry_but_a_refused_sign_in_does,
    the_audit_cannot_be_changed_in_the_database,
    an_export_is_whole_and_signed,
    observers_read_it_without_ids_and_others_not_at_all,
}

/// What each route enters. A route with an unsafe method that is not here fails the test.
const ENTERED: &[(&str, &str, &str)] = &[
    ("DELETE", "/api/session", "signed_out"),
    ("DELETE", "/api/sessions", "signed_out"),
    ("POST", "/api/actions/{action}", "action_changed"),
    ("POST", "/api/agencies", "agency_added"),
    ("GET", "/api/appeals/{appeal}/case", "appeal_read"),
    ("POST", "/api/appeals/{appeal}/ruling", "appeal_ruled"),
    ("POST", "/api/appeals/{appeal}/files", "appeal_file_attached"),
    ("POST", "/api/appeals/{appeal}/withdraw", "appeal_withdrawn"),
    ("POST", "/api/scorecards/{scorecard}/appeals", "appeal_filed"),
    ("POST", "/api/bundles", "bundle_carried"),
    ("POST", "/api/centres", "centre_added"),
    ("POST", "/api/agencies/{agency}", "agency_changed"),
    ("POST", "/api/centres/{centre}", "centre_changed"),
    ("POST", "/api/cycles", "cycle_added"),
    ("POST", "/api/cycles/{cycle}/centres/{centre}/critical", "critical_ruled"),
    ("POST", "/api/cycles/{cycle}/centres/{centre}/decision", "centre_decided"),
    ("POST", "/api/cycles/{cycle}/notice", "notice_recorded"),
    ("POST", "/api/cycles/{cycle}/review-settings", "review_set"),
    ("POST", "/api/cycles/{cycle}/step", "cycle_stepped"),
    ("PUT", "/api/cycles/{cycle}/retention", "retention_set"),
    ("POST", "/api/cycles/{cycle}/purge", "evidence_purged"),
    ("POST", "/api/cycles/{cycle}/visits", "visit_planned"),
    ("POST", "/api/devices", "device_enrolled"),
    ("POST", "/api/devices/{device}/revoke", "device_revoked"),
    ("POST", "/api/imports", "programme_imported"),
    ("POST", "/api/people", "person_added"),
    ("POST", "/api/people/{person}", "account_changed"),
    ("POST", "/api/people/{person}/enrolment-code", "code_issued"),
    ("DELETE", "/api/people/{person}/totp", "factor_reset"),
    ("POST", "/api/people/{person}/password", "password_set"),
    ("PUT", "/api/cycles/{cycle}/committee-rules", "committee_rules_set"),
    ("POST", "/api/cycles/{cycle}/meetings", "meeting_called"),
    ("POST", "/api/meetings/{meeting}", "meeting_changed"),
    ("POST", "/api/meetings/{meeting}/step", "meeting_stepped"),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/step", "agenda_stepped"),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/vote", "vote_cast"),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/notes", "discussion_noted"),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/dissents", "dissent_recorded"),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/recusals", "member_recused"),
    ("POST", "/api/cycles/{cycle}/publications", "publication_scheduled"),
    ("POST", "/api/publications/{publication}/cancel", "publication_cancelled"),
    ("POST", "/api/rubrics", "rubric_added"),
    ("PUT", "/api/rubrics/{earlier}/mapping/{later}", "rubrics_mapped"),
    ("POST", "/api/session", "signed_in"),
    ("POST", "/api/session/device", "signed_in"),
    ("POST", "/api/session/password", "password_changed"),
    ("POST", "/api/session/totp", "factor_begun"),
    ("POST", "/api/session/totp/confirm", "factor_confirmed"),
    ("POST", "/api/visits/{visit}/assign", "visit_assigned"),
    ("POST", "/api/visits/{visit}/cancel", "visit_cancelled"),
    ("POST", "/api/visits/{visit}/expose", "visit_exposed"),
    ("POST", "/api/visits/{visit}/return", "visit_returned"),
    ("POST", "/api/visits/{visit}/review", "review_begun"),
    ("POST", "/api/visits/{visit}/review/take-over", "review_taken_over"),
    ("POST", "/api/visits/{visit}/second", "second_begun"),
    ("POST", "/api/visits/{visit}/second/submit", "second_submitted"),
    ("POST", "/api/visits/{visit}/second/take-over", "second_taken_over"),
    ("POST", "/api/visits/{visit}/validate", "visit_validated"),
    ("POST", "/api/quarantine/{operation}/release", "quarantine_released"),
    ("POST", "/api/quarantine/{operation}/set-aside", "quarantine_set_aside"),
    // Reading what was written in confidence.
    ("GET", "/api/quarantine/{operation}", "quarantine_read"),
    // Reading what is not published yet.
    ("GET", "/api/cycles/{cycle}/centres/{centre}/explanation", "explanation_read"),
    ("GET", "/api/cycles/{cycle}/centres/{centre}", "results_read"),
    ("GET", "/api/cycles/{cycle}/centres/{centre}/levers", "results_read"),
    ("GET", "/api/cycles/{cycle}/fairness/{model}", "results_read"),
    ("GET", "/api/cycles/{cycle}/uncertainty/{model}", "results_read"),
    ("GET", "/api/cycles/{cycle}/ratings/{model}", "results_read"),
    ("GET", "/api/cycles/{cycle}/comparison/{model}", "results_read"),
    ("GET", "/api/cycles/{cycle}/comparison/{model}/since/{earlier}", "results_read"),
    ("GET", "/api/cycles/{cycle}/overview", "results_read"),
    ("GET", "/api/cycles/{cycle}/readings/{model}", "results_read"),
    ("GET", "/api/cycles/{cycle}/results", "results_read"),
];

/// Why bytes need no entry.
const BYTES: &str = "bytes count once a sealed evaluation names them";

/// Routes with an unsafe method that need no entry, each with its reason.
const EXCEPTED: &[(&str, &str, &str)] = &[
    ("POST", "/api/appeals/{appeal}/preview", "only reads"),
    ("DELETE", "/api/evidence/uploads/{upload}", "what is under way is nothing yet"),
    ("PATCH", "/api/evidence/uploads/{upload}", BYTES),
    ("POST", "/api/evidence/missing", "only reads"),
    ("POST", "/api/evidence/uploads", BYTES),
    ("POST", "/api/evidence/uploads/{upload}", BYTES),
    ("POST", "/api/session/challenge", "changes nothing of anybody's; the answer to it is entered"),
    ("POST", "/api/sync/pull", "only reads"),
    ("POST", "/api/rubrics/check", "only reads"),
    ("POST", "/api/visits/{visit}/second/answers", "drafts; what is handed in is entered"),
    ("POST", "/api/sync/push", "drafts are none; what counts of a push is checked by itself"),
];

/// The entries after a number, as the administrator reads them.
async fn entries(admin: &Caller, after: i64) -> Vec<AuditEntry> {
    let mut all: Vec<AuditEntry> = Vec::new();
    loop {
        let last = all.last().map_or(after, |entry| entry.n);
        let page: AuditPage = admin.get(&format!("/api/audit?after={last}")).await;
        all.extend(page.entries);
        if !page.more {
            return all;
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap();
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let same = |(part, found): (&&str, &&str)| part.starts_with('{') || part == found;
    template.len() == path.len() && template.iter().zip(&path).all(same)
}

/// From an empty programme to a publication, by every route that changes something.
async fn whole_cycle(programme: &Programme) -> usize {
    let evaluator = programme.person("zzyzx.rasha", "evaluator", |_| {}).await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let visits = [programme.plan(0, "unannounced").await, programme.plan(1, "unannounced").await];
    for visit in &visits {
        programme.assign(visit.id, &evaluator).await;
    }
    let name = json!({ "name": { "ar": "اسم آخر", "en": "Another name" } });
    let (agency, centre) = (programme.agencies[0].id, programme.centres[0].id);
    for path in [format!("/api/agencies/{agency}"), format!("/api/centres/{centre}")] {
        programme.admin.post::<Value>(&path, &name).await;
    }
    let settings = json!({ "outlier_points": 20, "tolerance_points": 10, "second_share": 100 });
    programme.admin.post::<Value>(&programme.path("review-settings"), &settings).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    sign_in_by_key(&device).await;
    let mut submitted = 0;
    for (visit, met) in visits.iter().zip([true, false]) {
        device.accept(visit.id, &programme.rubric).await;
        let mut document = device.document(visit, &programme.rubric, met, "75");
        device.submit(&document).await;
        let path = format!("/api/visits/{}", visit.id);
        reviewer.post::<ReviewVisit>(&format!("{path}/review"), &json!({})).await;
        let questions = json!({ "questions": [{ "criterion": null, "text": "Why?" }] });
        reviewer.post::<ReviewItem>(&format!("{path}/return"), &questions).await;
        document.revision = 2;
        device.submit(&document).await;
        reviewer.post::<ReviewVisit>(&format!("{path}/review"), &json!({})).await;
        let reason = json!({ "reason": "on leave" });
        let over = format!("{path}/review/take-over");
        reviewer.post::<ReviewVisit>(&over, &reason).await;
        reviewer.post::<ReviewItem>(&format!("{path}/validate"), &json!({})).await;
        submitted += 2;
    }
    score_again(programme, visits[0].id).await;
    let ruling = json!({ "criterion": "P1", "confirmed": false, "reason": "not seen" });
    let second = programme.centres[1].id;
    reviewer.post::<Value>(&programme.path(&format!("centres/{second}/critical")), &ruling).await;
    end_two_more(programme, &evaluator).await;
    programme.step(&programme.admin, "close_field_work").await;
    hold_meeting(programme, &chair).await;
    decide_all(programme, &chair).await;
    programme.step(&chair, "decide").await;
    read_results(programme, &chair).await;
    take_a_publication_back(programme, &chair).await;
    programme.step(&chair, "publish").await;
    reply(programme, &chair).await;
    carry_a_bundle(programme, &device).await;
    see_to_what_was_refused(programme, &device).await;
    keep_accounts(programme, &evaluator, &device).await;
    for path in ["/api/sessions", "/api/session"] {
        let (status, _, _) = reviewer.raw(Method::DELETE, path, None).await;
        assert!(status.is_success(), "{path}");
    }
    submitted
}

/// A second scoring, begun by one reviewer and handed in by another.
async fn score_again(programme: &Programme, visit: VisitId) {
    let path = |rest: &str| format!("/api/visits/{visit}/second{rest}");
    let one = programme.person("second", "reviewer", |_| {}).await;
    let other = programme.person("third", "reviewer", |_| {}).await;
    one.post::<Value>(&path(""), &json!({})).await;
    other.post::<Value>(&path("/take-over"), &json!({ "reason": "on leave" })).await;
    for (criterion, value) in [("P1", json!(true)), ("P2", json!("75"))] {
        let answer = json!({ "criterion": criterion, "value": value });
        other.post::<Value>(&path("/answers"), &answer).await;
    }
    other.post::<Value>(&path("/submit"), &json!({})).await;
}

/// What is done to accounts and devices.
async fn keep_accounts(programme: &Programme, evaluator: &Caller, device: &Device) {
    let admin = &programme.admin;
    let member = programme.person("member", "committee_member", |_| {}).await;
    let passwords = json!({ "old": PASSWORD, "new": "walnut kettle orbit" });
    let setup: TotpSetup = member.post("/api/session/totp", &json!({})).await;
    let first_code = json!({ "code": crate::accounts::code(&setup) });
    for (path, body) in
        [("/api/session/totp/confirm", first_code), ("/api/session/password", passwords)]
    {
        let (status, _, _) = member.raw(Method::POST, path, Some(&body)).await;
        assert!(status.is_success(), "{path}");
    }
    let (status, _, _) = member.raw(Method::DELETE, "/api/sessions", None).await;
    assert!(status.is_success());
    let file = "code,name_ar,name_en\nIMP,جهة,Agency\n";
    admin.post::<Value>("/api/imports", &json!({ "kind": "agencies", "text": file })).await;
    let of = |person: &Caller, rest: &str| format!("/api/people/{}{rest}", person.id());
    let calls = [
        (Method::DELETE, of(&member, "/totp"), json!({})),
        (Method::POST, of(&member, "/password"), json!({ "new": "velvet anchor seven" })),
        (Method::POST, of(&member, ""), json!({ "active": false })),
        (Method::POST, of(evaluator, "/enrolment-code"), json!({})),
        (Method::POST, format!("/api/devices/{}/revoke", device.id), json!({ "wipe": true })),
    ];
    for (method, path, body) in calls {
        let (status, _, _) = admin.raw(method, &path, Some(&body)).await;
        assert!(status.is_success(), "{path}");
    }
}

async fn sign_in_by_key(device: &Device) {
    let asked = ChallengeRequest { device: device.id };
    let Challenge { challenge } = device.caller.post("/api/session/challenge", &asked).await;
    let signature = device.key.sign(device_session_text(device.id, &challenge).as_bytes());
    let signed = DeviceSignIn { device: device.id, challenge, signature, clock: None };
    let _: Session = device.caller.post("/api/session/device", &signed).await;
}

async fn end_two_more(programme: &Programme, evaluator: &Caller) {
    let reason = json!({ "reason": "a reason" });
    let cancelled = programme.plan(0, "scheduled").await;
    let path = format!("/api/visits/{}/cancel", cancelled.id);
    programme.admin.post::<Value>(&path, &reason).await;
    let other = programme.person("other", "evaluator", |_| {}).await;
    assert_ne!(other.id(), evaluator.id());
    let exposed = programme.plan(0, "scheduled").await;
    programme.assign(exposed.id, &other).await;
    let path = format!("/api/visits/{}/expose", exposed.id);
    programme.admin.post::<Value>(&path, &reason).await;
}

async fn decide_all(programme: &Programme, chair: &Caller) {
    let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
    for result in &results {
        let centre = programme.path(&format!("centres/{}", result.centre.id));
        chair.get::<Value>(&format!("{centre}/explanation")).await;
        let sha256 = Digest::of(canonical_json(&result.scorecard).unwrap().as_bytes());
        let reason = json!({ "ar": "سبب", "en": "A reason" });
        let moderation = json!({ "level": null, "reason": &reason });
        let remark = json!({ "criterion": "P2", "kind": "improvement", "text": reason });
        let decision = json!({
            "scorecard_sha256": sha256, "moderation": moderation, "remarks": [remark],
        });
        chair.post::<Value>(&format!("{centre}/decision"), &decision).await;
    }
}

/// What a centre replies, and what becomes of it.
async fn reply(programme: &Programme, chair: &Caller) {
    let centre = programme.centres[1].id;
    let manager = programme.person("replying", "manager", |new| new.centre = Some(centre)).await;
    let team = programme.person("hearing", "central_team", |_| {}).await;
    let actions: Value = manager.get("/api/lists/actions").await;
    let action = format!("/api/actions/{}", actions["rows"][0]["id"].as_str().unwrap());
    let change = json!({
        "revision": 0, "state": "in_progress", "owner": "the counter", "evidence": "",
    });
    manager.post::<Value>(&action, &change).await;
    let cards: Value = manager.get("/api/scorecards").await;
    let file = format!("/api/scorecards/{}/appeals", cards[0]["id"].as_str().unwrap());
    let new = json!({ "criterion": "P2", "ground": "factual_error", "text": "it is not so" });
    let appeal = async || {
        let filed: Value = manager.post(&file, &new).await;
        format!("/api/appeals/{}", filed["id"].as_str().unwrap())
    };
    let taken_back = appeal().await;
    manager.post::<Value>(&format!("{taken_back}/withdraw"), &json!({})).await;
    let heard = appeal().await;
    manager.post_bytes(&format!("{heard}/files?name=words"), b"what we say".to_vec()).await;
    team.get::<Value>(&format!("{heard}/case")).await;
    let refused = json!({ "ruling": "refused", "reason": "it is so" });
    team.post::<Value>(&format!("{heard}/ruling"), &refused).await;
    chair.post::<Value>(&format!("{heard}/ruling"), &refused).await;
}

async fn see_to_what_was_refused(programme: &Programme, device: &Device) {
    let op_id = OperationId(fresh());
    let record = record(RecordId(fresh()), "dream", 0, json!({}));
    device.push(vec![Operation { op_id, record }]).await;
    let path = format!("/api/quarantine/{op_id}");
    programme.admin.get::<Value>(&path).await;
    programme.admin.post::<Value>(&format!("{path}/release"), &json!({})).await;
    let reason = json!({ "reason": "not seen anywhere else" });
    programme.admin.post::<Value>(&format!("{path}/set-aside"), &reason).await;
}

/// What the committee reads, and what is said of rubrics.
async fn read_results(programme: &Programme, chair: &Caller) {
    let since = format!("comparison/in_person/since/{}", programme.cycle);
    let centre = format!("centres/{}", programme.centres[0].id);
    let (levers, fair, sure) =
        (format!("{centre}/levers"), "fairness/in_person", "uncertainty/in_person");
    for page in [
        "overview",
        "comparison/in_person",
        "readings/in_person",
        &since,
        &centre,
        &levers,
        fair,
        sure,
    ] {
        chair.get::<Value>(&programme.path(page)).await;
    }
    let (status, _, _) = chair.raw(Method::GET, &programme.path("ratings/in_person"), None).await;
    assert!(status.is_success());
    let editor = programme.person("editor", "rubric_editor", |_| {}).await;
    let sha256 = programme.rubric.sha256;
    let path = format!("/api/rubrics/{sha256}/mapping/{sha256}");
    let (status, _, _) = editor.raw(Method::PUT, &path, Some(&json!({ "lines": [] }))).await;
    assert!(status.is_success());
}

/// A meeting of one that settles the first centre.
async fn hold_meeting(programme: &Programme, chair: &Caller) {
    let rules = json!({ "quorum": 1, "only_in_meetings": false });
    let path = programme.path("committee-rules");
    assert_eq!(programme.admin.answer(Method::PUT, &path, rules).await.0, 200);
    let sitting = programme.person("sitting", "committee_member", |_| {}).await;
    let centre = programme.centres[0].id;
    let new = json!({ "date": "2026-12-01", "centres": [centre] });
    let meeting: Value = chair.post(&programme.path("meetings"), &new).await;
    let meeting = format!("/api/meetings/{}", meeting["id"].as_str().unwrap());
    let does = async |path: &str, body: Value| {
        chair.post::<Value>(&format!("{meeting}{path}"), &body).await;
    };
    does("", json!({ "present": [chair.id()] })).await;
    does("/step", json!({ "event": "open" })).await;
    let item = |what: &str| format!("/centres/{centre}/{what}");
    does(&item("step"), json!({ "event": "open_ballot" })).await;
    does(&item("vote"), json!({ "choice": "agree" })).await;
    does(&item("step"), json!({ "event": "close_ballot" })).await;
    does(&item("notes"), json!({ "text": "words" })).await;
    let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
    let sha256 = Digest::of(canonical_json(&results[0].scorecard).unwrap().as_bytes());
    let path = programme.path(&format!("centres/{centre}/decision"));
    let moderation = json!({ "level": null, "reason": { "ar": "سبب", "en": "A reason" } });
    let decision = json!({ "scorecard_sha256": sha256, "moderation": moderation });
    chair.post::<Value>(&path, &decision).await;
    does(&item("dissents"), json!({ "text": "words" })).await;
    let abstaining = json!({ "person": sitting.id(), "reason": "a reason" });
    does(&item("recusals"), abstaining).await;
    does("/step", json!({ "event": "close" })).await;
}

async fn take_a_publication_back(programme: &Programme, chair: &Caller) {
    let later = json!({ "at": NOW + 3_600_000 });
    let planned: Value = chair.post(&programme.path("publications"), &later).await;
    let id = planned["id"].as_str().unwrap();
    chair
        .post::<Value>(&format!("/api/publications/{id}/cancel"), &json!({ "reason": "a reason" }))
        .await;
}

async fn carry_a_bundle(programme: &Programme, device: &Device) {
    let enrolled: Value = device
        .caller
        .post("/api/devices", &json!({ "name": "tablet", "public_key": device.key.public() }))
        .await;
    let server = enrolled["bundle_key"].as_str().unwrap().parse().unwrap();
    let manifest = Manifest {
        schema: SCHEMA,
        bundle: BundleId(fresh()),
        device: device.id,
        made_at: NOW,
        answer_key: AnswerKey::from_bytes(Zeroizing::new([3; 32])),
        push: Vec::new(),
        pull: PullRequest::default(),
        evidence: EvidenceQuery { sha256: Vec::new() },
        files: Vec::new(),
    };
    let mut file = Vec::new();
    let ephemeral = Zeroizing::new([9; 32]);
    let none = |_: &_| -> Result<Vec<u8>, mizan_protocol::bundle::BundleFault> { unreachable!() };
    seal_bundle(&mut file, &manifest, &device.key, &server, &ephemeral, none).unwrap();
    programme.admin.post_bytes("/api/bundles", file).await;
}

/// Closes the cycle and takes its evidence away, which is due a day later; the administrator's new session.
async fn close_and_purge(programme: &Programme) -> Caller {
    let chair = programme.server.sign_in("chair").await;
    programme.step(&chair, "close").await;
    let days = json!({ "days": 1 });
    let kept = programme.path("retention");
    let (status, _, _) = programme.admin.raw(Method::PUT, &kept, Some(&days)).await;
    assert!(status.is_success());
    later(24 * 3_600_000);
    let admin = programme.server.sign_in("admin").await;
    admin.post::<Value>(&programme.path("purge"), &json!({})).await;
    admin
}

async fn every_route_that_changes_something_leaves_an_entry() {
    let programme = Programme::start().await;
    let submitted = whole_cycle(&programme).await;
    let admin = close_and_purge(&programme).await;
    let mut entered: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries(&admin, 0).await {
        *entered.entry(entry.deed).or_default() += 1;
    }
    let description: Value = admin.get("/api/openapi.json").await;
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            let method = method.to_uppercase();
            let is_it =
                |row: &&(&str, &str, &str)| (row.0, row.1) == (method.as_str(), path.as_str());
            if EXCEPTED.iter().any(|row| is_it(&row)) {
                continue;
            }
            let Some((_, _, deed)) = ENTERED.iter().find(is_it) else {
                let only_reads = ["GET", "HEAD", "OPTIONS"].contains(&method.as_str());
                assert!(only_reads, "{method} {path} has no row: which deed does it enter?");
                continue;
            };
            let calls = done();
            let succeeded =
                calls.iter().filter(|(m, p)| m.as_str() == method && fits(path, p)).count();
            assert!(succeeded > 0, "{method} {path} was not called");
            *expected.entry((*deed).to_owned()).or_default() += succeeded;
        }
    }
    for (deed, times) in &expected {
        assert_eq!(entered.get(deed), Some(times), "{deed}: each call leaves one entry");
    }
    assert_eq!(entered["evaluation_received"], submitted);
    assert_eq!(entered["visit_accepted"], 2);
    assert_eq!(entered["administrator_made"], 1);
}

async fn what_is_refused_leaves_no_entry_but_a_refused_sign_in_does() {
    let programme = Programme::start().await;
    let before = entries(&programme.admin, 0).await.len();
    let taken = json!({ "code": "A-1", "name": { "ar": "جهة", "en": "Agency" } });
    let code = programme.admin.refused(Method::POST, "/api/agencies", taken).await;
    assert_eq!(code, "request.invalid");
    assert_eq!(entries(&programme.admin, 0).await.len(), before);
    let guest = Caller { token: None, person: None, ..programme.admin.clone() };
    for user in ["admin", "nobody"] {
        let body = json!({ "user": user, "password": "not the password" });
        assert_eq!(guest.refused(Method::POST, "/api/session", body).await, "session.refused");
    }
    let entered = entries(&programme.admin, before as i64).await;
    assert!(entered.iter().all(|entry| entry.deed == "sign_in_refused"), "{entered:?}");
    let people: Vec<_> = entered.iter().map(|entry| entry.person.is_some()).collect();
    assert_eq!(people, [true, false], "what was written for a name is not kept");
}

async fn the_audit_cannot_be_changed_in_the_database() {
    let mut programme = Programme::start().await;
    let before = entries(&programme.admin, 0).await;
    programme.server.pause().await;
    let location = programme.server.location();
    let open = move || Store::open(&location).unwrap();
    let store = tokio::task::spawn_blocking(open).await.unwrap();
    let copy = "INSERT INTO audit (n, at, deed, details, previous, hash)
                SELECT n, at, 'x', details, previous, hash FROM audit WHERE n = 1
                ON CONFLICT (n) DO UPDATE SET deed = excluded.deed";
    for sql in ["UPDATE audit SET at = at + 1", "DELETE FROM audit WHERE n = 2", copy] {
        let changed = store.write(move |tx| tx.exec(sql, &[])).await;
        assert!(format!("{changed:?}").contains("append-only"), "{sql}: {changed:?}");
    }
    drop(store);
    programme.server.resume().await;
    let admin = programme.server.sign_in("admin").await;
    let after = entries(&admin, 0).await;
    assert_eq!(after[..before.len()], before);
}

async fn an_export_is_whole_and_signed() {
    let programme = Programme::start().await;
    whole_cycle(&programme).await;
    let head: AuditHead = programme.admin.get("/api/audit/head").await;
    let line = serde_json::to_string(&head).unwrap();
    let mut check = AuditCheck::begin(&line, Some(head.key)).unwrap();
    for entry in entries(&programme.admin, 0).await {
        check.next(&serde_json::to_string(&entry).unwrap()).unwrap();
    }
    assert_eq!(check.end().unwrap().n, head.n);
    assert_eq!(head.at, NOW);
}

async fn observers_read_it_without_ids_and_others_not_at_all() {
    let programme = Programme::start().await;
    whole_cycle(&programme).await;
    let observer = programme.person("observer", "observer", |_| {}).await;
    let seen: AuditPage = observer.get("/api/audit").await;
    let all = entries(&programme.admin, 0).await;
    let text = serde_json::to_string(&seen).unwrap();
    assert_eq!(seen.entries.len(), all.len());
    for (masked, entry) in seen.entries.iter().zip(&all) {
        assert_eq!((masked.n, &masked.deed, masked.hash), (entry.n, &entry.deed, entry.hash));
        assert!(masked.details.is_empty());
        let ids = [&entry.person, &entry.device].into_iter().flatten();
        for id in ids.chain(entry.subject.as_ref().map(|subject| &subject.id)) {
            assert!(!text.contains(id.as_str()), "{id} is told to observers");
        }
    }
    let by_admin = serde_json::to_string(&all).unwrap();
    for named in [SECRET, "zzyzx", "زيزكس", PASSWORD, "Ask about", "Why?", "not seen"] {
        assert!(!by_admin.contains(named), "{named} stands in the audit");
    }
    for role in ["reviewer", "central_team", "committee_member", "evaluator"] {
        let caller = programme.person(&format!("a.{role}"), role, |_| {}).await;
        for path in ["/api/audit", "/api/audit/head"] {
            let code = caller.refused(Method::GET, path, Value::Null).await;
            assert_eq!(code, "request.not_found", "{role} {path}");
        }
    }
}
