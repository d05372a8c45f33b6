//! The rules of a plan by name.

/// A hard rule. A plan keeps all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Exact numbers of visits, each post once.
    Visits,
    /// Two visits of a centre never by the same evaluator.
    DifferentEvaluators,
    /// M5: nobody evaluates the agency that employs them.
    OwnAgency,
    /// M4: nobody evaluates an agency in which they have an interest.
    Interest,
    /// M2: whoever was recognised at an agency is barred from it.
    Exposed,
    /// M3: not the same centre within the rotation's days.
    Rotation,
    /// M9: not a centre that the evaluator declined.
    Declined,
    /// The abilities a centre needs.
    Need,
    /// Visits of an evaluator, at least.
    LoadLeast,
    /// Visits of an evaluator, at most.
    LoadMost,
    /// The regions an evaluator can work in, and how many at most.
    Regions,
    /// Weeks in which an evaluator is away; visits in a week, on a day and at a time.
    Availability,
    /// Scheduled visits in their weeks.
    ScheduledWeeks,
    /// Days between the visits of a centre.
    Spacing,
    /// Unannounced visits of a centre spread over parts and days of the week.
    Spread,
    /// A share of each evaluator's visits links to other regions.
    Linking,
    /// All evaluators can be compared through shared centres.
    Connected,
    /// Double visits: together, few for one evaluator, never the same two again.
    Doubles,
    /// Nothing on closed days, before the earliest week, or outside the cycle.
    Calendar,
    /// Visits that stand are kept.
    Fixed,
}

impl Rule {
    /// All rules, in the order in which they are told.
    pub const ALL: [Self; 20] = [
        Self::Visits,
        Self::DifferentEvaluators,
        Self::OwnAgency,
        Self::Interest,
        Self::Exposed,
        Self::Rotation,
        Self::Declined,
        Self::Need,
        Self::LoadLeast,
        Self::LoadMost,
        Self::Regions,
        Self::Availability,
        Self::ScheduledWeeks,
        Self::Spacing,
        Self::Spread,
        Self::Linking,
        Self::Connected,
        Self::Doubles,
        Self::Calendar,
        Self::Fixed,
    ];

    /// The rule's stable name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Visits => "visits",
            Self::DifferentEvaluators => "different_evaluators",
            Self::OwnAgency => "own_agency",
            Self::Interest => "interest",
            Self::Exposed => "exposed",
            Self::Rotation => "rotation",
            Self::Declined => "declined",
            Self::Need => "need",
            Self::LoadLeast => "load_least",
            Self::LoadMost => "load_most",
            Self::Regions => "regions",
            Self::Availability => "availability",
            Self::ScheduledWeeks => "scheduled_weeks",
            Self::Spacing => "spacing",
            Self::Spread => "spread",
            Self::Linking => "linking",
            Self::Connected => "connected",
            Self::Doubles => "doubles",
            Self::Calendar => "calendar",
            Self::Fixed => "fixed",
        }
    }
}

/// Which rules are asked for: all of them, but for the search for those that clash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules(u32);

impl Rules {
    pub(crate) const ALL: Self = Self(u32::MAX);

    pub(crate) fn has(self, rule: Rule) -> bool {
        self.0 & 1 << rule as u32 != 0
    }

    pub(crate) fn without(self, rule: Rule) -> Self {
        Self(self.0 & !(1 << rule as u32))
    }
}
