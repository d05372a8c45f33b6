//! What can go wrong on the server, and what of it a caller is told.

use std::path::PathBuf;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mizan_domain::assignment::AssignmentRefusal;
use mizan_domain::cycle::CycleRefusal;
use mizan_domain::visit::VisitRefusal;
use mizan_protocol::code::ErrorBody;

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
    /// More work is queued than the server takes on.
    #[error("the server is busy")]
    Busy,
    /// The database reports a fault.
    #[error("the database: {0}")]
    Database(#[source] rusqlite::Error),
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
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; stop what uses the port or give another with --listen"
    )]
    Listen {
        /// The address.
        address: String,
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
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Database(_)
            | Self::NewerDatabase { .. }
            | Self::ForeignDatabase { .. }
            | Self::InUse { .. }
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

    fn body(self, status: StatusCode) -> ErrorBody {
        match self {
            Self::Refused(body) => body,
            Self::NotFound => ErrorBody::new("request.not_found"),
            Self::NoSession => ErrorBody::new("session.ended"),
            Self::SignInRefused => ErrorBody::new("session.refused"),
            Self::Busy => ErrorBody::new("server.busy").with("seconds", 1),
            _ => {
                let request_id = uuid::Uuid::new_v4().to_string();
                tracing::error!(%request_id, %status, cause = %self, "a request failed");
                ErrorBody { request_id: Some(request_id), ..ErrorBody::new("server.fault") }
            }
        }
    }
}

fn status_of(code: &str) -> StatusCode {
    match code {
        "request.too_large" | "evidence.too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        "request.invalid"
        | "rubric.invalid"
        | "evidence.hash_mismatch"
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
        let busy = matches!(self, Self::Busy);
        let mut response = (status, Json(self.body(status))).into_response();
        if busy {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
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

impl From<CycleRefusal> for Error {
    fn from(refusal: CycleRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}

impl From<AssignmentRefusal> for Error {
    fn from(refusal: AssignmentRefusal) -> Self {
        Self::Refused(ErrorBody::new(refusal.code()).with("reason", refusal))
    }
}
