//! The steps of a sync on the device's side: what to send, and what an answer changes.
//!
//! No network and no clock: a driver carries the messages (`exchange`). The order is fixed: what is
//! sent is committed before it is sent, and until the server's answer is committed exactly the same is
//! sent again. An edit made meanwhile has a higher mark and stays dirty.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{AddAssign, Range};

use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::{EvaluationDocument, EvidenceRef};
use mizan_protocol::id::{OperationId, VisitId};
use mizan_protocol::proof::{Fault, Site, is_planted, reached};
use mizan_protocol::sync::{
    EvidenceQuery, MAX_BYTES, MAX_OPERATIONS, Operation, Outcome, PullRequest, PullResponse,
    PushRequest, PushResponse, Record, SCHEMA, StreamPage, stream_digest,
};
use rusqlite::Transaction;
use serde_json::Map;

use crate::chain;
use crate::device::Device;
use crate::error::Error;
use crate::handover;
use crate::store::inflight::{self, Inflight};
use crate::store::own_records::{self, Change, OwnRecord, WayBack};
use crate::store::{
    bundles, conflicts, evidence_files, links, pulled_records, rejections, seals, settings, streams,
};

pub use crate::store::conflicts::{Conflict, Keep};
pub use crate::store::own_records::{OwnKey, OwnKind};
pub use crate::store::rejections::Rejection;
use crate::store::seals::SealOutcome;

/// What the outcomes of a push came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushCount {
    /// Changes the server took.
    pub applied: usize,
    /// Changes the server had already.
    pub same: usize,
    /// Changes that met another version.
    pub conflicts: usize,
    /// Changes the server refused.
    pub rejected: usize,
    /// Changes that met an earlier version of this device's own, and go again based on that.
    pub rebased: usize,
}

impl PushCount {
    /// Changes the server has answered, whatever its answer.
    #[must_use]
    pub fn settled(&self) -> usize {
        self.applied + self.same + self.conflicts + self.rejected
    }
}

impl AddAssign for PushCount {
    fn add_assign(&mut self, more: Self) {
        self.applied += more.applied;
        self.same += more.same;
        self.conflicts += more.conflicts;
        self.rejected += more.rejected;
        self.rebased += more.rebased;
    }
}

/// What a page of each stream came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullStep {
    /// Records that came.
    pub records: usize,
    /// Whether there is more now.
    pub more: bool,
    /// The server's data were put back from a backup: everything is to be sent again.
    pub is_new_epoch: bool,
    /// Streams that were dropped because they are granted no longer.
    pub dropped: Vec<String>,
    /// Streams whose count or digest differs from the server's.
    pub differing: Vec<String>,
}

impl Device {
    /// What to push: what is on its way already, exactly as it was, or else what is dirty, committed as
    /// being on its way before this returns. `None` when there is nothing.
    ///
    /// More than one push may be on its way, since a bundle takes all along: they go one after the other.
    ///
    /// # Errors
    /// The disk's.
    pub fn next_push(&mut self, now_ms: i64) -> Result<Option<PushRequest>, Error> {
        if inflight::is_empty(self.store.read())? {
            let mut changes = self.dirty_changes(MAX_OPERATIONS, now_ms)?;
            changes.truncate(fitting(&changes)?);
            if is_planted(Fault::SyncedBeforeSent) {
                return self.send_unkept(changes);
            }
            self.send_off(&changes)?;
            reached(Site::DeviceSendsOff);
        } else if is_planted(Fault::NewOperationOnRetry) {
            self.rename_under_way(now_ms)?;
        } else if !inflight::unlinked(self.store.read(), 1)?.is_empty() {
            // Put on its way before pushes were signed.
            self.send_off(&[])?;
        }
        Ok(self.pushes_under_way(1)?.pop())
    }

    /// Commits changes as being on their way, as links of the chain.
    pub(crate) fn send_off(&mut self, changes: &[Inflight]) -> Result<(), Error> {
        let author = self.author()?;
        self.store.write(|tx| {
            changes.iter().try_for_each(|change| inflight::insert(tx, change))?;
            author.iter().try_for_each(|author| chain::link_up(tx, author))
        })
    }

    /// The planted fault that counts changes as synced when they are sent.
    fn send_unkept(&mut self, changes: Vec<Inflight>) -> Result<Option<PushRequest>, Error> {
        let Some(author) = self.author()?.filter(|_| !changes.is_empty()) else { return Ok(None) };
        self.store.write(|tx| {
            for change in &changes {
                own_records::settle(tx, &change.key, change.generation, None)?;
            }
            chain::next_link(tx, &author, changes).map(Some)
        })
    }

