//! Sends a file by the tus protocol 1.0.0, in parts, from where the server says it stands.
//!
//! Where the file is on its way is committed before its first byte is sent, so that a later sync, also
//! after a crash, goes on there. What had come before a cut counts, so that every line gets a file through
//! in the end, however often it breaks; the digest of the whole is checked on the server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mizan_protocol::evaluation::EvidenceRef;
use mizan_protocol::proof::{Site, reached};

use crate::error::Error;
use crate::exchange::{Caller, lock};
use crate::transport::{Method, Reply, Request, Transport};

/// The bytes of a part; the server keeps parts of the same size.
const PART: usize = 256 << 10;
/// Where uploads lie; no other address is taken for one.
const UPLOADS: &str = "/api/evidence/uploads";
/// How often a part may fail without the file having got any further.
const MAX_SETBACKS: u32 = 5;

/// A file on its way.
struct Standing {
    path: String,
    offset: u64,
}

/// Sends a file. The server has it, checked, when this returns.
pub(crate) async fn send<T: Transport>(
    caller: &mut Caller<'_, T>,
    file: &EvidenceRef,
    bytes: &[u8],
) -> Result<(), Error> {
    let mut setbacks = 0;
    let mut standing = resume(caller, file, bytes.len()).await?;
    while standing.offset < bytes.len() as u64 {
        let failed = match send_part(caller, &standing, bytes).await {
            Ok(offset) => {
                reached(Site::DevicePartSent);
                standing.offset = offset;
                setbacks = 0;
                continue;
            }
            Err(failed) => failed,
        };
        match &failed {
            // It stands elsewhere, is gone, or came only in part: ask, and go on from there.
            Error::Refused { status: 404 | 409 | 410 | 460, .. } | Error::Cut { .. } => {}
            Error::Refused { status: 400..500, .. } => {
                lock(caller.device).forget_upload(&file.sha256)?;
                return Err(failed);
            }
            _ => return Err(failed),
        }
        let before = standing.offset;
        standing = resume(caller, file, bytes.len()).await?;
        setbacks = if standing.offset > before { 0 } else { setbacks + 1 };
        if setbacks == MAX_SETBACKS {
            return Err(failed);
        }
        if setbacks > 0 {
            caller.back_off(setbacks, 0).await;
        }
    }
    // Where it was on its way is forgotten with the note that it was sent.
    Ok(())
}

/// Where a file stands that was begun before, or else a new beginning.
async fn resume<T: Transport>(
    caller: &mut Caller<'_, T>,
    file: &EvidenceRef,
    length: usize,
) -> Result<Standing, Error> {
    let known = lock(caller.device).upload_of(&file.sha256)?;
    if let Some(path) = known {
        match caller.renewing(request(Method::Head, &path, Vec::new())).await {
            Ok(reply) => return standing(path, &reply, length),
            Err(Error::Refused { status: 403 | 404 | 410, .. }) => {
                lock(caller.device).forget_upload(&file.sha256)?;
            }
            Err(other) => return Err(other),
        }
    }
    let mut request = request(Method::Post, UPLOADS, Vec::new());
    let (sha256, filetype) = (file.sha256.to_string(), &file.media_type);
    let metadata =
        format!("sha256 {},filetype {}", STANDARD.encode(sha256), STANDARD.encode(filetype));
    request.headers.push(("upload-length", length.to_string()));
    request.headers.push(("upload-metadata", metadata));
    let reply = caller.renewing(request).await?;
    let place = reply.location.as_deref().unwrap_or_default();
    let rest = place.strip_prefix(UPLOADS).and_then(|rest| rest.strip_prefix('/'));
    let is_plain = |rest: &&str| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if rest.filter(|rest| !rest.is_empty()).filter(is_plain).is_none() {
        return Err(Error::Protocol { what: "it names no place for the file".to_owned() });
    }
    reached(Site::DeviceUploadBegun);
    lock(caller.device).remember_upload(&file.sha256, place)?;
    standing(place.to_owned(), &reply, length)
}

fn standing(path: String, reply: &Reply, length: usize) -> Result<Standing, Error> {
    match reply.upload_offset {
        Some(offset) if offset <= length as u64 => Ok(Standing { path, offset }),
        Some(_) | None => {
            Err(Error::Protocol { what: "it does not say how far the file is".to_owned() })
        }
    }
}

/// Sends the next part and returns where the file then stands.
async fn send_part<T: Transport>(
    caller: &mut Caller<'_, T>,
    standing: &Standing,
    bytes: &[u8],
) -> Result<u64, Error> {
    let start = standing.offset as usize;
    let part = &bytes[start..bytes.len().min(start + PART)];
    let mut request = request(Method::Patch, &standing.path, part.to_vec());
    request.headers.push(("upload-offset", standing.offset.to_string()));
    // Once: after a cut the same part is hardly what the server wants next.
    let offset = caller.renewing_once(request).await?.upload_offset;
    let moved = offset.filter(|at| (standing.offset + 1..=bytes.len() as u64).contains(at));
    moved.ok_or_else(|| Error::Protocol { what: "the file does not get further".to_owned() })
}

fn request(method: Method, path: &str, body: Vec<u8>) -> Request {
    Request {
        method,
        path: path.to_owned(),
        token: None,
        content_type: "application/offset+octet-stream".to_owned(),
        headers: vec![("tus-resumable", "1.0.0".to_owned())],
        body,
    }
}
