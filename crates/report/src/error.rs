//! What can go wrong while a scorecard is made.

/// Why a scorecard could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number that must lie from 0 to 100 does not.
    #[error("{field} is {percent}, which is not between 0 and 100")]
    OffScale {
        /// Where the number stands.
        field: String,
        /// The number.
        percent: f64,
    },
    /// The level reached is not at its place on the ladder.
    #[error("level {level} is not at place {rank} of a ladder of {levels} levels")]
    LevelNotOnLadder {
        /// The level's id.
        level: String,
        /// The place given.
        rank: usize,
        /// How many levels the ladder has.
        levels: usize,
    },
    /// A scorecard without pillars says nothing.
    #[error("the scorecard has no pillars")]
    NoPillars,
    /// A font that is part of this crate cannot be read.
    #[error("font {name} cannot be read")]
    Font {
        /// The font's name.
        name: &'static str,
    },
    /// A font could not be reduced to the glyphs used.
    #[error("font {name} cannot be subset")]
    Subset {
        /// The font's name.
        name: &'static str,
        /// The cause.
        #[source]
        source: subsetter::Error,
    },
    /// Text could not be shaped.
    #[error("text could not be shaped")]
    Shape {
        /// The cause.
        #[source]
        source: harfrust::ShapeError,
    },
    /// The page writer gave back a document without the content of a page.
    #[error("page {page} has no content after writing")]
    MissingPage {
        /// The page, from 1.
        page: usize,
    },
    /// More different glyphs than a font in a PDF can hold.
    #[error("font {name} would need {count} codes, more than fit")]
    TooManyGlyphs {
        /// The font's name.
        name: &'static str,
        /// How many codes would be needed.
        count: usize,
    },
}
