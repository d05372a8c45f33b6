//! Sync against a server that loses, repeats and refuses.

use std::path::Path;
use std::sync::Mutex;

use mizan_device::exchange::{self, StreamFault, SyncReport};
use mizan_device::sync::Keep;
use mizan_device::visit::{Delivery, SealOutcome};
use mizan_device::{Device, Error};
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::visit::VisitState;
use mizan_protocol::canonical::Digest;
use mizan_protocol::record::{self, Question};
use mizan_protocol::sync::Record;

use crate::fake_server::{FakeServer, Mischief};
use crate::support::{
    NOW, STREAM, create, open, record, records, rubric, visit_body, visit_id, with_visits, word,
    yes,
};
use crate::work::fill;

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn sync(device: &Mutex<Device>, server: &FakeServer) -> Result<SyncReport, Error> {
    block_on(exchange::sync(device, server, &|| NOW, &mut |_| {}))
}

fn pair(home: &Path, visits: u128) -> (Mutex<Device>, FakeServer) {
    let rubric = rubric();
    let server = FakeServer::with(&[(STREAM, records(&rubric, visits))]);
    (Mutex::new(with_visits(home, &rubric, visits)), server)
}

fn visit_record(rev: i64, state: &str, questions: &[&str]) -> Record {
    let mut body = visit_body(&rubric(), 1, state);
    let question = |text: &&str| Question { criterion: None, text: (*text).to_owned() };
    body.questions = questions.iter().map(question).collect();
    record(record::VISIT, 101, rev, serde_json::to_value(body).unwrap())
}

fn send(server: &FakeServer, record: Record) {
    server.state(|state| state.streams.get_mut(STREAM).unwrap().push(record));
}

#[test]
fn a_sync_may_run_on_any_thread_beside_the_evaluator() {
    fn run(future: impl Future<Output = Result<SyncReport, Error>> + Send) -> SyncReport {
        std::thread::scope(|scope| scope.spawn(|| block_on(future)).join().unwrap()).unwrap()
    }
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    // An answer taken between two messages: the device is not locked while one is under way.
    let mut answers = 0;
    let mut between = |_| {
        if answers == 3 {
            return;
        }
        answers += 1;
        let note = format!("n{answers}");
        device.lock().unwrap().answer(visit_id(1), "A1", &yes(), Some(&note), NOW).unwrap();
    };
    let report = run(exchange::sync(&device, &server, &|| NOW, &mut between));
    assert!(report.pushed.applied >= 2, "what was answered while it ran went along: {report:?}");
}

#[test]
fn enrolling_once_lets_the_key_sign_in_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let server = FakeServer::with(&[(STREAM, records(&rubric(), 3))]);
    let device = Mutex::new(create(folder.path()));
    let not_yet = sync(&device, &server).unwrap_err();
    assert!(matches!(not_yet, Error::NotEnrolled), "{not_yet}");
    let enrolled = block_on(exchange::enrol(
        &device,
        &server,
        "https://mizan.test",
        "evaluator-1",
        "a password",
        "laptop",
    ));
    assert_eq!(enrolled.unwrap().person.user, "evaluator-1");
    let key = device.lock().unwrap().status().unwrap().public_key;
    assert_eq!(server.state(|state| state.keys.values().copied().collect::<Vec<_>>()), [key]);
    drop(device);
    let device = Mutex::new(open(folder.path()));
    let report = sync(&device, &server).unwrap();
    assert_eq!((report.pulled, report.faults), (4, vec![]));
    assert_eq!(device.lock().unwrap().visits().unwrap().len(), 3);
}

#[test]
fn a_push_repeated_after_a_lost_answer_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    fill(&mut device.lock().unwrap());
    server.state(|state| state.mischief.push_back(("/api/sync/push", Mischief::LoseAnswer)));
    sync(&device, &server).unwrap();
    server.state(|state| {
        assert_eq!(state.pushes.len(), 2);
        assert_eq!(state.pushes[0], state.pushes[1], "exactly the same again");
        assert_eq!(state.writes, 6, "the acceptance, four answers and the times, each once");
    });
    assert_eq!(device.lock().unwrap().status().unwrap().unsent_records, 0);
}

