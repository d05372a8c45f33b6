//! Push: what devices send, each operation applied once however often it comes.

use std::collections::{BTreeMap, BTreeSet};

use mizan_domain::evaluation::{RawAnswer, check_note, read_answer};
use mizan_domain::rubric::{EvidenceKind, Rubric, VisitKind};
use mizan_domain::submission::{self, Draft, DraftAnswer};
use mizan_domain::timeline::{Moment, Timeline};
use mizan_domain::visit::{VisitEvent, VisitState};
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::{RecordId, VisitId};
use mizan_protocol::record::{
    self, AcceptanceBody, AnswerBody, ContactJson, EvaluationBody, TimelineBody,
};
use mizan_protocol::sync::{
    MAX_OPERATIONS, Operation, OperationOutcome, Outcome, PushRequest, PushResponse, Record, SCHEMA,
};
use serde::de::DeserializeOwned;

use crate::accounts::{self, Caller};
use crate::error::Error;
use crate::programme;
use crate::review;
use crate::streams::{self, Entry, Stream};
use crate::tx::{Tx, first, params};
use crate::visits::{self, Visit};

/// Applies the operations of a push in their order.
pub(crate) fn push(
    tx: &mut dyn Tx,
    caller: &Caller,
    request: &PushRequest,
    now: i64,
) -> Result<PushResponse, Error> {
    let one = |operation| push_one(&mut *tx, caller, operation, now);
    let outcomes = request.operations.iter().map(one).collect::<Result<_, _>>()?;
    Ok(PushResponse { outcomes })
}

/// Applies one operation, or finds that it was applied before.
fn push_one(
    tx: &mut dyn Tx,
    caller: &Caller,
    operation: &Operation,
    now: i64,
) -> Result<OperationOutcome, Error> {
    let op_id = operation.op_id;
    let sql = "SELECT outcome FROM operations WHERE op_id = $1 AND person_id = $2";
    if let Some(row) = first(tx, sql, params![op_id.0, caller.person.0])? {
        let outcome = serde_json::from_str(row.text(0)?)?;
        return Ok(OperationOutcome { op_id, outcome });
    }
    let refused = match apply(tx, caller, &operation.record, now) {
        Ok(outcome) => Ok(outcome),
        Err(Error::Refused(error)) => Err(error),
        Err(Error::NotFound) => Err(ErrorBody::new("request.not_found")),
        Err(other) => return Err(other),
    };
    let outcome = match refused {
        Ok(outcome) => outcome,
        Err(error) => {
            quarantine(tx, caller, operation, &error, now)?;
            Outcome::Rejected { error }
        }
    };
    tx.exec(
        "INSERT INTO operations (op_id, person_id, outcome) VALUES ($1, $2, $3)",
        params![op_id.0, caller.person.0, serde_json::to_string(&outcome)?],
    )?;
    Ok(OperationOutcome { op_id, outcome })
}

/// Keeps what was refused: a visit made in the field exists nowhere else.
fn quarantine(
    tx: &mut dyn Tx,
    caller: &Caller,
    operation: &Operation,
    error: &ErrorBody,
    now: i64,
) -> Result<(), Error> {
    let record = serde_json::to_string(&operation.record)?;
    tx.exec(
        "INSERT INTO quarantine (op_id, person_id, kind, record, error, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            operation.op_id.0,
            caller.person.0,
            &operation.record.kind,
            record,
            serde_json::to_string(error)?,
            now
        ],
    )?;
    Ok(())
}

