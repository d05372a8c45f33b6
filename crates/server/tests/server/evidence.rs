//! Evidence by tus: as the protocol demands it, over broken lines, and as it then lies there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mizan_protocol::canonical::Digest;
use mizan_protocol::evaluation::EvidenceRef;
use mizan_server::Config;
use mizan_server::evidence::{EvidencePlace, EvidenceQuota};
use mizan_server::tx::Engine;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, Programme, engine, later};
use crate::s3::S3Server;

on_both_engines! {
    the_server_says_what_it_speaks_and_refuses_other_versions,
    a_file_goes_up_in_parts_and_is_there_whole,
    what_is_not_as_the_protocol_demands_is_refused_by_its_status,
    bytes_with_a_wrong_checksum_leave_nothing_behind,
    what_came_before_a_cut_is_kept,
    a_part_that_is_asked_for_again_at_once_is_not_lost,
    a_server_that_stops_waits_for_nobody_and_keeps_what_came,
    of_two_who_send_at_once_one_is_refused,
    an_upload_belongs_to_its_person,
    an_upload_that_is_given_up_or_expires_is_gone_with_its_parts,
    a_file_that_is_not_what_it_is_said_to_be_does_not_count,
    what_was_sent_before_is_not_sent_again,
    files_are_encrypted_where_they_lie_and_plain_ones_from_before_are_read,
    a_damaged_part_begins_the_upload_anew,
    limits_hold_for_a_person_and_for_the_server,
    a_bucket_is_as_good_as_a_folder,
    another_process_goes_on_with_an_upload,
    a_visit_is_complete_only_with_every_file_it_names,
}

const PART: usize = 256 << 10;
const UPLOADS: &str = "/api/evidence/uploads";
const OCTETS: &str = "application/offset+octet-stream";
/// Stands in every photo, and must not be found where files lie.
const MARK: &[u8] = b"Xanthippe";

/// A JPEG of so many bytes, another for each seed.
pub fn photo(seed: u8, bytes: usize) -> Vec<u8> {
    let mut number = u32::from(seed) + 1;
    let mut scan = Vec::from(MARK);
    while scan.len() < bytes.saturating_sub(8) {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        scan.push((number >> 24) as u8 & 0x7F);
    }
    [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2], scan.as_slice(), &[0xFF, 0xD9]].concat()
}

/// What the server answered to a request of the protocol.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: reqwest::header::HeaderMap,
    code: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn offset(&self) -> usize {
        self.header("upload-offset").parse().unwrap_or_else(|_| panic!("{self:?}"))
    }

    fn refused(&self) -> (u16, &str) {
        (self.status, self.code.as_str())
    }
}

