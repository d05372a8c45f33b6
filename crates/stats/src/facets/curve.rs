//! The rating scale itself: how likely each category is at a place on the line.

/// Categories of a scale group in rank order, and the thresholds between them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    /// The values of the categories, rising.
    pub(super) values: Vec<f64>,
    /// F_1 … F_{m−1}; they sum to zero.
    pub(super) thresholds: Vec<f64>,
    /// exp(−Σ_{h≤k} F_h) for each rank.
    factors: Vec<f64>,
}

impl Curve {
    pub(super) fn new(values: Vec<f64>, thresholds: Vec<f64>) -> Self {
        let mut curve = Self { values, thresholds, factors: Vec::new() };
        curve.refresh();
        curve
    }

    /// Brings the factors in line with the thresholds.
    pub(super) fn refresh(&mut self) {
        let mut sum = 0.0;
        self.factors = vec![1.0];
        for threshold in &self.thresholds {
            sum += threshold;
            self.factors.push((-sum).exp());
        }
    }

    /// How many categories are in use.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    /// The probability of each rank where exp(η) is `odds`, and the logarithm of their unscaled sum.
    /// Far out on the line the powers leave the range of a number; then all is done in logarithms.
    #[inline]
    pub(super) fn at(&self, odds: f64, probabilities: &mut Vec<f64>) -> f64 {
        probabilities.clear();
        let (mut power, mut sum) = (1.0, 0.0);
        for factor in &self.factors {
            let part = power * factor;
            probabilities.push(part);
            sum += part;
            power *= odds;
        }
        if !(1e-280..1e280).contains(&sum) || !(1e-280..1e280).contains(&power) {
            return self.at_far(odds.ln().clamp(-700.0, 700.0), probabilities);
        }
        let scale = 1.0 / sum;
        probabilities.iter_mut().for_each(|part| *part *= scale);
        sum.ln()
    }

    fn at_far(&self, line: f64, probabilities: &mut Vec<f64>) -> f64 {
        probabilities.clear();
        let mut exponent = 0.0;
        probabilities.push(0.0);
        for threshold in &self.thresholds {
            exponent += line - threshold;
            probabilities.push(exponent);
        }
        let most = probabilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        probabilities.iter_mut().for_each(|exponent| *exponent = (*exponent - most).exp());
        let sum: f64 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|part| *part /= sum);
        sum.ln() + most
    }

    /// The mean of the categories' values at η.
    pub(super) fn expected_value(&self, line: f64) -> f64 {
        let mut probabilities = Vec::new();
        self.at(line.exp(), &mut probabilities);
        probabilities.iter().zip(&self.values).map(|(p, value)| p * value).sum()
    }

    /// The rank of a value; one that is no category in use takes the nearest end.
    pub(super) fn rank(&self, value: f64) -> usize {
        self.values.partition_point(|category| *category < value).min(self.values.len() - 1)
    }
}

/// Mean and variance of the ranks.
#[inline]
pub(super) fn moments(probabilities: &[f64]) -> (f64, f64) {
    let (mut mean, mut square) = (0.0, 0.0);
    for (rank, p) in probabilities.iter().enumerate() {
        let rank = rank as f64;
        mean += rank * p;
        square += rank * rank * p;
    }
    (mean, (square - mean * mean).max(0.0))
}

/// The fourth central moment of the ranks.
pub(super) fn fourth(probabilities: &[f64], mean: f64) -> f64 {
    probabilities.iter().enumerate().map(|(rank, p)| p * (rank as f64 - mean).powi(4)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_out_the_curve_is_the_same_as_near() {
        let curve = Curve::new(vec![0.0, 1.0, 2.0], vec![-1.5, 1.5]);
        let (mut near, mut far) = (Vec::new(), Vec::new());
        for line in [-30.0f64, -2.0, 0.0, 5.0, 40.0] {
            let one = curve.at(line.exp(), &mut near);
            let other = curve.at_far(line, &mut far);
            assert!((one - other).abs() < 1e-9, "{line}");
            assert!(near.iter().zip(&far).all(|(a, b)| (a - b).abs() < 1e-12), "{line}");
        }
        assert_eq!(curve.expected_value(400.0), 2.0);
    }
}
