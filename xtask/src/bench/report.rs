//! What a scenario comes to: a text with all figures, and one row of the summary.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use tokenry_clock::{Clock, SystemClock};

use super::result::machine;
use crate::command::root;

/// What a scenario came to.
pub(crate) struct Report {
    pub(crate) text: String,
    pub(crate) row: Row,
}

/// A row of the summary.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) measured: String,
    pub(crate) goal: String,
    pub(crate) verdict: Verdict,
}

/// How what was measured stands to its goal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Failed,
    Missed,
    NoGoal,
    Reached,
}

impl Verdict {
    pub(crate) const fn of(reached: bool) -> Self {
        if reached { Self::Reached } else { Self::Missed }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Missed => "missed",
            Self::NoGoal => "",
            Self::Reached => "reached",
        }
    }
}

impl Report {
    /// Writes `bench/results/<date>-<name>.md`.
    pub(crate) fn write(&self) -> Result<PathBuf> {
        write(&self.row.name, &self.text)
    }
}

/// The rows of one run.
#[derive(Default)]
pub(crate) struct Summary(Vec<Row>);

impl Summary {
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    pub(crate) fn failed(&mut self, name: String, error: &anyhow::Error) {
        let what = format!("{error:#}").replace(['\n', '|'], " ");
        let (measured, goal) = (String::new(), String::new());
        self.0.push(Row { name, what, measured, goal, verdict: Verdict::Failed });
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.0.iter().any(|row| row.verdict == Verdict::Failed)
    }

    pub(crate) fn to_markdown(&self) -> Result<String> {
        let mut text = format!("# Speed, memory, scale\n\n{}\n\n", machine()?);
        text.push_str("| scenario | what | measured | goal | |\n|---|---|--:|--:|---|\n");
        for Row { name, what, measured, goal, verdict } in &self.0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "| `{name}` | {what} | {measured} | {goal} | {} |", verdict.as_str());
        }
        Ok(text)
    }

    /// Writes `bench/results/<date>-table.md`.
    pub(crate) fn write(&self) -> Result<PathBuf> {
        write("table", &self.to_markdown()?)
    }
}

fn write(name: &str, text: &str) -> Result<PathBuf> {
    let now = SystemClock.now().to_string();
    let date = now.split('T').next().unwrap_or_default();
    let folder = root().join("bench/results");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{date}-{name}.md"));
    fs::write(&file, text)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_that_failed_is_a_row_that_says_why() {
        let mut summary = Summary::default();
        let error = anyhow::anyhow!("refused").context("a | b\nc");
        summary.add(Row {
            name: "noise".to_owned(),
            what: "The floor".to_owned(),
            measured: "0.99 ×".to_owned(),
            goal: "≥ 0.97 ×".to_owned(),
            verdict: Verdict::of(true),
        });
        assert!(!summary.has_failed());
        summary.failed("whoami".to_owned(), &error);
        assert!(summary.has_failed());
        let text = summary.to_markdown().unwrap();
        assert!(text.contains("| `noise` | The floor | 0.99 × | ≥ 0.97 × | reached |"), "{text}");
        assert!(text.contains("| `whoami` | a   b c: refused |  |  | failed |"), "{text}");
    }
}
