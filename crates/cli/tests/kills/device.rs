//! `mizan device`, fed line by line and killed; what it printed is remembered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mizan_protocol::proof::Site;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::Round;
use crate::ground::{AMENDED, Ground, ONCE, PASSPHRASE};
use crate::process::{CrashAt, Ended, mizan};

const SITES: [Site; 11] = [
    Site::DeviceCommits,
    Site::DeviceCommitted,
    Site::DeviceFileWritten,
    Site::DeviceSendsOff,
    Site::DevicePushAnswered,
    Site::DeviceSettles,
    Site::DevicePulled,
    Site::DeviceTakesPage,
    Site::DeviceUploadBegun,
    Site::DevicePartSent,
    Site::DeviceFileSent,
];
/// Visits that are worked on at once.
const AT_ONCE: usize = 3;
/// When a visit was begun.
const ARRIVED: &str = "2026-11-03T08:00:00Z";
pub const ARRIVED_MS: i64 = 1_793_692_800_000;

/// An answer that was given; acknowledged or not, it is never given otherwise.
#[derive(Debug, Clone)]
pub struct Given {
    pub value: &'static str,
    pub note: String,
    pub is_acknowledged: bool,
}

/// What is known of one visit, and what of it was acknowledged.
#[derive(Debug, Default)]
pub struct Word {
    pub visit: String,
    /// Its state, as the device told last.
    state: String,
    pub once: BTreeMap<&'static str, Given>,
    /// The answers to the one criterion that changes, oldest first.
    pub amended: Vec<Given>,
    /// A returned visit has its new answer, so that it can be submitted again.
    is_amended: bool,
    pub has_arrived: bool,
    /// The files that are attached, and whether that was acknowledged.
    pub files: Vec<(PathBuf, Option<String>)>,
    pub seals: BTreeSet<String>,
}

/// A device and what it acknowledged.
pub struct Field {
    pub user: String,
    pub home: PathBuf,
    pub words: Vec<Word>,
    notes: u64,
}

/// What the device is asked to do.
#[derive(Debug, Clone)]
enum Step {
    Accept(usize),
    Answer(usize, &'static str),
    Amend(usize),
    Arrive(usize),
    Attach(usize, usize),
    Submit(usize),
    Sync,
}

impl Field {
    pub fn new(user: &str, home: PathBuf, visits: &[String]) -> Self {
        let word = |visit: &String| Word { visit: visit.clone(), ..Word::default() };
        let words = visits.iter().map(word).collect();
        Self { user: user.to_owned(), home, words, notes: 0 }
    }

    /// How many answers, seals and files were acknowledged.
    pub fn acknowledged(&self) -> (u64, u64, u64) {
        let answers = self.words.iter().flat_map(|word| word.once.values().chain(&word.amended));
        let answers = answers.filter(|given| given.is_acknowledged).count();
        let seals: usize = self.words.iter().map(|word| word.seals.len()).sum();
        let files = self.words.iter().flat_map(|word| &word.files);
        let files = files.filter(|(_, sha256)| sha256.is_some()).count();
        (answers as u64, seals as u64, files as u64)
    }

    fn next_note(&mut self) -> String {
        self.notes += 1;
        format!("{} {}", self.user, self.notes)
    }

    /// What an evaluator would do next.
    fn next(&mut self, ground: &Ground, rng: &mut StdRng) -> Step {
        if rng.random_range(0..8) == 0 {
            return Step::Sync;
        }
        let open = |word: &Word| {
            ["assigned", "accepted", "in_progress", "returned"].contains(&word.state.as_str())
        };
        let at: Vec<usize> = (0..self.words.len()).filter(|at| open(&self.words[*at])).collect();
        if at.is_empty() {
            return Step::Sync;
        }
        let at = at[rng.random_range(0..at.len().min(AT_ONCE))];
        let value = if rng.random() { "yes" } else { "no" };
        let note = self.next_note();
        let given = || Given { value, note, is_acknowledged: false };
        let word = &mut self.words[at];
        match word.state.as_str() {
            "assigned" => return Step::Accept(at),
            "returned" if word.is_amended => return Step::Submit(at),
            "returned" => {
                word.amended.push(given());
                return Step::Amend(at);
            }
            _ => {}
        }
        let is_open = |id: &&&str| word.once.get(**id).is_none_or(|given| !given.is_acknowledged);
        if let Some(criterion) = ONCE.iter().find(is_open) {
            word.once.entry(criterion).or_insert_with(given);
            return Step::Answer(at, criterion);
        }
        if !word.amended.iter().any(|given| given.is_acknowledged) {
            word.amended.push(given());
            return Step::Amend(at);
        }
        if !word.has_arrived {
            return Step::Arrive(at);
        }
        if word.files.is_empty() {
            word.files = photos(ground, &word.visit, at, rng);
        }
        match word.files.iter().position(|(_, sha256)| sha256.is_none()) {
            Some(file) => Step::Attach(at, file),
            None => Step::Submit(at),
        }
    }

