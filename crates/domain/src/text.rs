//! Bilingual text: Arabic and English as equals.

use std::fmt;

/// A language people read Mizan in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Arabic, written right to left.
    Arabic,
    /// English, written left to right.
    English,
}

impl Language {
    /// Both languages, Arabic first.
    pub const ALL: [Self; 2] = [Self::Arabic, Self::English];

    /// The two-letter code: `ar` or `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Arabic => "ar",
            Self::English => "en",
        }
    }

    /// The language of a two-letter code, `None` for any other text.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text {
    /// The Arabic wording.
    pub ar: String,
    /// The English wording.
    pub en: String,
}

impl Text {
    /// A text from its two wordings.
    #[must_use]
    pub fn new(ar: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ar: ar.into(), en: en.into() }
    }

    /// The wording in `language`.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Arabic => &self.ar,
            Language::English => &self.en,
        }
    }
}
