//! `mizan score`: evaluations of one centre in, its scorecard or the explanation of it out.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use mizan_domain::evaluation::Evaluation;
use mizan_domain::explain::explain;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scoring::score;
use mizan_protocol::explanation::ExplanationJson;
use mizan_protocol::score::{BadEvaluation, EvaluationJson, ScoreRequest, ScorecardJson};

use crate::{failure, out, shipped};

/// Arguments of `mizan score`.
#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// The rubric file (TOML)
    #[arg(long, value_name = "FILE")]
    rubric: PathBuf,
    /// The evaluations of one centre (JSON); `-` reads standard input
    #[arg(value_name = "EVALUATIONS.json")]
    evaluations: PathBuf,
    /// Print how each number came about instead of the scorecard
    #[arg(long)]
    explain: bool,
    /// Print JSON; it is the only form, so this changes nothing
    #[arg(long)]
    json: bool,
}

/// Runs `mizan score`.
pub(crate) fn run(args: &ScoreArgs) -> Result<()> {
    let rubric = shipped::read(&args.rubric)?;
    let request = read_request(&args.evaluations)?;
    let name = args.evaluations.display();
    let evaluations = readable(&request.evaluations);
    let confirmed = &request.confirmed_critical;
    let scored = score(&rubric, &evaluations.found, confirmed);
    let faults: Vec<String> = evaluations
        .faults
        .iter()
        .map(ToString::to_string)
        .chain(scored.as_ref().err().into_iter().flatten().map(ToString::to_string))
        .map(|fault| format!("{name}: {fault}"))
        .collect();
    let Ok(scorecard) = scored else { return Err(failure::report(&faults)) };
    if !faults.is_empty() {
        return Err(failure::report(&faults));
    }
    if args.explain {
        return print_explanation(&rubric, &evaluations.found, confirmed);
    }
    out::json(&ScorecardJson::new(&request.centre, &request.cycle, &rubric, &scorecard))
}

fn print_explanation(rubric: &Rubric, found: &[Evaluation], confirmed: &[String]) -> Result<()> {
    match explain(rubric, found, confirmed) {
        Ok(explanation) => out::json(&ExplanationJson::from(&explanation)),
        Err(faults) => Err(failure::report(&faults)),
    }
}

fn read_request(file: &Path) -> Result<ScoreRequest> {
    let name = file.display();
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).context("reading standard input")?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("reading {name}"))?
    };
    serde_json::from_str(&text).map_err(|error| anyhow::anyhow!("{}", json_fault(&name, &error)))
}

/// A JSON error as `FILE:LINE:COLUMN: problem`.
pub(crate) fn json_fault(file: impl std::fmt::Display, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    let problem = text.strip_suffix(&place).unwrap_or(&text);
    format!("{file}:{line}:{column}: {problem}")
}

struct Readable {
    found: Vec<Evaluation>,
    faults: Vec<BadEvaluation>,
}

/// The evaluations as far as they can be read, and every fault of the rest.
fn readable(evaluations: &[EvaluationJson]) -> Readable {
    let mut all = Readable { found: Vec::new(), faults: Vec::new() };
    for json in evaluations {
        let mut answers = Vec::new();
        for answer in &json.answers {
            match answer.to_raw() {
                Ok(raw) => answers.push((answer.criterion.clone(), raw)),
                Err(fault) => {
                    let evaluation = json.id.clone();
                    all.faults.push(BadEvaluation::Answer { evaluation, fault });
                }
            }
        }
        match VisitKind::from_word(&json.visit_kind) {
            Some(kind) => all.found.push(Evaluation { id: json.id.clone(), kind, answers }),
            None => all.faults.push(BadEvaluation::VisitKind {
                evaluation: json.id.clone(),
                kind: json.visit_kind.clone(),
            }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_every_evaluation_is_found_at_once() {
        let text = r#"[{"id":"a","visit_kind":"secret","answers":[{"criterion":"A1"}]},
            {"id":"b","visit_kind":"scheduled","answers":[{"criterion":"A2"},{"criterion":"A3","na":"x"}]}]"#;
        let evaluations: Vec<EvaluationJson> = serde_json::from_str(text).unwrap();
        let all = readable(&evaluations);
        assert_eq!(all.faults.len(), 3, "{:?}", all.faults);
        assert_eq!(all.found.len(), 1);
        assert_eq!(all.found[0].answers.len(), 1);
    }

    #[test]
    fn a_json_fault_names_file_line_and_column() {
        let error = serde_json::from_str::<ScoreRequest>("{\n \"evaluations\": 3}").unwrap_err();
        let text = json_fault("x.json", &error);
        assert!(text.starts_with("x.json:2:17: invalid type"), "{text}");
    }
}
