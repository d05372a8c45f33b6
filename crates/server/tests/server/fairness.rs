//! What the committee is told of fairness: who was planted as severe or as copying is found, a clean cycle
//! raises no alarm, what cannot be compared is named and not reckoned.

use std::collections::{BTreeMap, BTreeSet};

use mizan_domain::rubric::Rubric;
use mizan_protocol::answer::{AnswerJson, ValueJson};
use mizan_protocol::api::CentreResult;
use mizan_protocol::rubric::{RubricRef, canonical, from_json};
use mizan_protocol::score::EvaluationJson;
use mizan_server::store::Store;
use mizan_server::tx::{Tx, Value};
use mizan_stats::formats::{self, ScaleOf};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::engines::on_both_engines;
use crate::harness::{Caller, NOW, PASSWORD, SECRET, Server, text};
use crate::results::{insert, visit};

on_both_engines! {
    planted_evaluators_are_found_and_a_clean_cycle_raises_no_alarm,
    who_grows_harsher_over_the_weeks_is_found,
    evaluators_who_share_no_centre_are_named_and_not_compared,
    what_would_change_a_level_is_told_of_a_centre,
}

const EVALUATORS: usize = 8;
const CENTRES: usize = 24;
const CRITERIA: usize = 16;
/// Visits to the first centre and to the last lie so many weeks apart.
const WEEKS: f64 = 8.0;
const WEEK_MS: f64 = 7.0 * 86_400_000.0;
/// By how many steps of the scale one evaluator gives less from week to week.
const DRIFT: f64 = 0.3;

/// How a cycle went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plot {
    /// Everybody alike.
    Clean,
    /// The first two are severe, the last writes the same everywhere.
    Planted,
    /// The fifth grows harsher from week to week.
    Drifting,
    /// The first half and the second half meet nowhere.
    Apart,
}

struct World {
    chair: Caller,
    central: Caller,
    cycle: Uuid,
}

