//! A database as a whole: whether anybody else has it open, and a file in the place of another.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

pub use crate::db::settle;
use crate::db::{self, DatabaseUrl, Db, Hold, Options, Sql};

/// How often it is looked again whether somebody else is there: sessions of a server that stopped take a moment to go.
const LOOKS: u32 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Other processes of ours; engine-specific, and asked of PostgreSQL only.
const SESSIONS: Sql = Sql::new(
    "SESSIONS",
    "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() \
     AND application_name = 'tokenry' AND pid <> pg_backend_pid()",
);

/// Whether no other process of ours works on the database: no server, no command. A SQLite file is brought into its one file
/// on the way. To be asked before this process opens it.
///
/// # Errors
/// When the database does not answer, or a SQLite file is damaged.
pub async fn is_alone(url: &DatabaseUrl) -> db::Result<bool> {
    if let Some(file) = url.file() {
        let file = file.to_owned();
        let settled = tokio::task::spawn_blocking(move || db::settle(&file)).await;
        return match settled.map_err(|_panic| db::Error::Panicked)? {
            Ok(()) => Ok(true),
            Err(db::Error::Busy) => Ok(false),
            Err(error) => Err(error),
        };
    }
    let db = Db::open(url, Options { connections: 1, ..Options::default() }).await?;
    for _look in 0..LOOKS {
        let mut held = db.hold(Hold::Read).await?;
        if held.int(SESSIONS).await? == 0 {
            return Ok(true);
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(false)
}

/// Puts the SQLite file `fresh` in the place of `target`, at once as a whole, and keeps what stood there as `kept`. `fresh` gets
/// the owner of what stood there, or of the folder, where this process may give files away.
///
/// # Errors
/// When the file system does not let us; [`db::Error::Busy`] when somebody has the old one open.
pub fn put_in_place(fresh: &Path, target: &Path, kept: &Path) -> db::Result<()> {
    own_as(fresh, target).map_err(|error| db::Error::Unavailable(error.to_string()))?;
    db::put_in_place(fresh, target, kept)
}

fn own_as(fresh: &Path, target: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let model = fs::metadata(target).or_else(|_none| fs::metadata(db::folder_of(target)))?;
    let own = fs::metadata(fresh)?;
    if (own.uid(), own.gid()) != (model.uid(), model.gid()) {
        // Only root may; anybody else could not have read a keyring of another's.
        let _kept_as_it_is = chown(fresh, Some(model.uid()), Some(model.gid()));
    }
    Ok(())
}
