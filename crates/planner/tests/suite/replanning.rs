//! Replanning in the middle of a cycle.

use std::collections::BTreeSet;

use mizan_planner::{
    Change, Event, Plan, Problem, Reason, Replanned, Weeks, check, linking, made, replan,
};

use crate::small::planned;

const FROM_WEEK: u32 = 5;

fn programme() -> (Problem, Plan) {
    let problem = made::problem(60, 11);
    let plan = planned(&problem);
    (problem, plan)
}

/// Replans, and holds what holds of every replanning: rules kept, the past unchanged, one design, and
/// the changes told are the changes made.
fn check_replanned(problem: &Problem, plan: &Plan, events: &[Event]) -> Replanned {
    let now = replan(problem, plan, events, FROM_WEEK).unwrap_or_else(|none| panic!("{none}"));
    assert_eq!(check(&now.problem, &now.plan), vec![], "{events:?}");
    for visit in plan.visits.iter().filter(|visit| visit.slot.week < FROM_WEEK) {
        assert!(now.plan.visits.contains(visit), "{visit:?} was made");
    }
    assert_eq!(linking(&now.problem, &now.plan).unwrap().subsets.len(), 1);
    let told: BTreeSet<(&str, u32)> =
        now.changes.iter().map(|change| (change.centre.as_str(), change.number)).collect();
    let differs = |one: &Plan, other: &Plan| -> Vec<(String, u32)> {
        let gone = one.visits.iter().filter(|visit| !other.visits.contains(visit));
        gone.map(|visit| (visit.centre.clone(), visit.number)).collect()
    };
    let mut made: BTreeSet<(String, u32)> = differs(plan, &now.plan).into_iter().collect();
    made.extend(differs(&now.plan, plan));
    assert_eq!(told.len(), made.len());
    assert!(made.iter().all(|(centre, number)| told.contains(&(centre.as_str(), *number))));
    now
}

fn because(changes: &[Change], event: usize) -> usize {
    changes.iter().filter(|change| change.why == Reason::Event(event)).count()
}

#[test]
fn nothing_happened_and_nothing_changes() {
    let (problem, plan) = programme();
    let now = check_replanned(&problem, &plan, &[]);
    assert_eq!(now.changes, vec![]);
}

#[test]
fn a_declined_visit_goes_to_somebody_else_and_little_else_moves() {
    let (problem, plan) = programme();
    let visit = plan.visits.iter().find(|visit| visit.slot.week >= FROM_WEEK).unwrap();
    let (evaluator, centre) = (visit.evaluator.clone(), visit.centre.clone());
    let now = check_replanned(&problem, &plan, &[Event::Declined { evaluator, centre }]);
    assert_eq!(because(&now.changes, 0), 1);
    assert!(now.changes.len() <= 4, "{:?}", now.changes);
}

#[test]
fn who_was_recognised_never_comes_to_the_agency_again() {
    let (problem, plan) = programme();
    let visit = plan.visits.iter().find(|visit| visit.slot.week >= FROM_WEEK).unwrap();
    let agency = problem.centres.iter().find(|at| at.id == visit.centre).unwrap().agency.clone();
    let event = Event::Exposed { evaluator: visit.evaluator.clone(), agency: agency.clone() };
    let now = check_replanned(&problem, &plan, &[event]);
    let of_agency: Vec<&str> =
        problem.centres.iter().filter(|at| at.agency == agency).map(|at| at.id.as_str()).collect();
    let again = now.plan.visits.iter().filter(|v| {
        v.slot.week >= FROM_WEEK
            && v.evaluator == visit.evaluator
            && of_agency.contains(&v.centre.as_str())
    });
    assert_eq!(again.count(), 0);
}

#[test]
fn who_is_ill_is_replaced_or_visits_later() {
    let (problem, plan) = programme();
    let evaluator = plan.visits[0].evaluator.clone();
    let weeks = Weeks { from: 6, to: 8 };
    let lost =
        plan.visits.iter().filter(|v| v.evaluator == evaluator && weeks.holds(v.slot.week)).count();
    assert!(lost > 0, "the test needs somebody with visits then");
    let now = check_replanned(&problem, &plan, &[Event::Away { evaluator, weeks }]);
    assert_eq!(because(&now.changes, 0), lost);
    assert!(now.changes.len() <= lost * 3, "{lost} lost, {} changed", now.changes.len());
}

#[test]
fn a_closed_centre_falls_away_and_a_new_one_is_visited() {
    let (problem, plan) = programme();
    let mut new = problem.centres[4].clone();
    new.id = "C-NEW".into();
    // There is half a cycle left for it.
    new.visits[0].unannounced = 2;
    new.is_anchor = false;
    let closed = problem.centres[10].id.clone();
    let lost =
        plan.visits.iter().filter(|v| v.centre == closed && v.slot.week >= FROM_WEEK).count();
    let events = [
        Event::CentreClosed { centre: closed.clone() },
        Event::CentreNew { centre: Box::new(new.clone()) },
    ];
    let now = check_replanned(&problem, &plan, &events);
    assert_eq!(because(&now.changes, 0), lost);
    assert_eq!(because(&now.changes, 1), new.visit_count() as usize);
    let left = now.plan.visits.iter().filter(|visit| visit.centre == closed);
    assert!(left.clone().all(|visit| visit.slot.week < FROM_WEEK));
}

#[test]
fn promised_visits_stay_where_they_are_while_others_move() {
    let (mut problem, plan) = programme();
    let promised: Vec<_> = plan
        .visits
        .iter()
        .filter(|v| {
            v.slot.week >= FROM_WEEK && v.kind == mizan_domain::rubric::VisitKind::Scheduled
        })
        .cloned()
        .collect();
    problem.fixed = promised.clone();
    let gone = plan.visits[0].evaluator.clone();
    let now = check_replanned(&problem, &plan, &[Event::Gone { evaluator: gone.clone() }]);
    for visit in promised.iter().filter(|visit| visit.evaluator != gone) {
        assert!(now.plan.visits.contains(visit), "{visit:?} was promised");
    }
}
