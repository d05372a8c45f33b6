//! Fonts as they are embedded: the glyphs, their codes, and the way back to letters.
//!
//! **Which glyphs.** One fixed repertoire for each face: what shaping makes of Latin letters,
//! digits, the usual signs, and the Arabic letters in every position with their marks. It is
//! reduced, compressed and described once for a [`crate::Renderer`], and written into each card as
//! it is, so the bytes of a card never depend on the cards before it, and no card pays for it.
//! A card that needs a glyph outside the repertoire (an accented name, say) gets a font of its
//! own: the repertoire and its additions in the order in which the card first uses them.
//!
//! **Codes.** A code stands for a pair of glyph and text, not for a glyph, because one blank glyph
//! stands for many letters (see `typeset/shaper.rs`). `CIDToGIDMap` leads from code to glyph.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use printpdf::font::{FontMetrics, FontType, PdfFontMetricsStub};
use printpdf::{FontId, ParsedFont, PdfFont};
use subsetter::GlyphRemapper;

use super::file::{Compressed, File, Id};
use super::outlines::outlines_only;
use crate::Error;
use crate::typeset::{Face, PairId, Shaper};

/// Codes are carried through printpdf as private characters, this one and up.
const FIRST_CODE_CHARACTER: u32 = 0xf_0000;

/// How many codes beyond the repertoire fit without describing the font to printpdf anew.
const SPARE_CODES: usize = 64;

/// More codes than this no scorecard needs; it keeps private characters and codes in step.
const MOST_CODES: usize = 8_000;

/// Letters that join to both sides, and letters that join to the one before only.
const ARABIC: &str = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيـ";
const MARKS: &str = "\u{64b}\u{64c}\u{64d}\u{64e}\u{64f}\u{650}\u{651}\u{652}\u{670}";
const ARABIC_SIGNS: &str = "،؛؟٪٫٬٠١٢٣٤٥٦٧٨٩";
const SIGNS: &str = "–—…“”‘’«»•·×±≥≤°©✓\u{a0}";

/// The fixed repertoire of one face, ready to be written.
struct FaceFont {
    codes: HashMap<PairId, u16>,
    pairs: Vec<PairId>,
    program: Program,
}

/// The streams and entries of one embedded font.
struct Program {
    file: Compressed,
    to_unicode: Compressed,
    glyph_map: Compressed,
    widths: String,
}

/// The fonts of a batch.
pub(crate) struct Fonts {
    faces: Vec<FaceFont>,
    parsed: Vec<PdfFont>,
}

/// The codes one card uses: the repertoire's, and its own after them.
#[derive(Debug, Default)]
pub(crate) struct CardCodes {
    own: [(HashMap<PairId, u16>, Vec<PairId>); 2],
}

impl Fonts {
    pub(crate) fn new(shaper: &mut Shaper) -> Result<Self, Error> {
        let mut faces: Vec<FaceFont> = Vec::new();
        let mut parsed = Vec::new();
        for face in Face::ALL {
            probe(shaper, face)?;
            let pairs = sorted_pairs(shaper, face);
            let program = Program::new(shaper, face, &pairs)?;
            let codes = pairs.iter().zip(1..).map(|(pair, code)| (*pair, code)).collect();
            faces.push(FaceFont { codes, pairs, program });
            parsed.push(carrier(faces[face.index()].pairs.len() + SPARE_CODES));
        }
        Ok(Self { faces, parsed })
    }

    /// What printpdf has to know: names and codes, no font program.
    pub(crate) fn for_printpdf(&self, codes: &CardCodes) -> BTreeMap<FontId, PdfFont> {
        let named = Face::ALL.into_iter().map(|face| {
            let own = codes.own[face.index()].1.len();
            let font = if own <= SPARE_CODES {
                self.parsed[face.index()].clone()
            } else {
                carrier(self.faces[face.index()].pairs.len() + own)
            };
            (FontId(face.resource().to_owned()), font)
        });
        named.collect()
    }

    /// The character that carries a pair's code through printpdf.
    pub(crate) fn character(&self, codes: &mut CardCodes, face: Face, pair: PairId) -> char {
        let code = self.faces[face.index()].codes.get(&pair).copied().unwrap_or_else(|| {
            let next = self.faces[face.index()].pairs.len() + 1;
            let (own, order) = &mut codes.own[face.index()];
            *own.entry(pair).or_insert_with(|| {
                order.push(pair);
                u16::try_from(next + order.len() - 1).unwrap_or(u16::MAX)
            })
        });
        char::from_u32(FIRST_CODE_CHARACTER + u32::from(code)).unwrap_or_default()
    }

