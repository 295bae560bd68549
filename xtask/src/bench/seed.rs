//! Databases with clients: made once a run, and copied for each scenario that needs one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::data::program;
use crate::command::run;

/// As many clients as the table asks for.
pub(crate) const MANY: u32 = 100_000;
/// As many as can be made on PostgreSQL in half a minute, one after the other. Their look-ups cost PostgreSQL, whose time is
/// not measured, and us a round trip however many there are.
pub(crate) const SOME: u32 = 10_000;
/// And as few.
pub(crate) const FEW: u32 = 100;

/// The folders of one run.
pub(crate) struct Seeded {
    folder: TempDir,
}

/// A folder with a server's data, removed when dropped.
pub(crate) struct Data(TempDir);

impl Seeded {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { folder: temporary()? })
    }

    /// A copy of a SQLite database with so many clients, configuration and keyring beside it.
    pub(crate) fn sqlite(&mut self, clients: u32) -> Result<Data> {
        let made = self.folder.path().join(format!("sqlite-{clients}"));
        if !made.exists() {
            println!("making {clients} clients");
            let unfinished = made.with_extension("unfinished");
            fill(&unfinished, &database_in(&unfinished), clients)?;
            fs::rename(&unfinished, &made)?;
        }
        let data = Data(temporary()?);
        copy(&made, data.path())?;
        Ok(data)
    }

    /// The same on an empty PostgreSQL database; the folder has what is not in it.
    pub(crate) fn postgres(&mut self, url: &str, clients: u32) -> Result<Data> {
        println!("making {clients} clients on PostgreSQL");
        let data = Data(temporary()?);
        fill(data.path(), url, clients)?;
        Ok(data)
    }
}

impl Data {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("tokenry.toml")
    }

    /// A file of `client_id<TAB>client_secret` lines.
    pub(crate) fn clients(&self) -> PathBuf {
        self.path().join("clients.tsv")
    }

    /// The first `count` of them, in a file.
    pub(crate) fn some_clients(&self, count: u32) -> Result<PathBuf> {
        let text = fs::read_to_string(self.clients())?;
        let lines: Vec<&str> = text.lines().take(usize::try_from(count)?).collect();
        let file = self.path().join(format!("clients-{count}.tsv"));
        fs::write(&file, lines.join("\n"))?;
        Ok(file)
    }

    /// The URL of the SQLite database here.
    pub(crate) fn sqlite(&self) -> String {
        database_in(self.path())
    }
}

fn database_in(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("data/tokenry.db").display())
}

fn temporary() -> Result<TempDir> {
    tempfile::Builder::new().prefix("tokenry-bench-").tempdir().context("making a temporary folder")
}

fn fill(folder: &Path, database: &str, clients: u32) -> Result<()> {
    fs::create_dir_all(folder)?;
    let config = folder.join("tokenry.toml");
    run(program("tokenry").arg("init").arg("--config").arg(&config).args(["--database", database]))?;
    let file = File::create(folder.join("clients.tsv"))?;
    run(program("tokenry-bench-seed").args(["clients", database, &clients.to_string()]).stdout(file))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
