//! Whether the visits of one centre have dates together, whoever makes them.

use mizan_domain::rubric::VisitKind;

use crate::plan::{Slot, posts};
use crate::problem::Problem;
use crate::rules::{Rule, Rules};

/// Steps before the question is left open, which counts as yes.
const STEPS: usize = 300_000;

struct Search<'a> {
    problem: &'a Problem,
    rules: Rules,
    /// Whether each visit is scheduled, with where it stands if it is fixed.
    visits: Vec<(VisitKind, Option<Slot>)>,
    weeks: crate::Weeks,
    placed: Vec<(VisitKind, Slot)>,
    parts_most: usize,
    days_most: usize,
    steps: usize,
}

/// Whether a centre's visits fit into the cycle, by trying. The second of a double visit goes with the
/// first.
pub(crate) fn fits(problem: &Problem, centre: usize, rules: Rules) -> bool {
    let at = &problem.centres[centre];
    if at.is_closed {
        return true;
    }
    let fixed = |number: u32| {
        let mut fixed = problem.fixed.iter();
        fixed.find(|fixed| fixed.centre == at.id && fixed.number == number).map(|fixed| fixed.slot)
    };
    let posts = posts(at);
    let visits = posts.iter().filter(|post| post.double_of.is_none());
    let mut visits: Vec<_> = visits.map(|post| (post.kind, fixed(post.number))).collect();
    // Fixed ones first, then scheduled ones, which have the fewest slots.
    visits.sort_by_key(|(kind, slot)| (slot.is_none(), *kind != VisitKind::Scheduled));
    let secret = visits.iter().filter(|(kind, _)| *kind == VisitKind::Unannounced).count();
    let policy = &problem.policy;
    let mut search = Search {
        problem,
        rules,
        weeks: at.scheduled_weeks.unwrap_or(policy.scheduled_weeks),
        placed: Vec::new(),
        parts_most: secret.div_ceil(policy.parts.max(1) as usize),
        days_most: secret.div_ceil(policy.days.max(1) as usize),
        steps: 0,
        visits,
    };
    search.has_room() && search.goes_on(0)
}

impl Search<'_> {
    /// Whether the calendar holds so many dates far enough apart, the earliest taken each time: what the
    /// search would otherwise find out by trying nearly all there is.
    fn has_room(&self) -> bool {
        let is_apart = self.rules.has(Rule::Spacing) && self.problem.policy.spacing_days > 0;
        if !is_apart || self.visits.iter().any(|(_, slot)| slot.is_some()) {
            return true;
        }
        let slots = self.slots();
        let dates = |is_kind: &dyn Fn(Slot) -> bool| {
            let mut taken = 0;
            let mut next = None;
            for slot in slots.iter().filter(|slot| is_kind(**slot)) {
                let date = self.problem.policy.date(*slot);
                if next.is_none_or(|next| date >= next) {
                    taken += 1;
                    let spacing = u64::from(self.problem.policy.spacing_days);
                    next = Some(date + chrono::Days::new(spacing));
                }
            }
            taken
        };
        let scheduled =
            self.visits.iter().filter(|(kind, _)| *kind == VisitKind::Scheduled).count();
        let in_weeks =
            |slot: Slot| !self.rules.has(Rule::ScheduledWeeks) || self.weeks.holds(slot.week);
        dates(&|_| true) >= self.visits.len() && dates(&in_weeks) >= scheduled
    }

    fn goes_on(&mut self, next: usize) -> bool {
        let Some((kind, fixed)) = self.visits.get(next).copied() else { return true };
        if let Some(slot) = fixed {
            self.placed.push((kind, slot));
            return self.goes_on(next + 1);
        }
        // Visits of one kind are alike: each after the one before.
        let after = self.visits[..next].last().filter(|(of, slot)| *of == kind && slot.is_none());
        let after = after.and_then(|_| self.placed.last()).map(|(_, slot)| *slot);
        for slot in self.slots() {
            self.steps += 1;
            if self.steps > STEPS {
                return true;
            }
            if after.is_none_or(|after| slot > after) && self.is_free(kind, slot) {
                self.placed.push((kind, slot));
                if self.goes_on(next + 1) {
                    return true;
                }
                self.placed.pop();
            }
        }
        false
    }

    fn slots(&self) -> Vec<Slot> {
        let policy = &self.problem.policy;
        let has_calendar = self.rules.has(Rule::Calendar);
        // Without the calendar there are as many weeks more as there are visits.
        let more =
            if has_calendar { 0 } else { self.visits.len() as u32 * (policy.spacing_days / 7 + 1) };
        let mut slots = Vec::new();
        for week in policy.earliest_week..=policy.weeks + more {
            for day in 1..=policy.days {
                for part in 1..=policy.parts {
                    let slot = Slot { week, day, part };
                    if !has_calendar || !policy.closed.contains(&policy.date(slot)) {
                        slots.push(slot);
                    }
                }
            }
        }
        slots
    }

    fn is_free(&self, kind: VisitKind, slot: Slot) -> bool {
        let policy = &self.problem.policy;
        if kind == VisitKind::Scheduled
            && self.rules.has(Rule::ScheduledWeeks)
            && !self.weeks.holds(slot.week)
        {
            return false;
        }
        let spacing = i64::from(policy.spacing_days);
        let is_near =
            |other: &Slot| (policy.date(*other) - policy.date(slot)).num_days().abs() < spacing;
        if self.rules.has(Rule::Spacing) && self.placed.iter().any(|(_, other)| is_near(other)) {
            return false;
        }
        if kind == VisitKind::Scheduled || !self.rules.has(Rule::Spread) {
            return true;
        }
        let secret = self.placed.iter().filter(|(kind, _)| *kind == VisitKind::Unannounced);
        let alike = |of: fn(&Slot) -> u32| {
            secret.clone().filter(|(_, other)| of(other) == of(&slot)).count()
        };
        alike(|slot| slot.part) < self.parts_most && alike(|slot| slot.day) < self.days_most
    }
}
