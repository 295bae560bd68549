//! The report: a line for each thing that was looked at, and below it what to do.

use std::io::{IsTerminal as _, stdout};

use super::finding::{Finding, Status};
use crate::cli::Global;
use crate::env;
use crate::failure::Result;
use crate::output::{Format, visible, write_out};

/// Writes the findings to stdout.
pub(super) fn print(findings: &[Finding], global: &Global) -> Result {
    match global.output {
        Format::Json | Format::Yaml => {
            let things: Vec<_> = findings.iter().map(Finding::thing).collect();
            global.output.list(&[], &things)
        }
        Format::Table => {
            let coloured = stdout().is_terminal() && env::read(env::NO_COLOR).is_none();
            write_out(&text(findings, coloured))
        }
    }
}

fn text(findings: &[Finding], coloured: bool) -> String {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let mut out = String::new();
    for Finding { check, status, finding, fix } in findings {
        let word = format!("{:7}", status.word());
        let word = if coloured { format!("\u{1b}[{}m{word}\u{1b}[0m", colour(*status)) } else { word };
        out.push_str(&format!("{word}  {check:width$}  {}\n", one_line(finding)));
        if let Some(fix) = fix {
            out.push_str(&format!("{:7}  {:width$}  → {}\n", "", "", one_line(fix)));
        }
    }
    out
}

fn one_line(text: &str) -> String {
    visible(text).replace('\n', " ")
}

const fn colour(status: Status) -> u8 {
    match status {
        Status::Ok => 32,
        Status::Skipped => 2,
        Status::Warning => 33,
        Status::Failure => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_below_each_other_and_move_no_terminal() {
        let findings = [
            Finding::ok("config", "It is read."),
            Finding::warning("disk.database", "It is\u{1b}[2J nearly full.", "make room"),
        ];
        let expected = "ok       config         It is read.\n\
                        warning  disk.database  It is\\u{1b}[2J nearly full.\n\
                        \u{20}                       → make room\n";
        assert_eq!(text(&findings, false), expected);
        assert!(text(&findings, true).starts_with("\u{1b}[32mok     \u{1b}[0m  config"));
    }
}
