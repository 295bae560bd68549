//! The client credentials grant (RFC 6749 §4.4), with RFC 8707 targets and tenant claims.
//!
//! 1. The client authenticates (§4.4.2), and is confidential and of a type that has this grant (§4.4).
//! 2. The target is one API that the client was granted: the one it names, or the only one (RFC 8707 §2).
//! 3. The scope is what was asked, granted and defined (§3.3).
//! 4. The tenant is the client's, narrowed if it asks so; its company may act.
//! 5. One token of its quotas is used up, if it has any.
//! 6. The token is minted under the handle of this secret and this grant; of the grant alone, if the client has no secret.
//! 7. It is handed out only once its audit record is durable, and only if nothing that it rests on has changed meanwhile.

use std::time::Duration;

use tokenry_model::{
    Actor, ClientGrant, ClientId, Company, CompanyId, Event, GrantType, Outcome, Record, ResourceServer,
    Subject, Tenant, TokenFormat, TokenHandle,
};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::scope::Scope;
use tokenry_protocol::token::{ClientAuthentication, ClientCredentials, Response};
use tokenry_store::{GrantReach, GrantTarget, Issue, IssueOutcome};

use super::{ATTEMPTS, Issued};
use crate::client_auth::{AuthenticatedClient, Proof};
use crate::context::Context;
use crate::engine::Engine;
use crate::mint::{ClientToken, Minted, check_claims, mint, mint_opaque};
use crate::policy::may_act::{Standing, may_act};
use crate::policy::{scope, tenant};
use crate::quotas::{QuotaStanding, Spent};
use crate::refusal::{Cause, Refusal};

/// What the decision rests on and yields.
struct Decision {
    grant: ClientGrant,
    resource_server: ResourceServer,
    scope: Scope,
    company: Option<Company>,
    tenant: Option<Tenant>,
    handle: TokenHandle,
    ttl: Duration,
}

impl Engine {
    pub(super) async fn client_credentials(
        &self,
        presented: &ClientAuthentication,
        request: &ClientCredentials,
        context: &Context,
    ) -> Result<Issued, Refusal> {
        let mut spent = None;
        let issued = self.issue_in_time(presented, request, &mut spent, context).await;
        if let (Err(_refusal), Some((client, spent))) = (&issued, &spent) {
            self.quotas.unspend(client, spent).await;
        }
        issued
    }

    /// The same, where `spent` is what it has used up of whose quotas, also if there is no token then.
    async fn issue_in_time(
        &self,
        presented: &ClientAuthentication,
        request: &ClientCredentials,
        spent: &mut Option<(ClientId, Spent)>,
        context: &Context,
    ) -> Result<Issued, Refusal> {
        let mut proven = None;
        for _attempt in 0..ATTEMPTS {
            let client = self.authenticate_client_again(presented, proven.as_ref(), context).await?;
            proven = Some(client.proof().clone());
            let decision = match self.decide(&client, request, context).await {
                Ok(Some(decision)) => decision,
                Ok(None) => continue,
                Err(refusal) => return Err(self.record_refusal(&client, refusal, context).await),
            };
            let style = client.client().error_style;
            let quotas = match spent {
                Some((_client, spent)) => &spent.standings,
                None => {
                    let now_spent = self.spend_quota(&client, context).await;
                    let now_spent = now_spent.map_err(|refusal| refusal.in_style(style))?;
                    &spent.insert((client.client().id.clone(), now_spent)).1.standings
                }
            };
            let issued = self.issue(client, decision, quotas, context).await;
            if let Some(issued) = issued.map_err(|refusal| refusal.in_style(style))? {
                return Ok(issued);
            }
        }
        Err(Refusal::unavailable("changed_while_deciding"))
    }

