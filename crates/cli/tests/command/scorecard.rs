//! `mizan scorecard`: from a scorecard's JSON to documents.

use crate::runner::{mizan, pdf_text, rubric};

#[test]
fn a_scorecard_becomes_a_document_in_each_language_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let answers = folder.path().join("answers.json");
    let json = r#"{"centre": "C-014", "cycle": "4", "evaluations": [{"id": "1", "visit_kind": "unannounced",
        "answers": [{"criterion": "S1", "value": 4}, {"criterion": "R3", "value": "22.5"}]}]}"#;
    std::fs::write(&answers, json).unwrap();
    let scored =
        mizan(&["score", "--rubric", &rubric("in-person.toml"), &answers.display().to_string()]);
    let card = folder.path().join("card.json");
    std::fs::write(&card, scored.stdout).unwrap();
    let make = |out: &str| {
        let out = folder.path().join(out);
        let ran = mizan(&[
            "scorecard",
            &card.display().to_string(),
            "--lang",
            "ar,en",
            "--out",
            &out.display().to_string(),
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ["ar", "en"]
            .map(|language| std::fs::read(out.join(format!("C-014-{language}.pdf"))).unwrap())
    };
    assert!(make("once") == make("twice"), "two runs give the same bytes");
    let arabic = pdf_text(&folder.path().join("once/C-014-ar.pdf"));
    for word in ["الأساسية", "الإنجليزية", "58.3", "R3"] {
        assert!(arabic.contains(word), "{word} is not found in the document");
    }
}

#[test]
fn a_scorecard_of_an_unknown_rubric_is_refused_by_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("card.json");
    let unknown = "0".repeat(64);
    let json = format!(
        r#"{{"centre": "C-1", "cycle": "4", "rubric": {{"id": "x", "version": "1", "sha256": "{unknown}"}},
        "score": null, "exact": null, "coverage": "0.0", "coverage_exact": "0", "basic_compliance": null,
        "basic_compliance_exact": null, "outcome": "no_score", "level": null, "pillars": [], "criteria": [],
        "critical": []}}"#
    );
    std::fs::write(&card, json).unwrap();
    let out = folder.path().join("out").display().to_string();
    let ran = mizan(&["scorecard", &card.display().to_string(), "--lang", "ar", "--out", &out]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains(&unknown) && ran.stderr.contains("--rubric"), "{}", ran.stderr);
}
