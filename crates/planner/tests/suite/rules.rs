//! Every rule holds over random problems, and the checker sees each rule that is broken.

use mizan_domain::rubric::VisitKind;
use mizan_planner::{
    Load, Need, PastVisit, Plan, Problem, Rule, Wanted, Weeks, check, faults, made, plan,
};
use proptest::prelude::*;

use crate::small::{planned, problem};

/// Random programmes in which a plan is to be expected.
fn problems() -> impl Strategy<Value = Problem> {
    let shape = (12usize..50, any::<u64>(), 11u32..15, 4u32..6, 2u32..4);
    let policy = (0u32..16, any::<bool>(), 3u32..11, 3u32..5, 5u32..8);
    (shape, policy).prop_map(|((centres, number, weeks, days, parts), policy)| {
        let (linking, anchors_link, spacing, regions, per_week) = policy;
        let mut problem = made::problem(centres, number);
        let set = &mut problem.policy;
        (set.weeks, set.days, set.parts) = (weeks, days, parts);
        (set.linking_percent, set.anchors_link) = (linking, anchors_link);
        (set.spacing_days, set.regions_most, set.per_week) = (spacing, regions, per_week);
        set.closed = vec![set.first_day + chrono::Days::new(15)];
        set.doubles_most = 4;
        problem
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn plans_keep_every_rule_and_a_refusal_is_proved(problem in problems()) {
        prop_assert_eq!(faults(&problem), vec![]);
        match plan(&problem) {
            Ok(plan) => {
                prop_assert_eq!(check(&problem, &plan), vec![]);
                let bound = plan.cost.bound.unwrap();
                prop_assert!(bound <= plan.cost.total, "{} below {}", plan.cost.total, bound);
            }
            Err(none) => {
                let mizan_planner::NoPlan::Clash(clash) = none else { panic!("{none}") };
                prop_assert!(clash.is_proved, "{}", clash);
            }
        }
    }
}

/// The property above would hold of a planner that refuses everything with a proof.
#[test]
fn most_random_programmes_have_a_plan() {
    let found = (0..60).filter(|number| plan(&made::problem(16 + *number, *number as u64)).is_ok());
    let found = found.count();
    assert!(found >= 30, "{found} of 60");
}

/// A plan in which the checker finds nothing, to be broken.
fn sound() -> (Problem, Plan) {
    let problem = made::problem(24, 7);
    let plan = planned(&problem);
    assert_eq!(check(&problem, &plan), vec![]);
    (problem, plan)
}

/// The checker finds the rule after the change, and did not before.
fn breaks(rule: Rule, change: impl FnOnce(&mut Problem, &mut Plan)) {
    let (mut problem, mut plan) = sound();
    change(&mut problem, &mut plan);
    let found: Vec<Rule> = check(&problem, &plan).iter().map(|violation| violation.rule).collect();
    assert!(found.contains(&rule), "{rule:?} is told: {found:?}");
}

fn evaluator_of<'a>(problem: &'a mut Problem, plan: &Plan) -> &'a mut mizan_planner::Evaluator {
    let id = &plan.visits[0].evaluator;
    problem.evaluators.iter_mut().find(|one| one.id == *id).unwrap()
}

#[test]
fn the_checker_sees_who_is_barred() {
    breaks(Rule::OwnAgency, |problem, plan| {
        evaluator_of(problem, plan).employer = Some(problem_agency(plan, 24));
    });
    breaks(Rule::Interest, |problem, plan| {
        evaluator_of(problem, plan).interests.push(problem_agency(plan, 24));
    });
    breaks(Rule::Exposed, |problem, plan| {
        evaluator_of(problem, plan).exposed.push(problem_agency(plan, 24));
    });
    breaks(Rule::Declined, |problem, plan| {
        evaluator_of(problem, plan).declined.push(plan.visits[0].centre.clone());
    });
    breaks(Rule::Rotation, |problem, plan| {
        let day = problem.policy.first_day - chrono::Days::new(200);
        let centre = plan.visits[0].centre.clone();
        evaluator_of(problem, plan).past.push(PastVisit { centre, day });
    });
    breaks(Rule::Regions, |problem, plan| {
        evaluator_of(problem, plan).regions = vec!["elsewhere".into()];
    });
    breaks(Rule::Regions, |problem, _| problem.policy.regions_most = 1);
    breaks(Rule::Need, |problem, _| {
        problem.centres[0].needs = vec![Need { ability: "diving".into(), visits: Some(1) }];
    });
}

/// The agency of the plan's first centre.
fn problem_agency(plan: &Plan, centres: usize) -> String {
    let problem = made::problem(centres, 7);
    let centre = problem.centres.iter().find(|centre| centre.id == plan.visits[0].centre);
    centre.unwrap().agency.clone()
}

