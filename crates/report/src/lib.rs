//! Scorecards and minutes: from what is decided to an accessible, archivable PDF in Arabic and English.
//!
//! ```text
//! Card → Document (words, order) → layout on a Canvas → printpdf pages → finished PDF
//! ```
//!
//! - [`Card`] is everything a scorecard says, already decided. [`fn@document`] composes it into a
//!   [`Document`], which prints as text. [`Renderer`] makes the PDF: tagged, PDF/UA-1 and
//!   PDF/A-2a (with files inside it PDF/A-3a), the same bytes for the same card.
//!   [`reading`] takes such files out again.
//! - Pure: no files, no clock, no randomness, no printing. Fonts and color profile are part of
//!   the crate, and the date is the card's.
//! - What it does not do: compute or round a score, choose a level, sign, or know who visited.
//!
//! # Fonts and size
//!
//! Each card carries one fixed repertoire of glyphs (Latin, digits, signs, Arabic in every
//! joining form) in two weights, reduced to outlines and compressed once for a [`Renderer`]:
//! about 39 kB of the 80 to 90 kB of a card. Fonts made for each card alone would double the work
//! of a card; fonts made for each batch would make the bytes of a card depend on its neighbors.
//! A card that needs other glyphs gets fonts of its own, so its bytes, too, depend on it alone.
//!
//! A letter the font has no glyph for is drawn as a question mark and a pictograph as nothing;
//! both can still be copied as what was written.

// The sample cards of the tests are written against the crate's public name.
#[cfg(test)]
extern crate self as mizan_report;

pub mod card;
pub mod minutes;

mod canvas;
mod document;
mod error;
mod layout;
mod pdf;
pub mod reading;
mod renderer;
mod typeset;
mod words;

#[cfg(test)]
#[path = "../tests/fixtures/sample.rs"]
mod sample;

pub use card::Card;
pub use document::Document;
pub use error::Error;
pub use minutes::Minutes;
pub use pdf::Attachment;
pub use renderer::{Renderer, document, minutes_document};
