//! The workspace against what its documents and its style say of it.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Which crates of ours each crate uses, tests aside.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ours = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
        let names = normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
        names.filter(|name| name.starts_with("mizan-")).collect()
    };
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|p| (p["name"].as_str().unwrap().to_owned(), ours(p))).collect()
}

/// The crates of docs/ARCHITECTURE.md with the line that starts with "Uses:".
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if line.starts_with('#') {
            current = line.strip_prefix("### ").filter(|name| name.starts_with("mizan-"));
            if let Some(name) = current {
                crates.insert(name.to_owned(), BTreeSet::new());
            }
        } else if let (Some(name), Some(uses)) = (current, line.strip_prefix("Uses: ")) {
            let names = uses.trim_end_matches('.').split(", ").map(str::to_owned);
            crates.insert(name.to_owned(), names.collect());
        }
    }
    crates
}

#[test]
fn the_architecture_page_lists_every_crate_and_every_edge() {
    assert_eq!(documented(), edges());
}

#[test]
fn edges_point_the_way_they_were_decided_to() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("mizan-domain", &[] as &[&str]),
        ("mizan-stats", &[]),
        ("mizan-planner", &["mizan-domain", "mizan-stats"]),
        ("mizan-protocol", &["mizan-domain"]),
        ("mizan-report", &["mizan-domain"]),
        ("mizan-device", &["mizan-domain", "mizan-protocol"]),
        ("mizan-server", &["mizan-domain", "mizan-protocol", "mizan-report", "mizan-stats"]),
    ]);
    for (name, uses) in edges() {
        let Some(allowed) = allowed.get(name.as_str()) else { continue };
        let wrong: Vec<&String> =
            uses.iter().filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(wrong.is_empty(), "{name} must not use {wrong:?}");
    }
}

fn files(ending: &str) -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let names = String::from_utf8(output.stdout).unwrap();
    let wanted = names.split('\0').filter(|name| name.ends_with(ending));
    wanted
        .filter_map(|name| {
            Some((name.to_owned(), std::fs::read_to_string(root().join(name)).ok()?))
        })
        .collect()
}

#[test]
fn every_source_file_says_what_it_is_and_stays_small() {
    let sources = files(".rs");
    assert!(sources.len() > 50, "git lists the sources: {}", sources.len());
    for (name, text) in sources {
        assert!(text.starts_with("//!"), "{name} opens with what it is");
        let lines = text.lines().count();
        assert!(lines <= 800, "{name} has {lines} lines; split it");
    }
}

#[test]
fn pure_crates_read_no_clock_no_disk_and_no_environment() {
    for (name, text) in files(".rs") {
        let pure = [
            "crates/domain/src/",
            "crates/stats/src/",
            "crates/planner/src/",
            "crates/report/src/",
            "crates/protocol/src/",
        ];
        if !pure.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        for banned in [
            "std::fs",
            "std::env",
            "std::net",
            "SystemTime",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "println!",
        ] {
            // Suites name the fault they plant to processes they start; builds for use have none of it.
            if name == "crates/protocol/src/proof.rs" && banned == "std::env" {
                continue;
            }
            assert!(!text.contains(banned), "{name} uses {banned}");
        }
    }
}

#[test]
fn every_error_code_that_is_sent_is_listed() {
    let listed: BTreeSet<&str> =
        mizan_protocol::code::CODES.iter().map(|(code, _)| *code).collect();
    let mut sent = BTreeSet::new();
    for (name, text) in files(".rs") {
        if !["crates/server/src/", "crates/domain/src/"]
            .iter()
            .any(|folder| name.starts_with(folder))
        {
            continue;
        }
        let quoted = text.split('"').skip(1).step_by(2).map(str::to_owned);
        let areas: BTreeSet<&str> =
            listed.iter().filter_map(|code| code.split('.').next()).collect();
        let is_code = |word: &String| {
            let fits = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.');
            let file =
                [".rs", ".sql", ".db", ".lock", ".key", ".html", ".json", ".ar", ".en", ".level"];
            fits && word.split('.').count() == 2
                && word.split_once('.').is_some_and(|(area, _)| areas.contains(area))
                && !file.iter().any(|ending| word.ends_with(ending))
        };
        sent.extend(quoted.filter(is_code));
    }
    let unlisted: Vec<&String> =
        sent.iter().filter(|code| !listed.contains(code.as_str())).collect();
    assert!(unlisted.is_empty(), "sent but not listed in protocol::code: {unlisted:?}");
    assert!(sent.len() > 20, "the search finds codes: {sent:?}");
}

#[test]
fn the_servers_description_is_committed_as_it_is() {
    let committed = std::fs::read_to_string(root().join("crates/server/openapi.json")).unwrap();
    let committed: Value = serde_json::from_str(&committed).unwrap();
    let generated = serde_json::to_value(mizan_server::routes::openapi()).unwrap();
    assert!(committed == generated, "crates/server/openapi.json is stale; run `make openapi`");
}

#[test]
fn the_sync_page_was_written_for_this_format_of_bundles() {
    use mizan_protocol::canonical::Digest;
    let mut all = String::new();
    for name in ["bundle.rs", "bundle/key.rs", "bundle/stream.rs"] {
        all += &std::fs::read_to_string(root().join("crates/protocol/src").join(name)).unwrap();
    }
    let page = std::fs::read_to_string(root().join("docs/SYNC.md")).unwrap();
    let digest = Digest::of(all.as_bytes()).to_string();
    assert!(
        page.contains(&digest),
        "the bundles changed: bring docs/SYNC.md in line, then name {digest}"
    );
}

#[test]
fn the_sync_page_was_written_for_these_messages() {
    use mizan_protocol::canonical::Digest;
    let mut all = String::new();
    for name in ["sync.rs", "chain.rs", "record.rs", "evaluation.rs"] {
        all += &std::fs::read_to_string(root().join("crates/protocol/src").join(name)).unwrap();
    }
    let page = std::fs::read_to_string(root().join("docs/SYNC.md")).unwrap();
    let digest = Digest::of(all.as_bytes()).to_string();
    assert!(
        page.contains(&digest),
        "the messages changed: bring docs/SYNC.md in line, then name {digest}"
    );
}
