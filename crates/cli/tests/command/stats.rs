//! `mizan stats`: published figures from tables, through the real command.

use serde_json::Value;

use crate::runner::{Ran, mizan, root};

/// A published case by its id.
fn case(id: &str) -> Value {
    let path = root().join("crates/stats/tests/published/cases.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let is_it = |case: &&Value| case["id"] == id;
    all["cases"].as_array().unwrap().iter().find(is_it).unwrap()["data"].clone()
}

/// A matrix in long form; `null` is missing.
fn table(matrix: &Value, header: &str, rows_are_units: bool) -> String {
    let mut text = format!("{header}\n");
    for (row, values) in matrix.as_array().unwrap().iter().enumerate() {
        for (column, value) in values.as_array().unwrap().iter().enumerate() {
            let (unit, rater) = if rows_are_units { (row, column) } else { (column, row) };
            let value = if value.is_null() { String::new() } else { value.to_string() };
            text += &format!("u{unit},r{rater},{value}\n");
        }
    }
    text
}

fn stats(what: &str, text: &str, more: &[&str]) -> Ran {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    mizan(&[&["stats", what, file.path().to_str().unwrap()], more].concat())
}

fn printed(ran: &Ran) -> Value {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn is_near(value: &Value, published: f64, within: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - published).abs() <= within, "{value}, published {published}");
}

#[test]
fn alpha_is_krippendorffs_and_its_interval_follows_from_the_seed() {
    let text = table(&case("kripp_4obs_12units"), "unit,rater,value", false);
    is_near(&printed(&stats("alpha", &text, &["--metric", "nominal"]))["alpha"], 0.743, 0.0005);
    let ordinal = printed(&stats("alpha", &text, &[]));
    is_near(&ordinal["alpha"], 0.815, 0.0005);
    assert_eq!((ordinal["units"].as_u64(), ordinal["raters"].as_u64()), (Some(11), Some(4)));
    assert!(ordinal.get("ci95").is_none(), "only where it is asked for");
    let with = ["--bootstrap", "500", "--seed", "9"];
    let (one, two) = (stats("alpha", &text, &with), stats("alpha", &text, &with));
    assert_eq!(one.stdout, two.stdout);
    assert!(printed(&one)["ci95"][0].as_f64().unwrap() < 0.815);
}

#[test]
fn kappa_is_fleisss_only_with_all_categories_of_the_scale() {
    let text = table(&case("fleiss_1971_diagnoses"), "unit,rater,value", true);
    let fleiss = printed(&stats("kappa", &text, &["--method", "fleiss"]));
    is_near(&fleiss["kappa"], 0.430, 0.0005);
    let named = ["--method", "fleiss", "--categories", "1,2,3,4,5"];
    is_near(&printed(&stats("kappa", &text, &named))["kappa"], 0.430, 0.0005);
    let gwet = table(&case("gwet_raw4raters"), "unit,rater,value", true);
    is_near(&printed(&stats("kappa", &gwet, &[]))["kappa"], 0.775, 0.0005);
}

#[test]
fn intraclass_correlations_are_shrouts_and_fleisss_and_need_a_whole_table() {
    let matrix = case("icc_shrout_fleiss_1979");
    let text = table(&matrix, "unit,rater,value", true);
    let icc = printed(&stats("icc", &text, &[]));
    is_near(&icc["ICC2"], 0.29, 0.005);
    is_near(&icc["ms"]["between_targets"], 11.24, 0.005);
    let short = text.replacen("u0,r0,9", "u0,r0,", 1);
    let ran = stats("icc", &short, &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("u0") && ran.stderr.contains("r0"), "{}", ran.stderr);
}

#[test]
fn parts_that_nobody_connects_are_named_and_nothing_is_measured() {
    let mut text = "person,rater,value\n".to_owned();
    for (person, rater, value) in [
        ("a", "x", 1),
        ("b", "x", 2),
        ("a", "y", 2),
        ("b", "y", 3),
        ("c", "z", 1),
        ("d", "z", 3),
        ("c", "w", 2),
        ("d", "w", 2),
    ] {
        text += &format!("{person},{rater},{value}\n");
    }
    let ran = stats("mfrm", &text, &["--center", "rater"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["subsets"], 2);
    assert!(told["persons"].as_array().is_none_or(Vec::is_empty), "{told}");
    assert!(ran.stderr.contains("2 parts"), "{}", ran.stderr);
}

#[test]
fn proportions_and_ranks_are_the_published_ones() {
    let wilson = printed(&mizan(&["stats", "proportion", "81", "263"]));
    is_near(&wilson["ci95"][0], 0.2553, 5e-5);
    let difference = printed(&mizan(&["stats", "proportion", "56", "70", "48", "80"]));
    is_near(&difference["ci95"][1], 0.3339, 5e-5);
    assert_eq!(mizan(&["stats", "proportion", "1", "2", "3"]).code, 2);
    let mut text = "name,score,se\n".to_owned();
    for row in case("rank_cs_pisa_uk").as_array().unwrap() {
        text += &format!("\"{}\",{},{}\n", row[0].as_str().unwrap(), row[1], row[2]);
    }
    let ranks = printed(&stats("ranks", &text, &["--seed", "3"]));
    let is_uk = |row: &&Value| row["name"] == "United Kingdom";
    let uk = ranks["ranks"].as_array().unwrap().iter().find(is_uk).unwrap();
    assert_eq!(uk["rank"], 13);
}

#[test]
fn a_table_that_cannot_be_read_is_told_by_file_line_and_remedy() {
    let ran = stats("alpha", "unit,value\nu,1\n", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("rater"), "{}", ran.stderr);
    let ran = stats("icc", "unit,rater,value\nu,r,good\n", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains('2') && ran.stderr.contains("good"), "{}", ran.stderr);
    assert_eq!(mizan(&["stats", "gstudy", "x.csv", "--design", "r x p"]).code, 2);
}
