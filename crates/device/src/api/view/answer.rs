//! Answers: as they are given, as they stand, and what of them is missing.

use std::collections::BTreeMap;

use mizan_domain::evaluation::RawAnswer;
use mizan_domain::submission::SubmissionFault;
use mizan_protocol::answer::{AnswerJson, ValueJson};
use mizan_protocol::id::VisitId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::refusal::{Refusal, fault_params};
use crate::device::Device;
use crate::error::Error;
use crate::visit::{AnswerState, GivenAnswer};

/// An answer to a criterion: exactly one of `value`, `na` and `ne`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerGiven {
    /// A value of its scale: true or false, a whole number, a word, or a decimal as text.
    #[serde(default)]
    value: Option<ValueJson>,
    /// Why it does not apply.
    #[serde(default)]
    na: Option<String>,
    /// Why it was not evaluated.
    #[serde(default)]
    ne: Option<String>,
    /// What was seen; left out, the note that is there stays, and an empty one takes it off.
    #[serde(default)]
    pub(crate) note: Option<String>,
}

impl AnswerGiven {
    /// The answer that is meant.
    pub(crate) fn answer(&self) -> Result<RawAnswer, Refusal> {
        let Self { value, na, ne, .. } = self.clone();
        let one = AnswerJson { criterion: String::new(), value, na, ne, note: None };
        one.to_raw().map_err(|_| Refusal::invalid("answer", "exactly one of value, na and ne"))
    }
}

/// The note of an answer; an empty one takes it off.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct NoteGiven {
    pub(crate) note: String,
}

/// An answer as it stands: exactly one of `value`, `na` and `ne` is not null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AnswerView {
    pub(crate) criterion: String,
    #[schema(required)]
    pub(crate) value: Option<ValueJson>,
    /// Why it does not apply.
    #[schema(required)]
    pub(crate) na: Option<String>,
    /// Why it was not evaluated.
    #[schema(required)]
    pub(crate) ne: Option<String>,
    /// What was seen.
    #[schema(required)]
    pub(crate) note: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub(crate) at_ms: i64,
    /// How many steps can be undone; taking the first answer back is one.
    pub(crate) earlier: usize,
}

impl From<GivenAnswer> for AnswerView {
    fn from(given: GivenAnswer) -> Self {
        let GivenAnswer { criterion, answer, note, at_ms, earlier } = given;
        let AnswerJson { criterion, value, na, ne, note } =
            AnswerJson::new(&criterion, &answer, note.as_deref());
        Self { criterion, value, na, ne, note, at_ms, earlier }
    }
}

/// What an answer came to. It is on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AnswerSaved {
    /// The answer as it stands; null when the first one was taken back.
    #[schema(required)]
    pub(crate) answer: Option<AnswerView>,
    /// What this criterion still lacks.
    pub(crate) missing: Vec<Missing>,
    /// The visit's state.
    pub(crate) state: String,
}

/// What keeps a visit from being submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Missing {
    /// One of the error codes.
    pub(crate) code: String,
    /// Where; null when it is the visit as a whole.
    #[schema(required)]
    pub(crate) criterion: Option<String>,
    /// The values needed to act on it.
    pub(crate) params: BTreeMap<String, String>,
}

impl From<&SubmissionFault> for Missing {
    fn from(fault: &SubmissionFault) -> Self {
        let params = fault_params(fault).into_iter().map(|(name, value)| (name.to_owned(), value));
        Self {
            code: fault.code().to_owned(),
            criterion: fault.criterion().map(str::to_owned),
            params: params.collect(),
        }
    }
}

/// An answer as it stands after a change, reading no more than its criterion.
pub(crate) fn saved(
    device: &mut Device,
    visit: VisitId,
    criterion: &str,
) -> Result<AnswerSaved, Error> {
    let AnswerState { answer, missing, state } = device.answer_state(visit, criterion)?;
    Ok(AnswerSaved {
        answer: answer.map(AnswerView::from),
        missing: missing.iter().map(Missing::from).collect(),
        state: state.word().to_owned(),
    })
}
