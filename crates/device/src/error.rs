//! Everything that can go wrong on a device, each with its values and its remedy.
//!
//! Nothing personal goes in here: no answer, no note, no passphrase.

use std::path::PathBuf;

use mizan_domain::evaluation::AnswerFault;
use mizan_domain::rubric::Fault;
use mizan_domain::submission::SubmissionFault;
use mizan_domain::visit::VisitRefusal;
use mizan_protocol::bundle::BundleFault;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{BundleId, ContactId, VisitId};
use mizan_protocol::media::{ALLOWED, MAX_BYTES, MediaFault};

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields hold")]
pub enum Error {
    #[error("{home} already holds a device; open it, or choose another folder")]
    AlreadyExists { home: PathBuf },
    #[error("{home} holds no device; create one there first, or check the path")]
    NoDevice { home: PathBuf },
    #[error("{home} is in use by another copy of the program; close that one first")]
    InUse { home: PathBuf },
    #[error("the passphrase is wrong; try again, or unlock by the recovery key")]
    WrongPassphrase,
    #[error("the recovery key does not belong to this device; use the one of its programme")]
    WrongRecoveryKey,
    #[error("the passphrase has {chars} characters; choose at least {min}")]
    PassphraseTooShort { chars: usize, min: usize },
    #[error("argon2id does not take {memory_kib} KiB and {passes} passes; use Cost::STANDARD")]
    BadCost { memory_kib: u32, passes: u32 },
    #[error("the system's keyring does not answer ({reason}); unlock with the passphrase")]
    KeyringUnavailable { reason: String },
    #[error("this device has no {slot} to unlock with; unlock with the passphrase")]
    NoSlot { slot: &'static str },
    #[error("{path} is not readable as a key file ({reason}); put back a copy of it")]
    KeyFile { path: PathBuf, reason: String },
    #[error(
        "the key does not open {path}: the file belongs to another key file, or its first page is \
         damaged; nothing was changed; put back the key file or the database that belong together"
    )]
    WrongKey { path: PathBuf },
    #[error(
        "the database is missing at {path} while its key file is there; put the file back, or look \
         beside it for one that was set aside"
    )]
    DatabaseMissing { path: PathBuf },
    #[error("{path} is the file of another program; choose another folder")]
    ForeignDatabase { path: PathBuf },
    #[error(
        "the database has version {found}, this program knows up to {known}; update the program; \
         nothing was changed"
    )]
    NewerDatabase { found: i64, known: i64 },
    #[error(
        "the database is damaged ({what}); it was set aside and kept as {kept}; give that file to \
         the programme's support before anything else"
    )]
    Damaged { what: String, kept: PathBuf },
    #[error("the disk is full; free some space and repeat the last step; all earlier work is kept")]
    DiskFull,
    #[error("database: {0}")]
    Database(#[source] rusqlite::Error),
    #[error("the step {step} of the database's upgrade failed ({source}); nothing was changed")]
    Migration {
        step: &'static str,
        #[source]
        source: rusqlite::Error,
    },
    #[error("{what} {path}: {source}")]
    File {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("a stored {what} is not readable: {source}")]
    Stored {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("the device is not enrolled yet; sign in to the server once")]
    NotEnrolled,
    #[error(
        "the device is enrolled at {server} and holds work for it; enrol there again, or make another \
         device for another server"
    )]
    AlreadyEnrolled { server: String },
    #[error("the server no longer admits this device; what is on it stays; tell the programme")]
    Revoked,
    #[error(
        "the programme ordered this device to be wiped; nothing is left on it; ask the programme for a \
         new enrolment code to make another"
    )]
    Wiped,
    #[error("there is no visit {visit} on this device; sync, or check its id")]
    NoVisit { visit: VisitId },
    #[error(
        "the device has gone too long without its server, so only visits in progress are shown; sync once, and everything is there again"
    )]
    GrantEnded { visit: VisitId },
    #[error("the rubric {sha256} of the visit is not on this device; sync again")]
    NoRubric { sha256: Digest },
    #[error("the rubric of the visit has faults; tell the programme; first: {}", first(.faults))]
    BadRubric { faults: Vec<Fault> },
    #[error("the visit is submitted; its answers can no longer change")]
    AlreadySubmitted { visit: VisitId },
    #[error(transparent)]
    Visit(#[from] VisitRefusal),
    #[error(transparent)]
    Answer(#[from] AnswerFault),
    #[error("criterion {criterion} has no answer yet; answer it, then add the note")]
    NoteBeforeAnswer { criterion: String },
    #[error("criterion {criterion} has no earlier answer to go back to")]
    NothingToUndo { criterion: String },
    #[error("there is no contact {contact} on the visit, or no moment of that number in it")]
    NoContact { contact: ContactId },
    #[error("`{moment}` cannot come next in this contact; what can: {next}")]
    NotNext { moment: &'static str, next: String },
    #[error(
        "a visit is submitted with the declaration that it followed its brief (M15); declare it, or \
         tell the programme why not"
    )]
    BriefNotFollowed,
    #[error("the visit cannot be submitted yet: {} open, first: {}", .faults.len(), first(.faults))]
    NotReady { faults: Vec<SubmissionFault> },
    #[error(transparent)]
    EvidenceKind(SubmissionFault),
    #[error("the file has {bytes} bytes; at most {max} are accepted; make it smaller")]
    EvidenceTooLarge { bytes: usize, max: usize },
    #[error("the file is empty; choose another")]
    EvidenceEmpty,
    #[error("a file of the type {found} is not accepted; save it as one of: {allowed}")]
    EvidenceType { found: String, allowed: &'static str },
    #[error("the {media_type} file is cut off or damaged ({what}); copy or take it again")]
    EvidenceDamaged { media_type: &'static str, what: &'static str },
    #[error("there is no evidence {sha256} on this device")]
    NoEvidence { sha256: Digest },
    #[error("the stored evidence {sha256} does not read back as it was; keep the file {path}")]
    EvidenceBroken { sha256: Digest, path: PathBuf },
    #[error(
        "the server at {server} cannot be reached ({reason}); the work is safe on this device; sync again when there is a connection"
    )]
    Unreachable { server: String, reason: String },
    #[error(
        "the connection to the server broke off ({reason}); the work is safe on this device; sync again"
    )]
    Cut { reason: String },
    #[error("the server is busy; the work is safe on this device; sync again in {after_s} seconds")]
    Busy { after_s: u64 },
    #[error("the server refused with {status} {}; the work is safe on this device", .body.code)]
    Refused { status: u16, body: ErrorBody },
    #[error(
        "the server's answer is not understood ({what}); the work is safe on this device; update the program or tell the programme"
    )]
    Protocol { what: String },
    #[error(
        "the answer to what was sent is not signed by the server, so nothing counts as sent; the work is safe on this device; sync again over another network, and tell the programme if it stays"
    )]
    NoReceipt,
    #[error("`{url}` is not a server's address; write one such as https://mizan.example.org")]
    BadUrl { url: String },
    #[error("TLS cannot be started ({reason}); install the system's root certificates")]
    Tls { reason: String },
    #[error(transparent)]
    Bundle(BundleFault),
    #[error(
        "the device has no key of its server to encrypt a bundle to; sync once over a network, then bundles work"
    )]
    NoServerKey,
    #[error("the answer is not to a bundle of this device; give it to the device it belongs to")]
    NotOurAnswer { bundle: BundleId },
    #[error("there is no open conflict or refusal {operation}")]
    NoConflict { operation: String },
}

