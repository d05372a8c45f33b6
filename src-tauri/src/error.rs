//! What the shell itself may refuse, as the page sees it: `{code, params}`.

use std::io;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A command of the shell that did not do what it was asked for. Says nothing of names or contents.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The page did not keep to the form of a call.
    #[error("the call is malformed: {0}")]
    BadCall(&'static str),
    /// The handler of a call ended without an answer.
    #[error("the call ended without an answer")]
    BrokeOff,
    /// A file could not be written where the person wanted it.
    #[error("the file was not written")]
    NotWritten(#[source] io::Error),
    /// Not a file of the last drop.
    #[error("the last drop had no such file")]
    NoSuchFile,
    /// A dropped file could not be read.
    #[error("the dropped file was not read")]
    NotRead(#[source] io::Error),
}

impl Error {
    fn code(&self) -> &'static str {
        match self {
            Self::BadCall(_) => "host.bad_call",
            Self::BrokeOff => "host.broke_off",
            Self::NotWritten(_) => "host.not_written",
            Self::NoSuchFile => "host.no_such_file",
            Self::NotRead(_) => "host.not_read",
        }
    }

    fn reason(&self) -> Option<String> {
        match self {
            Self::BadCall(reason) => Some((*reason).to_owned()),
            Self::NotWritten(error) | Self::NotRead(error) => Some(error.kind().to_string()),
            Self::BrokeOff | Self::NoSuchFile => None,
        }
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reason = self.reason().map(|reason| ("reason", reason));
        let params: std::collections::BTreeMap<_, _> = reason.into_iter().collect();
        let mut body = serializer.serialize_struct("ErrorBody", 2)?;
        body.serialize_field("code", self.code())?;
        body.serialize_field("params", &params)?;
        body.end()
    }
}
