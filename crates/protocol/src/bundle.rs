//! Sealed bundles: a sync carried by hand, out as one file and back as another.
//!
//! A **bundle** is what a device would send over the network, encrypted to the server's bundle key and
//! signed by the device. An **answer** is what the server would have said, encrypted under a key that
//! only the device and the server know. Whoever carries either learns nothing and can change nothing.
//!
//! ```text
//! bundle = "MIZANB1\n" recipient(32) ephemeral(32) STREAM( length(4) manifest signature(64) files… )
//! answer = "MIZANA1\n" bundle(16)    nonce(19)     STREAM( answer )
//! ```
//!
//! `recipient` is the server's public X25519 key, `ephemeral` one made for this file; key and nonce of a
//! bundle come from both by HKDF-SHA-256. STREAM is XChaCha20-Poly1305 over chunks of 64 KiB, the head of
//! the file associated with every chunk. The files' bytes follow each other in the manifest's order;
//! the signed manifest names the digest of each. No disk, no clock, no randomness: all come with the call.

mod fault;
mod key;
mod stream;

use std::io::{self, Read, Write};

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use x25519_dalek::{PublicKey as SharedKey, StaticSecret};
use zeroize::Zeroizing;

use self::stream::{SealedReader, SealedWriter};
use crate::canonical::{Digest, canonical_json};
use crate::code::ErrorBody;
use crate::id::{BundleId, DeviceId};
use crate::signature::{BundleKey, PublicKey, SecretKey, Signature};
use crate::sync::{EvidenceQuery, PullRequest, PullResponse, PushRequest, PushResponse};

pub use self::fault::BundleFault;
pub use self::key::{AnswerKey, BundleSecret};

/// The version of both files that this code writes.
pub const SCHEMA: u32 = 1;
/// The most bytes of a bundle.
pub const MAX_BUNDLE_BYTES: u64 = 1 << 30;
/// The most bytes of its manifest.
pub const MAX_MANIFEST_BYTES: u32 = 256 << 20;
/// The most pushes of a bundle; each has up to 1 MiB, so that they fit the manifest.
pub const MAX_PUSHES: usize = 200;
/// The most bytes of its files, so that a bundle with all of them and a full manifest is accepted.
pub const MAX_FILE_BYTES: u64 = 704 << 20;
/// The random bytes that begin an answer's stream.
pub const NONCE_BYTES: usize = stream::NONCE;

const BUNDLE_MAGIC: &[u8; 8] = b"MIZANB1\n";
const ANSWER_MAGIC: &[u8; 8] = b"MIZANA1\n";
const SIGNATURE_BYTES: usize = 64;

/// What is in a bundle, files aside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this shape, [`SCHEMA`].
    pub schema: u32,
    /// The bundle.
    pub bundle: BundleId,
    /// The device that made and signed it.
    pub device: DeviceId,
    /// When, milliseconds since 1970 UTC by the device's clock.
    pub made_at: i64,
    /// What the answer is to be encrypted under.
    pub answer_key: AnswerKey,
    /// What would be pushed, each within the limits of a push.
    pub push: Vec<PushRequest>,
    /// What would be pulled.
    pub pull: PullRequest,
    /// What the server would be asked whether it lacks it: also files that are not in this bundle.
    pub evidence: EvidenceQuery,
    /// The files that follow, in their order.
    pub files: Vec<BundledFile>,
}

/// One file in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledFile {
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its media type, such as `image/jpeg`.
    pub media_type: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// What the server says to a bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The version of this shape, [`SCHEMA`].
    pub schema: u32,
    /// The bundle it answers.
    pub bundle: BundleId,
    /// Orders the answers to one device: a higher mark was made later.
    pub mark: i64,
    /// The outcomes, one response for each push of the bundle.
    pub push: Vec<PushResponse>,
    /// Which of the files asked about the server has now.
    pub evidence_present: Vec<Digest>,
    /// Which of them it lacks.
    pub evidence_missing: Vec<Digest>,
    /// Which of the bundle's files it would not have, and why.
    pub evidence_refused: Vec<RefusedFile>,
    /// The pages of each granted stream, oldest first.
    pub pages: Vec<PullResponse>,
}

/// A file the server would not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFile {
    /// The file.
    pub sha256: Digest,
    /// Why.
    pub error: ErrorBody,
}

