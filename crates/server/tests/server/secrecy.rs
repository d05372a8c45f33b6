//! What a manager can reach holds no evaluator and no planned visit.

use mizan_protocol::sync::PullResponse;
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{BRIEF, Caller, Programme, SECRET};

on_both_engines! {
    a_manager_meets_the_same_silence_for_what_is_forbidden_and_what_is_not_there,
    the_committee_knows_evaluators_by_a_pseudonym_alone,
    a_wrong_password_and_an_unknown_name_are_refused_alike,
}

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
            .replace("{person}", visit)
            .replace("{device}", visit)
            .replace("{upload}", visit)
            .replace("{publication}", visit)
            .replace("{meeting}", visit)
            .replace("{action}", visit)
            .replace("{appeal}", visit)
            .replace("{model}", "in_person")
            .replace("{earlier}/mapping/{later}", &format!("{0}/mapping/{0}", "0".repeat(64)))
            .replace("{rubric}", &"0".repeat(64))
            .replace("{earlier}", &programme.cycle.to_string())
            .replace("{sha256}", &"0".repeat(64));
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            routes.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    assert!(routes.len() > 30, "the description names every route: {}", routes.len());
    routes
}

async fn a_manager_meets_the_same_silence_for_what_is_forbidden_and_what_is_not_there() {
    let programme = Programme::start().await;
    let evaluator = programme.person("zzyzx.rasha", "evaluator", |_| {}).await;
    let centre = programme.centres[0].id;
    let manager = programme.person("manager", "manager", |new| new.centre = Some(centre)).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let agency = programme.agencies[0].id;
    let coordinator =
        programme.person("coordinator", "coordinator", |new| new.agency = Some(agency)).await;
    let observer = programme.person("observer", "observer", |_| {}).await;
    for caller in [&manager, &coordinator, &observer] {
        meets_silence(&programme, caller, &visit.id.to_string()).await;
    }
    for (caller, stream) in [(&manager, "centre"), (&coordinator, "agency")] {
        let pulled: PullResponse = caller.pull().await;
        assert_eq!(pulled.streams.len(), 1);
        let page = &pulled.streams[0];
        assert_eq!((page.stream.as_str(), page.records.len()), (stream, 0));
    }
}

fn is_observer(caller: &Caller) -> bool {
    caller.person.as_ref().is_some_and(|person| person.role == "observer")
}

/// Calls every route and finds nothing of the plan, nor of who carries it out.
async fn meets_silence(programme: &Programme, caller: &Caller, visit: &str) {
    let mut answers = Vec::new();
    for (method, path) in every_route(programme, visit).await {
        // One ends the session it is called with; the other never ends, and has a suite of its own.
        if (method.clone(), path.as_str()) == (Method::DELETE, "/api/session")
            || path == "/api/events"
        {
            continue;
        }
        // It ends with the session, and is heard to its end by `secrets`.
        if path == "/api/events" {
            continue;
        }
        let body = (method != Method::GET).then(|| json!({}));
        let (status, headers, bytes) = caller.raw(method.clone(), &path, body.as_ref()).await;
        let text = format!("{headers}{}", String::from_utf8_lossy(&bytes));
        let of_people = [SECRET, "زيزكس", "zzyzx"];
        let of_plans = [visit, "2026-11-02", "Ask about", BRIEF, "قوييجيبو"];
        for secret in of_people.into_iter().chain(of_plans) {
            assert!(!text.contains(secret), "{method} {path} tells {secret}: {text}");
        }
        answers.push((method, path, status.as_u16(), text));
    }
    let open = [
        "/api/sync/pull",
        "/api/scorecards",
        "/api/lists/scorecards",
        "/api/lists/actions",
        "/api/lists/appeals",
        "/api/session",
        "/api/sessions",
        "/api/session/challenge",
        "/api/session/device",
        "/api/session/password",
        "/api/session/totp",
        "/api/session/totp/confirm",
    ];
    for (method, path, status, text) in answers {
        // Observers read the audit, without ids; that it told nothing was seen above.
        let is_audit =
            (path.starts_with("/api/audit") || path == "/api/lists/audit") && status == 200;
        if open.contains(&path.as_str()) || (is_observer(caller) && is_audit) {
            continue;
        }
        assert!([404, 422].contains(&status), "{method} {path} is closed to them: {status} {text}");
    }
}

async fn the_committee_knows_evaluators_by_a_pseudonym_alone() {
    let programme = Programme::start().await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let code = chair.refused(Method::GET, "/api/people", Value::Null).await;
    assert_eq!(code, "request.not_found");
    let code = chair.refused(Method::GET, &programme.path("visits"), Value::Null).await;
    assert_eq!(code, "request.not_found");
}

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
