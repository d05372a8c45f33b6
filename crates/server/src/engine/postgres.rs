//! The engine for programmes that outgrow one machine: a PostgreSQL server.
//!
//! Writing transactions of all processes queue for one lock, so that they see each other's changes one
//! after the other, as those of the embedded engine do; readers wait for nobody. A connection blocks: it is
//! called from the writer's thread and from blocking tasks alone. What changes data and is not asked for its
//! count is sent along with the next statement, so that a body waits for as many answers as it asks questions.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;

use bytes::BytesMut;
use futures_util::future::{join, join_all};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, Error as PostgresError, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::engine::{Connection, MIGRATIONS, check_version, migration_for};
use crate::error::Error;
use crate::tx::{Engine, Row, Tx, Value, one, taken};

/// The lock every writing transaction holds: "MZNS".
const WRITER_LOCK: i64 = 0x4d5a_4e53;
/// The most prepared statements kept.
const KEPT_STATEMENTS: usize = 512;
/// The most statements that wait to be sent along.
const SENT_ALONG: usize = 16;

/// A connection to a PostgreSQL database.
pub(super) struct PostgresConnection {
    /// `None` only while it is closed.
    client: Option<Client>,
    /// Carries the client's messages, whenever the client waits for something.
    runtime: Runtime,
    carrier: JoinHandle<()>,
    statements: HashMap<String, Statement>,
    is_in_transaction: bool,
    /// What goes before the next statement, without waiting for it in between.
    waiting: Vec<Bound>,
}

