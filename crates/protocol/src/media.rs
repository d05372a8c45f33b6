//! What a piece of evidence may be, and taking off what it must not carry.
//!
//! Pure: bytes in, bytes out. The walkers are our own because they keep a closed list of parts: a
//! general library keeps what it does not know, such as the second image or the maker's trailer after
//! the end of a JPEG, where places and times hide. HEIC is refused: its metadata cannot be taken off
//! without rewriting the file.
//! The device cleans by it, the server refuses by it: one list of types and one rule for both.

use crate::code::ErrorBody;

/// The largest file that is accepted.
pub const MAX_BYTES: usize = 20 << 20;
/// The types that are accepted, in words for an error message.
pub const ALLOWED: &str = "JPEG, PNG, WebP, PDF, plain text";

const JPEG: &str = "image/jpeg";
const PNG: &str = "image/png";
const WEBP: &str = "image/webp";
const PDF: &str = "application/pdf";
const TEXT: &str = "text/plain";

/// The types that are accepted, as media types.
pub const TYPES: [&str; 5] = [JPEG, PNG, WEBP, PDF, TEXT];

/// A file that is fit to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Its media type, found from its content.
    pub media_type: &'static str,
    /// Its bytes without metadata.
    pub bytes: Vec<u8>,
}

/// Why a file is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaFault {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is larger than [`MAX_BYTES`].
    #[error("the file has {bytes} bytes; at most {MAX_BYTES} are accepted")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// It is of a type that is not accepted.
    #[error("a file of the type {found} is not accepted; accepted are {ALLOWED}")]
    Type {
        /// The type it was found or said to be of.
        found: String,
    },
    /// It is cut off or damaged.
    #[error("the {media_type} file is cut off or damaged: {what}")]
    Damaged {
        /// Its type.
        media_type: &'static str,
        /// What is wrong.
        what: &'static str,
    },
    /// It carries what [`accept`] would take off.
    #[error("the {media_type} file carries metadata that is not kept")]
    Metadata {
        /// Its type.
        media_type: &'static str,
    },
}

impl MediaFault {
    /// The fault as it crosses a boundary.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        match self {
            Self::Empty => ErrorBody::new("evidence.damaged"),
            Self::TooLarge { bytes } => {
                ErrorBody::new("evidence.too_large").with("bytes", bytes).with("max", MAX_BYTES)
            }
            Self::Type { found } => {
                ErrorBody::new("evidence.type").with("found", found).with("allowed", ALLOWED)
            }
            Self::Damaged { media_type, .. } => {
                ErrorBody::new("evidence.damaged").with("type", media_type)
            }
            Self::Metadata { media_type } => {
                ErrorBody::new("evidence.metadata").with("type", media_type)
            }
        }
    }
}

/// Refuses a file that is not exactly what [`accept`] would make of it, or not of the type it is said
/// to be.
///
/// # Errors
/// What [`accept`] refuses, [`MediaFault::Type`], [`MediaFault::Metadata`].
pub fn check_clean(bytes: &[u8], said: &str) -> Result<(), MediaFault> {
    let Media { media_type, bytes: cleaned } = accept(bytes)?;
    if media_type != said {
        return Err(MediaFault::Type { found: media_type.to_owned() });
    }
    if cleaned != bytes {
        return Err(MediaFault::Metadata { media_type });
    }
    Ok(())
}

/// Looks at a file and takes its metadata off.
///
/// # Errors
/// Empty, too large, of a type that is not accepted, or cut off: each named, with its remedy.
pub fn accept(bytes: &[u8]) -> Result<Media, MediaFault> {
    if bytes.is_empty() {
        return Err(MediaFault::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(MediaFault::TooLarge { bytes: bytes.len() });
    }
    let sniffed = infer::get(bytes).map(|found| found.mime_type());
    let (media_type, cleaned) = match sniffed {
        Some(JPEG) => (JPEG, clean_jpeg(bytes)),
        Some(PNG) => (PNG, clean_png(bytes)),
        Some(WEBP) => (WEBP, clean_webp(bytes)),
        Some(PDF) => (PDF, whole_pdf(bytes)),
        None if is_text(bytes) => (TEXT, Ok(bytes.to_vec())),
        other => {
            let found = other.unwrap_or("unknown").to_owned();
            return Err(MediaFault::Type { found });
        }
    };
    let bytes = cleaned.map_err(|what| MediaFault::Damaged { media_type, what })?;
    Ok(Media { media_type, bytes })
}

fn is_text(bytes: &[u8]) -> bool {
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_plain))
}

