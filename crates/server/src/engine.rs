//! The database engines behind the seam: SQLite in a file, or a PostgreSQL server.
//!
//! An engine opens connections, brings the schema up to date and tells whether the data are still those
//! it served last; everything else is [`crate::store`]'s and the transaction bodies'.

mod catalogue;
mod mark;
mod postgres;
mod sqlite;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::keys::random_bytes;
use crate::tx::{Tx, first, one, params};

/// The steps from an empty database to the newest schema. A released step is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("engine/migrations/0001_start.sql"),
    include_str!("engine/migrations/0002_brief.sql"),
    include_str!("engine/migrations/0003_bundles.sql"),
    include_str!("engine/migrations/0004_numbering.sql"),
    include_str!("engine/migrations/0005_accounts.sql"),
    include_str!("engine/migrations/0006_audit.sql"),
    include_str!("engine/migrations/0007_uploads.sql"),
    include_str!("engine/migrations/0008_links.sql"),
    include_str!("engine/migrations/0009_quarantine.sql"),
    include_str!("engine/migrations/0010_drafts.sql"),
    include_str!("engine/migrations/0011_results.sql"),
    include_str!("engine/migrations/0012_publications.sql"),
    include_str!("engine/migrations/0013_meetings.sql"),
    include_str!("engine/migrations/0014_review.sql"),
    include_str!("engine/migrations/0015_admin.sql"),
    include_str!("engine/migrations/0016_replies.sql"),
    include_str!("engine/migrations/0017_retention.sql"),
    include_str!("engine/migrations/0018_appeal_files.sql"),
    include_str!("engine/migrations/0019_records.sql"),
    include_str!("engine/migrations/0020_publication_reason.sql"),
];

/// Where the data are.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of the embedded engine.
    File(PathBuf),
    /// A PostgreSQL database, `postgres://user:password@host:port/name`.
    Postgres(String),
}

impl Location {
    /// Reads what an operator wrote: a PostgreSQL address, or the path of a file.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let is_address = ["postgres://", "postgresql://"].iter().any(|s| text.starts_with(s));
        if is_address { Self::Postgres(text.to_owned()) } else { Self::File(PathBuf::from(text)) }
    }
}

/// As it may be shown: without the password.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(address) => {
                let place = address.rsplit_once('@').map(|(_, place)| place);
                let (before, place) = match place {
                    Some(place) => ("postgres://…@", place),
                    None => ("", address.as_str()),
                };
                // A password may also stand among the parameters.
                match place.split_once('?') {
                    Some((place, _)) => write!(f, "{before}{place}?…"),
                    None => write!(f, "{before}{place}"),
                }
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One connection to a database.
pub(crate) trait Connection: Tx + Send {
    /// Begins a transaction that is the database's only writing one until it ends.
    fn begin_write(&mut self) -> Result<(), Error>;

    /// Begins a transaction that sees one state of the data and changes nothing.
    fn begin_read(&mut self) -> Result<(), Error>;

    /// Runs statements that have neither parameters nor rows, after everything that was sent along.
    fn run(&mut self, sql: &str) -> Result<(), Error>;

    /// The same, sent along with what comes next where the engine is far away.
    fn run_later(&mut self, sql: &'static str) -> Result<(), Error> {
        self.run(sql)
    }

    /// Whether the transaction that was begun still stands; an engine may give one up by itself.
    fn is_in_transaction(&self) -> bool;

    /// Whether the connection can still be used.
    fn is_alive(&self) -> bool;
}

/// Opens a database for writing: makes or upgrades the schema, and gives the data a new epoch when they
/// are not those that were served last.
pub(crate) fn open_writer(location: &Location) -> Result<Box<dyn Connection>, Error> {
    let mut connection = open_as_it_is(location)?;
    refuse_moved(&mut *connection, location)?;
    check_epoch(&mut *connection, location)?;
    Ok(connection)
}

/// Opens a database for writing and makes or upgrades the schema, and does no more to it.
pub(crate) fn open_as_it_is(location: &Location) -> Result<Box<dyn Connection>, Error> {
    Ok(match location {
        Location::File(path) => Box::new(sqlite::SqliteConnection::open_writer(path)?),
        Location::Postgres(address) => {
            Box::new(postgres::PostgresConnection::open_writer(address)?)
        }
    })
}

/// Under this name a database that was moved says where to.
pub(crate) const MOVED_TO: &str = "moved_to";

/// Refuses a database whose data live on elsewhere.
fn refuse_moved(connection: &mut dyn Connection, location: &Location) -> Result<(), Error> {
    match setting(connection, MOVED_TO)? {
        None => Ok(()),
        Some(to) => Err(Error::Moved { path: PathBuf::from(location.to_string()), to }),
    }
}

