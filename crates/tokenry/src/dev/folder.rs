//! The folder that `dev` works in: made if missing, locked against a second one, foreign files left alone.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;
use tokenry_engine::keyring::MasterKeys;
use tokenry_model::SystemRng;
use tokenry_protocol::dialect::Dialect;
use tokenry_store::Store;
use toml_edit::DocumentMut;

use super::DEV_MARK;
use crate::config::{self, Config, template};
use crate::env;
use crate::failure::{Code, Failure, Result};
use crate::host::{Host, dialect, masked, migrate_database, open_database, read_config};
use crate::init::{make_folder, write_private};

/// The folder that `dev` works in. Holds the lock, and removes a temporary one when dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
    temporary: Option<TempDir>,
}

impl Folder {
    /// Opens and locks `data`, or a temporary folder.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self> {
        let temporary = match data {
            Some(_) => None,
            None => Some(TempDir::with_prefix("tokenry-dev-").context("no temporary folder can be made")?),
        };
        let path = match (data, &temporary) {
            (Some(data), _) => data.to_owned(),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => PathBuf::new(),
        };
        // Employees' hours are nobody else's business on this host.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("the folder {} cannot be made", path.display()))?;
        let lock = lock(&path)?;
        Ok(Self { path, _lock: lock, temporary })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes when `dev` ends.
    pub(crate) const fn is_ephemeral(&self) -> bool {
        self.temporary.is_some()
    }

    /// The demo API's own database.
    pub(crate) fn timesheets(&self) -> PathBuf {
        self.path.join("timesheets.db")
    }

    /// The configuration that makes every operator command work here.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.path.join("tokenry.toml")
    }

    /// The address that an earlier start wrote down.
    pub(crate) fn listen(&self) -> Result<Option<SocketAddr>> {
        let file = self.config_file();
        if file.exists() { Ok(Some(read_config(&file)?.listen)) } else { Ok(None) }
    }

    /// The profile that is asked for, or that an earlier start wrote down.
    pub(crate) fn profile(&self, asked: Option<Dialect>) -> Result<Dialect> {
        let file = self.config_file();
        match asked {
            Some(profile) => Ok(profile),
            None if file.exists() => dialect(&read_config(&file)?),
            None => Ok(Dialect::Rfc),
        }
    }

    /// Database and keyring, made if missing, and marked as the demo's. What was not made by `dev` is refused before
    /// anything is changed. At last issuer, address and a profile that is asked for are written down as they are at this
    /// start.
    pub(crate) async fn host(
        &self,
        issuer: &str,
        listen: SocketAddr,
        profile: Option<Dialect>,
    ) -> Result<Host> {
        let mut document = self.document()?;
        document["issuer"] = toml_edit::value(issuer);
        document["listen"] = toml_edit::value(listen.to_string());
        if let Some(profile) = profile {
            document["tokens"]["profile"] = toml_edit::value(profile.as_str());
        }
        let text = document.to_string();
        let config = config::parse_in(&self.path, &text, &env::read)?;
        self.refuse_foreign(&config).await?;
        make_folder(&config.database)?;
        let store = Store::new(migrate_database(&config).await?);
        store.put_meta_if_absent(DEV_MARK, vec![1]).await.context("the database cannot be marked")?;
        let locked = store.find_keyring().await.context("the database cannot be read")?.is_some();
        if !locked && !config.keyring_file.exists() {
            write_private(&config.keyring_file, &MasterKeys::generate(&SystemRng))?;
        }
        replace(&self.config_file(), &text)?;
        Host::unlock(config, store).await
    }

    /// The configuration as it is, or as it would be made.
    fn document(&self) -> Result<DocumentMut> {
        let file = self.config_file();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => template(&[]),
            Err(error) => return Err(anyhow::Error::from(error).into()),
        };
        // The ordinary reader says what is wrong, without showing the line.
        config::parse_in(&self.path, &text, &env::read)?;
        text.parse().map_err(|_error| Failure::new(Code::Usage, format!("{} is not TOML", file.display())))
    }

    /// A database that exists and is not marked as the demo's belongs to somebody.
    async fn refuse_foreign(&self, config: &Config) -> Result {
        let foreign = || {
            let text = format!("the database {} was not made by `dev`", masked(&config.database));
            Failure::new(Code::Conflict, text).hint("give --data a folder of its own")
        };
        let Some(file) = config.database.strip_prefix("sqlite:") else { return Err(foreign()) };
        if !Path::new(file).exists() {
            return Ok(());
        }
        let store = Store::new(open_database(config).await?);
        match store.find_meta(DEV_MARK).await {
            Ok(Some(_mark)) => Ok(()),
            Ok(None) | Err(_) => Err(foreign()),
        }
    }
}

/// Replaces a file as a whole, and not what a link in its place points to.
fn replace(file: &Path, text: &str) -> Result {
    let folder = file.parent().unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut fresh| {
        fresh.write_all(text.as_bytes())?;
        fresh.persist(file).map_err(|failed| failed.error)
    });
    written.with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(())
}

/// One `dev` a folder. The lock ends with the process, however that ends.
fn lock(folder: &Path) -> Result<File> {
    let file = folder.join(".lock");
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&file);
    let opened = opened.with_context(|| format!("{} cannot be opened", file.display()))?;
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::WouldBlock) => {
            let text = format!("another `tokenry dev` works in {}", folder.display());
            Err(Failure::new(Code::Conflict, text).hint("stop it, or give --data another folder"))
        }
        Err(TryLockError::Error(error)) => Err(anyhow::Error::from(error).into()),
    }
}
