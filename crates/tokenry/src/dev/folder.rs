//! The folder that `dev` works in: made if missing, locked against a second one, foreign files left alone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;
use tokenry_engine::keyring::MasterKeys;
use tokenry_model::SystemRng;
use tokenry_store::{Store, migrate};
use toml_edit::DocumentMut;

use super::DEV_MARK;
use crate::config::template;
use crate::failure::{Code, Failure, Result};
use crate::host::{Host, open_database, read_config};
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
        fs::create_dir_all(&path).with_context(|| format!("the folder {} cannot be made", path.display()))?;
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

    /// Writes down issuer and address as they are at this start; what else is in the file stays.
    pub(crate) fn write_config(&self, issuer: &str, listen: SocketAddr) -> Result {
        let file = self.config_file();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => template(&[]),
            Err(error) => return Err(anyhow::Error::from(error).into()),
        };
        let mut document: DocumentMut = text
            .parse()
            .map_err(|error| Failure::new(Code::Usage, format!("{} is not TOML: {error}", file.display())))?;
        document["issuer"] = toml_edit::value(issuer);
        document["listen"] = toml_edit::value(listen.to_string());
        Ok(fs::write(&file, document.to_string())
            .with_context(|| format!("{} cannot be written", file.display()))?)
    }

    /// Database and keyring, made if missing, and marked as the demo's.
    pub(crate) async fn host(&self) -> Result<Host> {
        let config = read_config(&self.config_file())?;
        make_folder(&config.database)?;
        let db = open_database(&config).await?;
        migrate::migrate(&db).await.map_err(|error| Failure::new(Code::Failure, error.to_string()))?;
        let store = Store::new(db);
        let locked = store.find_keyring().await.context("the database cannot be read")?.is_some();
        if !locked && !config.keyring_file.exists() {
            write_private(&config.keyring_file, &MasterKeys::generate(&SystemRng))?;
        }
        let marked = store.find_meta(DEV_MARK).await.context("the database cannot be read")?.is_some();
        if locked && !marked {
            let text = format!("the database {} was not made by `dev`", config.database);
            return Err(Failure::new(Code::Conflict, text).hint("give --data a folder of its own"));
        }
        store.put_meta_if_absent(DEV_MARK, vec![1]).await.context("the database cannot be marked")?;
        Host::unlock(config, store).await
    }
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
