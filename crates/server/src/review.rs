//! Review: the queue, taking up, returning, validating, and rulings on critical hits.
//!
//! `facts` is kept of each evaluation that comes in, `findings` says what the machine makes of it, `second`
//! is the blind second scoring, `history` what a reviewer did. A visit is decided by whoever has it, on the
//! revision they have read.

pub(crate) mod facts;
pub(crate) mod findings;
pub(crate) mod history;
pub(crate) mod second;

use mizan_domain::cycle::CycleState;
use mizan_domain::scoring;
use mizan_domain::visit::{VisitEvent, VisitState};
use mizan_protocol::api::{CriticalRuling, ReturnVisit, ReviewItem, ReviewVisit};
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::{EvaluationDocument, SealedEvaluation};
use mizan_protocol::id::{CentreId, CycleId, PersonId, RecordId, VisitId};
use mizan_protocol::record::{self, TextJson};
use mizan_protocol::review::{QueuedVisit, ReviewContext, RulingJson, TakenBy};
use serde::Serialize;

use crate::accounts::{self, Caller};
use crate::error::Error;
use crate::keys::Keys;
use crate::programme::{self, text_at};
use crate::review::findings::Scope;
use crate::streams::{self, Entry, Stream};
use crate::tx::{Row, Tx, first, one, params};
use crate::visits::{self, Visit};
use crate::{consolidated, judgement};

/// The visits that wait for review, oldest submission first, with what the machine found.
pub(crate) fn queue(tx: &mut dyn Tx, caller: &Caller) -> Result<Vec<QueuedVisit>, Error> {
    let mut found = findings::findings(tx, Scope::Waiting)?;
    let rows = tx.query(include_str!("sql/review/queue.sql"), params![caller.person.0])?;
    let mut queue = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = row.id(0)?;
        let count = |column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
        let item = ReviewItem {
            visit: VisitId(id),
            centre: row.text(1)?.to_owned(),
            centre_name: text_at(row, 2)?,
            kind: row.text(4)?.to_owned(),
            state: row.text(5)?.to_owned(),
            revision: count(6)?,
            received_at: row.int(7)?,
            evidence_missing: count(9)?,
        };
        let is_taken = item.state == VisitState::InReview.word();
        let holder = if is_taken { holder(tx, item.visit)? } else { None };
        let taken = holder.map(|holder| holder.told(caller));
        let (cycle, findings) = (row.text(8)?.to_owned(), found.remove(&id).unwrap_or_default());
        queue.push(QueuedVisit { item, cycle, taken, findings });
    }
    Ok(queue)
}

/// The reviewer who took a visit up last.
struct Holder {
    person: PersonId,
    name: TextJson,
    at: i64,
}

impl Holder {
    fn told(self, caller: &Caller) -> TakenBy {
        TakenBy { name: self.name, is_you: self.person == caller.person, at: self.at }
    }
}

fn holder(tx: &mut dyn Tx, id: VisitId) -> Result<Option<Holder>, Error> {
    let sql = "SELECT s.person_id, p.name_ar, p.name_en, s.at FROM visit_steps s
               JOIN people p ON p.id = s.person_id
               WHERE s.visit_id = $1 AND s.state = 'in_review' ORDER BY s.step DESC LIMIT 1";
    let row = first(tx, sql, params![id.0])?;
    let of = |row: Row| {
        Ok(Holder { person: PersonId(row.id(0)?), name: text_at(&row, 1)?, at: row.int(3)? })
    };
    row.map(of).transpose()
}

/// Refuses a decision on what another reviewer has, or on a revision that is not the last any more.
///
/// A visit in another state is refused by the visit's own rules, by the name of that state.
fn require_held(
    tx: &mut dyn Tx,
    caller: &Caller,
    visit: &Visit,
    revision: Option<u32>,
) -> Result<(), Error> {
    if visit.state != VisitState::InReview {
        return Ok(());
    }
    let holder = holder(tx, visit.id)?;
    if holder.is_none_or(|holder| holder.person != caller.person) {
        return Err(Error::refused("review.taken"));
    }
    let last = item(tx, visit.id)?.revision;
    match revision.filter(|read| *read != last) {
        None => Ok(()),
        Some(read) => {
            let body = ErrorBody::new("review.stale").with("read", read).with("last", last);
            Err(Error::Refused(body))
        }
    }
}

