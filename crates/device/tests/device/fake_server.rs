//! A server in memory that keeps the protocol and misbehaves on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use mizan_device::transport::{Method, NoReply, Reply, Request, Transport};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{DeviceId, OperationId, RecordId};
use mizan_protocol::session::{DeviceSignIn, EnrolDevice, device_session_text};
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
    outcomes: BTreeMap<OperationId, Outcome>,
    challenges: u32,
    sessions: u32,
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
                // Files have a word of their own: their paths begin as the question about them does.
                Method::Put => path == "PUT",
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
                Some(Mischief::LoseAnswer) => {
                    state.answer(request);
                    Err(cut())
                }
                Some(Mischief::Twice) => {
                    state.answer(request);
                    Ok(state.answer(request))
                }
                Some(Mischief::Busy(after_s)) => Ok(Reply {
                    status: 503,
                    retry_after_s: Some(after_s),
                    body: serde_json::to_vec(&ErrorBody::new("server.busy")).unwrap(),
                }),
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
            (Method::Put, path) => {
                let sha256: Digest = path.strip_prefix("/api/evidence/").unwrap().parse().unwrap();
                if Digest::of(&request.body) != sha256 {
                    return refuse(422, "evidence.hash_mismatch");
                }
                self.evidence.insert(sha256, request.body.clone());
                ok(&json!({}))
            }
            (Method::Post, _) => refuse(404, "request.not_found"),
        }
    }

    fn session(&mut self) -> Reply {
        self.sessions += 1;
        let person = json!({
            "id": Uuid::from_u128(7), "user": "evaluator-1", "role": "evaluator",
            "name": { "ar": "سلمى", "en": "Salma" },
        });
        ok(
            &json!({ "token": format!("token-{}", self.sessions), "expires_in": 900, "person": person }),
        )
    }

    fn device_session(&mut self, answer: &DeviceSignIn) -> Reply {
        let is_current = answer.challenge == format!("c{}", self.challenges);
        let text = device_session_text(answer.device, &answer.challenge);
        let is_signed = self
            .keys
            .get(&answer.device)
            .is_none_or(|key| key.verify(text.as_bytes(), &answer.signature).is_ok());
        self.challenges += 1;
        if is_current && is_signed { self.session() } else { refuse(401, "session.refused") }
    }

    fn push(&mut self, request: PushRequest) -> Reply {
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
        ok(&PushResponse { outcomes })
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
        ok(&PullResponse { streams: streams.collect() })
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
    Reply { status: 200, retry_after_s: None, body: serde_json::to_vec(body).unwrap() }
}

fn refuse(status: u16, code: &str) -> Reply {
    let body = serde_json::to_vec(&ErrorBody::new(code)).unwrap();
    Reply { status, retry_after_s: None, body }
}

fn read<T: DeserializeOwned>(request: &Request) -> T {
    serde_json::from_slice(&request.body).unwrap()
}
