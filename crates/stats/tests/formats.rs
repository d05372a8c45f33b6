//! The tables of `mizan stats` and the names of its results.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use mizan_stats::Error;
use mizan_stats::agreement::{Metric, Weights};
use mizan_stats::formats::{self, Estimator, Method, ScaleOf};
use mizan_stats::generalizability::Design;
use serde_json::{Value, json};

fn published(id: &str) -> Value {
    let cases: Value = serde_json::from_str(include_str!("published/cases.json")).unwrap();
    let cases = cases["cases"].as_array().unwrap();
    cases.iter().find(|case| case["id"] == id).unwrap()["data"].clone()
}

/// A matrix as a table in long form, `null` as an empty value.
fn long(header: &str, rows: &Value) -> String {
    let mut text = format!("{header}\n");
    for (row, cells) in rows.as_array().unwrap().iter().enumerate() {
        for (column, cell) in cells.as_array().unwrap().iter().enumerate() {
            let cell = if cell.is_null() { String::new() } else { cell.to_string() };
            text += &format!("row {row},{column},{cell}\n");
        }
    }
    text
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn alpha_prints_the_promised_fields() {
    let table = long("rater,unit,value", &published("kripp_4obs_12units"));
    let result = formats::alpha(&table, Metric::Ordinal, Some((200, 7))).unwrap();
    let printed = serde_json::to_value(&result).unwrap();
    assert_eq!(keys(&printed), ["alpha", "ci95", "raters", "units"]);
    assert!((result.alpha - 0.815).abs() < 0.0005, "{printed}");
    assert_eq!((result.units, result.raters), (11, 4));
    let [low, high] = result.ci95.unwrap();
    assert!(low < result.alpha && result.alpha < high);
    let plain = formats::alpha(&table, Metric::Ordinal, None).unwrap();
    assert_eq!(keys(&serde_json::to_value(&plain).unwrap()), ["alpha", "raters", "units"]);
    assert_eq!(formats::alpha(&table, Metric::Ordinal, Some((200, 7))).unwrap(), result);
}

#[test]
fn kappa_takes_the_categories_of_the_rubric() {
    let table = long("unit,rater,value", &published("fleiss_1971_diagnoses"));
    let result = formats::kappa(&table, Method::Fleiss, &Weights::Identity, None).unwrap();
    assert!((result.kappa - 0.430).abs() < 0.0005, "{result:?}");
    let printed = serde_json::to_value(&result).unwrap();
    assert_eq!(keys(&printed), ["ci95", "expected", "kappa", "observed", "se", "units"]);
    let gwet = |categories| formats::kappa(&table, Method::GwetAc1, &Weights::Identity, categories);
    let (seen, named) =
        (gwet(None).unwrap(), gwet(Some((0..=9).map(f64::from).collect())).unwrap());
    assert!(named.expected < seen.expected, "a category that nobody used counts for chance");
    assert!(matches!(gwet(Some(vec![1.0, 2.0])), Err(Error::NotACategory { .. })));
}

#[test]
fn words_are_categories_where_order_does_not_count() {
    let table = "unit,rater,value\n1,a,met\n1,b,met\n2,a,not\n2,b,not\n3,a,partly\n3,b,not\n";
    let kappa = formats::kappa(table, Method::Cohen, &Weights::Identity, None).unwrap();
    assert!((kappa.observed - 2.0 / 3.0).abs() < 1e-12);
    assert!(formats::alpha(table, Metric::Nominal, None).is_ok());
    let refused = formats::alpha(table, Metric::Ordinal, None);
    let fault = "`met` is not a number; leave a missing value empty".to_owned();
    assert_eq!(refused, Err(Error::Line { line: 2, fault }));
    assert!(formats::kappa(table, Method::Cohen, &Weights::Linear, None).is_err());
}

#[test]
fn icc_prints_the_names_of_shrout_and_fleiss() {
    let table = long("unit,rater,value", &published("icc_shrout_fleiss_1979"));
    let printed = serde_json::to_value(formats::icc(&table).unwrap()).unwrap();
    let names = ["ICC1", "ICC1k", "ICC2", "ICC2k", "ICC3", "ICC3k", "ci95", "ms"];
    assert_eq!(keys(&printed), names);
    assert_eq!(keys(&printed["ci95"]), names[..6]);
    assert_eq!(keys(&printed["ms"]), ["between_targets", "judges", "residual", "within"]);
    let gap = table.replace("row 0,1,2\n", "row 0,1,\n");
    let missing = Error::IncompleteTable { unit: "row 0".into(), rater: "1".into() };
    assert_eq!(formats::icc(&gap), Err(missing));
}

#[test]
fn gstudy_reads_each_design_and_estimates_both_ways() {
    let mut table = "person,rater,task,value\n".to_owned();
    for row in published("gtheory_brennan_3_2").as_array().unwrap() {
        table += &format!("{},{},{},{}\n", row[1], row[2], row[0], row[3]);
    }
    let design = formats::design("p x (r:t)").unwrap();
    let anova = formats::gstudy(&table, design, Estimator::Anova).unwrap();
    let reml = formats::gstudy(&table, design, Estimator::Reml).unwrap();
    let printed = serde_json::to_value(&anova).unwrap();
    assert_eq!(keys(&printed["components"]), ["p", "pr:t", "pt", "r:t", "t"]);
    assert!((anova.phi - 0.4637).abs() < 5e-5 && (reml.phi - 0.4636).abs() < 5e-4);
    assert!((printed["se"]["p"].as_f64().unwrap() - reml.se["p"].unwrap()).abs() < 0.1);
    assert_eq!(formats::design("pxr"), Some(Design::PersonRater));
    assert_eq!(formats::design("p x r x t"), Some(Design::PersonRaterTask));
    assert_eq!(formats::design("r x p"), None);
}

#[test]
fn mfrm_prints_every_element_and_every_facet() {
    let mut table = "rater,person,item,value\n".to_owned();
    for row in published("mfrm_guilford_1954").as_array().unwrap() {
        table += &format!("judge {},{},{},{}\n", row[0], row[1], row[2], row[3]);
    }
    let result = formats::mfrm(&table, ScaleOf::Common, &["person", "item"]).unwrap();
    let printed = serde_json::to_value(&result).unwrap();
    for name in [
        "persons",
        "raters",
        "items",
        "separation",
        "strata",
        "reliability",
        "fixed_chi_square",
        "subsets",
        "iterations",
    ] {
        assert!(printed.get(name).is_some(), "{name}");
    }
    let first = &printed["raters"][0];
    for name in [
        "id",
        "measure",
        "se",
        "infit_mnsq",
        "infit_zstd",
        "outfit_mnsq",
        "outfit_zstd",
        "observed_average",
        "fair_average",
        "extreme",
    ] {
        assert!(first.get(name).is_some(), "{name}");
    }
    assert_eq!(first["id"], "judge 1");
    assert!((first["measure"].as_f64().unwrap() - 0.0397).abs() < 0.002);
    assert_eq!(printed["subsets"], 1);
    assert_eq!(printed["agreement"]["exact"], 33);
    assert_eq!(printed["scales"][0]["categories"][8]["value"], 9.0);
    assert_eq!(serde_json::from_value::<formats::MfrmResult>(printed).unwrap(), result);
}

#[test]
fn mfrm_gives_each_rater_a_scale() {
    let mut table = "person,rater,value\n".to_owned();
    let essays = published("mfrm_facets_con1");
    for (essay, token) in essays.as_str().unwrap().split_whitespace().enumerate() {
        for (rater, digit) in token.chars().enumerate() {
            table += &format!("{essay},rater {rater},{digit}\n");
        }
    }
    let result = formats::mfrm(&table, ScaleOf::Rater, &["rater"]).unwrap();
    let third = &result.scales[2];
    assert_eq!((third.of.as_deref(), third.categories.len()), (Some("rater 2"), 4));
    assert!(third.wide && !result.scales[4].wide);
    assert_eq!(result.agreement.unwrap().exact, 3847);
    assert_eq!(result.fixed_chi_square["raters"].df, 5);
}

#[test]
fn mfrm_names_the_parts_and_gives_no_measure() {
    let table = "person,rater,value\nA,x,1\nA,y,2\nB,x,2\nB,y,1\nC,z,1\nC,w,2\nD,z,2\nD,w,1\n";
    let result = formats::mfrm(table, ScaleOf::Common, &["rater"]).unwrap();
    assert_eq!((result.subsets, result.persons.len()), (2, 0));
    let parts = serde_json::to_value(&result.disconnected).unwrap();
    let expected = json!([
        {"persons": ["A", "B"], "raters": ["x", "y"], "items": []},
        {"persons": ["C", "D"], "raters": ["z", "w"], "items": []},
    ]);
    assert_eq!(parts, expected);
    assert_eq!(formats::mfrm(table, ScaleOf::Item, &["rater"]), Err(Error::NoColumn("item")));
    assert_eq!(formats::mfrm(table, ScaleOf::Common, &[]), Err(Error::OriginFree));
}

#[test]
fn proportion_and_ranks_print_intervals() {
    let one = formats::proportion((81, 263), None).unwrap();
    assert!((one.ci95[0] - 0.2553).abs() < 5e-5);
    let two = formats::proportion((56, 70), Some((48, 80))).unwrap();
    assert!((two.estimate - 0.2).abs() < 1e-12 && (two.ci95[1] - 0.3339).abs() < 5e-5);
    let mut table = "name,score,se\n".to_owned();
    for row in published("rank_cs_pisa_uk").as_array().unwrap() {
        table += &format!("{},{},{}\n", row[0].as_str().unwrap(), row[1], row[2]);
    }
    let result = formats::ranks(&table, 1, 2_000, Some(5)).unwrap();
    let kingdom = result.ranks.iter().find(|rank| rank.name == "United Kingdom").unwrap();
    assert!(kingdom.rank == 13 && kingdom.marginal95[0] >= 7 && kingdom.marginal95[1] <= 24);
    let top = result.top.unwrap();
    assert!(top.possibly.len() > 5, "who may be among the five: {:?}", top.possibly);
    assert!(top.surely.len() <= 5 && top.surely.iter().all(|name| top.possibly.contains(name)));
}

#[test]
fn a_table_that_cannot_be_read_says_where() {
    let check = |text: &str, expected: Error| {
        assert_eq!(formats::alpha(text, Metric::Interval, None), Err(expected), "{text:?}");
    };
    let line = |line, fault: &str| Error::Line { line, fault: fault.to_owned() };
    check("unit,value\na,1\n", Error::NoColumn("rater"));
    check("unit,rater,value\na,x,1\na,y\n", line(3, "has another number of cells than the header"));
    check("unit,rater,value\na,x,1\na,x,2\n", line(3, "this rater rated this unit before"));
    check(
        "unit,rater,value\na,x,NaN\n",
        line(2, "`NaN` is not a number; leave a missing value empty"),
    );
    check("unit,rater,value\n,x,1\n", line(2, "an id is empty"));
    check("unit,rater,value\n", Error::NothingToCompare);
    check("", Error::NoColumn("unit"));
    let marked = "\u{feff}unit,rater,value\r\na,x,1\r\na,y,1\r\nb,x,2\r\nb,y,3\r\n";
    assert!(formats::alpha(marked, Metric::Interval, None).is_ok(), "as a spreadsheet writes it");
}
