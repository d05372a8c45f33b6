//! What the methods promise, counted over many simulated programmes with fixed seeds.
//!
//! An interval of 95 % covers the truth in 93 to 97 of 100 programmes; sets that promise at least 95 % may
//! cover more.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use mizan_stats::agreement::{Categories, Metric, Weights, alpha, chance, icc};
use mizan_stats::facets::links::Links;
use mizan_stats::facets::{Design as Facets, Facet, Scale};
use mizan_stats::field::{drift::drift, likeness};
use mizan_stats::generalizability::{Design, Score};
use mizan_stats::random::Random;
use mizan_stats::ratings::Ratings;
use mizan_stats::uncertainty::{
    Estimate, bootstrap, change, groups, proportion, ranks, shrinkage, visits,
};
use mizan_stats::{Interval, Resampling};

/// How often intervals held the truth.
#[derive(Default)]
struct Coverage {
    held: usize,
    tried: usize,
}

impl Coverage {
    fn count(&mut self, interval: Interval, truth: f64) {
        self.held += usize::from(interval.holds(truth));
        self.tried += 1;
    }

    #[track_caller]
    fn check(&self, name: &str) {
        let share = self.held as f64 / self.tried as f64;
        println!("{name}: {:.2} % of {}", 100.0 * share, self.tried);
        assert!((0.93..=0.97).contains(&share), "{name}: {share}");
    }
}

fn normals(random: &mut Random, count: usize, spread: f64) -> Vec<f64> {
    (0..count).map(|_| spread * random.normal()).collect()
}

#[test]
fn intervals_of_centres_cover_from_their_visits() {
    let mut random = Random::seeded(101);
    let (mut pooled, mut resampled) = (Coverage::default(), Coverage::default());
    for round in 0..25 {
        let truths: Vec<f64> = (0..60).map(|_| 80.0 + 6.0 * random.normal()).collect();
        let centres: Vec<Vec<f64>> = truths
            .iter()
            .enumerate()
            .map(|(place, truth)| {
                let count = [2, 3, 4, 6, 8][place % 5];
                normals(&mut random, count, 5.0).iter().map(|noise| truth + noise).collect()
            })
            .collect();
        let resampling = Resampling { replicates: 1_000, seed: round, confidence: 0.95 };
        let scores = visits::centre_scores(&centres, &resampling).unwrap();
        for (score, truth) in scores.iter().zip(&truths) {
            let score = score.unwrap();
            match score.method {
                visits::Method::PooledVisits => pooled.count(score.interval, *truth),
                visits::Method::Bootstrap => resampled.count(score.interval, *truth),
            }
        }
    }
    pooled.check("pooled visits");
    resampled.check("six and eight visits, resampled");
}

#[test]
fn the_bootstrap_covers_a_ratio_of_visits() {
    let mut random = Random::seeded(102);
    let mut coverage = Coverage::default();
    for seed in 0..600 {
        // A score whose weights differ from visit to visit, as answers that do not apply make them.
        let rows: Vec<(f64, f64)> =
            (0..15).map(|_| (0.6 + 0.4 * random.unit(), 75.0 + 8.0 * random.normal())).collect();
        let resampling = Resampling { replicates: 1_000, seed, confidence: 0.95 };
        let found = bootstrap::resample(rows.len(), &resampling, |places| {
            let weights: f64 = places.iter().map(|place| rows[*place].0).sum();
            Some(places.iter().map(|place| rows[*place].0 * rows[*place].1).sum::<f64>() / weights)
        });
        coverage.count(found.unwrap().interval, 75.0);
    }
    coverage.check("a weighted score of fifteen visits");
}

#[test]
fn shrunk_intervals_cover_and_shrunk_scores_err_less() {
    let mut random = Random::seeded(103);
    let mut coverage = Coverage::default();
    let (mut plain, mut drawn) = (0.0, 0.0);
    for _ in 0..100 {
        let truths: Vec<f64> = (0..40).map(|_| 80.0 + 4.0 * random.normal()).collect();
        let variances: Vec<f64> = (0..40).map(|place| 25.0 / (1 + place % 3) as f64).collect();
        let values: Vec<f64> =
            truths.iter().zip(&variances).map(|(t, v)| t + v.sqrt() * random.normal()).collect();
        let shrunk = shrinkage::empirical_bayes(&values, &variances, 0.95).unwrap();
        for ((one, value), truth) in shrunk.iter().zip(&values).zip(&truths) {
            coverage.count(one.interval, *truth);
            plain += (value - truth).powi(2);
            drawn += (one.value - truth).powi(2);
        }
    }
    coverage.check("shrunk scores of one to three visits");
    assert!(drawn < 0.65 * plain, "{drawn} against {plain}");
}

