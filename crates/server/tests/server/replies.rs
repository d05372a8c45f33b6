//! What a centre replies to its scorecard: appeals until the committee's ruling and the new version, and
//! actions; and that no reply tells a centre of a visit, of a person, or of another centre.

use mizan_domain::evaluation::{Evaluation, RawAnswer};
use mizan_domain::rubric::VisitKind;
use mizan_domain::scale::RawValue;
use mizan_domain::scoring;
use mizan_protocol::api::{CentreResult, NewPerson, PublishedScorecard, ReviewItem};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::sync::PullResponse;
use mizan_server::store::Store;
use mizan_server::tx::Tx;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::evidence::photo;
use crate::harness::{BRIEF, Caller, Device, Programme, SECRET, client, later, rubric, text};

on_both_engines! {
    an_upheld_appeal_makes_a_version_that_scores_as_the_domain_does,
    an_appeal_is_filed_in_its_window_once_and_by_its_centre,
    nobody_rules_who_may_not_and_each_stage_once,
    what_is_refused_changes_nothing_and_results_are_made_anew_as_they_are,
    an_action_keeps_what_became_of_it,
    an_appeal_brings_files_forward_that_its_hearers_read,
    another_centres_replies_are_not_there,
}

const DAY: i64 = 86_400_000;

/// A published cycle of two centres, each visited twice, and whoever replies and rules.
struct Published {
    programme: Programme,
    manager: Caller,
    other: Caller,
    coordinator: Caller,
    team: Caller,
    judge: Caller,
    chair: Caller,
    member: Caller,
    visits: Vec<String>,
}

impl Published {
    async fn start() -> Self {
        let programme = Programme::start().await;
        let (centres, agencies) = (&programme.centres, &programme.agencies);
        let of_centre = |at: usize| {
            let id = centres[at].id;
            move |new: &mut NewPerson| new.centre = Some(id)
        };
        let manager = programme.person("manager", "manager", of_centre(0)).await;
        let other = programme.person("other", "manager", of_centre(1)).await;
        let agency = agencies[0].id;
        let of_agency = move |new: &mut NewPerson| new.agency = Some(agency);
        let coordinator = programme.person("coordinator", "coordinator", of_agency).await;
        let team = programme.person("team", "central_team", |_| {}).await;
        let judge = programme.person("judge", "reviewer", |_| {}).await;
        let chair = programme.person("chair", "committee_chair", |_| {}).await;
        let member = programme.person("member", "committee_member", |_| {}).await;
        let mut visits = Vec::new();
        let mut devices = Vec::new();
        for (at, user) in ["rasha", "salma"].into_iter().enumerate() {
            let evaluator = programme.person(user, "evaluator", |_| {}).await;
            for centre in 0..2 {
                let visit = programme.plan(centre, "unannounced").await;
                programme.assign(visit.id, &evaluator).await;
                visits.push((at, visit));
            }
            devices.push(Device::enrol(&evaluator, 1 + u8::try_from(at).unwrap()).await);
        }
        programme.open().await;
        for (at, visit) in &visits {
            let device = &devices[*at];
            device.accept(visit.id, &programme.rubric).await;
            // 40 and 80: the score is 60 + 24, below gold.
            let second = ["40", "80"][*at];
            device.submit(&device.document(visit, &programme.rubric, true, second)).await;
        }
        for item in judge.get::<Vec<ReviewItem>>("/api/review/queue").await {
            for step in ["review", "validate"] {
                let path = format!("/api/visits/{}/{step}", item.visit);
                judge.post::<Value>(&path, &json!({})).await;
            }
        }
        programme.step(&programme.admin, "close_field_work").await;
        let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
        for result in &results {
            let sha256 = Digest::of(canonical_json(&result.scorecard).unwrap().as_bytes());
            let path = programme.path(&format!("centres/{}/decision", result.centre.id));
            let remark = |criterion: &str, kind: &str| {
                let text = text("الانتظار طويل", "The wait is long");
                json!({ "criterion": criterion, "kind": kind, "text": text })
            };
            let remarks = json!([remark("P1", "strength"), remark("P2", "improvement")]);
            let decision = json!({ "scorecard_sha256": sha256, "remarks": remarks });
            chair.post::<Value>(&path, &decision).await;
        }
        programme.step(&chair, "decide").await;
        programme.step(&chair, "publish").await;
        let visits = visits.into_iter().map(|(_, visit)| visit.id.to_string()).collect();
        Self { programme, manager, other, coordinator, team, judge, chair, member, visits }
    }

