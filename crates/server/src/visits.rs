//! Visits: planned, assigned under the rules, and every step they take.

use chrono::NaiveDate;
use mizan_domain::assignment::{AssignmentRefusal, Candidate, Past, Rotation, Task, refusals};
use mizan_domain::cycle::CycleState;
use mizan_domain::rubric::VisitKind;
use mizan_domain::visit::{VisitActor, VisitEvent, VisitState, next};
use mizan_protocol::api::{Assign, NewVisit, VisitJson};
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::id::{CentreId, CycleId, PersonId, RecordId, VisitId};
use mizan_protocol::record::{self, BriefJson, Question, TextJson, VisitBody};
use uuid::Uuid;

use crate::accounts::Caller;
use crate::consolidated;
use crate::drafts;
use crate::error::{Error, stated};
use crate::programme::{self, StoredRubric, text_at};
use crate::streams::{self, Entry, Stream};
use crate::tx::{Row, Tx, first, one, params, row};

/// Reads a day.
pub(crate) fn day(field: &str, text: &str) -> Result<NaiveDate, Error> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| Error::invalid(field, text, "a day written YYYY-MM-DD"))
}

/// A visit as it is stored.
pub(crate) struct Visit {
    /// The visit.
    pub(crate) id: VisitId,
    /// Its cycle.
    pub(crate) cycle: CycleId,
    /// Its centre.
    pub(crate) centre: CentreId,
    /// Its kind.
    pub(crate) kind: VisitKind,
    /// Its state.
    pub(crate) state: VisitState,
    /// Its evaluator.
    pub(crate) evaluator: Option<PersonId>,
    from: String,
    to: String,
    /// What to come with and ask for.
    pub(crate) scenario: TextJson,
    /// How to go about it.
    pub(crate) brief: BriefJson,
    questions: String,
    /// The centre's code.
    pub(crate) centre_code: String,
    /// The centre's model.
    pub(crate) model: String,
    /// The centre's name.
    pub(crate) centre_name: TextJson,
    agency: Uuid,
    agency_name: TextJson,
    cycle_number: String,
    /// How many revisions of its evaluation there are.
    pub(crate) revisions: u32,
    cycle_state: CycleState,
    /// `None` while its cycle has no rubric for its model, as in draft.
    rubric: Option<StoredRubric>,
}

const VISIT: &str = include_str!("sql/visit.sql");

fn visit_of(row: &Row) -> Result<Visit, Error> {
    let word = |column| Error::Column { column, expected: "a word of the closed list" };
    Ok(Visit {
        id: VisitId(row.id(0)?),
        cycle: CycleId(row.id(1)?),
        centre: CentreId(row.id(2)?),
        kind: VisitKind::from_word(row.text(3)?).ok_or_else(|| word(3))?,
        state: VisitState::from_word(row.text(4)?).ok_or_else(|| word(4))?,
        evaluator: row.opt_id(5)?.map(PersonId),
        from: row.text(6)?.to_owned(),
        to: row.text(7)?.to_owned(),
        scenario: text_at(row, 8)?,
        brief: serde_json::from_str(row.text(20)?)?,
        questions: row.text(10)?.to_owned(),
        centre_code: row.text(11)?.to_owned(),
        model: row.text(12)?.to_owned(),
        centre_name: text_at(row, 13)?,
        agency: row.id(15)?,
        agency_name: text_at(row, 16)?,
        cycle_number: row.text(18)?.to_owned(),
        revisions: u32::try_from(row.int(19)?).unwrap_or(u32::MAX),
        cycle_state: programme::cycle_state_at(row, 21)?,
        rubric: row.opt_id(22)?.map(|_| StoredRubric::at(row, 22)).transpose()?,
    })
}

/// One visit.
pub(crate) fn find(tx: &mut dyn Tx, id: VisitId) -> Result<Visit, Error> {
    visit_of(&one(tx, &format!("{VISIT} WHERE v.id = $1"), params![id.0])?)
}

