//! What a caller is told when something cannot be done: a status, a code and the values to act on.
//!
//! Never a passphrase, an answer, a note or a path: of a file its name alone.

use std::path::Path;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use mizan_domain::evaluation::AnswerFault;
use mizan_domain::submission::SubmissionFault;
use mizan_domain::visit::VisitRefusal;
use mizan_protocol::code::ErrorBody;

use crate::error::Error;

/// A request that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) body: ErrorBody,
}

impl Refusal {
    /// The device is locked.
    pub(crate) fn locked() -> Self {
        Self::new(StatusCode::LOCKED, ErrorBody::new("device.locked"))
    }

    /// The program itself is at fault.
    pub(crate) fn fault() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorBody::new("device.fault"))
    }

    /// There is nothing at this path.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorBody::new("request.not_found"))
    }

    /// A part of the request is not one of what is allowed.
    pub(crate) fn invalid(field: &str, allowed: &str) -> Self {
        let body = ErrorBody::new("request.invalid").with("field", field);
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, body.with("allowed", allowed))
    }

    pub(crate) fn new(status: StatusCode, body: ErrorBody) -> Self {
        Self { status, body }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(status_of(&error), body_of(&error))
    }
}

impl From<VisitRefusal> for Refusal {
    fn from(refusal: VisitRefusal) -> Self {
        Error::from(refusal).into()
    }
}