async fn send(
    caller: &Caller,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Answer {
    let mut request = reqwest::Client::new().request(method, format!("{}{path}", caller.url));
    if !headers.iter().any(|(name, _)| *name == "tus-resumable") {
        request = request.header("tus-resumable", "1.0.0");
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    let token = caller.token.as_ref().unwrap();
    let response = request.bearer_auth(token).body(body).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
    Answer { status, headers, code: body["code"].as_str().unwrap_or_default().to_owned() }
}

fn metadata(sha256: Digest, media_type: &str) -> String {
    let (sha256, media_type) = (STANDARD.encode(sha256.to_string()), STANDARD.encode(media_type));
    format!("sha256 {sha256},filetype {media_type}")
}

async fn create(caller: &Caller, bytes: &[u8]) -> Answer {
    create_as(caller, Digest::of(bytes), "image/jpeg", bytes.len()).await
}

async fn create_as(caller: &Caller, sha256: Digest, media_type: &str, length: usize) -> Answer {
    let (length, metadata) = (length.to_string(), metadata(sha256, media_type));
    let headers = [("upload-length", length.as_str()), ("upload-metadata", metadata.as_str())];
    send(caller, Method::POST, UPLOADS, &headers, Vec::new()).await
}

/// Begins an upload and returns its place.
pub async fn begin(caller: &Caller, bytes: &[u8]) -> String {
    let answer = create(caller, bytes).await;
    assert_eq!((answer.status, answer.offset()), (201, 0), "{answer:?}");
    answer.header("location").to_owned()
}

async fn patch(caller: &Caller, place: &str, offset: usize, bytes: &[u8]) -> Answer {
    let offset = offset.to_string();
    let headers = [("upload-offset", offset.as_str()), ("content-type", OCTETS)];
    send(caller, Method::PATCH, place, &headers, bytes.to_vec()).await
}

/// How far an upload is once everything that was sent has come. Until then the request that brought it
/// may not even have begun.
async fn comes_to(caller: &Caller, place: &str, expected: usize) -> usize {
    let mut told = head(caller, place).await.offset();
    for _ in 0..1000 {
        if told == expected {
            break;
        }
        told = head(caller, place).await.offset();
    }
    told
}

async fn head(caller: &Caller, place: &str) -> Answer {
    send(caller, Method::HEAD, place, &[], Vec::new()).await
}

/// Sends a whole file.
pub async fn upload(caller: &Caller, bytes: &[u8]) -> Answer {
    let place = begin(caller, bytes).await;
    patch(caller, &place, 0, bytes).await
}

/// Begins a request with an upload's bytes and sends so many of them; the line then stays open.
async fn send_some(caller: &Caller, place: &str, from: usize, to: usize, of: &[u8]) -> TcpStream {
    let host = caller.url.strip_prefix("http://").unwrap();
    let mut line = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\
         tus-resumable: 1.0.0\r\nupload-offset: {from}\r\ncontent-type: {OCTETS}\r\n\
         content-length: {}\r\n\r\n",
        caller.token.as_ref().unwrap(),
        of.len() - from,
    );
    line.write_all(head.as_bytes()).await.unwrap();
    line.write_all(&of[from..to]).await.unwrap();
    line
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let found = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    found.collect()
}

async fn evaluator() -> (Programme, Caller) {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    (programme, evaluator)
}

/// The same with a server that is set up otherwise.
async fn evaluator_with(change: impl FnOnce(&mut Config)) -> (Programme, Caller) {
    let mut programme = Programme::start().await;
    programme.server.pause().await;
    programme.server.resume_with(change).await;
    programme.admin.url.clone_from(&programme.server.url);
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    (programme, evaluator)
}

async fn is_missing(caller: &Caller, bytes: &[u8]) -> bool {
    let query = json!({ "sha256": [Digest::of(bytes)] });
    let answer: Value = caller.post("/api/evidence/missing", &query).await;
    !answer["missing"].as_array().unwrap().is_empty()
}

async fn the_server_says_what_it_speaks_and_refuses_other_versions() {
    let (programme, evaluator) = evaluator().await;
    let ask = async |caller: &Caller| {
        send(caller, Method::OPTIONS, UPLOADS, &[("tus-resumable", "")], Vec::new()).await
    };
    assert_eq!(ask(&programme.admin).await.status, 404, "only who may send need know");
    let options = ask(&evaluator).await;
    assert_eq!(options.status, 204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-max-size", "20971520"),
        ("tus-extension", "creation,creation-with-upload,checksum,termination,expiration"),
        ("tus-checksum-algorithm", "sha1,sha256"),
    ] {
        assert_eq!(options.header(name), value, "{name}");
    }
    let place = begin(&evaluator, &photo(1, 50)).await;
    let unknown = format!("{UPLOADS}/{}", uuid::Uuid::from_u128(1));
    for (method, path) in [
        (Method::POST, UPLOADS),
        (Method::HEAD, &place),
        (Method::PATCH, &place),
        (Method::DELETE, &place),
        (Method::HEAD, &unknown),
    ] {
        for version in ["", "0.2.2"] {
            let headers = [("tus-resumable", version)];
            let answer = send(&evaluator, method.clone(), path, &headers, Vec::new()).await;
            assert_eq!(answer.status, 412, "{method} {path} by `{version}`");
            assert_eq!(answer.header("tus-version"), "1.0.0");
            assert_eq!(answer.header("tus-resumable"), "1.0.0", "also in a refusal");
        }
    }
    assert_eq!(head(&evaluator, &place).await.offset(), 0, "nothing of that was done");
    drop(programme);
}

async fn a_file_goes_up_in_parts_and_is_there_whole() {
    let (programme, evaluator) = evaluator().await;
    let bytes = photo(1, 2 * PART + 77);
    let created = create(&evaluator, &bytes).await;
    let place = created.header("location").to_owned();
    assert!(place.starts_with("/api/evidence/uploads/"), "{place}");
    assert_eq!(created.header("upload-expires"), "Mon, 02 Nov 2026 08:00:00 GMT", "a day later");
    let mut offset = 0;
    for size in [100, PART, 1] {
        let end = bytes.len().min(offset + size);
        let answer = patch(&evaluator, &place, offset, &bytes[offset..end]).await;
        assert_eq!((answer.status, answer.offset()), (204, end), "{answer:?}");
        assert_ne!(answer.header("upload-expires"), "");
        let state = head(&evaluator, &place).await;
        assert_eq!((state.status, state.offset()), (200, end));
        assert_eq!(state.header("upload-length"), bytes.len().to_string());
        assert_eq!(state.header("upload-metadata"), metadata(Digest::of(&bytes), "image/jpeg"));
        assert_eq!(state.header("cache-control"), "no-store");
        assert!(is_missing(&evaluator, &bytes).await, "a part is not the file");
        offset = end;
    }
    let answer = patch(&evaluator, &place, offset, &bytes[offset..]).await;
    assert_eq!((answer.status, answer.offset()), (204, bytes.len()));
    assert_eq!(
        head(&evaluator, &place).await.offset(),
        bytes.len(),
        "for whom the answer was lost"
    );
    assert!(!is_missing(&evaluator, &bytes).await);
    let evidence = programme.server.data().join("evidence");
    assert_eq!(files(&evidence).len(), 1, "the parts are gone");
    let again = patch(&evaluator, &place, bytes.len(), &[]).await;
    assert_eq!((again.status, again.offset()), (204, bytes.len()));

    let whole = photo(2, PART + 5);
    let length = whole.len().to_string();
    let metadata = metadata(Digest::of(&whole), "image/jpeg");
    let headers = [
        ("upload-length", length.as_str()),
        ("upload-metadata", metadata.as_str()),
        ("content-type", OCTETS),
    ];
    let begun = send(&evaluator, Method::POST, UPLOADS, &headers, whole[..PART].to_vec()).await;
    assert_eq!((begun.status, begun.offset()), (201, PART), "bytes with the creation");
    let place = begun.header("location");
    assert_eq!(patch(&evaluator, place, PART, &whole[PART..]).await.status, 204);
    assert!(!is_missing(&evaluator, &whole).await);
}

/// A title, the headers, and the refusal they meet.
type Row = (&'static str, &'static [(&'static str, &'static str)], (u16, &'static str));

async fn what_is_not_as_the_protocol_demands_is_refused_by_its_status() {
    let (programme, evaluator) = evaluator().await;
    let bytes = photo(1, 100);
    let place = begin(&evaluator, &bytes).await;
    let good = metadata(Digest::of(&bytes), "image/jpeg");
    let html = metadata(Digest::of(&bytes), "text/html");
    let creations: [(&str, &str, &str, (u16, &str)); 6] = [
        ("no length", "", &good, (400, "upload.header")),
        ("no number", "many", &good, (400, "upload.header")),
        ("no metadata", "100", "", (400, "upload.header")),
        ("too large", "20971521", &good, (413, "evidence.too_large")),
        ("nothing", "0", &good, (422, "evidence.damaged")),
        ("another type", "100", &html, (422, "evidence.type")),
    ];
    for (title, length, metadata, expected) in creations {
        let headers = [("upload-length", length), ("upload-metadata", metadata)];
        let answer = send(&evaluator, Method::POST, UPLOADS, &headers, Vec::new()).await;
        assert_eq!(answer.refused(), expected, "{title}");
        assert_eq!(answer.header("tus-resumable"), "1.0.0", "{title}");
    }
    let parts: [Row; 7] = [
        ("no offset", &[("content-type", OCTETS)], (400, "upload.header")),
        (
            "another type",
            &[("upload-offset", "0"), ("content-type", "image/jpeg")],
            (415, "upload.content_type"),
        ),
        ("no type", &[("upload-offset", "0")], (415, "upload.content_type")),
        ("ahead", &[("upload-offset", "5"), ("content-type", OCTETS)], (409, "upload.offset")),
        (
            "an unknown algorithm",
            &[("upload-offset", "0"), ("content-type", OCTETS), ("upload-checksum", "md5 AAAA")],
            (400, "upload.header"),
        ),
        (
            "a wrong checksum",
            &[("upload-offset", "0"), ("content-type", OCTETS), ("upload-checksum", "sha256 AAAA")],
            (460, "upload.checksum"),
        ),
        (
            "another method",
            &[("x-http-method-override", "PUT"), ("content-type", OCTETS)],
            (404, "request.not_found"),
        ),
    ];
    for (title, headers, expected) in parts {
        let method = if title == "another method" { Method::POST } else { Method::PATCH };
        let answer = send(&evaluator, method, &place, headers, bytes.clone()).await;
        assert_eq!(answer.refused(), expected, "{title}");
    }
    let long = [bytes.as_slice(), b"more"].concat();
    let answer = patch(&evaluator, &place, 0, &long).await;
    assert_eq!(answer.refused(), (413, "request.too_large"));
    assert_eq!(head(&evaluator, &place).await.offset(), 0, "nothing of that counts");

    let headers =
        [("x-http-method-override", "PATCH"), ("upload-offset", "0"), ("content-type", OCTETS)];
    let answer = send(&evaluator, Method::POST, &place, &headers, bytes.clone()).await;
    assert_eq!((answer.status, answer.offset()), (204, 100), "by another name");
    drop(programme);
}

async fn bytes_with_a_wrong_checksum_leave_nothing_behind() {
    let (programme, evaluator) = evaluator().await;
    let bytes = photo(1, 3 * PART);
    let place = begin(&evaluator, &bytes).await;
    let evidence = programme.server.data().join("evidence");
    let with = async |offset: usize, bytes: &[u8], checksum: &str| {
        let offset = offset.to_string();
        let headers = [
            ("upload-offset", offset.as_str()),
            ("content-type", OCTETS),
            ("upload-checksum", checksum),
        ];
        send(&evaluator, Method::PATCH, &place, &headers, bytes.to_vec()).await
    };
    let sha256 = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Digest::of(bytes).as_bytes()));
    let end = 2 * PART + 10;
    let mut bent = bytes[..end].to_vec();
    bent[end - 1] ^= 1;
    let refused = with(0, &bent, &sha256(&bytes[..end])).await;
    assert_eq!(refused.refused(), (460, "upload.checksum"), "although only its last byte differs");
    assert_eq!((head(&evaluator, &place).await.offset(), files(&evidence).len()), (0, 0));
    let taken = with(0, &bytes[..end], &sha256(&bytes[..end])).await;
    assert_eq!((taken.status, taken.offset()), (204, end));
    assert_eq!(with(end, &bytes[end..], &sha256(&bytes[end..])).await.status, 204);
    assert!(!is_missing(&evaluator, &bytes).await);
}

async fn what_came_before_a_cut_is_kept() {
    let (programme, evaluator) = evaluator().await;
    let bytes = photo(1, 5 * PART + 1000);
    let place = begin(&evaluator, &bytes).await;
    let mut offset = 0;
    for sent in [1, PART - 1, PART, PART + 1, 2 * PART + 500] {
        let end = bytes.len().min(offset + sent);
        let line = send_some(&evaluator, &place, offset, end, &bytes).await;
        drop(line);
        let told = comes_to(&evaluator, &place, end).await;
        assert_eq!(told, end, "every byte that came, after {sent} from {offset}");
        offset = told;
    }
    let answer = patch(&evaluator, &place, offset, &bytes[offset..]).await;
    assert_eq!((answer.status, answer.offset()), (204, bytes.len()));
    assert!(!is_missing(&evaluator, &bytes).await);
    drop(programme);
}

/// A line that hangs without breaking: the server still waits when its client is back.
async fn a_part_that_is_asked_for_again_at_once_is_not_lost() {
    let (programme, evaluator) = evaluator().await;
    let bytes = photo(1, 3 * PART);
    let place = begin(&evaluator, &bytes).await;
    let mut hanging = send_some(&evaluator, &place, 0, PART + 9, &bytes).await;
    let told = comes_to(&evaluator, &place, PART + 9).await;
    assert_eq!(told, PART + 9, "all that came, and the waiting is over");
    let late = hanging.write_all(&bytes[PART + 9..2 * PART]).await;
    let answer = patch(&evaluator, &place, told, &bytes[told..]).await;
    assert_eq!((answer.status, answer.offset()), (204, bytes.len()), "after {late:?}");
    let mut said = Vec::new();
    drop(tokio::time::timeout(Duration::from_secs(5), hanging.read_to_end(&mut said)).await);
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains(&format!("upload-offset: {told}")), "it is told how far it came: {said}");
    drop(programme);
}

