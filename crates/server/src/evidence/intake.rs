//! Takes the bytes of an upload in as they come.
//!
//! They are kept in parts of 256 KiB, each durable before the offset moves over it, so that a cut costs
//! one part at most; what is left of a part when the line breaks is kept too. Bytes with a checksum count
//! once all of them have come and it is right. The last part is never counted by itself: with it the
//! whole is checked, kept and recorded, and only then is the upload at its full length.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::StreamExt as _;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::proof::{Site, reached};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::tus::Checksum;
use super::uploads::{self, Upload};
use super::vault::Part;
use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::tx::Tx;

/// The bytes of a part.
pub(crate) const PART: usize = 256 << 10;
/// How long the next bytes are waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same, once somebody else wants the turn: what had come before the line broke is still to be read.
const GRACE: Duration = Duration::from_millis(100);
/// How long all of that may take.
const LAST_CALL: Duration = Duration::from_secs(2);

/// More bytes of an upload.
pub(crate) struct Patch {
    /// The upload.
    pub(crate) upload: Uuid,
    /// Where the bytes begin in the file.
    pub(crate) offset: u64,
    /// What they are held against.
    pub(crate) checksum: Option<Checksum>,
    /// How many are announced.
    pub(crate) announced: Option<u64>,
}

/// Takes bytes in and returns the upload as it then is.
pub(crate) async fn receive(
    app: &Arc<App>,
    caller: &Caller,
    patch: Patch,
    body: Body,
) -> Result<Upload, Error> {
    let (app, caller) = (Arc::clone(app), *caller);
    // When the line breaks the request is dropped, and what has come must be kept all the same.
    let task = tokio::spawn(async move { take_in(&app, &caller, patch, body).await });
    task.await.unwrap_or(Err(Error::Stopped))
}

async fn take_in(
    app: &Arc<App>,
    caller: &Caller,
    patch: Patch,
    body: Body,
) -> Result<Upload, Error> {
    let (caller, id) = (*caller, patch.upload);
    let (now, find) = (app.now(), uploads::find);
    // Before the turn: only its owner may stop what is under way.
    app.store.read(move |tx| find(tx, &caller, id, now)).await?;
    let mut turn = app.turns.take(id).await;
    let upload = app.store.read(move |tx| find(tx, &caller, id, now)).await?;
    if patch.offset != upload.received {
        return Err(upload.elsewhere());
    }
    if patch.announced.is_some_and(|bytes| bytes > upload.length - upload.received) {
        return Err(too_long(&upload));
    }
    if upload.received == upload.length {
        return Ok(upload);
    }
    let (checksum, announced) = (patch.checksum, patch.announced);
    let mut intake = Intake { app, caller, upload, checksum, staged: vec![], buffer: vec![] };
    let came = match intake.read(body, &mut turn.wanted).await {
        Ok(Came::All(bytes)) if announced.is_none_or(|announced| announced == bytes) => {
            Came::All(bytes)
        }
        Ok(_) => Came::Some,
        Err(error) => {
            intake.discard().await;
            return Err(error);
        }
    };
    intake.settle(came).await
}

fn too_long(upload: &Upload) -> Error {
    let error = ErrorBody::new("request.too_large");
    Error::Refused(error.with("max_bytes", upload.length - upload.received))
}

/// How much of a request came.
enum Came {
    /// All of it: so many bytes.
    All(u64),
    /// Not all: the line broke, or somebody else wants the turn.
    Some,
}

/// An upload while bytes come in.
struct Intake<'a> {
    app: &'a Arc<App>,
    caller: Caller,
    upload: Upload,
    checksum: Option<Checksum>,
    /// Parts that are kept and do not count yet.
    staged: Vec<Part>,
    buffer: Vec<u8>,
}

