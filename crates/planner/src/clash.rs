//! Why there is no plan: a set of rules of which none can be left out, and what would free it.
//!
//! Rules are left out one by one; a rule without which it still does not work has no part in the clash.
//! What remains clashes, and any one of its rules set aside frees it.
//! Where flows or a centre's own calendar settle it, the clash is proved; elsewhere it says that no plan
//! was found.

use std::collections::BTreeSet;
use std::fmt;

use crate::check::Violation;
use crate::flow::{Bounds, Flow};
use crate::index::{Bars, Index};
use crate::problem::Problem;
use crate::rules::{Rule, Rules};
use crate::solve::{Failure, solve_within};

/// Centres to which a clash is narrowed down, one by one.
const NARROWED: usize = 80;
/// Visits up to which rules are tried one by one where only whole plans tell.
const TRIED: usize = 400;

/// Rules that clash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Whether it is proved that no plan keeps these rules; else none was found.
    pub is_proved: bool,
    /// The rules; with the exact numbers of visits, which always count.
    pub rules: Vec<Rule>,
    /// The centres at which they clash; empty when it is not at single centres.
    pub centres: Vec<String>,
    /// Visits that nobody can make, as far as that can be counted.
    pub short: Option<u32>,
    /// Any one of these frees it.
    pub frees: Vec<Remedy>,
}

/// What would free a clash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// The rule that gives way.
    pub rule: Rule,
    /// The evaluators for whom it would have to, where it bars some.
    pub evaluators: Vec<String>,
    /// By how many visits, where it counts some.
    pub visits: Option<u32>,
}

impl std::error::Error for Clash {}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.rules.iter().map(|rule| rule.word()).collect();
        let verdict = if self.is_proved { "no plan keeps" } else { "no plan was found that keeps" };
        write!(f, "{verdict} these rules together: {}", words.join(", "))?;
        if !self.centres.is_empty() {
            write!(f, "; at {}", listed(&self.centres))?;
        }
        if let Some(short) = self.short {
            write!(f, "; {short} visits nobody can make")?;
        }
        for (place, remedy) in self.frees.iter().enumerate() {
            write!(f, "{} {remedy}", if place == 0 { "; to free it:" } else { ", or" })?;
        }
        Ok(())
    }
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 8 { format!("{shown} and {} more", names.len() - 8) } else { shown }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.rule {
            Rule::Visits => "ask for fewer visits",
            Rule::DifferentEvaluators => "let an evaluator come twice",
            Rule::OwnAgency => "let somebody evaluate their own agency",
            Rule::Interest => "set a declared interest aside",
            Rule::Exposed => "send somebody who was recognised",
            Rule::Rotation => "shorten the rotation",
            Rule::Declined => "ask again who declined",
            Rule::Need => "find evaluators with the ability, or need it in fewer visits",
            Rule::LoadLeast => "lower the least workload",
            Rule::LoadMost => "raise the highest workload or add evaluators",
            Rule::Regions => "let evaluators work in more regions",
            Rule::Availability => "shorten absences or allow more visits a week",
            Rule::ScheduledWeeks => "widen the weeks of scheduled visits",
            Rule::Spacing => "shorten the spacing or add weeks",
            Rule::Spread => "let days or parts of the day repeat",
            Rule::Linking => "lower the share that links or let anchors link",
            Rule::Connected => "let the design fall into parts",
            Rule::Doubles => "allow more double visits each or fewer anchors",
            Rule::Calendar => "open more days or weeks",
            Rule::Fixed => "release fixed visits",
        };
        f.write_str(what)?;
        if let Some(visits) = self.visits {
            write!(f, " (by {visits} visits)")?;
        }
        if !self.evaluators.is_empty() {
            write!(f, " ({})", listed(&self.evaluators))?;
        }
        Ok(())
    }
}

/// Rules that a flow can tell of.
const OF_FLOW: [Rule; 12] = [
    Rule::DifferentEvaluators,
    Rule::OwnAgency,
    Rule::Interest,
    Rule::Exposed,
    Rule::Rotation,
    Rule::Declined,
    Rule::Need,
    Rule::LoadLeast,
    Rule::LoadMost,
    Rule::Regions,
    Rule::Availability,
    Rule::Linking,
];

/// Rules that a centre's own calendar can tell of.
const OF_CALENDAR: [Rule; 4] = [Rule::ScheduledWeeks, Rule::Spacing, Rule::Spread, Rule::Calendar];

pub(crate) fn explain(problem: &Problem, failure: &Failure) -> Clash {
    if !flows(problem, Rules::ALL) {
        return of_flow(problem);
    }
    if let Some(centre) = crowded_centre(problem, Rules::ALL) {
        return of_calendar(problem, centre);
    }
    match failure {
        Failure::Flow => of_flow(problem),
        Failure::Left(left) => not_found(problem, left),
    }
}

/// Whether the visits can flow under these rules, whatever they cost.
fn flows(problem: &Problem, rules: Rules) -> bool {
    shortfall(problem, rules) == 0
}

fn shortfall(problem: &Problem, rules: Rules) -> i64 {
    let flow = solved(&Index::new(problem, rules, true));
    flow.network.shortfall() + flow.beyond_plain()
}

fn solved(index: &Index<'_>) -> Flow {
    let mut flow = Flow::new(index, &Bounds::wide(index), &|_, _| 0);
    flow.network.solve();
    flow
}

