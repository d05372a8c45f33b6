//! The six scales: how a criterion is answered, and what an answer is worth from 0 to 100.

use std::fmt;

use crate::exact::Exact;
use crate::rubric::words;

/// The unit of a timed scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours of the clock.
    Hours,
    /// Hours in which the service is open.
    WorkingHours,
}
words!(TimeUnit: Seconds = "s", Minutes = "min", Hours = "h", WorkingHours = "working_h");

/// How far a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Met {
    /// Wholly.
    Met,
    /// In part.
    Partly,
    /// Not at all.
    Not,
}
words!(Met: Met = "met", Partly = "partly", Not = "not");

/// How mature a practice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the anchors of each criterion say what the steps mean")]
pub enum Maturity {
    None,
    Basic,
    Developing,
    Maturing,
    Leading,
}
words!(Maturity: None = "none", Basic = "basic", Developing = "developing",
    Maturing = "maturing", Leading = "leading");

/// How a criterion is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scale {
    /// `true` is 100, `false` 0.
    YesNo,
    /// `met` is 100, `partly` 50, `not` 0.
    MetPartlyNot,
    /// A whole number from 0 to 5, times 20.
    Level0To5,
    /// A time t: 100 up to `full_at`, 0 from `zero_at`, linear between.
    Timed {
        /// The unit of both thresholds and of the answer.
        unit: TimeUnit,
        /// Full mark at or under this; less than `zero_at`.
        full_at: Exact,
        /// Zero at or over this.
        zero_at: Exact,
    },
    /// A rate r from 0 to 100: min(100, 100·r / `target`).
    Percent {
        /// The rate that earns the full mark; over 0, at most 100.
        target: Exact,
    },
    /// `none` 0, `basic` 25, `developing` 50, `maturing` 75, `leading` 100.
    Maturity,
}

/// A value as it was given, before it is held against a scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text: a word of a scale or a decimal.
    Text(String),
}

impl fmt::Display for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

/// A value that lies on its scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Of [`Scale::YesNo`].
    YesNo(bool),
    /// Of [`Scale::MetPartlyNot`].
    Met(Met),
    /// Of [`Scale::Level0To5`].
    Level(u8),
    /// Of [`Scale::Timed`] or [`Scale::Percent`].
    Decimal(Exact),
    /// Of [`Scale::Maturity`].
    Maturity(Maturity),
}

impl Value {
    /// The value in its one canonical raw form, which travels and is signed.
    #[must_use]
    pub fn to_raw(&self) -> RawValue {
        match self {
            Self::YesNo(value) => RawValue::Bool(*value),
            Self::Met(value) => RawValue::Text(value.word().to_owned()),
            Self::Level(value) => RawValue::Integer(i64::from(*value)),
            Self::Decimal(value) => RawValue::Text(value.to_decimal()),
            Self::Maturity(value) => RawValue::Text(value.word().to_owned()),
        }
    }
}

impl Scale {
    /// The word for the scale in files: its `kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::YesNo => "yes_no",
            Self::MetPartlyNot => "met_partly_not",
            Self::Level0To5 => "level_0_5",
            Self::Timed { .. } => "timed",
            Self::Percent { .. } => "percent",
            Self::Maturity => "maturity",
        }
    }

    /// The numbers of anchors a criterion of this scale may have.
    ///
    /// Where steps need words (levels, maturity, met/partly/not) each must have one; yes/no may have
    /// two; a measured scale may have none.
    #[must_use]
    pub fn anchor_counts(&self) -> &'static [usize] {
        match self {
            Self::YesNo => &[0, 2],
            Self::MetPartlyNot => &[3],
            Self::Level0To5 => &[6],
            Self::Timed { .. } | Self::Percent { .. } => &[0],
            Self::Maturity => &[5],
        }
    }

    /// Reads a raw value; `None` when it is not on the scale.
    ///
    /// A decimal scale takes whole numbers too; a time has no upper bound, a rate ends at 100.
    #[must_use]
    pub fn read(&self, raw: &RawValue) -> Option<Value> {
        match (self, raw) {
            (Self::YesNo, RawValue::Bool(value)) => Some(Value::YesNo(*value)),
            (Self::MetPartlyNot, RawValue::Text(word)) => Met::from_word(word).map(Value::Met),
            (Self::Level0To5, RawValue::Integer(level @ 0..=5)) => Some(Value::Level(*level as u8)),
            (Self::Timed { .. }, raw) => read_decimal(raw).map(Value::Decimal),
            (Self::Percent { .. }, raw) => {
                read_decimal(raw).filter(|rate| *rate <= Exact::from(100)).map(Value::Decimal)
            }
            (Self::Maturity, RawValue::Text(word)) => {
                Maturity::from_word(word).map(Value::Maturity)
            }
            (Self::YesNo | Self::MetPartlyNot | Self::Level0To5 | Self::Maturity, _) => None,
        }
    }

    /// What the scale allows, in words for an error message.
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::YesNo => "true or false".into(),
            Self::MetPartlyNot => "met, partly or not".into(),
            Self::Level0To5 => "a whole number from 0 to 5".into(),
            Self::Timed { unit, .. } => format!("a decimal of at least 0, in {}", unit.word()),
            Self::Percent { .. } => "a decimal from 0 to 100".into(),
            Self::Maturity => "none, basic, developing, maturing or leading".into(),
        }
    }

    /// What a value is worth, 0 to 100; `None` when the value belongs to another scale.
    #[must_use]
    pub fn score(&self, value: &Value) -> Option<Exact> {
        let score = match (self, value) {
            (Self::YesNo, Value::YesNo(yes)) => Exact::from(if *yes { 100 } else { 0 }),
            (Self::MetPartlyNot, Value::Met(met)) => Exact::from(match met {
                Met::Met => 100,
                Met::Partly => 50,
                Met::Not => 0,
            }),
            (Self::Level0To5, Value::Level(level)) => Exact::from(i64::from(*level) * 20),
            (Self::Timed { full_at, zero_at, .. }, Value::Decimal(time)) => {
                timed(full_at, zero_at, time)
            }
            (Self::Percent { target }, Value::Decimal(rate)) => {
                let share = &(&Exact::from(100) * rate) / target;
                share.min(Exact::from(100))
            }
            (Self::Maturity, Value::Maturity(step)) => Exact::from(match step {
                Maturity::None => 0,
                Maturity::Basic => 25,
                Maturity::Developing => 50,
                Maturity::Maturing => 75,
                Maturity::Leading => 100,
            }),
            (_, _) => return None,
        };
        Some(score)
    }
}

