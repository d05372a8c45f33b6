//! What is told of every element: measure, errors, fit, averages; and of every facet as a whole.

use super::curve::{Curve, fourth, moments};
use super::design::{Design, Origin, Scale};
use super::estimation::{Estimated, line};
use super::extremes::{Active, Use};
use crate::distribution::chi_squared_above;

/// How far inside the end of its scale an extreme score is placed.
const INSIDE: f64 = 0.3;

/// What an element's measure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Estimated with all others.
    Estimated,
    /// Given beforehand.
    Anchored,
    /// All ratings at the bottom of the scale; placed 0.3 points inside.
    Lowest,
    /// All ratings at the top of the scale; placed 0.3 points inside.
    Highest,
    /// Rated only together with elements of extreme scores; placed by these.
    Stranded,
    /// Without a rating.
    Unrated,
}

impl Standing {
    /// Whether all ratings are at one end of the scale.
    #[must_use]
    pub fn is_extreme(self) -> bool {
        matches!(self, Self::Lowest | Self::Highest)
    }
}

/// How well ratings fit the model: 1 as expected, above 2 misleading, below 0.5 less varied than they
/// could be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitStatistic {
    /// The mean square of residuals.
    pub mean_square: f64,
    /// The same as a standard normal deviate, by the cube root of Wilson and Hilferty.
    pub z: f64,
}

/// One element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElementReport {
    /// What the measure rests on.
    pub standing: Standing,
    /// In logits; for every facet but the first, higher gives less. `None` where ratings tell nothing.
    pub measure: Option<f64>,
    /// 1/√Σ variance: the others held to be known.
    pub standard_error: Option<f64>,
    /// The error with all others unknown too, from the inverse of the whole information; not for the
    /// first facet, and for estimated elements alone.
    pub joint_error: Option<f64>,
    /// Residuals weighted by information.
    pub infit: Option<FitStatistic>,
    /// Residuals unweighted: sensitive to single surprises.
    pub outfit: Option<FitStatistic>,
    /// How many ratings.
    pub ratings: usize,
    /// The weighted sum of the ratings.
    pub score: f64,
    /// The weighted mean of the ratings, in points of the scale.
    pub observed_average: Option<f64>,
    /// What average others would have made of it, in points of the scale.
    pub fair_average: Option<f64>,
}

/// A facet as a whole, over its estimated elements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many elements were estimated.
    pub elements: usize,
    /// Their mean measure.
    pub mean: f64,
    /// The standard deviation of the measures, with n below the line.
    pub deviation: f64,
    /// The root mean square of the standard errors.
    pub error: f64,
    /// True deviation over error.
    pub separation: f64,
    /// How many levels can be told apart: (4·separation + 1)/3.
    pub strata: f64,
    /// True variance over observed variance.
    pub reliability: f64,
    /// Σm²/s² − (Σm/s²)²/Σ1/s²: were all measures the same?
    pub chi_squared: f64,
    /// Its degrees of freedom.
    pub degrees: usize,
    /// How likely so large a value is if they were.
    pub p: f64,
}

/// One category of a rating scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The category's value.
    pub value: f64,
    /// How often it was given in what took part, weighted.
    pub count: f64,
    /// The threshold towards it from the category below; `None` for the lowest.
    pub measure: Option<f64>,
    /// The threshold's standard error, the others held to be known.
    pub standard_error: Option<f64>,
}

/// One facet's elements, and its summary if any were estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetReport {
    /// In the order of the design.
    pub elements: Vec<ElementReport>,
    /// Over the estimated elements; `None` without any.
    pub summary: Option<Summary>,
}

/// How the model fits as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The ratings that took part.
    pub ratings: usize,
    /// Their log-likelihood.
    pub log_likelihood: f64,
    /// Σ of squared standardized residuals.
    pub chi_squared: f64,
    /// The share of the ratings' variation that the measures explain, 0–1.
    pub explained: f64,
}

/// All measures of a design.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Facet by facet in the order of the design.
    pub facets: Vec<FacetReport>,
    /// For each scale group its categories; empty for a group without ratings that took part.
    pub scales: Vec<Vec<Threshold>>,
    /// The whole.
    pub fit: Fit,
    /// How many of Newton's steps it took.
    pub iterations: usize,
    /// Scale groups with a threshold beyond ten logits: categories hardly used, to be looked at.
    pub wide_thresholds: Vec<usize>,
    pub(super) curves: Vec<Curve>,
}

