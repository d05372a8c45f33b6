//! The encrypted database: opening it, its pragmas, its schema and its health.
//!
//! One module a table; readers take `&Connection`, writers `&Transaction`. Nobody outside the crate
//! sees either. What is acknowledged is on the disk: WAL with `synchronous=FULL`.

pub(crate) mod bundles;
pub(crate) mod clock_anchors;
pub(crate) mod conflicts;
pub(crate) mod evidence_files;
pub(crate) mod evidence_links;
pub(crate) mod grants;
pub(crate) mod inflight;
pub(crate) mod links;
pub(crate) mod own_records;
pub(crate) mod pulled_records;
pub(crate) mod rejections;
pub(crate) mod seals;
pub(crate) mod settings;
pub(crate) mod streams;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use mizan_protocol::proof::{Fault, Site, is_planted, reached};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::error::Error;
use crate::home::{Home, free_name, make_folder, sync_folder, with_suffix};
use crate::keys::DatabaseKey;

/// Marks the file as ours: "MIZD".
const APPLICATION_ID: i64 = 0x4D49_5A44;

/// One step of the schema.
pub(crate) struct Migration {
    /// The name of its file, without the ending.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) sql: &'static str,
}

/// Every step, in order; a released one is never edited.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_start", sql: include_str!("store/migrations/0001_start.sql") },
    Migration { name: "0002_clearing", sql: include_str!("store/migrations/0002_clearing.sql") },
    Migration { name: "0003_bundles", sql: include_str!("store/migrations/0003_bundles.sql") },
    Migration { name: "0004_epoch", sql: include_str!("store/migrations/0004_epoch.sql") },
    Migration {
        name: "0005_server_key",
        sql: include_str!("store/migrations/0005_server_key.sql"),
    },
    Migration { name: "0006_uploads", sql: include_str!("store/migrations/0006_uploads.sql") },
    Migration { name: "0007_links", sql: include_str!("store/migrations/0007_links.sql") },
    Migration { name: "0008_grant", sql: include_str!("store/migrations/0008_grant.sql") },
];

/// After the key, in this order. Each is a decision of SYNC §1.
const PRAGMAS: &[(&str, &str)] = &[
    // Readers never wait for the writer, and a commit costs one fsync.
    ("journal_mode", "WAL"),
    // WAL with NORMAL lost acknowledged commits in 89 % of simulated power cuts; FULL lost none.
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    // A forged schema must not call functions.
    ("trusted_schema", "OFF"),
    // Finds damaged cells when they are read instead of passing them on.
    ("cell_size_check", "ON"),
    // Overwrites deleted content where that costs no extra write.
    ("secure_delete", "FAST"),
    // No plain text in temporary files.
    ("temp_store", "MEMORY"),
    // A damaged page becomes an error instead of a signal.
    ("mmap_size", "0"),
    ("busy_timeout", "5000"),
    // On macOS an ordinary fsync does not reach the disk; elsewhere these do nothing.
    ("fullfsync", "ON"),
    ("checkpoint_fullfsync", "ON"),
];

/// The one connection to the database.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
    /// The highest change mark given so far; the lock makes this process the only one to give any.
    last_gen: i64,
}

impl Store {
    /// Makes a new database at a path where none is, with the newest schema.
    pub(crate) fn create(path: &Path, key: &DatabaseKey) -> Result<Self, Error> {
        let mut connection = Connection::open(path)?;
        configure(&connection, path, key)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        migrate(&mut connection, MIGRATIONS)?;
        Ok(Self { connection, last_gen: 0 })
    }

    /// Opens the database of a home: refuses a newer one untouched, upgrades an older one after
    /// copying it, and sets a damaged one aside.
    pub(crate) fn open(home: &Home, key: &DatabaseKey, now_ms: i64) -> Result<Self, Error> {
        let path = home.database();
        if fs::metadata(&path).map_or(0, |meta| meta.len()) == 0 {
            // SQLite would take an empty file for a new database and hide the loss.
            return Err(Error::DatabaseMissing { path });
        }
        match open_checked(&path, key, || home.backups(), now_ms) {
            Err(Error::Damaged { what, .. }) => {
                Err(Error::Damaged { what, kept: home.set_aside(now_ms)? })
            }
            opened => opened,
        }
    }

