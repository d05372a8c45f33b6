//! How harsh is each evaluator? The many-facet model over centres, evaluators and criteria, told in points of
//! the rubric.
//!
//! A criterion that is judged on both kinds of visit is two elements of the model: what is easy on an
//! announced visit may be hard on a secret one, and that is nobody's severity.
//! The visit is the sampling unit: every error holds the visit's own component.

use std::collections::BTreeMap;

use mizan_domain::rubric::VisitKind;
use mizan_stats::facets::{Design, Facet, Measures, Scale, VisitComponent};
use mizan_stats::field::drift::drift;
use mizan_stats::uncertainty::{Estimate, multiple};
use mizan_stats::{Error as Unfit, Subset};

use super::material::{Material, Visit, on_step, share};
use super::view::{BoundedJson, DriftJson, EvaluatorFigures, Severity, SubsetJson};
use super::{CONFIDENCE, FALSE_ALARMS, Names, hundredths};

/// A severity, or a drift over all the time somebody was in the field, of fewer points is none to act on
/// (composed).
const POINTS_APART: f64 = 3.0;
/// Fewer visits tell no drift (composed).
const DRIFT_FROM: usize = 5;
/// Nor does a shorter time in the field (composed).
const DRIFT_WEEKS: f64 = 2.0;
const WEEK_MS: f64 = 7.0 * 86_400_000.0;
const KINDS: [VisitKind; 2] = [VisitKind::Unannounced, VisitKind::Scheduled];

/// What the answers allow.
pub(super) enum Estimation<'a> {
    Estimated(Box<Model<'a>>),
    Disconnected(Vec<Subset>),
    TooFew,
    Unsettled,
}

/// The model with its measures.
pub(super) struct Model<'a> {
    material: &'a Material,
    design: Design,
    measures: Measures,
    component: Option<VisitComponent>,
    /// The severity of the evaluator in the middle, in logits: what the others are held against. The mean
    /// would move with a single harsh one, and make the others look mild.
    middle: f64,
    /// For each criterion its element by kind of visit.
    items: Vec<[Option<usize>; 2]>,
    /// What each element weighs in a score.
    weights: Vec<f64>,
}

/// The elements of the third facet.
struct Items {
    of: Vec<[Option<usize>; 2]>,
    weights: Vec<f64>,
    groups: Vec<usize>,
}

impl Items {
    fn new(material: &Material) -> Self {
        let mut items = Self { of: Vec::new(), weights: Vec::new(), groups: Vec::new() };
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        for criterion in material.rubric.criteria() {
            // Measured scales share their fifths.
            let kind = match criterion.scale.kind() {
                "timed" | "percent" => "measured",
                kind => kind,
            };
            let next = groups.len();
            let group = *groups.entry(kind).or_insert(next);
            let weight = criterion.weight.approximate();
            items.of.push(KINDS.map(|kind| {
                criterion.is_judged_on(kind).then(|| {
                    let share = share(&material.rubric, &criterion.visits, kind);
                    items.weights.push(weight * share);
                    items.groups.push(group);
                    items.weights.len() - 1
                })
            }));
        }
        items
    }
}

/// Estimates the model.
pub(super) fn estimate(material: &Material) -> Estimation<'_> {
    let Items { of: items, weights, groups } = Items::new(material);
    if material.evaluators.len() < 2 || weights.is_empty() {
        return Estimation::TooFew;
    }
    let facets = vec![
        Facet::floating(material.centres.len()),
        Facet::centred(material.evaluators.len()),
        Facet::centred(weights.len()),
    ];
    let Ok(mut design) = Design::new(facets, Scale::Groups { facet: 2, groups }) else {
        return Estimation::Unsettled;
    };
    let mut visits = Vec::new();
    for (place, visit) in material.visits.iter().enumerate() {
        for (item, worth, _) in answers(material, &items, visit) {
            if design.rate(&[visit.centre, visit.evaluator, item], worth).is_err() {
                return Estimation::Unsettled;
            }
            visits.push(place);
        }
    }
    match design.measure() {
        Ok(measures) => {
            let component = measures.visit_component(&design, &visits).ok();
            let severities: Vec<f64> =
                measures.of(1).into_iter().map(|(_, measure)| measure).collect();
            let middle = mizan_stats::sample::median(&severities).unwrap_or_default();
            let model = Model { material, design, measures, component, middle, items, weights };
            Estimation::Estimated(Box::new(model))
        }
        Err(Unfit::Disconnected(parts)) => Estimation::Disconnected(parts),
        Err(Unfit::TooFew { .. } | Unfit::OnlyExtremes) => Estimation::TooFew,
        Err(_) => Estimation::Unsettled,
    }
}

