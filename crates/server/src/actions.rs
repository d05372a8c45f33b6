//! Actions: one for each remark of a published scorecard that asks for improvement, kept by the centre and
//! its agency over all versions of the scorecard.

use mizan_domain::action::{ActionFacts, ActionState, next};
use mizan_domain::role::Role;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{ActionId, CentreId, CycleId};
use mizan_protocol::record::TextJson;
use mizan_protocol::score::RemarkJson;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::accounts::Caller;
use crate::appeals::{criterion_name, day_of};
use crate::error::Error;
use crate::paging::{List, Listed, Paged};
use crate::programme::{self, text_at};
use crate::publication::Readable;
use crate::tx::{Row, Tx, one, params};
use crate::visits;

/// The longest text of an owner.
const OWNER_CHARS: usize = 200;
/// The longest text of evidence or of a note.
const TEXT_CHARS: usize = 4_000;

/// An action.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionJson {
    /// The action.
    pub(crate) id: ActionId,
    /// The centre's code.
    pub(crate) centre: String,
    /// The centre's name.
    pub(crate) centre_name: TextJson,
    /// The cycle's number.
    pub(crate) cycle: String,
    /// The cycle's name.
    pub(crate) cycle_name: TextJson,
    /// The criterion the remark is about.
    pub(crate) criterion: String,
    /// The criterion's name.
    pub(crate) criterion_name: TextJson,
    /// The remark.
    pub(crate) remark: TextJson,
    /// `open`, `in_progress` or `done`.
    pub(crate) state: String,
    /// Who sees to it.
    pub(crate) owner: String,
    /// By when, `YYYY-MM-DD`.
    pub(crate) due: Option<String>,
    /// What shows that it is done.
    pub(crate) evidence: String,
    /// How often it was changed; said again with a change.
    pub(crate) revision: u32,
    /// Days until it is due, negative once that has passed; none of what is done or has no day.
    pub(crate) days_left: Option<i64>,
}

/// An action with what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionHistory {
    /// As it is.
    pub(crate) action: ActionJson,
    /// Its changes, the latest first.
    pub(crate) steps: Vec<ActionStep>,
}

/// A change of an action.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionStep {
    /// The day, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// Who made it: `manager` or `coordinator`.
    pub(crate) by: String,
    /// The state from then on.
    pub(crate) state: String,
    /// The owner from then on.
    pub(crate) owner: String,
    /// Due from then on.
    pub(crate) due: Option<String>,
    /// The evidence from then on.
    pub(crate) evidence: String,
    /// Why.
    pub(crate) note: String,
}

/// What an action is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct ChangeAction {
    /// The revision the change is made on.
    pub(crate) revision: u32,
    /// `open`, `in_progress` or `done`.
    pub(crate) state: String,
    /// Who sees to it.
    pub(crate) owner: String,
    /// By when, `YYYY-MM-DD`.
    #[serde(default)]
    pub(crate) due: Option<String>,
    /// What shows that it is done.
    pub(crate) evidence: String,
    /// Why it is changed.
    #[serde(default)]
    pub(crate) note: String,
}

/// Which actions are wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct ActionFacets {
    /// `open`, `in_progress`, `done`, or `late`: not done and due before today. All when left out.
    pub(crate) state: Option<String>,
}

