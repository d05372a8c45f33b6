//! Passwords: hashed by argon2id, and refused when they would be guessed.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use mizan_protocol::code::ErrorBody;
use zxcvbn::{Score, zxcvbn};

use crate::error::Error;

/// The shortest password.
pub const MIN_PASSWORD_CHARS: usize = 12;

fn argon2() -> Result<Argon2<'static>, Error> {
    // 32 MiB, two passes: over the floor of 19 MiB, about a tenth of a second of one core.
    let params = Params::new(32 * 1024, 2, 1, None);
    let params = params.map_err(|error| Error::PasswordHash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Checks and hashes an account's new password. Slow by design: call it off the async workers.
///
/// # Errors
/// A password that is too short or easily guessed, or no randomness.
pub(crate) fn hash_password(user: &str, password: &str) -> Result<String, Error> {
    check(user, password)?;
    let hash = argon2()?.hash_password(password.as_bytes());
    Ok(hash.map_err(|error| Error::PasswordHash(error.to_string()))?.to_string())
}

/// Refuses what is found in lists of breached passwords, in dictionaries, in patterns, or made from the
/// account's name.
fn check(user: &str, password: &str) -> Result<(), Error> {
    let chars = password.chars().count();
    if chars < MIN_PASSWORD_CHARS {
        let error = ErrorBody::new("password.too_short").with("chars", chars);
        return Err(Error::Refused(error.with("min", MIN_PASSWORD_CHARS)));
    }
    let parts = user.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let joined: String = user.chars().filter(|c| c.is_alphanumeric()).collect();
    let known: Vec<&str> = [user, &joined, "mizan"].into_iter().chain(parts).collect();
    let judged = zxcvbn(password, &known);
    if judged.score() >= Score::Three {
        return Ok(());
    }
    // Why, in the estimator's own words, which never repeat the password.
    let warning = judged.feedback().and_then(|feedback| feedback.warning());
    let error = ErrorBody::new("password.guessable");
    Err(Error::Refused(warning.into_iter().fold(error, |error, why| error.with("reason", why))))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_hash_and_no_other() {
        let hash = hash_password("rasha", "correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=32768,t=2,p=1$"));
        assert!(password_matches("correct horse battery", Some(&hash)).unwrap());
        assert!(!password_matches("correct horse batterz", Some(&hash)).unwrap());
        assert!(!password_matches("anything", None).unwrap());
    }

    #[test]
    fn what_is_guessed_first_is_refused_by_name() {
        let refused = |user: &str, password: &str| match check(user, password) {
            Err(Error::Refused(error)) => error,
            other => panic!("{password}: {other:?}"),
        };
        let short = refused("rasha", "gr7-Kd!pQx2");
        assert_eq!(
            (short.code.as_str(), short.params["min"].as_str()),
            ("password.too_short", "12")
        );
        let guessed = [
            ("rasha", "password1234"),
            ("rasha", "aaaaaaaaaaaaaaaa"),
            ("rasha", "123456789012"),
            ("rasha", "qwertyuiopas"),
            ("rasha.alamiri", "rasha.alamiri"),
            ("rasha.alamiri", "rashaalamiri1"),
        ];
        for (user, password) in guessed {
            let error = refused(user, password);
            assert_eq!(error.code, "password.guessable", "{password}");
            let told = error.params.values().any(|value| value.contains(password));
            assert!(!told, "the error repeats no password");
        }
        for fine in ["correct horse battery", "جمل أزرق فوق السطح", "kW9$zr!tq0Vb"] {
            check("rasha", fine).unwrap();
        }
        assert!(check("correct horse battery", "correct horse battery").is_err(), "the own name");
    }

    #[test]
    fn passwords_of_the_demo_and_the_suites_are_good_enough_for_what_they_guard() {
        let of_demo =
            ["admin", "central-team", "evaluator", "reviewer", "committee-chair", "manager"];
        for role in of_demo {
            check(role, &format!("mizan-demo-{role}")).unwrap_or_else(|e| panic!("{role}: {e}"));
        }
        check("admin", "mizan-test-admin").unwrap();
        check("evaluator.123456789.4", "mizan-test-staff").unwrap();
    }
}
