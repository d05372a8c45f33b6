//! Agreement against published figures.

use mizan_stats::agreement::{Categories, Metric, Weights, alpha, chance, cohen, fleiss, icc};
use mizan_stats::ratings::Ratings;
use serde_json::Value;

use crate::{case, turned};

fn categories(values: &[i32]) -> Categories {
    Categories::new(values.iter().map(|value| f64::from(*value)).collect()).unwrap()
}

#[test]
fn the_six_correlations_of_shrout_and_fleiss() {
    let case = case("icc_shrout_fleiss_1979");
    let icc = icc::icc(&case.ratings(), 0.95).unwrap();
    case.check("MS_between_targets", icc.mean_squares.between_targets);
    case.check("MS_within", icc.mean_squares.within);
    case.check("MS_judges", icc.mean_squares.judges);
    case.check("MS_residual", icc.mean_squares.residual);
    for (form, single, mean) in
        [(1, icc.icc1, icc.icc1_mean), (2, icc.icc2, icc.icc2_mean), (3, icc.icc3, icc.icc3_mean)]
    {
        case.check(&format!("ICC({form},1)"), single.value);
        case.check(&format!("ICC({form},4)"), mean.value);
        case.check(&format!("ICC({form},1)_full"), single.value);
        case.check(&format!("ICC({form},k)_full"), mean.value);
        let ends = |interval: mizan_stats::Interval| [interval.low, interval.high];
        case.check_list(&format!("CI95_ICC({form},1)"), &ends(single.interval));
        case.check_list(&format!("CI95_ICC({form},k)"), &ends(mean.interval));
    }
    case.check("F_ICC1", icc.icc1.f);
    case.check("F_ICC3", icc.icc3.f);
    case.finish();
}

#[test]
fn alpha_of_four_observers_under_each_metric() {
    let case = case("kripp_4obs_12units");
    let ratings = Ratings::from_rows(&turned(&case.rows())).unwrap();
    for (name, metric) in [
        ("nominal", Metric::Nominal),
        ("ordinal", Metric::Ordinal),
        ("interval", Metric::Interval),
        ("ratio", Metric::Ratio),
    ] {
        let alpha = alpha::alpha(&ratings, metric).unwrap();
        case.check(name, alpha.value);
        case.check(&format!("{name}_full"), alpha.value);
        assert_eq!(alpha.units, 11, "the last unit has one value alone");
    }
    case.check("pairable_values_n", alpha::alpha(&ratings, Metric::Nominal).unwrap().values as f64);
    case.finish();
}

#[test]
fn alpha_of_two_observers_and_two_values() {
    let case = case("kripp_binary_2obs_10units");
    let ratings = Ratings::from_rows(&turned(&case.rows())).unwrap();
    let alpha = alpha::alpha(&ratings, Metric::Nominal).unwrap();
    case.check("nominal", alpha.value);
    case.check("nominal_full", alpha.value);
    case.finish();
}

#[test]
fn the_diagnoses_of_fleiss() {
    let case = case("fleiss_1971_diagnoses");
    let (ratings, categories) = (case.ratings(), categories(&[1, 2, 3, 4, 5]));
    let kappa = fleiss::fixed_raters(&ratings, &categories).unwrap();
    case.check("kappa", kappa.value);
    case.check("kappa_full", kappa.value);
    case.check("P_bar", kappa.observed);
    case.check("Pe_bar", kappa.expected);
    case.check("z_null", kappa.z);
    let (values, zs): (Vec<f64>, Vec<f64>) = kappa.by_category.iter().flatten().copied().unzip();
    case.check_list("kappa_by_category", &values);
    case.check_list("z_by_category", &zs);
    let conger = chance::conger(&ratings, &categories, &Weights::Identity, 0.95).unwrap();
    case.check("conger_exact_kappa", conger.value);
    case.check("light_kappa", cohen::light(&ratings, &categories, &Weights::Identity).unwrap());
    let general = chance::fleiss(&ratings, &categories, &Weights::Identity, 0.95).unwrap();
    assert!((general.value - kappa.value).abs() < 1e-12, "the general form gives the same");
    case.finish();
}

