//! How much a visit's day adds to what the model takes for chance.
//!
//! The model holds the answers of one visit to be independent given centre, evaluator and criterion. They
//! share the day, the queue and the employee, so a centre's model error, which shrinks with the number of
//! answers, is far too small: what shrinks the error of a day is the number of visits.

use super::curve::{Curve, moments};
use super::design::Design;
use super::report::{Measures, Standing};
use crate::Error;
use crate::error::{at_least, at_most, not_negative, same_length};
use crate::linear::Symmetric;

/// Newton's steps for one visit's shift; a handful do.
const STEPS: usize = 50;

/// The variance of a visit, in logits squared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VisitComponent {
    /// As computed; below zero where visits differ less than chance would have them.
    pub computed: f64,
    /// As used: not below zero.
    pub variance: f64,
    /// How many visits it rests on, beyond what the measures of persons and raters take.
    pub degrees: usize,
}

impl VisitComponent {
    /// The error of a mean of `visits` visits whose model error is `standard_error`: √(s² + σ²/k).
    ///
    /// # Errors
    /// [`Error::TooFew`] for no visit, [`Error::OutOfRange`] for a negative error.
    pub fn error(&self, standard_error: f64, visits: usize) -> Result<f64, Error> {
        at_least("visits", visits, 1)?;
        let own = not_negative("a standard error", standard_error)?;
        Ok((own * own + self.variance / visits as f64).sqrt())
    }
}

/// One visit: whom it belongs to and what was answered.
#[derive(Clone, Default)]
struct Visit {
    place: Option<(usize, usize)>,
    answers: Vec<Answer>,
    shift: f64,
    /// Σ of the ratings' variances where the measures put them.
    information: f64,
    /// The same at the visit's own shift.
    shifted: f64,
}

/// A rating's scale, where the measures put it on the line, its rank and its weight.
#[derive(Clone, Copy)]
struct Answer {
    group: usize,
    line: f64,
    rank: f64,
    weight: f64,
}

impl Visit {
    /// Finds the shift at which the expected score is the score, held half a point inside its scale: a
    /// single step from zero would fall short for a bad day.
    fn settle(&mut self, curves: &[Curve]) {
        let top = |answer: &Answer| answer.weight * (curves[answer.group].count() - 1) as f64;
        let most: f64 = self.answers.iter().map(top).sum();
        let score: f64 = self.answers.iter().map(|answer| answer.weight * answer.rank).sum();
        let inside = 0.5f64.min(most / 4.0);
        let target = score.clamp(inside, (most - inside).max(inside));
        let mut chances = Vec::new();
        for step in 0..STEPS {
            let (mut expected, mut information) = (0.0, 0.0);
            for answer in &self.answers {
                curves[answer.group].at((answer.line + self.shift).exp(), &mut chances);
                let (mean, variance) = moments(&chances);
                expected += answer.weight * mean;
                information += answer.weight * variance;
            }
            if step == 0 {
                self.information = information;
            }
            self.shifted = information;
            if information <= 0.0 {
                return;
            }
            let move_by = ((target - expected) / information).clamp(-1.0, 1.0);
            if move_by.abs() < 1e-9 {
                return;
            }
            self.shift += move_by;
        }
    }
}

impl Measures {
    /// The variance of a visit, from what is left of each visit once all measures are taken out.
    ///
    /// `visits` names the visit of each rating, in the order the ratings were taken. A visit belongs to
    /// one person (the first facet) and one rater (the second).
    ///
    /// Formula: d_v, the shift in logits at which a visit's expected score is the score it has, has the
    /// variance 1/W_v + σ², W_v the sum of its ratings' variances there. Q = Σ W_v d_v² has expectation
    /// (V − p) + σ²·(Σ W_v − Σ W_v² x_v'(X'WX)⁻¹x_v), where X holds the p parameters of persons and raters;
    /// σ² is what makes them equal.
    /// W_v is taken where the measures put the visit, so that it does not depend on the shift; 1/W_v is
    /// corrected for that. The component is on the line of the measures, which unknown days draw
    /// together by about 1/√(1 + 0.35σ²), measures and component alike.
    /// Assumes normal visits that vary alike; items, being known from very many ratings, are held to be known.
    /// Only ratings of estimated or anchored elements take part.
    /// Reference: the moments of DerSimonian R, Laird N (1986) Controlled Clin Trials 7:177–188, with
    /// the parameters taken out.
    ///
    /// # Errors
    /// [`Error::Lengths`]; [`Error::OutOfRange`] for a visit of two persons or raters; [`Error::TooFew`]
    /// when persons and raters take all that the visits tell; [`Error::TooMany`] beyond 4,000 raters.
    pub fn visit_component(
        &self,
        design: &Design,
        visits: &[usize],
    ) -> Result<VisitComponent, Error> {
        same_length("visits of ratings", design.len(), visits.len())?;
        let raters = design.facets[1].count;
        at_most("raters", raters, 4_000)?;
        let found = self.visits(design, visits)?;
        let (explained, parameters) = leverage(&found, design.facets[0].count, raters)?;
        let needed = parameters + 1;
        at_least("visits beyond persons and raters", found.len(), needed)?;
        let degrees = found.len() - parameters;
        let spread: f64 = found.iter().map(|it| it.information * it.shift.powi(2)).sum();
        let weight = found.iter().map(|it| it.information).sum::<f64>() - explained;
        let chance =
            found.iter().map(|it| it.information / it.shifted).sum::<f64>() / found.len() as f64;
        let computed = (spread - degrees as f64 * chance) / weight;
        Ok(VisitComponent { computed, variance: computed.max(0.0), degrees })
    }