async fn a_server_that_stops_waits_for_nobody_and_keeps_what_came() {
    let (mut programme, mut evaluator) = evaluator().await;
    let bytes = photo(1, 3 * PART);
    let place = begin(&evaluator, &bytes).await;
    let hanging = send_some(&evaluator, &place, 0, PART + 9, &bytes).await;
    assert_eq!(comes_to(&evaluator, &place, PART + 9).await, PART + 9);
    let second = send_some(&evaluator, &place, PART + 9, 2 * PART, &bytes).await;
    let stopped = tokio::time::timeout(Duration::from_secs(30), programme.server.pause()).await;
    assert!(stopped.is_ok(), "although two lines are open");
    programme.server.resume().await;
    evaluator.url.clone_from(&programme.server.url);
    let told = head(&evaluator, &place).await.offset();
    assert!((PART + 9..=2 * PART).contains(&told), "{told}");
    let answer = patch(&evaluator, &place, told, &bytes[told..]).await;
    assert_eq!((answer.status, answer.offset()), (204, bytes.len()));
    assert!(!is_missing(&evaluator, &bytes).await);
    drop((hanging, second));
}

async fn of_two_who_send_at_once_one_is_refused() {
    let (programme, evaluator) = evaluator().await;
    let bytes = photo(1, PART + 50);
    for round in 0..5 {
        let bytes = [photo(round, PART).as_slice()].concat();
        let place = begin(&evaluator, &bytes).await;
        let (one, other) = tokio::join!(
            patch(&evaluator, &place, 0, &bytes),
            patch(&evaluator, &place, 0, &bytes)
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409], "{one:?} {other:?}");
        assert!(!is_missing(&evaluator, &bytes).await);
    }
    // One sends something else: whoever is first, what counts is of one of them.
    let place = begin(&evaluator, &bytes).await;
    let other = vec![0; PART + 10];
    let (one, two) = tokio::join!(
        patch(&evaluator, &place, 0, &bytes[..PART + 10]),
        patch(&evaluator, &place, 0, &other)
    );
    assert_eq!([one.status, two.status].iter().filter(|status| **status == 204).count(), 1);
    let rest = patch(&evaluator, &place, PART + 10, &bytes[PART + 10..]).await;
    let expected = if one.status == 204 { 204 } else { 422 };
    assert_eq!(rest.status, expected, "{rest:?}");
    assert_eq!(is_missing(&evaluator, &bytes).await, expected == 422);
    drop(programme);
}

