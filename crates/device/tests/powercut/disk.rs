//! The model disk: folders, their names and their files, as a cut of the power may leave them.
//!
//! It promises what POSIX promises and no more. A synced file keeps its content, but its name only once
//! the folder is synced; the changes of one folder's names arrive in order, up to any of them. Real
//! file systems are kinder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};

use crate::file::{Change, File};
use crate::log::{Call, Entry};

/// Where a file or a folder lies in [`Disk::nodes`].
type Node = usize;
type Names = BTreeMap<String, Node>;

/// Everything below one folder.
pub(crate) struct Disk<'a> {
    nodes: Vec<Content<'a>>,
}

enum Content<'a> {
    File(File<'a>),
    Folder(Folder),
}

#[derive(Default)]
struct Folder {
    safe: Names,
    now: Names,
    since: Vec<Renaming>,
}

/// A change of a folder's names.
#[derive(Debug, Clone)]
enum Renaming {
    Put(String, Node),
    Remove(String),
    Rename(String, String),
}

/// What lies at a path; a folder has no bytes.
pub(crate) type Outcome = BTreeMap<PathBuf, Option<Vec<u8>>>;

impl<'a> Disk<'a> {
    /// With an empty folder.
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Content::Folder(Folder::default())] }
    }

    /// Does what a program asked.
    pub(crate) fn take(&mut self, entry: &Entry<'a>) {
        let path = entry.path;
        match entry.call {
            Call::Make => self.put(path, Content::File(File::default())),
            Call::MakeFolder => self.put(path, Content::Folder(Folder::default())),
            Call::Remove => self.rename(path, |name| Renaming::Remove(name.to_owned())),
            Call::Rename(to) => {
                assert_eq!(split(path).0, split(to).0, "a move between folders is not modelled");
                let to = split(to).1.to_owned();
                self.rename(path, |name| Renaming::Rename(name.to_owned(), to));
            }
            Call::Write(at, bytes) => self.file(path).change(Change::Write(at, bytes)),
            Call::Resize(length) => self.file(path).change(Change::Resize(length)),
            Call::Lengthen(length) => self.file(path).change(Change::Lengthen(length)),
            Call::Sync => match self.find(path) {
                Content::File(file) => file.sync(),
                Content::Folder(folder) => folder.sync(),
            },
            Call::Say(_) => {}
        }
    }

    /// As programs see it while the power is on.
    pub(crate) fn now(&self) -> Outcome {
        let mut outcome = Outcome::new();
        self.list(0, Path::new(""), &mut outcome, &mut |folder| folder.now.clone(), &mut File::now);
        outcome
    }

    /// As one cut of the power may leave it.
    pub(crate) fn after_cut(&self, rng: &mut StdRng) -> Outcome {
        let mut outcome = Outcome::new();
        let seed = rng.next_u64();
        let (mut names, files) = (crate::seeded(seed), rng);
        self.list(
            0,
            Path::new(""),
            &mut outcome,
            &mut |folder| folder.after_cut(&mut names),
            &mut |file| file.after_cut(files),
        );
        for (path, content) in &mut outcome {
            if is_shared_memory(path) {
                *content = Some(any_shared_memory(files));
            }
        }
        outcome
    }

    fn list(
        &self,
        node: Node,
        path: &Path,
        outcome: &mut Outcome,
        names: &mut impl FnMut(&Folder) -> Names,
        bytes: &mut impl FnMut(&File<'a>) -> Vec<u8>,
    ) {
        match &self.nodes[node] {
            Content::File(file) => {
                outcome.insert(path.to_owned(), Some(bytes(file)));
            }
            Content::Folder(folder) => {
                outcome.insert(path.to_owned(), None);
                for (name, node) in names(folder) {
                    self.list(node, &path.join(name), outcome, names, bytes);
                }
            }
        }
    }

    fn put(&mut self, path: &str, content: Content<'a>) {
        let node = self.nodes.len();
        self.nodes.push(content);
        self.rename(path, |name| Renaming::Put(name.to_owned(), node));
    }

    fn rename(&mut self, path: &str, renaming: impl FnOnce(&str) -> Renaming) {
        let (folder, name) = split(path);
        let Content::Folder(folder) = self.find(folder) else { panic!("{path} is in no folder") };
        let renaming = renaming(name);
        renaming.make(&mut folder.now);
        folder.since.push(renaming);
    }

    fn file(&mut self, path: &str) -> &mut File<'a> {
        match self.find(path) {
            Content::File(file) => file,
            Content::Folder(_) => panic!("{path} is a folder"),
        }
    }

    fn find(&mut self, path: &str) -> &mut Content<'a> {
        let mut node = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let Content::Folder(folder) = &self.nodes[node] else { panic!("no folder: {path}") };
            node = *folder.now.get(name).unwrap_or_else(|| panic!("nothing at {path}"));
        }
        &mut self.nodes[node]
    }
}

impl Folder {
    fn sync(&mut self) {
        for renaming in self.since.drain(..) {
            renaming.make(&mut self.safe);
        }
    }

    fn after_cut(&self, rng: &mut StdRng) -> Names {
        let count = self.since.len();
        let arrived = match rng.random_range(0..4) {
            0 => 0,
            1 => count,
            _ => rng.random_range(0..=count),
        };
        let mut names = self.safe.clone();
        self.since[..arrived].iter().for_each(|renaming| renaming.make(&mut names));
        names
    }
}

impl Renaming {
    fn make(&self, names: &mut Names) {
        match self {
            Self::Put(name, node) => {
                names.insert(name.clone(), *node);
            }
            Self::Remove(name) => {
                names.remove(name);
            }
            Self::Rename(from, to) => {
                let node = names.remove(from).unwrap_or_else(|| panic!("nothing at {from}"));
                names.insert(to.clone(), node);
            }
        }
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// What SQLite writes through memory and builds anew after a cut.
pub(crate) fn is_shared_memory(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

/// It was never synced, so it may hold anything.
fn any_shared_memory(rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; [0, 3, 32 << 10][rng.random_range(0..3)]];
    if rng.random() {
        rng.fill_bytes(&mut bytes);
    }
    bytes
}
