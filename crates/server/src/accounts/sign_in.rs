//! Signing in, and what slows down whoever guesses: after a few failures each further try must wait.
//!
//! A try is counted before the password is looked at, so that many at once are no way around the wait, and
//! for names that no account has just as for others.

use std::sync::Arc;

use mizan_protocol::canonical::Digest;
use mizan_protocol::id::PersonId;
use mizan_protocol::session::{ChangePassword, SetPassword, SignIn};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::accounts::factor::{self, Taken};
use crate::accounts::sessions::{
    self, Begun, DEVICE_SESSION_MS, Keeper, NewSession, PASSWORD_SESSION_MS, Purpose,
};
use crate::accounts::{Caller, codes, password, require_another};
use crate::app::App;
use crate::audit::{self, Act, By, Deed};
use crate::error::Error;
use crate::tx::{Tx, first, one, params};

/// How many tries go without a wait.
const FREE_TRIES: i64 = 3;
/// The wait after those; it doubles with each further failure.
const FIRST_WAIT_MS: i64 = 1_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// How long failures are remembered after the last.
const REMEMBERED_MS: i64 = 24 * 3_600_000;

fn wait_ms(tries: i64) -> i64 {
    let further = tries - FREE_TRIES;
    if further < 0 { 0 } else { (FIRST_WAIT_MS << further.min(20)).min(LONGEST_WAIT_MS) }
}

/// Counts a try, or refuses it because the last was too short a time ago.
fn count_try(tx: &mut dyn Tx, name: Digest, now: i64) -> Result<(), Error> {
    tx.exec("DELETE FROM sign_in_tries WHERE last_at < $1", params![now - REMEMBERED_MS])?;
    let sql = "SELECT tries, next_at FROM sign_in_tries WHERE name_hash = $1";
    let before = first(tx, sql, params![name])?;
    let before = before.map(|row| Ok::<_, Error>((row.int(0)?, row.int(1)?))).transpose()?;
    let (tries, next_at) = before.unwrap_or((0, 0));
    if next_at > now {
        let seconds = u64::try_from((next_at - now + 999) / 1_000).unwrap_or(1);
        return Err(Error::TooMany { code: "session.too_many", seconds });
    }
    let tries = tries + 1;
    tx.exec(
        "INSERT INTO sign_in_tries (name_hash, tries, next_at, last_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name_hash) DO UPDATE SET
         tries = excluded.tries, next_at = excluded.next_at, last_at = excluded.last_at",
        params![name, tries, now + wait_ms(tries), now],
    )?;
    Ok(())
}

/// Takes back the count of a try that was not wrong, only unfinished.
fn uncount_try(tx: &mut dyn Tx, name: Digest, now: i64) -> Result<(), Error> {
    let sql = "UPDATE sign_in_tries SET tries = tries - 1, next_at = $2 WHERE name_hash = $1";
    tx.exec(sql, params![name, now])?;
    Ok(())
}

fn forget_tries(tx: &mut dyn Tx, name: Digest) -> Result<(), Error> {
    tx.exec("DELETE FROM sign_in_tries WHERE name_hash = $1", params![name])?;
    Ok(())
}

/// An account that may sign in, and the hash of its password.
fn find_account(tx: &mut dyn Tx, user: &str) -> Result<Option<(PersonId, String)>, Error> {
    let sql = "SELECT id, password_hash FROM people WHERE user_name = $1 AND active = 1";
    let row = first(tx, sql, params![user])?;
    row.map(|row| Ok((PersonId(row.id(0)?), row.text(1)?.to_owned()))).transpose()
}

/// Signs in by password and, where the account has one, second factor; or by an enrolment code.
pub(crate) async fn sign_in(app: &App, request: SignIn) -> Result<Begun, Error> {
    let (name, now) = (app.keys.name_hash(&request.user), app.now());
    let user = request.user.clone();
    let look_up = move |tx: &mut dyn Tx| {
        count_try(tx, name, now)?;
        find_account(tx, &user)
    };
    let (person, hash) = app.store.write(look_up).await?.unzip();
    if let Some(code) = codes::read(&request.password) {
        // Also for a name without an account: the time it takes must not tell.
        let of = person.unwrap_or(PersonId(Uuid::nil()));
        let redeem = move |tx: &mut dyn Tx| by_code(tx, of, code, name, now);
        if let Some(begun) = app.store.write(redeem).await? {
            return Ok(begun);
        }
    }
    let password = Zeroizing::new(request.password.clone());
    let check = move || password::password_matches(&password, hash.as_deref());
    let matches = app.hashing(check).await?;
    let Some(right) = person.filter(|_| matches) else {
        // The same for a name that no account has, so that neither takes longer.
        return refuse(app, person).await;
    };
    let person = right;
    let by_cookie = request.cookie;
    let (keys, otp) = (Arc::clone(&app.keys), request.otp.clone().map(Zeroizing::new));
    let begin = move |tx: &mut dyn Tx| {
        match factor::take(tx, &keys, person, otp.as_ref().map(|otp| otp.as_str()), now)? {
            Taken::NotNeeded | Taken::Right => {}
            Taken::Missing => {
                uncount_try(tx, name, now)?;
                return Ok(None);
            }
            Taken::Wrong => return Err(Error::refused("session.otp_wrong")),
        }
        forget_tries(tx, name)?;
        let lasts_ms = PASSWORD_SESSION_MS;
        let keeper = if by_cookie { Keeper::Browser(&keys) } else { Keeper::Program };
        let new = NewSession { person, device: None, purpose: Purpose::Full, keeper, lasts_ms };
        let act = Act::new(Deed::SignedIn).with("by", "password");
        audit::enter(tx, By::person(person.0), act, now)?;
        sessions::begin(tx, new, now).map(Some)
    };
    app.store.write(begin).await?.ok_or_else(|| Error::refused("session.otp_required"))
}

