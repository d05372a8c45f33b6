//! The tables that `mizan stats` reads and the results it prints.
//!
//! Text in, values that serialize out: reading files, flags and exit codes belong to the command.
//! Tables are CSV in UTF-8 with a header line, in long form; columns are found by name, in any order, and
//! others are passed over. An empty value is missing. Ids are text.
//! Field names of results are a promise; fields may be added.

mod result;
mod table;

use std::collections::BTreeMap;

pub use result::{
    AgreementResult, AlphaResult, CategoryResult, ChiSquaredResult, ElementResult, FitResult,
    GstudyResult, IccResult, KappaResult, MeanSquaresResult, MfrmResult, ProportionResult,
    RankResult, RanksResult, ScaleResult, SubsetResult, TopResult,
};
pub use table::{FacetRow, FacetTable, NamedScores, RatingTable, ScoreTable};

use crate::agreement::{Categories, Metric, Weights, alpha, chance, cohen, icc};
use crate::facets::{Facet, Measures, Scale};
use crate::generalizability::Design;
use crate::uncertainty::{proportion, ranks};
use crate::{Error, Interval, Resampling};

/// The level of every interval that is printed: the fields are called `ci95`.
const CONFIDENCE: f64 = 0.95;

/// Which coefficient `kappa` computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Two raters.
    Cohen,
    /// Any number of raters, one set of shares.
    Fleiss,
    /// Any number of raters; weights are passed over.
    GwetAc1,
    /// Any number of raters, with weights.
    GwetAc2,
}

/// Which ratings share a rating scale in `mfrm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleOf {
    /// All of them.
    Common,
    /// Those of one rater.
    Rater,
    /// Those of one item.
    Item,
}

/// How `gstudy` estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimator {
    /// Analysis of variance, for balanced scores.
    Anova,
    /// Restricted maximum likelihood.
    Reml,
}

/// The design of a word of `--design`; `None` for another word.
///
/// ```
/// use mizan_stats::{formats, generalizability::Design};
/// assert_eq!(formats::design("p x (r:t)"), Some(Design::PersonRaterWithinTask));
/// ```
#[must_use]
pub fn design(text: &str) -> Option<Design> {
    let word: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    match word.as_str() {
        "pxr" => Some(Design::PersonRater),
        "px(r:t)" => Some(Design::PersonRaterWithinTask),
        "pxrxt" => Some(Design::PersonRaterTask),
        _ => None,
    }
}

