//! Contacts of a remote visit: a call, a message, a session on the portal, and the moments of each.
//!
//! Which moments may follow which is decided here, once, for the device, the server and the screen.

use crate::rubric::words;

/// The way a contact is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A telephone call.
    Phone,
    /// An e-mail or a form on the web.
    Email,
    /// Live chat.
    Chat,
    /// WhatsApp.
    Whatsapp,
    /// A message on social media.
    Social,
    /// The portal or the app.
    Portal,
}
words!(Channel: Phone = "phone", Email = "email", Chat = "chat", Whatsapp = "whatsapp",
    Social = "social", Portal = "portal");

/// A moment of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactMoment {
    /// The call was placed.
    Dialled,
    /// A member of staff began to speak.
    Answered,
    /// Was put on hold, or a transfer began.
    Held,
    /// A member of staff speaks again.
    Resumed,
    /// The message was sent.
    Sent,
    /// An automatic or empty acknowledgement arrived.
    Acknowledged,
    /// The first reply that deals with the question arrived.
    Replied,
    /// The service page was opened.
    Started,
    /// The request number or the message of completion appeared.
    Completed,
    /// The contact is over, whatever came of it.
    Ended,
}
words!(ContactMoment: Dialled = "dialled", Answered = "answered", Held = "held",
    Resumed = "resumed", Sent = "sent", Acknowledged = "acknowledged", Replied = "replied",
    Started = "started", Completed = "completed", Ended = "ended");

impl Channel {
    /// The moments of a contact on this channel, in the order they can first come.
    #[must_use]
    pub fn moments(self) -> &'static [ContactMoment] {
        use ContactMoment as M;
        match self {
            Self::Phone => &[M::Dialled, M::Answered, M::Held, M::Resumed, M::Ended],
            Self::Email | Self::Chat | Self::Whatsapp | Self::Social => {
                &[M::Sent, M::Acknowledged, M::Replied, M::Ended]
            }
            Self::Portal => &[M::Started, M::Completed, M::Ended],
        }
    }
}

/// The moments that may come next in a contact; none once it has ended.
///
/// ```
/// use mizan_domain::contact::{Channel, ContactMoment as M, next};
/// assert_eq!(next(Channel::Phone, &[]), [M::Dialled]);
/// assert_eq!(next(Channel::Phone, &[M::Dialled, M::Answered]), [M::Held, M::Ended]);
/// assert_eq!(next(Channel::Portal, &[M::Started, M::Ended]), []);
/// ```
#[must_use]
pub fn next(channel: Channel, moments: &[ContactMoment]) -> Vec<ContactMoment> {
    let last = moments.last().copied();
    channel.moments().iter().copied().filter(|moment| may_follow(channel, last, *moment)).collect()
}

/// Whether a moment may come right after another, or first of all, on a channel.
#[must_use]
pub fn may_follow(channel: Channel, last: Option<ContactMoment>, moment: ContactMoment) -> bool {
    use ContactMoment as M;
    let belongs = |moment: &ContactMoment| channel.moments().contains(moment);
    if !belongs(&moment) || !last.iter().all(belongs) {
        return false;
    }
    match last {
        None => matches!(moment, M::Dialled | M::Sent | M::Started),
        Some(M::Dialled) => matches!(moment, M::Answered | M::Ended),
        Some(M::Answered | M::Resumed) => matches!(moment, M::Held | M::Ended),
        Some(M::Held) => matches!(moment, M::Resumed | M::Ended),
        Some(M::Sent) => matches!(moment, M::Acknowledged | M::Replied | M::Ended),
        Some(M::Acknowledged) => matches!(moment, M::Replied | M::Ended),
        Some(M::Started) => matches!(moment, M::Completed | M::Ended),
        Some(M::Replied | M::Completed) => moment == M::Ended,
        Some(M::Ended) => false,
    }
}

/// One contact: its channel and its moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// How it is made.
    pub channel: Channel,
    /// Moments with their milliseconds since 1970 UTC, in the order they were noted.
    pub moments: Vec<(ContactMoment, i64)>,
}

/// What a contact says of the time from one of its moments to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spans {
    /// Nothing: it never came so far, or it is not there yet.
    None,
    /// So many milliseconds in all.
    Sum(i64),
    /// No clock can tell: times run backwards, or the contact was over before the span was.
    Unknown,
}

