//! A sync carried by hand, from the device's side: what goes in, and what each answer may change.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use mizan_device::visit::Delivery;
use mizan_device::{Device, Error, exchange};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::visit::VisitState;
use mizan_protocol::bundle::{
    Answer, BundleSecret, Manifest, NONCE_BYTES, OpenBundle, RefusedFile, SCHEMA, open_answer,
    seal_answer,
};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::OperationId;
use mizan_protocol::record;
use mizan_protocol::sync::{
    MAX_BYTES, MAX_OPERATIONS, OperationOutcome, Outcome, PullResponse, PushResponse, Record,
    StreamPage,
};
use zeroize::Zeroizing;

use crate::fake_server::FakeServer;
use crate::support::{
    NOW, STREAM, create, open, record, records, rubric, visit_body, visit_id, with_visits, yes,
};
use crate::work::fill;

/// The server's half of the key.
fn server() -> BundleSecret {
    BundleSecret::from_seed(&Zeroizing::new([5; 32]))
}

/// A device that knows its server's key, with visits.
fn device(home: &Path, visits: u128) -> Device {
    let mut device = with_visits(home, &rubric(), visits);
    device.learn_bundle_key(Some(server().public())).unwrap();
    device
}

/// Writes a bundle and opens it as the server does.
fn export(device: &mut Device) -> (Manifest, Vec<Vec<u8>>) {
    let mut file = Vec::new();
    device.export_bundle(NOW, &mut file).unwrap();
    let mut bundle = OpenBundle::open(file.as_slice(), &server()).unwrap();
    bundle.verify(&device.status().unwrap().public_key).unwrap();
    let mut files = Vec::new();
    loop {
        let mut bytes = Vec::new();
        match bundle.next_file(&mut bytes).unwrap() {
            Some(_) => files.push(bytes),
            None => return (bundle.manifest, files),
        }
    }
}

fn operations(manifest: &Manifest) -> Vec<OperationId> {
    let operations = manifest.push.iter().flat_map(|push| &push.operations);
    operations.map(|operation| operation.op_id).collect()
}

/// The whole stream as an answer carries it.
fn pages(records: Vec<Record>) -> Vec<PullResponse> {
    let page = StreamPage {
        stream: STREAM.into(),
        restarted: true,
        records,
        cursor: "1:1".into(),
        more: false,
        summary: None,
    };
    vec![PullResponse { epoch: None, streams: vec![page] }]
}

/// An answer that applies everything and has every file.
fn answer(manifest: &Manifest, mark: i64, pages: Vec<PullResponse>) -> Vec<u8> {
    let push = manifest.push.iter().map(|push| {
        let applied = |op_id| OperationOutcome { op_id, outcome: Outcome::Applied { rev: 1 } };
        let outcomes = push.operations.iter().map(|operation| applied(operation.op_id));
        PushResponse { outcomes: outcomes.collect(), ..PushResponse::default() }
    });
    let answer = Answer {
        schema: SCHEMA,
        bundle: manifest.bundle,
        mark,
        push: push.collect(),
        evidence_present: manifest.evidence.sha256.clone(),
        evidence_missing: Vec::new(),
        evidence_refused: Vec::new(),
        pages,
    };
    sealed(&answer, manifest)
}

fn sealed(answer: &Answer, manifest: &Manifest) -> Vec<u8> {
    seal_answer(answer, &manifest.answer_key, &[1; NONCE_BYTES]).unwrap()
}

fn stream(state: &str, rev: i64, revisions: u32) -> Vec<Record> {
    let mut body = visit_body(&rubric(), 1, state);
    body.revisions = revisions;
    let mut records = records(&rubric(), 0);
    records.push(record(record::VISIT, 101, rev, serde_json::to_value(body).unwrap()));
    records
}

fn state(device: &mut Device) -> VisitState {
    device.visit(visit_id(1)).unwrap().state
}

fn sync(device: &Mutex<Device>, server: &FakeServer) {
    let mut progress = |_| {};
    let synced = exchange::sync(device, server, &|| NOW, &mut progress);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(synced).unwrap();
}

#[test]
fn a_device_that_was_never_told_its_servers_key_writes_no_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let mut new = create(folder.path());
    let mut file = Vec::new();
    assert!(matches!(new.export_bundle(NOW, &mut file), Err(Error::NotEnrolled)));
    drop(new);
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let refused = device.export_bundle(NOW, &mut file).unwrap_err();
    assert_eq!(refused.code(), "bundle.no_server_key");
    assert!(file.is_empty());
    device.learn_bundle_key(None).unwrap();
    assert!(device.export_bundle(NOW, &mut file).is_err(), "an old server tells nothing");
    device.learn_bundle_key(Some(server().public())).unwrap();
    assert!(device.export_bundle(NOW, &mut file).is_ok());
}

