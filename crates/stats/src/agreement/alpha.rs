//! Krippendorff's alpha, for any number of raters, four metrics and missing values.

use crate::error::{at_least, level};
use crate::random::{Random, Resampling};
use crate::ratings::Ratings;
use crate::{Error, Interval, sample};

/// How far two values are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// 0 for the same, else 1.
    Nominal,
    /// The square of the number of values ranked between, the two themselves half.
    Ordinal,
    /// (a − b)².
    Interval,
    /// ((a − b)/(a + b))², for values of one sign; 0 for two zeros.
    Ratio,
}

/// Alpha and what it was made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alpha {
    /// 1 for no disagreement, 0 for as much as chance gives; it can be negative.
    pub value: f64,
    /// The mean disagreement within units.
    pub observed: f64,
    /// The mean disagreement between any two values.
    pub expected: f64,
    /// Units with two values or more.
    pub units: usize,
    /// Values in those units.
    pub values: usize,
}

/// Krippendorff's alpha.
///
/// Formula: α = 1 − D_o/D_e. With m_u values in unit u, n in all units of two values or more, and δ the
/// metric: D_o = (1/n) Σ_u Σ_{i≠j in u} δ²/(m_u − 1), D_e = Σ_{i≠j} δ²/(n(n − 1)) over all values.
/// Units with one value do not count. The ordinal metric is the interval metric of mid-ranks, so that
/// both sums are closed forms and the time grows with the number of values alone; the ratio metric
/// takes the square of the number of different values besides.
///
/// Assumes nothing of the raters. Edge cases: values that never differ leave 0/0 and are refused.
/// Reference: Krippendorff K (2011) Computing Krippendorff's alpha-reliability,
/// <https://repository.upenn.edu/asc_papers/43>. Tolerance: 1e-9.
///
/// ```
/// use mizan_stats::{agreement::{Metric, alpha}, ratings::Ratings};
/// let row = |one: f64, other: f64| vec![Some(one), Some(other)];
/// let ratings = Ratings::from_rows(&[row(1.0, 1.0), row(2.0, 2.0), row(3.0, 3.0)])?;
/// assert_eq!(alpha::alpha(&ratings, Metric::Ordinal)?.value, 1.0);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::NothingToCompare`], [`Error::NoVariation`], [`Error::OutOfRange`] for a negative value
/// under the ratio metric.
pub fn alpha(ratings: &Ratings, metric: Metric) -> Result<Alpha, Error> {
    let pairable = Pairable::new(ratings, metric)?;
    let ones = vec![1.0; pairable.units()];
    let (observed, expected) = pairable.disagreements(&ones, &mut pairable.scratch());
    if expected <= 0.0 {
        return Err(Error::NoVariation { what: "the ratings" });
    }
    let value = 1.0 - observed / expected;
    let (units, values) = (pairable.units(), pairable.total as usize);
    Ok(Alpha { value, observed, expected, units, values })
}

/// An interval of alpha by drawing units with replacement, percentile method.
///
/// The unit is what is drawn, with all its values: values of one unit are not independent. The expected
/// disagreement is computed anew from each sample.
///
/// Assumes units drawn from many. Edge cases: a sample in which nothing differs has no alpha and does
/// not enter. Reference: Efron B, Tibshirani RJ (1993) An Introduction to the Bootstrap, chapter 13.
///
/// # Errors
/// As [`alpha`]; [`Error::TooFew`] for fewer than 20 samples or two units.
pub fn interval(
    ratings: &Ratings,
    metric: Metric,
    resampling: &Resampling,
) -> Result<Interval, Error> {
    let tail = (1.0 - level(resampling.confidence)?) / 2.0;
    at_least("bootstrap samples", resampling.replicates, 20)?;
    let pairable = Pairable::new(ratings, metric)?;
    at_least("units with two ratings", pairable.units(), 2)?;
    let mut random = Random::seeded(resampling.seed);
    let mut scratch = pairable.scratch();
    let mut weights = vec![0.0; pairable.units()];
    let mut alphas = Vec::with_capacity(resampling.replicates);
    for _ in 0..resampling.replicates {
        weights.fill(0.0);
        for _ in 0..weights.len() {
            weights[random.below(pairable.units())] += 1.0;
        }
        let (observed, expected) = pairable.disagreements(&weights, &mut scratch);
        if expected > 0.0 {
            alphas.push(1.0 - observed / expected);
        }
    }
    if alphas.is_empty() {
        return Err(Error::NoVariation { what: "the ratings" });
    }
    alphas.sort_by(f64::total_cmp);
    let at = |probability| sample::quantile_of_sorted(&alphas, probability);
    Ok(Interval { low: at(tail), high: at(1.0 - tail) })
}

/// The units with two values or more, each as counts of different values.
struct Pairable {
    metric: Metric,
    /// The different values, rising.
    values: Vec<f64>,
    /// Where each unit's counts begin; one more than there are units.
    starts: Vec<usize>,
    /// A value's place and how often the unit has it.
    counts: Vec<(u32, f64)>,
    /// How many values each unit has.
    totals: Vec<f64>,
    /// Σ_{i≠j} δ²/(m − 1) of each unit, where it does not depend on the other units.
    own: Vec<f64>,
    total: f64,
}

