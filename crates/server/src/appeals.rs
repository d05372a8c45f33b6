//! Appeals: what `mizan_domain::appeal` allows, carried out and kept. What a centre reads of its appeal names
//! a body and a day, never a person, a visit or a time; `hearing` is for those who rule.

pub(crate) mod files;
pub(crate) mod hearing;

use chrono::NaiveDate;
use mizan_domain::appeal::{
    self, AppealActor, AppealEvent, AppealState, Filing, Ground, last_day, may_file,
};
use mizan_domain::role::Role;
use mizan_domain::rubric::Rubric;
use mizan_protocol::id::{AppealId, CentreId, CycleId, ScorecardId};
use mizan_protocol::record::TextJson;
use mizan_protocol::score::{ModerationJson, ScorecardJson};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::files::AppealFile;
use crate::accounts::Caller;
use crate::error::Error;
use crate::lists::{LevelRow, level_given};
use crate::paging::{List, Listed, Paged};
use crate::publication::Readable;
use crate::tx::{Row, Tx, first, one, params};
use crate::{meetings, programme, visits};

/// The longest text of an appeal or of a ruling's reason.
const MAX_CHARS: usize = 4_000;

/// A new appeal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct NewAppeal {
    /// The criterion appealed against.
    pub(crate) criterion: String,
    /// `factual_error`, `evidence_ignored`, `na_misuse` or `conflict_of_interest`.
    pub(crate) ground: String,
    /// What is not right, and what shows it.
    pub(crate) text: String,
}

/// An appeal, as the centre it is of may read it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppealJson {
    /// The appeal.
    pub(crate) id: AppealId,
    /// The centre's code.
    pub(crate) centre: String,
    /// The centre's name.
    pub(crate) centre_name: TextJson,
    /// The agency's name.
    pub(crate) agency: TextJson,
    /// The cycle's number.
    pub(crate) cycle: String,
    /// The cycle's name.
    pub(crate) cycle_name: TextJson,
    /// The criterion.
    pub(crate) criterion: String,
    /// The criterion's name.
    pub(crate) criterion_name: TextJson,
    /// What it rests on.
    pub(crate) ground: String,
    /// What it says.
    pub(crate) text: String,
    /// What it brings forward.
    pub(crate) files: Vec<AppealFile>,
    /// `filed`, `examined`, `ruled` or `withdrawn`.
    pub(crate) state: String,
    /// Who filed it: `manager` or `coordinator`.
    pub(crate) filed_by: String,
    /// The day it was filed, `YYYY-MM-DD`.
    pub(crate) filed: String,
    /// The committee's ruling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ruling: Option<RulingShown>,
    /// The scorecard appealed against, or the one in its place when the ruling made another.
    pub(crate) before: AppealedScore,
    /// The version that the ruling made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<AppealedScore>,
}

/// A ruling, as the centre may read it: the body that made it, no person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulingShown {
    /// `upheld`, `partly` or `refused`.
    pub(crate) ruling: String,
    /// Why.
    pub(crate) reason: String,
    /// The day, `YYYY-MM-DD`.
    pub(crate) ruled: String,
}

/// What a version of a scorecard says of an appealed criterion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppealedScore {
    /// The scorecard.
    pub(crate) scorecard: ScorecardId,
    /// Its version.
    pub(crate) version: u32,
    /// What it says.
    pub(crate) standing: Standing,
}

/// The numbers an appeal may change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Standing {
    /// The criterion's score, shown.
    pub(crate) criterion: Option<String>,
    /// The centre's score, shown.
    pub(crate) score: Option<String>,
    /// The centre's score, exact.
    pub(crate) exact: Option<String>,
    /// The computed outcome.
    pub(crate) outcome: String,
    /// The level given; the committee's own where it decided on another.
    pub(crate) level: Option<LevelRow>,
}

