//! The page being filled: margins, mirroring, lines of text, page breaks.

use std::sync::Arc;

use crate::Error;
use crate::canvas::{Canvas, Color, Element, PAGE, Path, Role, Stroke};
use crate::document::Document;
use crate::typeset::{Direction, Face, Line, Paragraph, Typesetter};

/// The side margins.
pub(crate) const MARGIN: f32 = 42.0;
/// The width between them.
pub(crate) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// Where the content of a page after the first starts.
pub(crate) const TOP: f32 = 58.0;
/// Where the content of every page ends.
pub(crate) const BOTTOM: f32 = PAGE.1 - 58.0;

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub(crate) face: Face,
    pub(crate) size: f32,
    pub(crate) leading: f32,
    pub(crate) color: Color,
}

impl Style {
    pub(crate) fn regular(size: f32, leading: f32, color: Color) -> Self {
        Self { face: Face::Regular, size, leading, color }
    }

    pub(crate) fn strong(size: f32, leading: f32, color: Color) -> Self {
        Self { face: Face::SemiBold, size, leading, color }
    }
}

/// Where a line stands in its box, seen from the reading edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    Center,
    End,
}

/// The pages of a document in the making.
pub(crate) struct Sheet<'a, C> {
    pub(crate) canvas: &'a mut C,
    pub(crate) typesetter: &'a mut Typesetter,
    pub(crate) document: &'a Document,
    pub(crate) direction: Direction,
    /// The next free place, from the top.
    pub(crate) y: f32,
    pub(crate) pages: usize,
}

impl<'a, C: Canvas> Sheet<'a, C> {
    pub(crate) fn new(
        canvas: &'a mut C,
        typesetter: &'a mut Typesetter,
        document: &'a Document,
    ) -> Self {
        let direction = Direction::of(document.language);
        Self { canvas, typesetter, document, direction, y: TOP, pages: 0 }
    }

    pub(crate) fn begin_first_page(&mut self) {
        self.begin_page();
        self.y = 34.0;
    }

    pub(crate) fn begin_page(&mut self) {
        self.canvas.begin_page();
        self.pages += 1;
        self.y = TOP;
    }

