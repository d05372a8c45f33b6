//! Carries a sync through: signing in, push, files, pull, with retries.
//!
//! The device is locked only between two messages, so that answers are taken while a sync runs.
//! Nothing is decided here: `sync` decides.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::EvidenceRef;
use mizan_protocol::id::DeviceId;
use mizan_protocol::session::{
    Challenge, ChallengeRequest, DeviceSignIn, EnrolDevice, EnrolledDevice, Session, SignIn,
    device_session_text,
};
use mizan_protocol::sync::{EvidenceMissing, PullResponse, PushResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::device::{Device, Enrolment};
use crate::error::Error;
use crate::sync::PushCount;
use crate::transport::{Method, NoReply, Reply, Request, Transport};

/// How often a call is tried when the server is busy or the connection breaks.
const MAX_TRIES: u32 = 5;
const BACKOFF_BASE_MS: u64 = 500;
const BACKOFF_CAP_MS: u64 = 30_000;
/// How many digests are asked about at once.
const QUERY: usize = 500;

/// How far a sync has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Signing in.
    SigningIn,
    /// Sending records: so many are done.
    Pushing {
        /// Records settled so far.
        records: usize,
    },
    /// Sending files.
    SendingFiles {
        /// Files sent so far.
        done: usize,
        /// Files the server lacked.
        total: usize,
    },
    /// Receiving records.
    Pulling {
        /// Records received so far.
        records: usize,
    },
}

/// What a sync came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// What became of the records sent.
    pub pushed: PushCount,
    /// Files sent.
    pub files_sent: usize,
    /// Files that do not read back on this device and were not sent.
    pub files_broken: Vec<Digest>,
    /// Files the server refused, and why; the others were sent all the same.
    pub files_refused: Vec<(Digest, ErrorBody)>,
    /// Records received.
    pub pulled: usize,
    /// Streams dropped because they are granted no longer.
    pub dropped: Vec<String>,
    /// Streams that differed from the server's and were read again from their beginning.
    pub faults: Vec<StreamFault>,
}

/// A stream that differed from the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFault {
    /// The stream.
    pub stream: String,
    /// Whether reading it again made both the same.
    pub is_repaired: bool,
}

/// Enrols the device, once: signs in by password and registers its key.
///
/// # Errors
/// [`Error::Refused`] when name or password are wrong, [`Error::Unreachable`], [`Error::Cut`].
pub async fn enrol<T: Transport>(
    device: &Mutex<Device>,
    transport: &T,
    server: &str,
    user: &str,
    password: &str,
    device_name: &str,
) -> Result<Enrolment, Error> {
    let public_key = lock(device).signing_key()?.public();
    let mut caller = Caller { device, transport, token: None };
    let sign_in = SignIn { user: user.to_owned(), password: password.to_owned() };
    let session: Session = caller.post("/api/session", &sign_in).await?;
    caller.token = Some(Zeroizing::new(session.token.clone()));
    let request = EnrolDevice { name: device_name.to_owned(), public_key };
    let enrolled: EnrolledDevice = caller.post("/api/devices", &request).await?;
    lock(device).set_enrolment(server, enrolled.device, &session.person)?;
    lock(device).learn_bundle_key(enrolled.bundle_key)?;
    lock(device).enrolment()
}

