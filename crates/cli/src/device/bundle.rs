//! `mizan device bundle`: a sync as a file on a stick, and its answer back.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Subcommand;
use mizan_device::bundle::BundleReport;
use serde_json::json;

use super::work::Session;
use super::{now_ms, show};
use crate::failure::Reported;
use crate::out;

#[derive(Debug, Subcommand)]
pub(super) enum BundleCommand {
    /// Write everything unsent into one sealed file, to be carried to the server
    ///
    /// `mizan admin bundle import` gives it to the server and writes the answer.
    Export {
        /// The file, such as /media/stick/rasha.mizb
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Take in the answer that was carried back
    Import {
        /// The answer, as `mizan admin bundle import` wrote it
        #[arg(value_name = "ANSWER")]
        file: PathBuf,
    },
}

pub(super) fn run(session: &Session, command: &BundleCommand, json: bool) -> Result<()> {
    match command {
        BundleCommand::Export { file } => export(session, file, json),
        BundleCommand::Import { file } => import(session, file, json),
    }
}

fn export(session: &Session, path: &Path, as_json: bool) -> Result<()> {
    let mut written = None;
    out::file(path, |file| {
        written = Some(session.device().export_bundle(now_ms(), file)?);
        Ok(())
    })?;
    let written = written.context("the bundle was written")?;
    for sha256 in &written.files_broken {
        eprintln!("evidence {sha256} does not read back and is not in the bundle");
    }
    if as_json {
        out::json(&json!({
            "bundle": written.bundle,
            "records": written.records,
            "files": written.files,
            "files_left": written.files_left,
            "files_broken": written.files_broken,
        }))?;
    } else {
        let (name, records, files) = (path.display(), written.records, written.files);
        let mut text = format!("{name} holds {records} records and {files} files");
        if written.files_left > 0 {
            text += &format!("; {} files go with the next bundle", written.files_left);
        }
        out::line(&text)?;
    }
    if written.files_broken.is_empty() { Ok(()) } else { Err(Reported.into()) }
}

fn import(session: &Session, path: &Path, as_json: bool) -> Result<()> {
    let name = path.display();
    let answer = std::fs::read(path).with_context(|| format!("reading {name}"))?;
    let report = session
        .device()
        .import_answer(&answer, now_ms())
        .with_context(|| format!("taking in {name}"))?;
    show::refusals(&session.device().rejections()?);
    for (sha256, error) in &report.files_refused {
        eprintln!("the server refused evidence {sha256}: {} {:?}", error.code, error.params);
    }
    if as_json {
        out::json(&taken_in(&report))?;
    } else {
        let settled = report.pushed.applied + report.pushed.same;
        let (files, pulled) = (report.files, report.pulled);
        let mut text = format!("{settled} records and {files} files are there, {pulled} received");
        if report.pushed.conflicts + report.pushed.rejected > 0 {
            let (conflicts, rejected) = (report.pushed.conflicts, report.pushed.rejected);
            text += &format!("; {conflicts} conflicts, {rejected} refused");
        }
        out::line(&text)?;
    }
    let fine = report.pushed.rejected == 0
        && report.pushed.conflicts == 0
        && report.files_refused.is_empty();
    if fine { Ok(()) } else { Err(Reported.into()) }
}

fn taken_in(report: &BundleReport) -> serde_json::Value {
    let refused: Vec<_> = report
        .files_refused
        .iter()
        .map(|(sha256, error)| json!({ "sha256": sha256, "error": error }))
        .collect();
    json!({
        "applied": report.pushed.applied,
        "same": report.pushed.same,
        "conflicts": report.pushed.conflicts,
        "rejected": report.pushed.rejected,
        "files": report.files,
        "files_refused": refused,
        "pulled": report.pulled,
        "dropped_streams": report.dropped,
        "differing_streams": report.differing,
    })
}
