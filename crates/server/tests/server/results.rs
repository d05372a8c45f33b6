//! Consolidated results are those of the answers at all times, and what the committee reads of them.

use std::collections::BTreeMap;

use mizan_domain::exact::Exact;
use mizan_domain::reading::readings;
use mizan_domain::rubric::Rubric;
use mizan_domain::scoring::{found_by_two, score};
use mizan_protocol::api::CentreResult;
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::committee::{
    CentrePage, ComparedCentre, LikeForLikeCentre, MappingJson, NumberJson, Overview, PartOverview,
};
use mizan_protocol::evaluation::{EvaluationDocument, SCHEMA};
use mizan_protocol::id::{CentreId, CycleId, DeviceId, EvaluationId, VisitId};
use mizan_protocol::rubric::{RubricRef, canonical, from_json};
use mizan_protocol::score::{EvaluationJson, ScorecardJson};
use mizan_server::store::Store;
use mizan_server::tx::{Tx, Value};
use mizan_tests::random_case::{Case, Mood, criteria, random_case, random_request};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, PASSWORD, Programme, SECRET, Server, rubric, text};

on_both_engines! {
    results_are_those_of_the_answers_after_every_change,
    an_upgrade_makes_the_results_anew,
    the_committee_reads_the_cycle_at_a_glance_and_no_evaluator,
    centres_are_compared_within_their_model_ranked_filtered_and_paged,
    two_cycles_are_compared_like_for_like,
}

/// A page of a list.
#[derive(serde::Deserialize)]
struct Page<T> {
    rows: Vec<T>,
    total: i64,
}

/// Enough for a median.
const CENTRES: usize = 6;
const KINDS: [&str; 3] = ["unannounced", "unannounced", "scheduled"];

/// A centre of a random programme, with what its visits will have found.
struct Drawn {
    id: Uuid,
    visits: Vec<(VisitId, EvaluationJson)>,
    confirmed: Vec<String>,
}

/// A cycle by a random rubric, every visit under review.
struct Random {
    server: Server,
    reviewer: Caller,
    chair: Caller,
    rubric: Rubric,
    cycle: Uuid,
    centres: Vec<Drawn>,
}

/// Writes a row past the server's routes.
pub fn insert(tx: &mut dyn Tx, table: &str, columns: &str, row: Vec<Value>) {
    let places: Vec<String> = (1..=row.len()).map(|place| format!("${place}")).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
    tx.exec(&sql, &row).unwrap();
}

impl Random {
    async fn draw(seed: u64) -> Self {
        let mut server = Server::start().await;
        let admin = server.sign_in("admin").await;
        for (user, role) in [("reviewer", "reviewer"), ("chair", "committee_chair")] {
            let name = text("شخص", "Person");
            let new = json!({ "user": user, "password": PASSWORD, "name": name, "role": role });
            admin.post::<serde_json::Value>("/api/people", &new).await;
        }
        server.pause().await;
        let mut case = random_case(seed);
        while criteria(&case.rubric).iter().all(|criterion| criterion.get("critical").is_none()) {
            case.rubric["pillars"][0]["criteria"][0]["critical"] = "cap".into();
        }
        let rubric = from_json(&case.rubric).unwrap();
        let (cycle, location) = (Uuid::now_v7(), server.location());
        let of = rubric.clone();
        let fill = move || {
            let store = Store::open(&location).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let body = move |tx: &mut dyn Tx| Ok(fill(tx, seed, &case, &of, cycle));
            runtime.block_on(store.write(body)).unwrap()
        };
        let centres = tokio::task::spawn_blocking(fill).await.unwrap();
        server.resume().await;
        let reviewer = server.sign_in("reviewer").await;
        let chair = server.sign_in("chair").await;
        // What was written past the server is not in its results yet.
        let drawn = Self { server, reviewer, chair, rubric, cycle, centres };
        drawn.rebuild().await;
        drawn
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/cycles/{}/{rest}", self.cycle)
    }