    /// The versions of the first centre, the earliest first.
    async fn cards(&self) -> Vec<PublishedScorecard> {
        let mut cards: Vec<PublishedScorecard> = self.manager.get("/api/scorecards").await;
        cards.sort_by_key(|card| card.scorecard.publication.as_ref().unwrap().version);
        cards
    }

    /// Files an appeal against the last version and gives its path.
    async fn appeal(&self, criterion: &str) -> String {
        let path = format!("/api/scorecards/{}/appeals", self.cards().await.last().unwrap().id);
        let filed: Value = self.manager.post(&path, &appeal(criterion)).await;
        format!("/api/appeals/{}", filed["id"].as_str().unwrap())
    }

    /// The evaluation of the first centre with a lower answer to P2.
    async fn lower(&self, appeal: &str) -> Value {
        let case: Value = self.team.get(&format!("{appeal}/case")).await;
        let visits = case["visits"].as_array().unwrap();
        assert_eq!(visits.len(), 2);
        let is_lower = |visit: &&Value| visit["answer"]["value"] == "40";
        visits.iter().find(is_lower).unwrap()["evaluation"].clone()
    }
}

fn appeal(criterion: &str) -> Value {
    json!({ "criterion": criterion, "ground": "evidence_ignored", "text": "اللوحة كانت هناك" })
}

fn ruling(ruling: &str, evaluation: &Value, value: &str) -> Value {
    let answer = json!({ "criterion": "P2", "value": value });
    let corrections = json!([{ "evaluation": evaluation, "answer": answer }]);
    json!({ "ruling": ruling, "reason": "الصورة تثبته", "corrections": corrections })
}

fn refused() -> Value {
    json!({ "ruling": "refused", "reason": "لا دليل عليه" })
}

/// The domain's own score of two unannounced visits.
fn reckoned(seconds: [&str; 2]) -> scoring::Scorecard {
    let rubric = mizan_protocol::rubric::from_json(&rubric()).unwrap();
    let evaluation = |(at, second): (usize, &str)| Evaluation {
        id: at.to_string(),
        kind: VisitKind::Unannounced,
        answers: vec![
            ("P1".into(), RawAnswer::Value(RawValue::Bool(true))),
            ("P2".into(), RawAnswer::Value(RawValue::Text(second.into()))),
        ],
    };
    let evaluations: Vec<_> = seconds.into_iter().enumerate().map(evaluation).collect();
    scoring::score(&rubric, &evaluations, &[]).unwrap()
}

