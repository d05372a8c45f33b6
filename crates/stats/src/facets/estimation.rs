//! Newton's method for all measures and thresholds at once, persons eliminated.

use super::curve::{Curve, moments};
use super::design::Design;
use super::extremes::{Active, Use};
use crate::Error;
use crate::linear::{Factor, Symmetric};

/// Newton settles in ten steps or so; where a hundred do not do, there is no finite estimate.
const ITERATIONS: usize = 100;
/// The largest step, in logits, at which the estimate counts as settled.
const SETTLED: f64 = 1e-8;
/// Measures beyond this many logits mean ratings that separate perfectly.
const BEYOND: f64 = 60.0;

/// What was estimated; elements that were set aside stand at zero.
pub(super) struct Estimated {
    pub(super) measures: Vec<Vec<f64>>,
    pub(super) curves: Vec<Curve>,
    pub(super) iterations: usize,
    pub(super) log_likelihood: f64,
    /// Σ weight·variance of each element.
    pub(super) information: Vec<Vec<f64>>,
    /// The variance of each element's estimate with all others unknown too; persons have none.
    pub(super) joint_variance: Vec<Vec<Option<f64>>>,
}

/// Where each parameter stands in the system: thresholds first, so that the inverse of the elements'
/// part needs nothing of theirs. Within a scale group all thresholds have a place here; the system that
/// is solved leaves each group's last out, because they sum to zero.
struct Layout {
    thresholds: Vec<usize>,
    elements: Vec<Vec<Option<usize>>>,
    first_element: usize,
    size: usize,
    /// For each place, its place in the system that is solved, and for thresholds the group's last.
    reduced: Vec<Reduced>,
    reduced_size: usize,
}

#[derive(Clone, Copy)]
enum Reduced {
    Kept(usize),
    KeptThreshold { place: usize, last: usize },
    Last,
}

impl Layout {
    fn new(design: &Design, active: &Active) -> Self {
        let (mut thresholds, mut size) = (Vec::new(), 0);
        let (mut reduced, mut reduced_size) = (Vec::new(), 0);
        for curve in &active.curves {
            thresholds.push(size);
            let count = curve.thresholds.len();
            for place in 0..count {
                if place + 1 == count {
                    reduced.push(Reduced::Last);
                } else {
                    let last = size + count - 1;
                    reduced.push(Reduced::KeptThreshold { place: reduced_size, last });
                    reduced_size += 1;
                }
            }
            size += count;
        }
        let first_element = size;
        let mut elements = vec![Vec::new()];
        for facet in 1..design.facets.len() {
            let of_facet = active.uses[facet].iter().map(|what| {
                (*what == Use::Estimated).then(|| {
                    reduced.push(Reduced::Kept(reduced_size));
                    reduced_size += 1;
                    size += 1;
                    size - 1
                })
            });
            let of_facet = of_facet.collect();
            elements.push(of_facet);
        }
        Self { thresholds, elements, first_element, size, reduced, reduced_size }
    }
}

/// Score and information at one set of measures.
struct Slope {
    log_likelihood: f64,
    persons: Vec<(f64, f64)>,
    /// Score of thresholds and elements, over all places.
    score: Vec<f64>,
    information: Symmetric,
    /// For each person, the places it shares information with, rising.
    shared: Vec<Vec<(usize, f64)>>,
}

