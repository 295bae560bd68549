//! The beginning: who asks, where to, and what for, as far as that shows without the user.

use tokenry_model::{Client, ClientId, GrantType};
use tokenry_protocol::authorize::{Recipient, Request};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::params::Params;
use tokenry_protocol::scope::Scope;
use tokenry_store::GrantTarget;

use super::flow::{Flow, Hinted};
use super::refusal::AuthorizeRefusal;
use crate::context::Context;
use crate::engine::Engine;
use crate::policy::granted::split;
use crate::policy::may_act::{Standing, may_act};
use crate::policy::redirect_uri::is_registered;
use crate::refusal::Refusal;

impl Engine {
    /// Judges an authorization request as far as that can be done without its user, and seals what is left of it.
    ///
    /// # Errors
    /// [`AuthorizeRefusal::Here`] while it is not known that the redirect URI is the client's, else
    /// [`AuthorizeRefusal::There`].
    pub async fn begin_authorization(
        &self,
        params: &Params,
        context: &Context,
    ) -> Result<String, AuthorizeRefusal> {
        let recipient = Recipient::parse(params).map_err(malformed)?;
        let client = self.recipient(&recipient.client_id, &recipient.redirect_uri, context).await;
        let client = client.inspect_err(|refusal| self.count(refusal.reason, None, context))?;
        let mut flow = self.new_flow(&recipient, &client.name, context.now);
        let sealed = match Request::parse(params).map_err(malformed) {
            Ok(request) => self.check(&mut flow, &client, request, context).await,
            Err(refusal) => Err(refusal),
        };
        sealed.map_err(|refusal| {
            self.count(refusal.reason, Some(&client.id), context);
            self.back(&flow, refusal)
        })
    }

    /// The client of that id, which may act and has that redirect URI.
    ///
    /// # Errors
    /// When there is none: whoever asked is nobody to send an answer to.
    pub(super) async fn recipient(
        &self,
        client_id: &str,
        redirect_uri: &str,
        context: &Context,
    ) -> Result<Client, Refusal> {
        let refused = |reason| {
            let text = "There is no application with this client_id, or it may not act now.";
            Refusal::new(ErrorCode::InvalidRequest, reason, text)
        };
        let id = ClientId::parse(client_id).map_err(|_invalid| refused("client_unknown"))?;
        let found = self.store.find_client_standing(&id, None).await?;
        let found = found.filter(|found| !found.lacks_home()).ok_or_else(|| refused("client_unknown"))?;
        let standing =
            Standing { client: Some(&found.client), home: found.home.as_ref(), ..Standing::default() };
        may_act(standing, context.now).map_err(|barred| refused(barred.reason()))?;
        let client = found.client;
        if !client.may_use(GrantType::AuthorizationCode) {
            let text = "This application acts for itself alone and signs nobody in.";
            return Err(Refusal::new(ErrorCode::UnauthorizedClient, "grant_not_allowed", text));
        }
        if !is_registered(redirect_uri, &client.redirect_uris, client.kind) {
            let text = "The redirect_uri is not, character by character, one that is registered for this application.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, "redirect_uri_unregistered", text));
        }
        Ok(client)
    }

    /// Judges the rest of the request.
    async fn check(
        &self,
        flow: &mut Flow,
        client: &Client,
        request: Request,
        context: &Context,
    ) -> Result<String, Refusal> {
        if request.code_challenge.is_none() && (client.require_pkce || client.kind.is_public()) {
            let text = "PKCE is required: send code_challenge, with code_challenge_method=S256.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, "pkce_missing", text));
        }
        let target = self.target_of(client, request.target.as_deref(), request.scope.as_ref()).await?;
        check_scope(request.scope.as_ref(), target.as_ref())?;
        flow.hinted = match &request.id_token_hint {
            Some(hint) => Some(self.hinted(hint, &client.id, context).await?),
            None => None,
        };
        flow.audience = target.map(|target| target.resource_server.audience);
        flow.scope = request.scope;
        flow.nonce = request.nonce;
        flow.code_challenge = request.code_challenge;
        flow.prompt = request.prompt;
        flow.max_age = request.max_age;
        flow.login_hint = request.login_hint;
        flow.ui_locales = request.ui_locales;
        flow.claims = request.claims;
        self.seal_flow(flow, context.now)
    }

    /// The API that the tokens are for: the one named, or the only one that the client was granted. `None`: a request about
    /// the user alone (OpenID Connect). Unknown and not granted answer alike.
    pub(super) async fn target_of(
        &self,
        client: &Client,
        audience: Option<&str>,
        scope: Option<&Scope>,
    ) -> Result<Option<GrantTarget>, Refusal> {
        let refused = |reason, text| Err(Refusal::new(ErrorCode::InvalidTarget, reason, text));
        let text = "This application was not granted an API with that audience.";
        if let Some(audience) = audience {
            return match self.store.find_client_grant(&client.id, None, audience).await? {
                None => refused("api_not_granted", text),
                found => Ok(found),
            };
        }
        if scope.is_some_and(|scope| split(scope).1.is_empty()) {
            return Ok(None);
        }
        let mut grants = self.store.find_client_grants(&client.id, None, 2).await?;
        if grants.len() > 1 {
            return refused(
                "several_apis",
                "This application was granted several APIs. Name one with audience.",
            );
        }
        match grants.pop() {
            None if scope.is_none_or(|scope| !scope.contains("openid")) => refused("api_not_granted", text),
            found => Ok(found),
        }
    }

    async fn hinted(
        &self,
        hint: &tokenry_protocol::Secret,
        client: &ClientId,
        context: &Context,
    ) -> Result<Hinted, Refusal> {
        let user = self.user_of_id_token(hint, client, context.now).await?;
        Ok(user.map_or(Hinted::Nobody, |user| Hinted::User(user.as_str().to_owned())))
    }

    /// Counts a refusal of somebody who has not proved to be anyone.
    pub(super) fn count(&self, reason: &'static str, client: Option<&ClientId>, context: &Context) {
        self.refusals.note(reason, client, context);
    }
}

/// What shows of a scope without its user: something of it must be left. What the API does not define is ignored (AZ-20).
fn check_scope(scope: Option<&Scope>, target: Option<&GrantTarget>) -> Result<(), Refusal> {
    let ceiling = target
        .map_or_else(Scope::empty, |target| target.grant.scope.intersection(&target.resource_server.scope()));
    let left = match scope {
        None => !ceiling.is_empty(),
        Some(scope) => scope.contains("openid") || !scope.intersection(&ceiling).is_empty(),
    };
    if left {
        return Ok(());
    }
    let text = "None of the requested scopes is granted to this application.";
    Err(Refusal::new(ErrorCode::InvalidScope, "scope_not_granted", text))
}

fn malformed(error: tokenry_protocol::Error) -> Refusal {
    let reason = error.code.as_str();
    Refusal { error, reason, ..Refusal::new(ErrorCode::InvalidRequest, reason, "") }
}
