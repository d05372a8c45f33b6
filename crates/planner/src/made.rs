//! Made-up programmes of any size, for examples, tests and measurements. Composed: no real centre.

use chrono::{Days, NaiveDate};
use mizan_domain::rubric::Model;

use crate::problem::{
    Centre, Costs, Evaluator, Load, Need, PastVisit, Place, Policy, Problem, Wanted, Weeks,
};
use crate::seed::{Draws, Seed};

/// Centres of a region, and kilometres between the middles of two regions.
const CENTRES_OF_REGION: usize = 50;
const APART: usize = 60;
/// How far from its region's middle a place lies.
const AROUND: usize = 25;
/// Up to so many regions a women's section asks for two visits, beyond for all.
const FEW_REGIONS: usize = 3;
/// Centres for each evaluator.
const CENTRES_OF_EVALUATOR: usize = 10;

/// A programme of so many centres, four visits each, one of them scheduled, over twelve weeks.
///
/// One centre of ten is an anchor, one of ten serves from afar; some need women or a language.
/// Evaluators come ten centres to one, eight at least.
///
/// ```
/// let problem = mizan_planner::made::problem(24, 1);
/// assert_eq!(problem.centres.len(), 24);
/// assert!(mizan_planner::faults(&problem).is_empty());
/// ```
#[must_use]
pub fn problem(centres: usize, number: u64) -> Problem {
    let mut secret = [0; 32];
    secret[..8].copy_from_slice(&number.to_be_bytes());
    let seed = Seed::new(secret);
    let mut draws = seed.draws("made", "");
    let regions = centres.div_ceil(CENTRES_OF_REGION).max(3);
    let agencies = (centres / 16).max(6);
    let policy = policy();
    let centres: Vec<Centre> =
        (0..centres).map(|at| centre(at, regions, agencies, &mut draws)).collect();
    let people = (centres.len() / CENTRES_OF_EVALUATOR).max(8);
    let visits: u32 = centres.iter().map(Centre::visit_count).sum();
    let mean = visits / people as u32;
    let load = Load { least: mean * 88 / 100, most: mean * 112 / 100 + 2 };
    let evaluators = (0..people)
        .map(|at| evaluator(at, regions, agencies, load, &centres, policy.first_day, &mut draws));
    let evaluators = evaluators.collect();
    Problem { cycle: "6".into(), seed, policy, centres, evaluators, fixed: Vec::new() }
}

fn policy() -> Policy {
    Policy {
        first_day: NaiveDate::from_ymd_opt(2026, 9, 6).expect("a date"),
        weeks: 12,
        days: 5,
        parts: 3,
        closed: Vec::new(),
        earliest_week: 1,
        scheduled_weeks: Weeks { from: 5, to: 8 },
        spacing_days: 10,
        rotation_days: 365,
        per_week: 6,
        per_day: 2,
        regions_most: 4,
        doubles_most: 3,
        linking_percent: 10,
        anchors_link: false,
        costs: Costs { distance: 1, region: 120, jitter: 30 },
        visit_variance: 0.111,
    }
}

/// Regions lie on a square grid.
fn middle(region: usize, regions: usize) -> (usize, usize) {
    let side = regions.isqrt().max(1);
    (region % side * APART, region / side * APART)
}

fn place(region: usize, regions: usize, draws: &mut Draws) -> Place {
    let (x, y) = middle(region, regions);
    let off = |middle: usize, draws: &mut Draws| {
        middle as i32 + draws.below(2 * AROUND + 1) as i32 - AROUND as i32
    };
    Place { x: off(x, draws), y: off(y, draws) }
}

fn centre(at: usize, regions: usize, agencies: usize, draws: &mut Draws) -> Centre {
    let region = at % regions;
    let is_remote = at / regions % 10 == 7;
    let one = |channel: &str, unannounced, scheduled| Wanted {
        channel: Some(channel.to_owned()),
        unannounced,
        scheduled,
    };
    let visits = if is_remote {
        vec![one("phone", 2, 0), one("chat", 1, 1)]
    } else {
        vec![Wanted { channel: None, unannounced: 3, scheduled: 1 }]
    };
    let mut needs = Vec::new();
    if !is_remote && draws.below(100) < 22 {
        let visits = (regions <= FEW_REGIONS).then_some(2);
        needs.push(Need { ability: "women_section".into(), visits });
    }
    if draws.below(8) == 0 {
        needs.push(Need { ability: "urdu".into(), visits: Some(2) });
    }
    Centre {
        id: format!("C-{:04}", at + 1),
        agency: format!("A-{:02}", draws.below(agencies) + 1),
        region: format!("R-{:02}", region + 1),
        model: if is_remote { Model::Remote } else { Model::InPerson },
        place: place(region, regions, draws),
        visits,
        needs,
        is_anchor: at / regions % 10 == 3,
        scheduled_weeks: None,
        is_closed: false,
    }
}

fn evaluator(
    at: usize,
    regions: usize,
    agencies: usize,
    load: Load,
    centres: &[Centre],
    first_day: NaiveDate,
    draws: &mut Draws,
) -> Evaluator {
    let region = at % regions;
    let agency = |draws: &mut Draws| format!("A-{:02}", draws.below(agencies) + 1);
    let employer = (draws.below(10) < 3).then(|| agency(draws));
    let interests = if draws.below(10) == 0 { vec![agency(draws)] } else { Vec::new() };
    let exposed = if draws.below(20) == 0 { vec![agency(draws)] } else { Vec::new() };
    let mut past = Vec::new();
    for _ in 0..(centres.len() / 10).min(10) {
        let centre = centres[draws.below(centres.len())].id.clone();
        let day = first_day - Days::new(60 + draws.below(300) as u64);
        past.push(PastVisit { centre, day });
    }
    let mut abilities = Vec::new();
    if (at / regions).is_multiple_of(2) {
        abilities.push("women_section".to_owned());
    }
    if (at / regions + region).is_multiple_of(2) {
        abilities.push("urdu".to_owned());
    }
    let week = draws.below(12) as u32 + 1;
    Evaluator {
        id: format!("E-{:04}", at + 1),
        employer,
        interests,
        exposed,
        past,
        declined: Vec::new(),
        region: format!("R-{:02}", region + 1),
        place: place(region, regions, draws),
        regions: Vec::new(),
        abilities,
        away: vec![Weeks { from: week, to: week }],
        load,
        visit_cost: 10,
    }
}
