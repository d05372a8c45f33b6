//! The rules a rubric must keep beyond its shape: sums, ids, texts, anchors, thresholds, levels.

use super::fault::{Fault, Problem, number};
use super::{Criterion, EvidenceNeed, Level, Measure, Parts, Pillar};
use crate::contact::ContactMoment;
use crate::exact::Exact;
use crate::scale::{Scale, TimeUnit};
use crate::text::{Language, Text};

/// The longest id.
pub const MAX_ID_LEN: usize = 40;

/// Every fault of the parts, in the order of the rubric.
#[must_use]
pub fn check(parts: &Parts) -> Vec<Fault> {
    let mut found = Found::default();
    found.id("id", &parts.id);
    found.version("version", &parts.version);
    found.text("title", &parts.title);
    policy(&mut found, parts);
    levels(&mut found, &parts.levels);
    pillars(&mut found, &parts.pillars);
    found.faults
}

/// A name for each entry of a list: its id, with a number behind it where it stands again.
///
/// The reader and this check build paths with it, which is how a fault finds its line.
pub(super) fn entry_names<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, id) in ids.enumerate() {
        let again = names.iter().any(|name| name == id);
        names.push(if again || id.is_empty() {
            format!("{id}#{}", index + 1)
        } else {
            id.to_owned()
        });
    }
    names
}

#[derive(Default)]
struct Found {
    faults: Vec<Fault>,
}

impl Found {
    fn add(&mut self, path: impl Into<String>, problem: Problem) {
        self.faults.push(Fault::at(path, problem));
    }

    fn id(&mut self, path: &str, id: &str) {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || id.len() > MAX_ID_LEN || !id.chars().all(fits) {
            self.add(path, Problem::BadId { id: id.to_owned() });
        }
    }

    fn version(&mut self, path: &str, version: &str) {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if version.is_empty() || version.len() > MAX_ID_LEN || !version.chars().all(fits) {
            self.add(path, Problem::BadId { id: version.to_owned() });
        }
    }

    fn text(&mut self, path: &str, text: &Text) {
        for language in Language::ALL {
            if text.get(language).trim().is_empty() {
                self.add(format!("{path}.{language}"), Problem::EmptyText);
            }
        }
    }

    fn range(&mut self, path: String, value: &Exact, fits: bool, range: &'static str) {
        if !fits {
            self.add(path, Problem::OutOfRange { value: number(value), range });
        }
    }

    fn duplicates<'a>(&mut self, list: &str, ids: impl Iterator<Item = &'a str> + Clone) {
        for (id, name) in ids.clone().zip(entry_names(ids)) {
            if !id.is_empty() && id != name {
                self.add(format!("{list}.{name}.id"), Problem::Duplicate { id: id.to_owned() });
            }
        }
    }
}

fn is_share(value: &Exact, top: i64) -> bool {
    !value.is_negative() && *value <= Exact::from(top)
}

fn policy(found: &mut Found, parts: &Parts) {
    let policy = &parts.policy;
    let share = &policy.unannounced_share;
    found.range("policy.unannounced_share".into(), share, is_share(share, 1), "from 0 to 1");
    let coverage = &policy.min_coverage;
    found.range("policy.min_coverage".into(), coverage, is_share(coverage, 100), "from 0 to 100");
    match parts.levels.iter().position(|level| level.id == policy.critical_cap) {
        None => {
            let levels: Vec<&str> = parts.levels.iter().map(|level| level.id.as_str()).collect();
            let problem =
                Problem::NoSuchLevel { id: policy.critical_cap.clone(), levels: levels.join(", ") };
            found.add("policy.critical_cap", problem);
        }
        Some(cap) => {
            if let Some(level) = parts.levels[cap..].iter().find(|level| !level.allows_critical) {
                let problem = Problem::CapForbidsCritical { id: level.id.clone() };
                found.add("policy.critical_cap", problem);
            }
        }
    }
}

