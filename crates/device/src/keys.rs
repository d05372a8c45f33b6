//! The database key and the slots it is wrapped in, kept in `keys.json` beside the database.
//!
//! The key itself never touches the disk in clear. Each slot is wrapped with XChaCha20-Poly1305 under
//! its own name, so that no slot can be passed off as another. No slot is tried behind the caller's
//! back: a keyring that is missing is an error, and the caller asks for the passphrase.

use std::fmt;
use std::fs;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use rand::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::home::write_whole;
use crate::keyring::Keyring;

/// The fewest characters of a passphrase.
pub const MIN_PASSPHRASE_CHARS: usize = 8;
/// The most memory a key file may ask for, in KiB: a forged file must not exhaust the machine.
const MAX_MEMORY_KIB: u32 = 1 << 20;
/// The most passes a key file may ask for.
const MAX_PASSES: u32 = 64;
const FORMAT: u32 = 1;

/// What a guess of the passphrase costs: memory and passes of argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// For people's devices: 64 MiB, two passes; OWASP's floor is 19 MiB and two.
    pub const STANDARD: Self = Self { memory_kib: 64 << 10, passes: 2 };
    /// For tests alone: guards nothing, costs nothing.
    pub const TEST: Self = Self { memory_kib: 8, passes: 1 };
}

/// How a device is unlocked.
pub enum Unlock<'a> {
    /// By the passphrase.
    Passphrase(Zeroizing<String>),
    /// By the system's keyring.
    Keyring(&'a dyn Keyring),
    /// By the programme's secret recovery key (X25519).
    Recovery(Zeroizing<[u8; 32]>),
}

impl Unlock<'_> {
    /// By the passphrase.
    #[must_use]
    pub fn passphrase(passphrase: &str) -> Self {
        Self::Passphrase(Zeroizing::new(passphrase.to_owned()))
    }
}

impl fmt::Debug for Unlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase(_) => "Unlock::Passphrase(…)",
            Self::Keyring(_) => "Unlock::Keyring(…)",
            Self::Recovery(_) => "Unlock::Recovery(…)",
        })
    }
}

/// The random key of the database; never printed, wiped from memory when dropped.
#[derive(Clone)]
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    /// A new key.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        Self(random(rng))
    }

    /// The statement that hands the raw key to SQLCipher; it skips SQLCipher's own derivation.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(hex::encode(self.0.as_slice()));
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", digits.as_str()))
    }
}

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

/// The wrapped copies of one database key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyFile {
    format: u32,
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "slot", rename_all = "snake_case")]
enum Slot {
    Passphrase {
        cost: Cost,
        salt: Base64,
        wrapped: Wrapped,
    },
    Keyring {
        account: String,
        wrapped: Wrapped,
    },
    /// A sealed box: the wrapping key comes from an ephemeral key and the programme's public key.
    Recovery {
        ephemeral: Base64,
        public_key: Base64,
        wrapped: Wrapped,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Wrapped {
    nonce: Base64,
    key: Base64,
}

/// Bytes written as base64.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Base64(Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Slot {
    /// The name that is bound into the wrapping, so that slots cannot be exchanged.
    fn name(&self) -> &'static str {
        match self {
            Self::Passphrase { .. } => "passphrase",
            Self::Keyring { .. } => "keyring",
            Self::Recovery { .. } => "recovery",
        }
    }
}

