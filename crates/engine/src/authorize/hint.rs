//! `id_token_hint`: whom an ID token of ours names. It proves nothing, and its end does not matter (OpenID Connect Core
//! §3.1.2.1).

use tokenry_clock::Timestamp;
use tokenry_model::{ClientId, UserId};
use tokenry_protocol::secret::Secret;

use crate::engine::Engine;
use crate::own_jwt::OwnJwt;
use crate::refusal::Refusal;

/// ID tokens say that they are JWTs and no more (RFC 7519 §5.1).
const TYPS: [&str; 2] = ["JWT", ""];

/// Whom an ID token of ours names.
#[derive(Debug)]
pub(crate) struct Named {
    /// The client that it was issued to.
    pub(crate) client: ClientId,
    /// `sub`.
    pub(crate) user: UserId,
    /// `sid`.
    pub(crate) session: Option<String>,
}

impl Engine {
    /// The user that an ID token names which a published key of ours signed for `client`. `None`: whatever else it is.
    pub(super) async fn user_of_id_token(
        &self,
        hint: &Secret,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Option<UserId>, Refusal> {
        let named = self.named_by_id_token(hint, now).await?;
        Ok(named.filter(|named| named.client == *client).map(|named| named.user))
    }

    /// Whom an ID token names which a published key of ours signed. `None`: whatever else it is.
    pub(crate) async fn named_by_id_token(
        &self,
        hint: &Secret,
        now: Timestamp,
    ) -> Result<Option<Named>, Refusal> {
        let Some(OwnJwt { claims, .. }) = self.read_own_jwt(hint, &TYPS, now).await? else { return Ok(None) };
        let text = |name: &str| claims.get(name).and_then(|claim| claim.as_str());
        if text("iss") != Some(&self.settings.issuer) || claims.contains_key("scope") {
            return Ok(None);
        }
        let client = text("aud").and_then(|aud| ClientId::parse(aud).ok());
        let user = text("sub").and_then(|sub| UserId::parse(sub).ok());
        let session = text("sid").map(str::to_owned);
        Ok(client.zip(user).map(|(client, user)| Named { client, user, session }))
    }
}
