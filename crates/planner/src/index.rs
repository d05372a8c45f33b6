//! The problem in numbers: places in lists instead of ids, who may go where, and what it costs.

use std::collections::BTreeMap;

use mizan_domain::assignment::{AssignmentRefusal, Candidate, Past, Rotation, Task, refusals};
use mizan_domain::rubric::VisitKind;

use crate::plan::{Post, Slot, posts};
use crate::problem::{Evaluator, Problem};
use crate::rules::{Rule, Rules};

/// Evaluators that are looked at for a centre: all of them up to this number.
const ALL_UP_TO: usize = 240;
/// Beyond it so many of the cheapest,
const NEAR: usize = 48;
/// so many of the cheapest from other regions,
const FAR: usize = 16;
/// and so many of the cheapest with each ability that is needed.
const ABLE: usize = 24;

/// A problem in numbers.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) rules: Rules,
    pub(crate) centres: Vec<CentreIndex>,
    pub(crate) evaluators: Vec<EvaluatorIndex>,
    pub(crate) regions: usize,
    pub(crate) slots: Slots,
    is_wide: bool,
}

#[derive(Debug)]
pub(crate) struct CentreIndex {
    pub(crate) region: usize,
    pub(crate) posts: Vec<Post>,
    /// By the place of a post: who holds it and when.
    pub(crate) fixed: Vec<Option<(usize, Slot)>>,
    /// Posts that are open.
    pub(crate) open: usize,
    /// Abilities with the number of open posts that need them, fewer than all first.
    pub(crate) needs: Vec<OpenNeed>,
    pub(crate) candidates: Vec<Pair>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenNeed {
    pub(crate) ability: String,
    pub(crate) posts: usize,
}

/// An evaluator who may come to a centre, and at what cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) evaluator: usize,
    pub(crate) cost: i64,
}

#[derive(Debug)]
pub(crate) struct EvaluatorIndex {
    pub(crate) home: usize,
    /// Visits that can still be added.
    pub(crate) least: usize,
    pub(crate) most: usize,
    /// Fixed visits by region.
    pub(crate) fixed: BTreeMap<usize, usize>,
    /// Of the fixed visits, those that do not link.
    pub(crate) fixed_plain: usize,
    pub(crate) fixed_all: usize,
}

/// The slots of a cycle in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slots {
    pub(crate) weeks: usize,
    pub(crate) days: usize,
    pub(crate) parts: usize,
}

impl Slots {
    pub(crate) fn count(self) -> usize {
        self.weeks * self.days * self.parts
    }

    pub(crate) fn number(self, slot: Slot) -> usize {
        let (week, day, part) =
            (slot.week as usize - 1, slot.day as usize - 1, slot.part as usize - 1);
        (week * self.days + day) * self.parts + part
    }

    pub(crate) fn slot(self, number: usize) -> Slot {
        let (day, part) = (number / self.parts, number % self.parts);
        Slot {
            week: (day / self.days) as u32 + 1,
            day: (day % self.days) as u32 + 1,
            part: part as u32 + 1,
        }
    }

    /// Days from the cycle's first day.
    pub(crate) fn day(self, number: usize) -> i64 {
        let day = number / self.parts;
        (day / self.days * 7 + day % self.days) as i64
    }
}

/// Ids as numbers, in the order in which they are first met.
#[derive(Default)]
struct Names<'a>(BTreeMap<&'a str, usize>);

impl<'a> Names<'a> {
    fn number(&mut self, name: &'a str) -> usize {
        let next = self.0.len();
        *self.0.entry(name).or_insert(next)
    }
}

impl<'a> Index<'a> {
    pub(crate) fn new(problem: &'a Problem, rules: Rules, is_wide: bool) -> Self {
        let mut regions = Names::default();
        let centres: Vec<usize> =
            problem.centres.iter().map(|centre| regions.number(&centre.region)).collect();
        let homes: Vec<usize> =
            problem.evaluators.iter().map(|evaluator| regions.number(&evaluator.region)).collect();
        let policy = &problem.policy;
        let slots = Slots {
            weeks: policy.weeks as usize,
            days: policy.days as usize,
            parts: policy.parts as usize,
        };
        let mut index = Self {
            problem,
            rules,
            centres: centres
                .iter()
                .enumerate()
                .map(|(at, region)| centre(problem, at, *region))
                .collect(),
            evaluators: Vec::new(),
            regions: regions.0.len(),
            slots,
            is_wide,
        };
        index.evaluators = homes.iter().map(|home| evaluator(*home)).collect();
        index.take_fixed();
        index.bound_loads();
        index.find_needs();
        index.find_candidates();
        index
    }

