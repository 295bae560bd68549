//! The database: opened as a server would, never made or filled, and asked at once for all that the other files judge.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use tokenry_clock::{Clock as _, SystemClock, Timestamp};
use tokenry_engine::audit::{self, Standing};
use tokenry_engine::keyring::{DataKey, MasterKeys, unlock};
use tokenry_model::{SigningKeyRecord, SystemRng};
use tokenry_store::db::{Db, Error, Options};
use tokenry_store::{GuardStanding, PostgresStanding, Store, migrate};
use tokio::time::Instant;

use super::files::database_file;
use super::finding::Finding;
use crate::config::Config;
use crate::failure::Failure;
use crate::host::{BRAND, database_url, read_keyring};

const CHECK: &str = "database";
/// How long one question may take.
const DEADLINE: Duration = Duration::from_secs(3);
/// A round trip that is longer than this is felt in every token.
const SLOW: Duration = Duration::from_millis(20);
/// The oldest PostgreSQL that still gets security fixes.
const SUPPORTED: i64 = 140_000;

/// The database as it was found.
pub(super) struct Patient {
    pub(super) findings: Vec<Finding>,
    pub(super) unlocking: Unlocking,
    /// What it answered; `None`: it cannot be asked.
    pub(super) answers: Option<Known>,
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
                return Self { findings, unlocking, answers: None };
            }
        };
        let (unlocking, data_key) = match master {
            Ok(master) => unlocked(&store, &master).await,
            Err(failure) => (Unlocking::Failed(failure), None),
        };
        let (condition, answers) =
            tokio::join!(condition(&store, config), Known::ask(&store, data_key.as_ref()));
        let ahead = condition.ahead;
        findings.extend(condition.findings);
        Self { findings, unlocking, answers: Some(Known { ahead, ..answers }) }
    }
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

struct Condition {
    findings: Vec<Finding>,
    ahead: Option<i64>,
}

/// Whether it can be written to, is whole, answers fast, and is used by a server that is as it should be.
async fn condition(store: &Store, config: &Config) -> Condition {
    let (written, complaints, latency, server, brand) = tokio::join!(
        store.probe_write(),
        store.complaints(),
        latency(store),
        server(store),
        store.find_meta(BRAND)
    );
    let mut findings = vec![match &written {
        Ok(()) => Finding::ok(CHECK, format!("{} can be read and written", shown(config))),
        Err(error) => Finding::failure(
            CHECK,
            format!("{} cannot be written to: {error}", shown(config)),
            "look after its disk, its rights, and whether it is a standby or another process keeps it locked",
        ),
    }];
    findings.extend(whole(complaints));
    findings.extend(latency.filter(|_| matches!(store.db(), Db::Postgres(_))).map(fast));
    let mut ahead = None;
    if let Some((standing, clock)) = server {
        ahead = Some(clock);
        findings.push(postgres(&standing));
    }
    if let Ok(Some(kept)) = brand
        && kept != config.secrets.brand.as_bytes()
    {
        let kept = String::from_utf8_lossy(&kept).into_owned();
        findings.push(Finding::failure(
            "config.brand",
            format!(
                "secrets.brand is \"{}\", and this database's secrets begin with \"{kept}\"",
                config.secrets.brand
            ),
            format!("brand = \"{kept}\""),
        ));
    }
    Condition { findings, ahead }
}

fn shown(config: &Config) -> String {
    crate::host::masked(&config.database)
}

fn whole(complaints: tokenry_store::Result<Option<Vec<String>>>) -> Option<Finding> {
    let check = "database.integrity";
    let fix = "stop the server, keep a copy of the file, and restore a backup with `tokenry restore`";
    match complaints {
        Ok(None) => None,
        Ok(Some(none)) if none.is_empty() => {
            Some(Finding::ok(check, "SQLite finds nothing wrong with the file"))
        }
        Ok(Some(some)) => {
            Some(Finding::failure(check, format!("the file is damaged: {}", some.join("; ")), fix))
        }
        Err(tokenry_store::Error::Db(Error::Timeout)) => {
            Some(Finding::skipped(check, "the file is too large to be checked in three seconds"))
        }
        Err(error) => Some(Finding::failure(check, format!("it cannot be checked: {error}"), fix)),
    }
}

/// The middle one of three round trips.
async fn latency(store: &Store) -> Option<Duration> {
    let mut took = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        store.db().ping().await.ok()?;
        took.push(begun.elapsed());
    }
    took.sort();
    took.get(1).copied()
}

fn fast(took: Duration) -> Finding {
    let check = "database.latency";
    let text = format!("one question takes {:.1} ms there and back", took.as_secs_f64() * 1_000.0);
    if took <= SLOW {
        return Finding::ok(check, text);
    }
    let fix = "bring server and database closer together: each token waits for it once at the least";
    Finding::warning(check, text, fix)
}

/// What PostgreSQL says of itself, and how far its clock is ahead, with half of the way that the answer took.
async fn server(store: &Store) -> Option<(PostgresStanding, i64)> {
    let before = SystemClock.now().as_millis();
    let standing = store.postgres_standing().await.ok()??;
    let after = SystemClock.now().as_millis();
    let ahead = standing.at.as_millis() - (before + after) / 2;
    Some((standing, ahead))
}

fn postgres(standing: &PostgresStanding) -> Finding {
    let check = "database.server";
    let text = format!("PostgreSQL {}", standing.version);
    if standing.number < SUPPORTED {
        return Finding::warning(
            check,
            format!("{text} gets no security fixes any more"),
            "upgrade PostgreSQL",
        );
    }
    Finding::ok(check, text)
}

impl Known {
    async fn ask(store: &Store, data_key: Option<&DataKey>) -> Self {
        let seal = async {
            match data_key {
                Some(data_key) => Some(audit::standing(store, data_key).await.map_err(told)),
                None => None,
            }
        };
        let (keys, seal, backed_up_at, guards) = tokio::join!(
            store.list_signing_keys(),
            seal,
            store.last_backup_at(),
            store.list_guards(SystemClock.now())
        );
        Self {
            keys: keys.map_err(told),
            seal,
            backed_up_at: backed_up_at.map_err(told),
            guards: guards.map_err(told),
            ahead: None,
        }
    }
}

fn told(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}
