//! What was rated by whom, and what the model is told beforehand.

use super::report::Measures;
use crate::Error;
use crate::error::{at_least, at_most, positive, same_length};

/// What fixes a facet's measures in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The estimated measures sum to zero; gives way to anchors.
    Centred,
    /// Nothing: the facet takes its place from the others. Exactly one facet without anchors floats.
    Floating,
}

/// One facet: persons, raters, items.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// How many elements it has, rated or not.
    pub count: usize,
    /// What fixes its origin.
    pub origin: Origin,
    /// Elements whose measure is given and not estimated.
    pub anchors: Vec<(usize, f64)>,
}

impl Facet {
    /// A facet whose measures sum to zero.
    #[must_use]
    pub fn centred(count: usize) -> Self {
        Self { count, origin: Origin::Centred, anchors: Vec::new() }
    }

    /// A facet that takes its place from the others.
    #[must_use]
    pub fn floating(count: usize) -> Self {
        Self { count, origin: Origin::Floating, anchors: Vec::new() }
    }

    /// The same facet with given measures of some elements.
    #[must_use]
    pub fn anchored(self, anchors: Vec<(usize, f64)>) -> Self {
        Self { anchors, ..self }
    }
}

/// Which ratings share the thresholds of one rating scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scale {
    /// All of them.
    Common,
    /// Those of one element of a facet: a scale for each rater, or for each criterion.
    Each {
        /// The facet, from 0.
        facet: usize,
    },
    /// Those of elements that share a group: criteria with one kind of scale.
    Groups {
        /// The facet, from 0.
        facet: usize,
        /// The group of each element.
        groups: Vec<usize>,
    },
}

