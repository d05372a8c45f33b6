//! Which regions each evaluator works in: a cost paid once for each, which no flow can carry.
//!
//! Dynamic slope scaling shares the cost among the visits of the round before; then single doors are
//! opened, shut and exchanged, each trial going on from the flow that stands.
//! Reference: Kim D, Pardalos PM (1999) A solution approach to the fixed charge network flow problem
//! using a dynamic slope scaling procedure, Oper Res Lett 24:195–203.

use crate::flow::{Bounds, Door, Flow, SCALE};
use crate::index::Index;
use crate::rules::Rule;
use crate::seed::Draws;

const ROUNDS: usize = 14;
/// Doors that are tried for an evaluator, the most promising first.
const TRIALS: usize = 3;

/// What is subtracted from a pair's scaled cost, so that it is kept.
pub(crate) type Bonus<'a> = &'a dyn Fn(usize, usize) -> i64;

/// A flow whose doors are decided.
pub(crate) struct Decided {
    pub(crate) flow: Flow,
    is_open: Vec<bool>,
    score: i64,
}

/// The best flow found; none when the rules of the flow alone cannot be kept.
pub(crate) fn decide(index: &Index<'_>, bonus: Bonus<'_>, draws: &mut Draws) -> Option<Flow> {
    let (through, loads) = slopes(index, bonus)?;
    let mut decided = Decided::new(index, &Bounds::around(index, &loads, true), &through, bonus);
    for _ in 0..2 {
        decided.search(index, draws);
        // The share that links follows the workload, which the search moved.
        let bounds = Bounds::around(index, &decided.flow.loads(), true);
        let next = Decided::new(index, &bounds, &decided.flow.through_doors(), bonus);
        if next.score > decided.score {
            break;
        }
        decided = next;
    }
    Some(decided.flow)
}

/// Slope scaling: the visits through each door in its best round, and the workloads.
fn slopes(index: &Index<'_>, bonus: Bonus<'_>) -> Option<(Vec<i64>, Vec<usize>)> {
    let fixed = i64::from(index.problem.policy.costs.region) * SCALE;
    let mut bounds = Bounds::wide(index);
    let mut flow = Flow::new(index, &bounds, bonus);
    let mut slope: Vec<i64> = flow.doors.iter().map(|door| fixed / guess(index, door)).collect();
    let mut best: Option<(i64, Vec<i64>, Vec<usize>)> = None;
    for round in 0..ROUNDS {
        for (door, slope) in flow.doors.iter().zip(&slope) {
            flow.network.set_cost(door.arc, if costs_nothing(door) { 0 } else { *slope });
        }
        flow.network.solve();
        if flow.network.shortfall() > 0 {
            return None;
        }
        let score = score(index, &flow);
        if best.as_ref().is_none_or(|(least, ..)| score < *least) {
            best = Some((score, flow.through_doors(), flow.loads()));
        }
        for (door, slope) in flow.doors.iter().zip(&mut slope) {
            let through = flow.through(door);
            if through > 0 {
                *slope = fixed / through;
            }
        }
        if round % 4 == 3 || round == 0 {
            bounds = Bounds::around(index, &flow.loads(), false);
            flow = Flow::new(index, &bounds, bonus);
        }
    }
    best.map(|(_, through, loads)| (through, loads))
}

/// Visits that a door may see, for the first share of its cost.
fn guess(index: &Index<'_>, door: &Door) -> i64 {
    let most = index.evaluators[door.evaluator].most / 3;
    (most.min(door.end_pair - door.first_pair)).max(1) as i64
}

fn costs_nothing(door: &Door) -> bool {
    door.is_home || door.is_fixed
}

/// What a flow really costs, with penalties for what its network cannot see.
fn score(index: &Index<'_>, flow: &Flow) -> i64 {
    let fixed = i64::from(index.problem.policy.costs.region) * SCALE;
    let used = flow.doors.iter().filter(|door| flow.through(door) > 0);
    let opened = used.clone().filter(|door| !costs_nothing(door)).count() as i64;
    let mut regions: Vec<usize> =
        index.evaluators.iter().map(|evaluator| evaluator.fixed.len()).collect();
    used.filter(|door| !door.is_fixed).for_each(|door| regions[door.evaluator] += 1);
    let most = regions_most(index);
    let excess: usize = regions.iter().map(|count| count.saturating_sub(most)).sum();
    let loads = flow.loads();
    let unlinked: usize = (0..loads.len())
        .map(|evaluator| {
            let own = &index.evaluators[evaluator];
            let most = index.plain_most(loads[evaluator] + own.fixed_all);
            (flow.plain(evaluator) + own.fixed_plain).saturating_sub(most)
        })
        .sum();
    let short = flow.network.shortfall() * 100;
    flow.pairs_cost() + fixed * opened + flow.penalty * (excess as i64 + unlinked as i64 + short)
}

fn regions_most(index: &Index<'_>) -> usize {
    if index.rules.has(Rule::Regions) {
        index.problem.policy.regions_most as usize
    } else {
        usize::MAX
    }
}

impl Decided {
    fn new(index: &Index<'_>, bounds: &Bounds, through: &[i64], bonus: Bonus<'_>) -> Self {
        let flow = Flow::new(index, bounds, bonus);
        let is_open = through.iter().map(|visits| *visits > 0).collect();
        let mut decided = Self { flow, is_open, score: 0 };
        decided.keep_largest(index, through);
        for door in 0..decided.is_open.len() {
            decided.set(door, decided.is_open[door]);
        }
        decided.flow.network.solve();
        decided.settle(index);
        decided
    }

