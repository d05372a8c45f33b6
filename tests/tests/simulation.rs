//! A programme at work under everything a network, a clock and a machine can do to it, by one seed.
//!
//! Real devices and a real server exchange real messages; between them stands a network that drops,
//! repeats, delays and bends them, and the suite decides what happens next: an answer, a sync, a crash at
//! a labelled place, a restart, a backup put back, a visit returned or taken away.
//! From time to time the network heals, and nothing may be lost, doubled or told to the wrong person.
//!
//! `MIZAN_SEED` and `MIZAN_STEPS` run another; `MIZAN_SOAK=1` a long one.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a suite has no callers, and its helpers are tests too"
)]

#[path = "simulation/check.rs"]
mod check;
#[path = "../../crates/server/tests/server/harness.rs"]
#[expect(dead_code, reason = "the server's own suite uses the rest")]
mod harness;
#[path = "simulation/network.rs"]
mod network;
#[path = "simulation/person.rs"]
mod person;
#[path = "simulation/world.rs"]
mod world;

use std::process::{Command, ExitCode};
use std::time::Instant;

use mizan_protocol::proof::{self, Fault, Finder};
use tokio::task::LocalSet;

use crate::world::World;

const SEED: u64 = 20_261_121;
const STEPS: u64 = 50_000;
const SOAK_STEPS: u64 = 1_000_000;
/// Enough for a planted fault to show.
const PLANTED_STEPS: u64 = 30_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [planted, word] if planted == "--planted" => {
            proof::plant(Fault::from_word(word).expect("a fault"));
            run(number("MIZAN_SEED", SEED), PLANTED_STEPS)
        }
        others if others.iter().any(|argument| argument == "--list") => ExitCode::SUCCESS,
        _ => {
            let soak = std::env::var_os("MIZAN_SOAK").is_some();
            let steps = number("MIZAN_STEPS", if soak { SOAK_STEPS } else { STEPS });
            let whole = run(number("MIZAN_SEED", SEED), steps);
            if whole == ExitCode::SUCCESS { find_planted() } else { whole }
        }
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect(name))
}

fn run(seed: u64, steps: u64) -> ExitCode {
    quiet_planned_crashes();
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = LocalSet::new().block_on(&runtime, async {
        let mut world = World::begin(seed).await;
        world.run(steps).await.map(World::told)
    });
    let seconds = started.elapsed().as_secs_f64();
    match found {
        Ok(told) => {
            println!(
                "simulation: {steps} steps, 0 lost, 0 leaked, {seconds:.1} s (seed {seed}); {told}"
            );
            ExitCode::SUCCESS
        }
        Err(violation) => {
            println!("simulation: violation after {seconds:.1} s (seed {seed}): {violation}");
            ExitCode::FAILURE
        }
    }
}

/// Each planted fault must be found, in a process of its own.
fn find_planted() -> ExitCode {
    let mut all = ExitCode::SUCCESS;
    for fault in Fault::found_by(Finder::Simulation) {
        let this = std::env::current_exe().unwrap();
        let run = Command::new(this).args(["--planted", fault.word()]).output().unwrap();
        let told = String::from_utf8_lossy(&run.stdout);
        let violation = told.lines().find(|line| line.contains("violation"));
        println!("planted {}: {}", fault.word(), violation.unwrap_or("NOT FOUND"));
        if run.status.success() || violation.is_none() {
            all = ExitCode::FAILURE;
        }
    }
    all
}

/// Crashes that the suite itself orders need no trace.
fn quiet_planned_crashes() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        if !text.contains(world::PLANNED) {
            world::PANICKED.store(true, std::sync::atomic::Ordering::Relaxed);
            usual(panic);
        } else if text.contains("server-") {
            world::SERVER_CRASHED.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }));
}
