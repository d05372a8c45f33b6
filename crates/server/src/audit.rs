//! The audit: what people did, written in the transaction that does it, chained and never altered.
//!
//! Entries hold ids and words of closed lists alone: no names, no texts people wrote. Who may read them,
//! and what an observer sees in place of ids, is decided here too.

use std::collections::BTreeMap;

use mizan_protocol::audit::{
    AuditEntry, AuditHead, AuditPage, AuditSubject, MAX_AUDIT_PAGE, first_previous,
};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::PersonId;
use mizan_protocol::proof::{Fault, is_planted};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::accounts::Caller;
use crate::error::Error;
use crate::keys::Keys;
use crate::paging::{List, Listed, Paged};
use crate::tx::{Row, Tx, Value, first, params, row};

/// What can be done that leaves an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A centre's action was changed.
    ActionChanged,
    /// An administrator was made on the server's own machine.
    AdministratorMade,
    /// An account was closed or opened again.
    AccountChanged,
    /// An agency was added.
    AgencyAdded,
    /// An appeal was filed.
    AppealFiled,
    /// What an appeal rests on was read.
    AppealRead,
    /// An appeal was ruled on, for the first time or for good.
    AppealRuled,
    /// An appeal was taken back.
    AppealWithdrawn,
    /// A device's bundle was carried in.
    BundleCarried,
    /// The committee decided on a centre.
    CentreDecided,
    /// A centre was added.
    CentreAdded,
    /// A reviewer ruled on a critical hit.
    CriticalRuled,
    /// An enrolment code was issued.
    CodeIssued,
    /// A cycle was added.
    CycleAdded,
    /// A cycle took a step; publication is one.
    CycleStepped,
    /// The data were moved to another database.
    DatabaseMoved,
    /// A backup was put back.
    DatabaseRestored,
    /// A device was enrolled.
    DeviceEnrolled,
    /// A device was revoked, perhaps to be wiped.
    DeviceRevoked,
    /// A sealed evaluation was taken in.
    EvaluationReceived,
    /// The explanation of a result was read before publication.
    ExplanationRead,
    /// A person began to set up a second factor.
    FactorBegun,
    /// A second factor counts from now on.
    FactorConfirmed,
    /// A lost second factor was taken away.
    FactorReset,
    /// Somebody said how the committee of a cycle decides.
    CommitteeRulesSet,
    /// A meeting of the committee was called.
    MeetingCalled,
    /// The agenda or the attendance of a meeting was changed.
    MeetingChanged,
    /// A meeting was opened or closed.
    MeetingStepped,
    /// The chair opened or closed a ballot, or left a centre to another meeting.
    AgendaStepped,
    /// A member voted; on what is told, not how.
    VoteCast,
    /// A note of the discussion was made.
    DiscussionNoted,
    /// A member did not share a decision.
    DissentRecorded,
    /// A member abstained from a centre.
    MemberRecused,
    /// The notice to the entities was recorded.
    NoticeRecorded,
    /// A person changed the own password.
    PasswordChanged,
    /// Somebody was given a new password.
    PasswordSet,
    /// A publication was scheduled, or went out at once.
    PublicationScheduled,
    /// A publication was taken back before its time.
    PublicationCancelled,
    /// The time of a publication came.
    PublicationDue,
    /// A person's account was added.
    PersonAdded,
    /// Agencies or centres were added from a file.
    ProgrammeImported,
    /// A push was refused whole, for its signature or its place among its device's.
    PushRefused,
    /// A refused record was read as it came.
    QuarantineRead,
    /// A refused record was tried again.
    QuarantineReleased,
    /// A refused record was set aside.
    QuarantineSetAside,
    /// An agency was named anew.
    AgencyChanged,
    /// A centre was named anew, or what tells it apart was changed.
    CentreChanged,
    /// A file was attached to an appeal.
    AppealFileAttached,
    /// It was set how long the evidence of a cycle is kept.
    RetentionSet,
    /// The evidence of a cycle was taken away.
    EvidencePurged,
    /// The results of a cycle were read before publication.
    ResultsRead,
    /// A reviewer took a visit up.
    ReviewBegun,
    /// What a cycle has of its review was set.
    ReviewSet,
    /// A reviewer took a visit over from another.
    ReviewTakenOver,
    /// A rubric was added.
    RubricAdded,
    /// Somebody said what became of criteria from one rubric to the next.
    RubricsMapped,
    /// A reviewer began a second scoring.
    SecondBegun,
    /// A second scoring was handed in.
    SecondSubmitted,
    /// A reviewer took a second scoring over from another.
    SecondTakenOver,
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
    /// A sign-in was refused.
    SignInRefused,
    /// An evaluator accepted a visit.
    VisitAccepted,
    /// A visit was given to an evaluator.
    VisitAssigned,
    /// A visit was cancelled.
    VisitCancelled,
    /// An evaluator declined a visit.
    VisitDeclined,
    /// The evaluator of a visit was recognised.
    VisitExposed,
    /// A visit was planned.
    VisitPlanned,
    /// A reviewer sent a visit back.
    VisitReturned,
    /// A reviewer accepted a visit.
    VisitValidated,
}

