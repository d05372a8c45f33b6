//! Answers as JSON: `value`, `na` or `ne`, exactly one of them.

use mizan_domain::evaluation::RawAnswer;
use mizan_domain::scale::RawValue;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A value as JSON: true or false, a whole number, or a text (a word, or a decimal such as `"22.5"`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(
    untagged,
    expecting = "true or false, a whole number, or a text (decimals are texts: \"22.5\")"
)]
pub enum ValueJson {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A word of a scale, or a decimal.
    Text(String),
}

impl From<&RawValue> for ValueJson {
    fn from(raw: &RawValue) -> Self {
        match raw {
            RawValue::Bool(value) => Self::Bool(*value),
            RawValue::Integer(value) => Self::Integer(*value),
            RawValue::Text(value) => Self::Text(value.clone()),
        }
    }
}

impl From<&ValueJson> for RawValue {
    fn from(json: &ValueJson) -> Self {
        match json {
            ValueJson::Bool(value) => Self::Bool(*value),
            ValueJson::Integer(value) => Self::Integer(*value),
            ValueJson::Text(value) => Self::Text(value.clone()),
        }
    }
}

/// One answer to one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerJson {
    /// The criterion's id.
    pub criterion: String,
    /// A value of its scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueJson>,
    /// Why it does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub na: Option<String>,
    /// Why it was not evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ne: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An answer has none or more than one of `value`, `na` and `ne`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("criterion {criterion}: give exactly one of value, na and ne")]
pub struct NotOneAnswer {
    /// The criterion's id.
    pub criterion: String,
}

impl AnswerJson {
    /// An answer as JSON.
    #[must_use]
    pub fn new(criterion: &str, answer: &RawAnswer, note: Option<&str>) -> Self {
        let criterion = criterion.to_owned();
        let note = note.map(str::to_owned);
        let empty = Self { criterion, value: None, na: None, ne: None, note };
        match answer {
            RawAnswer::Value(value) => Self { value: Some(value.into()), ..empty },
            RawAnswer::NotApplicable(reason) => Self { na: Some(reason.clone()), ..empty },
            RawAnswer::NotEvaluated(reason) => Self { ne: Some(reason.clone()), ..empty },
        }
    }

    /// The answer the JSON means.
    ///
    /// # Errors
    /// [`NotOneAnswer`].
    pub fn to_raw(&self) -> Result<RawAnswer, NotOneAnswer> {
        match (&self.value, &self.na, &self.ne) {
            (Some(value), None, None) => Ok(RawAnswer::Value(value.into())),
            (None, Some(reason), None) => Ok(RawAnswer::NotApplicable(reason.clone())),
            (None, None, Some(reason)) => Ok(RawAnswer::NotEvaluated(reason.clone())),
            (_, _, _) => Err(NotOneAnswer { criterion: self.criterion.clone() }),
        }
    }
}