fn status_of(error: &Error) -> StatusCode {
    use Error as E;
    match error {
        E::NoDevice { .. }
        | E::NoVisit { .. }
        | E::NoRubric { .. }
        | E::NoEvidence { .. }
        | E::NoContact { .. }
        | E::NoConflict { .. } => StatusCode::NOT_FOUND,
        E::WrongPassphrase | E::WrongRecoveryKey => StatusCode::FORBIDDEN,
        E::PassphraseTooShort { .. }
        | E::BadCost { .. }
        | E::BadUrl { .. }
        | E::Answer(_)
        | E::EvidenceKind(_)
        | E::EvidenceEmpty
        | E::EvidenceType { .. }
        | E::EvidenceDamaged { .. }
        | E::Bundle(_)
        | E::NotOurAnswer { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        E::EvidenceTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        E::AlreadyExists { .. }
        | E::InUse { .. }
        | E::KeyringUnavailable { .. }
        | E::NoSlot { .. }
        | E::KeyFile { .. }
        | E::WrongKey { .. }
        | E::DatabaseMissing { .. }
        | E::ForeignDatabase { .. }
        | E::NewerDatabase { .. }
        | E::Damaged { .. }
        | E::NotEnrolled
        | E::Revoked
        | E::Wiped
        | E::NoServerKey
        | E::AlreadyEnrolled { .. }
        | E::GrantEnded { .. }
        | E::BadRubric { .. }
        | E::AlreadySubmitted { .. }
        | E::Visit(_)
        | E::NoteBeforeAnswer { .. }
        | E::NothingToUndo { .. }
        | E::NotNext { .. }
        | E::BriefNotFollowed
        | E::NotReady { .. } => StatusCode::CONFLICT,
        E::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        E::Database(_)
        | E::Migration { .. }
        | E::File { .. }
        | E::Stored { .. }
        | E::EvidenceBroken { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        E::Unreachable { .. }
        | E::Cut { .. }
        | E::Protocol { .. }
        | E::NoReceipt
        | E::Tls { .. } => StatusCode::BAD_GATEWAY,
        E::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        // A refusal of the server stays one; whatever else it answered is its fault, not the caller's.
        E::Refused { status, .. } => match StatusCode::from_u16(*status) {
            Ok(status) if status.is_client_error() => status,
            Ok(_) | Err(_) => StatusCode::BAD_GATEWAY,
        },
    }
}

/// The error as it crosses the boundary.
pub(crate) fn body_of(error: &Error) -> ErrorBody {
    use Error as E;
    let body = ErrorBody::new(error.code());
    match error {
        E::PassphraseTooShort { chars, min } => body.with("chars", chars).with("min", min),
        E::BadCost { memory_kib, passes } => {
            body.with("memory_kib", memory_kib).with("passes", passes)
        }
        E::KeyringUnavailable { reason } | E::Tls { reason } | E::Cut { reason } => {
            body.with("reason", reason)
        }
        E::NoSlot { slot } => body.with("slot", slot),
        E::KeyFile { path, .. }
        | E::WrongKey { path }
        | E::DatabaseMissing { path }
        | E::ForeignDatabase { path } => body.with("file", name_of(path)),
        E::NewerDatabase { found, known } => body.with("found", found).with("known", known),
        E::Damaged { kept, .. } => body.with("kept", name_of(kept)),
        E::Migration { step, .. } => body.with("step", step),
        E::File { path, source, .. } => {
            body.with("file", name_of(path)).with("reason", source.kind())
        }
        E::Stored { what, .. } => body.with("what", what),
        E::AlreadyEnrolled { server } => body.with("server", server),
        E::NotNext { moment, next } => body.with("moment", moment).with("next", next),
        E::NoVisit { visit } | E::AlreadySubmitted { visit } | E::GrantEnded { visit } => {
            body.with("visit", visit)
        }
        E::NoRubric { sha256 } | E::NoEvidence { sha256 } => body.with("sha256", sha256),
        E::BadRubric { faults } => body.with("faults", faults.len()),
        E::Visit(VisitRefusal::WrongState { state }) => body.with("state", state.word()),
        E::Answer(fault) => {
            with_params(body.with("criterion", fault.criterion()), answer_params(fault))
        }
        E::NoteBeforeAnswer { criterion } | E::NothingToUndo { criterion } => {
            body.with("criterion", criterion)
        }
        E::NotReady { faults } => {
            let first = faults.iter().find_map(SubmissionFault::criterion);
            let body = body.with("open", faults.len());
            first.into_iter().fold(body, |body, criterion| body.with("criterion", criterion))
        }
        E::EvidenceKind(fault) => {
            let body = with_params(body, fault_params(fault));
            let criterion = fault.criterion().into_iter();
            criterion.fold(body, |body, criterion| body.with("criterion", criterion))
        }
        E::EvidenceTooLarge { bytes, max } => body.with("bytes", bytes).with("max", max),
        E::EvidenceType { found, allowed } => body.with("found", found).with("allowed", allowed),
        E::EvidenceDamaged { media_type, .. } => body.with("media_type", media_type),
        E::EvidenceBroken { sha256, path } => {
            body.with("sha256", sha256).with("file", name_of(path))
        }
        E::Unreachable { server, reason } => body.with("server", server).with("reason", reason),
        E::Busy { after_s } => body.with("after_s", after_s),
        E::Refused { body: refused, .. } => refused.clone(),
        E::BadUrl { url } => body.with("url", url),
        E::Bundle(fault) => fault.body(),
        E::NotOurAnswer { bundle } => body.with("bundle", bundle),
        E::AlreadyExists { .. }
        | E::NoDevice { .. }
        | E::Revoked
        | E::Wiped
        | E::InUse { .. }
        | E::WrongPassphrase
        | E::WrongRecoveryKey
        | E::DiskFull
        | E::Database(_)
        | E::NotEnrolled
        | E::NoServerKey
        | E::Visit(_)
        | E::BriefNotFollowed
        | E::EvidenceEmpty
        | E::Protocol { .. }
        | E::NoReceipt
        | E::NoContact { .. }
        | E::NoConflict { .. } => body,
    }
}

fn with_params(body: ErrorBody, params: Vec<(&'static str, String)>) -> ErrorBody {
    params.into_iter().fold(body, |body, (name, value)| body.with(name, value))
}

/// What a fault names beside its criterion.
pub(crate) fn fault_params(fault: &SubmissionFault) -> Vec<(&'static str, String)> {
    match fault {
        SubmissionFault::Answer(fault) => answer_params(fault),
        other => other.params(),
    }
}

/// What is wrong with an answer; the value that was given stays with whoever gave it.
fn answer_params(fault: &AnswerFault) -> Vec<(&'static str, String)> {
    fault.params().into_iter().filter(|(name, _)| *name != "value").collect()
}

/// The last part of a path: where a home folder lies can name its owner.
fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_path_is_told_by_its_last_part_alone() {
        let kept = PathBuf::from("home/salma/device.db.damaged-1");
        let refusal = Refusal::from(Error::Damaged { what: "page 3".into(), kept });
        assert_eq!(refusal.status, StatusCode::CONFLICT);
        assert_eq!(
            refusal.body,
            ErrorBody::new("device.damaged").with("kept", "device.db.damaged-1")
        );
    }

    #[test]
    fn an_off_scale_value_is_not_repeated() {
        let fault = AnswerFault::OffScale {
            criterion: "A1".into(),
            value: "a secret".into(),
            allowed: "true or false".into(),
        };
        let body = Refusal::from(Error::Answer(fault)).body;
        assert!(body.params.values().all(|value| !value.contains("secret")), "{body:?}");
        assert_eq!(body.params["criterion"], "A1");
    }

    #[test]
    fn what_the_server_refuses_is_passed_on_as_it_came() {
        let refused = ErrorBody::new("session.refused");
        let of = |status| Refusal::from(Error::Refused { status, body: refused.clone() });
        assert_eq!(of(401), Refusal::new(StatusCode::UNAUTHORIZED, refused.clone()));
        assert_eq!(of(500).status, StatusCode::BAD_GATEWAY);
    }
}