fn item(tx: &mut dyn Tx, id: VisitId) -> Result<ReviewItem, Error> {
    let visit = visits::find(tx, id)?;
    item_of(tx, &visit)
}

fn item_of(tx: &mut dyn Tx, visit: &Visit) -> Result<ReviewItem, Error> {
    let sql = "SELECT received_at,
               (SELECT COUNT(*) FROM evaluation_evidence v WHERE v.visit_id = $1 AND v.revision = $2
               AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.sha256 = v.sha256))
               FROM evaluations WHERE visit_id = $1 AND revision = $2";
    let row = one(tx, sql, params![visit.id.0, visit.revisions])?;
    Ok(ReviewItem {
        visit: visit.id,
        centre: visit.centre_code.clone(),
        centre_name: visit.centre_name.clone(),
        kind: visit.kind.word().to_owned(),
        state: visit.state.word().to_owned(),
        revision: visit.revisions,
        received_at: row.int(0)?,
        evidence_missing: u32::try_from(row.int(1)?).unwrap_or(u32::MAX),
    })
}

/// Puts a visit into the reviewers' stream, without its evaluator.
fn show_to_reviewers(tx: &mut dyn Tx, id: VisitId) -> Result<(), Error> {
    let visit = visits::find(tx, id)?;
    show_visit_to_reviewers(tx, &visit)
}

/// Puts a visit at hand into the reviewers' stream, without its evaluator.
pub(crate) fn show_visit_to_reviewers(tx: &mut dyn Tx, visit: &Visit) -> Result<(), Error> {
    let body = canonical_json(&item_of(tx, visit)?)?;
    let entry = Entry { id: RecordId(visit.id.0), kind: record::VISIT, rubric: None, body: &body };
    streams::put(tx, Stream::Reviewers, entry)
}

/// The last revision of a visit's evaluation.
pub(crate) fn last_sealed(tx: &mut dyn Tx, id: VisitId) -> Result<SealedEvaluation, Error> {
    let sql = "SELECT e.document, e.sha256, d.public_key, e.signature FROM evaluations e
               JOIN devices d ON d.id = e.device_id
               WHERE e.visit_id = $1 ORDER BY e.revision DESC LIMIT 1";
    let row = one(tx, sql, params![id.0])?;
    let hex_at = |column| Ok::<_, Error>(hex::encode(row.blob(column)?));
    let bad = |column| Error::Column { column, expected: "a key or signature" };
    Ok(SealedEvaluation {
        document: row.text(0)?.to_owned(),
        sha256: row.digest(1)?,
        public_key: hex_at(2)?.parse().map_err(|_| bad(2))?,
        signature: hex_at(3)?.parse().map_err(|_| bad(3))?,
    })
}

/// Takes a visit up for review, or shows one that the caller has. What another has is refused by name:
/// two who decide on one visit would lose one of the decisions.
pub(crate) fn take_up(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    now: i64,
) -> Result<ReviewVisit, Error> {
    let visit = visits::find(tx, id)?;
    accounts::require_other_agency(tx, caller, visit.centre)?;
    if visit.state != VisitState::InReview {
        visits::advance(tx, caller, id, &VisitEvent::Review, now)?;
        show_to_reviewers(tx, id)?;
    } else if visit.evaluator == Some(caller.person) {
        return Err(mizan_domain::visit::VisitRefusal::OwnVisit.into());
    } else {
        require_held(tx, caller, &visit, None)?;
    }
    show(tx, caller, &visit)
}

