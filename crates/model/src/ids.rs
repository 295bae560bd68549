//! Typed identifiers. None is a secret.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use thiserror::Error;
use tokenry_clock::Timestamp;
use tokenry_protocol::claims::MAX_ID;
use uuid::{Builder, Uuid};

use crate::rng::{Rng, random_base62};

/// What fits into a token, so that every id can be claimed.
const MAX_LEN: usize = MAX_ID;
/// Every user id begins with this and no client id may, so that one `sub` never names both (A3, TOK-19).
const USER_PREFIX: &str = "usr_";

/// An id that breaks the grammar of ids.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidId {
    /// Empty, longer than 128 characters, or with a character outside `A-Z a-z 0-9 . _ ~ -`.
    #[error("an id is 1 to 128 characters of A-Z a-z 0-9 . _ ~ -")]
    Grammar,
    /// A client id that could be mistaken for a user id.
    #[error("a client id never begins with {USER_PREFIX}: that is how user ids begin")]
    UserPrefix,
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    ($(#[$meta:meta])* $name:ident from uuid) => {
        id!($(#[$meta])* $name);

        impl $name {
            /// A new id: a version 7 UUID, so that ids sort by age.
            #[must_use]
            pub fn generate(now: Timestamp, rng: &dyn Rng) -> Self {
                Self(uuid_v7(now, rng).to_string())
            }

            /// Reads an id.
            ///
            /// # Errors
            /// When `value` breaks the grammar of ids.
            pub fn parse(value: &str) -> Result<Self, InvalidId> {
                check(value).map(|()| Self(value.to_owned()))
            }
        }
    };
}

id!(/** Names a client grant: one client's right to ask for tokens for one API. */ ClientGrantId from uuid);
id!(/** Names a company, as `companyId` in tokens does. */ CompanyId from uuid);
id!(/** Names a corporation, as `corporationId` in tokens does. */ CorporationId from uuid);
id!(/** Names an integration. */ IntegrationId from uuid);
id!(/** Names a personal access token; opens nothing, and stays the same when its value is another. */ PatId from uuid);
id!(/** Names a resource server; also the user name of its own credential. */ ResourceServerId from uuid);
id!(/** Names a client's or resource server's secret; not the secret. */ SecretId from uuid);
id!(/** Names a session, as `sid` in tokens does; opens nothing. */ SessionId from uuid);

id!(
    /// Names a client: `client_id` (RFC 6749 §2.2).
    ClientId
);

impl ClientId {
    /// A new id: 32 characters of base62.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Self {
        Self(random_base62(rng, 32))
    }

    /// Reads an id that an operator chose.
    ///
    /// # Errors
    /// When `value` breaks the grammar of ids or could be mistaken for a user id.
    pub fn parse(value: &str) -> Result<Self, InvalidId> {
        check(value)?;
        if value.starts_with(USER_PREFIX) { Err(InvalidId::UserPrefix) } else { Ok(Self(value.to_owned())) }
    }
}

id!(
    /// Names a user: `sub` of user tokens.
    UserId
);

impl UserId {
    /// A new id: `usr_` and 22 characters of base62.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Self {
        Self(format!("{USER_PREFIX}{}", random_base62(rng, 22)))
    }

    /// Reads an id.
    ///
    /// # Errors
    /// When `value` breaks the grammar or lacks the prefix.
    pub fn parse(value: &str) -> Result<Self, InvalidId> {
        check(value)?;
        if value.starts_with(USER_PREFIX) { Ok(Self(value.to_owned())) } else { Err(InvalidId::Grammar) }
    }
}

/// A version 7 UUID (RFC 9562 §5.7) of the given instant.
#[must_use]
pub fn uuid_v7(now: Timestamp, rng: &dyn Rng) -> Uuid {
    let mut random = [0; 10];
    rng.fill(&mut random);
    Builder::from_unix_timestamp_millis(u64::try_from(now.as_millis()).unwrap_or(0), &random).into_uuid()
}

fn check(value: &str) -> Result<(), InvalidId> {
    let fits = (1..=MAX_LEN).contains(&value.len());
    let clean = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b));
    if fits && clean { Ok(()) } else { Err(InvalidId::Grammar) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SystemRng;

    #[test]
    fn tok_19_a_client_id_is_never_a_user_id() {
        assert_eq!(ClientId::parse("usr_0123456789"), Err(InvalidId::UserPrefix));
        assert!(UserId::parse("payroll-cron").is_err());
        assert!(UserId::generate(&SystemRng).as_str().starts_with("usr_"));
    }

    #[test]
    fn ids_have_one_grammar() {
        for bad in ["", "a b", "a/b", "é", "a\n", &"x".repeat(129)] {
            assert_eq!(ClientId::parse(bad), Err(InvalidId::Grammar), "{bad:?}");
            assert!(CompanyId::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(CompanyId::parse("acme").unwrap().as_str(), "acme");
    }

    #[test]
    fn generated_ids_have_their_form() {
        assert_eq!(ClientId::generate(&SystemRng).as_str().len(), 32);
        let id = CompanyId::generate(Timestamp::from_millis(1_763_692_496_120), &SystemRng);
        assert!(id.as_str().starts_with("019aa443-c4f8-7"), "{id}");
        assert_eq!(Uuid::parse_str(id.as_str()).unwrap().get_version_num(), 7);
    }
}
