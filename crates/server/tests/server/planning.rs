//! What those are told who prepare a cycle: its gates, who may make a visit, accounts, rubric files.

use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Programme, rubric};

on_both_engines! {
    a_cycle_tells_what_it_is_made_of_and_what_its_gates_need,
    each_evaluator_is_told_with_the_rules_that_bar_them,
    accounts_are_listed_with_why_they_were_closed,
    the_audit_is_listed_by_deed_and_by_person,
    a_rubric_file_is_checked_by_place_and_its_json_is_taken,
}

async fn a_cycle_tells_what_it_is_made_of_and_what_its_gates_need() {
    let programme = Programme::start().await;
    let setup: Value = programme.admin.get(&programme.path("setup")).await;
    assert_eq!(setup["gates"]["notice_recorded"], false);
    assert_eq!((&setup["gates"]["visits"], setup.get("notice")), (&json!(0), None));
    assert_eq!(setup["rubrics"][0]["rubric"]["id"], "small");
    assert_eq!(setup["centres"].as_array().unwrap().len(), 2);
    let visit = programme.plan(0, "unannounced").await;
    programme.open().await;
    let reason = json!({ "reason": "closed for works" });
    let path = format!("/api/visits/{}", visit.id);
    programme.admin.post::<Value>(&format!("{path}/cancel"), &reason).await;
    let setup: Value = programme.admin.get(&programme.path("setup")).await;
    assert_eq!(setup["cycle"]["state"], "open");
    assert_eq!(setup["notice"]["recipients"], "all agencies");
    assert_eq!(setup["gates"]["visits_unsettled"], 0);
    assert_eq!(setup["gates"]["centres_undecided"], 2);
    let told: Value = programme.admin.get(&path).await;
    assert_eq!(told["scenario"]["en"], "Ask about the licence");
    assert_eq!(told["brief"]["max_minutes"], 45);
    assert_eq!(told["steps"][0]["state"], "cancelled");
    assert_eq!(told["steps"][0]["reason"], "closed for works");
}

async fn each_evaluator_is_told_with_the_rules_that_bar_them() {
    let programme = Programme::start().await;
    let agency = programme.agencies[0].id;
    programme.person("a.employed", "evaluator", |new| new.agency = Some(agency)).await;
    programme.person("b.interested", "evaluator", |new| new.interests = vec![agency]).await;
    let there = programme.person("c.there", "evaluator", |_| {}).await;
    programme.person("d.free", "evaluator", |_| {}).await;
    programme.person("e.reviewer", "reviewer", |_| {}).await;
    let first = programme.plan(0, "unannounced").await;
    programme.assign(first.id, &there).await;
    let visit = programme.plan(0, "scheduled").await;
    let candidates: Value =
        programme.admin.get(&format!("/api/visits/{}/candidates", visit.id)).await;
    let told: Vec<(&str, &str, i64)> = candidates
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| {
            let code = candidate["barred"][0]["code"].as_str().unwrap_or_default();
            (candidate["user"].as_str().unwrap(), code, candidate["visits"].as_i64().unwrap())
        })
        .collect();
    let expected = [
        ("a.employed", "assignment.own_agency", 0),
        ("b.interested", "assignment.interest", 0),
        ("c.there", "assignment.same_cycle", 1),
        ("d.free", "", 0),
    ];
    assert_eq!(told, expected);
    let may: Vec<bool> = candidates
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| candidate["may_overrule"].as_bool().unwrap())
        .collect();
    assert_eq!(may, [false, false, true, false], "rotation alone may be passed over");
    // What is told is what the assignment itself does.
    for candidate in candidates.as_array().unwrap() {
        let body = json!({ "evaluator": candidate["person"] });
        let path = format!("/api/visits/{}/assign", visit.id);
        let (status, answer) = programme.admin.answer(Method::POST, &path, body).await;
        match candidate["barred"][0]["code"].as_str() {
            Some(code) => assert_eq!(answer["code"], code),
            None => assert_eq!(status, 200, "{answer}"),
        }
    }
}

