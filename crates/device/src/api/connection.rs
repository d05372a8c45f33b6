//! A transport whose kind is chosen while the program runs: HTTP in programs, a server in memory in
//! tests.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::transport::{NoReply, Reply, Request, Transport};

/// A connection to a server.
pub struct Connection(Box<dyn Carrier>);

impl Connection {
    /// Over a transport.
    pub fn over(transport: impl Transport + Send + 'static) -> Self {
        Self(Box::new(transport))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection(…)")
    }
}

type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// [`Transport`] with its futures boxed, so that its kind need not be known.
trait Carrier: Send + Sync {
    fn carry<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<Reply, NoReply>>;
    fn wait(&self, ms: u64) -> Pending<'_, ()>;
}

impl<T: Transport + Send> Carrier for T {
    fn carry<'a>(&'a self, request: &'a Request) -> Pending<'a, Result<Reply, NoReply>> {
        Box::pin(self.send(request))
    }

    fn wait(&self, ms: u64) -> Pending<'_, ()> {
        Box::pin(self.pause(ms))
    }
}

impl Transport for Connection {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        self.0.carry(request).await
    }

    async fn pause(&self, ms: u64) {
        self.0.wait(ms).await;
    }
}