    /// For reading.
    pub(crate) fn read(&self) -> &Connection {
        &self.connection
    }

    /// Runs one write transaction; it is on the disk when this returns `Ok`.
    pub(crate) fn write<T>(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = body(&tx)?;
        reached(Site::DeviceCommits);
        tx.commit()?;
        reached(Site::DeviceCommitted);
        Ok(done)
    }

    /// The next change mark. A mark whose transaction fails is never given again, which is harmless.
    pub(crate) fn next_gen(&mut self) -> i64 {
        self.last_gen += 1;
        self.last_gen
    }

    /// The next so many change marks.
    pub(crate) fn next_gens(&mut self, count: usize) -> Range<i64> {
        let first = self.last_gen + 1;
        self.last_gen += i64::try_from(count).unwrap_or(0);
        first..self.last_gen + 1
    }

    /// Moves the journal into the database, so that the file can be copied alone.
    pub(crate) fn checkpoint(&self) -> Result<(), Error> {
        checkpoint(&self.connection)
    }

    /// Lets go of the file for good: from now on whatever is read or written is an error.
    pub(crate) fn let_go(&mut self) -> Result<(), Error> {
        let nowhere = Connection::open_in_memory()?;
        nowhere.pragma_update(None, "query_only", "ON")?;
        let file = std::mem::replace(&mut self.connection, nowhere);
        file.close().map_err(|(_, error)| error.into())
    }

    /// For tests of a full disk: the file may grow by so many pages and no further.
    pub(crate) fn limit_pages(&self, extra: i64) -> Result<(), Error> {
        let pages: i64 =
            self.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        self.connection
            .pragma_update_and_check(None, "max_page_count", pages + extra, |_| Ok(()))?;
        Ok(())
    }
}

fn open_checked(
    path: &Path,
    key: &DatabaseKey,
    backups: impl FnOnce() -> PathBuf,
    now_ms: i64,
) -> Result<Store, Error> {
    let newest = MIGRATIONS.len() as i64;
    let found = inspect(path, key)?;
    let mut connection = Connection::open_with_flags(path, flags(false)).map_err(judge(path))?;
    configure(&connection, path, key).map_err(|error| judge_error(path, error))?;
    if found < newest {
        copy_before_upgrade(&connection, path, &backups(), found, now_ms)?;
        migrate(&mut connection, MIGRATIONS)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    let last_gen = own_records::last_gen(&connection).map_err(|error| judge_error(path, error))?;
    Ok(Store { connection, last_gen })
}

/// Looks at a file without writing to it: whose it is, its version and its health. A newer one is
/// refused and a damaged one set aside exactly as they were; closing a writing connection would have
/// moved the journal into them.
fn inspect(path: &Path, key: &DatabaseKey) -> Result<i64, Error> {
    let connection = Connection::open_with_flags(path, flags(true)).map_err(judge(path))?;
    set_key(&connection, key).map_err(judge(path))?;
    let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if read("application_id").map_err(judge(path))? != APPLICATION_ID {
        return Err(Error::ForeignDatabase { path: path.to_owned() });
    }
    let (found, known) = (read("user_version").map_err(judge(path))?, MIGRATIONS.len() as i64);
    if found > known {
        return Err(Error::NewerDatabase { found, known });
    }
    quick_check(&connection, path)?;
    Ok(found)
}

/// Hands over the key, before anything else; SQLCipher's own log is silenced because a library does not
/// print, and every fault comes back as an error.
fn set_key(connection: &Connection, key: &DatabaseKey) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.execute_batch(&key.pragma())
}

fn flags(read_only: bool) -> OpenFlags {
    let mode = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    };
    mode | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn configure(connection: &Connection, path: &Path, key: &DatabaseKey) -> Result<(), Error> {
    set_key(connection, key)?;
    for (name, value) in PRAGMAS {
        // Some pragmas answer with a row and some do not; either is fine.
        connection
            .pragma_update_and_check(None, name, value, |_| Ok(()))
            .or_else(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => Ok(()),
                other => Err(other),
            })
            .map_err(judge(path))?;
    }
    if is_planted(Fault::SynchronousNormal) {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
    }
    Ok(())
}

