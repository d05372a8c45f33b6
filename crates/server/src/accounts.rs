//! People: who they are, what they may do, and how they come in. The parts are modules.

pub(crate) mod codes;
pub(crate) mod devices;
pub(crate) mod factor;
pub(crate) mod listed;
pub(crate) mod own;
pub mod password;
pub(crate) mod sessions;
pub(crate) mod sign_in;

use std::collections::BTreeSet;

use mizan_domain::role::Role;
use mizan_protocol::api::NewPerson;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::{AgencyId, CentreId, DeviceId, PersonId};
use mizan_protocol::proof::{Fault, is_planted};
use mizan_protocol::record::TextJson;
use mizan_protocol::session::{ChangePerson, Person};
use uuid::Uuid;

use crate::error::{Error, stated};
use crate::rights::{Action, may};
use crate::tx::{Row, Tx, first, one, params};

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The person.
    pub person: PersonId,
    /// The person's role.
    pub role: Role,
    /// The person's employer; of a coordinator, the agency answered for.
    pub agency: Option<AgencyId>,
    /// A manager's centre.
    pub centre: Option<CentreId>,
    /// The device the session was begun by, if any.
    pub device: Option<DeviceId>,
    /// The session, by the hash of its token; `None` for who stands behind a bundle.
    pub(crate) session: Option<Digest>,
}

impl Caller {
    /// Refuses an action the caller's role may not take, as if there were no such route.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn require(&self, action: Action) -> Result<(), Error> {
        let is_inverted = action == Action::ReadAudit && is_planted(Fault::RoleTestInverted);
        if may(self.role, action) != is_inverted { Ok(()) } else { Err(Error::NotFound) }
    }
}

/// Adds an account.
pub(crate) fn add_person(
    tx: &mut dyn Tx,
    new: &NewPerson,
    password_hash: &str,
) -> Result<Person, Error> {
    let role = check_person(new)?;
    if new.user.trim().is_empty() || new.user.chars().count() > 64 {
        return Err(Error::invalid("user", &new.user, "1 to 64 characters"));
    }
    let taken = "SELECT 1 FROM people WHERE user_name = $1";
    if first(tx, taken, params![&new.user])?.is_some() {
        return Err(Error::invalid("user", &new.user, "a name no other account has"));
    }
    // Named twice, an agency is still one.
    let interests: BTreeSet<AgencyId> = new.interests.iter().copied().collect();
    for agency in interests.iter().chain(&new.agency) {
        one(tx, "SELECT 1 FROM agencies WHERE id = $1", params![agency.0])?;
    }
    if let Some(centre) = new.centre {
        one(tx, "SELECT 1 FROM centres WHERE id = $1", params![centre.0])?;
    }
    let id = Uuid::now_v7();
    tx.exec(
        "INSERT INTO people (id, user_name, password_hash, name_ar, name_en, role, agency_id, centre_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            id,
            &new.user,
            password_hash,
            &new.name.ar,
            &new.name.en,
            role.word(),
            new.agency.map(|AgencyId(id)| id),
            new.centre.map(|CentreId(id)| id)
        ],
    )?;
    let interests: Vec<_> = interests.iter().map(|agency| params![id, agency.0].to_vec()).collect();
    tx.exec_many("INSERT INTO interests (person_id, agency_id) VALUES ($1, $2)", &interests)?;
    Ok(Person {
        id: PersonId(id),
        user: new.user.clone(),
        name: new.name.clone(),
        role: role.word().to_owned(),
    })
}

fn check_person(new: &NewPerson) -> Result<Role, Error> {
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
    let role = Role::from_word(&new.role)
        .ok_or_else(|| Error::invalid("role", &new.role, &roles.join(", ")))?;
    if (role == Role::Manager) != new.centre.is_some() {
        return Err(Error::invalid("centre", "", "a manager has a centre, nobody else has"));
    }
    if role == Role::Coordinator && new.agency.is_none() {
        return Err(Error::invalid("agency", "", "a coordinator has an agency"));
    }
    Ok(role)
}

/// Every account, by name.
pub(crate) fn people(tx: &mut dyn Tx) -> Result<Vec<Person>, Error> {
    let sql = "SELECT id, user_name, name_ar, name_en, role FROM people ORDER BY user_name";
    tx.query(sql, &[])?.iter().map(person_of).collect()
}

fn person_of(row: &Row) -> Result<Person, Error> {
    Ok(Person {
        id: PersonId(row.id(0)?),
        user: row.text(1)?.to_owned(),
        name: TextJson { ar: row.text(2)?.to_owned(), en: row.text(3)?.to_owned() },
        role: row.text(4)?.to_owned(),
    })
}

/// Refuses whoever judges a centre of the agency that employs them (M5, and the committee's duty to
/// abstain).
pub(crate) fn require_other_agency(
    tx: &mut dyn Tx,
    caller: &Caller,
    centre: CentreId,
) -> Result<(), Error> {
    let sql = "SELECT 1 FROM people p JOIN centres c ON c.agency_id = p.agency_id
               WHERE p.id = $1 AND c.id = $2";
    match first(tx, sql, params![caller.person.0, centre.0])? {
        Some(_) => Err(Error::refused("review.own_agency")),
        None => Ok(()),
    }
}

/// Closes an account, or opens it again. Closing ends everything by which its person could come in.
pub(crate) fn set_active(
    tx: &mut dyn Tx,
    caller: &Caller,
    person: PersonId,
    change: &ChangePerson,
    now: i64,
) -> Result<(), Error> {
    require_another(caller, person)?;
    let active = change.active;
    let reason = change.reason.as_deref().filter(|reason| !reason.trim().is_empty());
    let reason = reason.map(stated).transpose()?;
    let sql = "UPDATE people SET active = $2 WHERE id = $1";
    if tx.exec(sql, params![person.0, active])? == 0 {
        return Err(Error::NotFound);
    }
    let sql = "SELECT COUNT(*) FROM account_changes WHERE person_id = $1";
    let step = one(tx, sql, params![person.0])?.int(0)? + 1;
    tx.exec(
        "INSERT INTO account_changes (person_id, step, active, reason, by_person_id, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![person.0, step, active, reason, caller.person.0, now],
    )?;
    if active { Ok(()) } else { sessions::end_all(tx, person) }
}

/// An administrator who could do this to the own account could lock everybody out, or whoever took over
/// the session could take over the account.
fn require_another(caller: &Caller, person: PersonId) -> Result<(), Error> {
    if caller.person == person { Err(Error::refused("account.own")) } else { Ok(()) }
}
