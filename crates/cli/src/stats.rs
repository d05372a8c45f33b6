//! `mizan stats`: measures of agreement, severity and uncertainty from tables, as JSON.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use mizan_stats::agreement::{Metric, Weights};
use mizan_stats::formats::{self, Estimator, Method, ScaleOf};
use mizan_stats::generalizability::Design;

use crate::failure::Misuse;
use crate::out;

/// Arguments of `mizan stats`.
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Krippendorff's alpha of a table with the columns unit, rater, value
    Alpha {
        /// The table (CSV); `-` reads standard input
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// How far apart two values are
        #[arg(long, value_enum, default_value_t = MetricWord::Ordinal)]
        metric: MetricWord,
        /// An interval from so many resamples
        #[arg(long, value_name = "N")]
        bootstrap: Option<usize>,
        /// The seed of the resamples
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
    },
    /// Agreement beyond chance of a table with the columns unit, rater, value
    Kappa {
        /// The table (CSV); `-` reads standard input
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Which coefficient
        #[arg(long, value_enum, default_value_t = MethodWord::GwetAc1)]
        method: MethodWord,
        /// How much of an agreement two values are
        #[arg(long, value_enum, default_value_t = WeightsWord::Unweighted)]
        weights: WeightsWord,
        /// The rubric's steps, also those nobody used; without them those of the table
        #[arg(long, value_name = "V,V,…", value_delimiter = ',')]
        categories: Option<Vec<f64>>,
    },
    /// The six intraclass correlations of a table with the columns unit, rater, value
    Icc {
        /// The table (CSV); `-` reads standard input
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
    /// Variance components of a table with the columns person, rater, task (if there are tasks), value
    Gstudy {
        /// The table (CSV); `-` reads standard input
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// What was crossed with what: "p x r", "p x (r:t)" or "p x r x t"
        #[arg(long, value_parser = design, default_value = "p x r")]
        design: Design,
        /// How they are estimated
        #[arg(long, value_enum, default_value_t = EstimatorWord::Anova)]
        method: EstimatorWord,
    },
    /// The many-facet Rasch model of a table with the columns person, rater, item (if there are items), value
    Mfrm {
        /// The table (CSV); `-` reads standard input
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Which ratings share a rating scale
        #[arg(long, value_enum, default_value_t = ScaleWord::Common)]
        scale: ScaleWord,
        /// The facets whose measures sum to zero; the one left out floats
        #[arg(long, value_enum, value_delimiter = ',', default_values_t = [FacetWord::Rater, FacetWord::Item])]
        center: Vec<FacetWord>,
    },
    /// The interval of a proportion X of N, or of the difference of two
    Proportion {
        /// X N, or X N X2 N2
        #[arg(value_name = "X N [X2 N2]", num_args = 2..=4, required = true)]
        counts: Vec<u64>,
    },
    /// Sets of ranks of a table with the columns name, score, se
    Ranks {
        /// The table (CSV); `-` reads standard input
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// The seed of the draws
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        /// How many draws
        #[arg(long, value_name = "R", default_value_t = 10_000)]
        replicates: usize,
        /// Also say who belongs to the best K
        #[arg(long, value_name = "K")]
        top: Option<usize>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MetricWord {
    Nominal,
    Ordinal,
    Interval,
    Ratio,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MethodWord {
    Cohen,
    Fleiss,
    GwetAc1,
    GwetAc2,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WeightsWord {
    Unweighted,
    Linear,
    Quadratic,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EstimatorWord {
    Anova,
    Reml,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScaleWord {
    Common,
    Rater,
    Item,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FacetWord {
    Person,
    Rater,
    Item,
}

impl FacetWord {
    fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Rater => "rater",
            Self::Item => "item",
        }
    }
}

fn design(text: &str) -> Result<Design, String> {
    formats::design(text)
        .ok_or_else(|| "write \"p x r\", \"p x (r:t)\" or \"p x r x t\"".to_owned())
}

/// Runs `mizan stats`.
pub(crate) fn run(args: &StatsArgs) -> Result<()> {
    match &args.command {
        Command::Alpha { file, metric, bootstrap, seed } => {
            let metric = match metric {
                MetricWord::Nominal => Metric::Nominal,
                MetricWord::Ordinal => Metric::Ordinal,
                MetricWord::Interval => Metric::Interval,
                MetricWord::Ratio => Metric::Ratio,
            };
            let resamples = bootstrap.map(|count| (count, *seed));
            of(file, |text| formats::alpha(text, metric, resamples))
        }
        Command::Kappa { file, method, weights, categories } => {
            let method = match method {
                MethodWord::Cohen => Method::Cohen,
                MethodWord::Fleiss => Method::Fleiss,
                MethodWord::GwetAc1 => Method::GwetAc1,
                MethodWord::GwetAc2 => Method::GwetAc2,
            };
            let weights = match weights {
                WeightsWord::Unweighted => Weights::Identity,
                WeightsWord::Linear => Weights::Linear,
                WeightsWord::Quadratic => Weights::Quadratic,
            };
            of(file, |text| formats::kappa(text, method, &weights, categories.clone()))
        }
        Command::Icc { file } => of(file, formats::icc),
        Command::Gstudy { file, design, method } => {
            let estimator = match method {
                EstimatorWord::Anova => Estimator::Anova,
                EstimatorWord::Reml => Estimator::Reml,
            };
            of(file, |text| formats::gstudy(text, *design, estimator))
        }
        Command::Mfrm { file, scale, center } => measure(file, *scale, center),
        Command::Proportion { counts } => match counts[..] {
            [x, n] => out::json(&formats::proportion((x, n), None)?),
            [x, n, x2, n2] => out::json(&formats::proportion((x, n), Some((x2, n2)))?),
            _ => Err(Misuse("give X N, or X N X2 N2".into()).into()),
        },
        Command::Ranks { file, seed, replicates, top } => {
            of(file, |text| formats::ranks(text, *seed, *replicates, *top))
        }
    }
}

/// Ratings that fall into parts are told as such, and nothing is measured across them.
fn measure(file: &Path, scale: ScaleWord, center: &[FacetWord]) -> Result<()> {
    let scale = match scale {
        ScaleWord::Common => ScaleOf::Common,
        ScaleWord::Rater => ScaleOf::Rater,
        ScaleWord::Item => ScaleOf::Item,
    };
    let centred: Vec<&str> = center.iter().map(|facet| facet.word()).collect();
    let result = compute(file, |text| formats::mfrm(text, scale, &centred))?;
    out::json(&result)?;
    if result.subsets > 1 {
        anyhow::bail!(
            "{}: the ratings fall into {} parts that nobody connects; let raters of different parts rate \
             the same persons, or measure each part by itself",
            file.display(),
            result.subsets
        );
    }
    Ok(())
}

fn of<T: serde::Serialize>(
    file: &Path,
    result: impl Fn(&str) -> Result<T, mizan_stats::Error>,
) -> Result<()> {
    out::json(&compute(file, result)?)
}

fn compute<T>(file: &Path, result: impl Fn(&str) -> Result<T, mizan_stats::Error>) -> Result<T> {
    let name = file.display();
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).context("reading standard input")?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?
    };
    result(&text).with_context(|| name.to_string())
}