#[test]
fn what_was_on_its_way_is_sent_again_unchanged_after_a_crash_and_later_edits() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    device.lock().unwrap().answer(visit_id(1), "A1", &yes(), None, NOW).unwrap();
    server.state(|state| {
        state.mischief.extend([("/api/sync/push", Mischief::LoseAnswer); 5]);
    });
    let cut = sync(&device, &server).unwrap_err();
    assert!(matches!(cut, Error::Cut { .. }) && cut.to_string().contains("safe"), "{cut}");
    drop(device);

    let device = Mutex::new(open(folder.path()));
    device.lock().unwrap().answer(visit_id(1), "A1", &yes(), Some("since"), NOW).unwrap();
    sync(&device, &server).unwrap();
    server.state(|state| {
        assert_eq!(state.pushes[0], state.pushes[5], "the sixth is still the first");
        assert_eq!(state.pushes[6].operations.len(), 1, "then the edit made since");
        assert_eq!(state.pushes[6].operations[0].record.base_rev, 1);
    });
    assert_eq!(device.lock().unwrap().status().unwrap().unsent_records, 0);
}

#[test]
fn an_edit_made_while_a_push_is_under_way_stays_dirty() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let mut device = device.into_inner().unwrap();
    device.answer(visit_id(1), "A1", &yes(), None, NOW).unwrap();
    let request = device.next_push(NOW).unwrap().unwrap();
    device.answer(visit_id(1), "A1", &yes(), Some("meanwhile"), NOW).unwrap();
    assert_eq!(device.next_push(NOW).unwrap().unwrap(), request);
    let outcomes = request.operations.iter().map(|operation| {
        let outcome = mizan_protocol::sync::Outcome::Applied { rev: 1 };
        mizan_protocol::sync::OperationOutcome { op_id: operation.op_id, outcome }
    });
    let response =
        mizan_protocol::sync::PushResponse { outcomes: outcomes.collect(), ..Default::default() };
    device.settle_push(&response, NOW).unwrap();
    assert_eq!(device.status().unwrap().unsent_records, 1);
    let next = device.next_push(NOW).unwrap().unwrap();
    assert_eq!(next.operations[0].record.body["answer"]["note"], "meanwhile");
    drop(server);
}

#[test]
fn lost_repeated_and_refused_requests_end_in_the_same_state() {
    let paths = [
        "/api/session/challenge",
        "/api/session/device",
        "/api/sync/push",
        "/api/evidence/missing",
        "/api/evidence/uploads",
        "PATCH",
        "/api/sync/pull",
    ];
    for path in paths {
        let rows =
            [Mischief::LoseRequest, Mischief::LoseAnswer, Mischief::Twice, Mischief::Busy(2)];
        for mischief in rows.into_iter().chain([Mischief::EndSession]) {
            let is_sign_in = path.starts_with("/api/session");
            if is_sign_in && matches!(mischief, Mischief::Twice | Mischief::EndSession) {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let (device, server) = pair(folder.path(), 1);
            fill(&mut device.lock().unwrap());
            device.lock().unwrap().submit(visit_id(1), true, NOW).unwrap();
            server.state(|state| state.mischief.push_back((path, mischief)));
            let mut ran = sync(&device, &server);
            if ran.is_err() {
                // Signing in is not repeated by itself when the server is busy; the person syncs again.
                ran = sync(&device, &server);
            }
            ran.unwrap_or_else(|error| panic!("{path} {mischief:?}: {error}"));
            let title = format!("{path} {mischief:?}");
            assert_eq!(server.state(|state| state.writes), 7, "{title}");
            let view = device.lock().unwrap().visit(visit_id(1)).unwrap();
            assert_eq!(view.delivery, Delivery::Sent, "{title}");
            let expected = view.evidence[0].sha256;
            let held: Vec<_> = server.state(|state| state.evidence.keys().copied().collect());
            assert_eq!(held, [expected], "{title}");
        }
    }
}

#[test]
fn an_unreachable_server_is_told_at_once_and_the_work_is_safe() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    server.state(|state| state.mischief.push_back(("/api", Mischief::Unreachable)));
    let refused = sync(&device, &server).unwrap_err();
    assert_eq!(refused.code(), "server.unreachable");
    assert!(refused.to_string().contains("the work is safe on this device"), "{refused}");
    assert!(server.state(|state| state.pauses.is_empty()));
}