/// Writes a bundle. `ephemeral` is 32 random bytes used for no other file; `read` gives the bytes of
/// each file of the manifest when its turn comes, so that only one is in memory.
///
/// # Errors
/// What `read` meets, or [`BundleFault`]: an unusable key, a file of another length than the manifest
/// says, or a disk that does not take the bytes.
pub fn seal_bundle<E: From<BundleFault>>(
    out: &mut dyn Write,
    manifest: &Manifest,
    device: &SecretKey,
    server: &BundleKey,
    ephemeral: &Zeroizing<[u8; 32]>,
    mut read: impl FnMut(&BundledFile) -> Result<Vec<u8>, E>,
) -> Result<(), E> {
    let ephemeral = StaticSecret::from(**ephemeral);
    let public = SharedKey::from(&ephemeral);
    let shared = ephemeral.diffie_hellman(&SharedKey::from(*server.as_bytes()));
    if !shared.was_contributory() {
        return Err(BundleFault::WeakKey.into());
    }
    let head = [BUNDLE_MAGIC.as_slice(), server.as_bytes(), public.as_bytes()].concat();
    let (key, nonce) = bundle_stream_key(shared.as_bytes(), &head);
    let text = canonical_json(manifest).map_err(not_understood)?;
    let length = u32::try_from(text.len()).ok().filter(|length| *length <= MAX_MANIFEST_BYTES);
    let length = length.ok_or_else(|| too_long(text.len() as u64))?;
    let signature = device.sign(signed_text(server, &text).as_bytes());
    out.write_all(&head).map_err(BundleFault::from)?;
    let mut sealed = SealedWriter::new(out, &key, &nonce, head);
    sealed.write(&length.to_be_bytes()).map_err(BundleFault::from)?;
    sealed.write(text.as_bytes()).map_err(BundleFault::from)?;
    sealed.write(signature.as_bytes()).map_err(BundleFault::from)?;
    for file in &manifest.files {
        let bytes = read(file)?;
        if bytes.len() as u64 != file.bytes {
            let reason = format!("{} has {} bytes, not {}", file.sha256, bytes.len(), file.bytes);
            return Err(BundleFault::NotUnderstood { reason }.into());
        }
        sealed.write(&bytes).map_err(BundleFault::from)?;
    }
    Ok(sealed.finish().map_err(BundleFault::from)?)
}

/// A bundle that is being read: the manifest is there, its signature to be checked, the files to come.
#[derive(Debug)]
pub struct OpenBundle<R> {
    /// What is in it.
    pub manifest: Manifest,
    signed: String,
    signature: Signature,
    files: std::vec::IntoIter<BundledFile>,
    plain: SealedReader<R>,
}

impl<R: Read> OpenBundle<R> {
    /// Opens a bundle for the server whose key it is encrypted to, up to its manifest. Nothing of it may
    /// be acted on before [`OpenBundle::verify`], nor before every file was read to the end.
    ///
    /// # Errors
    /// [`BundleFault`].
    pub fn open(mut input: R, secret: &BundleSecret) -> Result<Self, BundleFault> {
        let magic: [u8; 8] = head_bytes(&mut input, BundleFault::NotABundle)?;
        check_magic(&magic, BUNDLE_MAGIC, BundleFault::NotABundle)?;
        let cut = || BundleFault::Damaged { at: magic.len() as u64 };
        let recipient = BundleKey::from_bytes(head_bytes(&mut input, cut())?);
        if recipient != secret.public() {
            return Err(BundleFault::OtherServer { recipient });
        }
        let ephemeral: [u8; 32] = head_bytes(&mut input, cut())?;
        let head = [magic.as_slice(), recipient.as_bytes(), &ephemeral].concat();
        let shared = secret.secret().diffie_hellman(&SharedKey::from(ephemeral));
        let (key, nonce) = bundle_stream_key(shared.as_bytes(), &head);
        let mut plain = SealedReader::new(input, &key, &nonce, head);
        let mut length = [0; 4];
        plain.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > MAX_MANIFEST_BYTES {
            return Err(too_long(u64::from(length)));
        }
        let mut text = Vec::new();
        plain.copy(u64::from(length), &mut text)?;
        let text = String::from_utf8(text).map_err(not_understood)?;
        let mut signature = [0; SIGNATURE_BYTES];
        plain.read_exact(&mut signature)?;
        let manifest: Manifest = read_versioned(&text)?;
        let files = manifest.files.clone().into_iter();
        let signed = signed_text(&recipient, &text);
        Ok(Self { manifest, signed, signature: Signature::from_bytes(signature), files, plain })
    }

    /// Holds the signature against the key of the device the manifest names.
    ///
    /// # Errors
    /// [`BundleFault::NotSigned`].
    pub fn verify(&self, device: &PublicKey) -> Result<(), BundleFault> {
        Ok(device.verify(self.signed.as_bytes(), &self.signature)?)
    }

    /// Writes the bytes of the next file to `out` and names it; `None` when there is no more and the
    /// bundle ends where it should. The caller holds the bytes against the digest.
    ///
    /// # Errors
    /// [`BundleFault`].
    pub fn next_file(&mut self, out: &mut dyn Write) -> Result<Option<BundledFile>, BundleFault> {
        let Some(file) = self.files.next() else {
            self.plain.end()?;
            return Ok(None);
        };
        self.plain.copy(file.bytes, out)?;
        Ok(Some(file))
    }
}

