//! Planted secrets: everything that callers can be told who must know nobody and no plan is searched for
//! what was planted, before publication and after, on the line, in documents, in figures and in the log.

mod sweep;
mod world;

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::routing::get;
use mizan_protocol::api::NewPerson;
use mizan_protocol::sync::{Operation, Outcome};
use mizan_server::store::Store;
use mizan_server::tx::{self, Tx};
use mizan_tests::planted::{Planted, Search};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, Programme, fresh, later, record};
use crate::rights::{TABLE, described};
use sweep::{Ear, Sweep, Told};
use world::{BRIEF, CREDENTIAL, DEVICE, EMPLOYER, EVIDENCE, ID, MOMENT, NOTE, PERSON, PLAN, World};

on_both_engines! {
    whoever_must_know_nobody_is_told_of_nobody,
    what_is_others_and_what_is_not_there_are_told_alike,
    a_leak_in_the_servers_own_data_is_found,
}

const PDF: &str = "/api/scorecards/{scorecard}/pdf";

/// Everything the servers of this process have logged.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps the log of this process, more of it than a server keeps unless it is told to.
fn keep_log() {
    static KEPT: std::sync::Once = std::sync::Once::new();
    KEPT.call_once(|| {
        let filter = tracing_subscriber::EnvFilter::new("warn,mizan_server=trace");
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        log.with_writer(|| Log).init();
    });
}

fn log() -> Told {
    let body = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Told { asked: "the log".to_owned(), head: Vec::new(), body }
}

/// Who must know nobody: the centres, their agencies, who watches, who edits rubrics, an evaluator
/// without a visit, and strangers.
struct Outsiders {
    callers: Vec<(String, Caller)>,
    /// Where figures are asked for.
    watch: Caller,
}

impl Outsiders {
    /// A server that is watched, with everybody in it.
    async fn begin() -> (World, Self) {
        keep_log();
        let mut programme = Programme::start().await;
        programme.server.pause().await;
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let metrics = Some(address.clone());
        programme.server.resume_with(|config| config.metrics = metrics).await;
        programme.admin = programme.server.sign_in("admin").await;
        let watch = Caller { url: format!("http://{address}"), token: None, person: None };
        let world = World::begin(programme).await;
        let callers = Self::callers(&world).await;
        (world, Self { callers, watch })
    }

    async fn callers(world: &World) -> Vec<(String, Caller)> {
        let programme = &world.programme;
        let (centres, agencies) = (&programme.centres, &programme.agencies);
        let mut callers = Vec::new();
        let mut add = async |user: &str, role: &str, change: &dyn Fn(&mut NewPerson)| {
            callers.push((user.to_owned(), programme.person(user, role, change).await));
        };
        add("manager.one", "manager", &|new| new.centre = Some(centres[0].id)).await;
        add("manager.two", "manager", &|new| new.centre = Some(centres[1].id)).await;
        add("coordinator.one", "coordinator", &|new| new.agency = Some(agencies[0].id)).await;
        add("coordinator.employer", "coordinator", &|new| new.agency = Some(world.employer)).await;
        add("observer", "observer", &|_| {}).await;
        add("editor", "rubric_editor", &|_| {}).await;
        add("newcomer", "evaluator", &|_| {}).await;
        let guest = Caller { token: None, person: None, ..programme.admin.clone() };
        callers.push(("anonymous".to_owned(), guest));
        callers
    }

    /// Each of them hears what changes.
    async fn listen(&self, world: &World) -> Vec<(String, Ear)> {
        later(1_000_000);
        let mut ears = Vec::new();
        for (who, _) in self.callers.iter().filter(|(_, caller)| caller.token.is_some()) {
            let caller = world.programme.server.sign_in(who).await;
            ears.push((who.clone(), Ear::of(caller).await));
        }
        ears
    }

    /// Sweeps as each of them, and gives everything they were told.
    async fn sweep(&mut self, world: &World, phase: &str) -> Vec<Told> {
        let mut told = Vec::new();
        let mut different = Vec::new();
        // Whoever has failed to sign in waits no longer.
        later(1_000_000);
        for (who, caller) in &mut self.callers {
            if caller.token.is_some() {
                // The last sweep ended with their session.
                *caller = world.programme.server.sign_in(who).await;
            }
            let mut sweep = Sweep::by(caller);
            let has = shown_to(who);
            let unlike = sweep.everything(world, has).await;
            different.extend(unlike.into_iter().map(|unlike| format!("{phase}, {who}: {unlike}")));
            told.extend(
                sweep
                    .told
                    .into_iter()
                    .map(|told| Told { asked: format!("{phase}, {who}: {}", told.asked), ..told }),
            );
        }
        assert!(different.is_empty(), "told otherwise:\n{}", different.join("\n\n"));
        let mut watched = Sweep::by(&self.watch);
        watched.watch().await;
        told.extend(watched.told);
        told
    }
}

