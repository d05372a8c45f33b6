//! Results before publication: scorecards computed from what is validated, and their explanation.

use std::sync::Arc;

use mizan_domain::evaluation::Evaluation;
use mizan_domain::exact::Exact;
use mizan_domain::explain;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scoring::{self, Scorecard, ScoringFault};
use mizan_protocol::api::{CentreJson, CentreResult, Decision};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::explanation::ExplanationJson;
use mizan_protocol::id::{CentreId, CycleId};
use mizan_protocol::record::TextJson;
use mizan_protocol::rubric::RubricRef;
use mizan_protocol::score::ScorecardJson;

use crate::accounts::{self, Caller};
use crate::error::Error;
use crate::programme::{self, centre_of, text_at};
use crate::review::to_domain;
use crate::tx::{Tx, first, one, params};

/// A centre of a cycle with all that its score is made from.
pub(crate) struct Judged {
    /// The centre.
    pub(crate) centre: CentreJson,
    /// Its agency's name.
    pub(crate) agency: TextJson,
    cycle_number: String,
    /// The rubric of its model.
    pub(crate) rubric: Arc<Rubric>,
    named: RubricRef,
    evaluations: Vec<Evaluation>,
    confirmed: Vec<String>,
    dismissed: Vec<String>,
}

impl Judged {
    /// The draft scorecard.
    pub(crate) fn score(&self) -> Result<(Scorecard, ScorecardJson), Error> {
        let scorecard = scoring::score(&self.rubric, &self.evaluations, &self.confirmed);
        let scorecard = scorecard.map_err(|faults| unreadable(&faults))?;
        let (code, cycle) = (&self.centre.code, &self.cycle_number);
        let mut json = ScorecardJson::by(code, cycle, self.named.clone(), &scorecard);
        for hit in &mut json.critical {
            hit.dismissed = self.dismissed.contains(&hit.criterion);
        }
        Ok((scorecard, json))
    }

    /// How many visits of a kind count.
    pub(crate) fn visits(&self, kind: VisitKind) -> u32 {
        let of_kind = self.evaluations.iter().filter(|evaluation| evaluation.kind == kind).count();
        u32::try_from(of_kind).unwrap_or(u32::MAX)
    }
}

