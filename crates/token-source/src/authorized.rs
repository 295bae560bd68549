//! A request to an API with the token in its header, sent again once if the API finds the token bad.

use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use reqwest::{Client, Request, RequestBuilder, Response, StatusCode};

use crate::access_token::AccessToken;
use crate::confidential::is_confidential;
use crate::error::Error;
use crate::source::TokenSource;

/// A request that gets its token when it is sent; made by [`TokenSource::authorize`].
#[derive(Debug)]
#[must_use = "call `send`"]
pub struct Authorized<'a> {
    request: RequestBuilder,
    source: &'a TokenSource,
}

/// The request was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The URL is plain http to another machine: the token would travel in the clear (RFC 6750 §5.3).
    #[error("an access token is sent by https only, or to this machine")]
    Insecure,
    /// The API could not be reached; the source says why.
    #[error("the request was not answered")]
    Request(#[source] reqwest::Error),
    /// There is no token to send.
    #[error(transparent)]
    Token(#[from] Error),
}

impl<'a> Authorized<'a> {
    pub(crate) fn new(source: &'a TokenSource, request: RequestBuilder) -> Self {
        Self { request, source }
    }

    /// Sends the request. After a 401 about the token it is sent once more with a fresh one, unless its body
    /// is a stream, or the token is a fresh replacement already; the API's last answer is returned, whatever
    /// its status.
    ///
    /// # Errors
    /// No token, no answer from the API, or a URL that would show the token to the network.
    pub async fn send(self) -> Result<Response, SendError> {
        let (client, request) = self.request.build_split();
        let request = request.map_err(SendError::Request)?;
        if !is_confidential(request.url()) {
            return Err(SendError::Insecure);
        }
        let again = request.try_clone();
        let token = self.source.token().await?;
        let answer = send(&client, request, &token).await?;
        let Some(again) = again.filter(|_| refuses_token(&answer)) else { return Ok(answer) };
        self.source.invalidate(&token);
        let fresh = self.source.token().await?;
        if fresh.is(&token) { Ok(answer) } else { send(&client, again, &fresh).await }
    }
}

async fn send(client: &Client, mut request: Request, token: &AccessToken) -> Result<Response, SendError> {
    // In place of a header of the caller's own: two would be refused.
    request.headers_mut().insert(AUTHORIZATION, token.header());
    client.execute(request).await.map_err(SendError::Request)
}

/// A 401 that asks for a fresher login (RFC 9470) means a user; no new token of ours would satisfy it.
fn refuses_token(answer: &Response) -> bool {
    let challenges = answer.headers().get_all(WWW_AUTHENTICATE);
    let step_up = |text: &[u8]| String::from_utf8_lossy(text).contains("insufficient_user_authentication");
    answer.status() == StatusCode::UNAUTHORIZED && !challenges.iter().any(|value| step_up(value.as_bytes()))
}
