//! The six intraclass correlations of Shrout and Fleiss.

use crate::error::{at_least, level};
use crate::ratings::Ratings;
use crate::{Error, Interval, distribution};

/// One of the six correlations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Form {
    /// The correlation; it can be negative, down to −1/(k − 1) for a single judge and without bound for
    /// the mean.
    pub value: f64,
    /// The ratio of mean squares that tests it against 0.
    pub f: f64,
    /// Degrees of freedom above and below the line of that ratio.
    pub degrees: (f64, f64),
    /// How likely such a ratio is without any correlation.
    pub p: f64,
    /// The interval of the asked level.
    pub interval: Interval,
}

/// Mean squares of a two-way table of targets and judges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanSquares {
    /// Between targets.
    pub between_targets: f64,
    /// Within targets.
    pub within: f64,
    /// Between judges.
    pub judges: f64,
    /// What is left.
    pub residual: f64,
}

/// The six forms of one table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Icc {
    /// ICC(1,1): each target has its own judges.
    pub icc1: Form,
    /// ICC(2,1): the judges are a sample; absolute agreement.
    pub icc2: Form,
    /// ICC(3,1): these judges alone; consistency.
    pub icc3: Form,
    /// ICC(1,k): the mean of k judges, each target its own.
    pub icc1_mean: Form,
    /// ICC(2,k): the mean of a sample of k judges.
    pub icc2_mean: Form,
    /// ICC(3,k): the mean of these judges; Cronbach's alpha.
    pub icc3_mean: Form,
    /// The mean squares.
    pub mean_squares: MeanSquares,
    /// How many targets.
    pub targets: usize,
    /// How many judges.
    pub judges: usize,
}

/// The six intraclass correlations, with tests and intervals.
///
/// Formulas, with mean squares B (targets), W (within), J (judges), E (residual), n targets, k judges:
/// ICC(1,1) = (B − W)/(B + (k − 1)W); ICC(2,1) = (B − E)/(B + (k − 1)E + k(J − E)/n);
/// ICC(3,1) = (B − E)/(B + (k − 1)E); for the mean of k: (B − W)/B, (B − E)/(B + (J − E)/n),
/// (B − E)/B. Intervals: exact F for forms 1 and 3, the approximation of the reference for form 2.
///
/// Assumes normal errors of equal variance for tests and intervals. Domain: a complete table.
/// Edge cases: judges that agree exactly make F infinite; the correlations are then 1, or follow from J
/// for form 2, and the intervals shrink to the figure. Equal targets are refused. The lower end of
/// ICC(2,k) is −∞ where the table sets it no bound.
/// References: Shrout PE, Fleiss JL (1979) Psychol Bull 86:420–428; McGraw KO, Wong SP (1996) Psychol
/// Methods 1:30–46.
///
/// ```
/// use mizan_stats::{agreement::icc, ratings::Ratings};
/// let row = |one: f64, other: f64| vec![Some(one), Some(other)];
/// let ratings = Ratings::from_rows(&[row(1.0, 2.0), row(2.0, 3.0), row(4.0, 5.0)])?;
/// let icc = icc::icc(&ratings, 0.95)?;
/// assert!((icc.icc3.value - 1.0).abs() < 1e-12, "the judges differ by one point throughout");
/// assert!(icc.icc2.value < 1.0, "which is not agreement");
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for fewer than two targets or judges, [`Error::Incomplete`] with the first missing
/// value, [`Error::NoVariation`] when all values are equal.
pub fn icc(ratings: &Ratings, confidence: f64) -> Result<Icc, Error> {
    let confidence = level(confidence)?;
    let squares = mean_squares(ratings)?;
    let MeanSquares { between_targets: b, within: w, judges: j, residual: e } = squares;
    let (n, k) = (ratings.units() as f64, ratings.raters() as f64);
    let one = Table { ratio: b / w, degrees: (n - 1.0, n * (k - 1.0)), k, confidence };
    let three = Table { ratio: b / e, degrees: (n - 1.0, (n - 1.0) * (k - 1.0)), k, confidence };
    let single = (b - e) / (b + (k - 1.0) * e + k * (j - e) / n);
    let second = absolute_interval(&squares, single, (n, k), confidence)?;
    let (f, degrees, p) = (three.ratio, three.degrees, three.p()?);
    let stepped = |x: f64| {
        let below = 1.0 + (k - 1.0) * x;
        if below > 0.0 { k * x / below } else { f64::NEG_INFINITY }
    };
    let mean_interval = Interval { low: stepped(second.low), high: stepped(second.high) };
    let mean = (b - e) / (b + (j - e) / n);
    if !single.is_finite() || !mean.is_finite() {
        return Err(Error::NoVariation { what: "the targets" });
    }
    Ok(Icc {
        icc1: one.single()?,
        icc2: Form { value: single, f, degrees, p, interval: second },
        icc3: three.single()?,
        icc1_mean: one.mean()?,
        icc2_mean: Form { value: mean, f, degrees, p, interval: mean_interval },
        icc3_mean: three.mean()?,
        mean_squares: squares,
        targets: ratings.units(),
        judges: ratings.raters(),
    })
}