async fn accounts_are_listed_with_why_they_were_closed() {
    let programme = Programme::start().await;
    let agency = programme.agencies[0].id;
    let rasha = programme.person("rasha", "evaluator", |new| new.interests = vec![agency]).await;
    programme.person("coordinator", "coordinator", |new| new.agency = Some(agency)).await;
    let path = format!("/api/people/{}", rasha.id());
    let close = json!({ "active": false, "reason": " left the programme " });
    assert_eq!(programme.admin.answer(Method::POST, &path, close).await.0, 204);
    let listed: Value = programme.admin.get("/api/lists/people?role=evaluator").await;
    let row = &listed["rows"][0];
    assert_eq!((listed["total"].as_i64(), &row["user"]), (Some(1), &json!("rasha")));
    assert_eq!((&row["active"], &row["interests"]), (&json!(false), &json!(1)));
    assert_eq!(row["reason"], "left the programme");
    assert_eq!(programme.admin.answer(Method::POST, &path, json!({ "active": true })).await.0, 204);
    let listed: Value = programme.admin.get("/api/lists/people?filter=RASHA").await;
    assert_eq!(listed["rows"][0]["active"], true);
    assert_eq!(listed["rows"][0].get("reason"), None, "of the last change alone");
    let listed: Value = programme.admin.get("/api/lists/people?sort=-user&filter=A-1").await;
    assert_eq!(listed["rows"][0]["agency_name"]["en"], "Agency");
    let code = programme.admin.refused(Method::GET, "/api/lists/people?role=king", json!({})).await;
    assert_eq!(code, "request.invalid");
    let long = json!({ "active": false, "reason": "x".repeat(2001) });
    assert_eq!(programme.admin.refused(Method::POST, &path, long).await, "request.invalid");
}

async fn the_audit_is_listed_by_deed_and_by_person() {
    let programme = Programme::start().await;
    let observer = programme.person("observer", "observer", |_| {}).await;
    let listed: Value = programme.admin.get("/api/lists/audit?deed=agency_added&sort=-n").await;
    assert_eq!(listed["total"], 2);
    let ns: Vec<i64> =
        listed["rows"].as_array().unwrap().iter().map(|row| row["n"].as_i64().unwrap()).collect();
    assert!(ns[0] > ns[1], "the newest first: {ns:?}");
    let id = programme.admin.id();
    let path = format!("/api/lists/audit?deed=centre_added&person={id}");
    let listed: Value = programme.admin.get(&path).await;
    assert_eq!((listed["total"].as_i64(), &listed["rows"][0]["person"]), (Some(2), &json!(id)));
    let code = observer.refused(Method::GET, &path, json!({})).await;
    assert_eq!(code, "request.invalid", "an observer learns nothing of an id");
    let listed: Value = observer.get("/api/lists/audit?deed=centre_added").await;
    let row = &listed["rows"][0];
    assert_ne!(row["person"], json!(id));
    assert_eq!(row["details"], json!({}));
}

const FILE: &str = r#"id = "file"
version = "1.0.0"
model = "remote"
title = { ar = "ع", en = "Small" }
[policy]
critical_cap = "all"
[[levels]]
id = "all"
name = { ar = "ع", en = "All" }
min_score = 0
allows_critical = true
[[pillars]]
id = "A"
name = { ar = "ع", en = "A" }
weight = 100
[[pillars.criteria]]
id = "A1"
name = { ar = "ع", en = "Time" }
guidance = { ar = "ع", en = "Measure" }
weight = 100
scale = { kind = "yes_no" }
visits = ["unannounced"]
evidence = { rule = "none", kinds = [] }
"#;

async fn a_rubric_file_is_checked_by_place_and_its_json_is_taken() {
    let programme = Programme::start().await;
    let check = async |text: String| -> Value {
        programme.admin.post("/api/rubrics/check", &json!({ "text": text })).await
    };
    let faulty = check(FILE.replace("weight = 100\nscale", "weight = 90\nscale")).await;
    let fault = &faulty["faults"][0];
    assert_eq!(
        (&fault["problem"], &fault["params"]["sum"]),
        (&json!("criteria_weights"), &json!("90"))
    );
    assert!(fault["line"].as_u64().is_some_and(|line| line >= 12), "{fault}");
    assert!(faulty.get("rubric").is_none());
    let fine = check(FILE.to_owned()).await;
    assert_eq!(fine["faults"], json!([]));
    let added: Value = programme.admin.post("/api/rubrics", &fine["rubric"]).await;
    assert_eq!(added, fine["named"]);
    let sha256 = added["sha256"].as_str().unwrap();
    let shown: Value = programme.admin.get(&format!("/api/rubrics/{sha256}")).await;
    assert_eq!(shown, fine["rubric"]);
    let shown: Value =
        programme.admin.get(&format!("/api/rubrics/{}", programme.rubric.sha256)).await;
    assert_eq!(
        shown["pillars"][0]["criteria"][0]["id"],
        rubric()["pillars"][0]["criteria"][0]["id"]
    );
    let none = format!("/api/rubrics/{}", "0".repeat(64));
    assert_eq!(programme.admin.refused(Method::GET, &none, json!({})).await, "request.not_found");
}
