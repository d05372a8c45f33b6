//! Agreement of any number of raters, corrected for chance: AC1 and AC2, Fleiss, Conger,
//! Brennan–Prediger, and alpha with weights; missing values allowed.
//!
//! All share the observed agreement p_a and differ in what chance is held to give, p_e:
//! κ = (p_a − p_e)/(1 − p_e).
//!
//! With r_ik raters putting unit i in category k, r_i of them in all, weights w, n units with a rating
//! and n₂ with two: p_a = (1/n₂) Σ_i Σ_k r_ik(r*_ik − 1)/(r_i(r_i − 1)), r*_ik = Σ_l w_kl r_il.
//! Shares of the categories: π_k = (1/n) Σ_i r_ik/r_i.
//!
//! Standard errors treat the units as a simple random sample of very many and the raters as fixed: each
//! coefficient is written as the mean of one value for each unit, and the variance of that mean is
//! taken. Intervals use Student's t with n − 1 degrees of freedom and are cut at 1.
//! Units without a rating do not enter; a unit with one rating tells of the categories' shares alone.
//!
//! Reference: Gwet KL (2014) Handbook of Inter-Rater Reliability, 4th ed., chapters 2–5.
//! Tolerance against its tables: the digits printed.

use super::{Categories, Coefficient, Weights};
use crate::error::{at_least, level};
use crate::ratings::Ratings;
use crate::{Error, Interval, distribution};

/// Ratings counted by unit and category.
struct Counted<'a> {
    ratings: &'a Ratings,
    categories: &'a Categories,
    weights: Vec<Vec<f64>>,
    /// One row for each unit with a rating: its place in `ratings`, and the counts.
    units: Vec<(usize, Vec<f64>)>,
}

impl<'a> Counted<'a> {
    fn new(
        ratings: &'a Ratings,
        categories: &'a Categories,
        weights: &Weights,
    ) -> Result<Self, Error> {
        let mut units = Vec::new();
        for (unit, row) in ratings.by_unit().enumerate().filter(|(_, row)| !row.is_empty()) {
            let mut counts = vec![0.0; categories.count()];
            for rating in row {
                counts[categories.place_of(rating.value, unit)?] += 1.0;
            }
            units.push((unit, counts));
        }
        if !units.iter().any(|(unit, _)| ratings.of_unit(*unit).len() > 1) {
            return Err(Error::NothingToCompare);
        }
        Ok(Self { ratings, categories, weights: weights.matrix(categories)?, units })
    }

    fn total(&self, place: usize) -> f64 {
        self.ratings.of_unit(self.units[place].0).len() as f64
    }

    /// Σ_k r_ik(r*_ik − 1): the agreeing ordered pairs of a unit, weighted.
    fn agreeing(&self, place: usize) -> f64 {
        let counts = &self.units[place].1;
        let weighted = multiply(&self.weights, counts);
        counts.iter().zip(weighted).map(|(count, weighted)| count * (weighted - 1.0)).sum()
    }

    /// The observed agreement of each unit with two ratings or more.
    fn observed(&self) -> Vec<Option<f64>> {
        let of_unit = |place: usize| {
            let total = self.total(place);
            (total > 1.0).then(|| self.agreeing(place) / (total * (total - 1.0)))
        };
        (0..self.units.len()).map(of_unit).collect()
    }

    fn shares(&self) -> Vec<f64> {
        let mut shares = vec![0.0; self.categories.count()];
        for (place, (_, counts)) in self.units.iter().enumerate() {
            let total = self.total(place) * self.units.len() as f64;
            shares.iter_mut().zip(counts).for_each(|(share, count)| *share += count / total);
        }
        shares
    }

    /// Σ_k r_ik x_k / r_i for each unit.
    fn mean_of(&self, by_category: &[f64]) -> Vec<f64> {
        let of_unit = |place: usize| weigh(&self.units[place].1, by_category) / self.total(place);
        (0..self.units.len()).map(of_unit).collect()
    }

    /// The coefficient and its error from p_e and the value of p_e that each unit stands for.
    fn coefficient(
        &self,
        expected: f64,
        expected_by_unit: &[f64],
        confidence: f64,
    ) -> Result<Coefficient, Error> {
        let observed = self.observed();
        let compared = observed.iter().flatten().count() as f64;
        let agreement = observed.iter().flatten().sum::<f64>() / compared;
        if 1.0 - expected < 1e-12 {
            return Err(Error::NoVariation { what: "the ratings" });
        }
        let value = (agreement - expected) / (1.0 - expected);
        let stretch = self.units.len() as f64 / compared;
        let by_unit = observed.iter().zip(expected_by_unit).map(|(observed, of_unit)| {
            let own = observed.map_or(0.0, |observed| stretch * (observed - expected));
            (own - 2.0 * (1.0 - value) * (of_unit - expected)) / (1.0 - expected)
        });
        let by_unit: Vec<f64> = by_unit.collect();
        finished(value, agreement, expected, value, &by_unit, confidence)
    }
}

