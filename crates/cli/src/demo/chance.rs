//! Numbers that look random and are the same for the same seed and place, whatever was drawn before.
//!
//! A draw is named by what it is for, so that adding one changes no other.

/// A source of draws.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    seed: u64,
}

impl Chance {
    /// The source of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self { seed: mix(seed ^ 0x6d69_7a61_6e00_0000) }
    }

    /// The source of a part of the whole, such as one centre.
    pub(super) fn of(self, name: &str) -> Self {
        let hash = name.bytes().fold(self.seed, |hash, byte| mix(hash ^ u64::from(byte)));
        Self { seed: mix(hash ^ 0x5eed) }
    }

    /// The source of a numbered part.
    pub(super) fn at(self, number: usize) -> Self {
        Self { seed: mix(self.seed ^ mix(number as u64 + 1)) }
    }

    /// A number from 0 up to 1.
    pub(super) fn unit(self) -> f64 {
        (mix(self.seed) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of roughly normal distribution, mean 0, deviation 1, between -3 and 3.
    pub(super) fn normal(self) -> f64 {
        // The sum of twelve uniform draws has deviation 1; clamped, so that no draw is absurd.
        let sum: f64 = (0..12).map(|draw| self.at(draw).unit()).sum();
        (sum - 6.0).clamp(-3.0, 3.0)
    }

    /// Whether something happens that happens in `share` of all cases.
    pub(super) fn happens(self, share: f64) -> bool {
        self.unit() < share
    }

    /// A whole number from 0 to `below` - 1.
    pub(super) fn below(self, below: usize) -> usize {
        ((self.unit() * below as f64) as usize).min(below.saturating_sub(1))
    }

    /// One of the items.
    pub(super) fn pick<T>(self, items: &[T]) -> &T {
        &items[self.below(items.len())]
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_draws_the_same_and_another_place_another() {
        let chance = Chance::new(7).of("centre").at(3);
        assert_eq!(chance.unit(), Chance::new(7).of("centre").at(3).unit());
        assert_ne!(chance.unit(), Chance::new(8).of("centre").at(3).unit());
        assert_ne!(chance.unit(), Chance::new(7).of("centre").at(4).unit());
        let mean: f64 = (0..2000).map(|n| chance.at(n).normal()).sum::<f64>() / 2000.0;
        assert!(mean.abs() < 0.1, "{mean}");
    }
}
