//! What the route is to a guard, and what it needs of a token: scopes, then the company in the path.

use tokenry_model::{CompanyId, CorporationId};
use tokenry_protocol::claims::TenantClaim;
use tokenry_store::{Error as StoreError, Store};

use super::claims::Said;
use super::words::quoted;
use super::{Check, Findings, Verdict};

/// The route that is asked about, as the API's policy has it.
#[derive(Clone, Debug)]
pub enum Route {
    /// There is one with this policy.
    Known(Policy),
    /// There is one, for other methods.
    OtherMethods {
        /// Its template, and what it has.
        shown: String,
    },
    /// There is none.
    Unknown,
}

/// What a route asks of a request.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Method, template and policy, for people.
    pub shown: String,
    /// Whether it asks for a token at all.
    pub access: Access,
    /// The scopes that it needs, all of them.
    pub scopes: Vec<String>,
    /// The company that the path names, if the policy says that it names one.
    pub company: Option<String>,
}

/// Whether a route asks for a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// It does.
    Authenticated,
    /// It does not, but one that is sent has to be valid.
    Optional,
    /// Nobody looks at one.
    Public,
}

impl Route {
    /// The company that the path names.
    pub(super) fn company(&self) -> Option<&str> {
        match self {
            Self::Known(policy) => policy.company.as_deref(),
            Self::OtherMethods { .. } | Self::Unknown => None,
        }
    }
}

/// Why nobody looks at the token, if nobody does.
pub(super) fn look_up(route: Option<&Route>, findings: &mut Findings) -> Option<&'static str> {
    match route {
        None => {
            findings.skip(Check::Route, "No route was asked about.");
            None
        }
        Some(Route::Unknown) => {
            findings.fail(Check::Route, Verdict::UnknownRoute, "The API's policy has no such path.");
            Some("The API has no such route, so nobody looks at the token.")
        }
        Some(Route::OtherMethods { shown }) => {
            let detail = format!("The path is there, but not for this method: {shown}.");
            findings.fail(Check::Route, Verdict::MethodNotAllowed, detail);
            Some("The route has no such method, so nobody looks at the token.")
        }
        Some(Route::Known(policy)) => {
            findings.pass(Check::Route, format!("{}.", policy.shown));
            (policy.access == Access::Public).then_some("The route is public: nobody looks at the token.")
        }
    }
}

/// What is left to check when the token is good.
pub(super) async fn check(
    store: &Store,
    said: &Said,
    route: Option<&Route>,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let Some(Route::Known(policy)) = route else {
        for check in [Check::Scope, Check::PathCompany] {
            findings.skip(check, "No route was asked about: say --route \"METHOD /path\".");
        }
        return Ok(());
    };
    check_scope(said, policy, findings);
    match (&policy.company, &said.tenant) {
        (None, _) => findings.skip(Check::PathCompany, "The route's policy names no company."),
        (Some(_), None) => findings.skip(Check::PathCompany, "The token is for no company."),
        (Some(company), Some(tenant)) => match reach(store, tenant, company).await? {
            Ok(why) => findings.pass(Check::PathCompany, why),
            Err(why) => findings.fail(Check::PathCompany, Verdict::TenantMismatch, why),
        },
    }
    Ok(())
}

fn check_scope(said: &Said, policy: &Policy, findings: &mut Findings) {
    let Some(granted) = &said.scope else {
        findings.skip(Check::Scope, "The token's scope cannot be read.");
        return;
    };
    let needed = policy.scopes.join(" ");
    let lacking: Vec<_> =
        policy.scopes.iter().filter(|scope| !granted.contains(scope)).map(String::as_str).collect();
    if policy.scopes.is_empty() {
        findings.pass(Check::Scope, "The route needs no scope.");
    } else if lacking.is_empty() {
        findings.pass(Check::Scope, format!("Needed is {needed:?}, which the token has."));
    } else {
        let detail = format!(
            "Needed is {needed:?}; the token has {:?}, and lacks {:?}.",
            granted.to_string(),
            lacking.join(" ")
        );
        findings.fail(Check::Scope, Verdict::InsufficientScope { required: policy.scopes.clone() }, detail);
    }
}

/// Whether a token for that tenant opens `company`: its own one, or an enabled one of its corporation (R24, R26).
async fn reach(
    store: &Store,
    tenant: &TenantClaim,
    company: &str,
) -> Result<Result<String, String>, StoreError> {
    let (own, named) = (quoted(&tenant.company_id), quoted(company));
    if tenant.company_id == company {
        return Ok(Ok(format!("The path names {named}, the token's own company.")));
    }
    let Some(corporation) = &tenant.corporation_id else {
        return Ok(Err(format!(
            "The path names company {named}, the token is for {own} and no corporation."
        )));
    };
    let held = match (CompanyId::parse(company), CorporationId::parse(corporation)) {
        (Ok(company), Ok(corporation)) => {
            let found = store.find_company(&company).await?;
            found.filter(|found| found.corporation_id.as_ref() == Some(&corporation))
        }
        _ => None,
    };
    let corporation = quoted(corporation);
    Ok(match held {
        Some(held) if held.disabled_at.is_none() => {
            Ok(format!("The path names company {named}, which the token's corporation {corporation} holds."))
        }
        Some(_) => Err(format!(
            "The path names company {named} of the token's corporation {corporation}; it is disabled."
        )),
        None => Err(format!(
            "The path names company {named}; the token is for {own} and corporation {corporation}, which does not hold it."
        )),
    })
}
