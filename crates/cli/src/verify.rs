//! `mizan verify`: is a scorecard genuine and whole, and does its score follow from its criteria?
//!
//! Needs no server. The pages of a PDF are made anew from the signed scorecard inside it and held against
//! the file, so that nothing on them can be altered unnoticed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use mizan_domain::rubric::Rubric;
use mizan_domain::text::Language;
use mizan_protocol::score::SignedScorecard;
use mizan_protocol::signature::PublicKey;
use mizan_report::{Renderer, reading};
use serde::Serialize;

use crate::failure::Reported;
use crate::{out, shipped};

/// Arguments of `mizan verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A published scorecard: its PDF, or the signed JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key the programme's server signs with; without it, whose signature it is stays open
    #[arg(long, value_name = "KEY")]
    key: Option<PublicKey>,
    /// Rubric files, for scorecards of other rubrics than the two that ship with Mizan
    #[arg(long, value_name = "FILE")]
    rubric: Vec<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Verdict {
    centre: String,
    cycle: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// The score, shown.
    score: Option<String>,
    /// The level computed, by its id.
    level: Option<String>,
    /// The key of the signature.
    public_key: PublicKey,
    checks: Vec<Check>,
    /// Whether everything that was checked holds.
    holds: bool,
}

/// One thing that was checked.
#[derive(Debug, Serialize)]
struct Check {
    /// `signature`, `key`, `score` or `pages`.
    name: &'static str,
    holds: bool,
    /// In plain words.
    says: String,
}

impl Check {
    fn of(name: &'static str, checked: Result<String>) -> Self {
        match checked {
            Ok(says) => Self { name, holds: true, says },
            Err(error) => Self { name, holds: false, says: format!("{error:#}") },
        }
    }
}

/// Runs `mizan verify`.
pub(crate) fn run(args: &VerifyArgs) -> Result<()> {
    let name = args.file.display().to_string();
    let bytes = std::fs::read(&args.file).with_context(|| format!("reading {name}"))?;
    let mut rubrics = shipped::rubrics()?;
    for file in &args.rubric {
        rubrics.push(shipped::read(file)?);
    }
    let (signed, language) = read(&args.file, &bytes).with_context(|| name.clone())?;
    let rubric = shipped::find(&rubrics, signed.scorecard.rubric.sha256);
    let mut checks = vec![Check::of("signature", signature(&signed))];
    checks.extend(args.key.as_ref().map(|key| Check::of("key", same_key(&signed, key))));
    checks.push(Check::of("score", score(&signed, rubric)));
    if let Some(language) = language {
        checks.push(Check::of("pages", pages(&signed, rubric, language, &bytes)));
    }
    let SignedScorecard { scorecard, public_key, .. } = signed;
    let verdict = Verdict {
        centre: scorecard.centre,
        cycle: scorecard.cycle,
        version: scorecard.publication.as_ref().map(|publication| publication.version),
        score: scorecard.score,
        level: scorecard.level,
        public_key,
        holds: checks.iter().all(|check| check.holds),
        checks,
    };
    if args.json {
        out::json(&verdict)?;
    } else {
        tell(&verdict, args.key.is_some())?;
    }
    if verdict.holds { Ok(()) } else { Err(Reported.into()) }
}

/// The signed scorecard in a file, and of a PDF the language of its pages.
fn read(path: &Path, bytes: &[u8]) -> Result<(SignedScorecard, Option<Language>)> {
    if !bytes.starts_with(b"%PDF-") {
        let signed = serde_json::from_slice(bytes);
        let signed = signed.context("neither a PDF nor the JSON of a signed scorecard")?;
        return Ok((signed, None));
    }
    let opened = reading::open(bytes)?;
    let named = |(name, _): &(String, Vec<u8>)| name == SignedScorecard::FILE;
    let Some((_, text)) = opened.files.into_iter().find(named) else {
        bail!(
            "no signed scorecard travels in {}; drafts and other documents have none",
            path.file_name().unwrap_or_default().to_string_lossy()
        );
    };
    let signed = serde_json::from_slice(&text).context("the scorecard inside it")?;
    let language = opened.language.context("its pages are in neither Arabic nor English")?;
    Ok((signed, Some(language)))
}

fn signature(signed: &SignedScorecard) -> Result<String> {
    signed.verify()?;
    Ok("the scorecard is as it was signed".to_owned())
}

fn same_key(signed: &SignedScorecard, key: &PublicKey) -> Result<String> {
    if signed.public_key != *key {
        bail!("it was signed with {}, which is another key", signed.public_key);
    }
    Ok("it was signed with the key that was given".to_owned())
}

fn rubric_here<'a>(signed: &SignedScorecard, rubric: Option<&'a Rubric>) -> Result<&'a Rubric> {
    let named = &signed.scorecard.rubric;
    rubric.with_context(|| {
        format!(
            "it was scored by {} {} (sha256 {}), which is none of the rubrics here; name its file \
             with --rubric",
            named.id, named.version, named.sha256
        )
    })
}

fn score(signed: &SignedScorecard, rubric: Option<&Rubric>) -> Result<String> {
    let (card, rubric) = (&signed.scorecard, rubric_here(signed, rubric)?);
    let again = card.recomputed(rubric)?;
    if again != *card {
        bail!(
            "the criteria come to {} ({}) by the rubric, and the scorecard says {} ({})",
            again.exact.as_deref().unwrap_or("no score"),
            again.level.as_deref().unwrap_or(&again.outcome),
            card.exact.as_deref().unwrap_or("no score"),
            card.level.as_deref().unwrap_or(&card.outcome),
        );
    }
    let count = card.criteria.len();
    Ok(format!("every number follows from the results of its {count} criteria by the rubric"))
}

/// Makes the pages anew; the file must be those bytes.
fn pages(
    signed: &SignedScorecard,
    rubric: Option<&Rubric>,
    language: Language,
    bytes: &[u8],
) -> Result<String> {
    let rubric = rubric_here(signed, rubric)?;
    let mut renderer = Renderer::new().context("preparing the fonts")?;
    let again = mizan_server::card::render_signed(&mut renderer, signed, rubric, language)?;
    if again != bytes {
        bail!(
            "made anew from the signed scorecard the document comes out otherwise: it was altered, or \
             made by another release of Mizan"
        );
    }
    Ok("made anew from the signed scorecard the document is the same, byte for byte".to_owned())
}

fn tell(verdict: &Verdict, key_given: bool) -> Result<()> {
    let version = verdict.version.map(|version| format!(", version {version}")).unwrap_or_default();
    let Verdict { centre, cycle, .. } = verdict;
    out::line(&format!("centre {centre}, cycle {cycle}{version}"))?;
    let score = verdict.score.as_deref().unwrap_or("none");
    out::line(&format!("score {score}, level {}", verdict.level.as_deref().unwrap_or("none")))?;
    for Check { name, holds, says } in &verdict.checks {
        out::line(&format!("{}  {name:<10} {says}", if *holds { "ok " } else { "NOT" }))?;
    }
    if !key_given {
        let key = verdict.public_key;
        out::line(&format!("signed with {key}; compare it with the key your programme publishes"))?;
    }
    Ok(())
}
