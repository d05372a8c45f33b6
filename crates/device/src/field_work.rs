//! What an evaluator does with a visit: take it, answer, attach, submit. Times are in `timing`.
//!
//! Each step is one transaction and returns once it is on the disk. A step that is refused has changed
//! nothing.

use std::sync::Arc;

use mizan_domain::evaluation::{RawAnswer, check_note, read_answer};
use mizan_domain::role::Role;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::submission;
use mizan_domain::visit::{self, VisitActor, VisitEvent, VisitRefusal, VisitState};
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::{
    EvaluationDocument, EvidenceRef, SCHEMA as DOCUMENT_SCHEMA, SealedEvaluation,
};
use mizan_protocol::id::{EvaluationId, RecordId, VisitId};
use mizan_protocol::media;
use mizan_protocol::proof::{Site, reached};
use mizan_protocol::record::{AcceptanceBody, AnswerBody, EvaluationBody, TimelineBody, draft_id};
use rusqlite::Transaction;
use serde::Serialize;

use crate::device::Device;
use crate::error::Error;
use crate::evidence::{self, FileKey};
use crate::store::evidence_files::{self, EvidenceFile};
use crate::store::evidence_links;
use crate::store::own_records::{self, Change, OwnKey, OwnKind, OwnRecord, WayBack};
use crate::store::seals::{self, Seal, SealOutcome};
use crate::visit::{Brief, VisitView, draft, given_of};

const EVALUATOR: VisitActor = VisitActor { role: Role::Evaluator, is_evaluator: true };

impl Device {
    /// Takes a visit: its brief is read, and no interest exists at the agency (M4, M6).
    ///
    /// # Errors
    /// [`Error::NoVisit`], or the refusal of the step.
    pub fn accept(&mut self, visit: VisitId, no_interest: bool, now_ms: i64) -> Result<(), Error> {
        let brief = self.brief(visit)?;
        let event = VisitEvent::Accept { no_interest, brief_acknowledged: true };
        visit::next(brief.state, &event, EVALUATOR)?;
        let brief_rubric = brief.body.rubric.sha256;
        let body = AcceptanceBody::Accepted { visit, no_interest, brief_rubric, at: now_ms };
        self.write_versions(&brief, vec![NewVersion::acceptance(visit, &body)?], |_| Ok(()))
    }

    /// Hands a visit back (M9).
    ///
    /// # Errors
    /// [`Error::NoVisit`], or the refusal of the step: a reason is missing, or work has begun.
    pub fn decline(&mut self, visit: VisitId, reason: &str, now_ms: i64) -> Result<(), Error> {
        let brief = self.brief(visit)?;
        visit::next(brief.state, &VisitEvent::Decline { reason: reason.to_owned() }, EVALUATOR)?;
        let body = AcceptanceBody::Declined { visit, reason: reason.to_owned(), at: now_ms };
        self.write_versions(&brief, vec![NewVersion::acceptance(visit, &body)?], |_| Ok(()))
    }

    /// Answers a criterion. Without a note the one that is there stays; an empty note removes it.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::AlreadySubmitted`], [`Error::Visit`] when the visit is not taken
    /// yet, [`Error::Answer`] when the answer does not fit its criterion.
    pub fn answer(
        &mut self,
        visit: VisitId,
        criterion: &str,
        answer: &RawAnswer,
        note: Option<&str>,
        now_ms: i64,
    ) -> Result<(), Error> {
        let brief = self.open_for_work(visit)?;
        let answer = read_answer(brief.rubric()?, brief.kind, criterion, answer)?.to_raw();
        let before = own_records::find(self.store.read(), &answer_key(visit, criterion))?;
        let standing = before.as_ref().filter(|record| !record.deleted);
        let standing = standing.map(given_of).transpose()?;
        let kept = standing.as_ref().and_then(|given| given.note.clone());
        let note = match note {
            Some(note) => Some(note.to_owned()).filter(|note| !note.is_empty()),
            None => kept,
        };
        check_note(criterion, note.as_deref().unwrap_or(""))?;
        if standing.is_some_and(|given| given.answer == answer && given.note == note) {
            return Ok(());
        }
        let answer = AnswerJson::new(criterion, &answer, note.as_deref());
        let body = AnswerBody { visit, answer, at: now_ms };
        let version = NewVersion::answer(before.as_ref(), &body)?;
        self.write_versions(&brief, vec![version], |_| Ok(()))
    }

