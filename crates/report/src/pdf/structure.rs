//! The logical structure: elements, the marks on pages that belong to them, and the outline.

use std::fmt::Write as _;

use mizan_domain::text::Language;

use super::file::{File, Id, text_string};
use crate::canvas::{Element, PAGE, Role};
use crate::words::without_isolates;

/// A stretch of marked content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) page: usize,
    pub(crate) id: usize,
}

#[derive(Debug, Clone, Copy)]
enum Kid {
    Element(usize),
    Mark(Mark),
}

struct Entry {
    element: Element,
    parent: Option<usize>,
    kids: Vec<Kid>,
    /// Where it starts: page and distance from the top.
    starts: Option<(usize, f32)>,
}

/// The elements of a document in the order they were opened.
pub(crate) struct Tree {
    entries: Vec<Entry>,
    roots: Vec<usize>,
    stack: Vec<usize>,
}

/// What the catalog needs of the written structure.
pub(crate) struct Written {
    pub(crate) root: Id,
    pub(crate) outline: Option<Id>,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), roots: Vec::new(), stack: Vec::new() }
    }

    pub(crate) fn open(&mut self, element: Element) {
        let own = self.entries.len();
        let parent = self.stack.last().copied();
        match parent {
            Some(parent) => self.entries[parent].kids.push(Kid::Element(own)),
            None => self.roots.push(own),
        }
        self.entries.push(Entry { element, parent, kids: Vec::new(), starts: None });
        self.stack.push(own);
    }

    pub(crate) fn close(&mut self) {
        self.stack.pop();
    }

    pub(crate) fn open_role(&self) -> Option<(usize, Role)> {
        let own = *self.stack.last()?;
        Some((own, self.entries[own].element.role))
    }

    pub(crate) fn add_mark(&mut self, element: usize, mark: Mark) {
        self.entries[element].kids.push(Kid::Mark(mark));
    }

    pub(crate) fn note_position(&mut self, page: usize, top: f32) {
        if let Some(own) = self.stack.last() {
            self.entries[*own].starts.get_or_insert((page, top));
        }
    }

    pub(crate) fn tag(&self, element: usize) -> String {
        tag(self.entries[element].element.role)
    }

    /// Writes elements, parent tree and outline.
    pub(crate) fn write(&self, file: &mut File, pages: &[Id], language: Language) -> Written {
        let root = file.reserve();
        let document = file.reserve();
        let ids: Vec<Id> = self.entries.iter().map(|_| file.reserve()).collect();
        for (entry, id) in self.entries.iter().zip(&ids) {
            let parent = entry.parent.map_or(document, |parent| ids[parent]);
            file.set(*id, &entry_object(entry, parent, &ids, pages, language));
        }
        let kids = joined(self.roots.iter().map(|root| ids[*root]));
        file.set(document, &format!("<</Type/StructElem/S/Document/P {root}/K[{kids}]>>"));
        let parents = file.add(&self.parent_tree(&ids, pages.len()));
        file.set(
            root,
            &format!(
                "<</Type/StructTreeRoot/K {document}/ParentTree {parents}/ParentTreeNextKey {}>>",
                pages.len()
            ),
        );
        Written { root, outline: self.write_outline(file, pages) }
    }

    fn parent_tree(&self, ids: &[Id], pages: usize) -> String {
        let mut owners: Vec<Vec<(usize, Id)>> = vec![Vec::new(); pages];
        for (entry, id) in self.entries.iter().zip(ids) {
            for kid in &entry.kids {
                if let Kid::Mark(mark) = kid {
                    owners[mark.page].push((mark.id, *id));
                }
            }
        }
        let mut numbers = String::from("<</Nums[");
        for (page, marks) in owners.iter_mut().enumerate() {
            marks.sort_unstable_by_key(|(mark, _)| *mark);
            let list = joined(marks.iter().map(|(_, id)| *id));
            let _ = write!(numbers, "{page}[{list}]");
        }
        numbers + "]>>"
    }

    /// Headings become bookmarks: the first level holds the others.
    fn write_outline(&self, file: &mut File, pages: &[Id]) -> Option<Id> {
        let mut marks: Vec<(bool, String, String)> = Vec::new();
        for entry in &self.entries {
            let (Role::Heading(level), Some(says), Some((page, top))) =
                (entry.element.role, &entry.element.says, entry.starts)
            else {
                continue;
            };
            if level <= 2 {
                let target = format!("[{}/XYZ null {:.0} null]", pages[page], PAGE.1 - top + 8.0);
                marks.push((level == 1, text_string(&without_isolates(says)), target));
            }
        }
        let first = marks.iter().position(|(top, ..)| *top)?;
        let root = file.reserve();
        let ids: Vec<Id> = marks.iter().map(|_| file.reserve()).collect();
        let others: Vec<usize> = (0..marks.len()).filter(|index| *index != first).collect();
        let (title, target) = (&marks[first].1, &marks[first].2);
        let inner = match (others.first(), others.last()) {
            (Some(head), Some(tail)) => {
                format!("/First {}/Last {}/Count {}", ids[*head], ids[*tail], others.len())
            }
            _ => String::new(),
        };
        file.set(ids[first], &format!("<</Title{title}/Parent {root}/Dest{target}{inner}>>"));
        for (place, index) in others.iter().enumerate() {
            let (_, title, target) = &marks[*index];
            let mut links = String::new();
            if let Some(before) = place.checked_sub(1) {
                let _ = write!(links, "/Prev {}", ids[others[before]]);
            }
            if let Some(next) = others.get(place + 1) {
                let _ = write!(links, "/Next {}", ids[*next]);
            }
            let parent = ids[first];
            file.set(
                ids[*index],
                &format!("<</Title{title}/Parent {parent}/Dest{target}{links}>>"),
            );
        }
        let (only, count) = (ids[first], marks.len());
        file.set(root, &format!("<</Type/Outlines/First {only}/Last {only}/Count {count}>>"));
        Some(root)
    }
}

