//! The stream of a sealed file: XChaCha20-Poly1305 STREAM over chunks of 64 KiB.
//!
//! The last chunk is marked as the last, so that a file that is cut off at a chunk does not open.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::Payload;
use zeroize::Zeroizing;

use super::BundleFault;

/// Plain bytes of a chunk.
pub(super) const CHUNK: usize = 64 << 10;
/// What sealing adds to a chunk.
pub(super) const TAG: usize = 16;
/// XChaCha's 24 bytes less the counter and the flag of the stream.
pub(super) const NONCE: usize = 19;

/// Seals what is written to it.
pub(super) struct SealedWriter<'a> {
    out: &'a mut dyn Write,
    stream: EncryptorBE32<XChaCha20Poly1305>,
    associated: Vec<u8>,
    chunk: Zeroizing<Vec<u8>>,
}

impl<'a> SealedWriter<'a> {
    pub(super) fn new(
        out: &'a mut dyn Write,
        key: &[u8; 32],
        nonce: &[u8; NONCE],
        associated: Vec<u8>,
    ) -> Self {
        let stream = EncryptorBE32::new(key.into(), nonce.into());
        Self { out, stream, associated, chunk: Zeroizing::new(Vec::with_capacity(CHUNK)) }
    }

    /// A full chunk waits until more comes: only then is it known not to be the last.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK {
                let payload = Payload { msg: &self.chunk, aad: &self.associated };
                let sealed = self.stream.encrypt_next(payload).map_err(|_| too_long())?;
                self.out.write_all(&sealed)?;
                self.chunk.clear();
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<()> {
        let payload = Payload { msg: &self.chunk, aad: &self.associated };
        let sealed = self.stream.encrypt_last(payload).map_err(|_| too_long())?;
        self.out.write_all(&sealed)?;
        self.out.flush()
    }
}

/// The stream counts its chunks in 32 bits: 256 TiB.
fn too_long() -> io::Error {
    io::Error::other("the file is longer than the stream counts")
}

/// Opens what is read through it; bytes are given out only from chunks that opened.
pub(super) struct SealedReader<R> {
    input: R,
    /// `None` once the last chunk was opened.
    stream: Option<DecryptorBE32<XChaCha20Poly1305>>,
    associated: Vec<u8>,
    /// The sealed chunk that is next: whether anything follows it tells whether it is the last.
    ahead: Option<Vec<u8>>,
    /// Where that chunk begins in the file.
    at: u64,
    plain: Zeroizing<Vec<u8>>,
    given: usize,
}

impl<R> std::fmt::Debug for SealedReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedReader").field("at", &self.at).finish_non_exhaustive()
    }
}

impl<R: Read> SealedReader<R> {
    pub(super) fn new(input: R, key: &[u8; 32], nonce: &[u8; NONCE], associated: Vec<u8>) -> Self {
        let stream = Some(DecryptorBE32::new(key.into(), nonce.into()));
        let at = associated.len() as u64;
        let plain = Zeroizing::default();
        Self { input, stream, associated, ahead: None, at, plain, given: 0 }
    }

    pub(super) fn read_exact(&mut self, mut out: &mut [u8]) -> Result<(), BundleFault> {
        self.copy(out.len() as u64, &mut out)
    }

    /// Writes exactly so many bytes to `out`.
    pub(super) fn copy(&mut self, mut bytes: u64, out: &mut dyn Write) -> Result<(), BundleFault> {
        while bytes > 0 {
            if self.given == self.plain.len() && !self.open_next()? {
                return Err(BundleFault::Damaged { at: self.at });
            }
            let open = &self.plain[self.given..];
            let now = open.len().min(usize::try_from(bytes).unwrap_or(usize::MAX));
            out.write_all(&open[..now])?;
            self.given += now;
            bytes -= now as u64;
        }
        Ok(())
    }

    /// Writes everything to the end to `out`.
    pub(super) fn copy_all(&mut self, out: &mut dyn Write) -> Result<(), BundleFault> {
        while self.open_next()? {
            out.write_all(&self.plain)?;
            self.given = self.plain.len();
        }
        Ok(())
    }

    /// Makes sure that nothing is left and that the last chunk was the one marked as the last.
    pub(super) fn end(&mut self) -> Result<(), BundleFault> {
        while self.given == self.plain.len() {
            if !self.open_next()? {
                return Ok(());
            }
        }
        Err(BundleFault::Damaged { at: self.at })
    }

    /// Opens the next chunk; `false` after the last.
    fn open_next(&mut self) -> Result<bool, BundleFault> {
        let Some(mut stream) = self.stream.take() else { return Ok(false) };
        let sealed = match self.ahead.take() {
            Some(sealed) => sealed,
            None => self.read_chunk()?,
        };
        let following = self.read_chunk()?;
        let payload = Payload { msg: &sealed, aad: &self.associated };
        let opened = if following.is_empty() {
            stream.decrypt_last(payload)
        } else {
            let opened = stream.decrypt_next(payload);
            self.stream = Some(stream);
            self.ahead = Some(following);
            opened
        };
        let opened = opened.map_err(|_| BundleFault::Damaged { at: self.at })?;
        self.at += sealed.len() as u64;
        self.plain = Zeroizing::new(opened);
        self.given = 0;
        Ok(true)
    }

    fn read_chunk(&mut self) -> io::Result<Vec<u8>> {
        let mut chunk = Vec::with_capacity(CHUNK + TAG);
        (&mut self.input).take((CHUNK + TAG) as u64).read_to_end(&mut chunk)?;
        Ok(chunk)
    }
}
