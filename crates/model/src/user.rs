//! A user: a person who signs in.

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
}

/// A person who signs in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// `sub`.
    pub id: UserId,
    /// The verified e-mail address, in canonical form.
    pub username: String,
    /// Whether the user may act.
    pub state: UserState,
    /// Counts every change, so that issuing can refuse a stale view.
    pub version: i64,
    /// When the account was made.
    pub created_at: Timestamp,
}
