//! What a centre's score is made from, and the score: the validated evaluations, the rulings on critical
//! hits, the rubric of its model.

use std::collections::HashMap;
use std::sync::Arc;

use mizan_domain::appeal::{self, Correction};
use mizan_domain::evaluation::Evaluation;
use mizan_domain::explain::{self, Explanation};
use mizan_domain::reading::{ReadingResult, readings};
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scoring::{self, Scorecard, ScoringFault};
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::{CentreId, CycleId, EvaluationId};
use mizan_protocol::rubric::RubricRef;
use mizan_protocol::score::{EvaluationJson, ScorecardJson};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::Error;
use crate::programme;
use crate::tx::{Tx, one, params};

/// A reviewer's ruling on a critical hit.
#[derive(Debug, Clone)]
pub(crate) struct Ruling {
    /// The criterion.
    pub(crate) criterion: String,
    /// Confirmed on the evidence, or dismissed.
    pub(crate) confirmed: bool,
}

/// All that a centre's score is made from.
pub(crate) struct Material {
    /// The centre's code.
    pub(crate) code: String,
    /// The cycle's number.
    pub(crate) cycle: String,
    /// The rubric of the centre's model.
    pub(crate) rubric: Arc<Rubric>,
    /// Its name and identity.
    pub(crate) named: RubricRef,
    /// The evaluations that count.
    pub(crate) evaluations: Vec<Evaluation>,
    /// The rulings.
    pub(crate) rulings: Vec<Ruling>,
}

/// What comes of it.
pub(crate) struct Scored {
    /// The scorecard.
    pub(crate) scorecard: Scorecard,
    /// The draft that the committee decides on.
    pub(crate) draft: ScorecardJson,
    /// The second readings.
    pub(crate) readings: Vec<ReadingResult>,
    /// How many unannounced visits count.
    pub(crate) unannounced: u32,
    /// How many scheduled visits count.
    pub(crate) scheduled: u32,
}

/// The part of a sealed document that is scored.
#[derive(Deserialize)]
struct Answered {
    evaluation: EvaluationId,
    visit_kind: String,
    answers: Vec<AnswerJson>,
}

/// The evaluation of a document that was read already, for scoring.
pub(crate) fn evaluation_in(document: &EvaluationDocument) -> Result<Evaluation, Error> {
    let json = EvaluationJson {
        id: document.evaluation.to_string(),
        visit_kind: document.visit_kind.clone(),
        answers: document.answers.clone(),
    };
    json.to_domain().map_err(|fault| Error::StoredRubric(fault.to_string()))
}

/// The evaluation of a sealed document, for scoring.
pub(crate) fn evaluation_of(document: &str) -> Result<Evaluation, Error> {
    let Answered { evaluation, visit_kind, answers } = serde_json::from_str(document)?;
    let json = EvaluationJson { id: evaluation.to_string(), visit_kind, answers };
    json.to_domain().map_err(|fault| Error::StoredRubric(fault.to_string()))
}

impl Material {
    /// The critical criteria whose hit is confirmed: by a reviewer, or by two evaluators. A reviewer's
    /// dismissal, made on the evidence, outweighs those.
    pub(crate) fn confirmed(&self) -> Vec<String> {
        self.confirmed_by(&self.evaluations)
    }

    /// The same, were these the evaluations.
    pub(crate) fn confirmed_by(&self, evaluations: &[Evaluation]) -> Vec<String> {
        let ruled = self.rulings.iter().filter(|ruling| ruling.confirmed);
        let mut confirmed: Vec<String> = ruled.map(|ruling| ruling.criterion.clone()).collect();
        let twice = scoring::found_by_two(&self.rubric, evaluations).into_iter();
        confirmed.extend(twice.filter(|criterion| !self.is_dismissed(criterion)));
        confirmed.sort();
        confirmed.dedup();
        confirmed
    }

    fn is_dismissed(&self, criterion: &str) -> bool {
        self.rulings.iter().any(|ruling| !ruling.confirmed && ruling.criterion == criterion)
    }

