//! Random rubrics and random visits, as JSON: the same seed gives the same case.
//!
//! Round numbers are drawn often, so that scores fall exactly on thresholds.

use mizan_protocol::answer::{AnswerJson, ValueJson};
use mizan_protocol::score::{EvaluationJson, ScoreRequest};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

/// The best quality; see [`value_at`].
pub const BEST: u64 = 1000;

/// A rubric with what a centre's visits found.
#[derive(Debug, Clone)]
pub struct Case {
    /// The rubric, valid and with every default written out.
    pub rubric: Value,
    /// The evaluations.
    pub request: ScoreRequest,
}

/// How a centre's answers are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Mood {
    /// The worst quality that is drawn.
    pub worst: u64,
    /// How many answers in a thousand are missing, and as many not evaluated and not applicable.
    pub without_value: u64,
}

/// The case of a seed.
#[must_use]
pub fn random_case(seed: u64) -> Case {
    let mut rng = StdRng::seed_from_u64(seed);
    let rubric = random_rubric(&mut rng);
    let kinds: Vec<&str> = (0..rng.random_range(0..=6)).map(|_| one_of(&mut rng, &KINDS)).collect();
    let mood = Mood {
        worst: one_of(&mut rng, &[0, 0, 300, 700, 900, BEST]),
        without_value: one_of(&mut rng, &[0, 30, 100, 280]),
    };
    let request = random_request(&mut rng, &rubric, &kinds, mood);
    Case { rubric, request }
}

const KINDS: [&str; 2] = ["unannounced", "scheduled"];

fn one_of<T: Copy>(rng: &mut StdRng, choices: &[T]) -> T {
    *choices.choose(rng).expect("there is a choice")
}

/// Visits of these kinds by a rubric, with about half of its critical criteria confirmed.
pub fn random_request(
    rng: &mut StdRng,
    rubric: &Value,
    kinds: &[&str],
    mood: Mood,
) -> ScoreRequest {
    let criteria = criteria(rubric);
    let mut evaluations = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        let judged = criteria.iter().filter(|criterion| is_judged_on(criterion, kind));
        let answers = judged.filter_map(|criterion| random_answer(rng, criterion, mood)).collect();
        evaluations.push(EvaluationJson {
            id: format!("e{index}"),
            visit_kind: (*kind).to_owned(),
            answers,
        });
    }
    let critical = criteria.iter().filter(|criterion| criterion.get("critical").is_some());
    let confirmed_critical =
        critical.filter(|_| rng.random_bool(0.5)).map(|criterion| id(criterion)).collect();
    ScoreRequest { centre: "C1".into(), cycle: "1".into(), evaluations, confirmed_critical }
}

/// A rubric's criteria, in order.
///
/// # Panics
/// When the JSON is no rubric.
#[must_use]
pub fn criteria(rubric: &Value) -> Vec<&Value> {
    let pillars = rubric["pillars"].as_array().expect("a rubric has pillars");
    pillars.iter().flat_map(|pillar| pillar["criteria"].as_array()).flatten().collect()
}

/// A criterion's id.
#[must_use]
pub fn id(criterion: &Value) -> String {
    criterion["id"].as_str().unwrap_or_default().to_owned()
}

/// Whether a criterion is judged on visits of this kind.
#[must_use]
pub fn is_judged_on(criterion: &Value, kind: &str) -> bool {
    criterion["visits"].as_array().is_some_and(|kinds| kinds.iter().any(|own| own == kind))
}

