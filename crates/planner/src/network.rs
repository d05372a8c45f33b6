//! Minimum-cost flow by the primal network simplex method, which goes on from where it stood when costs
//! change.
//!
//! Reference: Cunningham WH (1976) A network simplex method, Math Prog 11:105–116 (strongly feasible
//! trees, so that degenerate pivots cannot cycle); the entering arc from a candidate list, as in LEMON.

const NONE: u32 = u32::MAX;

/// An arc's place in a [`Network`].
pub(crate) type Arc = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Lower,
    Tree,
    Upper,
}

/// A network with integer capacities and costs, and a flow in it once solved.
///
/// Supplies must sum to zero. What cannot flow stays on artificial arcs: [`Network::shortfall`].
#[derive(Debug, Clone)]
pub(crate) struct Network {
    from: Vec<u32>,
    to: Vec<u32>,
    capacity: Vec<i64>,
    cost: Vec<i64>,
    flow: Vec<i64>,
    state: Vec<State>,
    supply: Vec<i64>,
    tree: Tree,
    /// Arcs before the artificial ones.
    arcs: usize,
    next_arc: usize,
    /// Arcs that paid when they were last looked at, and pivots since the list was made.
    list: Vec<Arc>,
    uses: usize,
    is_ready: bool,
    /// Arcs priced and nodes moved so far: a measure of effort that is the same on every machine.
    pub(crate) work: u64,
}

#[derive(Debug, Clone, Default)]
struct Tree {
    parent: Vec<u32>,
    above: Vec<u32>,
    depth: Vec<u32>,
    potential: Vec<i64>,
    first_child: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
}

/// A flow with its tree.
#[derive(Debug)]
pub(crate) struct Position {
    flow: Vec<i64>,
    state: Vec<State>,
    tree: Tree,
}

/// What is known of the best arc to leave the basis.
struct Leaving {
    node: u32,
    change: i64,
    is_on_first_side: Option<bool>,
}

impl Network {
    pub(crate) fn new(nodes: usize) -> Self {
        Self {
            from: Vec::new(),
            to: Vec::new(),
            capacity: Vec::new(),
            cost: Vec::new(),
            flow: Vec::new(),
            state: Vec::new(),
            supply: vec![0; nodes],
            tree: Tree::default(),
            arcs: 0,
            next_arc: 0,
            list: Vec::new(),
            uses: 0,
            is_ready: false,
            work: 0,
        }
    }

    pub(crate) fn add(&mut self, from: usize, to: usize, capacity: i64, cost: i64) -> Arc {
        self.from.push(from as u32);
        self.to.push(to as u32);
        self.capacity.push(capacity);
        self.cost.push(cost);
        self.arcs += 1;
        self.arcs - 1
    }

    pub(crate) fn supply(&mut self, node: usize, amount: i64) {
        self.supply[node] += amount;
    }

    pub(crate) fn flow(&self, arc: Arc) -> i64 {
        self.flow[arc]
    }

    pub(crate) fn set_cost(&mut self, arc: Arc, cost: i64) {
        self.cost[arc] = cost;
    }

    /// What one more unit at this node is worth.
    pub(crate) fn potential(&self, node: usize) -> i64 {
        self.tree.potential[node]
    }

    /// The cost of the flow, shortfall aside.
    pub(crate) fn total(&self) -> i64 {
        (0..self.arcs).map(|arc| self.flow[arc] * self.cost[arc]).sum()
    }

    /// What could not flow.
    pub(crate) fn shortfall(&self) -> i64 {
        let root = self.supply.len() as u32;
        let artificial = self.flow[self.arcs..].iter().zip(&self.from[self.arcs..]);
        artificial.filter(|(_, from)| **from != root).map(|(flow, _)| flow).sum()
    }

    /// Nodes whose demand or supply is not met in full, with what is missing.
    pub(crate) fn unmet(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        (0..self.supply.len()).filter_map(|node| {
            let flow = self.flow[self.arcs + node];
            (flow > 0).then_some((node, flow))
        })
    }

