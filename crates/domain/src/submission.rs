//! What must be there before an evaluation can be submitted (rules M10, M16, M17).

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluation::{Answer, AnswerFault, RawAnswer, check_note, read_answer, read_answer_to};
use crate::exact::Exact;
use crate::rubric::{Criterion, EvidenceKind, EvidenceNeed, Rubric, VisitKind};
use crate::scale::Value;
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
    /// The times so far.
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
    /// A time differs from what the time-line tells and has no note.
    #[error(
        "criterion {criterion} differs from the {derived} that the noted times give, and has no \
         note; say why, or correct the times (M17)"
    )]
    OverriddenWithoutNote {
        /// The criterion's id.
        criterion: String,
        /// What the time-line tells, in the scale's unit.
        derived: String,
    },
    /// Times stand in an impossible order.
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
            Self::OverriddenWithoutNote { .. } => "note.override",
            Self::Timeline(_) => "timeline.order",
        }
    }

    /// The values needed to act on it, beside the criterion, as they cross boundaries.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Unanswered { .. } | Self::NoteMissing { .. } => Vec::new(),
            Self::Answer(fault) => fault.params(),
            Self::EvidenceMissing { kinds, .. } => vec![("kinds", kinds.clone())],
            Self::EvidenceKind { kind, kinds, .. } => {
                vec![("kind", (*kind).to_owned()), ("kinds", kinds.clone())]
            }
            Self::OverriddenWithoutNote { derived, .. } => vec![("derived", derived.clone())],
            Self::Timeline(fault) => fault.params(),
        }
    }

    /// The criterion to go to, if it is about one.
    #[must_use]
    pub fn criterion(&self) -> Option<&str> {
        match self {
            Self::Unanswered { criterion }
            | Self::EvidenceMissing { criterion, .. }
            | Self::EvidenceKind { criterion, .. }
            | Self::NoteMissing { criterion }
            | Self::OverriddenWithoutNote { criterion, .. } => Some(criterion),
            Self::Answer(fault) => Some(fault.criterion()),
            Self::Timeline(_) => None,
        }
    }
}

/// Everything that keeps a draft from being submitted, in the rubric's order.
#[must_use]
pub fn check(rubric: &Rubric, draft: &Draft) -> Vec<SubmissionFault> {
    let given = Given::of(draft);
    let criteria: BTreeMap<&str, &Criterion> =
        rubric.criteria().map(|criterion| (criterion.id.as_str(), criterion)).collect();
    let mut faults = Vec::new();
    for criterion in rubric.criteria().filter(|criterion| criterion.is_judged_on(draft.kind)) {
        check_judged(&mut faults, criterion, draft, &given);
    }
    for answer in &draft.answers {
        let found = criteria.get(answer.criterion.as_str()).copied();
        faults.extend(misplaced(rubric, found, draft.kind, answer));
    }
    for (criterion, kind) in &draft.evidence {
        let found = criteria.get(criterion.as_str()).copied();
        faults.extend(check_kind(rubric, found, criterion, *kind).err());
    }
    faults.extend(draft.timeline.check().into_iter().map(SubmissionFault::from));
    faults
}

/// What keeps one criterion of a draft from being submitted; the draft needs to hold no more than
/// that criterion's answer and evidence, and the times.
#[must_use]
pub fn check_criterion(rubric: &Rubric, draft: &Draft, criterion: &str) -> Vec<SubmissionFault> {
    let found = rubric.criterion(criterion);
    let mut faults = Vec::new();
    if let Some(judged) = found.filter(|found| found.is_judged_on(draft.kind)) {
        check_judged(&mut faults, judged, draft, &Given::of(draft));
    }
    for answer in draft.answers.iter().filter(|answer| answer.criterion == criterion) {
        faults.extend(misplaced(rubric, found, draft.kind, answer));
    }
    for (_, kind) in draft.evidence.iter().filter(|(of, _)| of == criterion) {
        faults.extend(check_kind(rubric, found, criterion, *kind).err());
    }
    faults
}

/// A draft by criterion, so that a thousand criteria are not each looked for among a thousand.
struct Given<'a> {
    answers: BTreeMap<&'a str, Vec<&'a DraftAnswer>>,
    with_evidence: BTreeSet<&'a str>,
}

impl<'a> Given<'a> {
    fn of(draft: &'a Draft) -> Self {
        let mut answers: BTreeMap<&str, Vec<&DraftAnswer>> = BTreeMap::new();
        for answer in &draft.answers {
            answers.entry(&answer.criterion).or_default().push(answer);
        }
        let with_evidence = draft.evidence.iter().map(|(of, _)| of.as_str()).collect();
        Self { answers, with_evidence }
    }
}

fn check_judged(
    faults: &mut Vec<SubmissionFault>,
    criterion: &Criterion,
    draft: &Draft,
    given: &Given<'_>,
) {
    let id = || criterion.id.clone();
    match given.answers.get(criterion.id.as_str()).map_or(&[][..], Vec::as_slice) {
        [] => faults.push(SubmissionFault::Unanswered { criterion: id() }),
        [answer] => check_answer(faults, criterion, draft, given, answer),
        [_, _, ..] => faults.push(AnswerFault::AnsweredTwice { criterion: id() }.into()),
    }
}

/// The fault of an answer whose criterion is not judged on this kind of visit, or unknown.
fn misplaced(
    rubric: &Rubric,
    found: Option<&Criterion>,
    kind: VisitKind,
    answer: &DraftAnswer,
) -> Option<SubmissionFault> {
    if found.is_some_and(|found| found.is_judged_on(kind)) {
        return None;
    }
    Some(read_answer(rubric, kind, &answer.criterion, &answer.answer).err()?.into())
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
    check_kind(rubric, rubric.criterion(criterion), criterion, kind)
}

fn check_kind(
    rubric: &Rubric,
    found: Option<&Criterion>,
    criterion: &str,
    kind: EvidenceKind,
) -> Result<(), SubmissionFault> {
    let Some(found) = found else {
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
    criterion: &Criterion,
    draft: &Draft,
    given: &Given<'_>,
    answer: &DraftAnswer,
) {
    let id = || criterion.id.clone();
    let note = answer.note.as_deref().unwrap_or("");
    faults.extend(check_note(&criterion.id, note).err().map(SubmissionFault::from));
    let (value, score) = match read_answer_to(criterion, draft.kind, &answer.answer) {
        Ok(Answer::Scored { value, score }) => (value, score),
        Ok(Answer::NotApplicable(_) | Answer::NotEvaluated(_)) => return,
        Err(fault) => return faults.push(fault.into()),
    };
    if note.trim().is_empty() {
        if score < Exact::from(100) {
            faults.push(SubmissionFault::NoteMissing { criterion: id() });
        }
        faults.extend(overridden(criterion, &value, &draft.timeline));
    }
    let has_evidence = given.with_evidence.contains(criterion.id.as_str());
    if criterion.evidence.need == EvidenceNeed::Required && !has_evidence {
        faults
            .push(SubmissionFault::EvidenceMissing { criterion: id(), kinds: kinds_of(criterion) });
    }
}

/// The fault of a time that is not the one the time-line tells.
fn overridden(
    criterion: &Criterion,
    value: &Value,
    timeline: &Timeline,
) -> Option<SubmissionFault> {
    let (measure, unit) = criterion.timed_by()?;
    let derived = timeline.measure(measure, unit)?.rounded();
    let is_derived = *value == Value::Decimal(derived.clone());
    let criterion = criterion.id.clone();
    (!is_derived).then(|| SubmissionFault::OverriddenWithoutNote {
        criterion,
        derived: derived.to_decimal(),
    })
}