/// The value of a quality on a scale, 0 (worst) to [`BEST`].
///
/// # Panics
/// When the JSON is no scale.
#[must_use]
pub fn value_at(scale: &Value, quality: u64) -> ValueJson {
    let step = |steps: u64| (quality * steps / (BEST + 1)) as usize;
    let word = |words: &[&str]| ValueJson::Text(words[step(words.len() as u64)].into());
    match scale["kind"].as_str() {
        Some("yes_no") => ValueJson::Bool(step(2) == 1),
        Some("met_partly_not") => word(&["not", "partly", "met"]),
        Some("level_0_5") => ValueJson::Integer(step(6) as i64),
        Some("maturity") => word(&["none", "basic", "developing", "maturing", "leading"]),
        Some("timed") => {
            // From a quarter past `zero_at` down to no time, so that both flat ends are met.
            let zero_at = scale["zero_at"].as_f64().unwrap_or_default();
            let time = zero_at * 1.25 * (BEST - quality) as f64 / BEST as f64;
            ValueJson::Text(format!("{time:.2}"))
        }
        Some("percent") => ValueJson::Text(format!("{}.{}", quality / 10, quality % 10)),
        _ => panic!("{scale} is no scale"),
    }
}

fn random_answer(rng: &mut StdRng, criterion: &Value, mood: Mood) -> Option<AnswerJson> {
    let empty =
        AnswerJson { criterion: id(criterion), value: None, na: None, ne: None, note: None };
    let part = mood.without_value;
    match rng.random_range(0..1000) {
        draw if draw < part => None,
        draw if draw < 2 * part => Some(AnswerJson { ne: Some("closed".into()), ..empty }),
        draw if draw < 3 * part => Some(AnswerJson { na: Some("no counter".into()), ..empty }),
        _ => {
            let value = random_value(rng, &criterion["scale"], mood);
            Some(AnswerJson { value: Some(value), ..empty })
        }
    }
}

fn random_value(rng: &mut StdRng, scale: &Value, mood: Mood) -> ValueJson {
    let quality = rng.random_range(mood.worst..=BEST);
    let often = rng.random_bool(0.25) && mood.worst < 700;
    match scale["kind"].as_str() {
        Some("timed") if often => {
            let end = one_of(rng, &["full_at", "zero_at"]);
            ValueJson::Text(scale[end].to_string())
        }
        Some("percent") if often => {
            ValueJson::Integer(one_of(rng, &[30, 40, 60, 70, 75, 80, 90, 95, 100]))
        }
        _ => value_at(scale, quality),
    }
}

fn random_rubric(rng: &mut StdRng) -> Value {
    let pillar_weights = random_split(rng, 10_000, 5);
    let mut pillars = Vec::new();
    for (place, weight) in pillar_weights.into_iter().enumerate() {
        let own = random_split(rng, 10 * weight, 6);
        let criteria = own.into_iter().enumerate();
        let criteria: Vec<Value> = criteria
            .map(|(index, weight)| random_criterion(rng, &format!("P{place}-{index}"), weight))
            .collect();
        pillars.push(json!({
            "id": format!("P{place}"),
            "name": words(),
            "weight": decimal(weight, 100),
            "criteria": criteria,
        }));
    }
    let (levels, cap) = random_ladder(rng);
    json!({
        "id": "random",
        "version": "1",
        "model": one_of(rng, &["in_person", "remote"]),
        "title": words(),
        "policy": {
            "unannounced_share": decimal(one_of(rng, &[0, 33, 50, 70, 70, 100]), 100),
            "min_coverage": one_of(rng, &[0, 50, 70, 70, 100]),
            "critical_cap": cap,
        },
        "levels": levels,
        "pillars": pillars,
    })
}

fn words() -> Value {
    json!({ "ar": "نص", "en": "text" })
}

/// The number `parts / whole`, as its shortest decimal.
fn decimal(parts: i64, whole: i64) -> Value {
    if parts % whole == 0 { json!(parts / whole) } else { json!(parts as f64 / whole as f64) }
}

