//! The categories of a rubric and how much credit two unlike ones are given.

use crate::Error;
use crate::error::{at_least, finite};

/// The categories of a scale, rising.
///
/// ```
/// use mizan_stats::agreement::Categories;
/// let categories = Categories::new(vec![0.0, 50.0, 100.0])?;
/// assert_eq!(categories.place(50.0), Some(1));
/// # Ok::<(), mizan_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Categories(Vec<f64>);

impl Categories {
    /// Categories in rising order.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer than two, [`Error::NotFinite`], [`Error::CategoriesUnordered`].
    pub fn new(values: Vec<f64>) -> Result<Self, Error> {
        at_least("categories", values.len(), 2)?;
        finite("category", &values)?;
        if values.windows(2).all(|pair| pair[0] < pair[1]) {
            Ok(Self(values))
        } else {
            Err(Error::CategoriesUnordered)
        }
    }

    /// The values, rising.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// How many there are: two at least.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The place of a value, if it is a category.
    #[must_use]
    pub fn place(&self, value: f64) -> Option<usize> {
        self.0.binary_search_by(|category| category.total_cmp(&(value + 0.0))).ok()
    }

    pub(crate) fn place_of(&self, value: f64, unit: usize) -> Result<usize, Error> {
        self.place(value).ok_or(Error::NotACategory { value, unit })
    }
}

/// How much two categories agree: 1 for the same, down to 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// 1 for the same category, else 0.
    Identity,
    /// 1 − |a − b|/(max − min), by the categories' values.
    Linear,
    /// 1 − (a − b)²/(max − min)², by the categories' values.
    Quadratic,
    /// 1 − C(d + 1, 2)/C(q, 2) for categories d places apart among q: Gwet's ordinal weights, which are
    /// not Krippendorff's ordinal metric.
    Ordinal,
    /// A symmetric matrix in the order of the categories, ones on its diagonal, all within 0 and 1.
    Given(Vec<Vec<f64>>),
}

impl Weights {
    /// Weights from disagreements: 1 − v/max v. The coefficient does not change when all disagreements
    /// are multiplied by a number.
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::OutOfRange`] for a negative one, [`Error::NoVariation`] when all
    /// are zero.
    pub fn from_disagreement(disagreement: &[Vec<f64>]) -> Result<Self, Error> {
        let mut most = 0.0f64;
        for row in disagreement {
            finite("disagreement", row)?;
            for value in row {
                most = most.max(crate::error::not_negative("a disagreement", *value)?);
            }
        }
        if most == 0.0 {
            return Err(Error::NoVariation { what: "disagreements" });
        }
        let row = |row: &Vec<f64>| row.iter().map(|value| 1.0 - value / most).collect();
        Ok(Self::Given(disagreement.iter().map(row).collect()))
    }

    /// The matrix of weights in the order of the categories.
    ///
    /// # Errors
    /// For given weights: [`Error::Lengths`] for another size, [`Error::OutOfRange`] for a weight
    /// outside 0–1, a diagonal that is not 1 or a matrix that is not symmetric.
    pub fn matrix(&self, categories: &Categories) -> Result<Vec<Vec<f64>>, Error> {
        if let Self::Given(given) = self {
            return checked(given, categories.count());
        }
        let values = categories.values();
        let span = values[values.len() - 1] - values[0];
        let pairs = |distance: usize| (distance * (distance + 1)) as f64;
        let weight = |one: usize, other: usize| match self {
            Self::Identity | Self::Given(_) => f64::from(u8::from(one == other)),
            Self::Linear => 1.0 - (values[one] - values[other]).abs() / span,
            Self::Quadratic => 1.0 - ((values[one] - values[other]) / span).powi(2),
            Self::Ordinal => 1.0 - pairs(one.abs_diff(other)) / pairs(values.len() - 1),
        };
        let row = |one| (0..values.len()).map(|other| weight(one, other)).collect();
        Ok((0..values.len()).map(row).collect())
    }
}

fn checked(given: &[Vec<f64>], count: usize) -> Result<Vec<Vec<f64>>, Error> {
    crate::error::same_length("rows of weights", count, given.len())?;
    for row in given {
        crate::error::same_length("weights of a row", count, row.len())?;
    }
    for (one, row) in given.iter().enumerate() {
        for (other, weight) in row.iter().enumerate() {
            let refuse =
                |allowed| Err(Error::OutOfRange { what: "a weight", value: *weight, allowed });
            if !(0.0..=1.0).contains(weight) {
                return refuse("between 0 and 1");
            }
            if one == other && *weight != 1.0 {
                return refuse("1 for the same category");
            }
            if (weight - given[other][one]).abs() > 1e-12 {
                return refuse("the same both ways");
            }
        }
    }
    Ok(given.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_one_on_the_diagonal_and_fall_with_distance() {
        let categories = Categories::new(vec![1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        for (weights, neighbour, far) in [
            (Weights::Identity, 0.0, 0.0),
            (Weights::Linear, 0.75, 0.0),
            (Weights::Quadratic, 0.9375, 0.0),
            (Weights::Ordinal, 0.9, 0.0),
        ] {
            let matrix = weights.matrix(&categories).unwrap();
            assert_eq!(
                (matrix[2][2], matrix[1][2], matrix[0][4]),
                (1.0, neighbour, far),
                "{weights:?}"
            );
        }
    }

    #[test]
    fn weights_that_are_none_are_refused() {
        let categories = Categories::new(vec![0.0, 1.0]).unwrap();
        let check = |rows: [[f64; 2]; 2]| {
            Weights::Given(rows.iter().map(|row| row.to_vec()).collect())
                .matrix(&categories)
                .is_ok()
        };
        assert!(check([[1.0, 0.3], [0.3, 1.0]]));
        assert!(!check([[0.9, 0.3], [0.3, 1.0]]), "the diagonal is 1");
        assert!(!check([[1.0, 0.2], [0.3, 1.0]]), "both ways alike");
        assert!(!check([[1.0, -0.2], [-0.2, 1.0]]), "none is negative");
        assert!(!check([[1.0, f64::NAN], [f64::NAN, 1.0]]));
        assert!(Categories::new(vec![1.0, 1.0]).is_err());
    }
}
