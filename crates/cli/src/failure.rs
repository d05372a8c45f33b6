//! The two kinds of error that decide the exit code or the message; everything else is a domain
//! error with exit code 1.

use std::fmt;

/// The command was used wrongly: exit code 2.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) String);

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

/// Every fault is on stderr already; only the exit code is left to set.
#[derive(Debug)]
pub(crate) struct Reported;

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faults were found")
    }
}

impl std::error::Error for Reported {}

/// Prints every fault on a line of its own and gives the error that ends the command.
pub(crate) fn report<T: fmt::Display>(faults: &[T]) -> anyhow::Error {
    for fault in faults {
        eprintln!("{fault}");
    }
    Reported.into()
}

/// An error with its causes on one line; a cause that the text before already tells is left out.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text += ": ";
            text += &cause;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn each_cause_is_told_once() {
        let error = std::io::Error::other("port taken");
        let told: anyhow::Result<()> =
            Err(error).context("cannot listen: port taken; choose another");
        let told = told.context("serving").unwrap_err();
        assert_eq!(chain(&told), "serving: cannot listen: port taken; choose another");
    }
}
