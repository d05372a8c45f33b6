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
use mizan_protocol::proof::{Site, reached};
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
use crate::upload;

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
    /// Files of another device of the same person that were fetched back.
    pub files_fetched: usize,
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
    /// The server's data were put back from a backup, and everything was sent again.
    pub sent_again: bool,
    /// Pushes of this device were missing on the server, and everything was sent again.
    pub repaired_gap: bool,
}

/// A stream that differed from the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFault {
    /// The stream.
    pub stream: String,
    /// Whether reading it again made both the same.
    pub is_repaired: bool,
}

/// Enrols the device, once: signs in by password or enrolment code and registers its key.
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
    let mut caller = Caller { device, transport, token: None, now_ms: None };
    let sign_in = SignIn::by_password(user, password);
    let session: Session = caller.post("/api/session", &sign_in).await?;
    caller.token = Some(Zeroizing::new(session.token.clone()));
    let request = EnrolDevice { name: device_name.to_owned(), public_key };
    let enrolled: EnrolledDevice = caller.post("/api/devices", &request).await?;
    lock(device).set_enrolment(server, enrolled.device, &session.person)?;
    lock(device).learn_bundle_key(enrolled.bundle_key)?;
    lock(device).trust_server_key(enrolled.server_key)?;
    lock(device).learn_receipts(enrolled.receipts)?;
    lock(device).enrolment()
}

