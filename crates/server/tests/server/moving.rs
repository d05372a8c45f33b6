//! Data that change their place: from one engine to the other and back, out to a backup and in again.

use std::path::Path;

use mizan_protocol::api::AgencyJson;
use mizan_protocol::audit::{AuditHead, AuditPage};
use mizan_protocol::sync::{PullRequest, PullResponse};
use mizan_server::backup::{Occupied, backup, restore};
use mizan_server::engine::Location;
use mizan_server::error::Error;
use mizan_server::moving::{Copied, move_data};
use mizan_server::tx::Engine;
use serde_json::json;

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, NOW, Programme, engine};

on_both_engines! {
    a_move_keeps_everything_and_the_cursors,
    a_move_refuses_what_is_served_or_filled,
    a_backup_is_made_while_the_server_runs_and_begins_a_new_epoch_when_put_back,
}

/// An empty place on the other engine.
fn elsewhere(folder: &Path) -> Location {
    match engine() {
        Engine::Sqlite => Location::parse(&mizan_tests::postgres::shared().new_database()),
        Engine::Postgres => Location::File(folder.join("moved.db")),
    }
}

async fn moved(programme: &Programme, to: &Location) -> Result<Vec<Copied>, Error> {
    let (data, from, to) =
        (programme.server.data().to_owned(), programme.server.location(), to.clone());
    tokio::task::spawn_blocking(move || move_data(&data, &from, &to, NOW)).await.unwrap()
}

/// A programme with something in every stream, and a device.
async fn busy() -> (Programme, Caller) {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    device.accept(visit.id, &programme.rubric).await;
    device.submit(&device.document(&visit, &programme.rubric, true, "75")).await;
    (programme, evaluator)
}

async fn pull_on(caller: &Caller, seen: &PullResponse) -> PullResponse {
    let cursors =
        seen.streams.iter().map(|page| (page.stream.clone(), page.cursor.clone())).collect();
    caller.post("/api/sync/pull", &PullRequest { cursors }).await
}

async fn a_move_keeps_everything_and_the_cursors() {
    let (mut programme, evaluator) = busy().await;
    let seen = evaluator.pull().await;
    let head: AuditHead = programme.admin.get("/api/audit/head").await;
    programme.server.pause().await;
    let to = elsewhere(programme.server.data());
    let first = moved(&programme, &to).await.unwrap();
    let rows = |copied: &[Copied], name: &str| {
        copied.iter().find(|table| table.table == name).unwrap().rows
    };
    assert_eq!((rows(&first, "agencies"), rows(&first, "evaluations")), (2, 1));
    assert_eq!(rows(&first, "audit"), head.n as u64);

    let left = mizan_server::serve(programme.server.config(), async {}, |_| {}).await.unwrap_err();
    assert!(matches!(left, Error::Moved { .. }), "the old database is not served again: {left}");
    let was = programme.server.location();
    programme.server.database = Some(to);
    programme.server.resume().await;
    let caller = Caller { url: programme.server.url.clone(), ..evaluator };
    let after = pull_on(&caller, &seen).await;
    assert!(!after.streams[0].restarted, "the cursor goes on");
    assert!(after.streams[0].records.is_empty(), "nothing is new");
    assert_eq!(after.streams[0].summary, seen.streams[0].summary);
    let admin = programme.server.sign_in("admin").await;
    let page: AuditPage = admin.get(&format!("/api/audit?after={}", head.n)).await;
    assert_eq!(page.entries[0].deed, "database_moved");
    assert_eq!(page.entries[0].previous, head.hash, "the chain goes on");
    admin.post::<AgencyJson>("/api/agencies", &agency()).await;
    programme.server.pause().await;
    assert_ne!(was, programme.server.location());

    // And back: to a place of its own, for the old one is kept.
    let back = match engine() {
        Engine::Sqlite => Location::File(programme.server.data().join("back.db")),
        Engine::Postgres => Location::parse(&mizan_tests::postgres::shared().new_database()),
    };
    let second = moved(&programme, &back).await.unwrap();
    assert_eq!(rows(&second, "agencies"), 3);
    let same = |name: &str| {
        let of =
            |copied: &[Copied]| copied.iter().find(|table| table.table == name).unwrap().digest;
        assert_eq!(of(&first), of(&second), "{name} is the same on both engines");
    };
    ["evaluations", "stream_rows", "people", "visits", "cycles"].into_iter().for_each(same);
    programme.server.database = Some(back);
    programme.server.resume().await;
    let caller = Caller { url: programme.server.url.clone(), ..caller };
    assert!(!pull_on(&caller, &after).await.streams[0].restarted);
}

