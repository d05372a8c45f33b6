//! The next cycle of the demo: one evaluator's device with visits in every state that an evaluator
//! meets, for the desktop app to open.
//!
//! It is set up after the last cycle is published and searched, by an evaluator who made no visit of it.

use anyhow::{Context as _, Result};
use mizan_domain::rubric::{Model, VisitKind};
use mizan_protocol::api::{
    Assign, CycleJson, CycleStep, NewCycle, Notice, ReturnVisit, ReviewItem, ReviewVisit, VisitJson,
};
use mizan_protocol::id::{CycleId, PersonId};
use mizan_protocol::record::Question;
use mizan_protocol::rubric::digest;
use serde_json::json;

use super::chance::Chance;
use super::contacts;
use super::field::{self, Begun};
use super::folder::Folder;
use super::names::NEXT_EVALUATOR;
use super::observe::{self, Hand, Made, VISITS, VisitSeen};
use super::process::{DeviceHome, Processes};
use super::programme::{
    ADMINISTRATOR, Planned, Programme, add_person, day, new_person, new_visit, password,
};
use super::script;
use super::words;
use crate::client::Client;
use crate::progress::Progress;

/// How far a visit has come on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Assigned,
    Accepted,
    /// Begun so many days ago; half of it is answered.
    HalfScored(i64),
    Submitted(i64),
    /// Submitted, and sent back with a question.
    Returned(i64),
}

/// A visit to be found on the device.
struct Wanted {
    stage: Stage,
    kind: VisitKind,
    /// First and last day, counted from today.
    window: (i64, i64),
}

const fn secret(stage: Stage, window: (i64, i64)) -> Wanted {
    Wanted { stage, kind: VisitKind::Unannounced, window }
}

/// One visit for each of the first centres, of which the third and the sixth are remote. With fewer
/// centres there are fewer visits.
const WANTED: [Wanted; 8] = [
    // It was made, and its report should have been in the day after (M8).
    secret(Stage::HalfScored(2), (-6, 1)),
    secret(Stage::Assigned, (0, 9)),
    // A reply is still awaited, so that the visit has not ended.
    secret(Stage::HalfScored(3), (-8, 6)),
    secret(Stage::Returned(5), (-10, 2)),
    secret(Stage::Submitted(3), (-9, 4)),
    secret(Stage::Assigned, (1, 12)),
    // Today is its last day.
    secret(Stage::Accepted, (-4, 0)),
    Wanted { stage: Stage::Accepted, kind: VisitKind::Scheduled, window: (5, 6) },
];

/// Opens the cycle and leaves the device in the demo's folder; returns the line that says where it is
/// and how it is unlocked.
pub(super) fn prepare(
    server: &str,
    programme: &Programme,
    folder: &Folder,
    chance: Chance,
    processes: &Processes,
) -> Result<String> {
    let chance = chance.of("next cycle");
    let visits = programme.centres.len().min(WANTED.len());
    let progress = Progress::start("next cycle", visits);
    let visits = open(server, programme, visits, chance)?;
    let home = DeviceHome {
        home: folder.evaluator(),
        scripts: folder.scripts(),
        password: password("evaluator"),
        processes: processes.clone(),
    };
    home.run(&["init", "--server", server, "--user", NEXT_EVALUATOR.user])?;
    home.run(&["sync"])?;
    for (visit, wanted) in visits.iter().zip(&WANTED) {
        let lived = lived(programme, visit, chance)?;
        let lines = lines(programme, visit, &lived, wanted.stage, folder, chance)?;
        if !lines.is_empty() {
            home.script(&format!("next-{}", visit.centre + 1), &lines)?;
        }
        if let Stage::Returned(_) = wanted.stage {
            home.run(&["sync"])?;
            send_back(server, visit, &lived)?;
        }
        progress.step();
    }
    home.run(&["sync"])?;
    progress.finish(&format!("{} visits wait on a device", visits.len()));
    let (home, passphrase) = (home.home.display(), home.password);
    Ok(format!("device      {home} ({}), unlocked by {passphrase}", NEXT_EVALUATOR.user))
}

/// Plans one visit at each of the first centres, gives them all to the evaluator and opens the cycle.
fn open(
    server: &str,
    programme: &Programme,
    visits: usize,
    chance: Chance,
) -> Result<Vec<Planned>> {
    let mut admin = Client::new(server)?;
    admin.sign_in(ADMINISTRATOR, &password(ADMINISTRATOR))?;
    let new = new_person(NEXT_EVALUATOR.user, "evaluator", NEXT_EVALUATOR.name);
    let evaluator = add_person(&admin, new)?;
    let cycle = cycle(&admin, programme, visits)?;
    let plan = |(centre, wanted): (usize, &Wanted)| {
        plan(programme, cycle, centre, wanted, evaluator, chance)
    };
    let planned = WANTED[..visits].iter().enumerate().map(plan).collect::<Result<_>>()?;
    let step = CycleStep { event: "open".to_owned() };
    let _: CycleJson = programme.central.post(&format!("/api/cycles/{cycle}/step"), &step)?;
    Ok(planned)
}