/// Room for the sums of one sample, kept between samples.
struct Scratch {
    marginals: Vec<f64>,
    positions: Vec<f64>,
}

impl Pairable {
    fn new(ratings: &Ratings, metric: Metric) -> Result<Self, Error> {
        let mut values: Vec<f64> = ratings
            .by_unit()
            .filter(|row| row.len() > 1)
            .flat_map(|row| row.iter().map(|rating| rating.value + 0.0))
            .collect();
        let total = values.len() as f64;
        values.sort_by(f64::total_cmp);
        values.dedup();
        let lowest = *values.first().ok_or(Error::NothingToCompare)?;
        if metric == Metric::Ratio && lowest < 0.0 {
            let allowed = "not negative under the ratio metric";
            return Err(Error::OutOfRange { what: "a value", value: lowest, allowed });
        }
        let mut pairable = Self {
            metric,
            values,
            starts: vec![0],
            counts: Vec::new(),
            totals: Vec::new(),
            own: Vec::new(),
            total,
        };
        ratings.by_unit().filter(|row| row.len() > 1).for_each(|row| pairable.push(row));
        Ok(pairable)
    }

    fn push(&mut self, row: &[crate::ratings::Rating]) {
        let place = |value: f64| self.values.partition_point(|seen| *seen < value + 0.0) as u32;
        let mut places: Vec<u32> = row.iter().map(|rating| place(rating.value)).collect();
        places.sort_unstable();
        let counts = places.chunk_by(|one, other| one == other);
        self.counts.extend(counts.map(|same| (same[0], same.len() as f64)));
        let counts = &self.counts[self.starts[self.totals.len()]..];
        let size = row.len() as f64;
        let sum = match self.metric {
            Metric::Nominal => size * size - counts.iter().map(|(_, n)| n * n).sum::<f64>(),
            Metric::Interval => twice_about(counts, &self.values, size),
            Metric::Ratio => pairs(counts, &self.values),
            Metric::Ordinal => 0.0,
        };
        self.own.push(sum / (size - 1.0));
        self.totals.push(size);
        self.starts.push(self.counts.len());
    }

    fn units(&self) -> usize {
        self.totals.len()
    }

    fn of_unit(&self, unit: usize) -> &[(u32, f64)] {
        &self.counts[self.starts[unit]..self.starts[unit + 1]]
    }

    fn scratch(&self) -> Scratch {
        let zeros = vec![0.0; self.values.len()];
        Scratch { marginals: zeros.clone(), positions: zeros }
    }

    /// D_o and D_e where each unit stands as often as its weight says.
    fn disagreements(&self, weights: &[f64], scratch: &mut Scratch) -> (f64, f64) {
        let Scratch { marginals, positions } = scratch;
        marginals.fill(0.0);
        let (mut total, mut within) = (0.0, 0.0);
        for (unit, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            total += weight * self.totals[unit];
            within += weight * self.own[unit];
            for (place, count) in self.of_unit(unit) {
                marginals[*place as usize] += weight * count;
            }
        }
        let all = || marginals.iter().enumerate().map(|(place, count)| (place as u32, *count));
        let between = match self.metric {
            Metric::Nominal => total * total - marginals.iter().map(|n| n * n).sum::<f64>(),
            Metric::Interval => twice_about(&all().collect::<Vec<_>>(), &self.values, total),
            Metric::Ratio => pairs(&all().collect::<Vec<_>>(), &self.values),
            Metric::Ordinal => {
                middle_ranks(marginals, positions);
                within = 0.0;
                for (unit, weight) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                    let size = self.totals[unit];
                    let sum = twice_about(self.of_unit(unit), positions, size);
                    within += weight * sum / (size - 1.0);
                }
                twice_about(&all().collect::<Vec<_>>(), positions, total)
            }
        };
        (within / total, between / (total * (total - 1.0)))
    }
}

/// Half of the values at a place lie under its rank, and all at lower places: the sum that the ordinal
/// metric squares is the difference of two such ranks.
fn middle_ranks(marginals: &[f64], positions: &mut [f64]) {
    let total: f64 = marginals.iter().sum();
    let mut below = 0.0;
    for (position, count) in positions.iter_mut().zip(marginals) {
        *position = below + count / 2.0 - total / 2.0;
        below += count;
    }
}

/// Σ_{i≠j} (x_i − x_j)² = 2n·Σ(x − x̄)², about the mean so that large values cost no digits.
fn twice_about(counts: &[(u32, f64)], positions: &[f64], total: f64) -> f64 {
    let sum: f64 = counts.iter().map(|(place, count)| count * positions[*place as usize]).sum();
    let mean = sum / total;
    let square = |(place, count): &(u32, f64)| count * (positions[*place as usize] - mean).powi(2);
    2.0 * total * counts.iter().map(square).sum::<f64>()
}

/// Σ_{i≠j} of the ratio metric, pair by pair.
fn pairs(counts: &[(u32, f64)], values: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (index, (one, first)) in counts.iter().enumerate() {
        let one = values[*one as usize];
        for (other, second) in &counts[index + 1..] {
            let other = values[*other as usize];
            sum += first * second * ((one - other) / (one + other)).powi(2);
        }
    }
    2.0 * sum
}
