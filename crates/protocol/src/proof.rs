//! Faults planted on purpose and places to crash at, for the suites that must find the one and survive
//! the other. Builds for use have neither: there every question is answered no.
//!
//! A process of a debug build can be told by its environment, so that a suite can plant a fault in
//! programs and suites that know nothing of it: `MIZAN_PLANT` names a fault, `MIZAN_CRASH_AT` a site and,
//! after a colon, how many times it is passed before it ends the process.

#[cfg(debug_assertions)]
use std::sync::Once;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($(#[$of:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant),+
        }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The one of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|of| of.word() == word)
            }
        }
    };
}

words! {
    /// A fault that can be planted.
    Fault:
    /// The device counts a change as synced when it is sent.
    SyncedBeforeSent = "synced-before-sent",
    /// The device gives a change a new id each time it is sent.
    NewOperationOnRetry = "new-operation-on-retry",
    /// The device keeps the cursor before it keeps the page.
    CursorBeforePage = "cursor-before-page",
    /// The device keeps a stream it is granted no longer.
    StreamNotDropped = "stream-not-dropped",
    /// The device passes tombstones over.
    TombstoneSkipped = "tombstone-skipped",
    /// The server numbers rows before it is alone, not at the end.
    SequenceFirst = "sequence-first",
    /// The server takes evidence under any digest.
    HashNotChecked = "hash-not-checked",
    /// The server admits whom it should refuse.
    RoleTestInverted = "role-test-inverted",
    /// The server writes over what another changed.
    ConflictOverwritten = "conflict-overwritten",
    /// The server takes a push whatever its signature.
    SignatureNotChecked = "signature-not-checked",
    /// The server takes a push that does not follow the last.
    GapNotTold = "gap-not-told",
    /// The device believes an answer to a push that the server did not sign.
    ReceiptNotChecked = "receipt-not-checked",
    /// The server writes an entry of the audit without the one before.
    AuditNotChained = "audit-not-chained",
    /// The server answers a change before it is committed.
    AnsweredBeforeCommit = "answered-before-commit",
    /// The device's database does not wait for the disk.
    SynchronousNormal = "synchronous-normal",
}

/// The suite that must find a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finder {
    /// A programme at work on a bad network: `tests/tests/simulation.rs`.
    Simulation,
    /// Somebody between a device and its server: `tests/tests/hostile_line.rs`.
    HostileLine,
    /// The server as its callers meet it: `crates/server/tests/server/planted.rs`.
    Server,
    /// Processes that are killed: `crates/cli/tests/kills`.
    Kills,
    /// Power cuts on the device's disk: `crates/device/tests/powercut`.
    PowerCuts,
}

impl Fault {
    /// The suite that plants this fault and must find it.
    #[must_use]
    pub fn finder(self) -> Finder {
        match self {
            Self::SyncedBeforeSent
            | Self::NewOperationOnRetry
            | Self::CursorBeforePage
            | Self::StreamNotDropped
            | Self::TombstoneSkipped
            | Self::HashNotChecked
            | Self::SignatureNotChecked
            | Self::ReceiptNotChecked => Finder::Simulation,
            Self::GapNotTold => Finder::HostileLine,
            Self::SequenceFirst
            | Self::RoleTestInverted
            | Self::ConflictOverwritten
            | Self::AuditNotChained => Finder::Server,
            Self::AnsweredBeforeCommit => Finder::Kills,
            Self::SynchronousNormal => Finder::PowerCuts,
        }
    }

    /// The faults that a suite must find.
    pub fn found_by(finder: Finder) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |fault| fault.finder() == finder)
    }
}

words! {
    /// A place at which a process can be made to end, as if its power were cut.
    Site:
    /// The device has done everything of a change but its commit.
    DeviceCommits = "device-commits",
    /// The device has committed a change and told nobody.
    DeviceCommitted = "device-committed",
    /// The device has a file on its disk and no record of it.
    DeviceFileWritten = "device-file-written",
    /// The device has committed what it will send.
    DeviceSendsOff = "device-sends-off",
    /// The device has an answer to a push and has not taken it in.
    DevicePushAnswered = "device-push-answered",
    /// The device is in the middle of taking an answer in.
    DeviceSettles = "device-settles",
    /// The device has a page and has not taken it in.
    DevicePulled = "device-pulled",
    /// The device is in the middle of a page.
    DeviceTakesPage = "device-takes-page",
    /// The device was told where a file goes and has not noted it.
    DeviceUploadBegun = "device-upload-begun",
    /// The device has sent a part of a file and goes on.
    DevicePartSent = "device-part-sent",
    /// The device has sent a file and has not noted it.
    DeviceFileSent = "device-file-sent",
    /// The server has run every body of a group and not committed.
    ServerCommits = "server-commits",
    /// The server has committed and answered nobody.
    ServerCommitted = "server-committed",
    /// The server has the bytes of a part of a file and does not count them.
    ServerPartWritten = "server-part-written",
    /// The server has the bytes of a file and no record of them.
    ServerFileWritten = "server-file-written",
    /// The server has a file and its record, and still the parts it came in.
    ServerFileRecorded = "server-file-recorded",
}

