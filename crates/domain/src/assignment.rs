//! Who may make which visit: rules M2 to M5, each a refusal with a name. M6 is a gate of
//! [`crate::visit`].

use chrono::NaiveDate;

/// A visit somebody is to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task<Id> {
    /// The centre.
    pub centre: Id,
    /// The centre's agency.
    pub agency: Id,
    /// The cycle.
    pub cycle: Id,
    /// The first day it may be made.
    pub from: NaiveDate,
}

/// A visit somebody made or is to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past<Id> {
    /// The centre.
    pub centre: Id,
    /// The centre's agency.
    pub agency: Id,
    /// The cycle.
    pub cycle: Id,
    /// The last day it may have been made.
    pub day: NaiveDate,
    /// Whether the evaluator was recognised there.
    pub exposed: bool,
}

/// An evaluator with what bars them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<Id> {
    /// The agency that employs them, if any.
    pub employer: Option<Id>,
    /// Agencies where self, family or friends work or worked (M4).
    pub interests: Vec<Id>,
    /// Their visits, past and to come.
    pub visits: Vec<Past<Id>>,
}

/// The settings of the rotation rule (M3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Days before the same evaluator may come back to a centre.
    pub centre_days: u32,
    /// Whether the same evaluator may come to a centre twice in a cycle.
    pub twice_in_cycle: bool,
}

impl Default for Rotation {
    /// Ninety days, never twice in a cycle: the common practice in the sources.
    fn default() -> Self {
        Self { centre_days: 90, twice_in_cycle: false }
    }
}

/// Why an evaluator cannot make a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentRefusal {
    /// M2: recognised at this agency once, barred for good.
    #[error("the evaluator was recognised at this agency and is barred from it for good (M2)")]
    Exposed,
    /// M3: too soon after the last visit to the centre.
    #[error("the evaluator was at this centre {days} days before; {needed} are needed (M3)")]
    Rotation {
        /// Days between the visits.
        days: i64,
        /// Days the policy asks for.
        needed: u32,
    },
    /// M3: twice in a cycle.
    #[error("the evaluator already visits this centre in this cycle (M3)")]
    SameCycle,
    /// M4: a declared interest.
    #[error("the evaluator has declared an interest in this agency (M4)")]
    Interest,
    /// M5: the evaluator's employer.
    #[error("the agency employs the evaluator (M5)")]
    OwnAgency,
}

impl AssignmentRefusal {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exposed => "assignment.exposed",
            Self::Rotation { .. } => "assignment.rotation",
            Self::SameCycle => "assignment.same_cycle",
            Self::Interest => "assignment.interest",
            Self::OwnAgency => "assignment.own_agency",
        }
    }

    /// Whether a reason may stand against it: against rotation alone (M3), which guards against habit and
    /// not against an interest.
    #[must_use]
    pub fn may_be_overruled(&self) -> bool {
        match self {
            Self::Rotation { .. } | Self::SameCycle => true,
            Self::Exposed | Self::Interest | Self::OwnAgency => false,
        }
    }
}

/// Everything that bars a candidate from a task; empty when nothing does.
#[must_use]
pub fn refusals<Id: PartialEq>(
    task: &Task<Id>,
    candidate: &Candidate<Id>,
    rotation: Rotation,
) -> Vec<AssignmentRefusal> {
    let mut found = Vec::new();
    if candidate.visits.iter().any(|past| past.exposed && past.agency == task.agency) {
        found.push(AssignmentRefusal::Exposed);
    }
    let here = || candidate.visits.iter().filter(|past| past.centre == task.centre);
    if !rotation.twice_in_cycle && here().any(|past| past.cycle == task.cycle) {
        found.push(AssignmentRefusal::SameCycle);
    }
    let earlier = here().filter(|past| rotation.twice_in_cycle || past.cycle != task.cycle);
    if let Some(days) = earlier.map(|past| (task.from - past.day).num_days().abs()).min()
        && days < i64::from(rotation.centre_days)
    {
        found.push(AssignmentRefusal::Rotation { days, needed: rotation.centre_days });
    }
    if candidate.interests.contains(&task.agency) {
        found.push(AssignmentRefusal::Interest);
    }
    if candidate.employer.as_ref() == Some(&task.agency) {
        found.push(AssignmentRefusal::OwnAgency);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_yo_opt(2026, n).unwrap()
    }

    fn past(
        centre: &'static str,
        agency: &'static str,
        cycle: &'static str,
        on: u32,
    ) -> Past<&'static str> {
        Past { centre, agency, cycle, day: day(on), exposed: false }
    }

    /// Centre C of agency A in cycle 4, from day 200.
    fn check(candidate: Candidate<&'static str>, expected: &[AssignmentRefusal]) {
        let task = Task { centre: "C", agency: "A", cycle: "4", from: day(200) };
        assert_eq!(refusals(&task, &candidate, Rotation::default()), expected, "{candidate:?}");
    }

    #[test]
    fn each_rule_refuses_by_name_and_only_where_it_holds() {
        let free = Candidate { employer: None, interests: vec![], visits: vec![] };
        let visits = |past| Candidate { visits: vec![past], ..free.clone() };
        check(free.clone(), &[]);
        check(Candidate { employer: Some("A"), ..free.clone() }, &[AssignmentRefusal::OwnAgency]);
        check(Candidate { employer: Some("B"), ..free.clone() }, &[]);
        check(Candidate { interests: vec!["A"], ..free.clone() }, &[AssignmentRefusal::Interest]);
        check(visits(past("C", "A", "4", 190)), &[AssignmentRefusal::SameCycle]);
        let rotation = AssignmentRefusal::Rotation { days: 89, needed: 90 };
        check(visits(past("C", "A", "3", 111)), &[rotation]);
        check(visits(past("C", "A", "3", 110)), &[]);
        check(visits(past("D", "A", "4", 199)), &[]);
        let exposed = Past { exposed: true, ..past("D", "A", "1", 1) };
        check(visits(exposed.clone()), &[AssignmentRefusal::Exposed]);
        check(visits(Past { agency: "B", ..exposed }), &[]);
    }
}
