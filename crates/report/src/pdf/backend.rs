//! Draws on pages of printpdf and keeps the logical structure beside them.
//!
//! printpdf writes the operators of a page and nothing else here. Glyphs go through it as private
//! characters that its (empty) fonts map to codes, so that one word is one string.

use std::collections::BTreeMap;

use printpdf::{
    Color as PdfColor, DictItem, FontId, Line as PdfLine, LineCapStyle, LinePoint, Mm, Op,
    PaintMode, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Polygon, PolygonRing,
    Pt, Rgb, TextItem, TextMatrix, WindingOrder,
};

use super::font::{CardCodes, Fonts};
use super::structure::{Mark, Tree};
use crate::Error;
use crate::canvas::{Canvas, Color, Element, PAGE, Path, Role, Stroke};
use crate::typeset::{Face, Line, Placed};

/// What the marks drawn now belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marking {
    Nothing,
    Decoration,
    Element(usize),
}

/// The state of a page's text and colors, to write only what changes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Pen {
    font: Option<(Face, f32)>,
    fill: Option<Color>,
    stroke: Option<(Color, f32)>,
    round: bool,
}

#[derive(Debug, Default)]
struct Page {
    ops: Vec<Op>,
    pen: Pen,
    marks: usize,
}

/// A canvas that becomes a PDF.
pub(crate) struct PdfCanvas<'f> {
    fonts: &'f Fonts,
    pub(crate) codes: CardCodes,
    pages: Vec<Page>,
    current: usize,
    marking: Marking,
    pub(crate) tree: Tree,
}

impl<'f> PdfCanvas<'f> {
    pub(crate) fn new(fonts: &'f Fonts) -> Self {
        Self {
            fonts,
            codes: CardCodes::default(),
            pages: Vec::new(),
            current: 0,
            marking: Marking::Nothing,
            tree: Tree::new(),
        }
    }

    /// The operators of each page, as bytes.
    pub(crate) fn write_pages(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        self.mark(Marking::Nothing);
        let mut document = PdfDocument::new("");
        document.resources.fonts.map = self.fonts.for_printpdf(&self.codes);
        let (width, height) = (Mm::from(Pt(PAGE.0)), Mm::from(Pt(PAGE.1)));
        let pages = std::mem::take(&mut self.pages);
        document.pages =
            pages.into_iter().map(|page| PdfPage::new(width, height, page.ops)).collect();
        let options = PdfSaveOptions { subset_fonts: false, ..PdfSaveOptions::default() };
        // The one warning is that the fonts have no bytes, which is on purpose.
        let written = document.to_lopdf_document(&options, &mut Vec::new());
        let contents = written.get_pages().into_iter().map(|(number, page)| {
            let missing = || Error::MissingPage { page: number as usize };
            let content = written.get_page_contents(page).first().copied().ok_or_else(missing)?;
            let stream = written.get_object(content).and_then(lopdf::Object::as_stream);
            stream.map(|stream| stream.content.clone()).map_err(|_| missing())
        });
        contents.collect()
    }

    fn push(&mut self, op: Op) {
        if let Some(page) = self.pages.get_mut(self.current) {
            page.ops.push(op);
        }
    }

    /// Makes what follows belong to `wanted`, by closing and opening marked content.
    fn mark(&mut self, wanted: Marking) {
        if self.marking == wanted {
            return;
        }
        if self.marking != Marking::Nothing {
            self.push(Op::EndMarkedContent);
        }
        self.marking = wanted;
        match wanted {
            Marking::Nothing => {}
            Marking::Decoration => {
                self.push(Op::BeginMarkedContent { tag: "Artifact".to_owned() });
            }
            Marking::Element(element) => {
                let Some(page) = self.pages.get_mut(self.current) else { return };
                let id = page.marks;
                page.marks += 1;
                self.tree.add_mark(element, Mark { page: self.current, id });
                let number = DictItem::Int(i64::try_from(id).unwrap_or(i64::MAX));
                let map = BTreeMap::from([("MCID".to_owned(), number)]);
                let tag = self.tree.tag(element);
                let properties = DictItem::Dict { map };
                self.push(Op::BeginMarkedContentWithProperties { tag, properties });
            }
        }
    }