/// A setting, if it is there.
pub(crate) fn setting(tx: &mut dyn Tx, name: &str) -> Result<Option<String>, Error> {
    let row = first(tx, "SELECT value FROM settings WHERE name = $1", params![name])?;
    row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// Writes a setting.
pub(crate) fn set(tx: &mut dyn Tx, name: &str, value: &str) -> Result<(), Error> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, $2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.exec(sql, params![name, value])?;
    Ok(())
}

/// Makes the data at home in a database, as those it served last; gives the number of its last commit.
pub(crate) fn settle(connection: &mut dyn Connection, location: &Location) -> Result<i64, Error> {
    let origin = match location {
        Location::File(_) => "file".to_owned(),
        Location::Postgres(_) => postgres::origin(connection)?,
    };
    set(connection, "origin", &origin)?;
    one(connection, "SELECT value FROM sequence WHERE id = 1", &[])?.int(0)
}

pub(crate) use catalogue::{Table, tables};

/// Opens one more connection, for reading.
pub(crate) fn open_reader(location: &Location) -> Result<Box<dyn Connection>, Error> {
    Ok(match location {
        Location::File(path) => Box::new(sqlite::SqliteConnection::open_reader(path)?),
        Location::Postgres(address) => Box::new(postgres::PostgresConnection::connect(address)?),
    })
}

/// Opens the writer's connection anew after it broke.
pub(crate) fn reopen_writer(location: &Location) -> Result<Box<dyn Connection>, Error> {
    match location {
        Location::File(_) => open_writer(location),
        Location::Postgres(address) => {
            Ok(Box::new(postgres::PostgresConnection::connect(address)?))
        }
    }
}

/// The number of the last commit, kept outside the database where the engine cannot keep it itself.
pub(crate) use mark::Mark;

/// Gives the data a new epoch if they are not the ones that were served last: a backup was put back, or
/// the database was made anew. Clients of the earlier epoch then read everything again, and send again
/// what these data no longer have.
fn check_epoch(connection: &mut dyn Connection, location: &Location) -> Result<(), Error> {
    connection.begin_write()?;
    let origin = match location {
        Location::File(path) => {
            let last = one(connection, "SELECT value FROM sequence WHERE id = 1", &[])?.int(0)?;
            if Mark::open(path)?.is_ahead_of(last)? { None } else { Some("file".to_owned()) }
        }
        Location::Postgres(_) => Some(postgres::origin(connection)?),
    };
    let known = first(connection, "SELECT value FROM settings WHERE name = 'origin'", &[])?;
    let known = known.map(|row| row.text(0).map(str::to_owned)).transpose()?;
    if origin.is_none() || known != origin {
        new_epoch(connection)?;
        let sql = "INSERT INTO settings (name, value) VALUES ('origin', $1)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        connection.exec(sql, params![origin.unwrap_or_else(|| "file".to_owned())])?;
    }
    connection.run("COMMIT")
}

/// Begins a new epoch.
pub(crate) fn new_epoch(tx: &mut dyn Tx) -> Result<(), Error> {
    let epoch = u64::from_be_bytes(random_bytes::<8>()?).to_string();
    let sql = "INSERT INTO settings (name, value) VALUES ('epoch', $1)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.exec(sql, params![epoch])?;
    Ok(())
}

/// A migration's text for an engine. It is written in the words of both engines' common ground; lines
/// between `-- only <engine>` and `-- end` are for that one alone.
fn migration_for(engine: &str, words: &[(&str, &str)], step: &str) -> String {
    let mut text = String::with_capacity(step.len());
    let mut wanted = true;
    for line in step.lines() {
        match line.trim() {
            "-- end" => wanted = true,
            marker => {
                if let Some(only) = marker.strip_prefix("-- only ") {
                    wanted = only == engine;
                } else if wanted {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    words.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

/// Refuses a schema that is newer than this program.
fn check_version(found: i64, at: &Path) -> Result<usize, Error> {
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(Error::NewerDatabase { path: at.to_owned(), found, known });
    }
    Ok(usize::try_from(found).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let location = Location::parse("postgres://mizan:secret@db.example/mizan");
        assert_eq!(format!("{location} {location:?}").matches("secret").count(), 0);
        assert_eq!(location.to_string(), "postgres://…@db.example/mizan");
        let location = Location::parse("postgres://db.example/mizan?user=mizan&password=secret");
        assert_eq!(location.to_string(), "postgres://db.example/mizan?…");
        assert_eq!(Location::parse("data/mizan.db"), Location::File("data/mizan.db".into()));
    }

    #[test]
    fn each_engine_gets_its_own_lines() {
        let step = "a BYTES\n-- only postgres\nb\n-- end\nc\n";
        assert_eq!(migration_for("sqlite", &[("BYTES", "BLOB")], step), "a BLOB\nc\n");
        assert_eq!(migration_for("postgres", &[("BYTES", "BYTEA")], step), "a BYTEA\nb\nc\n");
    }
}
