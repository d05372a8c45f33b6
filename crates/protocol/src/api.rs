//! What the central server's routes take and give, beside sync and sessions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::canonical::Digest;
use crate::code::ErrorBody;
use crate::evaluation::SealedEvaluation;
use crate::id::{
    AgencyId, CentreId, CycleId, DeviceId, OperationId, PersonId, PublicationId, ScorecardId,
    VisitId,
};
use crate::record::{BriefJson, Question, TextJson};
use crate::review::ReviewContext;
use crate::score::{RemarkJson, ScorecardJson};
use crate::signature::{PublicKey, Signature};
use crate::sync::{Outcome, Record};
use crate::word;

/// A new agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewAgency {
    /// A short code, unique among agencies.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,40}$")]
    pub code: String,
    /// Its name.
    pub name: TextJson,
}

/// An agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgencyJson {
    /// The agency.
    pub id: AgencyId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: TextJson,
}

/// A new centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewCentre {
    /// A short code, unique among centres, such as `C-014`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,40}$")]
    pub code: String,
    /// Its agency.
    pub agency: AgencyId,
    /// `in_person` or `remote`.
    #[schema(schema_with = word::model)]
    pub model: String,
    /// Its name.
    pub name: TextJson,
    /// The governorate it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governorate: Option<String>,
    /// `small`, `medium` or `large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Who runs it: the agency itself, or a company for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

/// What an agency is called from now on. What was published keeps the name it was published with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeAgency {
    /// Its name.
    pub name: TextJson,
}

/// What a centre is called from now on, and what tells it apart. Its code, agency and model stay: results
/// rest on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeCentre {
    /// Its name.
    pub name: TextJson,
    /// The governorate it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governorate: Option<String>,
    /// `small`, `medium` or `large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Who runs it: the agency itself, or a company for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

/// A centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CentreJson {
    /// The centre.
    pub id: CentreId,
    /// Its code.
    pub code: String,
    /// Its agency.
    pub agency: AgencyId,
    /// `in_person` or `remote`.
    pub model: String,
    /// Its name.
    pub name: TextJson,
    /// The governorate it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governorate: Option<String>,
    /// `small`, `medium` or `large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Who runs it: the agency itself, or a company for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

/// A new account. Never printed: it holds a password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct NewPerson {
    /// The account's name.
    #[schema(min_length = 1, max_length = 64, pattern = r"\S")]
    pub user: String,
    /// The first password; at least 12 characters.
    #[schema(min_length = 12)]
    pub password: String,
    /// The person's name.
    pub name: TextJson,
    /// The role, a word such as `evaluator`.
    #[schema(schema_with = word::role)]
    pub role: String,
    /// The employer; a coordinator's or manager's agency.
    #[serde(default)]
    pub agency: Option<AgencyId>,
    /// A manager's centre.
    #[serde(default)]
    pub centre: Option<CentreId>,
    /// Agencies where an evaluator has an interest (M4).
    #[serde(default)]
    pub interests: Vec<AgencyId>,
}

/// A new cycle, in draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewCycle {
    /// Its number.
    #[schema(pattern = r"\S")]
    pub number: String,
    /// Its name.
    pub name: TextJson,
    /// The programme's name.
    pub programme: TextJson,
    /// A rubric for each model judged.
    pub rubrics: Vec<Digest>,
    /// The centres judged.
    pub centres: Vec<CentreId>,
}

/// A cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CycleJson {
    /// The cycle.
    pub id: CycleId,
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: TextJson,
    /// Its state.
    pub state: String,
}

/// The notice to the entities that visits will be made (M13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    /// The day it went out, `YYYY-MM-DD`.
    #[schema(format = "date")]
    pub date: String,
    /// What it said.
    pub text: TextJson,
    /// Whom it went to.
    #[schema(pattern = r"\S")]
    pub recipients: String,
}

/// A step of a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CycleStep {
    /// `open`, `close_field_work`, `decide`, `publish` or `close`.
    #[schema(schema_with = word::step)]
    pub event: String,
}

/// A new visit of a cycle, planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewVisit {
    /// The centre.
    pub centre: CentreId,
    /// `unannounced` or `scheduled`.
    #[schema(schema_with = word::visit_kind)]
    pub kind: String,
    /// The first day, `YYYY-MM-DD`.
    #[schema(format = "date")]
    pub from: String,
    /// The last day, `YYYY-MM-DD`.
    #[schema(format = "date")]
    pub to: String,
    /// What to come with and ask for.
    pub scenario: TextJson,
    /// How to go about it, for the evaluator alone.
    #[serde(default)]
    pub brief: BriefJson,
}

/// A visit as the people who run the field work see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitJson {
    /// The visit.
    pub id: VisitId,
    /// The centre's code.
    pub centre: String,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// Its evaluator, once assigned.
    pub evaluator: Option<PersonId>,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The last day, `YYYY-MM-DD`.
    pub to: String,
}

/// Gives a visit to an evaluator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assign {
    /// The evaluator.
    pub evaluator: PersonId,
    /// Why rotation (M3) is passed over for once; it is kept with the visit's steps. No other rule can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrule: Option<String>,
}

/// Why something is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The reason.
    #[schema(pattern = r"\S")]
    pub reason: String,
}

