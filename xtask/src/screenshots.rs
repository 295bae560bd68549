//! `cargo xtask screenshots`: pictures of every page in light, dark and narrow, in docs/screenshots.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::command::{cargo, command, root, run, scratch};
use crate::setup;

const TOKENRY: &str = "target/debug/tokenry";

/// Starts `tokenry dev` on free ports, visits its pages and ends it.
pub(crate) fn run_all() -> Result<ExitCode> {
    setup::apt::ensure(&setup::apt::FOR_PAGES)?;
    setup::npm(&root().join("tests/browser"))?;
    run(cargo().args(["build", "--quiet", "--package", "tokenry"]))?;
    let data = scratch("screenshots");
    if data.exists() {
        std::fs::remove_dir_all(&data).context("emptying the folder of an earlier run")?;
    }
    let mut dev = command(TOKENRY)
        .args(["dev", "--json", "--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .env("TOKENRY_USERS_SIGNUP", "true")
        .stdout(Stdio::piped())
        .spawn()
        .context("tokenry dev")?;
    let taken = take(dev.stdout.take().context("tokenry dev has no standard output")?, &data);
    dev.kill().context("ending tokenry dev")?;
    dev.wait().context("ending tokenry dev")?;
    taken.map(|()| ExitCode::SUCCESS)
}

fn take(said: impl std::io::Read, data: &Path) -> Result<()> {
    let mut line = String::new();
    BufReader::new(said).read_line(&mut line).context("reading what tokenry dev says")?;
    let mut site: Value = serde_json::from_str(&line).context("tokenry dev did not start")?;
    site["config"] = json!(data.join("tokenry.toml"));
    let folder = root().join("docs/screenshots");
    let mut node = command("node")
        .arg("tests/browser/screenshots.mjs")
        .arg(&folder)
        .env("TOKENRY_TEST_CHROMIUM", setup::CHROMIUM)
        .env("TOKENRY_TEST_BINARY", root().join(TOKENRY))
        .stdin(Stdio::piped())
        .spawn()
        .context("node")?;
    node.stdin.take().context("node has no standard input")?.write_all(site.to_string().as_bytes())?;
    ensure!(node.wait()?.success(), "not every page could be shown");
    let pictures = std::fs::read_dir(&folder)?.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    run(command("pngquant").args(["--force", "--ext", ".png", "--strip", "16", "--"]).args(pictures))?;
    println!("in {}", folder.display());
    Ok(())
}
