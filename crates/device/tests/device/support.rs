//! Fixtures: a small rubric, visits of it, and a device that holds them.

use std::path::Path;

use mizan_device::Device;
use mizan_device::device::Randomness;
use mizan_device::keys::{Cost, Unlock};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::Rubric;
use mizan_domain::scale::RawValue;
use mizan_protocol::id::{DeviceId, PersonId, RecordId, VisitId};
use mizan_protocol::record::{self, BriefJson, TextJson, VisitBody};
use mizan_protocol::rubric::{self as rubric_json, RubricRef};
use mizan_protocol::session::Person;
use mizan_protocol::sync::{PullResponse, Record, StreamPage};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) const PASSPHRASE: &str = "ten tall palms";
pub(crate) const NOW: i64 = 1_790_000_000_000;
pub(crate) const STREAM: &str = "evaluator";

/// Six criteria: yes/no, met/partly/not with required photo, level, timed, and one of scheduled visits.
pub(crate) fn rubric() -> Rubric {
    let text = |word: &str| format!("{{ ar = \"{word} ع\", en = \"{word}\" }}");
    let anchors = |count: usize| vec![text("step"); count].join(", ");
    let both = r#"visits = ["unannounced", "scheduled"]"#;
    let none = r#"evidence = { rule = "none", kinds = [] }"#;
    let photo = |rule: &str| format!("evidence = {{ rule = \"{rule}\", kinds = [\"photo\"] }}");
    let criterion = |id: &str, weight: u32, rest: &str| {
        let (name, guidance) = (text(id), text("look"));
        format!(
            "[[pillars.criteria]]\nid = \"{id}\"\nname = {name}\nguidance = {guidance}\n\
             weight = {weight}\n{rest}\n"
        )
    };
    let criteria = [
        criterion("A1", 20, &format!("scale = {{ kind = \"yes_no\" }}\n{both}\n{none}")),
        criterion(
            "A2",
            20,
            &format!(
                "scale = {{ kind = \"met_partly_not\" }}\nanchors = [{}]\n{both}\n{}",
                anchors(3),
                photo("required")
            ),
        ),
        criterion(
            "A3",
            20,
            &format!(
                "scale = {{ kind = \"level_0_5\" }}\nanchors = [{}]\n{both}\n{}",
                anchors(6),
                photo("optional")
            ),
        ),
        criterion(
            "A4",
            20,
            &format!(
                "scale = {{ kind = \"timed\", unit = \"min\", full_at = 10, zero_at = 40 }}\n{both}\n{none}"
            ),
        ),
        criterion(
            "A5",
            20,
            &format!("scale = {{ kind = \"yes_no\" }}\nvisits = [\"scheduled\"]\n{none}"),
        ),
    ];
    let toml = format!(
        "id = \"small\"\nversion = \"1.0.0\"\nmodel = \"in_person\"\ntitle = {title}\n\
         [policy]\nunannounced_share = 0.7\nmin_coverage = 70\ncritical_cap = \"meets\"\n\
         [[levels]]\nid = \"meets\"\nname = {title}\nmin_score = 0\nallows_critical = true\n\
         [[pillars]]\nid = \"A\"\nname = {title}\nweight = 100\n{criteria}",
        title = text("Small"),
        criteria = criteria.concat(),
    );
    Rubric::from_toml(&toml).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

/// Criteria that the time-line tells: a wait at the centre, one of scheduled visits, the time to answer
/// and the time on hold of calls; and one that only a person can time.
pub(crate) fn timed_rubric() -> Rubric {
    let text = |word: &str| format!("{{ ar = \"{word} ع\", en = \"{word}\" }}");
    let criterion = |id: &str, unit: &str, visits: &str, measure: &str| {
        format!(
            "[[pillars.criteria]]\nid = \"{id}\"\nname = {name}\nguidance = {name}\nweight = 20\n\
             scale = {{ kind = \"timed\", unit = \"{unit}\", full_at = 10, zero_at = 40 }}\n{measure}\n\
             visits = [\"{visits}\"]\nevidence = {{ rule = \"none\" }}\n",
            name = text(id),
        )
    };
    let phone = |from: &str, to: &str| {
        format!("measure = {{ channel = \"phone\", from = \"{from}\", to = \"{to}\" }}")
    };
    let wait = "measure = { from = \"ticket\", to = \"called\" }";
    let criteria = [
        criterion("W1", "min", "unannounced", wait),
        criterion("W2", "min", "scheduled", wait),
        criterion("C1", "s", "unannounced", &phone("dialled", "answered")),
        criterion("C2", "s", "unannounced", &phone("held", "resumed")),
        criterion("H1", "min", "unannounced", ""),
    ];
    let toml = format!(
        "id = \"timed\"\nversion = \"1.0.0\"\nmodel = \"remote\"\ntitle = {title}\n\
         [policy]\ncritical_cap = \"meets\"\n\
         [[levels]]\nid = \"meets\"\nname = {title}\nmin_score = 0\nallows_critical = true\n\
         [[pillars]]\nid = \"T\"\nname = {title}\nweight = 100\n{criteria}",
        title = text("Timed"),
        criteria = criteria.concat(),
    );
    Rubric::from_toml(&toml).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

pub(crate) fn visit_id(n: u128) -> VisitId {
    VisitId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n))
}