fn weigh(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn multiply(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| weigh(row, vector)).collect()
}

fn finished(
    value: f64,
    observed: f64,
    expected: f64,
    centre: f64,
    by_unit: &[f64],
    confidence: f64,
) -> Result<Coefficient, Error> {
    at_least("units with ratings", by_unit.len(), 2)?;
    let units = by_unit.len() as f64;
    let squares = crate::sample::squares_about(by_unit, centre);
    let standard_error = (squares / (units * (units - 1.0))).sqrt();
    let t = distribution::t_quantile(0.5 + level(confidence)? / 2.0, units - 1.0)?;
    let around = Interval::around(value, t * standard_error);
    let interval = Interval { high: around.high.min(1.0), ..around };
    Ok(Coefficient { value, observed, expected, standard_error, interval, units: by_unit.len() })
}

/// The observed agreement of raters with each other, uncorrected: the mean over units with two ratings
/// of the share of agreeing pairs of raters.
///
/// Assumes nothing. Domain: any number of raters. With [`Weights::Identity`] this is percent agreement.
///
/// ```
/// use mizan_stats::agreement::{Categories, Weights, chance};
/// use mizan_stats::ratings::Ratings;
/// let rows = [vec![Some(1.0), Some(1.0)], vec![Some(0.0), Some(1.0)]];
/// let ratings = Ratings::from_rows(&rows)?;
/// let categories = Categories::new(vec![0.0, 1.0])?;
/// assert_eq!(chance::observed(&ratings, &categories, &Weights::Identity)?, 0.5);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::NothingToCompare`], [`Error::NotACategory`], and the faults of given weights.
pub fn observed(
    ratings: &Ratings,
    categories: &Categories,
    weights: &Weights,
) -> Result<f64, Error> {
    let observed = Counted::new(ratings, categories, weights)?.observed();
    let compared = observed.iter().flatten().count() as f64;
    Ok(observed.iter().flatten().sum::<f64>() / compared)
}

/// Gwet's AC1 (with [`Weights::Identity`]) and AC2 (with any other weights).
///
/// Chance: p_e = T_w/(q(q − 1)) · Σ_k π_k(1 − π_k), T_w the sum of all weights, q categories. It is what
/// two raters would agree on if only hard units were rated at random, so that it stays low when nearly
/// everything is in one category, where kappa falls to nothing although all agree.
///
/// Edge cases: all ratings equal give 1 with error 0.
/// Reference: Gwet KL (2008) Computing inter-rater reliability and its variance in the presence of high
/// agreement, Br J Math Stat Psychol 61:29–48.
///
/// # Errors
/// [`Error::NothingToCompare`], [`Error::TooFew`] for a single unit, [`Error::NotACategory`],
/// [`Error::OutOfRange`] for a level outside (0, 1), and the faults of given weights.
pub fn gwet(
    ratings: &Ratings,
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    let counted = Counted::new(ratings, categories, weights)?;
    let count = categories.count() as f64;
    let sum: f64 = counted.weights.iter().flatten().sum();
    let scale = sum / (count * (count - 1.0));
    let shares = counted.shares();
    let other: Vec<f64> = shares.iter().map(|share| 1.0 - share).collect();
    let expected = scale * weigh(&shares, &other);
    let by_unit: Vec<f64> = counted.mean_of(&other).iter().map(|mean| scale * mean).collect();
    counted.coefficient(expected, &by_unit, confidence)
}

/// Fleiss' kappa, for any number of raters, weights and missing values.
///
/// Chance: p_e = Σ_kl w_kl π_k π_l. Without missing values and weights this is the kappa of 1971;
/// [`super::fleiss`] has its test against no agreement and its figures by category.
///
/// Edge cases: all ratings equal leave nothing to correct and are refused.
///
/// # Errors
/// [`Error::NoVariation`] when p_e is 1, else as [`gwet`].
pub fn fleiss(
    ratings: &Ratings,
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    let counted = Counted::new(ratings, categories, weights)?;
    let shares = counted.shares();
    let weighted = multiply(&counted.weights, &shares);
    let expected = weigh(&shares, &weighted);
    counted.coefficient(expected, &counted.mean_of(&weighted), confidence)
}

/// The coefficient of Brennan and Prediger: chance spreads evenly, p_e = T_w/q².
///
/// # Errors
/// As [`gwet`]. Reference: Brennan RL, Prediger DJ (1981) Coefficient kappa: some uses, misuses, and
/// alternatives, Educ Psychol Meas 41:687–699.
pub fn brennan_prediger(
    ratings: &Ratings,
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    let counted = Counted::new(ratings, categories, weights)?;
    let count = categories.count() as f64;
    let expected = counted.weights.iter().flatten().sum::<f64>() / (count * count);
    counted.coefficient(expected, &vec![expected; counted.units.len()], confidence)
}

