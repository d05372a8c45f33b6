//! What must be there before an evaluation can be submitted (rules M10, M16, M17).

use crate::evaluation::{Answer, AnswerFault, RawAnswer, check_note, read_answer};
use crate::exact::Exact;
use crate::rubric::{Criterion, EvidenceKind, EvidenceNeed, Rubric, VisitKind};
use crate::timeline::{Timeline, TimelineFault};

/// An answer that is not yet submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftAnswer {
    /// The criterion's id.
    pub criterion: String,
    /// The answer.
    pub answer: RawAnswer,
    /// What was seen.
    pub note: Option<String>,
}

/// An evaluation that is not yet submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The kind of the visit.
    pub kind: VisitKind,
    /// The answers so far.
    pub answers: Vec<DraftAnswer>,
    /// The evidence so far: criterion ids with what is shown.
    pub evidence: Vec<(String, EvidenceKind)>,
    /// The moments so far.
    pub timeline: Timeline,
}

/// Why a draft cannot be submitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionFault {
    /// A criterion judged on this kind of visit has no answer.
    #[error("criterion {criterion} has no answer; answer it, or mark it NA or NE with a reason")]
    Unanswered {
        /// The criterion's id.
        criterion: String,
    },
    /// An answer does not fit its criterion.
    #[error(transparent)]
    Answer(#[from] AnswerFault),
    /// A scored answer lacks the evidence its criterion requires.
    #[error(
        "criterion {criterion} requires evidence ({kinds}); attach it, or mark the criterion NE with \
         a reason (M16)"
    )]
    EvidenceMissing {
        /// The criterion's id.
        criterion: String,
        /// The kinds accepted.
        kinds: String,
    },
    /// A piece of evidence is of a kind its criterion does not accept.
    #[error("criterion {criterion} does not accept evidence of the kind {kind}; accepted: {kinds}")]
    EvidenceKind {
        /// The criterion's id.
        criterion: String,
        /// The kind given.
        kind: &'static str,
        /// The kinds accepted.
        kinds: String,
    },
    /// A score below full has no note.
    #[error(
        "criterion {criterion} is below the full score and has no note; say what was seen (M10)"
    )]
    NoteMissing {
        /// The criterion's id.
        criterion: String,
    },
    /// Two moments stand in an impossible order.
    #[error(transparent)]
    Timeline(#[from] TimelineFault),
}

impl SubmissionFault {
    /// The stable code of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unanswered { .. } => "visit.incomplete",
            Self::Answer(fault) => fault.code(),
            Self::EvidenceMissing { .. } => "evidence.missing",
            Self::EvidenceKind { .. } => "evidence.kind",
            Self::NoteMissing { .. } => "note.missing",
            Self::Timeline(_) => "timeline.order",
        }
    }

    /// The criterion to go to, if it is about one.
    #[must_use]
    pub fn criterion(&self) -> Option<&str> {
        match self {
            Self::Unanswered { criterion }
            | Self::EvidenceMissing { criterion, .. }
            | Self::EvidenceKind { criterion, .. }
            | Self::NoteMissing { criterion } => Some(criterion),
            Self::Answer(fault) => match fault {
                AnswerFault::UnknownCriterion { criterion, .. }
                | AnswerFault::OffScale { criterion, .. }
                | AnswerFault::WrongVisitKind { criterion, .. }
                | AnswerFault::ReasonMissing { criterion, .. }
                | AnswerFault::TextTooLong { criterion, .. }
                | AnswerFault::AnsweredTwice { criterion } => Some(criterion),
            },
            Self::Timeline(_) => None,
        }
    }
}

/// Everything that keeps a draft from being submitted, in the rubric's order.
#[must_use]
pub fn check(rubric: &Rubric, draft: &Draft) -> Vec<SubmissionFault> {
    let mut faults = Vec::new();
    for criterion in rubric.criteria().filter(|criterion| criterion.is_judged_on(draft.kind)) {
        let given: Vec<&DraftAnswer> =
            draft.answers.iter().filter(|answer| answer.criterion == criterion.id).collect();
        match given.as_slice() {
            [] => faults.push(SubmissionFault::Unanswered { criterion: criterion.id.clone() }),
            [answer] => check_answer(&mut faults, rubric, criterion, draft, answer),
            [_, _, ..] => {
                faults.push(AnswerFault::AnsweredTwice { criterion: criterion.id.clone() }.into());
            }
        }
    }
    let misplaced = draft.answers.iter().filter(|answer| {
        rubric.criterion(&answer.criterion).is_none_or(|found| !found.is_judged_on(draft.kind))
    });
    for answer in misplaced {
        if let Err(fault) = read_answer(rubric, draft.kind, &answer.criterion, &answer.answer) {
            faults.push(fault.into());
        }
    }
    for (criterion, kind) in &draft.evidence {
        faults.extend(check_evidence_kind(rubric, criterion, *kind).err());
    }
    faults.extend(draft.timeline.check().into_iter().map(SubmissionFault::from));
    faults
}

/// Whether a criterion accepts a kind of evidence.
///
/// # Errors
/// [`SubmissionFault::EvidenceKind`], or the unknown criterion.
pub fn check_evidence_kind(
    rubric: &Rubric,
    criterion: &str,
    kind: EvidenceKind,
) -> Result<(), SubmissionFault> {
    let Some(found) = rubric.criterion(criterion) else {
        let rubric = format!("{} {}", rubric.id(), rubric.version());
        let criterion = criterion.to_owned();
        return Err(AnswerFault::UnknownCriterion { criterion, rubric }.into());
    };
    if found.evidence.kinds.contains(&kind) {
        return Ok(());
    }
    Err(SubmissionFault::EvidenceKind {
        criterion: criterion.to_owned(),
        kind: kind.word(),
        kinds: kinds_of(found),
    })
}

fn kinds_of(criterion: &Criterion) -> String {
    let words: Vec<&str> = criterion.evidence.kinds.iter().map(|kind| kind.word()).collect();
    if words.is_empty() { "none".into() } else { words.join(", ") }
}

fn check_answer(
    faults: &mut Vec<SubmissionFault>,
    rubric: &Rubric,
    criterion: &Criterion,
    draft: &Draft,
    given: &DraftAnswer,
) {
    let id = || criterion.id.clone();
    let note = given.note.as_deref().unwrap_or("");
    faults.extend(check_note(&criterion.id, note).err().map(SubmissionFault::from));
    let score = match read_answer(rubric, draft.kind, &criterion.id, &given.answer) {
        Ok(Answer::Scored { score, .. }) => score,
        Ok(Answer::NotApplicable(_) | Answer::NotEvaluated(_)) => return,
        Err(fault) => return faults.push(fault.into()),
    };
    if score < Exact::from(100) && note.trim().is_empty() {
        faults.push(SubmissionFault::NoteMissing { criterion: id() });
    }
    let has_evidence = draft.evidence.iter().any(|(of, _)| *of == criterion.id);
    if criterion.evidence.need == EvidenceNeed::Required && !has_evidence {
        faults
            .push(SubmissionFault::EvidenceMissing { criterion: id(), kinds: kinds_of(criterion) });
    }
}