async fn an_upheld_appeal_makes_a_version_that_scores_as_the_domain_does() {
    let published = Published::start().await;
    let appeal = published.appeal("P2").await;
    let lower = published.lower(&appeal).await;
    let preview = format!("{appeal}/preview");
    let supposed = json!({ "corrections": ruling("upheld", &lower, "100")["corrections"] });
    let effect: Value = published.team.post(&preview, &supposed).await;
    let levels = [&effect["before"]["level"]["rank"], &effect["after"]["level"]["rank"]];
    assert_eq!(levels, [1, 0], "{effect}");

    let path = format!("{appeal}/ruling");
    // The first ruling goes less far than the committee.
    published.team.post::<Value>(&path, &ruling("partly", &lower, "60")).await;
    assert_eq!(published.cards().await.len(), 1, "the first ruling changes nothing");
    let seen: Value = published.manager.get(&appeal).await;
    assert_eq!((&seen["state"], &seen["ruling"]), (&json!("examined"), &Value::Null));
    let case: Value = published.chair.get(&format!("{appeal}/case")).await;
    assert_eq!(case["rulings"][0]["body"], "central_team");
    assert_eq!((&case["step"], &case["barred"]), (&json!("rule"), &Value::Null));
    let ruled: Value = published.chair.post(&path, &ruling("upheld", &lower, "100")).await;

    let cards = published.cards().await;
    let (before, after) = (reckoned(["40", "80"]), reckoned(["100", "80"]));
    let numbers = |card: &PublishedScorecard| {
        (card.scorecard.exact.clone(), card.scorecard.level.clone(), card.superseded)
    };
    let of = |card: &scoring::Scorecard| {
        let level = card.outcome.level().map(str::to_owned);
        (card.score.as_ref().map(ToString::to_string), level)
    };
    let (first, second) = (numbers(&cards[0]), numbers(&cards[1]));
    assert_eq!(((first.0, first.1), first.2), (of(&before), true));
    assert_eq!(((second.0.clone(), second.1), second.2), (of(&after), false));
    assert_eq!(of(&before).1.as_deref(), Some("plain"));
    assert_eq!(of(&after).1.as_deref(), Some("gold"));
    assert_eq!(effect["after"]["exact"].as_str(), second.0.as_deref(), "as was foretold");
    for card in &cards {
        let bytes = canonical_json(&card.scorecard).unwrap();
        card.public_key.verify(bytes.as_bytes(), &card.signature).unwrap();
        for lang in ["ar", "en"] {
            let pdf = format!("/api/scorecards/{}/pdf?lang={lang}", card.id);
            let (_, _, pdf) = published.manager.raw(Method::GET, &pdf, None).await;
            assert!(pdf.starts_with(b"%PDF-1.7"), "each version stays readable");
        }
    }
    let publication = cards[1].scorecard.publication.as_ref().unwrap();
    assert!(publication.reason.as_ref().unwrap().en.contains("P2"));
    assert_eq!(ruled["ruling"]["ruling"], "upheld");
    assert_eq!((&ruled["before"]["version"], &ruled["after"]["version"]), (&json!(1), &json!(2)));
    let page = format!("/api/scorecards/{}", cards[1].id);
    let page: Value = published.manager.get(&page).await;
    assert_eq!(
        (page["versions"].as_array().unwrap().len(), &page["trend"][0]["version"]),
        (2, &json!(2))
    );
    assert_eq!(page["window"]["appealed"], json!(["P2"]));
    assert_eq!(page["window"]["last_day"], "2026-11-15", "an appeal opens no new window");
    nothing_is_told(&published, &appeal).await;
}

/// All a centre can read of its appeal names no visit, no person and no time.
async fn nothing_is_told(published: &Published, appeal: &str) {
    let mut told = String::new();
    for reader in [&published.manager, &published.coordinator] {
        for path in [appeal, "/api/lists/appeals", "/api/lists/actions", "/api/scorecards"] {
            let (_, _, bytes) = reader.raw(Method::GET, path, None).await;
            told += &String::from_utf8(bytes).unwrap();
        }
        for card in published.cards().await {
            let path = format!("/api/scorecards/{}", card.id);
            let (_, _, bytes) = reader.raw(Method::GET, &path, None).await;
            told += &String::from_utf8(bytes).unwrap();
        }
        let pulled: PullResponse = reader.pull().await;
        assert_eq!(pulled.streams[0].records.len(), 2, "both versions");
        told += &serde_json::to_string(&pulled).unwrap();
    }
    assert!(told.contains("الصورة تثبته"), "the reason is told");
    let people = [&published.team, &published.judge, &published.chair];
    let ids = people.map(|person| person.id().to_string());
    let names = [SECRET, "زيزكس", BRIEF, "what was seen", "rasha", "2026-11-02", "evaluation\""];
    let secrets = names.into_iter().chain(ids.iter().map(String::as_str));
    for secret in secrets.chain(published.visits.iter().map(String::as_str)) {
        assert!(!told.contains(secret), "{secret} is told");
    }
    for path in ["case", "preview", "ruling"] {
        let method = if path == "case" { Method::GET } else { Method::POST };
        let path = format!("{appeal}/{path}");
        let mut body = refused();
        body["corrections"] = json!([]);
        let code = published.manager.refused(method, &path, body).await;
        assert_eq!(code, "request.not_found");
    }
}

