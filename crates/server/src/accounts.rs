//! People, passwords, devices and sessions.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use mizan_domain::role::Role;
use mizan_protocol::api::NewPerson;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{AgencyId, CentreId, DeviceId, PersonId};
use mizan_protocol::record::TextJson;
use mizan_protocol::session::{DeviceSignIn, EnrolDevice, Person, device_session_text};
use mizan_protocol::signature::PublicKey;
use uuid::Uuid;

use crate::error::Error;
use crate::keys::random_bytes;
use crate::rights::{Action, may};
use crate::tx::{Row, Tx, first, one, params};

/// The shortest password.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// How long a session begun by password lasts.
pub const PASSWORD_SESSION_MS: i64 = 8 * 3_600_000;
/// How long a session begun by a device's key lasts.
pub const DEVICE_SESSION_MS: i64 = 15 * 60_000;
/// How long a challenge can be answered.
const CHALLENGE_MS: i64 = 60_000;

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The person.
    pub person: PersonId,
    /// The person's role.
    pub role: Role,
    /// A manager's centre.
    pub centre: Option<CentreId>,
    /// The device the session was begun by, if any.
    pub device: Option<DeviceId>,
}

impl Caller {
    /// Refuses an action the caller's role may not take, as if there were no such route.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn require(&self, action: Action) -> Result<(), Error> {
        if may(self.role, action) { Ok(()) } else { Err(Error::NotFound) }
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    // 32 MiB, two passes: over the floor of 19 MiB, about a tenth of a second of one core.
    let params = Params::new(32 * 1024, 2, 1, None);
    let params = params.map_err(|error| Error::PasswordHash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password. Slow by design: call it off the async workers.
///
/// # Errors
/// A password that is too short, or no randomness.
pub(crate) fn hash_password(password: &str) -> Result<String, Error> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(Error::invalid("password", "(hidden)", "at least 12 characters"));
    }
    let hash = argon2()?.hash_password(password.as_bytes());
    Ok(hash.map_err(|error| Error::PasswordHash(error.to_string()))?.to_string())
}

/// Whether a password belongs to a hash. Takes the same time where there is no account.
pub(crate) fn password_matches(password: &str, hash: Option<&str>) -> Result<bool, Error> {
    const NOBODY: &str = "$argon2id$v=19$m=32768,t=2,p=1$bWl6YW4tbm9ib2R5LTE$\
                          ZXZlbiB0aGUgbmFtZSBvZiBub2JvZHkgaXMga2VwdCE";
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODY));
    let parsed = parsed.map_err(|error| Error::PasswordHash(error.to_string()))?;
    let matches = argon2()?.verify_password(password.as_bytes(), &parsed).is_ok();
    Ok(matches && hash.is_some())
}

