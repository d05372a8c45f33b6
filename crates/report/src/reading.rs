//! What a document says of itself to a program: its language, and the files that travel inside it.

use lopdf::{Dictionary, Document, Object};
use mizan_domain::text::Language;

/// A document that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The language it is written in, when it says one of ours.
    pub language: Option<Language>,
    /// Name and content of each file inside it.
    pub files: Vec<(String, Vec<u8>)>,
}

/// The bytes are no PDF that can be read.
#[derive(Debug, thiserror::Error)]
#[error("no readable PDF: {0}")]
pub struct Unreadable(#[from] lopdf::Error);

/// Reads a document.
///
/// # Errors
/// [`Unreadable`] for anything that is no PDF, or a damaged one.
pub fn open(pdf: &[u8]) -> Result<Opened, Unreadable> {
    let document = Document::load_mem(pdf)?;
    let catalog = document.catalog()?;
    let language = catalog.get(b"Lang").and_then(Object::as_str).ok();
    let language = language.and_then(|text| Language::from_code(std::str::from_utf8(text).ok()?));
    let Ok(listed) = catalog.get_deref(b"AF", &document).and_then(Object::as_array) else {
        return Ok(Opened { language, files: Vec::new() });
    };
    let files = listed.iter().map(|entry| file(&document, entry)).collect::<Result<_, _>>()?;
    Ok(Opened { language, files })
}

fn file(document: &Document, entry: &Object) -> Result<(String, Vec<u8>), lopdf::Error> {
    let entry = document.dereference(entry)?.1.as_dict()?;
    let name = String::from_utf8_lossy(entry.get(b"F")?.as_str()?).into_owned();
    let streams: &Dictionary = entry.get_deref(b"EF", document)?.as_dict()?;
    let content = streams.get_deref(b"F", document)?.as_stream()?;
    Ok((name, content.decompressed_content()?))
}