#[test]
fn everything_unsent_goes_along_in_batches_and_a_later_sync_sends_the_very_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 100);
    let long = "ن".repeat(4_000);
    for visit in 1..=100 {
        for criterion in ["A1", "A3", "A4"] {
            let value = match criterion {
                "A1" => yes(),
                "A3" => RawAnswer::Value(RawValue::Integer(3)),
                _ => RawAnswer::Value(RawValue::Text("7.5".into())),
            };
            device.answer(visit_id(visit), criterion, &value, Some(&long), NOW).unwrap();
        }
    }
    let (manifest, _) = export(&mut device);
    let sent = operations(&manifest);
    assert_eq!(sent.len(), 400);
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), 400, "each change once");
    for push in &manifest.push {
        assert!(push.operations.len() <= MAX_OPERATIONS);
        assert!(serde_json::to_vec(push).unwrap().len() <= MAX_BYTES);
    }
    assert!(manifest.push.len() > 2, "the limit of bytes binds here");
    let (again, _) = export(&mut device);
    assert_eq!(operations(&again), sent, "until they are settled, the same");

    let online = FakeServer::with(&[(STREAM, records(&rubric(), 100))]);
    let device = Mutex::new(device);
    sync(&device, &online);
    let pushed: Vec<OperationId> = online.state(|state| {
        let operations = state.pushes.iter().flat_map(|push| &push.operations);
        operations.map(|operation| operation.op_id).collect()
    });
    assert_eq!(pushed, sent);
    let mut device = device.into_inner().unwrap();
    assert_eq!(device.status().unwrap().unsent_records, 0);
    for late in [&manifest, &again] {
        let report = device.import_answer(&answer(late, 1, pages(stream("assigned", 1, 0))), NOW);
        let report = report.unwrap();
        assert_eq!((report.pushed, report.pulled), (Default::default(), 0), "all was settled");
    }
    assert_eq!(device.visits().unwrap().len(), 100, "what the sync read stands");
}

#[test]
fn a_bundle_written_before_a_crash_holds_the_same_changes_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = device(folder.path(), 1);
    first.answer(visit_id(1), "A1", &yes(), None, NOW).unwrap();
    let (before, _) = export(&mut first);
    drop(first);
    let mut reopened = open(folder.path());
    reopened.answer(visit_id(1), "A1", &yes(), Some("since"), NOW).unwrap();
    reopened.answer(visit_id(1), "A4", &RawAnswer::NotEvaluated("shut".into()), None, NOW).unwrap();
    let (after, _) = export(&mut reopened);
    let (old, new) = (operations(&before), operations(&after));
    assert_eq!(new[..old.len()], old, "what was on its way comes first, unchanged");
    assert_eq!(new.len(), old.len() + 1, "and what is new; the edit waits for its outcome");

    let report = reopened.import_answer(&answer(&before, 1, Vec::new()), NOW).unwrap();
    assert_eq!(report.pushed.applied, 2);
    let (last, _) = export(&mut reopened);
    let edit = last.push.iter().flat_map(|push| &push.operations).next_back().unwrap();
    assert_eq!(edit.record.body["answer"]["note"], "since");
    assert_eq!(edit.record.base_rev, 1, "based on the outcome, so that it meets no conflict");
}

#[test]
fn an_answer_settles_records_and_files_once_however_often_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 1);
    let photo = fill(&mut device);
    device.submit(visit_id(1), true, NOW).unwrap();
    let bytes = device.evidence(&photo).unwrap();
    let (manifest, files) = export(&mut device);
    assert_eq!((manifest.files.len(), files), (1, vec![bytes]));
    assert_eq!(manifest.evidence.sha256, [photo]);
    assert_eq!(device.status().unwrap().open_bundles, 1);
    assert_eq!(device.visit(visit_id(1)).unwrap().delivery, Delivery::Waiting);

    let file = answer(&manifest, 1, pages(stream("submitted", 4, 1)));
    let report = device.import_answer(&file, NOW).unwrap();
    assert_eq!((report.pushed.applied, report.files, report.pulled), (7, 1, 2));
    assert_eq!(device.visit(visit_id(1)).unwrap().delivery, Delivery::Sent);
    let status = device.status().unwrap();
    assert_eq!((status.unsent_records, status.unsent_files, status.open_bundles), (0, 0, 0));
    let again = device.import_answer(&file, NOW + 5).unwrap();
    assert_eq!(again, Default::default());
    assert_eq!(device.status().unwrap(), status);
    let (empty, files) = export(&mut device);
    assert_eq!((operations(&empty).len(), files.len()), (0, 0), "nothing is left to send");
}

