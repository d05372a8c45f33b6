//! What a device keeps, and what it refuses to touch.

use std::fs;
use std::path::Path;

use mizan_device::Device;
use mizan_device::Error;
use mizan_device::keyring::{Keyring as _, SystemKeyring};
use mizan_device::keys::{Cost, Unlock, recovery_public};
use mizan_domain::rubric::EvidenceKind;
use zeroize::Zeroizing;

use crate::support::{
    NOW, PASSPHRASE, create, open, rng, rubric, visit_id, with_visits, word, yes,
};

fn files_of(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
    files.sort();
    files
}

#[test]
fn answers_survive_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    device.answer(visit_id(1), "A1", &yes(), Some("greeted at once"), NOW).unwrap();
    drop(device);
    let view = open(folder.path()).visit(visit_id(1)).unwrap();
    assert_eq!(view.answers.len(), 1);
    assert_eq!(view.answers[0].answer, yes());
    assert_eq!(view.answers[0].note.as_deref(), Some("greeted at once"));
}

#[test]
fn a_wrong_passphrase_never_creates_anything() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let before = files_of(folder.path());
    let wrong = Unlock::passphrase("eleven palms");
    let refused = Device::open(folder.path(), &wrong, NOW, rng(3)).unwrap_err();
    assert!(matches!(refused, Error::WrongPassphrase), "{refused}");
    assert_eq!(refused.code(), "device.wrong_passphrase");
    assert_eq!(files_of(folder.path()), before);

    let nowhere = folder.path().join("nowhere");
    let refused = Device::open(&nowhere, &wrong, NOW, rng(3)).unwrap_err();
    assert!(matches!(refused, Error::NoDevice { .. }), "{refused}");
    assert!(!nowhere.exists());
}

#[test]
fn a_second_copy_is_refused_while_the_first_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let first = create(folder.path());
    let unlock = Unlock::passphrase(PASSPHRASE);
    let second = Device::open(folder.path(), &unlock, NOW, rng(3)).unwrap_err();
    assert!(matches!(second, Error::InUse { .. }), "{second}");
    drop(first);
    assert!(Device::open(folder.path(), &unlock, NOW, rng(3)).is_ok());
}

#[test]
fn a_device_that_is_still_being_locked_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let first = create(folder.path());
    let unlock = Unlock::passphrase(PASSPHRASE);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(200));
            drop(first);
        });
        assert!(Device::open(folder.path(), &unlock, NOW, rng(3)).is_ok());
    });
}

#[test]
fn a_device_is_never_made_over_another() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let refused = Device::create(folder.path(), PASSPHRASE, Cost::TEST, NOW, rng(3)).unwrap_err();
    assert!(matches!(refused, Error::AlreadyExists { .. }), "{refused}");
}

#[test]
fn creation_that_was_cut_short_is_finished_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let (database, new) = (folder.path().join("device.db"), folder.path().join("device.db.new"));
    fs::rename(&database, &new).unwrap();
    assert_eq!(open(folder.path()).status().unwrap().visits, 0);
    assert!(database.exists() && !new.exists());
}

#[test]
fn a_damaged_database_is_set_aside_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 5);
    device.answer(visit_id(1), "A1", &yes(), None, NOW).unwrap();
    drop(device);
    let database = folder.path().join("device.db");
    let mut bytes = fs::read(&database).unwrap();
    for page in 2..bytes.len() / 4096 {
        bytes[page * 4096 + 77] ^= 0xFF;
    }
    fs::write(&database, &bytes).unwrap();

    let unlock = Unlock::passphrase(PASSPHRASE);
    let refused = Device::open(folder.path(), &unlock, NOW, rng(3)).unwrap_err();
    let Error::Damaged { kept, .. } = &refused else { panic!("{refused}") };
    assert_eq!(fs::read(kept).unwrap(), bytes, "kept as it was");
    assert!(!database.exists());

    let missing = Device::open(folder.path(), &unlock, NOW, rng(3)).unwrap_err();
    assert!(
        matches!(missing, Error::DatabaseMissing { .. }),
        "no new one behind the back: {missing}"
    );
    let mut again = Device::begin_again(folder.path(), &unlock, NOW, rng(4)).unwrap();
    assert_eq!(again.status().unwrap().visits, 0);
    assert!(kept.exists());
}

#[test]
fn a_damaged_database_is_set_aside_with_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let crashed = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 5);
    device.answer(visit_id(1), "A1", &yes(), None, NOW).unwrap();
    // The files as a crash would leave them: the last commits are in the journal alone.
    for name in ["keys.json", "device.db", "device.db-wal"] {
        fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
    }
    let database = crashed.path().join("device.db");
    let journal = fs::read(crashed.path().join("device.db-wal")).unwrap();
    let mut bytes = fs::read(&database).unwrap();
    for page in 2..bytes.len() / 4096 {
        bytes[page * 4096 + 77] ^= 0xFF;
    }
    fs::write(&database, &bytes).unwrap();
    assert!(!journal.is_empty());
    let unlock = Unlock::passphrase(PASSPHRASE);
    let Err(Error::Damaged { kept, .. }) = Device::open(crashed.path(), &unlock, NOW, rng(3))
    else {
        panic!("pages that are not in the journal are damaged")
    };
    assert_eq!(fs::read(&kept).unwrap(), bytes);
    let kept_journal = std::path::PathBuf::from(format!("{}-wal", kept.display()));
    assert_eq!(fs::read(kept_journal).unwrap(), journal);
}