    fn visits(&self, design: &Design, visits: &[usize]) -> Result<Vec<Visit>, Error> {
        let count = visits.iter().max().map_or(0, |most| most + 1);
        at_most("numbers of visits", count, 10 * visits.len().max(100))?;
        let mut found = vec![Visit::default(); count];
        let took_part = |(facet, element): (usize, &u32)| {
            let standing = self.facets[facet].elements[*element as usize].standing;
            matches!(standing, Standing::Estimated | Standing::Anchored)
        };
        for (rating, visit) in visits.iter().enumerate() {
            let elements = design.elements(rating);
            let places: Vec<usize> = elements.iter().map(|element| *element as usize).collect();
            let place = (places[0], places[1]);
            if *found[*visit].place.get_or_insert(place) != place {
                let allowed = "of one person and one rater";
                return Err(Error::OutOfRange { what: "a visit", value: *visit as f64, allowed });
            }
            if !elements.iter().enumerate().all(took_part) {
                continue;
            }
            let group = design.group_of(elements);
            let curve = &self.curves[group];
            if curve.count() < 2 {
                continue;
            }
            let of = |(facet, element): (usize, &usize)| {
                let measure = self.facets[facet].elements[*element].measure.unwrap_or_default();
                if facet == 0 { measure } else { -measure }
            };
            found[*visit].answers.push(Answer {
                group,
                line: places.iter().enumerate().map(of).sum(),
                rank: curve.rank(design.values[rating]) as f64,
                weight: design.weights[rating],
            });
        }
        found.iter_mut().for_each(|visit| visit.settle(&self.curves));
        found.retain(|visit| visit.information > 0.0 && visit.shifted > 0.0);
        Ok(found)
    }
}

/// Σ W_v² x_v'(X'WX)⁻¹x_v, and how many parameters X has: persons are eliminated, raters held to sum to
/// zero.
fn leverage(visits: &[Visit], persons: usize, raters: usize) -> Result<(f64, usize), Error> {
    let mut of_person: Vec<Vec<(usize, f64)>> = vec![Vec::new(); persons];
    let mut of_rater = vec![0.0; raters];
    for visit in visits {
        let Some((person, rater)) = visit.place else { continue };
        of_person[person].push((rater, visit.information));
        of_rater[rater] += visit.information;
    }
    let hold = of_rater.iter().copied().fold(0.0, f64::max).max(1.0);
    let used = |rater: usize| of_rater[rater] > 0.0;
    let mut matrix = Symmetric::zero(raters);
    for (one, own) in of_rater.iter().enumerate() {
        // A rater without a visit is no parameter; the diagonal keeps the system whole.
        matrix.add(one, one, if *own > 0.0 { *own } else { hold });
        (0..=one).filter(|two| used(one) && used(*two)).for_each(|two| matrix.add(one, two, hold));
    }
    for own in &of_person {
        let all: f64 = own.iter().map(|(_, weight)| weight).sum();
        for (index, (one, weight)) in own.iter().enumerate() {
            for (place, (two, other)) in own[..=index].iter().enumerate() {
                // Two visits of one rater meet on the diagonal, once for each order.
                let times = if one == two && place != index { 2.0 } else { 1.0 };
                matrix.add(*one, *two, -times * weight * other / all);
            }
        }
    }
    let inverse = matrix.factor("raters")?.inverse();
    let mut sum = 0.0;
    for own in of_person.iter().filter(|own| !own.is_empty()) {
        let all: f64 = own.iter().map(|(_, weight)| weight).sum();
        // The mean of the person's raters, weighted, against each of them.
        let with = |rater: usize| -> f64 {
            own.iter().map(|(other, weight)| weight * inverse.get(*other, rater)).sum::<f64>() / all
        };
        let both: f64 = own.iter().map(|(rater, weight)| weight * with(*rater)).sum::<f64>() / all;
        for (rater, weight) in own {
            let spread = 1.0 / all + both + inverse.get(*rater, *rater) - 2.0 * with(*rater);
            sum += weight * weight * spread;
        }
    }
    let rated = of_person.iter().filter(|own| !own.is_empty()).count();
    Ok((sum, rated + (0..raters).filter(|rater| used(*rater)).count() - 1))
}
