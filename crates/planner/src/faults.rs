//! What is wrong with a problem, all of it at once: place, value, remedy.

use std::collections::BTreeSet;
use std::fmt;

use crate::plan::posts;
use crate::problem::{Centre, Evaluator, Policy, Problem, Weeks};

/// Something wrong with a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, such as `centres[3].region`.
    pub place: String,
    /// What stands there.
    pub value: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.value, self.remedy)
    }
}

/// Weeks, days and parts beyond which no cycle goes.
const WEEKS: u32 = 104;
const PARTS: u32 = 12;
/// Visits to one centre.
const VISITS: u32 = 60;
/// Costs and distances, so that sums stay exact.
const MOST: u32 = 1_000_000;

/// Everything wrong with a problem; empty when it can be planned.
#[must_use]
pub fn faults(problem: &Problem) -> Vec<Fault> {
    let mut found = Found(Vec::new());
    found.policy(&problem.policy);
    found.unique("centres", problem.centres.iter().map(|centre| &centre.id));
    found.unique("evaluators", problem.evaluators.iter().map(|evaluator| &evaluator.id));
    if problem.centres.is_empty() {
        found.tell("centres", "none", "name the centres to be visited");
    }
    if problem.evaluators.is_empty() {
        found.tell("evaluators", "none", "name who can visit");
    }
    for (at, centre) in problem.centres.iter().enumerate() {
        found.centre(&format!("centres[{at}]"), centre, &problem.policy);
    }
    for (at, evaluator) in problem.evaluators.iter().enumerate() {
        found.evaluator(&format!("evaluators[{at}]"), evaluator);
    }
    found.fixed(problem);
    found.0
}

struct Found(Vec<Fault>);

impl Found {
    fn tell(
        &mut self,
        place: impl Into<String>,
        value: impl fmt::Display,
        remedy: impl Into<String>,
    ) {
        self.0.push(Fault { place: place.into(), value: value.to_string(), remedy: remedy.into() });
    }

    fn within(&mut self, place: &str, value: u32, least: u32, most: u32) {
        if !(least..=most).contains(&value) {
            self.tell(place, value, format!("give {least} to {most}"));
        }
    }

    fn weeks(&mut self, place: &str, weeks: Weeks) {
        if weeks.from < 1 || weeks.to < weeks.from {
            let value = format!("{} to {}", weeks.from, weeks.to);
            self.tell(place, value, "count weeks from 1, the first before the last");
        }
    }

    fn policy(&mut self, policy: &Policy) {
        self.within("policy.weeks", policy.weeks, 1, WEEKS);
        self.within("policy.days", policy.days, 1, 7);
        self.within("policy.parts", policy.parts, 1, PARTS);
        self.within("policy.earliest_week", policy.earliest_week, 1, WEEKS);
        self.within("policy.spacing_days", policy.spacing_days, 0, WEEKS * 7);
        self.within("policy.rotation_days", policy.rotation_days, 0, 36_500);
        self.within("policy.per_week", policy.per_week, 1, 7 * PARTS);
        self.within("policy.per_day", policy.per_day, 1, PARTS);
        self.within("policy.regions_most", policy.regions_most, 1, 10_000);
        self.within("policy.linking_percent", policy.linking_percent, 0, 100);
        self.within("policy.costs.distance", policy.costs.distance, 0, 10_000);
        self.within("policy.costs.region", policy.costs.region, 0, MOST);
        self.within("policy.costs.jitter", policy.costs.jitter, 0, MOST);
        self.weeks("policy.scheduled_weeks", policy.scheduled_weeks);
        let variance = policy.visit_variance;
        if !(variance.is_finite() && variance > 0.0 && variance < 100.0) {
            self.tell("policy.visit_variance", variance, "give a number above 0 and below 100");
        }
    }

