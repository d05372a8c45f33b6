//! People and devices from the command line: a code, a device made by it, its revocation and its wipe.

use std::path::Path;

use serde_json::Value;

use crate::runner::{Ran, Server, command, finish};

const PASSWORD: &str = "correct horse battery";

fn run(args: &[&str], more: &[(&str, &str)]) -> Ran {
    let mut command = command(args);
    command.env_remove("MIZAN_TOKEN").env_remove("MIZAN_NEW_PASSWORD");
    command.env("MIZAN_PASSWORD", PASSWORD).envs(more.iter().copied());
    finish(command)
}

fn fine(args: &[&str], more: &[(&str, &str)]) -> String {
    let ran = run(args, more);
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout.trim().to_owned()
}

#[test]
fn a_device_is_made_by_a_code_revoked_and_wiped_and_an_account_closed_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let data = path("server");
    fine(&["admin", "--data", &data, "create-administrator", "--user", "admin"], &[]);
    let server = Server::start(Path::new(&data));
    let admin = |args: &[&str], more: &[(&str, &str)]| {
        run(&[&["admin", "--server", &server.url], args].concat(), more)
    };
    let token = admin(&["login", "--user", "admin"], &[]).stdout.trim().to_owned();
    let signed = [("MIZAN_TOKEN", token.as_str())];
    let said = |args: &[&str]| {
        let ran = admin(args, &signed);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout.trim().to_owned()
    };
    let people = path("people.csv");
    let rows =
        format!("user,password,name_ar,name_en,role\nrasha,{PASSWORD},رشا,Rasha,evaluator\n");
    std::fs::write(&people, rows).unwrap();
    said(&["people", "import", &people]);

    let code = said(&["people", "code", "rasha"]);
    let by_code = [("MIZAN_PASSWORD", code.as_str()), ("MIZAN_PASSPHRASE", "ten tall palms")];
    let home = path("device");
    let init = ["device", "--home", &home, "init", "--server", &server.url, "--user", "rasha"];
    fine(&init, &by_code);
    let device = |args: &[&str]| run(&[&["device", "--home", &home], args].concat(), &by_code);
    assert_eq!(device(&["sync"]).code, 0);

    let listed: Value = serde_json::from_str(&said(&["devices", "list", "--json"])).unwrap();
    let id = listed[0]["id"].as_str().unwrap();
    assert!(said(&["devices", "list"]).ends_with("admitted"));
    said(&["devices", "revoke", id]);
    let ran = device(&["sync"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no longer admits"), "{}", ran.stderr);
    assert_eq!(device(&["status"]).code, 0, "what is on it stays");
    said(&["devices", "revoke", id, "--wipe"]);
    assert!(said(&["devices", "list"]).ends_with("to be wiped"));
    let ran = device(&["sync"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("ordered this device to be wiped"), "{}", ran.stderr);
    let ran = device(&["status"]);
    assert!(ran.stderr.contains("holds no device"), "{}", ran.stderr);

    said(&["people", "deactivate", "rasha"]);
    let refused = admin(&["login", "--user", "rasha"], &[]);
    assert!(refused.stderr.contains("session.refused"), "{}", refused.stderr);
    said(&["people", "activate", "rasha"]);
    assert_eq!(admin(&["login", "--user", "rasha"], &[]).code, 0);
    let nobody = admin(&["people", "code", "omar"], &signed);
    assert!(nobody.stderr.contains("no account is named omar"), "{}", nobody.stderr);
}

#[test]
fn a_password_is_changed_and_a_weak_one_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("server").display().to_string();
    let create = ["admin", "--data", &data, "create-administrator", "--user", "admin"];
    let weak = run(&create, &[("MIZAN_PASSWORD", "password1234")]);
    assert_eq!(weak.code, 1);
    assert!(weak.stderr.contains("password.guessable"), "{}", weak.stderr);
    fine(&create, &[]);
    let server = Server::start(Path::new(&data));
    let login = ["admin", "--server", &server.url, "login", "--user", "admin"];
    let token = fine(&login, &[]);
    let change = ["admin", "--server", &server.url, "password"];
    let with =
        |new: &'static str| run(&change, &[("MIZAN_TOKEN", &token), ("MIZAN_NEW_PASSWORD", new)]);
    let refused = with("admin admin admin");
    assert!(refused.stderr.contains("password.guessable"), "{}", refused.stderr);
    assert_eq!(with("walnut kettle orbit").code, 0);
    assert_eq!(run(&login, &[]).code, 1);
    fine(&login, &[("MIZAN_PASSWORD", "walnut kettle orbit")]);

    let setup = ["admin", "--server", &server.url, "totp", "--json"];
    let setup: Value = serde_json::from_str(&fine(&setup, &[("MIZAN_TOKEN", &token)])).unwrap();
    assert!(setup["uri"].as_str().unwrap().starts_with("otpauth://totp/Mizan:admin?secret="));
    let wrong = ["admin", "--server", &server.url, "totp", "--confirm", "12345"];
    let wrong = run(&wrong, &[("MIZAN_TOKEN", &token)]);
    assert!(wrong.stderr.contains("session.otp_wrong"), "{}", wrong.stderr);
}
