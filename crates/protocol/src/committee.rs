//! What the committee reads before publication: the cycle at a glance, centres compared within one model,
//! one centre down to its answers, and two cycles like for like. Evaluators have pseudonyms here and
//! nothing else.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::AnswerJson;
use crate::api::{CentreJson, CycleJson};
use crate::canonical::Digest;
use crate::evaluation::EvidenceRef;
use crate::id::{EvaluationId, PersonId, ScorecardId};
use crate::record::TextJson;
use crate::rubric::RubricRef;
use crate::score::{ModerationJson, RemarkJson, ResultJson, ScorecardJson};

/// A number as it is and as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NumberJson {
    /// One decimal.
    pub shown: String,
    /// An integer or a reduced fraction.
    pub exact: String,
}

impl From<&mizan_domain::exact::Exact> for NumberJson {
    fn from(number: &mizan_domain::exact::Exact) -> Self {
        Self { shown: number.shown(), exact: number.to_string() }
    }
}

/// A cycle at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    /// The cycle.
    pub cycle: CycleJson,
    /// Its centres.
    pub centres: u32,
    /// Of those, decided.
    pub decided: u32,
    /// Of those, published.
    pub published: u32,
    /// Its visits by kind and state.
    pub visits: Vec<VisitCount>,
    /// What is done of the plan, by kind.
    pub progress: Vec<VisitProgress>,
    /// What is found, by model: models are never mixed.
    pub models: Vec<ModelOverview>,
    /// Who makes the visits.
    pub evaluators: Vec<EvaluatorLoad>,
}

/// How many visits of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitCount {
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// The state.
    pub state: String,
    /// How many.
    pub count: u32,
}

/// What is done of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitProgress {
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// Visits of the plan; those cancelled or exposed are not of it.
    pub planned: u32,
    /// Of those, submitted or further.
    pub submitted: u32,
    /// Of those, validated.
    pub validated: u32,
}

/// The centres of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelOverview {
    /// `in_person` or `remote`.
    pub model: String,
    /// The rubric they are judged by.
    pub rubric: RubricRef,
    /// How many centres.
    pub centres: u32,
    /// Of those, with a score.
    pub scored: u32,
    /// The median score; from five scored centres up.
    pub median: Option<NumberJson>,
    /// The median coverage over all of them, in percent.
    pub coverage: Option<NumberJson>,
    /// Centres with a critical hit that awaits a ruling.
    pub critical_open: u32,
    /// Centres with a confirmed critical hit.
    pub critical_confirmed: u32,
    /// How many centres have which outcome and level, best level first.
    pub levels: Vec<LevelCount>,
    /// The pillars in the rubric's order.
    pub pillars: Vec<PartOverview>,
}

/// How many centres came out so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LevelCount {
    /// `level`, `no_score`, `insufficient_evidence` or `committee_decision`.
    pub outcome: String,
    /// The level's id.
    pub level: Option<String>,
    /// How many.
    pub count: u32,
}

/// A pillar or a second reading over all centres of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartOverview {
    /// `pillar`, `driver`, `element`, `stage` or `experience`.
    pub reading: String,
    /// The pillar's id, or the tag.
    pub id: String,
    /// Centres with a score for it.
    pub scored: u32,
    /// The median; from five scored centres up.
    pub median: Option<NumberJson>,
    /// How many centres score from 0, 10, … 90 up; 100 is of the last.
    pub bands: Vec<u32>,
}

/// How much one evaluator has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluatorLoad {
    /// A name that says nothing, the same throughout the cycle.
    pub evaluator: String,
    /// Who it is, for those who assign visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Visits given to them.
    pub assigned: u32,
    /// Of those, submitted or further.
    pub submitted: u32,
    /// Of those, validated.
    pub validated: u32,
}

/// A centre among those of its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComparedCentre {
    /// Its place among all centres of the model in the cycle, whatever is filtered; equals share one.
    pub rank: Option<u32>,
    /// The centre.
    pub centre: CentreJson,
    /// Its agency's code.
    pub agency_code: String,
    /// Its agency's name.
    pub agency: TextJson,
    /// The score.
    pub score: Option<NumberJson>,
    /// Coverage in percent.
    pub coverage: NumberJson,
    /// `level`, `no_score`, `insufficient_evidence` or `committee_decision`.
    pub outcome: String,
    /// The level's id.
    pub level: Option<String>,
    /// Critical hits that await a ruling.
    pub critical_open: u32,
    /// Confirmed critical hits.
    pub critical_confirmed: u32,
    /// How many unannounced visits count.
    pub unannounced_visits: u32,
    /// How many scheduled visits count.
    pub scheduled_visits: u32,
    /// Whether the committee has decided.
    pub decided: bool,
    /// The pillars: a row of the heat map.
    pub pillars: Vec<ResultJson>,
}