/// Takes over a visit that another reviewer has.
pub(crate) fn take_over(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    reason: &str,
    now: i64,
) -> Result<ReviewVisit, Error> {
    let visit = visits::find(tx, id)?;
    accounts::require_other_agency(tx, caller, visit.centre)?;
    if visit.evaluator == Some(caller.person) {
        return Err(mizan_domain::visit::VisitRefusal::OwnVisit.into());
    }
    if visit.state != VisitState::InReview {
        return Err(mizan_domain::visit::VisitRefusal::WrongState { state: visit.state }.into());
    }
    if reason.trim().is_empty() {
        return Err(Error::refused("visit.reason_missing"));
    }
    visits::log_state(tx, caller, id, VisitState::InReview, Some(reason), now)?;
    show(tx, caller, &visit)
}

/// Shows a visit to whoever took it up, whatever became of it since.
pub(crate) fn read(tx: &mut dyn Tx, caller: &Caller, id: VisitId) -> Result<ReviewVisit, Error> {
    let visit = visits::find(tx, id)?;
    accounts::require_other_agency(tx, caller, visit.centre)?;
    let sql = "SELECT 1 FROM visit_steps
               WHERE visit_id = $1 AND person_id = $2 AND state = 'in_review'";
    if first(tx, sql, params![id.0, caller.person.0])?.is_none() {
        return Err(Error::refused("review.not_taken_up"));
    }
    show(tx, caller, &visit)
}

fn show(tx: &mut dyn Tx, caller: &Caller, visit: &Visit) -> Result<ReviewVisit, Error> {
    let sealed = last_sealed(tx, visit.id)?;
    let critical = critical_of(tx, visit, &sealed)?;
    let context = context(tx, caller, visit)?;
    Ok(ReviewVisit { item: item(tx, visit.id)?, sealed, critical, context })
}

fn context(tx: &mut dyn Tx, caller: &Caller, visit: &Visit) -> Result<ReviewContext, Error> {
    let sql = "SELECT criterion, confirmed, reason, at FROM critical_rulings
               WHERE cycle_id = $1 AND centre_id = $2 ORDER BY criterion";
    let ruling = |row: &Row| {
        let (criterion, reason) = (row.text(0)?.to_owned(), row.text(2)?.to_owned());
        Ok(RulingJson { criterion, confirmed: row.flag(1)?, reason, at: row.int(3)? })
    };
    let rulings = tx.query(sql, params![visit.cycle.0, visit.centre.0])?;
    let sql = "SELECT document FROM evaluations WHERE visit_id = $1 ORDER BY revision DESC LIMIT 2";
    let revisions = tx.query(sql, params![visit.id.0])?;
    let previous = match revisions.get(1) {
        None => Vec::new(),
        Some(row) => serde_json::from_str::<EvaluationDocument>(row.text(0)?)?.answers,
    };
    let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?;
    let findings = findings::findings(tx, Scope::One(visit.id))?.remove(&visit.id.0);
    Ok(ReviewContext {
        cycle: visit.cycle,
        centre: visit.centre,
        rubric: serde_json::from_str(&rubric.body(tx)?)?,
        taken: holder(tx, visit.id)?.map(|holder| holder.told(caller)),
        findings: findings.unwrap_or_default(),
        rulings: rulings.iter().map(ruling).collect::<Result<_, Error>>()?,
        asked: visit.questions()?,
        previous,
    })
}

fn critical_of(
    tx: &mut dyn Tx,
    visit: &Visit,
    sealed: &SealedEvaluation,
) -> Result<Vec<String>, Error> {
    let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?.rubric(tx)?;
    let evaluation = judgement::evaluation_of(&sealed.document)?;
    let scorecard = scoring::score(&rubric, &[evaluation], &[])
        .map_err(|faults| judgement::unreadable(&faults))?;
    Ok(scorecard.critical.into_iter().map(|hit| hit.criterion).collect())
}

