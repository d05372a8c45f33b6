//! `mizan rubric` and `mizan score`.

use serde_json::Value;

use crate::runner::{mizan, rubric};

/// The worked pillar of the scoring specification, section 4: weights 1, 1.5, 1, 2, 2, 1, 1.5, 1, 1
/// with scores 100, 50, 100, 100, 100, NA, 50, 0, 100 give 850/11. It is pillar A in person.
const WORKED: &str = r#"{"centre": "C-014", "cycle": "4", "evaluations": [{"id": "1", "visit_kind": "unannounced",
  "answers": [
    {"criterion": "A1", "value": true}, {"criterion": "A2", "value": "partly"},
    {"criterion": "A3", "value": "met"}, {"criterion": "A4", "value": true},
    {"criterion": "A5", "value": true}, {"criterion": "A6", "na": "ground floor"},
    {"criterion": "A7", "value": "partly"}, {"criterion": "A8", "value": false},
    {"criterion": "A9", "value": "met"}]}]}"#;

fn score(json: &str, more: &[&str]) -> crate::runner::Ran {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json).unwrap();
    let (rubric, path) = (rubric("in-person.toml"), file.path().display().to_string());
    mizan(&[&["score", "--rubric", &rubric, &path], more].concat())
}

#[test]
fn the_worked_pillar_is_77_3() {
    let ran = score(WORKED, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let card: Value = serde_json::from_str(&ran.stdout).unwrap();
    let pillar = &card["pillars"][0];
    assert_eq!((pillar["id"].as_str(), pillar["score"].as_str()), (Some("A"), Some("77.3")));
    assert_eq!(pillar["exact"].as_str(), Some("850/11"));
    assert_eq!(card["outcome"], "insufficient_evidence", "one pillar of eight is not enough");
    assert!(card["level"].is_null());
    assert_eq!(card["rubric"]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn every_number_is_explained_down_to_the_answers() {
    let ran = score(WORKED, &["--explain"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let explained: Value = serde_json::from_str(&ran.stdout).unwrap();
    let pillar = &explained["score"]["from"][0];
    assert_eq!((pillar["id"].as_str(), pillar["exact"].as_str()), (Some("A"), Some("850/11")));
    let answer = &pillar["from"][1]["from"][0]["from"][0];
    assert_eq!(answer["subject"], "answer");
    assert_eq!(
        (answer["exact"].as_str(), answer["answer"]["value"].as_str()),
        (Some("50"), Some("partly"))
    );
}

#[test]
fn every_fault_of_the_answers_is_told_at_once_by_criterion_value_and_remedy() {
    let faulty = WORKED
        .replace(r#"{"criterion": "A1", "value": true}"#, r#"{"criterion": "A1", "value": "yes"}"#)
        .replace(r#""na": "ground floor""#, r#""na": " ""#)
        .replace("\"A9\"", "\"Q9\"")
        .replace(
            r#"{"criterion": "A3", "value": "met"}"#,
            r#"{"criterion": "G1", "value": "basic"}"#,
        );
    let ran = score(&faulty, &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    for told in [
        "criterion A1: `yes` is not on its scale; allowed: true or false",
        "criterion A6: not applicable needs a reason",
        "criterion Q9 is not in the rubric in-person 1.1.0",
        "criterion G1 is not judged on unannounced visits",
    ] {
        assert!(ran.stderr.contains(told), "{told}\n-- is not in --\n{}", ran.stderr);
    }
    let ran = score("{\"evaluations\": [\n {\"id\": 1}]}", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains(":2:"), "the line of the fault: {}", ran.stderr);
}

#[test]
fn both_rubrics_are_sound_and_a_faulty_one_tells_every_fault_with_its_line() {
    let ran = mizan(&["rubric", "check", &rubric("in-person.toml"), &rubric("remote.toml")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faulty.toml");
    let sound = std::fs::read_to_string(rubric("in-person.toml")).unwrap();
    let faulty = sound.replacen("weight = 12\n", "weight = 13\n", 1).replacen(
        "kind = \"yes_no\"",
        "kind = \"stars\"",
        1,
    );
    std::fs::write(&path, faulty).unwrap();
    let ran = mizan(&["rubric", "check", &path.display().to_string()]);
    assert_eq!(ran.code, 1);
    for told in ["pillar weights sum to 101", "`stars` is not allowed", "faulty.toml:"] {
        assert!(ran.stderr.contains(told), "{told} is not in {}", ran.stderr);
    }
}

#[test]
fn the_guide_is_shown_whole_in_either_language() {
    for (language, words) in [
        ("ar", ["سهولة الوصول والشمولية", "زيارة"]),
        ("en", ["Accessibility and inclusion", "nannounced"]),
    ] {
        for name in ["in-person.toml", "remote.toml"] {
            let ran = mizan(&["rubric", "show", &rubric(name), "--lang", language]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            assert!(ran.stdout.lines().count() > 300, "the guide of {name} is whole");
            if name == "in-person.toml" {
                assert!(words.iter().all(|word| ran.stdout.contains(word)), "{language}");
            }
        }
    }
}
