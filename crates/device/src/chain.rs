//! The chain of this device's pushes: what is on its way becomes links, signed once and sent as they are,
//! and what the server answers is held against its key.

use mizan_protocol::canonical::Digest;
use mizan_protocol::chain::{ChainHead, receipt_text};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::DeviceId;
use mizan_protocol::proof::{Fault, is_planted};
use mizan_protocol::signature::SecretKey;
use mizan_protocol::sync::{MAX_OPERATIONS, PushRequest, PushResponse};
use rusqlite::Transaction;

use crate::device::Device;
use crate::error::Error;
use crate::store::inflight::{self, Inflight};
use crate::store::{evidence_files, links, own_records, seals, settings};
use crate::sync::{fitting, operations};

/// Who signs the links of a device.
pub(crate) struct Author {
    device: DeviceId,
    key: SecretKey,
}

impl Device {
    /// Who signs; nobody before the device is enrolled, when there is nothing to send either.
    pub(crate) fn author(&self) -> Result<Option<Author>, Error> {
        let Some(enrolment) = settings::enrolment(self.store.read())? else { return Ok(None) };
        Ok(Some(Author { device: enrolment.device, key: self.signing_key()? }))
    }

    /// The pushes on their way, each exactly as it was first made.
    pub(crate) fn pushes_under_way(&self, most: usize) -> Result<Vec<PushRequest>, Error> {
        let read = self.store.read();
        let Some(enrolment) = settings::enrolment(read)? else { return Ok(Vec::new()) };
        let mut pushes = Vec::new();
        for number in links::numbers(read, most)? {
            let operations = operations(inflight::of_link(read, number)?);
            if let Some((link, epoch)) = links::find(read, enrolment.device, number)? {
                pushes.push(PushRequest { epoch, operations, link: Some(link) });
            }
        }
        Ok(pushes)
    }

    /// Holds the answer to a push against the server's key: whoever sits between cannot say that something
    /// was taken. Before the server's first signature an answer without one is that of the version before.
    ///
    /// # Errors
    /// [`Error::NoReceipt`]: nothing of the answer may be taken in.
    pub fn check_receipt(
        &mut self,
        request: &PushRequest,
        response: &PushResponse,
    ) -> Result<(), Error> {
        let read = self.store.read();
        let key = settings::server_key(read)?;
        let (Some(link), Some(key)) = (&request.link, key) else { return Ok(()) };
        let has_receipts = links::has_receipts(read)?;
        if is_planted(Fault::ReceiptNotChecked) {
            return Ok(());
        }
        let Some(receipt) = &response.receipt else {
            return if has_receipts { Err(Error::NoReceipt) } else { Ok(()) };
        };
        let push = request.chain_digest(link).map_err(Error::stored("push"))?;
        let text = receipt_text(push, &response.outcomes).map_err(Error::stored("receipt"))?;
        key.verify(text.as_bytes(), receipt).map_err(|_| Error::NoReceipt)?;
        self.learn_receipts(true)
    }

    /// Keeps that the server signs what becomes of pushes; an answer without counts for nothing from then on.
    pub(crate) fn learn_receipts(&mut self, told: bool) -> Result<(), Error> {
        if !told || links::has_receipts(self.store.read())? {
            return Ok(());
        }
        self.store.write(links::expect_receipts)
    }

    /// The server has another chain of this device than the device has: pushes were lost on their way
    /// although they seemed to arrive, or this device was put back from a copy. Everything is to be sent
    /// again, as if for the first time, from where the server's chain stands.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the server does not say where, or the disk's.
    pub fn meet_gap(&mut self, told: &ErrorBody) -> Result<(), Error> {
        let number = told.params.get("number").and_then(|text| text.parse::<i64>().ok());
        let digest = told.params.get("digest").and_then(|text| text.parse::<Digest>().ok());
        let head = number.filter(|number| *number >= 0).zip(digest);
        let head = head.map(|(number, digest)| ChainHead { number, digest });
        let what = || "it does not say how far the chain of pushes has come".to_owned();
        let head = head.ok_or_else(|| Error::Protocol { what: what() })?;
        self.store.write(|tx| {
            forget_server(tx)?;
            links::set_head(tx, &head)
        })
    }
}

/// Everything is to be sent again as if for the first time, and the chain begins anew.
pub(crate) fn forget_server(tx: &Transaction<'_>) -> Result<(), Error> {
    inflight::recall(tx)?;
    links::begin_anew(tx)?;
    own_records::forget_server(tx)?;
    seals::forget_server(tx)?;
    evidence_files::forget_server(tx)?;
    Ok(())
}

/// Makes links of what is on its way and is none yet.
pub(crate) fn link_up(tx: &Transaction<'_>, author: &Author) -> Result<(), Error> {
    loop {
        let mut changes = inflight::unlinked(tx, MAX_OPERATIONS)?;
        if changes.is_empty() {
            return Ok(());
        }
        changes.truncate(fitting(&changes)?);
        let names: Vec<_> = changes.iter().map(|change| change.operation.op_id).collect();
        let request = next_link(tx, author, changes)?;
        if let Some(link) = &request.link {
            links::insert(tx, link, request.epoch.as_deref())?;
            names.iter().try_for_each(|name| inflight::set_link(tx, *name, link.number))?;
        }
    }
}

/// The push that follows the last, signed; the chain has come so far with it.
pub(crate) fn next_link(
    tx: &Transaction<'_>,
    author: &Author,
    changes: Vec<Inflight>,
) -> Result<PushRequest, Error> {
    let after = links::head(tx)?.unwrap_or_else(|| ChainHead::root(author.device));
    let (epoch, operations) = (settings::epoch(tx)?, operations(changes));
    let request = PushRequest { epoch, operations, link: None };
    let chained = request.chained(author.device, after, &author.key);
    let (request, head) = chained.map_err(Error::stored("push"))?;
    links::set_head(tx, &head)?;
    Ok(request)
}
