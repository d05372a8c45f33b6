//! The life of a visit: every step a total function from state, event and actor to a new state or a
//! refusal that has a name.

use crate::role::Role;

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words say what they are; docs/ARCHITECTURE.md draws them")]
pub enum VisitState {
    Planned,
    Assigned,
    Accepted,
    InProgress,
    Submitted,
    InReview,
    Returned,
    Validated,
    Counted,
    Declined,
    Cancelled,
    Exposed,
}
crate::rubric::words!(VisitState: Planned = "planned", Assigned = "assigned",
    Accepted = "accepted", InProgress = "in_progress", Submitted = "submitted",
    InReview = "in_review", Returned = "returned", Validated = "validated", Counted = "counted",
    Declined = "declined", Cancelled = "cancelled", Exposed = "exposed");

impl VisitState {
    /// Whether the visit is of the plan still: it is made, or somebody is to make it.
    #[must_use]
    pub fn is_of_plan(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Exposed)
    }

    /// Whether the evaluation has come in, and did not go back.
    #[must_use]
    pub fn is_in(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview) || self.counts()
    }

    /// Whether the visit's evaluation counts in its centre's score.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Validated | Self::Counted)
    }
}

impl VisitState {
    /// Whether the evaluator may still change answers.
    #[must_use]
    pub fn accepts_answers(self) -> bool {
        matches!(self, Self::Accepted | Self::InProgress | Self::Returned)
    }

    /// Whether nothing can happen to the visit any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Counted | Self::Declined | Self::Cancelled | Self::Exposed)
    }
}

/// What happens to a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitEvent {
    /// It is given to an evaluator whom the assignment rules admit.
    Assign,
    /// The evaluator takes it.
    Accept {
        /// Declares that no interest exists (M4).
        no_interest: bool,
        /// The guide of the visit's rubric was read (M6).
        brief_acknowledged: bool,
    },
    /// The evaluator hands it back.
    Decline {
        /// Why (M9).
        reason: String,
    },
    /// The first moment or answer is noted.
    Start,
    /// The sealed evaluation is in.
    Submit,
    /// A reviewer takes it up.
    Review,
    /// The reviewer asks something back.
    Return {
        /// What is asked.
        question: String,
    },
    /// The reviewer accepts it.
    Validate,
    /// The cycle's review closes; it counts in the score.
    Count,
    /// It will not be made.
    Cancel {
        /// Why.
        reason: String,
    },
    /// The evaluator was recognised (M2).
    Expose {
        /// How.
        reason: String,
    },
}

/// Who acts on a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitActor {
    /// The role.
    pub role: Role,
    /// Whether this very person is the visit's evaluator.
    pub is_evaluator: bool,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VisitRefusal {
    /// The state does not allow it.
    #[error("a visit that is {} cannot take this step", .state.word())]
    WrongState {
        /// The state.
        state: VisitState,
    },
    /// This person may not do it.
    #[error("a person with the role {} cannot take this step on this visit", .role.word())]
    WrongActor {
        /// The role.
        role: Role,
    },
    /// Nobody validates a visit they made (M20).
    #[error("nobody reviews a visit they made (M20)")]
    OwnVisit,
    /// The declaration of interest is missing (M4).
    #[error("declare first that no interest exists at this agency, or decline the visit (M4)")]
    InterestNotDeclared,
    /// The brief is not acknowledged (M6).
    #[error("read and acknowledge the brief of this rubric first (M6)")]
    BriefNotAcknowledged,
    /// A reason is missing.
    #[error("say why; this step needs a reason")]
    ReasonMissing,
}

impl VisitRefusal {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "visit.wrong_state",
            Self::WrongActor { .. } => "visit.actor",
            Self::OwnVisit => "review.own_visit",
            Self::InterestNotDeclared => "interest.not_declared",
            Self::BriefNotAcknowledged => "brief.not_acknowledged",
            Self::ReasonMissing => "visit.reason_missing",
        }
    }
}

/// The state after an event.
///
/// # Errors
/// The named reason why the event cannot happen now, or not by this actor.
pub fn next(
    state: VisitState,
    event: &VisitEvent,
    actor: VisitActor,
) -> Result<VisitState, VisitRefusal> {
    use VisitState as S;
    let (from, to): (&[VisitState], VisitState) = match event {
        VisitEvent::Assign => (&[S::Planned, S::Assigned, S::Declined], S::Assigned),
        VisitEvent::Accept { .. } => (&[S::Assigned], S::Accepted),
        VisitEvent::Decline { .. } => (&[S::Assigned, S::Accepted], S::Declined),
        VisitEvent::Start => (&[S::Accepted, S::InProgress, S::Returned], S::InProgress),
        VisitEvent::Submit => (&[S::Accepted, S::InProgress, S::Returned], S::Submitted),
        VisitEvent::Review => (&[S::Submitted], S::InReview),
        VisitEvent::Return { .. } => (&[S::InReview], S::Returned),
        VisitEvent::Validate => (&[S::InReview], S::Validated),
        VisitEvent::Count => (&[S::Validated], S::Counted),
        // From wherever it may be stuck: an evaluator falls ill, a device is lost. What was
        // submitted stays on record.
        VisitEvent::Cancel { .. } => (
            &[
                S::Planned,
                S::Assigned,
                S::Accepted,
                S::InProgress,
                S::Submitted,
                S::InReview,
                S::Returned,
                S::Declined,
            ],
            S::Cancelled,
        ),
        VisitEvent::Expose { .. } => (
            &[S::Assigned, S::Accepted, S::InProgress, S::Submitted, S::InReview, S::Returned],
            S::Exposed,
        ),
    };
    admit(event, actor)?;
    if !from.contains(&state) {
        return Err(VisitRefusal::WrongState { state });
    }
    complete(event)?;
    Ok(to)
}

