//! The embedded engine: one SQLite file, its writer and its readers.

use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, ToSql};

use crate::engine::{Connection, MIGRATIONS, check_version, migration_for};
use crate::error::Error;
use crate::tx::{Engine, Row, Tx, Value, taken};

/// Marks a file as the database of this server: "MZNS".
const APPLICATION_ID: i64 = 0x4d5a_4e53;

/// Memory for pages of the one that writes; the readers do with the usual 2,000.
const WRITER_CACHE_KIB: i64 = 6_000;

/// A connection to an SQLite file.
pub(super) struct SqliteConnection(rusqlite::Connection);

impl SqliteConnection {
    /// Opens the writer's connection: checks whose file it is, and brings its schema up to date.
    pub(super) fn open_writer(path: &Path) -> Result<Self, Error> {
        let mut connection = rusqlite::Connection::open(path)?;
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let owner: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let tables = "SELECT count(*) FROM sqlite_schema";
        let empty = connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0;
        if owner != APPLICATION_ID && !empty {
            return Err(Error::ForeignDatabase { path: path.to_owned() });
        }
        let done = check_version(found, path)?;
        // The journal mode is set outside any transaction and stays with the file.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        set_up(&connection)?;
        // Room for what a group of changes touches. The log keeps its usual length: a longer one takes
        // longer to bring home, and whoever writes meanwhile waits for it.
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        migrate(&mut connection, path, done)?;
        Ok(Self(connection))
    }

    /// Opens one more connection for reading.
    pub(super) fn open_reader(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags)?;
        set_up(&connection)?;
        Ok(Self(connection))
    }
}

impl Connection for SqliteConnection {
    fn begin_write(&mut self) -> Result<(), Error> {
        self.run("BEGIN IMMEDIATE")
    }

    fn begin_read(&mut self) -> Result<(), Error> {
        self.run("BEGIN")
    }

    fn run(&mut self, sql: &str) -> Result<(), Error> {
        Ok(self.0.execute_batch(sql)?)
    }

    fn is_in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    fn is_alive(&self) -> bool {
        true
    }
}

fn set_up(connection: &rusqlite::Connection) -> Result<(), Error> {
    // FULL: a commit that was acknowledged survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update(None, "cell_size_check", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "busy_timeout", 5_000)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

fn migrate(connection: &mut rusqlite::Connection, path: &Path, done: usize) -> Result<(), Error> {
    let pending = &MIGRATIONS[done..];
    if pending.is_empty() {
        return Ok(());
    }
    if done > 0 {
        keep_copy(connection, path, done)?;
    }
    let words = [("BYTES", "BLOB"), ("BIGINT", "INTEGER"), (") ENGINE_OPTIONS", ") STRICT")];
    let tx = connection.transaction()?;
    for step in pending {
        tx.execute_batch(&migration_for("sqlite", &words, step))?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    tx.commit()?;
    Ok(())
}

/// Keeps the file as it was before an upgrade.
fn keep_copy(connection: &rusqlite::Connection, path: &Path, version: usize) -> Result<(), Error> {
    let copy = PathBuf::from(format!("{}.before-upgrade-from-{version}", path.display()));
    if !copy.exists() {
        connection.execute("VACUUM INTO $1", [copy.display().to_string()])?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn from_sqlite(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

/// SQLite numbers `$n` by first appearance; `?n` it takes at its word.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

impl Tx for SqliteConnection {
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        taken(Engine::Sqlite, sql, params)?;
        let mut statement = self.0.prepare_cached(&numbered(sql))?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| row.get_ref(column).map(from_sqlite));
            found.push(Row(values.collect::<rusqlite::Result<_>>()?));
        }
        Ok(found)
    }

    fn exec(&mut self, sql: &str, params: &[Value]) -> Result<u64, Error> {
        taken(Engine::Sqlite, sql, params)?;
        let mut statement = self.0.prepare_cached(&numbered(sql))?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }

    fn exec_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, Error> {
        rows.iter().try_for_each(|row| taken(Engine::Sqlite, sql, row))?;
        let mut statement = self.0.prepare_cached(&numbered(sql))?;
        let mut changed = 0;
        for row in rows {
            changed += statement.execute(rusqlite::params_from_iter(row))? as u64;
        }
        Ok(changed)
    }
}
