//! Answering, attaching, noting and submitting.

use mizan_device::Error;
use mizan_device::visit::Delivery;
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::timeline::Moment;
use mizan_domain::visit::VisitState;
use mizan_protocol::canonical::Digest;

use crate::support::{NOW, enrolled, open, rubric, visit_id, with_visits, word, yes};

fn jpeg() -> Vec<u8> {
    let metadata = [&[0xFF, 0xE1, 0, 12], b"Exif\0\0GPS!".as_slice()].concat();
    [&[0xFF, 0xD8], metadata.as_slice(), &[0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9]].concat()
}

/// Fills visit 1 so that nothing is missing.
pub(crate) fn fill(device: &mut mizan_device::Device) -> Digest {
    let visit = visit_id(1);
    device.answer(visit, "A1", &yes(), None, NOW).unwrap();
    device.answer(visit, "A2", &word("partly"), Some("one sign is missing"), NOW).unwrap();
    device.answer(visit, "A3", &RawAnswer::NotEvaluated("no such case".into()), None, NOW).unwrap();
    device.answer(visit, "A4", &word("7.5"), None, NOW).unwrap();
    device.time_at(visit, Moment::Arrived, NOW, NOW).unwrap();
    device.time_at(visit, Moment::Called, NOW + 450_000, NOW).unwrap();
    device.attach(visit, "A2", &jpeg(), EvidenceKind::Photo, NOW).unwrap()
}

#[test]
fn a_refused_answer_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let visit = visit_id(1);
    device.answer(visit, "A1", &yes(), Some("first"), NOW).unwrap();
    let before = device.visit(visit).unwrap().answers;
    let unsent = device.status().unwrap().unsent_records;
    let long = "x".repeat(4_001);
    let rows = [
        ("off the scale", "A1", word("perhaps"), None, "answer.off_scale"),
        ("above five", "A3", RawAnswer::Value(RawValue::Integer(6)), None, "answer.off_scale"),
        ("of scheduled visits", "A5", yes(), None, "answer.wrong_visit_kind"),
        (
            "without a reason",
            "A1",
            RawAnswer::NotApplicable(" ".into()),
            None,
            "answer.reason_missing",
        ),
        ("unknown", "Z9", yes(), None, "answer.unknown_criterion"),
        ("too long", "A1", yes(), Some(long.as_str()), "answer.text_too_long"),
    ];
    for (title, criterion, answer, note, code) in rows {
        let refused = device.answer(visit, criterion, &answer, note, NOW).unwrap_err();
        assert_eq!(refused.code(), code, "{title}");
        assert_eq!(device.visit(visit).unwrap().answers, before, "{title}");
        assert_eq!(device.status().unwrap().unsent_records, unsent, "{title}");
    }
    let unknown = device.answer(visit_id(99), "A1", &yes(), None, NOW).unwrap_err();
    assert!(matches!(unknown, Error::NoVisit { .. }), "{unknown}");
}

#[test]
fn a_visit_is_answered_only_after_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let rubric = rubric();
    let mut device = enrolled(folder.path());
    let page = mizan_protocol::sync::StreamPage {
        stream: crate::support::STREAM.into(),
        restarted: false,
        records: crate::support::records(&rubric, 2),
        cursor: "1:1".into(),
        more: false,
        summary: None,
    };
    device
        .apply_pull(&mizan_protocol::sync::PullResponse { epoch: None, streams: vec![page] })
        .unwrap();
    let visit = visit_id(1);
    let early = device.answer(visit, "A1", &yes(), None, NOW).unwrap_err();
    assert_eq!(early.code(), "visit.wrong_state");
    let interest = device.accept(visit, false, NOW).unwrap_err();
    assert_eq!(interest.code(), "interest.not_declared");
    device.accept(visit, true, NOW).unwrap();
    assert_eq!(device.visit(visit).unwrap().state, VisitState::Accepted);
    device.answer(visit, "A1", &yes(), None, NOW).unwrap();
    assert_eq!(device.visit(visit).unwrap().state, VisitState::InProgress);

    let no_reason = device.decline(visit_id(2), " ", NOW).unwrap_err();
    assert_eq!(no_reason.code(), "visit.reason_missing");
    device.decline(visit_id(2), "my brother works there", NOW).unwrap();
    let states: Vec<VisitState> = device.visits().unwrap().iter().map(|of| of.state).collect();
    assert_eq!(states, [VisitState::InProgress, VisitState::Declined]);
}

