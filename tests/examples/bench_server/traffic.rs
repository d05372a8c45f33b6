//! What the devices send, made and signed before anything is measured, and who sends it: threads with one
//! connection each that write ready bytes and read the answer, so that they take little from the server.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use mizan_protocol::answer::AnswerJson;
use mizan_protocol::canonical::Digest;
use mizan_protocol::chain::ChainHead;
use mizan_protocol::evaluation::{EvaluationDocument, EvidenceRef, SCHEMA, SealedEvaluation};
use mizan_protocol::id::{EvaluationId, OperationId, RecordId, VisitId};
use mizan_protocol::record::{self, EvaluationBody};
use mizan_protocol::session::{
    Challenge, ChallengeRequest, DeviceSignIn, Session, device_session_text,
};
use mizan_protocol::sync::{
    Operation, Outcome, PullRequest, PullResponse, PushRequest, PushResponse, Record,
    SCHEMA as RECORD_SCHEMA,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Failed;
use crate::programme::{Evaluator, Programme};

/// 2026-11-21T08:00:00Z.
const NOW: i64 = 1_795_248_000_000;
/// What an evaluator writes beside an answer.
const NOTE: &str = "اتصلت مرتين من رقمين مختلفين في أول ساعة من الدوام وفي آخرها؛ أجاب موظف بعد \
    الرنة الثالثة وعرّف بنفسه وبالمركز، ثم شرح الخطوات والرسوم دون أن يُسأل عنها.";

/// One connection to the server.
pub(crate) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    pub(crate) fn open(address: &str) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 << 10) })
    }

    /// Sends a request as it is and gives the body of its answer, if that is a good one.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<&[u8], Failed> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = [0; 8 << 10];
        let (head, length) = loop {
            match self.stream.read(&mut chunk)? {
                0 => return Err("the server closed the connection".into()),
                read => self.buffer.extend_from_slice(&chunk[..read]),
            }
            let end = self.buffer.windows(4).position(|at| at == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
                let length: usize = length.ok_or("an answer without its length")?.trim().parse()?;
                if !head.starts_with("http/1.1 200") {
                    return Err(format!("the server answers {head}").into());
                }
                break (end + 4, length);
            }
        };
        while self.buffer.len() < head + length {
            let read = self.stream.read(&mut chunk)?;
            self.buffer.extend_from_slice(&chunk[..read]);
        }
        Ok(&self.buffer[head..head + length])
    }

    fn ask<T: DeserializeOwned>(
        &mut self,
        path: &str,
        token: &str,
        body: &impl Serialize,
    ) -> Result<T, Failed> {
        Ok(serde_json::from_slice(self.send(&request(path, token, body)?)?)?)
    }
}

fn request(path: &str, token: &str, body: &impl Serialize) -> Result<Vec<u8>, Failed> {
    let body = serde_json::to_vec(body)?;
    let mut bytes = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         authorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// What devices send, with the sessions they send it in.
pub(crate) struct Devices<'a> {
    programme: &'a Programme,
    tokens: Vec<String>,
    epoch: Option<String>,
    /// How far each device's chain of pushes has come.
    heads: Vec<Mutex<ChainHead>>,
}

impl<'a> Devices<'a> {
    /// Signs every device in by its key.
    pub(crate) fn sign_in(programme: &'a Programme, address: &str) -> Result<Self, Failed> {
        let mut line = Line::open(address)?;
        let mut tokens = Vec::new();
        for Evaluator { device, key, .. } in &programme.evaluators {
            let wanted = ChallengeRequest { device: *device };
            let Challenge { challenge } = line.ask("/api/session/challenge", "", &wanted)?;
            let signature = key.sign(device_session_text(*device, &challenge).as_bytes());
            let answer = DeviceSignIn { device: *device, challenge, signature, clock: None };
            let session: Session = line.ask("/api/session/device", "", &answer)?;
            tokens.push(session.token.clone());
        }
        let pull: PullResponse = line.ask("/api/sync/pull", &tokens[0], &PullRequest::default())?;
        let root = |of: &Evaluator| Mutex::new(ChainHead::root(of.device));
        let heads = programme.evaluators.iter().map(root).collect();
        Ok(Self { programme, tokens, epoch: pull.epoch, heads })
    }

    /// The pushes of a part of the visits, dealt to so many lanes; a device is in one lane, and its pushes
    /// are in their order.
    pub(crate) fn pushes(
        &self,
        visits: &[(VisitId, usize)],
        lanes: usize,
    ) -> Result<Vec<Vec<Vec<u8>>>, Failed> {
        let mut dealt: Vec<Vec<(VisitId, usize)>> = vec![Vec::new(); lanes];
        for (visit, by) in visits {
            dealt[by % lanes].push((*visit, *by));
        }
        let signed = |lane: &Vec<(VisitId, usize)>| {
            lane.iter().map(|(visit, by)| self.push(*visit, *by)).collect::<Result<Vec<_>, _>>()
        };
        std::thread::scope(|scope| {
            let half = lanes.div_ceil(2);
            let sign = |part: &[Vec<(VisitId, usize)>]| part.iter().map(signed).collect();
            let (first, second) = dealt.split_at(half);
            let first = scope.spawn(move || sign(first));
            let second: Result<Vec<_>, Failed> = sign(second);
            let first: Result<Vec<_>, Failed> =
                first.join().map_err(|_| "signing pushes failed")?;
            Ok(first?.into_iter().chain(second?).collect())
        })
    }

