//! Appeals against a criterion of a published scorecard: how long one may be filed, who rules on it when,
//! and what a ruling makes of the answers.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::cycle::CycleState;
use crate::evaluation::{AnswerFault, Evaluation, RawAnswer, read_answer_to};
use crate::role::Role;
use crate::rubric::Criterion;

/// Working days after publication in which an appeal may be filed. A cycle may set another number.
pub const WINDOW_DAYS: u32 = 10;
/// The most days a cycle may set.
pub const MOST_WINDOW_DAYS: u32 = 90;

/// Where an appeal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppealState {
    /// Waits for the first ruling.
    Filed,
    /// Has its first ruling; the committee's is to come.
    Examined,
    /// The committee has ruled.
    Ruled,
    /// Taken back by those who filed it.
    Withdrawn,
}
crate::rubric::words!(AppealState: Filed = "filed", Examined = "examined", Ruled = "ruled",
    Withdrawn = "withdrawn");

/// A step of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AppealEvent {
    /// The first ruling, by the central team or a reviewer.
    Examine,
    /// The committee's ruling, which is the last.
    Rule,
    /// It is taken back.
    Withdraw,
}
crate::rubric::words!(AppealEvent: Examine = "examine", Rule = "rule", Withdraw = "withdraw");

/// What an appeal rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// What was seen is not so.
    FactualError,
    /// Evidence was there and was not taken into account.
    EvidenceIgnored,
    /// The criterion was taken to apply, or not to, against the rubric.
    NaMisuse,
    /// Whoever judged had an interest.
    ConflictOfInterest,
}
crate::rubric::words!(Ground: FactualError = "factual_error", EvidenceIgnored = "evidence_ignored",
    NaMisuse = "na_misuse", ConflictOfInterest = "conflict_of_interest");

/// What a ruling says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ruling {
    /// The appeal is right.
    Upheld,
    /// It is right in part.
    Partly,
    /// It is not.
    Refused,
}
crate::rubric::words!(Ruling: Upheld = "upheld", Partly = "partly", Refused = "refused");

impl Ruling {
    /// Whether answers are corrected by it.
    #[must_use]
    pub fn corrects(self) -> bool {
        match self {
            Self::Upheld | Self::Partly => true,
            Self::Refused => false,
        }
    }
}

/// Who takes a step, seen from the centre that appeals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppealActor {
    /// The role.
    pub role: Role,
    /// Employed by the centre's agency, or with an interest in it.
    pub is_party: bool,
    /// Made, reviewed or scored a visit of the centre in the cycle.
    pub has_judged: bool,
    /// Speaks for the committee: the chair, or a member where every chair abstains.
    pub presides: bool,
}

/// What a filing is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filing {
    /// Who files.
    pub role: Role,
    /// The cycle's state.
    pub cycle: CycleState,
    /// The day it is filed.
    pub today: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// Whether a later version stands in the scorecard's place.
    pub is_superseded: bool,
    /// Whether the criterion was appealed before in the cycle, and that not taken back.
    pub is_appealed: bool,
}

/// Why a step is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppealRefusal {
    /// This role may not do it.
    #[error("the role {} does not take this step", .role.word())]
    WrongActor {
        /// The role.
        role: Role,
    },
    /// Nobody rules on the own agency.
    #[error("nobody rules on an appeal of the own agency")]
    OwnAgency,
    /// Whoever had a part in the visits does not rule on them.
    #[error("whoever made, reviewed or scored a visit of the centre does not rule on its appeal")]
    HasJudged,
    /// The chair speaks for the committee.
    #[error("the chair records the committee's ruling; a member does where every chair abstains")]
    NotPresiding,
    /// The state does not allow it.
    #[error("an appeal that is {} does not take this step", .state.word())]
    WrongState {
        /// The state.
        state: AppealState,
    },
    /// The cycle is closed, or nothing of it is out.
    #[error("a cycle that is {} hears no appeals", .state.word())]
    WrongCycleState {
        /// The state.
        state: CycleState,
    },
    /// The window has passed.
    #[error("appeals could be filed until {last_day}")]
    TooLate {
        /// The last day.
        last_day: NaiveDate,
    },
    /// A later version is out.
    #[error("a later version of the scorecard is out; appeal against that")]
    Superseded,
    /// One criterion, one appeal.
    #[error("the criterion was appealed already in this cycle")]
    Twice,
    /// A ruling that corrects has to say what the answers are now.
    #[error("a ruling that upholds needs an answer that differs from the one given")]
    NothingCorrected,
    /// A refusal leaves the answers as they are.
    #[error("a ruling that refuses corrects no answer")]
    CorrectsThoughRefused,
    /// A correction of something else.
    #[error("a correction names an answer that the appeal is not about")]
    NotAppealed,
    /// A corrected answer does not fit the criterion.
    #[error("{0}")]
    Answer(AnswerFault),
}

