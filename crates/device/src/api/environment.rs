//! Everything the router takes from outside: folder, clock, randomness, and the way to the server.

use std::path::PathBuf;
use std::sync::Arc;

use crate::api::connection::Connection;
use crate::api::system_clock::system_clock;
use crate::clock::Reading;
use crate::device::Randomness;
use crate::error::Error;
use crate::keys::Cost;
use crate::transport::Http;

/// Reads the clocks.
pub type Clock = Arc<dyn Fn() -> Reading + Send + Sync>;

/// Opens a connection to the server at an address.
pub type Connect = Arc<dyn Fn(&str) -> Result<Connection, Error> + Send + Sync>;

/// What the router takes from outside.
#[derive(Clone)]
pub struct Environment {
    /// The folder of the device.
    pub home: PathBuf,
    /// What time it is.
    pub clock: Clock,
    /// Makes a source of randomness.
    pub randomness: fn() -> Randomness,
    /// What a guess of the passphrase costs.
    pub cost: Cost,
    /// The way to the server.
    pub connect: Connect,
}

impl Environment {
    /// The system's clocks and randomness, HTTP, and the cost meant for people's devices.
    #[must_use]
    pub fn of_system(home: PathBuf) -> Self {
        Self {
            home,
            clock: system_clock(),
            randomness: || Box::new(rand::make_rng::<rand::rngs::StdRng>()),
            cost: Cost::STANDARD,
            connect: Arc::new(|server| Http::new(server).map(Connection::over)),
        }
    }
}
