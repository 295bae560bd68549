//! A user: a person who signs in.

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;

use crate::ids::UserId;

/// Whether a user may act.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UserState {
    /// Refused everywhere since then.
    Disabled {
        /// When an operator disabled the account.
        at: Timestamp,
    },
    /// May act.
    Enabled,
    /// Has deleted the account, and may take that back until then: refused everywhere meanwhile.
    Leaving {
        /// When it is deleted for good.
        due_at: Timestamp,
    },
}

/// A person who signs in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// `sub`.
    pub id: UserId,
    /// An e-mail address, in canonical form.
    pub username: String,
    /// Since when that address has been known to be the user's.
    pub email_verified_at: Option<Timestamp>,
    /// How the user is called.
    pub name: Option<String>,
    /// What else is known, by the names of OpenID Connect Core §5.1. Never in an access token.
    pub claims: Map<String, Value>,
    /// When name, claims, address or what is known of it last changed.
    pub updated_at: Timestamp,
    /// Whether the user may act.
    pub state: UserState,
    /// Counts every change, so that issuing can refuse a stale view.
    pub version: i64,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl User {
    /// Which language they read, as a BCP 47 tag: the claim `locale`, if it says so.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        self.claims.get("locale").and_then(Value::as_str)
    }
}
