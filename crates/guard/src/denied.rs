//! Why a request was refused: once for the client, once for the log.

use std::fmt::{self, Display, Formatter};

use http::StatusCode;
use tokenry_protocol::Scope;
use tokenry_protocol::problem::Kind;

/// A refused request.
///
/// It answers as RFC 9457 problem details, with the status, the stable `code` and the challenge that belong to the
/// reason. What it says to the client is all that a client may know; what an operator wants to know on top
/// ([`why`](Self::why)) goes to the decision record, and into the body only in development mode.
///
/// Handlers get one from [`Caller::require_company`](crate::Caller::require_company) and its siblings, and pass it on
/// with `?`.
#[derive(Clone, Debug)]
pub struct Denied {
    reason: Reason,
    why: Option<Box<str>>,
}

/// One row of the error contract each.
#[derive(Clone, Debug)]
pub(crate) enum Reason {
    CsrfFailed,
    DirectoryUnavailable,
    InsufficientScope { required: Vec<&'static str>, granted: Scope },
    Internal,
    IntrospectionUnavailable,
    InvalidRequest,
    InvalidToken,
    KeysUnavailable,
    MissingCredentials,
    NotFound,
    RateLimited { retry_after: u32 },
    RevocationsUnavailable,
    SchemeNotAccepted,
    ShuttingDown,
    SnapshotUnavailable,
    Stale,
    TenantMismatch,
    TokenExpired,
}

/// Every refusal, for the page of errors.
#[doc(hidden)]
pub fn refusals() -> impl Iterator<Item = Kind> {
    let every = [
        Reason::CsrfFailed,
        Reason::DirectoryUnavailable,
        Reason::InsufficientScope { required: Vec::new(), granted: Scope::default() },
        Reason::Internal,
        Reason::IntrospectionUnavailable,
        Reason::InvalidRequest,
        Reason::InvalidToken,
        Reason::KeysUnavailable,
        Reason::MissingCredentials,
        Reason::NotFound,
        Reason::RateLimited { retry_after: 1 },
        Reason::RevocationsUnavailable,
        Reason::SchemeNotAccepted,
        Reason::ShuttingDown,
        Reason::SnapshotUnavailable,
        Reason::Stale,
        Reason::TenantMismatch,
        Reason::TokenExpired,
    ];
    every.map(Denied::new).into_iter().map(|denied| Kind {
        code: denied.code(),
        status: denied.status().as_u16(),
        meaning: denied.detail(),
    })
}

impl Denied {
    pub(crate) fn new(reason: Reason) -> Self {
        Self { reason, why: None }
    }

