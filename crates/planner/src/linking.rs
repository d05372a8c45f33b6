//! How well a plan lets the severity of evaluators be compared, known before anybody has travelled.

use std::collections::{BTreeMap, BTreeSet};

use mizan_stats::Error;
use mizan_stats::facets::links::Links;

use crate::plan::Plan;
use crate::problem::Problem;

/// Steps of the power iteration for λ₂, and when it has settled.
const STEPS: usize = 2_000;
const SETTLED: f64 = 1e-12;

/// The links of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Linking {
    /// Evaluators that can be compared with each other, part by part; one part when all can.
    pub subsets: Vec<Vec<String>>,
    /// The algebraic connectivity: the second smallest eigenvalue of the design's Laplacian.
    pub lambda2: f64,
    /// What is predicted, if the design is one.
    pub predicted: Option<Predicted>,
    /// The smallest share of an evaluator's visits outside the home region.
    pub least_away: f64,
}

/// Predicted standard errors of a difference in severity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// Over all pairs of evaluators.
    pub mean: f64,
    /// Of the worst pair.
    pub worst: f64,
}

/// The links of a plan.
///
/// Formula: the covariance of severities is s²·L⁺, L = Σ over centres of (I − J/k) over the k evaluators
/// of a centre, s² the policy's variance of a visit; λ₂ is the inverse of the largest eigenvalue of L⁺,
/// found by power iteration. Assumes what [`Links::new`] assumes. Evaluators without visits are left out.
///
/// # Errors
/// [`Error::TooMany`] beyond 4,000 evaluators; [`Error::TooFew`] for a plan without visits.
pub fn linking(problem: &Problem, plan: &Plan) -> Result<Linking, Error> {
    let busy: BTreeSet<&str> = plan.visits.iter().map(|visit| visit.evaluator.as_str()).collect();
    let names: Vec<&str> = busy.into_iter().collect();
    let people: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let centres: BTreeSet<&str> = plan.visits.iter().map(|visit| visit.centre.as_str()).collect();
    let places: BTreeMap<&str, usize> =
        centres.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let visits: Vec<(usize, usize)> = plan
        .visits
        .iter()
        .map(|visit| (places[visit.centre.as_str()], people[visit.evaluator.as_str()]))
        .collect();
    let least_away = least_away(problem, plan);
    match Links::new(&visits, places.len(), names.len(), 1.0) {
        Ok(links) => {
            let covariance = covariance(&links, names.len())?;
            let predicted = predicted(&covariance, problem.policy.visit_variance);
            let subsets = vec![names.iter().map(|name| (*name).to_owned()).collect()];
            let lambda2 = largest(&covariance).map_or(0.0, |value| 1.0 / value);
            Ok(Linking { subsets, lambda2, predicted: Some(predicted), least_away })
        }
        Err(Error::Disconnected(parts)) => {
            let named = |part: &mizan_stats::Subset| {
                part.elements[1].iter().map(|place| names[*place].to_owned()).collect::<Vec<_>>()
            };
            let mut subsets: Vec<Vec<String>> = parts.iter().map(named).collect();
            subsets.retain(|part| !part.is_empty());
            Ok(Linking { subsets, lambda2: 0.0, predicted: None, least_away })
        }
        Err(error) => Err(error),
    }
}

/// L⁺ row by row, from the errors that are public: cov(i,j) = (e²(i) + e²(j) − d²(i,j)) / 2.
fn covariance(links: &Links, size: usize) -> Result<Vec<Vec<f64>>, Error> {
    let mut rows = vec![vec![0.0; size]; size];
    let own: Vec<f64> = (0..size).map(|one| links.error(one)).collect::<Result<_, _>>()?;
    for one in 0..size {
        for other in 0..=one {
            let apart = links.difference(one, other)?;
            let value = (own[one] * own[one] + own[other] * own[other] - apart * apart) / 2.0;
            rows[one][other] = value;
            rows[other][one] = value;
        }
    }
    Ok(rows)
}

fn predicted(covariance: &[Vec<f64>], variance: f64) -> Predicted {
    let (mut sum, mut count, mut worst) = (0.0, 0, 0.0_f64);
    for one in 0..covariance.len() {
        for other in 0..one {
            let apart =
                covariance[one][one] + covariance[other][other] - 2.0 * covariance[one][other];
            let error = (variance * apart.max(0.0)).sqrt();
            sum += error;
            count += 1;
            worst = worst.max(error);
        }
    }
    Predicted { mean: if count == 0 { 0.0 } else { sum / f64::from(count) }, worst }
}

/// The largest eigenvalue of a positive semidefinite matrix; none for a single evaluator.
fn largest(rows: &[Vec<f64>]) -> Option<f64> {
    // A start that is no eigenvector of anything regular.
    let mut vector: Vec<f64> =
        (0..rows.len()).map(|at| 1.0 + ((at * at + 3 * at) % 17) as f64).collect();
    let mut value = 0.0;
    for _ in 0..STEPS {
        let next: Vec<f64> =
            rows.iter().map(|row| row.iter().zip(&vector).map(|(a, b)| a * b).sum()).collect();
        let length = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        let before = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        let grown = length / before;
        if length <= 1e-300 {
            return None;
        }
        vector = next.iter().map(|x| x / length).collect();
        if (grown - value).abs() <= SETTLED * grown {
            return Some(grown);
        }
        value = grown;
    }
    Some(value)
}

fn least_away(problem: &Problem, plan: &Plan) -> f64 {
    let regions: BTreeMap<&str, &str> =
        problem.centres.iter().map(|centre| (centre.id.as_str(), centre.region.as_str())).collect();
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let homes: BTreeMap<&str, &str> =
        problem.evaluators.iter().map(|one| (one.id.as_str(), one.region.as_str())).collect();
    for visit in &plan.visits {
        let count = counts.entry(visit.evaluator.as_str()).or_default();
        count.1 += 1;
        count.0 +=
            u32::from(regions.get(visit.centre.as_str()) != homes.get(visit.evaluator.as_str()));
    }
    counts.values().map(|(away, all)| f64::from(*away) / f64::from(*all)).fold(1.0, f64::min)
}
