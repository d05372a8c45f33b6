//! `mizan plan`: the visit plan through the real command.

use serde_json::Value;

use crate::runner::{Ran, mizan, root};

fn example(centres: usize) -> String {
    let path = root().join(format!("crates/planner/examples/problems/{centres}.json"));
    std::fs::read_to_string(path).unwrap()
}

/// Runs `mizan plan` on a text.
fn planned(problem: &str) -> Ran {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), problem).unwrap();
    mizan(&["plan", file.path().to_str().unwrap()])
}

/// Runs `mizan plan verify` on two texts.
fn verified(problem: &str, plan: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("problem.json"), folder.path().join("plan.json"));
    std::fs::write(&one, problem).unwrap();
    std::fs::write(&other, plan).unwrap();
    mizan(&["plan", "verify", one.to_str().unwrap(), other.to_str().unwrap()])
}

#[test]
fn a_plan_is_printed_with_all_that_is_told_of_it() {
    let ran = planned(&example(90));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (plan["violations"].as_u64(), plan["linking"]["subsets"].as_u64()),
        (Some(0), Some(1))
    );
    assert_eq!(plan["visits"].as_array().unwrap().len(), 369);
    assert!(plan["linking"]["worst_se"].as_f64() >= plan["linking"]["mean_se"].as_f64());
    assert!(plan["cost"]["gap_percent"].as_f64() >= Some(0.0), "{}", plan["cost"]);
    assert!(plan["load"]["most"].as_u64() >= plan["load"]["least"].as_u64());
    let seed = "0000000000000001000000000000000000000000000000000000000000000000";
    assert!(example(90).contains(seed) && !ran.stdout.contains(seed), "the seed stays secret");
}

#[test]
fn a_plan_can_be_drawn_again_and_any_change_shows() {
    let problem = example(24);
    let plan = planned(&problem).stdout;
    let ran = verified(&problem, &plan);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("99 visits"), "{}", ran.stdout);
    let other = plan.replacen("\"part\": 1", "\"part\": 2", 1);
    assert_ne!(other, plan);
    let line = 1 + plan.lines().position(|line| line.contains("\"part\": 1")).unwrap();
    let ran = verified(&problem, &other);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains(&format!(":{line}: the seed draws another plan")),
        "{}",
        ran.stderr
    );
    let ran = verified(&problem.replacen("000000001", "000000002", 1), &plan);
    assert!(ran.code == 1 && ran.stderr.contains("whose hash was published"), "{}", ran.stderr);
    let ran = verified(&problem.replacen("\"per_day\":2", "\"per_day\":3", 1), &plan);
    assert!(ran.code == 1 && ran.stderr.contains("is not the problem"), "{}", ran.stderr);
}

#[test]
fn rules_that_clash_are_told_with_what_frees_them() {
    let mut problem: Value = serde_json::from_str(&example(24)).unwrap();
    problem["centres"][3]["needs"] = serde_json::json!([{ "ability": "diving" }]);
    let ran = planned(&problem.to_string());
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    for told in ["no plan keeps", "need", "C-0004", "to free it: find evaluators with the ability"]
    {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
}

#[test]
fn a_problem_that_is_none_is_told_by_place_value_and_remedy() {
    let ran = planned(&example(24).replacen("\"weeks\":12", "\"weeks\":0", 1));
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("policy.weeks: 0; give 1 to 104"), "{}", ran.stderr);
    let ran = planned("[]");
    assert!(ran.code == 1 && ran.stderr.contains("line 1 column"), "{}", ran.stderr);
    let ran = mizan(&["plan", "/no/such/problem.json"]);
    assert!(ran.code == 1 && ran.stderr.contains("/no/such/problem.json"), "{}", ran.stderr);
}

#[test]
fn a_command_used_wrongly_is_misuse() {
    assert_eq!(mizan(&["plan"]).code, 2);
    assert_eq!(mizan(&["plan", "verify", "problem.json"]).code, 2);
    assert_eq!(mizan(&["plan", "a.json", "b.json"]).code, 2);
}
