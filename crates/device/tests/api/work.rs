//! Visits: taken, answered, timed and submitted.

use axum::http::StatusCode;
use mizan_protocol::canonical::Digest;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::files::jpeg;
use crate::support::{NOW, PASSPHRASE, rubric, visit_id};

fn path(rest: &str) -> String {
    format!("/visits/{}{rest}", visit_id(1))
}

/// Fills visit 1 so that nothing is missing.
pub(crate) async fn fill(desk: &Desk) {
    let answers = [
        ("A1", json!({ "value": true })),
        ("A2", json!({ "value": "partly", "note": "one sign is missing" })),
        ("A3", json!({ "ne": "no such case" })),
        ("A4", json!({ "value": "7.5" })),
    ];
    for (criterion, answer) in answers {
        desk.put(&path(&format!("/answers/{criterion}")), answer).await.ok();
    }
    desk.attach(&path("/evidence?criterion=A2&kind=photo"), jpeg()).await.ok();
}

#[tokio::test]
async fn visits_are_listed_and_each_shown_whole() {
    let desk = Desk::enrolled(3).await;
    let list = desk.get("/visits").await.ok();
    assert_eq!(list["orphans"], json!([]));
    let visits = list["visits"].as_array().unwrap();
    assert_eq!(visits.len(), 3);
    let first = &visits[0];
    assert_eq!(first["visit"], visit_id(1).to_string());
    assert_eq!((&first["state"], &first["answered"]), (&json!("assigned"), &json!(0)));
    assert_eq!(first["to_answer"], 4, "A5 is judged on scheduled visits alone");
    assert_eq!(first["delivery"], json!({ "state": "not_submitted", "error": null }));

    let view = desk.get(&path("")).await.ok();
    assert_eq!(&view["summary"], first);
    assert_eq!(view["brief"]["scenario"]["en"], "Renew a licence");
    assert_eq!(view["missing"].as_array().unwrap().len(), 4);
    let sha256 = view["rubric"]["sha256"].as_str().unwrap();
    let text = desk.get(&format!("/rubrics/{sha256}")).await;
    assert_eq!(text.media_type, "application/json");
    assert_eq!(Digest::of(&text.bytes).to_string(), sha256, "the very text the digest is of");
    assert_eq!(text.ok()["id"], rubric().id());

    let none = "0".repeat(64);
    desk.get(&format!("/rubrics/{none}")).await.refused(404, "device.no_rubric");
    desk.get(&format!("/visits/{}", visit_id(99))).await.refused(404, "request.not_found");
    desk.get("/visits/first").await.refused(422, "request.invalid");
}

#[tokio::test]
async fn a_visit_is_taken_with_both_declarations_or_handed_back_with_a_reason() {
    let desk = Desk::enrolled(2).await;
    let given = |interest: bool, brief: bool| json!({ "no_interest": interest, "brief_acknowledged": brief });
    desk.post(&path("/accept"), given(false, true)).await.refused(409, "interest.not_declared");
    desk.post(&path("/accept"), given(true, false)).await.refused(409, "brief.not_acknowledged");
    desk.put(&path("/answers/A1"), json!({ "value": true }))
        .await
        .refused(409, "visit.wrong_state");
    let view = desk.post(&path("/accept"), given(true, true)).await.ok();
    assert_eq!(view["summary"]["state"], "accepted");
    let told =
        desk.post(&path("/accept"), given(true, true)).await.refused(409, "visit.wrong_state");
    assert_eq!(told["state"], "accepted");

    let second = format!("/visits/{}/decline", visit_id(2));
    desk.post(&second, json!({ "reason": " " })).await.refused(409, "visit.reason_missing");
    desk.post(&second, json!({ "reason": "I fell ill" })).await.done();
    assert_eq!(desk.get("/visits").await.ok()["visits"][1]["state"], "declined");
}

