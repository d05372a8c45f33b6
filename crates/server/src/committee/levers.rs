//! What would change a centre's level, told with pseudonyms.

use std::collections::HashMap;

use mizan_domain::exact::Exact;
use mizan_domain::levers::supposed::{self, Instead, NaChoice, Supposed};
use mizan_domain::levers::{self, Distance, Step, Steps};
use mizan_protocol::committee::NumberJson;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::{CentreId, CycleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::Error;
use crate::judgement::{self, unreadable};
use crate::keys::Keys;
use crate::tx::{Tx, params};

/// What would change a centre's level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LeversJson {
    /// As it is.
    pub(crate) now: SupposedJson,
    /// What is missing to the next better level; none at the best one, and without a level.
    pub(crate) next: Option<LevelDistance>,
    /// By how many points the score lies above the least of its level; none at the last level.
    pub(crate) reserve: Option<NumberJson>,
    /// The smallest sets of criteria that lift the level, improved by one step each.
    pub(crate) lifts: LeverSets,
    /// The smallest sets of criteria that drop it, lost by one step each.
    pub(crate) drops: LeverSets,
    /// What would come of the visits without each evaluator's.
    pub(crate) without: Vec<WithoutEvaluator>,
    /// How far the level hangs on the share of unannounced visits; none where it weighs nothing.
    pub(crate) shares: Option<ShareSensitivity>,
    /// The criteria that somebody held not applicable, and what would come of the other choice.
    pub(crate) not_applicable: Vec<NaChoiceJson>,
    /// Were all that everybody held not applicable worth nothing; none where there are none.
    pub(crate) all_zero: Option<SupposedJson>,
    /// Were they worth all.
    pub(crate) all_full: Option<SupposedJson>,
}

/// A score and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SupposedJson {
    /// The score.
    pub(crate) score: Option<NumberJson>,
    /// `level`, `no_score`, `insufficient_evidence` or `committee_decision`.
    pub(crate) outcome: String,
    /// The level's id.
    pub(crate) level: Option<String>,
}

/// What is missing to a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LevelDistance {
    /// The level's id.
    pub(crate) level: String,
    /// Points of the centre's score; 0 where it suffices.
    pub(crate) points: NumberJson,
    /// Pillars below the level's floor.
    pub(crate) pillars: Vec<PillarLack>,
    /// Confirmed critical criteria that bar it.
    pub(crate) critical: Vec<String>,
}

/// A pillar below a floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PillarLack {
    /// The pillar's id.
    pub(crate) id: String,
    /// The points it lacks.
    pub(crate) points: NumberJson,
}

/// The smallest sets of steps that do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LeverSets {
    /// The sets, all of one size; none where no set of single steps does it.
    pub(crate) sets: Vec<Vec<LeverStep>>,
    /// Whether these are all of that size.
    pub(crate) is_complete: bool,
}

/// A criterion moved by one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LeverStep {
    /// The criterion's id.
    pub(crate) criterion: String,
    /// Its score as it is, one decimal.
    pub(crate) from: String,
    /// Its score after the step.
    pub(crate) to: String,
}

/// The centre without one evaluator's visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct WithoutEvaluator {
    /// The evaluator's pseudonym in this cycle.
    pub(crate) evaluator: String,
    /// `unannounced` or `scheduled`.
    pub(crate) kind: String,
    /// What would come of the others.
    pub(crate) supposed: SupposedJson,
}

/// How far the level hangs on the share of unannounced visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ShareSensitivity {
    /// The share as it is, in percent.
    pub(crate) share: NumberJson,
    /// From this share on, in percent, the level is what it is.
    pub(crate) low: NumberJson,
    /// Up to this share.
    pub(crate) high: NumberJson,
    /// Were unannounced visits worth nothing.
    pub(crate) at_none: SupposedJson,
    /// Were scheduled visits worth nothing.
    pub(crate) at_all: SupposedJson,
}

/// A criterion that somebody held not applicable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct NaChoiceJson {
    /// The criterion's id.
    pub(crate) criterion: String,
    /// Whether another evaluator scored it.
    pub(crate) is_disputed: bool,
    /// What would come of the other choice.
    pub(crate) instead: Vec<InsteadJson>,
}

/// Another choice, and what would come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct InsteadJson {
    /// `zero`: it applied and was worth nothing; `full`: and was worth all; `left_out`: it did not apply.
    pub(crate) choice: String,
    /// What would come of it.
    pub(crate) supposed: SupposedJson,
}

