//! What an operator does on the server's machine: settings, TLS, backups, moving, the audit.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mizan_tests::postgres::shared;
use serde_json::{Value, json};

use crate::runner::{Ran, command, finish};

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

/// A server process; its log is read when it has ended.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(args: &[&str]) -> Self {
        let mut command = command(&[&["serve", "--listen", "127.0.0.1:0"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("listening on ") else {
            let mut log = String::new();
            child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
            panic!("the server did not start: {line}{log}");
        };
        Self { child, url: url.to_owned() }
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Asks it to stop, and gives what it logged.
    fn stop(mut self) -> String {
        self.signal("-TERM");
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(self.child.wait().unwrap().success(), "{log}");
        log
    }

    fn login(&self) -> String {
        fine(&["admin", "--server", &self.url, "login", "--user", "admin"], None)
    }

    fn add_agency(&self, folder: &Path, token: &str, code: &str) {
        let file = folder.join(format!("{code}.csv"));
        std::fs::write(&file, format!("code,name_ar,name_en\n{code},جهة,Agency\n")).unwrap();
        let file = file.display().to_string();
        fine(&["admin", "--server", &self.url, "agencies", "import", &file], Some(token));
    }

    fn agencies(&self, token: &str) -> Vec<String> {
        let list = fine(&["admin", "--server", &self.url, "agencies", "list"], Some(token));
        list.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // One that was stopped is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn administrator(data: &str, database: &[&str]) {
    let made = ["admin", "--data", data, "create-administrator", "--user", "admin"];
    fine(&[&made, database].concat(), None);
}

#[test]
fn settings_come_from_flags_environment_and_file_and_secrets_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mizan.toml");
    let settings = "data = \"/srv/mizan\"\nlisten = \"127.0.0.1:1\"\nmetrics = \"127.0.0.1:2\"\n\
                    database = \"postgres://mizan:hunter2@db/mizan\"\nlog = \"json\"\n";
    std::fs::write(&file, settings).unwrap();
    let file = text(&file);
    let mut shown = command(&["serve", "--config", &file, "--print-config", "--listen", "[::1]:4"]);
    shown.env("MIZAN_METRICS", "127.0.0.1:3").env("MIZAN_LISTEN", "127.0.0.1:9");
    let shown = finish(shown);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let shown = shown.stdout;
    for line in [
        "data = \"/srv/mizan\"",
        "listen = \"[::1]:4\"",
        "metrics = \"127.0.0.1:3\"",
        "log = \"json\"",
        "behind_proxy = false",
        "database = \"postgres://…@db/mizan\"",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line} is not in\n{shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
    std::fs::write(&file, "data = \"x\"\nlisen = \"127.0.0.1:1\"\n").unwrap();
    let refused = run(&["serve", "--config", &file], None);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("`lisen`"), "{}", refused.stderr);
    let refused = run(&["serve"], None);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--data"), "{}", refused.stderr);
    let data = text(&folder.path().join("data"));
    let refused = run(&["serve", "--data", &data, "--listen", "0.0.0.0:0"], None);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("--behind-proxy"), "{}", refused.stderr);
}

#[test]
fn the_log_has_a_line_for_each_request_and_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(&folder.path().join("data"));
    administrator(&data, &[]);
    let serving = Serving::start(&["--data", &data, "--log", "json"]);
    let token = serving.login();
    let id = "0190aaaa-0000-7000-8000-00000000beef";
    let url = format!("{}/api/cycles/{id}/visits?name=Zzyzx", serving.url);
    let answer = reqwest::blocking::Client::new().get(url).bearer_auth(&token).send().unwrap();
    let request_id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let log = serving.stop();
    let lines: Vec<Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let line = lines.iter().find(|line| line["request_id"] == json!(request_id)).unwrap();
    assert_eq!((&line["method"], &line["status"]), (&json!("GET"), &json!(200)), "{line}");
    assert_eq!(line["route"], "/api/cycles/{cycle}/visits");
    assert!(line["ms"].is_number(), "{line}");
    for secret in [id, "Zzyzx", "admin", &token, PASSWORD] {
        let told = lines.iter().filter(|line| line["message"] == "request");
        for line in told {
            assert!(!line.to_string().contains(secret), "{secret} is logged: {line}");
        }
    }
}

