//! A server in memory that keeps the protocol and misbehaves on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mizan_device::transport::{Method, NoReply, Reply, Request, Transport};
use mizan_protocol::canonical::Digest;
use mizan_protocol::chain::ChainHead;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{DeviceId, OperationId, RecordId};
use mizan_protocol::session::{DeviceSignIn, EnrolDevice, OfflineGrant, device_session_text};
use mizan_protocol::signature::PublicKey;
use mizan_protocol::sync::{
    EvidenceMissing, EvidenceQuery, OperationOutcome, Outcome, PullRequest, PullResponse,
    PushRequest, PushResponse, Record, StreamPage, StreamSummary, stream_digest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

/// What goes wrong with the next request to a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mischief {
    Unreachable,
    LoseRequest,
    /// The line breaks when so many bytes of a file's part have come.
    KeepSome(usize),
    LoseAnswer,
    Twice,
    Busy(u64),
    EndSession,
}

#[derive(Default)]
pub(crate) struct FakeServer(Mutex<State>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) epoch: u32,
    /// Every state of every record, in order.
    pub(crate) streams: BTreeMap<String, Vec<Record>>,
    pub(crate) page_size: usize,
    pub(crate) records: BTreeMap<RecordId, Record>,
    pub(crate) writes: usize,
    pub(crate) evidence: BTreeMap<Digest, Vec<u8>>,
    pub(crate) mischief: VecDeque<(&'static str, Mischief)>,
    /// Kinds of records that are refused, with the code.
    pub(crate) refused: BTreeMap<&'static str, &'static str>,
    pub(crate) pushes: Vec<PushRequest>,
    pub(crate) pauses: Vec<u64>,
    pub(crate) keys: BTreeMap<DeviceId, PublicKey>,
    pub(crate) lies_about_digest: bool,
    /// What the server signs with, when it tells.
    pub(crate) server_key: Option<PublicKey>,
    /// How long the device may go on without this server, when it says.
    pub(crate) grant: Option<OfflineGrant>,
    /// What the device's clock read at each sign-in.
    pub(crate) clocks: Vec<Option<i64>>,
    /// What a device that signed rightly is told instead of a session.
    pub(crate) revoked: Option<ErrorBody>,
    /// Files on their way, by their places.
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// The bytes of each part that was taken in.
    pub(crate) parts: Vec<usize>,
    /// The digest of each link, by epoch and number.
    pub(crate) links: BTreeMap<(u32, i64), Digest>,
    outcomes: BTreeMap<OperationId, Outcome>,
    challenges: u32,
    sessions: u32,
}

pub(crate) struct Upload {
    sha256: Digest,
    length: usize,
    pub(crate) bytes: Vec<u8>,
}

impl FakeServer {
    pub(crate) fn with(streams: &[(&str, Vec<Record>)]) -> Self {
        let named = |(name, records): &(&str, Vec<Record>)| ((*name).to_owned(), records.clone());
        let streams = streams.iter().map(named).collect();
        Self(Mutex::new(State { epoch: 1, page_size: 2, streams, ..State::default() }))
    }

    pub(crate) fn state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }
}