#[test]
fn intervals_of_proportions_cover() {
    let mut random = Random::seeded(104);
    let (mut one, mut two) = (Coverage::default(), Coverage::default());
    for round in 0..4_000 {
        let (trials, share) = (20 + round % 60, 0.1 + 0.8 * random.unit());
        let mut draw = |share: f64| (0..trials).filter(|_| random.unit() < share).count() as u64;
        let (first, second) = (draw(share), draw(0.6));
        let trials = trials as u64;
        one.count(proportion::wilson(first, trials, 0.95).unwrap(), share);
        let difference = proportion::newcombe((first, trials), (second, trials), 0.95).unwrap();
        two.count(difference, share - 0.6);
    }
    one.check("Wilson");
    two.check("Newcombe");
}

/// One unit's ratings: the truth of a scale of five, seen by each rater with an error.
fn unit(random: &mut Random, raters: usize) -> Vec<Option<f64>> {
    let truth = 2.0 + 1.2 * random.normal();
    (0..raters)
        .map(|_| {
            (random.unit() < 0.8).then(|| (truth + 0.7 * random.normal()).round().clamp(0.0, 4.0))
        })
        .collect()
}

#[test]
fn intervals_of_agreement_cover() {
    let categories = Categories::new((0..5).map(f64::from).collect()).unwrap();
    let rows = |random: &mut Random, units| {
        Ratings::from_rows(&(0..units).map(|_| unit(random, 4)).collect::<Vec<_>>()).unwrap()
    };
    let mut random = Random::seeded(105);
    let all = rows(&mut random, 150_000);
    let gwet = |ratings: &Ratings, weights: &Weights| {
        chance::gwet(ratings, &categories, weights, 0.95).unwrap()
    };
    let fleiss =
        |ratings: &Ratings| chance::fleiss(ratings, &categories, &Weights::Identity, 0.95).unwrap();
    let truths = [
        gwet(&all, &Weights::Identity).value,
        gwet(&all, &Weights::Quadratic).value,
        fleiss(&all).value,
        alpha::alpha(&all, Metric::Ordinal).unwrap().value,
    ];
    let mut coverage: [Coverage; 4] = Default::default();
    for seed in 0..800 {
        let sample = rows(&mut random, 100);
        let resampling = Resampling { replicates: 400, seed, confidence: 0.95 };
        let intervals = [
            gwet(&sample, &Weights::Identity).interval,
            gwet(&sample, &Weights::Quadratic).interval,
            fleiss(&sample).interval,
            alpha::interval(&sample, Metric::Ordinal, &resampling).unwrap(),
        ];
        for place in 0..4 {
            coverage[place].count(intervals[place], truths[place]);
        }
    }
    for (coverage, name) in coverage.iter().zip(["AC1", "AC2", "Fleiss", "ordinal alpha"]) {
        coverage.check(name);
    }
}

#[test]
fn intervals_of_correlations_cover() {
    let mut random = Random::seeded(106);
    let mut coverage: [Coverage; 3] = Default::default();
    for _ in 0..1_500 {
        let judges = normals(&mut random, 8, 0.7);
        let rows: Vec<Vec<Option<f64>>> = (0..25)
            .map(|_| {
                let level = random.normal();
                judges.iter().map(|judge| Some(level + judge + 0.8 * random.normal())).collect()
            })
            .collect();
        let icc = icc::icc(&Ratings::from_rows(&rows).unwrap(), 0.95).unwrap();
        coverage[1].count(icc.icc2.interval, 1.0 / (1.0 + 0.49 + 0.64));
        coverage[2].count(icc.icc3.interval, 1.0 / (1.0 + 0.64));
        // Judges of its own for each target.
        let rows: Vec<Vec<Option<f64>>> = (0..25)
            .map(|_| {
                let level = random.normal();
                (0..4).map(|_| Some(level + random.normal())).collect()
            })
            .collect();
        let icc = icc::icc(&Ratings::from_rows(&rows).unwrap(), 0.95).unwrap();
        coverage[0].count(icc.icc1.interval, 0.5);
    }
    for (form, coverage) in coverage.iter().enumerate() {
        coverage.check(&format!("ICC({},1)", form + 1));
    }
}

