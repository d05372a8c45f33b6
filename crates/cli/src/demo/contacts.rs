//! The contacts of a remote visit of the demo: calls, messages and a portal session whose measured times
//! are exactly the ones that were answered.
//!
//! Pure: when the visit begins is an argument.

use mizan_domain::contact::{Channel, Contact, ContactMoment as M};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::{Criterion, Measure, Rubric};
use mizan_domain::scale::{RawValue, Scale, TimeUnit};
use mizan_protocol::id::{ContactId, VisitId};
use uuid::Uuid;

use super::chance::Chance;
use super::observe::VisitSeen;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// When work begins and ends, as time since midnight UTC: seven to three o'clock in the demo's state.
const WORK: (i64, i64) = (4 * HOUR, 12 * HOUR);

/// When each contact is opened, in minutes after the visit began.
const CALLS: [i64; 3] = [0, 55, 110];
const CHATS: [i64; 2] = [18, 125];
const EMAIL: i64 = 12;
const WHATSAPP: i64 = 35;
const SOCIAL: i64 = 40;
const PORTAL: i64 = 70;

/// The contacts that agree with the times answered on a visit, in the order they are opened; none where
/// no answer is a time of contacts.
pub(super) fn of(
    rubric: &Rubric,
    visit: &VisitSeen,
    started_ms: i64,
    chance: Chance,
) -> Vec<Contact> {
    let told = Told { rubric, visit };
    let at = |minutes: i64| started_ms + minutes * MINUTE;
    let mut contacts = Vec::new();
    if let Some(answer) = told.measured(Channel::Phone, M::Dialled) {
        let held = told.measured(Channel::Phone, M::Held).unwrap_or(0);
        let (answers, holds) = (around(answer), around(held));
        for (place, minutes) in CALLS.into_iter().enumerate() {
            let chance = chance.of("call").at(place);
            contacts.push(call(at(minutes), answers[place], holds[place], chance));
        }
    }
    if let Some(wait) = told.measured(Channel::Chat, M::Sent) {
        let [shorter, longer, _] = around(wait);
        for (minutes, wait) in CHATS.into_iter().zip([longer, shorter]) {
            contacts.push(message(Channel::Chat, at(minutes), at(minutes) + wait));
        }
    }
    if let Some(hours) = told.in_working_hours() {
        contacts.push(message(Channel::Email, at(EMAIL), after_work(at(EMAIL), hours)));
    }
    for (channel, minutes) in [(Channel::Whatsapp, WHATSAPP), (Channel::Social, SOCIAL)] {
        if let Some(wait) = told.measured(channel, M::Sent) {
            contacts.push(message(channel, at(minutes), at(minutes) + wait));
        }
    }
    if let Some(took) = told.measured(Channel::Portal, M::Started) {
        let moments = vec![(M::Started, at(PORTAL)), (M::Completed, at(PORTAL) + took)];
        contacts.push(Contact { channel: Channel::Portal, moments });
    }
    in_order(&mut contacts);
    contacts
}

/// The criteria that wait for the reply to a written enquiry.
pub(super) fn awaited(rubric: &Rubric) -> Vec<&str> {
    rubric.criteria().filter(is_in_working_hours).map(|criterion| criterion.id.as_str()).collect()
}

/// Adds a written enquiry that nobody has dealt with yet, in its place among the others.
pub(super) fn send_enquiry(contacts: &mut Vec<Contact>, started_ms: i64) {
    let sent = started_ms + EMAIL * MINUTE;
    let moments = vec![(M::Sent, sent), (M::Acknowledged, sent + 3 * SECOND)];
    contacts.push(Contact { channel: Channel::Email, moments });
    in_order(contacts);
}

fn in_order(contacts: &mut [Contact]) {
    contacts.sort_by_key(|contact| contact.moments.first().map(|(_, at)| *at));
}

fn is_in_working_hours(criterion: &&Criterion) -> bool {
    matches!(criterion.scale, Scale::Timed { unit: TimeUnit::WorkingHours, .. })
}

/// The last moment of all.
pub(super) fn latest(contacts: &[Contact]) -> Option<i64> {
    contacts.iter().flat_map(|contact| &contact.moments).map(|(_, at)| *at).max()
}

/// The id of a visit's contact: the visit's own but for the last byte. So a script that is said again
/// opens nothing twice, and one search finds the visit and its contacts.
pub(super) fn id(visit: VisitId, place: usize) -> ContactId {
    let mut bytes = visit.0.into_bytes();
    bytes[15] = bytes[15].wrapping_add(place as u8 + 1);
    ContactId(Uuid::from_bytes(bytes))
}

/// The times answered on a visit.
struct Told<'a> {
    rubric: &'a Rubric,
    visit: &'a VisitSeen,
}