    fn line(&self, step: &Step) -> Value {
        let visit = |at: &usize| self.words[*at].visit.as_str();
        let answer = |at: &usize, criterion: &str, given: &Given| {
            json!(["answer", visit(at), criterion, given.value, "--note", given.note])
        };
        match step {
            Step::Accept(at) => json!(["accept", visit(at), "--no-interest", "--brief-read"]),
            Step::Answer(at, criterion) => answer(at, criterion, &self.words[*at].once[criterion]),
            Step::Amend(at) => answer(at, AMENDED, self.words[*at].amended.last().unwrap()),
            Step::Arrive(at) => json!(["time", visit(at), "arrived", ARRIVED]),
            Step::Attach(at, file) => {
                let (path, _) = &self.words[*at].files[*file];
                json!(["attach", visit(at), "P1", path, "--kind", "photo"])
            }
            Step::Submit(at) => json!(["submit", visit(at)]),
            Step::Sync => json!(["sync"]),
        }
    }

    /// The device printed that a step is done.
    fn acknowledge(&mut self, step: &Step, line: &str) -> Result<(), String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let strange = || Err(format!("{step:?} is answered by {line:?}"));
        let at = match step {
            Step::Sync if line.starts_with("synced:") && !line.contains("differed") => {
                return Ok(());
            }
            Step::Sync => return strange(),
            Step::Accept(at) | Step::Answer(at, _) | Step::Amend(at) | Step::Arrive(at) => *at,
            Step::Attach(at, _) | Step::Submit(at) => *at,
        };
        let word = &mut self.words[at];
        if words.get(1) != Some(&word.visit.as_str()) {
            return strange();
        }
        match (step, words[0], words.last()) {
            (Step::Accept(_), "accepted", _) => word.state = "accepted".to_owned(),
            (Step::Answer(_, criterion), "saved", _) => {
                word.once.get_mut(criterion).unwrap().is_acknowledged = true;
            }
            (Step::Amend(_), "saved", _) => {
                word.amended.last_mut().unwrap().is_acknowledged = true;
                word.is_amended = true;
            }
            (Step::Arrive(_), "noted", _) => word.has_arrived = true,
            (Step::Attach(_, file), "attached", Some(sha256)) => {
                word.files[*file].1 = Some((*sha256).to_owned());
            }
            (Step::Submit(_), "submitted", Some(sha256)) => {
                word.seals.insert((*sha256).to_owned());
                word.state = "submitted".to_owned();
            }
            _ => return strange(),
        }
        Ok(())
    }

    /// Takes over how the device says its visits stand.
    fn learn(&mut self, visits: &Value) -> Result<(), String> {
        for told in visits.as_array().ok_or("no list of visits")? {
            let word = self.words.iter_mut().find(|word| told["visit"] == word.visit.as_str());
            let word = word.ok_or_else(|| format!("a visit nobody planned: {told}"))?;
            let state = told["state"].as_str().unwrap_or_default();
            let is_back = state == "assigned" && word.state != "assigned" && !word.state.is_empty();
            if is_back || !word.seals.is_empty() && told["delivery"] == "not_submitted" {
                return Err(format!("{} was {} and is {told}", word.visit, word.state));
            }
            if state == "returned" && word.state != "returned" {
                word.is_amended = false;
            }
            word.state = state.to_owned();
        }
        Ok(())
    }
}

/// Photos for a visit: a small one, and now and then one of more than one part.
fn photos(
    ground: &Ground,
    visit: &str,
    at: usize,
    rng: &mut StdRng,
) -> Vec<(PathBuf, Option<String>)> {
    let lengths: &[usize] = if at.is_multiple_of(3) { &[900, 300_000] } else { &[900] };
    let mut photos = Vec::new();
    for (n, length) in lengths.iter().enumerate() {
        let path = ground.path(&format!("{visit}-{n}.jpg"));
        std::fs::write(&path, photo(rng.random(), *length)).unwrap();
        photos.push((path, None));
    }
    photos
}

/// A JPEG of so many bytes of scan, another for each seed.
fn photo(seed: u64, length: usize) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    let scan: Vec<u8> = (0..length).map(|_| rng.random::<u8>() & 0x7F).collect();
    [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2], scan.as_slice(), &[0xFF, 0xD9]].concat()
}

/// Whether a line acknowledges a step; before it a visit's brief may be read out.
fn is_acknowledgement(line: &str) -> bool {
    let mut words = line.split(' ');
    match words.next() {
        Some("synced:") => true,
        Some("accepted" | "saved" | "noted" | "attached" | "submitted") => {
            words.next().is_some_and(|id| id.parse::<mizan_protocol::id::VisitId>().is_ok())
        }
        _ => false,
    }
}

