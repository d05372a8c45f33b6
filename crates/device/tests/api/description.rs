//! The API's description: committed as it is, and true of what a locked device answers.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::support::PASSPHRASE;

#[test]
fn the_committed_description_is_this_one() {
    let committed: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let generated = serde_json::to_value(mizan_device::api::openapi()).unwrap();
    assert!(committed == generated, "crates/device/openapi.json is stale; run `make openapi`");
}

/// The open doors of a locked device.
const OPEN: [&str; 6] = ["state", "create", "unlock", "begin-again", "settings", "lock"];

#[tokio::test]
async fn while_the_device_is_locked_every_other_route_says_so() {
    let desk = Desk::new(1);
    desk.post("/create", json!({ "passphrase": PASSPHRASE })).await.ok();
    desk.post("/lock", Value::Null).await.ok();
    let description = serde_json::to_value(mizan_device::api::openapi()).unwrap();
    let mut asked = 0;
    for (path, operations) in description["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/device").unwrap();
        if OPEN.contains(&path.trim_start_matches('/')) {
            continue;
        }
        for (method, operation) in operations.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let body = example(&description, operation);
            let answer = desk.send(method.clone(), &filled(path), Body::from(body)).await;
            answer.refused(423, "device.locked");
            asked += 1;
        }
    }
    assert!(asked >= 20, "{asked} routes were asked");
}

/// A path with something fit in each of its places.
fn filled(path: &str) -> String {
    let uuid = "01900000-0000-7000-8000-000000000001";
    let places = [
        ("{visit}", uuid),
        ("{operation}", uuid),
        ("{contact}", uuid),
        ("{criterion}", "A1"),
        ("{moment}", "arrived"),
        ("{index}", "0"),
        ("{sha256}", &"0".repeat(64)),
    ];
    let path = places.iter().fold(path.to_owned(), |path, (at, with)| path.replace(at, with));
    if path.ends_with("/evidence") { path + "?criterion=A2&kind=photo" } else { path }
}

/// The smallest body that fits what the description says of a request.
fn example(description: &Value, operation: &Value) -> String {
    let content = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    let Some(reference) = content.as_str() else { return String::new() };
    let schema = description.pointer(reference.trim_start_matches('#')).unwrap();
    let mut body = json!({});
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        let property = &schema["properties"][name];
        body[name] = match (property["type"].as_str(), name) {
            (Some("boolean"), _) => json!(true),
            (Some("string"), "channel") => json!("phone"),
            (Some("string"), "moment") => json!("dialled"),
            (Some("string"), _) => json!("word"),
            (Some("integer"), _) => json!(1),
            (_, "keep") => json!("ours"),
            (_, _) => Value::Null,
        };
    }
    if schema["properties"]["ne"].is_object() {
        body["ne"] = json!("not seen");
    }
    body.to_string()
}
