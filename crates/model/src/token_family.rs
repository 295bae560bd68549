//! A token family: one authorization, whose code, refresh tokens and access tokens die as one.

use std::time::Duration;

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_protocol::scope::Scope;

use crate::ids::{ClientId, ResourceServerId, SessionId, UserId};
use crate::session::AuthMethod;
use crate::tenant::Tenant;
use crate::token_handle::TokenHandle;

/// One authorization: what a user let a client do in one go. What lives of it hangs on its row.
#[derive(Clone, Debug)]
pub struct TokenFamily {
    /// What its access tokens' `jti` begins with.
    pub handle: TokenHandle,
    /// To which client.
    pub client_id: ClientId,
    /// By which user.
    pub user_id: UserId,
    /// In which session; that may have expired meanwhile, but signing out of it ends the family.
    pub session_id: SessionId,
    /// For which API; `None`: for `/userinfo` alone.
    pub resource_server_id: Option<ResourceServerId>,
    /// The company that the user acted for, and the corporation that the tokens reach.
    pub tenant: Option<Tenant>,
    /// What was granted. Access tokens may have less, and none has more.
    pub scope: Scope,
    /// When the user last proved to be who they are, as of the authorization.
    pub auth_time: Timestamp,
    /// How.
    pub amr: Vec<AuthMethod>,
    /// The `claims` parameter of the request (OpenID Connect Core §5.5).
    pub claims_request: Map<String, Value>,
    /// The longest lifetime of an access token of it.
    pub longest_ttl: Duration,
    /// When it was granted.
    pub created_at: Timestamp,
    /// When it ends, however often it is refreshed.
    pub expires_at: Timestamp,
}