/// Applies a record: what it says must be allowed before anything of it is written.
fn apply(tx: &mut dyn Tx, caller: &Caller, record: &Record, now: i64) -> Result<Outcome, Error> {
    let current = stored(tx, caller, record.id)?;
    if let Some(current) = current {
        let same = current.body == record.body && current.deleted == record.deleted;
        if same && current.kind == record.kind {
            return Ok(Outcome::Same { rev: current.rev });
        }
        if current.rev != record.base_rev || current.kind != record.kind {
            return Ok(Outcome::Conflict { current });
        }
    } else if record.base_rev != 0 {
        return Err(Error::NotFound);
    }
    match record.kind.as_str() {
        record::ACCEPTANCE => acceptance(tx, caller, &body(record)?, now)?,
        record::ANSWER => answer(tx, caller, &body(record)?, record.deleted, now)?,
        record::TIMELINE => timeline(tx, caller, &body(record)?, now)?,
        record::EVALUATION => evaluation(tx, caller, record.id, &body(record)?, now)?,
        other => {
            let error = ErrorBody::new("sync.unknown_kind").with("kind", other);
            return Err(Error::Refused(error));
        }
    }
    keep(tx, caller, record)
}

fn body<T: DeserializeOwned>(record: &Record) -> Result<T, Error> {
    T::deserialize(&record.body)
        .map_err(|error| Error::invalid("body", &record.kind, &error.to_string()))
}

fn stored(tx: &mut dyn Tx, caller: &Caller, id: RecordId) -> Result<Option<Record>, Error> {
    let row = first(tx, "SELECT record, person_id FROM records WHERE id = $1", params![id.0])?;
    let Some(row) = row else { return Ok(None) };
    if row.id(1)? != caller.person.0 {
        return Err(Error::NotFound);
    }
    Ok(Some(serde_json::from_str(row.text(0)?)?))
}

fn keep(tx: &mut dyn Tx, caller: &Caller, record: &Record) -> Result<Outcome, Error> {
    let rev = record.base_rev + 1;
    let kept = Record { rev, base_rev: rev, ..record.clone() };
    tx.exec(
        "INSERT INTO records (id, person_id, kind, rev, record) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, record = excluded.record",
        params![record.id.0, caller.person.0, &record.kind, rev, serde_json::to_string(&kept)?],
    )?;
    Ok(Outcome::Applied { rev })
}

/// The caller's own visit; any other is as good as none.
fn own_visit(tx: &mut dyn Tx, caller: &Caller, id: VisitId) -> Result<Visit, Error> {
    let visit = visits::find(tx, id)?;
    if visit.evaluator == Some(caller.person) { Ok(visit) } else { Err(Error::NotFound) }
}

fn acceptance(
    tx: &mut dyn Tx,
    caller: &Caller,
    body: &AcceptanceBody,
    now: i64,
) -> Result<(), Error> {
    let visit = own_visit(tx, caller, body.visit())?;
    let event = match body {
        AcceptanceBody::Accepted { no_interest, brief_rubric, .. } => {
            let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?;
            let brief_acknowledged = *brief_rubric == rubric.named.sha256;
            VisitEvent::Accept { no_interest: *no_interest, brief_acknowledged }
        }
        AcceptanceBody::Declined { reason, .. } => VisitEvent::Decline { reason: reason.clone() },
    };
    visits::advance(tx, caller, visit.id, &event, now)?;
    Ok(())
}

/// The visit has begun. Drafts that come after the submission they led to are kept, and change
/// nothing.
fn begin(tx: &mut dyn Tx, caller: &Caller, visit: &Visit, now: i64) -> Result<(), Error> {
    if visit.state.accepts_answers() {
        visits::advance(tx, caller, visit.id, &VisitEvent::Start, now)?;
    }
    Ok(())
}

fn answer(
    tx: &mut dyn Tx,
    caller: &Caller,
    body: &AnswerBody,
    deleted: bool,
    now: i64,
) -> Result<(), Error> {
    let visit = own_visit(tx, caller, body.visit)?;
    if !deleted {
        let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?.rubric()?;
        let raw = body.answer.to_raw().map_err(|fault| {
            Error::invalid("answer", fault.criterion, "exactly one of value, na and ne")
        })?;
        check_answer(&rubric, visit.kind, &body.answer.criterion, &raw)?;
        let note = body.answer.note.as_deref().unwrap_or("");
        check_note(&body.answer.criterion, note).map_err(|fault| answer_refused(&fault))?;
    }
    begin(tx, caller, &visit, now)
}

