//! Strings that were planted, and the search for them in whatever somebody received: in every form they
//! could travel in, and in whatever the bytes unpack to.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

/// The fewest bytes a form may have: shorter ones turn up by chance.
const SHORTEST: usize = 6;
/// How often what was unpacked is unpacked again.
const DEPTH: u32 = 4;
/// The most bytes one thing may unpack to.
const MOST: u64 = 64 << 20;

/// What was planted.
#[derive(Debug, Default)]
pub struct Planted {
    names: Vec<(&'static str, String)>,
    forms: Vec<(usize, Vec<u8>)>,
}

impl Planted {
    /// Plants a text of a kind.
    pub fn text(&mut self, kind: &'static str, text: &str) {
        let of = self.name(kind, text.to_owned());
        self.forms_of(of, text_forms(text));
    }

    /// Plants an id of a kind, whole and by its last twelve digits.
    pub fn id(&mut self, kind: &'static str, id: Uuid) {
        let of = self.name(kind, id.to_string());
        let simple = id.simple().to_string();
        self.forms_of(of, text_forms(&id.hyphenated().to_string()));
        self.forms_of(of, text_forms(&simple));
        self.forms_of(of, text_forms(&simple[20..]));
        self.forms_of(of, byte_forms(id.as_bytes()));
    }

    /// Plants a digest or a key of a kind.
    pub fn bytes(&mut self, kind: &'static str, bytes: &[u8]) {
        let of = self.name(kind, hex::encode(bytes));
        self.forms_of(of, byte_forms(bytes));
    }

    /// Plants a moment of a kind, to the second: in milliseconds, in seconds, and as people write it.
    ///
    /// # Panics
    /// When the moment is none.
    pub fn moment(&mut self, kind: &'static str, ms: i64) {
        let of = self.name(kind, ms.to_string());
        let moment = DateTime::from_timestamp_millis(ms).expect("a moment");
        // The seconds are how the milliseconds begin.
        self.forms_of(of, text_forms(&(ms / 1_000).to_string()));
        for shape in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%d %b %Y %H:%M:%S"]
        {
            self.forms_of(of, text_forms(&moment.format(shape).to_string()));
        }
        self.forms_of(of, vec![ms.to_be_bytes().to_vec(), ms.to_le_bytes().to_vec()]);
    }

    /// How many things were planted, and in how many forms they are looked for.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.names.len(), self.forms.len())
    }

    /// Makes the search for what was planted, but for these kinds.
    ///
    /// # Panics
    /// When the forms are too many for a search.
    #[must_use]
    pub fn search_without(&self, kinds: &[&str]) -> Search {
        for kind in kinds {
            assert!(self.names.iter().any(|(of, _)| of == kind), "nothing of {kind} is planted");
        }
        let wanted = |of: &usize| !kinds.contains(&self.names[*of].0);
        let forms: Vec<&(usize, Vec<u8>)> =
            self.forms.iter().filter(|(of, _)| wanted(of)).collect();
        let mut builder = AhoCorasickBuilder::new();
        builder.ascii_case_insensitive(true);
        let automaton = builder.build(forms.iter().map(|(_, form)| form)).expect("a search");
        let names = forms.iter().map(|(of, _)| self.names[*of].clone()).collect();
        Search { automaton, names }
    }

    fn name(&mut self, kind: &'static str, what: String) -> usize {
        self.names.push((kind, what));
        self.names.len() - 1
    }

    fn forms_of(&mut self, of: usize, forms: Vec<Vec<u8>>) {
        let long = forms.into_iter().filter(|form| form.len() >= SHORTEST);
        self.forms.extend(long.map(|form| (of, form)));
    }
}

/// A search for what was planted.
pub struct Search {
    automaton: AhoCorasick,
    /// Of each form, the kind and the thing.
    names: Vec<(&'static str, String)>,
}

impl Search {
    /// What is found in some bytes and in all that they unpack to, each with its kind.
    #[must_use]
    pub fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<(&'static str, String)> {
        let mut found = BTreeSet::new();
        self.search(bytes, DEPTH, &mut found);
        found
    }

