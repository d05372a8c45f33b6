//! When each visit is made: weeks, days and parts of days.
//!
//! Every visit takes a random one of the slots in which it conflicts least; visits in conflict move
//! again until none is left. What is free to chance is left to chance.
//! Reference: Minton S et al. (1992) Minimizing conflicts: a heuristic repair method for constraint
//! satisfaction and scheduling problems, Artif Intell 58:161–205.

use mizan_domain::rubric::VisitKind;

use crate::doubles;
use crate::index::{Index, is_week_of};
use crate::rules::Rule;
use crate::seed::Draws;

/// Moves for each visit before the search is given up.
const PATIENCE: usize = 25;
/// How often visits are gathered into common weeks.
const GATHERINGS: usize = 2;

/// One visit, or the two of a double visit, which are made together.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) centre: usize,
    /// Places of posts at the centre, with who holds them.
    pub(crate) held: Vec<(usize, usize)>,
    pub(crate) kind: VisitKind,
    pub(crate) slot: Option<usize>,
    /// Stands as it is.
    pub(crate) is_fixed: bool,
    /// Would better stay as it is.
    pub(crate) is_kept: bool,
    /// When it was to be before, for whoever makes it now.
    wish: Option<usize>,
}

/// A post that was held before: who, if they still can, and when.
pub(crate) type Kept<'a> = &'a dyn Fn(usize, usize) -> Option<(Option<usize>, usize)>;

/// The whole timetable.
pub(crate) struct Schedule<'a> {
    index: &'a Index<'a>,
    pub(crate) units: Vec<Unit>,
    of_centre: Vec<Vec<usize>>,
    of_evaluator: Vec<Vec<usize>>,
    busy: Vec<u16>,
    in_week: Vec<u16>,
    on_day: Vec<u16>,
    /// By day from the first: whether anything is open.
    is_open: Vec<bool>,
    /// By evaluator and week.
    is_there: Vec<bool>,
}

impl<'a> Schedule<'a> {
    /// The timetable of an assignment; posts held as before keep their slots.
    pub(crate) fn new(
        index: &'a Index<'a>,
        holders: &[Vec<usize>],
        kept: Kept<'_>,
        draws: &mut Draws,
    ) -> Self {
        let units = units(index, holders, kept, draws);
        let slots = index.slots;
        let people = index.evaluators.len();
        let policy = &index.problem.policy;
        let is_open = (0..slots.weeks * slots.days)
            .map(|day| !policy.closed.contains(&policy.date(slots.slot(day * slots.parts))))
            .collect();
        let is_there = index.problem.evaluators.iter().flat_map(|evaluator| {
            (1..=policy.weeks).map(|week| {
                !index.rules.has(Rule::Availability)
                    || !evaluator.away.iter().any(|away| away.holds(week))
            })
        });
        let mut schedule = Self {
            index,
            of_centre: vec![Vec::new(); index.centres.len()],
            of_evaluator: vec![Vec::new(); people],
            busy: vec![0; people * slots.count()],
            in_week: vec![0; people * slots.weeks],
            on_day: vec![0; people * slots.weeks * slots.days],
            is_open,
            is_there: is_there.collect(),
            units,
        };
        for number in 0..schedule.units.len() {
            schedule.of_centre[schedule.units[number].centre].push(number);
            for (_, evaluator) in schedule.units[number].held.clone() {
                schedule.of_evaluator[evaluator].push(number);
            }
            if let Some(slot) = schedule.units[number].slot.take() {
                schedule.put(number, slot);
            }
        }
        schedule
    }

    /// Gives every visit a slot; false when conflicts are left.
    pub(crate) fn fill(&mut self, draws: &mut Draws) -> bool {
        let mut order: Vec<usize> =
            (0..self.units.len()).filter(|unit| self.units[*unit].slot.is_none()).collect();
        draws.shuffle(&mut order);
        // Those with the fewest slots first.
        order.sort_by_key(|unit| {
            (self.units[*unit].kind != VisitKind::Scheduled, self.units[*unit].held.len() < 2)
        });
        for unit in &order {
            match self.units[*unit].wish {
                Some(slot) if self.conflicts(*unit, slot) == Some(0) => self.put(*unit, slot),
                _ => self.place(*unit, draws),
            }
        }
        let is_clear = self.settle(order, false, draws);
        if is_clear { true } else { self.settle((0..self.units.len()).collect(), true, draws) }
    }

