//! How much evidence is taken in: from one person in a day, and on the whole server.

use mizan_protocol::code::ErrorBody;

use crate::accounts::Caller;
use crate::error::Error;
use crate::tx::{Tx, one, params};

/// A day in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;
/// The most uploads of one person that are under way.
const OPEN_UPLOADS: i64 = 500;

/// How much evidence is taken in. Bytes count for each person who sends them, and an upload counts whole
/// from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceQuota {
    /// The most bytes from one person in 24 hours; 0 for any number.
    pub person_day_bytes: u64,
    /// The most bytes on the server; 0 for as many as there is room for.
    pub server_bytes: u64,
}

impl Default for EvidenceQuota {
    /// More than a day's field work, and than a programme's years.
    fn default() -> Self {
        Self { person_day_bytes: 4 << 30, server_bytes: 1 << 40 }
    }
}

impl EvidenceQuota {
    /// Refuses what would go beyond. The caller's fault and not the server's (413, not 507): the file is
    /// refused until there is room, and whoever sends it goes on with the next instead of asking again.
    pub(super) fn require(
        &self,
        tx: &mut dyn Tx,
        caller: &Caller,
        more: u64,
        now: i64,
    ) -> Result<(), Error> {
        let person = caller.person.0;
        let sql = "SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT), COUNT(*) FROM uploads
                   WHERE person_id = $1 AND received < length AND expires_at > $2";
        let open = one(tx, sql, params![person, now])?;
        if open.int(1)? >= OPEN_UPLOADS {
            return Err(refused("uploads", OPEN_UPLOADS.unsigned_abs()));
        }
        if self.person_day_bytes > 0 {
            let sql = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM evidence
                       WHERE person_id = $1 AND received_at > $2";
            let sent = one(tx, sql, params![person, now - DAY_MS])?.int(0)?;
            fits(open.int(0)? + sent, more, "day", self.person_day_bytes)?;
        }
        if self.server_bytes > 0 {
            let sql = "SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT) FROM uploads
                       WHERE received < length AND expires_at > $1";
            let coming = one(tx, sql, params![now])?.int(0)?;
            let sql = "SELECT COALESCE(MAX(bytes), 0) FROM evidence_total";
            let kept = one(tx, sql, &[])?.int(0)?;
            fits(coming + kept, more, "server", self.server_bytes)?;
        }
        Ok(())
    }
}

fn fits(used: i64, more: u64, limit: &str, most: u64) -> Result<(), Error> {
    if used.unsigned_abs() + more > most { Err(refused(limit, most)) } else { Ok(()) }
}

fn refused(limit: &str, most: u64) -> Error {
    Error::Refused(ErrorBody::new("evidence.quota").with("limit", limit).with("max", most))
}
