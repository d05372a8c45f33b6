//! A reviewer: a process that calls the server, killed in the middle of it.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::Round;
use crate::ground::{AMENDED, Http};

/// What the server answered a reviewer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Review {
    Validated(String),
    Returned(String),
}

/// Kills the reviewer again and again; what was acknowledged is kept on the ground.
pub fn keep(round: &Round<'_>, kills: u32, mut rng: StdRng) -> Result<(), String> {
    let mut left = kills;
    if left == 0 {
        round.is_done();
    }
    while !round.is_over() {
        let lines = rng.random_range(1..=8);
        let reviews = live(round, lines, &mut rng)?;
        round.tally.reviewed(reviews.len() as u64);
        round.ground.reviews.lock().unwrap().extend(reviews);
        if left > 0 {
            round.tally.killed("reviewer");
            left -= 1;
            if left == 0 {
                round.is_done();
            }
        }
    }
    Ok(())
}

/// One life: so many lines are read, then it is killed.
fn live(round: &Round<'_>, lines: usize, rng: &mut StdRng) -> Result<Vec<Review>, String> {
    let ground = round.ground;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["review-for-ever", &ground.url(), &rng.random::<u32>().to_string()])
        .env("MIZAN_TOKEN", &ground.reviewer)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let told = listen(&mut printed, lines);
    let until = Instant::now() + Duration::from_micros(rng.random_range(0..5_000));
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut reviews = told?;
    for rest in printed.lines() {
        reviews.extend(read(&rest.unwrap())?);
    }
    Ok(reviews)
}

fn listen(printed: &mut impl BufRead, lines: usize) -> Result<Vec<Review>, String> {
    let mut reviews = Vec::new();
    let mut line = String::new();
    for _ in 0..lines {
        line.clear();
        if printed.read_line(&mut line).unwrap() == 0 {
            return Err("the reviewer ended by itself".to_owned());
        }
        reviews.extend(read(&line)?);
    }
    Ok(reviews)
}

fn read(line: &str) -> Result<Option<Review>, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["validated", visit] => Ok(Some(Review::Validated(visit.to_owned()))),
        ["returned", visit] => Ok(Some(Review::Returned(visit.to_owned()))),
        ["idle"] => Ok(None),
        _ => Err(format!("the reviewer says {line:?}")),
    }
}

/// Whether a visit is sent back once: the same whoever asks, so that no reviewer takes it otherwise.
pub fn is_returned(visit: &str, revision: u64) -> bool {
    revision == 1 && visit.ends_with(['0', '4', '8', 'c'])
}

/// The reviewer's own process: reviews what waits, and prints what it was answered.
pub fn review_for_ever(url: &str, seed: u64) -> ! {
    let http = Http::new(url, std::env::var("MIZAN_TOKEN").unwrap());
    let mut rng = StdRng::seed_from_u64(seed);
    loop {
        let said = review(&http, &mut rng).unwrap_or_else(|| {
            std::thread::sleep(Duration::from_millis(5));
            "idle".to_owned()
        });
        let mut out = std::io::stdout().lock();
        writeln!(out, "{said}").and_then(|()| out.flush()).expect("the suite reads");
    }
}

/// Reviews one visit; nothing when none waits or the server is away.
fn review(http: &Http, rng: &mut StdRng) -> Option<String> {
    let (200, queue) = http.get("/api/review/queue")? else { return None };
    let ready: Vec<&Value> =
        queue.as_array()?.iter().filter(|item| item["evidence_missing"] == 0).collect();
    if ready.is_empty() {
        return None;
    }
    let item = ready[rng.random_range(0..ready.len())];
    let (visit, revision) = (item["visit"].as_str()?, item["revision"].as_u64()?);
    let path = |step: &str| format!("/api/visits/{visit}/{step}");
    http.post(&path("review"), &json!({}))?;
    let questions = json!({ "questions": [{ "criterion": AMENDED, "text": "which door?" }] });
    let (step, body, word) = match is_returned(visit, revision) {
        true => ("return", questions, "returned"),
        false => ("validate", json!({}), "validated"),
    };
    let (200, _) = http.post(&path(step), &body)? else { return None };
    Some(format!("{word} {visit}"))
}
