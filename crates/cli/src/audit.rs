//! `mizan audit`: takes the audit out of a server, and checks what was taken out without one.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use mizan_protocol::audit::{AuditCheck, AuditHead, AuditPage};
use mizan_protocol::signature::PublicKey;

use crate::client::Client;
use crate::out;

/// Arguments of `mizan audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Write the audit to a file, the signed head first; needs an administrator's MIZAN_TOKEN
    Export {
        /// The server's address
        #[arg(long, env = "MIZAN_SERVER", value_name = "URL")]
        server: Option<String>,
        /// Where it goes (NDJSON)
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check an export: nothing altered, removed, reordered or signed by somebody else
    Verify {
        /// The file `export` wrote
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The server's public key, as you know it from elsewhere
        #[arg(long, value_name = "HEX")]
        key: Option<PublicKey>,
    },
}

/// Runs `mizan audit`.
pub(crate) fn run(args: AuditArgs) -> Result<()> {
    match args.command {
        AuditCommand::Export { server, out } => {
            export(&crate::admin::signed_in(server.as_deref())?, &out)
        }
        AuditCommand::Verify { file, key } => verify(&file, key),
    }
}

fn export(client: &Client, to: &Path) -> Result<()> {
    let head: AuditHead = client.get("/api/audit/head")?;
    out::file(to, |file| {
        writeln!(file, "{}", serde_json::to_string(&head)?)?;
        let mut after = 0;
        while after < head.n {
            let page: AuditPage = client.get(&format!("/api/audit?after={after}"))?;
            let Some(last) = page.entries.last() else {
                bail!("the server's audit ends after entry {after}, before its head {}", head.n);
            };
            let until = last.n;
            // What was entered since the head was signed is for the next export.
            for entry in page.entries.iter().filter(|entry| entry.n <= head.n) {
                writeln!(file, "{}", serde_json::to_string(entry)?)?;
            }
            after = until;
        }
        Ok(())
    })?;
    out::line(&format!("{} entries are in {}, signed by {}", head.n, to.display(), head.key))
}

fn verify(path: &Path, key: Option<PublicKey>) -> Result<()> {
    let reading = || format!("reading {}", path.display());
    let mut lines = BufReader::new(File::open(path).with_context(reading)?).lines();
    let first = lines.next().transpose().with_context(reading)?.unwrap_or_default();
    let mut check = AuditCheck::begin(&first, key)?;
    for line in lines {
        check.next(&line.with_context(reading)?)?;
    }
    let head = check.end()?;
    let known = match key {
        Some(_) => "the key you named",
        None => "this key; compare it with the server's, or give --key",
    };
    out::line(&format!("{} entries are whole; signed by {}, {known}", head.n, head.key))
}
