//! A personal access token: a credential of a user's own, by which programs act as the user where the user lets them.
//!
//! It carries no rights. What it may do is decided anew each time that somebody asks about it, from what its user may do then.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_protocol::scope::Scope;

use crate::digest::Digest;
use crate::ids::{CompanyId, PatId, ResourceServerId, UserId};
use crate::last_use::LastUse;

/// A personal access token, without its value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pat {
    /// Names it.
    pub id: PatId,
    /// Whose it is.
    pub user_id: UserId,
    /// The company that the user acts for by it; `None`: the only one that there is, if there is one.
    pub company_id: Option<CompanyId>,
    /// What its owner calls it.
    pub name: String,
    /// What else its owner says of it; may be empty.
    pub note: String,
    /// What it is for.
    pub reach: PatReach,
    /// The networks in CIDR notation from which alone it may be used; empty: from everywhere.
    pub allowed_addresses: Vec<String>,
    /// How long each of its values lives.
    pub lifetime: Duration,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its value ends, or it has ended.
    pub ends_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What a personal access token is for. It narrows what its user may do, and gives nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PatReach {
    /// All that its user may do, at every API.
    Everything,
    /// These APIs, by their ids.
    Only(Vec<PatApi>),
}

/// One of the APIs that a personal access token names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PatApi {
    /// Which.
    pub resource_server_id: ResourceServerId,
    /// What of what its user may do there; `None`: all.
    pub scope: Option<Scope>,
}

/// One value of a personal access token; not the value, only its digest.
#[derive(Clone, Debug)]
pub struct PatValue {
    /// Finds it.
    pub digest: Digest,
    /// Of which token.
    pub pat_id: PatId,
    /// Names it, as tokens are named; the handle at its head is what guards are told when it ends.
    pub jti: String,
    /// The last four characters, by which its owner knows it again.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Since when another one is in its place, while it still works for a while.
    pub superseded_at: Option<Timestamp>,
    /// When, from where and with what it was last used, to the minute.
    pub last_use: Option<LastUse>,
}