    fn mark_shape(&mut self) {
        match self.tree.open_role() {
            Some((element, Role::Figure)) => self.mark(Marking::Element(element)),
            Some(_) | None => self.mark(Marking::Decoration),
        }
    }

    fn mark_text(&mut self) {
        match self.tree.open_role() {
            Some((element, role)) if role.holds_content() => self.mark(Marking::Element(element)),
            Some(_) | None => self.mark(Marking::Decoration),
        }
    }

    fn set_fill(&mut self, color: Color) {
        let Some(page) = self.pages.get_mut(self.current) else { return };
        if page.pen.fill.replace(color) != Some(color) {
            page.ops.push(Op::SetFillColor { col: pdf_color(color) });
        }
    }

    fn set_stroke(&mut self, stroke: Stroke) {
        let Some(page) = self.pages.get_mut(self.current) else { return };
        let wanted = (stroke.color, round(stroke.width));
        let before = page.pen.stroke.replace(wanted);
        if before.map(|(color, _)| color) != Some(stroke.color) {
            page.ops.push(Op::SetOutlineColor { col: pdf_color(stroke.color) });
        }
        if before.map(|(_, width)| width) != Some(wanted.1) {
            page.ops.push(Op::SetOutlineThickness { pt: Pt(wanted.1) });
        }
        if page.pen.round != stroke.round {
            page.pen.round = stroke.round;
            let cap = if stroke.round { LineCapStyle::Round } else { LineCapStyle::Butt };
            page.ops.push(Op::SetLineCapStyle { cap });
        }
    }

    fn set_font(&mut self, face: Face, size: f32) {
        let Some(page) = self.pages.get_mut(self.current) else { return };
        if page.pen.font.replace((face, size)) != Some((face, size)) {
            let font = PdfFontHandle::External(FontId(face.resource().to_owned()));
            page.ops.push(Op::SetFont { font, size: Pt(size) });
        }
    }

    /// Shows pieces that stand side by side and are read in the same direction.
    fn show(&mut self, x: f32, y: f32, pieces: &[Placed], size: f32) {
        let mut strings = Strings::default();
        let mut in_place: Vec<&Placed> = pieces.iter().collect();
        in_place.sort_by(|one, other| one.x.total_cmp(&other.x));
        for piece in in_place {
            for glyph in &piece.run.glyphs {
                strings.rise_to(glyph.dy);
                strings.shift(glyph.dx);
                strings.text.push(self.fonts.character(
                    &mut self.codes,
                    piece.run.face,
                    glyph.pair,
                ));
                strings.carry = glyph.advance - glyph.width - glyph.dx;
            }
        }
        let matrix = TextMatrix::Raw([1.0, 0.0, 0.0, 1.0, round(x), round(y)]);
        self.push(Op::SetTextMatrix { matrix });
        let mut height = 0;
        for (rise, items) in strings.finish() {
            if rise != height {
                self.push(Op::SetLineOffset { multiplier: rise as f32 * size / 1000.0 });
                height = rise;
            }
            self.push(Op::ShowText { items });
        }
        if height != 0 {
            self.push(Op::SetLineOffset { multiplier: 0.0 });
        }
    }
}

