//! `mizan scorecard`: scorecards as PDFs, one for each language, many at once over all cores.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use mizan_domain::rubric::Rubric;
use mizan_domain::text::Language;
use mizan_protocol::score::ScorecardJson;
use mizan_report::Renderer;

use crate::progress::Progress;
use crate::score::json_fault;
use crate::{failure, out, shipped};

/// Arguments of `mizan scorecard`.
#[derive(Debug, Args)]
pub(crate) struct ScorecardArgs {
    /// Scorecards as `mizan score` writes them: one a file, or one a line
    #[arg(required = true, value_name = "SCORECARD.json")]
    files: Vec<PathBuf>,
    /// The languages
    #[arg(long, value_delimiter = ',', default_value = "ar,en", value_parser = ["ar", "en"])]
    lang: Vec<String>,
    /// The folder for the PDFs; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Rubric files, for scorecards of other rubrics than the two that ship with Mizan
    #[arg(long, value_name = "FILE")]
    rubric: Vec<PathBuf>,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

/// A scorecard with the place it was read from.
struct Found {
    place: String,
    scorecard: ScorecardJson,
}

/// Runs `mizan scorecard`.
pub(crate) fn run(args: &ScorecardArgs) -> Result<()> {
    let mut rubrics = shipped::rubrics()?;
    for file in &args.rubric {
        rubrics.push(shipped::read(file)?);
    }
    let found = read_all(&args.files)?;
    let faults = faults(&found, &rubrics);
    if !faults.is_empty() {
        return Err(failure::report(&faults));
    }
    let mut languages: Vec<Language> =
        args.lang.iter().filter_map(|code| Language::from_code(code)).collect();
    languages.sort_unstable();
    languages.dedup();
    std::fs::create_dir_all(&args.out).with_context(|| format!("making {}", args.out.display()))?;
    let written = render_all(&found, &rubrics, &languages, &args.out)?;
    match args.json {
        true => out::json(&written),
        false => written.iter().try_for_each(|path| out::line(&path.display().to_string())),
    }
}

fn read_all(files: &[PathBuf]) -> Result<Vec<Found>> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
        let before = found.len();
        let stream = serde_json::Deserializer::from_str(&text).into_iter();
        for scorecard in stream {
            match scorecard {
                Ok(scorecard) => found.push(Found { place: name.clone(), scorecard }),
                Err(error) => {
                    faults.push(json_fault(&name, &error));
                    break;
                }
            }
        }
        if found.len() == before && faults.is_empty() {
            faults.push(format!("{name}: holds no scorecard; `mizan score` writes one"));
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(failure::report(&faults)) }
}

/// What keeps the scorecards from being rendered, all of it.
fn faults(found: &[Found], rubrics: &[Rubric]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut places: BTreeMap<String, &str> = BTreeMap::new();
    for Found { place, scorecard } in found {
        let code = scorecard.centre.as_str();
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if code.is_empty() || code.starts_with('.') || !code.chars().all(fits) {
            faults.push(format!(
                "{place}: the centre's code `{code}` cannot name a file; use letters, digits, - and _"
            ));
        }
        // Some file systems do not tell upper from lower case.
        if let Some(earlier) = places.insert(code.to_lowercase(), place) {
            faults.push(format!(
                "{place}: centre {code} stands in {earlier} already; its PDFs would overwrite each \
                 other, render them to different folders"
            ));
        }
        let named = &scorecard.rubric;
        if shipped::find(rubrics, named.sha256).is_none() {
            faults.push(format!(
                "{place}: centre {code} was scored by {} {} (sha256 {}), which is none of the rubrics \
                 here; name its file with --rubric",
                named.id, named.version, named.sha256
            ));
        }
    }
    faults
}

/// Renders over all cores; the first error ends the work of all.
fn render_all(
    found: &[Found],
    rubrics: &[Rubric],
    languages: &[Language],
    folder: &Path,
) -> Result<Vec<PathBuf>> {
    let next = AtomicUsize::new(0);
    let written = Mutex::new(vec![None; found.len() * languages.len()]);
    let progress = Progress::quiet("scorecards", found.len());
    let work = || -> Result<()> {
        let mut renderer = Renderer::new().context("preparing the fonts")?;
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = found.get(place) else { return Ok(()) };
            for (at, language) in languages.iter().enumerate() {
                let path = render(&mut renderer, item, rubrics, *language, folder)
                    .inspect_err(|_| next.store(found.len(), Ordering::Relaxed))?;
                let mut written = written.lock().map_err(|_| anyhow!("another core failed"))?;
                written[place * languages.len() + at] = Some(path);
            }
            progress.step();
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(found.len());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(anyhow!("a core failed while rendering")))
        })
    })?;
    progress.finish_if_long();
    let written = written.into_inner().map_err(|_| anyhow!("a core failed while rendering"))?;
    Ok(written.into_iter().flatten().collect())
}

fn render(
    renderer: &mut Renderer,
    item: &Found,
    rubrics: &[Rubric],
    language: Language,
    folder: &Path,
) -> Result<PathBuf> {
    let Found { place, scorecard } = item;
    let what = || format!("{place}: rendering centre {} in {language}", scorecard.centre);
    let rubric = shipped::find(rubrics, scorecard.rubric.sha256).with_context(what)?;
    let rendered = mizan_server::card::render(renderer, scorecard, rubric, language);
    let pdf = rendered.with_context(what)?;
    let path = folder.join(format!("{}-{language}.pdf", scorecard.centre));
    replace(&path, &pdf).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// Writes a file so that a reader finds the old one or the new one, never a part.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let write = || {
        let mut file = std::fs::File::create(&partial)?;
        file.write_all(bytes)?;
        std::fs::rename(&partial, path)
    };
    write().inspect_err(|_| {
        // The error tells what failed; a part that cannot be removed is overwritten next time.
        let _ = std::fs::remove_file(&partial);
    })
}
