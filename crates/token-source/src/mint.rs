//! One exchange with the token endpoint: credentials go out, a token comes back.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;
use tokenry_clock::Clock;
use tokenry_protocol::{Scope, Secret};
use zeroize::Zeroizing;

use crate::access_token::AccessToken;
use crate::error::{Error, ErrorKind};
use crate::retry_after::retry_after;

const MAX_ANSWER: usize = 64 * 1024;
const MAX_DESCRIPTION: usize = 500;

/// A new token and how long it lives, counted from when the request was sent.
pub(crate) struct Minted {
    pub(crate) lifetime: Duration,
    pub(crate) token: AccessToken,
}

/// Where to ask, as whom, and for what.
pub(crate) struct Endpoint {
    pub(crate) authorization: HeaderValue,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) http: reqwest::Client,
    /// The form, without credentials.
    pub(crate) parameters: Vec<(&'static str, String)>,
    pub(crate) scope: Option<Scope>,
    pub(crate) url: Url,
}

#[derive(Deserialize)]
struct Success {
    access_token: String,
    expires_in: u64,
    scope: Option<String>,
    token_type: String,
}

#[derive(Deserialize)]
struct Failure {
    error: String,
    error_description: Option<String>,
}

impl Endpoint {
    /// Asks for one token.
    pub(crate) async fn mint(&self, clock: &dyn Clock) -> Result<Minted, Error> {
        let sent_at = clock.now();
        let request = self.http.post(self.url.clone()).header(AUTHORIZATION, self.authorization.clone());
        let request = request.header(ACCEPT, "application/json").form(&self.parameters);
        let answer = request.send().await.map_err(transport)?;
        let status = answer.status();
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let error = Error::new(ErrorKind::Unavailable { status: status.as_u16() });
            let wait = retry_after(answer.headers(), clock.now());
            return Err(match wait {
                Some(wait) => error.retry_in(wait),
                None => error,
            });
        }
        let body = read(answer).await?;
        if status != StatusCode::OK {
            return Err(Error::new(self.refusal(status, &body)));
        }
        let success: Success = serde_json::from_slice(&body)
            .map_err(|_| malformed("access_token, token_type and expires_in are due, once each"))?;
        let lifetime = Duration::from_secs(success.expires_in);
        let value = Secret::new(success.access_token);
        if !success.token_type.eq_ignore_ascii_case("bearer") {
            return Err(malformed("token_type is not Bearer"));
        }
        let scope = match success.scope.as_deref() {
            // Absent means "as asked for" (RFC 6749 §5.1).
            None => self.scope.clone().unwrap_or_default(),
            Some("") => Scope::default(),
            Some(text) => Scope::parse(text).map_err(|_| malformed("scope breaks its grammar"))?,
        };
        let token = AccessToken::new(value, sent_at.plus(lifetime), scope)
            .ok_or_else(|| malformed("access_token is empty or no visible ASCII"))?;
        Ok(Minted { lifetime, token })
    }

    /// One record for each exchange; failures where an operator looks.
    pub(crate) fn report(&self, answer: &Result<Minted, Error>) {
        let (client_id, endpoint) = (&*self.client_id, self.url.as_str());
        match answer {
            Err(error) => {
                let error: &dyn std::error::Error = error;
                tracing::warn!(client_id, endpoint, error, "no access token");
            }
            Ok(minted) => {
                let lifetime = minted.lifetime.as_secs();
                tracing::debug!(client_id, endpoint, lifetime, "new access token");
            }
        }
    }

    /// The OAuth error in `body`, cleaned: it ends in other people's logs.
    fn refusal(&self, status: StatusCode, body: &[u8]) -> ErrorKind {
        let unexpected = ErrorKind::Unexpected { status: status.as_u16() };
        let Ok(failure) = serde_json::from_slice::<Failure>(body) else { return unexpected };
        if !self.is_printable(&failure.error) {
            return unexpected;
        }
        let description = failure.error_description.filter(|text| self.is_printable(text));
        ErrorKind::Refused { error: failure.error, description }
    }

    /// RFC 6749 §5.2's characters, not endless, and no echo of our secret.
    fn is_printable(&self, text: &str) -> bool {
        let fits = text.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E));
        fits && text.len() <= MAX_DESCRIPTION && !text.contains(self.client_secret.expose())
    }
}

impl Debug for Endpoint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("client_id", &self.client_id)
            .field("parameters", &self.parameters)
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// The body, up to a size that no token response has, in memory that is wiped.
async fn read(mut answer: Response) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Its final size from the start: a growing buffer would leave copies of the token behind.
    let mut body = Zeroizing::new(Vec::with_capacity(MAX_ANSWER));
    while let Some(chunk) = answer.chunk().await.map_err(transport)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(malformed("it is longer than 64 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn malformed(what: &'static str) -> Error {
    Error::new(ErrorKind::Malformed(what))
}

fn transport(error: reqwest::Error) -> Error {
    Error::new(ErrorKind::Transport(Arc::new(error)))
}
