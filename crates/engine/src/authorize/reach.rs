//! How far an authorization reaches: the API, the company, and of the scopes what all of the rules leave.

use tokenry_clock::Timestamp;
use tokenry_model::{Client, Company, GrantType, ResourceServer, Tenant, User};
use tokenry_protocol::error::ErrorCode;
use tokenry_protocol::scope::Scope;
use tokenry_store::GrantTarget;

use super::flow::Flow;
use super::go_on::denied;
use crate::engine::Engine;
use crate::policy::company::{self, Pick, Wanted, pick};
use crate::policy::granted::{self, Granted, Sets};
use crate::refusal::Refusal;

/// How far one authorization reaches.
#[derive(Debug)]
pub(super) struct Reach {
    /// The API; `None` where nothing is granted at one.
    target: Option<GrantTarget>,
    /// For which company; only where there is an API.
    pub(super) company: Option<Company>,
    /// What at the API.
    pub(super) granted: Granted,
    /// What about the user.
    pub(super) own_scope: Scope,
}

/// What is known of it.
#[derive(Debug)]
pub(super) enum Reached {
    /// All.
    All(Box<Reach>),
    /// The user named a company that is not theirs.
    Forbidden(Refusal),
    /// The user must first say for which of these companies they act.
    Several(Vec<Company>),
}

impl Reach {
    pub(super) fn api(&self) -> Option<&ResourceServer> {
        self.target.as_ref().map(|target| &target.resource_server)
    }

    /// All that is granted.
    pub(super) fn scope(&self) -> Scope {
        self.granted.scope.iter().chain(&self.own_scope).cloned().collect()
    }

    /// The tenant of its tokens.
    pub(super) fn tenant(&self) -> Option<Tenant> {
        self.company.as_ref().map(|company| company::tenant(company, &self.granted))
    }
}

impl Engine {
    /// How far the authorization that `flow` asks for reaches. `wanted` is the company for which the user acts.
    ///
    /// # Errors
    /// When nothing is left of it.
    pub(super) async fn reach(
        &self,
        flow: &Flow,
        client: &Client,
        user: &User,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<Reached, Refusal> {
        let (own, api) = match flow.scope.as_ref().map(granted::split) {
            Some((own, api)) => (own, Some(api)),
            None => (Scope::empty(), None),
        };
        let own_scope = with_meaning(&own, client);
        let target = self.target_of(client, flow.audience.as_deref(), flow.scope.as_ref()).await?;
        let asks_api = api.as_ref().is_none_or(|api| !api.is_empty());
        let Some(target) = target.filter(|_target| asks_api) else {
            return about_the_user(own_scope, "nothing_requested");
        };
        let members_of = self.store.list_companies_of_user(&user.id).await?;
        let company = match pick(members_of, &client.binding, wanted, now) {
            Pick::None => return about_the_user(own_scope, "no_company"),
            Pick::NotTheirs => {
                return Ok(Reached::Forbidden(denied("not_a_member", "You are no member of this company.")));
            }
            Pick::One(company) => company,
            Pick::Several(companies) => return Ok(Reached::Several(companies)),
        };
        let held = self.store.find_held_scopes(&user.id, &company.id, &target.resource_server.id).await?;
        let granted = granted::decide(Sets {
            requested: api.as_ref(),
            defined: &target.resource_server.scope(),
            ceiling: &target.grant.scope,
            held: &held,
            consented: None,
        });
        if granted.scope.is_empty() {
            return about_the_user(own_scope, "scope_not_held");
        }
        Ok(Reached::All(Box::new(Reach { target: Some(target), company: Some(company), granted, own_scope })))
    }
}

/// Nothing at an API. With `openid` there is still something to tell the client.
fn about_the_user(own_scope: Scope, reason: &'static str) -> Result<Reached, Refusal> {
    if !own_scope.contains("openid") {
        let text = "The user may do nothing of what was requested.";
        return Err(Refusal::new(ErrorCode::AccessDenied, reason, text));
    }
    let granted = Granted { scope: Scope::empty(), withheld: Vec::new(), corporation_wide: false };
    Ok(Reached::All(Box::new(Reach { target: None, company: None, granted, own_scope })))
}

/// What is about the user means something with `openid` alone (OpenID Connect Core §3.1.2.1), and refreshing to a client that
/// may refresh (§11).
fn with_meaning(own: &Scope, client: &Client) -> Scope {
    let openid = own.contains("openid");
    let refreshes = client.may_use(GrantType::RefreshToken);
    let means = |token: &str| if token == "offline_access" { refreshes } else { openid };
    own.iter().filter(|token| means(token.as_str())).cloned().collect()
}