    /// The nodes from which more could flow to an unmet demand, if they had it: the side of the cut that
    /// starves.
    pub(crate) fn starved(&self) -> Vec<bool> {
        let nodes = self.supply.len();
        let mut reached = vec![false; nodes];
        let mut queue: Vec<usize> =
            self.unmet().filter(|(node, _)| self.supply[*node] < 0).map(|(node, _)| node).collect();
        queue.iter().for_each(|node| reached[*node] = true);
        let mut incoming = vec![Vec::new(); nodes];
        for arc in 0..self.arcs {
            if self.flow[arc] < self.capacity[arc] {
                incoming[self.to[arc] as usize].push(self.from[arc] as usize);
            }
            if self.flow[arc] > 0 {
                incoming[self.from[arc] as usize].push(self.to[arc] as usize);
            }
        }
        while let Some(node) = queue.pop() {
            for other in &incoming[node] {
                if !reached[*other] {
                    reached[*other] = true;
                    queue.push(*other);
                }
            }
        }
        reached
    }

    /// Finds a flow of least cost, from the last one if there is one.
    pub(crate) fn solve(&mut self) {
        self.list.clear();
        if self.is_ready {
            self.price_tree(self.supply.len() as u32, None);
        } else {
            self.start();
        }
        while let Some(arc) = self.entering() {
            self.pivot(arc);
        }
    }

    /// Where the flow stands, to return to.
    pub(crate) fn position(&self) -> Position {
        Position { flow: self.flow.clone(), state: self.state.clone(), tree: self.tree.clone() }
    }

    /// Goes back to a position, under the costs that held there.
    pub(crate) fn return_to(&mut self, position: Position) {
        (self.flow, self.state, self.tree) = (position.flow, position.state, position.tree);
    }

    fn start(&mut self) {
        let nodes = self.supply.len();
        let root = nodes as u32;
        let dearest = self.cost.iter().map(|cost| cost.abs()).max().unwrap_or(0);
        let artificial = (dearest + 1) * (nodes as i64 + 1);
        self.flow = vec![0; self.arcs];
        self.state = vec![State::Lower; self.arcs];
        self.tree = Tree {
            parent: vec![root; nodes + 1],
            above: (0..=nodes).map(|node| (self.arcs + node) as u32).collect(),
            depth: vec![1; nodes + 1],
            potential: vec![0; nodes + 1],
            first_child: vec![NONE; nodes + 1],
            next: vec![NONE; nodes + 1],
            previous: vec![NONE; nodes + 1],
        };
        self.tree.parent[nodes] = NONE;
        self.tree.depth[nodes] = 0;
        for node in 0..nodes {
            let supply = self.supply[node];
            let is_up = supply >= 0;
            self.from.push(if is_up { node as u32 } else { root });
            self.to.push(if is_up { root } else { node as u32 });
            self.capacity.push(i64::MAX / 4);
            self.cost.push(if is_up { 0 } else { artificial });
            self.flow.push(supply.abs());
            self.state.push(State::Tree);
            self.tree.potential[node] = if is_up { 0 } else { artificial };
            self.tree.attach(node as u32, root);
        }
        self.is_ready = true;
    }

    /// Reduced cost of an arc, negative when it pays to change its flow.
    fn reduced(&self, arc: Arc) -> i64 {
        let potential = &self.tree.potential;
        let plain =
            self.cost[arc] + potential[self.from[arc] as usize] - potential[self.to[arc] as usize];
        match self.state[arc] {
            State::Lower => plain,
            State::Tree => 0,
            State::Upper => -plain,
        }
    }