impl Error {
    /// The stable code by which the error crosses a boundary.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::AlreadyExists { .. } => "device.already_exists",
            Self::NoDevice { .. } => "device.none",
            Self::InUse { .. } => "device.in_use",
            Self::WrongPassphrase => "device.wrong_passphrase",
            Self::WrongRecoveryKey => "device.wrong_recovery_key",
            Self::PassphraseTooShort { .. } => "device.passphrase_too_short",
            Self::BadCost { .. } => "device.bad_cost",
            Self::KeyringUnavailable { .. } => "device.keyring_unavailable",
            Self::NoSlot { .. } => "device.no_slot",
            Self::KeyFile { .. } => "device.key_file",
            Self::WrongKey { .. } => "device.wrong_key",
            Self::DatabaseMissing { .. } => "device.database_missing",
            Self::ForeignDatabase { .. } => "device.foreign_database",
            Self::NewerDatabase { .. } => "device.newer_database",
            Self::Damaged { .. } => "device.damaged",
            Self::DiskFull => "device.disk_full",
            Self::Migration { .. } => "device.migration",
            Self::Database(_) | Self::File { .. } | Self::Stored { .. } => "device.storage",
            Self::NotEnrolled => "device.not_enrolled",
            Self::AlreadyEnrolled { .. } => "device.already_enrolled",
            Self::Revoked => "device.revoked",
            Self::Wiped => "device.wiped",
            Self::NoVisit { .. } => "request.not_found",
            Self::GrantEnded { .. } => "device.grant_ended",
            Self::NoRubric { .. } => "device.no_rubric",
            Self::BadRubric { .. } => "rubric.invalid",
            Self::AlreadySubmitted { .. } => "visit.already_submitted",
            Self::Visit(refusal) => refusal.code(),
            Self::Answer(fault) => fault.code(),
            Self::NoteBeforeAnswer { .. } => "answer.none_yet",
            Self::NothingToUndo { .. } => "answer.nothing_to_undo",
            Self::NoContact { .. } => "request.not_found",
            Self::NotNext { .. } => "contact.not_next",
            Self::BriefNotFollowed => "visit.brief_not_followed",
            Self::NotReady { .. } => "visit.incomplete",
            Self::EvidenceKind(fault) => fault.code(),
            Self::EvidenceTooLarge { .. } => "evidence.too_large",
            Self::EvidenceEmpty | Self::EvidenceDamaged { .. } => "evidence.damaged",
            Self::EvidenceType { .. } => "evidence.type",
            Self::NoEvidence { .. } => "request.not_found",
            Self::EvidenceBroken { .. } => "evidence.hash_mismatch",
            Self::Unreachable { .. } => "server.unreachable",
            Self::Cut { .. } => "server.cut",
            Self::Busy { .. } => "server.busy",
            Self::Refused { body, .. } => &body.code,
            Self::Protocol { .. } => "server.not_understood",
            Self::NoReceipt => "sync.no_receipt",
            Self::BadUrl { .. } => "device.bad_url",
            Self::Tls { .. } => "device.tls",
            Self::Bundle(fault) => fault.code(),
            Self::NoServerKey => "bundle.no_server_key",
            Self::NotOurAnswer { .. } => "bundle.not_for_device",
            Self::NoConflict { .. } => "request.not_found",
        }
    }

    /// An error of the file system; a full disk is one of its own.
    pub(crate) fn file(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::File { what, path, source },
        }
    }

    /// An error of reading back JSON that this device wrote or accepted.
    pub(crate) fn stored(what: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Stored { what, source }
    }
}

impl From<BundleFault> for Error {
    fn from(fault: BundleFault) -> Self {
        match fault {
            BundleFault::Io(source) if source.kind() == std::io::ErrorKind::StorageFull => {
                Self::DiskFull
            }
            other => Self::Bundle(other),
        }
    }
}

impl From<MediaFault> for Error {
    fn from(fault: MediaFault) -> Self {
        match fault {
            MediaFault::Empty => Self::EvidenceEmpty,
            MediaFault::TooLarge { bytes } => Self::EvidenceTooLarge { bytes, max: MAX_BYTES },
            MediaFault::Type { found } => Self::EvidenceType { found, allowed: ALLOWED },
            MediaFault::Damaged { media_type, what } => Self::EvidenceDamaged { media_type, what },
            // The device takes metadata off instead of refusing it.
            MediaFault::Metadata { media_type } => {
                Self::EvidenceDamaged { media_type, what: "it carries metadata" }
            }
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(_) | None => Self::Database(error),
        }
    }
}

fn first<T: ToString>(faults: &[T]) -> String {
    faults.first().map(T::to_string).unwrap_or_default()
}
