//! Problems small enough to read.

use mizan_domain::rubric::Model;
use mizan_planner::{
    Centre, Clash, Evaluator, Load, NoPlan, Place, Plan, Problem, Wanted, made, plan,
};

/// Centres and evaluators without any needs or bars, two regions, all rules loose.
pub(crate) fn problem(centres: usize, evaluators: usize, visits: u32) -> Problem {
    let mut problem = made::problem(8, 5);
    problem.policy.linking_percent = 0;
    problem.policy.spacing_days = 7;
    problem.centres = (0..centres).map(|at| centre(at, visits)).collect();
    problem.evaluators = (0..evaluators).map(evaluator).collect();
    problem
}

pub(crate) fn region(at: usize) -> String {
    if at.is_multiple_of(2) { "north" } else { "south" }.to_owned()
}

pub(crate) fn centre(at: usize, visits: u32) -> Centre {
    Centre {
        id: format!("C{at}"),
        agency: format!("A{at}"),
        region: region(at),
        model: Model::InPerson,
        place: Place { x: (at as i32 % 2) * 60 + at as i32, y: at as i32 * 7 % 11 },
        visits: vec![Wanted { channel: None, unannounced: visits, scheduled: 0 }],
        needs: vec![],
        is_anchor: false,
        scheduled_weeks: None,
        is_closed: false,
    }
}

pub(crate) fn evaluator(at: usize) -> Evaluator {
    Evaluator {
        id: format!("E{at}"),
        employer: None,
        interests: vec![],
        exposed: vec![],
        past: vec![],
        declined: vec![],
        region: region(at),
        place: Place { x: (at as i32 % 2) * 60, y: at as i32 * 5 % 13 },
        regions: vec![],
        abilities: vec![],
        away: vec![],
        load: Load { least: 0, most: 100 },
        visit_cost: 10,
    }
}

pub(crate) fn planned(problem: &Problem) -> Plan {
    plan(problem).unwrap_or_else(|none| panic!("{none}"))
}

pub(crate) fn clash(problem: &Problem) -> Clash {
    match plan(problem) {
        Err(NoPlan::Clash(clash)) => *clash,
        other => panic!("a clash, not {other:?}"),
    }
}
