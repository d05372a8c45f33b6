//! Signing in: by password, by an enrolment code, or by the key of an enrolled device; and what keeps an
//! account: its password, its second factor, its devices.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::ZeroizeOnDrop;

use crate::canonical::canonical_json;
use crate::code::ErrorBody;
use crate::id::{DeviceId, PersonId};
use crate::record::TextJson;
use crate::signature::{BundleKey, NotSigned, PublicKey, SecretKey, Signature};

/// `POST /api/session`: sign in by password.
#[derive(Clone, Serialize, Deserialize, ToSchema, ZeroizeOnDrop)]
pub struct SignIn {
    /// The account's name.
    pub user: String,
    /// The password; or an enrolment code, which begins a session that can only enrol a device.
    pub password: String,
    /// The code of the second factor, six digits, for an account that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp: Option<String>,
    /// Whether the token goes into a cookie, as browsers want it, and not into the answer.
    #[serde(default)]
    pub cookie: bool,
}

impl SignIn {
    /// By password alone, with a token in the answer.
    #[must_use]
    pub fn by_password(user: &str, password: &str) -> Self {
        Self { user: user.to_owned(), password: password.to_owned(), otp: None, cookie: false }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A session that has begun.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Goes into the `Authorization` header as `Bearer …`; left out when it went into a cookie.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// For a session by cookie: goes into the `X-Mizan-Csrf` header of whatever is not a GET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf: Option<String>,
    /// Seconds until the token ends.
    pub expires_in: i64,
    /// Who is signed in.
    pub person: Person,
    /// What bundles are encrypted to; told to devices, so that one that never heard it learns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_key: Option<BundleKey>,
    /// What the server signs with; told to devices, which obey an order to wipe by no other key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_key: Option<PublicKey>,
    /// Until when the device shows what it holds without meeting the server again; told to devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<OfflineGrant>,
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
    /// What the server signs with; an order to wipe is obeyed by no other key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_key: Option<PublicKey>,
    /// Whether the server signs what becomes of a push: then an answer without counts for nothing.
    #[serde(default)]
    pub receipts: bool,
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
    /// What the device's clock says, milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<i64>,
}

/// How far a device's clock may be from the server's before it is shown and audited, in milliseconds.
pub const MAX_CLOCK_OFF_MS: i64 = 5 * 60_000;

/// The server's word until when a device shows what it holds. When it has ended, the device shows visits
/// in progress and no others; nothing keeps anybody from finishing one. Times are the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfflineGrant {
    /// The device, and no other.
    pub device: DeviceId,
    /// When it was given, milliseconds since 1970 UTC.
    pub from: i64,
    /// When it ends.
    pub until: i64,
    /// The server's signature.
    pub signature: Signature,
}

impl OfflineGrant {
    /// What is signed: the grant in a sentence that nothing else signs.
    fn text(device: DeviceId, from: i64, until: i64) -> String {
        format!("mizan offline grant {device} {from} {until}")
    }

    /// Gives a grant.
    #[must_use]
    pub fn sign(device: DeviceId, from: i64, until: i64, key: &SecretKey) -> Self {
        let signature = key.sign(Self::text(device, from, until).as_bytes());
        Self { device, from, until, signature }
    }

    /// Whether the server signed it.
    ///
    /// # Errors
    /// Why it did not.
    pub fn verify(&self, server: &PublicKey) -> Result<(), NotSigned> {
        let text = Self::text(self.device, self.from, self.until);
        server.verify(text.as_bytes(), &self.signature)
    }
}

/// What a device signs to begin a session: the challenge in a sentence that nothing else signs.
#[must_use]
pub fn device_session_text(device: DeviceId, challenge: &str) -> String {
    format!("mizan device session {device} {challenge}")
}

/// `POST /api/session/password`: change one's own password.
#[derive(Clone, Serialize, Deserialize, ToSchema, ZeroizeOnDrop)]
pub struct ChangePassword {
    /// The one that is now.
    pub old: String,
    /// The one that shall be.
    pub new: String,
}

/// `POST /api/people/{person}/password`: a new password for somebody who forgot theirs.
#[derive(Clone, Serialize, Deserialize, ToSchema, ZeroizeOnDrop)]
pub struct SetPassword {
    /// The one that shall be, until its owner changes it.
    pub new: String,
}

/// `POST /api/session/totp`: a second factor that begins once a first code of it is given.
#[derive(Clone, Serialize, Deserialize, ToSchema, ZeroizeOnDrop)]
pub struct TotpSetup {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth://` address, to be shown as a QR code.
    pub uri: String,
}