fn quick_check(connection: &Connection, path: &Path) -> Result<(), Error> {
    let mut statement = connection.prepare("PRAGMA quick_check(1)").map_err(judge(path))?;
    let verdict: String = statement.query_row([], |row| row.get(0)).map_err(judge(path))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(Error::Damaged { what: verdict, kept: path.to_owned() })
}

/// Tells a wrong key and a damaged file from other faults.
fn judge(path: &Path) -> impl Fn(rusqlite::Error) -> Error {
    let path = path.to_owned();
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::WrongKey { path: path.clone() },
        Some(ErrorCode::DatabaseCorrupt) => {
            Error::Damaged { what: error.to_string(), kept: path.clone() }
        }
        Some(_) | None => error.into(),
    }
}

fn judge_error(path: &Path, error: Error) -> Error {
    match error {
        Error::Database(error) => judge(path)(error),
        other => other,
    }
}

fn checkpoint(connection: &Connection) -> Result<(), Error> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Keeps the file as the previous version left it.
fn copy_before_upgrade(
    connection: &Connection,
    path: &Path,
    backups: &Path,
    version: i64,
    now_ms: i64,
) -> Result<(), Error> {
    checkpoint(connection)?;
    make_folder(backups)?;
    let copy = free_name(&backups.join(format!("device-v{version}-{now_ms}.db")));
    fs::copy(path, &copy).map_err(Error::file("copying to", &copy))?;
    let file = fs::File::open(&copy).map_err(Error::file("opening", &copy))?;
    file.sync_all().map_err(Error::file("syncing", &copy))?;
    sync_folder(backups)
}

/// Takes all pending steps in one transaction: a failure leaves nothing behind.
pub(crate) fn migrate(connection: &mut Connection, steps: &[Migration]) -> Result<(), Error> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let from: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in steps.iter().skip(usize::try_from(from).unwrap_or(0)) {
        tx.execute_batch(step.sql)
            .map_err(|source| Error::Migration { step: step.name, source })?;
    }
    tx.pragma_update(None, "user_version", steps.len() as i64)?;
    tx.commit()?;
    Ok(())
}

