//! What our pages of the authorization endpoint say.

use tokenry_model::{Client, Company, ResourceServer, Tenant, Theme, User};
use tokenry_protocol::scope::Scope;

use crate::engine::Engine;
use crate::policy::redirect_uri::{Destination, destination, form_target};
use crate::refusal::Refusal;

/// The pages on which somebody signs in for a pending request.
#[derive(Clone, Debug)]
pub struct AwaitedSignIn {
    /// The application's name; empty for a request from before it was kept.
    pub app: String,
    /// Whether the user is to say which account it is, whoever is signed in (`prompt=select_account`).
    pub chooses_account: bool,
    /// What the policy of the page must let its form lead to.
    pub form_target: Option<String>,
    /// Who will probably sign in, as the client says: to be offered, never believed.
    pub login_hint: Option<String>,
    /// How the page looks.
    pub theme: Theme,
}

/// The page on which a user says for which company they act.
#[derive(Clone, Debug)]
pub struct CompanyChoice {
    /// The application's name.
    pub app: String,
    /// As whom the user is signed in.
    pub username: String,
    /// Those to choose from.
    pub companies: Vec<Company>,
    /// What the policy of the page must let its form lead to.
    pub form_target: Option<String>,
    /// The pending request, sealed.
    pub flow: String,
    /// How the page looks.
    pub theme: Theme,
}

/// The page on which a user is asked to consent.
#[derive(Clone, Debug)]
pub struct ConsentQuestion {
    /// The application's name.
    pub app: String,
    /// Whether it is one of ours.
    pub verified: bool,
    /// Where the user goes afterwards.
    pub destination: Destination,
    /// As whom the user is signed in.
    pub username: String,
    /// For whom it would act; `None`: for no company.
    pub tenant: Option<TenantName>,
    /// What the application would get at APIs.
    pub apis: Vec<ApiScopes>,
    /// What it would learn of the user, or could do beside.
    pub own: Vec<ScopeText>,
    /// What of the API it cannot do all the same.
    pub cannot: Vec<String>,
    /// What the policy of the page must let its form lead to.
    pub form_target: Option<String>,
    /// The pending request with what is being asked, sealed.
    pub flow: String,
    /// How the page looks.
    pub theme: Theme,
}

/// For whom an application acts, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TenantName {
    /// One company.
    Company(String),
    /// All companies of a corporation.
    Corporation(String),
}

/// What of one API.
#[derive(Clone, Debug)]
pub struct ApiScopes {
    /// The API's name.
    pub api: String,
    /// What.
    pub scopes: Vec<ScopeText>,
}

/// A scope, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScopeText {
    /// Its name.
    pub token: String,
    /// What it means.
    pub text: String,
}

/// What is to be shown.
pub(super) struct Shown<'a> {
    pub(super) client: &'a Client,
    pub(super) user: &'a User,
    pub(super) tenant: Option<TenantName>,
    pub(super) api: Option<&'a ResourceServer>,
    pub(super) api_scope: &'a Scope,
    pub(super) own_scope: &'a Scope,
    pub(super) redirect_uri: &'a str,
    pub(super) theme: Theme,
}

impl Shown<'_> {
    pub(super) fn question(self, flow: String) -> ConsentQuestion {
        let apis = self.api.filter(|_api| !self.api_scope.is_empty()).map(|api| ApiScopes {
            api: api.name.clone(),
            scopes: api_texts(api, |token| self.api_scope.contains(token)),
        });
        let withheld =
            self.api.into_iter().flat_map(|api| api_texts(api, |token| !self.api_scope.contains(token)));
        ConsentQuestion {
            app: self.client.name.clone(),
            verified: self.client.first_party,
            destination: destination(self.redirect_uri),
            username: self.user.username.clone(),
            tenant: self.tenant,
            apis: apis.into_iter().collect(),
            own: self.own_scope.iter().map(|token| own_text(token.as_str())).collect(),
            cannot: withheld.map(|scope| scope.text).collect(),
            form_target: form_target(self.redirect_uri),
            flow,
            theme: self.theme,
        }
    }
}

impl Engine {
    /// Whom a tenant means. What is gone is called by its id.
    pub(super) async fn tenant_name(&self, tenant: &Tenant) -> Result<TenantName, Refusal> {
        if let Some(id) = &tenant.corporation {
            let found = self.store.find_corporation(id).await?;
            let name = found.map_or_else(|| id.to_string(), |corporation| corporation.name);
            return Ok(TenantName::Corporation(name));
        }
        let found = self.store.find_company(&tenant.company).await?;
        Ok(TenantName::Company(found.map_or_else(|| tenant.company.to_string(), |company| company.name)))
    }
}

pub(crate) fn api_texts(api: &ResourceServer, wanted: impl Fn(&str) -> bool) -> Vec<ScopeText> {
    let scopes = api.scopes.iter().filter(|scope| wanted(scope.token.as_str()));
    let text = |scope: &tokenry_model::ScopeDefinition| {
        let token = scope.token.as_str().to_owned();
        let text = if scope.description.is_empty() { token.clone() } else { scope.description.clone() };
        ScopeText { token, text }
    };
    scopes.map(text).collect()
}

/// The scopes of OpenID Connect Core §5.4 and §11, in words.
pub(super) fn own_text(token: &str) -> ScopeText {
    let text = match token {
        "address" => "See your postal address",
        "email" => "See your e-mail address",
        "offline_access" => "Keep this access while you are away",
        "openid" => "Know who you are here",
        "phone" => "See your phone number",
        "profile" => "See your name and profile",
        other => other,
    };
    ScopeText { token: token.to_owned(), text: text.to_owned() }
}
