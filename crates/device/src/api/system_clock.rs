//! The system's clocks: the one place of this crate that reads them, for the shells to call.
//!
//! Beside the wall clock, which people set and networks correct, a steady one that only goes forward:
//! its reading means something only beside another of the same boot.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::api::environment::Clock;
use crate::clock::{Reading, Steady};

/// A clock that reads the system's.
#[must_use]
pub fn system_clock() -> Clock {
    let steady = steady();
    Arc::new(move || Reading { wall_ms: wall_ms(), steady: steady() })
}

fn wall_ms() -> i64 {
    // A clock set before 1970 reads as 1970.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Counts while the machine sleeps too, and goes on when the program starts anew.
#[cfg(target_os = "linux")]
fn steady() -> impl Fn() -> Option<Steady> + Send + Sync + 'static {
    use rustix::time::{ClockId, clock_gettime};

    // Without it the readings cannot be told from those of another boot: then there is no steady clock.
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
    let boot = boot.map(|text| text.trim().to_owned()).filter(|boot| !boot.is_empty());
    move || {
        let read = clock_gettime(ClockId::Boottime);
        let ms = read.tv_sec.saturating_mul(1_000).saturating_add(read.tv_nsec / 1_000_000);
        Some(Steady { boot: boot.clone()?, ms })
    }
}

/// None: the clocks that Rust reads here stop while the machine sleeps on some systems, and a wait that
/// lacks the minutes of a closed lid is worse than one by the wall clock.
#[cfg(not(target_os = "linux"))]
fn steady() -> impl Fn() -> Option<Steady> + Send + Sync + 'static {
    || None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_goes_forward_within_one_boot() {
        let clock = system_clock();
        let (first, second) = (clock(), clock());
        let of = |reading: Reading| reading.steady.expect("this system has a steady clock");
        let (first, second) = (of(first), of(second));
        assert_eq!(first.boot, second.boot);
        assert!(second.ms >= first.ms);
    }
}
