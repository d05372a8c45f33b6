//! Where transaction bodies run: one writer that commits in groups, readers that never wait for it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::Error;
use crate::sqlite::{SqliteTx, open_reader, open_writer};
use crate::tx::Tx;

/// The most bodies of one commit.
const GROUP: usize = 64;
/// The most bodies that wait for the writer; one more is told to come back.
const QUEUE: usize = 256;
/// The most connections kept for reading.
const READERS: usize = 8;

/// Answers the caller of a body, once its group is committed or is known to have failed.
type Answer = Box<dyn FnOnce(Option<Error>) + Send>;
/// Runs a body; says whether its changes are kept, and how to answer.
type Job = Box<dyn FnOnce(&mut dyn Tx) -> (bool, Answer) + Send>;

/// The server's data.
pub struct Store {
    path: PathBuf,
    writer: SyncSender<Job>,
    readers: Arc<Mutex<Vec<Connection>>>,
}

impl Store {
    /// Opens the database file, making or upgrading it.
    ///
    /// # Errors
    /// A file of another program or a newer version, or whatever the engine reports.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let connection = open_writer(path)?;
        let (writer, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || write_groups(&connection, &jobs))
            .map_err(|source| Error::File { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), writer, readers: Arc::default() })
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
        self.writer.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::Stopped,
        })?;
        receive.await.unwrap_or(Err(Error::Stopped))
    }

    /// Runs a body that only reads, on one state of the data.
    ///
    /// # Errors
    /// The body's own or the engine's.
    pub async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let readers = Arc::clone(&self.readers);
        let path = self.path.clone();
        let task = tokio::task::spawn_blocking(move || {
            let idle = readers.lock().map_err(|_| Error::Stopped)?.pop();
            let connection = idle.map_or_else(|| open_reader(&path), Ok)?;
            connection.execute_batch("BEGIN")?;
            let outcome = body(&mut SqliteTx(&connection));
            connection.execute_batch("COMMIT")?;
            let mut readers = readers.lock().map_err(|_| Error::Stopped)?;
            if readers.len() < READERS {
                readers.push(connection);
            }
            outcome
        });
        task.await.unwrap_or(Err(Error::Stopped))
    }
}

fn write_groups(connection: &Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut group: VecDeque<Job> =
            std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1)).collect();
        while !group.is_empty() {
            write_group(connection, &mut group);
        }
    }
}

/// Why a group was not kept.
enum Lost {
    /// The engine gave the whole transaction up under the body that was run last, as it does on a
    /// full disk: that body has its own error, the others can be tried again.
    UnderLast,
    /// The transaction could not be begun, gone on with, or committed.
    Engine(Error),
}

/// Runs the bodies of a group in one transaction and answers them; what it could not run is left.
fn write_group(connection: &Connection, group: &mut VecDeque<Job>) {
    let mut answers: Vec<Answer> = Vec::with_capacity(group.len());
    let Err(lost) = run_group(connection, group, &mut answers) else {
        answers.into_iter().for_each(|answer| answer(None));
        return;
    };
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(cause = %error, "a group of changes could not be rolled back");
    }
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
            Lost::Engine(_) => Error::Stopped,
            Lost::UnderLast => Error::Busy,
        }));
    }
    if let Some(answer) = own_error {
        answer(None);
    }
}

fn run_group(
    connection: &Connection,
    group: &mut VecDeque<Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), Lost> {
    let engine = |error: rusqlite::Error| Lost::Engine(error.into());
    connection.execute_batch("BEGIN IMMEDIATE").map_err(engine)?;
    while let Some(job) = group.pop_front() {
        connection.execute_batch("SAVEPOINT body").map_err(engine)?;
        let (kept, answer) = job(&mut SqliteTx(connection));
        answers.push(answer);
        if connection.is_autocommit() {
            return Err(Lost::UnderLast);
        }
        let end = if kept { "RELEASE body" } else { "ROLLBACK TO body; RELEASE body" };
        connection.execute_batch(end).map_err(engine)?;
    }
    connection.execute_batch("COMMIT").map_err(engine)
}