    /// Moves visits in conflict until none is left or patience is at its end.
    fn settle(&mut self, mut suspects: Vec<usize>, also_kept: bool, draws: &mut Draws) -> bool {
        let limit = PATIENCE * (self.units.len() + 20);
        let mut moves = 0;
        while !suspects.is_empty() && moves < limit {
            let unit = suspects.swap_remove(draws.below(suspects.len()));
            let at = &self.units[unit];
            if at.is_fixed || (at.is_kept && !also_kept) || self.conflicts_now(unit) == 0 {
                continue;
            }
            moves += 1;
            self.place(unit, draws);
            if self.conflicts_now(unit) > 0 {
                self.exchange(unit, draws);
                suspects.push(unit);
                suspects.extend(self.neighbours(unit));
                suspects.sort_unstable();
                suspects.dedup();
            }
        }
        (0..self.units.len()).all(|unit| self.units[unit].is_fixed || self.conflicts_now(unit) == 0)
    }

    fn neighbours(&self, unit: usize) -> Vec<usize> {
        let at = &self.units[unit];
        let mut found = self.of_centre[at.centre].clone();
        at.held.iter().for_each(|(_, evaluator)| found.extend(&self.of_evaluator[*evaluator]));
        found
    }

    /// Conflicts of a visit where it stands.
    fn conflicts_now(&mut self, unit: usize) -> u32 {
        let Some(slot) = self.units[unit].slot else { return u32::MAX };
        self.take(unit);
        let conflicts = self.conflicts(unit, slot);
        self.put(unit, slot);
        conflicts.unwrap_or(u32::MAX)
    }

    /// Puts a visit into a random one of the slots in which it conflicts least.
    fn place(&mut self, unit: usize, draws: &mut Draws) {
        let before = self.units[unit].slot;
        self.take(unit);
        let (mut least, mut best) = (u32::MAX, Vec::new());
        for slot in 0..self.index.slots.count() {
            // Standing still would end the search.
            let Some(conflicts) = self.conflicts(unit, slot).filter(|_| Some(slot) != before)
            else {
                continue;
            };
            if conflicts < least {
                (least, best) = (conflicts, Vec::new());
            }
            if conflicts == least {
                best.push(slot);
            }
        }
        if best.is_empty() {
            best.extend(before);
        }
        if !best.is_empty() {
            self.put(unit, best[draws.below(best.len())]);
        }
    }

    /// Tries whether another evaluator of the centre would rather make this visit.
    fn exchange(&mut self, unit: usize, draws: &mut Draws) {
        let is_free = |at: &Unit| !at.is_fixed && !at.is_kept && at.held.len() == 1;
        if !is_free(&self.units[unit]) {
            return;
        }
        let mut others = self.of_centre[self.units[unit].centre].clone();
        others.retain(|other| *other != unit && is_free(&self.units[*other]));
        if others.is_empty() {
            return;
        }
        let other = others[draws.below(others.len())];
        let slots = (self.units[unit].slot, self.units[other].slot);
        let before = self.conflicts_now(unit).saturating_add(self.conflicts_now(other));
        self.swap_evaluators(unit, other);
        self.place(unit, draws);
        self.place(other, draws);
        if self.conflicts_now(unit).saturating_add(self.conflicts_now(other)) >= before {
            self.swap_evaluators(unit, other);
            for (unit, slot) in [(unit, slots.0), (other, slots.1)] {
                self.take(unit);
                slot.into_iter().for_each(|slot| self.put(unit, slot));
            }
        }
    }

    fn swap_evaluators(&mut self, one: usize, other: usize) {
        let slots = (self.units[one].slot, self.units[other].slot);
        self.take(one);
        self.take(other);
        let (first, second) = (self.units[one].held[0].1, self.units[other].held[0].1);
        self.units[one].held[0].1 = second;
        self.units[other].held[0].1 = first;
        for (from, to, unit) in [(first, second, one), (second, first, other)] {
            self.of_evaluator[from].retain(|own| *own != unit);
            self.of_evaluator[to].push(unit);
        }
        slots.0.into_iter().for_each(|slot| self.put(one, slot));
        slots.1.into_iter().for_each(|slot| self.put(other, slot));
    }

