//! `/account/apps`: what a user lets applications do, and how to take it back (R76).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use tokenry_engine::{AllowedApi, AllowedApp, AllowedPlace, AllowedScope, ScopeText, TenantName};
use tokenry_model::{ClientId, CompanyId, CorporationId, ResourceServerId, Tenant};
use tokenry_protocol::params::Params;
use tokenry_protocol::scope::ScopeToken;

use crate::app::State;
use crate::paths;
use crate::ui::form::{Instead, Posted, Visitor};
use crate::ui::page::{page, see_other};
use crate::ui::theme::Look;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_apps.html")]
pub(crate) struct AppsPage<'a> {
    pub(crate) words: &'static Words,
    pub(crate) look: Look,
    pub(crate) here: &'static str,
    pub(crate) csrf: &'a str,
    pub(crate) apps: Vec<Line>,
}

/// An application, and since when, in words.
pub(crate) struct Line {
    pub(crate) app: AllowedApp,
    pub(crate) since: String,
}

/// `GET /account/apps`.
pub(crate) async fn show(Shared(state): Shared<Arc<State>>, visitor: Visitor) -> Result<Response, Instead> {
    let apps = state.engine.allowed_apps(&visitor.user.user().id).await?;
    let words = Words::to(&visitor.context);
    let apps = apps.into_iter().map(|app| Line { since: words.at(app.since), app }).collect();
    Ok(page(&AppsPage {
        words,
        look: state.look(),
        here: paths::ACCOUNT_APPS,
        csrf: &visitor.csrf(&state)?,
        apps,
    })?)
}

/// A permission, and what of the form says which it is.
struct Held<'a> {
    app: &'a AllowedApp,
    /// The API's id; empty: it is at none.
    api: &'a str,
    company: &'a str,
    corporation: &'a str,
    scope: &'a ScopeText,
    /// What it means.
    text: String,
}

impl Line {
    /// What was allowed there at an API, or, without one, beside.
    fn held<'a>(
        &'a self,
        place: &'a AllowedPlace,
        api: Option<&'a AllowedApi>,
        words: &Words,
    ) -> Vec<Held<'a>> {
        let of = place.of.as_ref();
        let held = |scope| Held {
            app: &self.app,
            api: api.map_or("", |api| api.id.as_str()),
            company: of.map_or("", |of| of.company.as_str()),
            corporation: Tenant::corporation_of(of).map_or("", CorporationId::as_str),
            scope,
            text: if api.is_some() { scope.text.clone() } else { words.scope(scope) },
        };
        api.map_or(&place.own, |api| &api.scopes.scopes).iter().map(held).collect()
    }
}

/// `POST /account/apps`: takes back what one application was let do, or one scope of it.
pub(crate) async fn revoke(Shared(state): Shared<Arc<State>>, request: Request) -> Result<Response, Instead> {
    let (user, posted) = Posted::take(&state, request).await?;
    let (id, context) = (&user.user().id, &posted.context);
    // Whether or not it was there: now it is not.
    if let Ok(client) = ClientId::parse(posted.params.get("client").unwrap_or_default()) {
        match posted.params.get("scope") {
            None => drop(state.engine.take_back(id, &client, context).await?),
            Some(scope) => {
                if let Some(which) = which(scope, &posted.params) {
                    state.engine.take_back_scope(id, &client, which, context).await?;
                }
            }
        }
    }
    Ok(see_other(paths::ACCOUNT_APPS))
}

/// The scope that a form means; `None`: there can be none like it.
fn which(scope: &str, params: &Params) -> Option<AllowedScope> {
    let api = params.get("api").map(ResourceServerId::parse).transpose().ok()?;
    let company = params.get("company").map(CompanyId::parse).transpose().ok()?;
    let corporation = params.get("corporation").map(CorporationId::parse).transpose().ok()?;
    let scope = ScopeToken::parse(scope).ok()?;
    Some(AllowedScope { api, of: company.map(|company| Tenant { company, corporation }), scope })
}
