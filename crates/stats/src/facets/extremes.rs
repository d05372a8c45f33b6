//! Which ratings tell of finite measures: elements with extreme scores are set aside in rounds.

use super::curve::Curve;
use super::design::Design;
use crate::Error;

/// One rating that takes part in the estimation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) index: u32,
    pub(super) group: u32,
    pub(super) rank: u32,
    pub(super) weight: f64,
}

/// What an element's ratings allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Estimated,
    Anchored,
    /// All ratings at the bottom of their scales.
    Lowest,
    /// All ratings at the top of their scales.
    Highest,
    /// Rated, but only together with elements that were set aside.
    Stranded,
    Unrated,
}

/// The ratings that take part, by person, and what becomes of every element.
pub(super) struct Active {
    pub(super) rows: Vec<Row>,
    /// Where each person's rows begin; one more than there are persons.
    pub(super) starts: Vec<usize>,
    /// The scale groups, thresholds at their starting values; without ratings, no categories.
    pub(super) curves: Vec<Curve>,
    pub(super) uses: Vec<Vec<Use>>,
    /// The elements set aside, first round first.
    pub(super) aside: Vec<(usize, usize)>,
}

impl Active {
    pub(super) fn new(design: &Design) -> Result<Self, Error> {
        let mut uses: Vec<Vec<Use>> = (0..design.facets.len())
            .map(|facet| vec![Use::Unrated; design.facets[facet].count])
            .collect();
        for (facet, uses) in uses.iter_mut().enumerate() {
            for rating in 0..design.len() {
                uses[design.elements(rating)[facet] as usize] = Use::Estimated;
            }
            for (element, _) in &design.facets[facet].anchors {
                uses[*element] = Use::Anchored;
            }
        }
        let mut left: Vec<usize> = (0..design.len()).collect();
        let mut aside = Vec::new();
        let categories = loop {
            let categories = categories(design, &left);
            let extremes = extremes(design, &left, &categories, &uses);
            if extremes.is_empty() {
                break categories;
            }
            for (facet, element, what) in extremes {
                uses[facet][element] = what;
                aside.push((facet, element));
            }
            let takes_part = |rating: &usize| {
                let places = design.elements(*rating).iter().zip(&uses);
                places.into_iter().all(|(element, uses)| {
                    matches!(uses[*element as usize], Use::Estimated | Use::Anchored)
                })
            };
            left.retain(takes_part);
        };
        if left.is_empty() {
            return Err(Error::OnlyExtremes);
        }
        let mut active =
            Self { rows: Vec::new(), starts: Vec::new(), curves: Vec::new(), uses, aside };
        active.strand(design, &left);
        active.arrange(design, &left, categories);
        Ok(active)
    }

    /// Marks the elements that have ratings but none left.
    fn strand(&mut self, design: &Design, left: &[usize]) {
        for (facet, uses) in self.uses.iter_mut().enumerate() {
            let mut has = vec![false; uses.len()];
            left.iter().for_each(|rating| has[design.elements(*rating)[facet] as usize] = true);
            for (element, what) in uses.iter_mut().enumerate() {
                if *what == Use::Estimated && !has[element] {
                    *what = Use::Stranded;
                    self.aside.push((facet, element));
                }
            }
        }
    }

    fn arrange(&mut self, design: &Design, left: &[usize], categories: Vec<Vec<f64>>) {
        let mut counts: Vec<Vec<f64>> =
            categories.iter().map(|values| vec![0.0; values.len()]).collect();
        let curves: Vec<Curve> = categories
            .into_iter()
            .map(|values| {
                let thresholds = vec![0.0; values.len().saturating_sub(1)];
                Curve::new(values, thresholds)
            })
            .collect();
        let persons = design.facets[0].count;
        self.starts = vec![0; persons + 1];
        for rating in left {
            self.starts[design.elements(*rating)[0] as usize + 1] += 1;
        }
        (0..persons).for_each(|person| self.starts[person + 1] += self.starts[person]);
        let mut next = self.starts.clone();
        self.rows = vec![Row { index: 0, group: 0, rank: 0, weight: 0.0 }; left.len()];
        for rating in left {
            let elements = design.elements(*rating);
            let group = design.group_of(elements);
            let rank = curves[group].rank(design.values[*rating]);
            let weight = design.weights[*rating];
            counts[group][rank] += weight;
            let place = &mut next[elements[0] as usize];
            self.rows[*place] =
                Row { index: *rating as u32, group: group as u32, rank: rank as u32, weight };
            *place += 1;
        }
        self.curves = curves;
        for (curve, counts) in self.curves.iter_mut().zip(&counts) {
            start(curve, counts);
        }
    }
}

/// Thresholds to begin with: the log-odds of neighbouring categories' counts, about their mean.
fn start(curve: &mut Curve, counts: &[f64]) {
    let odds: Vec<f64> = counts.windows(2).map(|pair| (pair[0] / pair[1]).ln()).collect();
    let mean = odds.iter().sum::<f64>() / odds.len().max(1) as f64;
    curve.thresholds = odds.iter().map(|odds| odds - mean).collect();
    curve.refresh();
}

/// The categories that each scale group uses, rising.
fn categories(design: &Design, left: &[usize]) -> Vec<Vec<f64>> {
    let mut categories: Vec<Vec<f64>> = vec![Vec::new(); design.group_count()];
    for rating in left {
        let of_group = &mut categories[design.group_of(design.elements(*rating))];
        let value = design.values[*rating];
        let place = of_group.partition_point(|category| *category < value);
        if of_group.get(place) != Some(&value) {
            of_group.insert(place, value);
        }
    }
    categories
}

fn extremes(
    design: &Design,
    left: &[usize],
    categories: &[Vec<f64>],
    uses: &[Vec<Use>],
) -> Vec<(usize, usize, Use)> {
    // For each element whether a rating was above the bottom, and whether one was below the top.
    let mut seen: Vec<Vec<(bool, bool, bool)>> =
        uses.iter().map(|uses| vec![(false, false, false); uses.len()]).collect();
    for rating in left {
        let elements = design.elements(*rating);
        let of_group = &categories[design.group_of(elements)];
        let value = design.values[*rating];
        let above = value > of_group[0];
        let below = value < of_group[of_group.len() - 1];
        for (seen, element) in seen.iter_mut().zip(elements) {
            let (rated, was_above, was_below) = &mut seen[*element as usize];
            *rated = true;
            *was_above |= above;
            *was_below |= below;
        }
    }
    let mut found = Vec::new();
    for (facet, (seen, uses)) in seen.iter().zip(uses).enumerate() {
        for (element, (rated, above, below)) in seen.iter().enumerate() {
            if *rated && uses[element] == Use::Estimated && !(*above && *below) {
                // Every rating may be both, in a group with one category: then nothing is known.
                let what = if *above { Use::Highest } else { Use::Lowest };
                found.push((facet, element, what));
            }
        }
    }
    found
}
