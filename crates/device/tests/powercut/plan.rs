//! What the recorded device is to do, step by step, and the program that does it.
//!
//! The plan is a list that both sides know. Whoever looks at a disk later knows from it what must be
//! there, and that nothing may be there whose predecessor is not. Some answers are given again and
//! again, some once: what is written again heals a page that was lost, and would hide the loss.

use std::io::Write as _;
use std::path::Path;

use mizan_device::Device;
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::timeline::Moment;
use mizan_protocol::canonical::Digest;

use crate::support::{NOW, open, rubric, visit_id, with_visits};

/// Visits that are answered again and again: the first of all.
const BUSY: u128 = 8;
/// Visits of which each answer is given once.
const ONCE: u128 = 40;
/// Visits that are sealed: the last of all.
const SEALED: u128 = 8;
const ROUNDS: usize = 1_200;
/// Where the plan is taken up by a new process, after the one before ended without closing anything.
pub(crate) const TAKEN_UP: usize = 700;
/// Where the device is closed and opened again.
const REOPENED: [usize; 2] = [350, 1_000];

/// One thing to do.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) visit: u128,
    pub(crate) work: Work,
}

/// What is to be done with a visit.
#[derive(Debug)]
pub(crate) enum Work {
    /// Answer a criterion, with the step's note.
    Answer(&'static str, RawAnswer),
    /// Attach the step's photo, of this digest, to a criterion.
    Photo(&'static str, Digest),
    /// Note a moment.
    Moment(Moment),
    /// Submit.
    Seal,
}

/// When a step is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Once the device says that it is done.
    AfterCommit,
    /// A planted fault: before the device is asked at all.
    BeforeCommit,
}

/// The plan.
pub(crate) fn plan() -> Vec<Step> {
    let mut steps = Vec::new();
    let mut once = (BUSY + 1..=BUSY + ONCE).flat_map(|visit| [(visit, 0), (visit, 1), (visit, 2)]);
    let mut to_seal = BUSY + ONCE + 1..=BUSY + ONCE + SEALED;
    for round in 0..ROUNDS {
        let is_once = round.is_multiple_of(10);
        let busy = || (round as u128 * 5 % BUSY + 1, round / 3 % 3);
        let (visit, which) = if is_once { once.next() } else { None }.unwrap_or_else(busy);
        steps.push(answer(visit, which, round));
        if round % 120 == 60 {
            let visit = round as u128 % BUSY + 1;
            let work = photo_work("A3", steps.len());
            steps.push(Step { visit, work });
        }
        if round % 150 == 149
            && let Some(visit) = to_seal.next()
        {
            whole_visit(&mut steps, visit, round);
        }
    }
    steps
}

fn answer(visit: u128, which: usize, round: usize) -> Step {
    let work = match which {
        0 => Work::Answer("A1", RawAnswer::Value(RawValue::Bool(round.is_multiple_of(2)))),
        1 => Work::Answer("A3", RawAnswer::Value(RawValue::Integer(round as i64 % 6))),
        _ => Work::Answer("A4", RawAnswer::Value(RawValue::Text((round % 60).to_string()))),
    };
    Step { visit, work }
}

/// Everything that a visit needs, and its seal.
fn whole_visit(steps: &mut Vec<Step>, visit: u128, round: usize) {
    steps.extend((0..3).map(|which| answer(visit, which, round)));
    let partly = RawAnswer::Value(RawValue::Text("partly".into()));
    steps.push(Step { visit, work: Work::Answer("A2", partly) });
    let photo = photo_work("A2", steps.len());
    let rest = [photo, Work::Moment(Moment::Arrived), Work::Moment(Moment::Called), Work::Seal];
    steps.extend(rest.map(|work| Step { visit, work }));
}

fn photo_work(criterion: &'static str, number: usize) -> Work {
    Work::Photo(criterion, Digest::of(&photo(number)))
}

/// The note of the answer of a step; no two are alike.
pub(crate) fn note(number: usize) -> String {
    format!("n{number}")
}

/// The photo of a step: a picture's frame around bytes that no other step has. The first is larger than
/// what evidence is encrypted in at once.
fn photo(number: usize) -> Vec<u8> {
    let length = if number < 100 { 70_000 } else { 2_000 + number * 37 % 6_000 };
    let scan = (0..length).map(|at| ((at * 7 + at / 251 * number) % 251) as u8);
    [0xFF, 0xD8, 0xFF, 0xDA, 0, 2].into_iter().chain(scan).chain([0xFF, 0xD9]).collect()
}

/// When a step's moment is.
pub(crate) fn moment_ms(moment: Moment) -> i64 {
    if moment == Moment::Arrived { NOW } else { NOW + 450_000 }
}

/// Does a part of the plan, and says of each step when it is acknowledged. It ends without closing
/// anything, as a program that is killed.
pub(crate) fn work(home: &Path, part: &str, promise: Promise) -> ! {
    let plan = plan();
    let (mut device, range) = match part {
        "first" => {
            let device = with_visits(home, &rubric(), BUSY + ONCE + SEALED);
            say("made");
            (device, 0..TAKEN_UP)
        }
        _ => (open(home), TAKEN_UP..plan.len()),
    };
    for number in range {
        if REOPENED.contains(&number) {
            drop(device);
            device = open(home);
        }
        let is_answer = matches!(plan[number].work, Work::Answer(..));
        if promise == Promise::BeforeCommit && is_answer {
            say(&format!("done {number}"));
            make(&mut device, &plan[number], number);
        } else {
            let sealed = make(&mut device, &plan[number], number);
            say(&format!("done {number} {sealed}"));
        }
    }
    std::process::exit(0);
}

/// Does one step; what was sealed comes back as JSON.
fn make(device: &mut Device, step: &Step, number: usize) -> String {
    let visit = visit_id(step.visit);
    match &step.work {
        Work::Answer(criterion, answer) => {
            let note = note(number);
            device.answer(visit, criterion, answer, Some(&note), NOW).expect("the answer fits");
        }
        Work::Photo(criterion, _) => {
            let kind = EvidenceKind::Photo;
            device.attach(visit, criterion, &photo(number), kind, NOW).expect("the photo is taken");
        }
        Work::Moment(moment) => {
            device.time_at(visit, *moment, moment_ms(*moment), NOW).expect("the moment is noted");
        }
        Work::Seal => {
            let sealed = device.submit(visit, true, NOW).expect("nothing is missing");
            return serde_json::to_string(&sealed).expect("it is JSON");
        }
    }
    String::new()
}

/// The recorder takes down what is written to the standard output, between the calls around it.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{}\n", line.trim_end()).as_bytes()).expect("the recorder listens");
    out.flush().expect("the recorder listens");
}
