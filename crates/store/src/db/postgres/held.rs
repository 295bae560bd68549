//! A transaction that is held open, on a connection of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;

use super::error::Failure;
use super::programs::Programs;
use super::statement::Session;
use super::{blocking, translate};
use crate::db::{Error, Hold, Result, Row, Sql, Value};

/// Lets another session see what this one sees.
const EXPORT: Sql = Sql::new("EXPORT", "SELECT pg_export_snapshot()");
const SERVER: Sql =
    Sql::new("SERVER", "SELECT CAST(current_setting('server_version_num') AS BIGINT) / 10000");

/// An open transaction. Its connection ends with it.
pub(in crate::db) struct PostgresHeld {
    client: ClientWrapper,
    programs: Arc<Programs>,
}

impl PostgresHeld {
    pub(super) async fn begin(
        client: ClientWrapper,
        hold: Hold,
        patience: Duration,
        programs: Arc<Programs>,
    ) -> Result<Self> {
        let session = Session::from(&client);
        let begin = match hold {
            Hold::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Hold::Write => {
                session.lock_exclusively(patience).await.map_err(|it| it.error)?;
                "BEGIN ISOLATION LEVEL SERIALIZABLE"
            }
        };
        // It waits for a disk, or for another database.
        let begin =
            format!("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; {begin}");
        session.script(&begin).await.map_err(|it| it.error)?;
        Ok(Self { client, programs })
    }

    pub(in crate::db) async fn rows(&self, sql: Sql, values: &[Value]) -> Result<Vec<Row>> {
        Session::from(&self.client).rows(sql, values).await.map_err(|it| it.error)
    }

    pub(in crate::db) async fn exec_each(&self, sql: Sql, each: &[Vec<Value>]) -> Result<u64> {
        Session::from(&self.client).exec_each(sql, each).await.map_err(|it| it.error)
    }

    pub(in crate::db) async fn copy_to(&self, file: &Path) -> Result<()> {
        let server = self.rows(SERVER, &[]).await?.first().map_or(Ok(0), |row| row.int(0))?;
        let snapshot = self.rows(EXPORT, &[]).await?;
        let snapshot = snapshot.first().ok_or(Error::Aborted)?.text(0)?.to_owned();
        let (programs, file) = (Arc::clone(&self.programs), file.to_owned());
        blocking(move || programs.dump(server, &snapshot, &file)).await
    }

    pub(in crate::db) async fn commit(&self) -> Result<()> {
        let committed = self.client.batch_execute("COMMIT").await;
        committed.map_err(|error| Failure::at_commit(translate(&error, None)).error)
    }
}