#[test]
fn what_a_crash_left_in_the_journal_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let crashed = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    device.answer(visit_id(1), "A1", &yes(), None, NOW).unwrap();
    for name in ["keys.json", "device.db", "device.db-wal"] {
        fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
    }
    assert_eq!(open(crashed.path()).visit(visit_id(1)).unwrap().answers.len(), 1);
}

#[test]
fn a_damaged_first_page_is_a_wrong_key_and_nothing_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let database = folder.path().join("device.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[100] ^= 0xFF;
    fs::write(&database, &bytes).unwrap();
    let unlock = Unlock::passphrase(PASSPHRASE);
    let refused = Device::open(folder.path(), &unlock, NOW, rng(3)).unwrap_err();
    assert!(matches!(refused, Error::WrongKey { .. }), "{refused}");
    assert_eq!(fs::read(&database).unwrap(), bytes);
}

#[test]
fn no_file_of_the_home_holds_plain_text() {
    const SECRET: &str = "planted-note-7f3a";
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    device.answer(visit_id(1), "A1", &yes(), Some(SECRET), NOW).unwrap();
    let text = format!("{SECRET} in a file\n");
    device.attach(visit_id(1), "A2", text.as_bytes(), EvidenceKind::Photo, NOW).unwrap();
    let search = || {
        let files = files_of(folder.path());
        assert!(files.iter().any(|(path, _)| path.ends_with("device.db")));
        for (path, bytes) in &files {
            for needle in [SECRET.as_bytes(), PASSPHRASE.as_bytes(), b"Salma", b"own_records"] {
                let is_found = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!is_found, "{} holds plain text", path.display());
            }
        }
        files.iter().any(|(path, _)| path.ends_with("device.db-wal"))
    };
    assert!(search(), "the journal was searched while the device was open");
    drop(device);
    search();
}

#[test]
fn a_full_disk_is_told_and_all_earlier_answers_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 40);
    device.limit_growth(3).unwrap();
    let note = "n".repeat(2_000);
    let mut kept = Vec::new();
    let full =
        (1..=40).find_map(|n| match device.answer(visit_id(n), "A1", &yes(), Some(&note), NOW) {
            Ok(()) => {
                kept.push(n);
                None
            }
            Err(error) => Some(error),
        });
    let full = full.expect("the limit was met");
    assert!(matches!(full, Error::DiskFull), "{full}");
    assert!(full.to_string().contains("free some space"));
    drop(device);
    let mut device = open(folder.path());
    assert!(!kept.is_empty());
    for n in kept {
        assert_eq!(device.visit(visit_id(n)).unwrap().answers.len(), 1, "visit {n}");
    }
    device.answer(visit_id(40), "A1", &yes(), Some(&note), NOW).unwrap();
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = create(folder.path());
    let wrong = device.change_passphrase("not the old", "a better phrase", Cost::TEST).unwrap_err();
    assert!(matches!(wrong, Error::WrongPassphrase), "{wrong}");
    let short = device.change_passphrase(PASSPHRASE, "short", Cost::TEST).unwrap_err();
    assert!(matches!(short, Error::PassphraseTooShort { chars: 5, .. }), "{short}");
    device.change_passphrase(PASSPHRASE, "a better phrase", Cost::TEST).unwrap();
    drop(device);
    let by = |phrase: &str| {
        Device::open(folder.path(), &Unlock::passphrase(phrase), NOW, rng(3)).map(|_| ())
    };
    assert!(matches!(by(PASSPHRASE), Err(Error::WrongPassphrase)));
    by("a better phrase").unwrap();
}

#[test]
fn the_recovery_key_opens_a_device_whose_passphrase_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let secret = Zeroizing::new([9; 32]);
    let mut device = create(folder.path());
    device.add_recovery(&recovery_public(&secret)).unwrap();
    assert_eq!(device.status().unwrap().slots, ["passphrase", "recovery"]);
    drop(device);
    Device::open(folder.path(), &Unlock::Recovery(secret), NOW, rng(3)).unwrap();
}

#[test]
fn a_missing_system_keyring_is_told_and_the_passphrase_still_opens() {
    if SystemKeyring.get("mizan-test-that-is-not-there").is_ok() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let refused = Device::open(folder.path(), &Unlock::Keyring(&SystemKeyring), NOW, rng(3));
    assert!(matches!(refused, Err(Error::NoSlot { slot: "keyring" })));
    open(folder.path());
}

#[test]
fn a_wiped_device_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    device.answer(visit_id(1), "A2", &word("met"), None, NOW).unwrap();
    let in_use = Device::wipe(folder.path(), None).unwrap_err();
    assert!(matches!(in_use, Error::InUse { .. }), "{in_use}");
    drop(device);
    Device::wipe(folder.path(), None).unwrap();
    let left: Vec<_> = files_of(folder.path()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, [folder.path().join("device.lock")]);
}