impl AppealRefusal {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongActor { .. } => "visit.actor",
            Self::OwnAgency => "review.own_agency",
            Self::HasJudged => "appeal.has_judged",
            Self::NotPresiding => "appeal.not_presiding",
            Self::WrongState { .. } => "appeal.wrong_state",
            Self::WrongCycleState { .. } => "cycle.wrong_state",
            Self::TooLate { .. } => "appeal.too_late",
            Self::Superseded => "appeal.superseded",
            Self::Twice => "appeal.twice",
            Self::NothingCorrected => "appeal.nothing_corrected",
            Self::CorrectsThoughRefused => "appeal.corrects_though_refused",
            Self::NotAppealed => "appeal.not_appealed",
            Self::Answer(fault) => fault.code(),
        }
    }
}

/// The last day of the window: so many working days after the day of publication. Friday and Saturday
/// are no working days.
#[must_use]
pub fn last_day(published: NaiveDate, working_days: u32) -> NaiveDate {
    let mut day = published;
    let mut left = working_days.min(MOST_WINDOW_DAYS);
    while left > 0 {
        let Some(next) = day.checked_add_days(Days::new(1)) else { break };
        day = next;
        left -= u32::from(!matches!(day.weekday(), Weekday::Fri | Weekday::Sat));
    }
    day
}

/// Whether an appeal may be filed.
///
/// # Errors
/// The first reason against it.
pub fn may_file(filing: &Filing) -> Result<(), AppealRefusal> {
    if !is_centres(filing.role) {
        return Err(AppealRefusal::WrongActor { role: filing.role });
    }
    hears(filing.cycle)?;
    if filing.is_superseded {
        return Err(AppealRefusal::Superseded);
    }
    if filing.is_appealed {
        return Err(AppealRefusal::Twice);
    }
    if filing.today > filing.last_day {
        return Err(AppealRefusal::TooLate { last_day: filing.last_day });
    }
    Ok(())
}

/// Whether appeals are filed and ruled on in a cycle.
///
/// # Errors
/// [`AppealRefusal::WrongCycleState`].
pub fn hears(cycle: CycleState) -> Result<(), AppealRefusal> {
    match cycle {
        CycleState::Decided | CycleState::Published => Ok(()),
        CycleState::Draft | CycleState::Open | CycleState::Reviewing | CycleState::Closed => {
            Err(AppealRefusal::WrongCycleState { state: cycle })
        }
    }
}

fn is_centres(role: Role) -> bool {
    matches!(role, Role::Manager | Role::Coordinator)
}