/// The password hash of an account that may sign in.
pub(crate) fn find_account(
    tx: &mut dyn Tx,
    user: &str,
) -> Result<Option<(PersonId, String)>, Error> {
    let sql = "SELECT id, password_hash FROM people WHERE user_name = $1 AND active = 1";
    let row = first(tx, sql, params![user])?;
    row.map(|row| Ok((PersonId(row.id(0)?), row.text(1)?.to_owned()))).transpose()
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
    let interests: Vec<_> =
        new.interests.iter().map(|agency| params![id, agency.0].to_vec()).collect();
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

/// Begins a session and returns its token and the person.
pub(crate) fn begin_session(
    tx: &mut dyn Tx,
    person: PersonId,
    device: Option<DeviceId>,
    now: i64,
    lasts_ms: i64,
) -> Result<(String, Person), Error> {
    tx.exec("DELETE FROM tokens WHERE expires_at < $1", params![now])?;
    let token = hex::encode(random_bytes::<32>()?);
    tx.exec(
        "INSERT INTO tokens (hash, person_id, device_id, expires_at) VALUES ($1, $2, $3, $4)",
        params![
            Digest::of(token.as_bytes()),
            person.0,
            device.map(|device| device.0),
            now + lasts_ms
        ],
    )?;
    let sql = "SELECT id, user_name, name_ar, name_en, role FROM people WHERE id = $1";
    let person = person_of(&one(tx, sql, params![person.0])?)?;
    Ok((token, person))
}

/// Ends a session.
pub(crate) fn end_session(tx: &mut dyn Tx, token: &str) -> Result<(), Error> {
    tx.exec("DELETE FROM tokens WHERE hash = $1", params![Digest::of(token.as_bytes())])?;
    Ok(())
}

/// Whom a token stands for.
pub(crate) fn caller(tx: &mut dyn Tx, token: &str, now: i64) -> Result<Caller, Error> {
    let sql = "SELECT p.id, p.role, p.centre_id, t.device_id FROM tokens t
               JOIN people p ON p.id = t.person_id LEFT JOIN devices d ON d.id = t.device_id
               WHERE t.hash = $1 AND t.expires_at > $2 AND p.active = 1 AND d.revoked_at IS NULL";
    let row =
        first(tx, sql, params![Digest::of(token.as_bytes()), now])?.ok_or(Error::NoSession)?;
    Ok(Caller {
        person: PersonId(row.id(0)?),
        role: Role::from_word(row.text(1)?).ok_or(Error::NoSession)?,
        centre: row.opt_id(2)?.map(CentreId),
        device: row.opt_id(3)?.map(DeviceId),
    })
}

/// Enrols a device; the same key enrolled again by the same person is the same device.
pub(crate) fn enrol(
    tx: &mut dyn Tx,
    person: PersonId,
    new: &EnrolDevice,
    now: i64,
) -> Result<DeviceId, Error> {
    let key = new.public_key.as_bytes().as_slice();
    let sql = "SELECT id, person_id FROM devices WHERE public_key = $1 AND revoked_at IS NULL";
    if let Some(row) = first(tx, sql, params![key])? {
        let same = row.id(1)? == person.0;
        return if same { Ok(DeviceId(row.id(0)?)) } else { Err(Error::NotFound) };
    }
    let id = Uuid::now_v7();
    let name: String = new.name.chars().take(80).collect();
    tx.exec(
        "INSERT INTO devices (id, person_id, name, public_key, enrolled_at) VALUES ($1, $2, $3, $4, $5)",
        params![id, person.0, name, key, now],
    )?;
    Ok(DeviceId(id))
}

/// The key of a device that is not revoked, and its owner.
pub(crate) fn device_key(
    tx: &mut dyn Tx,
    device: DeviceId,
) -> Result<Option<(PublicKey, PersonId)>, Error> {
    let sql = "SELECT public_key, person_id FROM devices WHERE id = $1 AND revoked_at IS NULL";
    let Some(row) = first(tx, sql, params![device.0])? else { return Ok(None) };
    let key = hex::encode(row.blob(0)?).parse();
    let key = key.map_err(|_| Error::Column { column: 0, expected: "a public key" })?;
    Ok(Some((key, PersonId(row.id(1)?))))
}

/// The key of a device and the caller it stands for; says by name why it does not. Only for those who
/// may know which devices there are.
pub(crate) fn device_caller(
    tx: &mut dyn Tx,
    device: DeviceId,
) -> Result<(PublicKey, Caller), Error> {
    let refused = |code| Error::Refused(ErrorBody::new(code).with("device", device));
    let sql = "SELECT p.id, p.role FROM devices d JOIN people p ON p.id = d.person_id
               WHERE d.id = $1 AND d.revoked_at IS NULL AND p.active = 1";
    let Some(row) = first(tx, sql, params![device.0])? else {
        let known = first(tx, "SELECT 1 FROM devices WHERE id = $1", params![device.0])?;
        let code = if known.is_some() { "bundle.device_revoked" } else { "bundle.device_unknown" };
        return Err(refused(code));
    };
    let (key, person) = device_key(tx, device)?.ok_or_else(|| refused("bundle.device_revoked"))?;
    let role = Role::from_word(row.text(1)?).filter(|role| may(*role, Action::DoFieldWork));
    let role = role.ok_or_else(|| refused("bundle.device_revoked"))?;
    Ok((key, Caller { person, role, centre: None, device: Some(device) }))
}

/// A text for a device to sign. An unknown device gets one too, so that the answer tells nothing.
pub(crate) fn challenge(tx: &mut dyn Tx, device: DeviceId, now: i64) -> Result<String, Error> {
    tx.exec("DELETE FROM challenges WHERE expires_at < $1", params![now])?;
    let challenge = hex::encode(random_bytes::<32>()?);
    if device_key(tx, device)?.is_some() {
        tx.exec(
            "INSERT INTO challenges (hash, device_id, expires_at) VALUES ($1, $2, $3)",
            params![Digest::of(challenge.as_bytes()), device.0, now + CHALLENGE_MS],
        )?;
    }
    Ok(challenge)
}

/// Holds a signed challenge against the device's key. The challenge is used up either way.
pub(crate) fn answer_challenge(
    tx: &mut dyn Tx,
    signed: &DeviceSignIn,
    now: i64,
) -> Result<Option<PersonId>, Error> {
    let sql = "DELETE FROM challenges WHERE hash = $1 AND device_id = $2 AND expires_at > $3";
    let hash = Digest::of(signed.challenge.as_bytes());
    let known = tx.exec(sql, params![hash, signed.device.0, now])? == 1;
    let Some((key, person)) = device_key(tx, signed.device)? else { return Ok(None) };
    let text = device_session_text(signed.device, &signed.challenge);
    let signed_right = key.verify(text.as_bytes(), &signed.signature).is_ok();
    Ok((known && signed_right).then_some(person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_hash_and_no_other() {
        let hash = hash_password("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=32768,t=2,p=1$"));
        assert!(password_matches("correct horse battery", Some(&hash)).unwrap());
        assert!(!password_matches("correct horse batterz", Some(&hash)).unwrap());
        assert!(!password_matches("anything", None).unwrap());
        assert!(hash_password("short").is_err());
    }
}
