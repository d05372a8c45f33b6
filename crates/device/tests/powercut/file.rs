//! One file of the model disk: what a sync has made safe, and what was written since.
//!
//! After a cut a sector of 512 bytes is as one of the writes since the last sync left it, or as none
//! did, whatever became of the sectors around it. Where a file grew and its content did not arrive,
//! there are zeros or whatever the disk held before. Only a cut of the length keeps an order: nothing
//! written after it is there without it, because the places it frees belong to the file until then.

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _};

const SECTOR: usize = 512;

/// A change of a file's content.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    /// Bytes at a place.
    Write(usize, &'a [u8]),
    /// A new length.
    Resize(usize),
    /// At least this length.
    Lengthen(usize),
}

/// A file.
#[derive(Debug, Default)]
pub(crate) struct File<'a> {
    safe: Vec<u8>,
    since: Vec<Change<'a>>,
}

/// Which of the changes since the last sync arrived.
enum Arrival {
    Nothing,
    Everything,
    /// All before the one of this number, and some sectors of that.
    InOrder(usize),
    /// Each write whole, with a probability.
    Writes(f64),
    /// Each sector of each write, with a probability.
    Sectors(f64),
}

impl<'a> File<'a> {
    pub(crate) fn change(&mut self, change: Change<'a>) {
        self.since.push(change);
    }

    pub(crate) fn sync(&mut self) {
        for change in self.since.drain(..) {
            change.make(&mut self.safe);
        }
    }

    /// As a program sees it while the power is on.
    pub(crate) fn now(&self) -> Vec<u8> {
        let mut content = self.safe.clone();
        self.since.iter().for_each(|change| change.make(&mut content));
        content
    }

    /// As one cut of the power may leave it.
    pub(crate) fn after_cut(&self, rng: &mut StdRng) -> Vec<u8> {
        if self.since.is_empty() {
            return self.safe.clone();
        }
        let some = || [0.1, 0.5, 0.9];
        match rng.random_range(0..10) {
            0 => self.arrived(&Arrival::Nothing, rng),
            1 => self.arrived(&Arrival::Everything, rng),
            2..=3 => {
                let first = rng.random_range(0..self.since.len());
                self.arrived(&Arrival::InOrder(first), rng)
            }
            4..=6 => {
                let share = some()[rng.random_range(0..3)];
                self.arrived(&Arrival::Writes(share), rng)
            }
            _ => {
                let share = some()[rng.random_range(0..3)];
                self.arrived(&Arrival::Sectors(share), rng)
            }
        }
    }

    fn arrived(&self, arrival: &Arrival, rng: &mut StdRng) -> Vec<u8> {
        let reached = match arrival {
            Arrival::Nothing => return self.safe.clone(),
            Arrival::Everything => return self.now(),
            Arrival::InOrder(last) => last + 1,
            Arrival::Writes(_) | Arrival::Sectors(_) => self.some_cuts(rng),
        };
        let mut torn = Torn::of(&self.safe, rng);
        for (at, change) in self.since[..reached].iter().enumerate() {
            let whole = match arrival {
                Arrival::InOrder(last) if at == *last => None,
                Arrival::InOrder(_) => Some(true),
                Arrival::Writes(share) => Some(rng.random_bool(*share)),
                Arrival::Sectors(_) | Arrival::Nothing | Arrival::Everything => None,
            };
            let share = if let Arrival::Sectors(share) = arrival { *share } else { 0.5 };
            torn.take(change, |rng| whole.unwrap_or_else(|| rng.random_bool(share)), rng);
        }
        torn.finish(rng)
    }

    /// Up to which change a cut of the power may see any, if it sees none beyond a cut of the length
    /// that did not arrive.
    fn some_cuts(&self, rng: &mut StdRng) -> usize {
        let shortens = |change: &Change<'_>| matches!(change, Change::Resize(_));
        let cuts = self.since.iter().enumerate().filter(|(_, change)| shortens(change));
        let ends: Vec<usize> = cuts.map(|(at, _)| at).chain([self.since.len()]).collect();
        ends[rng.random_range(0..ends.len())]
    }
}

impl Change<'_> {
    fn make(&self, content: &mut Vec<u8>) {
        match *self {
            Self::Write(at, bytes) => {
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[at..end].copy_from_slice(bytes);
            }
            Self::Resize(length) => content.resize(length, 0),
            Self::Lengthen(length) => content.resize(content.len().max(length), 0),
        }
    }
}

/// A file in the making: as programs saw it, and as the disk got it.
struct Torn {
    seen: Vec<u8>,
    disk: Vec<u8>,
    /// Every length the file had since it was last shortened.
    lengths: Vec<usize>,
    /// What lies where nothing arrived.
    leftover: [u8; SECTOR],
}

impl Torn {
    fn of(safe: &[u8], rng: &mut StdRng) -> Self {
        let mut leftover = [0; SECTOR];
        if rng.random() {
            rng.fill_bytes(&mut leftover);
        }
        Self { seen: safe.to_vec(), disk: safe.to_vec(), lengths: vec![safe.len()], leftover }
    }

    fn take(
        &mut self,
        change: &Change<'_>,
        arrives: impl Fn(&mut StdRng) -> bool,
        rng: &mut StdRng,
    ) {
        change.make(&mut self.seen);
        match *change {
            Change::Write(at, bytes) => {
                let sectors = at / SECTOR..(at + bytes.len()).div_ceil(SECTOR);
                for sector in sectors.filter(|_| arrives(rng)) {
                    let from = sector * SECTOR;
                    let to = (from + SECTOR).min(self.seen.len());
                    self.lengthen(to);
                    self.disk[from..to].copy_from_slice(&self.seen[from..to]);
                }
                self.lengths.push(self.seen.len());
            }
            Change::Resize(length) => {
                self.disk.truncate(length);
                self.lengthen(length);
                self.lengths = vec![length];
            }
            Change::Lengthen(_) => self.lengths.push(self.seen.len()),
        }
    }

    fn lengthen(&mut self, length: usize) {
        while self.disk.len() < length {
            let at = self.disk.len();
            let part = (SECTOR - at % SECTOR).min(length - at);
            self.disk.extend_from_slice(&self.leftover[..part]);
        }
    }

    /// The length is kept apart from the content, and may be any that it was.
    fn finish(mut self, rng: &mut StdRng) -> Vec<u8> {
        let any = self.lengths[rng.random_range(0..self.lengths.len())];
        let length = if rng.random() { self.seen.len() } else { any };
        self.disk.truncate(length);
        self.lengthen(length);
        self.disk
    }
}
