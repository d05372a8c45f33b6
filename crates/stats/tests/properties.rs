//! What must hold whatever the numbers are.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use mizan_stats::agreement::{Categories, Metric, Weights, alpha, chance, cohen, icc};
use mizan_stats::facets::{Design as Facets, Facet, Measures, Scale};
use mizan_stats::field::likeness::{Answer, likeness};
use mizan_stats::generalizability::{Design, Score};
use mizan_stats::random::Random;
use mizan_stats::ratings::Ratings;
use mizan_stats::uncertainty::{
    Estimate, bootstrap, groups, multiple, proportion, ranks, shrinkage,
};
use mizan_stats::{Error, Resampling, drivers};
use proptest::collection::vec;
use proptest::prelude::*;

type Rows = Vec<Vec<Option<f64>>>;

/// Units × raters with gaps, values 0 to 4.
fn rows() -> impl Strategy<Value = Rows> {
    (2usize..5).prop_flat_map(|raters| {
        let cell =
            prop_oneof![4 => (0u8..5).prop_map(|value| Some(f64::from(value))), 1 => Just(None)];
        vec(vec(cell, raters), 2..12)
    })
}

/// Targets × judges without gaps.
fn complete() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2usize..5).prop_flat_map(|judges| vec(vec(-50.0..50.0f64, judges), 3..9))
}

fn full(rows: &[Vec<f64>]) -> Ratings {
    let rows: Rows = rows.iter().map(|row| row.iter().copied().map(Some).collect()).collect();
    Ratings::from_rows(&rows).unwrap()
}

fn table(rows: &Rows) -> Ratings {
    Ratings::from_rows(rows).unwrap()
}

fn five() -> Categories {
    Categories::new((0..5).map(f64::from).collect()).unwrap()
}

fn mixed(seed: u64, count: usize) -> Vec<usize> {
    let mut random = Random::seeded(seed);
    let mut order: Vec<usize> = (0..count).collect();
    (1..count).for_each(|place| order.swap(place, random.below(place + 1)));
    order
}

fn reordered(rows: &Rows, seed: u64) -> Rows {
    let (units, raters) = (mixed(seed, rows.len()), mixed(seed + 1, rows[0].len()));
    units.iter().map(|unit| raters.iter().map(|rater| rows[*unit][*rater]).collect()).collect()
}

fn mapped(rows: &Rows, map: impl Fn(f64) -> f64) -> Rows {
    rows.iter().map(|row| row.iter().map(|cell| cell.map(&map)).collect()).collect()
}

const METRICS: [Metric; 4] = [Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio];

/// The same number, or the same refusal.
#[track_caller]
fn same(one: Result<f64, Error>, other: Result<f64, Error>) {
    match (one, other) {
        (Ok(one), Ok(other)) => assert!((one - other).abs() < 1e-9, "{one} is not {other}"),
        (one, other) => assert_eq!(one.is_err(), other.is_err(), "{one:?} and {other:?}"),
    }
}

fn alpha_of(rows: &Rows, metric: Metric) -> Result<f64, Error> {
    alpha::alpha(&table(rows), metric).map(|alpha| alpha.value)
}

