//! How long evidence is kept: taken away once, in its time, and only what no other cycle needs.

use std::path::Path;

use mizan_protocol::api::{CentreResult, CycleJson, ReviewItem};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::EvidenceRef;
use mizan_protocol::sync::Outcome;
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::evidence::{photo, upload};
use crate::harness::{Caller, Device, Programme, later, text};

on_both_engines! {
    evidence_goes_in_its_time_and_what_another_cycle_needs_stays,
}

const DAY: i64 = 86_400_000;

/// A cycle from its plan to its end, in which an evaluator takes photos at the first centre.
async fn run(
    programme: &Programme,
    (evaluator, device): (&Caller, &Device),
    (reviewer, chair): (&Caller, &Caller),
    photos: &[&[u8]],
) {
    let mut visits = Vec::new();
    for centre in 0..programme.centres.len() {
        let visit = programme.plan(centre, "unannounced").await;
        programme.assign(visit.id, evaluator).await;
        visits.push(visit);
    }
    programme.open().await;
    for (centre, visit) in visits.iter().enumerate() {
        device.accept(visit.id, &programme.rubric).await;
        let mut document = device.document(visit, &programme.rubric, true, "75");
        let named = |bytes: &&[u8]| EvidenceRef {
            criterion: "P1".into(),
            kind: "photo".into(),
            sha256: Digest::of(bytes),
            media_type: "image/jpeg".into(),
            bytes: bytes.len() as u64,
        };
        document.evidence = photos.iter().filter(|_| centre == 0).map(named).collect();
        assert_eq!(device.submit(&document).await, Outcome::Applied { rev: 1 });
    }
    for bytes in photos {
        upload(evaluator, bytes).await;
    }
    for item in reviewer.get::<Vec<ReviewItem>>("/api/review/queue").await {
        for step in ["review", "validate"] {
            let path = format!("/api/visits/{}/{step}", item.visit);
            reviewer.post::<Value>(&path, &json!({})).await;
        }
    }
    programme.step(&programme.admin, "close_field_work").await;
    let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
    for result in results {
        let sha256 = Digest::of(canonical_json(&result.scorecard).unwrap().as_bytes());
        let path = programme.path(&format!("centres/{}/decision", result.centre.id));
        chair.post::<Value>(&path, &json!({ "scorecard_sha256": sha256 })).await;
    }
    for event in ["decide", "publish", "close"] {
        programme.step(chair, event).await;
    }
}

/// Another cycle of the same programme, made the one it speaks of.
async fn next_cycle(programme: &mut Programme) {
    let name = text("دورة", "Cycle");
    let centres: Vec<_> = programme.centres.iter().map(|centre| centre.id).collect();
    let new = json!({
        "number": "next", "name": name, "programme": name, "rubrics": [programme.rubric.sha256],
        "centres": centres,
    });
    let cycle: CycleJson = programme.admin.post("/api/cycles", &new).await;
    programme.cycle = cycle.id;
}

fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_in(&path) } else { 1 }).sum()
}

/// Waits until so many files are left.
async fn comes_to(folder: &Path, files: usize) {
    let most = std::time::Duration::from_secs(60);
    let gone = async {
        while files_in(folder) > files {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(most, gone).await.expect("files are taken away");
    assert_eq!(files_in(folder), files);
}

async fn evidence_goes_in_its_time_and_what_another_cycle_needs_stays() {
    let mut programme = Programme::start().await;
    let reviewer = programme.person("noor", "reviewer", |_| {}).await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let judges = (&reviewer, &chair);
    let (own, shared, drafted) = (photo(1, 300), photo(2, 500), photo(3, 700));
    let first = programme.path("");
    let (purge, kept) = (format!("{first}purge"), format!("{first}retention"));

    let admin = programme.admin.clone();
    assert_eq!(admin.refused(Method::POST, &purge, json!({})).await, "retention.not_due");
    let rasha = programme.person("rasha", "evaluator", |_| {}).await;
    let device = Device::enrol(&rasha, 1).await;
    run(&programme, (&rasha, &device), judges, &[&own, &shared, &drafted]).await;
    let is: Value = admin.get(&kept).await;
    assert_eq!((&is["days"], &is["files"], &is["bytes"]), (&json!(60), &json!(3), &json!(1500)));
    assert_eq!((&is["due"], &is["is_due"]), (&json!("2026-12-31"), &json!(false)));
    assert_eq!(admin.refused(Method::PUT, &kept, json!({ "days": 0 })).await, "request.invalid");
    let (_, is) = admin.answer(Method::PUT, &kept, json!({ "days": 10 })).await;
    assert_eq!(is["due"], "2026-11-11");
    next_cycle(&mut programme).await;
    let hadi = programme.person("hadi", "evaluator", |_| {}).await;
    let device = Device::enrol(&hadi, 2).await;
    run(&programme, (&hadi, &device), judges, &[&shared]).await;

    upload(&hadi, &drafted).await;
    let evidence = programme.server.data().join("evidence");
    assert_eq!(files_in(&evidence), 3);
    later(9 * DAY);
    let admin = programme.server.sign_in("admin").await;
    assert_eq!(admin.refused(Method::POST, &purge, json!({})).await, "retention.not_due");
    later(DAY);
    let admin = programme.server.sign_in("admin").await;
    let done: Value = admin.post(&purge, &json!({})).await;
    let purged = json!({ "day": "2026-11-11", "files": 1, "bytes": 300 });
    assert_eq!((&done["purged"], &done["files"]), (&purged, &json!(0)));
    assert_eq!(admin.refused(Method::POST, &purge, json!({})).await, "retention.not_due", "once");
    comes_to(&evidence, 2).await;
    let reviewer = programme.server.sign_in("noor").await;
    let of = |bytes: &[u8]| format!("/api/evidence/{}", Digest::of(bytes));
    let (status, refused) = reviewer.answer(Method::GET, &of(&own), Value::Null).await;
    assert_eq!((status, &refused["code"]), (410, &json!("evidence.purged")));
    assert_eq!(refused["params"]["day"], "2026-11-11");
    assert_eq!(reviewer.raw(Method::GET, &of(&shared), None).await.2, shared, "another needs it");
    let (status, _, _) = reviewer.raw(Method::GET, &of(&drafted), None).await;
    assert_eq!(status.as_u16(), 200, "another has yet to hand it in");

    later(50 * DAY);
    let admin = programme.server.sign_in("admin").await;
    let done: Value = admin.post(&programme.path("purge"), &json!({})).await;
    assert_eq!(done["purged"]["files"], 1, "nobody needs it any more");
    comes_to(&evidence, 1).await;
}
