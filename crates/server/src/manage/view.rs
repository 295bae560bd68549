//! A personal access token as its owner's programs see it. A value is in the answer alone that makes it.

use serde::Serialize;
use tokenry_engine::{IssuedPat, OwnPat, OwnPatApi, PatState};
use tokenry_protocol::scope::Scope;

use super::last_use::LastUse;

/// A token; settings by the names that they have when one is made. Times in RFC 3339.
#[derive(Serialize)]
pub(crate) struct TokenView {
    id: String,
    name: String,
    note: String,
    /// The company that its owner acts for by it; absent: the only one that they are in.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    /// The audiences of the APIs that it is for; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    apis: Option<Vec<String>>,
    /// What of what its owner may do there; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    /// From where alone it may be used, in CIDR notation; empty: from everywhere.
    allowed_addresses: Vec<String>,
    /// How long each of its values lives, in seconds.
    expires_in: u64,
    /// What its value begins with, and ends with.
    prefix: String,
    last4: String,
    /// `works`, `expired` or `revoked`.
    state: &'static str,
    created_at: String,
    /// When the value that counts was made, and when it expires.
    issued_at: String,
    expires_at: String,
    /// Until when the value before works, where it still does.
    #[serde(skip_serializing_if = "Option::is_none")]
    overlaps_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(flatten)]
    last_use: LastUse,
}

/// A token that has just been made, or got another value.
#[derive(Serialize)]
pub(crate) struct IssuedView {
    #[serde(flatten)]
    pat: TokenView,
    /// The value, which nobody is shown again.
    token: String,
    /// Whether every guard knows that the value before is dead; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    propagated: Option<bool>,
}

impl IssuedView {
    pub(super) fn new(issued: IssuedPat, propagated: Option<bool>) -> Self {
        Self { token: issued.token.expose().to_owned(), pat: issued.pat.into(), propagated }
    }
}

impl From<OwnPat> for TokenView {
    fn from(pat: OwnPat) -> Self {
        let (state, revoked_at) = match pat.state {
            PatState::Expired => ("expired", None),
            PatState::Revoked { at } => ("revoked", Some(at.to_string())),
            PatState::Works => ("works", None),
        };
        Self {
            id: pat.id.to_string(),
            name: pat.name,
            note: pat.note,
            company_id: pat.company.map(|(id, _name)| id.to_string()),
            scopes: pat.apis.as_deref().and_then(scopes),
            apis: pat.apis.map(|apis| apis.into_iter().map(|api| api.audience).collect()),
            allowed_addresses: pat.allowed_addresses,
            expires_in: pat.lifetime.as_secs(),
            prefix: pat.prefix,
            last4: pat.last4,
            state,
            created_at: pat.created_at.to_string(),
            issued_at: pat.issued_at.to_string(),
            expires_at: pat.expires_at.to_string(),
            overlaps_until: pat.overlaps_until.map(|until| until.to_string()),
            revoked_at,
            last_use: pat.last_use.map(LastUse::from).unwrap_or_default(),
        }
    }
}

/// What it is narrowed to, at whichever of its APIs.
fn scopes(apis: &[OwnPatApi]) -> Option<Vec<String>> {
    let scopes: Vec<&Scope> = apis.iter().filter_map(|api| api.scope.as_ref()).collect();
    let mut all: Vec<String> =
        scopes.iter().flat_map(|scope| scope.iter()).map(|scope| scope.to_string()).collect();
    all.sort();
    all.dedup();
    (!scopes.is_empty()).then_some(all)
}
