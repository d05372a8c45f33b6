//! Sync through the API: watched, cancelled, and what a person decides after it.

use mizan_device::Device;
use mizan_device::keys::Unlock;
use serde_json::{Value, json};

use crate::desk::{Desk, SERVER};
use crate::fake_server::Mischief;
use crate::support::{NOW, PASSPHRASE, rng, visit_id};
use crate::work::fill;

fn path(rest: &str) -> String {
    format!("/visits/{}{rest}", visit_id(1))
}

async fn submitted() -> Desk {
    let desk = Desk::taken(1).await;
    fill(&desk).await;
    desk.post(&path("/submit"), json!({ "followed_brief": true })).await.ok();
    desk
}

#[tokio::test]
async fn a_sync_tells_how_it_goes_on_and_what_it_came_to() {
    let desk = submitted().await;
    let records = desk.get("/ledger").await.ok()["unsent_records"].clone();
    let mut status = desk.post("/sync", Value::Null).await.ok();
    assert_eq!((&status["running"], &status["report"]), (&json!(true), &Value::Null));
    let mut ticks = vec![status["tick"].as_u64().unwrap()];
    while status["running"] == true {
        status = desk.get(&format!("/sync?after={}", ticks.last().unwrap())).await.ok();
        ticks.push(status["tick"].as_u64().unwrap());
    }
    assert!(ticks.is_sorted_by(|a, b| a < b), "{ticks:?}");
    assert_eq!((&status["stage"], &status["cancelled"]), (&Value::Null, &json!(false)));
    let report = &status["report"];
    assert_eq!((&report["applied"], &report["files_sent"]), (&records, &json!(1)));
    assert_eq!(status["finished_ms"], NOW);

    let ledger = desk.get("/ledger").await.ok();
    for nothing in ["unsent_records", "unsent_files", "unsent_bytes", "conflicts", "rejections"] {
        assert_eq!(ledger[nothing], 0, "{nothing}");
    }
    assert_eq!(ledger["evaluations"][0]["delivery"]["state"], "sent");
    assert_eq!(
        (&ledger["last_sync_ms"], &ledger["files"][0]["sent_ms"]),
        (&json!(NOW), &json!(NOW))
    );
    let seal = &desk.get(&path("")).await.ok()["seals"][0];
    assert_eq!((&seal["outcome"], &seal["complete_ms"]), (&json!("applied"), &json!(NOW)));
}

#[tokio::test]
async fn a_held_back_sync_shows_its_stage_is_joined_and_cancelled_and_the_next_goes_on() {
    let desk = Desk::gated(1, "/api/sync/push");
    desk.enrol_and_pull().await;
    let given = json!({ "no_interest": true, "brief_acknowledged": true });
    desk.post(&path("/accept"), given).await.ok();
    let started = desk.post("/sync", Value::Null).await.ok();
    desk.gate.reached.acquire().await.unwrap().forget();
    let status = desk.get("/sync").await.ok();
    assert_eq!((&status["stage"], &status["total"]), (&json!("pushing"), &json!(1)));
    let joined = desk.post("/sync", Value::Null).await.ok();
    assert!(joined["running"] == true && joined["tick"].as_u64() >= started["tick"].as_u64());
    let saved = desk.put(&path("/answers/A1"), json!({ "value": true })).await.ok();
    assert_eq!(saved["answer"]["value"], true, "answers are taken while a sync waits");

    let cancelled = desk.post("/sync/cancel", Value::Null).await.ok();
    assert_eq!((&cancelled["running"], &cancelled["cancelled"]), (&json!(false), &json!(true)));
    assert_eq!((&cancelled["error"], &cancelled["report"]), (&Value::Null, &Value::Null));
    assert_eq!(desk.server.state(|state| state.writes), 0);
    let again = desk.post("/sync/cancel", Value::Null).await.ok();
    assert_eq!(again["tick"], cancelled["tick"], "there is nothing to cancel");

    desk.gate.open.add_permits(100);
    let status = desk.sync().await;
    assert_eq!((&status["cancelled"], &status["report"]["applied"]), (&json!(false), &json!(2)));
    assert_eq!(desk.server.state(|state| state.writes), 2, "each record once");
}

