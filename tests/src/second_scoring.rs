//! A second implementation of scoring, written from the specification alone.
//!
//! It shares no code with `mizan-domain` and goes another way: it reduces no fraction on the road but
//! takes one common denominator for each layer, so that every score of a layer is one big integer.
//! It works on the JSON people exchange, and refuses nothing: what it reads must be valid.

use std::collections::BTreeMap;

use mizan_protocol::answer::{AnswerJson, ValueJson};
use mizan_protocol::canonical::Digest;
use mizan_protocol::score::ScoreRequest;
use num_bigint::BigInt;
use serde_json::{Value, json};

/// Scores a centre: every field of the scorecard's JSON.
///
/// # Panics
/// When the rubric or the request is not valid.
#[must_use]
pub fn second_score(rubric: &Value, request: &ScoreRequest) -> Value {
    let units = Units { places: most_places(rubric, request) };
    let criteria = criteria_of(rubric);
    let layer = criteria_layer(&units, rubric, request, &criteria);
    let pillars = pillars_layer(&units, rubric, &layer);
    let centre = centre_layer(&units, rubric, &pillars);
    let coverage = coverage(&units, &criteria, &layer);
    let basic = basic_compliance(&criteria, &layer);
    let critical = critical_hits(request, &criteria, &layer);
    let (outcome, level) = outcome(&units, rubric, centre.as_ref(), &coverage, &pillars, &critical);
    let (score_shown, score_exact) = texts(centre.as_ref());
    let (coverage_shown, coverage_exact) = texts(Some(&coverage));
    let (basic_shown, basic_exact) = texts(basic.as_ref());
    let sha256 = Digest::of(sorted_json(rubric).as_bytes()).to_string();
    json!({
        "centre": request.centre,
        "cycle": request.cycle,
        "rubric": { "id": rubric["id"], "version": rubric["version"], "sha256": sha256 },
        "score": score_shown,
        "exact": score_exact,
        "coverage": coverage_shown,
        "coverage_exact": coverage_exact,
        "basic_compliance": basic_shown,
        "basic_compliance_exact": basic_exact,
        "outcome": outcome,
        "level": level,
        "pillars": results(list(&rubric["pillars"]).iter(), &pillars),
        "criteria": results(criteria.iter().copied(), &layer),
        "critical": critical,
    })
}

/// Numerator and denominator, neither reduced nor negative.
type Share = (BigInt, BigInt);

/// Decimals as integers: all of a case count the same number of places behind the point.
struct Units {
    places: usize,
}

impl Units {
    fn one(&self) -> BigInt {
        BigInt::from(10).pow(self.places as u32)
    }

    /// A number of the rubric's JSON.
    fn number(&self, value: &Value) -> BigInt {
        self.decimal(&decimal_text(value))
    }

    fn decimal(&self, text: &str) -> BigInt {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{part:0<width$}", width = self.places).parse().expect("digits")
    }
}

/// Why a criterion or pillar has a score or not; the score in parts of its layer's denominator.
enum Standing {
    Scored(BigInt),
    NotApplicable,
    NotEvaluated,
}

impl Standing {
    fn word(&self) -> &'static str {
        match self {
            Self::Scored(_) => "scored",
            Self::NotApplicable => "na",
            Self::NotEvaluated => "ne",
        }
    }

    fn parts(&self) -> Option<&BigInt> {
        match self {
            Self::Scored(parts) => Some(parts),
            Self::NotApplicable | Self::NotEvaluated => None,
        }
    }

    fn score(&self, denominator: &BigInt) -> Option<Share> {
        self.parts().map(|parts| (parts.clone(), denominator.clone()))
    }
}

/// Results whose scores have one denominator.
struct Layer {
    denominator: BigInt,
    results: Vec<Standing>,
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn decimal_text(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        other => panic!("{other} is no number"),
    }
}

fn criteria_of(rubric: &Value) -> Vec<&Value> {
    list(&rubric["pillars"]).iter().flat_map(|pillar| list(&pillar["criteria"])).collect()
}

