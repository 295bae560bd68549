//! Whose tokens an API takes, as configured.

use std::net::IpAddr;

use reqwest::Url;
use tokenry_protocol::Secret;
use tokenry_protocol::dialect::Dialect;

use crate::authority::Kind;
use crate::config_error::ConfigError;
use crate::remote::{HttpSettings, Remote};

/// A further issuer whose tokens an API takes. See [`GuardBuilder::also`](crate::GuardBuilder::also).
#[derive(Clone, Debug)]
pub struct Issuer {
    settings: Settings,
    dialect: Dialect,
}

#[derive(Clone, Debug)]
enum Settings {
    Foreign {
        url: String,
    },
    #[cfg(feature = "testing")]
    Shared(std::sync::Arc<crate::authority::Authority>),
    Tokenry {
        url: String,
        credentials: Option<(String, Secret)>,
    },
}

impl Issuer {
    /// Another authorization server than Tokenry, of which only the key set is used, found by its metadata (RFC 8414, OpenID
    /// Connect Discovery).
    ///
    /// Its tokens have to look like Tokenry's: RFC 9068, or as [`dialect`](Self::dialect) says (then without `jti`, if it
    /// gives them none), with the tenant claim if the API has one. It tells nothing of
    /// revocations, so they are valid until they expire, and knows no companies: a token for a corporation
    /// reaches the company that it names and no other.
    pub fn foreign(url: impl Into<String>) -> Self {
        Self::new(Settings::Foreign { url: url.into() })
    }

    /// Another Tokenry, with the id and secret that this API has there.
    pub fn tokenry(url: impl Into<String>, api_id: impl Into<String>, secret: Secret) -> Self {
        Self::new(Settings::Tokenry { url: url.into(), credentials: Some((api_id.into(), secret)) })
    }

    /// The shape that its tokens may have beside RFC 9068's; see [`GuardBuilder::dialect`](crate::GuardBuilder::dialect).
    #[must_use]
    pub fn dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    const fn new(settings: Settings) -> Self {
        Self { settings, dialect: Dialect::Rfc }
    }

    /// The one that every guard has.
    pub(crate) fn first(url: &str, credentials: Option<&(String, Secret)>) -> Self {
        Self::new(Settings::Tokenry { url: url.to_owned(), credentials: credentials.cloned() })
    }

    /// One in this process.
    #[cfg(feature = "testing")]
    pub(crate) fn shared(authority: &std::sync::Arc<crate::authority::Authority>) -> Self {
        Self::new(Settings::Shared(std::sync::Arc::clone(authority)))
    }

    /// What to ask, or everything that is wrong.
    pub(crate) fn check(&self, http: &HttpSettings) -> Result<Source, Vec<ConfigError>> {
        let (kind, url, credentials) = match &self.settings {
            Settings::Foreign { url } => (Kind::Foreign, url, Ok(None)),
            #[cfg(feature = "testing")]
            Settings::Shared(authority) => return Ok(Source::Shared(std::sync::Arc::clone(authority))),
            Settings::Tokenry { url, credentials } => {
                let credentials = credentials.as_ref().ok_or(ConfigError::Credentials);
                (Kind::Tokenry, url, credentials.map(Some))
            }
        };
        let (parsed, credentials) = match (parse(url), credentials) {
            (Ok(parsed), Ok(credentials)) => (parsed, credentials),
            (parsed, credentials) => {
                return Err([parsed.err(), credentials.err()].into_iter().flatten().collect());
            }
        };
        let credentials = credentials.map(|(api_id, secret)| (api_id.as_str(), secret));
        let remote = Remote::new(url.clone(), parsed, credentials, http);
        let remote = remote.map_err(|error| vec![ConfigError::HttpClient(error)])?;
        Ok(Source::Remote { kind, dialect: self.dialect, remote: Box::new(remote) })
    }
}

/// Where an issuer is asked.
pub(crate) enum Source {
    Remote {
        kind: Kind,
        dialect: Dialect,
        remote: Box<Remote>,
    },
    /// Someone in this process keeps it.
    #[cfg(feature = "testing")]
    Shared(std::sync::Arc<crate::authority::Authority>),
}

impl Source {
    pub(crate) fn identifier(&self) -> &str {
        match self {
            Self::Remote { remote, .. } => &remote.identifier,
            #[cfg(feature = "testing")]
            Self::Shared(authority) => &authority.issuer,
        }
    }
}

fn parse(issuer: &str) -> Result<Url, ConfigError> {
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
