//! Suites across crates, and what they need: never part of a product.

pub mod planted;
pub mod postgres;
pub mod proxy;
pub mod random_case;
pub mod second_scoring;