impl From<Supposed> for SupposedJson {
    fn from(of: Supposed) -> Self {
        Self {
            score: of.score.as_ref().map(Into::into),
            outcome: of.outcome.word().to_owned(),
            level: of.outcome.level().map(str::to_owned),
        }
    }
}

impl From<Distance> for LevelDistance {
    fn from(of: Distance) -> Self {
        let lack =
            |(id, points): (String, Exact)| PillarLack { id, points: NumberJson::from(&points) };
        Self {
            level: of.level,
            points: (&of.points).into(),
            pillars: of.pillars.into_iter().map(lack).collect(),
            critical: of.critical,
        }
    }
}

impl From<Steps> for LeverSets {
    fn from(of: Steps) -> Self {
        let step = |Step { criterion, from, to }: Step| LeverStep {
            criterion,
            from: from.shown(),
            to: to.shown(),
        };
        let set = |set: Vec<Step>| set.into_iter().map(step).collect();
        Self { sets: of.sets.into_iter().map(set).collect(), is_complete: of.is_complete }
    }
}

impl From<NaChoice> for NaChoiceJson {
    fn from(of: NaChoice) -> Self {
        let instead = |(choice, supposed): (Instead, Supposed)| InsteadJson {
            choice: choice.word().to_owned(),
            supposed: supposed.into(),
        };
        Self {
            criterion: of.criterion,
            is_disputed: of.is_disputed,
            instead: of.instead.into_iter().map(instead).collect(),
        }
    }
}

/// What would change a centre's level.
pub(crate) fn levers(
    tx: &mut dyn Tx,
    keys: &Keys,
    cycle: CycleId,
    centre: CentreId,
) -> Result<LeversJson, Error> {
    let material = judgement::of_centre(tx, cycle, centre)?;
    let (rubric, evaluations) = (&*material.rubric, &material.evaluations);
    let confirmed = material.confirmed();
    let refuse = |faults: Vec<_>| unreadable(&faults);
    let found = levers::levers(rubric, evaluations, &confirmed).map_err(refuse)?;
    let without = supposed::without_each(rubric, evaluations, |left| material.confirmed_by(left));
    let without = without.map_err(refuse)?;
    let na = supposed::na_choices(rubric, evaluations, &confirmed).map_err(refuse)?;
    let is_undisputed = na.choices.iter().any(|choice| !choice.is_disputed);
    let shares = supposed::shares(rubric, &found.scorecard, &confirmed);
    let percent = |share: &Exact| NumberJson::from(&(share * &Exact::from(100)));
    let shares = shares.map(|of| ShareSensitivity {
        share: percent(&rubric.policy().unannounced_share),
        low: percent(&of.low),
        high: percent(&of.high),
        at_none: of.at_none.into(),
        at_all: of.at_all.into(),
    });
    let evaluators = evaluators(tx, keys, cycle, centre)?;
    let mut without: Vec<WithoutEvaluator> = without
        .into_iter()
        .filter_map(|(evaluation, supposed)| {
            let (evaluator, kind) = evaluators.get(&evaluation)?.clone();
            Some(WithoutEvaluator { evaluator, kind, supposed: supposed.into() })
        })
        .collect();
    // In an order that does not tell which was first.
    without.sort_by(|one, other| (&other.kind, &one.evaluator).cmp(&(&one.kind, &other.evaluator)));
    Ok(LeversJson {
        now: Supposed::from(found.scorecard).into(),
        next: found.next.map(Into::into),
        reserve: found.reserve.as_ref().map(Into::into),
        lifts: found.lifts.into(),
        drops: found.drops.into(),
        without,
        shares,
        not_applicable: na.choices.into_iter().map(Into::into).collect(),
        all_zero: is_undisputed.then(|| na.all_zero.into()),
        all_full: is_undisputed.then(|| na.all_full.into()),
    })
}

/// The pseudonym and the kind of visit behind each evaluation that counts.
fn evaluators(
    tx: &mut dyn Tx,
    keys: &Keys,
    cycle: CycleId,
    centre: CentreId,
) -> Result<HashMap<String, (String, String)>, Error> {
    let sql = include_str!("../sql/visits_that_count.sql");
    let mut found = HashMap::new();
    for row in tx.query(sql, params![cycle.0, centre.0])? {
        let (person, document): (Uuid, EvaluationDocument) =
            (row.id(0)?, serde_json::from_str(row.text(1)?)?);
        let pseudonym = keys.pseudonym(cycle.0.as_bytes(), person.as_bytes());
        found.insert(document.evaluation.to_string(), (pseudonym, document.visit_kind));
    }
    Ok(found)
}
