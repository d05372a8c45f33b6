//! The audit: entries chained by their digests, the signed head of the chain, and the check of an export.
//!
//! Each entry's hash is SHA-256 over the hash before it and the canonical JSON of the entry without its
//! hashes; whoever holds a signed head can tell that nothing up to it was altered, removed or reordered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::canonical::{Digest, canonical_json};
use crate::signature::{PublicKey, SecretKey, Signature};

/// The most entries of one page.
pub const MAX_AUDIT_PAGE: i64 = 500;

/// What an entry speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditSubject {
    /// Its kind, such as `visit`.
    pub kind: String,
    /// Its id, or what stands for it to those who may not know it.
    pub id: String,
}

/// One deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number: 1 for the first, no number is left out.
    pub n: i64,
    /// When, by the server's clock; milliseconds since 1970 UTC.
    pub at: i64,
    /// Who did it, as an id and never a name; nobody where nobody is known.
    pub person: Option<String>,
    /// The device it was done with, where it was one.
    pub device: Option<String>,
    /// What was done, a word of a closed list.
    pub deed: String,
    /// What it was done to.
    pub subject: Option<AuditSubject>,
    /// What else there is to say, without anything personal.
    pub details: BTreeMap<String, String>,
    /// The hash of the entry before it; zeros before the first.
    pub previous: Digest,
    /// The hash of this entry.
    pub hash: Digest,
}

/// What is hashed of an entry.
#[derive(Serialize)]
struct Hashed<'a> {
    n: i64,
    at: i64,
    person: &'a Option<String>,
    device: &'a Option<String>,
    deed: &'a str,
    subject: &'a Option<AuditSubject>,
    details: &'a BTreeMap<String, String>,
}

impl AuditEntry {
    /// The hash this entry has after `self.previous`.
    ///
    /// # Errors
    /// Never for an entry: all of it can be JSON.
    pub fn computed_hash(&self) -> Result<Digest, serde_json::Error> {
        let Self { n, at, person, device, deed, subject, details, previous, hash: _ } = self;
        let hashed = Hashed { n: *n, at: *at, person, device, deed, subject, details };
        let mut hash = Sha256::new();
        hash.update(previous.as_bytes());
        hash.update(canonical_json(&hashed)?);
        Ok(Digest::from_hash(hash))
    }
}

/// The hash before the first entry.
#[must_use]
pub fn first_previous() -> Digest {
    Digest::from_bytes([0; 32])
}

/// A page of the audit, in the order of the entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Whether there are more after the last.
    pub more: bool,
}

/// How far the audit has come, signed by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHead {
    /// The number of the last entry; 0 when there is none.
    pub n: i64,
    /// Its hash.
    pub hash: Digest,
    /// When the head was signed; milliseconds since 1970 UTC.
    pub at: i64,
    /// The server's key.
    pub key: PublicKey,
    /// The signature of [`head_text`].
    pub signature: Signature,
}

/// What is signed of a head. The first words keep the signature from standing for anything else.
#[must_use]
pub fn head_text(n: i64, hash: Digest, at: i64) -> String {
    format!("mizan audit head\n{n} {hash} {at}")
}

impl AuditHead {
    /// Signs a head.
    #[must_use]
    pub fn sign(n: i64, hash: Digest, at: i64, key: &SecretKey) -> Self {
        let signature = key.sign(head_text(n, hash, at).as_bytes());
        Self { n, hash, at, key: key.public(), signature }
    }

    /// Whether the signature is of this head by the key it names.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let text = head_text(self.n, self.hash, self.at);
        self.key.verify(text.as_bytes(), &self.signature).is_ok()
    }
}

