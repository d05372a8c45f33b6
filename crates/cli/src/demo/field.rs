//! The field work of the demo: devices pull their visits, the server goes away, everything is scored
//! offline, one device is killed in the middle, all is sealed; the server comes back, devices sync.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use chrono::{Datelike as _, TimeDelta, Weekday};
use mizan_domain::contact::Contact;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_protocol::answer::AnswerJson;
use serde::Deserialize;

use super::chance::Chance;
use super::contacts;
use super::folder::Folder;
use super::names::{EVALUATORS, EvaluatorName};
use super::observe::{self, Hand, Made, Observation, VisitSeen};
use super::planted;
use super::process::{DeviceHome, Processes, is_acknowledgement, parallel, script_line};
use super::programme::{Planned, Programme, password};
use super::script;
use crate::device::{now_ms, show};
use crate::progress::Progress;

/// What all evaluators see at all centres: by centre, by visit.
pub(super) type Seen = Vec<Vec<VisitSeen>>;

/// The devices, one for each evaluator.
pub(super) struct Devices {
    pub(super) homes: Vec<DeviceHome>,
    /// The ids the server gave them.
    pub(super) ids: Vec<String>,
}

/// Draws what will be seen. Pure arithmetic, done over all cores.
pub(super) fn imagine(programme: &Programme, chance: Chance) -> Result<Seen> {
    let places: Vec<usize> = (0..programme.centres.len()).collect();
    let age = programme.term.age;
    let mut seen = parallel(&places, |_, &place| {
        let mut hands = [Hand { arabic: true, shift: 0.0 }; 3];
        for visit in programme.visits.iter().filter(|visit| visit.centre == place) {
            let arabic = EVALUATORS[visit.evaluator].writes_arabic;
            let shift = planted::shift(age, visit.evaluator);
            hands[visit.place] = Hand { arabic, shift };
        }
        let rubric = programme.rubric(place)?;
        let plot = programme.centres[place].plot;
        let chance = chance.of("centre").at(place);
        Ok(observe::centre(rubric, plot, chance, &Made { age, hands }))
    })?;
    planted::copy(programme, &mut seen);
    Ok(seen)
}

/// Makes the devices and enrols them.
pub(super) fn enrol(
    server: &str,
    evaluators: &[EvaluatorName],
    folder: &Folder,
    processes: &Processes,
) -> Result<Devices> {
    let progress = Progress::start("devices", evaluators.len());
    let homes: Vec<DeviceHome> = evaluators
        .iter()
        .map(|evaluator| DeviceHome {
            home: folder.devices().join(evaluator.user),
            scripts: folder.scripts(),
            password: password("evaluator"),
            processes: processes.clone(),
        })
        .collect();
    let ids = parallel(&homes, |place, home| {
        let user = evaluators[place].user;
        let printed = home.run(&["init", "--server", server, "--user", user])?;
        progress.step();
        Ok(printed.split(' ').nth(1).unwrap_or_default().to_owned())
    })?;
    progress.finish(&format!("{} enrolled", homes.len()));
    Ok(Devices { homes, ids })
}

/// What the offline work came to.
pub(super) struct OfflineWork {
    pub(super) answers: usize,
    pub(super) files: usize,
    /// Answers the killed device had acknowledged, all of them found again.
    pub(super) survived: usize,
}