fn unreadable(faults: &[ScoringFault]) -> Error {
    Error::StoredRubric(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

const CENTRES: &str = include_str!("sql/centres_of_cycle.sql");

/// Every centre of a cycle.
pub(crate) fn judged(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<Judged>, Error> {
    let rows = tx.query(&format!("{CENTRES} ORDER BY c.code"), params![cycle.0])?;
    rows.iter().map(|row| judged_of(tx, cycle, row)).collect()
}

fn judged_one(tx: &mut dyn Tx, cycle: CycleId, centre: CentreId) -> Result<Judged, Error> {
    let row = one(tx, &format!("{CENTRES} AND c.id = $2"), params![cycle.0, centre.0])?;
    judged_of(tx, cycle, &row)
}

fn judged_of(tx: &mut dyn Tx, cycle: CycleId, row: &crate::tx::Row) -> Result<Judged, Error> {
    let centre = centre_of(row)?;
    let stored = programme::rubric_of(tx, cycle, &centre.model)?;
    let rubric = stored.rubric()?;
    let sql = include_str!("sql/counted_evaluations.sql");
    let mut evaluations = Vec::new();
    for row in tx.query(sql, params![cycle.0, centre.id.0])? {
        let document: EvaluationDocument = serde_json::from_str(row.text(0)?)?;
        evaluations.push(to_domain(&document)?);
    }
    let sql = "SELECT criterion FROM critical_rulings
               WHERE cycle_id = $1 AND centre_id = $2 AND confirmed = $3 ORDER BY criterion";
    let mut ruled = |confirmed: bool| -> Result<Vec<String>, Error> {
        let rows = tx.query(sql, params![cycle.0, centre.id.0, confirmed])?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    };
    let (mut confirmed, dismissed) = (ruled(true)?, ruled(false)?);
    // A reviewer's dismissal, made on the evidence, outweighs two evaluators.
    let twice = scoring::found_by_two(&rubric, &evaluations).into_iter();
    confirmed.extend(twice.filter(|criterion| !dismissed.contains(criterion)));
    confirmed.sort();
    confirmed.dedup();
    Ok(Judged {
        agency: text_at(row, 6)?,
        cycle_number: row.text(8)?.to_owned(),
        rubric,
        named: stored.named,
        evaluations,
        confirmed,
        dismissed,
        centre,
    })
}

/// The results of a cycle.
pub(crate) fn results(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<CentreResult>, Error> {
    programme::cycle(tx, cycle)?;
    let mut results = Vec::new();
    for judged in judged(tx, cycle)? {
        let (_, scorecard) = judged.score()?;
        let decided = "SELECT 1 FROM decisions WHERE cycle_id = $1 AND centre_id = $2";
        let decided = first(tx, decided, params![cycle.0, judged.centre.id.0])?.is_some();
        results.push(CentreResult {
            unannounced_visits: judged.visits(VisitKind::Unannounced),
            scheduled_visits: judged.visits(VisitKind::Scheduled),
            centre: judged.centre,
            agency: judged.agency,
            scorecard,
            decided,
        });
    }
    Ok(results)
}

/// Why a centre's numbers are what they are.
pub(crate) fn explanation(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<ExplanationJson, Error> {
    let judged = judged_one(tx, cycle, centre)?;
    let explained = explain::explain(&judged.rubric, &judged.evaluations, &judged.confirmed);
    Ok(ExplanationJson::from(&explained.map_err(|faults| unreadable(&faults))?))
}

/// Records the committee's decision on a centre, made on the numbers as they are now.
pub(crate) fn decide(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
    centre: CentreId,
    decision: &Decision,
    now: i64,
) -> Result<(), Error> {
    use mizan_domain::cycle::CycleState;
    programme::require_state(tx, cycle, &[CycleState::Reviewing])?;
    accounts::require_other_agency(tx, caller, centre)?;
    let judged = judged_one(tx, cycle, centre)?;
    let (_, scorecard) = judged.score()?;
    let text = canonical_json(&scorecard)?;
    let sha256 = Digest::of(text.as_bytes());
    if sha256 != decision.scorecard_sha256 {
        return Err(Error::Refused(ErrorBody::new("decision.stale").with("sha256", sha256)));
    }
    check_decision(&judged.rubric, &scorecard, decision)?;
    let moderation = decision.moderation.as_ref().map(serde_json::to_string).transpose()?;
    tx.exec(
        "INSERT INTO decisions (cycle_id, centre_id, scorecard, moderation, remarks, person_id, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (cycle_id, centre_id) DO UPDATE SET scorecard = excluded.scorecard,
         moderation = excluded.moderation, remarks = excluded.remarks,
         person_id = excluded.person_id, at = excluded.at",
        params![
            cycle.0,
            centre.0,
            text,
            moderation,
            serde_json::to_string(&decision.remarks)?,
            caller.person.0,
            now
        ],
    )?;
    Ok(())
}

fn check_decision(
    rubric: &Rubric,
    scorecard: &ScorecardJson,
    decision: &Decision,
) -> Result<(), Error> {
    if let Some(open) = scorecard.critical.iter().find(|hit| !hit.confirmed && !hit.dismissed) {
        let error = ErrorBody::new("decision.open_critical").with("criterion", &open.criterion);
        return Err(Error::Refused(error));
    }
    match &decision.moderation {
        None if scorecard.outcome == "committee_decision" => {
            return Err(Error::refused("decision.needs_ruling"));
        }
        None => {}
        Some(moderation) => {
            if let Some(level) = &moderation.level
                && rubric.level(level).is_none()
            {
                let levels: Vec<&str> = rubric.levels().iter().map(|l| l.id.as_str()).collect();
                return Err(Error::invalid("moderation.level", level, &levels.join(", ")));
            }
            if moderation.reason.ar.trim().is_empty() || moderation.reason.en.trim().is_empty() {
                return Err(Error::refused("visit.reason_missing"));
            }
        }
    }
    for remark in &decision.remarks {
        if rubric.criterion(&remark.criterion).is_none() {
            return Err(Error::invalid("remarks", &remark.criterion, "criteria of the rubric"));
        }
        if !["strength", "improvement"].contains(&remark.kind.as_str()) {
            return Err(Error::invalid("remarks", &remark.kind, "strength, improvement"));
        }
    }
    Ok(())
}

/// The median of numbers, exact; the mean of the middle two where there is no middle one.
pub(crate) fn median(mut numbers: Vec<Exact>) -> Option<Exact> {
    numbers.sort();
    let middle = numbers.len() / 2;
    let upper = numbers.get(middle)?;
    if numbers.len() % 2 == 1 {
        return Some(upper.clone());
    }
    Some(&(&numbers[middle - 1] + upper) / &Exact::from(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_exact() {
        let numbers = |list: &[i64]| list.iter().map(|n| Exact::from(*n)).collect::<Vec<_>>();
        assert_eq!(median(numbers(&[])), None);
        assert_eq!(median(numbers(&[3, 1, 2])).unwrap().to_string(), "2");
        assert_eq!(median(numbers(&[4, 1, 2, 3])).unwrap().to_string(), "5/2");
    }
}
