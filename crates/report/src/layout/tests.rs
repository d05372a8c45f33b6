//! Layout seen by a canvas that only takes notes: nothing leaves the page, nothing overlaps.

use mizan_domain::text::Language;

use super::lay_out;
use super::sheet::{BOTTOM, MARGIN};
use crate::canvas::{Canvas, Color, Element, PAGE, Path, Role, Stroke};
use crate::document::compose;
use crate::sample;
use crate::typeset::{Line, Shaper, Typesetter};

/// A line of text as it was drawn.
#[derive(Debug, Clone)]
struct Drawn {
    page: usize,
    left: f32,
    right: f32,
    baseline: f32,
    size: f32,
    /// The element it belongs to, `None` for decoration.
    element: Option<usize>,
}

#[derive(Default)]
struct Recorder {
    pages: usize,
    current: usize,
    elements: Vec<Element>,
    stack: Vec<usize>,
    texts: Vec<Drawn>,
    outside: Vec<(usize, f32, f32)>,
}

impl Recorder {
    fn note(&mut self, path: &Path) {
        for node in &path.nodes {
            let on_page =
                (-0.1..=PAGE.0 + 0.1).contains(&node.x) && (-0.1..=PAGE.1 - 20.0).contains(&node.y);
            if !on_page {
                self.outside.push((self.current, node.x, node.y));
            }
        }
    }
}

impl Canvas for Recorder {
    fn begin_page(&mut self) {
        self.pages += 1;
        self.current = self.pages - 1;
    }

    fn return_to(&mut self, page: usize) {
        self.current = page;
    }

    fn open(&mut self, element: Element) {
        self.elements.push(element);
        self.stack.push(self.elements.len() - 1);
    }

    fn close(&mut self) {
        assert!(self.stack.pop().is_some(), "more elements are closed than were opened");
    }

    fn fill(&mut self, path: &Path, _: Color) {
        self.note(path);
    }

    fn stroke(&mut self, path: &Path, _: Stroke) {
        self.note(path);
    }

    fn text(&mut self, x: f32, baseline: f32, line: &Line, size: f32, _: Color) {
        let right = x + line.width * size / 1000.0;
        let element = self
            .stack
            .last()
            .copied()
            .filter(|element| self.elements[*element].role.holds_content());
        self.texts.push(Drawn { page: self.current, left: x, right, baseline, size, element });
    }
}

fn laid_out(card: &crate::Card, language: Language) -> Recorder {
    let mut recorder = Recorder::default();
    let mut typesetter = Typesetter::new(Shaper::new().unwrap());
    lay_out(&compose(card, language), &mut recorder, &mut typesetter).unwrap();
    assert!(recorder.stack.is_empty(), "an element stays open");
    recorder
}

fn check_all(check: impl Fn(&str, &Recorder)) {
    for (name, card) in sample::all() {
        for language in Language::ALL {
            check(&format!("{name} in {language}"), &laid_out(&card, language));
        }
    }
}

#[test]
fn nothing_leaves_the_page() {
    check_all(|name, recorder| {
        assert_eq!(recorder.outside, [], "{name}: shapes off the page");
        for text in &recorder.texts {
            let inside = text.left >= MARGIN - 1.0 && text.right <= PAGE.0 - MARGIN + 1.0;
            assert!(inside, "{name}: text outside the margins: {text:?}");
            let lowest = if text.element.is_some() { BOTTOM + 1.0 } else { PAGE.1 - 25.0 };
            assert!(text.baseline <= lowest, "{name}: text below the page: {text:?}");
        }
    });
}

#[test]
fn no_text_overlaps_another() {
    check_all(|name, recorder| {
        for (index, one) in recorder.texts.iter().enumerate() {
            for other in &recorder.texts[index + 1..] {
                let apart = one.page != other.page
                    || one.right <= other.left + 0.5
                    || other.right <= one.left + 0.5
                    || (one.baseline - other.baseline).abs() > 0.75 * one.size.min(other.size);
                assert!(apart, "{name}: {one:?} and {other:?} overlap");
            }
        }
    });
}

#[test]
fn a_table_row_stands_on_one_page() {
    check_all(|name, recorder| {
        let cells = recorder.elements.iter().enumerate();
        let cells = cells.filter(|(_, element)| element.role == Role::Cell);
        for (index, cell) in cells {
            let pages: Vec<usize> = recorder
                .texts
                .iter()
                .filter(|text| text.element == Some(index))
                .map(|text| text.page)
                .collect();
            let whole = pages.windows(2).all(|pair| pair[0] == pair[1]);
            assert!(whole, "{name}: {cell:?} is split over pages {pages:?}");
        }
    });
}

#[test]
fn the_arabic_page_mirrors_the_english_one() {
    let card = sample::full();
    let name_of = |language| {
        let recorder = laid_out(&card, language);
        let heading = recorder.elements.iter().position(|element| element.role == Role::Heading(1));
        recorder.texts.iter().find(|text| text.element == heading).cloned().unwrap()
    };
    let (arabic, english) = (name_of(Language::Arabic), name_of(Language::English));
    assert!((english.left - MARGIN).abs() < 0.1, "English starts at the left margin");
    assert!((arabic.right - (PAGE.0 - MARGIN)).abs() < 0.1, "Arabic starts at the right margin");
}

#[test]
fn page_counts_stay_as_they_are() {
    let table = [
        ("full", sample::full(), 5, 5),
        ("one criterion", sample::one_criterion(), 2, 2),
        ("120 criteria", sample::many_criteria(), 8, 9),
    ];
    for (name, card, arabic, english) in table {
        assert_eq!(laid_out(&card, Language::Arabic).pages, arabic, "{name} in Arabic");
        assert_eq!(laid_out(&card, Language::English).pages, english, "{name} in English");
    }
}