#[test]
fn replaced_answers_stay_in_the_history_and_undo_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let visit = visit_id(1);
    device.answer(visit, "A2", &word("met"), Some("tidy"), NOW).unwrap();
    device.answer(visit, "A2", &word("partly"), None, NOW + 1).unwrap();
    device.note(visit, "A2", "one lamp is out", NOW + 2).unwrap();
    let earlier = device.earlier_answers(visit, "A2").unwrap();
    let shown: Vec<_> = earlier.iter().map(|of| (of.at_ms, of.note.as_deref())).collect();
    assert_eq!(shown, [(NOW, Some("tidy")), (NOW + 1, Some("tidy"))], "the note was carried on");
    device.undo(visit, "A2", NOW + 3).unwrap();
    let now = &device.visit(visit).unwrap().answers[0];
    assert_eq!((&now.answer, now.note.as_deref()), (&word("partly"), Some("tidy")));
    assert_eq!(device.earlier_answers(visit, "A2").unwrap().len(), 3, "undo loses nothing either");
    let none = device.undo(visit, "A1", NOW).unwrap_err();
    assert!(matches!(none, Error::NothingToUndo { .. }), "{none}");
    let none = device.note(visit, "A1", "too early", NOW).unwrap_err();
    assert!(matches!(none, Error::NoteBeforeAnswer { .. }), "{none}");
}

fn value_of(device: &mut mizan_device::Device, criterion: &str) -> Option<(RawAnswer, usize)> {
    let state = device.answer_state(visit_id(1), criterion).unwrap();
    let in_view = device.visit(visit_id(1)).unwrap().answers;
    let in_view = in_view.into_iter().find(|given| given.criterion == criterion);
    assert_eq!(state.answer, in_view, "one criterion alone is as in the whole");
    state.answer.map(|given| (given.answer, given.earlier))
}

#[test]
fn undo_walks_back_step_by_step_to_no_answer_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let visit = visit_id(1);
    for (step, answer) in ["met", "partly", "not"].into_iter().enumerate() {
        device.answer(visit, "A2", &word(answer), None, NOW).unwrap();
        assert_eq!(value_of(&mut device, "A2"), Some((word(answer), step + 1)));
    }
    device.undo(visit, "A2", NOW).unwrap();
    assert_eq!(value_of(&mut device, "A2"), Some((word("partly"), 2)));
    device.answer(visit, "A2", &word("met"), Some("after all"), NOW).unwrap();
    assert_eq!(value_of(&mut device, "A2"), Some((word("met"), 3)));
    for expected in [Some((word("partly"), 2)), Some((word("met"), 1)), None] {
        device.undo(visit, "A2", NOW).unwrap();
        assert_eq!(value_of(&mut device, "A2"), expected);
    }
    let end = device.undo(visit, "A2", NOW).unwrap_err();
    assert_eq!(end.code(), "answer.nothing_to_undo");
    assert_eq!(device.visits().unwrap()[0].answered, 0);
    assert_eq!(device.visit(visit).unwrap().state, VisitState::InProgress);
    assert_eq!(device.earlier_answers(visit, "A2").unwrap().len(), 7, "every version is kept");
    device.answer(visit, "A2", &word("met"), None, NOW).unwrap();
    assert_eq!(value_of(&mut device, "A2"), Some((word("met"), 1)), "it begins anew");
    drop(device);
    let mut device = open(folder.path());
    device.undo(visit, "A2", NOW).unwrap();
    assert_eq!(value_of(&mut device, "A2"), None, "also after reopening");
}

#[test]
fn a_cleared_answer_is_missing_again_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let visit = visit_id(1);
    device.answer(visit, "A1", &yes(), Some("greeted at once"), NOW).unwrap();
    device.clear(visit, "A1").unwrap();
    assert_eq!(value_of(&mut device, "A1"), None);
    let state = device.answer_state(visit, "A1").unwrap();
    assert_eq!(state.missing[0].code(), "visit.incomplete");
    let no_answer = device.note(visit, "A1", "too late", NOW).unwrap_err();
    assert!(matches!(no_answer, Error::NoteBeforeAnswer { .. }), "{no_answer}");
    let unsent = device.status().unwrap().unsent_records;
    device.clear(visit, "A1").unwrap();
    device.clear(visit, "A3").unwrap();
    assert_eq!(device.status().unwrap().unsent_records, unsent, "what is clear stays as it is");
    let kept = device.earlier_answers(visit, "A1").unwrap();
    assert_eq!(kept[0].note.as_deref(), Some("greeted at once"), "nothing is lost");

    device.undo(visit, "A1", NOW + 3).unwrap();
    let back = device.answer_state(visit, "A1").unwrap().answer.unwrap();
    assert_eq!((back.note.as_deref(), back.earlier), (Some("greeted at once"), 1));
    device.clear(visit, "A1").unwrap();
    device.answer(visit, "A1", &yes(), None, NOW + 4).unwrap();
    let anew = device.answer_state(visit, "A1").unwrap().answer.unwrap();
    assert_eq!((anew.note, anew.earlier), (None, 3), "the cleared note does not come along");
}

#[test]
fn a_submitted_visit_can_be_neither_cleared_nor_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    fill(&mut device);
    device.submit(visit_id(1), true, NOW).unwrap();
    for refused in [
        device.clear(visit_id(1), "A1").unwrap_err(),
        device.undo(visit_id(1), "A1", NOW).unwrap_err(),
        device.untime(visit_id(1), Moment::Called, NOW).unwrap_err(),
    ] {
        assert_eq!(refused.code(), "visit.already_submitted");
    }
}