fn answer_refused(fault: &mizan_domain::evaluation::AnswerFault) -> Error {
    Error::Refused(ErrorBody::new(fault.code()).with("reason", fault))
}

fn check_answer(
    rubric: &Rubric,
    kind: VisitKind,
    criterion: &str,
    raw: &RawAnswer,
) -> Result<(), Error> {
    read_answer(rubric, kind, criterion, raw).map_err(|fault| answer_refused(&fault))?;
    Ok(())
}

fn timeline(tx: &mut dyn Tx, caller: &Caller, body: &TimelineBody, now: i64) -> Result<(), Error> {
    let visit = own_visit(tx, caller, body.visit)?;
    read_timeline(&body.times, &body.contacts)?;
    begin(tx, caller, &visit, now)
}

fn read_timeline(
    times: &BTreeMap<String, i64>,
    contacts: &[ContactJson],
) -> Result<Timeline, Error> {
    let mut timeline = Timeline::default();
    for (word, at) in times {
        let words: Vec<&str> = Moment::ALL.iter().map(|moment| moment.word()).collect();
        let moment = Moment::from_word(word)
            .ok_or_else(|| Error::invalid("times", word, &words.join(", ")))?;
        timeline.moments.insert(moment, *at);
    }
    let mut ids = BTreeSet::new();
    for contact in contacts {
        if !ids.insert(contact.id) {
            return Err(Error::invalid(
                "contacts",
                contact.id,
                "an id of its own for each contact",
            ));
        }
        let read = contact
            .to_contact()
            .map_err(|fault| Error::invalid("contacts", &fault.word, &fault.allowed.join(", ")))?;
        timeline.contacts.push(read);
    }
    Ok(timeline)
}

/// Takes in a sealed evaluation: the seal, the rubric and every rule of submission are checked
/// again here, whatever the device said.
fn evaluation(
    tx: &mut dyn Tx,
    caller: &Caller,
    record: RecordId,
    body: &EvaluationBody,
    now: i64,
) -> Result<(), Error> {
    let visit = own_visit(tx, caller, body.visit)?;
    let broken = |why: String| Error::Refused(ErrorBody::new("seal.broken").with("reason", why));
    let document = body.sealed.open().map_err(|error| broken(error.to_string()))?;
    let device = accounts::device_key(tx, document.device)?;
    if device != Some((body.sealed.public_key, caller.person)) {
        return Err(broken("the key is not that of the evaluator's device".to_owned()));
    }
    if document.visit != visit.id || document.visit_kind != visit.kind.word() {
        return Err(broken("the document is of another visit".to_owned()));
    }
    let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?;
    if document.rubric != rubric.named {
        let error = ErrorBody::new("rubric.mismatch").with("rubric", rubric.named.sha256);
        return Err(Error::Refused(error));
    }
    check_revision(tx, &visit, &document)?;
    let read = rubric.rubric()?;
    check_submission(&read, &visit, &document)?;
    if !visit.state.accepts_answers() {
        let submitted = matches!(
            visit.state,
            VisitState::Submitted
                | VisitState::InReview
                | VisitState::Validated
                | VisitState::Counted
        );
        let code = if submitted { "visit.already_submitted" } else { "visit.wrong_state" };
        return Err(Error::Refused(ErrorBody::new(code).with("state", visit.state.word())));
    }
    store_evaluation(tx, body, &document, now)?;
    visits::advance(tx, caller, visit.id, &VisitEvent::Submit, now)?;
    review::show_to_reviewers(tx, visit.id)?;
    let sealed = canonical_json(&body.sealed)?;
    let entry = Entry {
        id: record,
        kind: record::EVALUATION,
        rubric: Some(rubric.named.sha256),
        body: &sealed,
    };
    streams::put(tx, Stream::Reviewers, entry)
}

