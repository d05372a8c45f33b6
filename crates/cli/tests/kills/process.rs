//! How a process of this suite is started, and how it ended.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use mizan_protocol::proof::Site;

/// The program, with none of Mizan's variables but what plants a fault.
pub fn mizan(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mizan"));
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        let is_ours = name.to_str().is_some_and(|name| name.starts_with("MIZAN_"));
        if is_ours && name != "MIZAN_PLANT" {
            command.env_remove(name);
        }
    }
    command
}

/// A site at which a process is to end, and how often it is passed before.
#[derive(Debug, Clone, Copy)]
pub struct CrashAt(pub Site, pub u32);

impl CrashAt {
    pub fn arm(self, command: &mut Command) {
        command.env("MIZAN_CRASH_AT", format!("{}:{}", self.0.word(), self.1));
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By SIGKILL.
    Killed,
    /// At the site it was armed for.
    AtSite(Site),
    /// By itself, with this code.
    Left(i32),
}

impl Ended {
    /// What a status tells; a panic, or an end at a place nobody armed, is a violation.
    pub fn of(status: ExitStatus, armed: Option<CrashAt>, log: &Path) -> Result<Self, String> {
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        if said().contains("panicked at") {
            return Err(format!("a process panicked: {}", said()));
        }
        match (status.signal(), status.code(), armed) {
            (Some(9), ..) => Ok(Self::Killed),
            (Some(6), _, Some(CrashAt(site, _))) => Ok(Self::AtSite(site)),
            (None, Some(code), _) => Ok(Self::Left(code)),
            _ => Err(format!("a process ended with {status}: {}", said())),
        }
    }
}
