//! A desk with a device on it: its router, its folder, its clock, and a server in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use mizan_device::api::{Connection, Environment, router};
use mizan_device::clock::{Reading, Steady};
use mizan_device::keys::Cost;
use mizan_device::transport::{self, NoReply, Reply, Transport};
use mizan_domain::rubric::Rubric;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::fake_server::FakeServer;
use crate::support::{NOW, PASSPHRASE, STREAM, records, rubric, visit_id};

pub(crate) const SERVER: &str = "https://mizan.test";

pub(crate) struct Desk {
    pub(crate) router: Router,
    pub(crate) server: Arc<FakeServer>,
    /// Requests to a path wait here until the test lets them through.
    pub(crate) gate: Arc<Gate>,
    wall_ms: Arc<AtomicI64>,
    folder: TempDir,
}

/// Holds back requests whose path begins so.
pub(crate) struct Gate {
    path: &'static str,
    pub(crate) open: Semaphore,
    pub(crate) reached: Semaphore,
}

/// The way to the server in memory, through the gate.
struct Line {
    server: Arc<FakeServer>,
    gate: Arc<Gate>,
}

impl Transport for Line {
    async fn send(&self, request: &transport::Request) -> Result<Reply, NoReply> {
        if request.path.starts_with(self.gate.path) {
            self.gate.reached.add_permits(1);
            self.gate.open.acquire().await.unwrap().forget();
        }
        self.server.send(request).await
    }

    async fn pause(&self, ms: u64) {
        self.server.pause(ms).await;
    }
}

/// What a request came to.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// The body of what must have gone well.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// What must have been done without an answer.
    pub(crate) fn done(&self) {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, StatusCode::NO_CONTENT, "{text}");
    }

    /// The values of what must have been refused.
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!(
            (self.status.as_u16(), body["code"].as_str().unwrap()),
            (status, code),
            "{body}"
        );
        body["params"].clone()
    }
}

impl Desk {
    /// A folder without a device, and a server with so many visits.
    pub(crate) fn new(visits: u128) -> Self {
        Self::with_rubric(&rubric(), visits, "no such path")
    }

    /// The same with requests held back.
    pub(crate) fn gated(visits: u128, path: &'static str) -> Self {
        Self::with_rubric(&rubric(), visits, path)
    }

    pub(crate) fn with_rubric(rubric: &Rubric, visits: u128, path: &'static str) -> Self {
        let server = Arc::new(FakeServer::with(&[(STREAM, records(rubric, visits))]));
        let gate = Arc::new(Gate { path, open: Semaphore::new(0), reached: Semaphore::new(0) });
        let folder = tempfile::tempdir().unwrap();
        let wall_ms = Arc::new(AtomicI64::new(NOW));
        let home = folder.path().join("device");
        let router = router(environment(home, &server, &gate, &wall_ms));
        Self { router, server, gate, wall_ms, folder }
    }

    /// A device that is enrolled and has pulled its visits.
    pub(crate) async fn enrolled(visits: u128) -> Self {
        let desk = Self::new(visits);
        desk.enrol_and_pull().await;
        desk
    }

    /// A device with visits that are taken.
    pub(crate) async fn taken(visits: u128) -> Self {
        let desk = Self::enrolled(visits).await;
        for n in 1..=visits {
            let given = json!({ "no_interest": true, "brief_acknowledged": true });
            desk.post(&format!("/visits/{}/accept", visit_id(n)), given).await.ok();
        }
        desk
    }

    pub(crate) async fn enrol_and_pull(&self) {
        self.post("/create", json!({ "passphrase": PASSPHRASE })).await.ok();
        self.post("/enrol", enrolment()).await.ok();
        let status = self.sync().await;
        assert_eq!(status["error"], Value::Null, "{status}");
    }

    /// Syncs and waits for the end.
    pub(crate) async fn sync(&self) -> Value {
        self.post("/sync", Value::Null).await.ok();
        self.until(|status| status["running"] == false).await
    }

    /// Watches the sync until its status is as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut status = self.get("/sync").await.ok();
        while !wanted(&status) {
            status = self.get(&format!("/sync?after={}", status["tick"])).await.ok();
        }
        status
    }

    /// The program ended and begins anew on the same folder.
    pub(crate) fn restart(&mut self) {
        self.router = Router::new();
        self.router = router(environment(self.home(), &self.server, &self.gate, &self.wall_ms));
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("device")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home().join(name)
    }

    /// Sets the wall clock, forward or back.
    pub(crate) fn set_clock(&self, wall_ms: i64) {
        self.wall_ms.store(wall_ms, Ordering::Relaxed);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Body::from(body.to_string())).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Body::from(body.to_string())).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        self.send_to(method, &format!("/api/device{path}"), body).await
    }

    /// Asks for a whole path.
    pub(crate) async fn send_to(&self, method: Method, path: &str, body: Body) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let status = response.status();
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.map_or("", |value| value.to_str().unwrap()).to_owned();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        Answer { status, media_type, bytes }
    }
}

pub(crate) fn enrolment() -> Value {
    json!({ "server": SERVER, "user": "evaluator-1", "password": "a password", "device_name": "tablet" })
}

fn environment(
    home: PathBuf,
    server: &Arc<FakeServer>,
    gate: &Arc<Gate>,
    wall_ms: &Arc<AtomicI64>,
) -> Environment {
    let (server, gate, wall_ms) = (Arc::clone(server), Arc::clone(gate), Arc::clone(wall_ms));
    // The steady clock counts the readings, a second each: it does not know what the wall clock says.
    let readings = AtomicI64::new(0);
    Environment {
        home,
        clock: Arc::new(move || {
            let ms = 1_000 * readings.fetch_add(1, Ordering::Relaxed);
            let steady = Some(Steady { boot: "one".into(), ms });
            Reading { wall_ms: wall_ms.load(Ordering::Relaxed), steady }
        }),
        randomness: || Box::new(rand::make_rng::<StdRng>()),
        cost: Cost::TEST,
        connect: Arc::new(move |_| {
            let line = Line { server: Arc::clone(&server), gate: Arc::clone(&gate) };
            Ok(Connection::over(line))
        }),
    }
}

/// Turns bytes of every page but the first, as a bad disk would.
pub(crate) fn damage(database: &Path) {
    let mut bytes = std::fs::read(database).unwrap();
    for page in 2..bytes.len() / 4096 {
        bytes[page * 4096 + 77] ^= 0xFF;
    }
    std::fs::write(database, &bytes).unwrap();
}
