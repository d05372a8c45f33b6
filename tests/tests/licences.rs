//! The licences of what the project is built from: every crate of a Linux build, and every npm package
//! of the screens, their tests and the bundler. What is not permissive stands below by name and reason.
//!
//! Known weaknesses of those packages are not looked up here: no list of them comes with the registries.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

/// Licences that ask for no more than their notice, which the packages carry.
const PERMISSIVE: [&str; 17] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "IJG",
    "ISC",
    "MIT",
    "MIT-0",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
    "blessing",
];

/// A package that is let through: its name, what it says of its licence, and why.
type Exception = (&'static str, &'static str, &'static str);

const UNCHANGED: &str =
    "of WebKitGTK's shell; the MPL covers its own files, which are used unchanged";
const BUNDLER: &str = "a tool of the bundler; nothing of it is in the page";
const TEST: &str = "a tool of the tests; nothing of it is in the product";

static EXCEPTIONS: [Exception; 14] = [
    ("cssparser", "MPL-2.0", UNCHANGED),
    ("cssparser-macros", "MPL-2.0", UNCHANGED),
    ("dtoa-short", "MPL-2.0", UNCHANGED),
    ("option-ext", "MPL-2.0", UNCHANGED),
    ("selectors", "MPL-2.0", UNCHANGED),
    ("@fontsource/vazirmatn", "OFL-1.1", "a font; its licence lets it be embedded and bundled"),
    ("lightningcss", "MPL-2.0", BUNDLER),
    ("lightningcss-*", "MPL-2.0", BUNDLER),
    ("@axe-core/playwright", "MPL-2.0", TEST),
    ("axe-core", "MPL-2.0", TEST),
    ("@inlang/plugin-message-format", "", "its file LICENSE is the MIT licence"),
    ("sqlite-wasm-kysely", "", "its file LICENSE is the MIT licence"),
    ("svelte-toolbelt", "", "its file LICENSE is the MIT licence"),
    ("combine-errors", "", "its Readme names the MIT licence"),
];

/// A package with what it says of itself.
#[derive(Debug, Clone)]
struct Package {
    name: String,
    licence: String,
    /// Whether the lock file holds a digest of it, or it is part of this project.
    is_pinned: bool,
}

/// The exception a package needs, if there is one.
fn exception(package: &Package) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|(name, licence, _)| {
        let is_named = match name.strip_suffix('*') {
            Some(beginning) => package.name.starts_with(beginning),
            None => package.name == *name,
        };
        is_named && package.licence == *licence
    })
}

/// What is wrong with a package.
fn fault(package: &Package) -> Option<String> {
    let Package { name, licence, is_pinned } = package;
    if !is_pinned {
        return Some(format!("{name} is in the lock file without a digest"));
    }
    let is_permissive = match Expression::parse_mode(licence, ParseMode::LAX) {
        Ok(expression) => expression
            .evaluate(|wanted| wanted.license.id().is_some_and(|id| PERMISSIVE.contains(&id.name))),
        Err(_) => false,
    };
    if is_permissive || exception(package).is_some() {
        return None;
    }
    Some(format!(
        "{name} is under `{licence}`, which is not in the list of tests/tests/licences.rs; use \
         another package, or let it through there with a reason"
    ))
}

fn faults(packages: &[Package]) -> Vec<String> {
    packages.iter().filter_map(fault).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The crates of a workspace and all that they use on Linux, those of the tests too.
fn crates(workspace: &Path) -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(workspace)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let used = told["resolve"]["nodes"].as_array().unwrap().iter().map(|node| &node["id"]);
    let used: BTreeSet<&str> = used.map(|id| id.as_str().unwrap()).collect();
    let packages = told["packages"].as_array().unwrap().iter();
    let packages = packages.filter(|package| used.contains(package["id"].as_str().unwrap()));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |package: &Value| Package {
        name: text(&package["name"]),
        licence: text(&package["license"]),
        // Registries give digests; anything else but a folder of ours has none.
        is_pinned: package["source"].as_str().is_none_or(|from| from.starts_with("registry+")),
    };
    packages.map(of).collect()
}

/// The packages of an npm lock file.
fn modules(lock: &Path) -> Vec<Package> {
    let lock: Value = serde_json::from_slice(&std::fs::read(lock).unwrap()).unwrap();
    let packages =
        lock["packages"].as_object().unwrap().iter().filter(|(path, _)| !path.is_empty());
    let of = |(path, package): (&String, &Value)| Package {
        name: path.rsplit("node_modules/").next().unwrap().to_owned(),
        licence: package["license"].as_str().unwrap_or_default().to_owned(),
        is_pinned: package["integrity"].is_string() || package["inBundle"] == true,
    };
    packages.map(of).collect()
}

fn everything() -> Vec<Package> {
    let locks = ["ui", "tests/e2e", "src-tauri"];
    let modules = locks.map(|of| modules(&root().join(of).join("package-lock.json")));
    [crates(&root()), modules.concat()].concat()
}

#[test]
fn everything_is_under_a_licence_that_permits_it() {
    let packages = everything();
    assert!(packages.len() > 700, "cargo and npm name what they use: {}", packages.len());
    let faults = faults(&packages);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for (at, (name, licence, _)) in EXCEPTIONS.iter().enumerate() {
        let is_needed = |package: &Package| {
            exception(package).is_some_and(|found| std::ptr::eq(found, &EXCEPTIONS[at]))
        };
        assert!(packages.iter().any(is_needed), "nobody needs the exception {name} ({licence})");
    }
}

#[test]
fn a_planted_copyleft_crate_is_refused_by_name() {
    let planted = crates(&root().join("tests/fixtures/licences/planted"));
    let names: Vec<&str> = planted.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["copyleft", "planted"]);
    let faults = faults(&planted);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("copyleft is under `MIT AND GPL-3.0-only`"), "{faults:?}");
}

#[test]
fn planted_modules_are_refused_by_name() {
    let faults = faults(&modules(&root().join("tests/fixtures/licences/package-lock.json")));
    let refused: Vec<&str> = faults.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
    // `fine` leaves the choice; `silent` says nothing; `elsewhere` comes from who knows where.
    assert_eq!(refused, ["copyleft", "elsewhere", "silent"], "{faults:?}");
}

#[test]
fn an_exception_holds_for_its_licence_alone() {
    let package = |licence: &str| Package {
        name: "selectors".to_owned(),
        licence: licence.to_owned(),
        is_pinned: true,
    };
    assert_eq!(fault(&package("MPL-2.0")), None);
    assert!(fault(&package("SSPL-1.0")).is_some());
    assert!(fault(&package("no licence at all")).is_some());
}