/// Brings device and server into step: push, pull, comparison, files.
///
/// # Errors
/// [`Error::NotEnrolled`], [`Error::Unreachable`], [`Error::Cut`], [`Error::Busy`],
/// [`Error::Refused`]. Whatever happens, the work is safe on the device and the next sync goes on.
pub async fn sync<T: Transport>(
    device: &Mutex<Device>,
    transport: &T,
    now_ms: &(dyn Fn() -> i64 + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<SyncReport, Error> {
    let mut caller = Caller { device, transport, token: None };
    let mut report = SyncReport::default();
    progress(Progress::SigningIn);
    caller.sign_in().await?;
    push(&mut caller, now_ms, progress, &mut report).await?;
    // Before the files: a photo that never gets through must not keep new and returned visits away.
    pull(&mut caller, progress, &mut report).await?;
    send_files(&mut caller, now_ms, progress, &mut report).await?;
    lock(device).end_sync(now_ms())?;
    Ok(report)
}

async fn push<T: Transport>(
    caller: &mut Caller<'_, T>,
    now_ms: &(dyn Fn() -> i64 + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
    report: &mut SyncReport,
) -> Result<(), Error> {
    loop {
        let Some(request) = lock(caller.device).next_push(now_ms())? else { return Ok(()) };
        progress(Progress::Pushing { records: report.pushed.settled() });
        let response: PushResponse = caller.call("/api/sync/push", &request).await?;
        let asked = |op_id| request.operations.iter().any(|of| of.op_id == op_id);
        if !response.outcomes.iter().any(|outcome| asked(outcome.op_id)) {
            let what = "no outcome is of what was sent".to_owned();
            return Err(Error::Protocol { what });
        }
        let count = lock(caller.device).settle_push(&response, now_ms())?;
        let total = &mut report.pushed;
        *total += count;
        progress(Progress::Pushing { records: total.settled() });
    }
}

async fn send_files<T: Transport>(
    caller: &mut Caller<'_, T>,
    now_ms: &(dyn Fn() -> i64 + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
    report: &mut SyncReport,
) -> Result<(), Error> {
    let files = lock(caller.device).files_to_send()?;
    let mut missing = BTreeSet::new();
    for asked in files.chunks(QUERY) {
        let query = Device::evidence_query(asked);
        let lacking: EvidenceMissing = caller.call("/api/evidence/missing", &query).await?;
        missing.extend(lacking.missing);
    }
    let (to_send, there): (Vec<EvidenceRef>, Vec<EvidenceRef>) =
        files.into_iter().partition(|file| missing.contains(&file.sha256));
    let mut present: BTreeSet<Digest> = there.into_iter().map(|file| file.sha256).collect();
    // Also without any file: an evaluation that names none is complete as soon as it is on record.
    lock(caller.device).settle_files(&present, now_ms())?;
    let mut stopped = Ok(());
    let told = |done| Progress::SendingFiles { done, total: to_send.len() };
    if !to_send.is_empty() {
        progress(told(0));
    }
    for file in &to_send {
        let read = lock(caller.device).evidence(&file.sha256);
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(Error::EvidenceBroken { .. } | Error::File { .. }) => {
                report.files_broken.push(file.sha256);
                continue;
            }
            Err(other) => return Err(other),
        };
        match caller.put(&format!("/api/evidence/{}", file.sha256), &file.media_type, bytes).await {
            Ok(()) => {}
            // A refusal is about this file alone; a fault of the server is about the whole sync.
            Err(Error::Refused { status, body }) if (400..500).contains(&status) => {
                report.files_refused.push((file.sha256, body));
                continue;
            }
            // The line broke under this file; smaller ones behind it may still get through.
            Err(broken @ (Error::Cut { .. } | Error::Busy { .. })) if stopped.is_ok() => {
                stopped = Err(broken);
                continue;
            }
            Err(other) => return Err(other),
        }
        present.insert(file.sha256);
        lock(caller.device).settle_files(&present, now_ms())?;
        report.files_sent += 1;
        progress(told(report.files_sent));
    }
    stopped
}

async fn pull<T: Transport>(
    caller: &mut Caller<'_, T>,
    progress: &mut (dyn FnMut(Progress) + Send),
    report: &mut SyncReport,
) -> Result<(), Error> {
    progress(Progress::Pulling { records: 0 });
    loop {
        let request = lock(caller.device).pull_request()?;
        let response: PullResponse = caller.call("/api/sync/pull", &request).await?;
        let step = lock(caller.device).apply_pull(&response)?;
        report.pulled += step.records;
        report.dropped.extend(step.dropped);
        progress(Progress::Pulling { records: report.pulled });
        let mut again = step.more;
        for stream in step.differing {
            again |= repair(caller.device, stream, report)?;
        }
        if !again {
            return Ok(());
        }
        if step.records == 0 && lock(caller.device).pull_request()? == request {
            let what = "it promises more and moves no cursor".to_owned();
            return Err(Error::Protocol { what });
        }
    }
}

/// Reads a differing stream again, once; `true` when it is to be read again.
fn repair(device: &Mutex<Device>, stream: String, report: &mut SyncReport) -> Result<bool, Error> {
    match report.faults.iter_mut().find(|fault| fault.stream == stream) {
        Some(fault) => {
            fault.is_repaired = false;
            Ok(false)
        }
        None => {
            lock(device).restart_stream(&stream)?;
            report.faults.push(StreamFault { stream, is_repaired: true });
            Ok(true)
        }
    }
}

struct Caller<'a, T> {
    device: &'a Mutex<Device>,
    transport: &'a T,
    token: Option<Zeroizing<String>>,
}

impl<T: Transport> Caller<'_, T> {
    /// Signs in by the device's key. A challenge is good once, so a cut begins anew with another.
    async fn sign_in(&mut self) -> Result<(), Error> {
        let id = lock(self.device).enrolment()?.device;
        self.token = None;
        let mut tries = 1;
        let session = loop {
            match self.sign_in_once(id).await {
                Err(Error::Cut { .. }) if tries < MAX_TRIES => tries += 1,
                done => break done?,
            }
        };
        self.token = Some(Zeroizing::new(session.token));
        lock(self.device).learn_bundle_key(session.bundle_key)
    }

    async fn sign_in_once(&mut self, device: DeviceId) -> Result<Session, Error> {
        let asked = ChallengeRequest { device };
        let Challenge { challenge } = self.post("/api/session/challenge", &asked).await?;
        let text = device_session_text(device, &challenge);
        let signature = lock(self.device).signing_key()?.sign(text.as_bytes());
        let answer = DeviceSignIn { device, challenge, signature };
        self.post("/api/session/device", &answer).await
    }

    /// A message that is not repeated by itself.
    async fn post<B: Serialize, R: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<R, Error> {
        let request = self.request(Method::Post, path, "application/json", json(body)?);
        read(&self.send_patiently(&request, 1).await?)
    }

    /// A message that is safe to repeat, under a session that is renewed when it ends.
    async fn call<B: Serialize, R: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &B,
    ) -> Result<R, Error> {
        let body = json(body)?;
        let reply = self.renewing(Method::Post, path, "application/json", body).await?;
        read(&reply)
    }

    async fn put(&mut self, path: &str, media_type: &str, body: Vec<u8>) -> Result<(), Error> {
        self.renewing(Method::Put, path, media_type, body).await.map(|_| ())
    }

    async fn renewing(
        &mut self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Reply, Error> {
        let mut request = self.request(method, path, content_type, body);
        match self.send_patiently(&request, MAX_TRIES).await {
            Err(Error::Refused { status: 401, .. }) => {
                self.sign_in().await?;
                request.token.clone_from(&self.token);
                self.send_patiently(&request, MAX_TRIES).await
            }
            done => done,
        }
    }

    /// Sends a request until it is answered: again after a cut so many times, after "busy" with
    /// full-jitter backoff, not before the time the server names. An unreachable server is told at
    /// once: the person is offline and need not wait to hear it.
    async fn send_patiently(&self, request: &Request, cuts: u32) -> Result<Reply, Error> {
        let mut tries = 1;
        loop {
            let (least_ms, failure) = match self.transport.send(request).await {
                Ok(reply) if (200..300).contains(&reply.status) => return Ok(reply),
                Ok(reply) if matches!(reply.status, 429 | 503) => {
                    let after_s = reply.retry_after_s.unwrap_or(1);
                    (after_s.saturating_mul(1000), Error::Busy { after_s })
                }
                Ok(reply) => return Err(refusal(&reply)),
                Err(NoReply::Unreachable { server, reason }) => {
                    return Err(Error::Unreachable { server, reason });
                }
                Err(NoReply::Cut { reason }) if tries >= cuts => return Err(Error::Cut { reason }),
                Err(NoReply::Cut { reason }) => (0, Error::Cut { reason }),
            };
            if tries >= MAX_TRIES || least_ms > BACKOFF_CAP_MS {
                return Err(failure);
            }
            let ceiling = BACKOFF_CAP_MS.min(BACKOFF_BASE_MS << tries);
            let jitter = lock(self.device).rng.next_u64() % ceiling;
            self.transport.pause(least_ms + jitter).await;
            tries += 1;
        }
    }

    fn request(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Request {
        Request {
            method,
            path: path.to_owned(),
            token: self.token.clone(),
            content_type: content_type.to_owned(),
            body,
        }
    }
}

/// The device, also after a panic elsewhere: every write is a transaction, so nothing is half done.
fn lock(device: &Mutex<Device>) -> MutexGuard<'_, Device> {
    device.lock().unwrap_or_else(PoisonError::into_inner)
}

fn json(body: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(Error::stored("message"))
}

fn read<R: DeserializeOwned>(reply: &Reply) -> Result<R, Error> {
    serde_json::from_slice(&reply.body).map_err(|error| Error::Protocol { what: error.to_string() })
}

fn refusal(reply: &Reply) -> Error {
    let body = serde_json::from_slice(&reply.body)
        .unwrap_or_else(|_| ErrorBody::new("request.invalid").with("status", reply.status));
    Error::Refused { status: reply.status, body }
}
