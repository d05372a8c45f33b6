//! Real processes that are killed: devices, the server and a reviewer, at random and at labelled places.
//!
//! Each device is `mizan device`, fed line by line; the server is `mizan serve`; the reviewer is this
//! program, calling the server. Half of their lives end by SIGKILL at a random moment, half at a crash
//! site that their environment arms, where a random kill would have to hit microseconds. What a process
//! printed or was answered counts as acknowledged, and is never written again, so that no later edit heals
//! a loss. In the end all of it must be there, once, on the devices and on the server.
//!
//! `MIZAN_SEED` runs another, `MIZAN_SOAK=1` a long one.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a suite has no callers, and its helpers are tests too"
)]

mod check;
mod device;
mod ground;
mod process;
mod reviewer;
mod server;
mod tally;

use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use mizan_protocol::proof::{Fault, Finder, Site};
use mizan_server::tx::Engine;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::device::Field;
use crate::ground::Ground;
use crate::tally::Tally;

const SEED: u64 = 20_261_130;
/// How often the whole is repeated, each time with other seeds, when there is time.
const SOAK_ROUNDS: u64 = 20;

/// How often who is killed.
#[derive(Clone, Copy)]
struct Kills {
    /// Each of the devices.
    device: u32,
    server: u32,
    reviewer: u32,
}

impl Kills {
    fn all(self) -> u32 {
        self.device * ground::EVALUATORS as u32 + self.server + self.reviewer
    }
}

/// 400 on the embedded engine, 100 on PostgreSQL.
const ROUND: [(Engine, Kills); 2] = [
    (Engine::Sqlite, Kills { device: 80, server: 110, reviewer: 50 }),
    (Engine::Postgres, Kills { device: 17, server: 34, reviewer: 15 }),
];
/// Enough for a planted fault to show.
const PLANTED: Kills = Kills { device: 10, server: 60, reviewer: 0 };

/// A kill must meet the time between answer and commit, so one round may pass the fault by.
const PLANTED_ROUNDS: u64 = 4;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seed = std::env::var("MIZAN_SEED").map_or(SEED, |text| text.parse().expect("MIZAN_SEED"));
    match arguments.as_slice() {
        [role, url, seed] if role == "review-for-ever" => {
            reviewer::review_for_ever(url, seed.parse().expect("a seed"))
        }
        [planted] if planted == "--planted" => told(&run(Engine::Sqlite, PLANTED, seed)),
        others if others.iter().any(|argument| argument == "--list") => ExitCode::SUCCESS,
        _ => {
            let soak = std::env::var_os("MIZAN_SOAK").is_some();
            whole(seed, if soak { SOAK_ROUNDS } else { 1 })
        }
    }
}

/// Every round must lose nothing, every site must have been met, and a planted fault must be found.
fn whole(seed: u64, rounds: u64) -> ExitCode {
    let tally = Tally::default();
    for round in 0..rounds {
        for (engine, kills) in ROUND {
            let found = run(engine, kills, seed + round);
            if told(&found) == ExitCode::FAILURE {
                return ExitCode::FAILURE;
            }
            tally.add(&found.unwrap());
        }
    }
    println!("kill test: in all {tally} (seed {seed})");
    let missed: Vec<&str> =
        Site::ALL.iter().filter(|site| tally.at(**site) == 0).map(|site| site.word()).collect();
    if !missed.is_empty() {
        println!("kill test: no process ended at {}", missed.join(", "));
        return ExitCode::FAILURE;
    }
    find_planted(seed)
}

fn told(found: &Result<Tally, String>) -> ExitCode {
    match found {
        Ok(tally) => {
            println!("kill test: {tally}");
            ExitCode::SUCCESS
        }
        Err(violation) => {
            println!("kill test: violation: {violation}");
            ExitCode::FAILURE
        }
    }
}

