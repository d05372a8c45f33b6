//! What a durable answer costs: the median time of `Device::answer` beside a bare commit of one row of
//! the same length into an encrypted database with the same pragmas, interleaved on the same disk.
//!
//! `cargo bench -p mizan-device [-- FOLDER]`; the goal is a ratio of at most 1.5 at the median.
//! On a busy machine the median is the scheduler's slice; the 10th percentile is then the honest row.
//! In a folder in memory the fsync is free and the rest of the cost stands alone.

use std::path::{Path, PathBuf};
use std::time::Instant;

use mizan_device::Device;
use mizan_device::device::Randomness;
use mizan_device::keys::Cost;
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scale::{RawValue, Scale};
use mizan_protocol::id::{RecordId, VisitId};
use mizan_protocol::record::{self, BriefJson, TextJson, VisitBody};
use mizan_protocol::rubric::{self as rubric_json, RubricRef};
use mizan_protocol::sync::{PullResponse, Record, StreamPage};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Map, Value};
use uuid::Uuid;

const VISITS: u128 = 40;
const NOW: i64 = 1_790_000_000_000;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
    let home = tempfile::tempdir_in(folder).expect("a folder to measure in");
    let rubric = Rubric::from_toml(include_str!("../../../rubrics/in-person.toml"))
        .unwrap_or_else(|faults| panic!("{}", faults[0]));
    let mut device = device(&home.path().join("device"), &rubric);
    let mut bare = bare(&home.path().join("bare.db"));

    println!("a durable answer beside a bare commit of one row, interleaved");
    measure("first answers", &mut device, &mut bare, &rubric, 0);
    measure("changed answers", &mut device, &mut bare, &rubric, 1);
}

fn measure(title: &str, device: &mut Device, bare: &mut Connection, rubric: &Rubric, series: i64) {
    let (mut through_device, mut through_bare) = (Vec::new(), Vec::new());
    for visit in 1..=VISITS {
        for criterion in rubric.criteria().filter(|of| of.is_judged_on(VisitKind::Unannounced)) {
            let answer = value_on(&criterion.scale, series);
            let note = format!("seen at the counter, round {series}");
            let now = NOW + series;
            let (visit, id) = (VisitId(Uuid::from_u128(visit)), criterion.id.as_str());
            let started = Instant::now();
            device.answer(visit, id, &answer, Some(&note), now).expect("the answer fits");
            through_device.push(started.elapsed());

            let body = format!(
                "{{\"answer\":{{\"criterion\":\"{id}\",\"note\":\"{note}\",\"value\":true}},\
                 \"at\":{now},\"visit\":\"{visit}\"}}"
            );
            let started = Instant::now();
            commit_one_row(bare, &body);
            through_bare.push(started.elapsed());
        }
    }
    let count = through_device.len();
    through_device.sort_unstable();
    through_bare.sort_unstable();
    println!("{title}, {count} of each");
    for (name, percent) in [("10th percentile", 10), ("median", 50), ("95th percentile", 95)] {
        let (device, bare) =
            (through_device[count * percent / 100], through_bare[count * percent / 100]);
        let ratio = device.as_secs_f64() / bare.as_secs_f64();
        println!("{name:>16}: device {device:>8.1?}, bare commit {bare:>8.1?}, ratio {ratio:.2}");
    }
}

/// Two values of a scale that differ.
fn value_on(scale: &Scale, series: i64) -> RawAnswer {
    let text = |words: [&str; 2]| RawValue::Text(words[(series % 2) as usize].to_owned());
    RawAnswer::Value(match scale {
        Scale::YesNo => RawValue::Bool(series % 2 == 0),
        Scale::MetPartlyNot => text(["met", "partly"]),
        Scale::Level0To5 => RawValue::Integer(series % 6),
        Scale::Timed { .. } | Scale::Percent { .. } => text(["12.5", "22.5"]),
        Scale::Maturity => text(["basic", "leading"]),
    })
}

fn bare(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a bare database");
    let key = format!("PRAGMA key = \"x'{}'\"", "5a".repeat(32));
    let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                   PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA secure_delete = FAST; \
                   PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA busy_timeout = 5000; \
                   CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;";
    connection.execute_batch(&key).expect("the key");
    connection.execute_batch(pragmas).expect("the pragmas");
    connection
}

fn commit_one_row(connection: &mut Connection, body: &str) {
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .expect("a transaction");
    tx.prepare_cached("INSERT INTO rows (body) VALUES (?1)")
        .and_then(|mut statement| statement.execute(params![body]))
        .expect("a row");
    tx.commit().expect("a commit");
}

fn device(home: &Path, rubric: &Rubric) -> Device {
    let rng: Randomness = Box::new(StdRng::seed_from_u64(1));
    let mut device =
        Device::create(home, "a passphrase", Cost::TEST, NOW, rng).expect("a new device");
    let mut records = vec![server_record(record::RUBRIC, 0, rubric_json::to_json(rubric))];
    for n in 1..=VISITS {
        let body = serde_json::to_value(visit(rubric, n)).expect("a visit is JSON");
        records.push(server_record(record::VISIT, n, body));
    }
    let page = StreamPage {
        stream: "evaluator".into(),
        restarted: false,
        records,
        cursor: "1".into(),
        more: false,
        summary: None,
    };
    device
        .apply_pull(&PullResponse { epoch: None, streams: vec![page] })
        .expect("the page is taken");
    device
}

fn server_record(kind: &str, n: u128, body: Value) -> Record {
    Record {
        id: RecordId(Uuid::from_u128(n)),
        kind: kind.into(),
        schema_v: 1,
        rubric_v: None,
        base_rev: 0,
        rev: 1,
        body,
        deleted: false,
        unknown: Map::new(),
    }
}

fn visit(rubric: &Rubric, n: u128) -> VisitBody {
    let text = TextJson { ar: "نص".into(), en: "text".into() };
    VisitBody {
        visit: VisitId(Uuid::from_u128(n)),
        cycle: "4".into(),
        centre_code: format!("C-{n:03}"),
        centre: text.clone(),
        agency: text.clone(),
        model: "in_person".into(),
        kind: "unannounced".into(),
        state: "accepted".into(),
        from: "2026-11-01".into(),
        to: "2026-11-30".into(),
        scenario: text,
        brief: BriefJson::default(),
        rubric: RubricRef::of(rubric),
        questions: Vec::new(),
        revisions: 0,
    }
}
