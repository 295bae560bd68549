//! The table of revocations by itself, for measuring.

use tokenry_clock::Timestamp;
use tokenry_protocol::guard::{Revoked, RevokedKind};

use crate::revocations::{Entry, Names, Revocations, USUAL_CAP};

/// What a guard keeps of one issuer's revocations. For `examples/revocations.rs`; APIs have no use for it.
#[doc(hidden)]
pub struct RevocationTable(Revocations);

/// What of a token can be revoked.
#[doc(hidden)]
pub struct TokenNames(Names);

impl RevocationTable {
    #[must_use]
    pub fn new() -> Self {
        Self(Revocations::new(USUAL_CAP))
    }

    /// Adds handles, all at once.
    pub fn revoke_handles<'a>(&self, handles: impl IntoIterator<Item = &'a str>) {
        self.add(RevokedKind::Handle, handles);
    }

    /// Adds single tokens, all at once.
    pub fn revoke_tokens<'a>(&self, ids: impl IntoIterator<Item = &'a str>) {
        self.add(RevokedKind::Token, ids);
    }

    fn add<'a>(&self, what: RevokedKind, values: impl IntoIterator<Item = &'a str>) {
        let revoked = |value: &str| Revoked { what, value: value.to_owned(), expires_at: i64::MAX };
        let entries = values.into_iter().filter_map(|value| Entry::new(&revoked(value)));
        self.0.add(entries.collect(), Timestamp::EPOCH).expect("fewer than fit");
    }

    #[must_use]
    pub fn is_dead(&self, names: &TokenNames) -> bool {
        self.0.is_dead(&names.0)
    }

    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "for measuring")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Default for RevocationTable {
    fn default() -> Self {
        Self::new()
    }
}

impl TokenNames {
    #[must_use]
    pub fn new(token_id: &str, key_id: &str) -> Self {
        Self(Names::new(token_id, Some(key_id)))
    }
}