/// An unannounced visit of a rubric, in a state.
pub(crate) fn visit_body(rubric: &Rubric, n: u128, state: &str) -> VisitBody {
    let text = |word: &str| TextJson { ar: format!("{word} ع"), en: word.to_owned() };
    VisitBody {
        visit: visit_id(n),
        cycle: "4".into(),
        centre_code: format!("C-{n:03}"),
        centre: text("Centre"),
        agency: text("Agency"),
        model: "in_person".into(),
        kind: "unannounced".into(),
        state: state.into(),
        from: "2026-11-01".into(),
        to: "2026-11-30".into(),
        scenario: text("Renew a licence"),
        brief: BriefJson::default(),
        rubric: RubricRef::of(rubric),
        questions: Vec::new(),
        revisions: 0,
    }
}

pub(crate) fn record(kind: &str, n: u128, rev: i64, body: Value) -> Record {
    Record {
        id: RecordId(Uuid::from_u128(n)),
        kind: kind.into(),
        schema_v: 1,
        rubric_v: None,
        base_rev: 0,
        rev,
        body,
        deleted: false,
        unknown: Map::new(),
    }
}

/// The records of a stream with a rubric and assigned visits.
pub(crate) fn records(rubric: &Rubric, visits: u128) -> Vec<Record> {
    let mut records = vec![record(record::RUBRIC, 1, 1, rubric_json::to_json(rubric))];
    for n in 1..=visits {
        let body = serde_json::to_value(visit_body(rubric, n, "assigned")).unwrap();
        records.push(record(record::VISIT, 100 + n, 1, body));
    }
    records
}

pub(crate) fn rng(seed: u64) -> Randomness {
    Box::new(StdRng::seed_from_u64(seed))
}

pub(crate) fn create(home: &Path) -> Device {
    Device::create(home, PASSPHRASE, Cost::TEST, NOW, rng(1)).unwrap()
}

pub(crate) fn open(home: &Path) -> Device {
    Device::open(home, &Unlock::passphrase(PASSPHRASE), NOW, rng(2)).unwrap()
}

/// A new, enrolled device.
pub(crate) fn enrolled(home: &Path) -> Device {
    let mut device = create(home);
    let person = Person {
        id: PersonId(Uuid::from_u128(7)),
        user: "evaluator-1".into(),
        name: TextJson { ar: "سلمى".into(), en: "Salma".into() },
        role: "evaluator".into(),
    };
    device.set_enrolment("https://mizan.test", DeviceId(Uuid::from_u128(9)), &person).unwrap();
    device
}

/// The same with accepted visits numbered from 1.
pub(crate) fn with_visits(home: &Path, rubric: &Rubric, visits: u128) -> Device {
    let mut device = enrolled(home);
    let page = StreamPage {
        stream: STREAM.into(),
        restarted: false,
        records: records(rubric, visits),
        cursor: "1:1".into(),
        more: false,
        summary: None,
    };
    device.apply_pull(&PullResponse { epoch: None, streams: vec![page] }).unwrap();
    for n in 1..=visits {
        device.accept(visit_id(n), true, NOW).unwrap();
    }
    device
}

pub(crate) fn yes() -> RawAnswer {
    RawAnswer::Value(RawValue::Bool(true))
}

pub(crate) fn word(word: &str) -> RawAnswer {
    RawAnswer::Value(RawValue::Text(word.into()))
}
