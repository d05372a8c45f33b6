//! Times, contacts, the steady clock, and the answers they fill in.

use mizan_device::Device;
use mizan_device::clock::{At, Reading, Steady};
use mizan_domain::contact::{Channel, ContactMoment};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::timeline::Moment;
use mizan_protocol::id::ContactId;
use uuid::Uuid;

use crate::support::{NOW, open, timed_rubric, visit_id, with_visits, word};

fn given(at_ms: i64) -> At {
    At::Given { at_ms, now_ms: NOW }
}

fn reading(wall_ms: i64, boot: &str, ms: i64) -> Reading {
    Reading { wall_ms, steady: Some(Steady { boot: boot.into(), ms }) }
}

/// The answer to a criterion as text, with its note.
fn answer(device: &mut Device, criterion: &str) -> Option<(String, Option<String>)> {
    let given = device.answer_state(visit_id(1), criterion).unwrap().answer?;
    let RawAnswer::Value(value) = given.answer else { return Some(("NE".into(), given.note)) };
    Some((value.to_string(), given.note))
}

fn value(device: &mut Device, criterion: &str) -> Option<String> {
    answer(device, criterion).map(|(value, _)| value)
}

#[test]
fn times_fill_in_what_is_measured_and_never_overrule_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &timed_rubric(), 1);
    let visit = visit_id(1);
    device.time_at(visit, Moment::Ticket, NOW, NOW).unwrap();
    assert_eq!(value(&mut device, "W1"), None, "half a wait is none");
    device.time_at(visit, Moment::Called, NOW + 450_000, NOW).unwrap();
    assert_eq!(value(&mut device, "W1").as_deref(), Some("7.5"));
    let answered: Vec<String> =
        device.visit(visit).unwrap().answers.into_iter().map(|given| given.criterion).collect();
    assert_eq!(answered, ["W1"], "neither another kind of visit nor what no clock tells");

    device.note(visit, "W1", "two of five counters were open", NOW).unwrap();
    device.time_at(visit, Moment::Called, NOW + 600_000, NOW).unwrap();
    let note = Some("two of five counters were open".to_owned());
    assert_eq!(answer(&mut device, "W1"), Some(("10".into(), note.clone())), "corrected, noted");

    device.answer(visit, "W1", &word("12"), None, NOW).unwrap();
    device.time_at(visit, Moment::Called, NOW + 660_000, NOW).unwrap();
    assert_eq!(answer(&mut device, "W1"), Some(("12".into(), note)), "a person's answer stays");
    let derived = &device.visit(visit).unwrap().derived;
    assert_eq!(
        (derived[0].criterion.as_str(), derived[0].measured.as_answer()),
        ("W1", "11".into())
    );
    assert!(device.answer_state(visit, "W1").unwrap().missing.is_empty(), "the note says why");
    device.note(visit, "W1", "", NOW).unwrap();
    let missing = device.answer_state(visit, "W1").unwrap().missing;
    let codes: Vec<&str> = missing.iter().map(|fault| fault.code()).collect();
    assert_eq!(codes, ["note.missing", "note.override"]);

    device.answer(visit, "W1", &RawAnswer::NotEvaluated("left early".into()), None, NOW).unwrap();
    device.time_at(visit, Moment::Called, NOW + 720_000, NOW).unwrap();
    assert_eq!(value(&mut device, "W1").as_deref(), Some("NE"));
}

