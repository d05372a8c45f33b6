//! The assignment as numbers, for solvers outside: who may go where at what cost, and the bounds.
//!
//! It is what the planner minimizes, before anybody gets a date: a proved bound of this model bounds the
//! plan's cost.

use crate::index::Index;
use crate::problem::Problem;
use crate::rules::Rules;

/// The assignment of a problem without fixed visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Everybody who may be assigned, in the problem's order.
    pub evaluators: Vec<Person>,
    /// Every centre, in the problem's order.
    pub centres: Vec<Site>,
    /// Whoever may go where.
    pub pairs: Vec<Pairing>,
    /// What each region outside home costs an evaluator once.
    pub region_cost: i64,
    /// Regions of an evaluator, at most.
    pub regions_most: usize,
    /// Of a hundred visits of an evaluator, at most so many that do not link.
    pub plain_percent: usize,
}

/// An evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The home region's number.
    pub home: usize,
    /// Visits, at least.
    pub least: usize,
    /// Visits, at most.
    pub most: usize,
}

/// A centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The region's number.
    pub region: usize,
    /// Evaluators that come, all different.
    pub visits: usize,
    /// For each need, in how many visits, and who can meet it.
    pub needs: Vec<(usize, Vec<usize>)>,
}

/// An evaluator who may come to a centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairing {
    /// The evaluator's number.
    pub evaluator: usize,
    /// The centre's number.
    pub centre: usize,
    /// What the visit costs.
    pub cost: i64,
    /// Whether it links to another region.
    pub links: bool,
}

/// The assignment of a problem with every pair that the rules allow.
#[must_use]
pub fn model(problem: &Problem) -> Model {
    let index = Index::new(problem, Rules::ALL, true);
    let evaluators = index.evaluators.iter();
    let evaluators =
        evaluators.map(|own| Person { home: own.home, least: own.least, most: own.most });
    let able = |ability: &str| {
        (0..index.evaluators.len()).filter(|one| index.is_able(*one, ability)).collect::<Vec<_>>()
    };
    let centres = index.centres.iter().map(|at| Site {
        region: at.region,
        visits: at.open,
        needs: at.needs.iter().map(|need| (need.posts, able(&need.ability))).collect(),
    });
    let pairs = index.centres.iter().enumerate().flat_map(|(centre, at)| {
        let index = &index;
        at.candidates.iter().map(move |pair| Pairing {
            evaluator: pair.evaluator,
            centre,
            cost: pair.cost,
            links: !index.is_plain(pair.evaluator, centre),
        })
    });
    let policy = &problem.policy;
    Model {
        evaluators: evaluators.collect(),
        centres: centres.collect(),
        pairs: pairs.collect(),
        region_cost: i64::from(policy.costs.region),
        regions_most: policy.regions_most as usize,
        plain_percent: if index.regions < 2 { 100 } else { 100 - policy.linking_percent as usize },
    }
}
