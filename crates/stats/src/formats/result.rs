//! What is printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::agreement::Icc;
use crate::facets::{ElementReport, Fit, Matches, Summary, Threshold};
use crate::{Interval, Subset};

/// Of `mizan stats alpha`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlphaResult {
    /// Krippendorff's alpha.
    pub alpha: f64,
    /// Units with two values or more.
    pub units: usize,
    /// Raters of the table.
    pub raters: usize,
    /// The interval, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ci95: Option<[f64; 2]>,
}

/// Of `mizan stats kappa`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KappaResult {
    /// The coefficient.
    pub kappa: f64,
    /// The agreement observed.
    pub observed: f64,
    /// The agreement by chance.
    pub expected: f64,
    /// The standard error.
    pub se: f64,
    /// The interval.
    pub ci95: [f64; 2],
    /// Units that entered.
    pub units: usize,
}

/// Of `mizan stats icc`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IccResult {
    /// ICC(1,1).
    #[serde(rename = "ICC1")]
    pub icc1: f64,
    /// ICC(2,1).
    #[serde(rename = "ICC2")]
    pub icc2: f64,
    /// ICC(3,1).
    #[serde(rename = "ICC3")]
    pub icc3: f64,
    /// ICC(1,k).
    #[serde(rename = "ICC1k")]
    pub icc1_mean: f64,
    /// ICC(2,k).
    #[serde(rename = "ICC2k")]
    pub icc2_mean: f64,
    /// ICC(3,k).
    #[serde(rename = "ICC3k")]
    pub icc3_mean: f64,
    /// The intervals by the same names.
    pub ci95: BTreeMap<String, [f64; 2]>,
    /// The mean squares.
    pub ms: MeanSquaresResult,
}

/// Mean squares of `icc`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeanSquaresResult {
    /// Between targets.
    pub between_targets: f64,
    /// Within targets.
    pub within: f64,
    /// Between judges.
    pub judges: f64,
    /// What is left.
    pub residual: f64,
}

impl From<&Icc> for IccResult {
    fn from(icc: &Icc) -> Self {
        let ends = |interval: Interval| [interval.low, interval.high];
        let forms = [
            ("ICC1", &icc.icc1),
            ("ICC2", &icc.icc2),
            ("ICC3", &icc.icc3),
            ("ICC1k", &icc.icc1_mean),
            ("ICC2k", &icc.icc2_mean),
            ("ICC3k", &icc.icc3_mean),
        ];
        let squares = icc.mean_squares;
        Self {
            icc1: icc.icc1.value,
            icc2: icc.icc2.value,
            icc3: icc.icc3.value,
            icc1_mean: icc.icc1_mean.value,
            icc2_mean: icc.icc2_mean.value,
            icc3_mean: icc.icc3_mean.value,
            ci95: forms.iter().map(|(name, it)| ((*name).to_owned(), ends(it.interval))).collect(),
            ms: MeanSquaresResult {
                between_targets: squares.between_targets,
                within: squares.within,
                judges: squares.judges,
                residual: squares.residual,
            },
        }
    }
}

/// Of `mizan stats gstudy`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GstudyResult {
    /// The components as used, by name.
    pub components: BTreeMap<String, Option<f64>>,
    /// The components as computed: a negative one stands here.
    pub computed: BTreeMap<String, Option<f64>>,
    /// Their standard errors.
    pub se: BTreeMap<String, Option<f64>>,
    /// Eρ² for the numbers below.
    pub g: f64,
    /// Φ for the numbers below.
    pub phi: f64,
    /// Raters of the table, in `p x (r:t)` for each task.
    pub raters: usize,
    /// Tasks of the table.
    pub tasks: usize,
}

/// Of `mizan stats mfrm`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MfrmResult {
    /// The persons, as they appear in the table.
    pub persons: Vec<ElementResult>,
    /// The raters; a higher measure is harsher.
    pub raters: Vec<ElementResult>,
    /// The items; a higher measure is harder.
    pub items: Vec<ElementResult>,
    /// True deviation over error, by facet.
    pub separation: BTreeMap<String, f64>,
    /// Levels that can be told apart, by facet.
    pub strata: BTreeMap<String, f64>,
    /// True variance over observed variance, by facet.
    pub reliability: BTreeMap<String, f64>,
    /// Were all measures the same? By facet.
    pub fixed_chi_square: BTreeMap<String, ChiSquaredResult>,
    /// Into how many parts the ratings fall. With more than one there is no measure.
    pub subsets: usize,
    /// The parts, if there is more than one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub disconnected: Vec<SubsetResult>,
    /// How many steps the estimate took.
    pub iterations: usize,
    /// The rating scales, in the order of the facet they belong to.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub scales: Vec<ScaleResult>,
    /// How the model fits as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fit: Option<FitResult>,
    /// Exact agreement of raters on the same persons and items.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agreement: Option<AgreementResult>,
}

/// One rating scale of `mfrm`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaleResult {
    /// The rater or item it belongs to; none for a common scale.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<String>,
    /// Its categories in use, rising.
    pub categories: Vec<CategoryResult>,
    /// Whether a threshold lies beyond ten logits: a category that is hardly used.
    pub wide: bool,
}

