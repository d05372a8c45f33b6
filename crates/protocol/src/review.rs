//! What reviewers are shown and say: findings of machine checks, second scorings, what they did.
//!
//! Nothing here names an evaluator.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::AnswerJson;
use crate::api::ReviewItem;
use crate::canonical::Digest;
use crate::evaluation::EvidenceRef;
use crate::id::{CentreId, CycleId, VisitId};
use crate::record::{ContactJson, TextJson};

/// Another visit that a finding names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OtherVisit {
    /// The visit.
    pub visit: VisitId,
    /// Its centre's code.
    pub centre: String,
    /// Its centre's name.
    pub centre_name: TextJson,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// Its cycle's number.
    pub cycle: String,
}

/// What a machine check remarks on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingJson {
    /// The check, such as `photo_reused`.
    pub check: String,
    /// The criterion it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// The file it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Digest>,
    /// The visit this one was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherVisit>,
    /// What was compared, by name.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// Which reviewer has a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakenBy {
    /// The reviewer's name.
    pub name: TextJson,
    /// Whether it is the caller.
    pub is_you: bool,
    /// Since when, milliseconds since 1970 UTC.
    pub at: i64,
}

/// A visit in the reviewers' queue, with what the machine found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueuedVisit {
    /// The visit.
    #[serde(flatten)]
    pub item: ReviewItem,
    /// Its cycle's number.
    pub cycle: String,
    /// Who has it, once somebody took it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<TakenBy>,
    /// What the machine checks found.
    pub findings: Vec<FindingJson>,
}

/// A ruling on a critical criterion of a centre, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RulingJson {
    /// The criterion.
    pub criterion: String,
    /// Confirmed on the evidence, or dismissed.
    pub confirmed: bool,
    /// Why.
    pub reason: String,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
}

/// What a review page shows beside the evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewContext {
    /// The cycle.
    pub cycle: CycleId,
    /// The centre.
    pub centre: CentreId,
    /// The rubric, as its file has it.
    #[schema(value_type = Object)]
    pub rubric: serde_json::Value,
    /// Who has the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<TakenBy>,
    /// What the machine checks found.
    pub findings: Vec<FindingJson>,
    /// What is ruled on the centre's critical criteria.
    pub rulings: Vec<RulingJson>,
    /// What was asked when the visit was last sent back.
    pub asked: Vec<crate::record::Question>,
    /// The answers of the revision before, to see what has changed.
    pub previous: Vec<AnswerJson>,
}

/// Takes over what another reviewer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakeOver {
    /// Why.
    pub reason: String,
}

/// What a cycle sets of its review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewSettings {
    /// Visits of a centre that differ by more points than this are remarked on; 20 unless set.
    #[schema(minimum = 1, maximum = 100)]
    pub outlier_points: u32,
    /// Scorings of one visit that differ by more points than this are beyond tolerance; 10 unless set.
    #[schema(minimum = 1, maximum = 100)]
    pub tolerance_points: u32,
    /// How many of a hundred validated visits are scored a second time; 10 unless set.
    #[schema(minimum = 0, maximum = 100)]
    pub second_share: u32,
}

/// A visit that was drawn for a second scoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecondItem {
    /// The visit.
    pub visit: VisitId,
    /// Its cycle's number.
    pub cycle: String,
    /// The centre's code.
    pub centre: String,
    /// The centre's name.
    pub centre_name: TextJson,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// When it was drawn, milliseconds since 1970 UTC.
    pub drawn_at: i64,
    /// Who scores it, once somebody took it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<TakenBy>,
    /// When the second scoring was handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<i64>,
    /// Whether the caller may score it: whoever has seen the first scores may not.
    pub is_open_to_you: bool,
}

/// A visit as its second scorer sees it: everything but the first scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecondVisit {
    /// The visit.
    pub item: SecondItem,
    /// The rubric, as its file has it.
    #[schema(value_type = Object)]
    pub rubric: serde_json::Value,
    /// What the evaluator wrote, by criterion.
    pub notes: BTreeMap<String, String>,
    /// Moments by name, milliseconds since 1970 UTC.
    pub times: BTreeMap<String, i64>,
    /// Contacts by phone, message or portal.
    pub contacts: Vec<ContactJson>,
    /// The evidence.
    pub evidence: Vec<EvidenceRef>,
    /// What the second scorer has answered so far.
    pub answers: Vec<AnswerJson>,
}

/// Two answers to one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerPair {
    /// The criterion.
    pub criterion: String,
    /// The evaluator's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<AnswerJson>,
    /// The second scorer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<AnswerJson>,
    /// What the first is worth, as shown.
    pub first_score: Option<String>,
    /// What the second is worth, as shown.
    pub second_score: Option<String>,
    /// By how many points they differ, as shown.
    pub difference: Option<String>,
    /// Whether that is beyond the tolerance, or one judged what the other did not.
    pub beyond: bool,
}

/// Two scorings of one visit side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecondComparison {
    /// The visit.
    pub item: SecondItem,
    /// The rubric, as its file has it.
    #[schema(value_type = Object)]
    pub rubric: serde_json::Value,
    /// The digest of the first evaluation, sealed and unaltered.
    pub first_sha256: Digest,
    /// The first score, as shown.
    pub first: Option<String>,
    /// The second score, as shown.
    pub second: Option<String>,
    /// By how many points they differ, as shown.
    pub difference: Option<String>,
    /// Whether that is beyond the tolerance.
    pub beyond: bool,
    /// The tolerance in points.
    pub tolerance: u32,
    /// Each criterion.
    pub pairs: Vec<AnswerPair>,
    /// The evidence.
    pub evidence: Vec<EvidenceRef>,
}

/// Something a reviewer did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewDeed {
    /// `taken_up`, `returned`, `validated`, `ruled` or `scored`.
    pub deed: String,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// The visit; a ruling is of a centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    /// The cycle's number.
    pub cycle: String,
    /// The centre's code.
    pub centre: String,
    /// The centre's name.
    pub centre_name: TextJson,
    /// Of a ruling: the criterion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// Of a ruling: whether the hit was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// What was asked or given as the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a reviewer did, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewHistory {
    /// What was done.
    pub deeds: Vec<ReviewDeed>,
    /// Whether there is more before.
    pub more: bool,
}
