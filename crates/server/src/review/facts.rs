//! What machine checks compare, kept beside each evaluation when it comes in.
//!
//! It is all reckoned from the sealed document, and can be reckoned again; nothing here is a second truth.

use std::collections::BTreeMap;

use mizan_domain::checks::{self, Own};
use mizan_domain::exact::Exact;
use mizan_domain::rubric::Rubric;
use mizan_domain::timeline::Timeline;
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::record::ContactJson;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::judgement::evaluation_in;
use crate::store::Store;
use crate::tx::{Row, Tx, Value, params, row};
use crate::{programme, sync, visits};

/// Scores are compared to so many decimal places.
const PLACES: u32 = 4;
/// Evaluations reckoned in one transaction where facts are missing.
const AT_ONCE: i64 = 200;

/// What of an evaluation's facts is not a column of its own.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    answered: usize,
    graded: usize,
    alike: usize,
    times: BTreeMap<String, i64>,
    contacts: Vec<ContactJson>,
    /// Which criterion each file is for, by its digest.
    pub(super) files: BTreeMap<Digest, String>,
}

impl Kept {
    /// The facts as the checks take them; texts are compared in the database.
    pub(super) fn own(&self, score: Option<Exact>) -> Result<Own, Error> {
        let Self { answered, graded, alike, .. } = *self;
        let timeline = sync::read_timeline(&self.times, &self.contacts)?;
        Ok(Own { score, answered, graded, alike, timeline, texts: Vec::new() })
    }
}

/// The facts of one evaluation, ready to be kept.
pub(crate) struct Facts {
    of_whole: Vec<Vec<Value>>,
    of_texts: Vec<Vec<Value>>,
}

/// The facts of an evaluation. Nothing of it needs data.
pub(crate) fn reckon(rubric: &Rubric, document: &EvaluationDocument) -> Result<Facts, Error> {
    let timeline = sync::read_timeline(&document.times, &document.contacts)?;
    let present = checks::present(&timeline);
    let times_hash = times_hash(&timeline)?;
    let own = checks::look_at(rubric, &evaluation_in(document)?, &texts(document), timeline);
    let score = own.score.as_ref().map(|score| score.rounded(PLACES).to_decimal());
    let files = document.evidence.iter().map(|of| (of.sha256, of.criterion.clone())).collect();
    let kept = Kept {
        answered: own.answered,
        graded: own.graded,
        alike: own.alike,
        times: document.times.clone(),
        contacts: document.contacts.clone(),
        files,
    };
    let of_whole = row![
        document.visit.0,
        document.revision,
        score,
        present.map(|(from, _)| from),
        present.map(|(_, to)| to),
        times_hash,
        serde_json::to_string(&kept)?
    ];
    let of_text = |(criterion, text): &(String, String)| -> Vec<Value> {
        let hash = Digest::of(text.as_bytes());
        params![document.visit.0, document.revision, criterion, hash].to_vec()
    };
    Ok(Facts { of_whole, of_texts: own.texts.iter().map(of_text).collect() })
}

/// Keeps the facts of an evaluation.
pub(crate) fn keep(tx: &mut dyn Tx, facts: Facts) -> Result<(), Error> {
    tx.write(
        "INSERT INTO evaluation_facts
         (visit_id, revision, score, present_from, present_to, times_hash, own)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        facts.of_whole,
    )?;
    let sql = "INSERT INTO evaluation_texts (visit_id, revision, criterion, hash)
               VALUES ($1, $2, $3, $4)";
    tx.write(sql, facts.of_texts)
}

/// What was written to each criterion: the note; where there is none, why it was not scored.
pub(super) fn texts(document: &EvaluationDocument) -> Vec<(&str, &str)> {
    let mut texts = Vec::new();
    for AnswerJson { criterion, na, ne, note, .. } in &document.answers {
        let text = note.as_deref().or(na.as_deref()).or(ne.as_deref());
        texts.extend(text.map(|text| (criterion.as_str(), text)));
    }
    texts
}

/// One digest of all times; the ids of contacts, which differ for each, are no part of it.
fn times_hash(timeline: &Timeline) -> Result<Option<Digest>, Error> {
    let moments = timeline.moments.iter().map(|(moment, at)| (moment.word(), *at));
    let contacts = timeline.contacts.iter().flat_map(|contact| &contact.moments);
    let contacts = contacts.map(|(moment, at)| (moment.word(), *at));
    let all: Vec<(&str, i64)> = moments.chain(contacts).collect();
    if all.len() < 2 {
        return Ok(None);
    }
    Ok(Some(Digest::of(canonical_json(&all)?.as_bytes())))
}

/// Reckons the facts that are missing: of evaluations from before there were any. What cannot be reckoned
/// has no findings; the server serves all the same.
pub(crate) async fn fill_missing(store: &Store) {
    let missing = |tx: &mut dyn Tx| Ok(!without(tx, 1)?.is_empty());
    loop {
        let filled = match store.read(missing).await {
            Ok(false) => return,
            Ok(true) => store.write(fill).await,
            Err(error) => Err(error),
        };
        if let Err(error) = filled {
            tracing::error!(cause = %error, "what machine checks compare could not be reckoned");
            return;
        }
    }
}

fn without(tx: &mut dyn Tx, most: i64) -> Result<Vec<Row>, Error> {
    let sql =
        "SELECT e.document FROM evaluations e WHERE NOT EXISTS (SELECT 1 FROM evaluation_facts f
               WHERE f.visit_id = e.visit_id AND f.revision = e.revision)
               ORDER BY e.visit_id, e.revision LIMIT $1";
    tx.query(sql, params![most])
}

fn fill(tx: &mut dyn Tx) -> Result<(), Error> {
    for row in without(tx, AT_ONCE)? {
        let document: EvaluationDocument = serde_json::from_str(row.text(0)?)?;
        let visit = visits::find(tx, document.visit)?;
        let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?.rubric(tx)?;
        keep(tx, reckon(&rubric, &document)?)?;
    }
    Ok(())
}
