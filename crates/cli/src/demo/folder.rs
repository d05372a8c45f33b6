//! The demo's folder: made anew each time, and nothing else is ever deleted.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Marks a folder as made by the demo.
const MARKER: &str = ".mizan-demo";

/// Where the demo keeps its parts.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Prepares an empty folder. One that an earlier demo made is emptied; any other that is not empty
    /// is refused.
    pub(super) fn prepare(root: &Path) -> Result<Self> {
        let name = root.display();
        if root.exists() {
            let entries: Vec<_> = std::fs::read_dir(root)
                .with_context(|| format!("reading {name}"))?
                .collect::<Result<_, _>>()
                .with_context(|| format!("reading {name}"))?;
            if !entries.is_empty() && !root.join(MARKER).is_file() {
                bail!("{name} is not empty and no demo made it; name a new or empty folder");
            }
            not_serving(root)?;
            for entry in entries.iter().filter(|entry| entry.file_name() != MARKER) {
                remove(&entry.path())?;
            }
        }
        std::fs::create_dir_all(root).with_context(|| format!("making {name}"))?;
        let marker = "Made by `mizan demo`, which replaces this folder when it runs again.\n";
        std::fs::write(root.join(MARKER), marker).with_context(|| format!("writing to {name}"))?;
        let root = root.canonicalize().with_context(|| format!("finding {name}"))?;
        let folder = Self { root };
        let parts = [folder.scorecards(), folder.evidence(), folder.devices(), folder.scripts()];
        for part in parts {
            std::fs::create_dir_all(&part).with_context(|| format!("making {}", part.display()))?;
        }
        Ok(folder)
    }

    /// The server's data.
    pub(super) fn server(&self) -> PathBuf {
        self.root.join("server")
    }

    /// What the server says on stderr.
    pub(super) fn server_log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// A home for each device.
    pub(super) fn devices(&self) -> PathBuf {
        self.root.join("devices")
    }

    /// The home of the device of the next cycle's evaluator.
    pub(super) fn evaluator(&self) -> PathBuf {
        self.root.join("evaluator")
    }

    /// What is typed into the devices.
    pub(super) fn scripts(&self) -> PathBuf {
        self.root.join("scripts")
    }

    /// Files as they come from a camera, before they are attached.
    pub(super) fn evidence(&self) -> PathBuf {
        self.root.join("evidence")
    }

    /// The published PDFs.
    pub(super) fn scorecards(&self) -> PathBuf {
        self.root.join("scorecards")
    }

    /// Every byte the managers received.
    pub(super) fn manager_responses(&self) -> PathBuf {
        self.root.join("manager-responses.bin")
    }
}

/// Refuses a folder where the server of an earlier demo still runs.
fn not_serving(root: &Path) -> Result<()> {
    let Ok(lock) = std::fs::File::open(root.join("server").join("server.lock")) else {
        return Ok(());
    };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => {
            bail!("the server of an earlier demo still runs in {}; stop it first", root.display())
        }
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

fn remove(path: &Path) -> Result<()> {
    let is_folder = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let removed =
        if is_folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    removed.with_context(|| format!("removing {} of an earlier demo", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_never_touched_and_one_of_the_demo_is_replaced() {
        let root = std::env::temp_dir().join(format!("mizan-demo-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(root.join("thesis.txt"), "years of work").unwrap();
        let refusal = Folder::prepare(&root).unwrap_err().to_string();
        assert!(refusal.contains("not empty"), "{refusal}");
        assert!(root.join("thesis.txt").exists());
        std::fs::remove_file(root.join("thesis.txt")).unwrap();
        Folder::prepare(&root).unwrap();
        std::fs::write(root.join("left-over"), "x").unwrap();
        Folder::prepare(&root).unwrap();
        assert!(!root.join("left-over").exists() && root.join(MARKER).exists());
        std::fs::remove_dir_all(&root).unwrap();
    }
}
