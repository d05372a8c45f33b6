//! The command line and the environment, read once.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::passphrase::{Passphrase, TooLong};

/// How the window was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// The device's folder; `None` means the platform's folder for this app's data.
    pub(crate) home: Option<PathBuf>,
    /// WebDriver is in charge of the page.
    pub(crate) automated: bool,
    /// The page sees a made-up camera; never in a release build.
    pub(crate) test_camera: bool,
    /// Standard input holds the passphrase.
    pub(crate) unlocks: bool,
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Open the window.
    Open(Options),
    /// Start once more without this in the environment.
    Again(Passphrase),
    /// Print this and end.
    Say(String),
}

/// A command line that nobody understands.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misuse {
    /// An argument that does not exist.
    #[error("there is no argument {0:?}; see --help")]
    Unknown(OsString),
    /// `--home` at the end of the line.
    #[error("--home needs a folder")]
    NoHome,
    /// A passphrase that is not text.
    #[error("MIZAN_PASSPHRASE is not UTF-8")]
    NotText,
    /// A passphrase nobody types.
    #[error("MIZAN_PASSPHRASE: {0}")]
    TooLong(#[from] TooLong),
}

/// The variable that unlocks the device at the start.
pub(crate) const PASSPHRASE: &str = "MIZAN_PASSPHRASE";

const HELP: &str = "\
Usage: mizan-desktop [--home DIR] [--passphrase-stdin]

  --home DIR          the device's folder (also MIZAN_HOME); left out: the place for this user's data
  --passphrase-stdin  reads the passphrase from standard input and unlocks the device with it
  --version           prints the version
  --help              prints this

MIZAN_PASSPHRASE unlocks the device too, for demonstrations and tests; the app does not keep it in
its environment. If the passphrase does not open the device, the window asks for it as always.";

/// Reads the arguments after the program's name; `environment` looks up a variable.
pub(crate) fn read(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Start, Misuse> {
    let mut home = environment("MIZAN_HOME").filter(|home| !home.is_empty());
    let mut unlocks = false;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--version") => {
                return Ok(Start::Say(format!("mizan-desktop {}", env!("CARGO_PKG_VERSION"))));
            }
            Some("--help") => return Ok(Start::Say(HELP.to_owned())),
            Some("--passphrase-stdin") => unlocks = true,
            Some("--home") => home = Some(arguments.next().ok_or(Misuse::NoHome)?),
            _ => return Err(Misuse::Unknown(argument)),
        }
    }
    if let Some(text) = environment(PASSPHRASE).filter(|text| !text.is_empty()) {
        let text = text.into_string().map_err(|_| Misuse::NotText)?;
        return Ok(Start::Again(Passphrase::new(text)?));
    }
    let is_set = |name: &str, value: &str| environment(name).is_some_and(|set| set == value);
    Ok(Start::Open(Options {
        home: home.map(PathBuf::from),
        automated: is_set("TAURI_WEBVIEW_AUTOMATION", "true"),
        test_camera: cfg!(debug_assertions) && is_set("MIZAN_TEST_CAMERA", "1"),
        unlocks,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Start, Misuse> {
        read(arguments.iter().map(OsString::from), |name| {
            let found = environment.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn opened(start: Result<Start, Misuse>) -> Options {
        match start {
            Ok(Start::Open(options)) => options,
            other => panic!("the window opens, not {other:?}"),
        }
    }

    fn home_of(start: Result<Start, Misuse>) -> Option<PathBuf> {
        opened(start).home
    }

    #[test]
    fn the_argument_names_the_home_before_the_environment_does() {
        assert_eq!(home_of(start(&[], &[])), None);
        assert_eq!(home_of(start(&[], &[("MIZAN_HOME", "")])), None, "empty is not a folder");
        assert_eq!(home_of(start(&[], &[("MIZAN_HOME", "a")])), Some("a".into()));
        assert_eq!(home_of(start(&["--home", "b"], &[("MIZAN_HOME", "a")])), Some("b".into()));
    }

    #[test]
    fn a_passphrase_in_the_environment_means_starting_without_it() {
        let set = [(PASSPHRASE, "opens the device")];
        let expected = Passphrase::new("opens the device".to_owned()).unwrap();
        assert_eq!(start(&["--home", "b"], &set), Ok(Start::Again(expected)));
        assert!(!opened(start(&[], &[(PASSPHRASE, "")])).unlocks, "empty is none");
        assert!(opened(start(&["--passphrase-stdin"], &[])).unlocks);
    }

    #[test]
    fn what_nobody_understands_is_refused() {
        assert_eq!(start(&["--home"], &[]), Err(Misuse::NoHome));
        assert_eq!(start(&["file.txt"], &[]), Err(Misuse::Unknown("file.txt".into())));
    }

    #[test]
    fn the_version_is_the_packages() {
        let said = format!("mizan-desktop {}", env!("CARGO_PKG_VERSION"));
        assert_eq!(start(&["--version"], &[]), Ok(Start::Say(said)));
    }
}
