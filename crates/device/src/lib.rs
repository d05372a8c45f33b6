//! The evaluator's device: an encrypted database that never loses a tap, and its sync.
//!
//! Plain functions over an open [`device::Device`]; clock and randomness come in with the calls.
//! [`api`] puts them behind a router for the screens.
//! What is deliberately not here: no window, no listening socket, no printing, and no way to delete work.

pub mod api;
pub mod bundle;
mod chain;
pub mod clock;
pub mod device;
pub mod error;
mod evidence;
pub mod exchange;
pub mod field_work;
pub mod grant;
mod handover;
pub mod home;
pub mod keyring;
pub mod keys;
pub mod ledger;
mod store;
pub mod sync;
pub mod timing;
pub mod transport;
mod upload;
pub mod visit;

pub use device::Device;
pub use error::Error;
