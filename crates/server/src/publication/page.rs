//! A published scorecard as a page shows it: the words of its rubric, its versions, its centre's earlier
//! cycles, and until when it can be appealed against.

use mizan_domain::rubric::{Criterion, Pillar, Rubric};
use mizan_protocol::api::PublishedScorecard;
use mizan_protocol::id::{CentreId, CycleId, ScorecardId};
use mizan_protocol::record::TextJson;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PUBLISHED, Readable, published_of};
use crate::accounts::Caller;
use crate::appeals::{self, AppealWindow};
use crate::error::Error;
use crate::keys::Keys;
use crate::lists::{LevelRow, ScorecardRow, level_given, scorecard_of};
use crate::programme;
use crate::tx::{Tx, one, params};

/// A published scorecard with all that belongs beside it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScorecardPage {
    /// As it was published and signed.
    pub(crate) published: PublishedScorecard,
    /// The level given.
    pub(crate) level: Option<LevelRow>,
    /// The pillars of its rubric, with their criteria.
    pub(crate) pillars: Vec<PillarOutline>,
    /// Every version of the centre's scorecard in the cycle, the latest first.
    pub(crate) versions: Vec<ScorecardRow>,
    /// The last version of each cycle of the centre, the earliest first.
    pub(crate) trend: Vec<ScorecardRow>,
    /// Until when it can be appealed against.
    pub(crate) window: AppealWindow,
}

/// A pillar's words and weight.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PillarOutline {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: TextJson,
    /// Its weight of a hundred.
    pub(crate) weight: String,
    /// Its criteria.
    pub(crate) criteria: Vec<CriterionOutline>,
}

/// A criterion's words and weight.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CriterionOutline {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: TextJson,
    /// Its weight within the pillar.
    pub(crate) weight: String,
    /// Whether it is basic.
    pub(crate) basic: bool,
    /// Whether it is critical.
    pub(crate) critical: bool,
}

/// The page of a scorecard the caller may read.
pub(crate) fn page(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    id: ScorecardId,
    now: i64,
) -> Result<ScorecardPage, Error> {
    let (within, mut values) = Readable::by(caller)?.limit(2);
    values.insert(0, id.0.into());
    let row = one(tx, &format!("{PUBLISHED} WHERE s.id = $1 AND {within}"), &values)?;
    let published = published_of(keys, &row)?;
    let cycle = CycleId(row.id(4)?);
    let rubric = programme::rubric_of(tx, cycle, row.text(5)?)?.rubric(tx)?;
    let sql = "SELECT centre_id FROM scorecards WHERE id = $1";
    let centre = CentreId(one(tx, sql, params![id.0])?.id(0)?);
    let (versions, trend) = beside(tx, cycle, centre)?;
    let moderation = published
        .scorecard
        .publication
        .as_ref()
        .and_then(|publication| publication.moderation.as_ref());
    Ok(ScorecardPage {
        level: level_given(&published.scorecard, moderation, &rubric),
        pillars: outline(&rubric),
        versions,
        trend,
        window: appeals::window(tx, (cycle, centre), published.superseded, now)?,
        published,
    })
}

/// The versions of a centre's scorecard in a cycle, and the last of each of its cycles.
fn beside(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<(Vec<ScorecardRow>, Vec<ScorecardRow>), Error> {
    let sql = include_str!("../sql/replies/scorecards_of_centre.sql");
    let (mut versions, mut trend) = (Vec::new(), Vec::<(Uuid, ScorecardRow)>::new());
    for row in &tx.query(sql, params![centre.0])? {
        let of = row.id(3)?;
        if of == cycle.0 {
            versions.insert(0, scorecard_of(tx, row, false)?);
        }
        trend.retain(|(other, _)| *other != of);
        trend.push((of, scorecard_of(tx, row, false)?));
    }
    versions.iter_mut().skip(1).for_each(|version: &mut ScorecardRow| version.superseded = true);
    Ok((versions, trend.into_iter().map(|(_, row)| row).collect()))
}

fn outline(rubric: &Rubric) -> Vec<PillarOutline> {
    let criterion = |criterion: &Criterion| CriterionOutline {
        id: criterion.id.clone(),
        name: (&criterion.name).into(),
        weight: criterion.weight.to_decimal(),
        basic: criterion.basic,
        critical: criterion.critical.is_some(),
    };
    let pillar = |pillar: &Pillar| PillarOutline {
        id: pillar.id.clone(),
        name: (&pillar.name).into(),
        weight: pillar.weight.to_decimal(),
        criteria: pillar.criteria.iter().map(criterion).collect(),
    };
    rubric.pillars().iter().map(pillar).collect()
}
