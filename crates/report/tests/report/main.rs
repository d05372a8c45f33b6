//! Scorecards as their readers get them: conformance, structure, text, bytes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bytes;
mod conformance;
mod errors;
#[path = "../fixtures/sample.rs"]
mod sample;
mod snapshot;
mod structure;
mod text;

use mizan_domain::text::Language;
use mizan_report::{Card, Renderer};

/// The PDF of a card, made by a renderer of its own.
fn pdf(card: &Card, language: Language) -> Vec<u8> {
    Renderer::new().unwrap().render(card, language).unwrap()
}

/// Every hard case in both languages, from one renderer.
fn every_pdf() -> Vec<(String, Language, Vec<u8>)> {
    let mut renderer = Renderer::new().unwrap();
    let mut all = Vec::new();
    for (name, card) in sample::all() {
        for language in Language::ALL {
            let bytes = renderer.render(&card, language).unwrap();
            all.push((format!("{name} in {language}"), language, bytes));
        }
    }
    for (name, minutes) in [("minutes", sample::minutes()), ("no agenda", sample::empty_minutes())]
    {
        for language in Language::ALL {
            let bytes = renderer.render_minutes(&minutes, language).unwrap();
            all.push((format!("{name} in {language}"), language, bytes));
        }
    }
    all
}
