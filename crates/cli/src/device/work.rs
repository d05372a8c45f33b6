//! The commands on an unlocked device, and scripts of them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Parser, Subcommand};
use mizan_device::Device;
use mizan_device::clock::Reading;
use mizan_device::exchange::{self, Progress, SyncReport};
use mizan_device::transport::Http;
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::{EvidenceKind, Rubric};
use mizan_domain::text::Language;
use mizan_domain::timeline::Moment;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::VisitId;
use serde_json::json;

use super::contact::ContactCommand;
use super::value::{moment_at, raw_value};
use super::{brief, contact, now_ms, runtime, show};
use crate::failure::{Misuse, Reported};
use crate::{failure, out};

/// A command on an unlocked device. VISIT is an id, the beginning of one, or a centre's code where
/// that names one visit alone.
#[derive(Debug, Subcommand)]
pub(super) enum WorkCommand {
    /// Send what is new to the server and receive what is new there
    Sync,
    /// List the visits
    Visits,
    /// Show everything about a visit
    Show {
        /// The visit
        visit: String,
    },
    /// Take a visit: declare that no interest exists (M4) and that the brief was read (M6)
    Accept {
        /// The visit
        visit: String,
        /// Neither I nor family or friends work or have an interest at the agency
        #[arg(long)]
        no_interest: bool,
        /// I have read the brief and the guide
        #[arg(long)]
        brief_read: bool,
        /// The language of the brief
        #[arg(long, default_value = "ar", value_parser = ["ar", "en"])]
        lang: String,
    },
    /// Hand a visit back
    Decline {
        /// The visit
        visit: String,
        /// Why
        #[arg(long, allow_hyphen_values = true)]
        reason: String,
    },
    /// Answer a criterion
    #[command(group(clap::ArgGroup::new("answer").required(true).args(["value", "na", "ne"])))]
    Answer {
        /// The visit
        visit: String,
        /// The criterion, such as A1
        criterion: String,
        /// The value on its scale: yes, no, نعم, لا, 0 to 5, met, 22.5, ٢٢٫٥, …
        #[arg(allow_negative_numbers = true)]
        value: Option<String>,
        /// Not applicable, with the reason
        #[arg(long, value_name = "REASON", allow_hyphen_values = true)]
        na: Option<String>,
        /// Not evaluated, with the reason
        #[arg(long, value_name = "REASON", allow_hyphen_values = true)]
        ne: Option<String>,
        /// What was seen; an empty note removes the one that is there
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        note: Option<String>,
    },
    /// Attach a file to a criterion
    Attach {
        /// The visit
        visit: String,
        /// The criterion
        criterion: String,
        /// The file
        file: PathBuf,
        /// What it shows; may be left out where the criterion takes one kind alone
        #[arg(long)]
        kind: Option<String>,
    },
    /// Note a moment of the visit
    Time {
        /// The visit
        visit: String,
        /// arrived, ticket, greeted, called, done or left
        #[arg(value_parser = ["arrived", "ticket", "greeted", "called", "done", "left"])]
        moment: String,
        /// HH:MM, HH:MM:SS or a full moment (RFC 3339); now when left out
        at: Option<String>,
    },
    /// Note the calls, messages and portal sessions of a remote visit
    Contact {
        /// The visit
        visit: String,
        #[command(subcommand)]
        what: ContactCommand,
    },
    /// Report everything that keeps a visit from being submitted; exit 1 when there is something
    Check {
        /// The visit
        visit: String,
    },
    /// Seal the evaluation; by submitting you declare that the visit followed its brief (M15)
    Submit {
        /// The visit
        visit: String,
        /// The visit departed from its brief; the notes say how
        #[arg(long)]
        departed_from_brief: bool,
    },
    /// Say how the device stands
    Status,
}

/// One line of a script.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Line {
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: WorkCommand,
}

/// An unlocked device and the rubrics met so far.
pub(crate) struct Session {
    device: Mutex<Device>,
    rubrics: HashMap<VisitId, Arc<Rubric>>,
}

impl Session {
    pub(super) fn new(device: Device) -> Self {
        Self { device: Mutex::new(device), rubrics: HashMap::new() }
    }

    /// The device.
    pub(crate) fn device(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The visit a text names.
    fn find(&self, text: &str) -> Result<VisitId> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let visits = self.device().visits()?;
        let named = |visit: &&mizan_device::visit::VisitSummary| {
            let id = visit.brief.visit.to_string();
            !text.is_empty() && id.starts_with(&text.to_lowercase())
                || visit.brief.centre_code.eq_ignore_ascii_case(text)
        };
        let found: Vec<_> = visits.iter().filter(named).collect();
        match found.as_slice() {
            [one] => Ok(one.brief.visit),
            [] => {
                bail!("no visit is named `{text}`; `mizan device visits` lists them, or sync first")
            }
            many => {
                let ids: Vec<String> = many.iter().map(|v| v.brief.visit.to_string()).collect();
                bail!("`{text}` names {} visits; write one of: {}", many.len(), ids.join(", "))
            }
        }
    }

