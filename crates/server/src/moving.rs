//! Moving data from one database to another: every table of the engine's own catalogue, in one
//! transaction, verified by count and digest read back on both sides.
//!
//! The epoch goes along, and the sequence with it, so clients go on with the cursors they have. The
//! database that was left says where its data went, and is not served again.

use std::path::Path;
use std::time::{Duration, Instant};

use mizan_protocol::canonical::Digest;
use sha2::{Digest as _, Sha256};

use crate::audit::{self, Act, By, Deed};
use crate::engine::{self, Connection, Location, Mark, Table};
use crate::error::Error;
use crate::folder::{DataFolder, Hold};
use crate::tx::{Row, Value, one};

/// Rows read and written at a time: a row may hold a whole evaluation.
const ROWS: usize = 200;
/// How long the connections of a server that was just stopped may take to go.
const PATIENCE: Duration = Duration::from_secs(3);

/// A table that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// A digest of its rows that does not depend on their order.
    pub digest: Digest,
}

/// Moves the data of a server that does not run. Waits for the engines: not for async workers.
///
/// # Errors
/// A folder in use, a target that is not empty, or whatever the engines report; nothing is changed then.
pub fn move_data(
    data: &Path,
    from: &Location,
    to: &Location,
    now: i64,
) -> Result<Vec<Copied>, Error> {
    let folder = DataFolder::open(data, Hold::Alone)?;
    if let Location::File(path) = from
        && !path.exists()
    {
        let (path, folder) = (path.display(), folder.path.display());
        return Err(Error::Transfer(format!(
            "there is no database {path}; {folder} holds nothing to move"
        )));
    }
    let mut source = engine::open_writer(from)?;
    refuse_served(&mut *source, from)?;
    let copied = copy(&mut *source, from, to, |target| {
        audit::enter(target, By::NOBODY, Act::new(Deed::DatabaseMoved), now)?;
        engine::settle(target, to)
    })?;
    // Last: until here the old database is the one to serve, from here on the new one.
    source.begin_write()?;
    engine::set(&mut *source, engine::MOVED_TO, &to.to_string())?;
    source.run("COMMIT")?;
    Ok(copied)
}

/// Refuses a PostgreSQL database that other processes of this program are connected to.
fn refuse_served(source: &mut dyn Connection, from: &Location) -> Result<(), Error> {
    let Location::Postgres(_) = from else { return Ok(()) };
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE()
               AND pid <> PG_BACKEND_PID() AND application_name = 'mizan'";
    let patience = Instant::now() + PATIENCE;
    loop {
        let others = one(source, sql, &[])?.int(0)?;
        if others == 0 {
            return Ok(());
        }
        if Instant::now() > patience {
            return Err(Error::Transfer(format!(
                "{from} is being served ({others} connections); stop its servers first"
            )));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Copies one state of a database into an empty one; `conclude` has the last word in the target's
/// transaction and gives the number of its last commit.
pub(crate) fn copy(
    source: &mut dyn Connection,
    from: &Location,
    to: &Location,
    conclude: impl FnOnce(&mut dyn Connection) -> Result<i64, Error>,
) -> Result<Vec<Copied>, Error> {
    let mut target = engine::open_as_it_is(to)?;
    source.begin_read()?;
    let copied = copy_tables(source, from, &mut *target, to, conclude);
    source.run("ROLLBACK")?;
    match copied {
        Ok((copied, commit)) => {
            target.run("COMMIT")?;
            if let Location::File(path) = to {
                Mark::open(path)?.advance(commit)?;
            }
            Ok(copied)
        }
        Err(error) => {
            if target.is_in_transaction() {
                target.run("ROLLBACK")?;
            }
            Err(error)
        }
    }
}

fn copy_tables(
    source: &mut dyn Connection,
    from: &Location,
    target: &mut dyn Connection,
    to: &Location,
    conclude: impl FnOnce(&mut dyn Connection) -> Result<i64, Error>,
) -> Result<(Vec<Copied>, i64), Error> {
    let tables = engine::tables(source, from)?;
    target.begin_write()?;
    refuse_filled(target, to)?;
    let targets = engine::tables(target, to)?;
    // What an empty schema brings along.
    target.exec("DELETE FROM sequence", &[])?;
    let mut copied = Vec::with_capacity(tables.len());
    for table in &tables {
        if !targets.iter().any(|other| other.name == table.name && other.columns == table.columns) {
            let name = &table.name;
            return Err(Error::Transfer(format!("{to} has no table {name} of the same columns")));
        }
        let written = copy_table(source, target, table)?;
        let mut read_back = Sum::new(&table.name);
        each_page(target, table, |rows| {
            rows.iter().for_each(|row| read_back.add(row));
            Ok(())
        })?;
        let read_back = read_back.copied();
        if read_back != written {
            return Err(Error::Transfer(format!(
                "table {} was read back otherwise than it was written: {} of {} rows",
                table.name, read_back.rows, written.rows
            )));
        }
        copied.push(written);
    }
    let commit = conclude(target)?;
    Ok((copied, commit))
}

/// Refuses a target that holds anything a server has put there.
pub(crate) fn refuse_filled(target: &mut dyn Connection, to: &Location) -> Result<(), Error> {
    for table in engine::tables(target, to)? {
        let count = format!("SELECT COUNT(*) FROM {}", table.name);
        let rows = one(target, &count, &[])?.int(0)?;
        if rows > i64::from(table.name == "sequence") {
            let name = &table.name;
            return Err(Error::Transfer(format!(
                "{to} is not empty (table {name} has {rows} rows); give an empty database"
            )));
        }
    }
    Ok(())
}

fn copy_table(
    source: &mut dyn Connection,
    target: &mut dyn Connection,
    table: &Table,
) -> Result<Copied, Error> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
    let insert =
        format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), places.join(", "));
    let mut sum = Sum::new(&table.name);
    each_page(source, table, |rows| {
        rows.iter().for_each(|row| sum.add(row));
        let rows: Vec<Vec<Value>> = rows.iter().map(|row| row.0.clone()).collect();
        target.exec_many(&insert, &rows).map(drop)
    })?;
    Ok(sum.copied())
}

