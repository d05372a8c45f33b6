//! From a problem to a plan: flow, regions, mending, timetable, and the checker's word at the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::assignment::Assignment;
use crate::check::{Violation, check};
use crate::clash::{self, Clash};
use crate::faults::{Fault, faults};
use crate::flow::{SCALE, dearest};
use crate::formats;
use crate::index::Index;
use crate::plan::{Cost, Plan, Visit};
use crate::problem::Problem;
use crate::regions;
use crate::rules::Rules;
use crate::schedule::Schedule;
use crate::seed::Commitment;

/// Draws that are made before a plan is given up.
const ATTEMPTS: usize = 4;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// The problem is none.
    #[error("the problem has {} faults", .0.len())]
    Faulty(Vec<Fault>),
    /// Its rules clash.
    #[error(transparent)]
    Clash(Box<Clash>),
}

/// Plans the visits: every rule kept, as cheap as is found, drawn from the seed.
///
/// Assignment: minimum-cost flow with dynamic slope scaling and a search over regions; then exchanges
/// until needs, regions and links hold; then a timetable by least conflicts. The same problem gives the
/// same plan. A plan that comes back has passed [`check`].
///
/// # Errors
/// [`NoPlan::Faulty`] for a problem with [`faults`]; [`NoPlan::Clash`] with rules that clash.
pub fn plan(problem: &Problem) -> Result<Plan, NoPlan> {
    let faults = faults(problem);
    if !faults.is_empty() {
        return Err(NoPlan::Faulty(faults));
    }
    solve(problem, Rules::ALL, None)
        .map_err(|failure| NoPlan::Clash(Box::new(clash::explain(problem, &failure))))
}

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The flow alone cannot keep the rules.
    Flow,
    /// The last attempt left these.
    Left(Vec<Violation>),
}

/// Who held which post, and when, in an earlier plan.
pub(crate) struct Held {
    /// By centre and post: who, unless they are away then, and when.
    posts: BTreeMap<(usize, usize), (Option<usize>, usize)>,
    /// By centre, who was to come at a time at which they are away now.
    lost: BTreeSet<(usize, usize)>,
}

pub(crate) fn solve(
    problem: &Problem,
    rules: Rules,
    before: Option<&Plan>,
) -> Result<Plan, Failure> {
    solve_within(problem, rules, before, ATTEMPTS)
}

/// The same with another number of draws.
pub(crate) fn solve_within(
    problem: &Problem,
    rules: Rules,
    before: Option<&Plan>,
    most: usize,
) -> Result<Plan, Failure> {
    let narrow = Index::new(problem, rules, false);
    let mut failure = match attempts(&narrow, before, most) {
        Ok(plan) => return Ok(plan),
        Err(failure) => failure,
    };
    if narrow.is_narrow() {
        match attempts(&Index::new(problem, rules, true), before, most) {
            Ok(plan) => return Ok(plan),
            Err(wide) => failure = wide,
        }
    }
    Err(failure)
}

fn attempts(index: &Index<'_>, before: Option<&Plan>, most: usize) -> Result<Plan, Failure> {
    let held = Held::new(index, before);
    let mut left = Vec::new();
    for number in 0..most {
        let plan = attempt(index, &held, before.is_some(), number)?;
        left = check(index.problem, &plan);
        left.retain(|violation| index.rules.has(violation.rule));
        if left.is_empty() {
            return Ok(plan);
        }
    }
    Err(Failure::Left(left))
}

fn attempt(
    index: &Index<'_>,
    held: &Held,
    is_replanned: bool,
    number: usize,
) -> Result<Plan, Failure> {
    let mut draws = index.problem.seed.draws("search", &number.to_string());
    let keep = dearest(index.problem, index) * 50 * SCALE;
    // Whoever cannot come when they were to is better replaced than moved.
    let bonus = |evaluator: usize, centre: usize| match held.was_at(evaluator, centre) {
        Some(true) => keep,
        Some(false) => -keep / 2,
        None => 0,
    };
    let flow = regions::decide(index, &bonus, &mut draws).ok_or(Failure::Flow)?;
    let mut assignment = Assignment::new(index, flow.holders(index.centres.len()), &bonus);
    assignment.mend(&mut draws);
    let kept = |centre: usize, post: usize| held.posts.get(&(centre, post)).copied();
    let mut schedule = Schedule::new(index, &assignment.holders, &kept, &mut draws);
    if schedule.fill(&mut draws) && !is_replanned {
        schedule.gather(&mut draws);
    }
    let visits = visits(index, &schedule);
    let cost = cost(index, &assignment.holders, &visits);
    let problem = index.problem;
    let commitment =
        Commitment { seed: problem.seed.commitment(), problem: formats::problem_digest(problem) };
    Ok(Plan { cycle: problem.cycle.clone(), visits, cost, commitment })
}

