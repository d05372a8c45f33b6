//! What `mizan plan` prints.

use std::collections::BTreeMap;

use mizan_domain::rubric::VisitKind;
use serde::{Deserialize, Serialize};

use crate::check::check;
use crate::faults::Fault;
use crate::linking::Linking;
use crate::plan::{Plan, Slot, Visit};
use crate::problem::Problem;

/// A [`Plan`] with what is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanJson {
    /// The cycle.
    pub cycle: String,
    /// What is published when the cycle opens.
    pub commitment: CommitmentJson,
    /// What it costs.
    pub cost: CostJson,
    /// How well severities will be known.
    pub linking: LinkingJson,
    /// How the work is shared.
    pub load: LoadSpreadJson,
    /// Rules the independent checker finds broken: 0.
    pub violations: usize,
    /// The visits.
    pub visits: Vec<VisitJson>,
}

/// A [`crate::Commitment`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitmentJson {
    /// SHA-256 of the seed.
    pub seed_sha256: String,
    /// SHA-256 of the problem without its seed.
    pub problem_sha256: String,
}

/// A [`crate::Cost`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostJson {
    /// All of it.
    pub total: i64,
    /// Proved: no assignment costs less.
    pub bound: Option<i64>,
    /// The cost above the bound, in hundredths of the bound.
    pub gap_percent: Option<f64>,
    /// Regions outside home, over all evaluators.
    pub regions: u32,
    /// Weeks of work outside home, over all evaluators and regions.
    pub trips: u32,
}

/// [`Linking`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkingJson {
    /// Parts that cannot be compared with each other: 1.
    pub subsets: usize,
    /// The algebraic connectivity.
    pub lambda2: f64,
    /// Predicted standard error of a difference in severity, over all pairs.
    pub mean_se: Option<f64>,
    /// The same of the worst pair.
    pub worst_se: Option<f64>,
    /// The smallest share of an evaluator's visits outside home, in hundredths.
    pub least_away_percent: f64,
}

/// How the work is shared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadSpreadJson {
    /// The fewest visits of an evaluator.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// On average.
    pub mean: f64,
}

/// A [`Visit`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitJson {
    /// The centre.
    pub centre: String,
    /// Its number at the centre.
    pub number: u32,
    /// The evaluator.
    pub evaluator: String,
    /// `unannounced` or `scheduled`.
    pub kind: String,
    /// The channel, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The date, for reading: it follows from week and day, and is not read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The week, from 1.
    pub week: u32,
    /// The day of the week, from 1.
    pub day: u32,
    /// The part of the day, from 1.
    pub part: u32,
    /// The number of the visit that this one accompanies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub double_of: Option<u32>,
}

pub(crate) fn written(problem: &Problem, plan: &Plan, linking: &Linking) -> PlanJson {
    let gap = plan
        .cost
        .bound
        .filter(|bound| *bound > 0)
        .map(|bound| places(100.0 * (plan.cost.total - bound) as f64 / bound as f64));
    PlanJson {
        cycle: plan.cycle.clone(),
        commitment: CommitmentJson {
            seed_sha256: plan.commitment.seed.clone(),
            problem_sha256: plan.commitment.problem.clone(),
        },
        cost: CostJson {
            total: plan.cost.total,
            bound: plan.cost.bound,
            gap_percent: gap,
            regions: plan.cost.regions,
            trips: plan.cost.trips,
        },
        linking: LinkingJson {
            subsets: linking.subsets.len(),
            lambda2: places(linking.lambda2),
            mean_se: linking.predicted.map(|predicted| places(predicted.mean)),
            worst_se: linking.predicted.map(|predicted| places(predicted.worst)),
            least_away_percent: places(100.0 * linking.least_away),
        },
        load: load(problem, plan),
        violations: check(problem, plan).len(),
        visits: plan.visits.iter().map(|visit| VisitJson::new(problem, visit)).collect(),
    }
}

fn load(problem: &Problem, plan: &Plan) -> LoadSpreadJson {
    let mut loads: BTreeMap<&str, usize> =
        problem.evaluators.iter().map(|evaluator| (evaluator.id.as_str(), 0)).collect();
    plan.visits.iter().for_each(|visit| *loads.entry(visit.evaluator.as_str()).or_default() += 1);
    LoadSpreadJson {
        least: loads.values().copied().min().unwrap_or(0),
        most: loads.values().copied().max().unwrap_or(0),
        mean: places(plan.visits.len() as f64 / loads.len().max(1) as f64),
    }
}

/// Six places are promised, not every bit.
fn places(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

impl VisitJson {
    pub(crate) fn new(problem: &Problem, visit: &Visit) -> Self {
        Self {
            centre: visit.centre.clone(),
            number: visit.number,
            evaluator: visit.evaluator.clone(),
            kind: visit.kind.word().to_owned(),
            channel: visit.channel.clone(),
            date: Some(problem.policy.date(visit.slot).to_string()),
            week: visit.slot.week,
            day: visit.slot.day,
            part: visit.slot.part,
            double_of: visit.double_of,
        }
    }

    pub(crate) fn into_visit(self, at: &str, found: &mut Vec<Fault>) -> Option<Visit> {
        let Some(kind) = VisitKind::ALL.iter().find(|kind| kind.word() == self.kind) else {
            let words: Vec<&str> = VisitKind::ALL.iter().map(|kind| kind.word()).collect();
            let remedy = format!("write {}", words.join(" or "));
            found.push(Fault { place: format!("{at}.kind"), value: self.kind, remedy });
            return None;
        };
        Some(Visit {
            centre: self.centre,
            number: self.number,
            evaluator: self.evaluator,
            kind: *kind,
            channel: self.channel,
            slot: Slot { week: self.week, day: self.day, part: self.part },
            double_of: self.double_of,
        })
    }
}