/// Leaves rules out as long as it does not work without them.
fn irreducible(candidates: &[Rule], works: impl Fn(Rules) -> bool) -> (Rules, Vec<Rule>) {
    let mut rules = Rules::ALL;
    let mut needed = Vec::new();
    for rule in candidates {
        if works(rules.without(*rule)) {
            needed.push(*rule);
        } else {
            rules = rules.without(*rule);
        }
    }
    (rules, needed)
}

fn of_flow(problem: &Problem) -> Clash {
    let (rules, needed) = irreducible(&OF_FLOW, |rules| flows(problem, rules));
    let narrowed = narrowed(problem, rules, &needed);
    let part = narrowed.as_ref().unwrap_or(problem);
    let short = shortfall(part, rules).max(1) as u32;
    let centres: Vec<String> = match &narrowed {
        Some(part) => part.centres.iter().map(|centre| centre.id.clone()).collect(),
        None => Vec::new(),
    };
    let frees = needed.iter().map(|rule| Remedy {
        rule: *rule,
        evaluators: barred(part, *rule),
        visits: matches!(rule, Rule::LoadMost | Rule::LoadLeast | Rule::Need).then_some(short),
    });
    let mut frees: Vec<Remedy> = frees.collect();
    frees.push(Remedy { rule: Rule::Visits, evaluators: Vec::new(), visits: Some(short) });
    let rules = std::iter::once(Rule::Visits).chain(needed.iter().copied()).collect();
    Clash { is_proved: true, rules, centres, short: Some(short), frees }
}

/// The problem with only those centres whose visits clash, none of which can be left out.
fn narrowed(problem: &Problem, rules: Rules, needed: &[Rule]) -> Option<Problem> {
    // What is asked of evaluators is not settled at single centres.
    if [Rule::LoadLeast, Rule::LoadMost, Rule::Linking].iter().any(|rule| needed.contains(rule)) {
        return None;
    }
    let index = Index::new(problem, rules.without(Rule::LoadLeast), true);
    let starved = solved(&index).starved_centres();
    if starved.is_empty() || starved.len() > NARROWED {
        return None;
    }
    let rules = rules.without(Rule::LoadLeast);
    let mut part = problem.clone();
    part.fixed.clear();
    part.centres = starved.iter().map(|place| problem.centres[*place].clone()).collect();
    if flows(&part, rules) {
        return None;
    }
    let mut place = 0;
    while place < part.centres.len() {
        let centre = part.centres.remove(place);
        if part.centres.is_empty() || flows(&part, rules) {
            part.centres.insert(place, centre);
            place += 1;
        }
    }
    Some(part)
}

/// The evaluators whom a rule bars from one of a problem's centres.
fn barred(problem: &Problem, rule: Rule) -> Vec<String> {
    let bars = Bars::new(problem);
    let is_barred = |evaluator: &usize| {
        (0..problem.centres.len())
            .any(|centre| bars.of(problem, *evaluator, centre, Rules::ALL).contains(&rule))
    };
    let barred = (0..problem.evaluators.len()).filter(is_barred);
    barred.map(|evaluator| problem.evaluators[evaluator].id.clone()).collect()
}

/// A centre whose visits have no dates together, even if every evaluator were always there.
fn crowded_centre(problem: &Problem, rules: Rules) -> Option<usize> {
    (0..problem.centres.len()).find(|centre| !crate::secluded::fits(problem, *centre, rules))
}

fn of_calendar(problem: &Problem, centre: usize) -> Clash {
    let works = |rules| crate::secluded::fits(problem, centre, rules);
    let (_, needed) = irreducible(&OF_CALENDAR, works);
    let mut frees: Vec<Remedy> = needed
        .iter()
        .map(|rule| Remedy { rule: *rule, evaluators: Vec::new(), visits: None })
        .collect();
    frees.push(Remedy { rule: Rule::Visits, evaluators: Vec::new(), visits: None });
    Clash {
        is_proved: true,
        rules: std::iter::once(Rule::Visits).chain(needed).collect(),
        centres: vec![problem.centres[centre].id.clone()],
        short: None,
        frees,
    }
}

/// No plan was found: the rules that stood in the way, each tried whether it frees the rest.
fn not_found(problem: &Problem, left: &[Violation]) -> Clash {
    let visits: u32 = problem.centres.iter().map(|centre| centre.visit_count()).sum();
    let broken: BTreeSet<Rule> = left.iter().map(|violation| violation.rule).collect();
    let centres: BTreeSet<String> =
        left.iter().filter_map(|violation| violation.centre.clone()).collect();
    let rules: Vec<Rule> = if visits as usize <= TRIED {
        // A plan has nowhere to put an evaluator who comes twice.
        let always = [Rule::Visits, Rule::DifferentEvaluators, Rule::Fixed];
        let candidates: Vec<Rule> =
            Rule::ALL.into_iter().filter(|rule| !always.contains(rule)).collect();
        irreducible(&candidates, |rules| solve_within(problem, rules, None, 1).is_ok()).1
    } else {
        broken.into_iter().collect()
    };
    let frees = rules.iter().map(|rule| Remedy {
        rule: *rule,
        evaluators: barred(problem, *rule),
        visits: None,
    });
    Clash {
        is_proved: false,
        frees: frees.collect(),
        rules: std::iter::once(Rule::Visits).chain(rules.iter().copied()).collect(),
        centres: centres.into_iter().collect(),
        short: None,
    }
}
