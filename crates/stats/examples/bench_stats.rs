//! Times the heavy figures on data of a country's size and prints one line for each: what, seconds of one
//! thread, and the figure itself.
//!
//! With a folder as argument it also writes the tables of agreement there, one row for each unit and an
//! empty cell for a missing value, so that other programs can be held against the same data
//! (`scripts/bench_stats.py`).

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use mizan_stats::agreement::{Categories, Metric, Weights, alpha, chance, icc};
use mizan_stats::facets::{Design, Facet, Scale};
use mizan_stats::random::Random;
use mizan_stats::ratings::Ratings;
use mizan_stats::uncertainty::ranks;
use mizan_stats::{Error, Resampling};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let units = units();
    let targets = targets();
    if let Some(folder) = folder {
        std::fs::write(folder.join("alpha.csv"), written(&units))?;
        std::fs::write(folder.join("icc.csv"), written(&targets))?;
    }
    agreement(&units)?;
    let targets = Ratings::from_rows(&targets)?;
    timed("icc, six forms, 2,000 x 20", || Ok(icc::icc(&targets, 0.95)?.icc2.value))?;
    for (name, scale) in [
        ("facets, 240,000 ratings, one scale", Scale::Common),
        ("facets, 240,000 ratings, a scale for each criterion", Scale::Each { facet: 2 }),
        ("facets, 240,000 ratings, a scale for each evaluator", Scale::Each { facet: 1 }),
    ] {
        let design = programme(scale)?;
        timed(name, || {
            let first = &design.measure()?.facets[1].elements[0];
            Ok(first.measure.unwrap_or_default())
        })?;
    }
    let mut random = Random::seeded(3);
    let scores: Vec<f64> = (0..1_000).map(|_| 80.0 + 6.0 * random.normal()).collect();
    let resampling = Resampling { replicates: 1_000, seed: 1, confidence: 0.95 };
    timed("ranks of 1,000 centres, 1,000 draws", || {
        Ok(ranks::rank_sets(&scores, &[2.5; 1_000], &resampling)?[0].marginal.1 as f64)
    })?;
    Ok(())
}

fn agreement(rows: &[Vec<Option<f64>>]) -> Result<(), Error> {
    let ratings = Ratings::from_rows(rows)?;
    let ordinal = || Ok(alpha::alpha(&ratings, Metric::Ordinal)?.value);
    timed("alpha, 50 x 20,000, ordinal, 80 % missing", ordinal)?;
    let resampling = Resampling { replicates: 1_000, seed: 1, confidence: 0.95 };
    timed("alpha, the same with 1,000 resamples", || {
        Ok(alpha::interval(&ratings, Metric::Ordinal, &resampling)?.width())
    })?;
    let categories = Categories::new((0..6).map(f64::from).collect())?;
    timed("AC2, the same table", || {
        Ok(chance::gwet(&ratings, &categories, &Weights::Quadratic, 0.95)?.value)
    })
}

fn timed(name: &str, run: impl Fn() -> Result<f64, Error>) -> Result<(), Error> {
    let mut best = f64::INFINITY;
    let mut figure = 0.0;
    for _ in 0..3 {
        let start = Instant::now();
        figure = run()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name}\t{best:.4}\t{figure}");
    Ok(())
}

/// 20,000 units, 50 raters of whom a fifth rated each, six levels.
fn units() -> Vec<Vec<Option<f64>>> {
    let mut random = Random::seeded(1);
    let row = |_| {
        let truth = 2.5 + 1.4 * random.normal();
        let mut cell = |_| {
            let seen = (truth + 0.8 * random.normal()).round().clamp(0.0, 5.0);
            (random.unit() < 0.2).then_some(seen)
        };
        (0..50).map(&mut cell).collect()
    };
    (0..20_000).map(row).collect()
}

fn targets() -> Vec<Vec<Option<f64>>> {
    let mut random = Random::seeded(2);
    let row = |_| {
        let level = random.normal();
        (0..20).map(|judge| Some(level + 0.05 * f64::from(judge) + random.normal())).collect()
    };
    (0..2_000).map(row).collect()
}

fn written(rows: &[Vec<Option<f64>>]) -> String {
    let mut text = String::new();
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = match cell {
                Some(value) => write!(text, "{comma}{value}"),
                None => write!(text, "{comma}"),
            };
        }
        text.push('\n');
    }
    text
}

/// 1,000 centres with four visits each by 200 evaluators on 60 criteria of six levels.
fn programme(scale: Scale) -> Result<Design, Error> {
    let mut random = Random::seeded(4);
    let mut draw = |count: usize, spread: f64| -> Vec<f64> {
        (0..count).map(|_| spread * random.normal()).collect()
    };
    let (centres, evaluators, criteria) = (draw(1_000, 1.0), draw(200, 0.4), draw(60, 0.8));
    let facets = vec![Facet::floating(1_000), Facet::centred(200), Facet::centred(60)];
    let mut design = Design::new(facets, scale)?;
    for (centre, level) in centres.iter().enumerate() {
        for visit in 0..4 {
            let evaluator = (centre * 7 + visit * 53 + centre / 200 * visit) % 200;
            for (criterion, difficulty) in criteria.iter().enumerate() {
                let line = level - evaluators[evaluator] - difficulty;
                let passed = [-2.0, -1.0, 0.0, 1.0, 2.0].iter().filter(|threshold| {
                    let chance = 1.0 / (1.0 + (1.5 * (*threshold - line)).exp());
                    random.unit() < chance
                });
                design.rate(&[centre, evaluator, criterion], passed.count() as f64)?;
            }
        }
    }
    Ok(design)
}
