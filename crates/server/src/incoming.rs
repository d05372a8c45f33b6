//! What a device sends, read as far as that needs no data: seals are opened and checked and texts are
//! written out before the writer's turn comes, because there is one writer and there are several cores.
//!
//! Whatever depends on the data is checked again in the transaction, by [`crate::sync`].

use std::sync::{Arc, LazyLock};

use mizan_domain::rubric::{EvidenceKind, Rubric, VisitKind};
use mizan_domain::submission::{self, Draft, DraftAnswer};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::record::{self, EvaluationBody};
use mizan_protocol::sync::{PushRequest, Record};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::programme;
use crate::review::facts::{self, Facts};
use crate::sync::read_timeline;
use crate::tx::{Tx, one, params};

/// A core for each push that is read: more at once would need more memory, and not be done any sooner.
static CORES: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism();
    Semaphore::new(cores.map_or(1, std::num::NonZero::get))
});

/// Where the document of a sealed evaluation stands in the body of its record.
const DOCUMENT: &str = "/sealed/document";

/// What was read of an operation.
pub(crate) struct Read {
    /// The record as it is kept if it is taken: without the document, which is kept as an evaluation.
    pub(crate) kept: Record,
    /// Its text.
    pub(crate) text: String,
    /// The evaluation, if it is one.
    pub(crate) evaluation: Option<Result<ReadEvaluation, Error>>,
}

/// A sealed evaluation whose shape is right.
pub(crate) struct ReadEvaluation {
    pub(crate) body: EvaluationBody,
    /// The document, if the seal holds.
    pub(crate) document: Result<EvaluationDocument, Error>,
    /// What the machine checks compare of it, if it keeps the rules of submission; `None` when its rubric
    /// was not at hand.
    pub(crate) facts: Option<Result<Facts, Error>>,
}

/// Reads each operation of a push, off the async workers: a signature takes its time. As many pushes at
/// once as there are cores.
pub(crate) async fn read(request: Arc<PushRequest>) -> Result<Vec<Read>, Error> {
    let core = CORES.acquire().await.map_err(|_| Error::Stopped)?;
    let read = move || {
        let _until_done = core;
        request.operations.iter().map(|operation| Read::of(&operation.record)).collect()
    };
    tokio::task::spawn_blocking(read).await.unwrap_or(Err(Error::Stopped))
}

impl Read {
    /// Reads an operation's record.
    pub(crate) fn of(record: &Record) -> Result<Self, Error> {
        let rev = record.base_rev.saturating_add(1);
        let mut kept = Record { rev, base_rev: rev, ..record.clone() };
        let is_evaluation = record.kind == record::EVALUATION;
        // Of any other kind everything is kept here, whatever a later release calls its parts.
        if is_evaluation && let Some(document) = kept.body.pointer_mut(DOCUMENT) {
            *document = Json::String(String::new());
        }
        let text = serde_json::to_string(&kept)?;
        let evaluation = is_evaluation.then(|| ReadEvaluation::of(record));
        Ok(Self { kept, text, evaluation })
    }
}

impl ReadEvaluation {
    fn of(record: &Record) -> Result<Self, Error> {
        let body: EvaluationBody = body(record)?;
        let document = body.sealed.open().map_err(|fault| broken_seal(fault.to_string()));
        let facts = document.as_ref().ok().and_then(facts_of);
        Ok(Self { body, document, facts })
    }
}

/// A record as it came, from the text it is kept as: the document of an evaluation is put back.
pub(crate) fn whole(tx: &mut dyn Tx, text: &str) -> Result<Record, Error> {
    let mut record: Record = serde_json::from_str(text)?;
    let is_kept_apart = record.body.pointer(DOCUMENT).and_then(Json::as_str) == Some("");
    if record.kind == record::EVALUATION && is_kept_apart {
        let EvaluationBody { visit, sealed } = body(&record)?;
        let sql = "SELECT document FROM evaluations WHERE visit_id = $1 AND sha256 = $2";
        let row = one(tx, sql, params![visit.0, sealed.sha256])?;
        if let Some(document) = record.body.pointer_mut(DOCUMENT) {
            *document = Json::String(row.text(0)?.to_owned());
        }
    }
    Ok(record)
}