impl Standing {
    fn of(
        card: &ScorecardJson,
        moderation: Option<&ModerationJson>,
        criterion: &str,
        rubric: &Rubric,
    ) -> Self {
        let result = card.criteria.iter().find(|result| result.id == criterion);
        Self {
            criterion: result.and_then(|result| result.score.clone()),
            score: card.score.clone(),
            exact: card.exact.clone(),
            outcome: card.outcome.clone(),
            level: level_given(card, moderation, rubric),
        }
    }
}

/// The time in which a scorecard can be appealed against.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppealWindow {
    /// The last day, `YYYY-MM-DD`.
    pub(crate) last_day: String,
    /// Days left, the last one included; 0 once it has passed.
    pub(crate) days_left: i64,
    /// Whether appeals can be filed now.
    pub(crate) is_open: bool,
    /// Criteria that have their appeal already.
    pub(crate) appealed: Vec<String>,
}

/// Which appeals are wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct AppealFacets {
    /// `filed`, `examined`, `ruled` or `withdrawn`; all when left out.
    pub(crate) state: Option<String>,
}

/// The day of an instant, in UTC as scorecards are dated.
pub(crate) fn day_of(ms: i64) -> Result<NaiveDate, Error> {
    Ok(chrono::DateTime::from_timestamp_millis(ms).ok_or(Error::Stopped)?.date_naive())
}

/// A text somebody wrote: neither empty nor too long.
pub(crate) fn written<'a>(field: &str, text: &'a str) -> Result<&'a str, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_CHARS {
        return Err(Error::invalid(field, "", "1 to 4000 characters"));
    }
    Ok(text)
}

/// Until when a centre's scorecard in a cycle can be appealed against.
pub(crate) fn window(
    tx: &mut dyn Tx,
    (cycle, centre): (CycleId, CentreId),
    is_superseded: bool,
    now: i64,
) -> Result<AppealWindow, Error> {
    let (last, today) = (window_end(tx, cycle, centre)?, day_of(now)?);
    let sql = "SELECT criterion FROM appeals
               WHERE cycle_id = $1 AND centre_id = $2 AND state <> 'withdrawn' ORDER BY criterion";
    let appealed = tx.query(sql, params![cycle.0, centre.0])?;
    let days_left = (last - today).num_days() + 1;
    let is_heard = appeal::hears(programme::cycle_state(tx, cycle)?).is_ok();
    Ok(AppealWindow {
        last_day: last.to_string(),
        days_left: days_left.max(0),
        is_open: days_left > 0 && is_heard && !is_superseded,
        appealed: appealed
            .iter()
            .map(|row| Ok(row.text(0)?.to_owned()))
            .collect::<Result<_, Error>>()?,
    })
}

fn window_end(tx: &mut dyn Tx, cycle: CycleId, centre: CentreId) -> Result<NaiveDate, Error> {
    let sql = include_str!("sql/replies/window_base.sql");
    let row = one(tx, sql, params![cycle.0, centre.0])?;
    let card: ScorecardJson = serde_json::from_str(row.text(0)?)?;
    let issued = card.publication.map(|publication| publication.issued).unwrap_or_default();
    let days = meetings::rules(tx, cycle)?.appeal_days.unwrap_or(appeal::WINDOW_DAYS);
    Ok(last_day(visits::day("issued", &issued)?, days))
}

