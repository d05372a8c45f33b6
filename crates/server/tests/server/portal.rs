//! What a browser is given: the portal's page, and who its person is.

use mizan_server::Config;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::accounts::Page;
use crate::engines::on_both_engines;
use crate::harness::{Caller, PASSWORD, Programme, Server};

on_both_engines! {
    a_page_that_was_loaded_again_is_told_who_is_here_and_what_it_must_show,
    who_is_told_of_the_programme_before_it_has_published,
    people_see_where_they_are_signed_in_and_end_the_others,
}

#[tokio::test]
async fn the_address_is_answered_with_a_page_that_may_load_nothing_foreign() {
    let server = Server::start().await;
    let client = reqwest::Client::new();
    let get = |path: &str| client.get(format!("{}{path}", server.url)).send();
    let page = get("/").await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(!policy.contains("unsafe"), "{policy}");
    let caching = page.headers()["cache-control"].to_str().unwrap().to_owned();
    assert!(["no-cache", "no-store"].contains(&caching.as_str()), "{caching}");
    assert!(page.text().await.unwrap().contains(r#"<html lang="ar" dir="rtl">"#), "Arabic first");
    // Neither the evaluator's page, nor anything beside the built files.
    for path in ["/index.html", "/portal.html", "/nothing", "/../Cargo.toml", "/%2e%2e/Cargo.toml"]
    {
        let answer = get(path).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "request.not_found", "{path}");
    }
    let posted = client.post(&server.url).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
}

async fn a_page_that_was_loaded_again_is_told_who_is_here_and_what_it_must_show() {
    let server = Server::start().await;
    let page = Page::open(&server).await;
    let me: Value = page.get("/api/session").await;
    assert_eq!((&me["person"]["user"], &me["csrf"]), (&json!("admin"), &json!(page.csrf)));
    assert!(me["rights"].as_array().unwrap().contains(&json!("manage_programme")), "{me}");
    assert_eq!((&me["has_factor"], &me["needs_factor"]), (&json!(false), &json!(false)));
    let other = Page::open(&server).await;
    assert_ne!(other.csrf, page.csrf, "each session has its own");

    // A program has no page, and nothing to show.
    let admin = server.sign_in("admin").await;
    let me: Value = admin.get("/api/session").await;
    assert_eq!(me.get("csrf"), None);
    // Nobody is an answer for a page; a token that is none is a fault of its program.
    let guest = Caller { token: None, person: None, ..admin.clone() };
    assert_eq!(guest.answer(Method::GET, "/api/session", Value::Null).await, (204, Value::Null));
    let forged = Caller { token: Some("forged".into()), ..admin };
    assert_eq!(forged.refused(Method::GET, "/api/session", Value::Null).await, "session.ended");
}

#[tokio::test]
async fn whoever_needs_a_second_factor_first_may_do_nothing_else() {
    let server = Server::start_as(|config| Config { require_totp: true, ..config }).await;
    let me: Value = server.sign_in("admin").await.get("/api/session").await;
    assert_eq!((&me["needs_factor"], &me["rights"]), (&json!(true), &json!(["keep_own_account"])));
}

async fn who_is_told_of_the_programme_before_it_has_published() {
    let programme = Programme::start().await;
    let told = async |user: &str, role: &str| -> Value {
        let caller = programme
            .person(user, role, |new| {
                new.centre = (role == "manager").then_some(programme.centres[0].id);
                new.agency = (role == "coordinator").then_some(programme.agencies[0].id);
            })
            .await;
        caller.get("/api/session").await
    };
    let name = json!({ "ar": "برنامج", "en": "Programme" });
    assert_eq!(told("r", "reviewer").await["programme"], name);
    let manager = told("m", "manager").await;
    assert_eq!(manager.get("programme"), None, "whoever is judged learns of it when it publishes");
    assert_eq!(manager["centre"]["code"], "C-1");
    assert_eq!(told("c", "coordinator").await["agency"]["code"], "A-1");
    assert_eq!(told("o", "observer").await.get("programme"), None);
}

async fn people_see_where_they_are_signed_in_and_end_the_others() {
    let server = Server::start().await;
    let page = Page::open(&server).await;
    let program = server.sign_in("admin").await;
    let places: Value = page.get("/api/sessions").await;
    let kinds = |places: &Value| -> Vec<(String, bool)> {
        let sessions = places["sessions"].as_array().unwrap().iter();
        let told = |one: &Value| {
            (one["kind"].as_str().unwrap().to_owned(), one["current"].as_bool().unwrap())
        };
        let mut kinds: Vec<_> = sessions.map(told).collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds(&places), [("browser".into(), true), ("program".into(), false)]);
    let shown = [("x-mizan-csrf", page.csrf.as_str())];
    let (status, _) = page.ask(Method::DELETE, "/api/sessions", &shown).await;
    assert_eq!(status, 204);
    assert_eq!(program.refused(Method::GET, "/api/agencies", Value::Null).await, "session.ended");
    assert_eq!(kinds(&page.get("/api/sessions").await), [("browser".into(), true)]);
    let again = json!({ "user": "admin", "password": PASSWORD });
    let (status, _) = program.answer(Method::POST, "/api/session", again).await;
    assert_eq!(status, 200, "the account itself is as it was");
}