    /// The planted fault that gives a change a new name each time it is sent.
    fn rename_under_way(&mut self, now_ms: i64) -> Result<(), Error> {
        let Some(number) = links::first_number(self.store.read())? else { return Ok(()) };
        let mut changes = inflight::of_link(self.store.read(), number)?;
        for change in &mut changes {
            change.operation.op_id = OperationId(self.new_id(now_ms));
        }
        self.store.write(|tx| links::settle(tx, number))?;
        self.send_off(&changes)
    }

    /// The first changes that are dirty and of whose record nothing is on its way, each with a new id.
    pub(crate) fn dirty_changes(
        &mut self,
        limit: usize,
        now_ms: i64,
    ) -> Result<Vec<Inflight>, Error> {
        let dirty = own_records::dirty(self.store.read(), limit)?;
        let mut changes = Vec::with_capacity(dirty.len());
        for own in dirty {
            changes.push(under_way_as(own, OperationId(self.new_id(now_ms)))?);
        }
        Ok(changes)
    }

    /// Takes the outcomes of a push in, in one transaction. One that was taken before, by whatever way it
    /// came, is not taken again.
    ///
    /// # Errors
    /// The disk's.
    pub fn settle_push(
        &mut self,
        response: &PushResponse,
        now_ms: i64,
    ) -> Result<PushCount, Error> {
        let mut open = Vec::with_capacity(response.outcomes.len());
        let mut taken = BTreeSet::new();
        for outcome in response.outcomes.iter().filter(|of| taken.insert(of.op_id)) {
            let Some(change) = inflight::find(self.store.read(), outcome.op_id)? else { continue };
            let visit_rev = self.rev_before(&change)?;
            let earlier = self.own_earlier_version(&change, &outcome.outcome)?;
            open.push((change, visit_rev, earlier, &outcome.outcome));
        }
        let mut count = PushCount::default();
        let answered: BTreeSet<i64> = open.iter().filter_map(|(change, ..)| change.link).collect();
        self.store.write(|tx| {
            for (change, visit_rev, earlier, outcome) in &open {
                reached(Site::DeviceSettles);
                if let Some(rev) = earlier {
                    own_records::rebase(tx, &change.key, *rev)?;
                    inflight::remove(tx, change.operation.op_id)?;
                    count.rebased += 1;
                } else {
                    settle(tx, change, outcome, *visit_rev, now_ms)?;
                    tally(&mut count, outcome);
                }
            }
            answered.iter().try_for_each(|number| links::settle(tx, *number))
        })?;
        if !open.is_empty() {
            self.briefs = None;
        }
        Ok(count)
    }

    /// The revision of what the server has instead, when that is a version this device made earlier: there
    /// is nothing to decide, the newer one follows it. So it is after a backup was put back.
    fn own_earlier_version(
        &self,
        change: &Inflight,
        outcome: &Outcome,
    ) -> Result<Option<i64>, Error> {
        let Outcome::Conflict { current } = outcome else { return Ok(None) };
        let is_draft = change.key.kind != OwnKind::Evaluation;
        if !is_draft || current.kind != change.key.kind.word() {
            return Ok(None);
        }
        let body = canonical_json(&current.body).map_err(Error::stored("record"))?;
        let history = own_records::history(self.store.read(), &change.key)?;
        let is_ours = history.iter().any(|of| of.body == body && of.deleted == current.deleted);
        Ok(is_ours.then_some(current.rev))
    }

    /// The revision of the visit's record as it is here, or one less when that already speaks of the
    /// evaluation whose outcome comes only now: answers to bundles may overtake each other.
    fn rev_before(&mut self, change: &Inflight) -> Result<i64, Error> {
        let visit = change.key.visit;
        let Ok(brief) = self.brief(visit) else { return Ok(0) };
        if change.key.kind != OwnKind::Evaluation {
            return Ok(brief.rev);
        }
        let seals = seals::of_visit(self.store.read(), visit)?;
        let seal = seals.iter().find(|seal| seal.number.to_string() == change.key.part);
        let is_known = seal.is_some_and(|seal| brief.body.revisions >= seal.revision);
        Ok(if is_known { brief.rev - 1 } else { brief.rev })
    }

    /// What to ask for.
    ///
    /// # Errors
    /// The disk's.
    pub fn pull_request(&self) -> Result<PullRequest, Error> {
        Ok(PullRequest { cursors: streams::cursors(self.store.read())? })
    }

