//! Which criteria carry the satisfaction: how a regression's explained variance divides among its
//! predictors.

use crate::Error;
use crate::error::{at_least, at_most, finite, same_length};
use crate::linear::Symmetric;

/// All subsets of more predictors than these are too many.
const MOST: usize = 20;

/// How the explained variance divides.
#[derive(Debug, Clone, PartialEq)]
pub struct Importance {
    /// The share of the outcome's variance that all predictors explain together.
    pub r_squared: f64,
    /// Each predictor's part of it; they sum to `r_squared` and none is negative.
    pub parts: Vec<f64>,
}

/// The LMG division, which is Shapley's value of each predictor.
///
/// Formula: a predictor's part is the mean over all orders of entry of the R² it adds when it enters:
/// Σ_S |S|!(p − |S| − 1)!/p! · (R²(S ∪ j) − R²(S)) over the sets S of the others.
/// Correlated predictors share what they explain together, where a coefficient would give it to one.
/// Importance is not effect: the data tell of centres as they are, not of what a change would bring.
///
/// Assumes a linear relation. Domain: up to 20 predictors, more observations than predictors and one.
/// Edge cases: an outcome that does not vary is refused, and so are predictors of which one follows from
/// the others. References: Lindeman RH, Merenda PF, Gold RZ (1980) Introduction to Bivariate and
/// Multivariate Analysis; Grömping U (2006) J Stat Softw 17(1). Tolerance: 1e-8.
///
/// ```
/// use mizan_stats::drivers;
/// let outcome = [1.0, 2.0, 3.0, 4.5];
/// let importance = drivers::importance(&outcome, &[vec![1.0, 2.0, 3.0, 4.0]])?;
/// assert!((importance.parts[0] - importance.r_squared).abs() < 1e-12);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`], [`Error::TooMany`], [`Error::Lengths`], [`Error::NotFinite`],
/// [`Error::NoVariation`] for an outcome or a predictor that does not vary, [`Error::Singular`] for
/// predictors that follow from each other.
pub fn importance(outcome: &[f64], predictors: &[Vec<f64>]) -> Result<Importance, Error> {
    at_least("predictors", predictors.len(), 1)?;
    at_most("predictors", predictors.len(), MOST)?;
    at_least("observations", outcome.len(), predictors.len() + 2)?;
    for predictor in predictors {
        same_length("values of a predictor", outcome.len(), predictor.len())?;
    }
    let outcome = standardized("the outcome", outcome)?;
    let columns: Vec<Vec<f64>> = predictors
        .iter()
        .map(|predictor| standardized("a predictor", predictor))
        .collect::<Result<_, _>>()?;
    let count = columns.len();
    // Correlations of the predictors with each other and, last, with the outcome.
    let mut table = vec![vec![0.0; count + 1]; count + 1];
    let product = |one: &[f64], two: &[f64]| one.iter().zip(two).map(|(a, b)| a * b).sum::<f64>();
    let mut correlations = Symmetric::zero(count);
    for row in 0..count {
        for column in 0..=row {
            let value = product(&columns[row], &columns[column]);
            correlations.add(row, column, value);
            table[row][column] = value;
            table[column][row] = value;
        }
        let value = product(&columns[row], &outcome);
        (table[row][count], table[count][row]) = (value, value);
    }
    table[count][count] = 1.0;
    correlations.factor("predictors")?;
    let mut explained = vec![0.0; 1 << count];
    sweep_all(&table, 0, 0, &mut explained);
    let weights = weights(count);
    let part = |own: usize| {
        let sets = (0..explained.len()).filter(|set| set >> own & 1 == 0);
        let added = |set: usize| explained[set | 1 << own] - explained[set];
        sets.map(|set| weights[set.count_ones() as usize] * added(set)).sum::<f64>().max(0.0)
    };
    let parts = (0..count).map(part).collect();
    Ok(Importance { r_squared: explained[explained.len() - 1], parts })
}

/// Mean 0 and squares that sum to 1.
fn standardized(what: &'static str, values: &[f64]) -> Result<Vec<f64>, Error> {
    finite(what, values)?;
    let mean = crate::sample::mean(values)?;
    let squares = crate::sample::squares_about(values, mean);
    let size = values.iter().map(|value| value * value).sum::<f64>();
    if squares <= 1e-24 * size || squares == 0.0 {
        return Err(Error::NoVariation { what });
    }
    Ok(values.iter().map(|value| (value - mean) / squares.sqrt()).collect())
}

/// R² of every set of predictors: each set is one sweep away from the set without its last.
fn sweep_all(table: &[Vec<f64>], first: usize, set: usize, explained: &mut [f64]) {
    let outcome = table.len() - 1;
    explained[set] = 1.0 - table[outcome][outcome];
    for pivot in first..outcome {
        sweep_all(&swept(table, pivot), pivot + 1, set | 1 << pivot, explained);
    }
}

/// Takes one predictor in: what is left of the others and of the outcome once it is accounted for.
fn swept(table: &[Vec<f64>], pivot: usize) -> Vec<Vec<f64>> {
    let line = &table[pivot];
    let rest = |row: &Vec<f64>| {
        let factor = row[pivot] / line[pivot];
        row.iter().zip(line).map(|(cell, of_line)| cell - factor * of_line).collect()
    };
    let mut next: Vec<Vec<f64>> = table.iter().map(rest).collect();
    next[pivot].fill(0.0);
    next
}

/// |S|!(p − |S| − 1)!/p! for each size of S.
fn weights(count: usize) -> Vec<f64> {
    let mut weights = vec![1.0 / count as f64];
    for size in 1..count {
        weights.push(weights[size - 1] * size as f64 / (count - size) as f64);
    }
    weights
}