async fn an_upload_belongs_to_its_person() {
    let (programme, evaluator) = evaluator().await;
    let other = programme.person("samir", "evaluator", |_| {}).await;
    let reviewer = programme.person("noor", "reviewer", |_| {}).await;
    let bytes = photo(1, 200);
    let place = begin(&evaluator, &bytes).await;
    for stranger in [&other, &reviewer, &programme.admin] {
        assert_eq!(head(stranger, &place).await.status, 404);
        assert_eq!(patch(stranger, &place, 0, &bytes).await.refused(), (404, "request.not_found"));
        let gone = send(stranger, Method::DELETE, &place, &[], Vec::new()).await;
        assert_eq!(gone.refused(), (404, "request.not_found"));
    }
    assert_eq!(create(&reviewer, &bytes).await.refused(), (404, "request.not_found"));
    let guest = Caller { token: Some("none".into()), ..evaluator.clone() };
    assert_eq!(head(&guest, &place).await.status, 401);
    assert_eq!(patch(&evaluator, &place, 0, &bytes).await.status, 204);
    assert_eq!(create(&other, &bytes).await.offset(), 0, "nobody learns what others sent");
    let path = format!("/api/evidence/{}", Digest::of(&bytes));
    let code = other.refused(Method::GET, &path, Value::Null).await;
    assert_eq!(code, "request.not_found", "an evaluator reads nobody else's evidence");
    let (_, _, own) = evaluator.raw(Method::GET, &path, None).await;
    assert_eq!(own, bytes, "another device of the same evaluator fetches it back");
}

