//! The headers of the tus protocol 1.0.0: read, and refused by name.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// The version spoken.
pub(crate) const VERSION: &str = "1.0.0";
/// What is spoken beside the core.
pub(crate) const EXTENSIONS: &str = "creation,creation-with-upload,checksum,termination,expiration";
/// The algorithms of checksums.
pub(crate) const ALGORITHMS: &str = "sha1,sha256";

/// The media type of bytes of an upload.
const OCTETS: &str = "application/offset+octet-stream";
/// The longest `Upload-Metadata` that is kept.
const MAX_METADATA: usize = 1024;

/// What a new upload is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Creation {
    /// How many bytes.
    pub(crate) length: u64,
    /// Their digest.
    pub(crate) sha256: Digest,
    /// Their media type.
    pub(crate) media_type: String,
    /// All that was said of them, as it was said.
    pub(crate) metadata: String,
}

/// Reads the headers that create an upload.
pub(crate) fn creation(headers: &HeaderMap) -> Result<Creation, Error> {
    let length = number(headers, "upload-length")?;
    let length = length.ok_or_else(|| refused("Upload-Length", "the number of bytes"))?;
    let metadata = text(headers, "upload-metadata")?.unwrap_or_default();
    if metadata.len() > MAX_METADATA {
        return Err(refused("Upload-Metadata", "at most 1024 characters"));
    }
    let sha256 = named(metadata, "sha256")?.to_lowercase();
    let sha256 = sha256.parse().map_err(|_| refused("Upload-Metadata", "sha256 in hexadecimal"))?;
    let media_type = named(metadata, "filetype")?;
    Ok(Creation { length, sha256, media_type, metadata: metadata.to_owned() })
}

/// One value of `Upload-Metadata`, whose names stand before their values in base64.
fn named(metadata: &str, name: &str) -> Result<String, Error> {
    let mut pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let value = pairs.find(|(key, _)| *key == name).map(|(_, value)| value.trim());
    let bytes = value.and_then(|value| STANDARD.decode(value).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| refused("Upload-Metadata", "sha256 and filetype, each in base64"))
}

/// Where the bytes of the request begin in the file.
pub(crate) fn offset(headers: &HeaderMap) -> Result<u64, Error> {
    number(headers, "upload-offset")?.ok_or_else(|| refused("Upload-Offset", "the bytes so far"))
}

/// How many bytes the request announces.
pub(crate) fn announced(headers: &HeaderMap) -> Result<Option<u64>, Error> {
    number(headers, CONTENT_LENGTH.as_str())
}

/// Refuses bytes that are not sent as those of an upload.
pub(crate) fn require_octets(headers: &HeaderMap) -> Result<(), Error> {
    if is_octets(headers) { Ok(()) } else { Err(Error::refused("upload.content_type")) }
}

/// Whether a request that creates an upload brings bytes of it along.
pub(crate) fn brings_bytes(headers: &HeaderMap) -> Result<bool, Error> {
    match announced(headers)? {
        // Without a length there may be bytes, and with none there is nothing to judge.
        None if !headers.contains_key("transfer-encoding") => Ok(false),
        Some(0) => Ok(false),
        None | Some(_) => require_octets(headers).map(|()| true),
    }
}

fn is_octets(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes() == OCTETS.as_bytes())
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<Option<u64>, Error> {
    let Some(text) = text(headers, name)? else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.map(Some).ok_or_else(|| refused(name, "a whole number"))
}

fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Error> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    value.to_str().map(Some).map_err(|_| refused(name, "plain characters"))
}

fn refused(header: &str, allowed: &str) -> Error {
    let body = ErrorBody::new("upload.header").with("header", header);
    Error::Refused(body.with("allowed", allowed))
}

