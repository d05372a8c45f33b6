//! What the committee is shown of a cycle's fairness. Figures are rounded to what they can carry; evaluators
//! have pseudonyms.

use mizan_protocol::id::{CentreId, PersonId};
use mizan_protocol::record::TextJson;
use mizan_protocol::rubric::RubricRef;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BoundedJson {
    /// The figure.
    pub(crate) value: f64,
    /// The lower end; none where it cannot be told.
    pub(crate) low: Option<f64>,
    /// The upper end.
    pub(crate) high: Option<f64>,
}

/// How far the numbers of one model in a cycle can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Fairness {
    /// `in_person` or `remote`: models are never mixed.
    pub(crate) model: String,
    /// The rubric.
    pub(crate) rubric: RubricRef,
    /// How many evaluations count.
    pub(crate) evaluations: u32,
    /// Agreement on each criterion, the weakest first.
    pub(crate) criteria: Vec<CriterionAgreement>,
    /// How harsh each evaluator is.
    pub(crate) severity: Severity,
    /// Raw against adjusted scores. Adjusted scores inform; no level rests on them.
    pub(crate) centres: Vec<AdjustedCentre>,
    /// Pairs of evaluations with more identical answers than the model expects.
    pub(crate) alike: Vec<AlikePair>,
    /// Evaluations with the same answer nearly throughout.
    pub(crate) straight: Vec<StraightLine>,
    /// Scorings of one visit that differ by more points than this are beyond tolerance.
    pub(crate) tolerance: u32,
    /// The visits that were scored twice, the furthest apart first.
    pub(crate) pairs: Vec<DoubleScored>,
}

/// How far two people agree on a criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CriterionAgreement {
    /// The criterion's id.
    pub(crate) criterion: String,
    /// Of visits that two people scored from the same evidence: the plain test of the anchors.
    pub(crate) second: Option<Agreement>,
    /// Of centres that several evaluators visited, on different days: what differs is the day too.
    pub(crate) visits: Option<Agreement>,
    /// Whether the anchors' wording is to be looked at: second scorings, enough of them, agree too little.
    pub(crate) is_weak: bool,
}

/// Agreement beyond chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Agreement {
    /// How many things were judged by two people or more.
    pub(crate) units: u32,
    /// The share of pairs with the same answer, 0 to 1.
    pub(crate) same: f64,
    /// Krippendorff's alpha; none where everybody always gave the same answer.
    pub(crate) alpha: Option<BoundedJson>,
    /// Gwet's coefficient: AC1 for yes and no, AC2 with ordinal weights for steps.
    pub(crate) gwet: Option<BoundedJson>,
    /// `alpha` or `gwet`: which of them tells more here. Where nearly all answers are the same, alpha falls
    /// to nothing although all agree.
    pub(crate) read_by: String,
}

/// How harsh evaluators are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Severity {
    /// `estimated`; `disconnected`: the evaluators fall into parts that share no centre, and cannot be
    /// compared; `too_few`: too little was visited; `unsettled`: the answers allow no finite estimate.
    pub(crate) state: String,
    /// The parts, where they are disconnected.
    pub(crate) subsets: Vec<SubsetJson>,
    /// The evaluators, the harshest first; by pseudonym where nothing is estimated.
    pub(crate) evaluators: Vec<EvaluatorFigures>,
    /// How well evaluators can be told apart by severity, 0 to 1: near 0 they are interchangeable.
    pub(crate) reliability: Option<f64>,
}

/// Evaluators and centres without a link to the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SubsetJson {
    /// Their pseudonyms.
    pub(crate) evaluators: Vec<String>,
    /// The centres' codes.
    pub(crate) centres: Vec<String>,
}

/// One evaluator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct EvaluatorFigures {
    /// A name that says nothing, the same throughout the cycle.
    pub(crate) evaluator: String,
    /// Who it is, for those who assign visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<PersonId>,
    /// How many evaluations count.
    pub(crate) visits: u32,
    /// By how many points of a hundred they give less than the evaluator in the middle for the same
    /// work; negative is milder.
    pub(crate) severity: Option<BoundedJson>,
    /// Whether the severity is beyond chance and large enough to matter.
    pub(crate) is_apart: bool,
    /// Whether they rank centres as the others do: 0.5 to 1.5 is usual, above 2 misleads.
    pub(crate) infit: Option<f64>,
    /// Whether they grow harsher or milder.
    pub(crate) drift: Option<DriftJson>,
}

