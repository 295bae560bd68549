//! What `backup`, `restore` and `copy` share: databases that exist, that nobody else has open, and time to work on them.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;
use tokenry_store::db::{DatabaseUrl, Db, Options};

use crate::failure::{Code, Failure, Result};
use crate::folder::folder_of;

/// How long one step may take where nobody waits for an answer.
const LONG: Duration = Duration::from_secs(24 * 3_600);

/// Opens a database that is there.
pub(super) async fn open_existing(url: &DatabaseUrl) -> Result<Db> {
    if let Some(file) = url.file()
        && !file.exists()
    {
        return Err(Failure::new(Code::NotFound, format!("there is no database {url}")));
    }
    open_with_time(url).await
}

/// Opens a database, for work that takes as long as it takes.
pub(super) async fn open_with_time(url: &DatabaseUrl) -> Result<Db> {
    let options =
        Options { deadline: LONG, body_limit: LONG, migration_deadline: LONG, ..Options::default() };
    let opened = Db::open(url, options).await;
    Ok(opened.with_context(|| format!("the database {url} cannot be opened"))?)
}

/// Refuses a database that a server or another command has open.
pub(super) async fn refuse_shared(url: &DatabaseUrl) -> Result {
    let alone = tokenry_store::is_alone(url).await;
    if alone.with_context(|| format!("the database {url} cannot be looked at"))? {
        return Ok(());
    }
    Err(shared(url))
}

/// Somebody else works on it.
pub(super) fn shared(url: &DatabaseUrl) -> Failure {
    let text = format!("a server or another command works on the database {url}");
    Failure::new(Code::Conflict, text).hint("stop every server that works on it, and try again")
}

/// A folder beside `file` that nobody else can enter, and that goes when this ends.
pub(super) fn workshop(file: &Path) -> Result<TempDir> {
    let folder = folder_of(file);
    let made = tempfile::Builder::new().prefix(".tokenry-").tempdir_in(folder);
    Ok(made.with_context(|| format!("nothing can be written to the folder {}", folder.display()))?)
}

/// A new file that only its owner can read.
pub(super) fn private_file(path: &Path) -> Result<File> {
    let made = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path);
    Ok(made.with_context(|| format!("{} cannot be written", path.display()))?)
}

/// Gives a file its name, whatever stood there, and makes sure that it keeps it.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    File::open(folder_of(to))?.sync_all()
}