/// One category of a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CategoryResult {
    /// Its value.
    pub value: f64,
    /// How often it was given.
    pub count: f64,
    /// The threshold from the category below, in logits.
    pub threshold: Option<f64>,
    /// The threshold's standard error.
    pub se: Option<f64>,
}

/// The model as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitResult {
    /// Ratings that took part.
    pub ratings: usize,
    /// Their log-likelihood.
    pub log_likelihood: f64,
    /// Σ of squared standardized residuals.
    pub chi_square: f64,
    /// The share of variation that the measures explain, 0–1.
    pub explained: f64,
}

/// Exact agreement of `mfrm`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgreementResult {
    /// Pairs of ratings of the same thing.
    pub opportunities: usize,
    /// Pairs with the same value.
    pub exact: usize,
    /// How many the model expects.
    pub expected: f64,
}

/// A chi-squared of `mfrm`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChiSquaredResult {
    /// Its value.
    pub value: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// How likely so large a value is without differences.
    pub p: f64,
}

/// One part of disconnected ratings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SubsetResult {
    /// Its persons.
    pub persons: Vec<String>,
    /// Its raters.
    pub raters: Vec<String>,
    /// Its items.
    pub items: Vec<String>,
}

/// One element of `mfrm`; what the ratings do not tell is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ElementResult {
    /// Its id in the table.
    pub id: String,
    /// In logits.
    pub measure: Option<f64>,
    /// The model's standard error.
    pub se: Option<f64>,
    /// The error with all other measures unknown too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub joint_se: Option<f64>,
    /// Infit, mean square.
    pub infit_mnsq: Option<f64>,
    /// Infit, standardized.
    pub infit_zstd: Option<f64>,
    /// Outfit, mean square.
    pub outfit_mnsq: Option<f64>,
    /// Outfit, standardized.
    pub outfit_zstd: Option<f64>,
    /// The mean of the ratings.
    pub observed_average: Option<f64>,
    /// What average others would have made of it.
    pub fair_average: Option<f64>,
    /// Whether all ratings are at one end of the scale.
    pub extreme: bool,
}

impl From<(&String, &ElementReport)> for ElementResult {
    fn from((id, report): (&String, &ElementReport)) -> Self {
        Self {
            id: id.clone(),
            measure: report.measure,
            se: report.standard_error,
            joint_se: report.joint_error,
            infit_mnsq: report.infit.map(|it| it.mean_square),
            infit_zstd: report.infit.map(|it| it.z),
            outfit_mnsq: report.outfit.map(|it| it.mean_square),
            outfit_zstd: report.outfit.map(|it| it.z),
            observed_average: report.observed_average,
            fair_average: report.fair_average,
            extreme: report.standing.is_extreme(),
        }
    }
}

impl From<&Threshold> for CategoryResult {
    fn from(of: &Threshold) -> Self {
        let Threshold { value, count, measure: threshold, standard_error: se } = *of;
        Self { value, count, threshold, se }
    }
}

impl From<&Fit> for FitResult {
    fn from(of: &Fit) -> Self {
        let Fit { ratings, log_likelihood, chi_squared: chi_square, explained } = *of;
        Self { ratings, log_likelihood, chi_square, explained }
    }
}

impl From<&Matches> for AgreementResult {
    fn from(of: &Matches) -> Self {
        let Matches { opportunities, exact, expected } = *of;
        Self { opportunities, exact, expected }
    }
}

impl MfrmResult {
    pub(super) fn summarize(&mut self, name: &str, summary: &Summary) {
        self.separation.insert(name.to_owned(), summary.separation);
        self.strata.insert(name.to_owned(), summary.strata);
        self.reliability.insert(name.to_owned(), summary.reliability);
        let (value, df, p) = (summary.chi_squared, summary.degrees, summary.p);
        self.fixed_chi_square.insert(name.to_owned(), ChiSquaredResult { value, df, p });
    }

    pub(super) fn disconnected(ids: &[Vec<String>], parts: &[Subset]) -> Self {
        let named = |part: &Subset| {
            let mut lists = ids.iter().zip(&part.elements).map(|(ids, elements)| {
                elements.iter().map(|element| ids[*element].clone()).collect()
            });
            let mut next = || lists.next().unwrap_or_default();
            SubsetResult { persons: next(), raters: next(), items: next() }
        };
        let disconnected = parts.iter().map(named).collect();
        Self { subsets: parts.len(), disconnected, ..Self::default() }
    }
}

/// Of `mizan stats proportion`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProportionResult {
    /// The proportion, or the difference of two.
    pub estimate: f64,
    /// Its interval.
    pub ci95: [f64; 2],
}

/// Of `mizan stats ranks`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RanksResult {
    /// In the order of the table.
    pub ranks: Vec<RankResult>,
    /// Who belongs to the best, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub top: Option<TopResult>,
}

/// One rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankResult {
    /// The name in the table.
    pub name: String,
    /// The score.
    pub score: f64,
    /// Its standard error.
    pub se: f64,
    /// The rank of the score as it is.
    pub rank: usize,
    /// Best and worst rank, for this name alone.
    pub marginal95: [usize; 2],
    /// Best and worst rank, for the whole list at once.
    pub simultaneous95: [usize; 2],
}

/// The best of `ranks`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopResult {
    /// How many are the best.
    pub count: usize,
    /// Those who surely belong to them.
    pub surely: Vec<String>,
    /// Those who may.
    pub possibly: Vec<String>,
}