impl Measures {
    /// The measure of each element of a facet; those without one are left out.
    #[must_use]
    pub fn of(&self, facet: usize) -> Vec<(usize, f64)> {
        let elements = self.facets[facet].elements.iter().enumerate();
        elements.filter_map(|(place, element)| Some((place, element.measure?))).collect()
    }

    /// The probability of each category of a rating, by value; `None` where a measure or the scale is
    /// missing.
    #[must_use]
    pub fn probabilities(&self, design: &Design, elements: &[usize]) -> Option<Vec<(f64, f64)>> {
        let places: Vec<u32> = elements.iter().map(|element| *element as u32).collect();
        let curve = self.curves.get(design.group_of(&places)).filter(|curve| curve.count() > 0)?;
        let mut line = 0.0;
        for (facet, element) in elements.iter().enumerate() {
            let measure = self.facets[facet].elements[*element].measure?;
            line += if facet == 0 { measure } else { -measure };
        }
        let mut probabilities = Vec::new();
        curve.at(line.exp(), &mut probabilities);
        Some(curve.values.iter().copied().zip(probabilities).collect())
    }

    /// The expected rating in points of the scale, whether or not these elements ever met.
    ///
    /// A facet whose element is left out stands at the mean of its estimated elements, so that leaving the
    /// rater out gives what an average rater would have given. `shift` logits are added to the whole:
    /// a rater harsher by x is a shift of −x.
    /// `None` where a measure or the scale is missing, or the facet that the scale hangs on is left out.
    #[must_use]
    pub fn expected(&self, design: &Design, elements: &[Option<usize>], shift: f64) -> Option<f64> {
        let of_scale = match &design.scale {
            Scale::Common => None,
            Scale::Each { facet } | Scale::Groups { facet, .. } => Some(*facet),
        };
        if of_scale.is_some_and(|facet| elements[facet].is_none()) {
            return None;
        }
        let places: Vec<u32> = elements.iter().map(|it| it.unwrap_or_default() as u32).collect();
        let curve = self.curves.get(design.group_of(&places)).filter(|curve| curve.count() > 0)?;
        let mut line = shift;
        for (facet, (of_facet, element)) in self.facets.iter().zip(elements).enumerate() {
            let measure = match element {
                Some(element) => of_facet.elements[*element].measure?,
                None => of_facet.summary.as_ref()?.mean,
            };
            line += if facet == 0 { measure } else { -measure };
        }
        Some(curve.expected_value(line))
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    ratings: usize,
    weight: f64,
    score: f64,
    // Over what took part.
    fitted: f64,
    square: f64,
    standardized: f64,
    information: f64,
    inner: f64,
    outer: f64,
}

pub(super) fn report(design: &Design, active: &Active, estimated: Estimated) -> Measures {
    let Estimated {
        mut measures,
        curves,
        iterations,
        log_likelihood,
        mut information,
        joint_variance,
    } = estimated;
    let (sums, fit) = residuals(design, active, &measures, &curves, log_likelihood);
    let placed = place(design, active, &mut measures, &curves, &mut information);
    settle_origin(design, active, &mut measures);
    let means: Vec<f64> = (0..measures.len())
        .map(|facet| mean_of_estimated(&active.uses[facet], &measures[facet]))
        .collect();
    let shares = group_shares(design, active);
    let mut facets = Vec::new();
    for (facet, of_facet) in measures.iter().enumerate() {
        let element = |place: usize| {
            let has_measure = placed[facet][place];
            let own = information[facet][place];
            let sums = &sums[facet][place];
            let measure = has_measure.then_some(of_facet[place]);
            let fair = measure.and_then(|measure| {
                fair_average(design, facet, place, measure, &means, &shares, &curves)
            });
            ElementReport {
                standing: standing(active.uses[facet][place]),
                measure,
                standard_error: (has_measure && own > 0.0).then(|| 1.0 / own.sqrt()),
                joint_error: joint_variance[facet][place].map(f64::sqrt),
                infit: sums.infit(),
                outfit: sums.outfit(),
                ratings: sums.ratings,
                score: sums.score,
                observed_average: (sums.weight > 0.0).then(|| sums.score / sums.weight),
                fair_average: fair,
            }
        };
        let elements: Vec<ElementReport> = (0..of_facet.len()).map(element).collect();
        let summary = summarize(&elements);
        facets.push(FacetReport { elements, summary });
    }
    let scales = scales(design, active, &measures, &curves);
    let is_wide = |group: &usize| curves[*group].thresholds.iter().any(|it| it.abs() > 10.0);
    let wide_thresholds = (0..curves.len()).filter(is_wide).collect();
    Measures { facets, scales, fit, iterations, wide_thresholds, curves }
}

fn standing(of: Use) -> Standing {
    match of {
        Use::Estimated => Standing::Estimated,
        Use::Anchored => Standing::Anchored,
        Use::Lowest => Standing::Lowest,
        Use::Highest => Standing::Highest,
        Use::Stranded => Standing::Stranded,
        Use::Unrated => Standing::Unrated,
    }
}

fn residuals(
    design: &Design,
    active: &Active,
    measures: &[Vec<f64>],
    curves: &[Curve],
    log_likelihood: f64,
) -> (Vec<Vec<Sums>>, Fit) {
    let mut sums: Vec<Vec<Sums>> =
        design.facets.iter().map(|facet| vec![Sums::default(); facet.count]).collect();
    for rating in 0..design.len() {
        for (sums, element) in sums.iter_mut().zip(design.elements(rating)) {
            let sums = &mut sums[*element as usize];
            sums.ratings += 1;
            sums.weight += design.weights[rating];
            sums.score += design.weights[rating] * design.values[rating];
        }
    }
    let (mut chi_squared, mut unexplained, mut weights) = (0.0, 0.0, 0.0);
    let (mut first, mut second) = (0.0, 0.0);
    let mut probabilities = Vec::new();
    for row in &active.rows {
        let elements = design.elements(row.index as usize);
        curves[row.group as usize].at(line(measures, elements).exp(), &mut probabilities);
        let (mean, variance) = moments(&probabilities);
        let residual = f64::from(row.rank) - mean;
        let standardized = residual * residual / variance.max(1e-300);
        let kurtosis = fourth(&probabilities, mean);
        chi_squared += row.weight * standardized;
        unexplained += row.weight * residual * residual;
        weights += row.weight;
        first += row.weight * f64::from(row.rank);
        second += row.weight * f64::from(row.rank).powi(2);
        for (sums, element) in sums.iter_mut().zip(elements) {
            let sums = &mut sums[*element as usize];
            sums.fitted += row.weight;
            sums.square += row.weight * residual * residual;
            sums.standardized += row.weight * standardized;
            sums.information += row.weight * variance;
            sums.inner += row.weight * (kurtosis - variance * variance);
            sums.outer += row.weight * kurtosis / (variance * variance).max(1e-300);
        }
    }
    let variation = second - first * first / weights;
    let explained = if variation > 0.0 { 1.0 - unexplained / variation } else { 0.0 };
    (sums, Fit { ratings: active.rows.len(), log_likelihood, chi_squared, explained })
}

impl Sums {
    fn infit(&self) -> Option<FitStatistic> {
        if self.information <= 0.0 {
            return None;
        }
        let deviation = self.inner.max(0.0).sqrt() / self.information;
        Some(statistic(self.square / self.information, deviation))
    }