/// A device's process.
pub struct Process {
    child: Child,
    printed: BufReader<std::process::ChildStdout>,
}

impl Process {
    pub fn start(ground: &Ground, field: &Field, armed: Option<CrashAt>) -> Self {
        let home = field.home.display().to_string();
        let mut command = mizan(&["device", "--home", &home, "script", "-"]);
        command.env("MIZAN_PASSPHRASE", PASSPHRASE);
        if let Some(armed) = armed {
            armed.arm(&mut command);
        }
        let log = std::fs::File::create(ground.log(&field.user)).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let printed = BufReader::new(child.stdout.take().unwrap());
        Self { child, printed }
    }

    /// Writes a line; one that has ended takes none, and its end is met by whoever reads.
    pub fn write(&mut self, line: &Value) {
        let mut input = self.child.stdin.as_ref().expect("it is open");
        drop(input.write_all(format!("{line}\n").as_bytes()).and_then(|()| input.flush()));
    }

    /// The next line that acknowledges a step, unless it has ended.
    fn read(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            self.printed.read_line(&mut line).unwrap();
            let line = line.strip_suffix('\n')?;
            if is_acknowledgement(line) {
                return Some(line.to_owned());
            }
        }
    }

    /// The next value, unless it has ended.
    pub fn read_json(&mut self) -> Option<Value> {
        let mut values = serde_json::Deserializer::from_reader(&mut self.printed).into_iter();
        let value = values.next()?.ok()?;
        // The end of its last line.
        self.printed.read_line(&mut String::new()).ok()?;
        Some(value)
    }

    /// Lets it finish; how it ended, and what it had yet to print.
    pub fn finish(mut self, ground: &Ground, field: &Field) -> Result<(), String> {
        drop(self.child.stdin.take());
        let status = self.child.wait().unwrap();
        if status.success() {
            return Ok(());
        }
        let said = std::fs::read_to_string(ground.log(&field.user)).unwrap_or_default();
        Err(format!("{}'s device ended with {status}: {said}", field.user))
    }
}

/// Kills a device again and again while it works.
pub fn keep(
    round: &Round<'_>,
    field: &mut Field,
    kills: u32,
    mut rng: StdRng,
) -> Result<(), String> {
    let mut left = kills;
    while !round.is_over() {
        let armed = (left > 0 && rng.random()).then(|| round.tally.choose(&SITES, &mut rng));
        let lived = live(round.ground, field, armed, left > 0, &mut rng);
        match lived.map_err(|told| format!("{}: {told}", field.user))? {
            Ended::AtSite(site) => round.tally.ended_at(site),
            Ended::Killed => round.tally.killed("device"),
            Ended::Left(_) => continue,
        }
        left -= 1;
        if left == 0 {
            round.is_done();
        }
    }
    Ok(())
}

/// One life: some work, then its end.
fn live(
    ground: &Ground,
    field: &mut Field,
    armed: Option<CrashAt>,
    is_killed: bool,
    rng: &mut StdRng,
) -> Result<Ended, String> {
    let mut process = Process::start(ground, field, armed);
    process.write(&json!(["visits", "--json"]));
    let mut unread = VecDeque::new();
    if let Some(visits) = process.read_json() {
        field.learn(&visits)?;
        for left in (0..rng.random_range(2..=14)).rev() {
            let step = field.next(ground, rng);
            process.write(&field.line(&step));
            unread.push_back(step);
            // Nobody waits for the last: it is under way when the process is killed.
            if is_killed && left == 0 {
                break;
            }
            let Some(line) = process.read() else { break };
            field.acknowledge(&unread.pop_front().unwrap(), &line)?;
        }
    }
    if is_killed {
        let until = Instant::now() + Duration::from_micros(rng.random_range(0..4_000));
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        // One that has ended by itself cannot be killed, and says how it did.
        drop(process.child.kill());
    }
    drop(process.child.stdin.take());
    // What was printed was acknowledged, read or not.
    while let Some(line) = process.read() {
        let step = unread.pop_front().ok_or_else(|| format!("nobody asked for {line:?}"))?;
        field.acknowledge(&step, &line)?;
    }
    let log = ground.log(&field.user);
    let ended = Ended::of(process.child.wait().unwrap(), armed, &log)?;
    match ended {
        Ended::Left(0) | Ended::Killed | Ended::AtSite(_) => Ok(ended),
        // A server that was away: nothing to be wondered at.
        Ended::Left(code) => {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let is_explained = EXPLAINED.iter().any(|text| said.contains(text));
            if is_explained { Ok(ended) } else { Err(format!("it left with {code}: {said}")) }
        }
    }
}

/// What a device may end with while the server comes and goes.
const EXPLAINED: [&str; 5] = [
    "cannot be reached",
    "broke off",
    "the server is busy",
    "refused with 401",
    "refused with 500",
];
