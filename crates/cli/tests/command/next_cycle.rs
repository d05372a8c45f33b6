//! The device that the demo leaves for the next cycle, and contacts noted on it by the command.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::runner::{Ran, command, finish};

/// The evaluator's device of a demo.
struct Tablet {
    home: String,
}

impl Tablet {
    fn run(&self, args: &[&str]) -> Ran {
        let mut command = command(&[&["device", "--home", &self.home], args].concat());
        command.env("MIZAN_PASSPHRASE", "mizan-demo-evaluator");
        finish(command)
    }

    fn said(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        ran.stdout
    }

    fn told(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(&[&["--json"], args].concat())).unwrap()
    }
}

/// Every visit lies there as far as it should have come, and the work goes on.
pub fn lies_on_a_device(folder: &Path, demo: &Ran) {
    let home = folder.join("evaluator").canonicalize().unwrap().display().to_string();
    let line = demo.stdout.lines().find(|line| line.starts_with("device ")).unwrap();
    assert!(line.contains(&home) && line.contains("mizan-demo-evaluator"), "{line}");
    let tablet = Tablet { home };
    let visits = tablet.told(&["visits"]);
    let visits = visits.as_array().unwrap();
    let states: BTreeMap<&str, &str> = visits
        .iter()
        .map(|visit| (visit["centre"].as_str().unwrap(), visit["state"].as_str().unwrap()))
        .collect();
    let expected = [
        ("C-001", "in_progress"),
        ("C-002", "assigned"),
        ("C-003", "in_progress"),
        ("C-004", "returned"),
    ];
    assert_eq!(states, BTreeMap::from(expected), "one visit for each of the centres there are");
    let status = tablet.told(&["status"]);
    assert_eq!(status["unsent_records"], 0, "everything was sent: {status}");

    let overdue = tablet.told(&["show", "C-001"]);
    let due = overdue["report_due"].as_str().expect("the visit was made and is not submitted");
    assert!(due < today().as_str(), "its report was due before today: {due}");
    assert!(overdue["brief"]["brief"]["persona"]["ar"].is_string(), "{}", overdue["brief"]);
    let returned = tablet.told(&["show", "C-004"]);
    assert_eq!(returned["brief"]["questions"].as_array().unwrap().len(), 1);
    half_a_remote_visit_agrees_with_its_contacts(&tablet);
    contacts_are_opened_noted_corrected_and_removed(&tablet);
}

/// Today as the first ten characters of a moment, in local time as `show` prints it.
fn today() -> String {
    chrono::Local::now().date_naive().to_string()
}

fn half_a_remote_visit_agrees_with_its_contacts(tablet: &Tablet) {
    let visit = tablet.told(&["show", "C-003"]);
    let contacts = visit["contacts"].as_array().unwrap();
    let calls = contacts.iter().filter(|contact| contact["channel"] == "phone").count();
    assert_eq!(calls, 3, "{contacts:?}");
    let email = contacts.iter().find(|contact| contact["channel"] == "email").unwrap();
    let moments = email["moments"].as_array().unwrap();
    assert!(moments.iter().all(|moment| moment["moment"] != "replied"), "a reply is awaited");
    assert_eq!(visit["report_due"], Value::Null, "while one is, the visit has not ended");
    let derived = visit["derived"].as_array().unwrap();
    let answers = visit["answers"].as_array().unwrap();
    for criterion in ["T1", "T5"] {
        let of = |list: &[Value]| list.iter().find(|of| of["criterion"] == criterion).cloned();
        let (told, answer) = (of(derived).unwrap(), of(answers).unwrap());
        assert_eq!(told["value"], answer["value"], "{criterion}");
        assert_eq!(told["spans"], 3, "{criterion}");
    }
    let shown = tablet.said(&["show", "C-003"]);
    for part in
        ["الشخصية: ", "السلامة: ", "contact 1  phone", "T1  the times tell ", "the mean of 3"]
    {
        assert!(shown.contains(part), "{part}\n-- is not in --\n{shown}");
    }
}

fn contact<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [&["contact", "C-003"], args].concat()
}

fn contacts_are_opened_noted_corrected_and_removed(tablet: &Tablet) {
    let contacts = || tablet.told(&["show", "C-003"])["contacts"].as_array().unwrap().clone();
    let before = contacts();
    let number = (before.len() + 1).to_string();
    let id = "0197f3a0-0000-7000-8000-000000000001";
    let opened = tablet.said(&contact(&["add", "portal", "--id", id]));
    assert!(opened.contains(&format!("contact {number} portal {id}")), "{opened}");
    tablet.said(&contact(&["add", "portal", "--id", id]));
    assert_eq!(contacts().len(), before.len() + 1, "the same command again opens nothing");

    let moment = |word: &'static str, at: &'static str| contact(&["moment", &number, word, at]);
    tablet.said(&moment("started", "2026-03-09T10:00:00+03:00"));
    tablet.said(&moment("completed", "2026-03-09T10:20:00+03:00"));
    tablet.said(&moment("started", "2026-03-09T10:00:00+03:00"));
    let found = contacts().pop().unwrap();
    assert_eq!(
        found["moments"].as_array().unwrap().len(),
        2,
        "what stands there is not noted twice"
    );
    let value = |criterion: &str| {
        let visit = tablet.told(&["show", "C-003"]);
        let answers = visit["answers"].as_array().unwrap().clone();
        answers.iter().find(|answer| answer["criterion"] == criterion).map(|of| of["value"].clone())
    };
    assert_eq!(value("O2"), Some("20".into()), "the times fill the answer in");
    tablet.said(&contact(&["correct", &number, "2", "2026-03-09T10:25:30+03:00"]));
    assert_eq!(value("O2"), Some("25.5".into()), "and it follows them");

    let refused = [
        (moment("dialled", "10:00"), "what can: ended"),
        (moment("hung-up", "10:00"), "no moment of a contact"),
        (contact(&["moment", "99", "started"]), "has no contact 99"),
        (contact(&["correct", &number, "3", "10:00"]), "has no moment 3"),
    ];
    for (args, told) in refused {
        let ran = tablet.run(&args);
        assert_ne!(ran.code, 0, "{args:?}");
        assert!(ran.stderr.contains(told), "{args:?}: {}", ran.stderr);
    }
    tablet.said(&contact(&["remove", &number, "2"]));
    assert_eq!(value("O2"), None, "an answer that only the times gave goes with them");
    tablet.said(&contact(&["remove", &number]));
    assert_eq!(contacts(), before);
}