    fn outfit(&self) -> Option<FitStatistic> {
        if self.fitted <= 0.0 || self.information <= 0.0 {
            return None;
        }
        let deviation = (self.outer / (self.fitted * self.fitted) - 1.0 / self.fitted).max(0.0);
        Some(statistic(self.standardized / self.fitted, deviation.sqrt()))
    }
}

/// The cube root of a mean square is nearly normal with mean 1 − q²/9 and deviation q/3.
fn statistic(mean_square: f64, deviation: f64) -> FitStatistic {
    let z = if deviation > 0.0 {
        (mean_square.cbrt() - 1.0) * 3.0 / deviation + deviation / 3.0
    } else {
        0.0
    };
    FitStatistic { mean_square, z }
}

/// Gives the elements that were set aside a measure by the others', last set aside first; tells who has
/// one at all.
fn place(
    design: &Design,
    active: &Active,
    measures: &mut [Vec<f64>],
    curves: &[Curve],
    information: &mut [Vec<f64>],
) -> Vec<Vec<bool>> {
    let usable = |what: &Use| matches!(what, Use::Estimated | Use::Anchored);
    let mut placed: Vec<Vec<bool>> =
        active.uses.iter().map(|uses| uses.iter().map(usable).collect()).collect();
    let mut ratings = std::collections::BTreeMap::<(usize, usize), Vec<usize>>::new();
    active.aside.iter().for_each(|key| drop(ratings.insert(*key, Vec::new())));
    if !ratings.is_empty() {
        for rating in 0..design.len() {
            for (facet, element) in design.elements(rating).iter().enumerate() {
                if let Some(list) = ratings.get_mut(&(facet, *element as usize)) {
                    list.push(rating);
                }
            }
        }
    }
    for (facet, element) in active.aside.iter().rev() {
        let of_element = &ratings[&(*facet, *element)];
        let has_others = |rating: &&usize| {
            let mut others = design.elements(**rating).iter().enumerate();
            others.all(|(other, place)| other == *facet || placed[other][*place as usize])
        };
        let known: Vec<usize> = of_element.iter().filter(has_others).copied().collect();
        // Where others have no place yet they count as average: their measure is still zero.
        let rows = if known.is_empty() { of_element.clone() } else { known };
        if let Some((measure, own)) = solve(design, *facet, &rows, measures, curves) {
            measures[*facet][*element] = measure;
            information[*facet][*element] = own;
            placed[*facet][*element] = true;
        }
    }
    placed
}

/// The measure of one element at which its expected score is the score it has, at least 0.3 inside.
fn solve(
    design: &Design,
    facet: usize,
    ratings: &[usize],
    measures: &[Vec<f64>],
    curves: &[Curve],
) -> Option<(f64, f64)> {
    let sign = if facet == 0 { 1.0 } else { -1.0 };
    let (mut score, mut most) = (0.0, 0.0);
    let mut rows = Vec::new();
    for rating in ratings {
        let elements = design.elements(*rating);
        let curve = &curves[design.group_of(elements)];
        if curve.count() < 2 {
            continue;
        }
        let weight = design.weights[*rating];
        score += weight * curve.rank(design.values[*rating]) as f64;
        most += weight * (curve.count() - 1) as f64;
        let own = sign * measures[facet][elements[facet] as usize];
        rows.push((curve, weight, line(measures, elements) - own));
    }
    if most <= 0.0 {
        return None;
    }
    let inside = INSIDE.min(most / 2.0);
    let target = score.clamp(inside, most - inside);
    let mut probabilities = Vec::new();
    let mut at = |place: f64| {
        rows.iter().fold((0.0, 0.0), |(sum, own), (curve, weight, others)| {
            curve.at((place + others).exp(), &mut probabilities);
            let (mean, variance) = moments(&probabilities);
            (sum + weight * mean, own + weight * variance)
        })
    };
    let (mut low, mut high) = (-100.0, 100.0);
    while high - low > 1e-10 {
        let middle = 0.5 * (low + high);
        if at(middle).0 < target { low = middle } else { high = middle }
    }
    let place = 0.5 * (low + high);
    Some((sign * place, at(place).1))
}

/// Persons floated during estimation; a facet that floats in their stead takes their mean.
fn settle_origin(design: &Design, active: &Active, measures: &mut [Vec<f64>]) {
    let persons = &design.facets[0];
    if persons.origin != Origin::Centred || !persons.anchors.is_empty() {
        return;
    }
    let floats = |facet: &usize| {
        design.facets[*facet].origin == Origin::Floating && design.facets[*facet].anchors.is_empty()
    };
    let Some(floating) = (1..measures.len()).find(floats) else { return };
    let mean = mean_of_estimated(&active.uses[0], &measures[0]);
    for facet in [0, floating] {
        measures[facet].iter_mut().for_each(|measure| *measure -= mean);
    }
}

fn mean_of_estimated(uses: &[Use], measures: &[f64]) -> f64 {
    let usable = uses
        .iter()
        .zip(measures)
        .filter(|(what, _)| matches!(what, Use::Estimated | Use::Anchored));
    let (sum, count) = usable.fold((0.0, 0usize), |(sum, n), (_, measure)| (sum + measure, n + 1));
    sum / count.max(1) as f64
}

/// How much of what took part belongs to each scale group.
fn group_shares(design: &Design, active: &Active) -> Vec<f64> {
    let mut shares = vec![0.0; design.group_count()];
    active.rows.iter().for_each(|row| shares[row.group as usize] += row.weight);
    let all: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= all);
    shares
}

