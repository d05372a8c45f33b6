//! Reduces a TrueType font to its outlines: what a PDF viewer draws and nothing else.
//!
//! Hinting instructions, names and PostScript data are half of a subset font's bytes, and a PDF
//! has no use for them: codes come from the PDF's own maps, and viewers smooth outlines without
//! instructions.

/// The tables a viewer needs, in the order of the table directory.
const KEPT: [&[u8; 4]; 6] = [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"];

/// Where `head` says whether offsets in `loca` are short or long.
const LOCA_FORMAT: usize = 50;
/// Where `head` holds the adjustment that makes the whole file sum to a constant.
const CHECKSUM_ADJUSTMENT: usize = 8;

const ARGUMENTS_ARE_WORDS: u16 = 0x0001;
const HAS_SCALE: u16 = 0x0008;
const MORE_COMPONENTS: u16 = 0x0020;
const HAS_TWO_SCALES: u16 = 0x0040;
const HAS_MATRIX: u16 = 0x0080;
const HAS_INSTRUCTIONS: u16 = 0x0100;

/// The same font without hinting and without the tables a PDF does not use. `None` when the font
/// is not a well-formed TrueType font.
pub(crate) fn outlines_only(font: &[u8]) -> Option<Vec<u8>> {
    let table = |tag: &[u8; 4]| find_table(font, tag);
    let mut head = table(b"head")?.to_vec();
    let (glyphs, offsets) = without_instructions(table(b"glyf")?, table(b"loca")?, &head)?;
    head.get_mut(LOCA_FORMAT..LOCA_FORMAT + 2)?.copy_from_slice(&1_u16.to_be_bytes());
    head.get_mut(CHECKSUM_ADJUSTMENT..CHECKSUM_ADJUSTMENT + 4)?.fill(0);
    let tables = [
        glyphs,
        head,
        table(b"hhea")?.to_vec(),
        table(b"hmtx")?.to_vec(),
        offsets,
        table(b"maxp")?.to_vec(),
    ];
    Some(assembled(&tables))
}

fn find_table<'a>(font: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    let records = font.get(12..)?.chunks_exact(16).take(usize::from(word(font, 4)?));
    let record = records.into_iter().find(|record| record.starts_with(tag))?;
    let (start, length) = (long(record, 8)?, long(record, 12)?);
    font.get(start..start.checked_add(length)?)
}

/// The glyphs one after another and their offsets, long form.
fn without_instructions(glyf: &[u8], loca: &[u8], head: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let starts: Vec<usize> = if word(head, LOCA_FORMAT)? == 0 {
        let halves =
            loca.chunks_exact(2).map(|pair| usize::from(pair[0]) << 8 | usize::from(pair[1]));
        halves.map(|half| half * 2).collect()
    } else {
        (0..loca.len() / 4).filter_map(|index| long(loca, index * 4)).collect()
    };
    let (mut glyphs, mut offsets) = (Vec::new(), Vec::new());
    for pair in starts.windows(2) {
        offsets.extend_from_slice(&u32::try_from(glyphs.len()).ok()?.to_be_bytes());
        let glyph = glyf.get(pair[0]..pair[1])?;
        if !glyph.is_empty() {
            glyphs.extend(stripped(glyph)?);
            pad(&mut glyphs);
        }
    }
    offsets.extend_from_slice(&u32::try_from(glyphs.len()).ok()?.to_be_bytes());
    Some((glyphs, offsets))
}

fn stripped(glyph: &[u8]) -> Option<Vec<u8>> {
    let contours = word(glyph, 0)?;
    if contours >= 0x8000 {
        return composite(glyph);
    }
    let at = 10 + 2 * usize::from(contours);
    let instructions = usize::from(word(glyph, at)?);
    let mut kept = glyph.get(..at)?.to_vec();
    kept.extend_from_slice(&[0, 0]);
    kept.extend_from_slice(glyph.get(at + 2 + instructions..)?);
    Some(kept)
}

/// A glyph made of others: its components, with the mark of instructions taken off.
fn composite(glyph: &[u8]) -> Option<Vec<u8>> {
    let mut kept = glyph.to_vec();
    let mut at = 10;
    loop {
        let flags = word(glyph, at)?;
        let cleared = (flags & !HAS_INSTRUCTIONS).to_be_bytes();
        kept.get_mut(at..at + 2)?.copy_from_slice(&cleared);
        at += if flags & ARGUMENTS_ARE_WORDS != 0 { 8 } else { 6 };
        at += match flags {
            _ if flags & HAS_SCALE != 0 => 2,
            _ if flags & HAS_TWO_SCALES != 0 => 4,
            _ if flags & HAS_MATRIX != 0 => 8,
            _ => 0,
        };
        if flags & MORE_COMPONENTS == 0 {
            break;
        }
    }
    kept.truncate(at);
    Some(kept)
}

/// A font file of the kept tables, with checksums that add up.
fn assembled(tables: &[Vec<u8>; 6]) -> Vec<u8> {
    let count = KEPT.len();
    let mut file = vec![0, 1, 0, 0];
    // Entries, and the three numbers for binary search that follow from six of them.
    for number in [6_u16, 64, 2, 32] {
        file.extend_from_slice(&number.to_be_bytes());
    }
    let mut offset = 12 + 16 * count;
    let mut head_at = 0;
    for (tag, table) in KEPT.iter().zip(tables) {
        if *tag == b"head" {
            head_at = offset;
        }
        file.extend_from_slice(*tag);
        for number in [sum(table), as_long(offset), as_long(table.len())] {
            file.extend_from_slice(&number.to_be_bytes());
        }
        offset += table.len().next_multiple_of(4);
    }
    for table in tables {
        file.extend_from_slice(table);
        pad(&mut file);
    }
    let adjustment = 0xb1b0_afba_u32.wrapping_sub(sum(&file)).to_be_bytes();
    let place = head_at + CHECKSUM_ADJUSTMENT;
    if let Some(place) = file.get_mut(place..place + 4) {
        place.copy_from_slice(&adjustment);
    }
    file
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

fn sum(bytes: &[u8]) -> u32 {
    let words = bytes.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        u32::from_be_bytes(word)
    });
    words.fold(0, u32::wrapping_add)
}

fn as_long(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typeset::Face;

    #[test]
    fn the_reduced_font_has_the_same_glyphs_and_sums_to_the_constant() {
        for face in Face::ALL {
            let whole = face.bytes();
            let reduced = outlines_only(whole).unwrap();
            assert!(reduced.len() < whole.len() / 2, "{}", face.name());
            assert_eq!(sum(&reduced), 0xb1b0_afba, "{}", face.name());
            let glyphs = |font: &[u8]| word(find_table(font, b"maxp").unwrap(), 4).unwrap();
            assert_eq!(glyphs(&reduced), glyphs(whole), "{}", face.name());
            assert_eq!(find_table(&reduced, b"hmtx"), find_table(whole, b"hmtx"));
        }
    }

    #[test]
    fn a_cut_font_is_refused_without_a_panic() {
        let whole = Face::Regular.bytes();
        for length in (0..2_000).chain((2_000..whole.len()).step_by(1_001)) {
            let _ = outlines_only(&whole[..length]);
        }
        assert_eq!(outlines_only(&whole[..100]), None);
    }
}