/// Does once what the environment asks for.
///
/// # Panics
/// When it names a fault or a site that is none: a suite would wait for it in vain.
#[cfg(debug_assertions)]
fn heed_environment() {
    static HEEDED: Once = Once::new();
    HEEDED.call_once(|| {
        if let Ok(word) = std::env::var("MIZAN_PLANT") {
            plant(Fault::from_word(&word).unwrap_or_else(|| panic!("MIZAN_PLANT={word}")));
        }
        if let Ok(text) = std::env::var("MIZAN_CRASH_AT") {
            let (word, after) = text.split_once(':').unwrap_or((&text, "0"));
            let site = Site::from_word(word).zip(after.parse().ok());
            let (site, after) = site.unwrap_or_else(|| panic!("MIZAN_CRASH_AT={text}"));
            arm(site, after, End::Abort);
        }
    });
}

#[cfg(debug_assertions)]
static PLANTED: AtomicU32 = AtomicU32::new(0);
/// The armed site counted from 1, how many passes it lets go by, and how it ends, in one number.
#[cfg(debug_assertions)]
static ARMED: AtomicU64 = AtomicU64::new(0);

/// How a process ends at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At once, without unwinding.
    Abort,
    /// By a panic, for a suite that runs many devices in one process.
    Panic,
}

/// Plants a fault in this process.
#[cfg(debug_assertions)]
pub fn plant(fault: Fault) {
    PLANTED.fetch_or(1 << fault as u32, Ordering::Relaxed);
}

/// Whether a fault was planted.
#[must_use]
pub fn is_planted(fault: Fault) -> bool {
    #[cfg(debug_assertions)]
    heed_environment();
    #[cfg(debug_assertions)]
    let planted = PLANTED.load(Ordering::Relaxed) & (1 << fault as u32) != 0;
    #[cfg(not(debug_assertions))]
    let planted = {
        let _ = fault;
        false
    };
    planted
}

/// Makes the process end when it comes to a site for the `after`-th time from now, counted from 0.
#[cfg(debug_assertions)]
pub fn arm(site: Site, after: u32, end: End) {
    let end = u64::from(end == End::Panic);
    ARMED.store((site as u64 + 1) << 40 | end << 32 | u64::from(after), Ordering::Relaxed);
}

/// Whether this process is to end at a site.
#[must_use]
pub fn is_armed(site: Site) -> bool {
    #[cfg(debug_assertions)]
    let armed = ARMED.load(Ordering::Relaxed) >> 40 == site as u64 + 1;
    #[cfg(not(debug_assertions))]
    let armed = {
        let _ = site;
        false
    };
    armed
}

/// Lets every site go by again.
#[cfg(debug_assertions)]
pub fn disarm() {
    ARMED.store(0, Ordering::Relaxed);
}

/// The process has come to a site.
///
/// # Panics
/// When a suite armed the site so.
pub fn reached(site: Site) {
    #[cfg(debug_assertions)]
    {
        heed_environment();
        let armed = ARMED.load(Ordering::Relaxed);
        if armed >> 40 != site as u64 + 1 {
            return;
        }
        if armed & 0xFFFF_FFFF != 0 {
            ARMED.store(armed - 1, Ordering::Relaxed);
            return;
        }
        disarm();
        if armed >> 32 & 1 == 0 {
            std::process::abort();
        }
        panic!("the suite ends the process at {}", site.word());
    }
    #[cfg(not(debug_assertions))]
    let _ = site;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_ends_the_process_when_its_turn_comes_and_once() {
        arm(Site::DeviceSettles, 1, End::Panic);
        reached(Site::DevicePulled);
        reached(Site::DeviceSettles);
        assert!(std::panic::catch_unwind(|| reached(Site::DeviceSettles)).is_err());
        reached(Site::DeviceSettles);
    }

    #[test]
    fn words_name_faults_and_sites() {
        assert!(Fault::ALL.iter().all(|fault| Fault::from_word(fault.word()) == Some(*fault)));
        assert!(Site::ALL.iter().all(|site| Site::from_word(site.word()) == Some(*site)));
        assert!(!is_planted(Fault::HashNotChecked));
    }
}
