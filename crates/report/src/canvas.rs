//! What a page is drawn on: a small set of marks, each with its place in the logical structure.
//!
//! Coordinates are points from the upper left corner. A canvas knows nothing of languages,
//! mirroring or layout; a mark drawn outside any content element is decoration.

use mizan_domain::text::Language;

use crate::typeset::Line;

/// The size of a page in points (A4).
pub(crate) const PAGE: (f32, f32) = (595.276, 841.89);

/// A color, 8 bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// A point of a path, which may be a handle of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Node {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) handle: bool,
}

/// A path of one contour.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Path {
    pub(crate) nodes: Vec<Node>,
}

/// How the outline of a path is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) color: Color,
    pub(crate) width: f32,
    pub(crate) closed: bool,
    /// Whether the ends are round; a short thick line then makes a bar in few operators.
    pub(crate) round: bool,
}

impl Stroke {
    /// A line with square ends.
    pub(crate) fn line(color: Color, width: f32) -> Self {
        Self { color, width, closed: false, round: false }
    }

    /// The outline of a closed shape.
    pub(crate) fn outline(color: Color, width: f32) -> Self {
        Self { closed: true, ..Self::line(color, width) }
    }
}

/// The role of an element in the logical structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Heading(u8),
    Paragraph,
    List,
    Item,
    Body,
    Table,
    TableHead,
    TableBody,
    Row,
    HeaderCell,
    Cell,
    Figure,
}

impl Role {
    /// Whether marks belong to the element itself; the other roles only hold elements.
    pub(crate) fn holds_content(self) -> bool {
        match self {
            Self::Heading(_)
            | Self::Paragraph
            | Self::Body
            | Self::HeaderCell
            | Self::Cell
            | Self::Figure => true,
            Self::List
            | Self::Item
            | Self::Table
            | Self::TableHead
            | Self::TableBody
            | Self::Row => false,
        }
    }
}

/// An element of the logical structure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) role: Role,
    /// What it says, for readers that do not look at the page.
    pub(crate) says: Option<String>,
    /// Its language, where it is not the document's.
    pub(crate) language: Option<Language>,
}

impl Element {
    pub(crate) fn new(role: Role) -> Self {
        Self { role, says: None, language: None }
    }

    pub(crate) fn saying(role: Role, says: impl Into<String>) -> Self {
        Self { role, says: Some(says.into()), language: None }
    }
}

/// Something pages are drawn on.
pub(crate) trait Canvas {
    /// Starts another page; what follows is drawn there.
    fn begin_page(&mut self);
    /// Goes back to a page, counted from 0, to add decoration.
    fn return_to(&mut self, page: usize);
    /// Opens an element inside the open one. It may go on over several pages.
    fn open(&mut self, element: Element);
    /// Closes the open element.
    fn close(&mut self);
    fn fill(&mut self, path: &Path, color: Color);
    fn stroke(&mut self, path: &Path, stroke: Stroke);
    /// Draws a line of text from its left edge on its baseline.
    fn text(&mut self, x: f32, baseline: f32, line: &Line, size: f32, color: Color);
}

impl Path {
    pub(crate) fn polygon(points: &[(f32, f32)]) -> Self {
        Self { nodes: points.iter().map(|(x, y)| Node { x: *x, y: *y, handle: false }).collect() }
    }

    pub(crate) fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Self {
        let (right, bottom) = (x + width, y + height);
        Self::polygon(&[(x, y), (right, y), (right, bottom), (x, bottom)])
    }

    /// A rectangle with round corners, no rounder than it can be.
    pub(crate) fn rounded(x: f32, y: f32, width: f32, height: f32, radius: f32) -> Self {
        let r = radius.min(width / 2.0).min(height / 2.0);
        if r < 0.05 {
            return Self::rectangle(x, y, width, height);
        }
        // The share of the radius at which a cubic curve is closest to a quarter circle.
        let k = r * 0.447_7;
        let (right, bottom) = (x + width, y + height);
        let corner = |from: (f32, f32), one: (f32, f32), two: (f32, f32), to: (f32, f32)| {
            [(from, false), (one, true), (two, true), (to, false)]
        };
        let corners = [
            corner((right - r, y), (right - k, y), (right, y + k), (right, y + r)),
            corner(
                (right, bottom - r),
                (right, bottom - k),
                (right - k, bottom),
                (right - r, bottom),
            ),
            corner((x + r, bottom), (x + k, bottom), (x, bottom - k), (x, bottom - r)),
            corner((x, y + r), (x, y + k), (x + k, y), (x + r, y)),
        ];
        let nodes =
            corners.into_iter().flatten().map(|((x, y), handle)| Node { x, y, handle }).collect();
        Self { nodes }
    }

    pub(crate) fn circle(x: f32, y: f32, radius: f32) -> Self {
        Self::rounded(x - radius, y - radius, radius * 2.0, radius * 2.0, radius)
    }
}
