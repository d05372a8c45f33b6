//! The committee's pages on a cycle of the country's size, and how long its results take from the answers.
//!
//! `cargo run --release -p mizan-tests --example bench_results [CENTRES] [postgres]`; four visits of some
//! sixty answers a centre. Every page is asked for over HTTP, signed in, and timed at the caller.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use mizan_protocol::api::NewPerson;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::{EvaluationDocument, SCHEMA};
use mizan_protocol::id::{DeviceId, EvaluationId, VisitId};
use mizan_protocol::record::TextJson;
use mizan_protocol::rubric::{RubricRef, canonical, from_json};
use mizan_protocol::session::{Session, SignIn};
use mizan_protocol::signature::SecretKey;
use mizan_server::Config;
use mizan_server::engine::Location;
use mizan_server::limits::Limits;
use mizan_server::store::Store;
use mizan_server::tx::{Tx, Value};
use mizan_tests::postgres::{Cluster, Durability};
use mizan_tests::random_case::{Mood, random_request};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::{Client, Method};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;
use uuid::Uuid;
use zeroize::Zeroizing;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const KINDS: [&str; 4] = ["unannounced", "unannounced", "scheduled", "scheduled"];
const MODELS: [(&str, &str); 2] = [("in_person", "in-person"), ("remote", "remote")];
const EVALUATORS: usize = 400;
/// Visits that are still to be validated, so that one's arrival can be timed.
const ARRIVALS: usize = 60;
const ASKED: usize = 300;
const PASSWORD: &str = "a bench has no secrets";

/// What is in the programme.
struct Programme {
    cycle: Uuid,
    centres: Vec<Uuid>,
    /// Of `in_person`.
    pillar: String,
    arrivals: Vec<VisitId>,
    answers: usize,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let centres: usize = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let cluster = arguments.next().is_some().then(|| Cluster::start(Durability::Disk));
    let few = measure(centres / 10, cluster.as_ref(), false).await?;
    let many = measure(centres, cluster.as_ref(), true).await?;
    let growth = many.as_secs_f64() / few.as_secs_f64();
    goal("ten times the centres take so many times as long", growth, 11.0, "");
    Ok(())
}

fn goal(what: &str, found: f64, most: f64, unit: &str) {
    let verdict = if found <= most { "within" } else { "over" };
    println!("{what}: {found:.1}{unit}, {verdict} {most}{unit}");
}

/// Fills a database, times making its results, and the pages too if they are asked for.
async fn measure(
    centres: usize,
    cluster: Option<&Cluster>,
    pages: bool,
) -> Result<Duration, Failure> {
    let folder = tempfile::tempdir()?;
    let mut config = Config::new(folder.path().to_owned(), || 1_793_520_000_000);
    config.listen = "127.0.0.1:0".into();
    config.limits = Limits::none();
    config.database = cluster.map(|cluster| Location::parse(&cluster.new_database()));
    let name = TextJson { ar: "المدير".into(), en: "Administrator".into() };
    mizan_server::create_administrator(&config, "admin", PASSWORD, name).await?;
    let location = config.location();
    let (data, of) = (folder.path().to_owned(), location.clone());
    let filled = tokio::task::spawn_blocking(move || {
        let store = Store::open(&of)?;
        fill(&store, centres)
    });
    let programme = filled.await??;
    let consolidated = tokio::task::spawn_blocking(move || {
        let start = Instant::now();
        mizan_server::consolidate(&data, &location).map(|done| (done, start.elapsed()))
    });
    let (done, took) = consolidated.await??;
    assert_eq!(done.centres, centres, "every centre has a result");
    println!(
        "{centres} centres, {} visits, {} answers: results in {:.2} s",
        centres * KINDS.len(),
        programme.answers,
        took.as_secs_f64()
    );
    if pages {
        goal("results of the whole cycle from its answers", took.as_secs_f64(), 5.0, " s");
        ask(config, &programme).await?;
    }
    Ok(took)
}

