//! Whether a plan keeps every rule: a second reading of the rules, from their words.
//!
//! It shares no arithmetic with the planner, not even the domain's refusals, so that a fault in one of the
//! two shows. Visits that stand are facts: what they break is not held against the plan.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use mizan_domain::rubric::VisitKind;

use crate::plan::{Plan, Visit};
use crate::problem::{Centre, Evaluator, Problem};
use crate::rules::Rule;

/// A rule that a plan does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The centre, if it is one's.
    pub centre: Option<String>,
    /// The evaluator, if it is one's.
    pub evaluator: Option<String>,
    /// What the plan has.
    pub found: i64,
    /// What the rule asks for: at most, or at least where more is better.
    pub allowed: i64,
}

/// Everything in which a plan does not keep the rules; empty when it keeps them all.
#[must_use]
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let mut checker = Checker::new(problem, plan);
    checker.unknown_names();
    for centre in &problem.centres {
        checker.visits(centre);
        checker.different_evaluators(centre);
        checker.needs(centre);
        checker.spacing(centre);
        checker.spread(centre);
        checker.doubles_of(centre);
    }
    for visit in &plan.visits {
        checker.bars(visit);
        checker.calendar(visit);
    }
    for evaluator in &problem.evaluators {
        checker.load(evaluator);
        checker.regions(evaluator);
        checker.availability(evaluator);
        checker.linking(evaluator);
        checker.doubles_by(evaluator);
    }
    checker.repeated_doubles();
    checker.connected();
    checker.fixed();
    checker.found
}

struct Checker<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    centres: BTreeMap<&'a str, &'a Centre>,
    evaluators: BTreeMap<&'a str, &'a Evaluator>,
    at: BTreeMap<&'a str, Vec<&'a Visit>>,
    by: BTreeMap<&'a str, Vec<&'a Visit>>,
    standing: BTreeSet<(&'a str, u32)>,
    found: Vec<Violation>,
}

