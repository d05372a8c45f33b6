//! Evidence files for the demo: small, valid, each different: photos (JPEG), screens (PNG), papers (PDF).

use std::io::Write as _;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use mizan_domain::rubric::EvidenceKind;

use super::chance::Chance;

/// Width and height of the pictures.
const WIDTH: usize = 96;
const HEIGHT: usize = 72;

/// The bytes of a piece of evidence and the ending of its file's name.
pub(super) fn file(
    kind: EvidenceKind,
    label: &str,
    chance: Chance,
) -> Result<(Vec<u8>, &'static str)> {
    match kind {
        EvidenceKind::Photo | EvidenceKind::Ticket => Ok((jpeg(chance)?, "jpg")),
        EvidenceKind::Screenshot
        | EvidenceKind::Message
        | EvidenceKind::Transcript
        | EvidenceKind::CallLog
        | EvidenceKind::Receipt => Ok((png(chance)?, "png")),
        EvidenceKind::Document
        | EvidenceKind::Report
        | EvidenceKind::Measurement
        | EvidenceKind::Sheet => Ok((pdf(label), "pdf")),
    }
}

/// Bands of colour: every draw gives other pixels.
fn pixels(chance: Chance) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for row in 0..HEIGHT {
        let band = chance.at(row / 9);
        let base = [band.of("r"), band.of("g"), band.of("b")].map(|c| 40 + c.below(180) as u8);
        for column in 0..WIDTH {
            pixels.extend(base.map(|value| value.saturating_add((column / 4) as u8)));
        }
    }
    pixels
}

fn jpeg(chance: Chance) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 85)
        .encode(&pixels(chance), WIDTH as u16, HEIGHT as u16, jpeg_encoder::ColorType::Rgb)
        .context("making a photo for the demo")?;
    Ok(bytes)
}

fn png(chance: Chance) -> Result<Vec<u8>> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    for row in pixels(chance).chunks(WIDTH * 3) {
        zlib.write_all(&[0]).and_then(|()| zlib.write_all(row)).context("packing a picture")?;
    }
    let data = zlib.finish().context("packing a picture")?;
    let mut header = Vec::new();
    header.extend((WIDTH as u32).to_be_bytes());
    header.extend((HEIGHT as u32).to_be_bytes());
    // Eight bits, colour, the only compression, the only filter, not interlaced.
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut bytes, b"IHDR", &header);
    chunk(&mut bytes, b"IDAT", &data);
    chunk(&mut bytes, b"IEND", &[]);
    Ok(bytes)
}

fn chunk(bytes: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    bytes.extend((data.len() as u32).to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(data);
    bytes.extend(name);
    bytes.extend(data);
    bytes.extend(crc.sum().to_be_bytes());
}

fn pdf(label: &str) -> Vec<u8> {
    let text: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    let content = format!("BT /F1 14 Tf 60 760 Td (Evidence {text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut bytes = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        bytes += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = bytes.len();
    bytes += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        bytes += &format!("{offset:010} 00000 n \n");
    }
    bytes += &format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    bytes.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_a_file_of_its_type_and_each_draw_another_file() {
        for kind in EvidenceKind::ALL {
            let (bytes, ending) = file(*kind, "one", Chance::new(1)).unwrap();
            let (other, _) = file(*kind, "two", Chance::new(2)).unwrap();
            let start: &[u8] = match ending {
                "jpg" => b"\xff\xd8\xff",
                "png" => b"\x89PNG",
                _ => b"%PDF-",
            };
            assert!(bytes.starts_with(start), "{kind:?}");
            assert_ne!(bytes, other, "{kind:?}");
        }
    }
}