fn admit(event: &VisitEvent, actor: VisitActor) -> Result<(), VisitRefusal> {
    let wrong = Err(VisitRefusal::WrongActor { role: actor.role });
    match event {
        VisitEvent::Assign | VisitEvent::Cancel { .. } | VisitEvent::Count => {
            if actor.role.runs_field_work() { Ok(()) } else { wrong }
        }
        VisitEvent::Accept { .. }
        | VisitEvent::Decline { .. }
        | VisitEvent::Start
        | VisitEvent::Submit => {
            if actor.is_evaluator {
                Ok(())
            } else {
                wrong
            }
        }
        VisitEvent::Review | VisitEvent::Return { .. } | VisitEvent::Validate => {
            match (actor.is_evaluator, actor.role) {
                (true, _) => Err(VisitRefusal::OwnVisit),
                (false, Role::Reviewer) => Ok(()),
                (false, _) => wrong,
            }
        }
        VisitEvent::Expose { .. } => {
            if actor.is_evaluator || actor.role.runs_field_work() {
                Ok(())
            } else {
                wrong
            }
        }
    }
}

fn complete(event: &VisitEvent) -> Result<(), VisitRefusal> {
    match event {
        VisitEvent::Accept { no_interest: false, .. } => Err(VisitRefusal::InterestNotDeclared),
        VisitEvent::Accept { brief_acknowledged: false, .. } => {
            Err(VisitRefusal::BriefNotAcknowledged)
        }
        VisitEvent::Decline { reason: text }
        | VisitEvent::Return { question: text }
        | VisitEvent::Cancel { reason: text }
        | VisitEvent::Expose { reason: text }
            if text.trim().is_empty() =>
        {
            Err(VisitRefusal::ReasonMissing)
        }
        VisitEvent::Assign
        | VisitEvent::Accept { .. }
        | VisitEvent::Decline { .. }
        | VisitEvent::Start
        | VisitEvent::Submit
        | VisitEvent::Review
        | VisitEvent::Return { .. }
        | VisitEvent::Validate
        | VisitEvent::Count
        | VisitEvent::Cancel { .. }
        | VisitEvent::Expose { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(role: Role) -> VisitActor {
        VisitActor { role, is_evaluator: role == Role::Evaluator }
    }

    fn reason() -> String {
        "because".into()
    }

    #[test]
    fn the_whole_life_of_a_visit() {
        let accept = VisitEvent::Accept { no_interest: true, brief_acknowledged: true };
        let steps = [
            (VisitEvent::Assign, Role::CentralTeam, VisitState::Assigned),
            (accept, Role::Evaluator, VisitState::Accepted),
            (VisitEvent::Start, Role::Evaluator, VisitState::InProgress),
            (VisitEvent::Submit, Role::Evaluator, VisitState::Submitted),
            (VisitEvent::Review, Role::Reviewer, VisitState::InReview),
            (VisitEvent::Return { question: reason() }, Role::Reviewer, VisitState::Returned),
            (VisitEvent::Submit, Role::Evaluator, VisitState::Submitted),
            (VisitEvent::Review, Role::Reviewer, VisitState::InReview),
            (VisitEvent::Validate, Role::Reviewer, VisitState::Validated),
            (VisitEvent::Count, Role::Administrator, VisitState::Counted),
        ];
        let mut state = VisitState::Planned;
        for (event, role, expected) in steps {
            state = next(state, &event, by(role))
                .unwrap_or_else(|refusal| panic!("{event:?}: {refusal}"));
            assert_eq!(state, expected, "{event:?}");
        }
    }

    #[test]
    fn refusals_have_names() {
        let accept = |no_interest, brief_acknowledged| VisitEvent::Accept {
            no_interest,
            brief_acknowledged,
        };
        let own = VisitActor { role: Role::Reviewer, is_evaluator: true };
        let rows = [
            (
                VisitState::Assigned,
                accept(false, true),
                by(Role::Evaluator),
                "interest.not_declared",
            ),
            (
                VisitState::Assigned,
                accept(true, false),
                by(Role::Evaluator),
                "brief.not_acknowledged",
            ),
            (VisitState::Assigned, accept(true, true), by(Role::Manager), "visit.actor"),
            (VisitState::InReview, VisitEvent::Validate, own, "review.own_visit"),
            (VisitState::Submitted, VisitEvent::Submit, by(Role::Evaluator), "visit.wrong_state"),
            (
                VisitState::Assigned,
                VisitEvent::Decline { reason: " ".into() },
                by(Role::Evaluator),
                "visit.reason_missing",
            ),
        ];
        for (state, event, actor, code) in rows {
            let refusal = next(state, &event, actor).unwrap_err();
            assert_eq!(refusal.code(), code, "{event:?} in {state:?}");
        }
    }

    #[test]
    fn a_visit_can_be_ended_from_wherever_it_is_stuck() {
        for state in VisitState::ALL.iter().filter(|state| !state.is_final()) {
            if *state == VisitState::Validated {
                continue;
            }
            let cancel = VisitEvent::Cancel { reason: reason() };
            let ended = next(*state, &cancel, by(Role::CentralTeam));
            assert_eq!(ended, Ok(VisitState::Cancelled), "{state:?}");
        }
    }

    #[test]
    fn a_final_state_stays_final() {
        let events =
            [VisitEvent::Start, VisitEvent::Submit, VisitEvent::Validate, VisitEvent::Count];
        for state in [VisitState::Counted, VisitState::Cancelled, VisitState::Exposed] {
            assert!(state.is_final());
            for event in &events {
                for role in Role::ALL {
                    assert!(next(state, event, by(*role)).is_err(), "{event:?} in {state:?}");
                }
            }
        }
    }
}