/// The routes on which what is told may differ each time, by who asks: a challenge and a cursor are
/// random, passwords and second factors one's own, and a published scorecard is for its centre, its
/// agency and observers.
fn shown_to(who: &str) -> &'static [&'static str] {
    const OF_OWN: [&str; 8] = [
        PDF,
        "/api/scorecards/{scorecard}",
        "/api/scorecards/{scorecard}/appeals",
        "/api/session/challenge",
        "/api/session/password",
        "/api/session/totp",
        "/api/session/totp/confirm",
        "/api/sync/pull",
    ];
    const OF_EDITOR: [&str; 7] = [
        "/api/rubrics/{earlier}/mapping/{later}",
        "/api/rubrics/{rubric}",
        "/api/session/challenge",
        "/api/session/password",
        "/api/session/totp",
        "/api/session/totp/confirm",
        "/api/sync/pull",
    ];
    match who {
        "editor" => &OF_EDITOR,
        "coordinator.employer" | "newcomer" | "anonymous" => &OF_OWN[3..],
        _ => &OF_OWN,
    }
}

impl Sweep {
    /// Asks what those ask who watch the server.
    async fn watch(&mut self) {
        for page in ["/metrics", "/healthz", "/nowhere", "/"] {
            self.page(page).await;
        }
    }
}

fn found(search: &Search, told: &[Told]) -> Vec<String> {
    let all: BTreeSet<String> = told.iter().flat_map(|told| told.found(search)).collect();
    all.into_iter().collect()
}

/// Whether somebody was told a text.
fn is_told(told: &[Told], text: &str) -> bool {
    let mut planted = Planted::default();
    planted.text("text", text);
    let search = planted.search_without(&[]);
    told.iter().any(|told| !told.found(&search).is_empty())
}

async fn whoever_must_know_nobody_is_told_of_nobody() {
    let (mut world, mut outsiders) = Outsiders::begin().await;
    let mut told = outsiders.sweep(&world, "visits are planned").await;
    let ears = outsiders.listen(&world).await;
    world.do_field_work().await;
    for (who, ear) in ears {
        told.push(ear.heard(&who).await);
    }
    told.extend(outsiders.sweep(&world, "visits are made").await);
    let results = |told: &[Told]| -> Vec<Told> {
        told.iter().filter(|told| told.asked.contains("/api/scorecards")).cloned().collect()
    };
    assert!(!is_told(&results(&told), "مركز الأمل"), "nothing is published yet");
    world.publish().await;
    let after = outsiders.sweep(&world, "results are out").await;
    assert!(is_told(&results(&after), "مركز الأمل"), "the search finds what is told");
    let documents = after.iter().filter(|told| told.body.starts_with(b"%PDF"));
    assert!(documents.count() > 6, "documents are among what is told");
    told.extend(after);
    told.push(log());
    let (things, forms) = world.planter.planted.counts();
    assert!(things > 150 && forms > 4_000, "{things} things in {forms} forms");
    // Who answers for an agency is told its name.
    let (of_employer, of_others): (Vec<Told>, Vec<Told>) =
        told.into_iter().partition(|told| told.asked.contains("coordinator.employer"));
    let planted = &world.planter.planted;
    let mut leaks = found(&planted.search_without(&[]), &of_others);
    leaks.extend(found(&planted.search_without(&[EMPLOYER]), &of_employer));
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    each_kind_is_told_to_somebody(&world).await;
}

/// What was planted is where it belongs: those who run the programme are told of it.
async fn each_kind_is_told_to_somebody(world: &World) {
    let search = world.planter.planted.search_without(&[]);
    let everywhere: Vec<&str> = TABLE.iter().map(|(_, path, _)| *path).collect();
    let mut told = Vec::new();
    // The administrator last: it revokes and closes what it can.
    let evaluator = &world.evaluators[0].caller;
    for insider in [evaluator, &world.reviewer, &world.chair, &world.programme.admin] {
        let mut sweep = Sweep::by(insider);
        sweep.everything(world, &everywhere).await;
        told.extend(sweep.told);
    }
    let body = serde_json::to_vec(&world.reviewed).unwrap();
    told.push(Told { asked: "what was reviewed".to_owned(), head: Vec::new(), body });
    let kinds: BTreeSet<&str> = told.iter().flat_map(|told| told.kinds(&search)).collect();
    let all = BTreeSet::from([PERSON, DEVICE, PLAN, BRIEF, MOMENT, NOTE, ID, EVIDENCE, EMPLOYER]);
    assert_eq!(kinds, all, "credentials alone are told to nobody: {CREDENTIAL}");
}

