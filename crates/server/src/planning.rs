//! What those are told who prepare a cycle: what its gates still need, who may make a visit, and what has
//! become of one.

use mizan_domain::assignment::{AssignmentRefusal, Rotation, refusals};
use mizan_protocol::api::{CentreJson, CycleJson, Notice, VisitJson};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{CycleId, PersonId, VisitId};
use mizan_protocol::record::{BriefJson, TextJson};
use mizan_protocol::rubric::RubricRef;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;
use crate::programme::{self, centre_of, text_at};
use crate::tx::{Row, Tx, one, params};
use crate::visits;

/// A cycle with all it is made of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CycleSetup {
    /// The cycle.
    pub(crate) cycle: CycleJson,
    /// The programme's name.
    pub(crate) programme: TextJson,
    /// The notice to the entities, once it is on record (M13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notice: Option<Notice>,
    /// The rubric of each model.
    pub(crate) rubrics: Vec<CycleRubric>,
    /// The centres judged.
    pub(crate) centres: Vec<CentreJson>,
    /// What its steps ask about.
    pub(crate) gates: CycleGates,
}

/// The rubric of a model in a cycle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CycleRubric {
    /// `in_person` or `remote`.
    pub(crate) model: String,
    /// The rubric.
    pub(crate) rubric: RubricRef,
}

/// What the steps of a cycle ask about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CycleGates {
    /// The notice to the entities is on record (M13).
    pub(crate) notice_recorded: bool,
    /// Centres whose model has no rubric yet.
    pub(crate) centres_without_rubric: usize,
    /// Visits planned.
    pub(crate) visits: usize,
    /// Visits that are neither validated nor ended.
    pub(crate) visits_unsettled: usize,
    /// Centres the committee has not decided.
    pub(crate) centres_undecided: usize,
    /// Publications whose time has not come.
    pub(crate) publications_scheduled: usize,
}

/// An evaluator to whom a visit could be given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateJson {
    /// The evaluator.
    pub(crate) person: PersonId,
    /// The account's name.
    pub(crate) user: String,
    /// The evaluator's name.
    pub(crate) name: TextJson,
    /// Other visits they make in the cycle.
    pub(crate) visits: usize,
    /// The rules that bar them, each by its code; empty where the visit may be given to them.
    pub(crate) barred: Vec<ErrorBody>,
    /// Whether a reason may stand against all of those that bar them: rotation alone does.
    pub(crate) may_overrule: bool,
}

/// A visit with what was planned for it and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlannedVisit {
    /// The visit.
    pub(crate) visit: VisitJson,
    /// What to come with and ask for.
    pub(crate) scenario: TextJson,
    /// How to go about it.
    pub(crate) brief: BriefJson,
    /// Its steps, the first first.
    pub(crate) steps: Vec<VisitStep>,
}

/// A step of a visit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitStep {
    /// The state it came to.
    pub(crate) state: String,
    /// Who took it.
    pub(crate) person: PersonId,
    /// Why, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub(crate) at: i64,
}

/// A cycle with all it is made of.
pub(crate) fn setup(tx: &mut dyn Tx, id: CycleId) -> Result<CycleSetup, Error> {
    let cycle = programme::cycle(tx, id)?;
    let sql = "SELECT programme_ar, programme_en, notice FROM cycles WHERE id = $1";
    let row = one(tx, sql, params![id.0])?;
    let notice = row.opt_text(2)?.map(serde_json::from_str).transpose()?;
    let sql = "SELECT q.model, r.rubric_id, r.version, r.sha256 FROM cycle_rubrics q
               JOIN rubrics r ON r.sha256 = q.sha256 WHERE q.cycle_id = $1 ORDER BY q.model";
    let rubrics = tx.query(sql, params![id.0])?;
    let sql =
        "SELECT c.id, c.code, c.agency_id, c.model, c.name_ar, c.name_en, c.governorate, c.size,
               c.operator FROM cycle_centres m JOIN centres c ON c.id = m.centre_id
               WHERE m.cycle_id = $1 ORDER BY c.code";
    let centres = tx.query(sql, params![id.0])?;
    Ok(CycleSetup {
        cycle,
        programme: text_at(&row, 0)?,
        notice,
        rubrics: rubrics.iter().map(cycle_rubric).collect::<Result<_, _>>()?,
        centres: centres.iter().map(centre_of).collect::<Result<_, _>>()?,
        gates: gates(tx, id)?,
    })
}

fn cycle_rubric(row: &Row) -> Result<CycleRubric, Error> {
    let (id, version) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
    let rubric = RubricRef { id, version, sha256: row.digest(3)? };
    Ok(CycleRubric { model: row.text(0)?.to_owned(), rubric })
}

fn gates(tx: &mut dyn Tx, id: CycleId) -> Result<CycleGates, Error> {
    let facts = programme::facts(tx, id)?;
    Ok(CycleGates {
        notice_recorded: facts.notice_recorded,
        centres_without_rubric: facts.centres_without_rubric,
        visits: facts.visits,
        visits_unsettled: facts.visits_unsettled,
        centres_undecided: facts.centres_undecided,
        publications_scheduled: facts.publications_scheduled,
    })
}

/// Everybody a visit could be given to, each with the rules that bar them (M2 to M5).
pub(crate) fn candidates(tx: &mut dyn Tx, id: VisitId) -> Result<Vec<CandidateJson>, Error> {
    let visit = visits::find(tx, id)?;
    let task = visit.task()?;
    let sql = "SELECT id, user_name, name_ar, name_en FROM people
               WHERE role = 'evaluator' AND active = 1 ORDER BY user_name";
    let mut found = Vec::new();
    for row in tx.query(sql, &[])? {
        let person = PersonId(row.id(0)?);
        let candidate = visits::candidate(tx, person, id)?;
        let barred = refusals(&task, &candidate, Rotation::default());
        found.push(CandidateJson {
            person,
            user: row.text(1)?.to_owned(),
            name: text_at(&row, 2)?,
            visits: candidate.visits.iter().filter(|past| past.cycle == task.cycle).count(),
            may_overrule: !barred.is_empty()
                && barred.iter().all(AssignmentRefusal::may_be_overruled),
            barred: barred.iter().map(bar).collect(),
        });
    }
    Ok(found)
}

fn bar(refusal: &AssignmentRefusal) -> ErrorBody {
    let body = ErrorBody::new(refusal.code());
    match refusal {
        AssignmentRefusal::Rotation { days, needed } => {
            body.with("days", days).with("needed", needed)
        }
        AssignmentRefusal::Exposed
        | AssignmentRefusal::SameCycle
        | AssignmentRefusal::Interest
        | AssignmentRefusal::OwnAgency => body,
    }
}

/// A visit with what was planned for it and what became of it.
pub(crate) fn visit(tx: &mut dyn Tx, id: VisitId) -> Result<PlannedVisit, Error> {
    let visit = visits::find(tx, id)?;
    let sql =
        "SELECT state, person_id, reason, at FROM visit_steps WHERE visit_id = $1 ORDER BY step";
    let step = |row: &Row| {
        Ok(VisitStep {
            state: row.text(0)?.to_owned(),
            person: PersonId(row.id(1)?),
            reason: row.opt_text(2)?.map(str::to_owned),
            at: row.int(3)?,
        })
    };
    let steps = tx.query(sql, params![id.0])?.iter().map(step).collect::<Result<_, Error>>()?;
    Ok(PlannedVisit { visit: visit.to_json(), scenario: visit.scenario, brief: visit.brief, steps })
}
