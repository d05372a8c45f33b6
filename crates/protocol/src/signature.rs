//! Ed25519 keys and signatures, and the public keys bundles are encrypted to, in the form they are kept
//! and sent.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// A secret signing key; never printed, wiped from memory when dropped.
pub struct SecretKey(SigningKey);

/// The public half of a [`SecretKey`], written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct PublicKey([u8; 32]);

/// A signature, written as 128 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{128}$")]
pub struct Signature([u8; 64]);

/// A server's public X25519 key, to which bundles are encrypted, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct BundleKey([u8; 32]);

/// Why a signature proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The public key is no point of the curve.
    #[error("the public key is not a valid Ed25519 key")]
    BadKey,
    /// The signature is not of this text by this key.
    #[error("the signature does not match the text and the key")]
    Mismatch,
}

/// A text is not a key or signature of the expected length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {what}; it has {digits} hexadecimal digits")]
pub struct NotHex {
    what: &'static str,
    digits: usize,
}

impl SecretKey {
    /// The key made from 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The 32 bytes the key was made from, to be kept where secrets are kept.
    #[must_use]
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(bytes).to_bytes())
    }
}

impl PublicKey {
    /// Whether `signature` is of `bytes` by this key.
    ///
    /// # Errors
    /// Why it is not.
    pub fn verify(&self, bytes: &[u8], signature: &Signature) -> Result<(), NotSigned> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| NotSigned::BadKey)?;
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        key.verify_strict(bytes, &signature).map_err(|_| NotSigned::Mismatch)
    }
}

macro_rules! hex_text {
    ($type:ident, $bytes:literal, $what:literal) => {
        impl $type {
            /// From the raw bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The raw bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($type))
            }
        }

        impl FromStr for $type {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(text, &mut bytes)
                    .map_err(|_| NotHex { what: $what, digits: 2 * $bytes })?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
hex_text!(PublicKey, 32, "public key");
hex_text!(Signature, 64, "signature");
hex_text!(BundleKey, 32, "bundle key");

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn signatures_are_ed25519() {
        let mut seed = Zeroizing::new([0; 32]);
        let text = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        hex::decode_to_slice(text, seed.as_mut()).unwrap();
        let key = SecretKey::from_seed(&seed);
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(key.public().to_string(), public);
        let signature = key.sign(&[0x72]);
        assert!(signature.to_string().starts_with("92a009a9f0d4cab8720e820b5f642540"));
        assert_eq!(key.public().verify(&[0x72], &signature), Ok(()));
        assert_eq!(key.public().verify(&[0x73], &signature), Err(NotSigned::Mismatch));
    }
}
