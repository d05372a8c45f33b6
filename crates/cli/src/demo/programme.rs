//! The programme of the demo on the server: accounts, agencies, centres, rubrics, and its cycles with their
//! plans.

use anyhow::{Context as _, Result, bail};
use mizan_domain::rubric::{Model, Rubric, VisitKind};
use mizan_protocol::api::{
    AgencyJson, Assign, CentreJson, CycleJson, CycleStep, NewAgency, NewCentre, NewCycle,
    NewPerson, NewVisit, Notice, VisitJson,
};
use mizan_protocol::id::{AgencyId, CentreId, CycleId, PersonId, VisitId};
use mizan_protocol::rubric::{RubricRef, digest, to_json};
use mizan_protocol::session::Person;

use super::briefs;
use super::chance::Chance;
use super::names::{self, CentreName, EVALUATORS, EvaluatorName, STAFF};
use super::observe::VISITS;
use super::story::{self, Plot};
use super::words::{self, both};
use crate::client::{Client, refusal_code};
use crate::progress::Progress;

/// The passwords of the demo's accounts: nothing here is worth protecting.
pub(super) fn password(role: &str) -> String {
    format!("mizan-demo-{}", role.replace('_', "-"))
}

/// The demo's administrator.
pub(super) const ADMINISTRATOR: &str = "admin";

/// A centre on the server.
#[derive(Debug, Clone)]
pub(super) struct Centre {
    pub(super) named: CentreName,
    pub(super) plot: Plot,
    pub(super) id: CentreId,
    /// The manager's account.
    pub(super) manager: String,
}

/// A visit of the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub(super) id: VisitId,
    /// The centre's place.
    pub(super) centre: usize,
    /// The visit's place among those of the centre.
    pub(super) place: usize,
    /// The evaluator's place.
    pub(super) evaluator: usize,
}

/// A cycle among those of the demo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// How many cycles before the present one.
    pub(super) age: usize,
    /// Its number.
    pub(super) number: usize,
}

/// Days from one cycle to the next: half a year, so that no evaluator comes back too soon (M3).
const DAYS_APART: i64 = 182;
/// The number of the present cycle, unless there are more before it.
const PRESENT: usize = 4;

impl Term {
    /// The cycle so many cycles before the present one, which comes after so many.
    pub(super) fn of(age: usize, history: usize) -> Self {
        Self { age, number: PRESENT.max(history + 1) - age }
    }

    /// How many days ago the cycle was where the present one is today.
    pub(super) fn days_ago(self) -> i64 {
        DAYS_APART * self.age as i64
    }

    /// A day so many days from where the cycle then was, `YYYY-MM-DD`.
    pub(super) fn day(self, from_then: i64) -> String {
        day(from_then - self.days_ago())
    }

    /// What happens by chance in the cycle alone. The present one draws as it always did.
    pub(super) fn chance(self, chance: Chance) -> Chance {
        if self.age == 0 { chance } else { chance.of("past").at(self.age) }
    }
}

/// What lasts over the cycles, as it stands on the server.
pub(super) struct Institutions {
    /// The shipped rubrics.
    pub(super) rubrics: Vec<Rubric>,
    /// The centres, each with what happens in the present cycle.
    pub(super) centres: Vec<Centre>,
    pub(super) evaluators: Vec<PersonId>,
    /// Those of [`STAFF`].
    pub(super) staff: Vec<PersonId>,
    pub(super) admin: Client,
    pub(super) central: Client,
}

/// The programme in one of its cycles, as it stands on the server.
pub(super) struct Programme {
    pub(super) term: Term,
    pub(super) rubrics: Vec<Rubric>,
    pub(super) centres: Vec<Centre>,
    pub(super) evaluators: Vec<PersonId>,
    pub(super) cycle: CycleId,
    pub(super) visits: Vec<Planned>,
    pub(super) central: Client,
}

impl Programme {
    /// The rubric of a centre's model.
    pub(super) fn rubric(&self, centre: usize) -> Result<&Rubric> {
        let model = model(&self.centres[centre].named);
        self.rubrics.iter().find(|rubric| rubric.model() == model).context("a rubric for the model")
    }

