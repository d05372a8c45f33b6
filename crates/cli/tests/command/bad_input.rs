//! Misuse and bad surroundings: the exit code says which, the message says what to do.

use crate::runner::{Server, command, finish, mizan, rubric};

#[test]
fn misuse_is_2_and_a_refusal_is_1() {
    assert_eq!(mizan(&["rubric", "inspect"]).code, 2, "an unknown subcommand");
    assert_eq!(mizan(&["score"]).code, 2, "no rubric given");
    assert_eq!(mizan(&["rubric", "show", &rubric("remote.toml"), "--lang", "fr"]).code, 2);
    let missing = mizan(&["rubric", "check", "nowhere.toml"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("nowhere.toml"), "{}", missing.stderr);
    for subcommand in ["rubric", "score", "scorecard", "serve", "device", "admin", "demo"] {
        let help = mizan(&[subcommand, "--help"]);
        assert!(help.code == 0 && help.stdout.contains("Usage: mizan"), "{subcommand} --help");
    }
}

#[test]
fn a_port_or_folder_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let taken = server.url.trim_start_matches("http://");
    let other = tempfile::tempdir().unwrap();
    let ran = mizan(&["serve", "--data", &other.path().display().to_string(), "--listen", taken]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains(taken) && ran.stderr.contains("--listen"), "{}", ran.stderr);
    let ran = mizan(&[
        "serve",
        "--data",
        &folder.path().display().to_string(),
        "--listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("in use"), "{}", ran.stderr);
}

#[test]
fn a_folder_no_demo_made_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("thesis.txt");
    std::fs::write(&file, "years of work").unwrap();
    let ran = mizan(&["demo", "--dir", &folder.path().display().to_string()]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "years of work");
}

#[test]
fn a_device_that_is_none_or_a_server_that_is_gone_is_said() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().join("tablet").display().to_string();
    let with_password = |args: &[&str]| {
        let mut command = command(args);
        command.env("MIZAN_PASSWORD", "correct horse battery");
        finish(command)
    };
    let ran = with_password(&["device", "--home", &home, "status"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("init"), "says how to make one: {}", ran.stderr);
    let ran = with_password(&[
        "device",
        "--home",
        &home,
        "init",
        "--server",
        "http://127.0.0.1:9",
        "--user",
        "rasha",
    ]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("127.0.0.1:9"), "names the server: {}", ran.stderr);
}
