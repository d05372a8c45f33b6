//! Publication: scorecards frozen, signed, and copied into the centres' own streams.

use std::collections::BTreeMap;

use mizan_domain::exact::Exact;
use mizan_domain::role::Role;
use mizan_domain::rubric::VisitKind;
use mizan_protocol::api::PublishedScorecard;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::{CycleId, RecordId, ScorecardId};
use mizan_protocol::record;
use mizan_protocol::score::{PublicationJson, ScorecardJson};
use mizan_protocol::signature::Signature;
use uuid::Uuid;

use crate::accounts::Caller;
use crate::error::Error;
use crate::keys::Keys;
use crate::programme::{self, StoredRubric, text_at};
use crate::results::{Judged, judged, median};
use crate::streams::{self, Entry, Stream};
use crate::tx::{Row, Tx, one, params};

/// Publishes every decided scorecard of a cycle.
pub(crate) fn publish(tx: &mut dyn Tx, keys: &Keys, cycle: CycleId, now: i64) -> Result<(), Error> {
    let sql = "SELECT name_ar, name_en, programme_ar, programme_en FROM cycles WHERE id = $1";
    let row = one(tx, sql, params![cycle.0])?;
    let (cycle_name, programme) = (text_at(&row, 0)?, text_at(&row, 2)?);
    let issued = chrono::DateTime::from_timestamp_millis(now).ok_or(Error::Stopped)?;
    let issued = issued.date_naive().to_string();
    let centres = judged(tx, cycle)?;
    let medians = medians(&centres)?;
    for centre in &centres {
        let publication = PublicationJson {
            programme: programme.clone(),
            cycle_name: cycle_name.clone(),
            centre_name: centre.centre.name.clone(),
            agency: centre.agency.clone(),
            version: 1,
            issued: issued.clone(),
            unannounced_visits: centre.visits(VisitKind::Unannounced),
            scheduled_visits: centre.visits(VisitKind::Scheduled),
            moderation: None,
            remarks: Vec::new(),
            medians: medians.get(&centre.centre.model).cloned().unwrap_or_default(),
        };
        publish_one(tx, keys, cycle, centre, publication)?;
    }
    tx.exec("UPDATE cycles SET published_at = $2 WHERE id = $1", params![cycle.0, now])?;
    Ok(())
}

/// The fewest scored centres of a model whose median is published. With two, a manager would know
/// the other centre's score; with few, nearly so.
const MIN_FOR_MEDIAN: usize = 5;

/// The median of each pillar over the centres of each model, where there are enough of them.
fn medians(centres: &[Judged]) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
    let mut scores: BTreeMap<(String, String), Vec<Exact>> = BTreeMap::new();
    for judged in centres {
        let (scorecard, _) = judged.score()?;
        for pillar in scorecard.pillars {
            let key = (judged.centre.model.clone(), pillar.id);
            scores.entry(key).or_default().extend(pillar.score);
        }
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
    cycle: CycleId,
    judged: &Judged,
    publication: PublicationJson,
) -> Result<(), Error> {
    let centre = judged.centre.id;
    let sql = "SELECT scorecard, moderation, remarks FROM decisions
               WHERE cycle_id = $1 AND centre_id = $2";
    let decision = one(tx, sql, params![cycle.0, centre.0])?;
    let decided: ScorecardJson = serde_json::from_str(decision.text(0)?)?;
    let moderation = decision.opt_text(1)?.map(serde_json::from_str).transpose()?;
    let remarks = serde_json::from_str(decision.text(2)?)?;
    let publication = PublicationJson { moderation, remarks, ..publication };
    let scorecard = ScorecardJson { publication: Some(Box::new(publication)), ..decided };
    let body = canonical_json(&scorecard)?;
    let sha256 = Digest::of(body.as_bytes());
    let signature = keys.signing.sign(body.as_bytes());
    let id = Uuid::new_v4();
    tx.exec(
        "INSERT INTO scorecards (id, cycle_id, centre_id, version, body, sha256, signature)
         VALUES ($1, $2, $3, 1, $4, $5, $6)",
        params![id, cycle.0, centre.0, &body, sha256, signature.as_bytes().as_slice()],
    )?;
    let rubric = Some(scorecard.rubric.sha256);
    for stream in [Stream::Centre(centre), Stream::Committee] {
        let entry = Entry { id: RecordId(id), kind: record::SCORECARD, rubric, body: &body };
        streams::put(tx, stream, entry)?;
    }
    Ok(())
}

const PUBLISHED: &str = "SELECT s.id, s.body, s.sha256, s.signature, s.cycle_id, c.model
     FROM scorecards s JOIN centres c ON c.id = s.centre_id";

/// The published scorecards a caller may read: a manager those of the own centre, the committee all.
pub(crate) fn scorecards(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
) -> Result<Vec<PublishedScorecard>, Error> {
    let rows = match (caller.role, caller.centre) {
        (Role::Manager, Some(centre)) => tx.query(
            &format!("{PUBLISHED} WHERE s.centre_id = $1 ORDER BY s.id"),
            params![centre.0],
        )?,
        (Role::CommitteeChair | Role::CommitteeMember, _) => {
            tx.query(&format!("{PUBLISHED} ORDER BY c.code, s.id"), &[])?
        }
        (_, _) => return Err(Error::NotFound),
    };
    rows.iter().map(|row| published_of(keys, row)).collect()
}

fn published_of(keys: &Keys, row: &Row) -> Result<PublishedScorecard, Error> {
    let signature: Signature = hex::encode(row.blob(3)?)
        .parse()
        .map_err(|_| Error::Column { column: 3, expected: "a signature" })?;
    Ok(PublishedScorecard {
        id: ScorecardId(row.id(0)?),
        scorecard: serde_json::from_str(row.text(1)?)?,
        sha256: row.digest(2)?,
        public_key: keys.signing.public(),
        signature,
    })
}

/// One published scorecard with its rubric, for its document.
pub(crate) fn scorecard(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: ScorecardId,
) -> Result<(ScorecardJson, StoredRubric), Error> {
    let row = match (caller.role, caller.centre) {
        (Role::Manager, Some(centre)) => {
            let sql = format!("{PUBLISHED} WHERE s.id = $1 AND s.centre_id = $2");
            one(tx, &sql, params![id.0, centre.0])?
        }
        (Role::CommitteeChair | Role::CommitteeMember, _) => {
            one(tx, &format!("{PUBLISHED} WHERE s.id = $1"), params![id.0])?
        }
        (_, _) => return Err(Error::NotFound),
    };
    let scorecard = serde_json::from_str(row.text(1)?)?;
    let rubric = programme::rubric_of(tx, CycleId(row.id(4)?), row.text(5)?)?;
    Ok((scorecard, rubric))
}
