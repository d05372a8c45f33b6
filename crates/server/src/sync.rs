//! Push: what devices send, each operation applied once however often it comes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mizan_domain::evaluation::{RawAnswer, check_note, read_answer};
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::timeline::{Moment, Timeline};
use mizan_domain::visit::{VisitEvent, VisitState};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::{RecordId, VisitId};
use mizan_protocol::proof::{Fault, is_planted};
use mizan_protocol::record::{
    self, AcceptanceBody, AnswerBody, ContactJson, EvaluationBody, TimelineBody,
};
use mizan_protocol::sync::{
    MAX_OPERATIONS, OLDEST_SCHEMA, Operation, OperationOutcome, Outcome, PushRequest, PushResponse,
    Record, SCHEMA,
};

use crate::accounts::{self, Caller};
use crate::app::App;
use crate::audit::{self, Act, By, Deed};
use crate::chain::{self, Standing};
use crate::drafts;
use crate::error::Error;
use crate::incoming::{self, Read, ReadEvaluation, body, broken_seal};
use crate::quarantine;
use crate::review;
use crate::streams;
use crate::tx::{Tx, first, params, row};
use crate::visits::{self, Visit};

/// Takes a push: its signature and its place in its device's chain first, then its operations, in one
/// transaction. A refusal of the whole leaves its entry in the audit.
pub(crate) async fn take(
    app: &App,
    caller: &Caller,
    request: Arc<PushRequest>,
    carried_as: Standing,
) -> Result<PushResponse, Error> {
    let taken = take_whole(app, caller, Arc::clone(&request), carried_as).await;
    if let Err(refused) = &taken {
        chain::enter_refusal(app, caller, &request, refused).await?;
    }
    let response = taken?;
    response.outcomes.iter().for_each(|operation| app.figures.pushed(&operation.outcome));
    Ok(response)
}

async fn take_whole(
    app: &App,
    caller: &Caller,
    request: Arc<PushRequest>,
    carried_as: Standing,
) -> Result<PushResponse, Error> {
    check_size(&request)?;
    let (caller, now) = (*caller, app.now());
    let standing = match &request.link {
        None => carried_as,
        Some(_) => {
            // Not in the writer's turn: the sums of a signature take as long as a small change does.
            let request = Arc::clone(&request);
            app.store.read(move |tx| chain::check(tx, &caller, &request)).await?
        }
    };
    let (placed, read) = (standing.clone(), incoming::read(Arc::clone(&request)).await?);
    let apply = move |tx: &mut dyn Tx| {
        streams::check_epoch(tx, request.epoch.as_deref())?;
        chain::take_up(tx, &caller, &placed, now)?;
        let one = |(operation, read)| push_one(&mut *tx, &caller, operation, read, now);
        let outcomes = request.operations.iter().zip(read).map(one).collect::<Result<_, _>>()?;
        Ok(PushResponse { outcomes, ..PushResponse::default() })
    };
    let response = app.store.write(apply).await?;
    let receipt = chain::receipt(&app.keys, &standing, &response)?;
    Ok(PushResponse { receipt, ..response })
}

/// Applies one operation, or finds that it was applied before.
fn push_one(
    tx: &mut dyn Tx,
    caller: &Caller,
    operation: &Operation,
    read: Read,
    now: i64,
) -> Result<OperationOutcome, Error> {
    let op_id = operation.op_id;
    let sql = "SELECT outcome FROM operations WHERE op_id = $1 AND person_id = $2";
    if let Some(row) = first(tx, sql, params![op_id.0, caller.person.0])? {
        let outcome = serde_json::from_str(row.text(0)?)?;
        return Ok(OperationOutcome { op_id, outcome });
    }
    let outcome = apply_or_refuse(tx, caller, &operation.record, read, now)?;
    if let Outcome::Rejected { error } = &outcome {
        quarantine::keep(tx, caller, operation, error, now)?;
    }
    tx.write(
        "INSERT INTO operations (op_id, person_id, outcome) VALUES ($1, $2, $3)",
        row![op_id.0, caller.person.0, serde_json::to_string(&outcome)?],
    )?;
    Ok(OperationOutcome { op_id, outcome })
}

/// Applies a record; a refusal is an outcome, and leaves nothing behind.
pub(crate) fn try_record(
    tx: &mut dyn Tx,
    caller: &Caller,
    record: &Record,
    now: i64,
) -> Result<Outcome, Error> {
    apply_or_refuse(tx, caller, record, Read::of(record)?, now)
}

