//! Scoring across crates: two implementations agree, the same input gives the same bytes, and the
//! shipped rubrics have golden scores.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use mizan_domain::rubric::Rubric;
use mizan_domain::scoring::score;
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::rubric::{from_json, to_json};
use mizan_protocol::score::{EvaluationJson, ScoreRequest, ScorecardJson};
use mizan_tests::random_case::{self, BEST, random_case, value_at};
use mizan_tests::second_scoring::second_score;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

const CASES: u64 = 10_000;
const FIRST_SEED: u64 = 20_261_121;

/// The scorecard of the product.
fn first_score(rubric: &Value, request: &ScoreRequest) -> ScorecardJson {
    let rubric = from_json(rubric).unwrap_or_else(|faults| panic!("not a rubric: {faults:?}"));
    scorecard(&rubric, request)
}

fn scorecard(rubric: &Rubric, request: &ScoreRequest) -> ScorecardJson {
    let evaluations: Vec<_> =
        request.evaluations.iter().map(|evaluation| evaluation.to_domain().unwrap()).collect();
    let scorecard = score(rubric, &evaluations, &request.confirmed_critical)
        .unwrap_or_else(|faults| panic!("refused: {faults:?}"));
    ScorecardJson::new(&request.centre, &request.cycle, rubric, &scorecard)
}

/// What the random cases came across; see [`Reached::all`].
#[derive(Debug, Default)]
struct Reached {
    outcomes: [usize; 4],
    states: [usize; 3],
    capped: usize,
    open_alerts: usize,
    at_forty: usize,
    at_seventy_five: usize,
    on_a_level: usize,
    on_the_coverage: usize,
    shown_as_a_level_they_are_below: usize,
}

impl Reached {
    fn count(&mut self, rubric: &Value, card: &Value) {
        let outcomes = ["level", "no_score", "insufficient_evidence", "committee_decision"];
        let place = |words: &[&str], word: &Value| words.iter().position(|w| word == *w).unwrap();
        self.outcomes[place(&outcomes, &card["outcome"])] += 1;
        let results = card["criteria"].as_array().unwrap();
        for (criterion, result) in random_case::criteria(rubric).into_iter().zip(results) {
            self.states[place(&["scored", "na", "ne"], &result["state"])] += 1;
            let critical = criterion.get("critical").is_some();
            self.at_forty += usize::from(critical && result["exact"] == "40");
            let basic = criterion["basic"] == json!(true);
            self.at_seventy_five += usize::from(basic && result["exact"] == "75");
        }
        for hit in card["critical"].as_array().unwrap() {
            let confirmed = hit["confirmed"] == json!(true);
            self.open_alerts += usize::from(!confirmed);
            let cap = confirmed && hit["effect"] == "cap";
            self.capped += usize::from(cap && card["outcome"] == "level");
        }
        let number = |text: &Value| text.as_str().map(str::to_owned);
        let shown = number(&card["score"]).unwrap_or_default();
        for level in rubric["levels"].as_array().unwrap() {
            let start = level["min_score"].to_string();
            self.on_a_level += usize::from(number(&card["exact"]).as_deref() == Some(&start));
            let rounded_up = format!("{start}.0") == shown && card["exact"] != json!(start);
            let below = rounded_up && card["level"] != level["id"];
            self.shown_as_a_level_they_are_below += usize::from(below);
        }
        let least = rubric["policy"]["min_coverage"].to_string();
        self.on_the_coverage += usize::from(number(&card["coverage_exact"]) == Some(least));
    }

    /// Everything a rule of the specification turns on was met often.
    fn all(&self) -> bool {
        let counts = [
            self.capped,
            self.open_alerts,
            self.at_forty,
            self.at_seventy_five,
            self.on_a_level,
            self.on_the_coverage,
            self.shown_as_a_level_they_are_below,
        ];
        self.outcomes.iter().chain(&self.states).chain(&counts).all(|count| *count >= 5)
    }
}

#[test]
fn two_implementations_agree_on_every_field_of_ten_thousand_random_scorecards() {
    let mut reached = Reached::default();
    for seed in FIRST_SEED..FIRST_SEED + CASES {
        let case = random_case(seed);
        let first = serde_json::to_value(first_score(&case.rubric, &case.request)).unwrap();
        let second = second_score(&case.rubric, &case.request);
        assert_eq!(
            first, second,
            "seed {seed}: left the product's, right the second's\n{:#}\n{:#?}",
            case.rubric, case.request
        );
        reached.count(&case.rubric, &second);
    }
    assert!(reached.all(), "the random cases reach every rule: {reached:#?}");
}

