//! How well a visit plan links evaluators, known before anybody has travelled.

use crate::error::{at_least, at_most, not_negative};
use crate::linear::Symmetric;
use crate::{Error, Subset};

/// How exactly the severities of evaluators can be compared under a plan.
#[derive(Debug, Clone)]
pub struct Links {
    covariance: Symmetric,
}

impl Links {
    /// The links of a plan of visits, each a centre and an evaluator.
    ///
    /// Formula: the covariance of the severities is s²·L⁺ with L = Σ over centres of (I − J/k), k the
    /// visits of a centre, s² the variance of a visit (in the severity's unit, squared).
    /// Assumes that visits vary alike and independently, and that a centre does not change.
    /// Edge cases: a centre with one visit links nobody. Exact for the linear model; for the Rasch
    /// model it is what the visit component adds to the error of the model itself.
    ///
    /// ```
    /// use mizan_stats::facets::links::Links;
    /// let links = Links::new(&[(0, 0), (0, 1), (1, 0), (1, 1)], 2, 2, 1.0)?;
    /// // Two centres in common, each with two visits of variance 1: 1/√2 · √2.
    /// assert!((links.difference(0, 1)? - 1.0).abs() < 1e-12);
    /// # Ok::<(), mizan_stats::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Disconnected`] with the parts (centres, evaluators) where evaluators share no chain of
    /// centres; [`Error::Unknown`]; [`Error::OutOfRange`] for a negative variance; [`Error::TooFew`]
    /// without evaluators and [`Error::TooMany`] beyond 4,000.
    pub fn new(
        visits: &[(usize, usize)],
        centres: usize,
        evaluators: usize,
        visit_variance: f64,
    ) -> Result<Self, Error> {
        at_least("evaluators", evaluators, 1)?;
        at_most("evaluators", evaluators, 4_000)?;
        not_negative("the variance of a visit", visit_variance)?;
        let mut of_centre = vec![Vec::new(); centres];
        for (centre, evaluator) in visits {
            let unknown = |what, index, count| Err(Error::Unknown { what, index, count });
            if *centre >= centres {
                return unknown("centre", *centre, centres);
            }
            if *evaluator >= evaluators {
                return unknown("evaluator", *evaluator, evaluators);
            }
            of_centre[*centre].push(*evaluator);
        }
        connected(&of_centre, evaluators)?;
        let mut matrix = Symmetric::zero(evaluators);
        for own in &of_centre {
            let share = 1.0 / own.len().max(1) as f64;
            for (index, one) in own.iter().enumerate() {
                matrix.add(*one, *one, 1.0 - share);
                for other in &own[..index] {
                    // Both triangles are one: a pair of the same evaluator stands on the diagonal twice.
                    let amount = if one == other { -2.0 * share } else { -share };
                    matrix.add(*one, *other, amount);
                }
            }
        }
        // Held by J/n, the inverse is that of the pseudo-inverse plus J/n.
        let even = 1.0 / evaluators as f64;
        for one in 0..evaluators {
            (0..=one).for_each(|other| matrix.add(one, other, even));
        }
        let inverse = matrix.factor("evaluators")?.inverse();
        let mut covariance = Symmetric::zero(evaluators);
        for one in 0..evaluators {
            for other in 0..=one {
                covariance.add(one, other, visit_variance * (inverse.get(one, other) - even));
            }
        }
        Ok(Self { covariance })
    }

    /// The standard error of one evaluator's severity against the mean of all.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn error(&self, evaluator: usize) -> Result<f64, Error> {
        self.known(evaluator)?;
        Ok(self.covariance.get(evaluator, evaluator).max(0.0).sqrt())
    }

    /// The standard error of the difference of two evaluators.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn difference(&self, one: usize, other: usize) -> Result<f64, Error> {
        self.known(one)?;
        self.known(other)?;
        let at = |row, column| self.covariance.get(row, column);
        Ok((at(one, one) + at(other, other) - 2.0 * at(one, other)).max(0.0).sqrt())
    }

    /// The mean standard error of a difference over all pairs; 0 for a single evaluator.
    #[must_use]
    pub fn mean_difference(&self) -> f64 {
        let size = self.covariance.size();
        let pairs = (0..size).flat_map(|one| (0..one).map(move |other| (one, other)));
        let (sum, count) = pairs.fold((0.0, 0usize), |(sum, count), (one, other)| {
            (sum + self.difference(one, other).unwrap_or(0.0), count + 1)
        });
        sum / count.max(1) as f64
    }

    fn known(&self, evaluator: usize) -> Result<(), Error> {
        let count = self.covariance.size();
        if evaluator < count {
            Ok(())
        } else {
            Err(Error::Unknown { what: "evaluator", index: evaluator, count })
        }
    }
}

/// Refuses evaluators that no chain of shared centres links.
fn connected(of_centre: &[Vec<usize>], evaluators: usize) -> Result<(), Error> {
    let mut part: Vec<usize> = (0..evaluators).collect();
    let root = |part: &[usize], mut of: usize| {
        while part[of] != of {
            of = part[of];
        }
        of
    };
    for own in of_centre {
        for pair in own.windows(2) {
            let (one, other) = (root(&part, pair[0]), root(&part, pair[1]));
            part[one.max(other)] = one.min(other);
        }
    }
    let mut parts = std::collections::BTreeMap::<usize, Vec<Vec<usize>>>::new();
    for evaluator in 0..evaluators {
        let lists = parts.entry(root(&part, evaluator)).or_insert_with(|| vec![Vec::new(); 2]);
        lists[1].push(evaluator);
    }
    for (centre, own) in of_centre.iter().enumerate() {
        if let Some(lists) = own.first().and_then(|first| parts.get_mut(&root(&part, *first))) {
            lists[0].push(centre);
        }
    }
    if parts.len() < 2 {
        return Ok(());
    }
    Err(Error::Disconnected(parts.into_values().map(|elements| Subset { elements }).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_without_a_shared_centre_are_named() {
        let visits = [(0, 0), (0, 1), (1, 2), (1, 3), (2, 3)];
        let Err(Error::Disconnected(parts)) = Links::new(&visits, 3, 4, 1.0) else {
            panic!("two regions")
        };
        let elements: Vec<_> = parts.into_iter().map(|part| part.elements).collect();
        assert_eq!(elements, [vec![vec![0], vec![0, 1]], vec![vec![1, 2], vec![2, 3]]]);
    }

    #[test]
    fn more_links_make_differences_surer() {
        let thin: Vec<(usize, usize)> = (0..9).flat_map(|c| [(c, c), (c, c + 1)]).collect();
        let mut thick = thin.clone();
        thick.extend((0..9).map(|c| (c, (c + 5) % 10)));
        let error =
            |visits: &[(usize, usize)]| Links::new(visits, 9, 10, 0.25).unwrap().mean_difference();
        assert!(error(&thick) < 0.6 * error(&thin), "{} {}", error(&thick), error(&thin));
        // A chain of nine links: each adds the variance of two visits.
        let ends = Links::new(&thin, 9, 10, 0.25).unwrap().difference(0, 9).unwrap();
        assert!((ends - (9.0 * 2.0 * 0.25f64).sqrt()).abs() < 1e-9, "{ends}");
    }
}