    /// The best of a short list of arcs that pay; the list is made anew when it is used up.
    ///
    /// After a single cost changed only a few arcs pay: looking for one of them at every pivot would read
    /// the whole network each time.
    fn entering(&mut self) -> Option<Arc> {
        let length = ((self.arcs as f64).sqrt() / 4.0) as usize + 20;
        if self.uses < length / 3 {
            let mut list = std::mem::take(&mut self.list);
            self.work += list.len() as u64;
            list.retain(|arc| self.reduced(*arc) < 0);
            let best = list.iter().copied().min_by_key(|arc| self.reduced(*arc));
            self.list = list;
            if best.is_some() {
                self.uses += 1;
                return best;
            }
        }
        self.uses = 0;
        self.list.clear();
        for _ in 0..self.arcs {
            let arc = self.next_arc;
            self.next_arc = if arc + 1 < self.arcs { arc + 1 } else { 0 };
            self.work += 1;
            if self.reduced(arc) < 0 {
                self.list.push(arc);
                if self.list.len() >= length {
                    break;
                }
            }
        }
        self.list.iter().copied().min_by_key(|arc| self.reduced(*arc))
    }

    fn is_up(&self, node: u32) -> bool {
        self.from[self.tree.above[node as usize] as usize] == node
    }

    fn join(&self, one: u32, other: u32) -> u32 {
        let (mut one, mut other) = (one, other);
        let tree = &self.tree;
        while one != other {
            if tree.depth[one as usize] >= tree.depth[other as usize] {
                one = tree.parent[one as usize];
            } else {
                other = tree.parent[other as usize];
            }
        }
        one
    }

    fn leaving(&self, entering: Arc, first: u32, second: u32, join: u32) -> Leaving {
        let mut best =
            Leaving { node: NONE, change: self.capacity[entering], is_on_first_side: None };
        let room = |node: u32, against: bool| {
            let arc = self.tree.above[node as usize] as usize;
            if against { self.flow[arc] } else { self.capacity[arc] - self.flow[arc] }
        };
        let mut node = first;
        while node != join {
            let room = room(node, self.is_up(node));
            if room < best.change {
                best = Leaving { node, change: room, is_on_first_side: Some(true) };
            }
            node = self.tree.parent[node as usize];
        }
        node = second;
        while node != join {
            let room = room(node, !self.is_up(node));
            if room <= best.change {
                best = Leaving { node, change: room, is_on_first_side: Some(false) };
            }
            node = self.tree.parent[node as usize];
        }
        best
    }

    fn push(&mut self, start: u32, join: u32, amount: i64, is_toward_start: bool) {
        let mut node = start;
        while node != join {
            let arc = self.tree.above[node as usize] as usize;
            let is_along = self.is_up(node) != is_toward_start;
            self.flow[arc] += if is_along { amount } else { -amount };
            node = self.tree.parent[node as usize];
        }
    }

    fn pivot(&mut self, entering: Arc) {
        let is_rising = self.state[entering] == State::Lower;
        let (from, to) = (self.from[entering], self.to[entering]);
        let (first, second) = if is_rising { (from, to) } else { (to, from) };
        let join = self.join(first, second);
        let leaving = self.leaving(entering, first, second, join);
        if leaving.change > 0 {
            self.flow[entering] += if is_rising { leaving.change } else { -leaving.change };
            self.push(first, join, leaving.change, true);
            self.push(second, join, leaving.change, false);
        }
        let Some(is_on_first_side) = leaving.is_on_first_side else {
            self.state[entering] = if is_rising { State::Upper } else { State::Lower };
            return;
        };
        let out = self.tree.above[leaving.node as usize] as usize;
        self.state[out] = if self.flow[out] == 0 { State::Lower } else { State::Upper };
        self.state[entering] = State::Tree;
        let (inside, outside) = if is_on_first_side { (first, second) } else { (second, first) };
        self.tree.rehang(inside, outside, entering as u32, leaving.node);
        let plain = self.cost[entering] + self.tree.potential[from as usize]
            - self.tree.potential[to as usize];
        let shift = if inside == from { -plain } else { plain };
        self.price_tree(inside, Some(shift));
    }

