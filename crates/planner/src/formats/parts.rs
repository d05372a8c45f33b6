//! The parts of a problem.

use chrono::NaiveDate;
use mizan_domain::rubric::Model;
use serde::{Deserialize, Serialize};

use crate::faults::Fault;
use crate::problem::{
    Centre, Costs, Evaluator, Load, Need, PastVisit, Place, Policy, Wanted, Weeks,
};

/// A date as `2026-09-06`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateJson(NaiveDate);

impl Serialize for DateJson {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DateJson {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date = text.parse().ok().filter(|date: &NaiveDate| {
            use chrono::Datelike as _;
            (1900..=2200).contains(&date.year())
        });
        date.map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no date such as 2026-09-06"))
        })
    }
}

/// A [`Policy`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyJson {
    /// The first day of week 1.
    pub first_day: DateJson,
    /// Weeks of field work.
    pub weeks: u32,
    /// Working days of a week.
    #[serde(default = "five")]
    pub days: u32,
    /// Parts of a day.
    #[serde(default = "three")]
    pub parts: u32,
    /// Days on which nothing is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<DateJson>,
    /// The first week in which a visit can still be planned.
    #[serde(default = "one")]
    pub earliest_week: u32,
    /// Weeks of the scheduled visits.
    pub scheduled_weeks: WeeksJson,
    /// Days between two visits to a centre.
    #[serde(default = "fourteen")]
    pub spacing_days: u32,
    /// Days before an evaluator may come back (M3).
    #[serde(default = "ninety")]
    pub rotation_days: u32,
    /// Visits of an evaluator in a week.
    #[serde(default = "five")]
    pub per_week: u32,
    /// Visits of an evaluator on a day.
    #[serde(default = "two")]
    pub per_day: u32,
    /// Regions of an evaluator.
    #[serde(default = "four")]
    pub regions_most: u32,
    /// Double visits of an evaluator.
    #[serde(default = "three")]
    pub doubles_most: u32,
    /// Of a hundred visits of an evaluator, those that link.
    #[serde(default = "ten")]
    pub linking_percent: u32,
    /// Whether visits to anchor centres link.
    #[serde(default)]
    pub anchors_link: bool,
    /// What travel and change cost.
    pub costs: CostsJson,
    /// The variance of a visit in the unit of severity, squared: logits.
    #[serde(default = "variance")]
    pub visit_variance: f64,
}

macro_rules! defaults {
    ($($name:ident = $value:literal),+ $(,)?) => {$(
        fn $name() -> u32 {
            $value
        }
    )+};
}

defaults!(one = 1, two = 2, three = 3, four = 4, five = 5, ten = 10, fourteen = 14, ninety = 90);

/// Visits that vary by a third of a logit: the study's 0.3 of the day and what sixty criteria leave.
fn variance() -> f64 {
    0.111
}

fn is_false(value: &bool) -> bool {
    !value
}

/// [`Costs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostsJson {
    /// For each unit of distance.
    pub distance: u32,
    /// For each region outside home.
    pub region: u32,
    /// The most that is drawn for a pair.
    pub jitter: u32,
}

/// [`Weeks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeeksJson {
    /// The first.
    pub from: u32,
    /// The last.
    pub to: u32,
}

/// Weeks in which somebody is away.
pub type AwayJson = WeeksJson;

/// A [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceJson {
    /// To the east.
    pub x: i32,
    /// To the north.
    pub y: i32,
}

/// A [`Centre`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentreJson {
    /// The centre.
    pub id: String,
    /// Its agency.
    pub agency: String,
    /// Its region.
    pub region: String,
    /// `in_person` or `remote`.
    pub model: String,
    /// Where it is.
    pub place: PlaceJson,
    /// Its visits.
    pub visits: Vec<WantedJson>,
    /// What its evaluators must be able to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<NeedJson>,
    /// Whether a second evaluator comes along once.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anchor: bool,
    /// Weeks of its scheduled visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_weeks: Option<WeeksJson>,
    /// Whether it takes no more visits than those that stand.
    #[serde(default, skip_serializing_if = "is_false")]
    pub closed: bool,
}

/// [`Wanted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedJson {
    /// The channel, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Secret visits.
    pub unannounced: u32,
    /// Visits agreed beforehand.
    pub scheduled: u32,
}

/// A [`Need`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedJson {
    /// The ability.
    pub ability: String,
    /// In so many visits; left out: in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<u32>,
}

/// An [`Evaluator`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluatorJson {
    /// The evaluator.
    pub id: String,
    /// The agency that employs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<String>,
    /// Agencies in which they have an interest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interests: Vec<String>,
    /// Agencies at which they were recognised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exposed: Vec<String>,
    /// Visits of earlier cycles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<PastVisitJson>,
    /// Centres they declined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<String>,
    /// The home region.
    pub region: String,
    /// Where they set out from.
    pub place: PlaceJson,
    /// The regions they can work in; left out: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// What they are able to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub abilities: Vec<String>,
    /// Weeks in which they are away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<AwayJson>,
    /// Bounds of their workload.
    pub load: LoadJson,
    /// What each visit costs before travel.
    #[serde(default)]
    pub visit_cost: u32,
}

/// A [`PastVisit`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastVisitJson {
    /// The centre.
    pub centre: String,
    /// The day.
    pub day: DateJson,
}

/// A [`Load`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadJson {
    /// At least.
    pub least: u32,
    /// At most.
    pub most: u32,
}

impl From<NaiveDate> for DateJson {
    fn from(date: NaiveDate) -> Self {
        Self(date)
    }
}

impl From<DateJson> for NaiveDate {
    fn from(json: DateJson) -> Self {
        json.0
    }
}

