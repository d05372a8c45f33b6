//! Intervals, ranks, changes and shrinkage against published figures.

use mizan_stats::uncertainty::{
    Estimate, bootstrap, groups, multiple, proportion, ranks, shrinkage,
};
use mizan_stats::{Resampling, sample};

use crate::case;

#[test]
fn the_mice_of_efron_and_tibshirani() {
    let case = case("bootstrap_mouse");
    let list = |name: &str| -> Vec<f64> {
        case.data[name].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
    };
    let (treatment, control) = (list("treatment"), list("control"));
    let mean = |values: &[f64]| sample::mean(values).unwrap();
    let error = |values: &[f64]| sample::variance(values).unwrap() / values.len() as f64;
    case.check("mean_treatment", mean(&treatment));
    case.check("mean_control", mean(&control));
    case.check("difference", mean(&treatment) - mean(&control));
    case.check("se_formula_difference", (error(&treatment) + error(&control)).sqrt());
    let resampling = Resampling { replicates: 20_000, seed: 1, confidence: 0.95 };
    let found = bootstrap::resample(treatment.len(), &resampling, |places| {
        Some(mean(&places.iter().map(|place| treatment[*place]).collect::<Vec<_>>()))
    });
    case.check("bootstrap_se_mean_treatment_Binf", found.unwrap().standard_error);
    case.finish();
}

#[test]
fn wilsons_interval_in_newcombes_table() {
    let case = case("wilson_newcombe_1998");
    for row in case.numbers() {
        let interval = proportion::wilson(row[0] as u64, row[1] as u64, 0.95).unwrap();
        case.check_list(&format!("{}/{}", row[0], row[1]), &[interval.low, interval.high]);
    }
    case.finish();
}

#[test]
fn newcombes_interval_of_a_difference() {
    let case = case("newcombe_difference");
    for row in case.numbers() {
        let pair = |place: usize| (row[place] as u64, row[place + 1] as u64);
        let interval = proportion::newcombe(pair(0), pair(2), 0.95).unwrap();
        let name = format!("{}/{}-{}/{}", row[0], row[1], row[2], row[3]);
        case.check_list(&name, &[interval.low, interval.high]);
    }
    case.finish();
}

#[test]
fn the_fifteen_tests_of_benjamini_and_hochberg() {
    let case = case("bh_1995");
    let ps: Vec<f64> = case.data.as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
    let found = |adjusted: Vec<f64>| adjusted.iter().filter(|p| **p <= 0.05).count() as f64;
    case.check("bh_rejected_at_05", found(multiple::benjamini_hochberg(&ps).unwrap()));
    case.check("bonferroni_rejected_at_05", found(multiple::bonferroni(&ps).unwrap()));
    assert_eq!(found(multiple::holm(&ps).unwrap()), 3.0);
    case.finish();
}

#[test]
fn the_batters_of_efron_and_morris() {
    let case = case("shrinkage_efron_morris");
    let values: Vec<f64> =
        case.data.as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
    let mean = sample::mean(&values).unwrap();
    let found = shrinkage::james_stein(&values, mean * (1.0 - mean) / 45.0).unwrap();
    case.check("grand_mean", found.mean);
    case.check("shrinkage_factor_c", found.kept);
    case.check("js_first", found.values[0]);
    case.check("js_last", found.values[17]);
    case.check_list("js", &found.values);
    case.finish();
}

#[test]
fn the_bars_of_goldstein_and_healy() {
    let case = case("goldstein_healy");
    let multiplier = groups::overlap_multiplier(&[2.0; 5], 0.05).unwrap();
    case.check("multiplier", multiplier);
    case.check("published_rounded", multiplier);
    case.finish();
}

#[test]
fn the_rank_of_the_united_kingdom() {
    let case = case("rank_cs_pisa_uk");
    let rows = case.data.as_array().unwrap();
    let column = |place: usize| -> Vec<f64> {
        rows.iter().map(|row| row[place].as_f64().unwrap()).collect()
    };
    let draws = Resampling { replicates: 5_000, seed: 1, confidence: 0.95 };
    let sets = ranks::rank_sets(&column(1), &column(2), &draws).unwrap();
    let place = |name: &str| rows.iter().position(|row| row[0] == name).unwrap();
    let kingdom = sets[place("United Kingdom")];
    case.check("UK_rank", kingdom.rank as f64);
    let (low, high) = kingdom.marginal;
    case.check_list("UK_marginal_95_set", &[low as f64, high as f64]);
    let top = case.expected("point_rank_top6").as_array().unwrap().clone();
    for (rank, name) in top.iter().enumerate() {
        assert_eq!(sets[place(name.as_str().unwrap())].rank, rank + 1, "{name}");
    }
    for set in &sets {
        assert!(set.simultaneous.0 <= set.marginal.0 && set.marginal.1 <= set.simultaneous.1);
        assert!(set.marginal.0 <= set.rank && set.rank <= set.marginal.1);
    }
    case.finish();
}

/// The other rows of Newcombe RG (1998) Stat Med 17:857–872, Table I, method 3, and 17:873–890, Table II,
/// method 10.
#[test]
fn newcombes_rows_at_the_ends_of_the_scale() {
    let check = |found: mizan_stats::Interval, low: f64, high: f64| {
        let near = (found.low - low).abs() < 5.1e-5 && (found.high - high).abs() < 5.1e-5;
        assert!(near, "{found:?} is not {low} to {high}");
    };
    check(proportion::wilson(0, 20, 0.95).unwrap(), 0.0, 0.1611);
    check(proportion::wilson(1, 29, 0.95).unwrap(), 0.0061, 0.1718);
    for (first, second, low, high) in [
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ] {
        check(proportion::newcombe(first, second, 0.95).unwrap(), low, high);
    }
}

/// Student's sleep data (1908) Biometrika 6:1–25, with the answer of R's `t.test(extra ~ group)`: t −1.8608,
/// 17.776 degrees, p 0.07939, from −3.3654832 to 0.2054832.
#[test]
fn the_sleep_of_student() {
    let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    let estimate = |hours: &[f64]| Estimate {
        value: sample::mean(hours).unwrap(),
        standard_error: (sample::variance(hours).unwrap() / 10.0).sqrt(),
        degrees: Some(9.0),
    };
    let found = estimate(&first).less(&estimate(&second), 0.95).unwrap();
    assert!((found.value / found.standard_error + 1.8608).abs() < 5e-5, "{found:?}");
    assert!((found.p - 0.07939).abs() < 5e-6, "{found:?}");
    assert!((found.interval.low + 3.365_483_2).abs() < 5e-7, "{found:?}");
    assert!((found.interval.high - 0.205_483_2).abs() < 5e-7, "{found:?}");
}
