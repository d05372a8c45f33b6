//! Meetings of the committee: who may do what when, from the agenda to the decision. Each member votes
//! before anybody speaks, so that nobody votes after somebody else.

use crate::role::Role;

/// Where a meeting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeetingState {
    /// Called, with an agenda.
    Planned,
    /// In session.
    Open,
    /// Over; its minutes are made.
    Closed,
}
crate::rubric::words!(MeetingState: Planned = "planned", Open = "open", Closed = "closed");

/// A step of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeetingEvent {
    /// The chair opens it.
    Open,
    /// The chair closes it.
    Close,
}
crate::rubric::words!(MeetingEvent: Open = "open", Close = "close");

/// Where a centre stands on the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemState {
    /// Not taken up yet.
    Waiting,
    /// Members vote, each without knowing of the others.
    Balloting,
    /// The votes are open; members speak.
    Discussing,
    /// Decided.
    Decided,
    /// Left to another meeting.
    Deferred,
}
crate::rubric::words!(ItemState: Waiting = "waiting", Balloting = "balloting",
    Discussing = "discussing", Decided = "decided", Deferred = "deferred");

/// What happens to a centre on the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemEvent {
    /// The chair lets members vote.
    OpenBallot,
    /// A member votes, or votes otherwise.
    Vote,
    /// The chair ends the vote.
    CloseBallot,
    /// A note of the discussion.
    Note,
    /// The chair records the decision.
    Decide,
    /// A member does not share the decision.
    Dissent,
    /// The chair leaves the centre to another meeting.
    Defer,
}
crate::rubric::words!(ItemEvent: OpenBallot = "open_ballot", Vote = "vote",
    CloseBallot = "close_ballot", Note = "note", Decide = "decide", Dissent = "dissent",
    Defer = "defer");

/// Who acts, as the meeting knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeetingActor {
    /// The role.
    pub role: Role,
    /// Whether they are present.
    pub is_present: bool,
    /// Whether they abstain from this centre.
    pub is_recused: bool,
}

/// What the gates of a meeting ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeetingFacts {
    /// Members who are present.
    pub present: usize,
    /// Members it takes.
    pub quorum: usize,
    /// Centres on the agenda.
    pub items: usize,
    /// Of those, neither decided nor deferred.
    pub pending: usize,
}

/// What the gates of a centre on the agenda ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemFacts {
    /// Where the meeting stands.
    pub meeting: MeetingState,
    /// Members who are present and do not abstain.
    pub voters: usize,
    /// Members who have voted.
    pub votes: usize,
    /// Members it takes.
    pub quorum: usize,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MeetingRefusal {
    /// The meeting's state does not allow it.
    #[error("a meeting that is {} cannot do this", .state.word())]
    WrongState {
        /// The state.
        state: MeetingState,
    },
    /// The centre's place on the agenda does not allow it.
    #[error("a centre that is {} cannot take the step {}", .state.word(), .event.word())]
    WrongItemState {
        /// The state.
        state: ItemState,
        /// The step.
        event: ItemEvent,
    },
    /// This role may not do it.
    #[error("the role {} cannot take this step of a meeting", .role.word())]
    WrongActor {
        /// The role.
        role: Role,
    },
    /// Whoever is not there takes no part.
    #[error("only who is present takes part; note the attendance first")]
    NotPresent,
    /// Whoever abstains takes no part; a chair who does leaves it to another.
    #[error("whoever abstains from a centre takes no part in it; another chair can preside")]
    Recused,
    /// Too few are there, or may vote, or have voted.
    #[error("{members} members are too few, {quorum} are needed")]
    NoQuorum {
        /// How many there are.
        members: usize,
        /// How many it takes.
        quorum: usize,
    },
    /// There is nothing on the agenda.
    #[error("the agenda is empty; put a centre on it first")]
    AgendaEmpty,
    /// Centres on the agenda are open.
    #[error("{items} centres are neither decided nor deferred; settle each of them first")]
    ItemsPending {
        /// How many.
        items: usize,
    },
}

impl MeetingRefusal {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "meeting.wrong_state",
            Self::WrongItemState { .. } => "meeting.wrong_item_state",
            Self::WrongActor { .. } => "visit.actor",
            Self::NotPresent => "meeting.not_present",
            Self::Recused => "meeting.recused",
            Self::NoQuorum { .. } => "meeting.no_quorum",
            Self::AgendaEmpty => "meeting.agenda_empty",
            Self::ItemsPending { .. } => "meeting.items_pending",
        }
    }
}

fn enough(members: usize, quorum: usize) -> Result<(), MeetingRefusal> {
    if members >= quorum { Ok(()) } else { Err(MeetingRefusal::NoQuorum { members, quorum }) }
}