async fn an_upload_that_is_given_up_or_expires_is_gone_with_its_parts() {
    const DAY_MS: i64 = 24 * 3_600_000;
    let (programme, evaluator) = evaluator().await;
    let evidence = programme.server.data().join("evidence");
    let bytes = photo(1, 2 * PART);
    let place = begin(&evaluator, &bytes).await;
    patch(&evaluator, &place, 0, &bytes[..PART]).await;
    assert_eq!(files(&evidence).len(), 1);
    let gone = send(&evaluator, Method::DELETE, &place, &[], Vec::new()).await;
    assert_eq!((gone.status, files(&evidence).len()), (204, 0));
    assert_eq!(head(&evaluator, &place).await.status, 404);
    assert_eq!(patch(&evaluator, &place, PART, &bytes[PART..]).await.status, 404);

    let place = begin(&evaluator, &bytes).await;
    later(DAY_MS - 1);
    let evaluator = programme.server.sign_in("rasha").await;
    patch(&evaluator, &place, 0, &bytes[..PART]).await;
    later(DAY_MS - 1);
    let evaluator = programme.server.sign_in("rasha").await;
    assert_eq!(head(&evaluator, &place).await.offset(), PART, "a day from its last byte");
    later(2);
    let evaluator = programme.server.sign_in("rasha").await;
    assert_eq!(head(&evaluator, &place).await.status, 404);
    assert_eq!(patch(&evaluator, &place, PART, &bytes[PART..]).await.status, 404);
    assert_eq!(files(&evidence).len(), 1, "until it is swept");
    begin(&evaluator, &photo(2, 50)).await;
    assert_eq!(files(&evidence).len(), 0, "by whoever begins the next");
}