#[test]
fn a_file_the_server_refused_or_lost_goes_with_the_next_bundle_and_one_it_has_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 1);
    let photo = fill(&mut device);
    let visit = visit_id(1);
    let plan = device.attach(visit, "A3", b"a plan of the hall", EvidenceKind::Photo, NOW).unwrap();
    device.submit(visit, true, NOW).unwrap();
    let both = BTreeSet::from([photo, plan]);
    let (first, _) = export(&mut device);
    assert_eq!(bundled(&first), both);
    let taken = |manifest: &Manifest, mark: i64, present: &[Digest], missing: &[Digest]| {
        let file = answer(manifest, mark, Vec::new());
        let whole = open_answer(&file, &manifest.answer_key).unwrap();
        let error = ErrorBody::new("evidence.too_large");
        let refused = |sha256: &Digest| RefusedFile { sha256: *sha256, error: error.clone() };
        let answer = Answer {
            evidence_present: present.to_vec(),
            evidence_missing: missing.to_vec(),
            evidence_refused: missing.iter().map(refused).collect(),
            ..whole
        };
        sealed(&answer, manifest)
    };
    let report = device.import_answer(&taken(&first, 1, &[photo], &[plan]), NOW).unwrap();
    assert_eq!((report.files, report.files_refused.len()), (1, 1));
    assert_eq!(device.visit(visit).unwrap().delivery, Delivery::FilesWaiting);
    let (second, _) = export(&mut device);
    assert_eq!(bundled(&second), BTreeSet::from([plan]), "the other is there");
    assert_eq!(second.evidence.sha256.len(), 2, "and is asked about all the same");

    // A backup was put back that knows of neither.
    device.import_answer(&taken(&second, 2, &[], &[photo, plan]), NOW).unwrap();
    let (third, _) = export(&mut device);
    assert_eq!(bundled(&third), both);
    device.import_answer(&answer(&third, 3, Vec::new()), NOW).unwrap();
    assert_eq!(device.visit(visit).unwrap().delivery, Delivery::Sent);
    // An answer from before that says otherwise takes nothing back.
    device.import_answer(&taken(&first, 1, &[], &[photo, plan]), NOW).unwrap();
    assert_eq!(device.visit(visit).unwrap().delivery, Delivery::Sent);
    assert_eq!(device.status().unwrap().unsent_files, 0);
}

fn bundled(manifest: &Manifest) -> BTreeSet<Digest> {
    manifest.files.iter().map(|file| file.sha256).collect()
}

#[test]
fn pages_older_than_what_is_here_are_left_out_and_newer_ones_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 1);
    let (first, _) = export(&mut device);
    let (second, _) = export(&mut device);
    let (third, _) = export(&mut device);
    // The server answered the first bundle last: its pages are the newest.
    let report = device.import_answer(&answer(&first, 30, pages(stream("cancelled", 9, 0))), NOW);
    assert_eq!(report.unwrap().pulled, 2);
    assert_eq!(state(&mut device), VisitState::Cancelled);
    let report = device.import_answer(&answer(&second, 20, pages(stream("assigned", 1, 0))), NOW);
    assert_eq!(report.unwrap().pulled, 0, "made before the one that is here");
    assert_eq!(state(&mut device), VisitState::Cancelled);
    // Read over a network since: the answer on its way is older than that.
    device.apply_pull(&pages(stream("exposed", 10, 0))[0]).unwrap();
    let report = device.import_answer(&answer(&third, 40, pages(stream("cancelled", 9, 0))), NOW);
    assert_eq!(report.unwrap().pulled, 0);
    assert_eq!(state(&mut device), VisitState::Exposed);
    let (fourth, _) = export(&mut device);
    let report = device.import_answer(&answer(&fourth, 50, pages(stream("counted", 11, 0))), NOW);
    assert_eq!(report.unwrap().pulled, 2, "asked for after that");
    assert_eq!(state(&mut device), VisitState::Counted);
}

#[test]
fn a_returned_visit_shows_although_the_answers_overtook_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 1);
    fill(&mut device);
    let (without, _) = export(&mut device);
    device.submit(visit_id(1), true, NOW).unwrap();
    let (with, _) = export(&mut device);
    // The server took the evaluation from the second bundle, a reviewer returned the visit, then the first
    // bundle came; its answer is the first to arrive and speaks of the return already.
    device.import_answer(&answer(&without, 20, pages(stream("returned", 7, 1))), NOW).unwrap();
    assert_eq!(state(&mut device), VisitState::Submitted, "until the outcome is known");
    device.import_answer(&answer(&with, 10, pages(stream("submitted", 5, 1))), NOW).unwrap();
    assert_eq!(state(&mut device), VisitState::Returned);
    device.answer(visit_id(1), "A1", &yes(), Some("as asked"), NOW).unwrap();
    device.submit(visit_id(1), true, NOW).unwrap();
    assert_eq!(state(&mut device), VisitState::Submitted);
}