#[test]
fn components_come_back_from_scores_with_gaps() {
    let mut random = Random::seeded(107);
    let (mut sums, mut persons) = ([0.0; 3], Coverage::default());
    let rounds = 200;
    for _ in 0..rounds {
        let (levels, habits) = (normals(&mut random, 60, 2.0), normals(&mut random, 15, 1.0));
        let mut scores = Vec::new();
        for (person, level) in levels.iter().enumerate() {
            for visit in 0..4 {
                let rater = (person + visit * (1 + person / 15)) % 15;
                let value = 50.0 + level - habits[rater] + 1.5 * random.normal();
                let score = Score { person, rater, task: 0, value };
                let is_new =
                    scores.iter().all(|it: &Score| it.person != person || it.rater != rater);
                if is_new && random.unit() < 0.85 {
                    scores.push(score);
                }
            }
        }
        let found = Design::PersonRater.reml(&scores).unwrap();
        for (sum, component) in sums.iter_mut().zip(&found.components) {
            *sum += component.value / rounds as f64;
        }
        // A variance is skewed: its logarithm is what is nearly normal.
        let (value, error) =
            (found.components[0].value, found.components[0].standard_error.unwrap());
        persons.count(Interval::around(value.ln(), 1.96 * error / value), 4f64.ln());
    }
    for (mean, truth) in sums.iter().zip([4.0, 1.0, 2.25]) {
        assert!((mean - truth).abs() < 0.06 * truth, "{sums:?}");
    }
    persons.check("the persons' component");
}

struct Programme {
    levels: Vec<f64>,
    severities: Vec<f64>,
    design: Facets,
    visits: Vec<(usize, usize)>,
}

/// Centres with four visits of twenty answers each; a visit has a day of its own.
fn programme(random: &mut Random, visit_spread: f64) -> Programme {
    let (centres, evaluators, criteria) = (100, 20, 20);
    let mut severities = normals(random, evaluators, 0.4);
    let mean = severities.iter().sum::<f64>() / evaluators as f64;
    severities.iter_mut().for_each(|severity| *severity -= mean);
    let difficulties = normals(random, criteria, 0.7);
    let facets =
        vec![Facet::floating(centres), Facet::centred(evaluators), Facet::centred(criteria)];
    let mut design = Facets::new(facets, Scale::Common).unwrap();
    let (mut visits, mut levels) = (Vec::new(), Vec::new());
    for centre in 0..centres {
        let level = 0.5 + random.normal();
        levels.push(level);
        for visit in 0..4 {
            let evaluator = (centre * 3 + visit * 7 + centre / 20 * visit) % evaluators;
            let day = visit_spread * random.normal();
            visits.push((centre, evaluator));
            for (criterion, difficulty) in difficulties.iter().enumerate() {
                let line = level + day - severities[evaluator] - difficulty;
                let parts: Vec<f64> = [-1.5, -0.5, 0.5, 1.5]
                    .iter()
                    .scan(0.0, |sum, threshold| {
                        *sum += line - threshold;
                        Some(f64::exp(*sum))
                    })
                    .collect();
                let mut left = random.unit() * (1.0 + parts.iter().sum::<f64>()) - 1.0;
                let mut value = 0;
                while left > 0.0 && value < 4 {
                    left -= parts[value];
                    value += 1;
                }
                design.rate(&[centre, evaluator, criterion], value as f64).unwrap();
            }
        }
    }
    Programme { levels, severities, design, visits }
}

fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    let (a, b) = (mean(one), mean(other));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        one.iter().zip(other).map(|(x, y)| of(x - a, y - b)).sum()
    };
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn severities_come_back() {
    let mut random = Random::seeded(108);
    let (mut model, mut with_visits) = (Coverage::default(), Coverage::default());
    let mut narrow = Coverage::default();
    for _ in 0..25 {
        let steady = programme(&mut random, 0.0);
        let found = steady.design.measure().unwrap();
        let measures: Vec<f64> = found.of(1).iter().map(|(_, measure)| *measure).collect();
        assert!(correlation(&measures, &steady.severities) > 0.95);
        for (element, truth) in found.facets[1].elements.iter().zip(&steady.severities) {
            let half = 1.96 * element.joint_error.unwrap();
            model.count(Interval::around(element.measure.unwrap(), half), *truth);
        }
        let uneven = programme(&mut random, 0.3);
        let found = uneven.design.measure().unwrap();
        let links = Links::new(&uneven.visits, 100, 20, 0.09).unwrap();
        for (place, element) in found.facets[1].elements.iter().enumerate() {
            let (own, truth) = (element.joint_error.unwrap(), uneven.severities[place]);
            let measure = element.measure.unwrap();
            let both = own.hypot(links.error(place).unwrap());
            with_visits.count(Interval::around(measure, 1.96 * both), truth);
            narrow.count(Interval::around(measure, 1.96 * own), truth);
        }
    }
    model.check("severity, steady days");
    with_visits.check("severity, with the visit's component");
    let share = narrow.held as f64 / narrow.tried as f64;
    assert!(share < 0.85, "without the visit's component the interval is too narrow: {share}");
}

#[test]
fn a_centres_measure_is_as_sure_as_its_visits() {
    let mut random = Random::seeded(114);
    let (mut coverage, mut narrow) = (Coverage::default(), Coverage::default());
    let rounds = 12;
    for spread in [0.0, 0.3, 0.5] {
        let mut mean = 0.0;
        for _ in 0..rounds {
            let programme = programme(&mut random, spread);
            let found = programme.design.measure().unwrap();
            let visit = |rating: usize| rating / 20;
            let visits: Vec<usize> = (0..programme.design.len()).map(visit).collect();
            let component = found.visit_component(&programme.design, &visits).unwrap();
            assert_eq!(component.degrees, 400 - 100 - 20 + 1);
            mean += component.computed / f64::from(rounds);
            // The origin is a mean of evaluators and criteria: levels are compared about their own mean.
            let of: Vec<(usize, f64)> = found.of(0);
            let truth = |centre: usize| programme.levels[centre];
            let shift = of.iter().map(|(centre, measure)| measure - truth(*centre)).sum::<f64>()
                / of.len() as f64;
            for (centre, measure) in &of {
                let own = found.facets[0].elements[*centre].standard_error.unwrap();
                let own = own.hypot(found.facets[1].elements[0].joint_error.unwrap() / 2.0);
                let both = component.error(own, 4).unwrap();
                coverage.count(Interval::around(measure - shift, 1.96 * both), truth(*centre));
                if spread == 0.5 {
                    narrow.count(Interval::around(measure - shift, 1.96 * own), truth(*centre));
                }
            }
        }
        // Days that the model knows nothing of draw its whole line together, its measures included.
        let expected = spread * spread / (1.0 + 0.346 * spread * spread);
        assert!((mean - expected).abs() < 0.01, "{spread}: {mean} is not {expected}");
    }
    coverage.check("a centre, with the visit's component");
    let share = narrow.held as f64 / narrow.tried as f64;
    println!("a centre, by the model alone: {share}");
    assert!(share < 0.75, "the model alone promises too much: {share}");
}

#[test]
fn sets_of_ranks_hold_the_true_ranks() {
    let mut random = Random::seeded(109);
    let (mut each, mut all, rounds) = (0, 0, 300);
    for seed in 0..rounds {
        let truths: Vec<f64> = (0..12).map(|_| 80.0 + 4.0 * random.normal()).collect();
        let errors: Vec<f64> = (0..12).map(|place| 1.0 + 0.2 * place as f64).collect();
        let scores: Vec<f64> =
            truths.iter().zip(&errors).map(|(t, e)| t + e * random.normal()).collect();
        let resampling = Resampling { replicates: 500, seed, confidence: 0.95 };
        let sets = ranks::rank_sets(&scores, &errors, &resampling).unwrap();
        let rank = |place: usize| 1 + truths.iter().filter(|it| **it > truths[place]).count();
        let holds = |(low, high): (usize, usize), place: usize| (low..=high).contains(&rank(place));
        each += (0..12).filter(|place| holds(sets[*place].marginal, *place)).count();
        all += usize::from((0..12).all(|place| holds(sets[place].simultaneous, place)));
    }
    let (share, of_each) = (all as f64 / rounds as f64, each as f64 / (12 * rounds) as f64);
    assert!(share > 0.93, "all sets at once: {all} of {rounds}");
    assert!(of_each > 0.94, "one set: {of_each}");
}