/// A cycle's visits.
pub(crate) fn of_cycle(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<Visit>, Error> {
    let sql = format!("{VISIT} WHERE v.cycle_id = $1 ORDER BY c.code, v.id");
    tx.query(&sql, params![cycle.0])?.iter().map(visit_of).collect()
}

impl Visit {
    /// The visit for the people who run the field work.
    pub(crate) fn to_json(&self) -> VisitJson {
        VisitJson {
            id: self.id,
            centre: self.centre_code.clone(),
            kind: self.kind.word().to_owned(),
            state: self.state.word().to_owned(),
            evaluator: self.evaluator,
            from: self.from.clone(),
            to: self.to.clone(),
        }
    }

    /// The visit as the rules of assignment see it.
    pub(crate) fn task(&self) -> Result<Task<Uuid>, Error> {
        let from = day("from", &self.from)?;
        Ok(Task { centre: self.centre.0, agency: self.agency, cycle: self.cycle.0, from })
    }

    /// What was asked when it was last sent back.
    pub(crate) fn questions(&self) -> Result<Vec<Question>, Error> {
        Ok(serde_json::from_str(&self.questions)?)
    }

    /// The rubric it is judged by.
    pub(crate) fn rubric(&self) -> Result<&StoredRubric, Error> {
        self.rubric.as_ref().ok_or(Error::NotFound)
    }

    fn to_body(&self, rubric: &StoredRubric) -> Result<VisitBody, Error> {
        Ok(VisitBody {
            visit: self.id,
            cycle: self.cycle_number.clone(),
            centre_code: self.centre_code.clone(),
            centre: self.centre_name.clone(),
            agency: self.agency_name.clone(),
            model: self.model.clone(),
            kind: self.kind.word().to_owned(),
            state: self.state.word().to_owned(),
            from: self.from.clone(),
            to: self.to.clone(),
            scenario: self.scenario.clone(),
            brief: self.brief.clone(),
            rubric: rubric.named.clone(),
            questions: serde_json::from_str(&self.questions)?,
            revisions: self.revisions,
        })
    }
}

/// Plans a visit.
pub(crate) fn plan(tx: &mut dyn Tx, cycle: CycleId, new: NewVisit) -> Result<VisitJson, Error> {
    programme::require_state(tx, cycle, &[CycleState::Draft, CycleState::Open])?;
    let judged = "SELECT 1 FROM cycle_centres WHERE cycle_id = $1 AND centre_id = $2";
    if first(tx, judged, params![cycle.0, new.centre.0])?.is_none() {
        return Err(Error::invalid("centre", new.centre, "a centre of the cycle"));
    }
    let kind = VisitKind::from_word(&new.kind)
        .ok_or_else(|| Error::invalid("kind", &new.kind, "unannounced, scheduled"))?;
    let (from, to) = (day("from", &new.from)?, day("to", &new.to)?);
    if from > to {
        return Err(Error::invalid("to", to, "a day not before `from`"));
    }
    check_brief(&new.brief)?;
    let id = Uuid::now_v7();
    tx.exec(
        "INSERT INTO visits (id, cycle_id, centre_id, kind, state, from_day, to_day, scenario_ar, scenario_en, brief)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            id,
            cycle.0,
            new.centre.0,
            kind.word(),
            VisitState::Planned.word(),
            from.to_string(),
            to.to_string(),
            &new.scenario.ar,
            &new.scenario.en,
            canonical_json(&new.brief)?
        ],
    )?;
    Ok(find(tx, VisitId(id))?.to_json())
}

/// A limit of nothing could not be kept.
fn check_brief(brief: &BriefJson) -> Result<(), Error> {
    let limits =
        [("max_minutes", brief.max_minutes), ("report_within_h", Some(brief.report_within_h))];
    match limits.into_iter().find(|(_, limit)| *limit == Some(0)) {
        Some((field, _)) => Err(Error::invalid(field, 0, "1 or more")),
        None => Ok(()),
    }
}

