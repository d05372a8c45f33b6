//! The chain of a device's pushes: each signed with the device's key and tied to the one before, so that
//! nobody on the way, and nobody with a session alone, can alter one or leave one out unnoticed; and the
//! server's receipt, by which the device knows that its push arrived as it was.
//!
//! What is signed is a sentence over the digest of the push: its device, its number, the digest before,
//! the epoch and the operations, as canonical JSON. What a later version adds beside these needs a
//! signature of its own; what it adds within a record is signed like the rest of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::canonical::{Digest, canonical_json};
use crate::id::DeviceId;
use crate::signature::{NotSigned, PublicKey, SecretKey, Signature};
use crate::sync::{Operation, OperationOutcome, PushRequest};

/// The place of a push among those of its device, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// The device that made and signed it.
    pub device: DeviceId,
    /// 1 for the first of an epoch, and no number is left out.
    pub number: i64,
    /// The digest of the push before it; of the first, [`ChainHead::root`].
    pub previous: Digest,
    /// The device's signature of the push's digest.
    pub signature: Signature,
}

/// How far a chain has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// The number of its last push; 0 before there is one.
    pub number: i64,
    /// The digest of that push.
    pub digest: Digest,
}

impl ChainHead {
    /// The beginning of a device's chain, in whichever epoch.
    #[must_use]
    pub fn root(device: DeviceId) -> Self {
        Self { number: 0, digest: Digest::of(format!("mizan push chain {device}").as_bytes()) }
    }
}

/// What the digest of a push is of.
#[derive(Serialize)]
struct Chained<'a> {
    device: DeviceId,
    epoch: Option<&'a str>,
    number: i64,
    operations: &'a [Operation],
    previous: Digest,
}

/// What a device signs of a push. The first words keep the signature from standing for anything else.
fn push_text(digest: Digest) -> String {
    format!("mizan push {digest}")
}

impl PushRequest {
    /// The push as the link that follows `after`, and how far the chain has come with it.
    ///
    /// # Errors
    /// Never for a push: all of it can be JSON.
    pub fn chained(
        self,
        device: DeviceId,
        after: ChainHead,
        key: &SecretKey,
    ) -> Result<(Self, ChainHead), serde_json::Error> {
        let (number, previous) = (after.number + 1, after.digest);
        let digest = digest(&self, device, number, previous)?;
        let signature = key.sign(push_text(digest).as_bytes());
        let link = Some(Link { device, number, previous, signature });
        Ok((Self { link, ..self }, ChainHead { number, digest }))
    }

    /// The digest of a push that is a link.
    ///
    /// # Errors
    /// Never for a push: all of it can be JSON.
    pub fn chain_digest(&self, link: &Link) -> Result<Digest, serde_json::Error> {
        digest(self, link.device, link.number, link.previous)
    }
}

impl Link {
    /// Holds the signature of a push with this digest against its device's key.
    ///
    /// # Errors
    /// Why it proves nothing.
    pub fn verify(&self, digest: Digest, key: &PublicKey) -> Result<(), NotSigned> {
        key.verify(push_text(digest).as_bytes(), &self.signature)
    }
}

fn digest(
    push: &PushRequest,
    device: DeviceId,
    number: i64,
    previous: Digest,
) -> Result<Digest, serde_json::Error> {
    let (epoch, operations) = (push.epoch.as_deref(), push.operations.as_slice());
    let chained = Chained { device, epoch, number, operations, previous };
    Ok(Digest::of(canonical_json(&chained)?.as_bytes()))
}

/// What the server signs when it has taken a push: which, and what became of each of its operations.
///
/// # Errors
/// Never for outcomes: all of them can be JSON.
pub fn receipt_text(
    push: Digest,
    outcomes: &[OperationOutcome],
) -> Result<String, serde_json::Error> {
    let outcomes = Digest::of(canonical_json(&outcomes)?.as_bytes());
    Ok(format!("mizan push receipt {push} {outcomes}"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use zeroize::Zeroizing;

    use super::*;
    use crate::id::{OperationId, RecordId};
    use crate::sync::{Outcome, Record};

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&Zeroizing::new([seed; 32]))
    }

    fn push(note: &str) -> PushRequest {
        let record = Record {
            id: RecordId(Uuid::from_u128(1)),
            kind: "answer".into(),
            schema_v: 1,
            rubric_v: None,
            base_rev: 0,
            rev: 0,
            body: serde_json::json!({ "note": note }),
            deleted: false,
            unknown: serde_json::Map::new(),
        };
        let operations = vec![Operation { op_id: OperationId(Uuid::from_u128(2)), record }];
        PushRequest { epoch: Some("e".into()), operations, link: None }
    }

    #[test]
    fn whatever_is_altered_the_signature_no_longer_fits() {
        let device = DeviceId(Uuid::from_u128(9));
        let (made, head) = push("seen").chained(device, ChainHead::root(device), &key(1)).unwrap();
        let holds = |push: &PushRequest, by: &SecretKey| {
            let link = push.link.as_ref().unwrap();
            link.verify(push.chain_digest(link).unwrap(), &by.public()).is_ok()
        };
        assert!(holds(&made, &key(1)) && !holds(&made, &key(2)));
        let again: PushRequest =
            serde_json::from_slice(&serde_json::to_vec(&made).unwrap()).unwrap();
        assert!(holds(&again, &key(1)), "also as it comes off the line");
        let mut rows: Vec<(&str, PushRequest)> =
            ["note", "unknown", "deleted", "epoch", "number", "previous", "device", "left out"]
                .map(|what| (what, made.clone()))
                .into();
        for (what, bent) in &mut rows {
            let record = &mut bent.operations[0].record;
            let link = bent.link.as_mut().unwrap();
            match *what {
                "note" => record.body["note"] = "altered".into(),
                "unknown" => drop(record.unknown.insert("colour".into(), "green".into())),
                "deleted" => record.deleted = true,
                "epoch" => bent.epoch = None,
                "number" => link.number = 2,
                "previous" => link.previous = head.digest,
                "device" => link.device = DeviceId(Uuid::from_u128(8)),
                _ => bent.operations.clear(),
            }
            assert!(!holds(bent, &key(1)), "{what}");
        }
    }

    #[test]
    fn each_link_is_tied_to_the_one_before() {
        let device = DeviceId(Uuid::from_u128(9));
        let root = ChainHead::root(device);
        let (first, after) = push("a").chained(device, root, &key(1)).unwrap();
        let (second, last) = push("b").chained(device, after, &key(1)).unwrap();
        let (first, second) = (first.link.unwrap(), second.link.unwrap());
        assert_eq!((first.number, second.number, last.number), (1, 2, 2));
        assert_eq!((first.previous, second.previous), (root.digest, after.digest));
        assert_ne!(root, ChainHead::root(DeviceId(Uuid::from_u128(8))));
    }

    #[test]
    fn a_receipt_is_of_one_push_and_its_outcomes() {
        let outcome = |rev| OperationOutcome {
            op_id: OperationId(Uuid::from_u128(2)),
            outcome: Outcome::Applied { rev },
        };
        let text = |push: &[u8], rev| receipt_text(Digest::of(push), &[outcome(rev)]).unwrap();
        assert_eq!(text(b"a", 1), text(b"a", 1));
        assert_ne!(text(b"a", 1), text(b"b", 1));
        assert_ne!(text(b"a", 1), text(b"a", 2));
    }
}
