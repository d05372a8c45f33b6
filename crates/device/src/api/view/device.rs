//! The device itself: whether there is one, whether it is open, and whose it is.

use mizan_protocol::id::DeviceId;
use mizan_protocol::record::TextJson;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::ZeroizeOnDrop;

use crate::device::{Device, Enrolment};
use crate::error::Error;
use crate::home::Home;

/// Where the device stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DeviceState {
    pub(crate) phase: Phase,
    /// The program's version.
    pub(crate) version: &'static str,
    /// Where and as whose it is enrolled; null unless it is unlocked and enrolled.
    #[schema(required)]
    pub(crate) enrolment: Option<EnrolmentView>,
}

/// How far a device is from being worked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// There is none in the folder yet.
    New,
    /// There is one; its passphrase opens it.
    Locked,
    /// It is open.
    Unlocked,
}

/// Where and as whose a device is enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EnrolmentView {
    /// The server's address.
    pub(crate) server: String,
    pub(crate) device: DeviceId,
    /// The account's name.
    pub(crate) user: String,
    /// The person's name.
    pub(crate) name: TextJson,
}

impl DeviceState {
    /// Of a folder and the device that is open in it, if one is.
    pub(crate) fn of(home: &Home, device: Option<&Device>) -> Result<Self, Error> {
        let version = env!("CARGO_PKG_VERSION");
        let Some(device) = device else {
            // A database without its keys is no empty folder: nobody must be invited to start afresh.
            let is_new = !home.keys().exists() && !home.database().exists();
            let phase = if is_new { Phase::New } else { Phase::Locked };
            return Ok(Self { phase, version, enrolment: None });
        };
        let enrolment = match device.enrolment() {
            Ok(enrolment) => Some(EnrolmentView::from(enrolment)),
            Err(Error::NotEnrolled) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { phase: Phase::Unlocked, version, enrolment })
    }
}

impl From<Enrolment> for EnrolmentView {
    fn from(enrolment: Enrolment) -> Self {
        let Enrolment { server, device, person } = enrolment;
        Self { server, device, user: person.user, name: person.name }
    }
}

/// The passphrase that opens the device.
#[derive(Deserialize, ToSchema, ZeroizeOnDrop)]
pub(crate) struct Passphrase {
    pub(crate) passphrase: String,
}

/// A change of the passphrase.
#[derive(Deserialize, ToSchema, ZeroizeOnDrop)]
pub(crate) struct NewPassphrase {
    /// The one that opens the device now.
    pub(crate) old: String,
    /// The one that shall.
    pub(crate) new: String,
}

/// Signs in to a server, once, to enrol the device there.
#[derive(Deserialize, ToSchema, ZeroizeOnDrop)]
pub(crate) struct Enrol {
    /// The server's address.
    pub(crate) server: String,
    /// The account's name.
    pub(crate) user: String,
    /// The account's password.
    pub(crate) password: String,
    /// A name by which its owner knows the device.
    pub(crate) device_name: String,
}
