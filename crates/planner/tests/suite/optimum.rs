//! Against every assignment there is, where they can be counted.

use mizan_planner::model::{Model, model};
use mizan_planner::{Load, Need, Problem, made};

use crate::small::{planned, problem};

/// The least cost by trying every assignment.
struct Trying<'a> {
    model: &'a Model,
    held: Vec<Vec<usize>>,
    best: i64,
}

impl Trying<'_> {
    fn centre(&mut self, centre: usize, cost: i64) {
        if cost >= self.best {
            return;
        }
        if centre == self.model.centres.len() {
            if let Some(regions) = self.regions() {
                self.best = self.best.min(cost + regions);
            }
            return;
        }
        let choices: Vec<(usize, i64)> = self
            .model
            .pairs
            .iter()
            .filter(|pair| pair.centre == centre)
            .map(|pair| (pair.evaluator, pair.cost))
            .collect();
        for set in 0u32..1 << choices.len() {
            if set.count_ones() as usize != self.model.centres[centre].visits {
                continue;
            }
            let chosen: Vec<(usize, i64)> =
                (0..choices.len()).filter(|at| set & 1 << at != 0).map(|at| choices[at]).collect();
            let able = |(least, able): &(usize, Vec<usize>)| {
                chosen.iter().filter(|(evaluator, _)| able.contains(evaluator)).count() >= *least
            };
            if self.model.centres[centre].needs.iter().all(able) {
                self.held[centre] = chosen.iter().map(|(evaluator, _)| *evaluator).collect();
                let more: i64 = chosen.iter().map(|(_, cost)| cost).sum();
                self.centre(centre + 1, cost + more);
            }
        }
    }

    /// What regions cost, if workloads and regions allow the assignment.
    fn regions(&self) -> Option<i64> {
        let mut cost = 0;
        for (number, person) in self.model.evaluators.iter().enumerate() {
            let own = self.held.iter().enumerate().filter(|(_, held)| held.contains(&number));
            let mut regions: Vec<usize> =
                own.map(|(centre, _)| self.model.centres[centre].region).collect();
            let plain = regions.iter().filter(|region| **region == person.home).count();
            if regions.len() < person.least
                || regions.len() > person.most
                || plain > regions.len() * self.model.plain_percent / 100
            {
                return None;
            }
            regions.sort_unstable();
            regions.dedup();
            if regions.len() > self.model.regions_most {
                return None;
            }
            let away = regions.iter().filter(|region| **region != person.home).count();
            cost += away as i64 * self.model.region_cost;
        }
        Some(cost)
    }
}

fn least(problem: &Problem) -> i64 {
    let model = model(problem);
    let held = vec![Vec::new(); model.centres.len()];
    let mut trying = Trying { model: &model, held, best: i64::MAX };
    trying.centre(0, 0);
    assert!(trying.best < i64::MAX, "some assignment exists");
    trying.best
}

/// Six centres with two visits each, five evaluators with narrow workloads.
fn tiny(number: u8) -> Problem {
    let mut problem = problem(6, 5, 2);
    problem.seed = mizan_planner::Seed::new([number; 32]);
    problem.policy.costs.jitter = 60;
    problem.evaluators.iter_mut().for_each(|one| one.load = Load { least: 1, most: 3 });
    problem
}

#[test]
fn without_a_cost_of_regions_the_plan_is_the_cheapest_there_is() {
    for number in 0..12 {
        let mut problem = tiny(number);
        problem.policy.costs.region = 0;
        problem.evaluators[0].abilities.push("urdu".into());
        problem.evaluators[3].abilities.push("urdu".into());
        problem.centres[2].needs.push(Need { ability: "urdu".into(), visits: Some(1) });
        let plan = planned(&problem);
        assert_eq!(plan.cost.total, least(&problem), "seed {number}");
        assert_eq!(plan.cost.bound, Some(plan.cost.total), "the flow is its own bound");
    }
}

#[test]
fn with_a_cost_of_regions_the_plan_is_seldom_far_from_the_cheapest() {
    let (mut met, mut most) = (0, 0.0_f64);
    let count = 40;
    for number in 0..count {
        let problem = tiny(number);
        let (found, best) = (planned(&problem).cost, least(&problem));
        assert!(found.bound.unwrap() <= best && best <= found.total, "seed {number}");
        met += usize::from(found.total == best);
        most = most.max(found.total as f64 / best as f64 - 1.0);
    }
    assert!(met * 10 >= usize::from(count) * 8, "{met} of {count} are the cheapest");
    assert!(most <= 0.15, "the worst is {most} above");
}

#[test]
fn the_model_for_other_solvers_bounds_the_plan_of_a_whole_programme() {
    let problem = made::problem(90, 1);
    let model = model(&problem);
    let plan = planned(&problem);
    let mut total = 0;
    for visit in &plan.visits {
        let evaluator = problem.evaluators.iter().position(|one| one.id == visit.evaluator);
        let centre = problem.centres.iter().position(|at| at.id == visit.centre);
        let is_it = |pair: &&mizan_planner::model::Pairing| {
            Some(pair.evaluator) == evaluator && Some(pair.centre) == centre
        };
        total += model.pairs.iter().find(is_it).unwrap().cost;
    }
    let regions = i64::from(plan.cost.regions) * model.region_cost;
    assert_eq!(total + regions, plan.cost.total);
}
