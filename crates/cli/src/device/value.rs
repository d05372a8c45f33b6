//! What people type on the command line: values in the words of a scale, in Arabic or English, with
//! Western or Arabic digits; and moments of a visit.
//!
//! Nothing is refused here that the device itself refuses better: a text that is no word of the scale
//! goes on as it is, and the device names the criterion, the value and what is allowed.

use anyhow::{Result, anyhow};
use chrono::{DateTime, NaiveTime, TimeZone};
use mizan_domain::scale::{RawValue, Scale};

/// Words for yes.
const YES: [&str; 4] = ["yes", "true", "y", "نعم"];
/// Words for no.
const NO: [&str; 4] = ["no", "false", "n", "لا"];
/// Arabic words of the word scales, as the guide prints them, with the scale's own.
const ARABIC_WORDS: [(&str, &str); 11] = [
    ("مستوفى", "met"),
    ("مستوفى جزئياً", "partly"),
    ("مستوفى جزئيا", "partly"),
    ("غير مستوفى", "not"),
    ("لا يوجد", "none"),
    ("أساسي", "basic"),
    ("نامٍ", "developing"),
    ("نام", "developing"),
    ("نامي", "developing"),
    ("ناضج", "maturing"),
    ("رائد", "leading"),
];

/// The value a text means on a scale.
pub(crate) fn raw_value(scale: &Scale, typed: &str) -> RawValue {
    let text = western_digits(typed.trim());
    let lower = text.to_lowercase();
    match scale {
        Scale::YesNo if YES.contains(&lower.as_str()) => RawValue::Bool(true),
        Scale::YesNo if NO.contains(&lower.as_str()) => RawValue::Bool(false),
        Scale::Level0To5 => text.parse().map_or(RawValue::Text(text), RawValue::Integer),
        Scale::MetPartlyNot | Scale::Maturity => {
            let known = ARABIC_WORDS.iter().find(|(arabic, _)| *arabic == lower);
            RawValue::Text(known.map_or(lower, |(_, word)| (*word).to_owned()))
        }
        Scale::Percent { .. } => {
            RawValue::Text(text.trim_end_matches(['%', '٪']).trim_end().to_owned())
        }
        Scale::YesNo | Scale::Timed { .. } => RawValue::Text(text),
    }
}

/// The moment a text means, in milliseconds since 1970 UTC: RFC 3339, or `HH:MM[:SS]` of today in the
/// time zone of `now`.
pub(crate) fn moment_at<Tz: TimeZone>(typed: &str, now: &DateTime<Tz>) -> Result<i64> {
    let text = western_digits(typed.trim());
    if let Ok(moment) = DateTime::parse_from_rfc3339(&text) {
        return Ok(moment.timestamp_millis());
    }
    let time = NaiveTime::parse_from_str(&text, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(&text, "%H:%M"))
        .map_err(|_| {
            anyhow!(
                "`{typed}` is no moment; write HH:MM or HH:MM:SS of today, or a full one such as \
                 2026-03-09T10:15:00+03:00"
            )
        })?;
    now.with_time(time).earliest().map(|moment| moment.timestamp_millis()).ok_or_else(|| {
        anyhow!("{typed} does not exist today, the clocks are changed; write the full moment")
    })
}

/// The same text with Arabic-Indic and Persian digits and the Arabic decimal sign made Western, and
/// the marks of direction that come along when Arabic is copied removed.
fn western_digits(text: &str) -> String {
    let western = |char: char| match char {
        '٠'..='٩' => digit(u32::from(char) - u32::from('٠')),
        '۰'..='۹' => digit(u32::from(char) - u32::from('۰')),
        '٫' => Some('.'),
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2066}'..='\u{2069}' => None,
        other => Some(other),
    };
    text.chars().filter_map(western).collect()
}

fn digit(value: u32) -> Option<char> {
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mizan_domain::scale::TimeUnit;

    #[test]
    fn values_are_read_in_the_words_of_their_scale() {
        let wait = Scale::Timed { unit: TimeUnit::Minutes, full_at: 10.into(), zero_at: 40.into() };
        let percent = Scale::Percent { target: 80.into() };
        let text = |word: &str| RawValue::Text(word.into());
        let rows = [
            (&Scale::YesNo, "yes", RawValue::Bool(true)),
            (&Scale::YesNo, "True", RawValue::Bool(true)),
            (&Scale::YesNo, "نعم", RawValue::Bool(true)),
            (&Scale::YesNo, " لا ", RawValue::Bool(false)),
            (&Scale::YesNo, "maybe", text("maybe")),
            (&Scale::Level0To5, "4", RawValue::Integer(4)),
            (&Scale::Level0To5, "٤", RawValue::Integer(4)),
            (&Scale::Level0To5, "۵", RawValue::Integer(5)),
            (&Scale::Level0To5, "4.5", text("4.5")),
            (&Scale::MetPartlyNot, "Partly", text("partly")),
            (&Scale::MetPartlyNot, "غير مستوفى", text("not")),
            (&Scale::MetPartlyNot, "مستوفى جزئياً", text("partly")),
            (&Scale::Maturity, "رائد", text("leading")),
            (&wait, "22.5", text("22.5")),
            (&wait, "٢٢٫٥", text("22.5")),
            (&wait, "\u{200f}٣٠", text("30")),
            (&percent, "85%", text("85")),
            (&percent, "٨٥٪", text("85")),
        ];
        for (scale, typed, expected) in rows {
            assert_eq!(raw_value(scale, typed), expected, "{typed:?} on {scale:?}");
        }
    }

    #[test]
    fn what_is_read_lies_on_the_scale_exactly_when_it_should() {
        assert!(Scale::YesNo.read(&raw_value(&Scale::YesNo, "maybe")).is_none());
        assert!(Scale::Level0To5.read(&raw_value(&Scale::Level0To5, "٧")).is_none());
        assert!(Scale::Maturity.read(&raw_value(&Scale::Maturity, "نامٍ")).is_some());
    }

    #[test]
    fn moments_are_of_today_or_complete() {
        let now = DateTime::parse_from_rfc3339("2026-03-09T12:00:00+03:00").unwrap();
        let at = |text| moment_at(text, &now).unwrap();
        let expected = DateTime::parse_from_rfc3339("2026-03-09T07:15:30Z").unwrap();
        assert_eq!(at("10:15:30"), expected.timestamp_millis());
        assert_eq!(at("١٠:١٥:٣٠"), expected.timestamp_millis());
        assert_eq!(at("2026-03-09T10:15:30+03:00"), expected.timestamp_millis());
        assert_eq!(at("10:15"), expected.timestamp_millis() - 30_000);
        assert!(moment_at("25:00", &now).unwrap_err().to_string().contains("`25:00`"));
    }
}