#[test]
fn the_two_clinicians_of_cohen() {
    let case = case("cohen_1960_1968");
    let matrix =
        |value: &Value| -> Vec<Vec<f64>> { serde_json::from_value(value.clone()).unwrap() };
    let (table, categories) = (matrix(&case.data["p"]), categories(&[1, 2, 3]));
    let kappa =
        |weights: &Weights| cohen::kappa_of_table(&table, 200, &categories, weights, 0.95).unwrap();
    case.check("kappa", kappa(&Weights::Identity).value);
    let weights = Weights::from_disagreement(&matrix(&case.data["disagreement_weights"])).unwrap();
    case.check("weighted_kappa", kappa(&weights).value);
    case.finish();
}

/// Krippendorff K (2011) Computing Krippendorff's alpha-reliability, section B: nominal data of two observers
/// and twelve articles, alpha .692.
#[test]
fn the_twelve_articles_of_krippendorff() {
    let (one, other) = ("aabbdcccedda", "babbbccceddd");
    let rows: Vec<Vec<Option<f64>>> = one
        .bytes()
        .zip(other.bytes())
        .map(|(one, other)| vec![Some(f64::from(one)), Some(f64::from(other))])
        .collect();
    let alpha = alpha::alpha(&Ratings::from_rows(&rows).unwrap(), Metric::Nominal).unwrap();
    assert!((alpha.value - 0.692).abs() < 0.0005, "{alpha:?}");
}

/// Fleiss JL, Cohen J, Everitt BS (1969) Psychol Bull 72:323–327: 200 patients, κ .429 with variance .002885.
#[test]
fn the_standard_errors_of_fleiss_cohen_and_everitt() {
    let table =
        [[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]].map(|row| row.to_vec());
    let categories = categories(&[1, 2, 3]);
    let plain = cohen::kappa_of_table(&table, 200, &categories, &Weights::Identity, 0.95).unwrap();
    assert!((plain.value - 0.429).abs() < 0.0005, "{plain:?}");
    assert!((plain.standard_error.powi(2) - 0.002_885).abs() < 0.000_1, "{plain:?}");
}

#[test]
fn gwets_four_raters_with_missing_values() {
    let case = case("gwet_raw4raters");
    let (ratings, categories) = (case.ratings(), categories(&[1, 2, 3, 4, 5]));
    let plain = Weights::Identity;
    let gwet = |weights: &Weights| chance::gwet(&ratings, &categories, weights, 0.95).unwrap();
    let ac1 = gwet(&plain);
    case.check("percent_agreement", chance::observed(&ratings, &categories, &plain).unwrap());
    case.check("AC1", ac1.value);
    case.check("AC1_se", ac1.standard_error);
    case.check_list("AC1_ci95", &[ac1.interval.low, ac1.interval.high]);
    case.check("AC1_pe", ac1.expected);
    case.check("AC2_quadratic", gwet(&Weights::Quadratic).value);
    case.check("AC2_quadratic_se", gwet(&Weights::Quadratic).standard_error);
    case.check("AC2_linear", gwet(&Weights::Linear).value);
    case.check("AC2_ordinal", gwet(&Weights::Ordinal).value);
    case.check("AC2_ordinal_se", gwet(&Weights::Ordinal).standard_error);
    let fleiss = |weights: &Weights| chance::fleiss(&ratings, &categories, weights, 0.95).unwrap();
    case.check("fleiss_kappa", fleiss(&plain).value);
    case.check("fleiss_se", fleiss(&plain).standard_error);
    case.check("fleiss_quadratic", fleiss(&Weights::Quadratic).value);
    let conger = |weights: &Weights| chance::conger(&ratings, &categories, weights, 0.95).unwrap();
    case.check("conger_kappa", conger(&plain).value);
    case.check("conger_se", conger(&plain).standard_error);
    case.check("conger_quadratic", conger(&Weights::Quadratic).value);
    let even = chance::brennan_prediger(&ratings, &categories, &plain, 0.95).unwrap();
    case.check("brennan_prediger", even.value);
    case.check("bp_se", even.standard_error);
    let alpha =
        |weights: &Weights| chance::weighted_alpha(&ratings, &categories, weights, 0.95).unwrap();
    case.check("kripp_alpha_nominal", alpha(&plain).value);
    case.check("kripp_se", alpha(&plain).standard_error);
    case.check("kripp_quadratic(=interval alpha)", alpha(&Weights::Quadratic).value);
    case.check("kripp_gwet_ordinal_weights", alpha(&Weights::Ordinal).value);
    case.finish();
}