    /// Takes an answer back: the criterion is unanswered again. What was answered stays in the history,
    /// and undo brings it back. Without an answer nothing changes.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::AlreadySubmitted`], [`Error::Visit`].
    pub fn clear(&mut self, visit: VisitId, criterion: &str) -> Result<(), Error> {
        let brief = self.open_for_work(visit)?;
        let found = own_records::find(self.store.read(), &answer_key(visit, criterion))?;
        let Some(standing) = found.filter(|record| !record.deleted) else { return Ok(()) };
        self.write_versions(&brief, vec![NewVersion::cleared(&standing)], |_| Ok(()))
    }

    /// Changes the note of an answer; an empty one removes it.
    ///
    /// # Errors
    /// As [`Device::answer`], and [`Error::NoteBeforeAnswer`].
    pub fn note(
        &mut self,
        visit: VisitId,
        criterion: &str,
        note: &str,
        now_ms: i64,
    ) -> Result<(), Error> {
        let found = self.standing_answer(&answer_key(visit, criterion))?;
        let none = || Error::NoteBeforeAnswer { criterion: criterion.to_owned() };
        let answer = found.ok_or_else(none)?.answer;
        self.answer(visit, criterion, &answer, Some(note), now_ms)
    }

    /// Goes one step back: to the answer before, or, from the first, to none. Each undo leads further
    /// back, and what stood is kept in the history in its turn.
    ///
    /// # Errors
    /// As [`Device::answer`], and [`Error::NothingToUndo`].
    pub fn undo(&mut self, visit: VisitId, criterion: &str, now_ms: i64) -> Result<(), Error> {
        let brief = self.open_for_work(visit)?;
        let key = answer_key(visit, criterion);
        let none = || Error::NothingToUndo { criterion: criterion.to_owned() };
        let found = own_records::find(self.store.read(), &key)?;
        let current = found.filter(|record| record.way_back.undos > 0).ok_or_else(none)?;
        let version = match current.way_back.to {
            None => NewVersion { way_back: WayBack::default(), ..NewVersion::cleared(&current) },
            Some(mark) => {
                let mut history = own_records::history(self.store.read(), &key)?.into_iter();
                let earlier = history.find(|of| of.generation == mark).ok_or_else(none)?;
                let mut body: AnswerBody =
                    serde_json::from_str(&earlier.body).map_err(Error::stored("answer"))?;
                body.at = now_ms;
                let (body, deleted) = (json(&body)?, earlier.deleted);
                NewVersion { key, body, deleted, way_back: earlier.way_back }
            }
        };
        self.write_versions(&brief, vec![version], |_| Ok(()))
    }

    /// Attaches a file to a criterion, without its metadata; the digest of what is kept is returned.
    /// The same file twice is one file.
    ///
    /// # Errors
    /// [`Error::EvidenceKind`] when the criterion does not take this kind, what [`media::accept`]
    /// refuses, or the disk's.
    pub fn attach(
        &mut self,
        visit: VisitId,
        criterion: &str,
        bytes: &[u8],
        kind: EvidenceKind,
        now_ms: i64,
    ) -> Result<Digest, Error> {
        let brief = self.open_for_work(visit)?;
        submission::check_evidence_kind(brief.rubric()?, criterion, kind)
            .map_err(Error::EvidenceKind)?;
        let media = media::accept(bytes)?;
        let sha256 = Digest::of(&media.bytes);
        let folder = self.home.evidence();
        let known = evidence_files::find(self.store.read(), &sha256)?;
        let is_new = known.is_none();
        let file = known.unwrap_or_else(|| EvidenceFile {
            sha256,
            key: FileKey::random(&mut *self.rng),
            media_type: media.media_type.to_owned(),
            bytes: media.bytes.len() as u64,
        });
        if is_new || evidence::read(&folder, &sha256, &file.key).is_err() {
            evidence::write(&folder, &sha256, &file.key, &media.bytes)?;
        }
        reached(Site::DeviceFileWritten);
        self.store.write(|tx| {
            if is_new {
                evidence_files::insert(tx, &file, now_ms)?;
            }
            evidence_links::put(tx, visit, criterion, &sha256, kind, now_ms)
        })?;
        Ok(sha256)
    }