/// What the bytes of a request are held against.
#[derive(Debug, Clone)]
pub(crate) struct Checksum {
    running: Running,
    expected: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Running {
    Sha1(Sha1),
    Sha256(Sha256),
}

/// The checksum of a request, if it names one.
pub(crate) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Error> {
    let Some(text) = text(headers, "upload-checksum")? else { return Ok(None) };
    let allowed = || refused("Upload-Checksum", "sha1 or sha256, and the checksum in base64");
    let (algorithm, value) = text.split_once(' ').ok_or_else(allowed)?;
    let running = match algorithm {
        "sha1" => Running::Sha1(Sha1::new()),
        "sha256" => Running::Sha256(Sha256::new()),
        _ => return Err(allowed()),
    };
    let expected = STANDARD.decode(value.trim()).map_err(|_| allowed())?;
    Ok(Some(Checksum { running, expected }))
}

impl Checksum {
    /// Takes more bytes in.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match &mut self.running {
            Running::Sha1(hash) => hash.update(bytes),
            Running::Sha256(hash) => hash.update(bytes),
        }
    }

    /// Whether the bytes are those that were sent.
    pub(crate) fn matches(self) -> bool {
        match self.running {
            Running::Sha1(hash) => hash.finalize().as_slice() == self.expected,
            Running::Sha256(hash) => hash.finalize().as_slice() == self.expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
        match outcome {
            Err(Error::Refused(body)) => body.code,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    #[test]
    fn metadata_are_names_with_values_in_base64() {
        let sha256 = Digest::of(b"abc");
        let value = STANDARD.encode(sha256.to_string().to_uppercase());
        let metadata = format!("is_confidential,sha256 {value}, filetype aW1hZ2UvanBlZw==");
        let read = creation(&headers(&[("upload-length", "3"), ("upload-metadata", &metadata)]));
        let expected = Creation { length: 3, sha256, media_type: "image/jpeg".into(), metadata };
        assert_eq!(read.unwrap(), expected);
    }

    #[test]
    fn headers_that_are_missing_or_wrong_are_refused() {
        let good = format!("sha256 {},filetype YQ==", STANDARD.encode(Digest::of(b"").to_string()));
        let long = format!("{good},x {}", "A".repeat(MAX_METADATA));
        let rows: [(&str, &[(&str, &str)]); 7] = [
            ("no length", &[("upload-metadata", &good)]),
            ("deferred", &[("upload-defer-length", "1"), ("upload-metadata", &good)]),
            ("negative", &[("upload-length", "-1"), ("upload-metadata", &good)]),
            ("signed", &[("upload-length", "+1"), ("upload-metadata", &good)]),
            ("no metadata", &[("upload-length", "1")]),
            ("no digest", &[("upload-length", "1"), ("upload-metadata", "filetype YQ==")]),
            ("long", &[("upload-length", "1"), ("upload-metadata", &long)]),
        ];
        for (title, pairs) in rows {
            let pairs: Vec<(&'static str, &str)> = pairs
                .iter()
                .map(|(name, value)| (Box::leak((*name).to_owned().into_boxed_str()) as _, *value))
                .collect();
            assert_eq!(code(creation(&headers(&pairs))), "upload.header", "{title}");
        }
        assert_eq!(code(offset(&headers(&[]))), "upload.header");
        let octets = headers(&[("content-length", "5"), ("content-type", "text/plain")]);
        assert_eq!(code(brings_bytes(&octets)), "upload.content_type");
        assert!(!brings_bytes(&headers(&[("content-length", "0")])).unwrap());
    }

    /// The example of the protocol: `Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=` is that of
    /// "hello world".
    #[test]
    fn a_checksum_is_that_of_all_bytes() {
        let sha1 = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
        let sha256 = format!("sha256 {}", STANDARD.encode(Digest::of(b"hello world").as_bytes()));
        for given in [sha1, sha256.as_str()] {
            for (bytes, expected) in [("hello world", true), ("hello worlds", false)] {
                let read = checksum(&headers(&[("upload-checksum", given)])).unwrap();
                let mut checksum = read.unwrap();
                bytes.as_bytes().chunks(3).for_each(|part| checksum.update(part));
                assert_eq!(checksum.matches(), expected, "{given} of {bytes}");
            }
        }
        for given in ["md5 YQ==", "sha1", "sha256 %"] {
            let refused = checksum(&headers(&[("upload-checksum", given)]));
            assert_eq!(code(refused), "upload.header", "{given}");
        }
    }
}
