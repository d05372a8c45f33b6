//! Contacts, the steady clock, and the answers that times fill in.

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::support::{NOW, timed_rubric, visit_id};

fn path(rest: &str) -> String {
    format!("/visits/{}{rest}", visit_id(1))
}

/// A remote visit that is taken.
async fn remote() -> Desk {
    let desk = Desk::with_rubric(&timed_rubric(), 1, "no such path");
    desk.enrol_and_pull().await;
    let given = json!({ "no_interest": true, "brief_acknowledged": true });
    desk.post(&path("/accept"), given).await.ok();
    desk
}

fn value_of<'a>(view: &'a Value, criterion: &str) -> &'a Value {
    let answers = view["answers"].as_array().unwrap();
    let found = answers.iter().find(|answer| answer["criterion"] == criterion);
    found.map_or(&Value::Null, |answer| &answer["value"])
}

#[tokio::test]
async fn a_contact_says_what_may_come_next_and_fills_in_what_it_tells() {
    let desk = remote().await;
    let view = desk.post(&path("/contacts"), json!({ "channel": "phone" })).await.ok();
    let contact = view["contacts"][0]["contact"].as_str().unwrap().to_owned();
    assert_eq!(view["contacts"][0]["next"], json!(["dialled"]));
    let moments = path(&format!("/contacts/{contact}/moments"));
    let at = |moment: &str, at_ms: i64| json!({ "moment": moment, "at_ms": at_ms });

    let early = desk.post(&moments, at("answered", NOW)).await;
    assert_eq!(early.refused(409, "contact.not_next")["next"], "dialled");
    desk.post(&moments, at("dialled", NOW)).await.ok();
    let view = desk.post(&moments, at("answered", NOW + 20_000)).await.ok();
    assert_eq!(view["contacts"][0]["next"], json!(["held", "ended"]));
    assert_eq!(value_of(&view, "C1"), "20");
    assert_eq!(view["derived"][0], json!({ "criterion": "C1", "value": "20", "spans": 1 }));

    let view = desk.put(&format!("{moments}/1"), json!({ "at_ms": NOW + 35_000 })).await.ok();
    assert_eq!(value_of(&view, "C1"), "35", "corrected with its time");
    desk.put(&path("/answers/C1"), json!({ "value": "50", "note": "" })).await.ok();
    let view = desk.put(&format!("{moments}/1"), json!({ "at_ms": NOW + 20_000 })).await.ok();
    assert_eq!(value_of(&view, "C1"), "50", "a person's answer stays");
    let lacks = |view: &Value| {
        let missing = view["missing"].as_array().unwrap().clone();
        missing.into_iter().find(|of| of["code"] == "note.override")
    };
    let told = lacks(&view).unwrap();
    assert_eq!((&told["criterion"], &told["params"]["derived"]), (&json!("C1"), &json!("20")));

    let view = desk.post(&moments, at("ended", NOW + 60_000)).await.ok();
    assert_eq!(view["contacts"][0]["next"], json!([]));
    assert_eq!(view["summary"]["ended_ms"], NOW + 60_000);
    assert_eq!(view["summary"]["report_due_ms"], NOW + 60_000 + 24 * 3_600_000);
    let view = desk.delete(&format!("{moments}/2")).await.ok();
    assert_eq!(view["contacts"][0]["moments"].as_array().unwrap().len(), 2);
    desk.delete(&format!("{moments}/9")).await.refused(404, "request.not_found");
    desk.post(&moments, at("teleported", NOW)).await.refused(422, "request.invalid");
    desk.post(&path("/contacts"), json!({ "channel": "pigeon" }))
        .await
        .refused(422, "request.invalid");

    let view = desk.delete(&path(&format!("/contacts/{contact}"))).await.ok();
    assert_eq!((&view["contacts"], &view["derived"]), (&json!([]), &json!([])));
    assert!(lacks(&view).is_none());
    desk.post(&moments, at("ended", NOW)).await.refused(404, "request.not_found");
}

#[tokio::test]
async fn a_wall_clock_that_is_set_back_makes_no_negative_span() {
    let desk = remote().await;
    let view = desk.put(&path("/times/ticket"), json!({ "at_ms": null })).await.ok();
    assert_eq!(view["times"], json!([{ "moment": "ticket", "at_ms": NOW }]));
    desk.set_clock(NOW - 3_600_000);
    let view = desk.put(&path("/times/called"), json!({ "at_ms": null })).await.ok();
    let called = view["times"][1]["at_ms"].as_i64().unwrap();
    assert!(called > NOW && called < NOW + 60_000, "the readings are seconds apart: {called}");
    assert!(view["missing"].as_array().unwrap().iter().all(|of| of["code"] != "timeline.order"));
    assert_ne!(value_of(&view, "W1"), &Value::Null, "the wait is told");

    let view = desk.delete(&path("/times/called")).await.ok();
    assert_eq!(value_of(&view, "W1"), &Value::Null, "and taken back with its time");
}

#[tokio::test]
async fn a_conflict_of_times_shows_contacts_too() {
    let desk = remote().await;
    desk.post(&path("/contacts"), json!({ "channel": "phone" })).await.ok();
    desk.sync().await;
    desk.server.state(|state| {
        let theirs = state.records.values_mut().find(|of| of.kind == "timeline").unwrap();
        theirs.rev += 1;
        theirs.body["contacts"] = json!([]);
        theirs.body["times"] = json!({ "arrived": NOW });
    });
    desk.put(&path("/times/ticket"), json!({ "at_ms": NOW })).await.ok();
    assert_eq!(desk.sync().await["report"]["conflicts"], 1);
    let list = desk.get("/conflicts").await.ok();
    let (ours, theirs) = (&list[0]["ours"], &list[0]["theirs"]);
    assert_eq!((&list[0]["kind"], &list[0]["criterion"]), (&json!("timeline"), &Value::Null));
    assert_eq!(
        (&ours["contacts"][0]["channel"], &ours["times"][0]["moment"]),
        (&json!("phone"), &json!("ticket"))
    );
    assert_eq!(
        (&theirs["contacts"], &theirs["times"][0]["moment"]),
        (&json!([]), &json!("arrived"))
    );
}
