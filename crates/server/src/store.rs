//! Where transaction bodies run: one writer that commits in groups, readers that never wait for it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use mizan_protocol::proof::{Fault, Site, is_armed, is_planted, reached};
use tokio::sync::{Semaphore, oneshot};

use crate::engine::{Connection, Location, Mark, open_reader, open_writer, reopen_writer};
use crate::error::Error;
use crate::figures::WriterFigures;
use crate::streams;
use crate::tx::Tx;

/// The most bodies of one commit.
const GROUP: usize = 64;
/// The most bodies that wait for the writer; one more is told to come back.
const QUEUE: usize = 256;
/// Takes back what a body did.
const UNDO: &str = "ROLLBACK TO body; RELEASE body";
/// The most bodies that read at once, each on a connection of its own; more would need more memory, and
/// not be done any sooner.
const READERS: usize = 8;

/// Answers the caller of a body, once its group is committed or is known to have failed.
type Answer = Box<dyn FnOnce(Option<Error>) + Send>;
/// Runs a body; says whether its changes are kept, and how to answer.
type Job = Box<dyn FnOnce(&mut dyn Tx) -> (bool, Answer) + Send>;

/// The server's data.
pub struct Store {
    location: Location,
    /// `None` only while it is closed.
    writer: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    readers: Arc<Mutex<Vec<Box<dyn Connection>>>>,
    reading: Arc<Semaphore>,
    /// What the writer counts.
    pub(crate) figures: WriterFigures,
}

impl Store {
    /// Opens the database, making or upgrading it. Waits for the engine: not for async workers.
    ///
    /// # Errors
    /// Data of another program or a newer version, or whatever the engine reports.
    pub fn open(location: &Location) -> Result<Self, Error> {
        let connection = open_writer(location)?;
        let mark = match location {
            Location::File(path) => Some(Mark::open(path)?),
            Location::Postgres(_) => None,
        };
        let figures = WriterFigures::default();
        let writer_of = Writer {
            location: location.clone(),
            connection: Some(connection),
            mark,
            figures: figures.clone(),
        };
        let (writer, jobs) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || writer_of.run(&jobs))
            .map_err(Error::Thread)?;
        let (location, readers) = (location.clone(), Arc::default());
        let (writer, thread, reading) =
            (Some(writer), Some(thread), Arc::new(Semaphore::new(READERS)));
        Ok(Self { location, writer, thread, readers, reading, figures })
    }

    /// Runs a body that changes data. It returns once the change is durable; a body that fails
    /// changes nothing.
    ///
    /// # Errors
    /// The body's own, [`Error::Busy`] when too many wait, or the engine's.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (send, receive) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let outcome =
                catch_unwind(AssertUnwindSafe(|| body(tx))).unwrap_or(Err(Error::Stopped));
            let kept = outcome.is_ok();
            let answer = move |failed: Option<Error>| {
                let outcome = failed.map_or(outcome, Err);
                // A caller that has gone needs no answer; its change stands all the same.
                drop(send.send(outcome));
            };
            (kept, Box::new(answer))
        });
        let writer = self.writer.as_ref().ok_or(Error::Stopped)?;
        self.figures.waiting.inc();
        writer.try_send(job).map_err(|refused| {
            self.figures.waiting.dec();
            match refused {
                TrySendError::Full(_) => Error::Busy,
                TrySendError::Disconnected(_) => Error::Stopped,
            }
        })?;
        // A body that was dropped did not run: its caller may try again.
        receive.await.unwrap_or(Err(Error::Busy))
    }

    /// Runs a body that only reads, on one state of the data.
    ///
    /// # Errors
    /// The body's own or the engine's.
    pub async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let reading = Arc::clone(&self.reading).acquire_owned().await;
        let reading = reading.map_err(|_| Error::Stopped)?;
        let readers = Arc::clone(&self.readers);
        let location = self.location.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _until_done = reading;
            let idle = readers.lock().map_err(|_| Error::Stopped)?.pop();
            let idle = idle.filter(|connection| connection.is_alive());
            let mut connection = idle.map_or_else(|| open_reader(&location), Ok)?;
            connection.begin_read()?;
            let outcome = body(&mut *connection);
            // A body that met a fault of the engine's leaves nothing that could be committed.
            connection.run(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            let mut readers = readers.lock().map_err(|_| Error::Stopped)?;
            if readers.len() < READERS {
                readers.push(connection);
            }
            outcome
        });
        task.await.unwrap_or(Err(Error::Stopped))
    }
}

impl Drop for Store {
    /// Closes every connection before it returns: whoever comes next finds the data whole and free.
    fn drop(&mut self) {
        drop(self.writer.take());
        if let Some(thread) = self.thread.take() {
            // It panics only where a suite lets it, and what it had not committed is rolled back.
            drop(thread.join());
        }
        // A blocking client must not be closed on an async worker.
        let Ok(idle) = self.readers.lock().map(|mut idle| std::mem::take(&mut *idle)) else {
            return;
        };
        if !idle.is_empty() {
            drop(std::thread::spawn(move || drop(idle)).join());
        }
    }
}

