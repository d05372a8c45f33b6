//! What was counted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use mizan_protocol::proof::Site;
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::process::CrashAt;

/// Counts of one run, or of many.
#[derive(Default)]
pub struct Tally(Mutex<Counts>);

#[derive(Default, Clone)]
struct Counts {
    /// Kills at random, by who was killed.
    random: BTreeMap<&'static str, u64>,
    /// Ends at a labelled place.
    sites: BTreeMap<&'static str, u64>,
    answers: u64,
    seals: u64,
    files: u64,
    reviews: u64,
    took: Duration,
    of: String,
}

impl Tally {
    pub fn killed(&self, who: &'static str) {
        *self.0.lock().unwrap().random.entry(who).or_default() += 1;
    }

    pub fn ended_at(&self, site: Site) {
        *self.0.lock().unwrap().sites.entry(site.word()).or_default() += 1;
    }

    pub fn reviewed(&self, reviews: u64) {
        self.0.lock().unwrap().reviews += reviews;
    }

    pub fn at(&self, site: Site) -> u64 {
        self.0.lock().unwrap().sites.get(site.word()).copied().unwrap_or(0)
    }

    /// A site to arm, and how often it is passed before: where no process has ended yet the first time,
    /// otherwise any, and the oftener the seldomer a process has ended there.
    pub fn choose(&self, sites: &[Site], rng: &mut StdRng) -> CrashAt {
        let any = |of: &[Site], rng: &mut StdRng| of[rng.random_range(0..of.len())];
        let new: Vec<Site> = sites.iter().copied().filter(|site| self.at(*site) == 0).collect();
        if !new.is_empty() {
            return CrashAt(any(&new, rng), 0);
        }
        let (one, other) = (any(sites, rng), any(sites, rng));
        let seldomer = if self.at(one) <= self.at(other) { one } else { other };
        CrashAt(seldomer, rng.random_range(0..3))
    }

    pub fn kills(&self) -> u64 {
        let counts = self.0.lock().unwrap();
        counts.random.values().chain(counts.sites.values()).sum()
    }

    pub fn note(&self, (answers, seals, files): (u64, u64, u64), took: Duration, of: String) {
        let mut counts = self.0.lock().unwrap();
        (counts.answers, counts.seals, counts.files) = (answers, seals, files);
        (counts.took, counts.of) = (took, of);
    }

    pub fn add(&self, other: &Self) {
        let other = other.0.lock().unwrap().clone();
        let mut counts = self.0.lock().unwrap();
        for (who, times) in other.random {
            *counts.random.entry(who).or_default() += times;
        }
        for (site, times) in other.sites {
            *counts.sites.entry(site).or_default() += times;
        }
        counts.answers += other.answers;
        counts.seals += other.seals;
        counts.files += other.files;
        counts.reviews += other.reviews;
        counts.took += other.took;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.lock().unwrap().clone();
        let list = |of: &BTreeMap<&str, u64>| {
            of.iter().map(|(word, times)| format!("{word} {times}")).collect::<Vec<_>>().join(", ")
        };
        let Counts { random, sites, answers, seals, files, reviews, took, of } = counts;
        let (at_random, at_sites) = (random.values().sum::<u64>(), sites.values().sum::<u64>());
        let kills = at_random + at_sites;
        write!(
            f,
            "{kills} kills ({at_random} at random: {}; {at_sites} at sites: {}), {answers} answers, \
             {seals} sealed evaluations, {files} files and {reviews} reviews acknowledged, 0 lost, 0 \
             twice, {:.1} s",
            list(&random),
            list(&sites),
            took.as_secs_f64()
        )?;
        if of.is_empty() { Ok(()) } else { write!(f, " ({of})") }
    }
}