async fn a_file_that_is_not_what_it_is_said_to_be_does_not_count() {
    let (programme, evaluator) = evaluator().await;
    let evidence = programme.server.data().join("evidence");
    let plain = photo(1, PART + 100);
    let exif = [&[0xFF, 0xE1, 0, 12], b"Exif\0\0GPS!".as_slice()].concat();
    let placed = [&plain[..2], exif.as_slice(), &plain[2..]].concat();
    let trailer = [plain.as_slice(), b"a maker's trailer"].concat();
    let cut = plain[..plain.len() - 2].to_vec();
    let of = |bytes: &[u8]| Digest::of(bytes);
    let rows = [
        ("another digest", of(b"other"), "image/jpeg", plain.clone(), "evidence.hash_mismatch"),
        ("another type", of(&plain), "image/png", plain.clone(), "evidence.type"),
        ("a place in it", of(&placed), "image/jpeg", placed, "evidence.metadata"),
        ("something after its end", of(&trailer), "image/jpeg", trailer, "evidence.metadata"),
        ("cut off", of(&cut), "image/jpeg", cut, "evidence.damaged"),
        ("a page", of(b"<html>\0"), "text/plain", b"<html>\0".to_vec(), "evidence.type"),
    ];
    for (title, sha256, media_type, bytes, expected) in rows {
        let created = create_as(&evaluator, sha256, media_type, bytes.len()).await;
        let place = created.header("location");
        let half = bytes.len() / 2;
        assert_eq!(patch(&evaluator, place, 0, &bytes[..half]).await.status, 204, "{title}");
        let refused = patch(&evaluator, place, half, &bytes[half..]).await;
        assert_eq!(refused.refused(), (422, expected), "{title}");
        assert_eq!(head(&evaluator, place).await.status, 404, "{title}: nothing makes it right");
        assert_eq!(files(&evidence).len(), 0, "{title}");
        assert!(is_missing(&evaluator, &bytes).await, "{title}");
    }
    let text = "زمن الانتظار 22 دقيقة\n".as_bytes();
    let created = create_as(&evaluator, of(text), "text/plain", text.len()).await;
    assert_eq!(patch(&evaluator, created.header("location"), 0, text).await.status, 204);
}

async fn what_was_sent_before_is_not_sent_again() {
    let (programme, evaluator) = evaluator().await;
    let bytes = photo(1, PART);
    assert_eq!(upload(&evaluator, &bytes).await.status, 204);
    let again = create(&evaluator, &bytes).await;
    assert_eq!((again.status, again.offset()), (201, bytes.len()));
    let state = head(&evaluator, again.header("location")).await;
    assert_eq!((state.status, state.offset()), (200, bytes.len()));
    let third = create(&evaluator, &bytes).await;
    assert_eq!(third.header("location"), again.header("location"), "one is enough");
    let gone = send(&evaluator, Method::DELETE, again.header("location"), &[], Vec::new()).await;
    assert_eq!(gone.status, 204);
    assert!(!is_missing(&evaluator, &bytes).await, "evidence stays");
    drop(programme);
}

/// An evaluation on record that names a file.
async fn submitted(programme: &Programme, evaluator: &Caller, files: &[&[u8]]) -> Device {
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, evaluator).await;
    programme.open().await;
    let device = Device::enrol(evaluator, 1).await;
    device.accept(visit.id, &programme.rubric).await;
    let mut document = device.document(&visit, &programme.rubric, true, "75");
    document.evidence = files
        .iter()
        .map(|bytes| EvidenceRef {
            criterion: "P1".into(),
            kind: "photo".into(),
            sha256: Digest::of(bytes),
            media_type: "image/jpeg".into(),
            bytes: bytes.len() as u64,
        })
        .collect();
    let outcome = device.submit(&document).await;
    assert_eq!(outcome, mizan_protocol::sync::Outcome::Applied { rev: 1 });
    device
}