    /// Makes the results anew beside the server; says how many were otherwise.
    async fn rebuild(&self) -> usize {
        let location = self.server.location();
        let rebuild = move || {
            let folder = tempfile::tempdir().unwrap();
            mizan_server::consolidate(folder.path(), &location).unwrap().changed
        };
        tokio::task::spawn_blocking(rebuild).await.unwrap()
    }

    /// The reviewer takes a visit up and validates it.
    async fn validate(&self, visit: VisitId) {
        for step in ["review", "validate"] {
            let path = format!("/api/visits/{visit}/{step}");
            self.reviewer.post::<serde_json::Value>(&path, &json!({})).await;
        }
    }

    /// The medians of the overview are those of the results.
    async fn check_medians(&self) {
        let exact = |text: &String| Exact::from_fraction(text).unwrap();
        let results: Vec<CentreResult> = self.chair.get(&self.path("results")).await;
        let cards: Vec<&ScorecardJson> = results.iter().map(|result| &result.scorecard).collect();
        let overview: Overview = self.chair.get(&self.path("overview")).await;
        let model = &overview.models[0];
        let shown = |number: &Option<NumberJson>| number.as_ref().map(|n| n.exact.clone());
        let scores = cards.iter().filter_map(|card| card.exact.as_ref()).map(exact);
        assert_eq!(shown(&model.median), median(scores.collect()));
        let coverage = cards.iter().map(|card| exact(&card.coverage_exact));
        assert_eq!(shown(&model.coverage), median(coverage.collect()));
        for pillar in &model.pillars {
            let of = |card: &&ScorecardJson| {
                card.pillars.iter().find(|p| p.id == pillar.id).and_then(|p| p.exact.clone())
            };
            let scores = cards.iter().filter_map(of).map(|text| exact(&text));
            assert_eq!(shown(&pillar.median), median(scores.collect()), "{}", pillar.id);
        }
    }

    /// What the server keeps is what follows from the visits that count and the rulings.
    async fn check(
        &self,
        counted: &[VisitId],
        ruled: &BTreeMap<(Uuid, String), bool>,
        after: &str,
    ) {
        let results: Vec<CentreResult> = self.chair.get(&self.path("results")).await;
        assert_eq!(results.len(), self.centres.len());
        for centre in &self.centres {
            let result = results.iter().find(|result| result.centre.id.0 == centre.id).unwrap();
            let counts = centre.visits.iter().filter(|(visit, _)| counted.contains(visit));
            let evaluations: Vec<_> =
                counts.map(|(_, evaluation)| evaluation.to_domain().unwrap()).collect();
            let rulings = || ruled.iter().filter(|((of, _), _)| *of == centre.id);
            let is_dismissed = |criterion: &String| {
                rulings().any(|((_, of), confirmed)| of == criterion && !confirmed)
            };
            let confirmed = rulings().filter(|(_, confirmed)| **confirmed);
            let mut confirmed: Vec<String> =
                confirmed.map(|((_, criterion), _)| criterion.clone()).collect();
            let twice = found_by_two(&self.rubric, &evaluations).into_iter();
            confirmed.extend(twice.filter(|criterion| !is_dismissed(criterion)));
            let scored = score(&self.rubric, &evaluations, &confirmed).unwrap();
            let code = &result.centre.code;
            // As `mizan score` writes it.
            let mut expected = ScorecardJson::new(code, "4", &self.rubric, &scored);
            for hit in &mut expected.critical {
                hit.dismissed = is_dismissed(&hit.criterion);
            }
            assert_eq!(result.scorecard, expected, "{code} after {after}");
            let page: CentrePage =
                self.chair.get(&self.path(&format!("centres/{}", centre.id))).await;
            assert_eq!(page.scorecard, expected);
            let mut found: Vec<_> = page
                .readings
                .into_iter()
                .map(|read| (read.reading, read.result.id, read.result.exact))
                .collect();
            let readings = readings(&self.rubric, &scored).into_iter();
            let mut wanted: Vec<_> = readings
                .map(|r| (r.reading.word().to_owned(), r.tag, r.score.map(|s| s.to_string())))
                .collect();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "{code} after {after}");
        }
    }
}