    fn search(&self, bytes: &[u8], depth: u32, found: &mut BTreeSet<(&'static str, String)>) {
        let matches = self.automaton.find_overlapping_iter(bytes);
        found.extend(matches.map(|at| self.names[at.pattern().as_usize()].clone()));
        if depth > 0 {
            for inner in unpacked(bytes) {
                self.search(&inner, depth - 1, found);
            }
        }
    }
}

/// A text as UTF-8, as UTF-16 in both orders and in PDF's hexadecimal, escaped for JSON and for XML,
/// percent-encoded, and what bytes can be written as.
fn text_forms(text: &str) -> Vec<Vec<u8>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let little = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let percent: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let mut forms = byte_forms(text.as_bytes());
    forms.extend([hex::encode(&big).into_bytes(), big, little, percent.into_bytes()]);
    if !text.is_ascii() {
        forms.push(escaped(text, |point| format!("\\u{point:04x}")));
        forms.push(escaped(text, |point| format!("&#x{point:x};")));
        forms.push(escaped(text, |point| format!("&#{point};")));
    }
    forms
}

fn escaped(text: &str, escape: impl Fn(u32) -> String) -> Vec<u8> {
    let one = |c: char| if c.is_ascii() { c.to_string() } else { escape(u32::from(c)) };
    text.chars().map(one).collect::<String>().into_bytes()
}

/// Bytes as they are, in hexadecimal, and in both base64s at each of the three places they can begin at.
fn byte_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![bytes.to_vec(), hex::encode(bytes).into_bytes()];
    for offset in 0..3 {
        let shifted = [&vec![0; offset], bytes].concat();
        // What the bytes before and behind have a share in is left out.
        let (from, to) = ((offset * 8).div_ceil(6), shifted.len() * 8 / 6);
        for alphabet in [STANDARD, URL_SAFE] {
            let text = engine(&alphabet).encode(&shifted);
            forms.push(text.as_bytes()[from..to].to_vec());
        }
    }
    forms.dedup();
    forms
}

fn engine(alphabet: &base64::alphabet::Alphabet) -> GeneralPurpose {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, lenient)
}

/// What bytes unpack to: compressed bytes, PDFs, the strings of JSON, base64, percent-encoding.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut unpack = |reader: &mut dyn std::io::Read| {
        let mut part = Vec::new();
        // What came out before a fault is looked at too.
        let _ = reader.take(MOST).read_to_end(&mut part);
        parts.push(part);
    };
    if bytes.starts_with(&[0x1F, 0x8B]) {
        unpack(&mut flate2::read::MultiGzDecoder::new(bytes));
    } else if bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        if let Ok(mut decoder) = zstd::Decoder::new(bytes) {
            unpack(&mut decoder);
        }
    } else if bytes.starts_with(b"%PDF") {
        parts.extend(pdf_parts(bytes));
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        parts.extend(text_parts(text));
    }
    parts.retain(|part| part.len() >= SHORTEST && part != bytes);
    parts
}

fn text_parts(text: &str) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    if text.contains('%') {
        parts.push(percent_decoded(text));
    }
    if text.contains("&#") {
        parts.push(unreferenced(text).into_bytes());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::String(_)) | Err(_) => {}
        Ok(value) => strings(&value, &mut parts),
    }
    let packed = text.trim();
    for alphabet in [STANDARD, URL_SAFE] {
        parts.extend(engine(&alphabet).decode(packed).ok());
    }
    parts.extend(hex::decode(packed).ok());
    parts
}