impl Canvas for PdfCanvas<'_> {
    fn begin_page(&mut self) {
        self.mark(Marking::Nothing);
        self.pages.push(Page::default());
        self.current = self.pages.len() - 1;
    }

    fn return_to(&mut self, page: usize) {
        self.mark(Marking::Nothing);
        self.current = page;
    }

    fn open(&mut self, element: Element) {
        self.tree.open(element);
    }

    fn close(&mut self) {
        if self
            .tree
            .open_role()
            .is_some_and(|(element, _)| self.marking == Marking::Element(element))
        {
            self.mark(Marking::Nothing);
        }
        self.tree.close();
    }

    fn fill(&mut self, path: &Path, color: Color) {
        self.mark_shape();
        self.set_fill(color);
        let rings = vec![PolygonRing { points: points(path) }];
        let (mode, winding_order) = (PaintMode::Fill, WindingOrder::NonZero);
        self.push(Op::DrawPolygon { polygon: Polygon { rings, mode, winding_order } });
    }

    fn stroke(&mut self, path: &Path, stroke: Stroke) {
        self.mark_shape();
        self.set_stroke(stroke);
        let line = PdfLine { points: points(path), is_closed: stroke.closed };
        self.push(Op::DrawLine { line });
    }

    fn text(&mut self, x: f32, baseline: f32, line: &Line, size: f32, color: Color) {
        let Some(first) = line.pieces.first() else { return };
        self.mark_text();
        self.tree.note_position(self.current, baseline - size);
        self.set_fill(color);
        self.set_font(first.run.face, size);
        self.push(Op::StartTextSection);
        let y = PAGE.1 - baseline;
        let mut reversed = false;
        for pieces in line.pieces.chunk_by(shown_together) {
            let Some(piece) = pieces.first() else { continue };
            if piece.run.rtl != reversed {
                reversed = piece.run.rtl;
                self.push(if reversed {
                    Op::BeginMarkedContent { tag: "ReversedChars".to_owned() }
                } else {
                    Op::EndMarkedContent
                });
            }
            let left = pieces.iter().map(|piece| piece.x).fold(piece.x, f32::min);
            self.show(x + left * size / 1000.0, y, pieces, size);
        }
        if reversed {
            self.push(Op::EndMarkedContent);
        }
        self.push(Op::EndTextSection);
    }
}

/// Whether two pieces, one after the other in reading, make one string: left-to-right pieces that
/// touch, and a right-to-left word with the space after it. Reversed strings have no space inside.
fn shown_together(one: &Placed, next: &Placed) -> bool {
    let touch = |left: &Placed, right: &Placed| (left.x + left.run.advance - right.x).abs() < 0.5;
    match (one.run.rtl, next.run.rtl) {
        (false, false) => touch(one, next),
        (true, true) => next.run.space && !one.run.space && touch(next, one),
        (true, false) | (false, true) => false,
    }
}

/// The strings and gaps of one show operation.
#[derive(Default)]
struct Strings {
    done: Vec<(i32, Vec<TextItem>)>,
    items: Vec<TextItem>,
    text: String,
    rise: i32,
    carry: i32,
}

impl Strings {
    /// Moves the pen before the next glyph; gaps are positive to the left.
    fn shift(&mut self, dx: i32) {
        let gap = -(self.carry + dx);
        self.carry = 0;
        if gap != 0 {
            self.flush_text();
            self.items.push(TextItem::Offset(gap as f32));
        }
    }

    fn rise_to(&mut self, rise: i32) {
        if rise != self.rise {
            self.flush_text();
            if !self.items.is_empty() {
                self.done.push((self.rise, std::mem::take(&mut self.items)));
            }
            self.rise = rise;
        }
    }

    fn flush_text(&mut self) {
        if !self.text.is_empty() {
            self.items.push(TextItem::Text(std::mem::take(&mut self.text)));
        }
    }

    fn finish(mut self) -> Vec<(i32, Vec<TextItem>)> {
        self.flush_text();
        if !self.items.is_empty() {
            self.done.push((self.rise, self.items));
        }
        self.done
    }
}

fn points(path: &Path) -> Vec<LinePoint> {
    let nodes = path.nodes.iter();
    nodes
        .map(|node| LinePoint {
            p: Point { x: Pt(round(node.x)), y: Pt(round(PAGE.1 - node.y)) },
            bezier: node.handle,
        })
        .collect()
}

fn pdf_color(color: Color) -> PdfColor {
    let channel = |value: u8| (f32::from(value) / 255.0 * 1000.0).round() / 1000.0;
    let (r, g, b) = (channel(color.0), channel(color.1), channel(color.2));
    PdfColor::Rgb(Rgb { r, g, b, icc_profile: None })
}

/// Hundredths of a point are finer than any printer, and short to write.
fn round(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}
