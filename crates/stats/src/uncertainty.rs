//! How sure a centre's score is, and what follows for its rank and its change.
//!
//! **The visit, not the criterion, is the sampling unit**: the sixty answers of one visit share its day,
//! its queue and its evaluator, and intervals that treat them as independent are far too narrow.
//! An interval says: were the visits repeated, the score would lie here in 19 of 20 cycles.

pub mod bootstrap;
pub mod change;
pub mod groups;
pub mod multiple;
pub mod proportion;
pub mod ranks;
pub mod shrinkage;
pub mod visits;

use crate::error::{not_negative, positive};
use crate::{Error, Interval, distribution};

/// A figure with its standard error and what that error rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The degrees of freedom behind the error; `None` for an error that is known.
    pub degrees: Option<f64>,
}

/// The difference of two figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first less the second.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its interval. If it holds zero, the two cannot be told apart.
    pub interval: Interval,
    /// How likely a difference at least as large is if there is none.
    pub p: f64,
}

impl Estimate {
    /// A figure whose error is known.
    #[must_use]
    pub fn known(value: f64, standard_error: f64) -> Self {
        Self { value, standard_error, degrees: None }
    }

    /// The interval of a level of confidence: t with the degrees, normal without.
    ///
    /// # Errors
    /// [`Error::NotFinite`], [`Error::OutOfRange`] for a negative error, a level outside (0, 1) or
    /// degrees that are not above 0.
    pub fn interval(&self, confidence: f64) -> Result<Interval, Error> {
        self.check()?;
        Ok(Interval::around(self.value, critical(confidence, self.degrees)? * self.standard_error))
    }

    /// This figure less another, the two independent.
    ///
    /// Formula: the error is √(s₁² + s₂²), its degrees those of Welch and Satterthwaite,
    /// (s₁² + s₂²)²/(s₁⁴/ν₁ + s₂⁴/ν₂).
    /// Edge cases: without any error the difference is certain: p is 0, or 1 for equal figures.
    /// Reference: Welch BL (1947) Biometrika 34:28–35.
    ///
    /// ```
    /// use mizan_stats::uncertainty::Estimate;
    /// let difference = Estimate::known(83.0, 3.0).less(&Estimate::known(78.0, 4.0), 0.95)?;
    /// assert_eq!(difference.standard_error, 5.0);
    /// assert!(difference.interval.holds(0.0), "these two cannot be told apart");
    /// # Ok::<(), mizan_stats::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Estimate::interval`].
    pub fn less(&self, other: &Self, confidence: f64) -> Result<Difference, Error> {
        self.check()?;
        other.check()?;
        let value = self.value - other.value;
        let (one, two) = (self.standard_error.powi(2), other.standard_error.powi(2));
        let standard_error = (one + two).sqrt();
        let part =
            |square: f64, degrees: Option<f64>| degrees.map_or(0.0, |it| square * square / it);
        let parts = part(one, self.degrees) + part(two, other.degrees);
        let degrees = (parts > 0.0).then(|| (one + two).powi(2) / parts);
        let half = critical(confidence, degrees)? * standard_error;
        let p = match (standard_error > 0.0, degrees) {
            (false, _) => f64::from(u8::from(value == 0.0)),
            (true, Some(degrees)) => distribution::t_two_sided(value / standard_error, degrees)?,
            (true, None) => 2.0 * distribution::normal_below(-(value / standard_error).abs()),
        };
        Ok(Difference { value, standard_error, interval: Interval::around(value, half), p })
    }

    fn check(&self) -> Result<(), Error> {
        crate::error::finite("figure", &[self.value])?;
        not_negative("a standard error", self.standard_error)?;
        self.degrees.map_or(Ok(1.0), |degrees| positive("degrees of freedom", degrees)).map(drop)
    }
}

/// How many standard errors an interval reaches to either side.
fn critical(confidence: f64, degrees: Option<f64>) -> Result<f64, Error> {
    let tail = 0.5 + crate::error::level(confidence)? / 2.0;
    match degrees {
        Some(degrees) => distribution::t_quantile(tail, degrees),
        None => distribution::normal_quantile(tail),
    }
}
