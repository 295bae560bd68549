//! Introspection (RFC 7662): what a token is, to those whose business it is.
//!
//! 1. A confidential client, an API, or a developer's program by the secret of the account proves who it is (§2.1, §4); nobody
//!    else gets an answer.
//! 2. The token is found, whatever its kind; the hint decides nothing (§2.1).
//! 3. A client sees tokens issued to itself, an API those of its audience (§2.2), and users' own credentials that name it; a
//!    developer the account's own tokens.
//! 4. It lives.
//! 5. Refused tokens are counted by address, never against who asks: by the one that an API says it was shown them from, else
//!    by the one that asks. Above the limit they are 429, while tokens that live are answered as ever (INT-07, R104).
//!
//! Whatever fails from step 2 to 4 has one answer, byte for byte (§2.2). A database that does not answer is neither
//! active nor inactive (DB-05).

use std::net::IpAddr;

use tokenry_model::{Client, Digest, DigestDomain, MethodFamily, RefreshTokenState};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::introspection::{Active, Asker, Request, Response, UsedBy};
use tokenry_protocol::secret::{Secret, SecretKind, Shape, shape};
use tokenry_protocol::token::ClientAuthentication;

use crate::access_token::{AccessToken, Living};
use crate::api_auth::AuthenticatedApi;
use crate::client_auth::AuthenticatedClient;
use crate::context::Context;
use crate::engine::Engine;
use crate::own::AuthenticatedAccount;
use crate::policy::may_see::{Viewer, may_see};
use crate::refusal::Refusal;

/// Who asks, proven.
pub(crate) enum Caller {
    Account(Box<AuthenticatedAccount>),
    Api(AuthenticatedApi),
    Client(Box<AuthenticatedClient>),
}

impl Caller {
    const fn viewer(&self) -> Viewer<'_> {
        match self {
            Self::Account(account) => Viewer::Account(&account.user().id),
            Self::Api(api) => Viewer::ResourceServer(&api.resource_server().id),
            Self::Client(client) => Viewer::Client(&client.client().id),
        }
    }

    /// Where the credential was shown. Nobody but an API is believed: who guesses here would name another address each time.
    fn shown_at(&self, used_by: &UsedBy) -> Option<IpAddr> {
        match self {
            Self::Account(_) | Self::Client(_) => None,
            Self::Api(_) => used_by.address.as_deref()?.parse().ok(),
        }
    }
}

impl Engine {
    /// Answers an introspection request.
    ///
    /// # Errors
    /// When the caller does not prove who it is, or the database fails.
    pub async fn introspect(&self, request: &Request, context: &Context) -> Result<Response, Refusal> {
        let caller = match &request.caller {
            Asker::Account(secret) => {
                Caller::Account(Box::new(self.authenticate_account(secret, context).await?))
            }
            Asker::Client(client) => self.authenticate_caller(client, context).await?,
        };
        let answer = self.look_at(request, &caller, context).await?;
        if matches!(answer, Response::Inactive) {
            self.count_asked_about(caller.shown_at(&request.used_by), context)?;
        }
        Ok(answer)
    }

    /// Steps 2 to 4.
    async fn look_at(
        &self,
        request: &Request,
        caller: &Caller,
        context: &Context,
    ) -> Result<Response, Refusal> {
        match (shape(&self.settings.brand, request.token.expose()), caller) {
            (Shape::Branded(SecretKind::RefreshToken), _) => {
                return self.look_at_refresh_token(&request.token, caller, context).await;
            }
            (Shape::Branded(SecretKind::PersonalAccessToken), Caller::Api(api)) => {
                let api = api.resource_server();
                return self.look_at_pat(&request.token, &request.used_by, api, context.now).await;
            }
            (Shape::Branded(SecretKind::PersonalAccessToken), Caller::Account(account)) => {
                return self.look_at_own_pat(&request.token, account.user(), context).await;
            }
            (Shape::Branded(SecretKind::AccountSecret), Caller::Api(api)) => {
                let (api, now) = (api.resource_server(), context.now);
                return self.look_at_account_secret(&request.token, &request.used_by, api, now).await;
            }
            _ => {}
        }
        let Some(token) = self.find_access_token(&request.token, context.now).await? else {
            return match caller {
                Caller::Account(account) => {
                    let said = self.look_at_any_session_token(&request.token, context).await?;
                    let own =
                        matches!(&said, Response::Active(said) if said.sub == account.user().id.as_str());
                    Ok(if own { said } else { Response::Inactive })
                }
                Caller::Api(api) => {
                    self.look_at_session_token(&request.token, api.resource_server(), context).await
                }
                Caller::Client(_) => Ok(Response::Inactive),
            };
        };
        let api = token.resource_server.as_ref().map(|api| &api.id);
        let visible = may_see(caller.viewer(), &token.client_id, api, token.user.as_ref());
        if !visible {
            return Ok(Response::Inactive);
        }
        match self.living(&token, context.now).await? {
            Some(Living { client, .. }) => {
                Ok(Response::Active(Box::new(self.describe_token(token, &client)?)))
            }
            None => Ok(Response::Inactive),
        }
    }

