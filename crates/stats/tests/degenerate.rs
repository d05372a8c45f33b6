//! Input at the edge of sense: every function answers with finite numbers or with a named error.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use mizan_stats::agreement::{
    Categories, Coefficient, Metric, Weights, alpha, chance, cohen, fleiss, icc,
};
use mizan_stats::facets::{Design as Facets, Facet, Scale, Standing};
use mizan_stats::field::{drift::drift, likeness, pace};
use mizan_stats::generalizability::{Design, Score};
use mizan_stats::random::Random;
use mizan_stats::ratings::Ratings;
use mizan_stats::uncertainty::{Estimate, bootstrap, groups, proportion, ranks, shrinkage, visits};
use mizan_stats::{Error, Resampling, drivers};

fn rows(rows: &[&[Option<f64>]]) -> Ratings {
    Ratings::from_rows(&rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
}

fn three() -> Categories {
    Categories::new(vec![1.0, 2.0, 3.0]).unwrap()
}

const RESAMPLING: Resampling = Resampling { replicates: 100, seed: 1, confidence: 0.95 };

type Method = fn(&Ratings, &Categories, &Weights, f64) -> Result<Coefficient, Error>;

const METHODS: [(&str, Method); 6] = [
    ("gwet", chance::gwet),
    ("fleiss", chance::fleiss),
    ("conger", chance::conger),
    ("brennan", chance::brennan_prediger),
    ("alpha", chance::weighted_alpha),
    ("cohen", cohen::kappa),
];

#[test]
fn tables_without_anything_to_compare_are_refused_by_name() {
    let (one, none) = (Some(1.0), None);
    for (title, table) in [
        ("no unit", rows(&[])),
        ("all missing", rows(&[&[none, none], &[none, none]])),
        ("one rater", rows(&[&[one], &[Some(2.0)]])),
        ("never the same unit", rows(&[&[one, none], &[none, one]])),
    ] {
        for metric in [Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio] {
            assert_eq!(alpha::alpha(&table, metric), Err(Error::NothingToCompare), "{title}");
            let interval = alpha::interval(&table, metric, &RESAMPLING);
            assert_eq!(interval, Err(Error::NothingToCompare), "{title}");
        }
        for (name, method) in METHODS {
            let found = method(&table, &three(), &Weights::Identity, 0.95);
            let named = matches!(
                found,
                Err(Error::NothingToCompare | Error::TooFew { .. } | Error::TooMany { .. })
            );
            assert!(named, "{title}, {name}: {found:?}");
        }
        assert!(fleiss::fixed_raters(&table, &three()).is_err(), "{title}");
        assert!(icc::icc(&table, 0.95).is_err(), "{title}");
    }
}

#[test]
fn one_unit_and_equal_values_give_a_figure_or_a_name() {
    let (one, two) = (Some(1.0), Some(2.0));
    for (title, table) in [
        ("one unit, agreed", rows(&[&[one, one]])),
        ("one unit, not agreed", rows(&[&[one, two]])),
        ("all equal", rows(&[&[one, one], &[one, one], &[one, one]])),
        ("one category each", rows(&[&[one, two], &[one, two]])),
    ] {
        for (name, method) in METHODS {
            match method(&table, &three(), &Weights::Linear, 0.95) {
                Ok(found) => {
                    let finite = [
                        found.value,
                        found.standard_error,
                        found.interval.low,
                        found.interval.high,
                    ];
                    assert!(finite.iter().all(|it| it.is_finite()), "{title}, {name}: {found:?}");
                }
                Err(error) => {
                    let named = matches!(error, Error::NoVariation { .. } | Error::TooFew { .. });
                    assert!(named, "{title}, {name}: {error:?}");
                }
            }
        }
    }
    let equal = rows(&[&[one, one], &[one, one]]);
    let varies = |what| Err(Error::NoVariation { what });
    assert_eq!(alpha::alpha(&equal, Metric::Interval), varies("the ratings"));
    assert_eq!(icc::icc(&equal, 0.95), Err(Error::NoVariation { what: "the targets" }));
    let gwet = chance::gwet(&equal, &three(), &Weights::Identity, 0.95).unwrap();
    assert_eq!((gwet.value, gwet.standard_error), (1.0, 0.0));
}

#[test]
fn faults_of_a_table_are_named_with_their_place() {
    let new = |values: &[(usize, usize, f64)]| Ratings::new(2, 2, values).unwrap_err();
    assert_eq!(new(&[(0, 0, f64::NAN)]), Error::NotFinite { what: "value", index: 0 });
    assert_eq!(new(&[(0, 1, 1.0), (0, 1, 1.0)]), Error::RatedTwice { unit: 0, rater: 1 });
    assert_eq!(new(&[(2, 0, 1.0)]), Error::Unknown { what: "unit", index: 2, count: 2 });
    assert_eq!(new(&[(0, 7, 1.0)]), Error::Unknown { what: "rater", index: 7, count: 2 });
    let strange = rows(&[&[Some(1.0), Some(9.0)]]);
    let found = chance::gwet(&strange, &three(), &Weights::Identity, 0.95);
    assert_eq!(found, Err(Error::NotACategory { value: 9.0, unit: 0 }));
    let gap = rows(&[&[Some(1.0), Some(2.0)], &[Some(1.0), None]]);
    assert_eq!(icc::icc(&gap, 0.95), Err(Error::Incomplete { unit: 1, rater: 1 }));
    let signs = rows(&[&[Some(-1.0), Some(2.0)]]);
    assert!(matches!(alpha::alpha(&signs, Metric::Ratio), Err(Error::OutOfRange { .. })));
    assert!(chance::gwet(&gap, &three(), &Weights::Identity, 1.0).is_err(), "a level below 1");
}

#[test]
fn judges_who_agree_exactly_correlate_perfectly() {
    let table = rows(&[&[Some(1.0), Some(1.0)], &[Some(2.0), Some(2.0)], &[Some(4.0), Some(4.0)]]);
    let icc = icc::icc(&table, 0.95).unwrap();
    for form in [icc.icc1, icc.icc2, icc.icc3, icc.icc1_mean, icc.icc2_mean, icc.icc3_mean] {
        assert_eq!((form.value, form.interval.low, form.interval.high), (1.0, 1.0, 1.0));
        assert_eq!(form.p, 0.0);
    }
}

fn facets(counts: &[usize]) -> Vec<Facet> {
    let centred = counts[1..].iter().map(|count| Facet::centred(*count));
    std::iter::once(Facet::floating(counts[0])).chain(centred).collect()
}

fn design(counts: &[usize], scale: Scale, ratings: &[(&[usize], f64)]) -> Facets {
    let mut design = Facets::new(facets(counts), scale).unwrap();
    ratings.iter().for_each(|(elements, value)| design.rate(elements, *value).unwrap());
    design
}

#[test]
fn facets_without_information_are_refused_by_name() {
    let none = design(&[2, 2], Scale::Common, &[]);
    assert!(matches!(none.measure(), Err(Error::TooFew { what: "ratings", .. })));
    let single = design(&[1, 1], Scale::Common, &[(&[0, 0], 3.0)]);
    assert_eq!(single.measure(), Err(Error::OnlyExtremes));
    let equal: Vec<([usize; 2], f64)> = (0..4).map(|place| ([place / 2, place % 2], 2.0)).collect();
    let equal: Vec<(&[usize], f64)> = equal.iter().map(|(it, value)| (&it[..], *value)).collect();
    assert_eq!(design(&[2, 2], Scale::Common, &equal).measure(), Err(Error::OnlyExtremes));
    assert_eq!(
        Facets::new(facets(&[2]), Scale::Common).unwrap_err(),
        Error::TooFew { what: "facets", found: 1, needed: 2 }
    );
    let fixed = vec![Facet::centred(2), Facet::centred(2)];
    assert_eq!(Facets::new(fixed, Scale::Common).unwrap_err(), Error::OriginFixedTwice);
    let mut free = Facets::new(facets(&[2, 2]), Scale::Common).unwrap();
    assert!(matches!(free.rate(&[0, 2], 1.0), Err(Error::Unknown { index: 2, .. })));
    assert!(matches!(free.rate(&[0], 1.0), Err(Error::Lengths { .. })));
    assert!(matches!(free.rate(&[0, 0], f64::INFINITY), Err(Error::NotFinite { .. })));
    assert!(matches!(free.rate_weighted(&[0, 0], 1.0, 0.0), Err(Error::OutOfRange { .. })));
}

#[test]
fn ratings_that_separate_perfectly_have_no_finite_measures() {
    // The first rater always gives one more than the second.
    let steps: [(&[usize], f64); 6] = [
        (&[0, 0], 1.0),
        (&[0, 1], 0.0),
        (&[1, 0], 2.0),
        (&[1, 1], 1.0),
        (&[2, 0], 1.0),
        (&[2, 1], 0.0),
    ];
    let found = design(&[3, 2], Scale::Common, &steps).measure();
    assert!(matches!(found, Err(Error::NotConverged { .. } | Error::Singular { .. })), "{found:?}");
}

/// Persons × raters, each pair with a rating that follows from no rule of thumb.
fn scattered(
    persons: std::ops::Range<usize>,
    raters: std::ops::Range<usize>,
    items: usize,
) -> Vec<([usize; 3], f64)> {
    let mut random = Random::seeded(17);
    let pairs = persons.flat_map(|person| raters.clone().map(move |rater| (person, rater)));
    pairs
        .flat_map(|(person, rater)| (0..items).map(move |item| [person, rater, item]))
        .map(|place| (place, random.below(3) as f64))
        .collect()
}

#[test]
fn regions_without_a_shared_centre_are_named_even_with_shared_criteria() {
    let mut all = scattered(0..4, 0..2, 3);
    all.extend(scattered(4..8, 2..4, 3));
    let parts = |ratings: &[([usize; 3], f64)]| {
        let mut design = Facets::new(facets(&[8, 4, 3]), Scale::Common).unwrap();
        ratings.iter().for_each(|(place, value)| design.rate(place, *value).unwrap());
        match design.measure() {
            Err(Error::Disconnected(parts)) => {
                parts.into_iter().map(|part| part.elements).collect::<Vec<_>>()
            }
            Ok(_) => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    };
    let expected = [
        vec![vec![0, 1, 2, 3], vec![0, 1], vec![0, 1, 2]],
        vec![vec![4, 5, 6, 7], vec![2, 3], vec![0, 1, 2]],
    ];
    assert_eq!(parts(&all), expected);
    // One visit across the border is a link.
    all.push(([0, 2, 0], 1.0));
    assert!(parts(&all).is_empty());
}

#[test]
fn anchors_link_what_shares_no_centre() {
    let mut ratings = scattered(0..4, 0..2, 3);
    ratings.extend(scattered(4..8, 2..4, 3));
    let measure = |anchors: Vec<(usize, f64)>| {
        let anchored = Facet::floating(4).anchored(anchors);
        let all = vec![Facet::floating(8), anchored, Facet::centred(3)];
        let mut design = Facets::new(all, Scale::Common).unwrap();
        ratings.iter().for_each(|(place, value)| design.rate(place, *value).unwrap());
        design.measure()
    };
    assert!(
        matches!(measure(vec![(0, 0.2)]), Err(Error::Disconnected(_))),
        "one region hangs free"
    );
    let found = measure(vec![(0, 0.2), (2, -0.4)]).unwrap();
    let rater = found.facets[1].elements[2];
    assert_eq!((rater.measure, rater.standing), (Some(-0.4), Standing::Anchored));
    assert!(rater.infit.is_some() && rater.standard_error.is_some());
}

#[test]
fn visits_that_tell_nothing_of_days_are_refused_by_name() {
    let ratings = scattered(0..6, 0..3, 2);
    let mut design = Facets::new(facets(&[6, 3, 2]), Scale::Common).unwrap();
    ratings.iter().for_each(|(place, value)| design.rate(place, *value).unwrap());
    let found = design.measure().unwrap();
    let component = |visits: &[usize]| found.visit_component(&design, visits);
    let visits: Vec<usize> = ratings.iter().map(|(place, _)| place[0] * 3 + place[1]).collect();
    let known = component(&visits).unwrap();
    assert_eq!(known.degrees, 18 - 6 - 3 + 1);
    assert!(known.computed.is_finite() && known.error(0.3, 4).unwrap() >= 0.3);
    assert!(known.error(0.3, 0).is_err());
    assert!(matches!(component(&visits[1..]), Err(Error::Lengths { .. })));
    let mixed = vec![0; ratings.len()];
    assert!(matches!(component(&mixed), Err(Error::OutOfRange { what: "a visit", .. })));
    let mut thin = Facets::new(facets(&[3, 2, 1]), Scale::Common).unwrap();
    for (person, first, second) in [(0, 1.0, 0.0), (1, 1.0, 0.0), (2, 0.0, 1.0)] {
        thin.rate(&[person, 0, 0], first).unwrap();
        thin.rate(&[person, 1, 0], second).unwrap();
    }
    let thin_measures = thin.measure().unwrap();
    let thin_visits: Vec<usize> = (0..6).collect();
    let found = thin_measures.visit_component(&thin, &thin_visits).unwrap();
    assert_eq!(found.degrees, 2, "six visits less three persons and one difference of raters");
    assert!(thin_measures.visit_component(&thin, &[0, 1, 2, 3, 4, 900_000]).is_err());
}

#[test]
fn extreme_scores_stand_apart() {
    let mut ratings = scattered(0..6, 0..3, 2);
    for rater in 0..3 {
        for item in 0..2 {
            ratings.push(([6, rater, item], 2.0));
            ratings.push(([7, rater, item], 0.0));
        }
    }
    let mut design = Facets::new(facets(&[9, 3, 2]), Scale::Common).unwrap();
    ratings.iter().for_each(|(place, value)| design.rate(place, *value).unwrap());
    let found = design.measure().unwrap();
    let persons = &found.facets[0].elements;
    assert_eq!(persons[6].standing, Standing::Highest);
    assert_eq!(persons[7].standing, Standing::Lowest);
    assert_eq!(persons[8].standing, Standing::Unrated);
    assert_eq!((persons[8].measure, persons[8].observed_average), (None, None));
    let measures: Vec<f64> = persons[..6].iter().map(|it| it.measure.unwrap()).collect();
    assert!(measures.iter().all(|it| *it < persons[6].measure.unwrap()));
    assert!(measures.iter().all(|it| *it > persons[7].measure.unwrap()));
    assert!(persons[6].infit.is_none() && persons[6].standard_error.is_some());
    assert_eq!(found.facets[0].summary.unwrap().elements, 6);
    assert_eq!(found.fit.ratings, 36, "extremes take no part");
    // The adjusted score is 0.3 points inside: 12 points at most, 11.7 expected.
    let expected: f64 = (0..6)
        .map(|place| {
            let chances = found.probabilities(&design, &[6, place / 2, place % 2]).unwrap();
            chances.iter().map(|(value, p)| value * p).sum::<f64>()
        })
        .sum();
    assert!((expected - 11.7).abs() < 1e-6, "{expected}");
}

#[test]
fn a_category_that_a_group_does_not_use_is_dropped_there() {
    let mut random = Random::seeded(23);
    let mut design = Facets::new(facets(&[40, 3]), Scale::Each { facet: 1 }).unwrap();
    for person in 0..40 {
        for rater in 0..3 {
            let values: &[f64] = if rater == 1 { &[0.0, 100.0] } else { &[0.0, 50.0, 100.0] };
            design.rate(&[person, rater], values[random.below(values.len())]).unwrap();
        }
    }
    let found = design.measure().unwrap();
    let values =
        |group: usize| -> Vec<f64> { found.scales[group].iter().map(|it| it.value).collect() };
    assert_eq!(values(1), [0.0, 100.0]);
    assert_eq!(values(0), [0.0, 50.0, 100.0]);
    let fair = found.facets[1].elements[1].fair_average.unwrap();
    assert!((0.0..=100.0).contains(&fair), "in points of the scale: {fair}");
}

#[test]
fn studies_without_variation_or_levels_are_refused_by_name() {
    let score = |person, rater, value| Score { person, rater, task: 0, value };
    for run in [Design::anova, Design::reml] {
        assert!(matches!(
            run(Design::PersonRater, &[]),
            Err(Error::TooFew { what: "persons", .. })
        ));
        let single = [score(0, 0, 1.0), score(0, 1, 2.0)];
        assert!(matches!(run(Design::PersonRater, &single), Err(Error::TooFew { .. })));
        let equal = [score(0, 0, 1.0), score(0, 1, 1.0), score(1, 0, 1.0), score(1, 1, 1.0)];
        assert!(matches!(run(Design::PersonRater, &equal), Err(Error::NoVariation { .. })));
        let twice = [score(0, 0, 1.0), score(0, 0, 2.0), score(1, 1, 1.0)];
        assert!(matches!(run(Design::PersonRater, &twice), Err(Error::RatedTwice { .. })));
        let tasks = [score(0, 0, 1.0), score(0, 1, 2.0), score(1, 0, 3.0), score(1, 1, 5.0)];
        assert!(matches!(
            run(Design::PersonRaterTask, &tasks),
            Err(Error::TooFew { what: "tasks", .. })
        ));
    }
    let gap = [score(0, 0, 1.0), score(0, 1, 2.0), score(1, 0, 3.0)];
    assert!(matches!(Design::PersonRater.anova(&gap), Err(Error::Unbalanced { .. })));
    let additive: Vec<Score> = (0..12)
        .map(|place| score(place / 3, place % 3, (place / 3 * 2 + place % 3) as f64))
        .collect();
    let anova = Design::PersonRater.anova(&additive).unwrap();
    assert!(anova.value("pr").abs() < 1e-9 && anova.decision(1, 1).unwrap().g > 0.999_999);
    let reml = Design::PersonRater.reml(&additive);
    assert!(
        matches!(
            reml,
            Err(Error::NoVariation { .. } | Error::NotConverged { .. } | Error::Singular { .. })
        ),
        "{reml:?}"
    );
    // No rater twice: raters cannot be told from the rest.
    let lone = |place: usize| score(place / 2, place, (place * 7 % 5) as f64);
    let lone: Vec<Score> = (0..20).map(lone).collect();
    assert!(matches!(Design::PersonRater.reml(&lone), Err(Error::Singular { .. })));
}

#[test]
fn uncertainty_at_its_edges() {
    assert!(proportion::wilson(0, 0, 0.95).is_err() && proportion::wilson(2, 1, 0.95).is_err());
    let none = proportion::wilson(0, 1, 0.95).unwrap();
    assert!(none.low == 0.0 && none.high < 1.0);
    assert!(visits::centre_scores(&[], &RESAMPLING).is_err());
    assert!(
        visits::centre_scores(&[vec![3.0], vec![4.0]], &RESAMPLING).is_err(),
        "no second visit"
    );
    let some = visits::centre_scores(&[vec![3.0, 4.0], vec![], vec![5.0]], &RESAMPLING).unwrap();
    assert!(some[1].is_none() && some[2].unwrap().interval.width() > 0.0);
    assert!(some[2].unwrap().shrunk.is_none(), "two centres are nothing to draw towards");
    let equal = visits::centre_scores(&vec![vec![5.0, 5.0]; 8], &RESAMPLING).unwrap();
    assert_eq!(equal[0].unwrap().interval.width(), 0.0);
    assert!(matches!(
        visits::centre_scores(&[vec![f64::NAN, 1.0]], &RESAMPLING),
        Err(Error::NotFinite { .. })
    ));
    let nothing = bootstrap::resample(5, &RESAMPLING, |_| None);
    assert!(matches!(nothing, Err(Error::TooFew { .. })));
    let lost = bootstrap::resample(5, &RESAMPLING, |_| Some(f64::NAN));
    assert!(matches!(lost, Err(Error::NotFinite { .. })));
    let single = ranks::rank_sets(&[3.0], &[1.0], &RESAMPLING).unwrap();
    assert_eq!((single[0].rank, single[0].marginal, single[0].simultaneous), (1, (1, 1), (1, 1)));
    let certain = ranks::rank_sets(&[3.0, 2.0, 2.0], &[0.0; 3], &RESAMPLING).unwrap();
    assert_eq!((certain[0].simultaneous, certain[1].simultaneous), ((1, 1), (2, 3)));
    assert!(ranks::rank_sets(&[], &[], &RESAMPLING).is_err());
    assert!(ranks::rank_sets(&[1.0, 2.0], &[1.0], &RESAMPLING).is_err());
    assert!(groups::groups(&[], 0.95).unwrap().is_empty());
    let alike = vec![Estimate::known(1.0, 1.0); 300];
    assert_eq!(groups::groups(&alike, 0.95).unwrap().len(), 1);
    let sure: Vec<Estimate> =
        (0..300).map(|place| Estimate::known(f64::from(place), 0.0)).collect();
    assert_eq!(groups::groups(&sure, 0.95).unwrap().len(), 300);
    assert!(Estimate::known(1.0, -1.0).interval(0.95).is_err());
    assert!(shrinkage::james_stein(&[1.0; 5], 2.0).unwrap().values.iter().all(|it| *it == 1.0));
    assert!(shrinkage::empirical_bayes(&[1.0; 3], &[1.0; 3], 0.95).is_err());
    let same = shrinkage::empirical_bayes(&[2.0; 6], &[1.0; 6], 0.95).unwrap();
    assert!(same.iter().all(|it| it.value == 2.0 && it.standard_error.is_finite()));
}

#[test]
fn field_and_drivers_at_their_edges() {
    assert!(likeness::likeness(&[], 0.85, 1).unwrap().is_empty());
    let single = likeness::likeness(&[vec![Some(1)]], 0.85, 1).unwrap();
    assert_eq!(single, [None]);
    let missing = likeness::likeness(&[vec![None; 3], vec![None; 3]], 0.85, 1).unwrap();
    assert_eq!(missing, [None, None], "two missing answers are not the same answer");
    assert!(likeness::likeness(&[vec![None; 3], vec![None; 2]], 0.85, 1).is_err());
    assert_eq!(likeness::straight(&[None, None], 0.9, 8).unwrap(), None);
    assert!(likeness::model_match(&[]).is_err() && likeness::model_match(&[(true, 1.5)]).is_err());
    assert_eq!(likeness::model_match(&[(true, 1.0)]).unwrap().z, 0.0);
    assert!(pace::pace(&[], &[], 15.0).unwrap().is_empty());
    assert!(pace::pace(&[0.0], &[60], 15.0).is_err());
    assert_eq!(pace::pace(&[900.0; 3], &[60; 3], 15.0).unwrap()[0].z, None);
    assert!(pace::speeds(&[]).unwrap().is_empty());
    assert!(drift(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]).is_err());
    assert_eq!(drift(&[1.0, 2.0, 3.0], &[1.0, 1.0, 1.0]).unwrap().p, 1.0);
    let outcome = [1.0, 2.0, 4.0, 3.0, 5.0];
    let line = vec![1.0, 2.0, 3.0, 4.0, 5.0];
    assert!(drivers::importance(&outcome, &[]).is_err());
    assert!(matches!(
        drivers::importance(&[1.0; 5], std::slice::from_ref(&line)),
        Err(Error::NoVariation { .. })
    ));
    let double: Vec<f64> = line.iter().map(|it| 2.0 * it + 1.0).collect();
    assert!(matches!(drivers::importance(&outcome, &[line, double]), Err(Error::Singular { .. })));
}

#[test]
fn a_million_ratings_are_no_difficulty() {
    let mut random = Random::seeded(31);
    let mut values = Vec::with_capacity(1_000_000);
    let mut scores = Vec::with_capacity(1_000_000);
    for unit in 0..50_000 {
        for rater in 0..20 {
            let value = (unit % 4 + random.below(3)) as f64;
            values.push((unit, rater, value));
            scores.push(Score { person: unit, rater, task: 0, value });
        }
    }
    let ratings = Ratings::new(50_000, 20, &values).unwrap();
    let categories = Categories::new((0..6).map(f64::from).collect()).unwrap();
    assert!(alpha::alpha(&ratings, Metric::Ordinal).unwrap().value > 0.4);
    let gwet = chance::gwet(&ratings, &categories, &Weights::Quadratic, 0.95).unwrap();
    assert!(gwet.standard_error < 0.01);
    let icc = icc::icc(&ratings, 0.95).unwrap();
    let anova = Design::PersonRater.anova(&scores).unwrap();
    assert!((anova.decision(1, 1).unwrap().g - icc.icc3.value).abs() < 1e-9);
    let mut design = Facets::new(facets(&[50_000, 20]), Scale::Common).unwrap();
    values.iter().for_each(|(unit, rater, value)| design.rate(&[*unit, *rater], *value).unwrap());
    let found = design.measure().unwrap();
    assert_eq!(found.fit.ratings, 1_000_000);
    assert!(found.facets[1].summary.unwrap().deviation < 0.05, "raters are alike here");
}