fn check_revision(
    tx: &mut dyn Tx,
    visit: &Visit,
    document: &EvaluationDocument,
) -> Result<(), Error> {
    let sql = "SELECT COALESCE(MAX(revision), 0) FROM evaluations WHERE visit_id = $1";
    let last = crate::tx::one(tx, sql, params![visit.id.0])?.int(0)?;
    if i64::from(document.revision) == last + 1 {
        return Ok(());
    }
    Err(Error::invalid("revision", document.revision, &format!("{}", last + 1)))
}

fn check_submission(
    rubric: &Rubric,
    visit: &Visit,
    document: &EvaluationDocument,
) -> Result<(), Error> {
    if !document.followed_brief {
        return Err(Error::invalid("followed_brief", false, "the signed declaration (M15)"));
    }
    let mut answers = Vec::with_capacity(document.answers.len());
    for answer in &document.answers {
        let raw = answer.to_raw().map_err(|fault| {
            Error::invalid("answers", fault.criterion, "exactly one of value, na and ne")
        })?;
        let (criterion, note) = (answer.criterion.clone(), answer.note.clone());
        answers.push(DraftAnswer { criterion, answer: raw, note });
    }
    let mut evidence = Vec::with_capacity(document.evidence.len());
    for piece in &document.evidence {
        let kind = EvidenceKind::from_word(&piece.kind)
            .ok_or_else(|| Error::invalid("evidence", &piece.kind, "a kind of evidence"))?;
        evidence.push((piece.criterion.clone(), kind));
    }
    let timeline = read_timeline(&document.times, &document.contacts)?;
    let draft = Draft { kind: visit.kind, answers, evidence, timeline };
    match submission::check(rubric, &draft).first() {
        None => Ok(()),
        Some(fault) => {
            let criterion = fault.criterion().map(|id| ("criterion", id.to_owned()));
            let values = fault.params().into_iter().chain(criterion);
            let body = ErrorBody::new(fault.code()).with("reason", fault);
            Err(Error::Refused(values.fold(body, |body, (name, value)| body.with(name, value))))
        }
    }
}

fn store_evaluation(
    tx: &mut dyn Tx,
    body: &EvaluationBody,
    document: &EvaluationDocument,
    now: i64,
) -> Result<(), Error> {
    tx.exec(
        "INSERT INTO evaluations
         (id, revision, visit_id, device_id, document, sha256, signature, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            document.evaluation.0,
            document.revision,
            document.visit.0,
            document.device.0,
            &body.sealed.document,
            body.sealed.sha256,
            body.sealed.signature.as_bytes().as_slice(),
            now
        ],
    )?;
    let mut named: Vec<_> = document.evidence.iter().map(|piece| piece.sha256).collect();
    named.sort_unstable();
    named.dedup();
    let rows: Vec<_> = named
        .into_iter()
        .map(|sha256| params![document.visit.0, document.revision, sha256].to_vec())
        .collect();
    let sql = "INSERT INTO evaluation_evidence (visit_id, revision, sha256) VALUES ($1, $2, $3)";
    tx.exec_many(sql, &rows)?;
    Ok(())
}

/// Refuses a push that is too large, or whose records are of a shape this server cannot read.
pub(crate) fn check_push(request: &PushRequest) -> Result<(), Error> {
    let operations = &request.operations;
    if operations.len() > MAX_OPERATIONS {
        let error = ErrorBody::new("request.too_large").with("max_operations", MAX_OPERATIONS);
        return Err(Error::Refused(error));
    }
    match operations.iter().find(|operation| operation.record.schema_v > SCHEMA) {
        None => Ok(()),
        Some(newer) => {
            let version = newer.record.schema_v;
            Err(Error::invalid(
                "schema_v",
                version,
                &format!("at most {SCHEMA}; update the server"),
            ))
        }
    }
}
