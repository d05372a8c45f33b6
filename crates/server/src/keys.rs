//! The server's secrets, kept in one file that only its owner can read.

use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use mizan_protocol::bundle::BundleSecret;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::PersonId;
use mizan_protocol::signature::SecretKey;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;

/// The length of an XChaCha20-Poly1305 nonce.
const NONCE_LEN: usize = 24;

/// The server's signing key and what is derived from it.
pub struct Keys {
    /// Signs published scorecards.
    pub signing: SecretKey,
    /// Opens the bundles of devices that meet no network.
    pub bundles: BundleSecret,
    cursors: XChaCha20Poly1305,
    pseudonyms: Zeroizing<[u8; 32]>,
    names: Zeroizing<[u8; 32]>,
    second_factors: XChaCha20Poly1305,
    evidence: Zeroizing<[u8; 32]>,
    pages: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Reads the key file, or makes it.
    ///
    /// # Errors
    /// When the file cannot be read or written, or does not hold a key.
    pub fn load_or_create(path: &Path) -> Result<Self, Error> {
        let file_error = |source| Error::File { path: path.to_owned(), source };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                let seed = random_bytes::<32>()?;
                let text = Zeroizing::new(hex::encode(seed));
                write_private(path, &text).map_err(file_error)?;
                text
            }
            Err(source) => return Err(file_error(source)),
        };
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), seed.as_mut()).map_err(|_| {
            let what = "this is not the server's key; restore it from a backup";
            file_error(std::io::Error::new(std::io::ErrorKind::InvalidData, what))
        })?;
        Ok(Self::from_seed(&seed))
    }

    /// Reads the key file of a folder that must have one.
    ///
    /// # Errors
    /// As [`Keys::load_or_create`], and when there is no file.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file_error = |source| Error::File { path: path.to_owned(), source };
        std::fs::metadata(path).map_err(file_error)?;
        Self::load_or_create(path)
    }

    pub(crate) fn from_seed(seed: &Zeroizing<[u8; 32]>) -> Self {
        let derive = |purpose: &str| {
            let input = Zeroizing::new([purpose.as_bytes(), seed.as_ref()].concat());
            Zeroizing::new(*Digest::of(&input).as_bytes())
        };
        Self {
            signing: SecretKey::from_seed(seed),
            bundles: BundleSecret::from_seed(&derive("mizan bundles")),
            cursors: XChaCha20Poly1305::new(&Key::from(*derive("mizan cursors"))),
            pseudonyms: derive("mizan pseudonyms"),
            names: derive("mizan sign-in names"),
            second_factors: XChaCha20Poly1305::new(&Key::from(*derive("mizan second factors"))),
            evidence: expand(seed.as_ref(), b"mizan evidence"),
            pages: expand(seed.as_ref(), b"mizan pages"),
        }
    }

    /// Makes a cursor that tells its holder nothing, bound to its stream.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn seal_cursor(&self, stream: &str, epoch: u64, seq: i64) -> Result<String, Error> {
        let nonce = random_bytes::<NONCE_LEN>()?;
        let plain = [epoch.to_be_bytes(), seq.to_be_bytes()].concat();
        let payload = Payload { msg: &plain, aad: stream.as_bytes() };
        let sealed = self.cursors.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::Stopped)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// The epoch and sequence of a cursor; `None` for anything this server did not make for this
    /// stream.
    #[must_use]
    pub fn open_cursor(&self, stream: &str, cursor: &str) -> Option<(u64, i64)> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = XNonce::from(<[u8; NONCE_LEN]>::try_from(nonce).ok()?);
        let payload = Payload { msg: sealed, aad: stream.as_bytes() };
        let plain = self.cursors.decrypt(&nonce, payload).ok()?;
        let (epoch, seq) = plain.split_at_checked(8)?;
        let epoch = u64::from_be_bytes(epoch.try_into().ok()?);
        Some((epoch, i64::from_be_bytes(seq.try_into().ok()?)))
    }

    /// The key of one object of the evidence, by the label that names it.
    pub(crate) fn object_key(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        expand(self.evidence.as_ref(), label)
    }

    /// A name for an evaluator within one cycle that says nothing of who it is.
    #[must_use]
    pub fn pseudonym(&self, cycle: &[u8], person: &[u8]) -> String {
        let input = [self.pseudonyms.as_slice(), cycle, person].concat();
        format!("E-{}", &Digest::of(&input).to_string()[..6])
    }

    /// Under what the tries to sign in with a name are counted: the name cannot be read from it, nor
    /// found by hashing a list of names without this server's key.
    #[must_use]
    pub(crate) fn name_hash(&self, user: &str) -> Digest {
        Digest::of(&[self.names.as_slice(), user.as_bytes()].concat())
    }

    /// What the page of a session by cookie must show. It follows from the token, so that a page that was
    /// loaded again is told it again; whoever has it has not the token.
    #[must_use]
    pub(crate) fn shown_by_pages(&self, token: &str) -> String {
        hex::encode(expand(self.pages.as_ref(), token.as_bytes()).as_slice())
    }

    /// Encrypts the secret of a person's second factor, bound to that person.
    pub(crate) fn seal_factor(&self, person: PersonId, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = random_bytes::<NONCE_LEN>()?;
        let payload = Payload { msg: secret, aad: person.0.as_bytes() };
        let sealed = self.second_factors.encrypt(&XNonce::from(nonce), payload);
        Ok([nonce.as_slice(), &sealed.map_err(|_| Error::Stopped)?].concat())
    }

    /// The secret of a person's second factor.
    pub(crate) fn open_factor(
        &self,
        person: PersonId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let unreadable = || Error::Column { column: 0, expected: "a second factor of this server" };
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| unreadable())?;
        let payload = Payload { msg: sealed, aad: person.0.as_bytes() };
        let secret = self.second_factors.decrypt(&XNonce::from(nonce), payload);
        secret.map(Zeroizing::new).map_err(|_| unreadable())
    }

    /// What stands for an id to those who may not know it; the same each time.
    #[must_use]
    pub(crate) fn alias(&self, kind: &str, id: &str) -> String {
        let input = Zeroizing::new(
            [self.pseudonyms.as_slice(), b"alias", kind.as_bytes(), &[0], id.as_bytes()].concat(),
        );
        format!("{kind}-{}", &Digest::of(&input).to_string()[..16])
    }
}

