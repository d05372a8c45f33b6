//! One visit's filled rubric: answers, and what makes one acceptable.

use crate::exact::Exact;
use crate::rubric::{Criterion, Rubric, VisitKind};
use crate::scale::{RawValue, Value};

/// The longest reason or note, in characters.
pub const MAX_NOTE_CHARS: usize = 4_000;

/// An answer as it was given, before it is held against its criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawAnswer {
    /// A value of the criterion's scale.
    Value(RawValue),
    /// Not applicable, with the reason.
    NotApplicable(String),
    /// Not evaluated, with the reason.
    NotEvaluated(String),
}

/// An answer that fits its criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A value, and what it is worth from 0 to 100.
    Scored {
        /// The value on its scale.
        value: Value,
        /// Its worth.
        score: Exact,
    },
    /// Not applicable, with the reason: leaves the weights.
    NotApplicable(String),
    /// Not evaluated, with the reason: lowers the coverage.
    NotEvaluated(String),
}

impl Answer {
    /// The answer in its canonical raw form.
    #[must_use]
    pub fn to_raw(&self) -> RawAnswer {
        match self {
            Self::Scored { value, .. } => RawAnswer::Value(value.to_raw()),
            Self::NotApplicable(reason) => RawAnswer::NotApplicable(reason.clone()),
            Self::NotEvaluated(reason) => RawAnswer::NotEvaluated(reason.clone()),
        }
    }
}

/// One visit's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The evaluation's id, as its source names it.
    pub id: String,
    /// The kind of visit it comes from.
    pub kind: VisitKind,
    /// Criterion ids with their answers, each id at most once.
    pub answers: Vec<(String, RawAnswer)>,
}

/// Why an answer is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields hold")]
pub enum AnswerFault {
    #[error(
        "criterion {criterion} is not in the rubric {rubric}; check its id, or the rubric the \
         evaluation names"
    )]
    UnknownCriterion { criterion: String, rubric: String },
    #[error("criterion {criterion}: `{value}` is not on its scale; allowed: {allowed}")]
    OffScale { criterion: String, value: String, allowed: String },
    #[error(
        "criterion {criterion} is not judged on {kind} visits; remove the answer or correct the \
         visit's kind"
    )]
    WrongVisitKind { criterion: String, kind: &'static str },
    #[error("criterion {criterion}: {state} needs a reason; say in a few words why")]
    ReasonMissing { criterion: String, state: &'static str },
    #[error("criterion {criterion}: the text has {chars} characters; at most {max} are kept")]
    TextTooLong { criterion: String, chars: usize, max: usize },
    #[error("criterion {criterion} is answered more than once; keep one answer")]
    AnsweredTwice { criterion: String },
}

impl AnswerFault {
    /// The stable code of the fault, as it crosses boundaries.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCriterion { .. } => "answer.unknown_criterion",
            Self::OffScale { .. } => "answer.off_scale",
            Self::WrongVisitKind { .. } => "answer.wrong_visit_kind",
            Self::ReasonMissing { .. } => "answer.reason_missing",
            Self::TextTooLong { .. } => "answer.text_too_long",
            Self::AnsweredTwice { .. } => "answer.answered_twice",
        }
    }

    /// The criterion it is about.
    #[must_use]
    pub fn criterion(&self) -> &str {
        match self {
            Self::UnknownCriterion { criterion, .. }
            | Self::OffScale { criterion, .. }
            | Self::WrongVisitKind { criterion, .. }
            | Self::ReasonMissing { criterion, .. }
            | Self::TextTooLong { criterion, .. }
            | Self::AnsweredTwice { criterion } => criterion,
        }
    }

    /// The values needed to act on it, beside the criterion, as they cross boundaries.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::UnknownCriterion { rubric, .. } => vec![("rubric", rubric.clone())],
            Self::OffScale { value, allowed, .. } => {
                vec![("value", value.clone()), ("allowed", allowed.clone())]
            }
            Self::WrongVisitKind { kind, .. } => vec![("kind", (*kind).to_owned())],
            Self::ReasonMissing { state, .. } => vec![("state", (*state).to_owned())],
            Self::TextTooLong { chars, max, .. } => {
                vec![("chars", chars.to_string()), ("max", max.to_string())]
            }
            Self::AnsweredTwice { .. } => Vec::new(),
        }
    }
}

/// Holds one answer against the rubric and the kind of the visit.
///
/// # Errors
/// The first fault of the answer, named by criterion, value and remedy.
pub fn read_answer(
    rubric: &Rubric,
    kind: VisitKind,
    criterion: &str,
    raw: &RawAnswer,
) -> Result<Answer, AnswerFault> {
    let Some(found) = rubric.criterion(criterion) else {
        let rubric = format!("{} {}", rubric.id(), rubric.version());
        return Err(AnswerFault::UnknownCriterion { criterion: criterion.to_owned(), rubric });
    };
    read_answer_to(found, kind, raw)
}

/// Holds one answer against its criterion and the kind of the visit.
///
/// # Errors
/// As [`read_answer`], the unknown criterion aside.
pub fn read_answer_to(
    criterion: &Criterion,
    kind: VisitKind,
    raw: &RawAnswer,
) -> Result<Answer, AnswerFault> {
    let id = || criterion.id.clone();
    if !criterion.is_judged_on(kind) {
        return Err(AnswerFault::WrongVisitKind { criterion: id(), kind: kind.word() });
    }
    match raw {
        RawAnswer::Value(raw) => {
            let off_scale = || AnswerFault::OffScale {
                criterion: id(),
                value: raw.to_string(),
                allowed: criterion.scale.allowed(),
            };
            let value = criterion.scale.read(raw).ok_or_else(off_scale)?;
            let score = criterion.scale.score(&value).ok_or_else(off_scale)?;
            Ok(Answer::Scored { value, score })
        }
        RawAnswer::NotApplicable(reason) => {
            reason_given(criterion, "not applicable", reason).map(Answer::NotApplicable)
        }
        RawAnswer::NotEvaluated(reason) => {
            reason_given(criterion, "not evaluated", reason).map(Answer::NotEvaluated)
        }
    }
}

fn reason_given(
    criterion: &Criterion,
    state: &'static str,
    reason: &str,
) -> Result<String, AnswerFault> {
    if reason.trim().is_empty() {
        return Err(AnswerFault::ReasonMissing { criterion: criterion.id.clone(), state });
    }
    check_note(&criterion.id, reason)?;
    Ok(reason.to_owned())
}

/// Holds a note against the longest that is kept.
///
/// # Errors
/// [`AnswerFault::TextTooLong`].
pub fn check_note(criterion: &str, note: &str) -> Result<(), AnswerFault> {
    let chars = note.chars().count();
    if chars <= MAX_NOTE_CHARS {
        return Ok(());
    }
    let criterion = criterion.to_owned();
    Err(AnswerFault::TextTooLong { criterion, chars, max: MAX_NOTE_CHARS })
}