    /// Conflicts a visit would have in a slot, or none when it cannot be there at all.
    fn conflicts(&self, unit: usize, slot: usize) -> Option<u32> {
        let at = &self.units[unit];
        let slots = self.index.slots;
        let day = slot / slots.parts;
        let week = day / slots.days;
        if !self.is_open[day] || !is_week_of(self.index, at.centre, at.kind, week as u32 + 1) {
            return None;
        }
        let mut conflicts = 0;
        for (_, evaluator) in &at.held {
            if !self.is_there[evaluator * slots.weeks + week] {
                return None;
            }
            conflicts += self.crowding(*evaluator, slot);
        }
        Some(conflicts + self.nearness(unit, slot))
    }

    /// What else an evaluator has at that time, on that day, in that week.
    fn crowding(&self, evaluator: usize, slot: usize) -> u32 {
        let slots = self.index.slots;
        let policy = &self.index.problem.policy;
        if !self.index.rules.has(Rule::Availability) {
            return 0;
        }
        let day = slot / slots.parts;
        let week = day / slots.days;
        let is_busy = self.busy[evaluator * slots.count() + slot] > 0;
        let on_day = u32::from(self.on_day[evaluator * slots.weeks * slots.days + day]);
        let in_week = u32::from(self.in_week[evaluator * slots.weeks + week]);
        u32::from(is_busy)
            + u32::from(on_day >= policy.per_day)
            + u32::from(in_week >= policy.per_week)
    }

    /// Other visits of the centre that are too near, or too much alike.
    fn nearness(&self, unit: usize, slot: usize) -> u32 {
        let at = &self.units[unit];
        let slots = self.index.slots;
        let spacing = i64::from(self.index.problem.policy.spacing_days);
        let (part, weekday) = (slot % slots.parts, slot / slots.parts % slots.days);
        let (mut conflicts, mut alike_part, mut alike_day, mut secret) = (0, 0, 0, 0);
        for other in &self.of_centre[at.centre] {
            let of = &self.units[*other];
            let is_secret = of.kind == VisitKind::Unannounced;
            secret += usize::from(is_secret);
            let (Some(taken), false) = (of.slot, *other == unit) else { continue };
            if (slots.day(taken) - slots.day(slot)).abs() < spacing
                && self.index.rules.has(Rule::Spacing)
            {
                conflicts += 1;
            }
            if is_secret {
                alike_part += usize::from(taken % slots.parts == part);
                alike_day += usize::from(taken / slots.parts % slots.days == weekday);
            }
        }
        if at.kind == VisitKind::Unannounced && self.index.rules.has(Rule::Spread) {
            conflicts += u32::from(alike_part >= secret.div_ceil(slots.parts));
            conflicts += u32::from(alike_day >= secret.div_ceil(slots.days));
        }
        conflicts
    }

    fn put(&mut self, unit: usize, slot: usize) {
        self.units[unit].slot = Some(slot);
        self.count(unit, slot, true);
    }

    fn take(&mut self, unit: usize) {
        if let Some(slot) = self.units[unit].slot.take() {
            self.count(unit, slot, false);
        }
    }

    fn count(&mut self, unit: usize, slot: usize, is_more: bool) {
        let slots = self.index.slots;
        let day = slot / slots.parts;
        for (_, evaluator) in &self.units[unit].held {
            for cell in [
                &mut self.busy[evaluator * slots.count() + slot],
                &mut self.on_day[evaluator * slots.weeks * slots.days + day],
                &mut self.in_week[evaluator * slots.weeks + day / slots.days],
            ] {
                *cell = if is_more { *cell + 1 } else { *cell - 1 };
            }
        }
    }

    /// Gathers an evaluator's visits to another region in common weeks, where no rule is in the way.
    pub(crate) fn gather(&mut self, draws: &mut Draws) {
        let mut order: Vec<usize> = (0..self.units.len()).collect();
        for _ in 0..GATHERINGS {
            draws.shuffle(&mut order);
            for unit in &order {
                self.gather_one(*unit, draws);
            }
        }
    }

