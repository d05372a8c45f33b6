//! The programme that is measured on: written straight into the database, because planning a hundred
//! thousand visits over HTTP would take longer than everything that is measured.

use std::path::Path;

use mizan_domain::rubric::{EvidenceNeed, Rubric, VisitKind};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::{CentreId, DeviceId, PersonId, VisitId};
use mizan_protocol::record::{self, BriefJson, TextJson, VisitBody};
use mizan_protocol::rubric::{RubricRef, canonical, to_json};
use mizan_protocol::signature::SecretKey;
use mizan_server::error::Error;
use mizan_server::store::Store;
use mizan_server::tx::{Tx, Value};
use mizan_tests::random_case::{BEST, value_at};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::Failed;

/// Evaluators, each with one device.
const EVALUATORS: usize = 256;
/// Centres they visit.
const CENTRES: usize = 1_000;
const AGENCIES: usize = 50;
/// Visits written in one transaction.
const AT_ONCE: usize = 2_000;
/// What is judged: 60 criteria.
const KIND: VisitKind = VisitKind::Unannounced;
const CYCLE: Uuid = Uuid::from_u128(4);
const RUBRIC: Uuid = Uuid::from_u128(5);

/// An evaluator with an enrolled device.
pub(crate) struct Evaluator {
    pub(crate) person: PersonId,
    pub(crate) device: DeviceId,
    pub(crate) key: SecretKey,
}

/// One criterion as it is answered.
pub(crate) struct Asked {
    pub(crate) criterion: String,
    pub(crate) value: mizan_protocol::answer::ValueJson,
    /// The kind of evidence it requires, if any.
    pub(crate) evidence: Option<&'static str>,
}

/// A programme whose visits all wait for their evaluation.
pub(crate) struct Programme {
    pub(crate) rubric: RubricRef,
    pub(crate) asked: Vec<Asked>,
    pub(crate) evaluators: Vec<Evaluator>,
    /// Visits with the evaluator's place in the list, in the order they are made.
    pub(crate) visits: Vec<(VisitId, usize)>,
}

impl Programme {
    /// Writes a programme into an empty database.
    pub(crate) fn write(store: &Store, visits: usize) -> Result<Self, Failed> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rubrics/remote.toml");
        let rubric = Rubric::from_toml(&std::fs::read_to_string(file)?)
            .map_err(|faults| format!("the rubric has faults: {faults:?}"))?;
        let mut rng = StdRng::seed_from_u64(4);
        let evaluators: Vec<Evaluator> = (0..EVALUATORS).map(|_| evaluator(&mut rng)).collect();
        let frame =
            Frame { rubric: &rubric, named: RubricRef::of(&rubric), evaluators: &evaluators };
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let write = |rows: Vec<(&'static str, Vec<Vec<Value>>)>| {
            let body = move |tx: &mut dyn Tx| {
                rows.iter().try_for_each(|(sql, rows)| tx.exec_many(sql, rows).map(drop))
            };
            runtime.block_on(store.write::<()>(body))
        };
        write(frame.rows()?)?;
        let mut planned: Vec<(VisitId, usize)> =
            (0..visits).map(|n| (VisitId(Uuid::now_v7()), n % EVALUATORS)).collect();
        for chunk in planned.chunks(AT_ONCE) {
            write(frame.visits(chunk)?)?;
        }
        // Visits are planned in one order and made in another.
        planned.shuffle(&mut rng);
        let asked = asked(&rubric);
        Ok(Self { rubric: frame.named.clone(), asked, evaluators, visits: planned })
    }
}

fn evaluator(rng: &mut StdRng) -> Evaluator {
    let key = SecretKey::from_seed(&Zeroizing::new(rng.random()));
    Evaluator { person: PersonId(Uuid::now_v7()), device: DeviceId(Uuid::now_v7()), key }
}

fn asked(rubric: &Rubric) -> Vec<Asked> {
    let json = to_json(rubric);
    let scales = mizan_tests::random_case::criteria(&json);
    let both = rubric.criteria().zip(scales).filter(|(criterion, _)| criterion.is_judged_on(KIND));
    let asked = both.map(|(criterion, json)| {
        let required = criterion.evidence.need == EvidenceNeed::Required;
        let evidence = criterion.evidence.kinds.first().filter(|_| required);
        Asked {
            criterion: criterion.id.clone(),
            value: value_at(&json["scale"], BEST * 4 / 5),
            evidence: evidence.map(|kind| kind.word()),
        }
    });
    asked.collect()
}

/// What stands around the visits.
struct Frame<'a> {
    rubric: &'a Rubric,
    named: RubricRef,
    evaluators: &'a [Evaluator],
}

