//! Making, unlocking, locking and setting up.

use axum::body::Body;
use axum::http::Method;
use mizan_device::Device;
use mizan_device::keys::Unlock;
use serde_json::{Value, json};

use crate::desk::{Desk, SERVER, damage, enrolment};
use crate::support::{NOW, PASSPHRASE, rng};

fn passphrase(passphrase: &str) -> Value {
    json!({ "passphrase": passphrase })
}

#[tokio::test]
async fn a_device_is_made_locked_and_unlocked() {
    let desk = Desk::new(1);
    assert_eq!(desk.get("/state").await.ok()["phase"], "new");
    let short = desk.post("/create", passphrase("palms")).await;
    let told = short.refused(422, "device.passphrase_too_short");
    assert_eq!((told["chars"].as_str(), told["min"].as_str()), (Some("5"), Some("8")));
    assert_eq!(desk.get("/state").await.ok()["phase"], "new", "a refusal has made nothing");

    let made = desk.post("/create", passphrase(PASSPHRASE)).await.ok();
    assert_eq!((&made["phase"], &made["enrolment"]), (&json!("unlocked"), &Value::Null));
    assert_eq!(made["version"], env!("CARGO_PKG_VERSION"));
    desk.post("/create", passphrase(PASSPHRASE)).await.refused(409, "device.already_exists");

    assert_eq!(desk.post("/lock", Value::Null).await.ok()["phase"], "locked");
    assert_eq!(desk.post("/lock", Value::Null).await.ok()["phase"], "locked", "twice is once");
    desk.post("/create", passphrase(PASSPHRASE)).await.refused(409, "device.already_exists");
    desk.post("/unlock", passphrase("ten tall trees"))
        .await
        .refused(403, "device.wrong_passphrase");
    assert_eq!(desk.get("/state").await.ok()["phase"], "locked");
    assert_eq!(desk.post("/unlock", passphrase(PASSPHRASE)).await.ok()["phase"], "unlocked");
    assert_eq!(desk.post("/unlock", passphrase(PASSPHRASE)).await.ok()["phase"], "unlocked");
    desk.post("/unlock", passphrase("ten tall trees"))
        .await
        .refused(403, "device.wrong_passphrase");
}

#[tokio::test]
async fn locking_lets_go_of_the_device() {
    let desk = Desk::new(1);
    desk.post("/create", passphrase(PASSPHRASE)).await.ok();
    let other = || Device::open(&desk.home(), &Unlock::passphrase(PASSPHRASE), NOW, rng(8));
    assert_eq!(other().unwrap_err().code(), "device.in_use");
    desk.post("/lock", Value::Null).await.ok();
    let held = other().unwrap();
    desk.post("/unlock", passphrase(PASSPHRASE)).await.refused(409, "device.in_use");
    drop(held);
    desk.post("/unlock", passphrase(PASSPHRASE)).await.ok();
}

#[tokio::test]
async fn a_damaged_database_is_told_kept_and_replaced_only_on_request() {
    let desk = Desk::taken(5).await;
    desk.post("/begin-again", passphrase(PASSPHRASE)).await.refused(409, "device.already_exists");
    desk.post("/lock", Value::Null).await.ok();
    desk.post("/begin-again", passphrase(PASSPHRASE)).await.refused(409, "device.already_exists");
    damage(&desk.file("device.db"));
    let damaged = std::fs::read(desk.file("device.db")).unwrap();

    let told = desk.post("/unlock", passphrase(PASSPHRASE)).await.refused(409, "device.damaged");
    let kept = told["kept"].as_str().unwrap();
    assert!(!kept.contains('/'), "the name alone: {kept}");
    assert_eq!(std::fs::read(desk.file(kept)).unwrap(), damaged);
    let missing = desk.post("/unlock", passphrase(PASSPHRASE)).await;
    missing.refused(409, "device.database_missing");
    assert_eq!(desk.get("/state").await.ok()["phase"], "locked", "no invitation to start afresh");

    let state = desk.post("/begin-again", passphrase(PASSPHRASE)).await.ok();
    assert_eq!((&state["phase"], &state["enrolment"]), (&json!("unlocked"), &Value::Null));
    assert_eq!(std::fs::read(desk.file(kept)).unwrap(), damaged, "it stays");
}