/// The median of five numbers or more.
fn median(mut numbers: Vec<Exact>) -> Option<String> {
    numbers.sort();
    let (count, middle) = (numbers.len(), numbers.len() / 2);
    let median = match count {
        0..5 => return None,
        _ if count % 2 == 1 => numbers[middle].clone(),
        _ => &(&numbers[middle - 1] + &numbers[middle]) / &Exact::from(2),
    };
    Some(median.to_string())
}

/// Writes a programme past the server's routes: what is tested begins with the review.
fn fill(tx: &mut dyn Tx, seed: u64, case: &Case, rubric: &Rubric, cycle: Uuid) -> Vec<Drawn> {
    let mut rng = StdRng::seed_from_u64(seed);
    let named = RubricRef::of(rubric);
    let model = rubric.model().word();
    let (agency, evaluators) = (Uuid::now_v7(), [0; 3].map(|_| (Uuid::now_v7(), Uuid::now_v7())));
    insert(
        tx,
        "agencies",
        "id, code, name_ar, name_en",
        vec![agency.into(), "A-1".into(), "جهة".into(), "Agency".into()],
    );
    for (n, (person, device)) in evaluators.iter().enumerate() {
        let columns = "id, user_name, password_hash, name_ar, name_en, role";
        let user = format!("evaluator.{n}");
        let row = [(*person).into(), user.into(), "none".into(), "م".into(), SECRET.into()];
        insert(tx, "people", columns, [row.to_vec(), vec!["evaluator".into()]].concat());
        let columns = "id, person_id, name, public_key, enrolled_at";
        let row = vec![
            (*device).into(),
            (*person).into(),
            "t".into(),
            vec![n as u8; 32].into(),
            Value::Int(1),
        ];
        insert(tx, "devices", columns, row);
    }
    let columns = "sha256, record_id, rubric_id, version, model, body";
    let (record, body) = (Uuid::now_v7().into(), canonical(rubric).into());
    let (rubric_id, version) = ((&named.id).into(), (&named.version).into());
    let row = vec![named.sha256.into(), record, rubric_id, version, model.into(), body];
    insert(tx, "rubrics", columns, row);
    let words = ["4", "الدورة", "Cycle", "برنامج", "Programme", "open"].map(Value::from);
    let columns = "id, number, name_ar, name_en, programme_ar, programme_en, state";
    insert(tx, "cycles", columns, [vec![cycle.into()], words.to_vec()].concat());
    let row = vec![cycle.into(), model.into(), named.sha256.into()];
    insert(tx, "cycle_rubrics", "cycle_id, model, sha256", row);
    let mut drawn = Vec::new();
    for n in 0..CENTRES {
        let centre = Uuid::now_v7();
        let columns = "id, code, agency_id, model, name_ar, name_en";
        let code = format!("C-{n}").into();
        let names = ["مركز", "Centre"].map(Value::from);
        let row = [vec![centre.into(), code, agency.into(), model.into()], names.to_vec()];
        insert(tx, "centres", columns, row.concat());
        let row = vec![cycle.into(), centre.into()];
        insert(tx, "cycle_centres", "cycle_id, centre_id", row);
        let mood = Mood { worst: 0, without_value: 100 };
        let request = random_request(&mut rng, &case.rubric, &KINDS, mood);
        let mut visits = Vec::new();
        for (evaluation, (person, device)) in request.evaluations.into_iter().zip(&evaluators) {
            let who = (*person, *device);
            visits.push(visit(tx, (cycle, centre), &named, who, evaluation, BTreeMap::new()));
        }
        drawn.push(Drawn { id: centre, visits, confirmed: request.confirmed_critical });
    }
    drawn
}

