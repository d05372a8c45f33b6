//! Who visits which centre, as a flow: source → evaluator → region → centre.
//!
//! Exact for workloads, numbers of visits, different evaluators, what bars a pair, the share that links
//! and one partial need of each centre. What a region costs once is left to [`crate::regions`].

use crate::index::{Index, Pair};
use crate::network::{Arc, Network};
use crate::problem::Problem;
use crate::rules::Rule;

/// Costs are multiplied by this, so that a region's cost can be shared among its visits.
pub(crate) const SCALE: i64 = 64;

/// The network of a problem.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) network: Network,
    pub(crate) doors: Vec<Door>,
    pub(crate) pairs: Vec<PairArc>,
    /// By evaluator: from the source, and the least that flows there besides.
    sources: Vec<(Arc, usize)>,
    plain: Vec<Option<PlainArcs>>,
    centre_nodes: Vec<usize>,
    pub(crate) penalty: i64,
    first_evaluator: usize,
}

/// An evaluator's way into a region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Door {
    pub(crate) evaluator: usize,
    pub(crate) arc: Arc,
    pub(crate) is_home: bool,
    /// Whether fixed visits lead there already.
    pub(crate) is_fixed: bool,
    pub(crate) first_pair: usize,
    pub(crate) end_pair: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PairArc {
    arc: Arc,
    pub(crate) evaluator: usize,
    pub(crate) centre: usize,
    target: usize,
    pub(crate) cost: i64,
}

#[derive(Debug, Clone, Copy)]
struct PlainArcs {
    within: Arc,
    beyond: Arc,
}

/// Bounds by evaluator for visits that are still open.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) least: Vec<usize>,
    pub(crate) most: Vec<usize>,
    /// Visits that do not link, at most.
    pub(crate) plain: Vec<usize>,
}

impl Bounds {
    /// The widest: nothing within the rules is cut off.
    pub(crate) fn wide(index: &Index<'_>) -> Self {
        let own = &index.evaluators;
        let plain = own.iter().map(|one| {
            index.plain_most(one.most.saturating_add(one.fixed_all)).saturating_sub(one.fixed_plain)
        });
        Self {
            least: own.iter().map(|one| one.least.min(one.most)).collect(),
            most: own.iter().map(|one| one.most).collect(),
            plain: plain.collect(),
        }
    }

    /// Workloads as given, and the visits that do not link as these workloads allow.
    pub(crate) fn around(index: &Index<'_>, loads: &[usize], is_tight: bool) -> Self {
        let mut bounds = Self::wide(index);
        for (evaluator, load) in loads.iter().enumerate() {
            let own = &index.evaluators[evaluator];
            let all = load + own.fixed_all;
            let plain = index.plain_most(all);
            bounds.plain[evaluator] = plain.saturating_sub(own.fixed_plain);
            if is_tight {
                let enough = (0..=all).find(|load| index.plain_most(*load) >= plain).unwrap_or(all);
                let least = enough.saturating_sub(own.fixed_all);
                bounds.least[evaluator] = bounds.least[evaluator].max(least);
            }
        }
        bounds
    }
}

/// The dearest thing a problem's costs can say, for penalties above everything.
pub(crate) fn dearest(problem: &Problem, index: &Index<'_>) -> i64 {
    let pairs = index.centres.iter().flat_map(|centre| &centre.candidates);
    let dearest = pairs.map(|pair| pair.cost.abs()).max().unwrap_or(0);
    dearest + i64::from(problem.policy.costs.region) + 1
}

impl Flow {
    /// The network, not yet solved. `bonus` is taken from the cost of a pair that is to be kept.
    pub(crate) fn new(
        index: &Index<'_>,
        bounds: &Bounds,
        bonus: &dyn Fn(usize, usize) -> i64,
    ) -> Self {
        let by_region = pairs_by_region(index);
        let size = index.evaluators.len();
        let doors: usize =
            by_region.iter().map(|regions| regions.iter().filter(|r| !r.is_empty()).count()).sum();
        let (first_evaluator, first_door) = (1, 1 + size);
        let first_plain = first_door + doors;
        let first_centre = first_plain + size;
        let first_rest = first_centre + index.centres.len();
        let mut flow = Self {
            network: Network::new(first_rest + index.centres.len()),
            doors: Vec::with_capacity(doors),
            pairs: Vec::new(),
            sources: Vec::new(),
            plain: vec![None; size],
            centre_nodes: (first_centre..first_rest).collect(),
            penalty: dearest(index.problem, index) * 1_000 * SCALE,
            first_evaluator,
        };
        flow.add_centres(index, first_rest);
        flow.add_evaluators(index, bounds);
        for (evaluator, regions) in by_region.into_iter().enumerate() {
            for (region, pairs) in regions.into_iter().enumerate() {
                if !pairs.is_empty() {
                    let node = first_door + flow.doors.len();
                    let plain = Some((first_plain + evaluator, bounds.plain[evaluator]));
                    flow.add_door(
                        index,
                        (evaluator, region, node),
                        plain,
                        &pairs,
                        first_rest,
                        bonus,
                    );
                }
            }
        }
        flow
    }

    fn add_centres(&mut self, index: &Index<'_>, first_rest: usize) {
        for (place, centre) in index.centres.iter().enumerate() {
            let node = self.centre_nodes[place];
            self.network.supply(node, -(centre.open as i64));
            if let Some(need) = partial_need(index, place) {
                let room = centre.open - need.posts;
                self.network.add(first_rest + place, node, room as i64, 0);
            }
        }
    }

