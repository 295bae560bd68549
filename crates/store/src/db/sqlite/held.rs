//! A transaction that is held open, on a connection of its own, which goes to a thread that may block and comes back.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};

use super::connection::Connection;
use super::error::{Context, translate};
use super::file::File;
use super::{blocking, statement};
use crate::db::{Error, Hold, Result, Row, Sql, Value};

/// An open transaction.
pub(in crate::db) struct SqliteHeld(Option<Connection>);

impl SqliteHeld {
    pub(super) fn begin(file: &File, hold: Hold, patience: Duration) -> Result<Self> {
        let connection = match hold {
            Hold::Read => {
                let connection = Connection::reader(file)?;
                connection.control("BEGIN")?;
                // Which state it sees is settled by the first thing that it reads.
                connection.probe()?;
                connection
            }
            Hold::Write => {
                let connection = Connection::writer(file, None)?;
                connection.begin(Instant::now() + patience)?;
                connection
            }
        };
        Ok(Self(Some(connection)))
    }

    pub(in crate::db) async fn rows(&mut self, sql: Sql, values: Vec<Value>) -> Result<Vec<Row>> {
        self.with(move |connection| statement::rows(connection, sql, &values)).await
    }

    pub(in crate::db) async fn exec_each(&mut self, sql: Sql, each: Vec<Vec<Value>>) -> Result<u64> {
        self.with(move |connection| {
            each.iter().try_fold(0, |sum, values| Ok(sum + statement::exec(connection, sql, values)?))
        })
        .await
    }

    pub(in crate::db) async fn copy_to(&mut self, file: &Path) -> Result<()> {
        let file = file.to_owned();
        self.with(move |connection| copy(connection, &file)).await
    }

    pub(in crate::db) async fn commit(mut self) -> Result<()> {
        self.with(|connection| connection.commit()).await
    }

    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = self.0.take().ok_or(Error::Aborted)?;
        let (connection, result) = blocking(move || {
            let result = work(&connection);
            Ok((connection, result))
        })
        .await?;
        self.0 = Some(connection);
        result
    }
}

/// All pages in one step, as the open transaction sees them: in steps a copy begins anew whenever somebody has written, and
/// under load it would never end. Writers go on; what waits is their log, which grows meanwhile.
fn copy(connection: &Connection, file: &PathBuf) -> Result<()> {
    let copied = || -> rusqlite::Result<(StepResult, rusqlite::Connection)> {
        let mut target = rusqlite::Connection::open(file)?;
        let step = Backup::new(&connection.inner, &mut target)?.step(-1)?;
        Ok((step, target))
    };
    match copied().map_err(|error| translate(&error, Context::Control))? {
        (StepResult::Done, target) => super::place::check_and_join(&target),
        _ => Err(Error::Busy),
    }
}