/// Conger's kappa: Cohen's for any number of raters, who keep their own shares of the categories.
///
/// Chance: p_e = Σ_{g≠h} Σ_kl w_kl p_gk p_hl / (r(r − 1)) over the raters g, h, with p_gk the share of
/// category k among the units that g rated. With two raters and no missing value it is Cohen's kappa.
///
/// # Errors
/// [`Error::NoVariation`] when p_e is 1, [`Error::TooFew`] for raters without a rating, else as
/// [`gwet`]. Reference: Conger AJ (1980) Integration and generalization of kappas for multiple raters,
/// Psychol Bull 88:322–328.
pub fn conger(
    ratings: &Ratings,
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    let counted = Counted::new(ratings, categories, weights)?;
    let (raters, units) = (ratings.raters(), counted.units.len() as f64);
    let mut shares = vec![vec![0.0; categories.count()]; raters];
    for (unit, _) in &counted.units {
        for rating in ratings.of_unit(*unit) {
            shares[rating.rater as usize][categories.place_of(rating.value, *unit)?] += 1.0;
        }
    }
    let rated: Vec<f64> = shares.iter().map(|row| row.iter().sum()).collect();
    at_least("raters with a rating", rated.iter().filter(|rated| **rated > 0.0).count(), raters)?;
    for (row, rated) in shares.iter_mut().zip(&rated) {
        row.iter_mut().for_each(|share| *share /= rated);
    }
    let sum: Vec<f64> =
        (0..categories.count()).map(|k| shares.iter().map(|row| row[k]).sum()).collect();
    // For each rater, W times the shares of all the others.
    let others: Vec<Vec<f64>> = shares
        .iter()
        .map(|row| {
            let rest: Vec<f64> = sum.iter().zip(row).map(|(sum, own)| sum - own).collect();
            multiply(&counted.weights, &rest)
        })
        .collect();
    let pairs = (raters * (raters - 1)) as f64;
    let of_rater: Vec<f64> =
        shares.iter().zip(&others).map(|(own, rest)| weigh(own, rest)).collect();
    let expected = of_rater.iter().sum::<f64>() / pairs;
    let mut by_unit = vec![expected; counted.units.len()];
    for ((unit, _), value) in counted.units.iter().zip(&mut by_unit) {
        for rating in ratings.of_unit(*unit) {
            let rater = rating.rater as usize;
            let place = categories.place_of(rating.value, *unit)?;
            *value += units / rated[rater] * (others[rater][place] - of_rater[rater]) / pairs;
        }
    }
    counted.coefficient(expected, &by_unit, confidence)
}

/// Krippendorff's alpha with weights in place of a metric, and a standard error by linearization.
///
/// Only units with two ratings count; with r̄ their mean number of ratings and ε = 1/Σr_i:
/// p_a = (1 − ε)·(1/n) Σ_i Σ_k r_ik(r*_ik − 1)/(r̄(r_i − 1)) + ε, π_k = Σ_i r_ik/(n r̄),
/// p_e = Σ_kl w_kl π_k π_l. With identity weights it is the nominal alpha, with quadratic ones the
/// interval alpha; [`Weights::Ordinal`] is *not* the ordinal alpha.
///
/// # Errors
/// As [`fleiss`].
pub fn weighted_alpha(
    ratings: &Ratings,
    categories: &Categories,
    weights: &Weights,
    confidence: f64,
) -> Result<Coefficient, Error> {
    let mut counted = Counted::new(ratings, categories, weights)?;
    counted.units.retain(|(unit, _)| ratings.of_unit(*unit).len() > 1);
    let units = counted.units.len() as f64;
    let totals: Vec<f64> = (0..counted.units.len()).map(|place| counted.total(place)).collect();
    let all: f64 = totals.iter().sum();
    let (mean_total, correction) = (all / units, 1.0 / all);
    let mut shares = vec![0.0; categories.count()];
    for (_, counts) in &counted.units {
        shares.iter_mut().zip(counts).for_each(|(share, count)| *share += count / all);
    }
    let weighted = multiply(&counted.weights, &shares);
    let expected = weigh(&shares, &weighted);
    if 1.0 - expected < 1e-12 {
        return Err(Error::NoVariation { what: "the ratings" });
    }
    let of_unit = |place: usize| counted.agreeing(place) / (mean_total * (totals[place] - 1.0));
    let plain = (0..counted.units.len()).map(of_unit).sum::<f64>() / units;
    let observed = (1.0 - correction) * plain + correction;
    let uncorrected = (plain - expected) / (1.0 - expected);
    let linear = |place: usize| {
        let more = (totals[place] - mean_total) / mean_total;
        // The reference takes the corrected agreement here; the difference is of the order of ε.
        let agreement = of_unit(place) - observed * more;
        let chance = weigh(&counted.units[place].1, &weighted) / mean_total - expected * more;
        (agreement - expected - 2.0 * (1.0 - uncorrected) * (chance - expected)) / (1.0 - expected)
    };
    let by_unit: Vec<f64> = (0..counted.units.len()).map(linear).collect();
    let value = (observed - expected) / (1.0 - expected);
    finished(value, observed, expected, uncorrected, &by_unit, confidence)
}