fn read_decimal(raw: &RawValue) -> Option<Exact> {
    let number = match raw {
        RawValue::Bool(_) => return None,
        RawValue::Integer(whole) => Exact::from(*whole),
        RawValue::Text(text) => Exact::from_decimal(text).ok()?,
    };
    (!number.is_negative()).then_some(number)
}

fn timed(full_at: &Exact, zero_at: &Exact, time: &Exact) -> Exact {
    if time <= full_at {
        Exact::from(100)
    } else if time >= zero_at {
        Exact::zero()
    } else {
        &(&Exact::from(100) * &(zero_at - time)) / &(zero_at - full_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Exact {
        Exact::from_decimal(text).unwrap()
    }

    #[test]
    fn each_scale_scores_as_specified() {
        let wait = Scale::Timed { unit: TimeUnit::Minutes, full_at: 10.into(), zero_at: 40.into() };
        let satisfaction = Scale::Percent { target: 80.into() };
        let text = |word: &str| RawValue::Text(word.into());
        let rows = [
            (Scale::YesNo, RawValue::Bool(true), "100"),
            (Scale::YesNo, RawValue::Bool(false), "0"),
            (Scale::MetPartlyNot, text("partly"), "50"),
            (Scale::Level0To5, RawValue::Integer(3), "60"),
            (Scale::Maturity, text("maturing"), "75"),
            // DOMAIN.md §5.1 gives this one: 22 minutes with a = 10 and b = 40.
            (wait.clone(), text("22"), "60"),
            (wait.clone(), text("10"), "100"),
            (wait.clone(), RawValue::Integer(40), "0"),
            (wait, text("22.5"), "175/3"),
            (satisfaction.clone(), text("60"), "75"),
            (satisfaction.clone(), text("80"), "100"),
            (satisfaction, text("100"), "100"),
        ];
        for (scale, raw, expected) in rows {
            let value = scale.read(&raw).unwrap_or_else(|| panic!("{raw} is on {scale:?}"));
            assert_eq!(scale.score(&value).unwrap().to_string(), expected, "{raw} on {scale:?}");
        }
    }

    #[test]
    fn what_is_not_on_the_scale_is_refused() {
        let percent = Scale::Percent { target: 100.into() };
        let text = |word: &str| RawValue::Text(word.into());
        for (scale, raw) in [
            (Scale::YesNo, text("true")),
            (Scale::YesNo, RawValue::Integer(1)),
            (Scale::MetPartlyNot, text("Met")),
            (Scale::Level0To5, RawValue::Integer(6)),
            (Scale::Level0To5, RawValue::Integer(-1)),
            (Scale::Level0To5, text("3")),
            (percent.clone(), text("100.1")),
            (percent, text("-1")),
            (Scale::Maturity, text("great")),
        ] {
            assert_eq!(scale.read(&raw), None, "{raw} on {scale:?}");
        }
        assert_eq!(Scale::YesNo.score(&Value::Decimal(decimal("1"))), None);
    }
}