/// The answers of a visit with a worth: the element, the worth on its step, the criterion's place.
fn answers<'a>(
    material: &'a Material,
    items: &'a [[Option<usize>; 2]],
    visit: &'a Visit,
) -> impl Iterator<Item = (usize, f64, usize)> + 'a {
    let kind = visit.evaluation.kind as usize;
    let criteria = material.rubric.criteria().zip(&visit.worth).zip(items).enumerate();
    criteria.filter_map(move |(place, ((criterion, worth), item))| {
        Some((item[kind]?, on_step(&criterion.scale, (*worth)?), place))
    })
}

impl Model<'_> {
    /// By how many points an average evaluator would have given a visit's criterion more than who went.
    pub(super) fn correction(&self, visit: &Visit, criterion: usize) -> Option<f64> {
        let item = self.items[criterion][visit.evaluation.kind as usize]?;
        let given_by = |evaluator| {
            let elements = [Some(visit.centre), evaluator, Some(item)];
            self.measures.expected(&self.design, &elements, 0.0)
        };
        Some(given_by(None)? - given_by(Some(visit.evaluator))?)
    }

    /// How likely each answer to a criterion was on a visit, by what it is worth.
    pub(super) fn chances(&self, visit: &Visit, criterion: usize) -> Option<Vec<(f64, f64)>> {
        let item = self.items[criterion][visit.evaluation.kind as usize]?;
        self.measures.probabilities(&self.design, &[visit.centre, visit.evaluator, item])
    }

    /// By how many points of a hundred an evaluator, moved so many logits towards mildness, gives less than
    /// the one in the middle, over all criteria as they weigh in an average centre.
    fn points(&self, evaluator: usize, milder: f64) -> Option<f64> {
        let (mut less, mut all) = (0.0, 0.0);
        let to_middle = self.measures.facets[1].summary.as_ref()?.mean - self.middle;
        for (item, weight) in self.weights.iter().enumerate() {
            let by = |evaluator, shift| {
                self.measures.expected(&self.design, &[None, evaluator, Some(item)], shift)
            };
            if let (Some(middle), Some(own)) = (by(None, to_middle), by(Some(evaluator), milder)) {
                less += weight * (middle - own);
                all += weight;
            }
        }
        (all > 0.0).then(|| less / all)
    }

    /// An evaluator's severity in logits, against the one in the middle.
    fn severity(&self, evaluator: usize, visits: usize) -> Option<Estimate> {
        let element = &self.measures.facets[1].elements[evaluator];
        let component = self.component?;
        let standard_error = component.error(element.joint_error?, visits).ok()?;
        let degrees = Some(component.degrees as f64);
        let value = element.measure? - self.middle;
        Some(Estimate { value, standard_error, degrees })
    }

    /// The change of what an evaluator gives beyond what the model expects, over the weeks.
    fn drift(&self, evaluator: usize) -> Option<(DriftJson, f64)> {
        let (mut weeks, mut residuals) = (Vec::new(), Vec::new());
        let first = self.material.visits.iter().map(|visit| visit.at).min()?;
        for visit in self.material.visits.iter().filter(|visit| visit.evaluator == evaluator) {
            let (mut beyond, mut all) = (0.0, 0.0);
            for (item, worth, _) in answers(self.material, &self.items, visit) {
                let elements = [Some(visit.centre), Some(evaluator), Some(item)];
                if let Some(expected) = self.measures.expected(&self.design, &elements, 0.0) {
                    beyond += self.weights[item] * (worth - expected);
                    all += self.weights[item];
                }
            }
            if all > 0.0 {
                weeks.push((visit.at - first) as f64 / WEEK_MS);
                residuals.push(beyond / all);
            }
        }
        let span = weeks.iter().copied().fold(0.0, f64::max)
            - weeks.iter().copied().fold(f64::INFINITY, f64::min);
        if weeks.len() < DRIFT_FROM || span < DRIFT_WEEKS {
            return None;
        }
        let found = drift(&weeks, &residuals).ok()?;
        let interval = found.slope.interval(CONFIDENCE).ok()?;
        let per_week = BoundedJson {
            value: hundredths(found.slope.value),
            low: Some(hundredths(interval.low)),
            high: Some(hundredths(interval.high)),
        };
        let is_large = (found.slope.value * span).abs() >= POINTS_APART;
        Some((DriftJson { per_week, is_apart: is_large }, found.p))
    }
}