    /// Takes a step of the cycle.
    pub(super) fn step(&self, client: &Client, event: &str) -> Result<CycleJson> {
        let path = format!("/api/cycles/{}/step", self.cycle);
        client
            .post(&path, &CycleStep { event: event.to_owned() })
            .with_context(|| format!("taking the cycle's step {event}"))
    }
}

fn model(centre: &CentreName) -> Model {
    if centre.remote { Model::Remote } else { Model::InPerson }
}

/// Sets up what lasts over the cycles.
pub(super) fn set_up(server: &str, count: usize, chance: Chance) -> Result<Institutions> {
    let named = names::centres(count);
    let (agencies, evaluators) = (names::agencies(count), names::evaluators(count));
    let total = agencies.len() + evaluators.len() + STAFF.len() + 2 * count;
    let progress = Progress::start("programme", total);
    let mut admin = Client::new(server)?;
    admin.sign_in(ADMINISTRATOR, &password(ADMINISTRATOR))?;
    let agencies = add_agencies(&admin, agencies, &progress)?;
    let staff = add_staff(&admin, &progress)?;
    let evaluators = add_evaluators(&admin, evaluators, &agencies, &progress)?;
    let plots = story::plots(&named, chance);
    let mut centres = Vec::new();
    for (named, plot) in named.into_iter().zip(plots) {
        centres.push(centre(&admin, &agencies, named, plot, &progress)?);
    }
    let rubrics = crate::shipped::rubrics()?;
    add_rubrics(&admin, &rubrics)?;
    let mut central = Client::new(server)?;
    central.sign_in("central", &password("central_team"))?;
    let people = evaluators.len() + STAFF.len() + centres.len();
    progress.finish(&format!("{} agencies, {count} centres, {people} people", agencies.len()));
    Ok(Institutions { rubrics, centres, evaluators, staff, admin, central })
}

/// Adds rubrics; the server must call them by the names they have here.
pub(super) fn add_rubrics(admin: &Client, rubrics: &[Rubric]) -> Result<()> {
    for rubric in rubrics {
        let added: RubricRef = admin.post("/api/rubrics", &to_json(rubric))?;
        if added.sha256 != digest(rubric) {
            bail!("the server names the rubric {} by another sha256: {}", added.id, added.sha256);
        }
    }
    Ok(())
}

impl Institutions {
    /// Makes a cycle with its plan and opens it.
    pub(super) fn open(
        &self,
        term: Term,
        rubrics: Vec<Rubric>,
        centres: Vec<Centre>,
        chance: Chance,
    ) -> Result<Programme> {
        let cycle = cycle(&self.admin, term, &rubrics, &centres)?;
        let (evaluators, central) = (self.evaluators.clone(), self.central.clone());
        let visits = Vec::new();
        let mut programme =
            Programme { term, rubrics, centres, evaluators, cycle, visits, central };
        programme.visits = plan(&programme, term.chance(chance))?;
        programme.step(&programme.central, "open")?;
        Ok(programme)
    }
}

fn add_agencies(
    admin: &Client,
    agencies: &[(&str, names::Name)],
    progress: &Progress,
) -> Result<Vec<AgencyId>> {
    let mut ids = Vec::new();
    for (code, (ar, en)) in agencies {
        let new = NewAgency { code: (*code).to_owned(), name: both(ar, en) };
        let added: AgencyJson = admin.post("/api/agencies", &new)?;
        ids.push(added.id);
        progress.step();
    }
    Ok(ids)
}

fn add_staff(admin: &Client, progress: &Progress) -> Result<Vec<PersonId>> {
    let add = |(user, name, role): (&str, names::Name, &str)| {
        progress.step();
        add_person(admin, new_person(user, role, name))
    };
    STAFF.into_iter().map(add).collect()
}