#[test]
fn every_described_route_is_swept() {
    let swept: BTreeSet<(String, String)> =
        TABLE.iter().map(|(method, path, _)| ((*method).into(), (*path).into())).collect();
    assert_eq!(swept, described());
}

/// An evaluator learns nothing of another's visit or device by acting on it.
async fn what_is_others_and_what_is_not_there_are_told_alike() {
    let (world, outsiders) = Outsiders::begin().await;
    let newcomer = &outsiders.callers.iter().find(|(who, _)| who == "newcomer").unwrap().1;
    let device = Device::enrol(newcomer, 7).await;
    let other = world.visits[0].id;
    let mut outcomes = Vec::new();
    for visit in [other.0, fresh()] {
        let acts = [
            (
                "acceptance",
                json!({ "decision": "declined", "visit": visit, "reason": "r", "at": 1 }),
            ),
            ("answer", json!({ "visit": visit, "criterion": "P1", "value": true, "at": 1 })),
            ("timeline", json!({ "visit": visit, "times": {} })),
        ];
        for (kind, body) in acts {
            let id = mizan_protocol::id::RecordId(fresh());
            let op_id = mizan_protocol::id::OperationId(fresh());
            let operation = Operation { op_id, record: record(id, kind, 0, body) };
            let outcome = device.push(vec![operation]).await.remove(0);
            assert!(matches!(outcome, Outcome::Rejected { .. }), "{kind}: {outcome:?}");
            outcomes.push(serde_json::to_string(&outcome).unwrap());
        }
    }
    let (others, unknown) = outcomes.split_at(3);
    assert_eq!(others, unknown);
    let guest = &outsiders.callers.iter().find(|(who, _)| who == "anonymous").unwrap().1;
    let mut shapes = Vec::new();
    for device in [world.evaluators[0].device.id.0, fresh()] {
        let body = json!({ "device": device });
        let path = "/api/session/challenge";
        let (status, _, bytes) = guest.raw(Method::POST, path, Some(&body)).await;
        let challenge: Value = serde_json::from_slice(&bytes).unwrap();
        let challenge = challenge["challenge"].as_str().unwrap().to_owned();
        let body = json!({
            "device": device, "challenge": challenge, "signature": device_signature(&challenge),
        });
        let (refused, _, answer) =
            guest.raw(Method::POST, "/api/session/device", Some(&body)).await;
        shapes.push((status, bytes.len(), challenge.len(), refused, answer));
    }
    assert_eq!(shapes[0], shapes[1]);
    let users = [world.evaluators[0].caller.person.clone().unwrap().user, "nobody".to_owned()];
    for tries in 0..5 {
        let mut told = Vec::new();
        for user in &users {
            let body = json!({ "user": user, "password": "not the password" });
            let (status, _, bytes) = guest.raw(Method::POST, "/api/session", Some(&body)).await;
            told.push((status, bytes));
        }
        assert_eq!(told[0], told[1], "after {tries} tries");
    }
}

/// Of a key that is no device's.
fn device_signature(challenge: &str) -> String {
    let seed = zeroize::Zeroizing::new([99; 32]);
    let key = mizan_protocol::signature::SecretKey::from_seed(&seed);
    key.sign(challenge.as_bytes()).to_string()
}