    /// Shuts doors beyond the number of regions, those with the fewest visits first.
    fn keep_largest(&mut self, index: &Index<'_>, through: &[i64]) {
        let mut by_evaluator = vec![Vec::new(); index.evaluators.len()];
        for (number, door) in self.flow.doors.iter().enumerate() {
            if costs_nothing(door) {
                self.is_open[number] = true;
            } else if self.is_open[number] {
                by_evaluator[door.evaluator].push(number);
            }
        }
        for (evaluator, mut doors) in by_evaluator.into_iter().enumerate() {
            let room = self.room(index, evaluator);
            doors.sort_by_key(|door| std::cmp::Reverse(through[*door]));
            doors.iter().skip(room).for_each(|door| self.is_open[*door] = false);
        }
    }

    /// Doors that may be open beside home and where fixed visits lead.
    fn room(&self, index: &Index<'_>, evaluator: usize) -> usize {
        let own = &index.evaluators[evaluator];
        let kept = own.fixed.len() + usize::from(!own.fixed.contains_key(&own.home));
        regions_most(index).saturating_sub(kept)
    }

    fn set(&mut self, door: usize, is_open: bool) {
        self.is_open[door] = is_open;
        let cost = if is_open { 0 } else { self.flow.penalty };
        self.flow.network.set_cost(self.flow.doors[door].arc, cost);
    }

    /// Takes the flow as it is: its score, and doors nobody goes through shut.
    fn settle(&mut self, index: &Index<'_>) {
        self.score = self.counted(index);
        for door in 0..self.is_open.len() {
            let of = self.flow.doors[door];
            if self.is_open[door] && !costs_nothing(&of) && self.flow.through(&of) == 0 {
                self.set(door, false);
            }
        }
    }

    fn counted(&self, index: &Index<'_>) -> i64 {
        let shut = self.flow.doors.iter().zip(&self.is_open).filter(|(_, is_open)| !**is_open);
        let forced: i64 = shut.map(|(door, _)| self.flow.through(door)).sum();
        score(index, &self.flow) + forced * self.flow.penalty
    }

    /// Opens, shuts and exchanges doors while that pays and the effort lasts.
    fn search(&mut self, index: &Index<'_>, draws: &mut Draws) {
        let limit = self.flow.network.work + effort(self.flow.pairs.len());
        let mut order: Vec<usize> = (0..index.evaluators.len()).collect();
        let mut of = vec![Vec::new(); index.evaluators.len()];
        for (number, door) in self.flow.doors.iter().enumerate() {
            if !costs_nothing(door) {
                of[door.evaluator].push(number);
            }
        }
        loop {
            let before = self.score;
            draws.shuffle(&mut order);
            for evaluator in &order {
                self.improve(index, *evaluator, &of[*evaluator]);
                if self.flow.network.work > limit {
                    return;
                }
            }
            if self.score >= before {
                return;
            }
        }
    }

    fn improve(&mut self, index: &Index<'_>, evaluator: usize, doors: &[usize]) {
        let fixed = i64::from(index.problem.policy.costs.region) * SCALE;
        let used = |this: &Self| -> Vec<usize> {
            doors.iter().copied().filter(|door| this.is_open[*door]).collect()
        };
        for door in used(self) {
            self.attempt(index, &[(door, false)]);
        }
        let mut shut: Vec<(i64, usize)> = doors
            .iter()
            .filter(|door| !self.is_open[**door])
            .map(|door| (self.flow.saving_bound(&self.flow.doors[*door]), *door))
            .filter(|(saving, _)| *saving > 0)
            .collect();
        shut.sort_by_key(|(saving, door)| (-saving, *door));
        for (saving, door) in shut.into_iter().take(TRIALS) {
            let open = used(self);
            let is_room = saving > fixed && open.len() < self.room(index, evaluator);
            if is_room && self.attempt(index, &[(door, true)]) {
                continue;
            }
            for other in open {
                if self.attempt(index, &[(door, true), (other, false)]) {
                    break;
                }
            }
        }
    }

    /// Makes the changes if they pay.
    fn attempt(&mut self, index: &Index<'_>, changes: &[(usize, bool)]) -> bool {
        let position = self.flow.network.position();
        changes.iter().for_each(|(door, is_open)| self.set(*door, *is_open));
        self.flow.network.solve();
        if self.counted(index) < self.score {
            self.settle(index);
            return true;
        }
        changes.iter().for_each(|(door, is_open)| self.set(*door, !*is_open));
        self.flow.network.return_to(position);
        false
    }
}

/// Work of one search, in arcs and nodes looked at: seconds for hundreds of centres, minutes for ten
/// thousand.
fn effort(pairs: usize) -> u64 {
    500_000_000 + 25_000 * pairs as u64
}

/// No assignment costs less: every region shared among the most visits it could see.
pub(crate) fn lower_bound(index: &Index<'_>) -> Option<i64> {
    let fixed = i64::from(index.problem.policy.costs.region) * SCALE;
    let mut flow = Flow::new(index, &Bounds::wide(index), &|_, _| 0);
    for door in &flow.doors {
        let most = index.evaluators[door.evaluator].most.min(door.end_pair - door.first_pair);
        let cost = if costs_nothing(door) { 0 } else { fixed / most.max(1) as i64 };
        flow.network.set_cost(door.arc, cost);
    }
    flow.network.solve();
    let is_possible = flow.network.shortfall() == 0 && flow.beyond_plain() == 0;
    is_possible.then(|| (flow.network.total() + SCALE - 1).div_euclid(SCALE))
}