/// Scores every visit without a server; one device is killed while it writes.
pub(super) fn score_offline(
    programme: &Programme,
    seen: &Seen,
    devices: &Devices,
    folder: &Folder,
    chance: Chance,
) -> Result<OfflineWork> {
    let progress = Progress::start("offline scoring", devices.homes.len());
    let to_kill = programme.visits.first().map(|visit| visit.evaluator);
    let done = parallel(&devices.homes, |evaluator, home| {
        let (lines, files) = lines_of(programme, seen, evaluator, folder, chance)?;
        let answers = answers_in(&lines);
        let survived = match to_kill == Some(evaluator) {
            true => killed_and_resumed(home, &lines)?,
            false if lines.is_empty() => 0,
            false => home.script("offline", &lines).map(|_| 0)?,
        };
        progress.step();
        Ok(OfflineWork { answers, files, survived })
    })?;
    let sum = |part: fn(&OfflineWork) -> usize| done.iter().map(part).sum();
    let work = OfflineWork {
        answers: sum(|work| work.answers),
        files: sum(|work| work.files),
        survived: sum(|work| work.survived),
    };
    progress.note(&format!(
        "one device was killed (SIGKILL) while it wrote: all {} acknowledged answers were there",
        work.survived
    ));
    let (visits, answers, files) = (programme.visits.len(), work.answers, work.files);
    progress.finish(&format!("{visits} visits, {answers} answers, {files} files, all sealed"));
    Ok(work)
}

/// Scores every visit of a past cycle: each device pulls its visits, scores them without asking the server
/// for anything, and sends all.
pub(super) fn score_past(
    programme: &Programme,
    seen: &Seen,
    devices: &Devices,
    folder: &Folder,
    chance: Chance,
) -> Result<OfflineWork> {
    let progress = Progress::start("scoring", devices.homes.len());
    let name = format!("cycle-{}", programme.term.number);
    let chance = programme.term.chance(chance);
    let done = parallel(&devices.homes, |evaluator, home| {
        let (lines, files) = lines_of(programme, seen, evaluator, folder, chance)?;
        let answers = answers_in(&lines);
        let sync = [script_line(&["sync"])?];
        if !lines.is_empty() {
            home.script(&name, &[&sync, lines.as_slice(), &sync].concat())?;
        }
        progress.step();
        Ok((answers, files))
    })?;
    let answers = done.iter().map(|(answers, _)| answers).sum();
    let files = done.iter().map(|(_, files)| files).sum();
    let visits = programme.visits.len();
    progress.finish(&format!("{visits} visits, {answers} answers, {files} files, all sent"));
    Ok(OfflineWork { answers, files, survived: 0 })
}

/// All that an evaluator does on the device, and how many files are attached by it.
fn lines_of(
    programme: &Programme,
    seen: &Seen,
    evaluator: usize,
    folder: &Folder,
    chance: Chance,
) -> Result<(Vec<String>, usize)> {
    let mut lines = Vec::new();
    let mut files = 0;
    let own = |visit: &&Planned| visit.evaluator == evaluator;
    for visit in programme.visits.iter().filter(own) {
        let seen = &seen[visit.centre][visit.place];
        let chance = chance.of("field").at(visit.centre).at(visit.place);
        let days = programme.term.days_ago() + 2 + chance.below(12) as i64;
        let begun = begun(days, programme.rubric(visit.centre)?, seen, chance);
        files += script::visit_lines(&mut lines, visit, seen, &begun, folder, chance)?;
    }
    Ok((lines, files))
}

fn answers_in(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.starts_with("[\"answer\"")).count()
}

/// When a visit was begun, and its contacts from there on.
pub(super) struct Begun {
    pub(super) started_ms: i64,
    pub(super) contacts: Vec<Contact>,
}

/// A visit begun on the morning so many days ago, or on one before, so that every reply has come.
pub(super) fn begun(mut days: i64, rubric: &Rubric, seen: &VisitSeen, chance: Chance) -> Begun {
    loop {
        let started_ms = morning(days, seen.kind, chance);
        let contacts = contacts::of(rubric, seen, started_ms, chance);
        if contacts::latest(&contacts).is_none_or(|latest| latest < now_ms()) {
            return Begun { started_ms, contacts };
        }
        days += 1;
    }
}

