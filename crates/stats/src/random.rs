//! Random numbers that are the same on every machine and in every release.
//!
//! The generator of a library may change with its next version, and then an interval that was published
//! could not be computed again; this one is fixed by its published description.
//! It is for simulation only: nothing secret may come from it.

/// xoshiro256++, seeded by SplitMix64.
///
/// Formula: as published. Domain: any seed. Reference: Blackman D, Vigna S (2021) Scrambled linear
/// pseudorandom number generators, ACM Trans Math Softw 47(4):36.
///
/// ```
/// use mizan_stats::random::Random;
/// let (mut one, mut other) = (Random::seeded(7), Random::seeded(7));
/// assert_eq!(one.bits(), other.bits());
/// ```
#[derive(Debug, Clone)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The generator of a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut counter = seed;
        let state = std::array::from_fn(|_| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (counter ^ (counter >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        });
        Self { state }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number of [0, 1), with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A whole number below `bound`; 0 when `bound` is 0.
    ///
    /// The product of 64 random bits with the bound is cut to its high half. The bias is below
    /// `bound`/2⁶⁴, far under what any resampling can show, so no draw is rejected.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A draw of the standard normal distribution, by the polar method.
    ///
    /// Reference: Marsaglia G, Bray TA (1964) A convenient method for generating normal variables, SIAM
    /// Rev 6:260–264.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }
}

/// How often something is drawn, from which seed, and how sure the answer is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampling {
    /// How many samples are drawn: 1,000 and more.
    pub replicates: usize,
    /// The seed: the same seed gives the same answer.
    pub seed: u64,
    /// The level of confidence, such as 0.95.
    pub confidence: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The state (1, 2, 3, 4) gives these numbers in the authors' program.
        let mut random = Random { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223]);
    }

    #[test]
    fn the_seed_is_mixed_as_published() {
        // SplitMix64 of seed 0 begins with this number.
        assert_eq!(Random::seeded(0).state[0], 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn normal_draws_have_mean_zero_and_variance_one() {
        let mut random = Random::seeded(3);
        let draws: Vec<f64> = (0..200_000).map(|_| random.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 200_000.0;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / 200_000.0;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance - 1.0).abs() < 0.015, "{variance}");
    }

    #[test]
    fn numbers_below_a_bound_are_even() {
        let mut random = Random::seeded(4);
        let mut counts = [0u32; 6];
        (0..60_000).for_each(|_| counts[random.below(6)] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
        assert_eq!(random.below(0), 0);
    }
}
