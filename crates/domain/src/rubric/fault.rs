//! What can be wrong with a rubric: each fault names its place, its value and the remedy.

use std::fmt;

use crate::exact::Exact;

/// One fault of a rubric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line in the file, counted from 1, where it is known.
    pub line: Option<usize>,
    /// Where in the rubric, such as `pillars.A.criteria.A1.weight`; empty for the whole file.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong at a place of a rubric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields hold")]
pub enum Problem {
    #[error("the file is not valid TOML: {message}")]
    Syntax { message: String },
    #[error("the key is missing; add it")]
    Missing,
    #[error("the key is not known here; remove it or correct its spelling")]
    UnknownKey,
    #[error("{found} stands here; write {expected}")]
    WrongType { expected: &'static str, found: &'static str },
    #[error("`{value}` is not allowed; write one of: {allowed}")]
    NotAllowed { value: String, allowed: String },
    #[error("the text is empty; write it in this language too")]
    EmptyText,
    #[error("the id `{id}` is used more than once; give each its own")]
    Duplicate { id: String },
    #[error("`{id}` cannot be an id; use letters, digits, `-` and `_`, at most 40 of them")]
    BadId { id: String },
    #[error("the list is empty; add at least one")]
    Empty,
    #[error("the pillar weights sum to {sum}; change them to sum to exactly 100")]
    PillarWeights { sum: String },
    #[error("the criteria weights sum to {sum}, the pillar weighs {weight}; make both equal")]
    CriteriaWeights { sum: String, weight: String },
    #[error("{value} is out of range; it must be {range}")]
    OutOfRange { value: String, range: &'static str },
    #[error(
        "full_at = {full_at} is not below zero_at = {zero_at}; a longer time cannot score more"
    )]
    Thresholds { full_at: String, zero_at: String },
    #[error("{found} anchors stand here; a criterion on the scale {scale} has {expected}")]
    Anchors { found: usize, scale: &'static str, expected: &'static str },
    #[error(
        "min_score = {value} is not below {above} of the level before; list the best level first"
    )]
    LevelOrder { value: String, above: String },
    #[error(
        "the last level must have min_score = 0, no pillar_floor and allows_critical = true, \
         so that every centre gets a level"
    )]
    LastLevel,
    #[error("no level has the id `{id}`; name one of: {levels}")]
    NoSuchLevel { id: String, levels: String },
    #[error(
        "the level `{id}` does not allow a confirmed critical, so it cannot be the cap; \
         set allows_critical = true on it and on every level below it"
    )]
    CapForbidsCritical { id: String },
    #[error("evidence is {need} and {kinds} kinds are listed; {remedy}")]
    EvidenceKinds { need: &'static str, kinds: usize, remedy: &'static str },
    #[error(
        "a measure stands on a criterion of the scale {scale}; only a timed one can be measured; \
         remove it"
    )]
    MeasureScale { scale: &'static str },
    #[error(
        "working hours cannot be measured by a clock; remove the measure, or choose the unit s, \
         min or h"
    )]
    MeasureUnit,
    #[error("the measure runs from `{from}` to `{to}`; name the moment that comes first in `from`")]
    MeasureOrder { from: &'static str, to: &'static str },
}

impl Fault {
    /// A fault at a path, its line not yet known.
    #[must_use]
    pub fn at(path: impl Into<String>, problem: Problem) -> Self {
        Self { line: None, path: path.into(), problem }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.problem)
    }
}

/// A number as a fault shows it.
pub(super) fn number(value: &Exact) -> String {
    value.to_decimal()
}
