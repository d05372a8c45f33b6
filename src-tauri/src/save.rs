//! Writing a file where the person says: all of it or nothing, and on the disk when we say so.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tauri::{AppHandle, WebviewWindow};
use tauri_plugin_dialog::DialogExt;
use tempfile::NamedTempFile;
use tokio::sync::oneshot;

use crate::error::Error;

/// Opens the system's dialog; `None` when the person closes it.
pub(crate) async fn ask(
    app: &AppHandle,
    window: &WebviewWindow,
    name: &str,
) -> Result<Option<PathBuf>, Error> {
    let (chosen, choice) = oneshot::channel();
    let dialog = app.dialog().file().set_parent(window).set_file_name(file_name(name));
    dialog.save_file(move |path| {
        // The receiver is gone only if the app is closing.
        let _ = chosen.send(path);
    });
    let Some(path) = choice.await.map_err(|_| Error::BrokeOff)? else { return Ok(None) };
    path.into_path().map(Some).map_err(|_| Error::NotWritten(io::ErrorKind::InvalidInput.into()))
}

/// The last part alone: a name from the page never chooses a folder.
fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().filter(|name| !name.starts_with('.')).unwrap_or_default()
}

/// Writes beside the place first and renames, so that a full disk or a stick pulled out leaves
/// either the whole file or what was there before.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
}

/// The rename itself must survive a stick pulled out. Some file systems cannot do this for folders
/// and say so; then there is nothing more to be done.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_replaces_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("حزمة.mizb");
        write(&path, b"first, and longer").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone").join("a.mizb");
        assert_eq!(write(&path, b"bytes").unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_name_from_the_page_never_chooses_a_folder() {
        assert_eq!(file_name("حزمة.mizb"), "حزمة.mizb");
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\a\\b.mizb"), "b.mizb");
        assert_eq!(file_name("a/.."), "");
    }
}