#[test]
fn changes_that_are_found_are_mostly_true() {
    let mut random = Random::seeded(110);
    let (mut found, mut wrong, mut there) = (0.0, 0.0, 0.0);
    let mut coverage = Coverage::default();
    for _ in 0..60 {
        let mut truths = Vec::new();
        let pairs: Vec<(Estimate, Estimate)> = (0..100)
            .map(|place| {
                let truth = if place < 20 { 10.0 } else { 0.0 };
                truths.push(truth);
                let mut of = |level: f64| {
                    let scores: Vec<f64> =
                        normals(&mut random, 5, 4.0).iter().map(|noise| level + noise).collect();
                    let variance = mizan_stats::sample::variance(&scores).unwrap();
                    Estimate {
                        value: mizan_stats::sample::mean(&scores).unwrap(),
                        standard_error: (variance / 5.0).sqrt(),
                        degrees: Some(4.0),
                    }
                };
                (of(70.0), of(70.0 + truth))
            })
            .collect();
        let changes = change::changes(&pairs, 0.95, 0.1).unwrap();
        let mut list = (0.0, 0.0);
        for (one, truth) in changes.iter().zip(&truths) {
            coverage.count(one.difference.interval, *truth);
            if one.is_found {
                list.0 += 1.0;
                list.1 += f64::from(u8::from(*truth == 0.0));
                there += f64::from(u8::from(*truth > 0.0));
            }
        }
        found += list.0;
        wrong += list.1 / f64::max(list.0, 1.0) / 60.0;
    }
    coverage.check("changes");
    assert!(wrong < 0.11, "the share of false findings: {wrong}");
    assert!(there > 0.4 * 20.0 * 60.0, "{there} of {found} are true, 1200 there are");
}

#[test]
fn bars_that_do_not_overlap_differ_at_the_level() {
    let mut random = Random::seeded(111);
    let errors: Vec<f64> = (0..10).map(|place| 1.0 + 0.3 * f64::from(place)).collect();
    let reach = groups::overlap_multiplier(&errors, 0.05).unwrap();
    let (mut apart, mut pairs) = (0, 0);
    for _ in 0..2_000 {
        let scores: Vec<f64> = errors.iter().map(|error| error * random.normal()).collect();
        for one in 0..10 {
            for two in 0..one {
                let gap = (scores[one] - scores[two]).abs();
                apart += usize::from(gap > reach * (errors[one] + errors[two]));
                pairs += 1;
            }
        }
    }
    let share = apart as f64 / pairs as f64;
    assert!((0.04..0.06).contains(&share), "{share}");
}

#[test]
fn drift_is_found_where_there_is_one() {
    let mut random = Random::seeded(112);
    let times: Vec<f64> = (0..30).map(f64::from).collect();
    let mut coverage = Coverage::default();
    let mut false_alarms = 0;
    for _ in 0..1_000 {
        let noise = normals(&mut random, 30, 3.0);
        let falling: Vec<f64> = noise.iter().zip(&times).map(|(n, t)| n - 0.2 * t).collect();
        coverage.count(drift(&times, &falling).unwrap().slope.interval(0.95).unwrap(), -0.2);
        false_alarms += usize::from(drift(&times, &noise).unwrap().p < 0.05);
    }
    coverage.check("drift");
    assert!((30..=70).contains(&false_alarms), "{false_alarms}");
}

#[test]
fn a_model_of_matches_does_not_accuse_the_honest() {
    let mut random = Random::seeded(113);
    let mut beyond = 0;
    for _ in 0..1_000 {
        let answers: Vec<(bool, f64)> = (0..60)
            .map(|_| {
                let expected = 0.6 + 0.39 * random.unit();
                (random.unit() < expected, expected)
            })
            .collect();
        let found = likeness::model_match(&answers).unwrap();
        beyond += usize::from(found.p < 0.01);
    }
    assert!(beyond <= 20, "{beyond} of 1,000 at one in a hundred");
    let copied: Vec<(bool, f64)> = (0..60).map(|_| (true, 0.8)).collect();
    assert!(likeness::model_match(&copied).unwrap().p < 0.001);
}