    /// Steps 1 to 4, and the handle. `None` when secret or grant went away meanwhile.
    async fn decide(
        &self,
        authenticated: &AuthenticatedClient,
        request: &ClientCredentials,
        context: &Context,
    ) -> Result<Option<Decision>, Refusal> {
        if matches!(authenticated.proof(), Proof::None) {
            return Err(public_client());
        }
        let (client, home) = (authenticated.client(), authenticated.home());
        if !client.may_use(GrantType::ClientCredentials) {
            return Err(unauthorized("grant_not_allowed", "This client may not use client_credentials."));
        }
        let GrantTarget { grant, resource_server, handle } =
            self.target(authenticated, request.target.as_deref()).await?;
        let scope =
            scope::decide(request.scope.as_ref(), &grant.scope, &resource_server.scope()).map_err(|no| {
                no_scope(no, request.scope.as_ref(), &grant.scope.intersection(&resource_server.scope()))
            })?;
        let requested = request.company_id.as_deref().map(CompanyId::parse).transpose();
        let requested = requested.map_err(|_invalid| no_tenant(tenant::NoTenant::OutOfReach))?;
        let company = match &requested {
            Some(id) if home.is_none_or(|home| home.id != *id) => self.store.find_company(id).await?,
            _ => home.cloned(),
        };
        let tenant =
            tenant::decide(&client.binding, requested.as_ref(), company.as_ref(), resource_server.tenanted)
                .map_err(no_tenant)?;
        // Its home may act, or it would not be here; another company that may not is as if it were out of reach.
        let standing = Standing { company: company.as_ref(), ..Standing::default() };
        may_act(standing, context.now).map_err(|_barred| no_tenant(tenant::NoTenant::OutOfReach))?;
        check_claims(client)?;
        let ttl = (client.access_token_ttl)
            .or(resource_server.access_token_ttl)
            .unwrap_or(self.settings.access_token_ttl);
        let reach = GrantReach {
            client_grant_id: grant.id.clone(),
            company_id: tenant
                .as_ref()
                .map(|it| it.company.clone())
                .filter(|id| client.binding.home() != Some(id)),
        };
        let handle = match authenticated.proof() {
            Proof::Assertion => self.handle_of_grant(&reach, ttl, context.now).await?,
            Proof::None => return Err(public_client()),
            Proof::Secret(secret) => {
                let known = handle.filter(|_| reach.company_id.is_none());
                self.handle_of_secret(secret, &reach, known, ttl, context.now).await?
            }
        };
        Ok(handle.map(|handle| Decision { grant, resource_server, scope, company, tenant, handle, ttl }))
    }

    /// Step 2. Unknown and not granted answer alike, but for styles that tell clients which it is.
    async fn target(
        &self,
        authenticated: &AuthenticatedClient,
        target: Option<&str>,
    ) -> Result<GrantTarget, Refusal> {
        let client = &authenticated.client().id;
        let secret = match authenticated.proof() {
            Proof::Secret(secret) => Some(secret),
            Proof::Assertion | Proof::None => None,
        };
        let found = match target {
            Some(audience) => self.store.find_client_grant(client, secret, audience).await?,
            None => {
                let mut grants = self.store.find_client_grants(client, secret, 2).await?;
                if grants.len() > 1 {
                    let text = "This client was granted several APIs. Name one with audience.";
                    let refusal = Refusal::new(ErrorCode::InvalidTarget, "several_apis", text);
                    return Err(refusal.caused_by(Cause::NoTarget));
                }
                grants.pop()
            }
        };
        match found {
            Some(found) => Ok(found),
            None => {
                let text = "This client was not granted an API with that audience.";
                let refusal = Refusal::new(ErrorCode::InvalidTarget, "api_not_granted", text);
                Err(refusal.caused_by(self.why_no_target(client, target).await?))
            }
        }
    }

    async fn why_no_target(&self, client: &ClientId, target: Option<&str>) -> Result<Cause, Refusal> {
        let Some(audience) = target.map(str::to_owned) else { return Ok(Cause::NoTarget) };
        Ok(match self.store.find_resource_server_by_audience(&audience).await? {
            Some(_) => Cause::ApiNotGranted { client_id: client.clone(), audience },
            None => Cause::ApiUnknown { audience },
        })
    }

    /// Step 5. A client that is refused here asks again and again: it is counted, and pays for no record of its own.
    async fn spend_quota(&self, client: &AuthenticatedClient, context: &Context) -> Result<Spent, Refusal> {
        let client = client.client();
        self.quotas.spend(&self.store, client, context.now).await.inspect_err(|refusal| {
            if let Some(Cause::QuotaExceeded(_exceeded)) = refusal.cause.as_deref() {
                self.refusals.note_client(refusal.reason, &client.id, context);
            }
        })
    }

