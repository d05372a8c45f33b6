//! Every statement of the server runs on every engine somewhere in the suite `server`, and this finds the
//! one that does not.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test suite has no callers")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Statements of one engine alone.
const OF_ONE_ENGINE: [(&str, &str); 5] = [
    ("PG_WALFILE_NAME", "Sqlite"),
    // What PostgreSQL says of its own tables.
    ("pg_", "Sqlite"),
    ("schema_version", "Sqlite"),
    // Before there is a seam.
    ("sqlite_schema", "Sqlite"),
    ("sqlite_schema", "Postgres"),
];
/// What only a planted fault runs.
const PLANTED: &str = "UPDATE sequence SET value = value + 1000";

/// Holds what the suite `server`, which runs before this one, has noted against the source.
#[test]
fn the_suite_runs_every_statement_on_every_engine() {
    let noted = notes().expect("the suite has run: cargo test --test server");
    let noted = std::fs::read_to_string(noted).unwrap();
    let noted: BTreeSet<&str> = noted.lines().collect();
    let written = written();
    assert!(written.len() > 100, "the sources hold the statements: {}", written.len());
    let mut missing = Vec::new();
    for engine in ["Sqlite", "Postgres"] {
        for statement in &written {
            let is_alone = OF_ONE_ENGINE
                .iter()
                .any(|(part, without)| statement.contains(part) && *without == engine);
            let is_noted = noted.iter().any(|line| {
                line.strip_prefix(engine).is_some_and(|line| line.contains(statement.as_str()))
            });
            if !is_alone && !is_noted && !statement.starts_with(PLANTED) {
                missing.push(format!("{engine}: {statement}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "never run by the whole of the suite `server`:\n{}",
        missing.join("\n")
    );
}

/// The notes of the latest build of the suite.
fn notes() -> Option<PathBuf> {
    let folder = std::env::var_os("MIZAN_STATEMENTS").expect("cargo sets it for its tests");
    let files = std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path());
    let of_suite = |path: &PathBuf| path.file_name()?.to_str()?.strip_prefix("server-").map(drop);
    let since = |path: &PathBuf| path.to_str()?.rsplit('-').next()?.parse::<u64>().ok();
    files.filter(|path| of_suite(path).is_some()).max_by_key(since)
}

/// The statements in the sources, each on one line, as far as its first placeholder for other text.
fn written() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let of_schema = path.components().any(|part| part.as_os_str() == "migrations");
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "sql") && !of_schema {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
            found.insert(on_one_line(&lines.collect::<Vec<_>>().join("\n")));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            // What stands behind the tests of a file is not the server's.
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            literals(text).for_each(|literal| {
                let statement = on_one_line(literal.split('{').next().unwrap());
                let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
                // One that quotes a name is cut off there; only an engine's own catalogue is asked so.
                let is_whole = !statement.ends_with('\\');
                if is_whole && verbs.iter().any(|verb| statement.starts_with(verb)) {
                    found.insert(statement);
                }
            });
        }
    }
}

/// The string literals of a source; SQL has no quotation marks that would have to be escaped.
fn literals(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    // Borrowed pieces of a text that is put together are leaked: this is a test.
    let code: &'static str = Box::leak(code.collect::<Vec<_>>().join("\n").into_boxed_str());
    code.split('"').skip(1).step_by(2)
}

fn on_one_line(text: &str) -> String {
    text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
