//! Configuration of a guard: all mistakes are reported at once, before the first request.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use tokenry_clock::{Clock, SystemClock};
use tokenry_protocol::Secret;
use tokenry_protocol::claims::Namespace;

use crate::cache::TokenCache;
use crate::claims::Expected;
use crate::companies::CompanyDirectory;
use crate::guard::{Directory, Guard, Inner, Trusted};
use crate::keys::KeyStore;
use crate::problem::{Answers, Mode};
use crate::remote::{Background, HttpSettings, Issuer};
use crate::request_id::RequestIds;
use crate::table::SharedTable;
use crate::token::Verifier;

/// By how much `iat` and `nbf` may lie in the future, unless configured.
const USUAL_SKEW: Duration = Duration::from_secs(5);

/// More than this is no skew but a broken clock.
const MAX_SKEW: Duration = Duration::from_secs(60);

/// How much memory verified tokens may take, unless configured.
const USUAL_CACHE: u64 = 16 * 1024 * 1024;

/// Configures a [`Guard`]. Issuer, audience and credentials are needed, and the tenant claim by every API that knows
/// companies.
#[must_use]
pub struct GuardBuilder {
    issuer: String,
    audience: String,
    credentials: Option<(String, Secret)>,
    tenant: Option<TenantClaim>,
    realm: Option<String>,
    resource_metadata: Option<String>,
    allowed_skew: Duration,
    token_cache: u64,
    mode: Mode,
    clock: Arc<dyn Clock>,
    directory: Directory,
    http: HttpSettings,
    source: Source,
}

/// Where keys and companies come from.
enum Source {
    Issuer,
    /// Someone in this process keeps them.
    #[cfg(feature = "testing")]
    Shared(Arc<Trusted>),
}

/// Where a token says for which company it is.
#[derive(Clone, Debug)]
pub struct TenantClaim(String);

impl TenantClaim {
    /// The claim of that name is an object with `companyId` and, for tokens of a corporation, `corporationId`. The
    /// name is an absolute URL, e.g. `https://auth.example.com/metadata`, and nothing is fetched from there.
    pub fn namespace(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl GuardBuilder {
    pub(crate) fn new() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            credentials: None,
            tenant: None,
            realm: None,
            resource_metadata: None,
            allowed_skew: USUAL_SKEW,
            token_cache: USUAL_CACHE,
            mode: Mode::Production,
            clock: Arc::new(SystemClock),
            directory: Directory::Snapshot,
            http: HttpSettings::default(),
            source: Source::Issuer,
        }
    }

    /// The authorization server's issuer identifier, character for character as in its tokens' `iss`. `https`; plain
    /// `http` only for a loopback host.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// This API's identifier, as in its tokens' `aud`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// The API's own id and secret, with which the guard asks the authorization server for its snapshot.
    pub fn credentials(mut self, api_id: impl Into<String>, secret: Secret) -> Self {
        self.credentials = Some((api_id.into(), secret));
        self
    }

    /// Makes every token name its company: one without is 401. Without this setting the API knows no companies.
    pub fn tenant(mut self, claim: TenantClaim) -> Self {
        self.tenant = Some(claim);
        self
    }

