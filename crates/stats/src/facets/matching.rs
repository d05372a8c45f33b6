//! How often raters of the same thing agree, and how often the model expects them to.

use std::collections::HashMap;

use super::design::Design;
use super::report::{Measures, Standing};

/// Exact agreement of raters on the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Matches {
    /// Pairs of ratings of the same thing by different raters.
    pub opportunities: usize,
    /// Pairs with the same value.
    pub exact: usize,
    /// How many the model expects. Fewer than these is noise; many more may mean that raters talk.
    pub expected: f64,
}

/// Agreement counted both ways: Facets prints either, depending on a setting.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Matching {
    /// Over all ratings whose elements have a measure.
    pub all: Matches,
    /// Without elements of extreme scores, who agree for nothing.
    pub without_extremes: Matches,
}

impl Measures {
    /// Exact agreement between the elements of one facet: all pairs of ratings that differ in it alone.
    ///
    /// Formula: for ratings of the same thing by raters a and b the expected number of matches is
    /// Σ_k P_a(k)·P_b(k) over the categories. Assumes that a rater rates a thing once.
    #[must_use]
    pub fn matching(&self, design: &Design, facet: usize) -> Matching {
        let mut same: HashMap<Vec<u32>, Vec<usize>> = HashMap::new();
        for rating in 0..design.len() {
            let mut key = design.elements(rating).to_vec();
            key[facet] = 0;
            same.entry(key).or_default().push(rating);
        }
        let mut groups: Vec<Vec<usize>> = same.into_values().collect();
        // A sum of many parts depends on their order in its last digits.
        groups.sort();
        let mut matching = Matching::default();
        for group in groups.iter().filter(|group| group.len() > 1) {
            self.count(design, facet, group, &mut matching);
        }
        matching
    }

    fn count(&self, design: &Design, facet: usize, group: &[usize], matching: &mut Matching) {
        let places = |rating: usize| -> Vec<usize> {
            design.elements(rating).iter().map(|element| *element as usize).collect()
        };
        let known = group.iter().filter_map(|rating| {
            let places = places(*rating);
            let probabilities = self.probabilities(design, &places)?;
            Some((*rating, places, probabilities))
        });
        let known: Vec<_> = known.collect();
        let took_part = |places: &[usize]| {
            places.iter().enumerate().all(|(facet, element)| {
                let standing = self.facets[facet].elements[*element].standing;
                matches!(standing, Standing::Estimated | Standing::Anchored)
            })
        };
        for (index, (rating, own, of_one)) in known.iter().enumerate() {
            for (other, others, of_other) in &known[index + 1..] {
                if own[facet] == others[facet] {
                    continue;
                }
                let exact = usize::from(design.values[*rating] == design.values[*other]);
                let matched = |(value, p): &(f64, f64)| {
                    let with = of_other.iter().find(|(other, _)| other == value);
                    with.map_or(0.0, |(_, other)| p * other)
                };
                let expected: f64 = of_one.iter().map(matched).sum();
                let add = |matches: &mut Matches| {
                    matches.opportunities += 1;
                    matches.exact += exact;
                    matches.expected += expected;
                };
                add(&mut matching.all);
                if took_part(own) && took_part(others) {
                    add(&mut matching.without_extremes);
                }
            }
        }
    }
}
