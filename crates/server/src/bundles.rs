//! Bundles: the sync of a device that meets no network, carried in by somebody else.
//!
//! A bundle is read to its end, held against its device's signature and its files against their digests,
//! before anything of it is taken in. What is then done is done by the functions that serve the network,
//! as the device's person and not as the one who carries, so a bundle can do nothing a sync could not.
//! Every step may be repeated: a bundle that comes twice, late or after another changes nothing twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::future::poll_fn;
use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use mizan_protocol::bundle::{
    Answer, BundleFault, BundledFile, MAX_BUNDLE_BYTES, Manifest, NONCE_BYTES, OpenBundle,
    RefusedFile, SCHEMA, seal_answer,
};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::media::MAX_BYTES;
use mizan_protocol::sync::{PullResponse, PushResponse};
use tokio::io::AsyncWriteExt as _;

use crate::accounts::{self, Caller};
use crate::app::App;
use crate::audit::{self, Act, By, Deed};
use crate::chain::Standing;
use crate::error::Error;
use crate::keys::{Keys, random_bytes};
use crate::tx::{Tx, one, params};
use crate::{evidence, streams, sync};

/// Takes in a bundle and gives its sealed answer.
pub(crate) async fn take_in(
    app: &Arc<App>,
    carrier: &Caller,
    body: Body,
) -> Result<Vec<u8>, Error> {
    let arrived = Arc::new(spool(app, body).await?);
    let Checked { bundle, mut refused } = check_whole(app, &arrived).await?;
    let device = bundle.manifest.device;
    let (key, person) =
        app.store.read(move |tx| accounts::devices::device_caller(tx, device)).await?;
    bundle.verify(&key).map_err(|fault| arrived.refuse(fault))?;
    let manifest = bundle.manifest;
    manifest.push.iter().try_for_each(sync::check_size)?;
    let push = push(app, &person, &manifest).await?;
    keep_files(app, &person, &arrived, &mut refused).await?;
    let key = manifest.answer_key.clone();
    let (keys, now, carrier) = (Arc::clone(&app.keys), app.now(), *carrier);
    let conclude = move |tx: &mut dyn Tx| {
        let mark = record(tx, &carrier, &manifest, now)?;
        let act = Act::new(Deed::BundleCarried).on("device", device);
        let act = act.with("bundle", manifest.bundle).with("person", person.person);
        audit::enter(tx, By::from(&carrier), act, now)?;
        let pages = pages(tx, &keys, &person, &manifest)?;
        let asked = &manifest.evidence.sha256;
        let evidence_missing = evidence::missing(tx, &person, asked)?;
        let missing: BTreeSet<&Digest> = evidence_missing.iter().collect();
        let is_present = |sha256: &&Digest| !missing.contains(sha256);
        Ok(Answer {
            schema: SCHEMA,
            bundle: manifest.bundle,
            mark,
            push,
            evidence_present: asked.iter().filter(is_present).copied().collect(),
            evidence_missing,
            evidence_refused: refused,
            pages,
        })
    };
    let answer = app.store.write(conclude).await?;
    let nonce = random_bytes::<NONCE_BYTES>()?;
    seal_answer(&answer, &key, &nonce).map_err(|fault| arrived.refuse(fault))
}

/// A bundle as it came, encrypted, in a file that goes when this goes.
struct Arrived(PathBuf);

impl Drop for Arrived {
    fn drop(&mut self) {
        // A file that stays behind only takes room: nothing but the server's key opens it.
        drop(std::fs::remove_file(&self.0));
    }
}

impl Arrived {
    fn open(&self, keys: &Keys) -> Result<OpenBundle<BufReader<File>>, Error> {
        let file = File::open(&self.0).map_err(|source| self.refuse(source.into()))?;
        OpenBundle::open(BufReader::new(file), &keys.bundles).map_err(|fault| self.refuse(fault))
    }

    fn refuse(&self, fault: BundleFault) -> Error {
        match fault {
            BundleFault::Io(source) => Error::File { path: self.0.clone(), source },
            other => Error::Refused(other.body()),
        }
    }
}

/// Writes the body to a file: a bundle with its photos may not fit into memory.
async fn spool(app: &App, mut body: Body) -> Result<Arrived, Error> {
    let path = app.spool.join(uuid::Uuid::new_v4().simple().to_string());
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::StorageFull => Error::DiskFull,
        _ => Error::File { path: path.clone(), source },
    };
    tokio::fs::create_dir_all(&app.spool).await.map_err(failed)?;
    let mut file = tokio::fs::File::create_new(&path).await.map_err(failed)?;
    let arrived = Arrived(path.clone());
    let mut bytes = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        // The line broke: nobody is there to be answered.
        let frame = frame.map_err(|_| Error::refused("bundle.damaged"))?;
        let Ok(part) = frame.into_data() else { continue };
        bytes += part.len() as u64;
        if bytes > MAX_BUNDLE_BYTES {
            let error = ErrorBody::new("request.too_large").with("max_bytes", MAX_BUNDLE_BYTES);
            return Err(Error::Refused(error));
        }
        file.write_all(&part).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    Ok(arrived)
}

