//! `reference`, which is not shown: the pages of docs/reference, made of what the code says.

mod claims;
mod commands;
mod configuration;
mod environment;
mod errors;
mod events;
mod metrics;

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::failure::Result;

/// Where to.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The folder for the pages. It must exist; pages that are there are replaced.
    dir: PathBuf,
}

/// Writes the pages.
pub(crate) fn run(options: &Options) -> Result {
    let pages = [
        ("account-export", include_str!("reference/account-export.md").to_owned()),
        ("claims", claims::page()),
        ("command-line", commands::page()),
        ("configuration", configuration::page()),
        ("environment", environment::page()),
        ("errors", errors::page()),
        ("events", events::page()),
        ("metrics", metrics::page()),
    ];
    for (name, text) in pages {
        let file = options.dir.join(name).with_extension("md");
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// The beginning of a page.
fn head(title: &str, what: &str) -> String {
    format!("# {title}\n\n{what}\n\n*Made from the code by `cargo xtask generate`.*\n")
}

/// A table; a bar within a cell is kept from ending it.
fn table<const N: usize>(columns: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line =
        |cells: [String; N]| format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    let mut text = format!("\n{}|{}\n", line(columns.map(str::to_owned)), "---|".repeat(N));
    text.extend(rows.into_iter().map(line));
    text
}

/// As code.
fn code(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}