impl Deed {
    /// The word it is kept under.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ActionChanged => "action_changed",
            Self::AdministratorMade => "administrator_made",
            Self::AccountChanged => "account_changed",
            Self::AgencyAdded => "agency_added",
            Self::AppealFiled => "appeal_filed",
            Self::AppealRead => "appeal_read",
            Self::AppealRuled => "appeal_ruled",
            Self::AppealWithdrawn => "appeal_withdrawn",
            Self::BundleCarried => "bundle_carried",
            Self::CentreDecided => "centre_decided",
            Self::CentreAdded => "centre_added",
            Self::CriticalRuled => "critical_ruled",
            Self::CodeIssued => "code_issued",
            Self::CycleAdded => "cycle_added",
            Self::CycleStepped => "cycle_stepped",
            Self::DatabaseMoved => "database_moved",
            Self::DatabaseRestored => "database_restored",
            Self::DeviceEnrolled => "device_enrolled",
            Self::DeviceRevoked => "device_revoked",
            Self::EvaluationReceived => "evaluation_received",
            Self::AgencyChanged => "agency_changed",
            Self::CentreChanged => "centre_changed",
            Self::AppealFileAttached => "appeal_file_attached",
            Self::RetentionSet => "retention_set",
            Self::EvidencePurged => "evidence_purged",
            Self::ExplanationRead => "explanation_read",
            Self::FactorBegun => "factor_begun",
            Self::FactorConfirmed => "factor_confirmed",
            Self::FactorReset => "factor_reset",
            Self::CommitteeRulesSet => "committee_rules_set",
            Self::MeetingCalled => "meeting_called",
            Self::MeetingChanged => "meeting_changed",
            Self::MeetingStepped => "meeting_stepped",
            Self::AgendaStepped => "agenda_stepped",
            Self::VoteCast => "vote_cast",
            Self::DiscussionNoted => "discussion_noted",
            Self::DissentRecorded => "dissent_recorded",
            Self::MemberRecused => "member_recused",
            Self::NoticeRecorded => "notice_recorded",
            Self::PasswordChanged => "password_changed",
            Self::PasswordSet => "password_set",
            Self::PublicationScheduled => "publication_scheduled",
            Self::PublicationCancelled => "publication_cancelled",
            Self::PublicationDue => "publication_due",
            Self::PersonAdded => "person_added",
            Self::ProgrammeImported => "programme_imported",
            Self::PushRefused => "push_refused",
            Self::QuarantineRead => "quarantine_read",
            Self::QuarantineReleased => "quarantine_released",
            Self::QuarantineSetAside => "quarantine_set_aside",
            Self::ResultsRead => "results_read",
            Self::ReviewBegun => "review_begun",
            Self::ReviewSet => "review_set",
            Self::ReviewTakenOver => "review_taken_over",
            Self::RubricAdded => "rubric_added",
            Self::RubricsMapped => "rubrics_mapped",
            Self::SecondBegun => "second_begun",
            Self::SecondSubmitted => "second_submitted",
            Self::SecondTakenOver => "second_taken_over",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::SignInRefused => "sign_in_refused",
            Self::VisitAccepted => "visit_accepted",
            Self::VisitAssigned => "visit_assigned",
            Self::VisitCancelled => "visit_cancelled",
            Self::VisitDeclined => "visit_declined",
            Self::VisitExposed => "visit_exposed",
            Self::VisitPlanned => "visit_planned",
            Self::VisitReturned => "visit_returned",
            Self::VisitValidated => "visit_validated",
        }
    }
}

/// Who does a deed.
#[derive(Debug, Clone, Copy, Default)]
pub struct By {
    /// The person, where one is known.
    pub person: Option<Uuid>,
    /// The device, where it is one.
    pub device: Option<Uuid>,
}

impl By {
    /// Nobody who is known.
    pub(crate) const NOBODY: Self = Self { person: None, device: None };

    /// A person without a device.
    pub(crate) fn person(person: Uuid) -> Self {
        Self { person: Some(person), device: None }
    }
}

impl From<&Caller> for By {
    fn from(caller: &Caller) -> Self {
        Self { person: Some(caller.person.0), device: caller.device.map(|device| device.0) }
    }
}

/// A deed, as it will be entered.
#[derive(Debug)]
pub struct Act {
    deed: Deed,
    subject: Option<AuditSubject>,
    details: BTreeMap<String, String>,
    by: Option<By>,
}

impl Act {
    /// A deed that needs no more words.
    pub(crate) fn new(deed: Deed) -> Self {
        Self { deed, subject: None, details: BTreeMap::new(), by: None }
    }

    /// What it is done to.
    pub(crate) fn on(mut self, kind: &str, id: impl ToString) -> Self {
        self.subject = Some(AuditSubject { kind: kind.to_owned(), id: id.to_string() });
        self
    }

    /// Something else to say. Never a name, never a text that somebody wrote.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }

    /// Who does it, when that is known only once it is done.
    pub(crate) fn by(mut self, by: By) -> Self {
        self.by = Some(by);
        self
    }
}

