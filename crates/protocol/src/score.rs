//! Scoring as JSON: what `mizan score` reads and writes, and the scorecard that is published.

use mizan_domain::evaluation::Evaluation;
use mizan_domain::exact::Exact;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scoring::Scorecard;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{AnswerJson, NotOneAnswer};
use crate::record::TextJson;
use crate::rubric::RubricRef;

/// The evaluations of one centre in one cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScoreRequest {
    /// The centre's code.
    #[serde(default)]
    pub centre: String,
    /// The cycle's number.
    #[serde(default)]
    pub cycle: String,
    /// The validated evaluations.
    pub evaluations: Vec<EvaluationJson>,
    /// Critical criteria whose hit was confirmed.
    #[serde(default)]
    pub confirmed_critical: Vec<String>,
}

/// One evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluationJson {
    /// Its id.
    pub id: String,
    /// `unannounced` or `scheduled`.
    pub visit_kind: String,
    /// Its answers.
    pub answers: Vec<AnswerJson>,
}

/// Why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEvaluation {
    /// The kind of visit is none.
    #[error(
        "evaluation {evaluation}: `{kind}` is no kind of visit; write unannounced or scheduled"
    )]
    VisitKind {
        /// The evaluation's id.
        evaluation: String,
        /// What stands there.
        kind: String,
    },
    /// An answer says too little or too much.
    #[error("evaluation {evaluation}: {fault}")]
    Answer {
        /// The evaluation's id.
        evaluation: String,
        /// What is wrong.
        fault: NotOneAnswer,
    },
}

impl EvaluationJson {
    /// The evaluation the JSON means.
    ///
    /// # Errors
    /// An unknown kind of visit, or an answer with none or several of `value`, `na`, `ne`.
    pub fn to_domain(&self) -> Result<Evaluation, BadEvaluation> {
        let evaluation = || self.id.clone();
        let kind = VisitKind::from_word(&self.visit_kind).ok_or_else(|| {
            BadEvaluation::VisitKind { evaluation: evaluation(), kind: self.visit_kind.clone() }
        })?;
        let read = |answer: &AnswerJson| match answer.to_raw() {
            Ok(raw) => Ok((answer.criterion.clone(), raw)),
            Err(fault) => Err(BadEvaluation::Answer { evaluation: evaluation(), fault }),
        };
        let answers = self.answers.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Evaluation { id: self.id.clone(), kind, answers })
    }
}

/// A scorecard. It holds no person, no visit, no device and no time of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScorecardJson {
    /// The centre's code.
    pub centre: String,
    /// The cycle's number.
    pub cycle: String,
    /// The rubric it was scored by.
    pub rubric: RubricRef,
    /// The centre's score, shown.
    pub score: Option<String>,
    /// The centre's score, exact.
    pub exact: Option<String>,
    /// Coverage in percent, shown.
    pub coverage: String,
    /// Coverage in percent, exact.
    pub coverage_exact: String,
    /// Basic compliance in percent, shown.
    pub basic_compliance: Option<String>,
    /// Basic compliance in percent, exact.
    pub basic_compliance_exact: Option<String>,
    /// `level`, `no_score`, `insufficient_evidence` or `committee_decision`.
    pub outcome: String,
    /// The level's id, when there is one.
    pub level: Option<String>,
    /// One for each pillar.
    pub pillars: Vec<ResultJson>,
    /// One for each criterion.
    pub criteria: Vec<ResultJson>,
    /// The critical hits.
    pub critical: Vec<CriticalJson>,
    /// What a published scorecard says beside the numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Box<PublicationJson>>,
}

/// The result of a pillar or criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultJson {
    /// Its id.
    pub id: String,
    /// `scored`, `na` or `ne`.
    pub state: String,
    /// The score, shown.
    pub score: Option<String>,
    /// The score, exact.
    pub exact: Option<String>,
}

/// A critical hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CriticalJson {
    /// The criterion's id.
    pub criterion: String,
    /// `cap` or `fail`.
    pub effect: String,
    /// Whether it was confirmed.
    pub confirmed: bool,
    /// Whether a reviewer dismissed it on the evidence.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dismissed: bool,
}

/// The words and names around a published scorecard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicationJson {
    /// The programme.
    pub programme: TextJson,
    /// The cycle's name.
    pub cycle_name: TextJson,
    /// The centre.
    pub centre_name: TextJson,
    /// Its agency.
    pub agency: TextJson,
    /// The version of the scorecard; 1 when first published.
    pub version: u32,
    /// Why there is another version than the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<TextJson>,
    /// The day it was published, `YYYY-MM-DD`.
    pub issued: String,
    /// How many unannounced visits counted.
    pub unannounced_visits: u32,
    /// How many scheduled visits counted.
    pub scheduled_visits: u32,
    /// The level the committee decided, where it differs from the computed one, with its reason.
    pub moderation: Option<ModerationJson>,
    /// What the committee tells the centre.
    pub remarks: Vec<RemarkJson>,
    /// The median score of each pillar over the centres of the same model, by pillar id.
    pub medians: std::collections::BTreeMap<String, String>,
}

/// A decision of the committee beside the computed outcome; both stay on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModerationJson {
    /// The level decided; `None` when no level is given.
    pub level: Option<String>,
    /// Why.
    pub reason: TextJson,
}

/// A strength or a matter to improve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemarkJson {
    /// The criterion it is about.
    pub criterion: String,
    /// `strength` or `improvement`.
    pub kind: String,
    /// What was seen.
    pub text: TextJson,
}

fn shown(value: &Option<Exact>) -> Option<String> {
    value.as_ref().map(Exact::shown)
}

fn exact(value: &Option<Exact>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

impl ScorecardJson {
    /// The JSON of a scorecard.
    #[must_use]
    pub fn new(centre: &str, cycle: &str, rubric: &Rubric, scorecard: &Scorecard) -> Self {
        Self::by(centre, cycle, RubricRef::of(rubric), scorecard)
    }

    /// The same where the rubric's reference is known: making it anew hashes the whole rubric.
    #[must_use]
    pub fn by(centre: &str, cycle: &str, rubric: RubricRef, scorecard: &Scorecard) -> Self {
        let pillar = |result: &mizan_domain::scoring::PillarResult| ResultJson {
            id: result.id.clone(),
            state: result.state.word().into(),
            score: shown(&result.score),
            exact: exact(&result.score),
        };
        let criterion = |result: &mizan_domain::scoring::CriterionResult| ResultJson {
            id: result.id.clone(),
            state: result.state.word().into(),
            score: shown(&result.score),
            exact: exact(&result.score),
        };
        let critical = |hit: &mizan_domain::scoring::CriticalHit| CriticalJson {
            criterion: hit.criterion.clone(),
            effect: hit.effect.word().into(),
            confirmed: hit.confirmed,
            dismissed: false,
        };
        Self {
            centre: centre.into(),
            cycle: cycle.into(),
            rubric,
            score: shown(&scorecard.score),
            exact: exact(&scorecard.score),
            coverage: scorecard.coverage.shown(),
            coverage_exact: scorecard.coverage.to_string(),
            basic_compliance: shown(&scorecard.basic_compliance),
            basic_compliance_exact: exact(&scorecard.basic_compliance),
            outcome: scorecard.outcome.word().into(),
            level: scorecard.outcome.level().map(str::to_owned),
            pillars: scorecard.pillars.iter().map(pillar).collect(),
            criteria: scorecard.criteria.iter().map(criterion).collect(),
            critical: scorecard.critical.iter().map(critical).collect(),
            publication: None,
        }
    }
}
