//! Building a token source: every mistake in the configuration is reported at once, before the first request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Certificate;
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;
use tokenry_clock::{Clock, SystemClock};
use tokenry_protocol::basic::Basic;
use tokenry_protocol::{Scope, Secret};
use url::Url;

use crate::confidential::is_loopback;
use crate::mint::Endpoint;
use crate::schedule::Jitter;
use crate::source::{Inner, TokenSource};
use crate::state::State;

const TIMEOUT: Duration = Duration::from_secs(10);

/// The configuration of a [`TokenSource`].
#[derive(Debug)]
#[must_use = "call `build`"]
pub struct Builder {
    audience: Option<String>,
    client_id: String,
    client_secret: Secret,
    clock: Arc<dyn Clock>,
    company_id: Option<String>,
    extra_roots: Vec<Vec<u8>>,
    issuer: String,
    jitter_seed: Option<u64>,
    scope: Option<String>,
    timeout: Duration,
    token_endpoint: Option<String>,
}

/// The configuration cannot work; one sentence for each mistake.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", problems.join("; "))]
pub struct ConfigError {
    problems: Vec<String>,
}

impl Builder {
    pub(crate) fn new(issuer: String, client_id: String, client_secret: Secret) -> Self {
        Self {
            audience: None,
            client_id,
            client_secret,
            clock: Arc::new(SystemClock),
            company_id: None,
            extra_roots: Vec::new(),
            issuer,
            jitter_seed: None,
            scope: None,
            timeout: TIMEOUT,
            token_endpoint: None,
        }
    }

    /// The identifier of the API that the tokens are for. Without it the server picks the only API granted to
    /// the client.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        Self { audience: Some(audience.into()), ..self }
    }

    /// Where time comes from; the system's clock unless said otherwise.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Narrows the tokens of a client that may act for several companies to one of them.
    pub fn company_id(self, company_id: impl Into<String>) -> Self {
        Self { company_id: Some(company_id.into()), ..self }
    }

    /// Makes the jitter reproducible, in tests.
    pub fn jitter_seed(self, seed: u64) -> Self {
        Self { jitter_seed: Some(seed), ..self }
    }

    /// Asks for these scopes, separated by spaces, rather than for all that the client may have.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// How long one exchange may take, from connecting to the last byte; ten seconds unless said otherwise.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The token endpoint, where it is not `<issuer>/oauth/token`.
    pub fn token_endpoint(self, url: impl Into<String>) -> Self {
        Self { token_endpoint: Some(url.into()), ..self }
    }

    /// Trusts the certificate authorities of this PEM bundle too, beside the system's, to vouch for the issuer.
    pub fn trust_pem(mut self, bundle: impl Into<Vec<u8>>) -> Self {
        self.extra_roots.push(bundle.into());
        self
    }

    /// The source; it sends nothing before the first token is asked for.
    ///
    /// # Errors
    /// Names every mistake: a malformed URL, plain http to anything but this machine, an empty client_id or
    /// secret, a scope that breaks the grammar, a bundle without a certificate.
    pub fn build(self) -> Result<TokenSource, ConfigError> {
        let mut problems = Vec::new();
        let url = check(endpoint(&self.issuer, self.token_endpoint.as_deref()), &mut problems);
        let scope = check(scope(self.scope.as_deref()), &mut problems);
        let roots = check(roots(&self.extra_roots), &mut problems);
        for (name, is_empty) in
            [("client_id", self.client_id.is_empty()), ("client_secret", self.client_secret.is_empty())]
        {
            if is_empty {
                problems.push(format!("{name} is empty"));
            }
        }
        let (Some(url), Some(scope), Some(roots), []) = (url, scope, roots, &*problems) else {
            return Err(ConfigError { problems });
        };
        let http = http_client(&url, roots, self.timeout)
            .map_err(|error| ConfigError { problems: vec![with_causes(&error)] })?;
        Ok(TokenSource::new(Inner {
            endpoint: Endpoint {
                authorization: authorization(&self.client_id, &self.client_secret),
                http,
                parameters: parameters(self.audience, self.company_id, scope.as_ref()),
                client_id: self.client_id,
                client_secret: self.client_secret,
                scope,
                url,
            },
            clock: self.clock,
            jitter: Jitter::new(self.jitter_seed),
            state: Mutex::new(State::default()),
        }))
    }
}

