//! The same card gives the same bytes, whatever was made before, and not too many of them.

use mizan_domain::text::Language;
use mizan_report::Renderer;

use crate::{every_pdf, pdf, sample};

#[test]
fn the_same_card_gives_the_same_bytes() {
    for language in Language::ALL {
        assert!(pdf(&sample::full(), language) == pdf(&sample::full(), language));
    }
}

#[test]
fn the_order_of_a_batch_changes_no_byte() {
    let forward = every_pdf();
    let mut renderer = Renderer::new().unwrap();
    let mut cards = sample::all();
    cards.reverse();
    for (name, card) in cards {
        for language in [Language::English, Language::Arabic] {
            let name = format!("{name} in {language}");
            let (_, _, expected) = forward.iter().find(|(other, ..)| *other == name).unwrap();
            assert!(renderer.render(&card, language).unwrap() == *expected, "{name} differs");
        }
    }
}

#[test]
fn different_cards_give_different_bytes() {
    let mut renderer = Renderer::new().unwrap();
    let one = renderer.render(&sample::numbered(1), Language::Arabic).unwrap();
    let two = renderer.render(&sample::numbered(2), Language::Arabic).unwrap();
    assert!(one != two);
}

#[test]
fn a_full_card_stays_under_120_kilobytes() {
    for language in Language::ALL {
        let size = pdf(&sample::full(), language).len();
        assert!(size < 120_000, "the {language} card has {size} bytes");
    }
}
