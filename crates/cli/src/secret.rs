//! Passwords: from the environment, or a line of standard input; never from an argument, which other
//! users of the machine could read.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, Result, bail};
use zeroize::Zeroizing;

/// The password in `MIZAN_PASSWORD`, else the next line of standard input.
pub(crate) fn password(of: &str) -> Result<Zeroizing<String>> {
    read("MIZAN_PASSWORD", &format!("password of {of}"))
}

/// The password that shall be: `MIZAN_NEW_PASSWORD`, else the next line of standard input.
pub(crate) fn new_password() -> Result<Zeroizing<String>> {
    read("MIZAN_NEW_PASSWORD", "new password")
}

fn read(variable: &str, what: &str) -> Result<Zeroizing<String>> {
    if let Some(password) = from_environment(variable) {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        eprint!("{what} (it will show; set {variable} to avoid that): ");
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut line).context("reading the password")?;
    let password = Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned());
    if password.is_empty() {
        bail!("the {what} is empty; set {variable} or write it on standard input");
    }
    Ok(password)
}

/// A secret of the environment, when it is set and not empty.
pub(crate) fn from_environment(name: &str) -> Option<Zeroizing<String>> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new)
}

/// The passphrase of a device: `MIZAN_PASSPHRASE`, else what [`password`] gives.
pub(crate) fn passphrase() -> Result<Zeroizing<String>> {
    match from_environment("MIZAN_PASSPHRASE") {
        Some(passphrase) => Ok(passphrase),
        None => password("the device (MIZAN_PASSPHRASE, or the account's password)"),
    }
}
