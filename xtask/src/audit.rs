//! `cargo xtask audit`: cargo-deny and cargo-audit over what ships, or how to get them.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::command::{self, cargo, succeeds};
use crate::report::Report;

pub(crate) fn run() -> ExitCode {
    let mut report = Report::default();
    report.step("cargo deny", || checked("deny", &["check"]));
    report.step("cargo audit", || checked("audit", &[]));
    report.finish()
}

/// Runs `cargo <tool>`. A missing tool is a failure: an audit that did not happen must not look like one that passed.
fn checked(tool: &str, arguments: &[&str]) -> Result<()> {
    if !succeeds(env!("CARGO"), &[tool, "--version"]) {
        bail!("cargo-{tool} is not installed: cargo install --locked cargo-{tool}");
    }
    command::run(cargo().arg(tool).args(arguments))
}