async fn an_appeal_is_filed_in_its_window_once_and_by_its_centre() {
    let published = Published::start().await;
    let page = format!("/api/scorecards/{}", published.cards().await[0].id);
    let file = format!("{page}/appeals");
    let code = async |by: &Caller, criterion: &str| {
        let (status, answer) = by.answer(Method::POST, &file, appeal(criterion)).await;
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code(&published.manager, "P9").await, (422, "request.invalid".to_owned()));
    assert_eq!(code(&published.other, "P2").await, (404, "request.not_found".to_owned()));
    assert_eq!(code(&published.chair, "P2").await, (404, "request.not_found".to_owned()));
    let appeal = published.appeal("P2").await;
    let twice = (409, "appeal.twice".to_owned());
    assert_eq!(code(&published.manager, "P2").await, twice);
    assert_eq!(code(&published.coordinator, "P2").await, twice);
    let withdraw = format!("{appeal}/withdraw");
    let back: Value = published.coordinator.post(&withdraw, &json!({})).await;
    assert_eq!(back["state"], "withdrawn");
    let again = published.manager.refused(Method::POST, &withdraw, json!({})).await;
    assert_eq!(again, "appeal.wrong_state");
    // Ten working days from Sunday 1 November end on Sunday the 15th.
    later(14 * DAY);
    let manager = published.programme.server.sign_in("manager").await;
    let window: Value = manager.get::<Value>(&page).await["window"].clone();
    assert_eq!((&window["days_left"], &window["is_open"]), (&json!(1), &json!(true)));
    assert_eq!(code(&manager, "P2").await.0, 200, "what was taken back is no appeal");
    later(DAY);
    let manager = published.programme.server.sign_in("manager").await;
    let window: Value = manager.get::<Value>(&page).await["window"].clone();
    assert_eq!((&window["days_left"], &window["is_open"]), (&json!(0), &json!(false)));
    assert_eq!(code(&manager, "P1").await, (409, "appeal.too_late".to_owned()));
    let rules = json!({ "quorum": 1, "only_in_meetings": false, "appeal_days": 20 });
    let path = published.programme.path("committee-rules");
    let admin = published.programme.server.sign_in("admin").await;
    assert_eq!(admin.answer(Method::PUT, &path, rules).await.0, 200);
    let kept = json!({ "quorum": 2, "only_in_meetings": false });
    let (_, kept) = admin.answer(Method::PUT, &path, kept).await;
    assert_eq!(kept["appeal_days"], 20, "what is not said stays");
    assert_eq!(code(&manager, "P1").await.0, 200);
}

async fn nobody_rules_who_may_not_and_each_stage_once() {
    let published = Published::start().await;
    let programme = &published.programme;
    let appeal = published.appeal("P2").await;
    let path = format!("{appeal}/ruling");
    let code = async |by: &Caller, body: Value| by.refused(Method::POST, &path, body).await;
    assert_eq!(code(&published.judge, refused()).await, "appeal.has_judged");
    let agency = programme.agencies[0].id;
    let colleague =
        programme.person("colleague", "central_team", |new| new.agency = Some(agency)).await;
    assert_eq!(code(&colleague, refused()).await, "review.own_agency");
    let case = format!("{appeal}/case");
    let barred = colleague.refused(Method::GET, &case, Value::Null).await;
    assert_eq!(barred, "review.own_agency");
    assert_eq!(
        code(&published.chair, refused()).await,
        "appeal.wrong_state",
        "a first ruling first"
    );
    let lower = published.lower(&appeal).await;
    let nothing = json!({ "ruling": "upheld", "reason": "why" });
    assert_eq!(code(&published.team, nothing).await, "appeal.nothing_corrected");
    let off = ruling("upheld", &lower, "101");
    assert_eq!(code(&published.team, off).await, "answer.off_scale");
    let both = ruling("refused", &lower, "90");
    assert_eq!(code(&published.team, both).await, "appeal.corrects_though_refused");
    let silent = json!({ "ruling": "refused", "reason": " " });
    assert_eq!(code(&published.team, silent).await, "request.invalid");
    published.team.post::<Value>(&path, &refused()).await;
    assert_eq!(code(&published.team, refused()).await, "appeal.wrong_state");
    assert_eq!(code(&published.member, refused()).await, "appeal.not_presiding");
    let close = json!({ "event": "close" });
    let gate = published.chair.refused(Method::POST, &programme.path("step"), close).await;
    assert_eq!(gate, "cycle.gate", "nobody's appeal is lost");
    published.chair.post::<Value>(&path, &refused()).await;
    assert_eq!(code(&published.chair, refused()).await, "appeal.wrong_state");
    let withdraw = format!("{appeal}/withdraw");
    let late = published.manager.refused(Method::POST, &withdraw, json!({})).await;
    assert_eq!(late, "appeal.wrong_state");
}

