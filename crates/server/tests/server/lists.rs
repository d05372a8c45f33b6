//! Lists a page at a time: every row on one page, in the order asked for, and nobody else's.

use reqwest::Method;
use serde_json::Value;

use crate::engines::on_both_engines;
use crate::harness::{Caller, Programme, new_centre, text};
use crate::rights::World;

on_both_engines! {
    every_row_stands_on_one_page_in_the_order_asked_for,
    what_is_searched_for_is_found_in_any_case_and_is_no_pattern,
    whoever_is_judged_finds_the_own_scorecards_alone,
}

async fn codes(caller: &Caller, path: &str) -> (Vec<String>, i64) {
    let listed: Value = caller.get(path).await;
    let rows = listed["rows"].as_array().unwrap().iter();
    (
        rows.map(|row| row["code"].as_str().unwrap().to_owned()).collect(),
        listed["total"].as_i64().unwrap(),
    )
}

async fn more_centres(programme: &Programme) {
    for (code, en) in [("C-3", "North_1"), ("C-4", "north 100%"), ("C-5", "North_1")] {
        let (agency, name) = (programme.agencies[0].id, text("مركز الشمال", en));
        let new = new_centre(code.into(), agency, "remote".into(), name);
        let _: Value = programme.admin.post("/api/centres", &new).await;
    }
}

async fn every_row_stands_on_one_page_in_the_order_asked_for() {
    let programme = Programme::start().await;
    more_centres(&programme).await;
    let of =
        async |query: &str| codes(&programme.admin, &format!("/api/lists/centres?{query}")).await.0;
    assert_eq!(of("").await, ["C-1", "C-2", "C-3", "C-4", "C-5"]);
    assert_eq!(of("sort=-code&per=2").await, ["C-5", "C-4"]);
    for sort in ["code", "-code", "name_ar", "-name_en", "model", "agency_en"] {
        let mut seen = Vec::new();
        for page in 1..=3 {
            seen.extend(of(&format!("sort={sort}&per=2&page={page}")).await);
        }
        seen.sort();
        assert_eq!(seen, ["C-1", "C-2", "C-3", "C-4", "C-5"], "{sort}: each once");
    }
    assert_eq!(of("page=9").await, [""; 0], "past the end there is nothing, and no fault");
    for wrong in ["sort=id", "per=201", "page=0", "sort=code;--"] {
        let path = format!("/api/lists/centres?{wrong}");
        let code = programme.admin.refused(Method::GET, &path, Value::Null).await;
        assert_eq!(code, "request.invalid", "{wrong}");
    }
    let (agencies, total) =
        codes(&programme.admin, "/api/lists/agencies?sort=-name_en&per=1").await;
    assert_eq!((agencies.len(), total), (1, 2));
}

async fn what_is_searched_for_is_found_in_any_case_and_is_no_pattern() {
    let programme = Programme::start().await;
    more_centres(&programme).await;
    let of = async |filter: &str| {
        codes(&programme.admin, &format!("/api/lists/centres?filter={filter}")).await.0
    };
    assert_eq!(of("NORTH").await, ["C-3", "C-4", "C-5"]);
    assert_eq!(of("north_").await, ["C-3", "C-5"], "an underscore is an underscore");
    assert_eq!(of("100%25").await, ["C-4"]);
    assert_eq!(of("%D8%A7%D9%84%D8%B4%D9%85%D8%A7%D9%84").await, ["C-3", "C-4", "C-5"], "Arabic");
    assert_eq!(of("%27%20OR%201=1%20--").await, [""; 0]);
}

async fn whoever_is_judged_finds_the_own_scorecards_alone() {
    use mizan_domain::role::Role;
    let world = World::publish().await;
    let of = async |role: Role| -> Vec<String> {
        let listed: Value = world.of(role).get("/api/lists/scorecards?sort=centre").await;
        let rows = listed["rows"].as_array().unwrap().iter();
        rows.map(|row| row["centre"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(Role::Manager).await, ["C-1"]);
    assert_eq!(of(Role::Coordinator).await, ["C-1"]);
    assert_eq!(of(Role::Observer).await, ["C-1", "C-2"]);
    let listed: Value = world.of(Role::Manager).get("/api/lists/scorecards").await;
    let row = &listed["rows"][0];
    assert_eq!((&row["outcome"], row["version"].as_i64()), (&"level".into(), Some(1)));
    assert_eq!(row["level"]["of"].as_i64(), Some(2), "{row}");
    // A text of another centre finds nothing, and says nothing else.
    let none: Value = world.of(Role::Manager).get("/api/lists/scorecards?filter=C-2").await;
    assert_eq!((none["rows"].as_array().unwrap().len(), none["total"].as_i64()), (0, Some(0)));
}
