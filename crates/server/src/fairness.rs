//! How far the numbers of a cycle can be trusted: agreement, severity, likeness, uncertainty.
//!
//! Everything is reckoned anew from what counts when it is asked for, by [`mizan_stats`], and kept nowhere.
//! **Nothing here moves a score or a level**: adjusted scores stand beside the raw ones and inform.
//! Evaluators leave here under the pseudonym of the cycle; who plans visits is told who they are, as
//! everywhere.

mod agreement;
mod centres;
mod evaluators;
mod export;
mod likeness;
mod material;
pub(crate) mod uncertainty;
pub(crate) mod view;

use mizan_domain::exact::Exact;
use mizan_domain::second;
use mizan_protocol::id::{CycleId, PersonId};

use crate::accounts::Caller;
use crate::committee::comparison::check_model;
use crate::error::Error;
use crate::keys::Keys;
use crate::rights::{Action, may};
use crate::tx::Tx;
use evaluators::Estimation;
use material::Material;
use view::{DoubleScored, Fairness};

/// The level of every interval.
const CONFIDENCE: f64 = 0.95;
/// Of all that is pointed at by chance alone, this share at most.
const FALSE_ALARMS: f64 = 0.05;

/// A figure to two places: more it cannot carry.
fn hundredths(figure: f64) -> f64 {
    // Without the sign of a zero.
    (figure * 100.0).round() / 100.0 + 0.0
}

/// What evaluators are called.
struct Names {
    pseudonyms: Vec<String>,
    people: Option<Vec<PersonId>>,
}

impl Names {
    fn pseudonym(&self, evaluator: usize) -> String {
        self.pseudonyms[evaluator].clone()
    }

    fn person(&self, evaluator: usize) -> Option<PersonId> {
        self.people.as_ref().map(|people| people[evaluator])
    }
}

/// What was read for the figures; reckoning them needs no database.
pub(crate) struct Read {
    material: Material,
    names: Names,
}

/// Reads what the figures of a model are made from.
pub(crate) fn read(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    cycle: CycleId,
    model: &str,
) -> Result<Read, Error> {
    check_model(model)?;
    let material = material::read(tx, cycle, model)?;
    let pseudonym = |person: &uuid::Uuid| keys.pseudonym(cycle.0.as_bytes(), person.as_bytes());
    let people = || material.evaluators.iter().map(|person| PersonId(*person)).collect();
    let names = Names {
        pseudonyms: material.evaluators.iter().map(pseudonym).collect(),
        people: may(caller.role, Action::PlanVisits).then(people),
    };
    Ok(Read { material, names })
}

impl Read {
    /// The figures.
    pub(crate) fn fairness(&self) -> Result<Fairness, Error> {
        let Self { material, names } = self;
        let estimation = evaluators::estimate(material);
        let model = match &estimation {
            Estimation::Estimated(model) => Some(&**model),
            Estimation::Disconnected(_) | Estimation::TooFew | Estimation::Unsettled => None,
        };
        Ok(Fairness {
            model: material.model.clone(),
            rubric: material.named.clone(),
            evaluations: u32::try_from(material.visits.len()).unwrap_or(u32::MAX),
            criteria: agreement::criteria(material),
            severity: evaluators::severity(material, &estimation, names),
            centres: centres::adjusted(material, model)?,
            alike: likeness::pairs(material, model, names),
            straight: likeness::lines(material, model, names),
            tolerance: material.tolerance,
            pairs: double_scored(material, names),
        })
    }

    /// The ratings as a table.
    pub(crate) fn table(&self) -> Result<String, Error> {
        export::table(&self.material, &self.names)
    }
}

/// The visits that were scored twice, the furthest apart first.
fn double_scored(material: &Material, names: &Names) -> Vec<DoubleScored> {
    let mut pairs = Vec::new();
    for visit in &material.visits {
        let Some(second) = &visit.second else { continue };
        let compared =
            second::compare(&material.rubric, &visit.evaluation, second, material.tolerance);
        let beyond = compared.pairs.into_iter().filter(|pair| pair.is_beyond);
        let shown = |score: &Option<Exact>| score.as_ref().map(Exact::shown);
        let row = DoubleScored {
            evaluator: names.pseudonym(visit.evaluator),
            centre: material.centres[visit.centre].code.clone(),
            kind: visit.evaluation.kind.word().to_owned(),
            first: shown(&compared.first),
            second: shown(&compared.second),
            difference: shown(&compared.difference),
            is_beyond: compared.is_beyond,
            criteria: beyond.map(|pair| pair.criterion).collect(),
        };
        pairs.push((compared.difference, row));
    }
    pairs.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.centre.cmp(&b.centre)));
    pairs.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_two_places_and_no_negative_zero() {
        assert_eq!(hundredths(1.005_1), 1.01);
        assert!(hundredths(-0.001).is_sign_positive());
    }
}
