//! Who may do what: one exhaustive function. What is not named here is refused.
//!
//! What else limits an action is its relation to the thing: an evaluator has the own visits alone, a
//! manager the own centre, a coordinator the own agency, nobody judges the own visit or agency, an
//! administrator closes no own account. Those rules stand where the thing is read.

use mizan_domain::role::Role;
use serde::Serialize;
use utoipa::ToSchema;

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Right)]
pub enum Action {
    /// End one's session, change one's password, set up one's second factor.
    KeepOwnAccount,
    /// Close and open accounts, and take a lost second factor away.
    ManagePeople,
    /// Issue enrolment codes, see which devices there are, revoke them and order their wipe.
    ManageDevices,
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
    /// See to what was refused or unread: list it, read it, release it, set it aside.
    KeepQuarantine,
    /// Read the streams of one's role.
    Pull,
    /// See the queue, take visits up, return and validate them, rule on critical hits.
    Review,
    /// See results before publication.
    ReadResults,
    /// Read evidence: reviewers what any submitted evaluation names, the committee what counts.
    ReadEvidence,
    /// Read a rubric, see what became of criteria from one to the next.
    ReadRubrics,
    /// Say what became of criteria from one rubric to the next.
    MapRubrics,
    /// See how the committee decides.
    ReadRules,
    /// See the committee's meetings and their minutes.
    ReadMeetings,
    /// Call meetings, keep agenda and attendance.
    PrepareMeetings,
    /// Open and close meetings and ballots.
    PresideMeetings,
    /// Vote, speak, dissent, abstain.
    TakePartInMeetings,
    /// See which publications are scheduled.
    ReadPublications,
    /// Schedule publications and take them back.
    Publish,
    /// Decide on a centre.
    Decide,
    /// Read the audit; observers read it without ids.
    ReadAudit,
    /// Read published scorecards, within one's relation to the centre.
    ReadScorecards,
    /// Read what centres do about remarks, within one's relation to the centre.
    ReadActions,
    /// Keep what the own centre, or the own agency's centres, do about remarks.
    KeepActions,
    /// Read appeals: the own centre's or agency's, or all where one hears them.
    ReadAppeals,
    /// Appeal against a published scorecard of the own centre or agency.
    FileAppeals,
    /// See what an appeal rests on, and rule on it as the appeal's rules allow.
    HearAppeals,
}

