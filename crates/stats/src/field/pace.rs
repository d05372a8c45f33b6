//! Speed that cannot be: answers faster than reading, and roads faster than driving.

use crate::error::{finite, positive, same_length};
use crate::{Error, sample};

/// How fast one evaluation was filled in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Seconds for each answer.
    pub seconds: f64,
    /// How far the logarithm of that lies from the median of all, in robust standard deviations;
    /// negative is faster. `None` when more than half of all are equally fast.
    pub z: Option<f64>,
    /// Whether it is below the floor, or unlike the others on the fast side.
    pub is_flagged: bool,
}

/// Seconds for each answer of every evaluation, beside what is usual.
///
/// Formula: x = ln(duration/answers); z = (x − median)/(1.4826·MAD), the deviation of a normal sample by
/// its median absolute deviation, so that a few forged evaluations do not hide each other.
/// Flagged below `floor` seconds for each answer (such as 15), or at z ≤ −3.5.
///
/// Assumes evaluations of the same rubric. Edge cases: no evaluation gives none.
/// Reference: Iglewicz B, Hoaglin DC (1993) How to Detect and Handle Outliers (the threshold of 3.5).
///
/// # Errors
/// [`Error::Lengths`], [`Error::OutOfRange`] for a duration, a floor or a number of answers that is not
/// above 0.
pub fn pace(durations: &[f64], answers: &[usize], floor: f64) -> Result<Vec<Pace>, Error> {
    same_length("numbers of answers", durations.len(), answers.len())?;
    positive("the floor", floor)?;
    let mut logs = Vec::with_capacity(durations.len());
    for (duration, answers) in durations.iter().zip(answers) {
        let answers = positive("the number of answers", *answers as f64)?;
        logs.push((positive("a duration", *duration)? / answers).ln());
    }
    if logs.is_empty() {
        return Ok(Vec::new());
    }
    let median = sample::median(&logs)?;
    let distances: Vec<f64> = logs.iter().map(|log| (log - median).abs()).collect();
    let deviation = 1.4826 * sample::median(&distances)?;
    let pace = |log: &f64| {
        let seconds = log.exp();
        let z = (deviation > 1e-12).then(|| (log - median) / deviation);
        let is_flagged = seconds < floor || z.is_some_and(|z| z <= -3.5);
        Pace { seconds, z, is_flagged }
    };
    Ok(logs.iter().map(pace).collect())
}

/// Where somebody was, and from when to when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stay {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Arrival, in seconds of any clock.
    pub arrived: f64,
    /// Departure, by the same clock.
    pub left: f64,
}

/// The speed in km/h that leads from each stay to the next in time, as the crow flies; infinite where
/// two stays at different places overlap.
///
/// Formula: great-circle distance over the time between, on a sphere of 6,371 km.
/// A road is longer than that, so a speed beyond 120 km/h between towns needs an explanation.
/// Assumes nothing of the order given. The first number names the earlier stay, the second the later.
/// Places less than 200 m apart are the same place, as positions are no surer.
///
/// # Errors
/// [`Error::NotFinite`], [`Error::OutOfRange`] for a latitude beyond ±90 or a departure before the
/// arrival.
pub fn speeds(stays: &[Stay]) -> Result<Vec<(usize, usize, f64)>, Error> {
    for stay in stays {
        finite("number of a stay", &[stay.latitude, stay.longitude, stay.arrived, stay.left])?;
        if stay.latitude.abs() > 90.0 {
            let allowed = "within ±90";
            return Err(Error::OutOfRange { what: "a latitude", value: stay.latitude, allowed });
        }
        if stay.left < stay.arrived {
            let allowed = "no earlier than the arrival";
            return Err(Error::OutOfRange { what: "a departure", value: stay.left, allowed });
        }
    }
    let mut order: Vec<usize> = (0..stays.len()).collect();
    order.sort_by(|one, two| stays[*one].arrived.total_cmp(&stays[*two].arrived));
    let speed = |pair: &[usize]| {
        let (one, two) = (&stays[pair[0]], &stays[pair[1]]);
        let (distance, hours) = (kilometres(one, two), (two.arrived - one.left) / 3600.0);
        let speed = match (distance < 0.2, hours > 0.0) {
            (true, _) => 0.0,
            (false, true) => distance / hours,
            (false, false) => f64::INFINITY,
        };
        (pair[0], pair[1], speed)
    };
    Ok(order.windows(2).map(speed).collect())
}

fn kilometres(one: &Stay, two: &Stay) -> f64 {
    let (a, b) = (one.latitude.to_radians(), two.latitude.to_radians());
    let turn = (two.longitude - one.longitude).to_radians();
    let square = ((b - a) / 2.0).sin().powi(2) + a.cos() * b.cos() * (turn / 2.0).sin().powi(2);
    2.0 * 6_371.0 * square.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_evaluation_stands_out_among_honest_ones() {
        let durations = [3_600.0, 3_000.0, 4_100.0, 3_300.0, 900.0, 3_900.0];
        let paces = pace(&durations, &[60; 6], 10.0).unwrap();
        let flagged: Vec<bool> = paces.iter().map(|pace| pace.is_flagged).collect();
        assert_eq!(flagged, [false, false, false, false, true, false]);
        assert!(paces[4].seconds > 10.0, "flagged for being unlike, not for the floor");
    }

    #[test]
    fn from_riyadh_to_jeddah_takes_more_than_an_hour() {
        let stay = |latitude, longitude, arrived: f64, left: f64| Stay {
            latitude,
            longitude,
            arrived: arrived * 3600.0,
            left: left * 3600.0,
        };
        let riyadh = stay(24.7136, 46.6753, 8.0, 9.0);
        let jeddah = stay(21.4858, 39.1925, 10.0, 11.0);
        let speeds = speeds(&[jeddah, riyadh]).unwrap();
        assert!(
            matches!(speeds[..], [(1, 0, speed)] if (840.0..860.0).contains(&speed)),
            "{speeds:?}"
        );
    }
}