impl Held {
    fn new(index: &Index<'_>, before: Option<&Plan>) -> Self {
        let (mut posts, mut lost) = (BTreeMap::new(), BTreeSet::new());
        let problem = index.problem;
        let centres: BTreeMap<&str, usize> = problem
            .centres
            .iter()
            .enumerate()
            .map(|(at, centre)| (centre.id.as_str(), at))
            .collect();
        let people: BTreeMap<&str, usize> =
            problem.evaluators.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
        for visit in before.iter().flat_map(|plan| &plan.visits) {
            let centre = centres.get(visit.centre.as_str());
            let evaluator = people.get(visit.evaluator.as_str());
            let (Some(centre), Some(evaluator)) = (centre, evaluator) else { continue };
            let same =
                |post: &crate::plan::Post| post.number == visit.number && post.kind == visit.kind;
            let Some(post) = index.centres[*centre].posts.iter().position(same) else { continue };
            let away = &problem.evaluators[*evaluator].away;
            let is_lost = away.iter().any(|away| away.holds(visit.slot.week));
            if is_lost {
                lost.insert((*centre, *evaluator));
            }
            let holder = (!is_lost).then_some(*evaluator);
            posts.insert((*centre, post), (holder, index.slots.number(visit.slot)));
        }
        Self { posts, lost }
    }

    /// Whether an evaluator was to come to a centre, and can.
    fn was_at(&self, evaluator: usize, centre: usize) -> Option<bool> {
        let mut posts = self.posts.range((centre, 0)..(centre + 1, 0));
        if posts.any(|(_, (holder, _))| *holder == Some(evaluator)) {
            return Some(true);
        }
        self.lost.contains(&(centre, evaluator)).then_some(false)
    }
}

fn visits(index: &Index<'_>, schedule: &Schedule<'_>) -> Vec<Visit> {
    let mut placed = Vec::new();
    for unit in &schedule.units {
        for (post, evaluator) in &unit.held {
            placed.push((unit.centre, *post, *evaluator, unit.slot));
        }
    }
    placed.sort_unstable();
    let visit = |(centre, post, evaluator, slot): (usize, usize, usize, Option<usize>)| {
        let of = &index.centres[centre].posts[post];
        Some(Visit {
            centre: index.problem.centres[centre].id.clone(),
            number: of.number,
            evaluator: index.problem.evaluators[evaluator].id.clone(),
            kind: of.kind,
            channel: of.channel.clone(),
            slot: index.slots.slot(slot?),
            double_of: of.double_of,
        })
    };
    placed.into_iter().filter_map(visit).collect()
}

fn cost(index: &Index<'_>, holders: &[Vec<usize>], visits: &[Visit]) -> Cost {
    let mut total = 0;
    for (centre, holders) in index.centres.iter().zip(holders) {
        let held = centre.candidates.iter().filter(|pair| holders.contains(&pair.evaluator));
        total += held.map(|pair| pair.cost).sum::<i64>();
    }
    let centres = index.problem.centres.iter().map(|centre| (centre.id.as_str(), &centre.region));
    let regions: BTreeMap<&str, &String> = centres.collect();
    let homes: BTreeMap<&str, &String> =
        index.problem.evaluators.iter().map(|one| (one.id.as_str(), &one.region)).collect();
    let mut away: Vec<(&str, &str, u32)> = visits
        .iter()
        .map(|visit| (visit, regions[visit.centre.as_str()]))
        .filter(|(visit, region)| homes[visit.evaluator.as_str()] != *region)
        .map(|(visit, region)| (visit.evaluator.as_str(), region.as_str(), visit.slot.week))
        .collect();
    away.sort_unstable();
    away.dedup();
    let trips = away.len() as u32;
    away.dedup_by_key(|(evaluator, region, _)| (*evaluator, *region));
    let regions = away.len() as u32;
    let fixed = index
        .evaluators
        .iter()
        .map(|own| own.fixed.keys().filter(|region| **region != own.home).count() as i64);
    let opened = i64::from(regions) - fixed.sum::<i64>();
    total += opened * i64::from(index.problem.policy.costs.region);
    Cost { total, bound: regions::lower_bound(index), regions, trips }
}
