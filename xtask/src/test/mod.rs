//! `cargo xtask test`: the set-up, the checks, every test of the workspace, and a table of it all.

mod leaks;
mod runner;

use std::process::ExitCode;

use anyhow::Result;

use crate::command::{cargo, run as run_command};
use crate::report::Report;
use crate::setup;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The loop for work: no clippy, no doc tests, smaller counts in the slow suites.
    #[arg(long)]
    quick: bool,
    /// Run only the tests whose name contains one of these, and no other check.
    filters: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut report = Report::default();
    let Some(mut environment) = setup::prepare(&mut report) else { return Ok(report.finish()) };
    let Some(server) = report.require("set-up: PostgreSQL", || Ok(tokenry_testpg::Server::start()?)) else {
        return Ok(report.finish());
    };
    environment.push((tokenry_testpg::VARIABLE, server.url().to_owned()));
    if arguments.quick {
        environment.push(("TOKENRY_TEST_QUICK", "1".to_owned()));
    }

    if arguments.filters.is_empty() {
        report.step("formatting", || run_command(cargo().args(["fmt", "--all", "--check"])));
    }
    if arguments.filters.is_empty() && !arguments.quick {
        report.step("clippy", || {
            run_command(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        });
    }
    report.step("tests", || {
        // Every test binary, without the doc tests.
        runner::run(
            cargo().args(["test", "--workspace", "--tests", "--no-fail-fast"]).envs(environment.clone()),
            &arguments.filters,
        )
    });
    report.step("no secret in PostgreSQL's files", || leaks::search(&server));
    if arguments.filters.is_empty() && !arguments.quick {
        report.step("doc tests", || {
            runner::run(
                cargo().args(["test", "--workspace", "--doc", "--no-fail-fast"]).envs(environment.clone()),
                &[],
            )
        });
    }
    Ok(report.finish())
}
