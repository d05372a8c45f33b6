//! Agencies and centres from a file: every fault by its line, all of it added or nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::Programme;

on_both_engines! {
    a_file_is_added_whole_in_either_language,
    every_fault_is_told_by_its_line_and_nothing_is_added,
    headings_that_are_wrong_are_told_alone,
}

async fn send(programme: &Programme, kind: &str, text: &str, dry_run: bool) -> (u16, Value) {
    let body = json!({ "kind": kind, "text": text, "dry_run": dry_run });
    programme.admin.answer(Method::POST, "/api/imports", body).await
}

async fn total(programme: &Programme, list: &str) -> i64 {
    let listed: Value = programme.admin.get(&format!("/api/lists/{list}")).await;
    listed["total"].as_i64().unwrap()
}

/// Line, column and problem of each fault.
fn faults(checked: &Value) -> Vec<(u64, &str, &str)> {
    let word = |fault: &Value, name: &str| fault[name].as_str().map(str::to_owned);
    let faults = checked["faults"].as_array().unwrap().iter();
    faults
        .map(|fault| {
            assert!(word(fault, "problem").is_some(), "{fault}");
            let column = fault["column"].as_str().unwrap_or_default();
            (fault["line"].as_u64().unwrap(), column, fault["problem"].as_str().unwrap())
        })
        .collect()
}

async fn a_file_is_added_whole_in_either_language() {
    let programme = Programme::start().await;
    let agencies = "\u{feff}رمز الجهة;الاسم بالعربية;الاسم بالإنجليزية\r\n\
                    HLT;وزارة الصحة;Ministry of Health\r\n;;\r\n\
                    MOI;\"وزارة; الداخلية\";Ministry of Interior\r\n";
    let (status, checked) = send(&programme, "agencies", agencies, true).await;
    assert_eq!((status, faults(&checked)), (200, vec![]));
    assert_eq!((checked["rows"].as_array().unwrap().len(), &checked["added"]), (2, &json!(0)));
    assert_eq!(total(&programme, "agencies").await, 2, "only checked");
    let (status, done) = send(&programme, "agencies", agencies, false).await;
    assert_eq!((status, &done["added"]), (200, &json!(2)), "{done}");
    assert_eq!(done["rows"][1]["name"]["ar"], "وزارة; الداخلية");
    assert_eq!(total(&programme, "agencies").await, 4);

    let centres = "code,agency,model,name_ar,name_en,size\n\
                   H-1,HLT,In person,مركز,\"Centre, one\",صغير\n\
                   H-2,HLT,عن بُعد,مركز,Centre,\n";
    let (status, done) = send(&programme, "centres", centres, false).await;
    assert_eq!((status, &done["added"]), (200, &json!(2)), "{done}");
    assert_eq!(done["rows"][0]["size"], "small");
    assert_eq!(done["rows"][1]["model"], "remote");
    assert_eq!(total(&programme, "centres").await, 4);
    let found: Value = programme.admin.get("/api/lists/centres?filter=H-1").await;
    assert_eq!(found["rows"][0]["name"]["en"], "Centre, one");
}

async fn every_fault_is_told_by_its_line_and_nothing_is_added() {
    let programme = Programme::start().await;
    let text = format!(
        "code,agency,model,name_ar,name_en,size,governorate\n\
         N-1,A-1,in_person,مركز,Centre,,\n\
         N 2,A-9,by post,,Centre,huge,\n\
         N-1,A-1,remote,مركز,Centre,,\n\
         C-1,A-1,remote,مركز,Centre,,{}\n\
         N-3,A-1,remote,مركز\n",
        "x".repeat(101)
    );
    let expected = vec![
        (3, "name_ar", "empty"),
        (3, "code", "code"),
        (3, "agency", "no_agency"),
        (3, "model", "not_allowed"),
        (3, "size", "not_allowed"),
        (4, "code", "twice"),
        (5, "code", "taken"),
        (5, "governorate", "too_long"),
        (6, "", "fields"),
    ];
    let (status, checked) = send(&programme, "centres", &text, true).await;
    assert_eq!((status, faults(&checked)), (200, expected));
    let of = |problem: &str| {
        let mut all = checked["faults"].as_array().unwrap().iter();
        all.find(|fault| fault["problem"] == problem).unwrap().clone()
    };
    assert_eq!(of("not_allowed")["allowed"], json!(["in_person", "remote"]));
    assert_eq!(of("not_allowed")["value"], "by post");
    assert_eq!(of("twice")["allowed"], json!(["2"]), "the line it stands in already");
    let (status, refused) = send(&programme, "centres", &text, false).await;
    assert_eq!((status, &refused["code"]), (422, &json!("import.faults")));
    assert_eq!(refused["params"]["faults"], "9");
    assert_eq!(total(&programme, "centres").await, 2, "nothing is half added");
}

async fn headings_that_are_wrong_are_told_alone() {
    let programme = Programme::start().await;
    let text = "code,colour,code,name_ar\nN 1,red,N-1,\n";
    let (_, checked) = send(&programme, "agencies", text, true).await;
    let expected =
        [(1, "", "column_unknown"), (1, "code", "column_twice"), (1, "name_en", "column_missing")];
    assert_eq!(faults(&checked), expected);
    for (text, problem) in [("code,name_ar,name_en\n", "no_rows"), ("", "column_missing")] {
        let (_, checked) = send(&programme, "agencies", text, true).await;
        assert_eq!(faults(&checked)[0].2, problem, "{text:?}");
    }
}
