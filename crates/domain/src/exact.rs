//! Exact rational numbers: every score, weight and threshold of the programme.
//!
//! No score is rounded before it is shown; [`Exact::shown`] is the only place that rounds one.
//! [`Exact::rounded`] is for times read off a clock, before they become answers.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Div, Mul, Sub};

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// The longest decimal text that is read: far beyond any weight, time or share, short enough to be
/// harmless.
pub const MAX_DECIMAL_LEN: usize = 32;

/// An exact rational number.
///
/// ```
/// use mizan_domain::exact::Exact;
/// let pillar = &Exact::from(850) / &Exact::from(11);
/// assert_eq!(pillar.to_string(), "850/11");
/// assert_eq!(pillar.shown(), "77.3");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exact(Repr);

/// One number has one form, so that equal numbers are equal here: reduced, with a denominator above zero,
/// and small wherever it fits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// Nearly every number of the programme; two of them meet in 128 bits without overflow.
    Small {
        /// Above the line, with the sign.
        numerator: i64,
        /// Below the line.
        denominator: i64,
    },
    /// Any other.
    Big(BigRational),
}

/// Why a text is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a decimal number; write digits with at most one point, such as 22.5")]
pub struct NotADecimal {
    /// The text that was given.
    pub text: String,
}

impl Exact {
    /// Zero.
    #[must_use]
    pub fn zero() -> Self {
        Self::from(0)
    }

    /// `numerator / denominator`; `None` when the denominator is zero.
    #[must_use]
    pub fn ratio(numerator: i64, denominator: i64) -> Option<Self> {
        (denominator != 0).then(|| Self::reduced(numerator.into(), denominator.into()))
    }

    /// Reads a decimal text exactly: `1.5` is 3/2. A sign, digits and at most one point, nothing else.
    ///
    /// # Errors
    /// [`NotADecimal`] for any other text, and for one longer than [`MAX_DECIMAL_LEN`].
    pub fn from_decimal(text: &str) -> Result<Self, NotADecimal> {
        let refuse = || NotADecimal { text: text.chars().take(MAX_DECIMAL_LEN).collect() };
        let (sign, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (Sign::Minus, rest),
            None => (Sign::Plus, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text.len() > MAX_DECIMAL_LEN || !digits(whole) || !digits(fraction) {
            return Err(refuse());
        }
        let all = format!("{whole}{fraction}");
        let magnitude = all.parse::<num_bigint::BigUint>().map_err(|_| refuse())?;
        let scale = BigInt::from(10u8).pow(fraction.len() as u32);
        Ok(BigRational::new(BigInt::from_biguint(sign, magnitude), scale).into())
    }

    /// One decimal, half away from zero: the only rounding of a score, and only for display.
    #[must_use]
    pub fn shown(&self) -> String {
        let tenths = self.scaled_half_up(1);
        let sign = if self.is_negative() && !tenths.is_zero() { "-" } else { "" };
        format!("{sign}{}.{}", &tenths / 10, &tenths % 10)
    }

    /// The nearest number of so many decimal places, half away from zero. Never for a score: those
    /// stay exact.
    #[must_use]
    pub fn rounded(&self, places: u32) -> Self {
        let scaled = self.scaled_half_up(places);
        let scaled = if self.is_negative() { -scaled } else { scaled };
        BigRational::new(scaled, BigInt::from(10u8).pow(places)).into()
    }

    /// The magnitude in units of the last of so many decimal places, half up.
    fn scaled_half_up(&self, places: u32) -> BigInt {
        let half = BigRational::new(1.into(), 2.into());
        (self.to_big().abs() * BigInt::from(10u8).pow(places) + half).floor().to_integer()
    }

    /// Whole units of 10⁻¹⁵ below the number: puts numbers in order where they cannot be compared
    /// themselves, such as in a database. Never for a decision: nearer ones fall together.
    #[must_use]
    pub fn order_key(&self) -> i64 {
        let units = (self.to_big() * BigInt::from(10u8).pow(15)).floor().to_integer();
        units.to_i64().unwrap_or(if self.is_negative() { i64::MIN } else { i64::MAX })
    }

    /// Reads what [`Display`](fmt::Display) writes: an integer or a fraction.
    ///
    /// # Errors
    /// [`NotADecimal`] for any other text.
    pub fn from_fraction(text: &str) -> Result<Self, NotADecimal> {
        let refuse = || NotADecimal { text: text.chars().take(MAX_DECIMAL_LEN).collect() };
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let read = |part: &str| part.parse::<BigInt>().map_err(|_| refuse());
        let (numerator, denominator) = (read(numerator)?, read(denominator)?);
        if denominator.is_zero() {
            return Err(refuse());
        }
        Ok(BigRational::new(numerator, denominator).into())
    }

    /// The nearest floating-point number, for geometry and never for a decision.
    #[must_use]
    pub fn approximate(&self) -> f64 {
        self.to_big().to_f64().unwrap_or(f64::NAN)
    }

    /// Whether the number is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small { numerator, .. } => *numerator < 0,
            Repr::Big(number) => number.is_negative(),
        }
    }

