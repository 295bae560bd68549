//! What a user's tokens rest on: the family, and client, user, company, API and roles as they are now.

use std::time::Duration;

use tokenry_model::{
    Actor, Client, Company, Event, GrantType, HeldScope, Record, ResourceServer, Subject, TokenFamily,
    TokenFormat, User,
};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::discovery::USERINFO_PATH;
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::secret::Secret;
use tokenry_protocol::token::Response;
use tokenry_store::{FamilyIssue, FamilyView, GrantTarget};

use super::Issued;
use crate::client_auth::AuthenticatedClient;
use crate::context::Context;
use crate::engine::Engine;
use crate::mint::user::{
    ID_TOKEN_ALGORITHM, UserToken, audiences, mint_id_token, mint_user, mint_user_opaque,
};
use crate::policy::may_act::{Standing, may_act};
use crate::policy::still_granted::{AtApi, Left, decide};
use crate::refusal::Refusal;

/// Proof that a family has not expired, and that its client, user and company may act now. Made here only.
#[derive(Debug)]
pub(crate) struct LivingFamily {
    family: TokenFamily,
    user: User,
    company: Option<Company>,
    target: Option<GrantTarget>,
    held: Vec<HeldScope>,
}

/// The access token, and the ID token if the scope has `openid`.
pub(super) struct UserTokens {
    pub(super) access_token: Secret,
    pub(super) id_token: Option<Secret>,
    pub(super) ttl: Duration,
    pub(super) dialect: Dialect,
    pub(super) audience: String,
}

impl UserTokens {
    /// What is handed out, once the issue is recorded.
    pub(super) fn issued(
        self,
        refresh_token: Option<Secret>,
        scope: Scope,
        client: &Client,
        grant: GrantType,
    ) -> Issued {
        Issued {
            response: Response {
                access_token: self.access_token,
                expires_in: self.ttl.as_secs(),
                refresh_token,
                id_token: self.id_token,
                scope,
                dialect: self.dialect,
            },
            client_id: client.id.clone(),
            audience: self.audience,
            grant: grant.as_str(),
            error_style: client.error_style,
            quotas: Vec::new(),
        }
    }
}

impl LivingFamily {
    pub(crate) const fn family(&self) -> &TokenFamily {
        &self.family
    }

    pub(crate) const fn user(&self) -> &User {
        &self.user
    }

    pub(crate) fn resource_server(&self) -> Option<&ResourceServer> {
        self.target.as_ref().map(|target| &target.resource_server)
    }

    /// What is left of `wanted`, which is of the family's scope.
    pub(super) fn left_of(&self, wanted: &Scope) -> Result<Left, Refusal> {
        let defined = self.resource_server().map(ResourceServer::scope).unwrap_or_default();
        let at_api = self.target.as_ref().map(|target| AtApi {
            defined: &defined,
            ceiling: &target.grant.scope,
            held: &self.held,
        });
        decide(wanted, self.family.tenant.as_ref(), at_api).ok_or_else(|| invalid_grant("nothing_left"))
    }

    fn view(&self, client: &Client) -> FamilyView {
        FamilyView {
            client: client.version,
            user: self.user.version,
            resource_server: self.resource_server().map(|api| api.version),
            company: self.company.as_ref().map(|company| company.version),
        }
    }
}

impl Engine {
    /// Asks again of everything that a family rests on.
    ///
    /// # Errors
    /// `invalid_grant` when something of it may not act any more.
    pub(crate) async fn living_family(
        &self,
        client: &AuthenticatedClient,
        family: TokenFamily,
        context: &Context,
    ) -> Result<LivingFamily, Refusal> {
        if family.expires_at <= context.now {
            return Err(invalid_grant("family_expired"));
        }
        let user = self.store.find_user(&family.user_id).await?.ok_or_else(|| invalid_grant("user_gone"))?;
        let memberships = self.store.list_memberships(&user.id).await?;
        let company = match &family.tenant {
            None => None,
            Some(tenant) => {
                let found = self.store.find_company(&tenant.company).await?;
                Some(found.ok_or_else(|| invalid_grant("company_gone"))?)
            }
        };
        let target = match &family.resource_server_id {
            None => None,
            Some(id) => {
                let api = self.store.find_resource_server(id).await?;
                let api = api.ok_or_else(|| invalid_grant("api_gone"))?;
                let found = self.store.find_client_grant(&family.client_id, None, &api.audience).await?;
                Some(found.ok_or_else(|| invalid_grant("api_not_granted"))?)
            }
        };
        let standing = Standing {
            client: Some(client.client()),
            company: company.as_ref(),
            home: client.home(),
            user: Some(&user),
            memberships: Some(&memberships),
            ..Standing::default()
        };
        may_act(standing, context.now).map_err(|barred| invalid_grant(barred.reason()))?;
        let held = match (&company, &target) {
            (Some(company), Some(target)) => {
                self.store.find_held_scopes(&user.id, &company.id, &target.resource_server.id).await?
            }
            _ => Vec::new(),
        };
        Ok(LivingFamily { family, user, company, target, held })
    }

