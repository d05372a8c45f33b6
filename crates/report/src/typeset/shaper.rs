//! Shaping of one word at a time, and the table of glyphs that shaping has produced.
//!
//! A PDF viewer copies text by mapping each code back to letters, and every engine turns the
//! *glyphs* of a right-to-left line around, never the letters inside one glyph. A lam-alef
//! ligature mapped to two letters therefore comes back reversed. So a ligature glyph stands for
//! its first letter alone, and a blank glyph without width, drawn before it, for each further one.

use std::collections::{HashMap, VecDeque};

use harfrust::{
    Buffer, BufferFlags, ClusterLevel, Direction, Feature, Font, GlyphInfo, GlyphPosition,
    Language, Script, ShapeOptions, ShapePlan, ShaperFont, Tag,
};

use super::face::Face;
use crate::Error;

/// What a glyph stands for that has no letter of its own: PDF/UA wants some text for every code.
const NO_LETTER: &str = "\u{200b}";

/// A glyph as it stands for one piece of text: the unit that gets a code in the PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PairId(pub(crate) u32);

/// A positioned glyph, in thousandths of the type size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) pair: PairId,
    /// The width the font gives the glyph.
    pub(crate) width: i32,
    /// How far the pen moves.
    pub(crate) advance: i32,
    pub(crate) dx: i32,
    pub(crate) dy: i32,
}

/// A shaped word or space: glyphs in visual order, left to right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    pub(crate) face: Face,
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) advance: f32,
    pub(crate) rtl: bool,
    /// Whether it is white space.
    pub(crate) space: bool,
}

/// Every pair of glyph and text seen so far, by face.
#[derive(Debug, Default)]
pub(crate) struct PairTable {
    ids: HashMap<(u16, Box<str>), u32>,
    pairs: Vec<(u16, Box<str>)>,
}

impl PairTable {
    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    pub(crate) fn get(&self, id: PairId) -> (u16, &str) {
        let (glyph, text) = &self.pairs[id.0 as usize];
        (*glyph, text)
    }

    fn intern(&mut self, glyph: u16, text: &str) -> PairId {
        let key = (glyph, Box::from(text));
        if let Some(id) = self.ids.get(&key) {
            return PairId(*id);
        }
        let id = u32::try_from(self.pairs.len()).unwrap_or(u32::MAX);
        self.pairs.push(key.clone());
        self.ids.insert(key, id);
        PairId(id)
    }
}

struct FaceData {
    font: Font,
    rtl: ShapePlan,
    ltr: ShapePlan,
    blank: u16,
    unknown: u16,
    pairs: PairTable,
}

/// The parsed faces with their shape plans.
pub(crate) struct Shaper {
    faces: Vec<FaceData>,
    arabic: Option<Language>,
    english: Option<Language>,
    rtl_features: [Feature; 1],
    buffer: Buffer,
}

impl Shaper {
    pub(crate) fn new() -> Result<Self, Error> {
        let arabic: Option<Language> = "ar".parse().ok();
        let english: Option<Language> = "en".parse().ok();
        // Plex kerns around reh by so much that viewers see a gap and copy a space.
        let rtl_features = [Feature::new(Tag::new(b"kern"), 0, ..)];
        let mut faces = Vec::new();
        for face in Face::ALL {
            let unreadable = || Error::Font { name: face.name() };
            let font = Font::new(face.bytes().to_vec(), 0).ok_or_else(unreadable)?;
            let plan = |direction, script, language: &Option<Language>, features: &[Feature]| {
                ShapePlan::new(&font, direction, Some(script), language.as_ref(), features)
            };
            let rtl = plan(Direction::RightToLeft, Script::ARABIC, &arabic, &rtl_features);
            let ltr = plan(Direction::LeftToRight, Script::LATIN, &english, &[]);
            let shaper_font = ShaperFont::new(&font);
            let glyph = |code: u32| {
                shaper_font.nominal_glyph(code).and_then(|id| u16::try_from(id.to_u32()).ok())
            };
            let blank = glyph(0).ok_or_else(unreadable)?;
            let unknown = glyph(u32::from('?')).ok_or_else(unreadable)?;
            drop(shaper_font);
            faces.push(FaceData { font, rtl, ltr, blank, unknown, pairs: PairTable::default() });
        }
        Ok(Self { faces, arabic, english, rtl_features, buffer: Buffer::new() })
    }

    pub(crate) fn pairs(&self, face: Face) -> &PairTable {
        &self.faces[face.index()].pairs
    }

    /// The width the font gives a glyph.
    pub(crate) fn width(&self, face: Face, glyph: u16) -> i32 {
        ShaperFont::new(&self.faces[face.index()].font).glyph_h_advance(u32::from(glyph).into())
    }

    /// Shapes a word or a space, all of one direction.
    pub(crate) fn shape(&mut self, face: Face, text: &str, rtl: bool) -> Result<Run, Error> {
        if text.is_empty() {
            return Ok(Run { face, glyphs: Vec::new(), advance: 0.0, rtl, space: false });
        }
        let data = &mut self.faces[face.index()];
        let (direction, script, language, plan, features) = if rtl {
            let features = &self.rtl_features[..];
            (Direction::RightToLeft, Script::ARABIC, &self.arabic, &data.rtl, features)
        } else {
            (Direction::LeftToRight, Script::LATIN, &self.english, &data.ltr, &[][..])
        };
        let buffer = &mut self.buffer;
        buffer.clear();
        buffer.push_str(text);
        buffer.set_direction(direction);
        buffer.set_script(Some(script));
        buffer.set_language(language.clone());
        buffer.set_cluster_level(ClusterLevel::MonotoneCharacters);
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
        let font = ShaperFont::new(&data.font);
        let options = ShapeOptions::new().plan(Some(plan)).features(features);
        harfrust::shape(&font, buffer, options).map_err(|source| Error::Shape { source })?;

        let mut clusters = Clusters {
            text,
            rtl,
            blank: data.blank,
            unknown: data.unknown,
            font: &font,
            pairs: &mut data.pairs,
            glyphs: Vec::with_capacity(buffer.len()),
        };
        clusters.read(buffer.glyph_infos(), buffer.glyph_positions());
        let glyphs = clusters.glyphs;
        let advance = glyphs.iter().map(|glyph| glyph.advance).sum::<i32>() as f32;
        let space = text.chars().all(char::is_whitespace);
        Ok(Run { face, glyphs, advance, rtl, space })
    }
}

