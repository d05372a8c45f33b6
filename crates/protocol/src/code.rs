//! Error codes: stable, dotted, listed once; the words for people belong to whoever shows them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error as it crosses a boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// One of [`CODES`].
    pub code: String,
    /// The values needed to act on it.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// Finds the cause in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ErrorBody {
    /// An error without parameters.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), params: BTreeMap::new(), request_id: None }
    }

    /// The same with one parameter more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Every code, with what it means and what to do, in English for logs and the command line.
pub const CODES: &[(&str, &str)] = &[
    ("account.own", "nobody does this to their own account; another administrator can"),
    ("action.evidence_missing", "an action that is done needs evidence; say what shows it"),
    ("action.note_missing", "an action that was done is opened again with a note that says why"),
    ("action.owner_missing", "an action that is begun needs an owner; name one"),
    ("action.stale", "the action was changed since it was read; read it again"),
    ("answer.answered_twice", "a criterion is answered more than once; keep one answer"),
    ("answer.none_yet", "the criterion has no answer yet; answer it first"),
    ("answer.nothing_to_undo", "there is no earlier answer to go back to"),
    ("answer.off_scale", "the value is not on the criterion's scale"),
    ("answer.reason_missing", "not applicable and not evaluated need a reason"),
    ("answer.text_too_long", "the text is longer than what is kept"),
    ("answer.unknown_criterion", "the rubric has no such criterion"),
    ("answer.wrong_visit_kind", "the criterion is not judged on this kind of visit"),
    ("appeal.corrects_though_refused", "a ruling that refuses corrects no answer"),
    (
        "appeal.has_judged",
        "whoever made, reviewed or scored a visit of the centre does not rule on its appeal",
    ),
    ("appeal.not_appealed", "a correction names an answer that the appeal is not about"),
    (
        "appeal.not_presiding",
        "the chair records the committee's ruling; a member does where every chair abstains",
    ),
    ("appeal.nothing_corrected", "a ruling that upholds needs an answer that differs"),
    ("appeal.superseded", "a later version of the scorecard is out; appeal against that"),
    ("appeal.too_late", "the time for appeals has ended"),
    ("appeal.too_many_files", "an appeal brings at most this many files forward"),
    ("appeal.twice", "the criterion was appealed already in this cycle"),
    (
        "appeal.version_pending",
        "a version that was decided is not out yet; publish it or cancel its publication first",
    ),
    ("appeal.wrong_state", "the appeal's state does not allow this step"),
    (
        "assignment.exposed",
        "the evaluator was recognised at this agency and is barred from it (M2)",
    ),
    ("assignment.interest", "the evaluator has declared an interest in this agency (M4)"),
    ("assignment.own_agency", "an evaluator never visits their own agency (M5)"),
    ("assignment.rotation", "the evaluator was at this centre too recently (M3)"),
    ("assignment.same_cycle", "the evaluator already visits this centre in this cycle (M3)"),
    ("brief.not_acknowledged", "the brief of this rubric must be acknowledged first (M6)"),
    ("bundle.damaged", "the file is damaged or incomplete; copy it again, nothing was taken in"),
    ("bundle.device_revoked", "the device that made the bundle is no longer admitted"),
    ("bundle.device_unknown", "no device of this server made the bundle"),
    ("bundle.newer_version", "the file was written by a newer version; update the program"),
    (
        "bundle.no_server_key",
        "the device has no key of its server yet; sync once over a network, then bundles work",
    ),
    ("bundle.not_a_bundle", "the file is not a bundle; choose the file that the device wrote"),
    ("bundle.not_an_answer", "the file is not an answer; choose the file that the server wrote"),
    ("bundle.not_for_device", "the answer is not to a bundle of this device; give it to the other"),
    ("bundle.not_for_server", "the bundle is for another server; carry it there"),
    ("bundle.not_signed", "the bundle is not signed by the device it names; nothing was taken in"),
    ("contact.not_next", "this moment cannot come next in the contact; note what comes before it"),
    ("cycle.gate", "the cycle cannot take this step yet; something it needs is missing"),
    ("cycle.wrong_state", "the cycle's state does not allow this"),
    (
        "decision.needs_ruling",
        "the rules leave this centre to the committee; decide a level or none, with a reason",
    ),
    (
        "decision.open_critical",
        "a critical hit awaits a reviewer's ruling; confirm or dismiss it first",
    ),
    ("decision.stale", "the numbers have changed since they were read; read them again"),
    (
        "device.already_enrolled",
        "the device works for another server; make another device for this one",
    ),
    (
        "device.already_exists",
        "the folder holds a device already; unlock it, or give another folder",
    ),
    ("device.bad_cost", "the cost of the passphrase is outside what is safe and possible"),
    (
        "device.bad_url",
        "the address is not one a device may talk to; write https://… (http only to this machine)",
    ),
    ("device.damaged", "the file is damaged; it was set aside and kept"),
    ("device.database_missing", "the database is not where its keys are; restore it from a backup"),
    ("device.disk_full", "the disk is full; free some space, nothing that was saved is lost"),
    ("device.fault", "the program met a fault of its own; nothing that was saved is lost"),
    ("device.foreign_database", "the file is not a database of this program; nothing was changed"),
    (
        "device.grant_ended",
        "the device has gone too long without its server, so only visits in progress are shown; sync once",
    ),
    ("device.in_use", "another copy of the program has the device open; close it"),
    ("device.key_file", "the key file cannot be read; restore it from a backup"),
    (
        "device.keyring_unavailable",
        "the system's keyring cannot be used; unlock with the passphrase",
    ),
    ("device.locked", "the device is locked; unlock it with the passphrase"),
    ("device.migration", "the database could not be upgraded; it is as it was"),
    (
        "device.newer_database",
        "the database was written by a newer version; start that, nothing was changed",
    ),
    ("device.no_rubric", "the rubric of the visit is not on the device; sync first"),
    ("device.no_slot", "the device cannot be unlocked this way; use the passphrase"),
    ("device.none", "there is no device in the folder; make one first"),
    ("device.not_enrolled", "the device is not enrolled with a server; enrol it first"),
    ("device.passphrase_too_short", "the passphrase is too short"),
    ("device.revoked", "the device is no longer admitted; what is on it stays, tell the programme"),
    ("device.storage", "the device's storage reports a fault"),
    ("device.tls", "the server's certificate cannot be trusted"),
    ("device.wiped", "the programme ordered this device to be wiped; nothing is left on it"),
    ("device.wrong_key", "the key does not open the database; nothing was changed"),
    ("device.wrong_passphrase", "the passphrase is wrong; try again, nothing was changed"),
    ("device.wrong_recovery_key", "the recovery key does not fit; nothing was changed"),
    ("evidence.damaged", "the stored file no longer matches its digest; attach it again"),
    (
        "evidence.hash_mismatch",
        "the file's bytes do not have the digest they were named by; send it again",
    ),
    ("evidence.kind", "this kind of evidence is not accepted for the criterion"),
    (
        "evidence.metadata",
        "the file carries metadata that is not kept, such as a place; take it off and send it again",
    ),
    ("evidence.missing", "required evidence is missing (M16); attach it or answer not evaluated"),
    ("evidence.purged", "the file was taken away when the time to keep evidence was over (M18)"),
    (
        "evidence.quota",
        "no more evidence is taken in from this person today, or on this server; send it later",
    ),
    ("evidence.too_large", "the file is larger than what is accepted"),
    ("evidence.type", "this type of file is not accepted"),
    (
        "import.faults",
        "the file has faults; check it, mend each line that is named, then import it",
    ),
    ("interest.not_declared", "the declaration of interest comes first (M4)"),
    (
        "mapping.invalid",
        "the mapping does not fit the rubrics; every criterion stands in one line with a word that fits",
    ),
    ("meeting.agenda_empty", "the agenda is empty; put a centre on it first"),
    (
        "meeting.items_pending",
        "centres on the agenda are neither decided nor deferred; settle each of them first",
    ),
    ("meeting.no_quorum", "too few members are present, may vote or have voted"),
    ("meeting.not_present", "only who is present takes part; note the attendance first"),
    (
        "meeting.only_in_meetings",
        "in this cycle the committee decides in meetings; put the centre on an agenda",
    ),
    ("meeting.recused", "whoever abstains from a centre takes no part in it"),
    ("meeting.wrong_item_state", "the centre's place on the agenda does not allow this now"),
    ("meeting.wrong_state", "the meeting's state does not allow this"),
    ("note.missing", "an answer below the full score needs a note (M10)"),
    (
        "note.override",
        "a time differs from what the noted times give; say why, or correct the times (M17)",
    ),
    (
        "password.guessable",
        "the password is among those that are guessed first; choose several unrelated words",
    ),
    ("password.too_short", "the password is too short; choose at least 12 characters"),
    ("publication.no_centres", "nothing is to be published; name the centres"),
    ("publication.not_decided", "a centre is not decided yet; decide it before it is published"),
    (
        "publication.published",
        "what was decided of a centre is published already; decide a new version first",
    ),
    (
        "publication.scheduled",
        "a publication of the centre is scheduled; cancel it before anything changes",
    ),
    (
        "publication.version_reason",
        "the centre is published; a new version needs its reason in both languages",
    ),
    ("publication.wrong_state", "the publication is out or was cancelled; nothing is to take back"),
    ("quarantine.settled", "the record was released or set aside already; read the list again"),
    ("request.invalid", "the request is not understood"),
    ("request.not_found", "there is nothing here for you"),
    ("request.too_large", "the request is larger than what is accepted"),
    ("review.not_taken_up", "only whoever took the visit up sees its evaluation; take it up first"),
    ("review.own_agency", "nobody judges a centre of the agency that employs them"),
    ("review.own_visit", "nobody reviews a visit they made (M20)"),
    ("review.stale", "the visit was submitted anew meanwhile; read the new revision, then decide"),
    (
        "review.taken",
        "another reviewer has the visit; what you wrote is kept, take it over with a reason if need be",
    ),
    (
        "retention.not_due",
        "evidence is taken away once, after the cycle is closed and its days are over (M18)",
    ),
    ("rubric.invalid", "the rubric has faults"),
    ("rubric.mismatch", "the evaluation names another rubric than its visit"),
    ("seal.broken", "the evaluation's digest or signature does not match its text"),
    ("second.done", "the second scoring was handed in; it can no longer change"),
    ("second.incomplete", "criteria have no answer yet; answer each, then hand in"),
    ("second.not_done", "the comparison is shown once the second scoring is handed in"),
    ("second.not_drawn", "the visit was not drawn for a second scoring"),
    (
        "second.saw_first",
        "whoever has seen the first scores cannot score blindly; leave it to another reviewer",
    ),
    ("second.taken", "another reviewer scores this visit; take it over with a reason if need be"),
    ("server.busy", "the server is busy; try again after the time it names"),
    ("server.cut", "the connection broke; the work is safe on the device, sync again"),
    (
        "server.fault",
        "the server met a fault of its own; its log has the cause under the request id",
    ),
    ("server.not_understood", "the server's answer is not understood; check its version"),
    ("server.too_many", "too many requests came from this address; wait the seconds it names"),
    (
        "server.unreachable",
        "the server cannot be reached; the work is safe on the device, sync again later",
    ),
    ("session.csrf", "the request did not come from the page that is signed in; sign in anew"),
    ("session.ended", "the session has ended; sign in again"),
    ("session.otp_required", "the account has a second factor; give its six-digit code too"),
    ("session.otp_wrong", "the code is wrong, too old or used before; give the next one"),
    ("session.refused", "the name or the password is wrong, or the account is closed"),
    ("session.too_many", "too many failures to sign in; wait the seconds it names, then try again"),
    ("session.totp_active", "the account has a second factor; an administrator can reset it"),
    ("session.totp_not_begun", "no second factor waits for its first code; begin with a new one"),
    (
        "session.totp_setup_required",
        "this role needs a second factor; set it up, nothing else is open before",
    ),
    (
        "sync.gap",
        "pushes of this device are missing on the server; everything is sent again by itself",
    ),
    (
        "sync.new_epoch",
        "the server's data were put back from a backup; everything is sent again by itself",
    ),
    (
        "sync.newer_schema",
        "the record is of a newer version than the server; it was kept as it came, update the server",
    ),
    (
        "sync.no_receipt",
        "the answer was not signed by the server, so nothing counts as sent; sync again over another network, and tell the programme",
    ),
    (
        "sync.not_signed",
        "the push is not signed although this device signs; update the program on the device",
    ),
    (
        "sync.older_schema",
        "the record is of a version too old to be read; it was kept as it came, tell the central team",
    ),
    ("sync.unknown_kind", "the server does not know this kind of record"),
    (
        "sync.wrong_signature",
        "what arrived is not what the device signed; nothing was taken, sync again, and tell the programme if it stays",
    ),
    ("timeline.order", "the times are in an impossible order (M17)"),
    ("upload.checksum", "the bytes arrived altered and were not kept; send them again"),
    ("upload.content_type", "bytes of an upload are sent as application/offset+octet-stream"),
    ("upload.header", "a header of the upload is missing or not understood"),
    ("upload.offset", "the upload stands at another offset; ask where, and go on from there"),
    ("upload.version", "the server speaks tus 1.0.0; send the header Tus-Resumable: 1.0.0"),
    ("visit.actor", "this person cannot take this step"),
    ("visit.already_submitted", "the visit is submitted; its answers can no longer change"),
    (
        "visit.brief_not_followed",
        "declare that the visit followed its brief before submitting (M15)",
    ),
    (
        "visit.incomplete",
        "answers are missing; answer each, or mark it not evaluated with a reason",
    ),
    ("visit.reason_missing", "this step needs a reason"),
    ("visit.wrong_state", "the visit's state does not allow this"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_dotted_and_unique() {
        assert!(CODES.is_sorted_by(|(a, _), (b, _)| a < b));
        let fits = |code: &str| {
            let parts: Vec<&str> = code.split('.').collect();
            let word = |part: &&str| part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            parts.len() == 2 && parts.iter().all(word)
        };
        assert!(CODES.iter().all(|(code, meaning)| fits(code) && !meaning.is_empty()));
    }
}