/// A text of XML with its references to characters, decimal or hexadecimal, as the characters.
fn unreferenced(text: &str) -> String {
    let mut pieces = text.split("&#");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let referred = piece.split_once(';').and_then(|(number, behind)| {
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok(),
                None => number.parse().ok(),
            };
            Some((char::from_u32(number?)?, behind))
        });
        match referred {
            Some((character, behind)) => {
                whole.push(character);
                whole.push_str(behind);
            }
            None => {
                whole.push_str("&#");
                whole.push_str(piece);
            }
        }
    }
    whole
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let decoded = behind.get(..2).and_then(|digits| hex::decode(digits).ok());
        match (first, decoded) {
            (b'%', Some(byte)) => {
                bytes.extend(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    bytes
}

fn strings(value: &Value, into: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => into.push(text.clone().into_bytes()),
        Value::Array(values) => values.iter().for_each(|value| strings(value, into)),
        Value::Object(fields) => {
            for (name, value) in fields {
                into.push(name.clone().into_bytes());
                strings(value, into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Everything in a PDF with its streams unpacked (words of the document, metadata, attachments), and the
/// words of its pages, which are drawn as numbers of glyphs.
fn pdf_parts(pdf: &[u8]) -> [Vec<u8>; 2] {
    let run = |program: &str, arguments: &[&str]| {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup installs it"));
        let mut stdin = child.stdin.take().expect("it is piped");
        let fed = std::thread::scope(|scope| {
            scope.spawn(move || {
                // Whoever has read enough hangs up.
                let _ = stdin.write_all(pdf);
            });
            child.wait_with_output()
        });
        let output = fed.expect("it ends");
        assert!(!output.stdout.is_empty(), "{program} finds nothing in a PDF");
        output.stdout
    };
    let folder = std::env::temp_dir().join(format!("mizan-{}.pdf", Uuid::new_v4()));
    std::fs::write(&folder, pdf).expect("a file of the test's");
    let path = folder.to_string_lossy();
    let all =
        run("qpdf", &["--qdf", "--object-streams=disable", "--stream-data=uncompress", &path, "-"]);
    std::fs::remove_file(&folder).expect("it is there");
    [all, run("pdftotext", &["-raw", "-", "-"])]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "ثامر القحطاني";

    fn planted() -> Planted {
        let mut planted = Planted::default();
        planted.text("name", NAME);
        planted
    }

    #[track_caller]
    fn is_found(bytes: &[u8], why: &str) {
        let found = planted().search_without(&[]).in_bytes(bytes);
        assert_eq!(found, BTreeSet::from([("name", NAME.to_owned())]), "{why}");
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_text_is_found_in_every_form_it_could_travel_in() {
        let big: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let json: String = NAME.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        let percent: String = NAME.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let xml: String = NAME.chars().map(|c| format!("&#{};", u32::from(c))).collect();
        is_found(NAME.as_bytes(), "UTF-8");
        is_found(&big, "UTF-16, big end first");
        is_found(&little, "UTF-16, little end first");
        is_found(hex::encode_upper(&big).as_bytes(), "a PDF's string");
        is_found(format!(r#"{{"name":"{json}"}}"#).as_bytes(), "JSON, all escaped");
        is_found(percent.as_bytes(), "percent-encoded");
        is_found(xml.as_bytes(), "XML, all escaped");
        is_found(hex::encode(NAME).as_bytes(), "hexadecimal");
        is_found(&gzip(NAME.as_bytes()), "gzip");
        is_found(&zstd::encode_all(NAME.as_bytes(), 3).unwrap(), "zstd");
        let nested = gzip(format!(r#"{{"a":["{}"]}}"#, hex::encode(gzip(&big))).as_bytes());
        is_found(&nested, "one in the other");
        assert!(planted().search_without(&[]).in_bytes("ثامر الفضلي".as_bytes()).is_empty());
    }

    #[test]
    fn base64_is_found_wherever_it_begins() {
        for before in ["", "a", "ab", "abc"] {
            for alphabet in [STANDARD, URL_SAFE] {
                let text = engine(&alphabet).encode(format!("{before}{NAME}xyz"));
                is_found(format!("prefix={text}!").as_bytes(), before);
            }
        }
    }

    #[test]
    fn an_id_and_a_moment_are_found_in_every_form() {
        let id = Uuid::now_v7();
        let ms = 1_793_520_123_457;
        let mut planted = Planted::default();
        planted.id("id", id);
        planted.moment("moment", ms);
        let search = planted.search_without(&[]);
        let found = |text: &[u8]| {
            search.in_bytes(text).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
        };
        for text in [id.to_string(), id.simple().to_string().to_uppercase()] {
            assert_eq!(found(text.as_bytes()), ["id"], "{text}");
            assert_eq!(found(engine(&URL_SAFE).encode(text).as_bytes()), ["id"]);
        }
        assert_eq!(found(id.as_bytes()), ["id"]);
        assert_eq!(found(engine(&STANDARD).encode(id).as_bytes()), ["id"]);
        let moments = ["1793520123", "1793520123457", "2026-11-01T08:02:03.457Z"];
        for text in moments.into_iter().chain(["Sun, 01 Nov 2026 08:02:03 GMT", "D:20261101080203"])
        {
            assert_eq!(found(text.as_bytes()), ["moment"], "{text}");
        }
        assert_eq!(found(b"2026-11-01T08:02:04Z"), [] as [&str; 0], "another second");
        assert!(planted.search_without(&["id"]).in_bytes(id.as_bytes()).is_empty());
    }
}
