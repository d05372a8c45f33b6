//! The same seed gives the same plan, and nobody without it foresees one.

use mizan_planner::formats::written;
use mizan_planner::secrecy::{Foresight, PastScore, foresight, leak};
use mizan_planner::{Plan, Problem, Seed, made};

use crate::small::planned;

fn bytes(problem: &Problem) -> String {
    serde_json::to_string(&written(problem, &planned(problem)).unwrap()).unwrap()
}

fn seeded(number: u8) -> Problem {
    let mut problem = made::problem(40, 3);
    problem.seed = Seed::new([number; 32]);
    problem
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_another_plan() {
    assert_eq!(bytes(&seeded(1)), bytes(&seeded(1)));
    assert_ne!(planned(&seeded(1)).visits, planned(&seeded(2)).visits);
}

#[test]
fn the_commitment_tells_problems_and_seeds_apart() {
    let of = |problem: &Problem| planned(problem).commitment;
    let (one, other) = (of(&seeded(1)), of(&seeded(2)));
    assert_eq!(one.problem, other.problem, "the problem's hash does not depend on the seed");
    assert_ne!(one.seed, other.seed);
    let mut changed = seeded(1);
    changed.evaluators[0].load.most += 1;
    assert_ne!(of(&changed).problem, one.problem);
}

fn guessed(plans: &[Plan]) -> Foresight {
    foresight(plans, 12, 15, 0.95).unwrap()
}

fn plans(planner: impl Fn(Problem) -> Plan) -> Vec<Plan> {
    (1..=12).map(|number| planner(seeded(number))).collect()
}

/// What an outsider may guess at most, in multiples of the chance: weeks near the scheduled visit are
/// rarer, and of all evaluators few live near a centre.
const WEEK: f64 = 2.0;
const TIME: f64 = 2.0;

#[test]
fn weeks_and_times_cannot_be_foreseen_without_the_seed() {
    let found = guessed(&plans(|problem| planned(&problem)));
    assert!(found.week.made > 1_000, "{found:?}");
    assert!(!found.week.is_above(WEEK), "{:?}", found.week);
    assert!(!found.time.is_above(TIME), "{:?}", found.time);
    assert!(found.evaluator.share.high < 0.5, "{:?}", found.evaluator);
}

#[test]
fn a_planner_that_puts_visits_where_they_always_are_is_caught() {
    // It draws evaluators, but each visit has its week and its hour.
    let habitual = |problem: Problem| {
        let mut plan = planned(&problem);
        for visit in &mut plan.visits {
            visit.slot.week = visit.number * 3;
            visit.slot.part = 1;
            visit.slot.day = visit.number % 5 + 1;
        }
        plan
    };
    let found = guessed(&plans(habitual));
    assert!(found.week.is_above(WEEK) && found.time.is_above(TIME), "{found:?}");
    // One that ignores the seed is foreseen in everything.
    let deaf = guessed(&plans(|mut problem| {
        problem.seed = Seed::new([9; 32]);
        planned(&problem)
    }));
    assert!(deaf.evaluator.share.low > 0.99, "{deaf:?}");
}

fn past(centre: usize, score: f64, weeks_to_known: u32) -> PastScore {
    PastScore { centre: format!("C{centre}"), score, weeks_to_known }
}

/// Forty centres of different levels; near the known visit scores are `rise` higher. The noise has no
/// pattern but is the same each time.
fn scores(rise: f64) -> Vec<PastScore> {
    let noise = |at: usize| ((at * 7_919) % 101) as f64 / 10.0 - 5.0;
    let of = |centre: usize| {
        let level = 60.0 + centre as f64 / 2.0;
        [
            past(centre, level + rise + noise(centre * 3), 1),
            past(centre, level + noise(centre * 3 + 1), 4),
            past(centre, level + noise(centre * 3 + 2), 6),
        ]
    };
    (0..40).flat_map(of).collect()
}

#[test]
fn a_leak_shows_and_its_absence_is_left_open() {
    let found = leak(&scores(6.0), 1, 0.95).unwrap();
    assert!(found.interval.low > 0.0 && found.interval.holds(6.0), "{found:?}");
    assert_eq!(found.centres, 40);
    let none = leak(&scores(0.0), 1, 0.95).unwrap();
    assert!(none.interval.holds(0.0), "{none:?}");
    assert!(leak(&scores(0.0)[..3], 1, 0.95).is_err(), "one centre tells nothing");
    assert!(leak(&[past(0, f64::NAN, 1)], 1, 0.95).is_err());
}
