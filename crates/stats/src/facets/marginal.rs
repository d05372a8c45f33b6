//! The same model with the persons' abilities drawn from a normal distribution.
//!
//! Joint estimates carry a bias when each person has few ratings; marginal ones do not, and need no
//! rule for extreme persons. They answer another question, though: nothing is told of a single person
//! but the mean and deviation of what the ability may be.

use super::design::{Design, Facet, Origin, Scale};
use super::estimation::{Estimated, estimate};
use super::extremes::{Active, Use};
use crate::Error;

/// The nodes span ±8 logits, far beyond any plausible ability.
const REACH: f64 = 8.0;
const NODES: usize = 161;
/// Below this the nodes are too far apart to tell the abilities' variance from zero.
const LEAST_VARIANCE: f64 = 1e-3;
const ITERATIONS: usize = 2_000;
/// The change of any measure, and of the abilities' variance, at which the estimate counts as settled.
const SETTLED: f64 = 1e-6;

/// What the marginal likelihood gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Marginal {
    /// The measures of every facet but the first, in the order of the design; an element without a
    /// rating has none.
    pub measures: Vec<Vec<Option<f64>>>,
    /// The variance of the abilities, whose mean is 0.
    pub ability_variance: f64,
    /// Mean and deviation of each person's ability given the ratings; `None` without ratings.
    pub abilities: Vec<Option<(f64, f64)>>,
    /// −2·log-likelihood.
    pub deviance: f64,
    /// The variance of the abilities' means over that plus the mean of their variances.
    pub reliability: f64,
    /// How many rounds it took.
    pub iterations: usize,
}

impl Design {
    /// Marginal maximum likelihood with normal abilities of mean 0, by expectation and maximization.
    ///
    /// The first facet has to be centred (its mean is 0) and one other has to float.
    /// The integral over the ability is a sum over 161 nodes from −8 to 8 logits.
    ///
    /// Assumes normal abilities. Edge cases: a rater or item with an extreme score has no finite
    /// measure and is refused; extreme persons are no difficulty; abilities that do not vary are refused.
    /// Reference: Bock RD, Aitkin M (1981) Marginal maximum likelihood estimation of item parameters,
    /// Psychometrika 46:443–459. Tolerance against TAM 4.3: 0.001 logit.
    ///
    /// # Errors
    /// [`Error::OriginFixedTwice`] unless persons are centred and another facet floats;
    /// [`Error::OutOfRange`] for a scale of each person's own; [`Error::Extreme`],
    /// [`Error::NoVariation`] for abilities alike, [`Error::Singular`] for elements that cannot be told apart, [`Error::NotConverged`].
    pub fn measure_marginally(&self) -> Result<Marginal, Error> {
        crate::error::at_least("ratings", self.len(), 1)?;
        let persons = &self.facets[0];
        if persons.origin != Origin::Centred || !persons.anchors.is_empty() {
            return Err(Error::OriginFixedTwice);
        }
        if let Scale::Each { facet: 0 } | Scale::Groups { facet: 0, .. } = &self.scale {
            let allowed = "another than the persons', who are not estimated";
            return Err(Error::OutOfRange { what: "the facet of the scale", value: 0.0, allowed });
        }
        let situations = Situations::new(self);
        let nodes: Vec<f64> = (0..NODES)
            .map(|node| -REACH + 2.0 * REACH * node as f64 / (NODES - 1) as f64)
            .collect();
        let mut variance = 1.0;
        let mut logs: Option<Vec<Vec<f64>>> = None;
        let mut model: Option<Estimated> = None;
        for iteration in 1..=ITERATIONS {
            let expected = self.expect(&situations, &nodes, variance, logs.as_ref());
            let (active, next) = self.maximize(&situations, &nodes, &expected, model.as_ref())?;
            let next_variance = expected.second_moment;
            if next_variance.is_nan() || next_variance < LEAST_VARIANCE {
                return Err(Error::NoVariation { what: "the abilities" });
            }
            let change = model.as_ref().map_or(f64::INFINITY, |before| {
                let before = before.measures[1..].iter().flatten();
                let changes = before.zip(next.measures[1..].iter().flatten());
                let most = (next_variance - variance).abs();
                changes.map(|(before, now)| (before - now).abs()).fold(most, f64::max)
            });
            logs = Some(situations.logs(self, &nodes, &next));
            variance = next_variance;
            if change < SETTLED {
                let last = self.expect(&situations, &nodes, variance, logs.as_ref());
                return Ok(finish(&active, &next, &last, variance, iteration));
            }
            model = Some(next);
        }
        Err(Error::NotConverged { what: "marginal measures", iterations: ITERATIONS })
    }