/// Takes a database away for good, with its journal; only for wiping.
pub(crate) fn remove_database(path: &Path) -> Result<(), Error> {
    for suffix in ["-wal", "-shm", ""] {
        let file = with_suffix(path, suffix);
        match fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::file("removing", file)(error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mizan_protocol::id::VisitId;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn made() -> (TempDir, Home, DatabaseKey) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let mut rng = StdRng::seed_from_u64(3);
        let key = DatabaseKey::random(&mut rng);
        drop(Store::create(&home.database(), &key).unwrap());
        (folder, home, key)
    }

    fn raw(home: &Home, key: &DatabaseKey) -> Connection {
        let connection = Connection::open(home.database()).unwrap();
        configure(&connection, &home.database(), key).unwrap();
        connection
    }

    #[test]
    fn the_pragmas_are_as_decided() {
        let (_folder, home, key) = made();
        let store = Store::open(&home, &key, NOW).unwrap();
        let text = |name: &str| -> String {
            let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
            format!("{:?}", store.read().pragma_query_value(None, name, read).unwrap())
        };
        let rows = [
            ("journal_mode", "Text(\"wal\")"),
            ("synchronous", "Integer(2)"),
            ("foreign_keys", "Integer(1)"),
            ("trusted_schema", "Integer(0)"),
            ("cell_size_check", "Integer(1)"),
            ("secure_delete", "Integer(2)"),
            ("temp_store", "Integer(2)"),
            ("busy_timeout", "Integer(5000)"),
            ("application_id", "Integer(1296652868)"),
        ];
        assert_eq!(text("user_version"), format!("Integer({})", MIGRATIONS.len()));
        for (name, expected) in rows {
            assert_eq!(text(name), expected, "{name}");
        }
        let tables = "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' \
                      AND name NOT LIKE 'sqlite_%' AND NOT strict";
        let lax: i64 = store.read().query_row(tables, [], |row| row.get(0)).unwrap();
        assert_eq!(lax, 0, "every table is strict");
    }

    #[test]
    fn a_newer_database_is_refused_untouched() {
        let (_folder, home, key) = made();
        raw(&home, &key).pragma_update(None, "user_version", 99).unwrap();
        let before = fs::read(home.database()).unwrap();
        let refused = Store::open(&home, &key, NOW).unwrap_err();
        let newest = MIGRATIONS.len() as i64;
        let is_told =
            matches!(refused, Error::NewerDatabase { found: 99, known } if known == newest);
        assert!(is_told, "{refused}");
        assert_eq!(fs::read(home.database()).unwrap(), before);
        assert!(!home.backups().exists());
    }

    #[test]
    fn a_wrong_key_is_told_and_the_file_stays_as_it_is() {
        let (_folder, home, _) = made();
        let before = fs::read(home.database()).unwrap();
        let other = DatabaseKey::random(&mut StdRng::seed_from_u64(4));
        let refused = Store::open(&home, &other, NOW).unwrap_err();
        assert!(matches!(refused, Error::WrongKey { .. }), "{refused}");
        assert_eq!(fs::read(home.database()).unwrap(), before);
    }

    #[test]
    fn the_file_of_another_program_is_refused() {
        let (_folder, home, key) = made();
        raw(&home, &key).pragma_update(None, "application_id", 7).unwrap();
        let refused = Store::open(&home, &key, NOW).unwrap_err();
        assert!(matches!(refused, Error::ForeignDatabase { .. }), "{refused}");
    }

    #[test]
    fn an_empty_or_missing_file_is_a_loss_and_never_a_new_database() {
        let (_folder, home, key) = made();
        fs::write(home.database(), b"").unwrap();
        for _ in 0..2 {
            let refused = Store::open(&home, &key, NOW).unwrap_err();
            assert!(matches!(refused, Error::DatabaseMissing { .. }), "{refused}");
            let _ = fs::remove_file(home.database());
        }
        assert!(!home.database().exists());
    }

    /// A database as release 0.1.0 left it, with an answer that was given three times, one given once,
    /// a time-line and a sealed evaluation; the second change of the first answer is not yet sent.
    fn of_version_1() -> (TempDir, Home, DatabaseKey) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let key = DatabaseKey::random(&mut StdRng::seed_from_u64(3));
        let mut connection = raw(&home, &key);
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        migrate(&mut connection, &MIGRATIONS[..1]).unwrap();
        connection.execute_batch(include_str!("../tests/fixtures/version_1.sql")).unwrap();
        (folder, home, key)
    }

    fn schema(connection: &Connection) -> Vec<(String, String)> {
        let sql = "SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn a_database_of_version_1_is_upgraded_with_everything_in_it() {
        let (_folder, home, key) = of_version_1();
        let store = Store::open(&home, &key, NOW).unwrap();
        let read = store.read();
        let version: i64 = read.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, MIGRATIONS.len() as i64);
        let copy = home.backups().join(format!("device-v1-{NOW}.db"));
        assert_eq!(inspect(&copy, &key).unwrap(), 1, "the copy is the version before");

        let visit = VisitId(Uuid::from_bytes([0x11; 16]));
        let answers = own_records::answers(read, visit).unwrap();
        let shown: Vec<_> = answers
            .iter()
            .map(|of| (of.key.part.as_str(), of.generation, of.way_back.to, of.way_back.undos))
            .collect();
        assert_eq!(shown, [("A1", 7, Some(5), 3), ("A2", 3, None, 1)]);
        let history = own_records::history(read, &answers[0].key).unwrap();
        let back: Vec<_> = history.iter().map(|of| (of.generation, of.way_back.to)).collect();
        assert_eq!(back, [(2, None), (5, Some(2))], "one line of undos");
        assert_eq!(history[0].way_back.undos, 1);
        assert!(history.iter().all(|of| !of.deleted) && history[0].body.contains("\"met\""));
        assert_eq!(own_records::count_answers(read).unwrap()[&visit], 2);
        assert_eq!(own_records::count_unsent(read).unwrap(), 1);
        let others = "SELECT count(*) FROM own_records WHERE kind IN ('timeline', 'evaluation') \
                      AND undos = 0 AND back_gen IS NULL";
        let others: i64 = read.query_row(others, [], |row| row.get(0)).unwrap();
        assert_eq!(others, 2, "what is no answer has no undo");
    }

    #[test]
    fn an_upgraded_schema_is_the_new_one() {
        let (_new_folder, new_home, new_key) = made();
        let (_old_folder, old_home, old_key) = of_version_1();
        let new = Store::open(&new_home, &new_key, NOW).unwrap();
        let old = Store::open(&old_home, &old_key, NOW).unwrap();
        assert_eq!(schema(old.read()), schema(new.read()));
    }

    #[test]
    fn what_is_on_its_way_stays_on_its_way_through_an_upgrade() {
        let (_folder, home, key) = of_version_1();
        let connection = raw(&home, &key);
        let send = "INSERT INTO inflight (op_id, position, visit, kind, part, gen, record) \
                    SELECT zeroblob(16), 0, visit, kind, part, gen, '{}' FROM own_records \
                    WHERE gen > synced_gen";
        assert_eq!(connection.execute(send, []).unwrap(), 1);
        drop(connection);
        let store = Store::open(&home, &key, NOW).unwrap();
        let read = store.read();
        assert_eq!(own_records::count_unsent(read).unwrap(), 1);
        assert!(own_records::dirty(read, 9).unwrap().is_empty(), "it waits for its outcome");
        assert_eq!(settings::bundle_key(read).unwrap(), None);
        assert_eq!(settings::server_key(read).unwrap(), None);
        assert_eq!(settings::answer_mark(read).unwrap(), 0);
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_of_any_step() {
        let (_folder, home, key) = made();
        let mut connection = raw(&home, &key);
        let fine = Migration { name: "fine", sql: "CREATE TABLE more (id INTEGER) STRICT;" };
        let broken = Migration { name: "broken", sql: "CREATE TABLE oh (no;" };
        let known = MIGRATIONS.iter().map(|of| Migration { name: of.name, sql: of.sql });
        let steps: Vec<Migration> = known.chain([fine, broken]).collect();
        let refused = migrate(&mut connection, &steps).unwrap_err();
        assert!(matches!(refused, Error::Migration { step: "broken", .. }), "{refused}");
        let count = "SELECT count(*) FROM sqlite_schema WHERE name = 'more'";
        let more: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
        let version: i64 =
            connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!((more, version), (0, MIGRATIONS.len() as i64));
    }

    #[test]
    fn what_was_made_can_be_neither_deleted_nor_resealed() {
        let (_folder, home, key) = made();
        let mut store = Store::open(&home, &key, NOW).unwrap();
        let insert = "INSERT INTO own_records (visit, kind, part, id, body, base_rev, gen, synced_gen) \
                      VALUES (zeroblob(16), ?1, '1', zeroblob(16), '{}', 0, 1, 0)";
        for kind in ["answer", "evaluation"] {
            store.write(|tx| Ok(tx.execute(insert, [kind])?)).unwrap();
        }
        let forbidden = [
            "DELETE FROM own_records",
            "UPDATE own_records SET body = '[]' WHERE kind = 'evaluation'",
        ];
        for sql in forbidden {
            assert!(store.write(|tx| Ok(tx.execute(sql, [])?)).is_err(), "{sql}");
        }
        let change = "UPDATE own_records SET body = '[]', gen = 2 WHERE kind = 'answer'";
        store.write(|tx| Ok(tx.execute(change, [])?)).unwrap();
        let clear = "UPDATE own_records SET deleted = 1, gen = 3 WHERE kind = 'answer'";
        store.write(|tx| Ok(tx.execute(clear, [])?)).unwrap();
        let kept = "SELECT group_concat(body, ' ') FROM own_history";
        let kept: String = store.read().query_row(kept, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "{} []", "also what was only cleared");
        for sql in ["DELETE FROM own_history", "UPDATE own_history SET body = '0'"] {
            assert!(store.write(|tx| Ok(tx.execute(sql, [])?)).is_err(), "{sql}");
        }
    }
}
