//! Drafts in their evaluator's own stream, so that another device of the same evaluator goes on with them:
//! acceptance, answers and times of visits that are under way, and of a returned one what was sealed.

use mizan_domain::visit::VisitState;
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::id::{PersonId, RecordId, VisitId};
use mizan_protocol::record;
use mizan_protocol::sync::Record;

use crate::error::Error;
use crate::incoming;
use crate::streams::{self, Stream};
use crate::tx::{Tx, params};

/// Whether the drafts of a visit in this state are of use to another device.
fn is_under_way(state: VisitState) -> bool {
    match state {
        VisitState::Accepted
        | VisitState::InProgress
        | VisitState::Submitted
        | VisitState::InReview
        | VisitState::Returned => true,
        VisitState::Planned
        | VisitState::Assigned
        | VisitState::Declined
        | VisitState::Validated
        | VisitState::Counted
        | VisitState::Cancelled
        | VisitState::Exposed => false,
    }
}

/// Hands a draft that was just kept to its evaluator's devices.
pub(crate) fn hand_over(
    tx: &mut dyn Tx,
    evaluator: PersonId,
    state: VisitState,
    kept: &Record,
) -> Result<(), Error> {
    let is_draft = [record::ACCEPTANCE, record::ANSWER, record::TIMELINE];
    if is_under_way(state) && is_draft.contains(&kept.kind.as_str()) {
        put(tx, evaluator, kept)?;
    }
    Ok(())
}

fn put(tx: &mut dyn Tx, evaluator: PersonId, kept: &Record) -> Result<(), Error> {
    let body = canonical_json(&kept.body)?;
    streams::put_as_it_is(tx, Stream::Evaluator(evaluator), kept, &body)
}

/// A visit has taken a step: what is of no use any more leaves the stream, and a visit that was returned
/// brings along what was sealed, for the evidence it names.
pub(crate) fn follow(
    tx: &mut dyn Tx,
    evaluator: PersonId,
    visit: VisitId,
    state: VisitState,
) -> Result<(), Error> {
    if !is_under_way(state) {
        return withdraw(tx, evaluator, visit);
    }
    match state {
        VisitState::Returned => {
            for sealed in sealed(tx, evaluator, visit)? {
                put(tx, evaluator, &sealed)?;
            }
        }
        VisitState::Submitted => {
            for sealed in sealed(tx, evaluator, visit)? {
                streams::remove(tx, Stream::Evaluator(evaluator), sealed.id)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Takes everything of a visit out of an evaluator's stream.
pub(crate) fn withdraw(tx: &mut dyn Tx, evaluator: PersonId, visit: VisitId) -> Result<(), Error> {
    let sql = "SELECT id FROM records WHERE visit_id = $1 AND person_id = $2";
    for row in tx.query(sql, params![visit.0, evaluator.0])? {
        streams::remove(tx, Stream::Evaluator(evaluator), RecordId(row.id(0)?))?;
    }
    Ok(())
}

fn sealed(tx: &mut dyn Tx, evaluator: PersonId, visit: VisitId) -> Result<Vec<Record>, Error> {
    let sql = "SELECT record FROM records
               WHERE visit_id = $1 AND person_id = $2 AND kind = 'evaluation'";
    let rows = tx.query(sql, params![visit.0, evaluator.0])?;
    rows.iter().map(|row| incoming::whole(tx, row.text(0)?)).collect()
}
