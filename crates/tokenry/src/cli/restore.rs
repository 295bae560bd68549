//! `restore`: a backup in the database's place. Nothing is touched before the backup is known to be whole, and ours.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use tokenry_clock::{Clock, SystemClock, Timestamp};
use tokenry_engine::backup::{RestoreError, Restored, Tokens, may_restore, take_over};
use tokenry_store::archive::{self, Manifest};
use tokenry_store::db::{self, DatabaseUrl};
use tokenry_store::{Filling, Store, is_alone, migrate, put_in_place, settle};

use super::Global;
use super::database::{open_with_time, private_file, refuse_shared, shared, workshop};
use crate::config::Config;
use crate::failure::{Code, Failure, Result};
use crate::host::{Host, database_url, read_config, read_keyring, unusable};
use crate::init::make_folder;
use crate::output::Thing;

/// What to restore.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What `tokenry backup` wrote.
    file: PathBuf,
    /// End every token issued so far, also those that the backup knows nothing of: all handles and signing keys are new.
    #[arg(long)]
    new_handles: bool,
}

impl Options {
    const fn tokens(&self) -> Tokens {
        if self.new_handles { Tokens::End } else { Tokens::Keep }
    }
}

/// Restores a backup into the configured database.
pub(crate) async fn run(options: Options, global: &Global) -> Result {
    let config = read_config(&global.config)?;
    let url = database_url(&config)?;
    let manifest = read(&options.file)?;
    may_restore(&manifest, url.kind(), &read_keyring(&config.keyring_file)?).map_err(refused)?;
    let (restored, kept) = match url.file() {
        Some(target) => into_file(&options, &manifest, target, config, global).await?,
        None => (into_server(&options, &manifest, &url, config, global).await?, None),
    };
    let thing = thing(&options, &manifest, &url, &restored, kept.as_deref());
    global.output.thing(&thing)?;
    explain(&options, &manifest, &restored, global);
    Ok(())
}

/// Reads a backup to its end.
fn read(file: &Path) -> Result<Manifest> {
    let read = archive::read(&mut open(file)?, &mut io::sink());
    Ok(read.with_context(|| file.display().to_string())?)
}

fn open(file: &Path) -> Result<File> {
    let no_file = |error| Failure::new(Code::NotFound, format!("{} cannot be read: {error}", file.display()));
    File::open(file).map_err(no_file)
}

fn refused(error: RestoreError) -> Failure {
    let hint = match &error {
        RestoreError::Engine { .. } => {
            Some("restore it into a database of its own engine, and then `tokenry copy` that one")
        }
        RestoreError::Keyring(_) => Some("bring the keyring of the time when the backup was made"),
        RestoreError::Newer { .. } => Some("run a newer tokenry"),
        _ => None,
    };
    let failure = Failure::from(anyhow::Error::from(error));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Makes the database ready beside the one that it replaces, and then changes them in one step.
async fn into_file(
    options: &Options,
    manifest: &Manifest,
    target: &Path,
    config: Config,
    global: &Global,
) -> Result<(Restored, Option<PathBuf>)> {
    let there = target.exists();
    if there {
        let of = Timestamp::from_millis(manifest.created_at);
        global.confirm(&format!(
            "{} exists. Put the backup of {of} in its place? The old one is kept beside it.",
            target.display()
        ))?;
        refuse_busy(target).await?;
    }
    // Where a link leads, and not the link, is the database.
    let target = &target.canonicalize().unwrap_or_else(|_missing| target.to_owned());
    make_folder(&config.database)?;
    let folder = workshop(target)?;
    let fresh = folder.path().join("tokenry.db");
    let mut payload = private_file(&fresh)?;
    let mut input = open(&options.file)?;
    let again = archive::read_again(&mut input, &mut payload, manifest);
    again.with_context(|| options.file.display().to_string())?;
    drop(payload);
    let store = Store::new(open_with_time(&sqlite(&fresh)?).await?);
    let restored = prepare(&store, options, manifest, config).await?;
    store.db().close().await;
    settle(&fresh).context("the restored database cannot be closed")?;
    let kept = kept_as(target);
    match put_in_place(&fresh, target, &kept) {
        Err(db::Error::Busy) => Err(shared(&sqlite(target)?)),
        put => {
            put.with_context(|| format!("the restored database cannot be put to {}", target.display()))?;
            Ok((restored, there.then_some(kept)))
        }
    }
}

/// A damaged database is replaced too, unless somebody has it open.
async fn refuse_busy(target: &Path) -> Result {
    let url = sqlite(target)?;
    match is_alone(&url).await {
        Err(db::Error::Corrupt(_)) => Ok(()),
        _ => refuse_shared(&url).await,
    }
}

fn sqlite(file: &Path) -> Result<DatabaseUrl> {
    let url = format!("sqlite:{}", file.display()).parse();
    Ok(url.with_context(|| format!("{} is no path for a database", file.display()))?)
}

fn kept_as(target: &Path) -> PathBuf {
    let stamp = SystemClock.now().to_string().replace([':', '.'], "-");
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".before-{stamp}"));
    target.with_file_name(name)
}

