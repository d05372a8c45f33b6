//! What the server has of the work, and what a person has yet to decide.

use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{OperationId, VisitId};
use mizan_protocol::record::{TextJson, TimelineBody};
use mizan_protocol::sync::Record;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::view::answer::AnswerView;
use crate::api::view::visit::{ContactView, Delivery, MomentView, Orphan, contact_views, moments};
use crate::device::Device;
use crate::error::Error;
use crate::ledger;
use crate::store::own_records::WayBack;
use crate::sync::{Conflict, Keep, OwnKey, OwnKind, Rejection};
use crate::visit::{contacts, given, timeline};

/// What the server has and what it lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Ledger {
    /// When a sync last ran to its end, milliseconds since 1970 UTC.
    #[schema(required)]
    pub(crate) last_sync_ms: Option<i64>,
    /// Records the server does not have as they are now.
    pub(crate) unsent_records: usize,
    /// Files the server is not known to have.
    pub(crate) unsent_files: usize,
    pub(crate) unsent_bytes: u64,
    /// Conflicts a person has yet to resolve.
    pub(crate) conflicts: usize,
    /// Refusals that still stand.
    pub(crate) rejections: usize,
    /// Every sealed evaluation, the newest first.
    pub(crate) evaluations: Vec<SealedView>,
    /// Every file that is attached or sealed, the newest first.
    pub(crate) files: Vec<FileView>,
    /// Work of visits that are granted no longer; it is kept.
    pub(crate) orphans: Vec<Orphan>,
}

/// One sealed evaluation and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SealedView {
    pub(crate) visit: VisitId,
    /// Null when the visit is granted no longer.
    #[schema(required)]
    pub(crate) centre_code: Option<String>,
    /// Null when the visit is granted no longer.
    #[schema(required)]
    pub(crate) centre: Option<TextJson>,
    /// Counts the seals of the visit from 1.
    pub(crate) number: u32,
    pub(crate) revision: u32,
    /// The SHA-256 of the sealed text.
    pub(crate) sha256: Digest,
    pub(crate) sealed_ms: i64,
    pub(crate) delivery: Delivery,
}

/// One evidence file and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FileView {
    /// The SHA-256 of its plain bytes.
    pub(crate) sha256: Digest,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    pub(crate) visits: Vec<VisitId>,
    /// When the server was known to have it, milliseconds since 1970 UTC.
    #[schema(required)]
    pub(crate) sent_ms: Option<i64>,
}

impl From<ledger::Ledger> for Ledger {
    fn from(ledger: ledger::Ledger) -> Self {
        Self {
            last_sync_ms: ledger.last_sync_ms,
            unsent_records: ledger.unsent_records,
            unsent_files: ledger.unsent_files,
            unsent_bytes: ledger.unsent_bytes,
            conflicts: ledger.conflicts,
            rejections: ledger.rejections,
            evaluations: ledger.evaluations.into_iter().map(SealedView::from).collect(),
            files: ledger.files.into_iter().map(FileView::from).collect(),
            orphans: ledger.orphans.into_iter().map(Orphan::from).collect(),
        }
    }
}

impl From<ledger::SealedWork> for SealedView {
    fn from(work: ledger::SealedWork) -> Self {
        let (centre_code, centre) = work.centre.unzip();
        Self {
            visit: work.visit,
            centre_code,
            centre,
            number: work.seal.number,
            revision: work.seal.revision,
            sha256: work.sha256,
            sealed_ms: work.seal.sealed_ms,
            delivery: work.delivery.into(),
        }
    }
}

impl From<ledger::FileWork> for FileView {
    fn from(file: ledger::FileWork) -> Self {
        Self {
            sha256: file.sha256,
            media_type: file.media_type,
            bytes: file.bytes,
            visits: file.visits.into_iter().collect(),
            sent_ms: file.sent_ms,
        }
    }
}

