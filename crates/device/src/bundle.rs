//! A sync carried by hand: everything unsent into one sealed file, and the server's answer from another.
//!
//! A bundle holds exactly what a network sync would send, so it does not matter which of the two settles
//! a change, nor how often, nor in which order: each change has its id, and its first outcome is the one
//! that counts. Where the files lie is the caller's business.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use mizan_protocol::bundle::{
    self as file, Answer, AnswerKey, BundledFile, MAX_FILE_BYTES, MAX_PUSHES, Manifest, SCHEMA,
};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::EvidenceRef;
use mizan_protocol::id::BundleId;
use mizan_protocol::sync::{EvidenceQuery, PullRequest};

use crate::device::Device;
use crate::error::Error;
use crate::keys::random;
use crate::store::{bundles, evidence_files, seals, settings};
use crate::sync::PushCount;

/// What went into a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenBundle {
    /// The bundle, by which its answer is known again.
    pub bundle: BundleId,
    /// Records in it.
    pub records: usize,
    /// Files in it.
    pub files: usize,
    /// Files that did not fit; they go with the next bundle, once this one is answered.
    pub files_left: usize,
    /// Files that do not read back on this device and are not in it.
    pub files_broken: Vec<Digest>,
}

/// What an answer came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleReport {
    /// What became of the records sent; those that were settled before do not count again.
    pub pushed: PushCount,
    /// Files the server is now known to have.
    pub files: usize,
    /// Files the server refused, and why.
    pub files_refused: Vec<(Digest, ErrorBody)>,
    /// Records received; none from an answer that is older than what is here.
    pub pulled: usize,
    /// Streams dropped because they are granted no longer.
    pub dropped: Vec<String>,
    /// Streams that differ from the server's; the next sync reads them from their beginning.
    pub differing: Vec<String>,
    /// The server's data were put back from a backup: the next bundle or sync sends everything again.
    pub is_new_epoch: bool,
    /// Pushes of this device are missing on the server: the next bundle or sync sends everything again.
    pub is_sent_again: bool,
}

impl Device {
    /// Writes a bundle of everything unsent. What is in it is on its way from then on: until an answer or a
    /// network sync settles it, the next bundle holds the same again, and what was made since.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::NoServerKey`], or those of the disks. When writing fails the part
    /// that was written is worth nothing and the next bundle holds everything.
    pub fn export_bundle(
        &mut self,
        now_ms: i64,
        out: &mut dyn Write,
    ) -> Result<WrittenBundle, Error> {
        let device = self.enrolment()?.device;
        let server = settings::bundle_key(self.store.read())?.ok_or(Error::NoServerKey)?;
        let ToBundle { named, files, left, broken } = self.files_to_bundle()?;
        let changes = self.dirty_changes(usize::MAX, now_ms)?;
        let bundle = self.new_bundle_id();
        let answer_key = AnswerKey::from_bytes(random(&mut *self.rng));
        self.send_off(&changes)?;
        self.store.write(|tx| bundles::insert(tx, bundle, &answer_key, now_ms))?;
        let push = self.pushes_under_way(MAX_PUSHES)?;
        let records = push.iter().map(|request| request.operations.len()).sum();
        // No cursor: the answer holds the streams whole. What changed since a cursor fits only the state it
        // was asked from, and answers may be lost or overtake each other.
        let pull = PullRequest::default();
        let evidence = EvidenceQuery { sha256: named };
        let manifest = Manifest {
            schema: SCHEMA,
            bundle,
            device,
            made_at: now_ms,
            answer_key,
            push,
            pull,
            evidence,
            files,
        };
        let ephemeral = random(&mut *self.rng);
        let read = |file: &BundledFile| self.evidence(&file.sha256);
        file::seal_bundle(out, &manifest, &self.signing_key()?, &server, &ephemeral, read)?;
        let files = manifest.files.len();
        Ok(WrittenBundle { bundle, records, files, files_left: left, files_broken: broken })
    }

    /// Takes in an answer to a bundle of this device: outcomes, files, and the streams unless they are older
    /// than what is here. Taken in again, it changes nothing.
    ///
    /// # Errors
    /// [`Error::NotOurAnswer`], [`Error::Bundle`] when the file is damaged or something else, or the disk's.
    pub fn import_answer(&mut self, bytes: &[u8], now_ms: i64) -> Result<BundleReport, Error> {
        let bundle = file::answered_bundle(bytes)?;
        let written = bundles::find(self.store.read(), bundle)?;
        let written = written.ok_or(Error::NotOurAnswer { bundle })?;
        let answer = file::open_answer(bytes, &written.answer_key)?;
        let mut report = BundleReport::default();
        for response in &answer.push {
            report.pushed += self.settle_push(response, now_ms)?;
            let gap = response.refused.as_ref().filter(|error| error.code == "sync.gap");
            if let Some(told) = gap.filter(|_| !report.is_sent_again) {
                report.is_sent_again = true;
                self.meet_gap(told)?;
            }
        }
        report.files = self.settle_evidence(&answer, now_ms)?;
        let refused = answer.evidence_refused.iter();
        report.files_refused = refused.map(|file| (file.sha256, file.error.clone())).collect();
        if written.takes_pages && answer.mark > settings::answer_mark(self.store.read())? {
            self.take_pages(&answer, &mut report)?;
        }
        self.store.write(|tx| bundles::answered(tx, bundle, now_ms))?;
        Ok(report)
    }