/// The state of a meeting after a step.
///
/// # Errors
/// The named reason why the step cannot be taken now, or not by this role.
pub fn next(
    state: MeetingState,
    event: MeetingEvent,
    role: Role,
    facts: MeetingFacts,
) -> Result<MeetingState, MeetingRefusal> {
    if role != Role::CommitteeChair {
        return Err(MeetingRefusal::WrongActor { role });
    }
    match (event, state) {
        (MeetingEvent::Open, MeetingState::Planned) => {
            if facts.items == 0 {
                return Err(MeetingRefusal::AgendaEmpty);
            }
            enough(facts.present, facts.quorum).map(|()| MeetingState::Open)
        }
        (MeetingEvent::Close, MeetingState::Open) if facts.pending > 0 => {
            Err(MeetingRefusal::ItemsPending { items: facts.pending })
        }
        (MeetingEvent::Close, MeetingState::Open) => Ok(MeetingState::Closed),
        (MeetingEvent::Open | MeetingEvent::Close, _) => Err(MeetingRefusal::WrongState { state }),
    }
}

/// Whether agenda, attendance and recusals may still change.
///
/// # Errors
/// [`MeetingRefusal::WrongState`] once the meeting is closed.
pub fn may_prepare(state: MeetingState) -> Result<(), MeetingRefusal> {
    match state {
        MeetingState::Planned | MeetingState::Open => Ok(()),
        MeetingState::Closed => Err(MeetingRefusal::WrongState { state }),
    }
}

/// Where a centre stands on the agenda after a step.
///
/// # Errors
/// The named reason why the step cannot be taken now, or not by this person.
pub fn next_item(
    state: ItemState,
    event: ItemEvent,
    actor: MeetingActor,
    facts: ItemFacts,
) -> Result<ItemState, MeetingRefusal> {
    use ItemState as S;
    let (from, to): (&[ItemState], ItemState) = match event {
        ItemEvent::OpenBallot => (&[S::Waiting], S::Balloting),
        ItemEvent::Vote => (&[S::Balloting], S::Balloting),
        ItemEvent::CloseBallot => (&[S::Balloting], S::Discussing),
        ItemEvent::Note => (&[S::Discussing], S::Discussing),
        ItemEvent::Decide => (&[S::Discussing], S::Decided),
        ItemEvent::Dissent => (&[S::Decided], S::Decided),
        ItemEvent::Defer => (&[S::Waiting, S::Discussing], S::Deferred),
    };
    check_actor(event, actor)?;
    if facts.meeting != MeetingState::Open {
        return Err(MeetingRefusal::WrongState { state: facts.meeting });
    }
    if !from.contains(&state) {
        return Err(MeetingRefusal::WrongItemState { state, event });
    }
    match event {
        ItemEvent::OpenBallot | ItemEvent::Decide => enough(facts.voters, facts.quorum)?,
        ItemEvent::CloseBallot => enough(facts.votes, facts.quorum)?,
        ItemEvent::Vote | ItemEvent::Note | ItemEvent::Dissent | ItemEvent::Defer => {}
    }
    Ok(to)
}