/// Sends a visit back with questions.
pub(crate) fn send_back(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    request: &ReturnVisit,
    revision: Option<u32>,
    now: i64,
) -> Result<ReviewItem, Error> {
    let visit = visits::find(tx, id)?;
    accounts::require_other_agency(tx, caller, visit.centre)?;
    require_held(tx, caller, &visit, revision)?;
    let texts: Vec<&str> = request.questions.iter().map(|q| q.text.trim()).collect();
    if texts.is_empty() || texts.iter().any(|text| text.is_empty()) {
        return Err(Error::refused("visit.reason_missing"));
    }
    let questions = serde_json::to_string(&request.questions)?;
    tx.exec("UPDATE visits SET questions = $2 WHERE id = $1", params![id.0, questions])?;
    visits::advance(tx, caller, id, &VisitEvent::Return { question: texts.join("\n") }, now)?;
    show_to_reviewers(tx, id)?;
    item(tx, id)
}

/// What the committee's stream holds of a validated evaluation.
#[derive(Serialize)]
struct ForCommittee {
    centre: String,
    kind: String,
    evaluator: String,
    answers: Vec<mizan_protocol::answer::AnswerJson>,
    evidence: Vec<mizan_protocol::evaluation::EvidenceRef>,
}

/// Accepts a visit. Evidence that has not arrived is asked for first.
pub(crate) fn validate(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    id: VisitId,
    revision: Option<u32>,
    now: i64,
) -> Result<ReviewItem, Error> {
    let visit = visits::find(tx, id)?;
    accounts::require_other_agency(tx, caller, visit.centre)?;
    require_held(tx, caller, &visit, revision)?;
    let waiting = item(tx, id)?.evidence_missing;
    if waiting > 0 {
        let error = ErrorBody::new("evidence.missing");
        return Err(Error::Refused(error.with("files", waiting)));
    }
    visits::advance(tx, caller, id, &VisitEvent::Validate, now)?;
    second::draw(tx, &visit, now)?;
    show_to_reviewers(tx, id)?;
    let visit = visits::find(tx, id)?;
    let document: EvaluationDocument = serde_json::from_str(&last_sealed(tx, id)?.document)?;
    let person = visit.evaluator.ok_or(Error::NotFound)?;
    let body = canonical_json(&ForCommittee {
        centre: visit.centre_code,
        kind: visit.kind.word().to_owned(),
        evaluator: keys.pseudonym(visit.cycle.0.as_bytes(), person.0.as_bytes()),
        answers: document.answers,
        evidence: document.evidence,
    })?;
    let entry = Entry {
        id: RecordId(uuid::Uuid::new_v4()),
        kind: record::EVALUATION,
        rubric: Some(document.rubric.sha256),
        body: &body,
    };
    streams::put(tx, Stream::Committee, entry)?;
    item(tx, id)
}

/// Rules on a critical hit of a centre.
pub(crate) fn rule_on_critical(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
    centre: CentreId,
    ruling: &CriticalRuling,
    now: i64,
) -> Result<(), Error> {
    programme::require_state(tx, cycle, &[CycleState::Open, CycleState::Reviewing])?;
    accounts::require_other_agency(tx, caller, centre)?;
    if ruling.reason.trim().is_empty() {
        return Err(Error::refused("visit.reason_missing"));
    }
    let rubric = programme::rubric_of_centre(tx, cycle, centre)?.rubric(tx)?;
    if rubric.criterion(&ruling.criterion).and_then(|criterion| criterion.critical).is_none() {
        return Err(Error::invalid("criterion", &ruling.criterion, "a critical criterion"));
    }
    // A decision made before the ruling was made on other numbers.
    let sql = "DELETE FROM decisions WHERE cycle_id = $1 AND centre_id = $2";
    tx.exec(sql, params![cycle.0, centre.0])?;
    tx.exec(
        "INSERT INTO critical_rulings (cycle_id, centre_id, criterion, confirmed, reason, person_id, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (cycle_id, centre_id, criterion) DO UPDATE SET confirmed = excluded.confirmed,
         reason = excluded.reason, person_id = excluded.person_id, at = excluded.at",
        params![
            cycle.0,
            centre.0,
            &ruling.criterion,
            ruling.confirmed,
            &ruling.reason,
            caller.person.0,
            now
        ],
    )?;
    consolidated::refresh(tx, cycle, centre)
}