#[test]
fn the_checker_counts_visits_and_workloads() {
    breaks(Rule::Visits, |_, plan| drop(plan.visits.pop()));
    breaks(Rule::Visits, |_, plan| {
        let again = plan.visits[0].clone();
        plan.visits.push(again);
    });
    breaks(Rule::Visits, |problem, _| {
        problem.centres[0].visits.push(Wanted {
            channel: Some("fax".into()),
            unannounced: 1,
            scheduled: 0,
        });
    });
    breaks(Rule::Visits, |_, plan| plan.visits[0].evaluator = "nobody".into());
    breaks(Rule::DifferentEvaluators, |_, plan| {
        plan.visits[1].evaluator = plan.visits[0].evaluator.clone();
    });
    breaks(Rule::LoadMost, |problem, plan| {
        evaluator_of(problem, plan).load = Load { least: 0, most: 3 };
    });
    breaks(Rule::LoadLeast, |problem, plan| {
        evaluator_of(problem, plan).load = Load { least: 90, most: 99 };
    });
    breaks(Rule::Fixed, |problem, plan| {
        let mut fixed = plan.visits[0].clone();
        fixed.slot.week += 1;
        problem.fixed.push(fixed);
    });
}

#[test]
fn the_checker_reads_the_calendar() {
    breaks(Rule::Availability, |problem, plan| {
        let week = plan.visits[0].slot.week;
        evaluator_of(problem, plan).away.push(Weeks { from: week, to: week });
    });
    breaks(Rule::Availability, |problem, plan| {
        problem.policy.per_day = 1;
        let own = |v: &&mut mizan_planner::Visit| v.evaluator == "E-0001";
        let mut own = plan.visits.iter_mut().filter(own);
        let (one, other) = (own.next().unwrap(), own.next().unwrap());
        other.slot = mizan_planner::Slot { part: one.slot.part % 3 + 1, ..one.slot };
    });
    breaks(Rule::ScheduledWeeks, |_, plan| {
        let visit = plan.visits.iter_mut().find(|visit| visit.kind == VisitKind::Scheduled);
        visit.unwrap().slot.week = 1;
    });
    breaks(Rule::Spacing, |_, plan| {
        let slot = plan.visits[0].slot;
        plan.visits[1].slot = mizan_planner::Slot { part: slot.part % 3 + 1, ..slot };
    });
    breaks(Rule::Spread, |_, plan| plan.visits[1].slot.part = plan.visits[0].slot.part);
    breaks(Rule::Spread, |_, plan| plan.visits[1].slot.day = plan.visits[0].slot.day);
    breaks(Rule::Calendar, |_, plan| plan.visits[0].slot.week = 13);
    breaks(Rule::Calendar, |problem, plan| {
        problem.policy.closed.push(problem.policy.date(plan.visits[0].slot));
    });
    breaks(Rule::Calendar, |problem, _| problem.policy.earliest_week = 6);
}

#[test]
fn the_checker_sees_what_does_not_link() {
    breaks(Rule::Linking, |problem, _| problem.policy.linking_percent = 95);
    breaks(Rule::Doubles, |problem, _| problem.policy.doubles_most = 0);
    breaks(Rule::Doubles, |_, plan| {
        let second = plan.visits.iter_mut().find(|visit| visit.double_of.is_some()).unwrap();
        second.slot.part = second.slot.part % 3 + 1;
    });
    // Two evaluators in the north, two in the south, and nobody crosses.
    let mut apart = problem(4, 4, 2);
    let plan = planned(&apart);
    assert_eq!(check(&apart, &plan), vec![]);
    apart.policy.linking_percent = 1;
    let found: Vec<Rule> = check(&apart, &plan).iter().map(|violation| violation.rule).collect();
    assert!(found.contains(&Rule::Connected), "{found:?}");
}

#[test]
fn visits_that_stand_are_kept_and_not_judged() {
    let (mut problem, plan) = sound();
    let mut fixed = plan.visits[0].clone();
    fixed.slot.week = fixed.slot.week % 12 + 1;
    evaluator_of(&mut problem, &plan).employer = Some(problem_agency(&plan, 24));
    problem.fixed = vec![fixed.clone()];
    let again = planned(&problem);
    assert!(again.visits.contains(&fixed));
    assert_eq!(check(&problem, &again), vec![]);
}

#[test]
fn no_centre_and_no_evaluator_can_be_planned_without() {
    let mut empty = problem(1, 1, 1);
    empty.centres.clear();
    empty.evaluators.clear();
    let places: Vec<String> = faults(&empty).into_iter().map(|fault| fault.place).collect();
    assert_eq!(places, ["centres", "evaluators"]);
    assert!(plan(&empty).is_err());
}
