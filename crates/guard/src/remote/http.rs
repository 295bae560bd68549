//! Requests to the issuer: bounded in time and size, without redirects.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest::{Certificate, Client, Url, redirect};
use tokenry_protocol::Secret;
use tokenry_protocol::basic::Basic;

use super::FetchError;

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
pub(crate) struct Issuer {
    client: Client,
    /// Verbatim: it is compared, never normalised.
    pub(crate) identifier: String,
    pub(crate) url: Url,
    credentials: HeaderValue,
}

/// An answer with status 200 or 304.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Issuer {
    /// # Errors
    /// A sentence, if a certificate is malformed, the credentials fit into no header, or TLS cannot be set up.
    pub(crate) fn new(
        identifier: String,
        url: Url,
        (api_id, secret): (&str, &Secret),
        settings: &HttpSettings,
    ) -> Result<Self, String> {
        let basic = Secret::new(format!("Basic {}", Basic::encode(api_id, secret).expose()));
        let mut credentials = HeaderValue::from_str(basic.expose())
            .map_err(|_| "the credentials fit into no header".to_owned())?;
        credentials.set_sensitive(true);
        let client = client(&url, settings).map_err(|error| error.to_string())?;
        Ok(Self { client, identifier, url, credentials })
    }

    pub(crate) async fn get(&self, url: Url, max_len: usize) -> Result<Answer, FetchError> {
        self.send(self.client.get(url), max_len).await
    }

    /// With the API's own credentials, which go to the issuer's origin only, and a tag to ask for changes alone.
    pub(crate) async fn get_as_api(
        &self,
        path: &str,
        known: Option<&HeaderValue>,
        max_len: usize,
    ) -> Result<Answer, FetchError> {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        let mut request = self.client.get(url).header(AUTHORIZATION, self.credentials.clone());
        if let Some(known) = known {
            request = request.header(http::header::IF_NONE_MATCH, known);
        }
        self.send(request, max_len).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, max_len: usize) -> Result<Answer, FetchError> {
        let mut response = request.send().await.map_err(transport)?;
        let status = response.status();
        if status != StatusCode::OK && status != StatusCode::NOT_MODIFIED {
            return Err(FetchError::Status(status.as_u16()));
        }
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > max_len {
                return Err(FetchError::TooLarge(max_len));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

fn client(url: &Url, settings: &HttpSettings) -> reqwest::Result<Client> {
    let mut roots = Vec::new();
    for pem in &settings.extra_roots {
        roots.extend(Certificate::from_pem_bundle(pem)?);
    }
    let builder = Client::builder()
        .user_agent(concat!("tokenry-guard/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .tls_certs_merge(roots);
    // Plain HTTP is for loopback, where a proxy would only see the credentials.
    if url.scheme() == "https" { builder.https_only(true).build() } else { builder.no_proxy().build() }
}

/// Without the URL, which may hold what does not belong into a log, and with the cause, which says most.
fn transport(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    FetchError::Transport(text)
}