    fn unique<'a>(&mut self, list: &str, ids: impl Iterator<Item = &'a String>) {
        let mut seen = BTreeSet::new();
        for (at, id) in ids.enumerate() {
            if id.is_empty() {
                self.tell(format!("{list}[{at}].id"), "empty", "give it an id");
            } else if !seen.insert(id) {
                self.tell(
                    format!("{list}[{at}].id"),
                    id,
                    "stands there twice; give each an id of its own",
                );
            }
        }
    }

    fn place(&mut self, at: &str, place: crate::Place) {
        for (axis, value) in [("x", place.x), ("y", place.y)] {
            if value.unsigned_abs() > MOST {
                self.tell(format!("{at}.place.{axis}"), value, format!("give at most {MOST}"));
            }
        }
    }

    fn centre(&mut self, at: &str, centre: &Centre, policy: &Policy) {
        self.place(at, centre.place);
        let asked = centre
            .visits
            .iter()
            .map(|wanted| u64::from(wanted.unannounced) + u64::from(wanted.scheduled));
        let asked = asked.sum::<u64>();
        if asked > u64::from(VISITS) {
            self.tell(
                format!("{at}.visits"),
                asked,
                format!("plan at most {VISITS} visits to a centre"),
            );
            return;
        }
        let channels: BTreeSet<_> = centre.visits.iter().map(|wanted| &wanted.channel).collect();
        if channels.len() < centre.visits.len() {
            self.tell(format!("{at}.visits"), "a channel twice", "name each channel once");
        }
        if centre.is_anchor && centre.visits.first().is_none_or(|first| first.unannounced == 0) {
            let remedy = "an anchor centre needs an unannounced visit in its first channel";
            self.tell(format!("{at}.anchor"), "true", remedy);
        }
        let count = centre.visit_count();
        for (number, need) in centre.needs.iter().enumerate() {
            if need.visits.is_some_and(|visits| visits > count) {
                let value = need.visits.unwrap_or(0);
                let remedy = format!("the centre has {count} visits; need no more");
                self.tell(format!("{at}.needs[{number}].visits"), value, remedy);
            }
        }
        if let Some(weeks) = centre.scheduled_weeks {
            self.weeks(&format!("{at}.scheduled_weeks"), weeks);
            if weeks.from > policy.weeks {
                let remedy = format!("the cycle has {} weeks", policy.weeks);
                self.tell(format!("{at}.scheduled_weeks"), weeks.from, remedy);
            }
        }
    }

    fn evaluator(&mut self, at: &str, evaluator: &Evaluator) {
        self.place(at, evaluator.place);
        self.within(&format!("{at}.visit_cost"), evaluator.visit_cost, 0, MOST);
        if evaluator.load.least > evaluator.load.most {
            let value = format!("{} to {}", evaluator.load.least, evaluator.load.most);
            self.tell(format!("{at}.load"), value, "the least is above the most; exchange them");
        }
        for (number, away) in evaluator.away.iter().enumerate() {
            self.weeks(&format!("{at}.away[{number}]"), *away);
        }
    }

    fn fixed(&mut self, problem: &Problem) {
        let mut seen = BTreeSet::new();
        for (number, visit) in problem.fixed.iter().enumerate() {
            let at = format!("fixed[{number}]");
            let policy = &problem.policy;
            let Some(centre) = problem.centres.iter().find(|centre| centre.id == visit.centre)
            else {
                self.tell(
                    format!("{at}.centre"),
                    &visit.centre,
                    "is none of the centres; add it or leave the visit out",
                );
                continue;
            };
            if !problem.evaluators.iter().any(|one| one.id == visit.evaluator) {
                self.tell(
                    format!("{at}.evaluator"),
                    &visit.evaluator,
                    "is none of the evaluators; add them",
                );
            }
            let slot = visit.slot;
            self.within(&format!("{at}.week"), slot.week, 1, policy.weeks);
            self.within(&format!("{at}.day"), slot.day, 1, policy.days);
            self.within(&format!("{at}.part"), slot.part, 1, policy.parts);
            if !seen.insert((&visit.centre, visit.number)) {
                self.tell(format!("{at}.number"), visit.number, "is fixed twice; keep one");
            }
            let posts = posts(centre);
            let same = posts.iter().find(|post| post.number == visit.number);
            let is_same = same.is_some_and(|post| {
                post.kind == visit.kind
                    && post.channel == visit.channel
                    && post.double_of == visit.double_of
            });
            if !is_same {
                let remedy = format!("the centre has no such visit among its {}", posts.len());
                self.tell(format!("{at}.number"), visit.number, remedy);
            }
        }
    }
}
