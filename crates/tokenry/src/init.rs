//! `init`: makes what a server needs and leaves alone what is there.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use tokenry_engine::keyring::MasterKeys;
use tokenry_model::SystemRng;
use tokenry_store::Store;

use crate::cli::Global;
use crate::config::template;
use crate::failure::{Code, Failure, Result};
use crate::host::{Host, migrate_database, read_config};

/// What to make.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The database, `sqlite:PATH` or `postgres://USER@HOST/NAME`; otherwise a SQLite file beside the configuration.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Join servers that exist: never make a keyring.
    #[arg(long)]
    join: bool,
}

/// Makes configuration, keyring and database, each if it is missing.
pub(crate) async fn run(options: Options, global: &Global) -> Result {
    let file = &global.config;
    let wrote = write_config(file, options.database.as_deref())?;
    if !wrote && options.database.is_some() {
        let text = format!("{} exists and names its own database", file.display());
        return Err(
            Failure::new(Code::Conflict, text).hint("change database there, or give another --config")
        );
    }
    let prepared = prepare(file, &options, global).await;
    if wrote && prepared.is_err() {
        // The corrected command must find the ground as this one did.
        fs::remove_file(file).with_context(|| format!("{} cannot be removed", file.display()))?;
    }
    prepared?;
    if wrote {
        global.say(&format!("Wrote {}.", file.display()));
    }
    global.say("The database is ready.");
    Ok(())
}

async fn prepare(file: &Path, options: &Options, global: &Global) -> Result {
    let config = read_config(file)?;
    crate::serve::check_config(&config)?;
    make_folder(&config.database)?;
    let store = Store::new(migrate_database(&config).await?);
    let locked = store.find_keyring().await.context("the database cannot be read")?.is_some();
    if !config.keyring_file.exists() {
        if locked || options.join {
            let shown = config.keyring_file.display();
            let text = format!("the keyring {shown} is missing, and a new one would not open this database");
            return Err(
                Failure::new(Code::Failure, text).hint("bring the keyring of the servers that exist here")
            );
        }
        write_private(&config.keyring_file, &MasterKeys::generate(&SystemRng))?;
        global.say(&format!(
            "Wrote {}. Keep a copy apart from the database's backups: nothing opens without it.",
            config.keyring_file.display()
        ));
    }
    Host::unlock(config, store).await.map(drop)
}

/// Writes the commented configuration, unless there is one.
fn write_config(file: &Path, database: Option<&str>) -> Result<bool> {
    let database = database.map(|url| ("database", format!("database = {}", toml::Value::from(url))));
    let text = template(database.as_slice());
    make_parent(file)?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut opened) => {
            opened
                .write_all(text.as_bytes())
                .with_context(|| format!("{} cannot be written", file.display()))?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => {
            Err(Failure::new(Code::Failure, format!("{} cannot be written: {error}", file.display())))
        }
    }
}

/// Writes a file that only its owner can read, and that is not there yet.
pub(crate) fn write_private(file: &Path, text: &str) -> Result {
    make_parent(file)?;
    let written =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).and_then(|mut opened| {
            opened.write_all(text.as_bytes())?;
            opened.sync_all()
        });
    Ok(written.with_context(|| format!("{} cannot be written", file.display()))?)
}

/// Makes the folder of a SQLite database.
pub(crate) fn make_folder(database: &str) -> Result {
    match database.strip_prefix("sqlite:") {
        Some(file) => make_parent(Path::new(file)),
        None => Ok(()),
    }
}

fn make_parent(file: &Path) -> Result {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => Ok(fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?),
        _ => Ok(()),
    }
}
