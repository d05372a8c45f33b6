//! The programme of the demo on the server: accounts, agencies, centres, rubrics, the cycle, its plan.

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
use super::names::{self, AGENCIES, CentreName, EVALUATORS, STAFF};
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

/// The programme as it stands on the server.
pub(super) struct Programme {
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

/// Sets everything up and opens the cycle.
pub(super) fn set_up(server: &str, count: usize, chance: Chance) -> Result<Programme> {
    let named = names::centres(count);
    let total = AGENCIES.len() + EVALUATORS.len() + STAFF.len() + 2 * count;
    let progress = Progress::start("programme", total);
    let mut admin = Client::new(server)?;
    admin.sign_in(ADMINISTRATOR, &password(ADMINISTRATOR))?;
    let agencies = agencies(&admin, &progress)?;
    let evaluators = people(&admin, &agencies, &progress)?;
    let plots = story::plots(&named, chance);
    let mut centres = Vec::new();
    for (named, plot) in named.into_iter().zip(plots) {
        centres.push(centre(&admin, &agencies, named, plot, &progress)?);
    }
    let rubrics = crate::shipped::rubrics()?;
    for rubric in &rubrics {
        let added: RubricRef = admin.post("/api/rubrics", &to_json(rubric))?;
        if added.sha256 != digest(rubric) {
            bail!("the server names the rubric {} by another sha256: {}", added.id, added.sha256);
        }
    }
    let cycle = cycle(&admin, &rubrics, &centres)?;
    let mut central = Client::new(server)?;
    central.sign_in("central", &password("central_team"))?;
    let people = evaluators.len() + STAFF.len() + centres.len();
    progress.finish(&format!("{} agencies, {count} centres, {people} people", AGENCIES.len()));
    let mut programme =
        Programme { rubrics, centres, evaluators, cycle, visits: Vec::new(), central };
    programme.visits = plan(&programme, chance)?;
    programme.step(&programme.central, "open")?;
    Ok(programme)
}

fn agencies(admin: &Client, progress: &Progress) -> Result<Vec<AgencyId>> {
    let mut ids = Vec::new();
    for (code, (ar, en)) in AGENCIES {
        let new = NewAgency { code: code.to_owned(), name: both(ar, en) };
        let added: AgencyJson = admin.post("/api/agencies", &new)?;
        ids.push(added.id);
        progress.step();
    }
    Ok(ids)
}

/// Adds evaluators and staff; returns the evaluators.
fn people(admin: &Client, agencies: &[AgencyId], progress: &Progress) -> Result<Vec<PersonId>> {
    for (user, (ar, en), role) in STAFF {
        add_person(admin, new_person(user, role, (ar, en)))?;
        progress.step();
    }
    let mut ids = Vec::new();
    for evaluator in &EVALUATORS {
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
        governorate: None,
        size: None,
        operator: None,
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

fn cycle(admin: &Client, rubrics: &[Rubric], centres: &[Centre]) -> Result<CycleId> {
    let new = NewCycle {
        number: "4".into(),
        name: words::cycle(),
        programme: words::programme(),
        rubrics: rubrics.iter().map(digest).collect(),
        centres: centres.iter().map(|centre| centre.id).collect(),
    };
    let cycle: CycleJson = admin.post("/api/cycles", &new)?;
    let notice = Notice {
        date: day(-30),
        text: words::notice(&words::cycle()),
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
    for (centre, of) in programme.centres.iter().enumerate() {
        for (place, kind) in VISITS.iter().enumerate() {
            let chance = chance.of("scenario").at(centre).at(place);
            let new = new_visit(of, *kind, (day(-20), day(10)), chance);
            let path = format!("/api/cycles/{}/visits", programme.cycle);
            let planned: VisitJson = programme.central.post(&path, &new)?;
            let first = centre * VISITS.len() + place;
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
