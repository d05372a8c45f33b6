//! What the central server's routes take and give, beside sync and sessions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::canonical::Digest;
use crate::evaluation::SealedEvaluation;
use crate::id::{AgencyId, CentreId, CycleId, PersonId, ScorecardId, VisitId};
use crate::record::{BriefJson, Question, TextJson};
use crate::score::{RemarkJson, ScorecardJson};
use crate::signature::{PublicKey, Signature};

/// A new agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewAgency {
    /// A short code, unique among agencies.
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
    pub code: String,
    /// Its agency.
    pub agency: AgencyId,
    /// `in_person` or `remote`.
    pub model: String,
    /// Its name.
    pub name: TextJson,
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
}

/// A new account. Never printed: it holds a password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct NewPerson {
    /// The account's name.
    pub user: String,
    /// The first password; at least 12 characters.
    pub password: String,
    /// The person's name.
    pub name: TextJson,
    /// The role, a word such as `evaluator`.
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
    pub date: String,
    /// What it said.
    pub text: TextJson,
    /// Whom it went to.
    pub recipients: String,
}

/// A step of a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CycleStep {
    /// `open`, `close_field_work`, `decide`, `publish` or `close`.
    pub event: String,
}

/// A new visit of a cycle, planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewVisit {
    /// The centre.
    pub centre: CentreId,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The last day, `YYYY-MM-DD`.
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
}

/// Why something is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The reason.
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
}
