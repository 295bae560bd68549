//! `cargo xtask generate`: the pages of docs/reference, as the code says. That they are up to date is held by a test of `tokenry`.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::command::{cargo, root, run as run_command};

/// Writes them anew; what the code no longer makes goes.
pub(crate) fn run() -> Result<ExitCode> {
    let folder = root().join("docs/reference");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    // Built first, so that a failure leaves the pages that there are.
    run_command(cargo().args(["build", "--quiet", "--package", "tokenry"]))?;
    for page in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let page = page?.path();
        fs::remove_file(&page).with_context(|| format!("removing {}", page.display()))?;
    }
    run_command(cargo().args(["run", "--quiet", "--package", "tokenry", "--", "reference"]).arg(&folder))?;
    println!("written to {}", folder.display());
    Ok(ExitCode::SUCCESS)
}
