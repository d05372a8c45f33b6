//! A sync under way and what it came to.

use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{bundle, exchange};

/// The running sync, or the last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SyncStatus {
    /// Counts the changes of this status.
    pub(crate) tick: u64,
    pub(crate) running: bool,
    /// What it is at; null when none runs.
    #[schema(required)]
    pub(crate) stage: Option<SyncStage>,
    /// How many records or files of this stage are done.
    pub(crate) done: usize,
    /// Of how many, where that is known.
    #[schema(required)]
    pub(crate) total: Option<usize>,
    /// What it came to, once it has run to its end.
    #[schema(required)]
    pub(crate) report: Option<SyncReport>,
    /// Why it did not. The work is safe on the device and the next sync goes on.
    #[schema(required)]
    pub(crate) error: Option<ErrorBody>,
    /// Whether a person ended it.
    pub(crate) cancelled: bool,
    /// When it ended, milliseconds since 1970 UTC.
    #[schema(required)]
    pub(crate) finished_ms: Option<i64>,
}

/// What a sync is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SyncStage {
    SigningIn,
    Pushing,
    Pulling,
    SendingFiles,
}

/// What a sync came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SyncReport {
    /// Records the server took.
    pub(crate) applied: usize,
    /// Records the server had already.
    pub(crate) same: usize,
    /// Records that met another version; a person decides.
    pub(crate) conflicts: usize,
    /// Records the server refused.
    pub(crate) rejected: usize,
    pub(crate) files_sent: usize,
    /// Files that do not read back on this device and were not sent.
    pub(crate) files_broken: Vec<Digest>,
    pub(crate) files_refused: Vec<RefusedFile>,
    /// Records received.
    pub(crate) pulled: usize,
    /// Streams that differed from the server's and were made the same by reading them again.
    pub(crate) repaired: Vec<String>,
    /// Streams that still differ.
    pub(crate) differing: Vec<String>,
    /// The server was put back from a backup, and everything was sent again.
    pub(crate) sent_again: bool,
    /// Pushes of this device were missing on the server, and everything was sent again.
    pub(crate) repaired_gap: bool,
}

/// A file the server would not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RefusedFile {
    pub(crate) sha256: Digest,
    pub(crate) error: ErrorBody,
}

impl From<exchange::SyncReport> for SyncReport {
    fn from(report: exchange::SyncReport) -> Self {
        let refused = |(sha256, error)| RefusedFile { sha256, error };
        let (repaired, differing): (Vec<_>, Vec<_>) =
            report.faults.into_iter().partition(|fault| fault.is_repaired);
        let names = |faults: Vec<exchange::StreamFault>| {
            faults.into_iter().map(|fault| fault.stream).collect()
        };
        Self {
            applied: report.pushed.applied,
            same: report.pushed.same,
            conflicts: report.pushed.conflicts,
            rejected: report.pushed.rejected,
            files_sent: report.files_sent,
            files_broken: report.files_broken,
            files_refused: report.files_refused.into_iter().map(refused).collect(),
            pulled: report.pulled,
            repaired: names(repaired),
            differing: names(differing),
            sent_again: report.sent_again,
            repaired_gap: report.repaired_gap,
        }
    }
}

/// What the answer to a bundle came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct BundleReport {
    /// Records the server took.
    pub(crate) applied: usize,
    /// Records the server had already.
    pub(crate) same: usize,
    /// Records that met another version; a person decides.
    pub(crate) conflicts: usize,
    /// Records the server refused.
    pub(crate) rejected: usize,
    /// Files the server is now known to have.
    pub(crate) files: usize,
    pub(crate) files_refused: Vec<RefusedFile>,
    /// Records received.
    pub(crate) pulled: usize,
    /// Something was missing on the server, and the next bundle or sync sends everything again.
    pub(crate) sends_again: bool,
}

impl From<bundle::BundleReport> for BundleReport {
    fn from(report: bundle::BundleReport) -> Self {
        let refused = |(sha256, error)| RefusedFile { sha256, error };
        Self {
            applied: report.pushed.applied,
            same: report.pushed.same,
            conflicts: report.pushed.conflicts,
            rejected: report.pushed.rejected,
            files: report.files,
            files_refused: report.files_refused.into_iter().map(refused).collect(),
            pulled: report.pulled,
            sends_again: report.is_new_epoch || report.is_sent_again,
        }
    }
}
