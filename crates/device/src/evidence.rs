//! Evidence files: encrypted, named by the digest of their plain bytes, written before their row.
//!
//! The format is XChaCha20-Poly1305 STREAM (big-endian counter, last-block flag) over chunks of
//! 64 KiB; the digest is associated with every chunk, so a file cannot stand in for another.

use std::fs;
use std::path::{Path, PathBuf};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::Payload;
use mizan_protocol::canonical::Digest;
use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::home::write_whole;
use crate::keys::random;

const CHUNK: usize = 64 << 10;
const TAG: usize = 16;
/// XChaCha's 24 bytes less the counter and the flag of the stream.
const NONCE: usize = 19;

/// The key of one evidence file; it is kept in the encrypted database alone.
#[derive(Clone)]
pub(crate) struct FileKey {
    pub(crate) key: Zeroizing<[u8; 32]>,
    pub(crate) nonce: [u8; NONCE],
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(…)")
    }
}

impl FileKey {
    /// A key for one file.
    pub(crate) fn random(rng: &mut dyn CryptoRng) -> Self {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        Self { key: random(rng), nonce }
    }
}

/// Where a piece of evidence lies.
pub(crate) fn path_of(folder: &Path, sha256: &Digest) -> PathBuf {
    folder.join(sha256.to_string())
}

/// Encrypts and writes a file; it is on the disk under its name when this returns.
pub(crate) fn write(
    folder: &Path,
    sha256: &Digest,
    key: &FileKey,
    plain: &[u8],
) -> Result<(), Error> {
    write_whole(&path_of(folder, sha256), &seal(sha256, key, plain))
}

/// Reads a file back and holds it against its digest.
pub(crate) fn read(folder: &Path, sha256: &Digest, key: &FileKey) -> Result<Vec<u8>, Error> {
    let path = path_of(folder, sha256);
    let sealed = fs::read(&path).map_err(Error::file("reading", &path))?;
    let plain = open(sha256, key, &sealed).filter(|plain| Digest::of(plain) == *sha256);
    plain.ok_or_else(|| Error::EvidenceBroken { sha256: *sha256, path })
}

/// Takes away what a crash left half-written; no row ever named it.
pub(crate) fn sweep(folder: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(Error::file("reading", folder))?;
    for entry in entries {
        let entry = entry.map_err(Error::file("reading", folder))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(".tmp") {
            fs::remove_file(&path).map_err(Error::file("removing", &path))?;
        }
    }
    Ok(())
}

fn seal(sha256: &Digest, key: &FileKey, plain: &[u8]) -> Vec<u8> {
    let mut stream =
        EncryptorBE32::<XChaCha20Poly1305>::new((&*key.key).into(), (&key.nonce).into());
    let mut sealed = Vec::with_capacity(plain.len() + TAG * (plain.len() / CHUNK + 1));
    let mut chunks = plain.chunks(CHUNK).peekable();
    while let Some(msg) = chunks.next() {
        let payload = Payload { msg, aad: sha256.as_bytes() };
        let fits = "20 MiB are far fewer chunks than the stream counts";
        if chunks.peek().is_some() {
            sealed.extend(stream.encrypt_next(payload).expect(fits));
        } else {
            sealed.extend(stream.encrypt_last(payload).expect(fits));
            break;
        }
    }
    sealed
}

fn open(sha256: &Digest, key: &FileKey, sealed: &[u8]) -> Option<Vec<u8>> {
    let mut stream =
        DecryptorBE32::<XChaCha20Poly1305>::new((&*key.key).into(), (&key.nonce).into());
    let mut plain = Vec::with_capacity(sealed.len());
    let mut chunks = sealed.chunks(CHUNK + TAG).peekable();
    while let Some(msg) = chunks.next() {
        let payload = Payload { msg, aad: sha256.as_bytes() };
        if chunks.peek().is_some() {
            plain.extend(stream.decrypt_next(payload).ok()?);
        } else {
            plain.extend(stream.decrypt_last(payload).ok()?);
            return Some(plain);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn sealed(length: usize) -> (Digest, FileKey, Vec<u8>, Vec<u8>) {
        let mut rng = StdRng::seed_from_u64(1);
        let key = FileKey::random(&mut rng);
        let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let sha256 = Digest::of(&plain);
        let sealed = seal(&sha256, &key, &plain);
        (sha256, key, plain, sealed)
    }

    #[test]
    fn every_length_around_a_chunk_reads_back() {
        for length in [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77] {
            let (sha256, key, plain, sealed) = sealed(length);
            assert_eq!(sealed.len(), length + TAG * length.div_ceil(CHUNK));
            assert_eq!(open(&sha256, &key, &sealed).as_ref(), Some(&plain), "{length}");
        }
    }

    #[test]
    fn a_file_that_is_cut_swapped_or_bent_does_not_open() {
        let (sha256, key, _, sealed) = sealed(3 * CHUNK);
        let step = CHUNK + TAG;
        assert_eq!(open(&sha256, &key, &sealed[..2 * step]), None, "cut at a chunk");
        assert_eq!(open(&sha256, &key, &sealed[..sealed.len() - 1]), None, "cut in a chunk");
        let swapped = [&sealed[step..2 * step], &sealed[..step], &sealed[2 * step..]].concat();
        assert_eq!(open(&sha256, &key, &swapped), None, "chunks exchanged");
        let mut bent = sealed.clone();
        bent[5] ^= 1;
        assert_eq!(open(&sha256, &key, &bent), None, "one bit turned");
        assert_eq!(open(&Digest::of(b"other"), &key, &sealed), None, "another name");
    }
}
