//! Writes a PDF 1.7 file with object streams and a compressed cross-reference stream.
//!
//! lopdf can do this too, but it serializes every object three times and leaves the
//! cross-reference stream uncompressed; a tagged scorecard has some seven hundred objects.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use zlib_rs::{DeflateConfig, compress_bound, compress_slice};

/// The number of an indirect object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(u32);

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} 0 R", self.0)
    }
}

enum Place {
    Nowhere,
    Packed { index: usize },
    Direct { offset: usize },
}

/// A file being written. The same calls give the same bytes.
pub(crate) struct File {
    places: Vec<Place>,
    packed: Vec<(u32, usize)>,
    pack: Vec<u8>,
    body: Vec<u8>,
}

impl File {
    pub(crate) fn new() -> Self {
        let body = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        Self { places: vec![Place::Nowhere], packed: Vec::new(), pack: Vec::new(), body }
    }

    /// Sets a number aside for an object that is written later.
    pub(crate) fn reserve(&mut self) -> Id {
        self.places.push(Place::Nowhere);
        Id(u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX))
    }

    /// Writes a dictionary or array under a reserved number.
    pub(crate) fn set(&mut self, id: Id, object: &str) {
        self.places[id.0 as usize] = Place::Packed { index: self.packed.len() };
        self.packed.push((id.0, self.pack.len()));
        self.pack.extend_from_slice(object.as_bytes());
        self.pack.push(b'\n');
    }

    pub(crate) fn add(&mut self, object: &str) -> Id {
        let id = self.reserve();
        self.set(id, object);
        id
    }

    /// Writes a stream. `entries` are the dictionary's entries besides the length.
    pub(crate) fn stream(&mut self, entries: &str, content: &[u8]) -> Id {
        let id = self.reserve();
        self.write_stream(id, entries, content);
        id
    }

    fn write_stream(&mut self, id: Id, entries: &str, content: &[u8]) {
        self.places[id.0 as usize] = Place::Direct { offset: self.body.len() };
        let head = format!("{} 0 obj\n<<{entries}/Length {}>>\nstream\n", id.0, content.len());
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(content);
        // Two bytes, since a stream that ends on a carriage return would seem to end before it.
        self.body.extend_from_slice(b"\r\nendstream\nendobj\n");
    }

    /// A stream compressed now.
    pub(crate) fn compressed(&mut self, entries: &str, content: &[u8], effort: Effort) -> Id {
        let entries = format!("{entries}/Filter/FlateDecode");
        self.stream(&entries, &deflate(content, effort))
    }

    /// A stream compressed before.
    pub(crate) fn shared(&mut self, shared: &Compressed) -> Id {
        let entries = format!("{}/Filter/FlateDecode", shared.entries);
        self.stream(&entries, &shared.content)
    }

    /// Ends the file. Its identifier is the digest of what it holds.
    pub(crate) fn finish(mut self, root: Id, info: Id) -> Vec<u8> {
        let container = self.write_object_stream();
        let digest = Sha256::digest(&self.body);
        let id: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let own = self.reserve();
        let start = self.body.len();
        self.places[own.0 as usize] = Place::Direct { offset: start };
        let rows = self.cross_reference(container);
        let entries = format!(
            "/Type/XRef/Size {}/W[1 4 2]/Root {root}/Info {info}/ID[<{id}><{id}>]/Filter/FlateDecode",
            self.places.len()
        );
        self.write_stream(own, &entries, &deflate(&rows, Effort::Usual));
        self.body.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        self.body
    }

    fn write_object_stream(&mut self) -> Id {
        let index: Vec<String> =
            self.packed.iter().map(|(id, offset)| format!("{id} {offset}")).collect();
        let mut content = index.join(" ").into_bytes();
        content.push(b'\n');
        let entries = format!("/Type/ObjStm/N {}/First {}", self.packed.len(), content.len());
        content.extend_from_slice(&self.pack);
        self.compressed(&entries, &content, Effort::Usual)
    }

    fn cross_reference(&self, container: Id) -> Vec<u8> {
        let mut rows = Vec::with_capacity(self.places.len() * 7);
        for place in &self.places {
            let (kind, first, second) = match place {
                Place::Nowhere => (0, 0, u16::MAX),
                Place::Direct { offset } => (1, u32::try_from(*offset).unwrap_or(u32::MAX), 0),
                Place::Packed { index } => {
                    (2, container.0, u16::try_from(*index).unwrap_or(u16::MAX))
                }
            };
            rows.push(kind);
            rows.extend_from_slice(&first.to_be_bytes());
            rows.extend_from_slice(&second.to_be_bytes());
        }
        rows
    }
}

/// How hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// For what is compressed for every card.
    Usual,
    /// For what is compressed once for a batch.
    Best,
}

/// A stream compressed once and written into many files.
#[derive(Debug, Clone)]
pub(crate) struct Compressed {
    entries: String,
    content: Arc<[u8]>,
}

impl Compressed {
    pub(crate) fn new(entries: String, content: &[u8]) -> Self {
        Self { entries, content: deflate(content, Effort::Best).into() }
    }
}

fn deflate(content: &[u8], effort: Effort) -> Vec<u8> {
    let level = match effort {
        Effort::Usual => 6,
        Effort::Best => 9,
    };
    let config = DeflateConfig { level, ..DeflateConfig::default() };
    let mut output = vec![0; compress_bound(content.len())];
    let length = compress_slice(&mut output, content, config).0.len();
    output.truncate(length);
    output
}

/// A text string: as it is when plain ASCII, else UTF-16 with its mark.
pub(crate) fn text_string(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        let escaped = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        return format!("({escaped})");
    }
    let mut hex = String::with_capacity(text.len() * 4 + 8);
    hex.push_str("<FEFF");
    for unit in text.encode_utf16() {
        for shift in [12, 8, 4, 0] {
            let digit = u32::from((unit >> shift) & 0xf);
            hex.push(char::from_digit(digit, 16).unwrap_or('0'));
        }
    }
    hex.push('>');
    hex
}