/// Alpha straight from its definition: every pair of values, the ordinal metric summed step by step.
fn alpha_by_pairs(rows: &Rows, metric: Metric) -> Option<f64> {
    let units: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| row.iter().flatten().copied().collect::<Vec<_>>())
        .filter(|unit: &Vec<f64>| unit.len() > 1)
        .collect();
    let all: Vec<f64> = units.iter().flatten().copied().collect();
    let count = |value: f64| all.iter().filter(|other| **other == value).count() as f64;
    let distance = |a: f64, b: f64| -> f64 {
        match metric {
            Metric::Nominal => f64::from(u8::from(a != b)),
            Metric::Interval => (a - b).powi(2),
            Metric::Ratio => {
                if a + b == 0.0 {
                    0.0
                } else {
                    ((a - b) / (a + b)).powi(2)
                }
            }
            Metric::Ordinal => {
                let (low, high) = (a.min(b), a.max(b));
                let between = (0..5).map(f64::from).filter(|value| low <= *value && *value <= high);
                (between.map(count).sum::<f64>() - (count(a) + count(b)) / 2.0).powi(2)
            }
        }
    };
    let pairs = |values: &[f64]| -> f64 {
        values.iter().map(|a| values.iter().map(|b| distance(*a, *b)).sum::<f64>()).sum()
    };
    let size = all.len() as f64;
    let within: f64 = units.iter().map(|unit| pairs(unit) / (unit.len() - 1) as f64).sum();
    let expected = pairs(&all) / (size - 1.0);
    (expected > 0.0).then(|| 1.0 - within / expected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn alpha_is_its_definition(rows in rows()) {
        for metric in METRICS {
            let by_pairs = alpha_by_pairs(&rows, metric);
            match (alpha_of(&rows, metric), by_pairs) {
                (Ok(found), Some(expected)) => prop_assert!((found - expected).abs() < 1e-9),
                (found, expected) => prop_assert!(found.is_err() && expected.is_none(), "{found:?}"),
            }
        }
    }

    #[test]
    fn the_order_of_units_and_raters_changes_no_agreement(rows in rows(), seed in 0u64..1000) {
        let other = reordered(&rows, seed);
        for metric in METRICS {
            same(alpha_of(&rows, metric), alpha_of(&other, metric));
        }
        let (one, two, categories) = (table(&rows), table(&other), five());
        for weights in [Weights::Identity, Weights::Linear, Weights::Quadratic, Weights::Ordinal] {
            for coefficient in [chance::gwet, chance::fleiss, chance::conger, chance::weighted_alpha] {
                let value = |ratings| coefficient(ratings, &categories, &weights, 0.95).map(|it| it.value);
                let error = |ratings| {
                    coefficient(ratings, &categories, &weights, 0.95).map(|it| it.standard_error)
                };
                same(value(&one), value(&two));
                same(error(&one), error(&two));
            }
        }
    }

    #[test]
    fn other_names_for_categories_change_no_nominal_agreement(rows in rows()) {
        let other = mapped(&rows, |value| (value * 2.0 + 1.0) % 5.0);
        same(alpha_of(&rows, Metric::Nominal), alpha_of(&other, Metric::Nominal));
        let gwet = |rows| {
            chance::gwet(&table(rows), &five(), &Weights::Identity, 0.95).map(|it| it.value)
        };
        same(gwet(&rows), gwet(&other));
    }

    #[test]
    fn each_metric_knows_its_own_scale(rows in rows()) {
        same(alpha_of(&rows, Metric::Ordinal), alpha_of(&mapped(&rows, f64::exp), Metric::Ordinal));
        let shifted = mapped(&rows, |value| 3.0 * value - 40.0);
        same(alpha_of(&rows, Metric::Interval), alpha_of(&shifted, Metric::Interval));
        same(alpha_of(&rows, Metric::Ratio), alpha_of(&mapped(&rows, |value| 7.0 * value), Metric::Ratio));
    }

    #[test]
    fn coefficients_are_finite_and_at_most_one(rows in rows()) {
        let ratings = table(&rows);
        for weights in [Weights::Identity, Weights::Quadratic] {
            for coefficient in [chance::gwet, chance::fleiss, chance::conger, chance::brennan_prediger] {
                if let Ok(found) = coefficient(&ratings, &five(), &weights, 0.95) {
                    prop_assert!(found.value <= 1.0 + 1e-12 && found.value.is_finite());
                    prop_assert!(found.standard_error.is_finite() && found.standard_error >= 0.0);
                    prop_assert!(found.interval.low <= found.value + 1e-12);
                    prop_assert!(found.interval.high <= 1.0);
                }
            }
        }
    }

    #[test]
    fn with_two_raters_conger_is_cohen(pairs in vec((0u8..5, 0u8..5), 3..20)) {
        let rows: Rows =
            pairs.iter().map(|(a, b)| vec![Some(f64::from(*a)), Some(f64::from(*b))]).collect();
        let ratings = table(&rows);
        for weights in [Weights::Identity, Weights::Linear, Weights::Quadratic] {
            let cohen = cohen::kappa(&ratings, &five(), &weights, 0.95).map(|it| it.value);
            let conger = chance::conger(&ratings, &five(), &weights, 0.95).map(|it| it.value);
            same(cohen.clone(), conger);
            same(cohen, cohen::light(&ratings, &five(), &weights));
        }
    }

    #[test]
    fn raters_who_always_agree_agree_perfectly(values in vec(0u8..5, 3..20), raters in 2usize..6) {
        let rows: Rows = values.iter().map(|value| vec![Some(f64::from(*value)); raters]).collect();
        let gwet = chance::gwet(&table(&rows), &five(), &Weights::Identity, 0.95).unwrap();
        prop_assert!((gwet.value - 1.0).abs() < 1e-12 && gwet.standard_error < 1e-9);
        for metric in METRICS {
            if let Ok(alpha) = alpha_of(&rows, metric) {
                prop_assert!((alpha - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn correlations_do_not_see_the_unit_of_measurement(rows in complete(), scale in 0.1..9.0f64) {
        let other: Vec<Vec<f64>> =
            rows.iter().map(|row| row.iter().map(|value| scale * value + 11.0).collect()).collect();
        let (one, two) = (icc::icc(&full(&rows), 0.95).unwrap(), icc::icc(&full(&other), 0.95).unwrap());
        for (a, b) in [(one.icc1, two.icc1), (one.icc2, two.icc2), (one.icc3_mean, two.icc3_mean)] {
            prop_assert!((a.value - b.value).abs() < 1e-7);
            prop_assert!(a.interval.low <= a.value + 1e-9 && a.value <= a.interval.high + 1e-9);
        }
        // A judge's habit is no inconsistency.
        let harsh: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| row.iter().enumerate().map(|(judge, value)| value - 7.0 * judge as f64).collect())
            .collect();
        let habit = icc::icc(&full(&harsh), 0.95).unwrap();
        prop_assert!((habit.icc3.value - one.icc3.value).abs() < 1e-7);
    }

    #[test]
    fn correlations_are_ratios_of_components(rows in complete()) {
        let scores: Vec<Score> = rows
            .iter()
            .enumerate()
            .flat_map(|(person, row)| {
                row.iter().enumerate().map(move |(rater, value)| Score { person, rater, task: 0, value: *value })
            })
            .collect();
        let components = Design::PersonRater.anova(&scores).unwrap();
        let icc = icc::icc(&full(&rows), 0.95).unwrap();
        if components.components.iter().all(|it| it.computed > 0.0) {
            let decision = components.decision(1, 1).unwrap();
            prop_assert!((decision.g - icc.icc3.value).abs() < 1e-9);
            prop_assert!((decision.phi - icc.icc2.value).abs() < 1e-9);
            let all = components.decision(rows[0].len(), 1).unwrap();
            prop_assert!((all.g - icc.icc3_mean.value).abs() < 1e-9);
            // Balanced and positive: both estimators are one.
            let reml = Design::PersonRater.reml(&scores).unwrap();
            for (one, other) in components.components.iter().zip(&reml.components) {
                prop_assert!((one.value - other.value).abs() < 1e-4 * (1.0 + one.value), "{one:?} {other:?}");
            }
        }
        let more = components.decision(5, 1).unwrap();
        prop_assert!(more.phi >= components.decision(4, 1).unwrap().phi, "more raters never tell less");
    }

    #[test]
    fn a_proportion_lies_in_its_interval(trials in 1u64..500, share in 0.0..1.0f64) {
        let successes = (share * trials as f64) as u64;
        let interval = proportion::wilson(successes, trials, 0.95).unwrap();
        let mirrored = proportion::wilson(trials - successes, trials, 0.95).unwrap();
        prop_assert!(interval.holds(successes as f64 / trials as f64));
        prop_assert!(interval.low >= 0.0 && interval.high <= 1.0);
        prop_assert!((interval.low - (1.0 - mirrored.high)).abs() < 1e-12);
        prop_assert!(proportion::wilson(successes, trials, 0.99).unwrap().width() >= interval.width());
    }

    #[test]
    fn adjusted_tests_keep_their_order(ps in vec(0.0..1.0f64, 0..30)) {
        let (fdr, holm) = (multiple::benjamini_hochberg(&ps).unwrap(), multiple::holm(&ps).unwrap());
        let bonferroni = multiple::bonferroni(&ps).unwrap();
        for one in 0..ps.len() {
            prop_assert!(ps[one] <= fdr[one] + 1e-15 && fdr[one] <= holm[one] + 1e-12);
            prop_assert!(holm[one] <= bonferroni[one] + 1e-12 && bonferroni[one] <= 1.0);
            for two in 0..ps.len() {
                prop_assert!(ps[one] > ps[two] || fdr[one] <= fdr[two]);
            }
        }
    }

    #[test]
    fn shrunk_scores_keep_their_order_and_come_closer(values in vec(0.0..100.0f64, 4..15), error in 0.5..20.0f64) {
        let shrunk = shrinkage::empirical_bayes(&values, &vec![error; values.len()], 0.95).unwrap();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        for (one, value) in shrunk.iter().zip(&values) {
            prop_assert!((one.value - mean).abs() <= (value - mean).abs() + 1e-9);
            prop_assert!((0.0..=1.0).contains(&one.kept));
            for (two, other) in shrunk.iter().zip(&values) {
                prop_assert!(value < other || one.value >= two.value - 1e-9);
            }
        }
    }

    #[test]
    fn groups_hold_exactly_the_pairs_that_cannot_be_told_apart(
        scores in vec((0.0..20.0f64, 0.5..4.0f64), 1..14),
    ) {
        let scores: Vec<Estimate> =
            scores.iter().map(|(value, error)| Estimate::known(*value, *error)).collect();
        let groups = groups::groups(&scores, 0.95).unwrap();
        for one in 0..scores.len() {
            prop_assert!(groups.iter().any(|group| group.contains(&one)));
            for two in 0..one {
                let alike = scores[one].less(&scores[two], 0.95).unwrap().interval.holds(0.0);
                let together = groups.iter().any(|it| it.contains(&one) && it.contains(&two));
                prop_assert_eq!(alike, together);
            }
        }
    }

    #[test]
    fn importance_divides_what_is_explained(seed in 0u64..500, count in 1usize..6) {
        let mut random = Random::seeded(seed);
        let mut draw = || (0..30).map(|_| random.normal()).collect::<Vec<f64>>();
        let predictors: Vec<Vec<f64>> = (0..count).map(|_| draw()).collect();
        let outcome: Vec<f64> =
            draw().iter().zip(&predictors[0]).map(|(noise, first)| noise + first).collect();
        let found = drivers::importance(&outcome, &predictors).unwrap();
        prop_assert!((found.parts.iter().sum::<f64>() - found.r_squared).abs() < 1e-9);
        prop_assert!(found.parts.iter().all(|part| *part >= 0.0));
        let scaled: Vec<Vec<f64>> =
            predictors.iter().map(|it| it.iter().map(|value| 3.0 - 2.0 * value).collect()).collect();
        let other = drivers::importance(&outcome, &scaled).unwrap();
        prop_assert!(found.parts.iter().zip(&other.parts).all(|(a, b)| (a - b).abs() < 1e-9));
        let turned: Vec<Vec<f64>> = predictors.iter().rev().cloned().collect();
        let back = drivers::importance(&outcome, &turned).unwrap();
        prop_assert!(found.parts.iter().zip(back.parts.iter().rev()).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn likeness_is_mutual(rows in vec(vec(prop::option::weighted(0.9, 0u16..3), 12), 2..8)) {
        let found = likeness(&rows, 0.85, 1).unwrap();
        for (place, it) in found.iter().enumerate() {
            let Some(it) = it else { continue };
            let pair = |a: &Answer, b: &Answer| a.is_some() && b.is_some();
            let both = rows[place].iter().zip(&rows[it.other]);
            let shared = both.clone().filter(|(a, b)| pair(a, b)).count();
            let same = both.filter(|(a, b)| pair(a, b) && a == b).count();
            prop_assert_eq!(it.shared, shared);
            prop_assert!((it.share - same as f64 / shared as f64).abs() < 1e-12);
            prop_assert!(found[it.other].unwrap().share >= it.share);
        }
    }
}

/// Small designs of every kind, most of them hardly sensible.
fn wild_design() -> impl Strategy<Value = Facets> {
    let sizes = (1usize..6, 1usize..4, 1usize..4);
    sizes.prop_flat_map(|(persons, raters, items)| {
        let rating = ((0..persons, 0..raters, 0..items), 0u8..4, 0.5..2.0f64);
        let scale = prop_oneof![
            Just(Scale::Common),
            (0usize..3).prop_map(|facet| Scale::Each { facet }),
            vec(0usize..items, items).prop_map(|groups| Scale::Groups { facet: 2, groups }),
        ];
        let anchor = prop::option::weighted(0.3, (0..raters, -2.0..2.0f64));
        (vec(rating, 0..40), scale, anchor, any::<bool>()).prop_map(
            move |(ratings, scale, anchor, floats)| {
                let persons =
                    if floats { Facet::floating(persons) } else { Facet::centred(persons) };
                let items = if floats { Facet::centred(items) } else { Facet::floating(items) };
                let raters = Facet::centred(raters).anchored(anchor.into_iter().collect());
                let mut design = Facets::new(vec![persons, raters, items], scale).unwrap();
                for ((person, rater, item), value, weight) in ratings {
                    design.rate_weighted(&[person, rater, item], f64::from(value), weight).unwrap();
                }
                design
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_design_gives_finite_figures_or_a_named_error(design in wild_design()) {
        let Ok(found) = design.measure() else { return Ok(()) };
        for element in found.facets.iter().flat_map(|facet| &facet.elements) {
            let figures = [
                element.measure,
                element.standard_error,
                element.joint_error,
                element.infit.map(|it| it.mean_square + it.z),
                element.outfit.map(|it| it.mean_square + it.z),
                element.observed_average,
                element.fair_average,
                Some(element.score),
            ];
            prop_assert!(figures.iter().flatten().all(|it| it.is_finite()), "{element:?}");
        }
        for summary in found.facets.iter().filter_map(|facet| facet.summary) {
            let figures = [summary.separation, summary.reliability, summary.chi_squared, summary.p];
            prop_assert!(figures.iter().all(|it| it.is_finite()), "{summary:?}");
        }
        let fit = found.fit;
        let figures = [fit.log_likelihood, fit.chi_squared, fit.explained];
        prop_assert!(figures.iter().all(|it| it.is_finite()), "{fit:?}");
        prop_assert!(found.matching(&design, 1).all.expected.is_finite());
    }

    #[test]
    fn every_study_gives_finite_figures_or_a_named_error(
        cells in vec((0usize..5, 0usize..4, 0usize..3, 0u8..4), 0..40),
    ) {
        let mut seen = std::collections::HashSet::new();
        let scores: Vec<Score> = cells
            .into_iter()
            .filter(|(person, rater, task, _)| seen.insert((*person, *rater, *task)))
            .map(|(person, rater, task, value)| Score { person, rater, task, value: f64::from(value) })
            .collect();
        for design in [Design::PersonRater, Design::PersonRaterTask, Design::PersonRaterWithinTask] {
            for run in [Design::anova, Design::reml] {
                let Ok(found) = run(design, &scores) else { continue };
                for component in &found.components {
                    prop_assert!(component.value.is_finite() && component.value >= 0.0, "{component:?}");
                    let error = component.standard_error.unwrap_or(0.0);
                    prop_assert!(error.is_finite(), "{component:?}");
                }
                if let Ok(decision) = found.decision(2, 2) {
                    prop_assert!((0.0..=1.0).contains(&decision.phi) && decision.g >= decision.phi);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_marginal_model_gives_finite_figures_or_a_named_error(design in wild_design()) {
        let Ok(found) = design.measure_marginally() else { return Ok(()) };
        prop_assert!(found.measures.iter().flatten().flatten().all(|it| it.is_finite()));
        prop_assert!(found.deviance.is_finite() && found.ability_variance >= 0.0);
        prop_assert!(found.reliability.is_finite());
    }
}

fn study(seed: u64, scale: Scale) -> (Facets, Vec<[usize; 3]>, Vec<f64>) {
    let mut random = Random::seeded(seed);
    let mut draw = |count: usize, spread: f64| {
        (0..count).map(|_| spread * random.normal()).collect::<Vec<_>>()
    };
    let (persons, raters, items) = (draw(25, 1.0), draw(6, 0.5), draw(4, 0.5));
    let facets = vec![Facet::floating(25), Facet::centred(6), Facet::centred(4)];
    let mut design = Facets::new(facets, scale).unwrap();
    let (mut places, mut values) = (Vec::new(), Vec::new());
    for (person, ability) in persons.iter().enumerate() {
        for rater in [person % 6, (person + 1) % 6, (person * 5 + 3) % 6] {
            for (item, difficulty) in items.iter().enumerate() {
                let line = ability - raters[rater] - difficulty;
                let passed = [-1.0, 0.0, 1.0]
                    .iter()
                    .filter(|threshold| random.unit() < 1.0 / (1.0 + (*threshold - line).exp()));
                let value = passed.count() as f64;
                design.rate(&[person, rater, item], value).unwrap();
                places.push([person, rater, item]);
                values.push(value);
            }
        }
    }
    (design, places, values)
}

fn measures(of: &Measures, facet: usize) -> Vec<f64> {
    of.facets[facet].elements.iter().map(|element| element.measure.unwrap()).collect()
}

#[track_caller]
fn close(one: &[f64], other: &[f64]) {
    let far = one.iter().zip(other).find(|(a, b)| (*a - *b).abs() > 1e-6);
    assert!(far.is_none() && one.len() == other.len(), "{far:?}");
}

#[test]
fn the_order_of_ratings_changes_no_measure() {
    for scale in [Scale::Common, Scale::Each { facet: 1 }, Scale::Each { facet: 2 }] {
        let (design, places, values) = study(5, scale.clone());
        let one = design.measure().unwrap();
        let facets = vec![Facet::floating(25), Facet::centred(6), Facet::centred(4)];
        let mut other = Facets::new(facets, scale).unwrap();
        for place in mixed(3, places.len()) {
            other.rate(&places[place], values[place]).unwrap();
        }
        let other = other.measure().unwrap();
        (0..3).for_each(|facet| close(&measures(&one, facet), &measures(&other, facet)));
    }
}

#[test]
fn a_weight_of_two_is_the_rating_twice() {
    let facets = || vec![Facet::floating(25), Facet::centred(6), Facet::centred(4)];
    let (_, places, values) = study(8, Scale::Common);
    let mut twice = Facets::new(facets(), Scale::Common).unwrap();
    let mut weighted = Facets::new(facets(), Scale::Common).unwrap();
    for (index, (place, value)) in places.iter().zip(&values).enumerate() {
        let times = 1 + index % 2;
        (0..times).for_each(|_| twice.rate(place, *value).unwrap());
        weighted.rate_weighted(place, *value, times as f64).unwrap();
    }
    let (one, other) = (twice.measure().unwrap(), weighted.measure().unwrap());
    for facet in 0..3 {
        close(&measures(&one, facet), &measures(&other, facet));
        let errors = |of: &Measures| -> Vec<f64> {
            of.facets[facet].elements.iter().map(|it| it.standard_error.unwrap()).collect()
        };
        close(&errors(&one), &errors(&other));
    }
}

#[test]
fn measures_explain_every_score() {
    for scale in [
        Scale::Common,
        Scale::Each { facet: 1 },
        Scale::Groups { facet: 2, groups: vec![0, 0, 1, 1] },
    ] {
        let (design, places, values) = study(13, scale);
        let found = design.measure().unwrap();
        for facet in 0..3 {
            let mut left = vec![0.0; [25, 6, 4][facet]];
            for (place, value) in places.iter().zip(&values) {
                let expected = found.probabilities(&design, place).unwrap();
                let mean: f64 = expected.iter().map(|(value, p)| value * p).sum();
                left[place[facet]] += value - mean;
            }
            assert!(left.iter().all(|left| left.abs() < 1e-6), "facet {facet}: {left:?}");
        }
        for facet in [1, 2] {
            assert!(measures(&found, facet).iter().sum::<f64>().abs() < 1e-9, "centred");
        }
    }
}

#[test]
fn what_is_expected_follows_from_the_probabilities_and_lies_between_the_raters() {
    let (design, places, _) = study(13, Scale::Groups { facet: 2, groups: vec![0, 0, 1, 1] });
    let found = design.measure().unwrap();
    for place in &places {
        let chances = found.probabilities(&design, place).unwrap();
        let mean: f64 = chances.iter().map(|(value, p)| value * p).sum();
        let given_by =
            |rater, shift| found.expected(&design, &[Some(place[0]), rater, Some(place[2])], shift);
        assert!((given_by(Some(place[1]), 0.0).unwrap() - mean).abs() < 1e-9);
        let of_all: Vec<f64> = (0..6).map(|rater| given_by(Some(rater), 0.0).unwrap()).collect();
        let (least, most) = of_all
            .iter()
            .fold((f64::MAX, f64::MIN), |(least, most), it| (least.min(*it), most.max(*it)));
        let average = given_by(None, 0.0).unwrap();
        assert!(least <= average && average <= most);
        assert!(given_by(None, -0.5).unwrap() < average, "harsher gives less");
    }
    assert_eq!(found.expected(&design, &[None, None, None], 0.0), None, "whose scale?");
}

#[test]
fn anchors_at_the_estimates_change_nothing() {
    let (design, places, values) = study(21, Scale::Common);
    let free = design.measure().unwrap();
    let raters = measures(&free, 1);
    let anchors = raters.iter().copied().enumerate().take(3).collect();
    let facets = vec![Facet::floating(25), Facet::centred(6).anchored(anchors), Facet::centred(4)];
    let mut anchored = Facets::new(facets, Scale::Common).unwrap();
    for (place, value) in places.iter().zip(&values) {
        anchored.rate(place, *value).unwrap();
    }
    let anchored = anchored.measure().unwrap();
    (0..3).for_each(|facet| close(&measures(&free, facet), &measures(&anchored, facet)));
}

#[test]
fn joint_errors_are_never_smaller_than_the_models() {
    let (design, ..) = study(34, Scale::Common);
    let found = design.measure().unwrap();
    let [_, raters, items] = &found.facets[..] else { panic!("three facets") };
    for element in &raters.elements {
        assert!(
            element.joint_error.unwrap() > 0.9 * element.standard_error.unwrap(),
            "{element:?}"
        );
    }
    let mean = |of: fn(&mizan_stats::facets::ElementReport) -> f64| {
        items.elements.iter().map(of).sum::<f64>() / 4.0
    };
    let (joint, own) = (mean(|it| it.joint_error.unwrap()), mean(|it| it.standard_error.unwrap()));
    // Centring a facet of four takes a quarter of each variance away.
    assert!((joint / own - 0.75f64.sqrt()).abs() < 0.1, "{joint} {own}");
}

/// The likelihood of gaps-and-all scores by its definition, with the whole covariance.
fn restricted_likelihood(scores: &[Score], variances: [f64; 3]) -> f64 {
    let size = scores.len();
    let covariance = |a: &Score, b: &Score, is_same: bool| {
        let person = if a.person == b.person { variances[0] } else { 0.0 };
        let rater = if a.rater == b.rater { variances[1] } else { 0.0 };
        person + rater + if is_same { variances[2] } else { 0.0 }
    };
    // Elimination on [V | 1 y] leaves 1'V⁻¹1, 1'V⁻¹y and y'V⁻¹y below.
    let mut table: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            let mut line: Vec<f64> = (0..size)
                .map(|column| covariance(&scores[row], &scores[column], row == column))
                .collect();
            line.extend([1.0, scores[row].value]);
            line
        })
        .collect();
    let (mut log_determinant, mut ones, mut with, mut squares) = (0.0, 0.0, 0.0, 0.0);
    for pivot in 0..size {
        let line = table[pivot].clone();
        log_determinant += line[pivot].ln();
        ones += line[size] * line[size] / line[pivot];
        with += line[size] * line[size + 1] / line[pivot];
        squares += line[size + 1] * line[size + 1] / line[pivot];
        for row in &mut table[pivot + 1..] {
            let factor = row[pivot] / line[pivot];
            row.iter_mut().zip(&line).for_each(|(cell, of_line)| *cell -= factor * of_line);
        }
    }
    -0.5 * (log_determinant + ones.ln() + squares - with * with / ones)
}

#[test]
fn reml_is_at_the_top_of_its_likelihood() {
    for seed in 0..6 {
        let mut random = Random::seeded(seed);
        let persons: Vec<f64> = (0..20).map(|_| 2.0 * random.normal()).collect();
        let raters: Vec<f64> = (0..8).map(|_| random.normal()).collect();
        let mut scores = Vec::new();
        for (person, level) in persons.iter().enumerate() {
            for (rater, habit) in raters.iter().enumerate() {
                if random.unit() < 0.4 {
                    let value = 50.0 + level - habit + 1.5 * random.normal();
                    scores.push(Score { person, rater, task: 0, value });
                }
            }
        }
        let found = Design::PersonRater.reml(&scores).unwrap();
        let at = ["p", "r", "pr"].map(|name| found.value(name));
        let top = restricted_likelihood(&scores, at);
        for component in 0..3 {
            for factor in [0.97, 1.03] {
                let mut other = at;
                other[component] =
                    (other[component] * factor).max(if factor > 1.0 { 0.02 } else { 0.0 });
                let there = restricted_likelihood(&scores, other);
                assert!(there <= top + 1e-9, "seed {seed}: {at:?} {other:?} {top} {there}");
            }
        }
    }
}

#[test]
fn on_balanced_scores_both_estimators_are_one() {
    let mut random = Random::seeded(41);
    let mut draw = |count: usize, spread: f64| {
        (0..count).map(|_| spread * random.normal()).collect::<Vec<_>>()
    };
    let (p, r, t) = (draw(30, 3.0), draw(6, 2.0), draw(5, 2.0));
    let (pr, pt, rt) = (draw(180, 1.5), draw(150, 1.5), draw(30, 1.5));
    let rest = draw(900, 1.0);
    let mut scores = Vec::new();
    for person in 0..30 {
        for rater in 0..6 {
            for task in 0..5 {
                let cell = (person * 6 + rater) * 5 + task;
                let main = p[person] + r[rater] + t[task] + rest[cell];
                let pairs = pr[person * 6 + rater] + pt[person * 5 + task] + rt[rater * 5 + task];
                scores.push(Score { person, rater, task, value: main + pairs });
            }
        }
    }
    for design in [Design::PersonRaterTask, Design::PersonRaterWithinTask] {
        let (anova, reml) = (design.anova(&scores).unwrap(), design.reml(&scores).unwrap());
        for (one, other) in anova.components.iter().zip(&reml.components) {
            assert!(one.computed > 0.0, "{one:?}");
            assert!(
                (one.value - other.value).abs() < 1e-4 * (1.0 + one.value),
                "{one:?} {other:?}"
            );
        }
    }
    // In p x (r:t) the raters' own part counts within tasks.
    let nested = Design::PersonRaterWithinTask.anova(&scores).unwrap();
    let crossed = Design::PersonRaterTask.anova(&scores).unwrap();
    let within = crossed.value("r") + crossed.value("rt");
    assert!((nested.value("r:t") - within).abs() < 1e-9, "{} {within}", nested.value("r:t"));
}

#[test]
fn other_orders_of_the_list_change_no_set_of_ranks_much() {
    let scores = [90.0, 85.0, 84.0, 60.0, 59.0];
    let errors = [2.0, 2.0, 2.5, 1.0, 1.0];
    let resampling = Resampling { replicates: 4_000, seed: 2, confidence: 0.95 };
    let sets = ranks::rank_sets(&scores, &errors, &resampling).unwrap();
    let turned = |list: &[f64]| list.iter().rev().copied().collect::<Vec<_>>();
    let mut other = ranks::rank_sets(&turned(&scores), &turned(&errors), &resampling).unwrap();
    other.reverse();
    assert_eq!(sets, other);
    assert_eq!(sets[3].marginal, (4, 5));
}

#[test]
fn a_seed_fixes_what_is_drawn() {
    let figure = |places: &[usize]| Some(places.iter().sum::<usize>() as f64);
    let with = |seed| {
        let resampling = Resampling { replicates: 200, seed, confidence: 0.95 };
        bootstrap::resample(12, &resampling, figure).unwrap()
    };
    assert_eq!(with(4), with(4));
    assert_ne!(with(4), with(5));
}
