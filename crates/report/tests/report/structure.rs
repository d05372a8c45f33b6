//! What the tags say, read back with an independent parser.

use lopdf::{Dictionary, Document, Object};
use mizan_domain::text::Language;

use crate::{every_pdf, pdf, sample};

/// An element of the structure tree, with its kids that are elements.
struct Node {
    tag: String,
    dictionary: Dictionary,
    kids: Vec<Node>,
}

fn tree(bytes: &[u8]) -> Node {
    let document = Document::load_mem(bytes).unwrap();
    let root = document.catalog().unwrap().get(b"StructTreeRoot").unwrap().as_reference().unwrap();
    let root = document.get_dictionary(root).unwrap();
    node(&document, root.get(b"K").unwrap().as_reference().unwrap())
}

fn node(document: &Document, id: lopdf::ObjectId) -> Node {
    let dictionary = document.get_dictionary(id).unwrap().clone();
    let tag = String::from_utf8(dictionary.get(b"S").unwrap().as_name().unwrap().to_vec()).unwrap();
    let kids = dictionary.get(b"K").and_then(Object::as_array).cloned().unwrap_or_default();
    let kids = kids.iter().filter_map(|kid| Some(node(document, kid.as_reference().ok()?)));
    let kids = kids.collect();
    Node { tag, dictionary, kids }
}

impl Node {
    fn all<'a>(&'a self, tag: &str, found: &mut Vec<&'a Node>) {
        if self.tag == tag {
            found.push(self);
        }
        self.kids.iter().for_each(|kid| kid.all(tag, found));
    }

    fn find(&self, tag: &str) -> Vec<&Node> {
        let mut found = Vec::new();
        self.all(tag, &mut found);
        found
    }

    fn text(&self, key: &[u8]) -> Option<String> {
        let bytes = self.dictionary.get(key).ok()?.as_str().ok()?;
        let Some(units) = bytes.strip_prefix(&[0xfe, 0xff]) else {
            return String::from_utf8(bytes.to_vec()).ok();
        };
        let units: Vec<u16> =
            units.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    }
}

#[test]
fn every_table_has_a_header_row_and_even_rows() {
    for (name, _, bytes) in every_pdf() {
        let tree = tree(&bytes);
        for table in tree.find("Table") {
            let parts: Vec<&str> = table.kids.iter().map(|kid| kid.tag.as_str()).collect();
            assert_eq!(parts, ["THead", "TBody"], "{name}");
            let header = &table.kids[0].kids[0];
            assert!(header.kids.iter().all(|cell| cell.tag == "TH"), "{name}: header cells");
            for row in &table.kids[1].kids {
                assert_eq!(row.kids.len(), header.kids.len(), "{name}: cells of a row");
                assert!(row.kids.iter().all(|cell| cell.tag == "TD"), "{name}: body cells");
            }
        }
    }
}

#[test]
fn the_full_card_lists_every_criterion_once_in_the_rubric_s_order() {
    let card = sample::full();
    let tree = tree(&pdf(&card, Language::Arabic));
    let tables = tree.find("Table");
    assert_eq!(tables.len(), card.pillars.len() + 1, "a table a pillar, and the critical ones");
    let listed: Vec<String> = tables[..card.pillars.len()]
        .iter()
        .flat_map(|table| &table.kids[1].kids)
        .filter_map(|row| row.kids[1].text(b"ActualText"))
        .collect();
    let criteria = card.pillars.iter().flat_map(|pillar| &pillar.criteria);
    let expected: Vec<&str> = criteria.map(|criterion| criterion.name.ar.as_str()).collect();
    assert_eq!(listed, expected);
    assert_eq!(listed.len(), 62, "the sample has 62 criteria");
}

#[test]
fn figures_say_what_they_show() {
    for (name, _, bytes) in every_pdf() {
        for figure in tree(&bytes).find("Figure") {
            let says = figure.text(b"Alt").unwrap_or_default();
            assert!(says.chars().count() > 20, "{name}: {says:?} is no description");
        }
    }
}

#[test]
fn a_remark_in_the_other_language_says_so() {
    let tree = tree(&pdf(&sample::full(), Language::Arabic));
    let bodies = tree.find("LBody");
    let language = |text: &str| {
        let body = bodies.iter().find(|body| body.text(b"ActualText").unwrap().contains(text));
        body.unwrap().text(b"Lang")
    };
    assert_eq!(language("Service guides").as_deref(), Some("en"));
    assert_eq!(language("نظافة المبنى"), None, "the document's own language is not repeated");
}

#[test]
fn bookmarks_name_the_sections_in_order() {
    let bytes = pdf(&sample::full(), Language::English);
    let document = Document::load_mem(&bytes).unwrap();
    let get = |id: &Object, key: &[u8]| {
        document.get_dictionary(id.as_reference().unwrap()).unwrap().get(key).ok().cloned()
    };
    let root = document.catalog().unwrap().get(b"Outlines").unwrap().clone();
    let top = get(&root, b"First").unwrap();
    let mut titles = Vec::new();
    let mut next = get(&top, b"First");
    while let Some(mark) = next {
        let title = get(&mark, b"Title").unwrap();
        titles.push(String::from_utf8(title.as_str().unwrap().to_vec()).unwrap());
        next = get(&mark, b"Next");
    }
    let expected = [
        "Overall score",
        "Pillar scores",
        "Performance profile",
        "Strengths",
        "Remarks for improvement",
        "Results by criterion",
        "Critical criteria",
        "Remarks",
        "Method and verification",
    ];
    assert_eq!(titles, expected);
}
