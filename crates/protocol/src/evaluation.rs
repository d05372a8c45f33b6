//! A submitted evaluation: the document, and the seal that makes any change to it visible.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::AnswerJson;
use crate::canonical::{Digest, canonical_json};
use crate::id::{DeviceId, EvaluationId, VisitId};
use crate::record::ContactJson;
use crate::rubric::RubricRef;
use crate::signature::{PublicKey, SecretKey, Signature};

/// The version of the document's shape.
pub const SCHEMA: u32 = 1;

/// A piece of evidence by its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct EvidenceRef {
    /// The criterion it proves.
    pub criterion: String,
    /// The SHA-256 of the plain bytes.
    pub sha256: Digest,
    /// What it shows, a word such as `photo`.
    pub kind: String,
    /// Its media type, such as `image/jpeg`.
    pub media_type: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// What an evaluator submits. It names no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluationDocument {
    /// The version of this shape, [`SCHEMA`].
    pub schema: u32,
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// The visit it is of.
    pub visit: VisitId,
    /// 1 for the first submission, one more for each after a return.
    pub revision: u32,
    /// The device that sealed it.
    pub device: DeviceId,
    /// The rubric it is scored by.
    pub rubric: RubricRef,
    /// `unannounced` or `scheduled`.
    pub visit_kind: String,
    /// The answers, in the rubric's order.
    pub answers: Vec<AnswerJson>,
    /// Moments of the visit by name, milliseconds since 1970 UTC.
    pub times: BTreeMap<String, i64>,
    /// Contacts by phone, message or portal. Not written when there are none, so that documents from
    /// before there were contacts keep their bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactJson>,
    /// The evidence, sorted.
    pub evidence: Vec<EvidenceRef>,
    /// The evaluator declares that the visit followed its brief (M15).
    pub followed_brief: bool,
    /// When it was sealed, milliseconds since 1970 UTC by the device's clock.
    pub submitted_at: i64,
}

/// A document with its seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealedEvaluation {
    /// The canonical JSON of an [`EvaluationDocument`], kept as the very text that was signed.
    pub document: String,
    /// The SHA-256 of that text.
    pub sha256: Digest,
    /// The device's key.
    pub public_key: PublicKey,
    /// The device's signature of that text.
    pub signature: Signature,
}

/// Why a seal does not hold.
#[derive(Debug, thiserror::Error)]
pub enum BrokenSeal {
    /// The text is not the one that was hashed.
    #[error("the document's digest is {found}, the seal names {named}")]
    Digest {
        /// The digest of the text.
        found: Digest,
        /// The digest in the seal.
        named: Digest,
    },
    /// The signature is not of this text.
    #[error("the seal's signature: {0}")]
    Signature(#[from] crate::signature::NotSigned),
    /// The text is not a document.
    #[error("the document is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The text is a document, but not its canonical form.
    #[error("the document is not in canonical form")]
    NotCanonical,
}

impl SealedEvaluation {
    /// Seals a document.
    ///
    /// # Errors
    /// When the document cannot be JSON; its types make that impossible in practice.
    pub fn seal(document: &EvaluationDocument, key: &SecretKey) -> Result<Self, serde_json::Error> {
        let document = canonical_json(document)?;
        let sha256 = Digest::of(document.as_bytes());
        let signature = key.sign(document.as_bytes());
        Ok(Self { document, sha256, public_key: key.public(), signature })
    }

    /// Opens a seal: the document, if text, digest, signature and canonical form agree.
    ///
    /// # Errors
    /// What does not agree.
    pub fn open(&self) -> Result<EvaluationDocument, BrokenSeal> {
        let found = Digest::of(self.document.as_bytes());
        if found != self.sha256 {
            return Err(BrokenSeal::Digest { found, named: self.sha256 });
        }
        self.public_key.verify(self.document.as_bytes(), &self.signature)?;
        let document: EvaluationDocument = serde_json::from_str(&self.document)?;
        // Another release's document may have parts that this one does not know, and is canonical with them.
        let is_canonical = canonical_json(&document)? == self.document || {
            let whole: serde_json::Value = serde_json::from_str(&self.document)?;
            canonical_json(&whole)? == self.document
        };
        if is_canonical { Ok(document) } else { Err(BrokenSeal::NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document as it was sealed before there were contacts.
    const OLD: &str = r#"{"answers":[],"device":"01900000-0000-7000-8000-000000000001","evaluation":"01900000-0000-7000-8000-000000000002","evidence":[],"followed_brief":true,"revision":1,"rubric":{"id":"small","sha256":"962091d294a6a7ae862f66b05bb2d3812533f196351a732e9ed6933fddb63f1b","version":"1.0.0"},"schema":1,"submitted_at":5,"times":{"arrived":1},"visit":"01900000-0000-7000-8000-000000000003","visit_kind":"unannounced"}"#;

    #[test]
    fn a_document_from_before_contacts_keeps_its_bytes() {
        let document: EvaluationDocument = serde_json::from_str(OLD).unwrap();
        assert_eq!(document.contacts, []);
        assert_eq!(canonical_json(&document).unwrap(), OLD);
    }

    #[test]
    fn a_document_with_parts_of_a_later_release_opens_and_one_in_another_form_does_not() {
        let key = SecretKey::from_seed(&zeroize::Zeroizing::new([3; 32]));
        let sealed = |document: String| SealedEvaluation {
            sha256: Digest::of(document.as_bytes()),
            public_key: key.public(),
            signature: key.sign(document.as_bytes()),
            document,
        };
        let later = OLD.replace(r#""evidence":[]"#, r#""evidence":[],"fee":5"#);
        assert_eq!(sealed(later).open().unwrap().submitted_at, 5);
        let spaced = OLD.replace(r#""evidence":[]"#, r#""evidence": []"#);
        assert!(matches!(sealed(spaced).open(), Err(BrokenSeal::NotCanonical)));
    }
}