    /// The protection space that challenges name; the audience, unless set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Where this API publishes its metadata (RFC 9728); named in challenges. Nothing, unless set.
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.resource_metadata = Some(url.into());
        self
    }

    /// By how much `iat` and `nbf` may lie in the future, because the issuer's clock is ahead of ours; 5 s unless set,
    /// at most 60 s. Exact: a token from precisely that far ahead is valid, from a millisecond more it is not.
    ///
    /// `exp` gets none: nothing is valid longer than its issuer said. Clients renew early instead.
    pub fn allowed_skew(mut self, skew: Duration) -> Self {
        self.allowed_skew = skew;
        self
    }

    /// About how many bytes verified tokens may take in memory, so that a signature is checked once a token and not
    /// once a request; 16 MiB unless set, enough for some five thousand tokens. Zero checks every time.
    pub fn token_cache(mut self, bytes: u64) -> Self {
        self.token_cache = bytes;
        self
    }

    /// Adds to the body of refusals why: which check failed, what was expected and what was sent. For development
    /// only: it tells strangers about the configuration. In production the decision record says the same.
    pub fn development(mut self) -> Self {
        self.mode = Mode::Development;
        self
    }

    /// The clock to read, once a request; the system's unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Your own knowledge of which companies a corporation has, in place of the authorization server's.
    pub fn directory(mut self, directory: impl CompanyDirectory) -> Self {
        self.directory = Directory::Own(Arc::new(directory));
        self
    }

    /// How long a request to the authorization server may take from beginning to end; 5 s unless set.
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.http.timeout = timeout;
        self.http.connect_timeout = timeout.min(self.http.connect_timeout);
        self
    }

    /// Trusts the certificate authorities of this PEM bundle too, beside the system's, to vouch for the issuer.
    pub fn trust_pem(mut self, bundle: impl Into<Vec<u8>>) -> Self {
        self.http.extra_roots.push(bundle.into());
        self
    }

    #[cfg(feature = "testing")]
    pub(crate) fn shared(mut self, trusted: &Arc<Trusted>, clock: Arc<dyn Clock>) -> Self {
        self.source = Source::Shared(Arc::clone(trusted));
        self.clock = clock;
        self
    }

    /// Checks the configuration and starts loading keys and companies in the background; see [`Guard::ready`]. Call
    /// it in a tokio runtime.
    ///
    /// # Errors
    /// [`ConfigErrors`] with everything that is wrong. An authorization server that cannot be reached is no error
    /// here: it may start after this API.
    #[expect(clippy::unused_async, reason = "tells that a runtime is needed: background tasks are spawned")]
    pub async fn build(self) -> Result<Guard, ConfigErrors> {
        let Checked { namespace, issuer } = self.check()?;
        let (trusted, background) = self.source.open(issuer, &self.audience);
        let answers = Answers {
            realm: self.realm.unwrap_or_else(|| self.audience.clone()),
            resource_metadata: self.resource_metadata,
            mode: self.mode,
        };
        let expected = Expected {
            issuer: self.issuer,
            audience: self.audience,
            namespace,
            allowed_skew: self.allowed_skew,
        };
        Ok(Guard::from_inner(Inner {
            verifier: Verifier { expected, cache: TokenCache::new(self.token_cache) },
            trusted,
            directory: self.directory,
            clock: self.clock,
            answers,
            request_ids: RequestIds::new(),
            table: SharedTable::default(),
            _background: background,
        }))
    }

    fn check(&self) -> Result<Checked, ConfigErrors> {
        let mut errors = Vec::new();
        let url = note(&mut errors, issuer_url(&self.issuer));
        if self.audience.is_empty() || self.audience.chars().any(|c| c.is_whitespace() || c.is_control()) {
            errors.push(ConfigError::Audience);
        }
        if self.allowed_skew > MAX_SKEW {
            errors.push(ConfigError::AllowedSkew(self.allowed_skew));
        }
        let namespace = self.tenant.as_ref().map(|TenantClaim(name)| {
            Namespace::parse(name).map_err(|_| ConfigError::TenantClaim(name.clone()))
        });
        let namespace = note(&mut errors, namespace.transpose()).flatten();
        let issuer = note(&mut errors, self.remote(url)).flatten();
        if errors.is_empty() { Ok(Checked { namespace, issuer }) } else { Err(ConfigErrors(errors)) }
    }

    /// The issuer to ask, if it is to be asked and its URL is one.
    fn remote(&self, url: Option<Url>) -> Result<Option<Issuer>, ConfigError> {
        if !matches!(self.source, Source::Issuer) {
            return Ok(None);
        }
        let Some((api_id, secret)) = &self.credentials else {
            return Err(ConfigError::Credentials);
        };
        url.map(|url| Issuer::new(self.issuer.clone(), url, (api_id, secret), &self.http))
            .transpose()
            .map_err(ConfigError::HttpClient)
    }
}

/// What the check of a configuration made of it.
struct Checked {
    namespace: Option<Namespace>,
    issuer: Option<Issuer>,
}

impl Source {
    fn open(self, issuer: Option<Issuer>, audience: &str) -> (Arc<Trusted>, Background) {
        match self {
            Self::Issuer => {
                let trusted = Arc::new(Trusted::new(KeyStore::loaded_elsewhere()));
                let start = |issuer| Background::start(issuer, audience.to_owned(), &trusted);
                let background = issuer.map(start).unwrap_or_default();
                (trusted, background)
            }
            #[cfg(feature = "testing")]
            Self::Shared(trusted) => (trusted, Background::default()),
        }
    }
}

fn note<T>(errors: &mut Vec<ConfigError>, result: Result<T, ConfigError>) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}

fn issuer_url(issuer: &str) -> Result<Url, ConfigError> {
    let invalid = || ConfigError::Issuer(issuer.to_owned());
    let url = Url::parse(issuer).map_err(|_| invalid())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    match url.scheme() {
        "https" if plain && url.has_host() => Ok(url),
        "http" if plain && is_loopback(&url) => Ok(url),
        "http" if plain => Err(ConfigError::IssuerNotHttps(issuer.to_owned())),
        _ => Err(invalid()),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or_else(|_| host == "localhost" || host.ends_with(".localhost"), |ip| ip.is_loopback())
}

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// More skew than clocks have.
    #[error("allowed_skew is {0:?}, at most {MAX_SKEW:?} is allowed")]
    AllowedSkew(Duration),
    /// No audience, or one with spaces or control characters.
    #[error(
        "audience is missing or has spaces; it is this API's identifier, e.g. https://timesheets.example.com"
    )]
    Audience,
    /// No credentials of the API itself.
    #[error("credentials are missing; the API's id and secret are shown when it is registered")]
    Credentials,
    /// A certificate of `trust_pem` is malformed, or TLS cannot be set up.
    #[error("the authorization server cannot be asked: {0}")]
    HttpClient(String),
    /// No issuer, or something other than a URL without query, fragment and user.
    #[error("issuer is {0:?}, expected is a URL such as https://id.example.com")]
    Issuer(String),
    /// Plain HTTP to another machine.
    #[error("issuer is {0:?}; plain http is allowed for a loopback host only")]
    IssuerNotHttps(String),
    /// The tenant claim's name is not an absolute http(s) URL.
    #[error("the tenant claim's namespace is {0:?}, expected is an absolute URL")]
    TenantClaim(String),
}

/// Everything that is wrong with a configuration, at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// The errors.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.0.iter()
    }
}

impl Display for ConfigErrors {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("the guard is not configured correctly")?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for ConfigErrors {}

impl fmt::Debug for GuardBuilder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardBuilder")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("credentials", &self.credentials)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
