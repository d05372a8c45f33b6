//! Results before publication: what is consolidated, why its numbers are what they are, and decisions.

use mizan_domain::exact::Exact;
use mizan_domain::rubric::Rubric;
use mizan_protocol::api::{CentreResult, Decision};
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::explanation::ExplanationJson;
use mizan_protocol::id::{CentreId, CycleId};
use mizan_protocol::score::ScorecardJson;

use crate::accounts::{self, Caller};
use crate::error::Error;
use crate::programme::{self, centre_of, text_at};
use crate::publication::schedule;
use crate::tx::{Row, Tx, first, params};
use crate::{consolidated, judgement, meetings};

/// The results of a cycle.
pub(crate) fn results(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<CentreResult>, Error> {
    programme::cycle(tx, cycle)?;
    let rows = tx.query(include_str!("sql/results_of_cycle.sql"), params![cycle.0])?;
    rows.iter().map(result_of).collect()
}

fn result_of(row: &Row) -> Result<CentreResult, Error> {
    let count = |column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    Ok(CentreResult {
        centre: centre_of(row)?,
        agency: text_at(row, 9)?,
        unannounced_visits: count(11)?,
        scheduled_visits: count(12)?,
        scorecard: serde_json::from_str(row.text(13)?)?,
        decided: row.flag(14)?,
    })
}

/// Why a centre's numbers are what they are.
pub(crate) fn explanation(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<ExplanationJson, Error> {
    let explained = judgement::of_centre(tx, cycle, centre)?.explain()?;
    Ok(ExplanationJson::from(&explained))
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
    let version = version(tx, cycle, centre, decision)?;
    accounts::require_other_agency(tx, caller, centre)?;
    meetings::before_decision(tx, caller, cycle, centre)?;
    let (scorecard, sha256) = consolidated::draft(tx, cycle, centre)?;
    if sha256 != decision.scorecard_sha256 {
        return Err(Error::Refused(ErrorBody::new("decision.stale").with("sha256", sha256)));
    }
    let rubric = programme::rubric_of_centre(tx, cycle, centre)?.rubric(tx)?;
    check_decision(&rubric, &scorecard, decision)?;
    let moderation = decision.moderation.as_ref().map(serde_json::to_string).transpose()?;
    tx.exec(
        "INSERT INTO decisions (cycle_id, centre_id, scorecard, moderation, remarks, person_id, at,
         version, version_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (cycle_id, centre_id) DO UPDATE SET scorecard = excluded.scorecard,
         moderation = excluded.moderation, remarks = excluded.remarks,
         person_id = excluded.person_id, at = excluded.at, version = excluded.version,
         version_reason = excluded.version_reason",
        params![
            cycle.0,
            centre.0,
            canonical_json(&scorecard)?,
            moderation,
            serde_json::to_string(&decision.remarks)?,
            caller.person.0,
            now,
            version,
            decision.version_reason.as_ref().map(serde_json::to_string).transpose()?
        ],
    )?;
    Ok(())
}

/// The version a decision makes: the first while nothing is out, the next with a reason afterwards.
fn version(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
    decision: &Decision,
) -> Result<i64, Error> {
    use mizan_domain::cycle::CycleState;
    if schedule::is_scheduled(tx, cycle, centre)? {
        return Err(Error::refused("publication.scheduled"));
    }
    let sql = "SELECT version FROM scorecards WHERE cycle_id = $1 AND centre_id = $2
               ORDER BY version DESC LIMIT 1";
    let Some(row) = first(tx, sql, params![cycle.0, centre.0])? else {
        programme::require_state(tx, cycle, &[CycleState::Reviewing])?;
        return Ok(1);
    };
    programme::require_state(tx, cycle, &[CycleState::Decided, CycleState::Published])?;
    match &decision.version_reason {
        Some(reason) if !reason.ar.trim().is_empty() && !reason.en.trim().is_empty() => {
            Ok(row.int(0)? + 1)
        }
        Some(_) | None => Err(Error::refused("publication.version_reason")),
    }
}

/// Whether a decision fits the scorecard it is made on.
pub(crate) fn check_decision(
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
