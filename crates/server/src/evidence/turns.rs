//! Whose turn it is at an upload: one request at a time in this process.
//!
//! Whoever comes later asks the one at work to stop where it is, and waits: after a cut the client is
//! back before the server has noticed, and the offset it is told must be the last word. Between processes
//! the database decides.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedMutexGuard, oneshot};
use uuid::Uuid;

/// The uploads at which somebody is at work.
#[derive(Default)]
pub(crate) struct Turns {
    seats: Mutex<HashMap<Uuid, Arc<Seat>>>,
    /// The server stops: no turn is for long any more.
    is_over: AtomicBool,
}

#[derive(Default)]
struct Seat {
    taken: Arc<tokio::sync::Mutex<()>>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
}

/// The right to work at an upload; ends when it is dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    upload: Uuid,
    taken: Option<OwnedMutexGuard<()>>,
    /// Ends when somebody else wants the turn.
    pub(crate) wanted: oneshot::Receiver<()>,
}

impl Turns {
    /// Takes the turn at an upload, from whoever has it.
    pub(crate) async fn take(self: &Arc<Self>, upload: Uuid) -> Turn {
        let seat = Arc::clone(lock(&self.seats).entry(upload).or_default());
        drop(lock(&seat.stop).take());
        let taken = Arc::clone(&seat.taken).lock_owned().await;
        let (stop, wanted) = oneshot::channel();
        *lock(&seat.stop) = Some(stop);
        if self.is_over.load(Ordering::SeqCst) {
            drop(lock(&seat.stop).take());
        }
        Turn { turns: Arc::clone(self), upload, taken: Some(taken), wanted }
    }
}

impl Turns {
    /// Asks everybody to stop where they are, and whoever comes yet.
    pub(crate) fn stop_all(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        for seat in lock(&self.seats).values() {
            drop(lock(&seat.stop).take());
        }
    }

    /// Waits until nobody is at work any more.
    pub(crate) async fn all_done(&self) {
        let seats: Vec<_> =
            lock(&self.seats).values().map(|seat| Arc::clone(&seat.taken)).collect();
        for taken in seats {
            drop(taken.lock().await);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut seats = lock(&self.turns.seats);
        drop(self.taken.take());
        // The map's own and nobody else's: whoever waits holds one too.
        if seats.get(&self.upload).is_some_and(|seat| Arc::strong_count(seat) == 1) {
            seats.remove(&self.upload);
        }
    }
}

/// Nothing that is done under these locks can be left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_later_one_stops_the_earlier_and_waits_for_it() {
        let (turns, upload) = (Arc::new(Turns::default()), Uuid::from_u128(1));
        let mut first = turns.take(upload).await;
        let later = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take(upload).await }
        });
        assert!((&mut first.wanted).await.is_err(), "it is asked to stop");
        assert!(!later.is_finished());
        drop(first);
        drop(later.await.unwrap());
        assert!(lock(&turns.seats).is_empty(), "nothing is kept of those that are over");
    }

    #[tokio::test]
    async fn when_all_is_over_nobody_stays() {
        let turns = Arc::new(Turns::default());
        let mut early = turns.take(Uuid::from_u128(1)).await;
        turns.stop_all();
        let mut late = turns.take(Uuid::from_u128(2)).await;
        assert!((&mut early.wanted).await.is_err() && (&mut late.wanted).await.is_err());
        drop((early, late));
        turns.all_done().await;
    }

    #[tokio::test]
    async fn two_uploads_do_not_wait_for_each_other() {
        let turns = Arc::new(Turns::default());
        let _first = turns.take(Uuid::from_u128(1)).await;
        let _second = turns.take(Uuid::from_u128(2)).await;
    }
}