impl<'a> Checker<'a> {
    fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        let (mut at, mut by) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for visit in &plan.visits {
            at.entry(visit.centre.as_str()).or_default().push(visit);
            by.entry(visit.evaluator.as_str()).or_default().push(visit);
        }
        Self {
            problem,
            plan,
            centres: problem.centres.iter().map(|centre| (centre.id.as_str(), centre)).collect(),
            evaluators: problem.evaluators.iter().map(|one| (one.id.as_str(), one)).collect(),
            at,
            by,
            standing: problem
                .fixed
                .iter()
                .map(|fixed| (fixed.centre.as_str(), fixed.number))
                .collect(),
            found: Vec::new(),
        }
    }

    fn tell(
        &mut self,
        rule: Rule,
        centre: Option<&str>,
        evaluator: Option<&str>,
        found: i64,
        allowed: i64,
    ) {
        let (centre, evaluator) = (centre.map(str::to_owned), evaluator.map(str::to_owned));
        self.found.push(Violation { rule, centre, evaluator, found, allowed });
    }

    fn stands(&self, visit: &Visit) -> bool {
        self.standing.contains(&(visit.centre.as_str(), visit.number))
    }

    fn at(&self, centre: &str) -> Vec<&'a Visit> {
        self.at.get(centre).cloned().unwrap_or_default()
    }

    fn by(&self, evaluator: &str) -> Vec<&'a Visit> {
        self.by.get(evaluator).cloned().unwrap_or_default()
    }

    fn date(&self, visit: &Visit) -> NaiveDate {
        let days = (i64::from(visit.slot.week) - 1) * 7 + i64::from(visit.slot.day) - 1;
        self.problem.policy.first_day + chrono::TimeDelta::days(days)
    }

    fn unknown_names(&mut self) {
        for visit in &self.plan.visits {
            let (centre, evaluator) = (visit.centre.as_str(), visit.evaluator.as_str());
            if !self.centres.contains_key(centre) || !self.evaluators.contains_key(evaluator) {
                self.tell(Rule::Visits, Some(centre), Some(evaluator), 1, 0);
            }
        }
    }

    fn visits(&mut self, centre: &Centre) {
        let visits = self.at(&centre.id);
        let id = Some(centre.id.as_str());
        if centre.is_closed {
            let more = visits.iter().filter(|visit| !self.stands(visit)).count() as i64;
            if more > 0 {
                self.tell(Rule::Visits, id, None, more, 0);
            }
            return;
        }
        let mut wanted: BTreeMap<(VisitKind, Option<&str>), i64> = BTreeMap::new();
        for one in &centre.visits {
            *wanted.entry((VisitKind::Unannounced, one.channel.as_deref())).or_default() +=
                i64::from(one.unannounced);
            *wanted.entry((VisitKind::Scheduled, one.channel.as_deref())).or_default() +=
                i64::from(one.scheduled);
        }
        for visit in visits.iter().filter(|visit| visit.double_of.is_none()) {
            *wanted.entry((visit.kind, visit.channel.as_deref())).or_default() -= 1;
        }
        for off in wanted.into_values().filter(|off| *off != 0) {
            self.tell(Rule::Visits, id, None, -off, 0);
        }
        let seconds = visits.iter().filter(|visit| visit.double_of.is_some()).count() as i64;
        if seconds != i64::from(centre.is_anchor) {
            self.tell(Rule::Visits, id, None, seconds, i64::from(centre.is_anchor));
        }
        let numbers: BTreeSet<u32> = visits.iter().map(|visit| visit.number).collect();
        if numbers.len() != visits.len() {
            self.tell(Rule::Visits, id, None, visits.len() as i64, numbers.len() as i64);
        }
    }

    fn different_evaluators(&mut self, centre: &Centre) {
        let mut times: BTreeMap<&str, i64> = BTreeMap::new();
        let visits = self.at(&centre.id);
        visits.iter().for_each(|visit| *times.entry(visit.evaluator.as_str()).or_default() += 1);
        for (evaluator, times) in times.into_iter().filter(|(_, times)| *times > 1) {
            let own = visits.iter().filter(|visit| visit.evaluator == evaluator);
            if !own.clone().all(|visit| self.stands(visit)) {
                self.tell(Rule::DifferentEvaluators, Some(&centre.id), Some(evaluator), times, 1);
            }
        }
    }

    fn bars(&mut self, visit: &Visit) {
        let (Some(centre), Some(evaluator)) = (
            self.centres.get(visit.centre.as_str()).copied(),
            self.evaluators.get(visit.evaluator.as_str()).copied(),
        ) else {
            return;
        };
        if self.stands(visit) {
            return;
        }
        let ids = (Some(centre.id.as_str()), Some(evaluator.id.as_str()));
        let mut tell = |rule, found, allowed| self.tell(rule, ids.0, ids.1, found, allowed);
        if evaluator.employer.as_ref() == Some(&centre.agency) {
            tell(Rule::OwnAgency, 1, 0);
        }
        if evaluator.interests.contains(&centre.agency) {
            tell(Rule::Interest, 1, 0);
        }
        if evaluator.exposed.contains(&centre.agency) {
            tell(Rule::Exposed, 1, 0);
        }
        if evaluator.declined.contains(&centre.id) {
            tell(Rule::Declined, 1, 0);
        }
        if !evaluator.regions.is_empty() && !evaluator.regions.contains(&centre.region) {
            tell(Rule::Regions, 1, 0);
        }
        let date = self.date(visit);
        let needed = i64::from(self.problem.policy.rotation_days);
        for past in evaluator.past.iter().filter(|past| past.centre == centre.id) {
            let days = (date - past.day).num_days();
            if days < needed {
                self.tell(Rule::Rotation, ids.0, ids.1, days, needed);
            }
        }
    }

    fn needs(&mut self, centre: &Centre) {
        let visits = self.at(&centre.id);
        for need in &centre.needs {
            let is_able = |visit: &&&Visit| {
                let evaluator = self.evaluators.get(visit.evaluator.as_str());
                evaluator.is_some_and(|one| one.abilities.contains(&need.ability))
            };
            let able = visits.iter().filter(is_able).count() as i64;
            let lost =
                visits.iter().filter(|visit| !is_able(visit) && self.stands(visit)).count() as i64;
            let all = visits.len() as i64;
            let asked = need.visits.map_or(all, i64::from).min(all - lost);
            if able < asked {
                self.tell(Rule::Need, Some(&centre.id), None, able, asked);
            }
        }
    }

    fn load(&mut self, evaluator: &Evaluator) {
        let visits = self.by(&evaluator.id);
        let standing = visits.iter().filter(|visit| self.stands(visit)).count() as i64;
        let load = visits.len() as i64;
        let (least, most) = (i64::from(evaluator.load.least), i64::from(evaluator.load.most));
        if load < least {
            self.tell(Rule::LoadLeast, None, Some(&evaluator.id), load, least);
        }
        if load > most.max(standing) {
            self.tell(Rule::LoadMost, None, Some(&evaluator.id), load, most);
        }
    }

    fn region(&self, visit: &Visit) -> &'a str {
        self.centres.get(visit.centre.as_str()).map_or("", |centre| centre.region.as_str())
    }

    fn regions(&mut self, evaluator: &Evaluator) {
        let visits = self.by(&evaluator.id);
        let all: BTreeSet<&str> = visits.iter().map(|visit| self.region(visit)).collect();
        let standing = visits.iter().filter(|visit| self.stands(visit));
        let standing: BTreeSet<&str> = standing.map(|visit| self.region(visit)).collect();
        let most = i64::from(self.problem.policy.regions_most);
        if all.len() as i64 > most.max(standing.len() as i64) {
            self.tell(Rule::Regions, None, Some(&evaluator.id), all.len() as i64, most);
        }
    }

    fn availability(&mut self, evaluator: &Evaluator) {
        let visits = self.by(&evaluator.id);
        let id = Some(evaluator.id.as_str());
        for visit in &visits {
            let week = visit.slot.week;
            let is_away = evaluator.away.iter().any(|away| away.from <= week && week <= away.to);
            if is_away && !self.stands(visit) {
                self.tell(Rule::Availability, Some(&visit.centre), id, 1, 0);
            }
        }
        let policy = &self.problem.policy;
        let (per_week, per_day) = (i64::from(policy.per_week), i64::from(policy.per_day));
        self.crowded(id, &visits, per_week, |visit| (visit.slot.week, 0, 0));
        self.crowded(id, &visits, per_day, |visit| (visit.slot.week, visit.slot.day, 0));
        self.crowded(id, &visits, 1, |visit| (visit.slot.week, visit.slot.day, visit.slot.part));
    }

    fn crowded(
        &mut self,
        evaluator: Option<&str>,
        visits: &[&Visit],
        most: i64,
        key: impl Fn(&Visit) -> (u32, u32, u32),
    ) {
        let mut groups: BTreeMap<_, Vec<&Visit>> = BTreeMap::new();
        visits.iter().for_each(|visit| groups.entry(key(visit)).or_default().push(visit));
        for group in groups.into_values() {
            if group.len() as i64 > most && !group.iter().all(|visit| self.stands(visit)) {
                self.tell(Rule::Availability, None, evaluator, group.len() as i64, most);
            }
        }
    }

    fn calendar(&mut self, visit: &Visit) {
        if self.stands(visit) {
            return;
        }
        let policy = &self.problem.policy;
        let id = Some(visit.centre.as_str());
        let slot = visit.slot;
        let is_within = (policy.earliest_week.max(1)..=policy.weeks).contains(&slot.week)
            && (1..=policy.days).contains(&slot.day)
            && (1..=policy.parts).contains(&slot.part);
        if !is_within {
            self.tell(
                Rule::Calendar,
                id,
                Some(&visit.evaluator),
                i64::from(slot.week),
                i64::from(policy.weeks),
            );
        } else if policy.closed.contains(&self.date(visit)) {
            self.tell(Rule::Calendar, id, Some(&visit.evaluator), 1, 0);
        }
        let Some(centre) = self.centres.get(visit.centre.as_str()) else { return };
        let weeks = centre.scheduled_weeks.unwrap_or(policy.scheduled_weeks);
        if visit.kind == VisitKind::Scheduled && (slot.week < weeks.from || slot.week > weeks.to) {
            self.tell(Rule::ScheduledWeeks, id, None, i64::from(slot.week), i64::from(weeks.to));
        }
    }

    fn spacing(&mut self, centre: &Centre) {
        let visits = self.at(&centre.id);
        let least = i64::from(self.problem.policy.spacing_days);
        for (place, one) in visits.iter().enumerate() {
            for other in &visits[..place] {
                let is_double =
                    one.double_of == Some(other.number) || other.double_of == Some(one.number);
                let days = (self.date(one) - self.date(other)).num_days().abs();
                if !is_double && days < least && !(self.stands(one) && self.stands(other)) {
                    self.tell(Rule::Spacing, Some(&centre.id), None, days, least);
                }
            }
        }
    }

    fn spread(&mut self, centre: &Centre) {
        let visits = self.at(&centre.id);
        let secret = visits
            .into_iter()
            .filter(|v| v.kind == VisitKind::Unannounced && v.double_of.is_none());
        let secret: Vec<&Visit> = secret.collect();
        let policy = &self.problem.policy;
        for (choices, key) in [
            (policy.parts, (|visit| visit.slot.part) as fn(&Visit) -> u32),
            (policy.days, |visit| visit.slot.day),
        ] {
            let most = secret.len().div_ceil(choices.max(1) as usize);
            for choice in 1..=choices {
                let alike: Vec<&&Visit> =
                    secret.iter().filter(|visit| key(visit) == choice).collect();
                if alike.len() > most && !alike.iter().all(|visit| self.stands(visit)) {
                    self.tell(
                        Rule::Spread,
                        Some(&centre.id),
                        None,
                        alike.len() as i64,
                        most as i64,
                    );
                }
            }
        }
    }

    fn linking(&mut self, evaluator: &Evaluator) {
        let centres = self.problem.centres.iter().map(|centre| &centre.region);
        let homes = self.problem.evaluators.iter().map(|one| &one.region);
        if centres.chain(homes).collect::<BTreeSet<_>>().len() < 2 {
            return;
        }
        let visits = self.by(&evaluator.id);
        let policy = &self.problem.policy;
        let links = |visit: &&&Visit| {
            let is_anchor =
                self.centres.get(visit.centre.as_str()).is_some_and(|centre| centre.is_anchor);
            self.region(visit) != evaluator.region || (policy.anchors_link && is_anchor)
        };
        let linked = visits.iter().filter(links).count() as i64;
        let asked = i64::from(policy.linking_percent) * visits.len() as i64;
        if linked * 100 < asked && !visits.iter().all(|visit| self.stands(visit)) {
            self.tell(Rule::Linking, None, Some(&evaluator.id), linked, (asked + 99) / 100);
        }
    }

    fn connected(&mut self) {
        if self.problem.policy.linking_percent == 0 {
            return;
        }
        let mut left: BTreeSet<&str> = self.by.keys().copied().collect();
        let mut parts = 0;
        while let Some(first) = left.pop_first() {
            parts += 1;
            let mut queue = vec![first];
            while let Some(evaluator) = queue.pop() {
                for visit in self.by(evaluator) {
                    for other in self.at(&visit.centre) {
                        if left.remove(other.evaluator.as_str()) {
                            queue.push(other.evaluator.as_str());
                        }
                    }
                }
            }
        }
        if parts > 1 {
            self.tell(Rule::Connected, None, None, parts, 1);
        }
    }

    /// The two evaluators of each double visit.
    fn doubles(&self) -> Vec<(&'a Visit, &'a Visit)> {
        let seconds = self.plan.visits.iter().filter(|visit| visit.double_of.is_some());
        let pairs = seconds.filter_map(|second| {
            let first = self.at(&second.centre).into_iter();
            first
                .filter(|first| Some(first.number) == second.double_of)
                .map(|first| (first, second))
                .next()
        });
        pairs.collect()
    }

    fn doubles_of(&mut self, centre: &Centre) {
        let visits = self.at(&centre.id);
        for second in visits.iter().filter(|visit| visit.double_of.is_some()) {
            let first = visits.iter().find(|visit| Some(visit.number) == second.double_of);
            let is_right = first.is_some_and(|first| {
                let stand = self.stands(first) && self.stands(second);
                first.double_of.is_none()
                    && first.kind == VisitKind::Unannounced
                    && second.kind == VisitKind::Unannounced
                    && (first.slot == second.slot || stand)
            });
            if !is_right {
                self.tell(Rule::Doubles, Some(&centre.id), None, 0, 1);
            }
        }
    }

    fn doubles_by(&mut self, evaluator: &Evaluator) {
        let own = self.doubles().into_iter();
        let own = own.filter(|(a, b)| a.evaluator == evaluator.id || b.evaluator == evaluator.id);
        let own: Vec<_> = own.collect();
        let most = i64::from(self.problem.policy.doubles_most);
        let all_stand = own.iter().all(|(a, b)| self.stands(a) && self.stands(b));
        if own.len() as i64 > most && !all_stand {
            self.tell(Rule::Doubles, None, Some(&evaluator.id), own.len() as i64, most);
        }
    }

    fn repeated_doubles(&mut self) {
        let mut seen: BTreeMap<(&str, &str), i64> = BTreeMap::new();
        for (first, second) in self.doubles() {
            let (one, other) = (first.evaluator.as_str(), second.evaluator.as_str());
            if !(self.stands(first) && self.stands(second)) {
                *seen.entry((one.min(other), one.max(other))).or_default() += 1;
            }
        }
        for ((one, _), times) in seen {
            if times > 1 {
                self.tell(Rule::Doubles, None, Some(one), times, 1);
            }
        }
    }

    fn fixed(&mut self) {
        for fixed in &self.problem.fixed {
            if !self.at(&fixed.centre).contains(&fixed) {
                self.tell(Rule::Fixed, Some(&fixed.centre), Some(&fixed.evaluator), 0, 1);
            }
        }
    }
}