/// Writes a submitted visit with its evaluation.
pub fn visit(
    tx: &mut dyn Tx,
    (cycle, centre): (Uuid, Uuid),
    rubric: &RubricRef,
    (person, device): (Uuid, Uuid),
    mut evaluation: EvaluationJson,
    times: BTreeMap<String, i64>,
) -> (VisitId, EvaluationJson) {
    let (id, of) = (VisitId(Uuid::now_v7()), EvaluationId(Uuid::now_v7()));
    evaluation.id = of.to_string();
    let columns = "id, cycle_id, centre_id, kind, state, evaluator_id, from_day, to_day, \
                   scenario_ar, scenario_en";
    let kind = evaluation.visit_kind.as_str().into();
    let texts = ["2026-11-02", "2026-11-13", "نص", "text"].map(Value::from).to_vec();
    let row = vec![id.0.into(), cycle.into(), centre.into(), kind, "submitted".into()];
    insert(tx, "visits", columns, [row, vec![person.into()], texts].concat());
    let document = EvaluationDocument {
        schema: SCHEMA,
        evaluation: of,
        visit: id,
        revision: 1,
        device: DeviceId(device),
        rubric: rubric.clone(),
        visit_kind: evaluation.visit_kind.clone(),
        answers: evaluation.answers.clone(),
        times,
        contacts: Vec::new(),
        evidence: Vec::new(),
        followed_brief: true,
        submitted_at: 1,
    };
    let text = canonical_json(&document).unwrap();
    let columns = "id, revision, visit_id, device_id, document, sha256, signature, received_at";
    let row = vec![
        of.0.into(),
        Value::Int(1),
        id.0.into(),
        device.into(),
        text.as_str().into(),
        Digest::of(text.as_bytes()).into(),
        vec![0; 64].into(),
        Value::Int(2),
    ];
    insert(tx, "evaluations", columns, row);
    (id, evaluation)
}

async fn results_are_those_of_the_answers_after_every_change() {
    for seed in [3, 11] {
        let drawn = Random::draw(seed).await;
        let mut rng = StdRng::seed_from_u64(seed);
        let (mut counted, mut ruled) = (Vec::new(), BTreeMap::new());
        drawn.check(&counted, &ruled, "nothing").await;
        for (n, (visit, _)) in drawn.centres.iter().flat_map(|centre| &centre.visits).enumerate() {
            drawn.validate(*visit).await;
            counted.push(*visit);
            if n % 6 == 0 {
                drawn.check(&counted, &ruled, "a validation").await;
            }
        }
        for centre in &drawn.centres {
            let path = drawn.path(&format!("centres/{}/critical", centre.id));
            for criterion in &centre.confirmed {
                let confirmed = rng.random_bool(0.5);
                let ruling =
                    json!({ "criterion": criterion, "confirmed": confirmed, "reason": "r" });
                drawn.reviewer.post::<serde_json::Value>(&path, &ruling).await;
                ruled.insert((centre.id, criterion.clone()), confirmed);
            }
        }
        drawn.check(&counted, &ruled, "the rulings").await;
        drawn.check_medians().await;
        assert_eq!(drawn.rebuild().await, 0, "made anew they are the same");
        drawn.check(&counted, &ruled, "making all anew").await;
        let admin = drawn.server.sign_in("admin").await;
        let exposed = counted.remove(1);
        let path = format!("/api/visits/{exposed}/expose");
        let (status, _) = admin.answer(Method::POST, &path, json!({ "reason": "seen" })).await;
        if status != 200 {
            counted.insert(1, exposed);
        }
        drawn.check(&counted, &ruled, "an exposure").await;
    }
}

