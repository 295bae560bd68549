//! `cargo xtask bench`: each scenario against the floor, by CPU time per request, on one core each.
//!
//! The program under test is pinned to one core and wrk to another. Rounds alternate, so that whatever else the
//! machine does falls on both. Figures are medians; the one that counts is the ratio to the floor of the same run.

mod client;
mod contender;
mod data;
mod load;
mod noise;
mod result;
mod server;
mod token_sqlite;
mod whoami;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::ValueEnum;

use self::contender::Contender;
use self::result::Comparison;
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
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Scenario {
    /// The floor against itself: how far a ratio may be trusted.
    Noise,
    /// POST /oauth/token, client credentials, RS256, 100,000 clients in SQLite, durable audit.
    TokenSqlite,
    /// GET /whoami at an API behind the guard, with a JWT that it has seen before.
    Whoami,
}

impl Scenario {
    /// What it runs.
    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Noise => &["tokenry-bench-floor"],
            Self::TokenSqlite => &["tokenry", "tokenry-bench-floor", "tokenry-bench-seed"],
            Self::Whoami => &["timesheets-api", "tokenry", "tokenry-bench-floor"],
        }
    }
}

/// What stands at the head of a scenario's table, and what it must reach.
pub(crate) struct Description {
    name: &'static str,
    title: &'static str,
    /// What is held against the floor.
    subject: &'static str,
    goal: f64,
}

/// Two programs that answer the same requests.
pub(crate) struct Pair {
    ours: Contender,
    floor: Contender,
    /// What ours needs to run and is not measured.
    beside: Option<whoami::Dev>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    ensure!(
        std::thread::available_parallelism()?.get() >= 2,
        "a bench needs two cores: one for the program, one for wrk"
    );
    ensure!(arguments.rounds > 0 && arguments.seconds > 0, "a bench needs a round of a second at least");
    apt::ensure(&apt::FOR_BENCHES)?;
    let all = Scenario::value_variants();
    for scenario in if arguments.scenarios.is_empty() { all } else { &arguments.scenarios } {
        let packages = scenario.packages().iter().flat_map(|package| ["--package", package]);
        run_command(cargo().args(["build", "--release"]).args(packages))?;
        let result = compare(*scenario, arguments)?;
        println!("\n{}", result.to_markdown());
        println!("written to {}", result.write()?.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(scenario: Scenario, arguments: &Arguments) -> Result<Comparison> {
    let folder = tempfile::Builder::new().prefix("tokenry-bench-").tempdir()?;
    let (description, pair) = match scenario {
        Scenario::Noise => (noise::DESCRIPTION, noise::start(folder.path())?),
        Scenario::TokenSqlite => (token_sqlite::DESCRIPTION, token_sqlite::start(folder.path())?),
        Scenario::Whoami => (whoami::DESCRIPTION, whoami::start(folder.path())?),
    };
    let length = Duration::from_secs(arguments.seconds);
    let mut rounds = Vec::new();
    for round in 1..=arguments.rounds {
        println!("{}: round {round} of {}", description.name, arguments.rounds);
        rounds.push((pair.ours.measure(256, length)?, pair.floor.measure(256, length)?));
    }
    let quiet = (pair.ours.measure(16, length / 2)?, pair.floor.measure(16, length / 2)?);
    let comparison = Comparison::new(description, &pair, rounds, quiet, folder.path())?;
    drop(pair.beside);
    Ok(comparison)
}