#[test]
fn a_busy_server_is_waited_for_as_long_as_it_asks_and_no_more_than_so_often() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    server.state(|state| state.mischief.extend([("/api/sync/push", Mischief::Busy(3)); 9]));
    let busy = sync(&device, &server).unwrap_err();
    assert!(matches!(busy, Error::Busy { after_s: 3 }), "{busy}");
    let pauses = server.state(|state| state.pauses.clone());
    assert_eq!(pauses.len(), 4, "five tries");
    assert!(pauses.iter().all(|ms| *ms >= 3_000 && *ms < 3_000 + 30_000), "{pauses:?}");
    assert_eq!(server.state(|state| state.writes), 0);
}

#[test]
fn evidence_is_sent_after_its_record_and_only_then_is_a_visit_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let sha256 = fill(&mut device.lock().unwrap());
    device.lock().unwrap().submit(visit_id(1), true, NOW).unwrap();
    server.state(|state| {
        state.mischief.extend([("PATCH", Mischief::LoseRequest); 5]);
        state.refused.clear();
    });
    let cut = sync(&device, &server).unwrap_err();
    assert!(matches!(cut, Error::Cut { .. }), "{cut}");
    let view = device.lock().unwrap().visit(visit_id(1)).unwrap();
    assert_eq!(view.delivery, Delivery::FilesWaiting, "the record is there, the file is not");
    let report = sync(&device, &server).unwrap();
    assert_eq!(report.files_sent, 1);
    assert_eq!(device.lock().unwrap().visit(visit_id(1)).unwrap().delivery, Delivery::Sent);
    let plain = device.lock().unwrap().evidence(&sha256).unwrap();
    assert_eq!(server.state(|state| state.evidence[&sha256].clone()), plain);
}

/// A visit with one file of so many bytes, submitted.
fn with_file(device: &Mutex<Device>, bytes: usize) -> Digest {
    let mut open = device.lock().unwrap();
    fill(&mut open);
    let large = [b"%PDF-1.7\n".as_slice(), &vec![b'x'; bytes - 15], b"\n%%EOF"].concat();
    let small = open.visit(visit_id(1)).unwrap().evidence[0].sha256;
    open.detach(visit_id(1), "A2", &small, NOW).unwrap();
    let sha256 = open.attach(visit_id(1), "A2", &large, EvidenceKind::Photo, NOW).unwrap();
    open.submit(visit_id(1), true, NOW).unwrap();
    sha256
}

const PART: usize = 256 << 10;

#[test]
fn a_file_goes_in_parts_and_each_cut_costs_only_what_had_not_come() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let sha256 = with_file(&device, 3 * PART + 5);
    server.state(|state| {
        let some = [1000, 0, PART - 1, 7];
        state.mischief.extend(some.map(|bytes| ("PATCH", Mischief::KeepSome(bytes))));
    });
    assert_eq!(sync(&device, &server).unwrap().files_sent, 1);
    server.state(|state| {
        assert_eq!(state.parts.iter().sum::<usize>(), 3 * PART + 5, "no byte twice");
        assert!(state.parts.iter().all(|bytes| *bytes <= PART), "{:?}", state.parts);
        assert_eq!(state.uploads.len(), 1);
        assert!(state.evidence.contains_key(&sha256));
    });
}

#[test]
fn a_line_that_breaks_in_every_part_gets_a_file_through_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    with_file(&device, 2 * PART);
    server.state(|state| {
        state.mischief.extend([("PATCH", Mischief::KeepSome(20_000)); 200]);
    });
    assert_eq!(sync(&device, &server).unwrap().files_sent, 1);
    let parts = server.state(|state| state.parts.iter().sum::<usize>());
    assert_eq!(parts, 2 * PART);
}

