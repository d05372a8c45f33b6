//! The network between devices and server: what is sent waits here until the suite says what becomes of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use mizan_device::transport::{Http, NoReply, Reply, Request, Transport};
use mizan_protocol::sync::{Operation, OperationOutcome, Outcome, PushRequest, PushResponse};
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::Value;
use tokio::sync::oneshot;

/// Where devices push.
const PUSH: &str = "/api/sync/push";

/// A request on its way.
struct Packet {
    request: Request,
    /// `None` of a copy that somebody kept: nobody waits for its answer.
    reply: Option<oneshot::Sender<Answered>>,
}

/// What a device hears.
struct Answered {
    answer: Result<Reply, NoReply>,
    /// Somebody between said it, and not the server.
    is_forged: bool,
}

/// What is on its way.
#[derive(Default)]
pub struct Network {
    packets: Mutex<Vec<Packet>>,
    violations: Mutex<Vec<String>>,
}

/// One device's end of it.
pub struct Line {
    pub network: Arc<Network>,
    /// Speaks as a later version does: with fields that this one does not know.
    pub is_newer: bool,
    /// The operation that carries each change under way, by its record and what it is based on.
    names: Mutex<BTreeMap<String, String>>,
    /// The last answer to a push was forged: nothing may follow but another sync.
    was_deceived: AtomicBool,
}

impl Line {
    /// A device that was told by somebody else than the server that its push was taken must not go on.
    fn must_have_stopped(&self, request: &Request) {
        let was_deceived = self.was_deceived.swap(false, Ordering::Relaxed);
        if was_deceived && !request.path.starts_with("/api/session") {
            let told = format!("a forged answer was believed: {} followed", request.path);
            self.network.violations.lock().unwrap().push(told);
        }
    }

    /// A change keeps its name however often it is sent.
    fn look_at(&self, request: &Request) {
        let push: PushRequest = serde_json::from_slice(&request.body).unwrap();
        let mut names = self.names.lock().unwrap();
        for operation in push.operations {
            let epoch = push.epoch.as_deref().unwrap_or_default();
            let record = serde_json::to_string(&operation.record).unwrap();
            let name = operation.op_id.to_string();
            let first = names.entry(format!("{epoch} {record}")).or_insert_with(|| name.clone());
            if *first != name {
                let told = format!("one change was sent as {first} and as {name}");
                self.network.violations.lock().unwrap().push(told);
            }
        }
    }
}

impl Transport for Line {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        let mut request = request.clone();
        let is_push = request.path == PUSH;
        self.must_have_stopped(&request);
        if is_push {
            self.look_at(&request);
            if self.is_newer {
                request.body = with_later_fields(&request.body);
            }
        }
        let (reply, answered) = oneshot::channel();
        let packet = Packet { request, reply: Some(reply) };
        self.network.packets.lock().unwrap().push(packet);
        let lost = |_| Answered { answer: Err(cut()), is_forged: false };
        let Answered { answer, is_forged } = answered.await.unwrap_or_else(lost);
        self.was_deceived.store(is_forged, Ordering::Relaxed);
        if is_push && answer.is_ok() && !is_forged {
            // What is sent from now on may be another change that looks the same.
            self.names.lock().unwrap().clear();
        }
        answer
    }

    async fn pause(&self, _: u64) {
        tokio::task::yield_now().await;
    }
}

fn cut() -> NoReply {
    NoReply::Cut { reason: "the line broke".into() }
}

fn with_later_fields(body: &[u8]) -> Vec<u8> {
    let mut push: Value = serde_json::from_slice(body).unwrap();
    // Beside what is signed: the line has no key.
    push["colour"] = "green".into();
    for operation in push["operations"].as_array_mut().unwrap() {
        operation["colour"] = "green".into();
    }
    serde_json::to_vec(&push).unwrap()
}

