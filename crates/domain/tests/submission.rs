//! What keeps a draft from being submitted: by criterion, in one pass, and by the time-line.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use std::path::Path;

use mizan_domain::contact::{Channel, Contact, ContactMoment};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::{Criterion, EvidenceKind, EvidenceNeed, Rubric, VisitKind};
use mizan_domain::scale::{RawValue, Scale};
use mizan_domain::submission::{Draft, DraftAnswer, SubmissionFault, check, check_criterion};
use mizan_domain::timeline::{Moment, Timeline};

fn shipped(name: &str) -> Rubric {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rubrics");
    Rubric::from_toml(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

/// The full mark on a scale.
fn best(scale: &Scale) -> RawAnswer {
    RawAnswer::Value(match scale {
        Scale::YesNo => RawValue::Bool(true),
        Scale::MetPartlyNot => RawValue::Text("met".into()),
        Scale::Level0To5 => RawValue::Integer(5),
        Scale::Timed { .. } => RawValue::Integer(0),
        Scale::Percent { .. } => RawValue::Integer(100),
        Scale::Maturity => RawValue::Text("leading".into()),
    })
}

fn answer(criterion: &Criterion) -> DraftAnswer {
    let id = criterion.id.clone();
    DraftAnswer { criterion: id, answer: best(&criterion.scale), note: None }
}

/// An unannounced visit with nothing missing.
fn whole(rubric: &Rubric) -> Draft {
    let kind = VisitKind::Unannounced;
    let judged: Vec<&Criterion> = rubric.criteria().filter(|of| of.is_judged_on(kind)).collect();
    let evidence = judged.iter().filter(|of| of.evidence.need == EvidenceNeed::Required);
    Draft {
        kind,
        answers: judged.iter().map(|criterion| answer(criterion)).collect(),
        evidence: evidence.map(|of| (of.id.clone(), of.evidence.kinds[0])).collect(),
        timeline: Timeline::default(),
    }
}

fn codes(faults: &[SubmissionFault]) -> Vec<&'static str> {
    faults.iter().map(SubmissionFault::code).collect()
}

fn set(draft: &mut Draft, criterion: &str, value: &str, note: Option<&str>) {
    let answer = draft.answers.iter_mut().find(|answer| answer.criterion == criterion).unwrap();
    answer.answer = RawAnswer::Value(RawValue::Text(value.into()));
    answer.note = note.map(str::to_owned);
}

#[test]
fn a_time_other_than_the_noted_one_needs_a_note() {
    let rubric = shipped("in-person.toml");
    let mut draft = whole(&rubric);
    assert_eq!(check(&rubric, &draft), [], "nothing is noted, so nothing is contradicted");
    draft.timeline.moments = [(Moment::Ticket, 0), (Moment::Called, 450_000)].into();
    let rows: [(&str, &str, Option<&str>, &[&str]); 6] = [
        ("what the times give", "7.5", None, &[]),
        ("the same number otherwise written", "7.50", None, &[]),
        ("another time within the full mark", "7", None, &["note.override"]),
        ("another time below it", "12", None, &["note.missing", "note.override"]),
        ("another time with its reason", "12", Some("called twice"), &[]),
        ("a note of nothing", "7", Some(" "), &["note.override"]),
    ];
    for (title, value, note, expected) in rows {
        set(&mut draft, "R3", value, note);
        let faults = check(&rubric, &draft);
        assert_eq!(codes(&faults), expected, "{title}");
        assert_eq!(check_criterion(&rubric, &draft, "R3"), faults, "{title}");
    }
    set(&mut draft, "R3", "7", None);
    let fault = check(&rubric, &draft).remove(0);
    assert_eq!(fault.criterion(), Some("R3"));
    assert_eq!(fault.params(), [("derived", "7.5".to_owned())]);
}

#[test]
fn not_evaluated_contradicts_no_time() {
    let rubric = shipped("remote.toml");
    let mut draft = whole(&rubric);
    let moments = vec![(ContactMoment::Dialled, 0), (ContactMoment::Answered, 30_000)];
    draft.timeline.contacts = vec![Contact { channel: Channel::Phone, moments }];
    assert_eq!(codes(&check(&rubric, &draft)), ["note.override"]);
    let given = draft.answers.iter_mut().find(|answer| answer.criterion == "T1").unwrap();
    given.answer = RawAnswer::NotEvaluated("the line was bad".into());
    assert_eq!(check(&rubric, &draft), []);
}

/// One criterion has exactly the faults that the whole draft has of it.
#[test]
fn a_criterion_alone_is_judged_as_within_the_whole() {
    let rubric = shipped("in-person.toml");
    let mut draft = whole(&rubric);
    draft.answers.remove(0);
    let twice = draft.answers[3].clone();
    draft.answers.push(twice);
    draft.answers[5].answer = RawAnswer::Value(RawValue::Text("no such word".into()));
    draft.answers[6].answer = RawAnswer::NotApplicable(" ".into());
    draft.evidence.remove(1);
    draft.evidence.push(("R1".into(), EvidenceKind::Sheet));
    draft.evidence.push(("Z9".into(), EvidenceKind::Sheet));
    let stray = |criterion: &str| DraftAnswer {
        criterion: criterion.into(),
        answer: RawAnswer::Value(RawValue::Bool(true)),
        note: None,
    };
    let scheduled = rubric.criteria().find(|of| !of.is_judged_on(draft.kind)).unwrap();
    draft.answers.push(stray(&scheduled.id));
    draft.answers.push(stray("Z8"));
    let all = check(&rubric, &draft);
    assert!(all.len() >= 8, "{all:?}");
    let strays = [scheduled.id.as_str(), "Z8", "Z9"];
    let ids = rubric.criteria().map(|of| of.id.as_str()).chain(strays);
    for id in ids.collect::<std::collections::BTreeSet<_>>() {
        let of_it: Vec<SubmissionFault> =
            all.iter().filter(|fault| fault.criterion() == Some(id)).cloned().collect();
        assert_eq!(check_criterion(&rubric, &draft, id), of_it, "{id}");
    }
}

#[test]
fn a_contact_out_of_order_keeps_a_visit_from_being_submitted() {
    let rubric = shipped("remote.toml");
    let mut draft = whole(&rubric);
    let moments = vec![(ContactMoment::Sent, 5), (ContactMoment::Acknowledged, 4)];
    draft.timeline.contacts = vec![Contact { channel: Channel::Email, moments }];
    let faults = check(&rubric, &draft);
    assert_eq!(codes(&faults), ["timeline.order"]);
    let told: Vec<String> =
        faults[0].params().iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(told, ["earlier=sent", "later=acknowledged", "contact=1"]);
}
