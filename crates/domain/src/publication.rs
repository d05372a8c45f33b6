//! Publication at a set time: what may be scheduled, what can be taken back, and when a cycle is published.

use crate::cycle::CycleState;
use crate::role::Role;

/// Where a publication stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublicationState {
    /// Its time has not come; nobody outside the committee knows of it.
    Scheduled,
    /// Out. Only a new version goes beyond it.
    Published,
    /// Taken back before its time.
    Cancelled,
}
crate::rubric::words!(PublicationState: Scheduled = "scheduled", Published = "published",
    Cancelled = "cancelled");

/// One centre that is to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToPublish {
    /// The version that was decided, if one was.
    pub decided: Option<u32>,
    /// The last version that is out, if one is.
    pub published: Option<u32>,
    /// Whether another publication of it is scheduled.
    pub is_scheduled: bool,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicationRefusal {
    /// This role may not do it.
    #[error("the role {} does not publish", .role.word())]
    WrongActor {
        /// The role.
        role: Role,
    },
    /// The cycle is not decided yet, or closed.
    #[error("a cycle that is {} publishes nothing", .state.word())]
    WrongCycleState {
        /// The state.
        state: CycleState,
    },
    /// Nothing is to be published.
    #[error("name the centres to publish")]
    NoCentres,
    /// A centre is not decided.
    #[error("a centre is not decided; decide it first")]
    NotDecided,
    /// A centre's publication is scheduled already.
    #[error("a centre's publication is scheduled already; cancel that first")]
    AlreadyScheduled,
    /// What was decided of a centre is out already.
    #[error("what was decided is published already; decide a new version first")]
    AlreadyPublished,
    /// Its time has passed, or it was taken back.
    #[error("a publication that is {} cannot be cancelled", .state.word())]
    WrongState {
        /// The state.
        state: PublicationState,
    },
}

impl PublicationRefusal {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongActor { .. } => "visit.actor",
            Self::WrongCycleState { .. } => "cycle.wrong_state",
            Self::NoCentres => "publication.no_centres",
            Self::NotDecided => "publication.not_decided",
            Self::AlreadyScheduled => "publication.scheduled",
            Self::AlreadyPublished => "publication.published",
            Self::WrongState { .. } => "publication.wrong_state",
        }
    }
}

/// Whether these centres may be published, now or at a time.
///
/// # Errors
/// The first reason against it.
pub fn may_schedule(
    role: Role,
    cycle: CycleState,
    centres: &[ToPublish],
) -> Result<(), PublicationRefusal> {
    if role != Role::CommitteeChair {
        return Err(PublicationRefusal::WrongActor { role });
    }
    match cycle {
        CycleState::Decided | CycleState::Published => {}
        CycleState::Draft | CycleState::Open | CycleState::Reviewing | CycleState::Closed => {
            return Err(PublicationRefusal::WrongCycleState { state: cycle });
        }
    }
    if centres.is_empty() {
        return Err(PublicationRefusal::NoCentres);
    }
    centres.iter().try_for_each(|centre| match (centre.decided, centre.published) {
        (None, _) => Err(PublicationRefusal::NotDecided),
        (Some(_), _) if centre.is_scheduled => Err(PublicationRefusal::AlreadyScheduled),
        (Some(decided), Some(out)) if decided <= out => Err(PublicationRefusal::AlreadyPublished),
        (Some(_), _) => Ok(()),
    })
}

/// The state of a publication that is taken back.
///
/// # Errors
/// Its time has come, or it was taken back before, or this role may not.
pub fn cancel(state: PublicationState, role: Role) -> Result<PublicationState, PublicationRefusal> {
    if role != Role::CommitteeChair {
        return Err(PublicationRefusal::WrongActor { role });
    }
    match state {
        PublicationState::Scheduled => Ok(PublicationState::Cancelled),
        PublicationState::Published | PublicationState::Cancelled => {
            Err(PublicationRefusal::WrongState { state })
        }
    }
}

/// Whether its time has come. Not a moment before.
#[must_use]
pub fn is_due(state: PublicationState, at: i64, now: i64) -> bool {
    state == PublicationState::Scheduled && at <= now
}

/// The state of a cycle after a publication, while so many of its centres are not out.
#[must_use]
pub fn cycle_after(state: CycleState, unpublished: usize) -> CycleState {
    match state {
        CycleState::Decided if unpublished == 0 => CycleState::Published,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: ToPublish = ToPublish { decided: Some(1), published: None, is_scheduled: false };

    #[test]
    fn only_what_is_decided_and_not_out_is_scheduled_and_by_the_chair_alone() {
        use PublicationRefusal as R;
        let chair = Role::CommitteeChair;
        let may = |centre| may_schedule(chair, CycleState::Decided, &[READY, centre]);
        assert_eq!(may(READY), Ok(()));
        assert_eq!(may(ToPublish { decided: Some(2), published: Some(1), ..READY }), Ok(()));
        assert_eq!(may(ToPublish { published: Some(1), ..READY }), Err(R::AlreadyPublished));
        assert_eq!(may(ToPublish { decided: None, ..READY }), Err(R::NotDecided));
        assert_eq!(may(ToPublish { is_scheduled: true, ..READY }), Err(R::AlreadyScheduled));
        assert_eq!(may_schedule(chair, CycleState::Decided, &[]), Err(R::NoCentres));
        for role in Role::ALL.iter().filter(|role| **role != chair) {
            let refused = may_schedule(*role, CycleState::Decided, &[READY]);
            assert_eq!(refused, Err(R::WrongActor { role: *role }));
        }
        for state in CycleState::ALL {
            let allowed = matches!(state, CycleState::Decided | CycleState::Published);
            assert_eq!(may_schedule(chair, *state, &[READY]).is_ok(), allowed, "{state:?}");
        }
    }

    #[test]
    fn nothing_is_due_a_moment_early_and_nothing_is_taken_back_late() {
        assert!(!is_due(PublicationState::Scheduled, 1_000, 999));
        assert!(is_due(PublicationState::Scheduled, 1_000, 1_000));
        assert!(!is_due(PublicationState::Cancelled, 1_000, 1_000));
        let chair = Role::CommitteeChair;
        assert_eq!(cancel(PublicationState::Scheduled, chair), Ok(PublicationState::Cancelled));
        for state in [PublicationState::Published, PublicationState::Cancelled] {
            assert_eq!(cancel(state, chair), Err(PublicationRefusal::WrongState { state }));
        }
    }

    #[test]
    fn a_cycle_is_published_with_its_last_centre() {
        assert_eq!(cycle_after(CycleState::Decided, 1), CycleState::Decided);
        assert_eq!(cycle_after(CycleState::Decided, 0), CycleState::Published);
        assert_eq!(cycle_after(CycleState::Closed, 0), CycleState::Closed);
    }
}
