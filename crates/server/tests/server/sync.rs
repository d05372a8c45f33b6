//! Push and pull as a device with a bad line would do them.

use mizan_protocol::id::{OperationId, RecordId};
use mizan_protocol::sync::{Operation, Outcome, PullRequest, PullResponse, stream_digest};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Device, Programme, brief, call, fresh, record, rejected};

on_both_engines! {
    an_operation_sent_again_changes_nothing,
    unknown_fields_are_kept,
    what_is_wrong_is_rejected_by_name,
    contacts_are_checked_as_drafts_by_their_words_and_when_sealed_by_their_order,
    the_brief_goes_to_the_evaluator_as_it_was_planned,
    a_seal_by_another_key_or_of_another_text_is_refused,
    pull_goes_on_where_it_stopped_and_starts_again_after_a_restored_backup,
}

async fn field() -> (Programme, Device, mizan_protocol::api::VisitJson) {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    device.accept(visit.id, &programme.rubric).await;
    (programme, device, visit)
}

fn answer(visit: &mizan_protocol::api::VisitJson, value: Value) -> Value {
    json!({ "visit": visit.id, "answer": { "criterion": "P1", "value": value }, "at": 5 })
}

async fn an_operation_sent_again_changes_nothing() {
    let (_programme, device, visit) = field().await;
    let id = RecordId(fresh());
    let first = record(id, "answer", 0, answer(&visit, true.into()));
    let operation = Operation { op_id: OperationId(fresh()), record: first };
    let again = vec![operation.clone(), operation.clone()];
    assert_eq!(
        device.push(again).await,
        [Outcome::Applied { rev: 1 }, Outcome::Applied { rev: 1 }]
    );
    let change = record(id, "answer", 1, answer(&visit, false.into()));
    assert_eq!(device.push_record(change).await, Outcome::Applied { rev: 2 });
    assert_eq!(
        device.push(vec![operation]).await,
        [Outcome::Applied { rev: 1 }],
        "the stored outcome"
    );
    let same = record(id, "answer", 2, answer(&visit, false.into()));
    assert_eq!(device.push_record(same).await, Outcome::Same { rev: 2 });
    let late = record(id, "answer", 1, answer(&visit, true.into()));
    let Outcome::Conflict { current } = device.push_record(late).await else {
        panic!("a conflict")
    };
    assert_eq!((current.rev, &current.body), (2, &answer(&visit, false.into())));
}

async fn unknown_fields_are_kept() {
    let (_programme, device, visit) = field().await;
    let id = RecordId(fresh());
    let mut newer = record(id, "answer", 0, answer(&visit, true.into()));
    newer.unknown.insert("colour".into(), "green".into());
    device.push_record(newer).await;
    let late = record(id, "answer", 0, answer(&visit, false.into()));
    let Outcome::Conflict { current } = device.push_record(late).await else {
        panic!("a conflict")
    };
    assert_eq!(current.unknown["colour"], "green");
}

async fn what_is_wrong_is_rejected_by_name() {
    let (programme, device, visit) = field().await;
    let push = async |kind: &str, body: Value| {
        rejected(device.push_record(record(RecordId(fresh()), kind, 0, body)).await)
    };
    assert_eq!(push("answer", answer(&visit, "met".into())).await, "answer.off_scale");
    let unknown =
        json!({ "visit": visit.id, "answer": { "criterion": "Q9", "value": true }, "at": 5 });
    assert_eq!(push("answer", unknown).await, "answer.unknown_criterion");
    let no_reason =
        json!({ "visit": visit.id, "answer": { "criterion": "P1", "na": " " }, "at": 5 });
    assert_eq!(push("answer", no_reason).await, "answer.reason_missing");
    let twice = json!({ "visit": visit.id, "answer": { "criterion": "P1", "na": "x", "value": true }, "at": 5 });
    assert_eq!(push("answer", twice).await, "request.invalid");
    assert_eq!(push("scorecard", json!({})).await, "sync.unknown_kind");
    let still: serde_json::Value = programme.admin.get(&programme.path("visits")).await;
    assert_eq!(still[0]["state"], "accepted", "what is rejected leaves nothing behind");
    let other = programme.plan(1, "unannounced").await;
    assert_eq!(
        push("answer", answer(&other, true.into())).await,
        "request.not_found",
        "not the caller's visit"
    );

    let mut short = device.document(&visit, &programme.rubric, true, "75");
    short.answers.pop();
    assert_eq!(rejected(device.submit(&short).await), "visit.incomplete");
    let mut silent = device.document(&visit, &programme.rubric, true, "75");
    silent.answers[1].note = None;
    assert_eq!(rejected(device.submit(&silent).await), "note.missing");
    let mut backwards = device.document(&visit, &programme.rubric, true, "75");
    backwards.times.insert("left".into(), 0);
    assert_eq!(rejected(device.submit(&backwards).await), "timeline.order");
    let mut other_rubric = device.document(&visit, &programme.rubric, true, "75");
    other_rubric.rubric.version = "9".into();
    assert_eq!(rejected(device.submit(&other_rubric).await), "rubric.mismatch");
}

