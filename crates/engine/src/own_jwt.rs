//! A JWT of ours, of whatever kind: signed by a key of ours that is published still.
//!
//! Whether it is published is read from the database, so that no other process's rotation is missed; the key itself is one that
//! the keyring opened (RFC 8725 §3.1, KEY-05).

use std::sync::Arc;

use serde_json::{Map, Value};
use tokenry_clock::Timestamp;
use tokenry_jose::{Algorithm, Expectations, Unverified};
use tokenry_protocol::secret::Secret;

use crate::engine::Engine;
use crate::keys::ActiveKey;
use crate::refusal::Refusal;

/// The longest JWT that is looked at: ours are far shorter.
pub(crate) const MAX_JWT: usize = 16 * 1024;
const ALGORITHMS: [Algorithm; 4] = [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Ps256, Algorithm::Rs256];

/// What such a JWT says.
pub(crate) struct OwnJwt {
    /// `typ` of its header.
    pub(crate) typ: Option<String>,
    /// Its claims.
    pub(crate) claims: Map<String, Value>,
}

impl Engine {
    /// What a JWT of ours of one of these `typ` says. `None`: whatever else it is.
    ///
    /// # Errors
    /// When the database fails, or a published key cannot be read.
    pub(crate) async fn read_own_jwt(
        &self,
        presented: &Secret,
        typs: &[&str],
        now: Timestamp,
    ) -> Result<Option<OwnJwt>, Refusal> {
        let Ok(jwt) = Unverified::parse(presented.expose(), MAX_JWT) else { return Ok(None) };
        let Some(kid) = jwt.header().kid.clone() else { return Ok(None) };
        let Some(stored) = self.store.find_signing_key(&kid).await? else { return Ok(None) };
        if !stored.state.is_published_at(now) {
            return Ok(None);
        }
        let key = self.verifying_key(&kid).await?;
        let typ = jwt.header().typ.clone();
        let expected = Expectations { algorithms: &ALGORITHMS, typ: typs };
        let claims = jwt.verify(&key.verifying, &expected).and_then(|verified| verified.claims());
        Ok(claims.ok().map(|claims| OwnJwt { typ, claims }))
    }

    /// A stored key that is published. Who can write rows but holds no keyring cannot add one.
    async fn verifying_key(&self, kid: &str) -> Result<Arc<ActiveKey>, Refusal> {
        let mut key = self.keys.published(kid);
        if key.is_none() {
            self.reload_keys().await?;
            key = self.keys.published(kid);
        }
        key.ok_or_else(|| {
            tracing::error!(kid, "a stored signing key cannot be read");
            Refusal::unavailable("stored_key_unreadable")
        })
    }
}
