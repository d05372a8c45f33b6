//! Problems and plans as JSON: the only types of the crate that are serialized, with their conversions.
//!
//! `schema/problem.json` and `schema/plan.json` describe them. Figures that are no whole numbers are
//! written with six places, so that the last bit of a sum is no part of the promise.

mod parts;
mod result;

use mizan_stats::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::faults::{Fault, faults};
use crate::linking::linking;
use crate::plan::{Plan, Visit};
use crate::problem::Problem;

pub use parts::{
    AwayJson, CentreJson, CostsJson, DateJson, EvaluatorJson, LoadJson, NeedJson, PastVisitJson,
    PlaceJson, PolicyJson, WantedJson, WeeksJson,
};
pub use result::{CommitmentJson, CostJson, LinkingJson, LoadSpreadJson, PlanJson, VisitJson};

/// A [`Problem`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemJson {
    /// The cycle.
    pub cycle: String,
    /// 64 hexadecimal digits; secret until the cycle closes.
    pub seed: String,
    /// The rules' settings.
    pub policy: PolicyJson,
    /// The centres to be visited.
    pub centres: Vec<CentreJson>,
    /// Who can visit them.
    pub evaluators: Vec<EvaluatorJson>,
    /// Visits that stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<VisitJson>,
}

/// Reads a problem.
///
/// # Errors
/// Everything that is wrong with it: a text that is no such JSON, by line and column, or all faults.
pub fn read_problem(text: &str) -> Result<Problem, Vec<Fault>> {
    let json: ProblemJson = read(text, "give a problem as `schema/problem.json` describes it")?;
    let problem = json.into_problem()?;
    let found = faults(&problem);
    if found.is_empty() { Ok(problem) } else { Err(found) }
}

/// Reads the visits of a plan that was written before.
///
/// # Errors
/// Where the text is no plan.
pub fn read_plan(text: &str) -> Result<PlanJson, Vec<Fault>> {
    read(text, "give a plan as `mizan plan` prints it")
}

fn read<T: serde::de::DeserializeOwned>(text: &str, remedy: &str) -> Result<T, Vec<Fault>> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        let value = error.to_string();
        let value = value.strip_suffix(&format!(" at {place}")).unwrap_or(&value).to_owned();
        vec![Fault { place, value, remedy: remedy.to_owned() }]
    })
}

/// A plan with all that is told of it. Its bytes follow from the problem alone.
///
/// # Errors
/// [`Error`] where the linking cannot be computed.
pub fn written(problem: &Problem, plan: &Plan) -> Result<PlanJson, Error> {
    Ok(result::written(problem, plan, &linking(problem, plan)?))
}

/// The hash of a problem without its seed, published with the seed's hash.
#[must_use]
pub fn problem_digest(problem: &Problem) -> String {
    let mut json = ProblemJson::from(problem);
    json.seed.clear();
    // Structs are written in the order of their fields, so the text is always the same.
    let text = serde_json::to_string(&json).expect("strings and numbers can always be written");
    hex::encode(Sha256::digest(text))
}

impl From<&Problem> for ProblemJson {
    fn from(problem: &Problem) -> Self {
        Self {
            cycle: problem.cycle.clone(),
            seed: problem.seed.revealed(),
            policy: (&problem.policy).into(),
            centres: problem.centres.iter().map(Into::into).collect(),
            evaluators: problem.evaluators.iter().map(Into::into).collect(),
            fixed: problem.fixed.iter().map(|visit| VisitJson::new(problem, visit)).collect(),
        }
    }
}

impl ProblemJson {
    /// The problem it stands for; [`faults`] are not looked for.
    ///
    /// # Errors
    /// Words that stand for nothing, by place.
    pub fn into_problem(self) -> Result<Problem, Vec<Fault>> {
        let mut found = Vec::new();
        let seed = self.seed.parse();
        if let Err(bad) = &seed {
            // A seed is a secret: it is not repeated.
            let value = format!("{} characters", self.seed.chars().count());
            found.push(Fault {
                place: "seed".into(),
                value,
                remedy: crate::BadSeed::to_string(bad),
            });
        }
        let policy = self.policy.into();
        let mut centres = Vec::new();
        for (at, centre) in self.centres.into_iter().enumerate() {
            centres.extend(centre.into_centre(&format!("centres[{at}]"), &mut found));
        }
        let mut fixed: Vec<Visit> = Vec::new();
        for (at, visit) in self.fixed.into_iter().enumerate() {
            fixed.extend(visit.into_visit(&format!("fixed[{at}]"), &mut found));
        }
        let evaluators = self.evaluators.into_iter().map(Into::into).collect();
        match seed {
            Ok(seed) if found.is_empty() => {
                Ok(Problem { cycle: self.cycle, seed, policy, centres, evaluators, fixed })
            }
            _ => Err(found),
        }
    }
}
