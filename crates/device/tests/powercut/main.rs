//! Cuts of the power at any moment: what was acknowledged is there afterwards.
//!
//! A real device works through a plan while a recorder takes down every write and every sync below its
//! folder. From the recording the disk is built as a cut at a random moment may have left it: what was
//! not synced may be there, or not, or in part, in any order, and torn at sectors of 512 bytes. The
//! device opens it as it opens any other, and everything it had acknowledged must be there.
//!
//! The same is done with planted faults, each of which must show: a suite that cannot fail proves nothing.
//!
//! `MIZAN_SOAK=1` makes it 10,000 cuts, `MIZAN_SEED=…` other ones, `MIZAN_CUT=…` a single one of those
//! that were printed, which keeps its folder. Linux alone can run it.

#[path = "../device/support.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "fixtures of tests; they serve the other suite too"
)]
mod support;

mod disk;
mod file;
mod log;
mod look;
mod plan;
mod recording;

use std::fs;
use std::path::Path;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use disk::{Disk, Outcome};
use log::{Call, Entry, parse};
use look::{Acknowledged, Fault, look};
use plan::{Promise, Step, plan, work};
use recording::{HOME, acknowledgements, build_recorder, record};

const SEED: u64 = 20_261_122;
const CUTS: usize = 500;
const SOAK: usize = 10_000;
/// Cuts with each of the faults that are planted beside `synchronous=NORMAL`.
const PLANTED: usize = 100;
/// How many faults of a row that should have none are told.
const TOLD: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [role, home, part] if role == "work" => {
            work(Path::new(home), part, Promise::AfterCommit);
        }
        [role, home, part] if role == "work-and-promise-early" => {
            work(Path::new(home), part, Promise::BeforeCommit);
        }
        others if others.iter().any(|argument| argument == "--list") => {}
        _ => cut_and_look(),
    }
}

/// A recording, what of it is played, and how often.
struct Row<'a> {
    title: &'static str,
    log: &'a [u8],
    /// A sync that is not played was never asked for.
    plays: fn(&Entry<'_>) -> bool,
    seeds: Vec<u64>,
    expected: Expected,
}

/// What must come of a row.
enum Expected {
    Nothing,
    Lost,
    Corrupt,
}

/// One cut of the power.
struct Cut {
    seed: u64,
    /// How many entries of the log had returned; the next one was on its way.
    at: usize,
}

impl Cut {
    /// What decides what arrived; apart from what decided where the cut falls.
    fn rng(&self) -> StdRng {
        seeded(!self.seed)
    }
}

/// What became of the cuts of a row.
#[derive(Default)]
struct Tally {
    lost: Vec<String>,
    corrupt: Vec<String>,
}

fn cut_and_look() {
    if cfg!(not(debug_assertions)) {
        panic!("planted faults exist in builds with debug assertions alone; run it as one");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let recorder = build_recorder(folder.path());
    let recorded = |name: &str, promise, plant| {
        let folder = folder.path().join(name);
        fs::create_dir(&folder).expect("a new folder");
        record(&recorder, &folder, promise, plant)
    };
    let started = Instant::now();
    let full = recorded("full", Promise::AfterCommit, None);
    if let Some(seed) = number_from("MIZAN_CUT") {
        return look_at_one(&full, seed);
    }
    let normal = recorded("normal", Promise::AfterCommit, Some("synchronous-normal"));
    let early = recorded("early", Promise::BeforeCommit, None);
    let took = started.elapsed().as_secs_f64();
    println!("power cuts: {} calls recorded, {took:.1} s", parse(&full).len());
    println!("{:<40}{:>8}{:>8}{:>9}{:>8}", "", "cuts", "lost", "corrupt", "s");
    for row in rows(&full, &normal, &early) {
        run(&row);
    }
    println!("power cuts: {:.1} s in all", started.elapsed().as_secs_f64());
}

fn rows<'a>(full: &'a [u8], normal: &'a [u8], early: &'a [u8]) -> Vec<Row<'a>> {
    let base = number_from("MIZAN_SEED").unwrap_or(SEED);
    let is_soak = std::env::var_os("MIZAN_SOAK").is_some_and(|value| value == "1");
    let mut seeds = seeded(base);
    let mut seeds = |count: usize| (0..count).map(|_| seeds.next_u64()).collect::<Vec<u64>>();
    let cuts = if is_soak { SOAK } else { CUTS };
    let mut row =
        |title, log, plays, cuts, expected| Row { title, log, plays, seeds: seeds(cuts), expected };
    use Expected::{Corrupt, Lost, Nothing};
    vec![
        row("synchronous=FULL", full, |_| true, cuts, Nothing),
        row("planted: synchronous=NORMAL", normal, |_| true, cuts, Lost),
        row("planted: acknowledged before COMMIT", early, |_| true, PLANTED, Lost),
        row("planted: folders never synced", full, |entry| !syncs_folder(entry), PLANTED, Lost),
        row("planted: photos never synced", full, |entry| !syncs_photo(entry), PLANTED, Corrupt),
    ]
}

fn syncs_folder(entry: &Entry<'_>) -> bool {
    let is_folder = ["", HOME].contains(&entry.path) || entry.path.ends_with("/evidence");
    is_folder && entry.call == Call::Sync
}

fn syncs_photo(entry: &Entry<'_>) -> bool {
    entry.path.contains("/evidence/") && entry.call == Call::Sync
}