    fn rubric(&mut self, visit: VisitId) -> Result<Arc<Rubric>> {
        if let Some(rubric) = self.rubrics.get(&visit) {
            return Ok(rubric.clone());
        }
        let rubric = self.device().visit(visit)?.rubric;
        self.rubrics.insert(visit, rubric.clone());
        Ok(rubric)
    }
}

/// Runs the commands of a file as they come; the first that fails ends it, named by its line.
pub(super) fn script(session: &mut Session, file: &Path) -> Result<()> {
    let name = file.display();
    let reading = || format!("reading {name}");
    let lines: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).with_context(reading)?))
    };
    for (number, line) in lines.lines().enumerate() {
        let line = line.with_context(reading)?;
        if line.trim().is_empty() {
            continue;
        }
        let place = || format!("{name}:{}", number + 1);
        let words: Vec<String> = serde_json::from_str(&line).with_context(place)?;
        let parsed = Line::try_parse_from(words).map_err(|error| Misuse(error.to_string()));
        let Line { command, json } = parsed.with_context(place)?;
        run(session, command, json).with_context(place)?;
    }
    Ok(())
}

/// Runs one command.
pub(super) fn run(session: &mut Session, command: WorkCommand, json: bool) -> Result<()> {
    match command {
        WorkCommand::Sync => sync(session, json),
        WorkCommand::Visits => show::visits(&session.device().visits()?, json),
        WorkCommand::Show { visit } => {
            let id = session.find(&visit)?;
            let view = session.device().visit(id)?;
            show::visit(&view, json)
        }
        WorkCommand::Status => {
            let status = session.device().status()?;
            show::status(&status, json)
        }
        WorkCommand::Accept { visit, no_interest, brief_read, lang } => {
            let id = session.find(&visit)?;
            let language = Language::from_code(&lang).unwrap_or(Language::Arabic);
            let view = session.device().visit(id)?;
            brief::confirm(&view, language, no_interest, brief_read)?;
            session.device().accept(id, true, now_ms())?;
            out::line(&format!("accepted {id}"))
        }
        WorkCommand::Decline { visit, reason } => {
            let id = session.find(&visit)?;
            session.device().decline(id, &reason, now_ms())?;
            out::line(&format!("declined {id}"))
        }
        WorkCommand::Answer { visit, criterion, value, na, ne, note } => {
            let id = session.find(&visit)?;
            answer(session, id, &criterion, (value, na, ne), note.as_deref())
        }
        WorkCommand::Attach { visit, criterion, file, kind } => {
            let id = session.find(&visit)?;
            attach(session, id, &criterion, &file, kind.as_deref())
        }
        WorkCommand::Time { visit, moment, at } => {
            let id = session.find(&visit)?;
            let moment = Moment::from_word(&moment).context("the moment was checked")?;
            let at = match at {
                Some(text) => {
                    let at = moment_at(&text, &chrono::Local::now())?;
                    session.device().time_at(id, moment, at, now_ms())?;
                    at
                }
                None => {
                    let reading = Reading { wall_ms: now_ms(), steady: None };
                    session.device().time_now(id, moment, reading)?
                }
            };
            out::line(&format!("noted {id} {} {at}", moment.word()))
        }
        WorkCommand::Contact { visit, what } => {
            let id = session.find(&visit)?;
            contact::run(session, id, &what)
        }
        WorkCommand::Check { visit } => {
            let id = session.find(&visit)?;
            let missing = session.device().check(id)?;
            if json {
                let row = |fault: &mizan_domain::submission::SubmissionFault| {
                    let text = fault.to_string();
                    json!({ "code": fault.code(), "criterion": fault.criterion(), "problem": text })
                };
                out::json(&missing.iter().map(row).collect::<Vec<_>>())?;
            }
            match (missing.is_empty(), json) {
                (true, true) => Ok(()),
                (true, false) => out::line(&format!("ready {id}")),
                (false, true) => Err(Reported.into()),
                (false, false) => Err(failure::report(&missing)),
            }
        }
        WorkCommand::Submit { visit, departed_from_brief } => {
            let id = session.find(&visit)?;
            submit(session, id, !departed_from_brief)
        }
    }
}

