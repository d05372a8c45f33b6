//! Replanning in the middle of a cycle: what stands is kept, what must change changes, and each change
//! says why.

use std::collections::{BTreeMap, BTreeSet};

use crate::clash;
use crate::faults::faults;
use crate::plan::{Plan, Slot, Visit};
use crate::problem::{Centre, Problem, Weeks};
use crate::rules::Rules;
use crate::solve::{NoPlan, solve};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An evaluator declined a centre.
    Declined {
        /// The evaluator.
        evaluator: String,
        /// The centre.
        centre: String,
    },
    /// An evaluator was recognised at an agency (M2).
    Exposed {
        /// The evaluator.
        evaluator: String,
        /// The agency.
        agency: String,
    },
    /// An evaluator is ill or away.
    Away {
        /// The evaluator.
        evaluator: String,
        /// The weeks.
        weeks: Weeks,
    },
    /// An evaluator makes no more visits at all.
    Gone {
        /// The evaluator.
        evaluator: String,
    },
    /// A centre closed: visits that were not made fall away.
    CentreClosed {
        /// The centre.
        centre: String,
    },
    /// A centre is new.
    CentreNew {
        /// The centre.
        centre: Box<Centre>,
    },
}

/// What became of one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The centre.
    pub centre: String,
    /// The visit's number.
    pub number: u32,
    /// Who and when before; none for a new visit.
    pub before: Option<(String, Slot)>,
    /// Who and when now; none for a visit that falls away.
    pub after: Option<(String, Slot)>,
    /// Why.
    pub why: Reason,
}

/// Why a visit changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Because of the event of this place in the list.
    Event(usize),
    /// To make room for others.
    MadeRoom,
}

/// A plan after something happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Replanned {
    /// The problem as it is now.
    pub problem: Problem,
    /// The plan as it is now.
    pub plan: Plan,
    /// Every visit that differs.
    pub changes: Vec<Change>,
}

/// Plans again from `from_week` on, with as little change as is found.
///
/// Visits before that week stand, and so do the problem's fixed ones. Evaluators keep their centres
/// wherever the rules let them, and visits their slots unless they are in conflict. Workloads at least
/// asked for are let go where an evaluator falls out.
///
/// # Errors
/// [`NoPlan`], as for [`crate::plan()`].
pub fn replan(
    problem: &Problem,
    plan: &Plan,
    events: &[Event],
    from_week: u32,
) -> Result<Replanned, NoPlan> {
    let mut now = problem.clone();
    now.policy.earliest_week = from_week;
    let stands = |visit: &&Visit| visit.slot.week < from_week;
    let mut fixed: Vec<Visit> = plan.visits.iter().filter(stands).cloned().collect();
    for visit in &problem.fixed {
        if !fixed.iter().any(|own| (&own.centre, own.number) == (&visit.centre, visit.number)) {
            fixed.push(visit.clone());
        }
    }
    now.fixed = fixed;
    events.iter().for_each(|event| apply(&mut now, event));
    let faults = faults(&now);
    if !faults.is_empty() {
        return Err(NoPlan::Faulty(faults));
    }
    let next = solve(&now, Rules::ALL, Some(plan))
        .map_err(|failure| NoPlan::Clash(Box::new(clash::explain(&now, &failure))))?;
    let changes = changes(problem, plan, &next, events);
    Ok(Replanned { problem: now, plan: next, changes })
}

