//! Visits: in a list, and whole.

use std::collections::BTreeMap;

use mizan_domain::timeline::{Moment, Timeline};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{ContactId, VisitId};
use mizan_protocol::record::{BriefJson, Question, TextJson};
use mizan_protocol::rubric::RubricRef;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::view::answer::{AnswerView, Missing};
use crate::device::Device;
use crate::error::Error;
use crate::grant::Offline;
use crate::visit::{self, EvidenceItem, Seal, SealOutcome, VisitContact};

/// The visits granted to this device's person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct VisitList {
    pub(crate) visits: Vec<VisitSummary>,
    /// Work of visits that are granted no longer; it is kept.
    pub(crate) orphans: Vec<Orphan>,
    pub(crate) offline: OfflineView,
    /// By how much this device's clock was ahead of the server's when they last met, in milliseconds; null
    /// when it was right within five minutes.
    #[schema(required)]
    pub(crate) clock_off_ms: Option<i64>,
}

/// How long the device goes on without its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OfflineView {
    /// Whether that time has ended: then visits in progress are shown, and can be finished and submitted.
    pub(crate) is_ended: bool,
    /// How much is left of it, in milliseconds; null where no server has said.
    #[schema(required)]
    pub(crate) left_ms: Option<i64>,
    /// How many visits are not shown until the device has synced.
    pub(crate) hidden: usize,
}

impl OfflineView {
    fn of(device: &mut Device) -> Result<Self, Error> {
        let hidden = device.hidden_visits()?;
        let (is_ended, left_ms) = match device.offline() {
            Offline::Unlimited => (false, None),
            Offline::Left(left_ms) => (false, Some(left_ms)),
            Offline::Ended => (true, Some(0)),
        };
        Ok(Self { is_ended, left_ms, hidden })
    }
}

/// Work of a visit that is granted no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Orphan {
    pub(crate) visit: VisitId,
    /// How many criteria are answered.
    pub(crate) answered: usize,
}

impl From<visit::Orphan> for Orphan {
    fn from(orphan: visit::Orphan) -> Self {
        Self { visit: orphan.visit, answered: orphan.answered }
    }
}

/// A visit in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct VisitSummary {
    pub(crate) visit: VisitId,
    /// The number of the cycle.
    pub(crate) cycle: String,
    pub(crate) centre_code: String,
    pub(crate) centre: TextJson,
    pub(crate) agency: TextJson,
    /// `in_person` or `remote`.
    pub(crate) model: String,
    /// `unannounced` or `scheduled`.
    pub(crate) kind: String,
    /// Where it stands, work of this device included.
    pub(crate) state: String,
    /// The first day it may be made, `YYYY-MM-DD`.
    pub(crate) from: String,
    /// The last day it may be made, `YYYY-MM-DD`.
    pub(crate) to: String,
    /// How many criteria are answered.
    pub(crate) answered: usize,
    /// How many criteria are judged on this kind of visit; null while the rubric is not here.
    #[schema(required)]
    pub(crate) to_answer: Option<usize>,
    /// How many questions the reviewer has.
    pub(crate) questions: usize,
    /// The first moment noted, milliseconds since 1970 UTC.
    #[schema(required)]
    pub(crate) started_ms: Option<i64>,
    /// When it ended, milliseconds since 1970 UTC.
    #[schema(required)]
    pub(crate) ended_ms: Option<i64>,
    /// When its report is due (M8): from its end until it is submitted.
    #[schema(required)]
    pub(crate) report_due_ms: Option<i64>,
    /// How far the submission has come.
    pub(crate) delivery: Delivery,
}

/// How far a submission has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Delivery {
    pub(crate) state: DeliveryState,
    /// Why the server refused it.
    #[schema(required)]
    pub(crate) error: Option<ErrorBody>,
}

/// How far a submission has come, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryState {
    NotSubmitted,
    /// It waits on the device.
    Waiting,
    /// The server has the evaluation and still lacks files.
    FilesWaiting,
    /// The server has the evaluation and every file it names.
    Sent,
    /// Another version is on the server; a person decides.
    Conflict,
    /// The server refused it.
    Rejected,
}