/// A name is written where no code would write it: into a published scorecard, into a stream, into the
/// audit and into the log. Each place is searched.
async fn a_leak_in_the_servers_own_data_is_found() {
    let (mut world, mut outsiders) = Outsiders::begin().await;
    world.do_field_work().await;
    world.publish().await;
    let name = world.evaluators[0].caller.person.clone().unwrap().name;
    world.programme.server.pause().await;
    let location = world.programme.server.location();
    let store = tokio::task::spawn_blocking(move || Store::open(&location)).await.unwrap().unwrap();
    let (ar, en) = (name.ar.clone(), name.en.clone());
    let leak = move |tx: &mut dyn Tx| -> Result<(), mizan_server::error::Error> {
        for sql in [
            "UPDATE scorecards SET body = REPLACE(body, 'مركز الأمل', $1)",
            "UPDATE stream_rows SET body = REPLACE(body, 'مركز الأمل', $1)
             WHERE stream LIKE 'M:%' OR stream LIKE 'A:%'",
        ] {
            tx.exec(sql, &[tx::Value::Text(ar.clone())])?;
        }
        let sql = "INSERT INTO audit (n, at, deed, details, previous, hash)
                   SELECT n + 1, 0, $1, '{}', hash, $2 FROM audit ORDER BY n DESC LIMIT 1";
        tx.exec(sql, &[tx::Value::Text(en), tx::Value::Blob(vec![7; 32])]).map(drop)
    };
    store.write(leak).await.unwrap();
    drop(store);
    world.programme.server.resume().await;
    for (_, caller) in &mut outsiders.callers {
        caller.url.clone_from(&world.programme.server.url);
    }
    tracing::warn!(target: "mizan_server", "a name that was planted: {}", name.ar);
    let mut told = Vec::new();
    for who in ["manager.one", "coordinator.one", "observer"] {
        let caller = world.programme.server.sign_in(who).await;
        let mut sweep = Sweep::by(&caller);
        sweep.published(&world).await;
        told.extend(sweep.told.into_iter().map(|told| Told {
            asked: format!("{who}: {}", told.asked.split('?').next().unwrap()),
            ..told
        }));
    }
    told.push(log());
    let search = world.planter.planted.search_without(&[]);
    let places: BTreeSet<String> = told
        .iter()
        .filter(|told| !told.found(&search).is_empty())
        .map(|told| told.asked.clone())
        .collect();
    let card = |centre: usize| world.ids(centre).path(PDF).split('?').next().unwrap().to_owned();
    let expected = BTreeSet::from([
        "manager.one: GET /api/scorecards".to_owned(),
        "manager.one: POST /api/sync/pull".to_owned(),
        format!("manager.one: GET {}", card(0)),
        "coordinator.one: GET /api/scorecards".to_owned(),
        "coordinator.one: POST /api/sync/pull".to_owned(),
        format!("coordinator.one: GET {}", card(0)),
        "observer: GET /api/scorecards".to_owned(),
        format!("observer: GET {}", card(0)),
        format!("observer: GET {}", card(1)),
        "observer: GET /api/audit".to_owned(),
        "the log".to_owned(),
    ]);
    assert_eq!(places, expected);
}

/// A server that tells a name in each way a server can.
#[tokio::test]
async fn a_leak_on_the_line_is_found_wherever_it_is() {
    let name = "بتثجحخدذرزسش";
    let percent: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let escaped: String = name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let header = |header: &'static str, value: String| {
        let value = HeaderValue::from_str(&value).unwrap();
        HeaderMap::from_iter([(HeaderName::from_static(header), value)])
    };
    let cookie = header("set-cookie", format!("who={percent}"));
    let location = header("location", format!("/visits?by={percent}"));
    let tag = header("etag", format!("\"{}\"", hex::encode(name)));
    let error = format!(r#"{{"code":"request.invalid","params":{{"value":"{escaped}"}}}}"#);
    let figures = format!("mizan_requests_total{{user=\"{name}\"}} 1\n# EOF\n");
    let packed =
        |encoding: &'static str, body: Vec<u8>| (header("content-encoding", encoding.into()), body);
    let gzip = packed("gzip", {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(error.as_bytes()).unwrap();
        encoder.finish().unwrap()
    });
    let zstd = packed("zstd", zstd::encode_all(error.as_bytes(), 1).unwrap());
    let leaky = Router::new()
        .route("/cookie", get(|| async { cookie }))
        .route("/location", get(|| async { (StatusCode::FOUND, location) }))
        .route("/tag", get(|| async { (tag, "nothing") }))
        .route("/error", get(|| async { (StatusCode::UNPROCESSABLE_ENTITY, error) }))
        .route("/metrics", get(|| async { figures }))
        .route("/gzip", get(|| async { gzip }))
        .route("/zstd", get(|| async { zstd }))
        .route("/nothing", get(|| async { "nothing" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, leaky).await });
    let mut planted = Planted::default();
    planted.text(PERSON, name);
    let search = planted.search_without(&[]);
    let mut sweep = Sweep::by(&Caller { url, token: None, person: None });
    let leaks = ["/cookie", "/location", "/tag", "/error", "/metrics", "/gzip", "/zstd"];
    for page in leaks.into_iter().chain(["/nothing"]) {
        sweep.page(page).await;
    }
    let found: Vec<String> = sweep.told.iter().flat_map(|told| told.found(&search)).collect();
    let expected = leaks.map(|page| format!("GET {page} tells {PERSON}: {name}"));
    assert_eq!(found, expected);
    serving.abort();
}