/// A submitted visit in the reviewer's queue. It names no evaluator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewItem {
    /// The visit.
    pub visit: VisitId,
    /// The centre's code.
    pub centre: String,
    /// The centre's name.
    pub centre_name: TextJson,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// `submitted` or `in_review`.
    pub state: String,
    /// The revision that was submitted.
    pub revision: u32,
    /// When the server received it, milliseconds since 1970 UTC.
    pub received_at: i64,
    /// Evidence named by the evaluation that has not arrived.
    pub evidence_missing: u32,
}

/// A visit under review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewVisit {
    /// The visit in the queue.
    pub item: ReviewItem,
    /// The evaluation as it was sealed.
    pub sealed: SealedEvaluation,
    /// Critical criteria this evaluation alone would hit.
    pub critical: Vec<String>,
    /// What belongs beside it.
    pub context: ReviewContext,
}

/// Sends a visit back to its evaluator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReturnVisit {
    /// What is asked; at least one question.
    pub questions: Vec<Question>,
}

/// A reviewer's ruling on a critical hit of a centre in a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CriticalRuling {
    /// The criterion.
    pub criterion: String,
    /// Confirmed on the evidence, or dismissed.
    pub confirmed: bool,
    /// Why.
    pub reason: String,
}

/// A centre's result as the committee sees it before publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CentreResult {
    /// The centre.
    pub centre: CentreJson,
    /// Its agency's name.
    pub agency: TextJson,
    /// The draft scorecard.
    pub scorecard: ScorecardJson,
    /// How many unannounced visits count.
    pub unannounced_visits: u32,
    /// How many scheduled visits count.
    pub scheduled_visits: u32,
    /// Whether the committee has decided.
    pub decided: bool,
}

/// The committee's decision on a centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// The digest of the draft scorecard decided on: a decision on numbers that have changed
    /// meanwhile is refused.
    pub scorecard_sha256: Digest,
    /// A level other than the computed one, or a level where the committee must decide.
    #[serde(default)]
    pub moderation: Option<crate::score::ModerationJson>,
    /// What the committee tells the centre.
    #[serde(default)]
    pub remarks: Vec<RemarkJson>,
    /// Why there is to be another version, where one is published already.
    #[serde(default)]
    pub version_reason: Option<TextJson>,
}

/// A new publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewPublication {
    /// The centres; left out, every one whose decision is neither out nor to come.
    #[serde(default)]
    pub centres: Option<Vec<CentreId>>,
    /// When, milliseconds since 1970 UTC; left out or past, at once.
    #[serde(default)]
    pub at: Option<i64>,
}

/// A publication of chosen centres at a set time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduledPublication {
    /// The publication.
    pub id: PublicationId,
    /// The cycle.
    pub cycle: CycleId,
    /// The centres.
    pub centres: Vec<CentreId>,
    /// When, by the server's clock; milliseconds since 1970 UTC.
    pub at: i64,
    /// `scheduled`, `published` or `cancelled`.
    pub state: String,
    /// When it was scheduled.
    pub made_at: i64,
    /// When it went out or was cancelled.
    pub ended_at: Option<i64>,
    /// Why it was cancelled; of those from before reasons were asked for there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A published scorecard with the server's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedScorecard {
    /// The publication.
    pub id: ScorecardId,
    /// The scorecard.
    pub scorecard: ScorecardJson,
    /// The SHA-256 of the scorecard's canonical JSON.
    pub sha256: Digest,
    /// The server's key.
    pub public_key: PublicKey,
    /// The server's signature of the canonical JSON.
    pub signature: Signature,
    /// Whether a later version stands in its place.
    #[serde(default)]
    pub superseded: bool,
}

/// A record that was refused or could not be read, kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuarantineItem {
    /// The change it came in.
    pub operation: OperationId,
    /// Whose it is.
    pub person: PersonId,
    /// The name of that person's account.
    pub user: String,
    /// The device that sent it, where that is known.
    pub device: Option<DeviceId>,
    /// Its kind, one of [`crate::record::KINDS`] or one of a later version.
    pub kind: String,
    /// The visit it speaks of, where it names one.
    pub visit: Option<VisitId>,
    /// Why it was refused, when it was last tried.
    pub error: ErrorBody,
    /// When it came, milliseconds since 1970 UTC.
    pub at: i64,
    /// `open`, `released` or `set_aside`.
    pub state: String,
    /// Who released it or set it aside.
    pub settled_by: Option<PersonId>,
    /// When, milliseconds since 1970 UTC.
    pub settled_at: Option<i64>,
    /// Why it was set aside.
    pub reason: Option<String>,
}

/// A page of what was refused, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuarantinePage {
    /// The items.
    pub items: Vec<QuarantineItem>,
    /// How many there are in this state.
    pub total: u64,
}

/// One refused record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuarantineRecord {
    /// What is known of it.
    #[serde(flatten)]
    pub item: QuarantineItem,
    /// The record as it came.
    pub record: Record,
}

/// What came of a record that was tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Released {
    /// The outcome under today's rules; when it is no longer refused, the record left the quarantine.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// `POST /api/quarantine/{operation}/set-aside`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetAside {
    /// Why it is not wanted.
    pub reason: String,
}
