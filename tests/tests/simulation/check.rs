//! What must hold: nothing lost, nothing doubled, nothing told to the wrong person.

use std::collections::{BTreeMap, BTreeSet};

use mizan_device::Error;
use mizan_device::exchange::SyncReport;
use mizan_device::sync::OwnKind;
use mizan_device::visit::Delivery;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::VisitId;
use mizan_protocol::sync::Record;
use mizan_server::store::Store;
use reqwest::Method;
use serde_json::json;

use crate::harness::{BRIEF, SECRET};
use crate::person::Person;
use crate::world::{World, ask};

/// A sync that ended must have ended in a way that a bad network explains.
pub fn ended(
    user: &str,
    ended: &Result<SyncReport, Error>,
    is_healthy: bool,
) -> Result<(), String> {
    match ended {
        Ok(report) if report.faults.is_empty() => Ok(()),
        Ok(report) => Err(format!("{user} holds other records than the server: {report:?}")),
        Err(Error::Unreachable { .. } | Error::Cut { .. } | Error::Busy { .. }) if !is_healthy => {
            Ok(())
        }
        Err(Error::Unreachable { .. } | Error::Cut { .. }) => Ok(()),
        // A session that ended, a role that was taken away, a server that crashed under the request.
        Err(Error::Refused { status: 401 | 404 | 500 | 503, .. }) => Ok(()),
        // Somebody between altered what was sent, or answered in the server's place.
        Err(Error::Refused { body, .. }) if body.code == "sync.wrong_signature" => Ok(()),
        Err(Error::NoReceipt) => Ok(()),
        Err(other) => Err(format!("{user}'s sync ended with {other:?}")),
    }
}

/// Looks at everything, while nobody does anything.
pub async fn everything(world: &World) -> Result<(), String> {
    let records = records(world).await;
    for (at, person) in world.people.iter().enumerate() {
        let told = |what: String| format!("{}: {what}", person.user);
        acknowledged(person).map_err(told)?;
        refusals(world, person).map_err(told)?;
        if world.barred[at] {
            let held = person.device().visits().unwrap().len();
            if held > 0 {
                return Err(told(format!("{held} visits of a stream that is granted no longer")));
            }
            continue;
        }
        on_server(person, &records).map_err(told)?;
        sent(world, person).await.map_err(told)?;
    }
    manager(world).await
}

/// What the device acknowledged it still has.
fn acknowledged(person: &Person) -> Result<(), String> {
    let mut device = person.device();
    let orphans: BTreeSet<VisitId> = device.status().unwrap().orphans.into_iter().collect();
    for ((visit, criterion), notes) in &person.word.notes {
        let earlier = device.earlier_answers(*visit, criterion).unwrap();
        let mut held: BTreeSet<String> = earlier.into_iter().filter_map(|of| of.note).collect();
        if let Ok(view) = device.visit(*visit) {
            let now = view.answers.iter().find(|given| given.criterion == *criterion);
            held.extend(now.and_then(|given| given.note.clone()));
        } else if orphans.contains(visit) {
            // The version that stands is not shown of a visit that was taken away.
            continue;
        }
        if let Some(lost) = notes.iter().find(|note| !held.contains(*note)) {
            return Err(format!("the answer {lost} to {criterion} was acknowledged and is gone"));
        }
    }
    let sealed = device.ledger().unwrap().evaluations;
    let sealed: BTreeSet<Digest> = sealed.into_iter().map(|seal| seal.sha256).collect();
    match person.word.seals.iter().find(|sha256| !sealed.contains(sha256)) {
        Some(lost) => Err(format!("the sealed evaluation {lost} is gone from the device")),
        None => Ok(()),
    }
}

/// A refusal must have a reason in what happened to the visit.
fn refusals(world: &World, person: &Person) -> Result<(), String> {
    let mut device = person.device();
    let visits = device.visits().unwrap();
    let granted: BTreeSet<VisitId> = visits.into_iter().map(|of| of.brief.visit).collect();
    for refused in device.rejections().unwrap() {
        let code = refused.error.code.as_str();
        let visit = refused.key.visit;
        let is_explained = code.starts_with("visit.")
            || (code == "request.not_found"
                && (!granted.contains(&visit) || world.taken_away.contains(&visit)))
            // A revision whose predecessor went with a backup.
            || (code == "request.invalid" && world.restored > 0);
        if !is_explained {
            return Err(format!("{code} {:?} of {:?}", refused.error.params, refused.key));
        }
    }
    match device.conflicts().unwrap().first() {
        Some(conflict) => {
            Err(format!("nobody else writes, and yet a conflict: {:?}", conflict.key))
        }
        None => Ok(()),
    }
}