/// Two pillars of eight criteria of six steps.
fn steps() -> Rubric {
    let words = json!({ "ar": "نص", "en": "text" });
    let criterion = |pillar: &str, place: usize| {
        json!({
            "id": format!("{pillar}{place}"), "name": words, "guidance": words, "weight": 6.25,
            "scale": { "kind": "level_0_5" }, "anchors": vec![words.clone(); 6],
            "visits": ["unannounced"], "evidence": { "rule": "none", "kinds": [] },
        })
    };
    let pillar = |id: &str| {
        let criteria: Vec<Json> = (0..CRITERIA / 2).map(|place| criterion(id, place)).collect();
        json!({ "id": id, "name": words, "weight": 50, "criteria": criteria })
    };
    let level = |id: &str, least: u32, allows: bool| json!({ "id": id, "name": words, "min_score": least, "allows_critical": allows });
    let rubric = json!({
        "id": "steps", "version": "1", "model": "in_person", "title": words,
        "policy": { "unannounced_share": 0.7, "min_coverage": 70, "critical_cap": "low" },
        "levels": [level("high", 80, false), level("middle", 65, false), level("low", 0, true)],
        "pillars": [pillar("A"), pillar("B")],
    });
    from_json(&rubric).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// About normal: the sum of twelve.
fn normal(rng: &mut StdRng) -> f64 {
    (0..12).map(|_| rng.random_range(0.0..1.0)).sum::<f64>() - 6.0
}

/// Which evaluators go to a centre.
fn goers(plot: Plot, centre: usize) -> [usize; 3] {
    let all = [0, 1, 3].map(|step| (centre + step) % EVALUATORS);
    match plot {
        Plot::Clean | Plot::Planted | Plot::Drifting => all,
        Plot::Apart => {
            let half = EVALUATORS / 2;
            let from = if centre < CENTRES / 2 { 0 } else { half };
            [0, 1, 3].map(|step| from + (centre + step) % half)
        }
    }
}

fn answers(rubric: &Rubric, mut level: impl FnMut() -> i64) -> Vec<AnswerJson> {
    let answer = |id: &String| AnswerJson {
        criterion: id.clone(),
        value: Some(ValueJson::Integer(level())),
        na: None,
        ne: None,
        note: None,
    };
    rubric.criteria().map(|criterion| &criterion.id).map(answer).collect()
}

/// Writes a cycle past the server's routes, every visit validated.
fn fill(tx: &mut dyn Tx, plot: Plot, cycle: Uuid, reviewer: Uuid) {
    let mut rng = StdRng::seed_from_u64(7);
    let rubric = steps();
    let named = RubricRef::of(&rubric);
    let agency = Uuid::now_v7();
    let row = vec![agency.into(), "A-1".into(), "جهة".into(), "Agency".into()];
    insert(tx, "agencies", "id, code, name_ar, name_en", row);
    let evaluators: Vec<(Uuid, Uuid)> = (0..EVALUATORS)
        .map(|n| {
            let (person, device) = (Uuid::now_v7(), Uuid::now_v7());
            let columns = "id, user_name, password_hash, name_ar, name_en, role";
            let names = ["none", "م", SECRET, "evaluator"].map(Value::from).to_vec();
            let row = [vec![person.into(), format!("evaluator.{n}").into()], names].concat();
            insert(tx, "people", columns, row);
            let columns = "id, person_id, name, public_key, enrolled_at";
            let key = vec![n as u8; 32].into();
            let row = vec![device.into(), person.into(), "t".into(), key, Value::Int(1)];
            insert(tx, "devices", columns, row);
            (person, device)
        })
        .collect();
    let columns = "sha256, record_id, rubric_id, version, model, body";
    let (record, body) = (Uuid::now_v7().into(), canonical(&rubric).into());
    let (id, version) = ((&named.id).into(), (&named.version).into());
    let row = vec![named.sha256.into(), record, id, version, "in_person".into(), body];
    insert(tx, "rubrics", columns, row);
    let words = ["4", "الدورة", "Cycle", "برنامج", "Programme", "reviewing"].map(Value::from);
    let columns = "id, number, name_ar, name_en, programme_ar, programme_en, state";
    insert(tx, "cycles", columns, [vec![cycle.into()], words.to_vec()].concat());
    let row = vec![cycle.into(), "in_person".into(), named.sha256.into()];
    insert(tx, "cycle_rubrics", "cycle_id, model, sha256", row);
    let copied: Vec<i64> = (0..CRITERIA).map(|_| rng.random_range(2..=5)).collect();
    let mut twice = Vec::new();
    for n in 0..CENTRES {
        let centre = Uuid::now_v7();
        let columns = "id, code, agency_id, model, name_ar, name_en";
        let named_so = ["in_person", "مركز", "Centre"].map(Value::from).to_vec();
        let row = vec![centre.into(), format!("C-{n:02}").into(), agency.into()];
        insert(tx, "centres", columns, [row, named_so].concat());
        insert(tx, "cycle_centres", "cycle_id, centre_id", vec![cycle.into(), centre.into()]);
        let quality = 3.4 + 0.8 * normal(&mut rng);
        for goer in goers(plot, n) {
            let is_severe = plot == Plot::Planted && goer < 2;
            let weeks = WEEKS * n as f64 / CENTRES as f64;
            let drifts = plot == Plot::Drifting && goer == 4;
            let harsh = if is_severe { 0.9 } else { 0.0 }
                + if drifts { DRIFT * (weeks - WEEKS / 2.0) } else { 0.0 };
            let day = quality + 0.15 * normal(&mut rng) - harsh;
            let mut next = copied.iter();
            let copies = plot == Plot::Planted && goer == EVALUATORS - 1;
            let given = answers(&rubric, || {
                let seen = (day + 0.8 * normal(&mut rng)).round().clamp(0.0, 5.0) as i64;
                if copies { *next.next().unwrap() } else { seen }
            });
            let (id, kind) = (String::new(), "unannounced".to_owned());
            let evaluation = EvaluationJson { id, visit_kind: kind, answers: given.clone() };
            let times = BTreeMap::from([("arrived".to_owned(), NOW + (weeks * WEEK_MS) as i64)]);
            let of = (cycle, centre);
            let (id, _) = visit(tx, of, &named, evaluators[goer], evaluation, times);
            if twice.len() < 16 {
                twice.push((id, given));
            }
        }
    }
    tx.exec("UPDATE visits SET state = 'validated' WHERE state = 'submitted'", &[]).unwrap();
    // Second scorings agree but for one criterion, whose anchors everybody reads otherwise.
    for (id, given) in twice {
        let row = vec![id.0.into(), Value::Int(1), Value::Int(10), true.into(), Value::Int(1)];
        insert(tx, "second_draws", "visit_id, ticket, share, drawn, at", row);
        let row = vec![id.0.into(), reviewer.into(), Value::Int(1), Value::Int(2)];
        insert(tx, "second_scorings", "visit_id, person_id, taken_at, submitted_at", row);
        for mut answer in given {
            if answer.criterion == "B3" {
                answer.value = Some(ValueJson::Integer(rng.random_range(0..=5)));
            }
            let text = serde_json::to_string(&answer).unwrap();
            let criterion = answer.criterion.into();
            let row = vec![id.0.into(), reviewer.into(), criterion, text.into(), Value::Int(1)];
            insert(tx, "second_answers", "visit_id, person_id, criterion, answer, at", row);
        }
    }
}

impl World {
    async fn of(plot: Plot) -> Self {
        let mut server = Server::start().await;
        let admin = server.sign_in("admin").await;
        let roles =
            [("reviewer", "reviewer"), ("chair", "committee_chair"), ("central", "central_team")];
        for (user, role) in roles {
            let name = text("شخص", "Person");
            let new = json!({ "user": user, "password": PASSWORD, "name": name, "role": role });
            admin.post::<Json>("/api/people", &new).await;
        }
        let reviewer = server.sign_in("reviewer").await.id().0;
        server.pause().await;
        let (cycle, location) = (Uuid::now_v7(), server.location());
        let write = move || {
            let store = Store::open(&location).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let body = move |tx: &mut dyn Tx| {
                fill(tx, plot, cycle, reviewer);
                Ok(())
            };
            runtime.block_on(store.write(body)).unwrap();
            drop(store);
            let folder = tempfile::tempdir().unwrap();
            mizan_server::consolidate(folder.path(), &location).unwrap();
        };
        tokio::task::spawn_blocking(write).await.unwrap();
        server.resume().await;
        let (chair, central) = (server.sign_in("chair").await, server.sign_in("central").await);
        // It lives as long as the test's thread.
        std::mem::forget(server);
        Self { chair, central, cycle }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/cycles/{}/{rest}", self.cycle)
    }

    async fn fairness(&self) -> Json {
        self.chair.get(&self.path("fairness/in_person")).await
    }

    /// The pseudonym of the n-th evaluator, as whoever plans visits can tell it.
    async fn pseudonym(&self, n: usize) -> String {
        let people: Json = self.central.get("/api/people").await;
        let mut people = people.as_array().unwrap().iter();
        let person = people.find(|person| person["user"] == format!("evaluator.{n}")).unwrap();
        let told: Json = self.central.get(&self.path("fairness/in_person")).await;
        let mut all = told["severity"]["evaluators"].as_array().unwrap().iter();
        let own = all.find(|evaluator| evaluator["person"] == person["id"]).unwrap();
        own["evaluator"].as_str().unwrap().to_owned()
    }
}

fn list<'a>(of: &'a Json, name: &str) -> &'a Vec<Json> {
    of[name].as_array().unwrap_or_else(|| panic!("{name} is a list: {of}"))
}

