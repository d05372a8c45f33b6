//! The running sync: one at a time, watched and cancelled by whoever is interested.
//!
//! Cancelling drops the sync where it waits, which is always between two messages; whatever was under way
//! is sent again, exactly the same, by the next one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mizan_protocol::code::ErrorBody;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::api::app::{App, Opened};
use crate::api::environment::Clock;
use crate::api::refusal::{Refusal, body_of};
use crate::api::view::sync::{SyncReport, SyncStage, SyncStatus};
use crate::error::Error;
use crate::exchange::{self, Progress};

/// How long a caller waits for news.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// What is known of the running sync, or of the last.
pub(crate) struct Syncs {
    status: watch::Sender<SyncStatus>,
    abort: Mutex<Option<AbortHandle>>,
    clock: Clock,
}

impl Syncs {
    pub(crate) fn new(clock: Clock) -> Self {
        let status = watch::Sender::new(SyncStatus::default());
        Self { status, abort: Mutex::new(None), clock }
    }

    /// What is known now.
    pub(crate) fn status(&self) -> SyncStatus {
        self.status.borrow().clone()
    }

    /// What is known once it is other than at a tick, or after a while all the same.
    pub(crate) async fn news(&self, after: u64) -> SyncStatus {
        let mut watched = self.status.subscribe();
        // Another tick, not a later one: a program that was started anew counts from the beginning.
        let is_news = |status: &SyncStatus| status.tick != after;
        let news = timeout(LONGEST_WAIT, watched.wait_for(is_news)).await;
        match news {
            Ok(Ok(status)) => status.clone(),
            Ok(Err(_)) | Err(_) => self.status(),
        }
    }

    /// Starts a sync of the open device unless one runs.
    pub(crate) fn start(app: &Arc<App>, opened: &mut Opened) -> Result<SyncStatus, Refusal> {
        let syncs = &app.syncs;
        let status = syncs.status();
        if status.running {
            return Ok(status);
        }
        let (server, records) = {
            let device = opened.device();
            (device.enrolment()?.server, device.unsent_records()?)
        };
        let connection = (app.environment.connect)(&server)?;
        // Held until the sync can be cancelled: who sees it running can end it.
        let mut abort = syncs.abort.lock().unwrap_or_else(PoisonError::into_inner);
        let running = syncs.begin(records);
        let clock = Arc::clone(&syncs.clock);
        // Not a whole hold of it: the program's end must end the sync.
        let app = Arc::downgrade(app);
        *abort = Some(opened.exchange(move |device| async move {
            // Dropped in the reverse order: the device is let go before the end is told.
            let mut running = running;
            let device = device;
            let now_ms = || clock().wall_ms;
            let mut told = |progress| running.tell(progress);
            let done = exchange::sync(&device, &connection, &now_ms, &mut told).await;
            if let (Err(Error::Wiped), Some(app)) = (&done, app.upgrade()) {
                // Ends this very task at its next wait; there is none.
                app.let_go();
            }
            // Who is told of the end finds the folder free.
            drop(device);
            running.end(done);
        }));
        Ok(syncs.status())
    }

    /// Cancels the running sync and waits for its end.
    pub(crate) async fn cancel(&self) -> SyncStatus {
        let abort = self.abort.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(abort) = abort {
            abort.abort();
        }
        let mut watched = self.status.subscribe();
        match watched.wait_for(|status| !status.running).await {
            Ok(status) => status.clone(),
            Err(_) => self.status(),
        }
    }

    /// How the sync ended after which there was no device any more, until there is one again.
    pub(crate) fn last_of_device(&self) -> Option<SyncStatus> {
        let status = self.status();
        let was_wiped = status.error.as_ref().is_some_and(|error| error.code == "device.wiped");
        was_wiped.then_some(status)
    }

    /// Forgets what the last sync came to: the device it was of is locked.
    pub(crate) fn forget(&self) {
        self.status.send_modify(|status| {
            *status = SyncStatus { tick: status.tick + 1, ..SyncStatus::default() };
        });
    }

    fn begin(&self, records: usize) -> Running {
        self.status.send_modify(|status| {
            let tick = status.tick + 1;
            let stage = Some(SyncStage::SigningIn);
            *status = SyncStatus { tick, running: true, stage, ..SyncStatus::default() };
        });
        Running {
            status: self.status.clone(),
            clock: Arc::clone(&self.clock),
            records,
            has_ended: false,
        }
    }
}

/// Tells how a sync goes on; dropped without an end it tells that the sync was cancelled.
struct Running {
    status: watch::Sender<SyncStatus>,
    clock: Clock,
    /// Records that were to be sent when it began.
    records: usize,
    has_ended: bool,
}

impl Running {
    fn tell(&mut self, progress: Progress) {
        let (stage, done, total) = match progress {
            Progress::SigningIn => (SyncStage::SigningIn, 0, None),
            // Answers taken meanwhile are sent too: the total grows with them.
            Progress::Pushing { records } => {
                (SyncStage::Pushing, records, Some(records.max(self.records)))
            }
            Progress::Pulling { records } => (SyncStage::Pulling, records, None),
            Progress::SendingFiles { done, total } => (SyncStage::SendingFiles, done, Some(total)),
        };
        self.status.send_modify(|status| {
            status.tick += 1;
            status.stage = Some(stage);
            status.done = done;
            status.total = total;
        });
    }

    fn end(&mut self, done: Result<exchange::SyncReport, Error>) {
        let (report, error) = match done {
            Ok(report) => (Some(SyncReport::from(report)), None),
            Err(error) => (None, Some(body_of(&error))),
        };
        self.close(|status| {
            status.report = report;
            status.error = error;
        });
    }

    fn close(&mut self, say: impl FnOnce(&mut SyncStatus)) {
        self.has_ended = true;
        let finished_ms = (self.clock)().wall_ms;
        self.status.send_modify(|status| {
            status.tick += 1;
            status.running = false;
            status.stage = None;
            status.finished_ms = Some(finished_ms);
            say(status);
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        if std::thread::panicking() {
            self.close(|status| status.error = Some(ErrorBody::new("device.fault")));
        } else {
            self.close(|status| status.cancelled = true);
        }
    }
}