    fn push(&self, visit: VisitId, by: usize) -> Result<Vec<u8>, Failed> {
        let evaluator = &self.programme.evaluators[by];
        let document = document(self.programme, evaluator, visit);
        let sealed = SealedEvaluation::seal(&document, &evaluator.key)?;
        let record = Record {
            id: RecordId(Uuid::now_v7()),
            kind: record::EVALUATION.to_owned(),
            schema_v: RECORD_SCHEMA,
            rubric_v: Some(self.programme.rubric.sha256),
            base_rev: 0,
            rev: 0,
            body: serde_json::to_value(EvaluationBody { visit, sealed })?,
            deleted: false,
            unknown: serde_json::Map::new(),
        };
        let operation = Operation { op_id: OperationId(Uuid::now_v7()), record };
        let push =
            PushRequest { epoch: self.epoch.clone(), operations: vec![operation], link: None };
        let mut head = self.heads[by].lock().map_err(|_| "another signer failed")?;
        let (push, next) = push.chained(evaluator.device, *head, &evaluator.key)?;
        *head = next;
        request("/api/sync/push", &self.tokens[by], &push)
    }
}

fn document(programme: &Programme, by: &Evaluator, visit: VisitId) -> EvaluationDocument {
    let answers = programme.asked.iter().map(|asked| AnswerJson {
        criterion: asked.criterion.clone(),
        value: Some(asked.value.clone()),
        na: None,
        ne: None,
        note: Some(NOTE.to_owned()),
    });
    let evidence = programme.asked.iter().filter_map(|asked| {
        Some(EvidenceRef {
            criterion: asked.criterion.clone(),
            sha256: Digest::of(format!("{visit} {}", asked.criterion).as_bytes()),
            kind: asked.evidence?.to_owned(),
            media_type: "image/jpeg".to_owned(),
            bytes: 480_000,
        })
    });
    EvaluationDocument {
        schema: SCHEMA,
        evaluation: EvaluationId(Uuid::now_v7()),
        visit,
        revision: 1,
        device: by.device,
        rubric: programme.rubric.clone(),
        visit_kind: "unannounced".to_owned(),
        answers: answers.collect(),
        times: BTreeMap::new(),
        contacts: Vec::new(),
        evidence: evidence.collect(),
        followed_brief: true,
        submitted_at: NOW,
    }
}

/// Sends each lane's pushes one after the other, all lanes at once, as fast as they are answered.
pub(crate) fn send_all(address: &str, lanes: &[Vec<Vec<u8>>]) -> Result<Duration, Failed> {
    let mut lines = lanes.iter().map(|_| Line::open(address)).collect::<Result<Vec<_>, _>>()?;
    let begun = Instant::now();
    let send = |line: &mut Line, lane: &[Vec<u8>]| -> Result<(), Failed> {
        lane.iter().try_for_each(|push| taken(line.send(push)?))
    };
    std::thread::scope(|scope| {
        let lanes = lines.iter_mut().zip(lanes);
        let sent: Vec<_> =
            lanes.map(|(line, lane)| scope.spawn(move || send(line, lane))).collect();
        sent.into_iter().try_for_each(|lane| lane.join().map_err(|_| "a lane failed")?)
    })?;
    Ok(begun.elapsed())
}

/// Sends pushes when they are due, whatever became of those before, and gives how long each took from
/// when it was due; shortest first.
pub(crate) fn send_when_due(
    address: &str,
    lanes: &[Vec<Vec<u8>>],
    due: &[Vec<Duration>],
) -> Result<Vec<Duration>, Failed> {
    let mut lines = lanes.iter().map(|_| Line::open(address)).collect::<Result<Vec<_>, _>>()?;
    let begun = Instant::now();
    let send = |line: &mut Line, lane: &[Vec<u8>], due: &[Duration]| {
        let mut took = Vec::with_capacity(lane.len());
        for (push, due) in lane.iter().zip(due) {
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            taken(line.send(push)?)?;
            took.push(begun.elapsed().saturating_sub(*due));
        }
        Ok::<_, Failed>(took)
    };
    let mut took = std::thread::scope(|scope| {
        let lanes = lines.iter_mut().zip(lanes).zip(due);
        let sent: Vec<_> =
            lanes.map(|((line, lane), due)| scope.spawn(move || send(line, lane, due))).collect();
        let sent = sent.into_iter().map(|lane| lane.join().map_err(|_| "a lane failed")?);
        sent.collect::<Result<Vec<_>, Failed>>()
    })?
    .concat();
    took.sort_unstable();
    Ok(took)
}

/// Anything but a push that was applied is no push that counts.
fn taken(answer: &[u8]) -> Result<(), Failed> {
    let answer: PushResponse = serde_json::from_slice(answer)?;
    match answer.outcomes.iter().find(|one| !matches!(one.outcome, Outcome::Applied { .. })) {
        None => Ok(()),
        Some(other) => Err(format!("a push was not applied: {other:?}").into()),
    }
}
