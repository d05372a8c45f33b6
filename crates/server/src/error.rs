//! What can go wrong on the server, and what of it a caller is told.

use std::path::PathBuf;
use std::sync::LazyLock;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mizan_domain::action::ActionRefusal;
use mizan_domain::appeal::AppealRefusal;
use mizan_domain::assignment::AssignmentRefusal;
use mizan_domain::cycle::CycleRefusal;
use mizan_domain::meeting::MeetingRefusal;
use mizan_domain::publication::PublicationRefusal;
use mizan_domain::visit::VisitRefusal;
use mizan_protocol::code::ErrorBody;

use crate::observe;

/// A full queue is worked off in less than this.
const BUSY_S: u64 = 1;
/// A database that is started anew takes about this long.
const UNREACHABLE_S: u64 = 5;

/// A fault of the server or a refusal of a request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is refused for a reason its sender can act on.
    #[error("refused: {} {:?}", .0.code, .0.params)]
    Refused(ErrorBody),
    /// There is no such thing, or not for this caller; the two are never told apart.
    #[error("there is nothing here for the caller")]
    NotFound,
    /// No session, or one that has ended.
    #[error("the session has ended")]
    NoSession,
    /// The name or the password is wrong.
    #[error("the sign-in was refused")]
    SignInRefused,
    /// A cursor this server gave is ahead of its data: they were put back from a backup.
    #[error("the data are behind a cursor that was given from them")]
    BehindCursor {
        /// The epoch of the cursor.
        epoch: u64,
    },
    /// Too much came at once: from one address, or to one account.
    #[error("too many: {code}, wait {seconds} s")]
    TooMany {
        /// `session.too_many` or `server.too_many`.
        code: &'static str,
        /// How long to wait.
        seconds: u64,
    },
    /// More work is queued than the server takes on.
    #[error("the server is busy")]
    Busy,
    /// The embedded database reports a fault.
    #[error("the database: {0}")]
    Database(#[source] rusqlite::Error),
    /// The PostgreSQL server reports a fault.
    #[error("the PostgreSQL server: {}", with_cause(.0))]
    Postgres(#[source] tokio_postgres::Error),
    /// The PostgreSQL server cannot be reached, or the connection to it broke.
    #[error(
        "the PostgreSQL server cannot be reached: {}; start it, or check --database", with_cause(.0)
    )]
    Unreachable(#[source] tokio_postgres::Error),
    /// The address of the PostgreSQL server is not one.
    #[error(
        "--database is not an address of a PostgreSQL server: {}; write postgres://user:password@host/name",
        with_cause(.0)
    )]
    PostgresAddress(#[source] tokio_postgres::Error),
    /// The operating system gives no thread.
    #[error("no thread: {0}")]
    Thread(#[source] std::io::Error),
    /// The disk is full; nothing of the transaction was kept.
    #[error(
        "the disk holding the database is full; free some space, nothing that was acknowledged is lost"
    )]
    DiskFull,
    /// The database was written by a newer version.
    #[error(
        "{} is of schema version {found}, this program knows up to {known}; start the newer program, \
         nothing was changed", .path.display()
    )]
    NewerDatabase {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The file is no database of this server.
    #[error("{} is not a database of this server; give another data folder, nothing was changed", .path.display())]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
    },
    /// Another process serves the same folder.
    #[error("{} is in use by another server; stop it or give another data folder", .path.display())]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// The embedded database was moved elsewhere and is not to be served any more.
    #[error(
        "{} was moved to {to} on purpose; serve that with --database, this copy is kept as it was", .path.display()
    )]
    Moved {
        /// The file.
        path: PathBuf,
        /// Where the data went, as it may be shown.
        to: String,
    },
    /// The database belongs to a server with another key.
    #[error(
        "the database is that of the server key {expected}, {} holds {found}; copy server.key from the \
         folder of the first server", .path.display()
    )]
    OtherKey {
        /// The key file.
        path: PathBuf,
        /// The public half of the key the database knows.
        expected: String,
        /// What the folder holds.
        found: String,
    },
    /// A server without TLS would be reached from the network.
    #[error(
        "{address} is reached from the network, and passwords would cross it in the clear; give \
         --tls-cert and --tls-key, or --behind-proxy when a proxy speaks TLS before this server"
    )]
    Exposed {
        /// The address.
        address: std::net::SocketAddr,
    },
    /// A certificate or its key cannot be used.
    #[error("{}: {reason}; --tls-cert and --tls-key take PEM files that belong together", .path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Data cannot be copied from one place to another.
    #[error("{0}")]
    Transfer(String),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; stop what uses the port or give another with {option}"
    )]
    Listen {
        /// The address.
        address: String,
        /// The option that names it.
        option: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The place where evidence lies reports a fault, or does not answer.
    #[error("the place of evidence: {}; check --evidence and what serves it", with_causes(.0))]
    EvidencePlace(#[source] object_store::Error),
    /// A column holds something else than the code expects.
    #[error("column {column} is not {expected}")]
    Column {
        /// The column, counted from 0.
        column: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// A stored text is not the JSON it should be.
    #[error("a stored text is not readable: {0}")]
    Stored(#[from] serde_json::Error),
    /// A stored rubric has faults.
    #[error("a stored rubric has faults: {0}")]
    StoredRubric(String),
    /// The operating system gives no randomness.
    #[error("no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    /// A password could not be hashed or read.
    #[error("password hash: {0}")]
    PasswordHash(String),
    /// The scorecard cannot be made into a document.
    #[error("the scorecard's document: {0}")]
    Report(String),
    /// A task of the server ended before it answered.
    #[error("a task ended before it answered")]
    Stopped,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Database(error),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        match error.code() {
            Some(&SqlState::DISK_FULL) => Self::DiskFull,
            Some(&(SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN)) => {
                Self::Unreachable(error)
            }
            Some(_) => Self::Postgres(error),
            None if error.is_closed() || is_broken(&error) => Self::Unreachable(error),
            None => Self::Postgres(error),
        }
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(of) = cause {
            let file = of.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
            if file == Some(std::io::ErrorKind::StorageFull) {
                return Self::DiskFull;
            }
            cause = of.source();
        }
        Self::EvidencePlace(error)
    }
}

/// An error with what led to it, each once: some repeat their cause in their own words.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(of) = cause {
        let words = of.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = of.source();
    }
    text
}

