//! Standard output: a reader that went away (`mizan … | head`) is no error. And files that are there
//! wholly or not at all, also on a stick that is pulled out.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

/// Writes a text and a line end, flushed: whoever reads along sees it at once.
pub(crate) fn line(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("writing to standard output"),
    }
}

/// Writes a value as readable JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<()> {
    line(&serde_json::to_string_pretty(value).context("writing the result as JSON")?)
}

/// Writes a file under its name only once it is whole and on the disk.
pub(crate) fn file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<()>,
) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = Path::new(&name);
    let writing = || format!("writing {}", path.display());
    let whole = || -> Result<()> {
        let mut file = BufWriter::new(File::create(part).with_context(writing)?);
        write(&mut file).with_context(writing)?;
        let file = file.into_inner().map_err(|error| error.into_error()).with_context(writing)?;
        file.sync_all().with_context(writing)?;
        std::fs::rename(part, path).with_context(writing)
    };
    let written = whole();
    if written.is_err() {
        // The fault is told; the part is worth nothing.
        drop(std::fs::remove_file(part));
    }
    written
}
