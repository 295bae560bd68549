//! Logout tokens on their way out (OpenID Connect Back-Channel Logout §2.5). What is answered is its status and no more.

use std::time::Duration;

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tokenry_engine::{FetchError, PostError, PostLogout, Posting};
use tokenry_protocol::secret::Secret;
use url::form_urlencoded;

use super::{Outbound, transport};

/// How long a client may take to sign its user out.
const DEADLINE: Duration = Duration::from_secs(5);

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl PostLogout for Outbound {
    fn post<'a>(&'a self, uri: &'a str, logout_token: &'a Secret) -> Posting<'a> {
        Box::pin(self.post_logout(uri, logout_token))
    }
}

impl Outbound {
    async fn post_logout(&self, uri: &str, logout_token: &Secret) -> Result<u16, PostError> {
        let url = self.judge(uri).map_err(unheard)?;
        let body: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", logout_token.expose())
            .finish();
        let request = self.client.post(url).timeout(DEADLINE).header(CONTENT_TYPE, FORM).body(body);
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Err(PostError::TimedOut),
            Err(error) => Err(unheard(transport(error))),
        }
    }
}

fn unheard(error: FetchError) -> PostError {
    match error {
        FetchError::Forbidden(why) => PostError::Forbidden(why),
        other => PostError::Unreachable(other.to_string()),
    }
}