    /// Whether the number is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small { numerator: 0, .. })
    }

    /// The decimal text of a number whose denominator has no prime factor but 2 and 5, else the
    /// fraction; reading a decimal and writing it gives its shortest form back.
    #[must_use]
    pub fn to_decimal(&self) -> String {
        let number = self.to_big();
        for places in 0..=MAX_DECIMAL_LEN as u32 {
            let scaled = &number * BigInt::from(10u8).pow(places);
            if scaled.is_integer() {
                return place_point(&scaled.to_integer(), places as usize);
            }
        }
        self.to_string()
    }

    /// The one form of `numerator / denominator`, which is not zero.
    fn reduced(numerator: i128, denominator: i128) -> Self {
        let sign = if denominator < 0 { -1 } else { 1 };
        let (numerator, denominator) = (sign * numerator, sign * denominator);
        let small = |numerator: i128, denominator: i128| {
            let denominator = i64::try_from(denominator).ok().filter(|of| *of != 0)?;
            Some((i64::try_from(numerator).ok()?, denominator))
        };
        // Division is many times as fast in 64 bits as in 128.
        let reduced = match small(numerator, denominator) {
            Some((numerator, 1)) => Some((numerator, 1)),
            Some((numerator, denominator)) => {
                let common = numerator.gcd(&denominator);
                Some((numerator / common, denominator / common))
            }
            None => {
                let common = numerator.gcd(&denominator);
                small(numerator / common, denominator / common)
            }
        };
        match reduced {
            Some((numerator, denominator)) => Self(Repr::Small { numerator, denominator }),
            None => BigRational::new(numerator.into(), denominator.into()).into(),
        }
    }

    fn to_big(&self) -> BigRational {
        match &self.0 {
            Repr::Small { numerator, denominator } => {
                BigRational::new_raw((*numerator).into(), (*denominator).into())
            }
            Repr::Big(number) => number.clone(),
        }
    }

    /// Both numbers, each above and below its line, when both are small.
    fn both_small(&self, other: &Self) -> Option<([i128; 2], [i128; 2])> {
        let small = |of: &Repr| match of {
            Repr::Small { numerator, denominator } => {
                Some([i128::from(*numerator), i128::from(*denominator)])
            }
            Repr::Big(_) => None,
        };
        Some((small(&self.0)?, small(&other.0)?))
    }
}

