//! What comes out when text is copied or searched, as poppler reads it.

use std::io::Write;
use std::process::Command;

use mizan_domain::text::Language;
use mizan_report::Card;

use crate::{every_pdf, pdf, sample};

/// The text of a file, without direction controls and with spaces as single blanks.
fn extracted(bytes: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let output = Command::new("pdftotext")
        .args(["-enc", "UTF-8"])
        .arg(file.path())
        .arg("-")
        .output()
        .expect("pdftotext runs: install poppler-utils");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let kept = |letter: &char| !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text.chars().filter(kept).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(card: &Card, language: Language, phrases: &[&str]) {
    let text = extracted(&pdf(card, language));
    for phrase in phrases {
        assert!(text.contains(phrase), "{phrase:?} is not in the text:\n{text}");
    }
}

#[test]
fn arabic_words_come_out_with_their_letters_in_order() {
    let phrases =
        ["الأمل", "السلامة", "الإجراءات", "الملاحظات", "بلا", "الاستقبال", "برنامج تقييم مراكز"];
    check(&sample::full(), Language::Arabic, &phrases);
}

#[test]
fn numbers_keep_their_sign_and_codes_their_order() {
    let mut card = sample::full();
    card.cycle.ar = "الدورة 2026-H1 الأولى".to_owned();
    let phrases =
        ["96.0%", "83.4", "27.0%", "C-014", "417/5", "2026-H1", "2024-05-02", "in-person"];
    check(&card, Language::Arabic, &phrases);
}

#[test]
fn english_text_comes_out_as_written() {
    let phrases = [
        "Al-Amal Customer Service Centre",
        "Overall score",
        "Page 1 of 5",
        "Staffing plan for peaks",
        "96.0%",
    ];
    check(&sample::full(), Language::English, &phrases);
}

#[test]
fn letters_the_font_lacks_can_still_be_copied() {
    check(&sample::mixed_remarks(), Language::English, &["Café façade naïve", "Müller", "中文"]);
}

#[test]
fn most_words_of_the_arabic_card_are_found() {
    let card = sample::full();
    let text = extracted(&pdf(&card, Language::Arabic));
    let names = card.pillars.iter().flat_map(|pillar| &pillar.criteria);
    let words: Vec<&str> =
        names.flat_map(|criterion| criterion.name.ar.split_whitespace()).collect();
    let found = words.iter().filter(|word| text.contains(**word)).count();
    let share = found as f64 / words.len() as f64;
    assert!(share > 0.94, "{found} of {} words are found", words.len());
}

#[test]
fn a_draft_says_so_on_every_page_and_a_final_card_nowhere() {
    for (language, word) in [(Language::Arabic, "مسودة"), (Language::English, "Draft")] {
        let draft = extracted(&pdf(&sample::draft(), language));
        assert_eq!(draft.matches(word).count(), 6, "five pages and the notice");
        assert!(!extracted(&pdf(&sample::full(), language)).contains(word));
    }
}

#[test]
fn nothing_speaks_of_the_people_who_visit() {
    let forbidden = [
        "evaluator",
        "shopper",
        "visitor",
        "inspector",
        "مقيّم",
        "المقيم",
        "متسوق",
        "متخفي",
        "زائر",
    ];
    for (name, _, bytes) in every_pdf() {
        let text = extracted(&bytes).to_lowercase();
        for word in forbidden {
            assert!(!text.contains(word), "{name} says {word}");
        }
    }
}

#[test]
fn metadata_holds_the_listed_entries_and_no_other() {
    for (name, _, bytes) in every_pdf() {
        let document = lopdf::Document::load_mem(&bytes).unwrap();
        let info = document.trailer.get(b"Info").unwrap().as_reference().unwrap();
        let info = document.get_dictionary(info).unwrap();
        let mut keys: Vec<String> =
            info.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect();
        keys.sort();
        assert_eq!(keys, ["CreationDate", "ModDate", "Producer", "Title"], "{name}");
    }
}
