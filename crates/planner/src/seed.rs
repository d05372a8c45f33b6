//! The secret behind a plan, what is published of it beforehand, and the draws that follow from it.
//!
//! Draws are SHA-256 in counter mode: who knows many of them learns nothing of the others, unlike with a
//! generator made for simulation.

use sha2::{Digest as _, Sha256};

/// 32 secret bytes, written as 64 hexadecimal digits.
///
/// ```
/// use mizan_planner::Seed;
/// let seed: Seed = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".parse()?;
/// assert_eq!(seed.commitment().len(), 64);
/// assert!("42".parse::<Seed>().is_err(), "what can be guessed is no secret");
/// # Ok::<(), mizan_planner::BadSeed>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

/// A seed that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a seed is 64 hexadecimal digits; draw one with `openssl rand -hex 32`")]
pub struct BadSeed;

impl Seed {
    /// The seed of 32 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash that is published when the cycle opens.
    #[must_use]
    pub fn commitment(&self) -> String {
        hex::encode(
            Sha256::new().chain_update(b"mizan visit plan seed\n").chain_update(self.0).finalize(),
        )
    }

    /// The seed as it is published when the cycle closes.
    #[must_use]
    pub fn revealed(&self) -> String {
        hex::encode(self.0)
    }

    /// The draws of one purpose.
    pub(crate) fn draws(&self, purpose: &str, of: &str) -> Draws {
        let key = Sha256::new()
            .chain_update(b"mizan visit plan draw\n")
            .chain_update(self.0)
            .chain_update((purpose.len() as u64).to_be_bytes())
            .chain_update(purpose)
            .chain_update(of)
            .finalize();
        Draws { key: key.into(), counter: 0, words: [0; 4], left: 0 }
    }
}

impl std::str::FromStr for Seed {
    type Err = BadSeed;

    fn from_str(text: &str) -> Result<Self, BadSeed> {
        let bytes = hex::decode(text).map_err(|_| BadSeed)?;
        Ok(Self(bytes.try_into().map_err(|_| BadSeed)?))
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(secret)")
    }
}

/// What is published when the cycle opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// The hash of the seed.
    pub seed: String,
    /// The hash of the problem without its seed.
    pub problem: String,
}

/// Random numbers that follow from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Draws {
    key: [u8; 32],
    counter: u64,
    words: [u64; 4],
    left: usize,
}

impl Draws {
    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        if self.left == 0 {
            let block = Sha256::new()
                .chain_update(self.key)
                .chain_update(self.counter.to_be_bytes())
                .finalize();
            self.counter += 1;
            for (word, bytes) in self.words.iter_mut().zip(block.chunks_exact(8)) {
                *word = bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            }
            self.left = 4;
        }
        self.left -= 1;
        self.words[self.left]
    }

    /// A whole number below `bound`, 0 when there is none. The bias is below `bound`/2⁶⁴.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// Puts a list into a random order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            list.swap(place, self.below(place + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_from_the_seed_and_their_purpose_alone() {
        let seed = Seed::new([7; 32]);
        let first = |purpose, of| seed.draws(purpose, of).bits();
        assert_eq!(first("jitter", "C-1"), first("jitter", "C-1"));
        assert_ne!(first("jitter", "C-1"), first("jitter", "C-2"));
        assert_ne!(first("ab", "c"), first("a", "bc"), "purposes do not run into each other");
        assert_ne!(first("jitter", "C-1"), Seed::new([8; 32]).draws("jitter", "C-1").bits());
    }

    #[test]
    fn numbers_below_a_bound_are_even() {
        let mut draws = Seed::new([1; 32]).draws("test", "");
        let mut counts = [0u32; 6];
        (0..60_000).for_each(|_| counts[draws.below(6)] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
        assert_eq!(draws.below(0), 0);
    }
}