/// Reads a table page by page in the order of its key.
fn each_page(
    connection: &mut dyn Connection,
    table: &Table,
    mut take: impl FnMut(&[Row]) -> Result<(), Error>,
) -> Result<(), Error> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let key = table.key.join(", ");
    let places: Vec<String> = (1..=table.key.len()).map(|n| format!("${n}")).collect();
    let (select, name) = (names.join(", "), &table.name);
    let first = format!("SELECT {select} FROM {name} ORDER BY {key} LIMIT {ROWS}");
    let next = format!(
        "SELECT {select} FROM {name} WHERE ({key}) > ({}) ORDER BY {key} LIMIT {ROWS}",
        places.join(", ")
    );
    let is_key = |name: &&String| names.iter().position(|column| column == name);
    let at: Vec<usize> = table.key.iter().filter_map(|name| is_key(&name)).collect();
    let mut rows = connection.query(&first, &[])?;
    while let Some(last) = rows.last() {
        let after: Vec<Value> = at.iter().map(|column| last.0[*column].clone()).collect();
        take(&rows)?;
        if rows.len() < ROWS {
            break;
        }
        rows = connection.query(&next, &after)?;
    }
    Ok(())
}

/// Counts and digests rows, whatever their order: the engines sort texts differently.
struct Sum {
    table: String,
    rows: u64,
    digest: [u8; 32],
}

impl Sum {
    fn new(table: &str) -> Self {
        Self { table: table.to_owned(), rows: 0, digest: [0; 32] }
    }

    /// Rows differ in their keys, so no two cancel each other.
    fn add(&mut self, row: &Row) {
        let mut hash = Sha256::new();
        for value in &row.0 {
            match value {
                Value::Null => hash.update(b"n"),
                Value::Int(number) => {
                    hash.update([b"i".as_slice(), &number.to_be_bytes()].concat());
                }
                Value::Real(number) => {
                    hash.update([b"r".as_slice(), &number.to_be_bytes()].concat());
                }
                Value::Text(text) => {
                    hash.update([b"t".as_slice(), &text.len().to_be_bytes()].concat());
                    hash.update(text);
                }
                Value::Blob(bytes) => {
                    hash.update([b"b".as_slice(), &bytes.len().to_be_bytes()].concat());
                    hash.update(bytes);
                }
            }
        }
        for (byte, added) in self.digest.iter_mut().zip(hash.finalize()) {
            *byte ^= added;
        }
        self.rows += 1;
    }

    fn copied(self) -> Copied {
        Copied { table: self.table, rows: self.rows, digest: Digest::from_bytes(self.digest) }
    }
}