    /// Takes a page of each stream in: page and cursor in one transaction, a stream that is granted no
    /// longer dropped whole. What was made on this device is never touched.
    ///
    /// # Errors
    /// The disk's.
    pub fn apply_pull(&mut self, response: &PullResponse) -> Result<PullStep, Error> {
        // First, so that a cut cannot leave an answer that is older than a page that is here.
        self.store.write(bundles::outdate_pages)?;
        self.apply_pages(response)
    }

    /// Learns what the server's data are called. Data of another name than before may lack what they once
    /// had: then everything is to be sent again, as if for the first time, and what is there already is
    /// found to be the same.
    ///
    /// # Errors
    /// The disk's.
    pub fn meet_epoch(&mut self, told: Option<&str>) -> Result<bool, Error> {
        let known = settings::epoch(self.store.read())?;
        let Some(epoch) = told.filter(|epoch| known.as_deref() != Some(*epoch)) else {
            return Ok(false);
        };
        self.store.write(|tx| {
            if known.is_some() {
                chain::forget_server(tx)?;
            }
            settings::set_epoch(tx, epoch)
        })?;
        Ok(known.is_some())
    }

    /// As [`Device::apply_pull`], whichever way the pages came.
    pub(crate) fn apply_pages(&mut self, response: &PullResponse) -> Result<PullStep, Error> {
        let is_new_epoch = self.meet_epoch(response.epoch.as_deref())?;
        let mut step = PullStep { is_new_epoch, ..PullStep::default() };
        let granted: BTreeSet<&str> =
            response.streams.iter().map(|page| page.stream.as_str()).collect();
        for stream in streams::names(self.store.read())? {
            if !granted.contains(stream.as_str()) && !is_planted(Fault::StreamNotDropped) {
                self.store.write(|tx| streams::drop_stream(tx, &stream))?;
                step.dropped.push(stream);
            }
        }
        for page in &response.streams {
            if is_planted(Fault::CursorBeforePage) {
                self.store.write(|tx| {
                    streams::round(tx, &page.stream)?;
                    streams::set_cursor(tx, &page.stream, &page.cursor)
                })?;
                reached(Site::DeviceTakesPage);
            }
            let mut marks = self.store.next_gens(page.records.len());
            self.store.write(|tx| apply_page(tx, page, &mut marks))?;
            step.records += page.records.len();
            step.more |= page.more;
            if self.differs(page)? {
                step.differing.push(page.stream.clone());
            }
        }
        self.briefs = None;
        self.rubrics = None;
        Ok(step)
    }

    /// Reads a stream from its beginning at the next pull; what is not met again is dropped at its end.
    ///
    /// # Errors
    /// The disk's.
    pub fn restart_stream(&mut self, stream: &str) -> Result<(), Error> {
        self.store.write(|tx| streams::begin_round(tx, stream))
    }

    /// The files named by evaluations the server has on record without, as far as is known, all files.
    ///
    /// # Errors
    /// The disk's.
    pub fn files_to_send(&self) -> Result<Vec<EvidenceRef>, Error> {
        let mut files = BTreeMap::new();
        for (visit, number) in seals::incomplete(self.store.read())? {
            for file in self.files_of(visit, number)? {
                files.insert(file.sha256, file);
            }
        }
        Ok(files.into_values().collect())
    }

    /// The form in which the server is asked which of these files it lacks.
    #[must_use]
    pub fn evidence_query(files: &[EvidenceRef]) -> EvidenceQuery {
        EvidenceQuery { sha256: files.iter().map(|file| file.sha256).collect() }
    }

    /// The server has these files; evaluations all of whose files it has are sent.
    ///
    /// # Errors
    /// The disk's.
    pub fn settle_files(&mut self, present: &BTreeSet<Digest>, now_ms: i64) -> Result<(), Error> {
        let mut complete = Vec::new();
        for (visit, number) in seals::incomplete(self.store.read())? {
            if self.files_of(visit, number)?.iter().all(|file| present.contains(&file.sha256)) {
                complete.push((visit, number));
            }
        }
        self.store.write(|tx| {
            for sha256 in present {
                evidence_files::mark_sent(tx, sha256, now_ms)?;
            }
            for (visit, number) in complete {
                seals::complete(tx, visit, number, now_ms)?;
            }
            Ok(())
        })
    }