/// What is wrong with an export of the audit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// The first line is no head.
    #[error("the first line is not the signed head of an audit: {0}")]
    NoHead(String),
    /// The head's signature is not by the key it names.
    #[error("the head is not signed by the key it names, {key}")]
    NotSigned {
        /// The key it names.
        key: PublicKey,
    },
    /// The head is signed by another key than was asked for.
    #[error("the head is signed by {found}, not by {expected}: these are not the server's words")]
    OtherKey {
        /// The key it names.
        found: PublicKey,
        /// The key that was asked for.
        expected: PublicKey,
    },
    /// A line is no entry.
    #[error("entry {n} cannot be read: {reason}")]
    Unreadable {
        /// The entry that should stand there.
        n: i64,
        /// Why it cannot be read.
        reason: String,
    },
    /// Another entry stands where one was expected.
    #[error("entry {expected} is not where it belongs; entry {found} stands there")]
    Missing {
        /// The entry that should stand there.
        expected: i64,
        /// The one that does.
        found: i64,
    },
    /// An entry does not follow from the one before it.
    #[error("entry {n} does not follow from the entry before it: one of the two was altered")]
    NotChained {
        /// The entry.
        n: i64,
    },
    /// An entry does not have the hash it names.
    #[error("entry {n} was altered: it does not have the hash it names")]
    Altered {
        /// The entry.
        n: i64,
    },
    /// The export ends before the head.
    #[error("the export ends after entry {last}; entry {n} and all to {head} are missing")]
    Cut {
        /// The last entry there is.
        last: i64,
        /// The first that is missing.
        n: i64,
        /// The last entry the head speaks of.
        head: i64,
    },
    /// The export goes on after the head.
    #[error("entry {n} stands after the last that was signed, {head}")]
    BeyondHead {
        /// The entry.
        n: i64,
        /// The last entry the head speaks of.
        head: i64,
    },
    /// The chain is whole, and not the one that was signed.
    #[error(
        "entry {n} does not have the hash that was signed: entries were altered and chained anew"
    )]
    OtherChain {
        /// The last entry.
        n: i64,
    },
}

/// Checks an export line by line.
#[derive(Debug)]
pub struct AuditCheck {
    head: AuditHead,
    last: i64,
    previous: Digest,
}

impl AuditCheck {
    /// Begins with the first line of an export, and holds it against the key if one is known.
    ///
    /// # Errors
    /// What is wrong with the head.
    pub fn begin(line: &str, key: Option<PublicKey>) -> Result<Self, AuditFault> {
        let head: AuditHead =
            serde_json::from_str(line).map_err(|error| AuditFault::NoHead(error.to_string()))?;
        if let Some(expected) = key.filter(|key| *key != head.key) {
            return Err(AuditFault::OtherKey { found: head.key, expected });
        }
        if !head.is_signed() {
            return Err(AuditFault::NotSigned { key: head.key });
        }
        Ok(Self { head, last: 0, previous: first_previous() })
    }