    /// Starts another page unless `height` fits on this one.
    pub(crate) fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP + 1.0 {
            self.begin_page();
        }
    }

    /// The left edge of a box on the page.
    fn left(&self, x: f32, width: f32) -> f32 {
        match self.direction {
            Direction::LeftToRight => MARGIN + x,
            Direction::RightToLeft => PAGE.0 - MARGIN - x - width,
        }
    }

    /// A point of the reading direction as a point of the page.
    pub(crate) fn point(&self, x: f32, y: f32) -> (f32, f32) {
        (self.left(x, 0.0), y)
    }

    pub(crate) fn fill(&mut self, x: f32, y: f32, size: (f32, f32), radius: f32, color: Color) {
        let path = Path::rounded(self.left(x, size.0), y, size.0, size.1, radius);
        self.canvas.fill(&path, color);
    }

    pub(crate) fn frame(&mut self, x: f32, y: f32, size: (f32, f32), radius: f32, color: Color) {
        let path = Path::rounded(self.left(x, size.0), y, size.0, size.1, radius);
        self.canvas.stroke(&path, Stroke::outline(color, 0.75));
    }

    /// A horizontal line.
    pub(crate) fn rule(&mut self, x: f32, y: f32, length: f32, color: Color, width: f32) {
        let left = self.left(x, length);
        let path = Path::polygon(&[(left, y), (left + length, y)]);
        self.canvas.stroke(&path, Stroke::line(color, width));
    }

    /// A bar with round ends, drawn as a thick line.
    pub(crate) fn pill(&mut self, x: f32, y: f32, size: (f32, f32), color: Color) {
        let (length, height) = size;
        let (left, middle) = (self.left(x, length), y + height / 2.0);
        let ends = [(left + height / 2.0, middle), (left + length - height / 2.0, middle)];
        let stroke = Stroke { round: true, ..Stroke::line(color, height) };
        self.canvas.stroke(&Path::polygon(&ends), stroke);
    }

    pub(crate) fn polygon(&mut self, points: &[(f32, f32)], color: Color) {
        let points: Vec<(f32, f32)> = points.iter().map(|(x, y)| self.point(*x, *y)).collect();
        self.canvas.fill(&Path::polygon(&points), color);
    }

    pub(crate) fn outline(&mut self, points: &[(f32, f32)], stroke: Stroke) {
        let points: Vec<(f32, f32)> = points.iter().map(|(x, y)| self.point(*x, *y)).collect();
        self.canvas.stroke(&Path::polygon(&points), stroke);
    }

    pub(crate) fn dot(&mut self, x: f32, y: f32, radius: f32, color: Color) {
        let (x, y) = self.point(x, y);
        self.canvas.fill(&Path::circle(x, y, radius), color);
    }

    /// A text broken to a width, in the document's direction.
    pub(crate) fn set(
        &mut self,
        text: &str,
        style: Style,
        width: f32,
    ) -> Result<Arc<Paragraph>, Error> {
        self.set_in(text, style, width, self.direction)
    }

    pub(crate) fn set_in(
        &mut self,
        text: &str,
        style: Style,
        width: f32,
        direction: Direction,
    ) -> Result<Arc<Paragraph>, Error> {
        self.typesetter.paragraph(text, style.face, width / style.size * 1000.0, direction)
    }

    /// A text cut to so many lines, with an ellipsis where it was cut.
    pub(crate) fn set_lines(
        &mut self,
        text: &str,
        style: Style,
        width: f32,
        direction: Direction,
        lines: usize,
    ) -> Result<Arc<Paragraph>, Error> {
        let whole = self.set_in(text, style, width, direction)?;
        if whole.lines.len() <= lines {
            return Ok(whole);
        }
        let mut end = whole.lines.get(lines - 1).map_or(text.len(), |line| line.end);
        loop {
            let kept = text.get(..end).unwrap_or_default().trim_end();
            let cut = format!("{kept}…");
            let set = self.set_in(&cut, style, width, direction)?;
            if set.lines.len() <= lines || kept.is_empty() {
                return Ok(set);
            }
            end = kept.char_indices().next_back().map_or(0, |(at, _)| at);
        }
    }

    /// Draws lines from `y` down.
    pub(crate) fn draw(
        &mut self,
        lines: &[Arc<Line>],
        style: Style,
        x: f32,
        y: f32,
        width: f32,
        align: Align,
    ) {
        for (index, line) in lines.iter().enumerate() {
            let own = line.width * style.size / 1000.0;
            let gap = match align {
                Align::Start => 0.0,
                Align::Center => (width - own) / 2.0,
                Align::End => width - own,
            };
            let left = self.left(x + gap, own);
            // The middle of the line falls halfway up the letters without ascenders.
            let middle = y + style.leading * (index as f32 + 0.5);
            let baseline = middle + style.size * 0.32;
            self.canvas.text(left, baseline, line, style.size, style.color);
        }
    }

    /// Draws a text of one line, cut with an ellipsis if it is longer.
    pub(crate) fn one_line(
        &mut self,
        text: &str,
        style: Style,
        x: f32,
        y: f32,
        width: f32,
        align: Align,
    ) -> Result<f32, Error> {
        let set = self.set_lines(text, style, width, self.direction, 1)?;
        self.draw(&set.lines, style, x, y, width, align);
        Ok(set.lines.first().map_or(0.0, |line| line.width * style.size / 1000.0))
    }

    /// Draws a text of any length and gives its height.
    pub(crate) fn text(
        &mut self,
        text: &str,
        style: Style,
        x: f32,
        y: f32,
        width: f32,
        align: Align,
    ) -> Result<f32, Error> {
        let set = self.set(text, style, width)?;
        self.draw(&set.lines, style, x, y, width, align);
        Ok(set.lines.len() as f32 * style.leading)
    }

    /// Draws inside an element of the logical structure.
    pub(crate) fn within<T>(
        &mut self,
        element: Element,
        draw: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.canvas.open(element);
        let result = draw(self);
        self.canvas.close();
        result
    }

    /// An element that says `says`.
    pub(crate) fn saying<T>(
        &mut self,
        role: Role,
        says: &str,
        draw: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.within(Element::saying(role, says), draw)
    }
}