async fn an_upgrade_makes_the_results_anew() {
    let mut drawn = Random::draw(5).await;
    drawn.validate(drawn.centres[0].visits[0].0).await;
    let before: Vec<CentreResult> = drawn.chair.get(&drawn.path("results")).await;
    drawn.server.pause().await;
    let location = drawn.server.location();
    let forget = move || {
        let store = Store::open(&location).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let sql = ["DELETE FROM results", "DELETE FROM settings WHERE name = 'consolidated'"];
        let body =
            move |tx: &mut dyn Tx| sql.iter().try_for_each(|sql| tx.exec(sql, &[]).map(drop));
        runtime.block_on(store.write(body)).unwrap();
    };
    tokio::task::spawn_blocking(forget).await.unwrap();
    drawn.server.resume().await;
    let chair = drawn.server.sign_in("chair").await;
    let after: Vec<CentreResult> = chair.get(&drawn.path("results")).await;
    assert_eq!((after.len(), after), (CENTRES, before));
}

/// A programme with one validated visit at each centre, by two evaluators.
async fn validated() -> (Programme, Caller, Vec<Caller>) {
    let programme = Programme::start().await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let mut evaluators = Vec::new();
    let mut visits = Vec::new();
    for (at, user) in ["zzyzx.rasha", "zzyzx.salma"].into_iter().enumerate() {
        let evaluator = programme.person(user, "evaluator", |_| {}).await;
        let visit = programme.plan(at, "unannounced").await;
        programme.assign(visit.id, &evaluator).await;
        visits.push(visit);
        evaluators.push(evaluator);
    }
    programme.plan(0, "scheduled").await;
    programme.open().await;
    for (at, (visit, evaluator)) in visits.iter().zip(&evaluators).enumerate() {
        let device = Device::enrol(evaluator, at as u8 + 1).await;
        device.accept(visit.id, &programme.rubric).await;
        let document = device.document(visit, &programme.rubric, at == 0, "75");
        device.submit(&document).await;
        for step in ["review", "validate"] {
            let path = format!("/api/visits/{}/{step}", visit.id);
            reviewer.post::<serde_json::Value>(&path, &json!({})).await;
        }
    }
    (programme, chair, evaluators)
}