fn answer(
    session: &mut Session,
    id: VisitId,
    criterion: &str,
    given: (Option<String>, Option<String>, Option<String>),
    note: Option<&str>,
) -> Result<()> {
    let raw = match given {
        (Some(text), None, None) => {
            let rubric = session.rubric(id)?;
            let found = rubric.criterion(criterion).ok_or_else(|| {
                let (rubric, version) = (rubric.id(), rubric.version());
                anyhow!(
                    "criterion {criterion} is not in the rubric {rubric} {version}; check its id"
                )
            })?;
            RawAnswer::Value(raw_value(&found.scale, &text))
        }
        (None, Some(reason), None) => RawAnswer::NotApplicable(reason),
        (None, None, Some(reason)) => RawAnswer::NotEvaluated(reason),
        (_, _, _) => bail!(Misuse("give exactly one of a value, --na and --ne".into())),
    };
    session.device().answer(id, criterion, &raw, note, now_ms())?;
    out::line(&format!("saved {id} {criterion} {}", show::short(&raw)))
}

fn attach(
    session: &mut Session,
    id: VisitId,
    criterion: &str,
    file: &Path,
    kind: Option<&str>,
) -> Result<()> {
    let name = file.display();
    let rubric = session.rubric(id)?;
    let accepted = rubric.criterion(criterion).map_or(&[][..], |found| &found.evidence.kinds);
    let words = |kinds: &[EvidenceKind]| {
        kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ")
    };
    let kind = match (kind, accepted) {
        (Some(word), _) => EvidenceKind::from_word(word).ok_or_else(|| {
            Misuse(format!(
                "`{word}` is no kind of evidence; write one of: {}",
                words(EvidenceKind::ALL)
            ))
        })?,
        (None, [one]) => *one,
        (None, []) => bail!("criterion {criterion} takes no evidence"),
        (None, many) => {
            bail!(Misuse(format!("say what {name} shows: --kind, one of: {}", words(many))))
        }
    };
    let bytes = std::fs::read(file).with_context(|| format!("reading {name}"))?;
    let sha256 = session
        .device()
        .attach(id, criterion, &bytes, kind, now_ms())
        .with_context(|| format!("attaching {name}"))?;
    out::line(&format!("attached {id} {criterion} {sha256}"))
}

fn submit(session: &mut Session, id: VisitId, followed_brief: bool) -> Result<()> {
    let submitted = session.device().submit(id, followed_brief, now_ms());
    let sealed = match submitted {
        Err(mizan_device::Error::NotReady { faults }) => return Err(failure::report(&faults)),
        other => other?,
    };
    let document: EvaluationDocument =
        serde_json::from_str(&sealed.document).context("reading the sealed evaluation")?;
    out::line(&format!("submitted {id} revision {} {}", document.revision, sealed.sha256))
}

fn sync(session: &mut Session, as_json: bool) -> Result<()> {
    let enrolment = session.device().enrolment()?;
    let transport = Http::new(&enrolment.server)?;
    let mut last = None;
    let mut progress = |now: Progress| {
        // Long uploads say how far they are; all else is quick.
        if let Progress::SendingFiles { done, total } = now
            && done.is_multiple_of(100)
            && last != Some(done)
        {
            last = Some(done);
            eprintln!("files sent: {done} of {total}");
        }
    };
    let synced = exchange::sync(&session.device, &transport, &now_ms, &mut progress);
    let report = runtime()?.block_on(synced)?;
    let refusals = session.device().rejections()?;
    session.rubrics.clear();
    show::refusals(&refusals);
    if as_json {
        out::json(&show::synced(&report))?;
    } else {
        out::line(&summary(&report))?;
    }
    let unrepaired = report.faults.iter().any(|fault| !fault.is_repaired);
    let broken = !report.files_broken.is_empty();
    let fine =
        report.pushed.rejected == 0 && report.pushed.conflicts == 0 && !unrepaired && !broken;
    if fine { Ok(()) } else { Err(Reported.into()) }
}

fn summary(report: &SyncReport) -> String {
    let SyncReport { pushed, files_sent, pulled, .. } = report;
    let sent = pushed.applied + pushed.same;
    let mut text = format!("synced: {sent} records and {files_sent} files sent, {pulled} received");
    if pushed.conflicts + pushed.rejected > 0 {
        text += &format!("; {} conflicts, {} refused", pushed.conflicts, pushed.rejected);
    }
    for fault in &report.faults {
        let how = if fault.is_repaired { "read again and repaired" } else { "still differs" };
        text += &format!("; stream {} differed from the server's: {how}", fault.stream);
    }
    for sha256 in &report.files_broken {
        text += &format!("; evidence {sha256} does not read back and was not sent");
    }
    text
}
