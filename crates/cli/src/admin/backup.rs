//! `mizan admin backup` and `restore`: the server's data as a folder of files, and back.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use mizan_server::backup::{Occupied, backup, restore};
use mizan_server::engine::Location;

use crate::{device, out};

/// The database a data folder has unless another is named.
pub(super) fn embedded(data: &Path) -> Location {
    Location::File(data.join("mizan.db"))
}

/// Runs `mizan admin backup`.
pub(super) fn make(data: &Path, database: Option<Location>, to: &Path) -> Result<()> {
    let database = database.unwrap_or_else(|| embedded(data));
    let made = backup(data, &database, to, device::now_ms())
        .with_context(|| format!("backing up {}", data.display()))?;
    let bytes: u64 = made.files.iter().map(|file| file.bytes).sum();
    out::line(&format!(
        "{} holds {} files, {bytes} bytes; it holds the server's key: keep it as safe as the server",
        to.display(),
        made.files.len()
    ))
}

/// Runs `mizan admin restore`.
pub(super) fn put_back(
    from: &Path,
    data: &Path,
    database: Option<&Location>,
    occupied: Occupied,
) -> Result<()> {
    let done = restore(from, data, database, occupied, device::now_ms())
        .with_context(|| format!("restoring {}", data.display()))?;
    let seconds = done.made_at / 1000;
    let made = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    out::line(&format!("{} files of the backup of {made} are in {}", done.files, data.display()))?;
    if let Some(aside) = done.set_aside {
        out::line(&format!("what was there is kept in {}", aside.display()))?;
    }
    for table in done.moved {
        out::line(&format!("{}\t{}\t{}", table.table, table.rows, table.digest))?;
    }
    out::line(
        "a new epoch begins: devices read everything again, and send again what the backup lacks",
    )
}

/// Runs `mizan admin move`.
pub(super) fn move_data(data: &Path, from: Option<Location>, to: Location) -> Result<()> {
    let from = from.unwrap_or_else(|| embedded(data));
    let copied = mizan_server::moving::move_data(data, &from, &to, device::now_ms())
        .with_context(|| format!("moving {from} to {to}"))?;
    for table in &copied {
        out::line(&format!("{}\t{}\t{}", table.table, table.rows, table.digest))?;
    }
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    let served = match &to {
        Location::Postgres(_) => format!("mizan serve --data {} --database {to}", data.display()),
        Location::File(path) => format!("mizan serve with {} as mizan.db", path.display()),
    };
    out::line(&format!(
        "{} tables, {rows} rows: counts and digests agree on both sides; serve it with: {served}",
        copied.len()
    ))
}

/// The data folder, which these commands need.
pub(super) fn required(data: Option<PathBuf>) -> Result<PathBuf> {
    data.ok_or_else(|| {
        crate::failure::Misuse("name the server's data folder: --data DIR".into()).into()
    })
}

/// Runs `mizan admin consolidate`.
pub(super) fn consolidate(data: &Path, database: Option<Location>) -> Result<()> {
    let database = database.unwrap_or_else(|| embedded(data));
    let done = mizan_server::consolidate(data, &database)
        .with_context(|| format!("consolidating the results in {}", data.display()))?;
    out::line(&format!(
        "{} results made anew from the answers; {} were kept otherwise before",
        done.centres, done.changed
    ))
}