impl From<visit::Delivery> for Delivery {
    fn from(delivery: visit::Delivery) -> Self {
        use visit::Delivery as D;
        let (state, error) = match delivery {
            D::NotSubmitted => (DeliveryState::NotSubmitted, None),
            D::Waiting => (DeliveryState::Waiting, None),
            D::FilesWaiting => (DeliveryState::FilesWaiting, None),
            D::Sent => (DeliveryState::Sent, None),
            D::Conflict => (DeliveryState::Conflict, None),
            D::Rejected(error) => (DeliveryState::Rejected, Some(error)),
        };
        Self { state, error }
    }
}

/// Everything about one visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct VisitView {
    pub(crate) summary: VisitSummary,
    pub(crate) brief: Brief,
    /// What it is scored by.
    pub(crate) rubric: RubricRef,
    /// The reviewer's questions, when it was returned.
    pub(crate) questions: Vec<Question>,
    /// The answers, in the rubric's order.
    pub(crate) answers: Vec<AnswerView>,
    /// The moments noted, in the order they come in a visit.
    pub(crate) times: Vec<MomentView>,
    /// The contacts, in the order they were opened.
    pub(crate) contacts: Vec<ContactView>,
    /// What the times tell of the criteria that have a measure.
    pub(crate) derived: Vec<Derived>,
    pub(crate) evidence: Vec<EvidenceView>,
    /// What keeps it from being submitted.
    pub(crate) missing: Vec<Missing>,
    /// What was sealed, oldest first.
    pub(crate) seals: Vec<SealView>,
}

/// What to come with and ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Brief {
    pub(crate) scenario: TextJson,
    /// Who the evaluator is to be.
    #[schema(required)]
    pub(crate) persona: Option<TextJson>,
    /// The right answers to the scenario's questions.
    #[schema(required)]
    pub(crate) answer_key: Option<TextJson>,
    /// What to mind for one's safety.
    #[schema(required)]
    pub(crate) safety: Option<TextJson>,
    /// The longest the visit may take.
    #[schema(required)]
    pub(crate) max_minutes: Option<u32>,
    /// How many hours after its end the report is due (M8).
    pub(crate) report_within_h: u32,
}

/// A contact of a remote visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ContactView {
    pub(crate) contact: ContactId,
    /// How it was made, a word such as `phone`.
    pub(crate) channel: String,
    /// Its moments, in the order they were noted.
    pub(crate) moments: Vec<MomentView>,
    /// The moments that may come next; none once it has ended.
    pub(crate) next: Vec<String>,
}

/// What the times tell of a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Derived {
    pub(crate) criterion: String,
    /// A decimal in the unit of its scale, of at most two places.
    pub(crate) value: String,
    /// How many waits or contacts it is the mean of.
    pub(crate) spans: usize,
}

/// A moment and when it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MomentView {
    pub(crate) moment: String,
    /// Milliseconds since 1970 UTC.
    pub(crate) at_ms: i64,
}

/// A piece of evidence on a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EvidenceView {
    pub(crate) criterion: String,
    /// The SHA-256 of its plain bytes.
    pub(crate) sha256: Digest,
    /// What it shows.
    pub(crate) kind: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    /// When it was attached, milliseconds since 1970 UTC.
    pub(crate) at_ms: i64,
    /// Whether the server has it.
    pub(crate) sent: bool,
}

/// A sealed evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SealView {
    /// Counts the seals of the visit from 1.
    pub(crate) number: u32,
    pub(crate) revision: u32,
    /// The SHA-256 of the sealed text.
    pub(crate) sha256: Digest,
    pub(crate) sealed_ms: i64,
    /// What the server said, once it did.
    #[schema(required)]
    pub(crate) outcome: Option<SealOutcomeView>,
    /// When the server had it and every file it names.
    #[schema(required)]
    pub(crate) complete_ms: Option<i64>,
}

/// What the server said to a sealed evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SealOutcomeView {
    Applied,
    Conflict,
    Rejected,
}

/// Takes a visit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct Acceptance {
    /// Declares that no interest of self, family or friends exists at the agency (M4).
    pub(crate) no_interest: bool,
    /// Declares that the brief was read (M6).
    pub(crate) brief_acknowledged: bool,
}

/// Hands a visit back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct Reason {
    /// Why (M9).
    pub(crate) reason: String,
}

/// Submits a visit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct Submission {
    /// Declares that the visit followed its brief (M15).
    pub(crate) followed_brief: bool,
}

