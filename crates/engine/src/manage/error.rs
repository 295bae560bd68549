//! Why a management verb did nothing.

use std::fmt::{self, Display, Formatter};

use thiserror::Error as ThisError;
use tokenry_store::{Entity, Error as StoreError};

/// How many of each kind an error names.
const NAMED: usize = 5;

/// What a verb was about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Thing {
    /// In the words of the command line: "client", "API".
    pub what: &'static str,
    /// As it was named in the request.
    pub id: String,
}

impl Display for Thing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.what, self.id)
    }
}

/// Why a management verb did nothing. Nothing has changed then.
#[derive(Debug, ThisError)]
pub enum Error {
    /// There is one already.
    #[error("{0} already exists")]
    Exists(Thing),
    /// Others still depend on it.
    #[error("{thing} is still used by {count} {by}; remove those first")]
    InUse {
        /// What was to be removed.
        thing: Thing,
        /// What uses it.
        by: &'static str,
        /// How many.
        count: i64,
    },
    /// A value cannot be taken.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which, as the command line and the API spell it.
        field: &'static str,
        /// What is wrong and what would do.
        problem: String,
    },
    /// There is none.
    #[error("there is no {0}")]
    NotFound(Thing),
    /// A scope that is to go is still granted.
    #[error("scope \"{scope}\" is still granted: {by}; take it from them first")]
    ScopeInUse {
        /// Which.
        scope: String,
        /// To whom, as the command line spells them.
        by: String,
    },
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] StoreError),
    /// A client may have only so many working secrets.
    #[error("{client} already has {limit} working secrets; revoke one first")]
    TooManySecrets {
        /// Whose.
        client: Thing,
        /// The most it may have.
        limit: i64,
    },
}

impl Error {
    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { field, problem: problem.into() }
    }

    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound(Thing { what, id: id.to_string() })
    }

    /// Puts a storage refusal in people's words; `thing` is what the verb was about.
    pub(crate) fn from_store(error: StoreError, what: &'static str, id: impl ToString) -> Self {
        let thing = Thing { what, id: id.to_string() };
        match error {
            StoreError::Exists(Entity::ClientSecret) => Self::invalid(
                "secret-file",
                "a client has this very secret already; a secret belongs to one client",
            ),
            StoreError::Exists(entity) => Self::Exists(Thing { what: entity_word(entity), id: thing.id }),
            StoreError::InUse { entity, count } => Self::InUse { thing, by: entity_words(entity), count },
            StoreError::Missing(entity) => Self::NotFound(Thing { what: entity_word(entity), id: thing.id }),
            StoreError::ScopeInUse { scope, clients, roles } => {
                Self::ScopeInUse { scope, by: named(&clients, &roles) }
            }
            StoreError::ScopeUndefined { scope } => {
                Self::invalid("scope", format!("the API does not define \"{scope}\" any more"))
            }
            StoreError::TooManySecrets { limit } => Self::TooManySecrets { client: thing, limit },
            other @ (StoreError::Corrupt { .. } | StoreError::Db(_)) => Self::Store(other),
        }
    }
}

/// Who has a scope: the first few of each, and how many there are beside them.
fn named(clients: &[String], roles: &[String]) -> String {
    let by = [("client", clients), ("role", roles)].into_iter().flat_map(|(what, names)| {
        let others = names.len().saturating_sub(NAMED);
        let named = names.iter().take(NAMED).map(move |name| format!("{what} {name}"));
        named.chain((others > 0).then(|| format!("{others} more of kind {what}")))
    });
    by.collect::<Vec<_>>().join(", ")
}

/// The word for one of an entity, as the command line's tables have it.
const fn entity_word(entity: Entity) -> &'static str {
    match entity {
        Entity::Client => "client",
        Entity::ClientGrant => "grant",
        Entity::ClientSecret | Entity::ResourceServerSecret => "secret",
        Entity::Company => "company",
        Entity::Corporation => "corporation",
        Entity::Integration => "integration",
        Entity::Keyring => "keyring",
        Entity::Membership => "membership",
        Entity::Meta => "mark",
        Entity::ResourceServer => "API",
        Entity::Role => "role",
        Entity::SessionKey => "session key",
        Entity::SigningKey => "signing key",
        Entity::Theme => "theme",
        Entity::User => "user",
    }
}

const fn entity_words(entity: Entity) -> &'static str {
    match entity {
        Entity::Client => "clients",
        Entity::ClientGrant => "grants",
        Entity::ClientSecret | Entity::ResourceServerSecret => "secrets",
        Entity::Company => "companies",
        Entity::Corporation => "corporations",
        Entity::Integration => "integrations",
        Entity::Keyring => "keyrings",
        Entity::Membership => "memberships",
        Entity::Meta => "marks",
        Entity::ResourceServer => "APIs",
        Entity::Role => "roles",
        Entity::SessionKey => "session keys",
        Entity::SigningKey => "signing keys",
        Entity::Theme => "themes",
        Entity::User => "users",
    }
}