    fn gather_one(&mut self, unit: usize, draws: &mut Draws) {
        let at = &self.units[unit];
        let ([(_, evaluator)], false, Some(before)) = (&at.held[..], at.is_fixed, at.slot) else {
            return;
        };
        let region = self.index.centres[at.centre].region;
        if region == self.index.evaluators[*evaluator].home {
            return;
        }
        let slots = self.index.slots;
        let per_week = slots.days * slots.parts;
        let mut weeks: Vec<usize> = self.of_evaluator[*evaluator]
            .iter()
            .filter(|other| {
                **other != unit && self.index.centres[self.units[**other].centre].region == region
            })
            .filter_map(|other| self.units[*other].slot.map(|slot| slot / per_week))
            .collect();
        weeks.sort_unstable();
        weeks.dedup();
        if weeks.contains(&(before / per_week)) {
            return;
        }
        self.take(unit);
        let free: Vec<usize> = weeks
            .iter()
            .flat_map(|week| week * per_week..(week + 1) * per_week)
            .filter(|slot| self.conflicts(unit, *slot) == Some(0))
            .collect();
        self.put(unit, if free.is_empty() { before } else { free[draws.below(free.len())] });
    }
}

/// Shares each centre's evaluators among its posts by chance; who held a post before keeps it.
fn units(
    index: &Index<'_>,
    holders: &[Vec<usize>],
    kept: Kept<'_>,
    draws: &mut Draws,
) -> Vec<Unit> {
    let pairs = doubles::choose(index, holders, kept, draws);
    let mut units = Vec::new();
    for (place, centre) in index.centres.iter().enumerate() {
        let mut held: Vec<Option<(usize, Option<usize>, bool)>> = centre
            .fixed
            .iter()
            .map(|fixed| fixed.map(|(holder, slot)| (holder, Some(index.slots.number(slot)), true)))
            .collect();
        let mut free = holders[place].clone();
        for (post, held) in held.iter_mut().enumerate() {
            let before = kept(place, post).and_then(|(holder, slot)| Some((holder?, slot)));
            let before = before.filter(|(holder, _)| free.contains(holder));
            if let (None, Some((holder, slot))) = (&held, before) {
                free.retain(|other| *other != holder);
                *held = Some((holder, Some(slot), false));
            }
        }
        doubles::seat(pairs[place], &mut held, &mut free);
        draws.shuffle(&mut free);
        for held in &mut held {
            if held.is_none() {
                *held = free.pop().map(|holder| (holder, None, false));
            }
        }
        units.extend(of_centre(index, place, &held, kept));
    }
    units
}

/// The posts of a centre as units: the two of a double visit are one.
fn of_centre(
    index: &Index<'_>,
    place: usize,
    held: &[Option<(usize, Option<usize>, bool)>],
    kept: Kept<'_>,
) -> Vec<Unit> {
    let posts = &index.centres[place].posts;
    let mut units: Vec<Unit> = Vec::new();
    for (post, held) in held.iter().enumerate() {
        let Some((holder, slot, is_fixed)) = *held else { continue };
        let first = posts[post].double_of.filter(|_| index.rules.has(Rule::Doubles));
        let first = first.and_then(|number| {
            units.iter_mut().find(|unit| posts[unit.held[0].0].number == number)
        });
        let is_apart = |unit: &Unit| unit.is_fixed && is_fixed;
        match first {
            Some(first) if !is_apart(first) => {
                first.held.push((post, holder));
                first.is_kept &= first.slot == slot && slot.is_some();
                // A fixed half holds the other where it stands.
                if is_fixed {
                    first.slot = slot;
                    first.is_fixed = true;
                }
            }
            _ => units.push(Unit {
                centre: place,
                held: vec![(post, holder)],
                kind: posts[post].kind,
                slot,
                is_fixed,
                is_kept: slot.is_some() && !is_fixed,
                wish: kept(place, post).map(|(_, slot)| slot),
            }),
        }
    }
    units
}