async fn what_is_refused_changes_nothing_and_results_are_made_anew_as_they_are() {
    let mut published = Published::start().await;
    let refused_one = published.appeal("P1").await;
    for by in [&published.team, &published.chair] {
        by.post::<Value>(&format!("{refused_one}/ruling"), &refused()).await;
    }
    assert_eq!(published.cards().await.len(), 1);
    let shown: Value = published.manager.get(&refused_one).await;
    assert_eq!(shown["ruling"]["ruling"], "refused");
    assert_eq!(shown["after"], Value::Null);

    let upheld = published.appeal("P2").await;
    let lower = published.lower(&upheld).await;
    for by in [&published.team, &published.chair] {
        by.post::<Value>(&format!("{upheld}/ruling"), &ruling("upheld", &lower, "90")).await;
    }
    let listed: Value = published.member.get("/api/lists/appeals?state=ruled").await;
    assert_eq!(listed["total"], 2);
    // A ruling is part of what a score is made from, not a change of its result.
    published.programme.server.pause().await;
    let location = published.programme.server.location();
    let forget = |store: Store| async move {
        let sql = "DELETE FROM settings WHERE name = 'consolidated'";
        store.write(move |tx: &mut dyn Tx| tx.exec(sql, &[]).map(drop)).await.unwrap();
    };
    let opened = tokio::task::spawn_blocking(move || Store::open(&location));
    forget(opened.await.unwrap().unwrap()).await;
    published.programme.server.resume().await;
    let chair = published.programme.server.sign_in("chair").await;
    let results: Vec<CentreResult> = chair.get(&published.programme.path("results")).await;
    let exact = reckoned(["90", "80"]).score.unwrap().to_string();
    assert_eq!(results[0].scorecard.exact.as_deref(), Some(exact.as_str()));
}

async fn an_action_keeps_what_became_of_it() {
    let published = Published::start().await;
    let listed: Value = published.manager.get("/api/lists/actions").await;
    assert_eq!(listed["total"], 1, "one for each remark that asks for improvement");
    let action = &listed["rows"][0];
    assert_eq!((&action["criterion"], &action["state"]), (&json!("P2"), &json!("open")));
    let path = format!("/api/actions/{}", action["id"].as_str().unwrap());
    let change = |revision: u32, state: &str, owner: &str, evidence: &str| {
        json!({ "revision": revision, "state": state, "owner": owner, "due": "2026-11-03",
                "evidence": evidence, "note": "" })
    };
    let code = async |body: Value| published.manager.refused(Method::POST, &path, body).await;
    assert_eq!(code(change(0, "in_progress", "", "")).await, "action.owner_missing");
    assert_eq!(code(change(0, "done", "منى", "")).await, "action.evidence_missing");
    let kept: Value = published.manager.post(&path, &change(0, "in_progress", "منى", "")).await;
    assert_eq!(
        (&kept["action"]["days_left"], &kept["steps"][0]["by"]),
        (&json!(2), &json!("manager"))
    );
    assert_eq!(code(change(0, "open", "علي", "")).await, "action.stale");
    later(3 * DAY);
    let manager = published.programme.server.sign_in("manager").await;
    let late: Value = manager.get("/api/lists/actions?state=late").await;
    assert_eq!((&late["total"], &late["rows"][0]["days_left"]), (&json!(1), &json!(-1)));
    let coordinator = published.programme.server.sign_in("coordinator").await;
    let done: Value = coordinator.post(&path, &change(1, "done", "منى", "صورة اللوحة")).await;
    assert_eq!(done["steps"].as_array().unwrap().len(), 2);
    assert_eq!(done["action"]["days_left"], Value::Null);
    let opened = manager.refused(Method::POST, &path, change(2, "open", "منى", "")).await;
    assert_eq!(opened, "action.note_missing");
    let member = published.programme.server.sign_in("member").await;
    let seen: Value = member.get(&path).await;
    assert_eq!(seen["action"]["evidence"], "صورة اللوحة");
    let code = member.refused(Method::POST, &path, change(2, "done", "x", "y")).await;
    assert_eq!(code, "request.not_found", "the centre's to keep");
}

