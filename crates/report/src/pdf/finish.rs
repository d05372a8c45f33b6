//! Puts the file together: pages, fonts, structure, metadata, output intent, catalog.
//!
//! printpdf itself writes none of what PDF/A-2a and PDF/UA-1 ask for, so of its document only the
//! content of the pages is taken; see `crates/report/src/pdf/backend.rs`.

use chrono::NaiveDate;
use mizan_domain::text::Language;

use super::backend::PdfCanvas;
use super::file::{Effort, File, Id, text_string};
use super::font::Fonts;
use super::metadata::{Archival, PRODUCER, packet, pdf_date};
use crate::Error;
use crate::canvas::PAGE;
use crate::typeset::Shaper;

/// The sRGB profile that gives the page's device colors their meaning.
const SRGB: &[u8] = include_bytes!("../../fonts/sRGB-v4.icc");

/// What the document says about itself.
pub(crate) struct Facts {
    pub(crate) title: String,
    pub(crate) language: Language,
    pub(crate) issued: NaiveDate,
}

/// A file that travels inside a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name: letters, digits, `.`, `-` and `_`.
    pub name: &'static str,
    /// Such as `application/json`.
    pub media_type: &'static str,
    /// What it is, in the language of the document.
    pub description: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Makes the file from a finished canvas.
pub(crate) fn assemble(
    mut canvas: PdfCanvas<'_>,
    fonts: &Fonts,
    shaper: &Shaper,
    facts: &Facts,
    attachments: &[Attachment],
) -> Result<Vec<u8>, Error> {
    let contents = canvas.write_pages()?;
    let mut file = File::new();
    let font_entries = fonts.write(&mut file, &canvas.codes, shaper)?;
    let resources = file.add(&format!("<</Font<<{font_entries}>>>>"));
    let tree = file.reserve();
    let pages: Vec<Id> = contents.iter().map(|_| file.reserve()).collect();
    for (number, (content, page)) in contents.iter().zip(&pages).enumerate() {
        let content = file.compressed("", content, Effort::Usual);
        let (width, height) = PAGE;
        file.set(
            *page,
            &format!(
                "<</Type/Page/Parent {tree}/MediaBox[0 0 {width} {height}]/Resources {resources}\
                 /Contents {content}/StructParents {number}/Tabs/S>>"
            ),
        );
    }
    let kids: String = pages.iter().map(|page| format!("{page} ")).collect();
    file.set(tree, &format!("<</Type/Pages/Count {}/Kids[{kids}]>>", pages.len()));
    let written = canvas.tree.write(&mut file, &pages, facts.language);
    let info = write_info(&mut file, facts);
    let files: Vec<(&str, Id)> =
        attachments.iter().map(|of| (of.name, write_attachment(&mut file, facts, of))).collect();
    let root = write_catalog(&mut file, facts, tree, written.root, written.outline, &files);
    Ok(file.finish(root, info))
}

fn write_info(file: &mut File, facts: &Facts) -> Id {
    let (title, date) = (text_string(&facts.title), pdf_date(facts.issued));
    file.add(&format!(
        "<</Title{title}/Producer({PRODUCER})/CreationDate({date})/ModDate({date})>>"
    ))
}

/// Writes a file and the entry that speaks of it, which is what a catalog names.
fn write_attachment(file: &mut File, facts: &Facts, attachment: &Attachment) -> Id {
    let Attachment { name, media_type, description, bytes } = attachment;
    let (subtype, date) = (media_type.replace('/', "#2F"), pdf_date(facts.issued));
    let entries = format!(
        "/Type/EmbeddedFile/Subtype/{subtype}/Params<</Size {}/ModDate({date})>>",
        bytes.len()
    );
    let content = file.compressed(&entries, bytes, Effort::Usual);
    let description = text_string(description);
    file.add(&format!(
        "<</Type/Filespec/F({name})/UF({name})/Desc{description}/AFRelationship/Source\
         /EF<</F {content}/UF {content}>>>>"
    ))
}

fn write_catalog(
    file: &mut File,
    facts: &Facts,
    pages: Id,
    structure: Id,
    outline: Option<Id>,
    files: &[(&str, Id)],
) -> Id {
    let archival = if files.is_empty() { Archival::Alone } else { Archival::WithFiles };
    let packet = packet(&facts.title, facts.language, facts.issued, archival);
    // Uncompressed, so that archives can read it without a PDF library.
    let metadata = file.stream("/Type/Metadata/Subtype/XML", packet.as_bytes());
    let profile = file.compressed("/N 3", SRGB, Effort::Usual);
    let intent = file.add(&format!(
        "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)\
         /RegistryName(http://www.color.org)/DestOutputProfile {profile}>>"
    ));
    let direction = match facts.language {
        Language::Arabic => "R2L",
        Language::English => "L2R",
    };
    let outline = outline.map(|id| format!("/Outlines {id}")).unwrap_or_default();
    let (named, listed): (String, String) =
        files.iter().map(|(name, id)| (format!("({name}){id} "), format!("{id} "))).unzip();
    let files = match archival {
        Archival::Alone => String::new(),
        Archival::WithFiles => {
            format!("/Names<</EmbeddedFiles<</Names[{named}]>>>>/AF[{listed}]")
        }
    };
    file.add(&format!(
        "<</Type/Catalog/Pages {pages}/Lang({})/MarkInfo<</Marked true>>/StructTreeRoot {structure}\
         /Metadata {metadata}/OutputIntents[{intent}]{outline}{files}\
         /ViewerPreferences<</DisplayDocTitle true/Direction/{direction}>>>>",
        facts.language
    ))
}
