//! `cargo xtask screenshots`: pictures of every page in light, dark and narrow, in target/xtask/screenshots.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::command::{cargo, command, root, run, scratch};
use crate::setup;

/// Starts `tokenry dev` on free ports, visits its pages and ends it.
pub(crate) fn run_all() -> Result<ExitCode> {
    setup::apt::ensure(&setup::apt::FOR_PAGES)?;
    setup::npm(&root().join("tests/browser"))?;
    run(cargo().args(["build", "--quiet", "--package", "tokenry"]))?;
    let mut dev = command("target/debug/tokenry")
        .args(["dev", "--json", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .context("tokenry dev")?;
    let taken = take(dev.stdout.take().context("tokenry dev has no standard output")?);
    // Whatever came of it: its folder is a temporary one.
    dev.kill().context("ending tokenry dev")?;
    dev.wait().context("ending tokenry dev")?;
    taken.map(|()| ExitCode::SUCCESS)
}

fn take(said: impl std::io::Read) -> Result<()> {
    let mut report = String::new();
    BufReader::new(said).read_line(&mut report).context("reading what tokenry dev says")?;
    let folder = scratch("screenshots");
    let mut node = command("node")
        .arg("tests/browser/screenshots.mjs")
        .arg(&folder)
        .env("TOKENRY_TEST_CHROMIUM", setup::CHROMIUM)
        .stdin(Stdio::piped())
        .spawn()
        .context("node")?;
    node.stdin.take().context("node has no standard input")?.write_all(report.as_bytes())?;
    ensure!(node.wait()?.success(), "not every page could be shown");
    println!("in {}", folder.display());
    Ok(())
}