impl From<&Policy> for PolicyJson {
    fn from(policy: &Policy) -> Self {
        let Costs { distance, region, jitter } = policy.costs;
        Self {
            first_day: policy.first_day.into(),
            weeks: policy.weeks,
            days: policy.days,
            parts: policy.parts,
            closed: policy.closed.iter().map(|day| (*day).into()).collect(),
            earliest_week: policy.earliest_week,
            scheduled_weeks: policy.scheduled_weeks.into(),
            spacing_days: policy.spacing_days,
            rotation_days: policy.rotation_days,
            per_week: policy.per_week,
            per_day: policy.per_day,
            regions_most: policy.regions_most,
            doubles_most: policy.doubles_most,
            linking_percent: policy.linking_percent,
            anchors_link: policy.anchors_link,
            costs: CostsJson { distance, region, jitter },
            visit_variance: policy.visit_variance,
        }
    }
}

impl From<PolicyJson> for Policy {
    fn from(json: PolicyJson) -> Self {
        let CostsJson { distance, region, jitter } = json.costs;
        Self {
            first_day: json.first_day.into(),
            weeks: json.weeks,
            days: json.days,
            parts: json.parts,
            closed: json.closed.into_iter().map(Into::into).collect(),
            earliest_week: json.earliest_week,
            scheduled_weeks: json.scheduled_weeks.into(),
            spacing_days: json.spacing_days,
            rotation_days: json.rotation_days,
            per_week: json.per_week,
            per_day: json.per_day,
            regions_most: json.regions_most,
            doubles_most: json.doubles_most,
            linking_percent: json.linking_percent,
            anchors_link: json.anchors_link,
            costs: Costs { distance, region, jitter },
            visit_variance: json.visit_variance,
        }
    }
}

impl From<Weeks> for WeeksJson {
    fn from(Weeks { from, to }: Weeks) -> Self {
        Self { from, to }
    }
}

impl From<WeeksJson> for Weeks {
    fn from(WeeksJson { from, to }: WeeksJson) -> Self {
        Self { from, to }
    }
}

impl From<Place> for PlaceJson {
    fn from(Place { x, y }: Place) -> Self {
        Self { x, y }
    }
}

impl From<PlaceJson> for Place {
    fn from(PlaceJson { x, y }: PlaceJson) -> Self {
        Self { x, y }
    }
}

impl From<&Centre> for CentreJson {
    fn from(centre: &Centre) -> Self {
        let wanted = |of: &Wanted| WantedJson {
            channel: of.channel.clone(),
            unannounced: of.unannounced,
            scheduled: of.scheduled,
        };
        let need = |of: &Need| NeedJson { ability: of.ability.clone(), visits: of.visits };
        Self {
            id: centre.id.clone(),
            agency: centre.agency.clone(),
            region: centre.region.clone(),
            model: centre.model.word().to_owned(),
            place: centre.place.into(),
            visits: centre.visits.iter().map(wanted).collect(),
            needs: centre.needs.iter().map(need).collect(),
            anchor: centre.is_anchor,
            scheduled_weeks: centre.scheduled_weeks.map(Into::into),
            closed: centre.is_closed,
        }
    }
}

impl CentreJson {
    pub(crate) fn into_centre(self, at: &str, found: &mut Vec<Fault>) -> Option<Centre> {
        let model = Model::ALL.iter().find(|model| model.word() == self.model);
        let Some(model) = model else {
            let words: Vec<&str> = Model::ALL.iter().map(|model| model.word()).collect();
            let remedy = format!("write {}", words.join(" or "));
            found.push(Fault { place: format!("{at}.model"), value: self.model, remedy });
            return None;
        };
        let wanted = |of: WantedJson| Wanted {
            channel: of.channel,
            unannounced: of.unannounced,
            scheduled: of.scheduled,
        };
        let need = |of: NeedJson| Need { ability: of.ability, visits: of.visits };
        Some(Centre {
            id: self.id,
            agency: self.agency,
            region: self.region,
            model: *model,
            place: self.place.into(),
            visits: self.visits.into_iter().map(wanted).collect(),
            needs: self.needs.into_iter().map(need).collect(),
            is_anchor: self.anchor,
            scheduled_weeks: self.scheduled_weeks.map(Into::into),
            is_closed: self.closed,
        })
    }
}

impl From<&Evaluator> for EvaluatorJson {
    fn from(evaluator: &Evaluator) -> Self {
        let past = |of: &PastVisit| PastVisitJson { centre: of.centre.clone(), day: of.day.into() };
        let Load { least, most } = evaluator.load;
        Self {
            id: evaluator.id.clone(),
            employer: evaluator.employer.clone(),
            interests: evaluator.interests.clone(),
            exposed: evaluator.exposed.clone(),
            past: evaluator.past.iter().map(past).collect(),
            declined: evaluator.declined.clone(),
            region: evaluator.region.clone(),
            place: evaluator.place.into(),
            regions: evaluator.regions.clone(),
            abilities: evaluator.abilities.clone(),
            away: evaluator.away.iter().map(|away| (*away).into()).collect(),
            load: LoadJson { least, most },
            visit_cost: evaluator.visit_cost,
        }
    }
}

impl From<EvaluatorJson> for Evaluator {
    fn from(json: EvaluatorJson) -> Self {
        let past = |of: PastVisitJson| PastVisit { centre: of.centre, day: of.day.into() };
        Self {
            id: json.id,
            employer: json.employer,
            interests: json.interests,
            exposed: json.exposed,
            past: json.past.into_iter().map(past).collect(),
            declined: json.declined,
            region: json.region,
            place: json.place.into(),
            regions: json.regions,
            abilities: json.abilities,
            away: json.away.into_iter().map(Into::into).collect(),
            load: Load { least: json.load.least, most: json.load.most },
            visit_cost: json.visit_cost,
        }
    }
}
