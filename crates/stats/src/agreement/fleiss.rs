//! The kappa of 1971 as it was published: a fixed number of ratings for each unit, a test against no
//! agreement, and figures by category.

use super::Categories;
use crate::ratings::Ratings;
use crate::{Error, error};

/// Kappa of a fixed number of ratings, with its test.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedRaters {
    /// Kappa over all categories.
    pub value: f64,
    /// The mean share of agreeing pairs.
    pub observed: f64,
    /// What chance gives.
    pub expected: f64,
    /// Kappa over its standard error, were there no agreement but by chance.
    pub z: f64,
    /// For each category that was used, kappa of that category against all others, and its z; `None`
    /// for one that nobody or everybody used.
    pub by_category: Vec<Option<(f64, f64)>>,
}

/// Fleiss' kappa with the same number m of ratings for each of n units.
///
/// Formula: p_k the share of category k, q_k = 1 − p_k; κ = (P̄ − P̄_e)/(1 − P̄_e), P̄_e = Σ p_k²;
/// κ_k = 1 − Σ_i x_ik(m − x_ik)/(n m (m − 1) p_k q_k).
/// Variances under chance alone: of κ 2/(n m (m − 1)) · ((Σ p_k q_k)² − Σ p_k q_k(q_k − p_k))/(Σ p_k q_k)²,
/// of κ_k 2/(n m (m − 1)). For an interval of κ itself use [`super::chance::fleiss`].
///
/// References: Fleiss JL (1971) Psychol Bull 76:378–382; Fleiss JL, Nee JCM, Landis JR (1979) Psychol
/// Bull 86:974–977.
///
/// # Errors
/// [`Error::Incomplete`] when units have different numbers of ratings, [`Error::NothingToCompare`],
/// [`Error::NotACategory`], [`Error::NoVariation`] when one category holds everything.
pub fn fixed_raters(ratings: &Ratings, categories: &Categories) -> Result<FixedRaters, Error> {
    error::at_least("units", ratings.units(), 1)?;
    let each = ratings.of_unit(0).len();
    if each < 2 {
        return Err(Error::NothingToCompare);
    }
    let mut shares = vec![0.0; categories.count()];
    let mut mixed = vec![0.0; categories.count()];
    let mut agreeing = 0.0;
    for (unit, row) in ratings.by_unit().enumerate() {
        if row.len() != each {
            return Err(Error::Incomplete { unit, rater: row.len().min(each) });
        }
        let mut counts = vec![0.0; categories.count()];
        for rating in row {
            counts[categories.place_of(rating.value, unit)?] += 1.0;
        }
        for (category, count) in counts.iter().enumerate() {
            shares[category] += count;
            mixed[category] += count * (each as f64 - count);
            agreeing += count * (count - 1.0);
        }
    }
    let pairs = (ratings.units() * each * (each - 1)) as f64;
    shares.iter_mut().for_each(|share| *share /= (ratings.units() * each) as f64);
    let observed = agreeing / pairs;
    let expected: f64 = shares.iter().map(|share| share * share).sum();
    let spread: f64 = shares.iter().map(|share| share * (1.0 - share)).sum();
    if spread < 1e-12 {
        return Err(Error::NoVariation { what: "the ratings" });
    }
    let skew: f64 = shares.iter().map(|p| p * (1.0 - p) * (1.0 - 2.0 * p)).sum();
    let variance = 2.0 / pairs * (spread * spread - skew) / (spread * spread);
    let value = (observed - expected) / (1.0 - expected);
    let of_category = |(share, mixed): (&f64, &f64)| {
        let spread = share * (1.0 - share);
        (spread > 1e-12).then(|| {
            let value = 1.0 - mixed / (pairs * spread);
            (value, value / (2.0 / pairs).sqrt())
        })
    };
    let by_category = shares.iter().zip(&mixed).map(of_category).collect();
    Ok(FixedRaters { value, observed, expected, z: value / variance.sqrt(), by_category })
}
