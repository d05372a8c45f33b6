//! What an evaluator types on a device for one visit, line by line.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use chrono::{DateTime, SecondsFormat};
use mizan_domain::contact::Contact;
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::scale::RawValue;

use super::chance::Chance;
use super::contacts;
use super::evidence;
use super::field::Begun;
use super::folder::Folder;
use super::observe::{Observation, VisitSeen};
use super::process::{path_text, script_line};
use super::programme::Planned;

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

/// The line that answers a criterion.
pub(super) fn answer_line(id: &str, observation: &Observation, chance: Chance) -> Result<String> {
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