/// Estimates all measures, from an earlier estimate of much the same ratings if there is one.
pub(super) fn estimate(
    design: &Design,
    active: &Active,
    earlier: Option<&Estimated>,
) -> Result<Estimated, Error> {
    let layout = Layout::new(design, active);
    let of_same_categories = |it: &&Estimated| {
        let mut pairs = it.curves.iter().zip(&active.curves);
        pairs.all(|(one, other)| one.values == other.values)
    };
    let (mut measures, mut curves) = match earlier.filter(of_same_categories) {
        Some(earlier) => (earlier.measures.clone(), earlier.curves.clone()),
        None => (start(design, active), active.curves.clone()),
    };
    let mut slope = Slope::at(design, active, &layout, &measures, &curves);
    for iteration in 1..=ITERATIONS {
        let (factor, _) = system(design, &layout, &slope)?;
        let step = step(&layout, &slope, &factor);
        let largest =
            step.iter_persons().chain(&step.places).fold(0.0f64, |most, s| most.max(s.abs()));
        if !largest.is_finite() {
            return Err(Error::Singular { what: "measures" });
        }
        // The likelihood is concave: a shorter step always finds a rise unless it is at its top.
        let mut length = (4.0 / largest).min(1.0);
        let accepted = loop {
            let tried = moved(&layout, &measures, &curves, &step, length);
            let next = Slope::at(design, active, &layout, &tried.0, &tried.1);
            let slack = 1e-12 * slope.log_likelihood.abs().max(1.0);
            if next.log_likelihood >= slope.log_likelihood - slack {
                break Some((tried, next));
            }
            length /= 2.0;
            if length < 1e-6 {
                break None;
            }
        };
        let Some((tried, next)) = accepted else {
            return Err(Error::NotConverged { what: "measures", iterations: iteration });
        };
        (measures, curves) = tried;
        slope = next;
        if measures.iter().flatten().any(|measure| measure.abs() > BEYOND) {
            return Err(Error::NotConverged { what: "measures", iterations: iteration });
        }
        if length * largest < SETTLED {
            return finish(design, active, &layout, measures, curves, slope, iteration);
        }
    }
    Err(Error::NotConverged { what: "measures", iterations: ITERATIONS })
}

/// Persons begin at the log-odds of their score, anchors at their measure, the rest at zero.
fn start(design: &Design, active: &Active) -> Vec<Vec<f64>> {
    let mut measures: Vec<Vec<f64>> =
        design.facets.iter().map(|facet| vec![0.0; facet.count]).collect();
    for (facet, own) in design.facets.iter().enumerate() {
        own.anchors.iter().for_each(|(element, measure)| measures[facet][*element] = *measure);
    }
    for (person, measure) in measures[0].iter_mut().enumerate() {
        if active.uses[0][person] != Use::Estimated {
            continue;
        }
        let (mut score, mut most) = (0.0, 0.0);
        for row in &active.rows[active.starts[person]..active.starts[person + 1]] {
            score += row.weight * f64::from(row.rank);
            most += row.weight * (active.curves[row.group as usize].count() - 1) as f64;
        }
        *measure = ((score + 0.3) / (most - score + 0.3)).ln();
    }
    measures
}

impl Slope {
    fn at(
        design: &Design,
        active: &Active,
        layout: &Layout,
        measures: &[Vec<f64>],
        curves: &[Curve],
    ) -> Self {
        let odds: Vec<Vec<f64>> = measures
            .iter()
            .enumerate()
            .map(|(facet, of_facet)| {
                let sign = if facet == 0 { 1.0 } else { -1.0 };
                of_facet.iter().map(|measure| (sign * measure).exp()).collect()
            })
            .collect();
        let persons = design.facets[0].count;
        let mut slope = Self {
            log_likelihood: 0.0,
            persons: vec![(0.0, 0.0); persons],
            score: vec![0.0; layout.size],
            information: Symmetric::zero(layout.size),
            shared: vec![Vec::new(); persons],
        };
        let mut work = Work {
            probabilities: Vec::new(),
            above: Vec::new(),
            with_rank: Vec::new(),
            shared: vec![0.0; layout.size],
            touched: Vec::new(),
            is_touched: vec![false; layout.size],
            places: Vec::new(),
        };
        for person in 0..persons {
            for row in &active.rows[active.starts[person]..active.starts[person + 1]] {
                slope.add(design, layout, curves, &odds, row, person, &mut work);
            }
            if active.uses[0][person] != Use::Estimated {
                slope.persons[person] = (0.0, 0.0);
            }
            work.touched.sort_unstable();
            slope.shared[person].reserve_exact(work.touched.len());
            for place in work.touched.drain(..) {
                slope.shared[person].push((place, work.shared[place]));
                work.shared[place] = 0.0;
                work.is_touched[place] = false;
            }
        }
        slope
    }