/// The body of a record.
pub(crate) fn body<T: DeserializeOwned>(record: &Record) -> Result<T, Error> {
    T::deserialize(&record.body)
        .map_err(|error| Error::invalid("body", &record.kind, &error.to_string()))
}

/// A seal that proves nothing.
pub(crate) fn broken_seal(why: String) -> Error {
    Error::Refused(ErrorBody::new("seal.broken").with("reason", why))
}

/// Holds a document against the rubric and the kind of visit it names, if the rubric is at hand. That both
/// are those of its visit is for the transaction to say.
fn facts_of(document: &EvaluationDocument) -> Option<Result<Facts, Error>> {
    let kind = VisitKind::from_word(&document.visit_kind)?;
    let rubric = programme::read_before(&document.rubric.sha256).ok()??;
    Some(checked(&rubric, kind, document))
}

/// The facts of a document that keeps the rules of submission.
pub(crate) fn checked(
    rubric: &Rubric,
    kind: VisitKind,
    document: &EvaluationDocument,
) -> Result<Facts, Error> {
    check_submission(rubric, kind, document)?;
    facts::reckon(rubric, document)
}

/// Refuses a document that breaks a rule of submission.
fn check_submission(
    rubric: &Rubric,
    kind: VisitKind,
    document: &EvaluationDocument,
) -> Result<(), Error> {
    if !document.followed_brief {
        return Err(Error::invalid("followed_brief", false, "the signed declaration (M15)"));
    }
    let mut answers = Vec::with_capacity(document.answers.len());
    for answer in &document.answers {
        let raw = answer.to_raw().map_err(|fault| {
            Error::invalid("answers", fault.criterion, "exactly one of value, na and ne")
        })?;
        let (criterion, note) = (answer.criterion.clone(), answer.note.clone());
        answers.push(DraftAnswer { criterion, answer: raw, note });
    }
    let mut evidence = Vec::with_capacity(document.evidence.len());
    for piece in &document.evidence {
        let kind = EvidenceKind::from_word(&piece.kind)
            .ok_or_else(|| Error::invalid("evidence", &piece.kind, "a kind of evidence"))?;
        evidence.push((piece.criterion.clone(), kind));
    }
    let timeline = read_timeline(&document.times, &document.contacts)?;
    let draft = Draft { kind, answers, evidence, timeline };
    match submission::check(rubric, &draft).first() {
        None => Ok(()),
        Some(fault) => {
            let criterion = fault.criterion().map(|id| ("criterion", id.to_owned()));
            let values = fault.params().into_iter().chain(criterion);
            let body = ErrorBody::new(fault.code()).with("reason", fault);
            Err(Error::Refused(values.fold(body, |body, (name, value)| body.with(name, value))))
        }
    }
}

#[cfg(test)]
mod tests {
    use mizan_protocol::id::RecordId;
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn an_evaluations_document_alone_is_kept_apart() {
        for (kind, kept) in [(record::EVALUATION, ""), (record::ANSWER, "text"), ("later", "text")]
        {
            let record = Record {
                id: RecordId(uuid::Uuid::from_u128(1)),
                kind: kind.to_owned(),
                schema_v: 1,
                rubric_v: None,
                base_rev: 0,
                rev: 0,
                body: json!({ "sealed": { "document": "text" } }),
                deleted: false,
                unknown: Map::new(),
            };
            // What is no evaluation in the end is refused later, and kept as it came.
            match Read::of(&record) {
                Ok(read) => assert_eq!(read.kept.body["sealed"]["document"], kept, "{kind}"),
                Err(error) => panic!("{kind}: {error}"),
            }
        }
    }
}