/// The PDF as it is: its metadata stays, because removing it means rewriting the file.
fn whole_pdf(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let tail = &bytes[bytes.len().saturating_sub(1024)..];
    let has_end = tail.windows(5).any(|window| window == b"%%EOF");
    if has_end { Ok(bytes.to_vec()) } else { Err("its end is missing") }
}

const CUT: &str = "its end is missing";

/// Keeps what the picture is made of, up to the first end of image.
fn clean_jpeg(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut kept = vec![0xFF, 0xD8];
    let mut orientation = None;
    let mut at = 2;
    let mut has_frame = false;
    loop {
        if *bytes.get(at).ok_or(CUT)? != 0xFF {
            return Err("a segment does not start where it should");
        }
        let marker = *bytes.get(at + 1).ok_or(CUT)?;
        match marker {
            // Fill bytes before a marker.
            0xFF => at += 1,
            0xD9 if has_frame => break,
            0xD9 => return Err("it has no picture"),
            // Markers without a length: TEM and stray restarts.
            0x01 | 0xD0..=0xD7 => at += 2,
            _ => {
                let length = be16(bytes, at + 2).ok_or(CUT)?;
                let end = at + 2 + length;
                let segment = bytes.get(at..end).ok_or(CUT)?;
                at = end;
                match marker {
                    0xE1 => {
                        orientation = orientation.or_else(|| exif_orientation(segment.get(4..)?));
                    }
                    _ if keeps_jpeg_segment(marker, segment) => kept.extend_from_slice(segment),
                    _ => {}
                }
                if marker == 0xDA {
                    has_frame = true;
                    let scan = scan_length(bytes.get(at..).ok_or(CUT)?).ok_or(CUT)?;
                    kept.extend_from_slice(&bytes[at..at + scan]);
                    at += scan;
                }
            }
        }
    }
    kept.extend_from_slice(&[0xFF, 0xD9]);
    if let Some(turned) = orientation.filter(|turned| (2..=8).contains(turned)) {
        // Which way is up is not where or when: without it every phone's photo lies on its side.
        kept.splice(2..2, orientation_segment(turned));
    }
    Ok(kept)
}

/// Frames, tables and scans; JFIF, a colour profile and Adobe's colour transform; nothing else.
fn keeps_jpeg_segment(marker: u8, segment: &[u8]) -> bool {
    let content = segment.get(4..).unwrap_or(&[]);
    match marker {
        0xE0 => content.starts_with(b"JFIF\0"),
        0xE2 => content.starts_with(b"ICC_PROFILE\0"),
        0xEE => content.starts_with(b"Adobe"),
        0xE1 | 0xE3..=0xED | 0xEF | 0xF0..=0xFE => false,
        _ => true,
    }
}

/// The length of entropy-coded bytes: up to a marker that is neither stuffing nor a restart.
fn scan_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7 | 0xFF))
}

/// The orientation in an EXIF segment's content, if it names one.
fn exif_orientation(content: &[u8]) -> Option<u16> {
    let tiff = content.strip_prefix(b"Exif\0\0")?;
    let is_little = tiff.starts_with(b"II");
    let u16_at = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let quad: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first = if is_little { u32::from_le_bytes(quad) } else { u32::from_be_bytes(quad) };
    let first = usize::try_from(first).ok().filter(|at| *at < tiff.len())?;
    let entries = usize::from(u16_at(first)?);
    let entry = |n: usize| first + 2 + 12 * n;
    let found = (0..entries).find(|n| u16_at(entry(*n)) == Some(0x0112))?;
    u16_at(entry(found) + 8)
}