impl KeyFile {
    /// A key file whose only slot is a passphrase.
    ///
    /// # Errors
    /// [`Error::PassphraseTooShort`].
    pub fn new(
        key: &DatabaseKey,
        passphrase: &str,
        cost: Cost,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, Error> {
        let slot = passphrase_slot(key, passphrase, cost, rng)?;
        Ok(Self { format: FORMAT, slots: vec![slot] })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`Error::KeyFile`] when it is damaged or of a later format.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(Error::file("reading", path))?;
        let refuse = |reason: String| Error::KeyFile { path: path.to_owned(), reason };
        let file: Self =
            serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
        if file.format != FORMAT {
            return Err(refuse(format!("format {}, known is {FORMAT}", file.format)));
        }
        Ok(file)
    }

    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).expect("texts and numbers are always JSON");
        write_whole(path, &text)
    }

    /// The database key.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`], [`Error::WrongRecoveryKey`], [`Error::KeyringUnavailable`] or
    /// [`Error::NoSlot`].
    pub fn unlock(&self, unlock: &Unlock<'_>) -> Result<DatabaseKey, Error> {
        match unlock {
            Unlock::Passphrase(passphrase) => self.unlock_by_passphrase(passphrase),
            Unlock::Keyring(keyring) => self.unlock_by_keyring(*keyring),
            Unlock::Recovery(secret) => self.unlock_by_recovery(secret),
        }
    }

    /// Replaces the passphrase; the other slots stay.
    ///
    /// # Errors
    /// [`Error::PassphraseTooShort`].
    pub fn set_passphrase(
        &mut self,
        key: &DatabaseKey,
        passphrase: &str,
        cost: Cost,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), Error> {
        self.put(passphrase_slot(key, passphrase, cost, rng)?);
        Ok(())
    }

    /// Adds or renews the slot of the system's keyring.
    ///
    /// # Errors
    /// [`Error::KeyringUnavailable`]; the file is unchanged then and the passphrase still opens it.
    pub fn set_keyring(
        &mut self,
        key: &DatabaseKey,
        keyring: &dyn Keyring,
        account: &str,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), Error> {
        let wrapping = random(rng);
        keyring.set(account, wrapping.as_slice())?;
        let wrapped = wrap(key, &wrapping, "keyring", rng);
        self.put(Slot::Keyring { account: account.to_owned(), wrapped });
        Ok(())
    }

    /// Adds or renews the slot of the programme's public recovery key.
    pub fn set_recovery(&mut self, key: &DatabaseKey, public: &[u8; 32], rng: &mut dyn CryptoRng) {
        let public = &PublicKey::from(*public);
        let ephemeral = StaticSecret::random_from_rng(rng);
        let public_ephemeral = PublicKey::from(&ephemeral);
        let shared = ephemeral.diffie_hellman(public);
        let wrapping = recovery_wrapping(shared.as_bytes(), &public_ephemeral, public);
        self.put(Slot::Recovery {
            ephemeral: Base64(public_ephemeral.as_bytes().to_vec()),
            public_key: Base64(public.as_bytes().to_vec()),
            wrapped: wrap(key, &wrapping, "recovery", rng),
        });
    }

    /// The names of the slots there are.
    #[must_use]
    pub fn slot_names(&self) -> Vec<&'static str> {
        self.slots.iter().map(Slot::name).collect()
    }

    /// The account under which the keyring holds its half, where there is such a slot.
    #[must_use]
    pub fn keyring_account(&self) -> Option<&str> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Keyring { account, .. } => Some(account.as_str()),
            Slot::Passphrase { .. } | Slot::Recovery { .. } => None,
        })
    }

    fn put(&mut self, slot: Slot) {
        self.slots.retain(|other| other.name() != slot.name());
        self.slots.push(slot);
    }

    fn unlock_by_passphrase(&self, passphrase: &str) -> Result<DatabaseKey, Error> {
        let found = self.slots.iter().find_map(|slot| match slot {
            Slot::Passphrase { cost, salt, wrapped } => Some((cost, salt, wrapped)),
            Slot::Keyring { .. } | Slot::Recovery { .. } => None,
        });
        let (cost, salt, wrapped) = found.ok_or(Error::NoSlot { slot: "passphrase" })?;
        let wrapping = derive(passphrase, *cost, &salt.0).ok_or(Error::WrongPassphrase)?;
        unwrap(wrapped, &wrapping, "passphrase").ok_or(Error::WrongPassphrase)
    }

    fn unlock_by_keyring(&self, keyring: &dyn Keyring) -> Result<DatabaseKey, Error> {
        let found = self.slots.iter().find_map(|slot| match slot {
            Slot::Keyring { account, wrapped } => Some((account, wrapped)),
            Slot::Passphrase { .. } | Slot::Recovery { .. } => None,
        });
        let (account, wrapped) = found.ok_or(Error::NoSlot { slot: "keyring" })?;
        let secret = keyring.get(account)?;
        let unavailable =
            || Error::KeyringUnavailable { reason: "it holds another device's key".into() };
        let wrapping = <[u8; 32]>::try_from(secret.as_slice()).map_err(|_| unavailable())?;
        unwrap(wrapped, &Zeroizing::new(wrapping), "keyring").ok_or_else(unavailable)
    }

    fn unlock_by_recovery(&self, secret: &[u8; 32]) -> Result<DatabaseKey, Error> {
        let secret = StaticSecret::from(*secret);
        let found = self.slots.iter().find_map(|slot| match slot {
            Slot::Recovery { ephemeral, wrapped, .. } => Some((ephemeral, wrapped)),
            Slot::Passphrase { .. } | Slot::Keyring { .. } => None,
        });
        let (ephemeral, wrapped) = found.ok_or(Error::NoSlot { slot: "recovery key" })?;
        let ephemeral =
            <[u8; 32]>::try_from(ephemeral.0.as_slice()).map_err(|_| Error::WrongRecoveryKey)?;
        let ephemeral = PublicKey::from(ephemeral);
        let shared = secret.diffie_hellman(&ephemeral);
        let wrapping = recovery_wrapping(shared.as_bytes(), &ephemeral, &PublicKey::from(&secret));
        unwrap(wrapped, &wrapping, "recovery").ok_or(Error::WrongRecoveryKey)
    }
}

