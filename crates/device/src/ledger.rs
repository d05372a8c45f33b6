//! What of this device's work the server has, by name and by hash.

use std::collections::{BTreeMap, BTreeSet};

use mizan_protocol::canonical::Digest;
use mizan_protocol::id::VisitId;
use mizan_protocol::record::TextJson;

use crate::device::Device;
use crate::error::Error;
use crate::store::own_records::{self, OwnKey, OwnKind};
use crate::store::seals::{self, Seal, SealOutcome};
use crate::store::{conflicts, evidence_files, evidence_links, rejections, settings};
use crate::visit::{Delivery, Orphan};

/// What the server has and what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// When a sync last ran to its end, milliseconds since 1970 UTC.
    pub last_sync_ms: Option<i64>,
    /// Records the server does not have as they are now.
    pub unsent_records: usize,
    /// Files that are attached or sealed and that the server is not known to have.
    pub unsent_files: usize,
    /// Their bytes.
    pub unsent_bytes: u64,
    /// Conflicts a person has yet to resolve.
    pub conflicts: usize,
    /// Refusals that still stand.
    pub rejections: usize,
    /// Every sealed evaluation, the newest first.
    pub evaluations: Vec<SealedWork>,
    /// Every file that is attached or sealed, the newest first.
    pub files: Vec<FileWork>,
    /// Work of visits that are granted no longer.
    pub orphans: Vec<Orphan>,
}

/// One sealed evaluation and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedWork {
    /// The visit.
    pub visit: VisitId,
    /// The centre's code and name; `None` when the visit is granted no longer.
    pub centre: Option<(String, TextJson)>,
    /// The seal.
    pub seal: Seal,
    /// The SHA-256 of the sealed text.
    pub sha256: Digest,
    /// How far it has come.
    pub delivery: Delivery,
}

/// One evidence file and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileWork {
    /// The SHA-256 of its plain bytes.
    pub sha256: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
    /// The visits it belongs to.
    pub visits: BTreeSet<VisitId>,
    /// When the server was known to have it, milliseconds since 1970 UTC.
    pub sent_ms: Option<i64>,
}

impl Device {
    /// What the server has of this device's work, and what it lacks.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ledger(&mut self) -> Result<Ledger, Error> {
        let evaluations = self.sealed_work()?;
        let files = self.file_work(&evaluations)?;
        let unsent = || files.iter().filter(|file| file.sent_ms.is_none());
        let orphans = self.orphans()?;
        let read = self.store.read();
        Ok(Ledger {
            last_sync_ms: settings::last_sync(read)?,
            unsent_records: own_records::count_unsent(read)?,
            unsent_files: unsent().count(),
            unsent_bytes: unsent().map(|file| file.bytes).sum(),
            conflicts: conflicts::open(read)?.len(),
            rejections: rejections::standing(read)?.len(),
            evaluations,
            files,
            orphans,
        })
    }

    /// Records the server does not have as they are now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unsent_records(&self) -> Result<usize, Error> {
        own_records::count_unsent(self.store.read())
    }

    fn sealed_work(&mut self) -> Result<Vec<SealedWork>, Error> {
        let briefs = self.briefs()?;
        let standing = rejections::standing(self.store.read())?;
        let refused: BTreeMap<OwnKey, _> =
            standing.into_iter().map(|refusal| (refusal.key, refusal.error)).collect();
        let sealed = seals::all(self.store.read())?;
        let work = sealed.into_iter().map(|(visit, seal, sha256)| {
            let part = seal.number.to_string();
            let key = OwnKey { visit, kind: OwnKind::Evaluation, part };
            let centre = briefs
                .get(&visit)
                .map(|brief| (brief.body.centre_code.clone(), brief.body.centre.clone()));
            let delivery = Delivery::of(&seal, refused.get(&key).cloned());
            SealedWork { visit, centre, seal, sha256, delivery }
        });
        Ok(work.collect())
    }

    fn file_work(&self, evaluations: &[SealedWork]) -> Result<Vec<FileWork>, Error> {
        let mut visits = evidence_links::visits_by_file(self.store.read())?;
        // A file that was taken off after it was sealed is still owed to the server.
        let owed = |work: &&SealedWork| {
            let outcome = work.seal.outcome;
            work.seal.complete_ms.is_none() && matches!(outcome, None | Some(SealOutcome::Applied))
        };
        for work in evaluations.iter().filter(owed) {
            for file in self.files_of(work.visit, work.seal.number)? {
                visits.entry(file.sha256).or_default().insert(work.visit);
            }
        }
        let files = evidence_files::all(self.store.read())?;
        let belonging = files.into_iter().filter_map(|file| {
            let visits = visits.remove(&file.sha256)?;
            let evidence_files::ListedFile { sha256, media_type, bytes, sent_ms } = file;
            Some(FileWork { sha256, media_type, bytes, visits, sent_ms })
        });
        Ok(belonging.collect())
    }
}