/// Where an appeal stands after a step.
///
/// # Errors
/// The named reason why the step cannot be taken now, or not by this person.
pub fn next(
    state: AppealState,
    event: AppealEvent,
    actor: AppealActor,
) -> Result<AppealState, AppealRefusal> {
    use AppealState as S;
    let is_theirs = match event {
        AppealEvent::Examine => matches!(actor.role, Role::CentralTeam | Role::Reviewer),
        AppealEvent::Rule => actor.role.is_committee(),
        AppealEvent::Withdraw => is_centres(actor.role),
    };
    if !is_theirs {
        return Err(AppealRefusal::WrongActor { role: actor.role });
    }
    if event != AppealEvent::Withdraw {
        check_ruler(event, actor)?;
    }
    match (event, state) {
        (AppealEvent::Examine, S::Filed) => Ok(S::Examined),
        (AppealEvent::Rule, S::Examined) => Ok(S::Ruled),
        (AppealEvent::Withdraw, S::Filed | S::Examined) => Ok(S::Withdrawn),
        (AppealEvent::Examine, S::Examined | S::Ruled | S::Withdrawn)
        | (AppealEvent::Rule, S::Filed | S::Ruled | S::Withdrawn)
        | (AppealEvent::Withdraw, S::Ruled | S::Withdrawn) => {
            Err(AppealRefusal::WrongState { state })
        }
    }
}

fn check_ruler(event: AppealEvent, actor: AppealActor) -> Result<(), AppealRefusal> {
    if actor.is_party {
        return Err(AppealRefusal::OwnAgency);
    }
    if actor.has_judged {
        return Err(AppealRefusal::HasJudged);
    }
    if event == AppealEvent::Rule && !actor.presides {
        return Err(AppealRefusal::NotPresiding);
    }
    Ok(())
}

/// What an answer of one evaluation is by a ruling. The answer that was given stays on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The evaluation.
    pub evaluation: String,
    /// The criterion.
    pub criterion: String,
    /// The answer.
    pub answer: RawAnswer,
}

/// The evaluations as they count once answers are corrected.
#[must_use]
pub fn corrected(mut evaluations: Vec<Evaluation>, corrections: &[Correction]) -> Vec<Evaluation> {
    for correction in corrections {
        let of = evaluations.iter_mut().find(|one| one.id == correction.evaluation);
        let Some(evaluation) = of else { continue };
        let given = evaluation.answers.iter_mut().find(|(id, _)| *id == correction.criterion);
        match given {
            Some((_, answer)) => *answer = correction.answer.clone(),
            None => {
                let added = (correction.criterion.clone(), correction.answer.clone());
                evaluation.answers.push(added);
            }
        }
    }
    evaluations
}

