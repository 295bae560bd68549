//! The database file itself: its rights, its identity, and whether writing to it failed.

use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::db::{Error, Result};

/// The file that was opened, by path and by what stood there then.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    identity: Identity,
    /// It was removed or replaced: what we write is lost, what others write we do not see. For good.
    gone: AtomicBool,
    /// The last write failed for want of space, rights or a working disk.
    faulty: AtomicBool,
}

impl File {
    /// Creates the file, for its owner only, unless it is there. SQLite gives its two companions the same rights.
    pub(super) fn create(path: PathBuf) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let metadata = options.open(&path).and_then(|file| file.metadata());
        let metadata = metadata.map_err(|error| cannot_open(&path, &error))?;
        if !metadata.is_file() {
            return Err(Error::Unavailable(format!("{} is not a file", path.display())));
        }
        warn_when_others_may_read(&path, &metadata);
        let path = fs::canonicalize(&path).map_err(|error| cannot_open(&path, &error))?;
        let identity = Identity::of(&metadata);
        Ok(Self { path, identity, gone: AtomicBool::new(false), faulty: AtomicBool::new(false) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Looks whether the file that was opened still stands at its path.
    pub(super) fn check(&self) -> Result<()> {
        self.must_stand()?;
        match fs::metadata(&self.path) {
            Ok(metadata) if Identity::of(&metadata) == self.identity => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_open(&self.path, &error)),
            _ => {
                self.gone.store(true, Ordering::Relaxed);
                self.must_stand()
            }
        }
    }

    /// Fails when an earlier look found the file gone. Costs nothing.
    pub(super) fn must_stand(&self) -> Result<()> {
        if self.gone.load(Ordering::Relaxed) {
            let path = self.path.display();
            return Err(Error::Unavailable(format!("{path} was removed or replaced while open; restart")));
        }
        Ok(())
    }

    pub(super) fn is_faulty(&self) -> bool {
        self.faulty.load(Ordering::Relaxed)
    }

    /// Notes how a write went.
    pub(super) fn wrote(&self, result: Result<(), &Error>) {
        let faulty = match result {
            Ok(()) => false,
            Err(
                Error::Corrupt(_) | Error::Full | Error::ReadOnly | Error::Unavailable(_) | Error::Unknown,
            ) => true,
            Err(_) => return,
        };
        if self.faulty.swap(faulty, Ordering::Relaxed) != faulty {
            match result {
                Ok(()) => tracing::info!("the database can be written to again"),
                Err(error) => tracing::error!(%error, "the database cannot be written to"),
            }
        }
    }
}

fn cannot_open(path: &Path, error: &io::Error) -> Error {
    Error::Unavailable(format!("cannot open {}: {error}", path.display()))
}

/// What a file stays while it is renamed and stops being when it is replaced.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    inode: (u64, u64),
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { inode: (metadata.dev(), metadata.ino()) }
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self {}
    }
}

#[cfg(unix)]
fn warn_when_others_may_read(path: &Path, metadata: &Metadata) {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "the database file is open to other users: chmod 600 is advised");
    }
}

#[cfg(not(unix))]
fn warn_when_others_may_read(_: &Path, _: &Metadata) {}
