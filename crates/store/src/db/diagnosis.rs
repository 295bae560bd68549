//! What a database says of itself to an operator: whether it is whole and can be written to, and what its server is.

use tokenry_clock::Timestamp;

use super::{Db, Result, Row, Sql};

/// In a transaction that may write: the connections that read are read-only by our own choice.
const POSTGRES_STANDING: Sql = Sql::new(
    "POSTGRES_STANDING",
    "SELECT current_setting('server_version') AS version, \
     CAST(current_setting('server_version_num') AS BIGINT) AS number, \
     CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS at",
);
/// Changes no row, and is refused wherever a row could not be changed.
const PROBE_WRITE: Sql = Sql::new("PROBE_WRITE", "UPDATE change_counter SET seq = seq WHERE id = 0");
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

impl Db {
    /// What the PostgreSQL server says of itself; `None` on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn postgres_standing(&self) -> Result<Option<PostgresStanding>> {
        match self {
            Self::Postgres(_) => {
                let rows = self.write_one(POSTGRES_STANDING, Vec::new()).await?;
                rows.first().map(standing).transpose()
            }
            Self::Sqlite(_) => Ok(None),
        }
    }

    /// What SQLite finds wrong with its file, the first three things; `None` on PostgreSQL, which has no such check.
    ///
    /// # Errors
    /// When the database does not answer, or the check takes too long.
    pub async fn complaints(&self) -> Result<Option<Vec<String>>> {
        match self {
            Self::Postgres(_) => Ok(None),
            Self::Sqlite(_) => {
                let rows = self.list(QUICK_CHECK, &[]).await?;
                let said = rows.iter().map(|row| row.text(0).map(str::to_owned));
                let mut said = said.collect::<Result<Vec<_>>>()?;
                said.retain(|line| line != "ok");
                Ok(Some(said))
            }
        }
    }

    /// Succeeds if the database can be written to. On SQLite it writes a page as it is.
    ///
    /// # Errors
    /// When it cannot be written to, or does not answer.
    pub async fn probe_write(&self) -> Result<()> {
        match self {
            Self::Postgres(_) => self.write_one(PROBE_WRITE, Vec::new()).await.map(drop),
            Self::Sqlite(it) => it.probe_write().await,
        }
    }
}

fn standing(row: &Row) -> Result<PostgresStanding> {
    Ok(PostgresStanding { version: row.text(0)?.to_owned(), number: row.int(1)?, at: row.instant(2)? })
}
