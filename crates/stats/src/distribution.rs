//! The distributions that intervals and tests are read from: normal, Student's t, F, chi-squared.
//!
//! Tail probabilities come from the regularized incomplete beta and gamma functions and the error
//! function of `statrs`; quantiles are found by bisection of those, so that a quantile and its
//! probability agree to the last digits (tolerance 1e-12 of the probability's argument).

use statrs::function::beta::beta_reg;
use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::gamma_ur;

use crate::Error;
use crate::error::{open_unit, positive};

/// P(Z ≤ z) for a standard normal Z. Formula: ½·erfc(−z/√2). Domain: every number, infinities included.
///
/// ```
/// assert!((mizan_stats::distribution::normal_below(1.959964) - 0.975).abs() < 1e-7);
/// ```
#[must_use]
pub fn normal_below(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// The z with P(Z ≤ z) = `probability`.
///
/// # Errors
/// [`Error::OutOfRange`] when the probability is not between 0 and 1.
pub fn normal_quantile(probability: f64) -> Result<f64, Error> {
    let probability = open_unit("a probability", probability)?;
    Ok(-std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability))
}

/// P(|T| ≥ |t|) for Student's t with `degrees` degrees of freedom.
/// Formula: I(ν/(ν + t²); ν/2, ½). An infinite t gives 0.
///
/// # Errors
/// [`Error::OutOfRange`] when the degrees are not above 0.
pub fn t_two_sided(t: f64, degrees: f64) -> Result<f64, Error> {
    let degrees = positive("degrees of freedom", degrees)?;
    if t.is_infinite() {
        return Ok(0.0);
    }
    Ok(beta_reg(degrees / 2.0, 0.5, (degrees / (degrees + t * t)).min(1.0)))
}

/// The t with P(T ≤ t) = `probability` for Student's t.
///
/// ```
/// // the well-known 2.571 of five degrees of freedom
/// let t = mizan_stats::distribution::t_quantile(0.975, 5.0)?;
/// assert!((t - 2.570582).abs() < 1e-6);
/// # Ok::<(), mizan_stats::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] when the probability is not between 0 and 1 or the degrees not above 0.
pub fn t_quantile(probability: f64, degrees: f64) -> Result<f64, Error> {
    let probability = open_unit("a probability", probability)?;
    let degrees = positive("degrees of freedom", degrees)?;
    let tail = probability.min(1.0 - probability);
    if tail == 0.5 {
        return Ok(0.0);
    }
    // I(x; ν/2, ½) = P(|T| ≥ t) with x = ν/(ν + t²) rises with x.
    let t = rising_root(
        |t| 1.0 - beta_reg(degrees / 2.0, 0.5, degrees / (degrees + t * t)),
        1.0 - 2.0 * tail,
    );
    Ok(if probability < 0.5 { -t } else { t })
}

/// P(F ≥ f) for the F distribution. Formula: I(ν₂/(ν₂ + ν₁f); ν₂/2, ν₁/2). f ≤ 0 gives 1, an infinite
/// f gives 0.
///
/// # Errors
/// [`Error::OutOfRange`] when degrees of freedom are not above 0.
pub fn f_above(f: f64, numerator: f64, denominator: f64) -> Result<f64, Error> {
    let numerator = positive("degrees of freedom", numerator)?;
    let denominator = positive("degrees of freedom", denominator)?;
    if f <= 0.0 {
        return Ok(1.0);
    }
    if f.is_infinite() {
        return Ok(0.0);
    }
    let share = denominator / (denominator + numerator * f);
    Ok(beta_reg(denominator / 2.0, numerator / 2.0, share))
}

/// The f with P(F ≤ f) = `probability` for the F distribution.
///
/// # Errors
/// [`Error::OutOfRange`] when the probability is not between 0 and 1 or degrees of freedom are not
/// above 0.
pub fn f_quantile(probability: f64, numerator: f64, denominator: f64) -> Result<f64, Error> {
    let probability = open_unit("a probability", probability)?;
    let numerator = positive("degrees of freedom", numerator)?;
    let denominator = positive("degrees of freedom", denominator)?;
    let below = |f: f64| {
        let share = numerator * f / (denominator + numerator * f);
        beta_reg(numerator / 2.0, denominator / 2.0, share)
    };
    Ok(rising_root(below, probability))
}

/// P(X ≥ x) for the chi-squared distribution. Formula: the regularized upper gamma Q(ν/2, x/2).
///
/// # Errors
/// [`Error::OutOfRange`] when the degrees are not above 0.
pub fn chi_squared_above(x: f64, degrees: f64) -> Result<f64, Error> {
    let degrees = positive("degrees of freedom", degrees)?;
    if x <= 0.0 {
        return Ok(1.0);
    }
    if x.is_infinite() {
        return Ok(0.0);
    }
    Ok(gamma_ur(degrees / 2.0, x / 2.0))
}

/// The x ≥ 0 where a rising function reaches a value, by doubling and bisection.
fn rising_root(function: impl Fn(f64) -> f64, value: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while function(high) < value && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    while high - low > 1e-13 * high {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if function(middle) < value { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-6 * expected.abs().max(1.0),
            "{found} is not {expected}"
        );
    }

    #[test]
    fn quantiles_are_those_of_printed_tables() {
        check(normal_quantile(0.975).unwrap(), 1.959964);
        check(t_quantile(0.975, 1.0).unwrap(), 12.706205);
        check(t_quantile(0.025, 10.0).unwrap(), -2.228139);
        check(t_quantile(0.5, 3.0).unwrap(), 0.0);
        check(f_quantile(0.95, 5.0, 10.0).unwrap(), 3.325835);
        check(f_quantile(0.95, 1.0, 10.0).unwrap(), 4.964603);
        check(chi_squared_above(3.841459, 1.0).unwrap(), 0.05);
        check(chi_squared_above(18.307038, 10.0).unwrap(), 0.05);
    }

    #[test]
    fn a_quantile_and_its_probability_agree() {
        for probability in [0.001, 0.2, 0.7, 0.999] {
            for degrees in [0.7, 3.0, 40.0, 3000.0] {
                let f = f_quantile(probability, degrees, 7.5).unwrap();
                check(f_above(f, degrees, 7.5).unwrap(), 1.0 - probability);
                let t = t_quantile(probability, degrees).unwrap();
                check(t_two_sided(t, degrees).unwrap(), 2.0 * probability.min(1.0 - probability));
            }
        }
    }

    #[test]
    fn what_has_no_probability_is_refused() {
        assert!(normal_quantile(1.0).is_err());
        assert!(t_quantile(f64::NAN, 2.0).is_err());
        assert!(f_above(1.0, 0.0, 2.0).is_err());
    }
}
