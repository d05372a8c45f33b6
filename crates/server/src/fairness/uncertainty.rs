//! How sure are the centres' scores, and which cannot be told apart? The visit is the sampling unit.
//!
//! A score is a weighted mean of its unannounced and its scheduled visits. A visit varies about the mean of
//! its centre and kind; how much is pooled over all centres, because a centre has few visits, and from six
//! visits on a centre speaks for itself.

use std::collections::{BTreeMap, HashMap};

use mizan_domain::exact::Exact;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_protocol::id::{CentreId, CycleId};
use mizan_protocol::score::ScorecardJson;
use mizan_stats::uncertainty::visits::{BOOTSTRAP_FROM, SHRUNK_UP_TO, visit_variance};
use mizan_stats::uncertainty::{Estimate, bootstrap, groups, shrinkage};
use mizan_stats::{Interval, Resampling};
use uuid::Uuid;

use super::view::{BoundedJson, CentreUncertainty, Uncertainty};
use super::{CONFIDENCE, hundredths};
use crate::error::Error;
use crate::programme;
use crate::tx::{Tx, params};

/// With more centres the groups are no longer listed: the places that cannot be told apart say as much.
const GROUPED_UP_TO: usize = 200;
/// The same visits give the same interval.
const RESAMPLING: Resampling = Resampling { replicates: 2_000, seed: 1, confidence: CONFIDENCE };

/// A centre with a score.
struct Scored {
    id: CentreId,
    code: String,
    score: Exact,
    /// How much each kind of visit weighs in the score.
    weights: [f64; 2],
    /// The visits' own scores, by kind.
    visits: [Vec<f64>; 2],
}

/// How sure the scores of a model's centres are.
pub(crate) fn uncertainty(
    tx: &mut dyn Tx,
    cycle: CycleId,
    model: &str,
) -> Result<Uncertainty, Error> {
    crate::committee::comparison::check_model(model)?;
    let mut centres = read(tx, cycle, model)?;
    centres
        .sort_by(|one, other| other.score.cmp(&one.score).then_with(|| one.code.cmp(&other.code)));
    Ok(told(&centres))
}

fn read(tx: &mut dyn Tx, cycle: CycleId, model: &str) -> Result<Vec<Scored>, Error> {
    let rubric = programme::rubric_of(tx, cycle, model)?.rubric(tx)?;
    let mut visits: HashMap<Uuid, [Vec<f64>; 2]> = HashMap::new();
    let sql = include_str!("../sql/fairness/visit_scores.sql");
    for row in tx.query(sql, params![cycle.0, model])? {
        let unfit = Error::Column { column: 2, expected: "a decimal" };
        let score = Exact::from_decimal(row.text(2)?).map_err(|_| unfit)?.approximate();
        let place = usize::from(row.text(1)? == VisitKind::Scheduled.word());
        visits.entry(row.id(0)?).or_default()[place].push(score);
    }
    let mut centres = Vec::new();
    for row in tx.query(include_str!("../sql/fairness/results.sql"), params![cycle.0, model])? {
        let card: ScorecardJson = serde_json::from_str(row.text(4)?)?;
        let exact = card.exact.as_deref().map(Exact::from_fraction).transpose();
        let Ok(Some(score)) = exact else { continue };
        let visits = visits.remove(&row.id(0)?).unwrap_or_default();
        centres.push(Scored {
            id: CentreId(row.id(0)?),
            code: row.text(1)?.to_owned(),
            score,
            weights: weights(&rubric, &card, &visits),
            visits,
        });
    }
    Ok(centres)
}

/// How much each kind of visit weighs in a score: by the criteria that were scored, and the share of
/// unannounced visits where both judged them.
fn weights(rubric: &Rubric, card: &ScorecardJson, visits: &[Vec<f64>; 2]) -> [f64; 2] {
    let share = rubric.policy().unannounced_share.approximate();
    let (mut of_kind, mut all) = ([0.0, 0.0], 0.0);
    for (criterion, result) in rubric.criteria().zip(&card.criteria) {
        if result.exact.is_none() {
            continue;
        }
        let saw = |kind: VisitKind, place: usize| {
            criterion.is_judged_on(kind) && !visits[place].is_empty()
        };
        let weight = criterion.weight.approximate();
        let part = match (saw(VisitKind::Unannounced, 0), saw(VisitKind::Scheduled, 1)) {
            (true, true) => share,
            (true, false) => 1.0,
            (false, true) => 0.0,
            (false, false) => continue,
        };
        of_kind[0] += weight * part;
        of_kind[1] += weight * (1.0 - part);
        all += weight;
    }
    if all > 0.0 { of_kind.map(|weight| weight / all) } else { of_kind }
}

impl Scored {
    fn count(&self) -> usize {
        self.visits.iter().map(Vec::len).sum()
    }

    /// The score's error where a visit varies so much.
    fn error(&self, variance: f64) -> Option<f64> {
        let mut square = 0.0;
        for (weight, visits) in self.weights.iter().zip(&self.visits) {
            if *weight > 0.0 {
                square += weight * weight * variance / visits.len() as f64;
            }
        }
        (square.is_finite() && square > 0.0).then(|| square.sqrt())
    }

