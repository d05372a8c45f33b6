//! Sessions: opaque random tokens of which only hashes are kept, in the hands of a program, a page or a
//! device.

use mizan_domain::role::Role;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::{AgencyId, CentreId, DeviceId, PersonId};
use mizan_protocol::session::Person;

use crate::accounts::{Caller, person_of};
use crate::error::Error;
use crate::keys::{Keys, random_bytes};
use crate::tx::{Tx, Value, first, one, params};

/// How long a session begun by password lasts.
pub(crate) const PASSWORD_SESSION_MS: i64 = 8 * 3_600_000;
/// How long a session begun by a device's key or an enrolment code lasts.
pub(crate) const DEVICE_SESSION_MS: i64 = 15 * 60_000;

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Whatever its person's role may.
    Full,
    /// Enrol one device, and nothing else.
    Enrol,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Enrol => "enrol",
        }
    }
}

/// Who keeps the token.
#[derive(Clone, Copy)]
pub(crate) enum Keeper<'a> {
    /// A program, which sends it as a bearer token.
    Program,
    /// A browser, which sends it as a cookie with whatever any page asks of it. What the server's own
    /// page shows beside it follows from these keys.
    Browser(&'a Keys),
}

/// A session to begin.
#[derive(Clone, Copy)]
pub(crate) struct NewSession<'a> {
    pub(crate) person: PersonId,
    pub(crate) device: Option<DeviceId>,
    pub(crate) purpose: Purpose,
    pub(crate) keeper: Keeper<'a>,
    pub(crate) lasts_ms: i64,
}

/// A session that has begun: the only time its secrets are in clear.
pub(crate) struct Begun {
    pub(crate) token: String,
    /// What the page of a session by cookie must show.
    pub(crate) csrf: Option<String>,
    pub(crate) person: Person,
    pub(crate) lasts_ms: i64,
}

/// Begins a session. One of a device takes the place of those it had.
pub(crate) fn begin(tx: &mut dyn Tx, new: NewSession<'_>, now: i64) -> Result<Begun, Error> {
    tx.exec("DELETE FROM tokens WHERE expires_at < $1", params![now])?;
    if let Some(device) = new.device {
        // They are kept until they end: whoever uses one now did not get the newer one, and is not the
        // device. One whose answer was lost on its way is never used, and does no harm.
        let rotate =
            "UPDATE tokens SET rotated_at = $2 WHERE device_id = $1 AND rotated_at IS NULL";
        tx.exec(rotate, params![device.0, now])?;
        tx.exec("UPDATE devices SET last_seen_at = $2 WHERE id = $1", params![device.0, now])?;
    }
    let token = hex::encode(random_bytes::<32>()?);
    let csrf = match new.keeper {
        Keeper::Program => None,
        Keeper::Browser(keys) => Some(keys.shown_by_pages(&token)),
    };
    tx.exec(
        "INSERT INTO tokens (hash, person_id, device_id, purpose, csrf_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            Digest::of(token.as_bytes()),
            new.person.0,
            new.device.map(|device| device.0),
            new.purpose.word(),
            csrf.as_ref().map(|csrf| Digest::of(csrf.as_bytes())),
            now + new.lasts_ms
        ],
    )?;
    let sql = "SELECT id, user_name, name_ar, name_en, role FROM people WHERE id = $1";
    let person = person_of(&one(tx, sql, params![new.person.0])?)?;
    Ok(Begun { token, csrf, person, lasts_ms: new.lasts_ms })
}

/// A token as a request carries it.
#[derive(Debug)]
pub(crate) struct Presented {
    /// The token's hash.
    pub(crate) token: Digest,
    /// How it came.
    pub(crate) by: By,
}

/// How a token came.
#[derive(Debug)]
pub(crate) enum By {
    /// In the header that only a program sets.
    Bearer,
    /// In a cookie, for something that only reads.
    CookieToRead,
    /// In a cookie, for something that changes: with the hash of what the page showed.
    CookieToChange(Option<Digest>),
}

/// A session that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    pub(crate) caller: Caller,
    pub(crate) purpose: Purpose,
    /// Whether the account has a second factor in use.
    pub(crate) has_factor: bool,
}

