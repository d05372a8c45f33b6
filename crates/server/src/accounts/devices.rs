//! Devices: enrolled by their key, signed in by what it signs, revoked, and ordered to wipe themselves.

use mizan_domain::role::Role;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{AgencyId, DeviceId, PersonId};
use mizan_protocol::session::{
    DeviceJson, DeviceSignIn, EnrolDevice, WipeOrder, device_session_text,
};
use mizan_protocol::signature::PublicKey;
use uuid::Uuid;

use crate::accounts::Caller;
use crate::accounts::sessions::{
    self, Begun, DEVICE_SESSION_MS, Keeper, NewSession, Purpose, Session,
};
use crate::error::Error;
use crate::keys::{Keys, random_bytes};
use crate::rights::{Action, may};
use crate::tx::{Row, Tx, Value, first, one, params};

/// How long a challenge can be answered.
const CHALLENGE_MS: i64 = 60_000;

/// Enrols a device; the same key enrolled again by the same person is the same device. A session begun by
/// an enrolment code enrols one device and no other.
pub(crate) fn enrol(
    tx: &mut dyn Tx,
    session: &Session,
    new: &EnrolDevice,
    now: i64,
) -> Result<DeviceId, Error> {
    let caller = &session.caller;
    let device = match find_by_key(tx, caller, &new.public_key)? {
        Some(device) => device,
        None if session.purpose == Purpose::Enrol && caller.device.is_some() => {
            return Err(Error::NotFound);
        }
        None => add(tx, caller.person, new, now)?,
    };
    match (session.purpose, caller.device) {
        (Purpose::Full, _) => {}
        (Purpose::Enrol, Some(enrolled)) if enrolled != device => return Err(Error::NotFound),
        (Purpose::Enrol, _) => {
            let sql = "UPDATE tokens SET device_id = $2 WHERE hash = $1";
            tx.exec(sql, params![caller.session, device.0])?;
        }
    }
    Ok(device)
}

fn find_by_key(
    tx: &mut dyn Tx,
    caller: &Caller,
    key: &PublicKey,
) -> Result<Option<DeviceId>, Error> {
    let sql = "SELECT id, person_id, revoked_at FROM devices WHERE public_key = $1";
    let Some(row) = first(tx, sql, params![key.as_bytes().as_slice()])? else { return Ok(None) };
    if row.id(1)? != caller.person.0 {
        return Err(Error::NotFound);
    }
    if row.0[2] != Value::Null {
        return Err(Error::refused("device.revoked"));
    }
    Ok(Some(DeviceId(row.id(0)?)))
}

fn add(tx: &mut dyn Tx, owner: PersonId, new: &EnrolDevice, now: i64) -> Result<DeviceId, Error> {
    let id = Uuid::now_v7();
    let name: String = new.name.chars().take(80).collect();
    tx.exec(
        "INSERT INTO devices (id, person_id, name, public_key, enrolled_at)
         VALUES ($1, $2, $3, $4, $5)",
        params![id, owner.0, name, new.public_key.as_bytes().as_slice(), now],
    )?;
    Ok(DeviceId(id))
}

fn key_at(row: &Row, column: usize) -> Result<PublicKey, Error> {
    let key = hex::encode(row.blob(column)?).parse();
    key.map_err(|_| Error::Column { column, expected: "a public key" })
}

/// The key of a device that is not revoked, and its owner.
pub(crate) fn device_key(
    tx: &mut dyn Tx,
    device: DeviceId,
) -> Result<Option<(PublicKey, PersonId)>, Error> {
    let sql = "SELECT public_key, person_id FROM devices WHERE id = $1 AND revoked_at IS NULL";
    let Some(row) = first(tx, sql, params![device.0])? else { return Ok(None) };
    Ok(Some((key_at(&row, 0)?, PersonId(row.id(1)?))))
}

/// The key of a device and the caller it stands for; says by name why it does not. Only for those who
/// may know which devices there are.
pub(crate) fn device_caller(
    tx: &mut dyn Tx,
    device: DeviceId,
) -> Result<(PublicKey, Caller), Error> {
    let refused = |code| Error::Refused(ErrorBody::new(code).with("device", device));
    let sql = "SELECT p.role, p.agency_id FROM devices d JOIN people p ON p.id = d.person_id
               WHERE d.id = $1 AND d.revoked_at IS NULL AND p.active = 1";
    let Some(row) = first(tx, sql, params![device.0])? else {
        let known = first(tx, "SELECT 1 FROM devices WHERE id = $1", params![device.0])?;
        let code = if known.is_some() { "bundle.device_revoked" } else { "bundle.device_unknown" };
        return Err(refused(code));
    };
    let (key, person) = device_key(tx, device)?.ok_or_else(|| refused("bundle.device_revoked"))?;
    let role = Role::from_word(row.text(0)?).filter(|role| may(*role, Action::DoFieldWork));
    let role = role.ok_or_else(|| refused("bundle.device_revoked"))?;
    let agency = row.opt_id(1)?.map(AgencyId);
    Ok((key, Caller { person, role, agency, centre: None, device: Some(device), session: None }))
}

