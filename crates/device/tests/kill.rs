//! kill −9 at random moments: every answer that was acknowledged is there afterwards.
//!
//! The test starts itself as a child that answers for ever and prints each answer once
//! `Device::answer` has returned. The parent kills it after a random number of lines and a random spin,
//! reopens the same home and looks for every acknowledged answer, now or in the history. Random kills
//! miss windows of microseconds; labelled crash sites belong to the simulator's suite.

#[path = "device/support.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "fixtures of tests; they serve the other suite too"
)]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mizan_domain::evaluation::RawAnswer;
use mizan_domain::scale::RawValue;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use support::{NOW, open, rubric, visit_id, with_visits};

const KILLS: usize = 200;
const VISITS: u128 = 20;
const SEED: u64 = 20_261_121;
const CRITERIA: [&str; 3] = ["A1", "A3", "A4"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [role, home, first] if role == "answer-for-ever" => {
            answer_for_ever(Path::new(home), first.parse().expect("a number"));
        }
        others if others.iter().any(|argument| argument == "--list") => {}
        _ => kill_and_look(),
    }
}

/// Answers random criteria with notes that count up, and prints each once it is acknowledged.
fn answer_for_ever(home: &Path, first: u64) {
    let mut device = open(home);
    let mut rng = StdRng::seed_from_u64(first);
    let mut out = std::io::stdout().lock();
    for number in first.. {
        let visit = rng.random_range(1..=VISITS);
        let at = rng.random_range(0..CRITERIA.len());
        let value = match at {
            0 => RawValue::Bool(rng.random()),
            1 => RawValue::Integer(rng.random_range(0..=5)),
            _ => RawValue::Text(rng.random_range(0..=60).to_string()),
        };
        let note = format!("n{number}");
        device
            .answer(visit_id(visit), CRITERIA[at], &RawAnswer::Value(value), Some(&note), NOW)
            .expect("the answer fits");
        writeln!(out, "{visit} {} {note}", CRITERIA[at]).expect("the parent reads");
        out.flush().expect("the parent reads");
    }
}

fn kill_and_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    drop(with_visits(home, &rubric(), VISITS));
    let mut rng = StdRng::seed_from_u64(SEED);
    let started = Instant::now();
    let mut acknowledged: BTreeMap<(u128, String), BTreeSet<String>> = BTreeMap::new();
    let mut next = 1;
    let mut answers = 0;
    for kill in 1..=KILLS {
        let lines = run_and_kill(home, next, &mut rng);
        assert!(!lines.is_empty(), "seed {SEED}, kill {kill}: nothing was acknowledged");
        for line in &lines {
            let parts: Vec<&str> = line.split(' ').collect();
            let [visit, criterion, note] = parts[..] else { panic!("half a line: {line}") };
            let key = (visit.parse().expect("a visit"), criterion.to_owned());
            acknowledged.entry(key).or_default().insert(note.to_owned());
        }
        answers += lines.len();
        // One answer may be on the disk that was not acknowledged any more.
        next += lines.len() as u64 + 1;
        look(home, &acknowledged, kill);
    }
    println!(
        "kill test: {KILLS} kills, {answers} acknowledged answers, 0 lost, {:.1} s (seed {SEED})",
        started.elapsed().as_secs_f64()
    );
}

/// Starts a child, kills it at a random moment, and gives back what it acknowledged.
fn run_and_kill(home: &Path, first: u64, rng: &mut StdRng) -> Vec<String> {
    let this = std::env::current_exe().expect("the test's own path");
    let mut child = Command::new(this)
        .arg("answer-for-ever")
        .arg(home)
        .arg(first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    let mut lines = Vec::new();
    let mut line = String::new();
    for _ in 0..rng.random_range(1..=40) {
        line.clear();
        if reader.read_line(&mut line).expect("the child's lines") == 0 {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let until = Instant::now() + Duration::from_micros(rng.random_range(0..1_500));
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    // On Unix this is SIGKILL.
    child.kill().expect("the child was running");
    child.wait().expect("the child ends");
    // What was printed before the kill was acknowledged, read or not.
    for rest in reader.lines() {
        lines.push(rest.expect("whole lines"));
    }
    lines
}

fn look(home: &Path, acknowledged: &BTreeMap<(u128, String), BTreeSet<String>>, kill: usize) {
    let mut device = open(home);
    let mut views = BTreeMap::new();
    for ((visit, criterion), notes) in acknowledged {
        let view = views
            .entry(visit)
            .or_insert_with(|| device.visit(visit_id(*visit)).expect("the visit is there"));
        let now = view.answers.iter().find(|given| given.criterion == *criterion);
        let now =
            now.unwrap_or_else(|| panic!("seed {SEED}, kill {kill}: {visit} {criterion} is gone"));
        let earlier = device.earlier_answers(visit_id(*visit), criterion).expect("the history");
        let found: BTreeSet<&str> =
            earlier.iter().chain([now]).filter_map(|given| given.note.as_deref()).collect();
        for note in notes {
            assert!(
                found.contains(note.as_str()),
                "seed {SEED}, kill {kill}: {visit} {criterion} {note} was acknowledged and is lost"
            );
        }
    }
}