#[tokio::test]
async fn an_answer_says_how_it_stands_and_what_it_lacks() {
    let desk = Desk::taken(1).await;
    let saved = desk.put(&path("/answers/A2"), json!({ "value": "partly" })).await.ok();
    let answer = &saved["answer"];
    assert_eq!((&answer["value"], &answer["na"]), (&json!("partly"), &Value::Null));
    assert_eq!((&answer["earlier"], &answer["at_ms"]), (&json!(1), &json!(NOW)));
    assert_eq!(saved["state"], "in_progress");
    let mut codes: Vec<&str> = saved["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["code"].as_str().unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["evidence.missing", "note.missing"], "of this criterion alone");

    let note = path("/answers/A2/note");
    let saved = desk.put(&note, json!({ "note": "one sign" })).await.ok();
    assert_eq!(
        (&saved["answer"]["note"], &saved["answer"]["value"]),
        (&json!("one sign"), &json!("partly"))
    );
    let kept = desk.put(&path("/answers/A2"), json!({ "value": "met" })).await.ok();
    assert_eq!(kept["answer"]["note"], "one sign", "left out, the note stays");
    let removed = desk.put(&path("/answers/A2"), json!({ "value": "met", "note": "" })).await.ok();
    assert_eq!(removed["answer"]["note"], Value::Null);
    assert_eq!(removed["answer"]["earlier"], 4);
    for (value, note, earlier) in [("met", "one sign", 3), ("partly", "one sign", 2)] {
        let undone = desk.post(&path("/answers/A2/undo"), Value::Null).await.ok();
        let answer = &undone["answer"];
        assert_eq!((&answer["value"], &answer["note"]), (&json!(value), &json!(note)));
        assert_eq!(answer["earlier"], earlier);
    }
    desk.post(&path("/answers/A2/undo"), Value::Null).await.ok();
    let cleared = desk.post(&path("/answers/A2/undo"), Value::Null).await.ok();
    assert_eq!(cleared["answer"], Value::Null, "the first answer is taken back");
    assert_eq!(cleared["missing"][0]["code"], "visit.incomplete");
    assert_eq!(desk.get(&path("")).await.ok()["summary"]["answered"], 0);
}

#[tokio::test]
async fn an_answer_that_is_refused_changes_nothing() {
    let desk = Desk::taken(1).await;
    desk.put(&path("/answers/A1"), json!({ "value": true, "note": "first" })).await.ok();
    let before = desk.get(&path("")).await.ok();
    let long = "x".repeat(4_001);
    let rows = [
        ("A1", json!({ "value": "perhaps" }), "answer.off_scale"),
        ("A3", json!({ "value": 6 }), "answer.off_scale"),
        ("A5", json!({ "value": true }), "answer.wrong_visit_kind"),
        ("A1", json!({ "na": " " }), "answer.reason_missing"),
        ("Z9", json!({ "value": true }), "answer.unknown_criterion"),
        ("A1", json!({ "value": true, "note": long }), "answer.text_too_long"),
        ("A1", json!({ "value": true, "ne": "both" }), "request.invalid"),
        ("A1", json!({ "note": "none" }), "request.invalid"),
        ("A1", json!({ "value": 1.5 }), "request.invalid"),
    ];
    for (criterion, answer, code) in rows {
        let refused = desk.put(&path(&format!("/answers/{criterion}")), answer).await;
        let told = refused.refused(422, code);
        if code != "request.invalid" {
            assert_eq!(told["criterion"], criterion, "{code}");
        }
    }
    let note = desk.put(&path("/answers/A4/note"), json!({ "note": "early" })).await;
    note.refused(409, "answer.none_yet");
    desk.post(&path("/answers/A4/undo"), Value::Null).await.refused(409, "answer.nothing_to_undo");
    assert_eq!(desk.get(&path("")).await.ok(), before);
}

#[tokio::test]
async fn moments_are_noted_now_or_at_a_time() {
    let desk = Desk::taken(1).await;
    let view = desk.put(&path("/times/arrived"), json!({ "at_ms": null })).await.ok();
    assert_eq!(view["times"], json!([{ "moment": "arrived", "at_ms": NOW }]));
    assert_eq!(view["summary"]["started_ms"], NOW);
    let view = desk.put(&path("/times/left"), json!({ "at_ms": NOW - 5_000 })).await.ok();
    assert_eq!(view["summary"]["ended_ms"], NOW - 5_000);
    assert_eq!(view["summary"]["report_due_ms"], NOW - 5_000 + 24 * 3_600_000);
    let order =
        view["missing"].as_array().unwrap().iter().find(|of| of["code"] == "timeline.order");
    let params = &order.unwrap()["params"];
    assert_eq!((&params["earlier"], &params["later"]), (&json!("arrived"), &json!("left")));
    let view = desk.delete(&path("/times/left")).await.ok();
    assert_eq!(
        (&view["summary"]["ended_ms"], &view["missing"].as_array().unwrap().len()),
        (&Value::Null, &4)
    );
    let told = desk.put(&path("/times/slept"), json!({ "at_ms": NOW })).await;
    let allowed = told.refused(422, "request.invalid")["allowed"].to_string();
    assert!(allowed.contains("arrived"), "{allowed}");
}

#[tokio::test]
async fn a_visit_is_submitted_once_it_is_whole_and_declared() {
    let desk = Desk::taken(1).await;
    let submit = path("/submit");
    let told = desk.post(&submit, json!({ "followed_brief": true })).await;
    assert_eq!(told.refused(409, "visit.incomplete")["open"], "4");
    fill(&desk).await;
    desk.post(&submit, json!({ "followed_brief": false }))
        .await
        .refused(409, "visit.brief_not_followed");
    let view = desk.post(&submit, json!({ "followed_brief": true })).await.ok();
    assert_eq!(view["summary"]["state"], "submitted");
    assert_eq!(view["summary"]["delivery"]["state"], "waiting");
    assert_eq!((&view["missing"], view["seals"].as_array().unwrap().len()), (&json!([]), 1));
    let seal = &view["seals"][0];
    assert_eq!((&seal["number"], &seal["revision"]), (&json!(1), &json!(1)));
    let late = desk.put(&path("/answers/A1"), json!({ "value": false })).await;
    late.refused(409, "visit.already_submitted");

    let ledger = desk.get("/ledger").await.ok();
    let sealed = &ledger["evaluations"][0];
    assert_eq!(sealed["sha256"], seal["sha256"]);
    assert_eq!(
        (&sealed["centre_code"], &sealed["delivery"]["state"]),
        (&json!("C-001"), &json!("waiting"))
    );
    assert_eq!(
        (&ledger["unsent_files"], &ledger["files"][0]["sent_ms"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(ledger["unsent_bytes"], ledger["files"][0]["bytes"]);
}

#[tokio::test]
async fn everything_is_there_after_the_program_ended_without_locking() {
    let mut desk = Desk::taken(1).await;
    fill(&desk).await;
    desk.put(&path("/times/arrived"), json!({ "at_ms": NOW })).await.ok();
    let before = desk.get(&path("")).await.ok();
    desk.restart();
    assert_eq!(desk.get(&path("")).await.status, StatusCode::LOCKED);
    desk.post("/unlock", json!({ "passphrase": PASSPHRASE })).await.ok();
    assert_eq!(desk.get(&path("")).await.ok(), before);
}