    /// The mark is set last: a cut before leaves the pages to be taken once more.
    fn take_pages(&mut self, answer: &Answer, report: &mut BundleReport) -> Result<(), Error> {
        let mut differing = BTreeSet::new();
        for page in &answer.pages {
            let step = self.apply_pages(page)?;
            report.pulled += step.records;
            report.is_new_epoch |= step.is_new_epoch;
            report.dropped.extend(step.dropped);
            differing.extend(step.differing);
        }
        for stream in &differing {
            self.restart_stream(stream)?;
        }
        report.differing = differing.into_iter().collect();
        self.store.write(|tx| settings::set_answer_mark(tx, answer.mark))
    }

    /// Marks what the server has; gives how many files that were not known to be there.
    fn settle_evidence(&mut self, answer: &Answer, now_ms: i64) -> Result<usize, Error> {
        let unsent = evidence_files::count_unsent(self.store.read())?;
        let present: BTreeSet<Digest> = answer.evidence_present.iter().copied().collect();
        self.settle_files(&present, now_ms)?;
        let sent = unsent - evidence_files::count_unsent(self.store.read())?;
        // A server that was put back from a backup may lack what it once had.
        let waiting: BTreeSet<Digest> =
            self.files_to_send()?.into_iter().map(|file| file.sha256).collect();
        let lost = answer.evidence_missing.iter().filter(|sha256| waiting.contains(sha256));
        self.store.write(|tx| {
            let mut lost = lost;
            lost.try_for_each(|sha256| evidence_files::mark_unsent(tx, sha256))
        })?;
        Ok(sent)
    }

    fn files_to_bundle(&self) -> Result<ToBundle, Error> {
        let mut named: BTreeMap<Digest, EvidenceRef> = BTreeMap::new();
        for (visit, number) in seals::unconfirmed(self.store.read())? {
            named.extend(self.files_of(visit, number)?.into_iter().map(|file| (file.sha256, file)));
        }
        let (mut files, mut broken) = (Vec::new(), Vec::new());
        for file in named.values() {
            if evidence_files::is_sent(self.store.read(), &file.sha256)? {
                continue;
            }
            match self.evidence(&file.sha256) {
                Ok(bytes) => files.push(BundledFile {
                    sha256: file.sha256,
                    media_type: file.media_type.clone(),
                    bytes: bytes.len() as u64,
                }),
                Err(
                    Error::EvidenceBroken { .. } | Error::File { .. } | Error::NoEvidence { .. },
                ) => {
                    broken.push(file.sha256);
                }
                Err(other) => return Err(other),
            }
        }
        let left = files.split_off(fitting(&files, MAX_FILE_BYTES)).len();
        Ok(ToBundle { named: named.into_keys().collect(), files, left, broken })
    }

    /// Random all through: it stands in clear in the answer's file and tells nothing of when or by whom.
    fn new_bundle_id(&mut self) -> BundleId {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        BundleId(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}

struct ToBundle {
    /// The files of all evaluations that are not known to be complete on the server.
    named: Vec<Digest>,
    /// Those of them that go into the bundle.
    files: Vec<BundledFile>,
    left: usize,
    broken: Vec<Digest>,
}

/// How many files fit; always at least one.
fn fitting(files: &[BundledFile], most_bytes: u64) -> usize {
    let mut bytes = 0;
    let fits = |file: &&BundledFile| {
        bytes += file.bytes;
        bytes <= most_bytes
    };
    files.iter().take_while(fits).count().max(1).min(files.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_go_along_as_fit_and_always_one() {
        let file = |bytes| BundledFile {
            sha256: Digest::of(b"x"),
            media_type: "image/jpeg".into(),
            bytes,
        };
        let rows: [(&[u64], usize); 5] =
            [(&[], 0), (&[10], 1), (&[11], 1), (&[4, 6, 1], 2), (&[11, 1], 1)];
        for (lengths, expected) in rows {
            let files: Vec<BundledFile> = lengths.iter().map(|length| file(*length)).collect();
            assert_eq!(fitting(&files, 10), expected, "{lengths:?}");
        }
    }
}
