//! Push and pull: the messages by which a device and the server come into step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::canonical::Digest;
use crate::chain::Link;
use crate::code::ErrorBody;
use crate::id::{OperationId, RecordId};
use crate::signature::Signature;

/// The version of the records' shapes that this code writes.
pub const SCHEMA: u32 = 1;
/// The oldest version of the records' shapes that is still read: the one before [`SCHEMA`].
pub const OLDEST_SCHEMA: u32 = SCHEMA.saturating_sub(1);
/// The most operations of one push.
pub const MAX_OPERATIONS: usize = 200;
/// The most records of one page.
pub const MAX_PAGE: usize = 500;
/// The most bytes of one push or page.
pub const MAX_BYTES: usize = 1 << 20;

/// One record in one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// The record's id, made by whoever made the record.
    pub id: RecordId,
    /// What it is, one of [`crate::record::KINDS`].
    pub kind: String,
    /// The version of the body's shape.
    pub schema_v: u32,
    /// The digest of the rubric it speaks of, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rubric_v: Option<Digest>,
    /// The server's revision the sender last saw; 0 for a record the server has never had.
    pub base_rev: i64,
    /// The server's revision of this state; 0 on its way to the server.
    pub rev: i64,
    /// What it says.
    pub body: Value,
    /// Whether it is gone.
    #[serde(default)]
    pub deleted: bool,
    /// Fields of a later version, kept and returned.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// One change on its way to the server. Sent again after a failure it is exactly the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    /// Makes the change safe to repeat.
    pub op_id: OperationId,
    /// The record as it should be.
    pub record: Record,
}

/// Up to [`MAX_OPERATIONS`] changes, in the order they were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PushRequest {
    /// The epoch of the data the changes are based on; with another the server takes none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// The changes.
    pub operations: Vec<Operation>,
    /// Its place in the chain of its device's pushes, signed. The version before had none; whose device
    /// has once signed is refused without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// It is on record in this revision.
    Applied {
        /// The new revision.
        rev: i64,
    },
    /// The server had it so already.
    Same {
        /// The revision it has.
        rev: i64,
    },
    /// Somebody else changed the record meanwhile; both versions are kept.
    Conflict {
        /// The server's state.
        current: Record,
    },
    /// The server will not have it; it stays on the device and is shown.
    Rejected {
        /// Why.
        error: ErrorBody,
    },
}

/// The outcomes of a push, in the order of its operations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PushResponse {
    /// One for each operation.
    pub outcomes: Vec<OperationOutcome>,
    /// To a push that is a link: the server's signature of [`crate::chain::receipt_text`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Signature>,
    /// In an answer to a bundle: why nothing of the push was taken, and there are no outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<ErrorBody>,
}

/// The outcome of one operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OperationOutcome {
    /// The operation.
    pub op_id: OperationId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Asks for what is new in the caller's streams.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullRequest {
    /// The cursor last given for each stream; a stream without one starts at its beginning.
    #[serde(default)]
    pub cursors: BTreeMap<String, String>,
}

/// What is new, a page for each granted stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PullResponse {
    /// Names the server's data. Another name than before means that they were put back from a backup:
    /// what the caller had sent may be gone, and is to be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// The streams the caller may read. One that left this list is dropped whole.
    pub streams: Vec<StreamPage>,
}

/// A page of one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StreamPage {
    /// The stream's name.
    pub stream: String,
    /// The cursor was of another epoch: this page starts at the beginning, and what the caller has
    /// and does not meet again is gone.
    pub restarted: bool,
    /// The records, oldest change first.
    pub records: Vec<Record>,
    /// Where the next page starts. Opaque.
    pub cursor: String,
    /// Whether there is more now.
    pub more: bool,
    /// The state of the whole stream, once there is no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<StreamSummary>,
}

/// Lets both sides see that they hold the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StreamSummary {
    /// How many records live in the stream.
    pub count: u64,
    /// [`stream_digest`] of them.
    pub digest: Digest,
}

/// The digest of a stream: SHA-256 over `id rev` lines of its living records, sorted by id.
#[must_use]
pub fn stream_digest(records: &mut [(RecordId, i64)]) -> Digest {
    records.sort_unstable();
    let mut hash = Sha256::new();
    for (id, rev) in records.iter() {
        hash.update(format!("{id} {rev}\n"));
    }
    Digest::from_hash(hash)
}

/// Asks which of these pieces of evidence the server still lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceQuery {
    /// Digests of plain bytes.
    pub sha256: Vec<Digest>,
}

/// What the server lacks of an [`EvidenceQuery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceMissing {
    /// The digests to send.
    pub missing: Vec<Digest>,
}