    /// Takes a file off a criterion; the file itself stays.
    ///
    /// # Errors
    /// [`Error::NoEvidence`] when it is not attached there, [`Error::AlreadySubmitted`].
    pub fn detach(
        &mut self,
        visit: VisitId,
        criterion: &str,
        sha256: &Digest,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.open_for_work(visit)?;
        let is_removed =
            self.store.write(|tx| evidence_links::remove(tx, visit, criterion, sha256, now_ms))?;
        if is_removed { Ok(()) } else { Err(Error::NoEvidence { sha256: *sha256 }) }
    }

    /// Seals the evaluation and records it for the server. An earlier revision stays as it was.
    ///
    /// # Errors
    /// [`Error::BriefNotFollowed`] without the declaration (M15), [`Error::NotReady`] with everything
    /// that is missing, [`Error::AlreadySubmitted`], [`Error::NotEnrolled`].
    pub fn submit(
        &mut self,
        visit: VisitId,
        followed_brief: bool,
        now_ms: i64,
    ) -> Result<SealedEvaluation, Error> {
        let brief = self.open_for_work(visit)?;
        visit::next(brief.state, &VisitEvent::Submit, EVALUATOR)?;
        if !followed_brief {
            return Err(Error::BriefNotFollowed);
        }
        let view = self.visit(visit)?;
        let faults = submission::check(
            &view.rubric,
            &draft(brief.kind, &view.answers, &view.evidence, &view.times),
        );
        if !faults.is_empty() {
            return Err(Error::NotReady { faults });
        }
        let seal = next_seal(&view.seals, view.brief.revisions, now_ms);
        let document = self.document(&view, &seal)?;
        let sealed = SealedEvaluation::seal(&document, &self.signing_key()?)
            .map_err(Error::stored("evaluation"))?;
        self.put_sealed(visit, &brief, &seal, &sealed)?;
        Ok(sealed)
    }

    fn document(&mut self, view: &VisitView, seal: &Seal) -> Result<EvaluationDocument, Error> {
        let visit = view.brief.visit;
        let evaluation = match view.seals.last() {
            Some(last) => {
                let earlier: EvaluationDocument =
                    serde_json::from_str(&self.sealed(visit, last.number)?.document)
                        .map_err(Error::stored("evaluation"))?;
                earlier.evaluation
            }
            None => EvaluationId(self.new_id(seal.sealed_ms)),
        };
        let answer = |given: &crate::visit::GivenAnswer| {
            AnswerJson::new(&given.criterion, &given.answer, given.note.as_deref())
        };
        let reference = |item: &evidence_links::EvidenceItem| EvidenceRef {
            criterion: item.criterion.clone(),
            sha256: item.sha256,
            kind: item.kind.word().to_owned(),
            media_type: item.media_type.clone(),
            bytes: item.bytes,
        };
        let mut evidence: Vec<EvidenceRef> = view.evidence.iter().map(reference).collect();
        evidence.sort();
        let noted = self.timeline_body(visit)?;
        Ok(EvaluationDocument {
            schema: DOCUMENT_SCHEMA,
            evaluation,
            visit,
            revision: seal.revision,
            device: self.enrolment()?.device,
            rubric: view.brief.rubric.clone(),
            visit_kind: view.brief.kind.clone(),
            answers: view.answers.iter().map(answer).collect(),
            times: noted.times,
            contacts: noted.contacts,
            evidence,
            followed_brief: true,
            submitted_at: seal.sealed_ms,
        })
    }

    fn put_sealed(
        &mut self,
        visit: VisitId,
        brief: &Brief,
        seal: &Seal,
        sealed: &SealedEvaluation,
    ) -> Result<(), Error> {
        let body = json(&EvaluationBody { visit, sealed: sealed.clone() })?;
        let key = OwnKey { visit, kind: OwnKind::Evaluation, part: seal.number.to_string() };
        let change = Change {
            key: &key,
            id: self.new_record_id(seal.sealed_ms),
            rubric_v: Some(&brief.body.rubric.sha256),
            body: &body,
            generation: self.store.next_gen(),
            deleted: false,
            way_back: WayBack::default(),
        };
        self.store.write(|tx| {
            own_records::put(tx, &change)?;
            seals::insert(tx, visit, seal)
        })?;
        self.refresh(visit);
        Ok(())
    }