/// A record that was changed in two places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ConflictView {
    /// By which it is resolved.
    pub(crate) operation: OperationId,
    pub(crate) visit: VisitId,
    /// Null when the visit is granted no longer.
    #[schema(required)]
    pub(crate) centre_code: Option<String>,
    pub(crate) kind: RecordKind,
    /// The criterion of an answer.
    #[schema(required)]
    pub(crate) criterion: Option<String>,
    /// What this device sent.
    pub(crate) ours: VersionView,
    /// What the server has.
    pub(crate) theirs: VersionView,
    /// When it was found, milliseconds since 1970 UTC.
    pub(crate) found_ms: i64,
}

/// One version of a record in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct VersionView {
    /// The answer, where the record is one and not cleared; nothing can be undone in it.
    #[schema(required)]
    pub(crate) answer: Option<AnswerView>,
    /// The moments, where the record holds them.
    #[schema(required)]
    pub(crate) times: Option<Vec<MomentView>>,
    /// The contacts, where the record holds the moments.
    #[schema(required)]
    pub(crate) contacts: Option<Vec<ContactView>>,
    /// The server's revision: of ours the one it was based on.
    pub(crate) rev: i64,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecordKind {
    Acceptance,
    Answer,
    Timeline,
    Evaluation,
}

/// Which version is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct Resolution {
    pub(crate) keep: Kept,
}

/// A version of a record in conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kept {
    /// This device's.
    Ours,
    /// The server's.
    Theirs,
}

impl From<Kept> for Keep {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Ours => Self::Ours,
            Kept::Theirs => Self::Theirs,
        }
    }
}

/// A record the server would not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RejectionView {
    /// By which it is sent again.
    pub(crate) operation: OperationId,
    pub(crate) visit: VisitId,
    pub(crate) kind: RecordKind,
    /// The criterion of an answer.
    #[schema(required)]
    pub(crate) criterion: Option<String>,
    /// Why.
    pub(crate) error: ErrorBody,
    /// When it was refused, milliseconds since 1970 UTC.
    pub(crate) found_ms: i64,
}

/// The conflicts a person has yet to resolve, oldest first.
pub(crate) fn conflicts(device: &mut Device) -> Result<Vec<ConflictView>, Error> {
    let briefs = device.briefs()?;
    let view = |conflict: Conflict| {
        let brief = briefs.get(&conflict.key.visit);
        ConflictView {
            operation: conflict.operation,
            visit: conflict.key.visit,
            centre_code: brief.map(|brief| brief.body.centre_code.clone()),
            kind: kind(conflict.key.kind),
            criterion: criterion(&conflict.key),
            ours: version(&conflict.key, &conflict.ours, conflict.ours.base_rev),
            theirs: version(&conflict.key, &conflict.theirs, conflict.theirs.rev),
            found_ms: conflict.found_ms,
        }
    };
    Ok(device.conflicts()?.into_iter().map(view).collect())
}

impl From<Rejection> for RejectionView {
    fn from(rejection: Rejection) -> Self {
        Self {
            operation: rejection.operation,
            visit: rejection.key.visit,
            kind: kind(rejection.key.kind),
            criterion: criterion(&rejection.key),
            error: rejection.error,
            found_ms: rejection.found_ms,
        }
    }
}

fn kind(kind: OwnKind) -> RecordKind {
    match kind {
        OwnKind::Acceptance => RecordKind::Acceptance,
        OwnKind::Answer => RecordKind::Answer,
        OwnKind::Timeline => RecordKind::Timeline,
        OwnKind::Evaluation => RecordKind::Evaluation,
    }
}

fn criterion(key: &OwnKey) -> Option<String> {
    (key.kind == OwnKind::Answer).then(|| key.part.clone())
}

/// A body of a later shape shows as nothing rather than hiding the whole list.
fn version(key: &OwnKey, record: &Record, rev: i64) -> VersionView {
    let is_there = |of| key.kind == of && !record.deleted;
    let answer = || given(&record.body.to_string(), WayBack::default()).ok();
    let times = || serde_json::from_value(record.body.clone()).ok();
    let times: Option<TimelineBody> = is_there(OwnKind::Timeline).then(times).flatten();
    VersionView {
        answer: is_there(OwnKind::Answer).then(answer).flatten().map(AnswerView::from),
        contacts: times.as_ref().map(|body| contact_views(&contacts(body))),
        times: times.as_ref().map(|body| moments(&timeline(body))),
        rev,
    }
}