#[test]
fn a_backup_of_a_running_server_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (text(&folder.path().join("data")), text(&folder.path().join("backup")));
    administrator(&data, &[]);
    let serving = Serving::start(&["--data", &data]);
    let token = serving.login();
    serving.add_agency(folder.path(), &token, "A-1");
    let made = fine(&["admin", "backup", "--data", &data, "--out", &out], None);
    assert!(made.contains("2 files"), "{made}");
    serving.add_agency(folder.path(), &token, "A-2");
    let again = run(&["admin", "backup", "--data", &data, "--out", &out], None);
    assert!(again.code == 1 && again.stderr.contains("is not empty"), "{}", again.stderr);
    let restore = ["admin", "restore", "--data", &data, "--from", &out];
    let served = run(&[&restore[..], &["--replace"]].concat(), None);
    assert!(served.code == 1 && served.stderr.contains("in use"), "{}", served.stderr);
    serving.stop();
    let kept = run(&restore, None);
    assert!(kept.code == 1 && kept.stderr.contains("--replace"), "{}", kept.stderr);
    let done = fine(&[&restore[..], &["--replace"]].concat(), None);
    assert!(done.contains("is kept in") && done.contains("new epoch"), "{done}");
    let serving = Serving::start(&["--data", &data]);
    assert_eq!(serving.agencies(&serving.login()), ["A-1"]);
}

#[test]
fn the_embedded_database_moves_to_postgresql_and_two_processes_serve_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(&folder.path().join("data"));
    let database = shared().new_database();
    administrator(&data, &[]);
    let serving = Serving::start(&["--data", &data]);
    serving.add_agency(folder.path(), &serving.login(), "A-1");
    let busy = run(&["admin", "move", "--data", &data, "--to", &database], None);
    assert!(busy.code == 1 && busy.stderr.contains("in use"), "{}", busy.stderr);
    serving.stop();
    let moved = fine(&["admin", "move", "--data", &data, "--to", &database], None);
    assert!(moved.lines().any(|line| line.starts_with("agencies\t1\t")), "{moved}");
    assert!(moved.contains("counts and digests agree"), "{moved}");
    let old = run(&["serve", "--data", &data, "--listen", "127.0.0.1:0"], None);
    assert!(old.code == 1 && old.stderr.contains("was moved to"), "{}", old.stderr);

    let args = ["--data", &data, "--database", &database];
    let (one, two) = (Serving::start(&args), Serving::start(&args));
    let token = one.login();
    assert_eq!(two.agencies(&token), ["A-1"], "a session of one is one of the other");
    for n in 2..8 {
        let (writes, reads) = if n % 2 == 0 { (&one, &two) } else { (&two, &one) };
        writes.add_agency(folder.path(), &token, &format!("A-{n}"));
        assert_eq!(reads.agencies(&token).len(), n);
    }
    let export = text(&folder.path().join("audit.ndjson"));
    fine(&["audit", "export", "--server", &two.url, "--out", &export], Some(&token));
    let whole = fine(&["audit", "verify", &export], None);
    assert!(whole.contains("entries are whole"), "{whole}");

    let other = text(&folder.path().join("other"));
    let stranger = run(&["serve", "--data", &other, "--database", &database], None);
    assert!(
        stranger.code == 1 && stranger.stderr.contains("copy server.key"),
        "{}",
        stranger.stderr
    );
    let out = text(&folder.path().join("backup"));
    let backup = ["admin", "backup", "--data", &data, "--database", &database, "--out", &out];
    fine(&backup, None);
    one.stop();
    two.stop();
    let restored = text(&folder.path().join("restored"));
    fine(&["admin", "restore", "--data", &restored, "--from", &out], None);
    let serving = Serving::start(&["--data", &restored]);
    assert_eq!(serving.agencies(&serving.login()).len(), 7, "from PostgreSQL into a file");
}

#[test]
fn what_is_done_to_an_exported_audit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(&folder.path().join("data"));
    administrator(&data, &[]);
    let serving = Serving::start(&["--data", &data]);
    let token = serving.login();
    for n in 1..5 {
        serving.add_agency(folder.path(), &token, &format!("A-{n}"));
    }
    let file = folder.path().join("audit.ndjson");
    let export = text(&file);
    fine(&["audit", "export", "--server", &serving.url, "--out", &export], Some(&token));
    let whole = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let head: Value = serde_json::from_str(lines[0]).unwrap();
    let key = head["key"].as_str().unwrap();
    assert_eq!(lines.len(), head["n"].as_u64().unwrap() as usize + 1);
    let check = |lines: &[String], expected: &str| {
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        let ran = run(&["audit", "verify", &export, "--key", key], None);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert!(told.contains(expected), "{expected}: {told}");
        assert_eq!(ran.code, i32::from(expected != "entries are whole"));
    };
    let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    check(&lines, "entries are whole");
    let mut altered = lines.clone();
    altered[3] = altered[3].replace("agency_added", "centre_added");
    check(&altered, "entry 3 was altered");
    let mut removed = lines.clone();
    removed.remove(3);
    check(&removed, "entry 3 is not where it belongs");
    let mut reordered = lines.clone();
    reordered.swap(2, 3);
    check(&reordered, "entry 2 is not where it belongs");
    check(&lines[..lines.len() - 1], "the export ends after entry");
    let other = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    std::fs::write(&file, &whole).unwrap();
    let ran = run(&["audit", "verify", &export, "--key", other], None);
    assert!(ran.code == 1 && ran.stderr.contains("not by"), "{}", ran.stderr);
}