#[test]
fn after_a_crash_a_file_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    with_file(&device, 3 * PART);
    server.state(|state| {
        state.mischief.push_back(("PATCH", Mischief::KeepSome(PART + 1)));
        state.mischief.extend([("PATCH", Mischief::Unreachable); 1]);
    });
    let gone = sync(&device, &server).unwrap_err();
    assert!(matches!(gone, Error::Unreachable { .. }), "{gone}");
    drop(device);
    let device = Mutex::new(open(folder.path()));
    assert_eq!(sync(&device, &server).unwrap().files_sent, 1);
    server.state(|state| {
        assert_eq!((state.uploads.len(), state.parts.iter().sum::<usize>()), (1, 3 * PART));
    });
    assert_eq!(device.lock().unwrap().visit(visit_id(1)).unwrap().delivery, Delivery::Sent);
}

#[test]
fn an_upload_that_the_server_lost_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    with_file(&device, 2 * PART);
    server.state(|state| state.mischief.extend([("PATCH", Mischief::LoseRequest); 5]));
    assert!(matches!(sync(&device, &server).unwrap_err(), Error::Cut { .. }));
    server.state(|state| state.uploads.clear());
    assert_eq!(sync(&device, &server).unwrap().files_sent, 1);
    assert_eq!(device.lock().unwrap().visit(visit_id(1)).unwrap().delivery, Delivery::Sent);
}

#[test]
fn a_returned_visit_opens_again_and_keeps_its_first_revision() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let visit = visit_id(1);
    fill(&mut device.lock().unwrap());
    let first = device.lock().unwrap().submit(visit, true, NOW).unwrap();
    sync(&device, &server).unwrap();
    assert_eq!(device.lock().unwrap().visit(visit).unwrap().state, VisitState::Submitted);

    send(&server, visit_record(2, "submitted", &[]));
    send(&server, visit_record(3, "returned", &["which sign was missing?"]));
    sync(&device, &server).unwrap();
    let mut open = device.lock().unwrap();
    let view = open.visit(visit).unwrap();
    assert_eq!((view.state, view.brief.questions.len()), (VisitState::Returned, 1));
    open.note(visit, "A2", "the sign at the lift", NOW + 1).unwrap();
    let second = open.submit(visit, true, NOW + 2).unwrap();
    let (one, two) = (first.open().unwrap(), second.open().unwrap());
    assert_eq!((one.revision, two.revision), (1, 2));
    assert_eq!(one.evaluation, two.evaluation);
    assert_eq!(open.sealed(visit, 1).unwrap(), first, "not altered");
    assert_eq!(
        open.visit(visit).unwrap().state,
        VisitState::Submitted,
        "although the server says returned"
    );
    drop(open);
    sync(&device, &server).unwrap();
    let view = device.lock().unwrap().visit(visit).unwrap();
    assert_eq!((view.state, view.delivery), (VisitState::Submitted, Delivery::Sent));
    let outcomes: Vec<_> = view.seals.iter().map(|seal| seal.outcome).collect();
    assert_eq!(outcomes, [Some(SealOutcome::Applied); 2]);
}

#[test]
fn a_rejection_stays_is_shown_and_lets_the_visit_be_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let visit = visit_id(1);
    fill(&mut device.lock().unwrap());
    let first = device.lock().unwrap().submit(visit, true, NOW).unwrap();
    server.state(|state| state.refused.insert("evaluation", "evidence.missing"));
    let report = sync(&device, &server).unwrap();
    assert_eq!(report.pushed.rejected, 1);
    let report = sync(&device, &server).unwrap();
    assert_eq!(report.pushed.rejected, 0, "it is not sent again by itself");
    let mut open = device.lock().unwrap();
    let rejected = open.rejections().unwrap();
    assert_eq!(rejected[0].error.code, "evidence.missing");
    let view = open.visit(visit).unwrap();
    assert!(matches!(view.delivery, Delivery::Rejected(_)));
    assert_eq!(view.state, VisitState::InProgress);
    open.answer(visit, "A4", &word("8"), None, NOW).unwrap();
    let second = open.submit(visit, true, NOW).unwrap();
    assert_eq!(second.open().unwrap().revision, 1, "the refused revision was never on record");
    assert_eq!(open.sealed(visit, 1).unwrap(), first);
    drop(open);
    server.state(|state| state.refused.clear());
    sync(&device, &server).unwrap();
    let view = device.lock().unwrap().visit(visit).unwrap();
    assert_eq!((view.state, view.delivery), (VisitState::Submitted, Delivery::Sent));
}