fn cycle(admin: &Client, programme: &Programme, centres: usize) -> Result<CycleId> {
    let number = programme.term.number + 1;
    let new = NewCycle {
        number: number.to_string(),
        name: words::cycle(number),
        programme: words::programme(),
        rubrics: programme.rubrics.iter().map(digest).collect(),
        centres: programme.centres[..centres].iter().map(|centre| centre.id).collect(),
    };
    let cycle: CycleJson = admin.post("/api/cycles", &new)?;
    let notice = Notice {
        date: day(-25),
        text: words::notice(&words::cycle(number)),
        recipients: "all agencies with a centre in the cycle".into(),
    };
    admin.tell(&format!("/api/cycles/{}/notice", cycle.id), &notice)?;
    Ok(cycle.id)
}

fn plan(
    programme: &Programme,
    cycle: CycleId,
    centre: usize,
    wanted: &Wanted,
    evaluator: PersonId,
    chance: Chance,
) -> Result<Planned> {
    let central = &programme.central;
    let window = (day(wanted.window.0), day(wanted.window.1));
    let chance = chance.of("scenario").at(centre);
    let new = new_visit(&programme.centres[centre], wanted.kind, window, chance);
    let planned: VisitJson = central.post(&format!("/api/cycles/{cycle}/visits"), &new)?;
    let path = format!("/api/visits/{}/assign", planned.id);
    let _: VisitJson = central.post(&path, &Assign { evaluator, overrule: None })?;
    let place = VISITS.iter().position(|kind| *kind == wanted.kind);
    let place = place.context("a visit of the kind")?;
    Ok(Planned { id: planned.id, centre, place, evaluator: 0 })
}

/// What is seen on the visit.
fn lived(programme: &Programme, visit: &Planned, chance: Chance) -> Result<VisitSeen> {
    let rubric = programme.rubric(visit.centre)?;
    let plot = programme.centres[visit.centre].plot;
    let hand = Hand { arabic: NEXT_EVALUATOR.writes_arabic, shift: 0.0 };
    let made = Made { age: 0, hands: [hand; 3] };
    let seen = observe::centre(rubric, plot, chance.of("centre").at(visit.centre), &made);
    seen.into_iter().nth(visit.place).context("a visit of the kind")
}

/// What the evaluator does on the device; nothing for a visit that is still to be taken.
fn lines(
    programme: &Programme,
    visit: &Planned,
    lived: &VisitSeen,
    stage: Stage,
    folder: &Folder,
    chance: Chance,
) -> Result<Vec<String>> {
    let rubric = programme.rubric(visit.centre)?;
    let chance = chance.of("field").at(visit.centre);
    let mut lines = Vec::new();
    match stage {
        Stage::Assigned => {}
        Stage::Accepted => lines.push(script::accept_line(visit)?),
        Stage::HalfScored(days) => {
            let mut half = lived.clone();
            half.observations.truncate(lived.observations.len() / 2);
            let is_remote = rubric.model() == Model::Remote;
            if is_remote {
                let awaited = contacts::awaited(rubric);
                half.observations.retain(|seen| !awaited.contains(&seen.criterion.as_str()));
            }
            let mut begun = field::begun(days, rubric, &half, chance);
            if is_remote {
                contacts::send_enquiry(&mut begun.contacts, begun.started_ms);
            }
            script::scoring_lines(&mut lines, visit, &half, &begun, folder, chance)?;
        }
        Stage::Submitted(days) | Stage::Returned(days) => {
            let begun: Begun = field::begun(days, rubric, lived, chance);
            script::visit_lines(&mut lines, visit, lived, &begun, folder, chance)?;
        }
    }
    Ok(lines)
}

/// The reviewer asks about an answer with a note, or about the whole visit when there is none.
fn send_back(server: &str, visit: &Planned, lived: &VisitSeen) -> Result<()> {
    let mut reviewer = Client::new(server)?;
    reviewer.sign_in("reviewer", &password("reviewer"))?;
    let _: ReviewVisit = reviewer.post(&format!("/api/visits/{}/review", visit.id), &json!({}))?;
    let noted = lived.observations.iter().find(|observation| observation.note.is_some());
    let question = Question {
        criterion: noted.map(|observation| observation.criterion.clone()),
        text: words::QUESTION.into(),
    };
    let path = format!("/api/visits/{}/return", visit.id);
    let _: ReviewItem = reviewer.post(&path, &ReturnVisit { questions: vec![question] })?;
    Ok(())
}