/// The public half of a recovery key, to be given to devices.
#[must_use]
pub fn recovery_public(secret: &Zeroizing<[u8; 32]>) -> [u8; 32] {
    *PublicKey::from(&StaticSecret::from(**secret)).as_bytes()
}

/// Fills 32 bytes that are wiped when dropped.
pub(crate) fn random(rng: &mut dyn CryptoRng) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(bytes.as_mut_slice());
    bytes
}

fn passphrase_slot(
    key: &DatabaseKey,
    passphrase: &str,
    cost: Cost,
    rng: &mut dyn CryptoRng,
) -> Result<Slot, Error> {
    let chars = passphrase.chars().count();
    if chars < MIN_PASSPHRASE_CHARS {
        return Err(Error::PassphraseTooShort { chars, min: MIN_PASSPHRASE_CHARS });
    }
    let mut salt = [0; 16];
    rng.fill_bytes(&mut salt);
    let Cost { memory_kib, passes } = cost;
    let wrapping = derive(passphrase, cost, &salt).ok_or(Error::BadCost { memory_kib, passes })?;
    let wrapped = wrap(key, &wrapping, "passphrase", rng);
    Ok(Slot::Passphrase { cost, salt: Base64(salt.to_vec()), wrapped })
}

/// The wrapping key of a passphrase; `None` when the cost or the salt is out of bounds.
fn derive(passphrase: &str, cost: Cost, salt: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    if cost.memory_kib > MAX_MEMORY_KIB || cost.passes > MAX_PASSES {
        return None;
    }
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut wrapping = Zeroizing::new([0; 32]);
    argon2.hash_password_into(passphrase.as_bytes(), salt, wrapping.as_mut_slice()).ok()?;
    Some(wrapping)
}

/// HKDF-SHA-256 of the shared secret, bound to both public keys.
fn recovery_wrapping(
    shared: &[u8; 32],
    ephemeral: &PublicKey,
    public: &PublicKey,
) -> Zeroizing<[u8; 32]> {
    let salt = [ephemeral.as_bytes().as_slice(), public.as_bytes()].concat();
    let mut wrapping = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(&salt), shared)
        .expand(b"mizan device recovery slot v1", wrapping.as_mut_slice())
        .expect("32 bytes are within what HKDF-SHA-256 gives");
    wrapping
}

fn wrap(key: &DatabaseKey, wrapping: &[u8; 32], slot: &str, rng: &mut dyn CryptoRng) -> Wrapped {
    let mut nonce = [0; 24];
    rng.fill_bytes(&mut nonce);
    let aad = associated(slot);
    let payload = Payload { msg: key.0.as_slice(), aad: aad.as_bytes() };
    let sealed = XChaCha20Poly1305::new(wrapping.into())
        .encrypt(&XNonce::from(nonce), payload)
        .expect("32 bytes are within what the cipher takes");
    Wrapped { nonce: Base64(nonce.to_vec()), key: Base64(sealed) }
}

fn unwrap(wrapped: &Wrapped, wrapping: &[u8; 32], slot: &str) -> Option<DatabaseKey> {
    let nonce = XNonce::from(<[u8; 24]>::try_from(wrapped.nonce.0.as_slice()).ok()?);
    let aad = associated(slot);
    let payload = Payload { msg: wrapped.key.0.as_slice(), aad: aad.as_bytes() };
    let plain = XChaCha20Poly1305::new(wrapping.into()).decrypt(&nonce, payload).ok()?;
    let plain = Zeroizing::new(plain);
    let key = <[u8; 32]>::try_from(plain.as_slice()).ok()?;
    Some(DatabaseKey(Zeroizing::new(key)))
}