impl Told<'_> {
    /// The answer to the criterion that measures a channel from a moment on, in milliseconds.
    fn measured(&self, channel: Channel, from: M) -> Option<i64> {
        let measures = |criterion: &&Criterion| match criterion.measure {
            Some(Measure::Contact { channel: of, from: first, .. }) => {
                of == channel && first == from
            }
            Some(Measure::Visit { .. }) | None => false,
        };
        self.answered(self.rubric.criteria().find(measures)?)
    }

    /// The answer of the one criterion in working hours, which no clock measures, in milliseconds.
    fn in_working_hours(&self) -> Option<i64> {
        self.answered(self.rubric.criteria().find(is_in_working_hours)?)
    }

    fn answered(&self, criterion: &Criterion) -> Option<i64> {
        let Scale::Timed { unit, .. } = criterion.scale else { return None };
        let seen = self.visit.observations.iter().find(|seen| seen.criterion == criterion.id)?;
        let RawAnswer::Value(RawValue::Text(time)) = &seen.answer else { return None };
        let unit = match unit {
            TimeUnit::Seconds => SECOND,
            TimeUnit::Minutes => MINUTE,
            TimeUnit::Hours | TimeUnit::WorkingHours => HOUR,
        };
        // Answers go by halves of a unit at the finest, so the product is whole.
        time.parse::<f64>().ok().map(|time| (time * unit as f64).round() as i64)
    }
}

/// Three times in whole seconds apart, whose mean is the time given, as is that of the first two.
fn around(mean: i64) -> [i64; 3] {
    let apart = mean * 2 / 5 / SECOND * SECOND;
    [mean - apart, mean + apart, mean]
}

/// A call that was answered after a wait and held for so long in all, twice where that is long.
fn call(dialled: i64, wait: i64, held: i64, chance: Chance) -> Contact {
    let talk = |name: &str| (25 + chance.of(name).below(60) as i64) * SECOND;
    let mut at = dialled + wait;
    let mut moments = vec![(M::Dialled, dialled), (M::Answered, at)];
    let holds = if held >= 40 * SECOND { vec![held / 2, held - held / 2] } else { vec![held] };
    for (place, hold) in holds.into_iter().filter(|hold| *hold > 0).enumerate() {
        at += talk(if place == 0 { "question" } else { "more" });
        moments.push((M::Held, at));
        at += hold;
        moments.push((M::Resumed, at));
    }
    moments.push((M::Ended, at + talk("answer")));
    Contact { channel: Channel::Phone, moments }
}

/// A message with its automatic acknowledgement, where the reply leaves time for one.
fn message(channel: Channel, sent: i64, replied: i64) -> Contact {
    let mut moments = vec![(M::Sent, sent)];
    if replied - sent > 10 * SECOND {
        moments.push((M::Acknowledged, sent + 3 * SECOND));
    }
    moments.push((M::Replied, replied));
    Contact { channel, moments }
}

/// The time when so much working time has passed since another: Sunday to Thursday.
fn after_work(from: i64, work: i64) -> i64 {
    let (mut at, mut left) = (from, work);
    loop {
        let day = at.div_euclid(DAY);
        let (opens, closes) = (day * DAY + WORK.0, day * DAY + WORK.1);
        let since = at.max(opens);
        // 1 January 1970 was a Thursday: counted from Sunday, Friday and Saturday are 5 and 6.
        if (day + 4).rem_euclid(7) < 5 && since < closes {
            if left <= closes - since {
                return since + left;
            }
            left -= closes - since;
        }
        at = (day + 1) * DAY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_time_stops_at_night_and_at_the_weekend() {
        // Sunday 4 January 1970.
        let sunday = 3 * DAY;
        let rows = [
            ("within the day", sunday + 5 * HOUR, HOUR, sunday + 6 * HOUR),
            ("until closing", sunday + 5 * HOUR, 7 * HOUR, sunday + 12 * HOUR),
            ("over night", sunday + 5 * HOUR, 8 * HOUR, sunday + DAY + 5 * HOUR),
            ("sent at night", sunday + 20 * HOUR, HOUR, sunday + DAY + 5 * HOUR),
            (
                "over the weekend",
                sunday + 4 * DAY + 11 * HOUR,
                2 * HOUR,
                sunday + 7 * DAY + 5 * HOUR,
            ),
            ("two weeks", sunday + 5 * HOUR, 80 * HOUR, sunday + 14 * DAY + 5 * HOUR),
        ];
        for (title, from, work, expected) in rows {
            assert_eq!(after_work(from, work), expected, "{title}");
        }
    }

    #[test]
    fn times_around_a_mean_have_that_mean() {
        for mean in [0, SECOND, 7 * SECOND, 37 * SECOND, 90 * SECOND + 500] {
            let [first, second, third] = around(mean);
            assert_eq!(first + second + third, 3 * mean);
            assert_eq!(first + second, 2 * mean);
            assert!(first >= 0);
        }
    }

    #[test]
    fn contacts_are_named_after_their_visit_each_otherwise() {
        let visit = VisitId(Uuid::from_u128(u128::MAX));
        let names: Vec<Uuid> = (0..9).map(|place| id(visit, place).0).collect();
        assert!(names.iter().all(|name| *name != visit.0));
        assert!(names.iter().all(|name| name.as_bytes()[..15] == visit.0.as_bytes()[..15]));
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), 9);
    }
}