/// The one that writes.
struct Writer {
    location: Location,
    /// `None` after it broke, until the next group.
    connection: Option<Box<dyn Connection>>,
    mark: Option<Mark>,
    figures: WriterFigures,
}

impl Writer {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut group: VecDeque<Job> =
                std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1)).collect();
            self.figures.waiting.dec_by(i64::try_from(group.len()).unwrap_or(0));
            while !group.is_empty() {
                self.write_group(&mut group);
            }
        }
    }

    /// Runs the bodies of a group in one transaction and answers them; what it could not run is left.
    fn write_group(&mut self, group: &mut VecDeque<Job>) {
        let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
        let lost = match self.run_group(group, &mut answers) {
            Ok(()) => {
                self.figures.commits.inc();
                self.figures.group.observe(answers.len() as f64);
                answers.into_iter().for_each(|answer| answer(None));
                return;
            }
            Err(lost) => lost,
        };
        self.give_up();
        let own_error = match &lost {
            Lost::UnderLast => answers.pop(),
            Lost::Engine(error) => {
                tracing::error!(cause = %error, "a group of changes was not kept");
                if answers.is_empty() {
                    // The transaction could not even begin: nobody of the group can be served now.
                    group.clear();
                }
                None
            }
        };
        for answer in answers {
            answer(Some(match &lost {
                Lost::Engine(Error::DiskFull) => Error::DiskFull,
                // Whether it was kept is not known when the line breaks under a commit; every change can
                // be asked for again.
                Lost::Engine(Error::Unreachable(_)) | Lost::UnderLast => Error::Busy,
                Lost::Engine(_) => Error::Stopped,
            }));
        }
        if let Some(answer) = own_error {
            answer(None);
        }
    }

    fn run_group(
        &mut self,
        group: &mut VecDeque<Job>,
        answers: &mut Vec<Answer>,
    ) -> Result<(), Lost> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(reopen_writer(&self.location).map_err(Lost::Engine)?),
        };
        let taken_first = if is_planted(Fault::SequenceFirst) {
            Some(streams::take_numbers(&mut **connection).map_err(Lost::Engine)?)
        } else {
            None
        };
        connection.begin_write().map_err(Lost::Engine)?;
        let mut kept_any = false;
        while let Some(job) = group.pop_front() {
            connection.run_later("SAVEPOINT body").map_err(Lost::Engine)?;
            let (kept, answer) = job(&mut **connection);
            if !connection.is_in_transaction() {
                answers.push(answer);
                return Err(Lost::UnderLast);
            }
            match end_body(&mut **connection, kept) {
                Ok(None) => answers.push(answer),
                Ok(Some(fault)) => {
                    answers.push(Box::new(|lost| answer(Some(lost.unwrap_or(fault)))));
                    continue;
                }
                Err(lost) => {
                    answers.push(answer);
                    return Err(lost);
                }
            }
            kept_any |= kept;
        }
        if !kept_any {
            return connection.run("ROLLBACK").map_err(Lost::Engine);
        }
        // Last, so that the numbers are those of what is kept, and in the order of the commits.
        let commit = match taken_first {
            None => streams::number(&mut **connection),
            Some(last) => streams::number_after(&mut **connection, last),
        };
        let commit = commit.map_err(Lost::Engine)?;
        if is_planted(Fault::AnsweredBeforeCommit) {
            answers.drain(..).for_each(|answer| answer(None));
            if is_armed(Site::ServerCommits) {
                // As on a slow disk: the answers are out before what they promise is kept.
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
        reached(Site::ServerCommits);
        connection.run("COMMIT").map_err(Lost::Engine)?;
        reached(Site::ServerCommitted);
        if let Some(mark) = &self.mark
            && let Err(error) = mark.advance(commit)
        {
            tracing::error!(cause = %error, "the mark beside the database was not moved");
        }
        Ok(())
    }

    /// Leaves a transaction that is lost, or the connection with it.
    fn give_up(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        let left = if connection.is_in_transaction() { connection.run("ROLLBACK") } else { Ok(()) };
        if let Err(error) = left {
            tracing::error!(cause = %error, "a group of changes could not be rolled back");
        }
        if !connection.is_alive() {
            self.connection = None;
        }
    }
}

/// Keeps what a body did, or takes it back; gives the fault of what the body sent along and the engine did
/// not take, which is then taken back too.
fn end_body(connection: &mut dyn Connection, kept: bool) -> Result<Option<Error>, Lost> {
    let mut fault = None;
    if kept {
        match connection.run("RELEASE SAVEPOINT body") {
            Ok(()) => return Ok(None),
            Err(error) if connection.is_in_transaction() => fault = Some(error),
            Err(error) => return Err(Lost::Engine(error)),
        }
    }
    connection.run(UNDO).map_err(Lost::Engine)?;
    Ok(fault)
}

/// Why a group was not kept.
enum Lost {
    /// The engine gave the whole transaction up under the body that was run last, as it does on a
    /// full disk: that body has its own error, the others can be tried again.
    UnderLast,
    /// The transaction could not be begun, gone on with, or committed.
    Engine(Error),
}
