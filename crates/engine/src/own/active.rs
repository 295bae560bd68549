//! What is said of a user's own credential that works: of each kind the same, but for what it is and what it opens.

use serde_json::Map;
use tokenry_model::{Tenant, User};
use tokenry_protocol::introspection::{Active, Credential};
use tokenry_protocol::scope::Scope;

use crate::engine::Engine;
use crate::mint::own_claims;
use crate::policy::may_act::TokenStanding;

/// A user's own credential that works.
#[derive(Debug)]
pub(crate) struct OwnActive<'a> {
    /// Of which kind.
    pub(crate) credential: Credential,
    /// Whose it is.
    pub(crate) user: &'a User,
    /// When it was issued, and expires.
    pub(crate) token: TokenStanding,
    /// Names it.
    pub(crate) jti: String,
    /// At which APIs it opens something.
    pub(crate) aud: Vec<String>,
    /// What it opens there.
    pub(crate) scope: Scope,
    /// Whose resources it opens; `None`: no company's.
    pub(crate) tenant: Option<Tenant>,
}

impl Engine {
    /// What is said of it: no client acts by it. In no session, and from everywhere, unless whoever asks for this says so.
    pub(crate) fn own_active(&self, it: OwnActive<'_>) -> Active {
        let own = own_claims(it.tenant.as_ref(), &Map::new());
        Active {
            iss: self.settings.issuer.clone(),
            sub: it.user.id.to_string(),
            aud: it.aud,
            client_id: None,
            credential: Some(it.credential),
            allowed_addresses: Vec::new(),
            scope: it.scope,
            iat: it.token.issued_at.as_secs(),
            exp: it.token.expires_at.as_secs(),
            jti: Some(it.jti),
            session: None,
            own: own.map(|own| (self.settings.namespace.clone(), own)),
        }
    }
}