fn is_broken(error: &tokio_postgres::Error) -> bool {
    use std::error::Error as _;
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// The client's own text names the kind of error; its cause says what the server said.
fn with_cause(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

impl Error {
    /// A refusal with a code and no parameters.
    #[must_use]
    pub fn refused(code: &str) -> Self {
        Self::Refused(ErrorBody::new(code))
    }

    /// A refusal that says which field of the request is wrong and what is allowed.
    #[must_use]
    pub fn invalid(field: &str, value: impl ToString, allowed: &str) -> Self {
        let body = ErrorBody::new("request.invalid").with("field", field);
        Self::Refused(body.with("value", value).with("allowed", allowed))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Refused(body) => status_of(&body.code),
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NoSession | Self::SignInRefused => StatusCode::UNAUTHORIZED,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            // What is on record must be there; anything else may be over in a moment.
            Self::EvidencePlace(object_store::Error::NotFound { .. }) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Busy | Self::Unreachable(_) | Self::EvidencePlace(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Database(_)
            | Self::BehindCursor { .. }
            | Self::Postgres(_)
            | Self::PostgresAddress(_)
            | Self::Thread(_)
            | Self::NewerDatabase { .. }
            | Self::ForeignDatabase { .. }
            | Self::InUse { .. }
            | Self::Moved { .. }
            | Self::OtherKey { .. }
            | Self::Exposed { .. }
            | Self::Certificate { .. }
            | Self::Transfer(_)
            | Self::Listen { .. }
            | Self::File { .. }
            | Self::Column { .. }
            | Self::Stored(_)
            | Self::StoredRubric(_)
            | Self::Randomness(_)
            | Self::PasswordHash(_)
            | Self::Report(_)
            | Self::Stopped => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// In how many seconds it is worth asking again.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy => Some(BUSY_S),
            Self::EvidencePlace(object_store::Error::NotFound { .. }) => None,
            Self::Unreachable(_) | Self::EvidencePlace(_) => Some(UNREACHABLE_S),
            Self::TooMany { seconds, .. } => Some(*seconds),
            _ => None,
        }
    }

    fn body(self, status: StatusCode) -> ErrorBody {
        match self {
            Self::Refused(body) => body,
            Self::NotFound => ErrorBody::new("request.not_found"),
            Self::NoSession => ErrorBody::new("session.ended"),
            Self::SignInRefused => ErrorBody::new("session.refused"),
            Self::TooMany { code, seconds } => ErrorBody::new(code).with("seconds", seconds),
            Self::Busy => ErrorBody::new("server.busy").with("seconds", BUSY_S),
            Self::Unreachable(_) | Self::EvidencePlace(_)
                if status == StatusCode::SERVICE_UNAVAILABLE =>
            {
                tracing::error!(cause = %self, "something the server needs cannot be reached");
                ErrorBody::new("server.busy").with("seconds", UNREACHABLE_S)
            }
            _ => {
                let fresh = || uuid::Uuid::new_v4().to_string();
                let request_id = observe::request_id().unwrap_or_else(fresh);
                tracing::error!(%request_id, %status, cause = %self, "a request failed");
                ErrorBody { request_id: Some(request_id), ..ErrorBody::new("server.fault") }
            }
        }
    }
}

/// "460 Checksum Mismatch" of the tus protocol.
static CHECKSUM_MISMATCH: LazyLock<StatusCode> =
    LazyLock::new(|| StatusCode::from_u16(460).expect("a status has three digits"));

fn status_of(code: &str) -> StatusCode {
    match code {
        "request.too_large" | "evidence.too_large" | "evidence.quota" => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        // The statuses of the tus protocol.
        "upload.checksum" => *CHECKSUM_MISMATCH,
        "upload.content_type" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "upload.header" => StatusCode::BAD_REQUEST,
        "upload.version" => StatusCode::PRECONDITION_FAILED,
        "evidence.purged" => StatusCode::GONE,
        "session.otp_required" | "session.otp_wrong" => StatusCode::UNAUTHORIZED,
        "session.csrf" => StatusCode::FORBIDDEN,
        "request.invalid"
        | "password.guessable"
        | "password.too_short"
        | "mapping.invalid"
        | "rubric.invalid"
        | "import.faults"
        | "evidence.damaged"
        | "evidence.hash_mismatch"
        | "evidence.metadata"
        | "evidence.type"
        | "sync.wrong_signature"
        | "bundle.damaged"
        | "bundle.newer_version"
        | "bundle.not_a_bundle"
        | "bundle.not_signed" => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry_after = self.retry_after();
        let mut response = (status, Json(self.body(status))).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<VisitRefusal> for Error {
    fn from(refusal: VisitRefusal) -> Self {
        Self::Refused(visit_refusal(refusal))
    }
}

/// A refusal of the visit's state machine as it crosses the boundary.
pub(crate) fn visit_refusal(refusal: VisitRefusal) -> ErrorBody {
    let body = ErrorBody::new(refusal.code());
    match refusal {
        VisitRefusal::WrongState { state } => body.with("state", state.word()),
        VisitRefusal::WrongActor { .. }
        | VisitRefusal::OwnVisit
        | VisitRefusal::InterestNotDeclared
        | VisitRefusal::BriefNotAcknowledged
        | VisitRefusal::ReasonMissing => body,
    }
}

/// The longest reason, in characters.
const MAX_REASON: usize = 2_000;

/// A reason that somebody gives, without blanks around it; refused when it says nothing or too much.
pub(crate) fn stated(reason: &str) -> Result<&str, Error> {
    let reason = reason.trim();
    if (1..=MAX_REASON).contains(&reason.chars().count()) {
        return Ok(reason);
    }
    let allowed = format!("1 to {MAX_REASON} characters");
    Err(Error::invalid("reason", reason.chars().count(), &allowed))
}

impl From<CycleRefusal> for Error {
    fn from(refusal: CycleRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}

impl From<MeetingRefusal> for Error {
    fn from(refusal: MeetingRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}

impl From<PublicationRefusal> for Error {
    fn from(refusal: PublicationRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}

impl From<AppealRefusal> for Error {
    fn from(refusal: AppealRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}

impl From<ActionRefusal> for Error {
    fn from(refusal: ActionRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}

impl From<AssignmentRefusal> for Error {
    fn from(refusal: AssignmentRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}
