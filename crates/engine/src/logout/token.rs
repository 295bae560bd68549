//! A logout token (OpenID Connect Back-Channel Logout §2.4).

use serde_json::json;
use tokenry_clock::Timestamp;
use tokenry_jose::{base64url, sha256};
use tokenry_protocol::secret::Secret;
use tokenry_store::{LeasedLogout, LogoutKey};

use crate::engine::Engine;
use crate::mint::signing_failed;
use crate::mint::user::ID_TOKEN_ALGORITHM;
use crate::refusal::Refusal;

/// `typ` of its header, so that it passes for no other token (RFC 8725 §3.11).
const TYP: &str = "logout+jwt";
/// The member of `events` that makes it one.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// For how long it is good, in seconds: it is signed anew for each try.
const LIFETIME: i64 = 120;

impl Engine {
    /// Signs a logout token with what the client's ID tokens are signed with.
    ///
    /// # Errors
    /// When there is no key, or aws-lc cannot sign.
    pub(super) async fn logout_token(
        &self,
        logout: &LeasedLogout,
        now: Timestamp,
    ) -> Result<Secret, Refusal> {
        let key = self.signing_key(ID_TOKEN_ALGORITHM).await?;
        let issued_at = now.as_secs();
        let claims = json!({
            "iss": self.issuer(),
            "sub": logout.user_id.as_str(),
            "aud": logout.key.client_id.as_str(),
            "iat": issued_at,
            "exp": issued_at.saturating_add(LIFETIME),
            "jti": jti(&logout.key),
            "sid": logout.key.session_id.as_str(),
            "events": { EVENT: {} },
        });
        let payload = serde_json::to_vec(&claims).expect("claims are plain JSON");
        let signed = key.key.sign_compact(&key.key.header(TYP), &payload).map_err(signing_failed)?;
        Ok(Secret::new(signed))
    }
}

/// The same at each try, so that a client which took one and could not say so knows the next one again. A session ends
/// once, and ids have no slash.
fn jti(key: &LogoutKey) -> String {
    let named = format!("tokenry/logout/1/{}/{}", key.session_id, key.client_id);
    base64url::encode(&sha256(named.as_bytes()))
}