fn check_actor(event: ItemEvent, actor: MeetingActor) -> Result<(), MeetingRefusal> {
    let presides = match event {
        ItemEvent::OpenBallot | ItemEvent::CloseBallot | ItemEvent::Decide | ItemEvent::Defer => {
            true
        }
        ItemEvent::Vote | ItemEvent::Note | ItemEvent::Dissent => false,
    };
    if !actor.role.is_committee() || presides && actor.role != Role::CommitteeChair {
        return Err(MeetingRefusal::WrongActor { role: actor.role });
    }
    if !actor.is_present {
        return Err(MeetingRefusal::NotPresent);
    }
    // Leaving a centre to another meeting says nothing of it.
    if actor.is_recused && event != ItemEvent::Defer {
        return Err(MeetingRefusal::Recused);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIR: MeetingActor =
        MeetingActor { role: Role::CommitteeChair, is_present: true, is_recused: false };
    const MEMBER: MeetingActor = MeetingActor { role: Role::CommitteeMember, ..CHAIR };
    const FULL: ItemFacts =
        ItemFacts { meeting: MeetingState::Open, voters: 3, votes: 3, quorum: 3 };

    fn step(state: ItemState, event: ItemEvent) -> Result<ItemState, MeetingRefusal> {
        next_item(state, event, CHAIR, FULL)
    }

    #[test]
    fn nobody_speaks_or_decides_before_the_ballot_is_closed() {
        let way = [
            (ItemEvent::OpenBallot, ItemState::Balloting),
            (ItemEvent::Vote, ItemState::Balloting),
            (ItemEvent::CloseBallot, ItemState::Discussing),
            (ItemEvent::Note, ItemState::Discussing),
            (ItemEvent::Decide, ItemState::Decided),
            (ItemEvent::Dissent, ItemState::Decided),
        ];
        let mut state = ItemState::Waiting;
        for (event, after) in way {
            state = step(state, event).unwrap();
            assert_eq!(state, after, "{event:?}");
        }
        for state in [ItemState::Waiting, ItemState::Balloting] {
            for event in [ItemEvent::Note, ItemEvent::Decide, ItemEvent::Dissent] {
                let refused = MeetingRefusal::WrongItemState { state, event };
                assert_eq!(step(state, event), Err(refused));
            }
        }
        assert!(step(ItemState::Discussing, ItemEvent::Vote).is_err(), "not after the others");
    }

    #[test]
    fn each_step_is_refused_to_outsiders_the_absent_and_those_who_abstain() {
        for event in ItemEvent::ALL {
            for state in ItemState::ALL {
                for role in Role::ALL.iter().filter(|role| !role.is_committee()) {
                    let outsider = MeetingActor { role: *role, ..CHAIR };
                    let refused = next_item(*state, *event, outsider, FULL);
                    assert_eq!(refused, Err(MeetingRefusal::WrongActor { role: *role }));
                }
                let absent = MeetingActor { is_present: false, ..CHAIR };
                let refused = next_item(*state, *event, absent, FULL);
                assert_eq!(refused, Err(MeetingRefusal::NotPresent));
                let abstaining = MeetingActor { is_recused: true, ..CHAIR };
                let outcome = next_item(*state, *event, abstaining, FULL);
                assert_eq!(outcome == Err(MeetingRefusal::Recused), *event != ItemEvent::Defer);
            }
        }
        let role = Role::CommitteeMember;
        for event in [ItemEvent::OpenBallot, ItemEvent::CloseBallot, ItemEvent::Decide] {
            for state in ItemState::ALL {
                let refused = next_item(*state, event, MEMBER, FULL);
                assert_eq!(refused, Err(MeetingRefusal::WrongActor { role }), "the chair presides");
            }
        }
    }

    #[test]
    fn too_few_decide_nothing() {
        let few = ItemFacts { voters: 2, ..FULL };
        let refused = Err(MeetingRefusal::NoQuorum { members: 2, quorum: 3 });
        assert_eq!(next_item(ItemState::Waiting, ItemEvent::OpenBallot, CHAIR, few), refused);
        assert_eq!(next_item(ItemState::Discussing, ItemEvent::Decide, CHAIR, few), refused);
        let silent = ItemFacts { votes: 2, ..FULL };
        assert_eq!(next_item(ItemState::Balloting, ItemEvent::CloseBallot, CHAIR, silent), refused);
        let facts = MeetingFacts { present: 2, quorum: 3, items: 1, pending: 1 };
        let open = |facts| next(MeetingState::Planned, MeetingEvent::Open, CHAIR.role, facts);
        assert_eq!(open(facts), Err(MeetingRefusal::NoQuorum { members: 2, quorum: 3 }));
        let empty = MeetingFacts { present: 3, items: 0, ..facts };
        assert_eq!(open(empty), Err(MeetingRefusal::AgendaEmpty));
        assert_eq!(open(MeetingFacts { present: 3, ..facts }), Ok(MeetingState::Open));
    }

    #[test]
    fn a_meeting_closes_once_everything_is_settled_and_then_stays_closed() {
        let facts = MeetingFacts { present: 3, quorum: 3, items: 2, pending: 1 };
        let close = |state, facts| next(state, MeetingEvent::Close, CHAIR.role, facts);
        let pending = Err(MeetingRefusal::ItemsPending { items: 1 });
        assert_eq!(close(MeetingState::Open, facts), pending);
        let settled = MeetingFacts { pending: 0, ..facts };
        assert_eq!(close(MeetingState::Open, settled), Ok(MeetingState::Closed));
        let state = MeetingState::Closed;
        for event in MeetingEvent::ALL {
            let refused = next(state, *event, CHAIR.role, settled);
            assert_eq!(refused, Err(MeetingRefusal::WrongState { state }));
        }
        assert_eq!(may_prepare(state), Err(MeetingRefusal::WrongState { state }));
        let over = ItemFacts { meeting: state, ..FULL };
        let dissent = next_item(ItemState::Decided, ItemEvent::Dissent, MEMBER, over);
        assert_eq!(dissent, Err(MeetingRefusal::WrongState { state }));
    }
}
