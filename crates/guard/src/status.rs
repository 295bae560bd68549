//! What a guard knows, for people and monitors: per issuer, how much and how fresh.

use std::time::Duration;

use tokio::time::Instant;

use crate::authority::{Authorities, Authority, Kind};

/// What a guard knows. See [`Guard::status`](crate::Guard::status).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GuardStatus {
    /// Of each issuer, the first one first.
    pub issuers: Vec<IssuerStatus>,
}

/// What a guard knows from one issuer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct IssuerStatus {
    /// The issuer identifier.
    pub issuer: String,
    /// Whether there are keys to verify with.
    pub has_keys: bool,
    /// Whether companies and revocations were loaded; always, for an issuer that has none to tell.
    pub has_snapshot: bool,
    /// How many revocations are live.
    pub revocations: usize,
    /// Whether there are more revocations than the guard may keep, so that it refuses everything of this issuer.
    pub overflowing: bool,
    /// How long ago the instant is up to which every change is known; `None` if no stream ever said so.
    pub stream_age: Option<Duration>,
    /// Whether that is too long ago, or due and never was.
    pub stale: bool,
}

impl GuardStatus {
    pub(crate) fn of(authorities: &Authorities) -> Self {
        Self { issuers: authorities.iter().map(|authority| IssuerStatus::of(authority)).collect() }
    }
}

impl IssuerStatus {
    fn of(authority: &Authority) -> Self {
        let now = Instant::now();
        Self {
            issuer: authority.issuer.clone(),
            has_keys: authority.keys.current().is_some(),
            has_snapshot: authority.has_snapshot(),
            revocations: authority.revocations.len(),
            overflowing: authority.revocations.is_overflowing(),
            stream_age: authority.freshness.age(now),
            stale: authority.kind == Kind::Tokenry && authority.freshness.is_stale(now),
        }
    }
}