/// Plays a row, prints what came of it, and fails where that is not what must come.
fn run(row: &Row<'_>) {
    let started = Instant::now();
    let tally = play(row);
    println!(
        "{:<40}{:>8}{:>8}{:>9}{:>8.1}",
        row.title,
        row.seeds.len(),
        tally.lost.len(),
        tally.corrupt.len(),
        started.elapsed().as_secs_f64()
    );
    match row.expected {
        Expected::Nothing => {
            let faults: Vec<_> = tally.lost.iter().chain(&tally.corrupt).take(TOLD).collect();
            assert!(faults.is_empty(), "{}: {faults:#?}", row.title);
        }
        Expected::Lost => assert!(!tally.lost.is_empty(), "{}: nothing was lost", row.title),
        Expected::Corrupt => assert!(!tally.corrupt.is_empty(), "{}: all is whole", row.title),
    }
}

fn play(row: &Row<'_>) -> Tally {
    let (entries, plan) = (played(row), plan());
    let acknowledged = acknowledgements(&entries);
    let cuts = cuts(&entries, &row.seeds);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let parts = cuts.chunks(cuts.len().div_ceil(threads));
        let (entries, acknowledged, plan) = (&entries, &acknowledged, &plan);
        let players: Vec<_> = parts
            .map(|part| scope.spawn(|| play_part(entries, acknowledged, plan, part)))
            .collect();
        let mut tally = Tally::default();
        for player in players {
            let part = player.join().expect("it played to its end");
            tally.lost.extend(part.lost);
            tally.corrupt.extend(part.corrupt);
        }
        tally
    })
}

fn played<'a>(row: &Row<'a>) -> Vec<Entry<'a>> {
    parse(row.log).into_iter().filter(|entry| (row.plays)(entry)).collect()
}

/// The cuts of some seeds, in the order of the log. Half of them fall on the rare calls: all that are
/// not about the journal, which most are.
fn cuts(entries: &[Entry<'_>], seeds: &[u64]) -> Vec<Cut> {
    let is_rare = |entry: &Entry<'_>| {
        !entry.path.ends_with("-wal") && !matches!(entry.call, Call::Say(_))
            || matches!(entry.call, Call::Make | Call::Remove)
    };
    let rare: Vec<usize> = (0..entries.len()).filter(|at| is_rare(&entries[*at])).collect();
    let cut = |seed: &u64| {
        let mut rng = seeded(*seed);
        let at = if rng.random() {
            rng.random_range(0..=entries.len())
        } else {
            rare[rng.random_range(0..rare.len())]
        };
        Cut { seed: *seed, at }
    };
    let mut cuts: Vec<Cut> = seeds.iter().map(cut).collect();
    cuts.sort_by_key(|cut| cut.at);
    cuts
}

fn play_part(
    entries: &[Entry<'_>],
    acknowledged: &[(usize, Acknowledged)],
    plan: &[Step],
    cuts: &[Cut],
) -> Tally {
    let (mut disk, mut taken, mut tally) = (Disk::new(), 0, Tally::default());
    for cut in cuts {
        let reached = reached(entries, cut.at);
        entries[taken..reached].iter().for_each(|entry| disk.take(entry));
        taken = reached;
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &disk.after_cut(&mut cut.rng()));
        let tell = |what: String| format!("MIZAN_CUT={} (after call {}): {what}", cut.seed, cut.at);
        match look(&folder.path().join(HOME), plan, promised(acknowledged, cut.at)) {
            Ok(()) => {}
            Err(Fault::Lost(what)) => tally.lost.push(tell(what)),
            Err(Fault::Corrupt(what)) => tally.corrupt.push(tell(what)),
        }
    }
    tally
}

/// How many entries a cut plays: the one that was on its way may have arrived, unless it is a sync,
/// which promises nothing before it returns.
fn reached(entries: &[Entry<'_>], at: usize) -> usize {
    match entries.get(at).map(|entry| entry.call) {
        None | Some(Call::Sync | Call::Say(_)) => at,
        Some(
            Call::Make
            | Call::MakeFolder
            | Call::Remove
            | Call::Rename(_)
            | Call::Write(..)
            | Call::Resize(_)
            | Call::Lengthen(_),
        ) => at + 1,
    }
}

fn promised(acknowledged: &[(usize, Acknowledged)], at: usize) -> &Acknowledged {
    let after = acknowledged.partition_point(|(said, _)| *said <= at);
    &acknowledged[after - 1].1
}

fn write(folder: &Path, outcome: &Outcome) {
    // A folder comes before what is in it.
    for (path, content) in outcome {
        let path = folder.join(path);
        match content {
            None => fs::create_dir_all(&path).expect("a new folder"),
            Some(bytes) => fs::write(&path, bytes).expect("a new file"),
        }
    }
}

/// Plays one cut again and keeps what it left.
fn look_at_one(log: &[u8], seed: u64) {
    let (entries, plan) = (parse(log), plan());
    let acknowledged = acknowledgements(&entries);
    let cut = &cuts(&entries, &[seed])[0];
    let mut disk = Disk::new();
    entries[..reached(&entries, cut.at)].iter().for_each(|entry| disk.take(entry));
    let outcome = disk.after_cut(&mut cut.rng());
    let [kept, opened] = ["kept", "opened"].map(|_| tempfile::tempdir().expect("a folder").keep());
    write(&kept, &outcome);
    write(&opened, &outcome);
    println!("{} as the cut left it, {} once opened", kept.display(), opened.display());
    let promised = promised(&acknowledged, cut.at);
    let found = look(&opened.join(HOME), &plan, promised);
    assert!(found.is_ok(), "after call {} and {} steps: {found:?}", cut.at, promised.steps);
}

/// A generator of its own for each purpose.
fn seeded(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn number_from(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text}")))
}
