//! Would two people have written the same? Criterion by criterion, the weakest first.
//!
//! Two sources, never mixed. A second, blind scoring judges the same evidence of the same visit, so that what
//! differs is the reading of the anchors. Several evaluators at one centre came on different days: what
//! differs is the day as well, and a low figure there accuses no wording.

use std::collections::BTreeMap;

use mizan_domain::rubric::Criterion;
use mizan_domain::scale::Scale;
use mizan_stats::agreement::{Categories, Metric, Weights, alpha, chance};
use mizan_stats::ratings::Ratings;
use mizan_stats::{Interval, Resampling};

use super::material::{self, Material, on_step, steps};
use super::view::{Agreement, BoundedJson, CriterionAgreement};
use super::{CONFIDENCE, hundredths};

/// Under this the wording of the anchors is the suspect.
const WEAK_BELOW: f64 = 0.67;
/// Fewer things judged twice say nothing of a wording (composed).
const UNITS_FROM: u32 = 10;
/// From this share of one answer on, alpha is no longer read (composed).
const LOPSIDED_FROM: f64 = 0.9;
/// Resamples of an interval, and their seed: the same answers give the same figures.
const RESAMPLING: Resampling = Resampling { replicates: 400, seed: 1, confidence: CONFIDENCE };

/// A value that somebody gave: what was judged, by whom, and what it is worth.
type Given = (usize, usize, f64);

/// Agreement on each criterion, the weakest first; what nobody judged twice comes last.
pub(super) fn criteria(material: &Material) -> Vec<CriterionAgreement> {
    let second_worth: Vec<Option<Vec<Option<f64>>>> = material
        .visits
        .iter()
        .map(|visit| visit.second.as_ref().map(|of| material::worth(&material.rubric, of)))
        .collect();
    let mut found: Vec<CriterionAgreement> = Vec::new();
    for (place, criterion) in material.rubric.criteria().enumerate() {
        let step = |worth: f64| on_step(&criterion.scale, worth);
        let mut same_visit: Vec<Given> = Vec::new();
        for (unit, (visit, second)) in material.visits.iter().zip(&second_worth).enumerate() {
            let other = second.as_ref().and_then(|second| second[place]);
            if let (Some(first), Some(second)) = (visit.worth[place], other) {
                same_visit.extend([(unit, 0, step(first)), (unit, 1, step(second))]);
            }
        }
        let mut same_centre: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for visit in &material.visits {
            if let Some(worth) = visit.worth[place] {
                let unit = 2 * visit.centre + visit.evaluation.kind as usize;
                same_centre.entry((unit, visit.evaluator)).or_insert_with(|| step(worth));
            }
        }
        let same_centre: Vec<Given> =
            same_centre.into_iter().map(|((unit, rater), worth)| (unit, rater, worth)).collect();
        let second = agreement(criterion, &same_visit);
        let is_weak = second.as_ref().is_some_and(|it| {
            it.units >= UNITS_FROM && read(it).is_some_and(|value| value < WEAK_BELOW)
        });
        let visits = agreement(criterion, &same_centre);
        found.push(CriterionAgreement { criterion: criterion.id.clone(), second, visits, is_weak });
    }
    // Second scorings test the anchors; where there are too few of them, the visits stand in.
    let order = |it: &CriterionAgreement| {
        let enough = it.second.as_ref().filter(|second| second.units >= UNITS_FROM);
        enough.or(it.visits.as_ref()).or(it.second.as_ref()).and_then(read).unwrap_or(2.0)
    };
    found.sort_by(|one, other| {
        let weak_first = other.is_weak.cmp(&one.is_weak);
        weak_first.then(order(one).total_cmp(&order(other)))
    });
    found
}

/// The coefficient that tells more.
fn read(agreement: &Agreement) -> Option<f64> {
    let by_gwet = agreement.read_by == "gwet";
    let chosen = if by_gwet { &agreement.gwet } else { &agreement.alpha };
    chosen.as_ref().map(|it| it.value)
}

fn agreement(criterion: &Criterion, given: &[Given]) -> Option<Agreement> {
    let units = given.iter().map(|(unit, _, _)| unit + 1).max()?;
    let raters = given.iter().map(|(_, rater, _)| rater + 1).max()?;
    let ratings = Ratings::new(units, raters, given).ok()?;
    let judged = ratings.by_unit().filter(|row| row.len() > 1).count();
    let count = steps(&criterion.scale) as u32;
    let values = (0..=count).map(|step| 100.0 * f64::from(step) / f64::from(count));
    let categories = Categories::new(values.collect()).ok()?;
    let same = chance::observed(&ratings, &categories, &Weights::Identity).ok()?;
    let (metric, weights) = match criterion.scale {
        Scale::YesNo => (Metric::Nominal, Weights::Identity),
        Scale::MetPartlyNot | Scale::Level0To5 | Scale::Maturity => {
            (Metric::Ordinal, Weights::Ordinal)
        }
        Scale::Timed { .. } | Scale::Percent { .. } => (Metric::Interval, Weights::Quadratic),
    };
    let bounded = |value: f64, interval: Option<Interval>| BoundedJson {
        value: hundredths(value),
        low: interval.map(|it| hundredths(it.low)),
        high: interval.map(|it| hundredths(it.high)),
    };
    let alpha = alpha::alpha(&ratings, metric)
        .ok()
        .map(|found| bounded(found.value, alpha::interval(&ratings, metric, &RESAMPLING).ok()));
    let gwet = chance::gwet(&ratings, &categories, &weights, CONFIDENCE).ok();
    let gwet = gwet.map(|found| bounded(found.value, Some(found.interval)));
    let is_lopsided = most_frequent(&ratings) >= LOPSIDED_FROM || alpha.is_none();
    Some(Agreement {
        units: u32::try_from(judged).unwrap_or(u32::MAX),
        same: hundredths(same),
        read_by: if is_lopsided { "gwet" } else { "alpha" }.to_owned(),
        alpha,
        gwet,
    })
}

/// The share of the most frequent value among what was judged twice.
fn most_frequent(ratings: &Ratings) -> f64 {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    let judged = ratings.by_unit().filter(|row| row.len() > 1).flatten();
    judged.for_each(|rating| *counts.entry(rating.value.to_bits()).or_default() += 1);
    let all: usize = counts.values().sum();
    counts.values().max().map_or(0.0, |most| *most as f64 / all as f64)
}
