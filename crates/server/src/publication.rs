//! Publication: scorecards frozen, signed, and copied into the centres' own streams. What is out is never
//! altered: a new version stands beside it.

pub(crate) mod page;
pub(crate) mod schedule;

use std::collections::BTreeMap;
use std::sync::Arc;

use mizan_domain::exact::Exact;
use mizan_domain::role::Role;
use mizan_domain::rubric::Rubric;
use mizan_protocol::api::PublishedScorecard;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::{AgencyId, CentreId, CycleId, PublicationId, RecordId, ScorecardId};
use mizan_protocol::record::{self, TextJson};
use mizan_protocol::score::{
    ModerationJson, PublicationJson, RemarkJson, ScorecardJson, SignedScorecard,
};
use mizan_protocol::signature::Signature;
use uuid::Uuid;

use crate::accounts::Caller;
use crate::actions;
use crate::error::Error;
use crate::keys::Keys;
use crate::programme::{self, text_at};
use crate::results::median;
use crate::streams::{self, Entry, Stream};
use crate::tx::{Row, Tx, Value, one, params};

/// A centre whose decided scorecard is to be published.
struct Decided {
    centre: CentreId,
    agency: AgencyId,
    model: String,
    name: TextJson,
    agency_name: TextJson,
    unannounced_visits: u32,
    scheduled_visits: u32,
    draft: ScorecardJson,
    moderation: Option<ModerationJson>,
    remarks: Vec<RemarkJson>,
    version: u32,
    reason: Option<TextJson>,
}

fn decided(
    tx: &mut dyn Tx,
    cycle: CycleId,
    publication: PublicationId,
) -> Result<Vec<Decided>, Error> {
    let sql = include_str!("sql/decided_centres.sql");
    let rows = tx.query(sql, params![cycle.0, publication.0])?;
    let count = |row: &Row, column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(0));
    let decided = |row: &Row| {
        Ok(Decided {
            centre: CentreId(row.id(0)?),
            agency: AgencyId(row.id(1)?),
            model: row.text(2)?.to_owned(),
            name: text_at(row, 3)?,
            agency_name: text_at(row, 5)?,
            unannounced_visits: count(row, 7)?,
            scheduled_visits: count(row, 8)?,
            draft: serde_json::from_str(row.text(9)?)?,
            moderation: row.opt_text(10)?.map(serde_json::from_str).transpose()?,
            remarks: serde_json::from_str(row.text(11)?)?,
            version: count(row, 12)?,
            reason: row.opt_text(13)?.map(serde_json::from_str).transpose()?,
        })
    };
    rows.iter().map(decided).collect()
}

/// Publishes the centres of a publication as they are decided.
fn publish(
    tx: &mut dyn Tx,
    keys: &Keys,
    cycle: CycleId,
    publication: PublicationId,
    now: i64,
) -> Result<(), Error> {
    let sql = "SELECT name_ar, name_en, programme_ar, programme_en FROM cycles WHERE id = $1";
    let row = one(tx, sql, params![cycle.0])?;
    let (cycle_name, programme) = (text_at(&row, 0)?, text_at(&row, 2)?);
    let issued = chrono::DateTime::from_timestamp_millis(now).ok_or(Error::Stopped)?;
    let issued = issued.date_naive().to_string();
    let medians = medians(tx, cycle)?;
    for decided in decided(tx, cycle, publication)? {
        actions::keep_up(tx, (cycle, decided.centre), &decided.remarks)?;
        let publication = PublicationJson {
            programme: programme.clone(),
            cycle_name: cycle_name.clone(),
            centre_name: decided.name,
            agency: decided.agency_name,
            version: decided.version,
            reason: decided.reason,
            issued: issued.clone(),
            unannounced_visits: decided.unannounced_visits,
            scheduled_visits: decided.scheduled_visits,
            moderation: decided.moderation,
            remarks: decided.remarks,
            medians: medians.get(&decided.model).cloned().unwrap_or_default(),
        };
        let publication = Some(Box::new(publication));
        let scorecard = ScorecardJson { publication, ..decided.draft };
        let readers = [Stream::Centre(decided.centre), Stream::Agency(decided.agency)];
        publish_one(tx, keys, (cycle, decided.centre, decided.version), &scorecard, readers)?;
    }
    Ok(())
}

/// The fewest scored centres of a model whose median is published. With two, a manager would know
/// the other centre's score; with few, nearly so.
pub(crate) const MIN_FOR_MEDIAN: usize = 5;

/// The median of each pillar over the centres of each model, where there are enough of them.
fn medians(
    tx: &mut dyn Tx,
    cycle: CycleId,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
    let sql = "SELECT model, part, score FROM result_parts
               WHERE cycle_id = $1 AND reading = 'pillar' AND score IS NOT NULL";
    let mut scores: BTreeMap<(String, String), Vec<Exact>> = BTreeMap::new();
    for row in tx.query(sql, params![cycle.0])? {
        let key = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        let score = Exact::from_fraction(row.text(2)?);
        let score = score.map_err(|_| Error::Column { column: 2, expected: "an exact number" })?;
        scores.entry(key).or_default().push(score);
    }
    let mut medians: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for ((model, pillar), numbers) in scores {
        if numbers.len() < MIN_FOR_MEDIAN {
            continue;
        }
        if let Some(median) = median(numbers) {
            medians.entry(model).or_default().insert(pillar, median.shown());
        }
    }
    Ok(medians)
}

