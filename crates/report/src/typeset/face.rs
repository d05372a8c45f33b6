//! The two faces of the scorecard. They are part of the crate, so that every machine draws alike.

/// A face of IBM Plex Sans Arabic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Face {
    /// For running text.
    Regular,
    /// For names, numbers and headings.
    SemiBold,
}

impl Face {
    pub(crate) const ALL: [Self; 2] = [Self::Regular, Self::SemiBold];

    pub(crate) fn index(self) -> usize {
        match self {
            Self::Regular => 0,
            Self::SemiBold => 1,
        }
    }

    /// The whole font file.
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../../fonts/IBMPlexSansArabic-Regular.ttf"),
            Self::SemiBold => include_bytes!("../../fonts/IBMPlexSansArabic-SemiBold.ttf"),
        }
    }

    /// The PostScript name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Regular => "IBMPlexSansArabic",
            Self::SemiBold => "IBMPlexSansArabic-SmBld",
        }
    }

    /// The name of the font in the resources of a page.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Regular => "R",
            Self::SemiBold => "S",
        }
    }

    /// The thickness of a stem, estimated from the weight as PDF writers do.
    pub(crate) fn stem_width(self) -> i32 {
        match self {
            Self::Regular => 88,
            Self::SemiBold => 135,
        }
    }
}