#[test]
fn a_random_rubric_is_the_same_after_reading_and_writing() {
    for seed in FIRST_SEED..FIRST_SEED + 500 {
        let rubric = random_case(seed).rubric;
        assert_eq!(to_json(&from_json(&rubric).unwrap()), rubric, "seed {seed}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_in_any_order() {
    for seed in FIRST_SEED..FIRST_SEED + 1_000 {
        let case = random_case(seed);
        let bytes =
            |request: &ScoreRequest| canonical_json(&first_score(&case.rubric, request)).unwrap();
        let once = bytes(&case.request);
        assert_eq!(once, bytes(&case.request), "seed {seed}: two runs");
        let mut rng = StdRng::seed_from_u64(seed);
        let mut shuffled = case.request.clone();
        shuffled.evaluations.shuffle(&mut rng);
        for evaluation in &mut shuffled.evaluations {
            evaluation.answers.shuffle(&mut rng);
        }
        shuffled.confirmed_critical.shuffle(&mut rng);
        assert_eq!(once, bytes(&shuffled), "seed {seed}: shuffled");
        let text = serde_json::to_string(&case.request).unwrap();
        let travelled: ScoreRequest = serde_json::from_str(&text).unwrap();
        assert_eq!(once, bytes(&travelled), "seed {seed}: after travelling as text");
    }
}

/// The pillar worked out in the scoring specification, section 4.
#[test]
fn the_worked_pillar_is_850_of_11() {
    let rows = [
        ("1", "met"),
        ("1.5", "partly"),
        ("1", "met"),
        ("2", "met"),
        ("2", "met"),
        ("1", "na"),
        ("1.5", "partly"),
        ("1", "not"),
        ("1", "met"),
    ];
    let name = json!({ "ar": "نص", "en": "text" });
    let criterion = |id: &str, weight: Value| {
        json!({
            "id": id, "name": name, "guidance": name, "weight": weight,
            "scale": { "kind": "met_partly_not" }, "anchors": [name, name, name],
            "visits": ["scheduled"], "evidence": { "rule": "none", "kinds": [] },
            "basic": false, "tags": {},
        })
    };
    let worked: Vec<Value> = rows
        .iter()
        .enumerate()
        .map(|(place, (weight, _))| {
            criterion(&format!("W{place}"), serde_json::from_str(weight).unwrap())
        })
        .collect();
    let rubric = json!({
        "id": "worked", "version": "1", "model": "remote", "title": name,
        "policy": { "unannounced_share": 0.7, "min_coverage": 0, "critical_cap": "all" },
        "levels": [{ "id": "all", "name": name, "min_score": 0, "allows_critical": true }],
        "pillars": [
            { "id": "W", "name": name, "weight": 12, "criteria": worked },
            { "id": "X", "name": name, "weight": 88, "criteria": [criterion("X0", json!(88))] },
        ],
    });
    let answer = |(place, (_, word)): (usize, &(&str, &str))| -> AnswerJson {
        let id = format!("W{place}");
        let json = match *word {
            "na" => json!({ "criterion": id, "na": "no lift" }),
            word => json!({ "criterion": id, "value": word }),
        };
        serde_json::from_value(json).unwrap()
    };
    let answers = rows.iter().enumerate().map(answer).collect();
    let visit = EvaluationJson { id: "e".into(), visit_kind: "scheduled".into(), answers };
    let (centre, cycle) = (String::new(), String::new());
    let request =
        ScoreRequest { centre, cycle, evaluations: vec![visit], confirmed_critical: vec![] };
    let card = first_score(&rubric, &request);
    assert_eq!(card.pillars[0].exact.as_deref(), Some("850/11"));
    assert_eq!(card.pillars[0].score.as_deref(), Some("77.3"));
    assert_eq!(card.pillars[1].state, "ne");
    assert_eq!(card.exact.as_deref(), Some("850/11"), "the only scored pillar is the centre");
    // 11 of the 99 points that apply were scored.
    assert_eq!(card.coverage_exact, "100/9");
    assert_eq!(serde_json::to_value(card).unwrap(), second_score(&rubric, &request));
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn shipped(name: &str) -> Rubric {
    let text = std::fs::read_to_string(folder("../rubrics").join(format!("{name}.toml"))).unwrap();
    Rubric::from_toml(&text).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"))
}

/// A centre for the golden scores: two unannounced and two scheduled visits, answered by a rule.
///
/// Criterion i is not applicable in all visits when i mod 23 = 5, and not evaluated in all when that
/// is 11. In visit k it is not evaluated when (7i + 5k) mod 29 = 3, and missing when that is 4. Else
/// its quality is `worst` and, of the rest up to the best, (137i + 61k) mod 101 hundredths.
/// Every other critical criterion is confirmed.
fn golden_request(rubric: &Value, centre: &str, worst: u64) -> ScoreRequest {
    let criteria = random_case::criteria(rubric);
    let answer = |i: u64, k: u64, criterion: &Value| -> Option<AnswerJson> {
        let id = random_case::id(criterion);
        let empty = AnswerJson { criterion: id, value: None, na: None, ne: None, note: None };
        match (i % 23, (7 * i + 5 * k) % 29) {
            (5, _) => Some(AnswerJson { na: Some("none here".into()), ..empty }),
            (11, _) | (_, 3) => Some(AnswerJson { ne: Some("closed".into()), ..empty }),
            (_, 4) => None,
            (_, _) => {
                let hundredths = (137 * i + 61 * k) % 101;
                let quality = worst + (BEST - worst) * hundredths / 100;
                Some(AnswerJson { value: Some(value_at(&criterion["scale"], quality)), ..empty })
            }
        }
    };
    let kinds = ["unannounced", "unannounced", "scheduled", "scheduled"];
    let visit = |(k, kind): (usize, &&str)| EvaluationJson {
        id: format!("visit-{}", k + 1),
        visit_kind: (*kind).into(),
        answers: criteria
            .iter()
            .enumerate()
            .filter(|(_, criterion)| random_case::is_judged_on(criterion, kind))
            .filter_map(|(i, criterion)| answer(i as u64, k as u64, criterion))
            .collect(),
    };
    let critical = criteria.iter().filter(|criterion| criterion.get("critical").is_some());
    ScoreRequest {
        centre: centre.into(),
        cycle: "1".into(),
        evaluations: kinds.iter().enumerate().map(visit).collect(),
        confirmed_critical: critical.step_by(2).map(|c| random_case::id(c)).collect(),
    }
}

fn golden_text(card: &ScorecardJson) -> String {
    let mut text = String::new();
    let both = |shown: &Option<String>, exact: &Option<String>| match (shown, exact) {
        (Some(shown), Some(exact)) => format!("{shown} = {exact}"),
        (_, _) => "none".into(),
    };
    let compliance = both(&card.basic_compliance, &card.basic_compliance_exact);
    writeln!(text, "centre {}", card.centre).unwrap();
    writeln!(text, "score {}", both(&card.score, &card.exact)).unwrap();
    writeln!(text, "coverage {} = {}", card.coverage, card.coverage_exact).unwrap();
    writeln!(text, "basic compliance {compliance}").unwrap();
    writeln!(text, "outcome {} {}", card.outcome, card.level.as_deref().unwrap_or("-")).unwrap();
    for hit in &card.critical {
        let word = if hit.confirmed { "confirmed" } else { "open" };
        writeln!(text, "critical {} {} {word}", hit.criterion, hit.effect).unwrap();
    }
    for (what, results) in [("pillar", &card.pillars), ("criterion", &card.criteria)] {
        for result in results {
            let score = both(&result.score, &result.exact);
            writeln!(text, "{what} {} {} {score}", result.id, result.state).unwrap();
        }
    }
    text
}

/// The scores of three centres by a shipped rubric are the ones on file.
///
/// A rubric's golden changes only with a new version of the rubric; the message then holds the text
/// of the new file.
fn check_golden(name: &str) {
    let rubric = shipped(name);
    let json = to_json(&rubric);
    let mut text = format!("{name} {}\n", rubric.version());
    for (centre, worst) in [("weak", 0), ("middling", 450), ("strong", 750)] {
        let request = golden_request(&json, centre, worst);
        let card = scorecard(&rubric, &request);
        assert_eq!(serde_json::to_value(&card).unwrap(), second_score(&json, &request), "{centre}");
        write!(text, "\n{}", golden_text(&card)).unwrap();
    }
    let file = folder("fixtures").join(format!("golden-{name}.txt"));
    let on_file = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(text == on_file, "the golden scores of {name} are no longer {file:?}, but:\n{text}");
}

#[test]
fn the_in_person_rubric_has_its_golden_scores() {
    check_golden("in-person");
}

#[test]
fn the_remote_rubric_has_its_golden_scores() {
    check_golden("remote");
}

/// The second implementation follows the shipped rubrics too, not only small random ones.
#[test]
fn two_implementations_agree_on_the_shipped_rubrics() {
    for name in ["in-person", "remote"] {
        let rubric = shipped(name);
        let json = to_json(&rubric);
        for seed in FIRST_SEED..FIRST_SEED + 100 {
            let mut rng = StdRng::seed_from_u64(seed);
            let without_value = rng.random_range(0..=200);
            let mood = random_case::Mood { worst: rng.random_range(0..=BEST), without_value };
            let kinds = ["unannounced", "scheduled", "unannounced", "scheduled"];
            let request = random_case::random_request(&mut rng, &json, &kinds, mood);
            let first = serde_json::to_value(scorecard(&rubric, &request)).unwrap();
            assert_eq!(first, second_score(&json, &request), "{name}, seed {seed}");
        }
    }
}