#[test]
fn a_time_taken_back_takes_its_answer_back_and_only_that() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &timed_rubric(), 1);
    let visit = visit_id(1);
    device.time_at(visit, Moment::Ticket, NOW, NOW).unwrap();
    device.time_at(visit, Moment::Called, NOW + 450_000, NOW).unwrap();
    device.untime(visit, Moment::Ticket, NOW).unwrap();
    assert_eq!(value(&mut device, "W1"), None);
    device.time_at(visit, Moment::Ticket, NOW + 30_000, NOW).unwrap();
    assert_eq!(value(&mut device, "W1").as_deref(), Some("7"));
    device.undo(visit, "W1", NOW).unwrap();
    device.time_at(visit, Moment::Called, NOW + 480_000, NOW).unwrap();
    assert_eq!(value(&mut device, "W1").as_deref(), Some("7.5"), "an empty criterion is filled");
    device.answer(visit, "W1", &word("9"), None, NOW).unwrap();
    device.untime(visit, Moment::Called, NOW).unwrap();
    assert_eq!(value(&mut device, "W1").as_deref(), Some("9"));
    let kept = device.earlier_answers(visit, "W1").unwrap();
    assert!(kept.iter().any(|of| of.answer == word("7")), "what was filled in stays in history");
}

/// A crash between the times and the answers they fill in would leave them at odds.
#[test]
fn times_and_what_they_fill_in_are_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &timed_rubric(), 40);
    device.limit_growth(2).unwrap();
    let mut full = None;
    for n in 1..=40 {
        device.time_at(visit_id(n), Moment::Ticket, NOW, NOW).unwrap_or_else(|error| {
            full.get_or_insert((n, error));
        });
        device.time_at(visit_id(n), Moment::Called, NOW + 60_000, NOW).unwrap_or_else(|error| {
            full.get_or_insert((n, error));
        });
    }
    assert_eq!(full.expect("the limit was met").1.code(), "device.disk_full");
    drop(device);
    let mut device = open(folder.path());
    let mut whole = 0;
    for n in 1..=40 {
        let view = device.visit(visit_id(n)).unwrap();
        let has_both = view.times.moments.len() == 2;
        assert_eq!(view.answers.len(), usize::from(has_both), "visit {n}");
        whole += usize::from(has_both);
    }
    assert!(whole > 0 && whole < 40, "{whole} were written before the disk was full");
}

#[test]
fn now_is_the_steady_clocks_however_the_wall_clock_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &timed_rubric(), 2);
    let visit = visit_id(1);
    let ticket = device.time_now(visit, Moment::Ticket, reading(NOW, "a", 1_000)).unwrap();
    assert_eq!(ticket, NOW);
    drop(device);
    let mut device = open(folder.path());
    let set_back = reading(NOW - 3_600_000, "a", 301_000);
    let called = device.time_now(visit, Moment::Called, set_back).unwrap();
    assert_eq!(called, NOW + 300_000, "five minutes passed, also over a restart of the program");
    assert_eq!(value(&mut device, "W1").as_deref(), Some("5"));
    let other = device.time_now(visit_id(2), Moment::Ticket, reading(NOW - 9, "a", 302_000));
    assert_eq!(other.unwrap(), NOW - 9, "another visit has its own clock");

    let contact = device.add_contact(visit, Channel::Phone, None, NOW).unwrap();
    let rebooted = At::Now(reading(NOW - 3_600_000, "b", 5));
    let dialled = device.contact_moment(visit, contact, ContactMoment::Dialled, &rebooted).unwrap();
    assert_eq!(dialled, NOW + 300_000, "never before what is noted already");
    let later = At::Now(reading(NOW + 9_999_999, "b", 20_005));
    let answered = device.contact_moment(visit, contact, ContactMoment::Answered, &later).unwrap();
    assert_eq!(answered, dialled + 20_000);
    let unsteady = At::Now(Reading { wall_ms: NOW, steady: None });
    let ended = device.contact_moment(visit, contact, ContactMoment::Ended, &unsteady).unwrap();
    assert_eq!(ended, answered);
    assert!(device.visit(visit).unwrap().times.check().is_empty());
}

