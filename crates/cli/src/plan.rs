//! `mizan plan`: the visit plan of a problem as JSON, and whether a plan is the one its seed draws.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use mizan_planner::{Fault, NoPlan, Problem, formats, plan};

use crate::{failure, out};

/// Arguments of `mizan plan`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct PlanArgs {
    /// Centres, evaluators, policy and seed (JSON); `-` reads standard input
    #[arg(value_name = "PROBLEM.json", required = true)]
    problem: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw the plan again from its problem and seed, and compare every byte
    Verify {
        /// The problem with its seed, as published when the cycle closes
        #[arg(value_name = "PROBLEM.json")]
        problem: PathBuf,
        /// The plan as `mizan plan` printed it
        #[arg(value_name = "PLAN.json")]
        plan: PathBuf,
    },
}

/// Runs `mizan plan`.
pub(crate) fn run(args: &PlanArgs) -> Result<()> {
    match (&args.command, &args.problem) {
        (Some(Command::Verify { problem, plan }), _) => verify(problem, plan),
        (None, Some(problem)) => out::line(&drawn(problem, &read_problem(problem)?)?),
        (None, None) => Err(failure::Misuse("give PROBLEM.json".into()).into()),
    }
}

/// The plan as it is printed.
fn drawn(file: &Path, problem: &Problem) -> Result<String> {
    let plan = plan(problem).map_err(|none| match none {
        NoPlan::Faulty(faults) => told(file, &faults),
        NoPlan::Clash(clash) => anyhow::anyhow!("{}: {clash}", file.display()),
    })?;
    let json = formats::written(problem, &plan).context("predicting errors of severity")?;
    serde_json::to_string_pretty(&json).context("writing the plan as JSON")
}

fn verify(problem_file: &Path, plan_file: &Path) -> Result<()> {
    let problem = read_problem(problem_file)?;
    let text = read(plan_file)?;
    let given = formats::read_plan(&text).map_err(|faults| told(plan_file, &faults))?;
    let (name, plan_name) = (problem_file.display(), plan_file.display());
    if given.commitment.seed_sha256 != problem.seed.commitment() {
        anyhow::bail!("{plan_name}: the seed in {name} is not the one whose hash was published");
    }
    if given.commitment.problem_sha256 != formats::problem_digest(&problem) {
        anyhow::bail!("{plan_name}: {name} is not the problem whose hash was published");
    }
    let drawn = drawn(problem_file, &problem)?;
    if drawn.trim_end() != text.trim_end() {
        let line = drawn.lines().zip(text.lines()).position(|(one, other)| one != other);
        let line = line.unwrap_or_else(|| drawn.lines().count().min(text.lines().count()));
        anyhow::bail!("{plan_name}:{}: the seed draws another plan from here on", line + 1);
    }
    out::line(&format!(
        "{plan_name}: {} visits, drawn from the seed {} as committed",
        given.visits.len(),
        given.commitment.seed_sha256
    ))
}

fn read_problem(file: &Path) -> Result<Problem> {
    formats::read_problem(&read(file)?).map_err(|faults| told(file, &faults))
}

fn read(file: &Path) -> Result<String> {
    if file.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin()).context("reading standard input");
    }
    std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

fn told(file: &Path, faults: &[Fault]) -> anyhow::Error {
    let faults: Vec<String> =
        faults.iter().map(|fault| format!("{}: {fault}", file.display())).collect();
    failure::report(&faults)
}
