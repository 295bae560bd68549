//! The change log: what changed, in the order in which it became visible, for everyone who holds a copy.

use std::fmt::{self, Display, Formatter};

use tokenry_clock::Timestamp;

use crate::Store;
use crate::db::Tx;
use crate::decode::Reader;
use crate::error::Result;
use crate::{params, statements};

statements! {
    pub(crate) NEXT_CHANGE = "UPDATE change_counter SET seq = seq + 1 WHERE id = 1 RETURNING seq";
    pub(crate) APPEND_CHANGE =
        "INSERT INTO change_log (seq, entity, entity_id, at) VALUES ($1, $2, $3, $4)";
    pub(crate) LATEST_CHANGE = "SELECT seq FROM change_counter WHERE id = 1";
    pub(crate) CHANGES_AFTER =
        "SELECT seq, entity, entity_id, at FROM change_log WHERE seq > $1 ORDER BY seq LIMIT $2";
}

macro_rules! entities {
    ($($(#[$meta:meta])* $variant:ident = $word:literal,)+) => {
        /// The kinds of things that are stored.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Entity { $($(#[$meta])* $variant,)+ }

        impl Entity {
            /// The stored word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            fn parse(word: &str) -> Result<Self, &'static str> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err("no kind of entity") }
            }
        }
    };
}

entities! {
    /// A client; in the change log also for its secrets and grants.
    Client = "client",
    /// A client grant.
    ClientGrant = "client grant",
    /// A client's secret.
    ClientSecret = "client secret",
    /// A company.
    Company = "company",
    /// A corporation.
    Corporation = "corporation",
    /// An integration.
    Integration = "integration",
    /// The keyring's check value and its data keys.
    Keyring = "keyring",
    /// A membership.
    Membership = "membership",
    /// A fact about the database itself.
    Meta = "meta value",
    /// A resource server; in the change log also for its secrets.
    ResourceServer = "resource server",
    /// A resource server's own secret.
    ResourceServerSecret = "resource server secret",
    /// A role.
    Role = "role",
    /// A session key.
    SessionKey = "session key",
    /// A signing key.
    SigningKey = "signing key",
    /// A theme.
    Theme = "theme",
    /// A user; in the change log also for the memberships.
    User = "user",
}

impl Display for Entity {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One entry of the change log: whoever holds a copy of that entity reads it again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Its place: every later change has a higher one, and none below a visible one is still to come.
    pub seq: i64,
    /// The kind of thing that changed.
    pub entity: Entity,
    /// Its id.
    pub entity_id: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The place of the last change; 0 before the first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_change(&self) -> Result<i64> {
        match self.db.opt(LATEST_CHANGE, &[]).await? {
            Some(row) => Reader::new(&row, "change_counter").int("seq"),
            None => Ok(0),
        }
    }

    /// Up to `limit` changes after the place `seq`, oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or an entry cannot be read.
    pub async fn changes_after(&self, seq: i64, limit: i64) -> Result<Vec<Change>> {
        let rows = self.db.rows(CHANGES_AFTER, &params![seq, limit]).await?;
        rows.iter()
            .map(|row| {
                let mut read = Reader::new(row, "change_log");
                Ok(Change {
                    seq: read.int("seq")?,
                    entity: read.parse("entity", Entity::parse)?,
                    entity_id: read.string("entity_id")?,
                    at: read.at("at")?,
                })
            })
            .collect()
    }
}

/// Notes in the transaction that `entity` changed.
pub(crate) async fn append(tx: &mut Tx<'_>, entity: Entity, id: &str, at: Timestamp) -> Result<()> {
    let row = tx.opt(NEXT_CHANGE, &[]).await?;
    let seq = match &row {
        Some(row) => Reader::new(row, "change_counter").int("seq")?,
        None => return Err(crate::Error::Missing(entity)),
    };
    tx.exec(APPEND_CHANGE, &params![seq, entity.as_str(), id, at]).await?;
    Ok(())
}