async fn contacts_are_checked_as_drafts_by_their_words_and_when_sealed_by_their_order() {
    let (programme, device, visit) = field().await;
    let timeline =
        |contacts: Value| json!({ "visit": visit.id, "times": {}, "contacts": contacts });
    let good = serde_json::to_value(call(7)).unwrap();
    let changed = |key: &str, value: &str| {
        let mut contact = good.clone();
        match key {
            "moment" => contact["moments"][0]["moment"] = value.into(),
            _ => contact[key] = value.into(),
        }
        timeline(json!([contact]))
    };
    let rows = [
        ("channel", changed("channel", "fax")),
        ("moment", changed("moment", "rang")),
        ("id", changed("id", "seven")),
        ("twice", timeline(json!([good, good]))),
    ];
    for (title, body) in rows {
        let outcome = device.push_record(record(RecordId(fresh()), "timeline", 0, body)).await;
        assert_eq!(rejected(outcome), "request.invalid", "{title}");
    }
    let taken = record(RecordId(fresh()), "timeline", 0, timeline(json!([good])));
    assert_eq!(device.push_record(taken).await, Outcome::Applied { rev: 1 });

    let mut document = device.document(&visit, &programme.rubric, true, "75");
    document.contacts.push(call(8));
    document.contacts[1].moments.swap(0, 1);
    let Outcome::Rejected { error } = device.submit(&document).await else {
        panic!("answered before it was dialled")
    };
    assert_eq!(error.code, "timeline.order");
    let values = ["contact", "earlier", "later"].map(|name| error.params[name].as_str());
    assert_eq!(values, ["2", "", "answered"]);
    document.contacts.remove(1);
    assert_eq!(device.submit(&document).await, Outcome::Applied { rev: 1 });
}

async fn the_brief_goes_to_the_evaluator_as_it_was_planned() {
    let (programme, device, visit) = field().await;
    let pulled = device.caller.pull().await;
    let of_visit = pulled.streams[0].records.iter().find(|record| record.kind == "visit").unwrap();
    let body: mizan_protocol::record::VisitBody =
        serde_json::from_value(of_visit.body.clone()).unwrap();
    assert_eq!((body.visit, body.brief), (visit.id, brief()));
    let plan = |brief: Value| {
        json!({
            "centre": programme.centres[1].id, "kind": "unannounced", "from": "2026-11-02",
            "to": "2026-11-13", "scenario": { "ar": "س", "en": "Ask" }, "brief": brief,
        })
    };
    let path = programme.path("visits");
    for limit in ["max_minutes", "report_within_h"] {
        let refused = programme.admin.refused(Method::POST, &path, plan(json!({ limit: 0 }))).await;
        assert_eq!(refused, "request.invalid", "{limit}");
    }
    let mut without = plan(json!({}));
    without.as_object_mut().unwrap().remove("brief");
    let _: Value = programme.admin.post(&path, &without).await;
}

async fn a_seal_by_another_key_or_of_another_text_is_refused() {
    use mizan_protocol::evaluation::SealedEvaluation;
    use mizan_protocol::record::EvaluationBody;
    let (programme, device, visit) = field().await;
    let stranger =
        mizan_protocol::signature::SecretKey::from_seed(&zeroize::Zeroizing::new([9; 32]));
    let document = device.document(&visit, &programme.rubric, true, "75");
    let forged = SealedEvaluation::seal(&document, &stranger).unwrap();
    let mut altered = SealedEvaluation::seal(&document, &device.key).unwrap();
    altered.document = altered.document.replace("\"75\"", "\"95\"");
    for sealed in [forged, altered] {
        let body = EvaluationBody { visit: visit.id, sealed };
        let outcome = device.push_record(record(RecordId(fresh()), "evaluation", 0, body)).await;
        assert_eq!(rejected(outcome), "seal.broken");
    }
}

async fn pull_goes_on_where_it_stopped_and_starts_again_after_a_restored_backup() {
    let (programme, device, _) = field().await;
    let first = device.caller.pull().await;
    let page = &first.streams[0];
    assert_eq!((page.stream.as_str(), page.restarted, page.more), ("evaluator", true, false));
    let kinds: Vec<&str> = page.records.iter().map(|record| record.kind.as_str()).collect();
    assert!(kinds.contains(&"rubric") && kinds.contains(&"visit"), "{kinds:?}");
    let mut held: Vec<_> = page.records.iter().map(|record| (record.id, record.rev)).collect();
    assert_eq!(page.summary.as_ref().unwrap().digest, stream_digest(&mut held));
    let request = PullRequest { cursors: [("evaluator".to_owned(), page.cursor.clone())].into() };
    let second: PullResponse = device.caller.post("/api/sync/pull", &request).await;
    assert!(second.streams[0].records.is_empty() && !second.streams[0].restarted);
    let forged = PullRequest { cursors: [("evaluator".to_owned(), "AAAA".to_owned())].into() };
    let third: PullResponse = device.caller.post("/api/sync/pull", &forged).await;
    assert!(third.streams[0].restarted);
    drop(programme);
}
