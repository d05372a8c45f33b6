//! `mizan rubric`: check files, or print one as the guide an evaluator reads.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use mizan_domain::exact::Exact;
use mizan_domain::rubric::{Criterion, EvidenceNeed, Measure, Pillar, Rubric};
use mizan_domain::scale::Scale;
use mizan_domain::text::Language;
use mizan_protocol::rubric::digest;
use serde_json::json;

use crate::failure::Reported;
use crate::{out, shipped};

/// Arguments of `mizan rubric`.
#[derive(Debug, Args)]
pub(crate) struct RubricArgs {
    #[command(subcommand)]
    command: RubricCommand,
}

#[derive(Debug, Subcommand)]
enum RubricCommand {
    /// Report every fault of rubric files; exit 1 when there is one
    Check {
        /// Rubric files (TOML)
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a rubric as a readable guide
    Show {
        /// The rubric file (TOML)
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The language
        #[arg(long, default_value = "ar", value_parser = ["ar", "en"])]
        lang: String,
        /// Print the rubric as JSON, in both languages
        #[arg(long)]
        json: bool,
    },
}

/// Runs `mizan rubric`.
pub(crate) fn run(args: RubricArgs) -> Result<()> {
    match args.command {
        RubricCommand::Check { files, json } => check(&files, json),
        RubricCommand::Show { file, lang, json } => {
            let rubric = shipped::read(&file)?;
            if json {
                return out::json(&mizan_protocol::rubric::to_json(&rubric));
            }
            let language = Language::from_code(&lang).unwrap_or(Language::Arabic);
            out::line(guide(&rubric, language).trim_end())
        }
    }
}

fn check(files: &[PathBuf], as_json: bool) -> Result<()> {
    let mut fine = true;
    let mut results = Vec::new();
    for file in files {
        let name = file.display().to_string();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                fine = false;
                eprintln!("{name}: cannot be read: {error}");
                results.push(json!({ "file": name, "unreadable": error.to_string() }));
                continue;
            }
        };
        match Rubric::from_toml(&text) {
            Ok(rubric) if as_json => results.push(summary_json(&name, &rubric)),
            Ok(rubric) => out::line(&summary(&name, &rubric))?,
            Err(faults) => {
                fine = false;
                faults.iter().for_each(|fault| eprintln!("{}", shipped::located(&name, fault)));
                let faults: Vec<_> = faults
                    .iter()
                    .map(|fault| {
                        let problem = fault.problem.to_string();
                        json!({ "line": fault.line, "path": fault.path, "problem": problem })
                    })
                    .collect();
                results.push(json!({ "file": name, "faults": faults }));
            }
        }
    }
    if as_json {
        out::json(&results)?;
    }
    if fine { Ok(()) } else { Err(Reported.into()) }
}

fn summary(file: &str, rubric: &Rubric) -> String {
    format!(
        "{file}: {} {}, {} pillars, {} criteria, sha256 {}",
        rubric.id(),
        rubric.version(),
        rubric.pillars().len(),
        rubric.criteria().count(),
        digest(rubric)
    )
}

fn summary_json(file: &str, rubric: &Rubric) -> serde_json::Value {
    json!({
        "file": file,
        "id": rubric.id(),
        "version": rubric.version(),
        "pillars": rubric.pillars().len(),
        "criteria": rubric.criteria().count(),
        "sha256": digest(rubric),
    })
}

/// The words of the guide, by language.
struct Words {
    version: &'static str,
    weight: &'static str,
    visits: &'static str,
    unannounced: &'static str,
    scheduled: &'static str,
    scale: &'static str,
    evidence: &'static str,
    required: &'static str,
    optional: &'static str,
    critical: &'static str,
    basic: &'static str,
    measured: &'static str,
    comma: &'static str,
}

const ARABIC: Words = Words {
    version: "الإصدار",
    weight: "الوزن",
    visits: "الزيارات",
    unannounced: "سرية",
    scheduled: "مجدولة",
    scale: "سلّم التقدير",
    evidence: "دليل الإثبات",
    required: "إلزامي",
    optional: "اختياري",
    critical: "معيار حرج",
    basic: "معيار أساسي",
    measured: "يُقاس من السجل الزمني",
    comma: "، ",
};
const ENGLISH: Words = Words {
    version: "Version",
    weight: "weight",
    visits: "visits",
    unannounced: "unannounced",
    scheduled: "scheduled",
    scale: "scale",
    evidence: "evidence",
    required: "required",
    optional: "optional",
    critical: "critical",
    basic: "basic",
    measured: "measured",
    comma: ", ",
};

/// The whole guide as text.
fn guide(rubric: &Rubric, language: Language) -> String {
    let words = match language {
        Language::Arabic => &ARABIC,
        Language::English => &ENGLISH,
    };
    let mut text = String::new();
    let _ = writeln!(text, "{}", rubric.title().get(language));
    let _ = writeln!(text, "{} {} · {}", words.version, rubric.version(), rubric.id());
    let levels: Vec<String> = rubric
        .levels()
        .iter()
        .map(|level| format!("{} {}", level.name.get(language), level.min_score.to_decimal()))
        .collect();
    let _ = writeln!(text, "{}", levels.join(" · "));
    for pillar in rubric.pillars() {
        write_pillar(&mut text, pillar, language, words);
    }
    text
}