/// The expected rating of an element where every other facet is at its mean: on its own scale if the
/// scale is its own, else over all scales as often as they took part.
fn fair_average(
    design: &Design,
    facet: usize,
    element: usize,
    measure: f64,
    means: &[f64],
    shares: &[f64],
    curves: &[Curve],
) -> Option<f64> {
    let mean = |other: usize| if other == facet { measure } else { means[other] };
    let line = mean(0) - (1..means.len()).map(mean).sum::<f64>();
    let own = match &design.scale {
        Scale::Each { facet: of } if *of == facet => Some(element),
        Scale::Groups { facet: of, groups } if *of == facet => Some(groups[element]),
        Scale::Common | Scale::Each { .. } | Scale::Groups { .. } => None,
    };
    if let Some(group) = own {
        let curve = &curves[group];
        return (curve.count() > 0).then(|| curve.expected_value(line));
    }
    let used = curves.iter().zip(shares).filter(|(_, share)| **share > 0.0);
    Some(used.map(|(curve, share)| share * curve.expected_value(line)).sum())
}

fn summarize(elements: &[ElementReport]) -> Option<Summary> {
    let estimated: Vec<(f64, f64)> = elements
        .iter()
        .filter(|element| element.standing == Standing::Estimated)
        .filter_map(|element| Some((element.measure?, element.standard_error?)))
        .collect();
    if estimated.is_empty() {
        return None;
    }
    let count = estimated.len() as f64;
    let mean = estimated.iter().map(|(measure, _)| measure).sum::<f64>() / count;
    let variance = estimated.iter().map(|(m, _)| (m - mean).powi(2)).sum::<f64>() / count;
    let error = estimated.iter().map(|(_, error)| error * error).sum::<f64>() / count;
    let truth = (variance - error).max(0.0);
    let separation = (truth / error).sqrt();
    let precision = |(_, error): &(f64, f64)| 1.0 / (error * error);
    let weights: f64 = estimated.iter().map(precision).sum();
    let centre = estimated.iter().map(|it| it.0 * precision(it)).sum::<f64>() / weights;
    let chi_squared: f64 = estimated.iter().map(|it| (it.0 - centre).powi(2) * precision(it)).sum();
    let degrees = estimated.len() - 1;
    let p = if degrees == 0 { 1.0 } else { chi_squared_above(chi_squared, degrees as f64).ok()? };
    Some(Summary {
        elements: estimated.len(),
        mean,
        deviation: variance.sqrt(),
        error: error.sqrt(),
        separation,
        strata: (4.0 * separation + 1.0) / 3.0,
        reliability: if variance > 0.0 { truth / variance } else { 0.0 },
        chi_squared,
        degrees,
        p,
    })
}

