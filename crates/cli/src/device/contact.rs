//! `mizan device contact`: calls, messages and portal sessions of a remote visit, and their moments.
//!
//! A contact and its moments are named by their numbers from 1, as `mizan device show` prints them.

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use mizan_device::clock::{At, Reading};
use mizan_device::visit::VisitContact;
use mizan_domain::contact::{Channel, ContactMoment};
use mizan_protocol::id::{ContactId, VisitId};

use super::now_ms;
use super::value::moment_at;
use super::work::Session;
use crate::out;

/// What is done with the contacts of a visit.
#[derive(Debug, Subcommand)]
pub(super) enum ContactCommand {
    /// Open a contact
    Add {
        /// How it is made
        #[arg(value_parser = ["phone", "email", "chat", "whatsapp", "social", "portal"])]
        channel: String,
        /// The contact's own id (a UUID): the same command again opens no second contact
        #[arg(long, value_name = "UUID")]
        id: Option<ContactId>,
    },
    /// Note the next moment of a contact; the same moment at the same time again changes nothing
    Moment {
        /// The contact's number
        #[arg(value_name = "N")]
        contact: usize,
        /// phone: dialled answered held resumed ended; messages: sent acknowledged replied ended;
        /// portal: started completed ended
        #[arg(value_parser = parse_moment)]
        moment: ContactMoment,
        /// HH:MM, HH:MM:SS or a full moment (RFC 3339); now when left out
        at: Option<String>,
    },
    /// Correct the time of a moment
    Correct {
        /// The contact's number
        #[arg(value_name = "N")]
        contact: usize,
        /// The moment's number within the contact
        #[arg(value_name = "M")]
        place: usize,
        /// HH:MM, HH:MM:SS or a full moment (RFC 3339)
        at: String,
    },
    /// Take a contact back, or one moment of it
    Remove {
        /// The contact's number
        #[arg(value_name = "N")]
        contact: usize,
        /// The moment's number within the contact
        #[arg(value_name = "M")]
        place: Option<usize>,
    },
}

fn parse_moment(word: &str) -> Result<ContactMoment> {
    let known = || ContactMoment::ALL.iter().map(|moment| moment.word()).collect::<Vec<_>>();
    ContactMoment::from_word(word)
        .ok_or_else(|| anyhow!("it is no moment of a contact; one of: {}", known().join(", ")))
}

/// Runs one command on the contacts of a visit.
pub(super) fn run(session: &Session, visit: VisitId, command: &ContactCommand) -> Result<()> {
    match command {
        ContactCommand::Add { channel, id } => {
            let channel = Channel::from_word(channel).context("the channel was checked")?;
            let id = session.device().add_contact(visit, channel, *id, now_ms())?;
            let contacts = session.device().visit(visit)?.contacts;
            let place = contacts.iter().position(|of| of.id == id).context("the new contact")?;
            out::line(&format!("opened {visit} contact {} {} {id}", place + 1, channel.word()))
        }
        ContactCommand::Moment { contact, moment, at } => {
            let found = numbered(session, visit, *contact)?;
            let at = note(session, visit, &found, *moment, at.as_deref())?;
            out::line(&format!("noted {visit} contact {contact} {} {at}", moment.word()))
        }
        ContactCommand::Correct { contact, place, at } => {
            let found = numbered(session, visit, *contact)?;
            let index = index_of(&found, *contact, *place)?;
            let at = moment_at(at, &chrono::Local::now())?;
            session.device().correct_contact_moment(visit, found.id, index, at, now_ms())?;
            let moment = found.contact.moments[index].0.word();
            out::line(&format!("noted {visit} contact {contact} {moment} {at}"))
        }
        ContactCommand::Remove { contact, place: Some(place) } => {
            let found = numbered(session, visit, *contact)?;
            let index = index_of(&found, *contact, *place)?;
            session.device().remove_contact_moment(visit, found.id, index, now_ms())?;
            let moment = found.contact.moments[index].0.word();
            out::line(&format!("removed {visit} contact {contact} {moment}"))
        }
        ContactCommand::Remove { contact, place: None } => {
            let found = numbered(session, visit, *contact)?;
            session.device().remove_contact(visit, found.id, now_ms())?;
            out::line(&format!("removed {visit} contact {contact}"))
        }
    }
}

/// Notes a moment and returns its time. What stands there already is not noted twice, so that a script
/// that was cut short can be said again.
fn note(
    session: &Session,
    visit: VisitId,
    found: &VisitContact,
    moment: ContactMoment,
    at: Option<&str>,
) -> Result<i64> {
    let now_ms = now_ms();
    let at = match at {
        None => At::Now(Reading { wall_ms: now_ms, steady: None }),
        Some(text) => {
            let at_ms = moment_at(text, &chrono::Local::now())?;
            if found.contact.moments.contains(&(moment, at_ms)) {
                return Ok(at_ms);
            }
            At::Given { at_ms, now_ms }
        }
    };
    Ok(session.device().contact_moment(visit, found.id, moment, &at)?)
}

/// The contact of a number.
fn numbered(session: &Session, visit: VisitId, number: usize) -> Result<VisitContact> {
    let contacts = session.device().visit(visit)?.contacts;
    let count = contacts.len();
    let found = number.checked_sub(1).and_then(|index| contacts.into_iter().nth(index));
    found.ok_or_else(|| match count {
        0 => anyhow!(
            "the visit has no contact yet; `mizan device contact VISIT add CHANNEL` opens one"
        ),
        _ => anyhow!("the visit has no contact {number}; its contacts are 1 to {count}"),
    })
}

/// The place, counted from 0, of a moment counted from 1.
fn index_of(found: &VisitContact, contact: usize, place: usize) -> Result<usize> {
    let count = found.contact.moments.len();
    place.checked_sub(1).filter(|index| *index < count).ok_or_else(|| {
        anyhow!("contact {contact} has no moment {place}; it has {count}, counted from 1")
    })
}
