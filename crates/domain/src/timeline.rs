//! The moments of a visit, and the waits that follow from them (rule M17).

use std::collections::BTreeMap;

use crate::exact::Exact;
use crate::scale::TimeUnit;

/// A moment of a visit that is noted to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// Came through the door.
    Arrived,
    /// Took a ticket or signed in.
    Ticket,
    /// Was greeted.
    Greeted,
    /// Was called to a counter.
    Called,
    /// The transaction was done.
    Done,
    /// Left the centre.
    Left,
}
crate::rubric::words!(Moment: Arrived = "arrived", Ticket = "ticket", Greeted = "greeted",
    Called = "called", Done = "done", Left = "left");

/// Pairs of moments of which the first can never be after the second.
const ORDER: [(Moment, Moment); 12] = [
    (Moment::Arrived, Moment::Ticket),
    (Moment::Arrived, Moment::Greeted),
    (Moment::Arrived, Moment::Called),
    (Moment::Arrived, Moment::Done),
    (Moment::Ticket, Moment::Called),
    (Moment::Ticket, Moment::Done),
    (Moment::Ticket, Moment::Left),
    (Moment::Called, Moment::Left),
    (Moment::Called, Moment::Done),
    (Moment::Greeted, Moment::Left),
    (Moment::Done, Moment::Left),
    (Moment::Arrived, Moment::Left),
];

/// The moments noted so far, in milliseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// Each moment at most once.
    pub moments: BTreeMap<Moment, i64>,
}

/// Two moments stand in an impossible order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the time of `{}` is before the time of `{}`; correct one of them (M17)",
    .later.word(),
    .earlier.word()
)]
pub struct TimelineFault {
    /// What must come first.
    pub earlier: Moment,
    /// What must not be before it.
    pub later: Moment,
}

impl Timeline {
    /// The pairs of moments in an impossible order.
    #[must_use]
    pub fn check(&self) -> Vec<TimelineFault> {
        let reversed = |&(earlier, later): &(Moment, Moment)| {
            let negative = self.span_ms(earlier, later).is_some_and(|span| span < 0);
            negative.then_some(TimelineFault { earlier, later })
        };
        ORDER.iter().filter_map(reversed).collect()
    }

    /// The milliseconds from one moment to another, when both are noted.
    #[must_use]
    pub fn span_ms(&self, from: Moment, to: Moment) -> Option<i64> {
        self.moments.get(&to)?.checked_sub(*self.moments.get(&from)?)
    }

    /// The time from one moment to another in a unit, exact; `None` when one is missing, when they
    /// are in an impossible order, or in working hours, which no clock alone can tell.
    #[must_use]
    pub fn wait(&self, from: Moment, to: Moment, unit: TimeUnit) -> Option<Exact> {
        let per_unit = match unit {
            TimeUnit::Seconds => 1_000,
            TimeUnit::Minutes => 60_000,
            TimeUnit::Hours => 3_600_000,
            TimeUnit::WorkingHours => return None,
        };
        Exact::ratio(self.span_ms(from, to)?, per_unit).filter(|wait| !wait.is_negative())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(moments: &[(Moment, i64)]) -> Timeline {
        Timeline { moments: moments.iter().copied().collect() }
    }

    #[test]
    fn waits_are_derived_exactly() {
        let visit = timeline(&[
            (Moment::Arrived, 0),
            (Moment::Ticket, 90_000),
            (Moment::Called, 1_440_000),
        ]);
        let wait = visit.wait(Moment::Ticket, Moment::Called, TimeUnit::Minutes).unwrap();
        assert_eq!(wait.to_decimal(), "22.5");
        assert_eq!(visit.wait(Moment::Called, Moment::Done, TimeUnit::Minutes), None);
        assert!(visit.check().is_empty());
    }

    #[test]
    fn negative_spans_are_refused_by_name() {
        let visit = timeline(&[(Moment::Called, 10), (Moment::Done, 5), (Moment::Left, 7)]);
        let fault = |later| TimelineFault { earlier: Moment::Called, later };
        assert_eq!(visit.check(), [fault(Moment::Left), fault(Moment::Done)]);
        assert_eq!(visit.wait(Moment::Called, Moment::Done, TimeUnit::Seconds), None);
    }
}