/// `POST /api/session/totp/confirm`: the first code.
#[derive(Clone, Serialize, Deserialize, ToSchema, ZeroizeOnDrop)]
pub struct TotpCode {
    /// Six digits.
    pub code: String,
}

/// `POST /api/people/{person}/enrolment-code`: a code that enrols one device, once. Shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema, ZeroizeOnDrop)]
pub struct EnrolmentCode {
    /// Four groups of five characters; case, hyphens and spaces do not matter.
    pub code: String,
    /// When it ends, milliseconds since 1970 UTC.
    pub expires_at: i64,
}

/// `POST /api/people/{person}`: close an account, or open it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangePerson {
    /// Whether the person may sign in. Closing an account ends its sessions.
    pub active: bool,
    /// Why; kept beside the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A device as those see it who answer for devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceJson {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub owner: PersonId,
    /// The owner's account.
    pub user: String,
    /// The name its owner gave it.
    pub name: String,
    /// When it was enrolled, milliseconds since 1970 UTC.
    pub enrolled_at: i64,
    /// When it last signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<i64>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<i64>,
    /// When its wipe was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wipe_ordered_at: Option<i64>,
}

/// `POST /api/devices/{device}/revoke`: admit a device no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokeDevice {
    /// Whether it is to destroy what it holds when it next calls.
    #[serde(default)]
    pub wipe: bool,
}

/// What a server orders a revoked device to do: to destroy what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeOrder {
    /// The device that is to obey, and no other.
    pub device: DeviceId,
    /// When it was ordered, milliseconds since 1970 UTC.
    pub at: i64,
}

/// A text is not a wipe order, or not one to be obeyed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWipeOrder {
    /// The error carries no order.
    #[error("there is no order")]
    None,
    /// The order or its signature is not readable.
    #[error("the order is not readable")]
    NotReadable,
    /// It is to another device.
    #[error("the order is to another device")]
    OtherDevice,
    /// The server did not sign it.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
}

impl WipeOrder {
    /// What is signed: the order in a sentence that nothing else signs.
    fn text(&self) -> String {
        let json = canonical_json(self).expect("an id and a number are always JSON");
        format!("mizan wipe order {json}")
    }

    /// The error that tells a revoked device of the order, signed by the server.
    #[must_use]
    pub fn attach(&self, error: ErrorBody, key: &SecretKey) -> ErrorBody {
        let json = canonical_json(self).expect("an id and a number are always JSON");
        error.with("wipe_order", json).with("wipe_signature", key.sign(self.text().as_bytes()))
    }

    /// The order an error carries, if it is to this device and signed by this key.
    ///
    /// # Errors
    /// Why there is nothing to obey.
    pub fn read(
        error: &ErrorBody,
        device: DeviceId,
        server: &PublicKey,
    ) -> Result<Self, NoWipeOrder> {
        let json = error.params.get("wipe_order").ok_or(NoWipeOrder::None)?;
        let order: Self = serde_json::from_str(json).map_err(|_| NoWipeOrder::NotReadable)?;
        let signature = error.params.get("wipe_signature").ok_or(NoWipeOrder::NotReadable)?;
        let signature: Signature = signature.parse().map_err(|_| NoWipeOrder::NotReadable)?;
        if order.device != device {
            return Err(NoWipeOrder::OtherDevice);
        }
        server.verify(order.text().as_bytes(), &signature)?;
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn an_order_is_read_by_its_device_under_the_servers_key_alone() {
        let key = |seed: u8| SecretKey::from_seed(&Zeroizing::new([seed; 32]));
        let device = |id: u128| DeviceId(Uuid::from_u128(id));
        let (server, stranger) = (key(1), key(2));
        let order = WipeOrder { device: device(7), at: 5 };
        let revoked = || ErrorBody::new("device.revoked");
        let told = order.attach(revoked(), &server);
        assert_eq!(WipeOrder::read(&told, device(7), &server.public()), Ok(order));
        assert_eq!(
            WipeOrder::read(&told, device(8), &server.public()),
            Err(NoWipeOrder::OtherDevice)
        );
        let forged = order.attach(revoked(), &stranger);
        let refused = Err(NoWipeOrder::NotSigned(NotSigned::Mismatch));
        assert_eq!(WipeOrder::read(&forged, device(7), &server.public()), refused);
        let mut later = told.clone();
        later.params.insert(
            "wipe_order".into(),
            r#"{"at":6,"device":"00000000-0000-0000-0000-000000000007"}"#.into(),
        );
        assert_eq!(WipeOrder::read(&later, device(7), &server.public()), refused);
        assert_eq!(
            WipeOrder::read(&revoked(), device(7), &server.public()),
            Err(NoWipeOrder::None)
        );
    }
}