/// A statement with what it is to be run with.
enum Bound {
    Plain(&'static str),
    Row(Statement, Vec<Value>),
    /// The arrays of the columns of several rows.
    Columns(Statement, Vec<Vec<Value>>),
}

impl Bound {
    async fn run(&self, client: &Client) -> Result<u64, PostgresError> {
        match self {
            Self::Plain(sql) => client.batch_execute(sql).await.map(|()| 0),
            Self::Row(statement, values) => client.execute(statement, &as_params(values)).await,
            Self::Columns(statement, columns) => {
                client.execute(statement, &as_params(columns)).await
            }
        }
    }
}

fn as_params<T: ToSql + Sync>(values: &[T]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

/// Carries a connection's messages to its end.
async fn carry(line: impl Future<Output = Result<(), PostgresError>>) {
    // Whoever waits for an answer hears of a line that breaks; nobody else needs to.
    drop(line.await);
}

impl PostgresConnection {
    /// Connects, without looking at the schema.
    pub(super) fn connect(address: &str) -> Result<Self, Error> {
        let mut config: Config = address.parse().map_err(Error::PostgresAddress)?;
        if config.get_application_name().is_none() {
            config.application_name("mizan");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Error::Thread)?;
        let (client, carrier) = match config.get_ssl_mode() {
            SslMode::Require => {
                let (client, line) =
                    runtime.block_on(config.connect(by_tls()?)).map_err(Error::Unreachable)?;
                (client, runtime.spawn(carry(line)))
            }
            // `prefer` would take a server without TLS too: whoever wants it says so.
            _ => {
                let (client, line) =
                    runtime.block_on(config.connect(NoTls)).map_err(Error::Unreachable)?;
                (client, runtime.spawn(carry(line)))
            }
        };
        Ok(Self {
            client: Some(client),
            runtime,
            carrier,
            statements: HashMap::new(),
            is_in_transaction: false,
            waiting: Vec::new(),
        })
    }

    /// Connects and brings the schema up to date.
    pub(super) fn open_writer(address: &str) -> Result<Self, Error> {
        let mut connection = Self::connect(address)?;
        // Two processes may start at once: the second waits, and finds the schema made.
        connection.begin_write()?;
        let migrated = connection.migrate();
        connection.run(if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        migrated?;
        Ok(connection)
    }

    fn migrate(&mut self) -> Result<(), Error> {
        self.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
        let found = self.query("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])?;
        let found = found.first().map_or(Ok(0), |row| row.int(0))?;
        let done = check_version(found, Path::new("the PostgreSQL database"))?;
        let words = [("BYTES", "BYTEA"), (") ENGINE_OPTIONS", ")")];
        for step in &MIGRATIONS[done..] {
            self.run(&migration_for("postgres", &words, step))?;
        }
        if done < MIGRATIONS.len() {
            let version = Value::Int(MIGRATIONS.len() as i64);
            self.exec("INSERT INTO schema_version (version) VALUES ($1)", &[version])?;
        }
        Ok(())
    }

    fn client(&self) -> Result<&Client, Error> {
        self.client.as_ref().ok_or(Error::Stopped)
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= KEPT_STATEMENTS {
            self.statements.clear();
        }
        let statement = self.runtime.block_on(self.client()?.prepare(sql))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Sends what waits and one more, one behind the other, and waits for all the answers. The first fault
    /// is the cause of those after it.
    fn send<T>(
        &mut self,
        last: impl AsyncFnOnce(&Client) -> Result<T, PostgresError>,
    ) -> Result<T, Error> {
        let waiting = std::mem::take(&mut self.waiting);
        let client = self.client.as_ref().ok_or(Error::Stopped)?;
        let all = async {
            // Both send when they are first asked, which is in this order.
            let before = join_all(waiting.iter().map(|bound| bound.run(client)));
            let (before, last) = join(before, last(client)).await;
            before.into_iter().try_for_each(|done| done.map(drop))?;
            last
        };
        Ok(self.runtime.block_on(all)?)
    }

    fn send_later(&mut self, bound: Bound) -> Result<(), Error> {
        self.waiting.push(bound);
        // Few enough that they are asked in their order.
        if self.waiting.len() < SENT_ALONG { Ok(()) } else { self.send(async |_| Ok(())) }
    }

    /// A statement bound to rows: at once where it is a plain insertion, else to each.
    fn bound(&mut self, sql: &str, mut rows: Vec<Vec<Value>>) -> Result<Vec<Bound>, Error> {
        rows.iter().try_for_each(|row| taken(Engine::Postgres, sql, row))?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let statement = self.prepared(sql)?;
        let unnested = if rows.len() > 1 { unnest(sql, statement.params()) } else { None };
        let Some(unnested) = unnested else {
            return Ok(rows.into_iter().map(|row| Bound::Row(statement.clone(), row)).collect());
        };
        let statement = self.prepared(&unnested)?;
        let mut columns: Vec<Vec<Value>> = vec![Vec::new(); statement.params().len()];
        for row in &mut rows {
            for (column, value) in columns.iter_mut().zip(row.drain(..)) {
                column.push(value);
            }
        }
        Ok(vec![Bound::Columns(statement, columns)])
    }
}

impl Drop for PostgresConnection {
    /// Takes leave of the server, so that it need not find out.
    fn drop(&mut self) {
        drop(self.client.take());
        drop(self.runtime.block_on(&mut self.carrier));
    }
}

/// TLS with the authorities this system trusts; the server's name is checked.
fn by_tls() -> Result<MakeRustlsConnect, Error> {
    let mut trusted = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, unusable) = trusted.add_parsable_certificates(found.certs);
    if trusted.is_empty() {
        let reason =
            "this system trusts no authority; install ca-certificates, or set SSL_CERT_FILE";
        tracing::error!(unusable, reason);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Transfer(format!("TLS: {error}")))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// What changes when a database is restored or made anew: the cluster's time-line, and the table that
/// was made with the schema.
pub(super) fn origin(tx: &mut dyn Tx) -> Result<String, Error> {
    let sql = "SELECT SUBSTR(PG_WALFILE_NAME(PG_CURRENT_WAL_LSN()), 1, 8),
               CAST(CAST(CAST('sequence' AS REGCLASS) AS OID) AS BIGINT)";
    let row = one(tx, sql, &[])?;
    Ok(format!("{}:{}", row.text(0)?, row.int(1)?))
}

impl Connection for PostgresConnection {
    fn begin_write(&mut self) -> Result<(), Error> {
        self.run(&format!("BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK})"))?;
        self.is_in_transaction = true;
        Ok(())
    }

    fn begin_read(&mut self) -> Result<(), Error> {
        self.run_later("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        self.is_in_transaction = true;
        Ok(())
    }

    fn run(&mut self, sql: &str) -> Result<(), Error> {
        if matches!(sql, "COMMIT" | "ROLLBACK") {
            self.is_in_transaction = false;
        }
        if sql.starts_with("ROLLBACK") {
            // What would be taken back need not be sent.
            self.waiting.retain(|bound| matches!(bound, Bound::Plain(_)));
        }
        self.send(async |client| client.batch_execute(sql).await)
    }

    fn run_later(&mut self, sql: &'static str) -> Result<(), Error> {
        self.send_later(Bound::Plain(sql))
    }

    fn is_in_transaction(&self) -> bool {
        self.is_in_transaction && self.is_alive()
    }

    fn is_alive(&self) -> bool {
        self.client.as_ref().is_some_and(|client| !client.is_closed())
    }
}

impl Tx for PostgresConnection {
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        taken(Engine::Postgres, sql, params)?;
        let statement = self.prepared(sql)?;
        let rows = self.send(async |client| client.query(&statement, &as_params(params)).await)?;
        rows.iter().map(from_postgres).collect()
    }

    fn exec(&mut self, sql: &str, params: &[Value]) -> Result<u64, Error> {
        taken(Engine::Postgres, sql, params)?;
        let statement = self.prepared(sql)?;
        self.send(async |client| client.execute(&statement, &as_params(params)).await)
    }

    fn exec_many(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<u64, Error> {
        let mut changed = 0;
        for bound in self.bound(sql, rows.to_vec())? {
            changed += self.send(async |client| bound.run(client).await)?;
        }
        Ok(changed)
    }

    fn write(&mut self, sql: &str, rows: Vec<Vec<Value>>) -> Result<(), Error> {
        self.bound(sql, rows)?.into_iter().try_for_each(|bound| self.send_later(bound))
    }
}

/// The same insertion for many rows at once: each parameter becomes the array of a column. `None` for
/// what is no plain `INSERT … VALUES ($1, …, $n)`.
fn unnest(sql: &str, types: &[Type]) -> Option<String> {
    let plain: Vec<String> = (1..=types.len()).map(|n| format!("${n}")).collect();
    let values = format!("VALUES ({})", plain.join(", "));
    let flat = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after) = flat.split_once(&values)?;
    if !before.starts_with("INSERT") || after.contains('$') {
        return None;
    }
    let arrays: Vec<String> =
        types.iter().enumerate().map(|(at, of)| format!("${}::{}[]", at + 1, of.name())).collect();
    Some(format!("{before}SELECT * FROM UNNEST({}){after}", arrays.join(", ")))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, of) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(of, out),
            (Self::Int(number), &Type::INT8) => number.to_sql(of, out),
            (Self::Real(number), &Type::FLOAT8) => number.to_sql(of, out),
            (Self::Text(text), &(Type::TEXT | Type::VARCHAR)) => text.to_sql(of, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.to_sql(of, out),
            (_, of) => Err(format!("a parameter does not fit the type {of}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn from_postgres(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let value = |at: usize| {
        let missing = Value::Null;
        Ok(match *row.columns()[at].type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map_or(missing, Value::Int),
            Type::INT4 => {
                row.try_get::<_, Option<i32>>(at)?.map_or(missing, |n| Value::Int(n.into()))
            }
            Type::FLOAT8 => row.try_get::<_, Option<f64>>(at)?.map_or(missing, Value::Real),
            Type::TEXT | Type::VARCHAR => {
                row.try_get::<_, Option<String>>(at)?.map_or(missing, Value::Text)
            }
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map_or(missing, Value::Blob),
            _ => return Err(Error::Column { column: at, expected: "a type of the seam" }),
        })
    };
    (0..row.len()).map(value).collect::<Result<_, Error>>().map(Row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_insertions_take_many_rows_at_once() {
        let types = [Type::BYTEA, Type::INT8];
        let sql = "INSERT INTO t (a, b)\n  VALUES ($1, $2) ON CONFLICT (a) DO NOTHING";
        assert_eq!(
            unnest(sql, &types).unwrap(),
            "INSERT INTO t (a, b) SELECT * FROM UNNEST($1::bytea[], $2::int8[]) \
             ON CONFLICT (a) DO NOTHING"
        );
        assert_eq!(unnest("INSERT INTO t (a, b, c) VALUES ($1, $2, 1)", &types), None);
        assert_eq!(unnest("UPDATE t SET b = $2 WHERE a = $1", &types), None);
    }
}