/// An EXIF segment that says which way is up and nothing else.
fn orientation_segment(orientation: u16) -> Vec<u8> {
    let mut segment = vec![0xFF, 0xE1, 0, 34];
    segment.extend_from_slice(b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0");
    segment.extend_from_slice(&orientation.to_le_bytes());
    segment.extend_from_slice(&[0; 6]);
    segment
}

/// Keeps the chunks that decide what is seen; drops texts, times, EXIF and what follows the end.
fn clean_png(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    const SHOWN: [&[u8; 4]; 11] = [
        b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"sBIT", b"bKGD", b"cICP", b"mDCV",
        b"cLLI",
    ];
    let mut kept = bytes.get(..8).ok_or(CUT)?.to_vec();
    let mut at = 8;
    let mut has_picture = false;
    loop {
        let length = be32(bytes, at).ok_or(CUT)?;
        let kind: &[u8; 4] =
            bytes.get(at + 4..at + 8).and_then(|kind| kind.try_into().ok()).ok_or(CUT)?;
        let end = length.checked_add(at + 12).ok_or(CUT)?;
        let chunk = bytes.get(at..end).ok_or(CUT)?;
        has_picture |= kind == b"IDAT";
        // An upper-case first letter marks a chunk without which the picture cannot be shown.
        if kind[0].is_ascii_uppercase() || SHOWN.contains(&kind) {
            kept.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return if has_picture { Ok(kept) } else { Err("it has no picture") };
        }
        at = end;
    }
}

/// Drops EXIF and XMP and what follows the end; the flags that announce them are cleared.
fn clean_webp(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let announced = le32(bytes, 4).and_then(|size| size.checked_add(8)).ok_or(CUT)?;
    let bytes = bytes.get(..announced).ok_or(CUT)?;
    let mut kept = bytes.get(..12).ok_or(CUT)?.to_vec();
    let mut at = 12;
    let mut has_picture = false;
    while at < bytes.len() {
        let kind = bytes.get(at..at + 4).ok_or(CUT)?;
        let length = le32(bytes, at + 4).ok_or(CUT)?;
        let end =
            length.checked_add(length % 2).and_then(|len| len.checked_add(at + 8)).ok_or(CUT)?;
        let chunk = bytes.get(at..end).ok_or(CUT)?;
        match kind {
            b"EXIF" | b"XMP " => {}
            b"VP8X" => {
                let mut chunk = chunk.to_vec();
                // Bits 3 and 2 announce EXIF and XMP.
                *chunk.get_mut(8).ok_or(CUT)? &= !0b0000_1100;
                kept.extend_from_slice(&chunk);
            }
            b"VP8 " | b"VP8L" | b"ANMF" => {
                has_picture = true;
                kept.extend_from_slice(chunk);
            }
            b"ALPH" | b"ANIM" | b"ICCP" => kept.extend_from_slice(chunk),
            _ => {}
        }
        at = end;
    }
    if !has_picture {
        return Err("it has no picture");
    }
    let size = (kept.len() - 8) as u32;
    kept[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(kept)
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let pair: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(u16::from_be_bytes(pair)))
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let quad: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(quad)).ok()
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    let quad: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(quad)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = (content.len() + 2) as u16;
        [&[0xFF, marker], length.to_be_bytes().as_slice(), content].concat()
    }

    fn exif(orientation: u16) -> Vec<u8> {
        let mut content = orientation_segment(orientation)[4..].to_vec();
        content.extend_from_slice(b"GPS 31.95N 35.91E");
        segment(0xE1, &content)
    }

    fn jpeg(metadata: &[u8]) -> Vec<u8> {
        let scan = [0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56];
        [
            &[0xFF, 0xD8],
            segment(0xE0, b"JFIF\0\x01\x01").as_slice(),
            metadata,
            &segment(0xDB, &[0; 65]),
            &segment(0xC0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
            &segment(0xDA, &[1, 1, 0, 0, 63, 0]),
            &scan,
            &[0xFF, 0xD9],
        ]
        .concat()
    }

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = content.len() as u32;
        [length.to_be_bytes().as_slice(), kind, content, &[0; 4]].concat()
    }

    fn png(extra: &[u8]) -> Vec<u8> {
        let start = b"\x89PNG\r\n\x1a\n".as_slice();
        [start, &chunk(b"IHDR", &[0; 13]), extra, &chunk(b"IDAT", &[1; 9]), &chunk(b"IEND", &[])]
            .concat()
    }

    fn webp(flags: u8, extra: &[u8]) -> Vec<u8> {
        let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
        body.extend_from_slice(&[flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        body.extend_from_slice(b"VP8L\x04\0\0\0\x2f\0\0\0");
        body.extend_from_slice(extra);
        let size = (body.len() as u32).to_le_bytes();
        [b"RIFF".as_slice(), &size, &body].concat()
    }

    #[test]
    fn a_jpeg_loses_place_comment_and_trailer_and_keeps_its_picture() {
        let metadata = [exif(1), segment(0xFE, b"a comment"), segment(0xED, b"Photoshop")].concat();
        let original = [jpeg(&metadata), b"a maker's trailer".to_vec()].concat();
        let cleaned = accept(&original).unwrap();
        assert_eq!(cleaned.media_type, "image/jpeg");
        assert_eq!(cleaned.bytes, jpeg(&[]));
        assert_eq!(accept(&cleaned.bytes).unwrap(), cleaned, "cleaning twice changes nothing");
    }

    #[test]
    fn a_turned_jpeg_keeps_which_way_is_up_and_nothing_else() {
        let cleaned = accept(&jpeg(&exif(6))).unwrap().bytes;
        assert!(!cleaned.windows(3).any(|window| window == b"GPS"));
        assert_eq!(exif_orientation(&cleaned[6..]), Some(6));
        assert_eq!(cleaned.len(), jpeg(&[]).len() + 36);
    }

    #[test]
    fn a_png_and_a_webp_lose_their_metadata() {
        let extra =
            [chunk(b"eXIf", b"GPS"), chunk(b"tEXt", b"Author\0me"), chunk(b"gAMA", &[0; 4])];
        let cleaned = accept(&png(&extra.concat())).unwrap();
        assert_eq!(cleaned.bytes, png(&chunk(b"gAMA", &[0; 4])));
        let cleaned = accept(&webp(0b0001_1100, b"EXIF\x03\0\0\0GPS\0")).unwrap();
        assert_eq!((cleaned.media_type, cleaned.bytes), ("image/webp", webp(0b0001_0000, &[])));
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_refused_by_name() {
        let whole = [jpeg(&[]), png(&[]), webp(0, &[]), b"%PDF-1.7\nbody\n%%EOF\n".to_vec()];
        for file in whole {
            let media_type = accept(&file).unwrap().media_type;
            for length in 20..file.len() - 2 {
                let refused = accept(&file[..length]).unwrap_err();
                assert_eq!(refused.body().code, "evidence.damaged", "{media_type} at {length}");
            }
        }
    }

    #[test]
    fn what_would_be_cleaned_is_refused_and_what_was_cleaned_is_not() {
        let marked = [
            (JPEG, jpeg(&exif(1))),
            (JPEG, jpeg(&exif(6))),
            (JPEG, jpeg(&segment(0xFE, b"a comment"))),
            (JPEG, [jpeg(&[]), b"a maker's trailer".to_vec()].concat()),
            (PNG, png(&chunk(b"tEXt", b"Author\0me"))),
            (PNG, [png(&[]), b"trailer".to_vec()].concat()),
            (WEBP, webp(0b0000_1000, b"EXIF\x03\0\0\0GPS\0")),
            (WEBP, webp(0b0000_1000, &[])),
        ];
        for (said, file) in marked {
            let refused = check_clean(&file, said).unwrap_err();
            assert_eq!(refused, MediaFault::Metadata { media_type: said }, "{file:?}");
            let cleaned = accept(&file).unwrap().bytes;
            assert_eq!(check_clean(&cleaned, said), Ok(()), "{said}");
        }
        let found = check_clean(&png(&[]), JPEG).unwrap_err();
        assert_eq!(found, MediaFault::Type { found: PNG.to_owned() });
        assert_eq!(check_clean(b"plain text\n", TEXT), Ok(()));
    }

    /// What the device cleaned the server must take: whatever a file is put together from, cleaning it
    /// once more changes nothing.
    #[test]
    fn cleaning_twice_is_cleaning_once_whatever_the_parts() {
        let mut state = 7_u32;
        let mut next = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        let parts: [&dyn Fn(u16) -> Vec<u8>; 8] = [
            &|n| exif(n),
            &|n| segment(0xE0 + (n % 16) as u8, b"ICC_PROFILE\0\x01"),
            &|n| segment(0xF0 + (n % 15) as u8, b"Adobe and more"),
            &|_| segment(0xDB, &[3; 65]),
            &|_| vec![0xFF, 0xFF],
            &|n| vec![0xFF, 0xD0 + (n % 8) as u8],
            &|n| [segment(0xDA, &[1, 1, 0]), vec![5, 0xFF, 0, n as u8, 0xFF, 0xD1, 6]].concat(),
            &|_| segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        ];
        let kinds = [b"tEXt", b"IDAT", b"gAMA", b"eXIf", b"tIME", b"PLTE", b"iCCP", b"zTXt"];
        let webps = [b"EXIF", b"XMP ", b"ICCP", b"VP8L", b"ALPH", b"ANMF", b"ANIM", b"junk"];
        let mut accepted = 0;
        for _ in 0..3000 {
            let picks: Vec<(usize, u16)> =
                (0..next(7)).map(|_| (next(8), next(10) as u16)).collect();
            let of = |make: &dyn Fn(usize, u16) -> Vec<u8>| {
                picks.iter().flat_map(|(pick, n)| make(*pick, *n)).collect::<Vec<u8>>()
            };
            let trailer = vec![0x41; next(3)];
            let chunk_of = |pick: usize, n: u16| chunk(kinds[pick], &vec![1; usize::from(n)]);
            let webp_of = |pick: usize, n: u16| {
                let padded = usize::from(n + n % 2);
                [webps[pick].as_slice(), &u32::from(n).to_le_bytes(), &vec![2; padded]].concat()
            };
            let files = [
                [jpeg(&of(&|pick, n| parts[pick](n))), trailer.clone()].concat(),
                [png(&of(&chunk_of)), trailer.clone()].concat(),
                [webp(next(256) as u8, &of(&webp_of)), trailer].concat(),
            ];
            for file in files {
                let Ok(once) = accept(&file) else { continue };
                accepted += 1;
                assert_eq!(check_clean(&once.bytes, once.media_type), Ok(()), "{file:?}");
            }
        }
        assert!(accepted > 5000, "most of them are pictures: {accepted}");
    }

    #[test]
    fn other_types_are_refused_by_name() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice();
        let rows = [heic, b"PK\x03\x04zip".as_slice(), b"\x7fELF\x02\x01\x01", b"\xff\xfe\x00\x01"];
        for file in rows {
            assert_eq!(accept(file).unwrap_err().body().code, "evidence.type", "{file:?}");
        }
        assert_eq!(accept(b"").unwrap_err().body().code, "evidence.damaged");
        assert_eq!(accept("زمن الانتظار 22 دقيقة\n".as_bytes()).unwrap().media_type, "text/plain");
        let large = vec![b'a'; MAX_BYTES + 1];
        assert_eq!(accept(&large).unwrap_err().body().code, "evidence.too_large");
    }
}
