//! The database, opened as a server would, never made or filled, and asked at once for all that the other files judge.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use tokenry_clock::{Clock as _, SystemClock, Timestamp};
use tokenry_engine::audit::{self, Standing};
use tokenry_engine::keyring::{DataKey, MasterKeys, unlock};
use tokenry_model::{SigningKeyRecord, SystemRng};
use tokenry_store::db::{Db, Error, Options};
use tokenry_store::{GuardStanding, Store, migrate};

use super::database::{CHECK, Condition};
use super::files::database_file;
use super::finding::Finding;
use crate::config::Config;
use crate::failure::Failure;
use crate::host::{BRAND, database_url, read_keyring};

/// How long one question may take.
const DEADLINE: Duration = Duration::from_secs(3);

/// The database as it was found.
pub(super) struct Patient {
    pub(super) findings: Vec<Finding>,
    pub(super) unlocking: Unlocking,
    /// What it answered; `None`: it cannot be asked.
    pub(super) known: Option<Known>,
}

/// What became of opening it with the keyring.
pub(super) enum Unlocking {
    Done,
    Failed(Failure),
    NothingToOpen,
}

/// What it answered, or why it did not.
pub(super) struct Known {
    pub(super) keys: Asked<Vec<SigningKeyRecord>>,
    /// `None`: the keyring does not open it.
    pub(super) seal: Option<Asked<Standing>>,
    /// With what its secrets begin; `None` until a server or a command has opened it.
    pub(super) brand: Asked<Option<Vec<u8>>>,
    pub(super) backed_up_at: Asked<Option<Timestamp>>,
    pub(super) guards: Asked<Vec<GuardStanding>>,
    /// How far the clock of PostgreSQL's server is ahead of ours, in milliseconds.
    pub(super) ahead: Option<i64>,
}

pub(super) type Asked<T> = Result<T, String>;

impl Patient {
    pub(super) async fn examine(config: &Config) -> Self {
        let mut findings = Vec::new();
        let master = read_keyring(&config.keyring_file);
        let store = match open(config, &mut findings).await {
            Ok(store) => store,
            Err(finding) => {
                findings.push(finding);
                let unlocking = master.map_or_else(Unlocking::Failed, |_nothing| Unlocking::NothingToOpen);
                return Self { findings, unlocking, known: None };
            }
        };
        let (unlocking, data_key) = match master {
            Ok(master) => unlocked(&store, &master).await,
            Err(failure) => (Unlocking::Failed(failure), None),
        };
        let (condition, known) =
            tokio::join!(Condition::of(&store, config), Known::ask(&store, data_key.as_ref()));
        let ahead = condition.ahead;
        findings.extend(condition.findings);
        Self { findings, unlocking, known: Some(Known { ahead, ..known }) }
    }
}

impl Known {
    async fn ask(store: &Store, data_key: Option<&DataKey>) -> Self {
        let seal = async {
            match data_key {
                Some(data_key) => Some(audit::standing(store, data_key).await.map_err(told)),
                None => None,
            }
        };
        let (keys, seal, brand, backed_up_at, guards) = tokio::join!(
            store.list_signing_keys(),
            seal,
            store.find_meta(BRAND),
            store.last_backup_at(),
            store.list_guards(SystemClock.now())
        );
        Self {
            keys: keys.map_err(told),
            seal,
            brand: brand.map_err(told),
            backed_up_at: backed_up_at.map_err(told),
            guards: guards.map_err(told),
            ahead: None,
        }
    }
}

fn told(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}

/// Opens it, if it is there and its schema is this binary's.
async fn open(config: &Config, findings: &mut Vec<Finding>) -> Result<Store, Finding> {
    let url = database_url(config).map_err(|failure| Finding::failed(CHECK, &failure, "correct database"))?;
    if let Some(file) = database_file(config) {
        findings.extend(header(&file)?);
    }
    let options = Options { connections: 6, deadline: DEADLINE, ..Options::default() };
    let db = Db::open(&url, options).await.map_err(|error| unreachable(&url.to_string(), &error))?;
    db.ping().await.map_err(|error| unreachable(&url.to_string(), &error))?;
    migrate::check(&db).await.map_err(|error| schema(&error))?;
    findings.push(Finding::ok(
        "database.schema",
        format!("version {}, as this tokenry needs it", migrate::NEWEST),
    ));
    Ok(Store::new(db))
}

fn unreachable(url: &str, error: &Error) -> Finding {
    let fix = match error {
        Error::Corrupt(_) => "restore a backup with `tokenry restore`, and look after the disk",
        Error::Unavailable(why) if why.contains("does not allow writes") => {
            "it is a standby or set to be read-only: name the primary in database, or promote this one"
        }
        _ if url.starts_with("sqlite:") => {
            "run this as the user that the server runs as, and look after the disk"
        }
        _ => {
            "see whether PostgreSQL runs and lets this user in: host, password and database in the address, pg_hba.conf"
        }
    };
    Finding::failure(CHECK, format!("{url} cannot be used: {error}"), fix)
}

fn schema(error: &migrate::Error) -> Finding {
    let fix = match error {
        migrate::Error::Behind { found: 0, .. } => "`tokenry init` fills an empty database",
        migrate::Error::Behind { .. } => "`tokenry migrate`",
        migrate::Error::Restoring => "run the same `tokenry restore` again, or drop the database",
        migrate::Error::TooNew { .. } => "run the newer tokenry that changed it",
        _ => "restore the build that applied it, or a backup",
    };
    Finding::failure("database.schema", error.to_string(), fix)
}

/// What the first bytes of a SQLite file say, before anything opens it: <https://sqlite.org/fileformat.html>.
fn header(file: &Path) -> Result<Option<Finding>, Finding> {
    let shown = file.display();
    let mut head = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(20).read_to_end(&mut head));
    if let Err(error) = read {
        let fix = "`tokenry init` makes a new one; for an old one, correct database or restore a backup";
        return Err(Finding::failure(CHECK, format!("{shown} cannot be read: {error}"), fix));
    }
    if !head.is_empty() && !head.starts_with(b"SQLite format 3\0") {
        let fix = "correct database, or restore a backup with `tokenry restore`";
        return Err(Finding::failure(CHECK, format!("{shown} is no SQLite database"), fix));
    }
    Ok((head.get(18) == Some(&1)).then(|| {
        let text = format!("{shown} was not in WAL mode, so readers and writers stood in each other's way");
        let fix = "nothing to do now: opening it has put it right; find out which other program writes to this file";
        Finding::warning("database.wal", text, fix)
    }))
}

/// Opens the data key, without making one.
async fn unlocked(store: &Store, master: &MasterKeys) -> (Unlocking, Option<DataKey>) {
    match store.find_keyring().await {
        Ok(None) => return (Unlocking::NothingToOpen, None),
        Ok(Some(_)) => {}
        Err(error) => return (Unlocking::Failed(anyhow::Error::from(error).into()), None),
    }
    match unlock(store, master, SystemClock.now(), &SystemRng).await {
        Ok(key) => (Unlocking::Done, Some(key)),
        Err(error) => (Unlocking::Failed(error.into()), None),
    }
}