/// Brings device and server into step: push, pull, comparison, files.
///
/// # Errors
/// [`Error::NotEnrolled`], [`Error::Unreachable`], [`Error::Cut`], [`Error::Busy`],
/// [`Error::Refused`], [`Error::Revoked`]. Whatever happens, the work is safe on the device and the next
/// sync goes on; after [`Error::Wiped`] alone there is no device any more, and it can only be dropped.
pub async fn sync<T: Transport>(
    device: &Mutex<Device>,
    transport: &T,
    now_ms: &(dyn Fn() -> i64 + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<SyncReport, Error> {
    let mut caller = Caller { device, transport, token: None, now_ms: Some(now_ms) };
    let mut report = SyncReport::default();
    progress(Progress::SigningIn);
    caller.sign_in().await?;
    let pushed = push(&mut caller, now_ms, progress, &mut report).await;
    // Whoever may no longer send still hears what is no longer theirs to hold.
    let barred = match pushed {
        Err(Error::Refused { status: 404, body }) => Some(Error::Refused { status: 404, body }),
        done => done.map(|()| None)?,
    };
    // Before the files: a photo that never gets through must not keep new and returned visits away.
    if pull(&mut caller, progress, &mut report).await? {
        // The server lost what it had taken: it gets it again, and its answer to that.
        report.sent_again = true;
        push(&mut caller, now_ms, progress, &mut report).await?;
        pull(&mut caller, progress, &mut report).await?;
    }
    if let Some(barred) = barred {
        return Err(barred);
    }
    fetch_files(&mut caller, now_ms, &mut report).await?;
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
    let (mut in_vain, mut gaps) = (0, 0);
    loop {
        let Some(request) = lock(caller.device).next_push(now_ms())? else { return Ok(()) };
        progress(Progress::Pushing { records: report.pushed.settled() });
        let response: PushResponse = match caller.call("/api/sync/push", &request).await {
            Err(Error::Refused { body, .. })
                if body.code == "sync.new_epoch" && !report.sent_again =>
            {
                report.sent_again = true;
                lock(caller.device).meet_epoch(body.params.get("epoch").map(String::as_str))?;
                continue;
            }
            // More than once at most by chance: when an old push, held up on its way, comes in between.
            Err(Error::Refused { body, .. }) if body.code == "sync.gap" && gaps < MAX_TRIES => {
                gaps += 1;
                report.repaired_gap = true;
                lock(caller.device).meet_gap(&body)?;
                continue;
            }
            done => done?,
        };
        lock(caller.device).check_receipt(&request, &response)?;
        reached(Site::DevicePushAnswered);
        let asked = |op_id| request.operations.iter().any(|of| of.op_id == op_id);
        if !response.outcomes.iter().any(|outcome| asked(outcome.op_id)) {
            let what = "no outcome is of what was sent".to_owned();
            return Err(Error::Protocol { what });
        }
        let count = lock(caller.device).settle_push(&response, now_ms())?;
        let total = &mut report.pushed;
        *total += count;
        in_vain = if count.settled() == 0 { in_vain + 1 } else { 0 };
        if in_vain > MAX_TRIES {
            let what = "it answers every change with an earlier version".to_owned();
            return Err(Error::Protocol { what });
        }
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
        match upload::send(caller, file, &bytes).await {
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
        reached(Site::DeviceFileSent);
        present.insert(file.sha256);
        lock(caller.device).settle_files(&present, now_ms())?;
        report.files_sent += 1;
        progress(told(report.files_sent));
    }
    stopped
}

/// Fetches what another device of the same person attached to a visit that was returned since. What does
/// not come now comes with a later sync.
async fn fetch_files<T: Transport>(
    caller: &mut Caller<'_, T>,
    now_ms: &(dyn Fn() -> i64 + Sync),
    report: &mut SyncReport,
) -> Result<(), Error> {
    let files = lock(caller.device).files_to_fetch()?;
    for file in files {
        let sha256 = file.reference.sha256;
        let here = lock(caller.device).evidence(&sha256);
        let bytes = match here {
            Ok(bytes) => bytes,
            Err(_) => {
                let path = format!("/api/evidence/{sha256}");
                match caller.renewing(caller.question(&path)).await {
                    Ok(reply) => reply.body,
                    // It never reached the server either.
                    Err(Error::Refused { status: 404, .. }) => continue,
                    Err(other) => return Err(other),
                }
            }
        };
        lock(caller.device).take_fetched(&file, &bytes, now_ms())?;
        report.files_fetched += 1;
    }
    Ok(())
}

async fn pull<T: Transport>(
    caller: &mut Caller<'_, T>,
    progress: &mut (dyn FnMut(Progress) + Send),
    report: &mut SyncReport,
) -> Result<bool, Error> {
    progress(Progress::Pulling { records: 0 });
    let mut is_new_epoch = false;
    loop {
        let request = lock(caller.device).pull_request()?;
        let response: PullResponse = caller.call("/api/sync/pull", &request).await?;
        reached(Site::DevicePulled);
        let step = lock(caller.device).apply_pull(&response)?;
        is_new_epoch |= step.is_new_epoch;
        report.pulled += step.records;
        report.dropped.extend(step.dropped);
        progress(Progress::Pulling { records: report.pulled });
        let mut again = step.more;
        for stream in step.differing {
            again |= repair(caller.device, stream, report)?;
        }
        if !again {
            return Ok(is_new_epoch);
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

/// Speaks to the server in the device's name.
pub(crate) struct Caller<'a, T> {
    pub(crate) device: &'a Mutex<Device>,
    transport: &'a T,
    token: Option<Zeroizing<String>>,
    /// The device's clock, where it is known.
    now_ms: Option<&'a (dyn Fn() -> i64 + Sync)>,
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
                Err(Error::Refused { body, .. }) if body.code == "device.revoked" => {
                    return Err(lock(self.device).hear_revocation(&body)?);
                }
                done => break done?,
            }
        };
        self.token = Some(Zeroizing::new(session.token));
        lock(self.device).learn_server_key(session.server_key)?;
        if let Some((grant, now_ms)) = session.grant.zip(self.now_ms) {
            lock(self.device).take_grant(&grant, now_ms())?;
        }
        lock(self.device).learn_bundle_key(session.bundle_key)
    }

    async fn sign_in_once(&mut self, device: DeviceId) -> Result<Session, Error> {
        let asked = ChallengeRequest { device };
        let Challenge { challenge } = self.post("/api/session/challenge", &asked).await?;
        let text = device_session_text(device, &challenge);
        let signature = lock(self.device).signing_key()?.sign(text.as_bytes());
        let clock = self.now_ms.map(|now_ms| now_ms());
        let answer = DeviceSignIn { device, challenge, signature, clock };
        self.post("/api/session/device", &answer).await
    }

    /// A message that is not repeated by itself.
    async fn post<B: Serialize, R: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<R, Error> {
        let request = self.message(path, json(body)?);
        read(&self.send_patiently(&request, 1).await?)
    }

    /// A message that is safe to repeat, under a session that is renewed when it ends.
    async fn call<B: Serialize, R: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &B,
    ) -> Result<R, Error> {
        let request = self.message(path, json(body)?);
        read(&self.renewing(request).await?)
    }

    /// Sends under a session that is renewed when it ends.
    pub(crate) async fn renewing(&mut self, request: Request) -> Result<Reply, Error> {
        self.renewing_for(request, MAX_TRIES).await
    }

    /// The same for what is not to be repeated after a cut.
    pub(crate) async fn renewing_once(&mut self, request: Request) -> Result<Reply, Error> {
        self.renewing_for(request, 1).await
    }

    async fn renewing_for(&mut self, mut request: Request, cuts: u32) -> Result<Reply, Error> {
        request.token.clone_from(&self.token);
        match self.send_patiently(&request, cuts).await {
            Err(Error::Refused { status: 401, .. }) => {
                self.sign_in().await?;
                request.token.clone_from(&self.token);
                self.send_patiently(&request, cuts).await
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
            self.back_off(tries, least_ms).await;
            tries += 1;
        }
    }

    /// Waits the longer the more tries have failed, by chance, so that devices do not come all at once.
    pub(crate) async fn back_off(&self, tries: u32, least_ms: u64) {
        let ceiling = BACKOFF_CAP_MS.min(BACKOFF_BASE_MS << tries);
        let jitter = lock(self.device).rng.next_u64() % ceiling;
        self.transport.pause(least_ms + jitter).await;
    }

    fn message(&self, path: &str, body: Vec<u8>) -> Request {
        Request {
            method: Method::Post,
            path: path.to_owned(),
            token: self.token.clone(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            body,
        }
    }

    fn question(&self, path: &str) -> Request {
        Request { method: Method::Get, ..self.message(path, Vec::new()) }
    }
}

/// The device, also after a panic elsewhere: every write is a transaction, so nothing is half done.
pub(crate) fn lock(device: &Mutex<Device>) -> MutexGuard<'_, Device> {
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