    /// Whether only some of the evaluators are looked at for each centre.
    pub(crate) fn is_narrow(&self) -> bool {
        !self.is_wide && self.evaluators.len() > ALL_UP_TO
    }

    pub(crate) fn anchor(&self, centre: usize) -> bool {
        self.problem.centres[centre].is_anchor
    }

    /// Whether a visit of this evaluator to this centre is one that does not link.
    pub(crate) fn is_plain(&self, evaluator: usize, centre: usize) -> bool {
        self.centres[centre].region == self.evaluators[evaluator].home
            && !(self.problem.policy.anchors_link && self.anchor(centre))
    }

    /// Visits that do not link, at most, of so many.
    pub(crate) fn plain_most(&self, load: usize) -> usize {
        if !self.rules.has(Rule::Linking) || self.regions < 2 {
            return load;
        }
        load * (100 - self.problem.policy.linking_percent.min(100) as usize) / 100
    }

    pub(crate) fn is_able(&self, evaluator: usize, ability: &str) -> bool {
        self.problem.evaluators[evaluator].abilities.iter().any(|own| own == ability)
    }

    fn take_fixed(&mut self) {
        let places: BTreeMap<&str, usize> =
            by_id(self.problem.centres.iter().map(|centre| &centre.id));
        let people: BTreeMap<&str, usize> =
            by_id(self.problem.evaluators.iter().map(|one| &one.id));
        for visit in &self.problem.fixed {
            let (Some(centre), Some(evaluator)) =
                (places.get(visit.centre.as_str()), people.get(visit.evaluator.as_str()))
            else {
                continue;
            };
            let is_plain = self.is_plain(*evaluator, *centre);
            let at = &mut self.centres[*centre];
            let Some(post) = at.posts.iter().position(|post| post.number == visit.number) else {
                continue;
            };
            at.fixed[post] = Some((*evaluator, visit.slot));
            at.open -= 1;
            let region = at.region;
            let own = &mut self.evaluators[*evaluator];
            *own.fixed.entry(region).or_default() += 1;
            own.fixed_plain += usize::from(is_plain);
            own.fixed_all += 1;
        }
        for (at, centre) in self.centres.iter_mut().zip(&self.problem.centres) {
            if centre.is_closed {
                let fixed = at.fixed.clone();
                let mut stands = fixed.iter().map(Option::is_some);
                at.posts.retain(|_| stands.next().unwrap_or(false));
                at.fixed.retain(Option::is_some);
                at.open = 0;
            }
        }
    }

    /// A workload is also bounded by the weeks in which somebody is there.
    fn bound_loads(&mut self) {
        let policy = &self.problem.policy;
        let all: usize = self.centres.iter().map(|centre| centre.posts.len()).sum();
        for (own, evaluator) in self.evaluators.iter_mut().zip(&self.problem.evaluators) {
            let there = (policy.earliest_week..=policy.weeks)
                .filter(|week| !evaluator.away.iter().any(|away| away.holds(*week)))
                .count();
            let room = if self.rules.has(Rule::Availability) {
                there * policy.per_week as usize
            } else {
                all
            };
            let least =
                if self.rules.has(Rule::LoadLeast) { evaluator.load.least as usize } else { 0 };
            let most =
                if self.rules.has(Rule::LoadMost) { evaluator.load.most as usize } else { all };
            own.least = least.saturating_sub(own.fixed_all);
            own.most = most.min(all).saturating_sub(own.fixed_all).min(room);
        }
    }

