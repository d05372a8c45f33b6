//! A rubric as JSON: the same keys as its file, and its identity.

use mizan_domain::exact::Exact;
use mizan_domain::rubric::tree::{Content, Node};
use mizan_domain::rubric::{Criterion, Fault, Level, Measure, Pillar, Rubric, read};
use mizan_domain::scale::Scale;
use mizan_domain::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};
use utoipa::ToSchema;

use crate::canonical::Digest;

/// Names one version of one rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RubricRef {
    /// The rubric's id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its canonical JSON.
    pub sha256: Digest,
}

impl RubricRef {
    /// The reference of a rubric.
    #[must_use]
    pub fn of(rubric: &Rubric) -> Self {
        Self { id: rubric.id().into(), version: rubric.version().into(), sha256: digest(rubric) }
    }
}

/// The rubric's identity: the SHA-256 of its canonical JSON.
#[must_use]
pub fn digest(rubric: &Rubric) -> Digest {
    Digest::of(canonical(rubric).as_bytes())
}

/// The rubric's canonical JSON text.
#[must_use]
pub fn canonical(rubric: &Rubric) -> String {
    crate::canonical::canonical_json(&to_json(rubric))
        .expect("a tree of texts, finite numbers and flags is always JSON")
}

/// The rubric as JSON.
///
/// Defaults are written out and keys that would be empty are left out, so that two files that mean
/// the same have the same identity.
#[must_use]
pub fn to_json(rubric: &Rubric) -> Value {
    let policy = rubric.policy();
    json!({
        "id": rubric.id(),
        "version": rubric.version(),
        "model": rubric.model().word(),
        "title": text(rubric.title()),
        "policy": {
            "unannounced_share": number(&policy.unannounced_share),
            "min_coverage": number(&policy.min_coverage),
            "critical_cap": policy.critical_cap,
        },
        "levels": rubric.levels().iter().map(level).collect::<Vec<_>>(),
        "pillars": rubric.pillars().iter().map(pillar).collect::<Vec<_>>(),
    })
}

/// Reads a rubric from JSON.
///
/// # Errors
/// Every fault at once, as for a file; there are no lines.
pub fn from_json(value: &Value) -> Result<Rubric, Vec<Fault>> {
    read::rubric(&node(value))
}

fn text(text: &Text) -> Value {
    json!({ "ar": text.ar, "en": text.en })
}

fn number(number: &Exact) -> Value {
    let decimal = number.to_decimal();
    match decimal.parse::<i64>() {
        Ok(whole) => Value::from(whole),
        Err(_) => Value::from(number.approximate()),
    }
}

fn level(level: &Level) -> Value {
    let mut entry = json!({
        "id": level.id,
        "name": text(&level.name),
        "min_score": number(&level.min_score),
        "allows_critical": level.allows_critical,
    });
    if let Some(floor) = &level.pillar_floor {
        entry["pillar_floor"] = number(floor);
    }
    entry
}

fn pillar(pillar: &Pillar) -> Value {
    json!({
        "id": pillar.id,
        "name": text(&pillar.name),
        "weight": number(&pillar.weight),
        "criteria": pillar.criteria.iter().map(criterion).collect::<Vec<_>>(),
    })
}

fn criterion(criterion: &Criterion) -> Value {
    let mut entry = json!({
        "id": criterion.id,
        "name": text(&criterion.name),
        "guidance": text(&criterion.guidance),
        "weight": number(&criterion.weight),
        "scale": scale(&criterion.scale),
        "anchors": criterion.anchors.iter().map(text).collect::<Vec<_>>(),
        "visits": criterion.visits.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
        "evidence": {
            "rule": criterion.evidence.need.word(),
            "kinds": criterion.evidence.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
        },
        "basic": criterion.basic,
    });
    if let Some(effect) = criterion.critical {
        entry["critical"] = effect.word().into();
    }
    if let Some(of) = &criterion.measure {
        entry["measure"] = measure(of);
    }
    let tags = &criterion.tags;
    let mut map = Map::new();
    for (key, tag) in [("driver", &tags.driver), ("element", &tags.element), ("stage", &tags.stage)]
    {
        if let Some(tag) = tag {
            map.insert(key.into(), tag.as_str().into());
        }
    }
    if let Some(experience) = tags.experience {
        map.insert("experience".into(), experience.word().into());
    }
    entry["tags"] = Value::Object(map);
    entry
}

fn scale(scale: &Scale) -> Value {
    let kind = scale.kind();
    match scale {
        Scale::Timed { unit, full_at, zero_at } => json!({
            "kind": kind,
            "unit": unit.word(),
            "full_at": number(full_at),
            "zero_at": number(zero_at),
        }),
        Scale::Percent { target } => json!({ "kind": kind, "target": number(target) }),
        Scale::YesNo | Scale::MetPartlyNot | Scale::Level0To5 | Scale::Maturity => {
            json!({ "kind": kind })
        }
    }
}

fn measure(measure: &Measure) -> Value {
    let mut entry = json!({ "from": measure.from(), "to": measure.to() });
    if let Some(channel) = measure.channel() {
        entry["channel"] = channel.into();
    }
    entry
}

fn node(value: &Value) -> Node {
    Node::bare(match value {
        Value::Null => Content::Other,
        Value::Bool(flag) => Content::Bool(*flag),
        Value::Number(number) => Content::Number(shortest(number)),
        Value::String(text) => Content::Text(text.clone()),
        Value::Array(items) => Content::List(items.iter().map(node).collect()),
        Value::Object(map) => {
            Content::Table(map.iter().map(|(key, value)| (key.clone(), node(value))).collect())
        }
    })
}

fn shortest(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if !number.is_i64() && !number.is_u64() => float.to_string(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"id = "small"
version = "1.0.0"
model = "remote"
title = { ar = "ع", en = "Small" }
[policy]
critical_cap = "all"
[[levels]]
id = "all"
name = { ar = "ع", en = "All" }
min_score = 0
allows_critical = true
[[pillars]]
id = "A"
name = { ar = "ع", en = "A" }
weight = 100
[[pillars.criteria]]
id = "A1"
name = { ar = "ع", en = "Time" }
guidance = { ar = "ع", en = "Measure" }
weight = 100
scale = { kind = "timed", unit = "s", full_at = 20, zero_at = 120 }
visits = ["unannounced"]
evidence = { rule = "none", kinds = [] }
"#;

    /// The digest was taken before there were measures: a rubric without one keeps its identity.
    #[test]
    fn a_rubric_without_a_measure_hashes_as_it_always_did() {
        let rubric = Rubric::from_toml(SMALL).unwrap();
        assert!(!canonical(&rubric).contains("measure"));
        let before = "962091d294a6a7ae862f66b05bb2d3812533f196351a732e9ed6933fddb63f1b";
        assert_eq!(digest(&rubric).to_string(), before);
    }

    #[test]
    fn measures_survive_json() {
        for line in [
            r#"measure = { from = "ticket", to = "called" }"#,
            r#"measure = { channel = "phone", from = "dialled", to = "answered" }"#,
        ] {
            let rubric = Rubric::from_toml(&format!("{SMALL}{line}\n")).unwrap();
            let json = to_json(&rubric);
            assert!(json["pillars"][0]["criteria"][0]["measure"]["from"].is_string());
            assert_eq!(from_json(&json).unwrap(), rubric, "{line}");
        }
    }
}