/// A key from a key, by HKDF-SHA-256.
fn expand(from: &[u8], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let length = "32 bytes are one block of SHA-256";
    Hkdf::<Sha256>::new(None, from).expand(label, key.as_mut()).expect(length);
    key
}

/// Random bytes from the operating system.
///
/// # Errors
/// When there are none.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_a_bundle_key_of_its_own_that_does_not_change() {
        let key = |seed: u8| Keys::from_seed(&Zeroizing::new([seed; 32])).bundles.public();
        assert_eq!(key(7), key(7), "a restart or a restored key file gives the same");
        assert_ne!(key(7), key(8));
    }

    #[test]
    fn a_second_factor_opens_for_its_person_and_its_server_alone() {
        let keys = Keys::from_seed(&Zeroizing::new([7; 32]));
        let other = Keys::from_seed(&Zeroizing::new([8; 32]));
        let (person, stranger) = (PersonId(uuid::Uuid::now_v7()), PersonId(uuid::Uuid::now_v7()));
        let sealed = keys.seal_factor(person, b"twenty bytes of it..").unwrap();
        assert_eq!(keys.open_factor(person, &sealed).unwrap().as_slice(), b"twenty bytes of it..");
        assert!(keys.open_factor(stranger, &sealed).is_err(), "a row moved to another person");
        assert!(other.open_factor(person, &sealed).is_err());
        assert_ne!(keys.name_hash("rasha"), other.name_hash("rasha"));
    }

    #[test]
    fn a_cursor_opens_only_for_its_stream_and_its_server() {
        let keys = Keys::from_seed(&Zeroizing::new([7; 32]));
        let other = Keys::from_seed(&Zeroizing::new([8; 32]));
        let cursor = keys.seal_cursor("E:1", 5, 42).unwrap();
        assert_eq!(keys.open_cursor("E:1", &cursor), Some((5, 42)));
        assert_eq!(keys.open_cursor("E:2", &cursor), None);
        assert_eq!(other.open_cursor("E:1", &cursor), None);
        assert_eq!(keys.open_cursor("E:1", "forged"), None);
        assert_ne!(keys.seal_cursor("E:1", 5, 42).unwrap(), cursor, "two cursors never look alike");
    }
}