/// All the committee knows of one centre in a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CentrePage {
    /// The cycle.
    pub cycle: CycleJson,
    /// The centre.
    pub centre: CentreJson,
    /// Its agency's name.
    pub agency: TextJson,
    /// The draft scorecard.
    pub scorecard: ScorecardJson,
    /// Its digest, by which it is decided on.
    pub sha256: Digest,
    /// How many unannounced visits count.
    pub unannounced_visits: u32,
    /// How many scheduled visits count.
    pub scheduled_visits: u32,
    /// Each pillar against the model's median and the last cycle.
    pub pillars: Vec<PillarStanding>,
    /// The second readings.
    pub readings: Vec<ReadingJson>,
    /// What each visit answered.
    pub visits: Vec<VisitAnswers>,
    /// The critical hits with the rulings on them.
    pub critical: Vec<CriticalStanding>,
    /// What the committee decided, if it has.
    pub decision: Option<DecisionJson>,
    /// What the committee told the centre in the last cycle.
    pub last_remarks: Vec<RemarkJson>,
    /// What was published of the centre, the latest cycle first, each in its last version.
    pub history: Vec<PastResult>,
}

/// A pillar beside what it can be held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PillarStanding {
    /// The pillar's id.
    pub id: String,
    /// The median over the model; from five scored centres up.
    pub median: Option<NumberJson>,
    /// The pillar of the same id in the last published cycle, shown.
    pub last: Option<String>,
}

/// A second reading of one centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadingJson {
    /// `driver`, `element`, `stage` or `experience`.
    pub reading: String,
    /// The tag with its result.
    pub result: ResultJson,
}

/// What one visit answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitAnswers {
    /// The evaluation, as explanations name it.
    pub evaluation: EvaluationId,
    /// The evaluator's pseudonym in this cycle.
    pub evaluator: String,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// The answers.
    pub answers: Vec<AnswerJson>,
    /// The evidence.
    pub evidence: Vec<EvidenceRef>,
}

/// A critical hit and the ruling on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CriticalStanding {
    /// The criterion.
    pub criterion: String,
    /// `cap` or `fail`.
    pub effect: String,
    /// `open`, `confirmed` or `dismissed`.
    pub state: String,
    /// Why a reviewer ruled so; none where two evaluators' findings confirm it.
    pub reason: Option<String>,
    /// When; milliseconds since 1970 UTC.
    pub ruled_at: Option<i64>,
}

/// What the committee decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecisionJson {
    /// The digest of the draft it was decided on.
    pub scorecard_sha256: Digest,
    /// Another level than the computed one, with its reason.
    pub moderation: Option<ModerationJson>,
    /// What the committee tells the centre.
    pub remarks: Vec<RemarkJson>,
    /// When; milliseconds since 1970 UTC.
    pub at: i64,
}

/// What was published of a centre in a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PastResult {
    /// The cycle's number.
    pub cycle: String,
    /// The publication.
    pub scorecard: ScorecardId,
    /// Its version.
    pub version: u32,
    /// The rubric.
    pub rubric: RubricRef,
    /// The score, shown.
    pub score: Option<String>,
    /// `level`, `no_score`, `insufficient_evidence` or `committee_decision`.
    pub outcome: String,
    /// The level that was published: the moderated one where there is one.
    pub level: Option<String>,
}

/// What became of the criteria of one rubric in a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MappingJson {
    /// The earlier rubric.
    pub earlier: RubricRef,
    /// The later rubric.
    pub later: RubricRef,
    /// Whether somebody edited it; otherwise it follows from ids and scales.
    pub edited: bool,
    /// One line for each criterion.
    pub lines: Vec<MappedJson>,
}

/// One line of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MappedJson {
    /// The criterion of the earlier rubric.
    pub earlier: Option<String>,
    /// The criterion of the later rubric.
    pub later: Option<String>,
    /// `same`, `reworded`, `new_scale`, `new` or `dropped`.
    pub likeness: String,
}

/// An edited mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EditMapping {
    /// One line for each criterion of both rubrics; none to go back to the automatic one.
    pub lines: Vec<MappedJson>,
}

/// A centre in two cycles, over the criteria that are comparable and scored in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LikeForLikeCentre {
    /// The centre.
    pub centre: CentreJson,
    /// How many criteria are compared.
    pub criteria: u32,
    /// The earlier cycle.
    pub earlier: LikeForLikeScore,
    /// The later cycle.
    pub later: LikeForLikeScore,
}

/// A cycle's score beside the one over what is comparable; both weighed by the later rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LikeForLikeScore {
    /// The score of the cycle as it stands.
    pub headline: Option<String>,
    /// The level of the cycle.
    pub level: Option<String>,
    /// The score over what is comparable.
    pub like_for_like: Option<NumberJson>,
}