/// Each fault that is this suite's to find is found, in processes of its own.
fn find_planted(seed: u64) -> ExitCode {
    let mut all = ExitCode::SUCCESS;
    for fault in Fault::found_by(Finder::Kills) {
        let rounds = (seed..seed + PLANTED_ROUNDS).map(|seed| violation_of(fault, seed));
        let mut passed_by = Vec::new();
        let found =
            rounds.map(|round| round.map_err(|told| passed_by.push(told))).find_map(Result::ok);
        println!("planted {}: {}", fault.word(), found.as_deref().unwrap_or("NOT FOUND"));
        if found.is_none() {
            println!("{}", passed_by.join("\n"));
            all = ExitCode::FAILURE;
        }
    }
    all
}

/// What a process with the fault planted says of it; how the process ended if it did not meet it.
fn violation_of(fault: Fault, seed: u64) -> Result<String, String> {
    let mut run = Command::new(std::env::current_exe().unwrap());
    run.arg("--planted").env("MIZAN_PLANT", fault.word()).env("MIZAN_SEED", seed.to_string());
    let run = run.output().unwrap();
    let (told, cause) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    match told.lines().find(|line| line.contains("violation")) {
        Some(violation) if !run.status.success() => Ok(violation.to_owned()),
        _ => Err(format!("seed {seed}: {}: {told}{cause}", run.status)),
    }
}

/// What those who keep a process share.
struct Round<'a> {
    ground: &'a Ground,
    tally: &'a Tally,
    /// Those whose kills are not all done; the others go on without any.
    busy: AtomicUsize,
    /// Somebody found a violation.
    is_lost: AtomicBool,
}

impl Round<'_> {
    /// One of them has had all kills.
    fn is_done(&self) {
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    fn is_over(&self) -> bool {
        self.busy.load(Ordering::SeqCst) == 0 || self.is_lost.load(Ordering::SeqCst)
    }

    fn end_with(&self, ended: Result<(), String>, violation: &Mutex<Option<String>>) {
        if let Err(told) = ended {
            self.is_lost.store(true, Ordering::SeqCst);
            violation.lock().unwrap().get_or_insert(told);
        }
    }
}

/// A programme at work while its processes are killed.
fn run(engine: Engine, kills: Kills, seed: u64) -> Result<Tally, String> {
    let started = Instant::now();
    let tally = Tally::default();
    let mut rng = StdRng::seed_from_u64(seed);
    let (ground, server, mut fields) = Ground::lay(engine, &mut rng);
    server.kill();
    let round = Round {
        ground: &ground,
        tally: &tally,
        busy: AtomicUsize::new(fields.len() + 2),
        is_lost: AtomicBool::new(false),
    };
    let violation = Mutex::new(None);
    let server = std::thread::scope(|scope| {
        let (round, violation) = (&round, &violation);
        let server_rng = StdRng::seed_from_u64(rng.random());
        let kept = scope.spawn(move || server::keep(round, kills.server, server_rng));
        let reviewer_rng = StdRng::seed_from_u64(rng.random());
        scope.spawn(move || {
            round.end_with(reviewer::keep(round, kills.reviewer, reviewer_rng), violation);
        });
        for field in &mut fields {
            let rng = StdRng::seed_from_u64(rng.random());
            scope.spawn(move || {
                round.end_with(device::keep(round, field, kills.device, rng), violation);
            });
        }
        kept.join().unwrap_or_else(|_| Err("who keeps the server panicked".to_owned()))
    });
    let server = server.map_err(|told| format!("{engine:?}: {told}"))?;
    let found = match violation.into_inner().unwrap() {
        Some(told) => Err(told),
        None => check::everything(&ground, server, &mut fields, &tally),
    };
    found.map_err(|told| format!("{engine:?}, seed {seed}: {told}"))?;
    assert!(tally.kills() >= u64::from(kills.all()), "{tally}");
    tally.ended(engine, seed, started.elapsed(), &fields);
    Ok(tally)
}

/// The answers, seals and files a device acknowledged.
impl Tally {
    fn ended(&self, engine: Engine, seed: u64, took: std::time::Duration, fields: &[Field]) {
        let acknowledged = fields.iter().map(Field::acknowledged);
        let sum =
            acknowledged.fold((0, 0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1, sum.2 + of.2));
        self.note(sum, took, format!("{engine:?}, seed {seed}"));
    }
}
