//! What a verb answers when it cannot do what it was asked.

use thiserror::Error;

use crate::change_log::Entity;
use crate::db;

/// The result of a verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a verb did nothing. Whatever the error: nothing was changed, except where [`db::Error`] says that it is unknown.
#[derive(Debug, Error)]
pub enum Error {
    /// A stored value that this release cannot read: damage, or written by a newer release.
    #[error("{table}.{column} holds what this release cannot read: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with the value; never the value of a secret.
        reason: String,
    },
    /// The database would not.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Its id, or something else about it that must be unique, is taken.
    #[error("such a {0} exists already")]
    Exists(Entity),
    /// Others still name it.
    #[error("still named by {count} of kind {entity}")]
    InUse {
        /// What kind of thing names it.
        entity: Entity,
        /// How many of them there are.
        count: i64,
    },
    /// It names something that does not exist.
    #[error("there is no such {0}")]
    Missing(Entity),
    /// A scope that is to go is still granted.
    #[error("scope {scope} is still granted")]
    ScopeInUse {
        /// Which.
        scope: String,
        /// The ids of the clients that it is granted to.
        clients: Vec<String>,
        /// The names of the roles that allow it.
        roles: Vec<String>,
    },
    /// It names a scope that the API does not define, or no more.
    #[error("the API does not define the scope {scope}")]
    ScopeUndefined {
        /// Which.
        scope: String,
    },
    /// One more working secret would be too many.
    #[error("no more than {limit} secrets may work at a time")]
    TooManySecrets {
        /// How many may.
        limit: i64,
    },
}

impl Error {
    /// Whether trying again later may help: the database is away, busy or full.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Db(error) if error.is_unavailable())
    }
}