#[test]
fn the_same_answer_again_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    device.answer(visit_id(1), "A1", &yes(), Some("so"), NOW).unwrap();
    device.answer(visit_id(1), "A1", &yes(), None, NOW + 5).unwrap();
    assert!(device.earlier_answers(visit_id(1), "A1").unwrap().is_empty());
    assert_eq!(device.visit(visit_id(1)).unwrap().answers[0].at_ms, NOW);
}

#[test]
fn evidence_loses_its_place_and_reads_back_as_it_was_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let visit = visit_id(1);
    let sha256 = device.attach(visit, "A2", &jpeg(), EvidenceKind::Photo, NOW).unwrap();
    let kept = device.evidence(&sha256).unwrap();
    assert_eq!(Digest::of(&kept), sha256);
    assert!(!kept.windows(3).any(|window| window == b"GPS"));
    let again = device.attach(visit, "A2", &jpeg(), EvidenceKind::Photo, NOW).unwrap();
    assert_eq!(again, sha256);
    let view = device.visit(visit).unwrap();
    assert_eq!(view.evidence.len(), 1, "the same file twice is one file");
    assert_eq!(view.evidence[0].media_type, "image/jpeg");
    device.detach(visit, "A2", &sha256, NOW).unwrap();
    assert!(device.visit(visit).unwrap().evidence.is_empty());
    assert!(device.evidence(&sha256).is_ok(), "the file itself stays");
}

#[test]
fn evidence_that_is_cut_off_or_not_asked_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let visit = visit_id(1);
    let whole = jpeg();
    let cut = device.attach(visit, "A2", &whole[..whole.len() - 2], EvidenceKind::Photo, NOW);
    let cut = cut.unwrap_err();
    assert_eq!(cut.code(), "evidence.damaged");
    assert!(cut.to_string().contains("image/jpeg") && cut.to_string().contains("again"), "{cut}");
    let kind = device.attach(visit, "A2", &whole, EvidenceKind::Receipt, NOW).unwrap_err();
    assert_eq!(kind.code(), "evidence.kind");
    let none = device.attach(visit, "A1", &whole, EvidenceKind::Photo, NOW).unwrap_err();
    assert_eq!(none.code(), "evidence.kind");
    assert!(device.visit(visit).unwrap().evidence.is_empty());
}

#[test]
fn evidence_damaged_on_the_disk_is_told_and_attaching_it_again_heals_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let sha256 = device.attach(visit_id(1), "A2", &jpeg(), EvidenceKind::Photo, NOW).unwrap();
    let path = folder.path().join("evidence").join(sha256.to_string());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[3] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let broken = device.evidence(&sha256).unwrap_err();
    assert!(matches!(broken, Error::EvidenceBroken { .. }), "{broken}");
    device.attach(visit_id(1), "A2", &jpeg(), EvidenceKind::Photo, NOW).unwrap();
    assert!(device.evidence(&sha256).is_ok());
}

#[test]
fn a_visit_is_submitted_only_when_nothing_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &rubric(), 1);
    let visit = visit_id(1);
    device.answer(visit, "A2", &word("not"), None, NOW).unwrap();
    device.time_at(visit, Moment::Arrived, NOW, NOW).unwrap();
    device.time_at(visit, Moment::Called, NOW - 1, NOW).unwrap();
    let Error::NotReady { faults } = device.submit(visit, true, NOW).unwrap_err() else {
        panic!("it is not ready")
    };
    let codes: Vec<&str> = faults.iter().map(|fault| fault.code()).collect();
    let expected = [
        "visit.incomplete",
        "note.missing",
        "evidence.missing",
        "visit.incomplete",
        "visit.incomplete",
        "timeline.order",
    ];
    assert_eq!(codes, expected);
    assert_eq!(device.check(visit).unwrap(), faults);

    fill(&mut device);
    let undeclared = device.submit(visit, false, NOW).unwrap_err();
    assert_eq!(undeclared.code(), "visit.brief_not_followed");
    let sealed = device.submit(visit, true, NOW + 9).unwrap();
    let document = sealed.open().unwrap();
    assert_eq!((document.revision, document.answers.len(), document.evidence.len()), (1, 4, 1));
    assert_eq!(document.times["called"], NOW + 450_000);
    assert_eq!(sealed.public_key, device.status().unwrap().public_key);
    drop(device);

    let mut device = open(folder.path());
    assert_eq!(device.sealed(visit, 1).unwrap(), sealed);
    let view = device.visit(visit).unwrap();
    assert_eq!((view.state, view.delivery), (VisitState::Submitted, Delivery::Waiting));
    let late = device.answer(visit, "A1", &yes(), Some("late"), NOW).unwrap_err();
    assert_eq!(late.code(), "visit.already_submitted");
    let late = device.attach(visit, "A2", &jpeg(), EvidenceKind::Photo, NOW).unwrap_err();
    assert_eq!(late.code(), "visit.already_submitted");
    let twice = device.submit(visit, true, NOW).unwrap_err();
    assert_eq!(twice.code(), "visit.already_submitted");
}