/// `mizan stats alpha`: columns `unit,rater,value`. Values may be words under the nominal metric.
///
/// ```
/// use mizan_stats::{agreement::Metric, formats};
/// let text = "unit,rater,value\na,x,1\na,y,1\nb,x,2\nb,y,2\nc,x,\nc,y,1\n";
/// let result = formats::alpha(text, Metric::Ordinal, None)?;
/// assert_eq!((result.alpha, result.units, result.raters), (1.0, 2, 2));
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoColumn`], [`Error::Line`], and as [`alpha::alpha`] and [`alpha::interval`].
pub fn alpha(
    text: &str,
    metric: Metric,
    bootstrap: Option<(usize, u64)>,
) -> Result<AlphaResult, Error> {
    let table = RatingTable::read(text, metric == Metric::Nominal)?;
    let found = alpha::alpha(&table.ratings, metric)?;
    let interval = |(replicates, seed): (usize, u64)| {
        let resampling = Resampling { replicates, seed, confidence: CONFIDENCE };
        alpha::interval(&table.ratings, metric, &resampling).map(ends)
    };
    Ok(AlphaResult {
        alpha: found.value,
        units: found.units,
        raters: table.raters.len(),
        ci95: bootstrap.map(interval).transpose()?,
    })
}

/// `mizan stats kappa`: columns `unit,rater,value`. Values may be words without weights.
///
/// `categories` are those of the rubric. Without them the values of the whole table are taken, never
/// those of one rater, and a category that nobody used is missing from chance: name them.
///
/// # Errors
/// [`Error::NoColumn`], [`Error::Line`], [`Error::NotACategory`], and as the coefficient itself.
pub fn kappa(
    text: &str,
    method: Method,
    weights: &Weights,
    categories: Option<Vec<f64>>,
) -> Result<KappaResult, Error> {
    let plain = method == Method::GwetAc1 || *weights == Weights::Identity;
    let table = RatingTable::read(text, plain && categories.is_none())?;
    let seen = || match table.ratings.values_seen() {
        // One category alone: a second that nobody used makes a scale of it.
        only if only.len() == 1 => vec![only[0], only[0] + 1.0],
        seen => seen,
    };
    if table.ratings.is_empty() {
        return Err(Error::NothingToCompare);
    }
    let categories = Categories::new(categories.unwrap_or_else(seen))?;
    let weights = if method == Method::GwetAc1 { &Weights::Identity } else { weights };
    let found = match method {
        Method::Cohen => cohen::kappa(&table.ratings, &categories, weights, CONFIDENCE),
        Method::Fleiss => chance::fleiss(&table.ratings, &categories, weights, CONFIDENCE),
        Method::GwetAc1 | Method::GwetAc2 => {
            chance::gwet(&table.ratings, &categories, weights, CONFIDENCE)
        }
    }?;
    Ok(KappaResult {
        kappa: found.value,
        observed: found.observed,
        expected: found.expected,
        se: found.standard_error,
        ci95: ends(found.interval),
        units: found.units,
    })
}

/// `mizan stats icc`: columns `unit,rater,value`; a missing value is an error.
///
/// # Errors
/// [`Error::NoColumn`], [`Error::Line`], [`Error::IncompleteTable`], else as [`icc::icc`].
pub fn icc(text: &str) -> Result<IccResult, Error> {
    let table = RatingTable::read(text, false)?;
    match icc::icc(&table.ratings, CONFIDENCE) {
        Ok(icc) => Ok(IccResult::from(&icc)),
        Err(Error::Incomplete { unit, rater }) => {
            let (unit, rater) = (table.units[unit].clone(), table.raters[rater].clone());
            Err(Error::IncompleteTable { unit, rater })
        }
        Err(error) => Err(error),
    }
}

/// `mizan stats gstudy`: columns `person,rater[,task],value`. The coefficients are those of the numbers of
/// raters and tasks that the table has.
///
/// # Errors
/// [`Error::NoColumn`], [`Error::Line`], and as the estimator.
pub fn gstudy(text: &str, design: Design, estimator: Estimator) -> Result<GstudyResult, Error> {
    let table = ScoreTable::read(text, design != Design::PersonRater)?;
    let components = match estimator {
        Estimator::Anova => design.anova(&table.scores),
        Estimator::Reml => design.reml(&table.scores),
    }?;
    let decision = components.decision(components.raters, components.tasks)?;
    let named = |of: fn(&crate::generalizability::Component) -> Option<f64>| {
        let list = components.components.iter();
        list.map(|component| (component.name.to_owned(), of(component))).collect::<BTreeMap<_, _>>()
    };
    Ok(GstudyResult {
        components: named(|component| Some(component.value)),
        computed: named(|component| Some(component.computed)),
        se: named(|component| component.standard_error),
        g: decision.g,
        phi: decision.phi,
        raters: components.raters,
        tasks: components.tasks,
    })
}

/// `mizan stats mfrm`: columns `person,rater[,item],value`, and `weight` if there is one.
///
/// `centred` names the facets whose measures sum to zero, of `person`, `rater` and `item`; exactly one facet
/// is left out and floats. Ratings that fall into parts give the parts and no measure.
///
/// # Errors
/// [`Error::NoColumn`], [`Error::Line`], and as [`crate::facets::Design::measure`], but for
/// [`Error::Disconnected`].
pub fn mfrm(text: &str, scale: ScaleOf, centred: &[&str]) -> Result<MfrmResult, Error> {
    let table = FacetTable::read(text)?;
    let names = ["person", "rater", "item"];
    let facets = table.ids.iter().zip(names).map(|(ids, name)| {
        let count = ids.len();
        if centred.contains(&name) { Facet::centred(count) } else { Facet::floating(count) }
    });
    let owners = match scale {
        ScaleOf::Common => None,
        ScaleOf::Rater => table.ids.get(1),
        ScaleOf::Item => table.ids.get(2),
    };
    let scale = match scale {
        ScaleOf::Common => Scale::Common,
        ScaleOf::Rater => Scale::Each { facet: 1 },
        ScaleOf::Item if table.ids.len() < 3 => return Err(Error::NoColumn("item")),
        ScaleOf::Item => Scale::Each { facet: 2 },
    };
    let mut design = crate::facets::Design::new(facets.collect(), scale)?;
    for row in &table.rows {
        design.rate_weighted(&row.elements, row.value, row.weight)?;
    }
    match design.measure() {
        Ok(measures) => Ok(measured(&table, &design, &measures, owners)),
        Err(Error::Disconnected(parts)) => Ok(MfrmResult::disconnected(&table.ids, &parts)),
        Err(error) => Err(error),
    }
}

fn measured(
    table: &FacetTable,
    design: &crate::facets::Design,
    measures: &Measures,
    owners: Option<&Vec<String>>,
) -> MfrmResult {
    let mut lists = table.ids.iter().zip(&measures.facets).map(|(ids, facet)| {
        ids.iter().zip(&facet.elements).map(ElementResult::from).collect::<Vec<_>>()
    });
    let mut next = || lists.next().unwrap_or_default();
    let (persons, raters, items) = (next(), next(), next());
    let scale = |(place, categories): (usize, &Vec<crate::facets::Threshold>)| ScaleResult {
        of: owners.map(|ids| ids[place].clone()),
        categories: categories.iter().map(CategoryResult::from).collect(),
        wide: measures.wide_thresholds.contains(&place),
    };
    let mut result = MfrmResult {
        scales: measures.scales.iter().enumerate().map(scale).collect(),
        fit: Some(FitResult::from(&measures.fit)),
        agreement: Some(AgreementResult::from(&measures.matching(design, 1).all)),
        persons,
        raters,
        items,
        subsets: 1,
        iterations: measures.iterations,
        ..MfrmResult::default()
    };
    for (facet, name) in measures.facets.iter().zip(["persons", "raters", "items"]) {
        if let Some(summary) = &facet.summary {
            result.summarize(name, summary);
        }
    }
    result
}

/// `mizan stats proportion`: Wilson's interval, or Newcombe's of the difference from a second pair.
///
/// # Errors
/// As [`proportion::wilson`].
pub fn proportion(
    first: (u64, u64),
    second: Option<(u64, u64)>,
) -> Result<ProportionResult, Error> {
    let share = |(successes, trials): (u64, u64)| successes as f64 / trials as f64;
    let (estimate, interval) = match second {
        None => (share(first), proportion::wilson(first.0, first.1, CONFIDENCE)?),
        Some(second) => {
            let interval = proportion::newcombe(first, second, CONFIDENCE)?;
            (share(first) - share(second), interval)
        }
    };
    Ok(ProportionResult { estimate, ci95: ends(interval) })
}

/// `mizan stats ranks`: columns `name,score,se`.
///
/// # Errors
/// [`Error::NoColumn`], [`Error::Line`], and as [`ranks::rank_sets`].
pub fn ranks(
    text: &str,
    seed: u64,
    replicates: usize,
    top: Option<usize>,
) -> Result<RanksResult, Error> {
    let table = NamedScores::read(text)?;
    let resampling = Resampling { replicates, seed, confidence: CONFIDENCE };
    let sets = ranks::rank_sets(&table.scores, &table.standard_errors, &resampling)?;
    let named = |keep: &dyn Fn(&ranks::RankSet) -> bool| -> Vec<String> {
        let list = table.names.iter().zip(&sets).filter(|(_, set)| keep(set));
        list.map(|(name, _)| name.clone()).collect()
    };
    let top = top.map(|count| TopResult {
        count,
        surely: named(&|set| set.is_among(count)),
        possibly: named(&|set| set.may_be_among(count)),
    });
    let rank = |(place, set): (usize, &ranks::RankSet)| RankResult {
        name: table.names[place].clone(),
        score: table.scores[place],
        se: table.standard_errors[place],
        rank: set.rank,
        marginal95: [set.marginal.0, set.marginal.1],
        simultaneous95: [set.simultaneous.0, set.simultaneous.1],
    };
    Ok(RanksResult { ranks: sets.iter().enumerate().map(rank).collect(), top })
}

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}
