//! The router's state: the device while it is unlocked, and what runs with it.
//!
//! Two locks. The outer one holds the place of the device and is taken for a whole handler's work, so
//! that locking waits for it; the inner one is the device's and is all that a running sync takes, between
//! two messages. Neither is ever held while a future waits.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::{AbortHandle, JoinSet};

use crate::api::central::Central;
use crate::api::environment::Environment;
use crate::api::exchanges::Syncs;
use crate::api::refusal::Refusal;
use crate::clock::Reading;
use crate::device::Device;
use crate::error::Error;

/// What every handler is given.
pub(crate) struct App {
    pub(crate) environment: Environment,
    pub(crate) syncs: Syncs,
    pub(crate) central: Central,
    opened: Mutex<Option<Opened>>,
}

/// The unlocked device.
pub(crate) struct Opened {
    device: Arc<Mutex<Device>>,
    /// What talks to the server with it; locking ends them all.
    exchanges: JoinSet<()>,
}

impl Opened {
    fn new(device: Device) -> Self {
        Self { device: Arc::new(Mutex::new(device)), exchanges: JoinSet::new() }
    }

    /// The device, also after a panic elsewhere: every write is a transaction, so nothing is half done.
    pub(crate) fn device(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins something that talks to the server.
    pub(crate) fn exchange<F>(&mut self, begin: impl FnOnce(Arc<Mutex<Device>>) -> F) -> AbortHandle
    where
        F: Future<Output = ()> + Send + 'static,
    {
        while self.exchanges.try_join_next().is_some() {}
        self.exchanges.spawn(begin(Arc::clone(&self.device)))
    }
}

impl App {
    pub(crate) fn new(environment: Environment) -> Self {
        let syncs = Syncs::new(Arc::clone(&environment.clock));
        Self { environment, syncs, central: Central::default(), opened: Mutex::new(None) }
    }

    /// What the clocks say.
    pub(crate) fn now(&self) -> Reading {
        (self.environment.clock)()
    }

    /// Runs work on the open device; refused while it is locked. Work that has begun is carried through
    /// even if nobody waits for its answer any more.
    pub(crate) async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Device, &Reading) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.opened(move |app, opened| {
            let (mut device, now) = (opened.device(), app.now());
            device.observe(&now)?;
            Ok(work(&mut device, &now)?)
        })
        .await
    }

    /// Runs work that needs more than the device itself; refused while it is locked.
    pub(crate) async fn opened<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>, &mut Opened) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.blocking(|app| match app.place().as_mut() {
            Some(opened) => work(app, opened),
            None => Err(Refusal::locked()),
        })
        .await
    }

    /// Looks at the device if it is open.
    pub(crate) async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(&Self, Option<&mut Device>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.blocking(|app| {
            let place = app.place();
            let mut device = place.as_ref().map(Opened::device);
            Ok(look(app, device.as_deref_mut())?)
        })
        .await
    }

    /// Puts a device into its place, where none is open.
    pub(crate) async fn open<T: Send + 'static>(
        self: &Arc<Self>,
        open: impl FnOnce(&Self, Option<&mut Device>) -> Result<(Option<Device>, T), Error>
        + Send
        + 'static,
    ) -> Result<T, Refusal> {
        self.blocking(|app| {
            let mut place = app.place();
            let (device, answer) = {
                let mut device = place.as_ref().map(Opened::device);
                open(app, device.as_deref_mut())?
            };
            if let Some(device) = device {
                *place = Some(Opened::new(device));
                app.syncs.forget();
            }
            Ok(answer)
        })
        .await
    }

    /// Closes the device: ends what talks to the server, then drops the device and with it its keys.
    pub(crate) async fn lock(self: &Arc<Self>) -> Result<(), Refusal> {
        self.central.forget();
        let Some(opened) = self.blocking(|app| Ok(app.place().take())).await? else {
            return Ok(());
        };
        let Opened { device, mut exchanges } = opened;
        exchanges.shutdown().await;
        self.syncs.forget();
        // Closing the database moves its journal into it.
        self.blocking(move |_| {
            drop(device);
            Ok(())
        })
        .await
    }

    /// Empties the place of a device that was wiped. Only its empty shell is dropped.
    pub(crate) fn let_go(&self) {
        drop(self.place().take());
    }

    /// Runs work on a thread that may wait for the disk.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let app = Arc::clone(self);
        // The work panicked, or the program is ending: either way its transaction was rolled back.
        let ended = |_| Refusal::fault();
        tokio::task::spawn_blocking(move || work(&app)).await.map_err(ended)?
    }

    fn place(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
