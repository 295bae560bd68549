//! `completions`: for a shell, on stdout.

use clap::Args;
use clap_complete::{Shell, generate};

use crate::failure::Result;
use crate::output::write_out;

/// Which shell.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The shell to complete for.
    shell: Shell,
}

/// Prints the completions.
pub(crate) fn run(options: &Options) -> Result {
    let mut text = Vec::new();
    generate(options.shell, &mut super::description(), "tokenry", &mut text);
    write_out(&String::from_utf8_lossy(&text))
}
