//! An interval, and nothing else.

/// Two ends of a range in which a figure is held to lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// An interval around a figure.
    #[must_use]
    pub fn around(figure: f64, half_width: f64) -> Self {
        Self { low: figure - half_width, high: figure + half_width }
    }

    /// Whether a figure lies inside, ends included.
    #[must_use]
    pub fn holds(&self, figure: f64) -> bool {
        self.low <= figure && figure <= self.high
    }

    /// The distance of the ends.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// The same interval, cut to a domain.
    #[must_use]
    pub fn within(&self, low: f64, high: f64) -> Self {
        Self { low: self.low.clamp(low, high), high: self.high.clamp(low, high) }
    }
}