fn mean_squares(ratings: &Ratings) -> Result<MeanSquares, Error> {
    let (units, raters) = (ratings.units(), ratings.raters());
    at_least("targets", units, 2)?;
    at_least("judges", raters, 2)?;
    for (unit, row) in ratings.by_unit().enumerate() {
        let has =
            |rater: usize| row.get(rater).is_some_and(|rating| rating.rater as usize == rater);
        if let Some(rater) = (0..raters).find(|rater| !has(*rater)) {
            return Err(Error::Incomplete { unit, rater });
        }
    }
    let (n, k) = (units as f64, raters as f64);
    // About the first value, so that a large common offset costs no digits.
    let offset = ratings.of_unit(0)[0].value;
    let of_unit =
        |row: &[crate::ratings::Rating]| row.iter().map(|r| r.value - offset).sum::<f64>();
    let by_target: Vec<f64> = ratings.by_unit().map(|row| of_unit(row) / k).collect();
    let mut by_judge = vec![0.0; raters];
    for row in ratings.by_unit() {
        by_judge.iter_mut().zip(row).for_each(|(sum, rating)| *sum += (rating.value - offset) / n);
    }
    let grand = by_target.iter().sum::<f64>() / n;
    let targets: f64 = k * crate::sample::squares_about(&by_target, grand);
    let judges: f64 = n * crate::sample::squares_about(&by_judge, grand);
    let (mut within, mut residual) = (0.0, 0.0);
    for (row, mean) in ratings.by_unit().zip(&by_target) {
        for (rating, judge) in row.iter().zip(&by_judge) {
            let value = rating.value - offset;
            within += (value - mean).powi(2);
            residual += (value - mean - judge + grand).powi(2);
        }
    }
    let total = targets + within;
    if total <= 0.0 || targets <= 1e-24 * total {
        return Err(Error::NoVariation { what: "the targets" });
    }
    let clean = |sum: f64| if sum <= 1e-24 * total { 0.0 } else { sum };
    Ok(MeanSquares {
        between_targets: targets / (n - 1.0),
        within: clean(within) / (n * (k - 1.0)),
        judges: clean(judges) / (k - 1.0),
        residual: clean(residual) / ((n - 1.0) * (k - 1.0)),
    })
}

/// A ratio of mean squares whose interval is exact.
struct Table {
    ratio: f64,
    degrees: (f64, f64),
    k: f64,
    confidence: f64,
}

impl Table {
    fn p(&self) -> Result<f64, Error> {
        distribution::f_above(self.ratio, self.degrees.0, self.degrees.1)
    }

    fn ends(&self) -> Result<(f64, f64), Error> {
        let (above, below) = self.degrees;
        let tail = 0.5 + self.confidence / 2.0;
        let low = self.ratio / distribution::f_quantile(tail, above, below)?;
        Ok((low, self.ratio * distribution::f_quantile(tail, below, above)?))
    }

    fn form(&self, of_ratio: impl Fn(f64) -> f64) -> Result<Form, Error> {
        let (low, high) = self.ends()?;
        let of = |ratio: f64| if ratio.is_infinite() { 1.0 } else { of_ratio(ratio) };
        let interval = Interval { low: of(low), high: of(high) };
        let (value, f) = (of(self.ratio), self.ratio);
        Ok(Form { value, f, degrees: self.degrees, p: self.p()?, interval })
    }

    fn single(&self) -> Result<Form, Error> {
        self.form(|ratio| (ratio - 1.0) / (ratio + self.k - 1.0))
    }

    fn mean(&self) -> Result<Form, Error> {
        self.form(|ratio| 1.0 - 1.0 / ratio)
    }
}

fn absolute_interval(
    squares: &MeanSquares,
    value: f64,
    (n, k): (f64, f64),
    confidence: f64,
) -> Result<Interval, Error> {
    let MeanSquares { between_targets: b, judges: j, residual: e, .. } = *squares;
    if e == 0.0 {
        return Ok(Interval { low: value, high: value });
    }
    let f = j / e;
    let rest = n * (1.0 + (k - 1.0) * value) - k * value;
    let above = (k - 1.0) * (n - 1.0) * (k * value * f + rest).powi(2);
    let below = (n - 1.0) * (k * value * f).powi(2) + rest * rest;
    let degrees = above / below;
    let tail = 0.5 + confidence / 2.0;
    // The approximation is meant for correlations above 0; below, its degrees of freedom can fall to
    // next to nothing. The interval still holds the figure.
    let degrees = degrees.max(1e-3);
    let upper = distribution::f_quantile(tail, n - 1.0, degrees)?.clamp(1.0, 1e100);
    let lower = distribution::f_quantile(tail, degrees, n - 1.0)?.clamp(1.0, 1e100);
    let spread = k * j + (k * n - k - n) * e;
    Ok(Interval {
        low: n * (b - upper * e) / (upper * spread + n * b),
        high: n * (lower * b - e) / (spread + n * lower * b),
    })
}