#[test]
fn contacts_are_opened_noted_corrected_and_taken_back() {
    use ContactMoment as M;
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &timed_rubric(), 1);
    let visit = visit_id(1);
    let named = ContactId(Uuid::from_u128(77));
    for _ in 0..2 {
        let id = device.add_contact(visit, Channel::Phone, Some(named), NOW).unwrap();
        assert_eq!(id, named);
    }
    let second = device.add_contact(visit, Channel::Phone, None, NOW).unwrap();
    let view = device.visit(visit).unwrap();
    let ids: Vec<ContactId> = view.contacts.iter().map(|of| of.id).collect();
    assert_eq!(ids, [named, second], "repeated, it is opened once");
    assert_eq!(view.contacts[0].contact.next(), [M::Dialled]);

    let refused = device.contact_moment(visit, named, M::Answered, &given(NOW)).unwrap_err();
    assert_eq!(refused.code(), "contact.not_next");
    assert!(refused.to_string().contains("dialled"), "{refused}");
    let calls = [
        (named, M::Dialled, 0),
        (named, M::Answered, 10_000),
        (named, M::Held, 20_000),
        (named, M::Resumed, 50_000),
        (named, M::Ended, 60_000),
        (second, M::Dialled, 100_000),
        (second, M::Answered, 140_000),
    ];
    for (contact, moment, after) in calls {
        device.contact_moment(visit, contact, moment, &given(NOW + after)).unwrap();
    }
    let told = |device: &mut Device| (value(device, "C1"), value(device, "C2"));
    let texts = |a: &str, b: &str| (Some(a.to_owned()), Some(b.to_owned()));
    assert_eq!(told(&mut device), texts("25", "30"), "the second call goes on");
    device.contact_moment(visit, second, M::Ended, &given(NOW + 200_000)).unwrap();
    assert_eq!(told(&mut device), texts("25", "15"), "it was never on hold");
    device.correct_contact_moment(visit, second, 1, NOW + 120_000, NOW).unwrap();
    assert_eq!(told(&mut device), texts("15", "15"));
    let summary = device.visit(visit).unwrap().summary;
    let due = NOW + 200_000 + 24 * 3_600_000;
    assert_eq!(
        (summary.started_ms, summary.ended_ms, summary.report_due_ms),
        (Some(NOW), Some(NOW + 200_000), Some(due))
    );
    assert_eq!(summary, device.visits().unwrap()[0]);

    device.remove_contact_moment(visit, named, 1, NOW).unwrap();
    let faults = device.visit(visit).unwrap().missing;
    let order = faults.iter().find(|fault| fault.code() == "timeline.order").unwrap();
    assert!(order.to_string().starts_with("contact 1: `held` cannot come after `dialled`"));
    device.remove_contact(visit, named, NOW).unwrap();
    assert_eq!(told(&mut device), texts("20", "0"), "only the second call is left");
    let gone = device.remove_contact(visit, named, NOW).unwrap_err();
    assert_eq!(gone.code(), "request.not_found");
    let none = device.correct_contact_moment(visit, second, 9, NOW, NOW).unwrap_err();
    assert_eq!(none.code(), "request.not_found");
    drop(device);
    let mut device = open(folder.path());
    assert_eq!(device.visit(visit).unwrap().contacts.len(), 1);
    assert_eq!(told(&mut device), texts("20", "0"));
}

#[test]
fn a_visit_with_contacts_is_sealed_with_them() {
    use ContactMoment as M;
    let folder = tempfile::tempdir().unwrap();
    let mut device = with_visits(folder.path(), &timed_rubric(), 1);
    let visit = visit_id(1);
    let call = device.add_contact(visit, Channel::Phone, None, NOW).unwrap();
    for (moment, after) in [(M::Dialled, 0), (M::Answered, 5_000), (M::Ended, 9_000)] {
        device.contact_moment(visit, call, moment, &given(NOW + after)).unwrap();
    }
    for criterion in ["W1", "H1"] {
        device.answer(visit, criterion, &word("3"), None, NOW).unwrap();
    }
    let document = device.submit(visit, true, NOW).unwrap().open().unwrap();
    assert_eq!(document.contacts.len(), 1);
    assert_eq!((document.contacts[0].id, document.contacts[0].moments.len()), (call, 3));
    let late = device.add_contact(visit, Channel::Phone, None, NOW).unwrap_err();
    assert_eq!(late.code(), "visit.already_submitted");
}
