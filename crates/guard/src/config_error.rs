//! What can be wrong with a configuration.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// More than this is no skew but a broken clock.
pub(crate) const MAX_SKEW: Duration = Duration::from_secs(60);

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Something else than an origin among the allowed ones.
    #[error(
        "{0:?} among the allowed origins is none; expected is one like https://app.example.com, in lower case"
    )]
    AllowedOrigin(String),
    /// More skew than clocks have.
    #[error("allowed_skew is {0:?}, at most {MAX_SKEW:?} is allowed")]
    AllowedSkew(Duration),
    /// No audience, or one with spaces or control characters.
    #[error(
        "audience is missing or has spaces; it is this API's identifier, e.g. https://timesheets.example.com"
    )]
    Audience,
    /// No brand: something else than a word.
    #[error(
        "brand is {0:?}, expected is a lower-case letter followed by up to 15 lower-case letters or digits"
    )]
    Brand(String),
    /// No credentials of the API itself.
    #[error("credentials are missing; the API's id and secret are shown when it is registered")]
    Credentials,
    /// Two issuers of one name: it would be unclear whose keys count.
    #[error("the issuer {0:?} is there twice")]
    DuplicateIssuer(String),
    /// A certificate of `trust_pem` is malformed, or TLS cannot be set up.
    #[error("the authorization server cannot be asked: {0}")]
    HttpClient(String),
    /// No issuer, or something other than a URL without query, fragment and user.
    #[error("issuer is {0:?}, expected is a URL such as https://id.example.com")]
    Issuer(String),
    /// Plain HTTP to another machine.
    #[error("issuer is {0:?}; plain http is allowed for a loopback host only")]
    IssuerNotHttps(String),
    /// No kind of token would be taken.
    #[error("accept is empty: no request could pass")]
    NothingAccepted,
    /// The folder cannot be made.
    #[error("state_dir cannot be used: {0}")]
    StateDir(String),
    /// The tenant claim's name is not an absolute http(s) URL.
    #[error("the tenant claim's namespace is {0:?}, expected is an absolute URL")]
    TenantClaim(String),
    /// Something else than an address or a network among the trusted proxies, or everybody.
    #[error(
        "{0:?} among the trusted proxies is neither an address nor a network such as 10.0.0.0/8, or it is everybody"
    )]
    TrustedProxy(String),
}

/// Everything that is wrong with a configuration, at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    pub(crate) fn new(errors: Vec<ConfigError>) -> Self {
        Self(errors)
    }

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