    /// Writes both fonts and gives the entries of a page's font resources.
    pub(crate) fn write(
        &self,
        file: &mut File,
        codes: &CardCodes,
        shaper: &Shaper,
    ) -> Result<String, Error> {
        let mut resources = String::new();
        for face in Face::ALL {
            let shared = &self.faces[face.index()];
            let (_, own) = &codes.own[face.index()];
            let id = if own.is_empty() {
                shared.program.write(file, face)
            } else {
                let pairs: Vec<PairId> = shared.pairs.iter().chain(own).copied().collect();
                Program::new(shaper, face, &pairs)?.write(file, face)
            };
            let _ = write!(resources, "/{} {id}", face.resource());
        }
        Ok(resources)
    }

    /// How many codes the repertoire of a face has.
    #[cfg(test)]
    pub(crate) fn repertoire(&self, face: Face) -> usize {
        self.faces[face.index()].pairs.len()
    }
}

impl CardCodes {
    /// How many codes the card needs beyond the repertoire.
    #[cfg(test)]
    pub(crate) fn beyond_repertoire(&self) -> usize {
        self.own.iter().map(|(_, pairs)| pairs.len()).sum()
    }
}

/// Shapes everything the repertoire is made of.
///
/// The face has a ligature or a form of its own for many pairs of Arabic letters (نر, ير, ني), so
/// every pair is shaped alone and inside a word.
fn probe(shaper: &mut Shaper, face: Face) -> Result<(), Error> {
    let signs: String = (' '..='~').chain(SIGNS.chars()).flat_map(|sign| [sign, ' ']).collect();
    shaper.shape(face, &format!("{signs} ff fi fl ffi ffl"), false)?;
    let arabic_signs: String = ARABIC_SIGNS.chars().flat_map(|sign| [sign, ' ']).collect();
    shaper.shape(face, &format!("{signs} {arabic_signs} الله لله بالله"), true)?;
    for first in ARABIC.chars() {
        let mut words = format!("{first} ب{first} {first}ب ب{first}ب ");
        for second in ARABIC.chars() {
            let pair = [first, second].iter().collect::<String>();
            let _ = write!(words, "{pair} ب{pair} {pair}ب ب{pair}ب ");
            // Pairs that end on reh or zain also look at the letter after them.
            for third in if "رز".contains(second) { ARABIC } else { "" }.chars() {
                let _ = write!(words, "{pair}{third} ب{pair}{third} ");
            }
        }
        for mark in MARKS.chars() {
            let _ = write!(words, "{first}{mark} ب{first}{mark}ب ل{first}{mark} بل{first}{mark} ");
        }
        shaper.shape(face, &words, true)?;
    }
    for mark in MARKS.chars() {
        let words = format!("ب\u{651}{mark}ب ب{mark}\u{651} ل{mark}ا بل{mark}ا ل{mark}أ");
        shaper.shape(face, &words, true)?;
    }
    Ok(())
}

fn sorted_pairs(shaper: &Shaper, face: Face) -> Vec<PairId> {
    let table = shaper.pairs(face);
    let count = u32::try_from(table.len()).unwrap_or(u32::MAX);
    let mut pairs: Vec<PairId> = (0..count).map(PairId).collect();
    pairs.sort_by_key(|pair| table.get(*pair));
    pairs
}

/// A font for printpdf that maps the private characters to codes. It has no bytes: the font
/// dictionary printpdf writes is thrown away, and only the codes in the page content are kept.
fn carrier(codes: usize) -> PdfFont {
    let codes = (0_u16..).take(codes + 1);
    let codepoint_to_glyph =
        codes.map(|code| (FIRST_CODE_CHARACTER + u32::from(code), code)).collect();
    PdfFont::new(ParsedFont {
        original_bytes: Vec::new(),
        font_index: 0,
        font_name: None,
        codepoint_to_glyph,
        glyph_widths: BTreeMap::new(),
        units_per_em: 1000,
        font_metrics: FontMetrics { ascent: 0, descent: 0 },
        font_type: FontType::TrueType,
        pdf_font_metrics: PdfFontMetricsStub::default(),
    })
}

