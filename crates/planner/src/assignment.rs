//! Who visits which centre: the flow's answer, mended where rules lie outside it.
//!
//! Needs of several abilities, the number of regions and the connection of the design are no matter of
//! flows; visits are handed over and exchanged until these hold too.

use crate::flow::SCALE;
use crate::index::Index;
use crate::regions::Bonus;
use crate::rules::Rule;
use crate::seed::Draws;

/// Attempts for each thing that is out of order.
const PATIENCE: usize = 200;
/// Exchanges that are looked at to connect two parts.
const LOOKED_AT: usize = 20_000;

/// The evaluators of each centre's open posts.
pub(crate) struct Assignment<'a> {
    index: &'a Index<'a>,
    pub(crate) holders: Vec<Vec<usize>>,
    /// By evaluator, the centres of their open posts.
    visits: Vec<Vec<usize>>,
    /// By centre, what each candidate costs, in the order of evaluators.
    costs: Vec<Vec<(usize, i64)>>,
}

/// A visit handed over, or two exchanged.
#[derive(Debug, Clone, Copy)]
struct Move {
    centre: usize,
    from: usize,
    to: usize,
    back: Option<usize>,
}

impl<'a> Assignment<'a> {
    pub(crate) fn new(index: &'a Index<'a>, holders: Vec<Vec<usize>>, bonus: Bonus<'a>) -> Self {
        let mut visits = vec![Vec::new(); index.evaluators.len()];
        for (centre, holders) in holders.iter().enumerate() {
            holders.iter().for_each(|holder| visits[*holder].push(centre));
        }
        let cost =
            |centre: usize, evaluator, cost| (evaluator, cost * SCALE - bonus(evaluator, centre));
        let costs = index.centres.iter().enumerate().map(|(place, centre)| {
            centre.candidates.iter().map(|pair| cost(place, pair.evaluator, pair.cost)).collect()
        });
        let costs = costs.collect();
        Self { index, holders, visits, costs }
    }

    /// Puts in order what the flow left out of order, as far as it can.
    pub(crate) fn mend(&mut self, draws: &mut Draws) {
        let mut attempts = 0;
        loop {
            let wrong = self.out_of_order();
            if wrong.is_empty() || attempts > PATIENCE * (wrong.len() + 5) {
                break;
            }
            attempts += 1;
            let (centre, evaluator) = wrong[draws.below(wrong.len())];
            let moves = self.moves_at(centre, evaluator);
            let Some((_, best)) = self.best(&moves, draws) else { continue };
            self.make(best);
        }
        self.connect(draws);
    }

