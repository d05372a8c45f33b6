//! Times as they are given.

use serde::Deserialize;
use utoipa::ToSchema;

/// When a moment was.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct When {
    /// Milliseconds since 1970 UTC; null for now, by a clock that nobody can set back.
    #[schema(required)]
    pub(crate) at_ms: Option<i64>,
}

/// A contact that is opened.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct ContactOpened {
    /// How it is made, a word such as `phone`.
    pub(crate) channel: String,
}

/// The next moment of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct ContactTime {
    /// One of those that may come next.
    pub(crate) moment: String,
    /// Milliseconds since 1970 UTC; null for now, by a clock that nobody can set back.
    #[schema(required)]
    pub(crate) at_ms: Option<i64>,
}

/// The right time of a moment that was noted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct Correction {
    /// Milliseconds since 1970 UTC.
    pub(crate) at_ms: i64,
}
