//! How long a device shows what it holds without having met its server: a grant the server signs, renewed
//! whenever the device signs in, and a reckoning of the server's time in between.
//!
//! The reckoning starts from the server's own time. Within one run of the machine the steady clock adds
//! what passed; across runs the wall clock does, and a wall clock that was set back adds nothing. So no
//! setting of the clock makes a grant last longer, and a sync puts everything right.

use mizan_domain::visit::VisitState;
use mizan_protocol::session::{MAX_CLOCK_OFF_MS, OfflineGrant};

use crate::clock::{Reading, Steady};
use crate::device::Device;
use crate::error::Error;
use crate::store::{grants, settings};

/// How far the reckoning moves before it is kept.
const KEEP_EVERY_MS: i64 = 60_000;

/// The server's time, as reckoned when the clocks read this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reckoning {
    pub(crate) server_ms: i64,
    pub(crate) at: Reading,
}

impl Reckoning {
    /// The server's time when the clocks read something else.
    fn moved_to(&self, reading: &Reading) -> Self {
        let by_steady = |then: &Steady, now: &Steady| {
            let passed = now.ms.checked_sub(then.ms).filter(|passed| *passed >= 0);
            passed.filter(|_| then.boot == now.boot)
        };
        let steady = self.at.steady.as_ref().zip(reading.steady.as_ref());
        let measured = steady.and_then(|(then, now)| by_steady(then, now));
        let by_wall = || reading.wall_ms.saturating_sub(self.at.wall_ms).max(0);
        let passed = measured.unwrap_or_else(by_wall);
        Self { server_ms: self.server_ms.saturating_add(passed), at: reading.clone() }
    }
}

/// What a device holds of its grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// When it ends, by the server's time.
    pub(crate) until_ms: i64,
    pub(crate) reckoning: Reckoning,
}

/// How long the device goes on without its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offline {
    /// No server has said.
    Unlimited,
    /// So many milliseconds more.
    Left(i64),
    /// The grant has ended: visits in progress are shown, and can be finished and submitted.
    Ended,
}

impl Held {
    /// Whether the steady clock was read with the reckoning.
    pub(crate) fn is_steady(&self) -> bool {
        self.reckoning.at.steady.is_some()
    }

    fn offline(&self) -> Offline {
        match self.until_ms.saturating_sub(self.reckoning.server_ms) {
            left if left > 0 => Offline::Left(left),
            _ => Offline::Ended,
        }
    }
}

/// Whether a visit is shown also after the grant has ended: whoever is at work on one finishes it.
pub(crate) fn outlasts_grant(state: VisitState) -> bool {
    matches!(state, VisitState::InProgress | VisitState::Returned)
}

impl Device {
    /// Notes what the clocks say. Whatever shows visits is preceded by it.
    ///
    /// # Errors
    /// The disk's.
    pub fn observe(&mut self, reading: &Reading) -> Result<(), Error> {
        let Some(held) = &mut self.grant else { return Ok(()) };
        let moved = held.reckoning.moved_to(reading);
        let is_far = moved.server_ms - held.reckoning.server_ms >= KEEP_EVERY_MS;
        let boot = |reading: &Reading| reading.steady.as_ref().map(|steady| steady.boot.clone());
        if is_far
            || boot(&moved.at) != boot(&held.reckoning.at)
            || moved.at.wall_ms < held.reckoning.at.wall_ms
        {
            self.store.write(|tx| grants::set_reckoning(tx, &moved))?;
            held.reckoning = moved;
        }
        Ok(())
    }

    /// How long the device goes on without its server, as of the last [`Device::observe`].
    #[must_use]
    pub fn offline(&self) -> Offline {
        self.grant.as_ref().map_or(Offline::Unlimited, Held::offline)
    }

    /// Takes a grant in: of this device, signed by the key it learned when it was enrolled. Any other
    /// changes nothing. The server's time it was given at sets the reckoning.
    pub(crate) fn take_grant(&mut self, grant: &OfflineGrant, wall_ms: i64) -> Result<(), Error> {
        let device = self.enrolment()?.device;
        let Some(server) = settings::server_key(self.store.read())? else { return Ok(()) };
        if grant.device != device || grant.verify(&server).is_err() {
            return Ok(());
        }
        let at = Reading { wall_ms, steady: None };
        let reckoning = Reckoning { server_ms: grant.from, at };
        let held = Held { until_ms: grant.until, reckoning };
        let clock_off_ms = wall_ms.saturating_sub(grant.from);
        self.store.write(|tx| grants::set(tx, &held, clock_off_ms))?;
        self.grant = Some(held);
        Ok(())
    }

    /// By how much this device's clock was ahead of the server's when they last met, in milliseconds;
    /// `None` when it was right, within what is tolerated.
    ///
    /// # Errors
    /// The disk's.
    pub fn clock_off_ms(&self) -> Result<Option<i64>, Error> {
        let off = grants::clock_off_ms(self.store.read())?;
        Ok(off.filter(|off| off.saturating_abs() > MAX_CLOCK_OFF_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn reading(wall_ms: i64, boot: Option<(&str, i64)>) -> Reading {
        let steady = boot.map(|(boot, ms)| Steady { boot: boot.into(), ms });
        Reading { wall_ms, steady }
    }

    #[test]
    fn no_setting_of_the_clock_makes_a_grant_last_longer() {
        let start = Reckoning { server_ms: 1_000 * DAY, at: reading(1_000 * DAY, Some(("a", 0))) };
        let rows: [(&str, &[Reading], i64); 7] = [
            ("a day passed", &[reading(1_001 * DAY, Some(("a", DAY)))], 1),
            ("set back within a run", &[reading(900 * DAY, Some(("a", DAY)))], 1),
            ("set forward within a run", &[reading(1_900 * DAY, Some(("a", DAY)))], 1),
            ("another run", &[reading(1_002 * DAY, Some(("b", 5)))], 2),
            ("set back in another run", &[reading(900 * DAY, Some(("b", 5)))], 0),
            (
                "set back in another run, and a day there",
                &[reading(900 * DAY, Some(("b", 5))), reading(901 * DAY, Some(("b", DAY + 5)))],
                1,
            ),
            (
                "no steady clock, set back, and a day",
                &[reading(900 * DAY, None), reading(901 * DAY, None)],
                1,
            ),
        ];
        for (title, readings, days) in rows {
            let end = readings.iter().fold(start.clone(), |at, reading| at.moved_to(reading));
            assert_eq!(end.server_ms, (1_000 + days) * DAY, "{title}");
        }
    }

    #[test]
    fn a_grant_ends_with_its_last_moment() {
        let held = |server_ms| {
            let reckoning = Reckoning { server_ms, at: reading(0, None) };
            Held { until_ms: 30 * DAY, reckoning }.offline()
        };
        assert_eq!(held(29 * DAY), Offline::Left(DAY));
        assert_eq!(held(30 * DAY - 1), Offline::Left(1));
        assert_eq!(held(30 * DAY), Offline::Ended);
        assert_eq!(held(i64::MAX), Offline::Ended);
    }
}
