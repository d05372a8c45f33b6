//! The bodies of the records, by kind.

use std::collections::BTreeMap;

use mizan_domain::contact::{Channel, Contact, ContactMoment};
use mizan_domain::text::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::AnswerJson;
use crate::canonical::Digest;
use crate::evaluation::SealedEvaluation;
use crate::id::{ContactId, PersonId, RecordId, VisitId};
use crate::rubric::RubricRef;

/// Server to evaluator: a rubric, its body the rubric's JSON.
pub const RUBRIC: &str = "rubric";
/// Server to evaluator: [`VisitBody`].
pub const VISIT: &str = "visit";
/// Evaluator to server: [`AcceptanceBody`].
pub const ACCEPTANCE: &str = "acceptance";
/// Evaluator to server: [`AnswerBody`].
pub const ANSWER: &str = "answer";
/// Evaluator to server: [`TimelineBody`].
pub const TIMELINE: &str = "timeline";
/// Evaluator to server: [`EvaluationBody`].
pub const EVALUATION: &str = "evaluation";
/// Server to manager: a published scorecard, its body a [`crate::score::ScorecardJson`].
pub const SCORECARD: &str = "scorecard";

/// Every kind of record.
pub const KINDS: &[&str] = &[RUBRIC, VISIT, ACCEPTANCE, ANSWER, TIMELINE, EVALUATION, SCORECARD];

/// The id of a draft: the same on every device of its evaluator, so that two of them that answer one
/// criterion meet in one record and not in two.
#[must_use]
pub fn draft_id(person: PersonId, visit: VisitId, kind: &str, part: &str) -> RecordId {
    let named = Digest::of(format!("mizan draft {person} {visit} {kind} {part}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&named.as_bytes()[..16]);
    RecordId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct TextJson {
    /// Arabic.
    pub ar: String,
    /// English.
    pub en: String,
}

impl From<&Text> for TextJson {
    fn from(text: &Text) -> Self {
        Self { ar: text.ar.clone(), en: text.en.clone() }
    }
}

impl From<&TextJson> for Text {
    fn from(json: &TextJson) -> Self {
        Self::new(json.ar.clone(), json.en.clone())
    }
}

/// How a visit is to be made, beside its scenario. It is for its evaluator alone and never published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BriefJson {
    /// Who the evaluator is to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<TextJson>,
    /// The right answers to the scenario's questions, to hold what is said against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_key: Option<TextJson>,
    /// What to mind for one's safety.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety: Option<TextJson>,
    /// The longest the visit may take, so that it does not disturb the centre's work (M12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_minutes: Option<u32>,
    /// How many hours after its end the report is due (M8).
    #[serde(default = "report_within_h")]
    pub report_within_h: u32,
}

/// A day, as rule M8 has it by default.
fn report_within_h() -> u32 {
    24
}

impl Default for BriefJson {
    fn default() -> Self {
        Self {
            persona: None,
            answer_key: None,
            safety: None,
            max_minutes: None,
            report_within_h: report_within_h(),
        }
    }
}

/// An assigned visit as its evaluator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitBody {
    /// The visit.
    pub visit: VisitId,
    /// The number of the cycle.
    pub cycle: String,
    /// The centre's code.
    pub centre_code: String,
    /// The centre's name.
    pub centre: TextJson,
    /// The agency's name.
    pub agency: TextJson,
    /// `in_person` or `remote`.
    pub model: String,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// The visit's state.
    pub state: String,
    /// The first day it may be made, `YYYY-MM-DD`.
    pub from: String,
    /// The last day it may be made, `YYYY-MM-DD`.
    pub to: String,
    /// What to come with and ask for.
    pub scenario: TextJson,
    /// How to go about it.
    #[serde(default)]
    pub brief: BriefJson,
    /// The rubric to score by; its record is in the same stream.
    pub rubric: RubricRef,
    /// The reviewer's questions, when the visit was returned.
    pub questions: Vec<Question>,
    /// How many revisions of the evaluation the server has; a device that lost its own goes on from
    /// there.
    #[serde(default)]
    pub revisions: u32,
}

/// A reviewer's question on a returned visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// The criterion it is about; `None` for the visit as a whole.
    pub criterion: Option<String>,
    /// The question.
    pub text: String,
}

/// The evaluator takes a visit or hands it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum AcceptanceBody {
    /// Taken: no interest in the agency, the brief read.
    Accepted {
        /// The visit.
        visit: VisitId,
        /// Declares that no interest of self, family or friends exists at the agency (M4).
        no_interest: bool,
        /// The rubric whose guide was read (M6).
        brief_rubric: Digest,
        /// When, milliseconds since 1970 UTC.
        at: i64,
    },
    /// Handed back.
    Declined {
        /// The visit.
        visit: VisitId,
        /// Why (M9).
        reason: String,
        /// When, milliseconds since 1970 UTC.
        at: i64,
    },
}

impl AcceptanceBody {
    /// The visit it is about.
    #[must_use]
    pub fn visit(&self) -> VisitId {
        match self {
            Self::Accepted { visit, .. } | Self::Declined { visit, .. } => *visit,
        }
    }
}

/// One answer of a visit in progress, sent along so that a lost device loses little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerBody {
    /// The visit.
    pub visit: VisitId,
    /// The answer.
    pub answer: AnswerJson,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
}

/// The moments of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineBody {
    /// The visit.
    pub visit: VisitId,
    /// Moments by name, milliseconds since 1970 UTC.
    pub times: BTreeMap<String, i64>,
    /// Contacts by phone, message or portal, in the order they were opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactJson>,
}

/// One contact of a remote visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactJson {
    /// The contact, named by the device that opened it.
    pub id: ContactId,
    /// How it was made, a word such as `phone`.
    pub channel: String,
    /// Its moments, in the order they were noted.
    pub moments: Vec<ContactMomentJson>,
}

/// A moment of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactMomentJson {
    /// The moment, a word such as `dialled`.
    pub moment: String,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
}

/// A word that no contact has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no {what} of a contact; one of: {}", .allowed.join(", "))]
pub struct NotAContact {
    /// `channel` or `moment`.
    pub what: &'static str,
    /// What was given.
    pub word: String,
    /// What there is.
    pub allowed: Vec<&'static str>,
}

impl ContactJson {
    /// The contact the JSON means. Whether its moments can follow each other is for
    /// [`mizan_domain::timeline::Timeline::check`] to say.
    ///
    /// # Errors
    /// [`NotAContact`].
    pub fn to_contact(&self) -> Result<Contact, NotAContact> {
        let channel = Channel::from_word(&self.channel).ok_or_else(|| NotAContact {
            what: "channel",
            word: self.channel.clone(),
            allowed: Channel::ALL.iter().map(|channel| channel.word()).collect(),
        })?;
        let moment = |of: &ContactMomentJson| {
            let found = ContactMoment::from_word(&of.moment).ok_or_else(|| NotAContact {
                what: "moment",
                word: of.moment.clone(),
                allowed: channel.moments().iter().map(|moment| moment.word()).collect(),
            })?;
            Ok((found, of.at))
        };
        Ok(Contact { channel, moments: self.moments.iter().map(moment).collect::<Result<_, _>>()? })
    }
}

/// A submitted evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluationBody {
    /// The visit.
    pub visit: VisitId,
    /// The sealed document.
    pub sealed: SealedEvaluation,
}