/// Files an appeal against a criterion of a scorecard the caller may read.
pub(crate) fn file(
    tx: &mut dyn Tx,
    caller: &Caller,
    scorecard: ScorecardId,
    new: &NewAppeal,
    now: i64,
) -> Result<AppealJson, Error> {
    let (within, mut values) = Readable::by(caller)?.limit(2);
    values.insert(0, scorecard.0.into());
    let columns = "SELECT s.cycle_id, s.centre_id, CASE WHEN EXISTS (SELECT 1 FROM scorecards l
         WHERE l.cycle_id = s.cycle_id AND l.centre_id = s.centre_id AND l.version > s.version)
         THEN 1 ELSE 0 END FROM scorecards s JOIN centres c ON c.id = s.centre_id WHERE s.id = $1";
    let row = one(tx, &format!("{columns} AND {within}"), &values)?;
    let (cycle, centre) = (CycleId(row.id(0)?), CentreId(row.id(1)?));
    let rubric = programme::rubric_of_centre(tx, cycle, centre)?.rubric(tx)?;
    if rubric.criterion(&new.criterion).is_none() {
        return Err(Error::invalid("criterion", &new.criterion, "criteria of the rubric"));
    }
    let words: Vec<&str> = Ground::ALL.iter().map(|ground| ground.word()).collect();
    let ground = Ground::from_word(&new.ground)
        .ok_or_else(|| Error::invalid("ground", &new.ground, &words.join(", ")))?;
    let text = written("text", &new.text)?;
    let sql = "SELECT 1 FROM appeals WHERE cycle_id = $1 AND centre_id = $2 AND criterion = $3
               AND state <> 'withdrawn'";
    let before = first(tx, sql, params![cycle.0, centre.0, &new.criterion])?;
    may_file(&Filing {
        role: caller.role,
        cycle: programme::cycle_state(tx, cycle)?,
        today: day_of(now)?,
        last_day: window_end(tx, cycle, centre)?,
        is_superseded: row.flag(2)?,
        is_appealed: before.is_some(),
    })?;
    let id = AppealId(Uuid::new_v4());
    tx.exec(
        "INSERT INTO appeals (id, cycle_id, centre_id, scorecard_id, criterion, ground, words, state,
         person_id, role, filed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            id.0,
            cycle.0,
            centre.0,
            scorecard.0,
            &new.criterion,
            ground.word(),
            text,
            AppealState::Filed.word(),
            caller.person.0,
            caller.role.word(),
            now
        ],
    )?;
    show(tx, caller, id)
}

/// Takes an appeal back.
pub(crate) fn withdraw(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: AppealId,
) -> Result<AppealJson, Error> {
    let found = find(tx, caller, id)?;
    let actor =
        AppealActor { role: caller.role, is_party: true, has_judged: false, presides: false };
    let state = appeal::next(found.state, AppealEvent::Withdraw, actor)?;
    set_state(tx, id, state)?;
    show(tx, caller, id)
}

fn set_state(tx: &mut dyn Tx, id: AppealId, state: AppealState) -> Result<(), Error> {
    tx.exec("UPDATE appeals SET state = $2 WHERE id = $1", params![id.0, state.word()])?;
    Ok(())
}

/// What steps of an appeal ask about.
struct Appeal {
    cycle: CycleId,
    centre: CentreId,
    criterion: String,
    state: AppealState,
}

fn find(tx: &mut dyn Tx, caller: &Caller, id: AppealId) -> Result<Appeal, Error> {
    let (within, mut values) = readable(caller)?.limit(2);
    values.insert(0, id.0.into());
    let columns = "SELECT a.cycle_id, a.centre_id, a.criterion, a.state FROM appeals a
                   JOIN centres c ON c.id = a.centre_id WHERE a.id = $1";
    let row = one(tx, &format!("{columns} AND {within}"), &values)?;
    let word = Error::Column { column: 3, expected: "an appeal's state" };
    Ok(Appeal {
        cycle: CycleId(row.id(0)?),
        centre: CentreId(row.id(1)?),
        criterion: row.text(2)?.to_owned(),
        state: AppealState::from_word(row.text(3)?).ok_or(word)?,
    })
}

/// A centre's side reads the own appeals, whoever hears them all.
fn readable(caller: &Caller) -> Result<Readable, Error> {
    match caller.role {
        Role::CentralTeam | Role::Reviewer => Ok(Readable::All),
        _ => Readable::by(caller),
    }
}

const COLUMNS: &str = include_str!("sql/replies/appeals_columns.sql");
const FROM: &str = include_str!("sql/replies/appeals_from.sql");

/// Shows an appeal the caller may read.
pub(crate) fn show(tx: &mut dyn Tx, caller: &Caller, id: AppealId) -> Result<AppealJson, Error> {
    let (within, mut values) = readable(caller)?.limit(2);
    values.insert(0, id.0.into());
    let row = one(tx, &format!("{COLUMNS} {FROM} WHERE a.id = $1 AND {within}"), &values)?;
    appeal_of(tx, &row)
}