/// What is told of the evaluators.
pub(super) fn severity(
    material: &Material,
    estimation: &Estimation<'_>,
    names: &Names,
) -> Severity {
    let visits =
        |evaluator| material.visits.iter().filter(|visit| visit.evaluator == evaluator).count();
    let plain = |evaluator: usize| EvaluatorFigures {
        evaluator: names.pseudonym(evaluator),
        person: names.person(evaluator),
        visits: u32::try_from(visits(evaluator)).unwrap_or(u32::MAX),
        severity: None,
        is_apart: false,
        infit: None,
        drift: None,
    };
    let mut evaluators: Vec<EvaluatorFigures> = (0..material.evaluators.len()).map(plain).collect();
    let mut severity = Severity {
        state: String::new(),
        subsets: Vec::new(),
        evaluators: Vec::new(),
        reliability: None,
    };
    severity.state = match estimation {
        Estimation::Estimated(model) => {
            fill(model, &mut evaluators);
            severity.reliability = reliability(model, &evaluators);
            "estimated"
        }
        Estimation::Disconnected(parts) => {
            severity.subsets = parts.iter().map(|part| subset(material, names, part)).collect();
            "disconnected"
        }
        Estimation::TooFew => "too_few",
        Estimation::Unsettled => "unsettled",
    }
    .to_owned();
    let harshness = |it: &EvaluatorFigures| it.severity.map_or(f64::NEG_INFINITY, |s| s.value);
    evaluators.sort_by(|one, other| {
        let harshest = harshness(other).total_cmp(&harshness(one));
        harshest.then_with(|| one.evaluator.cmp(&other.evaluator))
    });
    severity.evaluators = evaluators;
    severity
}

fn subset(material: &Material, names: &Names, part: &Subset) -> SubsetJson {
    let of = |facet: usize| part.elements.get(facet).map_or(&[][..], Vec::as_slice);
    let mut evaluators: Vec<String> = of(1).iter().map(|it| names.pseudonym(*it)).collect();
    let mut centres: Vec<String> =
        of(0).iter().map(|it| material.centres[*it].code.clone()).collect();
    evaluators.sort();
    centres.sort();
    SubsetJson { evaluators, centres }
}

/// Whether chance alone would be so far out, all evaluators taken together.
fn beyond_chance(ps: &[Option<f64>]) -> Vec<bool> {
    let given: Vec<f64> = ps.iter().flatten().copied().collect();
    let Ok(adjusted) = multiple::benjamini_hochberg(&given) else { return vec![false; ps.len()] };
    let mut adjusted = adjusted.into_iter();
    ps.iter().map(|p| p.and_then(|_| adjusted.next()).is_some_and(|p| p < FALSE_ALARMS)).collect()
}

fn fill(model: &Model<'_>, evaluators: &mut [EvaluatorFigures]) {
    let (mut severe, mut drifts) = (Vec::new(), Vec::new());
    for (place, figures) in evaluators.iter_mut().enumerate() {
        let logits = model.severity(place, figures.visits as usize);
        let interval = logits.as_ref().and_then(|it| it.interval(CONFIDENCE).ok());
        // Towards the lower end of severity is towards mildness.
        let at = |to: f64| model.points(place, logits.as_ref()?.value - to).map(hundredths);
        figures.severity = model.points(place, 0.0).map(|value| BoundedJson {
            value: hundredths(value),
            low: interval.and_then(|it| at(it.low)),
            high: interval.and_then(|it| at(it.high)),
        });
        let none = Estimate::known(0.0, 0.0);
        severe.push(logits.and_then(|it| Some(it.less(&none, CONFIDENCE).ok()?.p)));
        let element = &model.measures.facets[1].elements[place];
        figures.infit = element.infit.map(|infit| hundredths(infit.mean_square));
        let (drift, p) = model.drift(place).unzip();
        figures.drift = drift;
        drifts.push(p);
    }
    let (severe, drifts) = (beyond_chance(&severe), beyond_chance(&drifts));
    for (place, figures) in evaluators.iter_mut().enumerate() {
        let is_large = figures.severity.is_some_and(|it| it.value.abs() >= POINTS_APART);
        figures.is_apart = severe[place] && is_large;
        if let Some(drift) = &mut figures.drift {
            drift.is_apart &= drifts[place];
        }
    }
}

/// True variance of severities over their observed variance, with the errors of visits.
fn reliability(model: &Model<'_>, evaluators: &[EvaluatorFigures]) -> Option<f64> {
    let known = evaluators.iter().enumerate();
    let known: Vec<Estimate> = known
        .filter_map(|(place, figures)| model.severity(place, figures.visits as usize))
        .collect();
    let values: Vec<f64> = known.iter().map(|it| it.value).collect();
    let observed = mizan_stats::sample::variance(&values).ok().filter(|it| *it > 0.0)?;
    let error = known.iter().map(|it| it.standard_error.powi(2)).sum::<f64>() / known.len() as f64;
    Some(hundredths(((observed - error) / observed).max(0.0)))
}