fn apply(problem: &mut Problem, event: &Event) {
    let first = problem.policy.earliest_week;
    let weeks = problem.policy.weeks;
    let is_standing = |visit: &Visit| visit.slot.week < first;
    // A visit that was promised but not made cannot stand once its evaluator cannot make it.
    match event {
        Event::Declined { evaluator, centre } => {
            problem
                .fixed
                .retain(|v| is_standing(v) || v.evaluator != *evaluator || v.centre != *centre);
            with(problem, evaluator, |one| one.declined.push(centre.clone()));
        }
        Event::Exposed { evaluator, agency } => {
            let of_agency: BTreeSet<&str> = problem
                .centres
                .iter()
                .filter(|centre| centre.agency == *agency)
                .map(|centre| centre.id.as_str())
                .collect();
            problem.fixed.retain(|v| {
                is_standing(v)
                    || v.evaluator != *evaluator
                    || !of_agency.contains(v.centre.as_str())
            });
            with(problem, evaluator, |one| one.exposed.push(agency.clone()));
        }
        Event::Away { evaluator, weeks } => {
            problem.fixed.retain(|v| {
                is_standing(v) || v.evaluator != *evaluator || !weeks.holds(v.slot.week)
            });
            with(problem, evaluator, |one| one.away.push(*weeks));
            release(problem, evaluator);
        }
        Event::Gone { evaluator } => {
            problem.fixed.retain(|v| is_standing(v) || v.evaluator != *evaluator);
            with(problem, evaluator, |one| one.away.push(Weeks { from: first, to: weeks }));
            release(problem, evaluator);
        }
        Event::CentreClosed { centre } => close(problem, centre),
        Event::CentreNew { centre } => problem.centres.push((**centre).clone()),
    }
}

fn with(problem: &mut Problem, evaluator: &str, change: impl FnOnce(&mut crate::Evaluator)) {
    if let Some(one) = problem.evaluators.iter_mut().find(|one| one.id == evaluator) {
        change(one);
    }
}

/// Nobody who is away has to reach a least workload, and the others may stand in for them.
fn release(problem: &mut Problem, evaluator: &str) {
    with(problem, evaluator, |one| one.load.least = 0);
}

/// Only the visits that were made are left of a closed centre.
fn close(problem: &mut Problem, id: &str) {
    let first = problem.policy.earliest_week;
    problem.fixed.retain(|visit| visit.centre != id || visit.slot.week < first);
    if let Some(centre) = problem.centres.iter_mut().find(|centre| centre.id == id) {
        centre.is_closed = true;
    }
}

type ByPost<'a> = BTreeMap<(&'a str, u32), &'a Visit>;

fn by_post(plan: &Plan) -> ByPost<'_> {
    plan.visits.iter().map(|visit| ((visit.centre.as_str(), visit.number), visit)).collect()
}

fn changes(problem: &Problem, before: &Plan, after: &Plan, events: &[Event]) -> Vec<Change> {
    let (old, new) = (by_post(before), by_post(after));
    let all: BTreeSet<(&str, u32)> = old.keys().chain(new.keys()).copied().collect();
    let mut changes = Vec::new();
    for post in all {
        let told =
            |plan: &ByPost<'_>| plan.get(&post).map(|visit| (visit.evaluator.clone(), visit.slot));
        let (was, is) = (told(&old), told(&new));
        if was != is {
            let why = reason(problem, post.0, old.get(&post).copied(), events);
            let (centre, number) = (post.0.to_owned(), post.1);
            changes.push(Change { centre, number, before: was, after: is, why });
        }
    }
    changes
}

fn reason(problem: &Problem, id: &str, before: Option<&Visit>, events: &[Event]) -> Reason {
    let agency = problem.centres.iter().find(|centre| centre.id == id).map(|centre| &centre.agency);
    let is_by = |evaluator: &String| before.is_some_and(|visit| visit.evaluator == *evaluator);
    let because = events.iter().position(|event| match event {
        Event::Declined { evaluator, centre } => centre == id && is_by(evaluator),
        Event::Exposed { evaluator, agency: of } => agency == Some(of) && is_by(evaluator),
        Event::Away { evaluator, weeks } => {
            is_by(evaluator) && before.is_some_and(|visit| weeks.holds(visit.slot.week))
        }
        Event::Gone { evaluator } => is_by(evaluator),
        Event::CentreClosed { centre } => centre == id,
        Event::CentreNew { centre } => centre.id == id,
    });
    because.map_or(Reason::MadeRoom, Reason::Event)
}