/// Fills a database that holds nothing, in one transaction, and makes it ready in others. Until then it is marked, and nobody
/// serves from it; where that was interrupted, this goes on.
async fn into_server(
    options: &Options,
    manifest: &Manifest,
    url: &DatabaseUrl,
    config: Config,
    global: &Global,
) -> Result<Restored> {
    let store = Store::new(open_with_time(url).await?);
    let begun = store.begin_restore(manifest).await;
    match begun.with_context(|| format!("{url} cannot be looked at"))? {
        Filling::Another => return Err(filled(url, "holds a part of another backup")),
        Filling::Done => global.say("The database holds this backup already: going on from there."),
        Filling::Due => fill(&store, options, manifest, url).await?,
        Filling::Foreign => return Err(filled(url, "is not empty")),
    }
    prepare(&store, options, manifest, config).await.map_err(|failure| {
        failure.hint("the database holds the backup, but is not ready: run the same command again")
    })
}

async fn fill(store: &Store, options: &Options, manifest: &Manifest, url: &DatabaseUrl) -> Result {
    let (file, manifest) = (options.file.clone(), manifest.clone());
    let filled = store.fill(move |out| {
        let mut input = File::open(file)?;
        archive::read_again(&mut input, out, &manifest).map_err(io::Error::other)
    });
    let filled = filled.await;
    if filled.is_err() {
        // Then the mark stays, and the next restore goes on all the same.
        let _marked = store.give_up_restore().await;
    }
    Ok(filled.with_context(|| format!("{url} cannot be filled"))?)
}

fn filled(url: &DatabaseUrl, how: &str) -> Failure {
    let text = format!("the database {url} {how}, and nothing is replaced in PostgreSQL");
    Failure::new(Code::Conflict, text).hint(
        "make an empty one (`createdb NAME`), name it in `database`, and restore into that; the old one stays as it is",
    )
}

/// Migrates, unlocks, verifies, and takes over.
async fn prepare(store: &Store, options: &Options, manifest: &Manifest, config: Config) -> Result<Restored> {
    let shown = crate::host::masked(&config.database);
    let migrated = migrate::migrate(store.db()).await;
    migrated.map_err(|error| unusable(&config, error))?;
    let host = Host::unlock(config, store.clone()).await?;
    let (clock, holder) = (Arc::clone(&host.clock), host.keyholder());
    let restored = take_over(&holder, manifest, options.tokens(), clock.now()).await;
    Ok(restored.with_context(|| shown)?)
}

fn thing(
    options: &Options,
    manifest: &Manifest,
    url: &DatabaseUrl,
    restored: &Restored,
    kept: Option<&Path>,
) -> Thing {
    let ended = options.tokens() == Tokens::End;
    Thing::new()
        .with("database", url.to_string())
        .with("backup_of", Timestamp::from_millis(manifest.created_at).to_string())
        .with("clients", manifest.clients)
        .with("audit_intact", restored.audit.findings.is_empty())
        .with("tokens", if ended { "ended" } else { "kept" })
        .maybe("tokens_live_until", (!ended).then(|| restored.live_until.to_string()))
        .maybe("kept", kept.map(|kept| kept.display().to_string()))
}

fn explain(options: &Options, manifest: &Manifest, restored: &Restored, global: &Global) {
    let of = Timestamp::from_millis(manifest.created_at);
    if let Some(first) = restored.audit.findings.first() {
        global.say(&format!("warning: the audit trail was not whole when it was backed up: {first}"));
    }
    global.say(&match options.tokens() {
        Tokens::End => format!(
            "Every token issued so far is ended: handles and signing keys are new. Clients get new ones with the secrets of \
             {of}; guards learn it when they connect."
        ),
        Tokens::Keep => format!(
            "What was taken away since {of} is back. JWTs that were issued or revoked since then live on to their exp: until \
             {} at the latest, unless a longer lifetime was set since. Guards that heard of a revocation keep to it, for new \
             tokens of that secret or key too. To end every token issued so far, restore with --new-handles.",
            restored.live_until
        ),
    });
    if restored.takes_assertions {
        global.say(
            "Assertions that clients have used since then are not known as used: start servers eleven minutes after the old \
             ones stopped.",
        );
    }
}