impl Intake<'_> {
    async fn read(
        &mut self,
        body: Body,
        wanted: &mut oneshot::Receiver<()>,
    ) -> Result<Came, Error> {
        let mut frames = body.into_data_stream();
        let mut bytes = 0;
        let mut last_call: Option<Instant> = None;
        loop {
            let frame = match last_call {
                None => tokio::select! {
                    biased;
                    frame = timeout(PATIENCE, frames.next()) => frame,
                    _ = &mut *wanted => {
                        last_call = Some(Instant::now() + LAST_CALL);
                        continue;
                    }
                },
                Some(end) if Instant::now() < end => timeout(GRACE, frames.next()).await,
                Some(_) => return Ok(Came::Some),
            };
            match frame {
                Ok(Some(Ok(frame))) => {
                    bytes += frame.len() as u64;
                    self.take(frame).await?;
                }
                Ok(None) => return Ok(Came::All(bytes)),
                Ok(Some(Err(_))) | Err(_) => return Ok(Came::Some),
            }
        }
    }

    async fn take(&mut self, mut frame: Bytes) -> Result<(), Error> {
        if self.held() + frame.len() as u64 > self.upload.length {
            return Err(too_long(&self.upload));
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&frame);
        }
        while !frame.is_empty() {
            let some = frame.split_to(frame.len().min(PART - self.buffer.len()));
            self.buffer.extend_from_slice(&some);
            let is_last = frame.is_empty() && self.held() == self.upload.length;
            if self.buffer.len() == PART && !is_last {
                self.stage().await?;
            }
        }
        Ok(())
    }

    /// The bytes that are here, counted or not.
    fn held(&self) -> u64 {
        let staged: u64 = self.staged.iter().map(|part| part.bytes).sum();
        self.upload.received + staged + self.buffer.len() as u64
    }

    /// Keeps the buffer as a part; it counts at once if there is nothing to wait for.
    async fn stage(&mut self) -> Result<(), Error> {
        let start = self.held() - self.buffer.len() as u64;
        let bytes = std::mem::take(&mut self.buffer);
        self.staged.push(self.app.vault.put_part(self.upload.id, start, bytes).await?);
        reached(Site::ServerPartWritten);
        if self.checksum.is_none() { self.advance().await } else { Ok(()) }
    }

    /// Counts the staged parts in.
    async fn advance(&mut self) -> Result<(), Error> {
        let (upload, parts, now) = (self.upload.clone(), self.staged.clone(), self.app.now());
        let advance = move |tx: &mut dyn Tx| uploads::advance(tx, &upload, &parts, now);
        let outcome = self.app.store.write(advance).await;
        match outcome {
            Ok(upload) => self.upload = upload,
            // Only what certainly does not count may go.
            Err(error @ Error::Refused(_)) => {
                self.discard().await;
                return Err(error);
            }
            Err(error) => {
                self.staged.clear();
                return Err(error);
            }
        }
        self.staged.clear();
        Ok(())
    }

    /// Ends the request by what came of it.
    async fn settle(mut self, came: Came) -> Result<Upload, Error> {
        if let Some(checksum) = self.checksum.take() {
            let is_right = matches!(came, Came::All(_)) && checksum.matches();
            if !is_right {
                self.discard().await;
                return Err(Error::refused("upload.checksum"));
            }
        }
        if self.held() == self.upload.length {
            return self.finish().await;
        }
        if !self.buffer.is_empty() {
            self.stage().await?;
        }
        if !self.staged.is_empty() {
            self.advance().await?;
        }
        Ok(self.upload)
    }

    /// Checks the whole, keeps it and records it.
    async fn finish(mut self) -> Result<Upload, Error> {
        let app = Arc::clone(self.app);
        let _room = app.vault.room().await?;
        let Some(bytes) = self.whole().await? else {
            tracing::error!(upload = %self.upload.id, "a part of an upload does not read back");
            uploads::abandon(&app, self.upload.id).await?;
            return Err(Error::NotFound);
        };
        let (caller, upload, now) = (self.caller, self.upload.clone(), app.now());
        match super::checked(upload.sha256, upload.media_type.clone(), bytes).await {
            Ok((bytes, _)) => app.vault.put(upload.sha256, bytes).await?,
            Err(error @ Error::Refused(_)) => {
                // Nothing that is sent later makes it right.
                uploads::abandon(&app, upload.id).await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        }
        reached(Site::ServerFileWritten);
        let (id, length) = (upload.id, upload.length);
        let finish = move |tx: &mut dyn Tx| uploads::finish(tx, &caller, &upload, now);
        let finished = app.store.write(finish).await?;
        reached(Site::ServerFileRecorded);
        app.figures.evidence_bytes.inc_by(length);
        if let Err(error) = app.vault.remove_upload(id).await {
            tracing::warn!(cause = %error, "parts of a finished upload wait to be swept");
        }
        Ok(finished)
    }

    /// All bytes, of earlier requests and of this one; `None` when a part does not read back.
    async fn whole(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let id = self.upload.id;
        let mut parts = self.app.store.read(move |tx| uploads::parts(tx, id)).await?;
        parts.append(&mut self.staged);
        let mut bytes = Vec::with_capacity(self.upload.length as usize + super::vault::TAG);
        for part in parts {
            let read = self.app.vault.read_part(part).await?;
            match read.filter(|_| part.start == bytes.len() as u64) {
                Some(read) => bytes.extend_from_slice(&read),
                None => return Ok(None),
            }
        }
        bytes.append(&mut self.buffer);
        Ok(Some(bytes).filter(|bytes| bytes.len() as u64 == self.upload.length))
    }

    /// Takes the staged parts away; they do not count.
    async fn discard(&mut self) {
        let staged = std::mem::take(&mut self.staged);
        self.app.vault.remove_parts(&staged).await;
    }
}
