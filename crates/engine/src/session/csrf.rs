//! A session's CSRF token: what proves that a request with its cookie comes from its own page (R92).
//!
//! It is derived from the session's id by a key that never changes, so nothing is stored for it, every server knows it, and no
//! rotation of session keys takes it from a page that lies open. Guards learn its digest alone.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use tokenry_jose::{base64url, constant_time_eq, sha256};
use tokenry_model::{Rng, Session};
use tokenry_protocol::secret::Secret;
use tokenry_store::Store;
use zeroize::Zeroizing;

use super::signed_in::SignedInUser;
use crate::engine::Engine;
use crate::keyring::DataKey;
use crate::keys::KeysError;

/// The name under which the key is stored.
const NAME: &str = "csrf_key";
/// What it is wrapped for.
const PURPOSE: &str = "tokenry/csrf-key/1";

/// The key from which CSRF tokens are derived.
#[derive(Debug)]
pub(crate) struct CsrfKey(Key);

impl CsrfKey {
    /// Reads the key of a database; makes it if there is none. Of several processes that do, the key of one is kept.
    pub(crate) async fn open(store: &Store, data_key: &DataKey, rng: &dyn Rng) -> Result<Self, KeysError> {
        let mut fresh = Zeroizing::new([0; 32]);
        rng.fill(fresh.as_mut_slice());
        let proposed = data_key.seal(PURPOSE, fresh.as_slice(), rng);
        let kept = store.put_meta_if_absent(NAME, proposed).await?;
        let unreadable = |_cannot| KeysError::Stored { kid: NAME.to_owned() };
        let key = data_key.open(PURPOSE, &kept).map_err(unreadable)?;
        Ok(Self(Key::new(HMAC_SHA256, &key)))
    }

    fn token(&self, session: &Session) -> Secret {
        let tag = sign(&self.0, format!("session\0{}", session.id).as_bytes());
        Secret::new(base64url::encode(tag.as_ref()))
    }
}

impl Engine {
    /// The session's CSRF token, the same for as long as it lives: 43 characters of base64url.
    #[must_use]
    pub fn csrf_token(&self, user: &SignedInUser) -> Secret {
        self.csrf_key.token(user.session())
    }

    /// Whether a request shows the session's CSRF token.
    #[must_use]
    pub fn is_csrf_token(&self, session: &Session, shown: &str) -> bool {
        let token = self.csrf_key.token(session);
        constant_time_eq(&sha256(shown.as_bytes()), &sha256(token.expose().as_bytes()))
    }

    /// What guards are told of it: its SHA-256 digest, in base64url.
    pub(super) fn csrf_sha256(&self, user: &SignedInUser) -> String {
        base64url::encode(&sha256(self.csrf_token(user).expose().as_bytes()))
    }
}
