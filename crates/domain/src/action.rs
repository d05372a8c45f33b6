//! Actions: what a centre does about the remarks of its scorecard.

use crate::role::Role;

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionState {
    /// Not begun.
    Open,
    /// Begun.
    InProgress,
    /// Completed, with evidence.
    Done,
}
crate::rubric::words!(ActionState: Open = "open", InProgress = "in_progress", Done = "done");

/// What an action is to be after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionFacts {
    /// Whether somebody is named as its owner.
    pub has_owner: bool,
    /// Whether the evidence of completion says something.
    pub has_evidence: bool,
    /// Whether the change says why it is made.
    pub has_note: bool,
}

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionRefusal {
    /// This role may not do it.
    #[error("the role {} keeps no actions", .role.word())]
    WrongActor {
        /// The role.
        role: Role,
    },
    /// Nobody is named.
    #[error("an action that is begun needs an owner; name one")]
    OwnerMissing,
    /// Nothing shows that it is done.
    #[error("an action that is done needs evidence; say what shows it")]
    EvidenceMissing,
    /// What was done is opened again without a word.
    #[error("an action that was done is opened again with a note that says why")]
    NoteMissing,
}

impl ActionRefusal {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongActor { .. } => "visit.actor",
            Self::OwnerMissing => "action.owner_missing",
            Self::EvidenceMissing => "action.evidence_missing",
            Self::NoteMissing => "action.note_missing",
        }
    }
}

/// Where an action stands once it was changed.
///
/// # Errors
/// The named reason why it cannot be changed so, or not by this role.
pub fn next(
    state: ActionState,
    to: ActionState,
    role: Role,
    facts: ActionFacts,
) -> Result<ActionState, ActionRefusal> {
    if !matches!(role, Role::Manager | Role::Coordinator) {
        return Err(ActionRefusal::WrongActor { role });
    }
    match (state, to) {
        (_, ActionState::InProgress | ActionState::Done) if !facts.has_owner => {
            Err(ActionRefusal::OwnerMissing)
        }
        (_, ActionState::Done) if !facts.has_evidence => Err(ActionRefusal::EvidenceMissing),
        (ActionState::Done, ActionState::Open | ActionState::InProgress) if !facts.has_note => {
            Err(ActionRefusal::NoteMissing)
        }
        (_, to) => Ok(to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: ActionFacts = ActionFacts { has_owner: true, has_evidence: true, has_note: true };

    #[test]
    fn each_state_asks_for_what_it_stands_for() {
        use ActionRefusal as R;
        use ActionState as S;
        let step = |from, to, facts| next(from, to, Role::Manager, facts);
        for from in S::ALL {
            for to in S::ALL {
                assert_eq!(step(*from, *to, FULL), Ok(*to));
            }
        }
        let nobody = ActionFacts { has_owner: false, ..FULL };
        assert_eq!(step(S::Open, S::Open, nobody), Ok(S::Open));
        assert_eq!(step(S::Open, S::InProgress, nobody), Err(R::OwnerMissing));
        let unproven = ActionFacts { has_evidence: false, ..FULL };
        assert_eq!(step(S::InProgress, S::Done, unproven), Err(R::EvidenceMissing));
        let silent = ActionFacts { has_note: false, ..FULL };
        assert_eq!(step(S::Done, S::Done, silent), Ok(S::Done));
        assert_eq!(step(S::Done, S::Open, silent), Err(R::NoteMissing));
    }

    #[test]
    fn the_centre_and_its_agency_alone_keep_actions() {
        for role in Role::ALL {
            let may = matches!(role, Role::Manager | Role::Coordinator);
            let outcome = next(ActionState::Open, ActionState::Done, *role, FULL);
            assert_eq!(outcome.is_ok(), may, "{role:?}");
        }
    }
}