fn check<T>(result: Result<T, String>, problems: &mut Vec<String>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn endpoint(issuer: &str, token_endpoint: Option<&str>) -> Result<Url, String> {
    let (name, text) = match token_endpoint {
        Some(url) => ("token endpoint", url.to_owned()),
        None => ("issuer", format!("{}/oauth/token", issuer.trim_end_matches('/'))),
    };
    let url = Url::parse(&text).map_err(|error| format!("the {name} is no URL: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(format!("the {name} must have neither credentials nor a fragment"));
    }
    match url.scheme() {
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(format!("the {name} must be https: the client secret would travel in the clear")),
        "https" => Ok(url),
        _ => Err(format!("the {name} must be an https URL")),
    }
}

fn scope(text: Option<&str>) -> Result<Option<Scope>, String> {
    text.map(Scope::parse).transpose().map_err(|error| format!("scope: {error}"))
}

fn roots(bundles: &[Vec<u8>]) -> Result<Vec<Certificate>, String> {
    let mut roots = Vec::new();
    for bundle in bundles {
        match Certificate::from_pem_bundle(bundle) {
            Ok(certificates) if certificates.is_empty() => {
                return Err("there is no certificate in what is to be trusted".to_owned());
            }
            Ok(certificates) => roots.extend(certificates),
            Err(error) => return Err(format!("a certificate to trust is malformed: {error}")),
        }
    }
    Ok(roots)
}

/// An error with what caused it: reqwest's own words only say that there is one.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn parameters(
    audience: Option<String>,
    company_id: Option<String>,
    scope: Option<&Scope>,
) -> Vec<(&'static str, String)> {
    let optional =
        [("audience", audience), ("company_id", company_id), ("scope", scope.map(Scope::to_string))];
    let given = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
    std::iter::once(("grant_type", "client_credentials".to_owned())).chain(given).collect()
}

fn authorization(client_id: &str, client_secret: &Secret) -> HeaderValue {
    let encoded = Basic::encode(client_id, client_secret);
    let mut value =
        HeaderValue::from_str(&format!("Basic {}", encoded.expose())).expect("base64 is visible ASCII");
    value.set_sensitive(true);
    value
}

/// Follows no redirect, which would carry the secret elsewhere, and takes no proxy on the way to this
/// machine, which would read it: only TLS keeps it from a proxy.
fn http_client(url: &Url, roots: Vec<Certificate>, timeout: Duration) -> reqwest::Result<reqwest::Client> {
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(timeout).tls_certs_merge(roots);
    let client = client.user_agent(concat!("tokenry-token-source/", env!("CARGO_PKG_VERSION")));
    if is_loopback(url) { client.no_proxy().build() } else { client.https_only(true).build() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(issuer: &str) -> String {
        TokenSource::builder(issuer, "id", Secret::new("secret".into())).build().unwrap_err().to_string()
    }

    #[test]
    fn https_is_required_except_to_this_machine() {
        for issuer in
            ["http://id.example.com", "http://10.0.0.1", "http://localhost.example.com", "http://[::2]"]
        {
            assert!(problem(issuer).contains("must be https"), "{issuer}");
        }
        for issuer in
            ["https://id.example.com", "http://127.0.0.1:8700", "http://[::1]:1", "http://localhost/"]
        {
            TokenSource::builder(issuer, "id", Secret::new("secret".into())).build().unwrap();
        }
    }

    #[test]
    fn an_issuer_with_a_trailing_slash_has_the_same_endpoint() {
        for issuer in ["https://id.example.com", "https://id.example.com/"] {
            assert_eq!(endpoint(issuer, None).unwrap().as_str(), "https://id.example.com/oauth/token");
        }
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let builder = TokenSource::builder("ftp://x", "", Secret::new(String::new())).scope("a  b");
        let text = builder.build().unwrap_err().to_string();
        for part in ["must be an https URL", "client_id is empty", "client_secret is empty", "scope: "] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_bundle_without_a_certificate_is_a_mistake() {
        for text in ["", "# none\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let builder = TokenSource::builder("https://id.example.com", "id", Secret::new("secret".into()));
            let text = builder.trust_pem(text).build().unwrap_err().to_string();
            assert!(text.to_ascii_lowercase().contains("certificate"), "{text}");
        }
    }

    #[test]
    fn urls_with_credentials_are_refused_and_not_repeated() {
        let text = problem("https://user:hunter2@id.example.com");
        assert!(text.contains("credentials") && !text.contains("hunter2"), "{text}");
    }
}