    /// The score and all that goes with it.
    pub(crate) fn score(&self) -> Result<Scored, Error> {
        let scorecard = scoring::score(&self.rubric, &self.evaluations, &self.confirmed());
        let scorecard = scorecard.map_err(|faults| unreadable(&faults))?;
        let named = self.named.clone();
        let mut draft = ScorecardJson::by(&self.code, &self.cycle, named, &scorecard);
        for hit in &mut draft.critical {
            hit.dismissed = self.is_dismissed(&hit.criterion);
        }
        let readings = readings(&self.rubric, &scorecard);
        let (unannounced, scheduled) =
            (self.visits(VisitKind::Unannounced), self.visits(VisitKind::Scheduled));
        Ok(Scored { scorecard, draft, readings, unannounced, scheduled })
    }

    /// Why each number is what it is.
    pub(crate) fn explain(&self) -> Result<Explanation, Error> {
        let explained = explain::explain(&self.rubric, &self.evaluations, &self.confirmed());
        explained.map_err(|faults| unreadable(&faults))
    }

    fn visits(&self, kind: VisitKind) -> u32 {
        let of_kind = self.evaluations.iter().filter(|evaluation| evaluation.kind == kind).count();
        u32::try_from(of_kind).unwrap_or(u32::MAX)
    }
}

pub(crate) fn unreadable(faults: &[ScoringFault]) -> Error {
    Error::StoredRubric(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// What became of an answer by a ruling on an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CorrectionJson {
    /// The evaluation.
    pub(crate) evaluation: EvaluationId,
    /// What the answer is now.
    pub(crate) answer: AnswerJson,
}

impl CorrectionJson {
    /// The correction the JSON means.
    pub(crate) fn to_domain(&self) -> Result<Correction, Error> {
        let bad = |_| Error::invalid("corrections", &self.answer.criterion, "value, na or ne");
        Ok(Correction {
            evaluation: self.evaluation.to_string(),
            criterion: self.answer.criterion.clone(),
            answer: self.answer.to_raw().map_err(bad)?,
        })
    }
}

/// What rulings on appeals made of answers, by centre, from one centre to another.
pub(crate) fn corrections(
    tx: &mut dyn Tx,
    cycle: CycleId,
    (from, to): (Uuid, Uuid),
) -> Result<HashMap<Uuid, Vec<Correction>>, Error> {
    let sql = include_str!("sql/replies/corrections.sql");
    let mut found: HashMap<Uuid, Vec<Correction>> = HashMap::new();
    for row in tx.query(sql, params![cycle.0, from, to])? {
        let corrections: Vec<CorrectionJson> = serde_json::from_str(row.text(2)?)?;
        let of = found.entry(row.id(0)?).or_default();
        for correction in corrections {
            of.push(correction.to_domain()?);
        }
    }
    Ok(found)
}

/// The material of one centre in a cycle.
pub(crate) fn of_centre(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<Material, Error> {
    let sql = "SELECT c.code, c.model, y.number FROM cycle_centres cc
               JOIN centres c ON c.id = cc.centre_id JOIN cycles y ON y.id = cc.cycle_id
               WHERE cc.cycle_id = $1 AND cc.centre_id = $2";
    let row = one(tx, sql, params![cycle.0, centre.0])?;
    let stored = programme::rubric_of(tx, cycle, row.text(1)?)?;
    let sql = include_str!("sql/documents_of_centres.sql");
    let documents = tx.query(sql, params![cycle.0, centre.0, centre.0])?;
    let sql = "SELECT criterion, confirmed FROM critical_rulings
               WHERE cycle_id = $1 AND centre_id = $2 ORDER BY criterion";
    let rulings = tx.query(sql, params![cycle.0, centre.0])?;
    let ruling = |row: &crate::tx::Row| {
        Ok(Ruling { criterion: row.text(0)?.to_owned(), confirmed: row.flag(1)? })
    };
    let corrections = corrections(tx, cycle, (centre.0, centre.0))?.remove(&centre.0);
    let evaluations = documents.iter().map(|row| evaluation_of(row.text(1)?));
    let evaluations = evaluations.collect::<Result<_, _>>()?;
    Ok(Material {
        code: row.text(0)?.to_owned(),
        cycle: row.text(2)?.to_owned(),
        rubric: stored.rubric(tx)?,
        named: stored.named,
        evaluations: appeal::corrected(evaluations, &corrections.unwrap_or_default()),
        rulings: rulings.iter().map(ruling).collect::<Result<_, Error>>()?,
    })
}