    /// Steps 6 and 7. `None` when what the decision rests on has changed.
    async fn issue(
        &self,
        client: AuthenticatedClient,
        decision: Decision,
        quotas: &[QuotaStanding],
        context: &Context,
    ) -> Result<Option<Issued>, Refusal> {
        let settings = &self.settings;
        let error_style = client.client().error_style;
        let (client_id, client_version) = (client.client().id.clone(), client.client().version);
        let token = ClientToken {
            client,
            issuer: &settings.issuer,
            namespace: &settings.namespace,
            resource_server: &decision.resource_server,
            scope: &decision.scope,
            tenant: decision.tenant.as_ref(),
            handle: &decision.handle,
            now: context.now,
            ttl: decision.ttl,
        };
        let minted = match decision.resource_server.token_format {
            TokenFormat::Jwt => {
                let algorithm = decision.resource_server.signing_alg.unwrap_or(settings.signing_alg);
                mint(&token, &*self.signing_key(algorithm).await?, &*self.rng)?
            }
            TokenFormat::Opaque => mint_opaque(&token, &*self.rng),
        };
        let issue = Issue {
            client_id: client_id.clone(),
            client_version,
            resource_server_id: decision.resource_server.id.clone(),
            resource_server_version: decision.resource_server.version,
            company: decision.company.as_ref().map(|company| (company.id.clone(), company.version)),
            record: issue_record(&client_id, &decision, &minted, context),
            kid: minted.kid,
        };
        let outcome = match minted.opaque {
            None => self.store.record_issue(issue).await,
            Some(opaque) => self.store.record_opaque_issue(issue, opaque).await,
        };
        self.audit_health.note(&outcome, context.now);
        let outcome = outcome?;
        if outcome == IssueOutcome::Recorded {
            self.minting.note(&decision.handle, &client_id, decision.ttl, context.now);
        }
        Ok(match outcome {
            IssueOutcome::Recorded => Some(Issued {
                response: Response {
                    access_token: minted.token,
                    expires_in: decision.ttl.as_secs(),
                    refresh_token: None,
                    id_token: None,
                    scope: decision.scope,
                    dialect: decision.resource_server.dialect,
                },
                client_id,
                audience: decision.resource_server.audience,
                grant: GrantType::ClientCredentials.as_str(),
                error_style,
                quotas: quotas.to_vec(),
            }),
            IssueOutcome::Stale => {
                self.reload_keys().await?;
                None
            }
        })
    }

    /// Makes a refusal of an authenticated client durable before it is answered; a public client has proved nothing, and
    /// is counted like any stranger.
    pub(super) async fn record_refusal(
        &self,
        client: &AuthenticatedClient,
        refusal: Refusal,
        context: &Context,
    ) -> Refusal {
        let refusal = refusal.in_style(client.client().error_style);
        if matches!(client.proof(), Proof::None) {
            let id = Some(&client.client().id);
            self.refusals.note(refusal.reason, id, context);
            return refusal;
        }
        let actor = Actor::Client(client.client().id.clone());
        let record = Record {
            outcome: Outcome::Refused(refusal.reason),
            ..context.record(Event::TokenRefused, actor, None)
        };
        let recorded = self.store.record(&[record]).await;
        self.audit_health.note(&recorded, context.now);
        match recorded {
            Ok(()) => refusal,
            Err(error) => Refusal::from(error).in_style(client.client().error_style),
        }
    }
}

fn issue_record(
    client_id: &tokenry_model::ClientId,
    decision: &Decision,
    minted: &Minted,
    context: &Context,
) -> Record {
    let subject = Subject::Token(minted.jti.clone());
    let record = Record {
        company: decision.tenant.as_ref().map(|tenant| tenant.company.clone()),
        ..context.record(Event::TokenIssued, Actor::Client(client_id.clone()), Some(subject))
    }
    .with("audience", decision.resource_server.audience.as_str())
    .with("grant", decision.grant.id.as_str())
    .with("scope", decision.scope.to_string())
    .with("expires_at", minted.expires_at.as_millis());
    match &minted.kid {
        Some(kid) => record.with("kid", kid.as_str()),
        None => record,
    }
}

fn public_client() -> Refusal {
    unauthorized("public_client", "A public client cannot use client_credentials.")
}

fn unauthorized(reason: &'static str, text: &'static str) -> Refusal {
    let grant_type = GrantType::ClientCredentials.as_str();
    Refusal::new(ErrorCode::UnauthorizedClient, reason, text)
        .caused_by(Cause::GrantTypeNotAllowed { grant_type })
}

fn no_scope(no: scope::NoScope, requested: Option<&Scope>, ceiling: &Scope) -> Refusal {
    let asked = requested.into_iter().flat_map(Scope::iter);
    let scope = asked.filter(|token| !ceiling.contains(token.as_str())).cloned().collect();
    let refusal = match no {
        scope::NoScope::NothingLeft => {
            let text = "None of the requested scopes is granted to this client.";
            Refusal::new(ErrorCode::InvalidScope, "scope_not_granted", text)
        }
        scope::NoScope::Undefined => {
            let text = "A requested scope is not defined by the API.";
            Refusal::new(ErrorCode::InvalidScope, "scope_undefined", text)
        }
    };
    refusal.caused_by(Cause::ScopeNotGranted { scope })
}

fn no_tenant(no: tenant::NoTenant) -> Refusal {
    match no {
        tenant::NoTenant::OutOfReach => {
            let text = "This client is not bound to a company with that company_id.";
            Refusal::new(ErrorCode::InvalidTarget, "company_out_of_reach", text)
        }
        tenant::NoTenant::Unbound => {
            let text = "The API's resources belong to companies and this client is bound to none.";
            Refusal::new(ErrorCode::InvalidTarget, "client_without_company", text)
        }
    }
}
