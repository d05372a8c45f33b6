//! The document model: what each part of a scorecard says, before any layout.
//!
//! It is plain and printable, so that tests read text. It knows the order and the words, the
//! length of bars, and nothing of points, pages or fonts.

mod compose;
mod minutes;
mod print;

pub(crate) use compose::compose;
pub(crate) use minutes::compose_minutes;

use mizan_domain::text::Language;

/// A composed scorecard.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) running: Running,
    pub(crate) blocks: Vec<Block>,
}

/// What stands at the head and foot of pages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Running {
    pub(crate) centre: String,
    pub(crate) programme: String,
    pub(crate) foot: String,
    pub(crate) draft: Option<String>,
}

/// A part of the document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    Masthead(Masthead),
    Verdict(Verdict),
    Tiles(Vec<Tile>),
    Profile(Profile),
    Highlights(Vec<Highlight>),
    PageBreak,
    Heading { level: u8, text: String, aside: Option<String> },
    Paragraph(String),
    Numbered(Vec<String>),
    Table(Table),
    Remarks(Vec<Note>),
    Facts(Vec<(String, String)>),
    Quotes(Vec<Quote>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Masthead {
    pub(crate) programme: String,
    pub(crate) cycle: String,
    pub(crate) kind: String,
    pub(crate) centre: String,
    pub(crate) agency: String,
    pub(crate) facts: Vec<(String, String)>,
}

/// The result: score, badge, what it means, the ladder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) heading: String,
    pub(crate) score: String,
    /// What the score is out of; nothing without a score.
    pub(crate) scale: String,
    pub(crate) badge_label: String,
    pub(crate) badge: Badge,
    pub(crate) meaning: Option<String>,
    pub(crate) ladder: Vec<Rung>,
    /// Where the score stands: which rung from the lowest, and how far through it (0 to 1).
    pub(crate) position: Option<(usize, f64)>,
    pub(crate) ladder_says: String,
}

/// A name with its own shape and color, so that neither is needed alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Badge {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) tone: Tone,
}

/// The shapes of badges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Star,
    Hexagon,
    Diamond,
    Square,
    Pentagon,
    Circle,
    Triangle,
    /// No level.
    Bar,
}

/// The color families of badges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Platinum,
    Gold,
    Silver,
    Green,
    Amber,
    Neutral,
}

/// A rung of the ladder, in the order drawn: lowest first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rung {
    pub(crate) badge: Badge,
    pub(crate) range: String,
    pub(crate) reached: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tile {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) note: String,
}

/// Bars and radar of the pillars.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    pub(crate) bars_heading: String,
    pub(crate) bars: Vec<Bar>,
    pub(crate) radar_heading: String,
    pub(crate) radar_says: String,
    pub(crate) own_label: String,
    /// Present when any pillar has a median.
    pub(crate) median_label: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) percent: Option<f64>,
    pub(crate) median: Option<f64>,
    pub(crate) says: String,
}

/// A short list of remarks on the first page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Highlight {
    pub(crate) heading: String,
    pub(crate) kind: NoteKind,
    pub(crate) notes: Vec<Note>,
    pub(crate) empty: String,
}

/// A remark or action: the criterion's code and free text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Note {
    pub(crate) kind: NoteKind,
    pub(crate) code: Option<String>,
    pub(crate) text: String,
    pub(crate) language: Language,
}

/// Words of a person, under the name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quote {
    pub(crate) who: String,
    pub(crate) text: String,
    pub(crate) language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoteKind {
    Strength,
    Improvement,
    Action,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) width: Width,
    pub(crate) centered: bool,
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Width {
    /// So many points.
    Points(f32),
    /// What the others leave.
    Rest,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) look: Look,
    /// A small bar beside the text, 0 to 100.
    pub(crate) bar: Option<f64>,
}

/// How the text of a cell looks; what it says never depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    Strong,
    Quiet,
    Warning,
}
