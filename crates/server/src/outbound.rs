//! Requests that this server makes of others' servers, at addresses that it was given: bounded in time and size, and to
//! nowhere inside our own network (server-side request forgery).
//!
//! 1. The address is https, or http to this very host where that is allowed; an IP address in it is judged at once.
//! 2. A name is resolved here, and what may not be connected to is taken out: nobody looks it up a second time.
//! 3. No proxy, no redirect, no compression; one deadline for everything, one limit for the body.

mod addresses;
mod logout;

use std::time::Duration;

use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, StatusCode};
use ipnet::IpNet;
use reqwest::{Certificate, Client, redirect};
use tokenry_engine::{FetchError, FetchKeys, FetchedKeys, Fetching, is_others_port};
use url::{Host, Url};

use self::addresses::{Allowed, Forbidden, Resolver};

/// The longest document that is taken, in bytes.
const MAX_LEN: usize = 64 * 1024;
/// How long a request may take, name look-up and body included.
const DEADLINE: Duration = Duration::from_secs(3);

const KEYS: HeaderValue = HeaderValue::from_static("application/jwk-set+json, application/json;q=0.9");

/// What an operator may set of outbound requests.
#[derive(Clone, Debug, Default)]
pub struct OutboundSettings {
    /// Networks inside our own that may be connected to all the same.
    pub allowed_networks: Vec<IpNet>,
    /// PEM certificates of authorities to trust beside the system's.
    pub extra_roots: Option<Vec<u8>>,
}

/// Outbound requests cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// A certificate is malformed, or TLS cannot be set up.
    #[error("outbound requests cannot be made")]
    Client(#[source] reqwest::Error),
    /// The authorities to trust are none.
    #[error("there is no certificate in it")]
    NoCertificate,
}

/// Makes outbound requests.
#[derive(Debug)]
pub struct Outbound {
    client: Client,
    allowed: Allowed,
}

impl Outbound {
    /// # Errors
    /// When a certificate is malformed or none is there, or TLS cannot be set up.
    pub fn new(settings: OutboundSettings) -> Result<Self, OutboundError> {
        let allowed = Allowed::new(settings.allowed_networks);
        let roots = match settings.extra_roots.as_deref().map(Certificate::from_pem_bundle).transpose() {
            Ok(Some(roots)) if roots.is_empty() => return Err(OutboundError::NoCertificate),
            Ok(roots) => roots.unwrap_or_default(),
            Err(error) => return Err(OutboundError::Client(error)),
        };
        let client = Client::builder()
            .user_agent("tokenry")
            .timeout(DEADLINE)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .pool_max_idle_per_host(0)
            .dns_resolver(Resolver(allowed.clone()))
            .tls_certs_merge(roots)
            .build()
            .map_err(OutboundError::Client)?;
        Ok(Self { client, allowed })
    }

    async fn fetch_keys(&self, uri: &str) -> Result<FetchedKeys, FetchError> {
        let url = self.judge(uri)?;
        let mut response = self.client.get(url).header(ACCEPT, KEYS).send().await.map_err(transport)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let max_age = max_age(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > MAX_LEN {
                return Err(FetchError::TooLarge(MAX_LEN));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(FetchedKeys { body, max_age })
    }

    /// Step 1. The resolver never sees an IP address, so it is judged here.
    fn judge(&self, uri: &str) -> Result<Url, FetchError> {
        let forbidden = |why: &str| FetchError::Forbidden(why.to_owned());
        let url = Url::parse(uri).map_err(|_| forbidden("it is no absolute URL"))?;
        let (address, loopback) = match url.host() {
            Some(Host::Domain(name)) => (None, name == "localhost"),
            Some(Host::Ipv4(address)) => (Some(address.into()), address.is_loopback()),
            Some(Host::Ipv6(address)) => (Some(address.into()), address.is_loopback()),
            None => return Err(forbidden("it names no host")),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(forbidden("it must be https; http is for loopback only")),
        }
        if url.port().is_some_and(is_others_port) {
            return Err(forbidden("its port is another protocol's"));
        }
        match address {
            Some(address) => {
                self.allowed.judge(address).map(|()| url).map_err(|it| forbidden(&it.to_string()))
            }
            None => Ok(url),
        }
    }
}

impl FetchKeys for Outbound {
    fn fetch<'a>(&'a self, uri: &'a str) -> Fetching<'a> {
        Box::pin(self.fetch_keys(uri))
    }
}

/// Without the URL, and with the causes, which say most.
fn transport(error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return FetchError::Forbidden(forbidden.to_string());
        }
        text = format!("{text}: {error}");
        cause = error.source();
    }
    FetchError::Transport(text)
}

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2.1).
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let seconds = values.flat_map(|value| value.split(',')).find_map(|directive| {
        let (name, seconds) = directive.trim().split_once('=')?;
        name.eq_ignore_ascii_case("max-age").then(|| seconds.trim_matches('"').parse().ok())?
    });
    seconds.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(allowed: &[&str]) -> Outbound {
        let allowed_networks = allowed.iter().map(|network| network.parse().unwrap()).collect();
        Outbound::new(OutboundSettings { allowed_networks, extra_roots: None }).unwrap()
    }

    #[test]
    fn an_address_inside_our_network_is_refused_however_it_is_written() {
        let outbound = outbound(&[]);
        for uri in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://169.254.169.254/latest/meta-data",
            "http://127.0.0.1/",
            "https://a.example:22/",
            "https://a.example:25/",
            "https://a.example:6379/",
        ] {
            assert!(matches!(outbound.judge(uri), Err(FetchError::Forbidden(_))), "{uri}");
        }
        for uri in ["https://a.example/jwks.json", "https://93.184.216.34/", "https://localhost/"] {
            assert!(outbound.judge(uri).is_ok(), "{uri}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_where_that_is_allowed() {
        let outbound = outbound(&["127.0.0.0/8", "10.0.0.0/8"]);
        for uri in ["http://127.0.0.1:8080/", "http://localhost:1/", "https://10.1.2.3/"] {
            assert!(outbound.judge(uri).is_ok(), "{uri}");
        }
        for uri in [
            "http://10.1.2.3/",
            "http://a.example/",
            "http://localhost.example/",
            "http://[::1]/",
            "ftp://127.0.0.1/",
            "x",
        ] {
            assert!(matches!(outbound.judge(uri), Err(FetchError::Forbidden(_))), "{uri}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_our_network_is_refused_after_resolution() {
        for uri in ["https://localhost/", "http://localhost:1/"] {
            let fetched = outbound(&[]).fetch_keys(uri).await;
            assert!(matches!(fetched, Err(FetchError::Forbidden(_))), "{uri}: {fetched:?}");
        }
    }

    #[test]
    fn a_certificate_that_is_none_is_an_error() {
        for text in ["", "# none\n", "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"] {
            let extra_roots = Some(text.as_bytes().to_vec());
            let settings = OutboundSettings { extra_roots, ..OutboundSettings::default() };
            assert!(Outbound::new(settings).is_err(), "{text}");
        }
    }

    #[test]
    fn the_publisher_says_how_long() {
        for (value, expected) in [
            ("max-age=60", Some(60)),
            ("public, Max-Age=\"7\"", Some(7)),
            ("no-store", None),
            ("max-age=x", None),
        ] {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, value.parse().unwrap())]);
            assert_eq!(max_age(&headers), expected.map(Duration::from_secs), "{value}");
        }
    }
}