/// The records the server keeps, by visit, kind and criterion.
type Records = BTreeMap<(String, String, String), Vec<Record>>;

async fn records(world: &World) -> Records {
    let store = Store::open(&world.programme.server.location()).unwrap();
    let read = store.read(|tx| tx.query("SELECT record FROM records", &[])).await.unwrap();
    let mut records = Records::new();
    for row in read {
        let record: Record = serde_json::from_str(row.text(0).unwrap()).unwrap();
        let visit = record.body["visit"].as_str().unwrap().to_owned();
        let part = record.body["answer"]["criterion"].as_str().unwrap_or("").to_owned();
        records.entry((visit, record.kind.clone(), part)).or_default().push(record);
    }
    records
}

/// Every answer that stands on the device stands on the server, once.
fn on_server(person: &Person, records: &Records) -> Result<(), String> {
    let mut device = person.device();
    let excused: BTreeSet<(VisitId, OwnKind, String)> = device
        .rejections()
        .unwrap()
        .into_iter()
        .map(|refused| (refused.key.visit, refused.key.kind, refused.key.part))
        .collect();
    for visit in device.visits().unwrap() {
        let id = visit.brief.visit;
        for given in device.visit(id).unwrap().answers {
            let part = given.criterion.clone();
            if excused.contains(&(id, OwnKind::Answer, part.clone())) {
                continue;
            }
            let key = (id.to_string(), "answer".to_owned(), part);
            let kept = records.get(&key).map_or(&[][..], Vec::as_slice);
            // A visit that went from hand to hand has records of each.
            let is_there = kept.iter().any(|record| {
                !record.deleted && record.body["answer"]["note"].as_str() == given.note.as_deref()
            });
            if !is_there {
                let told: Vec<_> = kept.iter().map(|record| &record.body["answer"]).collect();
                return Err(format!("{:?} is not on the server, which has {told:?}", given.note));
            }
        }
    }
    Ok(())
}

/// What the device calls sent is on the server, whole, with every file.
async fn sent(world: &World, person: &Person) -> Result<(), String> {
    let sealed = person.device().ledger().unwrap().evaluations;
    let taken = taken(world).await;
    for work in sealed.iter().filter(|work| work.delivery == Delivery::Sent) {
        let Some(files) = taken.get(&work.sha256) else {
            return Err(format!("{} counts as sent and is not on the server", work.sha256));
        };
        for file in files {
            let path = format!("/api/evidence/{file}");
            let (status, _, bytes) = world.reviewer.raw(Method::GET, &path, None).await;
            if !status.is_success() || Digest::of(&bytes) != *file {
                return Err(format!("the file {file} of a sent evaluation: {status}"));
            }
        }
    }
    Ok(())
}

/// The evaluations the server took, with the files each names.
async fn taken(world: &World) -> BTreeMap<Digest, Vec<Digest>> {
    let store = Store::open(&world.programme.server.location()).unwrap();
    let sql = "SELECT e.sha256, v.sha256 FROM evaluations e LEFT JOIN evaluation_evidence v
               ON v.visit_id = e.visit_id AND v.revision = e.revision";
    let rows = store.read(move |tx| tx.query(sql, &[])).await.unwrap();
    let mut taken: BTreeMap<Digest, Vec<Digest>> = BTreeMap::new();
    for row in rows {
        taken.entry(row.digest(0).unwrap()).or_default().extend(row.digest(1).ok());
    }
    taken
}

/// A manager meets nothing of a plan, a visit or an evaluator.
pub async fn manager(world: &World) -> Result<(), String> {
    let pull = json!({ "cursors": {} });
    let (_, headers, bytes) = world.manager.raw(Method::POST, "/api/sync/pull", Some(&pull)).await;
    let mut seen = format!("{headers}{}", String::from_utf8_lossy(&bytes));
    for path in ["/api/scorecards", "/api/review/queue", "/api/people", "/api/cycles"] {
        seen += &ask(&world.manager, path).await.to_string();
    }
    let people = world.people.iter().map(|person| person.id.to_string());
    let secrets = [SECRET, BRIEF, "زيزكس", "evaluator-", "2026-11-02"].map(str::to_owned);
    match secrets.into_iter().chain(people).find(|secret| seen.contains(secret)) {
        Some(secret) => Err(format!("a manager was told {secret}")),
        None => Ok(()),
    }
}
