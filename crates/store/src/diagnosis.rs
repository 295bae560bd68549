//! What an operator's diagnosis asks of the database itself: whether it is whole and writable, what its server says, and
//! who follows it.

use tokenry_clock::Timestamp;

use crate::db::{Db, Row, Sql};
use crate::error::Result;
use crate::guard_streams::COUNTED_FOR;
use crate::{Store, params, statements};

/// The most guards that are told of.
const GUARDS: i64 = 1_000;

statements! {
    pub(crate) LIST_GUARDS =
        "SELECT r.audience, s.guard, s.acked, COALESCE(c.seq, 0) AS announced, s.seen_at, s.ended_at \
         FROM guard_streams s JOIN resource_servers r ON r.id = s.resource_server_id \
         LEFT JOIN guard_counters c ON c.resource_server_id = s.resource_server_id \
         WHERE COALESCE(s.ended_at, s.seen_at) > $1 ORDER BY r.audience, s.guard LIMIT $2";
    /// Changes no row, and is refused wherever a row could not be changed.
    pub(crate) PROBE_WRITE = "UPDATE change_counter SET seq = seq WHERE id = 0";
}

/// In a transaction that may write: the connections that read are read-only by our own choice.
const POSTGRES_STANDING: Sql = Sql::new(
    "POSTGRES_STANDING",
    "SELECT current_setting('server_version') AS version, \
     CAST(current_setting('server_version_num') AS BIGINT) AS number, \
     CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS at",
);
const QUICK_CHECK: Sql = Sql::new("QUICK_CHECK", "SELECT quick_check FROM pragma_quick_check LIMIT 3");

/// What a PostgreSQL server says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PostgresStanding {
    /// Its version, for people.
    pub version: String,
    /// The same as a number: 150004 is 15.4.
    pub number: i64,
    /// Its clock.
    pub at: Timestamp,
}

/// A guard that is waited for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GuardStanding {
    /// Whose guard it is: the API's audience.
    pub audience: String,
    /// Its name.
    pub guard: String,
    /// The last event that it acknowledged.
    pub acked: i64,
    /// The last event of its API.
    pub announced: i64,
    /// When it was last heard of.
    pub seen_at: Timestamp,
    /// When its connection broke, if it has none.
    pub ended_at: Option<Timestamp>,
}

impl Store {
    /// What the PostgreSQL server says of itself; `None` on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn postgres_standing(&self) -> Result<Option<PostgresStanding>> {
        if let Db::Sqlite(_) = self.db {
            return Ok(None);
        }
        let rows = self.db.write_one(POSTGRES_STANDING, Vec::new()).await?;
        rows.first().map(standing).transpose()
    }

    /// What SQLite finds wrong with its file, the first three things; `None` on PostgreSQL, which has no such check.
    ///
    /// # Errors
    /// When the database does not answer, or the check takes too long.
    pub async fn complaints(&self) -> Result<Option<Vec<String>>> {
        if let Db::Postgres(_) = self.db {
            return Ok(None);
        }
        let mut said = Vec::new();
        for row in self.db.list(QUICK_CHECK, &[]).await? {
            said.push(row.text(0)?.to_owned());
        }
        said.retain(|line| line != "ok");
        Ok(Some(said))
    }

    /// Succeeds if the database can be written to. On SQLite it writes a page as it is.
    ///
    /// # Errors
    /// When it cannot be written to, or does not answer.
    pub async fn probe_write(&self) -> Result<()> {
        match &self.db {
            Db::Postgres(_) => self.db.write_one(PROBE_WRITE, Vec::new()).await.map(drop)?,
            Db::Sqlite(sqlite) => sqlite.probe_write().await?,
        }
        Ok(())
    }

    /// The guards that are waited for at `now`: those that are connected, and those whose connection broke less than ten
    /// minutes ago.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_guards(&self, now: Timestamp) -> Result<Vec<GuardStanding>> {
        let rows = self.db.list(LIST_GUARDS, &params![now.minus(COUNTED_FOR), GUARDS]).await?;
        rows.iter().map(guard).collect()
    }
}

fn standing(row: &Row) -> Result<PostgresStanding> {
    let version = row.text(0)?.to_owned();
    Ok(PostgresStanding { version, number: row.int(1)?, at: row.instant(2)? })
}

fn guard(row: &Row) -> Result<GuardStanding> {
    Ok(GuardStanding {
        audience: row.text(0)?.to_owned(),
        guard: row.text(1)?.to_owned(),
        acked: row.int(2)?,
        announced: row.int(3)?,
        seen_at: row.instant(4)?,
        ended_at: row.opt_instant(5)?,
    })
}