    /// Writes records of one visit with their change marks, and what belongs with them, in one
    /// transaction.
    pub(crate) fn write_versions(
        &mut self,
        brief: &Brief,
        versions: Vec<NewVersion>,
        also: impl FnOnce(&Transaction<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let person = self.enrolment()?.person.id;
        let id = |key: &OwnKey| draft_id(person, key.visit, key.kind.word(), &key.part);
        let numbered: Vec<(RecordId, i64, NewVersion)> = versions
            .into_iter()
            .map(|version| (id(&version.key), self.store.next_gen(), version))
            .collect();
        self.store.write(|tx| {
            for (id, generation, version) in &numbered {
                let change = Change {
                    key: &version.key,
                    id: *id,
                    rubric_v: Some(&brief.body.rubric.sha256),
                    body: &version.body,
                    generation: *generation,
                    deleted: version.deleted,
                    way_back: version.way_back,
                };
                own_records::put(tx, &change)?;
            }
            also(tx)
        })?;
        let is_under_way = matches!(brief.state, VisitState::InProgress | VisitState::Returned);
        let is_work = |(_, _, version): &(RecordId, i64, NewVersion)| {
            matches!(version.key.kind, OwnKind::Answer | OwnKind::Timeline)
        };
        if !(is_under_way && numbered.iter().all(is_work)) {
            self.refresh(brief.body.visit);
        }
        Ok(())
    }

    /// The visit, if its answers may still change.
    pub(crate) fn open_for_work(&mut self, visit: VisitId) -> Result<Arc<Brief>, Error> {
        let brief = self.brief(visit)?;
        if brief.state.accepts_answers() {
            return Ok(brief);
        }
        use VisitState as S;
        match brief.state {
            S::Submitted | S::InReview | S::Validated | S::Counted => {
                Err(Error::AlreadySubmitted { visit })
            }
            S::Planned
            | S::Assigned
            | S::Accepted
            | S::InProgress
            | S::Returned
            | S::Declined
            | S::Cancelled
            | S::Exposed => Err(VisitRefusal::WrongState { state: brief.state }.into()),
        }
    }
}

/// A version of a record that is about to be written.
pub(crate) struct NewVersion {
    pub(crate) key: OwnKey,
    /// Canonical JSON.
    pub(crate) body: String,
    pub(crate) deleted: bool,
    pub(crate) way_back: WayBack,
}

impl NewVersion {
    fn acceptance(visit: VisitId, body: &AcceptanceBody) -> Result<Self, Error> {
        let key = OwnKey { visit, kind: OwnKind::Acceptance, part: String::new() };
        Ok(Self { key, body: json(body)?, deleted: false, way_back: WayBack::default() })
    }

    pub(crate) fn timeline(body: &TimelineBody) -> Result<Self, Error> {
        let key = OwnKey { visit: body.visit, kind: OwnKind::Timeline, part: String::new() };
        Ok(Self { key, body: json(body)?, deleted: false, way_back: WayBack::default() })
    }

    /// An answer on top of the one before; also of one that was cleared.
    pub(crate) fn answer(before: Option<&OwnRecord>, body: &AnswerBody) -> Result<Self, Error> {
        let key = answer_key(body.visit, &body.answer.criterion);
        let way_back = before.map_or(WayBack::FIRST, OwnRecord::way_back_here);
        Ok(Self { key, body: json(body)?, deleted: false, way_back })
    }

    /// No answer any more; the body says what was taken back.
    pub(crate) fn cleared(before: &OwnRecord) -> Self {
        let (key, body) = (before.key.clone(), before.body.clone());
        Self { key, body, deleted: true, way_back: before.way_back_here() }
    }
}

/// The number and the revision of the next seal: a refused revision was never on record, so its number
/// of revision is free again.
fn next_seal(seals: &[Seal], on_server: u32, now_ms: i64) -> Seal {
    let (number, revision) = match seals.last() {
        Some(last) if last.outcome == Some(SealOutcome::Rejected) => {
            (last.number + 1, last.revision)
        }
        Some(last) => (last.number + 1, last.revision + 1),
        None => (1, 1),
    };
    Seal {
        number,
        // A device that was set up anew goes on from what the server has.
        revision: revision.max(on_server + 1),
        sealed_ms: now_ms,
        outcome: None,
        settled_visit_rev: None,
        complete_ms: None,
    }
}

pub(crate) fn answer_key(visit: VisitId, criterion: &str) -> OwnKey {
    OwnKey { visit, kind: OwnKind::Answer, part: criterion.to_owned() }
}

fn json(body: &impl Serialize) -> Result<String, Error> {
    canonical_json(body).map_err(Error::stored("body"))
}
