//! Scope: a set of scope-tokens, with the grammar and set algebra of RFC 6749 §3.3.
//!
//! ```text
//! scope       = scope-token *( SP scope-token )
//! scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
//! ```

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

/// The most scope-tokens that one scope on the wire may have.
pub const MAX_TOKENS: usize = 200;

/// The text is no scope or scope-token of RFC 6749 §3.3, or has more than [`MAX_TOKENS`] of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "scope-tokens are printable ASCII without quotes and backslashes, separated by single spaces, at most 200"
)]
pub struct InvalidScope;

/// One value of a scope, e.g. `read:timesheets`; compared exactly.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ScopeToken(Box<str>);

impl ScopeToken {
    /// Reads one scope-token.
    ///
    /// # Errors
    /// [`InvalidScope`] if it is empty or has a character outside the grammar, a space for instance.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let fits = text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E));
        if fits && !text.is_empty() { Ok(Self(text.into())) } else { Err(InvalidScope) }
    }

    /// The token as the wire has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScopeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ScopeToken {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::parse(text)
    }
}

/// A set of scope-tokens, in the order of their bytes. The empty set is the absence of `scope` on the wire.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Scope(
    /// Sorted, without duplicates: smaller and faster than a tree for the handful that real scopes have.
    Vec<ScopeToken>,
);

impl Scope {
    /// Reads a scope from the wire; a token that stands there twice counts once.
    ///
    /// # Errors
    /// [`InvalidScope`] if it is empty, has leading, trailing or doubled spaces, a character outside the
    /// grammar, or more than [`MAX_TOKENS`] tokens.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        // Counted before anything is allocated: ten thousand tokens cost one look at each byte.
        if text.bytes().filter(|&byte| byte == b' ').count() >= MAX_TOKENS {
            return Err(InvalidScope);
        }
        text.split(' ').map(ScopeToken::parse).collect()
    }

    /// The set without a member.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The tokens, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, ScopeToken> {
        self.0.iter()
    }

    /// Whether `token` is a member.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.0.binary_search_by(|member| member.as_str().cmp(token)).is_ok()
    }

    /// Whether every token of `self` is in `other` too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.len() <= other.len() && self.iter().all(|token| other.contains(token.as_str()))
    }

    /// The tokens that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut theirs = other.iter().peekable();
        let both = self.iter().filter(|ours| {
            while theirs.next_if(|theirs| theirs.cmp(ours) == Ordering::Less).is_some() {}
            theirs.peek() == Some(ours)
        });
        Self(both.cloned().collect())
    }

    /// Whether it has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<ScopeToken> for Scope {
    fn from_iter<I: IntoIterator<Item = ScopeToken>>(tokens: I) -> Self {
        let mut tokens: Vec<_> = tokens.into_iter().collect();
        tokens.sort_unstable();
        tokens.dedup();
        Self(tokens)
    }
}

impl<'a> IntoIterator for &'a Scope {
    type Item = &'a ScopeToken;
    type IntoIter = std::slice::Iter<'a, ScopeToken>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, token) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::parse(text)
    }
}

/// Space-joined; the empty set is the empty string.
impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From a space-joined string; the empty string is the empty set.
impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        if text.is_empty() { Ok(Self::empty()) } else { Self::parse(&text).map_err(D::Error::custom) }
    }
}