/// A visit that was given to somebody.
pub(crate) struct Assigned {
    pub(crate) visit: VisitJson,
    /// The rules that were passed over for a reason, by their codes.
    pub(crate) overruled: Vec<&'static str>,
}

/// Gives a visit to an evaluator whom rules M2 to M5 admit, or against whom rotation alone (M3) stands and
/// is passed over for a reason.
pub(crate) fn assign(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    request: &Assign,
    now: i64,
) -> Result<Assigned, Error> {
    let (visit, evaluator) = (find(tx, id)?, request.evaluator);
    let candidate = candidate(tx, evaluator, id)?;
    let task = visit.task()?;
    let reason = request.overrule.as_deref().map(stated).transpose()?;
    let barred = refusals(&task, &candidate, Rotation::default());
    let stands = |rule: &&AssignmentRefusal| reason.is_none() || !rule.may_be_overruled();
    if let Some(refusal) = barred.iter().find(stands) {
        return Err((*refusal).into());
    }
    let earlier = visit.evaluator;
    let sql = "UPDATE visits SET evaluator_id = $2 WHERE id = $1";
    tx.exec(sql, params![id.0, evaluator.0])?;
    advance(tx, caller, id, &VisitEvent::Assign, now)?;
    if let Some(earlier) = earlier.filter(|earlier| *earlier != evaluator) {
        streams::remove(tx, Stream::Evaluator(earlier), RecordId(id.0))?;
        drafts::withdraw(tx, earlier, id)?;
    }
    let visit = find(tx, id)?;
    if !barred.is_empty() {
        log_state(tx, caller, id, visit.state, reason, now)?;
    }
    let overruled = barred.iter().map(AssignmentRefusal::code).collect();
    Ok(Assigned { visit: visit.to_json(), overruled })
}

/// An evaluator with what bars them from visits, one of their own aside.
pub(crate) fn candidate(
    tx: &mut dyn Tx,
    evaluator: PersonId,
    except: VisitId,
) -> Result<Candidate<Uuid>, Error> {
    let sql = "SELECT agency_id FROM people WHERE id = $1 AND role = 'evaluator' AND active = 1";
    let person = one(tx, sql, params![evaluator.0])?;
    let sql = "SELECT agency_id FROM interests WHERE person_id = $1";
    let interests = tx.query(sql, params![evaluator.0])?;
    let visits =
        tx.query(include_str!("sql/visits_of_evaluator.sql"), params![evaluator.0, except.0])?;
    let past = |row: &Row| {
        let day = day("to_day", row.text(3)?)?;
        let (centre, agency, cycle) = (row.id(0)?, row.id(1)?, row.id(2)?);
        Ok(Past { centre, agency, cycle, day, exposed: row.flag(4)? })
    };
    Ok(Candidate {
        employer: person.opt_id(0)?,
        interests: interests.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?,
        visits: visits.iter().map(past).collect::<Result<_, Error>>()?,
    })
}

/// Takes one step of a visit and brings the streams in line.
pub(crate) fn advance(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    event: &VisitEvent,
    now: i64,
) -> Result<VisitState, Error> {
    let mut visit = find(tx, id)?;
    take_step(tx, caller, &mut visit, event, now)?;
    Ok(visit.state)
}

/// Takes one step of a visit at hand, which must be as it is stored, and brings the streams in line.
pub(crate) fn take_step(
    tx: &mut dyn Tx,
    caller: &Caller,
    visit: &mut Visit,
    event: &VisitEvent,
    now: i64,
) -> Result<(), Error> {
    let is_evaluator = visit.evaluator == Some(caller.person);
    let actor = VisitActor { role: caller.role, is_evaluator };
    let state = next(visit.state, event, actor)?;
    let (has_moved, counted) = (state != visit.state, visit.state.counts());
    if has_moved {
        let sql = "UPDATE visits SET state = $2 WHERE id = $1";
        tx.write(sql, row![visit.id.0, state.word()])?;
        log_step(tx, caller, visit.id, state, event, now)?;
        visit.state = state;
    }
    if let VisitEvent::Expose { .. } = event {
        let sql = "UPDATE visits SET exposed_evaluator_id = evaluator_id WHERE id = $1";
        tx.exec(sql, params![visit.id.0])?;
    }
    if state.counts() != counted {
        consolidated::refresh(tx, visit.cycle, visit.centre)?;
    }
    refresh(tx, visit)?;
    match visit.evaluator.filter(|_| has_moved) {
        Some(evaluator) => drafts::follow(tx, evaluator, visit.id, state),
        None => Ok(()),
    }
}

