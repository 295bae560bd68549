//! Whether what somebody shows is a credential of ours that works, of whatever kind: for doors that take none of these and say
//! so, which is another answer than that to a credential that opens nothing anywhere.
//!
//! Nothing can be done with the answer but to refuse. What fails here is counted as it is elsewhere.

use tokenry_model::{Digest, DigestDomain};
use tokenry_protocol::authorization::Authorization;
use tokenry_protocol::basic::Basic;
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::introspection::Response;
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};
use tokenry_protocol::token::ClientAuthentication;

use crate::context::Context;
use crate::engine::Engine;
use crate::limits::Party;
use crate::own::{OwnCredential, standing_of};
use crate::refusal::Refusal;

impl Engine {
    /// Whether the value of an `Authorization` header field is one that works somewhere now.
    ///
    /// # Errors
    /// When too many were refused to that address or name, a secret comes from a browser, or the database fails.
    pub async fn is_working_credential(&self, shown: &[u8], context: &Context) -> Result<bool, Refusal> {
        let works = match Authorization::parse(shown) {
            Ok(Authorization::Basic(basic)) => return self.is_working_basic(basic, context).await,
            Ok(Authorization::Bearer(token)) => {
                self.is_working_bearer(&Secret::new(token.to_owned()), context).await?
            }
            Ok(Authorization::Secret(secret)) => {
                self.is_working_account_secret(&Secret::new(secret.to_owned()), context.now).await?
            }
            Ok(Authorization::Other(_)) | Err(_) => false,
        };
        if !works {
            // They name nobody, so they count by the address alone.
            self.count_failure(&Party::new(None, context.address), context)?;
        }
        Ok(works)
    }

    async fn is_working_basic(&self, basic: &str, context: &Context) -> Result<bool, Refusal> {
        let Ok(basic) = Basic::parse(basic) else { return Ok(false) };
        match self.authenticate_caller(&ClientAuthentication::Basic(basic), context).await {
            Ok(_caller) => Ok(true),
            Err(refusal) if refusal.error.code == ErrorCode::InvalidClient => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    async fn is_working_bearer(&self, token: &Secret, context: &Context) -> Result<bool, Refusal> {
        if shape(&self.settings.brand, token.expose()) == Shape::Branded(SecretKind::PersonalAccessToken) {
            return self.is_working_pat(token, context).await;
        }
        match self.find_access_token(token, context.now).await? {
            Some(found) => Ok(self.living(&found, context.now).await?.is_some()),
            None => self.is_working_session_token(token, context).await,
        }
    }

    async fn is_working_pat(&self, token: &Secret, context: &Context) -> Result<bool, Refusal> {
        let digest = Digest::of(DigestDomain::PersonalAccessToken, token);
        let Some(found) = self.store.find_pat_by_value(&digest).await? else { return Ok(false) };
        let Some(user) = self.store.find_user(&found.pat.user_id).await? else { return Ok(false) };
        let (company, token) = (found.pat.company_id.as_ref(), standing_of(&found));
        let credential = OwnCredential { user: &user, company, narrowed_to: None, token };
        Ok(self.acts_for(credential, context.now).await?.is_ok())
    }

    /// A JWT that a session was traded for, which is its API's to ask about.
    async fn is_working_session_token(&self, token: &Secret, context: &Context) -> Result<bool, Refusal> {
        Ok(matches!(self.look_at_any_session_token(token, context).await?, Response::Active(_)))
    }

    /// The same, for whichever API it is.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look_at_any_session_token(
        &self,
        token: &Secret,
        context: &Context,
    ) -> Result<Response, Refusal> {
        let Some(jwt) = self.read_own_jwt(token, &Dialect::TYPS, context.now).await? else {
            return Ok(Response::Inactive);
        };
        let Some(audience) = jwt.claims.get("aud").and_then(serde_json::Value::as_str) else {
            return Ok(Response::Inactive);
        };
        let Some(api) = self.store.find_resource_server_by_audience(audience).await? else {
            return Ok(Response::Inactive);
        };
        self.look_at_session_token(token, &api, context).await
    }
}