type Rows = Vec<(&'static str, Vec<Vec<Value>>)>;

fn id(id: Uuid) -> Value {
    Value::Blob(id.as_bytes().to_vec())
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn agency(n: usize) -> Uuid {
    Uuid::from_u128(0x1000_0000 + n as u128)
}

fn centre(n: usize) -> Uuid {
    Uuid::from_u128(0x2000_0000 + n as u128)
}

impl Frame<'_> {
    fn rows(&self) -> Result<Rows, Failed> {
        let (ar, en) = (|| text("مركز خدمة"), || text("Service centre"));
        let digest = |digest: Digest| Value::Blob(digest.as_bytes().to_vec());
        let agencies = (0..AGENCIES)
            .map(|n| vec![id(agency(n)), text(format!("A-{n:02}")), ar(), en()])
            .collect();
        let centre_row = |n| {
            let code = text(format!("C-{n:04}"));
            vec![id(centre(n)), code, id(agency(n % AGENCIES)), text("remote"), ar(), en()]
        };
        let person = |of: &Evaluator| {
            let name = text(format!("evaluator-{}", of.person));
            // Nobody signs in with a password here: devices do, by their key.
            vec![id(of.person.0), name, text("none"), ar(), en(), text("evaluator")]
        };
        let device = |of: &Evaluator| {
            let key = Value::Blob(of.key.public().as_bytes().to_vec());
            vec![id(of.device.0), id(of.person.0), text("tablet"), key, Value::Int(0)]
        };
        let body = canonical(self.rubric);
        let RubricRef { id: rubric_id, version, sha256 } = &self.named;
        let rubric = vec![
            digest(*sha256),
            id(RUBRIC),
            text(rubric_id.as_str()),
            text(version.as_str()),
            text("remote"),
            text(body.as_str()),
        ];
        let cycle = vec![id(CYCLE), text("4"), ar(), en(), ar(), en(), text("open")];
        let in_stream = |of: &Evaluator| self.stream_row(of, RUBRIC, record::RUBRIC, &body);
        let evaluators = self.evaluators;
        Ok(vec![
            (INSERT_AGENCY, agencies),
            (INSERT_CENTRE, (0..CENTRES).map(centre_row).collect()),
            (INSERT_PERSON, evaluators.iter().map(person).collect()),
            (INSERT_DEVICE, evaluators.iter().map(device).collect()),
            (INSERT_RUBRIC, vec![rubric]),
            (INSERT_CYCLE, vec![cycle]),
            (INSERT_CYCLE_RUBRIC, vec![vec![id(CYCLE), text("remote"), digest(*sha256)]]),
            (INSERT_CYCLE_CENTRE, (0..CENTRES).map(|n| vec![id(CYCLE), id(centre(n))]).collect()),
            (INSERT_STREAM_ROW, evaluators.iter().map(in_stream).collect()),
        ])
    }

    /// Visits that were accepted, in the tables and in their evaluators' streams.
    fn visits(&self, planned: &[(VisitId, usize)]) -> Result<Rows, Error> {
        let (mut visits, mut rows) = (Vec::new(), Vec::new());
        for (at, (visit, by)) in planned.iter().enumerate() {
            let (of, scenario) = (&self.evaluators[*by], scenario());
            let at = at % CENTRES;
            visits.push(vec![
                id(visit.0),
                id(CYCLE),
                id(centre(at)),
                text(KIND.word()),
                text("accepted"),
                id(of.person.0),
                text("2026-11-01"),
                text("2026-11-30"),
                text(scenario.ar.as_str()),
                text(scenario.en.as_str()),
                text(canonical_json(&BriefJson::default())?),
            ]);
            let body = canonical_json(&self.visit_body(*visit, CentreId(centre(at))))?;
            rows.push(self.stream_row(of, visit.0, record::VISIT, &body));
        }
        Ok(vec![(INSERT_VISIT, visits), (INSERT_STREAM_ROW, rows)])
    }

    fn stream_row(&self, of: &Evaluator, record: Uuid, kind: &str, body: &str) -> Vec<Value> {
        let sha256 = Value::Blob(self.named.sha256.as_bytes().to_vec());
        vec![text(format!("E:{}", of.person)), id(record), text(kind), sha256, text(body)]
    }

    fn visit_body(&self, visit: VisitId, centre: CentreId) -> VisitBody {
        let name = TextJson { ar: "مركز خدمة".into(), en: "Service centre".into() };
        VisitBody {
            visit,
            cycle: "4".into(),
            centre_code: centre.to_string(),
            centre: name.clone(),
            agency: name,
            model: "remote".into(),
            kind: KIND.word().into(),
            state: "accepted".into(),
            from: "2026-11-01".into(),
            to: "2026-11-30".into(),
            scenario: scenario(),
            brief: BriefJson::default(),
            rubric: self.named.clone(),
            questions: Vec::new(),
            revisions: 0,
        }
    }
}

fn scenario() -> TextJson {
    TextJson {
        ar: "اتصل واسأل عن تجديد الرخصة ورسومها".into(),
        en: "Call and ask how the licence is renewed and what it costs".into(),
    }
}

const INSERT_AGENCY: &str =
    "INSERT INTO agencies (id, code, name_ar, name_en) VALUES ($1, $2, $3, $4)";
const INSERT_CENTRE: &str = "INSERT INTO centres (id, code, agency_id, model, name_ar, name_en)
     VALUES ($1, $2, $3, $4, $5, $6)";
const INSERT_PERSON: &str =
    "INSERT INTO people (id, user_name, password_hash, name_ar, name_en, role)
     VALUES ($1, $2, $3, $4, $5, $6)";
const INSERT_DEVICE: &str = "INSERT INTO devices (id, person_id, name, public_key, enrolled_at)
     VALUES ($1, $2, $3, $4, $5)";
const INSERT_RUBRIC: &str =
    "INSERT INTO rubrics (sha256, record_id, rubric_id, version, model, body)
     VALUES ($1, $2, $3, $4, $5, $6)";
const INSERT_CYCLE: &str =
    "INSERT INTO cycles (id, number, name_ar, name_en, programme_ar, programme_en, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const INSERT_CYCLE_RUBRIC: &str =
    "INSERT INTO cycle_rubrics (cycle_id, model, sha256) VALUES ($1, $2, $3)";
const INSERT_CYCLE_CENTRE: &str = "INSERT INTO cycle_centres (cycle_id, centre_id) VALUES ($1, $2)";
const INSERT_VISIT: &str = "INSERT INTO visits (id, cycle_id, centre_id, kind, state, evaluator_id,
     from_day, to_day, scenario_ar, scenario_en, brief)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const INSERT_STREAM_ROW: &str =
    "INSERT INTO stream_rows (stream, record_id, kind, rubric_v, body, rev)
     VALUES ($1, $2, $3, $4, $5, 1)";
