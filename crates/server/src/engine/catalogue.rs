//! What an engine says of its own tables: names, columns, primary keys and what refers to what.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Connection, Location};
use crate::error::Error;
use crate::tx::{Row, params};

/// A column, as the engine has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type in the words of migrations.
    pub(crate) kind: String,
    /// Whether it may be NULL.
    pub(crate) nullable: bool,
}

/// A table, as the engine has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: String,
    /// Its columns in their order.
    pub(crate) columns: Vec<Column>,
    /// The columns of its primary key in their order.
    pub(crate) key: Vec<String>,
    /// The tables it refers to.
    pub(crate) refers_to: BTreeSet<String>,
}

const POSTGRES_TABLES: &str = "SELECT CAST(c.relname AS TEXT) FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = CURRENT_SCHEMA()
     WHERE c.relkind = 'r'
     AND c.relname <> 'schema_version' ORDER BY 1";
const POSTGRES_COLUMNS: &str =
    "SELECT CAST(a.attname AS TEXT), FORMAT_TYPE(a.atttypid, a.atttypmod),
     CAST(CASE WHEN a.attnotnull THEN 1 ELSE 0 END AS BIGINT),
     CAST(COALESCE(ARRAY_POSITION(k.conkey, a.attnum), 0) AS BIGINT)
     FROM pg_attribute a
     LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p'
     WHERE a.attrelid = CAST(CAST($1 AS TEXT) AS REGCLASS) AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attnum";
const POSTGRES_REFERENCES: &str =
    "SELECT DISTINCT CAST(r.relname AS TEXT) FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
     WHERE k.conrelid = CAST(CAST($1 AS TEXT) AS REGCLASS) AND k.contype = 'f'";
const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1";
const SQLITE_COLUMNS: &str =
    "SELECT name, type, CASE WHEN \"notnull\" = 1 OR pk > 0 THEN 1 ELSE 0 END, pk
     FROM pragma_table_info($1) ORDER BY cid";
const SQLITE_REFERENCES: &str = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)";

/// The engine's tables, each after those it refers to.
pub(crate) fn tables(
    connection: &mut dyn Connection,
    location: &Location,
) -> Result<Vec<Table>, Error> {
    let (tables, columns, references) = match location {
        Location::File(_) => (SQLITE_TABLES, SQLITE_COLUMNS, SQLITE_REFERENCES),
        Location::Postgres(_) => (POSTGRES_TABLES, POSTGRES_COLUMNS, POSTGRES_REFERENCES),
    };
    let mut found = BTreeMap::new();
    for row in connection.query(tables, &[])? {
        let name = row.text(0)?.to_owned();
        let table = table(connection, &name, columns, references)?;
        found.insert(name, table);
    }
    Ok(in_order(found))
}

fn table(
    connection: &mut dyn Connection,
    name: &str,
    columns: &str,
    references: &str,
) -> Result<Table, Error> {
    let rows = connection.query(columns, params![name])?;
    let mut key = Vec::new();
    for row in &rows {
        if row.int(3)? > 0 {
            key.push((row.int(3)?, row.text(0)?.to_owned()));
        }
    }
    key.sort();
    let refers_to = connection.query(references, params![name])?;
    Ok(Table {
        name: name.to_owned(),
        columns: rows.iter().map(column).collect::<Result<_, _>>()?,
        key: key.into_iter().map(|(_, name)| name).collect(),
        refers_to: refers_to
            .iter()
            .map(|row| Ok(row.text(0)?.to_owned()))
            .collect::<Result<_, Error>>()?,
    })
}

fn column(row: &Row) -> Result<Column, Error> {
    let kind = match row.text(1)? {
        "bytea" | "BLOB" => "BYTES",
        "bigint" | "INTEGER" => "BIGINT",
        "text" | "TEXT" => "TEXT",
        other => other,
    };
    Ok(Column { name: row.text(0)?.to_owned(), kind: kind.to_owned(), nullable: row.int(2)? == 0 })
}

/// Each table after those it refers to. A table may refer to itself; there are no other circles.
fn in_order(mut tables: BTreeMap<String, Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let is_ready = |table: &Table| {
            table.refers_to.iter().all(|other| *other == table.name || !tables.contains_key(other))
        };
        let ready: Vec<String> = tables
            .values()
            .filter(|table| is_ready(table))
            .map(|table| table.name.clone())
            .collect();
        if ready.is_empty() {
            // A circle: the engine will say which row it misses.
            ordered.extend(std::mem::take(&mut tables).into_values());
        }
        ordered.extend(ready.iter().filter_map(|name| tables.remove(name)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::open_as_it_is;

    #[test]
    fn both_engines_have_the_same_tables_and_columns() {
        let folder = tempfile::tempdir().unwrap();
        let places = [
            Location::File(folder.path().join("mizan.db")),
            Location::parse(&mizan_tests::postgres::shared().new_database()),
        ];
        let [sqlite, postgres] = places.map(|place| {
            let mut connection = open_as_it_is(&place).unwrap();
            tables(&mut *connection, &place).unwrap()
        });
        assert!(sqlite.len() > 20 && sqlite.iter().all(|table| !table.key.is_empty()));
        for (one, other) in sqlite.iter().zip(&postgres) {
            assert_eq!(one, other);
        }
        assert_eq!(sqlite.len(), postgres.len());
        let at = |name: &str| sqlite.iter().position(|table| table.name == name).unwrap();
        assert!(at("agencies") < at("centres") && at("visits") < at("evaluations"));
    }
}
