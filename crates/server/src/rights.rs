//! Who may do what: one exhaustive function. What is not named here is refused.

use mizan_domain::role::Role;

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Keep agencies, centres, people, rubrics and cycles.
    ManageProgramme,
    /// Read the lists needed to plan.
    ReadProgramme,
    /// Plan, assign and cancel visits, and see who makes them.
    PlanVisits,
    /// Take a step of a cycle; the cycle's own rules say who takes which.
    StepCycle,
    /// Enrol a device, push field work, upload evidence.
    DoFieldWork,
    /// Take in the bundle of a device that meets no network, and carry the answer back. The bundle is
    /// its device's; whoever carries it reads nothing of it.
    CarryBundles,
    /// Read the streams of one's role.
    Pull,
    /// See the queue, take visits up, return and validate them, rule on critical hits.
    Review,
    /// See results before publication.
    ReadResults,
    /// Decide on a centre.
    Decide,
    /// Read published scorecards, within one's relation to the centre.
    ReadScorecards,
}

/// Whether a role may take an action.
#[must_use]
pub fn may(role: Role, action: Action) -> bool {
    match action {
        Action::ManageProgramme => role == Role::Administrator,
        Action::ReadProgramme | Action::PlanVisits | Action::CarryBundles => role.runs_field_work(),
        Action::StepCycle => role.runs_field_work() || role == Role::CommitteeChair,
        Action::DoFieldWork => role == Role::Evaluator,
        Action::Pull => {
            matches!(role, Role::Evaluator | Role::Reviewer | Role::Manager) || role.is_committee()
        }
        Action::Review => role == Role::Reviewer,
        Action::ReadResults => role == Role::CentralTeam || role.is_committee(),
        Action::Decide => role == Role::CommitteeChair,
        Action::ReadScorecards => role == Role::Manager || role.is_committee(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_may_read_published_scorecards_and_nothing_else() {
        let all = [
            (Action::ManageProgramme, false),
            (Action::ReadProgramme, false),
            (Action::PlanVisits, false),
            (Action::StepCycle, false),
            (Action::DoFieldWork, false),
            (Action::CarryBundles, false),
            (Action::Pull, true),
            (Action::Review, false),
            (Action::ReadResults, false),
            (Action::Decide, false),
            (Action::ReadScorecards, true),
        ];
        for (action, expected) in all {
            assert_eq!(may(Role::Manager, action), expected, "{action:?}");
        }
    }
}