/// The visits of a device.
pub(crate) fn visits(device: &mut Device) -> Result<VisitList, Error> {
    let visits = device.visits()?.into_iter().map(VisitSummary::from).collect();
    let orphans = device.orphans()?.into_iter().map(Orphan::from).collect();
    let (offline, clock_off_ms) = (OfflineView::of(device)?, device.clock_off_ms()?);
    Ok(VisitList { visits, orphans, offline, clock_off_ms })
}

/// One visit, whole.
pub(crate) fn visit(device: &mut Device, visit: VisitId) -> Result<VisitView, Error> {
    let view = device.visit(visit)?;
    let digests = device.seal_digests(visit)?;
    let BriefJson { persona, answer_key, safety, max_minutes, report_within_h } = view.brief.brief;
    let scenario = view.brief.scenario;
    Ok(VisitView {
        summary: view.summary.into(),
        brief: Brief { scenario, persona, answer_key, safety, max_minutes, report_within_h },
        rubric: view.brief.rubric,
        questions: view.brief.questions,
        answers: view.answers.into_iter().map(AnswerView::from).collect(),
        times: moments(&view.times),
        contacts: contact_views(&view.contacts),
        derived: view.derived.into_iter().map(Derived::from).collect(),
        evidence: view.evidence.into_iter().map(EvidenceView::from).collect(),
        missing: view.missing.iter().map(Missing::from).collect(),
        seals: view.seals.iter().filter_map(|seal| SealView::of(seal, &digests)).collect(),
    })
}

/// The moments in the order they come in a visit.
pub(crate) fn moments(times: &Timeline) -> Vec<MomentView> {
    let view =
        |(moment, at): (&Moment, &i64)| MomentView { moment: moment.word().to_owned(), at_ms: *at };
    times.moments.iter().map(view).collect()
}

/// The contacts, each with what may come next in it.
pub(crate) fn contact_views(contacts: &[VisitContact]) -> Vec<ContactView> {
    let view = |of: &VisitContact| ContactView {
        contact: of.id,
        channel: of.contact.channel.word().to_owned(),
        moments: (of.contact.moments.iter())
            .map(|(moment, at)| MomentView { moment: moment.word().to_owned(), at_ms: *at })
            .collect(),
        next: of.contact.next().into_iter().map(|moment| moment.word().to_owned()).collect(),
    };
    contacts.iter().map(view).collect()
}

impl From<visit::VisitSummary> for VisitSummary {
    fn from(found: visit::VisitSummary) -> Self {
        let brief = found.brief;
        Self {
            visit: brief.visit,
            cycle: brief.cycle,
            centre_code: brief.centre_code,
            centre: brief.centre,
            agency: brief.agency,
            model: brief.model,
            kind: brief.kind,
            state: found.state.word().to_owned(),
            from: brief.from,
            to: brief.to,
            answered: found.answered,
            to_answer: found.to_answer,
            questions: brief.questions.len(),
            started_ms: found.started_ms,
            ended_ms: found.ended_ms,
            report_due_ms: found.report_due_ms,
            delivery: found.delivery.into(),
        }
    }
}

impl From<visit::Derived> for Derived {
    fn from(derived: visit::Derived) -> Self {
        let visit::Derived { criterion, measured } = derived;
        Self { criterion, value: measured.as_answer(), spans: measured.spans }
    }
}

impl From<EvidenceItem> for EvidenceView {
    fn from(item: EvidenceItem) -> Self {
        Self {
            criterion: item.criterion,
            sha256: item.sha256,
            kind: item.kind.word().to_owned(),
            media_type: item.media_type,
            bytes: item.bytes,
            at_ms: item.attached_ms,
            sent: item.is_sent,
        }
    }
}

impl SealView {
    fn of(seal: &Seal, digests: &BTreeMap<u32, Digest>) -> Option<Self> {
        let outcome = |outcome| match outcome {
            SealOutcome::Applied => SealOutcomeView::Applied,
            SealOutcome::Conflict => SealOutcomeView::Conflict,
            SealOutcome::Rejected => SealOutcomeView::Rejected,
        };
        Some(Self {
            number: seal.number,
            revision: seal.revision,
            sha256: *digests.get(&seal.number)?,
            sealed_ms: seal.sealed_ms,
            outcome: seal.outcome.map(outcome),
            complete_ms: seal.complete_ms,
        })
    }
}
