//! One centre of a cycle: the draft, what it is held against, each visit's answers, what was decided
//! before.

use std::collections::BTreeMap;

use mizan_domain::reading::Reading;
use mizan_protocol::committee::{
    CentrePage, CriticalStanding, DecisionJson, PastResult, PillarStanding, ReadingJson,
    VisitAnswers,
};
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::{CentreId, CycleId, ScorecardId};
use mizan_protocol::score::{CriticalJson, RemarkJson, ScorecardJson};
use uuid::Uuid;

use super::comparison::results;
use super::{count_at, overview};
use crate::error::Error;
use crate::keys::Keys;
use crate::programme::{self, centre_of, text_at};
use crate::tx::{Row, Tx, first, one, params};

/// All the committee knows of a centre in a cycle.
pub(crate) fn centre(
    tx: &mut dyn Tx,
    keys: &Keys,
    cycle: CycleId,
    centre: CentreId,
) -> Result<CentrePage, Error> {
    let row = one(tx, include_str!("../sql/result_of_centre.sql"), params![cycle.0, centre.0])?;
    let scorecard: ScorecardJson = serde_json::from_str(row.text(13)?)?;
    let past = past(tx, centre)?;
    let last = past.iter().find(|(of, _, _)| *of < cycle.0).map(|(_, card, _)| card);
    let model = row.text(3)?;
    let mut pillars = Vec::new();
    for pillar in &scorecard.pillars {
        pillars.push(PillarStanding {
            id: pillar.id.clone(),
            median: median(tx, cycle, model, &pillar.id)?,
            last: last.and_then(|card| {
                card.pillars.iter().find(|p| p.id == pillar.id).and_then(|p| p.score.clone())
            }),
        });
    }
    let last_remarks = last.and_then(|card| card.publication.as_ref());
    Ok(CentrePage {
        cycle: programme::cycle(tx, cycle)?,
        centre: centre_of(&row)?,
        agency: text_at(&row, 9)?,
        sha256: row.digest(14)?,
        unannounced_visits: count_at(&row, 11)?,
        scheduled_visits: count_at(&row, 12)?,
        pillars,
        readings: readings(tx, cycle, centre)?,
        visits: visits(tx, keys, cycle, centre)?,
        critical: critical(tx, cycle, centre, &scorecard.critical)?,
        decision: decision(tx, cycle, centre)?,
        last_remarks: last_remarks.map(|said| said.remarks.clone()).unwrap_or_default(),
        history: past.into_iter().map(|(_, card, id)| past_result(card, id)).collect(),
        scorecard,
    })
}

fn median(
    tx: &mut dyn Tx,
    cycle: CycleId,
    model: &str,
    pillar: &str,
) -> Result<Option<mizan_protocol::committee::NumberJson>, Error> {
    let sql = "SELECT COUNT(*) FROM result_parts WHERE cycle_id = $1 AND model = $2
               AND reading = 'pillar' AND part = $3 AND score_order IS NOT NULL";
    let scored = count_at(&one(tx, sql, params![cycle.0, model, pillar])?, 0)?;
    overview::part_median(tx, cycle, model, "pillar", pillar, scored)
}

fn readings(tx: &mut dyn Tx, cycle: CycleId, centre: CentreId) -> Result<Vec<ReadingJson>, Error> {
    let mut all = Vec::new();
    for reading in Reading::ALL {
        let reading = reading.word();
        let found = results(tx, cycle, centre.0, reading)?.into_iter();
        all.extend(found.map(|result| ReadingJson { reading: reading.to_owned(), result }));
    }
    Ok(all)
}

fn visits(
    tx: &mut dyn Tx,
    keys: &Keys,
    cycle: CycleId,
    centre: CentreId,
) -> Result<Vec<VisitAnswers>, Error> {
    let rows =
        tx.query(include_str!("../sql/visits_that_count.sql"), params![cycle.0, centre.0])?;
    let answers = |row: &Row| {
        let document: EvaluationDocument = serde_json::from_str(row.text(1)?)?;
        let person: Uuid = row.id(0)?;
        Ok(VisitAnswers {
            evaluation: document.evaluation,
            evaluator: keys.pseudonym(cycle.0.as_bytes(), person.as_bytes()),
            kind: document.visit_kind,
            answers: document.answers,
            evidence: document.evidence,
        })
    };
    let mut visits = rows.iter().map(answers).collect::<Result<Vec<_>, Error>>()?;
    // In an order that does not tell which was first.
    let place = |visit: &VisitAnswers| (visit.kind.clone(), visit.evaluator.clone());
    visits.sort_by_key(|visit| std::cmp::Reverse(place(visit)));
    Ok(visits)
}

fn critical(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
    hits: &[CriticalJson],
) -> Result<Vec<CriticalStanding>, Error> {
    let sql = "SELECT criterion, reason, at FROM critical_rulings
               WHERE cycle_id = $1 AND centre_id = $2";
    let mut rulings = BTreeMap::new();
    for row in tx.query(sql, params![cycle.0, centre.0])? {
        rulings.insert(row.text(0)?.to_owned(), (row.text(1)?.to_owned(), row.int(2)?));
    }
    let standing = |hit: &CriticalJson| {
        let (reason, ruled_at) = rulings.get(&hit.criterion).cloned().unzip();
        let state = match (hit.confirmed, hit.dismissed) {
            (true, _) => "confirmed",
            (false, true) => "dismissed",
            (false, false) => "open",
        };
        let (criterion, effect) = (hit.criterion.clone(), hit.effect.clone());
        CriticalStanding { criterion, effect, state: state.to_owned(), reason, ruled_at }
    };
    Ok(hits.iter().map(standing).collect())
}

fn decision(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<Option<DecisionJson>, Error> {
    let sql = "SELECT scorecard, moderation, remarks, at FROM decisions
               WHERE cycle_id = $1 AND centre_id = $2";
    let Some(row) = first(tx, sql, params![cycle.0, centre.0])? else { return Ok(None) };
    Ok(Some(DecisionJson {
        scorecard_sha256: mizan_protocol::canonical::Digest::of(row.text(0)?.as_bytes()),
        moderation: row.opt_text(1)?.map(serde_json::from_str).transpose()?,
        remarks: serde_json::from_str::<Vec<RemarkJson>>(row.text(2)?)?,
        at: row.int(3)?,
    }))
}

/// What was published of a centre, the latest cycle first, each in its last version.
fn past(
    tx: &mut dyn Tx,
    centre: CentreId,
) -> Result<Vec<(Uuid, ScorecardJson, ScorecardId)>, Error> {
    let sql = "SELECT cycle_id, body, id FROM scorecards WHERE centre_id = $1
               ORDER BY cycle_id DESC, version DESC";
    let mut past: Vec<(Uuid, ScorecardJson, ScorecardId)> = Vec::new();
    for row in tx.query(sql, params![centre.0])? {
        let cycle = row.id(0)?;
        if past.last().is_none_or(|(of, _, _)| *of != cycle) {
            past.push((cycle, serde_json::from_str(row.text(1)?)?, ScorecardId(row.id(2)?)));
        }
    }
    Ok(past)
}

fn past_result(card: ScorecardJson, scorecard: ScorecardId) -> PastResult {
    let publication = card.publication.as_deref();
    let moderated = publication.and_then(|publication| publication.moderation.as_ref());
    let level = moderated.map_or(card.level.clone(), |decided| decided.level.clone());
    PastResult {
        version: publication.map_or(1, |publication| publication.version),
        cycle: card.cycle,
        scorecard,
        rubric: card.rubric,
        score: card.score,
        outcome: card.outcome,
        level,
    }
}
