//! The fewest items that reach a goal, and every such choice, by branch and bound over whole numbers.

use num_bigint::BigInt;
use num_traits::Signed as _;

/// Something that can be chosen.
pub(super) struct Item {
    /// The pillar it belongs to.
    pub(super) pillar: usize,
    /// What it adds to its pillar and to the whole; above zero.
    pub(super) gain: BigInt,
}

/// What a choice has to reach.
pub(super) struct Goal {
    /// Items that must be chosen.
    pub(super) must: Vec<usize>,
    /// What the items chosen of a pillar must add.
    pub(super) pillars: Vec<(usize, BigInt)>,
    /// What all items chosen must add.
    pub(super) total: BigInt,
}

/// The smallest choices.
pub(super) struct Found {
    pub(super) sets: Vec<Vec<usize>>,
    pub(super) is_complete: bool,
}

/// The smallest choices that reach any of the goals, at most so many; items in falling order of gain.
///
/// The bound is exact: among the items left, a goal needs of each pillar its greatest until the pillar has
/// enough, and then the greatest of all. Exchanging a chosen item for a greater one of the same pillar
/// takes nothing from any sum, so no other choice of as many items reaches more. A branch that passes the
/// bound therefore always ends in a choice that reaches the goal.
pub(super) fn smallest(items: &[Item], goals: &[Goal], most: usize) -> Found {
    let sizes: Vec<Option<usize>> = goals.iter().map(|goal| goal.size(items)).collect();
    let mut found = Found { sets: Vec::new(), is_complete: true };
    let Some(size) = sizes.iter().flatten().min().copied() else { return found };
    for (goal, of_goal) in goals.iter().zip(sizes) {
        if of_goal == Some(size) {
            let mut chosen = goal.must.clone();
            let room = size - chosen.len();
            goal.list(items, &mut chosen, 0, room, &mut found, most);
        }
    }
    found
}

impl Goal {
    fn size(&self, items: &[Item]) -> Option<usize> {
        let room = 0..=items.len() - self.must.len();
        let mut enough = room.filter(|room| self.is_within(items, &self.must, 0, *room));
        enough.next().map(|room| self.must.len() + room)
    }

    /// Whether so many more items, of those from a place on, can reach the goal.
    fn is_within(&self, items: &[Item], chosen: &[usize], from: usize, mut room: usize) -> bool {
        let mut total = self.total.clone();
        chosen.iter().for_each(|place| total -= &items[*place].gain);
        let mut is_taken = vec![false; items.len()];
        chosen.iter().for_each(|place| is_taken[*place] = true);
        for (pillar, need) in &self.pillars {
            let mut need = need.clone();
            let of_pillar = chosen.iter().filter(|place| items[**place].pillar == *pillar);
            of_pillar.for_each(|place| need -= &items[*place].gain);
            for (place, item) in items.iter().enumerate().skip(from) {
                if !need.is_positive() {
                    break;
                }
                if item.pillar == *pillar && !is_taken[place] {
                    if room == 0 {
                        return false;
                    }
                    room -= 1;
                    is_taken[place] = true;
                    need -= &item.gain;
                    total -= &item.gain;
                }
            }
            if need.is_positive() {
                return false;
            }
        }
        let left = items.iter().zip(&is_taken).skip(from).filter(|(_, is_taken)| !**is_taken);
        left.take(room).for_each(|(item, _)| total -= &item.gain);
        !total.is_positive()
    }

    fn list(
        &self,
        items: &[Item],
        chosen: &mut Vec<usize>,
        from: usize,
        room: usize,
        found: &mut Found,
        most: usize,
    ) {
        if room == 0 {
            let mut set = chosen.clone();
            set.sort_unstable();
            if found.sets.contains(&set) {
                return;
            }
            if found.sets.len() < most {
                found.sets.push(set);
            } else {
                found.is_complete = false;
            }
            return;
        }
        for place in (from..items.len()).filter(|place| !self.must.contains(place)) {
            if !found.is_complete || !self.is_within(items, chosen, place, room) {
                return;
            }
            chosen.push(place);
            if self.is_within(items, chosen, place + 1, room - 1) {
                self.list(items, chosen, place + 1, room - 1, found, most);
            }
            chosen.pop();
        }
    }
}
