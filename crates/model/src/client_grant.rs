//! A client grant: one client's right to ask for tokens for one API.

use tokenry_clock::Timestamp;
use tokenry_protocol::scope::Scope;

use crate::ids::{ClientGrantId, ClientId, ResourceServerId};

/// One client's right to ask for tokens for one API, up to `scope`.
#[derive(Clone, Debug)]
pub struct ClientGrant {
    /// Names the grant.
    pub id: ClientGrantId,
    /// Who may ask.
    pub client_id: ClientId,
    /// For which API.
    pub resource_server_id: ResourceServerId,
    /// The ceiling: what a token for that API may carry at most.
    pub scope: Scope,
    /// When it was given.
    pub created_at: Timestamp,
}