    fn find_needs(&mut self) {
        if !self.rules.has(Rule::Need) {
            return;
        }
        for place in 0..self.centres.len() {
            let centre = &self.problem.centres[place];
            let holders: Vec<usize> = self.centres[place]
                .fixed
                .iter()
                .flatten()
                .map(|(evaluator, _)| *evaluator)
                .collect();
            let mut needs = Vec::new();
            for need in &centre.needs {
                let met =
                    holders.iter().filter(|holder| self.is_able(**holder, &need.ability)).count();
                let open = self.centres[place].open;
                // Whoever was sent without the ability cannot be made up for beyond the open posts.
                let posts = (need.of(centre.visit_count()) as usize).saturating_sub(met).min(open);
                needs.push(OpenNeed { ability: need.ability.clone(), posts });
            }
            needs.retain(|need| need.posts > 0);
            needs.sort_by_key(|need| need.posts);
            self.centres[place].needs = needs;
        }
    }

    fn find_candidates(&mut self) {
        let bars = Bars::new(self.problem);
        let size = self.problem.evaluators.len();
        for place in 0..self.centres.len() {
            let mut draws = self.problem.seed.draws("jitter", &self.problem.centres[place].id);
            let mut pairs: Vec<Pair> = (0..size)
                .map(|evaluator| Pair {
                    evaluator,
                    cost: self.pair_cost(evaluator, place, draws.bits()),
                })
                .filter(|pair| {
                    let at = &self.centres[place];
                    at.fixed.iter().flatten().all(|(holder, _)| *holder != pair.evaluator)
                        && self.is_able_for_all(pair.evaluator, at)
                        && bars.of(self.problem, pair.evaluator, place, self.rules).is_empty()
                })
                .collect();
            if self.is_narrow() {
                pairs = self.cheapest(place, pairs);
            }
            self.centres[place].candidates = pairs;
        }
    }

    fn is_able_for_all(&self, evaluator: usize, at: &CentreIndex) -> bool {
        at.needs
            .iter()
            .filter(|need| need.posts == at.open)
            .all(|need| self.is_able(evaluator, &need.ability))
    }

    fn cheapest(&self, place: usize, mut pairs: Vec<Pair>) -> Vec<Pair> {
        pairs.sort_by_key(|pair| (pair.cost, pair.evaluator));
        let at = &self.centres[place];
        let mut kept: Vec<Pair> = pairs.iter().take(NEAR).copied().collect();
        let far = |pair: &&Pair| self.evaluators[pair.evaluator].home != at.region;
        kept.extend(pairs.iter().skip(NEAR).filter(far).take(FAR));
        for need in &at.needs {
            let able = |pair: &&Pair| self.is_able(pair.evaluator, &need.ability);
            kept.extend(pairs.iter().filter(able).take(ABLE));
        }
        kept.sort_by_key(|pair| pair.evaluator);
        kept.dedup();
        kept
    }

    fn pair_cost(&self, evaluator: usize, centre: usize, bits: u64) -> i64 {
        let costs = &self.problem.policy.costs;
        let (one, other) = (&self.problem.evaluators[evaluator], &self.problem.centres[centre]);
        let (x, y) = (
            i64::from(one.place.x) - i64::from(other.place.x),
            i64::from(one.place.y) - i64::from(other.place.y),
        );
        let distance = (x * x + y * y).isqrt();
        let jitter = (u128::from(bits) * (u128::from(costs.jitter) + 1)) >> 64;
        i64::from(one.visit_cost) + i64::from(costs.distance) * distance + jitter as i64
    }
}

fn by_id<'a>(ids: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    ids.enumerate().map(|(place, id)| (id.as_str(), place)).collect()
}

fn centre(problem: &Problem, place: usize, region: usize) -> CentreIndex {
    let posts = posts(&problem.centres[place]);
    CentreIndex {
        region,
        open: posts.len(),
        fixed: vec![None; posts.len()],
        posts,
        needs: Vec::new(),
        candidates: Vec::new(),
    }
}

fn evaluator(home: usize) -> EvaluatorIndex {
    EvaluatorIndex { home, least: 0, most: 0, fixed: BTreeMap::new(), fixed_plain: 0, fixed_all: 0 }
}