    /// Where on the server a file is on its way.
    pub(crate) fn upload_of(&self, sha256: &Digest) -> Result<Option<String>, Error> {
        evidence_files::upload(self.store.read(), sha256)
    }

    /// A file is on its way there; a later sync goes on with it.
    pub(crate) fn remember_upload(&mut self, sha256: &Digest, path: &str) -> Result<(), Error> {
        self.store.write(|tx| evidence_files::set_upload(tx, sha256, Some(path)))
    }

    /// A file is on its way no longer.
    pub(crate) fn forget_upload(&mut self, sha256: &Digest) -> Result<(), Error> {
        self.store.write(|tx| evidence_files::set_upload(tx, sha256, None))
    }

    /// A sync has run to its end.
    ///
    /// # Errors
    /// The disk's.
    pub fn end_sync(&mut self, now_ms: i64) -> Result<(), Error> {
        self.store.write(|tx| settings::set_last_sync(tx, now_ms))
    }

    /// The conflicts a person has yet to resolve, oldest first.
    ///
    /// # Errors
    /// The disk's.
    pub fn conflicts(&self) -> Result<Vec<Conflict>, Error> {
        conflicts::open(self.store.read())
    }

    /// Resolves a conflict. Both versions stay on the device whichever is kept.
    ///
    /// # Errors
    /// [`Error::NoConflict`].
    pub fn resolve(&mut self, operation: OperationId, keep: Keep) -> Result<(), Error> {
        let open = self.conflicts()?;
        let none = || Error::NoConflict { operation: operation.to_string() };
        let conflict = open.into_iter().find(|of| of.operation == operation).ok_or_else(none)?;
        let generation = self.store.next_gen();
        self.store.write(|tx| {
            conflicts::close(tx, operation, keep)?;
            let is_evaluation = conflict.key.kind == OwnKind::Evaluation;
            match keep {
                Keep::Ours => {
                    own_records::mark(tx, &conflict.key, generation)?;
                    if is_evaluation {
                        let key = &conflict.key;
                        seals::settle(tx, key.visit, &key.part, None, None)?;
                    }
                    Ok(())
                }
                // A sealed evaluation is never altered: the server's stands, ours stays as it is.
                Keep::Theirs if is_evaluation => Ok(()),
                Keep::Theirs => adopt(tx, &conflict, generation),
            }
        })?;
        self.briefs = None;
        Ok(())
    }

    /// Refusals of records that still stand as they were refused, oldest first.
    ///
    /// # Errors
    /// The disk's.
    pub fn rejections(&self) -> Result<Vec<Rejection>, Error> {
        rejections::standing(self.store.read())
    }

    /// Sends a refused record once more as it stands, after its cause was removed.
    ///
    /// # Errors
    /// [`Error::NoConflict`] when no such refusal stands.
    pub fn send_again(&mut self, operation: OperationId) -> Result<(), Error> {
        let none = || Error::NoConflict { operation: operation.to_string() };
        let standing = self.rejections()?;
        let found = standing.into_iter().find(|of| of.operation == operation).ok_or_else(none)?;
        let generation = self.store.next_gen();
        self.store.write(|tx| {
            own_records::mark(tx, &found.key, generation)?;
            if found.key.kind == OwnKind::Evaluation {
                seals::settle(tx, found.key.visit, &found.key.part, None, None)?;
            }
            Ok(())
        })?;
        self.briefs = None;
        Ok(())
    }

    fn differs(&self, page: &StreamPage) -> Result<bool, Error> {
        let Some(summary) = page.summary.as_ref().filter(|_| !page.more) else { return Ok(false) };
        let mut held = pulled_records::revisions(self.store.read(), &page.stream)?;
        Ok(held.len() as u64 != summary.count || stream_digest(&mut held) != summary.digest)
    }

    pub(crate) fn files_of(&self, visit: VisitId, number: u32) -> Result<Vec<EvidenceRef>, Error> {
        let sealed = self.sealed(visit, number)?;
        let document: EvaluationDocument =
            serde_json::from_str(&sealed.document).map_err(Error::stored("evaluation"))?;
        Ok(document.evidence)
    }
}

/// What is sent of changes.
pub(crate) fn operations(changes: Vec<Inflight>) -> Vec<Operation> {
    changes.into_iter().map(|change| change.operation).collect()
}