    /// Mints what a living family gives: an access token for `left`, and with `openid` an ID token. Neither may be handed
    /// out before its issue is recorded.
    pub(super) async fn mint_for_user(
        &self,
        client: &Client,
        living: &LivingFamily,
        left: &Left,
        nonce: Option<&str>,
        context: &Context,
    ) -> Result<(UserTokens, FamilyIssue), Refusal> {
        let (settings, api) = (&self.settings, living.resource_server());
        let userinfo = self.userinfo_url();
        let ttl = self.user_access_token_ttl(client, api);
        let token = UserToken {
            living,
            client,
            left,
            issuer: &settings.issuer,
            namespace: &settings.namespace,
            userinfo: &userinfo,
            now: context.now,
            ttl,
        };
        let minted = match api {
            Some(api) if api.token_format == TokenFormat::Opaque => mint_user_opaque(&token, api, &*self.rng),
            _ => {
                let algorithm = api.and_then(|api| api.signing_alg).unwrap_or(settings.signing_alg);
                mint_user(&token, &*self.signing_key(algorithm).await?, &*self.rng)?
            }
        };
        let mut kids: Vec<_> = minted.kid.clone().into_iter().collect();
        let id_token = if left.scope.contains("openid") {
            let key = self.signing_key(ID_TOKEN_ALGORITHM).await?;
            kids.push(key.key.kid().to_owned());
            Some(mint_id_token(&token, &minted.token, nonce, &key)?)
        } else {
            None
        };
        let audience = audiences(api, &left.scope, &userinfo).remove(0);
        let subject = Subject::Token(minted.jti.clone());
        let mut record = Record {
            company: left.tenant.as_ref().map(|tenant| tenant.company.clone()),
            ..context.record(Event::TokenIssued, Actor::Client(client.id.clone()), Some(subject))
        }
        .with("audience", audience.as_str())
        .with("user", living.user().id.as_str())
        .with("scope", left.scope.to_string())
        .with("expires_at", minted.expires_at.as_millis());
        if let Some(kid) = &minted.kid {
            record = record.with("kid", kid.as_str());
        }
        let issue = FamilyIssue { view: living.view(client), kids, ttl, opaque: minted.opaque, record };
        let dialect = api.map_or(Dialect::Rfc, |api| api.dialect);
        Ok((UserTokens { access_token: minted.token, id_token, ttl, dialect, audience }, issue))
    }

    /// How long an access token lives that acts for a user: as configured, or as short as client or API want it.
    pub(crate) fn user_access_token_ttl(&self, client: &Client, api: Option<&ResourceServer>) -> Duration {
        [client.access_token_ttl, api.and_then(|api| api.access_token_ttl)]
            .into_iter()
            .flatten()
            .fold(self.settings.user_access_token_ttl, Duration::min)
    }

    /// The address of `/userinfo`, which is an audience of its own.
    pub(crate) fn userinfo_url(&self) -> String {
        self.metadata().url(USERINFO_PATH)
    }
}

/// Code or refresh token is not good: one text for every cause, so that none tells which (RFC 6749 §5.2).
pub(super) fn invalid_grant(reason: &'static str) -> Refusal {
    let text = "The code or refresh token is invalid, expired, revoked, spent, or another client's.";
    Refusal::new(ErrorCode::InvalidGrant, reason, text)
}

/// The API that is named, if one is, must be the one that the user granted something at (RFC 8707 §2.2).
pub(super) fn check_target(living: &LivingFamily, target: Option<&str>) -> Result<(), Refusal> {
    let granted = living.resource_server().map(|api| api.audience.as_str());
    if target.is_none_or(|target| Some(target) == granted) {
        return Ok(());
    }
    let text = "The user granted nothing at an API with that audience.";
    Err(Refusal::new(ErrorCode::InvalidTarget, "api_not_granted", text))
}
