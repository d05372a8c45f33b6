//! The life of a cycle: draft, open, reviewing, decided, published, closed, with the gates between.

use crate::role::Role;

/// Where a cycle stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CycleState {
    /// Being prepared: rubrics chosen, visits planned.
    Draft,
    /// Field work.
    Open,
    /// Field work is over; evaluations are reviewed and results moderated.
    Reviewing,
    /// The committee has decided every centre.
    Decided,
    /// Centres see their scorecards.
    Published,
    /// Nothing changes any more.
    Closed,
}
crate::rubric::words!(CycleState: Draft = "draft", Open = "open", Reviewing = "reviewing",
    Decided = "decided", Published = "published", Closed = "closed");

/// A step of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CycleEvent {
    /// Field work begins; the rubrics freeze.
    Open,
    /// Field work ends.
    CloseFieldWork,
    /// Every centre is decided.
    Decide,
    /// All scorecards that are not out go out now. A cycle whose scorecards go out at set times is
    /// published with the last of them: [`crate::publication::cycle_after`].
    Publish,
    /// The cycle ends.
    Close,
}
crate::rubric::words!(CycleEvent: Open = "open", CloseFieldWork = "close_field_work",
    Decide = "decide", Publish = "publish", Close = "close");

/// What the gates ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CycleFacts {
    /// The notice to the entities is on record (M13).
    pub notice_recorded: bool,
    /// Centres of the cycle whose model has no rubric yet.
    pub centres_without_rubric: usize,
    /// Visits planned.
    pub visits: usize,
    /// Visits on their way: assigned, made or under review, but neither validated nor ended.
    pub visits_unsettled: usize,
    /// Centres the committee has not decided.
    pub centres_undecided: usize,
    /// Publications whose time has not come.
    pub publications_scheduled: usize,
    /// Appeals without the committee's ruling.
    pub appeals_pending: usize,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CycleRefusal {
    /// The state does not allow it.
    #[error("a cycle that is {} cannot take the step {}", .state.word(), .event.word())]
    WrongState {
        /// The state.
        state: CycleState,
        /// The step.
        event: CycleEvent,
    },
    /// This role may not do it.
    #[error("the role {} cannot take the step {}", .role.word(), .event.word())]
    WrongActor {
        /// The role.
        role: Role,
        /// The step.
        event: CycleEvent,
    },
    /// The notice is missing (M13).
    #[error("record the notice to the entities first: date, text and recipients (M13)")]
    NoticeMissing,
    /// A model has no rubric.
    #[error("{centres} centres have no rubric for their model; choose one for the cycle")]
    RubricMissing {
        /// How many centres.
        centres: usize,
    },
    /// Nothing is planned.
    #[error("no visit is planned; plan the visits first")]
    PlanMissing,
    /// Visits are on their way.
    #[error("{visits} visits are not settled; validate, return or cancel them first")]
    VisitsUnsettled {
        /// How many visits.
        visits: usize,
    },
    /// Centres are not decided.
    #[error("{centres} centres are not decided; decide each of them first")]
    CentresUndecided {
        /// How many centres.
        centres: usize,
    },
    /// Publications are to come.
    #[error("{publications} publications are scheduled; wait for their time or cancel them first")]
    PublicationsScheduled {
        /// How many.
        publications: usize,
    },
    /// Appeals wait for their ruling.
    #[error("{appeals} appeals are not ruled on; rule on each of them first")]
    AppealsPending {
        /// How many.
        appeals: usize,
    },
}

impl CycleRefusal {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "cycle.wrong_state",
            Self::WrongActor { .. } => "visit.actor",
            Self::NoticeMissing
            | Self::RubricMissing { .. }
            | Self::PlanMissing
            | Self::VisitsUnsettled { .. }
            | Self::CentresUndecided { .. }
            | Self::PublicationsScheduled { .. }
            | Self::AppealsPending { .. } => "cycle.gate",
        }
    }
}

/// The state after a step.
///
/// # Errors
/// The named reason why the step cannot be taken now, or not by this role.
pub fn next(
    state: CycleState,
    event: CycleEvent,
    role: Role,
    facts: CycleFacts,
) -> Result<CycleState, CycleRefusal> {
    let by_committee = role == Role::CommitteeChair;
    let (from, to, may) = match event {
        CycleEvent::Open => (CycleState::Draft, CycleState::Open, role.runs_field_work()),
        CycleEvent::CloseFieldWork => {
            (CycleState::Open, CycleState::Reviewing, role.runs_field_work())
        }
        CycleEvent::Decide => (CycleState::Reviewing, CycleState::Decided, by_committee),
        CycleEvent::Publish => (CycleState::Decided, CycleState::Published, by_committee),
        CycleEvent::Close => (CycleState::Published, CycleState::Closed, by_committee),
    };
    if !may {
        return Err(CycleRefusal::WrongActor { role, event });
    }
    if state != from {
        return Err(CycleRefusal::WrongState { state, event });
    }
    gate(event, facts)?;
    Ok(to)
}

