//! The central server behind the window: calls are carried there, and the token stays here.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{any, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::desk::{Answer, Desk};

const TOKEN: &str = "a-token-that-no-page-may-see";

/// A server that notes who asks for what.
struct Central {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Central {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let note = async move |request: Request| -> Response {
            let token = request.headers().get(header::AUTHORIZATION);
            let token = token.map_or("nobody", |value| value.to_str().unwrap());
            noted.lock().unwrap().push(format!(
                "{} {} by {token}",
                request.method(),
                request.uri()
            ));
            match request.uri().path() {
                "/api/elsewhere" => {
                    Redirect::temporary("http://127.0.0.1:9/stolen").into_response()
                }
                "/api/ended" => StatusCode::UNAUTHORIZED.into_response(),
                _ => Json(json!({ "told": true })).into_response(),
            }
        };
        let session = Json(json!({
            "token": TOKEN, "expires_in": 1,
            "person": { "id": "00000000-0000-0000-0000-000000000001", "user": "chair",
                "name": { "ar": "س", "en": "X" }, "role": "committee_chair" },
        }));
        let begin = async move |Json(asked): Json<Value>| match asked["password"].as_str() {
            Some("right") if asked["cookie"] == false => session.into_response(),
            _ => (StatusCode::UNAUTHORIZED, Json(json!({ "code": "session.refused" })))
                .into_response(),
        };
        let router = Router::new()
            .route("/api/session", post(begin).fallback(note.clone()))
            .fallback(any(note));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn ask(desk: &Desk, method: Method, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let answer = desk.send_to(method, &format!("/api/central{path}"), body).await;
    let text = String::from_utf8_lossy(&answer.bytes);
    assert!(!text.contains(TOKEN), "{path}: the page was given the token: {text}");
    answer
}

fn sign_in(server: &str, password: &str) -> Value {
    json!({ "server": server, "user": "chair", "password": password })
}

#[tokio::test]
async fn calls_are_carried_in_the_name_of_a_session_whose_token_no_page_sees() {
    let (desk, central) = (Desk::new(1), Central::start().await);
    ask(&desk, Method::GET, "/agencies", Value::Null).await.refused(401, "session.ended");
    assert_eq!(
        ask(&desk, Method::GET, "/session", Value::Null).await.status,
        204,
        "nobody is here"
    );
    assert_eq!(central.asked(), [""; 0], "nothing goes out without a session");

    let wrong = sign_in(&central.address, "wrong");
    ask(&desk, Method::POST, "/session", wrong).await.refused(401, "session.refused");
    let told = ask(&desk, Method::POST, "/session", sign_in(&central.address, "right")).await.ok();
    assert_eq!((&told["person"]["user"], told.get("token")), (&json!("chair"), None));

    ask(&desk, Method::GET, "/agencies?page=2", Value::Null).await.ok();
    ask(&desk, Method::GET, "/session", Value::Null).await.ok();
    assert_eq!(
        central.asked(),
        [
            format!("GET /api/agencies?page=2 by Bearer {TOKEN}"),
            format!("GET /api/session by Bearer {TOKEN}"),
        ]
    );
    let server = ask(&desk, Method::GET, "/server", Value::Null).await.ok();
    assert_eq!(server["server"], central.address, "it is named for the next time");
    let kept = std::fs::read_to_string(desk.file("central.json")).unwrap();
    assert!(!kept.contains("chair") && !kept.contains(TOKEN), "{kept}");
}

#[tokio::test]
async fn a_session_ends_with_signing_out_with_locking_and_with_the_servers_word() {
    let (desk, central) = (Desk::new(1), Central::start().await);
    for end in ["sign out", "lock", "ended"] {
        ask(&desk, Method::POST, "/session", sign_in(&central.address, "right")).await.ok();
        match end {
            "sign out" => drop(ask(&desk, Method::DELETE, "/session", Value::Null).await),
            "lock" => drop(desk.post("/lock", Value::Null).await),
            _ => drop(ask(&desk, Method::GET, "/ended", Value::Null).await),
        }
        central.asked();
        ask(&desk, Method::GET, "/agencies", Value::Null).await.refused(401, "session.ended");
        assert_eq!(central.asked(), [""; 0], "{end}: nothing goes out any more");
    }
}

#[tokio::test]
async fn the_token_goes_to_its_own_server_alone() {
    let (desk, central) = (Desk::new(1), Central::start().await);
    ask(&desk, Method::POST, "/session", sign_in(&central.address, "right")).await.ok();
    let answer = ask(&desk, Method::GET, "/elsewhere", Value::Null).await;
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "it is not followed");
    let plain = sign_in("http://mizan.example.org", "right");
    ask(&desk, Method::POST, "/session", plain).await.refused(422, "device.bad_url");
    let gone = sign_in("http://127.0.0.1:1", "right");
    ask(&desk, Method::POST, "/session", gone).await.refused(502, "server.unreachable");
}