/// Ratings with the facets and the scale they belong to.
///
/// ```
/// use mizan_stats::facets::{Design, Facet, Scale};
/// let facets = vec![Facet::floating(3), Facet::centred(2)];
/// let mut design = Design::new(facets, Scale::Common)?;
/// // Two persons passed with the first rater alone, one with the second alone.
/// for (person, first, second) in [(0, 1.0, 0.0), (1, 1.0, 0.0), (2, 0.0, 1.0)] {
///     design.rate(&[person, 0], first)?;
///     design.rate(&[person, 1], second)?;
/// }
/// let measures = design.measure()?;
/// let severity = measures.facets[1].elements[1].measure.unwrap();
/// assert!((severity - 2f64.ln()).abs() < 1e-9, "the second is harsher");
/// # Ok::<(), mizan_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    pub(super) facets: Vec<Facet>,
    pub(super) scale: Scale,
    /// The elements of each rating, facet by facet, one rating after the other.
    pub(super) places: Vec<u32>,
    pub(super) values: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Design {
    /// A design without ratings. The first facet is the one whose measures raise a rating.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer than two facets, [`Error::OriginFree`], [`Error::OriginFixedTwice`],
    /// [`Error::Unknown`] for a facet or anchored element that does not exist, [`Error::NotFinite`] for
    /// an anchor, [`Error::Lengths`] for groups that do not fit.
    pub fn new(facets: Vec<Facet>, scale: Scale) -> Result<Self, Error> {
        at_least("facets", facets.len(), 2)?;
        for facet in &facets {
            at_most("elements of a facet", facet.count, u32::MAX as usize)?;
            for (index, (element, measure)) in facet.anchors.iter().enumerate() {
                known("element", *element, facet.count)?;
                if !measure.is_finite() {
                    return Err(Error::NotFinite { what: "anchor", index });
                }
            }
        }
        match &scale {
            Scale::Common => {}
            Scale::Each { facet } => known("facet", *facet, facets.len())?,
            Scale::Groups { facet, groups } => {
                known("facet", *facet, facets.len())?;
                same_length("scale groups", facets[*facet].count, groups.len())?;
                let most = groups.iter().copied().max().unwrap_or(0);
                at_most("scale groups", most + 1, groups.len().max(1))?;
            }
        }
        let floats = |facet: &&Facet| facet.origin == Origin::Floating && facet.anchors.is_empty();
        let centred = |facet: &Facet| facet.origin == Origin::Centred && facet.anchors.is_empty();
        match facets.iter().filter(floats).count() {
            0 if facets.iter().any(centred) => Err(Error::OriginFixedTwice),
            0 | 1 => Ok(Self {
                facets,
                scale,
                places: Vec::new(),
                values: Vec::new(),
                weights: Vec::new(),
            }),
            _ => Err(Error::OriginFree),
        }
    }

    /// Takes one rating, with its elements facet by facet.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::Unknown`], [`Error::NotFinite`].
    pub fn rate(&mut self, elements: &[usize], value: f64) -> Result<(), Error> {
        self.rate_weighted(elements, value, 1.0)
    }

    /// Takes one rating that counts as often as its weight says.
    ///
    /// # Errors
    /// As [`Design::rate`]; [`Error::OutOfRange`] for a weight that is not above 0.
    pub fn rate_weighted(
        &mut self,
        elements: &[usize],
        value: f64,
        weight: f64,
    ) -> Result<(), Error> {
        same_length("elements of a rating", self.facets.len(), elements.len())?;
        for (element, facet) in elements.iter().zip(&self.facets) {
            known("element", *element, facet.count)?;
        }
        if !value.is_finite() {
            return Err(Error::NotFinite { what: "rating", index: self.values.len() });
        }
        positive("a weight", weight)?;
        self.places.extend(elements.iter().map(|element| *element as u32));
        self.values.push(value + 0.0);
        self.weights.push(weight);
        Ok(())
    }

    /// How many ratings were taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no rating was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Estimates all measures.
    ///
    /// Assumes ratings that are independent given the measures; answers of one visit are not quite, so
    /// the standard errors are those of the model and too small for a centre (see
    /// [`crate::uncertainty`]).
    ///
    /// # Errors
    /// [`Error::Disconnected`] with the parts, before anything is estimated and again once extremes are
    /// set aside; [`Error::OnlyExtremes`]; [`Error::TooFew`] without a rating;
    /// [`Error::NotConverged`] or [`Error::Singular`] when ratings separate elements perfectly, so that
    /// their measures have no finite estimate.
    pub fn measure(&self) -> Result<Measures, Error> {
        at_least("ratings", self.len(), 1)?;
        super::connection::check(self, &(0..self.len()).collect::<Vec<_>>())?;
        let active = super::extremes::Active::new(self)?;
        if active.rows.len() < self.len() {
            let left: Vec<usize> = active.rows.iter().map(|row| row.index as usize).collect();
            super::connection::check(self, &left)?;
        }
        let estimated = super::estimation::estimate(self, &active, None)?;
        Ok(super::report::report(self, &active, estimated))
    }

    pub(super) fn elements(&self, rating: usize) -> &[u32] {
        let facets = self.facets.len();
        &self.places[rating * facets..(rating + 1) * facets]
    }

    pub(super) fn group_of(&self, elements: &[u32]) -> usize {
        match &self.scale {
            Scale::Common => 0,
            Scale::Each { facet } => elements[*facet] as usize,
            Scale::Groups { facet, groups } => groups[elements[*facet] as usize],
        }
    }

    pub(super) fn group_count(&self) -> usize {
        match &self.scale {
            Scale::Common => 1,
            Scale::Each { facet } => self.facets[*facet].count,
            Scale::Groups { groups, .. } => groups.iter().max().map_or(0, |most| most + 1),
        }
    }

    pub(super) fn anchor(&self, facet: usize, element: usize) -> Option<f64> {
        let mut anchors = self.facets[facet].anchors.iter();
        anchors.find(|(anchored, _)| *anchored == element).map(|(_, measure)| *measure)
    }

    /// Whether a facet is held by the sum of its measures. While estimating the persons float: a facet
    /// that floats in their stead is centred meanwhile and moved at the end.
    pub(super) fn is_centred(&self, facet: usize) -> bool {
        let it = &self.facets[facet];
        let persons = &self.facets[0];
        let persons_centred = persons.origin == Origin::Centred && persons.anchors.is_empty();
        facet > 0 && it.anchors.is_empty() && (it.origin == Origin::Centred || persons_centred)
    }
}

fn known(what: &'static str, index: usize, count: usize) -> Result<(), Error> {
    if index < count { Ok(()) } else { Err(Error::Unknown { what, index, count }) }
}