/// Inserts rows a thousand at a time.
fn insert(store: &Store, table: &str, columns: &str, rows: Vec<Vec<Value>>) -> Result<(), Failure> {
    let places: Vec<String> =
        (1..=columns.split(", ").count()).map(|place| format!("${place}")).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for some in rows.chunks(1_000) {
        let (sql, some) = (sql.clone(), some.to_vec());
        let write = move |tx: &mut dyn Tx| tx.exec_many(&sql, &some);
        runtime.block_on(store.write(write))?;
    }
    Ok(())
}

/// The shipped rubric of a model, every criterion judged on every visit.
fn rubric(file: &str) -> Result<Json, Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../rubrics/{file}.toml"));
    let rubric = mizan_domain::rubric::Rubric::from_toml(&std::fs::read_to_string(path)?)
        .map_err(|faults| format!("the rubric has faults: {faults:?}"))?;
    let mut json = mizan_protocol::rubric::to_json(&rubric);
    let pillars = json["pillars"].as_array_mut().into_iter().flatten();
    for criterion in pillars.flat_map(|pillar| pillar["criteria"].as_array_mut()).flatten() {
        criterion["visits"] = json!(["unannounced", "scheduled"]);
    }
    Ok(json)
}

fn fill(store: &Store, count: usize) -> Result<Programme, Failure> {
    let (cycle, mut rng) = (Uuid::now_v7(), StdRng::seed_from_u64(count as u64));
    let agencies: Vec<Uuid> = (0..100).map(|_| Uuid::now_v7()).collect();
    let rows = agencies.iter().enumerate().map(|(n, id)| {
        vec![(*id).into(), format!("A-{n}").into(), "جهة".into(), format!("Agency {n}").into()]
    });
    insert(store, "agencies", "id, code, name_ar, name_en", rows.collect())?;
    let centres: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
    let rows = centres.iter().enumerate().map(|(n, id)| {
        vec![
            (*id).into(),
            format!("C-{n:05}").into(),
            agencies[n % agencies.len()].into(),
            MODELS[n % 2].0.into(),
            format!("مركز {n}").into(),
            format!("Centre {n}").into(),
            format!("G-{}", n % 7).into(),
            ["small", "medium", "large"][n % 3].into(),
        ]
    });
    let columns = "id, code, agency_id, model, name_ar, name_en, governorate, size";
    insert(store, "centres", columns, rows.collect())?;
    let evaluators = people(store)?;
    let mut rubrics = BTreeMap::new();
    let cycle_columns = "id, number, name_ar, name_en, programme_ar, programme_en, state";
    let words = ["4", "الدورة", "Cycle", "برنامج", "Programme", "open"].map(Value::from);
    insert(store, "cycles", cycle_columns, vec![[vec![cycle.into()], words.to_vec()].concat()])?;
    for (model, file) in MODELS {
        let json = rubric(file)?;
        let read = from_json(&json).map_err(|faults| format!("{faults:?}"))?;
        let named = RubricRef::of(&read);
        let row = vec![
            named.sha256.into(),
            Uuid::now_v7().into(),
            (&named.id).into(),
            (&named.version).into(),
            model.into(),
            canonical(&read).into(),
        ];
        let columns = "sha256, record_id, rubric_id, version, model, body";
        insert(store, "rubrics", columns, vec![row])?;
        let row = vec![cycle.into(), model.into(), named.sha256.into()];
        insert(store, "cycle_rubrics", "cycle_id, model, sha256", vec![row])?;
        rubrics.insert(model, (json, named));
    }
    let rows = centres.iter().map(|id| vec![cycle.into(), (*id).into()]).collect();
    insert(store, "cycle_centres", "cycle_id, centre_id", rows)?;
    let (mut answers, mut arrivals) = (0, Vec::new());
    for (at, some) in centres.chunks(500).enumerate() {
        let mut visits = Vec::new();
        for (n, centre) in some.iter().enumerate() {
            let n = at * 500 + n;
            let (json, named) = &rubrics[MODELS[n % 2].0];
            let mood = Mood { worst: rng.random_range(100..800), without_value: 10 };
            let request = random_request(&mut rng, json, &KINDS, mood);
            for (k, visit) in request.evaluations.into_iter().enumerate() {
                let (evaluator, device) = evaluators[(n * KINDS.len() + k) % EVALUATORS];
                let id = VisitId(Uuid::now_v7());
                let is_new = k == 0 && n < ARRIVALS;
                answers += visit.answers.len();
                arrivals.extend(is_new.then_some(id));
                let document = EvaluationDocument {
                    schema: SCHEMA,
                    evaluation: EvaluationId(Uuid::now_v7()),
                    visit: id,
                    revision: 1,
                    device: DeviceId(device),
                    rubric: named.clone(),
                    visit_kind: visit.visit_kind,
                    answers: visit.answers,
                    times: BTreeMap::from([("arrived".into(), 1), ("left".into(), 2)]),
                    contacts: Vec::new(),
                    evidence: Vec::new(),
                    followed_brief: true,
                    submitted_at: 3,
                };
                let state = if is_new { "submitted" } else { "validated" };
                visits.push((*centre, evaluator, state, document));
            }
        }
        insert_visits(store, cycle, &visits)?;
    }
    let pillar = rubrics["in_person"].0["pillars"][0]["id"].as_str().unwrap_or_default().into();
    Ok(Programme { cycle, centres, pillar, arrivals, answers })
}