/// `total` in one to `most` parts, none of them 0.
fn random_split(rng: &mut StdRng, total: i64, most: usize) -> Vec<i64> {
    let shares: Vec<i64> =
        (0..rng.random_range(1..=most)).map(|_| rng.random_range(1..20)).collect();
    let sum: i64 = shares.iter().sum();
    let mut parts: Vec<i64> = shares.iter().map(|share| total * share / sum).collect();
    let rest = total - parts.iter().sum::<i64>();
    parts[0] += rest;
    parts
}

fn random_criterion(rng: &mut StdRng, id: &str, thousandths: i64) -> Value {
    let (scale, anchors) = random_scale(rng);
    let visits = one_of(rng, &[&KINDS[..1], &KINDS[1..], &KINDS[..]]);
    let mut criterion = json!({
        "id": id,
        "name": words(),
        "guidance": words(),
        "weight": decimal(thousandths, 1000),
        "scale": scale,
        "anchors": vec![words(); anchors],
        "visits": visits,
        "evidence": { "rule": "none", "kinds": [] },
        "basic": rng.random_bool(0.3),
        "tags": {},
    });
    if rng.random_bool(0.15) {
        criterion["critical"] = one_of(rng, &["cap", "cap", "fail"]).into();
    }
    criterion
}

/// A scale and how many anchors go with it.
fn random_scale(rng: &mut StdRng) -> (Value, usize) {
    match rng.random_range(0..6) {
        0 => (json!({ "kind": "yes_no" }), one_of(rng, &[0, 2])),
        1 => (json!({ "kind": "met_partly_not" }), 3),
        2 => (json!({ "kind": "level_0_5" }), 6),
        3 => (json!({ "kind": "maturity" }), 5),
        4 => {
            let full_at = rng.random_range(0..600);
            let zero_at = full_at + rng.random_range(1..600);
            let unit = one_of(rng, &["s", "min", "h", "working_h"]);
            let (full_at, zero_at) = (decimal(full_at, 10), decimal(zero_at, 10));
            (json!({ "kind": "timed", "unit": unit, "full_at": full_at, "zero_at": zero_at }), 0)
        }
        _ => {
            let tenths = rng.random_range(1..=1000);
            let target = one_of(rng, &[1000, 1000, 800, tenths]);
            (json!({ "kind": "percent", "target": decimal(target, 10) }), 0)
        }
    }
}

/// Levels and the cap: the default ladder, or one of one to seven levels.
fn random_ladder(rng: &mut StdRng) -> (Vec<Value>, String) {
    let level = |id: String, hundredths: i64, floor: Option<i64>, allows: bool| {
        let mut level = json!({
            "id": id,
            "name": words(),
            "min_score": decimal(hundredths, 100),
            "allows_critical": allows,
        });
        if let Some(floor) = floor {
            level["pillar_floor"] = floor.into();
        }
        level
    };
    if rng.random_bool(0.5) {
        let ladder = vec![
            level("platinum".into(), 9500, Some(80), false),
            level("gold".into(), 9000, Some(70), false),
            level("silver".into(), 8000, Some(60), true),
            level("meets".into(), 7500, None, true),
            level("needs_improvement".into(), 0, None, true),
        ];
        return (ladder, "silver".into());
    }
    let count = rng.random_range(0..=6usize);
    let mut starts: Vec<i64> = (0..count).map(|_| 50 * rng.random_range(1..=200)).collect();
    starts.sort_unstable_by(|a, b| b.cmp(a));
    starts.dedup();
    let mut ladder = Vec::new();
    for (place, start) in starts.iter().enumerate() {
        let floor = rng.random_bool(0.4).then(|| 10 * rng.random_range(0..=10));
        ladder.push(level(format!("L{place}"), *start, floor, rng.random_bool(0.6)));
    }
    ladder.push(level(format!("L{}", starts.len()), 0, None, true));
    let bars = ladder.iter().rposition(|level| level["allows_critical"] == json!(false));
    let cap = rng.random_range(bars.map_or(0, |place| place + 1)..ladder.len());
    let cap = id(&ladder[cap]);
    (ladder, cap)
}
