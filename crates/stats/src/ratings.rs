//! Who gave what to which unit: the table that measures of agreement read.

use crate::Error;

/// The largest number of raters or units: places are kept in 32 bits.
const MOST: usize = u32::MAX as usize;

/// One value that a rater gave to a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// Who gave it.
    pub rater: u32,
    /// What was given.
    pub value: f64,
}

/// Values by unit and rater, at most one of each pair; a missing value is left out.
///
/// ```
/// use mizan_stats::ratings::Ratings;
/// let ratings = Ratings::from_rows(&[vec![Some(1.0), Some(2.0)], vec![None, Some(2.0)]])?;
/// assert_eq!((ratings.units(), ratings.raters(), ratings.len()), (2, 2, 3));
/// # Ok::<(), mizan_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ratings {
    raters: usize,
    starts: Vec<usize>,
    ratings: Vec<Rating>,
}

impl Ratings {
    /// A table of `units` × `raters` from single values in any order.
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::Unknown`] for a unit or rater beyond the table,
    /// [`Error::RatedTwice`], [`Error::TooMany`] from 2³² raters on.
    pub fn new(units: usize, raters: usize, values: &[(usize, usize, f64)]) -> Result<Self, Error> {
        crate::error::at_most("raters", raters, MOST)?;
        let mut starts = vec![0; units + 1];
        for (index, (unit, rater, value)) in values.iter().enumerate() {
            if !value.is_finite() {
                return Err(Error::NotFinite { what: "value", index });
            }
            if *unit >= units {
                return Err(Error::Unknown { what: "unit", index: *unit, count: units });
            }
            if *rater >= raters {
                return Err(Error::Unknown { what: "rater", index: *rater, count: raters });
            }
            starts[unit + 1] += 1;
        }
        (0..units).for_each(|unit| starts[unit + 1] += starts[unit]);
        let mut next = starts.clone();
        let mut ratings = vec![Rating { rater: 0, value: 0.0 }; values.len()];
        for (unit, rater, value) in values {
            ratings[next[*unit]] = Rating { rater: *rater as u32, value: *value };
            next[*unit] += 1;
        }
        for unit in 0..units {
            let row = &mut ratings[starts[unit]..starts[unit + 1]];
            row.sort_by_key(|rating| rating.rater);
            if let Some(pair) = row.windows(2).find(|pair| pair[0].rater == pair[1].rater) {
                return Err(Error::RatedTwice { unit, rater: pair[0].rater as usize });
            }
        }
        Ok(Self { raters, starts, ratings })
    }

    /// A table from one row for each unit, one cell for each rater.
    ///
    /// # Errors
    /// [`Error::Lengths`] when rows differ in length, else as [`Ratings::new`].
    pub fn from_rows(rows: &[Vec<Option<f64>>]) -> Result<Self, Error> {
        let raters = rows.first().map_or(0, Vec::len);
        let mut values = Vec::new();
        for (unit, row) in rows.iter().enumerate() {
            crate::error::same_length("cells of a row", raters, row.len())?;
            values.extend(
                row.iter().enumerate().filter_map(|(rater, cell)| Some((unit, rater, (*cell)?))),
            );
        }
        Self::new(rows.len(), raters, &values)
    }

    /// How many units there are, rated or not.
    #[must_use]
    pub fn units(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many raters there are.
    #[must_use]
    pub fn raters(&self) -> usize {
        self.raters
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ratings.len()
    }

    /// Whether there is no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ratings.is_empty()
    }

    /// The values of one unit, by rater.
    #[must_use]
    pub fn of_unit(&self, unit: usize) -> &[Rating] {
        &self.ratings[self.starts[unit]..self.starts[unit + 1]]
    }

    /// The values of each unit in turn.
    pub fn by_unit(&self) -> impl Iterator<Item = &[Rating]> {
        (0..self.units()).map(|unit| self.of_unit(unit))
    }

    /// The values seen, rising, each once.
    #[must_use]
    pub fn values_seen(&self) -> Vec<f64> {
        let mut seen: Vec<f64> = self.ratings.iter().map(|rating| rating.value + 0.0).collect();
        seen.sort_by(f64::total_cmp);
        seen.dedup();
        seen
    }
}
