//! Review: the queue, taking up, returning, validating, and rulings on critical hits.

use mizan_domain::cycle::CycleState;
use mizan_domain::scoring;
use mizan_domain::visit::{VisitEvent, VisitState};
use mizan_protocol::api::{CriticalRuling, ReturnVisit, ReviewItem, ReviewVisit};
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::evaluation::{EvaluationDocument, SealedEvaluation};
use mizan_protocol::id::{CentreId, CycleId, RecordId, VisitId};
use mizan_protocol::record;
use mizan_protocol::score::EvaluationJson;
use serde::Serialize;

use crate::accounts::{self, Caller};
use crate::error::Error;
use crate::keys::Keys;
use crate::programme;
use crate::streams::{self, Entry, Stream};
use crate::tx::{Tx, one, params};
use crate::visits::{self, Visit};

/// The visits that wait for review, oldest submission first.
pub(crate) fn queue(tx: &mut dyn Tx, caller: &Caller) -> Result<Vec<ReviewItem>, Error> {
    let sql = "SELECT v.id FROM visits v JOIN evaluations e ON e.visit_id = v.id
               WHERE v.state IN ('submitted', 'in_review') AND v.evaluator_id <> $1
               GROUP BY v.id ORDER BY MAX(e.received_at), v.id";
    let rows = tx.query(sql, params![caller.person.0])?;
    rows.iter().map(|row| item(tx, VisitId(row.id(0)?))).collect()
}

fn item(tx: &mut dyn Tx, id: VisitId) -> Result<ReviewItem, Error> {
    let visit = visits::find(tx, id)?;
    let sql = "SELECT revision, received_at FROM evaluations WHERE visit_id = $1
               ORDER BY revision DESC LIMIT 1";
    let row = one(tx, sql, params![id.0])?;
    let revision = row.int(0)?;
    let sql = "SELECT COUNT(*) FROM evaluation_evidence v WHERE v.visit_id = $1 AND v.revision = $2
               AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.sha256 = v.sha256)";
    let missing = one(tx, sql, params![id.0, revision])?.int(0)?;
    Ok(ReviewItem {
        visit: id,
        centre: visit.centre_code,
        centre_name: visit.centre_name,
        kind: visit.kind.word().to_owned(),
        state: visit.state.word().to_owned(),
        revision: u32::try_from(revision).unwrap_or(u32::MAX),
        received_at: row.int(1)?,
        evidence_missing: u32::try_from(missing).unwrap_or(u32::MAX),
    })
}

/// Puts a visit into the reviewers' stream, without its evaluator.
pub(crate) fn show_to_reviewers(tx: &mut dyn Tx, id: VisitId) -> Result<(), Error> {
    let body = canonical_json(&item(tx, id)?)?;
    let entry = Entry { id: RecordId(id.0), kind: record::VISIT, rubric: None, body: &body };
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

/// Takes a visit up for review, or shows one that is under review.
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
    }
    let sealed = last_sealed(tx, id)?;
    let critical = critical_of(tx, &visit, &sealed)?;
    Ok(ReviewVisit { item: item(tx, id)?, sealed, critical })
}

fn critical_of(
    tx: &mut dyn Tx,
    visit: &Visit,
    sealed: &SealedEvaluation,
) -> Result<Vec<String>, Error> {
    let document: EvaluationDocument = serde_json::from_str(&sealed.document)?;
    let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?.rubric()?;
    let evaluation = to_domain(&document)?;
    let scorecard = scoring::score(&rubric, &[evaluation], &[]).map_err(|faults| {
        Error::StoredRubric(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    Ok(scorecard.critical.into_iter().map(|hit| hit.criterion).collect())
}

/// A document's answers for scoring.
pub(crate) fn to_domain(
    document: &EvaluationDocument,
) -> Result<mizan_domain::evaluation::Evaluation, Error> {
    let json = EvaluationJson {
        id: document.evaluation.to_string(),
        visit_kind: document.visit_kind.clone(),
        answers: document.answers.clone(),
    };
    json.to_domain().map_err(|fault| Error::StoredRubric(fault.to_string()))
}

/// Sends a visit back with questions.
pub(crate) fn send_back(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    request: &ReturnVisit,
    now: i64,
) -> Result<ReviewItem, Error> {
    let centre = visits::find(tx, id)?.centre;
    accounts::require_other_agency(tx, caller, centre)?;
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
    now: i64,
) -> Result<ReviewItem, Error> {
    let centre = visits::find(tx, id)?.centre;
    accounts::require_other_agency(tx, caller, centre)?;
    let waiting = item(tx, id)?.evidence_missing;
    if waiting > 0 {
        let error = mizan_protocol::code::ErrorBody::new("evidence.missing");
        return Err(Error::Refused(error.with("files", waiting)));
    }
    visits::advance(tx, caller, id, &VisitEvent::Validate, now)?;
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
    let sql = "SELECT c.model FROM cycle_centres cc JOIN centres c ON c.id = cc.centre_id
               WHERE cc.cycle_id = $1 AND cc.centre_id = $2";
    let model = one(tx, sql, params![cycle.0, centre.0])?.text(0)?.to_owned();
    let rubric = programme::rubric_of(tx, cycle, &model)?.rubric()?;
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
    Ok(())
}
