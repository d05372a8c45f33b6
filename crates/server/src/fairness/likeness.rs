//! Answers too much alike: between two evaluations, and within one. A reason to ask, never a verdict.
//!
//! On an easy rubric honest evaluations are alike as well, so each is held against what the model expects of
//! these very visits; the model missing, the share alone decides, and no expectation is told.

use std::collections::BTreeMap;

use mizan_domain::scale::Scale;
use mizan_stats::field::likeness::{likeness, model_match, straight};

use super::evaluators::Model;
use super::material::{Material, Visit, on_step};
use super::view::{AlikePair, StraightLine};
use super::{FALSE_ALARMS, Names, hundredths};

/// From this share of identical answers on a pair is looked at.
const ALIKE_FROM: f64 = 0.85;
/// Fewer shared answers may all be alike (composed).
const SHARED_FROM: usize = 10;
/// From this share of one answer on an evaluation is looked at, as in the checks of a visit.
const STRAIGHT_FROM: f64 = mizan_domain::checks::ALIKE_PERCENT as f64 / 100.0;
const GRADED_FROM: usize = mizan_domain::checks::ALIKE_FROM;

/// Answers as small numbers, criterion by criterion.
fn coded(material: &Material) -> Vec<Vec<Option<u16>>> {
    let mut known: Vec<BTreeMap<u64, u16>> = Vec::new();
    let mut code = |place: usize, worth: f64| {
        if known.len() <= place {
            known.resize_with(place + 1, BTreeMap::new);
        }
        let next = u16::try_from(known[place].len()).unwrap_or(u16::MAX);
        *known[place].entry(worth.to_bits()).or_insert(next)
    };
    let mut of = |visit: &Visit| -> Vec<Option<u16>> {
        let worth = visit.worth.iter().enumerate();
        worth.map(|(place, worth)| Some(code(place, (*worth)?))).collect()
    };
    material.visits.iter().map(&mut of).collect()
}

/// The pairs of evaluations that are more alike than can be.
pub(super) fn pairs(
    material: &Material,
    model: Option<&Model<'_>>,
    names: &Names,
) -> Vec<AlikePair> {
    let Ok(found) = likeness(&coded(material), ALIKE_FROM, SHARED_FROM) else { return Vec::new() };
    let count = material.visits.len() as f64;
    let comparisons = (count * (count - 1.0) / 2.0).max(1.0);
    let mut pairs: BTreeMap<(usize, usize), AlikePair> = BTreeMap::new();
    for (one, like) in found.iter().enumerate() {
        let Some(like) = like.filter(|like| like.is_flagged) else { continue };
        let (first, second) = (one.min(like.other), one.max(like.other));
        let (a, b) = (&material.visits[first], &material.visits[second]);
        let expected = match model {
            None => None,
            Some(model) => match expected(material, model, a, b) {
                // So many pairs are compared that the unlikely happens by itself.
                Some((share, p)) if p * comparisons < FALSE_ALARMS => Some(hundredths(share)),
                _ => continue,
            },
        };
        let code = |visit: &Visit| material.centres[visit.centre].code.clone();
        pairs.entry((first, second)).or_insert_with(|| AlikePair {
            evaluators: [a, b].map(|visit| names.pseudonym(visit.evaluator)),
            centres: [a, b].map(code),
            shared: u32::try_from(like.shared).unwrap_or(u32::MAX),
            share: hundredths(like.share),
            expected,
        });
    }
    let mut pairs: Vec<AlikePair> = pairs.into_values().collect();
    pairs.sort_by(|one, other| other.share.total_cmp(&one.share));
    pairs
}

/// The share of identical answers that the model expects of two visits, and how likely as many are.
fn expected(material: &Material, model: &Model<'_>, a: &Visit, b: &Visit) -> Option<(f64, f64)> {
    let mut answers = Vec::new();
    for (place, criterion) in material.rubric.criteria().enumerate() {
        let (Some(one), Some(other)) = (a.worth[place], b.worth[place]) else { continue };
        let step = |worth| on_step(&criterion.scale, worth);
        let (of_one, of_other) = (model.chances(a, place)?, model.chances(b, place)?);
        let chance = of_one.iter().map(|(value, p)| {
            let same = of_other.iter().find(|(other, _)| other == value);
            p * same.map_or(0.0, |(_, q)| *q)
        });
        answers.push((step(one) == step(other), chance.sum::<f64>().clamp(0.0, 1.0)));
    }
    let matched = model_match(&answers).ok()?;
    Some((matched.expected / answers.len() as f64, matched.p))
}

/// The evaluations with one answer nearly throughout, where the model expects more variety.
pub(super) fn lines(
    material: &Material,
    model: Option<&Model<'_>>,
    names: &Names,
) -> Vec<StraightLine> {
    let mut lines: Vec<StraightLine> = Vec::new();
    let count = material.visits.len().max(1) as f64;
    for visit in &material.visits {
        let graded: Vec<(usize, f64)> = material
            .rubric
            .criteria()
            .zip(&visit.worth)
            .enumerate()
            .filter_map(|(place, (criterion, worth))| match criterion.scale {
                Scale::MetPartlyNot | Scale::Level0To5 | Scale::Maturity => {
                    Some((place, (*worth)?))
                }
                Scale::YesNo | Scale::Timed { .. } | Scale::Percent { .. } => None,
            })
            .collect();
        let answers: Vec<Option<u16>> =
            graded.iter().map(|(_, worth)| Some(*worth as u16)).collect();
        let Ok(Some(line)) = straight(&answers, STRAIGHT_FROM, GRADED_FROM) else { continue };
        if !line.is_flagged {
            continue;
        }
        let expected = match model {
            None => None,
            Some(model) => match expected_of_line(model, visit, &graded) {
                Some((share, p)) if p * count < FALSE_ALARMS => Some(hundredths(share)),
                _ => continue,
            },
        };
        lines.push(StraightLine {
            evaluator: names.pseudonym(visit.evaluator),
            centre: material.centres[visit.centre].code.clone(),
            answers: u32::try_from(line.answers).unwrap_or(u32::MAX),
            share: hundredths(line.share),
            expected,
        });
    }
    lines
}

/// The share of the most frequent answer that the model expects, and how likely as many are.
fn expected_of_line(
    model: &Model<'_>,
    visit: &Visit,
    graded: &[(usize, f64)],
) -> Option<(f64, f64)> {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    graded.iter().for_each(|(_, worth)| *counts.entry(worth.to_bits()).or_default() += 1);
    let (most, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let most = f64::from_bits(most);
    let mut answers = Vec::new();
    for (place, worth) in graded {
        let chances = model.chances(visit, *place)?;
        let chance: f64 = chances.iter().filter(|(value, _)| *value == most).map(|(_, p)| p).sum();
        answers.push((*worth == most, chance.clamp(0.0, 1.0)));
    }
    let matched = model_match(&answers).ok()?;
    Some((matched.expected / answers.len() as f64, matched.p))
}
