//! A role: what a membership that has it allows, by API.

use tokenry_clock::Timestamp;
use tokenry_protocol::scope::Scope;

use crate::ids::ResourceServerId;

/// What a membership that has it allows. A user's permissions in a company are those of all roles held there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Role {
    /// Names it.
    pub name: String,
    /// For people.
    pub description: String,
    /// Whether it holds for every company of the corporation that the membership's company belongs to.
    pub corporation_wide: bool,
    /// What it allows, by API.
    pub permissions: Vec<RolePermission>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a role allows at one API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RolePermission {
    /// The API.
    pub resource_server_id: ResourceServerId,
    /// Scope-tokens that the API defines.
    pub scope: Scope,
}

/// What one role of a user's gives at one API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldScope {
    /// What.
    pub scope: Scope,
    /// Whether it holds for every company of the corporation.
    pub corporation_wide: bool,
}
