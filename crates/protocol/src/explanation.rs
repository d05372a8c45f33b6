//! An explanation as JSON: for each number, the rule and the numbers it came from.

use mizan_domain::explain::{Explanation, Step, Subject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::AnswerJson;

/// Why a scorecard's numbers are what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExplanationJson {
    /// The way to the centre's score.
    pub score: StepJson,
    /// The way to the coverage.
    pub coverage: StepJson,
    /// The way to the basic compliance.
    pub basic_compliance: StepJson,
}

/// One number of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepJson {
    /// `centre`, `pillar`, `criterion`, `unannounced`, `scheduled`, `answer`, `coverage` or
    /// `basic_compliance`.
    pub subject: String,
    /// The id of the pillar, criterion or evaluation it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `scored`, `na` or `ne`.
    pub state: String,
    /// The number, exact.
    pub exact: Option<String>,
    /// Its weight in the step above, exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// The rule it follows from, a word such as `weighted_mean`.
    pub rule: String,
    /// The answer, for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerJson>,
    /// The numbers it came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub from: Vec<StepJson>,
}

impl From<&Explanation> for ExplanationJson {
    fn from(explanation: &Explanation) -> Self {
        Self {
            score: (&explanation.score).into(),
            coverage: (&explanation.coverage).into(),
            basic_compliance: (&explanation.basic_compliance).into(),
        }
    }
}

impl From<&Step> for StepJson {
    fn from(step: &Step) -> Self {
        let (subject, id, answer) = match &step.subject {
            Subject::Centre => ("centre", None, None),
            Subject::Pillar(id) => ("pillar", Some(id), None),
            Subject::Criterion(id) => ("criterion", Some(id), None),
            Subject::KindMean { criterion, kind } => (kind.word(), Some(criterion), None),
            Subject::Answer { evaluation, criterion, answer } => {
                let answer = AnswerJson::new(criterion, &answer.to_raw(), None);
                ("answer", Some(evaluation), Some(answer))
            }
            Subject::Coverage => ("coverage", None, None),
            Subject::BasicCompliance => ("basic_compliance", None, None),
        };
        Self {
            subject: subject.to_owned(),
            id: id.cloned(),
            state: step.state.word().to_owned(),
            exact: step.value.as_ref().map(ToString::to_string),
            weight: step.weight.as_ref().map(ToString::to_string),
            rule: step.rule.word().to_owned(),
            answer,
            from: step.from.iter().map(Self::from).collect(),
        }
    }
}
