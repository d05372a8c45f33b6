//! What may leave the house: the scheduled visits alone, as a table and as a calendar.
//!
//! Neither holds an evaluator, a double visit or anything of the unannounced visits; there is no column
//! for them.

use chrono::NaiveDate;
use mizan_domain::rubric::VisitKind;

use crate::plan::{Plan, Visit};
use crate::problem::{Policy, Problem};

/// The hours of a part of the day, as local time without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Hour and minute of its beginning.
    pub from: (u32, u32),
    /// Of its end.
    pub to: (u32, u32),
}

/// A scheduled visit as a centre is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment<'a> {
    /// The centre.
    pub centre: &'a str,
    /// The channel, where there are several.
    pub channel: Option<&'a str>,
    /// The day.
    pub date: NaiveDate,
    /// The part of the day, from 1.
    pub part: u32,
}

/// The scheduled visits of the given centres, by date.
#[must_use]
pub fn appointments<'a>(
    problem: &Problem,
    plan: &'a Plan,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<Appointment<'a>> {
    let scheduled = plan.visits.iter().filter(|visit| visit.kind == VisitKind::Scheduled);
    let mut found: Vec<Appointment<'_>> = scheduled
        .filter(|visit| is_wanted(&visit.centre))
        .map(|visit| appointment(&problem.policy, visit))
        .collect();
    found.sort_by_key(|of| (of.date, of.part, of.centre, of.channel));
    found
}

fn appointment<'a>(policy: &Policy, visit: &'a Visit) -> Appointment<'a> {
    Appointment {
        centre: &visit.centre,
        channel: visit.channel.as_deref(),
        date: policy.date(visit.slot),
        part: visit.slot.part,
    }
}

/// The appointments as a table with the columns centre, channel, date, part.
///
/// # Errors
/// None that memory can have; the writer's.
pub fn csv(appointments: &[Appointment<'_>]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["centre", "channel", "date", "part"])?;
    for of in appointments {
        let (date, part) = (of.date.to_string(), of.part.to_string());
        let channel = of.channel.unwrap_or_default();
        writer.write_record([&harmless(of.centre), &harmless(channel), &date, &part])?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A spreadsheet takes a text that begins so for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The appointments as an iCalendar (RFC 5545). `stamp` is the time of writing in UTC, such as
/// `20260901T080000Z`; `title` is what each appointment is called, before the centre's name.
///
/// A part of the day without hours gives an appointment of the whole day.
#[must_use]
pub fn icalendar(
    appointments: &[Appointment<'_>],
    hours: &[Hours],
    cycle: &str,
    title: &str,
    stamp: &str,
) -> String {
    let mut text = String::new();
    let mut line = |content: String| folded(&content, &mut text);
    line("BEGIN:VCALENDAR".into());
    line("VERSION:2.0".into());
    line("PRODID:-//Mizan//Visit plan//EN".into());
    for of in appointments {
        line("BEGIN:VEVENT".into());
        let channel = of.channel.unwrap_or("-");
        let id = format!("{cycle}/{}/{channel}/{}/{}", of.centre, of.date, of.part);
        line(format!("UID:{}", escaped(&id)));
        line(format!("DTSTAMP:{stamp}"));
        let day = of.date.format("%Y%m%d");
        match hours.get(of.part as usize - 1) {
            Some(Hours { from, to }) => {
                line(format!("DTSTART:{day}T{:02}{:02}00", from.0, from.1));
                line(format!("DTEND:{day}T{:02}{:02}00", to.0, to.1));
            }
            None => line(format!("DTSTART;VALUE=DATE:{day}")),
        }
        line(format!("SUMMARY:{}", escaped(&format!("{title} {}", of.centre))));
        line("END:VEVENT".into());
    }
    line("END:VCALENDAR".into());
    text
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for sign in text.chars() {
        match sign {
            '\\' | ';' | ',' => out.extend(['\\', sign]),
            '\n' => out.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => out.push(sign),
        }
    }
    out
}

/// Lines of at most 75 bytes; what is longer goes on after a space.
fn folded(content: &str, text: &mut String) {
    let mut length = 0;
    for sign in content.chars() {
        if length + sign.len_utf8() > 75 {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(sign);
        length += sign.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(centre: &str) -> Appointment<'_> {
        let date = NaiveDate::from_ymd_opt(2026, 10, 4).unwrap();
        Appointment { centre, channel: Some("chat"), date, part: 2 }
    }

    #[test]
    fn a_name_cannot_break_out_of_its_line() {
        let text = icalendar(&[of("a,b;c\r\nATTENDEE:x")], &[], "6", "Visit", "20260901T080000Z");
        assert!(text.contains("SUMMARY:Visit a\\,b\\;c\\nATTENDEE:x\r\n"), "{text}");
        assert!(!text.contains("\nATTENDEE"), "{text}");
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let name = "مركز ".repeat(40);
        let text = icalendar(&[of(&name)], &[], "6", "Visit", "20260901T080000Z");
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
        assert!(text.replace("\r\n ", "").contains(name.trim_end()));
    }

    #[test]
    fn hours_are_those_of_the_part() {
        let hours = [Hours { from: (8, 0), to: (10, 30) }, Hours { from: (11, 0), to: (13, 0) }];
        let text = icalendar(&[of("C")], &hours, "6", "Visit", "20260901T080000Z");
        assert!(text.contains("DTSTART:20261004T110000\r\nDTEND:20261004T130000\r\n"), "{text}");
    }

    #[test]
    fn a_table_holds_no_formula() {
        assert_eq!(
            csv(&[of("=1+1")]).unwrap(),
            "centre,channel,date,part\n'=1+1,chat,2026-10-04,2\n"
        );
    }
}
