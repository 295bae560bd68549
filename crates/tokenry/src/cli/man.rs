//! `man`: manual pages, on stdout or in a folder.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap_mangen::{Man, generate_to};

use crate::failure::{Code, Failure, Result};
use crate::output::write_out;

/// Of which command, or where to.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The command, as it is typed: `man clients create`. Without one, the page of tokenry itself.
    command: Vec<String>,
    /// Write the pages of all commands into this folder instead, which is made if it is missing.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// Prints the page, or writes them all.
pub(crate) fn run(options: &Options) -> Result {
    if let Some(dir) = &options.dir {
        let written = fs::create_dir_all(dir).and_then(|()| generate_to(super::description(), dir));
        return Ok(written.with_context(|| format!("the pages cannot be written to {}", dir.display()))?);
    }
    let mut described = super::description();
    described.build();
    let mut command = &described;
    for word in &options.command {
        let known = command.get_subcommands().find(|known| known.get_name() == word);
        command = known.ok_or_else(|| {
            Failure::new(Code::NotFound, format!("there is no command {}", options.command.join(" ")))
        })?;
    }
    let name = command.get_bin_name().unwrap_or("tokenry").replace(' ', "-");
    let mut text = Vec::new();
    Man::new(command.clone().display_name(name)).render(&mut text).map_err(anyhow::Error::from)?;
    write_out(&String::from_utf8_lossy(&text))
}
