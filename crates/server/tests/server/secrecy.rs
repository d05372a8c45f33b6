//! What a manager can reach holds no evaluator and no planned visit.

use mizan_protocol::sync::PullResponse;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{BRIEF, Caller, Programme, SECRET};

/// Every route of the server's own description, with ids that exist.
async fn every_route(programme: &Programme, visit: &str) -> Vec<(Method, String)> {
    let guest = Caller { token: None, person: None, ..programme.admin.clone() };
    let description: Value = guest.get("/api/openapi.json").await;
    let centre = programme.centres[0].id.to_string();
    let mut routes = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path
            .replace("{cycle}", &programme.cycle.to_string())
            .replace("{visit}", visit)
            .replace("{centre}", &centre)
            .replace("{scorecard}", visit)
            .replace("{sha256}", &"0".repeat(64));
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            routes.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    assert!(routes.len() > 30, "the description names every route: {}", routes.len());
    routes
}

#[tokio::test]
async fn a_manager_meets_the_same_silence_for_what_is_forbidden_and_what_is_not_there() {
    let programme = Programme::start().await;
    let evaluator = programme.person("zzyzx.rasha", "evaluator", |_| {}).await;
    let centre = programme.centres[0].id;
    let manager = programme.person("manager", "manager", |new| new.centre = Some(centre)).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let mut answers = Vec::new();
    for (method, path) in every_route(&programme, &visit.id.to_string()).await {
        if (method.clone(), path.as_str()) == (Method::DELETE, "/api/session") {
            continue;
        }
        let body = (method != Method::GET).then(|| json!({}));
        let (status, headers, bytes) = manager.raw(method.clone(), &path, body.as_ref()).await;
        let text = format!("{headers}{}", String::from_utf8_lossy(&bytes));
        let visit = visit.id.to_string();
        let of_people = [SECRET, "زيزكس", "zzyzx"];
        let of_plans = [&visit, "2026-11-02", "Ask about", BRIEF, "قوييجيبو"];
        for secret in of_people.into_iter().chain(of_plans) {
            assert!(!text.contains(secret), "{method} {path} tells {secret}: {text}");
        }
        answers.push((method, path, status.as_u16(), text));
    }
    let open = [
        "/api/sync/pull",
        "/api/scorecards",
        "/api/session",
        "/api/session/challenge",
        "/api/session/device",
    ];
    for (method, path, status, text) in answers {
        if open.contains(&path.as_str()) {
            continue;
        }
        assert!(
            [404, 422].contains(&status),
            "{method} {path} is closed to managers: {status} {text}"
        );
    }
    let pulled: PullResponse = manager.pull().await;
    assert_eq!(pulled.streams.len(), 1);
    assert_eq!((pulled.streams[0].stream.as_str(), pulled.streams[0].records.len()), ("centre", 0));
}

#[tokio::test]
async fn the_committee_knows_evaluators_by_a_pseudonym_alone() {
    let programme = Programme::start().await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let code = chair.refused(Method::GET, "/api/people", Value::Null).await;
    assert_eq!(code, "request.not_found");
    let code = chair.refused(Method::GET, &programme.path("visits"), Value::Null).await;
    assert_eq!(code, "request.not_found");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_refused_alike() {
    let programme = Programme::start().await;
    let guest = Caller { token: None, person: None, ..programme.admin.clone() };
    for user in ["admin", "nobody"] {
        let body = json!({ "user": user, "password": "not the password" });
        let (status, _, bytes) = guest.raw(Method::POST, "/api/session", Some(&body)).await;
        assert_eq!(
            (status.as_u16(), bytes),
            (401, br#"{"code":"session.refused","params":{}}"#.to_vec())
        );
    }
    assert_eq!(guest.refused(Method::GET, "/api/people", Value::Null).await, "session.ended");
}