fn write_pillar(text: &mut String, pillar: &Pillar, language: Language, words: &Words) {
    let name = pillar.name.get(language);
    let heading =
        format!("{}  {name} ({} {})", pillar.id, words.weight, pillar.weight.to_decimal());
    let _ = writeln!(text, "\n{heading}\n{}", "═".repeat(heading.chars().count()));
    for criterion in &pillar.criteria {
        write_criterion(text, criterion, language, words);
    }
}

fn write_criterion(text: &mut String, criterion: &Criterion, language: Language, words: &Words) {
    let _ = writeln!(text, "\n{}  {}", criterion.id, criterion.name.get(language));
    let mut facts = vec![
        format!("{} {}", words.weight, criterion.weight.to_decimal()),
        format!("{}: {}", words.visits, visits(criterion, words)),
        format!("{}: {}", words.scale, scale(&criterion.scale, language)),
    ];
    facts.extend(criterion.measure.as_ref().map(|of| measured(of, words)));
    let need = match criterion.evidence.need {
        EvidenceNeed::None => None,
        EvidenceNeed::Optional => Some(words.optional),
        EvidenceNeed::Required => Some(words.required),
    };
    if let Some(need) = need {
        let kinds: Vec<&str> = criterion.evidence.kinds.iter().map(|kind| kind.word()).collect();
        facts.push(format!("{} {need} ({})", words.evidence, kinds.join(words.comma)));
    }
    if let Some(effect) = criterion.critical {
        facts.push(format!("{} ({})", words.critical, effect.word()));
    }
    if criterion.basic {
        facts.push(words.basic.to_owned());
    }
    let _ = writeln!(text, "    {}", facts.join(" · "));
    let _ = writeln!(text, "    {}", criterion.guidance.get(language));
    for (step, anchor) in criterion.anchors.iter().enumerate() {
        let step = step_name(&criterion.scale, step, language);
        let _ = writeln!(text, "      {step}: {}", anchor.get(language));
    }
}

/// The moments a time runs between, by the words they are noted under.
fn measured(measure: &Measure, words: &Words) -> String {
    let span = format!("{} → {}", measure.from(), measure.to());
    match measure.channel() {
        Some(channel) => format!("{}: {channel} {span}", words.measured),
        None => format!("{}: {span}", words.measured),
    }
}

fn visits(criterion: &Criterion, words: &Words) -> String {
    use mizan_domain::rubric::VisitKind;
    let word = |kind: &VisitKind| match kind {
        VisitKind::Unannounced => words.unannounced,
        VisitKind::Scheduled => words.scheduled,
    };
    criterion.visits.iter().map(word).collect::<Vec<_>>().join(words.comma)
}

/// A scale in a few words.
pub(crate) fn scale(scale: &Scale, language: Language) -> String {
    let arabic = language == Language::Arabic;
    let decimal = Exact::to_decimal;
    match scale {
        Scale::YesNo if arabic => "نعم / لا".into(),
        Scale::YesNo => "yes / no".into(),
        Scale::MetPartlyNot if arabic => "مستوفى / مستوفى جزئياً / غير مستوفى".into(),
        Scale::MetPartlyNot => "met / partly / not".into(),
        Scale::Level0To5 if arabic => "من 0 إلى 5".into(),
        Scale::Level0To5 => "0 to 5".into(),
        Scale::Timed { unit, full_at, zero_at } => {
            let (full, zero, unit) = (decimal(full_at), decimal(zero_at), unit.word());
            if arabic {
                format!("زمن ({unit}): الدرجة كاملة حتى {full}، وصفر من {zero}")
            } else {
                format!("time in {unit}: full mark up to {full}, zero from {zero}")
            }
        }
        Scale::Percent { target } if arabic => format!("نسبة مئوية، المستهدف {}%", decimal(target)),
        Scale::Percent { target } => format!("percentage, target {}%", decimal(target)),
        Scale::Maturity if arabic => "مستوى النضج".into(),
        Scale::Maturity => "maturity".into(),
    }
}

/// The name of a step of a scale, for its anchor.
fn step_name(scale: &Scale, step: usize, language: Language) -> String {
    let steps: &[(&str, &str)] = match scale {
        Scale::YesNo => &[("نعم", "yes"), ("لا", "no")],
        Scale::MetPartlyNot => {
            &[("مستوفى", "met"), ("مستوفى جزئياً", "partly"), ("غير مستوفى", "not")]
        }
        Scale::Maturity => &[
            ("لا يوجد", "none"),
            ("أساسي", "basic"),
            ("نامٍ", "developing"),
            ("ناضج", "maturing"),
            ("رائد", "leading"),
        ],
        Scale::Level0To5 | Scale::Timed { .. } | Scale::Percent { .. } => &[],
    };
    match (steps.get(step), language) {
        (Some((ar, _)), Language::Arabic) => (*ar).to_owned(),
        (Some((_, en)), Language::English) => (*en).to_owned(),
        (None, _) => step.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_names_every_criterion_with_its_guidance_in_both_languages() {
        for rubric in shipped::rubrics().unwrap() {
            for language in Language::ALL {
                let text = guide(&rubric, language);
                for criterion in rubric.criteria() {
                    assert!(text.contains(criterion.guidance.get(language)), "{}", criterion.id);
                    assert!(criterion.anchors.iter().all(|a| text.contains(a.get(language))));
                    let measure = criterion.measure.as_ref();
                    let span = measure.map(|of| format!("{} → {}", of.from(), of.to()));
                    assert!(span.is_none_or(|span| text.contains(&span)), "{}", criterion.id);
                }
            }
        }
    }
}