fn publish_one(
    tx: &mut dyn Tx,
    keys: &Keys,
    (cycle, centre, version): (CycleId, CentreId, u32),
    scorecard: &ScorecardJson,
    readers: [Stream; 2],
) -> Result<(), Error> {
    let body = canonical_json(scorecard)?;
    let sha256 = Digest::of(body.as_bytes());
    let signature = keys.signing.sign(body.as_bytes());
    let id = Uuid::new_v4();
    tx.exec(
        "INSERT INTO scorecards (id, cycle_id, centre_id, version, body, sha256, signature)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![id, cycle.0, centre.0, version, &body, sha256, signature.as_bytes().as_slice()],
    )?;
    let rubric = Some(scorecard.rubric.sha256);
    for stream in readers.into_iter().chain([Stream::Committee]) {
        let entry = Entry { id: RecordId(id), kind: record::SCORECARD, rubric, body: &body };
        streams::put(tx, stream, entry)?;
    }
    Ok(())
}

const PUBLISHED: &str = "SELECT s.id, s.body, s.sha256, s.signature, s.cycle_id, c.model,
     CASE WHEN EXISTS (SELECT 1 FROM scorecards l WHERE l.cycle_id = s.cycle_id
     AND l.centre_id = s.centre_id AND l.version > s.version) THEN 1 ELSE 0 END
     FROM scorecards s JOIN centres c ON c.id = s.centre_id";

/// Which published scorecards a caller may read.
pub(crate) enum Readable {
    Centre(CentreId),
    Agency(AgencyId),
    All,
}

impl Readable {
    /// A manager those of the own centre, a coordinator those of the own agency's centres, the committee
    /// and observers all.
    pub(crate) fn by(caller: &Caller) -> Result<Self, Error> {
        match caller.role {
            Role::Manager => caller.centre.map(Self::Centre).ok_or(Error::NotFound),
            Role::Coordinator => caller.agency.map(Self::Agency).ok_or(Error::NotFound),
            Role::CommitteeChair | Role::CommitteeMember | Role::Observer => Ok(Self::All),
            Role::Administrator
            | Role::RubricEditor
            | Role::CentralTeam
            | Role::Evaluator
            | Role::Reviewer => Err(Error::NotFound),
        }
    }

    /// The same as a condition on the centre `c`, whose parameter, if it has one, has this number.
    pub(crate) fn limit(&self, parameter: usize) -> (String, Vec<Value>) {
        match self {
            Self::Centre(centre) => (format!("c.id = ${parameter}"), params![centre.0].to_vec()),
            Self::Agency(agency) => {
                (format!("c.agency_id = ${parameter}"), params![agency.0].to_vec())
            }
            Self::All => ("1 = 1".to_owned(), Vec::new()),
        }
    }
}

/// The published scorecards a caller may read.
pub(crate) fn scorecards(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
) -> Result<Vec<PublishedScorecard>, Error> {
    let (within, values) = Readable::by(caller)?.limit(1);
    let sql = format!("{PUBLISHED} WHERE {within} ORDER BY c.code, s.id");
    let rows = tx.query(&sql, &values)?;
    rows.iter().map(|row| published_of(keys, row)).collect()
}

fn published_of(keys: &Keys, row: &Row) -> Result<PublishedScorecard, Error> {
    let SignedScorecard { scorecard, sha256, public_key, signature } = signed_of(keys, row)?;
    Ok(PublishedScorecard {
        id: ScorecardId(row.id(0)?),
        scorecard,
        sha256,
        public_key,
        signature,
        superseded: row.flag(6)?,
    })
}

fn signed_of(keys: &Keys, row: &Row) -> Result<SignedScorecard, Error> {
    let signature: Signature = hex::encode(row.blob(3)?)
        .parse()
        .map_err(|_| Error::Column { column: 3, expected: "a signature" })?;
    Ok(SignedScorecard {
        scorecard: serde_json::from_str(row.text(1)?)?,
        sha256: row.digest(2)?,
        public_key: keys.signing.public(),
        signature,
    })
}

/// One published scorecard with its rubric, for its document.
pub(crate) fn scorecard(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    id: ScorecardId,
) -> Result<(SignedScorecard, Arc<Rubric>), Error> {
    let (within, mut values) = Readable::by(caller)?.limit(2);
    values.insert(0, id.0.into());
    let row = one(tx, &format!("{PUBLISHED} WHERE s.id = $1 AND {within}"), &values)?;
    let scorecard = signed_of(keys, &row)?;
    let rubric = programme::rubric_of(tx, CycleId(row.id(4)?), row.text(5)?)?.rubric(tx)?;
    Ok((scorecard, rubric))
}
