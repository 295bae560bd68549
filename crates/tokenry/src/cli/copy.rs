//! `copy`: everything from one database to another, of either engine, for the day when one machine is not enough.

use anyhow::Context as _;
use clap::Args;
use tokenry_clock::{Clock, SystemClock};
use tokenry_engine::backup::arrive;
use tokenry_engine::keyring::{MasterKeys, must_open, unlock};
use tokenry_model::SystemRng;
use tokenry_store::db::{DatabaseUrl, Db};
use tokenry_store::{CopyError, Store, copy, migrate};

use super::Global;
use super::database::{open_existing, open_with_time, refuse_shared};
use crate::failure::{Code, Failure, Result};
use crate::host::{read_config, read_keyring};
use crate::init::make_folder;
use crate::output::Thing;

/// From where to where. What is not given is the configured database, so that no password need stand in a command.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("ends").required(true).multiple(true).args(["from", "to"]))]
pub(crate) struct Options {
    /// The database to copy, `sqlite:PATH` or `postgres://USER@HOST/NAME`; otherwise the configured one.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// The database to copy to, without any rows yet; otherwise the configured one.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
}

/// Copies everything, and says how to go on.
pub(crate) async fn run(options: Options, global: &Global) -> Result {
    let config = read_config(&global.config)?;
    let from = parse("--from", options.from.as_deref().unwrap_or(&config.database))?;
    let to_text = options.to.as_deref().unwrap_or(&config.database);
    let to = parse("--to", to_text)?;
    if from.to_string() == to.to_string() {
        return Err(Failure::new(Code::Usage, "--from and --to are the same database"));
    }
    let master = read_keyring(&config.keyring_file)?;
    if from.file().is_none_or(std::path::Path::exists) {
        refuse_shared(&from).await?;
    }
    let source = open_existing(&from).await?;
    must_be_ready(&source, &from, &master).await?;
    make_folder(to_text)?;
    let target = open_with_time(&to).await?;
    migrate::migrate(&target).await.with_context(|| to.to_string())?;
    let copied = copy(&source, &target).await.map_err(|error| failed(error, &to))?;
    let (store, now) = (Store::new(target), SystemClock.now());
    let data_key = unlock(&store, &master, now, &SystemRng).await?;
    let audit = arrive(&store, &data_key, from.kind(), copied, now).await.with_context(|| to.to_string())?;
    global.output.thing(
        &Thing::new()
            .with("from", from.to_string())
            .with("to", to.to_string())
            .with("tables", copied.tables)
            .with("rows", copied.rows)
            .with("audit_intact", audit.findings.is_empty()),
    )?;
    if let Some(first) = audit.findings.first() {
        global.say(&format!("warning: the audit trail is not whole: {first}"));
    }
    global.say(
        "Everything is there. Name the new database in every server's configuration, with the same keyring and issuer, and \
         start them. The old database is as it was: what is done in it from now on is not in the new one.",
    );
    Ok(())
}

fn parse(option: &str, url: &str) -> Result<DatabaseUrl> {
    url.parse().map_err(|error| Failure::new(Code::Usage, format!("{option}: {error}")))
}

/// Refuses a source that this binary does not serve from, or that another keyring opens.
async fn must_be_ready(source: &Db, from: &DatabaseUrl, master: &MasterKeys) -> Result {
    migrate::check(source).await.with_context(|| from.to_string())?;
    let keyring = Store::new(source.clone()).find_keyring().await;
    match keyring.with_context(|| from.to_string())? {
        Some(keyring) => Ok(must_open(master, &keyring.check)?),
        None => Err(Failure::new(Code::NotFound, format!("there is nothing to copy in {from}"))),
    }
}

fn failed(error: CopyError, to: &DatabaseUrl) -> Failure {
    let code = match error {
        CopyError::NotEmpty { .. } => Code::Conflict,
        _ => Code::Failure,
    };
    let failure = Failure::new(code, format!("{to}: {error}"));
    match code {
        Code::Conflict => failure.hint("nothing was changed: give an empty database"),
        _ => failure,
    }
}