/// What became of a step of the network.
pub enum Became {
    /// Nothing was on its way.
    Nothing,
    /// A request went on, or did not.
    Moved,
}

impl Network {
    pub fn line(self: &Arc<Self>, is_newer: bool) -> Line {
        let (network, names) = (Arc::clone(self), Mutex::default());
        Line { network, is_newer, names, was_deceived: AtomicBool::default() }
    }

    pub fn is_idle(&self) -> bool {
        self.packets.lock().unwrap().is_empty()
    }

    pub fn violation(&self) -> Option<String> {
        self.violations.lock().unwrap().first().cloned()
    }

    /// Something happens to one request; when the network is healthy it arrives and is answered.
    pub async fn step(&self, rng: &mut StdRng, server: Option<&Http>, is_healthy: bool) -> Became {
        let packet = {
            let mut packets = self.packets.lock().unwrap();
            if packets.is_empty() {
                return Became::Nothing;
            }
            let at = if is_healthy { 0 } else { rng.random_range(0..packets.len()) };
            packets.remove(at)
        };
        let Packet { mut request, reply } = packet;
        let dice = if is_healthy { 0 } else { rng.random_range(0..100) };
        let copy = request.clone();
        // Files are few, and each bent one must be found.
        if !is_healthy && rng.random_range(0..4) == 0 {
            bend(&mut request);
        }
        // Somebody between alters a push, or keeps it and says it was taken.
        let hostile = if is_healthy || request.path != PUSH || reply.is_none() {
            99
        } else {
            rng.random_range(0..100)
        };
        let (is_altered, is_forged) = (hostile < 3, (3..6).contains(&hostile));
        if is_altered {
            alter(&mut request);
        }
        let answer = match (server, dice) {
            _ if is_forged => Ok(forged_answer(&request)),
            (None, _) | (_, 92..95) => {
                Err(NoReply::Unreachable { server: "the server".into(), reason: "no route".into() })
            }
            (_, 80..86) => Err(cut()),
            (Some(server), 86..92) => {
                // It arrived; the answer did not.
                let _ = server.send(&request).await;
                Err(cut())
            }
            (Some(server), _) => server.send(&request).await,
        };
        if is_altered && answer.as_ref().is_ok_and(|reply| reply.status == 200) {
            let told = "a push that was altered on its way was taken".to_owned();
            self.violations.lock().unwrap().push(told);
        }
        if dice >= 98 {
            self.packets.lock().unwrap().push(Packet { request: copy, reply: None });
        }
        if let Some(reply) = reply {
            // A device that crashed meanwhile waits no longer.
            let _ = reply.send(Answered { answer, is_forged });
        }
        Became::Moved
    }
}

fn alter(request: &mut Request) {
    let mut push: Value = serde_json::from_slice(&request.body).unwrap();
    push["operations"][0]["record"]["body"]["at"] = 1.into();
    request.body = serde_json::to_vec(&push).unwrap();
}

/// What somebody says who wants the device to believe that its push arrived.
fn forged_answer(request: &Request) -> Reply {
    let push: PushRequest = serde_json::from_slice(&request.body).unwrap();
    let taken = |operation: Operation| OperationOutcome {
        op_id: operation.op_id,
        outcome: Outcome::Applied { rev: operation.record.base_rev + 1 },
    };
    let outcomes = push.operations.into_iter().map(taken).collect();
    let body = serde_json::to_vec(&PushResponse { outcomes, ..PushResponse::default() }).unwrap();
    Reply { status: 200, body, ..Reply::default() }
}

/// Files are what a bad line bends; their digest tells.
fn bend(request: &mut Request) {
    // In the middle: at its end a picture would be found cut off before its digest is looked at.
    let middle = request.body.len() / 2;
    if request.path.starts_with("/api/evidence/")
        && request.content_type != "application/json"
        && let Some(byte) = request.body.get_mut(middle)
    {
        *byte ^= 1;
    }
}