fn gate(event: CycleEvent, facts: CycleFacts) -> Result<(), CycleRefusal> {
    match event {
        CycleEvent::Open if !facts.notice_recorded => Err(CycleRefusal::NoticeMissing),
        CycleEvent::Open if facts.centres_without_rubric > 0 => {
            Err(CycleRefusal::RubricMissing { centres: facts.centres_without_rubric })
        }
        CycleEvent::Open if facts.visits == 0 => Err(CycleRefusal::PlanMissing),
        CycleEvent::CloseFieldWork if facts.visits_unsettled > 0 => {
            Err(CycleRefusal::VisitsUnsettled { visits: facts.visits_unsettled })
        }
        CycleEvent::Decide if facts.centres_undecided > 0 => {
            Err(CycleRefusal::CentresUndecided { centres: facts.centres_undecided })
        }
        CycleEvent::Publish | CycleEvent::Close if facts.publications_scheduled > 0 => {
            let publications = facts.publications_scheduled;
            Err(CycleRefusal::PublicationsScheduled { publications })
        }
        CycleEvent::Close if facts.appeals_pending > 0 => {
            Err(CycleRefusal::AppealsPending { appeals: facts.appeals_pending })
        }
        CycleEvent::Open
        | CycleEvent::CloseFieldWork
        | CycleEvent::Decide
        | CycleEvent::Publish
        | CycleEvent::Close => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_work_needs_notice_rubric_and_plan() {
        let ready = CycleFacts { notice_recorded: true, visits: 4, ..CycleFacts::default() };
        let open = |facts| next(CycleState::Draft, CycleEvent::Open, Role::CentralTeam, facts);
        assert_eq!(open(ready), Ok(CycleState::Open));
        let without = CycleFacts { notice_recorded: false, ..ready };
        assert_eq!(open(without), Err(CycleRefusal::NoticeMissing));
        let without = CycleFacts { centres_without_rubric: 2, ..ready };
        assert_eq!(open(without), Err(CycleRefusal::RubricMissing { centres: 2 }));
        let without = CycleFacts { visits: 0, ..ready };
        assert_eq!(open(without), Err(CycleRefusal::PlanMissing));
    }

    #[test]
    fn nothing_is_published_at_once_or_closed_while_something_is_to_come() {
        let coming = CycleFacts { publications_scheduled: 1, ..CycleFacts::default() };
        let refused = Err(CycleRefusal::PublicationsScheduled { publications: 1 });
        for (state, event) in
            [(CycleState::Decided, CycleEvent::Publish), (CycleState::Published, CycleEvent::Close)]
        {
            assert_eq!(next(state, event, Role::CommitteeChair, coming), refused);
        }
    }

    #[test]
    fn a_cycle_closes_once_every_appeal_is_ruled_on() {
        let pending = CycleFacts { appeals_pending: 1, ..CycleFacts::default() };
        let step = |state, event| next(state, event, Role::CommitteeChair, pending);
        let refused = Err(CycleRefusal::AppealsPending { appeals: 1 });
        assert_eq!(step(CycleState::Published, CycleEvent::Close), refused);
        assert_eq!(step(CycleState::Decided, CycleEvent::Publish), Ok(CycleState::Published));
    }

    #[test]
    fn each_step_has_one_state_it_leaves_and_no_outsider_takes_it() {
        let ready = CycleFacts { notice_recorded: true, visits: 1, ..CycleFacts::default() };
        for event in CycleEvent::ALL {
            for role in Role::ALL {
                let left: Vec<&CycleState> = CycleState::ALL
                    .iter()
                    .filter(|s| next(**s, *event, *role, ready).is_ok())
                    .collect();
                assert!(left.len() <= 1, "{event:?} by {role:?} leaves {left:?}");
            }
            for outsider in [Role::Evaluator, Role::Manager, Role::Coordinator, Role::Observer] {
                assert!(CycleState::ALL.iter().all(|s| next(*s, *event, outsider, ready).is_err()));
            }
        }
    }
}