fn apply_or_refuse(
    tx: &mut dyn Tx,
    caller: &Caller,
    record: &Record,
    read: Read,
    now: i64,
) -> Result<Outcome, Error> {
    match apply(tx, caller, record, read, now) {
        Err(Error::Refused(error)) => Ok(Outcome::Rejected { error }),
        Err(Error::NotFound) => {
            Ok(Outcome::Rejected { error: ErrorBody::new("request.not_found") })
        }
        done => done,
    }
}

/// Applies a record: what it says must be allowed before anything of it is written.
fn apply(
    tx: &mut dyn Tx,
    caller: &Caller,
    record: &Record,
    read: Read,
    now: i64,
) -> Result<Outcome, Error> {
    let current = stored(tx, caller, record.id)?;
    if let Some(current) = current {
        let same = current.body == record.body && current.deleted == record.deleted;
        if same && current.kind == record.kind {
            return Ok(Outcome::Same { rev: current.rev });
        }
        let is_ours = current.rev == record.base_rev || is_planted(Fault::ConflictOverwritten);
        if !is_ours || current.kind != record.kind {
            return Ok(Outcome::Conflict { current });
        }
    } else if record.base_rev != 0 {
        return Err(Error::NotFound);
    }
    check_schema(record)?;
    let visit = match (record.kind.as_str(), read.evaluation) {
        (record::ACCEPTANCE, _) => acceptance(tx, caller, &body(record)?, now)?,
        (record::ANSWER, _) => answer(tx, caller, &body(record)?, record.deleted, now)?,
        (record::TIMELINE, _) => timeline(tx, caller, &body(record)?, now)?,
        (_, Some(read)) => evaluation(tx, caller, read?, now)?,
        (other, None) => {
            let error = ErrorBody::new("sync.unknown_kind").with("kind", other);
            return Err(Error::Refused(error));
        }
    };
    keep(tx, caller, &visit, &read.kept, read.text)
}

/// Refuses a record of a shape this server does not read: it is kept in quarantine as it came, and the
/// others of its push are taken in.
fn check_schema(record: &Record) -> Result<(), Error> {
    if (OLDEST_SCHEMA..=SCHEMA).contains(&record.schema_v) {
        return Ok(());
    }
    let is_newer = record.schema_v > SCHEMA;
    let code = if is_newer { "sync.newer_schema" } else { "sync.older_schema" };
    let error = ErrorBody::new(code).with("version", record.schema_v);
    Err(Error::Refused(error.with("known", SCHEMA)))
}

fn stored(tx: &mut dyn Tx, caller: &Caller, id: RecordId) -> Result<Option<Record>, Error> {
    let row = first(tx, "SELECT record, person_id FROM records WHERE id = $1", params![id.0])?;
    let Some(row) = row else { return Ok(None) };
    if row.id(1)? != caller.person.0 {
        return Err(Error::NotFound);
    }
    Ok(Some(incoming::whole(tx, row.text(0)?)?))
}

fn keep(
    tx: &mut dyn Tx,
    caller: &Caller,
    visit: &Visit,
    kept: &Record,
    text: String,
) -> Result<Outcome, Error> {
    let rev = kept.rev;
    tx.write(
        "INSERT INTO records (id, person_id, visit_id, kind, rev, record)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, record = excluded.record",
        row![kept.id.0, caller.person.0, visit.id.0, &kept.kind, rev, text],
    )?;
    drafts::hand_over(tx, caller.person, visit.state, kept)?;
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
) -> Result<Visit, Error> {
    let mut visit = own_visit(tx, caller, body.visit())?;
    let event = match body {
        AcceptanceBody::Accepted { no_interest, brief_rubric, .. } => {
            let brief_acknowledged = *brief_rubric == visit.rubric()?.named.sha256;
            VisitEvent::Accept { no_interest: *no_interest, brief_acknowledged }
        }
        AcceptanceBody::Declined { reason, .. } => VisitEvent::Decline { reason: reason.clone() },
    };
    let deed = match body {
        AcceptanceBody::Accepted { .. } => Deed::VisitAccepted,
        AcceptanceBody::Declined { .. } => Deed::VisitDeclined,
    };
    visits::take_step(tx, caller, &mut visit, &event, now)?;
    audit::enter(tx, By::from(caller), Act::new(deed).on("visit", visit.id), now)?;
    Ok(visit)
}

