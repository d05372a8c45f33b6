//! The mark beside an embedded database: how far it had come when it was last written to.
//!
//! A database that is behind its mark was put back from a backup, however that was done. The mark is not
//! synced to the disk: after a power cut it may lag behind the data, never run ahead of them.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The mark of one database.
#[derive(Debug)]
pub(crate) struct Mark {
    path: PathBuf,
    file: File,
}

impl Mark {
    /// Opens the mark of a database file, making it if it is not there.
    pub(crate) fn open(database: &Path) -> Result<Self, Error> {
        let path = PathBuf::from(format!("{}.mark", database.display()));
        let options =
            File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let file = options.map_err(|source| Error::File { path: path.clone(), source })?;
        Ok(Self { path, file })
    }

    /// Whether the database was further than `commit` when it was last written to.
    pub(crate) fn is_ahead_of(&self, commit: i64) -> Result<bool, Error> {
        let text = std::fs::read_to_string(&self.path);
        let text = text.map_err(|source| Error::File { path: self.path.clone(), source })?;
        // A mark that cannot be read says nothing; the data may have come from anywhere.
        Ok(!text.is_empty() && text.trim().parse::<i64>().map_or(true, |mark| mark > commit))
    }

    /// Notes that the database has come to `commit`.
    pub(crate) fn advance(&self, commit: i64) -> Result<(), Error> {
        let text = format!("{commit:020}\n");
        #[cfg(unix)]
        let written = std::os::unix::fs::FileExt::write_all_at(&self.file, text.as_bytes(), 0);
        #[cfg(windows)]
        let written =
            std::os::windows::fs::FileExt::seek_write(&self.file, text.as_bytes(), 0).map(|_| ());
        written.map_err(|source| Error::File { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_knows_a_database_that_went_back() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("mizan.db");
        let mark = Mark::open(&database).unwrap();
        assert!(!mark.is_ahead_of(0).unwrap(), "a new mark says nothing");
        mark.advance(1_000).unwrap();
        mark.advance(7).unwrap();
        let again = Mark::open(&database).unwrap();
        assert!(again.is_ahead_of(6).unwrap());
        assert!(!again.is_ahead_of(7).unwrap() && !again.is_ahead_of(8).unwrap());
        std::fs::write(folder.path().join("mizan.db.mark"), "bent").unwrap();
        assert!(again.is_ahead_of(8).unwrap(), "what cannot be read is no reason to trust");
    }
}
