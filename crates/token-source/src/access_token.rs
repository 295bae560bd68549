//! An access token as the client sees it: opaque, with an end.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use reqwest::header::HeaderValue;
use tokenry_clock::Timestamp;
use tokenry_protocol::{Scope, Secret};

/// A Bearer token (RFC 6750) that the authorization server issued to this client. Cheap to clone; never
/// printed.
#[derive(Clone)]
pub struct AccessToken(Arc<Issued>);

struct Issued {
    expires_at: Timestamp,
    header: HeaderValue,
    scope: Scope,
    value: Secret,
}

impl AccessToken {
    /// Takes over an issued token; `None` if it cannot stand in a header (RFC 6750 §2.1 has visible ASCII
    /// only).
    pub(crate) fn new(value: Secret, expires_at: Timestamp, scope: Scope) -> Option<Self> {
        if value.is_empty() || !value.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut header = HeaderValue::from_str(&format!("Bearer {}", value.expose())).ok()?;
        header.set_sensitive(true);
        Some(Self(Arc::new(Issued { expires_at, header, scope, value })))
    }

    /// The token itself, for clients other than reqwest. Treat it as a password.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.value.expose()
    }

    /// When it expires, by this machine's clock.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// The value of an `Authorization` header, marked sensitive so that nothing logs or indexes it.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        self.0.header.clone()
    }

    /// What it allows, which may be less than was asked for (RFC 6749 §3.3).
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Whether the two are clones of one answer. Says nothing about the text, so nothing need be compared.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Debug for AccessToken {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let expires_at = self.0.expires_at.to_string();
        f.debug_struct("AccessToken")
            .field("expires_at", &expires_at)
            .field("scope", &self.0.scope)
            .finish_non_exhaustive()
    }
}
