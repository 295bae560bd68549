//! `/userinfo` (OpenID Connect Core §5.3): what a user lets a client know about them, as it is now.
//!
//! 1. There is a token, and it is an access token of ours that lives: client, user, membership, company and API are asked
//!    again, so that nothing is told of a user who is gone or may not act (INT-14).
//! 2. A user let the client have it, with `openid` in its scope (INT-13).
//! 3. It is for here: an API's token that came without `openid` opens nothing, whatever that API calls its scopes.
//! 4. What is told is what its scope allows, and `sub`.
//!
//! Refused tokens name nobody and count by address alone ([`crate::limits`]).

use serde_json::{Map, Value};
use tokenry_model::{ClientId, User};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::secret::Secret;

use crate::access_token::{AccessToken, Living};
use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::policy::user_claims::claims_of;
use crate::refusal::Refusal;

/// The reason of a refusal of who presents nothing, and so has done nothing wrong (RFC 6750 §3.1).
pub const NO_TOKEN: &str = "missing_credentials";

/// What is told about a user.
#[derive(Debug)]
pub struct UserInfo {
    /// To whom: the client whose token it is, also if that has ended.
    pub client_id: Option<ClientId>,
    /// The claims, `sub` among them; or `invalid_token` or `insufficient_scope` (RFC 6750 §3.1), with the reason
    /// [`NO_TOKEN`] where there was none.
    pub claims: Result<Map<String, Value>, Refusal>,
}

impl Engine {
    /// Tells whoever has an access token for it about the user who gave it.
    pub async fn userinfo(&self, presented: Option<&Secret>, context: &Context) -> UserInfo {
        let (client_id, claims) = match self.token_for_userinfo(presented, context).await {
            Ok(token) => (Some(token.client_id.clone()), self.tell_of_user(token, context).await),
            Err(refusal) => (None, Err(refusal)),
        };
        let claims = claims.map_err(|refusal| self.count_refused(refusal, context));
        UserInfo { client_id, claims }
    }

    async fn token_for_userinfo(
        &self,
        presented: Option<&Secret>,
        context: &Context,
    ) -> Result<AccessToken, Refusal> {
        let presented = presented.ok_or_else(|| {
            Refusal::new(ErrorCode::InvalidToken, NO_TOKEN, "There is no access token in the request.")
        })?;
        let found = self.find_access_token(presented, context.now).await?;
        found.ok_or_else(|| invalid_token("token_unknown"))
    }

    async fn tell_of_user(
        &self,
        token: AccessToken,
        context: &Context,
    ) -> Result<Map<String, Value>, Refusal> {
        match self.living(&token, context.now).await? {
            Some(Living { user, .. }) => self.describe_user(&token, user),
            None => Err(invalid_token("token_ended")),
        }
    }

    /// Steps 2 to 4.
    fn describe_user(&self, token: &AccessToken, user: Option<User>) -> Result<Map<String, Value>, Refusal> {
        let Some(user) = user.filter(|_user| token.scope.contains("openid")) else {
            let text = "The access token needs the scope openid, and a user who granted it.";
            return Err(Refusal::new(ErrorCode::InsufficientScope, "openid_not_granted", text));
        };
        if !token.audiences.contains(&self.userinfo_url()) {
            return Err(invalid_token("token_for_another_audience"));
        }
        let mut claims = claims_of(&user, &token.scope);
        claims.insert("sub".to_owned(), user.id.as_str().into());
        Ok(claims)
    }

    /// Counts a refusal; the one that is told is another where too many tokens have been tried from an address.
    fn count_refused(&self, refusal: Refusal, context: &Context) -> Refusal {
        let guessed = refusal.error.code == ErrorCode::InvalidToken && refusal.reason != NO_TOKEN;
        let limited =
            guessed.then(|| self.limits.fail(&Party::new(None, context.address), context.now).err());
        let refusal = limited.flatten().unwrap_or(refusal);
        self.refusals.note(refusal.reason, None, context);
        refusal
    }
}

/// One text for every cause, so that none tells which.
fn invalid_token(reason: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidToken, reason, "The access token is invalid, expired or revoked.")
}