fn most_places(rubric: &Value, request: &ScoreRequest) -> usize {
    let behind = |text: &str| text.split_once('.').map_or(0, |(_, part)| part.len());
    fn numbers(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Number(number) => found.push(number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
            Value::Object(map) => map.values().for_each(|item| numbers(item, found)),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    let mut texts = Vec::new();
    numbers(rubric, &mut texts);
    for answer in request.evaluations.iter().flat_map(|evaluation| &evaluation.answers) {
        if let Some(ValueJson::Text(value)) = &answer.value {
            texts.push(value.clone());
        }
    }
    texts.iter().map(|text| behind(text)).max().unwrap_or(0)
}

fn greatest_common_divisor(mut a: BigInt, mut b: BigInt) -> BigInt {
    let zero = BigInt::from(0);
    while b != zero {
        (a, b) = (b.clone(), a % b);
    }
    a
}

fn least_common_multiple(numbers: impl IntoIterator<Item = BigInt>) -> BigInt {
    numbers.into_iter().fold(BigInt::from(1), |all, number| {
        &all / greatest_common_divisor(all.clone(), number.clone()) * number
    })
}

/// What an answer is worth (§2).
fn worth(units: &Units, scale: &Value, value: &ValueJson) -> Share {
    let points = |points: i64| (BigInt::from(points), BigInt::from(1));
    let step = |words: &[&str], size: i64| {
        let ValueJson::Text(word) = value else { panic!("{value:?} is no word") };
        let place = words.iter().position(|known| known == word).expect("a word of the scale");
        points(size * place as i64)
    };
    let measured = || match value {
        ValueJson::Integer(whole) => units.decimal(&whole.to_string()),
        ValueJson::Text(decimal) => units.decimal(decimal),
        ValueJson::Bool(_) => panic!("{value:?} is no decimal"),
    };
    match text(&scale["kind"]) {
        "yes_no" => points(if *value == ValueJson::Bool(true) { 100 } else { 0 }),
        "met_partly_not" => step(&["not", "partly", "met"], 50),
        "maturity" => step(&["none", "basic", "developing", "maturing", "leading"], 25),
        "level_0_5" => {
            let ValueJson::Integer(level) = value else { panic!("{value:?} is no level") };
            points(20 * level)
        }
        "timed" => {
            let (full, zero) = (units.number(&scale["full_at"]), units.number(&scale["zero_at"]));
            let time = measured().max(full.clone()).min(zero.clone());
            ((&zero - time) * 100, zero - full)
        }
        "percent" => {
            let target = units.number(&scale["target"]);
            (measured().min(target.clone()) * 100, target)
        }
        other => panic!("{other} is no scale"),
    }
}

/// What was answered to one criterion.
#[derive(Default)]
struct Heard {
    unannounced: Vec<Share>,
    scheduled: Vec<Share>,
    not_applicable: usize,
    not_evaluated: usize,
}

fn hear(units: &Units, request: &ScoreRequest, criteria: &[&Value]) -> BTreeMap<String, Heard> {
    let scales: BTreeMap<&str, &Value> =
        criteria.iter().map(|criterion| (text(&criterion["id"]), &criterion["scale"])).collect();
    let mut heard: BTreeMap<String, Heard> = BTreeMap::new();
    for evaluation in &request.evaluations {
        for AnswerJson { criterion, value, na, .. } in &evaluation.answers {
            let own = heard.entry(criterion.clone()).or_default();
            match (value, na) {
                (Some(value), _) => {
                    let share = worth(units, scales[criterion.as_str()], value);
                    match evaluation.visit_kind.as_str() {
                        "unannounced" => own.unannounced.push(share),
                        "scheduled" => own.scheduled.push(share),
                        other => panic!("{other} is no kind of visit"),
                    }
                }
                (None, Some(_)) => own.not_applicable += 1,
                (None, None) => own.not_evaluated += 1,
            }
        }
    }
    heard
}

/// From visits to criteria (§3): the denominator takes in every answer's, every number of answers a
/// mean divides by, and the share.
fn criteria_layer(
    units: &Units,
    rubric: &Value,
    request: &ScoreRequest,
    criteria: &[&Value],
) -> Layer {
    let mut heard = hear(units, request, criteria);
    let kinds = || heard.values().flat_map(|own| [&own.unannounced, &own.scheduled]);
    let bottoms = least_common_multiple(kinds().flatten().map(|(_, bottom)| bottom.clone()));
    let counts = least_common_multiple(
        kinds().filter(|answers| !answers.is_empty()).map(|answers| answers.len().into()),
    );
    let one = units.one();
    let denominator = &bottoms * counts * &one;
    let mean = |answers: &[Share]| -> Option<BigInt> {
        let parts = answers.iter().map(|(top, bottom)| top * (&denominator / bottom));
        (!answers.is_empty()).then(|| parts.sum::<BigInt>() / answers.len())
    };
    let share = units.number(&rubric["policy"]["unannounced_share"]);
    let results = criteria
        .iter()
        .map(|criterion| {
            let own = heard.remove(text(&criterion["id"])).unwrap_or_default();
            match (mean(&own.unannounced), mean(&own.scheduled)) {
                (Some(secret), Some(open)) => {
                    Standing::Scored((&share * secret + (&one - &share) * open) / &one)
                }
                (Some(parts), None) | (None, Some(parts)) => Standing::Scored(parts),
                (None, None) if own.not_applicable > 0 && own.not_evaluated == 0 => {
                    Standing::NotApplicable
                }
                (None, None) => Standing::NotEvaluated,
            }
        })
        .collect();
    Layer { denominator, results }
}

/// From criteria to pillars (§4).
fn pillars_layer(units: &Units, rubric: &Value, criteria: &Layer) -> Layer {
    let mut rest = criteria.results.iter();
    let sums: Vec<Result<Share, Standing>> = list(&rubric["pillars"])
        .iter()
        .map(|pillar| {
            let (mut points, mut weights) = (BigInt::from(0), BigInt::from(0));
            let mut all_na = true;
            for (criterion, standing) in list(&pillar["criteria"]).iter().zip(rest.by_ref()) {
                all_na &= matches!(standing, Standing::NotApplicable);
                if let Some(parts) = standing.parts() {
                    let weight = units.number(&criterion["weight"]);
                    points += &weight * parts;
                    weights += weight;
                }
            }
            match (weights > BigInt::from(0), all_na) {
                (true, _) => Ok((points, weights)),
                (false, true) => Err(Standing::NotApplicable),
                (false, false) => Err(Standing::NotEvaluated),
            }
        })
        .collect();
    let weights =
        sums.iter().filter_map(|sum| sum.as_ref().ok()).map(|(_, weights)| weights.clone());
    let multiple = least_common_multiple(weights);
    let results = sums.into_iter().map(|sum| match sum {
        Ok((points, weights)) => Standing::Scored(points * (&multiple / weights)),
        Err(without) => without,
    });
    Layer { results: results.collect(), denominator: &criteria.denominator * &multiple }
}

/// From pillars to the centre (§4).
fn centre_layer(units: &Units, rubric: &Value, pillars: &Layer) -> Option<Share> {
    let (mut points, mut weights) = (BigInt::from(0), BigInt::from(0));
    for (pillar, standing) in list(&rubric["pillars"]).iter().zip(&pillars.results) {
        if let Some(parts) = standing.parts() {
            let weight = units.number(&pillar["weight"]);
            points += &weight * parts;
            weights += weight;
        }
    }
    (weights > BigInt::from(0)).then(|| (points, weights * &pillars.denominator))
}

fn coverage(units: &Units, criteria: &[&Value], layer: &Layer) -> Share {
    let (mut scored, mut applies) = (BigInt::from(0), BigInt::from(0));
    for (criterion, standing) in criteria.iter().zip(&layer.results) {
        let weight = units.number(&criterion["weight"]);
        match standing {
            Standing::Scored(_) => {
                scored += &weight;
                applies += weight;
            }
            Standing::NotEvaluated => applies += weight,
            Standing::NotApplicable => {}
        }
    }
    if applies == BigInt::from(0) { (applies, BigInt::from(1)) } else { (scored * 100, applies) }
}

fn basic_compliance(criteria: &[&Value], layer: &Layer) -> Option<Share> {
    let basic = criteria.iter().zip(&layer.results).filter(|(c, _)| c["basic"] == json!(true));
    let scored: Vec<&BigInt> = basic.filter_map(|(_, standing)| standing.parts()).collect();
    let enough = &layer.denominator * 75;
    let met = scored.iter().filter(|parts| ***parts >= enough).count();
    (!scored.is_empty()).then(|| (BigInt::from(100 * met), BigInt::from(scored.len())))
}

/// Critical hits (§5).
fn critical_hits(request: &ScoreRequest, criteria: &[&Value], layer: &Layer) -> Vec<Value> {
    let mut hits = Vec::new();
    for (criterion, standing) in criteria.iter().zip(&layer.results) {
        let (Some(effect), Some(parts)) = (criterion.get("critical"), standing.parts()) else {
            continue;
        };
        if *parts < &layer.denominator * 40 {
            let id = text(&criterion["id"]);
            let confirmed = request.confirmed_critical.iter().any(|other| other == id);
            hits.push(json!({ "criterion": id, "effect": effect, "confirmed": confirmed }));
        }
    }
    hits
}

/// The outcome and the level (§6).
fn outcome(
    units: &Units,
    rubric: &Value,
    centre: Option<&Share>,
    coverage: &Share,
    pillars: &Layer,
    critical: &[Value],
) -> (&'static str, Option<String>) {
    let reaches = |(top, bottom): &Share, threshold: &Value| {
        top * units.one() >= units.number(threshold) * bottom
    };
    let confirmed = |effect: &str| {
        critical.iter().any(|hit| hit["confirmed"] == json!(true) && hit["effect"] == effect)
    };
    let policy = &rubric["policy"];
    let Some(score) = centre else { return ("no_score", None) };
    if !reaches(coverage, &policy["min_coverage"]) {
        return ("insufficient_evidence", None);
    }
    if confirmed("fail") {
        return ("committee_decision", None);
    }
    let capped = confirmed("cap");
    let levels = list(&rubric["levels"]);
    let cap = levels.iter().position(|level| level["id"] == policy["critical_cap"]);
    let may_have = |(place, level): &(usize, &Value)| {
        let floor = level.get("pillar_floor");
        let floor_kept = pillars.results.iter().all(|pillar| {
            match (floor, pillar.score(&pillars.denominator)) {
                (Some(floor), Some(score)) => reaches(&score, floor),
                (_, _) => true,
            }
        });
        let critical_allowed =
            !capped || (level["allows_critical"] == json!(true) && Some(*place) >= cap);
        reaches(score, &level["min_score"]) && floor_kept && critical_allowed
    };
    let level = levels.iter().enumerate().find(may_have).expect("the last level admits all");
    ("level", Some(text(&level.1["id"]).to_owned()))
}

/// The entries of a list of pillars or criteria.
fn results<'a>(things: impl Iterator<Item = &'a Value>, layer: &Layer) -> Vec<Value> {
    let entry = |(thing, standing): (&Value, &Standing)| {
        let (shown, exact) = texts(standing.score(&layer.denominator).as_ref());
        json!({ "id": thing["id"], "state": standing.word(), "score": shown, "exact": exact })
    };
    things.zip(&layer.results).map(entry).collect()
}

/// One decimal, half away from zero, and the reduced fraction (§7).
fn texts(score: Option<&Share>) -> (Option<String>, Option<String>) {
    let Some((top, bottom)) = score else { return (None, None) };
    let tenths: BigInt = (top * 20 + bottom) / (bottom * 2);
    let common = greatest_common_divisor(top.clone(), bottom.clone());
    let (over, under) = (top / &common, bottom / &common);
    let exact = if under == BigInt::from(1) { over.to_string() } else { format!("{over}/{under}") };
    (Some(format!("{}.{}", &tenths / 10, &tenths % 10)), Some(exact))
}

/// JSON with sorted keys, which for ASCII keys, plain texts and short decimals is canonical JSON.
fn sorted_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            let entry = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::String(key.clone()), sorted_json(value))
            };
            format!("{{{}}}", sorted.into_iter().map(entry).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(sorted_json).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}