fn associated(slot: &str) -> String {
    format!("mizan device key v{FORMAT} {slot}")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[derive(Default)]
    struct MemoryKeyring(RefCell<BTreeMap<String, Vec<u8>>>);

    impl Keyring for MemoryKeyring {
        fn get(&self, account: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
            let found = self.0.borrow().get(account).cloned();
            let missing = || Error::KeyringUnavailable { reason: "no entry".into() };
            found.map(Zeroizing::new).ok_or_else(missing)
        }

        fn set(&self, account: &str, secret: &[u8]) -> Result<(), Error> {
            self.0.borrow_mut().insert(account.to_owned(), secret.to_vec());
            Ok(())
        }

        fn delete(&self, account: &str) -> Result<(), Error> {
            self.0.borrow_mut().remove(account);
            Ok(())
        }
    }

    fn made() -> (DatabaseKey, KeyFile, StdRng) {
        let mut rng = StdRng::seed_from_u64(7);
        let key = DatabaseKey::random(&mut rng);
        let file = KeyFile::new(&key, "a long passphrase", Cost::TEST, &mut rng).unwrap();
        (key, file, rng)
    }

    #[test]
    fn each_slot_gives_the_same_key_back() {
        let (key, mut file, mut rng) = made();
        let keyring = MemoryKeyring::default();
        file.set_keyring(&key, &keyring, "here", &mut rng).unwrap();
        let secret = random(&mut rng);
        file.set_recovery(&key, &recovery_public(&secret), &mut rng);
        assert_eq!(file.slot_names(), ["passphrase", "keyring", "recovery"]);
        for unlock in [
            Unlock::passphrase("a long passphrase"),
            Unlock::Keyring(&keyring),
            Unlock::Recovery(secret),
        ] {
            assert_eq!(*file.unlock(&unlock).unwrap().0, *key.0, "{unlock:?}");
        }
    }

    #[test]
    fn a_wrong_passphrase_or_recovery_key_gives_nothing() {
        let (key, mut file, mut rng) = made();
        let wrong = file.unlock(&Unlock::passphrase("a long passphrasE"));
        assert!(matches!(wrong, Err(Error::WrongPassphrase)));
        let secret = random(&mut rng);
        let none = file.unlock(&Unlock::Recovery(secret.clone()));
        assert!(matches!(none, Err(Error::NoSlot { .. })));
        let other = random(&mut rng);
        file.set_recovery(&key, &recovery_public(&other), &mut rng);
        let wrong = file.unlock(&Unlock::Recovery(secret));
        assert!(matches!(wrong, Err(Error::WrongRecoveryKey)));
    }

    #[test]
    fn a_new_passphrase_replaces_the_old_one_and_keeps_the_other_slots() {
        let (key, mut file, mut rng) = made();
        let keyring = MemoryKeyring::default();
        file.set_keyring(&key, &keyring, "here", &mut rng).unwrap();
        file.set_passphrase(&key, "another passphrase", Cost::TEST, &mut rng).unwrap();
        assert!(file.unlock(&Unlock::passphrase("a long passphrase")).is_err());
        assert!(file.unlock(&Unlock::passphrase("another passphrase")).is_ok());
        assert!(file.unlock(&Unlock::Keyring(&keyring)).is_ok());
    }

    #[test]
    fn an_absent_keyring_is_an_error_and_never_a_silent_fall_back() {
        let (key, mut file, mut rng) = made();
        file.set_keyring(&key, &MemoryKeyring::default(), "here", &mut rng).unwrap();
        let unlocked = file.unlock(&Unlock::Keyring(&MemoryKeyring::default()));
        assert!(matches!(unlocked, Err(Error::KeyringUnavailable { .. })));
    }

    #[test]
    fn a_wrapped_key_does_not_open_under_another_slots_name() {
        let (key, _, mut rng) = made();
        let wrapping = random(&mut rng);
        let wrapped = wrap(&key, &wrapping, "keyring", &mut rng);
        assert!(unwrap(&wrapped, &wrapping, "keyring").is_some());
        assert!(unwrap(&wrapped, &wrapping, "passphrase").is_none());
    }

    #[test]
    fn a_key_file_that_asks_for_too_much_memory_is_refused() {
        let cost = Cost { memory_kib: u32::MAX, passes: 2 };
        assert!(derive("a long passphrase", cost, &[0; 16]).is_none());
    }
}
