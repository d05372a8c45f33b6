//! The field work of the demo: devices pull their visits, the server goes away, everything is scored
//! offline, one device is killed in the middle, all is sealed; the server comes back, devices sync.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Datelike as _, SecondsFormat, TimeDelta, Weekday};
use mizan_domain::contact::Contact;
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scale::RawValue;
use mizan_protocol::answer::AnswerJson;
use serde::Deserialize;

use super::chance::Chance;
use super::contacts;
use super::evidence;
use super::folder::Folder;
use super::names::EVALUATORS;
use super::observe::{self, Observation, VisitSeen};
use super::process::{DeviceHome, Processes, is_acknowledgement, parallel, path_text, script_line};
use super::programme::{Planned, Programme, password};
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
    parallel(&places, |_, &place| {
        let mut arabic = [true; 3];
        for visit in programme.visits.iter().filter(|visit| visit.centre == place) {
            arabic[visit.place] = EVALUATORS[visit.evaluator].writes_arabic;
        }
        let rubric = programme.rubric(place)?;
        let plot = programme.centres[place].plot;
        Ok(observe::centre(rubric, plot, chance.of("centre").at(place), &arabic))
    })
}

/// Makes the devices, enrols them and lets them pull.
pub(super) fn enrol(server: &str, folder: &Folder, processes: &Processes) -> Result<Devices> {
    let progress = Progress::start("devices", EVALUATORS.len());
    let homes: Vec<DeviceHome> = EVALUATORS
        .iter()
        .map(|evaluator| DeviceHome {
            home: folder.devices().join(evaluator.user),
            scripts: folder.scripts(),
            password: password("evaluator"),
            processes: processes.clone(),
        })
        .collect();
    let ids = parallel(&homes, |place, home| {
        let user = EVALUATORS[place].user;
        let printed = home.run(&["init", "--server", server, "--user", user])?;
        home.run(&["sync"])?;
        progress.step();
        Ok(printed.split(' ').nth(1).unwrap_or_default().to_owned())
    })?;
    progress.finish(&format!("{} enrolled, visits pulled", homes.len()));
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
        let mut lines = Vec::new();
        let mut files = 0;
        let own = |visit: &&Planned| visit.evaluator == evaluator;
        for visit in programme.visits.iter().filter(own) {
            let seen = &seen[visit.centre][visit.place];
            let chance = chance.of("field").at(visit.centre).at(visit.place);
            let days = 2 + chance.below(12) as i64;
            let begun = begun(days, programme.rubric(visit.centre)?, seen, chance);
            files += visit_lines(&mut lines, visit, seen, &begun, folder, chance)?;
        }
        let answers = lines.iter().filter(|line| line.starts_with("[\"answer\"")).count();
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

/// The script of one visit; returns how many files it attaches.
pub(super) fn visit_lines(
    lines: &mut Vec<String>,
    visit: &Planned,
    seen: &VisitSeen,
    begun: &Begun,
    folder: &Folder,
    chance: Chance,
) -> Result<usize> {
    let files = scoring_lines(lines, visit, seen, begun, folder, chance)?;
    let id = visit.id.to_string();
    lines.push(script_line(&["check", &id])?);
    lines.push(script_line(&["submit", &id])?);
    Ok(files)
}

/// The line that takes a visit.
pub(super) fn accept_line(visit: &Planned) -> Result<String> {
    script_line(&["accept", &visit.id.to_string(), "--no-interest", "--brief-read"])
}

/// The script of one visit from taking it to its last answer; returns how many files it attaches.
pub(super) fn scoring_lines(
    lines: &mut Vec<String>,
    visit: &Planned,
    seen: &VisitSeen,
    begun: &Begun,
    folder: &Folder,
    chance: Chance,
) -> Result<usize> {
    lines.push(accept_line(visit)?);
    let id = visit.id.to_string();
    for (moment, after) in &seen.moments {
        let at = full_moment(begun.started_ms + after)?;
        lines.push(script_line(&["time", &id, moment.word(), &at])?);
    }
    for (place, contact) in begun.contacts.iter().enumerate() {
        contact_lines(lines, visit, place, contact)?;
    }
    for observation in &seen.observations {
        lines.push(answer_line(&id, observation, chance)?);
    }
    let mut files = 0;
    for observation in &seen.observations {
        let Some(kind) = observation.evidence else { continue };
        let name = format!("{id}-{}", observation.criterion);
        let chance = chance.of("file").of(&observation.criterion);
        let (bytes, ending) = evidence::file(kind, &name, chance)?;
        let path: PathBuf = folder.evidence().join(format!("{name}.{ending}"));
        std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        let (criterion, path) = (&observation.criterion, path_text(&path));
        lines.push(script_line(&["attach", &id, criterion, &path, "--kind", kind.word()])?);
        files += 1;
    }
    Ok(files)
}

fn contact_lines(
    lines: &mut Vec<String>,
    visit: &Planned,
    place: usize,
    contact: &Contact,
) -> Result<()> {
    let (id, number) = (visit.id.to_string(), (place + 1).to_string());
    let (channel, own) = (contact.channel.word(), contacts::id(visit.id, place).to_string());
    lines.push(script_line(&["contact", &id, "add", channel, "--id", &own])?);
    for (moment, at) in &contact.moments {
        let at = full_moment(*at)?;
        lines.push(script_line(&["contact", &id, "moment", &number, moment.word(), &at])?);
    }
    Ok(())
}

fn full_moment(at_ms: i64) -> Result<String> {
    let at = DateTime::from_timestamp_millis(at_ms).context("a moment of a visit")?;
    Ok(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn answer_line(id: &str, observation: &Observation, chance: Chance) -> Result<String> {
    let mut words = vec!["answer", id, &observation.criterion];
    let typed;
    match &observation.answer {
        RawAnswer::Value(value) => {
            typed = type_value(value, chance.of("typed").of(&observation.criterion));
            words.push(&typed);
        }
        RawAnswer::NotApplicable(reason) => words.extend(["--na", reason]),
        RawAnswer::NotEvaluated(reason) => words.extend(["--ne", reason]),
    }
    if let Some(note) = &observation.note {
        words.extend(["--note", note]);
    }
    script_line(&words)
}

/// A value as people type it: in either language, with either digits.
fn type_value(value: &RawValue, chance: Chance) -> String {
    let arabic = chance.happens(0.5);
    match value {
        RawValue::Bool(yes) => match (yes, arabic) {
            (true, true) => "نعم".into(),
            (true, false) => "yes".into(),
            (false, true) => "لا".into(),
            (false, false) => "no".into(),
        },
        RawValue::Integer(number) if arabic => arabic_digits(&number.to_string()),
        RawValue::Integer(number) => number.to_string(),
        RawValue::Text(text) if arabic => arabic_digits(text),
        RawValue::Text(text) => text.clone(),
    }
}

fn arabic_digits(text: &str) -> String {
    let digit = |c: char| match c.to_digit(10) {
        Some(value) => char::from_u32('٠' as u32 + value).unwrap_or(c),
        None if c == '.' => '٫',
        None => c,
    };
    text.chars().map(digit).collect()
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

/// Every device syncs.
pub(super) fn sync(devices: &Devices) -> Result<()> {
    let progress = Progress::start("sync", devices.homes.len());
    parallel(&devices.homes, |_, home| {
        home.run(&["sync"])?;
        progress.step();
        Ok(())
    })?;
    progress.finish("every device has sent everything");
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
    let answer = answer_line(&id, &observation, Chance::new(0))?;
    let lines =
        [script_line(&["sync"])?, answer, script_line(&["submit", &id])?, script_line(&["sync"])?];
    let printed = home.script("returned", &lines)?;
    if !printed.contains("revision 2") {
        bail!("the returned visit {id} was not submitted as revision 2");
    }
    Ok(())
}
