//! Cohen's kappa: two raters, each with their own habit of using the categories.

use super::{Categories, Coefficient, Weights};
use crate::error::{at_least, at_most, level, same_length};
use crate::ratings::Ratings;
use crate::{Error, Interval, distribution};

/// Cohen's kappa of two raters, over the units that both rated.
///
/// Formula: κ = (p_o − p_e)/(1 − p_e), p_o = Σ w_kl p_kl, p_e = Σ w_kl p_k· p_·l; plain with
/// [`Weights::Identity`].
/// Standard error for κ ≠ 0, large samples: with w̄_k· = Σ_l p_·l w_kl and w̄_·l = Σ_k p_k· w_kl,
/// var = \[Σ p_kl (w_kl − (w̄_k· + w̄_·l)(1 − κ))² − (κ − p_e(1 − κ))²\] / (n(1 − p_e)²); the interval is
/// normal and cut at 1.
///
/// Assumes independent units. Edge cases: when both raters use one and the same category alone, p_e is
/// 1 and there is no kappa.
/// References: Cohen J (1960) Educ Psychol Meas 20:37–46; (1968) Psychol Bull 70:213–220; Fleiss JL,
/// Cohen J, Everitt BS (1969) Psychol Bull 72:323–327.
///
/// ```
/// use mizan_stats::agreement::{Categories, Weights, cohen};
/// use mizan_stats::ratings::Ratings;
/// let row = |one: f64, other: f64| vec![Some(one), Some(other)];
/// let ratings = Ratings::from_rows(&[row(0.0, 0.0), row(1.0, 1.0), row(0.0, 1.0), row(1.0, 1.0)])?;
/// let kappa = cohen::kappa(&ratings, &Categories::new(vec![0.0, 1.0])?, &Weights::Identity, 0.95)?;
/// assert_eq!((kappa.observed, kappa.expected, kappa.value), (0.75, 0.5, 0.5));
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] and [`Error::TooMany`] unless there are two raters, [`Error::NothingToCompare`],
/// [`Error::NotACategory`], [`Error::NoVariation`] when p_e is 1, and the faults of given weights.
pub fn kappa(
    ratings: &Ratings,
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    at_least("raters", ratings.raters(), 2)?;
    at_most("raters", ratings.raters(), 2)?;
    of_pair(ratings, (0, 1), categories, weights, confidence)
}

/// Cohen's kappa from a table: the row is the first rater's category, the column the second's. The
/// cells are counts or proportions; `units` is the number of units behind them.
///
/// # Errors
/// [`Error::Lengths`] unless the table is square of the categories' size, [`Error::OutOfRange`] for a
/// negative cell, else as [`kappa`].
pub fn kappa_of_table(
    table: &[Vec<f64>],
    units: usize,
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    let count = categories.count();
    same_length("rows of the table", count, table.len())?;
    let mut sum = 0.0;
    for row in table {
        same_length("cells of a row", count, row.len())?;
        for cell in row {
            sum += crate::error::not_negative("a cell", *cell)?;
        }
    }
    if units == 0 || sum <= 0.0 {
        return Err(Error::NothingToCompare);
    }
    let shares: Vec<Vec<f64>> =
        table.iter().map(|row| row.iter().map(|cell| cell / sum).collect()).collect();
    of_shares(&shares, units, &weights.matrix(categories)?, confidence)
}

/// Light's kappa: the mean of Cohen's kappa over all pairs of raters who share a unit.
///
/// Assumes that every pair tells the same; pairs without a shared unit do not enter.
/// Reference: Light RJ (1971) Measures of response agreement for qualitative data, Psychol Bull
/// 76:365–377.
///
/// # Errors
/// [`Error::NothingToCompare`], else as [`kappa`] for any of the pairs.
pub fn light(ratings: &Ratings, categories: &Categories, weights: &Weights) -> Result<f64, Error> {
    let mut kappas = Vec::new();
    for one in 0..ratings.raters() {
        for other in one + 1..ratings.raters() {
            match of_pair(ratings, (one, other), categories, weights, 0.95) {
                Ok(kappa) => kappas.push(kappa.value),
                Err(Error::NothingToCompare) => {}
                Err(error) => return Err(error),
            }
        }
    }
    if kappas.is_empty() {
        return Err(Error::NothingToCompare);
    }
    crate::sample::mean(&kappas)
}

fn of_pair(
    ratings: &Ratings,
    (one, other): (usize, usize),
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    let count = categories.count();
    let mut table = vec![vec![0.0; count]; count];
    let mut units = 0;
    for (unit, row) in ratings.by_unit().enumerate() {
        let by = |rater: usize| row.iter().find(|rating| rating.rater as usize == rater);
        let (Some(first), Some(second)) = (by(one), by(other)) else { continue };
        let first = categories.place_of(first.value, unit)?;
        table[first][categories.place_of(second.value, unit)?] += 1.0;
        units += 1;
    }
    kappa_of_table(&table, units, categories, weights, confidence)
}

fn of_shares(
    shares: &[Vec<f64>],
    units: usize,
    weights: &[Vec<f64>],
    confidence: f64,
) -> Result<Coefficient, Error> {
    let count = shares.len();
    let cells = || (0..count).flat_map(|row| (0..count).map(move |column| (row, column)));
    let rows: Vec<f64> = shares.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> =
        (0..count).map(|column| shares.iter().map(|row| row[column]).sum()).collect();
    let observed: f64 = cells().map(|(k, l)| weights[k][l] * shares[k][l]).sum();
    let expected: f64 = cells().map(|(k, l)| weights[k][l] * rows[k] * columns[l]).sum();
    if 1.0 - expected < 1e-12 {
        return Err(Error::NoVariation { what: "the ratings" });
    }
    let value = (observed - expected) / (1.0 - expected);
    let of_row = |k: usize| (0..count).map(|l| columns[l] * weights[k][l]).sum::<f64>();
    let of_column = |l: usize| (0..count).map(|k| rows[k] * weights[k][l]).sum::<f64>();
    let of_rows: Vec<f64> = (0..count).map(of_row).collect();
    let of_columns: Vec<f64> = (0..count).map(of_column).collect();
    let spread: f64 = cells()
        .map(|(k, l)| {
            let deviation = weights[k][l] - (of_rows[k] + of_columns[l]) * (1.0 - value);
            shares[k][l] * deviation * deviation
        })
        .sum();
    let variance = (spread - (value - expected * (1.0 - value)).powi(2)).max(0.0)
        / (units as f64 * (1.0 - expected).powi(2));
    let standard_error = variance.sqrt();
    let z = distribution::normal_quantile(0.5 + level(confidence)? / 2.0)?;
    let around = Interval::around(value, z * standard_error);
    let interval = Interval { high: around.high.min(1.0), ..around };
    Ok(Coefficient { value, observed, expected, standard_error, interval, units })
}