impl Action {
    /// Every action, with what it is to a reader of docs/SECURITY.md.
    pub const ALL: [(Self, &'static str); 31] = [
        (Self::KeepOwnAccount, "sign out, change the own password, set up the own second factor"),
        (Self::ManagePeople, "close and open other accounts, take a lost second factor away"),
        (Self::ManageDevices, "issue enrolment codes, list and revoke devices, order a wipe"),
        (Self::ManageProgramme, "add agencies, centres, people, rubrics and cycles"),
        (Self::ReadProgramme, "read the lists needed to plan"),
        (Self::PlanVisits, "plan, assign and cancel visits, see who makes them"),
        (Self::StepCycle, "take a step of a cycle, as the cycle's rules allow"),
        (Self::DoFieldWork, "enrol a device, push the own visits, upload evidence"),
        (Self::CarryBundles, "carry sealed bundles in and answers out"),
        (Self::KeepQuarantine, "see to records that were refused: read, release, set aside"),
        (Self::Pull, "read the streams of the own role"),
        (Self::Review, "review visits, rule on critical hits"),
        (Self::ReadResults, "see results before publication"),
        (Self::ReadEvidence, "read evidence; the committee that of visits which count"),
        (Self::ReadRubrics, "read a rubric, see what became of criteria from one to the next"),
        (Self::MapRubrics, "say what became of criteria from one rubric to the next"),
        (Self::ReadRules, "see how the committee decides"),
        (Self::ReadMeetings, "see the committee's meetings and their minutes"),
        (Self::PrepareMeetings, "call meetings, keep agenda and attendance"),
        (Self::PresideMeetings, "open and close meetings and ballots"),
        (Self::TakePartInMeetings, "vote, speak, dissent and abstain in meetings"),
        (Self::ReadPublications, "see which publications are scheduled"),
        (Self::Publish, "schedule publications, take them back before their time"),
        (Self::Decide, "decide on a centre"),
        (Self::ReadAudit, "read the audit; observers without ids"),
        (Self::ReadScorecards, "read published scorecards"),
        (Self::ReadActions, "read what centres do about remarks"),
        (Self::KeepActions, "keep what the own centres do about remarks"),
        (Self::ReadAppeals, "read appeals"),
        (Self::FileAppeals, "appeal for the own centres"),
        (Self::HearAppeals, "hear appeals and rule on them"),
    ];
}

/// Whether a role may take an action.
#[must_use]
pub fn may(role: Role, action: Action) -> bool {
    match action {
        Action::KeepOwnAccount => true,
        Action::ManagePeople | Action::ManageProgramme => role == Role::Administrator,
        Action::ManageDevices
        | Action::ReadProgramme
        | Action::PlanVisits
        | Action::CarryBundles
        | Action::KeepQuarantine => role.runs_field_work(),
        Action::StepCycle => role.runs_field_work() || role == Role::CommitteeChair,
        Action::DoFieldWork => role == Role::Evaluator,
        // Whoever has no streams is told so, and drops what they once had.
        Action::Pull => true,
        Action::Review => role == Role::Reviewer,
        Action::ReadResults | Action::ReadPublications | Action::ReadMeetings => {
            role == Role::CentralTeam || role.is_committee()
        }
        Action::ReadEvidence => {
            matches!(role, Role::Reviewer | Role::CentralTeam) || role.is_committee()
        }
        Action::ReadRubrics => {
            matches!(role, Role::RubricEditor | Role::CentralTeam) || role.is_committee()
        }
        Action::MapRubrics => matches!(role, Role::RubricEditor | Role::CentralTeam),
        Action::ReadRules => role.runs_field_work() || role.is_committee(),
        Action::PrepareMeetings => {
            matches!(role, Role::CentralTeam | Role::CommitteeChair)
        }
        Action::TakePartInMeetings => role.is_committee(),
        Action::Publish | Action::Decide | Action::PresideMeetings => role == Role::CommitteeChair,
        Action::ReadAudit => matches!(role, Role::Administrator | Role::Observer),
        Action::ReadScorecards => {
            matches!(role, Role::Manager | Role::Coordinator | Role::Observer)
                || role.is_committee()
        }
        Action::ReadActions => {
            matches!(role, Role::Manager | Role::Coordinator | Role::CentralTeam)
                || role.is_committee()
        }
        Action::KeepActions | Action::FileAppeals => {
            matches!(role, Role::Manager | Role::Coordinator)
        }
        Action::ReadAppeals => {
            matches!(role, Role::Manager | Role::Coordinator) || may(role, Action::HearAppeals)
        }
        Action::HearAppeals => {
            matches!(role, Role::CentralTeam | Role::Reviewer) || role.is_committee()
        }
    }
}

/// What a role may do.
#[must_use]
pub fn rights(role: Role) -> Vec<Action> {
    Action::ALL.map(|(action, _)| action).into_iter().filter(|a| may(role, *a)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_judged_reads_published_scorecards_replies_to_them_and_no_more() {
        let judged = [
            Action::KeepOwnAccount,
            Action::Pull,
            Action::ReadScorecards,
            Action::ReadActions,
            Action::KeepActions,
            Action::ReadAppeals,
            Action::FileAppeals,
        ];
        assert_eq!(rights(Role::Manager), judged);
        assert_eq!(rights(Role::Coordinator), judged);
        let watching =
            [Action::KeepOwnAccount, Action::Pull, Action::ReadAudit, Action::ReadScorecards];
        assert_eq!(rights(Role::Observer), watching);
    }

    /// The table of docs/SECURITY.md.
    fn table() -> String {
        let row = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
        let roles = Role::ALL.iter().map(|role| role.word());
        let mut table = row(std::iter::once("may").chain(roles).collect());
        table += &row(vec!["---"; Role::ALL.len() + 1]);
        for (action, meaning) in Action::ALL {
            let cells = Role::ALL.iter().map(|role| if may(*role, action) { "yes" } else { "" });
            table += &row(std::iter::once(meaning).chain(cells).collect());
        }
        table
    }

    #[test]
    fn the_security_page_says_who_may_do_what() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SECURITY.md");
        let page = std::fs::read_to_string(page).unwrap();
        let table = table();
        assert!(page.contains(&table), "docs/SECURITY.md should hold\n{table}");
    }

    /// The portal shows nobody a page they may not use; its tests read the rights from this file.
    #[test]
    fn the_portals_tests_know_the_rights_of_each_role() {
        let of = |role: &Role| (role.word(), rights(*role));
        let rights: std::collections::BTreeMap<_, _> = Role::ALL.iter().map(of).collect();
        let rights = serde_json::to_value(&rights).unwrap();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/lib/portal/rights.json");
        let known: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert!(known == rights, "ui/src/lib/portal/rights.json should hold\n{rights:#}");
    }
}