impl Contact {
    /// A contact that has just been opened.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self { channel, moments: Vec::new() }
    }

    /// The moments that may come next.
    #[must_use]
    pub fn next(&self) -> Vec<ContactMoment> {
        let moments: Vec<ContactMoment> = self.moments.iter().map(|(moment, _)| *moment).collect();
        next(self.channel, &moments)
    }

    /// Whether there is nothing left to wait for: it ended, or what was asked for has come.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        use ContactMoment as M;
        let is_last = |(moment, _): &(ContactMoment, i64)| {
            matches!(moment, M::Ended | M::Replied | M::Completed)
        };
        self.moments.last().is_some_and(is_last)
    }

    /// The time from `from` to `to`, every such span of the contact added up.
    pub(crate) fn spans(&self, from: ContactMoment, to: ContactMoment) -> Spans {
        let (mut open, mut sum) = (None, None);
        for (moment, at) in &self.moments {
            if *moment == from {
                open = open.or(Some(*at));
            } else if *moment == to
                && let Some(since) = open.take()
            {
                let span = at.checked_sub(since).filter(|span| *span >= 0);
                sum = span.and_then(|span| span.checked_add(sum.unwrap_or(0)));
                if sum.is_none() {
                    return Spans::Unknown;
                }
            }
        }
        let has = |wanted| self.moments.iter().any(|(moment, _)| *moment == wanted);
        let has_ended = has(ContactMoment::Ended);
        match (open, sum) {
            // A call that nobody answered has no time to answer; it is no part of a mean of them.
            (Some(_), _) if has_ended && from == ContactMoment::Dialled => Spans::None,
            (Some(_), _) if has_ended => Spans::Unknown,
            (_, Some(sum)) => Spans::Sum(sum),
            // A call that was answered and never held was on hold for no time at all.
            (None, None)
                if from == ContactMoment::Held && has_ended && has(ContactMoment::Answered) =>
            {
                Spans::Sum(0)
            }
            (_, None) => Spans::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ContactMoment as M;

    #[test]
    fn a_contact_goes_the_ways_of_its_channel() {
        let rows: [(Channel, &[M], &[M]); 17] = [
            (Channel::Phone, &[], &[M::Dialled]),
            (Channel::Phone, &[M::Dialled], &[M::Answered, M::Ended]),
            (Channel::Phone, &[M::Dialled, M::Answered], &[M::Held, M::Ended]),
            (Channel::Phone, &[M::Dialled, M::Answered, M::Held], &[M::Resumed, M::Ended]),
            (Channel::Phone, &[M::Held, M::Resumed], &[M::Held, M::Ended]),
            (Channel::Phone, &[M::Dialled, M::Ended], &[]),
            (Channel::Email, &[], &[M::Sent]),
            (Channel::Chat, &[M::Sent], &[M::Acknowledged, M::Replied, M::Ended]),
            (Channel::Whatsapp, &[M::Sent, M::Acknowledged], &[M::Replied, M::Ended]),
            (Channel::Social, &[M::Sent, M::Replied], &[M::Ended]),
            (Channel::Social, &[M::Sent, M::Replied, M::Ended], &[]),
            (Channel::Portal, &[], &[M::Started]),
            (Channel::Portal, &[M::Started], &[M::Completed, M::Ended]),
            (Channel::Portal, &[M::Started, M::Completed], &[M::Ended]),
            (Channel::Portal, &[M::Ended], &[]),
            (Channel::Phone, &[M::Sent], &[]),
            (Channel::Email, &[M::Dialled], &[]),
        ];
        for (channel, moments, expected) in rows {
            assert_eq!(next(channel, moments), expected, "{channel:?} after {moments:?}");
        }
    }

    /// A title, the moments of a call, the ends of its spans, and what they come to.
    type Row<'a> = (&'a str, &'a [(M, i64)], (M, M), Spans);

    #[test]
    fn spans_add_up_and_what_no_clock_can_tell_is_not_told() {
        let phone =
            |moments: &[(M, i64)]| Contact { channel: Channel::Phone, moments: moments.to_vec() };
        let held = [
            (M::Dialled, 0),
            (M::Answered, 10),
            (M::Held, 20),
            (M::Resumed, 50),
            (M::Held, 60),
            (M::Resumed, 65),
            (M::Ended, 90),
        ];
        let rows: [Row<'_>; 9] = [
            ("to the answer", &held, (M::Dialled, M::Answered), Spans::Sum(10)),
            ("two holds", &held, (M::Held, M::Resumed), Spans::Sum(35)),
            ("the whole call", &held, (M::Dialled, M::Ended), Spans::Sum(90)),
            ("still on hold", &held[..5], (M::Held, M::Resumed), Spans::Sum(30)),
            ("still ringing", &held[..1], (M::Dialled, M::Answered), Spans::None),
            (
                "never answered",
                &[(M::Dialled, 0), (M::Ended, 99)],
                (M::Dialled, M::Answered),
                Spans::None,
            ),
            (
                "answered and never held",
                &[(M::Dialled, 0), (M::Answered, 9), (M::Ended, 99)],
                (M::Held, M::Resumed),
                Spans::Sum(0),
            ),
            (
                "cut off while on hold",
                &[(M::Dialled, 0), (M::Answered, 9), (M::Held, 10), (M::Ended, 99)],
                (M::Held, M::Resumed),
                Spans::Unknown,
            ),
            (
                "backwards",
                &[(M::Dialled, 9), (M::Answered, 8)],
                (M::Dialled, M::Answered),
                Spans::Unknown,
            ),
        ];
        for (title, moments, (from, to), expected) in rows {
            assert_eq!(phone(moments).spans(from, to), expected, "{title}");
        }
    }
}