impl From<BigRational> for Exact {
    fn from(number: BigRational) -> Self {
        let small = number.numer().to_i64().zip(number.denom().to_i64());
        Self(match small {
            Some((numerator, denominator)) => Repr::Small { numerator, denominator },
            None => Repr::Big(number),
        })
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.both_small(other) {
            Some(([a, b], [c, d])) => (a * d).cmp(&(c * b)),
            None => self.to_big().cmp(&other.to_big()),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn place_point(scaled: &BigInt, places: usize) -> String {
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", scaled.magnitude().to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The numbers as whole multiples of one unit that they all share: sums of many then need no fraction.
pub(crate) fn in_shared_units(numbers: &[Exact]) -> Vec<BigInt> {
    let numbers: Vec<BigRational> = numbers.iter().map(Exact::to_big).collect();
    let shared = numbers.iter().fold(BigInt::from(1), |shared, number| shared.lcm(number.denom()));
    numbers.iter().map(|number| (number * &shared).to_integer()).collect()
}

impl From<i64> for Exact {
    fn from(value: i64) -> Self {
        Self(Repr::Small { numerator: value, denominator: 1 })
    }
}

impl fmt::Display for Exact {
    /// An integer or a reduced fraction: `96`, `417/5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small { numerator, denominator: 1 } => write!(f, "{numerator}"),
            Repr::Small { numerator, denominator } => write!(f, "{numerator}/{denominator}"),
            Repr::Big(number) => write!(f, "{number}"),
        }
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $doc:literal, |$a:ident, $b:ident, $c:ident, $d:ident| $small:expr) => {
        impl $trait for &Exact {
            type Output = Exact;
            #[doc = $doc]
            fn $method(self, other: Self) -> Exact {
                match self.both_small(other) {
                    Some(([$a, $b], [$c, $d])) => {
                        let (numerator, denominator) = $small;
                        Exact::reduced(numerator, denominator)
                    }
                    None => self.to_big().$method(other.to_big()).into(),
                }
            }
        }
    };
}
// Of a/b and c/d.
operator!(Add, add, "The exact sum.", |a, b, c, d| (a * d + c * b, b * d));
operator!(Sub, sub, "The exact difference.", |a, b, c, d| (a * d - c * b, b * d));
operator!(Mul, mul, "The exact product.", |a, b, c, d| (a * c, b * d));
operator!(Div, div, "The exact quotient; the divisor must not be zero.", |a, b, c, d| (
    a * d,
    b * c
));

impl<'a> Sum<&'a Self> for Exact {
    fn sum<I: Iterator<Item = &'a Self>>(numbers: I) -> Self {
        numbers.fold(Self::zero(), |total, number| &total + number)
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::zero(), |total, number| &total + &number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_and_written_shortest() {
        for (text, fraction, shortest) in [
            ("1.5", "3/2", "1.5"),
            ("0.10", "1/10", "0.1"),
            ("40", "40", "40"),
            ("-2.25", "-9/4", "-2.25"),
            ("007", "7", "7"),
        ] {
            let number = Exact::from_decimal(text).unwrap();
            assert_eq!(number.to_string(), fraction, "{text}");
            assert_eq!(number.to_decimal(), shortest, "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_a_decimal() {
        for text in ["", ".", "1.", ".5", "1e3", "+1", "1,5", " 1", "٣", "NaN", "--1", "1.2.3"] {
            assert!(Exact::from_decimal(text).is_err(), "{text:?}");
        }
        assert!(Exact::from_decimal(&"9".repeat(MAX_DECIMAL_LEN + 1)).is_err());
    }

    #[test]
    fn display_rounds_half_away_from_zero() {
        for (text, shown) in [
            ("89.95", "90.0"),
            ("89.949", "89.9"),
            ("0.05", "0.1"),
            ("-0.05", "-0.1"),
            ("-0.04", "0.0"),
        ] {
            assert_eq!(Exact::from_decimal(text).unwrap().shown(), shown, "{text}");
        }
    }

    #[test]
    fn a_number_is_read_back_from_what_is_written_and_keeps_its_place_in_order() {
        let numbers: Vec<Exact> = [(-1, 3), (0, 1), (850, 11), (8995, 100), (90, 1)]
            .map(|(n, d)| Exact::ratio(n, d).unwrap())
            .into();
        for number in &numbers {
            assert_eq!(Exact::from_fraction(&number.to_string()).unwrap(), *number);
        }
        assert!(numbers.iter().map(Exact::order_key).is_sorted_by(|a, b| a < b));
        assert_eq!(Exact::from(100).order_key(), 100_000_000_000_000_000);
        for text in ["", "1/0", "a", "1/2/3", "1.5"] {
            assert!(Exact::from_fraction(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn rounding_to_places_goes_half_away_from_zero_and_writes_no_more_than_needed() {
        for (text, rounded) in [("0.005", "0.01"), ("0.0049", "0"), ("-1.115", "-1.12"), ("7", "7")]
        {
            let number = Exact::from_decimal(text).unwrap();
            assert_eq!(number.rounded(2).to_decimal(), rounded, "{text}");
        }
        assert_eq!(Exact::ratio(1, 3).unwrap().rounded(2).to_decimal(), "0.33");
    }

    /// Numbers at and beyond both ends of what is small.
    fn numbers() -> Vec<Exact> {
        let ends =
            [i64::MIN, i64::MIN + 1, -3_037_000_500, -7, -1, 0, 1, 6, 4_294_967_296, i64::MAX];
        let small: Vec<Exact> =
            ends.iter().flat_map(|n| ends.iter().filter_map(|d| Exact::ratio(*n, *d))).collect();
        let big = small.iter().zip(small.iter().rev()).map(|(a, b)| a * b);
        small.iter().cloned().chain(big).collect()
    }

    #[test]
    fn small_numbers_reckon_as_the_big_ones_do() {
        let all = numbers();
        for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
            let (x, y) = (a.to_big(), b.to_big());
            assert_eq!((a + b).to_big(), &x + &y, "{a} + {b}");
            assert_eq!((a - b).to_big(), &x - &y, "{a} - {b}");
            assert_eq!((a * b).to_big(), &x * &y, "{a} * {b}");
            if !b.is_zero() {
                assert_eq!((a / b).to_big(), &x / &y, "{a} / {b}");
            }
            assert_eq!(a.cmp(b), x.cmp(&y), "{a} <=> {b}");
            assert_eq!(a == b, x == y, "{a} = {b}");
        }
    }

    #[test]
    fn a_number_has_one_form() {
        for number in numbers() {
            let is_small = matches!(number.0, Repr::Small { .. });
            let big = number.to_big();
            let fits = big.numer().to_i64().is_some() && big.denom().to_i64().is_some();
            assert_eq!(is_small, fits, "{number}");
            assert!(big.denom().is_positive(), "{number}");
            assert_eq!(BigRational::new(big.numer().clone(), big.denom().clone()), big);
            assert_eq!(Exact::from_fraction(&number.to_string()).unwrap(), number);
        }
    }
}