/// What stands behind a token.
pub(crate) enum Found {
    /// A session.
    Session(Session),
    /// A token whose place another took: somebody has a copy of it.
    Reused(DeviceId),
}

/// What stands behind a token.
pub(crate) fn find(tx: &mut dyn Tx, presented: &Presented, now: i64) -> Result<Found, Error> {
    let sql = "SELECT p.id, p.role, p.agency_id, p.centre_id, t.device_id, t.purpose, t.csrf_hash,
               t.rotated_at, CASE WHEN f.person_id IS NULL THEN 0 ELSE 1 END
               FROM tokens t JOIN people p ON p.id = t.person_id
               LEFT JOIN devices d ON d.id = t.device_id
               LEFT JOIN second_factors f ON f.person_id = p.id AND f.confirmed_at IS NOT NULL
               WHERE t.hash = $1 AND t.expires_at > $2 AND p.active = 1 AND d.revoked_at IS NULL";
    let row = first(tx, sql, params![presented.token, now])?.ok_or(Error::NoSession)?;
    let device = row.opt_id(4)?.map(DeviceId);
    if let (Some(device), true) = (device, row.0[7] != Value::Null) {
        return Ok(Found::Reused(device));
    }
    let csrf = if row.0[6] == Value::Null { None } else { Some(row.digest(6)?) };
    match (&presented.by, csrf) {
        (By::Bearer, None) | (By::CookieToRead, Some(_)) => {}
        (By::CookieToChange(shown), Some(csrf)) if *shown == Some(csrf) => {}
        (By::CookieToChange(_), Some(_)) => return Err(Error::refused("session.csrf")),
        // A token is good the way it was given.
        (By::Bearer, Some(_)) | (By::CookieToRead | By::CookieToChange(_), None) => {
            return Err(Error::NoSession);
        }
    }
    let caller = Caller {
        person: PersonId(row.id(0)?),
        role: Role::from_word(row.text(1)?).ok_or(Error::NoSession)?,
        agency: row.opt_id(2)?.map(AgencyId),
        centre: row.opt_id(3)?.map(CentreId),
        device,
        session: Some(presented.token),
    };
    let purpose = if row.text(5)? == Purpose::Full.word() { Purpose::Full } else { Purpose::Enrol };
    Ok(Found::Session(Session { caller, purpose, has_factor: row.flag(8)? }))
}

/// Whether a session still stands.
pub(crate) fn stands(tx: &mut dyn Tx, caller: &Caller, now: i64) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM tokens t JOIN people p ON p.id = t.person_id
               WHERE t.hash = $1 AND t.expires_at > $2 AND t.rotated_at IS NULL AND p.active = 1";
    Ok(first(tx, sql, params![caller.session, now])?.is_some())
}

/// Ends every session of a device: it signs in anew by its key, a thief does not.
pub(crate) fn end_family(tx: &mut dyn Tx, device: DeviceId) -> Result<(), Error> {
    tx.exec("DELETE FROM tokens WHERE device_id = $1", params![device.0])?;
    Ok(())
}

/// Ends the caller's session.
pub(crate) fn end(tx: &mut dyn Tx, caller: &Caller) -> Result<(), Error> {
    tx.exec("DELETE FROM tokens WHERE hash = $1", params![caller.session])?;
    Ok(())
}

/// Ends the caller's other sessions.
pub(crate) fn end_others(tx: &mut dyn Tx, caller: &Caller) -> Result<(), Error> {
    let sql = "DELETE FROM tokens WHERE person_id = $1 AND hash <> $2";
    tx.exec(sql, params![caller.person.0, caller.session])?;
    Ok(())
}

/// Ends every session of a person, and what could begin one without the password.
pub(crate) fn end_all(tx: &mut dyn Tx, person: PersonId) -> Result<(), Error> {
    tx.exec("DELETE FROM tokens WHERE person_id = $1", params![person.0])?;
    tx.exec("DELETE FROM enrolment_codes WHERE person_id = $1", params![person.0])?;
    Ok(())
}
