//! Why a bundle or an answer is not taken in: each fault by its name, with its values and its remedy.

use std::io;

use crate::code::ErrorBody;
use crate::signature::{BundleKey, NotSigned};

/// Why a bundle or an answer is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum BundleFault {
    /// The file is something else.
    #[error("the file is not a bundle; choose the file that the device wrote (….mizb)")]
    NotABundle,
    /// The file is something else.
    #[error("the file is not an answer to a bundle; choose the file that the server wrote")]
    NotAnAnswer,
    /// The file was written by a later version.
    #[error("the file has version {found}, this program knows up to {known}; update the program")]
    Newer {
        /// Its version.
        found: String,
        /// The newest version known.
        known: u32,
    },
    /// It is encrypted to another server's key.
    #[error("the bundle is for another server, one with the key {recipient}")]
    OtherServer {
        /// The key it is encrypted to.
        recipient: BundleKey,
    },
    /// Bytes were changed, or are missing, or are too many.
    #[error("the file is damaged or incomplete at byte {at}; copy it again")]
    Damaged {
        /// Where the chunk begins that does not open.
        at: u64,
    },
    /// It opens, and what it says is not of the expected shape.
    #[error("what the file says is not understood: {reason}")]
    NotUnderstood {
        /// What is wrong.
        reason: String,
    },
    /// The manifest is not signed by the device it names.
    #[error("the bundle is not signed by the device it names: {0}")]
    NotSigned(#[from] NotSigned),
    /// The server's key is one that hides nothing.
    #[error("the server's bundle key is not a usable key; sync once to receive it anew")]
    WeakKey,
    /// The file cannot be read or written.
    #[error("reading or writing the bundle: {0}")]
    Io(#[from] io::Error),
}

impl BundleFault {
    /// The stable code by which the fault crosses a boundary.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotABundle => "bundle.not_a_bundle",
            Self::NotAnAnswer => "bundle.not_an_answer",
            Self::Newer { .. } => "bundle.newer_version",
            Self::OtherServer { .. } => "bundle.not_for_server",
            Self::Damaged { .. } | Self::NotUnderstood { .. } => "bundle.damaged",
            Self::NotSigned(_) => "bundle.not_signed",
            Self::WeakKey => "bundle.no_server_key",
            Self::Io(_) => "device.storage",
        }
    }

    /// The fault with its values, as it crosses a boundary.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        let body = ErrorBody::new(self.code());
        match self {
            Self::Newer { found, known } => body.with("found", found).with("known", known),
            Self::OtherServer { recipient } => body.with("recipient", recipient),
            Self::Damaged { at } => body.with("at", at),
            Self::NotUnderstood { reason } => body.with("reason", reason),
            Self::NotABundle
            | Self::NotAnAnswer
            | Self::NotSigned(_)
            | Self::WeakKey
            | Self::Io(_) => body,
        }
    }
}