#[test]
fn a_refused_record_is_sent_once_more_when_a_person_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    server.state(|state| state.refused.insert("acceptance", "request.invalid"));
    sync(&device, &server).unwrap();
    let mut open = device.lock().unwrap();
    let rejection = open.rejections().unwrap().remove(0);
    assert_eq!(open.visit(visit_id(1)).unwrap().state, VisitState::Assigned, "it is not taken");
    open.send_again(rejection.operation).unwrap();
    assert!(open.rejections().unwrap().is_empty());
    drop(open);
    server.state(|state| state.refused.clear());
    assert_eq!(sync(&device, &server).unwrap().pushed.applied, 1);
    assert_eq!(device.lock().unwrap().visit(visit_id(1)).unwrap().state, VisitState::Accepted);
}

#[test]
fn a_conflict_keeps_both_versions_until_a_person_decides() {
    for keep in [Keep::Ours, Keep::Theirs] {
        let folder = tempfile::tempdir().unwrap();
        let (device, server) = pair(folder.path(), 1);
        let visit = visit_id(1);
        device.lock().unwrap().answer(visit, "A2", &word("met"), None, NOW).unwrap();
        sync(&device, &server).unwrap();
        server.state(|state| {
            let theirs = state.records.values_mut().find(|of| of.kind == "answer").unwrap();
            theirs.rev += 1;
            theirs.body["answer"]["value"] = "not".into();
        });
        device.lock().unwrap().answer(visit, "A2", &word("partly"), None, NOW).unwrap();
        assert_eq!(sync(&device, &server).unwrap().pushed.conflicts, 1);
        let mut open = device.lock().unwrap();
        let conflict = open.conflicts().unwrap().remove(0);
        assert_eq!(conflict.ours.body["answer"]["value"], "partly");
        assert_eq!(conflict.theirs.body["answer"]["value"], "not");
        assert_eq!(open.visit(visit).unwrap().answers[0].answer, word("partly"));
        open.answer(visit, "A2", &word("met"), None, NOW).unwrap();
        assert!(open.next_push(NOW).unwrap().is_none(), "it waits for a person");
        open.resolve(conflict.operation, keep).unwrap();
        drop(open);
        sync(&device, &server).unwrap();
        let expected = match keep {
            Keep::Ours => "met",
            Keep::Theirs => "not",
        };
        let held = server.state(|state| {
            state.records.values().find(|of| of.kind == "answer").unwrap().body["answer"]["value"].clone()
        });
        assert_eq!(held, expected, "{keep:?}");
        let mut open = device.lock().unwrap();
        assert_eq!(open.visit(visit).unwrap().answers[0].answer, word(expected), "{keep:?}");
        let status = open.status().unwrap();
        assert_eq!((status.conflicts, status.unsent_records), (0, 0), "{keep:?}");
    }
}

#[test]
fn a_cleared_answer_goes_as_a_tombstone_and_answering_revives_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let visit = visit_id(1);
    let held = || {
        server.state(|state| {
            let mut answers = state.records.values().filter(|of| of.kind == "answer");
            let only = answers.next().unwrap().clone();
            assert!(answers.next().is_none(), "one record, however often it changes");
            (only.deleted, only.rev, only.body["answer"]["value"].clone())
        })
    };
    device.lock().unwrap().answer(visit, "A2", &word("met"), None, NOW).unwrap();
    sync(&device, &server).unwrap();
    device.lock().unwrap().undo(visit, "A2", NOW).unwrap();
    assert_eq!(device.lock().unwrap().status().unwrap().unsent_records, 1);
    sync(&device, &server).unwrap();
    assert_eq!(held(), (true, 2, "met".into()));
    device.lock().unwrap().answer(visit, "A2", &word("met"), None, NOW).unwrap();
    sync(&device, &server).unwrap();
    assert_eq!(held(), (false, 3, "met".into()), "the very same body, and it stands again");
    assert_eq!(device.lock().unwrap().status().unwrap().unsent_records, 0);
}