    #[expect(clippy::too_many_arguments, reason = "the body of one loop, over borrowed tables")]
    fn add(
        &mut self,
        design: &Design,
        layout: &Layout,
        curves: &[Curve],
        odds: &[Vec<f64>],
        row: &super::extremes::Row,
        person: usize,
        work: &mut Work,
    ) {
        let curve = &curves[row.group as usize];
        let elements = design.elements(row.index as usize);
        let product: f64 =
            elements.iter().zip(odds).map(|(element, odds)| odds[*element as usize]).product();
        let sum = curve.at(product, &mut work.probabilities);
        let (mean, variance) = moments(&work.probabilities);
        let (rank, weight) = (row.rank as usize, row.weight);
        let passed: f64 = curve.thresholds[..rank].iter().sum();
        let line = product.ln();
        self.log_likelihood += weight * (f64::from(row.rank) * line - passed - sum);
        let residual = weight * (f64::from(row.rank) - mean);
        let information = weight * variance;
        self.persons[person].0 += residual;
        self.persons[person].1 += information;
        work.places.clear();
        for (facet, element) in elements.iter().enumerate().skip(1) {
            work.places.extend(layout.elements[facet][*element as usize]);
        }
        for index in 0..work.places.len() {
            let place = work.places[index];
            self.score[place] -= residual;
            work.touch(place, -information);
            let line = self.information.row_mut(place);
            work.places[..=index].iter().for_each(|other| {
                if *other <= place {
                    line[*other] += information;
                }
            });
        }
        let count = curve.thresholds.len();
        if count < 2 {
            return;
        }
        // P(X ≥ h) and the covariance of X with that event, for each threshold.
        work.tails(mean);
        let first = layout.thresholds[row.group as usize];
        for index in 0..work.places.len() {
            let line = &mut self.information.row_mut(work.places[index])[first..first + count];
            line.iter_mut().zip(&work.with_rank).for_each(|(cell, with)| *cell += weight * with);
        }
        for h in 0..count {
            let above = work.above[h];
            self.score[first + h] -= weight * (f64::from(u8::from(rank > h)) - above);
            let with = work.with_rank[h];
            work.touch(first + h, -weight * with);
            let line = &mut self.information.row_mut(first + h)[first..=first + h];
            for (cell, other) in line.iter_mut().zip(&work.above) {
                *cell += weight * above * (1.0 - other);
            }
        }
    }
}

/// Room for one rating's sums and one person's, kept between them.
struct Work {
    probabilities: Vec<f64>,
    above: Vec<f64>,
    with_rank: Vec<f64>,
    shared: Vec<f64>,
    touched: Vec<usize>,
    is_touched: Vec<bool>,
    places: Vec<usize>,
}

impl Work {
    #[inline]
    fn touch(&mut self, place: usize, amount: f64) {
        if !self.is_touched[place] {
            self.is_touched[place] = true;
            self.touched.push(place);
        }
        self.shared[place] += amount;
    }

    #[inline]
    fn tails(&mut self, mean: f64) {
        let count = self.probabilities.len();
        self.above.clear();
        self.above.resize(count - 1, 0.0);
        self.with_rank.clear();
        self.with_rank.resize(count - 1, 0.0);
        let (mut above, mut sum) = (0.0, 0.0);
        for rank in (1..count).rev() {
            above += self.probabilities[rank];
            sum += rank as f64 * self.probabilities[rank];
            self.above[rank - 1] = above;
            self.with_rank[rank - 1] = sum - mean * above;
        }
    }
}