fn levels(found: &mut Found, levels: &[Level]) {
    if levels.is_empty() {
        found.add("levels", Problem::Empty);
    }
    found.duplicates("levels", levels.iter().map(|level| level.id.as_str()));
    let names = entry_names(levels.iter().map(|level| level.id.as_str()));
    for (index, (level, name)) in levels.iter().zip(&names).enumerate() {
        let path = |key: &str| format!("levels.{name}.{key}");
        found.id(&path("id"), &level.id);
        found.text(&path("name"), &level.name);
        let min = &level.min_score;
        found.range(path("min_score"), min, is_share(min, 100), "from 0 to 100");
        if let Some(floor) = &level.pillar_floor {
            found.range(path("pillar_floor"), floor, is_share(floor, 100), "from 0 to 100");
        }
        if let Some(above) = index.checked_sub(1).map(|above| &levels[above].min_score)
            && min >= above
        {
            let problem = Problem::LevelOrder { value: number(min), above: number(above) };
            found.add(path("min_score"), problem);
        }
    }
    if let (Some(last), Some(name)) = (levels.last(), names.last())
        && !(last.min_score.is_zero() && last.pillar_floor.is_none() && last.allows_critical)
    {
        found.add(format!("levels.{name}"), Problem::LastLevel);
    }
}

fn pillars(found: &mut Found, pillars: &[Pillar]) {
    if pillars.is_empty() {
        found.add("pillars", Problem::Empty);
        return;
    }
    let sum: Exact = pillars.iter().map(|pillar| &pillar.weight).sum();
    if sum != Exact::from(100) {
        found.add("pillars", Problem::PillarWeights { sum: number(&sum) });
    }
    found.duplicates("pillars", pillars.iter().map(|pillar| pillar.id.as_str()));
    let mut seen: Vec<&str> = Vec::new();
    let names = entry_names(pillars.iter().map(|pillar| pillar.id.as_str()));
    for (pillar, name) in pillars.iter().zip(&names) {
        let path = format!("pillars.{name}");
        found.id(&format!("{path}.id"), &pillar.id);
        found.text(&format!("{path}.name"), &pillar.name);
        weight(found, &path, &pillar.weight);
        criteria(found, &path, pillar, &mut seen);
    }
}

fn weight(found: &mut Found, path: &str, weight: &Exact) {
    let fits = !weight.is_negative() && !weight.is_zero() && is_share(weight, 100);
    found.range(format!("{path}.weight"), weight, fits, "over 0 and at most 100");
}

fn criteria<'a>(found: &mut Found, path: &str, pillar: &'a Pillar, seen: &mut Vec<&'a str>) {
    let list = format!("{path}.criteria");
    if pillar.criteria.is_empty() {
        found.add(list, Problem::Empty);
        return;
    }
    let sum: Exact = pillar.criteria.iter().map(|criterion| &criterion.weight).sum();
    if sum != pillar.weight {
        let problem =
            Problem::CriteriaWeights { sum: number(&sum), weight: number(&pillar.weight) };
        found.add(path, problem);
    }
    let names = entry_names(pillar.criteria.iter().map(|criterion| criterion.id.as_str()));
    for (criterion, name) in pillar.criteria.iter().zip(&names) {
        let path = format!("{list}.{name}");
        if !criterion.id.is_empty() && seen.contains(&criterion.id.as_str()) {
            let problem = Problem::Duplicate { id: criterion.id.clone() };
            found.add(format!("{path}.id"), problem);
        }
        seen.push(&criterion.id);
        one_criterion(found, &path, criterion);
    }
}

