//! What evidence looks like where it lies: encrypted, each object under a key of its own.
//!
//! An object is a magic, a random nonce and XChaCha20-Poly1305 over its bytes. Its key is derived from
//! the server's and from the object's name, which is also associated with the bytes: an object that was
//! put in another's place does not open.

use std::sync::Arc;

use bytes::Bytes;
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use futures_util::TryStreamExt as _;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use super::place::EvidencePlace;
use crate::error::Error;
use crate::keys::{Keys, random_bytes};

/// What an encrypted object begins with; its last digit is the version.
const MAGIC: &[u8; 8] = b"MIZANE1\n";
const NONCE: usize = 24;
const HEAD: usize = MAGIC.len() + NONCE;
/// What encryption adds to the bytes.
pub(super) const TAG: usize = 16;
/// Whole files in memory at once: each takes up to three times 20 MiB while it is checked.
const FILES_AT_ONCE: usize = 2;

/// The evidence and the parts of uploads, where they lie.
pub(crate) struct Vault {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    keys: Arc<Keys>,
    at_once: Semaphore,
}

/// A part of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The upload.
    pub(crate) upload: Uuid,
    /// Where its bytes begin in the file.
    pub(crate) start: u64,
    /// How many they are.
    pub(crate) bytes: u64,
    /// Tells it from another part at the same place.
    pub(crate) id: Uuid,
}

impl Vault {
    /// Opens the place where evidence lies.
    pub(crate) async fn open(place: &EvidencePlace, keys: Arc<Keys>) -> Result<Self, Error> {
        let (objects, prefix) = place.open().await?;
        Ok(Self { objects, prefix, keys, at_once: Semaphore::new(FILES_AT_ONCE) })
    }

    /// Waits until a whole file may be taken into memory.
    pub(crate) async fn room(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.at_once.acquire().await.map_err(|_| Error::Stopped)
    }

    /// Waits until no whole file is taken in.
    pub(crate) async fn alone(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.at_once.acquire_many(FILES_AT_ONCE as u32).await.map_err(|_| Error::Stopped)
    }