impl Transport for FakeServer {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        self.state(|state| {
            let is_meant = |path: &str| match request.method {
                Method::Post => request.path.starts_with(path),
                // Files have words of their own: their paths are not known before.
                Method::Patch => path == "PATCH",
                Method::Head => path == "HEAD",
                Method::Get => path == "GET",
            };
            let at = state.mischief.iter().position(|(path, _)| is_meant(path));
            let mischief =
                at.and_then(|at| state.mischief.remove(at)).map(|(_, mischief)| mischief);
            let cut = || NoReply::Cut { reason: "connection reset".into() };
            match mischief {
                None => Ok(state.answer(request)),
                Some(Mischief::Unreachable) => Err(NoReply::Unreachable {
                    server: "https://mizan.test".into(),
                    reason: "connection refused".into(),
                }),
                Some(Mischief::LoseRequest) => Err(cut()),
                Some(Mischief::KeepSome(bytes)) => {
                    let mut some = request.clone();
                    some.body.truncate(bytes);
                    state.answer(&some);
                    Err(cut())
                }
                Some(Mischief::LoseAnswer) => {
                    state.answer(request);
                    Err(cut())
                }
                Some(Mischief::Twice) => {
                    state.answer(request);
                    Ok(state.answer(request))
                }
                Some(Mischief::Busy(after_s)) => {
                    Ok(Reply { retry_after_s: Some(after_s), ..refuse(503, "server.busy") })
                }
                Some(Mischief::EndSession) => Ok(refuse(401, "session.ended")),
            }
        })
    }

    async fn pause(&self, ms: u64) {
        self.state(|state| state.pauses.push(ms));
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Reply {
        let path = request.path.as_str();
        let is_open = path.starts_with("/api/session");
        if !is_open && request.token.as_deref() != Some(&format!("token-{}", self.sessions)) {
            return refuse(401, "session.ended");
        }
        match (request.method, path) {
            (Method::Post, "/api/session") => self.session(),
            (Method::Post, "/api/devices") => {
                let device = DeviceId(Uuid::from_u128(9));
                self.keys.insert(device, read::<EnrolDevice>(request).public_key);
                ok(&json!({ "device": device }))
            }
            (Method::Post, "/api/session/challenge") => {
                self.challenges += 1;
                ok(&json!({ "challenge": format!("c{}", self.challenges) }))
            }
            (Method::Post, "/api/session/device") => self.device_session(&read(request)),
            (Method::Post, "/api/sync/push") => self.push(read(request)),
            (Method::Post, "/api/sync/pull") => self.pull(&read(request)),
            (Method::Post, "/api/evidence/missing") => {
                let query: EvidenceQuery = read(request);
                let is_missing = |sha256: &Digest| !self.evidence.contains_key(sha256);
                ok(&EvidenceMissing {
                    missing: query.sha256.into_iter().filter(is_missing).collect(),
                })
            }
            (Method::Post, "/api/evidence/uploads") => self.begin_upload(request),
            (Method::Head, path) => self.standing(200, path),
            (Method::Patch, path) => self.take_part(path, request),
            (Method::Get, path) => match path.strip_prefix("/api/evidence/") {
                Some(sha256) => match self.evidence.get(&sha256.parse().unwrap()) {
                    Some(bytes) => Reply { status: 200, body: bytes.clone(), ..Reply::default() },
                    None => refuse(404, "request.not_found"),
                },
                None => refuse(404, "request.not_found"),
            },
            (Method::Post, _) => refuse(404, "request.not_found"),
        }
    }

    fn begin_upload(&mut self, request: &Request) -> Reply {
        let path = format!("/api/evidence/uploads/{}", self.uploads.len());
        let length = header(request, "upload-length").parse().unwrap();
        let metadata = header(request, "upload-metadata");
        let of = |name| {
            let mut pairs = metadata.split(',').map(|pair| pair.split_once(' ').unwrap());
            let value = pairs.find(|(key, _)| *key == name).unwrap().1;
            String::from_utf8(STANDARD.decode(value).unwrap()).unwrap()
        };
        assert!(!of("filetype").is_empty());
        let sha256: Digest = of("sha256").parse().unwrap();
        let bytes = self.evidence.get(&sha256).cloned().unwrap_or_default();
        self.uploads.insert(path.clone(), Upload { sha256, length, bytes });
        Reply { location: Some(path.clone()), ..self.standing(201, &path) }
    }

    fn standing(&self, status: u16, path: &str) -> Reply {
        match self.uploads.get(path) {
            Some(upload) => {
                let upload_offset = Some(upload.bytes.len() as u64);
                Reply { status, upload_offset, ..Reply::default() }
            }
            None => refuse(404, "request.not_found"),
        }
    }

    fn take_part(&mut self, path: &str, request: &Request) -> Reply {
        let Some(upload) = self.uploads.get_mut(path) else {
            return refuse(404, "request.not_found");
        };
        if header(request, "upload-offset") != upload.bytes.len().to_string() {
            return refuse(409, "upload.offset");
        }
        self.parts.push(request.body.len());
        upload.bytes.extend_from_slice(&request.body);
        if upload.bytes.len() == upload.length {
            if Digest::of(&upload.bytes) != upload.sha256 {
                self.uploads.remove(path);
                return refuse(422, "evidence.hash_mismatch");
            }
            self.evidence.insert(upload.sha256, upload.bytes.clone());
        }
        self.standing(204, path)
    }

    fn session(&mut self) -> Reply {
        self.sessions += 1;
        let person = json!({
            "id": Uuid::from_u128(7), "user": "evaluator-1", "role": "evaluator",
            "name": { "ar": "سلمى", "en": "Salma" },
        });
        ok(&json!({
            "token": format!("token-{}", self.sessions), "expires_in": 900, "person": person,
            "server_key": self.server_key, "grant": self.grant,
        }))
    }

    fn device_session(&mut self, answer: &DeviceSignIn) -> Reply {
        let is_current = answer.challenge == format!("c{}", self.challenges);
        let text = device_session_text(answer.device, &answer.challenge);
        let is_signed = self
            .keys
            .get(&answer.device)
            .is_none_or(|key| key.verify(text.as_bytes(), &answer.signature).is_ok());
        self.challenges += 1;
        self.clocks.push(answer.clock);
        match &self.revoked {
            _ if !(is_current && is_signed) => refuse(401, "session.refused"),
            Some(error) => {
                let body = serde_json::to_vec(error).unwrap();
                Reply { status: 409, body, ..Reply::default() }
            }
            None => self.session(),
        }
    }

    fn push(&mut self, request: PushRequest) -> Reply {
        let epoch = self.epoch.to_string();
        if request.epoch.as_ref().is_some_and(|based_on| *based_on != epoch) {
            let body = ErrorBody::new("sync.new_epoch").with("epoch", epoch);
            let body = serde_json::to_vec(&body).unwrap();
            return Reply { status: 409, body, ..Reply::default() };
        }
        if let Some(refusal) = self.out_of_chain(&request) {
            return refusal;
        }
        self.pushes.push(request.clone());
        let mut outcomes = Vec::new();
        for operation in request.operations {
            let op_id = operation.op_id;
            let outcome = match self.outcomes.get(&op_id) {
                Some(stored) => stored.clone(),
                None => self.write(operation.record),
            };
            self.outcomes.insert(op_id, outcome.clone());
            outcomes.push(OperationOutcome { op_id, outcome });
        }
        ok(&PushResponse { outcomes, ..PushResponse::default() })
    }

    /// A push must be signed, and follow the last or be one that was taken.
    fn out_of_chain(&mut self, request: &PushRequest) -> Option<Reply> {
        let link = request.link.as_ref().expect("this device signs");
        let digest = request.chain_digest(link).unwrap();
        if let Some(key) = self.keys.get(&link.device)
            && link.verify(digest, key).is_err()
        {
            return Some(refuse(422, "sync.wrong_signature"));
        }
        if self.links.get(&(self.epoch, link.number)) == Some(&digest) {
            return None;
        }
        let of_epoch = self.links.range((self.epoch, 0)..=(self.epoch, i64::MAX));
        let last = of_epoch.last().map(|((_, number), digest)| (*number, *digest));
        let (number, previous) = last.unwrap_or((0, ChainHead::root(link.device).digest));
        if (link.number, link.previous) == (number + 1, previous) {
            self.links.insert((self.epoch, link.number), digest);
            return None;
        }
        let body = ErrorBody::new("sync.gap").with("number", number).with("digest", previous);
        Some(Reply { status: 409, body: serde_json::to_vec(&body).unwrap(), ..Reply::default() })
    }

    fn write(&mut self, mut record: Record) -> Outcome {
        if let Some(code) = self.refused.get(record.kind.as_str()) {
            return Outcome::Rejected { error: ErrorBody::new(code) };
        }
        let current = self.records.get(&record.id);
        let rev = current.map_or(0, |current| current.rev);
        match current {
            Some(current) if (&current.body, current.deleted) == (&record.body, record.deleted) => {
                Outcome::Same { rev }
            }
            Some(current) if rev != record.base_rev => {
                Outcome::Conflict { current: current.clone() }
            }
            Some(_) | None => {
                record.rev = rev + 1;
                self.writes += 1;
                let rev = record.rev;
                self.records.insert(record.id, record);
                Outcome::Applied { rev }
            }
        }
    }

    fn pull(&self, request: &PullRequest) -> Reply {
        let streams = self.streams.iter().map(|(stream, log)| {
            let cursor = request.cursors.get(stream).and_then(|cursor| cursor.split_once(':'));
            let is_known = cursor.is_none_or(|(epoch, _)| epoch == self.epoch.to_string());
            let from = cursor.filter(|_| is_known).map_or(0, |(_, at)| at.parse().unwrap());
            let to = log.len().min(from + self.page_size);
            let more = to < log.len();
            StreamPage {
                stream: stream.clone(),
                restarted: !is_known,
                records: log[from..to].to_vec(),
                cursor: format!("{}:{to}", self.epoch),
                more,
                summary: (!more).then(|| self.summary(log)),
            }
        });
        ok(&PullResponse { epoch: Some(self.epoch.to_string()), streams: streams.collect() })
    }

    fn summary(&self, log: &[Record]) -> StreamSummary {
        let mut living = BTreeMap::new();
        for record in log {
            if record.deleted {
                living.remove(&record.id);
            } else {
                living.insert(record.id, record.rev);
            }
        }
        let mut living: Vec<(RecordId, i64)> = living.into_iter().collect();
        if self.lies_about_digest {
            living.push((RecordId(Uuid::nil()), 1));
        }
        StreamSummary { count: living.len() as u64, digest: stream_digest(&mut living) }
    }
}

fn ok(body: &impl Serialize) -> Reply {
    Reply { status: 200, body: serde_json::to_vec(body).unwrap(), ..Reply::default() }
}

fn refuse(status: u16, code: &str) -> Reply {
    let body = serde_json::to_vec(&ErrorBody::new(code)).unwrap();
    Reply { status, body, ..Reply::default() }
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
}

fn read<T: DeserializeOwned>(request: &Request) -> T {
    serde_json::from_slice(&request.body).unwrap()
}
