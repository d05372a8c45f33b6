//! The seam between the server's transaction bodies and a database engine.
//!
//! Bodies are ordinary functions over `&mut dyn Tx`, with SQL written `$1…$n` that every engine
//! understands; only an implementation of [`Tx`] knows which engine it is.

use mizan_protocol::canonical::Digest;
use uuid::Uuid;

use crate::error::Error;

/// The engines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// A file on the server's own machine.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// A value that crosses the seam.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A 64-bit integer; also times (milliseconds since 1970 UTC) and flags (0 or 1).
    Int(i64),
    /// A double.
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes; also UUIDs (16) and digests (32).
    Blob(Vec<u8>),
}

/// One transaction on one engine.
pub trait Tx {
    /// Runs a query and returns its rows.
    ///
    /// # Errors
    /// Whatever the engine reports.
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error>;

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// Whatever the engine reports.
    fn exec(&mut self, sql: &str, params: &[Value]) -> Result<u64, Error>;

    /// Runs a statement once for each set of parameters and returns how many rows changed.
    ///
    /// # Errors
    /// Whatever the engine reports.
    fn exec_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, Error>;

    /// Runs a statement once for each set of parameters, without saying how many rows changed. An engine
    /// that is far away sends it along with what comes next: everything after sees it done, and a fault it
    /// meets is reported by what comes next, at the latest by the end of the body.
    ///
    /// # Errors
    /// Whatever the engine reports.
    fn write(&mut self, sql: &str, rows: Vec<Vec<Value>>) -> Result<(), Error> {
        self.exec_many(sql, &rows).map(drop)
    }
}

/// One row of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Value>);

impl Row {
    fn value(&self, column: usize) -> Result<&Value, Error> {
        self.0.get(column).ok_or(Error::Column { column, expected: "a column" })
    }

    /// The integer in a column.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn int(&self, column: usize) -> Result<i64, Error> {
        match self.value(column)? {
            Value::Int(number) => Ok(*number),
            _ => Err(Error::Column { column, expected: "an integer" }),
        }
    }

    /// The integer in a column that may be NULL.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        if *self.value(column)? == Value::Null { Ok(None) } else { self.int(column).map(Some) }
    }

    /// The flag in a column.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn flag(&self, column: usize) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }

    /// The text in a column.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn text(&self, column: usize) -> Result<&str, Error> {
        match self.value(column)? {
            Value::Text(text) => Ok(text),
            _ => Err(Error::Column { column, expected: "a text" }),
        }
    }

    /// The bytes in a column.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn blob(&self, column: usize) -> Result<&[u8], Error> {
        match self.value(column)? {
            Value::Blob(bytes) => Ok(bytes),
            _ => Err(Error::Column { column, expected: "bytes" }),
        }
    }

    /// The UUID in a column.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn id(&self, column: usize) -> Result<Uuid, Error> {
        let bytes = self.blob(column)?;
        Uuid::from_slice(bytes).map_err(|_| Error::Column { column, expected: "a UUID" })
    }

    /// The UUID in a column that may be NULL.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn opt_id(&self, column: usize) -> Result<Option<Uuid>, Error> {
        if *self.value(column)? == Value::Null { Ok(None) } else { self.id(column).map(Some) }
    }

    /// The text in a column that may be NULL.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, Error> {
        if *self.value(column)? == Value::Null { Ok(None) } else { self.text(column).map(Some) }
    }

    /// The digest in a column.
    ///
    /// # Errors
    /// [`Error::Column`] when something else stands there.
    pub fn digest(&self, column: usize) -> Result<Digest, Error> {
        let text = hex::encode(self.blob(column)?);
        text.parse().map_err(|_| Error::Column { column, expected: "a digest" })
    }
}

macro_rules! into_value {
    ($($type:ty => |$from:ident| $value:expr),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from($from: $type) -> Self {
                $value
            }
        }
    )+};
}
into_value!(
    i64 => |number| Self::Int(number),
    u32 => |number| Self::Int(i64::from(number)),
    bool => |flag| Self::Int(i64::from(flag)),
    f64 => |number| Self::Real(number),
    &str => |text| Self::Text(text.to_owned()),
    String => |text| Self::Text(text),
    &String => |text| Self::Text(text.clone()),
    &[u8] => |bytes| Self::Blob(bytes.to_vec()),
    Vec<u8> => |bytes| Self::Blob(bytes),
    Uuid => |id| Self::Blob(id.as_bytes().to_vec()),
    Digest => |digest| Self::Blob(digest.as_bytes().to_vec()),
);

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of a statement, each turned into a [`Value`].
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::tx::Value::from($value)),*] };
}
pub(crate) use params;

/// One set of parameters for [`Tx::write`].
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![vec![$($crate::tx::Value::from($value)),*]] };
}
pub(crate) use row;

/// The first row of a query, `None` when there is none.
pub(crate) fn first(tx: &mut dyn Tx, sql: &str, params: &[Value]) -> Result<Option<Row>, Error> {
    Ok(tx.query(sql, params)?.into_iter().next())
}

/// The first row of a query that stands for something the caller named.
pub(crate) fn one(tx: &mut dyn Tx, sql: &str, params: &[Value]) -> Result<Row, Error> {
    first(tx, sql, params)?.ok_or(Error::NotFound)
}

/// What an engine does with every statement before it runs: refuses texts that not every engine keeps,
/// and, for the test that wants each statement run on each engine, notes it.
pub(crate) fn taken(engine: Engine, sql: &str, params: &[Value]) -> Result<(), Error> {
    #[cfg(debug_assertions)]
    note(engine, sql);
    #[cfg(not(debug_assertions))]
    let _ = (engine, sql);
    let holds_nul = |value: &&Value| matches!(value, Value::Text(text) if text.contains('\0'));
    match params.iter().find(holds_nul) {
        Some(_) => Err(Error::invalid("text", "", "text without the character U+0000")),
        None => Ok(()),
    }
}

/// Appends each statement an engine runs for the first time to a file of this build of this program, in
/// the folder that `MIZAN_STATEMENTS` names. Builds for use do not have it.
#[cfg(debug_assertions)]
fn note(engine: Engine, sql: &str) {
    use std::collections::BTreeSet;
    use std::io::Write as _;
    use std::sync::{LazyLock, Mutex};
    static FILE: LazyLock<Option<std::path::PathBuf>> = LazyLock::new(|| {
        let folder = std::path::PathBuf::from(std::env::var_os("MIZAN_STATEMENTS")?);
        let program = std::env::current_exe().ok()?;
        let built = std::fs::metadata(&program).ok()?.modified().ok()?;
        let built = built.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis();
        std::fs::create_dir_all(&folder).ok()?;
        Some(folder.join(format!("{}-{built}", program.file_stem()?.display())))
    });
    static NOTED: Mutex<BTreeSet<(Engine, String)>> = Mutex::new(BTreeSet::new());
    let Some(path) = &*FILE else { return };
    let flat = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let Ok(mut noted) = NOTED.lock() else { return };
    if noted.insert((engine, flat.clone()))
        && let Ok(mut file) = std::fs::File::options().create(true).append(true).open(path)
        && let Err(error) = writeln!(file, "{engine:?} {flat}")
    {
        tracing::warn!(cause = %error, "a statement was not noted");
    }
}
