//! Predicted errors against what is known, and against simulated ratings.

use mizan_planner::{Plan, Problem, linking, made};
use mizan_stats::random::Random;

use crate::small::{planned, problem};

/// A plan in which the given evaluators visit the given centres.
fn plan_of(of: &Problem, visits: &[(usize, usize)]) -> Plan {
    let mut plan = planned(of);
    let template = plan.visits[0].clone();
    plan.visits = visits
        .iter()
        .map(|(centre, evaluator)| {
            let mut visit = template.clone();
            (visit.centre, visit.evaluator) = (format!("C{centre}"), format!("E{evaluator}"));
            visit
        })
        .collect();
    plan
}

#[test]
fn the_eigenvalue_is_that_of_known_designs() {
    let of = problem(4, 4, 1);
    // One centre for all four: L is I − J/4, whose eigenvalues are 0 and 1.
    let together = linking(&of, &plan_of(&of, &[(0, 0), (0, 1), (0, 2), (0, 3)])).unwrap();
    assert!((together.lambda2 - 1.0).abs() < 1e-9, "{together:?}");
    // A path of three: half the Laplacian of a path, whose second eigenvalue is 1.
    let path = linking(&of, &plan_of(&of, &[(0, 0), (0, 1), (1, 1), (1, 2)])).unwrap();
    assert!((path.lambda2 - 0.5).abs() < 1e-9, "{path:?}");
    // Parallel ways: the difference of neighbours varies by 2, of the ends by 4, times the variance.
    let predicted = path.predicted.unwrap();
    assert!((predicted.worst - (4.0 * of.policy.visit_variance).sqrt()).abs() < 1e-9);
}

#[test]
fn parts_that_nobody_connects_are_named() {
    let of = problem(4, 4, 1);
    let parts = linking(&of, &plan_of(&of, &[(0, 0), (0, 2), (1, 1), (1, 3)])).unwrap();
    assert_eq!(parts.subsets, [["E0", "E2"], ["E1", "E3"]]);
    assert_eq!((parts.lambda2, parts.predicted), (0.0, None));
}

/// Estimates severities from simulated visits by least squares, alternating between centres and
/// evaluators until nothing moves.
fn estimated(visits: &[(usize, usize, f64)], centres: usize, people: usize) -> Vec<f64> {
    let mut severity = vec![0.0; people];
    for _ in 0..3_000 {
        let mut level = vec![(0.0, 0.0); centres];
        for (centre, person, score) in visits {
            level[*centre].0 += score - severity[*person];
            level[*centre].1 += 1.0;
        }
        let mut next = vec![(0.0, 0.0); people];
        for (centre, person, score) in visits {
            next[*person].0 += score - level[*centre].0 / level[*centre].1;
            next[*person].1 += 1.0;
        }
        let next: Vec<f64> = next.iter().map(|(sum, count)| sum / count).collect();
        let moved = next.iter().zip(&severity).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        severity = next;
        if moved < 1e-9 {
            break;
        }
    }
    severity
}

#[test]
fn predicted_errors_are_those_of_simulated_ratings() {
    let of = made::problem(60, 11);
    let plan = planned(&of);
    let predicted = linking(&of, &plan).unwrap().predicted.unwrap();
    let (places, people) = (of.centres.len(), of.evaluators.len());
    let visits: Vec<(usize, usize)> = plan
        .visits
        .iter()
        .map(|visit| {
            let centre = of.centres.iter().position(|at| at.id == visit.centre).unwrap();
            (centre, of.evaluators.iter().position(|one| one.id == visit.evaluator).unwrap())
        })
        .collect();
    let mut random = Random::seeded(5);
    let (mut squares, mut count) = (vec![0.0; people * people], 0.0);
    for _ in 0..400 {
        // Centres and severities are fixed effects: what they are has no part in the error.
        let rated: Vec<(usize, usize, f64)> = visits
            .iter()
            .map(|(centre, person)| {
                (*centre, *person, random.normal() * of.policy.visit_variance.sqrt())
            })
            .collect();
        let severity = estimated(&rated, places, people);
        for one in 0..people {
            for other in 0..one {
                squares[one * people + other] += (severity[one] - severity[other]).powi(2);
            }
        }
        count += 1.0;
    }
    let errors = (0..people).flat_map(|one| (0..one).map(move |other| one * people + other));
    let errors: Vec<f64> = errors.map(|at| f64::sqrt(squares[at] / count)).collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let off = mean / predicted.mean - 1.0;
    assert!(off.abs() < 0.1, "simulated {mean}, predicted {}", predicted.mean);
}