#[test]
fn a_stream_that_differs_is_read_anew_and_one_that_is_granted_no_longer_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 1);
    let (first, _) = export(&mut device);
    let mut wrong = pages(stream("assigned", 1, 0));
    let nothing = mizan_protocol::canonical::Digest::of(b"another state");
    wrong[0].streams[0].summary =
        Some(mizan_protocol::sync::StreamSummary { count: 1, digest: nothing });
    let report = device.import_answer(&answer(&first, 1, wrong), NOW).unwrap();
    assert_eq!(report.differing, [STREAM]);
    assert!(device.pull_request().unwrap().cursors.is_empty(), "from the beginning");
    assert_eq!(device.visits().unwrap().len(), 1, "and until then what is here stays");
    let (second, _) = export(&mut device);
    let none = vec![PullResponse { epoch: None, streams: Vec::new() }];
    let report = device.import_answer(&answer(&second, 2, none), NOW).unwrap();
    assert_eq!(report.dropped, [STREAM]);
    assert_eq!(device.status().unwrap().orphans, [visit_id(1)], "the work stays");
}

#[test]
fn the_answer_of_another_device_and_anything_damaged_changes_nothing() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut ours = device(here.path(), 1);
    let mut other = crate::bundles::device(there.path(), 2);
    let (manifest, _) = export(&mut ours);
    let (theirs, _) = {
        let mut file = Vec::new();
        other.export_bundle(NOW + 1, &mut file).unwrap();
        export(&mut other)
    };
    let before = ours.status().unwrap();
    let file = answer(&theirs, 1, pages(stream("cancelled", 9, 0)));
    let refused = ours.import_answer(&file, NOW).unwrap_err();
    assert_eq!(refused.code(), "bundle.not_for_device");
    let file = answer(&manifest, 1, pages(stream("cancelled", 9, 0)));
    for at in 0..file.len() {
        let mut bent = file.clone();
        bent[at] ^= 1;
        let code = ours.import_answer(&bent, NOW).unwrap_err().code().to_owned();
        let known = [
            "bundle.not_an_answer",
            "bundle.newer_version",
            "bundle.not_for_device",
            "bundle.damaged",
        ];
        assert!(known.contains(&code.as_str()), "byte {at}: {code}");
        let cut = ours.import_answer(&file[..at], NOW).unwrap_err();
        assert!(known.contains(&cut.code()), "cut at {at}: {cut}");
    }
    assert_eq!(ours.status().unwrap(), before);
    assert_eq!(state(&mut ours), VisitState::Accepted);
    assert!(ours.import_answer(&file, NOW).is_ok(), "and then the whole one is taken");
}

/// The disk is full after every number of pages until the import gets through; each try goes on from what
/// the one before left, as after a power cut.
#[test]
fn an_import_that_is_cut_anywhere_is_finished_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 1);
    let photo = fill(&mut device);
    device.submit(visit_id(1), true, NOW).unwrap();
    let (manifest, _) = export(&mut device);
    let mut records = stream("returned", 7, 1);
    let wide = serde_json::json!({ "filler": "x".repeat(20_000) });
    records.extend((0..8).map(|n| record("later_kind", 900 + n, 1, wide.clone())));
    let file = answer(&manifest, 1, pages(records));
    let mut cuts = 0;
    for room in 0.. {
        device.limit_growth(room).unwrap();
        match device.import_answer(&file, NOW) {
            Ok(_) => break,
            Err(Error::DiskFull) => cuts += 1,
            Err(other) => panic!("{other}"),
        }
        drop(device);
        device = open(folder.path());
        let visit = device.visit(visit_id(1)).unwrap();
        assert_eq!((visit.answers.len(), visit.seals.len()), (4, 1), "nothing is lost");
        assert!(!device.evidence(&photo).unwrap().is_empty());
    }
    assert!(cuts > 3, "the import was cut in places: {cuts}");
    assert_eq!(state(&mut device), VisitState::Returned);
    assert_eq!(device.visit(visit_id(1)).unwrap().delivery, Delivery::Sent);
    let status = device.status().unwrap();
    let open = (status.unsent_records, status.unsent_files, status.open_bundles);
    assert_eq!(open, (0, 0, 0));
    assert_eq!(device.import_answer(&file, NOW).unwrap(), Default::default());
}

#[test]
fn a_stick_that_is_full_loses_nothing() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut device = device(folder.path(), 1);
    fill(&mut device);
    for room in [0, 72, 200] {
        let refused = device.export_bundle(NOW, &mut Full(room)).unwrap_err();
        assert_eq!(refused.code(), "device.disk_full", "{room}");
    }
    let (manifest, _) = export(&mut device);
    assert_eq!(operations(&manifest).len(), 6, "everything is in the one that fits");
}
