//! Drafts that another device of the same evaluator made: taken over where nothing stands against it, and
//! the files they need fetched back.
//!
//! What was changed here and not sent stays as it is: when it is sent, the server tells of the other
//! version, and a person decides. What is taken over keeps what it replaces in the history.

use std::ops::Range;

use mizan_domain::rubric::EvidenceKind;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::{EvaluationDocument, EvidenceRef};
use mizan_protocol::id::VisitId;
use mizan_protocol::record::{self, AnswerBody, EvaluationBody};
use mizan_protocol::sync::Record;
use rusqlite::Transaction;

use crate::device::Device;
use crate::error::Error;
use crate::evidence::{self, FileKey};
use crate::store::evidence_files::{self, EvidenceFile};
use crate::store::own_records::{self, Change, OwnKey, OwnKind, WayBack};
use crate::store::{conflicts, evidence_links, inflight, pulled_records, seals};

/// Takes a draft over, unless this device has something of its own to say to it.
pub(crate) fn adopt(
    tx: &Transaction<'_>,
    record: &Record,
    marks: &mut Range<i64>,
) -> Result<(), Error> {
    let Some(key) = key_of(record) else { return Ok(()) };
    if inflight::holds(tx, &key)? || conflicts::is_open(tx, &key)? {
        return Ok(());
    }
    let own = own_records::find(tx, &key)?;
    if let Some(own) = &own {
        let is_other = own.id != record.id;
        if is_other || own.generation > own.synced_gen || own.base_rev >= record.rev {
            return Ok(());
        }
    }
    let Some(generation) = marks.next() else { return Ok(()) };
    let body = canonical_json(&record.body).map_err(Error::stored("record"))?;
    let same = own.as_ref().filter(|own| own.body == body && own.deleted == record.deleted);
    let change = Change {
        key: &key,
        id: record.id,
        rubric_v: record.rubric_v.as_ref(),
        body: &body,
        generation,
        deleted: record.deleted,
        // Of what another device did there is nothing to undo.
        way_back: same.map_or(WayBack::default(), |own| own.way_back),
    };
    own_records::put(tx, &change)?;
    own_records::settle(tx, &key, generation, Some(record.rev))
}

/// Which record of this device a draft is; `None` of what is no draft, and of one that left the stream.
fn key_of(record: &Record) -> Option<OwnKey> {
    let visit = record.body.get("visit")?.as_str()?.parse().ok().map(VisitId)?;
    let (kind, part) = match record.kind.as_str() {
        record::ACCEPTANCE => (OwnKind::Acceptance, String::new()),
        record::TIMELINE => (OwnKind::Timeline, String::new()),
        record::ANSWER => {
            let body: AnswerBody = serde_json::from_value(record.body.clone()).ok()?;
            (OwnKind::Answer, body.answer.criterion)
        }
        _ => return None,
    };
    Some(OwnKey { visit, kind, part })
}

/// A file that another device attached and that the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandedFile {
    /// The visit.
    pub(crate) visit: VisitId,
    /// What it proves, and its digest.
    pub(crate) reference: EvidenceRef,
}

impl Device {
    /// The files of returned visits that another device sealed and that are not here: what they prove
    /// counts here once they are.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn files_to_fetch(&self) -> Result<Vec<HandedFile>, Error> {
        let read = self.store.read();
        let mut newest: Vec<EvaluationDocument> = Vec::new();
        for record in pulled_records::of_kind(read, record::EVALUATION)? {
            let Ok(body) = serde_json::from_value::<EvaluationBody>(record.body) else { continue };
            let Ok(document) = body.sealed.open() else { continue };
            newest.retain(|other| {
                other.visit != document.visit || other.revision > document.revision
            });
            if newest.iter().all(|other| other.visit != document.visit) {
                newest.push(document);
            }
        }
        let mut wanted = Vec::new();
        for document in newest {
            // Whoever sealed it here knows what is attached.
            if !seals::of_visit(read, document.visit)?.is_empty() {
                continue;
            }
            let known = evidence_links::ever_attached(read, document.visit)?;
            let is_new = |of: &EvidenceRef| !known.contains(&(of.criterion.clone(), of.sha256));
            let visit = document.visit;
            let files = document.evidence.into_iter().filter(is_new);
            wanted.extend(files.map(|reference| HandedFile { visit, reference }));
        }
        Ok(wanted)
    }

    /// Keeps a file that was fetched, and what it proves. The bytes are held against their digest.
    ///
    /// # Errors
    /// [`Error::Protocol`] when they are other bytes, or the disk's.
    pub(crate) fn take_fetched(
        &mut self,
        file: &HandedFile,
        bytes: &[u8],
        now_ms: i64,
    ) -> Result<(), Error> {
        let EvidenceRef { criterion, sha256, kind, media_type, .. } = &file.reference;
        if Digest::of(bytes) != *sha256 {
            return Err(Error::Protocol { what: format!("{sha256} came as other bytes") });
        }
        let Some(kind) = EvidenceKind::from_word(kind) else { return Ok(()) };
        let is_here = evidence_files::find(self.store.read(), sha256)?.is_some();
        let key = FileKey::random(&mut *self.rng);
        if !is_here {
            evidence::write(&self.home.evidence(), sha256, &key, bytes)?;
        }
        let (media_type, length) = (media_type.clone(), bytes.len() as u64);
        let stored = EvidenceFile { sha256: *sha256, key, media_type, bytes: length };
        self.store.write(|tx| {
            if !is_here {
                evidence_files::insert(tx, &stored, now_ms)?;
            }
            evidence_files::mark_sent(tx, sha256, now_ms)?;
            evidence_links::put(tx, file.visit, criterion, sha256, kind, now_ms)
        })
    }
}

#[cfg(test)]
mod tests {
    use mizan_protocol::id::RecordId;
    use serde_json::{Map, json};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_draft_is_known_by_its_visit_and_criterion_and_a_tombstone_of_the_stream_is_none() {
        let visit = Uuid::from_u128(5);
        let record = |kind: &str, body| Record {
            id: RecordId(Uuid::from_u128(1)),
            kind: kind.into(),
            schema_v: 1,
            rubric_v: None,
            base_rev: 1,
            rev: 1,
            body,
            deleted: true,
            unknown: Map::new(),
        };
        let answer = json!({
            "visit": visit, "answer": { "criterion": "A1", "value": true }, "at": 5,
        });
        let key = key_of(&record("answer", answer.clone())).expect("a cleared answer is a draft");
        assert_eq!(
            (key.visit, key.kind, key.part.as_str()),
            (VisitId(visit), OwnKind::Answer, "A1")
        );
        let rows = [("answer", json!({})), ("visit", answer.clone()), ("evaluation", answer)];
        for (kind, body) in rows {
            assert_eq!(key_of(&record(kind, body)), None, "{kind}");
        }
    }
}
