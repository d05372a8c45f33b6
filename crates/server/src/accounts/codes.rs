//! Enrolment codes: shown once, typed once, good for one device of one person.

use mizan_protocol::canonical::Digest;
use mizan_protocol::id::PersonId;
use mizan_protocol::session::EnrolmentCode;

use crate::error::Error;
use crate::keys::random_bytes;
use crate::tx::{Tx, one, params};

/// How long a code can be used.
const CODE_MS: i64 = 72 * 3_600_000;
/// Crockford's base 32: no letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The characters of a code: 100 bits.
const CHARS: usize = 20;
/// The characters of a group.
const GROUP: usize = 5;

/// Makes a code for an evaluator; an earlier one ends.
pub(crate) fn issue(tx: &mut dyn Tx, person: PersonId, now: i64) -> Result<EnrolmentCode, Error> {
    let evaluator = "SELECT 1 FROM people WHERE id = $1 AND role = 'evaluator' AND active = 1";
    one(tx, evaluator, params![person.0])?;
    tx.exec(
        "DELETE FROM enrolment_codes WHERE person_id = $1 OR expires_at < $2",
        params![person.0, now],
    )?;
    let bytes = random_bytes::<CHARS>()?;
    let chars: Vec<u8> = bytes.iter().map(|byte| ALPHABET[usize::from(byte % 32)]).collect();
    let groups: Vec<_> = chars.chunks(GROUP).map(String::from_utf8_lossy).collect();
    let expires_at = now + CODE_MS;
    tx.exec(
        "INSERT INTO enrolment_codes (hash, person_id, expires_at) VALUES ($1, $2, $3)",
        params![Digest::of(&chars), person.0, expires_at],
    )?;
    Ok(EnrolmentCode { code: groups.join("-"), expires_at })
}

/// The hash of a text that can be a code, however it was typed.
pub(crate) fn read(text: &str) -> Option<Digest> {
    let chars: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'-' | b' '))
        .map(|byte| match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        })
        .collect();
    let fits = chars.len() == CHARS && chars.iter().all(|char| ALPHABET.contains(char));
    fits.then(|| Digest::of(&chars))
}

/// Uses a code up; says whether it was the person's and not too old.
pub(crate) fn redeem(
    tx: &mut dyn Tx,
    person: PersonId,
    code: Digest,
    now: i64,
) -> Result<bool, Error> {
    let sql = "DELETE FROM enrolment_codes WHERE hash = $1 AND person_id = $2 AND expires_at > $3";
    Ok(tx.exec(sql, params![code, person.0, now])? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let code = read("01ABC-DEFGH-JKMNP-QRSTV");
        assert!(code.is_some());
        for typed in
            ["01abcdefghjkmnpqrstv", "OIABC DEFGH JKMNP QRSTV", " olabc-defgh-jkmnp-qrstv "]
        {
            assert_eq!(read(typed), code, "{typed}");
        }
        for other in ["01ABC-DEFGH-JKMNP-QRST", "01ABC-DEFGH-JKMNP-QRSTU", "correct horse battery"]
        {
            assert_ne!(read(other), code, "{other}");
        }
        assert_eq!(read("01ABC-DEFGH-JKMNP-QRST"), None);
    }
}