    /// The interval from the centre's own visits; none where there are too few, or none of a kind.
    fn own_interval(&self) -> Option<(Interval, f64)> {
        if self.count() < BOOTSTRAP_FROM {
            return None;
        }
        let all: Vec<(usize, f64)> = self
            .visits
            .iter()
            .enumerate()
            .flat_map(|(kind, visits)| visits.iter().map(move |visit| (kind, *visit)))
            .collect();
        let figure = |places: &[usize]| {
            let mut sum = 0.0;
            for (kind, weight) in self.weights.iter().enumerate().filter(|(_, it)| **it > 0.0) {
                let drawn = places.iter().map(|place| all[*place]).filter(|(of, _)| *of == kind);
                let drawn: Vec<f64> = drawn.map(|(_, visit)| visit).collect();
                if drawn.is_empty() {
                    return None;
                }
                sum += weight * drawn.iter().sum::<f64>() / drawn.len() as f64;
            }
            Some(sum)
        };
        let mean = figure(&(0..all.len()).collect::<Vec<_>>())?;
        let found = bootstrap::resample(all.len(), &RESAMPLING, figure).ok()?;
        // About the score itself, which appeals may have moved since.
        let by = self.score.approximate() - mean;
        let Interval { low, high } = found.interval;
        Some((Interval { low: low + by, high: high + by }, found.standard_error))
    }
}

fn told(centres: &[Scored]) -> Uncertainty {
    let by_kind: Vec<Vec<f64>> =
        centres.iter().flat_map(|centre| centre.visits.iter().cloned()).collect();
    let pooled = visit_variance(&by_kind).ok();
    let mut estimates: Vec<Option<Estimate>> = Vec::new();
    let mut rows = Vec::new();
    for centre in centres {
        let value = centre.score.approximate();
        let own = centre.own_interval();
        let estimate = match (&own, pooled) {
            (Some((_, error)), _) => Some(Estimate {
                value,
                standard_error: *error,
                degrees: Some((centre.count() - 1) as f64),
            }),
            (None, Some((variance, degrees))) => centre
                .error(variance)
                .map(|standard_error| Estimate { value, standard_error, degrees: Some(degrees) }),
            (None, None) => None,
        };
        let interval = own.map(|(interval, _)| interval);
        let interval = interval.or_else(|| estimate?.interval(CONFIDENCE).ok());
        // A score ends at both ends of its scale.
        let interval = interval.map(|it| it.within(0.0, 100.0));
        let method = if own.is_some() { "own_visits" } else { "pooled_visits" };
        rows.push(CentreUncertainty {
            centre: centre.id,
            code: centre.code.clone(),
            visits: u32::try_from(centre.count()).unwrap_or(u32::MAX),
            score: BoundedJson {
                value: hundredths(value),
                low: interval.map(|it| hundredths(it.low)),
                high: interval.map(|it| hundredths(it.high)),
            },
            method: interval.map(|_| method.to_owned()),
            shrunk: None,
            alike: None,
        });
        estimates.push(estimate);
    }
    shrink(centres, &estimates, &mut rows);
    tell_apart(&estimates, &mut rows);
    let groups = grouped(&estimates);
    let visit_deviation = pooled.map(|(variance, _)| hundredths(variance.sqrt()));
    Uncertainty { visit_deviation, centres: rows, groups }
}

/// The scores of few visits, drawn towards all others.
fn shrink(centres: &[Scored], estimates: &[Option<Estimate>], rows: &mut [CentreUncertainty]) {
    let known: BTreeMap<usize, Estimate> =
        estimates.iter().enumerate().filter_map(|(place, it)| Some((place, (*it)?))).collect();
    let values: Vec<f64> = known.values().map(|it| it.value).collect();
    let variances: Vec<f64> = known.values().map(|it| it.standard_error.powi(2)).collect();
    let Ok(shrunk) = shrinkage::empirical_bayes(&values, &variances, CONFIDENCE) else { return };
    for (place, shrunk) in known.keys().zip(shrunk) {
        if centres[*place].count() <= SHRUNK_UP_TO {
            rows[*place].shrunk = Some(hundredths(shrunk.value));
        }
    }
}

/// From the first to the last place that cannot be told from each.
fn tell_apart(estimates: &[Option<Estimate>], rows: &mut [CentreUncertainty]) {
    for (place, own) in estimates.iter().enumerate() {
        let Some(own) = own else { continue };
        let is_alike = |other: &Option<Estimate>| {
            let difference = other.and_then(|other| own.less(&other, CONFIDENCE).ok());
            difference.is_some_and(|it| it.interval.holds(0.0))
        };
        let first = estimates.iter().position(is_alike).unwrap_or(place);
        let last = estimates.iter().rposition(is_alike).unwrap_or(place);
        let at = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        rows[place].alike = Some([at(first), at(last)]);
    }
}

fn grouped(estimates: &[Option<Estimate>]) -> Option<Vec<Vec<u32>>> {
    let known: Vec<(u32, Estimate)> =
        (0..).zip(estimates).filter_map(|(place, it)| Some((place, (*it)?))).collect();
    if known.is_empty() || known.len() > GROUPED_UP_TO {
        return None;
    }
    let scores: Vec<Estimate> = known.iter().map(|(_, it)| *it).collect();
    let found = groups::groups(&scores, CONFIDENCE).ok()?;
    let places = |group: Vec<usize>| group.into_iter().map(|place| known[place].0).collect();
    Some(found.into_iter().map(places).collect())
}