/// What bars evaluators from centres: rules M2 to M5 as the domain has them, and what a plan adds.
pub(crate) struct Bars {
    tasks: Vec<Task<u32>>,
    candidates: Vec<Candidate<u32>>,
    rotation: Rotation,
}

/// Stands for any centre or cycle but those of the plan.
const ELSEWHERE: u32 = u32::MAX;
const EARLIER: u32 = 0;
const THIS_CYCLE: u32 = 1;

impl Bars {
    pub(crate) fn new(problem: &Problem) -> Self {
        let mut agencies = Names::default();
        let places: BTreeMap<&str, usize> = by_id(problem.centres.iter().map(|centre| &centre.id));
        let from =
            problem.policy.date(Slot { week: problem.policy.earliest_week, day: 1, part: 1 });
        let tasks = problem.centres.iter().enumerate().map(|(place, centre)| Task {
            centre: place as u32,
            agency: agencies.number(&centre.agency) as u32,
            cycle: THIS_CYCLE,
            from,
        });
        let tasks: Vec<Task<u32>> = tasks.collect();
        let candidates = problem.evaluators.iter().map(|evaluator| {
            let mut visits = Vec::new();
            for past in &evaluator.past {
                let Some(place) = places.get(past.centre.as_str()) else { continue };
                let task = &tasks[*place];
                visits.push(Past {
                    centre: task.centre,
                    agency: task.agency,
                    cycle: EARLIER,
                    day: past.day,
                    exposed: false,
                });
            }
            for agency in &evaluator.exposed {
                visits.push(Past {
                    centre: ELSEWHERE,
                    agency: agencies.number(agency) as u32,
                    cycle: EARLIER,
                    day: from,
                    exposed: true,
                });
            }
            Candidate {
                employer: evaluator
                    .employer
                    .as_deref()
                    .map(|agency| agencies.number(agency) as u32),
                interests: evaluator
                    .interests
                    .iter()
                    .map(|agency| agencies.number(agency) as u32)
                    .collect(),
                visits,
            }
        });
        let candidates = candidates.collect();
        let rotation =
            Rotation { centre_days: problem.policy.rotation_days, twice_in_cycle: false };
        Self { tasks, candidates, rotation }
    }

    /// The rules that keep an evaluator from a centre.
    pub(crate) fn of(
        &self,
        problem: &Problem,
        evaluator: usize,
        centre: usize,
        rules: Rules,
    ) -> Vec<Rule> {
        let found = refusals(&self.tasks[centre], &self.candidates[evaluator], self.rotation);
        let mut barred: Vec<Rule> = found.iter().map(rule_of).collect();
        let (one, other) = (&problem.evaluators[evaluator], &problem.centres[centre]);
        if one.declined.contains(&other.id) {
            barred.push(Rule::Declined);
        }
        if !is_in_regions(one, &other.region) {
            barred.push(Rule::Regions);
        }
        barred.retain(|rule| rules.has(*rule));
        barred
    }
}

fn is_in_regions(evaluator: &Evaluator, region: &str) -> bool {
    evaluator.regions.is_empty() || evaluator.regions.iter().any(|own| own == region)
}

fn rule_of(refusal: &AssignmentRefusal) -> Rule {
    match refusal {
        AssignmentRefusal::Exposed => Rule::Exposed,
        AssignmentRefusal::Rotation { .. } => Rule::Rotation,
        AssignmentRefusal::SameCycle => Rule::DifferentEvaluators,
        AssignmentRefusal::Interest => Rule::Interest,
        AssignmentRefusal::OwnAgency => Rule::OwnAgency,
    }
}

/// Whether a post can be given a date in this week.
pub(crate) fn is_week_of(index: &Index<'_>, centre: usize, kind: VisitKind, week: u32) -> bool {
    let policy = &index.problem.policy;
    let own = index.problem.centres[centre].scheduled_weeks.unwrap_or(policy.scheduled_weeks);
    week >= policy.earliest_week
        && match kind {
            VisitKind::Unannounced => true,
            VisitKind::Scheduled => !index.rules.has(Rule::ScheduledWeeks) || own.holds(week),
        }
}
