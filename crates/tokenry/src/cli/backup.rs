//! `backup`: the database as it is at one moment, in one file, while servers go on.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use tokenry_clock::{Clock, SystemClock, Timestamp};
use tokenry_engine::backup::record_backup;
use tokenry_jose::base64url;
use tokenry_store::archive::{self, Manifest};
use tokenry_store::{Store, migrate};

use super::Global;
use super::database::{open_existing, private_file, rename, workshop};
use crate::failure::{Code, Failure, Result};
use crate::host::{database_url, read_config, unusable};
use crate::output::Thing;

/// Where the backup goes.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The file to write, readable by its owner only; `-` is stdout. Twice its size has to be free beside it for a moment.
    file: PathBuf,
}

/// Makes a backup and looks at it again. The keyring is not read, and not in it.
pub(crate) async fn run(options: Options, global: &Global) -> Result {
    let config = read_config(&global.config)?;
    let url = database_url(&config)?;
    let file = (options.file != Path::new("-")).then_some(options.file);
    may_write(file.as_deref(), global)?;
    let store = Store::new(open_existing(&url).await?);
    must_hold_something(&store).await.map_err(|error| unusable(&config, error))?;
    let folder = match &file {
        Some(file) => workshop(file)?,
        None => tempfile::tempdir().context("no temporary folder can be made")?,
    };
    // What was committed before this is in the backup.
    let created_at = SystemClock.now();
    let payload = folder.path().join("payload");
    drop(private_file(&payload)?);
    let shown = file.as_deref().map_or_else(|| "stdout".to_owned(), |file| file.display().to_string());
    let pictured = store.picture(&payload).await;
    let pictured = pictured.with_context(|| format!("{url} cannot be backed up to {shown}"))?;
    let length = fs::metadata(&payload).map_err(anyhow::Error::from)?.len();
    let manifest = pictured.manifest(created_at, env!("CARGO_PKG_VERSION"), length);
    let digest = match &file {
        Some(file) => write_file(file, &folder.path().join("backup"), &manifest, &payload)?,
        None => write_stdout(&manifest, &payload)?,
    };
    if let Err(error) = record_backup(&store, &manifest, &digest, SystemClock.now()).await {
        global.say(&format!("warning: the backup is whole, but that cannot be recorded: {error}"));
    }
    if let Some(file) = &file {
        global.output.thing(&thing(file, &manifest, &digest))?;
    }
    global.say(
        "The keyring is not in it, and nothing opens the backup without it: keep a copy of the keyring in another place.",
    );
    Ok(())
}

/// Refuses what the person at the terminal would regret.
fn may_write(file: Option<&Path>, global: &Global) -> Result {
    match file {
        None if io::stdout().is_terminal() => {
            let text = "a backup is nothing to look at: give a file, or lead stdout to one";
            Err(Failure::new(Code::Usage, text))
        }
        Some(file) if file.is_dir() => {
            Err(Failure::new(Code::Usage, format!("{} is a folder: name a file in it", file.display())))
        }
        Some(file) if file.exists() => global.confirm(&format!("{} exists. Replace it?", file.display())),
        _ => Ok(()),
    }
}

/// Any schema will do that this binary can read: before a migration is when a backup is made.
async fn must_hold_something(store: &Store) -> std::result::Result<(), migrate::Error> {
    match migrate::check(store.db()).await {
        Err(migrate::Error::Behind { found: 1.., .. } | migrate::Error::Changed(_)) => Ok(()),
        result => result,
    }
}

/// Writes the backup beside where it belongs, reads it again from there, and only then gives it its name.
fn write_file(file: &Path, beside: &Path, manifest: &Manifest, payload: &Path) -> Result<[u8; 32]> {
    let cannot = || format!("{} cannot be written", file.display());
    let mut out = private_file(beside)?;
    let mut payload = File::open(payload).with_context(cannot)?;
    let digest = archive::write(&mut out, manifest, &mut payload).with_context(cannot)?;
    out.sync_all().with_context(cannot)?;
    let mut written = File::open(beside).with_context(cannot)?;
    let read =
        archive::read(&mut written, &mut io::sink()).context("the backup that was written is not sound")?;
    if read != *manifest {
        return Err(Failure::new(Code::Failure, "the backup that was written is not what was to be written"));
    }
    rename(beside, file).with_context(cannot)?;
    Ok(digest)
}

fn write_stdout(manifest: &Manifest, payload: &Path) -> Result<[u8; 32]> {
    let cannot = "the backup cannot be written";
    let mut payload = File::open(payload).context(cannot)?;
    let mut out = io::stdout().lock();
    let digest = archive::write(&mut out, manifest, &mut payload).context(cannot)?;
    out.flush().context(cannot)?;
    Ok(digest)
}

fn thing(file: &Path, manifest: &Manifest, digest: &[u8; 32]) -> Thing {
    Thing::new()
        .with("file", file.display().to_string())
        .with("engine", manifest.engine.to_string())
        .with("created_at", Timestamp::from_millis(manifest.created_at).to_string())
        .with("schema", manifest.schema)
        .with("clients", manifest.clients)
        .with("audit_seq", manifest.audit_seq)
        .with("checkpoint", manifest.checkpoint)
        .with("sha256", base64url::encode(digest))
}
