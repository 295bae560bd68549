//! Requests to the issuer: bounded in time and size, without redirects.

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::{Certificate, Client, RequestBuilder, Response, Url, redirect};
use tokenry_protocol::Secret;
use tokenry_protocol::basic::Basic;
use tokenry_protocol::guard::{ACK_PATH, Ack, SESSION_CHECK_PATH, SessionCheck};
use tokenry_protocol::introspection;

use super::FetchError;

/// Answers about one credential are cut off at this length.
const MAX_ANSWER: usize = 64 * 1024;

const INTROSPECTION_PATH: &str = "/oauth/introspect";

/// How to reach the issuer.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    /// PEM certificates to trust beside the system's.
    pub(crate) extra_roots: Vec<Vec<u8>>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            timeout: Duration::from_secs(5),
            extra_roots: Vec::new(),
        }
    }
}

/// The authorization server, as this API may talk to it.
pub(crate) struct Remote {
    client: Client,
    /// Verbatim: it is compared, never normalised.
    pub(crate) identifier: String,
    pub(crate) url: Url,
    /// The API's own; a foreign issuer gets none.
    credentials: Option<HeaderValue>,
    pub(crate) timeout: Duration,
}

/// An answer with status 200.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Remote {
    /// # Errors
    /// A sentence, if a certificate is malformed, the credentials fit into no header, or TLS cannot be set up.
    pub(crate) fn new(
        identifier: String,
        url: Url,
        credentials: Option<(&str, &Secret)>,
        settings: &HttpSettings,
    ) -> Result<Self, String> {
        let credentials = credentials.map(|(api_id, secret)| basic(api_id, secret)).transpose()?;
        let client = client(&url, settings).map_err(|error| error.to_string())?;
        Ok(Self { client, identifier, url, credentials, timeout: settings.timeout })
    }

    /// A document that everyone may see.
    pub(crate) async fn get(&self, url: Url, max_len: usize) -> Result<Answer, FetchError> {
        let response = self.client.get(url).timeout(self.timeout).send().await.map_err(transport)?;
        let mut response = expect(response, StatusCode::OK)?;
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer { headers, body: read(response, max_len).await? })
    }

    /// The head of an answer that only the API itself gets, within the usual time; the body may take as long as it
    /// likes, so whoever reads it has to mind the clock.
    pub(crate) async fn open(&self, path: &str, query: &str) -> Result<Response, FetchError> {
        let mut url = self.at(path);
        url.set_query((!query.is_empty()).then_some(query));
        let head = self.as_api(Method::GET, url).send();
        let head = tokio::time::timeout(self.timeout, head).await;
        let response = head.map_err(|_| FetchError::Silent)?.map_err(transport)?;
        expect(response, StatusCode::OK)
    }

    pub(crate) async fn acknowledge(&self, ack: &Ack, timeout: Duration) -> Result<(), FetchError> {
        let request = self.as_api(Method::POST, self.at(ACK_PATH)).timeout(timeout).json(ack);
        let response = request.send().await.map_err(transport)?;
        expect(response, StatusCode::NO_CONTENT).map(drop)
    }

    /// What the issuer says of a token (RFC 7662 §2.1). `used_by` are parameters of ours, of which some may be unknown.
    pub(crate) async fn introspect(
        &self,
        token: &Secret,
        used_by: [(&str, Option<&str>); 2],
    ) -> Result<Vec<u8>, FetchError> {
        let form = [("token", Some(token.expose())), ("token_type_hint", Some("access_token"))];
        let form = form.into_iter().chain(used_by).filter_map(|(name, value)| Some((name, value?)));
        let form: Vec<_> = form.collect();
        let request = self.as_api(Method::POST, self.at(INTROSPECTION_PATH)).form(&form);
        self.answer(request).await
    }

    /// What the issuer says of a cookie.
    pub(crate) async fn check_session(&self, check: &SessionCheck) -> Result<Vec<u8>, FetchError> {
        let request = self.as_api(Method::POST, self.at(SESSION_CHECK_PATH));
        self.answer(request.header(CONTENT_TYPE, "application/json").body(check.to_json())).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Vec<u8>, FetchError> {
        let response = request.timeout(self.timeout).send().await.map_err(transport)?;
        if let Some(retry_after) = limited(&response) {
            return Err(FetchError::Limited { retry_after });
        }
        read(expect(response, StatusCode::OK)?, MAX_ANSWER).await
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    /// With the API's own credentials, which go to the issuer's origin only.
    fn as_api(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.client.request(method, url);
        match &self.credentials {
            Some(credentials) => request.header(AUTHORIZATION, credentials.clone()),
            None => request,
        }
    }
}

fn basic(api_id: &str, secret: &Secret) -> Result<HeaderValue, String> {
    let basic = Secret::new(format!("Basic {}", Basic::encode(api_id, secret).expose()));
    let mut credentials =
        HeaderValue::from_str(basic.expose()).map_err(|_| "the credentials fit into no header".to_owned())?;
    credentials.set_sensitive(true);
    Ok(credentials)
}

fn expect(response: Response, status: StatusCode) -> Result<Response, FetchError> {
    if response.status() == status {
        Ok(response)
    } else {
        Err(FetchError::Status(response.status().as_u16()))
    }
}

/// For how many seconds no more is said of credentials like this one, if that is the answer. Any other 429 is about this API, or
/// of something in between.
fn limited(response: &Response) -> Option<u32> {
    let field = |name| response.headers().get(name)?.to_str().ok();
    let is_limited = response.status() == StatusCode::TOO_MANY_REQUESTS
        && field(introspection::LIMITED) == Some(introspection::LIMITED_CREDENTIAL);
    is_limited.then(|| field(RETRY_AFTER.as_str()).and_then(|wait| wait.parse().ok()).unwrap_or(1))
}

async fn read(mut response: Response, max_len: usize) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport)? {
        if body.len() + chunk.len() > max_len {
            return Err(FetchError::TooLarge(max_len));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// One connection for each thing at a time: on a shared one, a stream that fell silent would take the rest along, and
/// the next attempt would begin on the same dead connection.
fn client(url: &Url, settings: &HttpSettings) -> reqwest::Result<Client> {
    let mut roots = Vec::new();
    for pem in &settings.extra_roots {
        roots.extend(Certificate::from_pem_bundle(pem)?);
    }
    let builder = Client::builder()
        .user_agent(concat!("tokenry-guard/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .http1_only()
        .redirect(redirect::Policy::none())
        .referer(false)
        .tls_certs_merge(roots);
    // Plain HTTP is for loopback, where a proxy would only see the credentials.
    if url.scheme() == "https" { builder.https_only(true).build() } else { builder.no_proxy().build() }
}

/// Without the URL, which may hold what does not belong into a log, and with the cause, which says most.
pub(super) fn transport(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    FetchError::Transport(text)
}