/// The visit has begun. Drafts that come after the submission they led to are kept, and change
/// nothing.
fn begin(tx: &mut dyn Tx, caller: &Caller, mut visit: Visit, now: i64) -> Result<Visit, Error> {
    if visit.state != VisitState::InProgress && visit.state.accepts_answers() {
        visits::take_step(tx, caller, &mut visit, &VisitEvent::Start, now)?;
    }
    Ok(visit)
}

fn answer(
    tx: &mut dyn Tx,
    caller: &Caller,
    body: &AnswerBody,
    deleted: bool,
    now: i64,
) -> Result<Visit, Error> {
    let visit = own_visit(tx, caller, body.visit)?;
    if !deleted {
        let rubric = visit.rubric()?.rubric(tx)?;
        let raw = body.answer.to_raw().map_err(|fault| {
            Error::invalid("answer", fault.criterion, "exactly one of value, na and ne")
        })?;
        check_answer(&rubric, visit.kind, &body.answer.criterion, &raw)?;
        let note = body.answer.note.as_deref().unwrap_or("");
        check_note(&body.answer.criterion, note).map_err(|fault| answer_refused(&fault))?;
    }
    begin(tx, caller, visit, now)
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

fn timeline(
    tx: &mut dyn Tx,
    caller: &Caller,
    body: &TimelineBody,
    now: i64,
) -> Result<Visit, Error> {
    let visit = own_visit(tx, caller, body.visit)?;
    read_timeline(&body.times, &body.contacts)?;
    begin(tx, caller, visit, now)
}

/// The times of a visit, once every word of them is known.
pub(crate) fn read_timeline(
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
    read: ReadEvaluation,
    now: i64,
) -> Result<Visit, Error> {
    let ReadEvaluation { body, document, facts } = read;
    let mut visit = own_visit(tx, caller, body.visit)?;
    let document = document?;
    let device = accounts::devices::device_key(tx, document.device)?;
    if device != Some((body.sealed.public_key, caller.person)) {
        return Err(broken_seal("the key is not that of the evaluator's device".to_owned()));
    }
    if document.visit != visit.id || document.visit_kind != visit.kind.word() {
        return Err(broken_seal("the document is of another visit".to_owned()));
    }
    let rubric = visit.rubric()?.clone();
    if document.rubric != rubric.named {
        let error = ErrorBody::new("rubric.mismatch").with("rubric", rubric.named.sha256);
        return Err(Error::Refused(error));
    }
    check_revision(&visit, &document)?;
    let facts = match facts {
        Some(checked) => checked?,
        None => incoming::checked(&*rubric.rubric(tx)?, visit.kind, &document)?,
    };
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
    store_evaluation(tx, &body, &document, now)?;
    review::facts::keep(tx, facts)?;
    visit.revisions = document.revision;
    visits::take_step(tx, caller, &mut visit, &VisitEvent::Submit, now)?;
    let act = Act::new(Deed::EvaluationReceived).on("visit", visit.id);
    let act = act.with("revision", document.revision).with("sha256", body.sealed.sha256);
    audit::enter(tx, By::from(caller), act, now)?;
    // Reviewers learn that there is something; they read it where they take it up.
    review::show_visit_to_reviewers(tx, &visit)?;
    Ok(visit)
}

fn check_revision(visit: &Visit, document: &EvaluationDocument) -> Result<(), Error> {
    let next = visit.revisions + 1;
    if document.revision == next {
        return Ok(());
    }
    Err(Error::invalid("revision", document.revision, &next.to_string()))
}

fn store_evaluation(
    tx: &mut dyn Tx,
    body: &EvaluationBody,
    document: &EvaluationDocument,
    now: i64,
) -> Result<(), Error> {
    tx.write(
        "INSERT INTO evaluations
         (id, revision, visit_id, device_id, document, sha256, signature, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        row![
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
    let rows = named
        .into_iter()
        .flat_map(|sha256| row![document.visit.0, document.revision, sha256])
        .collect();
    let sql = "INSERT INTO evaluation_evidence (visit_id, revision, sha256) VALUES ($1, $2, $3)";
    tx.write(sql, rows)
}

/// Refuses a push that is too large.
pub(crate) fn check_size(request: &PushRequest) -> Result<(), Error> {
    let operations = &request.operations;
    if operations.len() > MAX_OPERATIONS {
        let error = ErrorBody::new("request.too_large").with("max_operations", MAX_OPERATIONS);
        return Err(Error::Refused(error));
    }
    Ok(())
}