/// The file that answers a bundle. `nonce` is random bytes used for no other answer.
///
/// # Errors
/// When the answer cannot be JSON; its types make that impossible in practice.
pub fn seal_answer(
    answer: &Answer,
    key: &AnswerKey,
    nonce: &[u8; NONCE_BYTES],
) -> Result<Vec<u8>, BundleFault> {
    let head = [ANSWER_MAGIC.as_slice(), answer.bundle.0.as_bytes(), nonce].concat();
    let text = canonical_json(answer).map_err(not_understood)?;
    let mut file = head.clone();
    let mut sealed = SealedWriter::new(&mut file, key.as_bytes(), nonce, head);
    sealed.write(text.as_bytes())?;
    sealed.finish()?;
    Ok(file)
}

/// The bundle that a file answers, by which the device finds the key.
///
/// # Errors
/// [`BundleFault::NotAnAnswer`], [`BundleFault::Newer`], [`BundleFault::Damaged`].
pub fn answered_bundle(mut file: &[u8]) -> Result<BundleId, BundleFault> {
    let magic: [u8; 8] = head_bytes(&mut file, BundleFault::NotAnAnswer)?;
    check_magic(&magic, ANSWER_MAGIC, BundleFault::NotAnAnswer)?;
    let id = head_bytes(&mut file, BundleFault::Damaged { at: magic.len() as u64 })?;
    Ok(BundleId(uuid::Uuid::from_bytes(id)))
}

/// Opens an answer with the key that its bundle carried.
///
/// # Errors
/// [`BundleFault`].
pub fn open_answer(file: &[u8], key: &AnswerKey) -> Result<Answer, BundleFault> {
    let bundle = answered_bundle(file)?;
    let at = ANSWER_MAGIC.len() + bundle.0.as_bytes().len();
    let mut rest = file.get(at..).unwrap_or_default();
    let nonce: [u8; NONCE_BYTES] = head_bytes(&mut rest, BundleFault::Damaged { at: at as u64 })?;
    let head = file.get(..at + NONCE_BYTES).unwrap_or_default().to_vec();
    let mut text = Vec::new();
    SealedReader::new(rest, key.as_bytes(), &nonce, head).copy_all(&mut text)?;
    let answer: Answer = read_versioned(&String::from_utf8(text).map_err(not_understood)?)?;
    if answer.bundle != bundle {
        return Err(not_understood("it answers another bundle than its head names"));
    }
    Ok(answer)
}

/// Key and nonce of a bundle's stream, bound to everything in its head.
fn bundle_stream_key(shared: &[u8; 32], head: &[u8]) -> (Zeroizing<[u8; 32]>, [u8; stream::NONCE]) {
    let mut both = Zeroizing::new([0; 32 + stream::NONCE]);
    Hkdf::<Sha256>::new(Some(head), shared)
        .expand(b"mizan bundle v1", both.as_mut_slice())
        .expect("51 bytes are within what HKDF-SHA-256 gives");
    let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; stream::NONCE]);
    key.copy_from_slice(&both[..32]);
    nonce.copy_from_slice(&both[32..]);
    (key, nonce)
}

/// What a device signs: the manifest's digest in a sentence that nothing else signs, with the server it
/// is for, so that a bundle cannot be passed on to another.
fn signed_text(server: &BundleKey, manifest: &str) -> String {
    format!("mizan bundle {server} {}", Digest::of(manifest.as_bytes()))
}

fn check_magic(
    found: &[u8; 8],
    expected: &[u8; 8],
    not_one: BundleFault,
) -> Result<(), BundleFault> {
    if found == expected {
        return Ok(());
    }
    let version = found.strip_prefix(&expected[..6]).and_then(|rest| rest.strip_suffix(b"\n"));
    match version {
        Some([digit]) if digit.is_ascii_digit() && *digit > b'1' => {
            Err(BundleFault::Newer { found: char::from(*digit).to_string(), known: SCHEMA })
        }
        Some(_) | None => Err(not_one),
    }
}

fn head_bytes<const N: usize>(
    input: &mut impl Read,
    too_short: BundleFault,
) -> Result<[u8; N], BundleFault> {
    let mut bytes = [0; N];
    match input.read_exact(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(too_short),
        Err(error) => Err(error.into()),
    }
}

/// The version is read before the rest, so that a later shape is named and not merely misunderstood.
fn read_versioned<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, BundleFault> {
    #[derive(Deserialize)]
    struct Versioned {
        schema: u32,
    }
    let Versioned { schema } = serde_json::from_str(text).map_err(not_understood)?;
    if schema > SCHEMA {
        return Err(BundleFault::Newer { found: schema.to_string(), known: SCHEMA });
    }
    serde_json::from_str(text).map_err(not_understood)
}

fn not_understood(reason: impl ToString) -> BundleFault {
    BundleFault::NotUnderstood { reason: reason.to_string() }
}

fn too_long(bytes: u64) -> BundleFault {
    not_understood(format!("the manifest has {bytes} bytes; at most {MAX_MANIFEST_BYTES}"))
}

#[cfg(test)]
mod tests;