fn agency() -> serde_json::Value {
    json!({ "code": "N-1", "name": { "ar": "جهة", "en": "Agency" } })
}

async fn a_move_refuses_what_is_served_or_filled() {
    let mut programme = Programme::start().await;
    let to = elsewhere(programme.server.data());
    let served = moved(&programme, &to).await.unwrap_err();
    assert!(matches!(served, Error::InUse { .. }), "{served}");
    programme.server.pause().await;
    let own = programme.server.location();
    let filled = moved(&programme, &own).await.unwrap_err();
    assert!(filled.to_string().contains("is not empty"), "{filled}");
    programme.server.resume().await;
    programme.server.sign_in("admin").await;
}

async fn a_backup_is_made_while_the_server_runs_and_begins_a_new_epoch_when_put_back() {
    let (mut programme, evaluator) = busy().await;
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("backup");
    let (data, database) = (programme.server.data().to_owned(), programme.server.location());
    let evidence = data.join("evidence/ab/abcd");
    std::fs::create_dir_all(evidence.parent().unwrap()).unwrap();
    std::fs::write(&evidence, "a photo").unwrap();
    let made = {
        let (data, database, out) = (data.clone(), database.clone(), out.clone());
        tokio::task::spawn_blocking(move || backup(&data, &database, &out, NOW)).await.unwrap()
    };
    let names: Vec<String> = made.unwrap().files.into_iter().map(|file| file.path).collect();
    assert_eq!(names, ["mizan.db", "server.key", "evidence/ab/abcd"]);
    let seen = evaluator.pull().await;
    programme.admin.post::<AgencyJson>("/api/agencies", &agency()).await;

    let put_back = |data: &Path, database: Option<Location>, occupied| {
        let (out, data) = (out.clone(), data.to_owned());
        let restore = move || restore(&out, &data, database.as_ref(), occupied, NOW);
        async { tokio::task::spawn_blocking(restore).await.unwrap() }
    };
    let place_of = |fresh: bool| match engine() {
        Engine::Sqlite => None,
        Engine::Postgres if fresh => {
            Some(Location::parse(&mizan_tests::postgres::shared().new_database()))
        }
        Engine::Postgres => Some(database.clone()),
    };
    let served = put_back(&data, place_of(true), Occupied::SetAside).await.unwrap_err();
    assert!(matches!(served, Error::InUse { .. }), "{served}");
    programme.server.pause().await;
    let refused = put_back(&data, place_of(true), Occupied::Refuse).await.unwrap_err();
    assert!(refused.to_string().contains("--replace"), "{refused}");
    if let Some(filled) = place_of(false) {
        let refused = put_back(&data, Some(filled), Occupied::SetAside).await.unwrap_err();
        assert!(refused.to_string().contains("is not empty"), "{refused}");
    }
    let now_at = place_of(true);
    let done = put_back(&data, now_at.clone(), Occupied::SetAside).await.unwrap();
    assert!(done.set_aside.as_ref().unwrap().join("server.key").exists(), "nothing is deleted");
    assert_eq!(std::fs::read_to_string(&evidence).unwrap(), "a photo");
    programme.server.database = now_at;
    programme.server.resume().await;
    let admin = programme.server.sign_in("admin").await;
    let agencies: Vec<AgencyJson> = admin.get("/api/agencies").await;
    assert_eq!(agencies, programme.agencies, "what came after the backup is not in it");
    let caller = Caller { url: programme.server.url.clone(), ..evaluator };
    assert!(pull_on(&caller, &seen).await.streams[0].restarted, "clients see the new epoch");
    let page: AuditPage = admin.get("/api/audit").await;
    assert!(page.entries.iter().any(|entry| entry.deed == "database_restored"));

    let key = out.join("server.key");
    std::fs::write(&key, "07".repeat(32)).unwrap();
    let other = place.path().join("other");
    let bent = put_back(&other, place_of(true), Occupied::Refuse).await.unwrap_err();
    assert!(bent.to_string().contains("server.key is not as it was backed up"), "{bent}");
    assert!(!other.exists(), "nothing is put back of a backup that is not whole");
    std::fs::remove_dir_all(done.set_aside.unwrap()).unwrap();
}