fn add_evaluators(
    admin: &Client,
    evaluators: &[EvaluatorName],
    agencies: &[AgencyId],
    progress: &Progress,
) -> Result<Vec<PersonId>> {
    let mut ids = Vec::new();
    for evaluator in evaluators {
        let mut new = new_person(evaluator.user, "evaluator", evaluator.name);
        new.agency = evaluator.employer.map(|place| agencies[place]);
        new.interests = evaluator.interests.iter().map(|place| agencies[*place]).collect();
        ids.push(add_person(admin, new)?);
        progress.step();
    }
    Ok(ids)
}

/// An account to add; its password is that of its role.
pub(super) fn new_person(user: &str, role: &str, (ar, en): (&str, &str)) -> NewPerson {
    NewPerson {
        user: user.to_owned(),
        password: password(role),
        name: both(ar, en),
        role: role.to_owned(),
        agency: None,
        centre: None,
        interests: Vec::new(),
    }
}

/// Adds an account.
pub(super) fn add_person(admin: &Client, new: NewPerson) -> Result<PersonId> {
    let added: Person =
        admin.post("/api/people", &new).with_context(|| format!("adding {}", new.user))?;
    Ok(added.id)
}

fn centre(
    admin: &Client,
    agencies: &[AgencyId],
    named: CentreName,
    plot: Plot,
    progress: &Progress,
) -> Result<Centre> {
    let new = NewCentre {
        code: named.code.clone(),
        agency: agencies[named.agency],
        model: model(&named).word().to_owned(),
        name: both(&named.ar, &named.en),
        governorate: Some(named.governorate.to_owned()),
        size: Some(named.size.to_owned()),
        operator: Some(named.operator.to_owned()),
    };
    let added: CentreJson = admin.post("/api/centres", &new)?;
    let manager = format!("manager.{}", named.code.to_lowercase());
    let name = (format!("مدير {}", named.ar), format!("Manager, {}", named.en));
    let mut person = new_person(&manager, "manager", (&name.0, &name.1));
    person.centre = Some(added.id);
    add_person(admin, person)?;
    progress.step();
    progress.step();
    Ok(Centre { named, plot, id: added.id, manager })
}

fn cycle(admin: &Client, term: Term, rubrics: &[Rubric], centres: &[Centre]) -> Result<CycleId> {
    let new = NewCycle {
        number: term.number.to_string(),
        name: words::cycle(term.number),
        programme: words::programme(),
        rubrics: rubrics.iter().map(digest).collect(),
        centres: centres.iter().map(|centre| centre.id).collect(),
    };
    let cycle: CycleJson = admin.post("/api/cycles", &new)?;
    let notice = Notice {
        date: term.day(-30),
        text: words::notice(&words::cycle(term.number)),
        recipients: "all agencies with a centre in the cycle".into(),
    };
    admin.tell(&format!("/api/cycles/{}/notice", cycle.id), &notice)?;
    Ok(cycle.id)
}

/// A day so many days from now, `YYYY-MM-DD`.
pub(super) fn day(from_now: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(from_now)).date_naive().to_string()
}

/// Plans the visits and gives each to the next evaluator in turn whom the server's rules admit.
fn plan(programme: &Programme, chance: Chance) -> Result<Vec<Planned>> {
    let progress = Progress::start("plan", programme.centres.len() * VISITS.len());
    let mut visits = Vec::new();
    let mut refused: Vec<(String, usize)> = Vec::new();
    let (term, count) = (programme.term, programme.evaluators.len());
    for (centre, of) in programme.centres.iter().enumerate() {
        for (place, kind) in VISITS.iter().enumerate() {
            let scenario = chance.of("scenario").at(centre).at(place);
            let new = new_visit(of, *kind, (term.day(-20), term.day(10)), scenario);
            let path = format!("/api/cycles/{}/visits", programme.cycle);
            let planned: VisitJson = programme.central.post(&path, &new)?;
            let first = turn(count, term, centre, place, chance);
            let evaluator = assign(programme, planned.id, first, &mut refused)?;
            visits.push(Planned { id: planned.id, centre, place, evaluator });
            progress.step();
        }
    }
    for (code, times) in &refused {
        progress.note(&format!("the server refused {times} assignments: {code}"));
    }
    progress.finish(&format!("{} visits planned and assigned", visits.len()));
    Ok(visits)
}