/// Whether a ruling and its corrections fit each other and the criterion.
///
/// # Errors
/// The first reason against it.
pub fn check_ruling(
    ruling: Ruling,
    criterion: &Criterion,
    evaluations: &[Evaluation],
    corrections: &[Correction],
) -> Result<(), AppealRefusal> {
    if !ruling.corrects() && !corrections.is_empty() {
        return Err(AppealRefusal::CorrectsThoughRefused);
    }
    let mut changes = false;
    for correction in corrections {
        let evaluation = evaluations.iter().find(|one| one.id == correction.evaluation);
        let evaluation = evaluation.ok_or(AppealRefusal::NotAppealed)?;
        if correction.criterion != criterion.id {
            return Err(AppealRefusal::NotAppealed);
        }
        let read = |raw: &RawAnswer| read_answer_to(criterion, evaluation.kind, raw);
        let now = read(&correction.answer).map_err(AppealRefusal::Answer)?;
        let given = evaluation.answers.iter().find(|(id, _)| *id == criterion.id);
        changes |= given.is_none_or(|(_, raw)| read(raw).as_ref() != Ok(&now));
    }
    if ruling.corrects() && !changes {
        return Err(AppealRefusal::NothingCorrected);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::{Rubric, VisitKind};
    use crate::scale::RawValue;
    use crate::scoring;

    const OUTSIDE: AppealActor = AppealActor {
        role: Role::CentralTeam,
        is_party: false,
        has_judged: false,
        presides: false,
    };
    const CHAIR: AppealActor =
        AppealActor { role: Role::CommitteeChair, presides: true, ..OUTSIDE };
    const MANAGER: AppealActor = AppealActor { role: Role::Manager, is_party: true, ..OUTSIDE };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn two_rulings_and_the_second_is_the_last() {
        use AppealEvent as E;
        let examined = next(AppealState::Filed, E::Examine, OUTSIDE).unwrap();
        assert_eq!(examined, AppealState::Examined);
        assert_eq!(next(examined, E::Rule, CHAIR), Ok(AppealState::Ruled));
        for state in AppealState::ALL {
            let wrong = AppealRefusal::WrongState { state: *state };
            let examine = next(*state, E::Examine, OUTSIDE);
            assert_eq!(examine.is_ok(), *state == AppealState::Filed);
            let rule = next(*state, E::Rule, CHAIR);
            assert_eq!(rule.is_ok(), *state == AppealState::Examined, "no ruling without a first");
            let withdraw = next(*state, E::Withdraw, MANAGER);
            let may = matches!(state, AppealState::Filed | AppealState::Examined);
            assert_eq!(withdraw.is_ok(), may);
            for refused in [examine, rule, withdraw].into_iter().filter_map(Result::err) {
                assert_eq!(refused, wrong);
            }
        }
    }

    #[test]
    fn nobody_takes_a_step_that_is_not_theirs() {
        for role in Role::ALL {
            for state in AppealState::ALL {
                for event in AppealEvent::ALL {
                    let actor = AppealActor { role: *role, ..CHAIR };
                    let theirs: &[Role] = match event {
                        AppealEvent::Examine => &[Role::CentralTeam, Role::Reviewer],
                        AppealEvent::Rule => &[Role::CommitteeChair, Role::CommitteeMember],
                        AppealEvent::Withdraw => &[Role::Manager, Role::Coordinator],
                    };
                    let refused = next(*state, *event, actor)
                        == Err(AppealRefusal::WrongActor { role: *role });
                    assert_eq!(refused, !theirs.contains(role), "{role:?} {event:?}");
                }
            }
        }
    }

    #[test]
    fn whoever_is_of_the_agency_or_had_a_part_rules_on_nothing() {
        let (filed, examined) = (AppealState::Filed, AppealState::Examined);
        for (state, event, actor) in
            [(filed, AppealEvent::Examine, OUTSIDE), (examined, AppealEvent::Rule, CHAIR)]
        {
            let party = AppealActor { is_party: true, ..actor };
            assert_eq!(next(state, event, party), Err(AppealRefusal::OwnAgency));
            let judge = AppealActor { has_judged: true, ..actor };
            assert_eq!(next(state, event, judge), Err(AppealRefusal::HasJudged));
        }
        let member = AppealActor { role: Role::CommitteeMember, presides: false, ..CHAIR };
        let refused = next(examined, AppealEvent::Rule, member);
        assert_eq!(refused, Err(AppealRefusal::NotPresiding));
    }

    #[test]
    fn the_window_counts_working_days_and_closes_after_its_last_day() {
        // 2026-11-01 is a Sunday.
        assert_eq!(last_day(day("2026-11-01"), 4), day("2026-11-05"));
        assert_eq!(last_day(day("2026-11-01"), 5), day("2026-11-08"), "over the weekend");
        assert_eq!(last_day(day("2026-11-01"), WINDOW_DAYS), day("2026-11-15"));
        assert_eq!(last_day(day("2026-11-06"), 1), day("2026-11-08"), "published on a Friday");
        let filing = Filing {
            role: Role::Manager,
            cycle: CycleState::Published,
            today: day("2026-11-15"),
            last_day: day("2026-11-15"),
            is_superseded: false,
            is_appealed: false,
        };
        assert_eq!(may_file(&filing), Ok(()));
        let late = Filing { today: day("2026-11-16"), ..filing };
        let last_day = day("2026-11-15");
        assert_eq!(may_file(&late), Err(AppealRefusal::TooLate { last_day }));
        let again = Filing { is_appealed: true, ..filing };
        assert_eq!(may_file(&again), Err(AppealRefusal::Twice));
        let old = Filing { is_superseded: true, ..filing };
        assert_eq!(may_file(&old), Err(AppealRefusal::Superseded));
        for state in CycleState::ALL {
            let allowed = matches!(state, CycleState::Decided | CycleState::Published);
            assert_eq!(may_file(&Filing { cycle: *state, ..filing }).is_ok(), allowed);
        }
        for role in Role::ALL {
            let may = matches!(role, Role::Manager | Role::Coordinator);
            assert_eq!(may_file(&Filing { role: *role, ..filing }).is_ok(), may);
        }
    }

    const RUBRIC: &str = r#"id = "small"
version = "1.0.0"
model = "in_person"
title = { ar = "ع", en = "Small" }
[policy]
critical_cap = "all"
[[levels]]
id = "all"
name = { ar = "ع", en = "All" }
min_score = 0
allows_critical = true
[[pillars]]
id = "A"
name = { ar = "ع", en = "A" }
weight = 100
[[pillars.criteria]]
id = "A1"
name = { ar = "ع", en = "One" }
guidance = { ar = "ع", en = "Look" }
weight = 50
scale = { kind = "percent" }
visits = ["unannounced"]
evidence = { rule = "none", kinds = [] }
[[pillars.criteria]]
id = "A2"
name = { ar = "ع", en = "Two" }
guidance = { ar = "ع", en = "Look" }
weight = 50
scale = { kind = "percent" }
visits = ["unannounced"]
evidence = { rule = "none", kinds = [] }
"#;

    fn percent(text: &str) -> RawAnswer {
        RawAnswer::Value(RawValue::Text(text.into()))
    }

    fn evaluation(id: &str, a1: &str, a2: &str) -> Evaluation {
        let answers = vec![("A1".into(), percent(a1)), ("A2".into(), percent(a2))];
        Evaluation { id: id.into(), kind: VisitKind::Unannounced, answers }
    }

    fn correction(evaluation: &str, criterion: &str, answer: RawAnswer) -> Correction {
        Correction { evaluation: evaluation.into(), criterion: criterion.into(), answer }
    }

    #[test]
    fn a_correction_counts_as_if_it_had_been_the_answer_and_changes_no_other() {
        let rubric = Rubric::from_toml(RUBRIC).unwrap();
        let given = vec![evaluation("e", "40", "80"), evaluation("f", "60", "80")];
        let now = corrected(given.clone(), &[correction("e", "A1", percent("100"))]);
        let as_if = vec![evaluation("e", "100", "80"), evaluation("f", "60", "80")];
        assert_eq!(now, as_if);
        let score = |of: &[Evaluation]| scoring::score(&rubric, of, &[]).unwrap();
        assert_eq!(score(&now), score(&as_if));
        assert_eq!(score(&given).score.unwrap().to_string(), "65");
        assert_eq!(score(&now).score.unwrap().to_string(), "80");
    }

    #[test]
    fn a_ruling_and_its_corrections_fit_each_other() {
        let rubric = Rubric::from_toml(RUBRIC).unwrap();
        let criterion = rubric.criterion("A1").unwrap();
        let given = [evaluation("e", "40", "80")];
        let check = |ruling, corrections: &[Correction]| {
            check_ruling(ruling, criterion, &given, corrections)
        };
        let higher = correction("e", "A1", percent("50"));
        assert_eq!(check(Ruling::Upheld, std::slice::from_ref(&higher)), Ok(()));
        assert_eq!(check(Ruling::Refused, &[]), Ok(()));
        let refused = check(Ruling::Refused, &[higher]);
        assert_eq!(refused, Err(AppealRefusal::CorrectsThoughRefused));
        let same = correction("e", "A1", percent("40.0"));
        for none in [vec![], vec![same]] {
            let refused = check(Ruling::Partly, &none);
            assert_eq!(refused, Err(AppealRefusal::NothingCorrected));
        }
        for other in [correction("e", "A2", percent("9")), correction("x", "A1", percent("9"))] {
            let refused = check(Ruling::Upheld, &[other]);
            assert_eq!(refused, Err(AppealRefusal::NotAppealed));
        }
        let off = check(Ruling::Upheld, &[correction("e", "A1", percent("101"))]);
        assert_eq!(off.unwrap_err().code(), "answer.off_scale");
    }
}