    /// Adds the detail for the operator. It may quote what a stranger sent, so quote with `{:?}`.
    pub(crate) fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into().into_boxed_str());
        self
    }

    pub(crate) fn invalid_token(why: impl Into<String>) -> Self {
        Self::new(Reason::InvalidToken).because(why)
    }

    /// The programmer's mistake, found out by a request: 500.
    pub(crate) fn internal(why: impl Into<String>) -> Self {
        Self::new(Reason::Internal).because(why)
    }

    /// 404 `not_found`: for an id that does not exist, byte for byte what
    /// [`Caller::require_company`](crate::Caller::require_company) answers for one of another company.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Reason::NotFound)
    }

    pub(crate) fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The stable word for programs, as in the body's `code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::CsrfFailed => "csrf_failed",
            Reason::DirectoryUnavailable => "directory_unavailable",
            Reason::InsufficientScope { .. } => "insufficient_scope",
            Reason::Internal => "internal_error",
            Reason::IntrospectionUnavailable => "introspection_unavailable",
            Reason::InvalidRequest => "invalid_request",
            Reason::InvalidToken => "invalid_token",
            Reason::KeysUnavailable => "keys_unavailable",
            Reason::MissingCredentials => "missing_credentials",
            Reason::NotFound => "not_found",
            Reason::RateLimited { .. } => "rate_limited",
            Reason::RevocationsUnavailable => "revocations_unavailable",
            Reason::SchemeNotAccepted => "scheme_not_accepted",
            Reason::ShuttingDown => "shutting_down",
            Reason::SnapshotUnavailable => "snapshot_unavailable",
            Reason::Stale => "access_data_stale",
            Reason::TenantMismatch => "tenant_mismatch",
            Reason::TokenExpired => "token_expired",
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.reason {
            Reason::DirectoryUnavailable
            | Reason::IntrospectionUnavailable
            | Reason::KeysUnavailable
            | Reason::RevocationsUnavailable
            | Reason::ShuttingDown
            | Reason::SnapshotUnavailable
            | Reason::Stale => StatusCode::SERVICE_UNAVAILABLE,
            Reason::CsrfFailed | Reason::InsufficientScope { .. } | Reason::TenantMismatch => {
                StatusCode::FORBIDDEN
            }
            Reason::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Reason::InvalidRequest => StatusCode::BAD_REQUEST,
            Reason::InvalidToken
            | Reason::MissingCredentials
            | Reason::SchemeNotAccepted
            | Reason::TokenExpired => StatusCode::UNAUTHORIZED,
            Reason::NotFound => StatusCode::NOT_FOUND,
            Reason::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// The kind of refusal in a few words.
    pub(crate) fn title(&self) -> &'static str {
        match self.reason {
            Reason::CsrfFailed => "Cross-site request",
            Reason::DirectoryUnavailable => "Companies unavailable",
            Reason::InsufficientScope { .. } => "Insufficient scope",
            Reason::Internal => "Internal error",
            Reason::IntrospectionUnavailable => "Authorization server unavailable",
            Reason::InvalidRequest => "Invalid request",
            Reason::InvalidToken => "Invalid access token",
            Reason::KeysUnavailable => "Verification keys unavailable",
            Reason::MissingCredentials => "Missing credentials",
            Reason::NotFound => "Not found",
            Reason::RateLimited { .. } => "Too many refused credentials",
            Reason::RevocationsUnavailable => "Revocations unavailable",
            Reason::SchemeNotAccepted => "Authentication scheme not accepted",
            Reason::ShuttingDown => "Shutting down",
            Reason::SnapshotUnavailable => "Access data unavailable",
            Reason::Stale => "Access data stale",
            Reason::TenantMismatch => "Another company",
            Reason::TokenExpired => "Access token expired",
        }
    }

    /// What to do about it, in a sentence for the client.
    pub(crate) fn detail(&self) -> &'static str {
        match self.reason {
            Reason::CsrfFailed => {
                "What changes something by a cookie has to come from an allowed page, with the session's token in X-CSRF-Token."
            }
            Reason::DirectoryUnavailable => {
                "The companies of the token's corporation are not known here yet. Try again later."
            }
            Reason::InsufficientScope { .. } => "The access token lacks a scope that this request needs.",
            Reason::Internal => "The server made a mistake. Its log says more under this request id.",
            Reason::IntrospectionUnavailable => {
                "The authorization server could not be asked about the access token. Try again later."
            }
            Reason::InvalidRequest => "Send one credential, in one Authorization header field or one cookie.",
            Reason::InvalidToken => "The access token is invalid.",
            Reason::KeysUnavailable => {
                "The keys that verify access tokens could not be loaded yet. Try again later."
            }
            Reason::MissingCredentials => "Send an access token in the Authorization header field.",
            Reason::NotFound => "There is no such resource.",
            Reason::RateLimited { .. } => {
                "Too many credentials from this address were refused. Try again later."
            }
            Reason::RevocationsUnavailable => {
                "It is not known here which access tokens were revoked. Try again later."
            }
            Reason::SchemeNotAccepted => {
                "This resource does not accept that authentication scheme. Send an access token as Bearer."
            }
            Reason::ShuttingDown => "This server is going away. Try again.",
            Reason::SnapshotUnavailable => {
                "What the authorization server says about access could not be loaded yet. Try again later."
            }
            Reason::Stale => {
                "What the authorization server says about access is out of date here. Try again later."
            }
            Reason::TenantMismatch => "The access token is not for the company that the path names.",
            Reason::TokenExpired => "The access token expired. Get a new one.",
        }
    }

    /// What the operator may know on top: which check failed, what was expected, what was there. Never a token.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }
}

impl Display for Denied {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl std::error::Error for Denied {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_refusal_is_missing_from_the_page() {
        let (_before, variants) = include_str!("denied.rs").split_once("enum Reason {\n").unwrap();
        let variants = variants.split("\n}").next().unwrap().lines().count();
        assert_eq!(refusals().count(), variants);
    }
}