#[tokio::test]
async fn the_passphrase_is_changed_only_by_whoever_knows_it() {
    let desk = Desk::new(1);
    desk.post("/create", passphrase(PASSPHRASE)).await.ok();
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let wrong = desk.post("/passphrase", change("a wrong one", "nine small dunes")).await;
    wrong.refused(403, "device.wrong_passphrase");
    desk.post("/passphrase", change(PASSPHRASE, "nine small dunes")).await.done();
    desk.post("/lock", Value::Null).await.ok();
    desk.post("/unlock", passphrase(PASSPHRASE)).await.refused(403, "device.wrong_passphrase");
    desk.post("/unlock", passphrase("nine small dunes")).await.ok();
}

#[tokio::test]
async fn settings_are_there_before_the_device_and_while_it_is_locked() {
    let desk = Desk::new(1);
    let defaults = desk.get("/settings").await.ok();
    assert_eq!((&defaults["language"], &defaults["digits"]), (&json!("ar"), &json!("latn")));
    let own =
        json!({ "language": "en", "theme": "contrast", "digits": "arab", "lock_after_min": 0 });
    assert_eq!(desk.put("/settings", own.clone()).await.ok(), own);
    desk.post("/create", passphrase(PASSPHRASE)).await.ok();
    desk.post("/lock", Value::Null).await.ok();
    assert_eq!(desk.get("/settings").await.ok(), own);

    let mut wrong = own.clone();
    wrong["lock_after_min"] = json!(100_000);
    desk.put("/settings", wrong.clone()).await.refused(422, "request.invalid");
    wrong["lock_after_min"] = json!(5);
    wrong["theme"] = json!("pink");
    desk.put("/settings", wrong).await.refused(422, "request.invalid");
    assert_eq!(desk.get("/settings").await.ok(), own, "a refusal changes nothing");
    std::fs::write(desk.file("settings.json"), "{").unwrap();
    assert_eq!(desk.get("/settings").await.ok(), defaults, "damaged");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_without_its_words() {
    let desk = Desk::new(1);
    let rows = [r#"{"passphrase":["hush"]}"#, r#"{"passphrase":"hush"#, r#"{"old":"hush"}"#];
    for text in rows {
        let answer = desk.send(Method::POST, "/unlock", Body::from(text)).await;
        answer.refused(422, "request.invalid");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("hush"), "{text}");
    }
    let long = Body::from("x".repeat((1 << 20) + 1));
    desk.send(Method::POST, "/unlock", long).await.refused(413, "request.too_large");
    desk.get("/nothing").await.refused(404, "request.not_found");
    desk.delete("/state").await.refused(404, "request.not_found");
}

#[tokio::test]
async fn a_device_is_enrolled_once_and_at_one_server() {
    let desk = Desk::new(1);
    desk.post("/create", passphrase(PASSPHRASE)).await.ok();
    desk.post("/sync", Value::Null).await.refused(409, "device.not_enrolled");
    let state = desk.post("/enrol", enrolment()).await.ok();
    let enrolled = &state["enrolment"];
    assert_eq!((&enrolled["server"], &enrolled["name"]["en"]), (&json!(SERVER), &json!("Salma")));
    let mut other = enrolment();
    other["server"] = json!("https://other.test");
    let told = desk.post("/enrol", other).await.refused(409, "device.already_enrolled");
    assert_eq!(told["server"], SERVER);
    let mut same = enrolment();
    same["server"] = json!(format!("{SERVER}/"));
    desk.post("/enrol", same).await.ok();

    desk.post("/lock", Value::Null).await.ok();
    assert_eq!(
        desk.get("/state").await.ok()["enrolment"],
        Value::Null,
        "told to nobody while locked"
    );
}
