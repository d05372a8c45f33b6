//! What travels between a device, the server and the files people exchange.
//!
//! Every type here is a promise: it is serialized somewhere.
//! Domain types stay free of serialization; the conversions are written out here.
//! No I/O, no clock, no randomness.

pub mod answer;
pub mod api;
pub mod audit;
pub mod bundle;
pub mod canonical;
pub mod chain;
pub mod code;
pub mod committee;
pub mod evaluation;
pub mod explanation;
pub mod id;
pub mod media;
pub mod meeting;
pub mod proof;
pub mod record;
pub mod review;
pub mod rubric;
pub mod score;
pub mod session;
pub mod signature;
pub mod sync;
mod word;
