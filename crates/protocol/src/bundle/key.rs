//! The keys of bundles: what opens an answer, and the server's half of what bundles are encrypted to.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::signature::BundleKey;

/// The key of a bundle's answers, written as 64 hexadecimal digits; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AnswerKey(Zeroizing<[u8; 32]>);

impl AnswerKey {
    /// The key of 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes, to be kept where secrets are kept.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AnswerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerKey(…)")
    }
}

impl Serialize for AnswerKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(hex::encode(self.0.as_slice())))
    }
}

impl<'de> Deserialize<'de> for AnswerKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.as_str(), bytes.as_mut_slice())
            .map_err(|_| serde::de::Error::custom("an answer key has 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }
}

/// The server's half of what bundles are encrypted to; never printed, wiped when dropped.
pub struct BundleSecret(StaticSecret);

impl BundleSecret {
    /// The key made from 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(StaticSecret::from(**seed))
    }

    /// The half that devices encrypt to.
    #[must_use]
    pub fn public(&self) -> BundleKey {
        BundleKey::from_bytes(*PublicKey::from(&self.0).as_bytes())
    }

    pub(super) fn secret(&self) -> &StaticSecret {
        &self.0
    }
}

impl fmt::Debug for BundleSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BundleSecret(of {})", self.public())
    }
}
