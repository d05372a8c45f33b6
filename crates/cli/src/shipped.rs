//! The rubrics that ship with Mizan, found by their identity.

use std::path::Path;

use anyhow::{Context as _, Result};
use mizan_domain::rubric::Rubric;
use mizan_protocol::canonical::Digest;
use mizan_protocol::rubric::digest;

use crate::failure;

/// The texts of the shipped rubric files.
pub(crate) const FILES: [(&str, &str); 2] = [
    ("rubrics/in-person.toml", include_str!("../../../rubrics/in-person.toml")),
    ("rubrics/remote.toml", include_str!("../../../rubrics/remote.toml")),
];

/// Both shipped rubrics, in the order of [`FILES`].
pub(crate) fn rubrics() -> Result<Vec<Rubric>> {
    let read = |(name, text): &(&str, &str)| read_text(name, text);
    FILES.iter().map(read).collect()
}

/// Reads a rubric file; every fault is printed.
pub(crate) fn read(file: &Path) -> Result<Rubric> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
    read_text(&name, &text)
}

fn read_text(name: &str, text: &str) -> Result<Rubric> {
    Rubric::from_toml(text).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| located(name, fault)).collect();
        failure::report(&lines)
    })
}

/// A fault as `FILE:LINE: path: problem`; the line is left out where there is none.
pub(crate) fn located(file: &str, fault: &mizan_domain::rubric::Fault) -> String {
    match fault.line {
        Some(line) => format!("{file}:{line}: {fault}"),
        None => format!("{file}: {fault}"),
    }
}

/// The rubric of that identity.
pub(crate) fn find(rubrics: &[Rubric], sha256: Digest) -> Option<&Rubric> {
    rubrics.iter().find(|rubric| digest(rubric) == sha256)
}