/// The pseudonyms of the evaluators for whom something holds.
fn who(evaluators: &[Json], holds: impl Fn(&Json) -> bool) -> BTreeSet<String> {
    let chosen = evaluators.iter().filter(|evaluator| holds(evaluator));
    chosen.map(|evaluator| evaluator["evaluator"].as_str().unwrap().to_owned()).collect()
}

async fn planted_evaluators_are_found_and_a_clean_cycle_raises_no_alarm() {
    let world = World::of(Plot::Clean).await;
    let told = world.fairness().await;
    let evaluators = list(&told["severity"], "evaluators");
    assert_eq!((&told["severity"]["state"], evaluators.len()), (&json!("estimated"), EVALUATORS));
    let is_apart = |it: &Json| it["is_apart"] == true || it["drift"]["is_apart"] == true;
    assert!(who(evaluators, is_apart).is_empty(), "{evaluators:#?}");
    assert!(list(&told, "alike").is_empty() && list(&told, "straight").is_empty(), "{told:#}");
    let bounded = |it: &Json| it["severity"]["low"].is_f64() && it["severity"]["high"].is_f64();
    assert_eq!(who(evaluators, bounded).len(), EVALUATORS, "each has its interval");
    let told_of_drift = |it: &Json| it["drift"]["per_week"]["low"].is_f64();
    assert_eq!(who(evaluators, told_of_drift).len(), EVALUATORS, "nine visits over weeks");

    // The anchors of one criterion are read otherwise by everybody, and it comes first.
    let criteria = list(&told, "criteria");
    assert_eq!(criteria.len(), CRITERIA);
    assert_eq!((&criteria[0]["criterion"], &criteria[0]["is_weak"]), (&json!("B3"), &json!(true)));
    assert!(criteria[1..].iter().all(|it| it["is_weak"] == false), "{criteria:#?}");
    let pairs = list(&told, "pairs");
    assert_eq!(pairs.len(), 16);
    let beyond = pairs.iter().flat_map(|pair| list(pair, "criteria"));
    assert_eq!(beyond.map(|id| id.as_str().unwrap()).collect::<BTreeSet<_>>(), ["B3"].into());

    let world = World::of(Plot::Planted).await;
    let told = world.fairness().await;
    let severity = &told["severity"];
    let evaluators = list(severity, "evaluators");
    let planted: BTreeSet<String> =
        [world.pseudonym(0).await, world.pseudonym(1).await].into_iter().collect();
    let harsh = |it: &Json| it["is_apart"] == true && it["severity"]["value"].as_f64() > Some(0.0);
    assert_eq!(who(evaluators, harsh), planted, "{evaluators:#?}");
    assert_eq!(who(&evaluators[..2], |_| true), planted, "the harshest come first");
    assert!(severity["reliability"].as_f64() > Some(0.7), "{severity}");

    let copying = world.pseudonym(EVALUATORS - 1).await;
    let alike = list(&told, "alike");
    assert!(!alike.is_empty());
    assert!(
        alike.iter().all(|pair| pair["evaluators"] == json!([copying, copying])),
        "{copying}: {alike:#?}"
    );

    // Raw scores are the results'; adjusted ones rise where the severe went.
    let results: Vec<CentreResult> = world.chair.get(&world.path("results")).await;
    let centres = list(&told, "centres");
    assert_eq!(centres.len(), CENTRES);
    let mut rises: [Vec<f64>; 2] = Default::default();
    for result in &results {
        let of = |it: &&Json| it["code"] == result.centre.code.as_str();
        let row = centres.iter().find(of).unwrap();
        assert_eq!(row["raw"].as_str(), result.scorecard.score.as_deref());
        assert_eq!(row["level"].as_str(), result.scorecard.level.as_deref());
        let n: usize = result.centre.code[2..].parse().unwrap();
        let met_severe = goers(Plot::Planted, n).iter().any(|goer| *goer < 2);
        rises[usize::from(met_severe)].push(row["difference"].as_f64().unwrap());
    }
    let [others, severe] = rises.map(|all| all.iter().sum::<f64>() / all.len() as f64);
    assert!(severe > others + 5.0, "{severe} where the severe went, {others} elsewhere");
    assert!(centres.iter().any(|row| row["would_differ"] == true), "a level hangs on who went");
    assert_eq!(centres[0]["would_differ"], true, "those come first");

    // What the model of the export finds is what is shown: the same order of severity.
    let (status, headers, bytes) =
        world.chair.raw(reqwest::Method::GET, &world.path("ratings/in_person"), None).await;
    assert!(status.is_success() && headers.contains("text/csv"), "{status} {headers}");
    let table = String::from_utf8(bytes).unwrap();
    assert!(!table.contains(SECRET) && !table.contains("evaluator."), "pseudonyms alone");
    assert_eq!(table.lines().count(), 1 + CENTRES * 3 * CRITERIA);
    let measured = formats::mfrm(&table, ScaleOf::Common, &["rater", "item"]).unwrap();
    let measured = serde_json::to_value(&measured).unwrap();
    let mut raters: Vec<(f64, String)> = list(&measured, "raters")
        .iter()
        .map(|it| (it["measure"].as_f64().unwrap(), it["id"].as_str().unwrap().to_owned()))
        .collect();
    raters.sort_by(|one, other| other.0.total_cmp(&one.0));
    let order: Vec<&str> = raters.iter().map(|(_, id)| id.as_str()).collect();
    let shown: Vec<&str> = evaluators.iter().map(|it| it["evaluator"].as_str().unwrap()).collect();
    assert_eq!(order, shown);

    let sure: Json = world.chair.get(&world.path("uncertainty/in_person")).await;
    let rows = list(&sure, "centres");
    assert_eq!(rows.len(), CENTRES);
    assert!(sure["visit_deviation"].as_f64() > Some(0.0));
    for (place, row) in (0u64..).zip(rows) {
        let figure = |name: &str| row["score"][name].as_f64().unwrap();
        assert!(figure("low") <= figure("value") && figure("value") <= figure("high"), "{row}");
        let alike: Vec<u64> = list(row, "alike").iter().map(|it| it.as_u64().unwrap()).collect();
        assert!(alike[0] <= place && place <= alike[1], "{row}");
    }
    let grouped: BTreeSet<u64> = list(&sure, "groups")
        .iter()
        .flat_map(|group| group.as_array().unwrap().iter().map(|it| it.as_u64().unwrap()))
        .collect();
    assert_eq!(grouped.len(), CENTRES, "each centre is in a group");

    // Only those who plan visits are told who it is.
    assert!(evaluators.iter().all(|it| it.get("person").is_none()));
}

