//! Tokenry's chores: `cargo xtask test`, `audit`, `bench`, `generate`, `package`, `screenshots`.
#![expect(clippy::print_stdout, reason = "a chore talks to the person at the terminal")]

mod audit;
mod bench;
mod command;
mod generate;
mod package;
mod report;
mod screenshots;
mod setup;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tokenry's chores.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check what ships for advisories, licences and banned crates.
    Audit,
    /// Measure against the floor and write the table to bench/results.
    Bench(bench::Arguments),
    /// Write the pages of docs/reference, as the code says.
    Generate,
    /// Build a Debian package of the release build in target/package.
    Package,
    /// Take pictures of every page, into docs/screenshots.
    Screenshots,
    /// Set up what the tests need, then run every test of the workspace.
    Test(test::Arguments),
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().chore {
        Chore::Audit => Ok(audit::run()),
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Generate => generate::run(),
        Chore::Package => package::run_all().map(|()| ExitCode::SUCCESS),
        Chore::Screenshots => screenshots::run_all(),
        Chore::Test(arguments) => test::run(&arguments),
    }
}