    /// How likely each node is for each person, given the ratings and the measures so far.
    fn expect(
        &self,
        situations: &Situations,
        nodes: &[f64],
        variance: f64,
        of_situations: Option<&Vec<Vec<f64>>>,
    ) -> Expected {
        let density: Vec<f64> = nodes.iter().map(|node| -node * node / (2.0 * variance)).collect();
        let all: f64 = density.iter().map(|log| log.exp()).sum();
        let mut expected = Expected {
            counts: vec![vec![0.0; nodes.len()]; situations.different.len()],
            abilities: Vec::new(),
            second_moment: 0.0,
            log_likelihood: 0.0,
        };
        let mut rated = 0.0;
        for own in &situations.by_person {
            if own.is_empty() {
                expected.abilities.push(None);
                continue;
            }
            let mut logs = density.clone();
            if let Some(of_situation) = of_situations {
                for (situation, weight) in own {
                    let of_nodes = &of_situation[*situation];
                    logs.iter_mut()
                        .zip(of_nodes)
                        .for_each(|(log, of_node)| *log += weight * of_node);
                }
            }
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            logs.iter_mut().for_each(|log| *log = (*log - most).exp());
            let sum: f64 = logs.iter().sum();
            expected.log_likelihood += (sum / all).ln() + most;
            let posterior: Vec<f64> = logs.iter().map(|part| part / sum).collect();
            for (situation, weight) in own {
                let counts = &mut expected.counts[*situation];
                counts.iter_mut().zip(&posterior).for_each(|(count, p)| *count += weight * p);
            }
            let moment = |power: i32| -> f64 {
                posterior.iter().zip(nodes).map(|(p, node)| p * node.powi(power)).sum()
            };
            let (mean, second) = (moment(1), moment(2));
            expected.abilities.push(Some((mean, (second - mean * mean).max(0.0).sqrt())));
            expected.second_moment += second;
            rated += 1.0;
        }
        expected.second_moment /= rated;
        expected
    }

    /// The measures most likely for the expected counts: the joint model, nodes for persons.
    fn maximize(
        &self,
        situations: &Situations,
        nodes: &[f64],
        expected: &Expected,
        earlier: Option<&Estimated>,
    ) -> Result<(Active, Estimated), Error> {
        let anchors = nodes.iter().copied().enumerate().collect();
        let mut facets = self.facets.clone();
        facets[0] = Facet::floating(nodes.len()).anchored(anchors);
        let mut design = Design::new(facets, self.scale.clone())?;
        for ((elements, value), counts) in situations.different.iter().zip(&expected.counts) {
            let mut places: Vec<usize> = elements.iter().map(|place| *place as usize).collect();
            for (node, count) in counts.iter().enumerate().filter(|(_, count)| **count > 1e-12) {
                places[0] = node;
                design.rate_weighted(&places, *value, *count)?;
            }
        }
        let active = Active::new(&design)?;
        if let Some((facet, element)) = active.aside.first() {
            return Err(Error::Extreme { facet: *facet, element: *element });
        }
        let estimated = estimate(&design, &active, earlier)?;
        Ok((active, estimated))
    }
}

/// The different combinations of elements and value, persons aside.
struct Situations {
    different: Vec<(Vec<u32>, f64)>,
    by_person: Vec<Vec<(usize, f64)>>,
}

impl Situations {
    fn new(design: &Design) -> Self {
        let mut places = std::collections::BTreeMap::<(Vec<u32>, u64), usize>::new();
        let mut situations =
            Self { different: Vec::new(), by_person: vec![Vec::new(); design.facets[0].count] };
        for rating in 0..design.len() {
            let elements = design.elements(rating);
            let person = elements[0] as usize;
            let mut key = elements.to_vec();
            key[0] = 0;
            let value = design.values[rating];
            let next = situations.different.len();
            let place = *places.entry((key.clone(), value.to_bits())).or_insert(next);
            if place == next {
                situations.different.push((key, value));
            }
            situations.by_person[person].push((place, design.weights[rating]));
        }
        situations
    }

    /// The log-probability of each situation at each node.
    fn logs(&self, design: &Design, nodes: &[f64], model: &Estimated) -> Vec<Vec<f64>> {
        let of = |(elements, value): &(Vec<u32>, f64)| {
            let curve = &model.curves[design.group_of(elements)];
            let rank = curve.rank(*value);
            let others: f64 =
                (1..elements.len()).map(|f| model.measures[f][elements[f] as usize]).sum();
            let mut probabilities = Vec::new();
            let at = |node: &f64| {
                curve.at((node - others).exp(), &mut probabilities);
                probabilities[rank].max(1e-300).ln()
            };
            nodes.iter().map(at).collect()
        };
        self.different.iter().map(of).collect()
    }
}

struct Expected {
    counts: Vec<Vec<f64>>,
    abilities: Vec<Option<(f64, f64)>>,
    second_moment: f64,
    log_likelihood: f64,
}

fn finish(
    active: &Active,
    model: &Estimated,
    last: &Expected,
    ability_variance: f64,
    iterations: usize,
) -> Marginal {
    let known: Vec<(f64, f64)> = last.abilities.iter().flatten().copied().collect();
    let count = known.len() as f64;
    let mean = known.iter().map(|(mean, _)| mean).sum::<f64>() / count;
    let between =
        known.iter().map(|it| (it.0 - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let within = known.iter().map(|(_, deviation)| deviation * deviation).sum::<f64>() / count;
    let usable = |what: &Use| matches!(what, Use::Estimated | Use::Anchored);
    let of_facet = |(measures, uses): (&Vec<f64>, &Vec<Use>)| {
        measures.iter().zip(uses).map(|(measure, what)| usable(what).then_some(*measure)).collect()
    };
    Marginal {
        measures: model.measures.iter().zip(&active.uses).skip(1).map(of_facet).collect(),
        ability_variance,
        abilities: last.abilities.clone(),
        deviance: -2.0 * last.log_likelihood,
        reliability: between / (between + within),
        iterations,
    }
}