/// Enters a deed, in the transaction that does it.
pub(crate) fn enter(tx: &mut dyn Tx, by: By, act: Act, now: i64) -> Result<(), Error> {
    let Act { deed, subject, details, by: known_later } = act;
    let by = known_later.unwrap_or(by);
    let (last, mut previous) = last(tx)?;
    if is_planted(Fault::AuditNotChained) {
        previous = first_previous();
    }
    let mut entry = AuditEntry {
        n: last + 1,
        at: now,
        person: by.person.map(|id| id.to_string()),
        device: by.device.map(|id| id.to_string()),
        deed: deed.word().to_owned(),
        subject,
        details,
        previous,
        hash: previous,
    };
    entry.hash = entry.computed_hash()?;
    let (kind, id) = entry.subject.map(|subject| (subject.kind, subject.id)).unzip();
    tx.write(
        "INSERT INTO audit
         (n, at, person_id, device_id, deed, subject_kind, subject_id, details, previous, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row![
            entry.n,
            now,
            by.person,
            by.device,
            entry.deed,
            kind,
            id,
            canonical_json(&entry.details)?,
            previous,
            entry.hash
        ],
    )
}

fn last(tx: &mut dyn Tx) -> Result<(i64, Digest), Error> {
    match first(tx, "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1", &[])? {
        Some(row) => Ok((row.int(0)?, row.digest(1)?)),
        None => Ok((0, first_previous())),
    }
}

/// How far the audit has come, signed.
pub(crate) fn head(tx: &mut dyn Tx, keys: &Keys, now: i64) -> Result<AuditHead, Error> {
    let (n, hash) = last(tx)?;
    Ok(AuditHead::sign(n, hash, now, &keys.signing))
}

/// The entries after a number, as they are.
pub(crate) fn page(tx: &mut dyn Tx, after: i64) -> Result<AuditPage, Error> {
    let sql =
        "SELECT n, at, person_id, device_id, deed, subject_kind, subject_id, details, previous,
               hash FROM audit WHERE n > $1 ORDER BY n LIMIT $2";
    let rows = tx.query(sql, params![after, MAX_AUDIT_PAGE + 1])?;
    let mut entries = rows.iter().map(entry_of).collect::<Result<Vec<_>, _>>()?;
    let more = entries.len() as i64 > MAX_AUDIT_PAGE;
    entries.truncate(MAX_AUDIT_PAGE as usize);
    Ok(AuditPage { entries, more })
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Chosen {
    /// A deed's word.
    pub(crate) deed: Option<String>,
    /// Who did it; for those alone who are told ids.
    pub(crate) person: Option<PersonId>,
}

/// The entries that were asked for, a page at a time.
pub(crate) fn listed(
    tx: &mut dyn Tx,
    asked: &Paged,
    chosen: &Chosen,
) -> Result<Listed<AuditEntry>, Error> {
    let mut values: Vec<Value> = Vec::new();
    let mut within = "1 = 1".to_owned();
    if let Some(deed) = &chosen.deed {
        values.push(Value::from(deed));
        within += &format!(" AND u.deed = ${}", values.len());
    }
    if let Some(person) = chosen.person {
        values.push(Value::from(person.0));
        within += &format!(" AND u.person_id = ${}", values.len());
    }
    let list = List {
        columns: "SELECT u.n, u.at, u.person_id, u.device_id, u.deed, u.subject_kind, u.subject_id,
                  u.details, u.previous, u.hash",
        from: "FROM audit u",
        within: &within,
        values: &values,
        sorts: &[("n", "u.n")],
        searched: &["u.deed", "u.subject_kind"],
        tie: "u.n",
    };
    list.read(tx, asked, |_, row| entry_of(row))
}

fn entry_of(row: &Row) -> Result<AuditEntry, Error> {
    let kind = row.opt_text(5)?.map(str::to_owned);
    let id = row.opt_text(6)?.map(str::to_owned);
    Ok(AuditEntry {
        n: row.int(0)?,
        at: row.int(1)?,
        person: row.opt_id(2)?.map(|id| id.to_string()),
        device: row.opt_id(3)?.map(|id| id.to_string()),
        deed: row.text(4)?.to_owned(),
        subject: kind.zip(id).map(|(kind, id)| AuditSubject { kind, id }),
        details: serde_json::from_str(row.text(7)?)?,
        previous: row.digest(8)?,
        hash: row.digest(9)?,
    })
}

/// The page as an observer sees it: every id gives way to an alias that stays the same and says nothing
/// (an id tells when its thing was made, and leads from an evaluator to a centre), and the details are
/// left out. The hashes stay as they are: they show that nothing was removed.
pub(crate) fn for_observers(keys: &Keys, entries: &mut [AuditEntry]) {
    for entry in entries {
        let alias = |kind: &str, id: &String| keys.alias(kind, id);
        entry.person = entry.person.as_ref().map(|id| alias("person", id));
        entry.device = entry.device.as_ref().map(|id| alias("device", id));
        if let Some(subject) = &mut entry.subject {
            subject.id = alias(&subject.kind, &subject.id);
        }
        entry.details.clear();
    }
}