/// Evaluators with a device each.
fn people(store: &Store) -> Result<Vec<(Uuid, Uuid)>, Failure> {
    let made: Vec<(Uuid, Uuid)> =
        (0..EVALUATORS).map(|_| (Uuid::now_v7(), Uuid::now_v7())).collect();
    let row = |(n, (id, _)): (usize, &(Uuid, Uuid))| {
        let user = format!("evaluator.{n}");
        vec![(*id).into(), user.into(), "none".into(), "م".into(), "E".into(), "evaluator".into()]
    };
    let rows = made.iter().enumerate().map(row).collect();
    insert(store, "people", "id, user_name, password_hash, name_ar, name_en, role", rows)?;
    let device = |(n, (person, device)): (usize, &(Uuid, Uuid))| {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&(n as u64).to_le_bytes());
        let public = SecretKey::from_seed(&Zeroizing::new(seed)).public().to_string();
        let public: Vec<u8> = (0..32)
            .filter_map(|at| u8::from_str_radix(&public[2 * at..2 * at + 2], 16).ok())
            .collect();
        vec![(*device).into(), (*person).into(), "tablet".into(), public.into(), Value::Int(1)]
    };
    let rows = made.iter().enumerate().map(device).collect();
    insert(store, "devices", "id, person_id, name, public_key, enrolled_at", rows)?;
    Ok(made)
}

fn insert_visits(
    store: &Store,
    cycle: Uuid,
    visits: &[(Uuid, Uuid, &'static str, EvaluationDocument)],
) -> Result<(), Failure> {
    let (mut rows, mut evaluations) = (Vec::new(), Vec::new());
    for (centre, evaluator, state, document) in visits {
        let (visit, text) = (document.visit.0, canonical_json(document)?);
        rows.push(vec![
            visit.into(),
            cycle.into(),
            (*centre).into(),
            document.visit_kind.as_str().into(),
            (*state).into(),
            (*evaluator).into(),
            "2026-11-02".into(),
            "2026-11-13".into(),
            "سيناريو".into(),
            "Scenario".into(),
        ]);
        evaluations.push(vec![
            document.evaluation.0.into(),
            Value::Int(1),
            visit.into(),
            document.device.0.into(),
            text.as_str().into(),
            Digest::of(text.as_bytes()).into(),
            vec![0; 64].into(),
            Value::Int(4),
        ]);
    }
    let columns = "id, cycle_id, centre_id, kind, state, evaluator_id, from_day, to_day, \
                   scenario_ar, scenario_en";
    insert(store, "visits", columns, rows)?;
    let columns = "id, revision, visit_id, device_id, document, sha256, signature, received_at";
    insert(store, "evaluations", columns, evaluations)
}

struct Caller {
    client: Client,
    url: String,
    token: String,
}

impl Caller {
    async fn sign_in(url: &str, user: &str) -> Result<Self, Failure> {
        let client = Client::new();
        let request = client.post(format!("{url}/api/session"));
        let session: Session =
            request.json(&SignIn::by_password(user, PASSWORD)).send().await?.json().await?;
        Ok(Self { client, url: url.to_owned(), token: session.token })
    }

    async fn call(&self, method: Method, path: &str, body: &Json) -> Result<Duration, Failure> {
        let request = self.client.request(method.clone(), format!("{}{path}", self.url));
        let request = request.bearer_auth(&self.token);
        let request = if method == Method::GET { request } else { request.json(body) };
        let start = Instant::now();
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        let took = start.elapsed();
        if status.is_success() { Ok(took) } else { Err(format!("{path}: {status} {text}").into()) }
    }
}

fn report(what: &str, mut times: Vec<Duration>, most_ms: f64) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what}: median {:.1} ms, {} times", at(0.5), times.len());
    goal(&format!("{what}: p99"), at(0.99), most_ms, " ms");
}