    /// Checks the next line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn next(&mut self, line: &str) -> Result<(), AuditFault> {
        let n = self.last + 1;
        let unreadable =
            |error: serde_json::Error| AuditFault::Unreadable { n, reason: error.to_string() };
        let entry: AuditEntry = serde_json::from_str(line).map_err(unreadable)?;
        if entry.n != n {
            return Err(AuditFault::Missing { expected: n, found: entry.n });
        }
        if n > self.head.n {
            return Err(AuditFault::BeyondHead { n, head: self.head.n });
        }
        if entry.previous != self.previous {
            return Err(AuditFault::NotChained { n });
        }
        if entry.computed_hash().map_err(unreadable)? != entry.hash {
            return Err(AuditFault::Altered { n });
        }
        (self.last, self.previous) = (n, entry.hash);
        Ok(())
    }

    /// Ends with the head: nothing is missing, and the chain is the one that was signed.
    ///
    /// # Errors
    /// What is missing.
    pub fn end(self) -> Result<AuditHead, AuditFault> {
        let Self { head, last, previous } = self;
        if last < head.n {
            return Err(AuditFault::Cut { last, n: last + 1, head: head.n });
        }
        if previous != head.hash {
            return Err(AuditFault::OtherChain { n: last });
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&Zeroizing::new([seed; 32]))
    }

    fn chained(mut entries: Vec<AuditEntry>) -> Vec<AuditEntry> {
        let mut previous = first_previous();
        for entry in &mut entries {
            entry.previous = previous;
            entry.hash = entry.computed_hash().unwrap();
            previous = entry.hash;
        }
        entries
    }

    fn entries(count: i64) -> Vec<AuditEntry> {
        let entry = |n| AuditEntry {
            n,
            at: 1_000 + n,
            person: Some(format!("person {n}")),
            device: None,
            deed: "agency_added".into(),
            subject: Some(AuditSubject { kind: "agency".into(), id: n.to_string() }),
            details: BTreeMap::from([("code".into(), format!("A-{n}"))]),
            previous: first_previous(),
            hash: first_previous(),
        };
        chained((1..=count).map(entry).collect())
    }

    fn check(
        signed_by: u8,
        known: Option<u8>,
        signed: &[AuditEntry],
        lines: &[AuditEntry],
    ) -> Result<i64, AuditFault> {
        let last = signed.last().map_or((0, first_previous()), |entry| (entry.n, entry.hash));
        let head = AuditHead::sign(last.0, last.1, 5_000, &key(signed_by));
        let head = serde_json::to_string(&head).unwrap();
        let known = known.map(|seed| key(seed).public());
        let mut check = AuditCheck::begin(&head, known)?;
        for line in lines {
            check.next(&serde_json::to_string(line).unwrap())?;
        }
        check.end().map(|head| head.n)
    }

    #[test]
    fn a_whole_export_is_whole() {
        assert_eq!(check(1, Some(1), &entries(5), &entries(5)), Ok(5));
        assert_eq!(check(1, None, &[], &[]), Ok(0));
    }

    #[test]
    fn whatever_is_done_to_an_export_is_found_and_named() {
        let whole = entries(5);
        let found = |lines: Vec<AuditEntry>| check(1, Some(1), &whole, &lines).unwrap_err();
        for n in 1..=5_usize {
            let mut altered = whole.clone();
            altered[n - 1].details.insert("code".into(), "other".into());
            assert_eq!(found(altered), AuditFault::Altered { n: n as i64 }, "altered {n}");
            let mut removed = whole.clone();
            removed.remove(n - 1);
            let expected = match n {
                5 => AuditFault::Cut { last: 4, n: 5, head: 5 },
                n => AuditFault::Missing { expected: n as i64, found: n as i64 + 1 },
            };
            assert_eq!(found(removed), expected, "removed {n}");
        }
        let mut reordered = whole.clone();
        reordered.swap(1, 2);
        assert_eq!(found(reordered), AuditFault::Missing { expected: 2, found: 3 });
        let mut renumbered = whole.clone();
        renumbered.swap(1, 2);
        (renumbered[1].n, renumbered[2].n) = (2, 3);
        assert_eq!(found(renumbered), AuditFault::NotChained { n: 2 });
        let mut anew = whole.clone();
        anew[2].at += 1;
        assert_eq!(found(chained(anew)), AuditFault::OtherChain { n: 5 });
        let mut longer = entries(6);
        longer[5].hash = longer[5].computed_hash().unwrap();
        assert_eq!(found(longer), AuditFault::BeyondHead { n: 6, head: 5 });
    }

    #[test]
    fn a_head_signed_by_somebody_else_is_found() {
        let mut anew = entries(5);
        anew[2].at += 1;
        let anew = chained(anew);
        let refused = check(2, Some(1), &anew, &anew).unwrap_err();
        assert!(matches!(refused, AuditFault::OtherKey { .. }), "{refused}");
        let mut head = AuditHead::sign(5, anew[4].hash, 1, &key(2));
        head.key = key(1).public();
        let line = serde_json::to_string(&head).unwrap();
        let refused = AuditCheck::begin(&line, None).unwrap_err();
        assert!(matches!(refused, AuditFault::NotSigned { .. }), "{refused}");
    }
}