async fn files_are_encrypted_where_they_lie_and_plain_ones_from_before_are_read() {
    let (programme, evaluator) = evaluator().await;
    let evidence = programme.server.data().join("evidence");
    let bytes = photo(1, PART + 100);
    let path = format!("/api/evidence/{}", Digest::of(&bytes));
    submitted(&programme, &evaluator, &[&bytes]).await;
    let place = begin(&evaluator, &bytes).await;
    patch(&evaluator, &place, 0, &bytes[..PART]).await;
    let holds_mark = |file: &PathBuf| {
        std::fs::read(file).unwrap().windows(MARK.len()).any(|window| window == MARK)
    };
    let parts = files(&evidence);
    assert_eq!(parts.len(), 1);
    assert!(!parts.iter().any(holds_mark), "parts neither");
    assert_eq!(patch(&evaluator, &place, PART, &bytes[PART..]).await.status, 204);
    let kept = files(&evidence);
    assert!(kept.len() == 1 && !kept.iter().any(holds_mark), "{kept:?}");
    let reviewer = programme.person("noor", "reviewer", |_| {}).await;
    let (status, headers, read) = reviewer.raw(Method::GET, &path, None).await;
    assert_eq!((status, &read), (StatusCode::OK, &bytes));
    assert!(headers.contains("image/jpeg"), "{headers}");

    std::fs::write(&kept[0], &bytes).unwrap();
    let (status, _, read) = reviewer.raw(Method::GET, &path, None).await;
    assert_eq!((status, &read), (StatusCode::OK, &bytes), "as earlier releases wrote it");
    let mut bent = bytes.clone();
    bent[20] ^= 1;
    std::fs::write(&kept[0], bent).unwrap();
    let code = reviewer.refused(Method::GET, &path, Value::Null).await;
    assert_eq!(code, "evidence.hash_mismatch");
    std::fs::remove_file(&kept[0]).unwrap();
    let code = reviewer.refused(Method::GET, &path, Value::Null).await;
    assert_eq!(code, "server.fault", "what is on record must be there");
}

async fn a_damaged_part_begins_the_upload_anew() {
    let (programme, evaluator) = evaluator().await;
    let evidence = programme.server.data().join("evidence");
    let bytes = photo(1, PART + 100);
    let place = begin(&evaluator, &bytes).await;
    patch(&evaluator, &place, 0, &bytes[..PART]).await;
    let part = files(&evidence).remove(0);
    let mut stored = std::fs::read(&part).unwrap();
    stored[100] ^= 1;
    std::fs::write(&part, stored).unwrap();
    let answer = patch(&evaluator, &place, PART, &bytes[PART..]).await;
    assert_eq!(answer.refused(), (404, "request.not_found"), "by which clients begin anew");
    assert_eq!(upload(&evaluator, &bytes).await.status, 204);
    assert_eq!(files(&evidence).len(), 1);
}

async fn limits_hold_for_a_person_and_for_the_server() {
    let (programme, evaluator) = evaluator_with(|config| {
        config.evidence_quota = EvidenceQuota { person_day_bytes: 1000, server_bytes: 1900 };
    })
    .await;
    let other = programme.person("samir", "evaluator", |_| {}).await;
    let over = (413, "evidence.quota");
    assert_eq!(upload(&evaluator, &photo(1, 600)).await.status, 204);
    assert_eq!(create(&evaluator, &photo(2, 500)).await.refused(), over, "of the person");
    let place = begin(&evaluator, &photo(3, 300)).await;
    assert_eq!(
        create(&evaluator, &photo(4, 200)).await.refused(),
        over,
        "what is under way counts"
    );
    assert_eq!(create(&evaluator, &photo(1, 600)).await.offset(), 600, "what is there does not");
    send(&evaluator, Method::DELETE, &place, &[], Vec::new()).await;
    assert_eq!(upload(&evaluator, &photo(4, 400)).await.status, 204);
    assert_eq!(
        upload(&other, &photo(1, 600)).await.status,
        204,
        "everybody has a day of their own"
    );
    assert_eq!(create(&other, &photo(5, 350)).await.refused(), over, "of the server");
    let place = begin(&other, &photo(5, 250)).await;
    assert_eq!(create(&evaluator, &photo(5, 60)).await.refused(), over, "with what others send");
    send(&other, Method::DELETE, &place, &[], Vec::new()).await;
    later(24 * 3_600_000 + 1);
    let evaluator = programme.server.sign_in("rasha").await;
    assert_eq!(create(&evaluator, &photo(5, 350)).await.refused(), over, "of the server, still");
    assert_eq!(upload(&evaluator, &photo(6, 300)).await.status, 204, "of the person, no longer");
}

