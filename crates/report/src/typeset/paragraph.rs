//! Lines of a paragraph: direction of each piece, line breaks, order on the line.
//!
//! Widths are in thousandths of the type size, so one paragraph serves every size, and both words
//! and paragraphs are kept: the cards of a cycle share nearly all their text.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use mizan_domain::text::Language;
use unicode_bidi::{BidiInfo, Level};
use unicode_linebreak::{BreakOpportunity, linebreaks};

use super::face::Face;
use super::shaper::{Run, Shaper, is_mark};
use crate::Error;

/// The caches are emptied when they hold this many entries; what is drawn never depends on them.
const CACHE_LIMIT: usize = 50_000;

/// The base direction of a paragraph or the reading direction of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    LeftToRight,
    RightToLeft,
}

impl Direction {
    pub(crate) fn of(language: Language) -> Self {
        match language {
            Language::Arabic => Self::RightToLeft,
            Language::English => Self::LeftToRight,
        }
    }
}

/// A shaped piece and where it starts on its line.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) x: f32,
    pub(crate) run: Arc<Run>,
}

/// A line: pieces in reading order, each with its place from the left edge of the line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pub(crate) pieces: Vec<Placed>,
    pub(crate) width: f32,
    /// Where the line ends in the text.
    pub(crate) end: usize,
}

/// A text broken into lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paragraph {
    pub(crate) lines: Vec<Arc<Line>>,
}

#[derive(PartialEq, Eq, Hash)]
struct ParagraphKey {
    text: Box<str>,
    face: Face,
    width: i32,
    direction: Direction,
}

/// Sets paragraphs and remembers them.
pub(crate) struct Typesetter {
    pub(crate) shaper: Shaper,
    words: HashMap<(Box<str>, Face, bool), Arc<Run>>,
    paragraphs: HashMap<ParagraphKey, Arc<Paragraph>>,
}

/// A piece of text of one level, all space or no space.
struct Item {
    end: usize,
    level: Level,
    space: bool,
    run: Arc<Run>,
}

impl Typesetter {
    pub(crate) fn new(shaper: Shaper) -> Self {
        Self { shaper, words: HashMap::new(), paragraphs: HashMap::new() }
    }

    /// Breaks `text` into lines no wider than `width`, in thousandths of the type size.
    pub(crate) fn paragraph(
        &mut self,
        text: &str,
        face: Face,
        width: f32,
        direction: Direction,
    ) -> Result<Arc<Paragraph>, Error> {
        let key = ParagraphKey { text: text.into(), face, width: width as i32, direction };
        if let Some(paragraph) = self.paragraphs.get(&key) {
            return Ok(Arc::clone(paragraph));
        }
        let paragraph = Arc::new(self.set(text, face, key.width as f32, direction)?);
        if self.paragraphs.len() >= CACHE_LIMIT {
            self.paragraphs.clear();
        }
        self.paragraphs.insert(key, Arc::clone(&paragraph));
        Ok(paragraph)
    }

    fn set(
        &mut self,
        text: &str,
        face: Face,
        width: f32,
        direction: Direction,
    ) -> Result<Paragraph, Error> {
        let base = match direction {
            Direction::LeftToRight => Level::ltr(),
            Direction::RightToLeft => Level::rtl(),
        };
        let info = BidiInfo::new(text, Some(base));
        let mut breaks = BTreeSet::new();
        let mut forced = BTreeSet::new();
        for (at, kind) in linebreaks(text) {
            breaks.insert(at);
            if kind == BreakOpportunity::Mandatory {
                forced.insert(at);
            }
        }
        let items = self.items(text, face, &info.levels, &breaks)?;
        let extra = breaks_inside(text, &items, &breaks, width);
        if extra.is_empty() {
            return Ok(lines(&items, &breaks, &forced, width));
        }
        breaks.extend(extra);
        let items = self.items(text, face, &info.levels, &breaks)?;
        Ok(lines(&items, &breaks, &forced, width))
    }

