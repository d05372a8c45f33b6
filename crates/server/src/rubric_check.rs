//! A rubric file as its author offers it: read, and everything that is wrong with it said by its place.

use std::collections::BTreeMap;

use mizan_domain::rubric::{Fault, Problem, Rubric};
use mizan_protocol::rubric::{RubricRef, to_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// `POST /api/rubrics/check`: a rubric file.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RubricFile {
    /// Its text (TOML).
    pub(crate) text: String,
}

/// What a rubric file holds, or what is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RubricCheck {
    /// Its identity, where nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) named: Option<RubricRef>,
    /// Its JSON form, which `POST /api/rubrics` takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rubric: Option<Value>,
    /// Everything that is wrong.
    pub(crate) faults: Vec<RubricFault>,
}

/// Something that is wrong with a rubric file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RubricFault {
    /// The line, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// Where in the rubric, such as `pillars.A.criteria.A1.weight`; empty for the whole file.
    pub(crate) path: String,
    /// What is wrong, a word of a closed list.
    pub(crate) problem: String,
    /// The values needed to mend it.
    pub(crate) params: BTreeMap<String, String>,
    /// The same as a sentence in English.
    pub(crate) text: String,
}

/// Reads a rubric file.
pub(crate) fn check(file: &RubricFile) -> RubricCheck {
    let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
    match Rubric::from_toml(text) {
        Ok(rubric) => RubricCheck {
            named: Some(RubricRef::of(&rubric)),
            rubric: Some(to_json(&rubric)),
            faults: Vec::new(),
        },
        Err(faults) => {
            let faults = faults.into_iter().map(told).collect();
            RubricCheck { named: None, rubric: None, faults }
        }
    }
}

fn told(fault: Fault) -> RubricFault {
    let text = fault.problem.to_string();
    let (problem, params) = words(fault.problem);
    let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    RubricFault { line: fault.line, path: fault.path, problem: problem.to_owned(), params, text }
}

/// A problem's word, and its values by their names.
fn words(problem: Problem) -> (&'static str, Vec<(&'static str, String)>) {
    match problem {
        Problem::Syntax { message } => ("syntax", vec![("message", message)]),
        Problem::Missing => ("missing", vec![]),
        Problem::UnknownKey => ("unknown_key", vec![]),
        Problem::WrongType { expected, found } => {
            ("wrong_type", vec![("expected", expected.into()), ("found", found.into())])
        }
        Problem::NotAllowed { value, allowed } => {
            ("not_allowed", vec![("value", value), ("allowed", allowed)])
        }
        Problem::EmptyText => ("empty_text", vec![]),
        Problem::Duplicate { id } => ("duplicate", vec![("id", id)]),
        Problem::BadId { id } => ("bad_id", vec![("id", id)]),
        Problem::Empty => ("empty", vec![]),
        Problem::PillarWeights { sum } => ("pillar_weights", vec![("sum", sum)]),
        Problem::CriteriaWeights { sum, weight } => {
            ("criteria_weights", vec![("sum", sum), ("weight", weight)])
        }
        Problem::OutOfRange { value, range } => {
            ("out_of_range", vec![("value", value), ("range", range.into())])
        }
        Problem::Thresholds { full_at, zero_at } => {
            ("thresholds", vec![("full_at", full_at), ("zero_at", zero_at)])
        }
        Problem::Anchors { found, scale, expected } => (
            "anchors",
            vec![
                ("found", found.to_string()),
                ("scale", scale.into()),
                ("expected", expected.into()),
            ],
        ),
        Problem::LevelOrder { value, above } => {
            ("level_order", vec![("value", value), ("above", above)])
        }
        Problem::LastLevel => ("last_level", vec![]),
        Problem::NoSuchLevel { id, levels } => {
            ("no_such_level", vec![("id", id), ("levels", levels)])
        }
        Problem::CapForbidsCritical { id } => ("cap_forbids_critical", vec![("id", id)]),
        Problem::EvidenceKinds { .. } => ("evidence_kinds", vec![]),
        Problem::MeasureScale { scale } => ("measure_scale", vec![("scale", scale.into())]),
        Problem::MeasureUnit => ("measure_unit", vec![]),
        Problem::MeasureOrder { from, to } => {
            ("measure_order", vec![("from", from.into()), ("to", to.into())])
        }
    }
}
