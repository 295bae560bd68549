//! Tokenry's chores: `cargo xtask test`, `cargo xtask audit`, `cargo xtask bench`, `cargo xtask generate`.
#![expect(clippy::print_stdout, reason = "a chore talks to the person at the terminal")]

mod audit;
mod bench;
mod command;
mod generate;
mod report;
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
    /// Set up what the tests need, then run every test of the workspace.
    Test(test::Arguments),
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().chore {
        Chore::Audit => Ok(audit::run()),
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Generate => generate::run(),
        Chore::Test(arguments) => test::run(&arguments),
    }
}