impl Program {
    fn new(shaper: &Shaper, face: Face, pairs: &[PairId]) -> Result<Self, Error> {
        if pairs.len() > MOST_CODES {
            return Err(Error::TooManyGlyphs { name: face.name(), count: pairs.len() });
        }
        let table = shaper.pairs(face);
        let mut mapper = GlyphRemapper::new();
        let mut glyph_map = vec![0, 0];
        let mut widths = String::from("1[");
        for pair in pairs {
            let (glyph, _) = table.get(*pair);
            glyph_map.extend_from_slice(&mapper.remap(glyph).to_be_bytes());
            let _ = write!(widths, "{} ", shaper.width(face, glyph));
        }
        widths.push(']');
        let subset = subsetter::subset(face.bytes(), 0, &mapper)
            .map_err(|source| Error::Subset { name: face.name(), source })?;
        let subset = outlines_only(&subset).ok_or(Error::Font { name: face.name() })?;
        let texts = pairs.iter().map(|pair| table.get(*pair).1);
        Ok(Self {
            file: Compressed::new(format!("/Length1 {}", subset.len()), &subset),
            to_unicode: Compressed::new(String::new(), to_unicode(texts).as_bytes()),
            glyph_map: Compressed::new(String::new(), &glyph_map),
            widths,
        })
    }

    fn write(&self, file: &mut File, face: Face) -> Id {
        let name = format!("MIZANA+{}", face.name());
        let program = file.shared(&self.file);
        let to_unicode = file.shared(&self.to_unicode);
        let glyph_map = file.shared(&self.glyph_map);
        let descriptor = file.add(&format!(
            "<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[-233 -588 7925 1107]\
             /ItalicAngle 0/Ascent 1085/Descent -415/CapHeight 698/StemV {}/FontFile2 {program}>>",
            face.stem_width()
        ));
        let descendant = file.add(&format!(
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)\
             /Ordering(Identity)/Supplement 0>>/FontDescriptor {descriptor}/DW 0/W[{}]\
             /CIDToGIDMap {glyph_map}>>",
            self.widths
        ));
        file.add(&format!(
            "<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H\
             /DescendantFonts[{descendant}]/ToUnicode {to_unicode}>>"
        ))
    }
}

/// The map from codes, numbered from 1, to text.
fn to_unicode<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let entries: Vec<String> = texts
        .zip(1_u16..)
        .map(|(text, code)| {
            let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
            format!("<{code:04X}> <{units}>\n")
        })
        .collect();
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n\
         << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
         /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    for block in entries.chunks(100) {
        let _ = write!(map, "{} beginbfchar\n{}endbfchar\n", block.len(), block.concat());
    }
    map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map
}

#[cfg(test)]
mod tests {
    use mizan_domain::text::Language;

    use super::*;
    use crate::document::compose;
    use crate::layout::lay_out;
    use crate::pdf::PdfCanvas;
    use crate::sample;
    use crate::typeset::Typesetter;

    fn beyond_repertoire(card: &crate::Card, language: Language) -> usize {
        let mut typesetter = Typesetter::new(Shaper::new().unwrap());
        let fonts = Fonts::new(&mut typesetter.shaper).unwrap();
        let mut canvas = PdfCanvas::new(&fonts);
        lay_out(&compose(card, language), &mut canvas, &mut typesetter).unwrap();
        canvas.write_pages().unwrap();
        canvas.codes.beyond_repertoire()
    }

    #[test]
    fn an_ordinary_card_needs_no_font_of_its_own() {
        for language in Language::ALL {
            assert_eq!(beyond_repertoire(&sample::full(), language), 0, "{language}");
        }
    }

    #[test]
    fn foreign_letters_bring_codes_of_their_own() {
        assert!(beyond_repertoire(&sample::mixed_remarks(), Language::English) > 5);
    }

    #[test]
    fn the_repertoire_covers_arabic_and_latin() {
        let mut typesetter = Typesetter::new(Shaper::new().unwrap());
        let fonts = Fonts::new(&mut typesetter.shaper).unwrap();
        for face in Face::ALL {
            let codes = fonts.repertoire(face);
            assert!((300..700).contains(&codes), "{} has {codes} codes", face.name());
        }
    }
}
