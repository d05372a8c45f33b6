//! The `mizan` command: parses its arguments, runs one subcommand, maps errors to exit codes.
//!
//! Results go to stdout, messages to stderr; 0 is success, 1 a domain error, 2 misuse.

mod admin;
mod audit;
mod client;
mod demo;
mod device;
mod failure;
mod out;
mod plan;
mod progress;
mod rubric;
mod score;
mod scorecard;
mod secret;
mod serve;
mod shipped;
mod stats;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::{Misuse, Reported};

/// Mizan (ميزان): evaluation of government service centres.
#[derive(Debug, Parser)]
#[command(name = "mizan", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check rubric files, or print one as a readable guide
    Rubric(rubric::RubricArgs),
    /// Score a centre's evaluations
    Score(score::ScoreArgs),
    /// Measures of agreement, severity and uncertainty from tables
    Stats(stats::StatsArgs),
    /// Plan the visits of a cycle, or draw a plan again to compare
    Plan(plan::PlanArgs),
    /// Make the PDFs of scorecards
    Scorecard(scorecard::ScorecardArgs),
    /// Check that a published scorecard is genuine and whole, and that its score follows
    Verify(verify::VerifyArgs),
    /// Run the central server
    Serve(serve::ServeArgs),
    /// The evaluator's device without a window
    Device(device::DeviceArgs),
    /// Keep accounts, agencies, centres and cycles
    Admin(admin::AdminArgs),
    /// Take the audit out of a server, or check one that was taken out
    Audit(audit::AuditArgs),
    /// Run a whole cycle for real: server, devices, review, decision, publication
    Demo(demo::DemoArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Rubric(args) => rubric::run(args),
        Command::Score(args) => score::run(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Scorecard(args) => scorecard::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Device(args) => device::run(args),
        Command::Admin(args) => admin::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Demo(args) => demo::run(&args),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    if !error.is::<Reported>() {
        eprintln!("mizan: {}", failure::chain(&error));
    }
    ExitCode::from(if error.is::<Misuse>() { 2 } else { 1 })
}
