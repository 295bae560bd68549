//! `cargo xtask bench`: each scenario by CPU time per request, most of them against the floor, on one core each.
//!
//! The program under test is pinned to one core and wrk to another. Rounds alternate, so that whatever else the
//! machine does falls on both. Figures are medians; the one that counts is the ratio to the floor of the same run. A
//! scenario that fails is said to have failed, and the others go on.

mod client;
mod cold_start;
mod contender;
mod data;
mod growth;
mod introspect;
mod isolation;
mod load;
mod memory;
mod noise;
mod refresh;
mod report;
mod result;
mod rival;
mod scenario;
mod seed;
mod server;
mod token;
mod tokenry;
mod whoami;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::ValueEnum as _;

use self::contender::Contender;
use self::report::Summary;
use self::result::Comparison;
pub(crate) use self::scenario::Scenario;
use self::seed::Seeded;
use crate::command::{cargo, run as run_command};
use crate::setup::apt;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to measure; everything when none is named.
    scenarios: Vec<Scenario>,
    /// Alternating rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of load in one round, for each of the two.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
}

/// What stands at the head of a scenario's table, and what it must reach.
#[derive(Clone)]
pub(crate) struct Description {
    name: &'static str,
    title: String,
    /// What is held against the other.
    subject: &'static str,
    other: &'static str,
    /// Requests per core-second as a multiple of the other's; nothing where there is nothing to reach.
    goal: Option<f64>,
}

/// Two programs that answer the same requests.
pub(crate) struct Pair {
    ours: Contender,
    floor: Contender,
    /// What they need to run and is not measured.
    beside: Vec<Box<dyn std::any::Any>>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    ensure!(
        std::thread::available_parallelism()?.get() >= 2,
        "a bench needs two cores: one for the program, one for wrk"
    );
    ensure!(arguments.rounds > 0 && arguments.seconds > 0, "a bench needs a round of a second at least");
    apt::ensure(&apt::FOR_BENCHES)?;
    let programs = ["tokenry", "timesheets-api", "tokenry-bench-floor", "tokenry-bench-seed"];
    let packages = programs.iter().flat_map(|package| ["--package", package]);
    run_command(cargo().args(["build", "--release"]).args(packages))?;
    let all = Scenario::value_variants();
    let scenarios = if arguments.scenarios.is_empty() { all } else { &arguments.scenarios };
    let mut seeded = Seeded::new()?;
    let mut summary = Summary::default();
    for scenario in scenarios {
        match scenario.measure(arguments, &mut seeded) {
            Ok(report) => {
                println!("\n{}", report.text);
                println!("written to {}", report.write()?.display());
                summary.add(report.row);
            }
            Err(error) => {
                println!("{}: {error:#}", scenario.name());
                summary.failed(scenario.name(), &error);
            }
        }
    }
    println!("\n{}", summary.to_markdown()?);
    if scenarios.len() == all.len() {
        println!("written to {}", summary.write()?.display());
    }
    Ok(if summary.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Rounds of the one and the other, then both at 16 connections.
pub(crate) fn compare(description: &Description, pair: Pair, arguments: &Arguments) -> Result<Comparison> {
    let Pair { ours, floor, beside } = pair;
    let length = Duration::from_secs(arguments.seconds);
    let mut rounds = Vec::new();
    for round in 1..=arguments.rounds {
        println!("{}: round {round} of {}", description.name, arguments.rounds);
        rounds.push((ours.measure(256, length)?, floor.measure(256, length)?));
    }
    let quiet = (ours.measure(16, length / 2)?, floor.measure(16, length / 2)?);
    let comparison = Comparison::new(description.clone(), (&ours, &floor), rounds, quiet)?;
    drop((ours, floor));
    drop(beside);
    Ok(comparison)
}
