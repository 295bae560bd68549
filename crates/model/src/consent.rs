//! A consent: what a user lets an application do at an API, until taken back.

use tokenry_clock::Timestamp;
use tokenry_protocol::scope::Scope;

use crate::ids::{ClientId, ResourceServerId, UserId};
use crate::tenant::Tenant;

/// What a user lets an application do for a company. It outlives sessions and tokens; taking it back ends them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Consent {
    /// Who.
    pub user_id: UserId,
    /// Which application.
    pub client_id: ClientId,
    /// At which API; `None`: what it may learn of the user.
    pub resource_server_id: Option<ResourceServerId>,
    /// For which company, and whether for all of its corporation; `None`: nothing that is a company's.
    pub tenant: Option<Tenant>,
    /// What.
    pub scope: Scope,
    /// Since when.
    pub created_at: Timestamp,
    /// When the user last agreed to more.
    pub updated_at: Timestamp,
}
