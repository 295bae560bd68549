//! Extractors: what a handler may know about its caller, and proof that the route was guarded.

use std::fmt::{self, Display, Formatter};
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::ScopeType;
use crate::caller::Caller;
use crate::denied::Denied;
use crate::layer::Passed;
use crate::policy::Access;
use crate::request_id::RequestId;

fn passed(parts: &Parts) -> Result<&Passed, Denied> {
    parts
        .extensions
        .get::<Passed>()
        .ok_or_else(|| Denied::internal("an extractor of tokenry_guard on a route without a guard"))
}

/// The caller, on a route whose policy asks for one; elsewhere 500.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        let passed = passed(parts)?;
        passed.caller.clone().filter(|_| passed.rule.access == Access::Authenticated).ok_or_else(|| {
            Denied::internal(format!("Caller on a route whose policy asks for none: {}", passed.rule))
        })
    }
}

/// The caller, on a route whose policy asks for this scope; elsewhere 500.
impl<S: Send + Sync, T: ScopeType> FromRequestParts<S> for Caller<T> {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        let passed = passed(parts)?;
        let asked = passed.rule.scopes.contains(&T::TOKEN);
        passed.caller.clone().filter(|_| asked).map(Caller::with_scope).ok_or_else(|| {
            Denied::internal(format!(
                "the handler relies on the scope {:?}, the route's policy is: {}",
                T::TOKEN,
                passed.rule
            ))
        })
    }
}

/// The caller if there is one, on a route declared [`Optional`](crate::Optional); elsewhere 500.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Denied> {
        let passed = passed(parts)?;
        if passed.rule.access == Access::Optional {
            return Ok(passed.caller.clone());
        }
        Err(Denied::internal(format!("Option<Caller> on a route that is not optional: {}", passed.rule)))
    }
}

/// The company that the path names, on a route with a [`tenant_path`](crate::tenant_path); elsewhere 500. The
/// caller may act for it: its own company, or one of its corporation.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Company(Arc<str>);

impl Company {
    /// The company's id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Company {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Display for Company {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Company {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        let passed = passed(parts)?;
        passed.company.clone().map(Self).ok_or_else(|| {
            Denied::internal(format!("Company on a route without a tenant_path: {}", passed.rule))
        })
    }
}

/// The request's identifier, on every route of a guard; elsewhere 500.
impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        passed(parts).map(|passed| passed.request_id.clone())
    }
}