    /// Brings depths and potentials of a subtree in line: by a shift, or anew from the costs.
    fn price_tree(&mut self, top: u32, shift: Option<i64>) {
        let root = self.supply.len() as u32;
        let mut stack = vec![top];
        while let Some(node) = stack.pop() {
            self.work += 1;
            if node != root {
                let parent = self.tree.parent[node as usize] as usize;
                self.tree.depth[node as usize] = self.tree.depth[parent] + 1;
                match shift {
                    Some(shift) => self.tree.potential[node as usize] += shift,
                    None => {
                        let cost = self.cost[self.tree.above[node as usize] as usize];
                        let change = if self.is_up(node) { -cost } else { cost };
                        self.tree.potential[node as usize] = self.tree.potential[parent] + change;
                    }
                }
            }
            let mut child = self.tree.first_child[node as usize];
            while child != NONE {
                stack.push(child);
                child = self.tree.next[child as usize];
            }
        }
    }
}

impl Tree {
    fn attach(&mut self, node: u32, parent: u32) {
        let first = self.first_child[parent as usize];
        self.parent[node as usize] = parent;
        self.next[node as usize] = first;
        self.previous[node as usize] = NONE;
        if first != NONE {
            self.previous[first as usize] = node;
        }
        self.first_child[parent as usize] = node;
    }

    fn detach(&mut self, node: u32) {
        let (next, previous) = (self.next[node as usize], self.previous[node as usize]);
        if next != NONE {
            self.previous[next as usize] = previous;
        }
        if previous == NONE {
            self.first_child[self.parent[node as usize] as usize] = next;
        } else {
            self.next[previous as usize] = next;
        }
    }

    /// Hangs the subtree that was cut off above `last` under `outside`, by its node `inside`.
    fn rehang(&mut self, inside: u32, outside: u32, arc: u32, last: u32) {
        let (mut node, mut parent, mut above) = (inside, outside, arc);
        loop {
            let (old_parent, old_above) = (self.parent[node as usize], self.above[node as usize]);
            self.detach(node);
            self.attach(node, parent);
            self.above[node as usize] = above;
            if node == last {
                return;
            }
            (parent, above, node) = (node, old_above, old_parent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    /// The cheapest assignment of rows to columns, one each, by trying all orders.
    fn by_trying(costs: &[Vec<i64>], row: usize, used: &mut Vec<bool>) -> i64 {
        if row == costs.len() {
            return 0;
        }
        let mut best = i64::MAX / 8;
        for column in 0..costs.len() {
            if !used[column] {
                used[column] = true;
                best = best.min(costs[row][column] + by_trying(costs, row + 1, used));
                used[column] = false;
            }
        }
        best
    }

    fn assignment(costs: &[Vec<i64>]) -> (Network, Vec<Vec<Arc>>) {
        let size = costs.len();
        let mut network = Network::new(2 * size);
        let mut arcs = Vec::new();
        for (row, line) in costs.iter().enumerate() {
            network.supply(row, 1);
            network.supply(size + row, -1);
            let add = |(column, cost): (usize, &i64)| network.add(row, size + column, 1, *cost);
            arcs.push(line.iter().enumerate().map(add).collect());
        }
        (network, arcs)
    }

    #[test]
    fn the_cheapest_assignment_is_found_and_found_again_when_costs_change() {
        let mut draws = Seed::new([3; 32]).draws("network", "");
        for size in 1..7 {
            let mut costs: Vec<Vec<i64>> = (0..size)
                .map(|_| (0..size).map(|_| draws.below(20) as i64 - 4).collect())
                .collect();
            let (mut network, arcs) = assignment(&costs);
            network.solve();
            for _ in 0..30 {
                let best = by_trying(&costs, 0, &mut vec![false; size]);
                assert_eq!((network.total(), network.shortfall()), (best, 0), "{costs:?}");
                let (row, column) = (draws.below(size), draws.below(size));
                costs[row][column] = draws.below(20) as i64;
                network.set_cost(arcs[row][column], costs[row][column]);
                network.solve();
            }
        }
    }

    #[test]
    fn what_cannot_flow_is_told_with_the_side_that_starves() {
        let mut network = Network::new(4);
        network.supply(0, 5);
        network.supply(2, -2);
        network.supply(3, -3);
        network.add(0, 1, 4, 1);
        network.add(1, 2, 9, 1);
        network.add(0, 3, 2, 1);
        network.solve();
        assert_eq!(network.shortfall(), 1);
        assert_eq!(network.starved(), [false, false, false, true]);
    }
}
