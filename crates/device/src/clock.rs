//! What "now" is on a visit: the wall clock once, and from there on a clock that nobody can set.
//!
//! Pure: both clocks are read by whoever calls. A wall clock that is set back between two taps, by a
//! person or a time server, would make a wait negative or an hour longer than it was; the steady
//! clock of the machine measures what passed between them.

/// What the machine's clocks read at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Milliseconds since 1970 UTC by the wall clock.
    pub wall_ms: i64,
    /// The steady clock, where the system has one that counts through sleep.
    pub steady: Option<Steady>,
}

/// A clock that only ever runs forward, also while the machine sleeps, until the machine starts anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steady {
    /// Names this run of the machine, such as Linux' boot id; readings of two runs say nothing
    /// together.
    pub boot: String,
    /// Milliseconds since some moment of this run.
    pub ms: i64,
}

/// When something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// At this moment.
    Now(Reading),
    /// At a time a person gives.
    Given {
        /// The time given, milliseconds since 1970 UTC.
        at_ms: i64,
        /// When it is given, by the wall clock.
        now_ms: i64,
    },
}

impl At {
    /// The wall clock while it is noted.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::Now(reading) => reading.wall_ms,
            Self::Given { now_ms, .. } => *now_ms,
        }
    }
}

/// A "now" that was noted, and the steady clock's reading with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// The time noted.
    pub(crate) at_ms: i64,
    /// The run of the machine.
    pub(crate) boot: String,
    /// The steady clock then.
    pub(crate) steady_ms: i64,
}

/// The time to note for "now", and the anchor for the next.
///
/// Within one run of the machine it is the last anchor and what passed since. Otherwise it is the wall
/// clock, but never before the latest time noted on the visit.
pub(crate) fn now(
    reading: &Reading,
    anchor: Option<&Anchor>,
    latest_ms: Option<i64>,
) -> (i64, Option<Anchor>) {
    let since = |anchor: &Anchor, steady: &Steady| {
        let passed = steady.ms.checked_sub(anchor.steady_ms).filter(|passed| *passed >= 0)?;
        (anchor.boot == steady.boot).then(|| anchor.at_ms.checked_add(passed)).flatten()
    };
    let steady = reading.steady.as_ref();
    let measured = anchor.zip(steady).and_then(|(anchor, steady)| since(anchor, steady));
    let by_wall = || latest_ms.map_or(reading.wall_ms, |latest| reading.wall_ms.max(latest));
    let at_ms = measured.unwrap_or_else(by_wall);
    let next = |steady: &Steady| Anchor { at_ms, boot: steady.boot.clone(), steady_ms: steady.ms };
    (at_ms, steady.map(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_follows_the_steady_clock_and_never_runs_back() {
        let steady = |boot: &str, ms| Some(Steady { boot: boot.into(), ms });
        let anchor = Anchor { at_ms: 1_000, boot: "a".into(), steady_ms: 50 };
        let far = Anchor { at_ms: i64::MAX, ..anchor.clone() };
        let some = Some(&anchor);
        let rows = [
            ("the first tap is the wall clock's", 1_000, steady("a", 50), None, None, 1_000),
            ("what passed since", 1_300, steady("a", 350), some, Some(1_000), 1_300),
            ("the wall clock was set back", 200, steady("a", 350), some, Some(1_000), 1_300),
            ("the wall clock was set forward", 9_000, steady("a", 350), some, Some(1_000), 1_300),
            ("started anew", 1_700, steady("b", 5), some, Some(1_000), 1_700),
            ("started anew and set back", 400, steady("b", 5), some, Some(1_200), 1_200),
            ("no steady clock", 1_700, None, some, Some(1_000), 1_700),
            ("no steady clock and set back", 400, None, some, Some(1_000), 1_000),
            ("a steady clock that ran back is none", 400, steady("a", 49), some, Some(900), 900),
            ("no sum beyond what a number holds", 7, steady("a", 90), Some(&far), None, 7),
        ];
        for (title, wall_ms, steady, anchor, latest, expected) in rows {
            let reading = Reading { wall_ms, steady: steady.clone() };
            let (at_ms, next) = now(&reading, anchor, latest);
            assert_eq!(at_ms, expected, "{title}");
            let kept = steady.map(|of| Anchor { at_ms, boot: of.boot, steady_ms: of.ms });
            assert_eq!(next, kept, "{title}: the next tap counts from this one");
        }
    }
}
