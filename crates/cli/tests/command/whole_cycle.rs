//! The whole cycle through the real binary, and what it may not leave behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::next_cycle;
use crate::runner::{Ran, command, finish, mizan, pdf_text};

const CENTRES: usize = 4;

fn demo(dir: &Path, more: &[&str]) -> Ran {
    let (dir, centres) = (dir.display().to_string(), CENTRES.to_string());
    let args = ["demo", "--dir", &dir, "--centres", &centres, "--seed", "3"];
    let ran = mizan(&[&args, more].concat());
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    ran
}

/// The lines of the table: a centre's code, and what it scored.
fn table(ran: &Ran) -> Vec<String> {
    ran.stdout.lines().filter(|line| line.starts_with("C-")).map(str::to_owned).collect()
}

#[test]
fn a_whole_cycle_leaves_every_scorecard_and_no_trace_of_who_came() {
    let folder = tempfile::tempdir().unwrap();
    let ran = demo(folder.path(), &[]);
    assert_eq!(table(&ran).len(), CENTRES);
    assert!(ran.stdout.contains(", 0 lost"), "the killed device lost nothing: {}", ran.stdout);
    let cards: Vec<_> = std::fs::read_dir(folder.path().join("scorecards"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(cards.len(), 2 * CENTRES);

    let words: BTreeSet<String> =
        words_of_evaluators().into_iter().chain(openings_of_briefs()).collect();
    let responses = std::fs::read(folder.path().join("manager-responses.bin")).unwrap();
    let responses = String::from_utf8_lossy(&responses).into_owned();
    assert!(responses.contains("C-001"), "the managers were sent something");
    for word in &words {
        assert!(!responses.contains(word.as_str()), "a manager was sent {word}");
    }
    for card in &cards {
        let text = pdf_text(card);
        assert!(text.contains("C-00"), "{} has text", card.display());
        for word in &words {
            assert!(!text.contains(word.as_str()), "{} names {word}", card.display());
        }
    }
    let arabic: String = cards
        .iter()
        .filter(|p| p.display().to_string().ends_with("-ar.pdf"))
        .map(|p| pdf_text(p))
        .collect();
    for word in ["الأمل", "الأساسية", "الإنجليزية", "لافتة"] {
        assert!(arabic.contains(word), "{word} is not found in logical order");
    }

    every_card_can_be_verified_and_no_altered_one(&cards, folder.path());
    a_wrong_passphrase_changes_nothing(&folder.path().join("devices"));

    let again = demo(folder.path(), &["--next-cycle"]);
    assert_eq!(
        table(&again),
        table(&ran),
        "the same seed gives the same scores, over an earlier demo's folder"
    );
    next_cycle::lies_on_a_device(folder.path(), &again);
}

/// What a scorecard's reader can check by themselves, without a server.
fn every_card_can_be_verified_and_no_altered_one(cards: &[PathBuf], folder: &Path) {
    let verify = |file: &Path, more: &[&str]| {
        mizan(&[&["verify", &file.display().to_string(), "--json"], more].concat())
    };
    let told = |ran: &Ran| serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let mut keys = BTreeSet::new();
    for card in cards {
        let ran = verify(card, &[]);
        assert_eq!(ran.code, 0, "{}: {}{}", card.display(), ran.stdout, ran.stderr);
        let names: Vec<Value> =
            told(&ran)["checks"].as_array().unwrap().iter().map(|of| of["name"].clone()).collect();
        assert_eq!(names, ["signature", "score", "pages"]);
        keys.insert(told(&ran)["public_key"].as_str().unwrap().to_owned());
    }
    assert_eq!(keys.len(), 1, "one server signed them all");
    let key = keys.first().unwrap();
    assert_eq!(verify(&cards[0], &["--key", key]).code, 0);
    let other = verify(&cards[0], &["--key", &"0".repeat(64)]);
    assert_eq!(other.code, 1);
    assert_eq!(told(&other)["checks"][1]["holds"], false, "signed by somebody else");

    let whole = std::fs::read(&cards[0]).unwrap();
    let altered = folder.join("altered.pdf");
    for place in (0..whole.len()).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        std::fs::write(&altered, bytes).unwrap();
        assert_eq!(verify(&altered, &[]).code, 1, "byte {place} of {}", whole.len());
    }
    let none = verify(&folder.join("manager-responses.bin"), &[]);
    assert_eq!((none.code, none.stdout.as_str()), (1, ""));
    assert!(none.stderr.contains("neither a PDF nor"), "{}", none.stderr);
}

/// A device of the demo refuses a wrong passphrase, and never offers to start afresh.
fn a_wrong_passphrase_changes_nothing(devices: &Path) {
    let home = std::fs::read_dir(devices).unwrap().next().unwrap().unwrap().path();
    let files = || {
        let mut files: Vec<_> =
            std::fs::read_dir(&home).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files
            .into_iter()
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect::<Vec<_>>()
    };
    let before = files();
    assert!(!before.is_empty());
    let mut status = command(&["device", "--home", &home.display().to_string(), "status"]);
    status.env("MIZAN_PASSPHRASE", "certainly not the passphrase");
    let ran = finish(status);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(ran.stderr.contains("passphrase"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("init"), "no offer to start afresh: {}", ran.stderr);
    assert!(files() == before, "nothing was changed");
}

/// Names and account names of the demo's evaluators, read from its source.
fn words_of_evaluators() -> BTreeSet<String> {
    let source = include_str!("../../src/demo/names.rs");
    let from = source.find("EVALUATORS").expect("the list of evaluators");
    let list = &source[from..from + source[from..].find("];").unwrap()];
    let quoted = list.split('"').skip(1).step_by(2);
    let words: BTreeSet<String> = quoted
        .filter(|word| word.chars().count() > 6 && !word.contains('_'))
        .map(str::to_owned)
        .collect();
    assert!(words.len() >= 60, "thirty evaluators in two languages: {words:?}");
    words
}

/// How the texts of the demo's briefs begin, read from their source.
fn openings_of_briefs() -> BTreeSet<String> {
    let source = include_str!("../../src/demo/briefs.rs");
    let texts = source.split('"').skip(1).step_by(2).filter(|text| text.chars().count() > 40);
    let openings: BTreeSet<String> = texts.map(|text| text.chars().take(24).collect()).collect();
    assert!(openings.len() >= 30, "six scenarios in two languages: {openings:?}");
    openings
}
