//! What people are told of themselves: who they are here, what they may do, and where they are signed in.

use mizan_domain::role::Role;
use mizan_protocol::id::{AgencyId, CentreId};
use mizan_protocol::record::TextJson;
use mizan_protocol::session::Person;
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::sessions::{PASSWORD_SESSION_MS, Session};
use crate::accounts::{Caller, person_of};
use crate::error::Error;
use crate::programme::text_at;
use crate::rights::{Action, rights};
use crate::tx::{Row, Tx, Value, first, one, params};

/// Whose session it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Who is signed in.
    pub(crate) person: Person,
    /// What they may do.
    pub(crate) rights: Vec<Action>,
    /// The programme's name, of what this person may know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) programme: Option<TextJson>,
    /// A manager's centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) centre: Option<OwnPlace>,
    /// The person's employer; of a coordinator, the agency answered for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agency: Option<OwnPlace>,
    /// Whether signing in asks for a second factor.
    pub(crate) has_factor: bool,
    /// Whether nothing is open to this person until a second factor is set up.
    pub(crate) needs_factor: bool,
    /// When the session ends, milliseconds since 1970 UTC.
    pub(crate) ends_at: i64,
    /// For a session by cookie: goes into the `X-Mizan-Csrf` header of whatever is not a GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) csrf: Option<String>,
}

/// A centre or an agency by its names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnPlace {
    /// Its id.
    pub(crate) id: String,
    /// Its code.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: TextJson,
}

/// Where a person is signed in, and the devices enrolled for them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnSessions {
    /// The sessions, the newest first.
    pub(crate) sessions: Vec<OwnSession>,
    /// The devices, the newest first.
    pub(crate) devices: Vec<OwnDevice>,
}

/// A session as its own person sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnSession {
    /// Whether it is the one that asks.
    pub(crate) current: bool,
    /// Who keeps its token.
    pub(crate) kind: SessionKind,
    /// When it began, milliseconds since 1970 UTC; of a device it is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) began_at: Option<i64>,
    /// When it ends.
    pub(crate) ends_at: i64,
}

/// Who keeps a session's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionKind {
    /// A browser.
    Browser,
    /// A program: the desktop app, or the command line.
    Program,
    /// An enrolled device.
    Device,
}

/// A device as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnDevice {
    /// The name its owner gave it.
    pub(crate) name: String,
    /// When it was enrolled, milliseconds since 1970 UTC.
    pub(crate) enrolled_at: i64,
    /// When it last signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_at: Option<i64>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revoked_at: Option<i64>,
}

/// Whether a session's account must set a second factor up before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Everything the role may is open.
    Open,
    /// Nothing but the own account is.
    NeedsFactor,
}

/// Who a session's person is here.
pub(crate) fn me(tx: &mut dyn Tx, session: &Session, standing: Standing) -> Result<Me, Error> {
    let caller = &session.caller;
    let sql = "SELECT id, user_name, name_ar, name_en, role FROM people WHERE id = $1";
    let person = person_of(&one(tx, sql, params![caller.person.0])?)?;
    let ends = "SELECT expires_at FROM tokens WHERE hash = $1";
    let ends_at = one(tx, ends, params![caller.session])?.int(0)?;
    let needs_factor = standing == Standing::NeedsFactor;
    let rights = if needs_factor { vec![Action::KeepOwnAccount] } else { rights(caller.role) };
    Ok(Me {
        person,
        rights,
        programme: programme(tx, caller.role)?,
        centre: centre(tx, caller.centre)?,
        agency: agency(tx, caller.agency)?,
        has_factor: session.has_factor,
        needs_factor,
        ends_at,
        csrf: None,
    })
}

/// The programme's name by its newest cycle; whoever is judged or observes knows of published ones alone.
fn programme(tx: &mut dyn Tx, role: Role) -> Result<Option<TextJson>, Error> {
    let sql = match role {
        Role::Coordinator | Role::Manager | Role::Observer => {
            "SELECT programme_ar, programme_en FROM cycles WHERE published_at IS NOT NULL
             ORDER BY published_at DESC LIMIT 1"
        }
        Role::Administrator
        | Role::RubricEditor
        | Role::CentralTeam
        | Role::Evaluator
        | Role::Reviewer
        | Role::CommitteeChair
        | Role::CommitteeMember => {
            "SELECT programme_ar, programme_en FROM cycles ORDER BY id DESC LIMIT 1"
        }
    };
    first(tx, sql, &[])?.map(|row| text_at(&row, 0)).transpose()
}

fn centre(tx: &mut dyn Tx, centre: Option<CentreId>) -> Result<Option<OwnPlace>, Error> {
    let Some(CentreId(id)) = centre else { return Ok(None) };
    let sql = "SELECT id, code, name_ar, name_en FROM centres WHERE id = $1";
    place_of(&one(tx, sql, params![id])?).map(Some)
}

fn agency(tx: &mut dyn Tx, agency: Option<AgencyId>) -> Result<Option<OwnPlace>, Error> {
    let Some(AgencyId(id)) = agency else { return Ok(None) };
    let sql = "SELECT id, code, name_ar, name_en FROM agencies WHERE id = $1";
    place_of(&one(tx, sql, params![id])?).map(Some)
}

fn place_of(row: &Row) -> Result<OwnPlace, Error> {
    Ok(OwnPlace {
        id: row.id(0)?.to_string(),
        code: row.text(1)?.to_owned(),
        name: text_at(row, 2)?,
    })
}

/// Where the caller is signed in.
pub(crate) fn places(tx: &mut dyn Tx, caller: &Caller, now: i64) -> Result<OwnSessions, Error> {
    let sql = "SELECT hash, device_id, csrf_hash, expires_at FROM tokens
               WHERE person_id = $1 AND expires_at > $2 AND rotated_at IS NULL
               ORDER BY expires_at DESC";
    let rows = tx.query(sql, params![caller.person.0, now])?;
    let sessions = rows.iter().map(|row| session_of(caller, row)).collect::<Result<_, _>>()?;
    let sql = "SELECT name, enrolled_at, last_seen_at, revoked_at FROM devices
               WHERE person_id = $1 ORDER BY enrolled_at DESC";
    let rows = tx.query(sql, params![caller.person.0])?;
    let devices = rows.iter().map(device_of).collect::<Result<_, _>>()?;
    Ok(OwnSessions { sessions, devices })
}

fn session_of(caller: &Caller, row: &Row) -> Result<OwnSession, Error> {
    let kind = match (row.opt_id(1)?, &row.0[2]) {
        (Some(_), _) => SessionKind::Device,
        (None, Value::Null) => SessionKind::Program,
        (None, _) => SessionKind::Browser,
    };
    let ends_at = row.int(3)?;
    let began_at = (kind != SessionKind::Device).then_some(ends_at - PASSWORD_SESSION_MS);
    Ok(OwnSession { current: Some(row.digest(0)?) == caller.session, kind, began_at, ends_at })
}

fn device_of(row: &Row) -> Result<OwnDevice, Error> {
    let opt = |column: usize| match row.0.get(column) {
        Some(Value::Null) => Ok(None),
        _ => row.int(column).map(Some),
    };
    Ok(OwnDevice {
        name: row.text(0)?.to_owned(),
        enrolled_at: row.int(1)?,
        last_seen_at: opt(2)?,
        revoked_at: opt(3)?,
    })
}
