//! From text to positioned glyphs: shaping, direction, line breaks. No drawing, no PDF.

mod face;
mod paragraph;
mod shaper;

pub(crate) use face::Face;
pub(crate) use paragraph::{Direction, Line, Paragraph, Placed, Typesetter};
pub(crate) use shaper::{PairId, Shaper};