/// The change of what an evaluator gives for the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DriftJson {
    /// Points of a hundred from one week to the next; negative is growing harsher.
    pub(crate) per_week: BoundedJson,
    /// Whether it is beyond chance and large enough to matter.
    pub(crate) is_apart: bool,
}

/// A centre's score as it is, and as it would be from average evaluators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AdjustedCentre {
    /// The centre.
    pub(crate) centre: CentreId,
    /// Its code.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: TextJson,
    /// The score as it stands, one decimal.
    pub(crate) raw: Option<String>,
    /// The outcome as it stands.
    pub(crate) outcome: String,
    /// The level as it stands.
    pub(crate) level: Option<String>,
    /// The adjusted score, one decimal.
    pub(crate) adjusted: Option<String>,
    /// By how many points it is more.
    pub(crate) difference: Option<f64>,
    /// The outcome that would follow.
    pub(crate) adjusted_outcome: Option<String>,
    /// The level that would follow.
    pub(crate) adjusted_level: Option<String>,
    /// Whether outcome or level would differ.
    pub(crate) would_differ: bool,
}

/// Two evaluations that are alike beyond what honest ones are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AlikePair {
    /// The evaluators' pseudonyms; twice the same where one person made both.
    pub(crate) evaluators: [String; 2],
    /// The centres' codes.
    pub(crate) centres: [String; 2],
    /// How many answers both have.
    pub(crate) shared: u32,
    /// The share of those that are identical, 0 to 1.
    pub(crate) share: f64,
    /// The share that the model expects; none where there is no model.
    pub(crate) expected: Option<f64>,
}

/// An evaluation with the same answer nearly throughout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct StraightLine {
    /// The evaluator's pseudonym.
    pub(crate) evaluator: String,
    /// The centre's code.
    pub(crate) centre: String,
    /// How many graded answers.
    pub(crate) answers: u32,
    /// The share of the most frequent one, 0 to 1.
    pub(crate) share: f64,
    /// The share of it that the model expects.
    pub(crate) expected: Option<f64>,
}

/// A visit that two people scored from the same evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DoubleScored {
    /// The evaluator's pseudonym.
    pub(crate) evaluator: String,
    /// The centre's code.
    pub(crate) centre: String,
    /// `unannounced` or `scheduled`.
    pub(crate) kind: String,
    /// The evaluator's score of the visit, one decimal.
    pub(crate) first: Option<String>,
    /// The second scorer's.
    pub(crate) second: Option<String>,
    /// By how much they differ.
    pub(crate) difference: Option<String>,
    /// Whether by more than the tolerance.
    pub(crate) is_beyond: bool,
    /// The criteria on which they differ by more.
    pub(crate) criteria: Vec<String>,
}

/// How sure the scores of one model's centres are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Uncertainty {
    /// The standard deviation from one visit of a centre to the next of its kind, in points; none where no
    /// centre was visited twice, and then there are no intervals either.
    pub(crate) visit_deviation: Option<f64>,
    /// The centres with a score, the best first.
    pub(crate) centres: Vec<CentreUncertainty>,
    /// Groups of centres of which no two can be told apart, each as large as can be, as places in the list
    /// of centres; none where there are too many of them to be of use.
    pub(crate) groups: Option<Vec<Vec<u32>>>,
}

/// How sure one centre's score is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CentreUncertainty {
    /// The centre.
    pub(crate) centre: CentreId,
    /// Its code.
    pub(crate) code: String,
    /// How many visits its score rests on.
    pub(crate) visits: u32,
    /// Its score, with the interval in which it would lie in 19 of 20 cycles, were the visits repeated.
    pub(crate) score: BoundedJson,
    /// `pooled_visits`: from how visits vary everywhere; `own_visits`: from its own, where there are enough.
    pub(crate) method: Option<String>,
    /// The score drawn towards all centres', where there are few visits.
    pub(crate) shrunk: Option<f64>,
    /// The first and the last place in the list of centres that cannot be told apart from it, its own
    /// included.
    pub(crate) alike: Option<[u32; 2]>,
}