    /// Takes a file away for good. One that is not there is none the less gone.
    pub(crate) async fn remove(&self, sha256: Digest) -> Result<(), Error> {
        match self.objects.delete(&self.file_name(sha256)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a file under the digest of its bytes; it is durable when this returns.
    pub(crate) async fn put(&self, sha256: Digest, bytes: Vec<u8>) -> Result<(), Error> {
        let name = self.file_name(sha256);
        self.write(&name, file_label(sha256), bytes).await
    }

    /// Reads a file back and holds it against its digest. One from before files were encrypted is read
    /// as it lies.
    pub(crate) async fn read(&self, sha256: Digest) -> Result<Vec<u8>, Error> {
        let stored = self.objects.get(&self.file_name(sha256)).await?.bytes().await?;
        let keys = Arc::clone(&self.keys);
        let open = move || {
            let is_whole = |bytes: &Vec<u8>| Digest::of(bytes) == sha256;
            let opened = open(&keys, &file_label(sha256), &stored).filter(is_whole);
            opened.or_else(|| Some(stored.to_vec()).filter(is_whole)).ok_or_else(|| {
                Error::Refused(ErrorBody::new("evidence.hash_mismatch").with("named", sha256))
            })
        };
        tokio::task::spawn_blocking(open).await.unwrap_or(Err(Error::Stopped))
    }

    /// Keeps a part of an upload; it is durable when this returns, and counts once it is recorded.
    pub(crate) async fn put_part(
        &self,
        upload: Uuid,
        start: u64,
        bytes: Vec<u8>,
    ) -> Result<Part, Error> {
        let part = Part { upload, start, bytes: bytes.len() as u64, id: Uuid::new_v4() };
        self.write(&self.part_name(part), part_label(part), bytes).await?;
        Ok(part)
    }

    /// Reads a part of an upload back; `None` when it is not there or not as it was.
    pub(crate) async fn read_part(&self, part: Part) -> Result<Option<Vec<u8>>, Error> {
        let stored = match self.objects.get(&self.part_name(part)).await {
            Ok(stored) => stored.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let opened = open(&self.keys, &part_label(part), &stored);
        Ok(opened.filter(|bytes| bytes.len() as u64 == part.bytes))
    }

    /// Takes parts away that count no longer. What stays behind only takes room, until the upload goes.
    pub(crate) async fn remove_parts(&self, parts: &[Part]) {
        for part in parts {
            if let Err(error) = self.objects.delete(&self.part_name(*part)).await {
                tracing::warn!(cause = %error, "a part of an upload was not taken away");
            }
        }
    }

    /// Takes everything of an upload away.
    pub(crate) async fn remove_upload(&self, upload: Uuid) -> Result<(), Error> {
        let folder = self.upload_name(upload);
        let found: Vec<_> = self.objects.list(Some(&folder)).try_collect().await?;
        for object in found {
            match self.objects.delete(&object.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn write(&self, name: &Path, label: Vec<u8>, bytes: Vec<u8>) -> Result<(), Error> {
        let keys = Arc::clone(&self.keys);
        let seal = move || seal(&keys, &label, bytes);
        let sealed = tokio::task::spawn_blocking(seal).await.unwrap_or(Err(Error::Stopped))?;
        self.objects.put(name, sealed.into_iter().collect::<PutPayload>()).await?;
        Ok(())
    }

    fn file_name(&self, sha256: Digest) -> Path {
        let name = sha256.to_string();
        self.prefix.clone().join(&name[..2]).join(name.as_str())
    }

    fn upload_name(&self, upload: Uuid) -> Path {
        self.prefix.clone().join("uploads").join(upload.simple().to_string())
    }

    fn part_name(&self, part: Part) -> Path {
        self.upload_name(part.upload).join(format!("{}-{}", part.start, part.id.simple()))
    }
}

fn file_label(sha256: Digest) -> Vec<u8> {
    [b"mizan evidence\0".as_slice(), sha256.as_bytes()].concat()
}

fn part_label(part: Part) -> Vec<u8> {
    let (upload, id, start) = (part.upload.into_bytes(), part.id.into_bytes(), part.start);
    [b"mizan upload\0".as_slice(), &upload, &start.to_be_bytes(), &id].concat()
}

/// The head and the body of an encrypted object.
fn seal(keys: &Keys, label: &[u8], mut bytes: Vec<u8>) -> Result<[Bytes; 2], Error> {
    let nonce = random_bytes::<NONCE>()?;
    let head = [MAGIC.as_slice(), &nonce].concat();
    let cipher = XChaCha20Poly1305::new((&*keys.object_key(label)).into());
    let associated = [MAGIC.as_slice(), label].concat();
    bytes.reserve_exact(TAG);
    let sealed = cipher.encrypt_in_place(&XNonce::from(nonce), &associated, &mut bytes);
    sealed.map_err(|_| Error::Stopped)?;
    Ok([head.into(), bytes.into()])
}

/// The bytes of an encrypted object; `None` for anything this server did not write under this label.
fn open(keys: &Keys, label: &[u8], stored: &[u8]) -> Option<Vec<u8>> {
    let (head, body) = stored.split_at_checked(HEAD)?;
    let nonce: [u8; NONCE] = head.strip_prefix(MAGIC)?.try_into().ok()?;
    let cipher = XChaCha20Poly1305::new((&*keys.object_key(label)).into());
    let associated = [MAGIC.as_slice(), label].concat();
    let mut bytes = body.to_vec();
    cipher.decrypt_in_place(&XNonce::from(nonce), &associated, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn keys(seed: u8) -> Keys {
        Keys::from_seed(&Zeroizing::new([seed; 32]))
    }

    fn sealed(keys: &Keys, label: &[u8]) -> Vec<u8> {
        seal(keys, label, b"a photo".to_vec()).unwrap().concat()
    }

    #[test]
    fn an_object_opens_only_for_its_server_and_its_name() {
        let stored = sealed(&keys(7), b"one");
        assert!(stored.starts_with(MAGIC) && !stored.windows(5).any(|part| part == b"photo"));
        assert_eq!(open(&keys(7), b"one", &stored).unwrap(), b"a photo");
        assert_eq!(open(&keys(7), b"two", &stored), None, "another name");
        assert_eq!(open(&keys(8), b"one", &stored), None, "another server");
        assert_ne!(sealed(&keys(7), b"one"), stored, "two objects never look alike");
    }

    #[test]
    fn an_object_that_is_cut_or_bent_does_not_open() {
        let stored = sealed(&keys(7), b"one");
        for length in 0..stored.len() {
            assert_eq!(open(&keys(7), b"one", &stored[..length]), None, "cut to {length}");
        }
        for at in 0..stored.len() {
            let mut bent = stored.clone();
            bent[at] ^= 1;
            assert_eq!(open(&keys(7), b"one", &bent), None, "bent at {at}");
        }
    }
}