/// Whose turn it is to make a visit: in a small demo one after the other. Among many that would send the
/// same three to the same centres again and again, and nobody could tell a severe evaluator from a poor
/// centre; so each round over the centres has an order of its own for each of a centre's visits.
fn turn(count: usize, term: Term, centre: usize, place: usize, chance: Chance) -> usize {
    if !count.is_multiple_of(VISITS.len()) {
        return centre * VISITS.len() + place + VISITS.len() * term.age;
    }
    let chance = chance.of("turn").at(place).at(centre / count);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| chance.at(*a).unit().total_cmp(&chance.at(*b).unit()));
    order[centre % count]
}

/// A visit to plan, with its scenario and its brief.
pub(super) fn new_visit(
    centre: &Centre,
    kind: VisitKind,
    (from, to): (String, String),
    chance: Chance,
) -> NewVisit {
    let scenario = briefs::scenario(centre.named.remote, kind, chance);
    NewVisit {
        centre: centre.id,
        kind: kind.word().to_owned(),
        from,
        to,
        scenario: scenario.text(),
        brief: scenario.brief(),
    }
}

fn assign(
    programme: &Programme,
    visit: VisitId,
    first: usize,
    refused: &mut Vec<(String, usize)>,
) -> Result<usize> {
    let count = programme.evaluators.len();
    for offset in 0..count {
        let evaluator = (first + offset) % count;
        let path = format!("/api/visits/{visit}/assign");
        let assign = Assign { evaluator: programme.evaluators[evaluator], overrule: None };
        match programme.central.post::<VisitJson>(&path, &assign) {
            Ok(_) => return Ok(evaluator),
            Err(error) => match refusal_code(&error) {
                Some(code) if code.starts_with("assignment.") => {
                    match refused.iter_mut().find(|(known, _)| known == code) {
                        Some((_, times)) => *times += 1,
                        None => {
                            eprintln!("  {}: {error:#}", EVALUATORS[evaluator].user);
                            refused.push((code.to_owned(), 1));
                        }
                    }
                }
                _ => return Err(error),
            },
        }
    }
    bail!("no evaluator may make visit {visit}; every one was refused")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_present_cycle_is_the_fourth_unless_there_are_four_before_it() {
        for (history, present) in [(0, 4), (2, 4), (3, 4), (4, 5)] {
            assert_eq!(Term::of(0, history).number, present, "after {history}");
            assert_eq!(Term::of(history, history).number, present - history);
        }
    }

    #[test]
    fn no_evaluator_comes_back_to_a_centre_too_soon_from_cycle_to_cycle() {
        let day = |text: String| text.parse::<chrono::NaiveDate>().unwrap();
        for age in 1..=4 {
            let (before, after) = (Term::of(age, 4), Term::of(age - 1, 4));
            let days = (day(after.day(-20)) - day(before.day(10))).num_days();
            assert!(days >= 90, "{days} days (M3)");
        }
    }

    #[test]
    fn thirty_evaluators_have_equal_shares_and_ever_other_company() {
        let (count, term) = (30, Term::of(1, 4));
        let turn = |centre, place| turn(count, term, centre, place, Chance::new(7));
        for evaluator in 0..count {
            for place in 0..VISITS.len() {
                let visits = (0..90).filter(|centre| turn(*centre, place) == evaluator).count();
                assert_eq!(visits, 3, "{evaluator} on visits {place}");
            }
            let theirs = |centre: &usize| (0..3).any(|place| turn(*centre, place) == evaluator);
            let met: BTreeSet<usize> = (0..90)
                .filter(theirs)
                .flat_map(|centre| (0..3).map(move |place| turn(centre, place)))
                .collect();
            assert!(met.len() > 10, "{evaluator} is compared with {} others", met.len() - 1);
        }
    }

    #[test]
    fn ten_evaluators_take_turns() {
        let present = Term::of(0, 0);
        let turns = (0..4).flat_map(|centre| {
            (0..3).map(move |place| turn(10, present, centre, place, Chance::new(7)))
        });
        assert!(turns.eq(0..12));
    }
}
