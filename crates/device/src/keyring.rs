//! The system's keyring, behind a trait so that tests bring their own.
//!
//! On Linux it is the Secret Service over D-Bus: its absence (no desktop session) is an ordinary,
//! named error. Call it from a thread without an async runtime: the Linux store blocks.

use zeroize::Zeroizing;

use crate::error::Error;

/// Where the system keeps a secret for its user.
pub trait Keyring {
    /// The secret of an account.
    ///
    /// # Errors
    /// [`Error::KeyringUnavailable`].
    fn get(&self, account: &str) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// Keeps a secret for an account.
    ///
    /// # Errors
    /// [`Error::KeyringUnavailable`].
    fn set(&self, account: &str, secret: &[u8]) -> Result<(), Error>;

    /// Forgets an account; one that is not there is no error.
    ///
    /// # Errors
    /// [`Error::KeyringUnavailable`].
    fn delete(&self, account: &str) -> Result<(), Error>;
}

/// The keyring of this system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeyring;

const SERVICE: &str = "mizan-device";

impl Keyring for SystemKeyring {
    fn get(&self, account: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        entry(account)?.get_secret().map(Zeroizing::new).map_err(unavailable)
    }

    fn set(&self, account: &str, secret: &[u8]) -> Result<(), Error> {
        entry(account)?.set_secret(secret).map_err(unavailable)
    }

    fn delete(&self, account: &str) -> Result<(), Error> {
        match entry(account)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}

fn entry(account: &str) -> Result<keyring::Entry, Error> {
    if let Err(error) = keyring::Entry::store_status() {
        return Err(Error::KeyringUnavailable { reason: error.to_string() });
    }
    keyring::Entry::new(SERVICE, account).map_err(unavailable)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn unavailable(error: keyring::Error) -> Error {
    // Two variants of the error carry the secret itself, so only the harmless part is told.
    let reason = match &error {
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(_, _) => {
            "its entry is not readable".to_owned()
        }
        _ => error.to_string(),
    };
    Error::KeyringUnavailable { reason }
}