async fn a_bucket_is_as_good_as_a_folder() {
    let mut bucket = S3Server::start().await;
    let place = bucket.place();
    let (mut programme, evaluator) =
        evaluator_with(move |config| config.evidence = Some(place)).await;
    let bytes = photo(1, 2 * PART + 100);
    submitted(&programme, &evaluator, &[&bytes]).await;
    let upload = begin(&evaluator, &bytes).await;
    let line = send_some(&evaluator, &upload, 0, PART + 50, &bytes).await;
    drop(line);
    assert_eq!(comes_to(&evaluator, &upload, PART + 50).await, PART + 50);
    let lie = || files(&bucket.folder.path().join("evidence/programme/4"));
    let parts = lie();
    assert_eq!(parts.len(), 2, "{parts:?}");
    let name = Digest::of(&bytes).to_string();

    bucket.stop().await;
    let busy = patch(&evaluator, &upload, PART + 50, &bytes[PART + 50..]).await;
    assert_eq!(busy.refused(), (503, "server.busy"), "{busy:?}");
    assert_eq!(busy.header("retry-after"), "5");
    bucket.go_on().await;
    let answer = patch(&evaluator, &upload, PART + 50, &bytes[PART + 50..]).await;
    assert_eq!((answer.status, answer.offset()), (204, bytes.len()), "nothing was lost");
    let lie = files(&bucket.folder.path().join("evidence/programme/4"));
    assert!(lie.len() == 1 && lie[0].ends_with(&name), "the parts are gone: {lie:?}");
    let stored = std::fs::read(&lie[0]).unwrap();
    assert!(!stored.windows(MARK.len()).any(|window| window == MARK));
    assert!(files(&programme.server.data().join("evidence")).is_empty());

    let reviewer = programme.person("noor", "reviewer", |_| {}).await;
    let path = format!("/api/evidence/{name}");
    let (status, _, read) = reviewer.raw(Method::GET, &path, None).await;
    assert_eq!((status, read), (StatusCode::OK, bytes));

    programme.server.pause().await;
    let wrong = bucket.place_by("another key");
    let config = Config { evidence: Some(wrong), ..programme.server.config() };
    let refused = mizan_server::serve(config, async {}, |_| panic!("it listens")).await;
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("--evidence") && !message.contains("another key"), "{message}");
}

async fn another_process_goes_on_with_an_upload() {
    let shared = tempfile::tempdir().unwrap();
    let place = EvidencePlace::Folder(shared.path().to_owned());
    let here = place.clone();
    let (mut programme, mut evaluator) =
        evaluator_with(move |config| config.evidence = Some(here)).await;
    let bytes = photo(1, 3 * PART);
    let upload = begin(&evaluator, &bytes).await;
    let sent = patch(&evaluator, &upload, 0, &bytes[..PART + 9]).await;
    assert_eq!(sent.offset(), PART + 9);
    let second = tempfile::tempdir().unwrap();
    let mut other = None;
    match engine() {
        // A file belongs to one process: the same one, later.
        Engine::Sqlite => {
            programme.server.pause().await;
            programme.server.resume_with(|config| config.evidence = Some(place)).await;
            evaluator.url.clone_from(&programme.server.url);
        }
        Engine::Postgres => {
            let key = "server.key";
            std::fs::copy(programme.server.data().join(key), second.path().join(key)).unwrap();
            let config = Config {
                data: second.path().to_owned(),
                evidence: Some(place),
                ..programme.server.config()
            };
            let (listening, address) = tokio::sync::oneshot::channel();
            let listening = |at| assert_eq!(listening.send(at), Ok(()));
            other =
                Some(tokio::spawn(mizan_server::serve(config, std::future::pending(), listening)));
            evaluator.url = format!("http://{}", address.await.unwrap());
        }
    }
    assert_eq!(head(&evaluator, &upload).await.offset(), PART + 9);
    let answer = patch(&evaluator, &upload, PART + 9, &bytes[PART + 9..]).await;
    assert_eq!((answer.status, answer.offset()), (204, bytes.len()));
    assert_eq!(files(shared.path()).len(), 1);
    evaluator.url.clone_from(&programme.server.url);
    assert!(!is_missing(&evaluator, &bytes).await);
    if let Some(other) = other {
        other.abort();
    }
}

async fn a_visit_is_complete_only_with_every_file_it_names() {
    let (programme, evaluator) = evaluator().await;
    let reviewer = programme.person("noor", "reviewer", |_| {}).await;
    let (one, two) = (photo(1, 100), photo(2, PART + 100));
    submitted(&programme, &evaluator, &[&one, &two]).await;
    let missing = async || {
        let queue: Value = reviewer.get("/api/review/queue").await;
        queue[0]["evidence_missing"].clone()
    };
    assert_eq!(missing().await, 2);
    upload(&evaluator, &one).await;
    assert_eq!(missing().await, 1);
    let place = begin(&evaluator, &two).await;
    patch(&evaluator, &place, 0, &two[..PART]).await;
    assert_eq!(missing().await, 1, "a part is not the file");
    let queue: Value = reviewer.get("/api/review/queue").await;
    let visit = queue[0]["visit"].as_str().unwrap();
    let _: Value = reviewer.post(&format!("/api/visits/{visit}/review"), &json!({})).await;
    let validate = format!("/api/visits/{visit}/validate");
    assert_eq!(reviewer.refused(Method::POST, &validate, json!({})).await, "evidence.missing");
    patch(&evaluator, &place, PART, &two[PART..]).await;
    assert_eq!(missing().await, 0);
    let _: Value = reviewer.post(&validate, &json!({})).await;
}