fn tag(role: Role) -> String {
    match role {
        Role::Heading(level) => return format!("H{level}"),
        Role::Paragraph => "P",
        Role::List => "L",
        Role::Item => "LI",
        Role::Body => "LBody",
        Role::Table => "Table",
        Role::TableHead => "THead",
        Role::TableBody => "TBody",
        Role::Row => "TR",
        Role::HeaderCell => "TH",
        Role::Cell => "TD",
        Role::Figure => "Figure",
    }
    .to_owned()
}

fn entry_object(
    entry: &Entry,
    parent: Id,
    ids: &[Id],
    pages: &[Id],
    document_language: Language,
) -> String {
    let role = entry.element.role;
    let mut object = format!("<</S/{}/P {parent}", tag(role));
    let home = entry.kids.iter().find_map(|kid| match kid {
        Kid::Mark(mark) => Some(mark.page),
        Kid::Element(_) => None,
    });
    if let Some(page) = home {
        let _ = write!(object, "/Pg {}", pages[page]);
    }
    object.push_str("/K[");
    for kid in &entry.kids {
        let _ = match kid {
            Kid::Element(kid) => write!(object, "{} ", ids[*kid]),
            Kid::Mark(mark) if Some(mark.page) == home => write!(object, "{} ", mark.id),
            Kid::Mark(mark) => {
                write!(object, "<</Type/MCR/Pg {}/MCID {}>>", pages[mark.page], mark.id)
            }
        };
    }
    object.push(']');
    if let Some(says) = entry.element.says.as_ref().filter(|says| needs_words(role, says)) {
        let key = if role == Role::Figure { "Alt" } else { "ActualText" };
        let _ = write!(object, "/{key}{}", text_string(&without_isolates(says)));
    }
    if let Some(language) = entry.element.language.filter(|own| *own != document_language) {
        let _ = write!(object, "/Lang({language})");
    }
    match role {
        Role::HeaderCell => object.push_str("/A<</O/Table/Scope/Column>>"),
        Role::Figure => object.push_str("/A<</O/Layout/Placement/Block>>"),
        _ => {}
    }
    object.push_str(">>");
    object
}

/// Left-to-right text reads well as it is drawn. Right-to-left text is given in words as well,
/// whatever a reader thinks of reversed strings; so is what only a drawing shows.
fn needs_words(role: Role, says: &str) -> bool {
    let right_to_left = |letter: char| matches!(u32::from(letter), 0x590..=0x8ff);
    matches!(role, Role::Figure | Role::Body) || says.chars().any(right_to_left)
}

fn joined(ids: impl Iterator<Item = Id>) -> String {
    let mut list = String::new();
    for id in ids {
        let _ = write!(list, "{id} ");
    }
    list
}