/// A bundle that opens to its end.
struct Checked {
    bundle: OpenBundle<BufReader<File>>,
    /// The files that are not to be kept, each with the reason; the others are kept all the same.
    refused: Vec<RefusedFile>,
}

async fn check_whole(app: &App, arrived: &Arc<Arrived>) -> Result<Checked, Error> {
    let (keys, arrived) = (Arc::clone(&app.keys), Arc::clone(arrived));
    let read = move || {
        let mut bundle = arrived.open(&keys)?;
        let mut refused = Vec::new();
        loop {
            let mut bytes = Vec::new();
            let next = bundle.next_file(&mut AtMost(&mut bytes));
            let next = next.map_err(|fault| arrived.refuse(fault))?;
            let Some(file) = next else { return Ok(Checked { bundle, refused }) };
            if let Err(Error::Refused(error)) = check(&file, &bytes) {
                refused.push(RefusedFile { sha256: file.sha256, error });
            }
        }
    };
    tokio::task::spawn_blocking(read).await.unwrap_or(Err(Error::Stopped))
}

fn check(file: &BundledFile, bytes: &[u8]) -> Result<(), Error> {
    evidence::check_said(&file.media_type, file.bytes)?;
    evidence::check(file.sha256, &file.media_type, bytes)
}

/// Takes what is written to it, but no more than a file may have: one that has more is refused by its
/// length, and need not be in memory for that.
struct AtMost<'a>(&'a mut Vec<u8>);

impl Write for AtMost<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = MAX_BYTES.saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn push(app: &App, person: &Caller, manifest: &Manifest) -> Result<Vec<PushResponse>, Error> {
    let mut responses = Vec::with_capacity(manifest.push.len());
    for request in &manifest.push {
        let request = Arc::new(request.clone());
        let response = match sync::take(app, person, request, Standing::Bundle).await {
            // None of it is taken, and the device is told: its next sync or bundle sends everything again.
            Err(Error::Refused(error))
                if ["sync.new_epoch", "sync.gap"].contains(&error.code.as_str()) =>
            {
                PushResponse { refused: Some(error), ..PushResponse::default() }
            }
            done => done?,
        };
        responses.push(response);
    }
    Ok(responses)
}

/// Reads the bundle a second time and keeps its files, one in memory at a time. One for which there is
/// no room joins the refused.
async fn keep_files(
    app: &App,
    person: &Caller,
    arrived: &Arc<Arrived>,
    refused: &mut Vec<RefusedFile>,
) -> Result<(), Error> {
    let known: BTreeSet<Digest> = refused.iter().map(|file| file.sha256).collect();
    let (keys, opening) = (Arc::clone(&app.keys), Arc::clone(arrived));
    let mut next = tokio::task::spawn_blocking(move || next_file(opening.open(&keys)?, &opening));
    while let Some((bundle, file, bytes)) = next.await.unwrap_or(Err(Error::Stopped))? {
        if !known.contains(&file.sha256) {
            let kept = evidence::keep(app, person, file.sha256, file.media_type, bytes).await;
            match kept {
                Err(Error::Refused(error)) => {
                    refused.push(RefusedFile { sha256: file.sha256, error });
                }
                kept => kept?,
            }
        }
        let arrived = Arc::clone(arrived);
        next = tokio::task::spawn_blocking(move || next_file(bundle, &arrived));
    }
    Ok(())
}

type NextFile = Option<(OpenBundle<BufReader<File>>, BundledFile, Vec<u8>)>;

fn next_file(
    mut bundle: OpenBundle<BufReader<File>>,
    arrived: &Arrived,
) -> Result<NextFile, Error> {
    let mut bytes = Vec::new();
    let file = bundle.next_file(&mut bytes).map_err(|fault| arrived.refuse(fault))?;
    Ok(file.map(|file| (bundle, file, bytes)))
}

/// Records who carried what, and orders the answer among those to the same device: also when the clock
/// was set back, and when a backup was put back, which is always of an earlier time.
fn record(tx: &mut dyn Tx, carrier: &Caller, manifest: &Manifest, now: i64) -> Result<i64, Error> {
    let device = manifest.device.0;
    let sql = "SELECT COALESCE(MAX(mark), 0) FROM bundle_intakes WHERE device_id = $1";
    let mark = now.max(one(tx, sql, params![device])?.int(0)? + 1);
    tx.exec(
        "INSERT INTO bundle_intakes (device_id, mark, bundle_id, person_id)
         VALUES ($1, $2, $3, $4)",
        params![device, mark, manifest.bundle.0, carrier.person.0],
    )?;
    Ok(mark)
}

/// Every page from the bundle's cursors to the end.
fn pages(
    tx: &mut dyn Tx,
    keys: &Keys,
    person: &Caller,
    manifest: &Manifest,
) -> Result<Vec<PullResponse>, Error> {
    let mut request = manifest.pull.clone();
    let mut pages = Vec::new();
    loop {
        let page = streams::pull(tx, keys, person, &request)?;
        let more = page.streams.iter().any(|stream| stream.more);
        let cursor =
            |page: &mizan_protocol::sync::StreamPage| (page.stream.clone(), page.cursor.clone());
        request.cursors = page.streams.iter().map(cursor).collect();
        pages.push(page);
        if !more {
            return Ok(pages);
        }
    }
}