fn scales(
    design: &Design,
    active: &Active,
    measures: &[Vec<f64>],
    curves: &[Curve],
) -> Vec<Vec<Threshold>> {
    let zeros = |curve: &Curve| vec![(0.0, 0.0); curve.count()];
    let mut sums: Vec<Vec<(f64, f64)>> = curves.iter().map(zeros).collect();
    let mut probabilities = Vec::new();
    for row in &active.rows {
        let curve = &curves[row.group as usize];
        let line = line(measures, design.elements(row.index as usize));
        curve.at(line.exp(), &mut probabilities);
        let sums = &mut sums[row.group as usize];
        sums[row.rank as usize].0 += row.weight;
        let mut above = 0.0;
        for rank in (1..curve.count()).rev() {
            above += probabilities[rank];
            sums[rank].1 += row.weight * above * (1.0 - above);
        }
    }
    let threshold = |curve: &Curve, rank: usize, (count, own): (f64, f64)| Threshold {
        value: curve.values[rank],
        count,
        measure: rank.checked_sub(1).map(|below| curve.thresholds[below]),
        standard_error: (rank > 0 && own > 0.0).then(|| 1.0 / own.sqrt()),
    };
    let of_group = |(curve, sums): (&Curve, Vec<(f64, f64)>)| {
        sums.into_iter().enumerate().map(|(rank, sums)| threshold(curve, rank, sums)).collect()
    };
    curves.iter().zip(sums).map(of_group).collect()
}
