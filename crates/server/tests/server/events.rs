//! What open pages are told: topics of what they may read, after it is durable, until the session ends.

use mizan_protocol::api::NewAgency;
use mizan_server::tx::Engine;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Caller, Programme, Server, engine, fresh, text};

on_both_engines! {
    a_page_is_told_what_changed_of_what_it_may_read_and_nothing_of_it,
    whoever_comes_back_is_told_what_was_missed,
    the_stream_ends_with_its_session,
    what_another_process_changed_is_told_too,
}

/// A stream that is listened to.
struct Stream {
    response: Response,
    heard: String,
}

impl Stream {
    async fn open(caller: &Caller, place: Option<&str>) -> Self {
        let mut request = reqwest::Client::new().get(format!("{}/api/events", caller.url));
        request = request.bearer_auth(caller.token.as_ref().unwrap());
        if let Some(place) = place {
            request = request.header("last-event-id", place);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, heard: String::new() }
    }

    /// The next event: its place and its topics; `None` once the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.heard.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.heard = rest;
                let line = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                let Some(data) = line("data: ") else { continue };
                let data: Value = serde_json::from_str(&data).unwrap();
                assert_eq!(data.as_object().unwrap().len(), 1, "topics and nothing else: {data}");
                return Some((line("id: ").unwrap(), data["topics"].clone()));
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.heard += std::str::from_utf8(&chunk).unwrap();
        }
    }
}

async fn add_agency(by: &Caller) {
    let new = NewAgency { code: fresh().simple().to_string(), name: text("جهة", "Agency") };
    let _: Value = by.post("/api/agencies", &new).await;
}

async fn a_page_is_told_what_changed_of_what_it_may_read_and_nothing_of_it() {
    let programme = Programme::start().await;
    let team = programme.person("team", "central_team", |_| {}).await;
    let manager = programme
        .person("manager", "manager", |new| new.centre = Some(programme.centres[0].id))
        .await;
    let mut office = Stream::open(&team, None).await;
    let mut judged = Stream::open(&manager, None).await;
    add_agency(&programme.admin).await;
    let (place, topics) = office.next().await.unwrap();
    assert_eq!(topics, json!(["agencies"]), "the audit is not the team's to read");
    assert!(place.len() > 40, "a place says nothing: {place}");
    programme.plan(0, "unannounced").await;
    assert_eq!(office.next().await.unwrap().1, json!(["visits"]));
    programme.open().await;
    assert_eq!(office.next().await.unwrap().1, json!(["cycles"]), "the notice");
    assert_eq!(office.next().await.unwrap().1, json!(["cycles", "visits", "results"]));

    // Nothing of it was the manager's: the first thing heard is the end.
    let (status, _) = manager.answer(Method::DELETE, "/api/session", Value::Null).await;
    assert_eq!(status, 204);
    assert_eq!(judged.next().await, None);
}

async fn whoever_comes_back_is_told_what_was_missed() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let mut stream = Stream::open(&admin, None).await;
    add_agency(&admin).await;
    let (place, topics) = stream.next().await.unwrap();
    assert_eq!(topics, json!(["agencies", "audit"]));
    drop(stream);
    add_agency(&admin).await;
    add_agency(&admin).await;
    let mut again = Stream::open(&admin, Some(&place)).await;
    assert_eq!(again.next().await.unwrap().1, json!(["agencies", "audit"]), "both at once");
    let mut lost = Stream::open(&admin, Some("no place of this server's")).await;
    assert_eq!(lost.next().await.unwrap().1, json!(["everything"]));
}

async fn the_stream_ends_with_its_session() {
    let server = Server::start().await;
    let (first, other) = (server.sign_in("admin").await, server.sign_in("admin").await);
    let mut stream = Stream::open(&first, None).await;
    assert_eq!(other.answer(Method::DELETE, "/api/sessions", Value::Null).await.0, 204);
    while let Some((_, topics)) = stream.next().await {
        assert_eq!(topics, json!(["audit"]), "what came before the end");
    }
    // Whoever comes back without a session is asked not to come again.
    let guest = reqwest::Client::new().get(format!("{}/api/events", server.url));
    let answer = guest.header("last-event-id", "any").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

async fn what_another_process_changed_is_told_too() {
    let server = Server::start().await;
    let admin = server.sign_in("admin").await;
    let mut stream = Stream::open(&admin, None).await;
    let mut other = server.twin();
    match engine() {
        // One process alone has the folder of an embedded database.
        Engine::Sqlite => add_agency(&admin).await,
        Engine::Postgres => {
            let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
            std::fs::copy(server.data().join("server.key"), folder.path().join("server.key"))
                .unwrap();
            other.folder = folder;
            other.resume().await;
            add_agency(&Caller { url: other.url.clone(), ..admin.clone() }).await;
        }
    }
    assert_eq!(stream.next().await.unwrap().1, json!(["agencies", "audit"]));
}