    /// The same of a refresh token, which only the client sees that it was issued to.
    async fn look_at_refresh_token(
        &self,
        presented: &Secret,
        caller: &Caller,
        context: &Context,
    ) -> Result<Response, Refusal> {
        let digest = Digest::of(DigestDomain::RefreshToken, presented);
        let Some((token, family)) = self.store.find_refresh_token(&digest).await? else {
            return Ok(Response::Inactive);
        };
        let Caller::Client(client) = caller else { return Ok(Response::Inactive) };
        let lives = matches!(token.state, RefreshTokenState::Fresh) && context.now < token.expires_at;
        if !may_see(caller.viewer(), &family.client_id, None, None) || !lives {
            return Ok(Response::Inactive);
        }
        let (issued_at, expires_at) = (token.created_at, token.expires_at);
        let living = match self.living_family(client, family, context).await {
            Ok(living) => living,
            Err(refusal) if refusal.error.code == ErrorCode::InvalidGrant => return Ok(Response::Inactive),
            Err(refusal) => return Err(refusal),
        };
        let family = living.family();
        Ok(Response::Active(Box::new(Active {
            iss: self.settings.issuer.clone(),
            sub: family.user_id.to_string(),
            aud: Vec::new(),
            client_id: Some(family.client_id.to_string()),
            credential: None,
            allowed_addresses: Vec::new(),
            scope: family.scope.clone(),
            iat: issued_at.as_secs(),
            exp: expires_at.as_secs(),
            jti: None,
            session: Some((family.auth_time.as_secs(), family.session_id.to_string())),
            own: None,
        })))
    }

    /// Step 1. The kind of secret says whether a client or an API is speaking; an API has one way, the header.
    pub(crate) async fn authenticate_caller(
        &self,
        presented: &ClientAuthentication,
        context: &Context,
    ) -> Result<Caller, Refusal> {
        if let ClientAuthentication::Basic(basic) = presented
            && shape(&self.settings.brand, basic.client_secret.expose())
                == Shape::Branded(SecretKind::ResourceServerSecret)
        {
            return self.authenticate_api(basic, context).await.map(Caller::Api).map_err(challenged);
        }
        let client = self.authenticate_client(presented, context).await?;
        if client.client().auth_method.family() == MethodFamily::Public {
            let refusal = Refusal::invalid_client("public_client");
            let id = Some(&client.client().id);
            self.refusals.note(refusal.reason, id, context);
            return Err(refusal);
        }
        Ok(Caller::Client(Box::new(client)))
    }

    fn describe_token(&self, token: AccessToken, client: &Client) -> Result<Active, Refusal> {
        let own = token.own.claims(client)?;
        Ok(Active {
            iss: self.settings.issuer.clone(),
            sub: token.subject,
            aud: token.audiences,
            client_id: Some(token.client_id.to_string()),
            credential: None,
            allowed_addresses: Vec::new(),
            scope: token.scope,
            iat: token.issued_at.as_secs(),
            exp: token.expires_at.as_secs(),
            jti: Some(token.jti),
            session: token.session,
            own: own.map(|own| (self.settings.namespace.clone(), own)),
        })
    }
}

pub(crate) fn challenged(mut refusal: Refusal) -> Refusal {
    if refusal.error.code == ErrorCode::InvalidClient {
        refusal.error = refusal.error.with_challenge();
    }
    refusal
}