#[test]
fn an_answer_cleared_elsewhere_is_cleared_here_once_a_person_takes_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let visit = visit_id(1);
    device.lock().unwrap().answer(visit, "A2", &word("met"), None, NOW).unwrap();
    sync(&device, &server).unwrap();
    server.state(|state| {
        let theirs = state.records.values_mut().find(|of| of.kind == "answer").unwrap();
        theirs.rev += 1;
        theirs.deleted = true;
    });
    device.lock().unwrap().answer(visit, "A2", &word("partly"), None, NOW).unwrap();
    assert_eq!(sync(&device, &server).unwrap().pushed.conflicts, 1);
    let mut open = device.lock().unwrap();
    let conflict = open.conflicts().unwrap().remove(0);
    assert!(conflict.theirs.deleted);
    open.resolve(conflict.operation, Keep::Theirs).unwrap();
    assert!(open.visit(visit).unwrap().answers.is_empty());
    assert_eq!(open.status().unwrap().unsent_records, 0);
    open.undo(visit, "A2", NOW).unwrap();
    assert_eq!(open.visit(visit).unwrap().answers[0].answer, word("partly"), "ours was kept");
}

#[test]
fn a_restored_server_is_reconciled_and_the_devices_work_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 3);
    device.lock().unwrap().answer(visit_id(3), "A1", &yes(), None, NOW).unwrap();
    sync(&device, &server).unwrap();
    server.state(|state| {
        state.epoch = 2;
        state.streams.insert(STREAM.into(), records(&rubric(), 2));
    });
    let report = sync(&device, &server).unwrap();
    assert_eq!(report.faults, []);
    let mut open = device.lock().unwrap();
    assert_eq!(open.visits().unwrap().len(), 2);
    assert_eq!(open.status().unwrap().orphans, [visit_id(3)], "its answer is kept and told");
}

/// A backup of yesterday is put back: yesterday's state of one record is there, the rest is gone.
#[test]
fn what_a_restored_server_lost_is_sent_again_and_nobody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let visit = visit_id(1);
    device.lock().unwrap().answer(visit, "A1", &yes(), Some("yesterday"), NOW).unwrap();
    sync(&device, &server).unwrap();
    let yesterday = server.state(|state| state.records.clone());
    let photo = fill(&mut device.lock().unwrap());
    device.lock().unwrap().answer(visit, "A1", &yes(), Some("today"), NOW).unwrap();
    device.lock().unwrap().submit(visit, true, NOW).unwrap();
    sync(&device, &server).unwrap();
    assert_eq!(device.lock().unwrap().visit(visit).unwrap().delivery, Delivery::Sent);
    let today = server.state(|state| state.records.clone());

    server.state(|state| {
        state.epoch = 2;
        state.records = yesterday;
        state.evidence.clear();
    });
    let report = sync(&device, &server).unwrap();
    assert!(report.sent_again);
    assert_eq!((report.pushed.conflicts, report.pushed.rejected), (0, 0), "{report:?}");
    assert!(report.pushed.rebased > 0, "yesterday's answer is this device's own: {report:?}");
    assert_eq!(report.files_sent, 1);
    server.state(|state| {
        let bodies = |records: &std::collections::BTreeMap<_, Record>| {
            records.iter().map(|(id, of)| (*id, of.body.clone())).collect::<Vec<_>>()
        };
        assert_eq!(bodies(&state.records), bodies(&today));
        assert!(state.evidence.contains_key(&photo));
    });
    assert_eq!(device.lock().unwrap().visit(visit).unwrap().delivery, Delivery::Sent);
    let quiet = sync(&device, &server).unwrap();
    assert_eq!((quiet.pushed.settled(), quiet.sent_again), (0, false), "once is enough");
}