/// The appeals the caller may read.
pub(crate) fn appeals(
    tx: &mut dyn Tx,
    caller: &Caller,
    asked: &Paged,
    facets: &AppealFacets,
) -> Result<Listed<AppealJson>, Error> {
    let (mut within, mut values) = readable(caller)?.limit(1);
    if let Some(word) = facets.state.as_deref().filter(|word| !word.is_empty()) {
        let words: Vec<&str> = AppealState::ALL.iter().map(|state| state.word()).collect();
        let state = AppealState::from_word(word)
            .ok_or_else(|| Error::invalid("state", word, &words.join(", ")))?;
        values.push(state.word().into());
        within = format!("{within} AND a.state = ${}", values.len());
    }
    let list = List {
        columns: COLUMNS,
        from: FROM,
        within: &within,
        values: &values,
        sorts: &[
            ("filed", "a.filed_at"),
            ("centre", "c.code"),
            ("name_ar", "c.name_ar"),
            ("name_en", "c.name_en"),
            ("criterion", "a.criterion"),
            ("state", "a.state"),
            ("cycle", "y.number"),
        ],
        searched: &["c.code", "c.name_ar", "c.name_en", "a.criterion", "y.number", "a.words"],
        tie: "a.id",
    };
    list.read(tx, asked, appeal_of)
}

fn appeal_of(tx: &mut dyn Tx, row: &Row) -> Result<AppealJson, Error> {
    let rubric = &*programme::rubric_at(tx, row.digest(9)?)?;
    let criterion = row.text(2)?.to_owned();
    let card: ScorecardJson = serde_json::from_str(row.text(8)?)?;
    let read = |id: usize| -> Result<Option<AppealedScore>, Error> {
        let (Some(id), Some(body)) = (row.opt_id(id)?, row.opt_text(id + 1)?) else {
            return Ok(None);
        };
        Ok(Some(scored(ScorecardId(id), &serde_json::from_str(body)?, &criterion, rubric)))
    };
    let (after, before) = (read(13)?, read(15)?);
    let before = match before {
        Some(before) => before,
        None => scored(ScorecardId(row.id(1)?), &card, &criterion, rubric),
    };
    let expected = "a published scorecard";
    let published = card.publication.ok_or(Error::Column { column: 8, expected })?;
    let ruling = match row.opt_text(10)? {
        None => None,
        Some(ruling) => Some(RulingShown {
            ruling: ruling.to_owned(),
            reason: row.text(11)?.to_owned(),
            ruled: day_of(row.int(12)?)?.to_string(),
        }),
    };
    let id = AppealId(row.id(0)?);
    Ok(AppealJson {
        id,
        centre: card.centre,
        centre_name: published.centre_name,
        agency: published.agency,
        cycle: card.cycle,
        cycle_name: published.cycle_name,
        criterion_name: criterion_name(rubric, &criterion)?,
        criterion,
        ground: row.text(3)?.to_owned(),
        text: row.text(4)?.to_owned(),
        files: files::of(tx, id)?,
        state: row.text(5)?.to_owned(),
        filed_by: row.text(6)?.to_owned(),
        filed: day_of(row.int(7)?)?.to_string(),
        ruling,
        before,
        after,
    })
}

/// What a version of the scorecard says of the criterion.
fn scored(
    scorecard: ScorecardId,
    card: &ScorecardJson,
    criterion: &str,
    rubric: &Rubric,
) -> AppealedScore {
    let publication = card.publication.as_ref();
    let moderation = publication.and_then(|publication| publication.moderation.as_ref());
    AppealedScore {
        scorecard,
        version: publication.map_or(1, |publication| publication.version),
        standing: Standing::of(card, moderation, criterion, rubric),
    }
}

/// A criterion's name in its rubric.
pub(crate) fn criterion_name(rubric: &Rubric, id: &str) -> Result<TextJson, Error> {
    Ok((&rubric.criterion(id).ok_or(Error::NotFound)?.name).into())
}
