//! The chain of each device's pushes: signatures held against the device's key, each link in its place.
//!
//! A link that was taken before is answered again and changes nothing. One that does not follow the last
//! is refused whole, with how far the chain has come: the device then sends everything again from there,
//! and what is here already is found to be the same. Each epoch begins a chain anew.

use mizan_protocol::canonical::Digest;
use mizan_protocol::chain::{ChainHead, Link, receipt_text};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::DeviceId;
use mizan_protocol::proof::{Fault, is_planted};
use mizan_protocol::signature::Signature;
use mizan_protocol::sync::{PushRequest, PushResponse};

use crate::accounts::{Caller, devices};
use crate::app::App;
use crate::audit::{self, Act, By, Deed};
use crate::error::Error;
use crate::keys::Keys;
use crate::streams;
use crate::tx::{Tx, first, params, row};

/// What stands behind a push.
#[derive(Debug, Clone)]
pub(crate) enum Standing {
    /// Its device's signature, which was held against the key.
    Link(Link, Digest),
    /// The signature of the bundle it came in; devices of the version before sign no push.
    Bundle,
    /// A session alone.
    Session,
}

/// Holds a push against the key of the device it names.
pub(crate) fn check(
    tx: &mut dyn Tx,
    caller: &Caller,
    request: &PushRequest,
) -> Result<Standing, Error> {
    let Some(link) = &request.link else { return Ok(Standing::Session) };
    let wrong = || {
        let error = ErrorBody::new("sync.wrong_signature");
        Error::Refused(error.with("number", link.number))
    };
    if caller.device.is_some_and(|device| device != link.device) {
        return Err(wrong());
    }
    let known = devices::device_key(tx, link.device)?;
    let (key, _) = known.filter(|(_, owner)| *owner == caller.person).ok_or_else(wrong)?;
    let digest = request.chain_digest(link)?;
    if link.verify(digest, &key).is_err() && !is_planted(Fault::SignatureNotChecked) {
        return Err(wrong());
    }
    Ok(Standing::Link(link.clone(), digest))
}

/// Puts a push in its place. The bodies of one writer follow each other, and so do the links they take.
pub(crate) fn take_up(
    tx: &mut dyn Tx,
    caller: &Caller,
    standing: &Standing,
    now: i64,
) -> Result<(), Error> {
    let (link, digest) = match standing {
        Standing::Bundle => return Ok(()),
        Standing::Session if has_signed(tx, caller)? => {
            return Err(Error::refused("sync.not_signed"));
        }
        Standing::Session => return Ok(()),
        Standing::Link(link, digest) => (link, *digest),
    };
    let epoch = streams::epoch_now(tx)?;
    let head = head(tx, link.device, &epoch)?;
    if link.number <= head.number && taken_as(tx, link, &epoch)? == Some(digest) {
        return Ok(());
    }
    let follows = link.number == head.number + 1 && link.previous == head.digest;
    if !follows && !is_planted(Fault::GapNotTold) {
        return Err(gap(link, head));
    }
    tx.write(
        "INSERT INTO push_links (device_id, epoch, number, digest, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (device_id, epoch, number) DO NOTHING",
        row![link.device.0, &epoch, link.number, digest, now],
    )
}

/// How far a device's chain has come.
fn head(tx: &mut dyn Tx, device: DeviceId, epoch: &str) -> Result<ChainHead, Error> {
    let sql = "SELECT number, digest FROM push_links WHERE device_id = $1 AND epoch = $2
               ORDER BY number DESC LIMIT 1";
    match first(tx, sql, params![device.0, epoch])? {
        Some(row) => Ok(ChainHead { number: row.int(0)?, digest: row.digest(1)? }),
        None => Ok(ChainHead::root(device)),
    }
}

fn taken_as(tx: &mut dyn Tx, link: &Link, epoch: &str) -> Result<Option<Digest>, Error> {
    let sql = "SELECT digest FROM push_links WHERE device_id = $1 AND epoch = $2 AND number = $3";
    let row = first(tx, sql, params![link.device.0, epoch, link.number])?;
    row.map(|row| row.digest(0)).transpose()
}

/// Whether a session's pushes must be signed: its device has signed before, or, of a session without a
/// device, any of the person's. Whoever has the session alone cannot do as if they were the version before.
fn has_signed(tx: &mut dyn Tx, caller: &Caller) -> Result<bool, Error> {
    let found = match caller.device {
        Some(device) => {
            let sql = "SELECT 1 FROM push_links WHERE device_id = $1 LIMIT 1";
            first(tx, sql, params![device.0])?
        }
        None => {
            let sql = "SELECT 1 FROM push_links l JOIN devices d ON d.id = l.device_id
                       WHERE d.person_id = $1 LIMIT 1";
            first(tx, sql, params![caller.person.0])?
        }
    };
    Ok(found.is_some())
}

/// Tells how far the chain has come and what is missing before this link; nothing is when the device
/// went another way from an earlier link.
fn gap(link: &Link, head: ChainHead) -> Error {
    let error = ErrorBody::new("sync.gap").with("number", head.number).with("digest", head.digest);
    let missing = (head.number + 1, link.number - 1);
    Error::Refused(match missing {
        (from, to) if from > to => error,
        (from, to) if from == to => error.with("missing", from),
        (from, to) => error.with("missing", format!("{from}–{to}")),
    })
}

/// Enters the refusal of a push in the audit, when it is one of its signature or its place.
pub(crate) async fn enter_refusal(
    app: &App,
    caller: &Caller,
    request: &PushRequest,
    refused: &Error,
) -> Result<(), Error> {
    let Error::Refused(error) = refused else { return Ok(()) };
    if !["sync.wrong_signature", "sync.not_signed", "sync.gap"].contains(&error.code.as_str()) {
        return Ok(());
    }
    app.figures.pushes_refused.inc();
    let mut act = Act::new(Deed::PushRefused).with("code", &error.code);
    if let Some(link) = &request.link {
        act = act.on("device", link.device).with("number", link.number);
    }
    if let Some(missing) = error.params.get("missing") {
        act = act.with("missing", missing);
    }
    let (by, now) = (By::from(caller), app.now());
    app.store.write(move |tx| audit::enter(tx, by, act, now)).await
}

/// Signs what became of a push, for its device.
pub(crate) fn receipt(
    keys: &Keys,
    standing: &Standing,
    response: &PushResponse,
) -> Result<Option<Signature>, Error> {
    let Standing::Link(_, digest) = standing else { return Ok(None) };
    let text = receipt_text(*digest, &response.outcomes)?;
    Ok(Some(keys.signing.sign(text.as_bytes())))
}
