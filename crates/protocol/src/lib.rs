//! What travels between a device, the server and the files people exchange.
//!
//! Every type here is a promise: it is serialized somewhere.
//! Domain types stay free of serialization; the conversions are written out here.
//! No I/O, no clock, no randomness.

pub mod canonical;
pub mod id;
pub mod signature;
pub mod code;
pub mod rubric;
pub mod answer;
pub mod score;
pub mod evaluation;
pub mod sync;
pub mod record;
pub mod session;
pub mod api;
pub mod explanation;
