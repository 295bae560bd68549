//! The database itself: that it can be written to, is whole and near, and what its server is.

use std::time::Duration;

use tokenry_clock::{Clock as _, SystemClock};
use tokenry_store::Store;
use tokenry_store::db::{self, Db, Error, Kind, PostgresStanding};
use tokio::time::Instant;

use super::finding::Finding;
use crate::config::Config;
use crate::host::masked;

pub(super) const CHECK: &str = "database";
/// A round trip that is longer than this is felt in every token.
const SLOW: Duration = Duration::from_millis(20);
/// The oldest PostgreSQL that still gets security fixes.
const SUPPORTED: i64 = 140_000;

/// How it stands.
pub(super) struct Condition {
    pub(super) findings: Vec<Finding>,
    /// How far the clock of PostgreSQL's server is ahead of ours, in milliseconds.
    pub(super) ahead: Option<i64>,
}

impl Condition {
    /// Whether it can be written to, is whole, answers fast, and is used by a server that is as it should be.
    pub(super) async fn of(store: &Store, config: &Config) -> Self {
        let db = store.db();
        let (written, complaints, latency, server) =
            tokio::join!(db.probe_write(), db.complaints(), latency(db), server(db));
        let mut findings = vec![match &written {
            Ok(()) => Finding::ok(CHECK, format!("{} can be read and written", shown(config))),
            Err(error) => Finding::failure(
                CHECK,
                format!("{} cannot be written to: {error}", shown(config)),
                "look after its disk, its rights, and whether it is a standby or another process keeps it locked",
            ),
        }];
        findings.extend(whole(complaints));
        findings.extend(latency.filter(|_| db.kind() == Kind::Postgres).map(fast));
        findings.extend(server.as_ref().map(|(standing, _ahead)| postgres(standing)));
        Self { findings, ahead: server.map(|(_standing, ahead)| ahead) }
    }
}

fn shown(config: &Config) -> String {
    masked(&config.database)
}

fn whole(complaints: db::Result<Option<Vec<String>>>) -> Option<Finding> {
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
        Err(Error::Timeout) => {
            Some(Finding::skipped(check, "the file is too large to be checked in three seconds"))
        }
        Err(error) => Some(Finding::failure(check, format!("it cannot be checked: {error}"), fix)),
    }
}

/// The middle one of three round trips.
async fn latency(db: &Db) -> Option<Duration> {
    let mut took = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        db.ping().await.ok()?;
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
async fn server(db: &Db) -> Option<(PostgresStanding, i64)> {
    let before = SystemClock.now().as_millis();
    let standing = db.postgres_standing().await.ok()??;
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
