//! The programme everything happens in: accounts, centres, visits, enrolled devices.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mizan_device::keys::Cost;
use mizan_device::transport::Http as DeviceHttp;
use mizan_device::{Device, exchange};
use mizan_protocol::record::TextJson;
use mizan_server::Config;
use mizan_server::engine::Location;
use mizan_server::tx::Engine;
use mizan_tests::postgres::shared;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::blocking::RequestBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::device::Field;
use crate::reviewer::Review;
use crate::server::Server;

pub const EVALUATORS: usize = 3;
const VISITS: usize = 60;
const PASSWORD: &str = "correct horse battery";
pub const PASSPHRASE: &str = "ten tall palms";
/// Criteria that are answered once and never again.
pub const ONCE: [&str; 6] = ["P1", "P2", "P3", "P4", "P5", "P6"];
/// The criterion that is answered anew when a visit comes back.
pub const AMENDED: &str = "P7";

/// What does not change while processes come and go.
pub struct Ground {
    folder: TempDir,
    pub database: Option<String>,
    /// Where the server listens, always the same.
    pub listen: String,
    /// Tokens.
    pub admin: String,
    pub reviewer: String,
    /// What reviewers were answered.
    pub reviews: Mutex<Vec<Review>>,
}

impl Ground {
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    pub fn log(&self, of: &str) -> PathBuf {
        self.folder.path().join(format!("{of}.log"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    pub fn location(&self) -> Location {
        let file = || Location::File(self.data().join("mizan.db"));
        self.database.as_deref().map_or_else(file, Location::parse)
    }

    /// Lays it: a running server with a planned cycle, and a device for each evaluator.
    pub fn lay(engine: Engine, rng: &mut StdRng) -> (Self, Server, Vec<Field>) {
        let folder = tempfile::tempdir_in(memory()).unwrap();
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(shared().new_database()),
        };
        let (listen, nobody) = ("127.0.0.1:0".to_owned(), String::new());
        let reviews = Mutex::default();
        let mut ground =
            Self { folder, database, listen, admin: nobody.clone(), reviewer: nobody, reviews };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(administrator(&ground));
        let Ok(server) = Server::start(&ground, None).unwrap() else {
            panic!("the server ends at its start");
        };
        ground.listen = server.url.trim_start_matches("http://").to_owned();
        ground.admin = sign_in(&ground, "admin");
        let evaluators = plan(&ground);
        ground.reviewer = sign_in(&ground, "reviewer");
        let fields = evaluators.iter().map(|(user, visits)| {
            let home = ground.path(user);
            runtime.block_on(enrol(&ground, user, &home, rng.random()));
            Field::new(user, home, visits)
        });
        let fields = fields.collect();
        (ground, server, fields)
    }
}

async fn administrator(ground: &Ground) {
    let mut config = Config::new(ground.data(), now_ms);
    config.database = ground.database.as_deref().map(Location::parse);
    let name = TextJson { ar: "المدير".into(), en: "Administrator".into() };
    mizan_server::create_administrator(&config, "admin", PASSWORD, name).await.unwrap();
}

fn sign_in(ground: &Ground, user: &str) -> String {
    let http = Http::new(&ground.url(), String::new());
    let body = json!({ "user": user, "password": PASSWORD });
    let (_, session) = http.post("/api/session", &body).unwrap();
    session["token"].as_str().unwrap().to_owned()
}

/// Plans visits, each evaluator once at each centre; gives each evaluator's.
fn plan(ground: &Ground) -> Vec<(String, Vec<String>)> {
    let http = Http::new(&ground.url(), ground.admin.clone());
    let post = |path: &str, body: Value| {
        let (status, answer) = http.post(path, &body).unwrap();
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    };
    let name = json!({ "ar": "اسم", "en": "Name" });
    let agency = post("/api/agencies", json!({ "code": "A", "name": name }));
    let centre = |n: usize| {
        let new = json!({ "code": format!("C-{n}"), "agency": agency["id"], "model": "in_person", "name": name });
        post("/api/centres", new)["id"].clone()
    };
    let centres: Vec<Value> = (0..VISITS).map(centre).collect();
    let person = |user: &str, role: &str| {
        let new = json!({ "user": user, "password": PASSWORD, "name": name, "role": role });
        post("/api/people", new)["id"].clone()
    };
    person("reviewer", "reviewer");
    let rubric = post("/api/rubrics", rubric());
    let cycle = post(
        "/api/cycles",
        json!({ "number": "4", "name": name, "programme": name, "rubrics": [rubric["sha256"]], "centres": centres }),
    );
    let path = |rest: &str| format!("/api/cycles/{}/{rest}", cycle["id"].as_str().unwrap());
    let mut planned = Vec::new();
    for n in 0..EVALUATORS {
        let user = format!("evaluator-{n}");
        let evaluator = person(&user, "evaluator");
        let visit = |centre: &Value| {
            let new = json!({
                "centre": centre, "kind": "unannounced", "from": "2026-11-02", "to": "2026-11-13",
                "scenario": name,
            });
            let visit = post(&path("visits"), new)["id"].as_str().unwrap().to_owned();
            post(&format!("/api/visits/{visit}/assign"), json!({ "evaluator": evaluator }));
            visit
        };
        planned.push((user, centres.iter().map(visit).collect()));
    }
    post(&path("notice"), json!({ "date": "2026-10-20", "text": name, "recipients": "all" }));
    post(&path("step"), json!({ "event": "open" }));
    planned
}

fn rubric() -> Value {
    let name = |en: &str| json!({ "ar": "معيار", "en": en });
    // The weights of the criteria come to that of their pillar.
    let weight = |id: &str| if id == AMENDED { 16 } else { 14 };
    let criterion = |id: &str| {
        json!({
            "id": id, "name": name(id), "guidance": name("Look"), "weight": weight(id),
            "scale": { "kind": "yes_no" }, "visits": ["unannounced", "scheduled"],
            "evidence": { "rule": "optional", "kinds": ["photo"] },
        })
    };
    let criteria: Vec<Value> = ONCE.iter().chain([&AMENDED]).map(|id| criterion(id)).collect();
    json!({
        "id": "small", "version": "1.0.0", "model": "in_person", "title": name("A small guide"),
        "policy": { "unannounced_share": 0.7, "min_coverage": 70, "critical_cap": "plain" },
        "levels": [
            { "id": "plain", "name": name("Plain"), "min_score": 0, "allows_critical": true },
        ],
        "pillars": [{ "id": "P", "name": name("Pillar"), "weight": 100, "criteria": criteria }],
    })
}

/// Makes an evaluator's device and lets it have its visits.
async fn enrol(ground: &Ground, user: &str, home: &Path, seed: u64) {
    let rng = Box::new(StdRng::seed_from_u64(seed));
    let device = Device::create(home, PASSPHRASE, Cost::TEST, now_ms(), rng).unwrap();
    let (device, line) = (Mutex::new(device), DeviceHttp::new(&ground.url()).unwrap());
    exchange::enrol(&device, &line, &ground.url(), user, PASSWORD, "tablet").await.unwrap();
    exchange::sync(&device, &line, &now_ms, &mut |_| {}).await.unwrap();
}

/// A person's calls.
pub struct Http {
    client: reqwest::blocking::Client,
    url: String,
    token: String,
}

impl Http {
    pub fn new(url: &str, token: String) -> Self {
        // Nothing to verify: reading the system's certificates would take longer than the calls.
        let client = reqwest::blocking::Client::builder().no_proxy().tls_certs_only([]);
        Self { client: client.build().unwrap(), url: url.to_owned(), token }
    }

    /// Status and JSON; nothing when there is no answer.
    fn send(&self, request: RequestBuilder) -> Option<(u16, Value)> {
        let response = request.bearer_auth(&self.token).send().ok()?;
        let (status, text) = (response.status().as_u16(), response.text().ok()?);
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    pub fn get(&self, path: &str) -> Option<(u16, Value)> {
        self.send(self.client.get(format!("{}{path}", self.url)))
    }

    pub fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        self.send(self.client.post(format!("{}{path}", self.url)).json(body))
    }

    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let response = request.send().ok()?.error_for_status().ok()?;
        Some(response.bytes().ok()?.to_vec())
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// Where there is one, a folder that no disk slows down: processes are killed here, not the machine.
fn memory() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}
