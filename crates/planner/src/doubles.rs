//! Who goes together to an anchor centre: for direct agreement, few times each, and never the same two
//! again.

use std::collections::BTreeMap;

use crate::index::Index;
use crate::schedule::Kept;
use crate::seed::Draws;

/// Choices for each double visit before the search is given up.
const PATIENCE: usize = 60;

/// Two evaluators of a centre, in the order first, second.
pub(crate) type Double = Option<(usize, usize)>;

/// The double visit of each centre; none where the centre is no anchor or it is decided already.
pub(crate) fn choose(
    index: &Index<'_>,
    holders: &[Vec<usize>],
    kept: Kept<'_>,
    draws: &mut Draws,
) -> Vec<Double> {
    let mut chosen = Chosen { counts: vec![0; index.evaluators.len()], pairs: BTreeMap::new() };
    let mut doubles = vec![None; holders.len()];
    let mut open = Vec::new();
    for (place, centre) in index.centres.iter().enumerate() {
        let Some(second) = centre.posts.iter().position(|post| post.double_of.is_some()) else {
            continue;
        };
        let seated = |post: usize| {
            let before = kept(place, post).and_then(|(holder, _)| holder);
            let fixed = centre.fixed[post].map(|(holder, _)| holder);
            fixed.or(before.filter(|holder| holders[place].contains(holder)))
        };
        match (seated(0), seated(second)) {
            (Some(first), Some(second)) => chosen.take(first, second),
            seats => open.push((place, seats)),
        }
    }
    draws.shuffle(&mut open);
    open.sort_by_key(|(place, _)| holders[*place].len());
    for (place, seats) in &open {
        doubles[*place] = chosen.place(index, &holders[*place], *seats, draws);
    }
    chosen.settle(index, holders, &open, &mut doubles, draws);
    doubles
}

/// Gives the two of a double visit the posts that are still open: the first and the last.
pub(crate) fn seat(
    double: Double,
    held: &mut [Option<(usize, Option<usize>, bool)>],
    free: &mut Vec<usize>,
) {
    let Some((first, second)) = double else { return };
    let last = held.len() - 1;
    for (post, holder) in [(0, first), (last, second)] {
        if held[post].is_none() && free.contains(&holder) {
            free.retain(|other| *other != holder);
            held[post] = Some((holder, None, false));
        }
    }
}

/// Conflicts, how often the two have gone already, and a lot.
type Key = (usize, usize, u64);

/// Who goes together, with how often.
struct Chosen {
    counts: Vec<usize>,
    pairs: BTreeMap<(usize, usize), usize>,
}

/// The two seats of a double visit, where they are taken already.
type Seats = (Option<usize>, Option<usize>);

impl Chosen {
    fn take(&mut self, first: usize, second: usize) {
        self.counts[first] += 1;
        self.counts[second] += 1;
        *self.pairs.entry((first.min(second), first.max(second))).or_default() += 1;
    }

    fn release(&mut self, first: usize, second: usize) {
        self.counts[first] -= 1;
        self.counts[second] -= 1;
        if let Some(times) = self.pairs.get_mut(&(first.min(second), first.max(second))) {
            *times -= 1;
        }
    }

    /// Rules that one more visit of these two would break.
    fn conflicts(&self, most: usize, one: usize, other: usize) -> usize {
        let times = self.pairs.get(&(one.min(other), one.max(other))).copied().unwrap_or(0);
        times + usize::from(self.counts[one] >= most) + usize::from(self.counts[other] >= most)
    }

    /// Takes the pair with the fewest conflicts whose members have gone together with others least often.
    fn place(
        &mut self,
        index: &Index<'_>,
        holders: &[usize],
        (first, second): Seats,
        draws: &mut Draws,
    ) -> Double {
        let firsts: Vec<usize> = first.map_or_else(|| holders.to_vec(), |holder| vec![holder]);
        let seconds: Vec<usize> = second.map_or_else(|| holders.to_vec(), |holder| vec![holder]);
        let most = index.problem.policy.doubles_most as usize;
        let mut best: Option<(Key, (usize, usize))> = None;
        for one in &firsts {
            for other in seconds.iter().filter(|other| *other != one) {
                let (a, b) = (self.counts[*one], self.counts[*other]);
                let key =
                    (self.conflicts(most, *one, *other), a.max(b) * 100 + a + b, draws.bits());
                if best.is_none_or(|(least, _)| key < least) {
                    best = Some((key, (*one, *other)));
                }
            }
        }
        let (_, (first, second)) = best?;
        self.take(first, second);
        Some((first, second))
    }

    /// Lets pairs in conflict and, by chance, others choose anew until none is left.
    fn settle(
        &mut self,
        index: &Index<'_>,
        holders: &[Vec<usize>],
        open: &[(usize, Seats)],
        doubles: &mut [Double],
        draws: &mut Draws,
    ) {
        let most = index.problem.policy.doubles_most as usize;
        for _ in 0..PATIENCE * open.len() {
            let mut wrong = Vec::new();
            for (place, seats) in open {
                let Some((first, second)) = doubles[*place] else { continue };
                self.release(first, second);
                if self.conflicts(most, first, second) > 0 {
                    wrong.push((*place, *seats));
                }
                self.take(first, second);
            }
            if wrong.is_empty() {
                return;
            }
            // Somebody else's choice may be in the way.
            let list = if draws.below(2) == 0 { &wrong[..] } else { open };
            let (place, seats) = list[draws.below(list.len())];
            if let Some((first, second)) = doubles[place] {
                self.release(first, second);
            }
            doubles[place] = self.place(index, &holders[place], seats, draws);
        }
    }
}
