//! The data folder: what is not ours is not touched, what was acknowledged is still there.

use mizan_protocol::api::{AgencyJson, NewAgency};
use mizan_protocol::record::{BriefJson, VisitBody};
use mizan_server::Config;
use mizan_server::error::Error;
use mizan_server::store::Store;
use mizan_server::tx::Tx;

use crate::engines::on_both_engines;
use crate::harness::{NOW, PASSWORD, Programme, SINCE_UPLOADS, Server, text};

on_both_engines! {
    what_a_body_sends_along_is_taken_whole_or_not_at_all,
}

fn config(data: &std::path::Path, listen: &str) -> Config {
    Config { listen: listen.to_owned(), ..Config::new(data.to_owned(), || NOW) }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let mut programme = Programme::start().await;
    programme.server.pause().await;
    programme.server.resume().await;
    let admin = programme.server.sign_in("admin").await;
    assert_eq!(admin.get::<Vec<AgencyJson>>("/api/agencies").await, programme.agencies);
}

/// The file as the release before left it: visits had no brief.
#[tokio::test]
async fn a_database_from_before_briefs_is_upgraded_and_its_copy_kept() {
    let mut programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.server.pause().await;
    let file = programme.server.data().join("mizan.db");
    let before = "ALTER TABLE visits DROP COLUMN brief; DROP TABLE bundle_intakes; \
                  DROP TABLE sign_in_tries; DROP TABLE second_factors; DROP TABLE enrolment_codes; \
                  DROP INDEX tokens_by_person; DROP INDEX tokens_by_device; \
                  ALTER TABLE tokens DROP COLUMN purpose; ALTER TABLE tokens DROP COLUMN csrf_hash; \
                  ALTER TABLE tokens DROP COLUMN rotated_at; \
                  ALTER TABLE devices DROP COLUMN last_seen_at; \
                  ALTER TABLE devices DROP COLUMN wipe_ordered_at; \
                  DROP TABLE audit; \
                  DROP TABLE upload_parts; DROP TABLE uploads; DROP TABLE evidence_total; \
                  DROP INDEX evidence_by_person; DROP TABLE push_links; \
                  DROP INDEX quarantine_by_state; ALTER TABLE quarantine DROP COLUMN device_id; \
                  ALTER TABLE quarantine DROP COLUMN state; \
                  ALTER TABLE quarantine DROP COLUMN settled_by; \
                  ALTER TABLE quarantine DROP COLUMN settled_at; \
                  ALTER TABLE quarantine DROP COLUMN reason; \
                  DROP INDEX records_by_visit; ALTER TABLE records DROP COLUMN visit_id";
    let since = SINCE_UPLOADS.join("; ");
    let before = format!("{since}; {before}; PRAGMA user_version = 1");
    rusqlite::Connection::open(&file).unwrap().execute_batch(&before).unwrap();
    programme.server.resume().await;
    programme.admin.url = programme.server.url.clone();
    programme.open().await;
    let evaluator = programme.server.sign_in("rasha").await;
    let pulled = evaluator.pull().await;
    let of_visit = pulled.streams[0].records.iter().find(|record| record.kind == "visit").unwrap();
    let body: VisitBody = serde_json::from_value(of_visit.body.clone()).unwrap();
    assert_eq!((body.visit, body.brief), (visit.id, BriefJson::default()));
    assert_eq!(of_visit.body["brief"]["report_within_h"], 24, "a day, unless the plan says other");
    let copy = programme.server.data().join("mizan.db.before-upgrade-from-1");
    assert!(copy.exists(), "the file as it was is kept");
}

