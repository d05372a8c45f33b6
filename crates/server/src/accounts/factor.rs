//! The second factor: one-time codes by RFC 6238, each good once.

use mizan_protocol::id::PersonId;
use mizan_protocol::session::TotpSetup;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::accounts::{Caller, require_another, sessions};
use crate::error::Error;
use crate::keys::{Keys, random_bytes};
use crate::tx::{Tx, Value, first, one, params};

/// The length of a secret: that of the digest the codes are made by.
const SECRET_BYTES: usize = 20;

/// SHA-1, six digits, 30 seconds, one step of skew: what every authenticator understands.
fn totp(secret: &[u8], user: &str) -> Result<Totp, Error> {
    // The address has a place for a colon of its own.
    let builder = Builder::new().with_secret(secret.to_vec()).with_issuer(Some("Mizan"));
    let built = builder.with_account_name(user.replace(':', " ")).build();
    built.map_err(|_| Error::Column { column: 0, expected: "a second factor's secret" })
}

/// The step of a right code.
fn step_of(secret: &[u8], code: &str, now: i64) -> Result<Option<i64>, Error> {
    let seconds = u64::try_from(now / 1_000).unwrap_or(0);
    let step = totp(secret, "")?.check(code.trim(), seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Makes a new secret, which counts once its first code is given.
pub(crate) fn begin(tx: &mut dyn Tx, keys: &Keys, caller: &Caller) -> Result<TotpSetup, Error> {
    if is_in_use(tx, caller.person)? {
        return Err(Error::refused("session.totp_active"));
    }
    let secret = Zeroizing::new(random_bytes::<SECRET_BYTES>()?);
    let sealed = keys.seal_factor(caller.person, secret.as_slice())?;
    tx.exec(
        "INSERT INTO second_factors (person_id, secret, last_step) VALUES ($1, $2, 0)
         ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, last_step = 0",
        params![caller.person.0, sealed],
    )?;
    let row = one(tx, "SELECT user_name FROM people WHERE id = $1", params![caller.person.0])?;
    let totp = totp(secret.as_slice(), row.text(0)?)?;
    let uri = totp.to_url();
    let uri = uri.map_err(|_| Error::Column { column: 0, expected: "the name of an account" })?;
    Ok(TotpSetup { secret: totp.secret().to_base32(), uri })
}

fn is_in_use(tx: &mut dyn Tx, person: PersonId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM second_factors WHERE person_id = $1 AND confirmed_at IS NOT NULL";
    Ok(first(tx, sql, params![person.0])?.is_some())
}

/// Takes the first code: from now on one is asked for. Sessions begun without one end, the caller's and
/// those of devices, which prove themselves by their key, aside.
pub(crate) fn confirm(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    code: &str,
    now: i64,
) -> Result<(), Error> {
    let sql = "SELECT secret, confirmed_at FROM second_factors WHERE person_id = $1";
    let row = first(tx, sql, params![caller.person.0])?;
    let row = row.ok_or_else(|| Error::refused("session.totp_not_begun"))?;
    if row.0[1] != Value::Null {
        return Err(Error::refused("session.totp_active"));
    }
    let secret = keys.open_factor(caller.person, row.blob(0)?)?;
    let wrong = || Error::refused("session.otp_wrong");
    let step = step_of(&secret, code, now)?.ok_or_else(wrong)?;
    let sql = "UPDATE second_factors SET confirmed_at = $2, last_step = $3 WHERE person_id = $1";
    tx.exec(sql, params![caller.person.0, now, step])?;
    let sql = "DELETE FROM tokens WHERE person_id = $1 AND hash <> $2 AND device_id IS NULL";
    tx.exec(sql, params![caller.person.0, caller.session])?;
    Ok(())
}

/// What became of a code.
pub(crate) enum Taken {
    /// The account has no second factor.
    NotNeeded,
    /// The code was right, and is used up.
    Right,
    /// There was none.
    Missing,
    /// It was wrong, too old or used before.
    Wrong,
}

/// Takes the code of an account's second factor.
pub(crate) fn take(
    tx: &mut dyn Tx,
    keys: &Keys,
    person: PersonId,
    code: Option<&str>,
    now: i64,
) -> Result<Taken, Error> {
    let sql = "SELECT secret FROM second_factors WHERE person_id = $1 AND confirmed_at IS NOT NULL";
    let Some(row) = first(tx, sql, params![person.0])? else { return Ok(Taken::NotNeeded) };
    let Some(code) = code else { return Ok(Taken::Missing) };
    let secret = keys.open_factor(person, row.blob(0)?)?;
    let Some(step) = step_of(&secret, code, now)? else { return Ok(Taken::Wrong) };
    let sql = "UPDATE second_factors SET last_step = $2 WHERE person_id = $1 AND last_step < $2";
    let is_new = tx.exec(sql, params![person.0, step])? == 1;
    Ok(if is_new { Taken::Right } else { Taken::Wrong })
}

/// Takes a person's second factor away, who lost it; whatever was begun with it ends.
pub(crate) fn reset(tx: &mut dyn Tx, caller: &Caller, person: PersonId) -> Result<(), Error> {
    require_another(caller, person)?;
    one(tx, "SELECT 1 FROM people WHERE id = $1", params![person.0])?;
    tx.exec("DELETE FROM second_factors WHERE person_id = $1", params![person.0])?;
    sessions::end_all(tx, person)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: SHA-1, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_rfc_6238_for_a_step_before_and_after() {
        let secret = b"12345678901234567890";
        let at = |seconds: i64| step_of(secret, "081804", seconds * 1_000).unwrap();
        assert_eq!(at(1_111_111_109), Some(37_037_036));
        assert_eq!(at(1_111_111_109 + 30), Some(37_037_036), "a code that was slow to type");
        assert_eq!(at(1_111_111_109 - 30), Some(37_037_036), "a clock that is slow");
        assert_eq!(at(1_111_111_109 + 61), None);
        assert_eq!(step_of(secret, "287082", 59_000).unwrap(), Some(1));
        assert_eq!(step_of(secret, "", 59_000).unwrap(), None);
    }
}