/// A text for a device to sign. An unknown device gets one too, so that the answer tells nothing.
pub(crate) fn challenge(tx: &mut dyn Tx, device: DeviceId, now: i64) -> Result<String, Error> {
    tx.exec("DELETE FROM challenges WHERE expires_at < $1", params![now])?;
    let challenge = hex::encode(random_bytes::<32>()?);
    if first(tx, "SELECT 1 FROM devices WHERE id = $1", params![device.0])?.is_some() {
        tx.exec(
            "INSERT INTO challenges (hash, device_id, expires_at) VALUES ($1, $2, $3)",
            params![Digest::of(challenge.as_bytes()), device.0, now + CHALLENGE_MS],
        )?;
    }
    Ok(challenge)
}

/// What came of a signed challenge. It is used up whatever came of it.
pub(crate) enum Answered {
    /// A session.
    Begun(Begun),
    /// The device signed rightly and is admitted no longer; when its wipe was ordered, if it was.
    Revoked(Option<i64>),
    /// It is not the device.
    Wrong,
}

/// Holds a signed challenge against the device's key, and begins its session.
pub(crate) fn sign_in(tx: &mut dyn Tx, signed: &DeviceSignIn, now: i64) -> Result<Answered, Error> {
    let sql = "DELETE FROM challenges WHERE hash = $1 AND device_id = $2 AND expires_at > $3";
    let hash = Digest::of(signed.challenge.as_bytes());
    let known = tx.exec(sql, params![hash, signed.device.0, now])? == 1;
    let sql = "SELECT d.public_key, d.person_id, d.revoked_at, d.wipe_ordered_at, p.active
               FROM devices d JOIN people p ON p.id = d.person_id WHERE d.id = $1";
    let Some(row) = first(tx, sql, params![signed.device.0])? else { return Ok(Answered::Wrong) };
    let text = device_session_text(signed.device, &signed.challenge);
    let signed_right = key_at(&row, 0)?.verify(text.as_bytes(), &signed.signature).is_ok();
    if !(known && signed_right) {
        return Ok(Answered::Wrong);
    }
    if row.0[2] != Value::Null {
        return Ok(Answered::Revoked(opt_int(&row, 3)?));
    }
    if !row.flag(4)? {
        return Ok(Answered::Wrong);
    }
    let new = NewSession {
        person: PersonId(row.id(1)?),
        device: Some(signed.device),
        purpose: Purpose::Full,
        keeper: Keeper::Program,
        lasts_ms: DEVICE_SESSION_MS,
    };
    Ok(Answered::Begun(sessions::begin(tx, new, now)?))
}

/// What a revoked device is told: that it is, and the order to wipe itself if there is one.
pub(crate) fn revoked(keys: &Keys, device: DeviceId, wipe_at: Option<i64>) -> Error {
    let error = ErrorBody::new("device.revoked");
    Error::Refused(match wipe_at {
        Some(at) => WipeOrder { device, at }.attach(error, &keys.signing),
        None => error,
    })
}

fn opt_int(row: &Row, column: usize) -> Result<Option<i64>, Error> {
    if row.0[column] == Value::Null { Ok(None) } else { row.int(column).map(Some) }
}

/// Every device, by owner and time.
pub(crate) fn devices(tx: &mut dyn Tx) -> Result<Vec<DeviceJson>, Error> {
    let sql = "SELECT d.id, d.person_id, p.user_name, d.name, d.enrolled_at, d.last_seen_at,
               d.revoked_at, d.wipe_ordered_at
               FROM devices d JOIN people p ON p.id = d.person_id ORDER BY p.user_name, d.id";
    let device = |row: &Row| {
        Ok(DeviceJson {
            id: DeviceId(row.id(0)?),
            owner: PersonId(row.id(1)?),
            user: row.text(2)?.to_owned(),
            name: row.text(3)?.to_owned(),
            enrolled_at: row.int(4)?,
            last_seen_at: opt_int(row, 5)?,
            revoked_at: opt_int(row, 6)?,
            wipe_ordered_at: opt_int(row, 7)?,
        })
    };
    tx.query(sql, &[])?.iter().map(device).collect()
}

/// What becomes of what a revoked device holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contents {
    /// It stays; the work may be wanted.
    Stay,
    /// The device is to destroy it when it next calls.
    Wipe,
}

/// Admits a device no longer. An order to wipe that was given stays given.
pub(crate) fn revoke(
    tx: &mut dyn Tx,
    device: DeviceId,
    contents: Contents,
    now: i64,
) -> Result<(), Error> {
    one(tx, "SELECT 1 FROM devices WHERE id = $1", params![device.0])?;
    let sql = "UPDATE devices SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    tx.exec(sql, params![device.0, now])?;
    if contents == Contents::Wipe {
        let sql =
            "UPDATE devices SET wipe_ordered_at = $2 WHERE id = $1 AND wipe_ordered_at IS NULL";
        tx.exec(sql, params![device.0, now])?;
    }
    sessions::end_family(tx, device)
}