/// The change is under way when the backup is put back: it is based on what is gone.
#[test]
fn a_change_based_on_what_a_restored_server_lost_is_not_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    device.lock().unwrap().answer(visit_id(1), "A1", &yes(), None, NOW).unwrap();
    sync(&device, &server).unwrap();
    device.lock().unwrap().answer(visit_id(1), "A1", &yes(), Some("later"), NOW).unwrap();
    let under_way = device.lock().unwrap().next_push(NOW).unwrap().unwrap();
    assert_eq!(under_way.operations[0].record.base_rev, 1);
    server.state(|state| {
        state.epoch = 2;
        state.records.clear();
    });
    let report = sync(&device, &server).unwrap();
    assert!(report.sent_again && report.pushed.rejected == 0, "{report:?}");
    assert_eq!(device.lock().unwrap().rejections().unwrap(), []);
    let notes: Vec<_> = server.state(|state| {
        let note = |of: &Record| of.body["answer"]["note"].as_str().map(str::to_owned);
        state.records.values().filter(|of| of.kind == "answer").map(note).collect()
    });
    assert_eq!(notes, [Some("later".to_owned())]);
}

#[test]
fn a_stream_that_is_granted_no_longer_is_dropped_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 2);
    sync(&device, &server).unwrap();
    server.state(|state| state.streams.clear());
    let report = sync(&device, &server).unwrap();
    assert_eq!(report.dropped, [STREAM]);
    assert!(device.lock().unwrap().visits().unwrap().is_empty());
}

#[test]
fn a_tombstone_takes_a_visit_away() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 2);
    sync(&device, &server).unwrap();
    let mut gone = visit_record(2, "assigned", &[]);
    gone.deleted = true;
    send(&server, gone);
    assert_eq!(sync(&device, &server).unwrap().faults, []);
    assert_eq!(device.lock().unwrap().visits().unwrap().len(), 1);
}

#[test]
fn a_stream_that_differs_is_read_again_once_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 2);
    sync(&device, &server).unwrap();
    // A record slips in behind the cursor, as after a fault of the server.
    server.state(|state| {
        let body = serde_json::to_value(visit_body(&rubric(), 9, "assigned")).unwrap();
        state.streams.get_mut(STREAM).unwrap().insert(0, record(record::VISIT, 109, 1, body));
        let log = state.streams.get_mut(STREAM).unwrap();
        let again = log.remove(1);
        log.push(again);
    });
    let report = sync(&device, &server).unwrap();
    let fault = |is_repaired| StreamFault { stream: STREAM.into(), is_repaired };
    assert_eq!(report.faults, [fault(true)]);
    assert_eq!(device.lock().unwrap().visits().unwrap().len(), 3);
    server.state(|state| state.lies_about_digest = true);
    assert_eq!(sync(&device, &server).unwrap().faults, [fault(false)], "told, and not for ever");
}

#[test]
fn unknown_fields_and_kinds_are_kept_and_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 1);
    let mut later = record("of_a_later_version", 500, 1, serde_json::json!({ "x": 1 }));
    later.unknown.insert("flag".into(), true.into());
    send(&server, later);
    send(
        &server,
        record(record::VISIT, 501, 1, serde_json::json!({ "shape": "of a later version" })),
    );
    let report = sync(&device, &server).unwrap();
    assert_eq!(report.faults, []);
    assert_eq!(device.lock().unwrap().visits().unwrap().len(), 1);
}

#[test]
fn many_changes_go_in_bounded_pushes() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path(), 150);
    let long = "ن".repeat(4_000);
    for n in 1..=150 {
        device.lock().unwrap().answer(visit_id(n), "A1", &yes(), Some(&long), NOW).unwrap();
    }
    sync(&device, &server).unwrap();
    server.state(|state| {
        assert_eq!(state.writes, 300);
        for push in &state.pushes {
            let bytes = serde_json::to_vec(push).unwrap().len();
            assert!(push.operations.len() <= 200 && bytes <= 1 << 20, "{bytes}");
        }
    });
}
