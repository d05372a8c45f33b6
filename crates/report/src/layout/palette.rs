//! Colors. Text colors keep a contrast of at least 4.5 to 1 on the grounds they are used on.

use crate::canvas::Color;
use crate::document::Tone;

pub(crate) const INK: Color = Color(0x17, 0x25, 0x2c);
pub(crate) const MUTED: Color = Color(0x54, 0x64, 0x6e);
pub(crate) const FAINT: Color = Color(0xd3, 0xda, 0xde);
pub(crate) const TRACK: Color = Color(0xe4, 0xe9, 0xec);
pub(crate) const PANEL: Color = Color(0xf4, 0xf6, 0xf7);
pub(crate) const PAPER: Color = Color(0xff, 0xff, 0xff);
pub(crate) const BRAND: Color = Color(0x0c, 0x4a, 0x54);
pub(crate) const BRAND_SOFT: Color = Color(0xc4, 0xd8, 0xdb);
pub(crate) const BRAND_PALE: Color = Color(0xe6, 0xef, 0xf0);
pub(crate) const BAR: Color = Color(0x2b, 0x7a, 0x84);
pub(crate) const ALERT: Color = Color(0xa8, 0x32, 0x1f);

/// The strong color of a badge, dark enough for white text and for text on white.
pub(crate) fn strong(tone: Tone) -> Color {
    match tone {
        Tone::Platinum => Color(0x3d, 0x4e, 0x66),
        Tone::Gold => Color(0x8a, 0x64, 0x0c),
        Tone::Silver => Color(0x5b, 0x68, 0x72),
        Tone::Green => Color(0x22, 0x6e, 0x4e),
        Tone::Amber => Color(0xa5, 0x4a, 0x12),
        Tone::Neutral => Color(0x4a, 0x55, 0x5e),
    }
}

/// The pale ground of a rung.
pub(crate) fn pale(tone: Tone) -> Color {
    match tone {
        Tone::Platinum => Color(0xe3, 0xe8, 0xf0),
        Tone::Gold => Color(0xf6, 0xec, 0xd2),
        Tone::Silver => Color(0xe9, 0xed, 0xf0),
        Tone::Green => Color(0xdf, 0xef, 0xe7),
        Tone::Amber => Color(0xf8, 0xe6, 0xda),
        Tone::Neutral => Color(0xea, 0xed, 0xef),
    }
}
