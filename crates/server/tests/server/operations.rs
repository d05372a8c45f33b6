//! What an operator meets: limits, compression, figures, health, TLS, one key for all servers.

use std::io::{Read as _, Write as _};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use mizan_protocol::api::AgencyJson;
use mizan_server::engine::Location;
use mizan_server::error::Error;
use mizan_server::{Exposure, TlsFiles};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Caller, Programme, Server};

on_both_engines! {
    a_full_queue_and_a_slow_writer_are_told_with_the_time_to_wait,
    the_database_is_watched,
    a_second_server_needs_the_first_ones_key,
}

fn http() -> reqwest::Client {
    reqwest::Client::new()
}

async fn code_of(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["code"].as_str().unwrap().to_owned())
}

fn agency(n: usize) -> Value {
    json!({ "code": format!("N-{n}"), "name": { "ar": "جهة", "en": "Agency" } })
}

/// Holds what every writing transaction waits for, until it is dropped.
struct HeldWriter {
    release: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl HeldWriter {
    fn of(server: &Server) -> Self {
        let (release, released) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let location = server.location();
        let thread = std::thread::spawn(move || {
            let wait = || {
                ready.send(()).unwrap();
                released.recv().unwrap_err();
            };
            match location {
                Location::File(path) => {
                    let connection = rusqlite::Connection::open(path).unwrap();
                    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                    wait();
                }
                Location::Postgres(address) => {
                    let mut client = postgres::Client::connect(&address, postgres::NoTls).unwrap();
                    client.batch_execute("SELECT pg_advisory_lock(1297763923)").unwrap();
                    wait();
                }
            }
        });
        is_ready.recv().unwrap();
        Self { release: Some(release), thread: Some(thread) }
    }
}

impl Drop for HeldWriter {
    fn drop(&mut self) {
        drop(self.release.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

async fn a_full_queue_and_a_slow_writer_are_told_with_the_time_to_wait() {
    let programme = Programme::start().await;
    let (url, token) = (programme.server.url.clone(), programme.admin.token.clone().unwrap());
    let held = HeldWriter::of(&programme.server);
    let mut calls = tokio::task::JoinSet::new();
    // One group is with the writer, and then the queue is full.
    let http = http();
    for n in 0..450 {
        let request = http.post(format!("{url}/api/agencies")).bearer_auth(&token).json(&agency(n));
        calls.spawn(async move { request.send().await.unwrap() });
    }
    let mut told = 0;
    let mut kept = 0;
    let first = calls.join_next().await.unwrap().unwrap();
    assert_eq!(first.status(), StatusCode::SERVICE_UNAVAILABLE, "the first answer is a refusal");
    drop(held);
    let mut answers = calls.join_all().await;
    answers.push(first);
    for answer in answers {
        if answer.status().is_success() {
            kept += 1;
            continue;
        }
        assert_eq!(answer.headers()["retry-after"], "1");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(
            (&body["code"], &body["params"]["seconds"]),
            (&json!("server.busy"), &json!("1"))
        );
        told += 1;
    }
    assert!(told > 0 && kept > 0, "{told} were told to wait, {kept} were kept");
    let all: Vec<AgencyJson> = programme.admin.get("/api/agencies").await;
    assert_eq!(all.len(), kept + programme.agencies.len(), "whoever was told to wait was not kept");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let mut programme = Programme::start().await;
    let admin = programme.server.sign_in("admin").await;
    programme.server.pause().await;
    let limit = Duration::from_millis(300);
    programme.server.resume_with(|config| config.time_limit = limit).await;
    let held = HeldWriter::of(&programme.server);
    let request = http().post(format!("{}/api/agencies", programme.server.url));
    let request = request.bearer_auth(admin.token.as_ref().unwrap()).json(&agency(1));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(code_of(answer).await, (503, "server.busy".to_owned()));
    drop(held);
}

async fn the_database_is_watched() {
    let mut programme = Programme::start().await;
    programme.server.pause().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let metrics = Some(address.clone());
    programme.server.resume_with(|config| config.metrics = metrics).await;
    let admin = programme.server.sign_in("admin").await;
    admin.post::<AgencyJson>("/api/agencies", &agency(1)).await;
    let guest = Caller { token: None, person: None, ..admin.clone() };
    let wrong = json!({ "user": "admin", "password": "not the password" });
    guest.refused(reqwest::Method::POST, "/api/session", wrong).await;
    guest.refused(reqwest::Method::GET, "/api/cycles/x/secret-path", Value::Null).await;
    for url in [format!("http://{address}/healthz"), format!("{}/healthz", admin.url)] {
        let health = http().get(url).send().await.unwrap();
        assert_eq!(
            (health.status().as_u16(), health.text().await.unwrap().as_str()),
            (200, "ok\n")
        );
    }
    let text = http().get(format!("http://{address}/metrics")).send().await.unwrap();
    let text = text.text().await.unwrap();
    for line in [
        "mizan_database_up 1",
        "mizan_sign_ins_refused_total 1",
        "mizan_pushes_refused_total 0",
        "mizan_quarantine_open 0",
        "mizan_writer_waiting 0",
        "mizan_requests_total{method=\"POST\",route=\"/api/agencies\",status=\"200\"} 1",
        "mizan_requests_total{method=\"GET\",route=\"other\",status=\"404\"} 1",
        "mizan_request_seconds_count{route=\"/api/agencies\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("mizan_writer_commits_total 0"), "{text}");
    assert!(!text.contains("secret-path") && text.ends_with("# EOF\n"), "{text}");
    let main = http().get(format!("{}/metrics", admin.url)).send().await.unwrap();
    assert_eq!(main.status().as_u16(), 404, "figures are for those who watch alone");
}

async fn a_second_server_needs_the_first_ones_key() {
    let mut programme = Programme::start().await;
    programme.server.pause().await;
    let key = programme.server.data().join("server.key");
    let aside = programme.server.data().join("first.key");
    std::fs::rename(&key, &aside).unwrap();
    let start = || {
        let config = programme.server.config();
        async { mizan_server::serve(config, async {}, |_| {}).await }
    };
    let refused = start().await.unwrap_err();
    assert!(matches!(&refused, Error::OtherKey { .. }), "{refused}");
    assert!(refused.to_string().contains("copy server.key"), "{refused}");
    assert!(!key.exists(), "no key is made that would not fit");
    std::fs::write(&key, "07".repeat(32)).unwrap();
    let refused = start().await.unwrap_err();
    assert!(matches!(&refused, Error::OtherKey { .. }), "{refused}");
    std::fs::rename(&aside, &key).unwrap();
    programme.server.resume().await;
    programme.server.sign_in("admin").await;
}

#[tokio::test]
async fn servers_share_a_folder_when_they_share_a_database() {
    let database = Location::parse(&mizan_tests::postgres::shared().new_database());
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut first = Server::on(folder, Some(database)).await;
    let mut second = first.twin();
    second.resume().await;
    let (one, two) = (first.sign_in("admin").await, second.sign_in("admin").await);
    one.post::<AgencyJson>("/api/agencies", &agency(1)).await;
    two.post::<AgencyJson>("/api/agencies", &agency(2)).await;
    let here: Vec<AgencyJson> = one.get("/api/agencies").await;
    assert_eq!(here.len(), 2);
    assert_eq!(here, two.get::<Vec<AgencyJson>>("/api/agencies").await);
    second.pause().await;
    first.pause().await;
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn bodies_are_compressed_both_ways_and_a_bomb_does_not_go_off() {
    let programme = Programme::start().await;
    let admin = &programme.admin;
    let post = |body: Vec<u8>, encoding: &'static str| {
        let request = http().post(format!("{}/api/agencies", admin.url));
        let request = request.bearer_auth(admin.token.as_ref().unwrap());
        let request = request.header(CONTENT_TYPE, "application/json");
        request.header(CONTENT_ENCODING, encoding).body(body).send()
    };
    let small = gzip(agency(1).to_string().as_bytes());
    assert_eq!(post(small.clone(), "gzip").await.unwrap().status().as_u16(), 200);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000, "small on the line: {}", bomb.len());
    let answer = post(bomb, "gzip").await.unwrap();
    assert!(answer.headers().contains_key("x-content-type-options"), "errors have the headers too");
    assert_eq!(code_of(answer).await, (413, "request.too_large".to_owned()));
    let cut = small[..small.len() - 9].to_vec();
    assert_eq!(code_of(post(cut, "gzip").await.unwrap()).await, (422, "request.invalid".into()));
    let unknown = post(small, "br").await.unwrap();
    assert_eq!(code_of(unknown).await, (422, "request.invalid".into()));

    let url = format!("{}/api/openapi.json", admin.url);
    let plain = http().get(&url).send().await.unwrap().bytes().await.unwrap();
    for encoding in ["gzip", "zstd"] {
        let answer = http().get(&url).header(ACCEPT_ENCODING, encoding).send().await.unwrap();
        assert_eq!(answer.headers()[CONTENT_ENCODING], encoding);
        let bytes = answer.bytes().await.unwrap();
        assert!(bytes.len() * 3 < plain.len(), "{encoding}: {} of {}", bytes.len(), plain.len());
        if encoding == "gzip" {
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, plain);
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_id_of_its_request() {
    let programme = Programme::start().await;
    let mut ids = std::collections::BTreeSet::new();
    for path in ["/", "/api/agencies", "/nowhere"] {
        let answer = http().get(format!("{}{path}", programme.admin.url)).send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(id.parse::<uuid::Uuid>().is_ok(), "{id}");
        assert!(ids.insert(id), "each has its own");
    }
}

#[tokio::test]
async fn the_server_speaks_tls_and_is_not_reached_without() {
    let mut server = Server::start().await;
    server.pause().await;
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (server.data().join("cert.pem"), server.data().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let files = TlsFiles { certificate: certificate.clone(), key };
    server.resume_with(|config| config.tls = Some(files)).await;
    let trusted = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([trusted]).build().unwrap();
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let answer = client.get(format!("https://localhost:{port}/healthz")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let stranger = http().get(format!("https://localhost:{port}/")).send().await;
    assert!(stranger.is_err(), "a certificate nobody vouches for is not believed");
    let plain = http().get(format!("http://localhost:{port}/")).send().await;
    assert!(plain.is_err(), "there is no answer in the clear");
    drop(client);
    server.pause().await;

    let mut config = server.config();
    config.listen = "0.0.0.0:0".to_owned();
    let refused = mizan_server::serve(config.clone(), async {}, |_| {}).await.unwrap_err();
    assert!(matches!(refused, Error::Exposed { .. }), "{refused}");
    config.exposure = Exposure::BehindProxy;
    mizan_server::serve(config.clone(), async {}, |_| {}).await.unwrap();
    config.tls = Some(TlsFiles { certificate: certificate.clone(), key: certificate });
    let refused = mizan_server::serve(config, async {}, |_| {}).await.unwrap_err();
    assert!(matches!(refused, Error::Certificate { .. }), "{refused}");
}
