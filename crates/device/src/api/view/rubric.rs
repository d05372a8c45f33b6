//! A rubric as its canonical JSON has it. The text itself is what is answered, because its digest is the
//! rubric's identity; these types describe it.

use mizan_protocol::record::TextJson;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rubric.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RubricView {
    id: String,
    version: String,
    /// `in_person` or `remote`.
    model: String,
    title: TextJson,
    policy: PolicyView,
    levels: Vec<LevelView>,
    pillars: Vec<PillarView>,
}

/// The rules of its programme.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyView {
    unannounced_share: f64,
    min_coverage: f64,
    critical_cap: String,
}

/// A level a centre can reach.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LevelView {
    id: String,
    name: TextJson,
    min_score: f64,
    allows_critical: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pillar_floor: Option<f64>,
}

/// A pillar.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PillarView {
    id: String,
    name: TextJson,
    weight: f64,
    criteria: Vec<CriterionView>,
}

/// A criterion.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CriterionView {
    id: String,
    name: TextJson,
    /// What to look at and how to judge it.
    guidance: TextJson,
    weight: f64,
    scale: ScaleView,
    /// What each step of the scale means, best first where it has words; empty where it needs none.
    anchors: Vec<TextJson>,
    /// The kinds of visit it is judged on.
    visits: Vec<String>,
    evidence: EvidenceRuleView,
    basic: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    critical: Option<CriticalView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measure: Option<MeasureView>,
    tags: TagsView,
}

/// Which times tell a criterion: moments of the visit, or of contacts on a channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasureView {
    from: String,
    to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
}

/// How a criterion is answered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleView {
    kind: ScaleKindView,
    /// Of `timed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<UnitView>,
    /// Of `timed`: full mark at or under this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    full_at: Option<f64>,
    /// Of `timed`: zero at or over this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zero_at: Option<f64>,
    /// Of `percent`: the rate that earns the full mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<f64>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScaleKindView {
    YesNo,
    MetPartlyNot,
    #[serde(rename = "level_0_5")]
    Level0To5,
    Timed,
    Percent,
    Maturity,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnitView {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "min")]
    Minutes,
    #[serde(rename = "h")]
    Hours,
    #[serde(rename = "working_h")]
    WorkingHours,
}

/// What a criterion says of evidence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceRuleView {
    rule: EvidenceNeedView,
    /// The kinds that are accepted.
    kinds: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EvidenceNeedView {
    None,
    Optional,
    Required,
}

/// What a hit on a critical criterion does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CriticalView {
    Cap,
    Fail,
}

/// Where a criterion belongs in other views of the same service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagsView {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    driver: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    element: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
}

#[cfg(test)]
mod tests {
    use mizan_domain::rubric::Rubric;
    use mizan_protocol::canonical::canonical_json;
    use mizan_protocol::rubric;

    use super::RubricView;

    #[test]
    fn the_description_is_of_the_very_text_that_is_answered() {
        let shipped = [
            include_str!("../../../../../rubrics/in-person.toml"),
            include_str!("../../../../../rubrics/remote.toml"),
        ];
        for toml in shipped {
            let rubric = Rubric::from_toml(toml).unwrap_or_else(|faults| panic!("{}", faults[0]));
            let text = rubric::canonical(&rubric);
            let view: RubricView = serde_json::from_str(&text).unwrap();
            assert_eq!(canonical_json(&view).unwrap(), text, "{}", rubric.id());
        }
    }
}