#[tokio::test]
async fn a_folder_or_port_in_use_is_named() {
    let server = Server::start().await;
    let second = mizan_server::serve(config(server.data(), "127.0.0.1:0"), async {}, |_| {}).await;
    assert!(matches!(second, Err(Error::InUse { .. })), "{second:?}");
    let other = tempfile::tempdir().unwrap();
    let taken = server.url.trim_start_matches("http://");
    let refused =
        mizan_server::serve(config(other.path(), taken), async {}, |_| {}).await.unwrap_err();
    assert!(
        refused.to_string().contains(taken) && refused.to_string().contains("--listen"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_newer_or_foreign_database_is_left_as_it_is() {
    for (change, expected) in [
        ("PRAGMA user_version = 99", "schema version 99"),
        ("PRAGMA application_id = 7", "not a database of this server"),
    ] {
        let mut server = Server::start().await;
        server.pause().await;
        let file = server.data().join("mizan.db");
        rusqlite::Connection::open(&file).unwrap().execute_batch(change).unwrap();
        let before = std::fs::read(&file).unwrap();
        let refused =
            mizan_server::serve(config(server.data(), "127.0.0.1:0"), async {}, |_| {}).await;
        let message = refused.unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains("nothing was changed"), "{message}");
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_acknowledged_is_lost() {
    let mut programme = Programme::start().await;
    programme.server.pause().await;
    let store = Store::open(&programme.server.location()).unwrap();
    let limit = store.write(|tx| tx.query("PRAGMA max_page_count = 1", &[])).await.unwrap();
    assert_eq!(limit.len(), 1, "the file cannot grow from here");
    let mut outcome = Ok(0);
    for n in 0..2_000 {
        let name = format!("A-{}", 100 + n);
        outcome = store
            .write(move |tx| {
                let sql = "INSERT INTO settings (name, value) VALUES ($1, $2)";
                tx.exec(sql, &[name.into(), "x".repeat(4_000).into()])
            })
            .await;
        if outcome.is_err() {
            break;
        }
    }
    assert!(matches!(outcome, Err(Error::DiskFull)), "{outcome:?}");
    let agencies = store.read(|tx| tx.query("SELECT code FROM agencies", &[])).await.unwrap();
    assert_eq!(agencies.len(), programme.agencies.len());
    let still = store.write(|tx| tx.exec("UPDATE settings SET value = value", &[])).await;
    assert!(still.is_ok(), "the writer goes on: {still:?}");
}

#[tokio::test]
async fn changes_of_many_callers_at_once_are_all_kept() {
    let programme = Programme::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..100 {
        let admin = programme.admin.clone();
        tasks.spawn(async move {
            let new = NewAgency { code: format!("M-{n}"), name: text("جهة", "Agency") };
            admin.post::<AgencyJson>("/api/agencies", &new).await
        });
    }
    let added = tasks.join_all().await.len();
    let all: Vec<AgencyJson> = programme.admin.get("/api/agencies").await;
    assert_eq!(all.len(), added + programme.agencies.len());
    let again = mizan_server::create_administrator(
        &programme.server.config(),
        "x",
        PASSWORD,
        text("م", "A"),
    )
    .await;
    assert!(matches!(again, Err(Error::InUse { .. })), "the folder is being served");
}

/// A body's fault may come to light only after it ended, and is nobody else's.
async fn what_a_body_sends_along_is_taken_whole_or_not_at_all() {
    let mut server = Server::start().await;
    server.pause().await;
    let location = server.location();
    let store = tokio::task::spawn_blocking(move || Store::open(&location)).await.unwrap().unwrap();
    let put = |tx: &mut dyn Tx, name: &str| {
        let sql = "INSERT INTO settings (name, value) VALUES ($1, 'sent along')";
        tx.write(sql, vec![vec![name.into()]])
    };
    let torn = store.write(move |tx| ["one", "two", "one"].iter().try_for_each(|n| put(tx, n)));
    let whole = store.write(move |tx| put(tx, "three"));
    let asking = store.write(move |tx| {
        put(tx, "four")?;
        tx.query("SELECT 1 FROM settings WHERE name = 'four'", &[])
    });
    let (torn, whole, asked) = tokio::join!(torn, whole, asking);
    assert!(torn.is_err(), "a name is there once");
    whole.unwrap();
    assert_eq!(asked.unwrap().len(), 1, "a body sees what it sent along");
    let sql = "SELECT name FROM settings WHERE value = 'sent along' ORDER BY name";
    let kept = store.read(move |tx| tx.query(sql, &[])).await.unwrap();
    let kept: Vec<&str> = kept.iter().map(|row| row.text(0).unwrap()).collect();
    assert_eq!(kept, ["four", "three"]);
}
