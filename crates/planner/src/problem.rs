//! What a plan is made from: centres, evaluators, the policy, and what is fixed already.
//!
//! Plain values; [`crate::faults()`] says what is wrong with them.

use chrono::{Days, NaiveDate};
use mizan_domain::rubric::Model;

use crate::plan::{Slot, Visit};
use crate::seed::Seed;

/// Everything a plan follows from: the same problem gives the same plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The cycle.
    pub cycle: String,
    /// The secret the draw follows from.
    pub seed: Seed,
    /// The rules' settings.
    pub policy: Policy,
    /// The centres to be visited.
    pub centres: Vec<Centre>,
    /// Who can visit them.
    pub evaluators: Vec<Evaluator>,
    /// Visits that stand: the plan holds them as they are, whatever the rules say.
    pub fixed: Vec<Visit>,
}

/// The settings of the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The first day of week 1.
    pub first_day: NaiveDate,
    /// Weeks of field work.
    pub weeks: u32,
    /// Working days of a week, counted from the weekday of the first day.
    pub days: u32,
    /// Parts of a day in which a visit can be made.
    pub parts: u32,
    /// Days on which nothing is open.
    pub closed: Vec<NaiveDate>,
    /// The first week in which a visit can still be planned.
    pub earliest_week: u32,
    /// Weeks of the scheduled visits, where a centre names none of its own.
    pub scheduled_weeks: Weeks,
    /// Days between two visits to a centre, at least.
    pub spacing_days: u32,
    /// Days before an evaluator may come back to a centre (M3).
    pub rotation_days: u32,
    /// Visits of an evaluator in a week and on a day, at most.
    pub per_week: u32,
    /// See `per_week`.
    pub per_day: u32,
    /// Regions an evaluator works in, at most.
    pub regions_most: u32,
    /// Double visits of an evaluator, at most.
    pub doubles_most: u32,
    /// Of each evaluator's visits, so many of a hundred link to other evaluators' regions.
    pub linking_percent: u32,
    /// Whether a visit to an anchor centre links, or only one outside the home region.
    pub anchors_link: bool,
    /// What travel and change cost.
    pub costs: Costs,
    /// The variance of one visit in the unit of severity, squared.
    pub visit_variance: f64,
}

/// Costs, in any unit of money or time, as long as it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// For each unit of distance between an evaluator and a centre.
    pub distance: u32,
    /// For each region outside home in which an evaluator works.
    pub region: u32,
    /// Drawn for each pair of evaluator and centre, up to this, so that nobody can foresee the pairs.
    pub jitter: u32,
}

/// Weeks from the first to the last, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weeks {
    /// The first.
    pub from: u32,
    /// The last.
    pub to: u32,
}

impl Weeks {
    /// Whether a week is one of them.
    #[must_use]
    pub fn holds(self, week: u32) -> bool {
        (self.from..=self.to).contains(&week)
    }
}

/// A place on a plane grid, in the unit of distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// To the east.
    pub x: i32,
    /// To the north.
    pub y: i32,
}

/// A centre with the visits it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centre {
    /// The centre.
    pub id: String,
    /// Its agency.
    pub agency: String,
    /// Its region.
    pub region: String,
    /// How it serves people.
    pub model: Model,
    /// Where it is.
    pub place: Place,
    /// The visits, channel by channel.
    pub visits: Vec<Wanted>,
    /// What its evaluators must be able to do.
    pub needs: Vec<Need>,
    /// Whether a second evaluator comes along on one unannounced visit.
    pub is_anchor: bool,
    /// Weeks of its scheduled visits, if not the policy's.
    pub scheduled_weeks: Option<Weeks>,
    /// Whether it takes no more visits than those that stand.
    pub is_closed: bool,
}

/// Exact numbers of visits through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The channel; none for a centre with only one.
    pub channel: Option<String>,
    /// Secret visits.
    pub unannounced: u32,
    /// Visits agreed beforehand.
    pub scheduled: u32,
}

/// An ability that some of a centre's visits need: a language, a woman for a women's section, a persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The ability.
    pub ability: String,
    /// In so many visits at least; none for every visit.
    pub visits: Option<u32>,
}

/// Somebody who visits centres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluator {
    /// The evaluator.
    pub id: String,
    /// The agency that employs them (M5).
    pub employer: Option<String>,
    /// Agencies in which they have an interest (M4).
    pub interests: Vec<String>,
    /// Agencies at which they were recognised (M2).
    pub exposed: Vec<String>,
    /// Visits of earlier cycles (M3).
    pub past: Vec<PastVisit>,
    /// Centres they declined in this cycle.
    pub declined: Vec<String>,
    /// The home region.
    pub region: String,
    /// Where they set out from.
    pub place: Place,
    /// The regions they can work in; empty for all.
    pub regions: Vec<String>,
    /// Languages and whatever else a centre may need.
    pub abilities: Vec<String>,
    /// Weeks in which they are away.
    pub away: Vec<Weeks>,
    /// Visits in the cycle, at least and at most.
    pub load: Load,
    /// What each of their visits costs before travel.
    pub visit_cost: u32,
}

/// A visit of an earlier cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastVisit {
    /// The centre.
    pub centre: String,
    /// The day.
    pub day: NaiveDate,
}

/// Bounds of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// At least.
    pub least: u32,
    /// At most.
    pub most: u32,
}

impl Policy {
    /// The date of a slot.
    ///
    /// # Panics
    /// Beyond the years a date can have, which checked problems never reach.
    #[must_use]
    pub fn date(&self, slot: Slot) -> NaiveDate {
        let days =
            u64::from(slot.week.saturating_sub(1)) * 7 + u64::from(slot.day.saturating_sub(1));
        self.first_day.checked_add_days(Days::new(days)).expect("weeks are bounded")
    }
}

impl Centre {
    /// All its visits; the second of a double visit is one of them.
    #[must_use]
    pub fn visit_count(&self) -> u32 {
        let asked: u32 =
            self.visits.iter().map(|wanted| wanted.unannounced + wanted.scheduled).sum();
        asked + u32::from(self.is_anchor)
    }
}

impl Need {
    /// In how many of a centre's visits at least.
    #[must_use]
    pub fn of(&self, visit_count: u32) -> u32 {
        self.visits.unwrap_or(visit_count)
    }
}
