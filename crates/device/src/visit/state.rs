//! Where a visit stands: what the server said last, and what was done on this device since.

use mizan_domain::visit::VisitState;

use crate::store::seals::{Seal, SealOutcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Accepted,
    Declined { is_sent: bool },
}

pub(super) struct Known<'a> {
    pub(super) server: VisitState,
    pub(super) visit_rev: i64,
    pub(super) decision: Option<Decision>,
    pub(super) is_started: bool,
    pub(super) last_seal: Option<&'a Seal>,
}

/// Where a visit stands: what the server said last, and what was done here since.
pub(super) fn local_state(known: &Known<'_>) -> VisitState {
    use VisitState as S;
    if matches!(known.server, S::Cancelled | S::Exposed | S::Counted) {
        return known.server;
    }
    if let Some(seal) = known.last_seal.filter(|seal| seal.outcome != Some(SealOutcome::Rejected)) {
        // Only a visit record written after the server took the evaluation can speak of it.
        let is_answered = seal.settled_visit_rev.is_some_and(|rev| known.visit_rev > rev);
        return if is_answered { known.server } else { S::Submitted };
    }
    let under_way = if known.is_started { S::InProgress } else { S::Accepted };
    match (known.server, known.decision) {
        (S::Planned | S::Assigned, None) => known.server,
        (S::Planned | S::Assigned | S::Accepted, Some(Decision::Accepted))
        | (S::Accepted, None) => under_way,
        // Given again after it was handed back.
        (S::Planned | S::Assigned, Some(Decision::Declined { is_sent: true })) => known.server,
        (S::Planned | S::Assigned | S::Accepted, Some(Decision::Declined { .. })) => S::Declined,
        (
            S::InProgress
            | S::Submitted
            | S::InReview
            | S::Returned
            | S::Validated
            | S::Counted
            | S::Declined
            | S::Cancelled
            | S::Exposed,
            _,
        ) => known.server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(outcome: Option<SealOutcome>, settled_visit_rev: Option<i64>) -> Seal {
        Seal { number: 1, revision: 1, sealed_ms: 0, outcome, settled_visit_rev, complete_ms: None }
    }

    #[test]
    fn the_state_is_the_servers_with_what_was_done_here_since() {
        use VisitState as S;
        let waiting = seal(None, None);
        let applied = seal(Some(SealOutcome::Applied), Some(5));
        let rejected = seal(Some(SealOutcome::Rejected), None);
        let accepted = Some(Decision::Accepted);
        let declined = |is_sent| Some(Decision::Declined { is_sent });
        let rows = [
            ("new", S::Assigned, 1, None, false, None, S::Assigned),
            ("taken, not yet sent", S::Assigned, 1, accepted, false, None, S::Accepted),
            ("begun, not yet sent", S::Assigned, 1, accepted, true, None, S::InProgress),
            (
                "begun, server knows of the taking",
                S::Accepted,
                2,
                accepted,
                true,
                None,
                S::InProgress,
            ),
            (
                "handed back, not yet sent",
                S::Assigned,
                1,
                declined(false),
                false,
                None,
                S::Declined,
            ),
            ("given again", S::Assigned, 3, declined(true), false, None, S::Assigned),
            ("sealed, not yet sent", S::Accepted, 2, accepted, true, Some(&waiting), S::Submitted),
            ("sent, pull failed", S::Returned, 5, accepted, true, Some(&applied), S::Submitted),
            ("returned since", S::Returned, 6, accepted, true, Some(&applied), S::Returned),
            ("sealed again", S::Returned, 6, accepted, true, Some(&waiting), S::Submitted),
            ("refused", S::InProgress, 4, accepted, true, Some(&rejected), S::InProgress),
            ("cancelled meanwhile", S::Cancelled, 9, accepted, true, Some(&waiting), S::Cancelled),
        ];
        for (title, server, visit_rev, decision, is_started, last_seal, expected) in rows {
            let known = Known { server, visit_rev, decision, is_started, last_seal };
            assert_eq!(local_state(&known), expected, "{title}");
        }
    }
}
