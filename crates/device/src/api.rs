//! The device's API: the one door through which a screen reaches the device.
//!
//! A router to be called in the process that shows the screen, or served on this machine alone by a
//! test. Each handler parses, calls one function of the device and answers; what is answered is on the
//! disk. Nothing here reads a clock or makes randomness, [`system_clock`] aside, which the shells call.

mod app;
mod central;
mod connection;
mod environment;
mod exchanges;
mod refusal;
mod routes;
mod settings;
pub mod system_clock;
mod view;

pub use connection::Connection;
pub use environment::{Clock, Connect, Environment};
pub use routes::{openapi, router};
