//! Raw against adjusted scores: what average evaluators would have given. Adjusted scores inform.
//!
//! An answer keeps what was seen on its visit and loses what the model lays to its evaluator alone. The
//! outcome that would follow is decided by the same rules as any other, on scores to three places.

use mizan_domain::exact::Exact;
use mizan_domain::rubric::VisitKind;
use mizan_domain::scoring::from_criteria;
use mizan_protocol::score::ScorecardJson;

use super::evaluators::Model;
use super::hundredths;
use super::material::{Centre, Material, Visit};
use super::view::AdjustedCentre;
use crate::committee::likeness::criteria;
use crate::error::Error;

/// Every centre's raw and adjusted score, the largest difference first; without a model raw alone.
pub(super) fn adjusted(
    material: &Material,
    model: Option<&Model<'_>>,
) -> Result<Vec<AdjustedCentre>, Error> {
    let mut visits: Vec<Vec<&Visit>> = vec![Vec::new(); material.centres.len()];
    material.visits.iter().for_each(|visit| visits[visit.centre].push(visit));
    let mut found = Vec::with_capacity(material.centres.len());
    for (centre, visits) in material.centres.iter().zip(&visits) {
        let mut row = raw(centre);
        if let Some(model) = model.filter(|_| centre.card.exact.is_some()) {
            adjust(material, model, centre, visits, &mut row)?;
        }
        found.push(row);
    }
    let size = |row: &AdjustedCentre| row.difference.map_or(-1.0, f64::abs);
    found.sort_by(|one, other| {
        let differing = other.would_differ.cmp(&one.would_differ);
        differing.then(size(other).total_cmp(&size(one))).then_with(|| one.code.cmp(&other.code))
    });
    Ok(found)
}

fn raw(centre: &Centre) -> AdjustedCentre {
    let ScorecardJson { score, outcome, level, .. } = &centre.card;
    AdjustedCentre {
        centre: centre.id,
        code: centre.code.clone(),
        name: centre.name.clone(),
        raw: score.clone(),
        outcome: outcome.clone(),
        level: level.clone(),
        adjusted: None,
        difference: None,
        adjusted_outcome: None,
        adjusted_level: None,
        would_differ: false,
    }
}

fn adjust(
    material: &Material,
    model: &Model<'_>,
    centre: &Centre,
    visits: &[&Visit],
    row: &mut AdjustedCentre,
) -> Result<(), Error> {
    let mut results = criteria(&centre.card)?;
    for (place, result) in results.iter_mut().enumerate() {
        if let Some(score) = &result.score {
            let more = correction(material, model, visits, place);
            result.score = Some(moved(score, more));
        }
    }
    let hits = centre.card.critical.iter().filter(|hit| hit.confirmed);
    let confirmed: Vec<String> = hits.map(|hit| hit.criterion.clone()).collect();
    let card = from_criteria(&material.rubric, results, &confirmed);
    let before = centre.card.exact.as_deref().and_then(|text| Exact::from_fraction(text).ok());
    let difference = before.zip(card.score.as_ref()).map(|(before, after)| after - &before);
    row.adjusted = card.score.as_ref().map(Exact::shown);
    row.difference = difference.map(|it| hundredths(it.approximate()));
    row.adjusted_outcome = Some(card.outcome.word().to_owned());
    row.adjusted_level = card.outcome.level().map(str::to_owned);
    row.would_differ =
        row.adjusted_outcome.as_deref() != Some(&row.outcome) || row.adjusted_level != row.level;
    Ok(())
}

/// What average evaluators would have given more to a criterion of a centre, its kinds of visits weighed
/// as in its score.
fn correction(material: &Material, model: &Model<'_>, visits: &[&Visit], place: usize) -> f64 {
    let mean = |kind: VisitKind| {
        let of_kind = visits.iter().filter(|visit| visit.evaluation.kind == kind);
        let scored = of_kind.filter(|visit| visit.worth[place].is_some());
        let more: Vec<f64> = scored.filter_map(|visit| model.correction(visit, place)).collect();
        (!more.is_empty()).then(|| more.iter().sum::<f64>() / more.len() as f64)
    };
    let share = material.rubric.policy().unannounced_share.approximate();
    match (mean(VisitKind::Unannounced), mean(VisitKind::Scheduled)) {
        (Some(u), Some(s)) => share * u + (1.0 - share) * s,
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => 0.0,
    }
}

/// A score moved by some points, within 0 and 100.
fn moved(score: &Exact, more: f64) -> Exact {
    let thousandths = (more * 1000.0).round() as i64;
    let more = Exact::ratio(thousandths, 1000).unwrap_or_else(Exact::zero);
    (score + &more).clamp(Exact::zero(), Exact::from(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_moves_by_thousandths_and_stays_on_the_scale() {
        let score = Exact::from(99);
        assert_eq!(moved(&score, 0.1234), Exact::ratio(99_123, 1000).unwrap());
        assert_eq!(moved(&score, 5.0), Exact::from(100));
        assert_eq!(moved(&score, -200.0), Exact::zero());
    }
}
