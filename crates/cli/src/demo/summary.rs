//! What the demo prints at its end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use mizan_protocol::api::CentreResult;

use super::actions::Kept;
use super::appeals::Heard;
use super::field::OfflineWork;
use super::folder::Folder;
use super::history::Past;
use super::leak::Search;
use super::names::EvaluatorName;
use super::planted;
use super::programme::Programme;
use super::review::Reviewed;

/// All that the demo came to.
pub(super) struct Whole<'a> {
    pub(super) programme: &'a Programme,
    /// The past cycles, the first of them first.
    pub(super) past: &'a [Past],
    /// What the centres did since, where there is a past to compare it with.
    pub(super) replies: Option<&'a Replies>,
    pub(super) results: &'a [CentreResult],
    pub(super) work: &'a OfflineWork,
    pub(super) reviewed: &'a Reviewed,
    pub(super) search: &'a Search,
    pub(super) pdfs: usize,
    pub(super) folder: &'a Folder,
    pub(super) seed: u64,
    pub(super) took: Duration,
}

/// What the centres did after publication.
pub(super) struct Replies {
    pub(super) appeals: Vec<Heard>,
    pub(super) actions: Kept,
}

/// The summary as text.
pub(super) fn text(whole: &Whole<'_>) -> String {
    let mut text = String::new();
    table(&mut text, whole);
    levels(&mut text, whole);
    let Whole { programme, work, reviewed, search, .. } = whole;
    let visits = programme.visits.len();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12}{value}");
    };
    line(
        "visits",
        format!("{visits} scored offline, {} answers, {} files", work.answers, work.files),
    );
    line("crash", format!("{} acknowledged answers before SIGKILL, 0 lost", work.survived));
    line(
        "review",
        format!(
            "{} validated, {} returned (revision 2), critical hits: {} confirmed, {} dismissed",
            reviewed.validated, reviewed.returned, reviewed.confirmed, reviewed.dismissed
        ),
    );
    line("scores", format!("{} of {} recomputed alike", whole.results.len(), whole.results.len()));
    line(
        "secrecy",
        format!(
            "{} traces of evaluators, devices, planned visits or briefs in {} bytes sent to managers \
             ({} unpacked, {} forms searched)",
            search.found.len(),
            search.bytes,
            search.searched,
            search.forms
        ),
    );
    if let Some(replies) = whole.replies {
        for (name, value) in history(whole, replies) {
            line(name, value);
        }
    }
    line("PDFs", format!("{} in {}", whole.pdfs, whole.folder.scorecards().display()));
    line("received", whole.folder.manager_responses().display().to_string());
    line("seed", whole.seed.to_string());
    line("time", format!("{:.1} s", whole.took.as_secs_f64()));
    text
}

/// What there is to look at in past cycles, and in the present one beside them.
fn history(whole: &Whole<'_>, replies: &Replies) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    for past in whole.past {
        let Past { number, version, answers, mean, actions, .. } = past;
        let visits = past.visits.len();
        lines.push((
            "past",
            format!(
                "cycle {number}: closed, rubrics {version}, {visits} visits, {answers} answers, mean {mean:.1}; \
                 {} actions, {} done; appeals {}",
                actions.owned,
                actions.done,
                appeals(&past.appeals)
            ),
        ));
    }
    let Kept { owned, .. } = replies.actions;
    let number = whole.programme.term.number;
    lines.push((
        "present",
        format!("cycle {number}: {owned} actions; appeals {}", appeals(&replies.appeals)),
    ));
    for past in whole.past.iter().filter(|past| past.planted) {
        let severe: Vec<String> = planted::severe().map(named).collect();
        lines.push((
            "planted",
            format!(
                "cycle {} alone: {} are severe, {} copies from visit to visit",
                past.number,
                severe.join(" and "),
                named(planted::copying())
            ),
        ));
    }
    lines
}

fn named(evaluator: &EvaluatorName) -> String {
    format!("{} ({})", evaluator.user, evaluator.name.1)
}

fn appeals(heard: &[Heard]) -> String {
    let told =
        |appeal: &Heard| format!("{} {} {}", appeal.centre, appeal.criterion, appeal.fate.told());
    match heard {
        [] => "none".to_owned(),
        heard => heard.iter().map(told).collect::<Vec<_>>().join(", "),
    }
}

fn table(text: &mut String, whole: &Whole<'_>) {
    let width = |part: fn(&CentreResult) -> usize| {
        whole.results.iter().map(part).max().unwrap_or(0).min(60)
    };
    let name_width = width(|result| result.centre.name.en.chars().count());
    let _ = writeln!(
        text,
        "{:<7}{:<name_width$}  {:<10}{:>6}{:>10}  level",
        "code", "centre", "model", "score", "coverage"
    );
    for result in whole.results {
        let card = &result.scorecard;
        let name: String = shortened(&result.centre.name.en, name_width);
        let _ = writeln!(
            text,
            "{:<7}{name:<name_width$}  {:<10}{:>6}{:>10}  {}",
            result.centre.code,
            result.centre.model,
            card.score.as_deref().unwrap_or("–"),
            card.coverage,
            level(whole, result)
        );
    }
}

fn shortened(name: &str, width: usize) -> String {
    match name.chars().count() > width {
        true => name.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// The level with what the committee or a critical hit did to it.
fn level(whole: &Whole<'_>, result: &CentreResult) -> String {
    let card = &result.scorecard;
    let mut text = card.level.clone().unwrap_or_else(|| card.outcome.clone());
    for hit in &card.critical {
        let ruling = if hit.confirmed { "confirmed" } else { "dismissed" };
        let _ = write!(text, " ({} {} {ruling})", hit.effect, hit.criterion);
    }
    let centre = whole.programme.centres.iter().find(|centre| centre.id == result.centre.id);
    let moderation = centre.and_then(|centre| super::publish::moderation(centre, card));
    if let Some(decided) = moderation.and_then(|moderation| moderation.level) {
        let _ = write!(text, " → committee: {decided}");
    }
    text
}

fn levels(text: &mut String, whole: &Whole<'_>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for result in whole.results {
        let card = &result.scorecard;
        *counts.entry(card.level.as_deref().unwrap_or(&card.outcome)).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().map(|(level, count)| format!("{level} {count}")).collect();
    let _ = writeln!(text, "\ncomputed    {}", counts.join(" · "));
}