async fn ask(config: Config, programme: &Programme) -> Result<(), Failure> {
    let (stop, stopped) = oneshot::channel::<()>();
    let (listening, address) = oneshot::channel();
    let until = async { drop(stopped.await) };
    let serving = tokio::spawn(mizan_server::serve(config, until, |at| {
        assert!(listening.send(at).is_ok(), "somebody waits for the address");
    }));
    let url = format!("http://{}", address.await?);
    let admin = Caller::sign_in(&url, "admin").await?;
    for (user, role) in [("chair", "committee_chair"), ("reviewer", "reviewer")] {
        let new = NewPerson {
            user: user.into(),
            password: PASSWORD.into(),
            name: TextJson { ar: "شخص".into(), en: "Person".into() },
            role: role.into(),
            agency: None,
            centre: None,
            interests: Vec::new(),
        };
        admin.call(Method::POST, "/api/people", &serde_json::to_value(&new)?).await?;
    }
    pages(&Caller::sign_in(&url, "chair").await?, programme).await?;
    arrivals(&Caller::sign_in(&url, "reviewer").await?, programme).await?;
    drop(stop);
    serving.await??;
    Ok(())
}

async fn pages(chair: &Caller, programme: &Programme) -> Result<(), Failure> {
    let mut rng = StdRng::seed_from_u64(7);
    let cycle = format!("/api/cycles/{}", programme.cycle);
    let pages = (programme.centres.len() / 2 / 50).max(1);
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for n in 0..ASKED {
        let sorts =
            ["-score", "code", "-coverage", "name_ar", &format!("pillar.{}", programme.pillar)];
        let (sort, page) = (sorts[n % sorts.len()], rng.random_range(1..=pages));
        let filters = ["", "size=large", "governorate=G-3", "filter=12"];
        let filter = filters[rng.random_range(0..filters.len())];
        let centre = programme.centres[rng.random_range(0..programme.centres.len())];
        let asked = [
            ("overview", format!("{cycle}/overview")),
            (
                "comparison",
                format!("{cycle}/comparison/in_person?page={page}&sort={sort}&{filter}"),
            ),
            ("readings", format!("{cycle}/readings/remote")),
            ("centre page", format!("{cycle}/centres/{centre}")),
        ];
        for (what, path) in asked {
            let took = chair.call(Method::GET, &path, &Json::Null).await?;
            times.entry(what).or_default().push(took);
        }
    }
    times.into_iter().for_each(|(what, times)| report(what, times, 100.0));
    Ok(())
}

async fn arrivals(reviewer: &Caller, programme: &Programme) -> Result<(), Failure> {
    let mut times = Vec::new();
    for visit in &programme.arrivals {
        reviewer.call(Method::POST, &format!("/api/visits/{visit}/review"), &json!({})).await?;
        let path = format!("/api/visits/{visit}/validate");
        times.push(reviewer.call(Method::POST, &path, &json!({})).await?);
    }
    report("one visit's arrival in the results", times, 50.0);
    Ok(())
}
