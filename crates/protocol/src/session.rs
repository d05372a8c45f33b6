//! Signing in: by password, or by the key of an enrolled device.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::ZeroizeOnDrop;

use crate::id::{DeviceId, PersonId};
use crate::record::TextJson;
use crate::signature::{BundleKey, PublicKey, Signature};

/// `POST /api/session`: sign in by password.
#[derive(Clone, Serialize, Deserialize, ToSchema, ZeroizeOnDrop)]
pub struct SignIn {
    /// The account's name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A session that has begun.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Goes into the `Authorization` header as `Bearer …`.
    pub token: String,
    /// Seconds until the token ends.
    pub expires_in: i64,
    /// Who is signed in.
    pub person: Person,
    /// What bundles are encrypted to; told to devices, so that one that never heard it learns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_key: Option<BundleKey>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("person", &self.person).finish_non_exhaustive()
    }
}

/// The person of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// The person.
    pub id: PersonId,
    /// The account's name.
    pub user: String,
    /// The person's name.
    pub name: TextJson,
    /// The role, a word such as `evaluator`.
    pub role: String,
}

/// `POST /api/devices`: enrol the device the caller works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnrolDevice {
    /// A name by which its owner knows it.
    pub name: String,
    /// The device's key.
    pub public_key: PublicKey,
}

/// An enrolled device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnrolledDevice {
    /// The device.
    pub device: DeviceId,
    /// What its bundles are to be encrypted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_key: Option<BundleKey>,
}

/// `POST /api/session/challenge`: ask for a text to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChallengeRequest {
    /// The device.
    pub device: DeviceId,
}

/// A text to sign, good once and for a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Challenge {
    /// The text.
    pub challenge: String,
}

/// `POST /api/session/device`: sign in by the device's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceSignIn {
    /// The device.
    pub device: DeviceId,
    /// The text that was given.
    pub challenge: String,
    /// The signature of [`device_session_text`].
    pub signature: Signature,
}

/// What a device signs to begin a session: the challenge in a sentence that nothing else signs.
#[must_use]
pub fn device_session_text(device: DeviceId, challenge: &str) -> String {
    format!("mizan device session {device} {challenge}")
}