fn log_step(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    state: VisitState,
    event: &VisitEvent,
    now: i64,
) -> Result<(), Error> {
    let reason = match event {
        VisitEvent::Decline { reason }
        | VisitEvent::Cancel { reason }
        | VisitEvent::Expose { reason }
        | VisitEvent::Return { question: reason } => Some(reason.as_str()),
        VisitEvent::Assign
        | VisitEvent::Accept { .. }
        | VisitEvent::Start
        | VisitEvent::Submit
        | VisitEvent::Review
        | VisitEvent::Validate
        | VisitEvent::Count => None,
    };
    log_state(tx, caller, id, state, reason, now)
}

/// Notes that a visit is in a state by whose doing, as one more of its steps.
pub(crate) fn log_state(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    state: VisitState,
    reason: Option<&str>,
    now: i64,
) -> Result<(), Error> {
    tx.write(
        "INSERT INTO visit_steps (visit_id, step, state, person_id, reason, at)
         VALUES ($1, (SELECT COUNT(*) + 1 FROM visit_steps WHERE visit_id = $1), $2, $3, $4, $5)",
        row![id.0, state.word(), caller.person.0, reason, now],
    )
}

/// Writes a visit and its rubric into its evaluator's stream, once field work has begun.
fn refresh(tx: &mut dyn Tx, visit: &Visit) -> Result<(), Error> {
    let Some(evaluator) = visit.evaluator else { return Ok(()) };
    if visit.cycle_state == CycleState::Draft {
        return Ok(());
    }
    let rubric = visit.rubric()?;
    let stream = Stream::Evaluator(evaluator);
    let sha256 = Some(rubric.named.sha256);
    let (id, kind) = (rubric.record, record::RUBRIC);
    // A rubric never changes: what is there need not be compared.
    if !streams::holds(tx, stream, id)? {
        let body = rubric.body(tx)?;
        streams::put(tx, stream, Entry { id, kind, rubric: sha256, body: &body })?;
    }
    let body = canonical_json(&visit.to_body(rubric)?)?;
    let (id, kind) = (RecordId(visit.id.0), record::VISIT);
    streams::put(tx, stream, Entry { id, kind, rubric: sha256, body: &body })
}

/// Field work begins: every assigned visit goes to its evaluator.
pub(crate) fn hand_out(tx: &mut dyn Tx, cycle: CycleId) -> Result<(), Error> {
    for visit in of_cycle(tx, cycle)? {
        refresh(tx, &visit)?;
    }
    Ok(())
}

/// Something of a centre was named anew: whoever has a visit there under way is told.
pub(crate) fn tell_again(tx: &mut dyn Tx, centre: CentreId) -> Result<(), Error> {
    let sql = format!("{VISIT} WHERE v.centre_id = $1 AND y.state = 'open' ORDER BY v.id");
    let visits = tx.query(&sql, params![centre.0])?;
    visits.iter().try_for_each(|row| refresh(tx, &visit_of(row)?))
}

/// Field work ends: every validated visit counts.
pub(crate) fn count_validated(
    tx: &mut dyn Tx,
    cycle: CycleId,
    caller: &Caller,
    now: i64,
) -> Result<(), Error> {
    for visit in of_cycle(tx, cycle)? {
        if visit.state == VisitState::Validated {
            advance(tx, caller, visit.id, &VisitEvent::Count, now)?;
        }
    }
    Ok(())
}