fn one_criterion(found: &mut Found, path: &str, criterion: &Criterion) {
    found.id(&format!("{path}.id"), &criterion.id);
    found.text(&format!("{path}.name"), &criterion.name);
    found.text(&format!("{path}.guidance"), &criterion.guidance);
    weight(found, path, &criterion.weight);
    scale(found, path, &criterion.scale);
    anchors(found, path, criterion);
    if criterion.visits.is_empty() {
        found.add(format!("{path}.visits"), Problem::Empty);
    }
    measure(found, path, criterion);
    let rule = &criterion.evidence;
    let remedy = match (rule.need, rule.kinds.is_empty()) {
        (EvidenceNeed::None, false) => "remove the kinds or choose optional or required",
        (EvidenceNeed::Optional | EvidenceNeed::Required, true) => "name the kinds accepted",
        (EvidenceNeed::None, true) | (EvidenceNeed::Optional | EvidenceNeed::Required, false) => {
            return;
        }
    };
    let problem =
        Problem::EvidenceKinds { need: rule.need.word(), kinds: rule.kinds.len(), remedy };
    found.add(format!("{path}.evidence.kinds"), problem);
}

fn scale(found: &mut Found, path: &str, scale: &Scale) {
    match scale {
        Scale::Timed { full_at, zero_at, .. } => {
            let range = "at least 0";
            found.range(format!("{path}.scale.full_at"), full_at, !full_at.is_negative(), range);
            if full_at >= zero_at {
                let problem =
                    Problem::Thresholds { full_at: number(full_at), zero_at: number(zero_at) };
                found.add(format!("{path}.scale"), problem);
            }
        }
        Scale::Percent { target } => {
            let fits = !target.is_negative() && !target.is_zero() && is_share(target, 100);
            found.range(format!("{path}.scale.target"), target, fits, "over 0 and at most 100");
        }
        Scale::YesNo | Scale::MetPartlyNot | Scale::Level0To5 | Scale::Maturity => {}
    }
}

fn measure(found: &mut Found, path: &str, criterion: &Criterion) {
    let Some(measure) = &criterion.measure else { return };
    let path = format!("{path}.measure");
    match criterion.scale {
        Scale::Timed { unit: TimeUnit::WorkingHours, .. } => {
            found.add(path.clone(), Problem::MeasureUnit);
        }
        Scale::Timed { .. } => {}
        Scale::YesNo
        | Scale::MetPartlyNot
        | Scale::Level0To5
        | Scale::Percent { .. }
        | Scale::Maturity => {
            found.add(path.clone(), Problem::MeasureScale { scale: criterion.scale.kind() });
        }
    }
    let in_order = match measure {
        Measure::Visit { from, to } => from < to,
        Measure::Contact { channel, from, to } => {
            let moments = channel.moments();
            let at = |of: &ContactMoment| moments.iter().position(|moment| moment == of);
            for (key, moment) in [("from", from), ("to", to)] {
                if at(moment).is_none() {
                    let allowed: Vec<&str> = moments.iter().map(|of| of.word()).collect();
                    let (value, allowed) = (moment.word().to_owned(), allowed.join(", "));
                    found.add(format!("{path}.{key}"), Problem::NotAllowed { value, allowed });
                }
            }
            at(from) < at(to) || at(from).is_none() || at(to).is_none()
        }
    };
    if !in_order {
        let (from, to) = (measure.from(), measure.to());
        found.add(path, Problem::MeasureOrder { from, to });
    }
}

fn anchors(found: &mut Found, path: &str, criterion: &Criterion) {
    let path = format!("{path}.anchors");
    let count = criterion.anchors.len();
    if !criterion.scale.anchor_counts().contains(&count) {
        let expected = match criterion.scale {
            Scale::YesNo => "two (yes, no) or none",
            Scale::MetPartlyNot => "three (met, partly, not)",
            Scale::Level0To5 => "six (0 to 5)",
            Scale::Timed { .. } | Scale::Percent { .. } => "none",
            Scale::Maturity => "five (none to leading)",
        };
        let scale = criterion.scale.kind();
        found.add(path.clone(), Problem::Anchors { found: count, scale, expected });
    }
    for (index, anchor) in criterion.anchors.iter().enumerate() {
        found.text(&format!("{path}.{}", index + 1), anchor);
    }
}
