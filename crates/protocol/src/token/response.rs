//! A successful token response (RFC 6749 §5.1).

use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use crate::dialect::{Dialect, Member};
use crate::scope::Scope;
use crate::secret::Secret;

/// What the client gets.
#[derive(Clone, Debug)]
pub struct Response {
    /// The token.
    pub access_token: Secret,
    /// Its lifetime, in seconds.
    pub expires_in: u64,
    /// What gets the next access token, where there is one (RFC 6749 §6).
    pub refresh_token: Option<Secret>,
    /// What says who the user is, where that was asked (OpenID Connect Core §3.1.3.3).
    pub id_token: Option<Secret>,
    /// What was granted; left out of the body where it is empty, for which RFC 6749 §3.3 has no spelling.
    pub scope: Scope,
    /// In which order it is said; the standard leaves that open (RFC 8259 §4).
    pub dialect: Dialect,
}

impl Response {
    /// The body, which holds a secret and is wiped when dropped.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        // Its final size, or more: a growing buffer would leave copies of the token behind.
        let scope: usize = self.scope.iter().map(|token| token.as_str().len() + 1).sum();
        let more: usize = [&self.refresh_token, &self.id_token].into_iter().flatten().map(Secret::len).sum();
        let mut json = Zeroizing::new(Vec::with_capacity(192 + self.access_token.len() + more + scope));
        serde_json::to_writer(&mut *json, &Body(self))
            .expect("writing strings and a number to memory cannot fail");
        json
    }
}

struct Body<'a>(&'a Response);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(response) = self;
        let mut body = serializer.serialize_map(None)?;
        for member in response.dialect.form().members {
            match member {
                Member::AccessToken => {
                    body.serialize_entry("access_token", response.access_token.expose())?;
                }
                Member::ExpiresIn => body.serialize_entry("expires_in", &response.expires_in)?,
                Member::IdToken => {
                    if let Some(token) = &response.id_token {
                        body.serialize_entry("id_token", token.expose())?;
                    }
                }
                Member::RefreshToken => {
                    if let Some(token) = &response.refresh_token {
                        body.serialize_entry("refresh_token", token.expose())?;
                    }
                }
                Member::Scope if response.scope.is_empty() => {}
                Member::Scope => body.serialize_entry("scope", &response.scope)?,
                Member::TokenType => body.serialize_entry("token_type", "Bearer")?,
            }
        }
        body.end()
    }
}
