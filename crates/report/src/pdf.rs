//! The PDF side: page content through printpdf, then everything printpdf does not do.

mod backend;
mod file;
mod finish;
mod font;
mod metadata;
mod outlines;
mod structure;

pub(crate) use backend::PdfCanvas;
pub use finish::Attachment;
pub(crate) use finish::{Facts, assemble};
pub(crate) use font::Fonts;