async fn an_appeal_brings_files_forward_that_its_hearers_read() {
    let published = Published::start().await;
    let appeal = published.appeal("P2").await;
    let attach = async |by: &Caller, name: &str, bytes: &[u8]| {
        let path = format!("{}{appeal}/files?name={name}", by.url);
        let request = client().post(path).bearer_auth(by.token.as_ref().unwrap());
        let answer = request.body(bytes.to_vec()).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let picture = photo(7, 400);
    let (status, with_one) = attach(&published.manager, "sign.jpg", &picture).await;
    assert_eq!(status, 200, "{with_one}");
    let sha256 = Digest::of(&picture);
    let kept = json!([{
        "sha256": sha256, "name": "sign.jpg", "media_type": "image/jpeg", "bytes": picture.len(),
    }]);
    assert_eq!(with_one["files"], kept);
    let path = format!("{appeal}/files/{sha256}");
    for reader in [&published.manager, &published.coordinator, &published.team, &published.chair] {
        let (status, headers, bytes) = reader.raw(Method::GET, &path, None).await;
        assert_eq!((status, &bytes), (StatusCode::OK, &picture));
        assert!(headers.contains("image/jpeg"), "{headers}");
        assert_eq!(reader.get::<Value>(&appeal).await["files"], kept);
    }
    let evidence = format!("/api/evidence/{sha256}");
    let code = published.judge.refused(Method::GET, &evidence, Value::Null).await;
    assert_eq!(code, "request.not_found", "it is no evidence of a visit");
    let code = async |name: &str, bytes: &[u8]| {
        attach(&published.manager, name, bytes).await.1["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code("tool", b"\x7fELF\x02\x01\x01\0").await, "evidence.type");
    assert_eq!(code("", &picture).await, "request.invalid");
    let (status, _) = attach(&published.chair, "x", &picture).await;
    assert_eq!(status, 404);
    for seed in 8..12 {
        assert_eq!(attach(&published.coordinator, "more.jpg", &photo(seed, 300)).await.0, 200);
    }
    assert_eq!(code("sixth.jpg", &photo(12, 300)).await, "appeal.too_many_files");
    published.team.post::<Value>(&format!("{appeal}/ruling"), &refused()).await;
    assert_eq!(code("late.jpg", &picture).await, "appeal.wrong_state");
}

async fn another_centres_replies_are_not_there() {
    let published = Published::start().await;
    let appeal = published.appeal("P2").await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let listed: Value = published.manager.get("/api/lists/actions").await;
    let action = listed["rows"][0]["id"].as_str().unwrap().to_owned();
    let card = published.cards().await[0].id.to_string();
    let words = b"what we say".to_vec();
    published.manager.post_bytes(&format!("{appeal}/files?name=words"), words.clone()).await;
    let theirs_file = format!("/api/appeals/{{}}/files/{}", Digest::of(&words));
    let nothing = uuid::Uuid::new_v4().to_string();
    let change = json!({ "revision": 0, "state": "open", "owner": "x", "evidence": "" });
    let agency = published.programme.agencies[1].id;
    let elsewhere = published
        .programme
        .person("elsewhere", "coordinator", |new| new.agency = Some(agency))
        .await;
    for outsider in [&published.other, &elsewhere] {
        let own: Value = outsider.get("/api/lists/appeals").await;
        assert_eq!(own["total"], 0);
        for (method, path, theirs, body) in [
            (Method::GET, "/api/scorecards/{}", &card, None),
            (Method::POST, "/api/scorecards/{}/appeals", &card, Some(self::appeal("P2"))),
            (Method::GET, "/api/appeals/{}", &id(&appeal), None),
            (Method::POST, "/api/appeals/{}/withdraw", &id(&appeal), Some(json!({}))),
            (Method::POST, "/api/appeals/{}/files?name=words", &id(&appeal), Some(json!({}))),
            (Method::GET, &theirs_file, &id(&appeal), None),
            (Method::GET, "/api/actions/{}", &action, None),
            (Method::POST, "/api/actions/{}", &action, Some(change.clone())),
        ] {
            let mut told = Vec::new();
            for of in [theirs, &nothing] {
                let path = path.replace("{}", of);
                let (status, _, bytes) = outsider.raw(method.clone(), &path, body.as_ref()).await;
                told.push((status.as_u16(), bytes));
            }
            assert_eq!(told[0], told[1], "{method} {path}");
            assert_eq!(told[0].0, 404, "{method} {path}");
        }
    }
    let seen: Value = published.manager.get(&appeal).await;
    assert_eq!(seen["state"], "filed", "nothing came of it");
}
