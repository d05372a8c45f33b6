//! How the screen is set up: kept in clear beside the database, readable while the device is locked.
//!
//! Nothing personal may be added here.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;
use crate::home::{make_folder, write_whole};

/// How the screen is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Settings {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    /// How digits are written.
    pub(crate) digits: Digits,
    /// Minutes without a touch after which the device locks itself; 0 for never.
    #[schema(maximum = 1440)]
    pub(crate) lock_after_min: u32,
}

/// The language of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    Ar,
    En,
}

/// The colors of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
    Contrast,
}

/// The digits of numbers: 123 or ١٢٣.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Digits {
    Latn,
    Arab,
}

/// The longest time to lock after, in minutes: a day.
const MAX_LOCK_AFTER_MIN: u32 = 24 * 60;

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::Ar,
            theme: Theme::System,
            digits: Digits::Latn,
            lock_after_min: 10,
        }
    }
}

impl Settings {
    /// Whether every value is one that makes sense.
    pub(crate) fn is_sensible(&self) -> bool {
        self.lock_after_min <= MAX_LOCK_AFTER_MIN
    }

    /// The settings of a home; the defaults where there are none that can be read. They are conveniences:
    /// a damaged file must never keep anybody from their work.
    pub(crate) fn read(home: &Path) -> Self {
        let found = fs::read(path(home)).ok();
        let settings = found.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        settings.filter(Self::is_sensible).unwrap_or_default()
    }

    /// Writes the settings whole or not at all.
    pub(crate) fn write(&self, home: &Path) -> Result<(), Error> {
        // The language is chosen before there is a device.
        make_folder(home)?;
        let text = serde_json::to_vec_pretty(self).map_err(Error::stored("settings"))?;
        write_whole(&path(home), &text)
    }
}

fn path(home: &Path) -> PathBuf {
    home.join("settings.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_the_defaults_and_what_was_written_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        assert_eq!(Settings::read(&home), Settings::default(), "no file");
        let own =
            Settings { language: Language::En, theme: Theme::Contrast, ..Settings::default() };
        own.write(&home).unwrap();
        assert_eq!(Settings::read(&home), own);
        let rows = [
            ("cut off", r#"{"language":"#),
            (
                "of a later version",
                r#"{"language":"fr","theme":"dark","digits":"latn","lock_after_min":5}"#,
            ),
            (
                "beyond a day",
                r#"{"language":"en","theme":"dark","digits":"latn","lock_after_min":9999}"#,
            ),
        ];
        for (title, text) in rows {
            fs::write(path(&home), text).unwrap();
            assert_eq!(Settings::read(&home), Settings::default(), "{title}");
        }
    }
}
