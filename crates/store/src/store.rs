//! The store: a database, and the way every verb changes it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use crate::change_log::Entity;
use crate::db::{self, Constraint, Db, Sql, Tx, Value};
use crate::error::{Error, Result};

/// What a verb does inside its transaction, with nothing but the values that it was given: it may run more than once.
pub(crate) type Body<I, T> = for<'t, 'c> fn(&'t mut Tx<'c>, &'t I) -> BoxFuture<'t, Result<T>>;

/// Everything that is stored. Its verbs are in one file per entity; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: Db,
}

impl Store {
    /// A store on a database whose schema is up to date.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The database itself, for readiness checks and migrations.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// Runs `body` in one transaction. Whatever error it returns, nothing was changed.
    pub(crate) fn change<I, T>(&self, input: I, body: Body<I, T>) -> BoxFuture<'static, Result<T>>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (db, input) = (self.db.clone(), Arc::new(input));
        Box::pin(async move {
            match attempt(&db, Arc::clone(&input), body).await {
                // PostgreSQL checks foreign keys against what is committed now, not against the transaction's
                // snapshot: this can be a race with whoever made or removed the other row, and a second look tells.
                Err(Error::Db(db::Error::Constraint(Constraint::ForeignKey))) => {
                    attempt(&db, input, body).await
                }
                result => result,
            }
        })
    }
}

async fn attempt<I, T>(db: &Db, input: Arc<I>, body: Body<I, T>) -> Result<T>
where
    I: Send + Sync + 'static,
    T: Send + 'static,
{
    let refusal = Arc::new(Mutex::new(None));
    let refused = Arc::clone(&refusal);
    let result = db.write(move |tx| {
        let (input, refused) = (Arc::clone(&input), Arc::clone(&refused));
        Box::pin(async move {
            // A body may run again: what an earlier run refused is not what this one does.
            *refused.lock() = None;
            match body(tx, &input).await {
                Ok(value) => Ok(value),
                Err(Error::Db(error)) => Err(error),
                Err(other) => {
                    *refused.lock() = Some(other);
                    Err(db::Error::Aborted)
                }
            }
        })
    });
    match result.await {
        Ok(value) => Ok(value),
        Err(db::Error::Aborted) => Err(refusal.lock().take().unwrap_or(Error::Db(db::Error::Aborted))),
        Err(error) => Err(Error::Db(error)),
    }
}

/// Inserts one row with a statement that does nothing where the row collides with another.
pub(crate) async fn insert(tx: &mut Tx<'_>, sql: Sql, values: &[Value], entity: Entity) -> Result<()> {
    match tx.exec(sql, values).await? {
        0 => Err(Error::Exists(entity)),
        _ => Ok(()),
    }
}

/// Changes one row that must be there.
pub(crate) async fn update(tx: &mut Tx<'_>, sql: Sql, values: &[Value], entity: Entity) -> Result<()> {
    match tx.exec(sql, values).await? {
        0 => Err(Error::Missing(entity)),
        _ => Ok(()),
    }
}

/// Refuses unless `sql` finds a row.
pub(crate) async fn must_exist(tx: &mut Tx<'_>, sql: Sql, id: &str, entity: Entity) -> Result<()> {
    match tx.opt(sql, &[id.into()]).await? {
        Some(_) => Ok(()),
        None => Err(Error::Missing(entity)),
    }
}

/// Refuses when `sql` counts any row.
pub(crate) async fn must_be_unused(tx: &mut Tx<'_>, sql: Sql, id: &str, entity: Entity) -> Result<()> {
    let row = tx.opt(sql, &[id.into()]).await?;
    let count = row.map_or(Ok(0), |row| row.int(0))?;
    if count > 0 { Err(Error::InUse { entity, count }) } else { Ok(()) }
}
