//! An integration: a connection to another system, with a client of its own (R6).

use tokenry_clock::Timestamp;

use crate::ids::{ClientId, IntegrationId};

/// A connection to another system. It is one client, which no other integration shares, so that rotating or removing
/// one touches no other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Integration {
    /// Names it.
    pub id: IntegrationId,
    /// For people; no two have the same.
    pub name: String,
    /// The client that it is.
    pub client_id: ClientId,
    /// When it was made.
    pub created_at: Timestamp,
}