/// The morning so many days ago, never at the weekend, in milliseconds since 1970 UTC.
fn morning(days: i64, kind: VisitKind, chance: Chance) -> i64 {
    let mut day = chrono::Utc::now().date_naive() - TimeDelta::days(days);
    while matches!(day.weekday(), Weekday::Fri | Weekday::Sat) {
        day -= TimeDelta::days(1);
    }
    let earliest = if kind == VisitKind::Scheduled { 6 } else { 5 };
    let minutes = earliest * 60 + chance.of("minute").below(150) as i64;
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
    (midnight + TimeDelta::minutes(minutes) + TimeDelta::seconds(chance.of("s").below(60) as i64))
        .timestamp_millis()
}

/// Runs a device's script, kills it while it writes answers, makes sure that everything acknowledged
/// is there, and goes on from there.
fn killed_and_resumed(home: &DeviceHome, lines: &[String]) -> Result<usize> {
    const ENOUGH: usize = 20;
    let saved = |line: &&String| line.starts_with("saved ");
    let enough = |acknowledged: &[String]| acknowledged.iter().filter(saved).count() >= ENOUGH;
    let acknowledged = home.script_killed("killed", lines, enough)?;
    let mut by_visit: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for line in acknowledged.iter().filter(saved) {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let [_, visit, criterion, value] = words[..] else { bail!("`{line}` is not understood") };
        by_visit.entry(visit).or_default().push((criterion, value));
    }
    let mut survived = 0;
    for (visit, answers) in by_visit {
        let found = answers_of(home, visit)?;
        for (criterion, value) in answers {
            if found.get(criterion).map(String::as_str) != Some(value) {
                bail!("the answer to {criterion} of visit {visit} was acknowledged and is lost");
            }
            survived += 1;
        }
    }
    // What was in the pipe at the kill may be on the disk too; saying it again changes nothing.
    let rest = lines.get(acknowledged.len()..).unwrap_or_default();
    let printed = home.script("resumed", rest)?;
    if printed.lines().filter(|line| is_acknowledgement(line)).count() != rest.len() {
        bail!("the resumed device did not acknowledge everything");
    }
    Ok(survived)
}

/// The answers a device holds of a visit, each in one word.
fn answers_of(home: &DeviceHome, visit: &str) -> Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    struct Shown {
        answers: Vec<AnswerJson>,
    }
    let printed = home.run(&["show", visit, "--json"])?;
    let shown: Shown = serde_json::from_str(&printed).context("reading a visit of a device")?;
    let answer =
        |answer: &AnswerJson| Ok((answer.criterion.clone(), show::short(&answer.to_raw()?)));
    shown.answers.iter().map(answer).collect()
}

/// Every device pulls its visits.
pub(super) fn pull(devices: &Devices) -> Result<()> {
    let progress = Progress::start("pull", devices.homes.len());
    every_device_syncs(devices, &progress)?;
    progress.finish("every device has its visits");
    Ok(())
}

/// Every device sends what it has.
pub(super) fn sync(devices: &Devices) -> Result<()> {
    let progress = Progress::start("sync", devices.homes.len());
    every_device_syncs(devices, &progress)?;
    progress.finish("every device has sent everything");
    Ok(())
}

fn every_device_syncs(devices: &Devices, progress: &Progress) -> Result<()> {
    parallel(&devices.homes, |_, home| {
        home.run(&["sync"])?;
        progress.step();
        Ok(())
    })?;
    Ok(())
}

/// An evaluator answers a reviewer's question: pulls, adds to the note, submits again, sends.
pub(super) fn answer_question(
    devices: &Devices,
    visit: &Planned,
    observation: &Observation,
    addition: &str,
) -> Result<()> {
    let home = &devices.homes[visit.evaluator];
    let mut observation = observation.clone();
    let before = observation.note.unwrap_or_default();
    observation.note = Some(format!("{before} {addition}").trim().to_owned());
    let id = visit.id.to_string();
    let answer = script::answer_line(&id, &observation, Chance::new(0))?;
    let lines =
        [script_line(&["sync"])?, answer, script_line(&["submit", &id])?, script_line(&["sync"])?];
    let printed = home.script("returned", &lines)?;
    if !printed.contains("revision 2") {
        bail!("the returned visit {id} was not submitted as revision 2");
    }
    Ok(())
}
