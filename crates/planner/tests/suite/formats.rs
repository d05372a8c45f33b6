//! JSON in and out, against the committed schemas and examples.

use std::path::{Path, PathBuf};

use mizan_planner::formats::{ProblemJson, read_plan, read_problem, written};
use mizan_planner::{Problem, calendar, made};
use serde_json::Value;

use crate::small::planned;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn json(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(here().join(path)).unwrap()).unwrap()
}

fn example(centres: usize) -> String {
    std::fs::read_to_string(here().join(format!("examples/problems/{centres}.json"))).unwrap()
}

/// What a value lacks to be what the schema says; the keywords that the two schemas use.
fn faults(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = root.pointer(name.strip_prefix('#').unwrap()).unwrap();
        return faults(root, schema, value, at, found);
    }
    let is_of = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is not known"),
    };
    let fits = match &schema["type"] {
        Value::String(kind) => is_of(kind),
        Value::Array(kinds) => kinds.iter().any(|kind| is_of(kind.as_str().unwrap())),
        _ => schema["enum"].as_array().unwrap().contains(value),
    };
    let is_low = schema["minimum"].as_f64().zip(value.as_f64()).is_some_and(|(least, v)| v < least);
    let is_high = schema["maximum"].as_f64().zip(value.as_f64()).is_some_and(|(most, v)| v > most);
    if !fits || is_low || is_high {
        found.push(format!("{at}: {value}"));
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(root, &schema["items"], item, &format!("{at}[{number}]"), found);
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            found.push(format!("{at}: no {name}"));
        }
    }
    for (name, part) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(of) => faults(root, of, part, &format!("{at}.{name}"), found),
            None => found.push(format!("{at}: {name} is unknown")),
        }
    }
}

fn keeps(schema: &str, value: &Value) {
    let schema = json(schema);
    let mut found = Vec::new();
    faults(&schema, &schema, value, "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}

/// A problem in which everything that can be left out is there.
fn full() -> Problem {
    let mut problem = made::problem(24, 2);
    problem.policy.closed.push(problem.policy.first_day);
    let centre = &mut problem.centres[0];
    centre.scheduled_weeks = Some(mizan_planner::Weeks { from: 4, to: 7 });
    problem.evaluators.iter_mut().for_each(|one| one.load.least = 0);
    let evaluator = &mut problem.evaluators[0];
    evaluator.employer = Some("A-01".into());
    evaluator.interests.push("A-02".into());
    evaluator.exposed.push("A-03".into());
    evaluator.declined.push("C-0009".into());
    evaluator.regions = vec!["R-01".into(), "R-02".into(), "R-03".into()];
    let plan = planned(&problem);
    problem.fixed = plan.visits.iter().filter(|visit| visit.slot.week == 2).cloned().collect();
    assert!(!problem.fixed.is_empty());
    problem
}

#[test]
fn problems_come_back_as_they_went_out() {
    let problem = full();
    let text = serde_json::to_string(&ProblemJson::from(&problem)).unwrap();
    assert_eq!(read_problem(&text).unwrap(), problem);
    keeps("schema/problem.json", &serde_json::from_str(&text).unwrap());
}

#[test]
fn plans_are_what_their_schema_says_and_are_read_back() {
    let problem = full();
    let plan = written(&problem, &planned(&problem)).unwrap();
    assert_eq!(plan.violations, 0);
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(read_plan(&text).unwrap(), plan);
    keeps("schema/plan.json", &serde_json::from_str(&text).unwrap());
}

/// Every property of the schema is a field of the types: each is taken, and any other is refused.
#[test]
fn the_schema_names_every_field_and_no_other() {
    let mut problem = full();
    problem.centres[0].is_closed = true;
    let value = serde_json::to_value(ProblemJson::from(&problem)).unwrap();
    let schema = json("schema/problem.json");
    let lists = [
        ("/properties", vec![&value]),
        ("/$defs/policy/properties", vec![&value["policy"]]),
        ("/$defs/centre/properties", value["centres"].as_array().unwrap().iter().collect()),
        ("/$defs/evaluator/properties", value["evaluators"].as_array().unwrap().iter().collect()),
        ("/$defs/visit/properties", value["fixed"].as_array().unwrap().iter().collect()),
    ];
    for (at, values) in lists {
        for name in schema.pointer(at).unwrap().as_object().unwrap().keys() {
            let is_written = values.iter().any(|value| value.get(name).is_some());
            // No fixed visit of this problem has a channel and is doubled as well.
            let is_rare = ["channel", "double_of"].contains(&name.as_str());
            assert!(is_written || is_rare, "{at}: {name}");
        }
    }
}

#[test]
fn the_examples_are_what_the_program_makes() {
    for centres in [24, 90, 400, 1_000] {
        let text = example(centres);
        assert_eq!(
            read_problem(&text).unwrap(),
            made::problem(centres, 1),
            "{centres}: run make_problem"
        );
        keeps("schema/problem.json", &serde_json::from_str(&text).unwrap());
    }
}

/// The faults of the smallest example with one text replaced.
fn told(from: &str, to: &str) -> String {
    let text = example(24);
    assert!(text.contains(from), "{from}");
    let faults = read_problem(&text.replacen(from, to, 1)).unwrap_err();
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn bad_input_is_told_by_place_value_and_remedy() {
    for (title, from, to, expected) in [
        ("a week too many", "\"weeks\":12", "\"weeks\":900", "policy.weeks: 900; give 1 to 104"),
        (
            "a word",
            "\"in_person\"",
            "\"on_site\"",
            "centres[0].model: on_site; write in_person or remote",
        ),
        ("twice", "\"C-0002\"", "\"C-0001\"", "centres[1].id: C-0001; stands there twice"),
        ("a date", "2026-09-06", "2026-13-06", "`2026-13-06` is no date such as 2026-09-06"),
        ("a key", "\"weeks\":12", "\"weeks\":12,\"wekks\":1", "unknown field `wekks`"),
        ("negative", "\"per_day\":2", "\"per_day\":-2", "invalid value: integer `-2`"),
    ] {
        let found = told(from, to);
        assert!(found.contains(expected), "{title}: {found}");
    }
    let seed = made::problem(24, 1).seed.revealed();
    let found = told(&seed, "hunter2");
    assert_eq!(
        found,
        "seed: 7 characters; a seed is 64 hexadecimal digits; draw one with `openssl rand -hex 32`"
    );
    assert!(read_problem("{").unwrap_err()[0].place.starts_with("line 1"));
}

/// Nothing that a centre is sent says who comes, or that anybody comes in secret.
#[test]
fn calendars_hold_scheduled_visits_alone() {
    let problem = made::problem(40, 1);
    let plan = planned(&problem);
    let of = calendar::appointments(&problem, &plan, |_| true);
    let scheduled = problem.centres.iter().flat_map(|centre| &centre.visits);
    assert_eq!(of.len() as u32, scheduled.map(|wanted| wanted.scheduled).sum::<u32>());
    let texts = [
        calendar::csv(&of).unwrap(),
        calendar::icalendar(&of, &[], "6", "Visit", "20260901T080000Z"),
    ];
    for text in texts {
        assert!(problem.evaluators.iter().all(|one| !text.contains(&one.id)), "{text}");
        assert!(!text.contains("unannounced") && !text.contains("double"), "{text}");
    }
    let own = calendar::appointments(&problem, &plan, |centre| centre == "C-0001");
    assert!(own.iter().all(|of| of.centre == "C-0001") && own.len() == 1);
}
