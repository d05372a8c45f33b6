//! Makes scorecards and minutes, one after another, keeping what they share.

use chrono::NaiveDate;
use mizan_domain::text::Language;

use crate::Error;
use crate::card::Card;
use crate::document::{Document, compose, compose_minutes};
use crate::layout::lay_out;
use crate::minutes::Minutes;
use crate::pdf::{Attachment, Facts, Fonts, PdfCanvas, assemble};
use crate::typeset::{Shaper, Typesetter};

/// Makes scorecards. Building one parses and subsets the fonts, so make it once for a batch.
///
/// The bytes of a scorecard depend on its card and language alone, never on what the same
/// renderer made before: what is kept between cards is either fixed (the fonts) or a pure
/// function of text (shaped words, broken lines).
pub struct Renderer {
    typesetter: Typesetter,
    fonts: Fonts,
}

impl Renderer {
    /// Reads the fonts and prepares the glyphs every scorecard shares.
    ///
    /// # Errors
    ///
    /// When a font that is part of this crate cannot be read, which a test rules out.
    pub fn new() -> Result<Self, Error> {
        let mut typesetter = Typesetter::new(Shaper::new()?);
        let fonts = Fonts::new(&mut typesetter.shaper)?;
        Ok(Self { typesetter, fonts })
    }

    /// The scorecard of `card` in `language`, as the bytes of a PDF file.
    ///
    /// # Errors
    ///
    /// When the card contradicts itself: see [`Error`].
    pub fn render(&mut self, card: &Card, language: Language) -> Result<Vec<u8>, Error> {
        self.render_with(card, language, &[])
    }

    /// The same with files that travel inside it; it is then PDF/A-3a.
    ///
    /// # Errors
    ///
    /// When the card contradicts itself: see [`Error`].
    pub fn render_with(
        &mut self,
        card: &Card,
        language: Language,
        attachments: &[Attachment],
    ) -> Result<Vec<u8>, Error> {
        self.print(document(card, language)?, card.issued, attachments)
    }

    /// The minutes of a meeting in `language`, as the bytes of a PDF file.
    ///
    /// # Errors
    ///
    /// When a text cannot be set: see [`Error`].
    pub fn render_minutes(
        &mut self,
        minutes: &Minutes,
        language: Language,
    ) -> Result<Vec<u8>, Error> {
        self.print(minutes_document(minutes, language), minutes.date, &[])
    }

    fn print(
        &mut self,
        document: Document,
        issued: NaiveDate,
        attachments: &[Attachment],
    ) -> Result<Vec<u8>, Error> {
        let mut canvas = PdfCanvas::new(&self.fonts);
        lay_out(&document, &mut canvas, &mut self.typesetter)?;
        let facts = Facts { title: document.title, language: document.language, issued };
        assemble(canvas, &self.fonts, &self.typesetter.shaper, &facts, attachments)
    }
}

/// What the scorecard says, as a document that prints as text.
///
/// # Errors
///
/// When the card contradicts itself: see [`Error`].
pub fn document(card: &Card, language: Language) -> Result<Document, Error> {
    card.check()?;
    Ok(compose(card, language))
}

/// What minutes say, as a document that prints as text.
#[must_use]
pub fn minutes_document(minutes: &Minutes, language: Language) -> Document {
    compose_minutes(minutes, language)
}
