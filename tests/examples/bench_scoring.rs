//! How fast scoring is, and whether ten times the centres take ten times as long.
//!
//! `cargo run --release -p mizan-tests --example bench_scoring`, on one thread.

use std::path::Path;
use std::time::{Duration, Instant};

use mizan_domain::evaluation::Evaluation;
use mizan_domain::rubric::Rubric;
use mizan_domain::scoring::score;
use mizan_protocol::rubric::{RubricRef, to_json};
use mizan_protocol::score::{BadEvaluation, ScorecardJson};
use mizan_tests::random_case::{Mood, random_request};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;

const VISITS: [&str; 4] = ["unannounced", "unannounced", "scheduled", "scheduled"];
const RUNS: usize = 3;
const GOAL: f64 = 11.0;

/// One centre's visits and its confirmed critical criteria.
type Centre = (Vec<Evaluation>, Vec<String>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rubrics/in-person.toml");
    let rubric = Rubric::from_toml(&std::fs::read_to_string(file)?)
        .map_err(|faults| format!("the rubric has faults: {faults:?}"))?;
    let json = to_json(&rubric);
    let few = centres(&json, 1_000)?;
    let many = centres(&json, 10_000)?;
    let answers: usize = many.iter().flat_map(|(visits, _)| visits).map(|v| v.answers.len()).sum();
    println!("{} visits a centre, {} answers a visit", VISITS.len(), answers / (4 * many.len()));

    let scored = |centre: &Centre| score(&rubric, &centre.0, &centre.1).is_ok();
    report("score", &few, &many, scored);
    let named = RubricRef::of(&rubric);
    let written = |(visits, confirmed): &Centre| match score(&rubric, visits, confirmed) {
        Ok(card) => !ScorecardJson::by("C", "1", named.clone(), &card).criteria.is_empty(),
        Err(_) => false,
    };
    report("score and scorecard JSON", &few[..100], &many[..1_000], written);
    Ok(())
}

/// Centres with their visits, the same for the same number on every machine.
fn centres(rubric: &Value, count: u64) -> Result<Vec<Centre>, BadEvaluation> {
    let centre = |seed: u64| {
        let mut rng = StdRng::seed_from_u64(seed);
        let mood = Mood { worst: 200, without_value: 30 };
        let request = random_request(&mut rng, rubric, &VISITS, mood);
        let visits = request.evaluations.iter().map(|visit| visit.to_domain());
        Ok((visits.collect::<Result<_, _>>()?, request.confirmed_critical))
    };
    (0..count).map(centre).collect()
}

fn report(what: &str, few: &[Centre], many: &[Centre], work: impl Fn(&Centre) -> bool) {
    let (short, long) = (best_of(few, &work), best_of(many, &work));
    for (centres, time) in [(few.len(), short), (many.len(), long)] {
        let evaluations = (centres * VISITS.len()) as f64 / time.as_secs_f64();
        println!(
            "{what}: {centres} centres in {:.3} s, {evaluations:.0} evaluations per second and core",
            time.as_secs_f64()
        );
    }
    let growth = long.as_secs_f64() / short.as_secs_f64();
    let verdict = if growth <= GOAL { "within" } else { "over" };
    println!("{what}: ten times the centres take {growth:.2} times as long, {verdict} {GOAL}");
}

fn best_of(centres: &[Centre], work: impl Fn(&Centre) -> bool) -> Duration {
    let clock = Instant::now();
    let run = || {
        let start = time_on_core(clock);
        let scored = centres.iter().filter(|centre| work(centre)).count();
        let time = time_on_core(clock).saturating_sub(start);
        assert_eq!(scored, centres.len(), "every centre can be scored");
        time
    };
    (0..RUNS).map(|_| run()).min().unwrap_or_default()
}

/// The time this thread has spent on a core, where the system tells (Linux), so that a busy machine
/// does not slow the figures; else the time since the clock was started.
fn time_on_core(clock: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| clock.elapsed(), Duration::from_nanos)
}