async fn who_grows_harsher_over_the_weeks_is_found() {
    let world = World::of(Plot::Drifting).await;
    let told = world.fairness().await;
    let evaluators = list(&told["severity"], "evaluators");
    let drifts = |it: &Json| it["drift"]["is_apart"] == true;
    let growing_harsher = BTreeSet::from([world.pseudonym(4).await]);
    assert_eq!(who(evaluators, drifts), growing_harsher, "{evaluators:#?}");
    let falls = |it: &Json| drifts(it) && it["drift"]["per_week"]["high"].as_f64() < Some(0.0);
    assert_eq!(who(evaluators, falls), growing_harsher, "what they give falls");
}

async fn evaluators_who_share_no_centre_are_named_and_not_compared() {
    let world = World::of(Plot::Apart).await;
    let told = world.fairness().await;
    let severity = &told["severity"];
    assert_eq!(severity["state"], "disconnected");
    let subsets = list(severity, "subsets");
    assert_eq!(subsets.len(), 2);
    for subset in subsets {
        assert_eq!(list(subset, "evaluators").len(), EVALUATORS / 2);
        assert_eq!(list(subset, "centres").len(), CENTRES / 2);
    }
    let is_told = |it: &Json| !it["severity"].is_null() || !it["drift"].is_null();
    assert!(who(list(severity, "evaluators"), is_told).is_empty(), "no figure across parts");
    assert!(list(&told, "centres").iter().all(|row| row["adjusted"].is_null()));
    assert!(list(&told, "criteria").iter().any(|it| !it["second"].is_null()), "agreement is told");
}