    fn items(
        &mut self,
        text: &str,
        face: Face,
        levels: &[Level],
        breaks: &BTreeSet<usize>,
    ) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut piece = String::new();
        let mut chars = text.char_indices().peekable();
        while let Some((at, letter)) = chars.next() {
            let (level, space) = (levels[at], letter.is_whitespace());
            if !is_control(letter) {
                piece.push(if space { ' ' } else { letter });
            }
            let end = at + letter.len_utf8();
            let goes_on = !breaks.contains(&end)
                && chars.peek().is_some_and(|(next, following)| {
                    levels[*next] == level && following.is_whitespace() == space
                });
            if goes_on {
                continue;
            }
            let run = self.word(&piece, face, level.is_rtl())?;
            items.push(Item { end, level, space, run });
            piece.clear();
        }
        Ok(items)
    }

    fn word(&mut self, text: &str, face: Face, rtl: bool) -> Result<Arc<Run>, Error> {
        let key = (Box::from(text), face, rtl);
        if let Some(run) = self.words.get(&key) {
            return Ok(Arc::clone(run));
        }
        let run = Arc::new(self.shaper.shape(face, text, rtl)?);
        if self.words.len() >= CACHE_LIMIT {
            self.words.clear();
        }
        self.words.insert(key, Arc::clone(&run));
        Ok(run)
    }
}

/// Direction controls steer the bidi algorithm and are never drawn.
fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Breaks between the letters of words that are wider than a whole line.
fn breaks_inside(text: &str, items: &[Item], breaks: &BTreeSet<usize>, width: f32) -> Vec<usize> {
    let mut extra = Vec::new();
    let mut start = 0;
    let mut wide = 0.0;
    for item in items {
        if !item.space {
            wide += item.run.advance;
        }
        if breaks.contains(&item.end) {
            if wide > width {
                let letters = text[start..item.end].char_indices().skip(1);
                let bases = letters.filter(|(_, letter)| !is_mark(*letter) && !is_control(*letter));
                extra.extend(bases.map(|(at, _)| start + at));
            }
            start = item.end;
            wide = 0.0;
        }
    }
    extra
}

/// Fills lines greedily, as words come.
fn lines(
    items: &[Item],
    breaks: &BTreeSet<usize>,
    forced: &BTreeSet<usize>,
    width: f32,
) -> Paragraph {
    let mut paragraph = Paragraph::default();
    let (mut first, mut used, mut chunk) = (0, 0.0_f32, 0);
    while chunk < items.len() {
        let length = items[chunk..].iter().position(|item| breaks.contains(&item.end));
        let end = chunk + length.map_or(items.len() - chunk, |at| at + 1);
        let whole: f32 = items[chunk..end].iter().map(|item| item.run.advance).sum();
        let trailing: f32 = trailing_space(&items[chunk..end]);
        if used > 0.0 && used + whole - trailing > width {
            paragraph.lines.push(Arc::new(line(&items[first..chunk])));
            (first, used) = (chunk, 0.0);
        }
        used += whole;
        chunk = end;
        if chunk < items.len() && forced.contains(&items[chunk - 1].end) {
            paragraph.lines.push(Arc::new(line(&items[first..chunk])));
            (first, used) = (chunk, 0.0);
        }
    }
    if first < items.len() {
        paragraph.lines.push(Arc::new(line(&items[first..])));
    }
    paragraph
}

fn trailing_space(items: &[Item]) -> f32 {
    items.iter().rev().take_while(|item| item.space).map(|item| item.run.advance).sum()
}

/// Puts the pieces of one line in their visual places (UAX #9, L1 and L2).
fn line(items: &[Item]) -> Line {
    let end = items.last().map_or(0, |item| item.end);
    let kept = items.len() - items.iter().rev().take_while(|item| item.space).count();
    let items = &items[..kept];
    let levels: Vec<Level> = items.iter().map(|item| item.level).collect();
    let order = BidiInfo::reorder_visual(&levels);
    let mut places = vec![0.0; items.len()];
    let mut x = 0.0;
    for index in order {
        places[index] = x;
        x += items[index].run.advance;
    }
    let drawn = items.iter().zip(places).filter(|(item, _)| !item.run.glyphs.is_empty());
    let pieces = drawn.map(|(item, x)| Placed { x, run: Arc::clone(&item.run) }).collect();
    Line { pieces, width: x, end }
}
