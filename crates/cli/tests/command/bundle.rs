//! A sync as files: out of the device, into the server, and the answer back.

use std::path::Path;

use crate::runner::{Ran, Server, command, finish};

const PASSWORD: &str = "correct horse battery";

fn run(args: &[&str], token: Option<&str>) -> Ran {
    let mut command = command(args);
    command.env("MIZAN_PASSWORD", PASSWORD);
    if let Some(token) = token {
        command.env("MIZAN_TOKEN", token);
    }
    finish(command)
}

fn fine(args: &[&str], token: Option<&str>) -> String {
    let ran = run(args, token);
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout.trim().to_owned()
}

/// A server with an administrator and an evaluator, and the administrator's token.
fn programme(folder: &Path) -> (Server, String) {
    let data = folder.join("server").display().to_string();
    fine(&["admin", "--data", &data, "create-administrator", "--user", "admin"], None);
    let server = Server::start(Path::new(&data));
    let token = fine(&["admin", "--server", &server.url, "login", "--user", "admin"], None);
    let people = folder.join("people.csv");
    let rows = format!(
        "user,password,name_ar,name_en,role,agency,centre,interests\n\
         rasha,{PASSWORD},رشا,Rasha,evaluator,,,\n"
    );
    std::fs::write(&people, rows).unwrap();
    let people = people.display().to_string();
    fine(&["admin", "--server", &server.url, "people", "import", &people], Some(&token));
    (server, token)
}

#[test]
fn a_bundle_goes_out_and_its_answer_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (server, token) = programme(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (home, bundle, answer) = (path("device"), path("rasha.mizb"), path("rasha.miza"));
    fine(&["device", "--home", &home, "init", "--server", &server.url, "--user", "rasha"], None);

    let written = fine(&["device", "--home", &home, "bundle", "export", &bundle], None);
    assert_eq!(written, format!("{bundle} holds 0 records and 0 files"));
    let status = fine(&["device", "--home", &home, "status"], None);
    assert!(status.contains("bundles waiting for their answer: 1"), "{status}");
    let import = ["admin", "--server", &server.url, "bundle", "import", &bundle, "--out", &answer];
    let taken = fine(&import, Some(&token));
    assert!(taken.contains(&answer), "{taken}");
    for _ in 0..2 {
        let settled = fine(&["device", "--home", &home, "bundle", "import", &answer], None);
        assert_eq!(settled, "0 records and 0 files are there, 0 received");
    }
    let status = fine(&["device", "--home", &home, "status"], None);
    assert!(!status.contains("waiting for their answer"), "{status}");
}

#[test]
fn what_is_wrong_with_a_file_is_named_and_no_half_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (server, token) = programme(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (home, bundle, answer) = (path("device"), path("rasha.mizb"), path("rasha.miza"));
    fine(&["device", "--home", &home, "init", "--server", &server.url, "--user", "rasha"], None);
    fine(&["device", "--home", &home, "bundle", "export", &bundle], None);
    let mut bytes = std::fs::read(&bundle).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&bundle, &bytes).unwrap();
    let import = ["admin", "--server", &server.url, "bundle", "import", &bundle, "--out", &answer];
    let ran = run(&import, Some(&token));
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("bundle.damaged: the file is damaged"), "{}", ran.stderr);
    let ran = run(&["device", "--home", &home, "bundle", "import", &bundle], None);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("not an answer to a bundle"), "{}", ran.stderr);
    let nowhere = path("no/such/stick.mizb");
    let ran = run(&["device", "--home", &home, "bundle", "export", &nowhere], None);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains(&nowhere), "{}", ran.stderr);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| {
            name.to_string_lossy().contains("miza") || name.to_string_lossy().ends_with("part")
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