fn under_way_as(own: OwnRecord, op_id: OperationId) -> Result<Inflight, Error> {
    let record = Record {
        id: own.id,
        kind: own.key.kind.word().to_owned(),
        schema_v: SCHEMA,
        rubric_v: own.rubric_v,
        base_rev: own.base_rev,
        rev: 0,
        body: serde_json::from_str(&own.body).map_err(Error::stored("record"))?,
        deleted: own.deleted,
        unknown: Map::new(),
    };
    let operation = Operation { op_id, record };
    Ok(Inflight { key: own.key, generation: own.generation, operation, link: None })
}

/// How many changes fit one push: the bytes of their JSON, and always at least one.
pub(crate) fn fitting(changes: &[Inflight]) -> Result<usize, Error> {
    // The brackets and the name of the list, the link, and a comma for each change.
    let mut bytes = 512;
    for (at, change) in changes.iter().enumerate() {
        bytes += serde_json::to_vec(&change.operation).map_err(Error::stored("change"))?.len() + 1;
        if bytes > MAX_BYTES && at > 0 {
            return Ok(at);
        }
    }
    Ok(changes.len())
}

fn settle(
    tx: &Transaction<'_>,
    change: &Inflight,
    outcome: &Outcome,
    visit_rev: i64,
    now_ms: i64,
) -> Result<(), Error> {
    let key = &change.key;
    let operation = change.operation.op_id;
    let (rev, seal) = match outcome {
        Outcome::Applied { rev } | Outcome::Same { rev } => (Some(*rev), SealOutcome::Applied),
        Outcome::Conflict { current } => {
            conflicts::insert(
                tx,
                &Conflict {
                    operation,
                    key: key.clone(),
                    ours: change.operation.record.clone(),
                    theirs: current.clone(),
                    found_ms: now_ms,
                },
            )?;
            (Some(current.rev), SealOutcome::Conflict)
        }
        Outcome::Rejected { error } => {
            let record = change.operation.record.clone();
            let error = error.clone();
            let rejection =
                Rejection { operation, key: key.clone(), record, error, found_ms: now_ms };
            rejections::insert(tx, &rejection, change.generation)?;
            (None, SealOutcome::Rejected)
        }
    };
    own_records::settle(tx, key, change.generation, rev)?;
    if key.kind == OwnKind::Evaluation {
        let settled_rev = (seal != SealOutcome::Rejected).then_some(visit_rev);
        seals::settle(tx, key.visit, &key.part, Some(seal), settled_rev)?;
    }
    inflight::remove(tx, operation)
}

fn tally(count: &mut PushCount, outcome: &Outcome) {
    match outcome {
        Outcome::Applied { .. } => count.applied += 1,
        Outcome::Same { .. } => count.same += 1,
        Outcome::Conflict { .. } => count.conflicts += 1,
        Outcome::Rejected { .. } => count.rejected += 1,
    }
}

fn apply_page(
    tx: &Transaction<'_>,
    page: &StreamPage,
    marks: &mut Range<i64>,
) -> Result<(), Error> {
    if page.restarted {
        streams::begin_round(tx, &page.stream)?;
    }
    let round = streams::round(tx, &page.stream)?;
    for record in &page.records {
        reached(Site::DeviceTakesPage);
        if record.deleted && is_planted(Fault::TombstoneSkipped) {
            continue;
        }
        if record.deleted {
            pulled_records::remove(tx, &page.stream, record.id)?;
        } else {
            pulled_records::put(tx, &page.stream, round, record)?;
        }
        handover::adopt(tx, record, marks)?;
    }
    streams::set_cursor(tx, &page.stream, &page.cursor)?;
    if !page.more {
        pulled_records::end_round(tx, &page.stream, round)?;
    }
    Ok(())
}

/// Takes the server's version; the trigger keeps ours in the history.
fn adopt(tx: &Transaction<'_>, conflict: &Conflict, generation: i64) -> Result<(), Error> {
    let body = canonical_json(&conflict.theirs.body).map_err(Error::stored("record"))?;
    let key = &conflict.key;
    let before = own_records::find(tx, key)?;
    let deleted = conflict.theirs.deleted;
    let way_back = match &before {
        // The same version again: nothing is replaced, and undo leads where it led.
        Some(before) if before.body == body && before.deleted == deleted => before.way_back,
        Some(before) if key.kind == OwnKind::Answer => before.way_back_here(),
        Some(_) | None => WayBack::default(),
    };
    let change = Change {
        key,
        id: conflict.ours.id,
        rubric_v: conflict.theirs.rubric_v.as_ref(),
        body: &body,
        generation,
        deleted,
        way_back,
    };
    own_records::put(tx, &change)?;
    own_records::settle(tx, key, generation, Some(conflict.theirs.rev))
}