/// The system of thresholds and elements once persons are eliminated, and its right side.
fn system(design: &Design, layout: &Layout, slope: &Slope) -> Result<(Factor, f64), Error> {
    let mut matrix = reduce(layout, &slope.information);
    let mut line = Vec::new();
    for (shared, (_, information)) in slope.shared.iter().zip(&slope.persons) {
        let information = *information;
        if information <= 0.0 {
            continue;
        }
        reduce_shared(layout, shared, &mut line);
        for (index, (row, value)) in line.iter().enumerate() {
            let scaled = value / information;
            let cells = matrix.row_mut(*row);
            line[..=index].iter().for_each(|(column, other)| cells[*column] -= scaled * other);
        }
    }
    let first = layout.reduced_size - (layout.size - layout.first_element);
    let diagonal = (first..layout.reduced_size).map(|place| matrix.get(place, place));
    let hold = diagonal.fold(0.0, f64::max).max(1.0);
    for facet in 1..design.facets.len() {
        if !design.is_centred(facet) {
            continue;
        }
        let places: Vec<usize> = layout.elements[facet].iter().flatten().copied().collect();
        for (index, one) in places.iter().enumerate() {
            for other in &places[..=index] {
                matrix.add(kept(layout, *one), kept(layout, *other), hold);
            }
        }
    }
    Ok((matrix.factor("measures")?, hold))
}

fn kept(layout: &Layout, place: usize) -> usize {
    match layout.reduced[place] {
        Reduced::Kept(place) | Reduced::KeptThreshold { place, .. } => place,
        Reduced::Last => usize::MAX,
    }
}

fn reduce(layout: &Layout, full: &Symmetric) -> Symmetric {
    let mut matrix = Symmetric::zero(layout.reduced_size);
    for row in 0..layout.size {
        for column in 0..=row {
            let value = |row: usize, column: usize| full.get(row, column);
            let (place, amount) = match (layout.reduced[row], layout.reduced[column]) {
                (Reduced::Last, _) | (_, Reduced::Last) => continue,
                (Reduced::Kept(r), Reduced::Kept(c)) => ((r, c), value(row, column)),
                (Reduced::Kept(r), Reduced::KeptThreshold { place: c, last }) => {
                    ((r, c), value(row, column) - value(row, last))
                }
                (Reduced::KeptThreshold { place: r, last }, Reduced::Kept(c)) => {
                    ((r, c), value(row, column) - value(last, column))
                }
                (
                    Reduced::KeptThreshold { place: r, last },
                    Reduced::KeptThreshold { place: c, last: other },
                ) => {
                    let amount = value(row, column) - value(last, column) - value(row, other)
                        + value(last, other);
                    ((r, c), amount)
                }
            };
            matrix.add(place.0, place.1, amount);
        }
    }
    matrix
}

fn reduce_shared(layout: &Layout, shared: &[(usize, f64)], line: &mut Vec<(usize, f64)>) {
    line.clear();
    for (index, (place, value)) in shared.iter().enumerate() {
        match layout.reduced[*place] {
            Reduced::Kept(place) => line.push((place, *value)),
            Reduced::Last => {}
            Reduced::KeptThreshold { place: kept, last } => {
                // A rating touches all thresholds of its group, so the last stands a fixed way ahead.
                line.push((kept, value - shared[index + last - place].1));
            }
        }
    }
}

struct Step {
    persons: Vec<f64>,
    places: Vec<f64>,
}

impl Step {
    fn iter_persons(&self) -> std::slice::Iter<'_, f64> {
        self.persons.iter()
    }
}

fn step(layout: &Layout, slope: &Slope, factor: &Factor) -> Step {
    let mut right = vec![0.0; layout.reduced_size];
    for (place, score) in slope.score.iter().enumerate() {
        match layout.reduced[place] {
            Reduced::Kept(kept) => right[kept] += score,
            Reduced::KeptThreshold { place: kept, last } => {
                right[kept] += score - slope.score[last];
            }
            Reduced::Last => {}
        }
    }
    let mut line = Vec::new();
    for (shared, (score, information)) in slope.shared.iter().zip(&slope.persons) {
        if *information > 0.0 {
            reduce_shared(layout, shared, &mut line);
            line.iter().for_each(|(place, value)| right[*place] -= value * score / information);
        }
    }
    let solved = factor.solve(&right);
    let of_person = |(shared, (score, information)): (&Vec<(usize, f64)>, &(f64, f64))| {
        if *information <= 0.0 {
            return 0.0;
        }
        let mut line = Vec::new();
        reduce_shared(layout, shared, &mut line);
        let known: f64 = line.iter().map(|(place, value)| value * solved[*place]).sum();
        (score - known) / information
    };
    let persons = slope.shared.iter().zip(&slope.persons).map(of_person).collect();
    let mut places = vec![0.0; layout.size];
    for place in 0..layout.size {
        match layout.reduced[place] {
            Reduced::Kept(kept) => places[place] = solved[kept],
            Reduced::KeptThreshold { place: kept, last } => {
                places[place] = solved[kept];
                places[last] -= solved[kept];
            }
            Reduced::Last => {}
        }
    }
    Step { persons, places }
}