#[tokio::test]
async fn locking_ends_a_sync_and_lets_go_of_the_device_at_once() {
    let desk = Desk::gated(1, "/api/sync/push");
    desk.enrol_and_pull().await;
    let given = json!({ "no_interest": true, "brief_acknowledged": true });
    desk.post(&path("/accept"), given).await.ok();
    desk.post("/sync", Value::Null).await.ok();
    desk.gate.reached.acquire().await.unwrap().forget();
    assert_eq!(desk.post("/lock", Value::Null).await.ok()["phase"], "locked");
    drop(Device::open(&desk.home(), &Unlock::passphrase(PASSPHRASE), NOW, rng(8)).unwrap());
    desk.get("/sync").await.refused(423, "device.locked");
    desk.post("/unlock", json!({ "passphrase": PASSPHRASE })).await.ok();
    assert_eq!(desk.get("/sync").await.ok()["running"], false);
    assert_eq!(desk.get(&path("")).await.ok()["summary"]["state"], "accepted");
}

#[tokio::test]
async fn an_unreachable_server_is_told_with_its_name() {
    let desk = submitted().await;
    desk.server.state(|state| state.mischief.push_back(("/api/session", Mischief::Unreachable)));
    let status = desk.sync().await;
    assert_eq!(status["error"]["code"], "server.unreachable");
    assert_eq!(status["error"]["params"]["server"], SERVER);
    assert_eq!((&status["report"], &status["cancelled"]), (&Value::Null, &json!(false)));
    desk.server.state(|state| state.mischief.push_back(("/api/session", Mischief::Busy(60))));
    let status = desk.sync().await;
    assert_eq!(status["error"]["code"], "server.busy");
    assert_eq!(status["error"]["params"]["after_s"], "60");
    assert_eq!(desk.sync().await["error"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_without_news_is_answered_after_a_while() {
    let desk = Desk::enrolled(1).await;
    let status = desk.get("/sync").await.ok();
    let started = tokio::time::Instant::now();
    let same = desk.get(&format!("/sync?after={}", status["tick"])).await.ok();
    assert_eq!(same, status);
    assert_eq!(started.elapsed().as_secs(), 20);
    let unknown = desk.get("/sync?after=4711").await.ok();
    assert_eq!(unknown, status);
    assert_eq!(started.elapsed().as_secs(), 20, "a tick of before a restart is news at once");
}

#[tokio::test]
async fn a_conflict_shows_both_versions_and_ends_as_the_person_decides() {
    for (keep, expected) in [("ours", "partly"), ("theirs", "not")] {
        let desk = Desk::taken(1).await;
        desk.put(&path("/answers/A2"), json!({ "value": "met" })).await.ok();
        desk.sync().await;
        desk.server.state(|state| {
            let theirs = state.records.values_mut().find(|of| of.kind == "answer").unwrap();
            theirs.rev += 1;
            theirs.body["answer"]["value"] = "not".into();
        });
        desk.put(&path("/answers/A2"), json!({ "value": "partly" })).await.ok();
        assert_eq!(desk.sync().await["report"]["conflicts"], 1);
        assert_eq!(desk.get("/ledger").await.ok()["conflicts"], 1);
        let list = desk.get("/conflicts").await.ok();
        let conflict = &list[0];
        assert_eq!((&conflict["kind"], &conflict["criterion"]), (&json!("answer"), &json!("A2")));
        assert_eq!(
            (&conflict["centre_code"], &conflict["found_ms"]),
            (&json!("C-001"), &json!(NOW))
        );
        assert_eq!(conflict["ours"]["answer"]["value"], "partly");
        assert_eq!(conflict["theirs"]["answer"]["value"], "not");
        assert_eq!((&conflict["ours"]["rev"], &conflict["theirs"]["rev"]), (&json!(1), &json!(2)));

        let one = format!("/conflicts/{}", conflict["operation"].as_str().unwrap());
        desk.post(&one, json!({ "keep": "both" })).await.refused(422, "request.invalid");
        desk.post(&one, json!({ "keep": keep })).await.done();
        desk.post(&one, json!({ "keep": keep })).await.refused(404, "request.not_found");
        assert_eq!(desk.get("/conflicts").await.ok(), json!([]));
        assert_eq!(desk.sync().await["error"], Value::Null);
        let view = desk.get(&path("")).await.ok();
        assert_eq!(view["answers"][0]["value"], expected, "{keep}");
        assert_eq!(desk.get("/ledger").await.ok()["unsent_records"], 0, "{keep}");
    }
}

#[tokio::test]
async fn a_refused_record_is_shown_and_sent_again_on_request() {
    let desk = Desk::taken(1).await;
    desk.put(&path("/answers/A1"), json!({ "value": true })).await.ok();
    desk.server.state(|state| state.refused.insert("answer", "visit.wrong_state"));
    assert_eq!(desk.sync().await["report"]["rejected"], 1);
    let refusal = desk.get("/rejections").await.ok()[0].clone();
    assert_eq!((&refusal["kind"], &refusal["criterion"]), (&json!("answer"), &json!("A1")));
    assert_eq!(refusal["error"]["code"], "visit.wrong_state");
    assert_eq!(desk.sync().await["report"]["rejected"], 0, "not by itself");

    desk.server.state(|state| state.refused.clear());
    let again = format!("/rejections/{}/again", refusal["operation"].as_str().unwrap());
    desk.post(&again, Value::Null).await.done();
    assert_eq!(desk.get("/rejections").await.ok(), json!([]));
    assert_eq!(desk.sync().await["report"]["applied"], 1);
    desk.post(&again, Value::Null).await.refused(404, "request.not_found");
}

#[tokio::test]
async fn work_of_a_visit_that_is_granted_no_longer_is_kept_and_told() {
    let desk = submitted().await;
    desk.sync().await;
    desk.server.state(|state| state.streams.clear());
    desk.sync().await;
    let list = desk.get("/visits").await.ok();
    assert_eq!(list["visits"], json!([]));
    let orphan = json!([{ "visit": visit_id(1), "answered": 4 }]);
    assert_eq!(list["orphans"], orphan);
    let ledger = desk.get("/ledger").await.ok();
    assert_eq!(ledger["orphans"], orphan);
    assert_eq!(ledger["evaluations"][0]["centre"], Value::Null);
    assert_eq!(ledger["evaluations"][0]["delivery"]["state"], "sent");
}

#[tokio::test]
async fn a_device_that_was_wiped_is_told_of_and_makes_room_for_another() {
    use mizan_protocol::code::ErrorBody;
    use mizan_protocol::id::DeviceId;
    use mizan_protocol::session::WipeOrder;
    use mizan_protocol::signature::SecretKey;

    let desk = Desk::new(1);
    let key = SecretKey::from_seed(&zeroize::Zeroizing::new([1; 32]));
    desk.server.state(|state| state.server_key = Some(key.public()));
    desk.enrol_and_pull().await;
    let state = desk.get("/state").await.ok();
    let device: DeviceId = state["enrolment"]["device"].as_str().unwrap().parse().unwrap();
    let order = WipeOrder { device, at: NOW };
    let told = order.attach(ErrorBody::new("device.revoked"), &key);
    desk.server.state(|state| state.revoked = Some(told));
    let mut status = desk.post("/sync", Value::Null).await.ok();
    while status["running"] == true {
        status = desk.get(&format!("/sync?after={}", status["tick"])).await.ok();
    }
    assert_eq!(status["error"]["code"], "device.wiped", "{status}");
    assert_eq!(desk.get("/state").await.ok()["phase"], "new");
    desk.get("/visits").await.refused(423, "device.locked");
    let again = desk.get("/sync").await.ok();
    assert_eq!(again["error"]["code"], "device.wiped", "whoever asks later is told too");

    desk.server.state(|state| state.revoked = None);
    let made = desk.post("/create", json!({ "passphrase": PASSPHRASE })).await.ok();
    assert_eq!(made["phase"], "unlocked");
    assert_eq!(desk.get("/sync").await.ok()["error"], Value::Null);
}
