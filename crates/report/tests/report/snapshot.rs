//! The document model as text. After a wanted change: `cargo run --example measure -- DIR` and
//! copy the text files that changed.

use mizan_domain::text::Language;
use mizan_report::{Card, document, minutes_document};

use crate::sample;

fn check(card: &Card, language: Language, expected: &str) {
    let text = document(card, language).unwrap().to_string();
    let difference = text.lines().zip(expected.lines()).find(|(new, old)| new != old);
    assert_eq!(difference, None, "first line that differs: new, old");
    assert_eq!(text.lines().count(), expected.lines().count());
}

#[test]
fn the_full_card_in_arabic() {
    check(&sample::full(), Language::Arabic, include_str!("../snapshots/full-ar.txt"));
}

#[test]
fn the_full_card_in_english() {
    check(&sample::full(), Language::English, include_str!("../snapshots/full-en.txt"));
}

#[test]
fn minutes_say_who_decided_what_and_why() {
    for (language, expected) in [
        (Language::Arabic, include_str!("../snapshots/minutes-ar.txt")),
        (Language::English, include_str!("../snapshots/minutes-en.txt")),
    ] {
        let text = minutes_document(&sample::minutes(), language).to_string();
        let difference = text.lines().zip(expected.lines()).find(|(new, old)| new != old);
        assert_eq!(difference, None, "first line that differs: new, old");
        assert_eq!(text.lines().count(), expected.lines().count());
    }
}

#[test]
fn a_card_without_a_score_in_arabic() {
    check(&sample::no_score(), Language::Arabic, include_str!("../snapshots/no_score-ar.txt"));
}

#[test]
fn a_card_for_the_committee_in_english() {
    check(&sample::committee(), Language::English, include_str!("../snapshots/committee-en.txt"));
}