/// Reads shaped clusters and says which letters each glyph stands for.
struct Clusters<'a, 'f> {
    text: &'a str,
    rtl: bool,
    blank: u16,
    unknown: u16,
    font: &'a ShaperFont<'f, 'f>,
    pairs: &'a mut PairTable,
    glyphs: Vec<Glyph>,
}

impl Clusters<'_, '_> {
    fn read(&mut self, infos: &[GlyphInfo], positions: &[GlyphPosition]) {
        let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        let mut first = 0;
        while first < infos.len() {
            let start = infos[first].cluster as usize;
            let same = infos[first..].iter().take_while(|info| info.cluster as usize == start);
            let count = same.count();
            let next = starts.partition_point(|at| *at <= start);
            let end = starts.get(next).copied().unwrap_or(self.text.len());
            let letters = self.text.get(start..end).unwrap_or_default();
            let range = first..first + count;
            self.cluster(letters, &infos[range.clone()], &positions[range]);
            first += count;
        }
    }

    fn cluster(&mut self, letters: &str, infos: &[GlyphInfo], positions: &[GlyphPosition]) {
        let parts = self.parts(letters, infos, positions);
        for (glyph, text) in parts {
            let Some((info, position)) = glyph.and_then(|at| infos.get(at).zip(positions.get(at)))
            else {
                self.push(self.blank, &text, GlyphPosition::default());
                continue;
            };
            let glyph = self.glyph(info.glyph_id, &text);
            let missing = info.glyph_id == 0;
            let position = if missing { self.own_advance(glyph) } else { *position };
            self.push(glyph, &text, position);
        }
    }

    /// Which glyph of a cluster stands for which letters, in the order of drawing; a letter
    /// without a glyph of its own gets a blank.
    fn parts(
        &self,
        letters: &str,
        infos: &[GlyphInfo],
        positions: &[GlyphPosition],
    ) -> Vec<(Option<usize>, String)> {
        if !self.rtl {
            let texts = (0..infos.len())
                .map(|at| (Some(at), if at == 0 { letters } else { NO_LETTER }.to_owned()));
            return texts.collect();
        }
        // Reading order is the drawing order turned round. Marks have no advance.
        let all = (0..infos.len()).rev();
        let (mut marks, mut bases): (VecDeque<usize>, VecDeque<usize>) =
            all.partition(|at| infos.len() > 1 && positions[*at].x_advance == 0);
        let mut parts: Vec<(Option<usize>, String)> = letters
            .chars()
            .map(|letter| {
                let queue =
                    if is_mark(letter) && infos.len() > 1 { &mut marks } else { &mut bases };
                (queue.pop_front(), letter.to_string())
            })
            .collect();
        let left = bases.into_iter().chain(marks);
        parts.extend(left.map(|glyph| (Some(glyph), NO_LETTER.to_owned())));
        let drawn: Vec<usize> = parts.iter().filter_map(|(glyph, _)| *glyph).collect();
        if drawn.is_sorted_by(|one, other| one > other) {
            parts.reverse();
            return parts;
        }
        // Moving glyphs past each other would move them on the page: keep them where they are.
        let last = infos.len() - 1;
        let kept = (0..infos.len())
            .map(|at| (Some(at), if at == last { letters } else { NO_LETTER }.to_owned()));
        kept.collect()
    }

    /// The glyph to draw. A letter the font lacks shows as a question mark, a pictograph as
    /// nothing; both keep their text, so that copying gives back what was written.
    fn glyph(&self, id: u32, text: &str) -> u16 {
        match u16::try_from(id) {
            Ok(0) | Err(_) if text.chars().all(is_pictograph) => self.blank,
            Ok(0) | Err(_) => self.unknown,
            Ok(glyph) => glyph,
        }
    }

    fn own_advance(&self, glyph: u16) -> GlyphPosition {
        let mut position = GlyphPosition::default();
        position.x_advance = self.font.glyph_h_advance(u32::from(glyph).into());
        position
    }

    fn push(&mut self, glyph: u16, text: &str, position: GlyphPosition) {
        let width = self.font.glyph_h_advance(u32::from(glyph).into());
        let pair = self.pairs.intern(glyph, if text.is_empty() { NO_LETTER } else { text });
        self.glyphs.push(Glyph {
            pair,
            width,
            advance: position.x_advance,
            dx: position.x_offset,
            dy: position.y_offset,
        });
    }
}

/// Whether a letter is drawn on another one: the Arabic and Latin combining marks.
pub(crate) fn is_mark(letter: char) -> bool {
    matches!(u32::from(letter), 0x300..=0x36f | 0x610..=0x61a | 0x64b..=0x65f | 0x670)
}

fn is_pictograph(letter: char) -> bool {
    matches!(u32::from(letter), 0x200b | 0x2600..=0x27bf | 0xfe00..=0xfe0f | 0x1f000..)
}
