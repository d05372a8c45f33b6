//! Files dropped on the window. The page learns their names and may read them, those of the last
//! drop alone; it never sends a path.
//!
//! HTML's own drop is not to be relied on: WebKitGTK loses drops from some file managers.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tauri::{DragDropEvent, Emitter, Manager, PhysicalPosition, Window, WindowEvent};

use crate::error::Error;

/// More than any evidence or bundle has; a film dropped by mistake must not fill the memory.
const MAX_BYTES: u64 = 256 << 20;

/// The files of the last drop.
#[derive(Default)]
pub(crate) struct Drops(Mutex<Last>);

#[derive(Default)]
struct Last {
    number: u64,
    files: Vec<Dropped>,
}

/// One dropped file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dropped(PathBuf);

/// A dropped file as the page sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FileView {
    id: String,
    name: String,
    bytes: u64,
}

#[derive(Debug, Clone, Serialize)]
struct Payload {
    phase: &'static str,
    x: f64,
    y: f64,
    files: Vec<FileView>,
}

impl Drops {
    /// Remembers a drop in place of the one before.
    fn replace(&self, paths: Vec<PathBuf>) -> Vec<FileView> {
        let mut last = self.last();
        last.number += 1;
        let number = last.number;
        let files = paths.into_iter().filter_map(|path| {
            let known = path.metadata().ok().filter(|known| known.is_file())?;
            let name = path.file_name()?.to_string_lossy().into_owned();
            Some((Dropped(path), name, known.len()))
        });
        let mut views = Vec::new();
        last.files = files
            .enumerate()
            .map(|(index, (file, name, bytes))| {
                views.push(FileView { id: id(number, index), name, bytes });
                file
            })
            .collect();
        views
    }

    /// The file with this id.
    pub(crate) fn find(&self, wanted: &str) -> Result<Dropped, Error> {
        let last = self.last();
        let index = (0..last.files.len()).find(|index| id(last.number, *index) == wanted);
        index.map(|index| last.files[index].clone()).ok_or(Error::NoSuchFile)
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        // Every state of `Last` is a good one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id(number: u64, index: usize) -> String {
    format!("{number}-{index}")
}

impl Dropped {
    /// Its bytes.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.0)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }
}

/// Tells the page of drags over its window, as the event `file-drop`.
pub(crate) fn watch(window: &Window, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else { return };
    let (phase, position, files) = match event {
        DragDropEvent::Enter { position, .. } | DragDropEvent::Over { position } => {
            ("over", *position, Vec::new())
        }
        DragDropEvent::Drop { paths, position } => {
            ("drop", *position, window.state::<Drops>().replace(paths.clone()))
        }
        _ => ("leave", PhysicalPosition::default(), Vec::new()),
    };
    let (x, y) = css_pixels(position, window.scale_factor().unwrap_or(1.0));
    if let Err(error) = window.emit("file-drop", Payload { phase, x, y, files }) {
        log::warn!("the page was not told of a drop: {error}");
    }
}

/// Tauri calls the position physical everywhere, but only Windows gives it so.
fn css_pixels(position: PhysicalPosition<f64>, scale: f64) -> (f64, f64) {
    let scale = if cfg!(windows) { scale } else { 1.0 };
    (position.x / scale, position.y / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_last_drop_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("first.jpg");
        let second = folder.path().join("إيصال.png");
        std::fs::write(&first, b"one").unwrap();
        std::fs::write(&second, b"three").unwrap();
        let drops = Drops::default();

        let seen = drops.replace(vec![folder.path().to_owned(), first]);
        assert_eq!(seen.len(), 1, "a folder is no file");
        assert_eq!((seen[0].name.as_str(), seen[0].bytes), ("first.jpg", 3));
        assert_eq!(drops.find(&seen[0].id).unwrap().read().unwrap(), b"one");

        let later = drops.replace(vec![second]);
        assert_eq!(later[0].name, "إيصال.png");
        assert_eq!(drops.find(&later[0].id).unwrap().read().unwrap(), b"three");
        assert!(
            matches!(drops.find(&seen[0].id), Err(Error::NoSuchFile)),
            "the first drop is over"
        );
        assert!(matches!(drops.find("/etc/hostname"), Err(Error::NoSuchFile)));
    }

    #[test]
    fn a_film_does_not_fill_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.mp4");
        File::create(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
        let error = Dropped(path).read().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