    fn fixed_holders(&self, centre: usize) -> impl Iterator<Item = usize> + '_ {
        self.index.centres[centre].fixed.iter().flatten().map(|(holder, _)| *holder)
    }

    fn cost(&self, centre: usize, evaluator: usize) -> Option<i64> {
        let costs = &self.costs[centre];
        let place = costs.binary_search_by_key(&evaluator, |(own, _)| *own).ok()?;
        Some(costs[place].1)
    }

    fn regions_of(&self, evaluator: usize) -> Vec<usize> {
        let mut regions: Vec<usize> = self.visits[evaluator]
            .iter()
            .map(|centre| self.index.centres[*centre].region)
            .collect();
        regions.extend(self.index.evaluators[evaluator].fixed.keys());
        regions.sort_unstable();
        regions.dedup();
        regions
    }

    /// How far an evaluator is from keeping the rules.
    fn burden(&self, evaluator: usize) -> usize {
        let own = &self.index.evaluators[evaluator];
        let load = self.visits[evaluator].len();
        let regions = if self.index.rules.has(Rule::Regions) {
            let most = self.index.problem.policy.regions_most as usize;
            self.regions_of(evaluator).len().saturating_sub(most)
        } else {
            0
        };
        let plain =
            self.visits[evaluator].iter().filter(|c| self.index.is_plain(evaluator, **c)).count();
        let most_plain = self.index.plain_most(load + own.fixed_all);
        regions
            + (plain + own.fixed_plain).saturating_sub(most_plain)
            + load.saturating_sub(own.most)
            + own.least.saturating_sub(load)
    }

    /// How many visits of a centre lack an ability.
    fn lack(&self, centre: usize) -> usize {
        let needs = self.index.centres[centre].needs.iter();
        let lacks = needs.map(|need| {
            let able = |holder: &&usize| self.index.is_able(**holder, &need.ability);
            need.posts.saturating_sub(self.holders[centre].iter().filter(able).count())
        });
        lacks.sum()
    }

    /// Visits of centres or evaluators that do not keep the rules.
    fn out_of_order(&self) -> Vec<(usize, usize)> {
        let mut wrong = Vec::new();
        for centre in 0..self.holders.len() {
            if self.lack(centre) > 0 {
                wrong.extend(self.holders[centre].iter().map(|holder| (centre, *holder)));
            }
        }
        for evaluator in 0..self.visits.len() {
            if self.burden(evaluator) > 0 {
                wrong.extend(self.visits[evaluator].iter().map(|centre| (*centre, evaluator)));
            }
        }
        wrong
    }

    fn moves_at(&self, centre: usize, from: usize) -> Vec<Move> {
        let mut moves = Vec::new();
        for (to, _) in &self.costs[centre] {
            if self.holders[centre].contains(to) {
                continue;
            }
            moves.push(Move { centre, from, to: *to, back: None });
            for back in &self.visits[*to] {
                let fits = self.cost(*back, from).is_some() && !self.holders[*back].contains(&from);
                if *back != centre && fits {
                    moves.push(Move { centre, from, to: *to, back: Some(*back) });
                }
            }
        }
        moves
    }

    /// What is out of order around a move.
    fn around(&self, of: Move) -> usize {
        let back = of.back.map_or(0, |back| self.lack(back));
        self.burden(of.from) + self.burden(of.to) + self.lack(of.centre) + back
    }

    /// What a move changes in the cost of pairs.
    fn price(&self, of: Move) -> i64 {
        let change = |centre, from, to| {
            self.cost(centre, to).unwrap_or(0) - self.cost(centre, from).unwrap_or(0)
        };
        change(of.centre, of.from, of.to) + of.back.map_or(0, |back| change(back, of.to, of.from))
    }

    /// What the regions of the two evaluators of a move cost.
    fn regions_price(&self, of: Move) -> i64 {
        let regions = self.regions_of(of.from).len() + self.regions_of(of.to).len();
        regions as i64 * i64::from(self.index.problem.policy.costs.region) * SCALE
    }

    /// The move after which least is out of order, if it is no more than now; then the cheapest.
    fn best(&mut self, moves: &[Move], draws: &mut Draws) -> Option<(i64, Move)> {
        let mut best: Option<(i64, i64, u64, Move)> = None;
        for of in moves {
            let before = self.around(*of) as i64;
            self.make(*of);
            let change = self.around(*of) as i64 - before;
            let regions = self.regions_price(*of);
            self.unmake(*of);
            if change > 0 {
                continue;
            }
            let key = (change, self.price(*of) + regions, draws.bits());
            if best.is_none_or(|(c, p, b, _)| key < (c, p, b)) {
                best = Some((key.0, key.1, key.2, *of));
            }
        }
        best.map(|(change, _, _, of)| (change, of))
    }

    fn make(&mut self, of: Move) {
        self.hand_over(of.centre, of.from, of.to);
        if let Some(back) = of.back {
            self.hand_over(back, of.to, of.from);
        }
    }

    fn unmake(&mut self, of: Move) {
        self.hand_over(of.centre, of.to, of.from);
        if let Some(back) = of.back {
            self.hand_over(back, of.from, of.to);
        }
    }

    fn hand_over(&mut self, centre: usize, from: usize, to: usize) {
        if let Some(place) = self.holders[centre].iter().position(|holder| *holder == from) {
            self.holders[centre][place] = to;
        }
        if let Some(place) = self.visits[from].iter().position(|own| *own == centre) {
            self.visits[from].swap_remove(place);
        }
        self.visits[to].push(centre);
    }

    /// For each evaluator the part of the design they belong to.
    fn parts(&self) -> Vec<usize> {
        let mut part: Vec<usize> = (0..self.visits.len()).collect();
        fn top(part: &mut [usize], mut of: usize) -> usize {
            while part[of] != of {
                part[of] = part[part[of]];
                of = part[of];
            }
            of
        }
        for centre in 0..self.holders.len() {
            let mut all = self.fixed_holders(centre).chain(self.holders[centre].iter().copied());
            let Some(first) = all.next() else { continue };
            for other in all.collect::<Vec<_>>() {
                let (one, other) = (top(&mut part, first), top(&mut part, other));
                part[one.max(other)] = one.min(other);
            }
        }
        (0..part.len()).map(|evaluator| top(&mut part, evaluator)).collect()
    }

    /// Evaluators with visits fall into so many parts.
    fn part_count(&self) -> usize {
        let parts = self.parts();
        let busy = (0..parts.len()).filter(|evaluator| {
            !self.visits[*evaluator].is_empty() || self.index.evaluators[*evaluator].fixed_all > 0
        });
        let mut tops: Vec<usize> = busy.map(|evaluator| parts[evaluator]).collect();
        tops.sort_unstable();
        tops.dedup();
        tops.len()
    }

    /// Exchanges visits until the design is one.
    fn connect(&mut self, draws: &mut Draws) {
        let policy = &self.index.problem.policy;
        if !self.index.rules.has(Rule::Connected) || policy.linking_percent == 0 {
            return;
        }
        let mut count = self.part_count();
        while count > 1 {
            let Some(of) = self.joining(count, draws) else { return };
            self.make(of);
            count = self.part_count();
        }
    }

    /// The cheapest exchange between two parts that leaves fewer of them.
    fn joining(&mut self, count: usize, draws: &mut Draws) -> Option<Move> {
        let parts = self.parts();
        let mut across = Vec::new();
        let mut centres: Vec<usize> = (0..self.holders.len()).collect();
        draws.shuffle(&mut centres);
        'all: for centre in centres {
            for from in &self.holders[centre] {
                for of in self.moves_at(centre, *from) {
                    if parts[of.from] != parts[of.to] {
                        across.push(of);
                        if across.len() >= LOOKED_AT {
                            break 'all;
                        }
                    }
                }
            }
        }
        let mut priced: Vec<(i64, usize)> =
            across.iter().enumerate().map(|(place, of)| (self.price(*of), place)).collect();
        priced.sort_unstable();
        for (_, place) in priced {
            let of = across[place];
            let before = self.around(of);
            self.make(of);
            let fits = self.around(of) <= before && self.part_count() < count;
            self.unmake(of);
            if fits {
                return Some(of);
            }
        }
        None
    }
}