async fn the_committee_reads_the_cycle_at_a_glance_and_no_evaluator() {
    let (programme, chair, evaluators) = validated().await;
    let overview: Overview = chair.get(&programme.path("overview")).await;
    assert_eq!((overview.centres, overview.decided, overview.published), (2, 0, 0));
    let progress: Vec<_> = overview
        .progress
        .iter()
        .map(|of| (of.kind.as_str(), of.planned, of.submitted, of.validated))
        .collect();
    assert_eq!(progress, [("scheduled", 1, 0, 0), ("unannounced", 2, 2, 2)]);
    let model = &overview.models[0];
    assert_eq!((model.centres, model.scored, model.critical_open), (2, 2, 1));
    assert_eq!(model.median, None, "two centres have no median");
    let levels: Vec<_> =
        model.levels.iter().map(|count| (count.level.as_deref(), count.count)).collect();
    assert_eq!(levels, [(Some("gold"), 1), (Some("plain"), 1)]);
    assert_eq!(model.pillars[0].bands, [0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    let loads: Vec<_> =
        overview.evaluators.iter().map(|load| (load.assigned, load.validated)).collect();
    assert_eq!(loads, [(1, 1), (1, 1)]);
    assert!(overview.evaluators.iter().all(|load| load.person.is_none()));
    let again: Overview = chair.get(&programme.path("overview")).await;
    assert_eq!(again.evaluators, overview.evaluators, "a pseudonym stays");

    let page: CentrePage =
        chair.get(&programme.path(&format!("centres/{}", programme.centres[1].id))).await;
    assert_eq!(page.scorecard.exact.as_deref(), Some("30"));
    assert_eq!(page.visits.len(), 1);
    let pseudonyms: Vec<_> = overview.evaluators.iter().map(|load| &load.evaluator).collect();
    assert!(pseudonyms.contains(&&page.visits[0].evaluator), "the same as in the loads");
    assert_eq!(page.visits[0].answers.len(), 2);
    assert_eq!(
        (page.critical[0].criterion.as_str(), page.critical[0].state.as_str()),
        ("P1", "open")
    );
    let bytes = canonical_json(&page.scorecard).unwrap();
    assert_eq!(Digest::of(bytes.as_bytes()), page.sha256);

    let mut told = String::new();
    let centre = format!("centres/{}", programme.centres[0].id);
    for path in ["overview", "comparison/in_person", "readings/in_person", &centre, "results"] {
        let (status, _, bytes) = chair.raw(Method::GET, &programme.path(path), None).await;
        assert_eq!(status.as_u16(), 200, "{path}");
        told += &String::from_utf8_lossy(&bytes);
    }
    let ids: Vec<String> = evaluators.iter().map(|person| person.id().to_string()).collect();
    for secret in [SECRET, "زيزكس", "zzyzx", &ids[0], &ids[1]] {
        assert!(!told.contains(secret), "{secret} is told to the committee");
    }
    let team = programme.person("team", "central_team", |_| {}).await;
    let overview: Overview = team.get(&programme.path("overview")).await;
    let known: Vec<_> = overview.evaluators.iter().filter_map(|load| load.person).collect();
    assert_eq!(known.len(), 2, "whoever assigns visits knows whose they are");
}

async fn centres_are_compared_within_their_model_ranked_filtered_and_paged() {
    let (programme, chair, _) = validated().await;
    let compare = async |query: &str| -> Page<ComparedCentre> {
        chair.get(&programme.path(&format!("comparison/in_person?{query}"))).await
    };
    let seen = |page: &Page<ComparedCentre>| -> Vec<(String, Option<u32>)> {
        page.rows.iter().map(|item| (item.centre.code.clone(), item.rank)).collect()
    };
    let row = |code: &str, rank| (code.to_owned(), Some(rank));
    let best_first = compare("").await;
    assert_eq!(seen(&best_first), [row("C-1", 1), row("C-2", 2)]);
    assert_eq!(best_first.rows[0].score.as_ref().unwrap().exact, "90");
    assert_eq!(best_first.rows[0].pillars[0].exact.as_deref(), Some("90"));
    let filtered = compare("agency=A-2").await;
    assert_eq!(seen(&filtered), [row("C-2", 2)], "a place is one among all");
    for (query, codes) in [
        ("sort=score", vec!["C-2", "C-1"]),
        ("sort=pillar.P", vec!["C-2", "C-1"]),
        ("sort=-code&per=1", vec!["C-2"]),
        ("sort=-code&per=1&page=2", vec!["C-1"]),
        ("sort=coverage&page=2&per=2", vec![]),
        ("sort=name_ar", vec!["C-1", "C-2"]),
        ("sort=-name_en", vec!["C-1", "C-2"]),
        ("sort=-agency", vec!["C-2", "C-1"]),
        ("filter=c-1", vec!["C-1"]),
        ("filter=%25", vec![]),
        ("level=gold&outcome=level", vec!["C-1"]),
        ("governorate=Capital", vec![]),
        ("size=large&operator=Company", vec![]),
    ] {
        let page = compare(query).await;
        let found: Vec<_> = page.rows.iter().map(|item| item.centre.code.as_str()).collect();
        assert_eq!(found, codes, "{query}");
    }
    assert_eq!(compare("per=1").await.total, 2);
    for query in ["sort=evaluator", "per=0", "per=201", "sort=--score", "page=-1"] {
        let path = programme.path(&format!("comparison/in_person?{query}"));
        let code = chair.refused(Method::GET, &path, serde_json::Value::Null).await;
        assert_eq!(code, "request.invalid", "{query}");
    }
    for path in ["comparison/both", "comparison/remote", "readings/both"] {
        let (status, _) = chair.answer(Method::GET, &programme.path(path), json!({})).await;
        assert!([404, 422].contains(&status), "{path}: models are not mixed");
    }
    let read: Vec<PartOverview> = chair.get(&programme.path("readings/in_person")).await;
    assert_eq!((read[0].reading.as_str(), read[0].id.as_str()), ("experience", "in_person"));
}

async fn two_cycles_are_compared_like_for_like() {
    let (programme, chair, _) = validated().await;
    let editor = programme.person("editor", "rubric_editor", |_| {}).await;
    let mut changed = rubric();
    changed["version"] = "2.0.0".into();
    let criteria = &mut changed["pillars"][0]["criteria"];
    criteria[0]["name"]["en"] = "First, said otherwise".into();
    criteria[1]["scale"] = json!({ "kind": "yes_no" });
    let later: RubricRef = programme.admin.post("/api/rubrics", &changed).await;
    let path = format!("/api/rubrics/{}/mapping/{}", programme.rubric.sha256, later.sha256);
    let mapping: MappingJson = chair.get(&path).await;
    let words = |mapping: &MappingJson| -> Vec<String> {
        mapping.lines.iter().map(|line| line.likeness.clone()).collect()
    };
    assert_eq!(
        (words(&mapping), mapping.edited),
        (vec!["reworded".into(), "new_scale".into()], false)
    );
    let line = |earlier: &str, later: &str, likeness: &str| {
        let named = |id: &str| Some(id).filter(|id| !id.is_empty()).map(str::to_owned);
        json!({ "earlier": named(earlier), "later": named(later), "likeness": likeness })
    };
    for (lines, why) in [
        (vec![line("P1", "P1", "same")], "P2 stands nowhere"),
        (vec![line("P1", "P1", "same"), line("P2", "P2", "same")], "another scale is not the same"),
        (vec![line("P1", "P1", "same"), line("P1", "P2", "new_scale")], "P1 stands twice"),
    ] {
        let code = editor.refused(Method::PUT, &path, json!({ "lines": lines })).await;
        assert_eq!(code, "mapping.invalid", "{why}");
    }
    let lines = vec![line("P1", "P1", "same"), line("P2", "", "dropped"), line("", "P2", "new")];
    let (status, _) = editor.answer(Method::PUT, &path, json!({ "lines": lines })).await;
    assert_eq!(status, 200);
    let mapping: MappingJson = chair.get(&path).await;
    assert_eq!(
        (words(&mapping), mapping.edited),
        (vec!["same".into(), "dropped".into(), "new".into()], true)
    );
    let (status, back) = editor.answer(Method::PUT, &path, json!({ "lines": [] })).await;
    assert_eq!((status, back["edited"].as_bool()), (200, Some(false)), "back to the automatic one");

    let new = json!({
        "number": "5", "name": text("الدورة", "Cycle 5"), "programme": text("برنامج", "Programme"),
        "rubrics": [later.sha256],
        "centres": programme.centres.iter().map(|centre| centre.id).collect::<Vec<CentreId>>(),
    });
    let cycle: serde_json::Value = programme.admin.post("/api/cycles", &new).await;
    let cycle: CycleId = cycle["id"].as_str().unwrap().parse().unwrap();
    let since = async |later: CycleId, earlier: CycleId| -> Page<LikeForLikeCentre> {
        let path = format!("/api/cycles/{later}/comparison/in_person/since/{earlier}?per=1");
        chair.get(&path).await
    };
    let page = since(cycle, programme.cycle).await;
    assert_eq!((page.total, page.rows.len(), page.rows[0].criteria), (2, 1, 0), "no visit yet");
    assert_eq!(page.rows[0].earlier.headline.as_deref(), Some("90.0"));
    let same = since(programme.cycle, programme.cycle).await;
    let both = same.rows[0].later.like_for_like.as_ref().map(|number| number.exact.as_str());
    assert_eq!((both, same.rows[0].criteria), (Some("90"), 2), "a cycle is like itself");
}
