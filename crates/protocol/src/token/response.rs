//! A successful token response (RFC 6749 §5.1).

use serde::Serialize;
use zeroize::Zeroizing;

use crate::scope::Scope;
use crate::secret::Secret;

/// What the client gets.
#[derive(Clone, Debug)]
pub struct Response {
    /// The token.
    pub access_token: Secret,
    /// Its lifetime, in seconds.
    pub expires_in: u64,
    /// What was granted; left out of the body where it is empty, for which RFC 6749 §3.3 has no spelling.
    pub scope: Scope,
}

impl Response {
    /// The body, which holds a secret and is wiped when dropped.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        #[derive(Serialize)]
        struct Body<'a> {
            access_token: &'a str,
            token_type: &'static str,
            expires_in: u64,
            #[serde(skip_serializing_if = "Scope::is_empty")]
            scope: &'a Scope,
        }
        let body = Body {
            access_token: self.access_token.expose(),
            token_type: "Bearer",
            expires_in: self.expires_in,
            scope: &self.scope,
        };
        // Its final size, or more: a growing buffer would leave copies of the token behind.
        let scope: usize = self.scope.iter().map(|token| token.as_str().len() + 1).sum();
        let mut json = Zeroizing::new(Vec::with_capacity(128 + self.access_token.len() + scope));
        serde_json::to_writer(&mut *json, &body).expect("writing strings and a number to memory cannot fail");
        json
    }
}