async fn what_would_change_a_level_is_told_of_a_centre() {
    let world = World::of(Plot::Planted).await;
    let results: Vec<CentreResult> = world.chair.get(&world.path("results")).await;
    let mut lifted = 0;
    for result in &results {
        let path = world.path(&format!("centres/{}/levers", result.centre.id.0));
        let told: Json = world.chair.get(&path).await;
        assert_eq!(told["now"]["level"].as_str(), result.scorecard.level.as_deref());
        assert_eq!(told["now"]["score"]["exact"].as_str(), result.scorecard.exact.as_deref());
        let without = list(&told, "without");
        assert_eq!(without.len(), 3, "one for each evaluator");
        assert!(without.iter().all(|it| it["evaluator"].as_str().unwrap().starts_with("E-")));
        assert!(told["shares"].is_null(), "there is one kind of visit");
        let sets = list(&told["lifts"], "sets");
        let is_best = told["next"].is_null();
        assert!(is_best == (result.scorecard.level.as_deref() == Some("high")));
        assert!(!is_best || sets.is_empty());
        lifted += usize::from(!sets.is_empty());
        for step in sets.iter().flat_map(|set| set.as_array().unwrap()) {
            let points = |name: &str| step[name].as_str().unwrap().parse::<f64>().unwrap();
            assert!(points("from") < points("to"), "{step}");
        }
    }
    assert!(lifted > 0, "some levels can be lifted by single steps");
}