fn moved(
    layout: &Layout,
    measures: &[Vec<f64>],
    curves: &[Curve],
    step: &Step,
    length: f64,
) -> (Vec<Vec<f64>>, Vec<Curve>) {
    let mut measures = measures.to_vec();
    let mut curves = curves.to_vec();
    measures[0].iter_mut().zip(&step.persons).for_each(|(measure, step)| *measure += length * step);
    for (facet, of_facet) in layout.elements.iter().enumerate().skip(1) {
        for (measure, place) in measures[facet].iter_mut().zip(of_facet) {
            *measure += place.map_or(0.0, |place| length * step.places[place]);
        }
    }
    for (curve, first) in curves.iter_mut().zip(&layout.thresholds) {
        let own = &step.places[*first..*first + curve.thresholds.len()];
        curve.thresholds.iter_mut().zip(own).for_each(|(it, step)| *it += length * step);
        curve.refresh();
    }
    (measures, curves)
}

fn finish(
    design: &Design,
    active: &Active,
    layout: &Layout,
    measures: Vec<Vec<f64>>,
    curves: Vec<Curve>,
    slope: Slope,
    iterations: usize,
) -> Result<Estimated, Error> {
    let (factor, hold) = system(design, layout, &slope)?;
    let first = layout.reduced_size - (layout.size - layout.first_element);
    let inverse = factor.inverse_from(first);
    let mut joint_variance = vec![vec![None; design.facets[0].count]];
    for facet in 1..design.facets.len() {
        let places = &layout.elements[facet];
        let estimated = places.iter().flatten().count() as f64;
        // What the hold on the sum adds to a variance besides what the ratings give.
        let added =
            if design.is_centred(facet) { 1.0 / (hold * estimated * estimated) } else { 0.0 };
        let of = |place: &Option<usize>| {
            place.map(|place| {
                let place = kept(layout, place) - first;
                (inverse.get(place, place) - added).max(0.0)
            })
        };
        joint_variance.push(places.iter().map(of).collect());
    }
    let information = own_information(design, active, &measures, &curves);
    let log_likelihood = slope.log_likelihood;
    Ok(Estimated { measures, curves, iterations, log_likelihood, information, joint_variance })
}

/// Σ weight·variance of every element, anchored ones too.
fn own_information(
    design: &Design,
    active: &Active,
    measures: &[Vec<f64>],
    curves: &[Curve],
) -> Vec<Vec<f64>> {
    let mut information: Vec<Vec<f64>> =
        design.facets.iter().map(|facet| vec![0.0; facet.count]).collect();
    let mut probabilities = Vec::new();
    for row in &active.rows {
        let elements = design.elements(row.index as usize);
        let line = line(measures, elements);
        curves[row.group as usize].at(line.exp(), &mut probabilities);
        let (_, variance) = moments(&probabilities);
        for (of_facet, element) in information.iter_mut().zip(elements) {
            of_facet[*element as usize] += row.weight * variance;
        }
    }
    information
}

/// The first facet's measure less all others'.
pub(super) fn line(measures: &[Vec<f64>], elements: &[u32]) -> f64 {
    let of = |facet: usize| measures[facet][elements[facet] as usize];
    of(0) - (1..elements.len()).map(of).sum::<f64>()
}