    fn add_evaluators(&mut self, index: &Index<'_>, bounds: &Bounds) {
        let wanted: usize = index.centres.iter().map(|centre| centre.open).sum();
        let least: usize = bounds.least.iter().sum();
        self.network.supply(0, wanted as i64 - least as i64);
        for (evaluator, least) in bounds.least.iter().enumerate() {
            let node = self.first_evaluator + evaluator;
            self.network.supply(node, *least as i64);
            let room = bounds.most[evaluator].saturating_sub(*least).min(wanted);
            self.sources.push((self.network.add(0, node, room as i64, 0), *least));
        }
    }

    fn add_door(
        &mut self,
        index: &Index<'_>,
        (evaluator, region, node): (usize, usize, usize),
        plain: Option<(usize, usize)>,
        pairs: &[(usize, Pair)],
        first_rest: usize,
        bonus: &dyn Fn(usize, usize) -> i64,
    ) {
        let own = &index.evaluators[evaluator];
        let times = |centre: usize| {
            if index.rules.has(Rule::DifferentEvaluators) { 1 } else { index.centres[centre].open }
        };
        let wanted = pairs.iter().map(|(centre, _)| times(*centre)).sum::<usize>();
        let arc = self.network.add(self.first_evaluator + evaluator, node, wanted as i64, 0);
        let is_home = own.home == region;
        let plain = plain.filter(|_| is_home);
        if let Some((plain_node, most)) = plain {
            let within = self.network.add(node, plain_node, most.min(wanted) as i64, 0);
            let beyond = self.network.add(node, plain_node, wanted as i64, self.penalty);
            self.plain[evaluator] = Some(PlainArcs { within, beyond });
        }
        let first_pair = self.pairs.len();
        for (centre, pair) in pairs {
            let from = match plain {
                Some((plain_node, _)) if index.is_plain(evaluator, *centre) => plain_node,
                _ => node,
            };
            let is_rest = partial_need(index, *centre)
                .is_some_and(|need| !index.is_able(evaluator, &need.ability));
            let target = if is_rest { first_rest + centre } else { self.centre_nodes[*centre] };
            let cost = pair.cost * SCALE - bonus(evaluator, *centre);
            let arc = self.network.add(from, target, times(*centre) as i64, cost);
            self.pairs.push(PairArc { arc, evaluator, centre: *centre, target, cost });
        }
        let is_fixed = own.fixed.contains_key(&region);
        let end_pair = self.pairs.len();
        self.doors.push(Door { evaluator, arc, is_home, is_fixed, first_pair, end_pair });
    }

    /// Visits added to each evaluator.
    pub(crate) fn loads(&self) -> Vec<usize> {
        self.sources.iter().map(|(arc, least)| self.network.flow(*arc) as usize + least).collect()
    }

    pub(crate) fn through(&self, door: &Door) -> i64 {
        self.network.flow(door.arc)
    }

    pub(crate) fn through_doors(&self) -> Vec<i64> {
        self.doors.iter().map(|door| self.through(door)).collect()
    }

    /// Visits of an evaluator that do not link, of those that were added.
    pub(crate) fn plain(&self, evaluator: usize) -> usize {
        self.plain[evaluator].map_or(0, |arcs| {
            (self.network.flow(arcs.within) + self.network.flow(arcs.beyond)) as usize
        })
    }

    /// What the pairs cost, without regions.
    pub(crate) fn pairs_cost(&self) -> i64 {
        self.pairs.iter().filter(|pair| self.network.flow(pair.arc) > 0).map(|pair| pair.cost).sum()
    }

    /// At most this is saved on pairs when a door that is shut opens, by the duality of linear programs.
    pub(crate) fn saving_bound(&self, door: &Door) -> i64 {
        let here = self.network.potential(self.first_evaluator + door.evaluator);
        let pairs = &self.pairs[door.first_pair..door.end_pair];
        pairs
            .iter()
            .map(|pair| (self.network.potential(pair.target) - here - pair.cost).max(0))
            .sum()
    }

    /// The evaluators of each centre's open posts.
    pub(crate) fn holders(&self, centres: usize) -> Vec<Vec<usize>> {
        let mut holders = vec![Vec::new(); centres];
        for pair in &self.pairs {
            if self.network.flow(pair.arc) > 0 {
                holders[pair.centre].push(pair.evaluator);
            }
        }
        holders
    }

    /// Centres that starve: together they want more than can come to them.
    pub(crate) fn starved_centres(&self) -> Vec<usize> {
        let starved = self.network.starved();
        (0..self.centre_nodes.len()).filter(|place| starved[self.centre_nodes[*place]]).collect()
    }

    /// Visits that the limit of plain visits could not hold.
    pub(crate) fn beyond_plain(&self) -> i64 {
        self.plain.iter().flatten().map(|arcs| self.network.flow(arcs.beyond)).sum()
    }
}

/// The need of a centre that the flow keeps exactly: of those for some of the posts, the largest.
fn partial_need<'a>(index: &'a Index<'_>, centre: usize) -> Option<&'a crate::index::OpenNeed> {
    let at = &index.centres[centre];
    at.needs.iter().rfind(|need| need.posts < at.open)
}

/// By evaluator and region, the centres they may visit.
fn pairs_by_region(index: &Index<'_>) -> Vec<Vec<Vec<(usize, Pair)>>> {
    let mut pairs = vec![vec![Vec::new(); index.regions]; index.evaluators.len()];
    for (place, centre) in index.centres.iter().enumerate() {
        if centre.open > 0 {
            for pair in &centre.candidates {
                pairs[pair.evaluator][centre.region].push((place, *pair));
            }
        }
    }
    pairs
}
