//! Recording a device at work: builds the recorder, runs the plan under it, and makes sure that the
//! recording is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::disk::{Disk, Outcome, is_shared_memory};
use crate::log::{Call, Entry, parse};
use crate::look::Acknowledged;
use crate::plan::Promise;

/// The folder of the device below the recorded one.
pub(crate) const HOME: &str = "device";

/// Builds the recorder in a folder.
pub(crate) fn build_recorder(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/powercut/record.c");
    let recorder = folder.join("record");
    let built = Command::new("cc")
        .args(["-O1", "-Wall", "-Wextra", "-Werror", "-o"])
        .args([&recorder, &source])
        .status()
        .expect("a C compiler is there");
    assert!(built.success(), "{} does not compile", source.display());
    recorder
}

/// Has the plan done under the recorder, in two processes, and gives back the log.
pub(crate) fn record(
    recorder: &Path,
    folder: &Path,
    promise: Promise,
    plant: Option<&str>,
) -> Vec<u8> {
    let folder = folder.canonicalize().expect("a folder");
    let (log, disk) = (folder.join("log"), folder.join("disk"));
    fs::create_dir(&disk).expect("a new folder");
    let role = match promise {
        Promise::AfterCommit => "work",
        Promise::BeforeCommit => "work-and-promise-early",
    };
    for part in ["first", "second"] {
        let mut command = Command::new(recorder);
        command.args([&log, &disk]).arg(std::env::current_exe().expect("the suite's own path"));
        command.arg(role).arg(disk.join(HOME)).arg(part).env_remove("MIZAN_PLANT");
        command.envs(plant.map(|fault| ("MIZAN_PLANT", fault)));
        let output = command.output().expect("the recorder starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the {part} part ended with {}: {said}", output.status);
    }
    let log = fs::read(&log).expect("the log");
    check_whole(&parse(&log), &disk);
    log
}

/// Holds the log against the folder it was taken from: a call that went unrecorded would show.
fn check_whole(entries: &[Entry<'_>], folder: &Path) {
    let mut disk = Disk::new();
    entries.iter().for_each(|entry| disk.take(entry));
    let (mut recorded, mut real) = (disk.now(), Outcome::new());
    read(folder, Path::new(""), &mut real);
    for outcome in [&mut recorded, &mut real] {
        outcome.retain(|path, _| !is_shared_memory(path));
    }
    let names = |outcome: &Outcome| outcome.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&recorded), names(&real), "the recording knows every name");
    for (path, content) in &real {
        assert!(recorded[path] == *content, "the recording knows all of {}", path.display());
    }
}

fn read(path: &Path, below: &Path, outcome: &mut Outcome) {
    if path.is_dir() {
        outcome.insert(below.to_owned(), None);
        for entry in fs::read_dir(path).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            read(&path.join(&name), &below.join(&name), outcome);
        }
    } else {
        outcome.insert(below.to_owned(), Some(fs::read(path).expect("a file")));
    }
}

/// What had been acknowledged when each entry of a log was reached: the index of the entry that said
/// it, and everything up to it.
pub(crate) fn acknowledgements(entries: &[Entry<'_>]) -> Vec<(usize, Acknowledged)> {
    let mut acknowledged = Acknowledged::default();
    let mut said = Vec::new();
    let mut all = vec![(0, acknowledged.clone())];
    for (at, entry) in entries.iter().enumerate() {
        let Call::Say(bytes) = entry.call else { continue };
        said.extend_from_slice(bytes);
        if said.last() != Some(&b'\n') {
            continue;
        }
        let line = String::from_utf8(std::mem::take(&mut said)).expect("lines of text");
        let mut words = line.trim_end().splitn(3, ' ');
        match (words.next(), words.next()) {
            (Some("made"), None) => acknowledged.is_made = true,
            (Some("done"), Some(number)) => {
                let number: usize = number.parse().expect("the number of a step");
                acknowledged.steps = number + 1;
                let sealed = words.next().map(|json| (number, json.to_owned()));
                acknowledged.sealed.extend(sealed);
            }
            _ => panic!("the device said {line:?}"),
        }
        all.push((at + 1, acknowledged.clone()));
    }
    all
}
