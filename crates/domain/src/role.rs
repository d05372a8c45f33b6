//! Who acts: the roles of a programme.

/// What a person may be in a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Keeps accounts, agencies, centres and cycles; scores nothing.
    Administrator,
    /// Drafts rubrics.
    RubricEditor,
    /// Plans and assigns visits, consolidates, recommends.
    CentralTeam,
    /// Makes visits.
    Evaluator,
    /// Checks evaluations.
    Reviewer,
    /// Leads the committee.
    CommitteeChair,
    /// Decides with the committee.
    CommitteeMember,
    /// Answers for an agency's centres.
    Coordinator,
    /// Runs a centre.
    Manager,
    /// Reads what is decided.
    Observer,
}
crate::rubric::words!(Role: Administrator = "administrator", RubricEditor = "rubric_editor",
    CentralTeam = "central_team", Evaluator = "evaluator", Reviewer = "reviewer",
    CommitteeChair = "committee_chair", CommitteeMember = "committee_member",
    Coordinator = "coordinator", Manager = "manager", Observer = "observer");

impl Role {
    /// Whether the role sits on the committee.
    #[must_use]
    pub fn is_committee(self) -> bool {
        matches!(self, Self::CommitteeChair | Self::CommitteeMember)
    }

    /// Whether the role runs the programme's field work.
    #[must_use]
    pub fn runs_field_work(self) -> bool {
        matches!(self, Self::Administrator | Self::CentralTeam)
    }
}
