//! Facts about the database itself, each under a name: the mark of a `dev` database, the wrapped `dev` seed.

use crate::change_log::Entity;
use crate::db::Row;
use crate::decode::Reader;
use crate::error::{Error, Result};
use crate::{Store, params, statements};

statements! {
    pub(crate) DELETE_META = "DELETE FROM meta WHERE name = $1";
    pub(crate) FIND_META = "SELECT value FROM meta WHERE name = $1";
    pub(crate) INSERT_META = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
}

impl Store {
    /// The value under that name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_meta(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.db.opt(FIND_META, &params![name]).await?.as_ref().map(value).transpose()
    }

    /// Puts a value under a name that has none, and yields the one that it has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_meta_if_absent(&self, name: &str, value: Vec<u8>) -> Result<Vec<u8>> {
        self.change((name.to_owned(), value), |tx, (name, proposed)| {
            Box::pin(async move {
                tx.exec(INSERT_META, &params![name, proposed.as_slice()]).await?;
                match tx.opt(FIND_META, &params![name]).await? {
                    Some(row) => self::value(&row),
                    None => Err(Error::Missing(Entity::Meta)),
                }
            })
        })
        .await
    }

    /// Takes a value away, if there is one under that name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_meta(&self, name: &str) -> Result<()> {
        self.change(name.to_owned(), |tx, name| {
            Box::pin(async move {
                tx.exec(DELETE_META, &params![name.as_str()]).await?;
                Ok(())
            })
        })
        .await
    }
}

fn value(row: &Row) -> Result<Vec<u8>> {
    Reader::new(row, "meta").blob("value")
}