/// Makes the actions that the remarks of a scorecard ask for and that are not there yet.
pub(crate) fn keep_up(
    tx: &mut dyn Tx,
    (cycle, centre): (CycleId, CentreId),
    remarks: &[RemarkJson],
) -> Result<(), Error> {
    let sql = "SELECT criterion, remark_ar, remark_en FROM actions
               WHERE cycle_id = $1 AND centre_id = $2";
    let rows = tx.query(sql, params![cycle.0, centre.0])?;
    let mut known = rows
        .iter()
        .map(|row| Ok((row.text(0)?.to_owned(), text_at(row, 1)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    for remark in remarks.iter().filter(|remark| remark.kind == "improvement") {
        let wanted = (remark.criterion.clone(), remark.text.clone());
        if known.contains(&wanted) {
            continue;
        }
        let sql = "INSERT INTO actions (id, cycle_id, centre_id, criterion, remark_ar, remark_en)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let (id, text) = (Uuid::new_v4(), &remark.text);
        tx.exec(sql, params![id, cycle.0, centre.0, &remark.criterion, &text.ar, &text.en])?;
        known.push(wanted);
    }
    Ok(())
}

fn readable(caller: &Caller) -> Result<Readable, Error> {
    match caller.role {
        Role::CentralTeam => Ok(Readable::All),
        _ => Readable::by(caller),
    }
}

const COLUMNS: &str = include_str!("sql/replies/actions_columns.sql");
const FROM: &str = include_str!("sql/replies/actions_from.sql");

/// The actions the caller may read.
pub(crate) fn actions(
    tx: &mut dyn Tx,
    caller: &Caller,
    asked: &Paged,
    facets: &ActionFacets,
    now: i64,
) -> Result<Listed<ActionJson>, Error> {
    let (mut within, mut values) = readable(caller)?.limit(1);
    match facets.state.as_deref().filter(|word| !word.is_empty()) {
        None => {}
        Some("late") => {
            values.push(day_of(now)?.to_string().into());
            within = format!("{within} AND a.state <> 'done' AND a.due < ${}", values.len());
        }
        Some(word) => {
            let state = ActionState::from_word(word)
                .ok_or_else(|| Error::invalid("state", word, "open, in_progress, done, late"))?;
            values.push(state.word().into());
            within = format!("{within} AND a.state = ${}", values.len());
        }
    }
    let list = List {
        columns: COLUMNS,
        from: FROM,
        within: &within,
        values: &values,
        sorts: &[
            // What has no day stands last.
            ("due", "COALESCE(a.due, '9999')"),
            ("state", "a.state"),
            ("owner", "a.owner"),
            ("criterion", "a.criterion"),
            ("centre", "c.code"),
            ("name_ar", "c.name_ar"),
            ("name_en", "c.name_en"),
            ("cycle", "y.number"),
        ],
        searched: &[
            "c.code",
            "c.name_ar",
            "c.name_en",
            "a.criterion",
            "a.remark_ar",
            "a.remark_en",
            "a.owner",
        ],
        tie: "y.number, c.code, a.criterion, a.id",
    };
    list.read(tx, asked, |tx, row| action_of(tx, row, now))
}

fn action_of(tx: &mut dyn Tx, row: &Row, now: i64) -> Result<ActionJson, Error> {
    let (criterion, state) = (row.text(7)?.to_owned(), row.text(10)?.to_owned());
    let due = row.opt_text(12)?.map(str::to_owned);
    let days_left = match &due {
        Some(due) if state != ActionState::Done.word() => {
            Some((visits::day("due", due)? - day_of(now)?).num_days())
        }
        Some(_) | None => None,
    };
    Ok(ActionJson {
        id: ActionId(row.id(0)?),
        centre: row.text(1)?.to_owned(),
        centre_name: text_at(row, 2)?,
        cycle: row.text(4)?.to_owned(),
        cycle_name: text_at(row, 5)?,
        criterion_name: criterion_name(&*programme::rubric_at(tx, row.digest(15)?)?, &criterion)?,
        criterion,
        remark: text_at(row, 8)?,
        state,
        owner: row.text(11)?.to_owned(),
        due,
        evidence: row.text(13)?.to_owned(),
        revision: u32::try_from(row.int(14)?).unwrap_or(u32::MAX),
        days_left,
    })
}

fn find(tx: &mut dyn Tx, caller: &Caller, id: ActionId, now: i64) -> Result<ActionJson, Error> {
    let (within, mut values) = readable(caller)?.limit(2);
    values.insert(0, id.0.into());
    let row = one(tx, &format!("{COLUMNS} {FROM} WHERE a.id = $1 AND {within}"), &values)?;
    action_of(tx, &row, now)
}

/// An action the caller may read, with what became of it.
pub(crate) fn history(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: ActionId,
    now: i64,
) -> Result<ActionHistory, Error> {
    let action = find(tx, caller, id, now)?;
    let sql = "SELECT at, role, state, owner, due, evidence, note FROM action_steps
               WHERE action_id = $1 ORDER BY revision DESC";
    let step = |row: &Row| {
        Ok(ActionStep {
            day: day_of(row.int(0)?)?.to_string(),
            by: row.text(1)?.to_owned(),
            state: row.text(2)?.to_owned(),
            owner: row.text(3)?.to_owned(),
            due: row.opt_text(4)?.map(str::to_owned),
            evidence: row.text(5)?.to_owned(),
            note: row.text(6)?.to_owned(),
        })
    };
    let steps = tx.query(sql, params![id.0])?;
    Ok(ActionHistory { action, steps: steps.iter().map(step).collect::<Result<_, Error>>()? })
}

fn bounded<'a>(field: &str, text: &'a str, most: usize) -> Result<&'a str, Error> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Error::invalid(field, "", &format!("at most {most} characters")));
    }
    Ok(text)
}

/// Changes an action.
pub(crate) fn change(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: ActionId,
    change: &ChangeAction,
    now: i64,
) -> Result<ActionHistory, Error> {
    let before = find(tx, caller, id, now)?;
    let to = ActionState::from_word(&change.state)
        .ok_or_else(|| Error::invalid("state", &change.state, "open, in_progress, done"))?;
    let owner = bounded("owner", &change.owner, OWNER_CHARS)?;
    let evidence = bounded("evidence", &change.evidence, TEXT_CHARS)?;
    let note = bounded("note", &change.note, TEXT_CHARS)?;
    let due = change.due.as_deref().filter(|due| !due.is_empty());
    let due = due.map(|due| visits::day("due", due)).transpose()?.map(|due| due.to_string());
    if change.revision != before.revision {
        let body = ErrorBody::new("action.stale");
        return Err(Error::Refused(body.with("revision", before.revision)));
    }
    let from = ActionState::from_word(&before.state)
        .ok_or(Error::Column { column: 10, expected: "an action's state" })?;
    let facts = ActionFacts {
        has_owner: !owner.is_empty(),
        has_evidence: !evidence.is_empty(),
        has_note: !note.is_empty(),
    };
    let state = next(from, to, caller.role, facts)?.word();
    let revision = before.revision + 1;
    tx.exec(
        "UPDATE actions SET state = $2, owner = $3, due = $4, evidence = $5, revision = $6
         WHERE id = $1",
        params![id.0, state, owner, due.as_deref(), evidence, revision],
    )?;
    tx.exec(
        "INSERT INTO action_steps (action_id, revision, person_id, role, state, owner, due, evidence,
         note, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            id.0,
            revision,
            caller.person.0,
            caller.role.word(),
            state,
            owner,
            due.as_deref(),
            evidence,
            note,
            now
        ],
    )?;
    history(tx, caller, id, now)
}