/// Enters the refusal, then refuses.
async fn refuse<T>(app: &App, person: Option<PersonId>) -> Result<T, Error> {
    let by = person.map_or(By::NOBODY, |person| By::person(person.0));
    let act = |(): &()| Act::new(Deed::SignInRefused).with("by", "password");
    app.change(by, |_| Ok(()), act).await?;
    Err(Error::SignInRefused)
}

/// Begins a session that can only enrol a device, if this is the person's code.
fn by_code(
    tx: &mut dyn Tx,
    person: PersonId,
    code: Digest,
    name: Digest,
    now: i64,
) -> Result<Option<Begun>, Error> {
    if !codes::redeem(tx, person, code, now)? {
        return Ok(None);
    }
    forget_tries(tx, name)?;
    let act = Act::new(Deed::SignedIn).with("by", "enrolment_code");
    audit::enter(tx, By::person(person.0), act, now)?;
    let new = NewSession {
        person,
        device: None,
        purpose: Purpose::Enrol,
        keeper: Keeper::Program,
        lasts_ms: DEVICE_SESSION_MS,
    };
    sessions::begin(tx, new, now).map(Some)
}

/// Changes the caller's password and ends their other sessions.
pub(crate) async fn change_password(
    app: &App,
    caller: Caller,
    request: ChangePassword,
) -> Result<(), Error> {
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    let look_up = move |tx: &mut dyn Tx| {
        let sql = "SELECT user_name, password_hash FROM people WHERE id = $1";
        let row = one(tx, sql, params![caller.person.0])?;
        let user = row.text(0)?.to_owned();
        // Whoever found an open session may not guess here what they may not guess at the door.
        let name = keys.name_hash(&user);
        count_try(tx, name, now)?;
        Ok((user, name, row.text(1)?.to_owned()))
    };
    let (user, name, hash) = app.store.write(look_up).await?;
    let change = move || {
        if !password::password_matches(&request.old, Some(&hash))? {
            return Err(Error::SignInRefused);
        }
        password::hash_password(&user, &request.new)
    };
    let hash = app.hashing(change).await;
    let old_was_right = !matches!(hash, Err(Error::SignInRefused));
    let keep = move |tx: &mut dyn Tx| {
        if old_was_right {
            forget_tries(tx, name)?;
        }
        let hash = match hash {
            Ok(hash) => hash,
            Err(refused) => return Ok(Err(refused)),
        };
        let sql = "UPDATE people SET password_hash = $2 WHERE id = $1";
        tx.exec(sql, params![caller.person.0, hash])?;
        sessions::end_others(tx, &caller)?;
        audit::enter(tx, By::from(&caller), Act::new(Deed::PasswordChanged), now)?;
        Ok(Ok(()))
    };
    app.store.write(keep).await?
}

/// Gives somebody who forgot theirs a new password. It ends their sessions and what was counted against
/// them at the door; a second factor stays.
pub(crate) async fn set_password(
    app: &App,
    caller: Caller,
    person: PersonId,
    request: SetPassword,
) -> Result<(), Error> {
    require_another(&caller, person)?;
    let look_up = move |tx: &mut dyn Tx| {
        let sql = "SELECT user_name FROM people WHERE id = $1";
        Ok(one(tx, sql, params![person.0])?.text(0)?.to_owned())
    };
    let user = app.store.read(look_up).await?;
    let (name, now) = (app.keys.name_hash(&user), app.now());
    let hash = app.hashing(move || password::hash_password(&user, &request.new)).await?;
    let keep = move |tx: &mut dyn Tx| {
        let sql = "UPDATE people SET password_hash = $2 WHERE id = $1";
        tx.exec(sql, params![person.0, hash])?;
        forget_tries(tx, name)?;
        sessions::end_all(tx, person)?;
        let act = Act::new(Deed::PasswordSet).on("person", person);
        audit::enter(tx, By::from(&caller), act, now)
    };
    app.store.write(keep).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_a_second_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=14).map(|tries| wait_ms(tries) / 1_000).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(wait_ms(i64::MAX), LONGEST_WAIT_MS);
    }
}
