//! What the figures are made from: the evaluations of one model that count, as they were given, with their
//! second scorings, and the results as they stand.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use mizan_domain::evaluation::{Answer, Evaluation, read_answer_to};
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scale::Scale;
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::{CentreId, CycleId};
use mizan_protocol::record::TextJson;
use mizan_protocol::rubric::RubricRef;
use mizan_protocol::score::ScorecardJson;
use uuid::Uuid;

use crate::error::Error;
use crate::judgement::evaluation_in;
use crate::programme::{self, text_at};
use crate::review::second;
use crate::tx::{Tx, params};

/// A measured scale is read in so many steps where the model needs steps.
const MEASURED_STEPS: f64 = 5.0;

/// All of it.
pub(super) struct Material {
    pub(super) rubric: Arc<Rubric>,
    pub(super) named: RubricRef,
    pub(super) model: String,
    pub(super) tolerance: u32,
    pub(super) centres: Vec<Centre>,
    /// The evaluators with a visit that counts.
    pub(super) evaluators: Vec<Uuid>,
    pub(super) visits: Vec<Visit>,
}

/// A centre with its result.
pub(super) struct Centre {
    pub(super) id: CentreId,
    pub(super) code: String,
    pub(super) name: TextJson,
    pub(super) card: ScorecardJson,
}

/// An evaluation that counts.
pub(super) struct Visit {
    pub(super) centre: usize,
    pub(super) evaluator: usize,
    pub(super) evaluation: Evaluation,
    /// When it began; milliseconds since 1970 UTC.
    pub(super) at: i64,
    /// What each criterion's answer is worth, in the rubric's order.
    pub(super) worth: Vec<Option<f64>>,
    /// The second scoring, where there is one.
    pub(super) second: Option<Evaluation>,
}

/// Where the model's steps of a criterion lie, by its scale.
pub(super) fn steps(scale: &Scale) -> f64 {
    match scale {
        Scale::YesNo => 1.0,
        Scale::MetPartlyNot => 2.0,
        Scale::Maturity => 4.0,
        Scale::Level0To5 | Scale::Timed { .. } | Scale::Percent { .. } => MEASURED_STEPS,
    }
}

/// The nearest step of a scale to what an answer is worth. What people choose from lies on one.
pub(super) fn on_step(scale: &Scale, worth: f64) -> f64 {
    let step = 100.0 / steps(scale);
    (worth / step).round() * step
}

/// What each criterion's answer is worth, in the rubric's order.
pub(super) fn worth(rubric: &Rubric, evaluation: &Evaluation) -> Vec<Option<f64>> {
    let answers: HashMap<&str, _> =
        evaluation.answers.iter().map(|(id, raw)| (id.as_str(), raw)).collect();
    let of = |criterion: &mizan_domain::rubric::Criterion| {
        let raw = answers.get(criterion.id.as_str())?;
        match read_answer_to(criterion, evaluation.kind, raw) {
            Ok(Answer::Scored { score, .. }) => Some(score.approximate()),
            Ok(Answer::NotApplicable(_) | Answer::NotEvaluated(_)) | Err(_) => None,
        }
    };
    rubric.criteria().map(of).collect()
}

/// Reads all of it.
pub(super) fn read(tx: &mut dyn Tx, cycle: CycleId, model: &str) -> Result<Material, Error> {
    let stored = programme::rubric_of(tx, cycle, model)?;
    let rubric = stored.rubric(tx)?;
    let mut centres = Vec::new();
    let mut places = HashMap::new();
    for row in tx.query(include_str!("../sql/fairness/results.sql"), params![cycle.0, model])? {
        let id = row.id(0)?;
        places.insert(id, centres.len());
        centres.push(Centre {
            id: CentreId(id),
            code: row.text(1)?.to_owned(),
            name: text_at(&row, 2)?,
            card: serde_json::from_str(row.text(4)?)?,
        });
    }
    let mut seconds: BTreeMap<Uuid, Vec<AnswerJson>> = BTreeMap::new();
    for row in tx.query(include_str!("../sql/fairness/seconds.sql"), params![cycle.0, model])? {
        seconds.entry(row.id(0)?).or_default().push(serde_json::from_str(row.text(1)?)?);
    }
    let (mut evaluators, mut known): (Vec<Uuid>, HashMap<Uuid, usize>) = Default::default();
    let mut visits = Vec::new();
    for row in tx.query(include_str!("../sql/fairness/visits.sql"), params![cycle.0, model])? {
        let Some(centre) = places.get(&row.id(1)?).copied() else { continue };
        let person = row.id(2)?;
        let evaluator = *known.entry(person).or_insert_with(|| {
            evaluators.push(person);
            evaluators.len() - 1
        });
        let document: EvaluationDocument = serde_json::from_str(row.text(3)?)?;
        let evaluation = evaluation_in(&document)?;
        let second = match seconds.remove(&row.id(0)?) {
            None => None,
            Some(answers) => {
                Some(evaluation_in(&EvaluationDocument { answers, ..document.clone() })?)
            }
        };
        visits.push(Visit {
            centre,
            evaluator,
            at: document.times.values().copied().min().unwrap_or(document.submitted_at),
            worth: worth(&rubric, &evaluation),
            evaluation,
            second,
        });
    }
    let tolerance = second::settings(tx, cycle)?.tolerance_points;
    let (named, model) = (stored.named, model.to_owned());
    Ok(Material { rubric, named, model, tolerance, centres, evaluators, visits })
}

/// How much a kind of visit counts in a criterion that is judged on both, or alone.
pub(super) fn share(rubric: &Rubric, judged_on: &[VisitKind], kind: VisitKind) -> f64 {
    let unannounced = rubric.policy().unannounced_share.approximate();
    match (judged_on.len() > 1, kind) {
        (false, _) => 1.0,
        (true, VisitKind::Unannounced) => unannounced,
        (true, VisitKind::Scheduled) => 1.0 - unannounced,
    }
}
