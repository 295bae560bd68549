//! The steps of a chore: each is timed, and a table of them ends the run.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

/// What each step came to.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    step: &'static str,
    failure: Option<String>,
    took: Duration,
}

impl Report {
    /// Runs a step; a failure is told and remembered, and the next step still runs.
    pub(crate) fn step(&mut self, step: &'static str, work: impl FnOnce() -> Result<()>) {
        let _ = self.require(step, work);
    }

    /// Runs a step that later ones build upon; `None` when it failed.
    pub(crate) fn require<T>(&mut self, step: &'static str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("\n── {step}");
        let start = Instant::now();
        let outcome = work();
        let failure = outcome.as_ref().err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            println!("{step} failed: {failure}");
        }
        self.rows.push(Row { step, failure, took: start.elapsed() });
        outcome.ok()
    }

    /// Prints the table; success only if every step was one.
    pub(crate) fn finish(&self) -> ExitCode {
        println!("\n{}", self.table());
        if self.rows.iter().all(|row| row.failure.is_none()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.step.chars().count()).max().unwrap_or_default();
        let lines = self.rows.iter().map(|row| {
            let outcome = row.failure.as_deref().map_or("ok", |failure| first_line(failure));
            format!("{:<width$}  {:>7.1} s  {outcome}", row.step, row.took.as_secs_f64())
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failed_step_fails_the_run_and_later_steps_still_run() {
        let mut report = Report::default();
        let mut ran = false;
        report.step("breaks", || bail!("no disk\nmore about it"));
        report.step("still runs", || {
            ran = true;
            Ok(())
        });
        assert!(ran);
        assert_eq!(format!("{:?}", report.finish()), format!("{:?}", ExitCode::FAILURE));
        let table = report.table();
        assert!(table.starts_with("breaks          0.0 s  no disk\nstill runs"), "{table}");
    }

    #[test]
    fn steps_that_all_pass_are_a_success() {
        let mut report = Report::default();
        assert_eq!(report.require("number", || Ok(7)), Some(7));
        assert_eq!(format!("{:?}", report.finish()), format!("{:?}", ExitCode::SUCCESS));
    }
}