fn certificate(folder: &Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

#[test]
fn a_new_certificate_is_shown_when_the_operator_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let (cert, key) = (text(&folder.path().join("cert.pem")), text(&folder.path().join("key.pem")));
    let data = text(&folder.path().join("data"));
    let serving = Serving::start(&["--data", &data, "--tls-cert", &cert, "--tls-key", &key]);
    let port = serving.url.strip_prefix("https://").unwrap().rsplit(':').next().unwrap();
    let url = format!("https://localhost:{port}/healthz");
    let answers = |trusted: &reqwest::Certificate| {
        let client = reqwest::blocking::Client::builder().tls_certs_only([trusted.clone()]);
        client.build().unwrap().get(&url).send().is_ok_and(|answer| answer.status() == 200)
    };
    assert!(answers(&first));
    let second = certificate(folder.path());
    assert!(answers(&first) && !answers(&second), "not before it is asked to");
    std::fs::write(&cert, "no certificate").unwrap();
    serving.signal("-HUP");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let third = certificate(folder.path());
    serving.signal("-HUP");
    while !answers(&third) {
        assert!(std::time::Instant::now() < until, "the new certificate is not shown");
        std::thread::yield_now();
    }
    assert!(!answers(&first) && !answers(&second));
    serving.stop();
}

/// Gives the tests' PostgreSQL server a certificate, by its own means.
fn speak_tls(address: &str, made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> postgres::Client {
    let mut client = postgres::Client::connect(address, postgres::NoTls).unwrap();
    let data: String = client.query_one("SHOW data_directory", &[]).unwrap().get(0);
    for (name, pem) in [("cert", made.cert.pem()), ("key", made.signing_key.serialize_pem())] {
        let lines = format!("SELECT unnest(string_to_array('{}', E'\\n'))", pem.trim());
        let file = format!("{data}/{name}.pem");
        // The key must be its owner's alone.
        let kept = format!("COPY ({lines}) TO PROGRAM 'umask 077; cat > \"{file}\"'");
        client.batch_execute(&kept).unwrap();
        client.batch_execute(&format!("ALTER SYSTEM SET ssl_{name}_file = '{file}'")).unwrap();
    }
    client.batch_execute("ALTER SYSTEM SET ssl = on").unwrap();
    client.batch_execute("SELECT pg_reload_conf()").unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        // Each new connection is asked: the one that stands has the settings it began with.
        let mut fresh = postgres::Client::connect(address, postgres::NoTls).unwrap();
        let ssl: String = fresh.query_one("SHOW ssl", &[]).unwrap().get(0);
        if ssl == "on" {
            return client;
        }
        assert!(std::time::Instant::now() < until, "PostgreSQL takes no certificate");
    }
}

#[test]
fn postgresql_is_reached_over_tls_where_that_is_required() {
    let folder = tempfile::tempdir().unwrap();
    let database = shared().new_database();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, made.cert.pem()).unwrap();
    let mut client = speak_tls(&database, &made);
    let data = text(&folder.path().join("data"));
    let address = format!("{database}?sslmode=require");
    let make = |trusted: Option<&Path>| {
        let mut create = command(&["admin", "--data", &data, "--database", &address]);
        create.args(["create-administrator", "--user", "admin"]).env("MIZAN_PASSWORD", PASSWORD);
        if let Some(trusted) = trusted {
            create.env("SSL_CERT_FILE", trusted);
        }
        finish(create)
    };
    let refused = make(None);
    assert!(refused.code == 1 && refused.stderr.contains("certificate"), "{}", refused.stderr);
    let made = make(Some(&authority));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mut serve = command(&["serve", "--data", &data, "--database", &address]);
    serve.args(["--listen", "127.0.0.1:0"]).env("SSL_CERT_FILE", &authority);
    let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let encrypted = "SELECT COUNT(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE datname = current_database() AND application_name = 'mizan' AND ssl";
    let connections: i64 = client.query_one(encrypted, &[]).unwrap().get(0);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("listening on"), "{line}");
    assert!(connections > 0, "what the server says to its database is encrypted");
}
